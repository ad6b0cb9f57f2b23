"""Land accounts and fill rates: golden numbers on squares of 1 ha, boundary tables, definitions."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Polygon

from kcngeo import fill
from kcngeo.core.errors import ContractError, CRSError, KcngeoError
from tests import squares

ON = "2018-03-31"


def ten_lots() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    """Zone A of 10 ha: 7 industrial lots, 2 service lots, 1 ha of green; on 31 March 2018:

    L1, L2 let; L3 0.6 ha let, the rest free; L4 reserved; L5 uncleared; L6 let and half of it not
    yet cleared; L7 never mentioned; S1 let; S2 free; G1 green.
    """
    ids = ["L1", "L2", "L3", "L4", "L5", "L6", "L7", "S1", "S2", "G1"]
    uses = ["industrial"] * 7 + ["service"] * 2 + ["green"]
    entries = squares.ledger(
        ("L1", "leased", "2015-01-01"),
        ("L2", "leased", "2018-03-31"),
        ("L3", "leased", "2016-01-01", None, 0.6),
        ("L4", "reserved", "2018-01-01"),
        ("L5", "uncleared", "2010-01-01"),
        ("L6", "leased", "2017-01-01"),
        ("L6", "uncleared", "2010-01-01", None, 0.5),
        ("S1", "leased", "2017-01-01"),
    )
    return squares.zones("A"), squares.parcels(*ids, use=uses), entries


def test_the_account_by_hand() -> None:
    account = fill.land_account(squares.known(*ten_lots()), on=ON)
    assert account.index.tolist() == ["A"]
    assert account.loc["A"].to_dict() == {
        "base_ha": 7.0,
        "leased_ha": 3.6,  # L1, L2, 0.6 of L3, L6
        "reserved_ha": 1.0,
        "recovering_ha": 0.0,
        "repurposed_ha": 0.0,
        "uncleared_ha": 1.0,  # L5; the half of L6 is let
        "available_ha": 1.4,  # 0.4 of L3, L7
        "uncleared_held_ha": 0.5,
        "leased_uncleared_ha": 0.5,
        "source": "measured",
    }


def test_tenures_of_one_lot_lie_beside_each_other() -> None:
    entries = squares.ledger(
        ("P", "leased", "2018-01-01", None, 0.6), ("P", "reserved", "2018-01-01", None, 0.25)
    )
    now = squares.known(squares.zones("A"), squares.parcels("P"), entries)
    account = fill.land_account(now, on=ON)[["leased_ha", "reserved_ha", "available_ha"]]
    assert account.loc["A"].tolist() == pytest.approx([0.6, 0.25, 0.15], abs=1e-10)


@pytest.mark.parametrize(
    ("definition", "leased_ha", "base_ha"),
    [
        ("nd164-2013", 3.6, 7.0),
        ("nd82-2018", 3.6, 7.0),
        ("nd35-2022", 4.6, 9.0),  # with the service lots
        ("cleared", 3.1, 5.5),  # 3.6 - 0.5 let uncleared; 7 - 1 - 0.5
        ("gross", 4.6, 10.0),  # over the zone's polygon
    ],
)
def test_five_definitions_by_hand(definition: str, leased_ha: float, base_ha: float) -> None:
    rate = fill.fill_rate(squares.known(*ten_lots()), on=ON, definition=definition)
    own = ["leased_ha", "base_ha", "fill_rate"]
    # What is known lies between itself and itself.
    limits = ["rate_low", "rate_high", "low_leased_ha", "low_base_ha"]
    limits += ["high_leased_ha", "high_base_ha"]
    assert list(rate.columns) == [*own, *limits, "definition", "source", "reason"]
    ratio = pytest.approx(leased_ha / base_ha, abs=1e-12)
    both = [pytest.approx(leased_ha, abs=1e-9), pytest.approx(base_ha, abs=1e-9)]
    found = rate.loc["A", :"definition"].to_list()
    assert found == [*both, ratio, ratio, ratio, *both, *both, definition]
    assert (rate.loc["A", "source"], rate["reason"].isna().tolist()) == ("measured", [True])


def test_the_gross_account_closes_on_leasable_land_and_its_rate_divides_by_the_polygon() -> None:
    snapshot = squares.known(*ten_lots())
    account = fill.land_account(snapshot, on=ON, definition="gross").loc["A"]
    assert account["base_ha"] == 9.0
    # 9 - 4.6 let - 1 reserved - 1 uncleared: the free lots.
    assert account["available_ha"] == pytest.approx(2.4)
    rate = fill.fill_rate(snapshot, on=ON, definition="gross").loc["A"]
    assert (rate["base_ha"], rate["fill_rate"]) == (10.0, pytest.approx(0.46))


def test_parts_that_do_not_fit_into_the_polygon_raise() -> None:
    zones, parcels, entries = ten_lots()
    zones.loc[0, "geometry"] = squares.square(0, wide=4)
    # 6.6 ha are let, reserved or uncleared, and the polygon has 4 ha.
    with pytest.raises(
        KcngeoError, match=r"A on 31 Mar 2018 does not close: .* exceed the base by 2\.6"
    ):
        fill.fill_rate(squares.known(zones, parcels, entries), on=ON, definition="gross")


@pytest.mark.parametrize(
    ("on", "definition"),
    [
        ("2005-06-30", "nd164-2013"),  # before there was a law: the first one
        ("2018-07-09", "nd164-2013"),
        ("2018-07-10", "nd82-2018"),
        ("2022-07-14", "nd82-2018"),
        ("2022-07-15", "nd35-2022"),
    ],
)
def test_the_default_is_the_law_in_force_on_the_day(on: str, definition: str) -> None:
    assert fill.fill_rate(squares.known(*ten_lots()), on=on)["definition"].tolist() == [definition]


def test_a_series_changes_definition_with_the_law() -> None:
    series = fill.fill_series(squares.known(*ten_lots()), start="2022-06-30", end="2022-08-31")
    assert series["definition"].tolist() == ["nd82-2018", "nd35-2022", "nd35-2022"]
    assert series["base_ha"].tolist() == [7.0, 9.0, 9.0]
    assert series.index.names == ["zone_id", "on"]


def test_start_and_end_of_a_series_are_included() -> None:
    series = fill.fill_series(
        squares.known(*ten_lots()), start="2018-02-28", end=ON, definition="nd164-2013"
    )
    assert [f"{on:%Y-%m-%d}" for on in series.index.get_level_values("on")] == ["2018-02-28", ON]
    # L2 is let from 31 March on: the month's figure is the state on its last day.
    assert series["leased_ha"].tolist() == [2.6, 3.6]


def test_a_series_equals_the_days_asked_one_by_one() -> None:
    frames = ten_lots()
    for definition in ("nd164-2013", "nd35-2022", "cleared", "gross"):
        series = fill.fill_series(
            squares.known(*frames), start="2009-12-31", end=ON, definition=definition
        )
        for on in ("2009-12-31", "2015-01-31", "2016-12-31", ON):
            day = fill.fill_rate(squares.known(*frames), on=on, definition=definition)
            pd.testing.assert_frame_equal(series.xs(pd.Timestamp(on), level="on"), day)


@pytest.mark.parametrize(
    ("on", "counts"),
    [
        ("2009-08-10", False),  # day before
        ("2009-08-11", True),  # first day
        ("2020-06-29", True),  # last day
        ("2020-06-30", False),  # removed on this day
        ("2021-01-31", False),
    ],
)
def test_a_zone_counts_from_its_establishment_to_the_day_before_its_removal(
    on: str, *, counts: bool
) -> None:
    zones = squares.zones("A", established_on=["2009-08-11"], removed_on=["2020-06-30"])
    rate = fill.fill_rate(squares.known(zones, squares.parcels("P"), squares.ledger()), on=on)
    assert len(rate) == counts


@pytest.mark.parametrize(
    ("columns", "counts"),
    [
        ({"stage": ["proposed"]}, False),
        ({"stage": ["planned"]}, False),
        ({"stage": ["established"]}, True),
        ({"stage": [None]}, True),
        ({"stage": ["removed"]}, False),
        # Dates speak where there are any.
        ({"stage": ["planned"], "established_on": ["2018-01-01"]}, True),
        ({"stage": ["removed"], "removed_on": ["2019-01-01"]}, True),
        ({"valid_from": ["2018-04-01"]}, False),
        ({"valid_from": ["2018-03-31"]}, True),
        ({"valid_to": ["2018-03-31"]}, False),
        ({"valid_to": ["2018-04-01"]}, True),
    ],
)
def test_the_stage_speaks_where_dates_are_missing(
    columns: dict[str, list[str]], *, counts: bool
) -> None:
    zones = squares.zones("A", **columns)
    assert (
        len(fill.fill_rate(squares.known(zones, squares.parcels("P"), squares.ledger()), on=ON))
        == counts
    )


def test_nothing_leasable_has_no_rate() -> None:
    parcels = squares.parcels("G", "R", use=["green", "transport"])
    rate = fill.fill_rate(squares.known(squares.zones("A"), parcels, squares.ledger()), on=ON)
    assert rate["base_ha"].tolist() == [0.0]
    assert rate["fill_rate"].isna().all()


def test_everything_uncleared_has_no_rate_on_cleared_land() -> None:
    frames = (
        squares.zones("A"),
        squares.parcels("P"),
        squares.ledger(("P", "uncleared", "2010-01-01")),
    )
    assert (
        fill.fill_rate(squares.known(*frames), on=ON, definition="cleared")["fill_rate"]
        .isna()
        .all()
    )
    assert fill.fill_rate(squares.known(*frames), on=ON)["fill_rate"].tolist() == [0.0]


def test_a_zone_with_two_shapes_counts_the_one_in_force() -> None:
    zones = squares.zones("A", valid_from=["2010-01-01"], valid_to=["2015-08-12"])
    later = squares.zones("A", valid_from=["2015-08-12"], valid_to=[None])
    later["geometry"] = [squares.square(0, wide=9)]
    zones = pd.concat([zones, later], ignore_index=True)
    frames = zones, squares.parcels("P"), squares.ledger(("P", "leased", "2000-01-01"))
    series = fill.fill_series(
        squares.known(*frames), start="2015-08-11", end="2015-08-12", freq="D", definition="gross"
    )
    assert series["base_ha"].tolist() == [10.0, 9.0]


def test_a_set_of_zones_has_the_ratio_of_sums() -> None:
    zones = squares.zones("A", "B")
    parcels = squares.parcels("P", "Q", "R", "S", zone=["A", "B", "B", "B"])
    rates = fill.fill_rate(
        squares.known(zones, parcels, squares.ledger(("P", "leased", "2018-01-01"))), on=ON
    )
    assert rates["fill_rate"].tolist() == [1.0, 0.0]
    whole = fill.combine(rates)
    # 1 ha of 4, not the mean of 100 % and 0 %.
    assert whole[["leased_ha", "base_ha", "fill_rate"]].to_numpy().tolist() == [[1.0, 4.0, 0.25]]
    assert whole["not_computable"].isna().all()
    assert whole["definition"].tolist() == ["nd164-2013"]
    assert whole.index.tolist() == [0]
    assert "index" not in whole.columns


def test_combining_a_series_gives_a_row_a_date() -> None:
    series = fill.fill_series(
        squares.known(*ten_lots()), start="2018-02-28", end=ON, definition="nd164-2013"
    )
    whole = fill.combine(series)
    assert whole.index.name == "on"
    assert whole["leased_ha"].tolist() == [2.6, 3.6]
    assert whole["definition"].tolist() == ["nd164-2013"] * 2


def test_a_series_is_combined_by_its_dates_in_whatever_order() -> None:
    # B counts from the middle of March: 1 of 1 ha, then 1 of 2 ha.
    zones = squares.zones("A", "B", established_on=[None, "2018-03-15"])
    lots = squares.parcels("P", "Q", zone=["A", "B"])
    now = squares.known(zones, lots, squares.ledger(("P", "leased", "2018-01-01")))
    series = fill.fill_series(now, start="2018-02-28", end=ON)
    whole = fill.combine(series.iloc[::-1])
    assert whole["known_count"].to_dict() == {pd.Timestamp("2018-02-28"): 1, pd.Timestamp(ON): 2}
    assert whole["fill_rate"].tolist() == [1.0, 0.5]


def test_a_zone_that_is_not_computable_makes_the_total_missing_and_is_named() -> None:
    rates = pd.DataFrame(
        {"leased_ha": [1.0, np.nan], "base_ha": [2.0, np.nan], "fill_rate": [0.5, np.nan]},
        index=pd.Index(["A", "B"], name="zone_id"),
    ).assign(definition="nd35-2022")
    whole = fill.combine(rates).iloc[0]
    assert whole[["leased_ha", "base_ha", "fill_rate"]].isna().all()
    assert whole["not_computable"] == "B"


def test_mixed_definitions_cannot_be_combined() -> None:
    one = fill.fill_rate(squares.known(*ten_lots()), on=ON, definition="cleared")
    other = fill.fill_rate(squares.known(*ten_lots()), on=ON, definition="nd35-2022")
    with pytest.raises(KcngeoError, match=r"cannot be combined: cleared, nd35-2022"):
        fill.combine(pd.concat([one, other]))


def test_phases_are_groups_and_a_missing_phase_its_own() -> None:
    zones = squares.zones("A", "B")
    parcels = squares.parcels(
        "P", "Q", "R", "S", zone=["A", "A", "A", "B"], phase=["1", "2", None, "1"]
    )
    entries = squares.ledger(("Q", "leased", "2018-01-01"))
    rates = fill.fill_rate(squares.known(zones, parcels, entries), on=ON, by=("zone_id", "phase"))
    assert rates.index.names == ["zone_id", "phase"]
    assert [(zone, None if pd.isna(phase) else phase) for zone, phase in rates.index] == [
        ("A", "1"),
        ("A", "2"),
        ("A", None),
        ("B", "1"),
    ]
    assert rates["leased_ha"].tolist() == [0.0, 1.0, 0.0, 0.0]
    series = fill.fill_series(
        squares.known(zones, parcels, entries), start="2018-02-28", end=ON, by=("zone_id", "phase")
    )
    assert series.index.names == ["zone_id", "phase", "on"]
    # Nobody knows the polygon of a phase.
    gross = fill.fill_rate(
        squares.known(zones, parcels, entries), on=ON, by=("zone_id", "phase"), definition="gross"
    )
    assert gross[["leased_ha", "base_ha", "fill_rate"]].isna().all(axis=None)
    with pytest.raises(KcngeoError, match="by must be"):
        fill.fill_rate(squares.known(zones, parcels, entries), on=ON, by="phase")


def test_a_zone_without_parcels_stands_among_the_phases() -> None:
    # B has a fence and not a single lot: nobody knows its base, but it is there to be asked about.
    parcels = squares.parcels("P", phase=["1"])
    entries = squares.ledger(("P", "leased", "2018-01-01"))
    asked: Any = {"by": ("zone_id", "phase")}
    known = squares.known(squares.zones("A", "B"), parcels, entries)
    account = fill.land_account(known, on=ON, **asked)
    assert account.index.get_level_values("zone_id").tolist() == ["A", "B"]
    assert account.loc["B", list(fill.ACCOUNT_COLUMNS)].isna().all(axis=None)
    assert account.loc["B", "source"].isna().tolist() == [True]
    rates = fill.fill_rate(known, on=ON, **asked)
    assert rates.loc["A", "fill_rate"].tolist() == [1.0]
    assert rates.loc["B", "fill_rate"].isna().tolist() == [True]
    assert rates.loc["B", "reason"].tolist() == ["base_not_published"]
    series = fill.fill_series(known, start="2018-02-28", end=ON, **asked)
    assert series.index.get_level_values("zone_id").tolist() == ["A", "A", "B", "B"]


def test_area_on_the_certificate() -> None:
    zones, _, entries = ten_lots()
    zones = zones.assign(approved_area_ha=[9.9])
    parcels = squares.parcels("L1", "L3", certificate_area_m2=[10_100.0, 9_000.0])
    entries = entries[entries["parcel_id"].isin(["L1", "L3"])]
    rate = fill.fill_rate(squares.known(zones, parcels, entries), on=ON, area="certificate").loc[
        "A"
    ]
    # 1.01 ha let, and 0.6 ha of L3, which has 0.9 ha.
    assert rate["leased_ha"] == pytest.approx(1.61)
    assert rate["base_ha"] == pytest.approx(1.91)
    gross = fill.fill_rate(
        squares.known(zones, parcels, entries), on=ON, area="certificate", definition="gross"
    )
    assert gross["base_ha"].tolist() == [9.9]


@pytest.mark.parametrize(
    ("certificate_m2", "area", "base_ha"),
    [
        (100_000.0, "grid", 1.0),  # typed ten times too large
        (100_000.0, "certificate", 10.0),
        (4_000.0, "grid", 1.0),
        (4_000.0, "certificate", 0.5),  # more is let than the certificate has: their sum
    ],
)
def test_a_contract_of_half_a_hectare_is_half_a_hectare(
    certificate_m2: float, area: str, base_ha: float
) -> None:
    parcels = squares.parcels("P", certificate_area_m2=[certificate_m2])
    entries = squares.ledger(("P", "leased", "2018-01-01", None, 0.5))
    now = squares.known(squares.zones("A"), parcels, entries)
    account = fill.land_account(now, on=ON, area=area)
    parts = account[["base_ha", "leased_ha", "available_ha"]].loc["A"].tolist()
    assert parts == pytest.approx([base_ha, 0.5, base_ha - 0.5], abs=1e-10)
    rate = fill.fill_rate(now, on=ON, area=area).loc["A", "fill_rate"]
    assert rate == pytest.approx(0.5 / base_ha)


@pytest.mark.parametrize(
    ("second_ha", "base_ha", "available_ha"),
    [
        (0.2998, 1.0, 0.0002),  # 2 m² are left
        (0.2999, 0.9999, 0.0),  # 1 m² is the rounding of papers
        (0.29995, 0.99995, 0.0),
        (0.3, 1.0, 0.0),
    ],
)
def test_less_than_a_square_metre_beside_contracts_is_no_vacant_land(
    second_ha: float, base_ha: float, available_ha: float
) -> None:
    entries = squares.ledger(
        ("P", "leased", "2018-01-01", None, 0.7), ("P", "leased", "2018-01-01", None, second_ha)
    )
    now = squares.known(squares.zones("A"), squares.parcels("P"), entries)
    account = fill.land_account(now, on=ON).loc["A"]
    assert account["base_ha"] == pytest.approx(base_ha, abs=1e-10)
    assert account["leased_ha"] == pytest.approx(0.7 + second_ha, abs=1e-10)
    assert account["available_ha"] == pytest.approx(available_ha, abs=1e-10)


@pytest.mark.parametrize("on", ["2016-12-31", ON])
def test_parts_over_the_drawn_area_make_the_base_at_all_times_of_the_parcel(on: str) -> None:
    # 0.7 and 0.5 ha are let of a lot drawn with 1 ha, whose certificate says 1.25 ha: the lot has
    # at least their 1.2 ha, also before the contracts begin.
    parcels = squares.parcels("P", certificate_area_m2=[12_500.0])
    entries = squares.ledger(
        ("P", "leased", "2017-01-01", None, 0.7), ("P", "leased", "2018-01-01", None, 0.5)
    )
    now = squares.known(squares.zones("A"), parcels, entries)
    account = fill.land_account(now, on=on).loc["A"]
    leased_ha = 1.2 if on == ON else 0.0
    assert account["leased_ha"] == pytest.approx(leased_ha, abs=1e-10)
    assert account["base_ha"] == pytest.approx(1.2, abs=1e-10)
    assert account["available_ha"] == pytest.approx(1.2 - leased_ha, abs=1e-10)


def test_a_missing_certificate_is_an_error_only_where_it_counts() -> None:
    parcels = squares.parcels(
        "P",
        "Q",
        "G",
        use=["industrial", "industrial", "green"],
        certificate_area_m2=[10_000.0, None, None],
        valid_to=[None, "2018-01-01", None],
    )
    frames = squares.zones("A"), parcels, squares.ledger()
    # Q is gone on that day, and nobody counts the green.
    assert fill.fill_rate(squares.known(*frames), on=ON, area="certificate")[
        "base_ha"
    ].tolist() == [1.0]
    with pytest.raises(ContractError, match=r"certificate_area_m2 is missing.*: Q"):
        fill.fill_rate(squares.known(*frames), on="2017-12-31", area="certificate")


def test_area_on_the_ellipsoid_keeps_the_hectares_of_contracts() -> None:
    zones, parcels, entries = ten_lots()
    grid = fill.land_account(squares.known(zones, parcels, entries), on=ON)
    ellipsoid = fill.land_account(squares.known(zones, parcels, entries), on=ON, area="ellipsoid")
    # Scale 0.9999 on the central meridian. Three whole lots are let and 0.6 ha of another; 0.5 ha
    # are let before they are cleared.
    scale = 1 / 0.9999**2
    columns = list(fill.ACCOUNT_COLUMNS)
    expected = (grid[columns] * scale).assign(
        leased_ha=3 * scale + 0.6,
        available_ha=2 * scale - 0.6,
        uncleared_held_ha=0.5,
        leased_uncleared_ha=0.5,
    )
    np.testing.assert_allclose(ellipsoid[columns], expected, rtol=1e-6)


def test_geometry_that_cannot_be_measured_is_refused_with_its_zone() -> None:
    x, y = squares.EAST, squares.NORTH
    bow = Polygon([(x, y), (x + 100, y + 100), (x + 100, y), (x, y + 100)])
    parcels = squares.parcels("P", "Q")
    parcels.loc[1, "geometry"] = bow
    with pytest.raises(ContractError, match=r"Q cannot be measured \(Self-intersection") as caught:
        fill.fill_rate(squares.known(squares.zones("A"), parcels, squares.ledger()), on=ON)
    assert caught.value.problems[0].zone_ids == ("A",)


def test_parcels_of_unknown_zones_and_doubled_zones_are_refused() -> None:
    with pytest.raises(ContractError, match="zone X is not in the table zones: P"):
        fill.fill_rate(
            squares.known(squares.zones("A"), squares.parcels("P", zone="X"), squares.ledger()),
            on=ON,
        )
    twice = pd.concat([squares.zones("A")] * 2, ignore_index=True)
    with pytest.raises(ContractError, match="zones: versions overlap in time: A"):
        fill.fill_rate(squares.known(twice, squares.parcels("P"), squares.ledger()), on=ON)


def test_layers_must_be_fit_for_areas() -> None:
    zones, parcels, entries = ten_lots()
    with pytest.raises(CRSError, match="Bring both into one CRS"):
        fill.fill_rate(squares.known(zones, parcels.to_crs(9218), entries), on=ON)
    with pytest.raises(CRSError, match="misstates its area"):
        fill.fill_rate(squares.known(zones.to_crs(3857), parcels.to_crs(3857), entries), on=ON)


def test_what_is_known_later_does_not_count_before() -> None:
    zones, parcels, _ = ten_lots()
    entries = squares.ledger(
        ("L1", "leased", "2018-01-01"),
        ("L1", "leased", "2018-01-01", None, 0.5),
        recorded_at=["2018-01-05T00:00Z", "2018-05-02T00:00Z"],
        superseded_at=["2018-05-02T00:00Z", None],
    )
    found = [
        fill.fill_rate(squares.known(zones, parcels, entries, known_at=known_at), on=ON)[
            "leased_ha"
        ].item()
        for known_at in ("2018-01-04", "2018-05-01", "2018-05-02", None)
    ]
    assert found == [0.0, 1.0, 0.5, 0.5]


def test_known_at_applies_to_zones_and_parcels_too() -> None:
    zones = squares.zones("A", recorded_at=["2018-02-01T00:00Z"])
    parcels = squares.parcels("P", recorded_at=["2018-03-01T00:00Z"])
    # Without a parcel on record nobody knows the base.
    for known_at, size in (("2018-01-31", None), ("2018-02-28", np.nan), ("2018-03-01", 1.0)):
        rate = fill.fill_rate(
            squares.known(zones, parcels, squares.ledger(), known_at=known_at), on=ON
        )
        expected = [] if size is None else [pytest.approx(size, nan_ok=True)]
        assert rate["base_ha"].tolist() == expected


def test_a_zone_that_stands_twice_is_not_counted_twice() -> None:
    rates = fill.fill_rate(squares.known(*ten_lots()), on=ON)
    with pytest.raises(KcngeoError, match="a zone stands twice"):
        fill.combine(pd.concat([rates, rates]))


def test_a_series_runs_forward_only() -> None:
    with pytest.raises(KcngeoError, match="no reporting date"):
        fill.fill_series(squares.known(*ten_lots()), start=ON, end="2017-11-30", freq="-1ME")


def test_an_index_named_like_a_column_does_no_harm() -> None:
    zones, parcels, entries = ten_lots()
    zones = zones.set_index(pd.Index(["q"], name="zone_id"))
    assert (
        len(fill.fill_rate(squares.known(zones, parcels, entries), on=ON, definition="gross")) == 1
    )
