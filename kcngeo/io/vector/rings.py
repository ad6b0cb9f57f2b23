"""Rings that do not end where they begin: closed on request, with the length of the side added."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from kcngeo.io.vector.ogr import Features

Corner = tuple[float, ...]

# The innermost brackets of WKT hold the corners of one ring.
_RING = re.compile(r"\(([^()]+)\)")
_POLYGON = 3


def closed(raw: bytes | str) -> tuple[Any, float] | None:
    """Close the rings of a shape as WKB or WKT; give it with the longest side that was added.

    The side has the unit of the coordinates. None where closing does not make it a shape.
    """
    read: Any = shapely.from_wkt if isinstance(raw, str) else shapely.from_wkb
    try:
        shape = read(raw, on_invalid="fix")
        rings = _of_text(raw) if isinstance(raw, str) else _of_bytes(raw)
        sides = [math.dist(first[:2], last[:2]) for first, last in rings]
    except (shapely.errors.GEOSException, ValueError, struct.error):
        return None
    # Two corners close to a line there and back, which is no shape of a lot.
    if shape is None or not max(sides, default=0.0) or not shapely.area(shape):
        return None
    return shape, max(sides)


def enclose(features: Features, *, close_rings: bool) -> None:
    """Make areas of lines that end where they begin; of others too, if asked, and say by what."""
    lines = features.geometry.copy()
    for row, shape in enumerate(lines):
        parts = np.atleast_1d(shapely.get_parts(shape))
        if len(parts) != 1 or parts[0].geom_type != "LineString":
            continue
        corners = shapely.get_coordinates(parts[0])
        if not len(corners):
            continue
        gap = float(np.hypot(*(corners[-1] - corners[0])))
        if len(np.unique(corners, axis=0)) < 3 or (gap and not close_rings):
            continue
        features.geometry[row] = shapely.Polygon(corners)
        if gap:
            features.closed[row] = gap
    features.enclosed = tuple(
        row for row, shape in enumerate(lines) if shape is not features.geometry[row]
    )


def _of_text(text: str) -> Iterator[tuple[Corner, Corner]]:
    """Give first and last corner of every ring of a shape as text."""
    for ring in _RING.findall(text):
        corners = [tuple(map(float, corner.split())) for corner in ring.split(",")]
        yield corners[0], corners[-1]


def _of_bytes(raw: bytes) -> Iterator[tuple[Corner, Corner]]:
    """Give first and last corner of every ring of a shape as bytes."""
    at, left = 0, 1
    while left:
        left -= 1
        order = "<" if raw[at] else ">"
        kind, count = struct.unpack_from(f"{order}II", raw, at + 1)
        at += 9
        if kind % 1000 != _POLYGON:
            # A collection: its parts follow, each with a head of its own.
            left += count
            continue
        # Z and M add a thousand each, both together three.
        size = 2 + (0, 1, 1, 2)[kind // 1000]
        for _ in range(count):
            (corners,) = struct.unpack_from(f"{order}I", raw, at)
            last = at + 4 + 8 * size * (corners - 1)
            ends = (struct.unpack_from(f"{order}{size}d", raw, place) for place in (at + 4, last))
            yield next(ends), next(ends)
            at = last + 8 * size
