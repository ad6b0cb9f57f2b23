"""Where a zone lies on a map: its polygon, else the place that is written, else its commune."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo.cartography.basemap import commune_points
from kcngeo.core.crs import to_wgs84
from kcngeo.core.dates import Day, is_in_force

if TYPE_CHECKING:
    from kcngeo.ledger.tables import Tables


def places_of(project: Tables, *, on: Day) -> gpd.GeoSeries:
    """Give a point a zone, in the CRS of the zones; a zone nobody places is not in it.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> places = places_of(kcn.examples.squares(), on="2018-03-31")
    >>> places.index.tolist(), places.iloc[0].x
    (['A', 'B'], 500500.0)
    """
    zones = project.zones[is_in_force(project.zones, on)].drop_duplicates("zone_id")
    found: list[Any] = []
    communes: dict[str, Any] | None = None
    blank = pd.Series(None, index=zones.index, dtype="object")
    written = zip(
        zones.geometry,
        *(zones.get(name, blank) for name in ("point_x", "point_y", "commune_code")),
        strict=True,
    )
    for shape, x, y, code in written:
        place = None
        if shape is not None and not shape.is_empty:
            place = shapely.centroid(shape)
        elif pd.notna(x) and pd.notna(y):
            place = shapely.Point(float(x), float(y))
        elif isinstance(code, str):
            communes = commune_points(project) if communes is None else communes
            place = communes.get(code)
        found.append(place)
    series = gpd.GeoSeries(found, index=pd.Index(zones["zone_id"], dtype="str"), crs=zones.crs)
    return series[series.notna()].sort_index()


def lonlat_of(places: gpd.GeoSeries) -> dict[str, list[float]]:
    """Give longitude and latitude of places in WGS 84, to the metre."""
    if places.empty:
        return {}
    frame = to_wgs84(gpd.GeoDataFrame(geometry=places.to_numpy(), crs=places.crs))
    points = np.round(shapely.get_coordinates(frame.geometry.to_numpy()), 5).tolist()
    return dict(zip(places.index, points, strict=True))
