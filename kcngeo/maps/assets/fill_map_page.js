/**
 * What the fill map says of a lot and of a zone. Nothing here knows the map or computes a share.
 */
"use strict";

const kcngeoPage = (() => {
  const { el, own, swatch } = kcngeoElements;
  const STATUSES = ["leased", "reserved", "recovering", "repurposed", "uncleared", "available"];
  const MARKS = STATUSES.map((_, k) => String(k + 1)); // the same without colour
  const NO_STATUS = "#ffffff";

  /** @type {(texts: Talk["texts"], use: string) => string} */
  const useName = (texts, use) => texts[`use_${use}`] ?? use;

  /**
   * @param {Pick<ZoneState, "reasons" | "rate">} state
   * @param {Talk} talk
   */
  function rateInWords({ reasons, rate }, { texts, say }) {
    if (reasons.length) return texts.not_computable;
    if (rate === null) return texts.not_counted;
    if (rate[1] === null) return texts.not_published;
    return rate[2] === null ? texts.nothing_leasable : say.percent(rate[2]);
  }

  /** @type {(lot: {parcel: FillParcel}, texts: Talk["texts"]) => string} */
  const lotName = ({ parcel }, texts) => (parcel.lot ? `${texts.lot} ${parcel.lot}` : parcel.id);

  /**
   * The positions of the statuses a lot has.
   * @param {Lot} lot
   */
  const statusesOf = ({ shares }) => (shares ?? []).flatMap((share, k) => (share > 0 ? [k] : []));

  /**
   * What a tooltip says after the name.
   * @param {Lot} lot
   * @param {Talk["texts"]} texts
   */
  function lotInWords(lot, texts) {
    if (!lot.shares) return useName(texts, lot.parcel.use);
    return statusesOf(lot).map((k) => texts[STATUSES[k]]).join(" + ");
  }

  /**
   * The part of an entry in words: status, hectares, who, by which paper.
   * @param {LedgerEntry} entry
   * @param {FillParcel} parcel
   * @param {Talk} talk
   */
  function entryInWords([, , status, area, document, investor], parcel, { texts, say }) {
    const told = [texts[status] ?? status, say.hectares(area ?? parcel.area_ha)];
    const named = [investor, document].flatMap((part) => (part ? [" · ", own(part)] : []));
    return el("li", {}, told.join(" · "), ...named);
  }

  /**
   * What stands beside the rate of a zone: that it is declared, what else was claimed, and that
   * nobody knows where it lies.
   * @param {ZoneState} state
   * @param {Talk} talk
   */
  function beside({ zone, place, stated, claim }, { texts, pick }) {
    const isSomewhere = zone.shapes.length > 0 || place;
    return [
      ...(stated ? [el("small", {}, ` ${texts.declared}`)] : []),
      ...(claim ? [el("small", {}, ` ${texts.claimed} ${pick(claim)}`)] : []),
      ...(isSomewhere ? [] : [el("small", {}, ` ${texts.no_place}`)]),
    ];
  }

  /** @type {(name: string, value: string) => HTMLElement[]} */
  const fact = (name, value) => [el("dt", {}, name), el("dd", {}, value)];

  /**
   * The statuses of a lot with their hectares.
   * @param {Lot} lot
   * @param {FillPayload["colors"]} colors
   * @param {Talk} talk
   */
  function statusList(lot, colors, { texts, say }) {
    return el("ul", { class: "kcn-shares" }, ...statusesOf(lot).map((k) => el("li", {},
      swatch(colors[STATUSES[k]], MARKS[k]), el("span", {}, texts[STATUSES[k]]),
      el("span", { class: "kcn-number" }, say.hectares((lot.shares?.[k] ?? 0) * lot.parcel.area_ha)))));
  }

  /**
   * What the popup of a zone says, in an overview.
   * @param {Lot} lot
   * @param {FillPayload} payload
   * @param {Talk} talk
   */
  function describeZone(lot, { colors }, talk) {
    const { texts, say } = talk;
    return el("div", {}, el("h3", {}, own(lot.zone.name)), ...(lot.shares ? [
      el("dl", {}, ...fact(texts.total, say.hectares(lot.parcel.area_ha))),
      statusList(lot, colors, talk),
    ] : []));
  }

  /**
   * What the popup of a lot says.
   * @param {Lot} lot
   * @param {MonthState} state
   * @param {FillPayload} payload
   * @param {Talk} talk
   */
  function describeLot(lot, { index: month, definition }, { colors }, talk) {
    const { texts, say } = talk;
    const { parcel, zone, shares } = lot;
    const node = el("div", {}, el("h3", {}, own(lotName(lot, texts))), el("dl", {},
      ...fact(texts.zone, zone.name), ...fact(texts.land_use, useName(texts, parcel.use)),
      ...fact(texts.area, say.hectares(parcel.area_ha)), ...fact(texts.parcel, parcel.id)));
    if (shares) {
      node.append(statusList(lot, colors, talk));
    } else if (definition.uses.includes(parcel.use)) {
      node.append(el("p", { class: "kcn-note" }, texts.no_status));
    }
    const entries = (parcel.entries ?? []).filter(([from, to]) => from <= month && month < to);
    if (entries.length) {
      node.append(el("h4", {}, texts.entries),
        el("ul", {}, ...entries.map((entry) => entryInWords(entry, parcel, talk))));
    }
    return node;
  }

  return {
    STATUSES, MARKS, NO_STATUS,
    useName, rateInWords, lotName, lotInWords, statusesOf, describeLot,
    describeZone, beside,
  };
})();
