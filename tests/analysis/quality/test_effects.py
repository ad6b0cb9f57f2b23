"""How far each finding of a month can move its figures, by hand on squares of 1 ha."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

import kcngeo as kcn
from kcngeo import Project
from kcngeo.core.model import Effect, Finding, Severity
from kcngeo.publish.document import document
from kcngeo.publish.findings_table import findings_table
from tests import squares

ON = "2018-03-31"
LET = ("P", "leased", "2018-01-01")
KEPT = ("Q", "reserved", "2018-01-01")


def report_of(
    *entries: tuple[Any, ...],
    lots: gpd.GeoDataFrame | None = None,
    wide: float = 2,
    tables: dict[str, Any] | None = None,
    **columns: Any,
) -> kcn.report.MonthlyReport:
    """The month of P and Q of zone A; leases are those of a licensed project."""
    zones = gpd.GeoDataFrame(
        {"zone_id": ["A"]}, geometry=[squares.square(0, wide=wide)], crs=squares.CRS
    )
    projects = pd.DataFrame(
        {
            "project_id": ["p", "guest"],
            "licensed_on": pd.to_datetime(["2017-01-01", "2017-01-01"]),
            "premises": ["land", "workshop"],
        }
    )
    columns = {"project_id": "p", **columns}
    project = Project(
        zones=zones,
        parcels=squares.parcels("P", "Q") if lots is None else lots,
        ledger=squares.ledger(*entries, **columns),
        projects=projects,
        **(tables or {}),
    )
    return kcn.report.monthly(project, month=ON, definition="nd164-2013")


def effect_of(report: kcn.report.MonthlyReport, rule: str) -> list[float | None]:
    (one,) = (one.effect for one in report.findings if one.rule == rule)
    assert one is not None
    return [round(one.leased_ha, 12), round(one.base_ha, 12), one.share]


def test_a_lot_in_no_entry_may_be_let() -> None:
    # P of 2 ha is let; Q is 1 ha: 2 of 2 at most.
    assert effect_of(report_of(LET), "never_mentioned") == [1.0, 0.0, 0.5]


def test_a_lease_of_nobody_known_may_be_none() -> None:
    part = ("P", "leased", "2018-01-01", None, 0.4)
    # 0.4 of 2 ha, or nothing.
    found = report_of(part, KEPT, project_id=[None, None])
    assert effect_of(found, "leased_without_project") == [0.4, 0.0, pytest.approx(0.2)]


def test_where_no_licence_is_on_record_nobody_knows_how_far() -> None:
    entries = squares.ledger(LET, KEPT)
    project = Project(zones=squares.zones("A"), parcels=squares.parcels("P", "Q"), ledger=entries)
    report = kcn.report.monthly(project, month=ON)
    (one,) = (one for one in report.findings if one.rule == "leased_without_project")
    assert one.effect is None
    assert report.doubt["doubt_leased_ha"].tolist() == [0.0, 0.0]
    assert report.doubt["because"].isna().all()


def test_the_tenant_of_a_workshop_may_hold_the_land() -> None:
    found = report_of(LET, KEPT, project_id=["guest", None])
    assert effect_of(found, "premises_hold_land") == [1.0, 0.0, 0.5]
    part = report_of(("P", "leased", "2018-01-01", None, 0.3), KEPT, project_id=["guest", None])
    assert effect_of(part, "premises_hold_land") == [0.3, 0.0, pytest.approx(0.15)]


@pytest.mark.parametrize(
    ("certificates_m2", "expected"),
    [
        # P is let whole: (1 + 0.2) ÷ (2 + 0.2) is 4.545 points above 1 ÷ 2.
        ([12_000.0, 10_000.0], [0.2, 0.2, 1.2 / 2.2 - 0.5]),
        # Q is not let: 1 ÷ (2 − 0.2) is 5.556 points above.
        ([10_000.0, 8_000.0], [0.0, 0.2, 1 / 1.8 - 0.5]),
        # Both: (1 + 0.2) ÷ (2 + 0.2 − 0.2) is 10 points above.
        ([12_000.0, 8_000.0], [0.2, 0.2, 0.1]),
    ],
)
def test_a_certificate_moves_what_is_let_whole_and_what_is_left(
    certificates_m2: list[float], expected: list[float]
) -> None:
    lots = squares.parcels("P", "Q", certificate_area_m2=certificates_m2)
    assert effect_of(report_of(LET, KEPT, lots=lots), "certificate_differs") == pytest.approx(
        expected
    )


def test_a_certificate_does_not_move_a_contract() -> None:
    # 0.5 ha of P are let; its certificate is typed ten times too large: 0.5 ÷ (2 + 9).
    lots = squares.parcels("P", "Q", certificate_area_m2=[100_000.0, 10_000.0])
    found = report_of(("P", "leased", "2018-01-01", None, 0.5), KEPT, lots=lots)
    assert found.accounts.loc["A", "leased_ha"] == pytest.approx(0.5)
    expected = [0.0, 9.0, 0.25 - 0.5 / 11]
    assert effect_of(found, "certificate_differs") == pytest.approx(expected)


def test_contracts_for_more_than_the_lot_has_may_be_too_large() -> None:
    # 1.4 ha are let of a lot of 1 ha, whose certificate says 1.5: 1.4 of 2.4, or 1 of 2.
    lots = squares.parcels("P", "Q", certificate_area_m2=[15_000.0, 10_000.0])
    found = report_of(("P", "leased", "2018-01-01", None, 1.4), KEPT, lots=lots)
    expected = [0.4, 0.4, 1.4 / 2.4 - 0.5]
    assert effect_of(found, "parts_above_area") == pytest.approx(expected)


def test_an_entry_that_stands_twice_may_be_two_contracts() -> None:
    part = ("P", "leased", "2018-01-01", None, 0.3)
    found = report_of(part, part, KEPT)
    assert effect_of(found, "same_entry_twice") == [0.3, 0.0, pytest.approx(0.15)]
    # The zone has no figure, so nothing of it is printed as in doubt.
    assert pages(found, "en")[0].startswith("All zones: not computable")


def test_an_overlap_may_belong_to_neither() -> None:
    # Q reaches 84 m² into P: (1 − 0.0084) ÷ (2 − 0.0084), or 1 ÷ (2 − 0.0084).
    lots = squares.parcels("P", "Q").set_geometry(
        [squares.square(0), squares.square(0.9916)], crs=squares.CRS
    )
    expected = [0.0084, 0.0168, 1 / 1.9916 - 0.5]
    assert effect_of(report_of(LET, KEPT, lots=lots), "overlap") == pytest.approx(expected)


@pytest.mark.parametrize(("metres", "is_found"), [(0.004, False), (0.0049, False), (0.006, True)])
def test_slight_overlaps_add_up(metres: float, *, is_found: bool) -> None:
    # Three lots reach into each other by a strip of 100 m: twice 0.4, 0.49 or 0.6 m².
    shapes = [squares.square(row * (1 - metres / 100)) for row in range(3)]
    lots = squares.parcels("P", "Q", "R").set_geometry(shapes, crs=squares.CRS)
    found = report_of(LET, KEPT, ("R", "reserved", "2018-01-01"), lots=lots, wide=3)
    told = [one for one in found.findings if one.rule == "slight_overlaps"]
    assert bool(told) is is_found
    if is_found:
        # Of P and R one strip is in doubt, of Q both: 4 × 0.6 m²; of P, which is let, 0.6 m².
        assert effect_of(found, "slight_overlaps")[:2] == pytest.approx([0.00006, 0.00024])
        assert told[0].fields["area_m2"] == "1.2"


def test_land_beyond_the_fence_may_not_belong_to_the_zone() -> None:
    # The fence ends in the middle of Q: 0.5 ha of the rest is in doubt, 1 ÷ 1.5.
    found = report_of(LET, KEPT, wide=1.5)
    assert effect_of(found, "outside_fence") == pytest.approx([0.0, 0.5, 1 / 1.5 - 0.5])


def test_let_land_of_another_use_may_count() -> None:
    lots = squares.parcels("P", "Q", use=["industrial", "green"])
    found = report_of(("P", "reserved", "2018-01-01"), ("Q", "leased", "2018-01-01"), lots=lots)
    # Nothing of 1 ha, or 1 of 2.
    assert effect_of(found, "let_not_leasable") == [1.0, 1.0, 0.5]


def test_at_the_edge_of_a_zone_of_utm_land_is_drawn_too_large() -> None:
    # 325 km from the meridian the scale is 0.9996 × (1 + 325² ÷ (2 × 6371²)) = 1.0009, so areas
    # are 0.18 % too large: 36 m² of 2 ha, half of them let.
    east, north = 825_000, 1_270_000
    shapes = [box(east + 100 * row, north, east + 100 * row + 100, north + 100) for row in (0, 1)]
    lots = gpd.GeoDataFrame(squares.parcels("P", "Q").drop(columns="geometry"), geometry=shapes)
    zones = gpd.GeoDataFrame(
        {"zone_id": ["A"]}, geometry=[box(east, north, east + 200, north + 100)]
    )
    entries = squares.ledger(LET, KEPT, project_id="p")
    projects = pd.DataFrame({"project_id": ["p"], "licensed_on": pd.to_datetime(["2017-01-01"])})
    utm = "EPSG:32648"
    project = Project(
        zones=zones.set_crs(utm), parcels=lots.set_crs(utm), ledger=entries, projects=projects
    )
    report = kcn.report.monthly(project, month=ON, definition="nd164-2013")
    leased_ha, base_ha, share = effect_of(report, "grid_scale")
    assert base_ha == pytest.approx(0.0036, abs=0.0001)
    assert leased_ha == pytest.approx(0.0018, abs=0.00005)
    assert share == pytest.approx(0.0018 / 4, abs=0.00002)
    # The meridian of Lâm Đồng is near: nothing is told.
    assert "grid_scale" not in {one.rule for one in report_of(LET, KEPT).findings}
    # Nor where areas are those of the ellipsoid.
    found = kcn.quality.month_findings(project, on=ON, definition="gross", area="ellipsoid")
    assert "grid_scale" not in {one.rule for one in found}


def test_what_begins_with_its_lot_and_a_boundary_near_its_plan_are_no_doubt() -> None:
    # Of a plan of 10.05 ha half a per cent is 0.05025 ha, and 10 ha are drawn.
    lots = squares.parcels("P", "Q", valid_from=pd.Timestamp("2018-01-01"))
    zones = squares.zones("A", approved_area_ha=[10.05])
    project = Project(zones=zones, parcels=lots, ledger=squares.ledger(LET, KEPT))
    found = {one.rule for one in kcn.quality.month_findings(project, on=ON, definition="gross")}
    assert {"zone_area", "entry_precedes_parcel"} & found == set()


@pytest.mark.parametrize("area", ["grid", "certificate"])
def test_where_the_polygon_is_the_base_it_may_be_that_of_the_plan_and_the_other_way_round(
    area: str,
) -> None:
    # 2 ha are drawn and 2.5 ha planned: 1 ÷ 2 may be 1 ÷ 2.5, and that may be 1 ÷ 2.
    zones = squares.zones("A", approved_area_ha=[2.5])
    zones = zones.set_geometry([squares.square(0, wide=2)], crs=squares.CRS)
    lots = squares.parcels("P", "Q", certificate_area_m2=10_000.0)
    project = Project(zones=zones, parcels=lots, ledger=squares.ledger(LET, KEPT))
    found = kcn.quality.month_findings(project, on=ON, definition="gross", area=area)
    (one,) = (each.effect for each in found if each.rule == "zone_area")
    assert one is not None
    assert (one.leased_ha, one.base_ha, one.share) == (0.0, 0.5, pytest.approx(0.1))


def test_one_number_of_two_lots_may_be_one_lot() -> None:
    lots = squares.parcels("P", "Q", map_sheet_no="1", cadastral_no="7")
    # One of 1 ha is in doubt; which, nobody knows.
    found = effect_of(report_of(LET, KEPT, lots=lots), "duplicate_cadastral_no")
    # P stays, Q of the rest goes: 1 ÷ 1.
    assert found == pytest.approx([0.0, 1.0, 0.5])


# What two findings doubt counts once


def test_what_is_doubted_twice_is_lost_once() -> None:
    # P is let to nobody known before it was cleared, and lies beyond the fence: 1 ha, not 3.
    lots = squares.parcels("P", "Q").set_geometry(
        [squares.square(5), squares.square(0)], crs=squares.CRS
    )
    entries = (LET, ("P", "uncleared", "2018-01-01"), KEPT)
    found = report_of(*entries, lots=lots, project_id=[None, None, None])
    rules = {one.rule for one in found.findings if one.effect is not None}
    assert {"leased_without_project", "held_uncleared", "outside_fence"} <= rules
    doubt = found.doubt.loc["A"]
    assert doubt["doubt_leased_ha"] == 1.0
    # Half of 2 ha is let, or nothing.
    assert doubt["doubt"] == 0.5


def test_two_entries_of_one_lot_are_beside_each_other() -> None:
    halves = [("P", "leased", "2018-01-01", None, part) for part in (0.3, 0.4)]
    found = report_of(*halves, KEPT, project_id=[None, None, None])
    assert found.doubt["doubt_leased_ha"].tolist() == pytest.approx([0.7, 0.7])


def test_two_tenants_of_workshops_hold_no_more_than_the_lot() -> None:
    other = ("P", "leased", "2018-02-01")
    found = report_of(LET, other, KEPT, project_id=["guest", "guest", None])
    assert effect_of(found, "premises_hold_land") == [1.0, 0.0, 0.5]


def test_two_views_of_how_large_a_lot_is_count_as_the_larger() -> None:
    # Q is certified with 0.2 ha less, and lies beyond the fence with 0.5 ha: 0.5 ha in doubt.
    lots = squares.parcels("P", "Q", certificate_area_m2=[10_000.0, 8_000.0])
    found = report_of(LET, KEPT, lots=lots, wide=1.5)
    assert found.doubt.loc["A", "doubt_base_ha"] == pytest.approx(0.5)
    because = found.doubt.loc["A", "because"]
    assert because == "outside_fence|certificate_differs"


def test_lots_are_added_and_the_whole_is_told_under_no_zone() -> None:
    found = report_of()
    assert found.doubt.index.tolist() == ["A", ""]
    # P and Q are in no entry: both may be let.
    assert found.doubt["doubt_leased_ha"].tolist() == [2.0, 2.0]
    assert found.doubt["doubt"].tolist() == [1.0, 1.0]


# How it is told


def pages(report: kcn.report.MonthlyReport, language: str) -> list[str]:
    doc = document(report, language=language)
    return [doc.said(one) for one in doc.sentences if one.is_first]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "In doubt: ± 1.00 ha let, up to 50.00 points, because of lots in no entry of the "
            "ledger.",
        ),
        (
            "vi",
            "Nghi vấn: ± 1,00 ha đất cho thuê, tỷ lệ lệch đến 50,00 điểm %, vì lô không có trong "
            "sổ.",
        ),
    ],
)
def test_page_one_says_what_is_in_doubt_and_why(language: str, said: str) -> None:
    assert pages(report_of(LET), language)[1] == said


def test_declared_land_is_part_of_what_all_zones_may_be_wrong_by() -> None:
    # Of A's 2 ha one is let and one in no entry; of B 59 of 98 ha are declared as let. All zones
    # have 60 of 100 ha, and one hectare more would be 61.
    zones = squares.zones("A", "B")
    project = Project(
        zones=zones.set_geometry(zones.geometry.where(zones["zone_id"] == "A")),
        parcels=squares.parcels("P", "Q"),
        ledger=squares.ledger(LET, project_id="p"),
        projects=pd.DataFrame({"project_id": ["p"], "licensed_on": pd.to_datetime(["2017-01-01"])}),
        declared_accounts=pd.DataFrame(
            {
                "zone_id": ["B"],
                "on": pd.to_datetime(["2018-01-01"]),
                "base_ha": [98.0],
                "leased_ha": [59.0],
                "source": ["a notice"],
            }
        ),
    )
    report = kcn.report.monthly(project, month=ON, definition="nd164-2013")
    assert report.doubt["doubt_leased_ha"].tolist() == [1.0, 0.0, 1.0]
    assert report.doubt["doubt"].tolist() == pytest.approx([0.5, np.nan, 0.01], nan_ok=True)
    said = pages(report, "en")
    assert "All zones: 60.00 % let" in said[0]
    assert any(one.startswith("In doubt: ± 1.00 ha let, up to 1.00 points") for one in said)


def test_page_one_says_nothing_where_nothing_is_in_doubt() -> None:
    found = report_of(LET, KEPT)
    assert not [one for one in pages(found, "en") if "doubt" in one]


def finding(rule: str, share: float | None, leased_ha: float = 0.0) -> Finding:
    effect = Effect(leased_ha=leased_ha, base_ha=0.0, share=share)
    told = {"area_ha": "1", "area_m2": "1", "scale": "1"}
    return Finding(
        rule=rule, severity=Severity.WARNING, table="parcels", fields=told, effect=effect
    )


def test_findings_stand_rule_by_rule_the_most_first() -> None:
    error = Finding(
        rule="overlap",
        severity=Severity.ERROR,
        table="parcels",
        fields={"pairs": "P", "area_m2": "1"},
    )
    plain = Finding(
        rule="unknown_receptor", severity=Severity.WARNING, table="emitters", fields={"named": "r"}
    )
    found = [
        plain,
        finding("never_mentioned", 0.01, 1.0),
        finding("certificate_differs", 0.03, 0.5),
        finding("certificate_differs", 0.002, 0.1),
        finding("never_mentioned", 0.02, 0.2),
        # Without a rate the hectares decide.
        finding("outside_fence", None, 4.0),
        finding("held_uncleared", None, 5.0),
        error,
    ]
    table = findings_table(found, language="en")
    told = table[["rule", "effect"]].fillna(-1).to_numpy().tolist()
    assert told == [
        ["overlap", -1],
        ["certificate_differs", 0.03],
        ["certificate_differs", 0.002],
        ["never_mentioned", 0.02],
        ["never_mentioned", 0.01],
        ["held_uncleared", -1],
        ["outside_fence", -1],
        ["unknown_receptor", -1],
    ]
