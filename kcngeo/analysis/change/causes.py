"""What lies behind a change of land: leases, clearance, surveys, uses, splits, corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.analysis.change.levels import (
    MEMO_LEVELS,
    TENURES,
    Lots,
    Moves,
    Weighing,
    moves_between,
    number_of,
    parcel_names,
    standing,
)
from kcngeo.core.dates import ALWAYS, OPEN, day_numbers, in_force
from kcngeo.fill import Accounts
from kcngeo.ledger import entry_labels
from kcngeo.standards import ZONE, FillDefinition

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

CAUSES = (
    "lease_begun",
    "lease_ended",
    "other_tenure",
    "clearance",
    "resurvey",
    "change_of_use",
    "parcel_added",
    "parcel_removed",
    "zone_boundary",
    "correction",
)
"""Causes of a change. ``other_tenure`` is land reserved, recovered or repurposed, or no longer so,
where a definition weighs it; ``zone_boundary`` is the polygon of the zone, where it counts."""


# Causes are numbered as they sort.
CAUSE_NAMES = tuple(sorted(CAUSES))
_CODES = {cause: code for code, cause in enumerate(CAUSE_NAMES)}

# A lot and a day in one sortable number.
_SPAN = 2 * OPEN + 1

# Weighed sums of whole mm² that cancel out leave less than this.
_NOTHING_MM2 = 0.01

_POLYGON = ("", ZONE)


def between_dates(accounts: Accounts, one: FillDefinition, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """List the causes between the first and the last date, by zone, day and parcel."""
    lots, weighing = Lots.of(accounts), Weighing.of(one)
    moves = moves_between(accounts, lots, weighing, number_of(dates[0]), number_of(dates[-1]))
    told = pd.DataFrame(
        {
            "zone": lots.zone[moves.lot],
            "parcel_ids": parcel_names(accounts, lots.parcel[moves.lot]),
            "entries": _entries_of(moves, accounts, lots),
            "goes_on": _goes_on(moves, accounts, lots),
        }
    )
    moves, told = _joined_lineage(moves, told, accounts, lots)
    rows = _split(moves, told, weighing)
    if _POLYGON in {*one.numerator, *one.base}:
        rows = pd.concat([rows, _boundaries(accounts, one, dates)], ignore_index=True)
    return rows


def corrections(
    old: Accounts, new: Accounts, one: FillDefinition, on: pd.Timestamp
) -> pd.DataFrame:
    """List by parcel how the state on a day differs between two times of knowledge."""
    weighing = Weighing.of(one)
    stood, stands = (standing(accounts, weighing, on) for accounts in (old, new))
    both = stood.add_suffix("_old").join(stands.add_suffix("_new"), how="outer").fillna(0.0)
    rows = pd.DataFrame(
        {name: both[f"{name}_new"] - both[f"{name}_old"] for name in ("leased", "base")}
    )
    rows = rows[(rows.abs() > _NOTHING_MM2).any(axis=1)].reset_index()
    # Entries that do not speak of the day have changed nothing on it.
    known = [in_force(accounts.snapshot.ledger, on) for accounts in (old, new)]
    changed = pd.concat(
        [
            known[0].drop(index=known[1].index, errors="ignore"),
            known[1].drop(index=known[0].index, errors="ignore"),
        ]
    )
    names = entry_labels(changed, np.arange(len(changed)))
    names = names.groupby(changed["parcel_id"].to_numpy()).agg(_bar)
    rows["entries"] = names.reindex(rows["parcel_ids"]).to_numpy()
    if _POLYGON in {*one.numerator, *one.base}:
        rows = pd.concat([rows, _corrected_boundaries(old, new, one, on)], ignore_index=True)
    return rows.assign(cause=_CODES["correction"], day=number_of(on))


def _corrected_boundaries(
    old: Accounts, new: Accounts, one: FillDefinition, on: pd.Timestamp
) -> pd.DataFrame:
    """List how the polygons of zones differ between two times of knowledge."""
    dates = pd.DatetimeIndex([on], name="on")
    before, after = (
        pd.Series(accounts.zone_mm2(dates)[:, 0], index=pd.Index(accounts.zone_ids, dtype="str"))
        for accounts in (old, new)
    )
    change = after.sub(before, fill_value=0.0).rename("change")
    rows = change[change != 0].rename_axis("zone_id").reset_index()
    return _weighed_polygons(rows, rows.pop("change"), one)


def _boundaries(accounts: Accounts, one: FillDefinition, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """List the changes of the zones' polygons, day by day."""
    start, _ = accounts.snapshot.zone_days
    first, last = number_of(dates[0]), number_of(dates[-1])
    days = np.unique([first, *start[(start > first) & (start <= last)]])
    steps = np.diff(accounts.zone_mm2(pd.DatetimeIndex(days.astype("datetime64[D]"))), axis=1)
    zone, place = np.nonzero(steps)
    rows = pd.DataFrame({"zone": zone, "day": days[place + 1]})
    rows = _weighed_polygons(rows, steps[zone, place], one)
    return rows.assign(cause=_CODES["zone_boundary"])


