"""The default store: a whole project in one GeoPackage, which QGIS opens as it is.

Tables are written and read through Arrow, so that types survive exactly. A file is written beside
its target and then renamed; it is never opened for writing when only read. What may stand in the
columns is :mod:`kcngeo.core.columns`' matter: a file with breaches is read as it is, so that they
can be listed and mended, but none is ever written.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import struct
import tempfile
import uuid
import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyogrio
import pyogrio.errors
import pyproj
import shapely

from kcngeo.core.columns import RECORDED, TABLES, Kind, Table
from kcngeo.core.contracts import examined
from kcngeo.core.errors import ContractError, CRSError, DataSourceError
from kcngeo.core.model import Project

if TYPE_CHECKING:
    from kcngeo.core.model import Finding

REQUIRED = ("zones", "parcels", "ledger")
"""Tables without which a file is not a project."""

# GDAL stamps its files with the time of writing; the same project must give the same bytes.
_FIXED_DATE = "2000-01-01T00:00:00.000Z"
_LOCK_WAIT_S = 2.0
_WAL = b"\2\2"
# Tables that GeoPackage and SQLite keep for themselves.
_HOUSEKEEPING = ("gpkg_", "rtree_", "sqlite_")

_ARROW = {
    Kind.TEXT: pa.string(),
    Kind.DATE: pa.date32(),
    Kind.MOMENT: pa.timestamp("ms", tz="UTC"),
    Kind.NUMBER: pa.float64(),
    Kind.COUNT: pa.int64(),
    Kind.FLAG: pa.bool_(),
}
_PANDAS = {
    pa.string(): pd.StringDtype(na_value=np.nan),
    pa.large_string(): pd.StringDtype(na_value=np.nan),
    pa.bool_(): pd.BooleanDtype(),
    pa.int16(): pd.Int16Dtype(),
    pa.int32(): pd.Int32Dtype(),
    pa.int64(): pd.Int64Dtype(),
}
_HELD = (
    pa.types.is_string,
    pa.types.is_boolean,
    pa.types.is_signed_integer,
    pa.types.is_float32,
    pa.types.is_float64,
    pa.types.is_date32,
    pa.types.is_binary,
)


def read_project(path_or_url: str | os.PathLike[str]) -> Project:
    """Read a project from its store.

    Columns have the types of their contract; where a value does not fit, the column is left as it
    stands in the file, and whoever computes with it says what is wrong.

    Parameters
    ----------
    path_or_url
        Path of a GeoPackage.

    Returns
    -------
    Project
        The tables; those the file does not hold are None.

    Raises
    ------
    DataSourceError
        If the file is missing, locked, truncated or no kcngeo project. It is never changed.
    """
    path = _gpkg(path_or_url)
    present = _tables_of(path)
    with _told(path, "unreadable"), _at_rest(path) as still:
        frames = {name: examined(_read(still, name), name)[0] for name in TABLES if name in present}
    return Project(**frames)


def write_project(project: Project, path_or_url: str | os.PathLike[str]) -> None:
    """Write a project to a store, whole or not at all.

    The same project gives the same bytes. Index labels are not kept: rows are known by their ids.
    Columns of the user's own come back as written: text, whole numbers and numbers, true and false,
    days, and moments to the millisecond (in UTC); what would come back as something else is
    refused.

    Parameters
    ----------
    project
        The tables.
    path_or_url
        Path of a GeoPackage, ending in .gpkg; an existing project there is replaced.

    Raises
    ------
    ContractError
        If a table breaks its contract; all breaches are listed and nothing is written.
    CRSError
        If a table with geometry has no CRS.
    DataSourceError
        If the target is locked, open elsewhere, no project, or holds tables of others, or if a
        GeoPackage cannot hold a value; the target is left as it was.
    """
    # A link stays a link; what it leads to is replaced.
    path = _gpkg(path_or_url).resolve()
    frames = _checked(project)
    if path.exists():
        _require_replaceable(path)
    if not path.parent.is_dir():
        raise DataSourceError("unwritable", path=path, detail=f"no folder {path.parent}")
    beside = path.with_name(f".{uuid.uuid4().hex}.gpkg")
    try:
        with _told(path, "unwritable"), _fixed_date():
            for name, frame in frames.items():
                _write(frame, beside, TABLES[name])
            if path.exists():
                shutil.copymode(path, beside)
            beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write_layers(layers: Mapping[str, pd.DataFrame], path: str | os.PathLike[str]) -> None:
    """Write frames as the layers of a new GeoPackage, in the types a project has.

    For files that hold more than a project, or less: a table of a project that breaks its contract
    is written as it stands. The same frames give the same bytes.

    Parameters
    ----------
    layers
        The frames by the names of their layers, in the order to write them.
    path
        Path of the GeoPackage; nothing may be there.

    Raises
    ------
    CRSError
        If a frame with geometry has no CRS.
    DataSourceError
        If something is there, or the file cannot be written or cannot hold a value; then nothing
        is left behind.
    """
    target = _gpkg(path)
    if target.exists():
        raise DataSourceError("unwritable", path=target, detail="something is there already")
    for name, frame in layers.items():
        if isinstance(frame, gpd.GeoDataFrame) and frame.crs is None:
            raise CRSError("crs_missing", name=name)
    try:
        with _told(target, "unwritable"), _fixed_date():
            for name, frame in layers.items():
                cast, problems = examined(frame, name) if name in TABLES else (frame, ())
                plain = Table(name=name, columns=(), key=(), geometry="any")
                _write(cast, target, plain if problems or name not in TABLES else TABLES[name])
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _gpkg(path_or_url: str | os.PathLike[str]) -> Path:
    path = Path(path_or_url)
    if path.suffix.lower() != ".gpkg":
        raise DataSourceError("unknown_store", path=path_or_url)
    return path


def _checked(project: Project) -> dict[str, Any]:
    frames: dict[str, Any] = {}
    problems: list[Finding] = []
    for name, frame in project.tables():
        frames[name], found = examined(frame, name)
        problems += found
    if problems:
        raise ContractError(problems)
    for name, frame in frames.items():
        if isinstance(frame, gpd.GeoDataFrame) and frame.crs is None:
            raise CRSError("crs_missing", name=name)
    return frames


def _tables_of(path: Path) -> set[str]:
    """List the tables of a project after making sure that it is one, and whole."""
    if not path.is_file():
        detail = "it is a folder" if path.is_dir() else "there is no such file"
        raise DataSourceError("unreadable", path=path, detail=detail)
    with _told(path, "unreadable"):
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
    missing = [name for name in REQUIRED if name not in tables]
    if missing:
        detail = f"it has no table {', '.join(missing)}"
        raise DataSourceError("not_a_project", path=path, detail=detail)
    return tables


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(100)


def _names(connection: sqlite3.Connection) -> set[str]:
    """List the tables and views, but not those a GeoPackage keeps for itself."""
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
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
    with _told(path, "unwritable"), closing(_connect(path, "rw")) as connection:
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
def _at_rest(path: Path) -> Iterator[Path]:
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
def _told(path: Path, code: str) -> Iterator[None]:
    """Turn what a driver says into one error that names the file."""
    try:
        yield
    except DataSourceError:
        raise
    except (
        OSError,
        UnicodeError,
        _NotHeldError,
        sqlite3.Error,
        shapely.errors.GEOSException,
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pyogrio.errors.FeatureError,
        pyogrio.errors.FieldError,
        pa.ArrowException,
    ) as error:
        detail = str(error).removesuffix(".")
        if "locked" in detail:
            detail += "; close it in the other program"
        raise DataSourceError(code, path=path, detail=detail) from error


@contextmanager
def _fixed_date() -> Iterator[None]:
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _FIXED_DATE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _read(path: Path, name: str) -> pd.DataFrame:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        meta, table = pyogrio.read_arrow(path, layer=name)
    for one in said:
        # GDAL gives a missing value for one it cannot read, and an open end is not the same.
        if str(one.message).startswith("Invalid content"):
            raise DataSourceError("unreadable", path=path, detail=f"{name}: {one.message}")
        warnings.warn(one.message, stacklevel=2)
    geometry_name = meta["geometry_name"] or "wkb_geometry"
    wkb = table.column(geometry_name) if geometry_name in table.column_names else None
    plain = table.drop_columns([geometry_name]) if wkb is not None else table
    frame = plain.to_pandas(types_mapper=_PANDAS.get, date_as_object=False)
    for field in plain.schema:
        if pa.types.is_date32(field.type):
            frame[field.name] = frame[field.name].dt.as_unit("s")
        elif pa.types.is_timestamp(field.type):
            frame[field.name] = frame[field.name].dt.as_unit("us")
    if wkb is None or not TABLES[name].geometry:
        return frame
    shapes = shapely.from_wkb(wkb.to_numpy(zero_copy_only=False))
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=meta["crs"])


def _write(frame: pd.DataFrame, path: Path, contract: Table) -> None:
    arrays: dict[str, pa.Array] = {}
    geometry = frame.active_geometry_name if isinstance(frame, gpd.GeoDataFrame) else None
    for name in frame.columns:
        if name != geometry:
            arrays[name] = _arrow(frame[name], contract)
    options: dict[str, Any] = {"layer": contract.name, "driver": "GPKG", "append": path.exists()}
    options["layer_options"] = {"FID": _row_number(frame)}
    if geometry is not None:
        shapes = frame.geometry.to_numpy()
        arrays["geometry"] = pa.array(shapely.to_wkb(shapes, flavor="iso"), type=pa.binary())
        options["layer_options"] |= {"GEOMETRY_NAME": "geometry"}
        options |= {
            "geometry_name": "geometry",
            "geometry_type": _geometry_type(shapes, contract),
            "crs": _crs_text(frame.crs),
        }
    pyogrio.write_arrow(pa.table(arrays), path, **options)
    if geometry is not None:
        written = pyogrio.read_info(path, layer=contract.name)["crs"]
        if written is None or pyproj.CRS(written) != frame.crs:
            raise _NotHeldError(f"the CRS of {contract.name} ({frame.crs.name}); use an EPSG code")


class _NotHeldError(ValueError):
    """A GeoPackage would give something else back."""

    def __init__(self, what: str) -> None:
        super().__init__(f"a GeoPackage cannot hold {what}")


def _row_number(frame: pd.DataFrame) -> str:
    """Name the row number of a table; it must not swallow a column of the user's own."""
    taken = {str(name).lower() for name in frame.columns}
    name = "fid"
    while name in taken:
        name = "_" + name
    return name


