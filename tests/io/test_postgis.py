"""The PostGIS store: whole or not at all, one writer, many readers, no password in sight."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import traceback
import warnings
from dataclasses import replace
from itertools import combinations, count
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql

from kcngeo import Project, io, ledger, publish, report
from kcngeo.core.errors import ContractError, DataSourceError, KcngeoWarning, MissingExtraError
from kcngeo.core.schema import TABLES
from tests import squares
from tests.postgres import ENCODED, PASSWORD, Server
from tests.stores import assert_same, filled, project

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "parcels" / "two_zones.gpkg"
numbers = count()


@pytest.fixture
def url(postgis: Server) -> str:
    """The address of a schema of the test's own."""
    return postgis.url(f"p{next(numbers)}")


def schema_of(url: str) -> str:
    return url.rpartition("schema=")[2]


def ask(url: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run a statement whose {} is the schema."""
    query = sql.SQL(statement).format(sql.Identifier(schema_of(url)))
    with psycopg.connect(url.partition("?")[0], autocommit=True) as connection:
        done = connection.execute(query, values or None)
        return done.fetchall() if done.description else []


# What stands in the database


def test_tables_have_keys_indexes_and_words(url: str) -> None:
    io.write_project(project(), url)
    keys = ask(
        url,
        "SELECT table_name, column_name FROM information_schema.key_column_usage"
        " WHERE table_schema = %s ORDER BY 1",
        schema_of(url),
    )
    assert keys == [
        ("kcngeo_schema", "is_one"),
        ("ledger", "fid"),
        ("parcels", "fid"),
        ("zones", "fid"),
    ]
    indexes = ask(
        url, "SELECT indexdef FROM pg_indexes WHERE schemaname = %s ORDER BY 1", schema_of(url)
    )
    made = [one.partition(" USING ")[2] for (one,) in indexes]
    assert made.count("gist (geometry)") == 2
    assert made.count("btree (parcel_id)") == 2
    ((table, column),) = ask(
        url,
        "SELECT obj_description('{0}.parcels'::regclass),"
        " col_description('{0}.parcels'::regclass, 2)".replace("{0}", schema_of(url)),
    )
    assert table == "Lô đất: mọi phiên bản · Lots: all versions [kcngeo]"
    assert column == "Mã lô · Lot" or " · " in column
    layers = ask(
        url,
        "SELECT f_table_name, type, srid FROM geometry_columns WHERE f_table_schema = %s"
        " ORDER BY 1",
        schema_of(url),
    )
    assert layers == [
        ("parcels", "MULTIPOLYGON", 5899),
        ("parcels_now", "MULTIPOLYGON", 5899),
        ("zones", "MULTIPOLYGON", 5899),
        ("zones_now", "MULTIPOLYGON", 5899),
    ]


def test_rows_somebody_added_in_qgis_are_read_after_the_others(url: str) -> None:
    io.write_project(project(), url)
    columns, row = "(parcel_id, status, valid_from)", "('P2', 'leased', '2020-01-01')"
    ask(url, f"INSERT INTO {{}}.ledger {columns} VALUES {row}")
    assert io.read_project(url).ledger["parcel_id"].tolist() == ["P1", "P2"]
    # And the next write replaces them, as it replaces everything.
    io.write_project(project(), url)
    assert_same(project(), io.read_project(url))


def test_types_of_other_peoples_columns_are_read(url: str) -> None:
    io.write_project(project(), url)
    ask(
        url,
        "ALTER TABLE {}.ledger ADD area numeric(12, 3) DEFAULT 1.125, ADD word varchar(9)"
        " DEFAULT 'ộ', ADD seen timestamp DEFAULT '2018-03-31 08:00:00.000001',"
        " ADD stamp timestamptz DEFAULT '2018-03-31 08:00:00.000001+07', ADD list int[]"
        " DEFAULT '{{1,2}}'",
    )
    row = io.read_project(url).ledger.iloc[0]
    assert row["area"] == 1.125
    assert (row["word"], row["list"]) == ("ộ", "{1,2}")
    assert row["seen"] == pd.Timestamp("2018-03-31T08:00:00.000001")
    assert row["stamp"] == pd.Timestamp("2018-03-31T01:00:00.000001Z")


def test_values_that_do_not_fit_are_left_for_the_contract(url: str) -> None:
    io.write_project(project(), url)
    ask(url, "ALTER TABLE {}.ledger DROP CONSTRAINT kcn_ledger_status_list")
    ask(url, "UPDATE {}.ledger SET status = 'let'")
    assert io.read_project(url).ledger["status"].tolist() == ["leased", "let"]


# The state of lots, in SQL and in Python

STATE = [
    *("leased_share", "reserved_share", "recovering_share", "repurposed_share"),
    *("uncleared_share", "available_share"),
]


def states(url: str, *, on: str, known_at: str | None = None) -> pd.DataFrame:
    rows = ask(
        url,
        f"SELECT parcel_id, status, {', '.join(STATE)} FROM {{}}.parcels_on(%s, %s)",
        on,
        known_at,
    )
    return pd.DataFrame(rows, columns=["parcel_id", "status", *STATE])


def assert_states_agree(url: str, stored: Project, *, on: str, known_at: str | None = None) -> None:
    expected = ledger.state(stored.as_known(known_at), on=on)
    given = states(url, on=on, known_at=known_at)
    assert given["parcel_id"].tolist() == expected["parcel_id"].tolist()
    assert given["status"].tolist() == expected["status"].tolist()
    np.testing.assert_allclose(given[STATE], expected[STATE].to_numpy(), atol=1e-9)


def test_the_state_of_the_sample_is_the_one_of_the_library(url: str) -> None:
    sample = io.read_project(SAMPLE)
    io.write_project(sample, url)
    for on in ("2009-12-31", "2014-06-30", "2018-03-31", "2025-12-31"):
        assert_states_agree(url, sample, on=on)
    known = "2018-04-30T16:59:59.999999Z"
    assert_states_agree(url, sample, on="2018-03-31", known_at=known)


@pytest.mark.parametrize(
    ("on", "status"),
    [
        ("2018-01-31", "available"),
        ("2018-02-01", "leased"),
        ("2018-02-28", "leased"),
        ("2018-03-01", "available"),
    ],
)
def test_the_end_day_does_not_count(url: str, on: str, status: str) -> None:
    stored = project(ledger=squares.ledger(("P1", "leased", "2018-02-01", "2018-03-01")))
    io.write_project(stored, url)
    assert states(url, on=on)["status"].tolist() == [status, "available"]
    assert_states_agree(url, stored, on=on)


def test_what_was_known_at_a_moment(url: str) -> None:
    rows = squares.ledger(
        ("P1", "reserved", "2018-01-01"),
        ("P1", "leased", "2018-01-01"),
        recorded_at=["2018-01-05T00:00:00Z", "2018-02-05T00:00:00Z"],
        superseded_at=["2018-02-05T00:00:00Z", None],
    )
    stored = project(ledger=rows)
    io.write_project(stored, url)
    for known_at, status in (
        ("2018-01-04T23:59:59Z", "available"),
        ("2018-01-05T00:00:00Z", "reserved"),
        ("2018-02-04T23:59:59Z", "reserved"),
        ("2018-02-05T00:00:00Z", "leased"),
        (None, "leased"),
    ):
        given = states(url, on="2018-12-31", known_at=known_at)
        assert given["status"].tolist() == [status, "available"], known_at
        assert_states_agree(url, stored, on="2018-12-31", known_at=known_at)


def test_lots_whose_entries_contradict_have_no_state(url: str) -> None:
    twice = squares.ledger(
        ("P1", "leased", "2018-01-01", None, 0.6), ("P1", "reserved", "2018-01-01", None, 0.6)
    )
    io.write_project(project(ledger=twice), url)
    given = states(url, on="2018-12-31")
    assert given["status"].fillna("–").tolist() == ["–", "available"]
    assert given["leased_share"].isna().tolist() == [True, False]


parts = st.lists(
    st.tuples(
        st.sampled_from(["P1", "P2"]),
        st.sampled_from(["leased", "reserved", "recovering", "repurposed", "uncleared"]),
        st.sampled_from(["2018-01-01", "2018-03-31"]),
        st.sampled_from([None, "2018-03-31", "2018-04-01"]),
        # Lots have 1 ha by their shape, or 1.25 ha by their certificate.
        st.sampled_from([0.2, 0.4, 0.502, None]),
    ).filter(lambda one: one[3] is None or one[3] > one[2]),
    max_size=4,
)


def _overlap(one: Any, other: Any) -> bool:
    ends = [end or "9999-12-31" for _, _, _, end, _ in (one, other)]
    return one[0] == other[0] and one[2] < ends[1] and other[2] < ends[0]


@settings(max_examples=25)
@given(parts=parts)
def test_any_state_is_the_one_of_the_library(postgis: Server, parts: list[Any]) -> None:
    lots = squares.parcels("P1", "P2", certificate_area_m2=[None, 12_500.0])
    stored = project(parcels=lots, ledger=squares.ledger(*parts))
    url = postgis.url("any_state")
    whole = [one for one in parts if one[1] != "uncleared" and one[4] is None]
    if any(_overlap(one, other) for one, other in combinations(whole, 2)):
        with pytest.raises(DataSourceError, match=r"two rows of ledger on record overlap in time"):
            io.write_project(stored, url)
        return
    io.write_project(stored, url)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", KcngeoWarning)
            assert_states_agree(url, stored, on="2018-03-31")
    except ContractError:
        # The library refuses the whole ledger; the layer leaves out the state of the lots at fault.
        assert set(states(url, on="2018-03-31")["parcel_id"]) == {"P1", "P2"}


# Others in the same database


def test_a_role_that_may_only_read_reads_and_keeps_its_rights(postgis: Server, url: str) -> None:
    schema = schema_of(url)
    reader = postgis.url(schema, user="reader")
    io.write_project(project(), url)
    with pytest.raises(DataSourceError, match="cannot be read: permission denied for schema"):
        io.read_project(reader)
    ask(url, "GRANT USAGE ON SCHEMA {} TO reader")
    with pytest.raises(DataSourceError, match="permission denied for table zones"):
        io.read_project(reader)
    names = f"{schema}.zones, {schema}.parcels, {schema}.ledger, {schema}.parcels_now"
    ask(url, f"GRANT SELECT ON {names} TO reader")
    assert_same(project(), io.read_project(reader))
    with pytest.raises(DataSourceError, match=r"cannot be written: .*(permission|owner)"):
        io.write_project(project(), reader)
    # Other columns: the tables are altered, the rights stay.
    io.write_project(project(parcels=squares.parcels("P1", own=["1"])), url)
    assert len(io.read_project(reader).parcels) == 1


def test_tables_of_others_are_left_alone(url: str) -> None:
    ask(url, "CREATE SCHEMA {}")
    ask(url, "CREATE TABLE {}.letters (a text)")
    io.write_project(project(), url)
    io.write_project(project(parcels=squares.parcels("P1")), url)
    assert ask(url, "SELECT count(*) FROM {}.letters") == [(0,)]
    ask(url, "CREATE TABLE {}.works (a text)")
    with pytest.raises(DataSourceError, match="holds tables of others: works"):
        io.write_project(project(), url)
    ask(url, "DROP TABLE {}.works")
    ask(url, "CREATE VIEW {}.mine AS SELECT * FROM {}.parcels".replace("{}", schema_of(url)))
    # The view is in the way only of columns it shows.
    io.write_project(project(), url)
    more = project(parcels=squares.parcels("P1", "P2", own=["1", "2"]))
    io.write_project(more, url)
    ask(url, "CREATE VIEW {}.own AS SELECT own FROM {}.parcels".replace("{}", schema_of(url)))
    with pytest.raises(DataSourceError, match=r"other objects depend on it .*view .*own"):
        io.write_project(project(), url)
    assert_same(more, io.read_project(url))


def test_a_second_writer_is_refused_and_readers_are_not_held_up(url: str) -> None:
    io.write_project(project(), url)
    other = project(parcels=squares.parcels("P9"))
    from kcngeo.io.stores.postgis import write

    seen = []
    copy = write.write_rows

    def copy_and_look(now: Any, layout: Any, held: Any) -> None:
        copy(now, layout, held)
        if layout.contract.name == "parcels":
            seen.append(io.read_project(url).parcels["parcel_id"].tolist())
            with pytest.raises(DataSourceError, match="another program is writing it; try again"):
                io.write_project(project(), url)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(write, "write_rows", copy_and_look)
        io.write_project(replace(other, ledger=squares.ledger()), url)
    assert seen == [["P1", "P2"]]
    assert io.read_project(url).parcels["parcel_id"].tolist() == ["P9"]


def test_tables_are_not_made_anew_under_a_reader(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from kcngeo.io.stores.postgis import read

    io.write_project(project(), url)
    monkeypatch.setattr("kcngeo.io.stores.postgis.write._LOCK_TIMEOUT_MS", 100)
    original, states = read._read, []

    def read_and_write(now: Any, table: str, columns: Any) -> Any:
        if not now.connection.read_only:
            # A writer reads what stands.
            return original(now, table, columns)
        # The same columns: a new state, which this reader does not see yet.
        if table == "zones":
            io.write_project(project(parcels=squares.parcels("P9"), ledger=squares.ledger()), url)
        if table == "parcels":
            # Other columns: this reader would find the new ones empty.
            with pytest.raises(DataSourceError, match="lock timeout"):
                io.write_project(project(parcels=squares.parcels("P1", own=["1"])), url)
        return original(now, table, columns)

    monkeypatch.setattr(read, "_read", read_and_write)
    states.append(io.read_project(url))
    monkeypatch.undo()
    assert_same(project(), states[0])
    assert io.read_project(url).parcels["parcel_id"].tolist() == ["P9"]


def test_somebody_who_edits_a_row_is_waited_for_but_not_for_ever(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kcngeo.io.stores.postgis.write._LOCK_TIMEOUT_MS", 100)
    io.write_project(project(), url)
    with psycopg.connect(url.partition("?")[0]) as editor:
        editor.execute(f"UPDATE {schema_of(url)}.ledger SET status = 'reserved'".encode())
        with pytest.raises(DataSourceError, match="lock timeout"):
            io.write_project(project(parcels=squares.parcels("P9")), url)
    assert io.read_project(url).as_known().ledger["status"].tolist() == ["reserved"]


HOSTILE = ["kcn; DROP SCHEMA public CASCADE; --", "a\"b'c", "Lâm Đồng %s {table}", "$1", "SELECT"]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_and_values_never_become_sql(postgis: Server, name: str) -> None:
    from urllib.parse import quote

    postgis.run("CREATE TABLE IF NOT EXISTS public.canary AS SELECT 1 AS alive")
    text = "'); DROP TABLE public.canary; --"
    stored = project(
        zones=squares.zones(text),
        parcels=squares.parcels(text, zone=text, **{f"{name[:20]} \"'); --": [text]}),
        ledger=squares.ledger((text, "leased", "2018-01-01"), document=f"\\.\n{name}"),
    )
    url = postgis.url(quote(name, safe=""))
    io.write_project(stored, url)
    io.write_project(stored, url)
    assert_same(stored, io.read_project(url))
    assert postgis.run("SELECT alive FROM public.canary") == [(1,)]


# What goes wrong


def test_a_write_that_fails_half_way_leaves_what_was(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kcngeo.io.stores.postgis import write

    io.write_project(project(), url)
    copy = write.write_rows

    def fail(now: Any, layout: Any, held: Any) -> None:
        if layout.contract.name == "ledger":
            raise OSError("disk full")
        copy(now, layout, held)

    monkeypatch.setattr(write, "write_rows", fail)
    for other in (
        project(parcels=squares.parcels("P9")),
        project(zones=squares.zones("B", own=["x"])),
    ):
        with pytest.raises(DataSourceError, match="disk full"):
            io.write_project(other, url)
        assert_same(project(), io.read_project(url))


def test_a_lost_connection_is_told(
    postgis: Server, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kcngeo.io.stores.postgis import read, write

    io.write_project(project(), url)

    def cut(now: Any, *_: Any) -> Any:
        pid = now.connection.info.backend_pid
        postgis.run(f"SELECT pg_terminate_backend({pid}, 5000)")
        return now.run("SELECT 1")

    monkeypatch.setattr(write, "write_rows", cut)
    with pytest.raises(DataSourceError, match=r"cannot be written: .*(terminat|clos)"):
        io.write_project(project(parcels=squares.parcels("P9")), url)
    monkeypatch.setattr(read, "_read", cut)
    with pytest.raises(DataSourceError, match=r"cannot be read: .*(terminat|clos)"):
        io.read_project(url)
    monkeypatch.undo()
    assert_same(project(), io.read_project(url))


def test_a_confirmation_that_never_came_is_not_called_a_failure(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(connection: psycopg.Connection[Any]) -> None:
        connection.execute("COMMIT")
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(psycopg.Connection, "commit", lost)
    with pytest.raises(DataSourceError, match="Read the project to see whether it is the old one"):
        io.write_project(project(), url)
    monkeypatch.undo()
    assert_same(project(), io.read_project(url))


def test_the_password_is_nowhere(
    postgis: Server, url: str, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    io.write_project(project(), url)
    good, wrong = url, url.replace(ENCODED, "hush%2Fhush")
    bad = [
        (wrong, "password authentication failed"),
        (good.replace("/postgres?", "/nowhere?"), 'database "nowhere" does not exist'),
        (good.replace(f":{postgis.port}/", ":1/"), "Connection refused"),
        (good.replace("schema=", "sslmode=never&schema="), "sslmode"),
        (good.replace("owner:", "nobody:"), "password authentication failed"),
    ]
    told = ""
    with caplog.at_level(logging.DEBUG):
        for address, reason in bad:
            for call in (io.read_project, lambda one: io.write_project(project(), one)):
                with pytest.raises(DataSourceError, match=reason) as caught:
                    call(address)
                told += "".join(traceback.format_exception(caught.value)) + repr(caught.value)
                told += caught.value.message("vi")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "kcngeo", "monthly", url, "--month", "2018-03"),
            *("--out", tmp_path / "out", "--log", tmp_path / "log"),
            *("--part", "tables", "--part", "json", "--part", "report"),
        ],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told += done.stdout + done.stderr + (tmp_path / "log").read_text("utf-8")
    for path in (tmp_path / "out").rglob("*"):
        if path.is_file():
            told += path.read_bytes().decode("utf-8", errors="replace")
    for secret in (PASSWORD, ENCODED, "hush/hush", "hush%2Fhush"):
        assert secret not in told
        assert secret not in caplog.text
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    (source,) = manifest["inputs"]
    assert source == f"postgresql://127.0.0.1:{postgis.port}/postgres?schema={schema_of(url)}"
    assert len(manifest["inputs"][source]) == 64


def test_a_month_from_a_database_is_the_month_from_the_file(
    postgis: Server, tmp_path: Path
) -> None:
    url = postgis.url("month")
    io.write_project(io.read_project(SAMPLE), url)
    tables = {}
    for name, source in (("file", SAMPLE), ("database", url)):
        out = tmp_path / name
        month = report.monthly(io.read_project(source), month="2018-03")
        publish.month_bundle(month).write(out, inputs=[source], parts=["tables"])
        tables[name] = {one.name: one.read_bytes() for one in out.glob("*.csv")}
        manifest = json.loads((out / "manifest.json").read_text("utf-8"))
        tables[name]["tables"] = manifest["input_tables"]
    assert tables["database"] == tables["file"]
    assert len(tables["file"]) > 2


def test_a_database_without_postgis_is_told(postgis: Server) -> None:
    postgis.run("DROP DATABASE IF EXISTS plain")
    postgis.run("CREATE DATABASE plain TEMPLATE template0")
    with pytest.raises(DataSourceError, match="CREATE EXTENSION postgis"):
        io.read_project(postgis.url("kcn").replace("/postgres?", "/plain?"))


def test_postgis_in_a_schema_of_its_own_is_found(postgis: Server) -> None:
    postgis.run("DROP DATABASE IF EXISTS apart")
    postgis.run("CREATE DATABASE apart TEMPLATE template0")
    url = postgis.url("kcn").replace("/postgres?", "/apart?")
    ask(url, 'CREATE SCHEMA "Ext 1"')
    ask(url, 'CREATE EXTENSION postgis SCHEMA "Ext 1"')
    stored = Project(**{name: filled(table) for name, table in TABLES.items()})
    io.write_project(stored, url)
    io.write_project(stored, url)
    assert_same(stored, io.read_project(url))
    assert len(ask(url, "SELECT * FROM {}.parcels_on('2018-03-31')")) > 0


def test_without_the_extra_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [one for one in sys.modules if one.startswith("kcngeo.io.stores.postgis")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match=r'install "kcngeo\[postgis\]"') as told:
        io.read_project("postgresql://127.0.0.1/land")
    # No registry need have kcngeo: pip finds it where it is installed.
    assert f'--python "{sys.prefix}"' in str(told.value)
