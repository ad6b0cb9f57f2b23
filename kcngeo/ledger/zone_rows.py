"""Whose zone a row is: by its ``zone_id``, else by its parcel; rows of no zone are everybody's."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

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
