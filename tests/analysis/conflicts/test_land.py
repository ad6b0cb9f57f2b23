"""What may come to a lot, and distances as areas: by hand on squares of 100 m."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from kcngeo import conflicts, standards
from kcngeo.core.errors import KcngeoError
from kcngeo.core.validation import validate
from tests.squares import CRS, EAST, NORTH, parcels, square

ON = "2018-03-31"
TCVN = standards.load("tcvn4449-1987")


def home(gap_m: float, **columns: Any) -> gpd.GeoDataFrame:
    """A home that far east of lot P, in the same rows."""
    x = EAST + 100 + gap_m
    data = {"receptor_id": ["R"], "kind": ["housing"], **columns}
    return gpd.GeoDataFrame(data, geometry=[box(x, NORTH, x + 100, NORTH + 100)], crs=CRS)


@pytest.mark.parametrize(
    ("gap_m", "allowed", "refused"),
    [
        # I 1000 m, II 500, III 300, IV 100, V 50: exactly at the distance is allowed.
        (0, None, "V"),
        (49, None, "V"),
        (50, "V", "IV"),
        (51, "V", "IV"),
        (99, "V", "IV"),
        (100, "IV", "III"),
        (299, "IV", "III"),
        (300, "III", "II"),
        (499, "III", "II"),
        (500, "II", "I"),
        (999, "II", "I"),
        (1000, "I", None),
        (1001, "I", None),
    ],
)
def test_the_worst_class_by_the_distance_of_the_nearest_home(
    gap_m: float, allowed: str | None, refused: str | None
) -> None:
    table = conflicts.admissible_class(parcels("P"), home(gap_m), rules=[TCVN], on=ON)
    row = table.iloc[0]
    assert (row["parcel_id"], row["zone_id"], row["rule_id"]) == ("P", "A", "tcvn4449-1987")
    metres = dict(TCVN.classes)
    for name, column, distance in (
        (allowed, "admissible_class", "required_m"),
        (refused, "refused_class", "refused_m"),
    ):
        if name is None:
            assert row[[column, distance]].isna().all()
        else:
            assert (row[column], row[distance]) == (name, metres[name])
    if gap_m <= 1000:
        assert (row["receptor_id"], row["distance_m"]) == ("R", gap_m)
    else:
        assert row[["receptor_id", "distance_m"]].isna().all()


@pytest.mark.parametrize(
    ("on", "allowed"),
    [("2018-03-30", "I"), ("2018-03-31", "IV"), ("2018-12-31", "IV"), ("2019-01-01", "I")],
)
def test_a_planned_resettlement_area_counts_from_its_date(on: str, allowed: str) -> None:
    planned = home(
        150,
        kind=["resettlement"],
        valid_from=pd.to_datetime(["2018-03-31"]),
        valid_to=pd.to_datetime(["2019-01-01"]),
    )
    table = conflicts.admissible_class(parcels("P"), planned, rules=[TCVN], on=on)
    assert table["admissible_class"].tolist() == [allowed]


def test_only_rules_by_class_about_parcels_inside_are_asked() -> None:
    rules = [
        *standards.buffer_rules(),
        dataclasses.replace(TCVN, name="stacks", emitters=("point",)),
        dataclasses.replace(TCVN, name="outside", place="outside"),
        dataclasses.replace(TCVN, name="inside", place="inside"),
    ]
    table = conflicts.admissible_class(parcels("P", "Q"), home(150), rules=rules, on=ON)
    assert table[["parcel_id", "rule_id", "admissible_class"]].to_numpy().tolist() == [
        ["P", "inside", "IV"],
        ["P", "tcvn4449-1987", "IV"],
        ["Q", "inside", "V"],
        ["Q", "tcvn4449-1987", "V"],
    ]
    assert table.index.tolist() == [0, 1, 2, 3]
    nothing = conflicts.admissible_class(parcels("P"), home(150), rules=[], on=ON)
    assert nothing.empty
    assert list(nothing.columns) == list(table.columns)


def test_of_two_homes_as_near_the_first_by_id_is_named() -> None:
    both = pd.concat([home(200).assign(receptor_id="R2"), home(200).assign(receptor_id="R1")])
    for homes in (both, both.iloc[::-1]):
        table = conflicts.admissible_class(parcels("P"), homes, rules=[TCVN], on=ON)
        assert table["receptor_id"].tolist() == ["R1"]


def test_measured_from_the_fence_all_lots_of_a_zone_are_as_near() -> None:
    rule = dataclasses.replace(TCVN, measured_from="fence")
    zones = gpd.GeoDataFrame({"zone_id": ["A"]}, geometry=[square(0, wide=3)], crs=CRS)
    lots = pd.concat([parcels("P"), parcels("Q", zone="B")])
    table = conflicts.admissible_class(lots, home(350), rules=[rule], on=ON, zones=zones)
    # The fence ends 150 m from the home, lot P 350 m from it; zone B is not known on the day.
    assert table["distance_m"].fillna(-1).tolist() == [150.0, -1.0]
    assert table["admissible_class"].fillna("-").tolist() == ["IV", "-"]
    assert table["refused_class"].fillna("-").tolist() == ["III", "-"]
    with pytest.raises(KcngeoError, match="tcvn4449-1987 go by the fence"):
        conflicts.admissible_class(lots, home(350), rules=[rule], on=ON)


# Areas


WORKS = gpd.GeoDataFrame(
    {
        "emitter_id": ["W"],
        "kind": ["wastewater_works"],
        "capacity_m3_day": [3000.0],
        "enclosed": pd.array([False], dtype="boolean"),
    },
    geometry=[square(0)],
    crs=CRS,
)


def rounded_ha(distance_m: float) -> float:
    """A hectare widened by a distance: the square, four strips, and four quarters of a circle."""
    return (100**2 + 4 * 100 * distance_m + math.pi * distance_m**2) / 10_000


@pytest.mark.parametrize(
    ("enclosed", "factor", "distance_m"),
    [(False, 1.0, 100.0), (False, 1.1, 110.0), (False, 0.9, 90.0), (True, 1.0, 15.0)],
)
def test_the_area_round_a_works(*, enclosed: bool, factor: float, distance_m: float) -> None:
    works = WORKS.assign(enclosed=pd.array([enclosed], dtype="boolean"))
    areas = conflicts.encumbrances(
        works, None, rules=standards.buffer_rules(), on=ON, factor=factor, rank=7
    )
    assert areas["measured_from"].tolist() == ["emitters"]
    assert areas["rank"].tolist() == [7]
    assert areas["verified"].tolist() == ["secondary"]
    got = areas.area.iloc[0] / 10_000
    assert rounded_ha(distance_m) * 0.9998 < got <= rounded_ha(distance_m)


def test_the_area_round_homes_is_as_wide_as_the_class_asks() -> None:
    homes = pd.concat([home(0), home(150).assign(receptor_id="R2")])
    homes = pd.concat([homes, home(5000, kind=["green"]).assign(receptor_id="G")])
    for hazard_class, distance_m in TCVN.classes:
        areas = conflicts.encumbrances(
            None, homes, rules=standards.buffer_rules(), on=ON, hazard_class=hazard_class
        )
        assert areas["kind"].tolist() == [f"tcvn4449-1987 {hazard_class}"]
        # Two homes 50 m apart count once: a box 250 m long, widened; green is not protected.
        long_m2 = 250 * 100 + 2 * (250 + 100) * distance_m + math.pi * distance_m**2
        # Between the two homes the rounded ends leave a dent where the zone is narrow.
        assert areas.area.iloc[0] <= long_m2
        assert areas.area.iloc[0] > long_m2 * 0.98


def test_areas_are_encumbrances_by_their_contract_in_the_order_of_the_rules() -> None:
    areas = conflicts.encumbrances(
        WORKS, home(300), rules=standards.buffer_rules(), on=ON, hazard_class="III"
    )
    assert areas[["kind", "rank", "measured_from"]].to_numpy().tolist() == [
        ["tcvn4449-1987 III", 1, "receptors"],
        ["qcvn01-wastewater", 2, "emitters"],
    ]
    assert areas.crs == CRS
    assert validate(areas, "encumbrances")["rank"].tolist() == [1, 2]


def test_a_class_no_rule_knows_gives_no_area() -> None:
    areas = conflicts.encumbrances(None, home(0), rules=[TCVN], on=ON, hazard_class="VI")
    assert areas.empty
    assert list(areas.columns)[:3] == ["kind", "rank", "rule_id"]


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(KcngeoError, match="give emitters, or receptors with the hazard_class"):
        conflicts.encumbrances(None, home(0), rules=[TCVN], on=ON)
    for factor in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(KcngeoError, match="factor must be a number above 0"):
            conflicts.encumbrances(WORKS, None, rules=[TCVN], on=ON, factor=factor)
