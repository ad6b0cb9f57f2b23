"""Open a spreadsheet and give its cells: values as they stand, merged ranges, names of places."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import math
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kcngeo.core.errors import DataSourceError
from kcngeo.core.model import Finding, Severity
from kcngeo.io.encoding.repair import detected, repaired
from kcngeo.io.spreadsheet.calamine_apart import read_sheets
from kcngeo.io.spreadsheet.security import LARGEST_SHEET_CELLS, Merge, Package, inspected

Cell = str | float | bool | dt.date | dt.datetime | None
"""What a cell holds; text is NFC and without spaces around it, an empty cell is None."""

WIDEST_SHEET = 16_384
"""More columns no spreadsheet program holds."""
_UNANIMOUS = 10**9
_DELIMITERS = ";,\t|"
# Bytes that Windows-1252 leaves open.
_GAPS = (0x81, 0x8D, 0x8F, 0x90, 0x9D)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The cells of one sheet.

    Attributes
    ----------
    name
        Its name; the file's name for CSV.
    rows
        Cells by row and column from 0; all rows are equally long, legacy text is in Unicode.
    merges
        Merged ranges, (first cell, last cell).
    errors
        Cells that hold an error of a formula.
    hidden
        Whether the sheet is hidden.
    findings
        What was done to its text.
    """

    name: str
    rows: list[list[Cell]]
    merges: list[Merge] = field(default_factory=list)
    errors: tuple[str, ...] = ()
    hidden: bool = False
    findings: tuple[Finding, ...] = ()

    def place(self, row: int, column: int) -> str:
        """Name a cell as a person would look for it."""
        letters, rest = "", column + 1
        while rest:
            rest, digit = divmod(rest - 1, 26)
            letters = chr(65 + digit) + letters
        return f"{self.name}!{letters}{row + 1}"


def merged_cells(sheet: Sheet) -> dict[tuple[int, int], tuple[int, int]]:
    """Give the first cell of every cell in a merged range, both as (row, column)."""
    return {
        (row, column): (top, left)
        for (top, left), (bottom, right) in sheet.merges
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    }


def open_sheets(
    path: Path, *, encoding: str | None = None, ours: Collection[str] = ()
) -> list[Sheet]:
    """Read all sheets of a spreadsheet; with a sheet of these names its texts stay as they are."""
    package = inspected(path)
    is_text = package.kind == "csv"
    sheets = [_csv(package, path, encoding)] if is_text else _workbook(package, path)
    if any(sheet.name in ours for sheet in sheets):
        return sheets
    return [_repaired(sheet) for sheet in sheets]


def _workbook(package: Package, path: Path) -> list[Sheet]:
    sheets = []
    for raw in read_sheets(package.content, path=path):
        rows = _filled(raw.rows)
        merges = package.merges.get(raw.name, []) if raw.merges is None else raw.merges
        sheets.append(
            Sheet(
                name=raw.name,
                rows=rows,
                merges=_within(merges, rows, path),
                errors=package.errors.get(raw.name, ()),
                hidden=raw.hidden,
            )
        )
    return sheets


def _within(merges: Iterable[Merge], rows: list[list[Cell]], path: Path) -> list[Merge]:
    """Cut merged ranges to the cells there are: a range may claim a whole sheet."""
    height, width = len(rows), len(rows[0]) if rows else 0
    kept = [
        ((top, left), (min(bottom, height - 1), min(right, width - 1)))
        for (top, left), (bottom, right) in merges
        if 0 <= top < height and 0 <= left < width
    ]
    merged = sum((low - top + 1) * (right - left + 1) for (top, left), (low, right) in kept)
    if merged > LARGEST_SHEET_CELLS:
        raise DataSourceError(
            "sheet_too_large", path=path, limit=f"{LARGEST_SHEET_CELLS} merged cells a sheet"
        )
    return kept


def _filled(rows: Iterable[list[Any]]) -> list[list[Cell]]:
    """Give rows of one length with cleaned values."""
    cleaned = [[_cell(value) for value in row] for row in rows]
    width = max(map(len, cleaned), default=0)
    return [row + [None] * (width - len(row)) for row in cleaned]


