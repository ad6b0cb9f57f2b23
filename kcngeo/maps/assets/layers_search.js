/** What is found on layers_map.js by words: zones, features, and the lots under them. */
"use strict";

const kcngeoLayersSearch = (() => {
  const { matcher, squeeze } = kcngeoSearch;

  /**
   * @param {LayersPayload} payload
   * @param {Talk} talk
   * @param {{openFeature: (index: number, from?: HTMLElement) => void,
   *   openLot: (lot: BaseLot, from?: HTMLElement) => void, openZone: (index: number) => void}} page
   * @returns {(query: string) => Found[]}
   */
  return ({ features, base, zones }, talk, { openFeature, openLot, openZone }) => {
    /** @type {(words: Words | null) => string[]} */
    const wordsOf = (words) => (typeof words === "object" ? Object.values(words ?? {}) : [words]);
    /** @type {(parts: (Words | null)[]) => string[]} */
    const squeezed = (parts) => parts.flatMap(wordsOf).filter((part) => part).map(squeeze);
    /**
     * @typedef {object} Findable
     * @property {string[]} keys
     * @property {Words} title
     * @property {() => string} detail
     * @property {Found["open"]} open
     */
    /** @type {Findable[] | null} */
    let entries = null;
    /** @returns {Findable[]} */
    const make = () => [
      ...zones.flatMap(({ id, name, geometry }, index) => (geometry ? [{
        keys: squeezed([id, name]), title: name, detail: () => talk.texts.zone,
        open: () => openZone(index) }] : [])),
      ...features.flatMap(({ name, facts, listed, zone, geometry }, index) => (geometry ? [{
        keys: squeezed([name, listed, zones[zone].name, ...facts.map(([, value]) => value)]),
        title: name, detail: () => talk.pick(listed ?? zones[zone].name),
        open: (/** @type {HTMLElement | undefined} */ from) => openFeature(index, from) }] : [])),
      ...base.map((lot) => ({
        keys: squeezed([lot.id, lot.lot, zones[lot.zone].name, "lô", "lot"]),
        title: lot.lot ?? lot.id,
        detail: () => [lot.lot ? lot.id : null, talk.pick(zones[lot.zone].name)]
          .filter((part) => part).join(" · "),
        open: (/** @type {HTMLElement | undefined} */ from) => openLot(lot, from) })),
    ];
    return (query) => {
      entries ??= make();
      const matches = matcher(query);
      return entries.flatMap((entry) => {
        const score = matches(entry.keys);
        return score === null ? [] : [{ entry, score }];
      }).sort((a, b) => a.score - b.score)
        .map(({ entry: { title, detail, open } }) => ({ title: talk.pick(title), detail: detail(), open }));
    };
  };
})();
