/**
 * The lots of the fill map: which are there in a month, and what they are painted with.
 *
 * Status colours stand only on land that is in the account of the month: leasable under the
 * definition, in a zone that counts and is computable. What is coloured is what the legend sums.
 */
"use strict";

const kcngeoFillLots = (() => {
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

  /**
   * @param {L.Map} map
   * @param {FillPayload} payload
   * @param {Parameters<typeof kcngeoPainter>[3]} page
   */
  return function fillLots(map, payload, page) {
    const lots = lotsOf(payload);
    const painter = kcngeoPainter(map, "kcngeo-parcels", payload, page);
    /** @type {number | null} */
    let only = null; // the one status shown in full colour
    /** @type {{lots: Lot[], painter: Painter} | null} */
    let earlier = null; // the same lots in the earlier month, once they are asked for

    /** @param {Lot} lot */
    const fade = (lot) => { lot.isFaded = only !== null && !((lot.shares?.[only] ?? 0) > 0); };

    /**
     * The lots that are there in a month, as they look in it.
     * @param {Lot[]} some
     * @param {MonthState} state
     * @param {((index: number) => Group | null) | null} groupOf
     */
    function dressed(some, state, groupOf) {
      some.forEach((lot) => dress(lot, state, payload, groupOf));
      const there = some.filter(({ isDrawn }) => isDrawn);
      there.forEach(fade);
      return there;
    }

    return {
      lots, painter, status: () => only,
      /**
       * Draws the lots of a month, and keeps them in its state; by a theme or by their status.
       * @param {MonthState} state
       * @param {((index: number) => Group | null) | null} groupOf
       */
      show(state, groupOf) {
        state.lots = dressed(lots, state, groupOf);
        state.lotsByZone = payload.zones.map(() => []);
        state.lots.forEach((lot) => state.lotsByZone[lot.parcel.zone].push(lot));
        painter.show(state.lots);
      },
      /**
       * Draws the lots of an earlier month beside them, or none.
       * @param {MonthState | null} state
       */
      showEarlier(state) {
        if (state && !earlier) {
          earlier = {
            lots: lotsOf(payload),
            painter: kcngeoPainter(map, "kcngeo-earlier", payload, {
              ...page, onClick: ({ index }, at) => page.onClick(lots[index], at),
            }),
          };
        }
        earlier?.painter.show(state ? dressed(earlier.lots, state, null) : []);
      },
      /**
       * Shows one status in full colour, or all.
       * @param {number | null} status
       */
      highlight(status) {
        if (status === only) return;
        only = status;
        const shown = lots.filter(({ isDrawn }) => isDrawn);
        shown.forEach(fade);
        painter.restyle(shown);
      },
    };
  };
})();
