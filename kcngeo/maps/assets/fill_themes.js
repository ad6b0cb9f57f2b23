/**
 * The themes of a fill map: what its lots are painted with instead of their status, the features a
 * theme has of its own, its legend and its ranked list. Themes are of the last month; only what
 * changed is of any, and made by fill_change.js.
 *
 * payload.more      {own: what the switch calls the fill map itself, themes: [{
 *   id, label, title, headline, headlines: [of each zone, or null], subtitle, list, list_empty,
 *   notes, facts: [of each zone [words, …]], groups, labels: as in layers_map.js,
 *   lots: [group of each lot of payload.parcels, -1 for none], hectares: [of each lot, or null],
 *   features: [as in layers_map.js; lot: the index of the lot whose shape it has, instead of a
 *             geometry], listed: how many of the list there are, with those left out }]}
 *
 * kcngeoThemes(map, payload, talk, {draw, openLot, popup, isFar, onTheme}) gives
 *   control         the switch, null where there is but one theme
 *   node            what stands in the panel instead of the account
 *   theme()         the theme shown, null for the fill map
 *   use(id)         false if there is no such theme
 *   renew(theme)    the theme shown, made anew
 *   paintOf(index)  the colour of a lot, null for land the theme says nothing of
 *   groupOf(index), said(index)   the group of a lot, and what the theme says of it
 *   show(zone, isShown)      legend, list and features of a zone, or of all
 *   ringOf(zone)    {sums, colors, words} of a zone seen from afar
 *   arrange()       marks anew, after the map moved
 */
"use strict";

