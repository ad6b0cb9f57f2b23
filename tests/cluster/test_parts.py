"""Parts join to the month of all zones, whatever they are, and nothing is worked out twice."""

from __future__ import annotations

import os
import pickle
import signal
from pathlib import Path
from typing import Any

import pytest

import kcngeo as kcn
from kcngeo.cluster import Part, Question, dask_workers, groups, joined, parts
from kcngeo.cluster.workers import TRIES, Processes, beside
from kcngeo.core.errors import ContractError, KcngeoError
from kcngeo.core.kept_results import KeptResults
from tests.test_growth import estate

ROOT = Path(__file__).parents[2]
LONG = pytest.mark.long


def tables_of(bundle: Any) -> dict[str, str]:
    return {name: bundle.csv(name, language="en") for name in bundle.tables_in("en")}


@pytest.mark.parametrize(
    ("name", "month", "most_lots"),
    [
        ("estate", "2017-12", 24),
        pytest.param("two_zones", "2018-03", 1, marks=LONG),
        pytest.param("two_zones", "2018-03", 10**6, marks=LONG),
        pytest.param("province", "2025-10", 1, marks=LONG),
        pytest.param("province", "2025-10", 100, marks=LONG),
    ],
)
def test_the_month_is_the_same_by_any_number_of_groups(
    name: str, month: str, most_lots: int, tmp_path: Path, monkeypatch: Any
):
    path = ROOT / f"data/parcels/{name}.gpkg"
    if name == "estate":
        # Three zones with sites, targets, and leases enough to forecast from.
        path = tmp_path / "estate.parquet"
        kcn.io.write_project(estate(3, entries=2), path)
    project = kcn.io.read_project(path)
    asked = Question(month=month)
    alone = tables_of(kcn.products.month(project, month=month))
    kept: list[Any] = []
    monkeypatch.setattr(
        parts, "KeptResults", lambda **given: kept.append(KeptResults(**given)) or kept[-1]
    )
    some = groups(project, most_lots=most_lots)
    made = [parts.part(path, one, asked.of_the_whole(project)) for one in some]
    # As they come from another process; one is of something else.
    made = pickle.loads(pickle.dumps(made))  # noqa: S301
    made.append(Part(zone_ids=("A",), results={b"no digest": "no result"}))
    assert tables_of(joined(project, made, question=asked)) == alone
    (results,) = kept
    assert results.found > 0
    assert results.made == 0, "a part did not know all that the month asks of its zones"


def test_parts_that_do_not_come_are_no_section_without_an_answer():
    def never() -> list[Part]:
        raise KcngeoError("cluster_lost", address="tcp://nowhere:1", detail="gone")

    with pytest.raises(KcngeoError, match="tcp://nowhere:1 was lost"):
        joined(kcn.examples.squares(), never, question=Question(month="2018-03"))


def test_what_is_asked_of_the_month_is_told_of_it_and_not_what_was_decided_for_parts():
    project = kcn.examples.squares()
    made = joined(project, [], question=Question(month="2018-03"))
    assert (
        made.provenance.options == kcn.products.month(project, month="2018-03").provenance.options
    )
    assert Question(month="2018-03", start="2017-01-01").of_the_whole(project).start == "2017-01-01"


@pytest.mark.parametrize(
    ("most_lots", "workers", "expected"),
    [
        (10, 1, [("A", "B")]),
        (9, 1, [("A",), ("B",)]),
        (1, 1, [("A",), ("B",)]),
        # Three groups for each of two workers, but no more than there are zones.
        (10, 2, [("A",), ("B",)]),
    ],
)
def test_groups_hold_no_more_lots_than_asked(most_lots: int, workers: int, expected: object):
    assert groups(kcn.examples.squares(), most_lots=most_lots, workers=workers) == expected


def test_a_database_is_refused_before_anything_is_asked_of_it():
    with pytest.raises(KcngeoError, match="kcngeo copy"):
        kcn.cluster.month("postgresql://someone@nowhere/none", month="2018-03", client=object())


def test_breaches_travel_between_processes():
    finding = kcn.core.model.finding("unknown_zone", "parcels", ids=["P1"], zones=("X",))
    told = pickle.loads(pickle.dumps(ContractError([finding])))  # noqa: S301
    assert told.problems == (finding,)
    assert told.message("vi") == ContractError([finding]).message("vi")


def _standing(**other: Any) -> dask_workers.Standing:
    own: dict[str, Any] = {"versions": {"numpy": "2.0"}, "rules": {}, "content": "abc"}
    return dask_workers.Standing(**own | other)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (_standing(versions={"numpy": "1.0"}), "numpy 1.0 ≠ 2.0"),
        (_standing(rules={"sha256": "own"}), "registry"),
        (_standing(content=None, unseen="no such folder"), "no such folder"),
        (_standing(content="other"), "another project"),
        (ModuleNotFoundError("No module named 'kcngeo'"), "No module named 'kcngeo'"),
    ],
)
def test_a_worker_that_differs_is_named(said: object, words: str):
    told = {"tcp://good:1": _standing(), "tcp://odd:2": said}
    with pytest.raises(KcngeoError, match=words) as refused:
        dask_workers.require_alike(told, _standing(), "p.parquet")
    assert "tcp://odd:2" in str(refused.value)
    assert "tcp://good:1" not in str(refused.value)
    dask_workers.require_alike({"tcp://good:1": _standing()}, _standing(), "p.parquet")


def test_a_worker_that_is_killed_while_it_is_asked_is_no_odd_one():
    told = {"tcp://good:1": _standing(), "tcp://gone:2": ConnectionResetError("closed")}
    assert list(dask_workers.answered(told)) == ["tcp://good:1"]
    lacks = {"tcp://odd:1": ModuleNotFoundError("No module named 'kcngeo'")}
    assert dask_workers.answered(lacks) == lacks


def test_a_worker_that_came_later_with_other_versions_does_not_work():
    with pytest.raises(KcngeoError, match=r"numpy .* ≠ 2\.0"):
        dask_workers.guarded(_killed_over_b, ("B",), mine=_standing())


def _killed_over_b(zone_ids: tuple[str, ...]) -> Part:
    if "B" in zone_ids:
        os.kill(os.getpid(), signal.SIGKILL)
    return Part(zone_ids=zone_ids, results={})


@LONG
def test_a_zone_that_kills_its_process_is_named_and_the_others_are_done():
    with beside(Processes(2), _killed_over_b, [("A", "B"), ("C",)]) as done:
        told = {one.zone_ids: one.failed for one in done()}
    assert "BrokenProcessPool" in told.pop(("B",))
    assert told == {("A",): "", ("C",): ""}
    assert TRIES > 1
