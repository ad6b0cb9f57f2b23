"""Laws over every public question: what was known then, and one zone's bad data.

The questions are found, not listed: every public function of ``kcn`` that takes a ``Snapshot``. One
that has no arguments in ``questions.py`` fails.
"""

from __future__ import annotations

import inspect
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kcngeo as kcn
from kcngeo.core.errors import ContractError
from tests.public_questions import spoilt
from tests.public_questions.answers import assert_frames, assert_same, of_zone, owners, plain
from tests.public_questions.questions import (
    ARGUMENTS,
    ask,
    project,
    questions,
    takes_a_project,
    warnings_of,
)

RECORDED = pd.Timestamp("2018-05-01", tz="UTC")


def test_every_question_has_arguments() -> None:
    assert set(questions()) == set(ARGUMENTS)


def test_every_table_whose_rows_are_of_a_zone_is_spoilt() -> None:
    of_zones = {
        name
        for name, table in kcn.schema.TABLES.items()
        if {"zone_id", "parcel_id"} & {column.name for column in table.columns}
    }
    assert of_zones == {name.removeprefix("contract of ") for name in spoilt.BREACHES}


# --- as known at a moment


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


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    which=st.lists(st.sampled_from(range(len(CORRECTIONS))), min_size=1, max_size=6, unique=True),
    days=st.integers(-1, 6),
    faulty=st.sampled_from(["set_apart", "raise"]),
)
def test_a_snapshot_answers_as_the_project_stored_then(
    name: str, which: list[int], days: int, faulty: str, tmp_path: Path
) -> None:
    whole = corrected(tuple(which))
    moment = RECORDED + pd.Timedelta(days=days)
    stored = whole.stored_at(moment)
    then, again = known(whole, moment, faulty=faulty), known(stored, faulty=faulty)
    if isinstance(then, str) or isinstance(again, str):
        assert then == again
        return
    folders = [tmp_path / f"{len(list(tmp_path.iterdir()))}-{turn}" for turn in range(3)]
    answer = plain(ask(name, then, folders[0]))
    assert_same(answer, plain(ask(name, again, folders[1])))
    if takes_a_project(name):
        assert_same(answer, plain(ask(name, stored, folders[2])))


# --- one zone's bad data


@cache
def sound() -> kcn.Project:
    return project()


@cache
def alone() -> kcn.Snapshot:
    return sound().only(["A"]).as_known()


@cache
def far_apart() -> kcn.Project:
    """Give the project with zone B 5 km to the north, so that no sheet of zone A shows it."""
    frames = dict(sound().tables())
    for name, frame in frames.items():
        if isinstance(frame, gpd.GeoDataFrame):
            key = frame[kcn.schema.TABLES[name].key[0]].map(zone_of())
            shapes = frame.geometry.where(key != "B", frame.translate(yoff=5_000))
            frames[name] = frame.set_geometry(shapes)
    return kcn.Project(**frames)


@cache
def beside(way: str, *, far: bool = False) -> kcn.Snapshot:
    return spoilt.WAYS[way](far_apart() if far else sound()).as_known(faulty="set_apart")


@cache
def zone_of() -> dict[str, str]:
    return owners(sound())


def of_a(answer: Any, source: kcn.Snapshot) -> Any:
    return of_zone(answer, "A", zone_of(), source.zone_ids.tolist())


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_one_spoilt_zone_changes_no_other(name: str, tmp_path: Path) -> None:
    parameters = inspect.signature(questions()[name]).parameters
    # What draws one zone alone is asked for that.
    own = {"zone_id": "A"} if "zone_id" in parameters else {}

    def asked(source: kcn.Snapshot, area: str) -> Any:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        more = {"area": area} if "area" in parameters else {}
        return plain(ask(name, source, folder, **own, **more))

    whole = (far_apart() if own else sound()).as_known()
    expected = {area: asked(whole, area) for area in ("grid", "certificate")}
    is_by_zone = bool(own) or of_a(expected["grid"], whole) is not None
    # What only says sums says those of the zones that are left.
    left = {} if is_by_zone else {area: asked(alone(), area) for area in expected}
    for way in spoilt.WAYS:
        area = "certificate" if way.startswith("no ") else "grid"
        answer = asked(beside(way, far=bool(own)), area)
        if own:
            assert_alike(expected[area], answer, way)
        elif is_by_zone:
            assert_alike(of_a(expected[area], whole), of_a(answer, beside(way)), way)
        else:
            assert is_alike(expected[area], answer) or is_alike(left[area], answer), way


@pytest.mark.parametrize("name", [name for name in sorted(ARGUMENTS) if takes_a_project(name)])
def test_a_zone_that_is_left_out_is_told_once(name: str, tmp_path: Path) -> None:
    told = warnings_of(name, spoilt.WAYS["lots overlap"](sound()), tmp_path)
    assert [one for one in told if "left out" in one] in ([], told[:1])


def is_alike(left: Any, right: Any) -> bool:
    try:
        assert_alike(left, right, "sums")
    except AssertionError:
        return False
    return True


def assert_alike(left: Any, right: Any, at: str) -> None:
    """As the same, but for types of columns, which a table with missing figures may change."""
    if isinstance(left, pd.DataFrame):
        assert isinstance(right, pd.DataFrame), at
        assert_frames(left, right, at, check_dtype=False)
    elif isinstance(left, dict):
        assert left.keys() == right.keys(), at
        for key in left:
            assert_alike(left[key], right[key], f"{at}.{key}")
    elif isinstance(left, list):
        assert len(left) == len(right), at
        for place, (one, other) in enumerate(zip(left, right, strict=True)):
            assert_alike(one, other, f"{at}[{place}]")
    else:
        assert_same(left, right, at)
