"""What lies behind a change of land: leases, clearance, surveys, uses, splits, corrections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from kcngeo.analysis.change.levels import (
    LEVELS,
    moves_between,
    number_of,
    parcel_names,
    standing,
)
from kcngeo.core.days import ALWAYS, OPEN, day_numbers
from kcngeo.fill import Book, zone_days
from kcngeo.ledger import entry_names
from kcngeo.standards import FillDefinition

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


def between_dates(book: Book, one: FillDefinition, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """List the causes between the first and the last date, by zone, day and parcel.

    Parameters
    ----------
    book
        Zones, parcels and ledger, joined.
    one
        The fill-rate definition.
    dates
        Reporting dates, ascending; what happens after the first counts.

    Returns
    -------
    pd.DataFrame
        ``zone_id``, ``on``, ``cause``, ``parcel_ids``, ``entries`` (joined by "|"), and the changes
        ``leased`` and ``base`` in mm².
    """
    first, last = number_of(dates[0]), number_of(dates[-1])
    moves = moves_between(book, one, first, last)
    rows = _split(_joined_lineage(book, moves), book, one)
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
        As :func:`between_dates` gives it, every cause "correction".
    """
    stood, stands = (standing(book, one, on) for book in books)
    both = stood.add_suffix("_old").join(stands.add_suffix("_new"), how="outer").fillna(0.0)
    rows = pd.DataFrame(
        {name: both[f"{name}_new"] - both[f"{name}_old"] for name in ("leased", "base")}
    )
    rows = rows[(rows != 0).any(axis=1)].reset_index()
    known = [book.tables.ledger for book in books]
    changed = pd.concat(
        [
            known[0].drop(index=known[1].index, errors="ignore"),
            known[1].drop(index=known[0].index, errors="ignore"),
        ]
    )
    names = pd.Series(entry_names(changed, np.arange(len(changed))), dtype="str")
    names = names.groupby(changed["parcel_id"].to_numpy()).agg(_bar)
    rows["entries"] = names.reindex(rows["parcel_ids"]).to_numpy()
    return rows.assign(cause="correction", on=on)


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
    return _listed(rows.assign(cause="zone_boundary", parcel_ids="", entries=""), book)


def _joined_lineage(book: Book, moves: pd.DataFrame) -> pd.DataFrame:
    """Take a parcel and what it became as one on the day of the split or merge."""
    moves = moves.assign(unit=moves["parcel"])
    for child, parent, number in _births(book):
        day_of = (moves["day"] == number).to_numpy()
        unit = moves["unit"].to_numpy()
        mine = day_of & np.isin(moves["parcel"], [child, parent])
        if mine.any():
            # Whoever was joined with either of them before is joined with both now.
            moves.loc[day_of & np.isin(unit, unit[mine]), "unit"] = unit[mine].min()
    moves["parcel_ids"] = parcel_names(book, moves["parcel"])
    if (moves["unit"] == moves["parcel"]).all():
        return moves
    doubled = moves.duplicated(["zone", "unit", "day"], keep=False)
    figures = [name for level in LEVELS for name in (level, f"{level}_before")]
    together = moves[doubled].groupby(["zone", "unit", "day"])
    joined = together[figures].sum().join(together["parcel_ids"].agg(_bar)).reset_index()
    return pd.concat([moves[~doubled], joined], ignore_index=True)


def _births(book: Book) -> Iterator[tuple[int, int, int]]:
    """Go through the parcels that name their parents: child, parent, and the day it came."""
    tables = book.tables
    if "parents" not in tables.parcels.columns:
        return
    named = tables.parcels["parents"].fillna("").to_numpy(dtype=object)
    code = dict(zip(tables.parcels["parcel_id"], tables.parcel, strict=True))
    for row in np.flatnonzero(named != ""):
        for parent in named[row].split("|"):
            if parent in code:
                yield int(tables.parcel[row]), int(code[parent]), int(tables.start[row])


def _split(moves: pd.DataFrame, book: Book, one: FillDefinition) -> pd.DataFrame:
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
        part = moves[["zone", "unit", "day", "parcel_ids"]].assign(leased=leased, base=bases)
        kept = part[(part["leased"] != 0) | (part["base"] != 0)].copy()
        kept["cause"] = _named(cause, kept, moves.loc[kept.index], book)
        parts.append(kept)
    rows = pd.concat(parts, ignore_index=True)
    rows["entries"] = _entries_of(rows, book)
    return _listed(rows, book)


