"""What every store can hold, and how: the columns of a contract as Arrow, shapes as WKB.

Any project that one store takes, every other takes too, and gives back the same: so what one of
them would change (times finer than a millisecond, M values, a zero character in a text) is refused
by all.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyogrio.errors
import pyproj
import shapely

from kcngeo.core.areal import POLYGONS, many_parts
from kcngeo.core.errors import ContractError, CRSError, DataSourceError
from kcngeo.core.schema import RECORDED, Kind, Table
from kcngeo.core.validation import validate
from kcngeo.ledger.project import Project

if TYPE_CHECKING:
    from kcngeo.core.model import Finding
    from kcngeo.io.stores.taken import Identity

REQUIRED = ("zones", "parcels", "ledger")
"""Tables without which a store holds no project."""

GEOMETRY = "geometry"
"""What the column of shapes is called in every store."""

_ARROW = {
    Kind.TEXT: pa.string(),
    Kind.DATE: pa.date32(),
    Kind.MOMENT: pa.timestamp("ms", tz="UTC"),
    Kind.NUMBER: pa.float64(),
    Kind.COUNT: pa.int64(),
    Kind.FLAG: pa.bool_(),
}
_PANDAS = {
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
_LONGEST_NAME = 63


class UnsupportedValueError(ValueError):
    """A store would give something else back.

    Parameters
    ----------
    what
        What cannot be held.
    """

    def __init__(self, what: str) -> None:
        super().__init__(f"a store cannot hold {what}")


def checked_frames(project: Project) -> dict[str, Any]:
    """Check every table of a project and cast it to its contract."""
    frames: dict[str, Any] = {}
    problems: list[Finding] = []
    for name, frame in project.stored():
        frames[name], found = validate(frame, name, errors="collect")
        problems += found
    if problems:
        raise ContractError(problems)
    for name, frame in frames.items():
        if isinstance(frame, gpd.GeoDataFrame) and frame.crs is None:
            raise CRSError("crs_missing", name=name)
    return frames


def project_of(frames: dict[str, pd.DataFrame], label: Identity | None) -> Project:
    """Make a project of tables as they were read; what breaks a contract is left as it stands."""
    tables: dict[str, Any] = {
        name: validate(frame, name, errors="collect")[0] for name, frame in frames.items()
    }
    if label is None:
        return Project(**tables)
    about = {item.name: getattr(label, item.name) for item in fields(label)}
    return Project(**tables, **about)


def arrow_table(frame: pd.DataFrame, contract: Table) -> pa.Table:
    """Give the columns of a table, but its shapes, with the types stores hold them in."""
    geometry = frame.active_geometry_name if isinstance(frame, gpd.GeoDataFrame) else None
    names = [name for name in frame.columns if name != geometry]
    arrays = [_arrow(frame[name], contract) for name in names]
    _require_names(names, contract, has_shapes=geometry is not None)
    # In one piece: a GeoPackage counts the pieces it was written in, and pandas alone decides them.
    return pa.table(arrays, names=names).combine_chunks()


def frame_of(table: pa.Table, contract: Table, *, shapes: Any = None, crs: Any = None) -> Any:
    """Make a frame of the columns a store gives."""
    frame = table.to_pandas(types_mapper=_dtype, date_as_object=False)
    for field in table.schema:
        if pa.types.is_date32(field.type):
            frame[field.name] = frame[field.name].dt.as_unit("s")
        elif pa.types.is_timestamp(field.type):
            frame[field.name] = frame[field.name].dt.as_unit("us")
    if shapes is None or not contract.geometry:
        return frame
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=crs)


def _dtype(kind: pa.DataType) -> Any:
    """Choose what a column becomes; of texts pandas is asked each time, as it was set meanwhile."""
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pd.StringDtype(na_value=np.nan)
    return _PANDAS.get(kind)


def geometry_type(shapes: Any, contract: Table) -> str:
    """Name the one type of a layer's geometries, or "Unknown" where they are mixed."""
    present = shapes[~shapely.is_missing(shapes)]
    if shapely.has_m(present).any():
        raise UnsupportedValueError(
            f"the M values of {contract.name}; drop them, shapely.force_3d does"
        )
    types = {shape.geom_type + (" Z" if shape.has_z else "") for shape in present}
    if not types and contract.geometry == "polygon":
        return "MultiPolygon"
    return types.pop() if len(types) == 1 else "Unknown"


def held_shapes(shapes: Any, contract: Table) -> tuple[Any, str]:
    """Give shapes as a typed column holds them, and its type: areas have many parts, all of them.

    Who edits a layer of single polygons can add no lot of two parts; and a program opens a layer
    that is of no one type as a table.
    """
    present = shapes[~shapely.is_missing(shapes)]
    is_areal = np.isin(shapely.get_type_id(present), POLYGONS)
    if len(present) and is_areal.all():
        shapes = many_parts(shapes)
    return shapes, geometry_type(shapes, contract)


def crs_text(crs: Any) -> str:
    """Give the code of a CRS, or its definition where the registry has only something like it."""
    authority = crs.to_authority()
    if authority is not None and pyproj.CRS.from_authority(*authority) == crs:
        return ":".join(authority)
    return crs.to_wkt()


def free_name(frame: pd.DataFrame, name: str) -> str:
    """Find a name for a column of the store's own that is none of the user's."""
    taken = {str(one).lower() for one in frame.columns}
    while name in taken:
        name = "_" + name
    return name


@contextmanager
def store_errors(source: object, code: str) -> Iterator[None]:
    """Turn what a driver says into one error that names the store."""
    try:
        yield
    except DataSourceError:
        raise
    except (
        OSError,
        UnicodeError,
        UnsupportedValueError,
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
        raise DataSourceError(code, path=source, detail=detail) from error


def _require_names(names: list[Any], contract: Table, *, has_shapes: bool) -> None:
    """Refuse names that some store takes for one another or would cut."""
    folded = Counter([str(name).lower() for name in names] + [GEOMETRY] * has_shapes)
    for name in names:
        if folded[name.lower()] > 1:
            raise UnsupportedValueError(
                f"{contract.name}.{name}: another column differs only in case"
            )
        if not name or "\0" in name or len(name.encode()) > _LONGEST_NAME:
            raise UnsupportedValueError(
                f"the name of the column {contract.name}.{name}; shorten it"
            )


def _arrow(column: pd.Series, contract: Table) -> pa.Array:
    name = f"{contract.name}.{column.name}"
    known = {one.name: one.kind for one in (*contract.columns, *RECORDED)}
    if not isinstance(column.name, str):
        raise UnsupportedValueError(f"the column {name}: its name is no text")
    try:
        array = pa.Array.from_pandas(column)
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        kind = known.get(column.name)
        target = _held_as(array.type) if kind is None else _ARROW[kind]
        held = array.cast(target, safe=not pa.types.is_temporal(target))
    except (pa.ArrowException, UnicodeError) as error:
        raise UnsupportedValueError(f"the values of {name}: {error}") from error
    if pa.types.is_temporal(target) and not held.cast(array.type).equals(array):
        fine = pa.types.is_timestamp(target)
        lost = "times finer than a millisecond" if fine else "times of day without a time zone"
        raise UnsupportedValueError(f"the values of {name}: {lost}")
    if pa.types.is_timestamp(target) and _is_shifted(held):
        raise UnsupportedValueError(f"the values of {name}: parts of a second before 1970")
    if pa.types.is_string(target) and pc.any(pc.match_substring(held, "\0")).as_py():
        raise UnsupportedValueError(f"the values of {name}: text with a zero character")
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
