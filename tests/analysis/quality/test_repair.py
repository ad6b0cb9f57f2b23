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
    assert mended.log[["change", "id"]].to_numpy().tolist() == [["dropped", "P0"]]
    assert (mended.before_m2, mended.after_m2) == (40_000.0, 30_000.0)


def test_corners_are_moved_onto_a_grid() -> None:
    frame = lots(box(X + 0.0004, Y, X + 100, Y + 100))
    mended = quality.repair(frame, ["snap"], snap_m=0.001)
    assert mended.frame.total_bounds.tolist() == [X, Y, X + 100, Y + 100]
    # 0.0004 m × 100 m
    assert mended.log["moved_m2"].tolist() == pytest.approx([0.04], abs=1e-6)


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
