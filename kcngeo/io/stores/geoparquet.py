"""A project as a folder of GeoParquet files, for large projects and for other engines.

The folder holds ``kcngeo.json`` and one subfolder named after the content. A new content is written
beside the old one, whole, and then the list is replaced by one renaming: whoever reads finds either
state, also if the writer is killed. Layers with a zone are cut by zone, one file each, so that a
zone is read without the others.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyproj
import shapely

from kcngeo.core import atomic
from kcngeo.core.errors import DataSourceError
from kcngeo.core.schema import ENTERED, TABLES, Table
from kcngeo.io.stores.arrow import (
    GEOMETRY,
    REQUIRED,
    UnsupportedValueError,
    arrow_table,
    checked_frames,
    frame_of,
    free_name,
    geometry_type,
    project_of,
    store_errors,
)
from kcngeo.io.stores.lock import locked
from kcngeo.io.stores.taken import Label, label_from, label_of, label_text
from kcngeo.ledger.project import Project
from kcngeo.ledger.zone_rows import moved_between, together

CONTENTS = "kcngeo.json"
"""The list of what the folder holds; the folder is a project by it."""

_LOCK = "kcngeo.lock"
_FORMAT = 1
_PARTITIONED = ("parcels", "emitters", "works", "clearance")
_ROW_GROUP = 65_536


def read_project(path: Path) -> Project:
    """Read a project from a folder of GeoParquet."""
    contents = _contents(path)
    while True:
        try:
            frames = {
                name: _read(path, TABLES[name], entry)
                for name, entry in contents["tables"].items()
                if name in TABLES
            }
        except FileNotFoundError as error:
            # Somebody has replaced the project while it was read: then read the new one.
            again = _contents(path)
            if again == contents:
                raise DataSourceError("unreadable", path=path, detail=str(error)) from error
            contents = again
        else:
            held = {name: frames[name] for name in TABLES if name in frames}
            return project_of(held, _label(path, contents, held))


def read_zones(path: Path, zones: Collection[str]) -> Project:
    """Read a project, of its shapes and lots no more than those of some zones and of none."""
    contents = _contents(path)
    try:
        told = contents["by_zone"]
        wanted = None if told["loose"] else together(zones, told["moved"])
        homes = {name: dict(told["files"].get(name, {})) for name in contents["tables"]}
    # A list of before, or one that was edited, says too little.
    except (KeyError, TypeError, ValueError, AttributeError):
        wanted = None
    if wanted is None:
        return read_project(path)
    frames: dict[str, pd.DataFrame] = {}
    try:
        for name in [one for one in TABLES if one in contents["tables"]]:
            files = contents["tables"][name]["files"]
            mine = {file: files[file] for file in files if homes[name].get(file) in {*wanted, None}}
            # Of a table of which these zones have nothing, one file tells the columns.
            entry = {"files": mine or dict(list(files.items())[:1])}
            lots = frames["parcels"]["parcel_id"] if "parcels" in frames else None
            frame = _read(path, TABLES[name], entry, lots=lots)
            frames[name] = frame if mine else frame.iloc[:0]
    except FileNotFoundError:
        # Somebody has replaced the project while it was read: then read the new one.
        return read_project(path)
    return project_of(frames, _label(path, {**contents, "taken": {}}, frames))


def write_project(project: Project, path: Path) -> None:
    """Write a project to a folder of GeoParquet, whole or not at all."""
    path = path.resolve()
    frames = checked_frames(project)
    if not path.parent.is_dir():
        raise DataSourceError("no_folder", path=path, folder=path.parent)
    with store_errors(path, "unwritable"):
        files = {name: _files(frame, TABLES[name]) for name, frame in frames.items()}
        label = label_of(project, frames)
        rows = sorted(label.taken.rows.items())
        about = {
            "identity": json.loads(label_text(label)),
            "taken": {name: base64.b64encode(numbers).decode() for name, numbers in rows},
        }
        contents = _listed(files) | about
        contents["by_zone"] = _by_zone(frames, contents)
        listed = json.dumps(contents, ensure_ascii=False, indent=1).encode()
        _require_ours(path)
        was_there = path.is_dir()
        path.mkdir(exist_ok=True)
        try:
            with locked(path / _LOCK):
                _place(path, files, listed)
        finally:
            if not was_there and not (path / CONTENTS).exists():
                shutil.rmtree(path, ignore_errors=True)


def content_digest(path: Path) -> str:
    """Hash the files of the tables that people enter."""
    tables = _contents(path)["tables"]
    digests = {name: sorted(tables[name]["files"].values()) for name in ENTERED if name in tables}
    return hashlib.sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest()


def _place(path: Path, files: Mapping[str, Mapping[str, bytes]], listed: bytes) -> None:
    """Write the new content beside the old one, then point to it; what is left over goes."""
    content = json.loads(listed)["content"]
    if not (path / content).is_dir():
        with atomic.folder(path / content) as part:
            for parts in files.values():
                for name, data in parts.items():
                    (part / name).parent.mkdir(parents=True, exist_ok=True)
                    (part / name).write_bytes(data)
    atomic.write_bytes(path / CONTENTS, listed)
    for one in path.iterdir():
        if one.name in (content, CONTENTS, _LOCK):
            continue
        if one.is_dir():
            shutil.rmtree(one, ignore_errors=True)
        else:
            one.unlink(missing_ok=True)


def _contents(path: Path) -> dict[str, Any]:
    """Read the list of what the folder holds, and refuse what is no project."""
    if not path.is_dir():
        detail = "it is a file" if path.exists() else "there is no such folder"
        raise DataSourceError("unreadable", path=path, detail=detail)
    with store_errors(path, "unreadable"):
        if not (path / CONTENTS).is_file():
            raise DataSourceError("not_a_project", path=path, detail=f"it has no {CONTENTS}")
        try:
            contents = json.loads((path / CONTENTS).read_text("utf-8"))
            tables = contents["tables"]
            good = contents["format"] == _FORMAT and all(
                isinstance(name, str) and isinstance(digest, str)
                for entry in tables.values()
                for name, digest in entry["files"].items()
            )
        # Whatever may be wrong with a list that was cut off or edited.
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            detail = f"{CONTENTS} is damaged"
            raise DataSourceError("unreadable", path=path, detail=detail) from error
    if not good:
        detail = f"{CONTENTS} is of another format; a newer kcngeo may read it"
        raise DataSourceError("unreadable", path=path, detail=detail)
    missing = [name for name in REQUIRED if name not in tables]
    if missing:
        detail = f"it has no table {', '.join(missing)}"
        raise DataSourceError("not_a_project", path=path, detail=detail)
    return dict(contents)


def _label(
    path: Path, contents: Mapping[str, Any], frames: Mapping[str, pd.DataFrame]
) -> Label | None:
    """Read what a folder was when it left, where it says so."""
    if "taken" not in contents:
        return None
    try:
        rows = {name: base64.b64decode(said) for name, said in contents["taken"].items()}
        told = contents.get("identity")
        return label_from(None if told is None else json.dumps(told), rows, frames)
    except (ValueError, TypeError, AttributeError) as error:
        detail = f"{CONTENTS} is damaged"
        raise DataSourceError("unreadable", path=path, detail=detail) from error


def _require_ours(path: Path) -> None:
    """Refuse a folder whose replacement would lose somebody's files."""
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return
    try:
        contents = _contents(path)
    except DataSourceError as error:
        detail = error.fields["detail"]
        if (path / _LOCK).is_file() and all(_is_leftover(one) for one in path.iterdir()):
            return
        raise DataSourceError("unwritable", path=path, detail=detail) from error
    ours = {CONTENTS, _LOCK, contents["content"]}
    strange = sorted(
        one.name for one in path.iterdir() if one.name not in ours and not _is_leftover(one)
    )
    if strange:
        raise DataSourceError("folder_of_others", path=path, names=", ".join(strange[:5]))


