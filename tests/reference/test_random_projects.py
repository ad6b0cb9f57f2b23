"""Accounts, rates, bounds, series, sums, lots, leases and reasons against a plain count.

The reference counts one lot and one entry at a time with fractions; it knows nothing of the
package. Projects are drawn at random, see `draw`: a seed is a project, the same on every machine.
"""

from __future__ import annotations

from fractions import Fraction

import pytest

from kcngeo import standards
from tests.reference import shapes
from tests.reference.count import DEFINITIONS
from tests.reference.questions import ask

# What a run of all tests has time for; the others by `python run.py test long`.
FEW, MANY, BATCH = 60, 2100, 10


@pytest.mark.parametrize("first", range(0, FEW, BATCH))
def test_projects_drawn_at_random_are_those_counted_by_hand(first: int) -> None:
    for seed in range(first, first + BATCH):
        ask(seed)


@pytest.mark.long
@pytest.mark.parametrize("first", range(FEW, MANY, BATCH))
def test_many_projects_drawn_at_random_are_those_counted_by_hand(first: int) -> None:
    for seed in range(first, first + BATCH):
        ask(seed)


def test_every_definition_of_the_registry_is_counted_by_hand() -> None:
    shipped = standards.registry().of(standards.FillDefinition)
    assert sorted(one.name for one in shipped) == sorted(DEFINITIONS)


def test_the_reference_measures_shapes() -> None:
    # A square of 10 m with a hole of 4 m, and a triangle with legs of 6 m from its corner.
    square = [[shapes.square(0, 0, 10, 10), shapes.square(3, 3, 7, 7)]]
    triangle = [[[(0, 0), (6, 0), (0, 6)]]]
    assert shapes.area_m2(square) == 84
    assert shapes.area_m2(triangle) == 18
    # The slope runs from (3, 3) to the corner of the hole: a point.
    assert shapes.common_m2(square, triangle) == 18
    # Moved by one, its slope runs from (4, 3) to (3, 4): half a square metre is the hole's.
    moved = [[[(0, 0), (7, 0), (0, 7)]]]
    assert shapes.common_m2(square, moved) == Fraction(49, 2) - Fraction(1, 2)
    for pieces in shapes.PATTERNS.values():
        assert sum(shapes.area_m2(one) for one in pieces) == shapes.SIDE**2
