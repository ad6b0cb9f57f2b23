"""Why a fill rate moved: an exact decomposition, down to the entries.

Between two dates let land goes from L1 to L2 and the base from B1 to B2. The change of the rate is

    (L2 − L1) / B1  +  L2 · (1/B2 − 1/B1),

the numerator at the old base, then the base. Both are linear in the changes of L and B, so a cause
that changes them by ΔL and ΔB adds ΔL/B1 − L2·ΔB/(B1·B2), and all causes add up to the change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.days import ALWAYS, OPEN, DateError, Day, day, day_numbers, month_ends
from kcngeo.core.units import hectares
from kcngeo.fill import Book, zone_days
from kcngeo.ledger import MEMOS, PARTS, entry_names
from kcngeo.standards import FillDefinition, fill_definition

if TYPE_CHECKING:
    import geopandas as gpd
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

_LEASED = PARTS.index("leased")
_UNCLEARED = PARTS.index("uncleared")
_HELD = len(PARTS) + MEMOS.index("uncleared_held")
_LEASED_UNCLEARED = len(PARTS) + MEMOS.index("leased_uncleared")


# What is followed of a parcel, and which part of the holdings enters where.
_LEVELS = ("area", "leased", "blocked", "early")
_COLUMN = np.full(len(PARTS) + len(MEMOS), -1)
_COLUMN[[_LEASED, _UNCLEARED, _HELD, _LEASED_UNCLEARED]] = 1, 2, 2, 3

_ENTRY_COLUMNS = [
    "zone_id",
    "on",
    "cause",
    "parcel_ids",
    "entries",
    "leased_change_ha",
    "base_change_ha",
    "effect",
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Change:
    """Why rates moved between two dates.

    Attributes
    ----------
    effects
        By ``zone_id``: ``rate_start``, ``rate_end``, ``numerator_effect``, ``base_effect``,
        ``change``, and a column for each of :data:`CAUSES`; shares, missing where a base is 0.
    entries
        A row a cause, parcel and day: ``zone_id``, ``on`` (the first day of the new state; for
        corrections the start), ``cause``, ``parcel_ids`` and ``entries`` (joined by "|"),
        ``leased_change_ha``, ``base_change_ha``, ``effect`` (share). The effects of a zone's rows
        add up to its ``change``.
    """

    effects: pd.DataFrame
    entries: pd.DataFrame


def explain(
    zones: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    ledger: pd.DataFrame,
    *,
    start: Day,
    end: Day,
    definition: str,
    known_at_start: Any = None,
    known_at_end: Any = None,
    area: str = "grid",
) -> Change:
    """Explain the change of every zone's fill rate between two reporting dates.

    What begins or ends in (start, end] counts, each on its first day. Where the shape or use of a
    parcel and its lease change on one day, its share let is first taken as it was, then changed. A
    split or merge is one parcel on the day it happens. If the two states are known at different
    times, the past is corrected first, on the start date.

    Parameters
    ----------
    zones
        Zones, with their dates; projected CRS in metres.
    parcels
        Parcel versions, same CRS.
    ledger
        Entries.
    start
        The earlier reporting date.
    end
        The later reporting date.
    definition
        Id of the fill-rate definition, the same on both dates.
    known_at_start
        As what the state on ``start`` was known; see :func:`kcngeo.fill.land_account`.
    known_at_end
        As what the state on ``end`` is known.
    area
        "grid", "ellipsoid" or "certificate".

    Returns
    -------
    Change
        Effects by zone and by entry; a zone that does not count on one of the dates, or has no
        base there, has no change.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    DateError
        If ``end`` is not after ``start``.
    """
    ledger = ledger.reset_index(drop=True)
    new = Book.of(zones, parcels, ledger, known_at=known_at_end, area=area, by="zone_id")
    old = new
    if known_at_start != known_at_end:
        old = Book.of(zones, parcels, ledger, known_at=known_at_start, area=area, by="zone_id")
    return between(old, new, start=start, end=end, definition=definition)


def between(old: Book, new: Book, *, start: Day, end: Day, definition: str) -> Change:
    """Explain the change between two dates from tables that are joined already.

    Parameters
    ----------
    old
        Tables as known of the start.
    new
        Tables as known of the end; the same book if nothing was corrected.
    start
        The earlier reporting date.
    end
        The later reporting date.
    definition
        Id of the fill-rate definition, the same on both dates.

    Returns
    -------
    Change
        As :func:`explain` gives it.

    Raises
    ------
    ContractError
        If an area that counts is missing.
    DateError
        If ``end`` is not after ``start``.
    """
    dates = _period(start, end)
    one = fill_definition(definition, on=dates[0])
    before, after = (
        _states(book, one, dates[[place]]).droplevel("period")
        for place, book in enumerate((old, new))
    )
    states = before.add_suffix("_start").join(after.add_suffix("_end"), how="outer")
    causes = [_between_dates(new, one, dates)]
    if old is not new:
        causes.append(_corrections([old, new], one, dates[0]))
    entries = _with_effects(pd.concat(causes, ignore_index=True), states)
    return Change(effects=_effects(states, entries), entries=entries)


def by_month(
    zones: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    ledger: pd.DataFrame,
    *,
    start: Day,
    end: Day,
    definition: str,
    freq: str = "ME",
    known_at: Any = None,
    area: str = "grid",
) -> pd.DataFrame:
    """Explain a series step by step: what changed each month, and why.

    Parameters
    ----------
    zones
        Zones, with their dates; projected CRS in metres.
    parcels
        Parcel versions, same CRS.
    ledger
        Entries.
    start
        First day that may be reported, included.
    end
        Last day that may be reported, included.
    definition
        Id of the fill-rate definition.
    freq
        Pandas frequency of the reporting dates.
    known_at
        See :func:`kcngeo.fill.land_account`.
    area
        "grid", "ellipsoid" or "certificate".

    Returns
    -------
    pd.DataFrame
        Columns of :attr:`Change.entries` and ``period``, the reporting date a row belongs to; its
        effect is on the rate of that date against the one before.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    DateError
        If no reporting date lies in the period.
    """
    dates = month_ends(start, end, freq=freq)
    one = fill_definition(definition, on=dates[0])
    book = Book.of(zones, parcels, ledger, known_at=known_at, area=area, by="zone_id")
    causes = _between_dates(book, one, dates)
    period = dates.searchsorted(causes["on"])
    states = _states(book, one, dates)
    before = states.rename(index=lambda place: place + 1, level="period")
    steps = before.add_suffix("_start").join(states.add_suffix("_end"), how="right")
    entries = _with_effects(causes.assign(period=period), steps)
    return entries.assign(period=dates[entries["period"]])


def _period(start: Day, end: Day) -> pd.DatetimeIndex:
    dates = pd.DatetimeIndex([day(start, name="start"), day(end, name="end")], name="on")
    if dates[1] <= dates[0]:
        raise DateError("empty_period", start=dates[0].date(), end=dates[1].date(), freq="D")
    return dates


def _states(book: Book, one: FillDefinition, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """Give numerator and base in mm² of the zones that count, by (period, zone_id)."""
    totals, counts = book.totals(dates, one)
    leased, base = totals["leased_ha"], totals["base_ha"]
    if one.base == "cleared":
        leased = leased - totals["leased_uncleared_ha"]
        base = base - totals["uncleared_ha"] - totals["uncleared_held_ha"]
    zone, period = np.nonzero(counts)
    index = pd.MultiIndex.from_arrays([period, book.index()[zone]], names=["period", "zone_id"])
    return pd.DataFrame({"leased": leased[counts], "base": base[counts]}, index=index)


def _between_dates(book: Book, one: FillDefinition, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """List the causes between the first and the last date, by zone, day and parcel."""
    first, last = _day_number(dates[0]), _day_number(dates[-1])
    moves = _moves(book, one, first, last)
    rows = _split(_joined_lineage(book, moves), book, one)
    if one.base == "zone":
        rows = pd.concat([rows, _boundaries(book, one, dates)], ignore_index=True)
    return rows


def _moves(book: Book, one: FillDefinition, first: int, last: int) -> pd.DataFrame:
    """Give what changes of each parcel on each day in (first, last], and how it stood before.

    In mm²: the levels of :func:`_levels`, and with ``_before`` those at the end of the day before.
    """
    parcel, day_of, change, level = _levels(book, one, first, last)
    rows = np.flatnonzero((day_of > first) & change.any(axis=1))
    zone, parcel = _divided(book, parcel[rows])
    moves = {"zone": zone, "parcel": parcel, "day": day_of[rows]}
    change, level = change[rows], level[rows]
    for at, name in enumerate(_LEVELS):
        moves |= {name: change[:, at], f"{name}_before": (level - change)[:, at]}
    return pd.DataFrame(moves)


def _levels(book: Book, one: FillDefinition, first: int, last: int) -> tuple[Any, Any, Any, Any]:
    """Follow every parcel of a zone from the first day to the last.

    Gives a row a parcel and day: the parcel in its zone, the day, and in mm² the change of that day
    and the level it leads to. The levels are ``area`` that counts, ``leased``, ``blocked`` (not
    cleared, held or not) and ``early`` (let before it was cleared). What stands on the first day is
    given as the change of that day.
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
    size = len(key) * len(_LEVELS)
    change = np.bincount(place * len(_LEVELS) + column[row], weights=signed, minlength=size)
    change = change.reshape(-1, len(_LEVELS))
    unit, when = np.divmod(key, last - first + 1)
    level = change.cumsum(axis=0)
    fresh = np.flatnonzero(np.diff(unit, prepend=-1))
    level -= np.repeat(level[fresh] - change[fresh], np.diff(fresh, append=len(unit)), axis=0)
    return unit, when + first, change, level


