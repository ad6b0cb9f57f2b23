/**
 * What changes when on the fill map, told from its payload alone: the shares of a lot in a month,
 * what moved between two months, what happened in one. Nothing here knows the page.
 *
 * kcngeoSteps.of(payload) gives
 *   sharesOf(index, month)  the shares of a lot in the account of a month; null outside of it
 *   between(since, until)   what moved, most land first; the kinds are those of KINDS
 *   movesIn(month)          the same of one month against the month before
 *   eventsIn(month)         [{kind, zone, from, to}]: a "base" that is another (in hectares), a
 *                           "boundary", lots "redrawn" (to: how many), a zone that "begins" to
 *                           count, a "definition" (zone null)
 *   months                  the months in which anything of this happened, ascending
 */
"use strict";

const kcngeoSteps = (() => {
  /** @type {MoveKind[]} */
  const KINDS = ["let", "given_up", "came", "other"];
  /** @type {Record<MoveKind, number>} */
  const RANKS = { let: 0, given_up: 0, came: 1, other: 2 };
  const NOTHING = 1e-6; // of a share; below it is what rounding leaves over
  const NO_AREA_HA = 0.005; // told with two decimals

  /** @type {(month: number, from: number, to: number) => boolean} */
  const isIn = (month, from, to) => from <= month && month < to;

  /**
   * The value of the last step that has begun; steps ascend.
   * @param {[from: number, value: number][]} steps
   * @param {number} month
   */
  function stepAt(steps, month) {
    let found = null;
    for (const [from, value] of steps) {
      if (from > month) break;
      found = value;
    }
    return found;
  }

  /**
   * Whether a zone is in the account of a month.
   * @type {(zone: FillZone, month: number) => boolean}
   */
  const isCounted = ({ rates, reasons }, month) => (
    rates[month] !== null && !reasons.some(([from, to]) => isIn(month, from, to)));

  /** @param {FillPayload} payload */
  function of({ months, parcels, zones, states, definitions, month_definition: inForce }) {
    const all = parcels.map((_, index) => index);
    /** @type {Map<string, number[]>} */
    const versions = new Map(); // by id the lots that share it, by when
    /** @type {number[][]} */
    const touched = months.map(() => []); // lots that may be another than the month before
    parcels.forEach(({ id, from, states: steps }, index) => {
      const known = versions.get(id);
      if (known) known.push(index);
      else versions.set(id, [index]);
      touched[from].push(index);
      for (const [month] of steps) if (month !== from) touched[month].push(index);
    });
    /** @type {(id: string, month: number) => number | undefined} */
    const atMonth = (id, month) => versions.get(id)?.find((index) => (
      isIn(month, parcels[index].from, parcels[index].to)));

    /**
     * @param {number} index
     * @param {number} month
     */
    function sharesOf(index, month) {
      const { from, to, use, zone, states: steps } = parcels[index];
      const isInAccount = isIn(month, from, to) && isCounted(zones[zone], month)
        && definitions[inForce[month]].uses.includes(use);
      const state = isInAccount ? stepAt(steps, month) : null;
      return state === null ? null : states[state];
    }

    /**
     * What moved in a lot, or null.
     * @param {number} index
     * @param {number} since
     * @param {number} until
     * @returns {Move | null}
     */
    function moveOf(index, since, until) {
      const after = sharesOf(index, until);
      if (!after) return null;
      const { id, area_ha: area } = parcels[index];
      const earlier = atMonth(id, since);
      const before = earlier === undefined ? null : sharesOf(earlier, since);
      if (earlier === undefined || !before) return { index, kind: "came", hectares: area };
      if (after.every((share, k) => Math.abs(share - before[k]) <= NOTHING)) return null;
      const more = after[0] - before[0];
      if (Math.abs(more) <= NOTHING) return { index, kind: "other", hectares: area };
      return {
        index, kind: more > 0 ? "let" : "given_up",
        hectares: after[0] * area - before[0] * parcels[earlier].area_ha,
      };
    }

    /**
     * @param {number} since
     * @param {number} until
     */
    function between(since, until, some = all) {
      return some.map((index) => moveOf(index, since, until)).filter((one) => one !== null)
        .sort((a, b) => RANKS[a.kind] - RANKS[b.kind]
          || Math.abs(b.hectares) - Math.abs(a.hectares));
    }

    /** @type {Move[][]} */
    const moves = []; // by month, as far as they were asked for
    /** @param {number} month */
    function movesIn(month) {
      if (month < 1) return [];
      moves[month] ??= between(month - 1, month, touched[month]);
      return moves[month];
    }

    /**
     * @param {number} month
     * @returns {Happening[]}
     */
    function eventsIn(month) {
      if (month < 1) return [];
      const redrawn = new Map();
      for (const index of touched[month]) {
        const { id, from, zone } = parcels[index];
        const isRedrawn = from === month && atMonth(id, month - 1) !== undefined;
        if (isRedrawn) redrawn.set(zone, (redrawn.get(zone) ?? 0) + 1);
      }
      const ofZones = zones.flatMap((zone, place) => {
        const [was, is] = [zone.rates[month - 1], zone.rates[month]];
        /** @type {Omit<Happening, "zone">[]} */
        const told = [];
        if (was === null && is !== null) told.push({ kind: "begins" });
        if (zone.shapes.some(([from]) => from === month)
          && zone.shapes.some(([, to]) => to === month)) told.push({ kind: "boundary" });
        if (redrawn.has(place)) told.push({ kind: "redrawn", to: redrawn.get(place) });
        const isKnown = [month - 1, month].every((one) => isCounted(zone, one));
        const [from, to] = [was?.[1] ?? null, is?.[1] ?? null];
        if (isKnown && from !== null && to !== null && Math.abs(to - from) >= NO_AREA_HA) {
          told.push({ kind: "base", from, to });
        }
        return told.map((one) => ({ zone: place, ...one }));
      });
      const isOther = inForce[month] !== inForce[month - 1];
      return isOther ? [{ kind: "definition", zone: null }, ...ofZones] : ofZones;
    }

    return {
      sharesOf, between, movesIn, eventsIn,
      months: months.map((_, month) => month)
        .filter((month) => eventsIn(month).length || movesIn(month).length),
    };
  }

  return { KINDS, isIn, stepAt, of };
})();
