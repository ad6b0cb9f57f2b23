"""A table in a sheet of a workbook: words and typed cells, widths by content, and its paper."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kcngeo import theme
from kcngeo.core.schema import (
    Column,
    Kind,
    Names,
    Unit,
    cell,
    contract,
    people_are_told,
    told_heading,
)
from kcngeo.publish.format_table import declared, number_format

MOST_LETTERS = 32_767
"""What a cell of a workbook holds at most."""

A4 = 9
"""How Excel numbers this paper."""
# How wide columns are: figures and days; words before they go on in the next line, where the page
# is full and where it is not.
_FIGURES, _WIDEST, _MOST_WIDE = 11, 30, 60
# Letters of 10 points that go beside each other on A4 across, in whatever font a machine has for
# ours, and the most that are printed:
# 10 × 120 / 164 are 7.3 points.
_ACROSS, _MOST_ACROSS = 120, 164
# Points between the margins of A4 across, and how much of them is counted on: letters differ.
_DOWN, _SURE = 487, 0.9
LINE = 13.5
"""Points of a line of 10 points."""

# Rates, which are shares that bars compare: 0 to 1.
_BARS = "fill_rate"
_BAR = {
    "type": "data_bar",
    "bar_solid": True,
    "bar_color": theme.REST,
    "min_type": "num",
    "min_value": 0,
    "max_type": "num",
    "max_value": 1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a table stands in its sheet.

    Attributes
    ----------
    sheet
        The sheet.
    columns
        Number of each column.
    widths
        Their widths (letters).
    heights
        Heights of the headings and of each row (points).
    top
        Row of the headings.
    main
        How many of its columns are for paper.
    """

    sheet: Any
    columns: Mapping[str, int]
    widths: tuple[int, ...]
    heights: tuple[float, ...]
    top: int
    main: int

    @property
    def scale(self) -> float:
        """How large it is printed: 1 is 10 points."""
        return min(1.0, _ACROSS / max(sum(self.widths[: self.main]), 1))

    def rows_on(self, above: float = 0.0) -> int:
        """Count the rows that a page surely takes below so many points."""
        left = _DOWN * _SURE / self.scale - above - self.heights[0]
        for row, height in enumerate(self.heights[1:]):
            left -= height
            if left < 0:
                return row
        return len(self.heights) - 1

    def at(self, column: str, first: int, last: int) -> list[Any]:
        """Give the cells of a column from a row of the table to another, as charts read them."""
        place = self.columns[column]
        return [self.sheet.get_name(), self.top + 1 + first, place, self.top + 1 + last, place]


def write_table(
    sheet: Any,
    name: str,
    frame: pd.DataFrame,
    *,
    language: str,
    formats: Mapping[Any, Any],
    names: Names | None = None,
    main: Sequence[str] | None = None,
    top: int = 0,
    is_fine: bool = True,
) -> Placed:
    """Write a table into a sheet, the columns that are meant for paper first."""
    home = contract(name, computed=True)
    told = [
        str(one)
        for one in frame.columns
        if home is None or people_are_told(home, str(one), names=names)
    ]
    titles = {
        one: told_heading(declared(name, one), name=one, language=language, names=names)
        for one in told
    }
    on_paper = [one for one in told if main is None or titles[one] in main]
    order = [*on_paper, *(one for one in told if one not in on_paper)]
    said = {one: _words(name, frame, one, language=language, names=names) for one in order}
    least = {one: _least(titles[one], declared(name, one), frame[one]) for one in order}
    widths = _widths({one: (least[one], said[one]) for one in order}, on_paper)
    across = [sum(widths[: place + 1]) for place in range(len(on_paper))]
    on_page = max(sum(wide <= _MOST_ACROSS for wide in across), min(len(across), 1))
    lines = [1] * (len(frame) + 1)
    for place, one in enumerate(order):
        known, is_wrapped = declared(name, one), place < on_page
        is_number = known.kind in (Kind.NUMBER, Kind.COUNT)
        sheet.write_string(top, place, titles[one], formats["figures" if is_number else "head"])
        shape = formats["words" if is_wrapped else "line"]
        numbers = number_format(known, is_fine=is_fine) if is_number else "date"
        cells = formats[numbers], shape
        _write(sheet, (top, place), known, frame[one], said[one], cells)
        for row, words in enumerate((titles[one], *said[one])):
            # Only what is for paper goes on in the next line: rows stay as high as it needs.
            if words is not None and is_wrapped:
                lines[row] = max(lines[row], lines_of(words, widths[place]))
        if one.startswith(_BARS) and len(frame):
            sheet.conditional_format(top + 1, place, top + len(frame), place, _BAR)
    return Placed(
        sheet=sheet,
        columns={one: place for place, one in enumerate(order)},
        widths=tuple(widths),
        heights=tuple(float(LINE * count) for count in lines),
        top=top,
        main=on_page,
    )


