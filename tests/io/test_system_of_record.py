"""PostGIS as a system of record: only changes are written, and what any client edits is history."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pyproj
import pytest
import shapely

from kcngeo import Project, io, ledger, products, update
from kcngeo.core.errors import DataSourceError, KcngeoWarning
from tests import squares
from tests.io.test_postgis import ask, schema_of
from tests.postgres import PASSWORD, Server
from tests.stores import assert_same, project

numbers = itertools.count()


@pytest.fixture
def url(postgis: Server) -> str:
    """The address of a schema of the test's own."""
    return postgis.url(f"r{next(numbers)}")


def leases(**columns: Any) -> pd.DataFrame:
    return squares.ledger(
        ("P1", "leased", "2018-01-01"),
        ("P2", "leased", "2018-01-01", "2019-01-01"),
        entry_id=["e1", "e2"],
        **columns,
    )


def versions(url: str, table: str = "ledger") -> dict[int, str]:
    """Which transaction wrote each row, by its key."""
    return dict(ask(url, f"SELECT fid, xmin::text FROM {{}}.{table} ORDER BY fid"))


def client(url: str, *statements: str, user: str = "owner") -> None:
    """Edit as any other program does, in one transaction."""
    place = url.partition("?")[0].replace("owner:", f"{user}:", 1)
    with closing(psycopg.connect(place)) as connection:
        for statement in statements:
            connection.execute(statement.replace("{}", schema_of(url)).encode())
        connection.commit()


# 1 Only what changed is written


def test_an_unchanged_write_touches_no_row(url: str) -> None:
    io.write_project(project(ledger=leases()), url)
    before = {name: versions(url, name) for name in ("zones", "parcels", "ledger")}
    io.write_project(project(ledger=leases()), url)
    with io.editing(url) as now:
        now.write(now.project)
    assert {name: versions(url, name) for name in before} == before


def test_a_correction_touches_the_row_it_supersedes_and_adds_one(url: str) -> None:
    io.write_project(project(ledger=leases()), url)
    before = versions(url)
    better = pd.DataFrame({"entry_id": ["e2"], "status": ["reserved"]})
    with io.editing(url) as now:
        now.write(ledger.correct(now.project, better, recorded_at="2020-01-01"))
    after = versions(url)
    assert (list(after), after[1] == before[1], after[2] == before[2]) == ([1, 2, 3], True, False)
    told = ask(url, "SELECT fid, status, superseded_at IS NULL FROM {}.ledger ORDER BY fid")
    assert told == [(1, "leased", True), (2, "leased", False), (3, "reserved", True)]
    assert versions(url, "parcels").keys() == {1, 2}
    # Without a name: the writer of the library stamps nobody.
    assert ask(url, "SELECT DISTINCT recorded_by FROM {}.ledger") == [(None,)]


def test_keys_stay_when_rows_are_corrected_in_place_moved_and_removed(url: str) -> None:
    four = squares.ledger(
        *((f"P{place}", "leased", "2018-01-01") for place in (1, 2, 3, 4)),
        entry_id=["a", "b", "c", "d"],
        document="No. 1",
    )
    lots = squares.parcels("P1", "P2", "P3", "P4")
    io.write_project(project(parcels=lots, ledger=four), url)
    other = four.iloc[[2, 0, 3]].reset_index(drop=True)
    other.loc[1, "document"] = "No. 2"
    added = pd.concat([other.iloc[:1], four.iloc[[1]].assign(entry_id="e"), other.iloc[1:]])
    state = project(parcels=lots, ledger=added.reset_index(drop=True))
    io.write_project(state, url)
    assert_same(state, io.read_project(url))
    keys = dict(ask(url, "SELECT entry_id, fid FROM {}.ledger"))
    assert keys == {"a": 1, "c": 3, "d": 4, "e": 5}
    # And what comes next comes last.
    client(url, "UPDATE {}.ledger SET valid_to = '2018-02-01' WHERE entry_id = 'e'")
    columns = "(entry_id, parcel_id, status, valid_from)"
    client(url, f"INSERT INTO {{}}.ledger {columns} VALUES ('f', 'P2', 'leased', '2019-01-01')")
    known = io.read_project(url).as_known().ledger["entry_id"].tolist()
    assert known == ["c", "a", "d", "e", "f"]


