/**
 * How lots are drawn. A painter is given what each lot is to look like and knows nothing of months:
 *   lot   {parcel, zone, state, shares, pale, paint, isFaded, isSelected}
 *           state       index into payload.states, or null for land outside the account
 *           shares      that state's shares, or null
 *           pale        the colour of land outside the account
 *           paint       the colour of a theme, which goes before; null for none
 *
 * kcngeoPainter(map, pane, payload, {tip(lot), onClick(lot, latlng), isCanvas, isFar()}) gives
 *   show(lots)     exactly these lots are drawn
 *   restyle(lots)  some drawn lots look otherwise
 *   raise(lot)     drawn above its neighbours
 *   bounds(lot), center(lot), fill(lot)
 *   inView()       tells of a lot whether it may be in view
 *   standIn(lot, marker)  the marker tells of the lot and opens it, as the lot itself does
 * Few lots are elements of the page, many (isCanvas) are drawn on one canvas; they look alike. Either
 * is a surface: show, restyle, raise, bounds, center and inView, and
 *   drawn          the layer that has the lots' tooltip and hears their clicks
 *   lotOf(layer)   which lot that was
 */
"use strict";

const kcngeoPainter = (() => {
  const { svg } = kcngeoShell;
  const { STATUSES } = kcngeoPage;
  const STRIPE_PX = 14;
  /** @type {L.TooltipOptions} */
  const TIP = { sticky: true, direction: "top", opacity: 1, className: "kcn-tip" };
  const EDGE = { color: "#ffffff", weight: 0.9, opacity: 1 };
  const EDGE_OF_USE = { color: "#b9bdb2", weight: 0.7, opacity: 1 };
  const EDGE_SELECTED = { color: "#12222b", weight: 2.5, opacity: 1 };

  /** Stripes as wide as the shares: honest about area, without inventing where a lot is cut. */
  function stripes(id, shares, colors) {
    const pattern = svg("pattern", {
      id, width: STRIPE_PX, height: STRIPE_PX,
      patternUnits: "userSpaceOnUse", patternTransform: "rotate(-45)",
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

  /** The same stripes as a pattern of a canvas. */
  function stripesOnCanvas(shares, colors) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = STRIPE_PX;
    const pen = tile.getContext("2d");
    let x = 0;
    shares.forEach((share, k) => {
      pen.fillStyle = colors[k];
      pen.fillRect(x, 0, share * STRIPE_PX, STRIPE_PX);
      x += share * STRIPE_PX;
    });
    const pattern = pen.createPattern(tile, "repeat");
    pattern.setTransform(new DOMMatrix().rotate(-45));
    return pattern;
  }

  /** For each state its name, a colour or the address of a pattern, and what it is painted with. */
  function paintsOf(states, colors, defs) {
    return states.map((shares, index) => {
      if (shares.filter((share) => share > 0).length < 2) {
        const name = colors[shares.findIndex((share) => share > 0)];
        return { name, paint: name };
      }
      const name = `url(#kcngeo-state-${index})`;
      if (!defs) return { name, paint: stripesOnCanvas(shares, colors) };
      defs.append(stripes(`kcngeo-state-${index}`, shares, colors));
      return { name, paint: name };
    });
  }

  /** Every lot an element of the page; gives its surface and where patterns are defined. */
  function elements(map, pane, styleOf) {
    const renderer = L.svg({ pane, padding: 0.5 }).addTo(map);
    const defs = svg("defs", {});
    map.getPane(pane).querySelector("svg").prepend(defs);
    const drawn = L.featureGroup().addTo(map);
    const layers = new Map(); // of every lot drawn so far

    function create(lot) {
      const feature = {
        type: /** @type {const} */ ("Feature"), geometry: lot.parcel.geometry,
        properties: { parcel_id: lot.parcel.id, zone_id: lot.zone.id },
      };
      /** @type {any} */
      const look = { pane, renderer, smoothFactor: 0.2, noClip: true };
      const layer = L.GeoJSON.geometryToLayer(feature, look);
      return Object.assign(layer, { feature, lot, look: "" });
    }

    function restyle(lots) {
      for (const lot of lots) {
        const layer = layers.get(lot);
        const style = styleOf(lot);
        const look = Object.values(style).join();
        if (layer.look !== look) layer.setStyle(style);
        layer.look = look;
      }
    }

    function show(lots) {
      const wanted = new Set(lots);
      for (const [lot, layer] of layers) if (!wanted.has(lot)) drawn.removeLayer(layer);
      for (const lot of lots) if (!layers.has(lot)) layers.set(lot, create(lot));
      restyle(lots);
      for (const lot of lots) drawn.addLayer(layers.get(lot));
    }

    const bounds = (lot) => layers.get(lot).getBounds();
    return {
      defs,
      surface: {
        drawn, lotOf: (layer) => layer.lot, show, restyle, bounds,
        raise: (lot) => layers.get(lot).bringToFront(),
        center: (lot) => layers.get(lot).getCenter(),
        inView() {
          const view = map.getBounds();
          return (lot) => view.intersects(bounds(lot));
        },
      },
    };
  }

  return function painter(map, pane, payload, { tip, onClick, isCanvas, isFar }) {
    const colors = STATUSES.map((status) => payload.colors[status]);
    const { surface, defs } = isCanvas
      ? { surface: kcngeoLotsCanvas(map, pane, payload.parcels, styleOf), defs: null }
      : elements(map, pane, styleOf);
    const paints = paintsOf(payload.states, colors, defs);
    const paintOf = (lot, kind) => lot.paint ?? (lot.state === null ? lot.pale : paints[lot.state][kind]);

    /** How a lot looks, in Leaflet's words. */
    function styleOf(lot) {
      return {
        ...(lot.isSelected ? EDGE_SELECTED : lot.shares ? EDGE : EDGE_OF_USE),
        stroke: !isCanvas || !isFar() || lot.isSelected, // of elements page.css thins them
        fillOpacity: lot.isFaded ? 0.15 : 1, fillColor: paintOf(lot, "paint"),
      };
    }

    // One tooltip and one listener for all: a hundred thousand of each would fill the memory.
    surface.drawn.bindTooltip((/** @type {any} */ layer) => tip(surface.lotOf(layer)), TIP);
    surface.drawn.on("click", ({ layer, latlng }) => onClick(surface.lotOf(layer), latlng));
    return {
      ...surface, fill: (lot) => paintOf(lot, "name"),
      standIn: (lot, marker) => marker.bindTooltip(() => tip(lot), TIP)
        .on("click", ({ latlng }) => onClick(lot, latlng)),
    };
  };
})();
