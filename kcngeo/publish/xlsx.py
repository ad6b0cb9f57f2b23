"""Tables as a workbook: a sheet a table, in words, typed cells, no formula from data."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
import xlsxwriter

from kcngeo.core.schema import (
    Column,
    Kind,
    Names,
    Unit,
    cell,
    contract,
    heading,
    people_are_told,
)
from kcngeo.publish.document import Document
from kcngeo.publish.form_sheet import FormSheet
from kcngeo.publish.format_table import declared, number_format
from kcngeo.theme import table_title, text

# A workbook says when it was made; ours says the same every time.
_CREATED = dt.datetime(2000, 1, 1)
# What a cell of a workbook holds at most, and how wide a column may grow.
_MOST_LETTERS, _MOST_WIDE = 32_767, 60
_A4 = 9
# How long a sheet's name may be, and what it may not hold.
_MOST_OF_A_NAME = 31
_BARRED = re.compile(r"[\[\]:*?/\\]")


def workbook(doc: Document) -> bytes:
    """Write the tables as an Excel workbook."""
    # Shares are numbers shown as percent, changes of rates are in points, dates are dates; every
    # text is written as text, so that none is taken for a formula or a link.
    book, buffer, formats = _begun(doc.title)
    said = [doc.said(one) for one in doc.sentences]
    lines = [doc.title, *doc.lines, *doc.warnings, "", *said, doc.errors]
    _cover(book, doc.word("summary"), lines, formats)
    for section in doc.sections:
        name = section.key
        sheet = book.add_worksheet(sheet_name(doc.word(name)))
        _fill(sheet, name, doc.tables[name], section.empty, doc.language, formats, doc.names)
    book.close()
    return buffer.getvalue()


def tables_workbook(
    tables: Mapping[str, pd.DataFrame], *, lines: Sequence[str], language: str
) -> bytes:
    """Write the tables of any product as an Excel workbook, in words."""
    book, buffer, formats = _begun(lines[0])
    _cover(book, text("report.summary", language=language), lines, formats)
    empty = text("report.empty", language=language)
    for name, frame in tables.items():
        title = table_title(name, language=language)
        _fill(book.add_worksheet(sheet_name(title)), name, frame, empty, language, formats)
    book.close()
    return buffer.getvalue()


def form_workbook(form: FormSheet) -> bytes:
    """Write a form of a return as a workbook of one sheet: numbers are numbers."""
    book, buffer, formats = _begun(form.above[0])
    sheet = book.add_worksheet(sheet_name(form.name))
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for row, line in enumerate(form.above):
        sheet.write_string(row, 0, line[:_MOST_LETTERS], formats["title"] if row == 0 else None)
    top = len(form.above) + 1
    for place, (title, decimals) in enumerate(zip(form.headings, form.decimals, strict=True)):
        sheet.write_string(top, place, title, formats["head"])
        digits = f".{'0' * decimals}" if decimals else ""
        shape = book.add_format({"num_format": f"#,##0{digits}", "valign": "top"})
        for row, cells in enumerate(form.rows, start=top + 1):
            value = cells[place]
            if isinstance(value, float):
                sheet.write_number(row, place, value, shape)
            elif value:
                sheet.write_string(row, place, value[:_MOST_LETTERS], wrapped)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, len(form.headings) - 1, 15)
    below = form.below if form.rows else (form.empty, *form.below)
    for row, line in enumerate(below, start=top + len(form.rows) + 2):
        sheet.write_string(row, 0, line[:_MOST_LETTERS])
    book.close()
    return buffer.getvalue()


def sheet_name(title: str) -> str:
    """Write a title as the name of a sheet."""
    return _BARRED.sub(" ", title)[:_MOST_OF_A_NAME].strip()


def _begun(title: str) -> tuple[Any, io.BytesIO, dict[str, Any]]:
    """Begin a workbook: it, where it is written to, and the formats of its cells."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"title": title, "created": _CREATED})
    formats: dict[str, Any] = {"date": book.add_format({"num_format": "dd/mm/yyyy"})}
    formats["head"] = book.add_format({"bold": True, "text_wrap": True, "bottom": 1})
    formats["title"] = book.add_format({"bold": True, "font_size": 14})
    formats["new"] = book.add_format
    return book, buffer, formats


def _cover(book: Any, name: str, lines: Sequence[str], formats: Mapping[str, Any]) -> None:
    sheet = book.add_worksheet(sheet_name(name))
    sheet.set_column(0, 0, 110)
    sheet.write_string(0, 0, lines[0][:_MOST_LETTERS], formats["title"])
    for row, line in enumerate(lines[1:], start=1):
        sheet.write_string(row, 0, line[:_MOST_LETTERS])


def _fill(
    sheet: Any,
    name: str,
    frame: pd.DataFrame,
    empty: str,
    language: str,
    formats: dict[str, Any],
    names: Names | None = None,
) -> None:
    """Write a table into its sheet; an empty one says why."""
    home = contract(name, computed=True)
    if home is not None:
        told = [one for one in frame.columns if people_are_told(home, str(one), names=names)]
        frame = frame[told]
    sheet.freeze_panes(1, 0)
    # On paper: across, as wide as the page, the headings on every one.
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    for place, column in enumerate(frame.columns):
        known = declared(name, column)
        title = heading(known, name=column, language=language, names=names)
        sheet.write_string(0, place, title, formats["head"])
        shape = number_format(known) if known.kind in (Kind.NUMBER, Kind.COUNT) else "date"
        if shape not in formats:
            formats[shape] = formats["new"]({"num_format": shape})
        widest = max(len(title) // 2, 8)
        tables = frame[known.named_in] if known.named_in else [""] * len(frame)
        for row, (value, table) in enumerate(zip(frame[column], tables, strict=True), start=1):
            if not pd.isna(value):
                words = partial(
                    cell,
                    known,
                    value,
                    language=language,
                    table=name,
                    row={known.named_in: table},
                    names=names,
                )
                wide = _write(sheet, (row, place), value, known, words, formats[shape])
                widest = max(widest, wide)
        sheet.set_column(place, place, min(widest + 2, _MOST_WIDE))
    if not len(frame):
        sheet.write_string(1, 0, empty)
    if len(frame.columns):
        sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)


def _write(
    sheet: Any,
    at: tuple[int, int],
    value: Any,
    column: Column,
    words: Callable[[], str],
    shape: Any,
) -> int:
    """Write a cell and tell how wide it is."""
    if column.kind is Kind.DATE:
        sheet.write_datetime(*at, value.to_pydatetime(), shape)
        return 10
    if column.kind in (Kind.NUMBER, Kind.COUNT) and math.isfinite(float(value)):
        number = float(value) * 100 if column.unit is Unit.POINTS else float(value)
        sheet.write_number(*at, number, shape)
        return 12
    text = words()[:_MOST_LETTERS]
    sheet.write_string(*at, text)
    return len(text)