def test_a_column_of_the_users_own_comes_and_goes_without_moving_a_row(url: str) -> None:
    io.write_project(project(), url)
    more = project(parcels=squares.parcels("P1", "P2", note=["a", "b"]))
    for state in (more, project(), more):
        io.write_project(state, url)
        assert_same(state, io.read_project(url))
    assert versions(url, "parcels").keys() == {1, 2}


# 2 What the database refuses

BAD = {
    "a required value that is missing": (
        "UPDATE {}.ledger SET status = NULL",
        "null value in column",
    ),
    "a word of no list": ("UPDATE {}.ledger SET status = 'let'", "kcn_ledger_status_list"),
    "an area of nothing": ("UPDATE {}.ledger SET part_area_ha = 0", "part_area_ha_range"),
    "an area without end": ("UPDATE {}.ledger SET part_area_ha = 'NaN'", "part_area_ha_range"),
    "an end before the start": (
        "UPDATE {}.ledger SET valid_to = '2018-01-01'",
        "kcn_ledger_days",
    ),
    "an id twice": (
        "UPDATE {}.ledger SET entry_id = 'e1' WHERE superseded_at IS NULL",
        "kcn_ledger_twice",
    ),
    "a version twice": ("UPDATE {}.parcels SET parcel_id = 'P1'", "kcn_parcels_twice"),
    "two whole tenures at once": (
        "UPDATE {}.ledger SET parcel_id = 'P1' WHERE entry_id = 'e2'",
        "kcn_ledger_overlap",
    ),
    "two versions at once": (
        "INSERT INTO {}.parcels (parcel_id, zone_id, land_use, valid_from)"
        " VALUES ('P1', 'A', 'green', '2020-01-01')",
        "kcn_parcels_overlap",
    ),
    "an entry of no lot": (
        "UPDATE {}.ledger SET parcel_id = 'P9' WHERE entry_id = 'e2'",
        "names what is not on record",
    ),
    "a lot of no zone": ("UPDATE {}.parcels SET zone_id = 'Z'", "names what is not on record"),
    "a lot that goes before its entry": (
        "DELETE FROM {}.parcels WHERE parcel_id = 'P1'",
        "names what is not on record",
    ),
    "a zone that goes before its lots": (
        "UPDATE {}.zones SET zone_id = 'Z'",
        "names what is not on record",
    ),
    "history that is edited": (
        "UPDATE {}.ledger SET document = 'x' WHERE superseded_at IS NOT NULL",
        "belongs to the history",
    ),
    "history that is deleted": (
        "DELETE FROM {}.ledger WHERE superseded_at IS NOT NULL",
        "belongs to the history",
    ),
    "a table that is emptied": ("TRUNCATE {}.ledger", "keeps its history"),
}


@pytest.mark.parametrize("name", BAD)
def test_the_database_refuses(postgis: Server, name: str) -> None:
    url = postgis.url("refuses")
    rows = pd.concat([leases(), leases().assign(entry_id=["o1", "o2"])], ignore_index=True)
    rows["superseded_at"] = [None, None, "2018-05-01T00:00Z", "2018-05-01T00:00Z"]
    stored = project(ledger=rows)
    io.write_project(stored, url)
    statement, reason = BAD[name]
    with pytest.raises(psycopg.IntegrityError, match=reason):
        client(url, statement)
    assert_same(stored, io.read_project(url))


