"""The sample project holds what its makers say, counted here without the library's calculations."""

from __future__ import annotations

import importlib
import math
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely
from pandas.testing import assert_frame_equal

DATA = Path(__file__).resolve().parents[1] / "data"
PROJECT = DATA / "parcels" / "two_zones.gpkg"
BOUNDARIES = DATA / "boundaries" / "lam_dong_zones.gpkg"
TABLES = [
    "zones", "parcels", "ledger", "projects", "receptors", "emitters", "works", "buildings",
    "plan_items", "clearance", "milestones", "encumbrances", "targets", "claims", "context",
]  # fmt: skip
NOTICE = "2018-03-31"
LEASABLE = ["industrial", "service"]
TENURES = ["leased", "reserved", "recovering", "repurposed"]


@pytest.fixture(scope="module")
def tables() -> dict[str, Any]:
    """Every layer of the committed project, as pyogrio gives it."""
    return {name: gpd.read_file(PROJECT, layer=name) for name, _ in pyogrio.list_layers(PROJECT)}


def in_force(frame: Any, on: str) -> Any:
    """Versions and entries with valid_from <= on < valid_to; a missing end is open."""
    day = pd.Timestamp(on)
    return frame[~(frame["valid_from"] > day) & ~(frame["valid_to"] <= day)]


def known(ledger: pd.DataFrame, at: str | None = None) -> pd.DataFrame:
    """Rows on record at a moment, or now."""
    if at is None:
        return ledger[ledger["superseded_at"].isna()]
    moment = pd.Timestamp(at)
    return ledger[(ledger["recorded_at"] <= moment) & ~(ledger["superseded_at"] <= moment)]


def held_ha(tables: dict[str, Any], on: str, *, at: str | None = None) -> pd.DataFrame:
    """Hectares of each entry of a day: the share of the certificate, of the area on the grid."""
    parcels = in_force(tables["parcels"], on)
    area_ha = parcels.area / 10_000
    paper_ha = (parcels["certificate_area_m2"] / 10_000).fillna(area_ha)
    lots = parcels[["parcel_id", "zone_id", "land_use"]].assign(area_ha=area_ha, paper_ha=paper_ha)
    entries = in_force(known(tables["ledger"], at), on).merge(lots, on="parcel_id", validate="m:1")
    share = (entries["part_area_ha"] / entries["paper_ha"]).fillna(1.0)
    return entries.assign(held_ha=share * entries["area_ha"])


def account(tables: dict[str, Any], zone_id: str, on: str, *, at: str | None = None) -> pd.Series:
    """Sums by status of a zone's industrial land, and its base."""
    entries = held_ha(tables, on, at=at)
    ours = entries[(entries["zone_id"] == zone_id) & (entries["land_use"] == "industrial")]
    sums = ours.groupby("status")["held_ha"].sum()
    parcels = in_force(tables["parcels"], on)
    base = (parcels["zone_id"] == zone_id) & (parcels["land_use"] == "industrial")
    sums["base"] = parcels[base].area.sum() / 10_000
    return sums


def change_days(tables: dict[str, Any], zone_id: str) -> list[str]:
    """Days on which a fence or a parcel begins or ends, and the days before them."""
    days: set[pd.Timestamp] = set()
    for name in ("zones", "parcels"):
        frame = tables[name][tables[name]["zone_id"] == zone_id]
        days |= set(frame["valid_from"].dropna()) | set(frame["valid_to"].dropna())
    days |= {day - pd.Timedelta(days=1) for day in days} | {pd.Timestamp("2023-12-31")}
    return [day.date().isoformat() for day in sorted(days)]


def test_the_project_holds_every_table(tables: dict[str, Any]):
    assert sorted(tables) == sorted(TABLES)


