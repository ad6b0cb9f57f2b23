"""Features of a data set as a frame, whole: what GEOS cannot hold is kept as a row and named.

GDAL hands rows over through Arrow; geometry is taken from its bytes one by one, so that a ring that
does not close costs its own row a shape and no other row anything.
"""

from __future__ import annotations

import codecs
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pyogrio.errors
import pyproj
import shapely

from kcngeo.core.errors import DataSourceError
from kcngeo.io.stores.geopackage import at_rest
from kcngeo.io.vector import curves, integrity
from kcngeo.io.vector.rings import closed, enclose
from kcngeo.io.vector.security import listed, require_few_columns, unreadable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcngeo.io.vector.formats import Source

_PANDAS = {
    pa.string(): pd.StringDtype(na_value=np.nan),
    pa.large_string(): pd.StringDtype(na_value=np.nan),
    pa.bool_(): pd.BooleanDtype(),
    pa.int8(): pd.Int8Dtype(),
    pa.int16(): pd.Int16Dtype(),
    pa.int32(): pd.Int32Dtype(),
    pa.int64(): pd.Int64Dtype(),
}
# What GEOS says of a shape it cannot hold; of arcs it says that it knows none.
_NOT_HELD = (shapely.errors.GEOSException, TypeError, ValueError, NotImplementedError)
# What is named row by row anyway.
_KNOWN = ("Non closed ring",)
_CONFIG = {
    # GDAL keeps nodes of an OSM extract in an index that loses those of small files.
    "OSM_USE_CUSTOM_INDEXING": "NO",
    # A file may name an address in places nobody thinks of (the CRS of a GeoJSON). No request gets
    # farther than this: a proxy on a port that does not exist.
    "GDAL_HTTP_PROXY": "http://127.0.0.1:0",
    "GDAL_HTTP_MAX_RETRY": "0",
    "GDAL_HTTP_CONNECTTIMEOUT": "1",
}


@dataclass(kw_only=True, slots=True)
class Features:
    """What was read, before anything is judged.

    Attributes
    ----------
    table
        The attributes, on a plain index.
    geometry
        The shapes; None where there is none or it could not be held.
    crs
        The CRS the data set declares, as text; None without one.
    layer
        Name of the layer.
    others
        Names of the layers that were left aside.
    unheld
        Rows whose shape could not be held, with the reason.
    enclosed
        Rows whose line became the area it encloses.
    closed
        Rows whose rings were closed, with the longest side that was added, in units of the layer.
    straightened
        Rows whose arcs were made of straight sides.
    said
        What the driver remarked.
    encoding
        The encoding that was taken for bytes that are no UTF-8; "" if there were none.
    coordinates
        Columns that were read as geometry.
    short
        Lines of a text file with fewer values than there are columns.
    """

    table: pd.DataFrame
    geometry: NDArray[np.object_]
    crs: Any = None
    layer: str = ""
    others: tuple[str, ...] = ()
    unheld: dict[int, str] = field(default_factory=dict)
    closed: dict[int, float] = field(default_factory=dict)
    enclosed: tuple[int, ...] = ()
    straightened: tuple[int, ...] = ()
    said: tuple[str, ...] = ()
    encoding: str = ""
    coordinates: tuple[str, ...] = ()
    short: tuple[int, ...] = ()


def read_features(
    source: Source, *, layer: str | None, encoding: str | None, close_rings: bool = False
) -> Features:
    """Read one layer of a data set through its driver."""
    with _plain_name(source) as path, _told(source), _configured(), _heard() as said:
        address = f"{source.format.prefix}{path}"
        chosen, others = _chosen(source, address, layer)
        options = dict(source.format.options)
        if encoding is not None and source.format.encoding_option:
            options[source.format.encoding_option] = gdal_encoding(encoding)
        declared = _declared(source, address, chosen, options)
        with pyogrio.open_arrow(address, layer=chosen, use_pyarrow=True, **options) as (meta, rows):
            require_few_columns(len(meta["fields"]), source.shown)
            table = rows.read_all()
        if declared > table.num_rows:
            fields = {"rows": table.num_rows, "declared": declared}
            raise unreadable(source.shown, "rows_lost", **fields)
        shapes = meta["geometry_name"] or "wkb_geometry"
        features = of_arrow(
            table,
            shapes,
            encoding=encoding,
            close_rings=close_rings,
            in_degrees=_is_in_degrees(meta["crs"]),
        )
    features.crs, features.layer, features.others = meta["crs"], str(chosen), others
    if source.format.closed_lines_are_areas:
        enclose(features, close_rings=close_rings)
    if source.format.driver == "GeoJSON":
        features.crs = _of_json(source.path, features.crs)
    features.said = tuple(dict.fromkeys(said))
    return features