def _weighed_polygons(rows: pd.DataFrame, change_mm2: Any, one: FillDefinition) -> pd.DataFrame:
    """Weigh changes of polygons for numerator and base."""
    above, below = (side.get(_POLYGON, 0.0) for side in (one.numerator, one.base))
    leased, base = above * change_mm2, below * change_mm2
    return rows.assign(leased=leased, base=base, parcel_ids="", entries="")


def _joined_lineage(
    moves: Moves, told: pd.DataFrame, accounts: Accounts, lots: Lots
) -> tuple[Moves, pd.DataFrame]:
    """Take a parcel and what it became as one on the day of the split or merge."""
    pairs = _births(accounts, lots)
    if not len(pairs):
        return moves, told
    days = _lot_days(moves.lot, moves.day)
    pairs = pairs[np.isin(pairs, days).all(axis=1)]
    events, place = np.unique(days, return_inverse=True)
    one, other = np.searchsorted(events, pairs.T)
    unit = np.arange(len(events))
    # Whoever is joined with either of the two is joined with both.
    while (unit[one] != unit[other]).any():
        least = np.minimum(unit[one], unit[other])
        np.minimum.at(unit, one, least)
        np.minimum.at(unit, other, least)
    # What moves to another zone on that day is lost to one and new to the other.
    keys = np.column_stack([told["zone"], unit[place]])
    first, group, count = np.unique(
        keys, axis=0, return_index=True, return_inverse=True, return_counts=True
    )[1:]
    group = group.ravel()
    joined = told.iloc[first].reset_index(drop=True)
    together = np.flatnonzero(count[group] > 1)
    for column in ("parcel_ids", "entries"):
        texts = told[column].iloc[together].groupby(group[together]).agg(_bar)
        joined.loc[texts.index, column] = texts
    joined["goes_on"] = told["goes_on"].groupby(group).any()
    change, before = (
        _summed_by(group, levels, len(first)) for levels in (moves.change, moves.before)
    )
    lot, day_of = moves.lot[first], moves.day[first]
    return Moves(lot=lot, day=day_of, change=change, before=before), joined


def _summed_by(group: Ints, levels: Floats, size: int) -> Floats:
    """Sum levels (kinds, levels, rows) over the rows of each group."""
    sums = [np.bincount(group, weights=level, minlength=size) for kind in levels for level in kind]
    return np.array(sums, dtype="float64").reshape(*levels.shape[:2], size)


def _births(accounts: Accounts, lots: Lots) -> Ints:
    """Pair each new lot with those that ended for it, both as of the day; a row a pair."""
    tables = accounts.snapshot.joined
    named = tables.parcels.get("parents", pd.Series(dtype="str"))
    rows = np.flatnonzero(named.notna())
    if not len(rows):
        return np.empty((0, 2), dtype="int64")
    parents = pd.Series(named.to_numpy()[rows], index=rows).str.split("|").explode()
    ids = pd.Index(parcel_names(accounts, np.arange(tables.parcel.max(initial=-1) + 1)))
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
    return np.asarray(lot, dtype="int64") * _SPAN + np.asarray(day_of, dtype="int64")


def _split(moves: Moves, told: pd.DataFrame, weighing: Weighing) -> pd.DataFrame:
    """Split what changes into causes: the shape or use first, then tenures and clearance."""
    goes_on, told = told["goes_on"].to_numpy(), told.drop(columns="goes_on")
    by_shape = _by_shape(moves, told["entries"].isna().to_numpy())
    rest = moves.change - by_shape
    clears = _level(rest, weighing, "not_cleared") != 0
    memos = weighing.places(MEMO_LEVELS)
    by_tenure, by_clearance = np.zeros_like(rest), np.zeros_like(rest)
    tenures = weighing.places(TENURES)
    by_tenure[:, tenures] = rest[:, tenures]
    # Held before it is cleared: with the tenure it begins and ends, or is cleared.
    by_tenure[:, memos] = np.where(clears, 0, rest[:, memos])
    by_clearance[:, memos] = np.where(clears, rest[:, memos], 0)
    not_cleared = weighing.places(("not_cleared",))
    by_clearance[:, not_cleared] = rest[:, not_cleared]
    causes = (
        (by_shape, _of_shape(moves, goes_on)),
        (by_tenure, _of_tenure(_level(rest, weighing, "leased"))),
        (by_clearance, np.full(len(told), _CODES["clearance"])),
    )
    parts = []
    for part, cause in causes:
        leased, base = weighing.weighed(part)
        rows = told.assign(day=moves.day, leased=leased, base=base, cause=cause)
        parts.append(rows[(np.abs(leased) > _NOTHING_MM2) | (np.abs(base) > _NOTHING_MM2)])
    return pd.concat(parts, ignore_index=True)


def _level(levels: Floats, weighing: Weighing, name: str) -> Floats:
    """Give one level over all kinds of land, (rows,); nothing where it is not followed."""
    return np.asarray(levels[:, weighing.places((name,))].sum(axis=(0, 1)))


