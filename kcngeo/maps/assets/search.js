/**
 * A field that finds things by words: "loc son cn9" finds lot CN9 of KCN Lộc Sơn, "bi5" finds BI-5.
 *
 * matcher(query) gives (keys) => how well they match (0 is best), or null; keys were squeezed.
 * field(talk, find) gives {node, close()}; find(query) gives [{title, detail, open()}], best first.
 */
"use strict";

const kcngeoSearch = (() => {
  const { el, own } = kcngeoElements;
  const MOST = 12;
  const MARKS = /\p{M}/gu;
  const SIGNS = /[^\p{L}\p{N}]/gu;

  const PLAIN = /^[ -~]*$/;

  /**
   * Letters and digits alone, without case and diacritics.
   * @param {string} text
   */
  function squeeze(text) {
    if (PLAIN.test(text)) return text.toLowerCase().replace(/[^a-z0-9]/g, "");
    return text.normalize("NFD").replace(MARKS, "").toLowerCase().replaceAll("đ", "d")
      .replace(SIGNS, "");
  }

  /**
   * @param {string} query
   * @returns {(keys: string[]) => number | null}
   */
  function matcher(query) {
    const whole = squeeze(query);
    const terms = query.split(/\s+/).map(squeeze).filter((term) => term);
    const last = terms.at(-1);
    if (last === undefined) return () => null;
    return (keys) => {
      if (!terms.every((term) => keys.some((key) => key.includes(term)))) return null;
      if (keys.includes(whole)) return 0;
      return keys.some((key) => key.startsWith(last)) ? 1 : 2;
    };
  }

  /**
   * @param {Talk} talk
   * @param {(query: string) => Found[]} find
   */
  function field(talk, find) {
    const input = el("input", {
      type: "search", role: "combobox", "aria-expanded": "false", "aria-controls": "kcn-found",
      "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false",
    });
    talk.name(talk.name(input, "placeholder", "search"), "aria-label", "search");
    const list = talk.name(
      el("ul", { id: "kcn-found", role: "listbox", hidden: true }), "aria-label", "search_found");
    const told = el("p", { class: "kcn-told", role: "status" });
    const node = el("div", { class: "kcn-search" }, input, list, told);
    /** @type {Found[]} */
    let results = [];
    let current = -1;

    function close() {
      const wasOpen = !list.hidden || told.textContent !== "";
      list.hidden = true;
      told.textContent = "";
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
      return wasOpen;
    }

    /** @param {number} index */
    function point(index) {
      current = index;
      [...list.children].forEach((item, k) => item.setAttribute("aria-selected", String(k === index)));
      const item = list.children[index];
      if (!item) return;
      input.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    }

    /** @param {number} index */
    function open(index) {
      const result = results[index];
      if (!result) return;
      close();
      result.open(input);
    }

    function show() {
      close();
      if (!input.value.trim()) return;
      const found = find(input.value);
      results = found.slice(0, MOST);
      list.replaceChildren(...results.map(({ title, detail }, k) => {
        const item = el("li", { id: `kcn-found-${k}`, role: "option", "aria-selected": "false" },
          el("b", {}, own(title)), el("span", {}, detail));
        item.addEventListener("pointerdown", (event) => event.preventDefault());
        item.addEventListener("click", () => open(k));
        return item;
      }));
      const more = found.length - results.length;
      told.textContent = !found.length ? talk.texts.search_none
        : more ? talk.texts.search_more.replace("{count}", String(more)) : "";
      list.hidden = !found.length;
      input.setAttribute("aria-expanded", String(found.length > 0));
      point(found.length ? 0 : -1);
    }

    input.addEventListener("input", show);
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      const step = Number(event.key === "ArrowDown") - Number(event.key === "ArrowUp");
      if (step && list.hidden) show();
      else if (step) point((current + step + results.length) % results.length);
      else if (event.key === "Enter" && !list.hidden) open(current);
      else if (event.key === "Enter") show();
      else if (event.key !== "Escape" || !close()) return;
      event.preventDefault();
    });
    return { node, close };
  }

  return { field, matcher, squeeze };
})();
