/**
 * Parcels of industrial zones by lease status, month by month, on a Leaflet map: what is shown when.
 * How lots are drawn is in lots.js, what is said of them in fill_map_page.js, what stands round the
 * map in fill_time.js, fill_panel.js and fill_labels.js, what changes when in fill_steps.js and
 * fill_change.js.
 *
 * kcngeoFillMap(map, payload, options): the payload is the FillPayload of types.d.ts. Options:
 *   is_canvas         whether the lots are drawn on a canvas
 *   pages             folder of the zones' pages (an overview);  home: the overview (such a page)
 */
"use strict";

const kcngeoFillMap = (() => {
  const { el, own, swatch } = kcngeoElements;
  const { drawer, drawContext, fit } = kcngeoGround;
  const { shell, zoneMenu, controls, keys } = kcngeoShell;
  const { STATUSES, lotName, lotInWords, describeLot, describeZone } = kcngeoPage;
  const FAR_ZOOM = 13.5; // further out, edges would hide what they enclose

  /**
   * @param {L.Map} map
   * @param {FillPayload} payload
   * @param {{is_canvas?: boolean, pages?: string, home?: string}} options
   */
  return function start(map, payload, { is_canvas: isCanvas, pages, home } = {}) {
    const { months, zones } = payload;
    const talk = kcngeoWords.speaker(payload);
    /** @type {Set<number>} */
    const hidden = new Set(); // indexes of zones that are switched off
    let now = kcngeoFillState.of(payload, months.length - 1, hidden); // the month shown
    let isReady = false; // whether it is drawn
    /** @type {Lot | null} */
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

    /** @type {Record<string, L.Renderer>} */
    const renderers = {};
    ["context", "parcels", "zones", "labels"].forEach((name, k) => { // lots.js draws into "parcels"
      const pane = map.createPane(`kcngeo-${name}`);
      pane.style.zIndex = String(name === "labels" ? 640 : 360 + 10 * k);
      renderers[name] = L.svg({ pane: `kcngeo-${name}`, padding: 0.5 });
    });
    const draw = drawer(renderers);
    drawContext(map, payload.context, draw);

    // ---- lots ---------------------------------------------------------------------------------
    const isFar = () => map.getZoom() < FAR_ZOOM;
    /** @param {Lot} lot */
    const tipOf = (lot) => el("div", {}, el("b", {}, own(lotName(lot, talk.texts))), " · ",
      lot.group ? talk.pick(lot.group.label) : lotInWords(lot, talk.texts));
    const fillLots = kcngeoFillLots(map, payload, {
      isCanvas, isFar, tip: tipOf, onClick: (lot, latlng) => select(lot, latlng),
    });
    const { lots, painter } = fillLots;
    const showNumbers = kcngeoLotLabels(map, painter);
    const nameGround = kcngeoGroundNames(map, payload.context);
    function placeWords() {
      map.getContainer().classList.toggle("kcn-far", isFar());
      const { boxes, lines } = labels.arrange();
      nameGround(showNumbers(now.lots, boxes), lines);
    }
    const labels = kcngeoLabels(
      map, draw, talk, (index) => goTo(index, true),
      { zone_color: payload.zone_color, colors: STATUSES.map((one) => payload.colors[one]) });
    /** Whether lots are painted by a theme; where two months lie side by side, by their status. */
    const isThemed = () => theme() !== null && !swipe.isOn();

    // ---- the panel ----------------------------------------------------------------------------
    const account = kcngeoPanel.buildAccount(payload, talk, (status) => {
      fillLots.highlight(status);
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
    const popup = kcngeoPopup(map, talk, frame.panel, () => { select(null); });
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
    const isChange = (/** @type {Theme | null} */ some) => some?.id === "change";
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
    /**
     * The month a theme can be seen in: any, if it is what changed, else the last.
     * @type {(some: Theme | null, index: number) => number}
     */
    const monthOf = (some, index) => (some && !isChange(some) ? months.length - 1 : index);
    const top = el("div", { class: "kcn-top" });
    frame.panel.append(top, rates.node, source);
    const focus = () => (zone.value === "" ? null : Number(zone.value));

    /** Sums up the zone that is asked for, or all that are shown. */
    function sumUp() {
      headline.show(now, focus());
      account.show(now, focus());
      const isShown = (/** @type {number} */ place) => now.zones[place].isShown;
      themes.show(focus(), isShown);
      if (!theme()) change.show(focus(), isShown);
    }

    // ---- one lot ------------------------------------------------------------------------------
    /**
     * What is said of a lot; of a zone in an overview its account, and where its lots are.
     * @param {Lot} lot
     */
    function describe(lot) {
      if (!lot.zone.page) {
        const node = describeLot(lot, now, payload, talk);
        if (theme()) node.querySelector("h3")?.after(...saidBy(lot));
        return node;
      }
      const node = describeZone(lot, payload, talk);
      if (pages) {
        const href = `${pages}/${lot.zone.page}${location.hash}`;
        node.append(el("a", { class: "kcn-open", href, target: "_top" }, talk.texts.open_zone));
      }
      return node;
    }

    /**
     * What the theme says of a lot.
     * @param {Lot} lot
     */
    const saidBy = ({ group, index }) => [
      ...(group ? [el("p", { class: "kcn-group" }, swatch(group.color, group.mark), talk.pick(group.label))] : []),
      ...themes.said(index).map((words) => el("p", { class: "kcn-source" }, talk.pick(words))),
    ];

    /** @param {Lot | null} lot */
    function mark(lot) {
      const changed = [selected, lot].filter((one) => one !== null);
      selected = lot;
      changed.forEach((one) => { one.isSelected = one === lot; });
      painter.restyle(changed.filter((one) => one.isDrawn));
    }

    /**
     * Selects a lot and tells of it at a place, or none.
     * @param {Lot | null} lot
     * @param {L.LatLng} [at]
     * @param {HTMLElement | null} [from]
     */
    function select(lot, at, from = null) {
      mark(null);
      if (lot && at) {
        painter.raise(lot);
        popup.show(describe(lot), at, from);
        mark(lot); // after opening, which may have closed the popup of the lot before
      }
      remember(lot !== null);
    }

    /**
     * @param {number} index
     * @param {number} month
     * @param {HTMLElement | null} [from]
     */
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
    /** @param {number | null} index */
    function goTo(index, isStep = false) {
      zone.value = index === null ? "" : String(index);
      // A lot of another zone is not what is looked at any more.
      if (index !== null && selected && selected.parcel.zone !== index) popup.close();
      if (index !== null && hidden.has(index)) showZone(index, true);
      sumUp();
      fit(map, boundsOf(index === null ? now.zones : [now.zones[index]]));
      if (isStep) remember(true);
    }

    /**
     * Where zones lie, in the month of a state or else in any.
     * @param {ZoneState[]} some
     */
    function boundsOf(some) {
      const bounds = L.latLngBounds([]);
      for (const { zone: { shapes, place }, geometry } of some) {
        const drawn = geometry ? [geometry] : shapes.map(([, , shape]) => shape);
        drawn.forEach((shape) => bounds.extend(L.geoJSON(shape).getBounds()));
        if (!drawn.length && place) bounds.extend([place[1], place[0]]);
      }
      return bounds;
    }

    /**
     * @param {number} index
     * @param {boolean} isShown
     */
    function showZone(index, isShown) {
      if (isShown) hidden.delete(index);
      else hidden.add(index);
      setMonth(now.index);
    }

    /** @param {number} index */
    function setMonth(index) {
      const place = Math.min(months.length - 1, Math.max(0, Math.round(index)));
      const isOther = isReady && now.index !== place;
      now = kcngeoFillState.of(payload, place, hidden);
      rates.check(hidden);
      const asked = theme();
      if (asked && isChange(asked)) themes.renew(change.themeOf(asked));
      else swipe.use(false);
      fillLots.show(now, isThemed() ? themes.groupOf : null);
      fillLots.showEarlier(
        swipe.isOn() ? kcngeoFillState.of(payload, change.since(), hidden) : null);
      say();
      if (isOther) change.pulse(map, draw);
      isReady = true;
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
      frame.title.textContent = talk.pick(theme()?.title ?? talk.texts.title);
      frame.date.textContent = talk.say.day(months[now.index]);
      labels.show(now, isThemed() ? themes.ringOf : null);
      placeWords();
      sumUp();
      rates.show(now);
      if (selected?.isDrawn) popup.fill(describe(selected));
    }

    // ---- the address --------------------------------------------------------------------------
    const link = kcngeoLink(follow);

    /** @param {boolean} isStep */
    function remember(isStep) {
      link.write({
        theme: theme()?.id ?? null,
        month: now.index === months.length - 1 ? null : months[now.index].slice(0, 7),
        since: isChange(theme()) ? months[change.since()].slice(0, 7) : null,
        swipe: swipe.isOn() ? 1 : imagery?.isOn() ? "image" : null,
        cover: imagery?.cover() ?? null,
        zone: zone.value === "" ? null : zones[Number(zone.value)].id,
        lot: selected ? selected.parcel.id : null,
        status: STATUSES[fillLots.status() ?? -1] ?? null,
        sort: rates.sort.name(),
        off: [...hidden].map((index) => zones[index].id).join("|") || null,
        lang: talk.language === payload.language ? null : talk.language,
      }, isStep);
    }

    /**
     * Goes where an address says; what is not on the map is told, not passed over.
     * @param {Place} asked
     */
    function follow(asked) {
      const found = kcngeoFillAddress.find(asked, payload);
      if (found.language !== talk.language) talk.use(found.language);
      const isTheme = themes.use(asked.theme ?? null) || !themes.use(null);
      change.choose(found.since < 0 ? null : found.since);
      imagery?.use(asked.swipe === "image");
      imagery?.setCover(asked.cover);
      swipe.use(isChange(theme()) && asked.swipe === "1");
      const index = monthOf(theme(), found.month < 0 ? months.length - 1 : found.month);
      const lot = kcngeoFillAddress.lotOf(asked, payload, index);
      const lost = kcngeoFillAddress.lostOf(asked, found, { isTheme, isLot: lot !== null });
      frame.notice.textContent = lost.length ? `${talk.texts.not_here} ${lost.join(", ")}` : "";
      popup.close();
      time.play(false);
      rates.sort.use(asked.sort);
      hidden.clear();
      found.hidden.forEach((one) => hidden.add(one));
      setMonth(index);
      const status = STATUSES.indexOf(asked.status ?? "");
      account.highlight(status < 0 ? null : status);
      if (lot) openLot(lot.index, lot.month);
      else if (found.zone >= 0 || !isWhole) goTo(found.zone < 0 ? null : found.zone);
    }

    talk.always(() => { if (isReady) setMonth(now.index); });
    zone.addEventListener("change", () => goTo(zone.value === "" ? null : Number(zone.value), true));
    map.on("moveend", () => {
      if (!isReady) return;
      placeWords();
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
    fit(map, boundsOf(now.zones), true);
    let isWhole = true; // all zones are in view
    map.once("movestart", () => { isWhole = false; });
    link.begin();

    window.kcngeo = {
      map, measure: kcngeoMeasure,
      setMonth: (/** @type {number} */ index) => { time.play(false); setMonth(index); },
      month: () => now.index,
      theme: () => theme()?.id ?? null,
      drawn: () => now.lots.map((lot) => ({
        id: lot.parcel.id, zone: lot.zone.id, leasable: lot.shares !== null, shares: lot.shares,
        fill: painter.fill(lot),
      })),
    };
  };
})();
