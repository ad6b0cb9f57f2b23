"""The connection to a server, what it says when something fails, and what a schema holds."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from kcngeo.core.errors import DataSourceError
from kcngeo.core.schema import TABLES
from kcngeo.io.stores.arrow import store_errors
from kcngeo.io.stores.url import Address, address

Connection = psycopg.Connection[tuple[Any, ...]]

MARK = "[kcngeo"
"""Ends the comment of every table this library made; others are left alone."""

_OLDEST_SERVER = 140_000
_CONNECT_TIMEOUT_S = "10"
_READ_WAIT = "60s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table in a database.

    Attributes
    ----------
    name
        Its name.
    type
        Its type, as PostgreSQL writes it ("geometry(Polygon,5899)").
    is_key
        Whether it is the primary key, the store's own row number.
    """

    name: str
    type: str
    is_key: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A transaction in which one project is read or written.

    Attributes
    ----------
    connection
        The connection.
    place
        The address of the project.
    postgis
        The schema PostGIS is installed in.
    """

    connection: Connection
    place: Address
    postgis: str

    def name(self, *names: str) -> sql.Identifier:
        """Quote the name of a thing in the project's schema."""
        return sql.Identifier(self.place.schema, *names)

    def function(self, name: str) -> sql.Identifier:
        """Quote the name of a function or type of PostGIS."""
        return sql.Identifier(self.postgis, name)

    def run(self, statement: str, *values: Any, **names: Any) -> list[tuple[Any, ...]]:
        """Run a statement of this library, with names put in quoted and values bound."""
        query = sql.SQL(statement).format(**names)
        done = self.connection.execute(query, values or None)
        return done.fetchall() if done.description else []

    def tables(self) -> dict[str, list[Column]]:
        """List the tables of a project that the schema holds, ours or not."""
        rows = self.run(
            """
            SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                   COALESCE(a.attnum = ANY (k.conkey), false)
            FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
            WHERE n.nspname = %s AND c.relname = ANY (%s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
            ORDER BY c.relname, a.attnum
            """,
            self.place.schema,
            list(TABLES),
        )
        tables: dict[str, list[Column]] = {}
        for table, name, kind, is_key in rows:
            tables.setdefault(table, []).append(Column(name=name, type=kind, is_key=is_key))
        return tables


@contextmanager
def session(url: str | os.PathLike[str], *, writes: bool) -> Iterator[Session]:
    """Open a transaction on the database of a project; it is committed at the end."""
    place = address(url)
    with _server_errors(place, "unwritable" if writes else "unreadable"):
        connection = _connected(place)
        with connection:
            if not writes:
                _enter(connection, place)
            yield _begun(connection, place)
            _commit(connection, place, writes=writes)


def lock_key(what: str, place: Address) -> int:
    """Number a lock of a project, the same in every program."""
    name = f"kcngeo {what} {place.schema}".encode()
    return int.from_bytes(hashlib.sha256(name).digest()[:8], signed=True)


def _enter(connection: Connection, place: Address) -> None:
    """Begin to read: tables may be filled meanwhile, but not made anew."""
    # The lock is taken before the snapshot, and goes with the connection.
    connection.autocommit = True
    connection.execute(f"SET lock_timeout TO '{_READ_WAIT}'".encode())
    connection.execute("SELECT pg_advisory_lock_shared(%s)", (lock_key("read", place),))
    connection.autocommit = False
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True


def _connected(place: Address) -> Connection:
    options = {"connect_timeout": _CONNECT_TIMEOUT_S, "application_name": "kcngeo"}
    given = {name for name in options if f"{name}=" in place.conninfo}
    return psycopg.connect(
        place.conninfo,
        client_encoding="utf8",
        **{name: value for name, value in options.items() if name not in given},  # type: ignore[arg-type]
    )


def _begun(connection: Connection, place: Address) -> Session:
    if connection.info.server_version < _OLDEST_SERVER:
        detail = "the server is older than PostgreSQL 14"
        raise DataSourceError("not_a_project", path=place.redacted, detail=detail)
    found = connection.execute(
        "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace"
        " WHERE e.extname = 'postgis'"
    ).fetchone()
    if found is None:
        detail = "the database has no PostGIS; its administrator adds it: CREATE EXTENSION postgis"
        raise DataSourceError("not_a_project", path=place.redacted, detail=detail)
    begun = Session(connection=connection, place=place, postgis=found[0])
    # Nobody can put a table or function of his own in front of PostGIS's or PostgreSQL's.
    begun.run("SET LOCAL search_path TO pg_catalog, {postgis}", postgis=sql.Identifier(found[0]))
    begun.run("SET LOCAL extra_float_digits TO 1")
    return begun


def _commit(connection: Connection, place: Address, *, writes: bool) -> None:
    try:
        connection.commit()
    except psycopg.OperationalError as error:
        if not writes:
            raise
        detail = place.scrubbed(str(error))
        raise DataSourceError("commit_unknown", path=place.redacted, detail=detail) from None


@contextmanager
def _server_errors(place: Address, code: str) -> Iterator[None]:
    """Tell what failed without the password, also where the driver's own error would chain it."""
    try:
        with store_errors(place.redacted, code):
            yield
    except psycopg.Error as error:
        detail = place.scrubbed(error.diag.message_primary or str(error))
        if error.diag.message_detail:
            detail += f" ({place.scrubbed(error.diag.message_detail)})"
        raise DataSourceError(code, path=place.redacted, detail=detail) from None
