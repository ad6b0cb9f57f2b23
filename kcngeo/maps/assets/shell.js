/**
 * What every map page shares: elements, how numbers are written, and the frame round the map (head
 * with title and day, panel at the side, a strip at the foot). Nothing here knows what is drawn.
 */
"use strict";

const kcngeoShell = (() => {
  const NARROW_PX = 760;

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

  const swatch = (color) => el("i", { class: "kcn-swatch", style: `background:${color}` });

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

  /**
   * Puts the map into the page, between head, panel and foot.
   * onResize() is called whenever the room of the map changes.
   */
  function shell(map, { language, texts, synthetic }, { zone, foot, onResize }) {
    const frame = {
      date: el("p", { class: "kcn-date" }),
      panel: el("aside", { id: "kcn-panel", class: "kcn-panel" }),
    };
    const toggle = el("button", {
      type: "button", class: "kcn-toggle", "aria-controls": "kcn-panel",
    });
    const container = map.getContainer();
    const place = el("div", { class: "kcn-map" });
    container.replaceWith(el("div", { class: "kcn-app", lang: language },
      el("header", { class: "kcn-head" },
        el("div", { class: "kcn-title" }, el("h1", {}, texts.title), frame.date),
        synthetic ? el("p", { class: "kcn-synthetic" }, texts.synthetic) : "",
        el("div", { class: "kcn-tools" }, zone, toggle)),
      place, ...(foot ? [foot] : []), frame.panel));
    place.append(container);
    container.setAttribute("role", "region");
    container.setAttribute("aria-label", texts.title);

    const showPanel = (isOpen) => {
      frame.panel.hidden = !isOpen;
      toggle.setAttribute("aria-expanded", isOpen);
      toggle.textContent = isOpen ? texts.panel_hide : texts.panel_show;
    };
    toggle.addEventListener("click", () => showPanel(frame.panel.hidden));
    showPanel(window.innerWidth > NARROW_PX);
    const resize = () => {
      map.invalidateSize({ animate: false });
      onResize?.();
    };
    new ResizeObserver(resize).observe(place);
    resize();
    return frame;
  }

  /** A menu of the zones, the first entry for all of them. */
  function zoneMenu(zones, texts) {
    const menu = el("select", { "aria-label": texts.go_to }, new Option(texts.all_zones, ""));
    zones.forEach((zone, index) => menu.append(new Option(zone.name, index)));
    return menu;
  }

  /** Zoom buttons with words, a scale, and how far one may zoom. */
  function controls(map, texts) {
    map.options.zoomSnap = 0.25;
    map.setMinZoom(6).setMaxZoom(20);
    map.zoomControl?.remove();
    L.control.zoom({ zoomInTitle: texts.zoom_in, zoomOutTitle: texts.zoom_out }).addTo(map);
    L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
  }

  const CONTEXT = {
    river: { color: "#8fb8cc", weight: 1.6, fillColor: "#d3e5ed", fillOpacity: 1 },
    water: { color: "#8fb8cc", weight: 1, fillColor: "#d3e5ed", fillOpacity: 1 },
    road: { color: "#c9c2b2", weight: 1.6, fill: false },
    boundary: { color: "#a39d90", weight: 1, dashArray: "6 4", fill: false },
  };

  /** Draws what lies under everything; draw(geometry, pane, style) gives a layer. */
  function drawContext(map, context, draw) {
    for (const { kind, geometry } of context ?? []) {
      if (!geometry.type.endsWith("Point")) {
        draw(geometry, "context", CONTEXT[kind] ?? CONTEXT.boundary).addTo(map);
      }
    }
  }

  /** Shows some bounds beside head and foot; at once, if something is to be opened there. */
  function fit(map, bounds, isAtOnce = false) {
    if (!bounds.isValid()) return;
    const isStill = isAtOnce || matchMedia("(prefers-reduced-motion: reduce)").matches;
    map.fitBounds(bounds, {
      paddingTopLeft: [36, 64], paddingBottomRight: [36, 44], maxZoom: 18, animate: !isStill,
    });
  }

  return { el, svg, swatch, formatter, shell, zoneMenu, controls, drawContext, fit };
})();
