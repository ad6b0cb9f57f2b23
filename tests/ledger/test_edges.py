"""The edges of the ledger: what a small change of the code would move, by hand on squares."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from kcngeo import Project, ledger
from kcngeo.core.dates import ALWAYS, OPEN
from kcngeo.core.errors import ContractError, KcngeoError
from kcngeo.ledger.screening import _moments, _settled, first_entry
from kcngeo.ledger.zone_rows import belongs, near_zones
from kcngeo.ledger.zones import zone_days
from tests import squares


@pytest.mark.parametrize("given", ["land.gpkg", Path("land.gpkg")])
def test_a_path_in_place_of_a_project_is_told_with_the_way_out(given: Any) -> None:
    with pytest.raises(KcngeoError, match=r'read_project\("land.gpkg"\)'):
        ledger.known(given)


@pytest.mark.parametrize(
    ("entries", "named"),
    [
        # Two tenures at once on land that is not cleared either: the clearance is not at fault.
        ([("a", "leased"), ("b", "reserved"), ("c", "uncleared")], ("a", "b")),
        # Said twice not to be cleared, each time by another document: the lease is not at fault.
        ([("a", "leased"), ("b", "uncleared"), ("c", "uncleared")], ("b", "c")),
    ],
)
def test_only_what_is_too_much_of_a_lot_is_named(entries: Any, named: tuple[str, ...]) -> None:
    rows = squares.ledger(
        *(("P", status, "2015-01-01") for _, status in entries),
        entry_id=[name for name, _ in entries],
        document=[name for name, _ in entries],
    )
    now = squares.known(squares.zones("A"), squares.parcels("P"), rows, faulty="set_apart")
    ((zone_id, finding),) = now.always_faulty
    assert (zone_id, finding.rule, tuple(sorted(finding.ids))) == ("A", "tenures_overlap", named)
    with pytest.raises(ContractError, match="twice over"):
        squares.known(squares.zones("A"), squares.parcels("P"), rows)


def test_a_row_belongs_to_its_own_zone_else_to_that_of_its_lot() -> None:
    lots = pd.DataFrame({"parcel_id": ["P", "Q"], "zone_id": ["A", "B"]})
    rows = pd.DataFrame({"zone_id": ["A", "B", None, None], "parcel_id": ["Q", "P", "P", "Q"]})
    for zone_id, belonging in (
        ("A", [True, False, True, False]),
        ("B", [False, True, False, True]),
    ):
        assert belongs(rows, lots, zone_id.__eq__).tolist() == belonging
    # What names neither is of no zone.
    assert belongs(rows[["zone_id"]], lots, "A".__eq__).tolist() == [True, False, False, False]


def test_breaches_of_all_tables_are_in_one_error() -> None:
    lots = squares.parcels("P", "Q", use=["forest", "industrial"])
    rows = squares.ledger(("P", "leased", "2015-01-01"), ("Q", "sold", "2015-01-01"))
    with pytest.raises(ContractError) as caught:
        squares.known(squares.zones("A"), lots, rows)
    assert [(one.table, one.ids) for one in caught.value.problems] == [
        ("parcels", ("P",)),
        ("ledger", ("Q",)),
    ]


def test_an_entry_that_breaks_its_contract_is_the_fault_of_its_lots_zone() -> None:
    lots = squares.parcels("P", "Q", zone=["A", "B"])
    rows = squares.ledger(("P", "sold", "2015-01-01"), ("Q", "leased", "2015-01-01"))
    now = squares.known(squares.zones("A", "B"), lots, rows, faulty="set_apart")
    # Whose a lot is stays known of a zone that is set apart.
    assert (now.parcels["parcel_id"].tolist(), now.owners["zone_id"].tolist()) == (
        ["Q"],
        ["A", "B"],
    )
    assert [zone_id for zone_id, _ in now.always_faulty] == ["A"]
    assert now.ledger["parcel_id"].tolist() == ["Q"]


@pytest.mark.parametrize("stamp", ["2018-01-04T00:00:00Z", "2018-01-05T00:00:00Z"])
def test_nothing_is_recorded_before_or_with_what_is_on_record(stamp: str) -> None:
    # Moments increase strictly: the day before, and the very moment.
    rows = squares.ledger(
        ("P", "leased", "2015-01-01"), entry_id=["a"], recorded_at="2018-01-05T00:00:00Z"
    )
    project = Project(zones=squares.zones("A"), parcels=squares.parcels("P"), ledger=rows)
    better = pd.DataFrame({"entry_id": ["a"], "valid_to": ["2019-01-01"]})
    more = squares.ledger(("P", "uncleared", "2016-01-01"))
    with pytest.raises(KcngeoError, match=r"2018-01-0[45]"):
        ledger.correct(project, better, recorded_at=stamp)
    with pytest.raises(KcngeoError, match=r"2018-01-0[45]"):
        ledger.append(project, more, recorded_at=stamp)
    assert len(ledger.correct(project, better, recorded_at="2018-01-06").ledger) == 2


def test_what_was_known_is_cut_at_the_moment_and_not_before() -> None:
    # Known from the 5th to the 8th, the moment of the 8th not included.
    rows = squares.ledger(
        ("P", "leased", "2015-01-01"),
        recorded_at="2018-01-05T00:00:00Z",
        superseded_at="2018-01-08T00:00:00Z",
    )
    project = Project(zones=squares.zones("A"), parcels=squares.parcels("P"), ledger=rows)
    for moment, count in [
        ("2018-01-04T23:59:59Z", 0),
        ("2018-01-05T00:00:00Z", 1),
        ("2018-01-07T23:59:59Z", 1),
        ("2018-01-08T00:00:00Z", 0),
        (None, 0),
    ]:
        assert len(project.as_known(moment).ledger) == count
    ended = project.stored_at("2018-01-07T23:59:59Z").ledger["superseded_at"]
    assert ended.isna().tolist() == [True]
    assert project.stored_at("2018-01-08T00:00:00Z").ledger["superseded_at"].notna().tolist() == [
        True
    ]


def test_the_first_entry_is_the_earliest_on_record() -> None:
    rows = squares.ledger(
        ("P", "leased", "2016-01-01"),
        ("P", "leased", "2015-01-01", "2015-06-01"),
        # A moment as text, in UTC where it does not say.
        recorded_at="2018-01-01T00:00:00",
        superseded_at=[None, "2018-01-08T00:00:00Z"],
    )
    project = Project(zones=squares.zones("A"), parcels=squares.parcels("P"), ledger=rows)
    for moment, day in [(None, "2016-01-01"), ("2018-01-07", "2015-01-01"), ("2017-12-31", None)]:
        first = pd.Timestamp(day) if day else None
        assert (first_entry(project, moment), project.as_known(moment).since) == (first, first)


def test_the_first_entry_may_be_of_a_zone_at_fault() -> None:
    lots = squares.parcels("P", "Q", zone=["A", "B"])
    rows = squares.ledger(("P", "leased", "2016-01-01"), ("Q", "sold", "2014-01-01"))
    now = squares.known(squares.zones("A", "B"), lots, rows, faulty="set_apart")
    assert (len(now.ledger), now.since) == (1, pd.Timestamp("2014-01-01"))


def test_who_goes_before_too_much_is_held_or_comes_when_it_has_ended_is_not_named() -> None:
    rows = squares.ledger(
        ("P", "leased", "2015-06-01", "2016-01-01"),
        ("P", "reserved", "2015-06-01", "2016-01-01"),
        ("P", "leased", "2016-01-01"),
        ("P", "leased", "2015-01-01", "2015-06-01"),
        entry_id=["a", "b", "c", "d"],
    )
    now = squares.known(squares.zones("A"), squares.parcels("P"), rows, faulty="set_apart")
    ((_, finding),) = now.always_faulty
    assert sorted(finding.ids) == ["a", "b"]


def test_new_entries_replace_what_they_meet_whichever_comes_first() -> None:
    made = Project(
        zones=squares.zones("A"),
        parcels=squares.parcels("P"),
        ledger=squares.ledger(
            ("P", "reserved", "2015-01-01", "2020-01-01"),
            entry_id="old",
            recorded_at="2015-01-01T00:00Z",
        ),
    )
    # One ends before the reservation begins, the other lies within it.
    new = squares.ledger(
        ("P", "leased", "2010-01-01", "2011-01-01"), ("P", "leased", "2016-01-01", "2017-01-01")
    )
    after = ledger.append(made, new, recorded_at="2018-01-01T00:00Z", replace=True)
    rows = after.as_known().ledger.sort_values("valid_from")
    assert [(row.status, row.valid_from.year, row.valid_to.year) for row in rows.itertuples()] == [
        ("leased", 2010, 2011),
        ("reserved", 2015, 2016),
        ("leased", 2016, 2017),
        ("reserved", 2017, 2020),
    ]


def test_rows_of_a_history_and_of_overlaps_are_numbered() -> None:
    lots = squares.parcels("P", "Q", "R")
    # The third lies 5 mm on the second: 0.5 m².
    lots["geometry"] = [squares.square(column) for column in (0, 0.5, 1.49995)]
    rows = squares.ledger(
        ("P", "leased", "2016-01-01"), ("P", "reserved", "2015-01-01", "2016-01-01")
    )
    now = squares.known(squares.zones("A"), lots, rows, faulty="set_apart")
    for pairs, areas_m2 in ((now.overlaps, [5_000.0]), (now.slight_overlaps, [0.5])):
        assert pairs.index.tolist() == [0]
        assert "index" not in pairs.columns
        assert pairs["area_m2"].tolist() == pytest.approx(areas_m2)
    told = ledger.history(now, "P")
    assert told.index.tolist() == list(range(len(told)))
    assert told["what"].tolist() == ["industrial", "reserved", "leased"]


def test_a_history_begins_with_what_a_lot_came_from_whatever_it_was_called() -> None:
    lots = squares.parcels("Z", "M", "A", parents=[None, "Z", "M"])
    project = Project(zones=squares.zones("A"), parcels=lots, ledger=squares.ledger())
    told = ledger.history(project, "M")
    assert told["parcel_id"].tolist() == ["Z", "M", "A"]
    assert told["relation"].tolist() == ["ancestor", "self", "descendant"]


def test_shapes_near_a_zone_stay_and_those_nobody_can_measure() -> None:
    # Within 500 m on each of four sides; 9 km away; not drawn.
    shapes = [squares.square(*place) for place in ((1, 0), (-3, 0), (0, -3), (0, 3), (90, 0))]
    homes = gpd.GeoDataFrame(
        {"receptor_id": ["E", "W", "S", "N", "far", "nowhere"], "kind": "housing"},
        geometry=[*shapes, None],
        crs=squares.CRS,
    )
    tables = Project(
        zones=squares.zones("A").set_geometry([squares.square(0)], crs=squares.CRS),
        parcels=squares.parcels("P"),
        ledger=squares.ledger(("P", "leased", "2015-01-01")),
        receptors=homes,
    )
    near = near_zones(tables, 500)["receptors"]["receptor_id"].tolist()
    assert near == ["E", "W", "S", "N", "nowhere"]
    # What is drawn in another CRS is not measured, and stays.
    other = replace(tables, receptors=homes.to_crs(4326))
    assert len(near_zones(other, 500)["receptors"]) == 6


def test_a_stage_speaks_where_its_day_is_missing() -> None:
    stages = ["planned", "planned", "established", "removed"]
    days = pd.to_datetime([None, "1970-01-02", None, None])
    frame = squares.zones(*"ABCD", stage=stages, established_on=days)
    start, end = zone_days(frame)
    assert start.tolist() == [OPEN, 1, ALWAYS, ALWAYS]
    assert end.tolist() == [OPEN, OPEN, OPEN, ALWAYS]


def test_moments_written_as_text_may_have_several_forms() -> None:
    written = ["2018-01-05", "2018-01-05T10:00:00+07:00"]
    (moments,) = _moments(pd.DataFrame({"recorded_at": written})).values()
    assert moments.tolist() == [
        pd.Timestamp("2018-01-05", tz="UTC"),
        pd.Timestamp("2018-01-05 03:00", tz="UTC"),
    ]


def test_what_is_known_does_not_say_when_it_was_recorded() -> None:
    frame = pd.DataFrame({"zone_id": ["A"], "recorded_at": [pd.Timestamp("2018-01-05", tz="UTC")]})
    assert list(_settled(frame).columns) == ["zone_id"]
