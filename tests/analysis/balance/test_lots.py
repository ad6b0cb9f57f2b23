"""Density and green of lots of one hectare, counted by hand; what there is for workers."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

import kcngeo as kcn
from kcngeo.core.errors import GeometryError, KcngeoError
from tests import squares

ON = "2018-03-31"
X, Y = squares.EAST, squares.NORTH


def halls(*rows: tuple[str, float, float], **columns: Any) -> gpd.GeoDataFrame:
    """Buildings 100 m deep on lots P1, P2, …: (lot, from m, to m) along the lot's southern side."""
    shapes = []
    for lot, west, east in rows:
        west_m = X + 100 * (int(lot[1:]) - 1)
        shapes.append(box(west_m + west, Y, west_m + east, Y + 100))
    data = {
        "building_id": [f"N{number}" for number in range(len(rows))],
        "parcel_id": [lot for lot, *_ in rows],
        "storeys": 1,
        **columns,
    }
    return gpd.GeoDataFrame(data, geometry=shapes, crs=squares.CRS)


def found(*rows: tuple[str, float, float], on: str = ON, green: Any = None, **columns: Any):
    lots = squares.parcels("P1", "P2", "P3", use=["industrial", "industrial", "service"])
    return kcn.balance.parcel_balance(
        squares.around(lots, buildings=halls(*rows, **columns)), on=on, green=green
    )


def test_ground_covered_twice_counts_once() -> None:
    row = found(("P1", 0, 40), ("P1", 30, 60)).loc["P1"]
    assert (row["lot_ha"], row["built_ha"]) == pytest.approx((1, 0.6))
    assert row["density_share"] == pytest.approx(0.6)
    assert row["open_share"] == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("storeys", "built_m", "limit", "passes"),
    [
        (5, 70, 0.7, True),
        (5, 71, 0.7, False),
        (6, 60, 0.6, True),
        (6, 61, 0.6, False),
        (None, 60, None, True),  # whatever the storeys
        (None, 65, None, None),  # allowed up to five storeys, not above
        (None, 71, None, False),
    ],
)
def test_density(storeys: int | None, built_m: float, limit: float | None, passes: Any) -> None:
    row = found(("P1", 0, built_m), storeys=pd.array([storeys], dtype="Int64")).loc["P1"]
    assert (None if pd.isna(row["density_limit"]) else row["density_limit"]) == limit
    verdict = row["density_passes"]
    assert (None if pd.isna(verdict) else bool(verdict)) is passes


def test_the_highest_building_decides() -> None:
    row = found(("P1", 0, 30), ("P1", 30, 65), storeys=[1, 6]).loc["P1"]
    assert (row["storeys"], row["density_rule"]) == (6, "lot-density-high")
    assert row["density_verified"] == "secondary"
    assert not row["density_passes"]


def test_green_is_unknown_without_a_layer_unless_there_is_no_room() -> None:
    rows = found(("P1", 0, 80), ("P2", 0, 81))
    assert pd.isna(rows.loc["P1", "green_passes"])
    assert not rows.loc["P2", "green_passes"]
    assert rows["green_share"].isna().all()


@pytest.mark.parametrize(("planted_m", "passes"), [(19, False), (20, True)])
def test_green_by_a_layer(planted_m: float, passes: bool) -> None:
    shape = [box(X + 60, Y, X + 60 + planted_m, Y + 100), box(X + 60, Y, X + 70, Y + 100)]
    green = gpd.GeoDataFrame(geometry=shape, crs=squares.CRS)
    row = found(("P1", 0, 50), green=green).loc["P1"]
    assert row["green_share"] == pytest.approx(planted_m / 100)
    assert bool(row["green_passes"]) is passes


@pytest.mark.parametrize(("on", "count"), [("2018-03-30", 0), ("2018-03-31", 1)])
def test_a_building_counts_from_its_day(on: str, count: int) -> None:
    assert len(found(("P1", 0, 50), on=on, valid_from="2018-03-31")) == count


def test_only_industrial_lots_and_only_polygons() -> None:
    assert found(("P1", 0, 10), ("P3", 0, 90)).index.tolist() == ["P1"]
    with pytest.raises(KcngeoError, match=r"N0.*parcel_id"):
        found(("P9", 0, 50))
    outline = halls(("P1", 0, 50))
    outline.geometry = outline.boundary
    with pytest.raises(GeometryError, match="buildings"):
        kcn.balance.parcel_balance(squares.around(squares.parcels("P1"), buildings=outline), on=ON)


def test_worker_housing_and_public_utilities() -> None:
    works = gpd.GeoDataFrame(
        {
            "work_id": ["W1", "W2", "W3", "W4"],
            "zone_id": "A",
            "kind": ["worker_housing", "public_utility", "road", "worker_housing"],
            "progress_share": [0.4, 0.1, 0.5, 1.0],
            "due_on": ["2018-03-30", "2018-03-31", "2017-01-01", "2015-01-01"],
            "done_on": [None, None, None, "2018-04-01"],
        },
        geometry=[squares.square(number) for number in range(4)],
        crs=squares.CRS,
    )
    standing = squares.around(squares.parcels("P1"), works=works)
    listed = kcn.balance.social_works(standing, on=ON).loc["A"]
    assert listed.index.tolist() == [
        ("public_utility", "W2"),
        ("worker_housing", "W1"),
        ("worker_housing", "W4"),
    ]
    housing = listed.loc["worker_housing"]
    assert housing.loc["W1", ["progress_share", "late_days"]].tolist() == [0.4, 1]
    assert pd.isna(listed.loc[("public_utility", "W2"), "late_days"])  # due today
    # done tomorrow: late today, and nobody knows how far it was
    assert not housing.loc["W4", "is_done"]
    assert pd.isna(housing.loc["W4", "progress_share"])
    assert pd.isna(housing.loc["W4", "done_on"])
    done = kcn.balance.social_works(standing, on="2018-04-01").loc[("A", "worker_housing", "W4")]
    assert done["is_done"]
    assert done["progress_share"] == 1
