"""What of a shape has an area: overlays of shapes that touch give points and lines besides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROUNDING_M2 = 1e-6
"""A square millimetre: parts smaller than this are the rounding of edges that lie on each other."""

# How shapely numbers polygons and multipolygons.
_POLYGONS = (3, 6)


def multipolygon(shape: Any) -> Any:
    """Give a polygon as a multipolygon: many layers hold one kind of shape; others stay."""
    return shapely.MultiPolygon([shape]) if shape.geom_type == "Polygon" else shape


def areal(shapes: NDArray[Any]) -> NDArray[Any]:
    """Keep of overlay results what has an area; points, lines and hairlines of rounding go."""
    # Parts of all shapes, and of each part the position of its shape.
    parts, row = shapely.get_parts(shapes, return_index=True)
    real = (shapely.get_dimensions(parts) == 2) & (shapely.area(parts) >= ROUNDING_M2)
    # What is no polygon, though a part of it may be.
    other = np.flatnonzero(~np.isin(shapely.get_type_id(shapes), _POLYGONS))
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
