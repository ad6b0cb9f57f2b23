"""Which parcels adjoin, and what would lie together if one of them were cleared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from kcngeo.core.geometry import require_polygons
from kcngeo.core.units import hectares

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Rows = NDArray[np.intp]

_NEAR_M = 0.1
"""Edges run together where they are not farther apart than this: what two surveys differ by."""
_NOTHING_HA = 1e-6


def blocking_land(parcels: gpd.GeoDataFrame, *, contact_m: float) -> gpd.GeoDataFrame:
    """Give, for every uncleared parcel, the vacant cleared land it would join."""
    require_polygons(parcels, name="parcels")
    free_ha = hectares(np.rint(parcels["whole_mm2"] * parcels["available_share"]))
    uncleared_ha = parcels["uncleared_ha"].to_numpy()
    is_piece = uncleared_ha > _NOTHING_HA
    is_vacant = (parcels["available_share"] >= 1 - 1e-9).to_numpy()
    is_part = ~is_vacant & (free_ha > _NOTHING_HA)
    # What is let on all of its land neither blocks nor is joined.
    used = np.flatnonzero(is_piece | is_vacant | is_part)
    left, right = adjoining(parcels.iloc[used], contact_m=contact_m)
    left, right = used[left], used[right]
    both = is_vacant[left] & is_vacant[right]
    stretch = _stretches(len(parcels), left[both], right[both])
    stretch_ha = np.bincount(
        stretch, weights=np.where(is_vacant, free_ha, 0), minlength=len(parcels)
    )
    # Each neighbour once from either side.
    here, there = np.concatenate([left, right]), np.concatenate([right, left])
    joins = is_piece[here] & is_vacant[there]
    joined = pd.DataFrame({"row": here[joins], "stretch": stretch[there[joins]]}).drop_duplicates()
    joined["area_ha"] = stretch_ha[joined["stretch"]]
    sums = joined.groupby("row")["area_ha"].agg(["sum", "max", "count"])
    beside = is_piece[here] & is_part[there]
    unlocated = np.bincount(here[beside], weights=free_ha[there[beside]], minlength=len(parcels))
    rows = np.flatnonzero(is_piece)
    sums = sums.reindex(rows, fill_value=0.0)
    unlocked_ha = uncleared_ha[rows] + sums["sum"].to_numpy()
    result = parcels.iloc[rows][["parcel_id", "zone_id", parcels.active_geometry_name]].assign(
        own_ha=uncleared_ha[rows],
        adjoining_ha=sums["sum"].to_numpy(),
        adjoining_parts_count=sums["count"].to_numpy().astype("int64"),
        unlocked_ha=unlocked_ha,
        gain_ha=unlocked_ha - sums["max"].to_numpy(),
        unlocated_ha=unlocated[rows] + np.where(is_part[rows], free_ha[rows], 0),
    )
    ordered = result.sort_values(["unlocked_ha", "parcel_id"], ascending=[False, True])
    return ordered.set_index("parcel_id")


def adjoining(frame: gpd.GeoDataFrame, *, contact_m: float) -> tuple[Rows, Rows]:
    """Find the pairs of polygons whose edges run together for a length.

    Examples
    --------
    Of three squares in a row the first adjoins the second, and the second the third:

    >>> import geopandas as gpd
    >>> from kcngeo.examples import square
    >>> left, right = adjoining(gpd.GeoSeries([square(0), square(1), square(2)]), contact_m=1.0)
    >>> sorted(zip(left.tolist(), right.tolist()))
    [(0, 1), (1, 2)]
    """
    shapes = frame.geometry.to_numpy()
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=_NEAR_M)
    once = left < right
    left, right = left[once], right[once]
    around = shapely.buffer(shapes[left], _NEAR_M, join_style="mitre")
    shared = shapely.length(shapely.intersection(around, shapely.boundary(shapes[right])))
    # At a corner the widened parcel still covers a little of both edges of the other.
    keep = shared >= contact_m + 2 * _NEAR_M
    return left[keep], right[keep]


def _stretches(size: int, left: Rows, right: Rows) -> Rows:
    """Number the parcels that hang together: each takes the lowest number it can reach."""
    number = np.arange(size)
    while True:
        lower = number.copy()
        np.minimum.at(lower, left, number[right])
        np.minimum.at(lower, right, number[left])
        lower = lower[lower]
        if (lower == number).all():
            return number
        number = lower
