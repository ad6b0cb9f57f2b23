"""What stands in a row as one number: rows are known again by it, wherever they went meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo.core.schema import RECORDED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.uint64]

_BOOKKEEPING = frozenset(column.name for column in RECORDED)
_MULTI = (4, 5, 6, 7)
_GEOMETRY = "geometry"


def row_digests(frame: pd.DataFrame) -> Numbers:
    """Give a number to every row, the same wherever the same stands in it.

    The order of columns, how a store types a number or a day, a missing value or its column, where
    a ring begins, and when a row was recorded mean nothing.

    Parameters
    ----------
    frame
        A table of a project.

    Returns
    -------
    NDArray[np.uint64]
        (rows,) 64 bits; two different rows of a million agree once in forty million tables.

    Examples
    --------
    >>> lots = pd.DataFrame({"parcel_id": ["P1", "P2"], "phase": [1, None]})
    >>> again = pd.DataFrame({"phase": [1.0], "parcel_id": ["P1"], "note": [None]})
    >>> bool(row_digests(lots)[0] == row_digests(again)[0])
    True
    >>> flags = pd.DataFrame({"paid": [True, None]})
    >>> bool((row_digests(flags) == row_digests(flags.astype("boolean"))).all())
    True
    """
    total = np.zeros(len(frame), dtype="uint64")
    shapes = frame.active_geometry_name if isinstance(frame, gpd.GeoDataFrame) else None
    for name in frame.columns:
        if name in _BOOKKEEPING:
            continue
        values, present = _cells(frame[name], is_shape=name == shapes)
        called = _GEOMETRY if name == shapes else str(name)
        salt = pd.util.hash_array(np.array([called], dtype=object))[0]
        # A sum over the columns: their order means nothing, and what is missing adds nothing.
        total += np.where(present, _mixed(pd.util.hash_array(values) ^ salt), np.uint64(0))
    return total


def points(shapes: Any) -> NDArray[np.object_]:
    """Write shapes so that equal bytes mean the same points.

    Where a ring begins, which way it runs, and whether a single part is wrapped in a multi-part
    shape does not count.

    Parameters
    ----------
    shapes
        Shapes, or None.

    Returns
    -------
    NDArray[np.object_]
        Their bytes, or None.

    Examples
    --------
    >>> square = shapely.box(0, 0, 1, 1)
    >>> one, other = points(np.array([square, shapely.MultiPolygon([square])]))
    >>> one == other
    True
    """
    one_part = shapely.get_num_geometries(shapes) == 1
    single = np.isin(shapely.get_type_id(shapes), _MULTI) & one_part
    shapes = np.where(single, shapely.get_geometry(shapes, 0), shapes)
    written: NDArray[np.object_] = shapely.to_wkb(shapely.normalize(shapes))
    return written


def _cells(column: pd.Series, *, is_shape: bool) -> tuple[Any, NDArray[np.bool_]]:
    """Give the values of a column in one form for each kind, and which are there."""
    if is_shape:
        shapes = column.to_numpy()
        return points(shapes), ~shapely.is_missing(shapes)
    present = column.notna().to_numpy()
    if column.dtype == object:
        column = _typed(column)
    if pd.api.types.is_bool_dtype(column.dtype) or pd.api.types.is_numeric_dtype(column.dtype):
        # Minus nothing is nothing.
        return column.to_numpy(dtype="float64", na_value=np.nan) + 0.0, present
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        moments = column.dt.tz_convert(None) if column.dt.tz is not None else column
        return moments.to_numpy(dtype="datetime64[us]").astype("int64"), present
    return column.astype("object").where(present, "").map(str).to_numpy(dtype=object), present


def _typed(column: pd.Series) -> pd.Series:
    """Give values that stand as objects, beside missing ones, the type a store gives them."""
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind in ("boolean", "integer", "floating", "mixed-integer-float"):
        return pd.to_numeric(column.where(column.notna(), None).astype("Float64"))
    if kind in ("date", "datetime", "datetime64"):
        return pd.to_datetime(column)
    return column


def _mixed(numbers: Numbers) -> Numbers:
    """Spread the bits of numbers, so that sums of them do not meet (as MurmurHash3 ends)."""
    mixed = numbers.copy()
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        mixed ^= mixed >> np.uint64(33)
        mixed *= np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(33))
