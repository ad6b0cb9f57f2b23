"""A definition with a new base, given by a file alone, is right by hand wherever one may ask."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcngeo import Project, Snapshot, fill, standards
from kcngeo.analysis import absorption, change, claims
from tests import squares

ON, LATER = "2018-03-31", "2019-03-31"
CHANGED = "2018-10-01"


def project(**tables: Any) -> Project:
    """Zone A, lots of 1 ha. Industrial: P let, Q reserved until it is let on 1 October 2018, R
    uncleared until then, S free, T half let before it is cleared. Service: U let; V free and
    industrial from 1 October on.
    """
    lots = squares.parcels(
        *"PQRSTUVV",
        use=[*["industrial"] * 5, "service", "service", "industrial"],
        valid_from=[*[None] * 7, CHANGED],
        valid_to=[*[None] * 6, CHANGED, None],
    )
    entries = squares.ledger(
        ("P", "leased", "2015-01-01"),
        ("Q", "reserved", "2015-01-01", CHANGED),
        ("Q", "leased", CHANGED),
        ("R", "uncleared", "2015-01-01", CHANGED),
        ("T", "leased", "2015-01-01", None, 0.5),
        ("T", "uncleared", "2015-01-01"),
        ("U", "leased", "2015-01-01"),
        entry_id=["p", "q1", "q2", "r", "t1", "t2", "u"],
    )
    return Project(zones=squares.zones("A"), parcels=lots, ledger=entries, **tables)


# Above the line: let P 1, T 0.5, and half of U 0.5; half of the reserved Q 0.5.
# Below: leasable P Q R S T 5, half of U and V 1, less uncleared R 1 and the free half of T 0.5
# (what T holds before it is cleared is no part of `uncleared`), less half of the reserved Q 0.5.
BEFORE = (2.5, 4.0)
# Later Q is let and counts whole above and below; R is cleared; V counts whole: +0.5 +1 +0.5.
AFTER = (3.0, 6.0)


def test_it_is_a_definition_like_the_others(own_definition: str) -> None:
    assert standards.fill_definitions()[-1].name == own_definition
    one = standards.fill_definition(own_definition, on=ON)
    assert one.numerator["service", "leased"] == 0.5
    assert (one.base["industrial", "leasable"], one.base["service", "leasable"]) == (1, 0.5)
    assert one.base["industrial", "reserved"] == -0.5
    assert one.label(on=ON, language="en").startswith("Committed land")


def test_without_its_file_there_is_no_such_definition() -> None:
    with pytest.raises(standards.StandardError, match="is no definition"):
        fill.fill_rate(project(), on=ON, definition="own-committed")


@pytest.mark.parametrize(("on", "expected"), [(ON, BEFORE), (LATER, AFTER)])
def test_the_rate(own_definition: str, on: str, expected: tuple[float, float]) -> None:
    found = fill.fill_rate(project(), on=on, definition=own_definition).loc["A"]
    assert (found["leased_ha"], found["base_ha"]) == expected
    assert found["fill_rate"] == expected[0] / expected[1]


def test_the_account_is_that_of_its_land_uses(own_definition: str) -> None:
    found = fill.land_account(project(), on=ON, definition=own_definition).loc["A"]
    parts = ["leased_ha", "reserved_ha", "uncleared_ha", "available_ha"]
    assert found[["base_ha", *parts]].tolist() == [7.0, 2.5, 1.0, 1.5, 2.0]
    assert found[["uncleared_held_ha", "leased_uncleared_ha"]].tolist() == [0.5, 0.5]


def test_the_series_and_what_it_absorbs(own_definition: str) -> None:
    series = fill.fill_series(
        project(), start="2018-09-30", end="2018-10-31", definition=own_definition
    )
    assert series["fill_rate"].tolist() == [2.5 / 4, 3 / 6]
    assert absorption.absorption(series, freq="ME")["absorption_ha"].tolist() == [0.5]
    # Beside the law, by which all of Q is new.
    law = fill.fill_series(project(), start="2018-09-30", end="2018-10-31", definition="nd164-2013")
    both = absorption.absorption(pd.concat([series, law]), freq="ME")["absorption_ha"]
    assert both.groupby("definition").sum().to_dict() == {own_definition: 0.5, "nd164-2013": 1.0}


def test_what_moved_it(own_definition: str) -> None:
    found = change.explain(project(), start=ON, end=LATER, definition=own_definition)
    row = found.effects.loc["A"]
    assert (row["rate_start"], row["rate_end"]) == (2.5 / 4, 3 / 6)
    assert row["numerator_effect"] == 0.5 / 4
    assert row["base_effect"] == pytest.approx(3 * (1 / 6 - 1 / 4))
    moved = found.entries.set_index("cause")
    assert moved["parcel_ids"].to_dict() == {
        "change_of_use": "V",
        "clearance": "R",
        "lease_begun": "Q",
    }
    assert moved["leased_change_ha"].to_dict() == {
        "change_of_use": 0.0,
        "clearance": 0.0,
        "lease_begun": 0.5,
    }
    assert moved["base_change_ha"].to_dict() == {
        "change_of_use": 0.5,
        "clearance": 1.0,
        "lease_begun": 0.5,
    }
    # A cause that adds ΔL and ΔB does ΔL / B1 − L2·ΔB / (B1·B2) to the rate.
    assert row["clearance"] == pytest.approx(-3 * 1 / (4 * 6))
    assert row["lease_begun"] == pytest.approx(0.5 / 4 - 3 * 0.5 / (4 * 6))
    assert row[list(change.CAUSES)].sum() == pytest.approx(row["change"])
    months = change.by_month(project(), start=ON, end=LATER, definition=own_definition)
    pd.testing.assert_frame_equal(
        months.drop(columns="period"), found.entries, check_exact=False, rtol=1e-12
    )


def test_a_reservation_is_a_cause_where_it_weighs(own_definition: str) -> None:
    entries = squares.ledger(("P", "leased", "2015-01-01"), ("Q", "reserved", CHANGED))
    two = Project(zones=squares.zones("A"), parcels=squares.parcels("P", "Q", "R"), ledger=entries)
    found = change.explain(two, start=ON, end=LATER, definition=own_definition).effects.loc["A"]
    # 1 of 3 ha, then 1.5 of 2.5.
    assert found["change"] == pytest.approx(1.5 / 2.5 - 1 / 3)
    assert found["other_tenure"] == pytest.approx(found["change"])
    law = change.explain(two, start=ON, end=LATER, definition="nd164-2013").effects.loc["A"]
    assert law[["change", "other_tenure"]].tolist() == [0.0, 0.0]


def test_a_let_lot_that_changes_its_use_takes_its_lease_along(own_definition: str) -> None:
    lots = squares.parcels(
        *"PPQ",
        use=["service", "industrial", "industrial"],
        valid_from=[None, CHANGED, None],
        valid_to=[CHANGED, None, None],
    )
    entries = squares.ledger(("P", "leased", "2015-01-01"))
    two = Project(zones=squares.zones("A"), parcels=lots, ledger=entries)
    found = change.explain(two, start=ON, end=LATER, definition=own_definition).entries
    # Half of P counts as service land, all of it as industrial land; nothing was let or given back.
    rows = found[["cause", "leased_change_ha", "base_change_ha"]].to_numpy().tolist()
    assert rows == [["change_of_use", 0.5, 0.5]]
    assert found["effect"].tolist() == pytest.approx([1 / 2 - 0.5 / 1.5])


def test_a_correction_is_weighed(own_definition: str) -> None:
    stored = project()
    record = {"recorded_at": "2015-01-02T00:00Z", "superseded_at": None}
    ledger = pd.concat([stored.ledger.assign(**record)] * 2, ignore_index=True).iloc[:8]
    # The reservation of Q was written down in 2020 as one of half of it.
    ledger = ledger.astype({"superseded_at": "object"})
    ledger.loc[1, "superseded_at"] = "2020-01-01T00:00Z"
    ledger.loc[7] = {**ledger.loc[1], "part_area_ha": 0.5, "superseded_at": None}
    ledger.loc[7, "recorded_at"] = "2020-01-01T00:00Z"
    corrected = Project(zones=stored.zones, parcels=stored.parcels, ledger=ledger)
    found = change.explain(
        corrected,
        start=ON,
        end="2018-04-30",
        definition=own_definition,
        known_at_start="2019-01-01",
    )
    rows = found.entries[["cause", "parcel_ids", "leased_change_ha", "base_change_ha"]]
    assert rows.to_numpy().tolist() == [["correction", "Q", -0.25, 0.25]]
    assert found.effects.loc["A", "rate_end"] == 2.25 / 4.25


def test_claims_are_set_beside_it(own_definition: str) -> None:
    published = pd.DataFrame(
        {
            "zone_id": "A",
            "measure": ["fill_rate", "base_ha", "reserved_ha"],
            "definition": [own_definition, own_definition, None],
            "value": [0.625, 4.0, 1.0],
            "on": ON,
            "source": "press",
        }
    )
    known = project(claims=published).as_known()
    computed = claims.figures(known)
    assert own_definition in set(computed["definition"])
    found = claims.reconcile(known.claims, computed, language="en")
    assert found["verdict"].tolist() == ["agrees"] * 3
    assert found["computed_definition"].tolist()[:2] == [own_definition] * 2
    # 62.5 % of 4 ha is above the line, whatever of it is let.
    implied = claims.implied(known.claims).figures.set_index(["measure", "definition"])
    assert implied.loc[("leased_ha", own_definition), "value"] == 2.5


UNIFORM = """
[fill_rate.own-cleared]
title = { vi = "Tỷ lệ riêng", en = "Our rate" }
uses = ["industrial"]
numerator = { leased = 1, reserved = 0.5 }
base = { leasable = 1, uncleared = -1, reserved = -0.5 }
source = "Decision of the board, Art. 8"
verified = "secondary"
edition = "own"
in_force_from = "no-law"
checked_on = 2026-11-27
"""


@pytest.fixture
def uniform(tmp_path: Any, own_definition: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Add a definition that weighs all its land alike, on top of the other."""
    file = tmp_path / "uniform.toml"
    file.write_text(UNIFORM, encoding="utf-8")
    own = standards.registry(file)
    assert own.load(own_definition)
    monkeypatch.setattr(sys.modules["kcngeo.standards.registry"], "_shipped", lambda: own)
    return "own-cleared"


