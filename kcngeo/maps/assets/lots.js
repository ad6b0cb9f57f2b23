/**
 * How lots are drawn. A painter is given what each lot is to look like and knows nothing of months:
 *   lot   {parcel, zone, state, shares, pale, isFaded, isSelected}
 *           state       index into payload.states, or null for land outside the account
 *           shares      that state's shares, or null
 *           pale        the colour of land outside the account
 *
 * kcngeoLots.svgPainter(map, pane, payload, {tip(lot), onClick(lot, latlng)}) gives
 *   show(lots)     exactly these lots are drawn
 *   restyle(lots)  some drawn lots look otherwise
 *   raise(lot)     drawn above its neighbours
 *   bounds(lot), center(lot), fill(lot)
 */
"use strict";

const kcngeoLots = (() => {
  const { svg } = kcngeoShell;
  const { STATUSES } = kcngeoPage;
  const STRIPE_PX = 14;
  const EDGE = { color: "#ffffff", weight: 0.9, opacity: 1 };
  const EDGE_OF_USE = { color: "#b9bdb2", weight: 0.7, opacity: 1 };
  const EDGE_SELECTED = { color: "#12222b", weight: 2.5, opacity: 1 };

  /** Stripes as wide as the shares: honest about area, without inventing where a lot is cut. */
  function stripes(id, shares, colors) {
    const pattern = svg("pattern", {
      id, width: STRIPE_PX, height: STRIPE_PX,
      patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)",
    });
    let x = 0;
    shares.forEach((share, k) => {
      const width = share * STRIPE_PX;
      if (width > 0) {
        pattern.append(svg("rect", { x, y: 0, width, height: STRIPE_PX, fill: colors[k] }));
      }
      x += width;
    });
    return pattern;
  }

  function svgPainter(map, pane, payload, { tip, onClick }) {
    const colors = STATUSES.map((status) => payload.colors[status]);
    const renderer = L.svg({ pane, padding: 0.5 }).addTo(map);
    const drawn = L.layerGroup().addTo(map);
    const defs = svg("defs", {});
    map.getPane(pane).querySelector("svg").prepend(defs);
    const paints = payload.states.map((shares, index) => {
      const parts = shares.filter((share) => share > 0).length;
      if (parts < 2) return colors[shares.findIndex((share) => share > 0)];
      defs.append(stripes(`kcngeo-state-${index}`, shares, colors));
      return `url(#kcngeo-state-${index})`;
    });
    const layers = new Map();
    const fill = (lot) => (lot.state === null ? lot.pale : paints[lot.state]);

    function create(lot) {
      const feature = {
        type: "Feature", geometry: lot.parcel.geometry,
        properties: { parcel_id: lot.parcel.id, zone_id: lot.zone.id },
      };
      const layer = L.GeoJSON.geometryToLayer(feature, {
        pane, renderer, smoothFactor: 0.2, noClip: true, fillOpacity: 1,
      });
      layer.feature = feature;
      layer.bindTooltip(() => tip(lot),
        { sticky: true, direction: "top", opacity: 1, className: "kcn-tip" });
      layer.on("click", (event) => onClick(lot, event.latlng));
      layers.set(lot, layer);
      return layer;
    }

    function restyle(lots) {
      for (const lot of lots) {
        const edge = lot.isSelected ? EDGE_SELECTED : lot.shares ? EDGE : EDGE_OF_USE;
        layers.get(lot).setStyle({
          ...edge, fillColor: fill(lot), fillOpacity: lot.isFaded ? 0.15 : 1,
        });
      }
    }

    function show(lots) {
      const wanted = new Set(lots);
      for (const [lot, layer] of layers) if (!wanted.has(lot)) drawn.removeLayer(layer);
      const shown = lots.map((lot) => layers.get(lot) ?? create(lot));
      restyle(lots);
      shown.forEach((layer) => drawn.addLayer(layer));
    }

    return {
      show, restyle, fill,
      raise: (lot) => layers.get(lot).bringToFront(),
      bounds: (lot) => layers.get(lot).getBounds(),
      center: (lot) => layers.get(lot).getCenter(),
    };
  }

  return { svgPainter };
})();
