"""The tables of a month as a workbook: a sheet a table, typed cells, no formula from data."""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
import xlsxwriter

from kcngeo.core.schema import Column, Kind, Unit, cell, heading
from kcngeo.publish.document import Document, Section
from kcngeo.publish.format_table import declared, number_format

# A workbook says when it was made; ours says the same every time.
_CREATED = dt.datetime(2000, 1, 1)
# What a cell of a workbook holds at most, and how wide a column may grow.
_MOST_LETTERS, _MOST_WIDE = 32_767, 60


def workbook(doc: Document) -> bytes:
    """Write the tables as an Excel workbook.

    Shares are numbers shown as percent, changes of rates are in points, dates are dates; every text
    is written as text, so that none is taken for a formula or a link.

    Parameters
    ----------
    doc
        The report.

    Returns
    -------
    bytes
        The file's content; the same report gives the same bytes.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"title": doc.title, "created": _CREATED})
    formats: dict[str, Any] = {"date": book.add_format({"num_format": "dd/mm/yyyy"})}
    formats["head"] = book.add_format({"bold": True, "text_wrap": True, "bottom": 1})
    formats["title"] = book.add_format({"bold": True, "font_size": 14})
    _cover(book, doc, formats)
    for section in doc.sections:
        _sheet(book, doc, section, formats)
    book.close()
    return buffer.getvalue()


def _cover(book: Any, doc: Document, formats: Mapping[str, Any]) -> None:
    sheet = book.add_worksheet(doc.word("summary")[:31])
    sheet.set_column(0, 0, 110)
    sheet.write_string(0, 0, doc.title, formats["title"])
    lines = [*doc.lines, *doc.warnings, "", *(doc.said(one) for one in doc.sentences), doc.errors]
    for row, line in enumerate(lines, start=1):
        sheet.write_string(row, 0, line[:_MOST_LETTERS])


def _sheet(book: Any, doc: Document, section: Section, formats: dict[str, Any]) -> None:
    name = section.key
    frame = doc.tables[name]
    sheet = book.add_worksheet(doc.word(name)[:31])
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(frame.columns):
        known = declared(name, column)
        title = heading(known, name=column, language=doc.language)
        sheet.write_string(0, place, title, formats["head"])
        shape = number_format(known) if known.kind in (Kind.NUMBER, Kind.COUNT) else "date"
        if shape not in formats:
            formats[shape] = book.add_format({"num_format": shape})
        widest = max(len(title) // 2, 8)
        for row, value in enumerate(frame[column], start=1):
            if not pd.isna(value):
                wide = _write(sheet, (row, place), value, known, name, doc, formats[shape])
                widest = max(widest, wide)
        sheet.set_column(place, place, min(widest + 2, _MOST_WIDE))
    if not len(frame):
        # An empty sheet says why.
        sheet.write_string(1, 0, section.empty)
    if len(frame.columns):
        sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)


def _write(
    sheet: Any,
    at: tuple[int, int],
    value: Any,
    column: Column,
    table: str,
    doc: Document,
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
    text = cell(column, value, language=doc.language, table=table)[:_MOST_LETTERS]
    sheet.write_string(*at, text)
    return len(text)
