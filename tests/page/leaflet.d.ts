/** What lots_canvas.js asks of Leaflet's canvas and of a path on it, and their types do not tell. */
import "leaflet";

declare module "leaflet" {
  interface Canvas {
    _bounds: Bounds;
    _ctx: CanvasRenderingContext2D;
    _drawing: boolean;
    _redrawBounds: Bounds | null;
    _redrawRequest: number;
    _redraw(): void;
    _requestRedraw(path: Path): void;
  }
  interface Path {
    _pxBounds: Bounds;
  }
  namespace PolyUtil {
    function polygonCenter(latlngs: LatLng[], crs: CRS): LatLng;
  }
}
