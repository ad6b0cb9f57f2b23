"""The green belt by its true width: a zone of 1 km × 1 km, its fence 4000 m, counted by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Polygon, box
from shapely.affinity import rotate

import kcngeo as kcn
from kcngeo.analysis.balance.belt import _behind, _merged, _shared
from kcngeo.core.errors import KcngeoError
from tests import squares

ON = "2018-03-31"
X, Y = squares.EAST, squares.NORTH


def belt(*lots: tuple[str, object], fence: object = None, turn: float = 0, **options):
    """Measure zone A, 1 km square unless a fence is given, with lots of a use and a shape."""
    shapes = [box(X, Y, X + 1000, Y + 1000) if fence is None else fence]
    shapes += [shape for _, shape in lots]
    shapes = [rotate(shape, turn, origin=(X, Y)) for shape in shapes]
    zones = gpd.GeoDataFrame({"zone_id": ["A"]}, geometry=shapes[:1], crs=squares.CRS)
    names = [f"P{number}" for number in range(len(lots))]
    columns = {"parcel_id": names, "zone_id": "A", "land_use": [use for use, _ in lots]}
    parcels = gpd.GeoDataFrame(columns, geometry=shapes[1:], crs=squares.CRS)
    return kcn.balance.green_belt(
        squares.known(zones, parcels, squares.ledger()), on=ON, **options
    ).loc["A"]


def ring(width_m: float) -> Polygon:
    """Green land all along the fence."""
    outer = box(X, Y, X + 1000, Y + 1000)
    return outer.difference(outer.buffer(-width_m, join_style="mitre"))


@pytest.mark.parametrize(("width_m", "share"), [(9.0, 0.0), (9.99, 0.0), (10.0, 1.0), (11.0, 1.0)])
def test_a_ring_is_wide_enough_or_not(width_m: float, share: float) -> None:
    row = belt(("green", ring(width_m)))
    assert row["fence_m"] == pytest.approx(4000)
    # A ring that is too thin is wide enough in its corners, as deep as it is wide, from both sides.
    corners = 0.0 if share else 8 * width_m / 4000
    assert row["belt_share"] == pytest.approx(share + corners, abs=1e-6)
    assert row["belt_m"] + row["gap_m"] == pytest.approx(4000)


def test_each_side_by_itself() -> None:
    # 12 m in the south, 10 m in the east, 8 m in the north, nothing in the west
    row = belt(
        ("green", box(X, Y, X + 1000, Y + 12)),
        ("green", box(X + 990, Y + 12, X + 1000, Y + 992)),
        ("green", box(X, Y + 992, X + 1000, Y + 1000)),
    )
    # South 1000. East 1000: its top 8 m lie in the northern strip. North: the 10 m that the
    # eastern strip lies behind. West: the 12 m and the 8 m at the ends of the two strips.
    assert row["belt_m"] == pytest.approx(1000 + 1000 + 10 + 12 + 8)
    assert row["belt_share"] == pytest.approx(2030 / 4000)


def test_two_strips_side_by_side_are_one_belt() -> None:
    row = belt(
        ("green", box(X, Y, X + 1000, Y + 6)),
        ("green", box(X, Y + 6, X + 1000, Y + 10)),
    )
    assert row["belt_m"] == pytest.approx(1000 + 2 * 10)


def test_a_lot_within_the_width_breaks_the_belt_behind_it_only() -> None:
    green = box(X, Y, X + 1000, Y + 20).difference(box(X + 400, Y + 9, X + 430, Y + 20))
    row = belt(("green", green), ("industrial", box(X + 400, Y + 9, X + 430, Y + 20)))
    # 30 m of the south are lost; 20 m of the west and of the east are green by the strip
    assert row["belt_m"] == pytest.approx(970 + 40)
    assert row["gate_m"] == 0
    beyond = belt(
        ("green", box(X, Y, X + 1000, Y + 10)),
        ("industrial", box(X + 400, Y + 10, X + 430, Y + 20)),
    )
    assert beyond["belt_m"] == pytest.approx(1000 + 20)


def test_a_gate_is_told_from_other_gaps() -> None:
    gate = box(X + 480, Y, X + 520, Y + 12)
    strip = box(X, Y, X + 1000, Y + 12).difference(gate).difference(box(X + 700, Y, X + 750, Y + 5))
    row = belt(("green", strip), ("transport", gate))
    # the south lacks the gate, 40 m, and 50 m where the strip does not reach the fence
    assert row["belt_m"] == pytest.approx(1000 - 90 + 24)
    assert row["gate_m"] == pytest.approx(40)
    assert row.geometry.length == pytest.approx(row["gap_m"])
    # A road that begins a metre behind the fence is no gate.
    behind = belt(("green", strip), ("transport", box(X + 480, Y + 1, X + 520, Y + 12)))
    assert (behind["belt_m"], behind["gate_m"]) == (pytest.approx(1000 - 90 + 24), 0)


@pytest.mark.parametrize("turn", [17.0, 45.0, 131.0])
def test_turning_the_zone_changes_nothing(turn: float) -> None:
    lots = [("green", box(X, Y, X + 1000, Y + 12)), ("green", box(X, Y + 12, X + 9, Y + 1000))]
    assert belt(*lots, turn=turn)["belt_m"] == pytest.approx(belt(*lots)["belt_m"], abs=0.01)


def test_the_width_may_be_given_and_else_comes_from_the_registry() -> None:
    row = belt(("green", ring(12)))
    assert (row["width_m"], row["rule"]) == (10, "perimeter-belt-width")
    assert row["verified"] == "secondary"
    own = belt(("green", ring(12)), width_m=15.0)
    assert own["belt_share"] == pytest.approx(8 * 12 / 4000)
    assert pd.isna(own["rule"])
    for width_m in (0.0, -1.0, np.inf):
        with pytest.raises(KcngeoError, match="above 0"):
            belt(("green", ring(12)), width_m=width_m)


def test_green_outside_the_fence_is_no_belt_and_holes_have_a_fence() -> None:
    assert belt(("green", box(X, Y - 50, X + 1000, Y)))["belt_m"] == 0
    hollow = box(X, Y, X + 1000, Y + 1000).difference(box(X + 400, Y + 400, X + 600, Y + 600))
    around = box(X + 380, Y + 380, X + 620, Y + 620).difference(
        box(X + 400, Y + 400, X + 600, Y + 600)
    )
    row = belt(("green", around), fence=hollow)
    assert row["fence_m"] == pytest.approx(4800)
    assert row["belt_m"] == pytest.approx(800)  # all of the inner fence


def test_what_lies_across_a_cut_into_the_zone_is_not_behind_the_fence() -> None:
    # A cut 4 m wide and 500 m deep from the south leaves an arm of 6 m, all green, in the west.
    fence = box(X, Y, X + 1000, Y + 1000).difference(box(X + 6, Y, X + 10, Y + 500))
    arm = box(X, Y, X + 6, Y + 500)
    row = belt(("green", arm), ("industrial", box(X + 10, Y, X + 40, Y + 500)), fence=fence)
    # South 996 m, west, north and east 1000 m each, the cut 500 + 4 + 500 m.
    assert row["fence_m"] == pytest.approx(5000)
    # The arm's two long sides and its foot have green land up to the zone's own other side; the
    # lot across the cut is not behind the fence in the west.
    assert row["belt_m"] == pytest.approx(500 + 500 + 6)


def test_stretches_that_meet_within_a_hairline_are_one() -> None:
    spans = [(50.0, 60.0), (0.0, 10.0), (2.0, 5.0), (10.005, 20.0), (20.02, 30.0)]
    assert _merged(spans) == [(0, 20), (20.02, 30), (50, 60)]
    # Of 0 to 20 and 50 to 60 they share 5 and 2; what only touches shares nothing.
    assert _shared([(0, 20), (50, 60)], [(15, 40), (58, 70), (20, 21)]) == 5 + 2


@pytest.mark.parametrize(("on", "fences"), [("2018-03-30", []), (ON, ["A"]), ("2018-04-01", ["A"])])
def test_a_zone_has_its_belt_from_its_first_day(on: str, fences: list[str]) -> None:
    zones = squares.zones("A", established_on=[ON])
    known = squares.known(zones, squares.parcels("P", use="green"), squares.ledger())
    found = kcn.balance.green_belt(known, on=on)
    assert found.index.tolist() == fences
    # The lot of 100 m × 100 m lies at the western end: behind 300 m of 2200 m it is wide enough.
    assert found["belt_m"].tolist() == pytest.approx([300.0] * len(fences))


def test_land_behind_a_line_ends_where_the_zone_does() -> None:
    # A bay 3 m deep opens from the west: of 8 m behind the line, the last 2 m lie beyond it.
    zone = box(0, 0, 20, 10).difference(box(0, 3, 10, 6))
    start, end = np.array([[[0.0, 0.0]], [[10.0, 0.0]]])
    for depth_m in (8.0, 3.0):
        (land,) = _behind(start, end, depth_m, zone)
        assert land.equals(box(0, 0, 10, 3))
