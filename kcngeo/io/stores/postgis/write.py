"""Write a project to a database: one transaction, one writer, everything or nothing."""

from __future__ import annotations

import hashlib
import io
import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.csv
import shapely
from psycopg import sql

from kcngeo.core import texts
from kcngeo.core.errors import DataSourceError
from kcngeo.core.schema import TABLES, Table
from kcngeo.io.stores.arrow import (
    GEOMETRY,
    UnsupportedValueError,
    arrow_table,
    checked_frames,
    crs_text,
    free_name,
    geometry_type,
)
from kcngeo.io.stores.postgis.connection import MARK, Session, lock_key, session
from kcngeo.io.stores.postgis.read import read_in
from kcngeo.io.stores.postgis.views import FUNCTION, create_views, drop_views
from kcngeo.ledger.project import Project

_LOCK_TIMEOUT = "10s"
_EDIT_TIMEOUT = "120s"
_TYPES = {
    pa.string(): "text",
    pa.bool_(): "boolean",
    pa.int8(): "smallint",
    pa.int16(): "smallint",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.float32(): "real",
    pa.float64(): "double precision",
    pa.date32(): "date",
    pa.timestamp("ms", tz="UTC"): "timestamp with time zone",
    pa.binary(): "bytea",
}
# Columns rows are looked up by.
_INDEXED = ("zone_id", "parcel_id", "entry_id", "project_id")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """A table as it is to stand in the database.

    Attributes
    ----------
    contract
        Its contract.
    key
        Name of the row number.
    types
        SQL types of the columns, in order, the row number first.
    rows
        The columns as Arrow, without row number and shapes.
    shapes
        The shapes, or None.
    crs
        Their CRS.
    """

    contract: Table
    key: str
    types: dict[str, str]
    rows: pa.Table
    shapes: Any
    crs: Any


def write_project(project: Project, url: str | os.PathLike[str]) -> None:
    """Write a project to a schema of a PostGIS database."""
    # Tables that keep their columns keep everything else too: rights, owners, what others have
    # built on them. Where columns change, tables are made anew and rights are given again.
    frames = checked_frames(project)
    with session(url, writes=True) as now:
        _begin(now, _LOCK_TIMEOUT)
        _require_alone(now)
        _write_in(now, frames)


@contextmanager
def editing(
    url: str | os.PathLike[str],
) -> Iterator[tuple[Project, Callable[[Project], None]]]:
    """Read, change and write in one transaction: nobody edits a row in between."""
    with session(url, writes=True) as now:
        _begin(now, _EDIT_TIMEOUT)
        now.run("SELECT pg_advisory_xact_lock(%s)", lock_key("write", now.place))
        names = [name for name in TABLES if name in now.tables()]
        if names:
            # What an editor has not committed yet is waited for, and read.
            _lock_tables(now, names)
        yield read_in(now), lambda project: _write_in(now, checked_frames(project))


def _begin(now: Session, lock_timeout: str) -> None:
    # A commit that was reported must outlive a crash, whatever the server's default.
    now.run("SET LOCAL synchronous_commit TO on")
    now.run(f"SET LOCAL lock_timeout TO '{lock_timeout}'")


def _write_in(now: Session, frames: Mapping[str, pd.DataFrame]) -> None:
    """Write a project within a transaction."""
    layouts = {name: _layout(frame, TABLES[name]) for name, frame in frames.items()}
    _require_ours(now)
    kinds = {name: {**layout.types, **_shape_type(now, layout)} for name, layout in layouts.items()}
    stamp = _stamp(kinds)
    if _standing(now) == (_ordered(kinds), stamp):
        _lock_tables(now, list(layouts))
        for name in layouts:
            now.run("DELETE FROM {table}", table=now.name(name))
    else:
        _rebuild(now, kinds, stamp)
    for layout in layouts.values():
        _copy(now, layout)
    now.run("SET CONSTRAINTS ALL IMMEDIATE")


def _require_alone(now: Session) -> None:
    """Let one writer in; the lock goes with the transaction, also if the writer is killed."""
    ((alone,),) = now.run("SELECT pg_try_advisory_xact_lock(%s)", lock_key("write", now.place))
    if not alone:
        detail = "another program is writing it; try again when that is done"
        raise DataSourceError("unwritable", path=now.place.redacted, detail=detail)


def _require_ours(now: Session) -> None:
    """Refuse to replace tables of others that happen to have such names."""
    rows = now.run(
        """
        SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = %s AND c.relname = ANY (%s)
          AND (c.relkind <> 'r' OR COALESCE(obj_description(c.oid, 'pg_class'), '') NOT LIKE %s)
        ORDER BY c.relname
        """,
        *(now.place.schema, list(TABLES), f"%{MARK}%"),
    )
    if rows:
        detail = f"the schema holds tables of others: {', '.join(name for (name,) in rows)}"
        raise DataSourceError("unwritable", path=now.place.redacted, detail=detail)


