"""Neighbours by a users' table, on lots of 100 m: P and Q touch, R lies 100 m beyond, S 1 km.

H lies half a metre beyond R.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from kcngeo import Project, conflicts
from kcngeo.core.errors import ContractError, CRSError, KcngeoError, KcngeoWarning
from tests import squares
from tests.squares import CRS, ledger, square

ON = "2018-03-31"
LOTS = gpd.GeoDataFrame(
    {"parcel_id": list("PQRSH"), "zone_id": "A", "land_use": "industrial"},
    geometry=[square(column) for column in (0, 1, 3, 14, 4.005)],
    crs=CRS,
)
PROJECTS = pd.DataFrame(
    {
        "project_id": ["tea", "bricks", "dye", "none"],
        "sector": ["food", "materials", "textile", None],
        "hazard_class": [None, "III", "II", None],
    }
)


def held(**projects: str) -> pd.DataFrame:
    """A ledger that lets lots to projects."""
    rows = [(parcel, "leased", "2018-01-01") for parcel in projects]
    return ledger(*rows, project_id=list(projects.values()))


def ask(entries: pd.DataFrame, *rows: dict[str, Any], on: str = ON) -> gpd.GeoDataFrame:
    snapshot = squares.around(LOTS, ledger=entries, projects=PROJECTS)
    return conflicts.incompatible_neighbours(snapshot, pd.DataFrame(list(rows)), on=on)


FOOD = {"sector": "food", "other_class": "III", "required_m": None, "source": "board, Art. 9"}


def pairs(found: gpd.GeoDataFrame) -> list[tuple[str, str]]:
    judged = found[found["state"] == "conflict"]
    return list(zip(judged["parcel_id"], judged["neighbour_id"], strict=True))


def test_food_beside_class_three() -> None:
    found = ask(held(P="tea", Q="bricks", R="bricks", H="tea"), FOOD)
    row = found[found["state"] == "conflict"].iloc[0]
    assert pairs(found) == [("P", "Q")]  # R touches neither Q nor H
    assert (row["sector"], row["neighbour_sector"], row["neighbour_class"]) == (
        "food",
        "materials",
        "III",
    )
    assert (row["distance_m"], row["source"], row["zone_id"]) == (0.0, "board, Art. 9", "A")
    assert row["geometry"].equals(square(0))


@pytest.mark.parametrize(
    ("required_m", "found"),
    [
        (None, []),  # must not touch: 100 m lie between
        (99.0, []),
        (100.0, []),  # exactly there
        (101.0, [("Q", "R")]),
        (2000.0, [("Q", "R"), ("Q", "S")]),
    ],
)
def test_with_a_distance(required_m: float | None, found: list[tuple[str, str]]) -> None:
    entries = held(Q="tea", R="bricks", S="bricks")
    assert pairs(ask(entries, {**FOOD, "required_m": required_m})) == found


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"other_sector": "textile", "other_class": None}, [("P", "Q")]),
        ({"other_sector": "textile", "other_class": "II"}, [("P", "Q")]),
        ({"other_sector": "textile", "other_class": "III"}, []),
        ({"other_sector": "materials", "other_class": None}, []),
    ],
)
def test_a_row_may_name_a_sector_a_class_or_both(
    row: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    assert pairs(ask(held(P="tea", Q="dye"), {**FOOD, **row})) == found


def test_rows_are_sorted_and_numbered_whatever_the_order_of_the_rules() -> None:
    found = ask(held(P="tea", Q="bricks"), *(FOOD | {"source": source} for source in "ba"))
    judged = found[found["state"] == "conflict"]
    assert judged["source"].tolist() == ["a", "b"]
    assert found.index.tolist() == list(range(len(found)))


def test_two_projects_on_one_lot_are_neighbours_and_a_project_is_not_its_own() -> None:
    entries = ledger(
        ("P", "leased", "2018-01-01", None, 0.5),
        ("P", "leased", "2018-01-01", None, 0.5),
        ("Q", "leased", "2018-01-01"),
        project_id=["tea", "bricks", "tea"],
    )
    row = {"sector": "food", "other_sector": "food", "other_class": None}
    # Food beside food: both lots are of one project.
    assert pairs(ask(entries, {**FOOD, **row})) == []
    assert pairs(ask(entries, FOOD)) == [("P", "P"), ("Q", "P")]


@pytest.mark.parametrize(
    ("on", "found"),
    [
        ("2017-12-31", []),
        ("2018-01-01", [("P", "Q")]),
        ("2018-12-31", [("P", "Q")]),
        ("2019-01-01", []),
    ],
)
def test_only_who_holds_the_lots_on_the_day(on: str, found: list[tuple[str, str]]) -> None:
    entries = held(P="tea", Q="bricks")
    entries["valid_to"] = ["2019-01-01", None]
    assert pairs(ask(entries, FOOD, on=on)) == found


def test_who_has_no_sector_or_class_is_listed() -> None:
    found = ask(held(P="tea", Q="none", R="unheard-of"), FOOD)
    unrated = found[found["state"] == "unrated"]
    assert unrated[["parcel_id", "why_unrated"]].to_numpy().tolist() == [
        ["P", "hazard_class"],
        ["Q", "hazard_class"],
        ["Q", "sector"],
        ["R", "hazard_class"],
        ["R", "sector"],
    ]
    # A table that does not go by class does not ask for it.
    plain = ask(held(P="tea"), {"sector": "food", "other_sector": "textile"})
    assert plain.empty
    assert list(plain.columns) == list(found.columns)


def test_a_bad_table_is_refused_whole() -> None:
    with pytest.raises(ContractError) as caught:
        ask(
            held(P="tea"),
            {**FOOD, "sector": None},
            {"sector": "food"},
            {**FOOD, "required_m": -5.0},
            {**FOOD, "required_m": 0.0},
            {**FOOD, "required_m": "far"},
        )
    words = {one.rule: one.ids for one in caught.value.problems}
    assert words == {
        "sector_missing": ("row 0",),
        "other_missing": ("row 1",),
        "sector_distance": ("row 2", "row 3", "row 4"),
    }


def test_lots_need_a_crs() -> None:
    bare = gpd.GeoDataFrame(LOTS.drop(columns="geometry"), geometry=list(LOTS.geometry))
    project = Project(
        zones=squares.zones("A"), parcels=bare, ledger=held(P="tea"), projects=PROJECTS
    )
    with pytest.raises(CRSError, match="parcels layer has no CRS"):
        conflicts.incompatible_neighbours(project, pd.DataFrame([FOOD]), on=ON)


def test_there_are_no_neighbours_without_a_table_of_projects() -> None:
    with pytest.raises(KcngeoError, match="needs the table projects"):
        conflicts.incompatible_neighbours(squares.around(LOTS), pd.DataFrame([FOOD]), on=ON)


def test_a_zone_at_fault_is_left_out_and_the_other_is_not() -> None:
    # T and U stand alone in zone B; V overlaps U, so nobody knows who stands where there.
    more = gpd.GeoDataFrame(
        {"parcel_id": list("TUV"), "zone_id": "B", "land_use": "industrial"},
        geometry=[square(0, 1), square(1, 1), square(1.5, 1)],
        crs=CRS,
    )
    lots = pd.concat([LOTS, more], ignore_index=True)
    entries = held(P="tea", Q="bricks", T="tea", U="bricks")
    project = Project(
        zones=squares.zones("A", "B"), parcels=lots, ledger=entries, projects=PROJECTS
    )
    with pytest.warns(KcngeoWarning, match="left out: B") as told:
        found = conflicts.incompatible_neighbours(project, pd.DataFrame([FOOD]), on=ON)
    assert len(told) == 1
    assert pairs(found) == [("P", "Q")]
    with pytest.raises(ContractError, match="U × V"):
        project.as_known()


def test_who_held_a_lot_by_a_row_superseded_later_is_still_a_neighbour() -> None:
    entries = held(P="tea", Q="bricks").assign(
        recorded_at=pd.Timestamp("2018-01-01", tz="UTC"),
        superseded_at=[pd.NaT, pd.Timestamp("2018-06-01", tz="UTC")],
    )
    project = Project(zones=squares.zones("A"), parcels=LOTS, ledger=entries, projects=PROJECTS)
    table = pd.DataFrame([FOOD])
    before = conflicts.incompatible_neighbours(project.as_known("2018-05-01"), table, on=ON)
    assert pairs(before) == [("P", "Q")]
    assert pairs(conflicts.incompatible_neighbours(project, table, on=ON)) == []
