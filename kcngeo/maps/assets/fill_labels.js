/**
 * Words on the fill map: at each zone its name and rate, wherever there is room. A zone too small to
 * show its lots is a ring.
 */
"use strict";

const kcngeoLabels = (() => {
  const { el, own } = kcngeoShell;
  const { rateInWords } = kcngeoPage;
  const GAP_PX = 6;
  const CROWD = 12; // zones; of more, those without room stay unnamed
  const SMALL_PX = 60; // a zone that is smaller shows no lots
  const MOST_RINGS = 120;
  const MOST_NAMED = 40; // rings in view; of more, each is small and its name is in the list

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

  /**
   * show(state): labels and outlines of a month; arrange(): places for them, gives what is covered
   * by them and by what stands on the map: boxes, and the ends of lines.
   */
  function ofZones(map, draw, talk, onZone, { zone_color: color, colors }) {
    const drawn = L.layerGroup().addTo(map);
    const lines = L.layerGroup().addTo(map);
    let labels = [];

    /** What stands on the map beside the zones. */
    function controlBoxes() {
      const container = map.getContainer();
      const origin = container.getBoundingClientRect();
      return [...container.querySelectorAll(".leaflet-control")].map((control) => {
        const { left, top, right, bottom } = control.getBoundingClientRect();
        return L.bounds([left - origin.left, top - origin.top],
          [right - origin.left, bottom - origin.top]);
      });
    }

    /** What a ring and the words under it cover: beside the ring there is room for other words. */
    function partsOf({ min, max }, { outer }) {
      const [middle, foot] = [(min.x + max.x) / 2, min.y + 2 * outer];
      return [L.bounds([middle - outer, min.y], [middle + outer, foot]), L.bounds([min.x, foot], max)];
    }

    /** Draws the zones that are small as rings, the larger zones first; gives what they cover. */
    function arrangeRings(small, boxes, taken, view) {
      lines.clearLayers();
      const largest = [...small].sort((a, b) => b.hectares - a.hectares);
      largest.slice(MOST_RINGS).forEach(({ node }) => { node.hidden = true; });
      const wanted = largest.slice(0, MOST_RINGS).map((label) => ({
        label, at: boxes.get(label).getCenter(), size: label.ringSize,
      }));
      const places = kcngeoDonuts.placed(wanted, taken, view);
      const leaders = [];
      wanted.forEach(({ label, at }, k) => {
        const place = places[k];
        label.node.hidden = !place;
        if (!place) return;
        label.marker.setLatLng(map.containerPointToLatLng(place.min));
        const middle = L.point(place.getCenter().x, place.min.y + label.outer);
        const away = middle.distanceTo(at);
        if (away <= label.outer) return;
        const end = middle.add(at.subtract(middle).multiplyBy(label.outer / away));
        leaders.push([at, end]);
        L.polyline([at, end].map((point) => map.containerPointToLatLng(point)), {
          pane: "kcngeo-zones", className: "kcn-leader", interactive: false, weight: 1.2,
          color: "#3d4c54", renderer: label.renderer,
        }).addTo(lines);
      });
      const rings = places.map((place, k) => ({ place, label: wanted[k].label }));
      return { rings: rings.filter(({ place }) => place), leaders };
    }

    /** Gives each label a free place in view, zones that count first; others may go without. */
    function arrange() {
      const boxes = new Map(labels.map((label) => [label, L.bounds(
        map.latLngToContainerPoint(label.bounds.getNorthWest()),
        map.latLngToContainerPoint(label.bounds.getSouthEast()))]));
      const view = L.bounds([GAP_PX, GAP_PX], map.getSize().subtract([GAP_PX, GAP_PX]));
      const isSmall = (label) => {
        const { x, y } = boxes.get(label).getSize();
        return Math.max(x, y) < SMALL_PX;
      };
      const small = labels.filter(isSmall);
      const large = labels.filter((label) => !isSmall(label));
      labels.forEach((label) => label.node.classList.toggle("kcn-round", isSmall(label)));
      const inView = small.filter((label) => view.contains(boxes.get(label).getCenter()));
      small.forEach((label) => kcngeoDonuts.shrink(label, inView.length > MOST_NAMED));
      // What is hidden has no size; all are shown before any is measured, so that the page is laid
      // out once.
      small.forEach((label) => { label.node.hidden = false; });
      small.forEach((label) => {
        label.ringSize = L.point(label.node.offsetWidth, label.node.offsetHeight);
      });
      const controls = controlBoxes();
      const taken = [...controls, ...large.map((label) => boxes.get(label))];
      const { rings, leaders } = arrangeRings(small, boxes, taken, view);
      const named = [];
      taken.push(...rings.map(({ place }) => place));
      for (const label of [...large].sort((a, b) => b.isCounted - a.isCounted)) {
        const box = boxes.get(label);
        const places = view.overlaps(box) ? placesRound(box, label.size, view) : [];
        const free = places.find((place) => !taken.some((other) => other.overlaps(place)));
        const isNamed = label.isCounted && labels.length <= CROWD;
        const place = free ?? (isNamed ? places[0] : null);
        label.node.hidden = !place;
        if (!place) continue;
        label.marker.setLatLng(map.containerPointToLatLng(place.min));
        taken.push(place);
        named.push(place);
      }
      const round = rings.flatMap(({ place, label }) => partsOf(place, label));
      return { boxes: [...controls, ...round, ...named], lines: leaders };
    }

    /** ringOf(zone): what a ring shows instead of statuses and rate, see fill_themes.js; null for none. */
    function show({ zones, lotsByZone }, ringOf = null) {
      drawn.clearLayers();
      labels = [];
      // What is declared stands in the place of lots; what nobody states of it stays grey.
      const sums = lotsByZone.map((lots, k) => (
        zones[k].stated ? zones[k].stated.slice(1).map((area) => area ?? 0) : kcngeoPanel.sumsOf(lots)));
      const hectares = sums.map((own, k) => zones[k].stated?.[0] ?? kcngeoPanel.total(own));
      const most = Math.max(0, ...hectares);
      zones.forEach((state, index) => {
        const { zone, geometry, place, isCounted, isShown } = state;
        if ((!geometry && !place) || !isShown) return;
        const dashArray = isCounted ? null : "7 5";
        const halo = { color: "#fff", weight: 5, opacity: 0.85, fill: false };
        if (geometry) draw(geometry, "zones", halo).addTo(drawn);
        const outline = geometry
          ? draw(geometry, "zones", { color, weight: 2, fill: false, dashArray })
          : L.circleMarker([place[1], place[0]], {
            pane: "kcngeo-zones", radius: 3, color, weight: 2, fillOpacity: 1, interactive: false,
            fillColor: "#fff",
          });
        const words = rateInWords(state, talk);
        const outer = kcngeoDonuts.outerOf(hectares[index], most);
        const other = ringOf?.(index);
        const ring = other ? kcngeoDonuts.ring(other.sums, outer, other.colors)
          : kcngeoDonuts.ring(sums[index], outer, colors, state.stated?.[0]);
        const isRated = isCounted && state.rate[2] !== null;
        const rated = [isRated ? words : "–", isRated ? `${talk.say.number(100 * state.rate[2], 0)} %` : "–"];
        const told = other && kcngeoDonuts.inside(other, lotsByZone[index]);
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
        const bounds = geometry ? outline.getBounds() : L.latLngBounds([outline.getLatLng()]);
        const marker = L.marker(bounds.getCenter(), {
          icon: L.divIcon({ html: node, className: "kcn-anchor", iconSize: null }),
          pane: "kcngeo-labels", keyboard: false,
        }).on("click", () => onZone(index)).addTo(drawn);
        const size = L.point(node.offsetWidth, node.offsetHeight);
        labels.push({
          node, marker, bounds, size, isCounted, outer: outer + 1, hectares: hectares[index],
          renderer: outline.options.renderer ?? map.getRenderer(outline),
        });
      });
    }
    return { show, arrange };
  }

  return ofZones;
})();
