/**
 * What every map page shares: elements, the frame round the map (head with title, day and tools,
 * panel at the side, a strip at the foot), the popup, and keys. Nothing here knows what is drawn.
 */
"use strict";

const kcngeoShell = (() => {
  const NARROW_PX = 760;
  const POINT_PX = 8;
  /** @type {[number, number]} */
  const CARD_ROOM_PX = [60, 60]; // round what a card is about
  /** @type {Record<Language, [Language, string, string]>} */
  const OTHER = { vi: ["en", "English", "EN"], en: ["vi", "Tiếng Việt", "VI"] };

  /**
   * An element; text only ever enters as text.
   * @template {keyof HTMLElementTagNameMap} T
   * @param {T} tag
   * @param {Record<string, any>} attributes
   * @param {(Node | string)[]} children
   * @returns {HTMLElementTagNameMap[T]}
   */
  function el(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== null && value !== false) node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children);
    return node;
  }

  /**
   * @param {string} tag
   * @param {Record<string, any>} attributes
   * @param {(Node | string)[]} children
   */
  function svg(tag, attributes, ...children) {
    const node = L.SVG.create(tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }

  /**
   * Hands over the data that stand in the page as JSON.
   * @param {string} id
   * @param {(data: any) => void} use
   */
  const read = (id, use) => use(JSON.parse(document.getElementById(id)?.textContent ?? "null"));

  /**
   * Hands over data that stand in the page packed: JSON, gzip, base64. Nothing is fetched. This
   * takes longer than the page to load: it is busy until then, and shows its title.
   * @param {string} id
   * @param {(data: any) => void} use
   */
  async function unpack(id, use) {
    document.documentElement.setAttribute("aria-busy", "true");
    const cover = el("div", { class: "kcn-app kcn-opening" },
      el("header", { class: "kcn-head" }, el("h1", {}, document.title)));
    document.body.append(cover);
    try {
      const letters = atob(document.getElementById(id)?.textContent ?? "");
      // Letter by letter: Uint8Array.from() would make a list of millions of strings first.
      const bytes = new Uint8Array(letters.length);
      for (let k = 0; k < bytes.length; k += 1) bytes[k] = letters.charCodeAt(k);
      const unzipped = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      use(await new Response(unzipped).json());
    } finally {
      cover.remove();
      document.documentElement.removeAttribute("aria-busy");
    }
  }

  /**
   * Words of the data inside other words: their direction stays their own.
   * @param {string} words
   */
  const own = (words) => el("bdi", {}, words);

  /** @param {number} value */
  const channel = (value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);

  /**
   * Black or white, whichever is read better on a colour "#rrggbb".
   * @param {string} color
   */
  function inkOn(color) {
    const [r, g, b] = [1, 3, 5].map((at) => channel(parseInt(color.slice(at, at + 2), 16) / 255));
    const light = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    return (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) ? "#000000" : "#ffffff";
  }

  /**
   * A key of the legend: a colour, and a mark that says the same without it.
   * @param {string} color
   */
  const swatch = (color, mark = "") => el("i", {
    class: "kcn-swatch", "aria-hidden": "true",
    style: `background:${color}${mark ? `;color:${inkOn(color)}` : ""}`,
  }, mark);

  /**
   * The button that changes the language of the whole page.
   * @param {Talk} talk
   * @param {() => void} onChange
   */
  function languageButton(talk, onChange) {
    const button = el("button", { type: "button", class: "kcn-language" });
    talk.always(() => {
      const [code, name, short] = OTHER[talk.language];
      button.lang = code;
      button.textContent = short;
      button.title = name;
      button.setAttribute("aria-label", `${short} – ${name}`);
    });
    button.addEventListener("click", () => {
      talk.use(OTHER[talk.language][0]);
      onChange();
    });
    return button;
  }

  /**
   * Opens and closes the panel: on a phone a sheet at the foot, of which the first part stays.
   * @param {HTMLElement} panel
   * @param {HTMLButtonElement} toggle
   * @param {HTMLElement} tools
   * @param {Talk} talk
   */
  function sheet(panel, toggle, tools, talk) {
    const narrow = window.matchMedia(`(max-width: ${NARROW_PX}px)`);
    const isOpen = () => toggle.getAttribute("aria-expanded") === "true";
    const say = () => { toggle.textContent = talk.texts[isOpen() ? "panel_hide" : "panel_show"]; };
    /** @param {boolean} open */
    const show = (open) => {
      toggle.setAttribute("aria-expanded", String(open));
      panel.hidden = !open && !narrow.matches;
      panel.classList.toggle("kcn-peek", !open && narrow.matches);
      say();
    };
    const arrange = () => {
      if (narrow.matches) panel.prepend(toggle);
      else tools.append(toggle);
      show(!narrow.matches);
    };
    toggle.addEventListener("click", () => show(!isOpen()));
    narrow.addEventListener("change", arrange);
    arrange();
    talk.always(say);
  }

  /**
   * Puts the map into the page, between head, panel and foot.
   * search, zone: what stands in the head; foot: below the map. onResize(): the room of the map
   * has changed; onLanguage(): the reader has chosen the other language.
   * @param {L.Map} map
   * @param {{synthetic: boolean}} payload
   * @param {Talk} talk
   * @param {{search: Node, zone: Node, foot?: Node, onResize?: () => void, onLanguage: () => void}} parts
   */
  function shell(map, { synthetic }, talk, { search, zone, foot, onResize, onLanguage }) {
    const toggle = el("button", {
      type: "button", class: "kcn-toggle", "aria-controls": "kcn-panel",
    });
    const frame = {
      app: el("div", { class: "kcn-app" }),
      title: el("h1", {}, talk.text("title")),
      date: el("p", { class: "kcn-date" }),
      panel: el("aside", { id: "kcn-panel", class: "kcn-panel" }),
      notice: el("p", { class: "kcn-notice", role: "status" }),
    };
    const print = talk.name(el("button", { type: "button", class: "kcn-print" },
      talk.text("print")), "title", "print_hint");
    print.addEventListener("click", () => window.print());
    const container = map.getContainer();
    const tools = el("div", { class: "kcn-tools" }, search, zone, languageButton(talk, onLanguage),
      print);
    const place = el("div", { class: "kcn-map", role: "main" });
    frame.app.append(
      el("header", { class: "kcn-head" },
        el("div", { class: "kcn-title" }, frame.title, frame.date),
        synthetic ? el("p", { class: "kcn-synthetic" }, talk.text("synthetic")) : "",
        tools),
      place, ...(foot ? [foot] : []), frame.panel);
    container.replaceWith(frame.app);
    place.append(container, frame.notice);
    container.setAttribute("role", "region");
    talk.name(container, "aria-label", "title");
    talk.name(frame.panel, "aria-label", "panel");
    talk.always(() => {
      frame.app.lang = document.documentElement.lang = talk.language;
      document.title = talk.texts.title;
    });

    sheet(frame.panel, toggle, tools, talk);
    const resize = () => {
      map.invalidateSize({ animate: false });
      onResize?.();
    };
    new ResizeObserver(resize).observe(place);
    resize();
    return frame;
  }

  /**
   * A menu of the zones that are somewhere, the first entry for all of them.
   * @param {{name: Words, geometry?: Shape | null}[]} zones
   * @param {Talk} talk
   */
  function zoneMenu(zones, talk) {
    const all = new Option("", "");
    talk.always(() => { all.text = talk.texts.all_zones; });
    const menu = talk.name(el("select", {}, all), "aria-label", "go_to");
    zones.forEach(({ name, geometry }, index) => {
      if (geometry !== null) menu.append(new Option(talk.pick(name), String(index)));
    });
    return menu;
  }

  /**
   * A switch for what belongs to a zone.
   * @param {Words} name
   * @param {Talk} talk
   * @param {(isShown: boolean) => void} onSwitch
   */
  function zoneSwitch(name, talk, onSwitch) {
    const box = el("input", { type: "checkbox" });
    box.checked = true;
    talk.always(() => {
      const words = `${talk.texts.show_zone}: ${talk.pick(name)}`;
      box.title = words;
      box.setAttribute("aria-label", words);
    });
    box.addEventListener("change", () => onSwitch(box.checked));
    return box;
  }

  /**
   * Zoom buttons with words, a scale, and how far one may zoom.
   * @param {L.Map} map
   * @param {Talk} talk
   */
  function controls(map, talk) {
    map.options.zoomSnap = 0.25;
    map.setMinZoom(6).setMaxZoom(20);
    map.zoomControl?.remove();
    const zoom = L.control.zoom().addTo(map).getContainer();
    ["in", "out"].forEach((way) => {
      const button = zoom?.querySelector(`.leaflet-control-zoom-${way}`);
      if (button) talk.name(talk.name(button, "title", `zoom_${way}`), "aria-label", `zoom_${way}`);
    });
    L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
  }

  /**
   * What is told of one thing, where a keyboard can reach and leave it: a popup beside it, on a
   * phone a card in the sheet, so that the thing itself stays in sight. show(content, at, from):
   * from is the element to come back to, where it was opened by one.
   * @param {L.Map} map
   * @param {Talk} talk
   * @param {HTMLElement} panel
   * @param {() => void} onClose
   */
  function popupOn(map, talk, panel, onClose) {
    const popup = L.popup({
      maxWidth: 300, minWidth: 220, maxHeight: 380, className: "kcn-popup",
      autoPanPaddingTopLeft: [50, 8], // beside the buttons
    });
    const narrow = window.matchMedia(`(max-width: ${NARROW_PX}px)`);
    const leave = talk.name(el("button", { type: "button", class: "kcn-leave" }, "×"),
      "aria-label", "close");
    const told = el("div", {});
    const card = el("section", { class: "kcn-card kcn-popup" }, leave, told);
    /** @type {L.LatLngExpression} */
    let place = [0, 0]; // what the card is about lies there
    /** @type {HTMLElement | null} */
    let origin = null;
    /** @returns {HTMLElement | null | undefined} */
    const button = () => (card.isConnected ? leave
      : popup.getElement()?.querySelector(".leaflet-popup-close-button"));
    const nameButton = () => button()?.setAttribute("aria-label", talk.texts.close);

    function close() {
      if (!card.isConnected) {
        map.closePopup(popup);
        return;
      }
      card.remove();
      map.fire("popupclose", { popup });
    }

    map.on("popupclose", (event) => {
      if (event.popup !== popup) return;
      onClose();
      origin?.focus();
      origin = null;
    });
    // Comes back into view.
    map.on("resize", () => {
      if (popup.isOpen()) popup.update();
      if (card.isConnected) map.panInside(place, { padding: CARD_ROOM_PX, animate: false });
    });
    leave.addEventListener("click", close);
    narrow.addEventListener("change", close);
    talk.always(nameButton);
    return {
      isOpen: () => popup.isOpen() || card.isConnected,
      /** @param {HTMLElement} content */
      fill(content) {
        if (card.isConnected) told.replaceChildren(content);
        else popup.setContent(content);
      },
      close,
      /**
       * @param {HTMLElement} content
       * @param {L.LatLng} at
       * @param {HTMLElement | null} [from]
       */
      show(content, at, from = null) {
        origin = null;
        if (narrow.matches) {
          told.replaceChildren(content);
          panel.querySelector(".kcn-toggle")?.after(card);
          place = at;
          map.panInside(at, { padding: CARD_ROOM_PX });
        } else popup.setContent(content).setLatLng(at).openOn(map);
        nameButton();
        origin = from;
        if (from) button()?.focus();
      },
    };
  }

  /**
   * Keys that work wherever the focus is; each returns whether it did something.
   * @param {{onEscape: (() => boolean)[], onSpace?: () => boolean}} does
   */
  function keys({ onEscape, onSpace }) {
    document.addEventListener("keydown", (event) => {
      if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
      const isTyping = /** @type {Element} */ (event.target).closest("button, select, a, input:not([type=range])");
      if (event.key === "Escape") onEscape.find((run) => run());
      if (event.key === " " && !isTyping && onSpace?.()) event.preventDefault();
    });
  }

  /**
   * Draws geometries in the panes "kcngeo-NAME", by the renderer of each; points as circles.
   * @param {Record<string, L.Renderer>} renderers
   * @returns {Draw}
   */
  const drawer = (renderers, noClip = true) => (geometry, pane, style) => {
    const look = {
      pane: `kcngeo-${pane}`, renderer: renderers[pane], smoothFactor: 0.2, noClip,
      interactive: false, ...style,
    };
    const layer = L.GeoJSON.geometryToLayer({ type: "Feature", properties: {}, geometry }, {
      ...look, pointToLayer: (_, at) => L.circleMarker(at, { radius: POINT_PX, ...look }) });
    return /** @type {Drawn} */ (layer);
  };

  /** @type {Record<string, L.PathOptions>} */
  const CONTEXT = {
    river: { weight: 1.6, fillColor: "#d3e5ed", fillOpacity: 1 },
    water: { weight: 1, fillColor: "#d3e5ed", fillOpacity: 1 },
    road: { weight: 1.6, fill: false },
    boundary: { weight: 1, dashArray: "6 4", fill: false },
    commune: { weight: 0.6, fillOpacity: 1, className: "kcn-basemap" },
    ward: { weight: 0.6, fillOpacity: 1, className: "kcn-basemap" },
    province: { weight: 1.8, fill: false, className: "kcn-basemap" },
  };

  /**
   * Draws what lies under everything; draw(geometry, pane, style) gives a layer.
   * @param {L.Map} map
   * @param {Context[] | undefined} context
   * @param {Draw} draw
   */
  function drawContext(map, context, draw) {
    for (const { kind, name, color, edge, geometry } of context ?? []) {
      if (geometry.type.endsWith("Point")) continue;
      const layer = draw(geometry, "context", {
        color: edge ?? color, fillColor: color, ...(CONTEXT[kind] ?? CONTEXT.boundary),
        interactive: Boolean(name),
      }).addTo(map);
      if (name) layer.bindTooltip(() => own(name), { sticky: true, opacity: 1, className: "kcn-tip" });
    }
  }

  /**
   * Shows some bounds beside head and foot; at once, if something is to be opened there.
   * @param {L.Map} map
   * @param {L.LatLngBounds} bounds
   */
  function fit(map, bounds, isAtOnce = false) {
    if (!bounds.isValid()) return;
    const isStill = isAtOnce || matchMedia("(prefers-reduced-motion: reduce)").matches;
    map.fitBounds(bounds, {
      paddingTopLeft: [36, 64], paddingBottomRight: [36, 44], maxZoom: 18, animate: !isStill,
    });
  }

  return {
    el, svg, read, unpack, own, swatch, inkOn, shell, zoneMenu, zoneSwitch, controls, popupOn, keys,
    drawer, drawContext, fit,
  };
})();
