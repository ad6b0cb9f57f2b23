"""The tables of a month as a workbook: a sheet a table, typed cells, no formula from data."""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
import xlsxwriter

from kcngeo.publish.document import Document, Section
from kcngeo.publish.format_table import heading, kind_of, word

# A workbook says when it was made; ours says the same every time.
_CREATED = dt.datetime(2000, 1, 1)
_FORMATS: Mapping[str, str] = {
    "date": "dd/mm/yyyy",
    "share": "0.00%",
    "points": "+0.0000;-0.0000;0.0000",
    "ha": "#,##0.0000",
    "signed_ha": "+#,##0.0000;-#,##0.0000;0.0000",
    "measured": "#,##0.0000",
    "number": "#,##0.00",
    "count": "0",
}
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
    formats = {kind: book.add_format({"num_format": shape}) for kind, shape in _FORMATS.items()}
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


def _sheet(book: Any, doc: Document, section: Section, formats: Mapping[str, Any]) -> None:
    name = section.key
    frame = doc.tables[name]
    sheet = book.add_worksheet(doc.word(name)[:31])
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(frame.columns):
        kind = kind_of(name, column, frame)
        title = heading(column, language=doc.language)
        sheet.write_string(0, place, title, formats["head"])
        widest = max(len(title) // 2, 8)
        for row, value in enumerate(frame[column], start=1):
            if not pd.isna(value):
                widest = max(
                    widest, _write(sheet, row, place, value, (name, column, kind), doc, formats)
                )
        sheet.set_column(place, place, min(widest + 2, _MOST_WIDE))
    if not len(frame):
        # An empty sheet says why.
        sheet.write_string(1, 0, section.empty)
    if len(frame.columns):
        sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)


def _write(
    sheet: Any,
    row: int,
    place: int,
    value: Any,
    where: tuple[str, str, str],
    doc: Document,
    formats: Mapping[str, Any],
) -> int:
    """Write a cell and tell how wide it is."""
    table, column, kind = where
    if kind == "date":
        sheet.write_datetime(row, place, value.to_pydatetime(), formats["date"])
        return 10
    if kind in formats and math.isfinite(float(value)):
        number = float(value) * 100 if kind == "points" else float(value)
        sheet.write_number(row, place, number, formats[kind])
        return 12
    if kind == "word":
        value = word(table, column, value, language=doc.language)
    if kind == "flag":
        value = doc.word("yes" if value else "no")
    text = str(value)[:_MOST_LETTERS]
    sheet.write_string(row, place, text)
    return len(text)
