"""Readiness of lots, capacity and demand: lots of 1 ha along works drawn by hand."""

from __future__ import annotations

import dataclasses
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

import kcngeo as kcn
from kcngeo.core.errors import CRSError, KcngeoError
from kcngeo.standards import StandardError
from tests import squares

ON = "2018-03-31"
X, Y = squares.EAST, squares.NORTH
# A line 20 m south of the lots P1 and P2 of the row; P3 begins 100 m east of its end.
SOUTH = LineString([(X, Y - 20), (X + 100, Y - 20)])
PLANT = box(X + 500, Y - 500, X + 520, Y - 480)


def works(*rows: dict[str, Any]) -> gpd.GeoDataFrame:
    """Works of zone A, done and inside the fence unless a row says otherwise."""
    named = [
        {"work_id": f"W{number}", "zone_id": "A", "inside_fence": True, "done_on": "2015-01-01"}
        | row
        for number, row in enumerate(rows)
    ]
    shapes = [row.pop("geometry", SOUTH) for row in named]
    return gpd.GeoDataFrame(pd.DataFrame(named), geometry=shapes, crs=squares.CRS)


FULL = (
    {"kind": "road", "capacity": 7.0, "capacity_unit": "m"},
    {"kind": "power"},
    {"kind": "water"},
    {"kind": "wastewater", "geometry": PLANT},
    {"kind": "drainage"},
    {"kind": "telecom"},
    {"kind": "solid_waste", "geometry": PLANT, "inside_fence": False},
)


def ready(*rows: dict[str, Any], on: str = ON, entries: Any = None, **more: Any):
    parcels = squares.parcels("P1", "P2", "P3")
    ledger = squares.ledger(*(entries or [("P3", "leased", "2010-01-01")]))
    return kcn.progress.readiness(
        squares.known(squares.zones("A"), parcels, ledger, works=works(*rows)), on=on, **more
    )


def test_levels_are_climbed_one_by_one() -> None:
    levels = [ready(*FULL[:count]).loc["P1", "level"] for count in range(1, 8)]
    # road; power; water completes level 3; wastewater; drainage completes 4; telecom; solid waste
    assert levels == [2, 2, 3, 3, 4, 4, 5]
    row = ready(*FULL[:4]).loc["P1"]
    assert (row["lacks"], row["unknown"]) == ("drainage", "drainage|telecom|solid_waste|outside")
    full = ready(*FULL)
    assert full["level"].tolist() == [5, 5, 1]  # P3 is out of reach
    assert pd.isna(full.loc["P1", "lacks"])
    assert full.loc["P3", "lacks"] == "road"


def test_land_that_is_not_cleared_stands_at_level_0() -> None:
    found = ready(*FULL, entries=[("P1", "uncleared", "2010-01-01", None, 0.1)])
    assert found.loc["P1", ["level", "lacks"]].tolist() == [0, "cleared"]
    assert found.loc["P1", "vacant_ha"] == pytest.approx(0.9)
    held = ready(*FULL, entries=[("P1", "uncleared", "2010-01-01"), ("P1", "leased", "2011-01-01")])
    assert held.loc["P1", ["level", "leased_ha"]].tolist() == [0, 1]


@pytest.mark.parametrize(("on", "level"), [("2014-12-31", 1), ("2015-01-01", 5), ("2015-01-02", 5)])
def test_works_are_in_place_from_the_day_they_are_done(on: str, level: int) -> None:
    assert ready(*FULL, on=on).loc["P1", "level"] == level
    unfinished = ready({**FULL[0], "done_on": None}, *FULL[1:], on=on)
    assert unfinished.loc["P1", "level"] == 1
    assert not unfinished.loc["P1", "road"]


@pytest.mark.parametrize(("away_m", "served"), [(39.0, True), (40.0, True), (41.0, False)])
def test_reach_of_a_line(away_m: float, served: bool) -> None:
    line = LineString([(X, Y - away_m), (X + 300, Y - away_m)])
    found = ready({"kind": "road", "geometry": line})
    assert found["road"].tolist() == [served] * 3


def test_what_nobody_recorded_is_unknown_and_reaches_no_level() -> None:
    found = ready(*(row for row in FULL if row["kind"] != "power"))
    assert found["power"].isna().all()
    assert found.loc["P1", ["level", "lacks"]].tolist() == [2, "power"]


def test_a_plant_and_lines_are_both_needed_where_both_are_on_record() -> None:
    sewer = {"kind": "wastewater"}
    plant = {"kind": "wastewater", "geometry": PLANT}
    assert ready(plant)["wastewater"].tolist() == [True, True, True]
    assert ready(sewer, plant)["wastewater"].tolist() == [True, True, False]
    assert not ready(sewer, {**plant, "done_on": None})["wastewater"].any()
    station = {"kind": "wastewater", "geometry": Point(X, Y)}
    assert ready(station)["wastewater"].all()
    # a road is drawn as an area too, and serves by reach all the same
    road = {"kind": "road", "geometry": box(X, Y - 30, X + 100, Y - 10)}
    assert ready(road)["road"].tolist() == [True, True, False]