def test_what_claims_imply_follows_the_weights(uniform: str) -> None:
    # 10 ha leasable, 2 uncleared, 4 reserved: base 10 − 2 − 2 = 6; let 1: above the line 3.
    rows = [
        ("leased_ha", None, 1.0),
        ("reserved_ha", None, 4.0),
        ("uncleared_ha", None, 2.0),
        ("base_ha", "nd164-2013", 10.0),
    ]
    frame = pd.DataFrame(rows, columns=["measure", "definition", "value"])
    found = claims.implied(frame.assign(zone_id="A", on=ON)).figures
    found = found.set_index(["measure", "definition"])
    assert found.loc[("base_ha", uniform), "value"] == 6.0
    assert found.loc[("leased_ha", uniform), "value"] == 3.0
    assert found.loc[("fill_rate", uniform), "value"] == pytest.approx(3 / 6)
    assert found.loc[("base_ha", uniform), "formula"] == (
        "base_ha[nd164-2013] − uncleared_ha[nd164-2013] − 0.5 × reserved_ha[nd164-2013]"
    )
    # And back: what is reserved follows from both bases and the uncleared land.
    back = pd.DataFrame(
        [rows[2], rows[3], ("base_ha", uniform, 6.0)], columns=frame.columns
    ).assign(zone_id="A", on=ON)
    found = claims.implied(back).figures.set_index(["measure", "definition"])
    assert found.loc[("reserved_ha", "nd164-2013"), "value"] == 4.0


