"""The files a table of a folder of GeoParquet is cut into, each with what the list says of it.

A row stands in the file of its zone; without one, as an entry of the ledger, in that of its
parcel. Parcels that went from one zone to another, and what is theirs, stand in a file the zones
share. Shapes of no zone are laid into tiles, so that those near a zone are read without the others.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely

from kcngeo.core.schema import TABLES, Table
from kcngeo.io.stores.arrow import (
    GEOMETRY,
    UnsupportedValueError,
    arrow_table,
    free_name,
    geometry_type,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEW = 100
"""Rows a zone of which a file of its own is worth opening, in a table that names no parcels."""

TILE = 20_000
"""Rows of no zone in one file."""

_ROW_GROUP = 65_536
# No text of a project has it.
_BETWEEN = "\0"


@dataclass(slots=True, kw_only=True)
class Writing:
    """Tables on their way into a folder, one part of the project after the other.

    Attributes
    ----------
    folder
        Where the files go, each table into a folder of its own.
    files
        By table and by name of the file what the list says of it.
    """

    folder: Path
    files: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    _rows: dict[str, int] = field(default_factory=dict)
    _layouts: dict[str, Any] = field(default_factory=dict)
    _crs: Any = None
    # Of each part digests of its lots, and of those that only others can know: 8 bytes a lot.
    _lots: list[NDArray[np.uint64]] = field(default_factory=list)
    _strange: list[NDArray[np.uint64]] = field(default_factory=list)

    def add(self, frames: dict[str, Any]) -> None:
        """Write the tables of a part, which has all rows of its zones."""
        lots = _homes_of_lots(frames["parcels"])
        self._crs = frames["parcels"].crs if self._crs is None else self._crs
        self._lots.append(_digests(lots.index))
        for name, frame in frames.items():
            self._add(frame, TABLES[name], lots)

    def require_apart(self) -> None:
        """Refuse parts that have a lot in common, or rows of each other's lots."""
        lots, strange = (np.concatenate(some) for some in (self._lots, self._strange))
        if len(np.unique(lots)) < len(lots) or np.isin(strange, lots).any():
            raise UnsupportedValueError(
                "a lot in two parts, or its entries in another part than the lot; zones that have a"
                " lot in common come in one part, with all that is theirs"
            )

    def _add(self, frame: pd.DataFrame, contract: Table, lots: pd.Series) -> None:
        known = self.files.setdefault(contract.name, {})
        first = self._rows.get(contract.name, 0) + 1
        self._rows[contract.name] = first + len(frame) - 1
        row_number = free_name(frame, "fid")
        table = arrow_table(frame, contract)
        numbers = pa.array(np.arange(first, first + len(frame)))
        table = table.append_column(row_number, numbers)
        schema = {b"kcngeo": json.dumps({"row_number": row_number}).encode()}
        homes = _homes(frame, contract, lots)
        if "parcel_id" in frame.columns:
            self._strange.append(_digests(frame["parcel_id"][homes.isna()].dropna()))
        # What other programs take for one table has the same columns in all its files.
        layout = (table.schema, getattr(frame, "crs", None))
        known_layout, is_whole = self._layouts.setdefault(
            contract.name, (layout, _is_small(frame, homes))
        )
        if known_layout != layout:
            raise UnsupportedValueError(f"other columns of {contract.name} than in a part before")
        if isinstance(frame, gpd.GeoDataFrame):
            geometry_type(frame.geometry.to_numpy(), contract)
        for home, rows in [(None, np.arange(len(frame)))] if is_whole else _cut(frame, homes):
            name = _file_name(home, known, nobodys="all" if is_whole else "none")
            if name in known:
                raise UnsupportedValueError(f"zone {home} of {contract.name} in two parts")
            data = _bytes(frame, table, rows, schema, contract)
            place = self.folder / contract.name / name
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(data)
            known[name] = {
                "hash": hashlib.sha256(data).hexdigest(),
                "rows": len(rows),
                **({} if is_whole else {"zones": [] if home is None else home.split(_BETWEEN)}),
                **_extent(frame, rows, self._crs),
                **_days(frame, rows),
            }


def _digests(ids: Any) -> NDArray[np.uint64]:
    return pd.util.hash_array(ids.to_numpy(dtype="object"))


def _homes_of_lots(parcels: pd.DataFrame) -> pd.Series:
    """Name the zone each lot is in, or all it has been in, by the id of the lot."""
    if not {"parcel_id", "zone_id"} <= set(parcels.columns):
        return pd.Series(dtype="str")
    pairs = pd.DataFrame(parcels)[["parcel_id", "zone_id"]].dropna().drop_duplicates()
    moved = pairs["parcel_id"].duplicated(keep=False)
    by_lot = pairs[moved].groupby("parcel_id")["zone_id"]
    several = by_lot.agg(lambda some: _BETWEEN.join(sorted(some)))
    return pd.concat([pairs[~moved].set_index("parcel_id")["zone_id"], several])


def _homes(frame: pd.DataFrame, contract: Table, lots: pd.Series) -> pd.Series:
    """Name the zones each row is of; missing for those of none."""
    nothing = pd.Series(None, index=frame.index, dtype="str")
    of_lot = frame["parcel_id"].map(lots) if "parcel_id" in frame.columns else nothing
    if contract.name == "parcels" or "zone_id" not in frame.columns:
        return of_lot
    return frame["zone_id"].where(frame["zone_id"].notna(), of_lot)


