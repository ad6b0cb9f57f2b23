"""Read a project from a database: one snapshot, every table by COPY."""

from __future__ import annotations

import io
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyproj
import shapely
from psycopg import sql

from kcngeo.core.areal import one_part
from kcngeo.core.errors import DataSourceError
from kcngeo.core.schema import RECORDED, TABLES
from kcngeo.io.stores import zone_query
from kcngeo.io.stores.arrow import GEOMETRY, REQUIRED, frame_of, project_of
from kcngeo.io.stores.postgis.connection import Column, Session, session
from kcngeo.io.stores.postgis.layout import holds_parts
from kcngeo.io.stores.taken import identity_of
from kcngeo.ledger.project import Project
from kcngeo.ledger.zone_rows import moved_between, together

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BLOCK = 1 << 26
# How a type travels, as what Arrow reads it, and what it is then.
_DAY, _MICROSECOND = pa.date32(), pa.timestamp("us", tz="UTC")
_WAYS: dict[str, tuple[str, pa.DataType, pa.DataType]] = {
    "smallint": ("{column}", pa.int16(), pa.int16()),
    "integer": ("{column}", pa.int32(), pa.int32()),
    "bigint": ("{column}", pa.int64(), pa.int64()),
    "real": ("{column}", pa.float32(), pa.float32()),
    "double precision": ("{column}", pa.float64(), pa.float64()),
    "numeric": ("{column}::double precision", pa.float64(), pa.float64()),
    "boolean": ("{column}", pa.bool_(), pa.bool_()),
    "date": ("{column} - date '1970-01-01'", pa.int32(), _DAY),
    "timestamp with time zone": (
        "(extract(epoch FROM {column}) * 1000000)::bigint",
        pa.int64(),
        _MICROSECOND,
    ),
    "timestamp without time zone": (
        "(extract(epoch FROM {column}) * 1000000)::bigint",
        pa.int64(),
        pa.timestamp("us"),
    ),
    "bytea": ("encode({column}, 'hex')", pa.string(), pa.binary()),
    "geometry": ("encode({as_binary}({column}), 'hex')", pa.string(), pa.string()),
}
_TEXT = ("{column}::text", pa.string(), pa.string())


def read_project(url: str | os.PathLike[str]) -> Project:
    """Read a project from a schema of a PostGIS database."""
    with session(url, writes=False) as now:
        # A schema that is newer than this code is refused before anything is read.
        now.standing()
        return project_in(now, held_in(now))


def read_zones(url: str | os.PathLike[str], zones: Collection[str], *, reach_m: float) -> Project:
    """Read a project, of its rows no more than those of some zones, of none, and near by."""
    with session(url, writes=False) as now:
        standing = now.standing()
        tables = now.tables()
        lots = {one.name: one.type for one in tables.get("parcels", ())}
        # What follows from all rows, and ids that are no texts, need the whole.
        if (
            standing is None
            or standing.identity is None
            or {lots.get("parcel_id"), lots.get("zone_id")} != {"text"}
        ):
            return project_in(now, held_in(now))
        return project_in(now, _held_of_zones(now, tables, zones, reach_m=reach_m))


def _held_of_zones(
    now: Session, tables: Mapping[str, list[Column]], zones: Collection[str], *, reach_m: float
) -> dict[str, Held]:
    """Read the rows of zones, then of the shapes of no zone those in reach of what is theirs."""
    moved = now.run(zone_query.MOVED, parcels=now.name("parcels"))
    wanted = together(zones, moved_between(pd.DataFrame(moved, columns=["parcel_id", "zone_id"])))
    words = {
        "parcels": now.name("parcels"),
        "zones": sql.SQL(", ").join(map(sql.Literal, sorted(wanted))),
    }
    names = [name for name in TABLES if name in tables]
    held = {}
    for name in names:
        columns = [one.name for one in tables[name]]
        where = zone_query.condition(name, columns)
        if where is not None:
            lots = _lots(now, name, words) if "parcel_id" in columns else sql.NULL
            query = sql.SQL(where).format(lots=lots, **words)
            held[name] = _read(now, name, tables[name], where=query)
    frames = {name: one.frame for name, one in held.items()}
    box = zone_query.extent(frames, wanted, reach_m=reach_m)
    for name in names:
        if name not in held:
            shape = _shape_of(tables[name])
            # Where a layer lies in another CRS, and the box therefore somewhere else, all of it.
            near = None
            if box is not None and shape is not None:
                alike = _crs(now, name, shape.name) == frames["parcels"].crs
                near = _near(now, shape.name, box) if alike else None
            held[name] = _read(now, name, tables[name], where=near)
    return {name: held[name] for name in names}