def _by_shape(moves: Moves, is_alone: Any) -> Floats:
    """Give what the shape or use alone changes.

    Of land that is surveyed again while no entry begins or ends (``is_alone``), that is all; else
    what is held keeps its share of the land.
    """
    before, grown = moves.before, moves.change[:, 0]
    stood, added = before[:, 0].sum(axis=0), grown.sum(axis=0)
    share = np.divide(added, stood, out=np.zeros(len(stood)), where=stood > 0)
    held = share * before
    if len(before) > 1:
        held += (1 + share) * _moved_between_kinds(before, before[:, 0] + grown)
    held = np.rint(held)
    held[:, 0] = grown
    # Contracts keep their hectares while whole lots grow and shrink: shares do not tell.
    is_surveyed = (grown != 0).any(axis=0) & (stood > 0) & (stood + added > 0)
    return np.asarray(np.where(is_alone & is_surveyed, moves.change, held))


def _moved_between_kinds(before: Floats, after_mm2: Floats) -> Floats:
    """Give what of each level moves to land of another kind; it stays where there is room."""
    # `before` is (kinds, levels, rows), `after_mm2` the areas (kinds, rows) on the day.
    areas = before[:, 0]
    total = after_mm2.sum(axis=0)
    scale = np.divide(areas.sum(axis=0), total, out=np.zeros(len(total)), where=total > 0)
    gap = after_mm2 * scale - areas
    gain, loss = np.maximum(gap, 0), np.maximum(-gap, 0)
    lost = np.divide(loss, areas, out=np.zeros_like(areas), where=areas > 0)
    gained = np.divide(gain, gain.sum(axis=0), out=np.zeros_like(gain), where=gain.sum(axis=0) > 0)
    leaving = lost[:, None] * before
    return np.asarray(gained[:, None] * leaving.sum(axis=0) - leaving)


def _goes_on(moves: Moves, accounts: Accounts, lots: Lots) -> Bools:
    """Tell whether a version of the lot ends on the day of each move and another begins."""
    joined = accounts.snapshot.joined
    key = _lot_days(moves.lot, moves.day)
    begun, ended = (
        np.isin(key, _lot_days(lots.of_version, days)) for days in (joined.start, joined.end)
    )
    return begun & ended


def _of_shape(moves: Moves, goes_on: Bools) -> Ints:
    """Name by code what changed the shape or use of a lot, (rows,)."""
    before = moves.before[:, 0] > 0
    after = moves.before[:, 0] + moves.change[:, 0] > 0
    came, went = ~before.any(axis=0), ~after.any(axis=0)
    changed = (before != after).any(axis=0)
    named = ["change_of_use", "parcel_added", "parcel_removed", "change_of_use"]
    return np.select(
        [(came | went) & goes_on, came, went, changed],
        [_CODES[name] for name in named],
        default=_CODES["resurvey"],
    )


def _of_tenure(leased: Floats) -> Ints:
    """Name by code what changed how a lot is held, by what it did to the land let, (rows,)."""
    return np.select(
        [leased > 0, leased < 0],
        [_CODES["lease_begun"], _CODES["lease_ended"]],
        default=_CODES["other_tenure"],
    )


def _entries_of(moves: Moves, accounts: Accounts, lots: Lots) -> Any:
    """Name the entries that begin or end on the day of each move, joined by "|"."""
    tables, size = accounts.snapshot.joined, len(accounts.snapshot.ledger)
    begun, ended = tables.ledger["valid_from"], tables.ledger.get("valid_to")
    days = np.concatenate(
        [
            day_numbers(begun, missing=ALWAYS, length=size),
            day_numbers(ended, missing=OPEN, length=size),
        ]
    )
    # Only what happens in the days told of has to be sorted.
    low, high = moves.day.min(initial=OPEN), moves.day.max(initial=ALWAYS)
    near = np.flatnonzero((days >= low) & (days <= high))
    entry = near % max(size, 1)
    event = _lot_days(tables.entry_parcel[entry], days[near])
    order = np.argsort(event, kind="stable")
    event, entry = event[order], entry[order]
    key = _lot_days(lots.parcel[moves.lot], moves.day)
    first, last = (np.searchsorted(event, key, side=side) for side in ("left", "right"))
    names = entry_labels(tables.ledger, entry)
    several = np.flatnonzero(last - first > 1)
    texts = names.to_numpy(dtype=object)
    pairs = zip(first[several], last[several], strict=True)
    joined = pd.Series(["|".join(sorted(texts[low:high])) for low, high in pairs], dtype="str")
    place = np.where(first < last, first, -1)
    place[several] = len(names) + np.arange(len(several))
    return pd.concat([names, joined]).array.take(place, allow_fill=True)


def _bar(values: pd.Series) -> str | None:
    """Join names; what is joined already is taken apart first."""
    return "|".join(sorted("|".join(values.dropna()).split("|"))) or None