def test_works_without_a_shape_or_none_at_all_are_unknown() -> None:
    assert ready({"kind": "power", "geometry": None})["power"].isna().all()
    assert ready({"kind": "road", "geometry": Point()})["road"].isna().all()
    none = works(*FULL).iloc[:0]
    ledger = squares.ledger(("P1", "leased", "2010-01-01"))
    found = kcn.progress.readiness(
        squares.known(squares.zones("A"), squares.parcels("P1"), ledger, works=none), on=ON
    )
    assert found.loc["P1", ["level", "lacks"]].tolist() == [1, "road"]
    nothing = kcn.progress.readiness(
        squares.known(
            squares.zones("A"), squares.parcels("P1", use="green"), ledger, works=works(*FULL)
        ),
        on=ON,
    )
    assert nothing.empty
    assert kcn.progress.serviced_land(nothing).empty


def test_works_of_another_zone_serve_nobody_here() -> None:
    zones = squares.zones("A", "B")
    parcels = squares.parcels("P1", "P2", zone=["A", "B"])
    found = kcn.progress.readiness(
        squares.known(
            zones, parcels, squares.ledger(("P1", "leased", "2010-01-01")), works=works(*FULL)
        ),
        on=ON,
    )
    assert found.loc["P1", "road"]
    assert pd.isna(found.loc["P2", "road"])


@pytest.mark.parametrize(
    ("road", "reached"),
    [
        ({"capacity": 3.4, "capacity_unit": "m"}, False),
        ({"capacity": 3.5, "capacity_unit": "m"}, True),
        ({"capacity": 3.5, "capacity_unit": "lanes"}, None),
        ({}, None),
        ({"capacity": 9.0, "capacity_unit": "m", "done_on": None}, False),
    ],
)
def test_fire_access_needs_a_road_known_to_be_wide(road: dict, reached: bool | None) -> None:
    found = ready({"kind": "road", **road}).loc["P1", "fire_access"]
    assert (None if pd.isna(found) else bool(found)) is reached
    assert pd.isna(ready({"kind": "power"}).loc["P1", "fire_access"])


def test_outside_the_fence_every_kind_on_record_needs_works_in_place() -> None:
    done = {"kind": "water", "inside_fence": False}
    waiting = {"kind": "road", "inside_fence": False, "done_on": None}
    assert ready(done)["outside"].all()
    assert not ready(done, waiting)["outside"].any()
    assert ready(done, waiting, {"kind": "road", "inside_fence": False})["outside"].all()
    # Of three kinds one waits.
    assert not ready(done, waiting, {"kind": "power", "inside_fence": False})["outside"].any()
    assert ready(*FULL[:2])["outside"].isna().all()
    silent = {"kind": "road", "inside_fence": None}
    assert ready(silent).loc["P1", "road"]  # inside, if nobody says


def test_the_rule_is_the_registrys_and_may_be_anothers() -> None:
    rule = kcn.standards.load("readiness-levels")
    assert "own rule" in rule.source
    assert str(rule.verified) == "unverified"
    short = dataclasses.replace(rule, reach_m=10.0)
    assert not ready(*FULL, rule=short)["road"].any()
    with pytest.raises(StandardError, match="no rule of readiness"):
        ready(*FULL, rule="nd35-2022")


def test_layers_must_agree() -> None:
    table = works(*FULL).to_crs("EPSG:5898")
    ledger = squares.ledger(("P1", "leased", "2010-01-01"))
    with pytest.raises(CRSError):
        kcn.progress.readiness(
            squares.known(squares.zones("A"), squares.parcels("P1"), ledger, works=table), on=ON
        )


def test_hectares_by_level() -> None:
    lots = ready(*FULL)
    land = kcn.progress.serviced_land(lots)
    assert land.index.tolist() == [("A", level) for level in range(6)]
    assert land["lots_count"].tolist() == [0, 1, 0, 0, 0, 2]
    assert land["leased_ha"].tolist() == [0, 1, 0, 0, 0, 0]
    assert land["vacant_ha"].tolist() == [0, 0, 0, 0, 0, 2]
    assert land["is_serviced"].tolist() == [False] * 4 + [True] * 2


@settings(max_examples=6)
@given(kinds=st.permutations(FULL), order=st.permutations(range(3)))
def test_order_changes_nothing_and_more_works_never_lower_a_level(
    kinds: list[dict[str, Any]], order: list[int]
) -> None:
    parcels = squares.parcels("P1", "P2", "P3")
    ledger = squares.ledger(("P3", "leased", "2010-01-01"))
    before = None
    for count in (3, 5, 7):
        found = kcn.progress.readiness(
            squares.known(
                squares.zones("A"), parcels.iloc[order], ledger, works=works(*kinds[:count])
            ),
            on=ON,
        )
        assert found.index.tolist() == ["P1", "P2", "P3"]
        assert before is None or (found["level"] >= before).all()
        before = found["level"]
    assert before.tolist() == [5, 5, 1]


