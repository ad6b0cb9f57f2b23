"""Stages of the land, how long they take, and the legal clocks: squares and days by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

import kcngeo as kcn
from kcngeo.analysis.progress.deadlines import _read_since
from kcngeo.core.errors import KcngeoError
from tests import squares

ON = "2018-03-31"
LOTS = ("P1", "P2", "P3", "P4", "P5", "P6")
# P1 not cleared, P2 free, P3 reserved, P4 let and idle, P5 let and building, P6 let and operating
ENTRIES = (
    ("P1", "uncleared", "2010-01-01"),
    ("P3", "reserved", "2017-01-01"),
    ("P4", "leased", "2016-01-01"),
    ("P5", "leased", "2016-01-01"),
    ("P6", "leased", "2016-01-01"),
)
HOLDS = {"project_id": [None, None, "D4", "D5", "D6"]}
PROJECTS = pd.DataFrame(
    {
        "project_id": ["D4", "D5", "D6"],
        "handed_over_on": "2016-01-01",
        "building_on": [None, "2017-01-01", "2016-07-01"],
        "operating_on": [None, None, "2017-07-01"],
    }
)


def estate(**columns: Any) -> tuple[Any, ...]:
    entries = squares.ledger(*ENTRIES, **(HOLDS | columns))
    return squares.zones("A"), squares.parcels(*LOTS), entries


def road(done_on: str = "2015-01-01") -> gpd.GeoDataFrame:
    """Everything that level 4 needs, along the three lots in the west."""
    x, y = squares.EAST, squares.NORTH
    kinds = ["road", "power", "water", "wastewater", "drainage"]
    return gpd.GeoDataFrame(
        {
            "work_id": [f"W-{kind}" for kind in kinds],
            "zone_id": "A",
            "kind": kinds,
            "done_on": done_on,
        },
        geometry=[LineString([(x, y - 20), (x + 260, y - 20)])] * len(kinds),
        crs=squares.CRS,
    )


def test_every_stage_by_hand() -> None:
    row = kcn.progress.stage_funnel(
        squares.known(*estate(), projects=PROJECTS, works=road()), on=ON
    ).loc[("A", ON)]
    shown = {stage: row[f"{stage}_ha"] for stage in kcn.progress.STAGES}
    # Serviced: P2 and P3 are cleared and served; P1 is not cleared, P4 to P6 are out of reach.
    assert shown == {
        "planned": 6, "cleared": 5, "serviced": 2, "taken": 4, "leased": 3, "building": 2,
        "operating": 1,
    }  # fmt: skip
    assert row["reserved_ha"] == 1
    assert row["serviced_taken_ha"] == 1  # P3
    rates = row[[name for name in row.index if name.endswith("_share")]]
    assert rates.tolist() == pytest.approx([5 / 6, 2 / 5, 1 / 2, 3 / 4, 2 / 3, 1 / 2])


def test_what_is_not_given_is_missing_not_zero() -> None:
    row = kcn.progress.stage_funnel(squares.known(*estate()), on=ON).loc[("A", ON)]
    missing = ["serviced_ha", "serviced_taken_ha", "building_ha", "operating_ha"]
    assert row[missing].isna().all()
    assert row["leased_ha"] == 3


def test_leases_of_unknown_projects_are_told() -> None:
    unknown = estate(project_id=[None, None, None, "D99", "D6"])
    row = kcn.progress.stage_funnel(squares.known(*unknown, projects=PROJECTS), on=ON).loc[
        ("A", ON)
    ]
    assert (row["leased_unknown_ha"], row["building_ha"]) == (2, 1)
    assert row["building_share"] == 1  # of the one hectare whose project is known


def test_where_no_lease_names_a_known_project_nothing_is_said_of_building() -> None:
    # 0.1 + 0.2 + 0.25 ha added one by one are a little less than the 0.55 ha that are let.
    entries = [("P1", "leased", "2016-01-01", None, part_ha) for part_ha in (0.1, 0.2, 0.25)]
    tables = (squares.zones("A"), squares.parcels("P1"), squares.ledger(*entries))
    given_ = squares.known(*tables, projects=PROJECTS, works=road())
    row = kcn.progress.stage_funnel(given_, on=ON).loc[("A", ON)]
    assert row[["leased_unknown_ha", "serviced_taken_ha"]].tolist() == pytest.approx([0.55, 0.55])
    assert pd.isna(row["building_share"])


def test_who_operates_has_built() -> None:
    projects = pd.DataFrame({"project_id": ["D4"], "operating_on": [ON]})
    row = kcn.progress.stage_funnel(squares.known(*estate(), projects=projects), on=ON).loc[
        ("A", ON)
    ]
    assert (row["building_ha"], row["operating_ha"]) == (1, 1)


@pytest.mark.parametrize(
    ("on", "building", "operating"),
    [
        ("2016-06-30", 0, 0),
        ("2016-07-01", 1, 0),
        ("2017-06-30", 2, 0),
        ("2017-07-01", 2, 1),
    ],
)
def test_a_stage_begins_on_its_day(on: str, building: int, operating: int) -> None:
    row = kcn.progress.stage_funnel(squares.known(*estate(), projects=PROJECTS), on=on).loc[
        ("A", on)
    ]
    assert (row["building_ha"], row["operating_ha"]) == (building, operating)


def test_several_dates_and_zones_that_do_not_count() -> None:
    zones, parcels, ledger = estate()
    zones = zones.assign(established_on="2016-01-01")
    dates = ["2018-03-31", "2015-12-31", "2016-01-01"]
    found = kcn.progress.stage_funnel(
        squares.known(zones, parcels, ledger, projects=PROJECTS), on=dates
    )
    assert [str(on.date()) for _, on in found.index] == ["2016-01-01", "2018-03-31"]
    one = kcn.progress.stage_funnel(
        squares.known(zones, parcels, ledger, projects=PROJECTS), on=pd.Timestamp(ON)
    )
    pd.testing.assert_frame_equal(found.loc[[("A", ON)]], one)


@settings(max_examples=12)
@given(
    status=st.lists(
        st.sampled_from(["leased", "reserved", "uncleared", "recovering", None]),
        min_size=6,
        max_size=6,
    ),
    project=st.lists(st.sampled_from(["D4", "D5", "D6", None]), min_size=6, max_size=6),
    order=st.permutations(range(6)),
)
def test_stages_nest_and_agree_with_the_account(
    status: list[str | None], project: list[str | None], order: list[int]
) -> None:
    rows = [(lot, one, "2016-01-01") for lot, one in zip(LOTS, status, strict=True) if one]
    rows.append(("P1", "uncleared", "2009-01-01", "2009-02-01"))
    names = [who for who, one in zip(project, status, strict=True) if one]
    ledger = squares.ledger(*rows, project_id=pd.array([*names, None], dtype="str"))
    tables = (squares.zones("A"), squares.parcels(*LOTS), ledger)
    funnel = kcn.progress.stage_funnel(
        squares.known(*tables, projects=PROJECTS, works=road()), on=ON
    )
    shuffled = (tables[0], tables[1].iloc[order], ledger.iloc[::-1])
    again = kcn.progress.stage_funnel(
        squares.known(*shuffled, projects=PROJECTS.iloc[::-1], works=road()), on=ON
    )
    pd.testing.assert_frame_equal(funnel, again)
    row, account = (
        funnel.loc[("A", ON)],
        kcn.fill.land_account(squares.known(*tables), on=ON).loc["A"],
    )
    assert row["planned_ha"] == account["base_ha"]
    assert row["planned_ha"] - row["cleared_ha"] == account["uncleared_ha"]
    assert row["taken_ha"] == account["leased_ha"] + account["reserved_ha"]
    assert row["leased_ha"] == account["leased_ha"]
    for outer, inner in (
        ("planned", "cleared"), ("cleared", "serviced"), ("taken", "leased"),
        ("leased", "building"), ("building", "operating"), ("serviced", "serviced_taken"),
    ):  # fmt: skip
        assert row[f"{inner}_ha"] <= row[f"{outer}_ha"]
    assert row["building_ha"] + row["leased_unknown_ha"] <= row["leased_ha"]


# ---- how long it takes --------------------------------------------------------------------------
def test_dwell_times_by_hand() -> None:
    ledger = squares.ledger(
        ("P1", "uncleared", "2016-01-01", "2016-01-31"),  # 30 days
        ("P1", "reserved", "2016-02-10", "2016-03-01"),  # 20 days, then let
        ("P1", "leased", "2016-03-01"),  # 30 days after it was cleared (2016 has a 29 February)
        ("P2", "uncleared", "2016-01-01", "2016-04-10"),  # 100 days, free since: 720 days
        ("P2", "reserved", "2017-01-01", "2017-02-01"),  # lapsed
        ("P3", "uncleared", "2018-03-01"),  # 30 days so far
        ("P4", "reserved", "2018-03-21"),  # 10 days so far
        project_id=[None, None, "D6", None, None, None, None],
    )
    found = kcn.progress.dwell_times(
        squares.around(squares.parcels(*LOTS), ledger=ledger, projects=PROJECTS), on=ON
    ).loc["A"]
    assert found.index.tolist() == list(kcn.progress.STEPS)
    assert found["done_count"].tolist() == [2, 1, 1, 1, 1]
    # D6: handed over 1 January 2016, building from 1 July, operating a year later
    assert found["median_days"].tolist() == [65, 30, 20, 182, 365]
    assert found["longest_days"].tolist() == [100, 30, 20, 182, 365]
    assert found["waiting_count"].tolist() == [1, 1, 1, 0, 0]
    assert found["waiting_median_days"].tolist()[:3] == [30, 720, 10]


@pytest.mark.parametrize(
    ("on", "done", "waiting"),
    [("2015-12-31", 0, 0), ("2016-01-01", 0, 1), ("2016-01-30", 0, 1), ("2016-01-31", 1, 0)],
)
def test_a_step_is_done_on_the_day_it_ends(on: str, done: int, waiting: int) -> None:
    ledger = squares.ledger(("P1", "uncleared", "2016-01-01", "2016-01-31"))
    row = kcn.progress.dwell_times(squares.around(squares.parcels("P1"), ledger=ledger), on=on).loc[
        ("A", "clearing")
    ]
    assert (row["done_count"], row["waiting_count"]) == (done, waiting)


@pytest.mark.parametrize(("on", "waiting"), [("2017-01-31", 1), ("2017-02-01", 0)])
def test_a_reservation_that_lapses_is_no_step_from_the_day_it_ends(on: str, waiting: int) -> None:
    ledger = squares.ledger(("P1", "reserved", "2017-01-01", "2017-02-01"))
    row = kcn.progress.dwell_times(squares.around(squares.parcels("P1"), ledger=ledger), on=on).loc[
        ("A", "reserved")
    ]
    assert (row["done_count"], row["waiting_count"]) == (0, waiting)


def test_nobody_waits_for_land_that_is_given_up() -> None:
    parcels = squares.parcels("P1", valid_to="2017-01-01")
    ledger = squares.ledger(("P1", "uncleared", "2010-01-01", "2017-01-01"))
    found = kcn.progress.dwell_times(squares.around(parcels, ledger=ledger), on=ON)
    assert found["done_count"].sum() == found["waiting_count"].sum() == 0
    before = kcn.progress.dwell_times(squares.around(parcels, ledger=ledger), on="2016-12-31")
    assert before.loc[("A", "clearing"), "waiting_count"] == 1


# ---- the legal clocks ---------------------------------------------------------------------------
def clocks(
    on: str,
    *,
    months: int = 6,
    law_on: str | None = None,
    until: str | None = None,
    laws: Any = None,
    **dates: Any,
) -> pd.DataFrame:
    """Clocks of one project that holds lot P1 of 1 ha."""
    projects = pd.DataFrame({"project_id": ["D1"], **{name: [one] for name, one in dates.items()}})
    ledger = squares.ledger(("P1", "leased", "2020-01-01", until), project_id="D1")
    given_ = (squares.zones("A"), squares.parcels("P1"), ledger)
    found = kcn.progress.idle_clocks(
        squares.known(*given_, projects=projects), on=on, months=months, law_on=law_on, laws=laws
    )
    return found.set_index("clock")


@pytest.mark.parametrize(
    ("clock", "extended", "on", "state", "days_left"),
    [
        # Handed over on 15 December 2024: twelve months, 365 days.
        ("unused", None, "2024-12-14", None, None),
        ("unused", None, "2024-12-15", "running", 365),
        ("unused", None, "2025-12-14", "running", 1),
        ("unused", None, "2025-12-15", "running", 0),
        ("unused", None, "2025-12-16", "over", -1),
        ("unused", None, "2035-12-15", "over", -3652),  # open: nothing but use or the lease ends it
        ("unused", "2026-06-30", "2025-12-15", "running", 197),
        ("unused", "2026-06-30", "2025-12-16", "extended", 196),
        ("unused", "2026-06-30", "2026-06-30", "extended", 0),
        ("unused", "2026-06-30", "2026-07-01", "over", -1),
        # Due on 1 July 2025: 24 months, 730 days; one extension of at most 24 more, 731 days.
        ("behind_schedule", None, "2025-06-30", None, None),
        ("behind_schedule", None, "2025-07-01", "running", 730),
        ("behind_schedule", None, "2027-06-30", "running", 1),
        ("behind_schedule", None, "2027-07-01", "running", 0),
        ("behind_schedule", None, "2027-07-02", "over", -1),
        ("behind_schedule", "2029-07-01", "2027-07-02", "extended", 730),
        ("behind_schedule", "2029-07-02", "2029-07-01", "extended", 0),
        ("behind_schedule", "2029-07-02", "2029-07-02", "over", -1),
    ],
)
def test_each_clock_on_the_days_around_its_ends(
    clock: str, extended: str | None, on: str, state: str | None, days_left: int | None
) -> None:
    since = {"unused": "handed_over_on", "behind_schedule": "due_on"}[clock]
    first = {"unused": "2024-12-15", "behind_schedule": "2025-07-01"}[clock]
    found = clocks(on, extended_until=extended, law_on="2024-08-01", **{since: first})
    found = found[found["since"].notna()]
    if state is None:
        assert found.empty
        return
    assert found.loc[clock, ["state", "days_left"]].tolist() == [state, days_left]


@pytest.mark.parametrize(("on", "count"), [("2025-09-30", 1), ("2025-10-01", 0)])
def test_a_clock_ends_with_the_lease(on: str, count: int) -> None:
    found = clocks(on, until="2025-10-01", handed_over_on="2024-12-15", due_on="2030-01-01")
    assert len(found) == count


def test_what_was_let_after_the_hand_over_is_told() -> None:
    entries = squares.ledger(
        ("P1", "leased", "2024-12-15"), ("P2", "leased", "2024-12-16", None, 0.25),
        project_id=["D1", "D1"],
    )  # fmt: skip
    projects = pd.DataFrame({"project_id": ["D1"], "handed_over_on": ["2024-12-15"],
                             "due_on": ["2025-01-01"]})  # fmt: skip
    given_ = (squares.zones("A"), squares.parcels("P1", "P2"), entries)
    found = kcn.progress.idle_clocks(
        squares.known(*given_, projects=projects), on="2025-03-01"
    ).set_index("clock")
    assert found["leased_ha"].tolist() == pytest.approx([1.25, 1.25])
    assert found.loc["unused", "let_later_ha"] == pytest.approx(0.25)
    assert pd.isna(found.loc["behind_schedule", "let_later_ha"])


def test_a_law_of_ones_own_goes_first_and_an_extension_without_a_limit_counts() -> None:
    shipped = kcn.standards.clocks()
    own = replace(shipped[0], name="own", months=6, verified="unverified")
    dates = {"handed_over_on": "2024-12-15", "extended_until": "2030-01-01"}
    row = clocks("2025-07-01", laws=(*shipped, own), **dates).loc["unused"]
    assert (row["rule"], row["ends_on"]) == ("own", pd.Timestamp("2025-06-15"))
    assert row["extended_to"] == pd.Timestamp("2027-06-15")
    alone = clocks("2025-07-01", laws=(own,), **dates).loc["unused"]
    assert (alone["state"], alone["remark"]) == ("extended", "extension_unlimited")
    assert (alone["extended_to"], alone["days_left"]) == (pd.Timestamp("2030-01-01"), 1645)
    assert pd.isna(alone["latest_on"])


def test_twelve_months_from_hand_over() -> None:
    row = clocks("2025-12-15", handed_over_on="2024-12-15").loc["unused"]
    assert (row["ends_on"], row["latest_on"]) == (
        pd.Timestamp("2025-12-15"),
        pd.Timestamp("2027-12-15"),
    )
    assert (row["rule"], row["verified"], row["leased_ha"]) == ("idle-unused", "official", 1)


@pytest.mark.parametrize(
    ("on", "state"),
    [("2025-12-15", "running"), ("2025-12-16", "extended"), ("2026-06-30", "extended"),
     ("2026-07-01", "over")],
)  # fmt: skip
def test_an_extension_counts_to_its_last_day(on: str, state: str) -> None:
    row = clocks(on, handed_over_on="2024-12-15", extended_until="2026-06-30").loc["unused"]
    assert row["state"] == state
    assert row["extended_to"] == pd.Timestamp("2026-06-30")


def test_no_extension_goes_beyond_twenty_four_months() -> None:
    row = clocks("2026-01-01", handed_over_on="2024-12-15", extended_until="2030-01-01")
    row = row.loc["unused"]
    assert row["extended_to"] == pd.Timestamp("2027-12-15")
    assert row["remark"] == "extension_cut"
    for until in ("2025-01-01", "2025-12-15"):  # earlier than the term itself, and its last day
        none = clocks("2025-06-01", handed_over_on="2024-12-15", extended_until=until)
        assert pd.isna(none.loc["unused", "extended_to"])
    whole = clocks("2026-01-01", handed_over_on="2024-12-15", extended_until="2027-12-15")
    assert pd.isna(whole.loc["unused", "remark"])  # as long as the law allows


@pytest.mark.parametrize(
    ("on", "listed"), [("2025-06-30", False), ("2025-07-01", True), ("2027-06-30", True)]
)
def test_behind_schedule_from_the_day_it_was_due(on: str, listed: bool) -> None:
    found = clocks(on, handed_over_on="2024-01-01", building_on="2024-06-01", due_on="2025-07-01")
    assert found.index.tolist() == (["behind_schedule"] if listed else [])
    if listed:
        assert found.loc["behind_schedule", "ends_on"] == pd.Timestamp("2027-07-01")


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ({"building_on": "2025-03-01"}, ["behind_schedule"]),
        ({"building_on": "2025-03-02"}, ["behind_schedule", "unused"]),  # builds tomorrow
        ({"operating_on": "2025-03-01"}, []),
        ({"building_on": "2024-01-01", "operating_on": "2024-08-01"}, []),
    ],
)
def test_use_stops_a_clock(dates: dict[str, str], expected: list[str]) -> None:
    found = clocks("2025-03-01", handed_over_on="2024-12-15", due_on="2025-01-01", **dates)
    assert sorted(found.index) == expected


@pytest.mark.parametrize(
    ("on", "soon"),
    [
        ("2025-06-14", False),
        ("2025-06-15", True),  # six months ahead, to the day
        ("2025-12-15", True),
        ("2025-12-16", False),  # over already
    ],
)
def test_clocks_that_run_out_within_the_months_ahead(on: str, soon: bool) -> None:
    assert bool(clocks(on, handed_over_on="2024-12-15").loc["unused", "ends_soon"]) is soon


def test_the_law_of_2013_has_the_same_figures_and_its_clocks_run_on() -> None:
    dates = {"handed_over_on": "2023-01-15", "due_on": "2023-06-01"}
    old, new = clocks("2024-07-31", **dates), clocks("2024-08-01", **dates)
    assert old["rule"].to_dict() == {"unused": "idle-2013", "behind_schedule": "idle-2013-behind"}
    assert new["rule"].to_dict() == {"unused": "idle-unused", "behind_schedule": "idle-behind"}
    assert (set(old["verified"]), set(new["verified"])) == ({"secondary"}, {"official"})
    for found in (old, new):
        # Twelve months from 15 January 2023; 24 months from 1 June 2023, one extension of 24 more.
        assert found["state"].to_dict() == {"unused": "over", "behind_schedule": "running"}
        assert found.loc["unused", "ends_on"] == pd.Timestamp("2024-01-15")
        assert found.loc["behind_schedule", "ends_on"] == pd.Timestamp("2025-06-01")
        assert found.loc["behind_schedule", "latest_on"] == pd.Timestamp("2027-06-01")
        assert found["remark"].isna().all()


@pytest.mark.parametrize(("on", "law"), [("2014-06-30", None), ("2014-07-01", "idle-2013")])
def test_nothing_was_read_of_the_time_before_the_law_of_2013(on: str, law: str | None) -> None:
    # The law of the day is taken; a lease of 2020 is not asked for here.
    row = clocks("2020-01-01", law_on=on, handed_over_on="2019-12-15").loc["unused"]
    assert (None if pd.isna(row["rule"]) else row["rule"]) == law
    assert row["state"] == ("unknown" if law is None else "running")
    assert row["remark"] == "no_law" or law is not None


def clock_of_2013(on: str, extended: str | None = None) -> pd.Series:
    """The clock of land handed over on 1 December 2013, half a year before the law of 2013."""
    row = {"clock": "unused", "since": pd.Timestamp("2013-12-01")}
    granted = pd.NaT if extended is None else pd.Timestamp(extended)
    ledger = squares.ledger(("P1", "leased", "2013-12-01"), project_id="D1")
    projects = pd.DataFrame(
        {"project_id": ["D1"], "handed_over_on": [row["since"]], "extended_until": [granted]}
    )
    tables = squares.known(squares.zones("A"), squares.parcels("P1"), ledger, projects=projects)
    return kcn.progress.idle_clocks(tables, on=on).set_index("clock").loc["unused"]


@pytest.mark.parametrize(
    ("on", "extended", "state", "ends_on"),
    [
        # Twelve months from 1 December 2013, or from 1 July 2014 when the law began: between the
        # two ends it is not known, outside of them it is.
        ("2014-12-01", None, "running", "2015-07-01"),
        ("2014-12-02", None, "unknown", None),
        ("2015-07-01", None, "unknown", None),
        ("2015-07-02", None, "over", "2015-07-01"),
        # One extension of 24 months: to 1 December 2016, or to 1 July 2017.
        ("2016-12-01", "2017-07-01", "extended", "2015-07-01"),
        ("2016-12-02", "2017-07-01", "unknown", None),
        ("2017-07-02", "2017-07-01", "over", "2015-07-01"),
    ],
)
def test_a_clock_that_began_before_the_first_law_read(
    on: str, extended: str | None, state: str, ends_on: str | None
) -> None:
    row = clock_of_2013(on, extended)
    assert (row["state"], row["remark"]) == (state, "began_before_law")
    assert pd.isna(row["ends_on"]) if ends_on is None else row["ends_on"] == pd.Timestamp(ends_on)


def test_a_law_is_read_since_its_first_figure_for_the_same_event() -> None:
    first, later, figured, date = "2014-07-01", "2018-01-01", 12, dt.date.fromisoformat
    laws: Any = [
        SimpleNamespace(event=event, months=months, in_force_from=since and date(since))
        for event, months, since in (
            ("unused", None, first), ("unused", figured, later), ("unused", figured, "2020-01-01"),
            ("behind_schedule", figured, first),
            ("undated", figured, None), ("undated", figured, later),
        )
    ]  # fmt: skip
    since = [_read_since(laws, event) for event in ("unused", "behind_schedule", "undated", "none")]
    assert since == [*map(pd.Timestamp, (later, first)), *[pd.Timestamp.min] * 2]


def test_what_nobody_entered_is_listed_as_unknown() -> None:
    found = clocks("2025-03-01")
    assert found["remark"].to_dict() == {
        "unused": "no_hand_over",
        "behind_schedule": "no_due_date",
    }
    assert found["days_left"].isna().all()
    assert found["ends_soon"].isna().all()
    with pytest.raises(KcngeoError, match="months must be at least 1"):
        clocks("2025-03-01", months=0)


def test_months_of_different_length() -> None:
    leap = clocks("2025-01-01", handed_over_on="2024-02-29")
    assert leap.loc["unused", "ends_on"] == pd.Timestamp("2025-02-28")


def test_only_let_land_is_listed() -> None:
    found = kcn.progress.idle_clocks(
        squares.known(*estate(), projects=PROJECTS), on=ON, law_on="2024-08-01"
    )
    # D4 holds P4 and never built; D5 builds and has no due date; D6 operates.
    unused = found[found["clock"] == "unused"]
    assert unused[["project_id", "parcel_ids", "leased_ha"]].to_numpy().tolist() == [
        ["D4", "P4", 1.0]
    ]
    empty = kcn.progress.idle_clocks(squares.known(*estate(), projects=PROJECTS.iloc[:0]), on=ON)
    assert empty.empty
    assert list(empty.columns) == list(found.columns)