def _is_small(frame: pd.DataFrame, homes: pd.Series) -> bool:
    """Tell whether a table is not worth a file a zone, which takes as long as many rows."""
    # Only where every row says itself whose it is, so that nobody has to ask the lots of others.
    return "parcel_id" not in frame.columns and 0 < len(frame) < FEW * homes.nunique()


def _cut(
    frame: pd.DataFrame, homes_of_rows: pd.Series
) -> Iterator[tuple[str | None, NDArray[np.intp]]]:
    """Give the rows of each file, and whose they are; None is nobody."""
    codes, homes = pd.factorize(homes_of_rows)
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(len(homes)))
    loose, *owned = np.split(order, starts)
    for home, rows in zip(homes, owned, strict=True):
        yield str(home), rows
    if len(loose) or not len(homes):
        for tile in _tiles(frame, loose):
            yield None, tile


def _tiles(frame: pd.DataFrame, rows: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Lay rows with shapes into tiles: columns from west to east, each from south to north."""
    count = -(-len(rows) // TILE)
    if count < 2 or not isinstance(frame, gpd.GeoDataFrame):
        return [rows]
    west, south = shapely.bounds(frame.geometry.to_numpy()[rows]).T[:2]
    columns = np.array_split(np.argsort(west, kind="stable"), round(count**0.5))
    order = np.concatenate([one[np.argsort(south[one], kind="stable")] for one in columns])
    return [np.sort(rows[some]) for some in np.array_split(order, count)]


def _file_name(home: str | None, known: dict[str, Any], *, nobodys: str) -> str:
    """Name a file; ids that differ in case only must not meet on Windows."""
    if home is None:
        return f"{nobodys}-{1 + sum(name.startswith(nobodys) for name in known)}.parquet"
    digest = hashlib.sha256(home.encode()).hexdigest()[:8]
    kind = "zones" if _BETWEEN in home else "zone"
    return f"{kind}-{quote(home.replace(_BETWEEN, '+'), safe='+')[:60]}-{digest}.parquet"


def _extent(frame: pd.DataFrame, rows: NDArray[np.intp], crs: Any) -> dict[str, Any]:
    """Say where the shapes of a file lie, if all lie somewhere in the CRS of the lots."""
    if not isinstance(frame, gpd.GeoDataFrame) or frame.crs != crs or not len(rows):
        return {}
    west, south, east, north = shapely.bounds(frame.geometry.to_numpy()[rows]).T
    bounds = [float(one) for one in (west.min(), south.min(), east.max(), north.max())]
    return {} if np.isnan(bounds).any() else {"bounds": bounds}


def _days(frame: pd.DataFrame, rows: NDArray[np.intp]) -> dict[str, Any]:
    """Say from which day to which the rows of a file hold; null where there is no such day."""
    said: list[str | None] = []
    if not len(rows) or not {"valid_from", "valid_to"} <= set(frame.columns):
        return {}
    for name in ("valid_from", "valid_to"):
        days = frame[name].to_numpy(dtype="datetime64[D]")[rows]
        end = days.min() if name == "valid_from" else days.max()
        said.append(None if np.isnat(end) else str(end))
    return {"days": said}


def _bytes(
    frame: pd.DataFrame, table: pa.Table, rows: Any, schema: dict[bytes, bytes], contract: Table
) -> bytes:
    part = table.take(pa.array(rows))
    if isinstance(frame, gpd.GeoDataFrame):
        covering = free_name(frame, "bbox")
        part, geo = _with_shapes(part, frame.geometry.to_numpy()[rows], frame.crs, covering)
        schema = {**schema, b"geo": json.dumps(geo).encode()}
        if pyproj.CRS.from_json_dict(geo["columns"][GEOMETRY]["crs"]) != frame.crs:
            raise UnsupportedValueError(
                f"the CRS of {contract.name} ({frame.crs.name}); use an EPSG code"
            )
    sink = io.BytesIO()
    pq.write_table(
        part.replace_schema_metadata(schema),
        sink,
        compression="zstd",
        row_group_size=_ROW_GROUP,
        write_statistics=True,
    )
    return sink.getvalue()


def _with_shapes(
    table: pa.Table, shapes: Any, crs: Any, covering: str
) -> tuple[pa.Table, dict[str, Any]]:
    """Add the shapes and their boxes, with the description GeoParquet 1.1 asks for."""
    wkb = pa.array(shapely.to_wkb(shapes, flavor="iso"), type=pa.binary())
    bounds = shapely.bounds(shapes)
    corners = ("xmin", "ymin", "xmax", "ymax")
    nothing = np.isnan(bounds).any(axis=1)
    boxes = pa.StructArray.from_arrays(
        [pa.array(bounds[:, place]) for place in range(4)], names=corners, mask=pa.array(nothing)
    )
    present = shapes[~shapely.is_missing(shapes)]
    kinds = {shape.geom_type + (" Z" if shape.has_z else "") for shape in present}
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": sorted(kinds),
        "crs": crs.to_json_dict(),
        "covering": {"bbox": {corner: [covering, corner] for corner in corners}},
    }
    if not nothing.all():
        west, south, east, north = bounds[~nothing].T
        column["bbox"] = [float(one) for one in (west.min(), south.min(), east.max(), north.max())]
    geo = {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
    return table.append_column(GEOMETRY, wkb).append_column(covering, boxes), geo
