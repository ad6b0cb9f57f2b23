/**
 * A lot or zone named on the page is shown on the map within it. The address keeps what is shown,
 * so that the browser goes back through it and a page opened again shows the same.
 */
"use strict";

(() => {
  const section = document.getElementById("map");
  const frame = section?.querySelector("iframe");
  if (!frame) return;

  /** Shows what the address asks for; an address of a part of the page has no "=". */
  function follow() {
    const asked = location.hash.slice(1);
    if (!asked.includes("=")) return;
    frame.contentWindow.location.hash = asked;
    section.scrollIntoView();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.place");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const { hash } = new URL(link.href);
    event.preventDefault();
    if (location.hash === hash) follow();
    else location.hash = hash;
  });
  window.addEventListener("hashchange", follow);
  if (frame.contentDocument?.readyState === "complete") follow();
  frame.addEventListener("load", follow, { once: true });
})();
