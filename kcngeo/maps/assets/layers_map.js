/**
 * Groups of features of one day on a Leaflet map, with a legend that counts what is shown, a list
 * of what matters, and what is said of each feature.
 *
 * kcngeoLayersMap(map, payload), with payload:
 *   language    "vi" or "en": the language shown first
 *   texts       {key: words}; every word shown (keys: LAYERS_MAP_TEXTS in render.py); words that
 *             differ by language are {vi, en}, here as everywhere
 *   synthetic   whether the geometry is invented
 *   on          the day, "2018-03-31"
 *   zones       [{id, name, geometry, facts: [words, …]}], last what belongs to none, without shape
 *   context     [{kind, name, color, edge, geometry}], drawn under everything
 *   base        [{id, lot, use, zone, geometry}]: lots under the groups; use is an index of uses
 *   uses        [{id, label, color}]: what the colours of the lots mean
 *   zone_color  the colour of the boundaries of zones
 *   groups      [{id, label, color, style, mark, rank}], drawn by rank; style is "area", "outline",
 *             "line", "dashed", "dotted", "point" or "pin" (an outline, its mark always seen)
 *   labels      [words, …]: what facts are called
 *   features    [{group, zone, name, number: in the list, or null, geometry or null, inner: a point inside where the
 *             centre is outside, or null, label: optional words beside the number, area_ha or null, facts: [[label, words], …],
 *             notes: [words, …], listed: words or null}]; group, zone, label are indexes; listed in
 *             this order, drawn by the rank of their groups
 *   notes       [words, …] under the legend
 * and options: is_canvas, whether lots and areas are drawn on one canvas
 */
"use strict";

