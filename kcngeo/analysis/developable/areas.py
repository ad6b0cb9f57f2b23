"""Encumbrances made from what a project knows: belts, distances, zones that must stay clear."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo.core.crs import require_metric_crs, require_same_crs
from kcngeo.core.dates import Day, covers_day, day_number, in_force, is_in_force
from kcngeo.core.errors import GeometryError
from kcngeo.core.geometry import require_polygons
from kcngeo.core.validation import refuse_moments, require_known, row_names
from kcngeo.ledger import zone_days

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A circle of 4 × 64 corners lies inside the true one by 0.0075 % of its radius: 4 cm at 500 m.
QUADRANT_SEGMENTS = 64


def encumbrance(
    areas: gpd.GeoDataFrame, *, kind: str, rank: int, on: Day | None = None
) -> gpd.GeoDataFrame:
    """Take areas that must stay clear as they are: resettlement, green, water, rights of way.

    Parameters
    ----------
    areas
        Polygons; with ``valid_from`` and ``valid_to`` if they have dates.
    kind
        What to call the encumbrance in the account.
    rank
        Its place in the account.
    on
        The day: areas count while ``valid_from <= on < valid_to``. None if the dates do not matter.

    Returns
    -------
    gpd.GeoDataFrame
        ``kind``, ``rank``, geometry, on the index of the areas that count.

    Raises
    ------
    GeometryError
        If an area is no valid polygon; all are named.
    KcngeoError
        If the areas still say who knew what when.

    Examples
    --------
    The park of the squares is one of them, 1 ha:

    >>> import kcngeo as kcn
    >>> receptors = kcn.examples.squares().as_known().receptors
    >>> green = encumbrance(receptors[receptors["kind"] == "green"], kind="green", rank=1)
    >>> green["kind"].tolist(), (green.area / 10_000).tolist()
    (['green'], [1.0])
    """
    refuse_moments(areas, kind)
    if on is not None:
        areas = in_force(areas, on)
    require_polygons(areas, name=kind)
    return _encumbrances(areas, areas.geometry.to_numpy(), kind=kind, rank=rank)


def within(
    features: gpd.GeoDataFrame,
    *,
    distance_m: float | pd.Series,
    kind: str,
    rank: int,
    on: Day | None = None,
) -> gpd.GeoDataFrame:
    """Take all land nearer than a distance to points, lines or areas: what a rule keeps clear.

    The features themselves are in it if they are areas. Curves are drawn with 64 corners a quarter
    turn: the shape lies inside the true one, by 0.0075 % of the distance at most.

    Parameters
    ----------
    features
        What the distance is measured from, in a projected CRS in metres.
    distance_m
        Distance in metres: one for all, or a Series on the features' index; rows whose distance is
        missing take no land.
    kind
        What to call the encumbrance in the account.
    rank
        Its place in the account.
    on
        The day: features count while ``valid_from <= on < valid_to``. None if the dates do not
        matter.

    Returns
    -------
    gpd.GeoDataFrame
        ``kind``, ``rank``, ``distance_m``, geometry, on the index of the features that count and
        have a distance.

    Raises
    ------
    CRSError
        If the CRS is missing or misstates lengths.
    GeometryError
        If a distance is not above 0 m or not finite, or the Series lies on another index.
    KcngeoError
        If the features still say who knew what when.

    Examples
    --------
    All land within 100 m of a stack, a circle of 3.14 ha:

    >>> import kcngeo as kcn
    >>> stack = kcn.examples.squares().as_known().emitters
    >>> near = within(stack, distance_m=100, kind="stack", rank=1)
    >>> (near.area / 10_000).round(2).tolist()
    [3.14]
    """
    refuse_moments(features, kind)
    require_metric_crs(features, name=kind)
    reach_m = _distances(features, distance_m)
    if on is not None:
        reach_m = reach_m[is_in_force(features, on)]
        features = in_force(features, on)
    features, reach_m = features[~np.isnan(reach_m)], reach_m[~np.isnan(reach_m)]
    shapes = shapely.buffer(features.geometry.to_numpy(), reach_m, quad_segs=QUADRANT_SEGMENTS)
    real = features.geometry.area > 0
    # A buffer of a polygon is drawn anew all round: the polygon itself is in it for certain.
    shapes = np.where(real, shapely.union(shapes, features.geometry.to_numpy()), shapes)
    return _encumbrances(features, shapes, kind=kind, rank=rank, distance_m=reach_m)


def belts(
    zones: gpd.GeoDataFrame,
    *,
    width_m: float | pd.Series,
    rank: int,
    on: Day,
    kind: str = "belt",
) -> gpd.GeoDataFrame:
    """Take a belt inside the fence of every zone: all land nearer to the fence than its width.

    The width is true: it is measured square to the fence, and round the corners that point into
    the zone. A zone narrower than two widths is belt altogether.

    Parameters
    ----------
    zones
        Zones, with their dates; projected CRS in metres.
    width_m
        Width in metres: one for all, or a Series by ``zone_id``; zones without one have no belt.
    rank
        Place in the account.
    on
        The day whose zone versions are taken; zones that do not count on it, and zones without a
        polygon, have no belt.
    kind
        What to call the encumbrance in the account.

    Returns
    -------
    gpd.GeoDataFrame
        ``kind``, ``rank``, ``zone_id``, ``width_m``, geometry.

    Raises
    ------
    CRSError
        If the CRS is missing or misstates lengths.
    GeometryError
        If a width is not above 0 m or not finite, or a fence is no valid polygon.
    KcngeoError
        If the zones still say who knew what when.

    Examples
    --------
    Each zone is 1000 m by 100 m; a belt of 10 m leaves 980 m by 80 m of its 10 ha:

    >>> import kcngeo as kcn
    >>> zones = kcn.examples.squares().as_known().zones
    >>> rings = belts(zones, width_m=10, rank=1, on="2018-03-31")
    >>> (rings.area / 10_000).round(2).tolist()
    [2.16, 2.16]
    """
    zones = require_known(zones, "zones")
    require_metric_crs(zones, name="zones")
    # A zone that lives on what is declared of it may have no polygon.
    zones = zones[zones.geometry.notna()]
    require_polygons(zones, name="zones")
    number = day_number(on)
    zones = zones[covers_day(*zone_days(zones), number)]
    if isinstance(width_m, pd.Series):
        width_m = pd.Series(zones["zone_id"].map(width_m), index=zones.index)
    reach_m = _distances(zones, width_m)
    zones, reach_m = zones[~np.isnan(reach_m)], reach_m[~np.isnan(reach_m)]
    fences = zones.geometry.to_numpy()
    inner = shapely.buffer(fences, -reach_m, quad_segs=QUADRANT_SEGMENTS)
    rings = shapely.difference(fences, inner)
    made = _encumbrances(zones, rings, kind=kind, rank=rank, width_m=reach_m)
    made.insert(2, "zone_id", zones["zone_id"])
    return made


def combine(*frames: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put encumbrances together, one below the other.

    Parameters
    ----------
    *frames
        Encumbrances in one CRS; the same land may be in several.

    Returns
    -------
    gpd.GeoDataFrame
        All of them, ``kind``, ``rank`` and geometry, sorted by rank and kind, on a fresh index.

    Raises
    ------
    CRSError
        If the frames disagree in CRS.
    ContractError
        If a frame breaks the contract of the table.
    KcngeoError
        If a frame still says who knew what when.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> tables = kcn.examples.squares().as_known()
    >>> rings = belts(tables.zones, width_m=10, rank=2, on="2018-03-31")
    >>> stack = within(tables.emitters, distance_m=100, kind="stack", rank=1)
    >>> combine(rings, stack)["kind"].tolist()
    ['stack', 'belt', 'belt']
    """
    cast = [require_known(frame, "encumbrances") for frame in frames]
    require_same_crs(**{f"encumbrances {place}": one for place, one in enumerate(cast, start=1)})
    columns = {
        name: pd.concat([one[name] for one in cast], ignore_index=True) for name in ("kind", "rank")
    }
    shapes = np.concatenate([one.geometry.to_numpy() for one in cast])
    joined = gpd.GeoDataFrame(columns, geometry=shapes, crs=cast[0].crs)
    return joined.sort_values(["rank", "kind"], kind="stable", ignore_index=True)


