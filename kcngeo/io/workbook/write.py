"""Write the ledger workbook: headings, drop-downs, an example a table, help."""

from __future__ import annotations

import base64
import datetime as dt
import io
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from kcngeo import theme
from kcngeo.core import atomic
from kcngeo.core.errors import ContractError, DataSourceError
from kcngeo.core.schema import ENTERED, RECORDED, TABLES, Column, Kind
from kcngeo.core.validation import as_known, validate
from kcngeo.io.stores.taken import Label, label_of, label_text
from kcngeo.io.workbook.layout import (
    DATA_ROWS,
    FIRST_ROWS,
    LABEL,
    LISTS,
    NOTE,
    SHEETS,
    columns_of,
)
from kcngeo.ledger.project import Project

__all__ = ["SHEETS", "empty_project", "write_workbook"]

_CREATED = dt.datetime(2000, 1, 1)
_HEAD_ROWS = 2
# A cell holds 32 767 characters.
_CELL = 30_000
_WIDTHS = {Kind.DATE: 12, Kind.NUMBER: 14, Kind.COUNT: 10, Kind.FLAG: 8, Kind.TEXT: 18}
_WIDE = {"investor": 34, "document": 26, "source": 26, NOTE: 30, "name": 26, "parcel_id": 20}
_FORMATS = {Kind.DATE: "dd/mm/yyyy", Kind.NUMBER: "#,##0.0###", Kind.COUNT: "#,##0"}
_EMPTY = {
    Kind.TEXT: "str",
    Kind.DATE: "datetime64[s]",
    Kind.MOMENT: "datetime64[us, UTC]",
    Kind.NUMBER: "float64",
    Kind.COUNT: "Int64",
    Kind.FLAG: "boolean",
}


def empty_project(crs: Any) -> Project:
    """Make a project without rows: every table with all columns of its contract.

    Parameters
    ----------
    crs
        CRS of its layers, for example "EPSG:5899".

    Returns
    -------
    Project
        The project.

    Examples
    --------
    >>> project = empty_project("EPSG:5899")
    >>> len(project.ledger), "part_area_ha" in project.ledger.columns
    (0, True)
    """
    frames: dict[str, Any] = {}
    for name, table in ENTERED.items():
        data: dict[str, Any] = {
            column.name: pd.Series(dtype=_EMPTY[column.kind]) for column in table.columns
        }
        plain = pd.DataFrame(data)
        frames[name] = gpd.GeoDataFrame(plain, geometry=[], crs=crs) if table.geometry else plain
    return Project(**frames)


def write_workbook(
    project: Project | None, path: str | os.PathLike[str], *, language: str = "vi"
) -> None:
    """Write the ledger workbook of a project, or an empty one; whole or not at all.

    A workbook of a project says in a hidden sheet which project it is of and what its rows were
    when it left, so that what is edited in it is told from what others record meanwhile.

    Parameters
    ----------
    project
        The project whose tables without shapes are written, the rows on record; None for none.
    path
        Path of the workbook, ending in .xlsx; an existing file is replaced.
    language
        Language of headings, lists and help, "vi" or "en".

    Raises
    ------
    ContractError
        If a table breaks its contract.
    DataSourceError
        If the file cannot be written, or does not end in .xlsx.

    Examples
    --------
    >>> import tempfile
    >>> from kcngeo.io import read_workbook
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_workbook(None, f"{folder}/empty.xlsx")
    ...     len(read_workbook(f"{folder}/empty.xlsx").tables["ledger"])
    0
    """
    path = Path(path)
    if path.suffix.lower() != ".xlsx":
        raise DataSourceError("workbook_ending", path=path)
    atomic.write_bytes(path, _content(_frames(project), _label(project), language))


def _label(project: Project | None) -> Label | None:
    """Say what the workbook leaves as; an empty one is no copy of anything."""
    if project is None:
        return None
    frames = {name: validate(frame, name, errors="collect")[0] for name, frame in project.tables()}
    label = label_of(project, frames)
    return replace(label, taken=label.taken.only(SHEETS))


def _frames(project: Project | None) -> dict[str, pd.DataFrame]:
    """Give the rows on record of every sheet, cast to their contracts."""
    found = {} if project is None else dict(project.tables())
    frames, problems = {}, []
    for name in (*SHEETS, *LISTS):
        if name in found:
            frame, breaches = validate(as_known(found[name]), name, errors="collect")
            problems += breaches
            if name in LISTS and not breaches:
                # A drop-down names each once, as it is now.
                frame = frame.drop_duplicates(TABLES[name].key[0], keep="last")
            frames[name] = frame
    if problems:
        raise ContractError(problems)
    return frames


def _content(frames: dict[str, pd.DataFrame], label: Label | None, language: str) -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"created": _CREATED, "title": _say("title", language)})
        paper = _Paper(book, language)
        paper.help()
        for name in SHEETS:
            paper.table(name, frames.get(name), examples=True)
        for name in LISTS:
            paper.table(name, frames.get(name), examples=False)
        paper.closed_lists()
        if label is not None:
            paper.label(label)
    return buffer.getvalue()