def test_zones_stand_alone_for_other_tools(tables: dict[str, Any]):
    assert [name for name, _ in pyogrio.list_layers(BOUNDARIES)] == ["zones"]
    zones = gpd.read_file(BOUNDARIES, layer="zones")
    assert zones.crs.to_epsg() == 5899
    assert_frame_equal(pd.DataFrame(zones), pd.DataFrame(tables["zones"]))


def test_every_geometry_is_labelled_synthetic_and_lies_on_the_provincial_grid(
    tables: dict[str, Any],
):
    spatial = {name: frame for name, frame in tables.items() if isinstance(frame, gpd.GeoDataFrame)}
    assert len(spatial) == 9
    for name, frame in spatial.items():
        assert (frame["geometry_source"] == "synthetic").all(), name
        assert frame.crs.to_epsg() == 5899, name
        assert frame.is_valid.all(), name
        assert not frame.is_empty.any(), name


def test_it_is_rich_enough(tables: dict[str, Any]):
    parcels, ledger = in_force(tables["parcels"], NOTICE), tables["ledger"]
    assert len(parcels) >= 250
    assert parcels["land_use"].isin(LEASABLE).sum() >= 150
    assert parcels["land_use"].nunique() >= 7
    assert tables["parcels"]["land_use"].nunique() == 8
    assert len(ledger) >= 200
    assert ledger["part_area_ha"].notna().sum() >= 15
    months = ledger["valid_from"].max().to_period("M") - ledger["valid_from"].min().to_period("M")
    assert months.n >= 120
    assert {"reserved", "leased", "recovering", "repurposed", "uncleared"} == set(ledger["status"])


def test_areas_of_the_zones_are_the_published_ones(tables: dict[str, Any]):
    days = tables["zones"]["valid_from"].dt.date.astype("str")
    zones = tables["zones"].set_index(["zone_id", days])
    published_ha = {
        ("loc-son", "2005-01-01"): 93.35,
        ("loc-son", "2009-08-11"): 185,
        ("loc-son", "2015-08-12"): 183,
        ("phu-hoi", "2005-01-01"): 174,
        ("phu-hoi", "2015-08-12"): 109,
        ("tan-phu", "2009-01-01"): 415.49,
        ("tan-phu", "2015-08-12"): 328,
        ("dai-lao", "2009-01-01"): 475,
        ("dai-lao", "2024-01-01"): 188,
    }
    assert sorted(published_ha) == sorted(zones.index)
    for key, area_ha in published_ha.items():
        assert zones.loc[key].geometry.area == pytest.approx(area_ha * 10_000, abs=1), key
    approved = zones["approved_area_ha"].drop("dai-lao", level="zone_id")
    assert approved.to_dict() == pytest.approx({key: published_ha[key] for key in approved.index})


@pytest.mark.parametrize(
    ("zone_id", "on", "stage", "is_there"),
    [
        ("loc-son", "2004-12-31", None, False),
        ("loc-son", "2005-01-01", None, True),
        ("tan-phu", "2020-06-30", "planned", True),
        ("tan-phu", "2020-07-01", "planned", False),
        ("dai-lao", "2018-03-31", "proposed", True),
    ],
)
def test_life_of_the_zones(
    tables: dict[str, Any], zone_id: str, on: str, stage: str | None, is_there: bool
):
    zones = tables["zones"][tables["zones"]["zone_id"] == zone_id]
    assert len(in_force(zones, on)) == is_there
    if stage:
        assert set(zones["stage"]) == {stage}
        assert zones["established_on"].isna().all()


@pytest.mark.parametrize(
    ("zone_id", "longitude", "latitude", "within_m"),
    [
        ("loc-son", 107.842, 11.524, 500),
        ("phu-hoi", 108.36, 11.70, 3_000),
        ("dai-lao", 107.75, 11.50, 1_000),
    ],
)
def test_zones_lie_at_their_published_places(
    tables: dict[str, Any], zone_id: str, longitude: float, latitude: float, within_m: float
):
    project = pyproj.Transformer.from_crs("EPSG:4756", "EPSG:5899", always_xy=True)
    place = shapely.Point(project.transform(longitude, latitude))
    zones = in_force(tables["zones"], NOTICE).set_index("zone_id")
    assert zones.loc[zone_id, "geometry"].centroid.distance(place) < within_m


