"""Which line of a list is which entry of the ledger: by lot, and by first day, tenant, document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kcngeo.core.model import TENURES
from kcngeo.io.spreadsheet.vocabulary import plain

# "Công ty TNHH MTV Chè Xanh" and "Cty Chè Xanh" are one tenant.
_OF_ANY_COMPANY = frozenset(
    ("cong", "ty", "cty", "tnhh", "cp", "co", "phan", "mtv", "mot", "thanh", "vien")
)
# A figure that was rounded to its last digit is still the same one.
_EXACT_HA = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A line of a list or an entry of the ledger, in what tells it from others.

    Attributes
    ----------
    place
        Its position in its table.
    entry_id
        Its id, if it has one.
    parcel_id
        The parcel; None where a list names none that is known.
    status
        Its status.
    start
        First day.
    end
        First day no longer; None if open.
    investor
        The tenant, if known.
    document
        The document, if known.
    area_ha
        How much of the parcel; missing if not said.
    half_ha
        Half of the last digit written.
    """

    place: int
    entry_id: str | None
    parcel_id: str | None
    status: str | None
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    investor: str | None
    document: str | None
    area_ha: float | None
    half_ha: float = 0.0

    def holds_on(self, day: pd.Timestamp) -> bool:
        """Tell whether it is in force on a day; without a first day it has begun."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """How lines and entries belong together.

    Attributes
    ----------
    entry_of
        By position of a line, the position of its entry.
    unclear
        By position of a line, positions of the entries it may mean alike.
    """

    entry_of: Mapping[int, int]
    unclear: Mapping[int, tuple[int, ...]]


def matched(lines: Sequence[Held], entries: Sequence[Held], *, on: pd.Timestamp) -> Matched:
    """Match the lines of a list with the entries of the ledger."""
    entry_of: dict[int, int] = {}
    unclear: dict[int, tuple[int, ...]] = {}
    by_id = {one.entry_id: one.place for one in entries if one.entry_id is not None}
    ids = Counter(line.entry_id for line in lines)
    for line in lines:
        if line.entry_id in by_id and ids[line.entry_id] == 1:
            entry_of[line.place] = by_id[line.entry_id]
        elif line.entry_id in by_id:
            unclear[line.place] = (by_id[line.entry_id],)
    taken = {*entry_of.values(), *(place for (place,) in unclear.values())}
    here: dict[str, list[Held]] = {}
    for entry in entries:
        if entry.place not in taken and entry.parcel_id is not None:
            here.setdefault(entry.parcel_id, []).append(entry)
    there: dict[str, list[Held]] = {}
    for line in lines:
        is_free = line.place not in entry_of and line.place not in unclear
        if is_free and line.parcel_id in here:
            there.setdefault(str(line.parcel_id), []).append(line)
    for parcel_id, some in there.items():
        _of_a_parcel(some, here[parcel_id], on, entry_of, unclear)
    return Matched(entry_of=entry_of, unclear=unclear)


def _of_a_parcel(
    lines: Sequence[Held],
    entries: Sequence[Held],
    on: pd.Timestamp,
    entry_of: dict[int, int],
    unclear: dict[int, tuple[int, ...]],
) -> None:
    """Pair the lines and entries of one parcel, the surest first."""
    rated = [
        (rating, line, entry)
        for line in lines
        for entry in entries
        if (rating := _rating(line, entry, on)) is not None
    ]
    free_lines = {one.place for one in lines}
    free_entries = {one.place for one in entries}
    for rating in sorted({one for one, *_ in rated}, reverse=True):
        alike = [
            (line.place, entry.place)
            for one, line, entry in rated
            if one == rating and line.place in free_lines and entry.place in free_entries
        ]
        for line_place in dict.fromkeys(place for place, _ in alike):
            fits = [entry for place, entry in alike if place == line_place]
            rivals = [place for place, entry in alike if entry in fits]
            if len(fits) == len(rivals) == 1:
                entry_of[line_place] = fits[0]
                free_entries.discard(fits[0])
            else:
                unclear[line_place] = tuple(fits)
            free_lines.discard(line_place)


def _rating(line: Held, entry: Held, on: pd.Timestamp) -> tuple[bool, ...] | None:
    """Rate how surely a line is an entry; None if it cannot be."""
    same_status, same_start = line.status == entry.status, line.start == entry.start
    tenures = (line.status in TENURES, entry.status in TENURES)
    if not (same_status or (same_start and tenures[0] == tenures[1])):
        return None
    same_investor = is_same(line.investor, entry.investor)
    same_document = bool(is_same(line.document, entry.document))
    if line.start is None:
        # What a list does not date is what holds on its day.
        sure = same_investor is not False and entry.holds_on(on)
    elif same_start:
        sure = True
    else:
        sure = (bool(same_investor) or same_document) and _at_once(line, entry)
    if not sure:
        return None
    return (
        same_status,
        same_start,
        bool(same_investor),
        same_document,
        same_investor is None,
        _same_area(line, entry),
        entry.holds_on(on) == line.holds_on(on),
    )


def is_same(one: str | None, other: str | None) -> bool | None:
    """Tell whether two texts say the same; None where one says nothing."""
    return None if one is None or other is None else same_name(one, other)


def same_name(one: str, other: str) -> bool:
    """Tell whether two names are one, however they are spelt and whatever kind of company."""
    return _name(one) == _name(other)


def _name(text: str) -> list[str]:
    words = plain(text).split()
    return [word for word in words if word not in _OF_ANY_COMPANY] or words


def _same_area(line: Held, entry: Held) -> bool:
    if line.area_ha is None or entry.area_ha is None:
        return False
    return agrees(line.area_ha, entry.area_ha, line.half_ha)


def agrees(listed_ha: float, ledger_ha: float, half_ha: float) -> bool:
    """Tell whether an area agrees with another to the last digit it is written with."""
    return abs(listed_ha - ledger_ha) <= half_ha + _EXACT_HA


def _at_once(one: Held, other: Held) -> bool:
    starts = [day for day in (one.start, other.start) if day is not None]
    ends = [day for day in (one.end, other.end) if day is not None]
    return not starts or not ends or max(starts) < min(ends)


def text_or_none(value: Any) -> str | None:
    """Give a cell of text, None where it is empty."""
    return None if value is None or pd.isna(value) or not str(value).strip() else str(value)
