"""What keeps zones from being computed, by hand on squares of 1 ha: who, from when to when, why."""

from __future__ import annotations

import warnings
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Polygon, box

from kcngeo import Project, fill, ledger
from kcngeo.core.errors import ContractError, CRSError, KcngeoError, KcngeoWarning
from kcngeo.core.model import Severity
from kcngeo.ledger.snapshot import snapshot_of
from tests import squares

ON = "2018-03-31"


def faulty(parcels: gpd.GeoDataFrame, *entries: Any, area: str = "grid") -> pd.DataFrame:
    """The faults by a basis of areas."""
    given = {"ledger": squares.ledger(*entries), "faulty": "set_apart"}
    found = squares.around(parcels, **given).faulty
    return found[[area in areas for areas in found["areas"]]].reset_index(drop=True)


# Overlaps


def overlaps(*shapes: Any, **columns: Any) -> pd.DataFrame:
    names = "PQRS"[: len(shapes)]
    parcels = squares.parcels(*names, **columns).set_geometry(list(shapes), crs=squares.CRS)
    return faulty(parcels)


def test_lots_beside_each_other_do_not_overlap() -> None:
    assert overlaps(squares.square(0), squares.square(1), squares.square(0, 1)).empty


@pytest.mark.parametrize(("high", "area_m2"), [(2.0, None), (2.5, "1.2"), (100.0, "50.0")])
def test_two_lots_may_share_one_square_metre(high: float, area_m2: str | None) -> None:
    # 0.5 m × high; half a tenth is rounded to even.
    x, y = squares.EAST + 99.5, squares.NORTH
    found = overlaps(squares.square(0), box(x, y, x + 50, y + high))
    assert [one.fields["area_m2"] for one in found["finding"]] == (
        [] if area_m2 is None else [area_m2]
    )


def test_an_overlap_is_told_once_a_zone_and_stretch_of_time() -> None:
    # P–Q share 0.5 ha from 2018 on, Q–R 0.5 ha until 2019, so each stretch has its pair.
    found = overlaps(
        *(squares.square(column) for column in (0, 0.5, 1)),
        valid_from=[None, "2018-01-01", None],
        valid_to=[None, None, "2019-01-01"],
    )
    days = pd.to_datetime(["2018-01-01", "2019-01-01"]).astype("int64") // 86_400_000_000
    assert found["start"].tolist() == [days[0], days[0]]
    assert found["end"].tolist()[0] == days[1]
    assert [one.fields["pairs"] for one in found["finding"]] == [("Q × R",), ("P × Q",)]
    assert [one.ids for one in found["finding"]] == [("Q", "R"), ("P", "Q")]
    assert {one.severity for one in found["finding"]} == {Severity.ERROR}


@pytest.mark.parametrize(("q_from", "is_found"), [("2018-01-01", False), ("2017-12-31", True)])
def test_one_lot_may_follow_another_on_the_same_ground(q_from: str, *, is_found: bool) -> None:
    found = overlaps(
        squares.square(0),
        squares.square(0),
        valid_from=[None, q_from],
        valid_to=["2018-01-01", None],
    )
    assert (len(found) == 1) is is_found


def test_a_name_with_a_cross_in_it_is_one_name() -> None:
    parcels = squares.parcels("P × 1", "Q").set_geometry([squares.square(0)] * 2, crs=squares.CRS)
    (finding,) = faulty(parcels)["finding"]
    assert finding.ids == ("P × 1", "Q")


def test_only_lots_that_some_definition_counts_may_not_overlap() -> None:
    same = [squares.square(0)] * 3
    found = overlaps(*same, use=["industrial", "service", "green"])
    assert [one.ids for one in found["finding"]] == [("P", "Q")]


def test_two_zones_are_told_of_the_same_overlap() -> None:
    found = overlaps(squares.square(0), squares.square(0), zone=["A", "B"])
    assert found["zone_id"].tolist() == ["A", "B"]
    assert [one.zone_ids for one in found["finding"]] == [("A",), ("B",)]


# Shapes and written areas


def bowtie(**columns: Any) -> gpd.GeoDataFrame:
    """P of zone A cannot be measured; Q of zone B can."""
    x, y = squares.EAST, squares.NORTH
    parcels = squares.parcels("P", "Q", zone=["A", "B"], **columns)
    parcels.loc[0, "geometry"] = Polygon([(x, y), (x + 9, y + 9), (x + 9, y), (x, y + 9)])
    return parcels


def apart(parcels: gpd.GeoDataFrame, *entries: Any) -> ledger.Snapshot:
    zones = squares.zones("A", "B")
    return squares.known(zones, parcels, squares.ledger(*entries), faulty="set_apart")


@pytest.mark.parametrize(
    ("on", "at_fault"),
    [
        ("2016-12-31", []),  # the day before
        ("2017-01-01", ["A"]),  # first day
        ("2018-03-30", ["A"]),  # last day
        ("2018-03-31", []),  # the end day counts no more
    ],
)
def test_a_shape_that_cannot_be_measured_is_a_fault_while_it_is_in_force(
    on: str, at_fault: list[str]
) -> None:
    snapshot = apart(bowtie(valid_from=["2017-01-01", None], valid_to=["2018-03-31", None]))
    assert [one.zone_id for one in snapshot.faults_between(on)] == at_fault
    rules = {one.finding.rule for one in snapshot.faults_between(on, area="certificate")}
    # Where areas are written, no shape is needed; here none is written.
    assert rules == {"area_missing"}


