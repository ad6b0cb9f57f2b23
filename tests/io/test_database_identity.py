"""A database says which project it holds and counts what is recorded in it, by whomever."""

from __future__ import annotations

import itertools
import sqlite3
import sys
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pandas as pd
import psycopg
import pytest

from kcngeo import Project, cli, io, update
from kcngeo.core.errors import DataSourceError
from kcngeo.core.schema.stored import EDITIONS
from tests.io.test_postgis import ask, schema_of
from tests.io.test_system_of_record import client, leases
from tests.postgres import Server
from tests.stores import assert_same, project

numbers = itertools.count()
OLD_SCHEMA = Path(__file__).with_name("schema_1.sql")


@pytest.fixture
def url(postgis: Server) -> str:
    """The address of a schema of the test's own."""
    return postgis.url(f"i{next(numbers)}")


def board(**columns: object) -> Project:
    return project(ledger=leases(document="No. 0", **columns))


def package(url: str, path: Path) -> Path:
    """Take a copy of a project away."""
    path.unlink(missing_ok=True)
    io.write_project(io.read_project(url), path)
    return path


def edit(path: Path, entry: str, value: object, *, column: str = "document") -> None:
    """Edit an entry in the file itself, as a desktop program does."""
    with closing(sqlite3.connect(path)) as connection, connection:
        on_record = "superseded_at IS NULL" if "superseded_at" in names(connection) else "true"
        statement = f"UPDATE ledger SET {column} = ? WHERE entry_id = ? AND {on_record}"
        connection.execute(statement, [value, entry])


