/**
 * Parcels of industrial zones by lease status, month by month, on a Leaflet map: what is shown when.
 * How lots are drawn is in lots.js.
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
  const { el, formatter, controls, drawContext, fit } = kcngeoShell;
  const {
    NO_STATUS,
    buildFrame, buildAccount, buildRates, rateInWords, lotName, lotInWords, describeLot,
  } = kcngeoPage;
  const GAP_PX = 6;
  const STEP_MS = 900;
  const FAR_ZOOM = 13.5; // further out, edges would hide what they enclose

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

  /** What fill_map_page.js calls the state of a month, without its lots. */
  function stateOf(payload, index) {
    const zones = payload.zones.map((zone) => {
      const reasons = zone.reasons.filter(([from, to]) => isIn(index, from, to));
      const rate = zone.rates[index];
      const shape = zone.shapes.find(([from, to]) => isIn(index, from, to));
      return {
        zone, rate, reasons: reasons.map(([, , why]) => why),
        isCounted: reasons.length === 0 && rate !== null, geometry: shape ? shape[2] : null,
      };
    });
    return { index, definition: payload.definitions[payload.month_definition[index]], zones };
  }

  /** Where a label may stand: above, below, right, left of a box, moved so that it is in view. */
  function placesRound(box, size, view) {
    const middle = box.getCenter().subtract(size.divideBy(2));
    const corners = [
      [middle.x, box.min.y - GAP_PX - size.y], [middle.x, box.max.y + GAP_PX],
      [box.max.x + GAP_PX, middle.y], [box.min.x - GAP_PX - size.x, middle.y],
    ];
    const within = (at, low, high) => Math.max(low, Math.min(at, high));
    return corners.map(([left, top]) => {
      const corner = L.point(within(left, view.min.x, view.max.x - size.x),
        within(top, view.min.y, view.max.y - size.y));
      return L.bounds(corner, corner.add(size));
    });
  }

  return function start(map, payload) {
    const { texts, months, states } = payload;
    const say = formatter(payload.language);
    const frame = buildFrame(map, payload);
    let now = null; // the state of the month shown
    let only = null; // the one status shown in full colour
    let selected = null;
    let timer = null;

    controls(map, texts);
    const renderers = {};
    ["context", "parcels", "zones", "labels"].forEach((name, k) => { // lots.js draws into "parcels"
      const pane = map.createPane(`kcngeo-${name}`);
      pane.style.zIndex = name === "labels" ? 640 : 360 + 10 * k;
      renderers[name] = L.svg({ pane: `kcngeo-${name}`, padding: 0.5 });
    });
    const draw = (geometry, pane, style) => L.GeoJSON.geometryToLayer(
      { type: "Feature", properties: {}, geometry },
      { pane: `kcngeo-${pane}`, renderer: renderers[pane], smoothFactor: 0.2, noClip: true,
        interactive: false, ...style });
    const drawnZones = L.layerGroup().addTo(map);
    const drawnLots = L.layerGroup().addTo(map);
    drawContext(map, payload.context, draw);

    // ---- lots ---------------------------------------------------------------------------------
    const lots = payload.parcels.map((parcel) => ({
      parcel, zone: payload.zones[parcel.zone], isSelected: false,
    }));

    const painter = kcngeoLots.svgPainter(map, "kcngeo-parcels", payload, {
      tip: (lot) => (
        el("div", {}, el("b", {}, lotName(lot, texts)), " · ", lotInWords(lot, texts))),
      onClick: (lot, latlng) => select(lot, latlng),
    });
    const fade = (lot) => { lot.isFaded = only !== null && !(lot.shares?.[only] > 0); };

    /** Decides which lots are there in a month, and what they are painted with. */
    function drawLots() {
      const { index, definition: { uses }, zones } = now;
      for (const lot of lots) {
        const { parcel } = lot;
        lot.isDrawn = isIn(index, parcel.from, parcel.to);
        if (!lot.isDrawn) continue;
        const isLeasable = uses.includes(parcel.use);
        const isInAccount = isLeasable && zones[parcel.zone].isCounted;
        lot.state = isInAccount ? stepAt(parcel.states, index) : null;
        lot.shares = lot.state === null ? null : states[lot.state];
        lot.pale = isLeasable ? NO_STATUS : payload.use_colors[parcel.use] ?? NO_STATUS;
        fade(lot);
      }
      now.lots = lots.filter((lot) => lot.isDrawn);
      painter.show(now.lots);
    }

    function hasRoom(lot) {
      const low = map.latLngToLayerPoint(painter.bounds(lot).getSouthWest());
      const high = map.latLngToLayerPoint(painter.bounds(lot).getNorthEast());
      return high.x - low.x > 14 + 7 * lot.parcel.lot.length && low.y - high.y > 20;
    }

    /** Lot numbers in view, as soon as most of them have room. */
    function drawLotNumbers() {
      drawnLots.clearLayers();
      const view = map.getBounds();
      const named = now.lots.filter((lot) => (
        lot.parcel.lot && view.intersects(painter.bounds(lot))));
      const roomy = named.filter(hasRoom);
      if (roomy.length < 0.7 * named.length) return;
      for (const lot of roomy) {
        L.marker(painter.center(lot), {
          icon: L.divIcon({
            html: el("span", {}, lot.parcel.lot), className: "kcn-lot", iconSize: null,
          }),
          pane: "kcngeo-labels", interactive: false, keyboard: false,
        }).addTo(drawnLots);
      }
    }

    // ---- zones --------------------------------------------------------------------------------
    let labels = [];

    function drawZones() {
      drawnZones.clearLayers();
      labels = [];
      now.zones.forEach((state, index) => {
        const { zone, geometry, isCounted } = state;
        if (!geometry) return;
        const dashArray = isCounted ? null : "7 5";
        const halo = { color: "#fff", weight: 5, opacity: 0.85, fill: false };
        draw(geometry, "zones", halo).addTo(drawnZones);
        const outline = draw(geometry, "zones", { color: "#24343d", weight: 2, fill: false, dashArray });
        const node = el("div", { class: "kcn-label" }, el("b", {}, zone.name),
          el("span", {}, rateInWords(state, texts, say),
            isCounted ? el("small", {}, ` ${now.definition.id}`) : ""));
        const bounds = outline.addTo(drawnZones).getBounds();
        const marker = L.marker(bounds.getCenter(), {
          icon: L.divIcon({ html: node, className: "kcn-anchor", iconSize: null }),
          pane: "kcngeo-labels", keyboard: false,
        }).on("click", () => goTo(index)).addTo(drawnZones);
        const size = L.point(node.offsetWidth, node.offsetHeight);
        labels.push({ node, marker, bounds, size, isCounted });
      });
      arrangeLabels();
    }

    /** Gives each label a free place in view, zones that count first; others may go without. */
    function arrangeLabels() {
      const container = map.getContainer();
      const origin = container.getBoundingClientRect();
      const controls = [...container.querySelectorAll(".leaflet-control")].map((control) => {
        const { left, top, right, bottom } = control.getBoundingClientRect();
        return L.bounds([left - origin.left, top - origin.top],
          [right - origin.left, bottom - origin.top]);
      });
      const boxes = new Map(labels.map((label) => [label, L.bounds(
        map.latLngToContainerPoint(label.bounds.getNorthWest()),
        map.latLngToContainerPoint(label.bounds.getSouthEast()))]));
      const view = L.bounds([GAP_PX, GAP_PX], map.getSize().subtract([GAP_PX, GAP_PX]));
      const taken = [...controls, ...boxes.values()];
      for (const label of [...labels].sort((a, b) => b.isCounted - a.isCounted)) {
        const box = boxes.get(label);
        const places = view.overlaps(box) ? placesRound(box, label.size, view) : [];
        const free = places.find((place) => !taken.some((other) => other.overlaps(place)));
        const place = free ?? (label.isCounted ? places[0] : null);
        label.node.hidden = !place;
        if (!place) continue;
        label.marker.setLatLng(map.containerPointToLatLng(place.min));
        taken.push(place);
      }
    }

    // ---- the panel ----------------------------------------------------------------------------
    const account = buildAccount(payload, say, (status) => {
      only = status;
      now.lots.forEach(fade);
      painter.restyle(now.lots);
    });
    const rates = buildRates(payload, say, (index) => goTo(index));
    frame.panel.append(account.node, rates.node);

    // ---- one lot ------------------------------------------------------------------------------
    const popup = L.popup({ maxWidth: 320, minWidth: 220, className: "kcn-popup" });

    function mark(lot) {
      const changed = [selected, lot].filter((one) => one);
      selected = lot;
      changed.forEach((one) => { one.isSelected = one === lot; });
      painter.restyle(changed.filter((one) => one.isDrawn));
    }

    function select(lot, latlng) {
      mark(null);
      if (!lot) return;
      painter.raise(lot);
      popup.setContent(describeLot(lot, now, payload, say)).setLatLng(latlng).openOn(map);
      mark(lot); // after opening, which may have closed the popup of the lot before
      popup.getElement().querySelector(".leaflet-popup-close-button")
        .setAttribute("aria-label", texts.close);
    }
    map.on("popupclose", (event) => { if (event.popup === popup) select(null); });

    // ---- moving -------------------------------------------------------------------------------
    function goTo(index) {
      frame.zone.value = index === null ? "" : String(index);
      const bounds = L.latLngBounds([]);
      for (const { zone, geometry } of index === null ? now.zones : [now.zones[index]]) {
        const shapes = geometry ? [geometry] : zone.shapes.map(([, , shape]) => shape);
        shapes.forEach((shape) => bounds.extend(draw(shape, "zones", {}).getBounds()));
      }
      fit(map, bounds);
    }

    function setMonth(index) {
      now = stateOf(payload, Math.min(months.length - 1, Math.max(0, Math.round(Number(index)))));
      const day = months[now.index];
      frame.slider.value = now.index;
      frame.slider.setAttribute("aria-valuetext", say.month(day));
      frame.month.textContent = say.month(day);
      frame.date.textContent = say.day(day);
      drawLots();
      drawZones();
      drawLotNumbers();
      account.show(now);
      rates.show(now);
      if (selected) {
        if (selected.isDrawn) popup.setContent(describeLot(selected, now, payload, say));
        else map.closePopup(popup);
      }
    }

    function play(isPlaying) {
      clearInterval(timer);
      timer = null;
      if (isPlaying) {
        if (now.index === months.length - 1) setMonth(0);
        timer = setInterval(() => {
          setMonth(now.index + 1);
          if (now.index === months.length - 1) play(false);
        }, STEP_MS);
      }
      frame.play.setAttribute("aria-label", isPlaying ? texts.pause : texts.play);
      frame.play.setAttribute("title", isPlaying ? texts.pause : texts.play);
      frame.play.setAttribute("data-playing", isPlaying);
    }

    frame.slider.addEventListener("input", () => { play(false); setMonth(frame.slider.value); });
    frame.play.addEventListener("click", () => play(timer === null));
    frame.zone.addEventListener("change", () => (
      goTo(frame.zone.value === "" ? null : Number(frame.zone.value))));
    map.on("moveend", () => {
      map.getContainer().classList.toggle("kcn-far", map.getZoom() < FAR_ZOOM);
      drawLotNumbers();
      arrangeLabels();
    });
    setMonth(months.length - 1);
    play(false);
    map.invalidateSize({ animate: false });
    goTo(null);

    window.kcngeo = {
      map,
      setMonth: (index) => { play(false); setMonth(index); },
      month: () => now.index,
      drawn: () => now.lots.map((lot) => ({
        id: lot.parcel.id, zone: lot.zone.id, leasable: lot.shares !== null, shares: lot.shares,
        fill: painter.fill(lot),
      })),
    };
  };
})();
