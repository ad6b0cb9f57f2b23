"""The area two polygons share, for many pairs at once, without building the shared shape.

A polygon is the signed sum of the strips under its edges: with the shell counter-clockwise and
holes clockwise, an edge that runs west adds the strip below it, one that runs east takes it away.
So the shared area of two polygons is the signed sum, over pairs of their edges, of what two strips
share: the integral of the lower edge over the stretch of x both cover. Each is a closed formula, so
there is no topology that could fail, and arrays do the work. Polygons may have holes and parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edges:
    """The edges of polygons, sorted by polygon; upright ones have no strip and are left out.

    Attributes
    ----------
    west
        x of the western end.
    east
        x of the eastern end.
    west_y
        y of the western end.
    east_y
        y of the eastern end.
    sign
        1 if the strip below belongs to the polygon, -1 if it is taken away.
    owner
        Position of the polygon.
    first
        Of each polygon, the position of its first edge.
    count
        Of each polygon, the number of its edges.
    low
        Of each polygon, its lowest y.
    """

    west: Floats
    east: Floats
    west_y: Floats
    east_y: Floats
    sign: Floats
    owner: Rows
    first: Rows
    count: Rows
    low: Floats


def edges_of(polygons: NDArray[Any]) -> Edges:
    """Take polygons apart into edges."""
    parts, of_part = shapely.get_parts(shapely.orient_polygons(polygons), return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    points, of_point = shapely.get_coordinates(rings, return_index=True)
    # (points - 1, 2) metres: each point and the next, within and across rings
    start, end = points[:-1], points[1:]
    # Across rings there is no edge, and an upright one has no strip under it.
    real = (of_point[:-1] == of_point[1:]) & (start[:, 0] != end[:, 0])
    start, end = start[real], end[real]
    # (edges,) position of the polygon an edge belongs to
    owner = of_part[of_ring[of_point[:-1][real]]]
    runs_east = start[:, 0] < end[:, 0]
    west = np.where(runs_east[:, None], start, end)
    east = np.where(runs_east[:, None], end, start)
    count = np.bincount(owner, minlength=len(polygons))
    return Edges(
        west=west[:, 0],
        east=east[:, 0],
        west_y=west[:, 1],
        east_y=east[:, 1],
        sign=np.where(runs_east, -1.0, 1.0),
        owner=owner,
        first=np.cumsum(count) - count,
        count=count,
        low=shapely.bounds(polygons)[:, 1],
    )


def shared_areas(ours: Edges, theirs: Edges, our_row: Rows, their_row: Rows) -> Floats:
    """Measure what pairs of polygons share."""
    # (edge pairs,) position of the pair of polygons and of both edges; west, east: the stretch of x
    # that both cover, in metres
    pair, our_edge, their_edge = _edge_pairs(ours, theirs, our_row, their_row)
    west = np.maximum(ours.west[our_edge], theirs.west[their_edge])
    east = np.minimum(ours.east[our_edge], theirs.east[their_edge])
    real = np.flatnonzero(west < east)
    pair, our_edge, their_edge = pair[real], our_edge[real], their_edge[real]
    west, east = west[real], east[real]
    # Heights above the lower of the two polygons keep the numbers small.
    floor = np.minimum(ours.low[our_row], theirs.low[their_row])[pair]
    our_west, our_east = _heights(ours, our_edge, west, east, floor)
    their_west, their_east = _heights(theirs, their_edge, west, east, floor)
    gap_west, gap_east = our_west - their_west, our_east - their_east
    low_west, low_east = np.minimum(our_west, their_west), np.minimum(our_east, their_east)
    # Where the edges cross, the lower one changes: at this share of the way, at this height.
    crossing = gap_west * gap_east < 0
    way = np.divide(gap_west, gap_west - gap_east, out=np.zeros(len(real)), where=crossing)
    height = np.where(crossing, our_west + way * (our_east - our_west), low_west)
    strip = (east - west) * (way * (low_west + height) + (1 - way) * (height + low_east)) / 2
    # M², exact but for rounding: for lots and fences well below a square millimetre.
    signed = ours.sign[our_edge] * theirs.sign[their_edge] * strip
    shared = np.bincount(pair, weights=signed, minlength=len(our_row))
    return np.asarray(shared, dtype="float64")


def _edge_pairs(
    ours: Edges, theirs: Edges, our_row: Rows, their_row: Rows
) -> tuple[Rows, Rows, Rows]:
    """Pair every edge of ours with the edges of theirs that may lie above or below it."""
    starts = np.minimum(ours.first[our_row], len(ours.west) - 1)
    filled = ours.count > 0
    # (polygons,) extent in x of each of ours
    west, east = np.zeros(len(ours.count)), np.zeros(len(ours.count))
    west[filled] = np.minimum.reduceat(ours.west, ours.first[filled])
    east[filled] = np.maximum.reduceat(ours.east, ours.first[filled])
    # A tree over stretches of x, a row a polygon: y is the polygon's number.
    tree = shapely.STRtree(_stretches(theirs.west, theirs.east, theirs.owner))
    pair, their_edge = tree.query(_stretches(west[our_row], east[our_row], their_row))
    # A hit is our whole polygon with one edge of theirs: repeat it for each edge of ours.
    count = ours.count[our_row[pair]]
    repeated = np.repeat(np.arange(len(pair)), count)
    nth = np.arange(len(repeated)) - np.repeat(np.cumsum(count) - count, count)
    our_edge = starts[pair[repeated]] + nth
    return pair[repeated], our_edge, their_edge[repeated]


def _stretches(west: Floats, east: Floats, row: Rows) -> NDArray[Any]:
    """Draw each stretch of x as a line at the height of its row."""
    ends = np.stack([np.column_stack([west, row]), np.column_stack([east, row])], axis=1)
    return shapely.linestrings(ends)


def _heights(
    edges: Edges, edge: Rows, west: Floats, east: Floats, floor: Floats
) -> tuple[Floats, Floats]:
    """Give the heights of edges above the floor at two x."""
    x, y = edges.west[edge], edges.west_y[edge]
    slope = (edges.east_y[edge] - y) / (edges.east[edge] - x)
    return y - floor + slope * (west - x), y - floor + slope * (east - x)
