/**
 * Boxes of words on a map, turned as the words are: how wide words are, whether boxes lie on each
 * other, and which are taken.
 */
"use strict";

const kcngeoBoxes = (() => {
  const LINE = 1.15; // height of a line, in sizes
  const APART_PX = 0.5; // half of what is kept free between two
  const CELL_PX = 48;
  const GAP_PX = 6; // between a label and what it names, or the edge of the map
  const pen = document.createElement("canvas").getContext("2d");
  /** @type {Map<string, number>} */
  const widths = new Map();

  /** @type {(words: string, size: number) => number} */
  function widthOf(words, size) {
    const key = `${size} ${words}`;
    const known = widths.get(key);
    if (known !== undefined) return known;
    const app = document.querySelector(".kcn-app");
    if (!pen || !app) return 0;
    pen.font = `${size}px ${getComputedStyle(app).fontFamily}`;
    const { width } = pen.measureText(words);
    widths.set(key, width);
    return width;
  }

  /**
   * A box of words: its middle, half its sides, its turn, and half the sides of what is round it.
   * @param {{x: number, y: number}} middle
   * @param {number} width
   * @param {number} height
   * @returns {Box}
   */
  function of({ x, y }, width, height, angle = 0) {
    const turn = (angle * Math.PI) / 180;
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
    const [w, h] = [width / 2 + APART_PX, height / 2 + APART_PX];
    return {
      x, y, w, h, cos, sin, angle,
      wide: w * cos + h * Math.abs(sin), high: w * Math.abs(sin) + h * cos,
    };
  }

  /** @type {(box: L.Bounds) => Box} */
  const level = (box) => of(box.getCenter(), box.getSize().x, box.getSize().y);

  /**
   * A box along a line, in its middle.
   * @param {[L.Point, L.Point]} ends
   * @param {number} width
   * @param {number} height
   */
  function along(ends, width, height) {
    const [from, to] = ends[0].x < ends[1].x ? ends : ends.toReversed();
    const angle = (Math.atan2(from.y - to.y, to.x - from.x) * 180) / Math.PI;
    return of(from.add(to).divideBy(2), width, height, angle);
  }

  /** @type {Meets} */
  const meetRound = (a, b) => (
    Math.abs(a.x - b.x) < a.wide + b.wide && Math.abs(a.y - b.y) < a.high + b.high);

  /**
   * Whether turned boxes lie on each other: on no side of either one is all of the other.
   * @type {Meets}
   */
  function meet(a, b) {
    const [dx, dy] = [b.x - a.x, a.y - b.y];
    /** @type {Meets} */
    const isApart = (one, other) => {
      const cos = Math.abs(one.cos * other.cos + one.sin * other.sin);
      const sin = Math.abs(one.sin * other.cos - one.cos * other.sin);
      return Math.abs(dx * one.cos + dy * one.sin) >= one.w + other.w * cos + other.h * sin
        || Math.abs(dy * one.cos - dx * one.sin) >= one.h + other.w * sin + other.h * cos;
    };
    return meetRound(a, b) && !isApart(a, b) && !isApart(b, a);
  }

  /**
   * Boxes that are taken, found by the cells of the screen they touch.
   * @returns {Taken}
   */
  function register() {
    /** @type {Map<string, Box[]>} */
    const cells = new Map();
    /** @param {Box} box */
    const cellsOf = ({ x, y, wide, high }) => {
      const [left, right, top, bottom] = [x - wide, x + wide, y - high, y + high]
        .map((edge) => Math.floor(edge / CELL_PX));
      const found = [];
      for (let i = left; i <= right; i += 1) {
        for (let j = top; j <= bottom; j += 1) found.push(`${i} ${j}`);
      }
      return found;
    };
    /** @type {(key: string) => Box[]} */
    const inCell = (key) => cells.get(key) ?? [];
    return {
      take: (box) => cellsOf(box).forEach((key) => cells.set(key, [...inCell(key), box])),
      leave: (box) => cellsOf(box).forEach((key) => (
        cells.set(key, inCell(key).filter((one) => one !== box)))),
      isFree: (box, touch, own) => !cellsOf(box).some((key) => (
        inCell(key).some((one) => one !== own && touch(one, box)))),
    };
  }

  /**
   * Where a label may stand: above, below, right, left of a box, moved so that it is in view.
   * @param {L.Bounds} box
   * @param {L.Point} size
   * @param {L.Bounds} view
   */
  function placesRound(box, size, view) {
    const middle = box.getCenter().subtract(size.divideBy(2));
    const [min, max] = [box.getTopLeft(), box.getBottomRight()];
    const corners = [
      [middle.x, min.y - GAP_PX - size.y], [middle.x, max.y + GAP_PX],
      [max.x + GAP_PX, middle.y], [min.x - GAP_PX - size.x, middle.y],
    ];
    const [first, last] = [view.getTopLeft(), view.getBottomRight().subtract(size)];
    /** @type {(at: number, low: number, high: number) => number} */
    const within = (at, low, high) => Math.max(low, Math.min(at, high));
    return corners.map(([left, top]) => {
      const corner = L.point(within(left, first.x, last.x), within(top, first.y, last.y));
      return L.bounds(corner, corner.add(size));
    });
  }

  /**
   * What elements on a map cover, in its pixels.
   * @param {L.Map} map
   * @param {string} selector
   * @param {ParentNode} [root] where they are looked for; in the map if left out
   */
  function ofElements(map, selector, root = map.getContainer()) {
    const origin = map.getContainer().getBoundingClientRect();
    return [...root.querySelectorAll(selector)].map((element) => {
      const { left, top, right, bottom } = element.getBoundingClientRect();
      return L.bounds([left - origin.left, top - origin.top],
        [right - origin.left, bottom - origin.top]);
    });
  }

  /** How words are turned where their middle stands. */
  const turned = (/** @type {number} */ angle) => (
    `transform:translate(-50%,-50%) rotate(${-angle}deg)`);

  return {
    LINE, GAP_PX, widthOf, of, level, along, placesRound, ofElements, meet, meetRound, register, turned,
  };
})();