def test_what_is_sound_in_the_end_may_be_unsound_on_the_way(url: str) -> None:
    io.write_project(project(ledger=leases()), url)
    client(
        url,
        # Names are exchanged, a lease follows another before that has ended, a lot comes last.
        "UPDATE {}.ledger SET entry_id = CASE entry_id WHEN 'e1' THEN 'e2' ELSE 'e1' END",
        "INSERT INTO {}.ledger (parcel_id, status, valid_from, entry_id)"
        " VALUES ('P1', 'reserved', '2020-01-01', 'e3'), ('P3', 'leased', '2020-01-01', 'e4')",
        "UPDATE {}.ledger SET valid_to = '2020-01-01' WHERE parcel_id = 'P1' AND entry_id = 'e2'",
        "INSERT INTO {}.parcels (parcel_id, zone_id, land_use, geometry)"
        " SELECT 'P3', zone_id, 'green', geometry FROM {}.parcels WHERE parcel_id = 'P1'",
    )
    known = io.read_project(url).as_known().ledger
    assert sorted(known["entry_id"]) == ["e1", "e2", "e3", "e4"]


@pytest.mark.parametrize(
    ("tables", "reason"),
    [
        (
            {
                "ledger": squares.ledger(
                    *[("P1", one, "2018-01-01") for one in ("leased", "reserved")]
                )
            },
            r"two rows of ledger on record overlap in time.*P1",
        ),
        ({"ledger": leases().assign(entry_id="e1")}, r"two rows of ledger .* same id.*e1"),
        ({"parcels": squares.parcels("P1", "P1")}, r"two rows of parcels .* same id.*P1"),
        (
            {"ledger": squares.ledger(("P9", "leased", "2018-01-01"))},
            r"rows of ledger on record name what is not on record.*parcel_id: P9",
        ),
        (
            {"parcels": squares.parcels("P1", zone="Z")},
            r"rows of parcels on record name what is not on record.*zone_id: Z",
        ),
    ],
)
def test_the_writer_of_the_library_says_what_the_database_refuses(
    url: str, tables: dict[str, Any], reason: str
) -> None:
    for old in (None, project()):
        if old is not None:
            io.write_project(old, url)
        with pytest.raises(DataSourceError, match=reason) as caught:
            io.write_project(project(**tables), url)
        assert "chưa ghi gì" in caught.value.message("vi")
        if old is not None:
            assert_same(old, io.read_project(url))


def test_a_rule_somebody_took_away_is_put_back(url: str) -> None:
    io.write_project(project(), url)
    client(
        url,
        "ALTER TABLE {}.ledger DROP CONSTRAINT kcn_ledger_status_list",
        "ALTER TABLE {}.ledger ALTER COLUMN parcel_id DROP NOT NULL",
        "ALTER TABLE {}.ledger DISABLE TRIGGER kcngeo_history",
    )
    io.write_project(project(), url)
    with pytest.raises(psycopg.errors.CheckViolation):
        client(url, "UPDATE {}.ledger SET status = 'let'")
    with pytest.raises(psycopg.errors.NotNullViolation):
        client(url, "UPDATE {}.ledger SET parcel_id = NULL")
    client(url, "UPDATE {}.ledger SET document = 'x'")
    assert len(io.read_project(url).ledger) == 2


# 3 History, whoever edits


