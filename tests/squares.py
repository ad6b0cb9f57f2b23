"""Zones and parcels as squares of a 100 m grid: every lot is 1 ha, so totals are counted by eye."""

from __future__ import annotations

from typing import Any, Literal

import geopandas as gpd
import pandas as pd
from shapely import box

from kcngeo import Project, Snapshot

CRS = "EPSG:5899"
EAST, NORTH = 500_000, 1_270_000


def square(column: float, row: float = 0, *, wide: float = 1, high: float = 1) -> Any:
    """Give a rectangle of the grid, ``wide`` × ``high`` squares of 1 ha."""
    x, y = EAST + 100 * column, NORTH + 100 * row
    return box(x, y, x + 100 * wide, y + 100 * high)


def zones(*ids: str, **columns: Any) -> gpd.GeoDataFrame:
    """Lay zones of 10 × 1 squares above each other."""
    shapes = [square(0, row, wide=10) for row in range(len(ids))]
    return gpd.GeoDataFrame({"zone_id": list(ids), **columns}, geometry=shapes, crs=CRS)


def parcels(
    *ids: str, zone: str | list[str] = "A", use: str | list[str] = "industrial", **columns: Any
) -> gpd.GeoDataFrame:
    """Lay parcels of 1 ha side by side."""
    shapes = [square(column) for column in range(len(ids))]
    data = {"parcel_id": list(ids), "zone_id": zone, "land_use": use, **columns}
    return gpd.GeoDataFrame(data, geometry=shapes, crs=CRS)


def ledger(*entries: tuple[Any, ...], **columns: Any) -> pd.DataFrame:
    """Make a ledger of (parcel_id, status, valid_from[, valid_to[, part_area_ha]])."""
    names = ["parcel_id", "status", "valid_from", "valid_to", "part_area_ha"]
    rows = [(*entry, *[None] * (len(names) - len(entry))) for entry in entries]
    frame = pd.DataFrame(rows, columns=names)
    frame["part_area_ha"] = frame["part_area_ha"].astype("float64")
    return frame.assign(**columns)


def known(
    zones: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    ledger: pd.DataFrame,
    *,
    known_at: Any = None,
    faulty: Literal["raise", "set_apart"] = "raise",
    **tables: Any,
) -> Snapshot:
    """Give the tables as known; any fault raises, unless it is to be set apart."""
    project = Project(zones=zones, parcels=parcels, ledger=ledger, **tables)
    return project.as_known(known_at, faulty=faulty)


def around(
    parcels: gpd.GeoDataFrame,
    *,
    known_at: Any = None,
    faulty: Literal["raise", "set_apart"] = "raise",
    **tables: Any,
) -> Snapshot:
    """Give the tables as known, with zones drawn round their parcels."""
    ids = sorted(set(parcels["zone_id"]))
    shapes = [parcels.geometry[parcels["zone_id"] == zone_id].union_all() for zone_id in ids]
    zones = gpd.GeoDataFrame({"zone_id": ids}, geometry=shapes, crs=parcels.crs)
    tables = {"ledger": ledger(), **tables}
    return Project(zones=zones, parcels=parcels, **tables).as_known(known_at, faulty=faulty)
