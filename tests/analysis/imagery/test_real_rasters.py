"""Real rasters, against exactextract and rasterio called on their own grids.

São Miguel: Corine Land Cover and a height model of the Azores; Olinda: Landsat; Fishbourne:
Sentinel-2. Sources and licences stand beside the data.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from exactextract import exact_extract
from rasterio.features import rasterize

from kcngeo.analysis import imagery
from kcngeo.core.errors import CRSError

# Corine class 3: industrial or commercial units.
INDUSTRIAL = 3


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
    with rasterio.open(dem) as file:
        height = file.read(1, masked=True).astype("float64").filled(np.nan)
        wide, high = file.res
        crs, transform = file.crs, file.transform
        lon, lat = file.lnglat()
    if crs.is_geographic:
        wide, high = wide * 111_320 * np.cos(np.radians(lat)), high * 110_990
        assert lon < 0
    # numpy's central differences, a simpler method than Horn's: close on smooth ground.
    down, across = np.gradient(height, high, wide)
    slope = np.hypot(across, down)
    zones = rasterize(
        zip(towns.to_crs(crs).geometry, range(1, 7), strict=True),
        out_shape=slope.shape,
        transform=transform,
    )
    expected = [np.nanmean(slope[zones == zone]) for zone in range(1, 7)]
    np.testing.assert_allclose(found["mean_slope"], expected, rtol=0.12)
    # An island of volcanoes.
    assert (found["steep_share"] > 0.2).all()


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
    with rasterio.MemoryFile() as memory:
        with memory.open(**profile) as out:
            out.write(green, 1)
        with memory.open() as file:
            values = exact_extract(file, theirs, ["mean", "count"], output="pandas")
    known = values["count"].to_numpy() > 0
    assert known.sum() > 400
    # The tract's CRS is brought to the raster's by another road here: centimetres.
    np.testing.assert_allclose(
        found["green_share"].to_numpy()[known], values["mean"].to_numpy()[known], atol=0.02
    )
    assert found["few_pixels"].sum() < 470


def test_parts_of_a_sentinel_scene(shared_data: Path) -> None:
    (image,) = (shared_data / "sentinel2_fishbourne").glob("*.tif")
    with rasterio.open(image) as file:
        left, bottom, right, top = file.bounds
        crs, count = file.crs, file.count
    assert count == 4
    across, up = np.linspace(left, right, 12), np.linspace(bottom, top, 10)
    shapes = [
        shapely.box(across[i], up[j], across[i + 1], up[j + 1]) for i in range(11) for j in range(9)
    ]
    parcels = gpd.GeoDataFrame(geometry=shapes, crs=crs)
    found = imagery.green_share(parcels, image, red=3, nir=4, threshold=0.3)
    whole = imagery.green_share(
        gpd.GeoDataFrame(geometry=[shapely.box(left, bottom, right, top)], crs=crs),
        image,
        red=3,
        nir=4,
        threshold=0.3,
    )
    known = found[found["pixels"] > 0]
    total = np.average(known["green_share"], weights=known["pixels"])
    assert total == pytest.approx(whole["green_share"].iloc[0], abs=1e-6)
    assert found["pixels"].sum() == pytest.approx(whole["pixels"].iloc[0], rel=1e-6)
    assert isinstance(found, pd.DataFrame)