def _crs_text(crs: Any) -> str:
    """Give the code of a CRS, or its definition where the registry has only something like it."""
    authority = crs.to_authority()
    if authority is not None and pyproj.CRS.from_authority(*authority) == crs:
        return ":".join(authority)
    return crs.to_wkt()


def _arrow(column: pd.Series, contract: Table) -> pa.Array:
    name = f"{contract.name}.{column.name}"
    known = {one.name: one.kind for one in (*contract.columns, *RECORDED)}
    if not isinstance(column.name, str):
        raise _NotHeldError(f"the column {name}: its name is no text")
    try:
        array = pa.Array.from_pandas(column)
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        kind = known.get(column.name)
        target = _held_as(array.type) if kind is None else _ARROW[kind]
        held = array.cast(target, safe=not pa.types.is_temporal(target))
    except (pa.ArrowException, UnicodeError) as error:
        raise _NotHeldError(f"the values of {name}: {error}") from error
    if pa.types.is_temporal(target) and not held.cast(array.type).equals(array):
        fine = pa.types.is_timestamp(target)
        lost = "times finer than a millisecond" if fine else "times of day without a time zone"
        raise _NotHeldError(f"the values of {name}: {lost}")
    if pa.types.is_timestamp(target) and _is_shifted(held):
        raise _NotHeldError(f"the values of {name}: parts of a second before 1970")
    if pa.types.is_string(target) and pc.any(pc.match_substring(held, "\0")).as_py():
        raise _NotHeldError(f"the values of {name}: text with a zero character")
    return held


