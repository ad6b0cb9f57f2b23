"""Shapes of land: what lies together, how wide it is, what is too narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from kcngeo.core.threads import in_threads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Geometries = NDArray[np.object_]
    Rows = NDArray[np.intp]

CRUMB_M2 = 1.0
"""Pieces smaller than this are rounding."""

# Corners of 60° and more come back whole after shrinking and widening; sharper ones lose their tip.
_MITRE_LIMIT = 2.0
_WIDTH_STEP_M = 0.05
_CIRCLE_M = 0.05
_BARELY = 0.1
_QUADRANT_SEGMENTS = 32
# Land is as wide as nearly all of it is: a spike at its edge does not make it narrow.
_NEARLY_ALL = 0.99
_A_PART = 2_000


def adjoining(parts: Geometries, zone: Rows, *, gap_m: float, min_edge_m: float) -> Rows:
    """Number the groups of polygons that adjoin along a long enough edge, within a zone."""
    one, other = shapely.STRtree(parts).query(parts, predicate="dwithin", distance=gap_m)
    asked = (one < other) & (zone[one] == zone[other])
    one, other = one[asked], other[asked]
    shared = np.concatenate(
        [
            np.empty(0),
            *in_threads(
                lambda pairs: facing_m(parts[one[pairs]], parts[other[pairs]], reach_m=gap_m),
                np.array_split(np.arange(len(one)), max(1, len(one) // _A_PART)),
            ),
        ]
    )
    long = shared >= min_edge_m
    return groups(len(parts), one[long], other[long])


def facing_m(ours: Geometries, theirs: Geometries, *, reach_m: float) -> Floats:
    """Measure how much of each shape's edge lies within reach of another shape."""
    near = shapely.buffer(theirs, reach_m, cap_style="square", join_style="mitre")
    edges = shapely.boundary(ours)
    return np.asarray(shapely.length(shapely.intersection(edges, near)))


def groups(size: int, one: Rows, other: Rows) -> Rows:
    """Number the groups that pairs connect."""
    label = np.arange(size)
    while True:
        lowest = np.minimum(label[one], label[other])
        before = label.copy()
        np.minimum.at(label, one, lowest)
        np.minimum.at(label, other, lowest)
        label = label[label]
        if np.array_equal(before, label):
            return label


def closed(shape: Any, *, gap_m: float) -> Any:
    """Close the hairlines between parcels, so that they do not count as edges of the land."""
    return shape.buffer(gap_m / 2, join_style="mitre").buffer(-gap_m / 2, join_style="mitre")


def wide_bodies(shape: Any, *, width_m: float) -> list[Any]:
    """Give the parts of a shape through which a disc of a stated width can be moved everywhere."""
    # The shape is shrunk by half the width; each piece that remains is what a disc's centre can
    # reach without leaving it. What the disc sweeps there is a body, with the corners of 60° and
    # more it cannot reach into. Necks narrower than the width fall away, but for what the disc
    # reaches of their mouths, and part what they joined; where a neck leaves from a corner, what
    # the disc does not reach of the corner goes with it.
    if width_m <= 0:
        return [shape]
    found = [shapely.union_all([swept, *more]) for swept, more in _sweeps(shape, width_m=width_m)]
    found.sort(key=lambda one: (-one.area, one.bounds))
    bodies: list[Any] = []
    for body in found:
        # Two cores either side of a short neck both reach into it: the larger has it, and the
        # other is what is still wide enough without it.
        shared = [taken for taken in bodies if body.intersection(taken).area > CRUMB_M2]
        for taken in bodies:
            if body.intersects(taken):
                body = body.difference(taken)
        rest = [one for one in shapely.get_parts(body) if one.area > CRUMB_M2]
        if shared:
            rest = [wide for one in rest for wide in wide_bodies(one, width_m=width_m)]
        bodies += rest
    return sorted(bodies, key=lambda one: (-one.area, one.bounds))


def _sweeps(shape: Any, *, width_m: float) -> Iterator[tuple[Any, Geometries]]:
    """Give what a disc sweeps from each place its centre can reach, and the corners beside it."""
    cores = shapely.get_parts(shape.buffer(-width_m / 2, quad_segs=_QUADRANT_SEGMENTS))
    return (_swept(shape, core, width_m=width_m) for core in cores)


def _swept(shape: Any, core: Any, *, width_m: float) -> tuple[Any, Geometries]:
    """Give what a disc sweeps whose centre moves in a core, and the corners that close it."""
    swept = shapely.intersection(shape, core.buffer(width_m / 2, quad_segs=_QUADRANT_SEGMENTS))
    rest = shapely.get_parts(shapely.difference(shape, swept))
    # A corner is what the widened core would cover (nearly: a mouth beside it bends the core) if
    # its corners were drawn out; of a neck it would cover the mouth only.
    drawn_out = core.buffer(width_m / 2, join_style="mitre", mitre_limit=_MITRE_LIMIT)
    outside = shapely.area(shapely.difference(rest, drawn_out))
    return swept, rest[outside < _BARELY * shapely.area(rest)]


def circle_m(shape: Any) -> float:
    """Give the diameter of the largest circle that fits into a shape."""
    polygons = [one for one in shapely.get_parts(shape) if one.area > 0]
    radii = [shapely.maximum_inscribed_circle(one, tolerance=_CIRCLE_M).length for one in polygons]
    return 2 * max(radii, default=0.0)


def width_m(shape: Any) -> float:
    """Give the largest width at which one body of a shape still holds nearly all of it."""
    needed_m2 = _NEARLY_ALL * shape.area
    low, high = 0.0, circle_m(shape)
    while high - low > _WIDTH_STEP_M:
        middle = (low + high) / 2
        if _largest_m2(shape, width_m=middle) >= needed_m2:
            low = middle
        else:
            high = middle
    return low


def _largest_m2(shape: Any, *, width_m: float) -> float:
    """Measure the largest body of a width, which has nearly all of the land if any has."""
    # Its parts lie side by side: to unite them, as bodies are, takes as long as all the rest.
    parts = _sweeps(shape, width_m=width_m)
    return max((swept.area + shapely.area(corners).sum() for swept, corners in parts), default=0.0)
