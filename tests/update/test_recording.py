"""Edits on record: what is known now is the edited project, what was known before stays known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcngeo import Project, fill, io, update
from kcngeo.core.errors import ContractError, KcngeoError
from kcngeo.core.validation import as_known, validate
from tests import squares

BEFORE, NOW = "2019-12-31T00:00:00Z", "2020-01-05T00:00:00Z"


def project(**tables: Any) -> Project:
    frames = {
        "zones": squares.zones("A"),
        "parcels": squares.parcels("P1", "P2", "P3"),
        "ledger": squares.ledger(
            ("P1", "leased", "2018-01-01"),
            ("P2", "reserved", "2018-01-01"),
            entry_id=["e1", "e2"],
            recorded_at="2018-01-05T00:00:00Z",
        ),
        **tables,
    }
    return Project(**frames)


def applied(old: Project, new: Any, **options: Any) -> Project:
    return update.apply(old, update.difference(old, new), **{"recorded_at": NOW, **options})


def forgotten(frame: Any, moment: str = NOW) -> Any:
    """Undo a recording: its rows go, and what it superseded stands again."""
    stamp = pd.Timestamp(moment)
    kept = frame
    if "recorded_at" in frame:
        kept = frame.loc[(frame["recorded_at"] != stamp).to_numpy()].copy()
    if "superseded_at" in kept:
        kept["superseded_at"] = kept["superseded_at"].where(kept["superseded_at"] != stamp)
    return kept.dropna(axis=1, how="all")


def test_the_edits_are_known_now_and_the_old_project_is_still_known_before() -> None:
    old = project()
    shapes = [squares.square(0), squares.square(1), squares.square(2, wide=2)]
    new = replace(
        old,
        parcels=old.parcels.set_geometry(shapes, crs=squares.CRS),
        ledger=squares.ledger(
            ("P1", "leased", "2018-01-01", "2019-06-01"),
            ("P3", "leased", "2019-07-01"),
            entry_id=["e1", "e3"],
        ),
    )
    after = applied(old, new)
    assert update.difference(after, new).empty
    # Known since 5 January 2020: P3 (2 ha) is let, of 4 ha. Known before: P1 let, of 3 ha.
    now = fill.land_account(after, on="2019-12-31", definition="nd35-2022")
    before = fill.land_account(after.as_known(BEFORE), on="2019-12-31", definition="nd35-2022")
    assert now.loc["A", ["leased_ha", "base_ha"]].tolist() == [2, 4]
    assert before.loc["A", ["leased_ha", "reserved_ha", "base_ha"]].tolist() == [1, 1, 3]
    for name, frame in old.tables():
        kept = forgotten(dict(after.tables())[name])
        pd.testing.assert_frame_equal(kept, validate(frame, name).dropna(axis=1, how="all"))


def test_a_table_without_edits_is_the_same_object() -> None:
    old = project()
    after = applied(old, replace(old, ledger=old.ledger.iloc[:1]))
    assert after.zones is old.zones
    assert after.parcels is old.parcels
    assert after.ledger["superseded_at"].notna().tolist() == [False, True]


def test_a_new_version_leaves_the_old_shape_to_the_days_before() -> None:
    old = project()
    wider = old.parcels.geometry.to_numpy().copy()
    wider[2] = squares.square(2, wide=2)
    after = applied(
        old,
        replace(old, parcels=old.parcels.set_geometry(wider, crs=squares.CRS)),
        valid_from="2019-07-01",
    )
    # P3 has 1 ha until 30 June 2019 and 2 ha from 1 July on, beside P1 and P2.
    for on, base in (("2019-06-30", 3), ("2019-07-01", 4), ("2019-07-02", 4)):
        account = fill.land_account(after, on=on, definition="nd35-2022")
        assert account.loc["A", "base_ha"] == base, on
    known_before = fill.land_account(
        after.as_known(BEFORE), on="2019-07-01", definition="nd35-2022"
    )
    assert known_before.loc["A", "base_ha"] == 3


def test_columns_of_the_users_own_come_along_with_their_types() -> None:
    old = project()
    new = replace(
        old,
        parcels=squares.parcels("P1", "P2", "P3", "P4").assign(
            seen=[True, False, True, True], count=[1, 2, 3, 4], remark=["ộ", None, None, "x"]
        ),
    )
    parcels = as_known(applied(old, new).parcels).sort_values("parcel_id")
    assert parcels["seen"].tolist() == [True, False, True, True]
    assert parcels["count"].tolist() == [1, 2, 3, 4]
    assert parcels["remark"].fillna("–").tolist() == ["ộ", "–", "–", "x"]


def test_a_flag_or_count_beside_a_missing_one_stays_what_it_is() -> None:
    parcels = squares.parcels("P1", "P2", "P3").assign(seen=True, count=2**62 + 1)
    old = project(parcels=parcels)
    new = squares.parcels("P1", "P2", "P3", "P4")
    after = applied(old, replace(old, parcels=new)).parcels
    assert after["seen"].dtype == "boolean"
    assert after["count"].dropna().tolist() == [2**62 + 1] * 3
    assert after["seen"].isna().tolist() == [False, False, False, True]


def test_a_table_that_was_not_there_is_recorded_whole(tmp_path: Path) -> None:
    plan = pd.DataFrame({"zone_id": ["A"], "item": ["road"], "approved_ha": [1.5]})
    old = project()
    after = applied(old, {"plan_items": plan})
    assert after.plan_items is not None
    assert after.plan_items["recorded_at"].tolist() == [pd.Timestamp(NOW)]
    io.write_project(after, tmp_path / "project.gpkg")
    assert update.difference(io.read_project(tmp_path / "project.gpkg"), after).empty


CONTRADICTIONS = [
    (
        {
            "ledger": squares.ledger(
                ("P1", "leased", "2018-01-01"), ("P1", "reserved", "2019-01-01")
            )
        },
        "parcel P1 is held twice over",
    ),
    ({"ledger": squares.ledger(("P9", "leased", "2018-01-01"))}, "parcels that do not exist: "),
    ({"parcels": squares.parcels("P1", "P2", "P3", zone=["A", "A", "B"])}, "zone B is not in"),
    ({"parcels": squares.parcels("P1", "P3")}, "parcels that do not exist: e2"),
    ({"zones": squares.zones("B")}, "zone A is not in"),
]


@pytest.mark.parametrize(("tables", "reason"), CONTRADICTIONS)
def test_a_contradiction_the_edits_bring_is_refused(tables: dict[str, Any], reason: str) -> None:
    old = project()
    with pytest.raises(ContractError, match=reason):
        applied(old, tables)


def test_a_shape_without_an_area_is_refused() -> None:
    old = project()
    bowtie = squares.parcels("P1", "P2", "P3").geometry.to_numpy().copy()
    x, y = squares.EAST, squares.NORTH
    bowtie[2] = gpd.GeoSeries.from_wkt(
        [f"POLYGON(({x} {y}, {x + 9} {y + 9}, {x + 9} {y}, {x} {y + 9}, {x} {y}))"]
    ).iloc[0]
    new = old.parcels.set_geometry(bowtie, crs=squares.CRS)
    with pytest.raises(ContractError, match=r"P3 cannot be measured \(Self-intersection"):
        applied(old, replace(old, parcels=new))


def test_a_contradiction_that_was_there_before_does_not_stop_other_edits() -> None:
    twice = squares.ledger(
        ("P1", "leased", "2018-01-01"), ("P1", "reserved", "2018-01-01"), entry_id=["e1", "e2"]
    )
    old = project(ledger=twice)
    after = applied(old, replace(old, zones=squares.zones("A", name=["Lộc Sơn"])))
    assert as_known(after.zones)["name"].tolist() == ["Lộc Sơn"]
    mended = applied(old, replace(old, ledger=twice.iloc[:1]))
    assert as_known(mended.ledger)["entry_id"].tolist() == ["e1"]


@pytest.mark.parametrize(
    ("moment", "good"),
    [
        ("2018-01-04T23:59:59.999Z", False),
        ("2018-01-05T00:00:00Z", False),
        ("2018-01-05T00:00:00.001Z", True),
    ],
)
def test_history_is_not_written(moment: str, *, good: bool) -> None:
    old = project()
    changes = update.difference(old, replace(old, zones=squares.zones("A", name=["x"])))
    if good:
        update.apply(old, changes, recorded_at=moment)
        return
    with pytest.raises(KcngeoError, match=r"ledger holds rows .* at 2018-01-05T00:00:00"):
        update.apply(old, changes, recorded_at=moment)


def test_edits_of_another_state_are_refused() -> None:
    old = project()
    changes = update.difference(old, replace(old, zones=squares.zones("A", name=["x"])))
    same = update.apply(project(), changes, recorded_at=NOW)
    assert as_known(same.zones)["name"].tolist() == ["x"]
    with pytest.raises(KcngeoError, match="no longer the one"):
        update.apply(same, changes, recorded_at="2021-01-01T00:00:00Z")


def test_a_second_update_begins_where_the_first_ended() -> None:
    old = project()
    first = replace(old, zones=squares.zones("A", name=["x"]))
    second = replace(old, zones=squares.zones("A", name=["y"]))
    later = "2021-01-05T00:00:00Z"
    after = applied(applied(old, first), second, recorded_at=later)
    names = after.zones.sort_values("recorded_at", na_position="first")["name"]
    assert names.fillna("–").tolist() == ["–", "x", "y"]
    assert as_known(after.zones, "2020-06-01")["name"].tolist() == ["x"]


entries = st.lists(
    st.tuples(
        st.sampled_from(["P1", "P2", "P3"]),
        st.sampled_from(["leased", "reserved"]),
        st.sampled_from(["2018-01-01", "2019-01-01"]),
        st.none() | st.just("2020-01-01"),
    ),
    max_size=3,
    unique_by=lambda entry: entry[0],
)
widths = st.lists(st.sampled_from([0.5, 1.0]), min_size=3, max_size=3)


@settings(max_examples=10)
@given(entries=entries, widths=widths)
def test_whatever_is_edited_nothing_known_is_lost(entries: list[Any], widths: list[float]) -> None:
    old = project()
    shapes = [squares.square(column, wide=wide) for column, wide in enumerate(widths)]
    new = replace(
        old,
        parcels=old.parcels.set_geometry(shapes, crs=squares.CRS),
        ledger=squares.ledger(*entries).astype({"valid_to": "object"}),
    )
    after = applied(old, new)
    assert update.difference(after, new).empty
    for name, frame in old.tables():
        kept = forgotten(validate(dict(after.tables())[name], name))
        pd.testing.assert_frame_equal(kept, validate(frame, name).dropna(axis=1, how="all"))
    known = [
        fill.land_account(one.as_known(BEFORE), on="2019-06-30", definition="nd35-2022")
        for one in (old, after)
    ]
    pd.testing.assert_frame_equal(*known)
    assert np.isclose(
        fill.land_account(after, on="2019-06-30", definition="nd35-2022").loc["A", "base_ha"],
        sum(widths),
    )