def _is_leftover(path: Path) -> bool:
    """Tell whether a killed writer left this."""
    is_content = re.fullmatch("[0-9a-f]{64}", path.name) is not None
    return path.name == _LOCK or is_content or atomic.is_leftover(path)


def _listed(files: Mapping[str, Mapping[str, bytes]]) -> dict[str, Any]:
    """List the tables with the hashes of their files; the content is named after all of them."""
    tables = {
        table: {
            "files": {name: hashlib.sha256(data).hexdigest() for name, data in parts.items()},
        }
        for table, parts in files.items()
    }
    content = hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()
    listed = {
        table: {
            "files": {
                f"{content}/{name}": digest for name, digest in sorted(entry["files"].items())
            }
        }
        for table, entry in tables.items()
    }
    return {"store": "kcngeo", "format": _FORMAT, "content": content, "tables": listed}


def _by_zone(frames: Mapping[str, pd.DataFrame], contents: Mapping[str, Any]) -> dict[str, Any]:
    """Say which file is of which zone, and which zones are to be read with which."""
    zone_of = {
        f"{contents['content']}/{name}/{_file_name(zone_id)}": zone_id
        for name in _PARTITIONED
        if name in frames and "zone_id" in frames[name].columns
        for zone_id in frames[name]["zone_id"].dropna().unique()
    }
    lots = frames["parcels"]["parcel_id"]
    return {
        "files": {
            name: {file: zone_of[file] for file in entry["files"] if file in zone_of}
            for name, entry in contents["tables"].items()
        },
        "moved": moved_between(frames["parcels"]),
        "loose": any(
            not frame["parcel_id"].dropna().isin(lots).all()
            for frame in frames.values()
            if "parcel_id" in frame.columns
        ),
    }


