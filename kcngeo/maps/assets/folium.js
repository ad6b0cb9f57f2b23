// folium says two things in jQuery's words; this is all of jQuery that it needs:
// $(`<div>…</div>`)[0] for the content of a popup, and $(document).ready(f).
"use strict";
window.$ ??= (/** @type {string | Document} */ subject) => {
  if (typeof subject === "string") {
    const box = document.createElement("template");
    box.innerHTML = subject.trim();
    return [...box.content.children];
  }
  return { ready: (/** @type {() => void} */ run) => (document.readyState === "loading"
    ? document.addEventListener("DOMContentLoaded", run)
    : run()) };
};
