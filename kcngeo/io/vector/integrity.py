"""Is a file whole? Each format says in its own bytes how long it should be; drivers rarely ask.

A driver that meets the end of a file too early often returns what it has, without a word. Lots
would then be missing from a sum. So the length is checked against what the file says of itself
wherever the format says it.
"""

from __future__ import annotations

import mmap
import re
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

from kcngeo.io.vector import expansion
from kcngeo.io.vector.security import require_few_columns, unreadable

_DBF_HEADER = 32
_SHP_HEADER = 100
# A text before a colon is a name and never a value.
_JSON_NAMED = re.compile(rb'"((?:[^"\\]|\\.){0,255})"\s*:')
# The CRS of a GeoJSON: an object with a type and an object of properties.
_JSON_CRS = re.compile(rb'"crs"\s*:\s*\{[^{}]*(?:\{[^{}]*\}[^{}]*)?\}')
_JSON_TYPE = re.compile(rb'"type"\s*:\s*"(\w+)"')
_JSON_NAME = re.compile(rb'"name"\s*:\s*"([^"]*)"')
_MIF_DATA = re.compile(rb"^[ \t]*data[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_MIF_OBJECT = re.compile(
    rb"^[ \t]*(none|point|line|pline|region|arc|text|rect|roundrect|ellipse|multipoint"
    rb"|collection)\b",
    re.IGNORECASE | re.MULTILINE,
)


def shapefile(path: Path) -> None:
    """Check the parts of a shapefile against their headers and against each other."""
    beside = siblings(path)
    if ".shx" not in beside:
        raise unreadable(path, "part_missing", part=".shx")
    for part in (path, beside[".shx"]):
        with part.open("rb") as file:
            head = file.read(_SHP_HEADER)
        if len(head) < _SHP_HEADER or head[:4] != b"\0\0\x27\x0a":
            raise unreadable(part, "damaged", detail="no shapefile header")
        # The length is counted in words of two bytes.
        if part.stat().st_size < 2 * struct.unpack(">i", head[24:28])[0]:
            raise unreadable(part, "truncated")
    shapes = (beside[".shx"].stat().st_size - _SHP_HEADER) // 8
    if ".dbf" in beside:
        rows = dbf_rows(beside[".dbf"])
        if rows != shapes:
            raise unreadable(path, "parts_differ", shapes=shapes, rows=rows)


def siblings(path: Path) -> dict[str, Path]:
    """List the files beside a file that share its name, by their extension in small letters."""
    stem = path.stem.casefold()
    found = [one for one in path.parent.iterdir() if one.stem.casefold() == stem]
    return {one.suffix.lower(): one for one in sorted(found, reverse=True)} | {
        path.suffix.lower(): path
    }


def dbf_rows(path: Path) -> int:
    """Count the rows of a dBASE table after checking that all are there."""
    with path.open("rb") as file:
        head = file.read(_DBF_HEADER)
    if len(head) < _DBF_HEADER:
        raise unreadable(path, "truncated")
    rows, start, width = struct.unpack("<IHH", head[4:12])
    if path.stat().st_size < start + rows * width:
        raise unreadable(path, "truncated")
    return int(rows)


def sqlite(path: Path) -> None:
    """Check a GeoPackage page by page: GDAL leaves out the rows of a damaged page."""
    with path.open("rb") as file:
        head = file.read(100)
    if len(head) < 100:
        raise unreadable(path, "truncated")
    page_size, pages = struct.unpack(">H", head[16:18])[0], struct.unpack(">I", head[28:32])[0]
    # 1 stands for 65536, which does not fit the field.
    if path.stat().st_size < pages * (65536 if page_size == 1 else page_size):
        raise unreadable(path, "truncated")
    beside = "" if path.with_name(path.name + "-wal").exists() else "&immutable=1"
    try:
        url = f"{path.as_uri()}?mode=ro{beside}"
        with closing(sqlite3.connect(url, uri=True, timeout=2.0)) as connection:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if verdict == "ok":
                expansion.require_views_end(path, connection)
    except (sqlite3.Error, UnicodeError) as error:
        raise unreadable(path, "damaged", detail=str(error)) from error
    if verdict != "ok":
        raise unreadable(path, "damaged", detail=str(verdict).splitlines()[-1])


def dgn(path: Path) -> None:
    """Walk the elements of a DGN v7 file to its end mark."""
    data = path.read_bytes()
    place = 0
    while place + 2 <= len(data) and data[place : place + 2] != b"\xff\xff":
        if place + 4 > len(data):
            break
        place += 4 + 2 * struct.unpack("<H", data[place + 2 : place + 4])[0]
    if place + 2 > len(data):
        raise unreadable(path, "truncated")


