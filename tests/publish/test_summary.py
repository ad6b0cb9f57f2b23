"""The summary: sentences worked out by hand, and every figure in them a cell of a table.

Zone A has four lots of 1 ha. A1 is let from January to 14 March 2018, half of A2 from February on:
1.5 of 4 ha at the end of February (37.5 %), 0.5 of 4 ha at the end of March (12.5 %). Zone B has
one lot of two let throughout. The ledger of zone C holds a status that no contract knows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from kcngeo import Project, report
from kcngeo.publish.month_tables import all_tables
from kcngeo.publish.narrative import Sentence, summary
from tests import squares


def project(*, sound: bool = False) -> Project:
    """The three zones; without the one that is at fault if they are to be sound."""
    parcels = squares.parcels(
        *("A1", "A2", "A3", "A4", "B1", "B2", "C1"), zone=["A"] * 4 + ["B"] * 2 + ["C"]
    )
    places = [(0, 0), (1, 0), (2, 0), (3, 0), (0, 1), (1, 1), (0, 2)]
    entries = [
        ("A1", "leased", "2018-01-01", "2018-03-15"),
        ("A2", "leased", "2018-02-01", None, 0.5),
        ("B1", "leased", "2015-01-01"),
        ("C1", "let", "2018-01-01"),
    ]
    parcels = parcels.set_geometry([squares.square(*at) for at in places], crs=squares.CRS)
    zones = squares.zones("A", "B", "C", name=["An", "Bình", "Cát"])
    if sound:
        zones, parcels, entries = zones[:2], parcels[:6], entries[:3]
    return Project(
        zones=zones,
        parcels=parcels,
        ledger=squares.ledger(*entries),
        targets=pd.DataFrame(
            {"zone_id": ["A"], "measure": ["fill_rate"], "value": [0.5], "on": ["2018-12-31"]}
        ),
    )


def told(month: str, language: str, *, sound: bool = False) -> dict[str, list[str]]:
    made = report.monthly(project(sound=sound), month=month)
    tables = all_tables(made, language=language)
    said: dict[str, list[str]] = {}
    for sentence in summary(made, tables):
        said.setdefault(sentence.zone_id, []).append(sentence.shown(tables, language=language))
    return said


def test_a_month_of_fall() -> None:
    said = told("2018-03", "en")
    assert said["A"] == [
        "An: 12.50 % let by Decree 164/2013/ND-CP, 0.50 ha of 4.00 ha.",
        # A3 and A4 are in no entry.
        "In doubt: ± 2.00 ha let, up to 50.00 points, because of lots in no entry of the ledger.",
        "It fell by 25.00 points since 28 Feb 2018, from 37.50 % to 12.50 %.",
        "Leases ended, lot A1, 15 Mar 2018: −1.00 ha, which lowered it by 25.00 points.",
        # 0.5 ha is let, and half of 4 ha is asked for. A straight way from nothing at the end of
        # January 2015 to 50 % stood at 40 %.
        "Target of 50.00 % by 31 Dec 2018: behind; 1.50 ha short of it.",
        "Within a year, since 31 Mar 2017, it rose by 12.50 points, from 0.00 % to 12.50 %.",
        "Leases begun, lot A1, 1 Jan 2018: +1.00 ha, which raised it by 25.00 points.",
        "Leases ended, lot A1, 15 Mar 2018: −1.00 ha, which lowered it by 25.00 points.",
        # The half of A2.
        "More moved it: see the table of causes.",
        "When 50.00 % is reached cannot be forecast: fewer than five lettings to learn from.",
        "When 100.00 % is reached cannot be forecast: fewer than five lettings to learn from.",
        # Free: A1, half of A2 (nobody drew which), A3, A4. The fence runs round 1000 m × 100 m and
        # the belt inside it is 10 m wide, so A1 keeps 90 m × 80 m, A3 and A4 100 m × 80 m each.
        "Vacant: 3.50 ha, of which 2.32 ha can be built on; the largest stretch that lies together "
        "has 1.60 ha.",
    ]


def test_beside_a_rate_stands_what_it_divides() -> None:
    # A half of a lot is let. The fence of A encloses 10 ha, its four lots are 4 ha of it.
    made = report.monthly(project(sound=True), month="2018-03", definition="gross")
    tables = all_tables(made, language="en")
    account, first = (tables[name].set_index("zone_id").loc["A"] for name in FIRST)
    assert (account["leased_ha"], account["base_ha"]) == (0.5, 4.0)
    assert (first["leased_ha"], first["base_ha"], first["fill_rate"]) == (0.5, 10.0, 0.05)
    said = [one.shown(tables, language="en") for one in summary(made, tables)]
    assert "An: 5.00 % let by On the whole zone, 0.50 ha of 10.00 ha." in said


FIRST = ("accounts", "overview")


def test_all_zones_together_move_by_their_own_base() -> None:
    # 2.5 of 6 ha at the end of February, 1.5 of 6 ha at the end of March.
    assert told("2018-03", "en", sound=True)["total"][:4] == [
        "All zones: 25.00 % let by Decree 164/2013/ND-CP, 1.50 ha of 6.00 ha.",
        # A3, A4 and B2.
        "In doubt: ± 3.00 ha let, up to 50.00 points, because of lots in no entry of the ledger.",
        "It fell by 16.67 points since 28 Feb 2018, from 41.67 % to 25.00 %.",
        "Leases ended, lot A1, 15 Mar 2018: −1.00 ha, which lowered it by 16.67 points.",
    ]


def test_of_equal_causes_those_that_tell_the_change_come_first() -> None:
    # The lease of A1 ends on 15 March, those of A3 and A4 begin after it: −25 + 25 + 25 points.
    given = project(sound=True)
    begun = squares.ledger(("A3", "leased", "2018-03-20"), ("A4", "leased", "2018-03-21"))
    grown = replace(given, ledger=pd.concat([given.ledger, begun], ignore_index=True))
    made = report.monthly(grown, month="2018-03")
    tables = all_tables(made, language="en")
    said = [
        one.shown(tables, language="en")
        for one in summary(made, tables)
        if one.zone_id == "A" and one.is_first
    ]
    assert said[1:5] == [
        "It rose by 25.00 points since 28 Feb 2018, from 37.50 % to 62.50 %.",
        "Leases begun, lot A3, 20 Mar 2018: +1.00 ha, which raised it by 25.00 points.",
        "Leases begun, lot A4, 21 Mar 2018: +1.00 ha, which raised it by 25.00 points.",
        "More moved it: see the table of causes.",
    ]


def test_the_first_page_has_the_rate_the_month_and_the_verdict() -> None:
    made = report.monthly(project(), month="2018-03")
    first = [one.key for one in summary(made, all_tables(made, language="en")) if one.is_first]
    assert first == [
        "not_computable",
        *("rate", "doubt_let", "month_fell", "cause_down", "target"),
        *("rate", "doubt_let", "month_same"),
        "not_computable",
    ]


def test_a_change_too_small_to_be_seen_is_none() -> None:
    # A re-survey by 0.01 m: 0.5 of 2 ha less 1 m² moves the rate by 0.001 points.
    given = project(sound=True)
    lots = given.parcels[given.parcels["zone_id"] == "B"]
    smaller = lots.iloc[1:].assign(valid_from="2018-03-10")
    smaller = smaller.set_geometry([squares.square(1, 1, wide=0.9999)], crs=squares.CRS)
    lots = pd.concat(
        [lots.iloc[:1], lots.iloc[1:].assign(valid_to="2018-03-10"), smaller], ignore_index=True
    )
    other = replace(
        given,
        zones=given.zones[given.zones["zone_id"] == "B"],
        parcels=lots,
        ledger=given.ledger[given.ledger["parcel_id"] == "B1"],
        targets=None,
    )
    made = report.monthly(other, month="2018-03")
    tables = all_tables(made, language="en")
    words = [one.shown(tables, language="en") for one in summary(made, tables)]
    assert "The rate has not changed since 28 Feb 2018." in words
    # What was re-surveyed is told all the same.
    assert any(text.startswith("Lots surveyed again, lot B2") for text in words)


def test_a_month_without_change() -> None:
    assert told("2018-03", "vi")["B"][:4] == [
        "Bình: đã cho thuê 50,00 % theo Nghị định 164/2013/NĐ-CP, 1,00 ha trên 2,00 ha.",
        "Nghi vấn: ± 1,00 ha đất cho thuê, tỷ lệ lệch đến 50,00 điểm %, vì lô không có trong sổ.",
        "Tỷ lệ không đổi so với ngày 28/02/2018.",
        "Trong một năm, từ ngày 31/03/2017, tỷ lệ không đổi.",
    ]


def test_a_target_is_forecast_for_its_own_zone_alone() -> None:
    made = report.monthly(project(), month="2018-03")
    assert made.forecast is not None
    rows = made.forecast.dates
    assert rows[rows["target"] == 0.5]["zone_id"].tolist() == ["A"]
    assert rows[rows["target"] == 1.0]["zone_id"].tolist() == ["A", "B"]
    other = report.monthly(project(), month="2018-03", definition="cleared")
    assert other.forecast is not None
    assert set(other.forecast.dates["target"]) == {0.5, 1.0}


@pytest.mark.parametrize("language", ["vi", "en"])
def test_beside_a_date_stands_whether_the_pace_has_changed(language: str) -> None:
    made = report.monthly(project(), month="2018-03")
    assert made.forecast is not None
    day = {name: pd.Timestamp("2030-01-01") for name in ("p10", "p50", "p90")}
    for changed in (False, True):
        dates = made.forecast.dates.assign(**day, reason=None)
        dates["pace_changed"] = pd.array([changed] * len(dates), dtype="boolean")
        about = replace(made, forecast=replace(made.forecast, dates=dates))
        tables = all_tables(about, language=language)
        keys = [one.key for one in summary(about, tables)]
        # Two targets of A and one of B.
        assert keys.count("forecast") == 3
        assert keys.count("forecast_changed") == (3 if changed else 0)


def test_a_target_of_another_definition_is_not_forecast() -> None:
    given = project()
    assert given.targets is not None
    named = replace(given, targets=given.targets.assign(definition="cleared"))
    made = report.monthly(named, month="2018-03")
    assert made.forecast is not None
    assert set(made.forecast.dates["target"]) == {1.0}


def test_a_zone_that_is_not_computable_says_why_and_takes_the_total_with_it() -> None:
    said = told("2018-03", "en")
    assert said["C"][0].startswith("Cát: not computable. Status holds let")
    assert len(said["C"]) == 1
    assert said["total"] == ["All zones: not computable. Cát"]


def written(kind: str, value: Any) -> str:
    """Write a cell, without the code that writes the sentence."""
    if kind == "share":
        return f"{value * 100:.2f} %"
    if kind == "points":
        return f"{abs(value) * 100:.2f} points"
    if kind in ("ha", "signed_ha"):
        return f"{abs(value):.2f} ha"
    if kind == "metres":
        return f"{value:.2f} m"
    if kind == "date":
        return f"{value.day} {value:%b} {value.year}"
    if kind == "name":
        return {"nd164-2013": "Decree 164/2013/ND-CP"}.get(value, value)
    return "" if kind in ("word", "words") else str(value)


@pytest.mark.parametrize("month", ["2018-02", "2018-03", "2018-04"])
def test_every_figure_of_a_sentence_is_its_cell(month: str) -> None:
    made = report.monthly(project(), month=month)
    tables = all_tables(made, language="en")
    shown = 0
    for sentence in summary(made, tables):
        words = sentence.shown(tables, language="en")
        for cell in sentence.cells.values():
            value = tables[cell.table][cell.column].iloc[cell.row]
            expected = written(cell.kind, value)
            assert expected in words, (sentence.key, cell)
            shown += cell.kind in ("share", "points", "ha", "signed_ha")
    assert shown > 8


def test_a_sentence_follows_its_table() -> None:
    made = report.monthly(project(), month="2018-03")
    tables = all_tables(made, language="en")
    first = next(one for one in summary(made, tables) if one.zone_id == "B")
    overview = tables["overview"].copy()
    overview.loc[overview["zone_id"] == "B", "fill_rate"] = 0.75
    assert "75.00 %" in first.shown({**tables, "overview": overview}, language="en")
    assert isinstance(first, Sentence)


@pytest.mark.parametrize(
    ("wide_m", "language", "first"),
    [
        # Two free lots share 1 m × 100 m, which both may lose: 1 of 2 ha is let, and 1 ÷ 1.98 is
        # 50.51 %: too wide to be told.
        (1.0, "en", "An: not computable. leasable parcels overlap"),
        # 0.05 m × 100 m are 0.0005 ha: 1 ÷ 1.999 is 50.025 %, which is told upwards.
        (
            0.05,
            "en",
            "An: between 50.00 % and 50.03 % let by Decree 164/2013/ND-CP; not computable more exa",
        ),
        (
            0.05,
            "vi",
            "An: đã cho thuê từ 50,00 % đến 50,03 % theo Nghị định 164/2013/NĐ-CP; không tính",
        ),
    ],
)
def test_a_rate_that_is_known_to_a_twentieth_of_a_point_is_told(
    wide_m: float, language: str, first: str
) -> None:
    parcels = squares.parcels("A1", "A2", "A3")
    # A1 is let; A2 and A3 are half a square each, and A3 reaches over A2.
    halves = [squares.square(1, wide=0.5), squares.square(1.5 - wide_m / 100, wide=0.5)]
    parcels = parcels.set_geometry([squares.square(0), *halves], crs=squares.CRS)
    made = report.monthly(
        Project(
            zones=squares.zones("A", name=["An"]),
            parcels=parcels,
            ledger=squares.ledger(("A1", "leased", "2015-01-01")),
        ),
        month="2018-03",
    )
    tables = all_tables(made, language=language)
    said = [one for one in summary(made, tables) if one.zone_id == "A"]
    assert said[0].shown(tables, language=language).startswith(first)
    # The files give the bounds however wide they are.
    assert tables["accounts"][["rate_low", "rate_high"]].notna().all(axis=None)
