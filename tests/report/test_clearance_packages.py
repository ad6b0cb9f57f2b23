"""Packages of clearance, by hand on lots of 1 ha in a row: N is free, U and V are not cleared.

The zone reaches 100 m beyond its lots on every side, so that the belt of 10 m takes none of them.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

import kcngeo as kcn
from kcngeo.core.errors import KcngeoError
from kcngeo.report import clearance_packages
from tests import squares

ON = "2018-03-31"
KINDS = ("road", "power", "water", "wastewater", "drainage")


def project(
    *, served: float = 5.0, columns: tuple[float, ...] = (1, 2, 4), high: float = 1, **tables: Any
) -> kcn.Project:
    """N, U and V where the columns say; works in place serve all within so many lots."""
    names = ["N", "U", "V"]
    zone = squares.square(0, -1, wide=7, high=3)
    lots = [squares.square(column, high=high) for column in columns]
    works = gpd.GeoDataFrame(
        {
            "work_id": list(KINDS),
            "zone_id": "A",
            "kind": list(KINDS),
            "done_on": pd.to_datetime(["2018-03-31"] * len(KINDS)),
        },
        geometry=[squares.square(0, -0.01, wide=served, high=0.005).exterior] * len(KINDS),
        crs=squares.CRS,
    )
    clearance = gpd.GeoDataFrame(
        {
            "clearance_id": ["G1", "G2"],
            "zone_id": "A",
            "parcel_id": ["U", "V"],
            "area_ha": 1.0,
            "households": pd.array([4, 0], dtype="Int64"),
            "planned_vnd": [3e9, 1e9],
            "paid_vnd": [1e9, 1e9],
        },
        geometry=lots[1:],
        crs=squares.CRS,
    )
    given: dict[str, Any] = {
        "zones": squares.zones("A").set_geometry([zone], crs=squares.CRS),
        "parcels": squares.parcels(*names).set_geometry(lots, crs=squares.CRS),
        "ledger": squares.ledger(
            ("U", "uncleared", "2010-01-01"), ("V", "uncleared", "2010-01-01")
        ),
        "works": works,
        "clearance": clearance,
    }
    return kcn.Project(**given | tables)


def test_a_package_frees_its_land_and_what_it_makes_large_enough() -> None:
    # Of 1.5 ha at least: N alone is too small, with U they are 2 ha; V stands apart.
    found = clearance_packages(project(), on=ON, min_area_ha=1.5)
    assert found["parcel_ids"].tolist() == ["U", "V"]
    assert found["freed_ha"].round(6).tolist() == [2.0, 0.0]
    assert found["largest_ha"].round(6).tolist()[0] == 2.0
    # 2 ha for four households and 2 bn not yet paid; V has no household and is paid.
    assert found["freed_per_household_ha"].round(6).tolist()[0] == 0.5
    assert found["freed_per_bn_ha"].round(6).tolist()[0] == 1.0
    assert found[["freed_per_household_ha", "freed_per_bn_ha"]].iloc[1].isna().all()
    # Of 1 ha at least, each frees itself: N counts without them.
    alone = clearance_packages(project(), on=ON, min_area_ha=1.0)
    assert alone["freed_ha"].round(6).tolist() == [1.0, 1.0]


def test_lots_that_adjoin_are_one_package() -> None:
    found = clearance_packages(project(columns=(0.5, 2, 3)), on=ON, min_area_ha=1.5)
    assert found.index.tolist() == ["A:U"]
    row = found.iloc[0]
    assert (row["parcel_ids"], row["clearance_ids"], row["lots_count"]) == ("U|V", "G1|G2", 2)
    assert (row["households_count"], row["unpaid_vnd"]) == (4, 2e9)
    assert round(row["freed_ha"], 6) == 2.0


@pytest.mark.parametrize(("width_m", "freed_ha"), [(40.0, 1.0), (60.0, 0.0)])
def test_land_that_is_too_narrow_frees_nothing(width_m: float, freed_ha: float) -> None:
    # Lots 50 m deep: N and U together are 100 × 2 by 50 m, 1 ha.
    found = clearance_packages(project(high=0.5), on=ON, min_area_ha=0.9, min_width_m=width_m)
    assert round(found.loc["A:U", "freed_ha"], 6) == freed_ha


def test_without_service_nothing_is_freed() -> None:
    # Works that end before U serve N alone.
    found = clearance_packages(project(served=0.5), on=ON, min_area_ha=1.0)
    assert found["freed_ha"].tolist() == [0.0, 0.0]
    assert found["serviced_ha"].tolist() == [0.0, 0.0]
    assert found["clear_ha"].round(6).tolist() == [1.0, 1.0]


def test_encumbrances_and_land_let_before_clearance_are_left_out() -> None:
    line = gpd.GeoDataFrame(
        {"kind": ["power_corridor"], "rank": [1]},
        geometry=[squares.square(2, wide=0.5)],
        crs=squares.CRS,
    )
    let = squares.ledger(
        ("U", "uncleared", "2010-01-01"),
        ("V", "uncleared", "2010-01-01"),
        ("V", "leased", "2011-01-01"),
    )
    found = clearance_packages(project(encumbrances=line, ledger=let), on=ON, min_area_ha=0.4)
    assert found["parcel_ids"].tolist() == ["U"]
    assert found["clear_ha"].round(6).tolist() == [0.5]


def test_what_it_needs_is_said() -> None:
    with pytest.raises(KcngeoError, match="works"):
        clearance_packages(project(works=None), on=ON)
    with pytest.raises(KcngeoError, match="clearance"):
        clearance_packages(project(clearance=None), on=ON)


def test_the_sample_ranks_what_it_would_free() -> None:
    sample = kcn.io.read_project("data/parcels/two_zones.gpkg")
    found = clearance_packages(sample, on=ON)
    # 3 + 1 + 2 + 1 + 2 + 6 + 1 + 2 households on the eight lots of CN09.
    first = found.iloc[0]
    assert (first.name, first["lots_count"]) == ("phu-hoi:PH-CN09-01", 8)
    assert first["households_count"] == 18
    assert (found["freed_ha"] > 0).sum() == 2
    assert found["freed_ha"].is_monotonic_decreasing
