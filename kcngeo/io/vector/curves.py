"""Arcs made of short straight sides: what surveyors draw as curves, GEOS holds as corners.

The sides stay within a stated distance of the arc, and an arc gives the same corners from either
side, so that two lots that share it share every corner of it.
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Corners = NDArray[np.float64]

TOLERANCE_M = 0.001
"""How far a side may lie from its arc; a millimetre moves no area that anybody can measure."""

TOLERANCE_DEGREES = 1e-8
"""The same where coordinates are in degrees."""

_LINE, _POLYGON, _ARCS, _COMPOUND, _CURVE_POLYGON = 2, 3, 8, 9, 10
_MANY_LINES, _MANY_POLYGONS, _COLLECTION, _MANY_CURVES, _MANY_SURFACES = 5, 6, 7, 11, 12
_EWKB_Z, _EWKB_M, _EWKB_SRID = 0x80000000, 0x40000000, 0x20000000
# More corners than any arc of land needs: what asks for more is no arc.
_MOST_SIDES = 100_000


def straightened(raw: bytes, *, tolerance: float) -> Any | None:
    """Make a shape with arcs, as WKB, one of straight sides; None where it has none, or is broken.

    Heights are dropped. The tolerance has the unit of the coordinates.
    """
    try:
        walk = _Walk(raw, tolerance)
        shape = walk.shape()
    except (struct.error, ValueError, IndexError, shapely.errors.GEOSException):
        return None
    return shape if walk.has_arcs and walk.at == len(raw) else None


class _Walk:
    """Where in the bytes of a shape the reading stands."""

    def __init__(self, raw: bytes, tolerance: float) -> None:
        self.raw, self.tolerance = raw, tolerance
        self.at, self.has_arcs = 0, False

    def shape(self) -> Any:
        """Read the next shape."""
        kind, order, size = self.head()
        if kind in (_LINE, _ARCS, _COMPOUND):
            return shapely.LineString(self.line(kind, order, size))
        if kind in (_POLYGON, _CURVE_POLYGON):
            return self.polygon(kind, order, size)
        if kind not in (_MANY_LINES, _MANY_POLYGONS, _COLLECTION, _MANY_CURVES, _MANY_SURFACES):
            raise ValueError(f"shape of kind {kind}")
        parts = [self.shape() for _ in range(self.count(order))]
        if kind in (_MANY_POLYGONS, _MANY_SURFACES):
            return shapely.MultiPolygon(parts)
        if kind in (_MANY_LINES, _MANY_CURVES):
            return shapely.MultiLineString(parts)
        return shapely.GeometryCollection(parts)

    def head(self) -> tuple[int, str, int]:
        """Read what the next shape is, its byte order, and how many numbers a corner has."""
        order = "<" if self.raw[self.at] else ">"
        (code,) = struct.unpack_from(f"{order}I", self.raw, self.at + 1)
        self.at += 5
        if code & _EWKB_SRID:
            self.at += 4
        flags = bool(code & _EWKB_Z) + bool(code & _EWKB_M)
        thousands, kind = divmod(code & 0x0FFFFFFF, 1000)
        return kind, order, 2 + flags + (0, 1, 1, 2)[thousands]

    def count(self, order: str) -> int:
        """Read a number of parts or corners."""
        (number,) = struct.unpack_from(f"{order}I", self.raw, self.at)
        self.at += 4
        return int(number)

    def polygon(self, kind: int, order: str, size: int) -> Any:
        """Read the rings of a polygon; with arcs every ring is a line of its own."""
        rings = []
        for _ in range(self.count(order)):
            part = self.head() if kind == _CURVE_POLYGON else (_LINE, order, size)
            rings.append(self.line(*part))
        return shapely.Polygon(rings[0], rings[1:]) if rings else shapely.Polygon()

    def line(self, kind: int, order: str, size: int) -> Corners:
        """Read the corners of a line, straight or not."""
        if kind == _COMPOUND:
            parts = [self.line(*self.head()) for _ in range(self.count(order))]
            # Each begins where the one before ended.
            return np.vstack([parts[0], *(part[1:] for part in parts[1:])])
        if kind not in (_LINE, _ARCS):
            raise ValueError(f"line of kind {kind}")
        number = self.count(order)
        end = self.at + 8 * size * number
        if end > len(self.raw):
            raise ValueError("the shape is cut off")
        numbers = np.frombuffer(self.raw, f"{order}f8", size * number, self.at)
        corners = numbers.reshape(number, size)[:, :2].astype("float64")
        self.at = end
        if kind == _LINE:
            return corners
        self.has_arcs = True
        if number < 3 or number % 2 == 0 or not np.isfinite(corners).all():
            raise ValueError("an arc has a beginning, a point on it and an end")
        arcs = [
            arc_corners(corners[first : first + 3], tolerance=self.tolerance)
            for first in range(0, number - 2, 2)
        ]
        return np.vstack([arcs[0], *(arc[1:] for arc in arcs[1:])])


def arc_corners(points: Corners, *, tolerance: float) -> Corners:
    """Give the corners of an arc through three points, of which it keeps each.

    Examples
    --------
    >>> half = np.array([[-1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    >>> len(arc_corners(half, tolerance=1.0)), len(arc_corners(half, tolerance=0.01))
    (3, 13)
    """
    first, _, last = points
    if tuple(last) < tuple(first):
        # From the other side the same corners, to the last bit.
        return arc_corners(points[::-1], tolerance=tolerance)[::-1]
    centre = _centre(points)
    if centre is None:
        return points
    radius = float(np.hypot(*(first - centre)))
    angles = np.arctan2(points[:, 1] - centre[1], points[:, 0] - centre[0])
    turns = (angles[1:] - angles[:-1]) % (2 * math.pi)
    if turns.sum() > 2 * math.pi + 1e-9:
        turns -= 2 * math.pi  # the arc runs clockwise
    # Half the angle whose side lies a tolerance from the arc.
    widest = 2 * math.acos(max(1 - tolerance / radius, -1.0))
    corners = [points[:1]]
    for number in range(2):
        sides = max(math.ceil(abs(turns[number]) / widest), 1)
        if sides > _MOST_SIDES:
            raise ValueError("the arc is too fine")
        steps = angles[number] + turns[number] * np.arange(1, sides) / sides
        between = centre + radius * np.column_stack([np.cos(steps), np.sin(steps)])
        corners += [between, points[number + 1 : number + 2]]
    return np.vstack(corners)


def _centre(points: Corners) -> Corners | None:
    """Find the centre of an arc; of a straight one there is none."""
    first, middle, last = points
    if np.array_equal(first, last):
        # A full circle: the point on it lies opposite.
        return None if np.array_equal(first, middle) else (first + middle) / 2
    one, other = middle - first, last - first
    cross = 2 * (one[0] * other[1] - one[1] * other[0])
    # Less than a hair off straight: the centre would lie beyond any map.
    if abs(cross) <= 1e-12 * float(np.hypot(*one) * np.hypot(*other)):
        return None
    squares = float(one @ one), float(other @ other)
    offset = np.array(
        [other[1] * squares[0] - one[1] * squares[1], one[0] * squares[1] - other[0] * squares[0]]
    )
    return np.asarray(first + offset / cross)
