"""Repairs on squares of 1 ha: what changes, by how much, and what is refused."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely import Polygon, box

from kcngeo.analysis import quality
from kcngeo.core.errors import CRSError, GeometryError
from tests import squares

X, Y = squares.EAST, squares.NORTH


def lots(*shapes: Any, **columns: Any) -> gpd.GeoDataFrame:
    names = [f"P{number}" for number in range(len(shapes))]
    return squares.parcels(*names, **columns).set_geometry(list(shapes), crs=squares.CRS)


def test_an_overlap_goes_to_one_parcel_and_the_sums_tell() -> None:
    # P1 begins 0.05 m inside P0: 0.05 m × 100 m = 5 m² lie in both.
    pair = lots(squares.square(0), box(X + 99.95, Y, X + 200, Y + 100))
    mended = quality.repair(pair, ["coverage_clean"], at_most_m2=5.0)
    assert mended.before_m2 == pytest.approx(20_005.0)
    assert mended.after_m2 == pytest.approx(20_000.0)
    assert quality.coverage_findings(mended.frame, gap_width_m=1.0).empty
    (change,) = mended.log.to_dict("records")
    assert change["operation"] == "coverage_clean"
    assert change["moved_m2"] == pytest.approx(5.0)
    assert change["area_before_m2"] - change["area_after_m2"] == pytest.approx(5.0)
    assert "20005.0 m² before, 20000.0 m² after" in repr(mended)


@pytest.mark.parametrize(("at_most_m2", "is_done"), [(4.9, False), (5.1, True)])
def test_what_would_move_more_than_allowed_is_refused(at_most_m2: float, *, is_done: bool) -> None:
    pair = lots(squares.square(0), box(X + 99.95, Y, X + 200, Y + 100))
    before = pair.copy()
    if is_done:
        assert len(quality.repair(pair, ["coverage_clean"], at_most_m2=at_most_m2).log) == 1
    else:
        with pytest.raises(GeometryError, match=r"more than 4\.9 m² of: P\d \(5\.0 m²\)"):
            quality.repair(pair, ["coverage_clean"], at_most_m2=at_most_m2)
    pd.testing.assert_frame_equal(pair, before)


def test_a_gap_is_closed_only_up_to_the_width_asked_for() -> None:
    # 0.05 m × 100 m between two lots that a third joins at the top: a gap with one open end is
    # none to GEOS, so a fourth closes it at the bottom.
    frame = lots(
        squares.square(0),
        box(X + 100.05, Y, X + 200, Y + 100),
        box(X, Y + 100, X + 200, Y + 200),
        box(X, Y - 100, X + 200, Y),
    )
    left = quality.repair(frame, ["coverage_clean"], gap_width_m=0.01)
    assert left.log.empty
    closed = quality.repair(frame, ["coverage_clean"], gap_width_m=0.1, at_most_m2=5.1)
    assert closed.after_m2 - closed.before_m2 == pytest.approx(5.0)
    assert closed.log["moved_m2"].tolist() == pytest.approx([5.0])


def test_an_invalid_boundary_is_redrawn() -> None:
    # A spike of no width runs 5 m out of the square: the area stays 1 ha.
    x, y = X + 100, Y + 100
    spiked = Polygon([(X, Y), (x, Y), (x, y), (x + 5, y), (x, y), (X, y)])
    mended = quality.repair(lots(spiked), ["make_valid"])
    assert mended.frame.geometry.is_valid.all()
    assert mended.log[["change", "id", "moved_m2"]].to_numpy().tolist() == [["changed", "P0", 0.0]]
    assert mended.after_m2 == pytest.approx(10_000.0)


def test_a_bow_tie_is_not_guessed() -> None:
    # Its written area is 0, its two triangles have 5000 m²: more than anybody allowed.
    bow_tie = Polygon([(X, Y), (X + 100, Y + 100), (X + 100, Y), (X, Y + 100)])
    with pytest.raises(GeometryError, match=r"P0 \(5000\.0 m²\)"):
        quality.repair(lots(bow_tie), ["make_valid"])


def test_a_row_is_dropped_only_if_it_repeats_another_in_everything() -> None:
    twice = lots(squares.square(0), squares.square(1))
    turned = shapely.Polygon(squares.square(0).exterior.coords[::-1])
    frame = pd.concat([twice, twice.iloc[:1].set_geometry([turned], crs=squares.CRS)])
    other = twice.iloc[:1].assign(parcel_id="P9")
    mended = quality.repair(pd.concat([frame, other]), ["drop_exact_duplicates"])
    assert mended.frame["parcel_id"].tolist() == ["P0", "P1", "P9"]
    told = mended.log[["change", "id", "moved_m2"]].to_numpy().tolist()
    assert told == [["dropped", "P0", 0.0]]
    assert (mended.before_m2, mended.after_m2) == (40_000.0, 30_000.0)


def test_corners_are_moved_onto_a_grid() -> None:
    frame = lots(box(X + 0.0004, Y, X + 100, Y + 100))
    mended = quality.repair(frame, ["snap"], snap_m=0.001)
    assert mended.frame.total_bounds.tolist() == [X, Y, X + 100, Y + 100]
    # 0.0004 m × 100 m
    assert mended.log["moved_m2"].tolist() == pytest.approx([0.04], abs=1e-6)


def test_a_narrow_part_that_collapses_is_land_that_moves() -> None:
    # An arm of 100 m × 0.4 m = 40 m² is narrower than the grid of 1 m: nothing of it is left.
    arm = shapely.union(squares.square(0), box(X + 100, Y + 50, X + 200, Y + 50.4))
    frame = lots(arm)
    with pytest.raises(GeometryError, match=r"move more than 1.0 m² of: P0 \(40.0 m²\)"):
        quality.repair(frame, ["snap"], snap_m=1.0)
    mended = quality.repair(frame, ["snap"], snap_m=1.0, at_most_m2=40.5)
    assert mended.frame.geometry[0].equals(squares.square(0))
    assert mended.log[["area_before_m2", "area_after_m2", "moved_m2"]].to_numpy().tolist() == [
        pytest.approx([10_040.0, 10_000.0, 40.0], abs=1e-6)
    ]


def test_a_lot_is_not_repaired_away() -> None:
    # 2 m × 0.4 m = 0.8 m² is less than may move, and all there is of the lot.
    frame = lots(squares.square(0), box(X + 300, Y, X + 302, Y + 0.4))
    with pytest.raises(GeometryError, match=r'"snap" would leave nothing of: P1'):
        quality.repair(frame, ["snap"], snap_m=1.0)
    flat = lots(squares.square(0), Polygon([(X, Y), (X + 10, Y), (X + 20, Y)]))
    with pytest.raises(GeometryError, match=r'"make_valid" would leave nothing of: P1'):
        quality.repair(flat, ["make_valid"])


def test_the_outer_border_moves_only_where_the_log_says_so() -> None:
    # P0 and P1 leave a gap of 0.3 m × 98 m between them, shut at both ends: a sliver of 29.4 m².
    shut = shapely.union_all(
        [box(X + 100, Y, X + 200, Y + 1), box(X + 100, Y + 99, X + 200, Y + 100),
         box(X + 100.3, Y, X + 200, Y + 100)]
    )  # fmt: skip
    frame = lots(squares.square(0), shut)
    mended = quality.repair(frame, ["coverage_clean"], gap_width_m=0.5, at_most_m2=30.0)
    whole = shapely.union_all(mended.frame.geometry.to_numpy())
    assert whole.equals(box(X, Y, X + 200, Y + 100))
    assert mended.log["moved_m2"].tolist() == pytest.approx([29.4], abs=1e-6)
    # Where the gap is open to the outside it is no gap but the border, and stays.
    apart = lots(squares.square(0), box(X + 100.3, Y, X + 200, Y + 100))
    mended = quality.repair(apart, ["coverage_clean"], gap_width_m=0.5, at_most_m2=30.0)
    pd.testing.assert_frame_equal(mended.frame, apart)
    # A grid of 1 m moves an outer side of 100 m that lies 0.3 m beside it: 30 m², one row.
    outer = lots(box(X + 0.3, Y, X + 100, Y + 100), squares.square(1))
    with pytest.raises(GeometryError, match=r"P0 \(30.0 m²\)"):
        quality.repair(outer, ["snap"], snap_m=1.0, at_most_m2=29.9)
    mended = quality.repair(outer, ["snap"], snap_m=1.0, at_most_m2=30.1)
    assert mended.log["id"].tolist() == ["P0"]
    assert mended.after_m2 - mended.before_m2 == pytest.approx(30.0)


def test_nothing_asked_or_nothing_wrong_changes_nothing() -> None:
    frame = lots(squares.square(0), squares.square(1))
    for operations in ([], ["drop_exact_duplicates", "make_valid", "snap", "coverage_clean"]):
        mended = quality.repair(frame, operations)
        pd.testing.assert_frame_equal(mended.frame, frame)
        assert mended.log.empty
        assert "nothing was changed" in repr(mended)


@pytest.mark.parametrize(
    ("operations", "columns", "match"),
    [
        (["clean"], {}, "no such repair: clean"),
        (["coverage_clean"], {"valid_to": ["2018-01-01", None]}, None),
        (
            ["coverage_clean"],
            {"valid_from": [None, "2018-01-01"], "valid_to": ["2018-01-01", None]},
            "not all in force at one time",
        ),
    ],
)
def test_what_cannot_be_repaired_is_said(
    operations: list[str], columns: dict[str, Any], match: str | None
) -> None:
    frame = lots(squares.square(0), squares.square(1), **columns)
    if match is None:
        assert quality.repair(frame, operations).log.empty
        return
    with pytest.raises(GeometryError, match=match):
        quality.repair(frame, operations)


def test_the_coverage_of_broken_shapes_is_not_cleaned() -> None:
    with pytest.raises(GeometryError, match="cannot be measured"):
        quality.repair(lots(squares.square(0), Polygon()), ["coverage_clean"])
    with pytest.raises(CRSError, match="3857"):
        quality.repair(lots(squares.square(0)).to_crs(3857), [])
