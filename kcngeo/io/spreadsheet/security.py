"""Look at a spreadsheet before it is opened: what kind it is, and that it is no trap.

A sheet of two cells at far corners would make the reader ask for half a terabyte and end its
process, so the extent of every sheet is read from its XML first.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from kcngeo.core.errors import DataSourceError

LARGEST_FILE_BYTES = 64 << 20
LARGEST_UNPACKED_BYTES = 512 << 20
LARGEST_SHEET_CELLS = 4_000_000
_CHUNK_BYTES = 1 << 20

KINDS = {
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".ods": "ods",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
}
"""What a file holds, by its ending."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# A sheet may lie under any name.
_XLSX_SHEET = b"sheetData"
_CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\br\s*=\s*["']([A-Za-z]+)(\d+)["']""")
_ROW = re.compile(rb"""<(?:\w+:)?row\s[^>]*?\br\s*=\s*["'](\d+)["']""")
_HIDDEN_PLACE = re.compile(rb"""<(?:\w+:)?(?:c|row)\s[^>]*?\br\s*=\s*["'][^"']*&""")
_ERROR_CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\bt\s*=\s*["']e["'][^>]*>""")
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Z]+\d+)["']""")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"

Merge = tuple[tuple[int, int], tuple[int, int]]
"""First and last cell of a merged range, each as (row, column) from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A spreadsheet file that may be opened.

    Attributes
    ----------
    kind
        "xlsx", "ods" or "csv".
    content
        Its bytes.
    errors
        By sheet, the cells that hold an error of a formula ("C7").
    merges
        By sheet, the merged ranges, where the reader does not tell them.
    """

    kind: str
    content: bytes
    errors: dict[str, tuple[str, ...]]
    merges: dict[str, list[Merge]]


def inspected(path: Path) -> Package:
    """Read a spreadsheet file and prove that it can be opened."""
    content = _content(path)
    said = KINDS.get(path.suffix.lower())
    kind = _kind(path, content)
    if said is None:
        raise _refused(path, "sheet_ending", ending=path.suffix or "–")
    if kind != said:
        raise _refused(path, "sheet_kind", kind=kind, ending=path.suffix)
    errors: dict[str, tuple[str, ...]] = {}
    merges: dict[str, list[Merge]] = {}
    if kind != "csv":
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                _require_small(archive, path)
                if kind == "xlsx":
                    errors = _xlsx(archive, path)
                else:
                    merges = _ods(archive, path)
        # What a damaged archive or its XML makes the standard library raise.
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            LookupError,
            NotImplementedError,
            RuntimeError,
            ElementTree.ParseError,
            UnicodeError,
            ValueError,
        ) as error:
            raise _refused(path, "sheet_damaged", detail=str(error)) from error
    return Package(kind=kind, content=content, errors=errors, merges=merges)


def _refused(path: Path, code: str, **fields: object) -> DataSourceError:
    return DataSourceError(code, path=path, **fields)


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise _refused(path, "sheet_missing")
    if path.stat().st_size > LARGEST_FILE_BYTES:
        raise _refused(path, "sheet_too_large", limit=f"{LARGEST_FILE_BYTES >> 20} MB")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataSourceError("unreadable", path=path, detail=error) from error
    if not content.strip():
        raise _refused(path, "sheet_empty")
    return content


def _kind(path: Path, content: bytes) -> str:
    """Tell from the content what a file is."""
    if content.startswith(_OLE):
        # Office wraps a protected xlsx into the container of the old formats.
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise _refused(path, "sheet_protected")
        raise _refused(path, "sheet_old")
    if content.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                names = set(archive.namelist())
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise _refused(path, "sheet_damaged", detail=str(error)) from error
        if "content.xml" in names:
            return "ods"
        if "xl/workbook.xml" in names:
            return "xlsx"
        raise _refused(path, "sheet_no_sheets")
    start = content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype", b"<?xml", b"<table")):
        raise _refused(path, "sheet_is_page")
    if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refused(path, "sheet_no_text")
    return "csv"