DAYS = [f"2018-{month:02d}-15" for month in range(1, 13)]


@st.composite
def estates(draw: Any) -> Snapshot:
    """Four lots that change their use on a day, each with one tenure and maybe uncleared."""
    uses, cuts, entries = [], [], []
    for name in "PQRS":
        uses += draw(st.tuples(*[st.sampled_from(["industrial", "service", "green"])] * 2))
        cuts.append(draw(st.sampled_from(DAYS)))
        begin, finish = sorted(draw(st.lists(st.sampled_from(DAYS), min_size=2, max_size=2)))
        tenure = draw(st.sampled_from(["leased", "reserved", "recovering", "repurposed"]))
        if begin < finish:
            entries.append((name, tenure, begin, finish, draw(st.sampled_from([None, 0.5]))))
        if draw(st.booleans()):
            entries.append((name, "uncleared", "2010-01-01", draw(st.sampled_from(DAYS)), 0.25))
    lots = squares.parcels(
        *"PPQQRRSS",
        use=uses,
        valid_from=[day for cut in cuts for day in (None, cut)],
        valid_to=[day for cut in cuts for day in (cut, None)],
    )
    # Both versions of a lot in one place.
    lots["geometry"] = [squares.square(place // 2) for place in range(len(lots))]
    # A fifth lot stays leasable and cleared, so that there is a base.
    lots = pd.concat([lots, squares.parcels("Z").set_geometry([squares.square(9)])])
    return squares.known(squares.zones("A"), lots, squares.ledger(*entries))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(estates())
def test_effects_add_up_and_agree_with_the_rates(own_definition: str, snapshot: Snapshot) -> None:
    start, end = "2018-03-31", "2018-09-30"
    found = change.explain(snapshot, start=start, end=end, definition=own_definition)
    before, after = (
        fill.fill_rate(snapshot, on=on, definition=own_definition).loc["A"] for on in (start, end)
    )
    row = found.effects.loc["A"]
    rates = [before["fill_rate"], after["fill_rate"]]
    np.testing.assert_allclose(row[["rate_start", "rate_end"]].astype(float), rates, atol=1e-12)
    assert row[list(change.CAUSES)].sum() == pytest.approx(row["change"], abs=1e-12)
    for name, column in (("leased_ha", "leased_change_ha"), ("base_ha", "base_change_ha")):
        moved = found.entries[column].sum()
        assert moved == pytest.approx(after[name] - before[name], abs=1e-9)
