"""What lies behind a change of land: leases, clearance, surveys, uses, splits, corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.analysis.change.levels import (
    LEVELS,
    Lots,
    moves_between,
    number_of,
    parcel_names,
    standing,
)
from kcngeo.core.dates import ALWAYS, OPEN, day_numbers, in_force
from kcngeo.fill import Book, zone_days
from kcngeo.ledger import entry_labels
from kcngeo.standards import FillDefinition

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

CAUSES = (
    "lease_begun",
    "lease_ended",
    "clearance",
    "resurvey",
    "change_of_use",
    "parcel_added",
    "parcel_removed",
    "zone_boundary",
    "correction",
)
"""Causes of a change; ``zone_boundary`` is the polygon of the zone, which only "gross" counts."""


# Causes are numbered as they sort.
CAUSE_NAMES = tuple(sorted(CAUSES))
_CODES = {cause: code for code, cause in enumerate(CAUSE_NAMES)}

# A lot and a day in one sortable number.
_SPAN = 2 * OPEN + 1


def between_dates(
    book: Book, one: FillDefinition, dates: pd.DatetimeIndex, *, whole_mm2: Floats
) -> pd.DataFrame:
    """List the causes between the first and the last date, by zone, day and parcel.

    Parameters
    ----------
    book
        Zones, parcels and ledger, joined.
    one
        The fill-rate definition.
    dates
        Reporting dates, ascending; what happens after the first counts.
    whole_mm2
        Of each parcel version, the area that counts.

    Returns
    -------
    pd.DataFrame
        ``zone`` (its position in the book), ``day`` (its number), ``cause`` (its position in
        :data:`CAUSE_NAMES`), ``parcel_ids``, ``entries`` (joined by "|"), and the changes
        ``leased`` and ``base`` in mm².
    """
    lots = Lots.of(book)
    moves = moves_between(book, lots, whole_mm2, number_of(dates[0]), number_of(dates[-1]))
    moves["zone"] = lots.zone[moves["lot"]]
    moves["parcel_ids"] = parcel_names(book, lots.parcel[moves["lot"]])
    moves["entries"] = _entries_of(moves, book, lots)
    rows = _split(_joined_lineage(moves, book, lots), book, lots, one)
    if one.base == "zone":
        rows = pd.concat([rows, _boundaries(book, one, dates)], ignore_index=True)
    return rows


def corrections(books: list[Book], one: FillDefinition, on: pd.Timestamp) -> pd.DataFrame:
    """List by parcel how the state on a day differs between two times of knowledge.

    Parameters
    ----------
    books
        The book as known before and as known now.
    one
        The fill-rate definition.
    on
        The day.

    Returns
    -------
    pd.DataFrame
        As :func:`between_dates` gives it, every cause "correction", but with ``zone_id`` for
        ``zone``: a zone may be known to one of the books only.
    """
    stood, stands = (standing(book, one, on) for book in books)
    both = stood.add_suffix("_old").join(stands.add_suffix("_new"), how="outer").fillna(0.0)
    rows = pd.DataFrame(
        {name: both[f"{name}_new"] - both[f"{name}_old"] for name in ("leased", "base")}
    )
    rows = rows[(rows != 0).any(axis=1)].reset_index()
    # Entries that do not speak of the day have changed nothing on it.
    known = [in_force(book.tables.ledger, on) for book in books]
    changed = pd.concat(
        [
            known[0].drop(index=known[1].index, errors="ignore"),
            known[1].drop(index=known[0].index, errors="ignore"),
        ]
    )
    names = entry_labels(changed, np.arange(len(changed)))
    names = names.groupby(changed["parcel_id"].to_numpy()).agg(_bar)
    rows["entries"] = names.reindex(rows["parcel_ids"]).to_numpy()
    if one.base == "zone":
        rows = pd.concat([rows, _fences(books, one, on)], ignore_index=True)
    return rows.assign(cause=_CODES["correction"], day=number_of(on))


def _fences(books: list[Book], one: FillDefinition, on: pd.Timestamp) -> pd.DataFrame:
    """List how the polygons of zones differ between two books, as "gross" counts them."""
    bases = []
    for book in books:
        total = book.totals(pd.DatetimeIndex([on]), one)[0]["base_ha"][:, 0]
        bases.append(pd.Series(total, index=pd.Index(book.zone_ids, dtype="str")))
    change = bases[1].sub(bases[0], fill_value=0.0).rename("base")
    rows = change[change != 0].rename_axis("zone_id").reset_index()
    return rows.assign(leased=0.0, parcel_ids="", entries="")


def _boundaries(book: Book, one: FillDefinition, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """List the changes of the zones' polygons, day by day, as "gross" counts them."""
    start, _ = zone_days(book.zones)
    first, last = number_of(dates[0]), number_of(dates[-1])
    days = np.unique([first, *start[(start > first) & (start <= last)]])
    when = pd.DatetimeIndex(days.astype("datetime64[D]"), name="on")
    base = book.totals(when, one)[0]["base_ha"]
    zone, place = np.nonzero(np.diff(base, axis=1))
    rows = pd.DataFrame({"zone": zone, "day": days[place + 1], "leased": 0.0})
    rows["base"] = np.diff(base, axis=1)[zone, place]
    return rows.assign(cause=_CODES["zone_boundary"], parcel_ids="", entries="")


