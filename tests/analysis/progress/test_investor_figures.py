"""Investors by zone, sector and origin, on lots of 1 ha."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import kcngeo as kcn
from kcngeo.publish.document import document
from kcngeo.publish.html import html_page
from kcngeo.report import investor_rows
from tests import squares

PROJECTS = pd.DataFrame(
    {
        "project_id": ["D1", "D2", "D3", "D4", "D5"],
        "sector": ["Chế biến cà phê", "cà phê", "sản xuất xyz", None, "trà"],
        "origin": ["domestic", "foreign", "domestic", None, "domestic"],
        "premises": ["land", "land", "land", "workshop", "land"],
        "registered_capital": [10e9, 2e6, 5e9, 1e9, 7e9],
        "implemented_capital": [4e9, 1e6, None, 1e9, 7e9],
        "currency": ["VND", "USD", "VND", "EUR", "VND"],
        "workers": pd.array([100, 50, None, 5, 900], dtype="Int64"),
        "licensed_on": pd.to_datetime(["2015-01-01", "2018-03-31", "2018-04-01", None, None]),
        "handed_over_on": pd.to_datetime(["2015-02-01", None, None, None, None]),
        "building_on": pd.to_datetime([None, "2018-03-31", "2018-04-01", None, None]),
        "operating_on": pd.to_datetime(["2018-03-31", "2018-04-01", None, None, None]),
    }
)


def given() -> kcn.Project:
    """D1 holds P1 and P3, D2 P2, D3 half of P4; D4 rents a workshop on P3; of P5 nobody knows."""
    ledger = squares.ledger(
        ("P1", "leased", "2015-06-01"),
        ("P2", "leased", "2015-06-01"),
        ("P3", "leased", "2015-06-01"),
        ("P4", "leased", "2015-06-01", None, 0.5),
        ("P3", "leased", "2015-06-01", None, 0.1),
        ("P5", "leased", "2015-06-01"),
        project_id=["D1", "D2", "D1", "D3", "D4", None],
    )
    return kcn.Project(
        zones=squares.zones("A"),
        parcels=squares.parcels("P1", "P2", "P3", "P4", "P5"),
        ledger=ledger,
        projects=PROJECTS,
    )


def test_capital_workers_and_steps_by_hand() -> None:
    found = kcn.progress.investor_figures(given(), on="2018-03-31")
    coffee = found.loc[("A", "coffee", "domestic")]
    assert coffee[["projects_count", "leased_ha", "building_ha", "operating_ha"]].tolist() == [
        1, 2, 2, 2,
    ]  # fmt: skip
    assert coffee[["registered_vnd", "implemented_vnd", "workers_count"]].tolist() == [
        10e9, 4e9, 100,
    ]  # fmt: skip
    # Who operates has built, whatever day is missing.
    assert coffee[["licensed_count", "handed_over_count", "building_count"]].tolist() == [1, 1, 1]
    # Dollars stand apart; building begins on the day, operation the day after.
    foreign = found.loc[("A", "coffee", "foreign")]
    assert foreign[["registered_vnd", "registered_usd", "implemented_usd"]].tolist() == [
        0,
        2e6,
        1e6,
    ]
    assert foreign[["licensed_count", "building_count", "operating_count"]].tolist() == [1, 1, 0]
    # No word of the registry names its sector; what it realised and its workers nobody entered.
    other = found.loc[("A", "other", "domestic")]
    assert other[["registered_vnd", "capital_unknown_count", "workers_unknown_count"]].tolist() == [
        5e9, 1, 1,
    ]  # fmt: skip
    assert other[["implemented_vnd", "workers_count", "operating_ha"]].tolist() == [0, 0, 0]
    assert other[["licensed_count", "building_count"]].tolist() == [0, 0]
    # The workshop holds no land; euros have no column. P5 is let to nobody the table knows.
    unknown = found.loc[("A", "unknown", "unknown")]
    assert unknown[["projects_count", "leased_ha", "capital_unknown_count"]].tolist() == [1, 1, 1]
    # D5 holds nothing, and counts nowhere.
    assert "tea" not in found.index.get_level_values("sector")
    assert found["leased_ha"].sum() == pytest.approx(
        kcn.fill.land_account(given(), on="2018-03-31")["leased_ha"].sum()
    )


def test_rows_for_people_add_up_and_leave_unknown_what_nobody_knows() -> None:
    rows = investor_rows(kcn.report.monthly(given(), month="2018-03"))
    whole = rows[rows["sector"].isna() & rows["origin"].isna()].iloc[0]
    # One zone needs no row of all zones.
    assert set(rows["zone_id"]) == {"A"}
    assert whole[["projects_count", "leased_ha", "registered_vnd"]].tolist() == [4, 4.5, 15e9]
    # D1's 2 ha and D2's 1 ha of 4.5 ha are built on, D1's run.
    assert whole["building_share"] == pytest.approx(3 / 4.5)
    assert whole["operating_share"] == pytest.approx(2 / 4.5)
    sectors = rows["sector"].dropna().tolist()
    assert sectors == ["coffee", "other", "unknown"]
    for by in ("sector", "origin"):
        assert rows.loc[rows[by].notna(), "leased_ha"].sum() == pytest.approx(4.5)
    # D4's euros are no dongs: not 0, but unknown.
    unknown = rows[rows["sector"] == "unknown"].iloc[0]
    assert pd.isna(unknown["registered_vnd"])
    assert unknown["workers_count"] == 5


def test_without_projects_there_is_no_table_and_without_capital_none_is_told() -> None:
    bare = kcn.report.monthly(replace(given(), projects=None), month="2018-03")
    assert bare.investors is None
    assert investor_rows(bare).empty
    less = PROJECTS.drop(columns=["registered_capital", "implemented_capital", "currency"])
    rows = investor_rows(kcn.report.monthly(replace(given(), projects=less), month="2018-03"))
    assert rows[["registered_vnd", "registered_usd", "implemented_vnd"]].isna().all(axis=None)
    assert (rows["capital_unknown_count"] == rows["projects_count"]).all()


def reports() -> pd.DataFrame:
    """D1 reports two quarters and one that is not over, D2 only wages, D4 twice, D5 holds none."""
    return pd.DataFrame(
        [
            ("D1", "2017Q4", 90e9, 8e9),
            ("D1", "2018Q1", 100e9, 9e9),
            ("D1", "2018Q2", 1e9, 1e9),
            ("D2", "2018Q1", None, 3e9),
            ("D4", "2018Q1", 5e9, 1e9),
            ("D4", "2018Q1", 6e9, 1e9),
            ("D5", "2018Q1", 7e9, 7e9),
        ],
        columns=["project_id", "period", "output_vnd", "wages_vnd"],
    )


def reported(on: str = "2018-03-31", table: pd.DataFrame | None = None) -> pd.DataFrame:
    told = reports() if table is None else table
    return kcn.progress.investor_figures(replace(given(), project_periods=told), on=on)


def test_what_was_produced_and_paid_is_of_the_last_quarter_that_is_over() -> None:
    names = ["output_vnd", "output_unknown_count", "wages_vnd", "wages_unknown_count"]
    now = reported()
    assert now.loc[("A", "coffee", "domestic"), names].tolist() == [100e9, 0, 9e9, 0]
    assert now.loc[("A", "coffee", "foreign"), names].tolist() == [0, 1, 3e9, 0]
    # Of two reports of one quarter nobody knows which is right.
    assert now.loc[("A", "unknown", "unknown"), names].tolist() == [0, 1, 0, 1]
    # On the last day of the quarter it is over, the day before it is not.
    then = reported("2018-03-30")
    assert then.loc[("A", "coffee", "domestic"), names].tolist() == [90e9, 0, 8e9, 0]
    # Of a quarter nobody reported of, the one before stands.
    assert reported("2018-12-31", reports()[:2]).loc[
        ("A", "coffee", "domestic"), names
    ].tolist() == [100e9, 0, 9e9, 0]
    # Neither nonsense nor an empty line is a report.
    strange = pd.DataFrame({"project_id": ["D1", "D1"], "period": ["2018", "2017Q3"]})
    table = pd.concat([strange.assign(wages_vnd=[5.0, None]), reports()[:1]])
    assert reported(table=table)["wages_vnd"].sum() == 8e9


def test_the_month_shows_wages_only_where_given_and_never_in_public() -> None:
    project = replace(given(), project_periods=reports())
    words = b"Wages paid in the period"
    report = kcn.report.monthly(project, month="2018-03")
    rows = investor_rows(report)
    whole = rows[rows["sector"].isna() & rows["origin"].isna()].iloc[0]
    told = ["period", "output_vnd", "output_unknown_count", "wages_vnd", "wages_unknown_count"]
    # D3 and D4 say nothing of four, D2 nothing of what it produced.
    assert whole[told].tolist() == ["2018Q1", 100e9, 3, 12e9, 2]
    page = html_page(document(report, language="en"), map_page="")
    assert words in page
    assert b"12,000,000,000" in page
    public = kcn.report.monthly(kcn.report.public(project), month="2018-03")
    assert investor_rows(public)[told].isna().all(axis=None)