# ---- capacity -----------------------------------------------------------------------------------
def carried(*rows: dict[str, Any], demand: pd.DataFrame | None = None, on: str = ON):
    """Zone A: P1 let, P2 free, P3 not cleared."""
    asked = pd.DataFrame({"kind": ["water"], "unit": ["m³/ngày"], "demand_per_ha": [20.0]})
    return kcn.progress.capacity_balance(
        squares.known(
            squares.zones("A"),
            squares.parcels("P1", "P2", "P3"),
            squares.ledger(("P1", "leased", "2010-01-01"), ("P3", "uncleared", "2010-01-01")),
            works=works(*rows),
        ),
        on=on,
        demand=asked if demand is None else demand,
    ).loc[("A", "water")]


WATER = {"kind": "water", "capacity": 50.0, "capacity_unit": "m³/ngày"}


def test_capacity_against_demand() -> None:
    row = carried(WATER, {**WATER, "capacity": 30.0, "done_on": "2018-04-01"})
    assert row[["leased_ha", "vacant_ha", "other_ha"]].tolist() == [1, 1, 1]
    assert row[["capacity", "capacity_planned"]].tolist() == [50, 80]
    assert row[["demand_leased", "demand_vacant", "balance"]].tolist() == [20, 20, 10]
    assert row[["load_share", "servable_ha"]].tolist() == [0.4, 1]  # 30 m³ left, 20 a hectare


@pytest.mark.parametrize(("capacity", "servable"), [(10.0, 0.0), (30.0, 0.5), (40.0, 1.0)])
def test_how_much_vacant_land_the_rest_serves(capacity: float, servable: float) -> None:
    row = carried({**WATER, "capacity": capacity})
    assert row["servable_ha"] == servable
    assert row["balance"] == capacity - 40


@pytest.mark.parametrize("per_ha", [0.0, 0.25])
def test_a_demand_may_be_small_or_nothing(per_ha: float) -> None:
    asked = pd.DataFrame({"kind": ["water"], "unit": ["m³/ngày"], "demand_per_ha": [per_ha]})
    row = carried(WATER, demand=asked)
    assert row[["demand_leased", "demand_vacant", "balance"]].tolist() == [
        *(per_ha, per_ha, 50 - 2 * per_ha)
    ]
    # Of what nothing asks for nobody can say how much land it would serve.
    assert pd.isna(row["servable_ha"]) == (per_ha == 0)


def test_works_of_which_nobody_says_where_they_lie_are_inside() -> None:
    asked = pd.DataFrame(
        {"kind": ["water"], "unit": ["m³/ngày"], "demand_per_ha": [20.0], "side": ["inside"]}
    )
    row = carried(
        {**WATER, "inside_fence": None},
        {**WATER, "inside_fence": False, "capacity": 7.0},
        demand=asked,
    )
    assert row["capacity"] == 50


def test_capacity_in_another_unit_is_unknown_not_zero() -> None:
    row = carried({**WATER, "capacity_unit": "l/s"})
    assert pd.isna(row["capacity"])
    assert row["unit_unknown"] == 1
    assert carried({"kind": "road"})["capacity"] == 0  # no water works on record
    mixed = carried(WATER, {**WATER, "capacity": None})
    assert (mixed["capacity"], mixed["unit_unknown"]) == (50, 1)


def test_a_figure_of_the_zone_goes_first_and_sides_are_told_apart() -> None:
    asked = pd.DataFrame(
        {
            "kind": "water",
            "unit": "m³/ngày",
            "demand_per_ha": [20.0, 30.0],
            "zone_id": [None, "A"],
            "side": [None, "outside"],
        }
    )
    outside = {**WATER, "inside_fence": False, "capacity": 70.0}
    row = carried(WATER, outside, demand=asked)
    assert row[["demand_per_ha", "capacity"]].tolist() == [30, 70]
    assert carried(WATER, outside)["capacity"] == 120


@pytest.mark.parametrize(
    "bad",
    [
        {"demand_per_ha": [-1.0]},
        {"demand_per_ha": [None]},
        {"demand_per_ha": ["viele"]},
        {"unit": [None]},
        {"side": ["beside"]},
    ],
)
def test_a_demand_without_a_figure_is_refused(bad: dict[str, Any]) -> None:
    asked = {"kind": ["water"], "unit": ["m³/ngày"], "demand_per_ha": [20.0], **bad}
    with pytest.raises(KcngeoError, match=r"water \(row 0\)"):
        carried(WATER, demand=pd.DataFrame(asked))
    with pytest.raises(KcngeoError, match="lacks unit"):
        carried(WATER, demand=pd.DataFrame(asked).drop(columns="unit"))
