"""The edges of days, areas and warnings: what a small change of the code would move."""

from __future__ import annotations

import warnings

import geopandas as gpd
import pytest
import shapely

import kcngeo as kcn
from kcngeo.core import crs, dates, errors, geometry
from tests.squares import CRS, square


@pytest.mark.parametrize("day", ["2999-01-01", "2999-01-01T00:00+07:00"])
def test_nothing_is_recorded_in_the_future_whether_a_day_or_a_moment(day: str) -> None:
    with pytest.raises(dates.DateError, match=r"299[89]-"):
        dates.recording_moment(day)


def noisy() -> list[errors.KcngeoWarning]:
    with errors.gathered(errors.KcngeoWarning) as told:
        warnings.warn("of another kind", UserWarning, stacklevel=1)
        warnings.warn("zone B", errors.KcngeoWarning, stacklevel=1)
    return told


def test_warnings_of_other_kinds_are_passed_on() -> None:
    with pytest.warns(UserWarning, match="of another kind") as passed:
        told = noisy()
    assert [str(one) for one in told] == ["zone B"]
    assert [str(one.message) for one in passed] == ["of another kind"]


def test_areas_are_measured_in_parts_whichever_fence_comes_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The first fence holds nothing; six lots of 1 ha lie in the second, half a lot in the third.
    fences = [square(50), square(0, wide=6), square(6, wide=0.5)]
    lots = [square(column) for column in range(7)]
    layers = [gpd.GeoDataFrame(geometry=shapes, crs=CRS) for shapes in (lots, fences)]
    monkeypatch.setattr(geometry, "_THREADED_FROM", 2)
    found = geometry.areas_within(*layers)
    assert found[["left", "right"]].to_numpy().tolist() == [*([n, 1] for n in range(6)), [6, 2]]
    assert found["area_m2"].tolist() == pytest.approx([10_000.0] * 6 + [5_000.0])
    alone = geometry.areas_within(layers[0].iloc[:6], layers[1].iloc[:2])
    assert alone["area_m2"].tolist() == pytest.approx([10_000.0] * 6)


@pytest.mark.parametrize("side", ["left", "right"])
def test_shapes_that_cannot_be_measured_are_refused_on_either_side(side: str) -> None:
    x, y = square(0).bounds[:2]
    crossed = shapely.Polygon([(x, y), (x + 9, y + 9), (x + 9, y), (x, y + 9)])
    both = {"left": [square(0)], "right": [square(0)], side: [crossed]}
    layers = [gpd.GeoDataFrame(geometry=both[name], crs=CRS) for name in ("left", "right")]
    with pytest.raises(errors.GeometryError, match=side):
        geometry.areas_within(*layers)


def test_no_row_is_astray_where_the_others_are_no_better() -> None:
    parcels = kcn.examples.squares().parcels
    shapes = parcels.geometry.to_numpy().copy()
    shapes[2] = shapely.transform(shapes[2], lambda points: points * 10)
    parcels = parcels.set_geometry(shapes, crs=parcels.crs)
    assert crs.strays(parcels).tolist() == [2]
    # On the central meridian of a scale of 0.9999 areas are 0.02 % too small.
    assert crs.strays(parcels, area_tolerance=0.0001).tolist() == []
