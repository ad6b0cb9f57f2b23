"""An image to lie under a map: pieces round zones, in the projection of web maps, compressed."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from PIL import Image

from kcngeo.analysis.imagery.rasters import opened
from kcngeo.core.crs import to_wgs84
from kcngeo.core.errors import KcngeoError

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

Box = tuple[float, float, float, float]
"""West, south, east, north."""

MOST_BYTES = 6_000_000
"""Of all pieces together: some 8 MB in a page, where bytes travel as letters."""

_WEB, _DEGREES = "EPSG:3857", "EPSG:4326"
_AROUND = 0.15
_MOST_PX = 4096
_QUALITY = 75
_SMALLER = 0.8
_SEEN_SHARE = (2, 98)
"""Percentiles between which values that are no bytes go from black to white."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundPicture:
    """A piece of an image, as WebP, the file it is from, and the degrees it lies between."""

    data: bytes
    source: str
    bounds: Box


def ground_pictures(
    raster: str | os.PathLike[str], zones: gpd.GeoDataFrame, *, most_bytes: int = MOST_BYTES
) -> tuple[GroundPicture, ...]:
    """Cut a piece of an image round each zone; its first three bands are red, green, blue."""
    with opened(raster) as (tile,):
        boxes = _boxes(tile, zones)
        if not boxes:
            raise KcngeoError("raster_apart", path=Path(raster))
        return tuple(_picture(tile, box, most_bytes // len(boxes)) for box in boxes)


def _boxes(tile: Any, zones: gpd.GeoDataFrame) -> list[Box]:
    """Give what of an image lies round zones, in metres of web maps; neighbours share a piece."""
    from rasterio.warp import transform_bounds

    whole = shapely.box(*transform_bounds(tile.crs, _WEB, *tile.bounds))
    around = []
    for place in to_wgs84(zones).bounds.dropna().itertuples(index=False):
        west, south, east, north = transform_bounds(_DEGREES, _WEB, *place)
        margin = _AROUND * max(east - west, north - south)
        around.append(shapely.box(west - margin, south - margin, east + margin, north + margin))
    seen = shapely.get_parts(shapely.intersection(shapely.union_all(around), whole))
    return [tuple(bounds) for bounds in shapely.bounds(seen[shapely.area(seen) > 0]).tolist()]


def _picture(tile: Any, box: Box, most_bytes: int) -> GroundPicture:
    """Cut a piece, with as many of its pixels as the bytes allow."""
    from rasterio.warp import transform_bounds

    whole = transform_bounds(tile.crs, _WEB, *tile.bounds)
    sides = np.array([box[2] - box[0], box[3] - box[1]])
    pixels = sides * tile.width / (whole[2] - whole[0])
    pixels *= min(1.0, _MOST_PX / pixels.max())
    while len(data := _webp(_read(tile, box, pixels))) > most_bytes:
        pixels *= _SMALLER
    source = Path(tile.name).name
    return GroundPicture(data=data, source=source, bounds=transform_bounds(_WEB, _DEGREES, *box))


def _read(tile: Any, box: Box, pixels: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Read a piece as bytes of red, green, blue and how much of it is there."""
    from rasterio import Affine
    from rasterio.enums import ColorInterp, Resampling
    from rasterio.vrt import WarpedVRT

    width, height = (max(1, round(float(one))) for one in pixels)
    west, south, east, north = box
    grid = Affine((east - west) / width, 0, west, 0, (south - north) / height, north)
    asked: dict[str, Any] = {"crs": _WEB, "width": width, "height": height, "transform": grid}
    asked["resampling"] = Resampling.average
    has_alpha = ColorInterp.alpha in tile.colorinterp
    with WarpedVRT(tile, add_alpha=not has_alpha, **asked) as turned:
        colors = turned.read([1, 2, 3] if tile.count >= 3 else [1, 1, 1])
        there = turned.dataset_mask()
    if colors.dtype != np.uint8:
        seen = colors[:, there > 0].astype("float64")
        low, high = np.percentile(seen, _SEEN_SHARE) if seen.size else (0.0, 1.0)
        scaled = (colors.astype("float64") - low) / max(high - low, 1e-12)
        colors = np.round(255 * np.clip(np.nan_to_num(scaled), 0, 1)).astype("uint8")
    return np.concatenate([colors, there[None].astype("uint8")])


def _webp(layers: NDArray[np.uint8]) -> bytes:
    """Compress bytes of red, green, blue and how much is there."""
    made = io.BytesIO()
    Image.fromarray(np.moveaxis(layers, 0, -1), "RGBA").save(made, "WEBP", quality=_QUALITY)
    return made.getvalue()
