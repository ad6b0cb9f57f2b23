"""Drawn ground: shapes as paths, what a panel shows, its scale bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import shapely
from matplotlib.path import Path
from numpy.typing import NDArray

Shapes: TypeAlias = NDArray[Any]
"""Shapes of shapely in an array."""

_MARGIN_SHARE = 0.05
_HALO_SHARE = 0.25
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What ground a panel shows, and where it stands in the body.

    Attributes
    ----------
    left
        Inches from the left of the body.
    top
        Inches from the top of the body.
    width
        In inches.
    height
        In inches.
    west
        Easting of its left edge, in metres.
    north
        Northing of its upper edge.
    metres
        Metres in an inch.
    """

    left: float
    top: float
    width: float
    height: float
    west: float
    north: float
    metres: float

    @property
    def box(self) -> Any:
        """The ground it shows, a polygon."""
        east, south = self.west + self.width * self.metres, self.north - self.height * self.metres
        return shapely.box(self.west, south, east, self.north)

    def place(self, point: Any) -> tuple[float, float]:
        """Give the place of a point in the body."""
        x, y = shapely.get_coordinates(point)[0]
        return (
            self.left + (x - self.west) / self.metres,
            self.top + (self.north - y) / self.metres,
        )


def view_of(
    zone: Shapes, framing: Shapes, *, left: float, top: float, width: float, height: float
) -> View:
    """Choose the ground of a panel: a zone, and what must be seen with it."""
    bounds = shapely.total_bounds(zone)
    halo = max(bounds[2] - bounds[0], bounds[3] - bounds[1]) * _HALO_SHARE
    near = shapely.intersects(shapely.box(*bounds).buffer(halo, join_style="mitre"), framing)
    bounds = shapely.total_bounds(np.concatenate([zone, framing[near]]))
    wide, high = max(bounds[2] - bounds[0], 1.0), max(bounds[3] - bounds[1], 1.0)
    metres = max(wide / width, high / height) * (1 + 2 * _MARGIN_SHARE)
    return View(
        left=left,
        top=top,
        width=width,
        height=height,
        west=(bounds[0] + bounds[2] - width * metres) / 2,
        north=(bounds[1] + bounds[3] + height * metres) / 2,
        metres=metres,
    )


def area_path(shapes: Shapes) -> Path:
    """Make one path of polygons, holes left out of it."""
    polygons = shapely.get_parts(shapes)
    polygons = polygons[shapely.get_type_id(polygons) == shapely.GeometryType.POLYGON]
    # Holes run against their shells, so that every format leaves them out.
    rings = shapely.get_rings(shapely.orient_polygons(polygons))
    return _path(rings, closed=True)


def line_path(shapes: Shapes) -> Path:
    """Make one path of lines; polygons by their edges."""
    dimensions = shapely.get_dimensions(shapes)
    edges = shapely.boundary(shapes[dimensions == 2])
    return _path(shapely.get_parts(np.concatenate([shapes[dimensions == 1], edges])), closed=False)


def _path(lines: Shapes, *, closed: bool) -> Path:
    points, of_line = shapely.get_coordinates(lines, return_index=True)
    codes = np.full(len(points), Path.LINETO, dtype=Path.code_type)
    if len(points):
        starts = np.flatnonzero(np.diff(of_line, prepend=-1))
        codes[starts] = Path.MOVETO
        if closed:
            codes[[*(starts[1:] - 1), len(points) - 1]] = Path.CLOSEPOLY
    return Path(points, codes)


def bar_length_m(metres: float, *, longest_in: float) -> float:
    """Choose the round length of a scale bar."""
    longest = metres * longest_in
    power = 10 ** np.floor(np.log10(longest))
    return float(max(step * power for step in _STEPS if step * power <= longest))


class Places:
    """Places that are taken, so that no words cover others; in inches of the body."""

    def __init__(self) -> None:
        self._taken: list[tuple[float, float, float, float]] = []

    def take(self, x: float, y: float, width: float, height: float) -> bool:
        """Take a place if it is free."""
        box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        for other in self._taken:
            if box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]:
                return False
        self._taken.append(box)
        return True

    def near(
        self, x: float, y: float, *, size: float, view: View, farthest: float = 1.5
    ) -> tuple[float, float] | None:
        """Take the free place that is nearest to a point."""
        for far in np.arange(0.0, farthest, size / 2):
            for turn in np.linspace(0, 2 * np.pi, 1 if far == 0 else 12, endpoint=False):
                at_x, at_y = x + far * np.cos(turn), y + far * np.sin(turn)
                inside_x = view.left + size / 2 <= at_x <= view.left + view.width - size / 2
                inside_y = view.top + size / 2 <= at_y <= view.top + view.height - size / 2
                if inside_x and inside_y and self.take(at_x, at_y, size, size):
                    return float(at_x), float(at_y)
        return None
