"""Many people at once in one database: nobody's work is lost, and the past stays where it was.

`KCNGEO_MINUTES=10 pytest -m long tests/io/test_many_writers.py` is the whole proof: twenty writers
(QGIS, SQL, `kcngeo update`) for ten minutes. The short one has four, who make a few edits each.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest

from kcngeo import Project, io, update
from kcngeo.ledger.screening import latest_moment
from tests import squares
from tests.postgres import PASSWORD, Server
from tests.stores import plain

LOTS = 20
MINUTES = float(os.environ.get("KCNGEO_MINUTES", "1"))
# As quick as a hand, so that the history does not grow for its own sake.
PAUSE_S = 0.5


def board() -> Project:
    """Twenty lots, each let; every writer has the entry of his own and all have the first lot."""
    names = [f"P{place}" for place in range(LOTS)]
    return Project(
        zones=squares.zones("A"),
        parcels=squares.parcels(*names, lot_code="0"),
        ledger=squares.ledger(
            *((name, "leased", "2018-01-01", "2099-01-01") for name in names),
            entry_id=[f"e{place}" for place in range(LOTS)],
            document="No. 0",
            recorded_at=pd.Timestamp("2020-01-01T00:00:00Z"),
            superseded_at=None,
            recorded_by="the first",
        ),
    )


@dataclass
class Office:
    """A schema, and what those who work in it have committed."""

    server: Server
    schema: str
    folder: Path
    # How many rounds each goes on; by count where the test is short, by the clock where it is long.
    rounds: Callable[[], Iterator[int]]
    committed: list[str] = field(default_factory=list)
    states: list[tuple[Any, str]] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return self.server.url(self.schema)

    def by_sql(self, writer: int) -> None:
        """Edit one's entry, the lot of all, and add and remove an entry, in whatever order."""
        chance = random.Random(writer)
        for turn in self.rounds():
            said = f"sql {writer} {turn}"
            edits = [
                f"UPDATE ledger SET document = '{said}' WHERE entry_id = 'e{writer}'"
                " AND superseded_at IS NULL",
                f"UPDATE parcels SET lot_code = '{said}' WHERE parcel_id = 'P0'"
                " AND superseded_at IS NULL",
                "INSERT INTO ledger (parcel_id, status, valid_from, valid_to, entry_id)"
                f" VALUES ('P{writer}', 'reserved', '2001-01-01', '2002-01-01', '{said}')",
            ]
            chance.shuffle(edits)
            place = self.server.url(None)
            with closing(psycopg.connect(place)) as connection:
                connection.execute(f"SET search_path TO {self.schema}, public".encode())
                for edit in edits:
                    connection.execute(edit.encode())
                connection.commit()
                self.committed.append(said)
                gone = f"DELETE FROM ledger WHERE entry_id = '{said}' AND superseded_at IS NULL"
                connection.execute(gone.encode())
                connection.commit()

    def by_update(self, writer: int, *, command: bool) -> None:
        """Take a copy, edit one's entry in it, and bring it back."""
        copy = self.folder / f"copy {writer}.gpkg"
        for turn in self.rounds():
            said = f"update {writer} {turn}"
            copy.unlink(missing_ok=True)
            io.write_project(io.read_project(self.url), copy)
            mine = io.read_project(copy)
            own = (mine.ledger["entry_id"] == f"e{writer}") & mine.ledger["superseded_at"].isna()
            edited = replace(
                mine,
                ledger=mine.ledger.assign(document=mine.ledger["document"].where(~own, said)),
            )
            if command:
                io.write_project(edited, copy)
                program = [sys.executable, "-m", "kcngeo", "update", self.url, copy]
                done = subprocess.run(program, capture_output=True, encoding="utf-8", check=False)
                assert done.returncode == 0, done.stderr
            else:
                assert update.record(self.url, edited).written
            self.committed.append(said)

    def by_qgis(self, writer: int, in_qgis: Callable[..., Any], edits: int) -> None:
        """Edit one's entry in the attribute table, and save, again and again."""
        source = (
            f"dbname='postgres' host='127.0.0.1' port='{self.server.port}' user='owner'"
            f" password='{PASSWORD}' key='fid' table=\"{self.schema}\".\"ledger\""
            ' sql="superseded_at" IS NULL'
        )
        for turn in self.rounds():
            said = [f"qgis {writer} {turn} {edit}" for edit in range(edits)]
            steps = [
                {
                    "source": source,
                    "steps": [
                        {
                            "do": "change",
                            "column": "entry_id",
                            "value": f"e{writer}",
                            "values": {"document": one},
                        }
                    ],
                }
                for one in said
            ]
            answers = in_qgis("edited", edits=steps)["said"]
            assert all(one["saved"] for one in answers), answers
            self.committed += said

    def by_watching(self) -> None:
        """Read the project over and over, and note what was known up to its latest moment."""
        while not self.done.is_set():
            now = io.read_project(self.url)
            moment = latest_moment(now)
            self.states.append((moment, self.told(now, moment)))
            self.done.wait(PAUSE_S)

    def told(self, stored: Project, moment: Any) -> str:
        """Write what was known at a moment, to the last byte."""
        known = stored.as_known(moment)
        return "\n".join(
            plain(getattr(known, name)).to_csv(index=False)
            for name in ("zones", "parcels", "ledger")
        )

    def work(self, *writers: Callable[[], None]) -> None:
        """Let all work at once until each has ended."""
        with ThreadPoolExecutor(len(writers) + 1) as pool:
            watching = pool.submit(self.by_watching)
            tasks: list[Future[None]] = [pool.submit(one) for one in writers]
            try:
                for task in tasks:
                    task.result()
            finally:
                self.done.set()
            watching.result()

    def assert_sound(self) -> None:
        """All that was committed is on record, and every past is what it was."""
        stored = io.read_project(self.url)
        kept = set(stored.ledger["document"].dropna()) | set(stored.ledger["entry_id"].dropna())
        assert [one for one in self.committed if one not in kept] == []
        ids = stored.as_known().ledger["entry_id"]
        assert sorted(ids) == sorted(f"e{place}" for place in range(LOTS))
        assert len(self.states) > 1
        moved = [moment for moment, said in self.states if self.told(stored, moment) != said]
        assert moved == []
        # One transaction, one moment; and no two have the same.
        moments = stored.ledger["recorded_at"].dropna()
        assert (moments.dt.microsecond % 1000 == 0).all()
        assert "deadlock detected" not in self.server.log()
        waiting = self.server.run("SELECT count(*) FROM pg_locks WHERE NOT granted")
        assert waiting == [(0,)]