def test_what_any_client_edits_is_history(postgis: Server, url: str) -> None:
    io.write_project(project(ledger=leases()), url)
    ask(url, "GRANT USAGE ON SCHEMA {} TO reader")
    ask(url, "GRANT SELECT, INSERT, UPDATE, DELETE ON {}.ledger TO reader")
    before = io.read_project(url)
    edit = "UPDATE {}.ledger SET status = 'reserved', recorded_at = '1999-01-01' WHERE fid = 1"
    client(url, edit, user="reader")
    client(url, "DELETE FROM {}.ledger WHERE fid = 2", user="reader")
    columns = "(parcel_id, status, valid_from, recorded_at, superseded_at, recorded_by)"
    values = "('P2', 'recovering', '2019-01-01', '1999-01-01', '1999-01-02', 'nobody')"
    client(url, f"INSERT INTO {{}}.ledger {columns} VALUES {values}", user="reader")
    after = io.read_project(url)
    rows = after.ledger[["entry_id", "status", "recorded_by"]].fillna("–").to_numpy().tolist()
    assert rows == [
        ["e1", "leased", "–"],
        ["e2", "leased", "–"],
        ["e1", "reserved", "reader"],
        ["–", "recovering", "reader"],
    ]
    moments = after.ledger["recorded_at"].dropna().tolist()
    superseded = after.ledger["superseded_at"].dropna().tolist()
    assert superseded[0] == moments[0] < superseded[1] < moments[1]
    assert all(one.microsecond % 1000 == 0 for one in (*moments, *superseded))
    # What was known before the edits is what it was; the row with its key is the one on record.
    known = after.stored_at(moments[0] - pd.Timedelta("1ms"))
    assert_same(
        before, Project(**{n: f.drop(columns=BOOKS, errors="ignore") for n, f in known.tables()})
    )
    assert ask(url, "SELECT status FROM {}.ledger WHERE fid = 1") == [("reserved",)]


BOOKS = ["recorded_at", "superseded_at", "recorded_by"]


def test_the_moments_of_one_transaction_are_one_and_what_it_takes_back_was_never_there(
    url: str,
) -> None:
    io.write_project(project(ledger=leases()), url)
    client(
        url,
        "UPDATE {}.ledger SET document = 'a' WHERE fid = 1",
        "UPDATE {}.ledger SET document = 'b' WHERE fid = 1",
        "DELETE FROM {}.ledger WHERE fid = 2",
        "INSERT INTO {}.ledger (parcel_id, status, valid_from)"
        " VALUES ('P2', 'leased', '2018-01-01')",
        "DELETE FROM {}.ledger WHERE entry_id IS NULL",
        "UPDATE {}.ledger SET document = document",
    )
    stored = io.read_project(url).ledger
    assert stored["document"].fillna("–").tolist() == ["–", "–", "b"]
    assert stored["superseded_at"].notna().tolist() == [True, True, False]
    assert stored[["recorded_at", "superseded_at"]].stack().nunique() == 1  # noqa: PD013
    before = versions(url)
    # Nothing was edited, whatever somebody says of the record.
    client(url, "UPDATE {}.ledger SET recorded_by = 'x', kcngeo_order = 0 WHERE fid = 1")
    assert len(versions(url)) == len(before)
    assert_same(Project(**dict(io.read_project(url).tables())), io.read_project(url))


def test_moments_increase_whatever_the_clock_says(url: str) -> None:
    ahead = pd.Timestamp("2199-01-01T00:00:00Z")
    io.write_project(project(ledger=leases(recorded_at=[ahead, None])), url)
    client(url, "UPDATE {}.ledger SET document = 'a' WHERE fid = 2")
    client(url, "UPDATE {}.ledger SET document = 'b' WHERE fid = 2")
    moments = io.read_project(url).ledger["recorded_at"].dropna().sort_values().tolist()
    assert moments == [ahead, ahead + pd.Timedelta("1ms"), ahead + pd.Timedelta("2ms")]


def test_the_setting_of_the_writer_serves_nobody_else(postgis: Server, url: str) -> None:
    io.write_project(project(ledger=leases()), url)
    ask(url, "GRANT USAGE ON SCHEMA {} TO reader")
    ask(url, "GRANT SELECT, UPDATE, DELETE, INSERT ON {}.ledger TO reader")
    for said in ("kcngeo", "history"):
        client(
            url,
            f"SET LOCAL kcngeo.writer = '{said}'",
            "UPDATE {}.ledger SET recorded_at = '1999-01-01', document = 'x' || fid WHERE fid < 3",
            user="reader",
        )
    stored = io.read_project(url).ledger
    assert len(stored) == 4
    assert stored["recorded_at"].min() > pd.Timestamp("2020-01-01T00:00Z")