def _layout(frame: pd.DataFrame, contract: Table) -> Layout:
    rows = arrow_table(frame, contract)
    key = free_name(frame, "fid")
    is_layer = isinstance(frame, gpd.GeoDataFrame)
    return Layout(
        contract=contract,
        key=key,
        types={key: "bigint", **{one.name: _TYPES[one.type] for one in rows.schema}},
        rows=rows,
        shapes=frame.geometry.to_numpy() if is_layer else None,
        crs=frame.crs if is_layer else None,
    )


def _shape_type(now: Session, layout: Layout) -> dict[str, str]:
    """Give the type of the shapes, as narrow as they allow, so that QGIS knows it."""
    if layout.shapes is None:
        return {}
    kind = geometry_type(layout.shapes, layout.contract).replace(" ", "")
    present = layout.shapes[~shapely.is_missing(layout.shapes)]
    high = shapely.has_z(present)
    if kind == "Unknown":
        kind = "GeometryZ" if len(high) and high.all() else "Geometry"
    if kind == "Geometry" and high.any():
        # No narrower type holds heights beside none.
        return {GEOMETRY: "geometry"}
    return {GEOMETRY: f"geometry({kind},{_srid(now, layout)})"}


def _srid(now: Session, layout: Layout) -> int:
    """Find the number a CRS has in this database."""
    authority, _, code = crs_text(layout.crs).partition(":")
    if not code.isdecimal():
        raise UnsupportedValueError(
            f"the CRS of {layout.contract.name} ({layout.crs.name}); use an EPSG code"
        )
    systems = now.function("spatial_ref_sys")
    rows = now.run(
        "SELECT srid FROM {systems} WHERE auth_name = %s AND auth_srid = %s ORDER BY srid",
        *(authority, int(code)),
        systems=systems,
    )
    if rows:
        return int(rows[0][0])
    with warnings.catch_warnings():
        # pyproj warns that the old notation says less; PostGIS goes by the authority's code.
        warnings.simplefilter("ignore", UserWarning)
        notations = layout.crs.to_wkt("WKT1_GDAL"), layout.crs.to_proj4()
    try:
        with now.connection.transaction():
            now.run(
                "INSERT INTO {systems} (srid, auth_name, auth_srid, srtext, proj4text)"
                " VALUES (%s, %s, %s, %s, %s)",
                *(int(code), authority, int(code), *notations),
                systems=systems,
            )
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UniqueViolation) as error:
        raise UnsupportedValueError(
            f"the CRS of {layout.contract.name} ({authority}:{code}): PostGIS does not list it;"
            " its administrator adds it to spatial_ref_sys"
        ) from error
    return int(code)


def _stamp(kinds: dict[str, dict[str, str]]) -> str:
    """Mark what the views were made for: these columns, by this file."""
    made = repr((kinds, FUNCTION)).encode()
    return f"{MARK} {hashlib.sha256(made).hexdigest()[:16]}]"


def _ordered(kinds: dict[str, dict[str, str]]) -> list[Any]:
    return [(name, list(columns.items())) for name, columns in kinds.items()]


def _standing(now: Session) -> tuple[list[Any], str | None]:
    """Give the columns the tables have, and the mark of the views."""
    tables = {
        name: {column.name: column.type for column in columns}
        for name, columns in now.tables().items()
    }
    rows = now.run(
        """
        SELECT obj_description(p.oid, 'pg_proc') FROM pg_proc p
        JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = %s AND p.proname = 'parcels_on'
        """,
        now.place.schema,
    )
    said = rows[0][0] if len(rows) == 1 and rows[0][0] else ""
    stamp = MARK + said.rpartition(MARK)[2] if MARK in said else None
    return _ordered({name: tables[name] for name in TABLES if name in tables}), stamp


def _lock_tables(now: Session, names: list[str]) -> None:
    """Let nobody edit a row that is about to be replaced; readers are not held up."""
    now.run(
        "LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE",
        tables=sql.SQL(", ").join(map(now.name, names)),
    )


def _rebuild(now: Session, kinds: dict[str, dict[str, str]], stamp: str) -> None:
    """Make all tables and views anew, and give the rights again that were given on the old."""
    schema = sql.Identifier(now.place.schema)
    if not now.run("SELECT 1 FROM pg_namespace WHERE nspname = %s", now.place.schema):
        now.run("CREATE SCHEMA {schema}", schema=schema)
    # Who reads at the moment finishes first: in his snapshot the new tables would be empty.
    now.run("SELECT pg_advisory_xact_lock(%s)", lock_key("read", now.place))
    rights = _rights(now)
    drop_views(now)
    for name in now.tables():
        # Without CASCADE: what others have built on a table is not ours to drop.
        now.run("DROP TABLE {table}", table=now.name(name))
    for name, columns in kinds.items():
        _create(now, TABLES[name], columns)
    create_views(now, kinds, stamp)
    _give(now, rights)


