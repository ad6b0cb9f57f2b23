/**
 * Names of what lies under a map: roads and rivers along them, where they are straight and free, and
 * from afar towns.
 *
 * kcngeoGroundNames(map, context) gives show(taken, lines): what words must keep clear of, and lines
 * by their ends, which only towns keep clear of.
 */
"use strict";

const kcngeoGroundNames = (() => {
  const { el, own } = kcngeoElements;
  const { LINE, widthOf, meet, meetRound, turned } = kcngeoBoxes;
  const WAYS = new Set(["road", "river"]);
  const SIZE_PX = 11;
  // Round the middle of a town: in widths of its name to the side, in pixels up or down.
  const ROUND = [0, 0.5, 0.8].flatMap((x) => [0, 12, 24].flatMap((y) => (
    [[x, -y], [-x, -y], [x, y], [-x, y]]))).sort((a, b) => (
    Math.hypot(40 * a[0], a[1]) - Math.hypot(40 * b[0], b[1])));

  /**
   * The lines of named roads and rivers.
   * @param {Context[]} context
   */
  const waysOf = (context) => context.flatMap(({ kind, name, geometry }) => {
    if (!name || !WAYS.has(kind)) return [];
    if (geometry.type === "LineString") return [{ kind, name, lines: [geometry.coordinates] }];
    return geometry.type === "MultiLineString" ? [{ kind, name, lines: geometry.coordinates }] : [];
  });

  /**
   * @param {L.Map} map
   * @param {Context[]} [context]
   */
  return function groundNames(map, context = []) {
    const drawn = L.layerGroup().addTo(map);
    const ways = waysOf(context);
    const towns = context.flatMap(({ town }) => (town ? [town] : []))
      .sort(([, , rank], [, , other]) => rank - other);

    /**
     * @param {string} kind
     * @param {string} name
     * @param {Box} box
     * @param {string} pane
     */
    function put(kind, name, { x, y, angle }, pane) {
      const node = el("span", { class: `kcn-${kind}`, style: turned(angle) }, own(name));
      L.marker(map.containerPointToLatLng([x, y]), {
        icon: L.divIcon({ html: node, className: "kcn-way", iconSize: undefined }),
        pane, interactive: false, keyboard: false,
      }).addTo(drawn);
    }

    /**
     * Names each road and river once, on the longest stretch in view that is straight and free.
     * @param {Taken} taken
     * @param {L.Bounds} view
     */
    function nameWays(taken, view) {
      const named = new Set();
      for (const { kind, name, lines } of ways) {
        const width = widthOf(name, SIZE_PX);
        const stretches = lines.flatMap((line) => {
          const points = line.map(([lon, lat]) => map.latLngToContainerPoint([lat, lon]));
          return points.slice(1).map((end, k) => L.LineUtil.clipSegment(points[k], end, view));
        }).flatMap((ends) => (ends && ends[0].distanceTo(ends[1]) > width ? [ends] : []));
        stretches.sort((a, b) => b[0].distanceTo(b[1]) - a[0].distanceTo(a[1]));
        for (const ends of named.has(name) ? [] : stretches) {
          const box = kcngeoBoxes.along(ends, width, LINE * SIZE_PX);
          if (!taken.isFree(box, meetRound)) continue;
          taken.take(box);
          named.add(name);
          put(kind, name, box, "kcngeo-labels");
          break;
        }
      }
    }

    /**
     * Names towns on the ground, as near as is free to where they lie.
     * @param {Taken} taken
     * @param {L.Bounds} view
     */
    function nameTowns(taken, view) {
      for (const [name, [lon, lat]] of towns) {
        const at = map.latLngToContainerPoint([lat, lon]);
        const width = widthOf(name, SIZE_PX);
        const boxes = ROUND.map(([x, y]) => (
          kcngeoBoxes.of(at.add([x * width, y]), width, LINE * SIZE_PX)));
        const box = boxes.find((one) => (
          view.contains(L.bounds([one.x - one.w, one.y - one.h], [one.x + one.w, one.y + one.h]))
          && taken.isFree(one, meet)));
        if (!box) continue;
        taken.take(box);
        put("town", name, box, "kcngeo-context");
      }
    }

    /**
     * @param {Taken} taken
     * @param {Covered["lines"]} lines
     */
    return (taken, lines) => {
      drawn.clearLayers();
      const view = L.bounds([0, 0], map.getSize());
      nameWays(taken, view);
      lines.forEach((ends) => taken.take(kcngeoBoxes.along(ends, ends[0].distanceTo(ends[1]), 1)));
      nameTowns(taken, view);
    };
  };
})();
