/**
 * What changed on the fill map: a theme of any two months of the reader's choice, and what is told
 * of the month shown.
 *
 * kcngeoChange(payload, talk, steps, {month(), onSince(), openLot(index, from)}) gives
 *   choice            where the earlier month is chosen
 *   since(), choose(index or null)   the earlier month; null: a year before the later one
 *   themeOf(theme)    a theme as in fill_themes.js, between the two months
 *   news, show(zone, isShown)        what is told of the month shown, of a zone or of all
 *   pulse(map, draw)                 the lots that moved in it light up for a moment
 */
"use strict";

const kcngeoChange = (() => {
  const { el, own, swatch } = kcngeoElements;
  const { lotName } = kcngeoPage;
  const { KINDS } = kcngeoSteps;
  const RATED = new Set(["let", "given_up"]);
  const MARKS = "ABCD";
  const YEAR = 12;
  const MOST_LISTED = 60;
  const MOST_NEWS = 12;
  const MOST_PULSES = 150;

  /**
   * @param {FillPayload} payload
   * @param {Talk} talk
   * @param {Steps} steps
   * @param {{month: () => number, onSince: () => void,
   *   openLot: (index: number, from?: HTMLElement) => void}} page
   */
  return (payload, talk, steps, { month, onSince, openLot }) => {
    const { months, parcels, zones, change_colors: colors } = payload;
    /** @type {number | null} */
    let asked = null; // the earlier month the reader chose
    /** @type {{key: string, theme: Theme | null}} */
    let last = { key: "", theme: null }; // the theme made last, and of what

    /** @param {number} value */
    const signed = (value) => `${value > 0 ? "+" : ""}${talk.say.hectares(value)}`;
    /** @param {Move} move */
    const hectares = ({ kind, hectares: area }) => (
      RATED.has(kind) ? signed(area) : talk.say.hectares(area));
    /** @type {(words: string, parts: Record<string, string | number | undefined>) => string} */
    const fill = (words, parts) => Object.entries(parts)
      .reduce((text, [key, part]) => text.replace(`{${key}}`, String(part)), words);

    // ---- between two months -------------------------------------------------------------------
    const menu = el("select", {});
    const choice = el("label", { class: "kcn-since" }, talk.text("compare_with"), " ", menu);
    menu.addEventListener("change", () => {
      asked = Number(menu.value);
      onSince();
    });

    /** The earlier month: what was chosen, while it is earlier. */
    function since() {
      return asked !== null && asked < month() ? asked : Math.max(0, month() - YEAR);
    }

    /** The months before the one shown, the last first. */
    function offer() {
      menu.replaceChildren();
      months.slice(0, Math.max(1, month())).forEach((day, index) => (
        menu.prepend(new Option(talk.say.month(day), String(index)))));
      menu.value = String(since());
    }

    /** @param {Move[]} moves */
    function headline(moves) {
      const sum = (/** @type {MoveKind} */ kind) => moves.reduce((all, one) => (
        one.kind === kind ? all + Math.abs(one.hectares) : all), 0);
      return fill(talk.texts.change_headline, {
        on: talk.say.day(months[since()]), let: talk.say.hectares(sum("let")),
        given_up: talk.say.hectares(sum("given_up")), count: moves.length,
      });
    }

    /** @param {Theme} theme */
    function themeOf(theme) {
      const key = [since(), month(), talk.language].join();
      const found = last.key === key && last.theme ? last.theme : made(theme);
      last = { key, theme: found };
      return found;
    }

    /**
     * @param {Theme} theme
     * @returns {Theme}
     */
    function made(theme) {
      offer();
      const { texts } = talk;
      const moves = steps.between(since(), month());
      const lots = parcels.map(() => -1);
      /** @type {(number | null)[]} */
      const areas = parcels.map(() => null);
      moves.forEach(({ index, kind, hectares: area }) => {
        lots[index] = KINDS.indexOf(kind);
        areas[index] = Math.abs(area);
      });
      const features = moves.slice(0, MOST_LISTED).map((move, k) => ({
        group: lots[move.index], zone: parcels[move.index].zone, lot: move.index, number: k + 1,
        name: lotName({ parcel: parcels[move.index] }, texts), notes: [],
        listed: [...(zones.length > 1 ? [zones[parcels[move.index].zone].name] : []),
          texts[`change_${move.kind}`], hectares(move)].join(" · "),
      }));
      return {
        ...theme, lots, hectares: areas, features, listed: moves.length, on: months[month()],
        headline: headline(moves), labels: [], subtitle: "", facts: zones.map(() => []),
        headlines: zones.map((_, zone) => (
          headline(moves.filter(({ index }) => parcels[index].zone === zone)))),
        notes: [texts.change_note.replace("{on}", talk.say.day(months[since()]))],
        groups: KINDS.map((kind, k) => ({
          id: kind, label: texts[`change_${kind}`], color: colors[kind], style: "area",
          mark: MARKS[k], rank: KINDS.length - k,
        })),
      };
    }

    // ---- of the month shown -------------------------------------------------------------------
    const title = el("h2", {});
    const events = el("div", {});
    const list = el("ul", {});
    const more = el("p", { class: "kcn-detail" });
    const news = el("section", { class: "kcn-news" }, title, events, list, more);

    /** @param {Happening} event */
    function eventInWords({ kind, zone, from, to }) {
      const { texts, say } = talk;
      const label = payload.definitions[payload.month_definition[month()]].label;
      return fill(texts[`news_${kind}`], {
        zone: zone === null ? "" : zones[zone].name, count: to, definition: talk.pick(label),
        from: say.number(from ?? 0), to: say.hectares(to ?? 0),
      });
    }

    /** @param {Move} move */
    function moveInWords(move) {
      const { texts } = talk;
      const parcel = parcels[move.index];
      const name = el("button", { type: "button", class: "kcn-name" }, own(lotName({ parcel }, texts)));
      name.addEventListener("click", () => openLot(move.index, name));
      const told = [texts[`change_${move.kind}`], hectares(move)];
      if (zones.length > 1) told.unshift(zones[parcel.zone].name);
      return el("li", {}, name,
        el("p", { class: "kcn-detail" }, swatch(colors[move.kind]), told.join(" · ")));
    }

    /**
     * @param {number | null} zone
     * @param {(zone: number) => boolean} isShown
     */
    function show(zone, isShown) {
      const isAsked = (/** @type {number} */ place) => (zone === null ? isShown(place) : place === zone);
      const happened = steps.eventsIn(month()).filter((one) => one.zone === null || isAsked(one.zone));
      const moves = steps.movesIn(month()).filter(({ index }) => isAsked(parcels[index].zone));
      news.hidden = !happened.length && !moves.length;
      title.textContent = talk.texts.news.replace("{month}", talk.say.month(months[month()]));
      events.replaceChildren(...happened.map((one) => (
        el("p", { class: "kcn-event-words" }, eventInWords(one)))));
      list.replaceChildren(...moves.slice(0, MOST_NEWS).map(moveInWords));
      const left = moves.length - MOST_NEWS;
      more.textContent = left > 0 ? fill(talk.texts.theme_list_more, { count: left }) : "";
    }

    const lit = L.layerGroup();

    /**
     * @param {L.Map} map
     * @param {Draw} draw
     */
    function pulse(map, draw) {
      lit.clearLayers().addTo(map);
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
      steps.movesIn(month()).slice(0, MOST_PULSES).forEach(({ index, kind }) => {
        draw(parcels[index].geometry, "zones", {
          color: colors[kind], weight: 3, fill: false, className: "kcn-pulse",
        }).addTo(lit);
      });
    }

    /** @param {number | null} index */
    const choose = (index) => { asked = index; };
    return { choice, since, choose, themeOf, news, show, pulse };
  };
})();
