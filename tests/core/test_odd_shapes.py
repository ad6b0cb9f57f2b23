"""The kernels on odd shapes, pair by pair against plain shapely."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import affinity

from kcngeo.core import geometry
from tests.squares import CRS, EAST, NORTH


def box(x: float, y: float, wide: float, high: float) -> Any:
    return shapely.box(EAST + x, NORTH + y, EAST + x + wide, NORTH + y + high)


def odd_polygons(random: np.random.Generator) -> list[Any]:
    """Slivers, holes (one touching its shell), parts that touch in a point, jagged stars, twins."""
    made = []
    for _ in range(6):
        x, y = random.uniform(0, 300, 2)
        sliver = affinity.rotate(
            box(x, y, 250, 10 ** random.uniform(-4, -1)), random.uniform(0, 180)
        )
        ring = box(x, y, 90, 90).difference(box(x + 20, y + 20, 30, 30))
        corner = shapely.Polygon(
            [(EAST + x + dx, NORTH + y + dy) for dx, dy in ((0, 0), (80, 0), (80, 80), (0, 80))],
            [[(EAST + x + dx, NORTH + y + dy) for dx, dy in ((0, 40), (30, 30), (30, 50))]],
        )
        pair = box(x, y, 40, 40).union(box(x + 40, y + 40, 40, 40))
        turn = np.sort(random.uniform(0, 2 * np.pi, 60))
        reach = 90 * random.uniform(0.1, 1, 60)
        star = shapely.Polygon(
            np.column_stack([EAST + x + reach * np.cos(turn), NORTH + y + reach * np.sin(turn)])
        )
        snapped = box(10 * round(x / 10), 10 * round(y / 10), 100, 50)
        made += [sliver, ring, corner, pair, star, snapped, snapped.reverse()]
    return [one for one in made if one.is_valid]


def test_areas_of_odd_polygons() -> None:
    shapes = odd_polygons(np.random.default_rng(3))
    assert len(shapes) >= 36
    layer = gpd.GeoDataFrame(geometry=shapes, crs=CRS)
    found = geometry.areas_within(layer, layer).set_index(["left", "right"])["area_m2"]
    compared = 0
    for i, one in enumerate(shapes):
        for j, other in enumerate(shapes):
            area_m2 = one.intersection(other).area
            compared += area_m2 > 0
            # What is less than a square millimetre is left out.
            assert abs(found.get((i, j), 0.0) - area_m2) <= 2e-6 + 1e-9 * area_m2, (i, j)
    assert compared > 300


def test_distances_of_odd_shapes_of_every_kind() -> None:
    random = np.random.default_rng(4)
    shapes = odd_polygons(random)
    for x, y in random.uniform(0, 600, (8, 2)):
        point = shapely.Point(EAST + x, NORTH + y)
        line = shapely.LineString([(EAST + x, NORTH + y), (EAST + x + 60, NORTH + y + 20)])
        points = shapely.MultiPoint([(EAST + x, NORTH + y), (EAST + x + 90, NORTH + y)])
        shapes += [point, line, points, shapely.GeometryCollection([point, line, box(x, y, 9, 9)])]
    layer = gpd.GeoDataFrame(geometry=shapes, crs=CRS)
    distance_m = pd.Series(random.choice([0.0, 5.0, 60.0, np.nan], len(shapes)))
    found = geometry.pairs_within(layer, layer, distance_m=distance_m)
    expected = [
        (i, j, one.distance(other))
        for i, one in enumerate(shapes)
        for j, other in enumerate(shapes)
        if one.distance(other) <= distance_m[i]
    ]
    assert len(expected) > 300
    assert found[["left", "right"]].to_numpy().tolist() == [[i, j] for i, j, _ in expected]
    np.testing.assert_allclose(found["distance_m"], [gap for *_, gap in expected], atol=1e-9)
