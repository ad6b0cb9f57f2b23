"""A project as a folder of GeoParquet files, for large projects and for other engines.

The folder holds ``kcngeo.json`` and one subfolder named after the content. A new content is written
beside the old one, whole, and then the list is replaced by one renaming: whoever reads finds either
state, also if the writer is killed. Each table is a folder of files cut by zone, see
``zone_files``; the list has their hashes, rows, zones, bounds (west, south, east, north in the CRS
of the lots) and days, so that a zone is read without the others. Folders of format 1, whose ledger
is one file, are read whole.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely

from kcngeo.core import atomic
from kcngeo.core.errors import DataSourceError
from kcngeo.core.schema import ENTERED, TABLES, Table
from kcngeo.io.stores.arrow import (
    GEOMETRY,
    REQUIRED,
    checked_frames,
    frame_of,
    project_of,
    store_errors,
)
from kcngeo.io.stores.lock import locked
from kcngeo.io.stores.taken import Label, joined, label_from, label_of, label_text, taken_of
from kcngeo.io.stores.zone_files import Writing
from kcngeo.ledger.copies import Taken
from kcngeo.ledger.project import Project
from kcngeo.ledger.zone_rows import together

CONTENTS = "kcngeo.json"
"""The list of what the folder holds; the folder is a project by it."""

_LOCK = "kcngeo.lock"
_FORMAT = 2
_TAKEN = "taken"
# What is being written, before its name is known.
_BEGUN = "0" * 64


def read_project(path: Path) -> Project:
    """Read a project from a folder of GeoParquet."""
    return _latest(path, _read_whole)


def read_zones(path: Path, zones: Collection[str], *, reach_m: float) -> Project:
    """Read a project, of its files no more than those of some zones, of none, and near by."""
    return _latest(path, partial(_read_zones, zones=zones, reach_m=reach_m))


def _latest(path: Path, read: Callable[[Path, dict[str, Any]], Project]) -> Project:
    """Read a project; if somebody replaces it meanwhile, the new one."""
    contents = contents_of(path)
    while True:
        try:
            return read(path, contents)
        except FileNotFoundError as error:
            again = contents_of(path)
            if again == contents:
                raise DataSourceError("unreadable", path=path, detail=str(error)) from error
            contents = again


def _read_whole(path: Path, contents: Mapping[str, Any]) -> Project:
    tables = contents["tables"]
    frames = {
        name: read_files(path, TABLES[name], tables[name]) for name in TABLES if name in tables
    }
    return project_of(frames, _label(path, contents, frames))


def _read_zones(
    path: Path, contents: Mapping[str, Any], *, zones: Collection[str], reach_m: float
) -> Project:
    """Read the files of zones, then of the tiles of no zone those in reach of what is theirs."""
    if contents["format"] == 1:
        return _read_whole(path, contents)
    tables = {name: contents["tables"][name] for name in TABLES if name in contents["tables"]}
    lots = [entry.get("zones", []) for entry in tables["parcels"].values()]
    wanted = together(zones, (some for some in lots if len(some) > 1))
    boxes = [
        entry["bounds"]
        for files in tables.values()
        for entry in files.values()
        if "bounds" in entry and not wanted.isdisjoint(entry.get("zones", ()))
    ]
    frames: dict[str, pd.DataFrame] = {}
    # Those with tiles last, when it is known where all is that the zones have.
    for name in sorted(tables, key=lambda one: any(map(_is_tile, tables[one].values()))):
        mine = {
            file: entry
            for file, entry in tables[name].items()
            if (
                _meets(entry["bounds"], boxes, reach_m)
                if _is_tile(entry)
                else not entry.get("zones") or not wanted.isdisjoint(entry["zones"])
            )
        }
        frames[name] = frame = read_some(path, TABLES[name], tables[name], mine)
        if any("zones" not in entry and "bounds" in entry for entry in mine.values()):
            owned = frame["zone_id"].isin(wanted).to_numpy()
            boxes += shapely.bounds(frame.geometry.to_numpy()[owned]).tolist()
    frames = {name: frames[name] for name in tables}
    return project_of(frames, _label(path, {**contents, "taken": {}}, frames))


def _is_tile(entry: Mapping[str, Any]) -> bool:
    """Tell whether a file holds shapes of no zone, all of which lie somewhere."""
    return entry.get("zones") == [] and "bounds" in entry


def _meets(bounds: list[float], boxes: list[list[float]], reach_m: float) -> bool:
    """Tell whether a box is within a reach of one of others."""
    west, south, east, north = np.array(boxes).reshape(-1, 4).T
    apart = (
        (west - reach_m > bounds[2])
        | (south - reach_m > bounds[3])
        | (east + reach_m < bounds[0])
        | (north + reach_m < bounds[1])
    )
    return not apart.all()


def write_project(project: Project, path: Path) -> None:
    """Write a project to a folder of GeoParquet, whole or not at all."""
    write_parts([project], path)


def write_parts(parts: Iterable[Project], path: Path) -> None:
    """Write a project that comes in parts to a folder of GeoParquet, whole or not at all."""
    path = path.resolve()
    coming = iter(parts)
    first = next(coming, None)
    if first is None:
        raise ValueError("a project needs a part")
    if not path.parent.is_dir():
        raise DataSourceError("no_folder", path=path, folder=path.parent)
    with store_errors(path, "unwritable"):
        _require_ours(path)
        was_there = path.is_dir()
        path.mkdir(exist_ok=True)
        try:
            with locked(path / _LOCK):
                _place(path, first, chain([first], coming))
        finally:
            if not was_there and not (path / CONTENTS).exists():
                shutil.rmtree(path, ignore_errors=True)


def content_digest(path: Path) -> str:
    """Hash the files of the tables that people enter."""
    tables = contents_of(path)["tables"]
    digests = {
        name: sorted(entry["hash"] for entry in tables[name].values())
        for name in ENTERED
        if name in tables
    }
    return hashlib.sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest()


def _place(path: Path, of: Project, parts: Iterable[Project]) -> None:
    """Write the new content beside the old one, then point to it; what is left over goes."""
    # One that is there was begun by a writer that was killed before it could give it its name.
    with atomic.folder(path / _BEGUN, is_ours=lambda name: True) as folder:
        writing = Writing(folder=folder)
        left: list[Taken] = []
        for part in parts:
            frames = checked_frames(part)
            writing.add(frames)
            left.append(taken_of(frames) if part.taken is None else part.taken)
        writing.require_apart()
        label = label_of(replace(of, taken=joined(left)), {})
        taken = {}
        for name, numbers in sorted(label.taken.rows.items()):
            (folder / _TAKEN).mkdir(exist_ok=True)
            (folder / _TAKEN / name).write_bytes(numbers)
            taken[name] = {"hash": hashlib.sha256(numbers).hexdigest()}
    told = json.dumps([writing.files, taken], sort_keys=True).encode()
    content = hashlib.sha256(told).hexdigest()
    if (path / content).is_dir():
        shutil.rmtree(path / _BEGUN)
    else:
        (path / _BEGUN).replace(path / content)
    contents = {
        "store": "kcngeo",
        "format": _FORMAT,
        "content": content,
        "tables": {
            table: {f"{content}/{table}/{name}": entry for name, entry in sorted(files.items())}
            for table, files in writing.files.items()
        },
        "identity": json.loads(label_text(label)),
        "taken": {f"{content}/{_TAKEN}/{name}": entry for name, entry in taken.items()},
    }
    atomic.write_bytes(path / CONTENTS, json.dumps(contents, ensure_ascii=False, indent=1).encode())
    for one in path.iterdir():
        if one.name in (content, CONTENTS, _LOCK):
            continue
        if one.is_dir():
            shutil.rmtree(one, ignore_errors=True)
        else:
            one.unlink(missing_ok=True)


def contents_of(path: Path) -> dict[str, Any]:
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
            if contents["format"] == 1:
                # Of before files said more of themselves than their hash.
                tables = {
                    table: {name: {"hash": digest} for name, digest in entry["files"].items()}
                    for table, entry in tables.items()
                }
            good = contents["format"] in (1, _FORMAT) and all(
                files and all(_is_entry(name, entry) for name, entry in files.items())
                for files in tables.values()
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
    return {**contents, "tables": tables}


def _is_entry(name: Any, entry: Any) -> bool:
    """Tell whether the list says of a file what it should."""
    zones, bounds = entry.get("zones", []), entry.get("bounds", [0.0] * 4)
    return (
        isinstance(name, str)
        and isinstance(entry["hash"], str)
        and isinstance(zones, list)
        and all(isinstance(one, str) for one in zones)
        and len(bounds) == 4
        and all(isinstance(one, float) for one in bounds)
    )


def _label(
    path: Path, contents: Mapping[str, Any], frames: Mapping[str, pd.DataFrame]
) -> Label | None:
    """Read what a folder was when it left, where it says so."""
    if "taken" not in contents:
        return None
    try:
        rows = {
            PurePosixPath(name).name: _read_bytes(path, name, said["hash"])
            if isinstance(said, dict)
            else base64.b64decode(said)
            for name, said in contents["taken"].items()
        }
        told = contents.get("identity")
        return label_from(None if told is None else json.dumps(told), rows, frames)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        detail = f"{CONTENTS} is damaged"
        raise DataSourceError("unreadable", path=path, detail=detail) from error


def _require_ours(path: Path) -> None:
    """Refuse a folder whose replacement would lose somebody's files."""
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return
    try:
        contents = contents_of(path)
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


