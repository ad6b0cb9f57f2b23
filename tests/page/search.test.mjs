import assert from "node:assert/strict";
import test from "node:test";

import { load, talk } from "./load.mjs";

load("words", "elements", "shell", "search", "fill_map_page", "fill_search");

test("words are found without case, diacritics and signs", () => {
  for (const [words, squeezed] of [
    ["KCN Lộc Sơn", "kcnlocson"], ["Đạ Tẻh", "dateh"], ["BI-5", "bi5"], ["  ", ""],
    ["Lo\u0323\u0302c", "loc"], // marks that stand alone
  ]) assert.equal(kcngeoSearch.squeeze(words), squeezed);
});

test("every word must be found; what is the same goes before what begins so", () => {
  const keys = ["KCN Lộc Sơn", "CN9"].map(kcngeoSearch.squeeze);
  const score = (query) => kcngeoSearch.matcher(query)(keys);
  assert.equal(score("cn 9"), 0); // CN9 itself
  assert.equal(score("loc son cn"), 1); // begins with the last word
  assert.equal(score("son kcn n9"), 2); // holds them
  assert.equal(score("loc son 8"), null);
  assert.equal(score(" - "), null);
});

const payload = {
  months: ["2018-01-31", "2018-02-28", "2018-03-31", "2018-04-30"],
  zones: [{ id: "LS", name: "KCN Lộc Sơn" }],
  parcels: [
    { id: "LS-1", zone: 0, lot: "CN1", from: 0, to: 2, entries: [[0, 1, "leased", 1, null, "Dệt Bốn"]] },
    { id: "LS-1", zone: 0, lot: "CN1", from: 2, to: 3, entries: [] },
  ],
};

test("a lot is opened in the nearest month in which it is there", () => {
  const opened = [];
  const find = kcngeoFillSearch(payload, { ...talk, say: kcngeoWords.formatter("en") }, {
    month: () => 3, openLot: (...given) => opened.push(given.slice(0, 2)), openZone: () => {},
  });
  const [lot, ...others] = find("cn1"); // both versions end before April: the later one is nearer
  assert.equal(others.length, 0);
  assert.equal(lot.detail, "LS-1 · KCN Lộc Sơn · 03/2018");
  lot.open();
  find("det bon").at(-1).open(); // the tenant was there in January alone
  assert.deepEqual(opened, [[1, 2], [0, 0]]);
  assert.deepEqual(find("lộc sơn")[0].title, "KCN Lộc Sơn");
});
