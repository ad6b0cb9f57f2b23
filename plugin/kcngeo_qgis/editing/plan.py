"""What a step is going to write, before anything is touched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
"""The values of a row by column, days as 2018-03-31, with its number in the layer under FID."""

FID = "\x00fid"
WHOLE = "part_area_ha"
TENURES = ("leased", "reserved", "recovering", "repurposed")
# What an update of kcngeo writes, and nobody else.
BOOKKEEPING = ("recorded_at", "superseded_at", "recorded_by")


class RefusedError(Exception):
    """A step that would contradict the tables; nothing was written."""

    def __init__(self, key: str, **fields: Any) -> None:
        super().__init__(key)
        self.key, self.fields = key, fields


@dataclass
class Plan:
    """Rows that change and rows that are added, by table."""

    changes: list[tuple[str, Any, Row]] = field(default_factory=list)
    added: list[tuple[str, Row, int | None]] = field(default_factory=list)
    """Table, values, and which of the shapes that are handed over it has, if any."""

    def change(self, table: str, row: Row, **values: Any) -> None:
        """Change values of a row."""
        self.changes.append((table, row[FID], values))

    def add(self, table: str, values: Row, shape: int | None = None) -> None:
        """Add a row; what the update writes is left to the update."""
        kept = {
            name: value for name, value in values.items() if name != FID and name not in BOOKKEEPING
        }
        self.added.append((table, kept, shape))


def on_record(rows: Iterable[Row]) -> list[Row]:
    """Leave out what is no longer on record."""
    return [row for row in rows if row.get("superseded_at") is None]


def holds(row: Row, day: str) -> bool:
    """Whether a row holds on a day; the day it ends it does no more."""
    begins, ends = row.get("valid_from"), row.get("valid_to")
    return (begins is None or begins <= day) and (ends is None or day < ends)


def lot_on(lots: Sequence[Row], lot_id: str, day: str) -> Row:
    """Give the version of a lot that may end on a day: it holds, began before, and is the last."""
    mine = [row for row in on_record(lots) if row["parcel_id"] == lot_id]
    if not mine:
        raise RefusedError("no_lot", lot=lot_id)
    found = [row for row in mine if holds(row, day)]
    if not found:
        raise RefusedError("not_then", lot=lot_id, day=day)
    if found[0].get("valid_from") == day:
        raise RefusedError("begins_then", lot=lot_id, day=day)
    if any(row is not found[0] and (row.get("valid_from") or "") > day for row in mine):
        raise RefusedError("later_version", lot=lot_id, day=day)
    return found[0]


def running(ledger: Sequence[Row], lot_ids: Iterable[str], day: str) -> list[Row]:
    """List the entries of lots that do not end before or on a day."""
    ids = set(lot_ids)
    return [
        row
        for row in on_record(ledger)
        if row["parcel_id"] in ids and (row.get("valid_to") is None or row["valid_to"] > day)
    ]


def new_id(base: str, taken: set[str]) -> str:
    """Find an id that nobody has, and take it."""
    number = 1
    while f"{base}-{number}" in taken:
        number += 1
    taken.add(f"{base}-{number}")
    return f"{base}-{number}"


def ids_of(rows: Iterable[Row], column: str) -> set[str]:
    """Give all ids that ever were in a table: an id is never used again."""
    return {str(row[column]) for row in rows if row.get(column) is not None}


def name_of(entry: Row) -> str:
    """Say which entry it is."""
    return str(entry.get("entry_id") or f"{entry['parcel_id']} {entry['status']}")


def renewed(entry: Row, taken: set[str], **values: Any) -> Row:
    """Give an entry that carries on another, under an id of its own."""
    own = entry.get("entry_id")
    fresh = {**entry, **values}
    if own is not None:
        fresh["entry_id"] = new_id(str(own), taken)
    return fresh
