"""Lots of 1 ha on three axes, and the clock of those that are empty."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import LineString

import kcngeo as kcn
from tests import squares

ON = "2018-03-31"
PROJECTS = pd.DataFrame(
    {
        "project_id": ["D1", "D2", "D3"],
        "building_on": pd.to_datetime(["2016-01-01", "2017-01-01", None]),
        "operating_on": pd.to_datetime(["2017-01-01", "2018-04-01", None]),
    }
)


def axes(*entries: Any, projects: Any = None, on: str = ON, **columns: Any) -> pd.DataFrame:
    """Zone A of six lots there since 2010; zone established on 1 January 2012."""
    parcels = squares.parcels(*(f"P{place}" for place in range(1, 7)), valid_from="2010-01-01")
    given = kcn.Project(
        zones=squares.zones("A", established_on="2012-01-01"),
        parcels=parcels.assign(**columns),
        ledger=squares.ledger(
            *entries, project_id=[None] * len(entries) if projects is None else projects
        ),
        projects=PROJECTS,
    )
    return kcn.progress.land_axes(given, on=on)


def test_occupation_is_how_far_the_projects_on_a_lot_have_come() -> None:
    made = axes(
        ("P1", "leased", "2015-01-01"),
        ("P2", "leased", "2015-01-01"),
        ("P3", "leased", "2015-01-01"),
        ("P4", "leased", "2015-01-01"),
        # Of two on one lot the one that has come farthest; the rest of it is on offer.
        ("P5", "leased", "2015-01-01", None, 0.25),
        ("P5", "leased", "2015-01-01", None, 0.2),
        projects=["D1", "D2", "D3", "DX", "D3", "D1"],
    )
    told = ["occupied", "building", "unbuilt", "unknown", "occupied", "never"]
    assert made["occupation"].tolist() == told
    assert made["marketing"].tolist() == ["let"] * 4 + ["on_offer"] * 2
    assert made.loc["P5", "available_ha"] == pytest.approx(0.55)
    assert made["vacant_since"].notna().tolist() == [False] * 5 + [True]
    # Nobody has works on record.
    assert set(made["servicing"]) == {"unknown"}
    # On 1 January 2017 the first begins to operate, and the second to build.
    lets = [(lot, "leased", "2015-01-01") for lot in ("P1", "P2")]
    days = {"2016-12-31": ["building", "unbuilt"], "2017-01-01": ["occupied", "building"]}
    for on, two in days.items():
        found = axes(*lets, projects=["D1", "D2"], on=on)
        assert found.loc[["P1", "P2"], "occupation"].tolist() == two


@pytest.mark.parametrize(
    ("on", "occupation", "months"),
    [
        ("2018-01-30", "unknown", None),  # the last day of the lease
        ("2018-01-31", "vacant", 0),  # the first without
        ("2018-02-28", "vacant", 0),  # no 31st yet
        ("2018-03-30", "vacant", 1),
        ("2018-03-31", "vacant", 2),
        ("2020-01-30", "vacant", 23),
        ("2020-01-31", "vacant", 24),
    ],
)
def test_the_clock_of_a_lot_begins_when_its_lease_has_ended(
    on: str, occupation: str, months: int | None
) -> None:
    made = axes(("P1", "leased", "2015-01-01", "2018-01-31"), on=on)
    assert made.loc["P1", "occupation"] == occupation
    assert made.loc["P1", "vacant_months"] == months if months is not None else True
    assert pd.isna(made.loc["P1", "vacant_months"]) == (months is None)
    counts = kcn.progress.vacancy(made).loc["A"]
    # Five others were never let, empty since the zone was established in 2012.
    assert counts["vacant_count"] == 5 + (occupation == "vacant")
    assert counts["vacant_long_count"] == 5 + ((months or 0) >= 24)


def test_a_lot_that_never_was_let_is_empty_since_it_was_there_cleared_and_the_zone_was() -> None:
    made = axes(
        ("P2", "uncleared", "2010-01-01", "2014-06-30"),
        ("P3", "uncleared", "2010-01-01"),
        ("P4", "reserved", "2016-01-01"),
        valid_from=["2010-01-01"] * 4 + ["2013-05-01", None],
    )
    since = made["vacant_since"]
    assert since["P1"] == pd.Timestamp("2012-01-01")
    assert since["P2"] == pd.Timestamp("2014-06-30")
    assert since["P5"] == pd.Timestamp("2013-05-01")
    assert pd.isna(since["P6"])  # nobody knows since when it is there
    counts = kcn.progress.vacancy(made).loc["A"]
    # Not cleared, or reserved: empty, but not on offer.
    assert made["marketing"].tolist() == [
        "on_offer", "on_offer", "uncleared", "reserved", "on_offer", "on_offer",
    ]  # fmt: skip
    assert counts["vacant_count"] == 4
    assert counts["vacant_unknown_count"] == 1
    assert counts["vacant_share"] == pytest.approx(4 / 6)
    # From 1 January 2012 to 31 March 2018.
    assert counts["longest_months"] == 74


def test_a_lot_is_vacant_since_the_lease_of_the_lot_it_came_from() -> None:
    both = pd.concat(
        [
            squares.parcels("OLD", valid_from="2010-01-01", valid_to="2017-01-01"),
            squares.parcels("NEW", valid_from="2017-01-01", parents="OLD"),
        ],
        ignore_index=True,
    )
    given = kcn.Project(
        zones=squares.zones("A"),
        parcels=gpd.GeoDataFrame(both, crs=squares.CRS),
        ledger=squares.ledger(("OLD", "leased", "2011-01-01", "2016-07-01")),
    )
    made = kcn.progress.land_axes(given, on=ON)
    assert made.loc["NEW", ["occupation", "vacant_since"]].tolist() == [
        "vacant",
        pd.Timestamp("2016-07-01"),
    ]


@pytest.mark.parametrize(
    ("done_on", "servicing"), [("2018-03-31", "unknown"), ("2018-04-01", "unserviced")]
)
def test_works_known_to_be_missing_make_a_lot_unserviced(done_on: str, servicing: str) -> None:
    x, y = squares.EAST, squares.NORTH
    road = gpd.GeoDataFrame(
        {
            "work_id": ["W"],
            "zone_id": ["A"],
            "kind": ["road"],
            "done_on": pd.to_datetime([done_on]),
        },
        geometry=[LineString([(x, y), (x + 100, y)])],
        crs=squares.CRS,
    )
    given = kcn.Project(
        zones=squares.zones("A"),
        parcels=squares.parcels("P1"),
        ledger=squares.ledger(("P1", "reserved", "2018-01-01")),
        works=road,
    )
    # The road is there, of power and water nobody knows; or the road is not.
    assert kcn.progress.land_axes(given, on=ON)["servicing"].tolist() == [servicing]


def test_lots_are_counted_by_zone_by_hand() -> None:
    lots = [
        # zone, marketing, occupation, servicing, months without a tenant
        ("A", "on_offer", "vacant", "serviced", 36),
        ("A", "on_offer", "never", "unserviced", 35),
        ("A", "on_offer", "vacant", "serviced", None),
        ("A", "on_offer", "occupied", "serviced", None),
        ("A", "withheld", "vacant", "serviced", 99),
        ("B", "withheld", "occupied", "unserviced", None),
    ]
    names = ["zone_id", "marketing", "occupation", "servicing", "vacant_months"]
    table = pd.DataFrame(lots, columns=names).astype({"vacant_months": "Int64"})
    counts = kcn.progress.vacancy(table, long_months=36)
    # Of A's five lots four are offered, three of them empty: one for long, one nobody knows how.
    assert counts.loc["A"].to_dict() == {
        "lots_count": 5,
        "serviced_count": 4,
        "offered_count": 4,
        "offered_serviced_count": 3,
        "occupied_count": 1,
        "vacant_count": 3,
        "vacant_share": 3 / 5,
        "vacant_long_count": 1,
        "vacant_unknown_count": 1,
        "longest_months": 36,
    }
    assert counts.loc["B", ["lots_count", "occupied_count", "vacant_count"]].tolist() == [1, 1, 0]
    assert pd.isna(counts.loc["B", "longest_months"])
    assert [*counts.columns].index("vacant_share") == 6


def test_the_sample_counts_its_lots() -> None:
    project = kcn.io.read_project("data/parcels/two_zones.gpkg")
    made = kcn.progress.land_axes(project, on=ON)
    lots = project.parcels
    now = lots[
        (lots["valid_from"].isna() | (lots["valid_from"] <= ON))
        & ~(lots["valid_to"] <= ON)
        & (lots["land_use"] == "industrial")
        & lots["zone_id"].isin(["loc-son", "phu-hoi"])
    ]
    assert set(made.index) == set(now["parcel_id"])
    account = kcn.fill.land_account(project, on=ON)
    sums = made.groupby("zone_id")["available_ha"].sum()
    assert sums.tolist() == pytest.approx(account["available_ha"].tolist())
