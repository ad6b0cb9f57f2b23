"""Laws of the land account, on estates that hypothesis makes up.

The reference is a loop over days, lots and entries with plain Python sums: slow, and nothing of it
is shared with the package.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import affinity, box

from kcngeo import fill
from kcngeo.fill import ACCOUNT_COLUMNS
from tests import squares

DAY_ZERO = dt.date(2018, 1, 1)
LOTS = 6
START, END = "2018-01-31", "2018-12-31"

entry = st.tuples(
    st.integers(0, LOTS - 1),
    st.sampled_from(["leased", "reserved", "recovering", "repurposed", "uncleared"]),
    st.integers(0, 300),
    st.one_of(st.none(), st.integers(1, 200)),
    st.sampled_from([None, 0.25, 0.5]),
)


@st.composite
def estates(draw: Any) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    """Two zones with six lots and entries that never hold more than a whole lot."""
    uses = draw(st.lists(st.sampled_from(["industrial", "service"]), min_size=LOTS, max_size=LOTS))
    ends = draw(st.lists(st.sampled_from([None, "2018-07-15"]), min_size=LOTS, max_size=LOTS))
    lots = squares.parcels(
        *(f"P{number}" for number in range(LOTS)),
        zone=["A", "A", "A", "B", "B", "B"],
        use=uses,
        valid_to=ends,
    )
    rows = []
    for lot, status, start, length, part in draw(st.lists(entry, max_size=12)):
        first = DAY_ZERO + dt.timedelta(start)
        last = None if length is None else first + dt.timedelta(length)
        if ends[lot] is not None:
            last = min(last or dt.date.max, dt.date.fromisoformat(ends[lot]))
        if last is not None and last <= first:
            continue
        row = (f"P{lot}", status, first, last, part)
        # The same entry twice is an error of its zone.
        if row not in rows and _fits([*rows, row]):
            rows.append(row)
    return squares.zones("A", "B"), lots, squares.ledger(*rows)


def _fits(rows: list[tuple[Any, ...]]) -> bool:
    for when in [row[2] for row in rows]:
        for group in ("uncleared", ""):
            held: dict[str, float] = {}
            for lot, status, first, last, part in rows:
                if (status == "uncleared") == bool(group) and first <= when < (last or dt.date.max):
                    held[lot] = held.get(lot, 0) + (part or 1)
            if any(share > 1 for share in held.values()):
                return False
    return True


def reference(
    lots: gpd.GeoDataFrame, entries: pd.DataFrame, zone: str, on: dt.date, uses: tuple[str, ...]
) -> dict[str, float]:
    """Draw up an account lot by lot; every lot is 1 ha."""
    account = dict.fromkeys(ACCOUNT_COLUMNS, 0.0)
    for lot in lots.itertuples():
        gone = not pd.isna(lot.valid_to) and on >= dt.date.fromisoformat(lot.valid_to)
        if lot.zone_id != zone or lot.land_use not in uses or gone:
            continue
        held = dict.fromkeys(["leased", "reserved", "recovering", "repurposed", "uncleared"], 0.0)
        for row in entries.itertuples():
            last = dt.date.max if pd.isna(row.valid_to) else row.valid_to
            if row.parcel_id == lot.parcel_id and row.valid_from <= on < last:
                held[row.status] += 1.0 if pd.isna(row.part_area_ha) else row.part_area_ha
        uncleared = held.pop("uncleared")
        free = 1 - sum(held.values())
        beside = max(0.0, uncleared - free)
        account["base_ha"] += 1
        for status, share in held.items():
            account[f"{status}_ha"] += share
        account["uncleared_ha"] += uncleared - beside
        account["available_ha"] += free - (uncleared - beside)
        account["uncleared_held_ha"] += beside
        if beside:
            account["leased_uncleared_ha"] += beside * held["leased"] / sum(held.values())
    return account


@given(estates())
def test_accounts_equal_a_plain_count_and_close(frames: Any) -> None:
    zones, lots, entries = frames
    for on in (dt.date(2018, 3, 31), dt.date(2018, 7, 14), dt.date(2018, 7, 15)):
        account = fill.land_account(squares.known(*frames), on=on, definition="nd35-2022")
        for zone in ("A", "B"):
            expected = reference(lots, entries, zone, on, ("industrial", "service"))
            found = account.loc[zone, list(ACCOUNT_COLUMNS)].to_dict()
            if account.loc[zone, "source"] == "measured":
                assert found == pytest.approx(expected, abs=1e-9)
            else:
                # Without a parcel in force nobody knows the base.
                ends = pd.to_datetime(lots["valid_to"])[lots["zone_id"] == zone]
                assert (ends <= pd.Timestamp(on)).all()
                assert pd.isna(list(found.values())).all()
        account = account.loc[account["source"].notna(), list(ACCOUNT_COLUMNS)]
        parts = account[list(ACCOUNT_COLUMNS[1:7])].sum(axis=1)
        # 1 m² is 1e-4 ha; here they close to the last square millimetre.
        np.testing.assert_allclose(parts, account["base_ha"], atol=1e-9)
        assert (account >= 0).all(axis=None)
    assert len(zones) == 2


@given(estates(), st.randoms(use_true_random=False))
def test_shuffling_rows_changes_nothing(frames: Any, random: Any) -> None:
    shuffled = []
    for frame in frames:
        order = list(range(len(frame)))
        random.shuffle(order)
        shuffled.append(frame.iloc[order])
    before = fill.fill_series(squares.known(*frames), start=START, end=END, definition="cleared")
    after = fill.fill_series(squares.known(*shuffled), start=START, end=END, definition="cleared")
    pd.testing.assert_frame_equal(before, after, check_exact=True)


@given(estates(), st.floats(-20_000, 20_000), st.floats(-20_000, 20_000))
def test_shifting_the_grid_changes_nothing(frames: Any, east_m: float, north_m: float) -> None:
    zones, lots, entries = frames
    moved = [
        frame.set_geometry(frame.geometry.map(lambda one: affinity.translate(one, east_m, north_m)))
        for frame in (zones, lots)
    ]
    before = fill.fill_series(squares.known(*frames), start=START, end=END, definition="gross")
    after = fill.fill_series(
        squares.known(*moved, entries), start=START, end=END, definition="gross"
    )
    # Coordinates are rounded when moved: less than 1 m².
    np.testing.assert_allclose(after["base_ha"], before["base_ha"], atol=1e-4)
    np.testing.assert_allclose(after["leased_ha"], before["leased_ha"], atol=1e-4)


@given(estates(), st.integers(0, LOTS - 1), st.sampled_from([0.25, 0.5, 0.7]))
def test_splitting_a_lot_in_two_changes_no_total(frames: Any, lot: int, cut: float) -> None:
    zones, lots, entries = frames
    name = f"P{lot}"
    west, south, east, north = lots.geometry[lot].bounds
    middle = west + cut * (east - west)
    halves = lots.iloc[[lot, lot]].assign(parcel_id=[f"{name}a", f"{name}b"])
    halves["geometry"] = [box(west, south, middle, north), box(middle, south, east, north)]
    split = pd.concat([lots.drop(index=lot), halves], ignore_index=True)
    mine = entries["parcel_id"] == name
    parts = entries[mine]["part_area_ha"].fillna(1.0)
    doubled = [
        entries[mine].assign(parcel_id=f"{name}{half}", part_area_ha=parts * share)
        for half, share in (("a", cut), ("b", 1 - cut))
    ]
    moved = pd.concat([entries[~mine], *doubled], ignore_index=True)
    for definition in ("nd164-2013", "cleared"):
        before = fill.fill_series(
            squares.known(*frames), start=START, end=END, definition=definition
        )
        after = fill.fill_series(
            squares.known(zones, split, moved), start=START, end=END, definition=definition
        )
        np.testing.assert_allclose(after["leased_ha"], before["leased_ha"], atol=1e-4)
        np.testing.assert_allclose(after["base_ha"], before["base_ha"], atol=1e-4)


@given(estates())
def test_absorption_adds_up(frames: Any) -> None:
    series = fill.fill_series(squares.known(*frames), start=START, end=END, definition="nd35-2022")
    leased = series["leased_ha"].unstack("zone_id")
    steps = leased.diff().iloc[1:].sum(skipna=False)
    np.testing.assert_allclose(steps, leased.iloc[-1] - leased.iloc[0], atol=1e-9)
    whole = fill.combine(series)["leased_ha"]
    np.testing.assert_allclose(whole, leased.sum(axis=1), atol=1e-9)


@given(estates())
def test_inputs_are_unchanged(frames: Any) -> None:
    before = [frame.copy() for frame in frames]
    fill.land_account(squares.known(*frames), on=END)
    fill.fill_series(squares.known(*frames), start=START, end=END)
    for frame, old in zip(frames, before, strict=True):
        pd.testing.assert_frame_equal(frame, old)
