"""Rasters opened and examined: a CRS of their own, one grid a tile, read block by block."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import shapely

from kcngeo.core.crs import lonlat, to_wgs84
from kcngeo.core.errors import CRSError, DataSourceError, KcngeoError

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

Raster = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
"""Path of a raster, or paths of tiles that do not overlap."""

BLOCK = 2048
"""Side of the blocks a raster is read in, in pixels: 32 MB a band in memory, whatever its size."""

# An address, also one whose slashes a path has swallowed; a drive has one letter.
_REMOTE = re.compile(r"/vsi|[A-Za-z][A-Za-z0-9+.-]+:/")

_SETTINGS = {
    # Megabytes that GDAL may keep of a raster; left to itself it takes a share of the machine's.
    "GDAL_CACHEMAX": 64,
    # A file that points elsewhere is not followed onto a network.
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
}

# Tiles of one survey meet to a fraction of a pixel.
_SAME_PIXEL = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A piece of a raster with its values, scaled as the file says; missing where it has none.

    Attributes
    ----------
    data
        By band asked for, rows and columns, a margin included.
    row
        First row of the block in its raster, without the margin.
    column
        First column.
    margin
        How many pixels lie around the block in ``data``, on every side.
    cell_m
        Width and height of a pixel in metres, of every row of ``data`` in the middle of the block.
    """

    data: NDArray[np.float64]
    row: int
    column: int
    margin: int
    cell_m: tuple[NDArray[np.float64], NDArray[np.float64]]

    def inner(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Cut the margin off."""
        rows, columns = values.shape
        around = self.margin
        return values[around : rows - around, around : columns - around]


@contextmanager
def opened(raster: Raster) -> Iterator[list[Any]]:
    """Open the tiles of a raster and prove that they can be counted together."""
    import rasterio

    paths = [raster] if isinstance(raster, str | os.PathLike) else list(raster)
    with ExitStack() as stack:
        stack.enter_context(rasterio.Env(**_SETTINGS))
        tiles = []
        for path in paths:
            # What is no file here may be an address to GDAL, in any of a hundred spellings.
            if _REMOTE.match(os.fspath(path)):
                raise DataSourceError("raster_remote", path=path)
            if not Path(path).exists():
                raise DataSourceError("unreadable_missing", path=path)
            try:
                tiles.append(stack.enter_context(rasterio.open(path)))
            except rasterio.RasterioIOError as error:
                raise DataSourceError("unreadable", path=path, detail=str(error)) from error
        _examine(tiles, paths)
        yield tiles


def bands_of(tile: Any, bands: Sequence[int]) -> None:
    """Refuse bands a tile does not have."""
    missing = [band for band in bands if not 1 <= band <= tile.count]
    if missing:
        raise KcngeoError("raster_band", path=tile.name, bands=missing, count=tile.count)


def blocks(
    tile: Any, bands: Sequence[int], *, margin: int, window: Any, others: Sequence[Any] = ()
) -> Iterator[Block]:
    """Read a tile block by block, as far as a window goes."""
    top, left, bottom, right = window
    places = [(tile, 0, 0), *_on_grid(tile, others if margin else ())]
    for row in range(top, bottom, BLOCK):
        for column in range(left, right, BLOCK):
            rows = row - margin, min(row + BLOCK, bottom) + margin
            columns = column - margin, min(column + BLOCK, right) + margin
            data = np.full((len(bands), rows[1] - rows[0], columns[1] - columns[0]), np.nan)
            for one, down, across in places:
                _fill(data, one, bands, rows=(rows[0] - down, rows[1] - down),
                      columns=(columns[0] - across, columns[1] - across))  # fmt: skip
            yield Block(
                data=data,
                row=row,
                column=column,
                margin=margin,
                cell_m=_cell_m(tile, *rows, sum(columns) / 2),
            )


def _on_grid(tile: Any, others: Sequence[Any]) -> list[tuple[Any, int, int]]:
    """Give the tiles whose pixels continue those of a tile, with the row and column they begin."""
    found = []
    for one in others:
        ours, theirs = tile.transform, one.transform
        size = np.array([ours.a, ours.b, ours.d, ours.e])
        same = np.abs(size - [theirs.a, theirs.b, theirs.d, theirs.e]).max() * max(one.shape)
        column, row = ~ours * (theirs.c, theirs.f)
        off = max(abs(row - round(row)), abs(column - round(column)))
        if same <= _SAME_PIXEL * np.abs(size).max() and off <= _SAME_PIXEL:
            found.append((one, round(row), round(column)))
    return found


def _fill(
    data: NDArray[np.float64],
    tile: Any,
    bands: Sequence[int],
    *,
    rows: tuple[int, int],
    columns: tuple[int, int],
) -> None:
    """Read into an array what a tile has of its rows and columns."""
    from rasterio.windows import Window

    top, bottom = max(rows[0], 0), min(rows[1], tile.height)
    left, right = max(columns[0], 0), min(columns[1], tile.width)
    if top >= bottom or left >= right:
        return
    read = Window(left, top, right - left, bottom - top)
    down, across = top - rows[0], left - columns[0]
    part = data[:, down : down + bottom - top, across : across + right - left]
    part[:] = _scaled(tile, bands, read)


def in_pixels(parcels: gpd.GeoDataFrame, tile: Any) -> NDArray[Any]:
    """Carry outlines onto the grid of a tile: x to the right, y up, one unit a pixel."""
    # On its own grid every raster is square and upright, also one that is turned or geographic;
    # the share of a pixel inside an outline is the same.
    crs = pyproj.CRS.from_user_input(tile.crs.to_wkt())
    shapes = parcels.geometry
    if not crs.equals(parcels.crs, ignore_axis_order=True):
        shapes = to_wgs84(parcels).geometry.to_crs(crs)
    back = ~tile.transform

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        column = back.a * points[:, 0] + back.b * points[:, 1] + back.c
        row = back.d * points[:, 0] + back.e * points[:, 1] + back.f
        return np.column_stack([column, -row])

    return np.asarray(shapely.transform(shapes.to_numpy(), move))


def _examine(tiles: Sequence[Any], paths: Iterable[Any]) -> None:
    nameless = [str(path) for path, tile in zip(paths, tiles, strict=True) if tile.crs is None]
    if nameless:
        raise CRSError("raster_crs_missing", paths=nameless)
    odd = [tile.name for tile in tiles if tile.crs != tiles[0].crs]
    if odd:
        raise CRSError("raster_crs_differ", paths=odd, crs=str(tiles[0].crs))
    for place, one in enumerate(tiles):
        for other in tiles[place + 1 :]:
            if _overlap(one, other):
                raise KcngeoError("raster_overlap", one=one.name, other=other.name)


def _overlap(one: Any, other: Any) -> bool:
    """Tell whether two tiles share more than the rounding of their edges."""
    left, bottom, right, top = one.bounds
    other_left, other_bottom, other_right, other_top = other.bounds
    across = min(right, other_right) - max(left, other_left)
    up = min(top, other_top) - max(bottom, other_bottom)
    width, height = (abs(size) * _SAME_PIXEL for size in one.res)
    return bool(across > width and up > height)


def _scaled(tile: Any, bands: Sequence[int], window: Any) -> NDArray[np.float64]:
    read = tile.read(list(bands), window=window, masked=True)
    values: NDArray[np.float64] = read.astype("float64").filled(np.nan)
    for place, band in enumerate(bands):
        scale, offset = tile.scales[band - 1], tile.offsets[band - 1]
        if (scale, offset) != (1.0, 0.0):
            values[place] = values[place] * scale + offset
    return values


def _cell_m(
    tile: Any, first: int, last: int, column: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Measure the pixels of rows in the middle of a block; those of degrees on the ellipsoid."""
    crs = pyproj.CRS.from_user_input(tile.crs.to_wkt())
    grid = tile.transform
    rows = np.arange(first, last) + 0.5
    if crs.is_projected:
        factor = crs.axis_info[0].unit_conversion_factor
        sizes = (np.hypot(grid.a, grid.d) * factor, np.hypot(grid.b, grid.e) * factor)
        wide, high = (np.full(len(rows), size) for size in sizes)
        return wide, high
    geod = pyproj.Geod(ellps="WGS84")

    def apart(across: float, down: float) -> NDArray[np.float64]:
        (lon, lat), (beyond_lon, beyond_lat) = (
            lonlat(crs, grid.a * x + grid.b * y + grid.c, grid.d * x + grid.e * y + grid.f)
            for x, y in ((column + half * across, rows + half * down) for half in (-0.5, 0.5))
        )
        return np.asarray(geod.inv(lon, lat, beyond_lon, beyond_lat)[2])

    return apart(1, 0), apart(0, 1)
