/** Elements of the page, colours of the legend and the ink on them. */
"use strict";

const kcngeoElements = (() => {
  /**
   * An element; text only ever enters as text.
   * @template {keyof HTMLElementTagNameMap} T
   * @param {T} tag
   * @param {Attributes} attributes
   * @param {(Node | string)[]} children
   * @returns {HTMLElementTagNameMap[T]}
   */
  function el(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== null && value !== false) node.setAttribute(key, value === true ? "" : String(value));
    }
    node.append(...children);
    return node;
  }

  /**
   * @param {string} tag
   * @param {Attributes} attributes
   * @param {(Node | string)[]} children
   */
  function svg(tag, attributes, ...children) {
    const node = L.SVG.create(tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
    node.append(...children);
    return node;
  }

  /**
   * Words of the data inside other words: their direction stays their own.
   * @param {string} words
   */
  const own = (words) => el("bdi", {}, words);

  /** @param {number} value */
  const channel = (value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);

  /**
   * Black or white, whichever is read better on a colour "#rrggbb".
   * @param {string} color
   */
  function inkOn(color) {
    const [r, g, b] = [1, 3, 5].map((at) => channel(parseInt(color.slice(at, at + 2), 16) / 255));
    const light = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    return (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) ? "#000000" : "#ffffff";
  }

  /**
   * A key of the legend: a colour, and a mark that says the same without it.
   * @param {string} color
   */
  const swatch = (color, mark = "") => el("i", {
    class: "kcn-swatch", "aria-hidden": "true",
    style: `background:${color}${mark ? `;color:${inkOn(color)}` : ""}`,
  }, mark);

  return { el, svg, own, swatch, inkOn };
})();
