/**
 * A lot or zone named on the page is shown on the map within it. The address keeps what is shown,
 * by a link or by the reader on the map, so that a page opened again shows the same.
 */
"use strict";

(() => {
  const section = document.getElementById("map");
  const frame = section?.querySelector("iframe");
  const inner = frame?.contentWindow;
  if (!section || !frame || !inner) return;

  /** Shows what the address asks for; an address of a part of the page has no "=". */
  const follow = () => {
    const asked = location.hash.slice(1);
    if (!asked.includes("=")) return;
    inner.location.hash = asked;
    section.scrollIntoView();
  };

  document.addEventListener("click", (event) => {
    /** @type {HTMLAnchorElement | null} */
    const link = /** @type {Element} */ (event.target).closest("a.place");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const { hash } = new URL(link.href);
    event.preventDefault();
    if (location.hash === hash) follow();
    else location.hash = hash;
  });
  window.addEventListener("hashchange", follow);

  /** Takes over what the reader chose on the map. */
  const keep = () => {
    history.replaceState(null, "", inner.location.hash || location.pathname);
  };

  const begin = () => {
    inner.addEventListener("kcngeo-place", keep);
    follow();
  };
  if (inner.kcngeo) begin();
  else frame.addEventListener("load", begin, { once: true });
})();