def test_rows_edited_in_the_view_of_today_are_history_too(url: str) -> None:
    io.write_project(project(ledger=leases()), url)
    client(url, "UPDATE {}.ledger_now SET document = 'x' WHERE entry_id = 'e1'")
    assert len(io.read_project(url).ledger) == 3


def test_a_copy_merges_with_what_clients_edited_meanwhile(url: str, tmp_path: Path) -> None:
    io.write_project(project(ledger=leases(document="No. 0")), url)
    io.write_project(io.read_project(url), tmp_path / "copy.gpkg")
    copy = io.read_project(tmp_path / "copy.gpkg")
    assert copy.taken is not None
    assert io.read_project(url).taken is None
    client(url, "UPDATE {}.ledger SET document = 'theirs' WHERE entry_id = 'e1'")
    mine = copy.ledger["document"].where(copy.ledger["entry_id"] != "e2", "mine")
    done = update.record(url, replace(copy, ledger=copy.ledger.assign(document=mine)))
    assert done.written
    known = io.read_project(url).as_known().ledger
    assert dict(zip(known["entry_id"], known["document"], strict=True)) == {
        "e1": "theirs",
        "e2": "mine",
    }


# 4 Shapes


def test_a_column_holds_lots_of_one_and_of_many_parts(url: str) -> None:
    both = shapely.MultiPolygon([squares.square(1), squares.square(3)])
    stored = project(parcels=squares.parcels("P1", "P2").set_geometry([squares.square(0), both]))
    io.write_project(stored, url)
    assert_same(stored, io.read_project(url))
    types = (
        "SELECT type FROM geometry_columns WHERE f_table_schema = %s AND f_table_name = 'parcels'"
    )
    assert ask(url, types, schema_of(url)) == [("MULTIPOLYGON",)]
    assert ask(url, "SELECT ST_NumGeometries(geometry) FROM {}.parcels ORDER BY fid") == [
        (1,),
        (2,),
    ]
    # A lot that somebody splits into two parts needs no other column, and none is made anew.
    oid = "SELECT '{}.parcels'::regclass::oid".replace("{}", schema_of(url))
    before = ask(url, oid)
    client(url, "UPDATE {}.parcels SET geometry = (SELECT geometry FROM {}.parcels WHERE fid = 2)")
    assert (ask(url, oid), len(io.read_project(url).parcels)) == (before, 3)


# 7 Schemas of older and newer versions

OLD_SCHEMA = Path(__file__).with_name("schema_0.sql")


def old_schema(postgis: Server, *more: str) -> str:
    """Make a schema as the first version made it, with rows of its history."""
    postgis.run("DROP SCHEMA IF EXISTS kcn0 CASCADE")
    postgis.run(OLD_SCHEMA.read_text("utf-8"))
    for statement in more:
        postgis.run(statement)
    return postgis.url("kcn0")


def test_a_schema_of_the_first_version_is_read_and_brought_forward(postgis: Server) -> None:
    url = old_schema(postgis)
    stored = io.read_project(url)
    assert stored.ledger["status"].tolist() == ["leased", "reserved", "leased"]
    assert stored.parcels["note"].fillna("–").tolist() == ['ộ, "a"', "–"]
    with io.editing(url) as now:
        now.write(now.project)
    assert_same(stored, io.read_project(url))
    assert ask(url, "SELECT version FROM {}.kcngeo_schema") == [(2,)]
    assert versions(url).keys() == versions(url, "parcels").keys() | {3}
    # From now on whatever is edited is history, and later than all there was.
    client(url, "UPDATE {}.ledger SET document = 'x' WHERE entry_id = 'e1'")
    assert len(io.read_project(url).ledger) == 4
    with pytest.raises(psycopg.errors.CheckViolation):
        client(url, "UPDATE {}.ledger SET status = 'let' WHERE fid = 1")