def _files(frame: pd.DataFrame, contract: Table) -> dict[str, bytes]:
    """Give the files of a table: one, or one a zone."""
    row_number = free_name(frame, "fid")
    table = arrow_table(frame, contract)
    table = table.append_column(row_number, pa.array(np.arange(1, len(frame) + 1)))
    schema = {b"kcngeo": json.dumps({"row_number": row_number}).encode()}
    if isinstance(frame, gpd.GeoDataFrame):
        geometry_type(frame.geometry.to_numpy(), contract)
    if contract.name not in _PARTITIONED or "zone_id" not in frame.columns or frame.empty:
        whole = np.arange(len(frame))
        return {f"{contract.name}.parquet": _bytes(frame, table, whole, schema, contract)}
    codes, zones = pd.factorize(frame["zone_id"], use_na_sentinel=True)
    return {
        f"{contract.name}/{_file_name(zones[code] if code >= 0 else None)}": _bytes(
            frame, table, np.flatnonzero(codes == code), schema, contract
        )
        for code in np.unique(codes)
    }


def _file_name(zone_id: str | None) -> str:
    """Name the file of a zone; ids that differ in case only must not meet on Windows."""
    if zone_id is None:
        return "zone-none.parquet"
    digest = hashlib.sha256(zone_id.encode()).hexdigest()[:8]
    return f"zone-{quote(zone_id, safe='')[:60]}-{digest}.parquet"


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


def _read(
    path: Path, contract: Table, entry: Mapping[str, Any], *, lots: pd.Series | None = None
) -> pd.DataFrame:
    """Read a table; with ``lots`` without the rows that are of other lots and name no zone."""
    parts = [_read_file(path, name, digest) for name, digest in entry["files"].items()]
    with store_errors(path, "unreadable"):
        whole = pa.concat_tables([part.replace_schema_metadata(None) for part in parts])
        if lots is not None and "parcel_id" in whole.column_names:
            of_lot = whole.column("parcel_id")
            kept = pc.or_(pc.is_null(of_lot), pc.is_in(of_lot, pa.array(lots, of_lot.type)))
            if "zone_id" in whole.column_names:
                kept = pc.or_(kept, pc.is_valid(whole.column("zone_id")))
            whole = whole.filter(kept)
        said = parts[0].schema.metadata or {}
        whole = _in_order(whole, json.loads(said[b"kcngeo"])["row_number"])
        if b"geo" not in said:
            return frame_of(whole, contract)
        column = json.loads(said[b"geo"])["columns"][GEOMETRY]
        shapes = shapely.from_wkb(whole.column(GEOMETRY).to_numpy(zero_copy_only=False))
        plain = whole.drop_columns([GEOMETRY])
        return frame_of(
            plain, contract, shapes=shapes, crs=pyproj.CRS.from_json_dict(column["crs"])
        )


def _in_order(rows: pa.Table, row_number: str) -> pa.Table:
    """Put rows into the order they were written in; most often they stand in it already."""
    numbers = rows.column(row_number).to_numpy()
    rows = rows.drop_columns([row_number])
    if (numbers[1:] < numbers[:-1]).any():
        return rows.take(pa.array(np.argsort(numbers, kind="stable")))
    return rows.combine_chunks()


def _read_file(path: Path, name: str, digest: str) -> pa.Table:
    place = PurePosixPath(name)
    if place.is_absolute() or ".." in place.parts:
        raise DataSourceError("unreadable", path=path, detail=f"{CONTENTS} is damaged")
    try:
        data = (path / name).read_bytes()
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise DataSourceError("unreadable", path=path, detail=error) from error
    if hashlib.sha256(data).hexdigest() != digest:
        raise DataSourceError("unreadable", path=path, detail=f"{name} is damaged")
    with store_errors(path, "unreadable"):
        file = pq.ParquetFile(pa.BufferReader(data))
        names = file.schema_arrow.names
        # The boxes of the shapes are for others; they take half as long to read as the shapes.
        geo = json.loads((file.schema_arrow.metadata or {}).get(b"geo", b"{}"))
        boxes = {
            shape["covering"]["bbox"]["xmin"][0]
            for shape in geo.get("columns", {}).values()
            if "covering" in shape
        }
        return file.read([name for name in names if name not in boxes])
