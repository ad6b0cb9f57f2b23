"""Boundaries drawn simplified: fewer corners, on both sides alike; nothing that counts changes."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import affinity

import kcngeo as kcn
from kcngeo.cartography.simplify import simplified
from kcngeo.maps import PayloadLayer
from tests import squares

# Between x = 50 and y = 0 … 100 a boundary that swings by 2 cm every 5 m: 19 corners inside. With
# its two neighbours a corner makes a triangle of 5 m · |second difference| / 2: at least that of
# (0.02, 0, 0.02), which is 0.1 m²; however many go, at most 100 m · 0.04 m / 2 = 2 m².
WAVES = [
    (50 + (0.02 if step % 2 else -0.02 if step % 4 else 0.0), 5.0 * step) for step in range(1, 20)
]
EDGE = [(50.0, 0.0), *WAVES, (50.0, 100.0)]


def ring(*points: tuple[float, float]) -> shapely.Polygon:
    return shapely.Polygon([(squares.EAST + x, squares.NORTH + y) for x, y in points])


WEST = ring((0, 0), *EDGE, (0, 100))
EAST = ring((100, 0), (100, 100), *reversed(EDGE))


def lots(*shapes: shapely.Polygon) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=list(shapes), crs=squares.CRS)


def corners(shape: shapely.Polygon) -> int:
    return len(shape.exterior.coords) - 1


def test_a_shared_boundary_loses_its_corners_on_both_sides() -> None:
    west, east = simplified(lots(WEST, EAST), tolerance_m=2).geometry
    # 4 corners of each are left: the boundary now runs straight
    assert (corners(WEST), corners(EAST)) == (23, 23)
    assert (corners(west), corners(east)) == (4, 4)
    assert west.intersection(east).area == 0
    assert west.union(east).equals(WEST.union(EAST))
    assert shapely.coverage_is_valid([west, east])


def test_below_the_tolerance_nothing_goes() -> None:
    # the smallest triangle has 0.1 m², the square of 0.3 m is 0.09 m²
    west, east = simplified(lots(WEST, EAST), tolerance_m=0.3).geometry
    assert west.equals(WEST)
    assert east.equals(EAST)


def test_a_boundary_nobody_shares_stays() -> None:
    (west,) = simplified(lots(WEST), tolerance_m=2).geometry
    assert west.equals(WEST)


def test_versions_on_each_other_keep_what_they_share() -> None:
    """East was surveyed again: both versions meet West, and neither may come apart from it."""
    wider = ring((120, 0), (120, 100), *reversed(EDGE))
    made = simplified(lots(WEST, EAST, wider), tolerance_m=2).geometry
    assert [one.equals(other) for one, other in zip(made, (WEST, EAST, wider), strict=True)] == [
        True
    ] * 3


def test_a_part_split_off_later_keeps_what_it_shares_with_the_neighbour() -> None:
    """The lower half of East becomes a lot of its own; its western boundary is West's too."""
    half = ring((100, 0), (100, 50), *reversed([point for point in EDGE if point[1] <= 50]))
    made = simplified(lots(WEST, EAST, half), tolerance_m=2).geometry
    assert all(one.equals(other) for one, other in zip(made, (WEST, EAST, half), strict=True))


def test_far_from_versions_boundaries_are_simplified_all_the_same() -> None:
    away = [affinity.translate(one, 5_000) for one in (WEST, EAST)]
    wider = ring((120, 0), (120, 100), *reversed(EDGE))
    made = simplified(lots(WEST, EAST, wider, *away), tolerance_m=2).geometry
    assert [corners(one) for one in made] == [23, 23, 23, 4, 4]


def test_the_same_shape_at_two_times_is_one_shape() -> None:
    made = simplified(lots(WEST, EAST, WEST), tolerance_m=2).geometry
    assert [corners(one) for one in made] == [4, 4, 4]
    assert made.iloc[0].equals(made.iloc[2])


def test_neighbours_whose_corners_do_not_meet_stay() -> None:
    """The lower half of the boundary is drawn by West alone: pulling at it would open a gap."""
    straight = ring((100, 0), (100, 100), (50, 100), *reversed(WAVES[10:]), (50, 0))
    west, east = simplified(lots(WEST, straight), tolerance_m=2).geometry
    assert west.equals(WEST)
    assert east.equals(straight)


@pytest.mark.parametrize("tolerance_m", [0, -1, float("nan"), float("inf")])
def test_a_tolerance_is_a_length(tolerance_m: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        simplified(lots(WEST), tolerance_m=tolerance_m)


def test_hectares_come_with_the_data_and_the_page_says_so() -> None:
    frame = squares.parcels("W", "E").set_geometry([WEST, EAST], crs=squares.CRS)
    project = kcn.Project(
        zones=squares.zones("A"),
        parcels=frame,
        ledger=squares.ledger(("W", "leased", "2001-01-01")),
    )
    data = {}
    for tolerance_m in (None, 2.0):
        made = kcn.maps.fill_map(
            project, start="2001-01-01", end="2001-01-31", simplify_m=tolerance_m
        )
        (layer,) = [one for one in made._children.values() if isinstance(one, PayloadLayer)]
        data[tolerance_m] = json.loads(layer.data)
    full, simple = data[None], data[2.0]
    assert (full["simplify_m"], simple["simplify_m"]) == (0, 2)
    areas = [[one["area_ha"] for one in each["parcels"]] for each in (full, simple)]
    assert areas[0] == areas[1]
    assert np.sum(areas[0]) == pytest.approx(1)
    sizes = [
        [len(one["geometry"]["coordinates"][0]) for one in each["parcels"]]
        for each in (full, simple)
    ]
    assert sizes == [[24, 24], [5, 5]]
    assert full["zones"] == simple["zones"]
    assert pd.Series(areas[0]).gt(0).all()