def _create(now: Session, contract: Table, columns: dict[str, str]) -> None:
    """Make a table with its key, indexes and comments."""
    table = now.name(contract.name)
    key = next(iter(columns))
    parts = [
        sql.SQL("{name} {type}").format(name=sql.Identifier(name), type=_type(now, kind))
        for name, kind in columns.items()
        if name != key
    ]
    # A number a row, so that QGIS can edit the table and rows keep their order.
    own = sql.SQL("{key} bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY").format(
        key=sql.Identifier(key)
    )
    now.run("CREATE TABLE {table} ({parts})", table=table, parts=sql.SQL(", ").join([own, *parts]))
    for name in columns:
        if name == GEOMETRY and contract.geometry:
            now.run(
                "CREATE INDEX ON {table} USING gist ({name})",
                table=table,
                name=sql.Identifier(name),
            )
        elif name in _INDEXED and contract.column(name):
            now.run("CREATE INDEX ON {table} ({name})", table=table, name=sql.Identifier(name))
        words = _words(f"column.{name}")
        if words:
            now.run(
                "COMMENT ON COLUMN {column} IS {words}",
                column=now.name(contract.name, name),
                words=sql.Literal(words),
            )
    words = f"{_words(f'table.{contract.name}')} {MARK}]".strip()
    now.run("COMMENT ON TABLE {table} IS {words}", table=table, words=sql.Literal(words))


def _type(now: Session, kind: str) -> sql.Composable:
    """Write a type; those of PostGIS with the schema they lie in."""
    name, _, subtype = kind.partition("(")
    if name != "geometry":
        return sql.SQL(kind)
    written = now.function("geometry")
    return written + sql.SQL("(" + subtype) if subtype else written


def _words(key: str) -> str:
    """Say something in both languages, if the table of texts has words for it."""
    entry = texts.table().get(key)
    return " · ".join(entry[language] for language in texts.LANGUAGES) if entry else ""


def _rights(now: Session) -> list[tuple[Any, ...]]:
    return now.run(
        """
        SELECT c.relname, r.rolname, a.privilege_type, a.is_grantable
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL aclexplode(c.relacl) a
        LEFT JOIN pg_roles r ON r.oid = a.grantee
        WHERE n.nspname = %s AND c.relkind IN ('r', 'v') AND a.grantee <> c.relowner
        ORDER BY 1, 2, 3
        """,
        now.place.schema,
    )


def _give(now: Session, rights: list[tuple[Any, ...]]) -> None:
    there = {
        name
        for (name,) in now.run(
            "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = %s AND relkind IN ('r', 'v')",
            now.place.schema,
        )
    }
    for table, role, right, may_give in rights:
        if table not in there:
            continue
        now.run(
            "GRANT {right} ON {table} TO {role} {option}",
            right=sql.SQL(right),
            table=now.name(table),
            role=sql.Identifier(role) if role else sql.SQL("PUBLIC"),
            option=sql.SQL("WITH GRANT OPTION" if may_give else ""),
        )


def _copy(now: Session, layout: Layout) -> None:
    """Send the rows as CSV: what is missing is nothing at all, an empty text is quoted."""
    size = layout.rows.num_rows
    numbers = pa.array(np.arange(1, size + 1))
    columns = {layout.key: numbers}
    for name, values in zip(layout.rows.column_names, layout.rows.columns, strict=True):
        columns[name] = _sent(values)
    if layout.shapes is not None:
        shapes = shapely.set_srid(layout.shapes, _srid(now, layout))
        wkb = shapely.to_wkb(shapes, hex=True, include_srid=True, flavor="extended")
        columns[GEOMETRY] = pa.array(wkb, type=pa.string())
    sink = io.BytesIO()
    pyarrow.csv.write_csv(
        pa.table(list(columns.values()), names=[str(place) for place in range(len(columns))]),
        sink,
        pyarrow.csv.WriteOptions(include_header=False, quoting_style="all_valid"),
    )
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    query = sql.SQL("COPY {table} ({names}) FROM STDIN (FORMAT csv)").format(
        table=now.name(layout.contract.name), names=names
    )
    with now.connection.cursor().copy(query) as copy:
        copy.write(sink.getvalue())
    # Altering the column would shut readers out; its sequence may be altered beside them.
    ((sequence,),) = now.run(
        "SELECT pg_get_serial_sequence(format('%%I.%%I', %s::text, %s::text), %s)",
        *(now.place.schema, layout.contract.name, layout.key),
    )
    now.run(
        "ALTER SEQUENCE {sequence} RESTART WITH {next}",
        sequence=sql.SQL(sequence),
        next=sql.Literal(size + 1),
    )


def _sent(values: Any) -> Any:
    if pa.types.is_binary(values.type):
        texts = [None if one is None else "\\x" + one.hex() for one in values.to_pylist()]
        return pa.array(texts, type=pa.string())
    return values
