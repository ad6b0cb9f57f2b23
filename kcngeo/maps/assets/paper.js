/**
 * Printing: one sheet of A4, landscape. Before the browser prints, the page takes the size of the
 * sheet and the map shows there what it showed on the screen; afterwards all is as it was.
 */
"use strict";

/**
 * @param {L.Map} map
 * @param {HTMLElement} app
 */
function kcngeoPaper(map, app) {
  /** @type {{center: L.LatLng, zoom: number} | null} */
  let seen = null; // what the screen showed

  /** @param {boolean} isPaper */
  function turn(isPaper) {
    if (isPaper === (seen !== null)) return;
    const bounds = map.getBounds();
    const view = { center: map.getCenter(), zoom: map.getZoom() };
    app.classList.toggle("kcn-paper", isPaper);
    map.invalidateSize({ animate: false, pan: false });
    if (seen) map.setView(seen.center, seen.zoom, { animate: false });
    else map.fitBounds(bounds, { animate: false });
    seen = seen ? null : view;
  }

  window.addEventListener("beforeprint", () => turn(true));
  window.addEventListener("afterprint", () => turn(false));
}
