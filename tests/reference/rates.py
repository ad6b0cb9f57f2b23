"""Rates of zones, phases and sets of zones, and the bounds of those not known, in plain Python."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any

from kcngeo.core.model import LandUse
from tests.reference.count import (
    DEFINITIONS,
    NOTHING,
    Books,
    Row,
    is_in_force,
    law_of,
    weighed,
)
from tests.reference.faults import BOUNDED, OWN_ROWS, contradictions, overlaps, passing_faults
from tests.reference.shapes import area_m2

# More than this of an account that does not fit into its zone is no rounding.
CLOSES_M2 = 1
ALL_PHASES = object()
Fractions = tuple[Fraction, Fraction]


@dataclass(frozen=True, kw_only=True)
class Rate:
    """Numerator and denominator of a rate in m²; where they are not known, what they may be.

    ``ways`` are the fractions of all ways to read the rows that are in doubt: none where nothing
    bounds the rate, one where it is known. ``is_sharp`` tells whether the least and the greatest
    of them are the bounds, and not only within. Of a zone without lots nothing is published.
    """

    known: Fractions | None
    ways: tuple[Fractions, ...]
    is_sharp: bool = True
    is_published: bool = True


@dataclass(frozen=True, kw_only=True)
class Counted:
    """All there is to know of a project's rates; zones that are ``left_out`` are at fault."""

    books: Books
    left_out: frozenset[str] = frozenset()

    @cached_property
    def out(self) -> dict[str, set[str]]:
        return contradictions(self.books) | {name: {"left_out"} for name in self.left_out}

    @cached_property
    def passing(self) -> Any:
        return passing_faults(self.books, set(self.out))

    def faults_in(
        self, name: str, start: dt.date, end: dt.date, *, definition: str, area: str = "grid"
    ) -> set[str]:
        """Name the rules that keep a zone from being computed on a day of a period."""
        return self.out.get(name, set()) | {
            one.rule
            for one in self.passing
            if one.zone_id == name
            and one.lasts(start, end)
            and area in one.areas
            and definition in one.definitions
        }

    def phases(self, name: str) -> list[str | None]:
        """List the phases of a zone, of lots of any time and use; the missing one last."""
        lots = (
            [] if name in self.out else [one for one in self.books.lots if one["zone_id"] == name]
        )
        return sorted({lot["phase"] for lot in lots} or {None}, key=lambda one: one or "~")

    def rate(
        self,
        name: str,
        on: dt.date,
        *,
        definition: str,
        area: str = "grid",
        phase: Any = ALL_PHASES,
    ) -> Rate | None:
        """Count the rate of a zone, or of a phase of it; None where the zone does not count."""
        zone = self.books.zone_on(name, on)
        uses, above, below = DEFINITIONS[definition]
        faults = self.faults_in(name, on, on, definition=definition, area=area)
        if OWN_ROWS in faults:
            return Rate(known=None, ways=())
        if zone is None:
            return None
        nobody_says = "leased_unlicensed" in above and self.books.projects is None
        if nobody_says or faults - BOUNDED or ("zone" in below and phase is not ALL_PHASES):
            return Rate(known=None, ways=())
        if not faults and not self.books.lots_on(name, on, tuple(LandUse)):
            return Rate(known=None, ways=(), is_published=False)
        polygon = zone["written_m2"] if area == "certificate" else area_m2(zone["shape"])
        polygon = polygon if "zone" in below else NOTHING
        lots = [
            lot
            for lot in self.books.lots_on(name, on, uses)
            if phase is ALL_PHASES or lot["phase"] == phase
        ]

        def fraction(*, more: tuple[Row, ...] = (), cut: Any = None) -> Fractions:
            leased, base = NOTHING, polygon
            for number, lot in enumerate(lots):
                figures = self.books.account(lot, on, area, more=more)
                let, free = (cut or {}).get(number, (NOTHING, NOTHING))
                leased += weighed(figures, above) - let
                base += weighed(figures, below) - (0 if "zone" in below else let + free)
            return leased, base

        if not faults:
            taken = sum(
                (one["base"] - one["available"] for one in self._accounts(lots, on, area)), NOTHING
            )
            if "zone" in below and taken > polygon + CLOSES_M2:
                return Rate(known=None, ways=())
            return Rate(known=fraction(), ways=(fraction(),))
        return Rate(
            known=None,
            ways=tuple(
                fraction(more=more, cut=cut)
                for more in self._readings(lots, on)
                for cut in self._cuts(lots, on, definition, area, more)
            ),
            is_sharp="same_entry_twice" not in faults and area == "grid",
        )

    def law_rates(self, names: list[str], on: dt.date) -> dict[str, Rate]:
        """Count the rates of the zones that count on a day, by the law in force on it."""
        rates = {name: self.rate(name, on, definition=law_of(on)) for name in names}
        return {name: rate for name, rate in rates.items() if rate is not None}

    def _accounts(self, lots: list[Row], on: dt.date, area: str) -> list[Any]:
        return [self.books.account(lot, on, area) for lot in lots]

    def _readings(self, lots: list[Row], on: dt.date) -> Iterator[tuple[Row, ...]]:
        """Go through the ways to count entries that stand twice: once, or again."""
        twice = [row for row in self.books.again if is_in_force(row, on)]
        for choice in product((False, True), repeat=len(twice)):
            more = tuple(row for row, is_two in zip(twice, choice, strict=True) if is_two)
            if all(self._fits(lot, on, more) for lot in lots):
                yield more

    def _fits(self, lot: Row, on: dt.date, more: tuple[Row, ...]) -> bool:
        """Tell whether a lot has room for what is read twice."""
        own = [row for row in more if row["parcel_id"] == lot["parcel_id"]]
        if not own:
            return True
        held = {True: NOTHING, False: NOTHING}
        for row in (*self.books.entries, *own):
            if row["parcel_id"] == lot["parcel_id"] and is_in_force(row, on):
                whole = area_m2(lot["shape"])
                held[row["status"] == "uncleared"] += row["part_m2"] or whole
        return max(held.values()) <= area_m2(lot["shape"])

    def _cuts(
        self, lots: list[Row], on: dt.date, definition: str, area: str, more: tuple[Row, ...]
    ) -> Iterator[dict[int, Fractions]]:
        """Go through the ways to take from lots what others cover of them: let and other land."""
        _, above, below = DEFINITIONS[definition]
        below = {"base": 1} if "zone" in below else below
        options = []
        for number, lot in enumerate(lots):
            drawn = area_m2(lot["shape"])
            covered = min(drawn, sum((both for one, other, both in self._lying_twice(on)
                                      if lot is one or lot is other), NOTHING))  # fmt: skip
            if not covered:
                continue
            figures = self.books.account(lot, on, area, more=more)
            covered = covered * figures["base"] / drawn
            let = weighed(figures, above)
            free = weighed(figures, below) - let
            most_let, most_free = min(covered, let), min(covered, free)
            corners = {
                (NOTHING, NOTHING),
                (most_let, NOTHING),
                (NOTHING, most_free),
                (most_let, min(free, covered - most_let)),
                (min(let, covered - most_free), most_free),
            }
            options.append([(number, corner) for corner in sorted(corners)])
        for way in product(*options):
            yield dict(way)

    def _lying_twice(self, on: dt.date) -> list[tuple[Row, Row, Fraction]]:
        return [
            (one, other, both)
            for one, other, both in self._overlaps
            if is_in_force(one, on) and is_in_force(other, on)
        ]

    @cached_property
    def _overlaps(self) -> list[tuple[Row, Row, Fraction]]:
        return overlaps([lot for lot in self.books.lots if lot["zone_id"] not in self.out])


def combined(rates: dict[str, Rate]) -> Fractions | None:
    """Add up the rates of a set of zones; None where one of them is not known.

    What nobody publishes adds nothing, and nothing is known of zones that are all so.
    """
    published = [rate for rate in rates.values() if rate.is_published]
    if not published or any(rate.known is None for rate in published):
        return None
    sides = zip(*(rate.known for rate in published if rate.known), strict=True)
    leased, base = (sum(side, NOTHING) for side in sides)
    return leased, base
