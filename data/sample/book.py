"""The ledger while it is being written: what befalls a lot, entry by entry."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

NOTICE = "2018-03-31"
BOOK_OPENED = "2009-01-12T02:00:00.000+00:00"
"""Entries that began earlier were recorded together when the book was opened."""

ASSUMED = "Giả định – không có văn bản"
PUBLISHED = (
    "Thông báo của Ban Quản lý các KCN, 3/2018 (diện tích theo tình trạng); "
    "lô và ngày bắt đầu là giả định"
)


def pick(name: str, salt: str, count: int) -> int:
    """A number below ``count`` that depends on the names alone."""
    return zlib.crc32(f"{name}/{salt}".encode()) % count


def later(day: str, days: int) -> str:
    """The day that many days later."""
    return (dt.date.fromisoformat(day) + dt.timedelta(days=days)).isoformat()


def between(name: str, salt: str, start: str, end: str) -> str:
    """A day from ``start`` up to, not including, ``end``."""
    span = (dt.date.fromisoformat(end) - dt.date.fromisoformat(start)).days
    return later(start, pick(name, salt, max(span, 1)))


def recorded(name: str, day: str) -> str:
    """Moment at which somebody wrote down what began on a day: one to two weeks later."""
    seconds = pick(name, "second", 9 * 3600)
    moment = dt.datetime.combine(
        dt.date.fromisoformat(later(day, 6 + pick(name, "delay", 9))), dt.time(1), dt.UTC
    ) + dt.timedelta(seconds=seconds, milliseconds=pick(name, "millisecond", 1000))
    return max(moment.isoformat(timespec="milliseconds"), BOOK_OPENED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the ledger."""

    parcel_id: str
    status: str
    valid_from: str
    recorded_at: str
    valid_to: str | None = None
    part_area_ha: float | None = None
    project_id: str | None = None
    document: str = ASSUMED
    basis: str = "assumed"
    superseded_at: str | None = None

    def runs(self, on: str) -> bool:
        """Whether the entry is in force and not superseded."""
        ends = self.valid_to is not None and self.valid_to <= on
        return self.valid_from <= on and not ends and self.superseded_at is None


@dataclass(slots=True)
class Book:
    """The rows written so far."""

    entries: list[Entry] = field(default_factory=list)

    def write(
        self,
        lot: str,
        status: str,
        start: str,
        end: str | None = None,
        *,
        part: float | None = None,
    ) -> None:
        """Write an entry; one without an end is open."""
        entry = Entry(
            parcel_id=lot,
            status=status,
            valid_from=start,
            valid_to=end,
            part_area_ha=part,
            recorded_at=recorded(f"{lot}/{status}/{part}", start),
        )
        self.entries.append(entry)

    def close(self, lot: str, on: str) -> None:
        """End whatever tenure of a lot is open."""
        for place, entry in enumerate(self.entries):
            if entry.parcel_id == lot and entry.valid_to is None and entry.status != "uncleared":
                self.entries[place] = replace(entry, valid_to=on)

    def clear(self, lot: str, on: str) -> None:
        """End the time in which a lot is not yet cleared."""
        for place, entry in enumerate(self.entries):
            if entry.parcel_id == lot and entry.valid_to is None and entry.status == "uncleared":
                self.entries[place] = replace(entry, valid_to=on)

    def open_until(self, lot: str, start: str, last: str) -> str:
        """Write when a lot was cleared, the first day or later; gives that day."""
        if pick(lot, "cleared at once", 4) == 0:
            return start
        cleared = between(lot, "cleared", later(start, 90), last)
        self.write(lot, "uncleared", start, cleared)
        return cleared

    def let(
        self,
        lot: str,
        start: str,
        *,
        cleared_by: str,
        let_by: str,
        end: str | None = None,
        part: float | None = None,
    ) -> str:
        """The usual story of a let lot: cleared, often reserved, leased; gives the day of lease."""
        cleared = self.open_until(lot, start, cleared_by)
        leased = between(lot, "leased", later(cleared, 150), max(let_by, later(cleared, 200)))
        if pick(lot, "reserved", 3):
            self.write(lot, "reserved", between(lot, "since", cleared, leased), leased, part=part)
        self.write(lot, "leased", leased, end, part=part)
        return leased

    def recover(self, lot: str, on: str, free: str | None, again: str | None = None) -> None:
        """Take a let lot back; from ``free`` it is available, from ``again`` let once more."""
        self.close(lot, on)
        self.write(lot, "recovering", on, free)
        if again:
            self.write(lot, "leased", again)

    def correct(self, lot: str, status: str, at: str, was: dict[str, object]) -> None:
        """Before a moment the book said something else of the lot's latest entry of a status."""
        place = max(
            place
            for place, entry in enumerate(self.entries)
            if entry.parcel_id == lot and entry.status == status and entry.superseded_at is None
        )
        right = self.entries[place]
        changed = {"superseded_at": at, "document": ASSUMED, "basis": "assumed", **was}
        wrong = replace(right, **changed)  # type: ignore[arg-type]
        document = f"{right.document}; đính chính dòng ghi ngày {wrong.recorded_at[:10]}"
        self.entries[place : place + 1] = [wrong, replace(right, recorded_at=at, document=document)]

    def running(self, on: str, status: str) -> Iterator[Entry]:
        """Entries of a status in force on a day."""
        return (entry for entry in self.entries if entry.status == status and entry.runs(on))
