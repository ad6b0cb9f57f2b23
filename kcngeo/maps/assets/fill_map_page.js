/**
 * What stands round the map of fill_map.js: the months at the foot, the panel with the account and
 * the zones' rates, and what is said of one lot. Nothing here knows the map or computes a share.
 *
 * The state of a month, as fill_map.js gives it:
 *   index, definition
 *   lots    the lots that exist: [{parcel, zone, shares}]; shares are null outside the account
 *   zones   all zones, as in the payload: [{zone, reasons, rate, isCounted, geometry}];
 *           geometry is null while the zone is not there
 */
"use strict";

const kcngeoPage = (() => {
  const { el, svg, swatch, shell, zoneMenu } = kcngeoShell;
  const STATUSES = ["leased", "reserved", "recovering", "repurposed", "uncleared", "available"];
  const NO_STATUS = "#ffffff";
  const YEAR_PX = 44;

  // ---- the frame ------------------------------------------------------------------------------
  /** Puts the map into the page and gives the parts that change with the month. */
  function buildFrame(map, { months, zones, ...payload }) {
    const { texts } = payload;
    const last = Math.max(1, months.length - 1);
    const parts = {
      zone: zoneMenu(zones, texts),
      play: el("button", { type: "button", class: "kcn-play" }),
      month: el("output", { class: "kcn-month", for: "kcn-slider" }),
      slider: el("input", {
        type: "range", id: "kcn-slider", min: 0, max: months.length - 1, step: 1,
        "aria-label": texts.month,
      }),
    };
    const years = el("div", { class: "kcn-years", "aria-hidden": "true" });
    const foot = el("div", { class: "kcn-time" }, parts.play, parts.month,
      el("div", { class: "kcn-track" }, parts.slider, years, bands(payload, last)));
    const onResize = () => drawYears(years, months, last);
    return { ...parts, ...shell(map, payload, { zone: parts.zone, foot, onResize }) };
  }

  /** Under the slider, for how long which definition is used. */
  function bands({ definitions, month_definition: inForce }, last) {
    const row = el("div", { class: "kcn-bands", "aria-hidden": "true" });
    for (let from = 0, to = 1; from < inForce.length; from = to, to += 1) {
      while (to < inForce.length && inForce[to] === inForce[from]) to += 1;
      const left = Math.max(0, from - 0.5) / last;
      const right = Math.min(last, to - 0.5) / last;
      const { id, label } = definitions[inForce[from]];
      row.append(el("span", {
        title: `${id} – ${label}`, style: `left:${100 * left}%;width:${100 * (right - left)}%`,
      }, `${id} – ${label}`));
    }
    return row;
  }

  function drawYears(row, months, last) {
    const room = YEAR_PX / Math.max(YEAR_PX, row.clientWidth);
    row.replaceChildren();
    let free = 1; // from the last year back, as the first one is often a part of a year
    for (let i = months.length - 1; i >= 0; i -= 1) {
      const year = months[i].slice(0, 4);
      if (i > 0 && year === months[i - 1].slice(0, 4)) continue;
      const isLate = i / last > 1 - room;
      const [left, right] = isLate ? [i / last - room, i / last] : [i / last, i / last + room];
      if (right > free || left < 0) continue;
      free = left;
      row.prepend(el("span", {
        class: isLate ? "kcn-late" : null, style: `left:${(100 * i) / last}%`,
      }, year));
    }
  }

  // ---- the panel ------------------------------------------------------------------------------
  const useName = (texts, use) => texts[`use_${use}`] ?? use;

  function rateInWords({ reasons, rate }, texts, say) {
    if (reasons.length) return texts.not_computable;
    if (rate === null) return texts.not_counted;
    return rate[2] === null ? texts.nothing_leasable : say.percent(rate[2]);
  }

  /** A zone's rate over the months, broken where the definition changes or nothing is known. */
  function sparkline({ rates, reasons }, laws) {
    const last = Math.max(1, laws.length - 1);
    let path = "";
    let isDrawing = false;
    rates.forEach((rate, i) => {
      const isBlocked = reasons.some(([from, to]) => from <= i && i < to);
      if (!rate || rate[2] === null || isBlocked) { isDrawing = false; return; }
      isDrawing = isDrawing && laws[i] === laws[i - 1];
      path += `${isDrawing ? "L" : "M"}${(100 * i) / last} ${23 - 22 * rate[2]}`;
      if (!isDrawing) path += "h0.01";
      isDrawing = true;
    });
    const now = svg("line", { y1: 0, y2: 24, class: "kcn-now" });
    const chart = svg("svg", {
      viewBox: "0 0 100 24", preserveAspectRatio: "none", class: "kcn-spark", "aria-hidden": "true",
    }, svg("path", { d: "M0 1H100M0 23H100", class: "kcn-grid" }), svg("path", { d: path }), now);
    const mark = (i) => ["x1", "x2"].forEach((key) => now.setAttribute(key, (100 * i) / last));
    return { chart, mark };
  }

  /** The legend with its hectares. onStatus(index or null): the one status to be shown in full. */
  function buildAccount({ texts, ...payload }, say, onStatus) {
    const colors = STATUSES.map((status) => payload.colors[status]);
    let only = null;
    const bar = el("div", { class: "kcn-bar", "aria-hidden": "true" });
    const rows = STATUSES.map((status, k) => {
      const area = el("span", { class: "kcn-number" });
      const button = el("button", { type: "button", title: texts.show_only, "aria-pressed": "false" },
        swatch(colors[k]), el("span", {}, texts[status]), area);
      const part = el("i", { style: `background:${colors[k]}` });
      bar.append(part);
      button.addEventListener("click", () => {
        only = only === k ? null : k;
        rows.forEach((row, j) => row.button.setAttribute("aria-pressed", only === j));
        onStatus(only);
      });
      return { area, button, part };
    });
    const total = el("span", { class: "kcn-number" });
    const note = el("p", { class: "kcn-note" });
    const others = el("ul", { class: "kcn-uses" });
    const othersTitle = el("h3", {}, texts.other_uses);
    const halves = [0, 5].map((k) => `${colors[k]} ${k ? 4 : 0}px ${k ? 8 : 4}px`).join(",");
    const node = el("section", { class: "kcn-account" },
      el("h2", {}, texts.account), bar,
      el("ul", { class: "kcn-legend" }, ...rows.map(({ button }) => el("li", {}, button))),
      el("p", { class: "kcn-total" }, el("span", {}, texts.total), total), note,
      el("p", { class: "kcn-key" }, swatch(`repeating-linear-gradient(45deg,${halves})`),
        el("span", {}, texts.part_let)),
      othersTitle, others);

    function show({ definition, lots, zones }) {
      const sums = STATUSES.map((_, k) => lots.reduce((sum, { shares, parcel }) => (
        shares ? sum + parcel.area_ha * shares[k] : sum), 0));
      const all = sums.reduce((a, b) => a + b, 0);
      rows.forEach(({ area, part }, k) => {
        area.textContent = say.hectares(sums[k]);
        part.style.flexGrow = all > 0 ? sums[k] / all : 0;
      });
      total.textContent = all > 0 ? say.hectares(all) : texts.account_none;
      const without = zones.filter(({ reasons, geometry }) => reasons.length && geometry);
      note.hidden = without.length === 0;
      note.textContent = `${texts.without} ${without.map(({ zone }) => zone.name).join(", ")}`;
      const outside = lots.filter(({ shares }) => !shares).map(({ parcel }) => parcel.use);
      const uses = new Set(outside.filter((use) => !definition.uses.includes(use)));
      const hasUnknown = outside.some((use) => definition.uses.includes(use));
      others.replaceChildren(
        ...[...uses].sort().map((use) => el("li", {},
          swatch(payload.use_colors[use] ?? NO_STATUS), useName(texts, use))),
        ...(hasUnknown ? [el("li", {}, swatch(NO_STATUS), texts.no_status)] : []));
      othersTitle.hidden = others.childElementCount === 0;
    }
    return { node, show };
  }

  /** The zones' rates. onZone(index): a zone was asked for. */
  function buildRates({ texts, definitions, zones, ...payload }, say, onZone) {
    const laws = payload.month_definition.map((index) => definitions[index].id);
    const sparks = zones.map((zone) => sparkline(zone, laws));
    const law = el("p", { class: "kcn-law" });
    const list = el("ul", {});
    const node = el("section", { class: "kcn-zones" }, el("h2", {}, texts.zones), law, list);

    function show({ index: month, definition: { id, label }, zones: states }) {
      law.replaceChildren(`${texts.definition} `, el("b", {}, id), ` – ${label}`);
      list.replaceChildren(...states.map((state, index) => {
        const { zone, reasons, rate, isCounted } = state;
        const name = el("button", { type: "button", class: "kcn-name" }, zone.name);
        name.addEventListener("click", () => onZone(index));
        const isRated = isCounted && rate[2] !== null;
        const item = el("li", { "data-zone": zone.id }, name,
          el("span", { class: isRated ? "kcn-rate" : "kcn-unrated" },
            rateInWords(state, texts, say)));
        item.append(...reasons.map((why) => el("p", { class: "kcn-reason" }, why)));
        if (isCounted) {
          sparks[index].mark(month);
          item.append(sparks[index].chart, el("p", { class: "kcn-detail" },
            el("span", {}, `${say.number(rate[0])} ${texts.of} ${say.hectares(rate[1])}`),
            el("span", {}, id)));
        }
        return item;
      }));
    }
    return { node, show };
  }

  // ---- one lot --------------------------------------------------------------------------------
  const lotName = ({ parcel }, texts) => (parcel.lot ? `${texts.lot} ${parcel.lot}` : parcel.id);

  /** What a tooltip says after the name. */
  function lotInWords({ parcel, shares }, texts) {
    if (!shares) return useName(texts, parcel.use);
    return STATUSES.filter((_, k) => shares[k] > 0).map((status) => texts[status]).join(" + ");
  }

  /** What a popup says. */
  function describeLot(lot, { index: month, definition }, { texts, colors }, say) {
    const { parcel, zone, shares } = lot;
    const fact = (name, value) => [el("dt", {}, name), el("dd", {}, value)];
    const node = el("div", {}, el("h3", {}, lotName(lot, texts)), el("dl", {},
      ...fact(texts.parcel, parcel.id), ...fact(texts.zone, zone.name),
      ...fact(texts.land_use, useName(texts, parcel.use)),
      ...fact(texts.area, say.hectares(parcel.area_ha))));
    if (shares) {
      node.append(el("ul", { class: "kcn-shares" }, ...STATUSES.flatMap((status, k) => (
        shares[k] > 0 ? [el("li", {}, swatch(colors[status]), el("span", {}, texts[status]),
          el("span", { class: "kcn-number" }, say.hectares(shares[k] * parcel.area_ha)))] : []))));
    } else if (definition.uses.includes(parcel.use)) {
      node.append(el("p", { class: "kcn-note" }, texts.no_status));
    }
    const entries = (parcel.entries ?? []).filter(([from, to]) => from <= month && month < to);
    if (entries.length) {
      node.append(el("h4", {}, texts.entries), el("ul", {}, ...entries.map(
        ([, , status, area, document, investor]) => el("li", {}, [
          texts[status] ?? status, say.hectares(area ?? parcel.area_ha), investor, document,
        ].filter((part) => part).join(" · ")))));
    }
    return node;
  }

  return {
    STATUSES, NO_STATUS,
    buildFrame, buildAccount, buildRates, rateInWords, lotName, lotInWords, describeLot,
  };
})();
