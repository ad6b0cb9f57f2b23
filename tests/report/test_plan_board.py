"""The lines of the plan, by hand: on a zone of 1 ha, and on the sample counted by plain pandas."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

import kcngeo as kcn
from kcngeo.publish.month_tables import all_tables
from kcngeo.publish.narrative import summary
from kcngeo.report import TOTAL, Line, plan_lines, spatial_sections
from tests.analysis.quality.test_catalogue import hall, planned, project_p, works

ON = "2018-03-31"


def lines(project: kcn.Project) -> dict[tuple[str, str, str], Line]:
    """The lines of a month by topic, zone and sector."""
    report = kcn.report.monthly(project, month=ON)
    made = plan_lines(report, spatial_sections(report))
    assert len({(one.topic, one.zone_id, one.sector) for one in made}) == len(made)
    return {(one.topic, one.zone_id, one.sector): one for one in made}


def figure(line: Line) -> dict[str, Any]:
    return {name: value for _, fields in line.figure for name, value in fields.items()}


def test_land_density_belt_and_housing_of_one_hectare() -> None:
    made = lines(planned(buildings=hall(60.0), works=works("worker_housing", None, 4)))
    # The ring of 10 m leaves 80 m by 80 m of 1 ha: 36 % are green.
    green = made["green", "A", ""]
    assert (green.status, round(green.value, 6), green.against) == ("done", 0.36, 0.10)
    # 60 of the 80 m of the lot are built: 75 %, and 70 % are allowed; the lot has 0.544 ha.
    dense = made["density", "A", ""]
    assert (dense.status, dense.value, dense.against) == ("breach", 1, 1)
    assert round(dense.effect_ha, 6) == 0.544
    assert dense.rules == ("lot-density",)
    assert made["belt", "A", ""].status == "done"
    # Ten work on let land; four places are on record and none is ready.
    housing = made["housing_inside", "A", ""]
    assert (housing.status, housing.value, housing.against) == ("breach", 0, 10)
    assert figure(housing) == {"workers_count": 10, "ready_count": 0, "planned_count": 4}
    # One zone needs no line of all zones.
    assert not [key for key in made if key[1] == TOTAL and key[0] != "support"]


def test_places_outside_the_fence_count_and_have_a_line_of_their_own() -> None:
    inside = works("worker_housing", "2018-01-01", 4)
    outside = inside.assign(work_id="V", inside_fence=False, capacity=6.0)
    both = pd.concat([inside.assign(inside_fence=True), outside], ignore_index=True)
    made = lines(planned(works=both))
    assert made["housing_inside", "A", ""].status == "done"
    assert figure(made["housing_outside", "A", ""])["ready_count"] == 6
    fewer = both.assign(capacity=[4.0, 5.0])
    assert lines(planned(works=fewer))["housing_inside", "A", ""].status == "breach"


def test_places_in_another_unit_and_workers_nobody_counted_are_unknown() -> None:
    flats = works("worker_housing", "2018-01-01", 4).assign(capacity_unit="căn hộ")
    made = lines(planned(works=flats))
    assert made["housing_inside", "A", ""].status == "stated"
    nobody = planned(
        works=works("worker_housing", "2018-01-01", 4), projects=project_p(workers=None)
    )
    assert lines(nobody)["housing_inside", "A", ""].status == "done"
    assert "workers_unhoused" not in [
        one.rule for one in kcn.report.monthly(nobody, month=ON).findings
    ]


def test_what_nobody_entered_is_one_line_that_names_the_columns() -> None:
    made = lines(replace(planned(), projects=None))
    missing = made["no_data", "A", ""]
    ((_, said),) = missing.figure
    topics = {topic for topic, *_ in said["topics"]}
    assert {"fill", "clearance", "road", "density", "idle", "support"} <= topics
    assert said["missing_count"] == missing.value == len(said["topics"])
    ((_, columns),) = missing.cause
    assert {"targets.value", "clearance.paid_vnd", "works.progress_share"} <= {*columns["columns"]}
    # A zone of which something is on record is not said to lack it.
    told = lines(planned(works=works("road", "2018-01-01", 18)))
    ((_, said),) = told["no_data", "A", ""].figure
    assert ("road", "", "works.progress_share") not in said["topics"]
    assert ("road", "outside", "works.progress_share") in said["topics"]


@pytest.mark.parametrize(
    ("done_on", "due_on", "status"),
    [
        ("2018-03-31", "2018-01-01", "done"),
        ("2018-04-01", "2018-03-30", "late"),
        ("2018-04-01", "2018-03-31", "under_way"),
        (None, None, "under_way"),
    ],
)
def test_works_by_their_days(done_on: str | None, due_on: str | None, status: str) -> None:
    road = works("road", done_on, 18).assign(
        due_on=pd.Series([due_on], dtype="datetime64[s]"), progress_share=[0.5]
    )
    line = lines(planned(works=road))["road", "A", ""]
    assert line.status == status
    assert line.against == 1


@pytest.fixture(scope="module")
def sample() -> kcn.Project:
    return kcn.io.read_project("data/parcels/two_zones.gpkg")


@pytest.fixture(scope="module")
def month(sample: kcn.Project) -> tuple[Any, Any]:
    report = kcn.report.monthly(sample, month=ON)
    return report, spatial_sections(report)


def test_workers_and_wastewater_of_the_sample_by_plain_counting(
    sample: kcn.Project, month: tuple[Any, Any]
) -> None:
    on = pd.Timestamp(ON)
    ledger = sample.ledger[sample.ledger["status"] == "leased"].copy()
    ends = ledger["valid_to"].fillna(pd.Timestamp("2100-01-01"))
    now = ledger[(ledger["valid_from"] <= on) & (on < ends)]
    zone_of = sample.parcels.drop_duplicates("parcel_id").set_index("parcel_id")["zone_id"]
    held = now.assign(zone_id=now["parcel_id"].map(zone_of).to_numpy())
    assert sample.projects is not None
    both = held[["project_id", "zone_id"]].drop_duplicates().merge(sample.projects)
    workers = both.groupby("zone_id")["workers"].sum()
    assert workers.to_dict() == {"loc-son": 2165, "phu-hoi": 1696}
    # The wastewater works of Lộc Sơn were done on 1 Oct 2013, those of Phú Hội on 1 Jun 2015.
    first = both["zone_id"].map({"loc-son": "2013-10-01", "phu-hoi": "2015-06-01"})
    early = both[both["operating_on"] < pd.to_datetime(first)]
    assert early["zone_id"].value_counts().to_dict() == {"loc-son": 19, "phu-hoi": 15}
    told = {(one.topic, one.zone_id, one.sector): one for one in plan_lines(*month)}
    for zone_id, ready, early_count in (("loc-son", 0, 19), ("phu-hoi", 600, 15)):
        housing = told["housing_inside", zone_id, ""]
        assert (housing.value, housing.against) == (ready, workers[zone_id])
        assert told["environment", zone_id, ""].value == early_count
    assert told["environment", TOTAL, ""].value == 34
    # 17.07306 of 183 ha and 8.42925 of 109 ha are green.
    shares = [round(told["green", zone, ""].value, 4) for zone in ("loc-son", "phu-hoi")]
    assert shares == [round(17.07306 / 183, 4), round(8.42925 / 109, 4)] == [0.0933, 0.0773]
    assert told["density", TOTAL, ""].value == 2
    rules = [one.rule for one in month[0].findings]
    assert rules.count("land_use_short") == rules.count("workers_unhoused") == 2


def test_zones_without_lots_have_one_line_of_what_is_not_entered() -> None:
    province = kcn.io.read_project("data/parcels/province.gpkg")
    report = kcn.report.monthly(province, month="2025-10")
    made = plan_lines(report, spatial_sections(report))
    missing = [one.zone_id for one in made if one.topic == "no_data"]
    assert len(missing) == len(set(missing)) == 15
    # Only two zones have lots: of the others nobody says that green lacks.
    drawn = {one.zone_id for one in made if one.topic in ("green", "balance", "belt", "density")}
    assert drawn == {"loc-son", "phu-hoi", TOTAL}
    # By the edition of 2021, in force then: 8.43 of 109 ha are green, 9.10 of 109 ha are roads.
    broken = {(one.topic, one.zone_id) for one in made if one.status == "breach"}
    assert {("green", "phu-hoi"), ("balance", "phu-hoi")} <= broken
    assert ("green", "loc-son") not in broken


PAGE_ONE = {
    "vi": [
        "KCN Phú Hội 7,73 %/10,00 %; KCN Lộc Sơn 9,33 %/10,00 %",
        "KCN Lộc Sơn 1/51 (mức chưa có hiệu lực); KCN Phú Hội 1/46 (mức chưa có hiệu lực)",
        "nước thải hoàn thành: KCN Lộc Sơn 19; KCN Phú Hội 15",
        "KCN Lộc Sơn 0/2.165 (hồ sơ có 900 chỗ); KCN Phú Hội 600/1.696",
    ],
    "en": [
        "KCN Phú Hội 7.73 %/10.00 %; KCN Lộc Sơn 9.33 %/10.00 %",
        "KCN Lộc Sơn 1/51 (figure not in force); KCN Phú Hội 1/46 (figure not in force)",
        "wastewater works were done: KCN Lộc Sơn 19; KCN Phú Hội 15",
        "KCN Lộc Sơn 0/2,165 (900 places on record); KCN Phú Hội 600/1,696",
    ],
}


@pytest.mark.parametrize("language", ["vi", "en"])
def test_breaches_of_the_sample_stand_on_page_one(month: tuple[Any, Any], language: str) -> None:
    report, around = month
    tables = all_tables(report, language=language, around=around)
    said = [
        one.shown(tables, language=language)
        for one in summary(report, tables)
        if one.is_first and one.key.startswith("breach")
    ]
    assert len(said) <= 8
    for words in PAGE_ONE[language]:
        assert [one for one in said if words in one], (words, said)
    counts = tables["overview"].set_index("zone_id")["breach_count"].to_dict()
    plan = tables["plan"]
    own = plan[(plan["status"] == "breach") & (plan["zone_id"] != TOTAL)]
    assert counts == {**own["zone_id"].value_counts().to_dict(), TOTAL: len(own)}
