"""Which rows a forecast learns from: dates, records, zones at fault."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shapely import box

import kcngeo as kcn
from kcngeo.analysis import forecast as room
from kcngeo.core.errors import KcngeoError, KcngeoWarning
from kcngeo.report.sections import forecast_of
from tests import squares
from tests.analysis.forecast.lots import (
    LEVELS,
    ON,
    SAMPLE,
    Frames,
    reasons,
    supply,
    ten_lots,
    two_zones,
    uncleared,
)


@pytest.mark.parametrize("until", [None, "2012-01-01"])
def test_a_zone_at_fault_is_missing_and_the_other_unchanged(until: str | None) -> None:
    zones, parcels, entries = two_zones()
    coming = supply(("B", "2019-01-01", 1.0))
    before = room.fill_date(squares.known(zones, parcels, entries), on=ON, target=0.9)
    # B9 overlaps B8, for good or in the years that are learnt from.
    more = parcels.iloc[[19]].assign(parcel_id="B10", valid_to=until)
    more["geometry"] = squares.square(8.5, 1)
    spoilt = pd.concat([parcels, more], ignore_index=True)
    project = kcn.Project(zones=zones, parcels=spoilt, ledger=entries)
    with pytest.warns(KcngeoWarning, match="left out: B") as told:
        found = room.fill_date(project, on=ON, target=0.9, supply=coming)
    assert len(told) == 1
    pd.testing.assert_frame_equal(found.loc[["A"]], before.loc[["A"]])
    assert reasons(found) == [None, "at_fault"]
    assert found.loc["B"].drop(["reason", "definition"]).isna().all()
    with pytest.warns(KcngeoWarning, match="left out: B") as told:
        leased = room.leased_at(project, on=ON, horizons=[12])
    assert len(told) == 1
    assert reasons(leased) == [None, "at_fault"]
    assert leased.loc["B", LEVELS].isna().all(axis=None)
    if until is not None:
        # Who learns from later years only does not ask into the fault.
        later = room.fill_date(project, on=ON, target=0.9, since=until)
        assert "at_fault" not in reasons(later)


def test_a_zone_whose_own_rows_contradict_each_other_is_missing() -> None:
    zones, parcels, entries = two_zones()
    twice = squares.ledger(("B0", "leased", "2015-01-01"))
    project = kcn.Project(zones=zones, parcels=parcels, ledger=pd.concat([entries, twice]))
    with pytest.warns(KcngeoWarning, match="left out: B") as told:
        found = room.fill_date(project, on=ON, target=0.9)
    assert len(told) == 1
    assert reasons(found) == [None, "at_fault"]


def equal(one: Frames, other: Frames, *, known_at: str | None = None) -> None:
    then, plain = squares.known(*one, known_at=known_at), squares.known(*other)
    for found, expected in (
        (room.fill_date(then, on=ON, target=0.9), room.fill_date(plain, on=ON, target=0.9)),
        (
            room.leased_at(then, on=ON, horizons=[12, 60]),
            room.leased_at(plain, on=ON, horizons=[12, 60]),
        ),
    ):
        pd.testing.assert_frame_equal(found, expected)


def test_what_was_recorded_later_does_not_count() -> None:
    zones, parcels, entries = ten_lots(let=8)
    entries["recorded_at"] = "2016-01-01T00:00:00Z"
    entries.loc[7, "recorded_at"] = "2018-03-31T17:00:00Z"  # midnight of 1 April in Viet Nam
    before = zones, parcels, entries.drop(columns="recorded_at").iloc[:7]
    equal((zones, parcels, entries), before, known_at=ON)
    with_it = room.fill_date(
        squares.known(zones, parcels, entries, known_at="2018-04-01"), on=ON, target=0.9
    )
    assert with_it["leases"].tolist() == [8]


def test_a_correction_is_learnt_when_it_is_recorded() -> None:
    zones, parcels, entries = ten_lots()
    entries["superseded_at"] = [None] * 6 + ["2018-06-01T00:00:00Z"]
    assert room.fill_date(squares.known(zones, parcels, entries), on=ON, target=0.9)[
        "leases"
    ].tolist() == [6]
    equal((zones, parcels, entries), ten_lots(), known_at=ON)


def test_what_begins_after_the_day_does_not_count() -> None:
    frames = ten_lots(("A8", "leased", "2018-04-01"), ("A9", "reserved", "2019-01-01"))
    equal(frames, ten_lots())
    today = room.fill_date(squares.known(*ten_lots(("A8", "leased", ON))), on=ON, target=0.9).loc[
        "A"
    ]
    assert (today["leases"], today["leased_ha"]) == (8, 8.0)
    # Seven of ten lots are let; the last is drawn from the day on, or from the next.
    for begins, lettable_ha in ((ON, 3.0), ("2018-04-01", 2.0)):
        zones, parcels, entries = ten_lots()
        parcels = parcels.assign(valid_from=[None] * 9 + [begins])
        found = room.fill_date(squares.known(zones, parcels, entries), on=ON, target=0.9)
        assert found["lettable_ha"].tolist() == [lettable_ha]


@pytest.mark.parametrize(("since", "leases"), [("2009-06-30", 6), ("2009-07-01", 5), (ON, 0)])
def test_the_history_begins_after_its_first_day(since: str, leases: int) -> None:
    # Let on 1 July 2008, 2009 …: what is let on the first day is the stock at the start.
    found = room.fill_date(squares.known(*ten_lots()), on=ON, target=0.9, since=since)
    assert found["leases"].tolist() == [leases]


def test_an_unknown_establishment_leaves_the_first_day_of_the_ledger() -> None:
    _, parcels, entries = ten_lots(*uncleared("A9"))
    found = room.fill_date(
        squares.known(squares.zones("A"), parcels, entries), on=ON, target=0.8
    ).loc["A"]
    assert found["leases"] == 7
    assert found["net_ha_per_month"] == pytest.approx(7 / (3742 / (365.25 / 12)))
    # Without the uncleared lot the ledger begins with the first letting, which is then the stock.
    alone = squares.known(squares.zones("A"), *ten_lots()[1:])
    alone = room.fill_date(alone, on=ON, target=0.8)
    assert alone["leases"].tolist() == [6]


def test_a_split_or_a_new_survey_is_no_letting() -> None:
    zones, parcels, entries = ten_lots()
    split, changed = parcels.iloc[[0, 0]].copy(), parcels.iloc[[1]].copy()
    west, south, east, north = split.geometry.iloc[0].bounds
    middle = (west + east) / 2
    split["parcel_id"] = ["A0a", "A0b"]
    split["geometry"] = [box(west, south, middle, north), box(middle, south, east, north)]
    split["parents"] = "A0"
    west, south, east, north = changed.geometry.iloc[0].bounds
    changed["geometry"] = [box(west, south, east - 0.5, north)]  # 50 m² less
    new = pd.concat([split, changed]).assign(valid_from="2016-01-01")
    old = parcels.assign(valid_to=["2016-01-01", "2016-01-01", *[None] * 8])
    entries.loc[0, "valid_to"] = "2016-01-01"
    halves = squares.ledger(("A0a", "leased", "2016-01-01"), ("A0b", "leased", "2016-01-01"))
    frames = zones, pd.concat([old, new], ignore_index=True), pd.concat([entries, halves])
    outlook = room.Outlook.of(squares.known(*frames), on=ON)
    assert outlook.histories["A"].lease_ha.tolist() == [1.0] * 7
    assert outlook.histories["A"].terminated_ha.tolist() == []
    assert outlook.let_of_base_ha["A"] == pytest.approx((6.995, 9.995))


def test_the_draws_of_a_zone_are_its_own() -> None:
    zones, parcels, entries = two_zones()
    both = room.fill_date(squares.known(zones, parcels, entries), on=ON, target=0.9)
    shuffled = [frame.sample(frac=1, random_state=3) for frame in (zones, parcels, entries)]
    pd.testing.assert_frame_equal(room.fill_date(squares.known(*shuffled), on=ON, target=0.9), both)
    alone = room.fill_date(squares.known(*ten_lots(zone="A")), on=ON, target=0.9)
    pd.testing.assert_frame_equal(alone, both.loc[["A"]])


def test_goals_of_their_own_are_told_as_one_by_one() -> None:
    known = squares.known(*two_zones())
    goals = pd.DataFrame(
        {
            "zone_id": ["B", "A", "A"],
            "target": [1.0, 0.9, 0.9],
            "by_date": [None, "2024-12-31", None],
        },
        index=[7, 5, 3],
    )
    found = room.fill_dates(known, on=ON, goals=goals)
    assert found.index.tolist() == [7, 5, 3]
    assert found["zone_id"].tolist() == ["B", "A", "A"]
    for row, (zone_id, target, by_date) in zip(goals.index, goals.to_numpy(object), strict=True):
        day = None if pd.isna(by_date) else by_date
        alone = room.fill_date(known, on=ON, target=target, by_date=day).loc[zone_id]
        pd.testing.assert_series_equal(found.loc[row, alone.index], alone, check_names=False)
    assert found["probability"].notna().tolist() == [False, True, False]
    none = room.fill_dates(known, on=ON, goals=goals.head(0))
    assert none.dtypes[alone.index].to_dict() == found.dtypes[alone.index].to_dict()
    with pytest.raises(KcngeoError, match="not in the project: C"):
        room.fill_dates(known, on=ON, goals=goals.assign(zone_id="C"))
    with pytest.raises(KcngeoError, match="target must be a share"):
        room.fill_dates(known, on=ON, goals=goals.assign(target=[0.5, 1.1, 0.5]))
    with pytest.raises(KcngeoError, match="by_date is 1 Jan 2001"):
        room.fill_dates(known, on=ON, goals=goals.assign(by_date="2001-01-01"))


def test_as_many_goals_as_zones_draw_each_zone_once(monkeypatch: pytest.MonkeyPatch) -> None:
    known = squares.known(*two_zones())
    drawn: list[str] = []
    read: list[str] = []
    futures, of = room.Outlook.futures, room.Outlook.of.__func__

    def counted(outlook: Any, zone_id: str, **options: Any) -> Any:
        drawn.append(zone_id)
        return futures(outlook, zone_id, **options)

    def begun(cls: Any, *given: Any, **options: Any) -> Any:
        read.append("")
        return of(cls, *given, **options)

    monkeypatch.setattr(room.Outlook, "futures", counted)
    monkeypatch.setattr(room.Outlook, "of", classmethod(begun))
    goals = pd.DataFrame({"zone_id": ["A", "B"], "target": 0.9, "by_date": None})
    room.fill_dates(known, on=ON, goals=goals)
    assert (drawn, len(read)) == (["A", "B"], 1)
    # A report with a target a zone reads no more often than one without.
    counts = []
    for plan in (None, goals.assign(measure="fill_rate", value=0.9, on=pd.Timestamp("2030-12-31"))):
        drawn.clear()
        read.clear()
        about = replace(known, targets=plan)
        forecast_of(about, on=pd.Timestamp(ON), definition="nd164-2013", area="grid")
        counts.append((len(read), len(drawn)))
    # When each is full, what is let in each, and what each is to reach.
    assert counts == [(3, 2 + 2), (3, 2 + 2 + 2)]


def test_a_seed_fixes_the_answer_and_another_changes_it() -> None:
    frames = ten_lots()
    before = [frame.copy() for frame in frames]
    first = room.fill_date(squares.known(*frames), on=ON, target=0.9)
    pd.testing.assert_frame_equal(
        room.fill_date(squares.known(*frames), on=ON, target=0.9, seed=0), first
    )
    other = room.fill_date(squares.known(*frames), on=ON, target=0.9, seed=1)
    assert not other[LEVELS].equals(first[LEVELS])
    # The same question, though: the medians of 2000 draws lie near each other.
    assert abs((other["p50"] - first["p50"]).dt.days.iloc[0]) < 200
    for frame, copy in zip(frames, before, strict=True):
        assert frame.equals(copy)


@pytest.mark.parametrize("definition", ["nd164-2013", "nd35-2022", "cleared", "gross"])
def test_the_history_is_that_of_the_accounts(definition: str) -> None:
    project = kcn.io.read_project(SAMPLE)
    frames = project.zones, project.parcels, project.ledger
    outlook = room.Outlook.of(squares.known(*frames), on="2023-12-31", definition=definition)
    series = kcn.fill.fill_series(
        squares.known(*frames), start="2005-01-31", end="2023-12-31", definition=definition
    )
    for zone_id in ("loc-son", "phu-hoi"):
        mine = series.loc[zone_id, "leased_ha"]
        found = outlook.histories[zone_id]
        days = mine.index.to_numpy(dtype="datetime64[D]").astype("int64")
        place = np.searchsorted(found.day, days, side="right") - 1
        np.testing.assert_allclose(found.leased_ha[place], mine, atol=1e-9)
        account = kcn.fill.land_account(
            squares.known(*frames), on="2023-12-31", definition="nd35-2022"
        )
        if definition == "nd35-2022":
            parts = ["available_ha", "reserved_ha", "recovering_ha"]
            held_ha = account["uncleared_held_ha"] - account["leased_uncleared_ha"]
            expected = account[parts].sum(axis=1) - held_ha
            assert found.lettable_ha[-1] == pytest.approx(expected[zone_id], abs=1e-9)