def _lots(now: Session, table: str, words: Mapping[str, sql.Composable]) -> sql.Composable:
    """List lots: of a question within a question the server may ask every row anew."""
    found = now.run(zone_query.lots(table), table=now.name(table), **words)
    return sql.SQL(", ").join([sql.NULL, *(sql.Literal(lot) for (lot,) in found)])


def _near(now: Session, column: str, box: tuple[float, float, float, float]) -> sql.Composed:
    """Say which rows of a layer lie in a box, by its index, or nowhere."""
    west, south, east, north = map(sql.Literal, box)
    return sql.SQL(
        "{column} && {box}({point}({west}, {south}), {point}({east}, {north}))"
        " OR {column} IS NULL OR {is_empty}({column})"
    ).format(
        column=sql.Identifier(column),
        box=now.function("st_makebox2d"),
        point=now.function("st_point"),
        is_empty=now.function("st_isempty"),
        west=west,
        south=south,
        east=east,
        north=north,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Held:
    """A table as it stands in the database.

    Attributes
    ----------
    columns
        Its columns.
    keys
        The row numbers, in the order of the rows.
    orders
        By what the rows keep that order, rising.
    frame
        The rows with all columns but the store's own.
    """

    columns: list[Column]
    keys: NDArray[np.int64]
    orders: NDArray[np.int64]
    frame: Any


def held_in(now: Session) -> dict[str, Held]:
    """Read all tables of a project within a transaction."""
    tables = now.tables()
    return {name: _read(now, name, tables[name]) for name in TABLES if name in tables}


def project_in(now: Session, held: Mapping[str, Held]) -> Project:
    """Make a project of the tables that stand."""
    missing = [name for name in REQUIRED if name not in held]
    if missing:
        detail = f"the schema {now.place.schema} has no table {', '.join(missing)}"
        raise DataSourceError("not_a_project", path=now.place.redacted, detail=detail)
    standing = now.standing()
    said = {} if standing is None else standing.columns
    frames = {name: _as_written(one.frame, name, said.get(name)) for name, one in held.items()}
    project = project_of(frames, None if standing is None else standing.identity)
    if project.dataset_id is not None:
        return project
    # A schema of before there were ids has the one that follows from its rows.
    return replace(project, dataset_id=identity_of(project, dict(project.tables())).dataset_id)


def _as_written(frame: Any, table: str, written: list[str] | None) -> Any:
    """Leave out columns that are there for whoever edits the table, and that nobody filled."""
    if written is None:
        return frame
    shape = [GEOMETRY] if isinstance(frame, gpd.GeoDataFrame) else []
    ours = {column.name for column in (*TABLES[table].columns, *RECORDED)}
    others = [
        name
        for name in frame.columns
        if name not in (*written, *shape) and (name not in ours or frame[name].notna().any())
    ]
    return frame[[*(name for name in written if name in frame.columns), *others, *shape]]


def holds_project(url: str | os.PathLike[str]) -> bool:
    """Tell whether a schema holds any table of a project."""
    with session(url, writes=False) as now:
        return bool(now.tables())


def _shape_of(columns: list[Column]) -> Column | None:
    """Find the column of shapes of a table."""
    return next((one for one in columns if not one.is_own and _base(one.type) == "geometry"), None)


def _read(
    now: Session, table: str, columns: list[Column], *, where: sql.Composable | None = None
) -> Held:
    """Read one table, or some of its rows, by COPY, in the order it was written."""
    every = columns
    key = [column.name for column in columns if column.is_key]
    # Of a schema made by the first version the key is the order.
    order = [column.name for column in columns if column.is_order] or key
    columns = [column for column in columns if not column.is_own]
    shape = _shape_of(columns)
    ways = [_way(one, is_shape=one is shape) for one in columns]
    own = [*order[:1], *key[:1]]
    numbers = [(sql.Identifier(name), _WAYS["bigint"]) for name in own]
    parts = [
        sql.SQL(way[0]).format(
            column=sql.Identifier(one.name), as_binary=now.function("st_asbinary")
        )
        for one, way in zip(columns, ways, strict=True)
    ]
    query = sql.SQL(
        "COPY (SELECT {parts} FROM {table} {where} {order}) TO STDOUT (FORMAT csv)"
    ).format(
        # A column of ones first: a row of a single missing value would be an empty line.
        parts=sql.SQL(", ").join([sql.SQL("1"), *(name for name, _ in numbers), *parts]),
        table=now.name(table),
        where=sql.SQL("") if where is None else sql.SQL("WHERE ") + where,
        order=sql.SQL("ORDER BY ") + sql.SQL(", ").join(map(sql.Identifier, own))
        if own
        else sql.SQL(""),
    )
    with now.connection.cursor().copy(query) as copied:
        data = b"".join(copied)
    rows = _parsed(data, [*(way for _, way in numbers), *ways])
    orders, keys = (
        (rows.column(0).to_numpy(), rows.column(len(own) - 1).to_numpy())
        if own
        else (np.arange(rows.num_rows), np.arange(rows.num_rows))
    )
    arrays = {one.name: rows.column(len(own) + place) for place, one in enumerate(columns)}
    frame = _frame(now, table, arrays, shape)
    return Held(columns=every, keys=keys, orders=orders, frame=frame)


def _frame(now: Session, table: str, arrays: dict[str, Any], shape: Column | None) -> Any:
    contract = TABLES[table]
    if shape is None or not contract.geometry:
        return frame_of(pa.table(arrays), contract)
    wkb = arrays.pop(shape.name).to_numpy(zero_copy_only=False)
    shapes = shapely.from_wkb(wkb)
    if holds_parts(contract, shape.type):
        shapes = one_part(shapes)
    return frame_of(pa.table(arrays), contract, shapes=shapes, crs=_crs(now, table, shape.name))


def _base(kind: str) -> str:
    """Give a type without its length or subtype."""
    name, bracket, rest = kind.partition("(")
    return name + rest.partition(")")[2] if bracket else name


def _way(column: Column, *, is_shape: bool) -> tuple[str, pa.DataType, pa.DataType]:
    base = _base(column.type)
    if base == "geometry" and not is_shape:
        return _TEXT
    return _WAYS.get(base, _TEXT)


def _parsed(data: bytes, ways: list[tuple[str, pa.DataType, pa.DataType]]) -> pa.Table:
    """Read what COPY gives; missing is nothing at all, and an empty text is quoted."""
    names = ["row", *(str(place) for place in range(len(ways)))]
    types = {name: way[1] for name, way in zip(names[1:], ways, strict=True)}
    if not data:
        return pa.table([pa.array([], type=way[2]) for way in ways], names=names[1:])
    read = pyarrow.csv.read_csv(
        io.BytesIO(data),
        read_options=pyarrow.csv.ReadOptions(column_names=names, block_size=_BLOCK),
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types={"row": pa.int8(), **types},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    )
    return pa.table(
        [_as_meant(read.column(name), way) for name, way in zip(names[1:], ways, strict=True)],
        names=names[1:],
    )


def _as_meant(values: Any, way: tuple[str, pa.DataType, pa.DataType]) -> Any:
    _, read_as, meant = way
    if pa.types.is_binary(meant):
        texts = values.to_pylist()
        return pa.array([None if one is None else bytes.fromhex(one) for one in texts], type=meant)
    return values if read_as == meant else values.cast(meant)


def _crs(now: Session, table: str, column: str) -> Any:
    """Find the one CRS of a layer."""
    rows = now.run(
        "SELECT DISTINCT {srid}({column}) FROM {table} WHERE {column} IS NOT NULL",
        srid=now.function("st_srid"),
        column=sql.Identifier(column),
        table=now.name(table),
    )
    if not rows:
        rows = now.run(
            "SELECT {find}(%s, %s, %s)",
            *(now.place.schema, table, column),
            find=now.function("find_srid"),
        )
    if len(rows) > 1:
        detail = f"the shapes of {table} are in different CRSs"
        raise DataSourceError("unreadable", path=now.place.redacted, detail=detail)
    known = now.run(
        "SELECT auth_name, auth_srid, srtext FROM {systems} WHERE srid = %s",
        rows[0][0],
        systems=now.function("spatial_ref_sys"),
    )
    if not known:
        return None
    authority, code, text = known[0]
    return pyproj.CRS.from_authority(authority, code) if authority else pyproj.CRS(text)
