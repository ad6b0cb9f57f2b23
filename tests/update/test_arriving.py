"""Rows that arrive: what they do not mention stays, digits a spreadsheet drops are put back."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from kcngeo import Project, fill, update
from kcngeo.core.errors import ContractError
from tests import squares


def project() -> Project:
    return Project(
        zones=squares.zones("A"),
        parcels=squares.parcels("A1", "A2", "A3", phase=["1", "1", "2"]),
        ledger=squares.ledger(
            ("A1", "leased", "2016-01-01", "2066-01-01", 0.1 + 0.2),
            ("A2", "leased", "2017-01-01"),
            project_id=["p", "q"],
            floors=pd.Series([1, 2], dtype="Int64"),
        ),
    )


def edits(changes: update.Difference) -> list[tuple[str, str, str]]:
    return [tuple(row) for row in changes.edits[["table", "kind", "columns"]].fillna("").to_numpy()]


def test_new_rows_are_added_and_the_others_stay():
    rows = squares.ledger(("A3", "reserved", "2018-01-01"))
    changes = update.arriving(project(), {"ledger": rows})
    assert edits(changes) == [("ledger", "added", "")]
    after = update.apply(project(), update.arriving(project(), {"ledger": rows}))
    assert after.ledger["parcel_id"].tolist() == ["A1", "A2", "A3"]
    assert after.ledger["project_id"].fillna("–").tolist() == ["p", "q", "–"]
    assert after.ledger["recorded_at"].notna().tolist() == [False, False, True]


def test_a_column_that_does_not_arrive_is_kept():
    rows = squares.ledger(("A2", "leased", "2017-01-01", "2020-01-01"))
    changes = update.arriving(
        project(), {"ledger": rows[["parcel_id", "status", "valid_from", "valid_to"]]}
    )
    assert edits(changes) == [("ledger", "changed", "valid_to")]
    assert changes.findings == ()
    after = update.apply(project(), changes)
    assert after.ledger["project_id"].tolist() == ["p", "q", "q"]
    assert after.ledger["floors"].tolist() == [1, 2, 2]


def test_rows_on_record_arrive_again_without_an_edit():
    assert update.arriving(project(), {"ledger": project().ledger}).empty
    assert update.arriving(project(), {"parcels": project().parcels.iloc[[2, 0]]}).empty


@pytest.mark.parametrize(
    ("part_ha", "is_edit"),
    [(0.3, False), (0.30000000000000004, False), (0.300000000001, True), (0.31, True)],
)
def test_digits_beyond_the_fifteenth_are_no_edit(part_ha: float, is_edit: bool):
    # 0.1 + 0.2 is 0.30000000000000004; a spreadsheet keeps 0.3
    rows = project().ledger.assign(part_area_ha=[part_ha, None])
    changes = update.arriving(project(), {"ledger": rows})
    assert changes.empty is not is_edit
    assert project().ledger["part_area_ha"].iloc[0] == 0.1 + 0.2


def test_columns_of_the_users_own_take_their_old_type():
    rows = project().ledger.assign(floors=[1.0, 2.0])
    assert update.arriving(project(), {"ledger": rows}).empty
    rows = project().ledger.assign(floors=["1", "two"])
    assert not update.arriving(project(), {"ledger": rows}).empty


def test_a_whole_table_tells_of_missing_rows_and_removes_them_only_when_asked():
    rows = project().ledger.iloc[:1]
    kept = update.arriving(project(), {"ledger": rows}, whole=["ledger"])
    assert kept.empty
    assert [(one.rule, one.fields["count"]) for one in kept.findings] == [("arriving_kept", 1)]
    gone = update.arriving(project(), {"ledger": rows}, whole=["ledger"], remove=True)
    assert edits(gone) == [("ledger", "removed", "")]
    none_left = update.arriving(project(), {"ledger": rows.iloc[:0]}, whole=["ledger"])
    assert none_left.empty
    assert none_left.findings[0].fields["count"] == 2
    # rows of a list are never the whole table
    assert update.arriving(project(), {"ledger": rows}, remove=True).empty


def test_shapes_arrive_beside_those_that_are_there():
    lots = squares.parcels("A1", "A9", phase=["1", "3"]).rename_geometry("shape")
    lots.loc[1, "shape"] = squares.square(5)
    changes = update.arriving(project(), {"parcels": lots})
    assert edits(changes) == [("parcels", "added", "")]
    after = update.apply(project(), changes)
    assert after.parcels["parcel_id"].tolist() == ["A1", "A2", "A3", "A9"]
    assert after.parcels.geometry.iloc[3].equals(squares.square(5))


def test_breaches_are_listed():
    rows = squares.ledger((None, "let", "2018-01-01"))
    with pytest.raises(ContractError, match=r"parcel_id is missing[\s\S]*status holds let"):
        update.arriving(project(), {"ledger": rows})


def test_a_table_the_project_does_not_have():
    rows = pd.DataFrame({"project_id": ["p"], "investor": ["An"]})
    changes = update.arriving(project(), {"projects": rows}, whole=["projects"])
    assert edits(changes) == [("projects", "added", "")]


def halves(*, right: float = 50.0) -> gpd.GeoDataFrame:
    """A3 of 100 m × 100 m cut into a left half and a right part, whose width is given."""
    lots = project().parcels
    west, south, *_ = lots[lots["parcel_id"] == "A3"].total_bounds
    shapes = [
        shapely.box(west, south, west + 50, south + 100),
        shapely.box(west + 50, south, west + 50 + right, south + 100),
    ]
    said = {"parcel_id": ["A3L", "A3R"], "zone_id": "A", "land_use": "industrial", "phase": "2"}
    return gpd.GeoDataFrame({**said, "parents": "A3"}, geometry=shapes, crs=squares.CRS)


def test_lots_end_that_arriving_lots_name_as_their_parents():
    changes = update.arriving(project(), {"parcels": halves()}, parents_end=True)
    # 1 ha before, two times half a hectare after.
    (told,) = changes.findings
    assert (told.rule, str(told.severity), told.ids) == ("parents_end", "note", ("A3",))
    assert "A3; 1.00 ha before, 1.00 ha after" in told.message()
    after = update.apply(project(), changes, valid_from="2018-05-01")
    known = after.as_known().parcels.set_index("parcel_id")
    assert known.loc["A3", "valid_to"] == pd.Timestamp("2018-05-01")
    assert known.loc[["A3L", "A3R"], "valid_from"].tolist() == [pd.Timestamp("2018-05-01")] * 2
    bases = [
        fill.land_account(after, on=day)["base_ha"].item() for day in ("2018-04-30", "2018-05-01")
    ]
    assert bases == [3.0, 3.0]


def test_children_smaller_than_their_parents_are_a_warning_with_the_hectares():
    # 50 m + 30 m of 100 m: 0.2 ha would leave the account without a word.
    changes = update.arriving(project(), {"parcels": halves(right=30.0)}, parents_end=True)
    (told,) = changes.findings
    assert (told.rule, str(told.severity)) == ("parents_end", "warning")
    assert "1.00 ha before, 0.80 ha after" in told.message()


def test_parents_stay_where_nobody_says_that_they_end():
    changes = update.arriving(project(), {"parcels": halves()})
    assert edits(changes) == [("parcels", "added", "")] * 2
    with pytest.raises(ContractError, match="overlap"):
        update.apply(project(), changes, valid_from="2018-05-01")


def test_a_parent_that_has_ended_before_ends_no_second_time():
    divided = update.apply(
        project(),
        update.arriving(project(), {"parcels": halves()}, parents_end=True),
        valid_from="2018-05-01",
    )
    third = halves(right=40.0).iloc[[1]].assign(parcel_id="A3X", parents="A3|A3R")
    changes = update.arriving(divided, {"parcels": third}, parents_end=True)
    assert [one.ids for one in changes.findings if one.rule == "parents_end"] == [("A3R",)]
