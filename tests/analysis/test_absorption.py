"""Absorption, sectors, leases that end, cleared land that is unlet: counted on squares of 1 ha."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcngeo import Project, fill
from kcngeo.analysis import absorption as room
from kcngeo.core.errors import KcngeoError, KcngeoWarning
from kcngeo.standards import StandardError
from tests import squares

ON = "2018-03-31"


def series(
    leased_ha: list[float | None], dates: list[str], definition: str | list[str] = "nd164-2013"
) -> pd.DataFrame:
    index = pd.MultiIndex.from_product([["A"], pd.to_datetime(dates)], names=["zone_id", "on"])
    return pd.DataFrame({"leased_ha": leased_ha, "definition": definition}, index=index)


def estate(projects: pd.DataFrame | None = None) -> Project:
    """Zone A, 8 lots of 1 ha, on 31 March 2018: A1 let by P1; A2 half P1, 0.3 P2; A3 let, nobody
    says to whom; A4 reserved and half uncleared; A5 recovering; A6 uncleared; A7 repurposed;
    A8 free. Zone B was removed: B1 let.
    """
    entries = squares.ledger(
        ("A1", "leased", "2015-01-01", "2018-06-30"),
        ("A2", "leased", "2015-01-01", None, 0.5),
        ("A2", "leased", "2016-01-01", None, 0.3),
        ("A3", "leased", "2015-01-01"),
        ("A4", "reserved", "2015-01-01"),
        ("A4", "uncleared", "2015-01-01", None, 0.5),
        ("A5", "recovering", "2015-01-01"),
        ("A6", "uncleared", "2015-01-01"),
        ("A7", "repurposed", "2015-01-01"),
        ("B1", "leased", "2015-01-01"),
        project_id=["P1", "P1", "P2", None, None, None, None, None, None, "P2"],
    )
    ids = [*(f"A{number}" for number in range(1, 9)), "B1"]
    lots = squares.parcels(*ids, zone=[name[0] for name in ids])
    zones = squares.zones("A", "B", removed_on=[None, "2018-03-31"])
    return Project(
        zones=zones,
        parcels=lots,
        ledger=entries,
        projects=PROJECTS if projects is None else projects,
    )


PROJECTS = pd.DataFrame({"project_id": ["P1", "P2", "P3"], "sector": ["chè", "cà phê", "chè"]})


@pytest.mark.parametrize(
    ("freq", "expected"),
    [
        # The first period begins on the first reporting date, the last ends on the last.
        ("YE", [("2015-06-30", "2015-12-31", 1.0), ("2015-12-31", "2016-09-30", -3.0)]),
        (
            "QE",
            [
                ("2015-06-30", "2015-09-30", 2.0),
                ("2015-09-30", "2015-12-31", -1.0),
                ("2015-12-31", "2016-03-31", -3.0),
                ("2016-03-31", "2016-09-30", 0.0),  # a quarter without a reporting date
            ],
        ),
    ],
)
def test_absorption_by_period(freq: str, expected: list[tuple[str, str, float]]) -> None:
    dates = ["2015-06-30", "2015-09-30", "2015-12-31", "2016-03-31", "2016-09-30"]
    found = room.absorption(series([5.0, 7.0, 6.0, 3.0, 3.0], dates), freq=freq)
    ends = found.index.get_level_values("on")
    rows = zip(found["start"], ends, found["absorption_ha"], strict=True)
    assert [(f"{start:%Y-%m-%d}", f"{end:%Y-%m-%d}", ha) for start, end, ha in rows] == expected


def test_a_first_date_that_ends_its_period_closes_none() -> None:
    found = room.absorption(series([5.0, 7.0], ["2015-12-31", "2016-12-31"]))
    assert found["absorption_ha"].tolist() == [2.0]
    assert room.absorption(series([5.0], ["2015-12-31"])).empty


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=40), st.sampled_from(["ME", "QE", "YE"]))
def test_absorption_adds_up(leased: list[int], freq: str) -> None:
    dates = pd.date_range("2014-01-31", periods=len(leased), freq="ME").astype(str).tolist()
    found = room.absorption(series([float(one) for one in leased], dates), freq=freq)
    assert found["absorption_ha"].sum() == leased[-1] - leased[0]


def test_what_is_not_computable_stays_missing() -> None:
    dates = ["2015-12-31", "2016-12-31", "2017-12-31", "2018-12-31"]
    found = room.absorption(series([5.0, None, 7.0, 8.0], dates))
    assert found["absorption_ha"].isna().tolist() == [True, True, False]


def test_a_law_that_counts_other_land_begins_anew_and_one_that_repeats_goes_on() -> None:
    dates = ["2017-12-31", "2018-12-31", "2021-12-31", "2022-12-31", "2023-12-31"]
    laws = ["nd164-2013", "nd82-2018", "nd82-2018", "nd35-2022", "nd35-2022"]
    found = room.absorption(series([5.0, 6.0, 8.0, 20.0, 21.0], dates, laws))
    # 8 to 20 is the service land that came to count, not absorption.
    years = found.index.get_level_values("on").year
    expected = {2018: 1.0, 2021: 2.0, 2023: 1.0}
    assert dict(zip(years, found["absorption_ha"], strict=True)) == expected


def test_several_definitions_stand_apart() -> None:
    dates = ["2017-12-31", "2018-12-31"]
    two = [series([5.0, 6.0], dates, name) for name in ("nd164-2013", "nd82-2018", "cleared")]
    found = room.absorption(pd.concat(two))
    assert found.index.get_level_values("definition").tolist() == [
        "cleared",
        "nd164-2013",
        "nd82-2018",
    ]
    assert found["absorption_ha"].tolist() == [1.0] * 3


def test_absorption_refuses_other_periods_and_definitions() -> None:
    one = series([5.0], ["2015-12-31"])
    with pytest.raises(KcngeoError, match=r"freq must be one of ME \| QE \| YE"):
        room.absorption(one, freq="W")
    with pytest.raises(StandardError, match='"mine" is no definition'):
        room.absorption(one.assign(definition="mine"))


def test_by_sector() -> None:
    found = room.by_sector(estate(), on=ON)
    # P1: A1 and half of A2; P2: 0.3 of A2; A3 is let to nobody known. Zone B no longer counts.
    assert found.index.fillna("?").tolist() == ["chè", "cà phê", "?"]
    assert found["leased_ha"].round(9).tolist() == [1.5, 0.3, 1.0]
    assert found["projects_count"].tolist() == [1, 1, 0]
    account = fill.land_account(estate(), on=ON)
    assert found["leased_ha"].sum() == pytest.approx(account["leased_ha"].sum())


@pytest.mark.parametrize(("on", "p2_ha"), [("2018-03-30", [0.3, 1.0]), (ON, [0.3])])
def test_by_sector_and_zone_until_the_zone_is_removed(on: str, p2_ha: list[float]) -> None:
    found = room.by_sector(estate(), on=on, by_zone=True)
    coffee = found[found.index.get_level_values("sector") == "cà phê"]
    assert coffee["leased_ha"].round(9).tolist() == p2_ha
    assert coffee["projects_count"].tolist() == [1] * len(p2_ha)


def test_projects_without_a_row_or_a_sector_are_unknown() -> None:
    found = room.by_sector(estate(PROJECTS.iloc[:0]), on=ON)
    assert found.index.isna().all()
    assert found["leased_ha"].round(9).tolist() == [2.8]
    assert found["projects_count"].tolist() == [2]


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "is_listed"),
    [
        ("2015-01-01", "2018-03-31", False),  # ended: the day it ends it is let no longer
        ("2015-01-01", "2018-04-01", True),  # let on the day for the last time
        ("2015-01-01", "2018-09-29", True),
        ("2015-01-01", "2018-09-30", True),  # the horizon: no longer let on it
        ("2015-01-01", "2018-10-01", False),  # still let on the horizon
        ("2015-01-01", None, False),
        ("2018-03-31", "2018-06-01", True),  # let from the day on
        ("2018-04-01", "2018-06-01", False),  # not yet let
    ],
)
def test_leases_that_end_within_six_months(
    valid_from: str, valid_to: str | None, is_listed: bool
) -> None:
    entries = squares.ledger(("L", "leased", valid_from, valid_to))
    found = room.ending_leases(
        squares.around(squares.parcels("L"), ledger=entries), on=ON, months=6
    )
    assert len(found) == is_listed


@pytest.mark.parametrize(
    ("on", "months", "last_end"),
    [
        ("2018-03-31", 1, "2018-04-30"),
        ("2018-02-28", 1, "2018-03-31"),  # end of a month to end of a month
        ("2018-02-27", 1, "2018-03-27"),
        ("2018-01-30", 1, "2018-02-28"),
        ("2018-03-31", 12, "2019-03-31"),
    ],
)
def test_the_horizon(on: str, months: int, last_end: str) -> None:
    day_after = (pd.Timestamp(last_end) + pd.Timedelta(days=1)).date()
    for ends, is_listed in ((last_end, True), (str(day_after), False)):
        entries = squares.ledger(("L", "leased", "2015-01-01", ends))
        found = room.ending_leases(
            squares.around(squares.parcels("L"), ledger=entries), on=on, months=months
        )
        assert len(found) == is_listed


def test_ending_leases_tell_what_ends_and_what_goes_on() -> None:
    """Lot L is split on 1 June into M and N; P1 goes on on M, P2 does not. Q: half is let."""
    lots = squares.parcels("L", "M", "N", "Q")
    lots["valid_from"] = ["2010-01-01", "2018-06-01", "2018-06-01", "2010-01-01"]
    lots["valid_to"] = ["2018-06-01", None, None, None]
    lots["parents"] = [None, "L", "L", None]
    entries = squares.ledger(
        ("L", "leased", "2015-01-01", "2018-06-01", 0.4),
        ("L", "leased", "2015-01-01", "2018-06-01", 0.6),
        ("M", "leased", "2018-06-01"),
        ("Q", "leased", "2015-01-01", "2018-05-01", 0.5),
        ("Q", "leased", "2018-05-02", None, 0.5),  # a day later: the land was free
        project_id=["P1", "P2", "P1", "P3", "P3"],
        entry_id=["E1", "E2", "E3", "E4", "E5"],
    )
    found = room.ending_leases(squares.around(lots, ledger=entries), on=ON, months=3)
    assert found["entry"].tolist() == ["E4", "E1", "E2"]
    assert found["leased_ha"].tolist() == [0.5, 0.4, 0.6]
    assert found["continued_by"].fillna("").tolist() == ["", "E3", ""]
    assert found["zone_id"].tolist() == ["A"] * 3


def test_ending_leases_need_a_future() -> None:
    with pytest.raises(KcngeoError, match="months must be at least 1, not 0"):
        room.ending_leases(squares.around(squares.parcels("L")), on=ON, months=0)


def test_cleared_and_unlet() -> None:
    found = room.cleared_unlet(estate(), on=ON)
    assert found.index.tolist() == ["A"]
    assert found.loc["A"].to_dict() == pytest.approx(
        {
            "available_ha": 1.2,  # A8 and 0.2 of A2
            "reserved_ha": 0.5,  # the cleared half of A4
            "recovering_ha": 1.0,  # A5
            "cleared_unlet_ha": 2.7,  # not A6 (uncleared), not A7 (repurposed)
        }
    )


def test_cleared_and_unlet_closes_with_the_rate_on_cleared_land() -> None:
    found = room.cleared_unlet(estate(), on=ON)
    cleared = fill.fill_rate(estate(), on=ON, definition="cleared")
    # base 8 − 1.5 uncleared = 6.5; let 2.8; repurposed 1; unlet 2.7
    assert cleared["base_ha"].tolist() == [6.5]
    rest = cleared["base_ha"] - cleared["leased_ha"] - 1
    assert rest.tolist() == pytest.approx(found["cleared_unlet_ha"].tolist())


def test_a_spoilt_zone_is_missing_and_the_other_as_it_was() -> None:
    project = estate()
    twice = squares.ledger(("A8", "leased", "2016-01-01"), ("A8", "reserved", "2016-01-01"))
    zones = project.zones.assign(removed_on=None)
    project = replace(project, zones=zones)
    spoilt = replace(project, ledger=pd.concat([project.ledger, twice], ignore_index=True))
    other = project.only(["B"])
    for asked in (room.by_sector, room.cleared_unlet):
        with pytest.warns(KcngeoWarning, match="left out: A") as told:
            found = asked(spoilt, on=ON)
        assert len(told) == 1
        pd.testing.assert_frame_equal(found.dropna(), asked(other, on=ON))
    assert found.loc["A"].isna().all()
    with pytest.warns(KcngeoWarning, match="left out: A") as told:
        assert room.ending_leases(spoilt, on=ON, months=6).empty
    assert len(told) == 1


def test_sectors_need_projects() -> None:
    with pytest.raises(KcngeoError, match="needs the table projects"):
        room.by_sector(replace(estate(), projects=None), on=ON)


def test_inputs_stay_as_they_were() -> None:
    project = estate()
    kept = {name: frame.copy() for name, frame in project.tables()}
    room.by_sector(project, on=ON)
    room.ending_leases(project, on=ON, months=6)
    room.cleared_unlet(project, on=ON)
    for name, frame in project.tables():
        pd.testing.assert_frame_equal(pd.DataFrame(kept[name]), pd.DataFrame(frame))
