"""Layers that are tables first: CSV with coordinates or WKT, and GeoParquet."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely

from kcngeo.core.errors import DataSourceError
from kcngeo.io.vector.ogr import Features, of_arrow, without_shape
from kcngeo.io.vector.security import MAX_UNPACKED_BYTES, require_few_columns, unreadable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcngeo.io.vector.formats import Source

WKT_NAMES = ("wkt", "geom", "geometry", "the_geom", "wkt_geom", "hinh_hoc")
"""Names a column of WKT goes by."""

XY_NAMES = (
    ("x", "y"),
    ("lon", "lat"),
    ("lng", "lat"),
    ("longitude", "latitude"),
    ("long", "lat"),
    ("easting", "northing"),
    ("x_coord", "y_coord"),
    ("kinh_do", "vi_do"),
    ("toa_do_x", "toa_do_y"),
)
"""Pairs of names a point's coordinates go by, the one to the east first."""

_ENCODINGS = ("utf-8-sig", "cp1252")
_BATCH = 4096
_MAX_FIELD = 64 * 1024**2
_DECIMAL_COMMA = re.compile(r"\s*[-+]?\d+,\d+\s*")


def read_csv(source: Source, *, encoding: str | None, close_rings: bool = False) -> Features:
    """Read a CSV file; every value stays the text it was, but for the coordinates."""
    text, used = _text_of(source, encoding)
    rows = _rows(source, text)
    if not rows:
        raise unreadable(source.shown, "empty")
    (_, names), *body = rows
    width = len(names)
    require_few_columns(width, source.shown)
    ragged = tuple(line for line, row in body if len(row) > width)
    if ragged:
        raise unreadable(source.shown, "ragged", rows=ragged, columns=width)
    padded = [row + [""] * (width - len(row)) for _, row in body]
    columns = list(zip(*padded, strict=True)) if padded else [()] * width
    arrays = [pa.array([one or None for one in column], type=pa.string()) for column in columns]
    features = of_arrow(pa.table(arrays, names=names), "", encoding=None)
    features.layer, features.encoding = source.path.stem, used
    features.short = tuple(line for line, row in body if len(row) < width)
    _locate(features, close_rings=close_rings)
    return features


def read_parquet(source: Source, *, close_rings: bool = False) -> Features:
    """Read a GeoParquet file; one without the "geo" metadata is a table without shapes."""
    try:
        with pq.ParquetFile(source.path) as file:
            table = _unpacked(source, file)
        metadata = table.schema.metadata or {}
        geo = json.loads(metadata.get(b"geo", b"{}"))
        name = str(geo.get("primary_column", ""))
        column = geo.get("columns", {}).get(name, {})
        if column and column.get("encoding") != "WKB":
            raise unreadable(source.shown, "not_wkb", kind=str(column.get("encoding")))
        plain = table.replace_schema_metadata(None)
        features = of_arrow(plain, name, encoding=None, close_rings=close_rings)
        # The format's own rule: without a word, longitude and latitude on WGS 84.
        if column:
            stated = column.get("crs", "OGC:CRS84")
            features.crs = None if stated is None else str(pyproj.CRS(stated).to_wkt())
    except DataSourceError:
        raise
    except (
        OSError, ValueError, TypeError, AttributeError, MemoryError, RecursionError,
        pa.ArrowException, pyproj.exceptions.CRSError,
    ) as error:  # fmt: skip
        raise unreadable(source.shown, "damaged", detail=str(error)) from error
    features.layer = source.path.stem
    return features


