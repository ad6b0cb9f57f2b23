"""What contradicts between tables, each of which keeps its own contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.dates import ALWAYS, OPEN, day_numbers
from kcngeo.core.model import Finding, finding
from kcngeo.core.validation import distinct, row_names

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray


def is_among(ids: pd.Series[Any], others: pd.Series[Any]) -> NDArray[np.bool_]:
    """Tell which ids stand among others; ``isin`` makes a Python text of each of those."""
    return places_among(ids, others) >= 0


def places_among(ids: pd.Series[Any], others: pd.Series[Any]) -> NDArray[np.intp]:
    """Give the place of each id among others, -1 for one that is none of them."""
    codes = pd.factorize(pd.concat([ids, others]))[0]
    # (ids and others,) and a place at the end for those that are missing, whose number is -1
    place = np.full(codes.max(initial=-1) + 2, -1, dtype="intp")
    place[codes[len(ids) :]] = np.arange(len(others))
    return place[codes[: len(ids)]]


def zone_problems(zones: gpd.GeoDataFrame, parcels: gpd.GeoDataFrame) -> list[Finding]:
    """List what contradicts between zones and parcels."""
    problems = []
    size = len(zones)
    code = pd.factorize(zones["zone_id"])[0]
    start = day_numbers(zones.get("valid_from"), missing=ALWAYS, length=size)
    end = day_numbers(zones.get("valid_to"), missing=OPEN, length=size)
    # (versions,) sorted by zone and first day, so that only neighbours need be compared
    order = np.lexsort((start, code))
    same = code[order[1:]] == code[order[:-1]]
    bad = order[1:][same & (start[order[1:]] < end[order[:-1]])]
    if len(bad):
        ids = distinct(zones["zone_id"].iloc[bad])
        problems.append(finding("versions_overlap", "zones", ids=ids, zone_ids=ids))
    # Such a finding has no zone: nobody can say whose figures it would move.
    strange = np.flatnonzero(~parcels["zone_id"].isin(zones["zone_id"]).to_numpy())
    if len(strange):
        problems.append(
            finding(
                "unknown_zone",
                "parcels",
                ids=row_names(parcels, strange, "parcel_id"),
                zones=distinct(parcels["zone_id"].iloc[strange]),
            )
        )
    return problems
