"""Why a rate moved, by hand: its two parts, and what leases did to each lot, in plain Python."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction

from tests.reference.count import DEFINITIONS, NOTHING, Books, in_force
from tests.reference.rates import Counted, Rate
from tests.reference.shapes import area_m2

Effects = dict[str, Fraction] | None


def effects(
    then: Counted, now: Counted, *, start: dt.date, end: dt.date, definition: str
) -> dict[str, Effects]:
    """Take the change of every zone's rate apart; None where it is not known."""
    names = {row["zone_id"] for one in (then, now) for row in one.books.zones}
    out = {name for name in names if now.faults_in(name, start, end, definition=definition)}
    past = Counted(books=then.books, left_out=frozenset(out))
    told: dict[str, Effects] = {}
    for name in sorted(names):
        if out & {name} or past.faults_in(name, start, start, definition=definition):
            told[name] = None
            continue
        before = past.rate(name, start, definition=definition)
        after = now.rate(name, end, definition=definition)
        if before is not None or after is not None:
            told[name] = _taken_apart(before, after)
    return told


def _taken_apart(before: Rate | None, after: Rate | None) -> Effects:
    if before is None or after is None or before.known is None or after.known is None:
        return None
    (leased_1, base_1), (leased_2, base_2) = before.known, after.known
    if not base_1 or not base_2:
        return None
    return {
        "rate_start": leased_1 / base_1,
        "rate_end": leased_2 / base_2,
        "numerator_effect": (leased_2 - leased_1) / base_1,
        "base_effect": leased_2 * (1 / base_2 - 1 / base_1),
        "change": leased_2 / base_2 - leased_1 / base_1,
    }


def leases_by_lot(
    books: Books, *, start: dt.date, end: dt.date, definition: str
) -> dict[tuple[str, str, str], Fraction]:
    """Add up what leases begun and ended did to lots that nothing was split from or merged into.

    By zone, lot and "lease_begun" or "lease_ended", in m². Where a survey changes a lot on the same
    day, what was let of it is first taken as it was.
    """
    sums: dict[tuple[str, str, str], Fraction] = {}
    for parcel_id in plain_lots(books):
        rows = [row for row in (*books.lots, *books.entries) if row["parcel_id"] == parcel_id]
        days = {row[side] for row in rows for side in ("valid_from", "valid_to")} - {None}
        for on in sorted(day for day in days if start < day <= end):
            for zone_id in {row["zone_id"] for row in books.lots if row["parcel_id"] == parcel_id}:
                (base_1, let_1), (base_2, let_2) = (
                    _held(books, parcel_id, zone_id, day, definition)
                    for day in (on - dt.timedelta(days=1), on)
                )
                by_survey = let_1 * (base_2 - base_1) / base_1 if base_1 else NOTHING
                by_lease = let_2 - let_1 - by_survey
                cause = "lease_begun" if by_lease > 0 else "lease_ended"
                key = (zone_id, parcel_id, cause)
                sums[key] = sums.get(key, NOTHING) + by_lease
    return {key: value for key, value in sums.items() if value}


def plain_lots(books: Books) -> Iterator[str]:
    """Go through the lots without parents and children; of a part nobody says where it lies."""
    parents = {name for lot in books.lots for name in (lot["parents"] or "").split("|")}
    for parcel_id in sorted({lot["parcel_id"] for lot in books.lots}):
        lives = [lot for lot in books.lots if lot["parcel_id"] == parcel_id]
        parts = [
            row["part_m2"] for row in books.rows if row["parcel_id"] == parcel_id and row["part_m2"]
        ]
        areas = {area_m2(lot["shape"]) for lot in lives}
        uses = {lot["land_use"] for lot in lives}
        related = parcel_id in parents or any(lot["parents"] for lot in lives)
        if not related and not (parts and len(areas) > 1) and len(uses) == 1:
            yield parcel_id


def _held(
    books: Books, parcel_id: str, zone_id: str, on: dt.date, definition: str
) -> tuple[Fraction, Fraction]:
    uses = DEFINITIONS[definition][0]
    base = let = NOTHING
    for lot in in_force(books.lots, on):
        mine = lot["parcel_id"] == parcel_id and lot["zone_id"] == zone_id
        if mine and lot["land_use"] in uses:
            figures = books.account(lot, on)
            if figures is not None:
                base, let = base + figures["base"], let + figures["leased"]
    return base, let
