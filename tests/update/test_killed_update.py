"""Updates that are killed: the project is the old one or the new one, and the next one goes on.

Updates follow each other, each with a copy in which every entry, lot and zone got the next number,
while another process reads the project without a pause. They are killed at random moments
until some of them fell between reading the project and having written it.
"""

from __future__ import annotations

import os
import random
import traceback
from dataclasses import replace
from pathlib import Path

import pytest

from kcngeo import Project, io, update
from tests.io.test_killed import numbered
from tests.kills import in_own_process, killed_children, last_done

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked writers"),
]
FEW, MANY = 4, 20

WRITER = """
import sys
from tests.update.test_killed_update import kill_updates
kill_updates(sys.argv[1], int(sys.argv[2]))
"""


def as_number(project: Project, number: int) -> Project:
    return replace(
        project,
        zones=project.zones.assign(name=str(number)),
        parcels=project.parcels.assign(lot_code=str(number)),
        ledger=project.ledger.assign(document=str(number)),
    )


def number_of(project: Project) -> int:
    """Give the one number that stands in every row on record, all of which are there."""
    now = project.as_known()
    found = {*now.zones["name"], *now.parcels["lot_code"], *now.ledger["document"]}
    assert len(found) == 1, found
    assert (len(now.zones), len(now.parcels), len(now.ledger)) == (1, 50, 50)
    (number,) = map(int, found)
    # Every state that ever was is still on record, and each was counted.
    assert (len(project.ledger), project.commit) == (50 * (number + 1), number)
    return number


def kill_updates(target: str, moments: int) -> None:
    """Fork updates and kill them at random moments until enough of them fell inside one."""
    chance = random.Random(5)
    io.write_project(as_number(numbered(1), 0), target)
    reader = os.fork()
    if reader == 0:
        read_on(target)
    number, inside = 0, 0
    children = killed_children(
        lambda told: update_on(target, number, told), attempts=10 * moments, chance=chance
    )
    for lines in children:
        reported = last_done(lines, number)
        number = number_of(io.read_project(target))
        assert number in (reported, reported + 1)
        inside += lines[-1].startswith("begun")
        if inside == moments:
            break
    assert inside == moments
    assert number >= moments // 2
    os.kill(reader, 9)
    # It has read to the end, and found no project that was half one and half another.
    assert os.WIFSIGNALED(os.waitpid(reader, 0)[1])


def update_on(target: str, number: int, told: int) -> None:
    """Update one time after the other until somebody puts an end to it."""
    while True:
        number = number_of(io.read_project(target)) + 1
        copy = as_number(io.read_project(target), number)
        os.write(told, b"begun %d\n" % number)
        assert update.record(target, copy).written
        os.write(told, b"done %d\n" % number)


def read_on(target: str) -> None:
    """Read without a pause; end only by a state that never was."""
    try:
        while True:
            number_of(io.read_project(target))
    except BaseException:
        traceback.print_exc()
    os._exit(1)


def killed_updates(target: Path, moments: int) -> None:
    in_own_process(WRITER, str(target), str(moments), timeout_s=900)
    # The next one goes on.
    now = io.read_project(target)
    number = number_of(now)
    assert update.record(target, as_number(now, number + 1)).written
    assert number_of(io.read_project(target)) == number + 1
    # What a killed one had begun lies hidden beside the project, and is nobody's project.
    assert [one.name for one in target.parent.iterdir() if one.name[0] != "."] == [target.name]


@pytest.mark.parametrize("name", ["project.gpkg", "project.parquet"])
def test_a_killed_update_leaves_the_old_project_or_the_new_one(tmp_path: Path, name: str) -> None:
    killed_updates(tmp_path / name, FEW)


@pytest.mark.long
@pytest.mark.parametrize("name", ["project.gpkg", "project.parquet"])
def test_twenty_killed_updates_leave_the_old_project_or_the_new_one(
    tmp_path: Path, name: str
) -> None:
    killed_updates(tmp_path / name, MANY)
