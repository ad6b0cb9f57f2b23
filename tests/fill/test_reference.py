"""Accounts, rates and their explanation against a plain count, on projects drawn at random.

The reference knows nothing of the package: dates, dictionaries and fractions, one lot and one entry
at a time. Projects have zones that come and go, lots that are measured anew, change their use or
zone, are split and merged, entries of parts, clearance, and corrections recorded later.
"""

from __future__ import annotations

import datetime as dt
import random
from fractions import Fraction
from itertools import product
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcngeo import Project, fill
from kcngeo.analysis import change
from tests import squares

DAYS = [dt.date(2018, 1, 31) + dt.timedelta(days=37 * number) for number in range(14)]
# Recorded at noon UTC, on the same day in Viet Nam; a day asked for is that day to its end.
TIMES = [dt.date(2019, 1, 10), dt.date(2019, 5, 10), dt.date(2019, 9, 10)]
TENURES = ["leased", "reserved", "recovering", "repurposed"]
PARTS = [*TENURES, "uncleared"]
LEASABLE = {"industrial", "service"}
# Land uses and base of each definition, as the decrees have them.
KINDS = {
    "nd164-2013": ({"industrial"}, "leasable"),
    "nd82-2018": ({"industrial"}, "leasable"),
    "nd35-2022": ({"industrial", "service"}, "leasable"),
    "cleared": ({"industrial"}, "cleared"),
    "gross": ({"industrial", "service"}, "zone"),
}


