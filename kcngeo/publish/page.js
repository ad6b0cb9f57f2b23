/**
 * Tables are sorted by a click on a heading: first the largest figures, or words from A; a second
 * click turns the order round. What sums the others up stays last. Each cell knows its heading, as
 * on a phone a row is a card. A part that the address names opens, and one button opens them all,
 * as for print.
 */
"use strict";

(() => {
  const isVietnamese = document.documentElement.lang === "vi";
  const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

  /**
   * What a cell is sorted by: a number, or words; nothing at all for a blank.
   * @param {HTMLTableCellElement} cell
   */
  function keyOf(cell) {
    const words = cell.textContent.trim();
    if (!words || words === "–") return null;
    const day = words.match(/^(\d{2})\/(\d{2})\/(\d{4})$/);
    if (day) return Number(day[3] + day[2] + day[1]);
    const named = words.match(/^(\d{1,2}) ([A-Z][a-z]{2}) (\d{4})$/);
    if (named) return Number(named[3]) * 1e4 + (MONTHS.indexOf(named[2]) + 1) * 100 + Number(named[1]);
    const bare = words.replace("−", "-").replace(/[\s\u00a0%+]/g, "");
    const plain = isVietnamese ? bare.replaceAll(".", "").replace(",", ".") : bare.replaceAll(",", "");
    return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : words;
  }

  /**
   * @param {string | number} one
   * @param {string | number} other
   */
  function compare(one, other) {
    if (typeof one === "number" && typeof other === "number") return one - other;
    return String(one).localeCompare(String(other), document.documentElement.lang);
  }

  /**
   * @param {HTMLTableElement} table
   * @param {number} place
   * @param {boolean} isRising
   */
  function sort(table, place, isRising) {
    const body = table.tBodies[0];
    const rows = [...body.rows].filter((row) => !row.classList.contains("total"));
    const keyed = rows.map((row) => ({ key: keyOf(row.cells[place]), row }));
    keyed.sort(({ key: one }, { key: other }) => {
      if (one === null || other === null) return Number(one === null) - Number(other === null);
      return isRising ? compare(one, other) : compare(other, one);
    });
    body.prepend(...keyed.map(({ row }) => row));
  }

  for (const table of /** @type {NodeListOf<HTMLTableElement>} */ (
    document.querySelectorAll(".wide table"))) {
    const headings = [...(table.tHead?.rows[0].cells ?? [])];
    table.classList.add("labelled");
    for (const { cells } of table.tBodies[0].rows) {
      headings.forEach((heading, place) => { cells[place].dataset.label = heading.textContent; });
    }
    headings.forEach((heading, place) => {
      const button = document.createElement("button");
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => {
        const was = heading.getAttribute("aria-sort");
        const isNumber = heading.classList.contains("n");
        const isRising = was ? was === "descending" : !isNumber;
        headings.forEach((one) => one.removeAttribute("aria-sort"));
        heading.setAttribute("aria-sort", isRising ? "ascending" : "descending");
        sort(table, place, isRising);
      });
    });
  }

  /** @type {NodeListOf<HTMLDetailsElement>} */
  const found = document.querySelectorAll("main details");
  const folds = [...found];
  const unfold = document.getElementById("unfold");
  unfold?.removeAttribute("hidden");
  unfold?.addEventListener("click", () => {
    const isOpening = folds.some((fold) => !fold.open);
    for (const fold of folds) fold.open = isOpening;
  });

  /** Opens the part whose name the address holds. */
  function openNamed() {
    /** @type {HTMLDetailsElement | null | undefined} */
    const fold = document.getElementById(location.hash.slice(1))?.querySelector(":scope > details");
    if (fold) fold.open = true;
  }
  window.addEventListener("hashchange", openNamed);
  openNamed();
})();
