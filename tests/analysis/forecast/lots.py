"""Ten lots of a hectare a zone, let one a year, and what tests of forecasts ask of them."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

import kcngeo as kcn
from kcngeo.analysis import forecast as room
from tests import squares

SAMPLE = Path(__file__).resolve().parents[3] / "data" / "parcels" / "two_zones.gpkg"
ON = "2018-03-31"
LEVELS = ["p10", "p50", "p90"]
Frames = tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame]


def ten_lots(
    *extra: tuple[Any, ...],
    let: int = 7,
    zone: str = "A",
    established: str = "2008-01-01",
    begun: int = 2008,
) -> Frames:
    """Ten lots of 1 ha, of which the first ``let`` are let on 1 July, one a year."""
    ids = [f"{zone}{number}" for number in range(10)]
    entries = [(ids[number], "leased", f"{begun + number}-07-01") for number in range(let)]
    zones = squares.zones(zone, established_on=[established])
    return zones, squares.parcels(*ids, zone=zone), squares.ledger(*entries, *extra)


def uncleared(*lots: str) -> tuple[tuple[str, str, str], ...]:
    return tuple((lot, "uncleared", "2008-01-01") for lot in lots)


def supply(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["zone_id", "on", "area_ha"])


def reasons(result: pd.DataFrame) -> list[str | None]:
    return [None if pd.isna(reason) else reason for reason in result["reason"]]


def two_zones() -> Frames:
    """Ten lots in each of two zones, one above the other."""
    zones, parcels, entries = (
        pd.concat(pair, ignore_index=True)
        for pair in zip(ten_lots(zone="A"), ten_lots(zone="B", let=6), strict=True)
    )
    parcels["geometry"] = [squares.square(at % 10, at // 10) for at in range(20)]
    zones["geometry"] = [squares.square(0, row, wide=10) for row in range(2)]
    return zones, parcels, entries


def steps(days: list[int], leased_ha: list[float], land_ha: list[float], end: int) -> Any:
    leased = np.array(leased_ha, dtype="float64")
    return room.LeaseHistory(
        day=np.array(days), leased_ha=leased, lettable_ha=np.array(land_ha) - leased, end=end
    )


def constant(**given: Any) -> Any:
    """What is taken for likely beforehand where the pace is constant and only the data speak."""
    plain = {
        **dict.fromkeys(("pace_spread", "pace_persistence", "drift_spread"), (0.0,)),
        "pace_weight": (1.0,),
        # A billionth of an event is none, and the tail is that of the sizes seen.
        **dict.fromkeys(("tail_events", "ended_tenancies", "season_chance"), 1e-9),
    }
    return dataclasses.replace(kcn.standards.load(room.simulation.PRIOR), **{**plain, **given})
