"""The components of the plan, zone by zone, day by day."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

import kcngeo as kcn
from tests import squares

ON = "2018-03-31"


def works(*rows: dict[str, Any]) -> gpd.GeoDataFrame:
    named = [
        {"work_id": f"W{number}", "zone_id": "A", "kind": "road", "inside_fence": True, **row}
        for number, row in enumerate(rows)
    ]
    shapes = [squares.square(number) for number in range(len(rows))]
    return gpd.GeoDataFrame(pd.DataFrame(named), geometry=shapes, crs=squares.CRS)


def known(zones: gpd.GeoDataFrame, **tables: Any) -> kcn.Snapshot:
    return squares.known(zones, squares.parcels("P1"), squares.ledger(), **tables)


def card(**tables: Any) -> pd.DataFrame:
    on = tables.pop("on", ON)
    return kcn.progress.scorecard(known(squares.zones("A"), **tables), on=on).loc["A"]


def test_every_component_has_a_row_also_without_data() -> None:
    found = card()
    assert (found["state"] == "no data").all()
    assert found.index.get_level_values("component").unique().tolist() == list(
        kcn.progress.COMPONENTS
    )
    assert found.loc["road"].index.tolist() == ["inside", "outside"]
    assert found.loc["green"].index.tolist() == [""]


@pytest.mark.parametrize(
    ("row", "state", "share"),
    [
        ({"done_on": "2018-03-31", "progress_share": 1.0}, "done", 1.0),
        ({"done_on": "2018-04-01", "progress_share": 1.0}, "no data", None),  # how far was it then?
        ({"progress_share": 0.4}, "under way", 0.4),
        ({"progress_share": 0.0}, "not started", 0.0),
        ({"progress_share": 0.4, "due_on": "2018-03-31"}, "under way", 0.4),
        ({"progress_share": 0.4, "due_on": "2018-03-30"}, "late", 0.4),
        ({}, "no data", None),
    ],
)
def test_state_of_one_work(row: dict[str, Any], state: str, share: float | None) -> None:
    found = card(works=works(row)).loc[("road", "inside")]
    assert found["state"] == state
    assert (None if pd.isna(found["done_share"]) else found["done_share"]) == share


def test_what_is_partly_done_is_under_way_though_nobody_knows_how_far() -> None:
    found = card(works=works({"done_on": "2015-01-01"}, {})).loc[("road", "inside")]
    assert (found["state"], found["done_count"]) == ("under way", 1)
    assert pd.isna(found["done_share"])


def test_shares_of_several_works_and_the_first_that_is_late() -> None:
    found = card(
        works=works(
            {"done_on": "2015-01-01", "due_on": "2014-01-01"},
            {"progress_share": 0.5, "due_on": "2018-03-21"},
            {"progress_share": 0.0, "due_on": "2019-01-01"},
            {"inside_fence": False, "progress_share": 0.2},
        )
    )
    assert list(found.columns[:2]) == ["stage", "is_procedure"]
    inside = found.loc[("road", "inside")]
    assert (inside["parts_count"], inside["done_count"]) == (3, 1)
    assert inside["done_share"] == pytest.approx(0.5)
    assert (inside["state"], inside["late_days"]) == ("late", 10)
    assert inside["due_on"] == pd.Timestamp("2018-03-21")
    assert found.loc[("road", "outside"), "done_share"] == 0.2


def test_clearance_by_hectares_and_resettlement_by_plots() -> None:
    pieces = gpd.GeoDataFrame(
        {
            "zone_id": "A",
            "area_ha": [3.0, 1.0],
            "handed_over_on": ["2017-01-01", None],
            "plots_needed": [2, 6],
            "plots_ready": [2, 3],
        },
        geometry=[squares.square(0), squares.square(1)],
        crs=squares.CRS,
    )
    found = card(clearance=pieces)
    assert found.loc[("clearance", ""), "done_share"] == 0.75
    # 2 of 2 and 3 of 6: five plots of eight
    assert found.loc[("resettlement", ""), "done_share"] == 0.625
    assert found.loc[("resettlement", ""), "state"] == "under way"


def test_zones_not_yet_established_stand_beside_the_others_and_removed_ones_do_not() -> None:
    zones = squares.zones(
        "A",
        "B",
        "C",
        stage=["established", "proposed", "planned"],
        removed_on=[None, None, "2018-03-31"],
    )
    steps = pd.DataFrame(
        {
            "zone_id": ["B", "B", "C"],
            "kind": ["added_to_plan", "developer_called", "developer_called"],
            "due_on": ["2017-12-31", "2020-12-31", "2020-12-31"],
            "done_on": [None, None, None],
        }
    )
    found = kcn.progress.scorecard(known(zones, milestones=steps), on=ON)
    assert found.index.get_level_values("zone_id").unique().tolist() == ["A", "B"]
    mine = found.loc["B"]
    assert (mine["stage"] == "proposed").all()
    assert mine.loc[("added_to_plan", ""), ["state", "late_days"]].tolist() == ["late", 90]
    assert mine.loc[("developer_called", ""), "state"] == "not started"
    assert mine["is_procedure"].sum() == 2
    day_before = kcn.progress.scorecard(known(zones, milestones=steps), on="2018-03-30")
    assert "C" in day_before.index.get_level_values("zone_id")


@pytest.mark.parametrize(
    ("on", "stage"), [("2018-03-30", "planned"), ("2018-03-31", "established")]
)
def test_the_stage_is_that_of_the_day(on: str, stage: str) -> None:
    zones = squares.zones("A", established_on="2018-03-31")
    assert (kcn.progress.scorecard(known(zones), on=on)["stage"] == stage).all()


def test_a_step_entered_when_it_happened_was_not_expected_before() -> None:
    steps = pd.DataFrame({"zone_id": ["A"], "kind": ["extended"], "done_on": ["2018-03-31"]})
    assert "extended" in card(milestones=steps).index
    assert "extended" not in card(milestones=steps, on="2018-03-30").index
