"""Why a rate moved: each cause by hand on squares of 1 ha, and the laws of the decomposition."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kcngeo as kcn
from kcngeo import fill, standards
from kcngeo.analysis import change
from kcngeo.analysis.change import causes as causes_of_change
from kcngeo.core.dates import DateError
from kcngeo.core.errors import ContractError, KcngeoError, KcngeoWarning
from tests import squares

SAMPLE = Path(__file__).parents[2] / "data/parcels/two_zones.gpkg"
START, END = "2018-03-31", "2022-03-31"
ON = "2020-01-01"


def test_tenures_are_named_by_what_they_do_to_the_land_let() -> None:
    # To the square millimetre.
    named = {code: name for name, code in causes_of_change._CODES.items()}
    found = causes_of_change._of_tenure(np.array([1.0, 0.0, -1.0]))
    assert [named[code] for code in found] == ["lease_begun", "other_tenure", "lease_ended"]


def explained(
    parcels: gpd.GeoDataFrame, entries: pd.DataFrame, *, definition: str = "nd164-2013", **more: Any
) -> change.Change:
    zones = more.pop("zones", squares.zones("A"))
    return change.explain(
        kcn.Project(zones=zones, parcels=parcels, ledger=entries),
        start=START,
        end=END,
        definition=definition,
        **more,
    )


def causes(found: change.Change) -> dict[str, float]:
    """The causes of zone A that are not 0."""
    row = found.effects.loc["A", list(change.CAUSES)]
    return {name: float(value) for name, value in row.items() if value}


def test_a_lease_begun_and_one_ended() -> None:
    parcels = squares.parcels("P", "Q", "R", "S")
    entries = squares.ledger(
        ("P", "leased", "2015-01-01", ON),
        ("Q", "leased", "2021-01-01"),
        ("R", "leased", "2021-01-01"),
        entry_id=["e1", "e2", "e3"],
    )
    found = explained(parcels, entries)
    # 1 of 4 ha before, 2 of 4 after: two begun, one ended.
    assert found.effects.loc["A", ["rate_start", "rate_end", "change"]].to_list() == [
        0.25,
        0.5,
        0.25,
    ]
    assert found.effects.loc["A", ["numerator_effect", "base_effect"]].to_list() == [0.25, 0.0]
    assert causes(found) == {"lease_begun": 0.5, "lease_ended": -0.25}
    rows = found.entries[["cause", "parcel_ids", "entries", "leased_change_ha", "effect"]]
    assert rows.to_numpy().tolist() == [
        ["lease_ended", "P", "e1", -1.0, -0.25],
        ["lease_begun", "Q", "e2", 1.0, 0.25],
        ["lease_begun", "R", "e3", 1.0, 0.25],
    ]


@pytest.mark.parametrize(
    ("begins", "counts"),
    [("2018-03-31", False), ("2018-04-01", True), ("2022-03-31", True), ("2022-04-01", False)],
)
def test_what_begins_in_the_period_counts_its_first_day_not_its_start(
    begins: str, *, counts: bool
) -> None:
    found = explained(squares.parcels("P"), squares.ledger(("P", "leased", begins)))
    assert len(found.entries) == counts


def test_a_base_that_shrinks_raises_the_rate() -> None:
    # Q becomes green: 1 of 2 ha, then 1 of 1.
    parcels = squares.parcels(
        "P",
        "Q",
        "Q",
        use=["industrial", "industrial", "green"],
        valid_from=[None, None, ON],
        valid_to=[None, ON, None],
    )
    found = explained(parcels, squares.ledger(("P", "leased", "2015-01-01")))
    row = found.effects.loc["A"]
    assert (row["numerator_effect"], row["base_effect"], row["change"]) == (0.0, 0.5, 0.5)
    assert causes(found) == {"change_of_use": 0.5}


def test_let_land_that_changes_use_moves_both() -> None:
    # P is let and becomes green: L 2 → 1, B 4 → 3. ΔL/B1 = −1/4; −L2·ΔB/(B1·B2) = 1/12.
    parcels = squares.parcels(
        "P",
        "P",
        "Q",
        "R",
        "S",
        use=["industrial", "green", "industrial", "industrial", "industrial"],
        valid_from=[None, ON, None, None, None],
        valid_to=[ON, None, None, None, None],
    )
    entries = squares.ledger(("P", "leased", "2015-01-01"), ("Q", "leased", "2015-01-01"))
    found = explained(parcels, entries)
    assert causes(found) == {"change_of_use": pytest.approx(-1 / 4 + 1 / 12)}
    assert found.effects.loc["A", "change"] == pytest.approx(1 / 3 - 1 / 2)


def test_a_resurvey_keeps_the_share_that_is_let() -> None:
    # P is measured anew, 1 ha → 2 ha, half of it let before and after.
    parcels = squares.parcels("P", "P", "Q", valid_from=[None, ON, None], valid_to=[ON, None, None])
    parcels.loc[1, "geometry"] = squares.square(5, wide=2)
    entries = squares.ledger(("P", "leased", "2015-01-01", ON, 0.5), ("P", "leased", ON, None, 1.0))
    found = explained(parcels, entries)
    # L 0.5 → 1, B 2 → 3: 0.5/2 − 1·1/(2·3).
    assert causes(found) == {"resurvey": pytest.approx(1 / 4 - 1 / 6)}


def test_shape_and_lease_on_one_day_are_told_apart() -> None:
    # 1 ha half let becomes 2 ha wholly let: the shape brings 0.5 ha of let land, the lease 1 ha.
    parcels = squares.parcels("P", "P", valid_from=[None, ON], valid_to=[ON, None])
    parcels.loc[1, "geometry"] = squares.square(5, wide=2)
    entries = squares.ledger(
        ("P", "leased", "2015-01-01", ON, 0.5), ("P", "leased", ON, None, None)
    )
    rows = explained(parcels, entries).entries.set_index("cause")
    assert rows["leased_change_ha"].to_dict() == {"resurvey": 0.5, "lease_begun": 1.0}
    assert rows["base_change_ha"].to_dict() == {"resurvey": 1.0, "lease_begun": 0.0}


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0]])
def test_a_split_that_changes_nothing_explains_nothing(order: list[int]) -> None:
    parcels = squares.parcels(
        "P",
        "P1",
        "P2",
        "Q",
        valid_from=[None, ON, ON, None],
        valid_to=[ON, None, None, None],
        parents=[None, "P", "P", None],
    )
    parcels.loc[0, "geometry"] = squares.square(1, wide=2)
    parcels = parcels.iloc[order]
    entries = squares.ledger(
        ("P", "leased", "2015-01-01", ON), ("P1", "leased", ON), ("P2", "leased", ON)
    )
    found = explained(parcels, entries)
    assert found.entries.empty
    # When only one of the halves stays let, 1 of 3 ha has ended.
    half = explained(parcels, entries.iloc[:2])
    assert half.entries[["cause", "parcel_ids"]].to_numpy().tolist() == [["lease_ended", "P|P1|P2"]]
    assert causes(half) == {"lease_ended": pytest.approx(-1 / 3)}


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0]])
def test_a_lot_that_changes_use_and_is_split_on_one_day_has_changed_use(order: list[int]) -> None:
    # Green P becomes industrial, with a lot beside it: 1 of 1 ha, then 1 of 3.
    parcels = squares.parcels(
        *("Q", "P", "P", "P1"),
        use=["industrial", "green", "industrial", "industrial"],
        valid_from=[None, None, ON, ON],
        valid_to=[None, ON, None, None],
        parents=[None, None, None, "P"],
    ).iloc[order]
    found = explained(parcels, squares.ledger(("Q", "leased", "2015-01-01")))
    assert causes(found) == {"change_of_use": pytest.approx(-2 / 3)}
    assert found.entries["parcel_ids"].tolist() == ["P|P1"]


# Who takes the place of a lot the day after it ended is told by itself.
@pytest.mark.parametrize(("parent", "ended"), [(None, ON), ("R", "2019-12-31")])
def test_new_and_lost_parcels(parent: str | None, ended: str) -> None:
    parcels = squares.parcels(
        *("P", "Q", "R"),
        valid_from=[None, ON, None],
        valid_to=[None, None, ended],
        parents=[None, parent, None],
    )
    found = explained(parcels, squares.ledger(("P", "leased", "2015-01-01")))
    # 1 of 2 ha, then 1 of 3, then 1 of 2: what the one takes the other gives back.
    assert causes(found) == {
        "parcel_added": pytest.approx(-1 / 4),
        "parcel_removed": pytest.approx(1 / 4),
    }
    assert found.effects.loc["A", "change"] == 0.0


def test_a_lot_that_changes_its_zone_is_lost_to_one_and_new_to_the_other() -> None:
    parcels = squares.parcels(
        "P",
        "P",
        "Q",
        "R",
        zone=["A", "B", "A", "B"],
        valid_from=[None, ON, None, None],
        valid_to=[ON, None, None, None],
    )
    entries = squares.ledger(("P", "leased", "2015-01-01"))
    found = explained(parcels, entries, zones=squares.zones("A", "B"))
    # A: 1 of 2 ha, then 0 of 1. B: 0 of 1 ha, then 1 of 2; there its land comes with a lease.
    assert causes(found) == {"parcel_removed": -0.5}
    rows = found.entries[["zone_id", "cause", "leased_change_ha", "base_change_ha", "effect"]]
    assert rows.to_numpy().tolist() == [
        ["A", "parcel_removed", -1.0, -1.0, -0.5],
        ["B", "lease_begun", 1.0, 0.0, 1.0],
        ["B", "parcel_added", 0.0, 1.0, -0.5],
    ]


def test_clearance_lowers_the_rate_on_cleared_land() -> None:
    entries = squares.ledger(("P", "leased", "2015-01-01"), ("Q", "uncleared", "2010-01-01", ON))
    frames = squares.parcels("P", "Q"), entries
    found = explained(*frames, definition="cleared")
    assert found.effects.loc["A", ["rate_start", "rate_end"]].to_list() == [1.0, 0.5]
    assert causes(found) == {"clearance": -0.5}
    assert causes(explained(*frames)) == {}


def test_land_let_before_it_is_cleared_counts_when_it_is() -> None:
    entries = squares.ledger(
        ("P", "leased", "2015-01-01"),
        ("Q", "leased", "2019-01-01"),
        ("Q", "uncleared", "2010-01-01", ON),
        ("R", "uncleared", "2010-01-01"),
    )
    found = explained(squares.parcels("P", "Q", "R", "S"), entries, definition="cleared")
    # On cleared land 1 of 2 ha (P of P and S), then 2 of 3: 1/2 − 2·1/(2·3).
    assert causes(found) == {"clearance": pytest.approx(1 / 2 - 1 / 3)}


@pytest.mark.parametrize(
    ("moved_on", "counts"), [("2015-06-01", False), (START, False), (ON, True), (END, True)]
)
def test_gross_moves_with_the_fence(moved_on: str, *, counts: bool) -> None:
    zones = pd.concat(
        [
            squares.zones("A", valid_from=[None], valid_to=[moved_on]),
            squares.zones("A", valid_from=[moved_on], valid_to=[None]),
        ],
        ignore_index=True,
    )
    zones.loc[1, "geometry"] = squares.square(0, wide=8)
    entries = squares.ledger(("P", "leased", "2015-01-01"))
    found = explained(squares.parcels("P"), entries, definition="gross", zones=zones)
    # 1 of 10 ha, then 1 of 8.
    assert causes(found) == ({"zone_boundary": pytest.approx(1 / 8 - 1 / 10)} if counts else {})


def test_a_polygon_may_count_on_either_side() -> None:
    # 4 mm² more, of which a half counts above the line and all of it twice below.
    law = standards.load("gross")
    polygon = ("", standards.ZONE)
    one = dataclasses.replace(law, numerator={polygon: 0.5}, base={polygon: 2.0})
    rows = pd.DataFrame({"zone": [0]})
    found = causes_of_change._weighed_polygons(rows, np.array([4.0]), one)
    assert found[["leased", "base"]].to_numpy().tolist() == [[2.0, 8.0]]


def test_a_correction_of_the_past_is_its_own_cause() -> None:
    entries = squares.ledger(
        ("P", "leased", "2015-01-01"),
        ("P", "leased", "2015-01-01", None, 0.5),
        ("Q", "leased", "2021-01-01"),
        # On record by then, but of another day: no part of what was corrected on the first.
        ("P", "leased", "2014-01-01", "2014-06-01"),
        entry_id=["e1", "e1", "e2", "e3"],
        recorded_at=[
            "2015-01-02T00:00Z",
            "2021-06-01T00:00Z",
            "2021-01-02T00:00Z",
            "2021-01-02T00:00Z",
        ],
        superseded_at=["2021-06-01T00:00Z", None, None, None],
    )
    found = explained(squares.parcels("P", "Q"), entries, known_at_start="2018-04-30")
    assert found.effects.loc["A", ["rate_start", "rate_end"]].to_list() == [0.5, 0.75]
    assert causes(found) == {"lease_begun": 0.5, "correction": -0.25}
    correction = found.entries[found.entries["cause"] == "correction"].iloc[0]
    assert (correction["parcel_ids"], correction["entries"]) == ("P", "e1|e1")
    assert correction["on"] == pd.Timestamp(START)


def test_a_corrected_fence_is_a_correction_where_the_fence_counts() -> None:
    zones = squares.zones(
        "A", recorded_at=["2015-01-01T00:00Z"], superseded_at=["2019-01-01T00:00Z"]
    )
    better = squares.zones("A", recorded_at=["2019-01-01T00:00Z"], superseded_at=[None])
    better.loc[0, "geometry"] = squares.square(0, wide=8)
    entries = squares.ledger(("P", "leased", "2015-01-01"))
    found = explained(
        squares.parcels("P"),
        entries,
        definition="gross",
        zones=pd.concat([zones, better], ignore_index=True),
        known_at_start="2018-04-30",
    )
    # 1 of 10 ha as known then, 1 of 8 now.
    assert causes(found) == {"correction": pytest.approx(1 / 8 - 1 / 10)}
    assert found.entries[["parcel_ids", "base_change_ha"]].to_numpy().tolist() == [["", -2.0]]


def test_a_base_of_0_has_no_rate_and_its_change_no_effect() -> None:
    # The one lot becomes industrial land in 2019, and is let in 2020: 0 of 0 ha, then 1 of 1.
    parcels = pd.concat(
        [
            squares.parcels("P", use="green", valid_from=["2010-01-01"], valid_to=["2019-01-01"]),
            squares.parcels("P", valid_from=["2019-01-01"], valid_to=[None]),
        ],
        ignore_index=True,
    )
    found = explained(parcels, squares.ledger(("P", "leased", "2020-01-01")))
    effects = found.effects.loc["A"]
    assert effects["rate_end"] == 1.0
    assert effects[["rate_start", "change", "numerator_effect", "base_effect"]].isna().all()
    assert found.entries["effect"].isna().all()


@pytest.mark.parametrize(("start", "said"), [(END, "31 Mar 2022"), ("2022-04-01", "1 Apr 2022")])
def test_a_period_without_a_day_in_it_is_refused(start: str, said: str) -> None:
    project = kcn.Project(
        zones=squares.zones("A"), parcels=squares.parcels("P"), ledger=squares.ledger()
    )
    with pytest.raises(DateError, match=f"between {said} and 31 Mar 2022"):
        change.explain(project, start=start, end=END, definition="nd164-2013")


def test_a_zone_without_a_base_has_no_change() -> None:
    zones = squares.zones("A", established_on=["2019-01-01"])
    found = explained(
        squares.parcels("P"), squares.ledger(("P", "leased", "2020-01-01")), zones=zones
    )
    assert found.effects.loc["A", ["rate_start", "change", "lease_begun"]].isna().all()
    assert found.effects.loc["A", "rate_end"] == 1.0
    assert found.entries["effect"].isna().all()


def test_the_end_must_come_after_the_start() -> None:
    with pytest.raises(DateError, match="between"):
        change.explain(
            squares.known(squares.zones("A"), squares.parcels("P"), squares.ledger()),
            start=END,
            end=START,
            definition="nd164-2013",
        )


def test_one_day_known_at_two_times_tells_the_corrections_alone() -> None:
    zones, parcels = squares.zones("A"), squares.parcels("A1", "A2")
    entries = squares.ledger(
        ("A1", "leased", "2018-01-01"), ("A2", "leased", "2018-04-01"), entry_id=["E1", "E2"]
    )
    stored = kcn.Project(zones=zones, parcels=parcels, ledger=entries)
    nothing = pd.DataFrame({"entry_id": []}, dtype="str")
    stored = kcn.ledger.correct(stored, nothing, withdrawn=["E1"], recorded_at="2018-05-02T00:00Z")
    day = {"start": "2018-03-31", "end": "2018-03-31", "definition": "nd164-2013"}
    found = change.explain(
        stored, **day, known_at_start="2018-05-01T00:00Z", known_at_end="2018-05-02T00:00Z"
    )
    # 1 of 2 ha, then nothing; the lease of the next day is of the next day.
    assert found.effects.loc["A", ["rate_start", "rate_end", "correction"]].tolist() == [
        *(0.5, 0.0, -0.5)
    ]
    assert found.entries[["cause", "parcel_ids", "entries"]].to_numpy().tolist() == [
        ["correction", "A1", "E1"]
    ]
    for moments in ({}, {"known_at_start": "2018-05-02", "known_at_end": "2018-05-02"}):
        with pytest.raises(DateError, match="between"):
            change.explain(stored, **day, **moments)


def two_zones() -> kcn.Project:
    """A1 let from 2019 on, B1 from 2020 on, beside a free lot each; A3 lies on A2 from 2020 on."""
    parcels = squares.parcels(
        "A1", "A2", "A3", "B1", "B2", zone=list("AAABB"), valid_from=[None, None, ON, None, None]
    )
    parcels.loc[2, "geometry"] = squares.square(1.5)
    entries = squares.ledger(("A1", "leased", "2019-01-01"), ("B1", "leased", ON))
    return kcn.Project(zones=squares.zones("A", "B"), parcels=parcels, ledger=entries)


PERIOD = {"start": START, "end": END, "definition": "nd164-2013"}


def test_a_zone_at_fault_in_the_period_is_missing_and_the_other_as_it_was() -> None:
    spoilt, other = two_zones(), two_zones().only(["B"])
    with pytest.warns(KcngeoWarning, match="left out: A.*overlap") as told:
        found = change.explain(spoilt, **PERIOD)
    assert len(told) == 1
    assert found.effects.loc["A"].isna().all()
    alone = change.explain(other, **PERIOD)
    pd.testing.assert_frame_equal(found.effects.loc[["B"]], alone.effects)
    pd.testing.assert_frame_equal(found.entries, alone.entries)
    with pytest.warns(KcngeoWarning, match="left out: A") as told:
        months = change.by_month(spoilt, **PERIOD)
    assert len(told) == 1
    pd.testing.assert_frame_equal(months, change.by_month(other, **PERIOD))
    with pytest.raises(ContractError, match="overlap"):
        change.explain(spoilt.as_known(), **PERIOD)


def test_a_zone_at_fault_only_later_is_explained_until_then() -> None:
    found = change.explain(two_zones(), **{**PERIOD, "end": "2019-12-31"})
    assert found.effects["lease_begun"].to_dict() == {"A": 0.5, "B": 0.0}
    # On the first day of its fault it is left out.
    with pytest.warns(KcngeoWarning, match="left out: A"):
        change.explain(two_zones(), **{**PERIOD, "end": ON})


def test_land_of_another_kind_takes_along_what_is_held_of_it() -> None:
    # Two kinds of land, of which 3 of 4 and 1 of 2 ha are let; three lots.
    before = np.array([[[4.0] * 3, [3.0] * 3], [[2.0] * 3, [1.0] * 3]])
    # Half of the first becomes land of the second; both double; nothing is left.
    after = np.array([[2.0, 8.0, 0.0], [4.0, 4.0, 0.0]])
    moved = causes_of_change._moved_between_kinds(before, after)
    assert moved[..., 0].tolist() == [[-2, -1.5], [2, 1.5]]
    assert moved[..., 1].tolist() == [[0, 0], [0, 0]]
    assert moved[..., 2].tolist() == [[-4, -3], [-2, -1]]


def test_a_zone_at_fault_at_first_is_left_out_month_by_month() -> None:
    project = two_zones()
    parcels = project.parcels.assign(
        valid_from=None, valid_to=[None, None, "2018-04-01", None, None]
    )
    with pytest.warns(KcngeoWarning, match="left out: A"):
        found = change.by_month(dataclasses.replace(project, parcels=parcels), **PERIOD)
    assert set(found["zone_id"]) == {"B"}
    with pytest.warns(KcngeoWarning, match="left out: A"):
        whole = change.explain(dataclasses.replace(project, parcels=parcels), **PERIOD)
    assert whole.effects["rate_end"].isna().to_dict() == {"A": True, "B": False}


def test_a_zone_at_fault_as_known_at_either_time_is_told_once() -> None:
    project = two_zones()
    parcels = project.parcels.assign(superseded_at=None, valid_from=None)
    # That A3 lies on A2 was always so, and was found out in 2021.
    parcels.loc[2, "superseded_at"] = "2021-06-01T00:00Z"
    project = kcn.Project(zones=project.zones, parcels=parcels, ledger=project.ledger)
    for moments in ({"known_at_start": "2021-01-01"}, {"known_at_end": "2021-01-01"}):
        with pytest.warns(KcngeoWarning, match="left out: A") as told:
            found = change.explain(project, **PERIOD, **moments)
        assert len(told) == 1
        assert found.effects.loc["A"].isna().all()
        assert found.effects.loc["B", "lease_begun"] == 0.5
        assert set(found.entries["zone_id"]) == {"B"}
    assert change.explain(project, **PERIOD).effects["lease_begun"].to_dict() == {
        "A": 0.5,
        "B": 0.5,
    }


def test_a_snapshot_takes_no_moment_and_is_compared_with_another() -> None:
    project = two_zones().only(["B"])
    snapshot = project.as_known()
    with pytest.raises(KcngeoError, match="already has its moment"):
        change.explain(snapshot, **PERIOD, known_at_start="2020-01-01")
    for found in (change.explain(snapshot, **PERIOD), change.between(snapshot, snapshot, **PERIOD)):
        pd.testing.assert_frame_equal(found.effects, change.explain(project, **PERIOD).effects)


def test_a_part_nobody_knows_makes_the_change_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        """
[fill_rate.own-strict]
title = { vi = "Theo giấy phép", en = "Licensed" }
uses = ["industrial"]
numerator = { leased = 1, leased_unlicensed = -1 }
base = { leasable = 1 }
source = "Law of 2022"
verified = "unverified"
edition = "own"
in_force_from = "no-law"
checked_on = 2026-11-27
""",
        encoding="utf-8",
    )
    own = standards.registry(file)
    monkeypatch.setattr(sys.modules["kcngeo.standards.registry"], "_shipped", lambda: own)
    period = {**PERIOD, "definition": "own-strict"}
    found = change.explain(two_zones().only(["B"]), **period)
    assert found.effects.loc["B"].isna().all()
    assert found.entries.empty
    assert change.by_month(two_zones().only(["B"]), **period).empty


def test_month_by_month_the_steps_are_those_of_the_series() -> None:
    parcels = squares.parcels("P", "Q", "R", valid_to=[None, None, "2018-07-10"])
    entries = squares.ledger(
        ("P", "leased", "2018-02-15", "2018-06-20"), ("Q", "leased", "2018-05-01")
    )
    snapshot = squares.known(squares.zones("A"), parcels, entries)
    period = {"start": "2018-01-31", "end": "2018-12-31", "definition": "nd35-2022"}
    rows = change.by_month(snapshot, **period)
    steps = rows.groupby("period")["effect"].sum()
    rates = fill.fill_series(snapshot, **period)["fill_rate"].droplevel("zone_id").diff()
    expected = rates[rates != 0].dropna()
    pd.testing.assert_series_equal(steps, expected, check_names=False, check_freq=False, rtol=1e-12)


def test_the_month_in_which_the_first_lots_come_has_no_rows() -> None:
    # At the end of March the zone has no lots and no rate: nothing explains the step to April.
    parcels = squares.parcels("P", "Q", valid_from="2018-04-15")
    entries = squares.ledger(("P", "leased", "2018-06-10"))
    snapshot = squares.known(squares.zones("A"), parcels, entries)
    rows = change.by_month(snapshot, start=START, end="2018-06-30", definition="nd164-2013")
    assert rows[["cause", "effect"]].to_numpy().tolist() == [["lease_begun", 0.5]]


day = st.integers(0, 1500).map(lambda n: str(np.datetime64("2018-01-01") + n))


@st.composite
def estates(draw: Any) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    """Four lots of which some change shape or use on a day, and entries on them."""
    rows, shapes, entries = [], [], []
    for number in range(4):
        name, cut = f"P{number}", draw(st.none() | day)
        uses = draw(st.tuples(*[st.sampled_from(["industrial", "service", "green"])] * 2))
        spans = (
            [(None, None, uses[0])] if cut is None else [(None, cut, uses[0]), (cut, None, uses[1])]
        )
        for start, end, use in spans:
            rows.append((name, "A", use, start, end))
            shapes.append(squares.square(2 * number, wide=draw(st.sampled_from([0.5, 1, 2]))))
        dates = sorted(draw(st.lists(day, max_size=4, unique=True)))
        entries += [
            (name, draw(st.sampled_from(["leased", "reserved"])), first, last, draw(PART))
            for first, last in zip(dates[::2], [*dates[1::2], None], strict=False)
        ]
        if draw(st.booleans()):
            entries.append((name, "uncleared", "2010-01-01", draw(day), draw(PART)))
    columns = ["parcel_id", "zone_id", "land_use", "valid_from", "valid_to"]
    parcels = gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=columns), geometry=shapes, crs=squares.CRS
    )
    return squares.zones("A"), parcels, squares.ledger(*entries)


PART = st.sampled_from([None, 0.25, 0.4])


@settings(max_examples=25)
@given(estates(), st.sampled_from(["nd164-2013", "nd35-2022", "cleared"]), st.data())
def test_effects_add_up_to_the_change(frames: Any, definition: str, data: Any) -> None:
    dates = sorted(data.draw(st.lists(day, min_size=3, max_size=3, unique=True)))
    whole, first, second = (
        change.explain(squares.known(*frames), start=start, end=end, definition=definition)
        for start, end in ((dates[0], dates[2]), (dates[0], dates[1]), (dates[1], dates[2]))
    )
    for found in (whole, first, second):
        row = found.effects.loc["A"]
        if not np.isnan(row["change"]):
            parts = row[list(change.CAUSES)].sum()
            assert parts == pytest.approx(row["change"], abs=1e-12)
            assert row["numerator_effect"] + row["base_effect"] == pytest.approx(
                row["change"], abs=1e-12
            )
            assert found.entries["effect"].sum() == pytest.approx(row["change"], abs=1e-12)
    steps = first.effects.loc["A", "change"] + second.effects.loc["A", "change"]
    if not np.isnan(steps):
        assert whole.effects.loc["A", "change"] == pytest.approx(steps, abs=1e-12)


@pytest.mark.parametrize("definition", ["nd164-2013", "nd35-2022", "cleared"])
def test_every_step_of_the_samples_history_is_followed_to_its_entries(definition: str) -> None:
    project = kcn.io.read_project(SAMPLE).as_known()
    period = {"start": "2005-01-31", "end": "2023-12-31", "definition": definition}
    rows = change.by_month(project, **period)
    rates = fill.fill_series(project, **period)["fill_rate"]
    steps = rates.groupby(level="zone_id").diff().dropna()
    told = rows.groupby(["zone_id", "period"])["effect"].sum().reindex(steps.index, fill_value=0.0)
    np.testing.assert_allclose(told, steps, atol=1e-12)
    assert (steps != 0).sum() > 60
    assert rows["parcel_ids"].notna().all()
    by_entry = rows[rows["cause"].isin(["lease_begun", "lease_ended", "clearance"])]
    named = by_entry["entries"].str.split("|").explode()
    assert named.isin(project.ledger["entry_id"]).all()
