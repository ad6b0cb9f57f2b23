"""The edits between two states of a project: exactly those somebody made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point
from shapely.geometry import MultiPolygon

from kcngeo import Project, update
from kcngeo.core.errors import ContractError, CRSError
from tests import squares

RECORDED = "2018-01-05T00:00:00Z"


def project(**tables: Any) -> Project:
    """Three lots of 1 ha in zone A: one let, one reserved, one free."""
    frames = {
        "zones": squares.zones("A", name=["Lộc Sơn"]),
        "parcels": squares.parcels("P1", "P2", "P3", lot_code=["a", "b", None]),
        "ledger": squares.ledger(
            ("P1", "leased", "2018-01-01"),
            ("P2", "reserved", "2018-01-01"),
            entry_id=["e1", "e2"],
            recorded_at=RECORDED,
        ),
        **tables,
    }
    return Project(**frames)


def told(changes: update.Difference) -> list[tuple[str, str, str, str]]:
    edits = changes.edits
    return list(edits[["table", "kind", "id", "columns"]].itertuples(index=False, name=None))


def moved(frame: gpd.GeoDataFrame, row: int, shape: Any) -> gpd.GeoDataFrame:
    shapes = frame.geometry.to_numpy().copy()
    shapes[row] = shape
    return frame.set_geometry(shapes, crs=frame.crs)


def test_a_project_does_not_differ_from_itself() -> None:
    changes = update.difference(project(), project())
    assert changes.empty
    assert changes.cells.empty
    assert changes.findings == ()


def test_every_kind_of_edit_is_listed_with_its_areas() -> None:
    old = project()
    # P1 widened by 50 m to the east, P2 renumbered, P3 gone, P4 new: 1.5 ha, as it is now.
    parcels = squares.parcels("P1", "P2", "P4", lot_code=["a", "b2", "d"])
    parcels = moved(parcels, 0, squares.square(0, wide=1.5))
    parcels = moved(parcels, 2, squares.square(5, wide=1.5))
    changes = update.difference(old, project(parcels=parcels))
    assert told(changes) == [
        ("parcels", "added", "P4", ""),
        ("parcels", "removed", "P3", ""),
        ("parcels", "moved", "P1", "geometry"),
        ("parcels", "changed", "P2", "lot_code"),
    ]
    nan = np.nan
    assert changes.edits["area_before_m2"].fillna(-1).tolist() == [-1, 1e4, 1e4, 1e4]
    assert changes.edits["area_after_m2"].fillna(-1).tolist() == [1.5e4, -1, 1.5e4, 1e4]
    np.testing.assert_array_equal(changes.edits["moved_m"], [nan, nan, 50, 0])
    assert changes.edits["zone_id"].tolist() == ["A"] * 4
    assert changes.cells[["id", "column", "before", "after"]].to_numpy().tolist() == [
        ["P2", "lot_code", "b", "b2"]
    ]


def test_row_order_index_and_column_order_mean_nothing() -> None:
    old = project()
    shuffled = {
        name: frame.iloc[::-1, ::-1].set_index(pd.Index(range(90, 90 + len(frame))))
        for name, frame in old.tables()
    }
    assert update.difference(old, Project(**shuffled)).empty


def ring_turned(shape: Any) -> Any:
    points = shapely.get_coordinates(shape)[:-1]
    return shapely.Polygon(np.roll(points, 2, axis=0))


@pytest.mark.parametrize(
    "rewritten",
    [ring_turned, shapely.reverse, lambda shape: MultiPolygon([shape])],
    ids=["ring begins elsewhere", "ring runs backwards", "one part in a multi-part shape"],
)
def test_another_way_to_write_the_same_points_is_no_edit(rewritten: Any) -> None:
    old = project()
    other = moved(old.parcels, 1, rewritten(old.parcels.geometry.iloc[1]))
    assert other.geometry.iloc[1].wkb != old.parcels.geometry.iloc[1].wkb
    assert update.difference(old, replace(old, parcels=other)).empty


def test_a_vertex_moved_by_a_millimetre_is_an_edit() -> None:
    old = project()
    points = shapely.get_coordinates(old.parcels.geometry.iloc[1])
    points[2] += [0.001, 0]
    new = moved(old.parcels, 1, shapely.Polygon(points))
    changes = update.difference(old, replace(old, parcels=new))
    assert told(changes) == [("parcels", "moved", "P2", "geometry")]
    assert changes.edits["moved_m"].tolist() == pytest.approx([0.001])


def test_a_lot_renamed_in_place_is_changed_not_removed() -> None:
    old = project()
    parcels = squares.parcels("P1", "P2", "P9", lot_code=["a", "b", None])
    changes = update.difference(old, project(parcels=parcels))
    assert told(changes) == [("parcels", "changed", "P3", "parcel_id")]


def test_versions_of_a_parcel_are_told_apart_by_their_first_day() -> None:
    twice = {"valid_from": [None, "2020-01-01"], "valid_to": ["2020-01-01", None]}
    old = project(parcels=squares.parcels("P1", "P1", **twice))
    new = squares.parcels("P1", "P1", **twice, phase=[None, "2"])
    changes = update.difference(old, project(parcels=new))
    assert told(changes) == [("parcels", "changed", "P1", "phase")]
    assert changes.edits["old_row"].tolist() == [1]


LEDGER_EDITS = [
    # An end day given, a status corrected, an entry without id added, one taken away.
    ([("P1", "leased", "2018-01-01", "2019-01-01")], ["e1"], [("changed", "e1", "valid_to")]),
    ([("P1", "reserved", "2018-01-01")], ["e1"], [("changed", "e1", "status")]),
    ([("P1", "reserved", "2018-02-01")], ["e1"], [("changed", "e1", "status|valid_from")]),
    # Whoever types a ledger anew may leave the ids out.
    ([("P1", "reserved", "2018-01-01")], [None], [("changed", "e1", "status")]),
    ([("P1", "leased", "2018-01-01")], [None], []),
    # Another id says that it is another entry.
    (
        [("P1", "reserved", "2018-01-01")],
        ["e9"],
        [("added", "e9", ""), ("removed", "e1", "")],
    ),
    (
        [("P1", "leased", "2018-01-01"), ("P3", "leased", "2020-01-01")],
        ["e1", None],
        [("added", "P3 leased 2020-01-01–…", "")],
    ),
    ([], [], [("removed", "e1", "")]),
]


@pytest.mark.parametrize(("entries", "ids", "expected"), LEDGER_EDITS)
def test_entries_are_known_by_their_id_then_by_lot_status_and_day(
    entries: list[Any], ids: list[Any], expected: list[Any]
) -> None:
    old = project(ledger=squares.ledger(("P1", "leased", "2018-01-01"), entry_id=["e1"]))
    new = squares.ledger(*entries, entry_id=pd.array(ids, dtype="str"))
    changes = update.difference(old, project(ledger=new))
    assert told(changes) == [("ledger", *one) for one in expected]
    # An entry has no zone of its own: it lies in that of its lot.
    assert set(changes.edits["zone_id"]) <= {"A"}


def test_equal_rows_are_counted_not_merged() -> None:
    wells = gpd.GeoDataFrame(
        {"kind": ["well"] * 3}, geometry=[Point(5e5, 1.27e6)] * 3, crs=squares.CRS
    )
    changes = update.difference(project(context=wells), project(context=wells.iloc[:1]))
    assert told(changes) == [("context", "removed", "well", "")] * 2


def test_superseded_rows_are_not_compared_but_may_not_be_touched() -> None:
    rows = squares.ledger(
        ("P1", "reserved", "2018-01-01"),
        ("P1", "leased", "2018-01-01"),
        entry_id="e1",
        recorded_at=["2018-01-05T00:00:00Z", "2018-02-05T00:00:00Z"],
        superseded_at=["2018-02-05T00:00:00Z", None],
    )
    old = project(ledger=rows)
    assert update.difference(old, project(ledger=rows)).findings == ()
    # A workbook holds no history; none is lost by that.
    current = rows.iloc[[1]].drop(columns=["recorded_at", "superseded_at"])
    changes = update.difference(old, project(ledger=current))
    assert (changes.empty, changes.findings) == (True, ())
    rewritten = rows.assign(status=["leased", "leased"])
    for touched, count in ((rewritten, 2), (rows.iloc[[1]], 1)):
        changes = update.difference(old, project(ledger=touched))
        assert changes.empty
        assert [(one.rule, one.fields["count"]) for one in changes.findings] == [
            ("history_edited", count)
        ]
        assert "keeps them as they were" in changes.findings[0].message()


def test_what_the_edited_project_leaves_out_is_not_edited_and_said() -> None:
    wells = gpd.GeoDataFrame({"kind": ["well"]}, geometry=[Point(5e5, 1.27e6)], crs=squares.CRS)
    old = project(context=wells)
    new = project(parcels=squares.parcels("P1", "P2", "P3"))
    changes = update.difference(old, new)
    assert changes.empty
    assert [(one.rule, one.table) for one in changes.findings] == [
        ("columns_absent", "parcels"),
        ("table_absent", "context"),
    ]
    assert "lot_code" in changes.findings[0].message("vi")


def test_a_table_without_shapes_leaves_the_shapes_alone() -> None:
    old = project()
    sheet = pd.DataFrame(old.parcels.drop(columns="geometry")).assign(lot_code=["a", "b", "c"])
    changes = update.difference(old, {"parcels": sheet})
    assert told(changes) == [("parcels", "changed", "P3", "lot_code")]
    assert changes.edits["area_after_m2"].tolist() == [1e4]
    assert {one.rule for one in changes.findings} == {"table_absent"}


def test_times_of_recording_typed_by_hand_have_no_effect_and_that_is_said() -> None:
    old = project()
    ledger = squares.ledger(
        ("P1", "leased", "2018-01-01"),
        ("P2", "reserved", "2018-01-01"),
        ("P3", "leased", "2018-01-01"),
        entry_id=["e1", "e2", "e3"],
        recorded_at=[RECORDED, "2017-01-01T00:00:00Z", "2017-01-01T00:00:00Z"],
    )
    changes = update.difference(old, replace(old, ledger=ledger))
    assert told(changes) == [("ledger", "added", "e3", "")]
    assert [(one.rule, one.ids) for one in changes.findings] == [
        ("recorded_at_edited", ("e2", "e3"))
    ]


def test_breaches_of_the_edited_tables_are_listed_at_once() -> None:
    new = project(
        zones=squares.zones("A", stage=["open"]),
        ledger=squares.ledger(("P1", "let", "2018-01-01")),
    )
    with pytest.raises(ContractError, match="2 problems"):
        update.difference(project(), new)


def test_another_crs_is_refused() -> None:
    old = project()
    with pytest.raises(CRSError, match="zones layer is in EPSG:5899, edited zones layer in"):
        update.difference(old, replace(old, zones=old.zones.to_crs("EPSG:9218")))


def test_inputs_are_not_changed() -> None:
    old, new = project(), project(parcels=squares.parcels("P1"))
    before = [frame.copy() for one in (old, new) for _, frame in one.tables()]
    update.difference(old, new)
    after = [frame for one in (old, new) for _, frame in one.tables()]
    for one, other in zip(before, after, strict=True):
        pd.testing.assert_frame_equal(one, other)


rows = st.lists(
    st.tuples(
        st.sampled_from(["P1", "P2", "P3"]),
        st.sampled_from(["leased", "reserved", "uncleared"]),
        st.sampled_from(["2018-01-01", "2019-01-01"]),
        st.sampled_from([None, "2020-01-01"]),
    ),
    max_size=6,
)


@settings(max_examples=15)
@given(one=rows, other=rows)
def test_every_row_that_is_not_equal_is_in_exactly_one_edit(
    one: list[Any], other: list[Any]
) -> None:
    edits = update.difference(
        project(ledger=squares.ledger(*one)), project(ledger=squares.ledger(*other))
    ).edits
    # Counted independently: what is left when equal rows are struck out pair by pair.
    left = list(one)
    right = [row for row in other if row not in left or left.remove(row)]
    assert edits["old_row"].notna().sum() == len(left)
    assert edits["new_row"].notna().sum() == len(right)
    gone = [one[row] for row in edits["old_row"].dropna()]
    assert sorted(map(str, gone)) == sorted(map(str, left))
    back = update.difference(
        project(ledger=squares.ledger(*other)), project(ledger=squares.ledger(*one))
    ).edits
    kinds, turned = edits["kind"].value_counts(), back["kind"].value_counts()
    assert kinds.get("added", 0) == turned.get("removed", 0)
    assert kinds.get("changed", 0) == turned.get("changed", 0)