@pytest.mark.parametrize("zone_id", ["loc-son", "phu-hoi", "tan-phu"])
def test_parcels_tile_the_fence_on_every_day(tables: dict[str, Any], zone_id: str):
    parcels = tables["parcels"][tables["parcels"]["zone_id"] == zone_id]
    zones = tables["zones"][tables["zones"]["zone_id"] == zone_id]
    tiled = 0
    for on in change_days(tables, zone_id):
        ours = in_force(parcels, on).geometry.to_numpy()
        if not len(ours):
            continue
        (fence,) = in_force(zones, on).geometry
        union = shapely.union_all(ours)
        assert shapely.coverage_is_valid(ours), on
        assert not len(shapely.get_rings(union)[1:]), on
        assert union.area == pytest.approx(fence.area, abs=1), on
        assert union.symmetric_difference(fence).area < 1, on
        tiled += 1
    assert tiled >= 4


def test_a_proposed_zone_has_no_parcels(tables: dict[str, Any]):
    assert "dai-lao" not in set(tables["parcels"]["zone_id"])


def test_land_account_of_loc_son_in_march_2018_is_the_published_one(tables: dict[str, Any]):
    sums = account(tables, "loc-son", NOTICE)
    assert round(sums["leased"], 4) == 76.072
    assert round(sums["reserved"], 4) == 16.1371
    assert round(sums["recovering"], 4) == 3.743
    assert round(sums["repurposed"], 4) == 4
    assert round(sums["uncleared"], 4) == 17
    assert round(sums["base"], 4) == 135.7451
    available = sums["base"] - sums.drop("base").sum()
    assert round(available, 4) == 18.793
    # 76.072 / 135.7451 and 76.072 / (135.7451 - 17)
    assert round(sums["leased"] / sums["base"], 4) == 0.5604
    assert round(sums["leased"] / (sums["base"] - sums["uncleared"]), 4) == 0.6406


def test_land_account_of_phu_hoi_in_march_2018_is_the_published_one(tables: dict[str, Any]):
    sums = account(tables, "phu-hoi", NOTICE)
    assert sorted(sums.index) == ["base", "leased", "uncleared"]
    assert round(sums["leased"], 4) == 63.572
    assert round(sums["uncleared"], 4) == 21.1
    assert round(sums["base"], 4) == 84.672
    assert sums["leased"] == pytest.approx(sums["base"] - sums["uncleared"], abs=1e-4)


@pytest.mark.parametrize("zone_id", ["loc-son", "phu-hoi"])
def test_the_account_of_march_2018_was_on_record_in_april(tables: dict[str, Any], zone_id: str):
    now = account(tables, zone_id, NOTICE)
    then = account(tables, zone_id, NOTICE, at="2018-04-30T17:00:00Z")
    pd.testing.assert_series_equal(now, then)


def test_lots_named_in_the_notice(tables: dict[str, Any]):
    entries = held_ha(tables, NOTICE).set_index("parcel_id")
    assert entries.loc["LS-CN09-01", "part_area_ha"] == 8.36
    assert "1 phần lô CN9: 8,36 ha" in entries.loc["LS-CN09-01", "document"]
    housing = entries.loc["LS-CN06-07"]
    assert (housing["status"], housing["land_use"]) == ("repurposed", "industrial")
    assert housing["held_ha"] == pytest.approx(4, abs=1e-5)
    later = in_force(tables["parcels"], "2018-11-15").set_index("parcel_id")
    assert later.loc["LS-CN06-07", "land_use"] == "housing"


