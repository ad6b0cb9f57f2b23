"""Clearance, stages and readiness on random estates, against plain loops over lots of 1 ha.

Nothing here uses the code under test: lots are cells of a grid, days are compared one by one, and
distances come from shapely, pair by pair.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point

import kcngeo as kcn
from tests import squares

ON = pd.Timestamp("2020-06-30")
WIDE, HIGH = 6, 4
KINDS = ("road", "power", "water", "wastewater", "drainage", "telecom", "solid_waste")
SEEDS = range(8)


def lots() -> gpd.GeoDataFrame:
    """A block of lots, side by side and row above row."""
    cells = [(column, row) for row in range(HIGH) for column in range(WIDE)]
    data = {
        "parcel_id": [f"P{column}{row}" for column, row in cells],
        "zone_id": "A",
        "land_use": "industrial",
    }
    shapes = [squares.square(*cell) for cell in cells]
    return gpd.GeoDataFrame(data, geometry=shapes, crs=squares.CRS)


def estate(random: np.random.Generator) -> tuple[Any, ...]:
    """A tenure and a need of clearance for each lot, over random days and parts."""
    parcels = lots()
    entries, projects = [], []
    for name in parcels["parcel_id"]:
        start = ON + pd.Timedelta(int(random.integers(-3, 3)), "D")
        end = (
            start + pd.Timedelta(int(random.integers(1, 4)), "D") if random.random() < 0.5 else None
        )
        part = float(random.choice([0.25, 0.5])) if random.random() < 0.3 else None
        tenure = random.choice(["leased", "reserved", "none"], p=[0.5, 0.2, 0.3])
        if tenure != "none":
            project_id = f"D{name}" if tenure == "leased" and random.random() < 0.8 else None
            entries.append((name, tenure, start, end, part, project_id))
            if project_id is not None:
                days = ON + pd.to_timedelta(random.integers(-2, 3, 2), "D")
                known = random.random(2) < 0.7
                projects.append(
                    (
                        project_id,
                        *(day if yes else None for day, yes in zip(days, known, strict=True)),
                    )
                )
        if random.random() < 0.4:
            start = ON + pd.Timedelta(int(random.integers(-4, 1)), "D")
            end = start + pd.Timedelta(int(random.integers(1, 6)), "D")
            part = float(random.choice([0.25, 0.75])) if random.random() < 0.3 else None
            entries.append((name, "uncleared", start, end, part, None))
    names = ["parcel_id", "status", "valid_from", "valid_to", "part_area_ha", "project_id"]
    ledger = pd.DataFrame(entries, columns=names)
    ledger["valid_to"] = ledger["valid_to"].astype("datetime64[s]")
    ledger["part_area_ha"] = ledger["part_area_ha"].astype("float64")
    course = pd.DataFrame(projects, columns=["project_id", "building_on", "operating_on"])
    zones = gpd.GeoDataFrame(
        {"zone_id": ["A"]}, geometry=[squares.square(0, wide=WIDE, high=HIGH)], crs=squares.CRS
    )
    return zones, parcels, ledger, course


def runs(entry: Any) -> bool:
    return bool(entry.valid_from <= ON and not entry.valid_to <= ON)


def held(ledger: pd.DataFrame, name: str, status: str) -> float:
    """Hectares of a lot of 1 ha under a status on the day."""
    rows = [one for one in ledger.itertuples() if one.parcel_id == name and one.status == status]
    return sum(1.0 if np.isnan(one.part_area_ha) else one.part_area_ha for one in rows if runs(one))


@pytest.mark.parametrize("seed", SEEDS)
def test_stages(seed: int) -> None:
    zones, parcels, ledger, course = estate(np.random.default_rng(seed))
    expected = dict.fromkeys(
        ("planned", "cleared", "reserved", "leased", "building", "operating", "leased_unknown"), 0.0
    )
    days = course.set_index("project_id")
    for name in parcels["parcel_id"]:
        expected["planned"] += 1
        expected["cleared"] += 1 - held(ledger, name, "uncleared")
        expected["reserved"] += held(ledger, name, "reserved")
        let = held(ledger, name, "leased")
        expected["leased"] += let
        row = ledger[(ledger["parcel_id"] == name) & (ledger["status"] == "leased")]
        if not let:
            continue
        project_id = row["project_id"].iloc[0]
        if project_id not in days.index:
            expected["leased_unknown"] += let
            continue
        building, operating = days.loc[project_id]
        expected["operating"] += let if operating <= ON else 0
        expected["building"] += let if building <= ON or operating <= ON else 0
    found = kcn.progress.stage_funnel(
        squares.known(zones, parcels, ledger, projects=course), on=ON
    ).loc[("A", ON)]
    for stage, area_ha in expected.items():
        assert found[f"{stage}_ha"] == pytest.approx(area_ha, abs=1e-6), stage
    assert found["taken_ha"] == pytest.approx(expected["reserved"] + expected["leased"], abs=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_clearing_a_lot_joins(seed: int) -> None:
    zones, parcels, ledger, _ = estate(np.random.default_rng(seed))
    state = {}
    for column in range(WIDE):
        for row in range(HIGH):
            name = f"P{column}{row}"
            uncleared = held(ledger, name, "uncleared")
            tenure = held(ledger, name, "leased") + held(ledger, name, "reserved")
            state[column, row] = (uncleared, max(0.0, 1 - tenure - min(uncleared, 1 - tenure)))

    def beside(cell: tuple[int, int]) -> list[tuple[int, int]]:
        column, row = cell
        near = [(column + 1, row), (column - 1, row), (column, row + 1), (column, row - 1)]
        return [one for one in near if one in state]

    def stretch(cell: tuple[int, int]) -> frozenset[tuple[int, int]]:
        """All wholly vacant and cleared lots that hang together with this one."""
        found, ahead = {cell}, [cell]
        while ahead:
            for one in beside(ahead.pop()):
                if one not in found and state[one][1] == 1:
                    found.add(one)
                    ahead.append(one)
        return frozenset(found)

    clearance = gpd.GeoDataFrame(
        {"clearance_id": ["G"], "zone_id": "A", "parcel_id": "P00"},
        geometry=[squares.square(0)],
        crs=squares.CRS,
    )
    land = kcn.progress.clearance_progress(
        squares.known(zones, parcels, ledger, clearance=clearance), on=ON
    ).blocking
    assert set(land.index) == {f"P{c}{r}" for (c, r), (uncleared, _) in state.items() if uncleared}
    for name, row in land.iterrows():
        cell = (int(str(name)[1]), int(str(name)[2]))
        parts = {stretch(one) for one in beside(cell) if state[one][1] == 1}
        sizes = sorted(len(part) for part in parts)
        own = state[cell][0]
        assert row["own_ha"] == pytest.approx(own, abs=1e-6)
        assert row["adjoining_ha"] == pytest.approx(sum(sizes), abs=1e-6)
        assert row["adjoining_parts_count"] == len(sizes)
        assert row["gain_ha"] == pytest.approx(own + sum(sizes) - max(sizes, default=0), abs=1e-6)
        loose = sum(state[one][1] for one in [cell, *beside(cell)] if 0 < state[one][1] < 1)
        assert row["unlocated_ha"] == pytest.approx(loose, abs=1e-6)
    assert land["unlocked_ha"].is_monotonic_decreasing


@pytest.mark.parametrize("seed", SEEDS)
def test_levels_of_readiness(seed: int) -> None:
    random = np.random.default_rng(seed)
    zones, parcels, ledger, _ = estate(random)
    works = random_works(random)
    rule = kcn.standards.load("readiness-levels")
    found = kcn.progress.readiness(squares.known(zones, parcels, ledger, works=works), on=ON)
    for lot in parcels.itertuples():
        tests = {"cleared": held(ledger, lot.parcel_id, "uncleared") == 0}
        for kind in KINDS:
            tests[kind] = served(lot.geometry, works[works["kind"] == kind], kind, rule.reach_m)
        roads = [
            one
            for one in works.itertuples()
            if one.kind == "road" and one.inside_fence and one.done_on <= ON
            and lot.geometry.distance(one.geometry) <= rule.reach_m
        ]  # fmt: skip
        wide = any(one.capacity_unit == "m" and one.capacity >= rule.fire_road_m for one in roads)
        unmeasured = any(one.capacity_unit != "m" or np.isnan(one.capacity) for one in roads)
        tests["fire_access"] = True if wide else None if unmeasured else False
        if tests["road"] is None:
            tests["fire_access"] = None
        outer: dict[str, bool] = {}
        for one in works[~works["inside_fence"]].itertuples():
            outer[one.kind] = outer.get(one.kind, False) or one.done_on <= ON
        tests["outside"] = all(outer.values()) if outer else None
        level = 0
        while level < 5 and all(tests[need] for need in rule.levels[level]):
            level += 1
        row = found.loc[lot.parcel_id]
        seen = {name: None if pd.isna(row[name]) else bool(row[name]) for name in tests}
        assert seen == tests, lot.parcel_id
        assert row["level"] == level
        assert row["vacant_ha"] <= row["area_ha"]


def served(lot: Any, works: gpd.GeoDataFrame, kind: str, reach_m: float) -> bool | None:
    """A line or road inside the fence within reach, and a plant anywhere, of what is on record."""
    along = [kind == "road" or one.geometry.geom_type == "LineString" for one in works.itertuples()]
    lines = [
        one for one, yes in zip(works.itertuples(), along, strict=True) if yes and one.inside_fence
    ]
    plants = [one for one, yes in zip(works.itertuples(), along, strict=True) if not yes]
    if not lines and not plants:
        return None
    by_line = any(one.done_on <= ON and lot.distance(one.geometry) <= reach_m for one in lines)
    by_plant = any(one.done_on <= ON for one in plants)
    return (by_line or not lines) and (by_plant or not plants)


def random_works(random: np.random.Generator) -> gpd.GeoDataFrame:
    """Lines along and across the block, and plants, some done on the day, some the day after."""
    rows, shapes = [], []
    for number in range(int(random.integers(8, 26))):
        is_line = random.random() < 0.7
        x = squares.EAST + float(random.uniform(-60, 100 * WIDE + 60))
        y = squares.NORTH + float(random.uniform(-60, 100 * HIGH + 60))
        far = float(random.uniform(50, 700))
        shapes.append(LineString([(x, y), (x + far, y)]) if is_line else Point(x, y))
        in_metres = random.random() < 0.6
        rows.append(
            {
                "work_id": f"W{number:02d}",
                "zone_id": "A",
                "kind": str(random.choice(KINDS)),
                "inside_fence": bool(random.random() < 0.8),
                "capacity": float(random.choice([3.0, 3.5, 7.0, np.nan])),
                "capacity_unit": "m" if in_metres else None,
                "done_on": ON
                + pd.Timedelta(int(random.choice([-1, 0, 1], p=[0.5, 0.3, 0.2])), "D"),
            }
        )
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=squares.CRS)