def _is_shifted(moments: pa.Array) -> bool:
    """Tell whether GDAL would shift a moment: it rounds parts of a second before 1970."""
    numbers = moments.cast(pa.int64()).drop_null().to_numpy()
    return bool(((numbers < 0) & (numbers % 1000 != 0)).any())


def _held_as(kind: pa.DataType) -> pa.DataType:
    """Choose the type a column of the user's own is stored in; the cast fails if it loses."""
    if pa.types.is_null(kind) or pa.types.is_large_string(kind):
        return pa.string()
    if pa.types.is_unsigned_integer(kind):
        return pa.int64()
    if pa.types.is_timestamp(kind):
        # Without a time zone it is no moment, so only whole days come back as they were.
        return pa.date32() if kind.tz is None else pa.timestamp("ms", tz="UTC")
    if any(one(kind) for one in _HELD):
        return kind
    raise pa.ArrowTypeError(f"type {kind}")


def _geometry_type(shapes: Any, contract: Table) -> str:
    """Name the one type of a layer's geometries, or "Unknown" where they are mixed."""
    present = shapes[~shapely.is_missing(shapes)]
    if shapely.has_m(present).any():
        raise _NotHeldError(f"the M values of {contract.name}; drop them, shapely.force_3d does")
    types = {shape.geom_type + (" Z" if shape.has_z else "") for shape in present}
    if not types and contract.geometry == "polygon":
        return "Polygon"
    return types.pop() if len(types) == 1 else "Unknown"