def no_encumbrances(crs: Any) -> gpd.GeoDataFrame:
    """Give a table of encumbrances without rows."""
    columns = {"kind": pd.array([], dtype="str"), "rank": pd.array([], dtype="Int64")}
    return gpd.GeoDataFrame(columns, geometry=[], crs=crs)


def _encumbrances(
    features: gpd.GeoDataFrame, shapes: Any, *, kind: str, rank: int, **columns: Any
) -> gpd.GeoDataFrame:
    data = {"kind": pd.array([kind] * len(features), dtype="str"), "rank": rank, **columns}
    return gpd.GeoDataFrame(data, geometry=shapes, crs=features.crs, index=features.index)


def _distances(features: gpd.GeoDataFrame, distance_m: float | pd.Series) -> NDArray[np.float64]:
    if isinstance(distance_m, pd.Series):
        if not distance_m.index.equals(features.index):
            raise GeometryError("distance_index")
        reach_m = distance_m.to_numpy(dtype="float64", na_value=np.nan)
    else:
        reach_m = np.full(len(features), float(distance_m))
    bad = np.flatnonzero((reach_m <= 0) | np.isinf(reach_m))
    if len(bad):
        names = row_names(features, bad, "receptor_id", "emitter_id", "zone_id", "kind")
        raise GeometryError("distance_not_positive", ids=names)
    return reach_m