def names(connection: sqlite3.Connection) -> set[str]:
    """List the columns of the ledger in a file."""
    return {row[1] for row in connection.execute("PRAGMA table_info(ledger)")}


Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command and give its exit code and what it says."""

    def call(*words: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["kcngeo", *map(str, words), "--language", "en"])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        assert isinstance(stop.value.code, int)
        return stop.value.code, " ".join(" ".join(capfd.readouterr()).split())

    return call


def documents(url: str) -> dict[str, str]:
    known = io.read_project(url).as_known().ledger
    return dict(zip(known["entry_id"], known["document"], strict=True))


def said(entry: str, document: str) -> str:
    """Write the edit of an entry on record as a client sends it."""
    return (
        f"UPDATE {{}}.ledger SET document = '{document}'"
        f" WHERE entry_id = '{entry}' AND superseded_at IS NULL"
    )


# 1 What is counted


def test_one_project_has_one_id_in_a_file_and_in_a_database(url: str, tmp_path: Path) -> None:
    io.write_project(board(), tmp_path / "p.gpkg")
    io.write_project(board(), url)
    file, database = io.read_project(tmp_path / "p.gpkg"), io.read_project(url)
    assert (database.dataset_id, database.commit) == (file.dataset_id, 0)
    # It is no copy: what a package of it was when it left is its rows then.
    assert (database.taken, database.clock_mends) == (None, ())
    named = replace(board(), dataset_id=str(uuid.uuid4()), commit=7)
    io.write_project(named, url)
    database = io.read_project(url)
    assert (database.dataset_id, database.commit) == (named.dataset_id, 7)


def test_every_transaction_that_edits_anything_is_one_commit(url: str) -> None:
    io.write_project(board(), url)

    def counted(*statements: str) -> int:
        before = io.read_project(url).commit
        client(url, *statements)
        return io.read_project(url).commit - before

    added = "INSERT INTO {}.ledger (parcel_id, status, valid_from, entry_id)"
    values = " VALUES ('P2', 'reserved', '2019-01-01', 'e3')"
    assert counted(said("e1", "a")) == 1
    assert counted(said("e1", "b"), said("e2", "b"), added + values) == 1
    assert counted("DELETE FROM {}.ledger WHERE entry_id = 'e3' AND superseded_at IS NULL") == 1
    assert counted("UPDATE {}.ledger_now SET document = 'c'") == 1
    # Nothing was edited.
    assert counted("UPDATE {}.ledger SET document = 'x' WHERE false") == 0
    assert counted("UPDATE {}.ledger SET recorded_by = 'x' WHERE superseded_at IS NULL") == 0
    assert counted("SELECT 1") == 0


def test_what_was_rolled_back_or_refused_is_not_counted(url: str) -> None:
    io.write_project(board(), url)
    with closing(psycopg.connect(url.partition("?")[0])) as connection:
        connection.execute(said("e1", "x").replace("{}", schema_of(url)).encode())
        connection.rollback()
    with pytest.raises(psycopg.IntegrityError):
        client(url, said("e1", "x"), "UPDATE {}.ledger SET status = 'let'")
    assert io.read_project(url).commit == 0


def test_what_the_library_records_is_counted_once_and_what_it_leaves_alone_is_not(
    url: str, tmp_path: Path, run: Run
) -> None:
    io.write_project(board(), url)
    first = io.read_project(url)
    for number in (1, 2):
        copy = package(url, tmp_path / "copy.gpkg")
        edit(copy, "e1", f"No. {number}")
        assert run("update", url, copy)[0] == 0
        now = io.read_project(url)
        assert (now.dataset_id, now.commit) == (first.dataset_id, number)
    assert run("update", url, package(url, tmp_path / "copy.gpkg"))[0] == 0
    with io.editing(url) as now_:
        now_.write(now_.project)
    handed_out = pd.DataFrame(
        {
            "month": ["2018-03"],
            "edition": [EDITIONS[0]],
            "revision": [1],
            "made_on": ["2018-04-05"],
            "zone_id": ["A"],
            "measure": ["fill_rate"],
            "digest": ["x"],
        }
    )
    with io.editing(url) as now_:
        now_.write(replace(now_.project, publications=handed_out))
    assert io.read_project(url).commit == 2


# 2 Copies that come back


def test_a_package_is_merged_against_the_commit_it_was_taken_at(
    url: str, tmp_path: Path, run: Run
) -> None:
    io.write_project(board(), url)
    client(url, said("e1", "No. 1"))
    copy, older = (package(url, tmp_path / f"{name}.gpkg") for name in ("copy", "older"))
    assert io.read_project(copy).commit == 1
    # Meanwhile a colleague takes that edit back and corrects the other entry.
    client(url, said("e1", "No. 0"))
    client(url, "UPDATE {}.ledger SET part_area_ha = 0.5 WHERE entry_id = 'e2'")
    edit(copy, "e2", "mine")
    assert run("update", url, copy)[0] == 0
    assert documents(url) == {"e1": "No. 0", "e2": "mine"}
    known = io.read_project(url).as_known().ledger.set_index("entry_id")
    assert known.loc["e2", "part_area_ha"] == 0.5
    before = io.read_project(url)
    assert before.commit == 4
    # An older copy takes nothing back: without an edit of its own, and with one.
    assert run("update", url, older)[0] == 0
    assert_same(before, io.read_project(url))
    edit(older, "e1", 0.25, column="part_area_ha")
    assert run("update", url, older)[0] == 0
    now = io.read_project(url)
    assert now.commit == 5
    known = now.as_known().ledger.set_index("entry_id")
    assert known["part_area_ha"].to_dict() == {"e1": 0.25, "e2": 0.5}
    assert documents(url) == {"e1": "No. 0", "e2": "mine"}


def test_who_changed_the_same_cell_is_told_and_nothing_is_recorded(
    url: str, tmp_path: Path, run: Run
) -> None:
    io.write_project(board(), url)
    copy = package(url, tmp_path / "copy.gpkg")
    edit(copy, "e1", "mine")
    client(url, said("e1", "theirs"))
    before = io.read_project(url)
    code, told = run("update", url, copy)
    assert (code, "were changed both here and in the copy" in told) == (2, True)
    assert_same(before, io.read_project(url))
    assert io.read_project(url).commit == 1


def test_two_projects_in_two_schemas_are_told_apart_by_name(
    postgis: Server, tmp_path: Path, run: Run
) -> None:
    one, other = (postgis.url(f"i{next(numbers)}") for _ in range(2))
    io.write_project(board(), one)
    io.write_project(board(project_id="da-1"), other)
    ids = [io.read_project(place).dataset_id for place in (one, other)]
    copy = package(one, tmp_path / "copy.gpkg")
    edit(copy, "e1", "mine")
    # A schema is no copy, and is not taken for one of another project either.
    for where in (copy, one):
        code, told = run("update", other, where)
        assert code == 2
        assert f"it was taken from {ids[0]}, and this is {ids[1]}" in told
    code, told = run("update", one, one)
    assert (code, "the copy does not say what it was when it left" in told) == (2, True)
    assert io.read_project(other).commit == 0
    assert documents(other) == {"e1": "No. 0", "e2": "No. 0"}
    # It comes back to its own.
    assert run("update", one, copy)[0] == 0
    assert io.read_project(one).commit == 1


def test_a_copy_of_a_later_commit_is_refused(url: str, tmp_path: Path, run: Run) -> None:
    io.write_project(board(), url)
    older = io.read_project(url)
    client(url, said("e1", "No. 1"))
    copy = package(url, tmp_path / "copy.gpkg")
    edit(copy, "e2", "mine")
    # The database is brought back to a state of before.
    io.write_project(older, url)
    code, told = run("update", url, copy)
    assert code == 2
    assert "the copy was taken after 1 updates of this project, and only 0 are on record" in told
    assert documents(url) == {"e1": "No. 0", "e2": "No. 0"}


def test_a_workbook_and_a_folder_keep_the_commit_of_the_database(url: str, tmp_path: Path) -> None:
    io.write_project(board(), url)
    client(url, said("e1", "No. 1"))
    io.write_project(io.read_project(url), tmp_path / "copy.parquet")
    io.write_workbook(io.read_project(url), tmp_path / "copy.xlsx")
    for made in (
        io.read_project(tmp_path / "copy.parquet"),
        io.read_workbook(tmp_path / "copy.xlsx"),
    ):
        assert (made.dataset_id, made.commit) == (io.read_project(url).dataset_id, 1)


# 3 A clock that ran ahead


def test_a_clock_that_ran_ahead_is_mended_in_the_database(
    url: str, tmp_path: Path, run: Run
) -> None:
    ahead = pd.Timestamp("2999-01-01T00:00:00Z")
    io.write_project(board(recorded_at=[ahead, None]), url)
    # By the trigger the next moment is later still.
    client(url, said("e2", "No. 2"))
    copy = package(url, tmp_path / "copy.gpkg")
    edit(copy, "e1", "mine")
    code, told = run("update", url, copy)
    assert (code, "--mend-clock gives them moments that have been" in told) == (2, True)
    keys = "SELECT fid, entry_id, document, superseded_at IS NULL FROM {}.ledger ORDER BY fid"
    before = ask(url, keys)
    assert run("update", url, "--mend-clock", "--dry-run")[0] == 0
    assert io.read_project(url).clock_mends == ()
    code, told = run("update", url, "--mend-clock")
    assert (code, told.count("2999-01-01")) == (0, 2)
    now = io.read_project(url)
    # The edit by the trigger and the mending.
    assert (now.commit, [was.year for was, _ in now.clock_mends]) == (2, [2999, 2999])
    assert now.clock_mends[0][0] == ahead
    assert ask(url, keys) == before
    # Whoever edits now is given the moment of now, and what left before comes back.
    client(url, said("e2", "No. 3"))
    assert io.read_project(url).ledger["recorded_at"].max() < pd.Timestamp.now("UTC")
    assert run("update", url, copy)[0] == 0
    assert documents(url) == {"e1": "mine", "e2": "No. 3"}
    # What was mended leaves with every copy.
    assert io.read_project(package(url, copy)).clock_mends == now.clock_mends
    assert "no row is recorded in the future" in run("update", url, "--mend-clock")[1]


# 4 Schemas of before there were ids


def old_schema(postgis: Server) -> str:
    """Make a schema as the version before made it, with an edit of a client in its history."""
    postgis.run("CREATE EXTENSION IF NOT EXISTS btree_gist")
    postgis.run("DROP SCHEMA IF EXISTS kcn1 CASCADE")
    postgis.run(OLD_SCHEMA.read_text("utf-8"))
    return postgis.url("kcn1")


def test_a_schema_of_before_is_brought_forward_with_its_history(
    postgis: Server, tmp_path: Path, run: Run
) -> None:
    url = old_schema(postgis)
    stored = io.read_project(url)
    assert stored.ledger["document"].tolist() == ["No. 0", "No. 0", "No. 1"]
    keys = "SELECT fid, entry_id, document, recorded_at, superseded_at, recorded_by FROM {}.ledger"
    before = ask(url, keys + " ORDER BY fid")
    copy = package(url, tmp_path / "copy.gpkg")
    edit(copy, "e2", "mine")
    assert run("update", url, copy)[0] == 0
    now = io.read_project(url)
    # The id follows from the rows as they were before the first edit.
    assert (now.dataset_id, now.commit) == (stored.dataset_id, 1)
    assert ask(url, "SELECT version, commit FROM {}.kcngeo_schema") == [(2, 1)]
    after = ask(url, keys + " ORDER BY fid")
    assert [row for row in after if row in before] == [row for row in before if row[1] != "e2"]
    moment = now.ledger["recorded_at"].max()
    assert_same(stored, now.stored_at(moment - pd.Timedelta("1ms")))
    client(url, said("e1", "No. 2"))
    assert io.read_project(url).commit == 2


def test_a_client_who_edits_the_old_schema_goes_on_and_its_copies_are_told(
    postgis: Server, tmp_path: Path, run: Run
) -> None:
    url = old_schema(postgis)
    copy = package(url, tmp_path / "copy.gpkg")
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("DROP TABLE kcngeo_identity")
    bare = package(url, tmp_path / "bare.gpkg")
    with closing(sqlite3.connect(bare)) as connection, connection:
        connection.execute("DROP TABLE kcngeo_taken")
    for one in (copy, bare):
        edit(one, "e2", "mine")
    # The triggers of before stand until the library writes.
    client(url, said("e1", "No. 2"))
    with io.editing(url) as now:
        now.write(now.project)
    # As with files: without an id a copy is known by its rows, and without them by nothing.
    code, told = run("update", url, copy)
    assert (code, "this is a copy of another project" in told) == (2, True)
    code, told = run("update", url, bare)
    assert (code, "the copy does not say what it was when it left" in told) == (2, True)
    assert documents(url) == {"e1": "No. 2", "e2": "No. 0"}
    assert io.read_project(url).commit == 0


def test_a_damaged_identity_is_told(url: str) -> None:
    io.write_project(board(), url)
    calls: tuple[Callable[[], object], ...] = (
        lambda: io.read_project(url),
        lambda: update.record(url, board()),
    )
    for told in ("[1]", '[["x", "y"]]', "null"):
        ask(url, "UPDATE {}.kcngeo_schema SET clock_mends = %s::jsonb", told)
        for call in calls:
            with pytest.raises(DataSourceError, match="kcngeo_schema is damaged"):
                call()