def _require_small(archive: zipfile.ZipFile, path: Path) -> None:
    """Unpack every member once, piece by piece: the size it states is not trusted."""
    total = 0
    for member in archive.infolist():
        if member.flag_bits & 1:
            raise _refused(path, "sheet_protected")
        with archive.open(member) as file:
            while chunk := file.read(_CHUNK_BYTES):
                total += len(chunk)
                if total > LARGEST_UNPACKED_BYTES:
                    limit = f"{LARGEST_UNPACKED_BYTES >> 20} MB"
                    raise _refused(path, "sheet_too_large", limit=limit)


def _xlsx(archive: zipfile.ZipFile, path: Path) -> dict[str, tuple[str, ...]]:
    """Measure the sheets and find the cells with errors, which the reader would give as empty."""
    errors: dict[str, tuple[str, ...]] = {}
    names = _xlsx_names(archive)
    for member in archive.namelist():
        text = archive.read(member)
        if member.lower().endswith((".xml", ".rels")) or _XLSX_SHEET in text:
            _require_no_entities(text, path)
        if _XLSX_SHEET not in text:
            continue
        _require_extent(*_xlsx_extent(text), path)
        bad = [_PLACE.search(cell[0]) for cell in _ERROR_CELL.finditer(text)]
        errors[names.get(member, member)] = tuple(
            place[1].decode() for place in bad if place is not None
        )
    return errors


def _xlsx_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """Name the sheet of each member."""
    try:
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
    except KeyError:
        return {}
    target = {one.get("Id"): str(one.get("Target")).lstrip("/") for one in links}
    sheets = book.iterfind(f"{_MAIN}sheets/{_MAIN}sheet")
    return {
        "xl/" + target.get(one.get(_LINK), "").removeprefix("xl/"): str(one.get("name"))
        for one in sheets
    }


def _xlsx_extent(text: bytes) -> tuple[int, int]:
    if _HIDDEN_PLACE.search(text):
        raise ValueError("a cell's place is written in entities")
    places = [(_column(one[1].upper()), int(one[2])) for one in _CELL.finditer(text)]
    rows = [int(one[1]) for one in _ROW.finditer(text)]
    width = max((column for column, _ in places), default=0)
    return max([*rows, *(row for _, row in places)], default=0), width


def _column(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place


def _require_extent(rows: int, columns: int, path: Path) -> None:
    if rows * columns > LARGEST_SHEET_CELLS:
        raise _refused(path, "sheet_too_large", limit=f"{LARGEST_SHEET_CELLS} cells a sheet")


def _require_no_entities(text: bytes, path: Path) -> None:
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise _refused(path, "sheet_damaged", detail="it declares XML entities")


def _ods(archive: zipfile.ZipFile, path: Path) -> dict[str, list[Merge]]:
    """Measure the sheets and find the merged cells, which the reader does not tell."""
    text = archive.read("content.xml")
    _require_no_entities(text, path)
    name = "META-INF/manifest.xml"
    manifest = archive.read(name) if name in archive.namelist() else b""
    if b"encryption-data" in manifest:
        raise _refused(path, "sheet_protected")
    merges: dict[str, list[Merge]] = {}
    for table in ElementTree.fromstring(text).iter(f"{_TABLE}table"):  # noqa: S314
        found: list[Merge] = []
        row, widest = 0, 0
        last_row = 0
        for line in table.iter(f"{_TABLE}table-row"):
            column, filled = 0, 0
            for cell in line:
                repeated = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
                spans = [
                    int(cell.get(f"{_TABLE}number-{one}-spanned", "1"))
                    for one in ("rows", "columns")
                ]
                if spans != [1, 1]:
                    found.append(((row, column), (row + spans[0] - 1, column + spans[1] - 1)))
                column += repeated
                if cell.get(f"{_OFFICE}value-type") or len(cell):
                    filled = column
            row += int(line.get(f"{_TABLE}number-rows-repeated", "1"))
            if filled:
                widest, last_row = max(widest, filled), row
        _require_extent(last_row, widest, path)
        merges[str(table.get(f"{_TABLE}name"))] = found
    return merges
