/**
 * An image under the lots: how much of the plan covers it, and a line that the reader moves, left of
 * it the plan, right of it the image.
 *
 * kcngeoImagery(map, talk, {plan, pictures, onChange()}) with the name of the pane of the lots and
 * the pieces of the image as in the payload gives
 *   isOn(), use(isOn)       whether the line is there
 *   cover(), setCover(one)  how much of the plan is seen over the image, in per cent
 *   show()                  writes what stands beside the line, in the language of now
 */
"use strict";

const kcngeoImagery = (() => {
  const { el } = kcngeoElements;
  const PANE = "kcngeo-imagery";
  const COVER = 60;

  /**
   * @param {L.Map} map
   * @param {Talk} talk
   * @param {{plan: string, pictures: {address: string, bounds: L.LatLngBoundsLiteral}[],
   *   onChange: () => void}} parts
   */
  return (map, talk, { plan, pictures, onChange }) => {
    map.createPane(PANE).style.zIndex = "365"; // above the ground, below the lots
    pictures.forEach(({ address, bounds }) => {
      L.imageOverlay(address, bounds, { pane: PANE, interactive: false }).addTo(map);
    });
    const cover = el("input", { type: "range", min: 0, max: 100, step: 10, value: COVER });
    const swipe = kcngeoSwipe(map, talk, {
      left: plan, right: PANE, words: "swipe_image", onSwitch: onChange,
    });

    function arrange() {
      cover.disabled = swipe.isOn(); // beside the line each stands alone
      const share = swipe.isOn() ? 1 : Number(cover.value) / 100;
      map.getPane(plan)?.style.setProperty("opacity", String(share));
    }

    const control = new L.Control({ position: "topright" });
    control.onAdd = () => {
      const box = el("div", { class: "kcn-imagery leaflet-control" },
        el("label", {}, talk.text("image_cover"), " ", cover), swipe.button);
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      return box;
    };
    control.addTo(map);
    cover.addEventListener("input", arrange);
    cover.addEventListener("change", onChange);
    arrange();
    return {
      isOn: swipe.isOn,
      /** @param {boolean} isOn */
      use(isOn) {
        swipe.use(isOn);
        arrange();
      },
      cover: () => (Number(cover.value) === COVER ? null : Number(cover.value)),
      /** @param {number | string | null} [one] */
      setCover(one) {
        cover.value = String(one ?? COVER);
        arrange();
      },
      show() {
        swipe.show(talk.texts.plan, talk.texts.image);
        arrange();
      },
    };
  };
})();
