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
     * What a ring and the words under it cover: beside the ring there is room for other words.
     * @param {L.Bounds} place
     * @param {Label} label
     */
    function partsOf(place, { outer }) {
      const [min, max] = [place.getTopLeft(), place.getBottomRight()];
      const [middle, foot] = [(min.x + max.x) / 2, min.y + 2 * outer];
      return [L.bounds([middle - outer, min.y], [middle + outer, foot]), L.bounds([min.x, foot], max)];
    }

    /**
     * Draws the zones that are small as rings, the larger zones first; gives what they cover.
     * @param {Label[]} small
     * @param {(label: Label) => L.Bounds} boxOf
     * @param {L.Bounds[]} taken
     * @param {L.Bounds} view
     */
    function arrangeRings(small, boxOf, taken, view) {
      lines.clearLayers();
      const largest = [...small].sort((a, b) => b.hectares - a.hectares);
      largest.slice(MOST_RINGS).forEach(({ node }) => { node.hidden = true; });
      const wanted = largest.slice(0, MOST_RINGS).map((label) => ({
        label, at: boxOf(label).getCenter(), size: label.size,
      }));
      const places = kcngeoDonuts.placed(wanted, taken, view);
      /** @type {Covered["lines"]} */
      const leaders = [];
      wanted.forEach(({ label, at }, k) => {
        const place = places[k];
        label.node.hidden = !place;
        if (!place) return;
        const corner = place.getTopLeft();
        label.marker.setLatLng(map.containerPointToLatLng(corner));
        const middle = L.point(place.getCenter().x, corner.y + label.outer);
        const away = middle.distanceTo(at);
        if (away <= label.outer) return;
        const end = middle.add(at.subtract(middle).multiplyBy(label.outer / away));
        leaders.push([at, end]);
        L.polyline([at, end].map((point) => map.containerPointToLatLng(point)), {
          pane: "kcngeo-zones", className: "kcn-leader", interactive: false, weight: 1.2,
          color: "#3d4c54", renderer: label.renderer,
        }).addTo(lines);
      });
      const rings = places.flatMap((place, k) => (place ? [{ place, label: wanted[k].label }] : []));
      return { rings, leaders };
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
      const inView = small.filter((label) => view.contains(boxOf(label).getCenter()));
      small.forEach((label) => kcngeoDonuts.shrink(label, inView.length > MOST_NAMED));
      // What is hidden has no size; all are shown before any is measured, so that the page is laid
      // out once.
      labels.forEach(({ node }) => { node.hidden = false; });
      labels.forEach((label) => {
        label.size = L.point(label.node.offsetWidth, label.node.offsetHeight);
      });
      const controls = kcngeoBoxes.ofElements(map, ".leaflet-control");
      const taken = [...controls, ...large.map(boxOf)];
      const { rings, leaders } = arrangeRings(small, boxOf, taken, view);
      const named = [];
      taken.push(...rings.map(({ place }) => place));
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
      const round = rings.flatMap(({ place, label }) => partsOf(place, label));
      return { boxes: [...controls, ...round, ...named], lines: leaders };
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
        const told = other ? kcngeoDonuts.inside(other, lotsByZone[index]) : "";
        const [inside, short] = other ? [told, told] : rated;
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
