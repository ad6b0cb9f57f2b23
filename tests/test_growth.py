"""Twice the zones cost at most 2.3 times the processor time.

All zones are alike, so that twice of them is exactly twice the work. Time is that of the processor,
the less of two runs, and long enough that what else the machine does decides nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import kcngeo as kcn
from kcngeo import Project, products
from kcngeo.publish.month_tables import all_tables
from kcngeo.publish.narrative import summary
from kcngeo.report import TOTAL

pytestmark = pytest.mark.long

CRS = "EPSG:5899"
LOT_M, APART_M = 60.0, 400.0
BEGUN, ON = pd.Timestamp("2013-01-01"), pd.Timestamp("2017-12-31")
MOST = 2.3


def estate(
    zones: int, *, lots: int = 12, entries: int = 1, emitters: int = 1, targets: int = 1
) -> Project:
    """Lay zones of two rows of lots far apart, with every table that a month reads."""
    zone, lot = (one.ravel() for one in np.indices((zones, lots)))
    across = int(np.ceil(np.sqrt(zones)))
    wide = lots / 2 * LOT_M
    # (zones, 2) metres
    corner = np.stack([np.arange(zones) % across, np.arange(zones) // across], axis=1)
    corner = corner * [wide + APART_M, 2 * LOT_M + APART_M] + [500_000, 1_270_000]
    zone_id = np.char.add("Z", np.char.zfill(np.arange(zones).astype(str), 4))
    parcel_id = np.char.add(np.char.add(zone_id[zone], "-"), lot.astype(str))
    low = corner[zone] + np.stack([lot // 2, lot % 2], axis=1) * LOT_M
    # Of six lots one is a road, one is free, and the others are let one after the other.
    uses = np.where(lot % 6 == 5, "transport", "industrial")
    held = np.repeat(np.flatnonzero((lot % 6 != 5) & (lot % 6 != 4)), entries)
    turn = np.tile(np.arange(entries), len(held) // entries)
    length = 1200 // entries
    start = BEGUN + pd.to_timedelta(lot[held] * 100 % 1200 // entries + turn * length, unit="D")
    end = start + pd.to_timedelta(length // 2, unit="D")
    last = turn == entries - 1

    def frame(name: str, count: int, **columns: Any) -> dict[str, Any]:
        number = np.tile(np.arange(count), zones).astype(str)
        ids = np.repeat(zone_id, count)
        return {name: np.char.add(np.char.add(ids, name[0]), number), "zone_id": ids, **columns}

    x, y = np.repeat(corner, emitters, axis=0).T
    beside = np.tile(np.arange(emitters) * 40.0, zones)
    near = shapely.box(x + beside, y - 80, x + beside + 20, y - 60)
    works = shapely.box(x + beside, y + 10, x + beside + 20, y + 30)
    road = np.stack([corner, corner + np.array([wide, 0.0])], axis=1)
    day = pd.Timestamp("2010-01-01")
    receptors = frame("receptor_id", emitters, kind="housing", valid_from=day)
    emitting = frame("emitter_id", emitters, kind="wastewater_works", valid_from=day)
    return Project(
        zones=gpd.GeoDataFrame(
            {"zone_id": zone_id, "name": zone_id, "established_on": day},
            geometry=shapely.box(*corner.T, *(corner + np.array([wide, 2 * LOT_M])).T),
            crs=CRS,
        ),
        parcels=gpd.GeoDataFrame(
            {"parcel_id": parcel_id, "zone_id": zone_id[zone], "land_use": uses},
            geometry=shapely.box(*low.T, *(low + LOT_M).T),
            crs=CRS,
        ),
        ledger=pd.DataFrame(
            {
                "parcel_id": parcel_id[held],
                "status": "leased",
                "valid_from": start,
                "valid_to": pd.Series(end).mask(last),
            }
        ),
        receptors=gpd.GeoDataFrame(receptors, geometry=near, crs=CRS).drop(columns="zone_id"),
        emitters=gpd.GeoDataFrame({**emitting, "capacity_m3_day": 500.0}, geometry=works, crs=CRS),
        works=gpd.GeoDataFrame(
            frame("work_id", 1, kind="road", inside_fence=True, done_on=day),
            geometry=shapely.linestrings(road),
            crs=CRS,
        ),
        targets=pd.DataFrame(
            {
                "zone_id": np.repeat(zone_id, targets),
                "measure": "fill_rate",
                "value": np.tile(np.linspace(0.5, 0.9, targets), zones),
                "on": pd.Timestamp("2025-12-31"),
                "source": "plan",
            }
        ),
        claims=pd.DataFrame(
            frame("source", 1, measure="fill_rate", value=0.5, on=pd.Timestamp("2017-06-30"))
        ),
    )


def written(made: Any, *parts: str) -> None:
    for part in parts:
        for content in made.files(part, language="vi").values():
            content()


QUESTIONS: dict[str, tuple[Callable[[Project], object], int]] = {
    "check": (lambda project: written(products.check(project), "csv", "json"), 80),
    "conflicts": (lambda project: written(products.conflicts(project, on=ON), "csv"), 200),
    "sites": (lambda project: products.sites(project, on=ON, min_area_ha=0.3), 40),
    "series": (lambda project: written(products.series(project, month="2017-12"), "csv"), 400),
    "forecast": (
        lambda project: kcn.forecast.fill_date(project, on=ON, target=0.9, by_date="2025-12-31"),
        40,
    ),
}


def seconds(ask: Callable[[Project], object], project: Project) -> float:
    """Give the processor time of an answer."""
    spent = []
    for _ in range(2):
        begin = time.process_time()
        ask(project.only(project.zones["zone_id"]))
        spent.append(time.process_time() - begin)
    return min(spent)


@pytest.mark.parametrize("name", QUESTIONS)
def test_twice_the_zones(name: str) -> None:
    ask, zones = QUESTIONS[name]
    ask(estate(3))
    few, many = (seconds(ask, estate(count)) for count in (zones, 2 * zones))
    assert many <= MOST * few


def test_twice_the_zones_in_the_summary() -> None:
    report = kcn.report.monthly(estate(2), month="2017-12")
    tables = all_tables(report, language="en")

    def copied(table: pd.DataFrame, copies: int) -> pd.DataFrame:
        """Repeat the rows of zones under other names; all zones together stand last."""
        if "zone_id" not in table:
            return table
        of_all = table["zone_id"] == TOTAL
        mine = table[~of_all]
        names = [mine.assign(zone_id=mine["zone_id"] + f"-{number}") for number in range(copies)]
        return pd.concat([*names, table[of_all]], ignore_index=True)

    def told(copies: int) -> tuple[int, float]:
        many = {name: copied(table, copies) for name, table in tables.items()}
        begin = time.process_time()
        return len(summary(report, many)), time.process_time() - begin

    told(2)
    (few_said, few), (many_said, many) = told(75), told(150)
    # Sentences about all zones are said once.
    assert many_said > 1.9 * few_said
    assert many <= MOST * few