def _of_json(path: Path, taken: Any) -> Any:
    """Give the CRS a GeoJSON names; the driver takes WGS 84 for a name it does not know."""
    _, name = integrity.json_crs(path)
    if not name:
        return taken
    try:
        pyproj.CRS(name)
    except pyproj.exceptions.CRSError:
        return name
    return taken


def of_arrow(
    table: pa.Table,
    geometry_name: str,
    *,
    encoding: str | None,
    close_rings: bool = False,
    in_degrees: bool = False,
) -> Features:
    """Turn an Arrow table with shapes as WKB into features."""
    place = table.schema.get_field_index(geometry_name)
    wkb = None
    if place >= 0:
        wkb = table.column(place)
        table = table.remove_column(place)
    fallback = ""
    for number, one in enumerate(table.schema):
        if pa.types.is_string(one.type) or pa.types.is_large_string(one.type):
            text, used = _text(table.column(number), encoding)
            table = table.set_column(number, one.name, text)
            fallback = used or fallback
    table = table.rename_columns(_distinct_names(table.column_names))
    frame = table.to_pandas(types_mapper=_PANDAS.get, date_as_object=False)
    for one in table.schema:
        if pa.types.is_date32(one.type):
            frame[one.name] = frame[one.name].dt.as_unit("s")
    shapes, raw = _shapes(wkb, table.num_rows)
    features = Features(table=frame, geometry=shapes, encoding=fallback)
    tolerance = curves.TOLERANCE_DEGREES if in_degrees else curves.TOLERANCE_M
    straight = {row: curves.straightened(one, tolerance=tolerance) for row, one in raw.items()}
    for row, shape in straight.items():
        shapes[row] = shape
    features.straightened = tuple(row for row, shape in straight.items() if shape is not None)
    rest = {row: one for row, one in raw.items() if straight[row] is None}
    without_shape(features, rest, _why_not, close_rings=close_rings)
    return features


def _is_in_degrees(crs: Any) -> bool:
    """Tell whether a layer says that its coordinates are in degrees."""
    try:
        return crs is not None and pyproj.CRS(crs).is_geographic
    except pyproj.exceptions.CRSError:
        return False


def without_shape(
    features: Features,
    raw: Mapping[int, Any],
    why: Callable[[Any], str],
    *,
    close_rings: bool,
) -> None:
    """Close the rings of shapes that cannot be held, if asked; say why of the others."""
    for row, one in raw.items():
        mended = closed(one) if close_rings else None
        if mended is None:
            features.unheld[row] = why(one)
        else:
            features.geometry[row], features.closed[row] = mended


def gdal_encoding(name: str) -> str:
    """Spell an encoding as GDAL knows it ("latin-1" it refuses)."""
    try:
        known = codecs.lookup(name).name
    except LookupError as error:
        raise DataSourceError("layer_encoding", name=name) from error
    return known.replace("iso8859-", "ISO-8859-").upper()


def _declared(source: Source, address: str, layer: str, options: dict[str, str]) -> int:
    """Give the number of rows the data set declares; refuse one another driver took."""
    if source.format.prefix:
        # The driver was named, and counting means reading JSON once more.
        return -1
    info = pyogrio.read_info(address, layer=layer, **options)
    if info["driver"] != source.format.driver:
        raise unreadable(source.shown, "unknown", formats=source.format.name)
    return int(info["features"])


def _chosen(source: Source, address: str, layer: str | None) -> tuple[str, tuple[str, ...]]:
    """Choose the layer: the one named, the only one with shapes, or the format's main one."""
    layers = pyogrio.list_layers(address)
    known = [str(name) for name, _ in layers]
    if layer is not None:
        if layer not in known:
            raise unreadable(source.shown, "no_layer", layer=layer, layers=tuple(known))
        return layer, ()
    if not known:
        raise unreadable(source.shown, "no_layers")
    if source.format.lists_empty_layers:
        full = [one for one in known if pyogrio.read_info(address, layer=one)["features"]]
        layers = [one for one in layers if one[0] in full]
        known = full or known[:1]
    candidates = [str(name) for name, kind in layers if kind is not None] or known
    if source.format.default_layer in candidates:
        chosen = source.format.default_layer
    elif len(candidates) == 1:
        chosen = candidates[0]
    else:
        raise unreadable(source.shown, "layers", layers=listed(candidates))
    return chosen, tuple(name for name in known if name != chosen)


