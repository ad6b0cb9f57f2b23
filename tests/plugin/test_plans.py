"""What a step would write, on plain rows: what goes on, what is refused, and the days of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "plugin"))
from kcngeo_qgis.editing.correcting import correct
from kcngeo_qgis.editing.merging import merge
from kcngeo_qgis.editing.plan import FID, Plan, RefusedError, Row
from kcngeo_qgis.editing.splitting import split
from kcngeo_qgis.editing.tenure import hand_back, lease

DAY = "2018-03-10"


def lot(name: str, since: str = "2010-01-01", until: str | None = None, **more: Any) -> Row:
    said = {"parcel_id": name, "zone_id": "A", "land_use": "industrial", "parents": None}
    return {FID: sum(map(ord, name)), **said, "valid_from": since, "valid_to": until, **more}


def entry(name: str, of: str, status: str = "leased", **more: Any) -> Row:
    said = {"valid_from": "2012-01-01", "valid_to": None, "part_area_ha": None}
    both = {"project_id": "D", "document": "No. 1", "superseded_at": None}
    return {FID: sum(map(ord, name)), "entry_id": name, "parcel_id": of, "status": status} | (
        said | both | more
    )


def added(plan: Plan, table: str) -> list[Row]:
    return [values for name, values, _ in plan.added if name == table]


def changed(plan: Plan, table: str) -> list[Row]:
    return [values for name, _, values in plan.changes if name == table]


# The day a row ends it holds no more; a lot that begins on the day cannot end on it.
@pytest.mark.parametrize(
    ("since", "until", "reason"),
    [
        ("2018-03-09", None, None),
        ("2018-03-10", None, "begins_then"),
        ("2018-03-11", None, "not_then"),
        ("2010-01-01", "2018-03-11", None),
        ("2010-01-01", "2018-03-10", "not_then"),
        ("2010-01-01", "2018-03-09", "not_then"),
    ],
)
def test_the_day_a_lot_may_be_split(since: str, until: str | None, reason: str | None) -> None:
    lots = [lot("P", since, until)]
    if reason is None:
        plan = split(lots, [], lot_id="P", day=DAY, pieces=2)
        assert changed(plan, "parcels") == [{"valid_to": DAY}]
        assert [one["valid_to"] for one in added(plan, "parcels")] == [until, until]
    else:
        with pytest.raises(RefusedError, match=reason):
            split(lots, [], lot_id="P", day=DAY, pieces=2)


@pytest.mark.parametrize(
    ("code", "of_pieces"),
    [("P", ["P-1", "P-2"]), ("I", ["I", "I"]), (None, [None, None])],
    ids=["that of the lot", "that of a block", "none"],
)
def test_a_code_that_named_the_lot_names_the_piece(code: str | None, of_pieces: list[Any]) -> None:
    plan = split([lot("P", lot_code=code)], [], lot_id="P", day=DAY, pieces=2)
    assert [one["lot_code"] for one in added(plan, "parcels")] == of_pieces


def test_a_whole_entry_goes_on_in_every_piece_and_a_part_in_one() -> None:
    ledger = [
        entry("E1", "P", part_area_ha=0.4),
        entry("E2", "P", "uncleared"),
        entry("E3", "P", valid_to=DAY),  # it has ended that day
        entry("E4", "P", valid_from="2018-03-11", part_area_ha=0.1),  # it begins later
        entry("E5", "Q"),
        entry("E6", "P", superseded_at="2018-01-01T00:00:00Z"),
    ]
    lots = [lot("P", certificate_area_m2=1e4), lot("P-1"), lot("Q")]
    plan = split(lots, ledger, lot_id="P", day=DAY, pieces=2, parts={"E1": "P-3", "": "P-2"})
    # P-1 is there already, and no id is ever given twice.
    assert [one["parcel_id"] for one in added(plan, "parcels")] == ["P-2", "P-3"]
    assert all(one["certificate_area_m2"] is None for one in added(plan, "parcels"))
    assert all(one["parents"] == "P" for one in added(plan, "parcels"))
    fresh = [
        (one["entry_id"], one["parcel_id"], one["valid_from"]) for one in added(plan, "ledger")
    ]
    assert fresh == [("E1-1", "P-3", DAY), ("E2-1", "P-2", DAY), ("E2-2", "P-3", DAY)]
    assert changed(plan, "ledger") == [{"valid_to": DAY}, {"valid_to": DAY}, {"parcel_id": "P-2"}]
    with pytest.raises(RefusedError, match="where_part"):
        split(lots, ledger, lot_id="P", day=DAY, pieces=2)


def test_lots_are_merged_only_where_nobody_loses_his_share() -> None:
    lots = [lot("P"), lot("Q"), lot("G", land_use="green")]
    whole = [entry("E1", "P"), entry("E2", "Q")]
    plan = merge(lots, whole, lot_ids=["Q", "P"], new_lot="R", day=DAY)
    (new,) = added(plan, "parcels")
    assert (new["parents"], new["valid_from"], new["land_use"]) == ("P|Q", DAY, "industrial")
    (one,) = added(plan, "ledger")
    assert (one["parcel_id"], one["valid_from"], one["entry_id"]) == ("R", DAY, "E1-1")
    parts = [entry("E1", "P", part_area_ha=0.3), entry("E2", "Q", project_id="X", part_area_ha=0.2)]
    kept = added(merge(lots, parts, lot_ids=["P", "Q"], new_lot="R", day=DAY), "ledger")
    assert [(one["project_id"], one["part_area_ha"]) for one in kept] == [("D", 0.3), ("X", 0.2)]
    for ledger, reason in (
        (whole[:1], "other_holders"),
        ([whole[0], entry("E2", "Q", project_id="X")], "other_holders"),
        ([whole[0], entry("E2", "Q", document="No. 2")], "which_document"),
        ([whole[0], entry("E2", "Q", valid_from=DAY)], "later_entry"),
    ):
        with pytest.raises(RefusedError, match=reason):
            merge(lots, ledger, lot_ids=["P", "Q"], new_lot="R", day=DAY)
    for ids, name, reason in (
        (["P", "G"], "R", "not_alike"),
        (["P", "P"], "R", "too_few"),
        (["P", "Q"], "G", "id_taken"),
    ):
        with pytest.raises(RefusedError, match=reason):
            merge(lots, [], lot_ids=ids, new_lot=name, day=DAY)


def test_who_may_take_a_lot() -> None:
    lots, projects = [lot("P")], [{FID: 1, "project_id": "W", "premises": "workshop"}]
    plan = lease(lots, [], projects, lot_id="P", day=DAY, project_id="N", investor="New")
    assert added(plan, "projects") == [{"project_id": "N", "investor": "New"}]
    reserved = [entry("E1", "P", "reserved")]
    plan = lease(lots, reserved, [], lot_id="P", day=DAY, ends_reservation=True)
    assert changed(plan, "ledger") == [{"valid_to": DAY}]
    part = [entry("E1", "P", part_area_ha=0.4)]
    assert added(lease(lots, part, [], lot_id="P", day=DAY, part_area_ha=0.2), "ledger")
    # A tenant of a workshop holds no land, and what is not cleared may be let.
    let = [entry("E1", "P")]
    assert added(lease(lots, let, projects, lot_id="P", day=DAY, project_id="W"), "ledger")
    assert added(lease(lots, [entry("E1", "P", "uncleared")], [], lot_id="P", day=DAY), "ledger")
    ended = [entry("E1", "P", valid_to=DAY)]
    assert added(lease(lots, ended, [], lot_id="P", day=DAY), "ledger")
    later = [entry("E1", "P", valid_from="2018-04-01")]
    assert added(lease(lots, later, [], lot_id="P", day=DAY, until="2018-04-01"), "ledger")
    for ledger, more, reason in (
        (let, {}, "held"),
        (reserved, {}, "held"),
        (part, {}, "held"),
        (later, {"until": "2018-04-02"}, "held"),
        ([], {"until": DAY}, "ends_before"),
        ([], {"project_id": "N"}, "no_project"),
    ):
        with pytest.raises(RefusedError, match=reason):
            lease(lots, ledger, projects, lot_id="P", day=DAY, **more)


def test_the_day_a_lot_is_handed_back_it_is_held_no_more() -> None:
    for since, reason in (("2018-03-09", None), (DAY, "entry_begins"), ("2018-03-11", "nobody")):
        ledger = [entry("E1", "P", valid_from=since), entry("E2", "P", "uncleared")]
        if reason is None:
            plan = hand_back(ledger, lot_id="P", day=DAY, after="recovering")
            assert changed(plan, "ledger") == [{"valid_to": DAY}]
            (after,) = added(plan, "ledger")
            assert (after["status"], after["valid_from"]) == ("recovering", DAY)
        else:
            with pytest.raises(RefusedError, match=reason):
                hand_back(ledger, lot_id="P", day=DAY)
    parts = [entry("E1", "P", part_area_ha=0.4), entry("E2", "P", part_area_ha=0.2)]
    with pytest.raises(RefusedError, match="which_entry"):
        hand_back(parts, lot_id="P", day=DAY)
    plan = hand_back(parts, lot_id="P", day=DAY, entry_id="E2")
    assert plan.changes[0][1] == parts[1][FID]


def test_a_correction_changes_what_was_said_and_no_more() -> None:
    lots, ledger = [lot("P", lot_code="I")], [entry("E1", "P")]
    said = {"lot_id": "P", "lot_values": {"lot_code": "II"}, "entry_id": "E1"}
    plan = correct(lots, ledger, day=DAY, **said, entry_values={"valid_to": "2018-03-11"})
    assert [values for *_, values in plan.changes] == [
        {"lot_code": "II"},
        {"valid_to": "2018-03-11"},
    ]
    for more, reason in (
        ({"entry_id": "E9", "entry_values": {"document": "A"}}, "no_entry"),
        ({"entry_id": "E1", "entry_values": {"valid_to": "2012-01-01"}}, "ends_before"),
        ({"lot_id": "P", "lot_values": {"colour": "red"}}, "no_column"),
        ({}, "nothing_to_correct"),
    ):
        with pytest.raises(RefusedError, match=reason):
            correct(lots, ledger, day=DAY, **more)