def test_a_fence_is_asked_for_where_it_is_drawn_or_lots_lie_in_it() -> None:
    # A has a lot and no fence, B a crossed fence and no lot, C neither.
    crossed = bowtie().geometry[0]
    zones = squares.zones("A", "B", "C").set_geometry([None, crossed, None], crs=squares.CRS)
    now = squares.known(zones, squares.parcels("P"), squares.ledger(), faulty="set_apart")
    found = [(one.zone_id, one.finding.table) for one in now.faults_between(ON)]
    assert found == [("A", "zones"), ("B", "zones")]


def test_a_table_of_no_zone_is_left_out_whole_unless_zones_live_on_it() -> None:
    given: Any = {"zones": squares.zones("A"), "parcels": squares.parcels("P")}
    staff = pd.DataFrame({"project_id": ["D"], "workers": [-1]})
    now = squares.known(**given, ledger=squares.ledger(), projects=staff, faulty="set_apart")
    assert ([*now.broken], now.always_faulty) == (["projects"], ())
    # What comes after it is looked at all the same: a lot of zone A has no such target.
    goals = pd.DataFrame(
        {"zone_id": ["A"], "measure": ["fill_rate"], "value": [-1.0], "on": [ON], "source": ["?"]}
    )
    both = {"projects": staff, "targets": goals}
    now = squares.known(**given, ledger=squares.ledger(), **both, faulty="set_apart")
    assert ([*now.broken], [zone_id for zone_id, _ in now.always_faulty]) == (["projects"], ["A"])
    # Without what is declared of a zone nobody names a total would be short.
    stated = pd.DataFrame({"zone_id": [None], "on": [ON], "base_ha": [1.0], "source": ["notice"]})
    with pytest.raises(ContractError, match="zone_id"):
        squares.known(
            **given, ledger=squares.ledger(), declared_accounts=stated, faulty="set_apart"
        )


def test_a_zone_that_failed_before_is_left_out_with_the_reason() -> None:
    project = Project(
        zones=squares.zones("A", "B"),
        parcels=squares.parcels("P", "Q", zone=["A", "B"]),
        ledger=squares.ledger(("P", "leased", "2018-01-01")),
    )
    now = snapshot_of(project, None, faulty="set_apart", failed={"A": "no memory"})
    told = [(zone_id, one.rule, one.fields["reason"]) for zone_id, one in now.always_faulty]
    assert told == [("A", "zone_failed", "no memory")]
    assert (now.parcels["parcel_id"].tolist(), len(now.ledger)) == (["Q"], 0)


def test_a_missing_written_area_is_a_fault_by_that_basis_and_where_its_land_counts() -> None:
    parcels = squares.parcels(
        "P", "Q", use=["industrial", "service"], certificate_area_m2=[10_000.0, None]
    )
    snapshot = squares.around(parcels, faulty="set_apart")
    by = {
        (area, name): [one.finding.ids for one in found]
        for area in ("grid", "certificate")
        for name in ("nd164-2013", "nd35-2022")
        for found in [snapshot.faults_between(ON, area=area, definition=name)]
    }
    assert by == {
        ("grid", "nd164-2013"): [],
        ("grid", "nd35-2022"): [],
        ("certificate", "nd164-2013"): [],  # industrial land alone
        ("certificate", "nd35-2022"): [("Q",)],
    }


# What becomes of a question


def test_a_project_with_a_fault_cannot_be_known_unless_the_zone_is_set_apart() -> None:
    with pytest.raises(ContractError, match="P"):
        squares.known(squares.zones("A", "B"), bowtie(), squares.ledger())
    snapshot = apart(bowtie(), ("Q", "leased", "2018-01-01"))
    with pytest.warns(KcngeoWarning, match="left out: A"):
        rates = fill.fill_rate(snapshot, on=ON)
    assert rates["fill_rate"].isna().tolist() == [True, False]
    assert rates.loc["B", "leased_ha"] == 1.0


def test_one_warning_names_all_zones_and_reasons() -> None:
    same = squares.parcels("P", "Q", "R", zone=["A", "A", "B"])
    same = same.set_geometry([squares.square(0)] * 2 + [squares.square(3, 1)], crs=squares.CRS)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        state = ledger.state(apart(same), on=ON)
    assert [str(one.message).startswith("left out: A. ") for one in caught] == [True]
    assert "P × Q" in str(caught[0].message)
    assert state["parcel_id"].tolist() == ["R"]


