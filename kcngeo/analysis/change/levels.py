"""How the land of every parcel stands and moves, day by day, in whole mm²."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.fill import Book
from kcngeo.ledger import MEMOS, PARTS
from kcngeo.standards import FillDefinition

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_LEASED = PARTS.index("leased")
_UNCLEARED = PARTS.index("uncleared")
_HELD = len(PARTS) + MEMOS.index("uncleared_held")
_LEASED_UNCLEARED = len(PARTS) + MEMOS.index("leased_uncleared")

LEVELS = ("area", "leased", "blocked", "early")
"""What is followed of a parcel: the area that counts, what of it is let, not cleared (held or not),
and let before it was cleared."""

# Which part of the holdings enters where.
_COLUMN = np.full(len(PARTS) + len(MEMOS), -1)
_COLUMN[[_LEASED, _UNCLEARED, _HELD, _LEASED_UNCLEARED]] = 1, 2, 2, 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lots:
    """Parcels of zones; a parcel that changes its zone is another lot there.

    Attributes
    ----------
    of_version
        Of each parcel version, its lot.
    zone
        Of each lot, the position of its zone.
    parcel
        Of each lot, the number of its parcel.
    """

    of_version: Ints
    zone: Ints
    parcel: Ints

    @classmethod
    def of(cls, book: Book) -> Lots:
        """Number the lots: a parcel's own number in its first zone, higher ones elsewhere.

        Parameters
        ----------
        book
            Zones, parcels and ledger, joined.

        Returns
        -------
        Lots
            The lots.
        """
        parcel = book.tables.parcel
        count = int(parcel.max(initial=-1)) + 1
        home = np.zeros(count, dtype="int64")
        home[parcel[::-1]] = book.group[::-1]
        moved = np.flatnonzero(book.group != home[parcel])
        pairs, number = np.unique(book.group[moved] * count + parcel[moved], return_inverse=True)
        of_version = parcel.copy()
        of_version[moved] = count + number
        elsewhere = np.divmod(pairs, max(count, 1))
        return cls(
            of_version=of_version,
            zone=np.concatenate([home, elsewhere[0]]),
            parcel=np.concatenate([np.arange(count), elsewhere[1]]),
        )


def moves_between(book: Book, lots: Lots, whole_mm2: Floats, first: int, last: int) -> pd.DataFrame:
    """Give what changes of each lot on each day in (first, last], and how it stood before.

    Parameters
    ----------
    book
        Zones, parcels and ledger, joined.
    lots
        Its lots.
    whole_mm2
        Of each parcel version, the area that counts.
    first
        Number of the first day.
    last
        Number of the last day, included.

    Returns
    -------
    pd.DataFrame
        ``lot``, ``day``, the changes of :data:`LEVELS` in mm², and with ``_before``
        how they stood at the end of the day before.
    """
    lot, column, start, end, amount = _pieces(book, lots, whole_mm2, first, last)
    stood = _stood(lots, lot, column, start, amount, first)
    begun, ended = np.flatnonzero(start > first), np.flatnonzero(end <= last)
    piece = np.concatenate([begun, ended])
    day_of = np.concatenate([start[begun], end[ended]]) - first
    signed = np.concatenate([amount[begun], -amount[ended]])
    span = last - first + 1
    key, place = np.unique(lot[piece] * span + day_of, return_inverse=True)
    size = len(key)
    flat = np.bincount(
        column[piece] * size + place, weights=signed, minlength=size * len(LEVELS)
    ).reshape(len(LEVELS), size)
    lot, day_of = np.divmod(key, span)
    # In whole numbers: the running sum over a country's parcels is still exact.
    exact = flat.astype("int64")
    before = exact.cumsum(axis=1) - exact
    fresh = np.flatnonzero(np.diff(lot, prepend=-1))
    before -= np.repeat(before[:, fresh], np.diff(fresh, append=size), axis=1)
    rows = np.flatnonzero(flat.any(axis=0))
    lot = lot[rows]
    moves = {"lot": lot, "day": day_of[rows] + first}
    for at, name in enumerate(LEVELS):
        moves |= {name: flat[at, rows], f"{name}_before": before[at, rows] + stood[at, lot]}
    return pd.DataFrame(moves)


def standing(book: Book, one: FillDefinition, on: pd.Timestamp) -> pd.DataFrame:
    """Give numerator and base of every parcel on a day, in mm².

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
    number, lots = number_of(on), Lots.of(book)
    whole_mm2 = book.version_mm2(one, np.array([number]))
    lot, column, start, _, amount = _pieces(book, lots, whole_mm2, number, number)
    stood = _stood(lots, lot, column, start, amount, number)
    there = np.flatnonzero(stood.any(axis=0))
    area, leased, blocked, early = stood[:, there]
    clears = one.base == "cleared"
    rows = pd.DataFrame(
        {
            "zone_id": book.zone_ids[lots.zone[there]],
            "parcel_ids": parcel_names(book, lots.parcel[there]),
            "leased": leased - clears * early,
            "base": 0.0 if one.base == "zone" else area - clears * blocked,
        }
    )
    return rows.set_index(["zone_id", "parcel_ids"])


def _pieces(
    book: Book, lots: Lots, whole_mm2: Floats, first: int, last: int
) -> tuple[Ints, Ints, Ints, Ints, Floats]:
    """List what adds to a level of a lot between two days: lot, level, start, end and mm²."""
    tables, held = book.tables, book.held
    area = np.flatnonzero((whole_mm2 > 0) & (tables.start <= last) & (tables.end > first))
    counts = (_COLUMN[held.part] >= 0) & (whole_mm2[held.version] > 0)
    part = np.flatnonzero(counts & (held.start <= last) & (held.end > first))
    version = held.version[part]
    amount = np.rint(held.upper[part] * whole_mm2[version])
    amount -= np.rint(held.lower[part] * whole_mm2[version])
    return (
        lots.of_version[np.concatenate([area, version])],
        np.concatenate([np.zeros(len(area), dtype="int64"), _COLUMN[held.part[part]]]),
        np.concatenate([tables.start[area], held.start[part]]),
        np.concatenate([tables.end[area], held.end[part]]),
        np.concatenate([whole_mm2[area], amount]),
    )


def _stood(lots: Lots, lot: Ints, column: Ints, start: Ints, amount: Floats, first: int) -> Floats:
    """Sum what has begun by the first day: levels × lots."""
    size, there = len(lots.zone), np.flatnonzero(start <= first)
    sums = np.bincount(
        column[there] * size + lot[there], weights=amount[there], minlength=size * len(LEVELS)
    )
    return np.asarray(sums.reshape(len(LEVELS), size))


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
    ExtensionArray
        Their parcel_id.
    """
    tables = book.tables
    first = np.zeros(int(tables.parcel.max(initial=0)) + 1, dtype="int64")
    first[tables.parcel[::-1]] = np.arange(len(tables.parcel))[::-1]
    return tables.parcels["parcel_id"].array.take(first[np.asarray(codes)])


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
