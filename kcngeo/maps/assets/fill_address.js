/** What an address asks for on the fill map, see link.js. Nothing here knows the page. */
"use strict";

const kcngeoFillAddress = (() => {
  /**
   * Finds months, zone and switches; -1 for a month or zone that is not there or not asked for.
   * @param {Place} asked
   * @param {FillPayload} payload
   */
  function find(asked, { months, zones, language }) {
    /** @param {string | undefined} month */
    const placeOf = (month) => (
      month === undefined ? -1 : months.findIndex((day) => day.startsWith(month)));
    const off = new Set(asked.off?.split("|"));
    return {
      language: asked.lang === "vi" || asked.lang === "en" ? asked.lang : language,
      month: placeOf(asked.month), since: placeOf(asked.since),
      zone: zones.findIndex(({ id }) => id === asked.zone),
      hidden: zones.flatMap(({ id }, index) => (off.has(id) ? [index] : [])),
    };
  }

  /**
   * The lot that is asked for, and when to look at it: in a month, or where that is not asked for and
   * the lot is no more, or not yet, in its last.
   * @param {Place} asked
   * @param {FillPayload} payload
   * @param {number} month
   */
  function lotOf(asked, { parcels }, month) {
    const versions = parcels.flatMap(({ id }, index) => (id === asked.lot ? [index] : []));
    const then = versions.find((index) => (
      kcngeoSteps.isIn(month, parcels[index].from, parcels[index].to)));
    if (then !== undefined) return { index: then, month };
    const last = asked.month ? undefined : versions.at(-1);
    return last === undefined ? null : { index: last, month: parcels[last].to - 1 };
  }

  /**
   * What is asked for and not on the map, as it was asked.
   * @param {Place} asked
   * @param {ReturnType<typeof find>} found
   * @param {{isTheme: boolean, isLot: boolean}} known
   */
  const lostOf = (asked, { month, since, zone }, { isTheme, isLot }) => [
    isTheme ? null : asked.theme, month < 0 ? asked.month : null, since < 0 ? asked.since : null,
    zone < 0 ? asked.zone : null, isLot ? null : asked.lot,
  ].filter((words) => words);

  return { find, lotOf, lostOf };
})();
