"""What is asked of a database for some zones, in words SQLite and PostgreSQL both understand.

Names and values are put in by the store: ``{parcels}`` and ``{table}`` are tables, ``{zones}`` is a
list of ids, ``{lots}`` what :func:`lots` asks for. What comes is what :meth:`kcngeo.Project.part`
needs, if not less, so that the part of it is that of the whole project.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

MOVED = """
SELECT DISTINCT "parcel_id", "zone_id" FROM {parcels} WHERE "zone_id" IS NOT NULL AND "parcel_id" IN
(SELECT "parcel_id" FROM {parcels} GROUP BY "parcel_id" HAVING count(DISTINCT "zone_id") > 1)
"""
"""The lots that were in several zones, and these."""

# Lots of no zone belong to none, which needs them to be seen; those nobody knows are everybody's.
_LOTS = 'SELECT "parcel_id" FROM {parcels} WHERE "zone_id" IN ({zones}) OR "zone_id" IS NULL'
_UNKNOWN_LOTS = 'SELECT "parcel_id" FROM {table} EXCEPT SELECT "parcel_id" FROM {parcels}'


def lots(table: str) -> str:
    """Ask for the lots whose rows in a table are of some zones or of nobody.

    Examples
    --------
    >>> lots("parcels")
    'SELECT "parcel_id" FROM {parcels} WHERE "zone_id" IN ({zones}) OR "zone_id" IS NULL'
    """
    return _LOTS if table == "parcels" else f"{_UNKNOWN_LOTS} UNION {_LOTS}"


def condition(table: str, columns: Collection[str]) -> str | None:
    """Say which rows of a table are of some zones or of nobody; None if none is anybody's.

    Examples
    --------
    >>> condition("ledger", ["parcel_id", "status"])
    '("parcel_id" IS NULL OR "parcel_id" IN ({lots}))'
    >>> condition("targets", ["zone_id", "value"])
    '"zone_id" IN ({zones}) OR "zone_id" IS NULL'
    """
    has_lots = "parcel_id" in columns
    by_lot = '("parcel_id" IS NULL OR "parcel_id" IN ({lots}))' if has_lots else None
    if table == "parcels" or "zone_id" not in columns:
        return by_lot
    of_nobody = '"zone_id" IS NULL' + ("" if by_lot is None else f" AND {by_lot}")
    return f'"zone_id" IN ({{zones}}) OR {of_nobody}'


def extent(
    frames: Mapping[str, Any], zones: Collection[str], *, reach_m: float
) -> tuple[float, float, float, float] | None:
    """Give the box around all shapes that are of some zones, wider by a reach; None without any."""
    boxes = [np.empty((0, 4))]
    for frame in frames.values():
        if isinstance(frame, gpd.GeoDataFrame) and frame.crs == frames["parcels"].crs:
            owned = np.zeros(len(frame), dtype=bool)
            if "zone_id" in frame.columns:
                owned |= frame["zone_id"].isin(zones).to_numpy()
            if "parcel_id" in frame.columns:
                owned |= frame["parcel_id"].notna().to_numpy()
            boxes.append(shapely.bounds(frame.geometry.to_numpy()[owned]))
    corners = np.concatenate(boxes)
    corners = corners[~np.isnan(corners).any(axis=1)]
    if not len(corners):
        return None
    west, south = corners[:, :2].min(axis=0) - reach_m
    east, north = corners[:, 2:].max(axis=0) + reach_m
    return float(west), float(south), float(east), float(north)
