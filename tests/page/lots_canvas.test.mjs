import assert from "node:assert/strict";
import test from "node:test";

import { load } from "./load.mjs";

/* oxlint-disable no-underscore-dangle -- so is named what Leaflet asks a path */
load("leaflet", "lots_canvas");

/** At zoom 0 the world is 256 pixels wide; here the map is at zoom 10, a degree 728 pixels. */
const map = {
  options: { crs: L.CRS.EPSG3857 },
  project: (at, zoom) => L.CRS.EPSG3857.latLngToPoint(L.latLng(at), zoom),
  unproject: (at, zoom) => L.CRS.EPSG3857.pointToLatLng(at, zoom),
  getZoom: () => 10, getZoomScale: (to, from) => 2 ** (to - from), getSize: () => L.point(500, 500),
  getPixelOrigin: () => L.CRS.EPSG3857.latLngToPoint(L.latLng(12, 107), 10).round(),
  containerPointToLayerPoint: (at) => L.point(at),
  addLayer() {},
};
const at = (lng, lat) => map.project([lat, lng], 10).subtract(map.getPixelOrigin());
const ring = (west, south, east, north) => (
  [[west, south], [east, south], [east, north], [west, north], [west, south]]);
const geometries = [
  { type: "Polygon", coordinates: [ring(107, 11, 107.4, 11.4), ring(107.1, 11.1, 107.3, 11.3)] },
  { type: "MultiPolygon", coordinates: [[ring(107.4, 11, 107.5, 11.4)], [ring(108, 11, 109, 12)]] },
];
const lots = geometries.map((geometry, index) => ({ index, parcel: { geometry }, isSelected: false }));

function surfaceOf(shown) {
  const surface = kcngeoLotsCanvas(map, "lots", geometries.map((geometry) => ({ geometry })), [], () => ({}));
  surface.show(shown);
  /** The index of the lot that Leaflet is told of at a place. */
  const found = (...place) => (surface.drawn._containsPoint(at(...place)) ? surface.lotOf().index : null);
  return { surface, found };
}

test("a point is in the lot round it, in no hole, and in any part of a lot", () => {
  const { found } = surfaceOf(lots);
  assert.deepEqual([found(107.05, 11.05), found(107.399, 11.2), found(107.401, 11.2)], [0, 0, 1]);
  assert.deepEqual([found(107.2, 11.2), found(106.999, 11.2), found(107.05, 11.401)], [null, null, null]);
  assert.deepEqual([found(108.5, 11.5), found(107.7, 11.5)], [1, null]);
});

test("a lot that is not shown is not there", () => {
  assert.equal(surfaceOf([lots[1]]).found(107.05, 11.05), null);
});

test("a lot is in view where its box is, and lies in it", () => {
  const { surface } = surfaceOf(lots);
  // 500 pixels from 107° E, 12° N: to 107.69° E and 11.33° N.
  assert.deepEqual(lots.map(surface.inView()), [true, true]);
  const bounds = surface.bounds(lots[1]);
  assert.deepEqual([bounds.getSouthWest(), bounds.getNorthEast()].map(({ lng, lat }) => [lng.toFixed(6), lat.toFixed(6)]),
    [["107.400000", "11.000000"], ["109.000000", "12.000000"]]);
  assert.ok(Math.abs(surface.center(lots[1]).lng - 107.45) < 1e-9); // of its first part
});
