/**
 * The panel of the fill map: the account with its hectares, which is the legend too, and the zones
 * with their rates. What is summed is what is shown on the map.
 */
"use strict";

const kcngeoPanel = (() => {
  const { el, svg, own, swatch } = kcngeoElements;
  const { zoneSwitch } = kcngeoShell;
  const { STATUSES, MARKS, NO_STATUS, useName, rateInWords, beside } = kcngeoPage;
  const MOST_CHARTS = 40; // zones; of more, the list is of their rates and accounts alone

  const MOST_CODES = 3;

  /**
   * Hectares by status.
   * @param {Lot[]} lots
   */
  const sumsOf = (lots) => {
    const sums = STATUSES.map(() => 0);
    for (const { shares, parcel } of lots) {
      shares?.forEach((share, k) => { sums[k] += share * parcel.area_ha; });
    }
    return sums;
  };

  /** @param {number[]} sums */
  const total = (sums) => sums.reduce((a, b) => a + b, 0);

  /**
   * A bar in the proportions of an account.
   * @param {string[]} colors
   */
  function accountBar(colors) {
    const parts = colors.map((color) => el("i", { style: `background:${color}` }));
    const node = el("div", { class: "kcn-bar", "aria-hidden": "true" }, ...parts);
    /** @param {number[]} sums */
    function show(sums) {
      const all = total(sums);
      parts.forEach((part, k) => { part.style.flexGrow = String(all > 0 ? sums[k] / all : 0); });
    }
    return { node, show };
  }

  /**
   * The rate of the zone asked for, or of all that are shown: a ratio of sums.
   * @param {Talk} talk
   */
  function buildHeadline(talk) {
    const name = el("p", { class: "kcn-of" });
    const rate = el("p", {});
    const figures = el("p", { class: "kcn-figures" });
    const node = el("section", { class: "kcn-headline", "aria-live": "polite" }, name, rate, figures);

    /**
     * @param {MonthState} state
     * @param {number | null} zone
     */
    function show({ zones }, zone) {
      const { texts, say } = talk;
      const asked = zone === null ? zones.filter(({ isShown }) => isShown) : [zones[zone]];
      name.replaceChildren(zone === null ? texts.all_zones : own(zones[zone].zone.name));
      const isKnown = !asked.some(({ reasons, geometry }) => reasons.length && geometry);
      const counted = asked.flatMap(({ isCounted, rate: own, stated }) => (
        isCounted && own ? [{ leased: own[0], base: own[1], stated }] : []));
      const leased = total(counted.map((one) => one.leased ?? 0));
      const base = total(counted.map((one) => one.base ?? 0));
      /** @type {Pick<ZoneState, "reasons" | "rate">} */
      const whole = { reasons: isKnown ? [] : [""],
        rate: counted.length ? [leased, base, base > 0 ? leased / base : null] : null };
      const isRate = isKnown && base > 0;
      rate.className = isRate ? "kcn-big" : "kcn-unrated";
      rate.textContent = rateInWords(whole, talk);
      const told = isRate ? [`${say.number(leased)} ${texts.of} ${say.hectares(base)}`] : [];
      // A total says of how many zones it is, and how much of it nobody measured.
      const known = counted.filter((one) => one.base !== null).length;
      const declared = total(counted.map((one) => (one.stated ? one.base ?? 0 : 0)));
      if (zone === null && known < counted.length) {
        told.push(texts.of_known_zones.replace("{known}", String(known))
          .replace("{count}", talk.say.number(counted.length, 0)));
      }
      if (declared > 0) told.push(texts.declared_part.replace("{area}", say.hectares(declared)));
      figures.textContent = told.join(" · ");
    }
    return { node, show };
  }

  /**
   * The letters that lots have before their numbers, where they have the same few.
   * @param {FillParcel[]} parcels
   */
  function codesOf(parcels) {
    const letters = parcels.flatMap(({ lot }) => /^\p{L}+(?=[\W_]?\d|$)/u.exec(lot ?? "")?.[0] ?? []);
    const codes = [...new Set(letters)].sort();
    return codes.length <= MOST_CODES ? codes : [];
  }

  /**
   * The legend with its hectares. onStatus(index or null): the one status to be shown in full.
   * @param {FillPayload} payload
   * @param {Talk} talk
   * @param {(status: number | null) => void} onStatus
   */
  function buildAccount(payload, talk, onStatus) {
    const colors = STATUSES.map((status) => payload.colors[status]);
    const bar = accountBar(colors);
    /** @type {number | null} */
    let only = null;
    /** @param {number | null} k */
    function highlight(k) {
      only = k;
      rows.forEach((row, j) => row.button.setAttribute("aria-pressed", String(only === j)));
      onStatus(only);
    }
    const rows = STATUSES.map((status, k) => {
      const area = el("span", { class: "kcn-number" });
      const button = talk.name(el("button", { type: "button", "aria-pressed": "false" },
        swatch(colors[k], MARKS[k]), el("span", {}, talk.text(status)), area), "title", "show_only");
      button.addEventListener("click", () => highlight(only === k ? null : k));
      return { area, button };
    });
    const all = el("span", { class: "kcn-number" });
    const lots = el("span", {});
    const note = el("p", { class: "kcn-note" });
    const others = el("ul", { class: "kcn-uses" });
    const othersTitle = el("h3", {}, talk.text("other_uses"));
    const halves = [0, 5].map((k) => `${colors[k]} ${k ? 4 : 0}px ${k ? 8 : 4}px`).join(",");
    const striped = el("i", {
      class: "kcn-swatch", style: `background:repeating-linear-gradient(45deg,${halves})`,
    });
    const node = el("section", { class: "kcn-account" },
      el("h2", {}, talk.text("account")), bar.node,
      el("ul", { class: "kcn-legend" }, ...rows.map(({ button }) => el("li", {}, button))),
      el("p", { class: "kcn-total" }, lots, all), note,
      el("p", { class: "kcn-key" }, striped, el("span", {}, talk.text("part_let"))),
      othersTitle, others);

    /** @param {ZoneState[]} zones */
    function sayNote(zones) {
      const told = [
        {
          words: talk.texts.without,
          some: zones.filter(({ reasons, geometry }) => reasons.length && geometry),
        },
        { words: talk.texts.hidden, some: zones.filter(({ isShown }) => !isShown) },
      ].filter(({ some }) => some.length);
      note.hidden = told.length === 0;
      note.textContent = told.map(({ words, some }) => (
        `${words} ${some.map(({ zone }) => zone.name).join(", ")}.`)).join(" ");
    }

    /**
     * Of all lots that are shown, or of those of one zone.
     * @param {MonthState} state
     * @param {number | null} zone
     */
    function show(state, zone) {
      const { texts, say } = talk;
      const shown = zone === null ? state.lots : state.lotsByZone[zone];
      const sums = sumsOf(shown);
      rows.forEach(({ area }, k) => { area.textContent = say.hectares(sums[k]); });
      bar.show(sums);
      all.textContent = total(sums) > 0 ? say.hectares(total(sums)) : texts.account_none;
      const counted = shown.filter(({ shares }) => shares).length;
      lots.textContent = `${texts.total} · ${texts.lots_count.replace("{count}", talk.say.number(counted, 0))}`;
      sayNote(state.zones);
      const { uses: leasable } = state.definition;
      const outside = shown.filter(({ shares }) => !shares).map(({ parcel }) => parcel);
      const uses = new Set(outside.map(({ use }) => use).filter((use) => !leasable.includes(use)));
      const hasUnknown = outside.some(({ use }) => leasable.includes(use));
      const codes = (/** @type {string} */ use) => codesOf(outside.filter((parcel) => parcel.use === use));
      others.replaceChildren(
        ...[...uses].sort().map((use) => el("li", {}, swatch(payload.use_colors[use] ?? NO_STATUS),
          useName(texts, use), el("small", {}, own(codes(use).join(", "))))),
        ...(hasUnknown ? [el("li", {}, swatch(NO_STATUS), texts.no_status)] : []));
      othersTitle.hidden = others.childElementCount === 0;
    }
    return { node, show, highlight, clear: () => only !== null && (highlight(null), true) };
  }

  /**
   * A zone's rate over the months, broken where the definition changes or nothing is known.
   * @param {FillZone} zone
   * @param {string[]} laws
   */
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
      viewBox: "0 0 100 24", preserveAspectRatio: "none",
    }, svg("path", { d: "M0 1H100M0 23H100", class: "kcn-grid" }), svg("path", { d: path }), now);
    const node = el("div", { class: "kcn-spark", "aria-hidden": "true" }, chart,
      el("span", {}, "100 %"), el("span", {}, "0 %"));
    /** @param {number} i */
    const mark = (i) => (
      ["x1", "x2"].forEach((key) => now.setAttribute(key, String((100 * i) / last))));
    return { node, mark };
  }

  /**
   * One zone: its switch, name, rate, account and series.
   * @param {FillZone} zone
   * @param {{colors: string[], laws: string[], talk: Talk, onName: () => void,
   *   onSwitch: (isShown: boolean) => void}} parts
   */
  function zoneItem(zone, { colors, laws, talk, onName, onSwitch }) {
    const name = el("button", { type: "button", class: "kcn-name" }, own(zone.name));
    name.addEventListener("click", onName);
    const rate = el("span", {});
    const aside = el("span", { class: "kcn-unrated" });
    const bar = accountBar(colors);
    const spark = sparkline(zone, laws);
    const figures = el("span", {});
    const law = el("span", {});
    const counted = el("div", { class: "kcn-counted" }, bar.node, spark.node,
      el("p", { class: "kcn-detail" }, figures, law));
    const reasons = el("div", { class: "kcn-reasons" });
    const box = zoneSwitch(zone.name, talk, onSwitch);
    const item = el("li", { "data-zone": zone.id },
      el("div", { class: "kcn-zone" }, box, name), rate, aside, reasons, counted);

    /**
     * @param {ZoneState} state
     * @param {Lot[]} lots
     * @param {number} month
     * @param {string} id
     */
    function show(state, lots, month, id) {
      const { isCounted } = state;
      const [leased, base, share] = state.rate ?? [null, null, null];
      const isRated = isCounted && share !== null;
      rate.className = isRated ? "kcn-rate" : "kcn-unrated";
      rate.replaceChildren(rateInWords(state, talk));
      // Beside a rate, which stands beside the name, is no room for more words.
      aside.replaceChildren();
      (isRated ? aside : rate).append(...beside(state, talk));
      aside.hidden = !aside.hasChildNodes();
      const told = state.stated && state.declared ? [state.declared] : [];
      reasons.replaceChildren(...[...state.reasons, ...told].map((why) => (
        el("p", { class: "kcn-reason" }, talk.pick(why)))));
      counted.hidden = !isCounted;
      if (!isCounted) return;
      const { texts, say } = talk;
      bar.show(state.stated ? state.stated.slice(1).map((area) => area ?? 0) : sumsOf(lots));
      spark.mark(month);
      figures.textContent = leased === null || base === null ? ""
        : `${say.number(leased)} ${texts.of} ${say.hectares(base)}`;
      law.textContent = base === null ? "" : id;
    }
    return { item, box, show };
  }

  /** @typedef {{state: ZoneState, lots: Lot[]}} Told */

  /**
   * What zones may be sorted by, the most first; by name they stay as they are.
   * @type {Record<string, (told: Told) => number | null>}
   */
  const SORTS = {
    name: () => 0,
    rate: ({ state }) => (state.isCounted ? state.rate?.[2] ?? null : null),
    vacant: ({ state: { isCounted, stated }, lots }) => (
      isCounted ? (stated || sumsOf(lots)).at(-1) ?? null : null),
  };

  /**
   * @param {Talk} talk
   * @param {() => void} onChange
   */
  function sortMenu(talk, onChange) {
    const menu = el("select", {});
    for (const [name, words] of [["name", "zone"], ["rate", "zones"], ["vacant", "available"]]) {
      const option = new Option("", name);
      talk.always(() => { option.text = talk.texts[words]; });
      menu.append(option);
    }
    menu.addEventListener("change", onChange);
    const node = el("label", { class: "kcn-sort" }, talk.text("sort"), " ", menu);
    return {
      node, key: (/** @type {Told} */ told) => SORTS[menu.value](told),
      name: () => (menu.value === "name" ? null : menu.value),
      use: (name = "name") => { menu.value = Object.hasOwn(SORTS, name) ? name : "name"; },
    };
  }

  /**
   * The zones' rates. check(hidden): which are switched off; sort: {name(), use(name)}.
   * onZone(index): a zone was asked for; onSwitch(index, isShown): its lots are to be shown or
   * hidden; onSort(): the zones stand in another order.
   * @param {FillPayload} payload
   * @param {Talk} talk
   * @param {{onZone: (index: number) => void, onSort: () => void,
   *   onSwitch: (index: number, isShown: boolean) => void}} page
   */
  function buildRates({ definitions, zones, ...payload }, talk, { onZone, onSwitch, onSort }) {
    const laws = payload.month_definition.map((index) => definitions[index].id);
    const colors = STATUSES.map((status) => payload.colors[status]);
    const items = zones.map((zone, index) => zoneItem(zone, {
      colors, laws, talk,
      onName: () => onZone(index),
      onSwitch: (isShown) => onSwitch(index, isShown),
    }));
    const law = el("p", { class: "kcn-law" });
    const sort = sortMenu(talk, () => {
      arrange();
      onSort();
    });
    const list = el("ul", {}, ...items.map(({ item }) => item));
    const node = el("section", { class: "kcn-zones" }, el("h2", {}, talk.text("zones")), law,
      ...(zones.length > 1 ? [sort.node] : []), list);
    node.classList.toggle("kcn-many", zones.length > MOST_CHARTS);
    /** @type {Told[]} */
    let told = []; // what zones are sorted by

    /** Puts the zones in the order that is asked for; what has no figure comes last. */
    function arrange() {
      const keys = told.map(sort.key);
      const order = items.map((_, k) => k).sort((a, b) => (
        (keys[b] ?? -Infinity) - (keys[a] ?? -Infinity) || a - b));
      if (order.some((k, at) => list.children[at] !== items[k].item)) {
        list.append(...order.map((k) => items[k].item));
      }
    }

    /** @param {MonthState} state */
    function show({ index: month, definition: { label }, zones: states, lotsByZone }) {
      const name = talk.pick(label);
      law.replaceChildren(`${talk.texts.definition} `, el("b", {}, name));
      items.forEach(({ show: showZone }, k) => showZone(states[k], lotsByZone[k], month, name));
      told = states.map((state, k) => ({ state, lots: lotsByZone[k] }));
      arrange();
    }
    /** @param {Set<number>} hidden */
    const check = (hidden) => (
      items.forEach(({ box }, index) => { box.checked = !hidden.has(index); }));
    return { node, show, sort, check };
  }

  return { buildAccount, buildHeadline, buildRates, sumsOf, total };
})();