def test_a_row_of_an_old_schema_that_is_not_sound_is_named_and_nothing_is_changed(
    postgis: Server,
) -> None:
    url = old_schema(
        postgis,
        "INSERT INTO kcn0.ledger (parcel_id, status, valid_from)"
        " VALUES ('P1', 'leased', '2020-1-1')",
    )
    stored = io.read_project(url)
    with (
        pytest.raises(DataSourceError, match="two rows of ledger on record overlap in time"),
        io.editing(url) as now,
    ):
        now.write(now.project)
    assert_same(stored, io.read_project(url))
    assert ask(url, "SELECT to_regclass('kcn0.kcngeo_schema')") == [(None,)]


def test_a_schema_of_a_newer_version_is_refused(url: str) -> None:
    io.write_project(project(), url)
    ask(url, "UPDATE {}.kcngeo_schema SET version = 7")
    calls = (io.read_project, lambda one: io.write_project(project(), one))
    for call in calls:
        with pytest.raises(DataSourceError, match=r"newer kcngeo \(schema 7; this one knows 2\)"):
            call(url)


# 8 What an administrator must do once


@pytest.fixture
def bare(postgis: Server) -> str:
    """A schema of an ordinary role, in a database in which nothing was done for this library."""
    postgis.run("DROP DATABASE IF EXISTS bare")
    postgis.run("DROP ROLE IF EXISTS officer")
    postgis.run(f"CREATE ROLE officer LOGIN PASSWORD '{PASSWORD}'")
    postgis.run("CREATE DATABASE bare TEMPLATE template0")
    url = postgis.url("kcn").replace("/postgres?", "/bare?")
    ask(url, "CREATE EXTENSION postgis")
    ask(url, "CREATE SCHEMA {} AUTHORIZATION officer")
    return url


def test_what_an_administrator_must_do_is_said_as_he_does_it(bare: str) -> None:
    officer = bare.replace("owner:", "officer:", 1)
    frames = {
        "zones": squares.zones("A").set_crs("EPSG:9218", allow_override=True),
        "parcels": squares.parcels("P1", "P2").set_crs("EPSG:9218", allow_override=True),
    }
    with pytest.raises(
        DataSourceError, match=r"does not know the CRS of zones \(EPSG:9218\)"
    ) as one:
        io.write_project(project(**frames), officer)
    assert "Người quản trị" in one.value.message("vi")
    statement = one.value.message("vi").partition("INSERT INTO ")
    ask(bare, "INSERT INTO " + statement[2].replace("{", "{{").replace("}", "}}"))
    twice = squares.ledger(("P1", "leased", "2018-01-01"), ("P1", "reserved", "2018-01-01"))
    with pytest.warns(KcngeoWarning, match="CREATE EXTENSION btree_gist"):
        io.write_project(project(**frames, ledger=twice), officer)
    assert io.read_project(officer).parcels.crs == pyproj.CRS("EPSG:9218")
    ask(bare, "CREATE EXTENSION btree_gist")
    with pytest.raises(DataSourceError, match="overlap in time"):
        io.write_project(project(**frames, ledger=twice), officer)
    io.write_project(project(**frames), officer)
    with pytest.raises(psycopg.errors.ExclusionViolation):
        client(
            bare,
            "INSERT INTO {}.ledger (parcel_id, status, valid_from)"
            " VALUES ('P1', 'reserved', '2019-01-01')",
            user="officer",
        )


