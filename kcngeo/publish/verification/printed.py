"""Compare what a page prints with the tables it is printed from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from kcngeo.core.schema import Names
from kcngeo.publish.document import printed
from kcngeo.publish.format_table import Shown
from kcngeo.publish.month_tables import ids_of
from kcngeo.publish.verification.comparison import Comparison, Known
from kcngeo.publish.verification.page import Page, PageTable

# Control characters but for blanks; a place that is unknown is none.
_LACKING = re.compile("[\x01-\x08\x0e-\x1b\ufffe\uffff]")
UNKNOWN = "\x00"
"""Stands where the folder does not say what an id is called."""


def expected(known: Known, *, on: pd.Timestamp, language: str, names: Names | None) -> list[Shown]:
    """Put a table into words, as often as its numbers may be rounded differently."""
    table = known.copy.table
    frames = known.frames()
    called = _unknown(known) if names is None else names
    return [printed(table, frame, on=on, language=language, names=called)[0] for frame in frames]


def _unknown(known: Known) -> Names:
    """Say of every id that nobody says what it is called."""
    called: dict[str, dict[str, str]] = {}
    frame = known.copy.frame()
    for column in known.copy.columns:
        for table, one in ids_of(known.copy.home, column, frame):
            called.setdefault(table, {})[one] = UNKNOWN
    return called


def compare_page(
    file: str, page: Page, wanted: Mapping[str, list[Shown]], seen: Comparison
) -> dict[str, Shown]:
    """Compare the tables of a page; give what is printed, as far as the page agrees."""
    told = {}
    for table, variants in wanted.items():
        found = page.tables.get(table, PageTable())
        fitting = _fitting(file, table, found, variants, seen)
        if fitting and fitting[0].rows:
            seen.holds(table, file)
            told[table] = _cells(file, found, fitting, seen)
    return told


def _fitting(
    file: str, table: str, found: PageTable, variants: Sequence[Shown], seen: Comparison
) -> list[Shown]:
    """Give the variants with the page's columns; a page that has none of them is refuted."""
    first = variants[0]
    if len(found.rows) != len(first.rows):
        says = ((seen.first(table), str(len(first.rows))), (file, str(len(found.rows))))
        seen.add("rows", table=table, says=says)
        return []
    if not first.rows:
        return list(variants)
    fitting = [one for one in variants if _is_like(one.headings, found.headings)]
    if not fitting or any(len(row) != len(found.headings) for row in found.rows):
        says = ((seen.first(table), ", ".join(first.headings)), (file, ", ".join(found.headings)))
        seen.add("columns", table=table, says=says)
        return []
    return fitting


def _is_like(wanted: Sequence[str], found: Sequence[str]) -> bool:
    """Tell whether headings are those of a page, as far as they are known."""
    both = zip(wanted, found, strict=False)
    return len(wanted) == len(found) and all(UNKNOWN in one or one == told for one, told in both)


def _cells(file: str, found: PageTable, fitting: Sequence[Shown], seen: Comparison) -> Shown:
    """Compare cell by cell; give the page's texts where they agree."""
    first, rows = fitting[0], []
    table = first.name
    for at, row in enumerate(found.rows):
        kept = []
        for place, text in enumerate(row):
            seen.cells += 1
            may_be = [one.rows[at][place] for one in fitting]
            if UNKNOWN in may_be[0] or _plain(text) in map(_plain, may_be):
                kept.append(text)
                continue
            says = ((seen.first(table), may_be[0]), (file, text))
            seen.refute(first.name, row_name(first.rows[at]), first.headings[place], says=says)
            kept.append(may_be[0])
        rows.append(tuple(kept))
    return Shown(
        name=first.name, headings=first.headings, is_number=first.is_number, rows=tuple(rows)
    )


def row_name(cells: Sequence[str]) -> str:
    """Name a row by what stands first in it."""
    return " · ".join(one for one in cells[:3] if one and UNKNOWN not in one)


def _plain(text: str) -> str:
    """Write a text as it comes back from a page, or from XML, which lacks some characters."""
    return " ".join(_LACKING.sub("\ufffd", text.encode("utf-8", "replace").decode()).split())
