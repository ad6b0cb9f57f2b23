/**
 * Parcels of industrial zones by lease status, month by month, on a Leaflet map.
 *
 * kcngeoFillMap(map, payload), with payload:
 *   language          "vi" or "en": how numbers and days are written
 *   texts             {key: words}; every word shown (keys: FILL_MAP_TEXTS in page.py)
 *   synthetic         whether the geometry is invented
 *   colors            {status: colour};  use_colors {land use: pale colour}
 *   months            ["2018-03-31", …]: reporting days, ascending
 *   definitions       [{id, label, uses: [land use, …]}];  month_definition [index, …] by month
 *   states            [[shares of the six statuses, sum 1], …]
 *   zones             [{id, name, reasons: [[from, to, why it is not computable], …],
 *                       shapes: [[from, to, geometry], …],
 *                       rates: [[leased_ha, base_ha, rate or null] or null, …]}], rates by month;
 *                     null: the zone does not count that month
 *   parcels           [{id, zone, use, lot, area_ha, from, to, geometry,
 *                       states: [[from, state], …],
 *                       entries: [[from, to, status, area_ha, document, investor], …]}]
 *   context           optional [{kind, name, geometry}], drawn under everything
 * from and to are indexes of months, half-open; zone and state are indexes too.
 *
 * Status colours stand only on land that is in the account of the month: leasable under the
 * definition, in a zone that counts and is computable. What is coloured is what the legend sums.
 */
"use strict";

