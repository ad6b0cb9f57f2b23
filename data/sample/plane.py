"""Drawing in the plane: polygons cut to exact areas, with the nodes that neighbours share.

Everything is drawn in a zone's own coordinates (metres, origin near its centre) and only then
turned and moved to its place. Written in plain Python so that the sample does not change with the
version of a geometry library.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

Point = tuple[float, float]
Ring = list[Point]

TOUCH_M = 1e-3
"""Nodes nearer than this are one node."""
GRID_M = 1e-4
"""Placed coordinates stand on this grid."""


def unit(degrees: float) -> Point:
    """Direction, counted counter-clockwise from the zone's own east."""
    return math.cos(math.radians(degrees)), math.sin(math.radians(degrees))


def area_m2(ring: Ring) -> float:
    """Area of a ring that runs counter-clockwise."""
    x0, y0 = ring[0]
    shifted = [(x - x0, y - y0) for x, y in ring]
    following = shifted[1:] + shifted[:1]
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(shifted, following, strict=True)) / 2


def scaled(ring: Ring, target_m2: float) -> Ring:
    """Same shape with another area."""
    factor = math.sqrt(target_m2 / area_m2(ring))
    return [(x * factor, y * factor) for x, y in ring]


@dataclass(frozen=True, slots=True)
class Line:
    """A straight cut through a point in a direction; what lies on its left comes first."""

    through: Point
    along: Point

    def shifted(self, distance_m: float) -> Line:
        """The parallel that lies farther to the right."""
        x, y = self.through
        return Line((x + self.along[1] * distance_m, y - self.along[0] * distance_m), self.along)

    def left_of(self, point: Point) -> float:
        """Distance of a point to the left of the line, in metres."""
        dx, dy = point[0] - self.through[0], point[1] - self.through[1]
        return self.along[0] * dy - self.along[1] * dx


def split(ring: Ring, line: Line) -> tuple[Ring, Ring]:
    """Cut a ring in two, left and right of a line; a side without land is empty."""
    sides: tuple[Ring, Ring] = ([], [])
    heights = [line.left_of(point) for point in ring]
    for here, there, height, next_height in zip(
        ring, ring[1:] + ring[:1], heights, heights[1:] + heights[:1], strict=True
    ):
        if height > -1e-9:
            sides[0].append(here)
        if height < 1e-9:
            sides[1].append(here)
        if (height > 1e-9 and next_height < -1e-9) or (height < -1e-9 and next_height > 1e-9):
            share = height / (height - next_height)
            crossing = (
                here[0] + share * (there[0] - here[0]),
                here[1] + share * (there[1] - here[1]),
            )
            sides[0].append(crossing)
            sides[1].append(crossing)
    left, right = (_without_spikes(side) for side in sides)
    return left, right


def _without_spikes(ring: Ring) -> Ring:
    """Drop corners where a ring turns back on itself: a cut along one of its own edges."""
    kept = list(ring)
    place = 0
    while place < len(kept) > 2:
        (x0, y0), (x1, y1), (x2, y2) = (kept[(place + step) % len(kept)] for step in (-1, 0, 1))
        ahead, back = (x2 - x1, y2 - y1), (x0 - x1, y0 - y1)
        is_flat = abs(ahead[0] * back[1] - ahead[1] * back[0]) < 1e-6
        if is_flat and ahead[0] * back[0] + ahead[1] * back[1] >= 0:
            del kept[place]
            place = max(place - 2, 0)
        else:
            place += 1
    return kept if len(kept) > 2 and area_m2(kept) > 1e-6 else []


def cut(ring: Ring, along: Point, target_m2: float) -> tuple[Ring, Ring, Line]:
    """Cut off a stated area: the first part lies left of the line that is found."""
    if not 0 < target_m2 < area_m2(ring):
        raise ValueError(f"cannot cut {target_m2:.1f} m² off {area_m2(ring):.1f} m²")
    base = Line(ring[0], along)
    reach = [-base.left_of(point) for point in ring]
    low, high = min(reach), max(reach)
    for _ in range(80):
        middle = (low + high) / 2
        left, _ = split(ring, base.shifted(middle))
        low, high = (low, middle) if left and area_m2(left) > target_m2 else (middle, high)
    line = base.shifted((low + high) / 2)
    return *split(ring, line), line


def bands(ring: Ring, line: Line, roads: Sequence[tuple[float, float]]) -> list[Ring]:
    """Cut land, road, land, ..., land by parallels: each road at a distance, with a width (m)."""
    pieces = []
    for distance_m, width_m in roads:
        for edge in (distance_m, distance_m + width_m):
            first, ring = split(ring, line.shifted(edge))
            pieces.append(first)
    return [*pieces, ring]


def inset(ring: Ring, widths_m: Sequence[float]) -> Ring:
    """Move every edge inwards by its own width."""
    size = len(ring)
    edges = []
    for place in range(size):
        (x1, y1), (x2, y2) = ring[place], ring[(place + 1) % size]
        length = math.hypot(x2 - x1, y2 - y1)
        line = Line((x1, y1), ((x2 - x1) / length, (y2 - y1) / length))
        edges.append(line.shifted(-widths_m[place]))
    return [_meeting(edges[place - 1], edges[place]) for place in range(size)]


