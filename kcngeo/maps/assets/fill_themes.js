/**
 * The themes of a fill map: what its lots are painted with instead of their status, the features a
 * theme has of its own, its legend and its ranked list. Themes are of the last month; only what
 * changed is of any, and made by fill_change.js.
 *
 * kcngeoThemes(map, payload, talk, {draw, openLot, popup, isFar, onTheme}) gives
 *   node            what stands in the panel instead of the account
 *   theme()         the theme shown, null for the fill map
 *   use(id)         false if there is no such theme
 *   renew(theme)    the theme shown, made anew
 *   groupOf(index), said(index)   the group of a lot, and what the theme says of it
 *   show(zone, isShown)      legend, list and features of a zone, or of all
 *   ringOf(zone)    {sums, colors, words, short} of a zone seen from afar
 *   arrange()       marks anew, after the map moved
 */
"use strict";

const kcngeoThemes = (() => {
  const { el, own } = kcngeoElements;
  const { LINES, SELECTED, styleOf, boundsOf } = kcngeoGroups;
  const { describe, buildLegend, buildList } = kcngeoLayersPanel;
  const PANES = ["theme", "theme-points"];

  /**
   * The switch, on the map; null where there is but one theme.
   * @param {L.Map} map
   * @param {NonNullable<FillPayload["more"]>} more
   * @param {Talk} talk
   * @param {(id: string) => void} onChoice
   */
  function switchOf(map, { own: first, themes }, talk, onChoice) {
    if (!themes.length) return null;
    const menu = talk.name(el("select", {}), "aria-label", "theme");
    const options = [{ id: "", label: first }, ...themes]
      .map(({ id, label }) => {
        const option = new Option("", id);
        talk.always(() => { option.text = talk.pick(label); });
        return option;
      });
    menu.append(...options);
    menu.addEventListener("change", () => onChoice(menu.value));
    const box = el("div", { class: "kcn-theme leaflet-control" }, el("label", {}, talk.text("theme"), " ", menu));
    const control = new L.Control({ position: "topright" });
    control.onAdd = () => {
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      return box;
    };
    control.addTo(map);
    return menu;
  }

  /**
   * @param {L.Map} map
   * @param {FillPayload} payload
   * @param {Talk} talk
   * @param {{draw: Draw, popup: Popup, isFar: () => boolean, onTheme: (isStep?: boolean) => void,
   *   openLot: (index: number, from?: HTMLElement) => void}} page
   */
  return function themes(map, payload, talk, { draw, openLot, popup, isFar, onTheme }) {
    const more = payload.more ?? { own: "", themes: [] };
    const { parcels } = payload;
    /** @type {Map<Theme, Made>} */
    const made = new Map(); // of a theme that was shown: its groups as they are drawn, its panel
    const node = el("div", { class: "kcn-of-theme" });
    /** @type {Set<number>} */
    const hidden = new Set(); // groups that are switched off
    /** @type {Theme | null} */
    let now = null; // the theme shown
    /** @type {number | null} */
    let asked = null; // the zone it is shown for
    /** @type {(zone: number) => boolean} */
    let zoneIsShown = () => true;
    PANES.forEach((name, k) => {
      map.createPane(`kcngeo-${name}`).style.zIndex = String(385 + 30 * k);
    });
    map.createPane("kcngeo-marks").style.zIndex = "645";
    /** @type {Record<string, L.Renderer>} */
    const renderers = Object.fromEntries(PANES.map((name) => (
      [name, L.svg({ pane: `kcngeo-${name}`, padding: 0.5 })])));

    /**
     * @param {Theme} theme
     * @returns {{group: number, zone: number, area_ha: number | null}[]}
     */
    const lotsOf = ({ lots, hectares }) => lots.flatMap((group, index) => (group < 0 ? []
      : [{ group, zone: parcels[index].zone, area_ha: hectares[index] }]));

    /**
     * All that a legend counts: lots, and features with a shape of their own.
     * @param {Theme} theme
     */
    const countedOf = (theme) => [
      ...lotsOf(theme), ...theme.features.filter(({ lot }) => lot === undefined)];

    /**
     * @param {Theme} theme
     * @param {Feature} feature
     * @param {Shape} geometry
     * @returns {DrawnFeature}
     */
    function create(theme, feature, geometry) {
      const group = theme.groups[feature.group];
      const isOnTop = geometry.type === "Point" || LINES.has(group.style);
      const pane = PANES[Number(isOnTop)];
      const layer = Object.assign(
        draw(geometry, pane, { ...styleOf(group), renderer: renderers[pane], interactive: true }),
        { feature: { properties: { group: group.id, number: feature.number } } });
      const one = { feature, layer };
      layer.bindTooltip(() => el("div", {},
        el("b", {}, own(talk.pick(feature.name))), ` · ${talk.pick(group.label)}`),
      { sticky: true, direction: "top", opacity: 1, className: "kcn-tip" });
      layer.on("click", (event) => {
        L.DomEvent.stopPropagation(event);
        open(theme, one, event.latlng);
      });
      return one;
    }

    /**
     * @param {Theme} theme
     * @param {DrawnFeature} one
     * @param {L.LatLng} at
     * @param {HTMLElement} [from]
     */
    function open({ groups, labels }, one, at, from) {
      const group = groups[one.feature.group];
      popup.show(describe(one.feature, group, labels, talk), at, from);
      one.layer.setStyle({ ...SELECTED, dashArray: undefined });
      map.once("popupclose", () => one.layer.setStyle({ dashArray: undefined, ...styleOf(group) }));
    }

    /**
     * Flies to what an entry of the list is about.
     * @param {Theme} theme
     * @param {number} index
     * @param {HTMLElement} from
     */
    function goTo(theme, index, from) {
      const feature = theme.features[index];
      if (feature.lot !== undefined) {
        openLot(feature.lot, from);
        return;
      }
      const one = take(theme).drawn.find((some) => some.feature === feature);
      if (!one) return;
      kcngeoGround.fit(map, boundsOf(one).pad(1.2), true);
      open(theme, one, boundsOf(one).getCenter(), from);
    }

    /**
     * @param {Theme} theme
     * @param {Talk} talk
     */
    function panelOf(theme, talk) {
      const title = el("p", { class: "kcn-of" });
      const headline = el("p", { class: "kcn-theme-headline" });
      const day = el("p", { class: "kcn-figures" });
      const facts = el("p", { class: "kcn-figures" });
      const legend = buildLegend({ ...theme, uses: [] }, talk, (group) => {
        if (!hidden.delete(group)) hidden.add(group);
        onTheme();
      });
      const listed = theme.features.filter((one) => one.listed !== null).length;
      const shapes = theme.features.map((one) => (
        one.lot === undefined ? one : { ...one, geometry: parcels[one.lot].geometry }));
      const list = buildList(shapes, { ...theme, more: theme.listed - listed }, talk,
        (index, from) => goTo(theme, index, from));
      const head = el("section", { class: "kcn-headline" }, title, headline, facts, day);

      function show() {
        title.replaceChildren(asked === null ? talk.texts.all_zones : own(payload.zones[asked].name));
        headline.textContent = talk.pick(
          (asked === null ? null : theme.headlines[asked]) ?? theme.headline);
        const on = talk.texts.theme_day.replace("{on}", talk.say.day(theme.on ?? payload.months.at(-1) ?? ""));
        day.textContent = [talk.pick(theme.subtitle), on].filter((words) => words).join(" · ");
        facts.textContent = asked === null ? ""
          : theme.facts[asked].map((words) => talk.pick(words)).join(" ");
        const counted = countedOf(theme);
        // What lies in no zone is drawn with every one: nothing says how many are round this one.
        const ofNone = new Set(asked === null ? []
          : counted.filter((one) => one.zone < 0).map((one) => one.group));
        legend.show(counted.filter(isCounted), (group) => !hidden.has(group), ofNone);
        list.show(asked);
      }
      return { nodes: [head, legend.node, list.node], show };
    }

    /** @type {(one: {group: number, zone: number}) => boolean} */
    const isCounted = ({ group, zone }) => (
      !hidden.has(group) && (asked === null ? zone < 0 || zoneIsShown(zone) : zone === asked));

    /** @typedef {ReturnType<typeof make>} Made */

    /** @param {Theme} theme */
    function make(theme) {
      const drawn = theme.features.flatMap((one) => (
        one.lot === undefined && one.geometry ? [create(theme, one, one.geometry)] : []));
      const inOrder = [...drawn].sort((a, b) => (
        theme.groups[a.feature.group].rank - theme.groups[b.feature.group].rank));
      const marks = kcngeoGroups.marks(map, theme.groups, talk, (one, at) => open(theme, one, at));
      return { drawn, inOrder, marks, panel: panelOf(theme, talk) };
    }

    /** @param {Theme} theme */
    function take(theme) {
      const known = made.get(theme) ?? make(theme);
      made.set(theme, known);
      return known;
    }

    /** @param {Made} theme */
    const shownOf = ({ drawn }) => drawn.filter(({ feature: { group, zone } }) => (
      !hidden.has(group) && (zone < 0 || zoneIsShown(zone))));

    /** @param {string | null} id */
    function use(id) {
      const next = id ? more.themes.find((one) => one.id === id) ?? null : null;
      if (id && !next) return false;
      if (menu) menu.value = id ?? "";
      if (next === now) return true;
      if (now) {
        take(now).drawn.forEach(({ layer }) => layer.remove());
        take(now).marks.clear();
      }
      hidden.clear();
      now = next;
      node.replaceChildren(...(now ? take(now).panel.nodes : []));
      return true;
    }

    /** @param {Theme} theme */
    function renew(theme) {
      if (!now || theme === now) return;
      const drawn = take(now); // lots alone change
      made.delete(now);
      now = theme;
      const panel = panelOf(now, talk.still());
      made.set(now, { ...drawn, panel });
      node.replaceChildren(...panel.nodes);
    }

    /**
     * Draws what is switched on, and says what it is.
     * @param {number | null} zone
     * @param {(zone: number) => boolean} isShown
     */
    function show(zone, isShown) {
      if (!now) return;
      [asked, zoneIsShown] = [zone, isShown];
      const { inOrder, panel } = take(now);
      const shown = new Set(shownOf(take(now)));
      inOrder.forEach((one) => (shown.has(one) ? one.layer.addTo(map) : one.layer.remove()));
      arrange();
      panel.show();
    }

    /** From afar a number would lie on the ring of its zone. */
    function arrange() {
      if (now) take(now).marks.draw(isFar() ? [] : shownOf(take(now)));
    }

    /**
     * A ring is in the proportions of the lots of a theme; where its list begins with what has a shape
     * of its own, such as a site, of their number: what stands round them counts nothing.
     * @param {Theme} theme
     * @param {number} zone
     */
    function ringOf(theme, zone) {
      const first = theme.features.find((one) => one.listed !== null);
      const isOfLots = first?.lot !== undefined
        || (!first && theme.lots.some((group) => group >= 0));
      const counted = isOfLots ? lotsOf(theme)
        : theme.features.filter((one) => one.group === first?.group);
      const mine = counted.filter((one) => one.zone === zone && !hidden.has(one.group));
      const weigh = (/** @type {{group: number}} */ one) => (
        "area_ha" in one && isOfLots ? Number(one.area_ha ?? 0) : 1);
      const sums = theme.groups.map((_, group) => (
        mine.reduce((sum, one) => (one.group === group ? sum + weigh(one) : sum), 0)));
      const all = sums.reduce((a, b) => a + b, 0);
      const short = isOfLots ? talk.say.number(all, all < 1000 ? 1 : 0) : String(all);
      return {
        sums, short, colors: theme.groups.map(({ color }) => color),
        words: isOfLots && all < 100 ? `${short} ha` : short,
      };
    }

    /** @type {(index: number) => Group | null} */
    const groupOf = (index) => {
      const group = now?.lots[index] ?? -1;
      return !now || group < 0 || hidden.has(group) ? null : now.groups[group];
    };

    const menu = switchOf(map, more, talk, (id) => {
      use(id || null);
      onTheme(true);
    });
    return {
      node, use, renew, show, groupOf,
      theme: () => now,
      ringOf: (/** @type {number} */ zone) => (now ? ringOf(now, zone) : null),
      said: (/** @type {number} */ index) => (now?.features ?? []).filter(({ lot }) => lot === index)
        .flatMap(({ listed, notes }) => [...(listed ? [listed] : []), ...notes]),
      arrange,
    };
  };
})();
