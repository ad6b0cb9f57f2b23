/**
 * Parcels of industrial zones by lease status, month by month, on a Leaflet map: what is shown when.
 * How lots are drawn is in lots.js, what is said of them in
 * fill_map_page.js, what stands round the map in fill_time.js, fill_panel.js and fill_labels.js, what
 * changes when in fill_steps.js and fill_change.js.
 *
 * kcngeoFillMap(map, payload), with payload:
 *   language          "vi" or "en": the language shown first
 *   texts             {key: words}; every word shown (keys: FILL_MAP_TEXTS in page.py); words that
 *                     differ by language are {vi, en}, here as everywhere
 *   synthetic         whether the geometry is invented
 *   colors            {status: colour};  use_colors {land use: pale colour}
 *   change_colors     {what moved: colour}, see KINDS in fill_steps.js
 *   months            ["2018-03-31", …]: reporting days, ascending
 *   definitions       [{id, label, uses: [land use, …]}];  month_definition [index, …] by month
 *   states            [[shares of the six statuses, sum 1], …]
 *   zones             [{id, name, reasons: [[from, to, why it is not computable], …],
 *                       shapes: [[from, to, geometry], …],
 *                       rates: [[leased_ha, base_ha, rate or null] or null, …]}], rates by month;
 *                     null: the zone does not count that month
 *   parcels           [{id, zone, use, lot, short, place, area_ha, from, to, geometry,
 *                       states: [[from, state], …],
 *                       entries: [[from, to, status, area_ha, document, investor], …]}]
 *                     lot: its number, null where it has only its id; short: a shorter one, or null;
 *                     place: [longitude, latitude, degrees against the clock, metres along the
 *                     words, metres across them], where the number stands, or null
 *   zone_color        the colour of the boundaries of zones
 *   simplify_m        by how much boundaries were simplified, in metres; 0: not at all
 *                     in an overview the zones stand here as if they were lots
 *   context           optional [{kind, name, color, edge, geometry}], drawn under everything; wards
 *                     that name a town also {town: [name, [longitude, latitude], 1 for the first]}
 *   pictures          optional [{address, bounds: [[south, west], [north, east]]}], under the lots
 *   more              optional: other themes of the last month, see fill_themes.js
 * and options:
 *   is_canvas         whether the lots are drawn on a canvas
 *   pages             folder of the zones' pages (an overview);  home: the overview (such a page)
 * from and to are indexes of months, half-open; zone and state are indexes too.
 *
 * Status colours stand only on land that is in the account of the month: leasable under the
 * definition, in a zone that counts and is computable. What is coloured is what the legend sums.
 */
"use strict";

