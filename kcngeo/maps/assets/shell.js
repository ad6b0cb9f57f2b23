/**
 * The frame round the map of every page: head with title, day and tools, panel at the side, a strip at
 * the foot; menus, buttons and keys. Nothing here knows what is drawn.
 */
"use strict";

const kcngeoShell = (() => {
  const { el } = kcngeoElements;
  /** Whether the page is as narrow as on a phone. */
  const narrowScreen = () => window.matchMedia("(max-width: 760px)");
  /** @type {Record<Language, [Language, string, string]>} */
  const OTHER = { vi: ["en", "English", "EN"], en: ["vi", "Tiếng Việt", "VI"] };

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
    const narrow = narrowScreen();
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

  return { narrowScreen, shell, zoneMenu, zoneSwitch, controls, keys };
})();
