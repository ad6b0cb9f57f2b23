"""The area two polygons share: by hand, and against GEOS on shapes that hypothesis makes up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, affinity, box

from kcngeo.core.polygon_intersection import edges_of, shared_areas
from tests.squares import EAST, NORTH


def shared(one: Any, other: Any) -> float:
    first, second = np.array([one], dtype=object), np.array([other], dtype=object)
    row = np.array([0])
    return float(shared_areas(edges_of(first), edges_of(second), row, row)[0])


L_SHAPE = Polygon([(0, 0), (3, 0), (3, 1), (1, 1), (1, 3), (0, 3)])


@pytest.mark.parametrize(
    ("one", "other", "area"),
    [
        (box(0, 0, 2, 2), box(1, 1, 3, 3), 1.0),
        (box(0, 0, 2, 2), box(2, 0, 4, 2), 0.0),  # touch
        (box(0, 0, 2, 2), box(5, 5, 6, 6), 0.0),  # apart
        (box(0, 0, 4, 4), box(1, 1, 2, 2), 1.0),  # inside
        (L_SHAPE, box(0, 0, 3, 3), 5.0),
        (L_SHAPE, box(2, 0, 4, 4), 1.0),
        # The diagonal cuts the square of 2 in half.
        (box(0, 0, 2, 2), Polygon([(0, 0), (2, 0), (2, 2)]), 2.0),
        # A hole of 1 in the square of 9, half of it under the other square.
        (Polygon(box(0, 0, 3, 3).exterior, [box(1, 1, 2, 2).exterior]), box(1.5, 0, 3, 3), 4.0),
        (MultiPolygon([box(0, 0, 1, 1), box(2, 0, 3, 1)]), box(0.5, 0, 2.5, 1), 1.0),
    ],
)
def test_shared_areas_by_hand(one: Any, other: Any, area: float) -> None:
    assert shared(one, other) == pytest.approx(area, abs=1e-12)
    assert shared(other, one) == pytest.approx(area, abs=1e-12)


@st.composite
def stars(draw: Any) -> Polygon:
    """A polygon that sees all its corners from one point: simple, and mostly concave."""
    size = draw(st.integers(3, 12))
    reach = draw(st.lists(st.floats(5, 60), min_size=size, max_size=size))
    angle = np.linspace(0, 2 * np.pi, size, endpoint=False) + draw(st.floats(0, 1))
    x, y = draw(st.floats(0, 60)), draw(st.floats(0, 60))
    corners = np.column_stack([x + reach * np.cos(angle), y + reach * np.sin(angle)])
    ring = Polygon(corners + np.array([EAST, NORTH]))
    hole = affinity.scale(ring, 0.3, 0.3, origin=(EAST + x, NORTH + y))
    return Polygon(ring.exterior, [hole.exterior]) if draw(st.booleans()) else ring


@given(stars(), stars())
def test_shared_areas_equal_those_of_geos(one: Polygon, other: Polygon) -> None:
    if one.is_valid and other.is_valid:
        # A square millimetre is 1e-6 m².
        assert shared(one, other) == pytest.approx(one.intersection(other).area, abs=1e-6)


@given(stars())
def test_a_polygon_shares_all_of_itself(one: Polygon) -> None:
    if one.is_valid:
        assert shared(one, one) == pytest.approx(one.area, abs=1e-6)


def test_many_pairs_at_once_with_a_large_fence() -> None:
    fence = np.array([Polygon(box(0, 0, 3000, 2000).exterior).segmentize(7)], dtype=object)
    lots = np.array([box(x, -50, x + 100, 50) for x in range(-50, 3000, 100)], dtype=object)
    rows = np.arange(len(lots))
    found = shared_areas(edges_of(lots), edges_of(fence), rows, np.zeros_like(rows))
    # Half of each lot lies inside; the first and the last straddle the corners.
    assert found[1:-1] == pytest.approx(5_000.0, abs=1e-6)
    assert found[[0, -1]] == pytest.approx(2_500.0, abs=1e-6)