const kcngeoThemes = (() => {
  const { el, own } = kcngeoShell;
  const { LINES, POINT_PX, SELECTED, styleOf, boundsOf } = kcngeoGroups;
  const { describe, buildLegend, buildList } = kcngeoLayersPanel;
  const PANES = ["theme", "theme-points"];

  /** The switch, on the map. */
  function switchOf(map, { own: first, themes }, talk, onChoice) {
    if (!themes.length) return null;
    const menu = talk.name(el("select", {}), "aria-label", "theme");
    const options = [["", first], ...themes.map(({ id, label }) => [id, label])]
      .map(([id, label]) => {
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

  return function themes(map, payload, talk, { draw, openLot, popup, isFar, onTheme }) {
    const more = payload.more ?? { own: "", themes: [] };
    const { parcels } = payload;
    const made = new Map(); // of a theme that was shown: its groups as they are drawn, its panel
    const node = el("div", { class: "kcn-of-theme" });
    const hidden = new Set(); // groups that are switched off
    let now = null; // the theme shown
    let asked = null; // the zone it is shown for
    let zoneIsShown = (_place) => true;
    PANES.forEach((name, k) => {
      map.createPane(`kcngeo-${name}`).style.zIndex = String(385 + 30 * k);
    });
    map.createPane("kcngeo-marks").style.zIndex = "645";
    const renderers = Object.fromEntries(PANES.map((name) => (
      [name, L.svg({ pane: `kcngeo-${name}`, padding: 0.5 })])));

    /** All that a legend counts: lots, and features with a shape of their own. */
    function countedOf({ lots, hectares, features }) {
      const ofLots = lots.flatMap((group, index) => (group < 0 ? []
        : [{ group, zone: parcels[index].zone, area_ha: hectares[index] }]));
      return [...ofLots, ...features.filter(({ lot }) => lot === undefined)];
    }

    function create(theme, feature) {
      const group = theme.groups[feature.group];
      const isOnTop = feature.geometry.type === "Point" || LINES.has(group.style);
      const pane = PANES[Number(isOnTop)];
      const style = { ...styleOf(group), renderer: renderers[pane], interactive: true };
      const layer = draw(feature.geometry, pane, {
        ...style,
        pointToLayer: (_, at) => L.circleMarker(at, {
          ...style, radius: POINT_PX, pane: `kcngeo-${pane}` }),
      });
      layer.feature = { properties: { group: group.id, number: feature.number } };
      const one = { feature, layer };
      layer.bindTooltip(() => el("div", {},
        el("b", {}, own(talk.pick(feature.name))), ` · ${talk.pick(group.label)}`),
      { sticky: true, direction: "top", opacity: 1, className: "kcn-tip" });
      layer.on("click", (event) => {
        L.DomEvent.stopPropagation(event);
        open(one, event.latlng);
      });
      return one;
    }

    function open(one, at, from = null) {
      const { groups, labels } = now;
      popup.show(describe(one.feature, groups[one.feature.group], labels, talk), at, from);
      one.layer.setStyle({ ...SELECTED, dashArray: null });
      map.once("popupclose", () => one.layer.setStyle({ dashArray: null, ...styleOf(groups[one.feature.group]) }));
    }

    /** Flies to what an entry of the list is about. */
    function goTo(theme, index, from) {
      const feature = theme.features[index];
      if (feature.lot !== undefined) {
        openLot(feature.lot, from);
        return;
      }
      const one = made.get(theme).drawn.find((some) => some.feature === feature);
      kcngeoShell.fit(map, boundsOf(one).pad(1.2), true);
      open(one, boundsOf(one).getCenter(), from);
    }

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
        const on = talk.texts.theme_day.replace("{on}", talk.say.day(theme.on ?? payload.months.at(-1)));
        day.textContent = [talk.pick(theme.subtitle), on].filter((words) => words).join(" · ");
        facts.textContent = asked === null ? "" : theme.facts[asked].map(talk.pick).join(" ");
        legend.show(countedOf(theme).filter(isCounted), (group) => !hidden.has(group));
        list.show(asked);
      }
      return { nodes: [head, legend.node, list.node], show };
    }

    const isCounted = ({ group, zone }) => (
      !hidden.has(group) && (asked === null ? zone < 0 || zoneIsShown(zone) : zone === asked));

    function take(theme) {
      if (!made.has(theme)) {
        const shaped = theme.features.filter(({ geometry }) => geometry);
        const drawn = shaped.map((one) => create(theme, one));
        const inOrder = [...drawn].sort((a, b) => (
          theme.groups[a.feature.group].rank - theme.groups[b.feature.group].rank));
        const marks = kcngeoGroups.marks(map, theme.groups, talk, open);
        made.set(theme, { drawn, inOrder, marks, panel: panelOf(theme, talk) });
      }
      return made.get(theme);
    }

    const shownOf = ({ drawn }) => drawn.filter(({ feature: { group, zone } }) => (
      !hidden.has(group) && (zone < 0 || zoneIsShown(zone))));

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

    function renew(theme) {
      if (theme === now) return;
      const drawn = take(now); // lots alone change
      made.delete(now);
      now = theme;
      made.set(now, { ...drawn, panel: panelOf(now, talk.still()) });
      node.replaceChildren(...take(now).panel.nodes);
    }

    /** Draws what is switched on, and says what it is. */
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

    /** A ring is in the proportions of the lots of a theme; without lots, of its features. */
    function ringOf(zone) {
      const isOfLots = now.lots.some((group) => group >= 0);
      const mine = countedOf(now).filter((one) => one.zone === zone && !hidden.has(one.group));
      const weigh = ({ area_ha: area }) => (isOfLots ? area ?? 0 : 1);
      const sums = now.groups.map((_, group) => (
        mine.reduce((sum, one) => (one.group === group ? sum + weigh(one) : sum), 0)));
      const all = sums.reduce((a, b) => a + b, 0);
      return {
        sums, colors: now.groups.map(({ color }) => color),
        words: isOfLots ? talk.say.number(all, all < 1000 ? 1 : 0) + (all < 100 ? " ha" : "") : String(all),
      };
    }

    const groupOf = (index) => {
      const group = now.lots[index] ?? -1;
      return group < 0 || hidden.has(group) ? null : now.groups[group];
    };

    const menu = switchOf(map, more, talk, (id) => {
      use(id || null);
      onTheme(true);
    });
    return {
      node, use, renew, show, ringOf, groupOf,
      theme: () => now,
      paintOf: (index) => groupOf(index)?.color ?? null,
      said: (index) => now.features.filter(({ lot }) => lot === index)
        .flatMap(({ listed, notes }) => [listed, ...notes]).filter((words) => words),
      arrange,
    };
  };
})();
