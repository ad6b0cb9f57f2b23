"""The default store: a whole project in one GeoPackage, which QGIS opens as it is.

Tables are written and read through Arrow, so that types survive exactly. A file is written beside
its target and then renamed; it is never opened for writing when only read. What may stand in the
columns is :mod:`kcngeo.core.columns`' matter: a file with breaches is read as it is, so that they
can be listed and mended, but none is ever written.
"""

from __future__ import annotations

import os
import sqlite3
import struct
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pyogrio.errors
import shapely

from kcngeo.core.columns import RECORDED, TABLES, Kind, Table
from kcngeo.core.contracts import examined
from kcngeo.core.crs import label
from kcngeo.core.errors import ContractError, CRSError, DataSourceError
from kcngeo.core.model import Project

if TYPE_CHECKING:
    from kcngeo.core.model import Finding

REQUIRED = ("zones", "parcels", "ledger")
"""Tables without which a file is not a project."""

# GDAL stamps its files with the time of writing; the same project must give the same bytes.
_FIXED_DATE = "2000-01-01T00:00:00.000Z"
_LOCK_WAIT_S = 2.0

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
    missing = [name for name in REQUIRED if name not in present]
    if missing:
        detail = f"it has no table {', '.join(missing)}"
        raise DataSourceError("not_a_project", path=path, detail=detail)
    frames = {}
    for name in TABLES:
        if name in present:
            with _told(path, "unreadable"):
                frames[name] = examined(_read(path, name), name)[0]
    return Project(**frames)


def write_project(project: Project, path_or_url: str | os.PathLike[str]) -> None:
    """Write a project to a store, whole or not at all.

    The same project gives the same bytes. Index labels are not kept: rows are known by their ids.

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
        If the target is locked, open elsewhere, no project, or holds tables of others; it is left
        as it was.
    """
    path = _gpkg(path_or_url)
    frames = _checked(project)
    if path.exists():
        _require_replaceable(path)
    if not path.parent.is_dir():
        raise DataSourceError("unwritable", path=path, detail=f"no folder {path.parent}")
    beside = path.with_name(f".{path.stem}-{uuid.uuid4().hex}.gpkg")
    try:
        with _told(path, "unwritable"), _fixed_date():
            for name, frame in frames.items():
                _write(frame, beside, TABLES[name])
            beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


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
    """List the tables of a GeoPackage after making sure that it is one, and whole."""
    if not path.is_file():
        raise DataSourceError("unreadable", path=path, detail="there is no such file")
    with _told(path, "unreadable"):
        head = path.open("rb").read(100)
        if len(head) < 100 or not head.startswith(b"SQLite format 3\0"):
            raise DataSourceError("not_a_project", path=path, detail="it is no GeoPackage")
        page_size = struct.unpack(">H", head[16:18])[0]
        pages = struct.unpack(">I", head[28:32])[0]
        # 1 stands for 65536, which does not fit the field.
        if path.stat().st_size < pages * (65536 if page_size == 1 else page_size):
            raise DataSourceError("unreadable", path=path, detail="it is truncated")
        with closing(_connect(path, "ro")) as connection:
            return {row[0] for row in connection.execute("SELECT table_name FROM gpkg_contents")}


def _require_replaceable(path: Path) -> None:
    """Refuse to replace a file that is in use, no project, or holds what a project does not."""
    try:
        foreign = sorted(_tables_of(path) - set(TABLES))
    except DataSourceError as error:
        detail = error.message().removesuffix(".")
        raise DataSourceError("unwritable", path=path, detail=detail) from error
    if foreign:
        detail = f"it holds tables of others: {', '.join(foreign)}"
        raise DataSourceError("unwritable", path=path, detail=detail)
    if path.with_name(path.name + "-wal").exists():
        raise DataSourceError("unwritable", path=path, detail="it is open in another program")
    with _told(path, "unwritable"), closing(_connect(path, "rw")) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("ROLLBACK")


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    url = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(url, uri=True, timeout=_LOCK_WAIT_S, isolation_level=None)


@contextmanager
def _told(path: Path, code: str) -> Iterator[None]:
    """Turn what a driver says into one error that names the file."""
    try:
        yield
    except DataSourceError:
        raise
    except (
        OSError,
        sqlite3.Error,
        shapely.errors.GEOSException,
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pyogrio.errors.FeatureError,
        pyogrio.errors.FieldError,
        pa.ArrowException,
    ) as error:
        raise DataSourceError(code, path=path, detail=str(error).removesuffix(".")) from error


@contextmanager
def _fixed_date() -> Iterator[None]:
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _FIXED_DATE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _read(path: Path, name: str) -> pd.DataFrame:
    meta, table = pyogrio.read_arrow(path, layer=name)
    geometry_name = meta["geometry_name"] or "wkb_geometry"
    wkb = table.column(geometry_name) if geometry_name in table.column_names else None
    plain = table.drop_columns([geometry_name]) if wkb is not None else table
    frame = plain.to_pandas(types_mapper=_PANDAS.get, date_as_object=False)
    for column in frame.columns[frame.dtypes.astype(str).str.startswith("datetime64[ms]")]:
        frame[column] = frame[column].astype("datetime64[s]")
    if not TABLES[name].geometry:
        return frame
    shapes = [] if wkb is None else shapely.from_wkb(wkb.to_numpy(zero_copy_only=False))
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=meta["crs"])


def _write(frame: pd.DataFrame, path: Path, contract: Table) -> None:
    arrays: dict[str, pa.Array] = {}
    geometry = frame.active_geometry_name if isinstance(frame, gpd.GeoDataFrame) else None
    for name in frame.columns:
        if name != geometry:
            arrays[name] = _arrow(frame[name], contract, path)
    options: dict[str, Any] = {"layer": contract.name, "driver": "GPKG", "append": path.exists()}
    if geometry is not None:
        shapes = frame.geometry.to_numpy()
        arrays["geometry"] = pa.array(shapely.to_wkb(shapes, flavor="iso"), type=pa.binary())
        options |= {
            "geometry_name": "geometry",
            "geometry_type": _geometry_type(shapes, contract),
            "crs": frame.crs.to_wkt() if frame.crs.to_authority() is None else label(frame.crs),
            "layer_options": {"GEOMETRY_NAME": "geometry"},
        }
    pyogrio.write_arrow(pa.table(arrays), path, **options)


def _arrow(column: pd.Series, contract: Table, path: Path) -> pa.Array:
    known = {one.name: one.kind for one in (*contract.columns, *RECORDED)}
    kind = known.get(str(column.name))
    if kind is None:
        array = pa.Array.from_pandas(column)
        return array.cast(pa.string()) if pa.types.is_large_string(array.type) else array
    if kind is Kind.MOMENT:
        finer = column.notna() & (column != column.dt.floor("ms"))
        if finer.any():
            detail = f"{column.name} is finer than a millisecond, which a GeoPackage cannot hold"
            raise DataSourceError("unwritable", path=path, detail=detail)
    return pa.Array.from_pandas(column, type=_ARROW[kind])


def _geometry_type(shapes: Any, contract: Table) -> str:
    """Name the one type of a layer's geometries, or "Unknown" where they are mixed."""
    present = shapes[~shapely.is_missing(shapes)]
    types = {shape.geom_type + (" Z" if shape.has_z else "") for shape in present}
    if not types and contract.geometry == "polygon":
        return "Polygon"
    return types.pop() if len(types) == 1 else "Unknown"
