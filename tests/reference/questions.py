"""The questions asked of a drawn project, and the answers held against those counted by hand."""

from __future__ import annotations

import datetime as dt
import warnings
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import pandas as pd
import pytest

from kcngeo import Project, Snapshot, fill, ledger
from kcngeo.analysis import change
from kcngeo.core.errors import KcngeoWarning
from kcngeo.core.model import LandUse
from tests.reference.count import DEFINITIONS, Books
from tests.reference.draw import DAYS, TIMES, Drawn, drawn
from tests.reference.explained import effects, leases_by_lot, plain_lots
from tests.reference.rates import Counted, Rate, combined
from tests.reference.tables import project_of

MOMENTS = (None, dt.date(2018, 1, 1), *TIMES)
# 50 mm²: parts are whole mm², and a zone has some dozens of them.
CLOSE_HA = 5e-9
# A share of a grid may be a little more than a share of certificates, see `fill.bounds`.
LOOSE = 2e-4
FOLLOWED = [name for name in DEFINITIONS if not name.endswith("-strict")]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A project as drawn, and what chance has asked of it."""

    seed: int

    @cached_property
    def drawn(self) -> Drawn:
        return drawn(self.seed)

    @cached_property
    def project(self) -> Project:
        return project_of(self.drawn)

    @cached_property
    def when(self) -> dt.date | None:
        return self.drawn.chance.choice(MOMENTS)

    @cached_property
    def on(self) -> dt.date:
        """A day on which something changes, or the day before."""
        days = DAYS[4:9] if self.drawn.slip in ("on_top", "twice") else DAYS
        day = self.drawn.chance.choice(days)
        return day - dt.timedelta(days=self.drawn.chance.choice([0, 0, 1]))

    @cached_property
    def definition(self) -> str:
        return self.drawn.chance.choice(list(DEFINITIONS))

    @cached_property
    def area(self) -> str:
        return self.drawn.chance.choice(["grid", "grid", "certificate"])

    @cached_property
    def counted(self) -> Counted:
        return Counted(books=Books.of(self.drawn, self.when))

    @cached_property
    def snapshot(self) -> Snapshot:
        return self.project.as_known(self.when, faulty="set_apart")

    def names(self) -> list[str]:
        return sorted({row["zone_id"] for row in self.counted.books.zones})


def ask(seed: int) -> None:
    """Ask every question of one project; an answer that differs raises."""
    asked = Asked(seed=seed)
    with warnings.catch_warnings():
        # Zones that are left out, and lots of which a little too much is held.
        warnings.simplefilter("ignore", KcngeoWarning)
        try:
            for question in QUESTIONS:
                question(asked)
        except AssertionError as error:
            error.add_note(f"project {seed}, as known {asked.when}, on {asked.on}")
            raise


def rates(asked: Asked) -> None:
    for definition in (asked.definition, "cleared"):
        given: Any = {"definition": definition, "area": asked.area}
        found = fill.fill_rate(asked.snapshot, on=asked.on, **given)
        counted = {name: asked.counted.rate(name, asked.on, **given) for name in asked.names()}
        there = {name: rate for name, rate in counted.items() if rate is not None}
        assert found.index.tolist() == list(there)
        for name, rate in there.items():
            is_same(found.loc[name], rate, loose=asked.area != "grid")


def rates_of_phases(asked: Asked) -> None:
    found = fill.fill_rate(
        asked.snapshot, on=asked.on, definition=asked.definition, by=("zone_id", "phase")
    )
    groups = [
        (name, phase)
        for name in asked.names()
        for phase in asked.counted.phases(name)
        if asked.counted.rate(name, asked.on, definition=asked.definition) is not None
    ]
    keys = [(zone, None if pd.isna(phase) else phase) for zone, phase in found.index]
    assert keys == groups
    for (name, phase), row in zip(groups, found.itertuples(), strict=True):
        rate = asked.counted.rate(name, asked.on, definition=asked.definition, phase=phase)
        assert rate is not None
        is_same(row, rate)


def accounts(asked: Asked) -> None:
    uses = DEFINITIONS[asked.definition][0]
    found = fill.land_account(
        asked.snapshot, on=asked.on, definition=asked.definition, area=asked.area
    )
    books = asked.counted.books
    for name, row in found.iterrows():
        faults = asked.counted.faults_in(
            str(name), asked.on, asked.on, definition=asked.definition, area=asked.area
        )
        if faults or row["source"] != "measured":
            columns = list(fill.ACCOUNT_COLUMNS)
            assert row[columns].isna().all(), faults
            assert faults or not books.lots_on(str(name), asked.on, tuple(LandUse))
            continue
        lots = [books.account(lot, asked.on, asked.area) for lot in
                books.lots_on(str(name), asked.on, uses)]  # fmt: skip
        for column in fill.ACCOUNT_COLUMNS:
            part = sum((one[column.removesuffix("_ha")] for one in lots), Fraction(0))
            assert row[column] == pytest.approx(float(part) / 1e4, abs=CLOSE_HA), column


def series(asked: Asked) -> None:
    """The law of each day, month by month; and the sum of all zones."""
    start = DAYS[asked.seed % 11]
    found = fill.fill_series(asked.snapshot, start=start, end=start + dt.timedelta(days=120))
    total = fill.combine(found)
    for on in found.index.unique("on"):
        by_law = asked.counted.law_rates(asked.names(), on.date())
        told = found.xs(on, level="on")
        assert told.index.tolist() == list(by_law)
        for name, rate in by_law.items():
            is_same(told.loc[name], rate)
        both = combined(by_law)
        row = total.loc[on]
        unpublished = [name for name, rate in by_law.items() if not rate.is_published]
        unknown = [
            name for name, rate in by_law.items() if rate.known is None and name not in unpublished
        ]
        assert (row["not_published"] if unpublished else "") == "|".join(unpublished)
        assert (row["not_computable"] if unknown else "") == "|".join(unknown)
        is_same(row, Rate(known=both, ways=()), bounds=False)


def lots(asked: Asked) -> None:
    """The lots that count, and the leases on them."""
    definition = asked.definition
    snapshot = ledger.asked(asked.snapshot, start=asked.on, area=asked.area, definition=definition)
    found = fill.parcels_on(snapshot, on=asked.on, definition=definition, area=asked.area)
    books, uses = asked.counted.books, DEFINITIONS[definition][0]
    counting = {
        lot["parcel_id"]: lot
        for name in asked.names()
        if books.zone_on(name, asked.on) is not None
        and not asked.counted.faults_in(
            name, asked.on, asked.on, definition=definition, area=asked.area
        )
        for lot in books.lots_on(name, asked.on, uses)
    }
    assert sorted(found["parcel_id"]) == sorted(counting)
    for row in found.to_dict("records"):
        figures = books.account(counting[row["parcel_id"]], asked.on, asked.area)
        assert figures is not None
        for name in ("leased", "reserved", "uncleared", "available", "uncleared_held"):
            area_ha = row[f"{name}_share"] * row["whole_mm2"] / 1e10
            assert area_ha == pytest.approx(float(figures[name]) / 1e4, abs=CLOSE_HA), name
    leases = fill.leases_on(snapshot, on=asked.on, definition=definition, area=asked.area)
    let = leases.groupby("parcel_id")["leased_ha"].sum()
    by_hand = {name: books.account(lot, asked.on, asked.area) for name, lot in counting.items()}
    expected = {name: one["leased"] for name, one in by_hand.items() if one and one["leased"]}
    assert sorted(let.index) == sorted(expected)
    for name, leased in expected.items():
        assert let[name] == pytest.approx(float(leased) / 1e4, abs=CLOSE_HA)


def reasons(asked: Asked) -> None:
    """Why rates moved, between two days as known at one time or at two."""
    chance = asked.drawn.chance
    then, now = chance.choice([asked.when, asked.when, *MOMENTS]), asked.when
    start, end = DAYS[asked.seed % 5], DAYS[6 + asked.seed % 7]
    definition = chance.choice([asked.definition, *FOLLOWED])
    given: Any = {"start": start, "end": end, "definition": definition}
    if then == now:
        past, found = asked.counted, change.explain(asked.snapshot, **given)
    else:
        past = Counted(books=Books.of(asked.drawn, then))
        found = change.explain(asked.project, known_at_start=then, known_at_end=now, **given)
    by_hand = effects(past, asked.counted, **given)
    assert found.effects.index.tolist() == list(by_hand)
    told = found.entries.groupby("zone_id")["effect"].sum()
    for name, parts in by_hand.items():
        row = found.effects.loc[name]
        if parts is None or definition not in FOLLOWED:
            assert pd.isna(row["change"])
            continue
        for column, value in parts.items():
            assert row[column] == pytest.approx(float(value), abs=1e-9), column
        assert row[list(change.CAUSES)].sum() == pytest.approx(float(parts["change"]), abs=1e-9)
        assert told.get(name, 0.0) == pytest.approx(float(parts["change"]), abs=1e-9)
    if then == now and definition in FOLLOWED and definition != "cleared":
        _leases(asked.counted.books, found, by_hand, given)


def _leases(books: Books, found: Any, by_hand: Any, given: Any) -> None:
    plain = set(plain_lots(books))
    entries = found.entries
    entries = entries[entries["cause"].isin(["lease_begun", "lease_ended"])]
    entries = entries[entries["parcel_ids"].isin(plain)]
    told = entries.groupby(["zone_id", "parcel_ids", "cause"])["leased_change_ha"].sum()
    known = {name for name, parts in by_hand.items() if parts is not None}
    expected = {
        key: value for key, value in leases_by_lot(books, **given).items() if key[0] in known
    }
    told = told[[key[0] in known for key in told.index]]
    assert sorted(told.index) == sorted(expected)
    for key, value in expected.items():
        assert told[key] == pytest.approx(float(value) / 1e4, abs=CLOSE_HA)


def is_same(row: Any, rate: Rate, *, loose: bool = False, bounds: bool = True) -> None:
    """Hold a row of rates against the rate counted by hand."""
    if rate.known is None:
        assert pd.isna(row.fill_rate)
        assert pd.isna(row.base_ha)
    else:
        leased, base = rate.known
        assert row.base_ha == pytest.approx(float(base) / 1e4, abs=CLOSE_HA)
        assert row.leased_ha == pytest.approx(float(leased) / 1e4, abs=CLOSE_HA)
        by_hand = float(leased / base) if base else float("nan")
        assert row.fill_rate == pytest.approx(by_hand, abs=1e-8, nan_ok=True)
    if not bounds:
        return
    ways = [leased / base for leased, base in rate.ways if base]
    if len(ways) < max(len(rate.ways), 1):
        # Nothing bounds it, or a way leaves nothing that could be let.
        assert pd.isna(row.rate_low)
        assert pd.isna(row.rate_high)
        return
    low, high, near = float(min(ways)), float(max(ways)), LOOSE if loose else 1e-8
    assert row.rate_low <= low + 1e-8
    assert row.rate_high >= high - 1e-8
    if rate.is_sharp:
        assert (row.rate_low, row.rate_high) == pytest.approx((low, high), abs=near)


QUESTIONS = (rates, rates_of_phases, accounts, series, lots, reasons)
