"""What every map's payload holds: geometry as GeoJSON, words, lines under the map."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from kcngeo.cartography.labels import places_in
from kcngeo.core.crs import to_wgs84

if TYPE_CHECKING:
    import geopandas as gpd

# About 0.1 m on the ground; the hectares shown come with the data, not from these coordinates.
DECIMALS = 6


def shapes(frame: gpd.GeoDataFrame, *, decimals: int = DECIMALS) -> list[dict[str, Any] | None]:
    """Give the geometries as GeoJSON in WGS 84; shared corners round alike and stay shared."""
    geometry = to_wgs84(frame).geometry.to_numpy()
    rounded = shapely.transform(geometry, lambda points: np.round(points, decimals))
    placed = np.isfinite(shapely.bounds(rounded)).all(axis=1)
    return [
        json.loads(text) if has_place else None
        for has_place, text in zip(placed, shapely.to_geojson(rounded), strict=True)
    ]


def inner_points(frame: gpd.GeoDataFrame) -> list[list[float] | None]:
    """Give a point inside every shape whose centre lies outside it: bent ones, rings."""
    geometry = to_wgs84(frame).geometry.to_numpy()
    is_bent = (shapely.get_dimensions(geometry) == 2) & shapely.is_valid(geometry)
    is_bent &= np.isfinite(shapely.bounds(geometry)).all(axis=1)
    is_bent[is_bent] = ~shapely.contains(geometry[is_bent], shapely.centroid(geometry[is_bent]))
    found: list[list[float] | None] = [None] * len(geometry)
    for row in np.flatnonzero(is_bent):
        point = shapely.point_on_surface(geometry[row])
        found[row] = [round(point.x, DECIMALS), round(point.y, DECIMALS)]
    return found


def written_at(frame: gpd.GeoDataFrame) -> list[list[float] | None]:
    """Say of every shape where words stand on it: longitude, latitude, degrees, metres of room.

    The degrees turn against the clock; the room is that along the words, then across them.
    """
    places = places_in(frame.geometry.to_numpy())
    points = np.array([None if one is None else one.point for one in places], dtype=object)
    ground = to_wgs84(frame.set_geometry(points, crs=frame.crs)).geometry.to_numpy()
    lonlat = np.stack([shapely.get_x(ground), shapely.get_y(ground)], axis=1)
    # Whole metres: a word need not stand nearer to its place.
    return [
        None
        if one is None
        else [*at, round(one.angle_deg), round(one.along_m), round(one.across_m)]
        for one, at in zip(places, np.round(lonlat, DECIMALS - 1).tolist(), strict=True)
    ]


def word(value: Any) -> str | None:
    """Give a value if it is text."""
    return value if isinstance(value, str) else None
