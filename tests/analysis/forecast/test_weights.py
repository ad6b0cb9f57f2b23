"""Definitions are weights: new ones are followed, or the reason says that they cannot be."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

import kcngeo as kcn
from kcngeo.analysis import forecast as room
from kcngeo.analysis.forecast import history as outlook_module
from kcngeo.analysis.forecast.definition_weights import Counted, base_growth, counted
from kcngeo.core.errors import KcngeoError, KcngeoWarning
from kcngeo.fill import ITEMS
from tests import squares
from tests.analysis.forecast.lots import LEVELS, ON, reasons, supply, ten_lots, uncleared


def weigh(monkeypatch: pytest.MonkeyPatch, **lines: dict[str, float]) -> None:
    """Make a definition of these weights, of industrial land, the one in force."""
    weights = {
        line: {("" if item == "zone" else "industrial", item): one for item, one in items.items()}
        for line, items in lines.items()
    }
    made = dataclasses.replace(kcn.standards.load("nd164-2013"), name="own", **weights)
    monkeypatch.setattr(outlook_module, "fill_definition", lambda *_, **__: made)


PARTS = ("leased", "reserved", "recovering", "repurposed", "uncleared", "available")


@pytest.mark.parametrize(
    ("like", "base"),
    [
        ("nd164-2013", dict.fromkeys(PARTS, 1.0)),
        ("cleared", {**dict.fromkeys(PARTS, 1.0), "uncleared": 0.0, "uncleared_held": -1.0}),
        ("cleared", {"leasable": 1.0, "uncleared": -1.0, "uncleared_held": -1.0}),
    ],
)
def test_a_base_written_in_other_parts_is_the_same(
    monkeypatch: pytest.MonkeyPatch, like: str, base: dict[str, float]
) -> None:
    lots = (*uncleared("A8", "A9"), ("A7", "reserved", "2017-01-01"))
    snapshot = squares.known(*ten_lots(*lots))
    asked = {"on": ON, "target": 0.85, "supply": supply(("A", "2018-04-01", 2.0))}
    expected = room.fill_date(snapshot, **asked, definition=like)
    numerator = {"leased": 1.0} | ({"leased_uncleared": -1.0} if like == "cleared" else {})
    weigh(monkeypatch, numerator=numerator, base=base)
    found = room.fill_date(snapshot, **asked)
    assert found["p50"].notna().all()
    pd.testing.assert_frame_equal(found.assign(definition=like).astype(expected.dtypes), expected)


@pytest.mark.parametrize(
    ("base", "land_ha", "on_cleared", "supplied", "growth"),
    [
        # A hectare cleared is one more of the base, or none where what waits counted before.
        ({"leasable": 1.0, "uncleared": -1.0}, {"uncleared": 1}, False, True, 1.0),
        ({"leasable": 1.0}, {"uncleared": 1}, False, True, 0.0),
        ({"leasable": 1.0, "uncleared": -1.0}, {"uncleared": 1}, False, False, 0.0),
        ({"leasable": 1.0, "uncleared": -1.0}, {"uncleared": 1e-4}, False, True, 0.0),  # 1 m²
        ({"leasable": 1.0, "uncleared": -1.0}, {"uncleared": 1.01e-4}, False, True, 1.0),
        # What is held before it is cleared adds a half; what is let of it does not wait.
        ({"leasable": 1.0, "uncleared_held": -0.5}, {"uncleared_held": 1}, True, True, 0.5),
        ({"leasable": 1.0, "uncleared_held": -0.5}, {"uncleared_held": 1e-4}, True, True, 0.0),
        (
            {"leasable": 1.0, "uncleared_held": -0.5},
            {"uncleared_held": 3, "leased_uncleared": 3},
            True,
            True,
            0.0,
        ),
        # Given back, a half would become a whole, of land that counts as let from the first day.
        (
            {"leasable": 1.0, "uncleared_held": -0.5},
            {"uncleared_held": 3, "leased_uncleared": 3},
            False,
            True,
            None,
        ),
        # Where it is added again for what is let, nothing changes when that is given back.
        (
            {"leasable": 1.0, "uncleared_held": -1.0, "leased_uncleared": 1.0},
            {"uncleared_held": 3, "leased_uncleared": 3},
            False,
            True,
            0.0,
        ),
        # Two kinds of land to be cleared, and nobody says which comes first.
        (
            {"leasable": 1.0, "uncleared_held": -0.5},
            {"uncleared_held": 1, "uncleared": 1},
            True,
            True,
            None,
        ),
        ({"leasable": 1.0, "reserved": -1.0}, {"reserved": 1e-4}, False, True, 0.0),
        ({"leasable": 1.0, "reserved": -1.0}, {"reserved": 1.01e-4}, False, True, None),
    ],
)
def test_a_base_grows_by_what_a_cleared_hectare_adds(
    base: dict[str, float],
    land_ha: dict[str, float],
    on_cleared: bool,
    supplied: bool,
    growth: float | None,
) -> None:
    weights = {("industrial", item): weight for item, weight in base.items()}
    definition = dataclasses.replace(kcn.standards.load("nd164-2013"), base=weights)
    # (uses, items) mm², of industrial land alone
    land_mm2 = np.zeros((2, len(ITEMS)))
    land_mm2[0] = [land_ha.get(item, 0.0) * 1e10 for item in ITEMS]
    let = Counted(uses=(0,), on_cleared=on_cleared)
    assert base_growth(definition, let, land_mm2, supplied=supplied) == growth


@pytest.mark.parametrize(
    ("industrial", "service", "on_cleared"),
    [(0.0, 0.0, False), (-1.0, -1.0, True), (0.0, -1.0, None), (-0.5, -0.5, None)],
)
def test_let_land_counts_from_the_first_day_or_once_cleared_the_same_for_all_uses(
    industrial: float, service: float, on_cleared: bool | None
) -> None:
    numerator = {(use, "leased"): 1.0 for use in ("industrial", "service")}
    numerator |= {("industrial", "leased_uncleared"): industrial}
    numerator |= {("service", "leased_uncleared"): service}
    definition = dataclasses.replace(kcn.standards.load("nd35-2022"), numerator=numerator)
    found = None if on_cleared is None else Counted(uses=(0, 1), on_cleared=on_cleared)
    assert counted(definition) == found


def test_a_new_base_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    # Seven of ten lots let, one repurposed. Of 9 ha that are not, 8/9 are 8 ha, as are 80 % of 10.
    snapshot = squares.known(*ten_lots(("A9", "repurposed", "2010-01-01")))
    law = room.fill_date(snapshot, on=ON, target=0.8).loc["A"]
    weigh(monkeypatch, base={"leasable": 1.0, "repurposed": -1.0})
    own = room.fill_date(snapshot, on=ON, target=8 / 9).loc["A"]
    assert (own["base_ha"], own["needed_ha"], own["definition"]) == (9.0, pytest.approx(1.0), "own")
    assert own[LEVELS].tolist() == law[LEVELS].tolist()


def test_a_base_of_polygon_and_leasable_land_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    # Half the polygon of 10 ha and half the leasable land, 10 ha too, are a base of 10 ha.
    snapshot = squares.known(*ten_lots())
    law = room.fill_date(snapshot, on=ON, target=0.8).loc["A"]
    weigh(monkeypatch, base={"zone": 0.5, "leasable": 0.5})
    own = room.fill_date(snapshot, on=ON, target=0.8).loc["A"]
    assert own["base_ha"] == pytest.approx(10.0)
    assert own[LEVELS].tolist() == law[LEVELS].tolist()


@pytest.mark.parametrize(
    ("lots", "base", "reason"),
    [
        # The base grows with each letting of reserved land, not of other land.
        ((("A9", "reserved", "2017-01-01"),), {"leasable": 1.0, "reserved": -1.0}, "definition"),
        ((), {"leasable": 1.0, "reserved": -1.0}, None),
        # It shrinks with every letting.
        ((), {"leased": 1.0, "available": 2.0}, "definition"),
    ],
)
def test_a_base_that_moves_with_lettings_gives_no_date(
    monkeypatch: pytest.MonkeyPatch,
    lots: tuple[tuple[str, str, str], ...],
    base: dict[str, float],
    reason: str | None,
) -> None:
    weigh(monkeypatch, base=base)
    snapshot = squares.known(*ten_lots(*lots))
    found = room.fill_date(snapshot, on=ON, target=0.9, by_date="2030-01-01")
    assert reasons(found) == [reason]
    assert found[LEVELS].isna().all(axis=None) == (reason is not None)
    assert found["probability"].isna().tolist() == [reason is not None]
    assert found["needed_ha"].isna().tolist() == [reason is not None]
    # The let hectares do not ask for the base.
    assert reasons(room.leased_at(snapshot, on=ON, horizons=[12])) == [None]


def test_land_cleared_that_grows_the_base_by_two_amounts_gives_no_date(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Uncleared land joins the base when it is cleared; what is reserved before is in it already.
    lots = (*uncleared("A8", "A9"), ("A9", "reserved", "2017-01-01"))
    snapshot = squares.known(*ten_lots(*lots))
    weigh(monkeypatch, base={"leasable": 1.0, "uncleared": -1.0})
    coming = supply(("A", "2019-01-01", 1.0))
    assert reasons(room.fill_date(snapshot, on=ON, target=0.8, supply=coming)) == ["definition"]
    assert reasons(room.fill_date(snapshot, on=ON, target=0.7)) == [None]
    plain = squares.known(*ten_lots(*uncleared("A8", "A9")))
    found = room.fill_date(plain, on=ON, target=0.8, supply=coming, by_date="2019-03-31").loc["A"]
    # 7 of 8 ha today, 7 of 9 ha once one more is cleared: 7.2 are needed then.
    assert (found["base_ha"], found["leased_ha"]) == (8.0, 7.0)
    assert found["required_ha_per_month"] == pytest.approx(0.2 / (365 / (365.25 / 12)))


@pytest.mark.parametrize(
    ("numerator", "leased_ha"),
    [
        ({"leased": 1.0, "reserved": 0.5}, 7.5),
        ({"leased": 0.5}, 3.5),
        ({"leased": 1.0, "available": 1.0}, 9.0),
        ({"leased": 1.0, "leased_unlicensed": -1.0}, np.nan),
    ],
)
def test_a_numerator_that_is_not_the_let_land_gives_no_forecast(
    monkeypatch: pytest.MonkeyPatch, numerator: dict[str, float], leased_ha: float
) -> None:
    weigh(monkeypatch, numerator=numerator)
    snapshot = squares.known(*ten_lots(("A9", "reserved", "2017-01-01")))
    found = room.fill_date(snapshot, on=ON, target=0.99, by_date="2030-01-01")
    assert reasons(found) == ["definition"]
    assert found["leased_ha"].tolist() == pytest.approx([leased_ha], nan_ok=True)
    figures = [*LEVELS, "probability", "needed_ha", "lettable_ha", "leases", "net_ha_per_month"]
    assert found[figures].isna().all(axis=None)
    leased = room.leased_at(snapshot, on=ON, horizons=[12])
    assert reasons(leased) == ["definition"]
    assert leased[LEVELS].isna().all(axis=None)


def test_a_zone_that_does_not_count_says_so_whatever_the_definition(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    weigh(monkeypatch, numerator={"leased": 0.5})
    snapshot = squares.known(*ten_lots(established="2020-01-01"))
    assert reasons(room.fill_date(snapshot, on=ON, target=0.5)) == ["not_counted"]
    assert reasons(room.leased_at(snapshot, on=ON, horizons=[12])) == ["not_counted"]


def test_a_base_nobody_recorded_gives_no_forecast(monkeypatch: pytest.MonkeyPatch) -> None:
    weigh(monkeypatch, base={"leasable": 1.0, "unserviced": -1.0})
    snapshot = squares.known(*ten_lots())
    found = room.fill_date(snapshot, on=ON, target=0.5)
    assert reasons(found) == ["definition"]
    assert found[[*LEVELS, "base_ha", "needed_ha"]].isna().all(axis=None)
    assert reasons(room.leased_at(snapshot, on=ON, horizons=[12])) == ["definition"]


def test_where_more_is_let_than_the_base_the_zone_is_at_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # 7 ha let, 3 ha in the base: a rate of 233 %.
    weigh(monkeypatch, base={"available": 1.0, "recovering": 1.0, "reserved": 1.0})
    frames = dict(zip(("zones", "parcels", "ledger"), ten_lots(), strict=True))
    with pytest.raises(KcngeoError, match=r"exceed the base by 4\.0000 ha"):
        room.fill_date(squares.known(**frames), on=ON, target=0.5)
    with pytest.warns(KcngeoWarning, match="left out: A"):
        found = room.fill_date(kcn.Project(**frames), on=ON, target=0.5)
    assert found[[*LEVELS, "leased_ha", "base_ha"]].isna().all(axis=None)