def test_a_colleague_with_rights_writes_and_one_without_is_told(postgis: Server, url: str) -> None:
    io.write_project(project(ledger=leases(document="No. 0")), url)
    reader = url.replace("owner:", "reader:", 1)
    ask(url, "GRANT USAGE ON SCHEMA {} TO reader")
    ask(url, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {} TO reader")
    ask(url, "REVOKE UPDATE ON {}.kcngeo_schema FROM reader")
    edited = io.read_project(reader)
    edited = replace(edited, ledger=edited.ledger.assign(document="No. 1"), taken=None)
    with pytest.raises(DataSourceError, match="permission denied for table kcngeo_schema"):
        update.record(reader, edited, without_ancestor=True)
    assert len(io.read_project(url).ledger) == 2
    ask(url, "GRANT UPDATE ON {}.kcngeo_schema TO reader")
    assert update.record(reader, edited, without_ancestor=True).written
    stored = io.read_project(url).ledger
    assert stored["document"].tolist() == ["No. 0", "No. 0", "No. 1", "No. 1"]


# 5 What got past the checks


def test_a_zone_whose_row_got_past_the_checks_is_set_apart_and_the_month_goes_on(url: str) -> None:
    lots = squares.parcels("P1", "P2", "P3", zone=["A", "A", "B"])
    lots = lots.set_geometry([squares.square(0), squares.square(1), squares.square(0, 1)])
    entries = squares.ledger(("P1", "leased", "2018-01-01"), ("P3", "leased", "2018-01-01"))
    io.write_project(project(zones=squares.zones("A", "B"), parcels=lots, ledger=entries), url)
    ask(url, "ALTER TABLE {}.ledger DROP CONSTRAINT kcn_ledger_status_list")
    client(url, "UPDATE {}.ledger SET status = 'let' WHERE parcel_id = 'P1'")
    keys = ask(url, "SELECT count(DISTINCT fid), count(*) FROM {}.parcels_now")
    assert keys == [(3, 3)]
    made = products.month(io.read_project(url), month="2018-03")
    assert list(made.left_out) == ["A"]
    assert made.tables["accounts"].set_index("zone_id")["leased_ha"].dropna().to_dict() == {
        "B": 1.0
    }


# 2 and 3 at once: whoever comes later waits, and nothing is written over


def test_who_edits_while_the_library_writes_comes_after_it(postgis: Server, url: str) -> None:
    io.write_project(project(ledger=leases(document="No. 0")), url)
    edit = "UPDATE {}.ledger SET part_area_ha = 0.5 WHERE entry_id = 'e1' AND superseded_at IS NULL"
    with ThreadPoolExecutor(1) as pool:
        with io.editing(url) as now:
            waiting = pool.submit(client, url, edit)
            while not postgis.run("SELECT 1 FROM pg_locks WHERE NOT granted"):
                assert not waiting.done()
            better = pd.DataFrame({"entry_id": ["e2"], "document": ["No. 2"]})
            now.write(ledger.correct(now.project, better))
        waiting.result()
    stored = io.read_project(url)
    known = stored.as_known().ledger.set_index("entry_id")
    assert (known.loc["e2", "document"], known.loc["e1", "part_area_ha"]) == ("No. 2", 0.5)
    moments = stored.ledger["recorded_at"].dropna()
    assert moments.is_monotonic_increasing
    assert len(moments) == 2


def test_who_edits_before_tables_are_altered_is_not_written_over(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kcngeo.io.stores.postgis import write

    io.write_project(project(ledger=leases()), url)
    lock = write.lock_tables

    def edit_first(now: Any, names: list[str], wait_ms: int) -> None:
        client(url, "UPDATE {}.ledger SET document = 'theirs' WHERE fid = 1")
        lock(now, names, wait_ms)

    monkeypatch.setattr(write, "lock_tables", edit_first)
    with (
        pytest.raises(DataSourceError, match="changed by another program"),
        io.editing(url) as now,
    ):
        now.write(replace(now.project, parcels=now.project.parcels.assign(own="x")))
    assert io.read_project(url).as_known().ledger["document"].dropna().tolist() == ["theirs"]
