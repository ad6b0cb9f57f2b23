"""Compare the copies of a table cell by cell, whatever dialect each file writes it in."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from kcngeo.core.schema import (
    Column,
    Kind,
    Names,
    Unit,
    cell,
    in_contract,
    people_are_told,
    told_heading,
)
from kcngeo.publish.verification.copies import Copy, in_codes
from kcngeo.publish.verification.verdict import Difference

# Files for programs have four decimals; a number of a workbook has sixteen digits.
_DECIMALS, _HALF = 4, 0.5e-4
_MOST_LETTERS = 32_767


@dataclass(slots=True)
class Comparison:
    """What was compared so far, and what did not agree."""

    language: str
    names: Names | None = None
    differences: list[Difference] = field(default_factory=list)
    compared: dict[str, list[str]] = field(default_factory=dict)
    cells: int = 0
    _cells: dict[tuple[str, str, str], dict[str, str]] = field(default_factory=dict)

    def holds(self, table: str, file: str) -> None:
        """Note that a file holds a table, or figures of it."""
        files = self.compared.setdefault(table, [])
        if file not in files:
            files.append(file)

    def first(self, table: str) -> str:
        """Name the file a table was first read from."""
        return next(iter(self.compared.get(table, ())), f"{table}.csv")

    def refute(
        self, table: str, row: str, column: str, *, says: tuple[tuple[str, str], ...]
    ) -> None:
        """Note that files say different things in a cell."""
        told = self._cells.setdefault((table, row, column), {})
        told.update({name: value for name, value in says if name not in told})

    def add(self, kind: str, **fields: Any) -> None:
        """Note any other difference."""
        self.differences.append(Difference(kind=kind, **fields))

    def told(self) -> tuple[Difference, ...]:
        """Give all differences, each cell once."""
        cells = [
            Difference(kind="cell", table=table, row=row, column=column, says=tuple(says.items()))
            for (table, row, column), says in self._cells.items()
        ]
        return (*cells, *self.differences)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A table put together from the files that hold it for programs.

    Attributes
    ----------
    copy
        Its codes and days, and its numbers as finely as any file has them.
    fine
        Whether numbers have all their digits, as a workbook has them.
    """

    copy: Copy
    fine: bool

    def frames(self) -> list[pd.DataFrame]:
        """Give it as a frame; then with every number as low, and as high, as it may have been."""
        frame = self.copy.frame()
        return [frame, *(self._moved(frame, side) for side in (0, 1))]

    def _moved(self, frame: pd.DataFrame, side: int) -> pd.DataFrame:
        """Give it with every number at one end of what it may have been."""
        numbers = frame.columns[frame.dtypes == "float64"]
        ends = {
            name: [_bounds(value, fine=self.fine)[side] for value in frame[name].tolist()]
            for name in numbers
        }
        return frame.assign(**ends)


def joined(copies: Sequence[Copy], books: Sequence[Copy], seen: Comparison) -> Known | None:
    """Compare what files hold for programs and in workbooks, and put it together."""
    if not copies:
        if not books:
            return None
        for one in books:
            seen.holds(one.table, one.file)
        return Known(copy=in_codes(books[0], language=seen.language, names=seen.names), fine=True)
    base, *others = copies
    seen.holds(base.table, base.file)
    if not base.columns:
        # JSON does not say the columns of a table without rows.
        names = tuple(name for name in base.home.names if not name.endswith("*"))
        base = Copy(file=base.file, table=base.table, columns=names, rows=base.rows)
    try:
        in_contract(base.home, base.frame())
    except ValueError as error:
        seen.add("columns", table=base.table, says=((base.file, str(error)),))
        return None
    for other in others:
        seen.holds(other.table, other.file)
        _same_values(base, other, seen)
    rows, fine = [dict(row) for row in base.rows], False
    for book in books:
        seen.holds(book.table, book.file)
        fine = _same_words(base, book, rows, seen) or fine
    whole = Copy(file=base.file, table=base.table, columns=base.columns, rows=rows)
    return Known(copy=whole, fine=fine)


def _same_values(base: Copy, other: Copy, seen: Comparison) -> None:
    """Compare two files for programs."""
    if not _same_shape(base, other, seen, columns=bool(other.columns)):
        return
    for mine, theirs in zip(base.rows, other.rows, strict=True):
        for name in base.columns:
            seen.cells += 1
            if not _is_same(base.column(name), mine[name], theirs[name]):
                says = ((base.file, _said(mine[name])), (other.file, _said(theirs[name])))
                seen.refute(base.table, base.key(mine), name, says=says)


