"""CRS: what is fit for areas is measured; one operation leads to WGS 84."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from shapely import Point, box

from kcngeo.core import crs
from kcngeo.core.crs import operations
from kcngeo.core.errors import CRSError

LOC_SON = (107.842, 11.524)


def layer(
    code: str | None, *, lon: float = LOC_SON[0], lat: float = LOC_SON[1]
) -> gpd.GeoDataFrame:
    """A square of 1 km at a place, drawn in the coordinates of a CRS."""
    if code is None:
        return gpd.GeoDataFrame(geometry=[box(0, 0, 1000, 1000)])
    project = pyproj.Transformer.from_crs(4326, code, always_xy=True)
    x, y = project.transform(lon, lat)
    return gpd.GeoDataFrame(geometry=[box(x, y, x + 1000, y + 1000)], crs=code)


@pytest.mark.parametrize("code", ["EPSG:5899", "EPSG:32648", "EPSG:9218"])
def test_a_crs_made_for_the_place_is_fit(code: str) -> None:
    # UTM 48N is off by 0.17 % at Lộc Sơn (183.32 ha for 183.00), TM-3 by 0.02 %: both under 0.2 %.
    crs.require_metric_crs(layer(code), name="parcels")


@pytest.mark.parametrize(
    ("code", "match"),
    [
        (None, "parcels layer has no CRS"),
        ("EPSG:4326", "in degrees"),
        ("EPSG:4756", "in degrees"),
        ("EPSG:2927", r"in feet \(US survey foot\)"),
        # 191.83 ha on the grid for 183.00 on the ellipsoid is +4.8 %.
        ("EPSG:3857", r"misstates its area by \+4\.8.*Reproject to a CRS made for the place"),
        ("EPSG:4978", "not a projected CRS"),
    ],
)
def test_an_unfit_crs_is_refused_with_the_way_out(code: str | None, match: str) -> None:
    frame = layer(code if code != "EPSG:4978" else "EPSG:5899")
    if code == "EPSG:4978":
        frame = frame.set_crs(code, allow_override=True)
    with pytest.raises(CRSError, match=match):
        crs.require_metric_crs(frame, name="parcels")


def test_the_worst_corner_counts() -> None:
    near, far = layer("EPSG:5899"), layer("EPSG:5899", lon=104.9, lat=10.0)
    crs.require_metric_crs(near, name="near")
    both = gpd.GeoDataFrame(geometry=[*near.geometry, *far.geometry], crs="EPSG:5899")
    # 2.85° west of the meridian k = 0.9999 (1 + (2.85 π/180 cos 10°)² / 2) = 1.0011; k² = 1.0022.
    with pytest.raises(CRSError, match=r"misstates its area by \+0\.2") as caught:
        crs.require_metric_crs(both, name="both")
    assert "làm sai diện tích +0,2" in caught.value.message("vi")


def test_the_middle_counts_where_the_corners_are_fit() -> None:
    # Between two parallels that are true, each 1° away, k = 1 - (π/180)²/2 = 0.99985; k² = 0.9997.
    cone = "+proj=lcc +lat_1=10 +lat_2=12 +lat_0=11 +lon_0=107.75 +x_0=500000 +ellps=GRS80"
    ends = [*layer(cone, lon=107.75, lat=10).geometry, *layer(cone, lon=107.75, lat=12).geometry]
    with pytest.raises(CRSError, match=r"misstates its area by .0\.03 %"):
        crs.require_metric_crs(
            gpd.GeoDataFrame(geometry=ends, crs=cone), name="both", area_tolerance=0.0001
        )


def test_length_is_measured_beside_area() -> None:
    # Equal-area everywhere, but 30° from its parallel it stretches one way and shrinks the other.
    frame = layer("EPSG:6933")
    with pytest.raises(CRSError, match="misstates its lengths"):
        crs.require_metric_crs(frame, name="parcels")


def test_tolerances_can_be_tightened() -> None:
    with pytest.raises(CRSError, match="misstates its area"):
        crs.require_metric_crs(layer("EPSG:5899"), name="parcels", area_tolerance=1e-5)


def test_coordinates_outside_the_domain_are_told() -> None:
    frame = gpd.GeoDataFrame(geometry=[box(1e9, 1e9, 1e9 + 10, 1e9 + 10)], crs="EPSG:5899")
    with pytest.raises(CRSError, match="outside the domain"):
        crs.require_metric_crs(frame, name="parcels")


def test_layers_that_disagree_are_named() -> None:
    with pytest.raises(CRSError, match=r"zones layer is in EPSG:5899, parcels layer in EPSG:9218"):
        crs.require_same_crs(zones=layer("EPSG:5899"), parcels=layer("EPSG:9218"))


@pytest.mark.parametrize("lon", [106.9, 107.10, 107.12, 107.842])
def test_vn2000_goes_to_wgs84_by_one_pinned_operation(lon: float) -> None:
    # South of 11.04° N and west of 107.11° E PROJ would choose another operation, 0.79 m away.
    frame = layer("EPSG:5899", lon=lon, lat=10.9)
    pinned = pyproj.Transformer.from_pipeline(
        "+proj=pipeline +step +inv +proj=tmerc +lat_0=0 +lon_0=107.75 +k=0.9999 +x_0=500000 "
        "+y_0=0 +ellps=WGS84 +step +proj=push +v_3 +step +proj=cart +ellps=WGS84 "
        "+step +proj=helmert +x=-191.90441429 +y=-39.30318279 +z=-111.45032835 +rx=0.00928836 "
        "+ry=-0.01975479 +rz=0.00427372 +s=0.252906277 +convention=position_vector "
        "+step +inv +proj=cart +ellps=WGS84 +step +proj=pop +v_3 "
        "+step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )
    expected = np.array(pinned.transform(*np.array(frame.geometry[0].exterior.coords).T)).T
    found = np.array(crs.to_wgs84(frame).geometry[0].exterior.coords)
    np.testing.assert_allclose(found, expected, atol=1e-9)
    assert "EPSG:6960" in crs.wgs84_operation(frame).codes


def test_the_pinned_operation_is_taken_wherever_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    group = operations.TransformerGroup

    def reversed_group(*given: Any, **options: Any) -> Any:
        return SimpleNamespace(transformers=group(*given, **options).transformers[::-1])

    monkeypatch.setattr(operations, "TransformerGroup", reversed_group)
    # Where PROJ knows two of them, and nobody has asked before: what was found is kept.
    assert "EPSG:6960" in crs.wgs84_operation(layer("EPSG:5899", lon=106.3, lat=10.3)).codes


def test_a_polygon_across_the_seam_is_not_torn() -> None:
    west, east = layer("EPSG:5899", lon=107.0, lat=10.5), layer("EPSG:5899", lon=107.2, lat=10.5)
    across = gpd.GeoDataFrame(
        geometry=[shapely.union_all([west.geometry[0], east.geometry[0]]).convex_hull],
        crs="EPSG:5899",
    )
    moved = crs.to_wgs84(across).geometry[0]
    # Back by the same operation everywhere: the shape fits itself to a tenth of a millimetre.
    back = crs.wgs84_operation(across).transformer
    points = np.array(back.transform(*np.array(moved.exterior.coords).T, direction="INVERSE")).T
    np.testing.assert_allclose(points, np.array(across.geometry[0].exterior.coords), atol=1e-4)


def test_another_datum_gets_one_operation_too() -> None:
    frame = layer("EPSG:26986", lon=-71.11, lat=42.37)
    operation = crs.wgs84_operation(frame)
    assert operation.codes[1] == "EPSG:1188"
    assert operation.accuracy_m == 4.0
    moved = crs.to_wgs84(frame)
    assert moved.crs == crs.WGS84
    assert moved.geometry[0].distance(Point(-71.11, 42.37)) < 1e-6


def test_the_whole_extent_of_a_layer_decides_which_operation_fits_it() -> None:
    # NAD27 to WGS 84 is EPSG:1173 for the United States, and another for the west of them alone.
    ends = [box(-118, 33, -117.9, 33.1), box(-70.1, 44.9, -70, 45)]
    whole = gpd.GeoDataFrame(geometry=ends, crs="EPSG:4267")
    is_general = ["EPSG:1173" in crs.wgs84_operation(one).codes for one in (whole, whole.iloc[:1])]
    assert is_general == [True, False]
    # What lies beyond the degrees of a globe lies nowhere.
    with pytest.raises(CRSError, match="no known operation"):
        crs.to_crs(
            gpd.GeoDataFrame(geometry=[box(-200, 10, -199, 11)], crs="EPSG:4326"), "EPSG:5899"
        )


@pytest.mark.parametrize("unit", ["furlongs", "0", "-1", "inf", "nan"])
def test_a_unit_without_a_length_is_refused(unit: str) -> None:
    with pytest.raises(CRSError, match=f"{unit} is no unit of length"):
        crs.metres_of(unit)


def test_nothing_is_moved_or_changed_in_the_input() -> None:
    frame = layer("EPSG:5899")
    before = frame.copy()
    crs.to_wgs84(frame)
    assert frame.equals(before)
    assert frame.crs == before.crs


def test_nothing_is_guessed_between_datums_that_nobody_relates() -> None:
    # An ellipsoid alone is no datum: PROJ would offer to take its degrees for those of VN-2000.
    own = "+proj=tmerc +lon_0=107.75 +k=0.9999 +x_0=500000 +ellps=clrk66 +units=m"
    frame = layer("EPSG:5899").set_crs(own, allow_override=True)
    with pytest.raises(CRSError, match="no known operation leads from unknown to EPSG:9218"):
        crs.to_crs(frame, "EPSG:9218")


@pytest.mark.parametrize(
    ("sound", "astray", "found"), [(2, 1, [2]), (3, 2, [3, 4]), (1, 1, []), (2, 2, []), (1, 2, [])]
)
def test_less_than_half_of_the_rows_may_stray(sound: int, astray: int, found: list[int]) -> None:
    # What strays lies ten times as far from the equator and the meridian of the grid.
    square = layer("EPSG:5899").geometry[0]
    far = shapely.transform(square, lambda points: points * 10)
    frame = gpd.GeoDataFrame(geometry=[square] * sound + [far] * astray, crs="EPSG:5899")
    assert crs.strays(frame).tolist() == found


def test_a_layer_without_crs_cannot_go_anywhere() -> None:
    with pytest.raises(CRSError, match="has no CRS"):
        crs.to_wgs84(layer(None))


def test_two_grids_of_one_datum_differ_by_their_scale_alone() -> None:
    # On its own meridian the grid of 107°45' is 0.9999 of the ground; that of 108°30', 0.75° away
    # at 11.5° N (82 km), is larger by x²/2R² = (82/6371)²/2 = 0.0083 %.
    frame = layer("EPSG:5899", lon=107.75, lat=11.5)
    operation = crs.operation_to(frame, "EPSG:9218")
    assert not any("6960" in code for code in operation.codes)
    moved = crs.to_crs(frame, "EPSG:9218")
    lengths = moved.length.iloc[0] / frame.length.iloc[0]
    assert lengths == pytest.approx(1.000083, abs=2e-6)
    back = crs.to_crs(moved, frame.crs)
    np.testing.assert_allclose(
        shapely.get_coordinates(back.geometry), shapely.get_coordinates(frame.geometry), atol=1e-8
    )


def test_from_wgs84_it_is_the_same_operation_backwards() -> None:
    frame = layer("EPSG:5899", lon=107.0, lat=10.9)
    there = crs.to_wgs84(frame)
    assert "INVERSE(EPSG):6960" in crs.operation_to(there, "EPSG:5899").codes
    back = crs.to_crs(there, "EPSG:5899")
    np.testing.assert_allclose(
        shapely.get_coordinates(back.geometry), shapely.get_coordinates(frame.geometry), atol=1e-4
    )


def test_a_target_that_is_no_crs_is_refused() -> None:
    with pytest.raises(CRSError, match="EPSG:1 is no CRS"):
        crs.to_crs(layer("EPSG:5899"), "EPSG:1")
