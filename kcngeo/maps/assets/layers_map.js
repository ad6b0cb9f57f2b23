/**
 * Groups of features of one day on a Leaflet map, with a legend that counts what is shown, a list
 * of what matters, and what is said of each feature.
 *
 * kcngeoLayersMap(map, payload), with payload:
 *   language    "vi" or "en": how numbers and days are written
 *   texts       {key: words}; every word shown (keys: LAYERS_MAP_TEXTS in layered.py)
 *   synthetic   whether the geometry is invented
 *   on          the day, "2018-03-31"
 *   zones       [{id, name, geometry}]
 *   context     [{kind, name, geometry}], drawn under everything
 *   base        [{geometry, color, name}]: lots under the groups
 *   uses        [{label, color}]: what the colours of the lots mean
 *   groups      [{id, label, color, style: "area" | "outline" | "line" | "point"}], drawn in order
 *   features    [{group, name, geometry, area_ha or null, facts: [[label, value], …],
 *             notes: [words, …], listed: words or null}]; group is an index; listed in this
 *             order, drawn in the order of their groups
 *   notes       [words, …] under the legend
 */
"use strict";

const kcngeoLayersMap = (() => {
  const { el, swatch, formatter, shell, zoneMenu, controls, drawContext, fit } = kcngeoShell;
  const BASE = { color: "#c3c7be", weight: 0.6, fillOpacity: 1 };
  const SELECTED = { color: "#12222b", weight: 3, opacity: 1 };
  const POINT_PX = 6;
  const FAR_ZOOM = 13.5; // further out a zone is a dot that needs its name

  /** How a group is drawn; what is only a line keeps its colour when it is not selected. */
  function styleOf({ color, style }) {
    if (style === "outline") return { color, weight: 1.6, fill: true, fillColor: color, fillOpacity: 0.12, dashArray: "5 4" };
    if (style === "line") return { color, weight: 2.2, fill: false, dashArray: "2 5" };
    if (style === "point") return { color: "#ffffff", weight: 1.5, fill: true, fillColor: color, fillOpacity: 1 };
    return { color: "#ffffff", weight: 1, fill: true, fillColor: color, fillOpacity: 0.88 };
  }

  /** The key of a group, as it is drawn. */
  const keyOf = ({ color, style }) => el("i", {
    class: `kcn-swatch kcn-${style}`,
    style: style === "area" || style === "point" ? `background:${color}` : `border-color:${color}`,
  });

  function describe({ name, facts, notes }, group) {
    return el("div", {}, el("h3", {}, name),
      el("p", { class: "kcn-group" }, keyOf(group), group.label),
      el("dl", {}, ...facts.flatMap(([label, value]) => [el("dt", {}, label), el("dd", {}, value)])),
      ...notes.map((words) => el("p", { class: "kcn-source" }, words)));
  }

  return function start(map, payload) {
    const { texts, zones, groups } = payload;
    const say = formatter(payload.language);
    const zone = zoneMenu(zones, texts);
    const frame = shell(map, payload, { zone });
    frame.date.textContent = say.day(payload.on);
    controls(map, texts);

    const renderers = {};
    ["context", "base", "groups", "zones", "points"].forEach((name, k) => {
      map.createPane(`kcngeo-${name}`).style.zIndex = 360 + 10 * k;
      renderers[name] = L.svg({ pane: `kcngeo-${name}`, padding: 0.5 });
    });
    const draw = (geometry, pane, style) => L.GeoJSON.geometryToLayer(
      { type: "Feature", properties: {}, geometry },
      { pane: `kcngeo-${pane}`, renderer: renderers[pane], smoothFactor: 0.2, noClip: true,
        interactive: false, ...style,
        pointToLayer: (_, at) => L.circleMarker(at, {
          radius: POINT_PX, pane: `kcngeo-${pane}`, renderer: renderers[pane], ...style }) });
    drawContext(map, payload.context, draw);
    for (const { geometry, color, name } of payload.base) {
      draw(geometry, "base", { ...BASE, fillColor: color, interactive: Boolean(name) }).addTo(map)
        .bindTooltip(() => el("span", {}, name), { sticky: true, opacity: 1, className: "kcn-tip" });
    }
    const halo = { color: "#fff", weight: 5, opacity: 0.85, fill: false };
    const edge = { color: "#24343d", weight: 2, fill: false };
    const bounds = zones.map(({ geometry }) => {
      if (!geometry) return L.latLngBounds([]);
      draw(geometry, "zones", halo).addTo(map);
      return draw(geometry, "zones", edge).addTo(map).getBounds();
    });

    // ---- features -----------------------------------------------------------------------------
    const drawn = groups.map(() => L.featureGroup().addTo(map));
    const popup = L.popup({ maxWidth: 340, minWidth: 240, maxHeight: 420, className: "kcn-popup" });
    let selected = null;

    function restyle(one) {
      const style = styleOf(groups[one.feature.group]);
      one.layer.setStyle(one === selected ? { ...style, ...SELECTED, dashArray: null } : style);
    }

    function select(one, at) {
      const before = selected;
      selected = null;
      if (before) restyle(before);
      if (!one) return;
      one.layer.bringToFront?.();
      popup.setContent(describe(one.feature, groups[one.feature.group])).setLatLng(at).openOn(map);
      selected = one; // opening may have closed the popup of the feature before
      restyle(one);
      popup.getElement().querySelector(".leaflet-popup-close-button")
        .setAttribute("aria-label", texts.close);
    }
    map.on("popupclose", (event) => { if (event.popup === popup) select(null); });

    const features = payload.features.map((feature) => ({ feature, layer: null }));
    const inOrder = [...features].sort((a, b) => a.feature.group - b.feature.group);
    for (const one of inOrder) {
      const { feature } = one;
      const group = groups[feature.group];
      const isPoint = feature.geometry.type === "Point";
      const pane = isPoint || group.style === "line" ? "points" : "groups";
      const layer = draw(feature.geometry, pane, { ...styleOf(group), interactive: true });
      one.layer = layer;
      layer.bindTooltip(() => el("b", {}, feature.name),
        { sticky: true, direction: "top", opacity: 1, className: "kcn-tip" });
      layer.on("click", (event) => {
        L.DomEvent.stopPropagation(event);
        select(one, event.latlng);
      });
      drawn[feature.group].addLayer(layer);
    }

    const boundsOf = ({ layer }) => layer.getBounds?.() ?? layer.getLatLng().toBounds(200);

    function goToFeature(one) {
      if (!map.hasLayer(drawn[one.feature.group])) show(one.feature.group, true);
      zone.value = "";
      fit(map, boundsOf(one).pad(1.2), true);
      select(one, boundsOf(one).getCenter());
    }

    // ---- the panel ----------------------------------------------------------------------------
    const total = el("span", { class: "kcn-number" });
    const rows = groups.map((group, index) => {
      const figures = el("span", { class: "kcn-number" });
      const button = el("button", { type: "button", "aria-pressed": "true", title: texts.toggle },
        keyOf(group), el("span", {}, group.label), figures);
      button.addEventListener("click", () => show(index, !map.hasLayer(drawn[index])));
      return { button, figures };
    });

    function show(index, isShown) {
      if (isShown) drawn[index].addTo(map);
      else drawn[index].remove();
      count();
    }

    /** What the legend says is what is drawn: hidden groups count nothing. */
    function count() {
      let shown = 0;
      groups.forEach((group, index) => {
        const mine = features.filter(({ feature }) => feature.group === index);
        const isShown = map.hasLayer(drawn[index]);
        const areas = mine.map(({ feature }) => feature.area_ha).filter((area) => area !== null);
        const sum = areas.reduce((a, b) => a + b, 0);
        const { button, figures } = rows[index];
        button.setAttribute("aria-pressed", isShown);
        button.classList.toggle("kcn-off", !isShown);
        figures.textContent = areas.length ? `${mine.length} · ${say.hectares(sum)}` : mine.length;
        if (isShown) shown += mine.length;
      });
      total.textContent = shown;
    }

    const listed = features.filter(({ feature }) => feature.listed !== null);
    const list = el("ul", {}, ...listed.map((one) => {
      const name = el("button", { type: "button", class: "kcn-name" }, one.feature.name);
      name.addEventListener("click", () => goToFeature(one));
      return el("li", {}, name, el("p", { class: "kcn-detail" }, one.feature.listed));
    }));
    frame.panel.append(
      el("section", { class: "kcn-account" }, el("h2", {}, texts.legend),
        el("ul", { class: "kcn-legend kcn-toggles" }, ...rows.map(({ button }) => el("li", {}, button))),
        el("p", { class: "kcn-total" }, el("span", {}, texts.shown), total),
        ...payload.notes.map((words) => el("p", { class: "kcn-note" }, words)),
        el("h3", {}, texts.uses),
        el("ul", { class: "kcn-uses" }, ...payload.uses.map(({ label, color }) => (
          el("li", {}, swatch(color), label))))),
      el("section", { class: "kcn-zones kcn-list" },
        el("h2", {}, `${texts.list} (${listed.length})`),
        listed.length ? list : el("p", { class: "kcn-detail" }, texts.list_empty)));
    count();

    // ---- moving -------------------------------------------------------------------------------
    function goTo(index) {
      zone.value = index === null ? "" : String(index);
      const all = L.latLngBounds([]);
      (index === null ? bounds : [bounds[index]]).forEach((one) => all.extend(one));
      if (index === null) drawn.forEach((group) => all.extend(group.getBounds()));
      fit(map, all);
    }
    zones.forEach(({ name }, index) => {
      if (!bounds[index].isValid()) return;
      const at = L.latLng(bounds[index].getNorth(), bounds[index].getCenter().lng);
      L.marker(at, {
        icon: L.divIcon({
          html: el("div", { class: "kcn-label kcn-far-name" }, el("b", {}, name)),
          className: "kcn-anchor", iconSize: null,
        }),
        keyboard: false,
      }).on("click", () => goTo(index)).addTo(map);
    });
    map.on("zoomend", () => (
      map.getContainer().classList.toggle("kcn-far", map.getZoom() < FAR_ZOOM)));
    zone.addEventListener("change", () => goTo(zone.value === "" ? null : Number(zone.value)));
    map.invalidateSize({ animate: false });
    goTo(null);
    map.getContainer().classList.toggle("kcn-far", map.getZoom() < FAR_ZOOM);

    window.kcngeo = {
      map, goTo, goToFeature: (index) => goToFeature(features[index]),
      shown: () => features.filter(({ feature }) => map.hasLayer(drawn[feature.group]))
        .map(({ feature }) => feature.name),
    };
  };
})();
