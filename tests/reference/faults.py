"""What keeps zones from being computed, looked for one pair of rows at a time, in plain Python."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product

from tests.reference.count import (
    DEFINITIONS,
    LEASABLE,
    NOTHING,
    PARTS,
    Books,
    Row,
    in_force,
    is_in_force,
    meet,
)
from tests.reference.shapes import area_m2, common_m2

# Shares that add up to a little more than the whole are scaled to it; more is a contradiction.
MOST = Fraction("1.005")
# What lies twice on no more than this is the drawing's matter.
OVERLAP_M2 = 1
BOUNDED = {"overlap", "same_entry_twice"}
OWN_ROWS = "zone_versions_overlap"
"""Of a zone whose own rows are at fault nobody knows on which days it counts: it always does."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Why a zone has no account while all of some rows are in force, or always."""

    zone_id: str
    rule: str
    rows: tuple[Row, ...] = ()
    areas: tuple[str, ...] = ("grid", "certificate")
    definitions: tuple[str, ...] = tuple(DEFINITIONS)

    def lasts(self, start: dt.date, end: dt.date) -> bool:
        """Tell whether it lasts on any day of a period, both ends included."""
        first = max((row["valid_from"] or dt.date.min for row in self.rows), default=dt.date.min)
        last = min((row["valid_to"] or dt.date.max for row in self.rows), default=dt.date.max)
        return first <= end and start < last and first < last


def contradictions(books: Books) -> dict[str, set[str]]:
    """Name the zones whose rows contradict each other, with the rules; they are out for good."""
    found: dict[str, set[str]] = {}

    def add(zone_id: str, rule: str) -> None:
        found.setdefault(zone_id, set()).add(rule)

    for lot in books.lots:
        if lot["land_use"] == "factory":
            add(lot["zone_id"], "value_not_allowed")
        lives = [one for one in books.lots if one["parcel_id"] == lot["parcel_id"]]
        mine = [one for one in books.rows if one["parcel_id"] == lot["parcel_id"]]
        ends = lot["valid_to"] or dt.date.max
        if all((one["valid_to"] or dt.date.max) <= ends for one in lives) and any(
            (row["valid_to"] or dt.date.max) > ends for row in mine
        ):
            add(lot["zone_id"], "entry_outlives_parcel")
        held = [row for row in books.entries if row["parcel_id"] == lot["parcel_id"]]
        if (
            not drawn_m2(lot)
            and lot["written_m2"] is None
            and any(row["part_m2"] is not None and meet(row, lot) for row in held)
        ):
            add(lot["zone_id"], "part_of_nothing")
            continue
        days = {row["valid_from"] for row in held} | {lot["valid_from"]} - {None}
        if any(is_in_force(lot, on) and held_share(lot, held, on) > MOST for on in days):
            add(lot["zone_id"], "over_allocated")
    for one, other in combinations(books.lots, 2):
        if one["parcel_id"] == other["parcel_id"] and meet(one, other):
            add(one["zone_id"], "versions_overlap")
            add(other["zone_id"], "versions_overlap")
    for one, other in combinations(books.zones, 2):
        if one["zone_id"] == other["zone_id"] and meet(one, other):
            add(one["zone_id"], OWN_ROWS)
    return found


def drawn_m2(lot: Row) -> Fraction:
    """Measure a lot as drawn; the two halves of a crossed one cancel out."""
    return NOTHING if lot["is_crossed"] else area_m2(lot["shape"])


def held_share(lot: Row, entries: list[Row], on: dt.date) -> Fraction:
    """Give the larger of what is held and what is not cleared of a lot, as a share."""
    whole = max(drawn_m2(lot), lot["written_m2"] or NOTHING)
    held = dict.fromkeys(PARTS, NOTHING)
    for row in in_force(entries, on):
        held[row["status"]] += 1 if row["part_m2"] is None else row["part_m2"] / whole
    uncleared = held.pop("uncleared")
    return max(uncleared, sum(held.values(), NOTHING))


def overlaps(lots: list[Row]) -> list[tuple[Row, Row, Fraction]]:
    """List the leasable lots that lie on each other at some time, with the area."""
    found = []
    drawn = [lot for lot in lots if lot["land_use"] in LEASABLE and not lot["is_crossed"]]
    for one, other in combinations(drawn, 2):
        if one["parcel_id"] != other["parcel_id"] and meet(one, other) and _is_near(one, other):
            both = common_m2(one["shape"], other["shape"])
            if both > OVERLAP_M2:
                found.append((one, other, both))
    return found


def _is_near(one: Row, other: Row) -> bool:
    """Tell whether the frames round two lots have land in common."""
    frames = []
    for lot in (one, other):
        xs, ys = zip(*(point for polygon in lot["shape"] for point in polygon[0]), strict=True)
        frames.append((min(xs), max(xs), min(ys), max(ys)))
    (west, east, south, north), (left, right, low, high) = frames
    return west < right and left < east and south < high and low < north


def passing_faults(books: Books, out: set[str]) -> list[Fault]:
    """List what keeps zones from being computed while it lasts; zones in ``out`` have no lots."""
    lots = [lot for lot in books.lots if lot["zone_id"] not in out]
    return [
        *_of_shapes(lots),
        *_of_written_areas(lots, books.zones),
        *(
            Fault(zone_id=lot["zone_id"], rule="same_entry_twice", rows=(row, lot))
            for row, lot in product(books.again, lots)
            if row["parcel_id"] == lot["parcel_id"]
        ),
    ]


def _of_shapes(lots: list[Row]) -> Iterator[Fault]:
    """Lots whose area cannot be measured, and lots that lie on each other."""
    for lot in lots:
        if lot["is_crossed"] and lot["land_use"] in LEASABLE:
            rule, areas = "geometry_unmeasurable", ("grid",)
            yield Fault(zone_id=lot["zone_id"], rule=rule, rows=(lot,), areas=areas)
    for one, other, _ in overlaps(lots):
        for zone_id in {one["zone_id"], other["zone_id"]}:
            yield Fault(zone_id=zone_id, rule="overlap", rows=(one, other))


def _of_written_areas(lots: list[Row], zones: list[Row]) -> Iterator[Fault]:
    """Lots and zones without a written area, which only that basis needs."""
    for row in (*lots, *zones):
        if row["written_m2"] is None:
            concerned = tuple(
                name
                for name, (uses, _, below) in DEFINITIONS.items()
                if (row["land_use"] in uses if "land_use" in row else "zone" in below)
            )
            yield Fault(
                zone_id=row["zone_id"],
                rule="area_missing",
                rows=(row,),
                areas=("certificate",),
                definitions=concerned,
            )
