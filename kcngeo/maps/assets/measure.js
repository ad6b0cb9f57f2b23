/**
 * Measuring on the map: the length of a way, and the area it encloses.
 *
 * On the WGS 84 ellipsoid, in a plane that touches it in the middle of the points: over ten
 * kilometres that is right to a few parts in a million. It is a help to the eye; hectares that count
 * come with the data.
 *
 * kcngeoMeasure.start(map, talk) puts a button under those for the zoom and gives {stop()}, which tells
 * whether it was measuring. With the map in focus, Enter adds the middle of the map, Backspace takes
 * the last point off.
 */
"use strict";

const kcngeoMeasure = (() => {
  const { el, svg } = kcngeoElements;
  const AXIS_M = 6378137;
  const FLATTENING = 1 / 298.257223563;
  const STILL_PX = 4; // a click that moved further was a drag
  const LINE = { color: "#12222b", weight: 2, dashArray: "6 4", fillColor: "#0b6fa4", fillOpacity: 0.12 };

  /**
   * Points as metres in a plane that touches the ellipsoid in their middle.
   * @param {L.LatLng[]} points
   */
  function plane(points) {
    const radians = Math.PI / 180;
    const middle = points.reduce((sum, { lat }) => sum + lat, 0) / points.length * radians;
    const square = FLATTENING * (2 - FLATTENING);
    const bend = Math.sqrt(1 - square * Math.sin(middle) ** 2);
    const east = (AXIS_M / bend) * Math.cos(middle);
    const north = (AXIS_M * (1 - square)) / bend ** 3;
    return points.map(({ lat, lng }) => [
      (lng - points[0].lng) * radians * east, (lat - points[0].lat) * radians * north]);
  }

  /** @param {L.LatLng[]} points */
  function lengthOf(points) {
    let sum = 0;
    for (let i = 1; i < points.length; i += 1) {
      const [[x, y], [u, v]] = plane([points[i - 1], points[i]]);
      sum += Math.hypot(u - x, v - y);
    }
    return sum;
  }

  /** @param {L.LatLng[]} points */
  function areaOf(points) {
    const flat = plane(points);
    const cross = flat.map(([x, y], i) => {
      const [u, v] = flat[(i + 1) % flat.length];
      return x * v - u * y;
    });
    return Math.abs(cross.reduce((a, b) => a + b, 0)) / 2;
  }

  /**
   * @param {L.LatLng[]} points
   * @param {Talk} talk
   */
  function words(points, { texts, say }) {
    if (!points.length) return texts.measure_hint;
    const metres = lengthOf(points);
    const way = metres < 10000 ? `${say.number(metres, 1)} m` : `${say.number(metres / 1000)} km`;
    const told = [`${texts.distance}: ${way}`];
    if (points.length > 2) told.push(`${texts.area}: ${say.hectares(areaOf(points) / 10000)}`);
    return told.join(" · ");
  }

  /**
   * @param {L.Map} map
   * @param {Talk} talk
   */
  function start(map, talk) {
    const container = map.getContainer();
    const result = el("p", { class: "kcn-measured", role: "status" });
    const button = el("button", { type: "button", "aria-pressed": "false" }, svg("svg", {
      viewBox: "0 0 20 20", width: 18, height: 18, "aria-hidden": "true",
    }, svg("path", {
      d: "M2 13.5 13.5 2 18 6.5 6.5 18ZM5.5 10l2 2M8.5 7l2 2M11.5 4l2 2",
      fill: "none", stroke: "currentColor", "stroke-width": 1.5,
    })));
    talk.name(talk.name(button, "title", "measure"), "aria-label", "measure");
    const node = el("div", { class: "kcn-measure leaflet-bar" }, button, result);
    L.DomEvent.disableClickPropagation(node);
    const control = new L.Control({ position: "topleft" });
    control.onAdd = () => node;
    control.addTo(map);
    map.createPane("kcngeo-measure").style.zIndex = "630";
    const drawn = L.layerGroup().addTo(map);
    /** @type {L.LatLng[] | null} */
    let points = null; // null: not measuring
    /** @type {[x: number, y: number] | null} */
    let pressed = null;

    function draw() {
      drawn.clearLayers();
      const style = { ...LINE, pane: "kcngeo-measure", interactive: false };
      if (points && points.length > 2) L.polygon(points, style).addTo(drawn);
      else if (points && points.length > 1) L.polyline(points, style).addTo(drawn);
      points?.forEach((at) => L.circleMarker(at, {
        ...style, radius: 4, dashArray: undefined, fillColor: "#ffffff", fillOpacity: 1,
      }).addTo(drawn));
      result.hidden = !points;
      result.textContent = points ? words(points, talk) : "";
    }

    /** @param {boolean} isOn */
    function measure(isOn) {
      points = isOn ? [] : null;
      button.setAttribute("aria-pressed", String(isOn));
      container.classList.toggle("kcn-measuring", isOn);
      map.doubleClickZoom[isOn ? "disable" : "enable"]();
      draw();
    }

    function stop() {
      const wasOn = points !== null;
      if (wasOn) measure(false);
      return wasOn;
    }

    /** @param {Event} event */
    const isOnMap = ({ target }) => (
      target instanceof Element && !target.closest(".leaflet-control, .leaflet-popup"));
    // Before the lots hear of it: a click while measuring is a point, and opens nothing.
    container.addEventListener("pointerdown", ({ clientX, clientY }) => { pressed = [clientX, clientY]; }, true);
    container.addEventListener("click", (event) => {
      if (!points || !isOnMap(event)) return;
      event.stopPropagation();
      const [x, y] = pressed ?? [event.clientX, event.clientY];
      if (Math.hypot(event.clientX - x, event.clientY - y) > STILL_PX) return;
      const at = map.mouseEventToLatLng(event);
      if (!points.at(-1)?.equals(at)) points.push(at);
      draw();
    }, true);
    container.addEventListener("keydown", (event) => {
      if (!points || event.target !== container) return;
      if (event.key === "Enter") points.push(map.getCenter());
      else if (event.key === "Backspace") points.pop();
      else return;
      event.preventDefault();
      draw();
    });
    button.addEventListener("click", () => { measure(points === null); });
    talk.always(draw);
    return { stop };
  }

  return { start, lengthOf, areaOf };
})();