def test_rows_that_break_a_contract_take_their_own_zone_alone() -> None:
    parcels = squares.parcels("P", "Q", zone=["A", "B"])
    snapshot = apart(parcels, ("P", "let", "2018-01-01"), ("Q", "leased", "2018-01-01"))
    assert [(zone_id, one.rule) for zone_id, one in snapshot.always_faulty] == [
        ("A", "not_in_list")
    ]
    assert snapshot.parcels["parcel_id"].tolist() == ["Q"]
    # The boundary of A is sound: it still says when its zone counts.
    assert snapshot.zone_ids.tolist() == ["A", "B"]
    assert snapshot.given is not None
    assert snapshot.given.parcels["parcel_id"].tolist() == ["P", "Q"]


def test_what_belongs_to_no_zone_stops_everything() -> None:
    parcels = squares.parcels("P", "Q", zone=["A", "C"])
    with pytest.raises(ContractError, match="Q"):
        apart(parcels)


def test_a_snapshot_has_one_moment() -> None:
    snapshot = apart(squares.parcels("P", "Q", zone=["A", "B"]))
    assert snapshot.as_known() is snapshot
    with pytest.raises(KcngeoError, match="already has its moment"):
        snapshot.as_known("2018-03-31")


# Lots that go to another zone


def moved(*entries: Any, before: str = "A", after: str = "B") -> ledger.Snapshot:
    """P, of 1 ha, goes from one zone to the other on 1 January 2019; Q is of A, R of B."""
    parcels = squares.parcels(
        *("P", "P", "Q", "R"),
        zone=[before, after, "A", "B"],
        valid_from=[None, "2019-01-01", None, None],
        valid_to=["2019-01-01", None, None, None],
    )
    shapes = [squares.square(column) for column in (0, 0, 1, 2)]
    return apart(parcels.set_geometry(shapes, crs=squares.CRS), *entries)


@pytest.mark.parametrize(
    ("before", "after", "on", "let_ha"),
    [
        ("A", "B", "2018-12-31", 1.0),  # the last day in A, which can be computed
        ("A", "B", "2019-01-01", 0.0),
        ("B", "A", "2018-12-31", 0.0),
        ("B", "A", "2019-01-01", 1.0),  # the first day in A
    ],
)
def test_a_lot_that_lives_on_in_a_zone_at_fault_harms_no_other_zone(
    before: str, after: str, on: str, let_ha: float
) -> None:
    # R of B is let twice over. The lease of P runs through the lives of P in both zones.
    twice = [("R", "leased", "2015-01-01"), ("R", "reserved", "2016-01-01")]
    now = moved(("P", "leased", "2015-01-01"), *twice, before=before, after=after)
    assert [(zone_id, one.rule) for zone_id, one in now.always_faulty] == [("B", "tenures_overlap")]
    assert now.allocations.findings == ()
    with pytest.warns(KcngeoWarning, match="B"):
        rates = fill.fill_rate(now, on=on)
    assert rates.loc["A", "leased_ha"] == let_ha
    assert pd.isna(rates.loc["B", "leased_ha"])


def test_a_lease_that_outlives_its_lot_in_both_zones_is_still_told() -> None:
    parcels = squares.parcels(
        *("P", "P", "R"),
        zone=["B", "A", "B"],
        valid_from=[None, "2019-01-01", None],
        valid_to=["2019-01-01", "2020-01-01", None],
    )
    parcels = parcels.set_geometry([squares.square(one) for one in (0, 0, 2)], crs=squares.CRS)
    twice = [("R", "leased", "2015-01-01"), ("R", "reserved", "2016-01-01")]
    now = apart(parcels, ("P", "leased", "2015-01-01"), *twice)
    assert {(zone_id, one.rule) for zone_id, one in now.always_faulty} == {
        ("A", "entry_outlives_parcel"),
        ("B", "tenures_overlap"),
    }


def test_two_zones_at_fault_take_the_entries_of_the_lot_between_them_along() -> None:
    # Each is left out in a round of its own: Q's use breaks its contract, R is let twice over.
    parcels = moved().given.parcels.copy()
    parcels.loc[parcels["parcel_id"] == "Q", "land_use"] = "factory"
    twice = [("R", "leased", "2015-01-01"), ("R", "reserved", "2016-01-01")]
    now = apart(parcels, ("P", "leased", "2015-01-01"), *twice)
    assert {zone_id for zone_id, _ in now.always_faulty} == {"A", "B"}
    assert now.ledger.empty


def test_versions_of_a_lot_that_overlap_are_a_fault_of_both_its_zones() -> None:
    # P is in A until 2019 and in B from 2018 on: nobody knows whose it is in 2018.
    parcels = squares.parcels(
        *("P", "P"),
        zone=["A", "B"],
        valid_from=[None, "2018-01-01"],
        valid_to=["2019-01-01", None],
    ).set_geometry([squares.square(0)] * 2, crs=squares.CRS)
    now = apart(parcels)
    assert [(zone_id, one.rule) for zone_id, one in now.always_faulty] == [
        ("A", "versions_overlap"),
        ("B", "versions_overlap"),
    ]


def test_zones_and_parcels_lie_in_one_crs() -> None:
    zones = squares.zones("A").set_crs("EPSG:9218", allow_override=True)
    with pytest.raises(CRSError, match="zones layer is in EPSG:9218, parcels layer in EPSG:5899"):
        squares.known(zones, squares.parcels("P"), squares.ledger())
