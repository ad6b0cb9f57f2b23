"""For every public question and moment: asked of what was known, or of what was stored then.

The questions are found, not listed: every public function of ``kcn`` that takes a ``Snapshot``. One
that has no arguments in ``questions.py`` fails.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kcngeo as kcn
from kcngeo.core.errors import ContractError
from tests.public_questions import spoilt
from tests.public_questions.answers import (
    assert_same,
    plain,
)
from tests.public_questions.questions import (
    ARGUMENTS,
    COMPUTED,
    DRAWN,
    GATHERED,
    ask,
    project,
    questions,
    takes_a_project,
)


def test_every_question_has_arguments() -> None:
    assert set(questions()) == set(ARGUMENTS)


RECORDED = pd.Timestamp("2018-05-01", tz="UTC")
# What was recorded in 2017 and found to be another in 2018: table, position, column, better value.
CORRECTIONS = [
    ("ledger", 0, "valid_from", pd.Timestamp("2016-05-01")),
    ("ledger", 1, "part_area_ha", 0.25),
    ("ledger", 2, "valid_to", pd.Timestamp("2018-01-01")),
    ("ledger", 3, "status", "recovering"),
    ("ledger", 4, "document", "No. 1"),
    ("ledger", 5, "valid_to", pd.Timestamp("2018-06-01")),
    ("parcels", 3, "land_use", "green"),
    ("parcels", 8, "certificate_area_m2", 9_000.0),
    ("zones", 1, "established_on", pd.Timestamp("2018-03-01")),
    ("works", 1, "progress_share", 1.0),
    ("clearance", 0, "area_ha", 0.5),
    ("projects", 0, "sector", "textile"),
    ("targets", 0, "value", 0.5),
    ("claims", 0, "value", 1.0),
    ("declared_accounts", 1, "leased_ha", 2.0),
    ("emitters", 0, "hazard_class", "I"),
    ("milestones", 0, "done_on", pd.Timestamp("2010-01-01")),
    # What was wrong then, so that zone B could not be computed, and was put right.
    ("ledger", 5, "part_area_ha", None),
]
AT_FAULT = len(CORRECTIONS) - 1


@cache
def corrected(which: tuple[int, ...]) -> kcn.Project:
    """Give the project recorded in 2017, with corrections one a day from 1 May 2018."""
    made = project()
    if AT_FAULT in which:
        made = spoilt.WAYS["more let than there is"](made)
    first = pd.Timestamp("2017-07-05", tz="UTC")
    nothing = pd.Series(pd.NaT, dtype="datetime64[us, UTC]")
    frames = {
        name: frame.assign(recorded_at=first, superseded_at=nothing.reindex(frame.index))
        for name, frame in made.tables()
    }
    for days, number in enumerate(which):
        table, place, column, value = CORRECTIONS[number]
        stamp = RECORDED + pd.Timedelta(days=days)
        frame = frames[table]
        # The row as it stands now: an earlier correction of it has written it anew.
        key = frame.iloc[place][
            ["entry_id" if table == "ledger" else kcn.schema.TABLES[table].key[0]]
        ]
        now = frame["superseded_at"].isna() & (frame[key.index[0]] == key.iloc[0])
        better = frame[now].assign(recorded_at=stamp)
        if column not in better.columns:
            better[column] = None
        better[column] = pd.Series([value], index=better.index).astype(
            better[column].dtype if value is not None and column in frame.columns else "object"
        )
        frames[table] = pd.concat(
            [frame.assign(superseded_at=frame["superseded_at"].mask(now, stamp)), better],
            ignore_index=True,
        )
    return kcn.Project(**frames)


def known(one: kcn.Project, *args: Any, faulty: Any) -> kcn.Snapshot | str:
    try:
        return one.as_known(*args, faulty=faulty)
    except ContractError as error:
        return str(error)


@lru_cache(maxsize=16)  # every question begins with the same simplest example
def both(which: tuple[int, ...], days: int, faulty: str) -> tuple[Any, Any, kcn.Project]:
    """The corrected project as known on a day, as it was stored then, and that store itself."""
    moment = RECORDED + pd.Timedelta(days=days)
    stored = corrected(which).stored_at(moment)
    return known(corrected(which), moment, faulty=faulty), known(stored, faulty=faulty), stored


CORRECTED = given(
    which=st.lists(st.sampled_from(range(len(CORRECTIONS))), min_size=1, max_size=6, unique=True),
    days=st.integers(-1, 6),
    faulty=st.sampled_from(["set_apart", "raise"]),
)
SAME_FOLDER = [HealthCheck.function_scoped_fixture]


@pytest.mark.parametrize("name", COMPUTED)
@settings(max_examples=3, suppress_health_check=SAME_FOLDER)
@CORRECTED
def test_a_snapshot_answers_as_the_project_stored_then(
    name: str, which: list[int], days: int, faulty: str, tmp_path: Path
) -> None:
    require_same_answers(name, which, days, faulty, tmp_path)


@pytest.mark.laws
@pytest.mark.parametrize("name", GATHERED)
def test_what_is_drawn_of_a_snapshot_is_drawn_of_the_project_stored_then(
    name: str, tmp_path: Path
) -> None:
    # Half of what was found wrong is known, the other half is not yet.
    require_same_answers(name, list(range(AT_FAULT)), AT_FAULT // 2, "set_apart", tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("name", DRAWN)
@settings(max_examples=5, suppress_health_check=SAME_FOLDER)
@CORRECTED
def test_whatever_was_corrected_what_is_drawn_is_the_same(
    name: str, which: list[int], days: int, faulty: str, tmp_path: Path
) -> None:
    require_same_answers(name, which, days, faulty, tmp_path)


def require_same_answers(
    name: str, which: list[int], days: int, faulty: str, tmp_path: Path
) -> None:
    then, again, stored = both(tuple(which), days, faulty)
    if isinstance(then, str) or isinstance(again, str):
        assert then == again
        return
    folders = [tmp_path / f"{len(list(tmp_path.iterdir()))}-{turn}" for turn in range(3)]
    answer = plain(ask(name, then, folders[0]))
    assert_same(answer, plain(ask(name, again, folders[1])))
    if takes_a_project(name):
        assert_same(answer, plain(ask(name, stored, folders[2])))