def _say(key: str, language: str, **fields: object) -> str:
    return theme.text(f"workbook.{key}", language=language, **fields)


class _Paper:
    """The workbook while it is written: its formats, and where its lists stand."""

    def __init__(self, book: Any, language: str) -> None:
        self.book, self.language = book, language
        base = {"font_name": "Arial", "font_size": 10, "valign": "vcenter"}
        self._base, colors = base, theme.SHEET_COLORS
        self._heading = book.add_format(
            base
            | {"bold": True, "font_color": theme.PAPER, "bg_color": colors["heading"]}
            | {"text_wrap": True, "border": 1, "border_color": theme.PAPER}
        )
        self._required = book.add_format(
            base
            | {"bold": True, "font_color": theme.PAPER, "bg_color": colors["required"]}
            | {"text_wrap": True, "border": 1, "border_color": theme.PAPER}
        )
        self._name = book.add_format(
            base | {"font_color": colors["name_ink"], "bg_color": colors["name"], "font_size": 8}
        )
        self._title = book.add_format(base | {"bold": True, "font_size": 14})
        self._text = book.add_format(base | {"text_wrap": True, "valign": "top"})
        self._formats: dict[tuple[Kind, bool], Any] = {}

    def _format(self, kind: Kind, *, example: bool = False) -> Any:
        if (kind, example) not in self._formats:
            look: dict[str, Any] = dict(self._base)
            if kind in _FORMATS:
                look["num_format"] = _FORMATS[kind]
            if example:
                look |= {"italic": True}
                look["font_color"] = theme.SHEET_COLORS["example_ink"]
                look["bg_color"] = theme.SHEET_COLORS["example"]
            self._formats[kind, example] = self.book.add_format(look)
        return self._formats[kind, example]

    def _sheet_name(self, table: str) -> str:
        return theme.text(f"workbook.sheet_{table}", language=self.language)

    def help(self) -> None:
        """Write the sheet that says how the workbook is filled in."""
        sheet = self.book.add_worksheet(_say("help", self.language))
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 4)
        sheet.set_column(1, 1, 100)
        sheet.write_string(0, 1, _say("title", self.language), self._title)
        lines = _say("help_text", self.language).split("|")
        for row, line in enumerate(lines, start=2):
            sheet.write_number(row, 0, row - 1, self._text)
            sheet.write_string(row, 1, line.strip(), self._text)
            sheet.set_row(row, 15 * (1 + len(line) // 105))

    def table(self, table: str, frame: pd.DataFrame | None, *, examples: bool) -> None:
        """Write a sheet: headings, names, example, rows, drop-downs."""
        sheet = self.book.add_worksheet(self._sheet_name(table))
        columns = columns_of(table)
        note = Column(name=NOTE, kind=Kind.TEXT)
        shown = (note, *columns) if examples else columns
        own = self._own(frame, shown) if examples else []
        for place, column in enumerate((*shown, *own)):
            words = self._heading_of(column, table)
            sheet.write_string(
                0, place, words, self._required if column.required else self._heading
            )
            # By these names the sheet is known when it comes back, wherever columns were moved to.
            sheet.write_string(1, place, column.name, self._name)
            width = _WIDE.get(column.name, _WIDTHS.get(column.kind, 18))
            sheet.set_column(place, place, width, self._format(column.kind))
        sheet.set_row(0, 32)
        sheet.freeze_panes(_HEAD_ROWS, 2 if examples else 1)
        row = _HEAD_ROWS
        if examples:
            self._example(sheet, row, table, shown)
            row += 1
        rows = [] if frame is None else frame.to_dict("records")
        for record in rows:
            for place, column in enumerate((*shown, *own)):
                self._cell(sheet, row, place, record.get(column.name), column, table)
            row += 1
        if examples:
            last = max(row, DATA_ROWS)
            for place, column in enumerate(shown):
                self._validation(sheet, place, column, table, last)
            sheet.autofilter(1, 0, max(row - 1, _HEAD_ROWS), len(shown) + len(own) - 1)
        else:
            sheet.set_tab_color(theme.SHEET_COLORS["tab"])

    def _heading_of(self, column: Column, table: str) -> str:
        if column.name == NOTE:
            return _say("note", self.language)
        return theme.column(column.name, language=self.language, layer=table)

    def _own(self, frame: pd.DataFrame | None, shown: Iterable[Column]) -> list[Column]:
        """Name the columns of the user's own, which go on at the right."""
        taken = {column.name for column in (*shown, *RECORDED)}
        names = [] if frame is None else [str(name) for name in frame.columns]
        return [Column(name=name, kind=Kind.TEXT) for name in names if name not in taken]

    def _example(self, sheet: Any, row: int, table: str, shown: Iterable[Column]) -> None:
        said: dict[str, Any] = {NOTE: _say("example", self.language), **FIRST_ROWS[table]}
        for place, column in enumerate(shown):
            value: Any = said.get(column.name)
            if column.kind is Kind.DATE and value is not None:
                value = pd.Timestamp(value)
            self._cell(sheet, row, place, value, column, table, example=True)

    def _cell(
        self,
        sheet: Any,
        row: int,
        place: int,
        value: Any,
        column: Column,
        table: str,
        *,
        example: bool = False,
    ) -> None:
        """Write a value in the form of its column; text from data is never a formula."""
        look = self._format(column.kind, example=example)
        # Missing values of every kind: None, NaT, NA, nan.
        if value is None or value is pd.NaT or value is pd.NA or value != value:
            if example:
                sheet.write_blank(row, place, None, look)
            return
        if isinstance(value, pd.Timestamp):
            look = self._format(Kind.DATE, example=example)
            sheet.write_datetime(row, place, value.to_pydatetime().replace(tzinfo=None), look)
        elif isinstance(value, (bool, np.bool_)) and column.kind is not Kind.FLAG:
            sheet.write_boolean(row, place, bool(value), look)
        elif column.kind is Kind.FLAG:
            sheet.write_string(row, place, _say("yes" if value else "no", self.language), look)
        elif isinstance(value, str):
            text = value
            if column.choices:
                text = theme.choice(value, name=column.name, language=self.language, layer=table)
            sheet.write_string(row, place, text, look)
        else:
            sheet.write_number(row, place, float(value), look)

    def _validation(self, sheet: Any, place: int, column: Column, table: str, last: int) -> None:
        """Give a column its drop-down, or the rule for its values."""
        rule: dict[str, Any] | None = None
        if column.choices:
            shown = [
                theme.choice(one, name=column.name, language=self.language, layer=table)
                for one in column.choices
            ]
            rule = {"validate": "list", "source": shown}
        elif column.name in ("zone_id", "parcel_id") and table not in LISTS:
            # A warning, not a stop: a lot may be in the ledger before it is on the list.
            source = "zones" if column.name == "zone_id" else "parcels"
            rule = {"validate": "list", "source": self._range(source), "error_type": "warning"}
        elif column.name == "project_id" and table == "ledger":
            rule = {"validate": "list", "source": self._range("projects"), "error_type": "warning"}
        elif column.kind is Kind.DATE:
            rule = {"validate": "date", "criteria": ">=", "value": dt.date(1950, 1, 1)}
        elif column.kind in (Kind.NUMBER, Kind.COUNT):
            rule = {"validate": "decimal", "criteria": ">" if column.positive else ">=", "value": 0}
        if rule is not None:
            title = self._heading_of(column, table)[:32]
            message = _say(f"error_{rule['validate']}", self.language)
            sheet.data_validation(
                _HEAD_ROWS,
                place,
                last,
                place,
                rule | {"error_title": title, "error_message": message},
            )

    def _range(self, table: str) -> str:
        """Name the cells that hold the ids of a table."""
        columns = columns_of(table)
        place = next(i for i, column in enumerate(columns) if column.name == TABLES[table].key[0])
        place += 1 if table in SHEETS else 0
        letter = chr(ord("A") + place)
        first = _HEAD_ROWS + (2 if table in SHEETS else 1)
        return f"='{self._sheet_name(table)}'!${letter}${first}:${letter}${DATA_ROWS}"

    def closed_lists(self) -> None:
        """Write the closed lists, so that a person can see them all at once."""
        sheet = self.book.add_worksheet(_say("lists", self.language))
        sheet.set_tab_color(theme.SHEET_COLORS["tab"])
        place, told, heads = 0, set(), set()
        for table in SHEETS:
            for column in columns_of(table):
                if column.choices and (column.name, column.choices) not in told:
                    told.add((column.name, column.choices))
                    sheet.set_column(place, place + 1, 24, self._format(Kind.TEXT))
                    sheet.write_string(0, place, self._heading_of(column, table), self._heading)
                    # Two tables may have lists of their own in columns of one name.
                    named = column.name if column.name not in heads else f"{table}.{column.name}"
                    heads.add(named)
                    sheet.write_string(0, place + 1, named, self._heading)
                    for row, one in enumerate(column.choices, start=1):
                        words = theme.choice(
                            one, name=column.name, language=self.language, layer=table
                        )
                        sheet.write_string(row, place, words)
                        sheet.write_string(row, place + 1, one, self._name)
                    place += 2
        sheet.set_row(0, 32)

    def label(self, label: Label) -> None:
        """Write the hidden sheet that says which project this is of, and what its rows were."""
        sheet = self.book.add_worksheet(LABEL)
        sheet.very_hidden()
        told = {"": label_text(label)}
        told |= {
            name: base64.b64encode(rows).decode() for name, rows in sorted(label.taken.rows.items())
        }
        for row, (name, text) in enumerate(told.items()):
            # A text that ends in a cell of its own is whole.
            cells = [text[first : first + _CELL] for first in range(0, len(text), _CELL)]
            for place, cell in enumerate((name or LABEL, *cells, ".")):
                sheet.write_string(row, place, cell)
