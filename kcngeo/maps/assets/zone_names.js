/**
 * Names of zones on a map of one day, seen from afar: beside each zone in view where nothing else
 * stands. Of many, those without room are left out.
 *
 * kcngeoZoneNames(map, zones, talk) gives arrange(taken): places for them, which are taken then.
 */
"use strict";

const kcngeoZoneNames = (() => {
  const { el } = kcngeoElements;
  const { GAP_PX, level, meetRound, placesRound } = kcngeoBoxes;
  const CROWD = 12; // zones

  /**
   * @param {L.Map} map
   * @param {{name: Words, bounds: L.LatLngBounds, group: L.LayerGroup, onClick: () => void}[]} zones
   * @param {Talk} talk
   */
  return function zoneNames(map, zones, talk) {
    const labels = zones.map(({ name, bounds, group, onClick }) => {
      const words = el("bdi", {});
      talk.always(() => { words.textContent = talk.pick(name); });
      const node = el("div", { class: "kcn-label kcn-far-name" }, el("b", {}, words));
      const marker = L.marker(bounds.getCenter(), {
        icon: L.divIcon({ html: node, className: "kcn-anchor", iconSize: undefined }),
        keyboard: false,
      }).on("click", onClick).addTo(group);
      return { node, marker, bounds };
    });

    /** @param {Taken} taken */
    return (taken) => {
      const view = L.bounds([GAP_PX, GAP_PX], map.getSize().subtract([GAP_PX, GAP_PX]));
      labels.forEach(({ node }) => { node.hidden = false; });
      const sizes = labels.map(({ node }) => L.point(node.offsetWidth, node.offsetHeight));
      labels.forEach(({ node, marker, bounds }, k) => {
        const box = L.bounds(map.latLngToContainerPoint(bounds.getNorthWest()),
          map.latLngToContainerPoint(bounds.getSouthEast()));
        const places = view.overlaps(box) ? placesRound(box, sizes[k], view) : [];
        const free = places.find((place) => taken.isFree(level(place), meetRound));
        const place = free ?? (labels.length <= CROWD ? places[0] : null);
        node.hidden = !place;
        if (!place) return;
        marker.setLatLng(map.containerPointToLatLng(place.getTopLeft()));
        taken.take(level(place));
      });
    };
  };
})();
