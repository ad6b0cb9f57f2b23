/**
 * Two panes on one map: left of a line that the reader moves the one, right of it the other.
 *
 * kcngeoSwipe(map, talk, {left, right, words, onSwitch()}) with the names of the panes and the key of
 * the button's words gives
 *   button            switches it on and off
 *   isOn(), use(isOn)
 *   show(from, to)   what stands beside the line: both sides in words
 */
"use strict";

const kcngeoSwipe = (() => {
  const { el } = kcngeoElements;

  /** @type {(map: L.Map, pane: string, part: string) => void} */
  const clip = (map, pane, part) => map.getPane(pane)?.style.setProperty("clip", part);

  /**
   * The part of a pane between two lines down the map, in pixels of the map's window.
   * @param {L.Map} map
   * @param {string} pane
   * @param {number} from
   * @param {number} to
   */
  function cut(map, pane, from, to) {
    const [low, high] = [[from, 0], [to, map.getSize().y]].map((at) => (
      map.containerPointToLayerPoint(/** @type {[number, number]} */ (at))));
    clip(map, pane, `rect(${low.y}px,${high.x}px,${high.y}px,${low.x}px)`);
  }

  /**
   * @param {L.Map} map
   * @param {Talk} talk
   * @param {{left: string, right: string, words: string, onSwitch: () => void}} parts
   */
  return (map, talk, { left, right, words, onSwitch }) => {
    const button = el("button", { type: "button", class: "kcn-swipe", "aria-pressed": "false" },
      talk.text(words));
    const line = el("input", { type: "range", min: 0, max: 100, step: 1 });
    talk.name(line, "aria-label", "swipe_line");
    const [before, after] = [el("b", {}), el("b", {})];
    const node = el("div", { class: "kcn-divider", hidden: true }, el("i", {}), before, after, line);
    map.getContainer().append(node);
    L.DomEvent.disableClickPropagation(line);
    let isOn = false;

    function arrange() {
      if (!isOn) return;
      const width = map.getSize().x;
      const at = (width * Number(line.value)) / 100;
      node.style.setProperty("--at", `${at}px`);
      cut(map, left, 0, at);
      cut(map, right, at, width);
    }

    /** @param {boolean} next */
    function use(next) {
      if (next === isOn) return;
      isOn = next;
      line.value = "50";
      node.hidden = !isOn;
      button.setAttribute("aria-pressed", String(isOn));
      [left, right].forEach((pane) => clip(map, pane, ""));
      arrange();
    }

    button.addEventListener("click", () => {
      use(!isOn);
      onSwitch();
    });
    line.addEventListener("input", arrange);
    map.on("move zoomend resize", arrange);
    return {
      button, use, isOn: () => isOn,
      /**
       * @param {string} from
       * @param {string} to
       */
      show(from, to) {
        [before.textContent, after.textContent] = [`◂ ${from}`, `${to} ▸`];
        arrange();
      },
    };
  };
})();
