"""For every public question: one zone's bad data change no figure of another zone.

What says something of each zone says the same of zone A; what only says sums says those of the
zones that are left.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest

import kcngeo as kcn
from tests.public_questions import spoilt
from tests.public_questions.answers import (
    assert_alike,
    is_alike,
    of_zone,
    owners,
    plain,
)
from tests.public_questions.questions import (
    COMPUTED,
    DRAWN,
    GATHERED,
    ask,
    project,
    questions,
    takes_a_project,
    warnings_of,
)


@pytest.mark.laws
def test_every_table_whose_rows_are_of_a_zone_is_spoilt() -> None:
    of_zones = {
        name
        for name, table in kcn.schema.TABLES.items()
        if table.entered and {"zone_id", "parcel_id"} & {column.name for column in table.columns}
    }
    assert of_zones == {name.removeprefix("contract of ") for name in spoilt.BREACHES}


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
    return {**owners(sound()), spoilt.UNDRAWN: spoilt.UNDRAWN}


def of_a(answer: Any, source: kcn.Snapshot) -> Any:
    return of_zone(answer, "A", zone_of(), source.zone_ids.tolist())


@pytest.mark.laws
@pytest.mark.parametrize("name", COMPUTED)
def test_one_spoilt_zone_changes_no_other(name: str, tmp_path: Path) -> None:
    require_same_of_a(name, spoilt.WAYS, tmp_path)


@pytest.mark.laws
@pytest.mark.parametrize("name", GATHERED)
def test_one_spoilt_zone_changes_no_other_where_it_is_drawn(name: str, tmp_path: Path) -> None:
    require_same_of_a(name, spoilt.FEW, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("name", DRAWN)
def test_no_way_of_spoiling_a_zone_changes_what_is_drawn(name: str, tmp_path: Path) -> None:
    require_same_of_a(name, spoilt.WAYS, tmp_path)


def require_same_of_a(name: str, ways: Iterable[str], tmp_path: Path) -> None:
    parameters = inspect.signature(questions()[name]).parameters
    # What draws one zone alone is asked for that.
    own = {"zone_id": "A"} if "zone_id" in parameters else {}

    def asked(source: kcn.Snapshot, area: str) -> Any:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        more = {"area": area} if "area" in parameters else {}
        return plain(ask(name, source, folder, **own, **more))

    whole = (far_apart() if own else sound()).as_known()
    expected = {area: asked(whole, area) for area in ("grid", "certificate")}
    expected_of_a = {} if own else {area: of_a(one, whole) for area, one in expected.items()}
    is_by_zone = bool(own) or expected_of_a["grid"] is not None
    # What only says sums says those of the zones that are left.
    left = {} if is_by_zone else {area: asked(alone(), area) for area in expected}
    for way in ways:
        area = "certificate" if way.startswith("no ") else "grid"
        answer = asked(beside(way, far=bool(own)), area)
        if own:
            assert_alike(expected[area], answer, way)
        elif is_by_zone:
            assert_alike(expected_of_a[area], of_a(answer, beside(way)), way)
        else:
            assert is_alike(expected[area], answer) or is_alike(left[area], answer), way


@pytest.mark.laws
@pytest.mark.parametrize("name", list(filter(takes_a_project, (*COMPUTED, *DRAWN))))
def test_a_zone_that_is_left_out_is_told_once(name: str, tmp_path: Path) -> None:
    told = warnings_of(name, spoilt.WAYS["lots overlap"](sound()), tmp_path)
    assert [one for one in told if "left out" in one] in ([], told[:1])