const kcngeoFillMap = (() => {
  const { el, own, swatch, shell, zoneMenu, controls, popupOn, keys, drawContext, fit } = kcngeoShell;
  const { NO_STATUS, STATUSES, lotName, lotInWords, describeLot, describeZone } = kcngeoPage;
  const { isIn, stepAt } = kcngeoSteps;
  const FAR_ZOOM = 13.5; // further out, edges would hide what they enclose

  /**
   * What fill_map_page.js calls the state of a month, without its lots.
   * @param {FillPayload} payload
   * @param {number} index
   * @param {Set<number>} hidden
   */
  function stateOf(payload, index, hidden) {
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
    return { index, definition: payload.definitions[payload.month_definition[index]], zones };
  }

  /**
   * @param {L.Map} map
   * @param {FillPayload} payload
   * @param {{is_canvas?: boolean, pages?: string, home?: string}} options
   */
  return function start(map, payload, { is_canvas: isCanvas, pages, home } = {}) {
    const { months, states, zones } = payload;
    const talk = kcngeoWords.speaker(payload);
    const hidden = new Set(); // indexes of zones that are switched off
    let now = null; // the state of the month shown
    let only = null; // the one status shown in full colour
    let selected = null;

    // ---- the frame ----------------------------------------------------------------------------
    const steps = kcngeoSteps.of(payload);
    const time = kcngeoTime(payload, talk, steps, {
      month: () => now.index, setMonth, onSettled: () => remember(true),
    });
    const zone = zoneMenu(zones, talk);
    const search = kcngeoSearch.field(talk, kcngeoFillSearch(payload, talk, {
      month: () => now.index, openLot, openZone: (index) => goTo(index, true),
    }));
    const frame = shell(map, payload, talk, {
      search: search.node, zone, foot: time.node, onResize: time.drawYears,
      onLanguage: () => remember(false),
    });
    controls(map, talk);
    if (home) {
      const back = el("a", { class: "kcn-home", href: home });
      talk.always(() => { back.textContent = talk.texts.overview; });
      zone.before(back);
    }
    const measure = kcngeoMeasure.start(map, talk);
    kcngeoPaper(map, frame.app);

    const renderers = {};
    ["context", "parcels", "zones", "labels"].forEach((name, k) => { // lots.js draws into "parcels"
      const pane = map.createPane(`kcngeo-${name}`);
      pane.style.zIndex = String(name === "labels" ? 640 : 360 + 10 * k);
      renderers[name] = L.svg({ pane: `kcngeo-${name}`, padding: 0.5 });
    });
    /** @returns {any} */
    const draw = (geometry, pane, style) => L.GeoJSON.geometryToLayer(
      { type: "Feature", properties: {}, geometry },
      { pane: `kcngeo-${pane}`, renderer: renderers[pane], smoothFactor: 0.2, noClip: true,
        interactive: false, ...style });
    drawContext(map, payload.context, draw);

    // ---- lots ---------------------------------------------------------------------------------
    const lots = payload.parcels.map((parcel, index) => ({
      parcel, index, zone: zones[parcel.zone], isSelected: false,
    }));
    const isFar = () => map.getZoom() < FAR_ZOOM;
    const tipOf = (lot) => el("div", {}, el("b", {}, own(lotName(lot, talk.texts))), " · ",
      lot.group ? talk.pick(lot.group.label) : lotInWords(lot, talk.texts));
    const painter = kcngeoPainter(map, "kcngeo-parcels", payload, {
      isCanvas, isFar, tip: tipOf, onClick: (lot, latlng) => select(lot, latlng),
    });
    const showNumbers = kcngeoLotLabels(map, painter, payload.context);
    const labels = kcngeoLabels(
      map, draw, talk, (index) => goTo(index, true),
      { zone_color: payload.zone_color, colors: STATUSES.map((one) => payload.colors[one]) });
    const fade = (lot) => { lot.isFaded = only !== null && !(lot.shares?.[only] > 0); };

    /** Whether lots are painted by a theme; where two months lie side by side, by their status. */
    const isThemed = () => theme() !== null && !swipe.isOn();

    /** Decides whether a lot is there in a month, and what it is painted with. */
    function dress(lot, { index, definition: { uses }, zones: inMonth }) {
      const { parcel } = lot;
      lot.isDrawn = isIn(index, parcel.from, parcel.to) && inMonth[parcel.zone].isShown;
      if (!lot.isDrawn) return false;
      const isLeasable = uses.includes(parcel.use);
      const isInAccount = isLeasable && inMonth[parcel.zone].isCounted;
      lot.state = isInAccount ? stepAt(parcel.states, index) : null;
      lot.shares = lot.state === null ? null : states[lot.state];
      const isKnown = inMonth[parcel.zone].reasons.length === 0;
      lot.pale = isLeasable || !isKnown ? NO_STATUS : payload.use_colors[parcel.use] ?? NO_STATUS;
      fade(lot);
      lot.group = isThemed() ? themes.groupOf(lot.index) : undefined;
      lot.paint = lot.group?.color ?? null;
      if (isThemed()) lot.pale = payload.use_colors[parcel.use] ?? NO_STATUS;
      if (isThemed() && !lot.paint) lot.paint = lot.pale;
      return true;
    }

    let earlier = null; // the same lots in the earlier month, once they are asked for

    function drawEarlier() {
      if (swipe.isOn() && !earlier) {
        earlier = {
          lots: lots.map((lot) => ({ ...lot, isSelected: false })),
          painter: kcngeoPainter(map, "kcngeo-earlier", payload, {
            isCanvas, isFar, tip: tipOf, onClick: ({ index }, latlng) => select(lots[index], latlng),
          }),
        };
      }
      const then = swipe.isOn() ? stateOf(payload, change.since(), hidden) : null;
      earlier?.painter.show(then ? earlier.lots.filter((lot) => dress(lot, then)) : []);
    }

    function drawLots() {
      now.lots = lots.filter((lot) => dress(lot, now));
      now.lotsByZone = zones.map(() => []);
      now.lots.forEach((lot) => now.lotsByZone[lot.parcel.zone].push(lot));
      painter.show(now.lots);
      drawEarlier();
    }

    // ---- the panel ----------------------------------------------------------------------------
    const account = kcngeoPanel.buildAccount(payload, talk, (status) => {
      only = status;
      now.lots.forEach(fade);
      painter.restyle(now.lots);
      remember(false);
    });
    const rates = kcngeoPanel.buildRates(payload, talk, {
      onZone: (index) => goTo(index, true),
      onSwitch: (index, isShown) => {
        showZone(index, isShown);
        remember(false);
      },
      onSort: () => remember(false),
    });
    const source = el("p", { class: "kcn-source" });
    talk.always(() => {
      const { texts, say } = talk;
      source.textContent = payload.simplify_m
        ? `${texts.made_from} ${texts.simplified.replace("{metres}", say.number(payload.simplify_m))}`
        : texts.made_from;
    });
    const headline = kcngeoPanel.buildHeadline(talk);
    const popup = popupOn(map, talk, frame.panel, () => { select(null); });
    const themes = kcngeoThemes(map, payload, talk, {
      draw, popup, isFar, openLot: (index, from) => openLot(index, monthOf(theme(), now.index), from),
      onTheme: (isStep) => {
        time.play(false);
        setMonth(monthOf(theme(), now.index));
        if (isStep) remember(true);
      },
    });
    const { theme } = themes;
    const change = kcngeoChange(payload, talk, steps, {
      month: () => now.index,
      onSince: () => {
        setMonth(now.index);
        remember(true);
      },
      openLot: (index, from) => openLot(index, now.index, from),
    });
    const isChange = (some) => some?.id === "change";
    map.createPane("kcngeo-earlier").style.zIndex = "371"; // above the later month, below the zones
    const swipe = kcngeoSwipe(map, talk, {
      left: "kcngeo-earlier", right: "kcngeo-parcels", words: "swipe",
      onSwitch: () => {
        imagery?.use(false);
        setMonth(now.index);
        remember(true);
      },
    });
    const imagery = payload.pictures ? kcngeoImagery(map, talk, {
      plan: "kcngeo-parcels", pictures: payload.pictures,
      onChange: () => {
        swipe.use(false);
        setMonth(now.index);
        remember(true);
      },
    }) : null;
    const compare = el("div", { class: "kcn-compare" }, change.choice, swipe.button);
    /** The month a theme can be seen in: any, if it is what changed, else the last. */
    const monthOf = (some, index) => (some && !isChange(some) ? months.length - 1 : index);
    const top = el("div", { class: "kcn-top" });
    frame.panel.append(top, rates.node, source);
    const focus = () => (zone.value === "" ? null : Number(zone.value));

    /** Sums up the zone that is asked for, or all that are shown. */
    function sumUp() {
      headline.show(now, focus());
      account.show(now, focus());
      const isShown = (place) => now.zones[place].isShown;
      themes.show(focus(), isShown);
      if (!theme()) change.show(focus(), isShown);
    }

    // ---- one lot ------------------------------------------------------------------------------
    /** What is said of a lot; of a zone in an overview its account, and where its lots are. */
    function describe(lot) {
      if (!lot.zone.page) {
        const node = describeLot(lot, now, payload, talk);
        if (theme()) node.querySelector("h3").after(...saidBy(lot));
        return node;
      }
      const node = describeZone(lot, payload, talk);
      if (pages) {
        const href = `${pages}/${lot.zone.page}${location.hash}`;
        node.append(el("a", { class: "kcn-open", href, target: "_top" }, talk.texts.open_zone));
      }
      return node;
    }

    /** What the theme says of a lot. */
    const saidBy = ({ group, index }) => [
      ...(group ? [el("p", { class: "kcn-group" }, swatch(group.color, group.mark), talk.pick(group.label))] : []),
      ...themes.said(index).map((words) => el("p", { class: "kcn-source" }, talk.pick(words))),
    ];

    function mark(lot) {
      const changed = [selected, lot].filter((one) => one);
      selected = lot;
      changed.forEach((one) => { one.isSelected = one === lot; });
      painter.restyle(changed.filter((one) => one.isDrawn));
    }

    function select(lot, latlng, from = null) {
      mark(null);
      if (lot) {
        painter.raise(lot);
        popup.show(describe(lot), latlng, from);
        mark(lot); // after opening, which may have closed the popup of the lot before
      }
      remember(lot !== null);
    }

    function openLot(index, month, from = null) {
      const lot = lots[index];
      hidden.delete(lot.parcel.zone);
      time.play(false);
      setMonth(month);
      zone.value = String(lot.parcel.zone);
      sumUp();
      fit(map, painter.bounds(lot).pad(0.8), true);
      select(lot, painter.center(lot), from);
    }

    // ---- moving -------------------------------------------------------------------------------
    function goTo(index, isStep = false) {
      zone.value = index === null ? "" : String(index);
      // A lot of another zone is not what is looked at any more.
      if (index !== null && selected && selected.parcel.zone !== index) popup.close();
      if (index !== null && hidden.has(index)) showZone(index, true);
      sumUp();
      fit(map, boundsOf(index === null ? now.zones : [now.zones[index]]));
      if (isStep) remember(true);
    }

    /** Where zones lie, in the month of a state or else in any. */
    function boundsOf(some) {
      const bounds = L.latLngBounds([]);
      for (const { zone: { shapes, place }, geometry } of some) {
        const drawn = geometry ? [geometry] : shapes.map(([, , shape]) => shape);
        drawn.forEach((shape) => bounds.extend(draw(shape, "zones", {}).getBounds()));
        if (!drawn.length && place) bounds.extend([place[1], place[0]]);
      }
      return bounds;
    }

    function showZone(index, isShown) {
      if (isShown) hidden.delete(index);
      else hidden.add(index);
      setMonth(now.index);
    }

    function setMonth(index) {
      const place = Math.min(months.length - 1, Math.max(0, Math.round(index)));
      const isOther = now !== null && now.index !== place;
      now = stateOf(payload, place, hidden);
      rates.check(hidden);
      if (isChange(theme())) themes.renew(change.themeOf(theme()));
      else swipe.use(false);
      drawLots();
      say();
      if (isOther) change.pulse(map, draw);
      if (selected && !selected.isDrawn) popup.close();
    }

    /** Writes everything that holds words, of the month and in the language of now. */
    function say() {
      time.show(now.index);
      time.node.hidden = theme() !== null && !isChange(theme());
      imagery?.show();
      swipe.show(talk.say.month(months[change.since()]), talk.say.month(months[now.index]));
      const inTop = [
        ...(isChange(theme()) ? [compare] : []),
        ...(isThemed() ? [themes.node] : [headline.node, account.node]),
        ...(theme() ? [] : [change.news]),
      ];
      const isSame = inTop.length === top.children.length
        && inTop.every((one, k) => one === top.children[k]);
      if (!isSame) top.replaceChildren(...inTop);
      frame.title.textContent = theme() ? talk.pick(theme().title) : talk.texts.title;
      frame.date.textContent = talk.say.day(months[now.index]);
      map.getContainer().classList.toggle("kcn-far", isFar());
      labels.show(now, isThemed() ? themes.ringOf : null);
      showNumbers(now.lots, labels.arrange());
      sumUp();
      rates.show(now);
      if (selected?.isDrawn) popup.fill(describe(selected));
    }

    // ---- the address --------------------------------------------------------------------------
    const link = kcngeoLink(follow);

    function remember(isStep) {
      link.write({
        theme: theme()?.id ?? null,
        month: now.index === months.length - 1 ? null : months[now.index].slice(0, 7),
        since: isChange(theme()) ? months[change.since()].slice(0, 7) : null,
        swipe: swipe.isOn() ? 1 : imagery?.isOn() ? "image" : null,
        cover: imagery?.cover() ?? null,
        zone: zone.value === "" ? null : zones[zone.value].id,
        lot: selected ? selected.parcel.id : null,
        status: only === null ? null : STATUSES[only],
        sort: rates.sort.name(),
        off: [...hidden].map((index) => zones[index].id).join("|") || null,
        lang: talk.language === payload.language ? null : talk.language,
      }, isStep);
    }

    /** Goes where an address says; what is not on the map is told, not passed over. */
    function follow(asked) {
      const language = ["vi", "en"].includes(asked.lang) ? asked.lang : payload.language;
      if (language !== talk.language) talk.use(language);
      const [month, since] = [asked.month, asked.since].map((one) => (
        months.findIndex((day) => day.startsWith(one))));
      const place = zones.findIndex(({ id }) => id === asked.zone);
      const versions = lots.filter(({ parcel }) => parcel.id === asked.lot);
      const isTheme = themes.use(asked.theme ?? null) || !themes.use(null);
      change.choose(since < 0 ? null : since);
      imagery?.use(asked.swipe === "image");
      imagery?.setCover(asked.cover);
      swipe.use(isChange(theme()) && asked.swipe === "1");
      const index = monthOf(theme(), month < 0 ? months.length - 1 : month);
      const then = versions.find(({ parcel: { from, to } }) => isIn(index, from, to));
      // One that is no more, or not yet, is shown as it was last unless a month is asked for.
      const lot = (then ?? (asked.month ? null : versions.at(-1)))?.index ?? null;
      const lost = [
        isTheme ? null : asked.theme, asked.month && month < 0 ? asked.month : null,
        asked.since && since < 0 ? asked.since : null, asked.zone && place < 0 ? asked.zone : null,
        asked.lot && lot === null ? asked.lot : null,
      ].filter((words) => words);
      frame.notice.textContent = lost.length ? `${talk.texts.not_here} ${lost.join(", ")}` : "";
      popup.close();
      time.play(false);
      rates.sort.use(asked.sort);
      hidden.clear();
      const off = new Set(asked.off?.split("|"));
      zones.forEach(({ id }, index) => { if (off.has(id)) hidden.add(index); });
      setMonth(index);
      const status = STATUSES.indexOf(asked.status);
      account.highlight(status < 0 ? null : status);
      if (lot === null && !(isWhole && place < 0)) goTo(place < 0 ? null : place);
      if (lot !== null) openLot(lot, then ? index : lots[lot].parcel.to - 1);
    }

    talk.always(() => { if (now) setMonth(now.index); });
    zone.addEventListener("change", () => goTo(zone.value === "" ? null : Number(zone.value), true));
    map.on("moveend", () => {
      if (!now) return;
      map.getContainer().classList.toggle("kcn-far", isFar());
      showNumbers(now.lots, labels.arrange());
      themes.arrange();
    });
    keys({
      onSpace: time.toggle,
      onEscape: [
        search.close, measure.stop, () => popup.isOpen() && (popup.close(), true), account.clear,
      ],
    });
    map.invalidateSize({ animate: false });
    // Lots are drawn first where most readers begin, and once.
    fit(map, boundsOf(stateOf(payload, months.length - 1, hidden).zones), true);
    let isWhole = true; // all zones are in view
    map.once("movestart", () => { isWhole = false; });
    link.begin();

    window.kcngeo = {
      map, measure: kcngeoMeasure,
      setMonth: (index) => { time.play(false); setMonth(index); },
      month: () => now.index,
      theme: () => theme()?.id ?? null,
      drawn: () => now.lots.map((lot) => ({
        id: lot.parcel.id, zone: lot.zone.id, leasable: lot.shares !== null, shares: lot.shares,
        fill: painter.fill(lot),
      })),
    };
  };
})();
