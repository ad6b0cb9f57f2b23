"""Kernels: areas within, pairs within, overlaps; by hand on squares and against plain shapely."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, box

from kcngeo.core import distance_join, geometry
from kcngeo.core.errors import CRSError, GeometryError
from tests.squares import CRS, EAST, NORTH, square


def layer(*shapes: object, index: list[str] | None = None) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=list(shapes), index=index, crs=CRS)


def test_areas_of_inside_straddling_outside_and_touching() -> None:
    lots = layer(
        square(0),  # inside the fence, sharing its west side
        square(1.5),  # a quarter outside: see below
        square(2, -1),  # touches the fence from below
        square(5),  # far away
        index=["in", "half", "touch", "out"],
    )
    fence = layer(square(0, wide=2.25), index=["fence"])
    # "half" spans 1.5 to 2.5, the fence ends at 2.25: 0.75 of 10 000 m².
    expected = pd.DataFrame(
        {"left": ["in", "half"], "right": ["fence", "fence"], "area_m2": [10_000.0, 7_500.0]}
    )
    pd.testing.assert_frame_equal(geometry.areas_within(lots, fence), expected)


def test_a_lot_in_two_fences_is_given_for_both() -> None:
    found = geometry.areas_within(layer(square(0)), layer(square(0), square(0.5)))
    assert found["right"].tolist() == [0, 1]
    assert found["area_m2"].tolist() == [10_000.0, 5_000.0]


def test_holes_are_outside() -> None:
    fence = square(0, wide=3).difference(square(1.25, 0.25, wide=0.5, high=0.5))
    found = geometry.areas_within(layer(square(1)), layer(fence))
    # The hole takes 50 m × 50 m of the lot.
    assert found["area_m2"].tolist() == [7_500.0]


def test_nothing_meets_nothing() -> None:
    found = geometry.areas_within(layer(square(0)), layer(square(5)))
    assert list(found.columns) == ["left", "right", "area_m2"]
    assert found.empty
    assert geometry.areas_within(layer(), layer()).empty


def test_broken_geometries_are_all_named() -> None:
    bow = Polygon([(EAST, NORTH), (EAST + 1, NORTH + 1), (EAST + 1, NORTH), (EAST, NORTH + 1)])
    lots = layer(square(0), bow, None, Polygon(), Point(EAST, NORTH), index=list("abcde"))
    with pytest.raises(GeometryError, match="4 geometries of left") as caught:
        geometry.areas_within(lots, layer(square(0)))
    shown = str(caught.value)
    assert "row b: Self-intersection" in shown
    assert "row c: no geometry" in shown
    assert "row d: empty" in shown
    assert "row e: Point" in shown


def test_layers_must_agree() -> None:
    with pytest.raises(CRSError, match="Bring both into one CRS"):
        geometry.areas_within(layer(square(0)), layer(square(0)).to_crs(9218))


@pytest.mark.parametrize("threaded_from", [1, 7, 10_000])
def test_areas_agree_with_plain_shapely_however_they_are_split(
    threaded_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(geometry, "_THREADED_FROM", threaded_from)
    random = np.random.default_rng(5)
    x, y = EAST + random.uniform(0, 1000, 200), NORTH + random.uniform(0, 1000, 200)
    lots = gpd.GeoDataFrame(geometry=shapely.buffer(shapely.points(x, y), 40), crs=CRS)
    corners = random.uniform(0, 800, (9, 2))
    fences = layer(*(Point(EAST + a, NORTH + b).buffer(180) for a, b in corners))
    found = geometry.areas_within(lots, fences).set_index(["left", "right"])["area_m2"]
    expected = {
        (i, j): one.intersection(other).area
        for i, one in enumerate(lots.geometry)
        for j, other in enumerate(fences.geometry)
        if one.intersection(other).area > 0
    }
    assert sorted(found.index) == sorted(expected)
    for pair, area_m2 in expected.items():
        assert found[pair] == pytest.approx(area_m2, rel=1e-9)


@pytest.mark.parametrize(
    ("gap_m", "is_found"), [(0.0, True), (99.0, True), (100.0, True), (101.0, False)]
)
def test_a_pair_exactly_at_the_distance_is_in(gap_m: float, *, is_found: bool) -> None:
    left = layer(square(0), index=["lot"])
    right = layer(box(EAST + 100 + gap_m, NORTH, EAST + 200 + gap_m, NORTH + 100), index=["home"])
    found = geometry.pairs_within(left, right, distance_m=100)
    assert len(found) == is_found
    if is_found:
        assert found.to_dict("list") == {"left": ["lot"], "right": ["home"], "distance_m": [gap_m]}


@pytest.mark.parametrize("many_edges", [0, 50, 10**9])
@pytest.mark.parametrize("a_part", [3, 10_000])
def test_pairs_agree_with_plain_shapely_however_they_are_searched(
    many_edges: int, a_part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distance_join, "_MANY_EDGES", many_edges)
    monkeypatch.setattr(distance_join, "_A_PART", a_part)
    random = np.random.default_rng(7)

    def shapes(count: int) -> list[object]:
        """Points, lines, circles and crescents, whose boxes say little of where they are."""
        made: list[object] = []
        for x, y in random.uniform(0, 1500, (count, 2)):
            point = Point(EAST + x, NORTH + y)
            disc = point.buffer(90)
            crescent = disc.difference(Point(EAST + x + 40, NORTH + y + 40).buffer(80))
            diagonal = LineString([(EAST + x, NORTH + y), (EAST + x + 200, NORTH + y + 200)])
            made.append([point, disc, crescent, diagonal][random.integers(4)])
        return made

    left, right = layer(*shapes(60)), layer(*shapes(60))
    distance_m = pd.Series(random.uniform(0, 300, 60))
    found = geometry.pairs_within(left, right, distance_m=distance_m)
    expected = [
        (i, j, one.distance(other))
        for i, one in enumerate(left.geometry)
        for j, other in enumerate(right.geometry)
        if one.distance(other) <= distance_m[i]
    ]
    assert len(expected) > 100
    assert found[["left", "right"]].to_numpy().tolist() == [[i, j] for i, j, _ in expected]
    np.testing.assert_allclose(found["distance_m"], [gap for *_, gap in expected], atol=1e-9)


def test_what_has_no_shape_is_near_nothing() -> None:
    left = layer(None, Polygon(), square(0))
    found = geometry.pairs_within(left, layer(square(1), None, Point()), distance_m=500)
    assert found[["left", "right"]].to_numpy().tolist() == [[2, 0]]


def test_each_row_may_have_its_own_distance() -> None:
    left = layer(square(0), square(0, 3), square(0, 6), index=["a", "b", "c"])
    right = layer(Point(EAST + 150, NORTH + 50), Point(EAST + 150, NORTH + 350))
    distance_m = pd.Series([50.0, 49.9, np.nan], index=left.index)
    found = geometry.pairs_within(left, right, distance_m=distance_m)
    assert found[["left", "right"]].to_numpy().tolist() == [["a", 0]]


def test_points_lines_and_polygons_may_meet() -> None:
    road = LineString([(EAST, NORTH), (EAST + 300, NORTH)])
    found = geometry.pairs_within(
        layer(Point(EAST, NORTH + 10), road), layer(square(0, 0.2)), distance_m=10
    )
    # The square begins 20 m above the road and 10 m above the point.
    assert found["left"].tolist() == [0]
    assert found["distance_m"].tolist() == [10.0]


@pytest.mark.parametrize("distance_m", [-1.0, float("inf")])
def test_a_distance_must_be_a_distance(distance_m: float) -> None:
    with pytest.raises(GeometryError, match="must be 0 m or more"):
        geometry.pairs_within(layer(square(0)), layer(square(1)), distance_m=distance_m)


def test_distances_on_another_index_are_refused() -> None:
    with pytest.raises(GeometryError, match="index of the left layer"):
        geometry.pairs_within(
            layer(square(0)), layer(square(1)), distance_m=pd.Series([1.0], index=[7])
        )


@given(st.floats(0, 500), st.floats(0, 500))
def test_a_longer_distance_never_finds_fewer(one_m: float, other_m: float) -> None:
    left = layer(*(square(column) for column in (0, 3, 6)))
    right = layer(*(Point(EAST + 137 * k, NORTH + 71 * k) for k in range(8)))
    short, long = sorted((one_m, other_m))
    fewer = geometry.pairs_within(left, right, distance_m=short)
    more = geometry.pairs_within(left, right, distance_m=long)
    assert set(fewer.itertuples(index=False)) <= set(more.itertuples(index=False))


@pytest.mark.parametrize(
    ("shift_m", "count"),
    # Two lots of 100 m: shifted by 99.99 m they share 0.01 × 100 = 1 m², which still is touching.
    [(100.0, 0), (99.995, 0), (99.98, 1), (50.0, 1), (0.0, 1)],
)
def test_more_than_a_square_metre_is_an_overlap(shift_m: float, count: int) -> None:
    pair = layer(square(0), square(shift_m / 100))
    found = geometry.overlaps(pair)
    assert len(found) == count
    if count:
        assert found[["left", "right"]].to_numpy().tolist() == [[0, 1]]
        assert found["area_m2"].iloc[0] == pytest.approx((100 - shift_m) * 100, rel=1e-6)


def test_a_lot_inside_another_and_a_duplicate_overlap() -> None:
    inner = square(0.25, 0.25, wide=0.5, high=0.5)
    found = geometry.overlaps(layer(square(0), inner, square(0)))
    assert found[["left", "right"]].to_numpy().tolist() == [[0, 1], [0, 2], [1, 2]]
    assert found["area_m2"].tolist() == [2_500.0, 10_000.0, 2_500.0]


def test_a_distance_below_0_is_named() -> None:
    left = layer(square(0), square(5))
    limits = pd.Series([0.0, -0.5], index=left.index)
    with pytest.raises(GeometryError, match=r"these are not: row 1\."):
        geometry.pairs_within(left, layer(square(1)), distance_m=limits)


def test_pairs_are_sorted_and_numbered_however_the_lots_lie() -> None:
    # Five lots on each other, each 10 m east of another: all ten pairs.
    found = geometry.overlaps(layer(*(square(place / 10) for place in (3, 0, 4, 1, 2))))
    pairs = [[one, other] for one in range(5) for other in range(one + 1, 5)]
    assert found[["left", "right"]].to_numpy().tolist() == pairs
    assert found.index.tolist() == list(range(10))


def test_area_on_three_bases() -> None:
    frame = layer(square(0)).assign(certificate_area_m2=[9_990.0])
    grid, ellipsoid, certificate = (
        geometry.areas_m2(frame, basis=basis, certificate="certificate_area_m2")[0]
        for basis in ("grid", "ellipsoid", "certificate")
    )
    assert grid == 10_000.0
    # On the central meridian (easting 500 000) the scale is 0.9999: 10 000 / 0.9999².
    assert ellipsoid == pytest.approx(10_000 / 0.9999**2, rel=1e-6)
    assert certificate == 9_990.0
    with pytest.raises(ValueError, match="area must be one of grid, ellipsoid, certificate"):
        geometry.areas_m2(frame, basis="paper", certificate="")


def test_a_hole_is_subtracted_on_the_ellipsoid_however_it_winds() -> None:
    outer, inner = square(0), square(0.25, 0.25, wide=0.5, high=0.5)
    for ring in (inner.exterior.coords, inner.exterior.coords[::-1]):
        for shell in (outer.exterior.coords, outer.exterior.coords[::-1]):
            frame = layer(Polygon(shell, [ring]))
            area_m2 = geometry.areas_m2(frame, basis="ellipsoid", certificate="")[0]
            assert area_m2 == pytest.approx(7_500 / 0.9999**2, rel=1e-6)


@pytest.mark.parametrize(("end", "count"), [(10, 0), (11, 1)])
def test_polygons_overlap_only_while_both_are_there(end: int, count: int) -> None:
    pair = layer(square(0), square(0))
    start = np.array([0, 10])
    found = geometry.overlaps(pair, start=start, end=np.array([end, 20]))
    assert len(found) == count
