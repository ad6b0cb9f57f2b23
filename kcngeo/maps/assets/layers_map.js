/**
 * Groups of features of one day on a Leaflet map, with a legend that counts what is shown, a list
 * of what matters, and what is said of each feature.
 *
 * kcngeoLayersMap(map, payload, options); the payload is the LayersPayload of types.d.ts.
 * Of the options is_canvas tells whether lots and areas are drawn on one canvas.
 */
"use strict";

const kcngeoLayersMap = (() => {
  const { el, own } = kcngeoElements;
  const { drawer, drawContext, fit } = kcngeoGround;
  const { shell, zoneMenu, controls, keys } = kcngeoShell;
  const { describe, describeLot, buildLegend, buildZones, buildList } = kcngeoLayersPanel;
  const { LINES, SELECTED, styleOf, boundsOf } = kcngeoGroups;
  const BASE = { color: "#c3c7be", weight: 0.6, fillOpacity: 1 };
  const FAR_ZOOM = 13.5; // further out a zone is a dot that needs its name
  const COVERED = ".leaflet-control, .kcn-mark span";
  const SMALL = ".leaflet-kcngeo-zones-pane path, .leaflet-kcngeo-points-pane path";

  /**
   * @param {L.Map} map
   * @param {LayersPayload} payload
   * @param {{is_canvas?: boolean}} options
   */
  return function start(map, payload, { is_canvas: isCanvas } = {}) {
    const { zones, groups } = payload;
    const talk = kcngeoWords.speaker(payload);
    /** @type {Set<number>} */
    const hiddenGroups = new Set();
    /** @type {Set<number>} */
    const hiddenZones = new Set();
    const zone = zoneMenu(zones, talk);
    const search = kcngeoSearch.field(talk, kcngeoLayersSearch(payload, talk, {
      openFeature: (index, from) => goToFeature(made[index], from), openLot,
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
    const paneOf = (/** @type {string} */ name) => (isCanvas && name === "groups" ? "base" : name);
    /** @type {Record<string, L.Renderer>} */
    const renderers = {};
    ["context", "base", "groups", "zones", "points", "labels", "marks"].forEach((name, k) => {
      const pane = `kcngeo-${name}`;
      map.createPane(pane).style.zIndex = String(360 + 10 * k);
      const isOnCanvas = isCanvas && name === "base";
      renderers[name] = isOnCanvas ? L.canvas({ pane }) : L.svg({ pane, padding: 0.5 });
    });
    const draw = drawer(renderers, !isCanvas);
    drawContext(map, payload.context, draw);
    /**
     * Keeps with a layer what it shows: its class, as paper and QGIS name it.
     * @type {(layer: Drawn, properties: object) => Drawn}
     */
    const tagged = (layer, properties) => Object.assign(layer, { feature: { properties } });

    // ---- zones and lots -----------------------------------------------------------------------
    const ofZone = zones.map(() => L.layerGroup().addTo(map)); // fence and lots
    /** @type {WeakMap<L.Layer, () => HTMLElement>} */
    const tips = new WeakMap();
    const lotsOf = ofZone.map((group) => L.featureGroup().addTo(group).bindTooltip(
      (layer) => tips.get(layer)?.() ?? "", { sticky: true, opacity: 1, className: "kcn-tip" }));
    for (const { geometry, id, lot, use, zone: place } of payload.base) {
      const { label, color, id: group } = payload.uses[use];
      const drawn = tagged(
        draw(geometry, "base", { ...BASE, fillColor: color, interactive: true }), { group, id });
      tips.set(drawn, () => el("span", {}, own(lot ?? id), ` · ${talk.pick(label)}`));
      drawn.addTo(lotsOf[place]);
    }
    const halo = { color: "#fff", weight: 5, opacity: 0.85, fill: false };
    const edge = { color: payload.zone_color, weight: 2, fill: false };
    const bounds = zones.map(({ geometry }, index) => {
      if (!geometry) return L.latLngBounds([]);
      draw(geometry, "zones", halo).addTo(ofZone[index]);
      const layer = tagged(draw(geometry, "zones", edge), { group: "zones_on_day", id: zones[index].id });
      return boundsOf({ layer: layer.addTo(ofZone[index]) });
    });
    const nameZones = kcngeoZoneNames(map, zones.flatMap(({ name }, index) => (
      bounds[index].isValid() ? [{
        name, bounds: bounds[index], group: ofZone[index], onClick: () => goTo(index, true),
      }] : [])), talk);

    // ---- features -----------------------------------------------------------------------------
    const popup = kcngeoPopup(map, talk, frame.panel, () => select(null));
    /** @type {DrawnFeature | null} */
    let selected = null;

    /** @param {DrawnFeature} one */
    function restyle(one) {
      const style = styleOf(groups[one.feature.group]);
      one.layer.setStyle(one === selected ? { ...style, ...SELECTED, dashArray: undefined } : style);
    }

    /** @param {DrawnFeature} one */
    const told = ({ feature }) => describe(feature, groups[feature.group], payload.labels, talk);

    /**
     * Selects a feature and tells of it at a place, or none.
     * @param {DrawnFeature | null} one
     * @param {L.LatLng} [at]
     * @param {HTMLElement | null} [from]
     */
    function select(one, at, from = null) {
      const before = selected;
      selected = null;
      if (before) restyle(before);
      if (one && at) {
        one.layer.bringToFront();
        popup.show(told(one), at, from);
        selected = one; // opening may have closed the popup of the feature before
        restyle(one);
      }
      remember(one !== null);
    }

    /**
     * @param {Feature} feature
     * @returns {DrawnFeature | null}
     */
    function create(feature) {
      if (!feature.geometry) return null;
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
    const made = payload.features.map(create); // null: of no place
    const features = made.filter((one) => one !== null);
    const inOrder = [...features].sort((a, b) => (
      groups[a.feature.group].rank - groups[b.feature.group].rank));
    /** @param {DrawnFeature} one */
    const isShown = ({ feature }) => (
      !hiddenGroups.has(feature.group) && !hiddenZones.has(feature.zone));

    /** Draws what is switched on, and counts it. */
    function show() {
      inOrder.forEach((one) => one.layer.remove());
      inOrder.filter(isShown).forEach((one) => one.layer.addTo(map));
      ofZone.forEach((layer, k) => (hiddenZones.has(k) ? layer.remove() : layer.addTo(map)));
      if (selected && !isShown(selected)) popup.close();
      const counted = features.filter(isShown).map(({ feature }) => feature);
      legend.show(counted, (group) => !hiddenGroups.has(group));
      places.show(counted, (place) => !hiddenZones.has(place));
      placeWords();
    }

    /**
     * @param {Set<number>} hidden
     * @param {number} index
     * @param {boolean} isOn
     */
    function flip(hidden, index, isOn) {
      if (isOn) hidden.delete(index);
      else hidden.add(index);
      show();
    }

    const marks = kcngeoGroups.marks(map, groups, talk, (one, at) => select(one, at));
    const nameGround = kcngeoGroundNames(map, payload.context);

    /** Marks first, then zones and what lies under them have their names where there is room. */
    function placeWords() {
      const isFar = map.getZoom() < FAR_ZOOM;
      map.getContainer().classList.toggle("kcn-far", isFar);
      marks.draw(features.filter(isShown));
      const taken = kcngeoBoxes.register();
      /** @param {string} selector */
      const take = (selector) => kcngeoBoxes.ofElements(map, selector)
        .forEach((box) => taken.take(kcngeoBoxes.level(box)));
      take(COVERED);
      if (isFar) {
        nameZones(taken);
        take(SMALL);
      }
      nameGround(taken, []);
    }

    // ---- moving -------------------------------------------------------------------------------
    /**
     * @param {DrawnFeature | null} one
     * @param {HTMLElement | null} [from]
     */
    function goToFeature(one, from = null) {
      if (!one) return;
      hiddenGroups.delete(one.feature.group);
      hiddenZones.delete(one.feature.zone);
      show();
      zone.value = "";
      fit(map, boundsOf(one).pad(1.2), true);
      select(one, boundsOf(one).getCenter(), from);
    }

    /**
     * @param {BaseLot} lot
     * @param {HTMLElement | null} [from]
     */
    function openLot(lot, from = null) {
      flip(hiddenZones, lot.zone, true);
      const shape = boundsOf({ layer: draw(lot.geometry, "base", {}) });
      fit(map, shape.pad(1.2), true);
      popup.show(describeLot(lot, payload, talk), shape.getCenter(), from);
    }

    /** @param {number | null} index */
    function goTo(index, isStep = false) {
      zone.value = index === null ? "" : String(index);
      if (index !== null) flip(hiddenZones, index, true);
      const all = L.latLngBounds([]);
      (index === null ? bounds : [bounds[index]]).forEach((one) => all.extend(one));
      if (index === null) features.forEach((one) => all.extend(boundsOf(one)));
      fit(map, all);
      if (isStep) remember(true);
    }

    // ---- the panel ----------------------------------------------------------------------------
    const legend = buildLegend(payload, talk, (index) => (
      flip(hiddenGroups, index, hiddenGroups.has(index))));
    const places = buildZones(payload, talk, (index) => goTo(bounds[index].isValid() ? index : null, true),
      (index, isOn) => flip(hiddenZones, index, isOn));
    const { list: title, list_empty: empty } = payload.texts;
    const list = buildList(payload.features, { list: title, list_empty: empty }, talk,
      (index, from) => goToFeature(made[index], from));
    const headline = el("p", { class: "kcn-theme-headline" }, talk.text("headline"));
    frame.panel.append(el("section", { class: "kcn-headline" }, headline), legend.node, places.node, list.node,
      el("p", { class: "kcn-source" }, talk.text("made_from")));

    // ---- the address --------------------------------------------------------------------------
    const link = kcngeoLink(follow);
    /** @param {DrawnFeature} one */
    const nameOf = ({ feature: { name } }) => (typeof name === "string" ? name : name.vi);

    /** @param {boolean} isStep */
    function remember(isStep) {
      link.write({
        zone: zone.value === "" ? null : zones[Number(zone.value)].id,
        lot: selected ? nameOf(selected) : null,
        lang: talk.language === payload.language ? null : talk.language,
      }, isStep);
    }

    /**
     * Goes where an address says; what is not on the map is told, not passed over.
     * @param {Place} asked
     */
    function follow(asked) {
      const language = asked.lang === "vi" || asked.lang === "en" ? asked.lang : payload.language;
      if (language !== talk.language) talk.use(language);
      const place = zones.findIndex(({ id, geometry }) => geometry && id === asked.zone);
      const one = features.find((some) => nameOf(some) === asked.lot);
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
    map.on("moveend", placeWords);
    zone.addEventListener("change", () => goTo(zone.value === "" ? null : Number(zone.value), true));
    keys({
      onEscape: [search.close, measure.stop, () => popup.isOpen() && (popup.close(), true)],
    });
    map.invalidateSize({ animate: false });
    isReady = true;
    show();
    link.begin();

    window.kcngeo = {
      map, measure: kcngeoMeasure, goTo,
      goToFeature: (/** @type {number} */ index) => goToFeature(made[index]),
      shown: () => features.filter(isShown).map(({ feature }) => talk.pick(feature.name)),
    };
  };
})();
