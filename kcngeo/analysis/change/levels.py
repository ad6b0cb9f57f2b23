"""How the land of every parcel stands and moves, day by day, in whole mm²."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kcngeo.fill import Book
from kcngeo.ledger import MEMOS, PARTS
from kcngeo.standards import FillDefinition

_LEASED = PARTS.index("leased")
_UNCLEARED = PARTS.index("uncleared")
_HELD = len(PARTS) + MEMOS.index("uncleared_held")
_LEASED_UNCLEARED = len(PARTS) + MEMOS.index("leased_uncleared")

# What is followed of a parcel, and which part of the holdings enters where.
LEVELS = ("area", "leased", "blocked", "early")
_COLUMN = np.full(len(PARTS) + len(MEMOS), -1)
_COLUMN[[_LEASED, _UNCLEARED, _HELD, _LEASED_UNCLEARED]] = 1, 2, 2, 3


def moves_between(book: Book, one: FillDefinition, first: int, last: int) -> pd.DataFrame:
    """Give what changes of each parcel on each day in (first, last], and how it stood before.

    In mm²: the levels of :func:`levels`, and with ``_before`` those at the end of the day before.

    Parameters
    ----------
    book
        Zones, parcels and ledger, joined.
    one
        The fill-rate definition.
    first
        Number of the first day.
    last
        Number of the last day, included.

    Returns
    -------
    pd.DataFrame
        ``zone``, ``parcel``, ``day`` and the levels.
    """
    parcel, day_of, change, level = levels(book, one, first, last)
    rows = np.flatnonzero((day_of > first) & change.any(axis=1))
    zone, parcel = _divided(book, parcel[rows])
    moves = {"zone": zone, "parcel": parcel, "day": day_of[rows]}
    change, level = change[rows], level[rows]
    for at, name in enumerate(LEVELS):
        moves |= {name: change[:, at], f"{name}_before": (level - change)[:, at]}
    return pd.DataFrame(moves)


def levels(book: Book, one: FillDefinition, first: int, last: int) -> tuple[Any, Any, Any, Any]:
    """Follow every parcel of a zone from the first day to the last.

    Gives a row a parcel and day: the parcel in its zone, the day, and in mm² the change of that day
    and the level it leads to. The levels are ``area`` that counts, ``leased``, ``blocked`` (not
    cleared, held or not) and ``early`` (let before it was cleared). What stands on the first day is
    given as the change of that day.

    Parameters
    ----------
    book
        Zones, parcels and ledger, joined.
    one
        The fill-rate definition.
    first
        Number of the first day.
    last
        Number of the last day, included.

    Returns
    -------
    tuple
        Parcel in its zone, number of the day, change and level (mm², a column a level).
    """
    tables, held = book.tables, book.held
    whole = book.version_mm2(one, np.arange(first, last + 1))
    counted = np.flatnonzero(whole > 0)
    rows = np.flatnonzero((whole[held.version] > 0) & (_COLUMN[held.part] >= 0))
    part_of = held.version[rows]
    part_mm2 = np.rint(held.upper[rows] * whole[part_of])
    part_mm2 -= np.rint(held.lower[rows] * whole[part_of])
    version = np.concatenate([counted, part_of])
    column = np.concatenate([np.zeros(len(counted), dtype="int64"), _COLUMN[held.part[rows]]])
    start = np.concatenate([tables.start[counted], held.start[rows]])
    end = np.concatenate([tables.end[counted], held.end[rows]])
    amount = np.concatenate([whole[counted], part_mm2])
    # What stands at the beginning is entered on the first day, which no change can have.
    begins, ends = (start <= last) & (end > first), (end > first) & (end <= last)
    row = np.concatenate([np.flatnonzero(begins), np.flatnonzero(ends)])
    when = np.concatenate([np.maximum(start[begins], first), end[ends]]) - first
    signed = np.concatenate([amount[begins], -amount[ends]])
    unit = book.group[version[row]] * _span(book) + tables.parcel[version[row]]
    key, place = np.unique(unit * (last - first + 1) + when, return_inverse=True)
    size = len(key) * len(LEVELS)
    change = np.bincount(place * len(LEVELS) + column[row], weights=signed, minlength=size)
    change = change.reshape(-1, len(LEVELS))
    unit, when = np.divmod(key, last - first + 1)
    level = change.cumsum(axis=0)
    fresh = np.flatnonzero(np.diff(unit, prepend=-1))
    level -= np.repeat(level[fresh] - change[fresh], np.diff(fresh, append=len(unit)), axis=0)
    return unit, when + first, change, level


def standing(book: Book, one: FillDefinition, on: pd.Timestamp) -> pd.DataFrame:
    """Give numerator and base of every parcel on a day, in mm², where its zone counts.

    Parameters
    ----------
    book
        Zones, parcels and ledger, joined.
    one
        The fill-rate definition.
    on
        The day.

    Returns
    -------
    pd.DataFrame
        ``leased`` and ``base`` by zone_id and parcel_ids.
    """
    number = number_of(on)
    unit, _, _, level = levels(book, one, number, number)
    zone, parcel = _divided(book, unit)
    area, leased, blocked, early = level.T
    clears = one.base == "cleared"
    rows = pd.DataFrame(
        {
            "zone_id": book.zone_ids[zone],
            "parcel_ids": parcel_names(book, parcel),
            "leased": leased - clears * early,
            "base": 0.0 if one.base == "zone" else area - clears * blocked,
        }
    )
    return rows.set_index(["zone_id", "parcel_ids"])


def _span(book: Book) -> int:
    return int(book.tables.parcel.max(initial=0)) + 1


def _divided(book: Book, unit: Any) -> tuple[Any, Any]:
    """Take a parcel in its zone apart into the numbers of both."""
    return np.divmod(unit, _span(book))


def parcel_names(book: Book, codes: Any) -> Any:
    """Name parcels by their numbers in the book.

    Parameters
    ----------
    book
        Zones, parcels and ledger, joined.
    codes
        Numbers of parcels in the book.

    Returns
    -------
    NDArray
        Their parcel_id.
    """
    tables = book.tables
    first = np.zeros(int(tables.parcel.max(initial=0)) + 1, dtype="int64")
    first[tables.parcel[::-1]] = np.arange(len(tables.parcel))[::-1]
    return tables.parcels["parcel_id"].to_numpy(dtype=object)[first[np.asarray(codes)]]


def number_of(date: pd.Timestamp) -> int:
    """Give the number of a day, counted from 1970-01-01.

    Parameters
    ----------
    date
        The day.

    Returns
    -------
    int
        The number.
    """
    return int(date.to_datetime64().astype("datetime64[D]").astype("int64"))
