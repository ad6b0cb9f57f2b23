"""Pairs of geometries within reach of each other: boxes first, then edges, then the distance.

Most pairs are far apart and their boxes show it, at a fraction of the price of asking GEOS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from kcngeo.core.threads import in_threads

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Geometries = NDArray[np.object_]
    Rows = NDArray[np.intp]

# Few enough that what is made for a part is still in the cache when it is used.
_A_PART = 10_000
# Pairs of edges from which an index pays.
_MANY_EDGES = 1_000


def near(ours: Geometries, theirs: Geometries, reach_m: Floats) -> tuple[Rows, Rows, Floats]:
    """Find what lies within reach, and measure how far apart it is."""
    search = _Search(ours, theirs, reach_m)
    asked = np.flatnonzero(~(np.isnan(reach_m) | np.isnan(search.our_boxes[:, 0])))
    parts = np.array_split(asked, max(1, len(asked) // _A_PART))
    # Of each part: rows of ours, rows of theirs, metres; some pairs a hair beyond the reach.
    found = in_threads(search.found, parts)
    none = np.empty(0, dtype=np.intp)
    return (
        np.concatenate([none, *(one[0] for one in found)]),
        np.concatenate([none, *(one[1] for one in found)]),
        np.concatenate([np.empty(0), *(one[2] for one in found)]),
    )


class _Search:
    """Search of ours among theirs; threads may share it, as it changes nothing."""

    def __init__(self, ours: Geometries, theirs: Geometries, reach_m: Floats) -> None:
        self.ours, self.theirs = ours, theirs
        # Rounding must not lose a pair exactly at the limit.
        self.reach_m = reach_m * (1 + 1e-9) + 1e-9
        self.our_boxes, self.their_boxes = shapely.bounds(ours), shapely.bounds(theirs)
        self.our_corners = shapely.get_num_coordinates(ours)
        self.their_corners = shapely.get_num_coordinates(theirs).astype("int64")
        self.tree = shapely.STRtree(theirs)

    def found(self, rows: Rows) -> tuple[Rows, Rows, Floats]:
        """Find what is within reach of some rows, and measure it."""
        reach_m = self.reach_m[rows, None]
        low, high = self.our_boxes[rows, :2] - reach_m, self.our_boxes[rows, 2:] + reach_m
        # A line from corner to corner has the same box as a polygon, and is made faster.
        wide = shapely.linestrings(np.stack([low, high], axis=1))
        hit, theirs = self.tree.query(wide)
        ours = rows[hit]
        mine, others = self.our_boxes.take(ours, axis=0), self.their_boxes.take(theirs, axis=0)
        # (pairs, 2) metres between the boxes in x and y, negative where they meet
        apart = np.maximum(others[:, :2] - mine[:, 2:], mine[:, :2] - others[:, 2:])
        square = np.square(np.maximum(apart, 0.0)).sum(axis=1)
        keep = square <= np.square(self.reach_m.take(ours))
        ours, theirs = ours[keep], theirs[keep]
        # Pairs whose distance is dear to measure.
        many = np.flatnonzero(self.our_corners[ours] * self.their_corners[theirs] > _MANY_EDGES)
        if len(many):
            far = many[~self._within(ours[many], theirs[many])]
            ours, theirs = np.delete(ours, far), np.delete(theirs, far)
        return ours, theirs, shapely.distance(self.ours[ours], self.theirs[theirs])

    def _within(self, ours: Rows, theirs: Rows) -> NDArray[np.bool_]:
        """Tell which pairs are within reach, by an index of their edges."""
        # To measure is to compare every edge with every edge, which is dear where both have many.
        used, place = np.unique(theirs, return_inverse=True)
        # Own copies: a prepared geometry builds its index when first asked, and two threads
        # must not.
        copies = shapely.from_wkb(shapely.to_wkb(self.theirs[used]))
        shapely.prepare(copies)
        found = shapely.dwithin(copies[place], self.ours[ours], self.reach_m[ours])
        return np.asarray(found, dtype=bool)