def test_after_2018_less_is_let_and_the_rate_rises_ten_points(tables: dict[str, Any]):
    before, after = account(tables, "loc-son", NOTICE), account(tables, "loc-son", "2021-12-31")
    assert round(after["leased"], 4) == 74.5
    assert after["leased"] < before["leased"]
    rise = after["leased"] / after["base"] - before["leased"] / before["base"]
    assert 0.095 < rise < 0.105
    # the province, on cleared land, as published for 2022: 84.7 %
    both = [account(tables, zone_id, "2022-12-31") for zone_id in ("loc-son", "phu-hoi")]
    cleared = sum(one["base"] - one["uncleared"] for one in both)
    assert round(sum(one["leased"] for one in both) / cleared, 3) == 0.847


def test_let_land_is_on_cleared_land_in_march_2018_but_was_not_always(tables: dict[str, Any]):
    def let_before_cleared(on: str) -> set[str]:
        entries = in_force(known(tables["ledger"]), on)
        uncleared = set(entries.loc[entries["status"] == "uncleared", "parcel_id"])
        return uncleared & set(entries.loc[entries["status"].isin(TENURES), "parcel_id"])

    assert let_before_cleared("2018-03-01") == set()
    assert let_before_cleared(NOTICE) == set()
    assert let_before_cleared("2011-12-31") == {"PH-CN06-05", "PH-CN06-06"}


def test_some_leasable_lots_are_never_mentioned(tables: dict[str, Any]):
    parcels = in_force(tables["parcels"], NOTICE)
    lots = parcels[parcels["land_use"].isin(LEASABLE)]
    silent = set(lots["parcel_id"]) - set(tables["ledger"]["parcel_id"])
    assert silent == {"LS-KT01-08", "LS-CN11-08", "LS-DV01-04"}


def test_corrections_supersede_a_row_at_the_instant_they_are_recorded(tables: dict[str, Any]):
    ledger = tables["ledger"]
    assert ledger["recorded_at"].notna().all()
    old = ledger[ledger["superseded_at"].notna()]
    assert len(old) == 5
    assert (old["recorded_at"] < old["superseded_at"]).all()
    for row in old.itertuples():
        new = ledger[
            (ledger["parcel_id"] == row.parcel_id) & (ledger["recorded_at"] == row.superseded_at)
        ]
        assert len(new) == 1, row.entry_id
        assert new["superseded_at"].isna().all()
    assert (ledger["recorded_at"].dt.microsecond % 1000 == 0).all()
    assert (ledger["recorded_at"].dt.microsecond != 0).mean() > 0.5
    assert ledger["entry_id"].is_unique


def test_a_parcel_has_one_version_at_a_time(tables: dict[str, Any]):
    parcels = tables["parcels"].sort_values(["parcel_id", "valid_from"])
    before = parcels.groupby("parcel_id")["valid_to"].shift()
    is_first = ~parcels["parcel_id"].duplicated()
    assert before[~is_first].notna().all()
    assert (parcels["valid_from"] >= before)[~is_first].all()


def test_children_name_their_parents_and_begin_where_they_end(tables: dict[str, Any]):
    parcels = tables["parcels"]
    children = parcels[parcels["parents"].notna()]
    first = children.sort_values("valid_from").drop_duplicates("parcel_id")
    events = first.groupby(["parents", "valid_from"])
    assert len(events) >= 3
    assert first["parents"].str.contains("|", regex=False).any()
    for (parents, on), born in events:
        ended = parcels[parcels["parcel_id"].isin(parents.split("|")) & (parcels["valid_to"] == on)]
        assert len(ended) == len(parents.split("|"))
        assert not in_force(parcels, str(on.date()))["parcel_id"].isin(ended["parcel_id"]).any()
        assert born.area.sum() == pytest.approx(ended.area.sum(), abs=0.1)
        assert born.union_all().symmetric_difference(ended.union_all()).area < 0.1


