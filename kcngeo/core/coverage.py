"""Which polygons of a layer do not fit their neighbours edge by edge.

In a coverage, neighbours share their edges vertex by vertex, and no polygon reaches into another.
GEOS tells the edges that break this (``coverage_invalid_edges``) many times faster than polygons
can be intersected, so everything exact is asked only of the polygons found here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from kcngeo.core.threads import in_threads

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.intp]

_PART = 20_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Suspects:
    """Pairs of polygons that may overlap, and the polygons that do not fit a neighbour.

    Attributes
    ----------
    one
        First positions of the pairs.
    other
        Second positions, each greater than the first.
    misfit
        Of each polygon, whether an edge of it does not fit a neighbour's or lies inside it.
    """

    one: Rows
    other: Rows
    misfit: NDArray[np.bool_]


def suspects(
    polygons: NDArray[Any],
    *,
    tolerance_m2: float,
    start: NDArray[np.int64] | None = None,
    end: NDArray[np.int64] | None = None,
) -> Suspects:
    """Find the pairs of polygons that may share more than a stated area."""
    # Every pair that does is found; of the others, those with a misfit whose boxes share more. Of
    # two polygons that overlap one is always a misfit: part of its edge lies inside the other, or
    # both are the same.
    tree = shapely.STRtree(polygons)
    misfit = _misfits(polygons, tree)
    # Nearly all polygons fit, so that few pairs are ever in memory.
    near, far = _box_pairs(tree, polygons, np.flatnonzero(misfit))
    pairs = np.unique(np.minimum(near, far) * len(polygons) + np.maximum(near, far))
    one, other = np.divmod(pairs, max(1, len(polygons)))
    asked = one < other
    if start is not None and end is not None:
        # Versions of one parcel lie on each other, but never on the same day.
        asked &= np.maximum(start[one], start[other]) < np.minimum(end[one], end[other])
    one, other = one[asked], other[asked]
    boxes = shapely.bounds(polygons)
    # Corners of the box that both share; it is larger than what they share.
    low = np.maximum(boxes[one, :2], boxes[other, :2])
    high = np.minimum(boxes[one, 2:], boxes[other, 2:])
    wide = np.prod(np.clip(high - low, 0, None), axis=1) > tolerance_m2
    return Suspects(one=one[wide], other=other[wide], misfit=misfit)


def _box_pairs(tree: shapely.STRtree, polygons: NDArray[Any], rows: Rows) -> tuple[Rows, Rows]:
    """Find the polygons whose boxes meet those of some: these, and the other of each pair."""
    parts = np.array_split(rows, max(1, len(rows) // _PART))

    def ask(part: Rows) -> NDArray[np.intp]:
        place, other = tree.query(polygons[part])
        return np.stack([part[place], other])

    one, other = np.concatenate(in_threads(ask, parts), axis=1)
    return one, other


def _misfits(polygons: NDArray[Any], tree: shapely.STRtree) -> NDArray[np.bool_]:
    """Tell which polygons have an edge that does not fit a neighbour's, or lies inside it."""
    # A polygon may be found that overlaps none, for example where its neighbour has a vertex more
    # on their common edge.
    if not len(polygons):
        return np.zeros(0, dtype=bool)

    def ask(part: Rows) -> NDArray[np.bool_]:
        near = np.unique(tree.query(polygons[part])[1])
        edges = shapely.coverage_invalid_edges(polygons[near])
        return np.isin(part, near[~shapely.is_empty(edges)], assume_unique=True)

    # Along a Hilbert curve a part is a compact patch, so it has few neighbours outside.
    order = np.argsort(gpd.GeoSeries(polygons).hilbert_distance().to_numpy(), kind="stable")
    parts = np.array_split(order, max(1, len(order) // _PART))
    found = np.zeros(len(polygons), dtype=bool)
    for part, bad in zip(parts, in_threads(ask, parts), strict=True):
        found[part] = bad
    return found
