import assert from "node:assert/strict";
import test from "node:test";

import { load, talk } from "./load.mjs";

load("leaflet", "words", "elements", "shell", "groups", "fill_map_page", "fill_panel", "fill_donuts");
const view = L.bounds([0, 0], [390, 550]);
const [size, outer] = [L.point(80, 90), 30];
const wantedAt = (...places) => places.map((at) => ({ at: L.point(at), size, outer }));

test("the area of a ring without its hole is in proportion to the hectares", () => {
  const areaOf = (hectares) => kcngeoDonuts.outerOf(hectares, 100) ** 2 - 25 ** 2;
  assert.equal(kcngeoDonuts.outerOf(100, 100), 41);
  assert.ok(Math.abs(areaOf(50) / areaOf(100) - 0.5) < 1e-9);
  assert.equal(kcngeoDonuts.outerOf(0, 100), 31); // never so thin that its colours are lost
  assert.equal(kcngeoDonuts.outerOf(0, 0), 31);
});

test("a ring is drawn at a share of its size, and grows again", () => {
  const sides = {};
  const classes = new Set();
  const label = {
    outer: 30, whole: 30,
    node: {
      classList: { toggle: (name, isOn) => (isOn ? classes.add(name) : classes.delete(name)) },
      querySelector: () => ({ setAttribute: (side, size) => { sides[side] = Number(size); } }),
    },
  };
  kcngeoDonuts.shrink(label, 0.62);
  assert.deepEqual([sides.width, sides.height, 2 * label.outer, classes.size], [37.2, 37.2, 37.2, 1]);
  kcngeoDonuts.shrink(label, 1);
  assert.deepEqual([sides.width, label.outer, classes.size], [60, 30, 0]);
});

test("labels cover no other, nothing that is taken, and stay in view", () => {
  const taken = [L.bounds([0, 0], [390, 60])];
  const labels = kcngeoDonuts.placed(wantedAt([200, 200], [201, 200], [10, 61], [200, 201]), taken, view);
  assert.ok(labels.every(({ box }) => view.contains(box)));
  assert.deepEqual(labels[0].box.getCenter(), L.point(200, 200)); // the first stands where it is
  const all = [...taken, ...labels.flatMap(({ parts }) => parts)];
  all.forEach((one, k) => all.slice(k + 1).forEach((other) => assert.ok(!one.overlaps(other))));
});

test("a line leads from a zone to the edge of its ring, over no other ring where it can", () => {
  const wanted = wantedAt([200, 200], [200, 150], [200, 250]);
  const [first, ...moved] = kcngeoDonuts.placed(wanted, [], view);
  assert.equal(first.line, null); // the ring covers its zone
  moved.forEach(({ parts: [ring], line: [from, to], isClear }, k) => {
    assert.deepEqual(from, wanted[k + 1].at);
    assert.ok(Math.abs(to.distanceTo(ring.getCenter()) - outer) < 1e-9);
    assert.ok(isClear && !first.parts.some((part) => L.LineUtil.clipSegment(from, to, part)));
  });
  // Where all but a strip above is taken, the line crosses what is taken, and the label says so.
  const below = L.bounds([0, 100], [390, 550]);
  assert.ok(!kcngeoDonuts.placed(wantedAt([200, 200]), [below], view)[0].isClear);
});

test("what lies out of view, or finds no room, has no box", () => {
  assert.deepEqual(kcngeoDonuts.placed(wantedAt([500, 10]), [], view), [null]);
  assert.deepEqual(kcngeoDonuts.placed(wantedAt([200, 200]), [view], view), [null]);
});

test("of a zone without lots a theme says 0 only where it counts something else", () => {
  const inside = (sums, lots) => kcngeoDonuts.inside({ sums, words: "0.0 ha", short: "0.0" }, lots);
  assert.deepEqual([inside([0, 0], ["a lot"]), inside([0, 2], []), inside([0, 0], [])],
    [["0.0 ha", "0.0"], ["0.0 ha", "0.0"], ["–", "–"]]);
});

test("lines keep their colour, areas have a white edge", () => {
  const [dashed, area] = ["dashed", "area"].map((style) => kcngeoGroups.styleOf({ color: "#123456", style }));
  assert.deepEqual([dashed.color, dashed.fill, dashed.dashArray], ["#123456", false, "8 5"]);
  assert.deepEqual([area.color, area.fillColor], ["#ffffff", "#123456"]);
});

test("ink is black or white, whichever is read better", () => {
  assert.deepEqual(["#ffffff", "#000000", "#ffd400", "#12222b"].map(kcngeoElements.inkOn),
    ["#000000", "#ffffff", "#000000", "#ffffff"]);
});

test("hectares of an account are shares of lots; land outside counts nothing", () => {
  const lots = [
    { parcel: { area_ha: 2 }, shares: [0.25, 0, 0, 0, 0, 0.75] },
    { parcel: { area_ha: 3 }, shares: [1, 0, 0, 0, 0, 0] },
    { parcel: { area_ha: 9 }, shares: null },
  ];
  assert.deepEqual(kcngeoPanel.sumsOf(lots), [3.5, 0, 0, 0, 0, 1.5]); // 0.5 + 3; 1.5
});

test("beside the rate of a zone stands what is declared, claimed, and where nobody knows it lies", () => {
  const beside = (state) => kcngeoPage.beside(state, talk).map(({ words }) => words.trim());
  const zone = { shapes: [] };
  assert.deepEqual(beside({ zone: { shapes: [[0, 1, "shape"]] }, place: null, stated: 0, claim: null }), []);
  assert.deepEqual(beside({ zone, place: [108, 11], stated: [5], claim: null }), ["declared"]);
  assert.deepEqual(beside({ zone, place: null, stated: null, claim: { vi: "a", en: "b" } }),
    ["claimed b", "no_place"]);
});
