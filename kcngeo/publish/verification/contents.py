"""What a file says, place by place, so that two files of one name can be compared."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from kcngeo.io import package_rows
from kcngeo.io.spreadsheet.calamine_apart import read_sheets
from kcngeo.publish.csv import csv_rows
from kcngeo.publish.verification.copies import csv_copy
from kcngeo.publish.verification.page import read_page
from kcngeo.publish.verification.pdf_letters import pdf_letters
from kcngeo.publish.verification.word import read_word

Place = tuple[str, str, str]
"""Table (or layer, sheet, page), row and column."""

_DATA = (".csv", ".json", ".xlsx", ".gpkg")
# What is written into a package by the clock of the machine, or is only looks.
_LOOKS = ("layer_styles",)


def is_data(name: str) -> bool:
    """Tell whether a file holds nothing but data, so that its content can be compared.

    Examples
    --------
    >>> is_data("accounts.csv"), is_data("map.png")
    (True, False)
    """
    return name.endswith(_DATA)


def contents(name: str, data: bytes, *, exact: bool) -> dict[Place, str] | None:
    """Give what a file says by its place; None where it cannot be read."""
    reader = next((read for ending, read in _READERS.items() if name.endswith(ending)), None)
    if reader is None:
        return None
    try:
        return {place: _said(value, exact=exact) for place, value in reader(name, data)}
    except Exception:
        # Whatever is wrong with it: it is no file as the project gives it.
        return None


def _csv(name: str, data: bytes) -> Iterator[tuple[Place, Any]]:
    copy = next(iter(csv_copy(name, data)), None)
    keys = [] if copy is None else [copy.key(row) for row in copy.rows]
    table = "" if copy is None else copy.table
    head, *rows = csv_rows(data)
    yield (table, "", ""), ", ".join(head)
    for at, row in enumerate(rows):
        # Rows that nothing tells apart are told apart by their number.
        key = keys[at] if at < len(keys) and keys.count(keys[at]) == 1 else str(at + 1)
        for column, text in zip(head, row, strict=True):
            yield (table, key, column), text


def _json(_: str, data: bytes) -> Iterator[tuple[Place, Any]]:
    yield from _leaves(json.loads(data), ())


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value, start=1)
        for key, one in pairs:
            yield from _leaves(one, (*path, str(key)))
        return
    table, *rest = path[1:] if path[:1] == ("tables",) else ("", *path)
    yield (table, ".".join(rest[:-1]), rest[-1] if rest else ""), value


def _xlsx(name: str, data: bytes) -> Iterator[tuple[Place, Any]]:
    for sheet in read_sheets(data, path=Path(name)):
        head: list[Any] = []
        for at, row in enumerate(sheet.rows, start=1):
            head = head or row
            for place, value in enumerate(row):
                heading = str(head[place]) if at > 1 else str(place + 1)
                yield (sheet.name, str(at), heading), value


def _gpkg(_: str, data: bytes) -> Iterator[tuple[Place, Any]]:
    for layer, rows in package_rows(data).items():
        for at, row in enumerate(rows, start=1):
            for column, value in row.items():
                if layer not in _LOOKS:
                    yield (layer, str(at), column), value


def _html(_: str, data: bytes) -> Iterator[tuple[Place, Any]]:
    text = data.decode()
    page = read_page(text)
    for table, found in page.tables.items():
        for at, row in enumerate([found.headings, *found.rows]):
            for place, value in enumerate(row):
                column = found.headings[place] if at and place < len(found.headings) else ""
                yield (table, str(at), column or str(place + 1)), value
    for at, line in enumerate(text.splitlines(), start=1):
        if "<td" not in line and "<th" not in line:
            yield ("", str(at), ""), line


def _docx(_: str, data: bytes) -> Iterator[tuple[Place, Any]]:
    page = read_word(data)
    for table, found in page.tables.items():
        for at, row in enumerate([found.headings, *found.rows]):
            for place, value in enumerate(row):
                yield (table, str(at), str(place + 1)), value
    for at, line in enumerate(page.lines, start=1):
        yield ("", str(at), ""), line


def _pdf(_: str, data: bytes) -> Iterator[tuple[Place, Any]]:
    for at, page in enumerate(pdf_letters(data, foot="\x00").split("\f"), start=1):
        yield ("", str(at), ""), page


def _qgz(_: str, data: bytes) -> Iterator[tuple[Place, Any]]:
    with zipfile.ZipFile(io.BytesIO(data)) as held:
        for name in held.namelist():
            for at, line in enumerate(held.read(name).decode().splitlines(), start=1):
                yield (name, str(at), ""), line


_READERS: Mapping[str, Callable[[str, bytes], Iterator[tuple[Place, Any]]]] = {
    ".csv": _csv,
    ".json": _json,
    ".xlsx": _xlsx,
    ".gpkg": _gpkg,
    ".html": _html,
    ".pdf": _pdf,
    ".docx": _docx,
    ".qgz": _qgz,
}


def _said(value: Any, *, exact: bool) -> str:
    """Write a value; by other versions the last digits of a number may differ."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()[:12]
    if isinstance(value, float) and not exact:
        return f"{value:.12g}"
    return str(value)
