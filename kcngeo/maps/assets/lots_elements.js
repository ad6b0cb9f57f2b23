/**
 * Lots as elements of the page.
 *
 * kcngeoLotsElements(map, pane, stripes, styleOf) gives a Surface, see types.d.ts.
 */
"use strict";

const kcngeoLotsElements = (() => {
  const { svg } = kcngeoElements;
  const STRIPE_PX = 14;

  /** @param {Stripes} stripes */
  function patternOf({ id, parts }) {
    let x = 0;
    return svg("pattern", {
      id, width: STRIPE_PX, height: STRIPE_PX,
      patternUnits: "userSpaceOnUse", patternTransform: "rotate(-45)",
    }, ...parts.map(({ share, color }) => {
      const width = share * STRIPE_PX;
      x += width;
      return svg("rect", { x: x - width, y: 0, width, height: STRIPE_PX, fill: color });
    }));
  }

  /**
   * @param {L.Map} map
   * @param {string} pane
   * @param {Stripes[]} stripes
   * @param {(lot: Lot) => LotStyle} styleOf
   * @returns {Surface}
   */
  return function lotsElements(map, pane, stripes, styleOf) {
    const renderer = L.svg({ pane, padding: 0.5 }).addTo(map);
    map.getPane(pane)?.querySelector("svg")?.prepend(svg("defs", {}, ...stripes.map(patternOf)));
    const drawn = L.featureGroup().addTo(map);
    /** @type {Map<Lot, {layer: L.Polygon, look: string}>} */
    const known = new Map(); // of every lot drawn so far
    /** @type {WeakMap<L.Layer, Lot>} */
    const lots = new WeakMap();

    /** @param {Lot} lot */
    function of(lot) {
      const found = known.get(lot);
      if (found) return found;
      const { parcel: { geometry, id }, zone } = lot;
      const look = { pane, renderer, smoothFactor: 0.2, noClip: true };
      const feature = {
        type: /** @type {const} */ ("Feature"), geometry,
        properties: { parcel_id: id, zone_id: zone.id },
      };
      const layer = /** @type {L.Polygon} */ (L.GeoJSON.geometryToLayer(feature, look));
      const made = { layer: Object.assign(layer, { feature }), look: "" };
      known.set(lot, made);
      lots.set(layer, lot);
      return made;
    }

    /** @param {Lot[]} some */
    function restyle(some) {
      for (const lot of some) {
        const one = of(lot);
        const style = styleOf(lot);
        const look = Object.values(style).join();
        if (one.look !== look) one.layer.setStyle(style);
        one.look = look;
      }
    }

    return {
      drawn, restyle,
      lotOf: (layer) => lots.get(layer) ?? null,
      show(some) {
        const wanted = new Set(some);
        for (const [lot, { layer }] of known) if (!wanted.has(lot)) drawn.removeLayer(layer);
        restyle(some);
        for (const lot of some) drawn.addLayer(of(lot).layer);
      },
      raise: (lot) => of(lot).layer.bringToFront(),
      bounds: (lot) => of(lot).layer.getBounds(),
      center: (lot) => of(lot).layer.getCenter(),
      inView() {
        const view = map.getBounds();
        return (lot) => view.intersects(of(lot).layer.getBounds());
      },
    };
  };
})();
