/**
 * Printing: one sheet of A4, landscape. Before the browser prints, the page takes the size of the
 * sheet and the map shows there what it showed on the screen; afterwards all is as it was.
 */
"use strict";

const kcngeoPaper = (() => function onPaper(map, app) {
  let seen = null; // what the screen showed

  function turn(isPaper) {
    if (isPaper === (seen !== null)) return;
    const bounds = isPaper ? map.getBounds() : null;
    const view = { center: map.getCenter(), zoom: map.getZoom() };
    app.classList.toggle("kcn-paper", isPaper);
    map.invalidateSize({ animate: false, pan: false });
    if (isPaper) {
      map.fitBounds(bounds, { animate: false });
      seen = view;
    } else {
      map.setView(seen.center, seen.zoom, { animate: false });
      seen = null;
    }
  }

  window.addEventListener("beforeprint", () => turn(true));
  window.addEventListener("afterprint", () => turn(false));
})();
