"""The connection to a server, what it says when something fails, and what a schema holds."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from kcngeo.core.errors import DataSourceError
from kcngeo.core.schema import TABLES
from kcngeo.io.stores.arrow import store_errors
from kcngeo.io.stores.taken import Identity, mends_read
from kcngeo.io.stores.url import Address, address

Connection = psycopg.Connection[tuple[Any, ...]]

RULES = ("_twice", "_overlap", "_days", "_list", "_range", "_parts", "_reference")
"""How names of constraints end; ``errors.rule`` and the ending are their words."""

MARK = "[kcngeo"
"""Ends the comment of every table this library made; others are left alone."""

STATE = "kcngeo_schema"
"""The table in which a schema says what it is."""

VERSION = 2
"""The schema this code makes; see the migrations."""

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
    is_order
        Whether it is the store's own column by which rows keep their order.
    """

    name: str
    type: str
    is_key: bool
    is_order: bool

    @property
    def is_own(self) -> bool:
        """Whether it is the store's own, no column of the project."""
        return self.is_key or self.is_order


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a schema says of itself.

    Attributes
    ----------
    version
        The number of the migration it was last brought to.
    columns
        By table, the columns its project was written with, in order; others are there for whoever
        edits the table.
    identity
        Which project it holds, and how often edits were recorded in it, by whomever; None of a
        schema made before it said so.
    """

    version: int
    columns: Mapping[str, list[str]]
    identity: Identity | None


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
        if values:
            # A name may hold what stands for a value.
            names = {
                name: sql.SQL(part.as_string(self.connection).replace("%", "%%"))
                for name, part in names.items()
            }
        query = sql.SQL(statement).format(**names)
        done = self.connection.execute(query, values or None)
        return done.fetchall() if done.description else []

    def tables(self) -> dict[str, list[Column]]:
        """List the tables of a project that the schema holds, ours or not."""
        rows = self.run(
            """
            SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                   COALESCE(a.attnum = ANY (k.conkey), false), a.attidentity <> ''
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
        for table, name, kind, is_key, is_counted in rows:
            column = Column(name=name, type=kind, is_key=is_key, is_order=is_counted and not is_key)
            tables.setdefault(table, []).append(column)
        return tables

    def standing(self) -> Standing | None:
        """Read what a schema says of itself; one made before it said so says nothing."""
        if not self.run(
            "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = %s AND c.relname = %s",
            *(self.place.schema, STATE),
        ):
            return None
        # The whole row: which columns there are is of its version.
        rows = self.run("SELECT to_jsonb(s) FROM {state} s", state=self.name(STATE))
        if not rows:
            raise DataSourceError("no_version", path=self.place.redacted, table=STATE)
        ((told,),) = rows
        if told["version"] > VERSION:
            raise DataSourceError(
                "newer_schema", path=self.place.redacted, version=told["version"], known=VERSION
            )
        return Standing(
            version=told["version"], columns=told["columns"], identity=self._identity(told)
        )

    def _identity(self, told: Mapping[str, Any]) -> Identity | None:
        """Read which project a schema holds, where it says so."""
        if told.get("dataset_id") is None:
            return None
        try:
            mends = mends_read(told["clock_mends"])
        except (TypeError, ValueError) as error:
            detail = f"the row of {STATE} is damaged: {error}"
            raise DataSourceError("unreadable", path=self.place.redacted, detail=detail) from error
        return Identity(dataset_id=told["dataset_id"], commit=told["commit"], clock_mends=mends)


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
        if isinstance(error, psycopg.IntegrityError):
            raise _refused(place, error, detail) from None
        raise DataSourceError(code, path=place.redacted, detail=detail) from None


def _refused(place: Address, error: psycopg.IntegrityError, detail: str) -> DataSourceError:
    """Say which rule of the database the rows break, in the words of its rule."""
    name = error.diag.constraint_name or ""
    rule = next((one for one in RULES if name.endswith(one)), None)
    if rule is None:
        return DataSourceError("rule_broken", path=place.redacted, detail=detail)
    rows = place.scrubbed(error.diag.message_detail or detail)
    table = error.diag.table_name or name
    return DataSourceError(f"rule{rule}", path=place.redacted, table=table, detail=rows)
