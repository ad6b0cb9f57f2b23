"""Laws over every public question: what was known then, and one zone's bad data.

The questions are found, not listed: every public function of ``kcn`` whose first parameter is a
``Project | Snapshot``. One that has no arguments below fails.
"""

from __future__ import annotations

import inspect
import types
import warnings
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kcngeo as kcn
from kcngeo.core.errors import KcngeoWarning

ON, START = "2018-03-31", "2017-03-31"
DEMAND = pd.DataFrame({"kind": ["power"], "unit": ["MW"], "demand_per_ha": [0.1]})
SECTORS = pd.DataFrame({"sector": ["tea"], "other_sector": ["textile"]})

ARGUMENTS: dict[str, dict[str, Any]] = {
    "absorption.by_sector": {"on": ON},
    "absorption.cleared_unlet": {"on": ON},
    "absorption.ending_leases": {"on": ON, "months": 24},
    "balance.green_belt": {"on": ON},
    "balance.land_use_balance": {"standard": "qcvn01-2008", "on": ON},
    "balance.lot_balance": {"on": ON},
    "balance.social_works": {"on": ON},
    "change.by_month": {"start": START, "end": ON, "definition": "nd164-2013"},
    "claims.figures": {},
    "conflicts.incompatible_neighbours": {"sectors": SECTORS, "on": ON},
    "developable.developable_land": {"on": ON},
    "developable.sensitivity": {"alternatives": {}, "on": ON},
    "fill.fill_rate": {"on": ON},
    "fill.fill_series": {"start": START, "end": ON},
    "fill.land_account": {"on": ON},
    "forecast.fill_date": {"on": ON, "target": 0.8},
    "forecast.leased_at": {"on": ON, "horizons": [12]},
    "imagery.let_lots": {"on": ON},
    "ledger.state": {"on": ON},
    "progress.capacity_balance": {"on": ON, "demand": DEMAND},
    "progress.clearance_progress": {"on": ON},
    "progress.dwell_times": {"on": ON},
    "progress.idle_clocks": {"on": ON},
    "progress.investor_support": {"on": ON},
    "progress.order_findings": {"on": ON},
    "progress.readiness": {"on": ON},
    "progress.scorecard": {"on": ON},
    "progress.stage_funnel": {"on": ON},
    "report.monthly": {"month": "2018-03"},
    "report.site_report": {"on": ON, "criteria": kcn.sites.SiteCriteria(min_area_ha=0.1)},
}


@cache
def questions() -> dict[str, Callable[..., Any]]:
    """Find every public function whose first parameter is a project or a snapshot."""
    found = {}
    for room in kcn.__all__:
        module = getattr(kcn, room)
        if not isinstance(module, types.ModuleType):
            continue
        for name in getattr(module, "__all__", ()):
            one = getattr(module, name)
            if not inspect.isfunction(one) or not inspect.signature(one).parameters:
                continue
            first = next(iter(inspect.signature(one).parameters.values()))
            if {part.strip() for part in str(first.annotation).split("|")} >= {
                "Project",
                "Snapshot",
            }:
                found[f"{room}.{name}"] = one
    return found


def ask(name: str, source: kcn.Project | kcn.Snapshot) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", KcngeoWarning)
        return questions()[name](source, **ARGUMENTS[name])


def plain(answer: Any) -> Any:
    """Take an answer apart, down to frames and values that can be compared."""
    if isinstance(answer, kcn.Snapshot | kcn.Project) or callable(answer):
        return None
    if is_dataclass(answer) and not isinstance(answer, type):
        return {item.name: plain(getattr(answer, item.name)) for item in fields(answer)}
    if isinstance(answer, list | tuple):
        return [plain(one) for one in answer]
    return answer


def assert_same(left: Any, right: Any) -> None:
    assert type(left) is type(right)
    if isinstance(left, dict):
        assert left.keys() == right.keys()
        for key in left:
            assert_same(left[key], right[key])
    elif isinstance(left, list):
        assert len(left) == len(right)
        for one, other in zip(left, right, strict=True):
            assert_same(one, other)
    elif isinstance(left, pd.DataFrame):
        pd.testing.assert_frame_equal(pd.DataFrame(left), pd.DataFrame(right), check_exact=True)
    elif isinstance(left, pd.Series):
        pd.testing.assert_series_equal(left, right, check_exact=True)
    elif isinstance(left, np.ndarray):
        np.testing.assert_array_equal(left, right)
    else:
        assert left == right


