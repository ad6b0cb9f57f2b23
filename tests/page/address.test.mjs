/** Three months of two zones. L is there in the first two months, M is drawn anew in the last. */
import assert from "node:assert/strict";
import test from "node:test";

import { load } from "./load.mjs";

load("fill_steps", "fill_address");

const lot = (id, from, to) => ({ id, from, to });
const payload = {
  language: "vi", months: ["2018-01-31", "2018-02-28", "2018-03-31"], zones: [{ id: "A" }, { id: "B" }],
  parcels: [lot("L", 0, 2), lot("M", 0, 2), lot("M", 2, 3)],
};
const { find, lotOf, lostOf } = kcngeoFillAddress;

test("months, zone, switches and language are found, and what is not there is not", () => {
  const asked = { month: "2018-02", since: "2017-12", zone: "B", off: "A|C", lang: "en" };
  assert.deepEqual(find(asked, payload), { language: "en", month: 1, since: -1, zone: 1, hidden: [0] });
  assert.deepEqual(find({ lang: "fr" }, payload),
    { language: "vi", month: -1, since: -1, zone: -1, hidden: [] });
});

test("a lot is opened in the month, or where none is asked for in its last", () => {
  const at = (id, month, asked = {}) => lotOf({ lot: id, ...asked }, payload, month);
  assert.deepEqual([at("L", 1), at("L", 2)], [{ index: 0, month: 1 }, { index: 0, month: 1 }]);
  assert.equal(at("L", 2, { month: "2018-03" }), null);
  assert.deepEqual([at("M", 1), at("M", 2)], [{ index: 1, month: 1 }, { index: 2, month: 2 }]);
  assert.deepEqual([at("N", 2), at(undefined, 2)], [null, null]);
});

test("what is not on the map is told as it was asked for", () => {
  const asked = { theme: "tide", month: "2011-01", zone: "C", lot: "N" };
  const lost = (isTheme, isLot) => lostOf(asked, find(asked, payload), { isTheme, isLot });
  assert.deepEqual(lost(false, false), ["tide", "2011-01", "C", "N"]);
  assert.deepEqual(lost(true, true), ["2011-01", "C"]);
  assert.deepEqual(lostOf({}, find({}, payload), { isTheme: true, isLot: false }), []);
});
