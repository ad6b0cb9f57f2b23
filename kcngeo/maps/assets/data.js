/** The data that stand in a page, handed over to who draws them. */
"use strict";

const kcngeoData = (() => {
  const { el } = kcngeoElements;

  /**
   * Hands over the data that stand in the page as JSON.
   * @param {string} id
   * @param {(data: unknown) => void} use
   */
  const read = (id, use) => use(JSON.parse(document.getElementById(id)?.textContent ?? "null"));

  /**
   * Hands over data that stand in the page packed: JSON, gzip, base64. Nothing is fetched. This
   * takes longer than the page to load: it is busy until then, and shows its title.
   * @param {string} id
   * @param {(data: unknown) => void} use
   */
  async function unpack(id, use) {
    document.documentElement.setAttribute("aria-busy", "true");
    const cover = el("div", { class: "kcn-app kcn-opening" },
      el("header", { class: "kcn-head" }, el("h1", {}, document.title)));
    document.body.append(cover);
    try {
      const letters = atob(document.getElementById(id)?.textContent ?? "");
      // Letter by letter: Uint8Array.from() would make a list of millions of strings first.
      const bytes = new Uint8Array(letters.length);
      for (let k = 0; k < bytes.length; k += 1) bytes[k] = letters.charCodeAt(k);
      const unzipped = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      use(await new Response(unzipped).json());
    } finally {
      cover.remove();
      document.documentElement.removeAttribute("aria-busy");
    }
  }

  return { read, unpack };
})();