def layer_names(source: Source) -> tuple[str, ...]:
    """List the layers of a data set, in its order."""
    with _plain_name(source) as path, _told(source), _configured():
        layers = pyogrio.list_layers(f"{source.format.prefix}{path}")
    return tuple(str(name) for name, _ in layers)


def _shapes(wkb: pa.ChunkedArray | None, rows: int) -> tuple[NDArray[np.object_], dict[int, Any]]:
    """Take shapes from their bytes; of one that cannot be held give the bytes."""
    if wkb is None:
        return np.full(rows, None, dtype=object), {}
    raw = wkb.to_numpy(zero_copy_only=False)
    # A NaN among the coordinates is named later, row by row.
    with np.errstate(invalid="ignore"):
        try:
            shapes = shapely.from_wkb(raw, on_invalid="ignore")
        except _NOT_HELD:
            shapes = np.array([_shape(one) for one in raw], dtype=object)
    shapes = np.asarray(shapes, dtype=object).reshape(-1)
    bad = [row for row in np.flatnonzero(shapely.is_missing(shapes)) if raw[row] is not None]
    return shapes, {int(row): raw[row] for row in bad}


def _shape(raw: bytes | None) -> Any:
    try:
        return shapely.from_wkb(raw, on_invalid="ignore")
    except _NOT_HELD:
        return None


def _why_not(raw: bytes) -> str:
    try:
        shapely.from_wkb(raw)
    except _NOT_HELD as error:
        return (
            str(error).removeprefix("IllegalArgumentException: ").removeprefix("ParseException: ")
        )
    return "unknown geometry"


def _text(column: pa.ChunkedArray, encoding: str | None) -> tuple[pa.ChunkedArray, str]:
    """Give text as UTF-8; bytes that are none are read in the encoding given, or Windows-1252."""
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        pass
    else:
        return column, ""
    used = encoding or "cp1252"
    raw = column.cast(pa.large_binary()).to_pylist()
    texts = [None if one is None else _decoded(one, used) for one in raw]
    return pa.chunked_array([pa.array(texts, type=pa.large_string())]), used


def _decoded(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode(encoding, errors="replace")


def _distinct_names(names: list[str]) -> list[str]:
    """Give every column a name of its own; "geometry" is kept for the shapes."""
    taken = {"geometry"}
    distinct = []
    for name in names:
        one, number = name, 1
        while one in taken:
            number += 1
            one = f"{name}_{number}"
        taken.add(one)
        distinct.append(one)
    return distinct


@contextmanager
def _plain_name(source: Source) -> Iterator[Path]:
    """Give a path that is nothing but a path, where a driver may write beside it if it must."""
    # "!" would make pyogrio look for an archive; GDAL lays an index beside a GML file.
    if source.format.driver in ("GPKG", "SQLite") and "!" not in str(source.path):
        with at_rest(source.path) as still:
            yield still
        return
    if "!" not in str(source.path) and not source.format.writes_beside:
        yield source.path
        return
    with tempfile.TemporaryDirectory(prefix="kcngeo-") as folder:
        target = Path(folder) / source.path.name.replace("!", "_")
        if source.path.is_dir():
            yield Path(shutil.copytree(source.path, target))
            return
        for suffix, one in integrity.siblings(source.path).items():
            if one.is_file():
                shutil.copyfile(one, target.with_suffix(suffix))
        yield target.with_suffix(source.path.suffix.lower())


@contextmanager
def _configured() -> Iterator[None]:
    before = {name: pyogrio.get_gdal_config_option(name) for name in _CONFIG}
    pyogrio.set_gdal_config_options(_CONFIG)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


@contextmanager
def _heard() -> Iterator[list[str]]:
    """Collect what a driver remarks, to be told as findings."""
    said: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield said
    said += [text for one in caught if not (text := str(one.message)).startswith(_KNOWN)]


@contextmanager
def _told(source: Source) -> Iterator[None]:
    """Turn what a driver says when it fails into one error that names the file."""
    try:
        yield
    except DataSourceError:
        raise
    except UnboundLocalError as error:
        # pyogrio's own slip, for a CRS that GDAL cannot write out.
        raise unreadable(source.shown, "broken_crs") from error
    except (
        OSError,
        ValueError,
        RuntimeError,
        MemoryError,
        pa.ArrowException,
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pyogrio.errors.FeatureError,
        pyogrio.errors.FieldError,
        pyogrio.errors.GeometryError,
        pyogrio.errors.CRSError,
    ) as error:
        detail = str(error).replace(str(source.path), source.shown.name).removesuffix(".")
        raise unreadable(source.shown, "damaged", detail=detail) from error