def test_some_parcels_change_use_or_shape_and_keep_their_id(tables: dict[str, Any]):
    parcels = tables["parcels"].sort_values("valid_from").assign(area_m2=lambda one: one.area)
    uses = parcels.groupby("parcel_id")["land_use"].nunique()
    shapes = parcels.groupby("parcel_id")["area_m2"].agg(np.ptp)
    assert (uses > 1).sum() >= 10
    assert (shapes > 1).sum() == 5  # two resurveys of two lots each, and the corner given back


def test_entries_live_within_their_parcels(tables: dict[str, Any]):
    life = (
        tables["parcels"]
        .groupby("parcel_id")
        .agg(first=("valid_from", "min"), last=("valid_to", lambda ends: ends.max(skipna=False)))
    )
    entries = tables["ledger"].join(life, on="parcel_id", validate="m:1")
    assert entries["first"].notna().all()
    assert (entries["valid_from"] >= entries["first"]).all()
    ends = entries["valid_to"].fillna(pd.Timestamp("2999-01-01"))
    assert (ends <= entries["last"].fillna(pd.Timestamp("2999-01-01"))).all()
    assert (ends > entries["valid_from"]).all()


def test_no_land_is_held_twice_on_any_day_at_any_state_of_the_record(tables: dict[str, Any]):
    ledger = tables["ledger"]
    # the smallest version: what fits there always fits
    lot_ha = (
        tables["parcels"].assign(ha=lambda one: one.area / 10_000).groupby("parcel_id")["ha"].min()
    )
    moments = [None, *(f"{one.isoformat()}" for one in ledger["superseded_at"].dropna())]
    moments += [
        (pd.Timestamp(one) - pd.Timedelta(milliseconds=1)).isoformat() for one in moments if one
    ]
    for at in moments:
        rows = known(ledger, at)
        rows = rows[rows["status"].isin(TENURES)]
        share = (rows["part_area_ha"] / lot_ha.loc[rows["parcel_id"]].to_numpy()).fillna(1.0)
        steps = pd.concat(
            [
                pd.DataFrame({"id": rows["parcel_id"], "on": rows["valid_from"], "step": share}),
                pd.DataFrame({"id": rows["parcel_id"], "on": rows["valid_to"], "step": -share}),
            ]
        ).dropna(subset="on")
        held = steps.groupby(["id", "on"])["step"].sum().groupby("id").cumsum()
        assert held[(held > 1 + 1e-6) | (held < -1e-6)].empty, at


def test_land_is_recovered_and_let_again(tables: dict[str, Any]):
    ledger = known(tables["ledger"])
    whole = ledger[ledger["part_area_ha"].isna()].sort_values(["parcel_id", "valid_from"])
    stories = whole[whole["status"].isin(TENURES)].groupby("parcel_id")
    again = 0
    for _, rows in stories:
        kinds = "".join(status[:3] + " " for status in rows["status"])
        again += "lea rec lea" in kinds
    assert again >= 3


def test_projects(tables: dict[str, Any]):
    every, ledger = tables["projects"], known(tables["ledger"])
    # the notice counts those licensed by then; three came later
    projects = every[every["licensed_on"] <= NOTICE]
    assert len(every) - len(projects) == 3
    assert projects["premises"].value_counts().to_dict() == {"land": 47, "workshop": 2, "office": 1}
    assert {"cà phê", "chè", "dệt may", "chế biến rau quả"} < set(projects["sector"])
    assert projects["sector"].nunique() == 6
    idle = projects["building_on"].isna() & projects["handed_over_on"].notna()
    assert idle.sum() >= 3
    leased = in_force(ledger[ledger["status"] == "leased"], NOTICE)
    named = set(leased["project_id"].dropna())
    assert named == set(projects.loc[projects["premises"] == "land", "project_id"])
    assert leased["project_id"].isna().sum() >= 3
    dated = ledger[ledger["status"] == "leased"].merge(every, on="project_id")
    late = every["licensed_on"] > NOTICE
    assert set(every.loc[late, "project_id"]) <= set(dated["project_id"])
    dated = leased.merge(projects, on="project_id")
    assert (dated["licensed_on"] <= dated["valid_from"]).all()
    assert every["investor"].is_unique
    assert every["investor"].str.contains("ví dụ").all()


