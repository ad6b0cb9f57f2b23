"""Shares of a zone by land use: real shares of two estates, and strips counted by hand."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

import kcngeo as kcn
from kcngeo.core.errors import ContractError, KcngeoError
from kcngeo.standards import StandardError
from tests import squares

ON = "2018-03-31"
# Published shares in percent: factories, stores, centre, technical, roads, green.
TAN_BINH_1 = (105.95, [
    ("industrial", 70.08), ("industrial", 5.50), ("service", 1.10), ("technical", 1.40),
    ("transport", 14.91), ("green", 7.01),
])  # fmt: skip
TAN_BINH_2 = (22.75, [
    ("industrial", 67.65), ("service", 2.86), ("technical", 4.79), ("transport", 13.93),
    ("green", 10.77),
])  # fmt: skip


def estate(area_ha: float, shares: list[tuple[str, float]], zone: str = "A") -> tuple:
    """A zone 1 km high, cut into strips as wide as their shares."""
    width_m = area_ha * 10
    edges = np.cumsum([0.0, *(share for _, share in shares)]) / 100 * width_m
    x, y = squares.EAST, squares.NORTH
    shapes = [box(x + west, y, x + east, y + 1000) for west, east in pairwise(edges)]
    parcels = gpd.GeoDataFrame(
        {
            "parcel_id": [f"{zone}-{number}" for number in range(len(shares))],
            "zone_id": zone,
            "land_use": [use for use, _ in shares],
        },
        geometry=shapes,
        crs=squares.CRS,
    )
    fence = [box(x, y, x + width_m, y + 1000)]
    return gpd.GeoDataFrame({"zone_id": [zone]}, geometry=fence, crs=squares.CRS), parcels


def test_tan_binh_1_fails_green_and_passes_the_rest() -> None:
    found = kcn.balance.land_use_balance(
        squares.known(*estate(*TAN_BINH_1), squares.ledger()), standard="qcvn01-2008", on=ON
    )
    shares = found.loc["A"]
    assert shares.loc["industrial", "actual_share"] == pytest.approx(0.7558)
    assert shares["passes"].dropna().to_dict() == {
        "green": False,
        "transport": True,
        "technical": True,
    }
    # 10 % of 105.95 ha are 10.595 ha; 7.01 % are 7.4271 ha
    assert shares.loc["green", "actual_ha"] == pytest.approx(7.4271, abs=1e-4)
    assert shares.loc["green", "gap_ha"] == pytest.approx(-3.1679, abs=1e-4)
    assert shares.loc["green", "deficit_ha"] == pytest.approx(3.1679, abs=1e-4)
    assert shares.loc["transport", "deficit_ha"] == 0
    assert shares.loc["green", ["rule", "verified"]].tolist() == ["qcvn01-2008-green", "secondary"]


def test_tan_binh_2_passes_green() -> None:
    found = kcn.balance.land_use_balance(
        squares.known(*estate(*TAN_BINH_2), squares.ledger()), standard="qcvn01-2008", on=ON
    )
    shares = found.loc["A"]
    assert shares["passes"].dropna().all()
    # 0.77 % of 22.75 ha more than needed
    assert shares.loc["green", "gap_ha"] == pytest.approx(0.1752, abs=1e-4)
    later = kcn.balance.land_use_balance(
        squares.known(*estate(*TAN_BINH_2), squares.ledger()), standard="qcvn01-2021", on=ON
    )
    assert later.loc[("A", "green"), "verified"] == "unverified"
    assert pd.isna(later.loc[("A", "technical"), "required_share"])  # not known of this edition


@pytest.mark.parametrize(("green", "passes"), [(9.999, False), (10.0, True), (10.001, True)])
def test_exactly_the_required_share_passes(green: float, passes: bool) -> None:
    given_ = estate(100, [("industrial", 100 - green), ("green", green)])
    found = kcn.balance.land_use_balance(
        squares.known(*given_, squares.ledger()), standard="qcvn01-2008", on=ON
    )
    assert (
        found.loc[("A", "green"), "passes"] is np.bool_(passes)
        or bool(found.loc[("A", "green"), "passes"]) is passes
    )


def test_what_is_in_no_parcel_is_unassigned_and_items_add_up() -> None:
    zones, parcels = estate(10, [("industrial", 60), ("green", 10)])
    found = kcn.balance.land_use_balance(
        squares.known(zones, parcels, squares.ledger()), standard="qcvn01-2008", on=ON
    )
    assert found.loc[("A", "unassigned"), "actual_ha"] == pytest.approx(3)
    assert found["actual_ha"].sum() == pytest.approx(10)
    assert found["actual_share"].sum() == pytest.approx(1)
    assert found.loc[("A", "water"), "actual_ha"] == 0


def test_against_the_approved_plan() -> None:
    plan = pd.DataFrame({"zone_id": "A", "item": ["green", "water"], "approved_ha": [1.5, 0.25]})
    zones, parcels = estate(10, [("industrial", 90), ("green", 10)])
    found = kcn.balance.land_use_balance(
        squares.known(zones, parcels, squares.ledger(), plan_items=plan),
        standard="qcvn01-2008",
        on=ON,
    )
    assert found.loc[("A", "green"), "approved_gap_ha"] == pytest.approx(-0.5)
    place = list(found.columns).index("approved_ha")
    assert found.columns[place + 1] == "approved_gap_ha"
    assert found.loc[("A", "water"), "approved_gap_ha"] == pytest.approx(-0.25)
    assert pd.isna(found.loc[("A", "industrial"), "approved_ha"])
    twice = pd.concat([plan, plan])
    with pytest.raises(KcngeoError, match=r"once a zone.*A green"):
        kcn.balance.land_use_balance(
            squares.known(zones, parcels, squares.ledger(), plan_items=twice),
            standard="qcvn01-2008",
            on=ON,
        )
    strange = plan.assign(item="parks")
    with pytest.raises(KcngeoError, match="A parks"):
        kcn.balance.land_use_balance(
            squares.known(zones, parcels, squares.ledger(), plan_items=strange),
            standard="qcvn01-2008",
            on=ON,
        )


def test_the_versions_of_the_day_count() -> None:
    zones, parcels = estate(10, [("industrial", 90), ("green", 10)])
    both = pd.concat(
        [
            parcels.assign(valid_to="2018-03-31"),
            parcels.assign(land_use="green", valid_from="2018-03-31"),
        ],
        ignore_index=True,
    )
    green = [
        kcn.balance.land_use_balance(
            squares.known(zones, both, squares.ledger()), standard="qcvn01-2008", on=on
        ).loc[("A", "green"), "actual_ha"]
        for on in ("2018-03-30", "2018-03-31")
    ]
    assert green == pytest.approx([1, 10])


def test_zones_that_do_not_count_are_left_out_and_unknown_editions_refused() -> None:
    zones, parcels = estate(*TAN_BINH_2)
    planned = zones.assign(stage="planned")
    assert kcn.balance.land_use_balance(
        squares.known(planned, parcels, squares.ledger()), standard="qcvn01-2008", on=ON
    ).empty
    with pytest.raises(StandardError, match="qcvn01-2008"):
        kcn.balance.land_use_balance(
            squares.known(zones, parcels, squares.ledger()), standard="qcvn01-1900", on=ON
        )


def test_areas_as_written() -> None:
    zones, parcels = estate(10, [("industrial", 90), ("green", 10)])
    zones = zones.assign(approved_area_ha=12.0)
    parcels = parcels.assign(certificate_area_m2=[96_000.0, 24_000.0])
    found = kcn.balance.land_use_balance(
        squares.known(zones, parcels, squares.ledger()),
        standard="qcvn01-2008",
        on=ON,
        area="certificate",
    )
    assert found.loc[("A", "green"), "actual_share"] == pytest.approx(0.2)
    with pytest.raises(ContractError, match="certificate_area_m2 is missing"):
        kcn.balance.land_use_balance(
            squares.known(zones, parcels.drop(columns="certificate_area_m2"), squares.ledger()),
            standard="qcvn01-2008",
            on=ON,
            area="certificate",
        )


@settings(max_examples=12)
@given(
    shares=st.lists(st.integers(1, 20), min_size=2, max_size=5),
    seed=st.randoms(use_true_random=False),
)
def test_shuffling_changes_nothing_and_items_add_up_to_the_zone(shares: list[int], seed) -> None:
    uses = ["industrial", "green", "transport", "technical", "water"]
    zones, parcels = estate(50, list(zip(uses, map(float, shares), strict=False)))
    order = list(range(len(parcels)))
    seed.shuffle(order)
    found, again = (
        kcn.balance.land_use_balance(
            squares.known(zones, rows, squares.ledger()), standard="qcvn01-2008", on=ON
        )
        for rows in (parcels, parcels.iloc[order])
    )
    pd.testing.assert_frame_equal(found, again)
    assert found["actual_ha"].sum() == pytest.approx(50, abs=1e-4)
    needs = found["required_share"].notna()
    short = found.loc[needs, "deficit_ha"] > 0
    assert (short == ~found.loc[needs, "passes"].astype(bool)).all()