def _cell(value: Any) -> Cell:
    if isinstance(value, str):
        text = unicodedata.normalize("NFC", value.replace("\xa0", " ")).strip()
        return text or None
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float)):
        return float(value) if math.isfinite(value) else str(value)
    if isinstance(value, (dt.date, dt.datetime)):
        return value
    return str(value)


def _csv(package: Package, path: Path, encoding: str | None) -> Sheet:
    text = _decoded(package.content, path, encoding)
    head = text.partition("\n")[0]
    widest = 1 + max(head.count(sign) for sign in _DELIMITERS)
    if widest > WIDEST_SHEET:
        raise DataSourceError("layer_columns", path=path, count=widest, limit=WIDEST_SHEET)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    except csv.Error as error:
        raise DataSourceError("sheet_damaged", path=path, detail=str(error)) from error
    return Sheet(name=path.name, rows=_filled(rows))


def _decoded(content: bytes, path: Path, encoding: str | None) -> str:
    if encoding is not None:
        try:
            return content.decode(encoding)
        except (UnicodeError, LookupError) as error:
            raise DataSourceError("sheet_encoding", path=path, detail=str(error)) from error
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    with contextlib.suppress(UnicodeError):
        return content.decode("utf-8-sig")
    # Letters of a legacy font stand for others and are repaired after; else it is Windows-1258.
    letters = content.decode("cp1252", errors="replace")
    if detected(letters.splitlines())[0] in ("tcvn3", "vni"):
        return _latin(content)
    try:
        return unicodedata.normalize("NFC", content.decode("cp1258"))
    except UnicodeError as error:
        raise DataSourceError("sheet_encoding", path=path, detail=str(error)) from error


def _latin(content: bytes) -> str:
    """Read Windows-1252, its gaps as Latin-1."""
    return "".join(
        bytes([one]).decode("cp1252") if one not in _GAPS else chr(one) for one in content
    )


def _repaired(sheet: Sheet) -> Sheet:
    """Bring legacy text of a sheet to Unicode, all its cells judged together."""
    # (places,) cells that are not plain ASCII: one alone says too little about the encoding
    places = [
        (row, column)
        for row, cells in enumerate(sheet.rows)
        for column, value in enumerate(cells)
        if isinstance(value, str) and not value.isascii()
    ]
    texts = pd.Series([sheet.rows[row][column] for row, column in places], dtype="str")
    repair = repaired(texts)
    changed = np.zeros(len(places), dtype=bool)
    for way, hit in repair.changed.items():
        changed |= hit if way != "nfc" else False
    if not changed.any() and not repair.doubtful.any() and not repair.lost.any():
        return sheet
    rows = [list(cells) for cells in sheet.rows]
    for (row, column), text in zip(places, repair.text, strict=True):
        rows[row][column] = text
    named = [sheet.place(row, column) for row, column in places]
    findings = []
    for rule, severity, cells in (
        ("text_repaired", Severity.NOTE, changed),
        ("text_doubtful", Severity.WARNING, repair.doubtful),
        ("text_lost", Severity.WARNING, repair.lost),
    ):
        ids = tuple(place for place, is_one in zip(named, cells, strict=True) if is_one)
        if ids:
            fields = {"count": len(ids), "encoding": repair.encoding or "UTF-8"}
            findings.append(
                Finding(
                    rule=f"sheet_{rule}", severity=severity, table="ledger", ids=ids, fields=fields
                )
            )
    return replace(sheet, rows=rows, findings=tuple(findings))


def _delimiter(text: str) -> str:
    """Choose the sign that parts most lines into the same number of fields."""
    lines = [line for line in text.splitlines() if line.strip()][:200]
    best, score = ";", 0
    for sign in _DELIMITERS:
        counts = [len(row) for row in csv.reader(lines, delimiter=sign)]
        common = max(set(counts), key=counts.count, default=1)
        rating = (common - 1) * counts.count(common) if common > 1 else 0
        if rating and len(set(counts)) == 1:
            # What parts every line alike is the sign: others may stand in numbers and shapes.
            rating += _UNANIMOUS
        if rating > score:
            best, score = sign, rating
    return best
