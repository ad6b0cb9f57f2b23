/**
 * The panel of layers_map.js: the legend, whose lines switch groups and count what is shown; the
 * zones with their switches; the list of what matters.
 */
"use strict";

const kcngeoLayersPanel = (() => {
  const { el, own, swatch, inkOn } = kcngeoElements;
  const { zoneSwitch } = kcngeoShell;

  /**
   * The key of a group, as it is drawn, with its mark.
   * @param {Group} group
   */
  function keyOf({ color, style, mark }) {
    const isFilled = style === "area" || style === "point" || style === "pin";
    return el("i", {
      class: `kcn-swatch kcn-${style}`, "aria-hidden": "true",
      style: isFilled ? `background:${color};color:${inkOn(color)}` : `border-color:${color}`,
    }, ["line", "dashed", "dotted"].includes(style) ? "" : mark);
  }

  /**
   * What is said of a feature.
   * @param {Pick<Feature, "name" | "facts" | "notes">} feature
   * @param {Group} group
   * @param {Words[]} labels
   * @param {Talk} talk
   */
  function describe({ name, facts, notes }, group, labels, { pick }) {
    return el("div", {}, el("h3", {}, own(pick(name))),
      el("p", { class: "kcn-group" }, keyOf(group), pick(group.label)),
      el("dl", {}, ...facts.flatMap(([label, value]) => [
        el("dt", {}, pick(labels[label])), el("dd", {}, own(pick(value)))])),
      ...notes.map((words) => el("p", { class: "kcn-source" }, pick(words))));
  }

  /**
   * What is said of a lot under the features.
   * @param {BaseLot} lot
   * @param {LayersPayload} payload
   * @param {Talk} talk
   */
  function describeLot({ id, lot, use, zone }, { uses, zones }, { texts, pick }) {
    return el("div", {}, el("h3", {}, own(lot ? `${texts.lot} ${lot}` : id)),
      el("p", { class: "kcn-group" }, swatch(uses[use].color), pick(uses[use].label)),
      el("p", {}, own(id), " · ", own(pick(zones[zone].name))));
  }

  /**
   * The lines of the legend. show(features, isOn, open): what is drawn now, whether a group is, and
   * of which groups nobody can say that there are none.
   * @param {Pick<LayersPayload, "groups" | "notes" | "uses">} payload
   * @param {Talk} talk
   * @param {(group: number) => void} onGroup
   */
  function buildLegend(payload, talk, onGroup) {
    const total = el("span", { class: "kcn-number" });
    const rows = payload.groups.map((group, index) => {
      const figures = el("span", { class: "kcn-number" });
      const label = el("span", {});
      const button = talk.name(el("button", { type: "button", "aria-pressed": "true" },
        keyOf(group), label, figures), "title", "toggle");
      button.addEventListener("click", () => onGroup(index));
      talk.always(() => { label.textContent = talk.pick(group.label); });
      return { button, figures };
    });
    const notes = payload.notes.map((words) => {
      const node = el("p", { class: "kcn-note" });
      talk.always(() => { node.textContent = talk.pick(words); });
      return node;
    });
    const uses = payload.uses.map(({ label, color }) => {
      const words = el("span", {});
      talk.always(() => { words.textContent = talk.pick(label); });
      return el("li", {}, swatch(color), words);
    });
    const node = el("section", { class: "kcn-account" }, el("h2", {}, talk.text("legend")),
      el("ul", { class: "kcn-legend kcn-toggles" }, ...rows.map(({ button }) => el("li", {}, button))),
      el("p", { class: "kcn-total" }, el("span", {}, talk.text("shown")), total), ...notes,
      ...(uses.length ? [el("h3", {}, talk.text("uses")), el("ul", { class: "kcn-uses" }, ...uses)] : []));

    /**
     * What the legend says is what is drawn: hidden groups and zones count nothing.
     * @param {{group: number, area_ha?: number | null}[]} features
     * @param {(group: number) => boolean} isOn
     * @param {Set<number>} [open]
     */
    function show(features, isOn, open = new Set()) {
      rows.forEach(({ button, figures }, index) => {
        const mine = features.filter(({ group }) => group === index);
        const areas = mine.flatMap(({ area_ha: area }) => area ?? []);
        const sum = areas.reduce((a, b) => a + b, 0);
        button.setAttribute("aria-pressed", String(isOn(index)));
        button.classList.toggle("kcn-off", !isOn(index));
        const count = mine.length || !open.has(index) ? talk.say.number(mine.length, 0) : "";
        figures.textContent = areas.length ? `${count} · ${talk.say.hectares(sum)}` : count;
      });
      total.textContent = talk.say.number(features.length, 0);
    }
    return { node, show };
  }

  /**
   * The zones with a switch and a word about each.
   * @param {LayersPayload} payload
   * @param {Talk} talk
   * @param {(index: number) => void} onZone
   * @param {(index: number, isShown: boolean) => void} onSwitch
   */
  function buildZones({ zones }, talk, onZone, onSwitch) {
    const items = zones.map(({ name, facts }, index) => {
      const called = own("");
      talk.always(() => { called.textContent = talk.pick(name); });
      const button = el("button", { type: "button", class: "kcn-name" }, called);
      button.addEventListener("click", () => onZone(index));
      const box = zoneSwitch(name, talk, (isShown) => onSwitch(index, isShown));
      const count = el("span", { class: "kcn-number" });
      const lines = (facts ?? []).map((words) => {
        const line = el("p", { class: "kcn-detail kcn-long" });
        talk.always(() => { line.textContent = talk.pick(words); });
        return line;
      });
      const item = el("li", {}, el("div", { class: "kcn-zone" }, box, button), count, ...lines);
      return { item, box, count };
    });
    const node = el("section", { class: "kcn-zones" }, el("h2", {}, talk.text("by_zone")),
      el("ul", {}, ...items.map(({ item }) => item)));

    /**
     * @param {Feature[]} features
     * @param {(index: number) => boolean} isShown
     */
    function show(features, isShown) {
      items.forEach(({ box, count }, index) => {
        box.checked = isShown(index);
        count.textContent = talk.texts.features_count.replace(
          "{count}", String(features.filter(({ zone }) => zone === index).length));
      });
    }
    return { node, show };
  }

  /**
   * What the list holds, in the order of the payload.
   * @param {Entry[]} features
   * @param {ListWords} words
   * @param {Talk} talk
   * @param {(position: number, button: HTMLElement) => void} onName
   */
  function buildList(features, words, talk, onName) {
    const listed = features.flatMap((feature, index) => (
      feature.listed === null ? [] : [{ feature, index, entry: feature.listed }]));
    const title = el("h2", {});
    const node = el("section", { class: "kcn-zones kcn-list" }, title);
    const empty = el("p", { class: "kcn-detail" });
    const more = el("p", { class: "kcn-detail" });
    const all = listed.length + (words.more ?? 0);
    /** @type {number | null} */
    let shown = all; // null of a zone that may have some of those left out
    function entitle() {
      title.textContent = talk.pick(words.list) + (shown === null ? "" : ` (${talk.say.number(shown, 0)})`);
      empty.textContent = shown === 0 ? talk.pick(words.list_empty) : "";
    }
    talk.always(() => {
      entitle();
      if (words.more) more.textContent = talk.texts.theme_list_more.replace("{count}", String(words.more));
    });
    const rows = listed.map(({ feature, index, entry }) => {
      const detail = el("p", { class: "kcn-detail" });
      const name = el("span", {});
      talk.always(() => {
        name.textContent = talk.pick(feature.name);
        detail.textContent = talk.pick(entry);
      });
      const number = el("span", { class: "kcn-list-number" }, `${feature.number}`);
      if (!feature.geometry) {
        return el("li", {}, el("b", { class: "kcn-placeless" }, number, name), detail);
      }
      const button = el("button", { type: "button", class: "kcn-name" }, number, name);
      button.addEventListener("click", () => onName(index, button));
      return el("li", {}, button, detail);
    });
    node.append(empty, el("ul", {}, ...rows), ...(words.more ? [more] : []));

    /**
     * Shows the entries of one zone, or of all.
     * @param {number | null} zone
     */
    function show(zone) {
      rows.forEach((row, k) => {
        row.hidden = zone !== null && listed[k].feature.zone !== zone;
      });
      const there = words.more ? null : rows.filter((row) => !row.hidden).length;
      shown = zone === null ? all : there;
      entitle();
    }
    return { node, show };
  }

  return { describe, describeLot, buildLegend, buildZones, buildList };
})();
