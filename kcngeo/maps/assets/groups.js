/**
 * How features of a group are drawn, and the marks that say without colour what the colour says.
 * Groups and drawn features are those of types.d.ts.
 */
"use strict";

const kcngeoGroups = (() => {
  const { el, inkOn } = kcngeoElements;
  const SELECTED = { color: "#12222b", weight: 3, opacity: 1 };
  /** @type {Record<string, string | undefined>} */
  const DASHES = { line: undefined, dashed: "8 5", dotted: "2 5" };
  const LINES = new Set(Object.keys(DASHES));
  const MARK_PX = 20; // the room a mark needs
  const LETTER_PX = 7; // and a letter beside its number
  const MOST_MARKS = 400;

  /**
   * How a group is drawn; what is only a line keeps its colour when it is not selected.
   * @param {Group} group
   * @returns {L.PathOptions}
   */
  function styleOf({ color, style }) {
    if (style === "outline" || style === "pin") return { color, weight: 1.6, fill: true, fillColor: color, fillOpacity: 0.12 };
    if (LINES.has(style)) return { color, weight: 2.4, fill: false, dashArray: DASHES[style] };
    if (style === "point") return { color: "#ffffff", weight: 1.5, fill: true, fillColor: color, fillOpacity: 1 };
    return { color: "#ffffff", weight: 1, fill: true, fillColor: color, fillOpacity: 0.88 };
  }

  /** @type {(one: {layer: Drawn}) => L.LatLngBounds} */
  const boundsOf = ({ layer }) => (
    "getLatLng" in layer ? layer.getLatLng().toBounds(200) : layer.getBounds());

  /**
   * Where a mark stands: inside, also in what is bent or goes round something else.
   * @type {(one: DrawnFeature) => L.LatLng}
   */
  const placeOf = ({ feature: { inner }, layer }) => {
    if (inner) return L.GeoJSON.coordsToLatLng(inner);
    return "getLatLng" in layer ? layer.getLatLng() : layer.getCenter();
  };

  /**
   * Marks in the pane "kcngeo-marks". draw(shown): of these features.
   * @param {L.Map} map
   * @param {Group[]} groups
   * @param {Talk} talk
   * @param {(one: DrawnFeature, at: L.LatLng) => void} onMark
   */
  function marks(map, groups, talk, onMark) {
    const drawn = L.layerGroup().addTo(map);

    /**
     * Whether a feature is large enough to hold its mark.
     * @param {DrawnFeature} one
     */
    function hasRoom(one) {
      if ("getLatLng" in one.layer || groups[one.feature.group].style === "pin") return true;
      const size = map.latLngToLayerPoint(boundsOf(one).getSouthEast())
        .subtract(map.latLngToLayerPoint(boundsOf(one).getNorthWest()));
      return size.x > MARK_PX && size.y > MARK_PX;
    }

    /**
     * @param {Pick<Group, "color" | "style">} group
     * @param {string} words
     * @param {boolean} isNumber
     * @param {string | null} label
     */
    function nodeOf({ color, style }, words, isNumber, label) {
      if (isNumber) {
        return el("span", { class: "kcn-on-number" }, label ? `${words} · ${label}` : words);
      }
      const ink = style === "outline" ? "" : `color:${inkOn(color)};`;
      const ground = style === "pin" ? `background:${color}` : "";
      return el("span", { class: `kcn-on-${style}`, style: ink + ground }, words);
    }

    /** @param {DrawnFeature[]} shown */
    function draw(shown) {
      drawn.clearLayers();
      const view = map.getBounds();
      /** @type {L.Bounds[]} */
      const taken = []; // a mark on another says nothing
      /** @type {(box: L.Bounds) => boolean} */
      const isFree = (box) => !taken.some((other) => other.overlaps(box));
      /** @type {(at: L.Point, wide: number) => L.Bounds} */
      const boxOf = (at, wide) => L.bounds(at.subtract([wide / 2, 8]), at.add([wide / 2, 8]));
      for (const one of shown) {
        const { color, style, mark } = groups[one.feature.group];
        const { number } = one.feature;
        const told = one.feature.label ? talk.pick(one.feature.label) : null;
        // A number is the same on paper and in QGIS, so it goes before the letter of the group.
        const words = number !== null && style !== "pin" ? String(number) : mark;
        if (!words || (number === null && LINES.has(style))) continue;
        if (!view.intersects(boundsOf(one))) continue;
        if (number === null && !hasRoom(one)) continue;
        const at = placeOf(one);
        const place = map.latLngToLayerPoint(at);
        const isNumber = words !== mark;
        const short = boxOf(place, Math.max(MARK_PX - 4, words.length * LETTER_PX + 6));
        const long = boxOf(place, isNumber && told ? (words.length + told.length + 3) * LETTER_PX : 0);
        // Where there is no room for all of it, the number alone leads to the list.
        const label = isFree(long) ? told : null;
        if (!isFree(short)) continue;
        if (taken.push(label ? long : short) > MOST_MARKS) break;
        L.marker(at, {
          icon: L.divIcon({
            html: nodeOf({ color, style }, words, isNumber, label), className: "kcn-mark", iconSize: undefined,
          }),
          pane: "kcngeo-marks", interactive: style === "pin" || isNumber, keyboard: false,
        }).on("click", () => onMark(one, at)).addTo(drawn);
      }
    }
    return { draw, clear: () => drawn.clearLayers() };
  }

  return { LINES, SELECTED, styleOf, boundsOf, marks };
})();