def _is_same(column: Column, mine: Any, theirs: Any) -> bool:
    """Tell whether two files for programs hold the same; one may have more digits of a number."""
    is_figure = isinstance(mine, float) and isinstance(theirs, float)
    return bool(mine == theirs or (is_figure and is_rounded(column, mine, theirs)))


def _same_words(base: Copy, book: Copy, fine: list[dict[str, Any]], seen: Comparison) -> bool:
    """Compare a file for programs with a workbook, and take the finer numbers over."""
    told = [one for one in base.columns if people_are_told(base.home, one, names=seen.names)]
    wanted = tuple(
        told_heading(base.column(name), name=name, language=seen.language, names=seen.names)
        for name in told
    )
    if not base.rows and len(book.rows) <= 1:
        return True
    if book.headings != wanted:
        says = ((base.file, ", ".join(wanted)), (book.file, ", ".join(book.headings)))
        seen.add("columns", table=base.table, says=says)
        return False
    if not _same_shape(base, book, seen, columns=False):
        return False
    for mine, shown, whole in zip(base.rows, book.rows, fine, strict=True):
        for name, says in zip(told, shown.values(), strict=True):
            seen.cells += 1
            column, value = base.column(name), mine[name]
            words = partial(
                cell,
                column,
                value,
                language=seen.language,
                table=base.table,
                row=mine,
                names=seen.names,
            )
            if not _is_shown(column, value, says, words=words):
                apart = ((base.file, _said(value)), (book.file, _said(says)))
                seen.refute(base.table, base.key(mine), name, says=apart)
            elif column.kind is Kind.NUMBER and isinstance(says, float):
                whole[name] = says / 100 if column.unit is Unit.POINTS else says
    return True


def _same_shape(base: Copy, other: Copy, seen: Comparison, *, columns: bool) -> bool:
    """Tell whether two copies have the same columns and as many rows."""
    if columns and other.columns != base.columns:
        says = ((base.file, ", ".join(base.columns)), (other.file, ", ".join(other.columns)))
        seen.add("columns", table=base.table, says=says)
        return False
    if len(base.rows) != len(other.rows):
        says = ((base.file, str(len(base.rows))), (other.file, str(len(other.rows))))
        seen.add("rows", table=base.table, says=says)
        return False
    return True


def _is_shown(column: Column, value: Any, told: Any, *, words: Callable[[], str]) -> bool:
    """Tell whether a cell of a workbook is the value of a file for programs."""
    if value is None or told is None:
        return value is None and told is None
    if column.kind in (Kind.NUMBER, Kind.COUNT):
        scale = 100 if column.unit is Unit.POINTS else 1
        return isinstance(told, float | int) and is_rounded(column, value, told / scale)
    if column.kind is Kind.DATE:
        return bool(value == told)
    try:
        return words()[:_MOST_LETTERS].strip() == str(told).strip()
    except (TypeError, ValueError):
        return False


def is_rounded(column: Column, value: Any, fine: float) -> bool:
    """Tell whether a value of a file for programs is a finer number, rounded as such files are.

    Examples
    --------
    >>> column = Column(name="base_ha", kind=Kind.NUMBER)
    >>> is_rounded(column, 0.3333, 1 / 3), is_rounded(column, 0.3334, 1 / 3)
    (True, False)
    """
    if not isinstance(value, float | int) or isinstance(value, bool):
        return False
    whole = column.kind is Kind.COUNT or column.unit is Unit.VND
    digits = 0 if whole else _DECIMALS
    return any(round(one, digits) + 0.0 == value for one in _near(float(fine)))


def _near(value: float) -> tuple[float, ...]:
    """Give a number and its neighbours: the last bits do not survive being written."""
    span = abs(value) * 4e-16
    return (value, value - span, value + span)


def _bounds(value: float, *, fine: bool) -> tuple[float, float]:
    """Give how low and how high the number behind a written one may be."""
    if math.isnan(value):
        return value, value
    if fine:
        _, low, high = _near(value)
        return low, high
    low, high = value - _HALF, value + _HALF
    # A number in the middle is rounded as its bits are.
    while round(low, _DECIMALS) != value:
        low = float(np.nextafter(low, value))
    while round(high, _DECIMALS) != value:
        high = float(np.nextafter(high, value))
    return low, high


def _said(value: Any) -> str:
    """Write a value as its file has it."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.{_DECIMALS}f}" if round(value, _DECIMALS) == value else repr(value)
    return str(value)