def _span(book: Book) -> int:
    return int(book.tables.parcel.max(initial=0)) + 1


def _divided(book: Book, unit: Any) -> tuple[Any, Any]:
    """Take a parcel in its zone apart into the numbers of both."""
    return np.divmod(unit, _span(book))


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
    moves["parcel_ids"] = _parcel_names(book, moves["parcel"])
    if (moves["unit"] == moves["parcel"]).all():
        return moves
    doubled = moves.duplicated(["zone", "unit", "day"], keep=False)
    figures = [name for level in _LEVELS for name in (level, f"{level}_before")]
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
    by_shape = {name: np.rint(share * moves[f"{name}_before"]) for name in _LEVELS[1:]}
    rest = {name: moves[name] - by_shape[name] for name in _LEVELS[1:]}
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


def _boundaries(book: Book, one: FillDefinition, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """List the changes of the zones' polygons, day by day, as "gross" counts them."""
    start, _ = zone_days(book.zones)
    first, last = _day_number(dates[0]), _day_number(dates[-1])
    days = np.unique([first, *start[(start > first) & (start <= last)]])
    when = pd.DatetimeIndex(days.astype("datetime64[D]"), name="on")
    base = book.totals(when, one)[0]["base_ha"]
    zone, place = np.nonzero(np.diff(base, axis=1))
    rows = pd.DataFrame({"zone": zone, "day": days[place + 1], "leased": 0.0})
    rows["base"] = np.diff(base, axis=1)[zone, place]
    return _listed(rows.assign(cause="zone_boundary", parcel_ids="", entries=""), book)


def _corrections(books: list[Book], one: FillDefinition, on: pd.Timestamp) -> pd.DataFrame:
    """List by parcel how the state on a day differs between two times of knowledge."""
    stood, stands = (_standing(book, one, on) for book in books)
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


def _standing(book: Book, one: FillDefinition, on: pd.Timestamp) -> pd.DataFrame:
    """Give numerator and base of every parcel on a day, in mm², where its zone counts."""
    number = _day_number(on)
    unit, _, _, level = _levels(book, one, number, number)
    zone, parcel = _divided(book, unit)
    area, leased, blocked, early = level.T
    clears = one.base == "cleared"
    rows = pd.DataFrame(
        {
            "zone_id": book.zone_ids[zone],
            "parcel_ids": _parcel_names(book, parcel),
            "leased": leased - clears * early,
            "base": 0.0 if one.base == "zone" else area - clears * blocked,
        }
    )
    return rows.set_index(["zone_id", "parcel_ids"])


def _with_effects(rows: pd.DataFrame, states: pd.DataFrame) -> pd.DataFrame:
    """Turn changes in mm² into their effects on the rate; missing where a base is 0."""
    keys = [str(name) for name in states.index.names]
    rows = rows.merge(states.reset_index(), on=keys, how="left")
    base = rows["base_start"].where(rows["base_start"] > 0)
    last = rows["base_end"].where(rows["base_end"] > 0)
    effect = rows["leased"] / base - rows["leased_end"] * rows["base"] / (base * last)
    rows = rows.assign(
        leased_change_ha=hectares(rows["leased"]),
        base_change_ha=hectares(rows["base"]),
        effect=effect,
    )
    order = [*keys, "on", "cause", "parcel_ids"]
    rows = rows.sort_values(list(dict.fromkeys(order)), ignore_index=True)
    return rows[[key for key in keys if key not in _ENTRY_COLUMNS] + _ENTRY_COLUMNS]


def _effects(states: pd.DataFrame, entries: pd.DataFrame) -> pd.DataFrame:
    """Sum up by zone, beside the decomposition into numerator and base."""
    first = states["base_start"].where(states["base_start"] > 0)
    last = states["base_end"].where(states["base_end"] > 0)
    table = pd.DataFrame(
        {
            "rate_start": states["leased_start"] / first,
            "rate_end": states["leased_end"] / last,
            "numerator_effect": (states["leased_end"] - states["leased_start"]) / first,
            "base_effect": states["leased_end"] * (1 / last - 1 / first),
        }
    )
    table["change"] = table["rate_end"] - table["rate_start"]
    by_cause = entries.pivot_table(
        index="zone_id", columns="cause", values="effect", aggfunc="sum", observed=True
    )
    by_cause = by_cause.reindex(index=table.index, columns=list(CAUSES)).fillna(0.0)
    return table.join(by_cause.where(table["change"].notna()))


def _listed(rows: pd.DataFrame, book: Book) -> pd.DataFrame:
    """Name zones and days."""
    days = rows["day"].to_numpy(dtype="int64").astype("datetime64[D]")
    return rows.assign(
        zone_id=pd.array(book.zone_ids[rows["zone"].to_numpy(dtype="int64")], dtype="str"),
        on=days.astype("datetime64[s]"),
    ).drop(columns=["zone", "day"])


def _parcel_names(book: Book, codes: Any) -> Any:
    """Name parcels by their numbers in the book."""
    tables = book.tables
    first = np.zeros(int(tables.parcel.max(initial=0)) + 1, dtype="int64")
    first[tables.parcel[::-1]] = np.arange(len(tables.parcel))[::-1]
    return tables.parcels["parcel_id"].to_numpy(dtype=object)[first[np.asarray(codes)]]


def _day_number(date: pd.Timestamp) -> int:
    return int(date.to_datetime64().astype("datetime64[D]").astype("int64"))


def _bar(values: pd.Series) -> str:
    return "|".join(sorted(values))
