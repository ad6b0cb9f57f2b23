/**
 * Very many lots on one canvas. For Leaflet they are one path that draws itself and knows which lot
 * a point is in: a lot costs a few numbers and no object of its own, and its corners are projected
 * once, whatever the zoom.
 *
 * kcngeoLotsCanvas(map, pane, parcels, stripes, styleOf) gives a Surface, see types.d.ts.
 */
"use strict";
/* oxlint-disable no-underscore-dangle -- so are the parts of Leaflet named that a path has to have */

const kcngeoLotsCanvas = (() => {
  const STRIPE_PX = 14;
  const TINY_PX = 3; // a lot that is smaller is drawn as its box, without an edge
  const ROUND_PX = 2; // half of the widest edge, and what rounding moves

  /** A canvas that is drawn once where it is moved at once after a change. */
  class Canvas extends L.Canvas {
    _redraw() {
      L.Util.cancelAnimFrame(this._redrawRequest);
      super._redraw();
    }
  }

  /**
   * Stripes as they stand in lots that are elements of the page.
   * @param {Stripes} stripes
   */
  function patternOf({ parts }) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = STRIPE_PX;
    const pen = tile.getContext("2d");
    if (!pen) return null;
    let x = 0;
    for (const { share, color } of parts) {
      pen.fillStyle = color;
      pen.fillRect(x, 0, share * STRIPE_PX, STRIPE_PX);
      x += share * STRIPE_PX;
    }
    const pattern = pen.createPattern(tile, "repeat");
    pattern?.setTransform(new DOMMatrix().rotate(-45));
    return pattern;
  }

  /**
   * All rings of a shape, the outer one first.
   * @param {Area} shape
   */
  const ringsOf = (shape) => (
    shape.type === "Polygon" ? shape.coordinates : shape.coordinates.flat());

  /**
   * The corners of all parcels in one list, ring by ring, on the map of the whole world at zoom 0.
   *   xy      (corners × 2)
   *   rings   (rings + 1,) the first corner of each
   *   firsts  (parcels + 1,) the first ring of each
   *   boxes   (parcels × 4) what each lies in: west, north, east, south
   * @param {L.Map} map
   * @param {FillParcel[]} parcels
   */
  function cornersOf(map, parcels) {
    /** @type {number[]} */
    const xy = [];
    const rings = [0];
    const firsts = [0];
    const boxes = new Float64Array(4 * parcels.length);
    parcels.forEach(({ geometry }, index) => {
      let [west, north, east, south] = [Infinity, Infinity, -Infinity, -Infinity];
      for (const ring of ringsOf(geometry)) {
        for (const [lng, lat] of ring) {
          const { x, y } = map.project([lat, lng], 0);
          xy.push(x, y);
          [west, north] = [Math.min(west, x), Math.min(north, y)];
          [east, south] = [Math.max(east, x), Math.max(south, y)];
        }
        rings.push(xy.length / 2);
      }
      firsts.push(rings.length - 1);
      boxes.set([west, north, east, south], 4 * index);
    });
    return {
      xy: new Float64Array(xy), rings: new Uint32Array(rings), firsts: new Uint32Array(firsts), boxes,
    };
  }

  /**
   * @param {L.Map} map
   * @param {string} pane
   * @param {FillParcel[]} parcels
   * @param {Stripes[]} stripes
   * @param {(lot: Lot) => LotStyle} styleOf
   * @returns {Surface}
   */
  return function lotsCanvas(map, pane, parcels, stripes, styleOf) {
    const { xy, rings, firsts, boxes } = cornersOf(map, parcels);
    const { crs = L.CRS.EPSG3857 } = map.options;
    const patterns = new Map(stripes.map((one) => [`url(#${one.id})`, patternOf(one)]));
    const renderer = new Canvas({ pane, padding: 0.2 });
    /** @type {Lot[]} */
    let shown = [];
    /** @type {Lot | null} */
    let found = null; // the lot that the mouse was last in
    /** @type {Lot | null} */
    let told = null; // the lot that the tooltip tells of

    /** From the world at zoom 0 to pixels of the layers as they are now. */
    function frame() {
      const { x: left, y: top } = map.getPixelOrigin();
      return { scale: map.getZoomScale(map.getZoom(), 0), left, top };
    }

    /**
     * Tells of lots whether they reach into a box of pixels.
     * @param {L.Bounds} box
     * @returns {(lot: Lot) => boolean}
     */
    function reaching(box) {
      const { scale, left, top } = frame();
      const [min, max] = [box.getTopLeft(), box.getBottomRight()];
      const [west, east] = [min.x - ROUND_PX, max.x + ROUND_PX].map((x) => (x + left) / scale);
      const [north, south] = [min.y - ROUND_PX, max.y + ROUND_PX].map((y) => (y + top) / scale);
      return ({ index }) => boxes[4 * index] <= east && boxes[4 * index + 2] >= west
        && boxes[4 * index + 1] <= south && boxes[4 * index + 3] >= north;
    }

    /**
     * @param {CanvasRenderingContext2D} pen
     * @param {number} index
     * @param {ReturnType<typeof frame>} at
     */
    function trace(pen, index, { scale, left, top }) {
      pen.beginPath();
      for (let ring = firsts[index]; ring < firsts[index + 1]; ring += 1) {
        let [lastX, lastY] = [NaN, NaN];
        for (let k = 2 * rings[ring]; k < 2 * rings[ring + 1]; k += 2) {
          const [x, y] = [Math.round(xy[k] * scale) - left, Math.round(xy[k + 1] * scale) - top];
          if (Number.isNaN(lastX)) pen.moveTo(x, y);
          else if (x !== lastX || y !== lastY) pen.lineTo(x, y);
          [lastX, lastY] = [x, y];
        }
        pen.closePath();
      }
    }

    /** @param {CanvasRenderingContext2D} pen */
    function draw(pen) {
      const at = frame();
      const inPart = shown.filter(reaching(renderer._redrawBounds ?? renderer._bounds));
      pen.lineJoin = "round";
      // What is selected lies above its neighbours.
      for (const lot of [...inPart, ...inPart.filter(({ isSelected }) => isSelected)]) {
        const style = styleOf(lot);
        pen.globalAlpha = style.fillOpacity;
        pen.fillStyle = patterns.get(style.fillColor) ?? style.fillColor;
        const [west, north, east, south] = boxes.subarray(4 * lot.index, 4 * lot.index + 4);
        const [width, height] = [(east - west) * at.scale, (south - north) * at.scale];
        if (!style.stroke && Math.max(width, height) < TINY_PX) {
          pen.fillRect(west * at.scale - at.left, north * at.scale - at.top, width, height);
          continue;
        }
        trace(pen, lot.index, at);
        pen.fill("evenodd");
        if (!style.stroke) continue;
        pen.globalAlpha = 1;
        pen.strokeStyle = style.color;
        pen.lineWidth = style.weight;
        pen.stroke();
      }
    }

    /**
     * Whether a ray from a point of the world crosses the edges of a lot an odd number of times.
     * @param {number} index
     * @param {number} x
     * @param {number} y
     */
    function holds(index, x, y) {
      let isInside = false;
      for (let ring = firsts[index]; ring < firsts[index + 1]; ring += 1) {
        for (let k = 2 * rings[ring] + 2; k < 2 * rings[ring + 1]; k += 2) {
          const [x0, y0, x1, y1] = [xy[k - 2], xy[k - 1], xy[k], xy[k + 1]];
          if (y0 > y !== y1 > y && x < x0 + ((x1 - x0) * (y - y0)) / (y1 - y0)) isInside = !isInside;
        }
      }
      return isInside;
    }

    /**
     * The lot at a pixel of the layers.
     * @param {L.Point} point
     */
    function lotAt(point) {
      const { scale, left, top } = frame();
      const [x, y] = [(point.x + left) / scale, (point.y + top) / scale];
      const isNear = reaching(L.bounds(point, point));
      return shown.findLast((lot) => isNear(lot) && holds(lot.index, x, y)) ?? null;
    }

    /** What Leaflet's canvas asks of a path. */
    class Lots extends L.Path {
      _project() {}
      _update() { this._pxBounds = renderer._bounds; }
      _updatePath() { if (renderer._drawing) draw(renderer._ctx); }
      /** @param {L.Point} point */
      _containsPoint(point) {
        found = lotAt(point);
        return found !== null;
      }
    }
    const path = new Lots();
    L.setOptions(path, { pane, renderer });
    path.addTo(map).on("mousemove", () => {
      if (found !== told) path.getTooltip()?.update();
      told = found;
    });

    /**
     * The corner of the box of a lot: 0 for its north-west, 2 for its south-east.
     * @type {(lot: Lot, k: number) => L.Point}
     */
    const cornerOf = ({ index }, k) => L.point(boxes[4 * index + k], boxes[4 * index + k + 1]);

    /**
     * Has the part of the canvas drawn anew in which some lots lie.
     * @param {Lot[]} lots
     */
    function restyle(lots) {
      if (!lots.length) return;
      const { scale, left, top } = frame();
      path._pxBounds = L.bounds(lots.flatMap((lot) => [0, 2].map((k) => (
        cornerOf(lot, k).multiplyBy(scale).subtract([left, top])))));
      renderer._requestRedraw(path);
    }

    return {
      drawn: path,
      lotOf: () => found,
      show(lots) {
        shown = lots;
        path.redraw();
      },
      restyle,
      raise() {}, // what is selected is drawn last
      bounds: (lot) => L.latLngBounds(
        map.unproject(cornerOf(lot, 0), 0), map.unproject(cornerOf(lot, 2), 0)),
      center: ({ parcel: { geometry } }) => L.PolyUtil.polygonCenter(
        L.GeoJSON.coordsToLatLngs(ringsOf(geometry)[0]), crs),
      inView() {
        const { x, y } = map.getSize();
        return reaching(L.bounds(
          map.containerPointToLayerPoint([0, 0]), map.containerPointToLayerPoint([x, y])));
      },
    };
  };
})();