def read_files(path: Path, contract: Table, files: Mapping[str, Any]) -> pd.DataFrame:
    """Read a table, or some of its files, in the order in which rows were written."""
    # Shapes are made file by file: as bytes they would stand in memory twice.
    parts, shapes = zip(
        *(_read_file(path, name, entry["hash"]) for name, entry in files.items()), strict=True
    )
    with store_errors(path, "unreadable"):
        said = parts[0].schema.metadata or {}
        row_number = json.loads(said[b"kcngeo"])["row_number"]
        whole = pa.concat_tables([part.replace_schema_metadata(None) for part in parts])
        numbers = whole.column(row_number).to_numpy()
        whole = whole.drop_columns([row_number])
        # Most often they stand in the order they were written in already.
        order = None
        if (numbers[1:] < numbers[:-1]).any():
            order = np.argsort(numbers, kind="stable")
        rows = whole.combine_chunks() if order is None else whole.take(pa.array(order))
        if b"geo" not in said:
            return frame_of(rows, contract)
        places = np.concatenate(shapes)
        crs = pyproj.CRS.from_json_dict(json.loads(said[b"geo"])["columns"][GEOMETRY]["crs"])
        shapes_of_rows = places if order is None else places[order]
        return frame_of(rows, contract, shapes=shapes_of_rows, crs=crs)


