"""Writers and servers that are killed: what was reported as written is there, and nothing is half.

A writer writes project after project, each with its number in every table, and reports a number
when its writing has returned. Killed at a random moment, it must leave the project it reported
last, or the one it was writing, whole.
"""

from __future__ import annotations

import os
import queue
import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from kcngeo import Project, io
from kcngeo.core.errors import DataSourceError
from tests import squares
from tests.postgres import Server

MOMENTS = 20

WRITER = """
import os, random, signal, sys, time
from pathlib import Path
from kcngeo import io
from tests.io.test_killed import assert_left, numbered, pace_s
target, moments = sys.argv[1], int(sys.argv[2])
longest_s = pace_s(target)
random.seed(7)
reported = 0
for moment in range(moments):
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        number = reported
        while True:
            number += 1
            io.write_project(numbered(number), target)
            os.write(write_end, b"%d\\n" % number)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        # Every second one is killed in its first writing, the others in their second or third.
        lines = [pipe.readline() for written in range(moment % 2 * (1 + moment % 4 // 2))]
        time.sleep(random.uniform(0, longest_s))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        lines += pipe.readlines()
    reported = assert_left(target, int(lines[-1]) if lines else reported)
print(reported)
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


def pace_s(target: str) -> float:
    """Write the first project and tell how long it takes, on a machine busy with other things."""
    io.write_project(numbered(2), target)
    start = time.perf_counter()
    io.write_project(numbered(0), target)
    return time.perf_counter() - start


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


def killed_writers(target: str) -> None:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", WRITER, target, str(MOMENTS)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # The writers did write in between: otherwise nothing was tried.
    assert int(done.stdout) >= MOMENTS / 2
    io.write_project(numbered(1), target)
    assert_left(target, 1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked writers")
def test_a_killed_writer_leaves_a_whole_folder(tmp_path: Path) -> None:
    path = tmp_path / "project.parquet"
    killed_writers(str(path))
    # And what the killed ones left behind is gone after the next writing.
    assert len(list(path.iterdir())) == 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked writers")
def test_a_killed_writer_leaves_a_whole_schema(postgis: Server) -> None:
    killed_writers(postgis.url("killed_writer"))


def test_a_killed_server_keeps_what_was_reported_and_nothing_half(postgis: Server) -> None:
    url = postgis.url("killed_server")
    longest_s = pace_s(url)
    moments = random.Random(11)
    reported = [0]
    reports: queue.Queue[int] = queue.Queue()

    def write() -> None:
        number = reported[0]
        while True:
            number += 1
            try:
                io.write_project(numbered(number), url)
            except DataSourceError:
                return
            reported[0] = number
            reports.put(number)

    for moment in range(MOMENTS):
        writer = threading.Thread(target=write)
        writer.start()
        if moment % 2:  # killed in its second writing, the others in their first
            reports.get(timeout=60)
        time.sleep(moments.uniform(0, longest_s))
        postgis.kill()
        writer.join(timeout=30)
        assert not writer.is_alive()
        postgis.start()
        reported[0] = assert_left(url, reported[0])
        reports.queue.clear()
    assert reported[0] >= MOMENTS / 2
