"""Clearance and resettlement: counted by hand on squares of 1 ha."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import translate

import kcngeo as kcn
from kcngeo.analysis.progress.adjacency import adjoining
from kcngeo.core.errors import ContractError
from tests import squares

ON = "2018-03-31"


def pieces(*rows: dict[str, Any]) -> gpd.GeoDataFrame:
    """Pieces of land to be cleared; each named GP-1, GP-2, … in zone A unless it says otherwise."""
    named = [
        {"clearance_id": f"GP-{number}", "zone_id": "A", "area_ha": 1.0, **row}
        for number, row in enumerate(rows, start=1)
    ]
    shapes = [squares.square(number) for number in range(len(rows))]
    return gpd.GeoDataFrame(pd.DataFrame(named), geometry=shapes, crs=squares.CRS)


def cleared(table: gpd.GeoDataFrame, *uncleared: str, lots: str = "P", on: str = ON, **more: Any):
    """Progress of zone A with lots P1 to P5, of which some are not cleared by the ledger."""
    parcels = squares.parcels(*(f"{lots}{number}" for number in range(1, 6)))
    entries = [(lot, "uncleared", "2010-01-01") for lot in uncleared] or [
        ("P1", "leased", "2010-01-01")
    ]
    return kcn.progress.clearance_progress(
        squares.known(squares.zones("A"), parcels, squares.ledger(*entries), clearance=table),
        on=on,
        **more,
    )


def test_households_hectares_and_money_by_zone() -> None:
    table = pieces(
        {"households": 3, "planned_vnd": 900.0, "paid_vnd": 900.0, "handed_over_on": "2017-05-01"},
        {"households": 5, "planned_vnd": 600.0, "paid_vnd": 150.0, "due_on": "2017-12-31"},
        {"households": 2, "planned_vnd": 500.0, "paid_vnd": 0.0, "due_on": "2018-12-31"},
    )
    row = cleared(table).zones.loc["A"]
    assert (row["pieces_count"], row["pieces_done_count"]) == (3, 1)
    assert (row["households_count"], row["households_done_count"]) == (10, 3)
    assert (row["pieces_ha"], row["handed_over_ha"]) == (3, 1)
    assert row["handed_over_share"] == pytest.approx(1 / 3)
    # 900 + 150 + 0 of 900 + 600 + 500
    assert (row["planned_vnd"], row["paid_vnd"], row["paid_share"]) == (2000, 1050, 0.525)
    assert (row["overdue_count"], row["overdue_ha"]) == (1, 1)
    assert pd.isna(row["incomplete"])


def test_counts_that_are_whole_numbers_with_gaps_are_summed_or_missing() -> None:
    # As a store reads them: whole numbers, one of them missing.
    table = pieces({"households": 3, "plots_needed": 2}, {"households": None, "plots_needed": 1})
    table = table.astype({"households": "Int64", "plots_needed": "Int64"})
    row = cleared(table).zones.loc["A"]
    assert pd.isna(row["households_count"])
    assert "households" in row["incomplete"]
    known = cleared(table.assign(households=pd.array([3, 4], dtype="Int64"))).zones.loc["A"]
    assert known["households_count"] == 7


@pytest.mark.parametrize(
    ("on", "done", "overdue"),
    [
        ("2018-03-30", 0, 0),  # the day before it is handed over; due today at the latest
        ("2018-03-31", 1, 0),  # handed over on the day
        ("2018-04-01", 1, 0),
    ],
)
def test_a_piece_is_done_from_the_day_of_its_hand_over(on: str, done: int, overdue: int) -> None:
    table = pieces({"handed_over_on": "2018-03-31", "due_on": "2018-03-30"})
    row = cleared(table, on=on).zones.loc["A"]
    assert (row["pieces_done_count"], row["overdue_count"]) == (done, overdue)


@pytest.mark.parametrize(
    ("on", "overdue"), [("2018-03-30", 0), ("2018-03-31", 0), ("2018-04-01", 1)]
)
def test_a_piece_is_overdue_from_the_day_after_it_was_due(on: str, overdue: int) -> None:
    row = cleared(pieces({"due_on": "2018-03-31"}), on=on).zones.loc["A"]
    assert (row["overdue_count"], row["overdue_ha"]) == (overdue, overdue)


def test_a_missing_figure_leaves_its_sum_missing_and_says_so() -> None:
    row = cleared(pieces({"households": 3, "paid_vnd": 5.0}, {"paid_vnd": 7.0})).zones.loc["A"]
    assert pd.isna(row["households_count"])
    assert row["paid_vnd"] == 12
    assert pd.isna(row["paid_share"])
    assert row["incomplete"] == "households|planned_vnd"
    # Of a plan of nothing no share is paid, whatever was.
    unplanned = pieces({"households": 3, "planned_vnd": 0.0, "paid_vnd": 5.0})
    assert pd.isna(cleared(unplanned).zones.loc["A", "paid_share"])
    small = pieces({"area_ha": 0.5, "handed_over_on": "2017-01-01"})
    assert cleared(small).zones.loc["A", "handed_over_share"] == 1.0


def test_shortages_of_plots_are_added_piece_by_piece() -> None:
    area = {"receptor_id": "R1"}
    table = pieces(
        {**area, "plots_needed": 4, "plots_ready": 1, "households": 6},  # 3 short
        {**area, "plots_needed": 1, "plots_ready": 3, "households": 1},  # 2 too many: kept for it
        {**area, "plots_needed": 2, "plots_ready": 2, "households": 2, "handed_over_on": ON},
        {"households": 9},  # not resettled
    )
    found = cleared(table).resettlement
    assert found.index.tolist() == ["R1"]
    row = found.loc["R1"]
    assert (row["plots_needed_count"], row["plots_ready_count"]) == (7, 6)
    assert row["plots_short_count"] == 3
    assert row["households_waiting_count"] == 7
    assert row["zone_ids"] == "A"


def test_what_a_piece_would_join() -> None:
    # P1 vacant | P2 vacant | P3 not cleared | P4 vacant | P5 not cleared
    table = pieces({"parcel_id": "P3", "households": 4, "planned_vnd": 10.0, "paid_vnd": 4.0})
    land = cleared(table, "P3", "P5").blocking
    assert land.index.tolist() == ["P3", "P5"]
    # P3: itself, the two hectares to its west, the one to its east
    first = land.loc["P3"]
    assert first[["own_ha", "adjoining_ha", "adjoining_parts_count"]].tolist() == [1, 3, 2]
    assert (first["unlocked_ha"], first["gain_ha"]) == (4, 2)  # 2 ha more than the 2 there are
    assert (first["clearance_ids"], first["households_count"]) == ("GP-1", 4)
    assert first["unpaid_vnd"] == 6
    # P5: itself and P4, which P3 parts from the rest
    assert land.loc["P5", ["unlocked_ha", "gain_ha"]].tolist() == [2, 1]
    assert pd.isna(land.loc["P5", "clearance_ids"])


def test_of_several_pieces_of_a_lot_one_gap_leaves_the_sum_missing() -> None:
    row = {"parcel_id": "P3", "households": 4, "planned_vnd": 10.0, "paid_vnd": 4.0}
    table = pieces(row | {"due_on": "2019-01-01"}, row | {"due_on": "2018-12-31"})
    both = cleared(table, "P3").blocking.loc["P3"]
    assert (both["clearance_ids"], both["households_count"], both["unpaid_vnd"]) == (
        "GP-1|GP-2",
        8,
        12,
    )
    assert both["due_on"] == pd.Timestamp("2018-12-31")
    gap = cleared(table.assign(households=[4, None], paid_vnd=[None, 4.0]), "P3").blocking.loc["P3"]
    assert gap[["households_count", "unpaid_vnd"]].isna().all()


def test_free_parts_of_part_let_lots_are_unlocated() -> None:
    parcels = squares.parcels("P1", "P2", "P3")
    entries = squares.ledger(
        ("P1", "uncleared", "2010-01-01", None, 0.75),  # 0.25 ha of it is free, nobody drew where
        ("P2", "leased", "2010-01-01", None, 0.6),  # 0.4 ha free
        ("P3", "leased", "2010-01-01"),
    )
    land = kcn.progress.clearance_progress(
        squares.known(squares.zones("A"), parcels, entries, clearance=pieces({"parcel_id": "P1"})),
        on=ON,
    ).blocking
    row = land.loc["P1"]
    assert row[["own_ha", "adjoining_ha", "unlocked_ha"]].tolist() == [0.75, 0, 0.75]
    assert row["unlocated_ha"] == pytest.approx(0.65)


@pytest.mark.parametrize(
    ("east_m", "north_m", "adjoins"),
    [
        (100, 0, True),
        (100, 98.95, True),  # 1.05 m together
        (100, 99.05, False),  # 0.95 m together
        (100, 100, False),  # a corner
        (100.05, 0, True),  # 5 cm apart: two surveys of one edge
        (100.2, 0, False),
        (112, 0, False),  # a road between them
    ],
)
def test_lots_adjoin_along_an_edge(east_m: float, north_m: float, adjoins: bool) -> None:
    one = squares.square(0)
    frame = gpd.GeoDataFrame(geometry=[one, translate(one, east_m, north_m)], crs=squares.CRS)
    left, right = adjoining(frame, contact_m=1.0)
    assert list(zip(left, right, strict=True)) == ([(0, 1)] if adjoins else [])


def test_clearance_and_ledger_contradict_each_other() -> None:
    table = pieces(
        {"parcel_id": "P1", "handed_over_on": "2017-01-01"},  # uncleared by the ledger
        {"parcel_id": "P2"},  # open, cleared by the ledger
        {"parcel_id": "P3"},
    )
    found = cleared(table, "P1", "P3", "P4").findings  # P4 has no piece
    assert {one.rule: one.ids for one in found} == {
        "cleared_not_in_ledger": ("P1",),
        "cleared_in_ledger_only": ("P2",),
        "uncleared_without_piece": ("P4",),
    }
    assert all(one.zone_ids == ("A",) for one in found)
    assert "P4" in found[-1].message("vi")


def test_a_table_that_breaks_its_contract_is_refused() -> None:
    with pytest.raises(ContractError, match="households"):
        cleared(pieces({"households": 2.5}))


@settings(max_examples=12)
@given(
    uncleared=st.sets(st.sampled_from(["P1", "P2", "P3", "P4", "P5"]), min_size=1),
    order=st.permutations(range(5)),
)
def test_order_of_rows_changes_nothing_and_no_piece_unlocks_more_than_there_is(
    uncleared: set[str], order: list[int]
) -> None:
    parcels = squares.parcels("P1", "P2", "P3", "P4", "P5")
    entries = squares.ledger(*((lot, "uncleared", "2010-01-01") for lot in sorted(uncleared)))
    found, again = (
        kcn.progress.clearance_progress(
            squares.known(squares.zones("A"), rows, entries, clearance=pieces({"parcel_id": "P1"})),
            on=ON,
        ).blocking
        for rows in (parcels, parcels.iloc[order])
    )
    pd.testing.assert_frame_equal(pd.DataFrame(found), pd.DataFrame(again))
    vacant_ha = 5 - len(uncleared)
    assert (found["unlocked_ha"] <= vacant_ha + 1).all()
    assert (found["gain_ha"] >= found["own_ha"]).all()
    assert found["own_ha"].sum() == len(uncleared)
