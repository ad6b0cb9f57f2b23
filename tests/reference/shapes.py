"""Polygons in whole numbers and their areas, in plain Python.

A shape is a list of polygons, a polygon a list of rings (the outer one first), a ring a list of
corners without the first repeated.
"""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product
from typing import Any

Point = tuple[int, int]
Ring = list[Point]
Shape = list[list[Ring]]

SIDE = 48
"""Side of a block in its own units."""


def square(left: int, low: int, right: int, high: int) -> Ring:
    return [(left, low), (right, low), (right, high), (left, high)]


BLOCK = square(0, 0, SIDE, SIDE)
_RING = [BLOCK, square(12, 12, 36, 36)]
_CORNERS = [
    [[(0, 0), (24, 0), (0, 24)]],
    [[(48, 0), (48, 24), (24, 0)]],
    [[(48, 48), (24, 48), (48, 24)]],
    [[(0, 48), (0, 24), (24, 48)]],
]
# Ways to divide a block. What a lot is surveyed anew as lies within it: see `smaller`.
PATTERNS: dict[str, list[Shape]] = {
    "whole": [[[BLOCK]]],
    "quarters": [[[square(x, y, x + 24, y + 24)]] for x, y in product((0, 24), repeat=2)],
    "triangles": [[[[(0, 0), (48, 0), (48, 48)]]], [[[(0, 0), (48, 48), (0, 48)]]]],
    "ell": [
        [[[(0, 0), (48, 0), (48, 24), (24, 24), (24, 48), (0, 48)]]],
        [[square(24, 24, 48, 48)]],
    ],
    "hole": [[_RING], [[square(12, 12, 36, 36)]]],
    "diamond": [_CORNERS, [[[(24, 0), (48, 24), (24, 48), (0, 24)]]]],
    "slanted": [
        [[[(0, 0), (12, 0), (36, 48), (0, 48)]]],
        [[[(48, 0), (48, 48), (36, 48), (12, 0)]]],
    ],
    "checker": [
        [[square(0, 0, 24, 24)], [square(24, 24, 48, 48)]],
        [[square(24, 0, 48, 24)]],
        [[square(0, 24, 24, 48)]],
    ],
}


def smaller(shape: Shape) -> Shape:
    """Give a part of a lot: one polygon less, a wider hole, or half as long from its corner."""
    if len(shape) > 1:
        return shape[1:]
    outer, *holes = shape[0]
    if holes:
        return [[outer, square(6, 6, 42, 42)]]
    x, y = outer[0]
    return [[[(x + (u - x) // 2, y + (v - y) // 2) for u, v in outer]]]


def redrawn(shape: Shape, chance: random.Random) -> Shape:
    """Draw the same land with other corners: more on its sides, begun elsewhere, turned round."""

    def ring(corners: Ring) -> Ring:
        drawn: Ring = []
        for (x, y), (u, v) in zip(corners, [*corners[1:], corners[0]], strict=True):
            drawn.append((x, y))
            parts = chance.choice([1, 1, 2, 3, 4])
            if (u - x) % parts == (v - y) % parts == 0:
                drawn += [
                    (x + (u - x) * n // parts, y + (v - y) * n // parts) for n in range(1, parts)
                ]
        first = chance.randrange(len(drawn))
        drawn = drawn[first:] + drawn[:first]
        return drawn[::-1] if chance.random() < 0.5 else drawn

    return [[ring(one) for one in polygon] for polygon in shape]


def placed(shape: Shape, column: int, row: int, turn: tuple[int, int], at: Point) -> Shape:
    """Lay the drawing of a block on the ground, in whole metres."""
    a, b = turn
    (east, north), x, y = at, column * SIDE, row * SIDE
    return [
        [
            [(east + a * (u + x) - b * (v + y), north + b * (u + x) + a * (v + y)) for u, v in ring]
            for ring in polygon
        ]
        for polygon in shape
    ]


def _sides(shape: Shape) -> list[tuple[Point, Point, int]]:
    """List the sides from left to right, with +1 where the land lies below, -1 where above."""
    sides = []
    for polygon in shape:
        for number, ring in enumerate(polygon):
            # Whichever way a ring is drawn, an outer one encloses land and a hole leaves it out.
            turn = 1 if _twice_signed(ring) < 0 else -1
            turn = turn if number == 0 else -turn
            for one, other in zip(ring, [*ring[1:], ring[0]], strict=True):
                if one[0] < other[0]:
                    sides.append((one, other, turn))
                elif one[0] > other[0]:
                    sides.append((other, one, -turn))
    return sides


def _twice_signed(ring: Ring) -> int:
    around = zip(ring, [*ring[1:], ring[0]], strict=True)
    return sum(x * v - u * y for (x, y), (u, v) in around)


def area_m2(shape: Shape) -> Fraction:
    """Measure a shape by the shoelace formula."""
    total = 0
    for outer, *holes in shape:
        total += abs(_twice_signed(outer)) - sum(abs(_twice_signed(hole)) for hole in holes)
    return Fraction(total, 2)


def common_m2(shape: Shape, other: Shape) -> Fraction:
    """Measure what two shapes have in common, exactly."""
    # The land of a shape is what lies under its upper sides less what lies under its lower ones;
    # what is common is so of every pair of sides.
    pairs = product(_sides(shape), _sides(other))
    return sum((Fraction(m * n) * _under_both(a, b, c, d) for (a, b, m), (c, d, n) in pairs),
               Fraction(0))  # fmt: skip


def _under_both(a: Point, b: Point, c: Point, d: Point) -> Fraction:
    """Measure what lies under both of two sides, down to the line 0."""
    left, right = max(a[0], c[0]), min(b[0], d[0])
    if left >= right:
        return Fraction(0)

    def height(one: Point, other: Point, x: Any) -> Fraction:
        return one[1] + Fraction(other[1] - one[1], other[0] - one[0]) * (x - one[0])

    places: list[Any] = [left, right]
    gap = [height(a, b, x) - height(c, d, x) for x in places]
    if gap[0] * gap[1] < 0:
        places.insert(1, left + (right - left) * gap[0] / (gap[0] - gap[1]))
    lower = [min(height(a, b, x), height(c, d, x)) for x in places]
    return sum(
        (
            Fraction(places[n + 1] - places[n]) * (lower[n] + lower[n + 1]) / 2
            for n in range(len(places) - 1)
        ),
        Fraction(0),
    )
