"""Tables as a workbook: a sheet a table, in words, typed cells, no formula from data."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
import xlsxwriter

from kcngeo.core.schema import Names, told_heading
from kcngeo.publish.document import Document
from kcngeo.publish.form_sheet import FormSheet
from kcngeo.publish.format_table import declared
from kcngeo.publish.month_tables import NAMES
from kcngeo.publish.xlsx_figures import figure_charts, figure_formats, write_figures
from kcngeo.publish.xlsx_table import (
    A4,
    LINE,
    MOST_LETTERS,
    Placed,
    leave_unprinted,
    lines_of,
    print_as,
    print_table,
    set_widths,
    write_table,
)
from kcngeo.theme import table_title, text

# A workbook says when it was made; ours says the same every time.
_CREATED = dt.datetime(2000, 1, 1)
# Letters that every office has, or others of their widths: columns are as wide on every machine.
_LETTERS = {"font_name": "Arial", "font_size": 10}
# Letters across a page of sentences, and the lines a page takes.
_COVER, _COVER_LINES = 84, 48
# Letters that go into the first column of a form and into each of the others.
_FORM_LINES, _FORM_COLUMN = 26, 15
# Pages of a month on paper, a sheet a page; and what is no page: it stands among the figures of the
# first sheet (zones at a glance, month by month), or is for whoever looks something up.
_MOST_PAGES = 20
_UNPRINTED = ("overview", "series", "published_causes", "definitions", "rules", NAMES)
# Of other products: what is read a row at a time, if ever.
_LOOKED_UP = ("built", "return_rows", NAMES)
# How long a sheet's name may be, and what it may not hold.
_MOST_OF_A_NAME = 31
_BARRED = re.compile(r"[\[\]:*?/\\]")


MOST_ROWS = 1_048_575
"""Rows that a sheet takes below its headings; a table that has more goes on in another sheet."""


def workbook(doc: Document) -> bytes:
    """Write the tables as an Excel workbook, a sheet of figures first."""
    # Shares are numbers shown as percent, changes of rates are in points, dates are dates; every
    # text is written as text, so that none is taken for a formula or a link.
    book, buffer, formats = _begun(doc.title)
    figures = book.add_worksheet(sheet_name(doc.word("figures_sheet")))
    cover = book.add_worksheet(sheet_name(doc.word("summary")))
    placed: dict[str, Placed] = {}
    unprinted: list[str] = []
    going_on: list[str] = []
    for section in doc.sections:
        name, told = section.key, section.table
        placed[name], *others = _fill(
            book,
            doc.word(name),
            name,
            doc.tables[name],
            section.empty,
            doc.language,
            formats,
            doc.names,
            main=told.headings if told is not None and name not in _UNPRINTED else None,
        )
        for one in others:
            leave_unprinted(one, title=section.title)
            going_on.append(one.sheet.get_name())
        # Beside the tables two pages are printed: figures and summary.
        is_left = name in _UNPRINTED or doc.tables[name].empty
        if is_left or len(placed) - len(unprinted) > _MOST_PAGES - 2:
            leave_unprinted(placed[name], title=section.title)
            unprinted.append(section.title)
        else:
            print_table(placed[name], title=section.title, language=doc.language)
    charts = figure_charts(book, doc, placed)
    formats.update(figure_formats(book))
    write_figures(figures, doc, formats=formats, charts=charts)
    said = [doc.said(one) for one in doc.sentences]
    told_left = _unprinted(unprinted, doc.language)
    warnings = [*doc.warnings, *_told(going_on, doc.language)]
    lines = [doc.title, *doc.lines, *warnings, *told_left, "", *said, doc.errors]
    _cover(cover, lines, formats, language=doc.language, is_cut=True)
    book.close()
    return buffer.getvalue()


def tables_workbook(
    tables: Mapping[str, pd.DataFrame],
    *,
    lines: Sequence[str],
    language: str,
    names: Names | None = None,
) -> bytes:
    """Write the tables of any product as an Excel workbook, in words."""
    book, buffer, formats = _begun(lines[0])
    cover = book.add_worksheet(sheet_name(text("report.summary", language=language)))
    empty = text("report.empty", language=language)
    unprinted: list[str] = []
    going_on: list[str] = []
    for name, frame in tables.items():
        title = table_title(name, language=language)
        main = _answered(name, frame, language=language, names=names)
        placed = _fill(book, title, name, frame, empty, language, formats, names, main=main)
        is_left = name in _LOOKED_UP or frame.empty
        unprinted += [title] if is_left else []
        for one in placed:
            if is_left:
                leave_unprinted(one, title=title)
            else:
                print_table(one, title=title, language=language, is_cut=False)
        going_on += [one.sheet.get_name() for one in placed[1:]]
    told_left = _unprinted(unprinted, language)
    _cover(cover, [*lines, *_told(going_on, language), *told_left], formats, language=language)
    book.close()
    return buffer.getvalue()


def form_workbook(form: FormSheet) -> bytes:
    """Write a form of a return as a workbook of one sheet: numbers are numbers."""
    book, buffer, formats = _begun(form.above[0])
    sheet = book.add_worksheet(sheet_name(form.name))
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    last, wide = len(form.headings) - 1, _FORM_LINES

    def say(row: int, line: str, name: str = "words", *, larger: float = 1.0) -> None:
        # One that ran on to the right would be cut on paper, or make the page as wide as itself.
        sheet.merge_range(row, 0, row, last, line[:MOST_LETTERS], formats[name])
        across = int((wide + last * _FORM_COLUMN) / larger)
        sheet.set_row(row, LINE * larger * lines_of(line, across))

    say(0, form.above[0], "heading", larger=1.3)
    for row, line in enumerate(form.above[1:], start=1):
        say(row, line)
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
                sheet.write_string(row, place, value[:MOST_LETTERS], formats["words"])
    sheet.set_column(0, 0, wide)
    sheet.set_column(1, last, _FORM_COLUMN)
    below = form.below if form.rows else (form.empty, *form.below)
    first = top + len(form.rows) + 2
    for row, line in enumerate(below, start=first):
        say(row, line)
    sheet.print_area(0, 0, first + len(below), last)
    book.close()
    return buffer.getvalue()


def sheet_name(title: str, number: int = 1) -> str:
    """Write a title as the name of a sheet, or of one in which its table goes on."""
    ending = f" ({number})" if number > 1 else ""
    return _BARRED.sub(" ", title)[: _MOST_OF_A_NAME - len(ending)].strip() + ending


def _told(going_on: Sequence[str], language: str) -> list[str]:
    """Say in which sheets tables go on that are longer than a sheet."""
    sheets = "; ".join(going_on)
    return [text("workbook.goes_on", language=language, sheets=sheets)] if going_on else []


def _unprinted(titles: Sequence[str], language: str) -> list[str]:
    """Say which tables stand in the workbook alone."""
    sheets = "; ".join(titles)
    return [text("workbook.unprinted", language=language, sheets=sheets)] if titles else []


def _answered(
    name: str, frame: pd.DataFrame, *, language: str, names: Names | None
) -> list[str] | None:
    """Give the headings of columns that hold something, which come first; None where none does.

    The rows of a finding are not for paper: its words name the first, and say how many more.
    """
    held = frame.columns[(frame.notna() & (frame != "")).any()]
    held = held.drop("ids", errors="ignore") if name == "findings" else held
    told = partial(told_heading, language=language, names=names)
    return [told(declared(name, one), name=one) for one in map(str, held)] or None


class _Formats(dict[Any, Any]):
    """Formats of cells by their name; one of numbers is made when it is first asked for."""

    def __init__(self, book: Any) -> None:
        self.book = book
        top, head = {"valign": "top"}, {"bold": True, "text_wrap": True, "bottom": 1}
        # Words stand off from the figures before them.
        words = top | {"indent": 1, "align": "left"}
        super().__init__(
            date=book.add_format(top | {"num_format": "dd/mm/yyyy"}),
            head=book.add_format(words | head),
            figures=book.add_format(top | head | {"align": "right"}),
            title=book.add_format({"bold": True, "font_size": 14, "indent": 1}),
            heading=book.add_format(words | {"text_wrap": True, "bold": True, "font_size": 13}),
            words=book.add_format(words | {"text_wrap": True}),
            line=book.add_format(words),
        )

    def __missing__(self, shape: str) -> Any:
        self[shape] = self.book.add_format({"num_format": shape, "valign": "top"})
        return self[shape]


def _begun(title: str) -> tuple[Any, io.BytesIO, _Formats]:
    """Begin a workbook: it, where it is written to, and the formats of its cells."""
    buffer = io.BytesIO()
    # A copy: XlsxWriter notes things in it, and the second workbook of a program would differ.
    asked = {"in_memory": True, "default_format_properties": dict(_LETTERS)}
    book = xlsxwriter.Workbook(buffer, asked)
    book.set_properties({"title": title, "created": _CREATED})
    return book, buffer, _Formats(book)


def _cover(
    sheet: Any,
    lines: Sequence[str],
    formats: Mapping[Any, Any],
    *,
    language: str,
    is_cut: bool = False,
) -> None:
    """Write lines below a title; of a month those are printed that a page takes."""
    sheet.set_column(0, 0, _COVER)
    sheet.write_string(0, 0, lines[0][:MOST_LETTERS], formats["title"])
    high, shown = 0, 0
    for row, line in enumerate(lines[1:], start=1):
        sheet.write_string(row, 0, line[:MOST_LETTERS], formats["words"])
        high += -(-len(line) * 11 // (_COVER * 10)) or 1
        shown = row if high <= _COVER_LINES else shown
    left = len(lines) - 1 - shown if is_cut else 0
    notes = [text("workbook.rows_left", language=language, count=left)] if left else []
    print_as(sheet, title=lines[0], notes=notes, is_wide=False)
    sheet.print_area(0, 0, len(lines) - 1 - left, 0)


def _fill(
    book: Any,
    title: str,
    name: str,
    frame: pd.DataFrame,
    empty: str,
    language: str,
    formats: Mapping[Any, Any],
    names: Names | None = None,
    main: Sequence[str] | None = None,
) -> list[Placed]:
    """Write a table into its sheet, and into others where it is longer; an empty one says why."""
    made = []
    for number, first in enumerate(range(0, max(len(frame), 1), MOST_ROWS), start=1):
        rows = frame.iloc[first : first + MOST_ROWS]
        sheet = book.add_worksheet(sheet_name(title, number))
        sheet.freeze_panes(1, 0)
        placed = write_table(
            sheet, name, rows, language=language, formats=formats, names=names, main=main
        )
        set_widths(placed)
        if not len(rows):
            sheet.write_string(1, 0, empty)
        if placed.columns:
            sheet.autofilter(0, 0, len(rows), len(placed.columns) - 1)
        made.append(placed)
    return made
