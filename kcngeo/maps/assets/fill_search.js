/**
 * What is found on the fill map: zones by name, lots by number, parcel and investor, at any time;
 * a lot that is not there in the month shown is opened in the nearest month in which it is.
 */
"use strict";

const kcngeoFillSearch = (() => {
  const { matcher, squeeze } = kcngeoSearch;
  const { lotName } = kcngeoPage;

  /** @typedef {ReturnType<typeof entriesOf>[number]} Findable */

  /**
   * Everything that can be found, with its words squeezed.
   * @param {FillPayload} payload
   */
  function entriesOf({ zones, parcels }) {
    const names = zones.map(({ id, name }) => [name, id, "lô", "lot"].map(squeeze));
    return parcels.map((parcel, index) => ({
      index,
      keys: [squeeze(parcel.lot ?? ""), squeeze(parcel.id), ...names[parcel.zone]],
      people: (parcel.entries ?? []).flatMap(([from, to, , , , who]) => (
        who ? [{ from, to, who, key: squeeze(who) }] : [])),
    }));
  }

  /** @type {(from: number, to: number, month: number) => number} */
  const nearest = (from, to, month) => Math.max(from, Math.min(month, to - 1));

  /**
   * @param {FillPayload} payload
   * @param {Talk} talk
   * @param {{month: () => number, openZone: (index: number) => void,
   *   openLot: (index: number, month: number, from?: HTMLElement) => void}} page
   * @returns {(query: string) => Found[]}
   */
  return (payload, talk, { month, openLot, openZone }) => {
    const { zones, parcels, months } = payload;
    /** @type {Findable[] | null} */
    let known = null; // made when first asked for

    /**
     * How well a lot matches, when to look at it, and through whom it was found.
     * @param {Findable} entry
     * @param {(keys: string[]) => number | null} matches
     */
    function rate({ index, keys, people }, matches) {
      const { from, to } = parcels[index];
      const bySelf = matches(keys);
      if (bySelf !== null) return { score: bySelf, at: nearest(from, to, month()), who: null };
      const found = people.flatMap(({ from: since, to: until, who, key }) => {
        const score = matches([...keys, key]);
        return score === null ? [] : [{ score, at: nearest(since, until, month()), who }];
      });
      return found.sort((a, b) => Math.abs(a.at - month()) - Math.abs(b.at - month()))[0] ?? null;
    }

    /**
     * @param {Findable[]} entries
     * @param {(keys: string[]) => number | null} matches
     */
    function lotsFor(entries, matches) {
      /** @typedef {NonNullable<ReturnType<typeof rate>>} Rated */
      /** @type {Map<string, Rated & {far: number, parcel: FillParcel, index: number}>} */
      const byId = new Map(); // of several versions of a parcel the one nearest in time
      for (const entry of entries) {
        const found = rate(entry, matches);
        if (!found) continue;
        const parcel = parcels[entry.index];
        const far = Math.abs(found.at - month());
        const before = byId.get(parcel.id);
        if (!before || far < before.far) byId.set(parcel.id, { ...found, far, parcel, index: entry.index });
      }
      return [...byId.values()].sort((a, b) => a.score - b.score || Number(a.far > 0) - Number(b.far > 0));
    }

    return (query) => {
      known ??= entriesOf(payload);
      const matches = matcher(query);
      const named = zones.map(({ name, id }, index) => (
        { index, name, score: matches([squeeze(name), squeeze(id)]) }));
      return [
        ...named.filter(({ score }) => score !== null).map(({ index, name }) => (
          { title: name, detail: talk.texts.zone, open: () => openZone(index) })),
        ...lotsFor(known, matches).map(({ parcel, index, at, far, who }) => ({
          title: lotName({ parcel }, talk.texts),
          detail: [parcel.lot ? parcel.id : null, zones[parcel.zone].name, who,
            far ? talk.say.month(months[at]) : null].filter((part) => part).join(" · "),
          open: (/** @type {HTMLElement | undefined} */ from) => openLot(index, at, from),
        })),
      ];
    };
  };
})();
