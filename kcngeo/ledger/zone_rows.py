"""Whose zone a row is: by its ``zone_id``, else by its parcel; rows of no zone are everybody's."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcngeo.ledger.tables import Tables


def only_zones(tables: Tables, zone_ids: Collection[str]) -> dict[str, Any]:
    """Keep the rows of some zones, and those of none."""
    kept = set(zone_ids)
    frames = {}
    for name, frame in tables.tables():
        out = belongs(frame, tables.parcels, lambda zone_id: zone_id not in kept)
        frames[name] = frame if not out.any() else frame[~out]
    return frames


def moved_between(parcels: pd.DataFrame) -> list[tuple[str, ...]]:
    """List the zones that have a lot in common, which is in one of them after the other.

    Examples
    --------
    >>> moved_between(pd.DataFrame({"parcel_id": ["P", "P", "Q"], "zone_id": ["B", "A", "A"]}))
    [('A', 'B')]
    """
    names = ["parcel_id", "zone_id"]
    if not set(names) <= set(parcels.columns):
        return []
    pairs = pd.DataFrame(parcels)[names].dropna().drop_duplicates()
    several = pairs[pairs["parcel_id"].duplicated(keep=False)]
    return sorted({tuple(sorted(some)) for _, some in several.groupby("parcel_id")["zone_id"]})


def together(zone_ids: Collection[str], moved: Iterable[Collection[str]]) -> set[str]:
    """Name zones, and all that have a lot in common with one of them, directly or through others.

    Examples
    --------
    >>> sorted(together(["A"], [("A", "B"), ("B", "C"), ("D", "E")]))
    ['A', 'B', 'C']
    """
    found, left = set(zone_ids), [set(some) for some in moved]
    while mine := [some for some in left if some & found]:
        left = [some for some in left if not some & found]
        found.update(*mine)
    return found


def near_zones(tables: Tables, reach_m: float) -> dict[str, Any]:
    """Leave out shapes of no zone that lie farther than a reach from all that is of a zone."""
    shown = {name: _of_none(frame) for name, frame in tables.tables() if _has_shapes(frame)}
    if "parcels" not in shown:
        return dict(tables.tables())
    crs = tables.parcels.crs
    # (rows, 4) metres, widened by the reach
    boxes = [
        shapely.bounds(getattr(tables, name).geometry.to_numpy()[~loose])
        for name, loose in shown.items()
        if getattr(tables, name).crs == crs
    ]
    wide = np.concatenate(boxes) + np.array([-reach_m, -reach_m, reach_m, reach_m])
    tree = shapely.STRtree(shapely.box(*wide[~np.isnan(wide).any(axis=1)].T))
    frames = dict(tables.tables())
    for name, loose in shown.items():
        if loose.any() and frames[name].crs == crs:
            corners = shapely.bounds(frames[name].geometry.to_numpy())
            there = ~np.isnan(corners).any(axis=1)
            far = loose & there
            far[there] &= ~np.isin(
                np.arange(there.sum()), tree.query(shapely.box(*corners[there].T), "intersects")[0]
            )
            frames[name] = frames[name][~far] if far.any() else frames[name]
    return frames


def _has_shapes(frame: Any) -> bool:
    return isinstance(frame, gpd.GeoDataFrame) and frame.active_geometry_name is not None


def _of_none(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which rows name neither a zone nor a parcel."""
    named = [name for name in ("zone_id", "parcel_id") if name in frame.columns]
    return np.asarray(frame[named].isna().all(axis=1), dtype=bool)


def without_zones(
    tables: Tables, zone_ids: Collection[str], names: Collection[str], *, owners: pd.DataFrame
) -> Any:
    """Leave the rows of some zones out of some tables."""
    gone = set(zone_ids)
    frames = dict(tables.tables())
    for name in names:
        if name in frames:
            out = belongs(frames[name], owners, lambda zone_id: zone_id in gone)
            frames[name] = frames[name][~out]
    return frames


def belongs(frame: pd.DataFrame, parcels: pd.DataFrame, test: Any) -> NDArray[np.bool_]:
    """Tell which rows belong to zones of which something holds, and to no others."""
    belonging = np.zeros(len(frame), dtype=bool)
    unknown = np.ones(len(frame), dtype=bool)
    if "zone_id" in frame.columns:
        codes, zone_ids = pd.factorize(frame["zone_id"])
        passed = np.array([*(bool(test(one)) for one in zone_ids), False])
        belonging, unknown = passed[codes], codes < 0
    if "parcel_id" in frame.columns and unknown.any() and "zone_id" in parcels.columns:
        passes = parcels["zone_id"].map(lambda one: bool(test(one))).astype(bool)
        of_parcel = passes.groupby(parcels["parcel_id"]).all()
        by_parcel = frame["parcel_id"].map(of_parcel).eq(True).to_numpy()
        belonging = np.where(unknown, by_parcel, belonging)
    return np.asarray(belonging, dtype=bool)


def zones_of_parcels(parcel_ids: pd.Series, parcels: pd.DataFrame) -> pd.Series:
    """Name the zone of each parcel, as far as the parcels tell."""
    if not {"parcel_id", "zone_id"} <= set(parcels.columns):
        return pd.Series(None, index=parcel_ids.index, dtype="str")
    zone_of = parcels.drop_duplicates("parcel_id").set_index("parcel_id")["zone_id"]
    return parcel_ids.map(zone_of)
