/**
 * The place in the page as the part of its address after "#": theme, months, zone, lot, what is
 * filtered and sorted, language. It can be sent to somebody, and the browser's back button goes through it.
 * Within a page that holds it as text the place is its own, and an event "kcngeo-place" tells of it.
 *
 * kcngeoLink(follow) gives {begin(), write(state, isStep)}; follow(state) is called to begin with and
 * when the address was changed by somebody else: by the back button, or by hand. What is written
 * meanwhile is left out. A step can be gone back to.
 */
"use strict";

const kcngeoLink = (() => {
  // Inside another page the address is not the reader's.
  const isFramed = window !== window.parent;
  const canWrite = !isFramed && /^(file|https?):$/.test(location.protocol);
  const isHeld = isFramed && location.href.startsWith("about:srcdoc");

  /** @returns {Place} */
  const read = () => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));

  /** @param {(asked: Place) => void} follow */
  return (follow) => {
    let known = location.hash;
    let isFollowing = false;

    function begin() {
      known = location.hash;
      isFollowing = true;
      follow(read());
      isFollowing = false;
    }

    /**
     * @param {Record<string, string | number | null>} state
     * @param {boolean} isStep
     */
    function write(state, isStep) {
      if (!(canWrite || isHeld) || isFollowing) return;
      const told = Object.entries(state).filter(([, value]) => value !== null);
      const next = `#${new URLSearchParams(told.map(([key, value]) => [key, String(value)]))}`;
      if (next === (location.hash || "#")) return;
      // An address without its own page would be taken for that of the page around it.
      if (isHeld) history.replaceState(null, "", `about:srcdoc${next}`);
      else if (isStep) location.hash = next;
      else location.replace(next);
      known = location.hash;
      if (isHeld) window.dispatchEvent(new Event("kcngeo-place"));
    }

    window.addEventListener("hashchange", () => { if (location.hash !== known) begin(); });
    return { begin, write };
  };
})();
