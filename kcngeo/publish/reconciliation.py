"""Lease lists beside the ledger, for people: a few lines, or the whole table as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo import theme
from kcngeo.core.schema import COMPUTED, TABLES, Column, Kind, cell, value_words
from kcngeo.publish.csv import csv_bytes
from kcngeo.publish.xlsx import tables_workbook

if TYPE_CHECKING:
    from kcngeo.update import Reconciliation

SUFFIXES = (".csv", ".xlsx")
"""Endings of files the table can be written as."""

_NAME, _SIDES = "reconciliation", ("before", "after")
_MOST_LINES = 20
_SHOWN_FIRST = ("missing", "left_out", "ended", "changed", "new")
# What a person asks first; what else is known of a line stands behind it.
_PRINTED_FIRST = ["kind", "cell", "parcel_id", "investor", "difference_m2", "columns", *_SIDES]
_PRINTED_FIRST += ["listed_ha", "ledger_ha"]


def reconciliation_lines(one: Reconciliation, *, language: str) -> list[str]:
    """Say what became of a list: how many lines of each kind, and the lines that matter."""
    counts = one.counts()
    kinds = [kind for kind in (*_SHOWN_FIRST, "unchanged") if kind in counts]
    fields = {
        "path": one.source,
        "on": theme.date(one.on, language=language),
        "counts": ", ".join(f"{_kind(kind, language)} {counts[kind]}" for kind in kinds),
    }
    lines = [theme.text("cli.list_counts", language=language, **fields)]
    order = [kind for kind in _SHOWN_FIRST if kind in counts]
    rows = [row for kind in order for row in _rows(one.table[one.table["kind"] == kind])]
    for row in rows[:_MOST_LINES]:
        parts = [_named(row), _said(row["investor"]), _edits(row, language)]
        told = " · ".join(part for part in parts if part)
        lines.append(f"  {_kind(row['kind'], language)}: {told}")
    if len(rows) > _MOST_LINES:
        count = len(rows) - _MOST_LINES
        lines.append(f"  {theme.text('cli.list_more', language=language, count=count)}")
    return lines


def total_line(one: Reconciliation, *, language: str) -> str:
    """Say both totals; where they differ, the lines that make the difference."""
    fields = {
        "on": theme.date(one.on, language=language),
        "listed": theme.number(one.listed_ha, language=language, decimals=4),
        "ledger": theme.number(one.ledger_ha, language=language, decimals=4),
    }
    some = one.table[one.table["difference_m2"].round() != 0]
    if one.agrees and some.empty:
        return theme.text("cli.list_total", language=language, **fields)
    order = some["difference_m2"].abs().sort_values(ascending=False, kind="stable").index
    told = [
        f"{_named(row)} {theme.signed(row['difference_m2'], language=language, decimals=0)} m²"
        for row in _rows(some.loc[order])
    ]
    fields["difference"] = theme.signed(one.difference_m2, language=language, decimals=0)
    more = len(told) - _MOST_LINES
    if more > 0:
        last = theme.text("cli.list_more", language=language, count=more)
        told = [*told[:_MOST_LINES], last]
    fields["lines"] = "; ".join(told)
    key = "cli.list_total_rounded" if one.agrees else "cli.list_total_differs"
    return theme.text(key, language=language, **fields)


def reconciliation_file(
    made: Sequence[Reconciliation], *, suffix: str, language: str
) -> bytes | None:
    """Write all lists beside the ledger as one table; None where there is no list."""
    if not made:
        return None
    whole = pd.concat([one.table for one in made], ignore_index=True)
    if suffix.lower() == ".csv":
        return csv_bytes(whole, name=_NAME)
    title = theme.table_title(_NAME, language=language)
    lines = [title, *(total_line(one, language=language) for one in made)]
    rows = _rows(whole[["columns", *_SIDES]])
    told = {side: ["|".join(_values(row, side, language)) for row in rows] for side in _SIDES}
    order = [*_PRINTED_FIRST, *whole.columns.difference(_PRINTED_FIRST, sort=False)]
    return tables_workbook({_NAME: whole.assign(**told)[order]}, lines=lines, language=language)


def _rows(table: pd.DataFrame) -> list[dict[Any, Any]]:
    return table.to_dict("records")


def _kind(kind: str, language: str) -> str:
    return theme.text(f"reconciliation_kind.{kind}", language=language)


def _named(row: Mapping[Any, Any]) -> str:
    """Name a line by its cell and lot, an entry by its id too."""
    words = dict.fromkeys(_said(row[name]) for name in ("cell", "parcel_id", "entry"))
    return " ".join(word for word in words if word)


def _said(value: Any) -> str:
    return "" if pd.isna(value) else str(value)


def _edits(row: Mapping[Any, Any], language: str) -> str:
    """Write the edits of a line: what, from what, to what."""
    if not row["columns"]:
        return ""
    names = row["columns"].split("|")
    sides = (_values(row, side, language) for side in _SIDES)
    return "; ".join(
        f"{value_words(_column(), name, language=language)} {was} → {now}"
        for name, was, now in zip(names, *sides, strict=True)
    )


def _values(row: Mapping[Any, Any], side: str, language: str) -> list[str]:
    """Write the values of a line before or after its edits, in the reader's form."""
    names, values = row["columns"].split("|"), row[side].split("|")
    return [
        _value(name, value, language) for name, value in zip(names, values, strict=True) if name
    ]


def _value(name: str, value: str, language: str) -> str:
    """Write a value of the ledger that stands in the table as programs write it."""
    known = TABLES["ledger"].column(name)
    typed = {Kind.DATE: pd.Timestamp, Kind.NUMBER: float}.get(known.kind) if known else None
    if known is None or typed is None or not value:
        return value or "–"
    return cell(known, typed(value), language=language, table="ledger")


def _column() -> Column:
    return next(one for one in COMPUTED[_NAME].columns if one.name == "columns")