def print_as(
    sheet: Any, *, title: str = "", notes: Sequence[str] = (), is_wide: bool = True
) -> None:
    """Print a sheet on A4 as wide as the page, its title above, its page and notes below."""
    if is_wide:
        sheet.set_landscape()
    else:
        sheet.set_portrait()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.65, bottom=0.65)
    # A footer takes 255 letters, and has its own meaning of "&".
    said = " ".join(notes).replace("&", "&&")[:200]
    sheet.set_header(f"&L{title.replace('&', '&&')[:200]}")
    sheet.set_footer(f"&L{said}&R&P/&N")


def print_table(placed: Placed, *, title: str, language: str, is_cut: bool = True) -> None:
    """Print the main columns of a table, and a page of its rows; what is left out is told."""
    rows, columns = len(placed.heights) - 1, len(placed.widths)
    shown = placed.rows_on() if is_cut else rows
    notes = []
    if shown < rows:
        notes.append(theme.text("workbook.rows_left", language=language, count=rows - shown))
    if placed.main < columns:
        left = columns - placed.main
        notes.append(theme.text("workbook.columns_left", language=language, count=left))
    print_as(placed.sheet, title=title, notes=notes)
    placed.sheet.repeat_rows(placed.top)
    # Of a table without rows the sentence in their place is printed.
    placed.sheet.print_area(0, 0, placed.top + max(shown, 1), max(placed.main, 1) - 1)


def leave_unprinted(placed: Placed, *, title: str) -> None:
    """Print nothing of a sheet: the cell beside its table is empty."""
    # Who chooses another area has the page of the other sheets.
    print_as(placed.sheet, title=title)
    placed.sheet.repeat_rows(placed.top)
    beside = len(placed.widths) + 1
    placed.sheet.print_area(0, beside, 0, beside)


def set_widths(placed: Placed) -> None:
    """Make the columns of a sheet as wide as its table asks."""
    for place, width in enumerate(placed.widths):
        placed.sheet.set_column(place, place, width)


def _words(
    name: str, frame: pd.DataFrame, column: str, *, language: str, names: Names | None
) -> list[str | None]:
    """Give the words of a column's cells, None of figures, days and what is missing."""
    known = declared(name, column)
    # What else of a row its words hang on.
    beside = [one for one in (column, "zone_id", known.named_in) if one in frame]
    rows = frame[[*dict.fromkeys(beside)]].to_dict("records")
    said: list[str | None] = []
    for value, row in zip(frame[column], rows, strict=True):
        if pd.isna(value) or _is_typed(known, value):
            said.append(None)
            continue
        words = cell(known, value, language=language, table=name, row=row, names=names)
        said.append(words[:MOST_LETTERS])
    return said


def _is_typed(column: Column, value: Any) -> bool:
    """Tell whether a cell is a day or a number for Excel too, which knows no infinite ones."""
    if column.kind in (Kind.NUMBER, Kind.COUNT):
        return math.isfinite(float(value))
    return column.kind is Kind.DATE


def _write(
    sheet: Any,
    at: tuple[int, int],
    column: Column,
    values: pd.Series,
    said: Sequence[str | None],
    shapes: tuple[Any, Any],
) -> None:
    """Write the cells of a column below its heading, each as what it is: a figure, or words."""
    top, place = at
    figure, shape = shapes
    for row, (value, words) in enumerate(zip(values, said, strict=True), start=top + 1):
        if words is not None:
            sheet.write_string(row, place, words, shape)
        elif pd.isna(value):
            continue
        elif column.kind is Kind.DATE:
            sheet.write_datetime(row, place, value.to_pydatetime(), figure)
        else:
            number = float(value) * 100 if column.unit is Unit.POINTS else float(value)
            sheet.write_number(row, place, number, figure)


def _least(title: str, column: Column, values: pd.Series) -> int:
    """Give the letters that a title's longest word, a day or the longest figure needs."""
    word = max(len(one) for one in title.split()) + 3
    if column.kind not in (Kind.NUMBER, Kind.COUNT):
        return max(word, _FIGURES)
    highest = pd.to_numeric(values).astype("float64").abs().replace(math.inf, math.nan).max()
    # With the decimals that are shown, a comma each three digits, a sign.
    figure = 0 if pd.isna(highest) else len(f"{highest:,.0f}") + max(column.decimals, 4) + 3
    return max(word, _FIGURES, figure)


def _widths(
    columns: Mapping[str, tuple[int, Sequence[str | None]]], on_paper: Sequence[str]
) -> list[int]:
    """Give widths by content: on paper as narrow as they must, as wide as the page allows."""

    def width(least: int, said: Sequence[str | None], most: int) -> int:
        letters = [len(one) + 3 for one in said if one is not None]
        return max(least, min(max(letters, default=0), most))

    def widths(most: int) -> list[int]:
        return [
            width(*cells, most if one in on_paper else _MOST_WIDE) for one, cells in columns.items()
        ]

    fitting = [
        most
        for most in range(_WIDEST, _MOST_WIDE, 2)
        if sum(widths(most)[: len(on_paper)]) <= _ACROSS
    ]
    return widths(max(fitting, default=_WIDEST))


def lines_of(words: str, width: int) -> int:
    """Count the lines that words take in a column; words do not fill every line."""
    return math.ceil(1.1 * len(words) / width) if len(words) + 2 > width else 1
