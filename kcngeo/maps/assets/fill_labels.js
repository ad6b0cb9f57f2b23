/**
 * Words on the fill map: at each zone its name and rate, wherever there is room. A zone too small to
 * show its lots is a ring.
 */
"use strict";

const kcngeoLabels = (() => {
  const { el, own } = kcngeoElements;
  const { rateInWords } = kcngeoPage;
  const { GAP_PX, placesRound } = kcngeoBoxes;
  const CROWD = 12; // zones; of more, those without room stay unnamed
  const SMALL_PX = 60; // a zone that is smaller shows no lots
  const MOST_RINGS = 120;
  const MOST_NAMED = 40; // rings in view; of more, each is small and its name is in the list
  const SMALL = 0.74; // of its size, where whole rings do not fit: its rate is told in whole per cent
  const OF_CROWD = 0.6; // the least ring is 37 px wide then

  /**
   * show(state): labels and outlines of a month; arrange(): places for them, gives what is covered
   * by them and by what stands on the map: boxes, and the ends of lines.
   * @param {L.Map} map
   * @param {Draw} draw
   * @param {Talk} talk
   * @param {(index: number) => void} onZone
   * @param {{zone_color: string, colors: string[]}} look
   */
  function ofZones(map, draw, talk, onZone, { zone_color: color, colors }) {
    const drawn = L.layerGroup().addTo(map);
    const lines = L.layerGroup().addTo(map);
    /** @type {Label[]} */
    let labels = [];

    /**
     * Gives the small zones that were asked for their places as rings of a share of their size.
     * @param {Label[]} small
     * @param {(label: Label) => L.Bounds} boxOf
     * @param {L.Bounds[]} taken
     * @param {L.Bounds} view
     * @param {number} share
     */
    function placesOf(small, boxOf, taken, view, share) {
      small.forEach((label) => kcngeoDonuts.shrink(label, share));
      const wanted = small.map((label) => ({
        at: boxOf(label).getCenter(), outer: label.outer,
        size: L.point(label.node.offsetWidth, label.node.offsetHeight),
      }));
      return kcngeoDonuts.placed(wanted, taken, view);
    }

    /**
     * Draws the zones that are small as rings, the larger zones first; gives their places.
     * @param {Label[]} small
     * @param {(label: Label) => L.Bounds} boxOf
     * @param {L.Bounds[]} taken
     * @param {L.Bounds} view
     */
    function arrangeRings(small, boxOf, taken, view) {
      lines.clearLayers();
      // What is hidden has no size.
      small.forEach(({ node }) => { node.hidden = false; });
      const largest = [...small].sort((a, b) => b.hectares - a.hectares);
      largest.splice(MOST_RINGS).forEach(({ node }) => { node.hidden = true; });
      /** @type {(label: Label) => boolean} */
      const isInView = (label) => view.contains(boxOf(label).getCenter());
      const isCrowd = small.filter(isInView).length > MOST_NAMED;
      small.forEach(({ node }) => node.classList.toggle("kcn-crowded", isCrowd));
      /** @type {(share: number) => (RingPlace | null)[]} */
      const placesAt = (share) => placesOf(largest, boxOf, taken, view, share);
      let places = placesAt(isCrowd ? OF_CROWD : 1);
      /** @type {(place: RingPlace | null, k: number) => boolean} */
      const isFull = (place, k) => (place ? !place.isClear : isInView(largest[k]));
      if (!isCrowd && places.some(isFull)) places = placesAt(SMALL);
      largest.forEach((label, k) => {
        const place = places[k];
        label.node.hidden = !place;
        if (!place) return;
        const { box, line } = place;
        label.marker.setLatLng(map.containerPointToLatLng(box.getTopLeft()));
        if (!line) return;
        L.polyline(line.map((point) => map.containerPointToLatLng(point)), {
          pane: "kcngeo-zones", className: "kcn-leader", interactive: false, weight: 1.2,
          color: "#3d4c54", renderer: label.renderer,
        }).addTo(lines);
      });
      return places.filter((place) => place !== null);
    }

    /**
     * Gives each label a free place in view, zones that count first; others may go without.
     * @returns {Covered}
     */
    function arrange() {
      /** @type {(label: Label) => L.Bounds} */
      const boxOf = ({ bounds }) => L.bounds(
        map.latLngToContainerPoint(bounds.getNorthWest()),
        map.latLngToContainerPoint(bounds.getSouthEast()));
      const view = L.bounds([GAP_PX, GAP_PX], map.getSize().subtract([GAP_PX, GAP_PX]));
      /** @param {Label} label */
      const isSmall = (label) => {
        const { x, y } = boxOf(label).getSize();
        return Math.max(x, y) < SMALL_PX;
      };
      const small = labels.filter(isSmall);
      const large = labels.filter((label) => !isSmall(label));
      labels.forEach((label) => label.node.classList.toggle("kcn-round", isSmall(label)));
      const controls = kcngeoBoxes.ofElements(map, ".leaflet-control, .kcn-synthetic", document);
      const taken = [...controls, ...large.map(boxOf)];
      const rings = arrangeRings(small, boxOf, taken, view);
      large.forEach(({ node }) => { node.hidden = false; });
      large.forEach((label) => {
        label.size = L.point(label.node.offsetWidth, label.node.offsetHeight);
      });
      const named = [];
      taken.push(...rings.map(({ box }) => box));
      for (const label of [...large].sort((a, b) => Number(b.isCounted) - Number(a.isCounted))) {
        const box = boxOf(label);
        const places = view.overlaps(box) ? placesRound(box, label.size, view) : [];
        const free = places.find((place) => !taken.some((other) => other.overlaps(place)));
        const isNamed = label.isCounted && labels.length <= CROWD;
        const place = free ?? (isNamed ? places[0] : null);
        label.node.hidden = !place;
        if (!place) continue;
        label.marker.setLatLng(map.containerPointToLatLng(place.getTopLeft()));
        taken.push(place);
        named.push(place);
      }
      return {
        boxes: [...controls, ...rings.flatMap(({ parts }) => parts), ...named],
        lines: rings.flatMap(({ line }) => (line ? [line] : [])),
      };
    }

    /**
     * ringOf(zone): what a ring shows instead of statuses and rate, see fill_themes.js; null for none.
     * @param {MonthState} state
     * @param {((zone: number) => RingParts | null) | null} ringOf
     */
    function show({ zones, lotsByZone }, ringOf = null) {
      drawn.clearLayers();
      labels = [];
      // What is declared stands in the place of lots; what nobody states of it stays grey.
      const sums = lotsByZone.map((lots, k) => (
        zones[k].stated ? zones[k].stated.slice(1).map((area) => area ?? 0) : kcngeoPanel.sumsOf(lots)));
      const declared = zones.map(({ stated }) => (stated ? stated[0] : null));
      const hectares = sums.map((own, k) => declared[k] ?? kcngeoPanel.total(own));
      const most = Math.max(0, ...hectares);
      zones.forEach((state, index) => {
        const { zone, place, isCounted, isShown } = state;
        /** @type {Shape | null} */
        const geometry = state.geometry ?? (place && { type: "Point", coordinates: place });
        if (!geometry || !isShown) return;
        const look = { color, weight: 2 };
        const halo = { color: "#fff", weight: 5, opacity: 0.85, fill: false };
        if (state.geometry) draw(geometry, "zones", halo).addTo(drawn);
        const outline = draw(geometry, "zones", state.geometry
          ? { ...look, fill: false, dashArray: isCounted ? undefined : "7 5" }
          : { ...look, radius: 3, fillOpacity: 1, fillColor: "#fff" });
        const words = rateInWords(state, talk);
        const outer = kcngeoDonuts.outerOf(hectares[index], most);
        const other = ringOf?.(index);
        const ring = other ? kcngeoDonuts.ring(other.sums, outer, other.colors)
          : kcngeoDonuts.ring(sums[index], outer, colors, declared[index]);
        const rate = isCounted ? state.rate?.[2] ?? null : null;
        const rated = rate === null ? ["–", "–"] : [words, `${talk.say.number(100 * rate, 0)} %`];
        const [inside, short] = other ? kcngeoDonuts.inside(other, lotsByZone[index]) : rated;
        const node = el("div", {
          class: isCounted ? "kcn-label" : "kcn-label kcn-uncounted", title: zone.name,
        },
          el("div", { class: "kcn-ring" }, ring,
            el("span", { "data-short": short }, inside)),
          el("b", {}, own(zone.name)),
          el("span", { class: "kcn-rated" }, other ? "" : words),
          el("span", { class: "kcn-beside" }, ...(other ? [] : kcngeoPage.beside(state, talk))));
        outline.addTo(drawn);
        const bounds = "getLatLng" in outline
          ? L.latLngBounds([outline.getLatLng()]) : outline.getBounds();
        const marker = L.marker(bounds.getCenter(), {
          icon: L.divIcon({ html: node, className: "kcn-anchor", iconSize: undefined }),
          pane: "kcngeo-labels", keyboard: false,
        }).on("click", () => onZone(index)).addTo(drawn);
        labels.push({
          node, marker, bounds, size: L.point(0, 0), isCounted, outer: outer + 1, whole: outer + 1,
          hectares: hectares[index],
          renderer: outline.options.renderer ?? map.getRenderer(outline),
        });
      });
    }
    return { show, arrange };
  }

  return ofZones;
})();
