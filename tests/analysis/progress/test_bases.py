"""Bases side by side and what can be let now: squares of 1 ha, and figures of the sample."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString

import kcngeo as kcn
from kcngeo.analysis.progress import bases
from kcngeo.core.schema import COMPUTED
from kcngeo.publish.month_tables import all_tables
from kcngeo.publish.narrative import summary
from tests.squares import EAST, NORTH, known, ledger, parcels, square, zones

ON = "2018-03-31"
PARTS = ("serviced_ha", "unserviced_ha", "lettable_now_ha", "lettable_now_most_ha")


def works(*kinds: str, until: float = 3, done: str | None = "2015-01-01") -> gpd.GeoDataFrame:
    """A road along the first lots, and plants that serve the whole zone."""
    road = LineString([(EAST, NORTH - 10), (EAST + 100 * until - 50, NORTH - 10)])
    shapes = [road if kind == "road" else square(9) for kind in kinds]
    data = {
        "work_id": [f"W{place}" for place in range(len(kinds))],
        "zone_id": "A",
        "kind": list(kinds),
        "inside_fence": pd.array([True] * len(kinds), dtype="boolean"),
        "done_on": pd.Series([done] * len(kinds), dtype="datetime64[s]"),
    }
    return gpd.GeoDataFrame(data, geometry=shapes, crs="EPSG:5899")


SERVED = ("road", "power", "water", "wastewater", "drainage")


def found(built: gpd.GeoDataFrame | None, **tables: Any) -> pd.Series:
    """Six lots of zone A, of which the first is let and the last is for services."""
    uses = [*["industrial"] * 5, "service"]
    lots = parcels(*(f"P{place}" for place in range(6)), use=uses)
    snapshot = known(
        zones("A", approved_area_ha=[12.0]),
        lots,
        ledger(("P0", "leased", "2016-01-01"), ("P1", "leased", "2016-01-01", None, 0.25)),
        works=built,
        **tables,
    )
    return bases(snapshot, on=ON).T["A"]


def test_bases_stand_side_by_side() -> None:
    row = found(works(*SERVED))
    assert row[["gross_ha", "leasable_ha", "industrial_ha"]].tolist() == [10.0, 6.0, 5.0]
    # The road passes three lots; of them one is let whole and one for a quarter.
    assert row[[*PARTS]].tolist() == [3.0, 3.0, 1.75, 1.75]
    assert (row["available_ha"], row["source"]) == (4.75, "measured")


def test_what_is_not_built_yet_serves_nobody() -> None:
    row = found(works(*SERVED, done="2018-04-01"))
    assert row[[*PARTS]].tolist() == [0.0, 6.0, 0.0, 0.0]
    row = found(works(*SERVED, done="2018-03-31"))
    assert row["lettable_now_ha"] == 1.75


def test_where_nobody_recorded_drains_the_least_and_the_most_are_told() -> None:
    # Three lots are on the road and have all but drains, of which nothing is known.
    row = found(works("road", "power", "water", "wastewater"))
    assert row[[*PARTS]].tolist() == [0.0, 3.0, 0.0, 1.75]
    nothing = found(None)
    assert nothing[[*PARTS]].isna().tolist() == [True, True, True, False]
    assert nothing["lettable_now_most_ha"] == 4.75


def declared(**stated: float) -> pd.Series:
    """A zone of 20 ha without lots, of which a board states something."""
    shapes = zones("A", "B", approved_area_ha=[10.0, 20.0])
    rows = pd.DataFrame(
        {"zone_id": ["B"], "on": pd.to_datetime(["2018-01-31"]), "source": ["a notice"], **stated}
    )
    snapshot = known(shapes, parcels("P0"), ledger(), declared_accounts=rows)
    return bases(snapshot, on=ON).T["B"]


def test_declared_land_without_infrastructure_bounds_what_can_be_let_now() -> None:
    """15 ha leasable: 8 let, 1 reserved, 2 not cleared, 4 available; 3 without infrastructure."""
    parts = {"base_ha": 15.0, "leased_ha": 8.0, "reserved_ha": 1.0, "recovering_ha": 0.0}
    parts |= {"repurposed_ha": 0.0, "uncleared_ha": 2.0, "available_ha": 4.0}
    row = declared(**parts, unserviced_ha=3.0)
    # All three may lie on the land available, or all on other land.
    assert row[[*PARTS]].tolist() == [12.0, 3.0, 1.0, 4.0]
    assert row["source"] == "declared"
    # Of five at most four can lie on what is available.
    assert declared(**parts, unserviced_ha=5.0)[[*PARTS]].tolist() == [10.0, 5.0, 0.0, 4.0]
    # Two of the 15 ha are served, so no more than two can be let.
    assert declared(**parts, unserviced_ha=13.0)[[*PARTS]].tolist() == [2.0, 13.0, 0.0, 2.0]
    assert declared(**parts, unserviced_ha=0.0)[[*PARTS]].tolist() == [15.0, 0.0, 4.0, 4.0]


def test_what_is_not_declared_is_unknown() -> None:
    row = declared(base_ha=15.0, leased_ha=8.0)
    assert row[[*PARTS]].isna().all()
    row = declared(base_ha=15.0, leased_ha=8.0, unserviced_ha=3.0)
    # What is available nobody said; at most what is not let.
    assert row[["serviced_ha", "lettable_now_most_ha"]].tolist() == [12.0, 7.0]
    assert pd.isna(row["lettable_now_ha"])


SAMPLE = Path(__file__).resolve().parents[3] / "data" / "parcels" / "two_zones.gpkg"


@pytest.fixture(scope="module")
def report() -> kcn.report.MonthlyReport:
    project = kcn.io.read_project(SAMPLE)
    return kcn.report.monthly(project, month="2018-03", start="2018-03-31")


def test_the_sample_has_the_bases_that_were_published(report: kcn.report.MonthlyReport) -> None:
    """135.7451 ha are the published parts of March 2018: 76.072+16.1371+3.743+4+18.793+17."""
    assert report.bases is not None
    loc_son = report.bases.round(4).T["loc-son"]
    assert loc_son[["gross_ha", "industrial_ha"]].tolist() == [183.0, 135.7451]
    # Beside it 4.28 ha of service land.
    assert loc_son["leasable_ha"] == 140.0251
    assert loc_son["serviced_ha"] + loc_son["unserviced_ha"] == pytest.approx(140.0251)
    phu_hoi = report.bases.round(4).T["phu-hoi"]
    # 63.572 let and 21.1 not cleared.
    assert phu_hoi[["gross_ha", "industrial_ha"]].tolist() == [109.0, 84.672]


def test_what_can_be_let_now_is_counted_lot_by_lot(report: kcn.report.MonthlyReport) -> None:
    """Roads, power, water, drains and sewers on record: from the lots themselves, one by one."""
    ready = kcn.progress.readiness(report.snapshot, on=ON, definition="nd35-2022")
    needs = ["cleared", *SERVED]
    mine = ready[(ready["zone_id"] == "loc-son") & ready[needs].eq(True).all(axis=1)]
    assert report.bases is not None
    row = report.bases.loc["loc-son"]
    assert row["lettable_now_ha"] == pytest.approx(sum(mine["vacant_ha"]))
    assert round(row["lettable_now_ha"], 3) == 8.678


def test_the_month_tells_it_in_a_table_and_in_words(report: kcn.report.MonthlyReport) -> None:
    tables = all_tables(report, language="vi")
    assert tables["bases"].columns.tolist() == list(COMPUTED["bases"].names)
    said = [one.shown(tables, language="vi") for one in summary(report, tables)]
    assert "Có thể cho thuê ngay, đã có hạ tầng: 8,68 ha trên 19,71 ha còn trống." in said


def test_a_month_of_declared_land_tells_the_least_and_the_most() -> None:
    stated = {"base_ha": [15.0], "leased_ha": [8.0], "available_ha": [7.0], "unserviced_ha": [3.0]}
    rows = pd.DataFrame(
        {"zone_id": ["B"], "on": pd.to_datetime(["2018-01-31"]), "source": ["a notice"], **stated}
    )
    base = kcn.examples.squares()
    lots = base.parcels[base.parcels["zone_id"] == "A"]
    entries = base.ledger[base.ledger["parcel_id"].isin(lots["parcel_id"])]
    project = replace(base, parcels=lots, ledger=entries, declared_accounts=rows)
    made = kcn.report.monthly(project, month="2018-03", start="2018-03-31")
    tables = all_tables(made, language="en")
    said = [one.shown(tables, language="en") for one in summary(made, tables)]
    assert "Can be let now, with its infrastructure: at least 4.00 ha, at most 7.00 ha." in said
