/**
 * What is told of one thing, where a keyboard can reach and leave it: a popup beside it, on a phone a
 * card in the sheet, so that the thing itself stays in sight.
 *
 * kcngeoPopup(map, talk, panel, onClose) gives {isOpen(), fill(content), close(), show(content, at,
 * from)}; from is the element to come back to, where it was opened by one.
 */
"use strict";

const kcngeoPopup = (() => {
  const { el } = kcngeoElements;
  const { narrowScreen } = kcngeoShell;
  /** @type {[number, number]} */
  const ROOM_PX = [60, 60]; // round what a card is about

  /**
   * @param {L.Map} map
   * @param {Talk} talk
   * @param {HTMLElement} panel
   * @param {() => void} onClose
   */
  return function popupOn(map, talk, panel, onClose) {
    const popup = L.popup({
      maxWidth: 300, minWidth: 220, maxHeight: 380, className: "kcn-popup",
      autoPanPaddingTopLeft: [50, 8], // beside the buttons
    });
    const narrow = narrowScreen();
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
      if (card.isConnected) map.panInside(place, { padding: ROOM_PX, animate: false });
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
          map.panInside(at, { padding: ROOM_PX });
        } else popup.setContent(content).setLatLng(at).openOn(map);
        nameButton();
        origin = from;
        if (from) button()?.focus();
      },
    };
  };
})();
