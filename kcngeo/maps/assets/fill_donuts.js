/**
 * Zones seen from afar: a ring for each, its parts the statuses, its area the leasable hectares, its
 * rate inside, moved aside where there is no room, with a line to where the zone is.
 *
 *   ring(sums, outer, colors, declared)  the ring as a picture; sums: hectares by status; declared:
 *                                  the hectares of an account that is stated and not measured: its
 *                                  edge is dashed, and what nobody states of it is grey
 *   inside({sums, words, short}, lots)   what stands in the ring of a theme, of a zone with these
 *                                  lots, and in a small ring
 *   outerOf(hectares, most)        its radius in pixels; most: the hectares of the largest zone
 *   shrink(label, share)           the ring of a label at a share of its size
 *   placed(wanted, taken, view)    where the labels go: {box, parts: what the ring and its words
 *                                  cover, line: to where the zone is, or null, isClear: whether
 *                                  the line crosses nothing}, null without room
 */
"use strict";

const kcngeoDonuts = (() => {
  const { svg } = kcngeoElements;
  const HOLE_PX = 25; // "29,35 %" stands in it, in wide letters too
  const MOST_PX = 41;
  const LEAST_PX = 31; // thin rings would lose their colours
  const NO_ACCOUNT = "#8a9499";
  const RINGS = 16;
  const RING_PX = 18;
  const WAYS = 24;
  const APART_PX = 3;

  /**
   * The radius of a ring whose area is in proportion to hectares.
   * @param {number} hectares
   * @param {number} most
   */
  function outerOf(hectares, most) {
    const grown = most > 0 ? (MOST_PX ** 2 - HOLE_PX ** 2) * (hectares / most) : 0;
    return Math.max(LEAST_PX, Math.sqrt(HOLE_PX ** 2 + grown));
  }

  /**
   * A sector of the ring, from one part of the whole to another; clockwise from the top.
   * @param {number} from
   * @param {number} to
   * @param {number} outer
   */
  function sector(from, to, outer) {
    /** @type {(part: number, radius: number) => string} */
    const at = (part, radius) => {
      const turn = 2 * Math.PI * part;
      return `${(radius * Math.sin(turn)).toFixed(2)} ${(-radius * Math.cos(turn)).toFixed(2)}`;
    };
    // By way of its middle: an arc of a whole turn would end where it begins, and be nothing.
    const middle = (from + to) / 2;
    /** @type {(radius: number, turning: 0 | 1, ...ends: number[]) => string} */
    const arc = (radius, turning, ...ends) => ends
      .map((end) => `A${radius} ${radius} 0 0 ${turning} ${at(end, radius)}`).join("");
    return `M${at(from, outer)}${arc(outer, 1, middle, to)}`
      + `L${at(to, HOLE_PX)}${arc(HOLE_PX, 0, middle, from)}Z`;
  }

  /**
   * @param {number[]} sums
   * @param {number} outer
   * @param {string[]} colors
   * @param {number | null} [declared]
   */
  function ring(sums, outer, colors, declared = null) {
    const whole = Math.max(declared ?? 0, kcngeoPanel.total(sums));
    const size = 2 * outer + 2;
    const inner = svg("circle", { r: HOLE_PX, fill: "#ffffffe6" });
    const picture = svg("svg", {
      width: size, height: size, viewBox: `${-size / 2} ${-size / 2} ${size} ${size}`,
      "aria-hidden": "true",
    }, inner);
    if (!(whole > 0)) {
      const middle = (HOLE_PX + LEAST_PX) / 2;
      picture.append(svg("circle", {
        r: middle, fill: "none", stroke: NO_ACCOUNT, "stroke-width": LEAST_PX - HOLE_PX,
        "stroke-dasharray": "5 3",
      }));
      return picture;
    }
    let from = 0;
    if (declared) picture.append(svg("path", { d: sector(0, 1, outer), fill: "#d8dee1" }));
    sums.forEach((hectares, k) => {
      if (!(hectares > 0)) return;
      const to = from + hectares / whole;
      picture.append(svg("path", {
        d: sector(from, to, outer), fill: colors[k], stroke: "#fff", "stroke-width": 1,
      }));
      from = to;
    });
    const edge = { r: outer, fill: "none", stroke: "#14222a", "stroke-width": 1 };
    if (declared) Object.assign(edge, { "stroke-width": 2, "stroke-dasharray": "5 3" });
    picture.append(svg("circle", edge));
    return picture;
  }

  /**
   * Of a zone nobody drew a theme knows nothing, which is not 0.
   * @type {(told: Pick<RingParts, "sums" | "words" | "short">, lots: Lot[]) => string[]}
   */
  const inside = ({ sums, words, short }, lots) => (
    lots.length || kcngeoPanel.total(sums) > 0 ? [words, short] : ["–", "–"]);

  /**
   * @param {Label} label
   * @param {number} share
   */
  function shrink(label, share) {
    label.outer = label.whole * share;
    label.node.classList.toggle("kcn-small", share < 1);
    const picture = label.node.querySelector("svg");
    ["width", "height"].forEach((side) => picture?.setAttribute(side, String(2 * label.outer)));
  }

  /** Steps away from where a zone is: the nearest first, all round. */
  /** @type {[x: number, y: number][]} */
  const STEPS = [[0, 0]];
  for (let far = 1; far <= RINGS; far += 1) {
    for (let way = 0; way < WAYS; way += 1) {
      const turn = (2 * Math.PI * (way + (far % 2) / 2)) / WAYS;
      STEPS.push([far * RING_PX * Math.sin(turn), -far * RING_PX * Math.cos(turn)]);
    }
  }

  /**
   * A label whose ring stands in the middle of a box, above its words: beside the ring is room.
   * @param {L.Point} min
   * @param {L.Point} max
   * @param {L.Point} at
   * @param {number} outer
   * @returns {RingPlace}
   */
  function labelIn(min, max, at, outer) {
    const middle = L.point((min.x + max.x) / 2, min.y + outer);
    const foot = min.y + 2 * outer;
    const away = middle.distanceTo(at);
    return {
      box: L.bounds(min, max),
      parts: [L.bounds([middle.x - outer, min.y], [middle.x + outer, foot]),
        L.bounds([min.x, foot], max)],
      line: away > outer ? [at, middle.add(at.subtract(middle).multiplyBy(outer / away))] : null,
      isClear: true,
    };
  }

  /** @type {(line: [L.Point, L.Point], box: L.Bounds) => boolean} */
  const crosses = ([from, to], box) => Boolean(L.LineUtil.clipSegment(from, to, box));

  /**
   * Gives each of wanted a place in view that covers no other and nothing that is taken, the nearest
   * whose line crosses nothing; without one the nearest of all. The first asked for stand nearest to
   * their place.
   * @param {{at: L.Point, size: L.Point, outer: number}[]} wanted
   * @param {L.Bounds[]} taken
   * @param {L.Bounds} view
   * @returns {(RingPlace | null)[]}
   */
  function placed(wanted, taken, view) {
    const gap = L.point(APART_PX, APART_PX);
    const covered = [...taken];
    /** @type {[L.Point, L.Point][]} */
    const lines = [];
    /** @type {(box: L.Bounds) => boolean} */
    const isFree = (box) => view.contains(box) && !covered.some((other) => other.overlaps(box));
    /** @type {(place: RingPlace) => boolean} */
    const isClear = ({ parts, line }) => !(line && covered.some((other) => crosses(line, other)))
      && !lines.some((other) => parts.some((part) => crosses(other, part)));
    return wanted.map(({ at, size, outer }) => {
      if (!view.contains(at)) return null;
      /** @type {RingPlace | null} */
      let found = null;
      for (const [x, y] of STEPS) {
        const corner = at.add([x, y]).subtract(size.divideBy(2));
        const label = labelIn(corner, corner.add(size), at, outer);
        if (!label.parts.every(isFree)) continue;
        label.isClear = isClear(label);
        if (label.isClear || !found) found = label;
        if (label.isClear) break;
      }
      if (!found) return null;
      covered.push(...found.parts.map((part) => (
        L.bounds(part.getTopLeft().subtract(gap), part.getBottomRight().add(gap)))));
      if (found.line) lines.push(found.line);
      return found;
    });
  }

  return { ring, inside, outerOf, shrink, placed };
})();