def test_what_is_assumed_says_so(tables: dict[str, Any]):
    ledger = known(tables["ledger"])
    published = ledger["basis"] == "published"
    assert set(ledger["basis"]) == {"published", "assumed"}
    assert ledger.loc[published, "document"].str.contains("3/2018").all()
    assert ledger.loc[~published, "document"].str.startswith("Giả định").all()
    at_notice = in_force(ledger[published], NOTICE)
    assert len(at_notice) == published.sum()


def test_neighbours_works_and_buildings(tables: dict[str, Any]):
    receptors, emitters, works = tables["receptors"], tables["emitters"], tables["works"]
    assert set(receptors["kind"]) == {
        "resettlement", "housing", "school", "hospital", "green", "water",
    }  # fmt: skip
    assert set(emitters["kind"]) == {
        "point", "building", "parcel", "wastewater_works", "waste_works",
    }  # fmt: skip
    assert emitters["hazard_class"].isna().any()
    assert len(gpd.sjoin(emitters, receptors, predicate="dwithin", distance=300)) >= 5
    fences = in_force(tables["zones"], NOTICE).set_index("zone_id").geometry
    for row in works.itertuples():
        fence, size = fences[row.zone_id], row.geometry.length
        inside = row.geometry.intersection(fence).length / size
        assert inside > 0.9 if row.inside_fence else inside < 0.1, row.work_id
    assert works["done_on"].isna().any()
    assert works["done_on"].notna().any()
    lots = in_force(tables["parcels"], NOTICE).set_index("parcel_id").geometry
    buildings = tables["buildings"]
    lot = lots.loc[buildings["parcel_id"]].to_numpy()
    assert shapely.covers(lot, buildings.geometry.to_numpy()).all()


def test_claims_keep_what_contradicts(tables: dict[str, Any]):
    claims = tables["claims"]
    areas = claims[claims["measure"] == "approved_area_ha"].groupby("zone_id")["value"].agg(set)
    assert areas["tan-phu"] == {415.49, 496.32, 469, 328}
    assert areas["phu-hoi"] == {196.73, 174, 109}
    assert areas["dai-lao"] == {475, 188}
    assert claims["source"].notna().all()
    province = claims[claims["zone_id"].isna() & (claims["measure"] == "fill_rate")]
    assert sorted(province["value"]) == [0.4999, 0.847]
    assert list(tables["targets"]["on"]) == [pd.Timestamp("2015-12-31")] * 2
    steps = set(zip(tables["milestones"]["zone_id"], tables["milestones"]["kind"], strict=True))
    assert {("tan-phu", "planned"), ("tan-phu", "renamed"), ("tan-phu", "removed")} < steps


def test_plan_items_sum_to_the_approved_area(tables: dict[str, Any]):
    sums = tables["plan_items"].groupby("zone_id")["approved_ha"].sum()
    assert sums.to_dict() == pytest.approx({"loc-son": 183, "phu-hoi": 109}, abs=0.03)


def test_building_it_again_gives_what_is_committed(
    tables: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.syspath_prepend(str(DATA))
    rebuilt = importlib.import_module("build_sample").build()
    assert sorted(rebuilt) == sorted(tables)
    for name, committed in tables.items():
        fresh = rebuilt[name]
        if isinstance(committed, gpd.GeoDataFrame):
            left, right = committed.geometry.to_numpy(), fresh.geometry.to_numpy()
            assert shapely.equals_exact(left, right, tolerance=1e-3).all(), name
            committed, fresh = committed.drop(columns="geometry"), fresh.drop(columns="geometry")
        assert_frame_equal(
            pd.DataFrame(committed).astype("object").fillna(math.nan),
            pd.DataFrame(fresh).astype("object").fillna(math.nan),
            check_like=True,
            check_exact=False,
            rtol=1e-9,
            obj=name,
        )