def _unpacked(source: Source, file: pq.ParquetFile) -> pa.Table:
    """Read piece by piece: what repeats a long value is small in the file and large in memory."""
    size, batches = 0, []
    for batch in file.iter_batches(batch_size=_BATCH):
        size += batch.nbytes
        if size > MAX_UNPACKED_BYTES:
            raise unreadable(source.shown, "bomb", files=1, megabytes=size // 1024**2)
        batches.append(batch)
    return pa.Table.from_batches(batches, schema=file.schema_arrow)


def _text_of(source: Source, encoding: str | None) -> tuple[str, str]:
    raw = Path(source.path).read_bytes()
    # What Excel calls "Unicode text".
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    tried = (encoding,) if encoding else ("utf-16",) if wide else _ENCODINGS
    for name in tried:
        try:
            text = raw.decode(name)
        except UnicodeDecodeError:
            continue
        except LookupError as error:
            raise DataSourceError("layer_encoding", name=name) from error
        return text, "" if name in ("utf-8-sig", "utf-16") else name
    # Windows-1252 has five gaps; Latin-1 has none.
    if encoding or wide:
        raise unreadable(source.shown, "damaged", detail=f"it is not in {tried[0]}")
    return raw.decode("latin-1"), "latin-1"


def _rows(source: Source, text: str) -> list[tuple[int, list[str]]]:
    """Give the rows, each with the number of the line it ends on; blank lines are none."""
    try:
        dialect: Any = csv.Sniffer().sniff(text[:65536].partition("\n")[0], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    before = csv.field_size_limit(_MAX_FIELD)
    try:
        # Not splitlines, which also breaks where a text holds a line of its own, as from Excel.
        lines = io.StringIO(text, newline="")
        plain = csv.reader(lines, delimiter=dialect.delimiter, quotechar='"', strict=True)
        return [(plain.line_num, row) for row in plain if row]
    except csv.Error as error:
        raise unreadable(source.shown, "damaged", detail=str(error)) from error
    finally:
        csv.field_size_limit(before)


def _locate(features: Features, *, close_rings: bool) -> None:
    """Make shapes of a column of WKT or of a pair of coordinates, the first that is found."""
    names = {_folded(str(name)): str(name) for name in features.table.columns}
    found = next((names[one] for one in WKT_NAMES if one in names), None)
    # "geometry" was set aside for the shapes.
    found = found or names.get("geometry_2")
    if found is not None:
        features.geometry, raw = _from_wkt(features.table[found])
        without_shape(features, raw, _why_not, close_rings=close_rings)
        features.coordinates = (found,)
        features.table = features.table.drop(columns=found)
        return
    pair = next((pair for pair in XY_NAMES if pair[0] in names and pair[1] in names), None)
    if pair is None:
        return
    east, north = (names[one] for one in pair)
    x, y = _numbers(features.table[east]), _numbers(features.table[north])
    has_both = np.isfinite(x) & np.isfinite(y)
    features.geometry[has_both] = shapely.points(x[has_both], y[has_both])
    stated = features.table[[east, north]].notna().any(axis=1).to_numpy()
    for row in np.flatnonzero(stated & ~has_both):
        features.unheld[int(row)] = f"{east} and {north} are no pair of numbers"
    features.coordinates = (east, north)


def _folded(name: str) -> str:
    """Spell a column's name without case, marks and spaces: "Kinh độ" is kinh_do."""
    plain = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    letters = "".join(one for one in plain if not unicodedata.combining(one))
    return "_".join(re.findall(r"[a-z0-9]+", letters))


def _from_wkt(texts: pd.Series) -> tuple[NDArray[np.object_], dict[int, str]]:
    """Take shapes from text; of one that cannot be held give the text."""
    shapes = np.full(len(texts), None, dtype=object)
    unheld: dict[int, str] = {}
    for row, one in enumerate(texts):
        if not isinstance(one, str):
            continue
        try:
            # A number beyond all numbers overflows on the way; the shape is then judged as such.
            with np.errstate(over="ignore"):
                shapes[row] = shapely.from_wkt(one.rpartition(";")[2])
        except (shapely.errors.GEOSException, ValueError):
            unheld[row] = one.rpartition(";")[2]
    return shapes, unheld


def _why_not(text: str) -> str:
    try:
        shapely.from_wkt(text)
    except (shapely.errors.GEOSException, ValueError) as error:
        return str(error).partition(":")[2].strip() or str(error)
    return "unknown geometry"


def _numbers(texts: pd.Series) -> NDArray[np.float64]:
    """Read coordinates; a comma is a decimal comma only where it cannot be anything else."""
    plain = texts.map(
        lambda one: (
            one.replace(",", ".") if isinstance(one, str) and _DECIMAL_COMMA.fullmatch(one) else one
        )
    )
    return pd.to_numeric(plain, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
