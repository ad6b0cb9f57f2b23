/**
 * Every lot's number on the fill map, with the marks of its statuses: inside the lot and turned with
 * it, large lots first, none over another. Where a lot has no room for all of it, smaller letters,
 * its short number, or a dot say that it is there; where most have none, the marks stand alone.
 *
 * kcngeoLotLabels(map, painter) gives show(lots, boxes): the lots that are shown, and what of the
 * map none of them may cover; it gives all that is taken then.
 */
"use strict";

const kcngeoLotLabels = (() => {
  const { el, own } = kcngeoElements;
  const { MARKS, statusesOf } = kcngeoPage;
  const { LINE, widthOf, meet, meetRound, turned } = kcngeoBoxes;
  const MOST = 600;
  const LEAST_PX = 14; // a lot that is longer is marked
  const SIZES_PX = [11.5, 9.5, 8.5];
  const MARK_PX = 14;
  const [MOST_UNNAMED, LEAST_NAMED] = [0.15, 0.5]; // of the lots in view
  const DOT_PX = 5;
  const NEAR_PX = 12; // how near a number is that a dot can send elsewhere
  // Places along a lot, as shares of the room that the words leave.
  const ALONG = [0, -0.1, 0.1, -0.2, 0.2, -0.3, 0.3, -0.4, 0.4, -0.5, 0.5];
  const LOWEST = 0.25; // of its letters a strip must be as high, to be named by them
  const EQUATOR_M = 40075016.7;

  /** @type {(lot: Lot) => string[]} */
  const marksOf = (lot) => (lot.group === undefined ? statusesOf(lot).map((k) => MARKS[k])
    : [lot.group?.mark ?? ""].filter((mark) => mark));

  /**
   * One way to write a lot, and the pixels it takes.
   * @param {string} words
   * @param {string[]} marks
   * @param {number} size
   * @returns {Writing}
   */
  function form(words, marks, size, { isStacked = false, lowest = 1 } = {}) {
    const signs = MARK_PX * marks.length;
    const letters = words ? widthOf(words, size) : size;
    const [line, sign] = [LINE * size, marks.length ? MARK_PX : 0];
    return {
      words, marks, size, isStacked, lowest,
      width: isStacked ? Math.max(letters, signs) : letters + signs + (words && signs ? 3 : 0),
      height: isStacked ? line + sign : Math.max(line, sign),
    };
  }

  /**
   * Ways that say which lot it is, the best first.
   * @param {Lot} lot
   */
  function leastOf({ parcel }) {
    const names = [parcel.lot ?? parcel.id, parcel.short].flatMap((words) => words ?? []);
    const ways = (/** @type {number} */ lowest) => SIZES_PX.slice(1).flatMap((size) => (
      names.map((words) => form(words, [], size, { lowest }))));
    return { whole: ways(1), tight: ways(LOWEST) };
  }

  /**
   * Ways that say more, or in larger letters.
   * @param {Lot} lot
   * @param {string[]} marks
   */
  function mostOf({ parcel }, marks) {
    const number = parcel.lot ?? parcel.id;
    return SIZES_PX.flatMap((size) => [false, true].map((isStacked) => (
      form(number, marks, size, { isStacked }))));
  }

  /**
   * @param {L.Map} map
   * @param {Painter} painter
   */
  return function lotLabels(map, painter) {
    const drawn = L.layerGroup().addTo(map);

    /**
     * A free place along the middle of a lot; null where it is too small or all is taken.
     * @param {Writing} way
     * @param {L.Point} at
     * @param {Turn} turn
     * @param {(box: Box) => boolean} isFree
     */
    function placeOf({ width, height, lowest }, at, { angle, along, across }, isFree) {
      if (width > along || lowest * height > across) return null;
      const { cos, sin } = kcngeoBoxes.of(at, 0, 0, angle);
      for (const share of ALONG) {
        const aside = share * (along - width);
        const box = kcngeoBoxes.of(at.add([aside * cos, -aside * sin]), width, height, angle);
        if (isFree(box)) return box;
      }
      return null;
    }

    /**
     * The first of the ways that has a free place, level before upright.
     * @param {Writing[]} ways
     * @param {Seen} seen
     * @param {(box: Box) => boolean} isFree
     */
    function first(ways, { at, turns }, isFree) {
      for (const way of ways) {
        for (const turn of turns) {
          const box = placeOf(way, at, turn, isFree);
          if (box) return { way, box };
        }
      }
      return null;
    }

    /**
     * @param {Lot} lot
     * @param {NonNullable<Seen["found"]>} found
     */
    function write(lot, { way: { words, marks, size, isStacked }, box }) {
      const parts = [...(words ? [own(words)] : []), ...marks.map((mark) => el("b", {}, mark))];
      const isDot = !words && !marks.length;
      const node = el("span", {
        class: (isStacked && "kcn-stacked") || (isDot && "kcn-dot"),
        "data-lot": lot.parcel.id,
        style: `font-size:${size}px;${turned(box.angle)}`,
      }, ...parts);
      const marker = L.marker(map.containerPointToLatLng([box.x, box.y]), {
        icon: L.divIcon({ html: node, className: "kcn-lot", iconSize: undefined }),
        pane: "kcngeo-labels", interactive: isDot, keyboard: false,
      }).addTo(drawn);
      if (isDot) painter.standIn(lot, marker); // where a strip is thinner than the dot on it
    }

    /**
     * Where a lot is on the screen, and how much room its words have, level and upright.
     * @param {Lot} lot
     * @param {NonNullable<FillParcel["place"]>} place
     * @param {number} metrePx
     * @returns {Seen}
     */
    function seen(lot, [lon, lat, angle, along, across], metrePx) {
      const [long, wide] = [along * metrePx, across * metrePx];
      return {
        lot, at: map.latLngToContainerPoint([lat, lon]), found: null,
        turns: [{ angle, along: long, across: wide },
          { angle: angle > 0 ? angle - 90 : angle + 90, along: wide, across: long }],
      };
    }

    /**
     * Gives each lot in view a way to be written and a place, large ones first; gives all places.
     * @param {Seen[]} inView
     * @param {L.Bounds[]} covered
     */
    function arrange(inView, covered) {
      const taken = kcngeoBoxes.register();
      covered.forEach((box) => taken.take(kcngeoBoxes.level(box)));
      /** @type {(one: Seen, ways: Writing[], touch?: Meets) => boolean} */
      const give = (one, ways, touch = meetRound) => {
        const own = one.found?.box;
        const found = first(ways, one, (box) => taken.isFree(box, touch, own));
        if (!found) return false;
        if (own) taken.leave(own);
        taken.take(found.box);
        one.found = found;
        return true;
      };
      const marked = inView.map((one) => ({ one, marks: marksOf(one.lot) }));
      // Each says first which lot it is; what room is left then goes to marks and larger letters.
      inView.forEach((one) => {
        const { whole, tight } = leastOf(one.lot);
        give(one, [...whole, ...tight]);
      });
      const unnamed = inView.filter(({ found }) => !found);
      if (unnamed.length > MOST_UNNAMED * inView.length) {
        // The boxes round slanted words leave out too many: what counts is the words themselves.
        unnamed.forEach((one) => give(one, leastOf(one.lot).whole.toReversed(), meet));
      }
      const named = inView.filter(({ found }) => found);
      /** @param {Seen} one */
      const free = (one) => {
        if (one.found) taken.leave(one.found.box);
        one.found = null;
      };
      if (named.length < LEAST_NAMED * inView.length) {
        // A few numbers here and there say less than the marks of all.
        named.forEach(free);
        marked.forEach(({ one, marks }) => marks.length && give(one, [form("", marks, 0)], meet));
        return taken;
      }
      const dot = form("", [], DOT_PX, { lowest: 0 });
      /**
       * Has a number near a lot stand elsewhere in its own, so that there is room for a dot.
       * @param {Seen} one
       */
      const makeRoom = (one) => named.some((other) => {
        const before = other.found;
        if (!before || !meetRound(before.box, kcngeoBoxes.of(one.at, NEAR_PX, NEAR_PX))) return false;
        free(other);
        if (give(one, [dot])) {
          const { whole, tight } = leastOf(other.lot);
          if (give(other, [...whole, ...tight])) return true;
          free(one);
        }
        taken.take(before.box);
        other.found = before;
        return false;
      });
      inView.filter(({ found }) => !found).forEach((one) => give(one, [dot]) || makeRoom(one));
      marked.forEach(({ one, marks }) => one.found?.way.words && give(one, mostOf(one.lot, marks)));
      return taken;
    }

    /**
     * @param {Lot[]} lots
     * @param {L.Bounds[]} boxes
     */
    return (lots, boxes) => {
      drawn.clearLayers();
      const { lat } = map.getCenter();
      const metrePx = (256 * 2 ** map.getZoom()) / (EQUATOR_M * Math.cos((lat * Math.PI) / 180));
      const isInView = painter.inView();
      // From afar no lot is long enough: nothing else is asked of the many that are not.
      const inView = lots.flatMap((lot) => {
        const { place } = lot.parcel;
        const isLong = place && Math.max(place[3], place[4]) * metrePx >= LEAST_PX;
        return isLong && isInView(lot) ? [seen(lot, place, metrePx)] : [];
      }).sort((a, b) => b.lot.parcel.area_ha - a.lot.parcel.area_ha).slice(0, MOST);
      const taken = arrange(inView, boxes);
      inView.forEach(({ lot, found }) => found && write(lot, found));
      return taken;
    };
  };
})();
