/** Which zones the fill map shows in a month, which of them count, and what is said of them. */
"use strict";

const kcngeoFillState = (() => {
  const { isIn } = kcngeoSteps;

  /**
   * The state of a month, without its lots.
   * @param {FillPayload} payload
   * @param {number} index
   * @param {Set<number>} hidden
   * @returns {MonthState}
   */
  function of(payload, index, hidden) {
    const zones = payload.zones.map((zone, place) => {
      const reasons = zone.reasons.filter(([from, to]) => isIn(index, from, to));
      const rate = zone.rates[index];
      const shape = zone.shapes.find(([from, to]) => isIn(index, from, to));
      return {
        zone, rate, reasons: reasons.map(([, , why]) => why), isShown: !hidden.has(place),
        isCounted: reasons.length === 0 && rate !== null, geometry: shape ? shape[2] : null,
        // Of a zone without lots: where it lies, and its account as stated; 0 where it is measured.
        place: shape ? null : zone.place ?? null, stated: zone.stated ? zone.stated[index] : 0,
        declared: zone.declared && zone.declared[0] <= index ? zone.declared[1] : null,
        claim: zone.claim && zone.claim[0] <= index ? zone.claim[1] : null,
      };
    });
    const definition = payload.definitions[payload.month_definition[index]];
    return { index, definition, zones, lots: [], lotsByZone: [] };
  }

  return { of };
})();
