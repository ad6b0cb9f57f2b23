"""What of a shape has an area: overlays of shapes that touch give points and lines besides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROUNDING_M2 = 1e-6
"""A square millimetre: parts smaller than this are the rounding of edges that lie on each other."""

POLYGONS = _POLYGON, _MULTI_POLYGON = 3, 6
"""How shapely numbers polygons and multipolygons."""


def many_parts(shapes: Any) -> Any:
    """Wrap polygons in multi-part shapes, the only ones a column for both can hold."""
    single = shapely.get_type_id(shapes) == _POLYGON
    result = np.array(shapes, dtype=object)
    if single.any():
        result[single] = shapely.multipolygons(result[single][:, None])
    return result


def one_part(shapes: Any) -> Any:
    """Give a multi-part shape of one polygon as that polygon, and one of none as an empty one."""
    many, parts = shapely.get_type_id(shapes) == _MULTI_POLYGON, shapely.get_num_geometries(shapes)
    result = np.array(shapes, dtype=object)
    result[many & (parts == 1)] = shapely.get_geometry(result[many & (parts == 1)], 0)
    result[many & (parts == 0)] = shapely.Polygon()
    return result


def areal(shapes: NDArray[Any]) -> NDArray[Any]:
    """Keep of overlay results what has an area; points, lines and hairlines of rounding go."""
    # Parts of all shapes, and of each part the position of its shape.
    parts, row = shapely.get_parts(shapes, return_index=True)
    real = (shapely.get_dimensions(parts) == 2) & (shapely.area(parts) >= ROUNDING_M2)
    # What is no polygon, though a part of it may be.
    other = np.flatnonzero(~np.isin(shapely.get_type_id(shapes), POLYGONS))
    kept = shapes.copy()
    # Only these are made anew: what needs no change stays the very geometry given.
    for place in np.union1d(other, row[~real]):
        first, last = np.searchsorted(row, [place, place + 1])
        left = parts[first:last][real[first:last]]
        if len(left) > 1:
            kept[place] = shapely.MultiPolygon(list(left))
        else:
            kept[place] = left[0] if len(left) else shapely.Polygon()
    return kept
