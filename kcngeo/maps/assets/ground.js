/** Geometries on a map: how they are drawn, what lies under everything, and what is in view. */
"use strict";

const kcngeoGround = (() => {
  const { own } = kcngeoElements;
  const POINT_PX = 8;

  /**
   * Draws geometries in the panes "kcngeo-NAME", by the renderer of each; points as circles.
   * @param {Record<string, L.Renderer>} renderers
   * @returns {Draw}
   */
  const drawer = (renderers, noClip = true) => (geometry, pane, style) => {
    const look = {
      pane: `kcngeo-${pane}`, renderer: renderers[pane], smoothFactor: 0.2, noClip,
      interactive: false, ...style,
    };
    const layer = L.GeoJSON.geometryToLayer({ type: "Feature", properties: {}, geometry }, {
      ...look, pointToLayer: (_, at) => L.circleMarker(at, { radius: POINT_PX, ...look }) });
    return /** @type {Drawn} */ (layer);
  };

  /** @type {Record<string, L.PathOptions>} */
  const CONTEXT = {
    river: { weight: 1.6, fillColor: "#d3e5ed", fillOpacity: 1 },
    water: { weight: 1, fillColor: "#d3e5ed", fillOpacity: 1 },
    road: { weight: 1.6, fill: false },
    boundary: { weight: 1, dashArray: "6 4", fill: false },
    commune: { weight: 0.6, fillOpacity: 1, className: "kcn-basemap" },
    ward: { weight: 0.6, fillOpacity: 1, className: "kcn-basemap" },
    province: { weight: 1.8, fill: false, className: "kcn-basemap" },
  };

  /**
   * Draws what lies under everything; draw(geometry, pane, style) gives a layer.
   * @param {L.Map} map
   * @param {Context[] | undefined} context
   * @param {Draw} draw
   */
  function drawContext(map, context, draw) {
    for (const { kind, name, color, edge, geometry } of context ?? []) {
      if (geometry.type.endsWith("Point")) continue;
      const layer = draw(geometry, "context", {
        color: edge ?? color, fillColor: color, ...(CONTEXT[kind] ?? CONTEXT.boundary),
        interactive: Boolean(name),
      }).addTo(map);
      if (name) layer.bindTooltip(() => own(name), { sticky: true, opacity: 1, className: "kcn-tip" });
    }
  }

  /**
   * Shows some bounds beside head and foot; at once, if something is to be opened there.
   * @param {L.Map} map
   * @param {L.LatLngBounds} bounds
   */
  function fit(map, bounds, isAtOnce = false) {
    if (!bounds.isValid()) return;
    const isStill = isAtOnce || matchMedia("(prefers-reduced-motion: reduce)").matches;
    map.fitBounds(bounds, {
      paddingTopLeft: [36, 64], paddingBottomRight: [36, 44], maxZoom: 18, animate: !isStill,
    });
  }

  return { drawer, drawContext, fit };
})();