def read_some(
    path: Path, contract: Table, files: Mapping[str, Any], mine: Mapping[str, Any]
) -> pd.DataFrame:
    """Read some of the files of a table; if they are none, one of all tells the columns."""
    if mine:
        return read_files(path, contract, mine)
    return read_files(path, contract, dict([*files.items()][:1])).iloc[:0]


def _read_file(path: Path, name: str, digest: str) -> tuple[pa.Table, Any]:
    """Read a file: its columns, and its shapes if it has any."""
    data = _read_bytes(path, name, digest)
    with store_errors(path, "unreadable"):
        file = pq.ParquetFile(pa.BufferReader(data))
        # The boxes of the shapes are for others; they take half as long to read as the shapes.
        schema = file.schema_arrow
        geo = json.loads((schema.metadata or {}).get(b"geo", b"{}"))
        boxes = {
            shape["covering"]["bbox"]["xmin"][0]
            for shape in geo.get("columns", {}).values()
            if "covering" in shape
        }
        table = file.read([name for name in schema.names if name not in boxes])
        if not geo:
            return table, None
        wkb = table.column(GEOMETRY).to_numpy(zero_copy_only=False)
        return table.drop_columns([GEOMETRY]), shapely.from_wkb(wkb)


def _read_bytes(path: Path, name: str, digest: str) -> bytes:
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
    return data
