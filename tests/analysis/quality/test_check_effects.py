"""A check tells the effects of findings as the month of its day does, or why it tells none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import kcngeo as kcn
from kcngeo.analysis.quality.rules import CATALOGUE
from kcngeo.products import check
from kcngeo.publish.findings_table import findings_table
from tests import squares
from tests.analysis.quality.test_effects import KEPT, LET

ON = "2018-03-31"
SAMPLE = Path(__file__).resolve().parents[3] / "data" / "parcels" / "two_zones.gpkg"
EFFECTS = ["effect_leased_ha", "effect_base_ha"]


def checked(project: kcn.Project, *, on: str | None = ON) -> pd.DataFrame:
    return pd.DataFrame(kcn.quality.check(project, on=on, language="en").findings)


def of_month(project: kcn.Project) -> pd.DataFrame:
    report = kcn.report.monthly(project, month="2018-03", start=ON)
    return findings_table(report.findings, language="en")


def sums(table: pd.DataFrame, names: dict[str, str]) -> dict[tuple[str, str], list[float]]:
    """Add effects up by zone and by the name the month has for the rule."""
    moving = table.dropna(subset=EFFECTS)
    named = moving.assign(rule=moving["rule"].map(lambda rule: names.get(rule, rule)))
    added = named.groupby(["rule", "zone_id"])[EFFECTS].sum().round(6)
    return {
        tuple(key): row for key, row in zip(added.index, added.to_numpy().tolist(), strict=True)
    }


NAMES = {name: rule.month[0] for name, rule in CATALOGUE.items() if rule.moves and rule.month}


def test_the_sample_has_the_same_effects_in_both() -> None:
    project = kcn.io.read_project(SAMPLE)
    month = sums(of_month(project), {})
    assert month
    assert sums(checked(project), NAMES) == month


def some(*entries: tuple[Any, ...], lots: Any = None, **more: Any) -> kcn.Project:
    parcels = squares.parcels("P", "Q") if lots is None else lots
    entered = squares.ledger(*entries, **more)
    return kcn.Project(zones=squares.zones("A"), parcels=parcels, ledger=entered)


def test_a_lot_no_entry_mentions_may_be_let() -> None:
    """The square Q is 1 ha of 2 and in no entry: it may be let, 50 points."""
    (row,) = checked(some(LET)).query("rule == 'never_mentioned'").to_dict("records")
    assert [row[name] for name in (*EFFECTS, "effect")] == [1.0, 0.0, 0.5]
    assert pd.isna(row["no_effect"])


def test_overlapping_lots_have_the_effect_the_month_gives_their_fault() -> None:
    lots = squares.parcels("P", "Q")
    lots.loc[1, "geometry"] = squares.square(0.9)
    project = some(LET, KEPT, lots=lots)
    told = checked(project).query("rule == 'overlap'").to_dict("records")
    month = of_month(project).query("rule == 'overlap'").to_dict("records")
    names = (*EFFECTS, "effect")
    assert [[row[name] for name in names] for row in told] == [
        [row[name] for name in names] for row in month
    ]
    # A tenth of a hectare of each.
    assert told[0]["effect_leased_ha"] == pytest.approx(0.1)


def test_without_any_licence_on_record_it_says_so() -> None:
    project = some(LET, KEPT)
    (row,) = checked(project).query("rule == 'leased_without_project'").to_dict("records")
    assert pd.isna(row["effect"])
    assert row["no_effect"] == "no_licence"
    (row,) = of_month(project).query("rule == 'leased_without_project'").to_dict("records")
    assert row["no_effect"] == "no_licence"
    made = check(project, on=ON)
    said = made.csv("findings", language="en")
    assert ",no_licence" in said
    assert kcn.core.texts.text("no_effect.no_licence", language="vi").startswith("chưa rõ")


def test_what_is_on_another_day_moves_nothing_on_this_one() -> None:
    """The lot Q is in no entry, and is no more since the day before."""
    ended = pd.Series([None, ON], dtype="datetime64[s]")
    lots = squares.parcels("P", "Q", valid_to=ended)
    (row,) = checked(some(LET, lots=lots)).query("rule == 'never_mentioned'").to_dict("records")
    assert (row["no_effect"], pd.isna(row["effect_leased_ha"])) == ("not_on_day", True)
    before = checked(some(LET, lots=lots), on="2018-03-30").query("rule == 'never_mentioned'")
    assert before["effect"].tolist() == [0.5]


def test_a_zone_at_fault_has_no_figures_to_move() -> None:
    twice = squares.ledger(("P", "leased", "2018-01-01"), ("P", "reserved", "2018-02-01"))
    project = replace(some(LET), ledger=twice)
    (row,) = checked(project).query("rule == 'tenures_overlap'").to_dict("records")
    assert row["no_effect"] == "at_fault"


def test_where_nothing_can_be_computed_it_says_so() -> None:
    lots = squares.parcels("P", "Q").set_crs("EPSG:4326", allow_override=True)
    report = kcn.quality.check(some(LET, lots=lots), on=ON)
    assert report.effects_on is None
    assert set(report.findings["no_effect"].dropna()) == {"not_computed"}
    assert "none can be computed" in report.headline("en")


def test_the_headline_names_the_day_and_the_law() -> None:
    report = kcn.quality.check(some(LET), on=ON)
    assert report.effects_on == pd.Timestamp(ON)
    assert "31/03/2018 theo Nghị định 164/2013/NĐ-CP" in report.headline("vi")
    # Without a day it is the one on which something was last recorded: the entry of the lease.
    for begun in ("2918-01-01", "2018-01-01"):  # a slip of the century is no day of effects
        slipped = some(LET, ("Q", "leased", begun))
        assert kcn.quality.check(slipped).effects_on == pd.Timestamp("2018-01-01")


def test_every_rule_that_moves_something_tells_an_effect_or_why_not() -> None:
    found = pd.concat(
        [
            checked(some(LET)),
            checked(some(LET, KEPT)),
            checked(kcn.examples.squares()),
            checked(kcn.io.read_project(SAMPLE)),
        ]
    )
    moves = found["rule"].map(lambda rule: CATALOGUE[rule].moves)
    told = found["effect_leased_ha"].notna() | found["no_effect"].notna()
    assert (told == moves).all()
