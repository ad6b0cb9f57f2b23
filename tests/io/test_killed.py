"""Writers and servers that are killed: what was reported as written is there, and nothing is half.

A writer writes project after project, each with its number in every table, and says when it begins
to write a number and when its writing has returned. It is killed at random moments until twenty of
them fell inside a writing, however fast or busy the machine is; in a database, where each costs
half a second, until six of them, and in the lane `long` twenty. Each time it must leave the project
it reported last, or the one it was writing, whole.
"""

from __future__ import annotations

import os
import random
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from kcngeo import Project, io
from kcngeo.core.errors import DataSourceError
from kcngeo.io.stores import geoparquet
from tests import squares
from tests.kills import in_own_process, killed_children, last_done
from tests.postgres import Server

pytestmark = pytest.mark.system
MOMENTS = 20
# A moment after a writing and before the next one proves nothing, and is tried again.
ATTEMPTS = 10 * MOMENTS
IN_A_DATABASE = pytest.mark.parametrize(
    "moments", [6, pytest.param(MOMENTS, marks=pytest.mark.long)]
)

WRITER = """
import sys
from tests.io.test_killed import kill_writers
print(kill_writers(sys.argv[1], int(sys.argv[2])))
"""


def numbered(number: int) -> Project:
    """A project with its number in every table; every third time a column more."""
    names = [f"P{lot}" for lot in range(50)]
    lots = squares.parcels(*names, lot_code=str(number))
    entries = squares.ledger(*((name, "leased", "2018-01-01") for name in names))
    if number % 3 == 0:
        entries["remark"] = str(number)
    return Project(
        zones=squares.zones("A", name=str(number)),
        parcels=lots,
        ledger=entries.assign(document=str(number)),
    )


def assert_left(target: Any, reported: int) -> int:
    """What is left is the project reported last or the next one, whole; give its number."""
    left = io.read_project(target)
    found = {
        *left.zones["name"],
        *left.parcels["lot_code"],
        *left.ledger["document"],
    }
    assert len(found) == 1, found
    (number,) = map(int, found)
    assert number in (reported, reported + 1)
    assert (len(left.zones), len(left.parcels), len(left.ledger)) == (1, 50, 50)
    assert ("remark" in left.ledger.columns) is (number % 3 == 0)
    return number


def kill_writers(target: str, moments: int) -> int:
    """Fork writers and kill them; give the number of the project that is left."""
    io.write_project(numbered(0), target)
    number, inside = 0, 0
    children = killed_children(
        lambda told: write_on(target, number, told), attempts=ATTEMPTS, chance=random.Random(7)
    )
    for lines in children:
        number = assert_left(target, last_done(lines, number))
        inside += lines[-1].startswith("begun")
        if inside == moments:
            return number
    raise AssertionError(f"only {inside} of {ATTEMPTS} moments fell inside a writing")


def write_on(target: str, number: int, told: int) -> None:
    """Write one project after the other until somebody puts an end to it."""
    while True:
        number += 1
        project = numbered(number)
        os.write(told, b"begun %d\n" % number)
        io.write_project(project, target)
        os.write(told, b"done %d\n" % number)


def killed_writers(target: str, moments: int = MOMENTS) -> None:
    number = in_own_process(WRITER, target, str(moments), timeout_s=600)
    # Every second writer had written once before it was killed.
    assert int(number) >= moments // 2
    io.write_project(numbered(1), target)
    assert_left(target, 1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked writers")
def test_a_killed_writer_leaves_a_whole_file(tmp_path: Path) -> None:
    killed_writers(str(tmp_path / "project.gpkg"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked writers")
def test_a_killed_writer_leaves_a_whole_folder(tmp_path: Path) -> None:
    path = tmp_path / "project.parquet"
    killed_writers(str(path))
    # And what the killed ones left behind is gone after the next writing.
    assert len(list(path.iterdir())) == 3


def test_a_writer_killed_before_it_named_its_content_is_in_nobodys_way(tmp_path: Path) -> None:
    path = tmp_path / "project.parquet"
    io.write_project(numbered(0), path)
    (content,) = (one for one in path.iterdir() if one.is_dir())
    content.rename(path / geoparquet._BEGUN)
    io.write_project(numbered(1), path)
    assert_left(path, 1)
    assert len([one for one in path.iterdir() if one.is_dir()]) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked writers")
@IN_A_DATABASE
def test_a_killed_writer_leaves_a_whole_schema(postgis: Server, moments: int) -> None:
    killed_writers(postgis.url(f"killed_writer_{moments}"), moments)


class Writer(threading.Thread):
    """Writes one project after the other into a database until that is gone."""

    def __init__(self, url: str, number: int) -> None:
        super().__init__()
        self.url, self.begun, self.done = url, number, number
        self.turn = threading.Condition()
        self.start()

    def run(self) -> None:
        while True:
            project = numbered(self.begun + 1)
            self.tell("begun")
            try:
                io.write_project(project, self.url)
            except DataSourceError:
                return
            self.tell("done")

    def tell(self, what: str) -> None:
        with self.turn:
            setattr(self, what, getattr(self, what) + 1)
            self.turn.notify()

    def wait_for(self, begun: int) -> None:
        with self.turn:
            assert self.turn.wait_for(lambda: self.begun >= begun, timeout=120)


@IN_A_DATABASE
def test_a_killed_server_keeps_what_was_reported_and_nothing_half(
    postgis: Server, moments: int
) -> None:
    url = postgis.url(f"killed_server_{moments}")
    io.write_project(numbered(0), url)
    chance = random.Random(11)
    pace_s, number, inside = 0.0, 0, 0
    for attempt in range(ATTEMPTS):
        writer = Writer(url, number)
        writer.wait_for(number + 1)
        started = time.perf_counter()
        if attempt % 2:  # killed in its second writing, the others in their first
            writer.wait_for(number + 2)
            pace_s = time.perf_counter() - started
        time.sleep(chance.uniform(0, pace_s))
        writing = writer.begun
        postgis.kill()
        writer.join(timeout=120)
        assert not writer.is_alive()
        postgis.start()
        inside += writer.done < writing == writer.begun
        number = assert_left(url, writer.done)
        if inside == moments:
            break
    assert inside == moments
    assert number >= moments // 2
