"""Read tables back from the files that hold them for programs and in workbooks."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import pandas as pd

from kcngeo.core.formulas import meant
from kcngeo.core.lot_names import within_zone
from kcngeo.core.schema import (
    COMPUTED,
    Column,
    Kind,
    Names,
    Table,
    Unit,
    people_are_told,
    told_heading,
)
from kcngeo.core.texts import table as texts_table
from kcngeo.io.spreadsheet.calamine_apart import read_sheets
from kcngeo.publish.csv import csv_rows
from kcngeo.publish.month_tables import names_in
from kcngeo.publish.xlsx import sheet_name
from kcngeo.theme import table_title, text

_DTYPES = {
    Kind.NUMBER: "float64",
    Kind.COUNT: "Int64",
    Kind.FLAG: "boolean",
    Kind.DATE: "datetime64[s]",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A table as one file holds it.

    Attributes
    ----------
    file
        Path of the file in the folder.
    table
        Name of the table.
    columns
        Names of its columns, in order.
    rows
        Its values by column, each of its kind; None is missing. What is not of its kind is a text.
    headings
        Words over the columns, in a workbook.
    """

    file: str
    table: str
    columns: tuple[str, ...]
    rows: list[dict[str, Any]]
    headings: tuple[str, ...] = ()

    @property
    def home(self) -> Table:
        """Its contract."""
        return COMPUTED[self.table]

    def column(self, name: str) -> Column:
        """Give the contract of a column; a text where it has none."""
        return self.home.column(name) or Column(name=name, kind=Kind.TEXT)

    def frame(self) -> pd.DataFrame:
        """Give it as a frame, each column of its kind as far as its values are."""
        made = {}
        for name in self.columns:
            values = [row[name] for row in self.rows]
            kind = _DTYPES.get(self.column(name).kind, "str")
            try:
                made[name] = pd.Series(values, dtype=kind)
            except (TypeError, ValueError):
                made[name] = pd.Series(values, dtype="object")
        return pd.DataFrame(made, columns=list(self.columns))

    def key(self, row: Mapping[str, Any]) -> str:
        """Name a row for a person: its key, days as days."""
        told = (row.get(name) for name in self.home.key)
        return " · ".join(str(one) for one in told if one is not None)


def csv_copy(file: str, data: bytes) -> list[Copy]:
    """Read a table from CSV; nothing where it is none of ours."""
    table = file.removesuffix(".csv")
    if table not in COMPUTED:
        return []
    columns, *rows = csv_rows(data)
    home = COMPUTED[table]
    kinds = [home.column(name) for name in columns]
    typed = [dict(zip(columns, map(_typed, kinds, map(meant, row)), strict=True)) for row in rows]
    return [Copy(file=file, table=table, columns=tuple(columns), rows=typed)]


def json_copies(file: str, data: bytes, *, language: str) -> Iterator[Copy]:
    """Read the tables of a report in JSON, or the findings of a check."""
    content = json.loads(data)
    tables = content.get("tables") if isinstance(content, dict) else None
    if tables is None and isinstance(content, dict) and isinstance(content.get("findings"), list):
        tables = {"findings": [_in_language(row, language) for row in content["findings"]]}
    for name, rows in (tables or {}).items():
        if name not in COMPUTED:
            continue
        home = COMPUTED[name]
        typed = [{one: _typed(home.column(one), v) for one, v in row.items()} for row in rows]
        yield Copy(file=file, table=name, columns=tuple(rows[0] if rows else ()), rows=typed)