def _meeting(one: Line, other: Line) -> Point:
    across = one.along[0] * other.along[1] - one.along[1] * other.along[0]
    share = other.left_of(one.through) / across
    return one.through[0] + share * one.along[0], one.through[1] + share * one.along[1]


def belt(outer: Ring, inner: Ring) -> list[Ring]:
    """Quadrilaterals between a ring and its inset, one an edge."""
    size = len(outer)
    return [
        [outer[place], outer[(place + 1) % size], inner[(place + 1) % size], inner[place]]
        for place in range(size)
    ]


def middle_line(ring: Ring) -> Ring:
    """The line along the middle of a strip, from end to end."""
    start, end = max(zip(ring, ring[1:] + ring[:1], strict=True), key=lambda edge: math.dist(*edge))
    length = math.dist(start, end)
    line = Line(start, ((end[0] - start[0]) / length, (end[1] - start[1]) / length))
    aside = [line.left_of(point) for point in ring]
    ahead = [(x - start[0]) * line.along[0] + (y - start[1]) * line.along[1] for x, y in ring]
    middle = line.shifted(-(min(aside) + max(aside)) / 2)
    return [
        (middle.through[0] + far * line.along[0], middle.through[1] + far * line.along[1])
        for far in (min(ahead), max(ahead))
    ]


def away_m(point: Point, path: Ring) -> float:
    """Distance of a point from a path."""
    found = []
    for start, end in itertools.pairwise(path):
        dx, dy = end[0] - start[0], end[1] - start[1]
        share = ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / (dx * dx + dy * dy)
        share = min(max(share, 0.0), 1.0)
        found.append(math.dist(point, (start[0] + share * dx, start[1] + share * dy)))
    return min(found)


def centre(ring: Ring) -> Point:
    """Mean of the corners."""
    return sum(x for x, _ in ring) / len(ring), sum(y for _, y in ring) / len(ring)


def shared_nodes(rings: Iterable[Ring]) -> list[Ring]:
    """Give every ring the nodes its neighbours have on its edges, each node once and the same."""
    rings = list(rings)
    nodes = _distinct([point for ring in rings for point in ring])
    points = np.array(nodes)
    return [_noded(_snapped(ring, points), points) for ring in rings]


def _distinct(points: list[Point]) -> list[Point]:
    kept: list[Point] = []
    cells: dict[tuple[int, int], list[Point]] = {}
    for point in points:
        cell = (math.floor(point[0] / 0.5), math.floor(point[1] / 0.5))
        near = [
            other
            for dx in (-1, 0, 1)
            for dy in (-1, 0, 1)
            for other in cells.get((cell[0] + dx, cell[1] + dy), ())
        ]
        if not any(math.dist(point, other) < TOUCH_M for other in near):
            kept.append(point)
            cells.setdefault(cell, []).append(point)
    return kept


def _snapped(ring: Ring, points: np.ndarray) -> Ring:
    nearest = [int(np.argmin(np.hypot(*(points - point).T))) for point in np.array(ring)]
    found = [
        node
        for node, before in zip(nearest, nearest[-1:] + nearest[:-1], strict=True)
        if node != before
    ]
    return [tuple(points[node].tolist()) for node in found]


def _noded(ring: Ring, points: np.ndarray) -> Ring:
    noded = []
    for start, end in zip(ring, ring[1:] + ring[:1], strict=True):
        span = np.subtract(end, start)
        length = float(np.hypot(*span))
        offset = points - start
        along = offset @ span / length
        away = np.abs(offset[:, 0] * span[1] - offset[:, 1] * span[0]) / length
        on_edge = (away < TOUCH_M) & (along > TOUCH_M) & (along < length - TOUCH_M)
        places = np.flatnonzero(on_edge)
        noded += [
            start,
            *(tuple(points[place].tolist()) for place in places[along[places].argsort()]),
        ]
    return noded


@dataclass(frozen=True, slots=True)
class Place:
    """Where a zone's own origin lies on the grid (m) and how far it is turned (degrees)."""

    easting_m: float
    northing_m: float
    turned: float

    def points(self, points: Iterable[Point]) -> list[Point]:
        """Points on the grid of the map, rounded to a tenth of a millimetre."""
        cos, sin = unit(self.turned)
        return [
            (
                round(self.easting_m + x * cos - y * sin, 4),
                round(self.northing_m + x * sin + y * cos, 4),
            )
            for x, y in points
        ]

    def polygon(self, ring: Ring) -> shapely.Polygon:
        """The polygon on the grid of the map."""
        return shapely.Polygon(self.points(ring))

    def path(self, points: Ring) -> shapely.LineString:
        """The line on the grid of the map."""
        return shapely.LineString(self.points(points))

    def paths(self, paths: Iterable[Ring]) -> shapely.MultiLineString:
        """Several lines on the grid of the map, as one."""
        return shapely.MultiLineString([self.points(path) for path in paths])

    def point(self, point: Point) -> shapely.Point:
        """The point on the grid of the map."""
        return shapely.Point(self.points([point])[0])
