"""Roads: what fronts on one, and what lies across a minor one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from kcngeo.analysis.sites.width import facing_m
from kcngeo.core.dates import Day, day

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Geometries = NDArray[np.object_]
    Rows = NDArray[np.intp]


def road_areas(roads: gpd.GeoDataFrame, *, on: Day | None) -> Geometries:
    """Give the land of the roads that are there on a day."""
    if on is not None and "done_on" in roads.columns:
        roads = roads[(pd.to_datetime(roads["done_on"]) <= day(on)).to_numpy()]
    shapes = roads.geometry.to_numpy()
    if "width_m" not in roads.columns:
        return np.asarray(shapes)
    half_m = roads["width_m"].to_numpy(dtype="float64", na_value=0.0) / 2
    is_line = shapely.get_dimensions(shapes) == 1
    widened = shapely.buffer(shapes, np.nan_to_num(half_m), cap_style="flat")
    return np.where(is_line & (half_m > 0), widened, shapes)


def frontage_m(sites: Geometries, roads: Geometries, *, reach_m: float) -> NDArray[np.float64]:
    """Measure how much of each site's edge lies within reach of a road."""
    one, other = shapely.STRtree(roads).query(sites, predicate="dwithin", distance=reach_m)
    found = np.zeros(len(sites))
    # Pairs come in the order of the sites.
    rows, first = np.unique(one, return_index=True)
    for row, begin, end in zip(rows, first, np.append(first, len(one))[1:], strict=True):
        near = shapely.union_all(roads[other[begin:end]])
        found[row] = facing_m(sites[[row]], np.array([near]), reach_m=reach_m)[0]
    return found


def joined_across(
    bodies: Geometries,
    zone: Rows,
    roads: Geometries,
    *,
    across_m: float,
    min_edge_m: float,
) -> tuple[Rows, Rows]:
    """Find the bodies of a zone that face each other across a road."""
    one, other = shapely.STRtree(bodies).query(bodies, predicate="dwithin", distance=across_m)
    asked = (one < other) & (zone[one] == zone[other])
    one, other = one[asked], other[asked]
    if not len(one):
        return one, other
    bridge = shapely.shortest_line(bodies[one], bodies[other])
    pair, _ = shapely.STRtree(roads).query(bridge, predicate="intersects")
    crosses = np.isin(np.arange(len(one)), pair)
    facing: Any = facing_m(bodies[one], bodies[other], reach_m=across_m) >= min_edge_m
    return one[crosses & facing], other[crosses & facing]