def _in_language(row: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Give a finding of a check as the table has it: words in one language, ids joined."""

    def told(value: Any) -> Any:
        if isinstance(value, list):
            return "|".join(map(str, value))
        if isinstance(value, dict):
            return value.get(language)
        return round(value, 4) + 0.0 if isinstance(value, float) else value

    return {name: told(row[name]) for name in COMPUTED["findings"].names if name in row}


def workbook_copies(
    file: str,
    data: bytes,
    *,
    tables: Iterable[str],
    language: str,
    names: Names | None = None,
) -> Iterator[Copy]:
    """Read the tables of a workbook, as it shows them: texts are words, points are percent."""
    sheets = {one.name.casefold(): one.rows for one in read_sheets(data, path=Path(file))}
    for table in tables:
        titles = (table_title(table, language=language), _report_title(table, language))
        title = next((one for one in titles if sheet_name(one).casefold() in sheets), None)
        if table not in COMPUTED or title is None:
            continue
        headings, *rows = sheets[sheet_name(title).casefold()]
        # A table longer than a sheet goes on in others.
        number = 2
        while more := sheets.get(sheet_name(title, number).casefold()):
            rows += more[1:]
            number += 1
        told = tuple(str(one) for one in headings)
        columns = _columns(COMPUTED[table], told, language=language, names=names)
        # In a workbook what is for paper comes first.
        order = _in_order(COMPUTED[table], columns)
        values = [
            {columns[place]: _cell(row[place]) for place in order}
            for row in rows
            # An empty table says so in its first cell.
            if len(columns) == 1 or any(one != "" for one in row[1:]) or len(rows) > 1
        ]
        columns, told = (tuple(some[place] for place in order) for some in (columns, told))
        yield Copy(file=file, table=table, columns=columns, rows=values, headings=told)


def in_codes(copy: Copy, *, language: str, names: Names | None = None) -> Copy:
    """Bring a table of a workbook to values, where no file holds it for programs."""
    told = names or {}

    @cache
    def ids(table: str, zone: str) -> Mapping[str, str]:
        """Give the ids behind names, as they are told beside a zone."""
        return {within_zone(name, zone=zone): one for one, name in told.get(table, {}).items()}

    # Names that stand beside their ids for programs, and in their place for people.
    beside = {one.name: one.repeats for one in copy.home.columns if one.repeats in copy.columns}
    beside = {name: told for name, told in beside.items() if name not in copy.columns}
    rows = []
    for row in copy.rows:
        values = {
            name: _coded(copy.column(name), v, language, table=copy.table, ids=ids, row=row)
            for name, v in row.items()
        }
        rows.append(values | {name: row[held] for name, held in beside.items()})
    columns = (*copy.columns, *beside)
    return Copy(file=copy.file, table=copy.table, columns=columns, rows=rows)


def names_told(copy: Copy) -> Names:
    """Read what ids are called off the table of a month that says so."""
    return names_in({"names": copy.frame()})


def _ids(said: str, ids: Mapping[str, str]) -> str:
    """Give the ids behind names, one after the other."""
    found = []
    for name in said.split("; "):
        # What follows a colon is told of the row.
        head, colon, rest = name.partition(": ")
        found.append(ids.get(name) or ids.get(head, head) + colon + rest)
    return "|".join(found)


def _typed(column: Column | None, value: Any) -> Any:
    """Give a value of its kind; what is not of its kind stays as it is."""
    if value is None or value == "":
        return None
    kind = Kind.TEXT if column is None else column.kind
    try:
        return _OF_KIND.get(kind, str)(value)
    except (TypeError, ValueError):
        return str(value)


def _number(value: Any) -> float:
    number = float(value)
    if isinstance(value, bool) or not math.isfinite(number):
        raise ValueError(value)
    return number


def _count(value: Any) -> int:
    if _number(value) != int(float(value)):
        raise ValueError(value)
    return int(float(value))


def _flag(value: Any) -> bool:
    return {"True": True, "False": False}[str(value)] if str(value) in ("True", "False") else value


_OF_KIND: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.NUMBER: _number,
    Kind.COUNT: _count,
    Kind.FLAG: _flag,
    Kind.DATE: lambda value: dt.date.fromisoformat(str(value)),
}


def _report_title(table: str, language: str) -> str:
    """Give the title a table has in the report of a month; nothing where it has none."""
    key = f"report.{table}"
    return text(key, language=language) if key in texts_table() else ""


def _columns(
    home: Table, headings: Sequence[str], *, language: str, names: Names | None
) -> tuple[str, ...]:
    """Give the names of columns by what stands over them."""
    told = partial(told_heading, language=language, names=names)
    shown = [one for one in home.columns if people_are_told(home, one.name, names=names)]
    columns: list[str] = []
    for words in headings:
        # One column for each definition: it ends with its id, or with its name.
        ends = {words.split(" ")[-1], *(names or {}).get("definitions", {})}
        may_be = [
            name
            for one in shown
            for name in (
                sorted(one.name[:-1] + end for end in ends)
                if one.name.endswith("*")
                else [one.name]
            )
            if told(one, name=name) == words and name not in columns
        ]
        columns.append(next(iter(may_be), words))
    return tuple(columns)


def _in_order(home: Table, columns: Sequence[str]) -> list[int]:
    """Give the places of columns in the order of their contract; unknown ones come last."""
    declared = [home.column(one) for one in columns]
    ranks = [len(home.columns) if one is None else home.columns.index(one) for one in declared]
    return sorted(range(len(columns)), key=ranks.__getitem__)


def _cell(value: Any) -> Any:
    """Give the value of a cell of a workbook: None, a number, a day or a text."""
    if value == "":
        return None
    return value.date() if isinstance(value, dt.datetime) else value


def _coded(
    column: Column,
    value: Any,
    language: str,
    *,
    table: str,
    ids: Callable[[str, str], Mapping[str, str]],
    row: Mapping[str, Any],
) -> Any:
    """Give the value behind the words of a workbook."""
    if value is None or column.kind is Kind.DATE:
        return value
    if column.kind in (Kind.NUMBER, Kind.COUNT):
        return _typed(column, value / 100 if column.unit is Unit.POINTS else value)
    said = str(value)
    if column.kind is Kind.FLAG:
        flags = {text(f"flag.{one}", language=language): one == "true" for one in ("true", "false")}
        return flags.get(said, said)
    held = column.named
    if column.named_in:
        # The table stands in the row, in its words.
        home = Column(name="table", kind=Kind.TEXT, words=("table",))
        held = _coded(home, row.get(column.named_in), language, table=table, ids=ids, row=row)
    behind = ids(held, str(row.get("zone_id") or ""))
    if behind and (found := _ids(said, behind)) != said:
        return found
    if column.joined:
        return said.replace(", ", "|")
    own = (f"{table}_{column.name}", column.name) if column.choices else ()
    for group in column.words or own:
        for key, entry in texts_table().items():
            if key.startswith(f"{group}.") and entry[language] == said:
                return key.removeprefix(f"{group}.")
    return said
