/**
 * How lots are drawn. A painter is given what each lot is to look like and knows nothing of months.
 *
 * kcngeoPainter(map, pane, payload, {tip(lot), onClick(lot, latlng), isCanvas, isFar()}) gives a
 * Painter, see types.d.ts. Few lots are elements of the page (lots_elements.js), many (isCanvas) are
 * drawn on one canvas (lots_canvas.js); they look alike.
 */
"use strict";

const kcngeoPainter = (() => {
  const { STATUSES } = kcngeoPage;
  /** @type {L.TooltipOptions} */
  const TIP = { sticky: true, direction: "top", opacity: 1, className: "kcn-tip" };
  const EDGE = { color: "#ffffff", weight: 0.9, opacity: 1 };
  const EDGE_OF_USE = { color: "#b9bdb2", weight: 0.7, opacity: 1 };
  const EDGE_SELECTED = { color: "#12222b", weight: 2.5, opacity: 1 };

  /**
   * What each state is painted with: its colour, or the name of stripes as wide as its shares. They
   * are honest about area, without inventing where a lot is cut.
   * @param {FillPayload} payload
   */
  function fillsOf({ states, colors }) {
    const inOrder = STATUSES.map((status) => colors[status]);
    return states.map((shares, index) => {
      const parts = shares.flatMap((share, k) => (share > 0 ? [{ share, color: inOrder[k] }] : []));
      const id = `kcngeo-state-${index}`;
      return parts.length < 2 ? { fill: parts[0].color } : { fill: `url(#${id})`, stripes: { id, parts } };
    });
  }

  /**
   * @param {L.Map} map
   * @param {string} pane
   * @param {FillPayload} payload
   * @param {{tip: (lot: Lot) => HTMLElement, onClick: (lot: Lot, at: L.LatLng) => void,
   *   isCanvas?: boolean, isFar: () => boolean}} page
   * @returns {Painter}
   */
  return function painter(map, pane, payload, { tip, onClick, isCanvas, isFar }) {
    const fills = fillsOf(payload);
    /** @type {(lot: Lot) => string} */
    const fill = (lot) => lot.paint ?? (lot.state === null ? lot.pale : fills[lot.state].fill);

    /** @type {(lot: Lot) => LotStyle} */
    const styleOf = (lot) => ({
      ...(lot.isSelected ? EDGE_SELECTED : lot.shares ? EDGE : EDGE_OF_USE),
      stroke: !isCanvas || !isFar() || lot.isSelected, // of elements page.css thins them
      fillOpacity: lot.isFaded ? 0.15 : 1, fillColor: fill(lot),
    });
    const stripes = fills.flatMap((one) => one.stripes ?? []);
    const surface = isCanvas ? kcngeoLotsCanvas(map, pane, payload.parcels, stripes, styleOf)
      : kcngeoLotsElements(map, pane, stripes, styleOf);

    // One tooltip and one listener for all: a hundred thousand of each would fill the memory.
    surface.drawn.bindTooltip((layer) => {
      const lot = surface.lotOf(layer);
      return lot ? tip(lot) : "";
    }, TIP);
    surface.drawn.on("click", ({ propagatedFrom, latlng }) => {
      const lot = surface.lotOf(propagatedFrom);
      if (lot) onClick(lot, latlng);
    });
    return {
      ...surface, fill,
      standIn: (lot, marker) => marker.bindTooltip(() => tip(lot), TIP)
        .on("click", ({ latlng }) => onClick(lot, latlng)),
    };
  };
})();
