"""Built land, green land and slope of every parcel."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kcngeo.analysis.imagery.rasters import Block, Raster
from kcngeo.analysis.imagery.zonal import measured
from kcngeo.core.errors import KcngeoError
from kcngeo.standards import load

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray


def built_share(
    parcels: gpd.GeoDataFrame, raster: Raster, *, classes: Collection[int], band: int = 1
) -> pd.DataFrame:
    """Share of every parcel that a land-cover raster shows as built.

    A pixel on the edge counts by the share of it that lies inside. What a class means is the
    raster's matter: "artificial surface" is no proof of a factory, and a bare building site may be
    of another class.

    Parameters
    ----------
    parcels
        Polygons, any CRS.
    raster
        Land cover; path, or paths of tiles that do not overlap.
    classes
        Values that count as built.
    band
        Band of the classes, from 1.

    Returns
    -------
    pd.DataFrame
        On the parcels' index: ``built_share``, ``pixels``, ``known_share`` (of the parcel, with a
        value), ``few_pixels`` (under 10 pixels: a coarse guess).

    Raises
    ------
    CRSError
        If parcels or raster have no CRS, or tiles disagree.
    DataSourceError
        If the raster cannot be read.
    GeometryError
        If a parcel cannot be measured.
    KcngeoError
        If no class is named, the band does not exist, or tiles overlap.

    Examples
    --------
    A lot of four pixels, of which one is of the class that counts as built:

    >>> import tempfile
    >>> import geopandas as gpd
    >>> import rasterio
    >>> from kcngeo.examples import CRS, EAST_M, NORTH_M, square
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = f"{folder.name}/raster.tif"
    >>> corner = rasterio.Affine(50, 0, EAST_M, 0, -50, NORTH_M + 100)
    >>> kind = {"width": 2, "height": 2, "count": 1, "dtype": "uint8"}
    >>> with rasterio.open(path, "w", crs=CRS, transform=corner, **kind) as file:
    ...     file.write(np.array([[[7, 1], [1, 1]]], dtype="uint8"))
    >>> parcels = gpd.GeoDataFrame(geometry=[square(0)], crs=CRS)
    >>> built_share(parcels, path, classes=[7])[["built_share", "pixels"]].values.tolist()
    [[0.25, 4.0]]
    >>> folder.cleanup()
    """
    wanted = [float(value) for value in classes]
    if not wanted:
        raise KcngeoError("raster_classes")

    def derive(block: Block) -> list[NDArray[np.float64]]:
        values = block.data[0]
        return [np.where(np.isnan(values), np.nan, np.isin(values, wanted).astype("float64"))]

    return measured(parcels, raster, bands=[band], derive=derive, names=["built_share"])


def green_share(
    parcels: gpd.GeoDataFrame, raster: Raster, *, red: int, nir: int, threshold: float
) -> pd.DataFrame:
    """Share of every parcel whose vegetation index lies above a threshold.

    The index is NDVI = (nir − red) / (nir + red). Which value parts green from not green depends on
    the sensor, the season and the processing, so there is no default.

    Parameters
    ----------
    parcels
        Polygons, any CRS.
    raster
        An image; path, or paths of tiles that do not overlap.
    red
        Band of red light, from 1.
    nir
        Band of near infrared light.
    threshold
        Index above which a pixel is green, between −1 and 1.

    Returns
    -------
    pd.DataFrame
        On the parcels' index: ``green_share``, ``mean_ndvi``, ``pixels``, ``known_share``,
        ``few_pixels``; the threshold stands in ``attrs``.

    Raises
    ------
    CRSError
        If parcels or raster have no CRS, or tiles disagree.
    DataSourceError
        If the raster cannot be read.
    GeometryError
        If a parcel cannot be measured.
    KcngeoError
        If the threshold is no index, a band does not exist, or tiles overlap.

    Examples
    --------
    Of four pixels one reflects three times as much infrared as red, an index of (3 - 1) / (3 + 1);
    the others reflect both alike:

    >>> import tempfile
    >>> import geopandas as gpd
    >>> import rasterio
    >>> from kcngeo.examples import CRS, EAST_M, NORTH_M, square
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = f"{folder.name}/raster.tif"
    >>> corner = rasterio.Affine(50, 0, EAST_M, 0, -50, NORTH_M + 100)
    >>> kind = {"width": 2, "height": 2, "count": 2, "dtype": "uint8"}
    >>> with rasterio.open(path, "w", crs=CRS, transform=corner, **kind) as file:
    ...     file.write(np.array([[[1, 1], [1, 1]], [[3, 1], [1, 1]]], dtype="uint8"))
    >>> parcels = gpd.GeoDataFrame(geometry=[square(0)], crs=CRS)
    >>> green_share(parcels, path, red=1, nir=2, threshold=0.4)["green_share"].tolist()
    [0.25]
    >>> folder.cleanup()
    """
    if not -1 <= threshold <= 1:
        raise KcngeoError("raster_threshold", value=threshold)

    def derive(block: Block) -> list[NDArray[np.float64]]:
        light, infrared = block.data
        both = infrared + light
        index = np.divide(infrared - light, both, out=np.full(both.shape, np.nan), where=both > 0)
        return [np.where(np.isnan(index), np.nan, (index > threshold).astype("float64")), index]

    names = ["green_share", "mean_ndvi"]
    result = measured(parcels, raster, bands=[red, nir], derive=derive, names=names)
    result.attrs["threshold"] = threshold
    return result


def mean_slope(
    parcels: gpd.GeoDataFrame, dem: Raster, *, limit_share: float | None = None, band: int = 1
) -> pd.DataFrame:
    """Mean slope of every parcel, and the share of it that is steeper than a limit.

    Slope is rise over run by Horn's method on the 3 × 3 pixels around each; a pixel on the edge of
    the raster or beside a gap has none. Tiles on one grid are one surface; where tiles on different
    grids meet, the pixels beside the seam have none. Pixels much larger than a lot hide its slope.

    Parameters
    ----------
    parcels
        Polygons, any CRS.
    dem
        Heights in metres; path, or paths of tiles that do not overlap.
    limit_share
        Slope above which land counts as steep, as a share; None for the registry's "slope".
    band
        Band of the heights, from 1.

    Returns
    -------
    pd.DataFrame
        On the parcels' index: ``mean_slope`` and ``steep_share`` (shares), ``pixels``,
        ``known_share``, ``few_pixels``; the limit stands in ``attrs``.

    Raises
    ------
    CRSError
        If parcels or raster have no CRS, or tiles disagree.
    DataSourceError
        If the raster cannot be read.
    GeometryError
        If a parcel cannot be measured.
    KcngeoError
        If the band does not exist, or tiles overlap.

    References
    ----------
    B. K. P. Horn (1981), "Hill shading and the reflectance map", Proceedings of the IEEE 69(1).

    Examples
    --------
    A plane that rises 5 m from one pixel of 50 m to the next, seen with a pixel around the lot:

    >>> import tempfile
    >>> import geopandas as gpd
    >>> import rasterio
    >>> from kcngeo.examples import CRS, EAST_M, NORTH_M, square
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = f"{folder.name}/raster.tif"
    >>> corner = rasterio.Affine(50, 0, EAST_M - 50, 0, -50, NORTH_M + 150)
    >>> kind = {"width": 4, "height": 4, "count": 1, "dtype": "float32"}
    >>> with rasterio.open(path, "w", crs=CRS, transform=corner, **kind) as file:
    ...     file.write(np.array([[[0, 5, 10, 15]] * 4], dtype="float32"))
    >>> parcels = gpd.GeoDataFrame(geometry=[square(0)], crs=CRS)
    >>> mean_slope(parcels, path, limit_share=0.15)[["mean_slope", "steep_share"]].values.tolist()
    [[0.1, 0.0]]
    >>> folder.cleanup()
    """
    limit = float(load("slope").at_most) if limit_share is None else limit_share

    def derive(block: Block) -> list[NDArray[np.float64]]:
        slope = _horn(block.data[0], block.cell_m)
        return [slope, np.where(np.isnan(slope), np.nan, (slope > limit).astype("float64"))]

    names = ["mean_slope", "steep_share"]
    result = measured(parcels, dem, bands=[band], derive=derive, names=names, margin=1)
    result.attrs["limit_share"] = limit
    return result


def zonal_mean(parcels: gpd.GeoDataFrame, raster: Raster, *, band: int = 1) -> pd.DataFrame:
    """Mean value of any raster over every parcel.

    A pixel on the edge counts by the share of it that lies inside; pixels without a value do not
    count. Values are scaled as the file says.

    Parameters
    ----------
    parcels
        Polygons, any CRS.
    raster
        Any raster; path, or paths of tiles that do not overlap.
    band
        Its band, from 1.

    Returns
    -------
    pd.DataFrame
        On the parcels' index: ``mean`` in the raster's unit, ``pixels``, ``known_share`` (of the
        parcel, with a value), ``few_pixels`` (under 10 pixels: a coarse guess).

    Raises
    ------
    CRSError
        If parcels or raster have no CRS, or tiles disagree.
    DataSourceError
        If the raster cannot be read.
    GeometryError
        If a parcel cannot be measured.
    KcngeoError
        If the band does not exist, or tiles overlap.

    Examples
    --------
    A lot of four pixels, (20 + 22 + 24 + 26) / 4 on the average:

    >>> import tempfile
    >>> import geopandas as gpd
    >>> import rasterio
    >>> from kcngeo.examples import CRS, EAST_M, NORTH_M, square
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = f"{folder.name}/raster.tif"
    >>> corner = rasterio.Affine(50, 0, EAST_M, 0, -50, NORTH_M + 100)
    >>> kind = {"width": 2, "height": 2, "count": 1, "dtype": "uint8"}
    >>> with rasterio.open(path, "w", crs=CRS, transform=corner, **kind) as file:
    ...     file.write(np.array([[[20, 22], [24, 26]]], dtype="uint8"))
    >>> parcels = gpd.GeoDataFrame(geometry=[square(0)], crs=CRS)
    >>> zonal_mean(parcels, path)["mean"].tolist()
    [23.0]
    >>> folder.cleanup()
    """
    return measured(
        parcels, raster, bands=[band], derive=lambda block: [block.data[0]], names=["mean"]
    )


def change(before: pd.DataFrame, after: pd.DataFrame, *, measure: str) -> pd.DataFrame:
    """Compare two dates of one measure.

    Parameters
    ----------
    before
        Result of a measure at the earlier date.
    after
        Result of the same measure at the later date.
    measure
        Its column, for example "built_share".

    Returns
    -------
    pd.DataFrame
        On the later index: ``before``, ``after``, ``change`` (shares), ``known_share`` (the lesser
        of both dates: where it is small they may show different land) and ``few_pixels`` (of
        either date).

    Examples
    --------
    >>> before = pd.DataFrame(
    ...     {"built_share": [0.25], "known_share": [1.0], "few_pixels": [False]}, index=["A-1"]
    ... )
    >>> after = before.assign(built_share=0.75)
    >>> change(before, after, measure="built_share")["change"].to_dict()
    {'A-1': 0.5}
    """
    then = before.reindex(after.index)
    return pd.DataFrame(
        {
            "before": then[measure],
            "after": after[measure],
            "change": after[measure] - then[measure],
            "known_share": np.fmin(after["known_share"], then["known_share"].fillna(0.0)),
            "few_pixels": after["few_pixels"] | then["few_pixels"].fillna(True).astype(bool),
        }
    )


def _horn(
    height: NDArray[np.float64], cell_m: tuple[NDArray[np.float64], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Give rise over run; missing on the edge, where a pixel lacks neighbours."""
    slope = np.full(height.shape, np.nan)
    if min(height.shape) < 3:
        return slope
    a, b, c = height[:-2, :-2], height[:-2, 1:-1], height[:-2, 2:]
    d, f = height[1:-1, :-2], height[1:-1, 2:]
    g, h, i = height[2:, :-2], height[2:, 1:-1], height[2:, 2:]
    wide, high = (size[1:-1, None] for size in cell_m)
    across = ((c + 2 * f + i) - (a + 2 * d + g)) / (8 * wide)
    down = ((g + 2 * h + i) - (a + 2 * b + c)) / (8 * high)
    slope[1:-1, 1:-1] = np.where(np.isnan(height[1:-1, 1:-1]), np.nan, np.hypot(across, down))
    return slope
