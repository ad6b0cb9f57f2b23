"""Development in step as known at a moment, and with one zone spoilt."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import kcngeo as kcn
from kcngeo.core.errors import ContractError, KcngeoError
from tests.analysis import steps

SAMPLE = Path(__file__).resolve().parents[3] / "data" / "parcels" / "two_zones.gpkg"
READS_WORKS = {"stage_funnel", "readiness", "capacity_balance", "scorecard", "order_findings"}


def test_later_corrections_do_not_empty_the_land_they_correct() -> None:
    project = kcn.io.read_project(SAMPLE)
    lots = kcn.progress.readiness(project, on=steps.ON)
    let = lots[(lots["zone_id"] == "loc-son") & (lots["leased_ha"] == lots["area_ha"])]
    entries = project.ledger[
        project.ledger["parcel_id"].isin(let.index[:5]) & (project.ledger["status"] == "leased")
    ].drop_duplicates("parcel_id")
    numbers = entries[["entry_id"]].assign(document=[f"GCN-{number}" for number in range(5)])
    after = kcn.ledger.correct(project, numbers, recorded_at="2024-06-30")
    before = after.as_known("2024-06-29")
    # 18.79 ha; cut to the moment twice, the five leases were nowhere and their land was vacant.
    ready = kcn.progress.readiness(before, on=steps.ON)
    mine = ready[ready["zone_id"] == "loc-son"]
    assert mine["vacant_ha"].sum() == pytest.approx(18.793, abs=5e-4)
    assert mine.loc[let.index[:5], "vacant_ha"].tolist() == [0] * 5
    funnel = kcn.progress.stage_funnel(before, on=steps.ON).droplevel("on")
    assert funnel.loc["loc-son", "leased_ha"] == pytest.approx(76.072, abs=1e-4)
    for question in (*steps.PROGRESS.values(), steps.BALANCE["land_use_balance"],
                     steps.BALANCE["green_belt"], steps.BALANCE["let_parcels"]):  # fmt: skip
        steps.same(question(before), question(project))


@pytest.mark.parametrize("name", steps.PROGRESS)
def test_what_was_corrected_later_was_known_as_it_was(name: str) -> None:
    project, question = kcn.examples.squares(), steps.PROGRESS[name]
    better = pd.DataFrame({"entry_id": ["E1"], "valid_from": ["2018-06-01"]})
    after = kcn.ledger.correct(project, better, recorded_at="2019-01-01")
    steps.same(question(after.as_known("2018-12-31")), question(project))


@pytest.mark.parametrize("name", steps.PROGRESS)
def test_a_spoilt_zone_leaves_the_other_as_it_is(name: str) -> None:
    question, project = steps.PROGRESS[name], steps.sound()
    alone = question(project.only(["B"]))
    spoilt = steps.let_twice(project)
    answer, told = steps.asked(question, spoilt)
    if name == "scorecard":  # parcels and ledger do not concern it
        steps.same(answer, question(project))
        assert told == []
        return
    steps.same(answer, alone, without="A")
    assert len(told) == 1
    assert "left out: A." in told[0]
    with pytest.raises(ContractError):
        spoilt.as_known()


@pytest.mark.parametrize("name", steps.PROGRESS)
def test_spoilt_works_concern_those_who_read_works(name: str) -> None:
    question, project = steps.PROGRESS[name], steps.sound()
    answer, told = steps.asked(question, steps.late_works(project))
    if name in READS_WORKS:
        steps.same(answer, question(project.only(["B"])), without="A")
        assert len(told) == 1
    else:
        steps.same(answer, question(project))
        assert told == []


def test_a_zone_is_missing_only_on_the_dates_of_its_fault() -> None:
    project = steps.sound()
    double = project.parcels[project.parcels["parcel_id"] == "A-1"].assign(
        parcel_id="A-1b", valid_from=pd.Timestamp("2019-01-01")
    )
    parcels = pd.concat([project.parcels, double], ignore_index=True)
    spoilt = kcn.Project(**(dict(project.tables()) | {"parcels": parcels}))
    funnel, told = steps.asked(steps.PROGRESS["stage_funnel"], spoilt)
    expected = kcn.progress.stage_funnel(project, on=steps.ON)
    dates = funnel.index.get_level_values("on")
    pd.testing.assert_frame_equal(funnel[dates == steps.ON], expected)
    assert funnel.loc[("A", "2019-03-31")].isna().all()
    assert funnel.loc[("B", "2019-03-31"), "planned_ha"] == 2
    assert len(told) == 1


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("readiness", "works"),
        ("capacity_balance", "works"),
        ("clearance_progress", "clearance"),
        ("idle_clocks", "projects"),
        ("investor_support", "projects"),
    ],
)
def test_a_question_that_is_nothing_without_a_table_says_so(name: str, table: str) -> None:
    project = kcn.examples.squares()
    tables = dict(project.tables()) | {table: None}
    with pytest.raises(KcngeoError, match=f"needs the table {table}"):
        steps.PROGRESS[name](kcn.Project(**tables))


def test_a_table_that_still_says_what_was_known_when_is_refused() -> None:
    pieces = kcn.examples.squares().clearance
    assert pieces is not None
    with pytest.raises(KcngeoError, match="recorded_at"):
        kcn.progress.clearance_by_zone(pieces.assign(recorded_at=pd.NaT), on=steps.ON)
