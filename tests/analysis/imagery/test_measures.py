"""Shares and slopes on rasters of 3 × 3 pixels, worked out in the head.

Pixels are 100 m, so a lot of 1 ha is one pixel; the raster's upper left corner is (500 000,
1 270 300) in EPSG:5899 and its rows run down.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import Affine, from_origin
from shapely import MultiPolygon, Polygon, affinity, box

from kcngeo.analysis import imagery
from kcngeo.analysis.imagery import rasters
from kcngeo.core.errors import CRSError, DataSourceError, GeometryError, KcngeoError

EAST, TOP = 500_000, 1_270_300
GRID = from_origin(EAST, TOP, 100, 100)
# 7 is built.
COVER = np.array([[7, 7, 1], [7, 1, 1], [1, 1, 1]], dtype="uint8")


def write(path: Path, values: Any, **options: Any) -> Path:
    """Write a raster; three-dimensional values are bands."""
    values = np.asarray(values)
    bands = values if values.ndim == 3 else values[None]
    scales, offsets = options.pop("scales", None), options.pop("offsets", None)
    profile = {
        "driver": "GTiff",
        "count": len(bands),
        "height": bands.shape[1],
        "width": bands.shape[2],
        "dtype": bands.dtype,
        "crs": "EPSG:5899",
        "transform": GRID,
        **options,
    }
    with rasterio.open(path, "w", **profile) as file:
        file.write(bands)
        if scales:
            file.scales, file.offsets = scales, offsets
    return path


def lots(*shapes: Any, crs: str = "EPSG:5899") -> gpd.GeoDataFrame:
    index = pd.Index([f"L{place}" for place in range(len(shapes))], name="parcel_id")
    return gpd.GeoDataFrame(geometry=list(shapes), index=index, crs=crs)


def place(column: float, row: float, *, wide: float = 1, high: float = 1) -> Any:
    """A rectangle in pixels from the upper left."""
    x, y = EAST + 100 * column, TOP - 100 * row
    return box(x, y - 100 * high, x + 100 * wide, y)


@pytest.fixture
def cover(tmp_path: Path) -> Path:
    return write(tmp_path / "cover.tif", COVER)


def test_a_pixel_counts_by_the_share_of_it_inside(cover: Path) -> None:
    found = imagery.built_share(
        lots(
            place(0, 0, wide=3, high=3),  # 3 of 9 pixels
            place(0, 0),  # 1 of 1
            place(0.5, 0, wide=2),  # half, whole, half: 0.5 + 1 of 2
            place(2, 2),  # none
            place(0.25, 0.25, wide=0.5, high=0.5),  # within one
        ),
        cover,
        classes=[7],
    )
    assert found["built_share"].tolist() == pytest.approx([3 / 9, 1, 0.75, 0, 1])
    assert found["pixels"].tolist() == pytest.approx([9, 1, 2, 1, 0.25])
    assert found["known_share"].tolist() == pytest.approx([1] * 5)
    # Under ten pixels.
    assert found["few_pixels"].tolist() == [True] * 5
    assert found.index.tolist() == ["L0", "L1", "L2", "L3", "L4"]
    assert found.attrs["convention"] == "area fractions"


def test_ten_pixels_are_enough(tmp_path: Path) -> None:
    path = write(tmp_path / "wide.tif", np.full((2, 6), 7, dtype="uint8"))
    found = imagery.built_share(
        lots(place(0, 0, wide=5, high=2), place(0, 0, wide=4.99, high=2)), path, classes=[7]
    )
    assert found["few_pixels"].tolist() == [False, True]


def test_what_has_no_value_is_not_known_and_not_zero(tmp_path: Path) -> None:
    path = write(tmp_path / "gaps.tif", COVER, nodata=1)
    found = imagery.built_share(
        lots(place(0, 0, wide=2), place(1, 0, wide=2), place(2, 2), place(8, 8)), path, classes=[7]
    )
    # Two known; one of two known, and built; nothing known; outside the raster.
    assert found["built_share"].tolist() == pytest.approx([1, 1, np.nan, np.nan], nan_ok=True)
    assert found["pixels"].tolist() == pytest.approx([2, 1, 0, 0])
    assert found["known_share"].tolist() == pytest.approx([1, 0.5, 0, 0])


def test_what_has_no_value_is_not_known_where_a_part_lies_beside_the_raster(tmp_path: Path) -> None:
    path = write(tmp_path / "gaps.tif", np.array([[7, 0, 1], [7, 0, 1]], dtype="uint8"), nodata=0)
    parts = [place(0, 0, wide=3, high=2), place(9, 0, wide=3, high=2)]
    found = imagery.built_share(lots(MultiPolygon(parts)), path, classes=[7])
    # Of twelve pixels six lie in the raster, two of them without a value; two are built.
    assert found["pixels"].tolist() == pytest.approx([4])
    assert found["built_share"].tolist() == pytest.approx([2 / 4])
    assert found["known_share"].tolist() == pytest.approx([4 / 12])


def test_tiles_are_one_raster(tmp_path: Path) -> None:
    left = write(tmp_path / "left.tif", COVER[:, :1])
    grid = GRID @ Affine.translation(1, 0)
    right = write(tmp_path / "right.tif", COVER[:, 1:], transform=grid)
    whole = write(tmp_path / "whole.tif", COVER)
    shapes = lots(place(0, 0, wide=3, high=3), place(0.5, 0.5, wide=1.5, high=1.5))
    expected = imagery.built_share(shapes, whole, classes=[7])
    for tiles in ([left, right], [right, left]):
        pd.testing.assert_frame_equal(
            imagery.built_share(shapes, tiles, classes=[7]), expected, rtol=1e-12
        )
    with pytest.raises(KcngeoError, match="overlap, so their pixels would count twice"):
        imagery.built_share(shapes, [left, whole], classes=[7])


def test_blocks_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    height = random.uniform(0, 50, (23, 31)).astype("float32")
    path = write(tmp_path / "dem.tif", height)
    # Half of the raster: of some blocks that its box holds the triangle has nothing.
    half = Polygon([(EAST, TOP), (EAST + 3100, TOP), (EAST, TOP - 2300)])
    whole = place(0, 0, wide=31, high=23)
    shapes = lots(place(2.2, 3.1, wide=20, high=15), place(7, 7), whole, half)
    expected = imagery.mean_slope(shapes, path)
    monkeypatch.setattr(rasters, "BLOCK", 4)
    pd.testing.assert_frame_equal(imagery.mean_slope(shapes, path), expected, rtol=1e-10)


def test_scale_and_offset_are_applied(tmp_path: Path) -> None:
    # Stored 10, 20, 30 mean 1.5, 2.5, 3.5: classes are asked for as they are meant.
    path = write(
        tmp_path / "scaled.tif",
        np.array([[10, 20, 30]], dtype="int16"),
        scales=(0.1,),
        offsets=(0.5,),
    )
    found = imagery.built_share(lots(place(0, 0, wide=3)), path, classes=[2.5])
    assert found["built_share"].tolist() == pytest.approx([1 / 3])


@pytest.mark.parametrize("degrees", [0, 30, 90, 137])
def test_a_turned_raster_gives_the_same(tmp_path: Path, degrees: float) -> None:
    centre = (EAST + 150, TOP - 150)
    turned = Affine.rotation(degrees, pivot=centre) @ GRID
    path = write(tmp_path / "turned.tif", COVER, transform=turned)
    shapes = [place(0, 0, wide=3, high=3), place(0.5, 0, wide=2), place(1, 1)]
    spun = [affinity.rotate(shape, degrees, origin=centre) for shape in shapes]
    found = imagery.built_share(lots(*spun), path, classes=[7])
    assert found["built_share"].tolist() == pytest.approx([3 / 9, 0.75, 0], abs=1e-9)


def test_a_raster_whose_rows_run_up_gives_the_same(tmp_path: Path) -> None:
    up = Affine(100, 0, EAST, 0, 100, TOP - 300)
    path = write(tmp_path / "up.tif", COVER[::-1].copy(), transform=up)
    found = imagery.built_share(lots(place(0, 0), place(2, 2)), path, classes=[7])
    assert found["built_share"].tolist() == pytest.approx([1, 0])


def test_a_raster_in_another_crs_is_met_where_it_lies(tmp_path: Path) -> None:
    # The lot as seen in WGS 84 covers a raster made there of one pixel a corner.
    shape = lots(place(0, 0, wide=3, high=3))
    from kcngeo import crs

    left, bottom, right, top = crs.to_wgs84(shape).total_bounds
    grid = from_origin(left, top, (right - left) / 2, (top - bottom) / 2)
    path = write(
        tmp_path / "wgs84.tif",
        np.array([[7, 7], [1, 1]], dtype="uint8"),
        crs="EPSG:4326",
        transform=grid,
    )
    found = imagery.built_share(shape, path, classes=[7])
    # A square of the grid is turned by the convergence of the meridians: 0.02 degrees here.
    assert found["built_share"].tolist() == pytest.approx([0.5], abs=2e-3)
    assert found["known_share"].tolist() == pytest.approx([1], abs=2e-3)


def test_slope_of_an_even_plane(tmp_path: Path) -> None:
    # 8 m up for every 100 m to the east, 6 m for every 100 m to the south: a slope of 10 %.
    column, row = np.meshgrid(np.arange(5), np.arange(5))
    path = write(tmp_path / "dem.tif", (8.0 * column + 6.0 * row).astype("float64"))
    shape = lots(place(1, 1, wide=3, high=3))
    for limit, steep in ((0.0999, 1), (0.1001, 0)):
        found = imagery.mean_slope(shape, path, limit_share=limit)
        assert found["mean_slope"].tolist() == pytest.approx([0.1])
        assert found["steep_share"].tolist() == [steep]
    # The rim has no neighbours: 9 of 25 pixels are known.
    rim = imagery.mean_slope(lots(place(0, 0, wide=5, high=5)), path)
    assert rim["pixels"].tolist() == pytest.approx([9])
    assert rim.attrs["limit_share"] == 0.10
    # Of two rows none has neighbours on both sides.
    low = write(tmp_path / "low.tif", np.zeros((2, 5)))
    assert imagery.mean_slope(shape, low)["pixels"].tolist() == [0]


def test_slope_knows_no_seam_between_tiles_of_one_grid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heights = np.random.default_rng(3).uniform(0, 50, (9, 12))
    whole = write(tmp_path / "whole.tif", heights)
    parts = {}
    for name, rows, columns in (("nw", (0, 4), (0, 7)), ("ne", (0, 4), (7, 12)),
                                ("sw", (4, 9), (0, 7)), ("se", (4, 9), (7, 12))):  # fmt: skip
        values = heights[slice(*rows), slice(*columns)]
        grid = GRID @ Affine.translation(columns[0], rows[0])
        parts[name] = write(tmp_path / f"{name}.tif", values, transform=grid)
    shapes = lots(place(6, 3, wide=2, high=2), place(0, 0, wide=12, high=9), place(6.5, 0.5))
    expected = imagery.mean_slope(shapes, whole)
    # All but the outermost pixels: 10 × 7.
    assert expected["pixels"].tolist()[1] == pytest.approx(70)
    for block in (2048, 3):
        monkeypatch.setattr(rasters, "BLOCK", block)
        found = imagery.mean_slope(shapes, list(parts.values()))
        pd.testing.assert_frame_equal(found, expected, rtol=1e-12)
    # A tile half a pixel off is on another grid: its neighbours along the seam stay unknown.
    grid = GRID @ Affine.translation(7, 0.5)
    off = write(tmp_path / "off.tif", heights[:4, 7:], transform=grid)
    lost = imagery.mean_slope(shapes, [parts["nw"], off])
    assert lost.loc["L0", "pixels"] < expected.loc["L0", "pixels"]


def test_green_is_what_lies_above_the_threshold(tmp_path: Path) -> None:
    red = np.array([[10, 10, 10], [10, 30, 0]], dtype="uint16")
    nir = np.array([[30, 20, 10], [10, 10, 0]], dtype="uint16")
    path = write(tmp_path / "image.tif", np.stack([red, nir]))
    # NDVI 0.5, 1/3, 0; 0, -0.5, and nothing where both are dark.
    found = imagery.green_share(
        lots(place(0, 0, wide=3), place(0, 1, wide=3)), path, red=1, nir=2, threshold=0.3
    )
    assert found["green_share"].tolist() == pytest.approx([2 / 3, 0])
    assert found["mean_ndvi"].tolist() == pytest.approx([(0.5 + 1 / 3) / 3, -0.25])
    assert found["pixels"].tolist() == pytest.approx([3, 2])
    # Exactly the threshold is not above it.
    edge = imagery.green_share(lots(place(0, 0)), path, red=1, nir=2, threshold=0.5)
    assert edge["green_share"].tolist() == [0]


def test_change_between_two_dates(cover: Path, tmp_path: Path) -> None:
    later = write(tmp_path / "later.tif", np.where(COVER == 1, 7, 1).astype("uint8"))
    shape = lots(place(0, 0, wide=3, high=3))
    told = imagery.change(
        imagery.built_share(shape, cover, classes=[7]),
        imagery.built_share(shape, later, classes=[7]),
        measure="built_share",
    )
    # 3 of 9, then 6 of 9.
    assert told[["before", "after", "change"]].iloc[0].tolist() == pytest.approx(
        [1 / 3, 2 / 3, 1 / 3]
    )


@settings(max_examples=25)
@given(
    st.lists(st.tuples(*[st.floats(0, 2.5), st.floats(0, 2.5), st.floats(0.05, 0.5)]), min_size=1)
)
def test_parts_add_up_to_the_whole(
    tmp_path_factory: pytest.TempPathFactory, corners: list[tuple[float, float, float]]
) -> None:
    path = write(tmp_path_factory.mktemp("r") / "cover.tif", COVER)
    for column, row, size in corners:
        whole = place(column, row, wide=size, high=size)
        halves = [
            place(column, row, wide=size / 2, high=size),
            place(column + size / 2, row, wide=size / 2, high=size),
        ]
        found = imagery.built_share(lots(whole, *halves), path, classes=[7])
        built = (found["built_share"] * found["pixels"]).tolist()
        assert built[0] == pytest.approx(built[1] + built[2], abs=1e-6)


# Bad input


def test_a_raster_without_crs_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "nameless.tif", COVER, crs=None)
    with pytest.raises(CRSError, match=r"rasters without a CRS: .*nameless\.tif"):
        imagery.built_share(lots(place(0, 0)), path, classes=[7])


def test_parcels_without_crs_are_refused(cover: Path) -> None:
    shape = lots(place(0, 0)).set_crs(None, allow_override=True)
    with pytest.raises(CRSError, match="has no CRS"):
        imagery.built_share(shape, cover, classes=[7])


def test_tiles_of_different_crs_are_refused(cover: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other.tif", COVER, crs="EPSG:9218")
    with pytest.raises(CRSError, match=r"in another CRS than EPSG:5899"):
        imagery.built_share(lots(place(0, 0)), [cover, other], classes=[7])


@pytest.mark.parametrize("content", [b"", b"II*\x00", b"no raster"])
def test_a_file_that_is_no_raster_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.tif"
    with pytest.raises(DataSourceError, match=r"broken\.tif cannot be read: there is no such file"):
        imagery.built_share(lots(place(0, 0)), path, classes=[7])
    path.write_bytes(content)
    with pytest.raises(DataSourceError, match=r"broken\.tif cannot be read"):
        imagery.built_share(lots(place(0, 0)), path, classes=[7])


@pytest.mark.parametrize(
    "path",
    ["https://example.vn/a.tif", "/vsicurl/https://example.vn/a.tif", Path("https://example.vn/a")],
)
def test_the_network_is_not_asked(path: str | Path) -> None:
    with pytest.raises(DataSourceError, match="kcngeo reads files only"):
        imagery.built_share(lots(place(0, 0)), path, classes=[7])


def test_wrong_arguments_are_told(cover: Path) -> None:
    shape = lots(place(0, 0))
    with pytest.raises(KcngeoError, match="at least one class"):
        imagery.built_share(shape, cover, classes=[])
    with pytest.raises(KcngeoError, match="has 1 bands, not 2"):
        imagery.green_share(shape, cover, red=1, nir=2, threshold=0.3)
    for threshold in (-1.01, 1.01):
        with pytest.raises(KcngeoError, match=r"between -1 and 1, not .*1[.]01"):
            imagery.green_share(shape, cover, red=1, nir=1, threshold=threshold)
    # One band against itself is 0 everywhere.
    for threshold, share in ((-1.0, 1.0), (1.0, 0.0)):
        found = imagery.green_share(shape, cover, red=1, nir=1, threshold=threshold)
        assert found["green_share"].tolist() == [share]
    bowtie = lots(place(0, 0)).set_geometry(
        gpd.GeoSeries.from_wkt(["POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))"], index=["L0"]).set_crs(5899)
    )
    with pytest.raises(GeometryError):
        imagery.built_share(bowtie, cover, classes=[7])


def test_inputs_stay_as_they_are(cover: Path) -> None:
    shape = lots(place(0, 0), place(1, 1))
    before = shape.copy()
    imagery.built_share(shape, cover, classes=[7])
    pd.testing.assert_frame_equal(shape, before)


def test_hectares_are_of_the_land_that_was_seen(tmp_path: Path) -> None:
    # A lot of 1 ha in 100 pixels of 10 m: 41 under cloud, 30 built, 29 not.
    values = np.concatenate([np.full(41, 255), np.full(30, 7), np.full(29, 1)]).astype("uint8")
    grid = from_origin(EAST, TOP, 10, 10)
    path = write(tmp_path / "cloud.tif", values.reshape(10, 10), nodata=255, transform=grid)
    parcels = lots(place(0, 0))
    found = imagery.built_share(parcels, path, classes=[7])
    assert found["built_share"].tolist() == pytest.approx([30 / 59])
    seen = imagery.hectares(found, lot_ha=parcels.area / 10_000).loc["L0"]
    # 0.30 ha; the share of the whole lot would say 0.508 ha, 1.69 times as much.
    expected = {"lot_ha": 1.0, "known_ha": 0.59, "built_ha": 0.30}
    assert seen.to_dict() == pytest.approx(expected, abs=1e-9)


def test_where_nothing_is_seen_no_hectares_are_told() -> None:
    shares = pd.DataFrame({"built_share": [np.nan], "known_share": [0.0]}, index=["L0"])
    seen = imagery.hectares(shares, lot_ha=pd.Series({"L0": 2.0})).loc["L0"]
    assert seen[["lot_ha", "known_ha"]].tolist() == [2.0, 0.0]
    assert np.isnan(seen["built_ha"])


def test_a_comparison_tells_the_lesser_part_that_was_seen() -> None:
    before = pd.DataFrame(
        {"built_share": [0.2, 0.2], "known_share": [0.5, 1.0], "few_pixels": False},
        index=["L0", "L1"],
    )
    after = before.assign(built_share=0.4, known_share=[0.9, 0.6])
    found = imagery.change(before, after, measure="built_share")
    assert found["known_share"].tolist() == [0.5, 0.6]


def test_few_pixels_of_either_date_are_few() -> None:
    after = pd.DataFrame({"built_share": 0.4, "known_share": 1.0}, index=list("ABCDE"))
    after["few_pixels"] = [False, True, False, True, False]
    before = after.iloc[:4].assign(few_pixels=[False, False, True, True])
    found = imagery.change(before, after, measure="built_share")
    # E was not there before: of it nothing is known.
    assert found["few_pixels"].tolist() == [False, True, True, True, True]
    assert found["known_share"].tolist() == [1.0] * 4 + [0.0]


def test_the_mean_of_any_raster(tmp_path: Path) -> None:
    # Half of the pixel with 10, and half of one without a value beside it.
    values = np.array([[10, -1, 30]], dtype="int16")
    path = write(tmp_path / "any.tif", values, nodata=-1)
    found = imagery.zonal_mean(lots(place(0, 0, wide=3), place(0.5, 0)), path)
    assert found["mean"].tolist() == pytest.approx([20, 10])
    assert found["known_share"].tolist() == pytest.approx([2 / 3, 0.5])


# The inner steps, on tiles of which nothing but the grid is known


def grid(transform: Affine, *, crs: str = "EPSG:5899", size: int = 1000) -> Any:
    """A tile of so many pixels a side."""
    known = rasterio.CRS.from_string(crs)
    return SimpleNamespace(transform=transform, shape=(size, size), crs=known)


@pytest.mark.parametrize(
    ("pixel_m", "off_m", "found"),
    [
        (100.0, 0.0, [(-1000, 2000)]),
        (100.00009, 0.0, [(-1000, 2000)]),  # 0.09 m over a thousand pixels, 0.0009 of one
        (100.00011, 0.0, []),
        (100.0, 0.09, [(-1000, 2000)]),
        (100.0, 0.11, []),
        (100.0, -0.11, []),
        (50.0, 0.0, []),
    ],
)
def test_a_tile_goes_on_where_its_pixels_do(
    pixel_m: float, off_m: float, found: list[tuple[int, int]]
) -> None:
    # It begins 1000 rows above and 2000 columns to the right.
    other = grid(from_origin(EAST + 200_000 + off_m, TOP + 100_000, pixel_m, pixel_m))
    assert [one[1:] for one in rasters._on_grid(grid(GRID), [other])] == found


@pytest.mark.parametrize("degrees", [0, 90])
def test_pixels_of_degrees_are_measured_on_the_ellipsoid(degrees: float) -> None:
    # A degree of the equator has 111 319.5 m, of a meridian there 110 574.4 m; at 60° a degree of
    # longitude is 55 800 m and one of latitude 111 412 m.
    for north, wide_m, high_m in ((0.0, 111.3195, 110.5744), (60.0, 55.800, 111.412)):
        upright = from_origin(107.0, north + 0.0005, 0.001, 0.001)
        turned = Affine.rotation(degrees, pivot=(107.0, north)) @ upright
        wide, high = rasters._cell_m(grid(turned, crs="EPSG:4326"), 0, 1, 0.5)
        sizes = (wide_m, high_m) if degrees == 0 else (high_m, wide_m)
        assert (*wide, *high) == pytest.approx(sizes, rel=2e-5)


def test_pixels_of_a_turned_grid_in_feet_have_their_metres() -> None:
    # 3 by 4 feet are five along a row, 6 by 8 ten down a column.
    tile = grid(Affine(3, -8, 0, 4, 6, 0), crs="EPSG:2264")
    wide, high = rasters._cell_m(tile, 2, 4, 7.0)
    foot = 1200 / 3937
    assert [*wide, *high] == pytest.approx([5 * foot] * 2 + [10 * foot] * 2)
