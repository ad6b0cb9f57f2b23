"""Real rasters, against exactextract and rasterio called on their own grids.

São Miguel: Corine Land Cover and a height model of the Azores; Olinda: Landsat; Fishbourne:
Sentinel-2. Sources and licences stand beside the data.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import rasterio
import shapely
from exactextract import exact_extract
from rasterio.features import geometry_mask, rasterize

from kcngeo.analysis import imagery
from kcngeo.core.errors import CRSError

# Corine class 3: industrial or commercial units.
INDUSTRIAL = 3
# Rise from west to east by Horn: eighths of the differences of the columns, the middle twice.
ACROSS = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 8


def slope_of(dem: Path) -> tuple[np.ndarray, dict[str, Any]]:
    """Slope of a whole raster, window by window of 3 × 3 pixels; degrees measured row by row."""
    with rasterio.open(dem) as file:
        height = file.read(1, masked=True).astype("float64").filled(np.nan)
        wide, high = file.res
        if file.crs.is_geographic:
            lat = file.bounds.top - (np.arange(1, file.height - 1)[:, None] + 0.5) * high
            geod, zero = pyproj.Geod(ellps="WGS84"), np.zeros_like(lat)
            wide, high = (
                geod.inv(zero, lat, zero + east, lat + north)[2]
                for east, north in ((wide, 0.0), (0.0, high))
            )
        profile = {**file.profile, "count": 1, "dtype": "float64", "nodata": np.nan}
    windows = np.lib.stride_tricks.sliding_window_view(height, (3, 3))
    east, south = ((windows * one).sum(axis=(2, 3)) for one in (ACROSS, ACROSS.T))
    return np.pad(np.hypot(east / wide, south / high), 1, constant_values=np.nan), profile


def averaged(values: np.ndarray, profile: dict[str, Any], shapes: gpd.GeoDataFrame) -> pd.DataFrame:
    """Mean and count of an array in shapes, by exactextract on a raster in memory."""
    with rasterio.MemoryFile() as memory:
        with memory.open(**profile) as out:
            out.write(values, 1)
        with memory.open() as file:
            return exact_extract(file, shapes.to_crs(file.crs), ["mean", "count"], output="pandas")


def by_centres(values: np.ndarray, profile: dict[str, Any], shapes: gpd.GeoDataFrame) -> np.ndarray:
    """Mean of the pixels whose centre lies in each shape, burnt one shape at a time."""
    means = []
    for shape in shapes.to_crs(profile["crs"]).geometry:
        inside = geometry_mask(
            [shape], out_shape=values.shape, transform=profile["transform"], invert=True
        )
        known = values[inside & ~np.isnan(values)]
        means.append(known.mean() if len(known) else np.nan)
    return np.array(means)


def test_industrial_land_of_sao_miguel(shared_data: Path) -> None:
    towns = gpd.read_file(shared_data / "sao_miguel" / "concelhos.gpkg")
    cover = shared_data / "sao_miguel" / "clc2018_v2020_20u1.tif"
    found = imagery.built_share(towns, cover, classes=[INDUSTRIAL])
    assert len(found) == 6
    with rasterio.open(cover) as file:
        theirs = towns.to_crs(file.crs)
        values = exact_extract(file, theirs, ["unique", "frac", "count"], output="pandas")
        grid = file.read(1)
        zones = rasterize(
            zip(theirs.geometry, range(1, 7), strict=True),
            out_shape=grid.shape,
            transform=file.transform,
        )
    expected = [
        dict(zip(row.unique, row.frac, strict=True)).get(INDUSTRIAL, 0.0)
        for row in values.itertuples()
    ]
    np.testing.assert_allclose(found["built_share"], expected, atol=1e-6)
    np.testing.assert_allclose(found["pixels"], values["count"], rtol=1e-6)
    # By pixel centres: the same to a few pixels in a hundred thousand.
    centres = [(grid[zones == zone] == INDUSTRIAL).mean() for zone in range(1, 7)]
    np.testing.assert_allclose(found["built_share"], centres, atol=2e-4)
    assert found["built_share"].max() > 0.005


def test_slope_of_sao_miguel(shared_data: Path) -> None:
    dem = shared_data / "sao_miguel" / "eu_dem_v11.tif"
    towns = gpd.read_file(shared_data / "sao_miguel" / "concelhos.gpkg")
    found = imagery.mean_slope(towns, dem)
    slope, profile = slope_of(dem)
    expected = averaged(slope, profile, towns)
    np.testing.assert_allclose(found["mean_slope"], expected["mean"], rtol=1e-6)
    np.testing.assert_allclose(found["pixels"], expected["count"], rtol=1e-6)
    steep = np.where(np.isnan(slope), np.nan, slope > 0.1)
    np.testing.assert_allclose(
        found["steep_share"], averaged(steep, profile, towns)["mean"], atol=1e-5
    )
    np.testing.assert_allclose(found["steep_share"], by_centres(steep, profile, towns), atol=2e-2)
    # An island of volcanoes.
    assert (found["steep_share"] > 0.2).all()


def test_slope_of_olinda(shared_data: Path) -> None:
    dem = shared_data / "olinda" / "olinda_dem_utm25s.tif"
    tracts = gpd.read_file(shared_data / "olinda" / "olinda1.shp")
    tracts = tracts.set_crs("EPSG:4674", allow_override=True)
    slope, profile = slope_of(dem)
    # Squares on the raster's own grid in the middle of the tracts, so that no datum lies between.
    middles = tracts.to_crs(profile["crs"]).representative_point()
    squares = gpd.GeoDataFrame(geometry=middles.buffer(200, cap_style="square"))
    found = imagery.mean_slope(squares, dem)
    expected = averaged(slope, profile, squares)
    known = expected["count"].to_numpy() > 0
    assert known.sum() > 400
    np.testing.assert_allclose(found["pixels"], expected["count"], rtol=1e-6)
    np.testing.assert_allclose(
        found.loc[known, "mean_slope"], expected.loc[known, "mean"], rtol=1e-5, atol=1e-9
    )
    assert found["mean_slope"].isna().tolist() == (~known).tolist()
    assert 0 < found["steep_share"].mean() < 0.5


def test_green_of_olinda(shared_data: Path) -> None:
    tracts = gpd.read_file(shared_data / "olinda" / "olinda1.shp")
    image = shared_data / "olinda" / "L7_ETMs.tif"
    # The file names an ellipsoid and no datum: nobody may guess it but the user.
    with pytest.raises(CRSError, match="no known operation leads from GRS 1980"):
        imagery.green_share(tracts, image, red=3, nir=4, threshold=0.2)
    tracts = tracts.set_crs("EPSG:4674", allow_override=True)
    found = imagery.green_share(tracts, image, red=3, nir=4, threshold=0.2)
    assert len(found) == 470
    with rasterio.open(image) as file:
        red, nir = (file.read(band).astype("float64") for band in (3, 4))
        theirs = tracts.to_crs(file.crs)
        profile = {**file.profile, "count": 1, "dtype": "float64", "nodata": np.nan}
    index = np.divide(nir - red, nir + red, out=np.full(red.shape, np.nan), where=nir + red > 0)
    green = np.where(np.isnan(index), np.nan, index > 0.2)
    values = averaged(green, profile, theirs)
    known = values["count"].to_numpy() > 0
    assert known.sum() > 400
    # The tract's CRS is brought to the raster's by another road here: centimetres.
    np.testing.assert_allclose(
        found["green_share"].to_numpy()[known], values["mean"].to_numpy()[known], atol=0.02
    )
    assert found["few_pixels"].sum() < 470


def test_green_of_a_sentinel_scene(shared_data: Path) -> None:
    (image,) = (shared_data / "sentinel2_fishbourne").glob("*.tif")
    with rasterio.open(image) as file:
        # Blue, green, red and near infrared.
        red, nir = (file.read(band).astype("float64") for band in (3, 4))
        left, bottom, right, top = file.bounds
        profile = {**file.profile, "count": 1, "dtype": "float64", "nodata": np.nan}
    index = np.divide(nir - red, nir + red, out=np.full(red.shape, np.nan), where=nir + red > 0)
    green = np.where(np.isnan(index), np.nan, index > 0.3)
    across, up = np.linspace(left, right, 12), np.linspace(bottom, top, 10)
    middles = [shapely.Point(x, y) for x in across[1:-1] for y in up[1:-1]]
    # Circles that cut pixels; by centres the same to a few pixels of some four hundred.
    radius = min(right - left, top - bottom) / 25
    parcels = (
        gpd.GeoDataFrame(geometry=middles, crs=profile["crs"]).buffer(radius).to_frame("geometry")
    )
    found = imagery.green_share(parcels, image, red=3, nir=4, threshold=0.3)
    for name, values in (("green_share", green), ("mean_ndvi", index)):
        expected = averaged(values, profile, parcels)
        np.testing.assert_allclose(found[name], expected["mean"], atol=1e-6)
        np.testing.assert_allclose(found["pixels"], expected["count"], rtol=1e-6)
        np.testing.assert_allclose(found[name], by_centres(values, profile, parcels), atol=0.06)
    assert found["green_share"].min() < 0.3 < 0.9 < found["green_share"].max()
    # The measure of a band is that of its reflectance, whatever CRS the parcels came in.
    degrees = imagery.green_share(parcels.to_crs(4326), image, red=3, nir=4, threshold=0.3)
    np.testing.assert_allclose(degrees["green_share"], found["green_share"], atol=1e-4)