def test_four_at_once_lose_nothing_and_move_no_past(
    postgis: Server, in_qgis: Callable[..., Any], tmp_path: Path
) -> None:
    office = Office(postgis, "four_at_once", tmp_path, lambda: iter(range(5)))
    io.write_project(board(), office.url)
    few = replace(office, rounds=lambda: iter(range(1)))
    office.work(
        partial(office.by_sql, 1),
        partial(office.by_sql, 2),
        partial(office.by_update, 3, command=False),
        partial(few.by_qgis, 4, in_qgis, edits=5),
    )
    assert len(office.committed) == 20
    office.assert_sound()


@pytest.mark.long
def test_twenty_at_once_lose_nothing_and_move_no_past(
    postgis: Server, in_qgis: Callable[..., Any], tmp_path: Path
) -> None:
    until = time.monotonic() + 60 * MINUTES
    chance = random.Random(0)

    def rounds() -> Iterator[int]:
        turn = 0
        while time.monotonic() < until:
            yield turn
            turn += 1
            time.sleep(chance.uniform(0, 2 * PAUSE_S))

    office = Office(postgis, "twenty_at_once", tmp_path, rounds)
    io.write_project(board(), office.url)

    def monthly(name: str) -> dict[str, bytes]:
        out = tmp_path / name
        program = [sys.executable, "-m", "kcngeo", "monthly", office.url, "--month", "2018-03"]
        program += ["--known-at", "2020-01-01T00:00:00Z", "--out", str(out)]
        program += ["--part", "tables", "--part", "report", "--part", "json"]
        done = subprocess.run(program, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stderr
        return {one.name: one.read_bytes() for one in out.iterdir() if one.is_file()}

    before = monthly("before")
    writers: list[Callable[[], None]] = []
    for writer in range(LOTS):
        if writer % 5 == 3:
            writers.append(partial(office.by_update, writer, command=True))
        elif writer % 10 == 4:
            writers.append(partial(office.by_qgis, writer, in_qgis, edits=25))
        else:
            writers.append(partial(office.by_sql, writer))
    office.work(*writers)
    by = pd.Series(office.committed).str.split(" ").str[0].value_counts().to_dict()
    rows = len(io.read_project(office.url).ledger)
    print(f"\ncommitted {by}; rows of the ledger {rows}; states watched {len(office.states)}")
    office.assert_sound()
    assert monthly("after") == before
