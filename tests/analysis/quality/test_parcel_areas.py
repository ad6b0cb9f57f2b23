"""Areas by survey, certificate and contract side by side, on lots of 1 ha worked by hand.

At 1:1000 a point of the boundary may be off by 0.15 m: 400 m / 2 × 0.15 m = 30 m² for a square of
100 m. The lots lie on the meridian of their grid, whose scale there is 0.9999, so a lot of
10 000 m² has 10 000 / 0.9999² = 10 002.0 m² on the ellipsoid.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Polygon

import kcngeo as kcn
from kcngeo import products
from kcngeo.core.schema import COMPUTED
from kcngeo.publish.format_table import shown
from tests import squares

ON = "2018-03-31"
Entry = tuple[Any, ...]


def project(*entries: Entry, lots: gpd.GeoDataFrame | None = None, **more: Any) -> kcn.Project:
    """Zone A with the lots P and Q; entries of (lot, part_ha) are leases since 2017."""
    # Each begins a day after the one before: two of one size and day are one entry entered twice.
    leases = [
        (lot, "leased", f"2017-01-{day:02}", None, part_ha)
        for day, (lot, part_ha) in enumerate(entries, start=1)
    ]
    return kcn.Project(
        zones=squares.zones("A"),
        parcels=squares.parcels("P", "Q") if lots is None else lots,
        ledger=squares.ledger(*leases),
        **more,
    )


def told(made: kcn.Project, **options: Any) -> dict[str, Any]:
    """Give the row of P."""
    return kcn.quality.area_sources(made, on=ON, **options).loc["P"].to_dict()


def with_certificate(area_m2: float, *entries: Entry) -> kcn.Project:
    return project(*entries, lots=squares.parcels("P", "Q", certificate_area_m2=[area_m2, 1e4]))


@pytest.mark.parametrize(
    ("certificate_m2", "reason"),
    [
        (10_000, "certificate_alike"),
        (10_030, "certificate_alike"),  # all a map of 1:1000 allows
        (9_970, "certificate_alike"),
        (10_030.1, "certificate_differs"),
        (9_969.9, "certificate_differs"),
        (100_000, "certificate_power_of_ten"),
        (1_000_000, "certificate_power_of_ten"),
        (1_000, "certificate_power_of_ten"),
        (1, "certificate_power_of_ten"),  # hectares in a column of m²
        (104_999, "certificate_power_of_ten"),  # 5 % from ten times
        (105_001, "certificate_differs"),
        (95_001, "certificate_power_of_ten"),
        (94_999, "certificate_differs"),
        (20_000, "certificate_differs"),
        (50_000, "certificate_differs"),
        (None, "no_certificate"),
    ],
)
def test_what_the_certificate_says(certificate_m2: float, reason: str) -> None:
    row = told(with_certificate(certificate_m2))
    assert row["reason"] == f"{reason}|no_contract"
    assert (row["measured_m2"], row["tolerance_m2"]) == (10_000, 30)
    if certificate_m2 is None:
        assert np.isnan([row["certificate_area_m2"], row["certificate_difference_m2"]]).all()
    else:
        difference_m2 = row["certificate_difference_m2"]
        assert difference_m2 == pytest.approx(certificate_m2 - 10_000, abs=1e-6)


def test_the_tolerance_is_that_of_the_scale_of_the_map() -> None:
    # 0.07 m of a map of 1:500 is 14 m².
    made = with_certificate(10_020)
    assert told(made, map_scale=500)["tolerance_m2"] == pytest.approx(14)
    assert told(made, map_scale=500)["reason"].startswith("certificate_differs")
    assert told(made)["reason"].startswith("certificate_alike")
    with pytest.raises(ValueError, match="map_scale must be one of"):
        kcn.quality.area_sources(made, on=ON, map_scale=750)


@pytest.mark.parametrize(
    ("entries", "contract_m2", "count", "reason"),
    [
        ([], None, 0, "no_contract"),
        ([("P", None)], 10_000, 1, "whole_lot"),
        ([("P", 0.5)], 5_000, 1, "contract_part"),
        ([("P", 0.5), ("P", 0.25)], 7_500, 2, "contract_part|several_contracts"),
        ([("P", 0.5), ("P", 0.5)], 10_000, 2, "contract_alike|several_contracts"),
        ([("P", 1.0001)], 10_001, 1, "contract_alike"),  # 1 m² is the rounding of papers
        ([("P", 0.9999)], 9_999, 1, "contract_alike"),
        ([("P", 0.9998)], 9_998, 1, "contract_part"),
        # Scaled to the lot in the account; here as the contract says.
        ([("P", 1.003)], 10_030, 1, "contract_larger"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*scaled")
def test_what_the_contracts_say(
    entries: list[Entry], contract_m2: float | None, count: int, reason: str
) -> None:
    row = told(project(*entries))
    assert row["reason"] == f"no_certificate|{reason}"
    assert row["contracts_count"] == count
    if contract_m2 is None:
        assert np.isnan([row["contract_m2"], row["contract_difference_m2"]]).all()
    else:
        assert row["contract_m2"] == contract_m2
        assert row["contract_difference_m2"] == pytest.approx(contract_m2 - 10_000, abs=1e-6)


def test_a_contract_for_the_certificate_area_explains_what_it_exceeds() -> None:
    row = told(with_certificate(12_500, ("P", 1.25)))
    assert row["reason"] == "certificate_differs|contract_larger|contract_as_certificate"
    assert (row["contract_m2"], row["contract_difference_m2"]) == (12_500, 2_500)


def test_a_contract_of_half_a_hectare_beside_a_certificate_typed_tenfold() -> None:
    row = told(with_certificate(100_000, ("P", 0.5)))
    assert row["reason"] == "certificate_power_of_ten|contract_part"
    # Not a tenth of it: a contract says hectares, whatever stands beside it.
    assert row["contract_m2"] == 5_000


def test_the_scale_of_the_grid_explains_a_difference() -> None:
    # A lot of 1 km of side has 1 000 000 / 0.9999² = 1 000 200 m² on the ellipsoid;
    # a map of 1:500 allows 2 000 m × 0.07 m = 140 m².
    zones, shape = squares.zones("A"), [squares.square(0, wide=10, high=10)]
    lots = squares.parcels("P", certificate_area_m2=[1_000_200.0]).set_geometry(
        shape, crs=squares.CRS
    )
    let = squares.ledger(("P", "leased", "2017-01-01", None, 100.02))
    fence = zones.set_geometry(shape, crs=squares.CRS)
    made = kcn.Project(zones=fence, parcels=lots, ledger=let)
    row = told(made, map_scale=500)
    assert row["tolerance_m2"] == pytest.approx(140)
    assert row["ellipsoid_m2"] == pytest.approx(1_000_200, abs=1)
    assert row["ellipsoid_difference_m2"] == pytest.approx(200, abs=1)
    assert row["reason"] == (
        "certificate_as_ellipsoid|contract_larger|contract_as_certificate|contract_as_ellipsoid"
    )


def test_the_grid_explains_no_difference_it_only_softens() -> None:
    # Off by 30.1 m² from the grid and by 28.1 m² from the ellipsoid, of 30 m² allowed.
    assert told(with_certificate(10_030.1))["reason"].startswith("certificate_differs")


@pytest.mark.parametrize(
    ("on", "count"),
    [("2017-06-30", 0), ("2017-07-01", 1), ("2018-06-29", 1), ("2018-06-30", 0)],
)
def test_contracts_are_those_in_force_on_the_day(on: str, count: int) -> None:
    made = squares.known(
        squares.zones("A"),
        squares.parcels("P", "Q"),
        squares.ledger(
            ("P", "leased", "2017-07-01", "2018-06-30"), ("Q", "reserved", "2017-01-01")
        ),
    )
    found = kcn.quality.area_sources(made, on=on)
    # A reservation is no contract.
    assert found["contracts_count"].to_dict() == {"P": count, "Q": 0}


def test_lots_are_those_in_force_on_the_day() -> None:
    lots = squares.parcels("P", "Q", valid_from=pd.to_datetime(["2017-01-01", "2018-04-01"]))
    made = project(lots=lots)
    assert kcn.quality.area_sources(made, on=ON).index.tolist() == ["P"]
    assert kcn.quality.area_sources(made, on="2018-04-01").index.tolist() == ["P", "Q"]


def test_a_tenant_of_a_workshop_has_no_contract_for_land() -> None:
    projects = pd.DataFrame({"project_id": ["D"], "premises": ["workshop"]})
    made = project(("P", None), projects=projects)
    made = kcn.Project(
        **{**dict(made.tables()), "ledger": made.ledger.assign(project_id="D")},
    )
    assert told(made)["reason"] == "no_certificate|no_contract"


def test_land_of_other_uses_is_compared_and_a_shape_without_area_is_named() -> None:
    x, y = squares.EAST, squares.NORTH
    bow_tie = Polygon([(x, y), (x + 100, y + 100), (x + 100, y), (x, y + 100)])
    lots = squares.parcels("P", "Q", use=["green", "industrial"], certificate_area_m2=1e4)
    row = told(project(lots=lots))
    assert row["reason"] == "certificate_alike|no_contract"
    broken = lots.set_geometry([bow_tie, squares.square(1)], crs=squares.CRS)
    row = told(project(lots=broken))
    assert row["reason"] == "not_measured|no_contract"
    numbers = ("measured_m2", "ellipsoid_m2", "tolerance_m2", "certificate_difference_m2")
    assert np.isnan([row[name] for name in numbers]).all()
    assert row["certificate_area_m2"] == 10_000


def test_every_reason_given_is_of_the_closed_list() -> None:
    column = COMPUTED["area_sources"].column("reason")
    assert column is not None
    given = kcn.quality.area_sources(kcn.examples.squares(), on=ON)["reason"]
    assert set("|".join(given).split("|")) <= set(column.choices)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "looks typed wrong by a power of ten"), ("vi", "có vẻ nhập sai dấu thập phân")],
)
def test_the_table_stands_beside_the_findings_in_both_languages(language: str, words: str) -> None:
    made = products.check(with_certificate(100_000, ("P", 0.5)), on=ON)
    rows = made.tables_in(language)["area_sources"].set_index("parcel_id")
    assert rows.loc["P", "reason"] == "certificate_power_of_ten|contract_part"
    seen = shown("area_sources", made.tables_in(language)["area_sources"], language=language)
    assert words in str(seen)


def test_a_check_of_what_cannot_be_computed_has_the_table_without_rows() -> None:
    made = project(("P", None))
    spoilt = kcn.Project(**{**dict(made.tables()), "ledger": made.ledger.assign(valid_from=5.5)})
    tables = products.check(spoilt, on=ON).tables
    assert tables["area_sources"].empty
    assert tables["area_sources"].columns.tolist() == COMPUTED["area_sources"].names
    assert (tables["findings"]["severity"] == "error").any()


def test_a_zone_at_fault_has_no_rows_and_changes_none_of_another() -> None:
    zones = squares.zones("A", "B")
    lots = pd.concat([squares.parcels("P"), squares.parcels("R", zone="B")], ignore_index=True)
    lots = lots.set_geometry([squares.square(0), squares.square(0, 1)], crs=squares.CRS)
    let = squares.ledger(("P", "leased", "2017-01-01"), ("R", "leased", "2017-01-01"))
    good = kcn.Project(zones=zones, parcels=lots, ledger=let)
    bad = kcn.Project(zones=zones, parcels=lots, ledger=let.assign(status=["leased", "let"]))
    whole, other = (products.check(one, on=ON).tables["area_sources"] for one in (good, bad))
    assert other["parcel_id"].tolist() == ["P"]
    pd.testing.assert_frame_equal(whole.iloc[[0]], other)