def _named(cause: str, rows: pd.DataFrame, moves: pd.DataFrame, book: Book) -> Any:
    if cause == "lease":
        return np.where(rows["leased"] > 0, "lease_begun", "lease_ended")
    if cause == "clearance":
        return "clearance"
    tables = book.tables
    span = int(tables.parcel.max(initial=0)) + 1
    key = (rows["day"] * span + rows["unit"]).to_numpy()
    begun, ended = (days * span + tables.parcel for days in (tables.start, tables.end))
    goes_on = np.isin(key, begun) & np.isin(key, ended)
    came = (moves["area_before"] == 0).to_numpy()
    went = (moves["area_before"] + moves["area"] == 0).to_numpy()
    return np.select(
        [(came | went) & goes_on, came, went],
        ["change_of_use", "parcel_added", "parcel_removed"],
        default="resurvey",
    )


def _entries_of(rows: pd.DataFrame, book: Book) -> pd.Series:
    """Name the entries of a row's parcels that begin or end on its day, joined by "|"."""
    tables = book.tables
    row, place = _entries_on(rows, book)
    # Each entry is named once, and of most rows there is one.
    entries, nth = np.unique(place, return_inverse=True)
    names = np.array(entry_names(tables.ledger, entries), dtype=object)[nth]
    told = np.full(len(rows), np.nan, dtype=object)
    first = np.flatnonzero(np.diff(row, prepend=-1))
    count = np.diff(first, append=len(row))
    told[row[first]] = names[first]
    for start, several in zip(first[count > 1], count[count > 1], strict=True):
        told[row[start]] = "|".join(sorted(names[start : start + several]))
    return pd.Series(told, index=rows.index, dtype="str")


def _entries_on(rows: pd.DataFrame, book: Book) -> tuple[Any, Any]:
    """Match rows with the entries that begin or end there: places of both, sorted by row."""
    tables = book.tables
    begun, ended = tables.ledger["valid_from"], tables.ledger.get("valid_to")
    size, span = len(tables.ledger), int(tables.entry_parcel.max(initial=0)) + 1
    days = np.concatenate(
        [
            day_numbers(begun, missing=ALWAYS, length=size),
            day_numbers(ended, missing=OPEN, length=size),
        ]
    )
    # Only what happens in the days told of has to be sorted.
    near = np.flatnonzero((days >= rows["day"].min()) & (days <= rows["day"].max()))
    entry = near % max(size, 1)
    event = days[near] * span + tables.entry_parcel[entry]
    order = np.argsort(event, kind="stable")
    event, entry = event[order], entry[order]
    row, parcel = _members(rows, book)
    key = rows["day"].to_numpy()[row] * span + parcel
    first, last = (np.searchsorted(event, key, side=side) for side in ("left", "right"))
    count = last - first
    nth = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    found = np.sort(np.repeat(row, count) * size + entry[np.repeat(first, count) + nth])
    found = found[np.diff(found, prepend=-1) > 0]
    return np.divmod(found, max(size, 1))


def _members(rows: pd.DataFrame, book: Book) -> tuple[Any, Any]:
    """Give the parcels of each row by their numbers; only a split or merge has several."""
    joined = rows["parcel_ids"].str.contains("|", regex=False).to_numpy(dtype=bool)
    single = np.flatnonzero(~joined)
    row, parcel = list(single), list(rows["unit"].to_numpy()[single])
    if joined.any():
        code = dict(zip(book.tables.parcels["parcel_id"], book.tables.parcel, strict=True))
        for place in np.flatnonzero(joined):
            members = rows["parcel_ids"].iloc[place].split("|")
            row += [place] * len(members)
            parcel += [code[name] for name in members]
    return np.asarray(row, dtype="int64"), np.asarray(parcel, dtype="int64")


def _listed(rows: pd.DataFrame, book: Book) -> pd.DataFrame:
    """Name zones and days."""
    days = rows["day"].to_numpy(dtype="int64").astype("datetime64[D]")
    return rows.assign(
        zone_id=pd.array(book.zone_ids[rows["zone"].to_numpy(dtype="int64")], dtype="str"),
        on=days.astype("datetime64[s]"),
    ).drop(columns=["zone", "day"])


def _bar(values: pd.Series) -> str:
    return "|".join(sorted(values))
