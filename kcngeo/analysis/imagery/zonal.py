"""What lies in a parcel, pixel by pixel: each pixel counts by the share of it that is inside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from kcngeo.analysis.imagery.rasters import Block, Raster, bands_of, blocks, in_pixels, opened
from kcngeo.core.errors import CRSError
from kcngeo.core.geometry import require_polygons

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

FEW_PIXELS = 10.0
"""Below this many pixels a share is a coarse guess, and ``few_pixels`` says so."""

CONVENTION = "area fractions"
"""How pixels are counted, as it stands in ``attrs`` of every result."""

# Both sides stand on the grid of the tile; exactextract wants it to have a name.
_GRID = pyproj.CRS.from_wkt(
    'ENGCRS["grid of a raster",EDATUM["first pixel"],CS[Cartesian,2],'
    'AXIS["column",east],AXIS["row",north],LENGTHUNIT["pixel",1]]'
)

Derive = Callable[[Block], Sequence["NDArray[np.float64]"]]


def measured(
    parcels: gpd.GeoDataFrame,
    raster: Raster,
    *,
    bands: Sequence[int],
    derive: Derive,
    names: Sequence[str],
    margin: int = 0,
) -> pd.DataFrame:
    """Average what is derived from a raster over every parcel."""
    if parcels.crs is None:
        raise CRSError("crs_missing", name="parcels")
    require_polygons(parcels, name="parcels")
    # (measures, parcels) values by shares of pixels; (parcels,) shares of known pixels, and all
    sums = np.zeros((len(names), len(parcels)))
    counts = np.zeros(len(parcels))
    whole = np.zeros(len(parcels))
    with opened(raster) as tiles:
        for tile in tiles:
            bands_of(tile, bands)
        for tile in tiles:
            others = [one for one in tiles if one is not tile]
            shapes = in_pixels(parcels, tile)
            # Tiles of other grids have other pixels: the finest one says how many there are.
            whole = np.maximum(whole, shapely.area(shapes))
            bounds = shapely.bounds(shapes)
            window = _window(bounds, tile)
            for block in blocks(tile, bands, margin=margin, window=window, others=others):
                _add(block, derive, shapes, bounds, sums, counts)
    known = counts > 0
    result = pd.DataFrame(
        {
            name: np.divide(total, counts, out=np.full(len(parcels), np.nan), where=known)
            for name, total in zip(names, sums, strict=True)
        },
        index=parcels.index,
    )
    result["pixels"] = counts
    share = np.divide(counts, whole, out=np.zeros(len(parcels)), where=whole > 0)
    result["known_share"] = np.minimum(share, 1.0)
    result["few_pixels"] = counts < FEW_PIXELS
    result.attrs["convention"] = CONVENTION
    return result


def _window(bounds: NDArray[np.float64], tile: Any) -> tuple[int, int, int, int]:
    """Give the rows and columns that hold all parcels."""
    known = bounds[~np.isnan(bounds).any(axis=1)]
    if not len(known):
        return 0, 0, 0, 0
    top, bottom = np.floor(-known[:, 3].max()), np.ceil(-known[:, 1].min())
    left, right = np.floor(known[:, 0].min()), np.ceil(known[:, 2].max())
    rows = np.clip([top, bottom], 0, tile.height).astype(int)
    columns = np.clip([left, right], 0, tile.width).astype(int)
    return int(rows[0]), int(columns[0]), int(rows[1]), int(columns[1])


def _add(
    block: Block,
    derive: Derive,
    shapes: NDArray[Any],
    bounds: NDArray[np.float64],
    sums: NDArray[np.float64],
    counts: NDArray[np.float64],
) -> None:
    """Add what a block holds of every parcel; a parcel in several blocks is added up."""
    import geopandas as gpd
    from exactextract import exact_extract
    from exactextract.raster import NumPyRasterSource

    measures = [block.inner(values) for values in derive(block)]
    rows, columns = measures[0].shape
    left, top = float(block.column), -float(block.row)
    right, bottom = left + columns, top - rows
    inside = (bounds[:, 0] < right) & (bounds[:, 2] > left)
    inside &= (bounds[:, 1] < top) & (bounds[:, 3] > bottom)
    places = np.flatnonzero(inside)
    unknown = np.isnan(measures[0])
    if not len(places) or unknown.all():
        return
    sources = [
        # A measure without a value where the first has one counts as 0: there is nothing of it.
        # The unknown is NaN and not only masked: the mask is lost where a part of an outline lies
        # beside the block, and what lies under it would count.
        NumPyRasterSource(
            np.ma.masked_array(np.where(unknown, np.nan, np.nan_to_num(values)), mask=unknown),
            left,
            bottom,
            right,
            top,
            name=f"m{at}",
            srs_wkt=_GRID.to_wkt(),
        )
        for at, values in enumerate(measures)
    ]
    frame = gpd.GeoDataFrame({"place": places}, geometry=shapes[places], crs=_GRID)
    found = exact_extract(
        sources, frame, ["mean", "count"], include_cols=["place"], output="pandas"
    )
    place = found["place"].to_numpy(dtype="int64")
    single = len(measures) == 1
    count = found["count" if single else "m0_count"].to_numpy(dtype="float64")
    counts[place] += count
    for at in range(len(measures)):
        mean = found["mean" if single else f"m{at}_mean"].to_numpy(dtype="float64")
        sums[at, place] += np.where(count > 0, mean, 0.0) * count