def _joined_lineage(moves: pd.DataFrame, book: Book, lots: Lots) -> pd.DataFrame:
    """Take a parcel and what it became as one on the day of the split or merge."""
    pairs = _births(book, lots)
    if not len(pairs):
        return moves
    days = _lot_days(moves["lot"], moves["day"])
    pairs = pairs[np.isin(pairs, days).all(axis=1)]
    events, place = np.unique(days, return_inverse=True)
    one, other = np.searchsorted(events, pairs.T)
    unit = np.arange(len(events))
    # Whoever is joined with either of the two is joined with both.
    while (unit[one] != unit[other]).any():
        least = np.minimum(unit[one], unit[other])
        np.minimum.at(unit, one, least)
        np.minimum.at(unit, other, least)
    moves["lot"] = (events[unit] // _SPAN)[place]
    keys = ["zone", "lot", "day"]
    doubled = moves.duplicated(keys, keep=False)
    together = moves[doubled].groupby(keys)
    joined = together[[name for level in LEVELS for name in (level, f"{level}_before")]].sum()
    for name in ("parcel_ids", "entries"):
        joined[name] = together[name].agg(_bar)
    return pd.concat([moves[~doubled], joined.reset_index()], ignore_index=True)


def _births(book: Book, lots: Lots) -> Ints:
    """Pair each new lot with those that ended for it, both as of the day; a row a pair."""
    tables = book.tables
    named = tables.parcels.get("parents", pd.Series(dtype="str"))
    rows = np.flatnonzero(named.notna())
    if not len(rows):
        return np.empty((0, 2), dtype="int64")
    parents = pd.Series(named.to_numpy()[rows], index=rows).str.split("|").explode()
    ids = pd.Index(parcel_names(book, np.arange(tables.parcel.max(initial=-1) + 1)))
    parent = ids.get_indexer(parents)
    child = parents.index.to_numpy(dtype="int64")[parent >= 0]
    # The parent's lot is the one it ended in.
    ended = _lot_days(tables.parcel, tables.end)
    order = np.argsort(ended)
    asked = _lot_days(parent[parent >= 0], tables.start[child])
    place = np.searchsorted(ended, asked, sorter=order)
    last = order[np.minimum(place, len(order) - 1)]
    found = ended[last] == asked
    child, last = child[found], last[found]
    day_of = tables.start[child]
    pairs = (_lot_days(lots.of_version[version], day_of) for version in (child, last))
    return np.column_stack([*pairs])


def _lot_days(lot: Any, day_of: Any) -> Ints:
    return np.asarray(lot, dtype="int64") * _SPAN + np.asarray(day_of, dtype="int64") + OPEN


def _split(moves: pd.DataFrame, book: Book, lots: Lots, one: FillDefinition) -> pd.DataFrame:
    """Split what changes into causes: the shape or use first, then leases and clearance."""
    share = np.divide(
        moves["area"],
        moves["area_before"],
        out=np.zeros(len(moves)),
        where=moves["area_before"] > 0,
    )
    by_shape = {name: np.rint(share * moves[f"{name}_before"]) for name in LEVELS[1:]}
    rest = {name: moves[name] - by_shape[name] for name in LEVELS[1:]}
    clears = one.base == "cleared"
    base = 0 if one.base == "zone" else 1
    causes = {
        "shape": (
            by_shape["leased"] - clears * by_shape["early"],
            base * moves["area"] - clears * by_shape["blocked"],
        ),
        # Let before it is cleared: nothing changes until it is.
        "lease": (rest["leased"] - clears * rest["early"] * (rest["blocked"] == 0), 0),
        "clearance": (
            -clears * rest["early"] * (rest["blocked"] != 0),
            -clears * rest["blocked"],
        ),
    }
    parts = []
    for cause, (leased, bases) in causes.items():
        part = moves[["zone", "day", "parcel_ids", "entries"]].assign(leased=leased, base=bases)
        kept = np.flatnonzero((part["leased"] != 0) | (part["base"] != 0))
        part = part.iloc[kept]
        parts.append(
            part.assign(cause=_caused(cause, part["leased"], moves.iloc[kept], book, lots))
        )
    return pd.concat(parts, ignore_index=True)


def _caused(cause: str, leased: pd.Series, moves: pd.DataFrame, book: Book, lots: Lots) -> Any:
    """Name the causes of rows by their codes."""
    if cause == "lease":
        return np.where(leased > 0, _CODES["lease_begun"], _CODES["lease_ended"])
    if cause == "clearance" or moves.empty:
        return _CODES["clearance"]
    key = _lot_days(moves["lot"], moves["day"])
    begun, ended = (
        np.isin(key, _lot_days(lots.of_version, days))
        for days in (book.tables.start, book.tables.end)
    )
    came = (moves["area_before"] == 0).to_numpy()
    went = (moves["area_before"] + moves["area"] == 0).to_numpy()
    named = ["change_of_use", "parcel_added", "parcel_removed"]
    return np.select(
        [(came | went) & begun & ended, came, went],
        [_CODES[name] for name in named],
        default=_CODES["resurvey"],
    )


def _entries_of(moves: pd.DataFrame, book: Book, lots: Lots) -> pd.Series:
    """Name the entries that begin or end on the day of each move, joined by "|"."""
    tables, size = book.tables, len(book.tables.ledger)
    begun, ended = tables.ledger["valid_from"], tables.ledger.get("valid_to")
    days = np.concatenate(
        [
            day_numbers(begun, missing=ALWAYS, length=size),
            day_numbers(ended, missing=OPEN, length=size),
        ]
    )
    # Only what happens in the days told of has to be sorted.
    near = np.flatnonzero((days >= moves["day"].min()) & (days <= moves["day"].max()))
    entry = near % max(size, 1)
    event = _lot_days(tables.entry_parcel[entry], days[near])
    order = np.argsort(event, kind="stable")
    event, entry = event[order], entry[order]
    key = _lot_days(lots.parcel[moves["lot"]], moves["day"])
    first, last = (np.searchsorted(event, key, side=side) for side in ("left", "right"))
    names = entry_labels(tables.ledger, entry)
    several = np.flatnonzero(last - first > 1)
    texts = names.to_numpy(dtype=object)
    pairs = zip(first[several], last[several], strict=True)
    joined = pd.Series(["|".join(sorted(texts[low:high])) for low, high in pairs], dtype="str")
    place = np.where(first < last, first, -1)
    place[several] = len(names) + np.arange(len(several))
    told = pd.concat([names, joined]).array.take(place, allow_fill=True)
    return pd.Series(told, index=moves.index)


def _bar(values: pd.Series) -> str | None:
    """Join names; what is joined already is taken apart first."""
    return "|".join(sorted("|".join(values.dropna()).split("|"))) or None
