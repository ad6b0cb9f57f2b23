"""The sample shows every component, with the published figures and shapes measured another way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

import kcngeo as kcn

SAMPLE = Path(__file__).resolve().parents[3] / "data" / "parcels" / "two_zones.gpkg"
ON = "2018-03-31"


@pytest.fixture(scope="module")
def sample() -> kcn.Project:
    return kcn.io.read_project(SAMPLE)


def test_stages_of_march_2018_hold_what_the_board_published(sample: kcn.Project) -> None:
    found = kcn.progress.stage_funnel(sample, on=ON).droplevel("on").round(4)
    # Lộc Sơn: 135.7451 ha, of which 17 not cleared; 76.072 let, 16.1371 reserved
    expected = {"planned_ha": 135.7451, "cleared_ha": 118.7451, "taken_ha": 92.2091,
                "leased_ha": 76.072, "reserved_ha": 16.1371}  # fmt: skip
    assert found.loc["loc-son", list(expected)].to_dict() == expected
    # Phú Hội: 63.572 ha let, all that is cleared of 84.672 ha
    assert found.loc["phu-hoi", ["planned_ha", "cleared_ha", "leased_ha"]].tolist() == [
        84.672, 63.572, 63.572,
    ]  # fmt: skip
    assert (found["serviced_ha"] > 0).all()
    assert (found["operating_ha"] > 0).all()


def test_every_component_of_the_plan_has_data_somewhere(sample: kcn.Project) -> None:
    card = kcn.progress.scorecard(sample, on=ON)
    assert card.index.get_level_values("zone_id").unique().tolist() == [
        "dai-lao", "loc-son", "phu-hoi", "tan-phu",
    ]  # fmt: skip
    told = card[card["state"] != "no data"].index.get_level_values("component")
    assert set(kcn.progress.COMPONENTS) <= set(told)
    assert set(card["state"]) == {"done", "under way", "late", "not started", "no data"}
    assert card.loc[("dai-lao", "dossier_submitted", ""), "state"] == "late"
    assert card.loc[("dai-lao", "added_to_plan", ""), "stage"] == "proposed"
    assert card.loc[("tan-phu", "investors_called", ""), "stage"] == "planned"


def test_lots_stand_at_every_level_in_some_year(sample: kcn.Project) -> None:
    seen = set()
    for on in ("2012-12-31", ON, "2023-12-31"):
        seen |= set(kcn.progress.readiness(sample, on=on)["level"])
    assert seen == set(range(6))


def test_a_road_in_reach_is_measured_by_hand(sample: kcn.Project) -> None:
    assert sample.works is not None
    lots = kcn.progress.readiness(sample, on=ON)
    works = sample.works[sample.works["kind"].eq("road") & sample.works["inside_fence"].eq(True)]
    done = works[works["done_on"] <= pd.Timestamp(ON)]
    for zone_id, mine in lots.groupby("zone_id"):
        roads = shapely.union_all(done.geometry[(done["zone_id"] == zone_id).to_numpy()].to_numpy())
        near = shapely.distance(mine.geometry.to_numpy(), roads) <= 40
        assert mine["road"].astype(bool).tolist() == near.tolist()


def test_clocks_run_run_out_and_are_extended(sample: kcn.Project) -> None:
    assert sample.projects is not None
    clocks = kcn.progress.idle_clocks(sample, on="2024-10-31").set_index(["project_id", "clock"])
    # handed over on 10 January 2024, never built
    row = clocks.loc[("DA-052", "unused")]
    assert (row["state"], row["ends_on"]) == ("running", pd.Timestamp("2025-01-10"))
    assert row["ends_soon"]
    assert clocks.loc[("DA-053", "unused"), "state"] == "extended"
    assert clocks.loc[("DA-009", "unused"), "state"] == "over"
    # By the law of 2013 the sixteen clocks of March 2018 can be told, and all of them are over.
    before = kcn.progress.idle_clocks(sample, on=ON).set_index(["project_id", "clock"])
    assert before["state"].tolist() == ["over"] * 16
    assert set(before["verified"]) == {"secondary"}
    # handed over on 22 September 2012: at the latest 12 months from 1 July 2014
    row = before.loc[("DA-009", "unused")]
    assert (row["ends_on"], row["remark"]) == (pd.Timestamp("2015-07-01"), "began_before_law")
    # due on 22 September 2014: 24 months
    row = before.loc[("DA-009", "behind_schedule")]
    assert (row["ends_on"], row["rule"]) == (pd.Timestamp("2016-09-22"), "idle-2013-behind")


def test_clearing_a_lot_joins_the_vacant_land_beside_it(sample: kcn.Project) -> None:
    assert sample.clearance is not None
    # CN15-01 was cleared on 13 February 2023 and reserved on 10 April
    land = kcn.progress.clearance_progress(sample, on="2023-03-31").blocking
    beside = land[land["adjoining_ha"] > 0]
    assert len(beside) > 0
    lots = sample.parcels[sample.parcels["valid_to"].isna()].set_index("parcel_id")
    vacant = lots.loc["LS-CN15-01"]
    for name, row in beside[beside["zone_id"] == "loc-son"].iterrows():
        assert shapely.distance(vacant.geometry, row.geometry) < 0.1, name
        assert row["adjoining_ha"] == pytest.approx(vacant.geometry.area / 10_000, abs=1e-6)


@pytest.mark.parametrize("zone_id", ["loc-son", "phu-hoi"])
def test_green_by_area_and_belt_by_walking_along_the_fence(
    sample: kcn.Project, zone_id: str
) -> None:
    day = pd.Timestamp(ON)
    zone = sample.zones[
        (sample.zones["zone_id"] == zone_id)
        & (sample.zones["valid_from"] <= day)
        & ~(sample.zones["valid_to"] <= day)
    ].geometry.iloc[0]
    parcels = sample.parcels[
        (sample.parcels["zone_id"] == zone_id)
        & (sample.parcels["land_use"] == "green")
        & (sample.parcels["valid_from"] <= day)
        & ~(sample.parcels["valid_to"] <= day)
    ]
    shares = kcn.balance.land_use_balance(sample, standard="qcvn01-2008", on=ON)
    by_area = parcels.area.sum() / zone.area
    row = shares.loc[(zone_id, "green")]
    assert row["actual_share"] == pytest.approx(by_area, abs=1e-9)
    assert bool(row["passes"]) == (by_area >= 0.1)
    # Every metre of the fence: is the point 9.99 m inside, and the way to it, green?
    green = shapely.union_all(parcels.geometry.to_numpy()).buffer(0.01)
    ring = shapely.orient_polygons(zone).exterior
    steps = np.arange(0.5, ring.length, 1.0)
    here, ahead = (shapely.line_interpolate_point(ring, steps + move) for move in (0, 1e-3))
    here, ahead = shapely.get_coordinates(here), shapely.get_coordinates(ahead)
    along = (ahead - here) / np.hypot(*(ahead - here).T)[:, None]
    inside = here + np.column_stack([-along[:, 1], along[:, 0]]) * 9.99
    ways = shapely.linestrings(np.stack([here, inside], axis=1))
    walked = shapely.covers(green, ways).mean()
    belt = kcn.balance.green_belt(sample, on=ON).loc[zone_id]
    assert belt["belt_share"] == pytest.approx(walked, abs=2e-3)
    assert belt["gate_m"] == pytest.approx(belt["gap_m"], abs=1.0)  # only gates break the belt


def test_sectors_of_the_plan_hold_land(sample: kcn.Project) -> None:
    found = kcn.progress.investor_support(sample, on=ON)
    plan = ["cà phê", "chè", "dệt may", "chế biến rau quả"]
    assert (found.loc[plan, "leased_ha"] > 0).all()
    assert (found.loc[plan, "registered_ha"] > 0).all()
    assert found["projects_count"].sum() == 50  # the notice's number
    assert found["on_land_count"].sum() == 47