def drawn(seed: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Draw the rows of zones, parcels and ledger."""
    chance = random.Random(seed)
    zones = []
    for number, name in enumerate("AB"):
        life = {"established_on": chance.choice([None, DAYS[0], DAYS[2]])}
        life["removed_on"] = chance.choice([None, None, DAYS[11]])
        cut, drawn_anew = chance.choice([None, None, DAYS[6]]), chance.choice([None, TIMES[0]])
        spans = [(None, None)] if cut is None else [(None, cut), (cut, None)]
        records = [(None, None)] if drawn_anew is None else [(None, drawn_anew), (drawn_anew, None)]
        for (start, end), (since, until) in product(spans, records):
            wide = 30 + chance.randrange(3)
            row = {"zone_id": name, "wide": wide, "high": 2, "at": (0, 10 * number), **life}
            row |= {"valid_from": start, "valid_to": end}
            zones.append({**row, "recorded_at": since, "superseded_at": until})
    lots: list[dict[str, Any]] = []
    for number in range(5):
        lots += lives(chance, f"P{number}", 5 * number)
    entries: list[dict[str, Any]] = []
    for _ in range(14):
        lot = chance.choice(sorted({row["parcel_id"] for row in lots}))
        last = max(row["valid_to"] or dt.date.max for row in lots if row["parcel_id"] == lot)
        start, end = sorted(chance.sample(DAYS, 2))
        until = chance.choice([end, None])
        until = min(until or dt.date.max, last)
        if start >= until:
            continue
        part = chance.choice([None, Fraction(1, 4), Fraction(2, 5), Fraction(3, 10)])
        row = {"parcel_id": lot, "status": chance.choice(PARTS), "part_ha": part}
        row |= {"valid_from": start, "valid_to": None if until == dt.date.max else until}
        row |= {"entry_id": f"e{len(entries)}", **written(chance)}
        if not contradicts(lots, [*entries, row], lot):
            entries.append(row)
    return zones, lots, entries


def lives(chance: random.Random, name: str, column: int) -> list[dict[str, Any]]:
    """Draw the versions of a lot, and of what it is split into."""

    def version(lot: str, start: Any, end: Any, **more: Any) -> dict[str, Any]:
        wide = chance.choice([Fraction(1, 2), 1, 2])
        written_m2 = chance.choice([None, None, int(wide * 10_000) + 200])
        return {
            "parcel_id": lot,
            "zone_id": zone,
            "land_use": chance.choice(["industrial", "industrial", "service", "green"]),
            "wide": wide,
            "high": 1,
            "at": (column, 10 * "AB".index(zone)),
            "certificate_m2": written_m2,
            "valid_from": start,
            "valid_to": end,
            "parents": None,
            "recorded_at": None,
            "superseded_at": None,
            **more,
        }

    zone = chance.choice("AB")
    cut = chance.choice(DAYS[1:])
    way = chance.choice(["still", "anew", "moved", "split", "gone", "corrected"])
    if way == "still":
        return [version(name, None, None)]
    if way == "gone":
        return [version(name, None, cut)]
    if way == "corrected":
        wrong = version(name, None, None, superseded_at=TIMES[1])
        return [wrong, version(name, None, None, recorded_at=TIMES[1])]
    rows = [version(name, None, cut)]
    if way == "split":
        # Side by side: lots that overlap have no account.
        places = {half: (column + 2 * nth, rows[0]["at"][1]) for nth, half in enumerate("ab")}
        return rows + [
            version(f"{name}{half}", cut, None, parents=name, at=at) for half, at in places.items()
        ]
    zone = chance.choice("AB") if way == "moved" else zone
    return [*rows, version(name, cut, None)]


def written(chance: random.Random) -> dict[str, Any]:
    """Draw when a row was recorded and maybe superseded; mostly it always was and still is."""
    if chance.random() > 0.4:
        return {"recorded_at": None, "superseded_at": None}
    first, last = sorted(chance.sample([None, *TIMES], 2), key=lambda day: day or dt.date.min)
    return {"recorded_at": first, "superseded_at": chance.choice([None, last])}


def known(rows: list[dict[str, Any]], when: dt.date | None) -> list[dict[str, Any]]:
    """Keep the rows on record at the end of a day; without a day those not superseded."""
    if when is None:
        return [row for row in rows if row["superseded_at"] is None]
    return [
        row
        for row in rows
        if (row["recorded_at"] or dt.date.min) <= when < (row["superseded_at"] or dt.date.max)
    ]


def in_force(rows: list[dict[str, Any]], on: dt.date) -> list[dict[str, Any]]:
    return [
        row
        for row in rows
        if (row["valid_from"] or dt.date.min) <= on < (row["valid_to"] or dt.date.max)
    ]


def grid_m2(row: dict[str, Any]) -> Fraction:
    return Fraction(row["wide"]) * row["high"] * 10_000


def shares(lot: dict[str, Any], entries: list[dict[str, Any]], on: dt.date) -> dict[str, Fraction]:
    """Add up what is held of one version of a lot on a day."""
    held = dict.fromkeys(PARTS, Fraction(0))
    for row in in_force(entries, on):
        if row["parcel_id"] == lot["parcel_id"]:
            part = row["part_ha"]
            whole_m2 = lot["certificate_m2"] or grid_m2(lot)
            held[row["status"]] += 1 if part is None else part * 10_000 / whole_m2
    return held


def contradicts(lots: list[dict[str, Any]], entries: list[dict[str, Any]], parcel_id: str) -> bool:
    """Tell whether more than all of a lot is held or uncleared on any day, as known at any time."""
    for when in (None, dt.date(2018, 1, 1), *TIMES):
        mine = [row for row in known(lots, when) if row["parcel_id"] == parcel_id]
        rows = known(entries, when)
        for on in DAYS:
            for lot in in_force(mine, on):
                held = shares(lot, rows, on)
                if held.pop("uncleared") > 1 or sum(held.values()) > 1:
                    return True
    return False


def stands(
    lot: dict[str, Any], entries: list[dict[str, Any]], on: dt.date, area: str
) -> dict[str, Fraction]:
    """Draw up the account of one version of a lot, in m²."""
    whole = grid_m2(lot) if area == "grid" else Fraction(lot["certificate_m2"])
    held = shares(lot, entries, on)
    uncleared, tenures = held.pop("uncleared"), sum(held.values())
    beside = max(Fraction(0), uncleared - (1 - tenures))
    parts = {**held, "uncleared": uncleared - beside, "uncleared_held": beside}
    parts["leased_uncleared"] = beside * held["leased"] / tenures if tenures else Fraction(0)
    parts["available"] = 1 - tenures - parts["uncleared"]
    return {"base": whole, **{name: whole * share for name, share in parts.items()}}


def counting(zones: list[dict[str, Any]], name: str, on: dt.date) -> dict[str, Any] | None:
    """Give the version of a zone in force on a day on which it counts."""
    for row in in_force(zones, on):
        begins, ends = row["established_on"] or dt.date.min, row["removed_on"] or dt.date.max
        if row["zone_id"] == name and begins <= on < ends:
            return row
    return None


def rate(
    project: Any, name: str, on: dt.date, *, definition: str, when: dt.date | None
) -> tuple[Fraction, Fraction] | None:
    """Count numerator and base of a zone in m²; None where it does not count."""
    zones, lots, entries = (known(rows, when) for rows in project)
    zone = counting(zones, name, on)
    if zone is None:
        return None
    uses, kind = KINDS[definition]
    leased = base = Fraction(0)
    for lot in in_force(lots, on):
        if lot["zone_id"] == name and lot["land_use"] in uses:
            parts = stands(lot, entries, on, "grid")
            leased, base = leased + parts["leased"], base + parts["base"]
            if kind == "cleared":
                leased -= parts["leased_uncleared"]
                base -= parts["uncleared"] + parts["uncleared_held"]
    return leased, grid_m2(zone) if kind == "zone" else base


def frames(project: Any) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    """Bring the rows into the tables of a project."""
    zones, lots, entries = (pd.DataFrame(rows) for rows in project)
    layers = []
    for table, id_columns in ((zones, []), (lots, ["parents"])):
        shapes = [
            squares.square(*at, wide=float(wide), high=high)
            for at, wide, high in zip(table["at"], table["wide"], table["high"], strict=True)
        ]
        layer = gpd.GeoDataFrame(
            table.drop(columns=["at", "wide", "high"]), geometry=shapes, crs=squares.CRS
        )
        layers.append(layer.astype(dict.fromkeys(id_columns, "str")))
    layers[1] = layers[1].rename(columns={"certificate_m2": "certificate_area_m2"})
    layers[1]["certificate_area_m2"] = layers[1]["certificate_area_m2"].astype("float64")
    if entries.empty:
        return layers[0], layers[1], squares.ledger()
    part = entries.pop("part_ha")
    entries["part_area_ha"] = [None if pd.isna(one) else float(one) for one in part]
    entries["part_area_ha"] = entries["part_area_ha"].astype("float64")
    for table in (*layers, entries):
        for column in ("recorded_at", "superseded_at"):
            noon = pd.to_datetime(table[column]) + pd.Timedelta(hours=5)
            table[column] = noon.dt.tz_localize("UTC")
    return layers[0], layers[1], entries


def stored(project: Any) -> Project:
    zones, lots, entries = frames(project)
    return Project(zones=zones, parcels=lots, ledger=entries)


SEEDS = st.integers(0, 2**32 - 1)
KNOWN = st.sampled_from([None, dt.date(2018, 1, 1), *TIMES])


@settings(max_examples=10)
@given(SEEDS, KNOWN)
def test_rates_by_every_definition_are_those_counted_by_hand(
    seed: int, when: dt.date | None
) -> None:
    project = drawn(seed)
    tables = frames(project)
    for definition in KINDS:
        for on in (DAYS[seed % 7], DAYS[7 + seed % 7]):
            found = fill.fill_rate(
                squares.known(*tables, known_at=when), on=on, definition=definition
            )
            counted = {
                name: rate(project, name, on, definition=definition, when=when) for name in "AB"
            }
            there = {name: figures for name, figures in counted.items() if figures is not None}
            assert found.index.tolist() == sorted(there)
            for name, (leased, base) in there.items():
                row = found.loc[name]
                assert row["leased_ha"] == pytest.approx(float(leased / 10_000), abs=1e-9)
                assert row["base_ha"] == pytest.approx(float(base / 10_000), abs=1e-9)
                if base:
                    assert row["fill_rate"] == pytest.approx(float(leased / base), abs=1e-9)
                else:
                    assert pd.isna(row["fill_rate"])


@settings(max_examples=25)
@given(SEEDS, KNOWN)
def test_the_parts_of_the_account_are_those_counted_by_hand(
    seed: int, when: dt.date | None
) -> None:
    project = drawn(seed)
    tables = frames(project)
    lots, entries = (known(rows, when) for rows in project[1:])
    for on in (DAYS[seed % 7], DAYS[7 + seed % 7]):
        found = fill.land_account(
            squares.known(*tables, known_at=when), on=on, definition="nd35-2022"
        )
        for name in found.index:
            mine = [
                stands(lot, entries, on, "grid")
                for lot in in_force(lots, on)
                if lot["zone_id"] == name and lot["land_use"] in LEASABLE
            ]
            for column in found.columns:
                part = sum(parts[column.removesuffix("_ha")] for parts in mine)
                assert found.loc[name, column] == pytest.approx(float(part) / 10_000, abs=1e-9)


@settings(max_examples=25)
@given(SEEDS, st.sampled_from(list(KINDS)), KNOWN, KNOWN)
def test_what_changed_adds_up_to_the_rates_counted_by_hand(
    seed: int, definition: str, then: dt.date | None, now: dt.date | None
) -> None:
    project = drawn(seed)
    start, end = DAYS[1], DAYS[-2]
    found = change.explain(
        stored(project),
        start=start,
        end=end,
        definition=definition,
        known_at_start=then,
        known_at_end=now,
    )
    told = found.entries.groupby("zone_id")["effect"].sum()
    for name in "AB":
        before = rate(project, name, start, definition=definition, when=then)
        after = rate(project, name, end, definition=definition, when=now)
        if before is None and after is None:
            assert name not in found.effects.index
            continue
        row = found.effects.loc[name]
        if not (before and after and before[1] and after[1]):
            assert pd.isna(row["change"])
            continue
        (leased_1, base_1), (leased_2, base_2) = before, after
        by_hand = {
            "rate_start": leased_1 / base_1,
            "rate_end": leased_2 / base_2,
            "numerator_effect": (leased_2 - leased_1) / base_1,
            "base_effect": leased_2 * (1 / base_2 - 1 / base_1),
            "change": leased_2 / base_2 - leased_1 / base_1,
        }
        for column, value in by_hand.items():
            assert row[column] == pytest.approx(float(value), abs=1e-9)
        assert told.get(name, 0.0) == pytest.approx(row["change"], abs=1e-12)
        assert row[list(change.CAUSES)].sum() == pytest.approx(row["change"], abs=1e-12)


def cause_by_hand(project: Any, name: str, definition: str) -> dict[str, Fraction]:
    """Add up the changes of let land by cause, lot by lot and day by day."""
    uses, _ = KINDS[definition]
    lots, entries = known(project[1], None), known(project[2], None)
    sums: dict[str, Fraction] = {}
    sides = ("valid_from", "valid_to")
    dates = {row[side] for row in (*lots, *entries) for side in sides} - {None}
    for on in sorted(dates):
        if not DAYS[1] < on <= DAYS[-2]:
            continue
        for parcel_id in {row["parcel_id"] for row in lots}:
            before, after = (
                [
                    stands(lot, entries, day, "grid")
                    for lot in in_force(lots, day)
                    if lot["parcel_id"] == parcel_id
                    and lot["zone_id"] == name
                    and lot["land_use"] in uses
                ]
                for day in (on - dt.timedelta(days=1), on)
            )
            area_1, area_2 = (sum(one["base"] for one in side) for side in (before, after))
            leased_1, leased_2 = (sum(one["leased"] for one in side) for side in (before, after))
            by_shape = leased_1 * (area_2 - area_1) / area_1 if area_1 else Fraction(0)
            by_lease = leased_2 - leased_1 - by_shape
            cause = "lease_begun" if by_lease > 0 else "lease_ended"
            sums[cause] = sums.get(cause, Fraction(0)) + by_lease
            sums["shape"] = sums.get("shape", Fraction(0)) + by_shape
    return sums


@settings(max_examples=25)
@given(SEEDS)
def test_let_land_by_cause_is_that_counted_by_hand(seed: int) -> None:
    project = drawn(seed)
    # A split is one lot on its day; here every lot is counted by itself.
    project[1][:] = [{**row, "parents": None} for row in project[1]]
    found = change.explain(
        stored(project), start=DAYS[1], end=DAYS[-2], definition="nd35-2022"
    ).entries
    for name in found["zone_id"].unique():
        by_cause = found[found["zone_id"] == name].groupby("cause")["leased_change_ha"].sum()
        by_hand = cause_by_hand(project, name, "nd35-2022")
        for cause in ("lease_begun", "lease_ended"):
            expected = float(by_hand.get(cause, 0)) / 10_000
            assert by_cause.get(cause, 0.0) == pytest.approx(expected, abs=1e-9)
        rest = by_cause.drop(["lease_begun", "lease_ended"], errors="ignore").sum()
        assert rest == pytest.approx(float(by_hand.get("shape", 0)) / 10_000, abs=1e-9)