def test_every_question_has_arguments_here() -> None:
    # What makes files or maps of a question is asked by its own tests.
    rooms = {name for name in questions() if name.split(".")[0] not in OUTPUTS}
    assert rooms == set(ARGUMENTS)


OUTPUTS = ("cartography", "figures", "maps", "products", "publish", "qgis")


def corrected(documents: int, moves: list[tuple[int, int]]) -> kcn.Project:
    """The squares, whose ledger was recorded in 2017 and corrected again and again since."""
    project = kcn.examples.squares()
    project = replace(
        project,
        ledger=project.ledger.assign(recorded_at=pd.Timestamp("2017-07-05", tz="UTC")),
        works=project.works.assign(recorded_at=pd.Timestamp("2017-07-05", tz="UTC")),
        projects=project.projects.assign(recorded_at=pd.Timestamp("2017-07-05", tz="UTC")),
    )
    stamp = pd.Timestamp("2018-05-01", tz="UTC")
    for number in range(documents):
        entry = project.ledger["entry_id"].iloc[number]
        better = pd.DataFrame({"entry_id": [entry], "document": [f"No. {number}"]})
        stamp += pd.Timedelta(days=1)
        project = kcn.ledger.correct(project, better, recorded_at=stamp)
    for entry, days in moves:
        first = project.ledger["valid_from"].iloc[entry] + pd.Timedelta(days=days)
        name = project.ledger["entry_id"].iloc[entry]
        stamp += pd.Timedelta(days=1)
        project = kcn.ledger.correct(
            project, pd.DataFrame({"entry_id": [name], "valid_from": [first]}), recorded_at=stamp
        )
    gone = project.works.assign(superseded_at=stamp)
    later = project.works.assign(recorded_at=stamp, progress_share=1.0)
    return replace(project, works=pd.concat([gone, later], ignore_index=True))


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
@given(
    documents=st.integers(0, 5),
    moves=st.lists(st.tuples(st.integers(0, 5), st.integers(-30, 30)), max_size=3),
    late=st.integers(0, 12),
)
def test_a_snapshot_answers_as_the_project_stored_then(
    name: str, documents: int, moves: list[tuple[int, int]], late: int
) -> None:
    project = corrected(documents, moves)
    moment = pd.Timestamp("2018-04-28", tz="UTC") + pd.Timedelta(days=late)
    then = project.as_known(moment)
    stored = project.stored_at(moment)
    assert_same(plain(ask(name, then)), plain(ask(name, stored.as_known())))
    assert_same(plain(ask(name, then)), plain(ask(name, stored)))


def spoilt(project: kcn.Project) -> kcn.Project:
    """Two lots of zone B lie on each other, and one of its entries has no such status."""
    ledger = project.ledger.copy()
    ledger.loc[ledger["parcel_id"] == "B-1", "status"] = "let"
    return replace(project, ledger=ledger)


def of_zone(answer: Any, zone_id: str) -> Any:
    """Keep what an answer says of a zone."""
    if isinstance(answer, dict):
        return {key: of_zone(one, zone_id) for key, one in answer.items()}
    if isinstance(answer, list):
        return [of_zone(one, zone_id) for one in answer]
    if isinstance(answer, pd.DataFrame):
        if "zone_id" in answer.index.names:
            return answer[answer.index.get_level_values("zone_id") == zone_id]
        if "zone_id" in answer.columns:
            return answer[answer["zone_id"] == zone_id]
    return None


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_one_spoilt_zone_changes_no_other(name: str) -> None:
    project = kcn.examples.squares()
    sound, beside = ask(name, project), ask(name, spoilt(project))
    mine, theirs = (of_zone(plain(one), "A") for one in (sound, beside))
    assert_alike(mine, theirs)


def assert_alike(left: Any, right: Any) -> None:
    """As the same, but for the places of rows, which those of another zone move."""
    if isinstance(left, pd.DataFrame):
        named = [name for name in left.index.names if name is not None]
        left, right = (
            pd.DataFrame(one).reset_index(drop=not named).reset_index(drop=True)
            for one in (left, right)
        )
        pd.testing.assert_frame_equal(left, right, check_dtype=False)
    elif isinstance(left, dict):
        for key in left:
            assert_alike(left[key], right[key])
    elif isinstance(left, list):
        for one, other in zip(left, right, strict=False):
            assert_alike(one, other)
