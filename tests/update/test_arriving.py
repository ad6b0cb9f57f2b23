"""Rows that arrive: what they do not mention stays, digits a spreadsheet drops are put back."""

from __future__ import annotations

import pandas as pd
import pytest

from kcngeo import Project, update
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
