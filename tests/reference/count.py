"""Accounts, rates and bounds counted one lot and one entry at a time, in plain Python.

Nothing here knows the package: rows are dictionaries, days are dates, figures are fractions of m².
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from tests.reference.shapes import area_m2

Row = dict[str, Any]
Figures = dict[str, Fraction]

TENURES = ("leased", "reserved", "recovering", "repurposed")
PARTS = (*TENURES, "uncleared")
LEASABLE = ("industrial", "service")
NOTHING = Fraction(0)

_OF_LEASES = {"leased": 1}
_LICENSED = {"leased": 1, "leased_unlicensed": -1}
# Land uses, numerator and denominator of each definition, as the decrees have them.
DEFINITIONS: dict[str, tuple[tuple[str, ...], dict[str, int], dict[str, int]]] = {
    "nd164-2013": (("industrial",), _OF_LEASES, {"base": 1}),
    "nd164-2013-strict": (("industrial",), _LICENSED, {"base": 1}),
    "nd82-2018": (("industrial",), _OF_LEASES, {"base": 1}),
    "nd35-2022": (LEASABLE, _OF_LEASES, {"base": 1}),
    "nd35-2022-strict": (LEASABLE, _LICENSED, {"base": 1}),
    "cleared": (
        ("industrial",),
        {"leased": 1, "leased_uncleared": -1},
        {"base": 1, "uncleared": -1, "uncleared_held": -1},
    ),
    "gross": (LEASABLE, _OF_LEASES, {"zone": 1}),
}


def law_of(on: dt.date) -> str:
    """Name the decree in force on a day from 2014."""
    if on < dt.date(2018, 7, 10):
        return "nd164-2013"
    return "nd82-2018" if on < dt.date(2022, 7, 15) else "nd35-2022"


def known(rows: list[Row], when: dt.date | None) -> list[Row]:
    """Keep the rows on record at the end of a day; without a day those not superseded."""
    if when is None:
        return [row for row in rows if row["superseded_at"] is None]
    return [
        row
        for row in rows
        if (row["recorded_at"] or dt.date.min) <= when < (row["superseded_at"] or dt.date.max)
    ]


def is_in_force(row: Row, on: dt.date) -> bool:
    return (row["valid_from"] or dt.date.min) <= on < (row["valid_to"] or dt.date.max)


def in_force(rows: list[Row], on: dt.date) -> list[Row]:
    return [row for row in rows if is_in_force(row, on)]


@dataclass(frozen=True, kw_only=True)
class Books:
    """The rows of a project as known, and what follows from them."""

    zones: list[Row]
    lots: list[Row]
    rows: list[Row]
    projects: list[Row] | None

    @classmethod
    def of(cls, project: Any, when: dt.date | None) -> Books:
        return cls(
            zones=known(project.zones, when),
            lots=known(project.lots, when),
            rows=known(project.entries, when),
            projects=project.projects,
        )

    @cached_property
    def holders(self) -> list[Row]:
        """List the entries that hold land: not those of who rents a workshop or an office."""
        landless = {
            one["project_id"]
            for one in self.projects or ()
            if one["premises"] in ("workshop", "office")
        }
        return [row for row in self.rows if row["project_id"] not in landless]

    @cached_property
    def again(self) -> list[Row]:
        """List the entries that say once more what one before them says."""
        seen, again = set(), []
        for row in self.holders:
            names = ("parcel_id", "status", "valid_from", "valid_to", "part_m2", "project_id")
            key = (*(row[name] for name in names), row["document"])
            if key in seen:
                again.append(row)
            seen.add(key)
        return again

    @cached_property
    def entries(self) -> list[Row]:
        """List the entries that count: every one once."""
        return [row for row in self.holders if not any(row is one for one in self.again)]

    def is_licensed(self, row: Row, on: dt.date) -> bool:
        days = [
            one["licensed_on"]
            for one in self.projects or ()
            if one["project_id"] == row["project_id"] and one["licensed_on"] is not None
        ]
        return bool(days) and min(days) <= on

    def contracts_m2(self, lot: Row) -> Fraction:
        """Add up what the written parts of a version hold on the day on which they hold most."""
        parts = [
            row
            for row in self.entries
            if row["parcel_id"] == lot["parcel_id"] and row["part_m2"] is not None
            if meet(row, lot)
        ]
        most = NOTHING
        for begins in parts:
            first = max(one["valid_from"] or dt.date.min for one in (begins, lot))
            here = in_force(parts, first)
            for group in (TENURES, ("uncleared",)):
                held = sum((row["part_m2"] for row in here if row["status"] in group), NOTHING)
                most = max(most, held)
        known = (written_m2(lot, area) for area in ("grid", "certificate"))
        return min(most, max((one for one in known if one is not None), default=NOTHING))

    def account(
        self, lot: Row, on: dt.date, area: str = "grid", *, more: tuple[Row, ...] = ()
    ) -> Figures | None:
        """Draw up the account of one version of a lot, in m²; None where its area is not known."""
        whole = written_m2(lot, area)
        if whole is None:
            return None
        contracts = self.contracts_m2(lot)
        # Contracts are evidence of their land, at all times; less than 1 m² beside them is none.
        if contracts and whole - contracts <= 1:
            whole = contracts
        held = dict.fromkeys((*PARTS, "unlicensed"), NOTHING)
        for row in in_force([*self.entries, *more], on):
            if row["parcel_id"] != lot["parcel_id"]:
                continue
            amount = whole if row["part_m2"] is None else row["part_m2"]
            held[row["status"]] += amount
            if row["status"] == "leased" and not self.is_licensed(row, on):
                held["unlicensed"] += amount
        tenures = sum(held[name] for name in TENURES)
        if tenures > whole:
            held = {name: amount * whole / tenures if name != "uncleared" else amount
                    for name, amount in held.items()}  # fmt: skip
            tenures = whole
        uncleared = min(held.pop("uncleared"), whole)
        unlicensed = held.pop("unlicensed")
        beside = max(NOTHING, uncleared - (whole - tenures))
        return {
            "base": whole,
            **held,
            "uncleared": uncleared - beside,
            "available": whole - tenures - (uncleared - beside),
            "uncleared_held": beside,
            "leased_uncleared": beside * held["leased"] / tenures if tenures else NOTHING,
            "leased_unlicensed": unlicensed,
        }

    def zone_on(self, name: str, on: dt.date) -> Row | None:
        """Give the version of a zone in force on a day on which it counts."""
        for row in in_force(self.zones, on):
            begins, ends = row["established_on"], row["removed_on"]
            waits = begins is None and row["stage"] in ("proposed", "planned")
            is_gone = ends is None and row["stage"] == "removed"
            if row["zone_id"] != name or waits or is_gone:
                continue
            if (begins or dt.date.min) <= on < (ends or dt.date.max):
                return row
        return None

    def lots_on(self, name: str, on: dt.date, uses: tuple[str, ...] = LEASABLE) -> list[Row]:
        return [
            lot
            for lot in in_force(self.lots, on)
            if lot["zone_id"] == name and lot["land_use"] in uses
        ]


def weighed(figures: Figures, weights: dict[str, int]) -> Fraction:
    return sum((figures[name] * by for name, by in weights.items() if name in figures), NOTHING)


def written_m2(lot: Row, area: str) -> Fraction | None:
    if area == "certificate":
        return lot["written_m2"]
    return None if lot["is_crossed"] else area_m2(lot["shape"])


def meet(one: Row, other: Row) -> bool:
    """Tell whether two rows hold on a common day."""
    start = max(row["valid_from"] or dt.date.min for row in (one, other))
    return start < min(row["valid_to"] or dt.date.max for row in (one, other))