def dxf(path: Path) -> None:
    """Look for the end mark of a DXF drawing, and count what its blocks would unfold to."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 256))
        last = file.read().rstrip(b"\0\x1a \t\r\n").rsplit(b"\n", 1)[-1].strip()
    if last.upper() != b"EOF":
        raise unreadable(path, "truncated")
    expansion.require_small_blocks(path)


def json(path: Path) -> None:
    """Look for the closing bracket of a JSON file, and for a CRS that must be fetched."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 256))
        if not file.read().rstrip(b"\0 \t\r\n").endswith((b"}", b"]")):
            raise unreadable(path, "truncated")
    kind, _ = json_crs(path)
    if kind in ("link", "url"):
        raise unreadable(path, "linked_crs")


def json_of_few_names(path: Path) -> None:
    """Check a JSON file of which a driver makes all columns of all rows before it gives any."""
    json(path)
    names: set[bytes] = set()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for one in _JSON_NAMED.finditer(data):
            names.add(one[1])
            require_few_columns(len(names), path)


def json_crs(path: Path) -> tuple[str, str]:
    """Find what a GeoJSON file says of its CRS: type and name, both "" if it says nothing."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        found = _JSON_CRS.search(data)
        said = found[0] if found else b""
    kind, name = _JSON_TYPE.search(said), _JSON_NAME.search(said)
    return (
        kind[1].decode("utf-8", "replace").lower() if kind else "",
        name[1].decode("utf-8", "replace") if name else "",
    )


def mapinfo(path: Path) -> None:
    """Check that the parts of a MapInfo table are there and its rows are whole."""
    beside = siblings(path)
    if path.suffix.lower() == ".mif":
        if ".mid" not in beside:
            raise unreadable(path, "part_missing", part=".mid")
        _mif(path, beside[".mid"])
        return
    for part in (".dat", ".map", ".id"):
        if part not in beside:
            raise unreadable(path, "part_missing", part=part)
    rows = dbf_rows(beside[".dat"])
    if beside[".id"].stat().st_size < 4 * rows:
        raise unreadable(beside[".id"], "truncated")


def _mif(path: Path, attributes: Path) -> None:
    """Count shapes and rows of a MIF, which are in two files, line by line."""
    shapes = _MIF_OBJECT.findall(_MIF_DATA.split(path.read_bytes(), maxsplit=1)[-1])
    # The parts of a collection are shapes of their own by their words.
    if any(one.lower() == b"collection" for one in shapes):
        return
    rows = sum(1 for line in attributes.read_bytes().splitlines() if line.strip())
    if rows != len(shapes):
        raise unreadable(path, "parts_differ", shapes=len(shapes), rows=rows)


def filegdb(path: Path) -> None:
    """Check the tables of a file geodatabase against the lengths in their headers."""
    for part in sorted(path.glob("*.gdbtable")) + sorted(path.glob("*.gdbtablx")):
        with part.open("rb") as file:
            head = file.read(40)
        size = part.stat().st_size
        if len(head) < 16:
            raise unreadable(path, "truncated")
        if part.suffix == ".gdbtable":
            # The length stands at byte 24 of the header.
            wanted = struct.unpack("<q", head[24:32])[0] if len(head) == 40 else 40
        else:
            # A header of 16 bytes, then blocks of 1024 offsets of 4 to 6 bytes.
            _, blocks, _, width = struct.unpack("<4I", head[:16])
            wanted = 16 + blocks * 1024 * width if 4 <= width <= 6 else 16
        if size < wanted:
            raise unreadable(path, "truncated")


def osm_pbf(path: Path) -> None:
    """Walk the blocks of an OSM extract to its end."""
    size = path.stat().st_size
    with path.open("rb") as file:
        place = 0
        while place < size:
            head = file.read(4)
            length = struct.unpack(">I", head)[0] if len(head) == 4 else size
            blob = _blob_size(file.read(length)) if length < 65536 else None
            if blob is None or file.tell() + blob > size:
                raise unreadable(path, "truncated")
            place = file.seek(blob, 1)


def _blob_size(header: bytes) -> int | None:
    """Read the size of the blob (field 3 of its header) among the few fields there are."""
    place = 0
    while place < len(header):
        key = header[place]
        value, shift, place = 0, 0, place + 1
        while place < len(header):
            byte = header[place]
            value |= (byte & 0x7F) << shift
            shift, place = shift + 7, place + 1
            if byte < 0x80:
                break
        if key == 0x18:
            return value
        if key & 7 == 2:
            place += value
        elif key & 7 != 0:
            return None
    return None