const kcngeoLayersMap = (() => {
  const {
    el, own, shell, zoneMenu, controls, popupOn, keys, drawContext, fit,
  } = kcngeoShell;
  const { describe, describeLot, buildLegend, buildZones, buildList } = kcngeoLayersPanel;
  const { LINES, POINT_PX, SELECTED, styleOf } = kcngeoGroups;
  const BASE = { color: "#c3c7be", weight: 0.6, fillOpacity: 1 };
  const FAR_ZOOM = 13.5; // further out a zone is a dot that needs its name

  /**
   * @param {L.Map} map
   * @param {any} payload
   * @param {{is_canvas?: boolean}} options
   */
  return function start(map, payload, { is_canvas: isCanvas } = {}) {
    const { zones, groups } = payload;
    const talk = kcngeoWords.speaker(payload);
    const hiddenGroups = new Set();
    const hiddenZones = new Set();
    const zone = zoneMenu(zones, talk);
    const search = kcngeoSearch.field(talk, kcngeoLayersSearch(payload, talk, {
      openFeature: (index, from) => goToFeature(features[index], from), openLot,
      openZone: (index) => goTo(index, true),
    }));
    const frame = shell(map, payload, talk, {
      search: search.node, zone, onLanguage: () => remember(false),
    });
    talk.always(() => { frame.date.textContent = talk.say.day(payload.on); });
    controls(map, talk);
    const measure = kcngeoMeasure.start(map, talk);
    kcngeoPaper(map, frame.app);

    // A canvas takes every click that falls on it, so lots and areas must share one.
    const paneOf = (name) => (isCanvas && name === "groups" ? "base" : name);
    const renderers = {};
    ["context", "base", "groups", "zones", "points", "marks"].forEach((name, k) => {
      map.createPane(`kcngeo-${name}`).style.zIndex = String(360 + 10 * k);
      if (isCanvas && name === "base") renderers[name] = L.canvas({ pane: "kcngeo-base" });
      else if (name !== "marks") renderers[name] = L.svg({ pane: `kcngeo-${name}`, padding: 0.5 });
    });
    /** @returns {any} */
    const draw = (geometry, pane, style) => L.GeoJSON.geometryToLayer(
      { type: "Feature", properties: {}, geometry },
      { pane: `kcngeo-${pane}`, renderer: renderers[pane], smoothFactor: 0.2, noClip: !isCanvas,
        interactive: false, ...style,
        pointToLayer: (_, at) => L.circleMarker(at, {
          radius: POINT_PX, pane: `kcngeo-${pane}`, renderer: renderers[pane], ...style }) });
    drawContext(map, payload.context, draw);
    /** Keeps with a layer what it shows: its class, as paper and QGIS name it. */
    const tagged = (layer, properties) => Object.assign(layer, { feature: { properties } });

    // ---- zones and lots -----------------------------------------------------------------------
    const ofZone = zones.map(() => L.layerGroup().addTo(map)); // fence and lots
    const lotsOf = ofZone.map((group) => L.featureGroup().addTo(group).bindTooltip(
      (/** @type {any} */ { words }) => el("span", {}, ...words()),
      { sticky: true, opacity: 1, className: "kcn-tip" }));
    for (const { geometry, id, lot, use, zone: place } of payload.base) {
      const { label, color, id: group } = payload.uses[use];
      const drawn = tagged(
        draw(geometry, "base", { ...BASE, fillColor: color, interactive: true }), { group, id });
      drawn.words = () => [own(lot ?? id), ` · ${talk.pick(label)}`];
      drawn.addTo(lotsOf[place]);
    }
    const halo = { color: "#fff", weight: 5, opacity: 0.85, fill: false };
    const edge = { color: payload.zone_color, weight: 2, fill: false };
    const bounds = zones.map(({ geometry }, index) => {
      if (!geometry) return L.latLngBounds([]);
      draw(geometry, "zones", halo).addTo(ofZone[index]);
      return tagged(draw(geometry, "zones", edge), { group: "zones_on_day", id: zones[index].id })
        .addTo(ofZone[index]).getBounds();
    });
    zones.forEach(({ name }, index) => {
      if (!bounds[index].isValid()) return;
      const at = L.latLng(bounds[index].getNorth(), bounds[index].getCenter().lng);
      L.marker(at, {
        icon: L.divIcon({
          html: el("div", { class: "kcn-label kcn-far-name" }, el("b", {}, own(name))),
          className: "kcn-anchor", iconSize: null,
        }),
        keyboard: false,
      }).on("click", () => goTo(index, true)).addTo(ofZone[index]);
    });

    // ---- features -----------------------------------------------------------------------------
    const popup = popupOn(map, talk, frame.panel, () => select(null));
    let selected = null;

    function restyle(one) {
      const style = styleOf(groups[one.feature.group]);
      one.layer.setStyle(one === selected ? { ...style, ...SELECTED, dashArray: null } : style);
    }

    const told = ({ feature }) => describe(feature, groups[feature.group], payload.labels, talk);

    function select(one, at, from = null) {
      const before = selected;
      selected = null;
      if (before) restyle(before);
      if (one) {
        one.layer.bringToFront?.();
        popup.show(told(one), at, from);
        selected = one; // opening may have closed the popup of the feature before
        restyle(one);
      }
      remember(one !== null);
    }

    function create(feature) {
      if (!feature.geometry) return { feature, layer: null };
      const group = groups[feature.group];
      const isPoint = feature.geometry.type === "Point";
      const pane = paneOf(isPoint || LINES.has(group.style) ? "points" : "groups");
      const layer = tagged(
        draw(feature.geometry, pane, { ...styleOf(group), interactive: true }),
        { group: group.id, number: feature.number, geometry: feature.geometry });
      const one = { feature, layer };
      layer.bindTooltip(() => el("div", {},
        el("b", {}, own(talk.pick(feature.name))), ` · ${talk.pick(group.label)}`),
      { sticky: true, direction: "top", opacity: 1, className: "kcn-tip" });
      layer.on("click", (event) => {
        L.DomEvent.stopPropagation(event);
        select(one, event.latlng);
      });
      return one;
    }
    const features = payload.features.map(create);
    const inOrder = [...features].sort((a, b) => (
      groups[a.feature.group].rank - groups[b.feature.group].rank));
    const { boundsOf } = kcngeoGroups;
    const isShown = ({ feature, layer }) => (
      layer && !hiddenGroups.has(feature.group) && !hiddenZones.has(feature.zone));

    /** Draws what is switched on, and counts it. */
    function show() {
      inOrder.forEach((one) => one.layer?.remove());
      inOrder.filter(isShown).forEach((one) => one.layer.addTo(map));
      ofZone.forEach((layer, k) => (hiddenZones.has(k) ? layer.remove() : layer.addTo(map)));
      if (selected && !isShown(selected)) popup.close();
      const counted = features.filter(isShown).map(({ feature }) => feature);
      legend.show(counted, (group) => !hiddenGroups.has(group));
      places.show(counted, (place) => !hiddenZones.has(place));
      drawMarks();
    }

    function flip(hidden, index, isOn) {
      if (isOn) hidden.delete(index);
      else hidden.add(index);
      show();
    }

    const marks = kcngeoGroups.marks(map, groups, talk, (one, at) => select(one, at));
    const drawMarks = () => marks.draw(features.filter(isShown));

    // ---- moving -------------------------------------------------------------------------------
    function goToFeature(one, from = null) {
      hiddenGroups.delete(one.feature.group);
      hiddenZones.delete(one.feature.zone);
      show();
      zone.value = "";
      fit(map, boundsOf(one).pad(1.2), true);
      select(one, boundsOf(one).getCenter(), from);
    }

    function openLot(lot, from = null) {
      flip(hiddenZones, lot.zone, true);
      const shape = draw(lot.geometry, "base", {}).getBounds();
      fit(map, shape.pad(1.2), true);
      popup.show(describeLot(lot, payload, talk), shape.getCenter(), from);
    }

    function goTo(index, isStep = false) {
      zone.value = index === null ? "" : String(index);
      if (index !== null) flip(hiddenZones, index, true);
      const all = L.latLngBounds([]);
      (index === null ? bounds : [bounds[index]]).forEach((one) => all.extend(one));
      if (index === null) features.forEach((one) => one.layer && all.extend(boundsOf(one)));
      fit(map, all);
      if (isStep) remember(true);
    }

    // ---- the panel ----------------------------------------------------------------------------
    const legend = buildLegend(payload, talk, (index) => (
      flip(hiddenGroups, index, hiddenGroups.has(index))));
    const places = buildZones(payload, talk, (index) => goTo(bounds[index].isValid() ? index : null, true),
      (index, isOn) => flip(hiddenZones, index, isOn));
    const list = buildList(payload.features, payload.texts, talk,
      (index, from) => goToFeature(features[index], from));
    frame.panel.append(legend.node, places.node, list.node,
      el("p", { class: "kcn-source" }, talk.text("made_from")));

    // ---- the address --------------------------------------------------------------------------
    const link = kcngeoLink(follow);
    const nameOf = ({ feature: { name } }) => (typeof name === "string" ? name : name.vi);

    function remember(isStep) {
      link.write({
        zone: zone.value === "" ? null : zones[zone.value].id,
        lot: selected ? nameOf(selected) : null,
        lang: talk.language === payload.language ? null : talk.language,
      }, isStep);
    }

    /** Goes where an address says; what is not on the map is told, not passed over. */
    function follow(asked) {
      const language = ["vi", "en"].includes(asked.lang) ? asked.lang : payload.language;
      if (language !== talk.language) talk.use(language);
      const place = zones.findIndex(({ id, geometry }) => geometry && id === asked.zone);
      const one = features.find((some) => some.layer && nameOf(some) === asked.lot);
      const lot = payload.base.find(({ id }) => id === asked.lot);
      const lost = [
        asked.zone && place < 0 ? asked.zone : null, asked.lot && !one && !lot ? asked.lot : null,
      ].filter((words) => words);
      frame.notice.textContent = lost.length ? `${talk.texts.not_here} ${lost.join(", ")}` : "";
      popup.close();
      if (one) goToFeature(one);
      else if (lot) openLot(lot);
      else goTo(place < 0 ? null : place);
    }

    let isReady = false;
    talk.always(() => {
      if (isReady) show();
      if (isReady && selected) popup.fill(told(selected));
    });
    map.on("zoomend", () => (
      map.getContainer().classList.toggle("kcn-far", map.getZoom() < FAR_ZOOM)));
    map.on("moveend", drawMarks);
    zone.addEventListener("change", () => goTo(zone.value === "" ? null : Number(zone.value), true));
    keys({
      onEscape: [search.close, measure.stop, () => popup.isOpen() && (popup.close(), true)],
    });
    map.invalidateSize({ animate: false });
    isReady = true;
    show();
    link.begin();
    map.getContainer().classList.toggle("kcn-far", map.getZoom() < FAR_ZOOM);

    window.kcngeo = {
      map, measure: kcngeoMeasure, goTo, goToFeature: (index) => goToFeature(features[index]),
      shown: () => features.filter(isShown).map(({ feature }) => talk.pick(feature.name)),
    };
  };
})();
