/** What is found on layers_map.js by words: zones, features, and the lots under them. */
"use strict";

const kcngeoLayersSearch = (() => {
  const { matcher, squeeze } = kcngeoSearch;

  return ({ features, base, zones }, talk, { openFeature, openLot, openZone }) => {
    const wordsOf = (words) => (typeof words === "object" && words ? Object.values(words) : [words]);
    const squeezed = (parts) => parts.flatMap(wordsOf).filter((part) => part).map(squeeze);
    let entries = null;
    const make = () => [
      ...zones.flatMap(({ id, name, geometry }, index) => (geometry ? [{
        keys: squeezed([id, name]), title: name, detail: () => talk.texts.zone,
        open: () => openZone(index) }] : [])),
      ...features.flatMap(({ name, facts, listed, zone, geometry }, index) => (geometry ? [{
        keys: squeezed([name, listed, zones[zone].name, ...facts.map(([, value]) => value)]),
        title: name, detail: () => talk.pick(listed) ?? talk.pick(zones[zone].name),
        open: (from) => openFeature(index, from) }] : [])),
      ...base.map((lot) => ({
        keys: squeezed([lot.id, lot.lot, zones[lot.zone].name, "lô", "lot"]),
        title: lot.lot ?? lot.id,
        detail: () => [lot.lot ? lot.id : null, talk.pick(zones[lot.zone].name)]
          .filter((part) => part).join(" · "),
        open: (from) => openLot(lot, from) })),
    ];
    return (query) => {
      entries ??= make();
      const matches = matcher(query);
      return entries.map((entry) => [entry, matches(entry.keys)])
        .filter(([, score]) => score !== null).sort(([, a], [, b]) => a - b)
        .map(([{ title, detail, open }]) => ({ title: talk.pick(title), detail: detail(), open }));
    };
  };
})();
