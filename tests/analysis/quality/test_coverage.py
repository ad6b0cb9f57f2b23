"""Overlaps, gaps and slivers: by hand on squares of 1 ha, by law, and on real layers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon, box

from kcngeo.analysis import quality
from kcngeo.analysis.quality.coverage import _polygonal
from kcngeo.core.coverage import suspects
from kcngeo.core.errors import CRSError, GeometryError
from tests import squares

X, Y = squares.EAST, squares.NORTH


def lots(*shapes: Any, **columns: Any) -> gpd.GeoDataFrame:
    names = [f"P{number}" for number in range(len(shapes))]
    return squares.parcels(*names, **columns).set_geometry(list(shapes), crs=squares.CRS)


def strip(west: float, east: float, *, south: float = 0, north: float = 100) -> Any:
    """A rectangle by its distances in metres from the corner of the grid."""
    return box(X + west, Y + south, X + east, Y + north)


def told(found: gpd.GeoDataFrame) -> list[tuple[str, tuple[str, ...], float, float]]:
    return [
        (row.rule, row.ids, round(row.area_m2, 6), round(row.width_m, 6))
        for row in found.itertuples()
    ]


def test_a_row_of_lots_that_fit_is_clean() -> None:
    found = quality.coverage_findings(lots(*map(squares.square, range(5))), gap_width_m=1.0)
    assert found.empty
    assert found.crs == squares.CRS
    expected = "rule severity ids zone_id area_m2 width_m valid_from valid_to geometry"
    assert found.columns.tolist() == expected.split()


def test_each_kind_with_its_area_and_width() -> None:
    frame = lots(
        strip(0, 100),
        strip(99.5, 200),  # 0.5 m × 100 m in both
        strip(200.25, 300),  # 0.25 m × 100 m in none
        strip(300, 300.75),  # 0.75 m wide
    )
    assert told(quality.coverage_findings(frame, gap_width_m=1.0)) == [
        ("overlap", ("P0", "P1"), 50.0, 0.5),
        ("gap", ("P1", "P2"), 25.0, 0.25),
        ("sliver", ("P3",), 75.0, 0.75),
    ]


@pytest.mark.parametrize(
    ("apart_m", "is_gap"), [(0.0, False), (0.02, True), (0.99, True), (1.0, True), (1.01, False)]
)
def test_land_between_lots_is_a_gap_up_to_the_width(apart_m: float, *, is_gap: bool) -> None:
    frame = lots(strip(0, 100), strip(100 + apart_m, 200))
    found = quality.coverage_findings(frame, gap_width_m=1.0)
    assert (found["rule"].tolist() == ["gap"]) is is_gap
    if is_gap:
        assert found["area_m2"].tolist() == pytest.approx([apart_m * 100])


@pytest.mark.parametrize(
    ("width_m", "is_sliver"), [(0.5, True), (0.99, True), (1.0, True), (1.01, False)]
)
def test_a_part_of_a_lot_is_a_sliver_up_to_the_width(width_m: float, *, is_sliver: bool) -> None:
    two_parts = shapely.MultiPolygon([strip(0, 50), strip(60, 60 + width_m)])
    found = quality.coverage_findings(lots(two_parts), gap_width_m=1.0)
    assert (found["rule"].tolist() == ["sliver"]) is is_sliver
    if is_sliver:
        assert found["area_m2"].tolist() == pytest.approx([100 * width_m])


@pytest.mark.parametrize(
    ("deep_m", "is_found"), [(0.005, False), (0.0099, False), (0.0101, True), (50.0, True)]
)
def test_up_to_a_square_metre_is_rounding(deep_m: float, *, is_found: bool) -> None:
    overlap = quality.coverage_findings(
        lots(strip(0, 100), strip(100 - deep_m, 200)), gap_width_m=0.0
    )
    assert (overlap["rule"].tolist() == ["overlap"]) is is_found


def test_one_square_metre_is_rounding_still() -> None:
    # 1 m × 1 m, in whole numbers.
    both = lots(strip(0, 100, north=1), strip(99, 200, north=1))
    assert quality.coverage_findings(both, gap_width_m=0.0).empty


@pytest.mark.parametrize(("opening_m", "is_gap"), [(0.5, True), (0.9, True), (2.0, False)])
def test_a_wedge_is_a_gap_if_it_is_narrow_at_its_mouth(opening_m: float, *, is_gap: bool) -> None:
    # The lots touch in the south and are apart by the opening 100 m further north.
    wedge = Polygon(
        [(X + 100, Y), (X + 200, Y), (X + 200, Y + 100), (X + 100 + opening_m, Y + 100)]
    )
    found = quality.coverage_findings(lots(strip(0, 100), wedge), gap_width_m=1.0)
    assert (found["rule"].tolist() == ["gap"]) is is_gap
    if is_gap:
        assert found["ids"].tolist() == [("P0", "P1")]
        assert found["area_m2"].tolist() == pytest.approx([opening_m * 100 / 2], rel=0.01)
        assert 0.9 * opening_m < found["width_m"].item() <= opening_m


def test_a_corner_between_lots_is_no_gap() -> None:
    # Two lots meet in a point; the corners beside it stay free.
    found = quality.coverage_findings(
        lots(strip(0, 100), strip(100, 200, south=100, north=200)), gap_width_m=5.0
    )
    assert found.empty


def test_a_vertex_more_on_a_common_edge_is_no_defect() -> None:
    bent = Polygon([(X, Y), (X + 100, Y), (X + 100, Y + 40), (X + 100, Y + 100), (X, Y + 100)])
    assert quality.coverage_findings(lots(bent, strip(100, 200)), gap_width_m=1.0).empty


def test_a_hole_drawn_twice_is_an_overlap_of_the_whole_inner_lot() -> None:
    found = quality.coverage_findings(lots(strip(0, 100), strip(20, 30)), gap_width_m=1.0)
    assert told(found) == [("overlap", ("P0", "P1"), 1000.0, 10.0)]


@pytest.mark.parametrize(
    ("ends", "begins", "is_found"),
    [
        ("2018-01-01", "2018-01-01", False),
        ("2018-01-02", "2018-01-01", True),
        (None, None, True),
    ],
)
def test_lots_are_compared_while_both_are_in_force(
    ends: str | None, begins: str | None, *, is_found: bool
) -> None:
    frame = lots(strip(0, 100), strip(50, 150), valid_to=[ends, None], valid_from=[None, begins])
    found = quality.coverage_findings(frame, gap_width_m=1.0)
    assert (found["rule"].tolist() == ["overlap"]) is is_found
    if ends is not None and is_found:
        assert found["valid_from"].tolist() == [pd.Timestamp("2018-01-01")]
        assert found["valid_to"].tolist() == [pd.Timestamp("2018-01-02")]


def test_a_gap_stands_from_the_day_a_neighbour_goes_to_the_day_it_is_filled() -> None:
    # The strip between the lots belongs to nobody in 2018 only. P3 ends far away in between, so
    # the gap is dissolved anew, but stays one.
    frame = lots(
        strip(0, 100),
        strip(100, 100.5),
        strip(100.5, 200),
        strip(300, 400),
        strip(100, 100.5),
        valid_from=[None, None, None, None, "2019-01-01"],
        valid_to=[None, "2018-01-01", None, "2018-06-01", None],
    )
    found = quality.coverage_findings(frame, gap_width_m=0.6)
    gaps = found[found["rule"] == "gap"]
    assert gaps[["ids", "area_m2"]].to_numpy().tolist() == [[("P0", "P2"), 50.0]]
    assert gaps["valid_from"].tolist() == [pd.Timestamp("2018-01-01")]
    assert gaps["valid_to"].tolist() == [pd.Timestamp("2019-01-01")]


def test_gaps_are_looked_for_within_a_zone_overlaps_everywhere() -> None:
    apart = lots(strip(0, 100), strip(100.5, 200), zone=["A", "B"])
    assert quality.coverage_findings(apart, gap_width_m=1.0).empty
    across = lots(strip(0, 100), strip(99, 200), zone=["B", "A"])
    assert quality.coverage_findings(across, gap_width_m=1.0)["zone_id"].tolist() == ["A|B"]


def test_an_overlap_weighs_less_where_no_rate_counts_the_land() -> None:
    for use, severity in (("service", "error"), ("green", "warning")):
        frame = lots(strip(0, 100), strip(99, 200), use=["industrial", use])
        found = quality.coverage_findings(frame, gap_width_m=1.0)
        assert found["severity"].tolist() == [severity]


def test_a_layer_needs_neither_ids_nor_zones() -> None:
    shapes = [strip(0, 100), strip(99, 200)]
    plain = gpd.GeoDataFrame(geometry=shapes, crs=squares.CRS, index=[7, 9])
    found = quality.coverage_findings(plain, gap_width_m=1.0)
    assert found["ids"].tolist() == [("row 7", "row 9")]
    assert found["zone_id"].isna().all()
    assert quality.coverage_findings(plain.iloc[:0], gap_width_m=1.0).empty


def test_what_cannot_be_measured_is_refused() -> None:
    with pytest.raises(GeometryError, match="cannot be measured"):
        quality.coverage_findings(lots(strip(0, 100), None), gap_width_m=1.0)
    with pytest.raises(CRSError, match="3857"):
        quality.coverage_findings(lots(strip(0, 100)).to_crs(3857), gap_width_m=1.0)
    for width_m in (-1.0, np.inf, np.nan):
        with pytest.raises(ValueError, match="gap_width_m must be 0 m or more"):
            quality.coverage_findings(lots(strip(0, 100)), gap_width_m=width_m)


# Laws

BOXES = st.lists(
    st.tuples(*[st.integers(0, 12)] * 2, *[st.integers(1, 6)] * 2), min_size=1, max_size=12
)


@given(boxes=BOXES, turn=st.sampled_from([0.0, 17.0, 45.0]))
@settings(max_examples=40)
def test_overlaps_are_those_of_every_pair_intersected(
    boxes: list[tuple[int, int, int, int]], turn: float
) -> None:
    shapes = [box(X + x, Y + y, X + x + wide, Y + y + high) for x, y, wide, high in boxes]
    shapes = [shapely.affinity.rotate(shape, turn, origin=(X, Y)) for shape in shapes]
    found = quality.coverage_findings(lots(*shapes), gap_width_m=0.0, tolerance_m2=0.01)
    expected = {
        (f"P{one}", f"P{other}"): shapes[one].intersection(shapes[other]).area
        for one in range(len(shapes))
        for other in range(one + 1, len(shapes))
        if shapes[one].intersection(shapes[other]).area > 0.01
    }
    assert dict(zip(found["ids"], found["area_m2"], strict=True)) == pytest.approx(expected)


@given(boxes=BOXES)
@settings(max_examples=20)
def test_order_and_place_change_nothing(boxes: list[tuple[int, int, int, int]]) -> None:
    shapes = [box(X + x, Y + y, X + x + wide, Y + y + high) for x, y, wide, high in boxes]
    frame = lots(*shapes)
    before = frame.copy()
    moved = frame.set_geometry(frame.geometry.translate(1000, -2000)).iloc[::-1]
    sums = [
        {
            (row.rule, frozenset(row.ids), round(row.area_m2, 3))
            for row in quality.coverage_findings(one, gap_width_m=1.5).itertuples()
        }
        for one in (frame, moved)
    ]
    assert sums[0] == sums[1]
    pd.testing.assert_frame_equal(frame, before)


def test_parts_of_the_search_see_the_same_as_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    west, south = random.uniform(0, 500, (2, 400))
    shapes = shapely.box(X + west, Y + south, X + west + 20, Y + south + 15)
    whole = suspects(shapes, tolerance_m2=1.0)
    monkeypatch.setattr("kcngeo.core.coverage._PART", 37)
    parts = suspects(shapes, tolerance_m2=1.0)
    assert np.array_equal(whole.misfit, parts.misfit)
    assert np.array_equal(whole.one, parts.one)
    assert np.array_equal(whole.other, parts.other)


# Real layers, against plain shapely


def plain_overlaps(shapes: Any) -> tuple[int, float]:
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = one < other
    area_m2 = shapely.area(shapely.intersection(shapes[one[pairs]], shapes[other[pairs]]))
    return int((area_m2 > 1).sum()), float(area_m2[area_m2 > 1].sum())


def test_cambridge(shared_data: Path) -> None:
    file = shared_data / "cambridge_parcels" / "ASSESSING_ParcelsFY2013.topojson"
    layer = gpd.read_file(file).set_crs(4326, allow_override=True).to_crs(26986)
    valid = layer[layer.geometry.is_valid & ~layer.geometry.is_empty].reset_index(drop=True)
    assert len(layer) - len(valid) == 22
    with pytest.raises(GeometryError, match="22 geometries"):
        quality.coverage_findings(layer, gap_width_m=1.0)
    found = quality.coverage_findings(valid, gap_width_m=1.0)
    shapes = valid.geometry.to_numpy()
    count, area_m2 = plain_overlaps(shapes)
    overlaps = found[found["rule"] == "overlap"]
    assert len(overlaps) == count == 24
    assert overlaps["area_m2"].sum() == pytest.approx(area_m2)
    # A gap is land of nobody: nothing of it lies in a parcel.
    gaps = found.geometry[found["rule"] == "gap"].to_numpy()
    row, lot = shapely.STRtree(shapes).query(gaps)
    assert shapely.area(shapely.intersection(gaps[row], shapes[lot])).max() < 1e-3
    # And closed gaps are holes of the whole city, found here by dissolving it.
    whole = shapely.union_all(shapes)
    parts = shapely.get_parts(whole)
    holes = np.array([Polygon(ring) for part in parts for ring in part.interiors])
    holes = holes[(shapely.area(holes) > 1) & (quality.coverage.widths_m(holes) <= 1.0)]
    hit = shapely.STRtree(gaps).query(holes, predicate="intersects")[0]
    assert len(holes) >= 3
    assert set(hit) == set(range(len(holes)))


def test_a_sliver_may_be_as_small_as_a_hand() -> None:
    # A centimetre by a metre, far from the lot of a hectare.
    found = quality.coverage_findings(
        lots(strip(0, 100), strip(200, 200.01, north=1)), gap_width_m=1.0
    )
    assert told(found) == [("sliver", ("P1",), pytest.approx(0.01), pytest.approx(0.01, rel=0.02))]


def test_no_polygons_are_no_suspects() -> None:
    found = suspects(np.empty(0, dtype=object), tolerance_m2=1.0)
    assert [len(one) for one in (found.one, found.other, found.misfit)] == [0, 0, 0]


def test_a_width_is_that_of_the_largest_circle() -> None:
    # In a triangle of 3, 4 and 5 m a circle of 2 m fits, in one a hundred times smaller of 2 cm;
    # neither stands in the middle of the box.
    corners = np.array([(0, 0), (3, 0), (0, 4)])
    shapes = np.array([Polygon(corners), Polygon(corners / 100)])
    assert quality.coverage.widths_m(shapes) == pytest.approx([2, 0.02], rel=0.01)


def test_ten_communes_of_lam_dong_fit_edge_by_edge(shared_data: Path) -> None:
    files = sorted((shared_data / "vn_lamdong_2025").glob("2*.geojson"))
    layers = [gpd.read_file(file) for file in files]
    communes = pd.concat(layers, ignore_index=True).to_crs(5899)
    assert len(communes) == 10
    assert plain_overlaps(communes.geometry.to_numpy()) == (0, 0.0)
    assert quality.coverage_findings(communes, gap_width_m=1.0).empty
    # One of them drawn 50 m further east overlaps its neighbours.
    shapes = communes.geometry.to_numpy().copy()
    shapes[0] = shapely.affinity.translate(shapes[0], 50)
    found = quality.coverage_findings(communes.set_geometry(shapes, crs=5899), gap_width_m=0.0)
    count, area_m2 = plain_overlaps(shapes)
    assert count > 0
    assert len(found) == count
    assert found["area_m2"].sum() == pytest.approx(area_m2)


def test_of_what_two_lots_share_the_land_counts_and_no_line() -> None:
    land, line = box(0, 0, 1, 1), shapely.LineString([(5, 0), (5, 1)])
    shared = np.array([shapely.GeometryCollection([land, line]), land], dtype=object)
    assert [one.geom_type for one in _polygonal(shared)] == ["MultiPolygon", "Polygon"]
    assert shapely.area(_polygonal(shared)).tolist() == [1.0, 1.0]
