/**
 * What the fill map shows in a month: which zones count, which lots are there and what they are
 * painted with.
 *
 * Status colours stand only on land that is in the account of the month: leasable under the
 * definition, in a zone that counts and is computable. What is coloured is what the legend sums.
 */
"use strict";

const kcngeoFillState = (() => {
  const { NO_STATUS } = kcngeoPage;
  const { isIn, stepAt } = kcngeoSteps;

  /**
   * The lots of a payload, before they are dressed for a month.
   * @param {FillPayload} payload
   * @returns {Lot[]}
   */
  const lotsOf = ({ parcels, zones }) => parcels.map((parcel, index) => ({
    parcel, index, zone: zones[parcel.zone], isDrawn: false, state: null, shares: null,
    pale: NO_STATUS, paint: null, group: undefined, isFaded: false, isSelected: false,
  }));

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

  /**
   * Decides whether a lot is there in a month, and what it is painted with: by its status, or by the
   * group of the theme that is shown.
   * @param {Lot} lot
   * @param {MonthState} state
   * @param {FillPayload} payload
   * @param {((index: number) => Group | null) | null} groupOf
   */
  function dress(lot, { index, definition: { uses }, zones }, payload, groupOf) {
    const { parcel } = lot;
    const zone = zones[parcel.zone];
    lot.isDrawn = isIn(index, parcel.from, parcel.to) && zone.isShown;
    if (!lot.isDrawn) return;
    const isLeasable = uses.includes(parcel.use);
    lot.state = isLeasable && zone.isCounted ? stepAt(parcel.states, index) : null;
    lot.shares = lot.state === null ? null : payload.states[lot.state];
    const isBlank = !groupOf && (isLeasable || zone.reasons.length > 0);
    lot.pale = isBlank ? NO_STATUS : payload.use_colors[parcel.use] ?? NO_STATUS;
    lot.group = groupOf ? groupOf(lot.index) : undefined;
    lot.paint = groupOf ? lot.group?.color ?? lot.pale : null;
  }

  return { lotsOf, of, dress };
})();
