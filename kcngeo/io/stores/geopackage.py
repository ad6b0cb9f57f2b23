"""The default store: a whole project in one GeoPackage, which QGIS opens as it is.

Tables are written and read through Arrow, so that types survive exactly. A file is written beside
its target and then renamed; it is never opened for writing when only read. What may stand in the
columns is :mod:`kcngeo.core.schema`' matter: a file with breaches is read as it is, so that they
can be listed and mended, but none is ever written.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import struct
import tempfile
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyogrio
import pyproj
import shapely

from kcngeo.core import atomic
from kcngeo.core.areal import one_part
from kcngeo.core.errors import CRSError, DataSourceError
from kcngeo.core.schema import ENTERED, TABLES, Table
from kcngeo.core.sql_names import sql_name
from kcngeo.core.validation import validate
from kcngeo.io.stores import zone_query
from kcngeo.io.stores.arrow import (
    GEOMETRY,
    REQUIRED,
    UnsupportedValueError,
    arrow_table,
    checked_frames,
    crs_text,
    frame_of,
    free_name,
    held_shapes,
    project_of,
    store_errors,
)
from kcngeo.io.stores.taken import Label, label_from, label_of, label_text
from kcngeo.ledger.project import Project
from kcngeo.ledger.zone_rows import moved_between, together

# GDAL stamps its files with the time of writing; the same project must give the same bytes.
# To wait for the disk after every layer took three quarters of the time; core.atomic waits once,
# before the file takes its name.
_OF_A_NEW_FILE = {
    "OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z",
    "OGR_SQLITE_SYNCHRONOUS": "OFF",
}
_LOCK_WAIT_S = 2.0
_WAL = b"\2\2"
# How often a file is read that is replaced each time meanwhile.
_READINGS = 20
# Tables that GeoPackage and SQLite keep for themselves.
_HOUSEKEEPING = ("gpkg_", "rtree_", "sqlite_", "kcngeo_")
_TAKEN = "kcngeo_taken"
_IDENTITY = "kcngeo_identity"
_WRITER = slice(96, 100)
# The layers with an index of their shapes, which SQLite keeps by itself.
_INDEXED = """
SELECT table_name, column_name FROM gpkg_geometry_columns
WHERE 'rtree_' || table_name || '_' || column_name IN (SELECT name FROM sqlite_master)
"""


def read_project(path: Path) -> Project:
    """Read a project from its store."""
    return _at_one_state(path, _read_whole)


def read_zones(path: Path, zones: Collection[str], *, reach_m: float) -> Project:
    """Read a project, of its rows no more than those of some zones, of none, and near by."""
    return _at_one_state(path, partial(_read_zones, zones=zones, reach_m=reach_m))


def _at_one_state(path: Path, read: Callable[[Path, Collection[str]], Project]) -> Project:
    """Read all tables of one and the same file."""
    # Columns have the types of their contract; where a value does not fit, the column is left as
    # it stands in the file, and whoever computes with it says what is wrong.
    for _ in range(_READINGS):
        seen = _state(path) if path.is_file() else None
        present = _tables_of(path)
        with store_errors(path, "unreadable"), at_rest(path) as still:
            project = read(still, [name for name in TABLES if name in present])
        # Each table is opened by its own: one of a file that took this one's place is of another.
        if _state(path) == seen:
            return project
    raise DataSourceError("changed_meanwhile", path=path)


def _read_whole(path: Path, names: Collection[str]) -> Project:
    frames = {name: _read(path, name) for name in names}
    return project_of(frames, _read_label(path, frames))


def _read_zones(
    path: Path, names: Collection[str], *, zones: Collection[str], reach_m: float
) -> Project:
    """Read the rows of zones, then of the shapes of no zone those in reach of what is theirs."""
    with closing(_connect(path, "ro")) as connection:
        columns = {
            name: [one for _, one, *_ in connection.execute(f'PRAGMA table_info("{name}")')]
            for name in names
        }
        if not {"parcel_id", "zone_id"} <= set(columns["parcels"]):
            return _read_whole(path, names)
        moved = connection.execute(zone_query.MOVED.format(parcels='"parcels"')).fetchall()
        indexed = dict(connection.execute(_INDEXED).fetchall())
        systems = dict(connection.execute("SELECT table_name, srs_id FROM gpkg_geometry_columns"))
    wanted = together(zones, moved_between(pd.DataFrame(moved, columns=["parcel_id", "zone_id"])))
    words = {"parcels": '"parcels"', "zones": ", ".join(map(_quoted, sorted(wanted)))}
    asked = {name: zone_query.condition(name, columns[name]) for name in names}
    frames = {
        name: _read(path, name, where=where.format(lots=_lots(name, words), **words))
        for name, where in asked.items()
        if where is not None
    }
    box = zone_query.extent(frames, wanted, reach_m=reach_m)
    for name in names:
        if name not in frames:
            # Where a layer lies in another CRS, and the box therefore somewhere else, all of it.
            alike = systems.get(name) == systems.get("parcels")
            where = None
            if box is not None and name in indexed and alike:
                where = _near(name, indexed[name], box)
            frames[name] = _read(path, name, where=where)
    return project_of({name: frames[name] for name in names}, _read_label(path, frames))


def _lots(table: str, words: Mapping[str, str]) -> str:
    """Ask for lots within a question, which SQLite answers once."""
    return zone_query.lots(table).format(table=sql_name(table), **words)


def _near(layer: str, column: str, box: tuple[float, float, float, float]) -> str:
    """Say which rows of a layer lie in a box, by its index, or nowhere."""
    west, south, east, north = box
    index = sql_name(f"rtree_{layer}_{column}")
    return (
        f"rowid NOT IN (SELECT id FROM {index} WHERE "  # noqa: S608
        f"maxx < {west!r} OR minx > {east!r} OR maxy < {south!r} OR miny > {north!r})"
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _state(path: Path) -> tuple[int, int, int]:
    """Tell states of a file apart without reading it."""
    about = path.stat()
    return about.st_ino, about.st_size, about.st_mtime_ns


def write_project(project: Project, path: Path) -> None:
    """Write a project to a store, whole or not at all."""
    # The same project gives the same bytes. Index labels are not kept: rows are known by their
    # ids. Columns of the user's own come back as written: text, whole numbers and numbers, true
    # and false, days, and moments to the millisecond (in UTC); what would come back as something
    # else is refused.
    frames = checked_frames(project)
    if path.exists():
        # A log lies beside the file itself, not beside a link that leads to it.
        _require_replaceable(path.resolve())
    with atomic.file(path) as part, store_errors(path, "unwritable"), _new_file():
        for name, frame in frames.items():
            _write(frame, part, TABLES[name])
        _write_label(label_of(project, frames), part)


def write_layers(
    layers: Mapping[str, pd.DataFrame],
    path: str | os.PathLike[str],
    *,
    of: Project | None = None,
) -> None:
    """Write frames as the layers of a new GeoPackage, in the types a project has.

    For files that hold more than a project, or less: a table of a project that breaks its contract
    is written as it stands. With all that makes a project the file says what its rows were when it
    left. The same frames give the same bytes.

    Parameters
    ----------
    layers
        The frames by the names of their layers, in the order to write them.
    path
        Path of the GeoPackage; nothing may be there.
    of
        The project they are of: with all that makes a project the file is a copy of it.

    Raises
    ------
    CRSError
        If a frame with geometry has no CRS.
    DataSourceError
        If something is there, or the file cannot be written or cannot hold a value; then nothing
        is left behind.

    Examples
    --------
    >>> import tempfile
    >>> import geopandas as gpd
    >>> import kcngeo as kcn
    >>> parcels = kcn.examples.squares().parcels
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_layers({"vacant": parcels.iloc[8:9]}, f"{folder}/vacant.gpkg")
    ...     gpd.read_file(f"{folder}/vacant.gpkg", layer="vacant")["parcel_id"].tolist()
    ['B-2']
    """
    target = Path(path)
    if target.suffix.lower() != ".gpkg":
        raise DataSourceError("unknown_store", path=target)
    if target.exists():
        raise DataSourceError("unwritable", path=target, detail="something is there already")
    for name, frame in layers.items():
        if isinstance(frame, gpd.GeoDataFrame) and frame.crs is None:
            raise CRSError("crs_missing", name=name)
    left: dict[str, Any] = {}
    with atomic.file(target) as part, store_errors(target, "unwritable"), _new_file():
        for name, frame in layers.items():
            # What a program made and nobody fills in is of areas, while it is empty.
            kind = "any" if len(frame) else "polygon"
            contract, rows = Table(name=name, columns=(), key=(), geometry=kind), frame
            if name in TABLES:
                rows, breaches = validate(frame, name, errors="collect")
                contract = contract if breaches else TABLES[name]
                left[name] = rows
            _write(rows, part, contract)
        if set(REQUIRED) <= set(left):
            whole = Project(**left) if of is None else of
            _write_label(label_of(replace(whole, taken=None), left), part)


def content_digest(path: Path) -> str | None:
    """Hash the tables of a project that people enter; None where the file is no project."""
    if not path.is_file() or not _head(path).startswith(b"SQLite format 3\0"):
        return None
    content = hashlib.sha256()
    with (
        store_errors(path, "unreadable"),
        at_rest(path) as still,
        closing(_connect(still, "ro")) as connection,
    ):
        there = _names(connection)
        if not set(REQUIRED) <= there:
            return None
        for name in sorted(there & set(ENTERED)):
            rows = connection.execute(f'SELECT * FROM "{name}"')  # noqa: S608
            content.update(repr((name, [one[0] for one in rows.description])).encode())
            for row in rows:
                content.update(repr(row).encode())
    return content.hexdigest()


def _tables_of(path: Path) -> set[str]:
    """List the tables of a project after making sure that it is one, and whole."""
    if path.is_dir():
        raise DataSourceError("unreadable", path=path, detail="it is a folder")
    if not path.is_file():
        raise DataSourceError("unreadable_missing", path=path, detail="there is no such file")
    with store_errors(path, "unreadable"):
        head = _head(path)
        if len(head) < 100 or not head.startswith(b"SQLite format 3\0"):
            raise DataSourceError("not_a_project", path=path, detail="it is no GeoPackage")
        page_size = struct.unpack(">H", head[16:18])[0]
        pages = struct.unpack(">I", head[28:32])[0]
        # 1 stands for 65536, which does not fit the field.
        if path.stat().st_size < pages * (65536 if page_size == 1 else page_size):
            raise DataSourceError("unreadable", path=path, detail="it is truncated")
        with closing(_connect(path, "ro")) as connection:
            # GDAL reads past a damaged page and leaves its rows out without a word.
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise DataSourceError("unreadable", path=path, detail="it is damaged")
            tables = _names(connection)
            views = sorted({name for name in _names(connection, "view") if name in TABLES})
            if views:
                # What a view shows may have no end.
                detail = f"no table but a view: {', '.join(views)}"
                raise DataSourceError("unreadable", path=path, detail=detail)
    missing = [name for name in REQUIRED if name not in tables]
    if missing:
        detail = f"it has no table {', '.join(missing)}"
        raise DataSourceError("not_a_project", path=path, detail=detail)
    return tables


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(100)


def _names(connection: sqlite3.Connection, *kinds: str) -> set[str]:
    """List the tables and views, but not those a GeoPackage keeps for itself."""
    asked = ", ".join(f"'{kind}'" for kind in kinds or ("table", "view"))
    rows = connection.execute(f"SELECT name FROM sqlite_master WHERE type IN ({asked})")  # noqa: S608
    return {name for (name,) in rows if not name.startswith(_HOUSEKEEPING)}


def _require_replaceable(path: Path) -> None:
    """Refuse to replace a file that is in use, no project, or holds what a project does not."""
    try:
        foreign = sorted(_tables_of(path) - set(TABLES))
    except DataSourceError as error:
        raise DataSourceError("unwritable", path=path, detail=error.fields["detail"]) from error
    if foreign:
        detail = f"it holds tables of others: {', '.join(foreign)}"
        raise DataSourceError("unwritable", path=path, detail=detail)
    if _log_of(path).exists():
        detail = "it is open in another program; close it there first"
        raise DataSourceError("unwritable", path=path, detail=detail)
    with store_errors(path, "unwritable"), closing(_connect(path, "rw")) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("ROLLBACK")


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    url = f"{path.absolute().as_uri()}?mode={mode}"
    # SQLite would lay a log beside a file in WAL mode even to read it; nobody has it open.
    if mode == "ro" and _head(path)[18:20] == _WAL and not _log_of(path).exists():
        url += "&immutable=1"
    return sqlite3.connect(url, uri=True, timeout=_LOCK_WAIT_S, isolation_level=None)


def _log_of(path: Path) -> Path:
    """Name the write-ahead log beside a file: it is there while a program has the file open."""
    return path.with_name(path.name + "-wal")


@contextmanager
def at_rest(path: Path) -> Iterator[Path]:
    """Give a file to read: GDAL would fold a log into the original, so then it gets a copy."""
    if not _log_of(path).exists():
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.gpkg"
        with closing(_connect(path, "ro")) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        yield copy


@contextmanager
def _new_file() -> Iterator[None]:
    """Write a file nobody reads yet: with one date, and on the disk only once it is whole."""
    before = {name: pyogrio.get_gdal_config_option(name) for name in _OF_A_NEW_FILE}
    pyogrio.set_gdal_config_options(_OF_A_NEW_FILE)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def _read(path: Path, name: str, *, where: str | None = None) -> pd.DataFrame:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        meta, table = pyogrio.read_arrow(path, layer=name, where=where)
    for one in said:
        # GDAL gives a missing value for one it cannot read, and an open end is not the same.
        if str(one.message).startswith("Invalid content"):
            raise DataSourceError("unreadable", path=path, detail=f"{name}: {one.message}")
        warnings.warn(one.message, stacklevel=2)
    geometry_name = meta["geometry_name"] or "wkb_geometry"
    if geometry_name not in table.column_names:
        return frame_of(table, TABLES[name])
    wkb = table.column(geometry_name).to_numpy(zero_copy_only=False)
    plain = table.drop_columns([geometry_name])
    shapes = shapely.from_wkb(wkb)
    if TABLES[name].geometry == "polygon" or meta["geometry_type"].startswith("MultiPolygon"):
        shapes = one_part(shapes)
    return frame_of(plain, TABLES[name], shapes=shapes, crs=meta["crs"])


def _read_label(path: Path, frames: Mapping[str, pd.DataFrame]) -> Label | None:
    """Read what a file was when it left, where it says so."""
    with closing(_connect(path, "ro")) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if _TAKEN not in names:
            return None
        rows = dict(connection.execute(f"SELECT name, rows FROM {_TAKEN}"))  # noqa: S608
        told = None
        if _IDENTITY in names:
            (told,) = connection.execute(f"SELECT max(label) FROM {_IDENTITY}").fetchone()  # noqa: S608
    try:
        return label_from(told, rows, frames)
    except ValueError as error:
        raise DataSourceError("unreadable", path=path, detail=str(error)) from error


def _write_label(label: Label, path: Path) -> None:
    """Write what a copy leaves as; no program but this one lists the tables."""
    version = _head(path)[_WRITER]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(f"CREATE TABLE {_TAKEN} (name TEXT PRIMARY KEY, rows BLOB NOT NULL)")
        connection.executemany(
            f"INSERT INTO {_TAKEN} VALUES (?, ?)",  # noqa: S608
            sorted(label.taken.rows.items()),
        )
        connection.execute(f"CREATE TABLE {_IDENTITY} (label TEXT NOT NULL)")
        connection.execute(f"INSERT INTO {_IDENTITY} VALUES (?)", [label_text(label)])  # noqa: S608
    # SQLite notes which of its versions wrote last; the same project gives the same bytes.
    with path.open("r+b") as file:
        file.seek(_WRITER.start)
        file.write(version)


def _write(frame: pd.DataFrame, path: Path, contract: Table) -> None:
    table = arrow_table(frame, contract)
    options: dict[str, Any] = {"layer": contract.name, "driver": "GPKG", "append": path.exists()}
    options["layer_options"] = {"FID": free_name(frame, "fid")}
    if isinstance(frame, gpd.GeoDataFrame):
        shapes, kind = held_shapes(frame.geometry.to_numpy(), contract)
        wkb = pa.array(shapely.to_wkb(shapes, flavor="iso"), type=pa.binary())
        table = table.append_column(GEOMETRY, wkb)
        options["layer_options"] |= {"GEOMETRY_NAME": GEOMETRY}
        options |= {
            "geometry_name": GEOMETRY,
            "geometry_type": kind,
            "crs": crs_text(frame.crs),
        }
    pyogrio.write_arrow(table, path, **options)
    if isinstance(frame, gpd.GeoDataFrame):
        written = pyogrio.read_info(path, layer=contract.name)["crs"]
        if written is None or pyproj.CRS(written) != frame.crs:
            raise UnsupportedValueError(
                f"the CRS of {contract.name} ({frame.crs.name}); use an EPSG code"
            )
