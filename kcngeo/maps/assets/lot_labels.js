/**
 * Every lot's number on the fill map, with the marks of its statuses: inside the lot and turned with
 * it, large lots first, none over another. Where a lot has no room for all of it, smaller letters,
 * its short number, or a dot say that it is there; where most have none, the marks stand alone.
 * Roads and rivers have their names where the lots leave room, and after them, from afar, towns.
 *
 * kcngeoLotLabels(map, {inView(), standIn(lot, marker)}, context) gives show(lots, covered): the
 * lots that are shown, and what of the map none of them may cover: {boxes, lines}, the lines by
 * their ends, which only names of towns keep clear of. context: as in the payload.
 */
"use strict";

const kcngeoLotLabels = (() => {
  const { el, own } = kcngeoShell;
  const { MARKS, statusesOf } = kcngeoPage;
  const MOST = 600;
  const LEAST_PX = 14; // a lot that is longer is marked
  const SIZES_PX = [11.5, 9.5, 8.5];
  const LINE = 1.15; // height of a line, in sizes
  const MARK_PX = 14;
  const [MOST_UNNAMED, LEAST_NAMED] = [0.15, 0.5]; // of the lots in view
  const CELL_PX = 48;
  const DOT_PX = 5;
  const NEAR_PX = 12; // how near a number is that a dot can send elsewhere
  const APART_PX = 0.5; // half of what is kept free between two
  // Places along a lot, as shares of the room that the words leave.
  const ALONG = [0, -0.1, 0.1, -0.2, 0.2, -0.3, 0.3, -0.4, 0.4, -0.5, 0.5];
  const WAYS = new Set(["road", "river"]);
  const WAY_PX = 11;
  // Round the middle of a town: in widths of its name to the side, in pixels up or down.
  const ROUND = [0, 0.5, 0.8].flatMap((x) => [0, 12, 24].flatMap((y) => (
    [[x, -y], [-x, -y], [x, y], [-x, y]]))).sort((a, b) => (
    Math.hypot(40 * a[0], a[1]) - Math.hypot(40 * b[0], b[1])));
  const LOWEST = 0.25; // of its letters a strip must be as high, to be named by them
  const EQUATOR_M = 40075016.7;
  const pen = document.createElement("canvas").getContext("2d");
  const widths = new Map();

  function widthOf(words, size) {
    const key = `${size} ${words}`;
    if (!widths.has(key)) {
      pen.font = `${size}px ${getComputedStyle(document.querySelector(".kcn-app")).fontFamily}`;
      widths.set(key, pen.measureText(words).width);
    }
    return widths.get(key);
  }

  const marksOf = (lot) => (lot.group === undefined ? statusesOf(lot).map((k) => MARKS[k])
    : [lot.group?.mark].filter((mark) => mark));

  /** One way to write a lot, and the pixels it takes. */
  function form(words, marks, size, { isStacked = false, lowest = 1 } = {}) {
    const signs = MARK_PX * marks.length;
    const letters = words ? widthOf(words, size) : size;
    const [line, sign] = [LINE * size, marks.length ? MARK_PX : 0];
    return {
      words, marks, size, isStacked, lowest,
      width: isStacked ? Math.max(letters, signs) : letters + signs + (words && signs ? 3 : 0),
      height: isStacked ? line + sign : Math.max(line, sign),
    };
  }

  /** Ways that say which lot it is, the best first. */
  function leastOf({ parcel }) {
    const names = [parcel.lot ?? parcel.id, parcel.short].filter((words) => words);
    const ways = (lowest) => SIZES_PX.slice(1).flatMap((size) => (
      names.map((words) => form(words, [], size, { lowest }))));
    return { whole: ways(1), tight: ways(LOWEST) };
  }

  /** Ways that say more, or in larger letters. */
  function mostOf({ parcel }, marks) {
    const number = parcel.lot ?? parcel.id;
    return SIZES_PX.flatMap((size) => [false, true].map((isStacked) => (
      form(number, marks, size, { isStacked }))));
  }

  /** A box of words: its middle, half its sides, its turn, and half the sides of what is round it. */
  function boxOf({ x, y }, width, height, angle = 0) {
    const turn = (angle * Math.PI) / 180;
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
    const [w, h] = [width / 2 + APART_PX, height / 2 + APART_PX];
    return {
      x, y, w, h, cos, sin, angle,
      wide: w * cos + h * Math.abs(sin), high: w * Math.abs(sin) + h * cos,
    };
  }

  /** A box along a line, in its middle. */
  function boxAlong(ends, width, height) {
    const [from, to] = ends[0].x < ends[1].x ? ends : ends.toReversed();
    const angle = (Math.atan2(from.y - to.y, to.x - from.x) * 180) / Math.PI;
    return boxOf(from.add(to).divideBy(2), width, height, angle);
  }

  const meetRound = (a, b) => (
    Math.abs(a.x - b.x) < a.wide + b.wide && Math.abs(a.y - b.y) < a.high + b.high);

  /** Whether turned boxes lie on each other: on no side of either one is all of the other. */
  function meet(a, b) {
    const [dx, dy] = [b.x - a.x, a.y - b.y];
    const isApart = (one, other) => {
      const cos = Math.abs(one.cos * other.cos + one.sin * other.sin);
      const sin = Math.abs(one.sin * other.cos - one.cos * other.sin);
      return Math.abs(dx * one.cos + dy * one.sin) >= one.w + other.w * cos + other.h * sin
        || Math.abs(dy * one.cos - dx * one.sin) >= one.h + other.w * sin + other.h * cos;
    };
    return meetRound(a, b) && !isApart(a, b) && !isApart(b, a);
  }

  /** Boxes that are taken, found by the cells of the screen they touch. */
  function register() {
    const cells = new Map();
    const cellsOf = ({ x, y, wide, high }) => {
      const [left, right, top, bottom] = [x - wide, x + wide, y - high, y + high]
        .map((edge) => Math.floor(edge / CELL_PX));
      const found = [];
      for (let i = left; i <= right; i += 1) {
        for (let j = top; j <= bottom; j += 1) found.push(`${i} ${j}`);
      }
      return found;
    };
    return {
      take: (box) => cellsOf(box).forEach((key) => cells.set(key, [...(cells.get(key) ?? []), box])),
      leave: (box) => cellsOf(box).forEach((key) => (
        cells.set(key, cells.get(key).filter((one) => one !== box)))),
      isFree: (box, touch, own) => !cellsOf(box).some((key) => (
        (cells.get(key) ?? []).some((one) => one !== own && touch(one, box)))),
    };
  }

  /** The lines of named roads and rivers: [{name, kind, lines: [[[longitude, latitude], …], …]}]. */
  function waysOf(context) {
    const isWay = ({ kind, name, geometry }) => (
      name && WAYS.has(kind) && geometry.type.endsWith("LineString"));
    return (context ?? []).filter(isWay).map(({ kind, name, geometry: { type, coordinates } }) => (
      { kind, name, lines: type === "LineString" ? [coordinates] : coordinates }));
  }

  return function lotLabels(map, painter, context) {
    const drawn = L.layerGroup().addTo(map);
    const ways = waysOf(context);
    const towns = (context ?? []).flatMap(({ town }) => (town ? [town] : []))
      .sort(([, , rank], [, , other]) => rank - other);

    /** A free place along the middle of a lot; null where it is too small or all is taken. */
    function placeOf({ width, height, lowest }, at, { angle, along, across }, isFree) {
      if (width > along || lowest * height > across) return null;
      const { cos, sin } = boxOf(at, 0, 0, angle);
      for (const share of ALONG) {
        const aside = share * (along - width);
        const box = boxOf(at.add([aside * cos, -aside * sin]), width, height, angle);
        if (isFree(box)) return box;
      }
      return null;
    }

    /** The first of the ways that has a free place, level before upright. */
    function first(ways, { at, turns }, isFree) {
      for (const way of ways) {
        for (const turn of turns) {
          const box = placeOf(way, at, turn, isFree);
          if (box) return { way, box };
        }
      }
      return null;
    }

    function put(node, className, { x, y }, more = {}) {
      return L.marker(map.containerPointToLatLng([x, y]), {
        icon: L.divIcon({ html: node, className, iconSize: null }),
        pane: "kcngeo-labels", interactive: false, keyboard: false, ...more,
      }).addTo(drawn);
    }

    const turned = (angle) => `transform:translate(-50%,-50%) rotate(${-angle}deg)`;

    function write({ lot, found: { way: { words, marks, size, isStacked }, box } }) {
      const parts = [...(words ? [own(words)] : []), ...marks.map((mark) => el("b", {}, mark))];
      const isDot = !words && !marks.length;
      const node = el("span", {
        class: (isStacked && "kcn-stacked") || (isDot && "kcn-dot"),
        "data-lot": lot.parcel.id,
        style: `font-size:${size}px;${turned(box.angle)}`,
      }, ...parts);
      const marker = put(node, "kcn-lot", box, { interactive: isDot });
      if (isDot) painter.standIn(lot, marker); // where a strip is thinner than the dot on it
    }

    /** Names each road and river once, on the longest stretch in view that is straight and free. */
    function nameWays(taken) {
      const view = L.bounds([0, 0], map.getSize());
      const named = new Set();
      for (const { kind, name, lines } of ways) {
        const width = widthOf(name, WAY_PX);
        const stretches = lines.flatMap((line) => {
          const points = line.map(([lon, lat]) => map.latLngToContainerPoint([lat, lon]));
          return points.slice(1).map((end, k) => L.LineUtil.clipSegment(points[k], end, view));
        }).filter((ends) => ends && ends[0].distanceTo(ends[1]) > width);
        stretches.sort((a, b) => b[0].distanceTo(b[1]) - a[0].distanceTo(a[1]));
        for (const ends of named.has(name) ? [] : stretches) {
          const box = boxAlong(ends, width, LINE * WAY_PX);
          if (!taken.isFree(box, meetRound)) continue;
          taken.take(box);
          named.add(name);
          put(el("span", { class: `kcn-${kind}`, style: turned(box.angle) }, own(name)), "kcn-way", box);
          break;
        }
      }
    }

    /** Names towns on the ground, as near as is free to where they lie. */
    function nameTowns(taken, lines) {
      lines.forEach((ends) => taken.take(boxAlong(ends, ends[0].distanceTo(ends[1]), 1)));
      const view = L.bounds([0, 0], map.getSize());
      for (const [name, [lon, lat]] of towns) {
        const at = map.latLngToContainerPoint([lat, lon]);
        const width = widthOf(name, WAY_PX);
        const boxes = ROUND.map(([x, y]) => boxOf(at.add([x * width, y]), width, LINE * WAY_PX));
        const box = boxes.find((one) => (
          view.contains(L.bounds([one.x - one.w, one.y - one.h], [one.x + one.w, one.y + one.h]))
          && taken.isFree(one, meet)));
        if (!box) continue;
        taken.take(box);
        put(el("span", { class: "kcn-town" }, own(name)), "kcn-way", box, { pane: "kcngeo-context" });
      }
    }

    /** Where a lot is on the screen, and how much room its words have, level and upright. */
    function seen(lot, metrePx) {
      const [lon, lat, angle, along, across] = lot.parcel.place;
      const [long, wide] = [along * metrePx, across * metrePx];
      return {
        lot, at: map.latLngToContainerPoint([lat, lon]),
        turns: [{ angle, along: long, across: wide },
          { angle: angle > 0 ? angle - 90 : angle + 90, along: wide, across: long }],
      };
    }

    /** Gives each lot in view a way to be written and a place, large ones first; gives all places. */
    function arrange(inView, covered) {
      const taken = register();
      covered.forEach((box) => taken.take(boxOf(box.getCenter(), box.getSize().x, box.getSize().y)));
      const give = (one, ways, touch = meetRound) => {
        const own = one.found?.box;
        const found = first(ways, one, (box) => taken.isFree(box, touch, own));
        if (!found) return false;
        if (own) taken.leave(own);
        taken.take(found.box);
        one.found = found;
        return true;
      };
      const marked = inView.map((one) => [one, marksOf(one.lot)]);
      // Each says first which lot it is; what room is left then goes to marks and larger letters.
      inView.forEach((one) => {
        const { whole, tight } = leastOf(one.lot);
        give(one, [...whole, ...tight]);
      });
      const unnamed = inView.filter(({ found }) => !found);
      if (unnamed.length > MOST_UNNAMED * inView.length) {
        // The boxes round slanted words leave out too many: what counts is the words themselves.
        unnamed.forEach((one) => give(one, leastOf(one.lot).whole.toReversed(), meet));
      }
      const named = inView.filter(({ found }) => found);
      const free = (one) => { taken.leave(one.found.box); one.found = null; };
      if (named.length < LEAST_NAMED * inView.length) {
        // A few numbers here and there say less than the marks of all.
        named.forEach(free);
        marked.forEach(([one, marks]) => marks.length && give(one, [form("", marks, 0)], meet));
        return taken;
      }
      const dot = form("", [], DOT_PX, { lowest: 0 });
      /** Has a number near a lot stand elsewhere in its own, so that there is room for a dot. */
      const makeRoom = (one) => named.filter(({ found: { box } }) => (
        meetRound(box, boxOf(one.at, NEAR_PX, NEAR_PX)))).some((other) => {
        const before = other.found;
        free(other);
        if (give(one, [dot])) {
          const { whole, tight } = leastOf(other.lot);
          if (give(other, [...whole, ...tight])) return true;
          free(one);
        }
        taken.take(before.box);
        other.found = before;
        return false;
      });
      inView.filter(({ found }) => !found).forEach((one) => give(one, [dot]) || makeRoom(one));
      marked.forEach(([one, marks]) => one.found?.way.words && give(one, mostOf(one.lot, marks)));
      return taken;
    }

    return (lots, { boxes, lines }) => {
      drawn.clearLayers();
      const { lat } = map.getCenter();
      const metrePx = (256 * 2 ** map.getZoom()) / (EQUATOR_M * Math.cos((lat * Math.PI) / 180));
      const isInView = painter.inView();
      // From afar no lot is long enough: nothing else is asked of the many that are not.
      const isLong = ([, , , along, across]) => Math.max(along, across) * metrePx >= LEAST_PX;
      const inView = lots.filter((lot) => lot.parcel.place && isLong(lot.parcel.place)
          && isInView(lot))
        .map((lot) => seen(lot, metrePx))
        .sort((a, b) => b.lot.parcel.area_ha - a.lot.parcel.area_ha).slice(0, MOST);
      const taken = arrange(inView, boxes);
      nameWays(taken);
      nameTowns(taken, lines);
      inView.filter(({ found }) => found).forEach(write);
    };
  };
})();