const kcngeoFillMap = (() => {
  const STATUSES = ["leased", "reserved", "recovering", "repurposed", "uncleared", "available"];
  const STRIPE_PX = 14;
  const NARROW_PX = 760;
  const STEP_MS = 900;
  const FAR_ZOOM = 13.5; // further out, edges would hide what they enclose
  const NO_STATUS = "#ffffff";
  const EDGE = { color: "#ffffff", weight: 0.9, opacity: 1 };
  const EDGE_OF_USE = { color: "#b9bdb2", weight: 0.7, opacity: 1 };
  const EDGE_SELECTED = { color: "#12222b", weight: 2.5, opacity: 1 };
  const CONTEXT = {
    river: { color: "#8fb8cc", weight: 1.6, fillColor: "#d3e5ed", fillOpacity: 1 },
    water: { color: "#8fb8cc", weight: 1, fillColor: "#d3e5ed", fillOpacity: 1 },
    road: { color: "#c9c2b2", weight: 1.6, fill: false },
    boundary: { color: "#a39d90", weight: 1, dashArray: "6 4", fill: false },
  };

  /** An element; text only ever enters as text. */
  function el(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== null && value !== false) node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children);
    return node;
  }

  function svg(tag, attributes, ...children) {
    const node = L.SVG.create(tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }

  function formatter(language) {
    const [group, point] = language === "vi" ? [".", ","] : [",", "."];
    const number = (value) => {
      const [whole, fraction] = Math.abs(value).toFixed(2).split(".");
      const sign = value < 0 && Number(whole + fraction) > 0 ? "−" : "";
      return sign + whole.replace(/\B(?=(\d{3})+$)/g, group) + point + fraction;
    };
    return {
      number,
      hectares: (value) => `${number(value)} ha`,
      percent: (share) => `${number(share * 100)} %`,
      day: (iso) => (language === "vi" ? iso.split("-").reverse().join("/") : iso),
      month: (iso) => `${iso.slice(5, 7)}/${iso.slice(0, 4)}`,
    };
  }

  const isIn = (month, from, to) => from <= month && month < to;

  /** The value of the last step that has begun: steps are [[from, value], …], ascending. */
  function stepAt(steps, month) {
    let found = null;
    for (const [from, value] of steps) {
      if (from > month) break;
      found = value;
    }
    return found;
  }

  const reasonsAt = (zone, month) => (
    zone.reasons.filter(([from, to]) => isIn(month, from, to)).map(([, , why]) => why));

  /** Stripes as wide as the shares: honest about area, without inventing where a lot is cut. */
  function stripes(id, shares, colors) {
    const pattern = svg("pattern", {
      id, width: STRIPE_PX, height: STRIPE_PX,
      patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)",
    });
    let x = 0;
    shares.forEach((share, k) => {
      const width = share * STRIPE_PX;
      if (width > 0) {
        pattern.append(svg("rect", { x, y: 0, width, height: STRIPE_PX, fill: colors[k] }));
      }
      x += width;
    });
    return pattern;
  }

  /** The parts of the page round the map. */
  function buildPage(map, payload, say) {
    const { texts, months, definitions, month_definition: inForce } = payload;
    const last = Math.max(1, months.length - 1);
    const page = {
      date: el("p", { class: "kcn-date" }),
      zone: el("select", { "aria-label": texts.go_to }, new Option(texts.all_zones, "")),
      toggle: el("button", { type: "button", class: "kcn-toggle", "aria-controls": "kcn-panel" }),
      play: el("button", { type: "button", class: "kcn-play" }),
      month: el("output", { class: "kcn-month", for: "kcn-slider" }),
      slider: el("input", {
        type: "range", id: "kcn-slider", min: 0, max: months.length - 1, step: 1,
        "aria-label": texts.month,
      }),
      years: el("div", { class: "kcn-years", "aria-hidden": "true" }),
      account: el("section", { class: "kcn-account" }),
      zones: el("section", { class: "kcn-zones" }),
    };
    payload.zones.forEach((zone, index) => page.zone.append(new Option(zone.name, index)));
    const bands = el("div", { class: "kcn-bands", "aria-hidden": "true" });
    for (let from = 0, to = 1; from < months.length; from = to, to += 1) {
      while (to < months.length && inForce[to] === inForce[from]) to += 1;
      const left = Math.max(0, from - 0.5) / last;
      const right = Math.min(last, to - 0.5) / last;
      const { id, label } = definitions[inForce[from]];
      bands.append(el("span", {
        title: label, style: `left:${100 * left}%;width:${100 * (right - left)}%`,
      }, id));
    }
    const container = map.getContainer();
    const place = el("div", { class: "kcn-map" });
    const app = el("div", { class: "kcn-app", lang: payload.language },
      el("header", { class: "kcn-head" },
        el("div", { class: "kcn-title" }, el("h1", {}, texts.title), page.date),
        payload.synthetic ? el("p", { class: "kcn-synthetic" }, texts.synthetic) : "",
        el("div", { class: "kcn-tools" }, page.zone, page.toggle)),
      place,
      el("div", { class: "kcn-time" }, page.play, page.month,
        el("div", { class: "kcn-track" }, page.slider, page.years, bands)),
      page.panel = el("aside", { id: "kcn-panel", class: "kcn-panel" }, page.account, page.zones));
    container.replaceWith(app);
    place.append(container);
    container.setAttribute("role", "region");
    container.setAttribute("aria-label", texts.title);

    const showPanel = (isOpen) => {
      page.panel.hidden = !isOpen;
      page.toggle.setAttribute("aria-expanded", isOpen);
      page.toggle.textContent = isOpen ? texts.panel_hide : texts.panel_show;
    };
    page.toggle.addEventListener("click", () => showPanel(page.panel.hidden));
    showPanel(window.innerWidth > NARROW_PX);

    const drawYears = () => {
      const room = 44 / Math.max(44, page.years.clientWidth);
      page.years.replaceChildren();
      let free = 1; // from the last year back, as the first one is often a part of a year
      for (let i = months.length - 1; i >= 0; i -= 1) {
        const year = months[i].slice(0, 4);
        if (i > 0 && year === months[i - 1].slice(0, 4)) continue;
        const isLate = i / last > 1 - room;
        const [left, right] = isLate ? [i / last - room, i / last] : [i / last, i / last + room];
        if (right > free || left < 0) continue;
        free = left;
        page.years.prepend(el("span", {
          class: isLate ? "kcn-late" : null, style: `left:${(100 * i) / last}%`,
        }, year));
      }
    };
    new ResizeObserver(() => { map.invalidateSize({ animate: false }); drawYears(); }).observe(place);
    drawYears();
    return page;
  }

  /** A zone's rate over the months, broken where the definition changes or nothing is known. */
  function sparkline(zone, laws) {
    const last = Math.max(1, laws.length - 1);
    let path = "";
    let isDrawing = false;
    zone.rates.forEach((rate, i) => {
      if (!rate || rate[2] === null || reasonsAt(zone, i).length) { isDrawing = false; return; }
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

  return function start(map, payload) {
    const { texts, months, definitions, month_definition: inForce, states } = payload;
    const say = formatter(payload.language);
    const colors = STATUSES.map((status) => payload.colors[status]);
    const useName = (use) => texts[`use_${use}`] ?? use;
    const page = buildPage(map, payload, say);
    let month = months.length - 1;
    let only = null; // the one status shown in full colour
    let selected = null;
    let timer = null;

    map.options.zoomSnap = 0.25;
    map.setMinZoom(6).setMaxZoom(20);
    map.zoomControl?.remove();
    L.control.zoom({ zoomInTitle: texts.zoom_in, zoomOutTitle: texts.zoom_out }).addTo(map);
    L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);

    const renderers = {};
    ["context", "parcels", "zones", "labels"].forEach((name, k) => {
      const pane = map.createPane(`kcngeo-${name}`);
      pane.style.zIndex = name === "labels" ? 640 : 360 + 10 * k;
      renderers[name] = L.svg({ pane: `kcngeo-${name}`, padding: 0.5 });
    });
    const draw = (geometry, pane, style) => L.GeoJSON.geometryToLayer(
      { type: "Feature", properties: {}, geometry },
      { pane: `kcngeo-${pane}`, renderer: renderers[pane], smoothFactor: 0.2, noClip: true,
        interactive: false, ...style });
    const drawnParcels = L.layerGroup().addTo(map);
    const drawnZones = L.layerGroup().addTo(map);
    const drawnLots = L.layerGroup().addTo(map);
    for (const { kind, geometry } of payload.context ?? []) {
      if (!geometry.type.endsWith("Point")) {
        draw(geometry, "context", CONTEXT[kind] ?? CONTEXT.boundary).addTo(map);
      }
    }

    renderers.parcels.addTo(map);
    const defs = svg("defs", {});
    map.getPane("kcngeo-parcels").querySelector("svg").prepend(defs);
    const paints = states.map((shares, index) => {
      const parts = shares.filter((share) => share > 0).length;
      if (parts < 2) return colors[shares.findIndex((share) => share > 0)];
      defs.append(stripes(`kcngeo-state-${index}`, shares, colors));
      return `url(#kcngeo-state-${index})`;
    });

    // ---- what is drawn in a month -------------------------------------------------------------
    const lots = payload.parcels.map((parcel) => ({ parcel, zone: payload.zones[parcel.zone] }));
    const zones = payload.zones.map((zone) => ({
      zone, spark: sparkline(zone, inForce.map((index) => definitions[index].id)),
      shapes: zone.shapes.map(([from, to, geometry]) => ({ from, to, geometry })),
    }));
    const counts = (zone) => !reasonsAt(zone, month).length && zone.rates[month] !== null;
    const lotName = ({ parcel }) => (parcel.lot ? `${texts.lot} ${parcel.lot}` : parcel.id);
    const definition = () => definitions[inForce[month]];

    function createLot(lot) {
      const layer = draw(lot.parcel.geometry, "parcels", { interactive: true, fillOpacity: 1 });
      layer.feature = {
        type: "Feature", geometry: lot.parcel.geometry,
        properties: { parcel_id: lot.parcel.id, zone_id: lot.zone.id },
      };
      layer.bindTooltip(() => el("div", {}, el("b", {}, lotName(lot)), " · ", inWords(lot)),
        { sticky: true, direction: "top", opacity: 1, className: "kcn-tip" });
      layer.on("click", (event) => select(lot, event.latlng));
      return layer;
    }

    function inWords(lot) {
      if (!lot.shares) return useName(lot.parcel.use);
      return STATUSES.filter((_, k) => lot.shares[k] > 0).map((status) => texts[status]).join(" + ");
    }

    function styleLot(lot) {
      const isFaded = only !== null && !(lot.shares?.[only] > 0);
      const edge = lot === selected ? EDGE_SELECTED : lot.shares ? EDGE : EDGE_OF_USE;
      lot.layer.setStyle({ ...edge, fillColor: lot.fill, fillOpacity: isFaded ? 0.15 : 1 });
    }

    function drawLots() {
      const uses = new Set(definition().uses);
      for (const lot of lots) {
        const { parcel, zone } = lot;
        lot.isDrawn = isIn(month, parcel.from, parcel.to);
        if (!lot.isDrawn) {
          if (lot.layer) drawnParcels.removeLayer(lot.layer);
          continue;
        }
        const state = counts(zone) && uses.has(parcel.use) ? stepAt(parcel.states, month) : null;
        lot.shares = state === null ? null : states[state];
        const pale = uses.has(parcel.use) ? NO_STATUS : payload.use_colors[parcel.use] ?? NO_STATUS;
        lot.fill = state === null ? pale : paints[state];
        lot.layer ??= createLot(lot);
        styleLot(lot);
        drawnParcels.addLayer(lot.layer);
      }
    }

    function rateInWords(zone) {
      if (reasonsAt(zone, month).length) return texts.not_computable;
      const rate = zone.rates[month];
      if (rate === null) return texts.not_counted;
      return rate[2] === null ? texts.nothing_leasable : say.percent(rate[2]);
    }

    function drawZones() {
      drawnZones.clearLayers();
      zones.forEach(({ zone, shapes }, index) => {
        for (const shape of shapes.filter(({ from, to }) => isIn(month, from, to))) {
          const dashArray = counts(zone) ? null : "7 5";
          shape.layers ??= [
            draw(shape.geometry, "zones", { color: "#fff", weight: 5, opacity: 0.85, fill: false }),
            draw(shape.geometry, "zones", { color: "#24343d", weight: 2, fill: false }),
          ];
          shape.layers[1].setStyle({ dashArray });
          shape.layers.forEach((layer) => drawnZones.addLayer(layer));
          const bounds = shape.layers[1].getBounds();
          const label = el("div", { class: "kcn-label" }, el("b", {}, zone.name),
            el("span", {}, rateInWords(zone),
              counts(zone) ? el("small", {}, ` ${definition().id}`) : ""));
          L.marker([bounds.getNorth(), bounds.getCenter().lng], {
            icon: L.divIcon({ html: label, className: "kcn-anchor", iconSize: null }),
            pane: "kcngeo-labels", keyboard: false,
          }).on("click", () => goTo(index)).addTo(drawnZones);
        }
      });
    }

    function hasRoom({ layer, parcel }) {
      const low = map.latLngToLayerPoint(layer.getBounds().getSouthWest());
      const high = map.latLngToLayerPoint(layer.getBounds().getNorthEast());
      return high.x - low.x > 14 + 7 * parcel.lot.length && low.y - high.y > 20;
    }

    /** Lot numbers in view, as soon as most of them have room. */
    function drawLotNumbers() {
      drawnLots.clearLayers();
      const view = map.getBounds();
      const named = lots.filter(({ isDrawn, parcel, layer }) => (
        isDrawn && parcel.lot && view.intersects(layer.getBounds())));
      const roomy = named.filter(hasRoom);
      if (roomy.length < 0.7 * named.length) return;
      for (const lot of roomy) {
        L.marker(lot.layer.getCenter(), {
          icon: L.divIcon({
            html: el("span", {}, lot.parcel.lot), className: "kcn-lot", iconSize: null,
          }),
          pane: "kcngeo-labels", interactive: false, keyboard: false,
        }).addTo(drawnLots);
      }
    }

    // ---- the panel ----------------------------------------------------------------------------
    const swatch = (color) => el("i", { class: "kcn-swatch", style: `background:${color}` });
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
        lots.filter((lot) => lot.isDrawn).forEach(styleLot);
      });
      return { area, button, part };
    });
    const total = el("span", { class: "kcn-number" });
    const note = el("p", { class: "kcn-note" });
    const others = el("ul", { class: "kcn-uses" });
    const list = el("ul", {});
    const law = el("p", { class: "kcn-law" });
    const halves = [0, 5].map((k) => `${colors[k]} ${k ? 4 : 0}px ${k ? 8 : 4}px`).join(",");
    page.account.append(
      el("h2", {}, texts.account), bar,
      el("ul", { class: "kcn-legend" }, ...rows.map(({ button }) => el("li", {}, button))),
      el("p", { class: "kcn-total" }, el("span", {}, texts.total), total), note,
      el("p", { class: "kcn-key" }, swatch(`repeating-linear-gradient(45deg,${halves})`),
        el("span", {}, texts.part_let)),
      el("h3", {}, texts.other_uses), others);
    page.zones.append(el("h2", {}, texts.zones), law, list);

    function fillAccount() {
      const sums = STATUSES.map((_, k) => lots.reduce((sum, { isDrawn, shares, parcel }) => (
        isDrawn && shares ? sum + parcel.area_ha * shares[k] : sum), 0));
      const all = sums.reduce((a, b) => a + b, 0);
      rows.forEach(({ area, part }, k) => {
        area.textContent = say.hectares(sums[k]);
        part.style.flexGrow = all > 0 ? sums[k] / all : 0;
      });
      total.textContent = all > 0 ? say.hectares(all) : texts.account_none;
      const without = zones.filter(({ zone, shapes }) => (
        reasonsAt(zone, month).length && shapes.some(({ from, to }) => isIn(month, from, to))));
      note.hidden = without.length === 0;
      note.textContent = `${texts.without} ${without.map(({ zone }) => zone.name).join(", ")}`;
      const uses = new Set();
      let isUnknown = false;
      for (const { isDrawn, shares, parcel } of lots) {
        if (!isDrawn || shares) continue;
        if (definition().uses.includes(parcel.use)) isUnknown = true;
        else uses.add(parcel.use);
      }
      others.replaceChildren(
        ...[...uses].sort().map((use) => el("li", {},
          swatch(payload.use_colors[use] ?? NO_STATUS), useName(use))),
        ...(isUnknown ? [el("li", {}, swatch(NO_STATUS), texts.no_status)] : []));
      others.previousSibling.hidden = others.childElementCount === 0;
    }

    function fillZones() {
      const { id, label } = definition();
      law.replaceChildren(`${texts.definition} `, el("b", {}, id), ` – ${label}`);
      list.replaceChildren(...zones.map(({ zone, spark }, index) => {
        const name = el("button", { type: "button", class: "kcn-name" }, zone.name);
        name.addEventListener("click", () => goTo(index));
        const rate = zone.rates[month];
        const isRated = counts(zone) && rate[2] !== null;
        const item = el("li", { "data-zone": zone.id }, name,
          el("span", { class: isRated ? "kcn-rate" : "kcn-unrated" }, rateInWords(zone)));
        item.append(...reasonsAt(zone, month).map((why) => el("p", { class: "kcn-reason" }, why)));
        if (counts(zone)) {
          const [leased, base] = [say.number(rate[0]), say.hectares(rate[1])];
          spark.mark(month);
          item.append(spark.chart, el("p", { class: "kcn-detail" },
            el("span", {}, `${leased} ${texts.of} ${base}`), el("span", {}, id)));
        }
        return item;
      }));
    }

    // ---- one lot ------------------------------------------------------------------------------
    const popup = L.popup({ maxWidth: 320, minWidth: 220, className: "kcn-popup" });

    function describe(lot) {
      const { parcel, zone, shares } = lot;
      const fact = (name, value) => [el("dt", {}, name), el("dd", {}, value)];
      const node = el("div", {}, el("h3", {}, lotName(lot)), el("dl", {},
        ...fact(texts.parcel, parcel.id), ...fact(texts.zone, zone.name),
        ...fact(texts.land_use, useName(parcel.use)),
        ...fact(texts.area, say.hectares(parcel.area_ha))));
      if (shares) {
        node.append(el("ul", { class: "kcn-shares" }, ...STATUSES.flatMap((status, k) => (
          shares[k] > 0 ? [el("li", {}, swatch(colors[k]), el("span", {}, texts[status]),
            el("span", { class: "kcn-number" }, say.hectares(shares[k] * parcel.area_ha)))] : []))));
      } else if (definition().uses.includes(parcel.use)) {
        node.append(el("p", { class: "kcn-note" }, texts.no_status));
      }
      const entries = (parcel.entries ?? []).filter(([from, to]) => isIn(month, from, to));
      if (entries.length) {
        node.append(el("h4", {}, texts.entries), el("ul", {}, ...entries.map(
          ([, , status, area, document, investor]) => el("li", {}, [
            texts[status] ?? status, say.hectares(area ?? parcel.area_ha), investor, document,
          ].filter((part) => part).join(" · ")))));
      }
      return node;
    }

    function select(lot, latlng) {
      const before = selected;
      selected = null;
      if (before?.isDrawn) styleLot(before);
      if (!lot) return;
      lot.layer.bringToFront();
      popup.setContent(describe(lot)).setLatLng(latlng).openOn(map);
      selected = lot; // opening may have closed the popup of the lot before
      styleLot(lot);
      popup.getElement().querySelector(".leaflet-popup-close-button")
        .setAttribute("aria-label", texts.close);
    }
    map.on("popupclose", (event) => { if (event.popup === popup) select(null); });

    // ---- moving -------------------------------------------------------------------------------
    function goTo(index) {
      page.zone.value = index === null ? "" : String(index);
      const bounds = L.latLngBounds([]);
      for (const { shapes } of index === null ? zones : [zones[index]]) {
        const now = shapes.filter(({ from, to }) => isIn(month, from, to));
        for (const { geometry } of now.length ? now : shapes) {
          bounds.extend(draw(geometry, "zones", {}).getBounds());
        }
      }
      if (!bounds.isValid()) return;
      const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
      map.fitBounds(bounds, {
        paddingTopLeft: [36, 64], paddingBottomRight: [36, 44], maxZoom: 18, animate: !isStill,
      });
    }

    function setMonth(index) {
      month = Math.min(months.length - 1, Math.max(0, Math.round(Number(index))));
      const day = months[month];
      page.slider.value = month;
      page.slider.setAttribute("aria-valuetext", say.month(day));
      page.month.textContent = say.month(day);
      page.date.textContent = say.day(day);
      drawLots();
      drawZones();
      drawLotNumbers();
      fillAccount();
      fillZones();
      if (selected) {
        if (selected.isDrawn) popup.setContent(describe(selected));
        else map.closePopup(popup);
      }
    }

    function play(isPlaying) {
      clearInterval(timer);
      timer = null;
      if (isPlaying) {
        if (month === months.length - 1) setMonth(0);
        timer = setInterval(() => {
          setMonth(month + 1);
          if (month === months.length - 1) play(false);
        }, STEP_MS);
      }
      page.play.setAttribute("aria-label", isPlaying ? texts.pause : texts.play);
      page.play.setAttribute("title", isPlaying ? texts.pause : texts.play);
      page.play.setAttribute("data-playing", isPlaying);
    }

    page.slider.addEventListener("input", () => { play(false); setMonth(page.slider.value); });
    page.play.addEventListener("click", () => play(timer === null));
    page.zone.addEventListener("change", () => (
      goTo(page.zone.value === "" ? null : Number(page.zone.value))));
    map.on("moveend", () => {
      map.getContainer().classList.toggle("kcn-far", map.getZoom() < FAR_ZOOM);
      drawLotNumbers();
    });
    play(false);
    setMonth(month);
    map.invalidateSize({ animate: false });
    goTo(null);

    window.kcngeo = {
      map,
      setMonth: (index) => { play(false); setMonth(index); },
      month: () => month,
      drawn: () => lots.filter((lot) => lot.isDrawn).map(({ parcel, zone, shares, fill }) => ({
        id: parcel.id, zone: zone.id, leasable: shares !== null, shares, fill,
      })),
    };
  };
})();
