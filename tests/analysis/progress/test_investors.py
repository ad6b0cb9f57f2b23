"""Registered against let land by sector, on lots of 1 ha."""

from __future__ import annotations

import pandas as pd
import pytest

import kcngeo as kcn
from kcngeo.analysis.progress.project_rows import home_zones
from tests import squares

ON = "2018-03-31"
PROJECTS = pd.DataFrame(
    {
        "project_id": ["D1", "D2", "D3", "D4", "D5"],
        "sector": ["cà phê", "cà phê", "chè", "chè", None],
        "premises": ["land", "workshop", "land", "land", "land"],
        "registered_ha": [1.5, None, 0.8, 2.0, 1.0],
        "licensed_on": ["2015-01-01", "2015-01-01", "2015-01-01", "2018-04-01", None],
        "building_on": ["2016-01-01", None, None, None, None],
        "operating_on": ["2018-03-31", None, None, None, None],
    }
)


def support(projects: pd.DataFrame = PROJECTS, on: str = ON) -> pd.DataFrame:
    """D1 holds P1, D3 P2, D5 half of P3; P4 is let to nobody the table knows."""
    ledger = squares.ledger(
        ("P1", "leased", "2015-06-01"),
        ("P2", "leased", "2015-06-01"),
        ("P3", "leased", "2015-06-01", None, 0.5),
        ("P4", "leased", "2015-06-01"),
        project_id=["D1", "D3", "D5", "D9"],
    )
    parcels = squares.parcels("P1", "P2", "P3", "P4", "P5")
    given = squares.known(squares.zones("A"), parcels, ledger, projects=projects)
    found = kcn.progress.investor_support(given, on=on)
    account = kcn.fill.land_account(given, on=on)
    assert found["leased_ha"].sum() == pytest.approx(account["leased_ha"].sum())
    return found


def test_registered_against_let() -> None:
    found = support()
    assert found.index.fillna("?").tolist() == ["chè", "cà phê", "?"]
    # D4 is licensed tomorrow; D2 rents a workshop
    assert found["projects_count"].tolist() == [1, 2, 1]
    assert list(found.columns[:2]) == ["projects_count", "on_land_count"]
    assert found["on_land_count"].tolist() == [1, 1, 1]
    assert found.loc["cà phê", ["registered_ha", "leased_ha", "difference_ha"]].tolist() == [
        1.5, 1.0, -0.5,
    ]  # fmt: skip
    assert found.loc["chè", "difference_ha"] == pytest.approx(0.2)
    assert found.loc["cà phê", ["building_ha", "operating_ha"]].tolist() == [1, 1]
    rest = found[found.index.isna()].iloc[0]
    assert rest["leased_ha"] == pytest.approx(1.5)
    assert pd.isna(rest["registered_ha"])  # of P4 nothing is known


@pytest.mark.parametrize(("on", "count"), [("2018-03-31", 1), ("2018-04-01", 2)])
def test_a_project_counts_from_its_licence(on: str, count: int) -> None:
    assert support(on=on).loc["chè", "projects_count"] == count


def test_a_missing_figure_leaves_the_difference_missing() -> None:
    unknown = PROJECTS.assign(registered_ha=[None, None, 0.8, 2.0, 1.0])
    row = support(unknown).loc["cà phê"]
    assert row["unregistered_count"] == 1
    assert pd.isna(row["registered_ha"])
    assert pd.isna(row["difference_ha"])


def test_without_projects_all_is_unknown() -> None:
    found = support(PROJECTS.iloc[:0])
    assert found.index.isna().all()
    assert found["leased_ha"].tolist() == [3.5]


def test_of_equal_zones_the_first_is_home() -> None:
    held = pd.DataFrame(
        {
            "project_id": ["p", "p", "q", "q", "q"],
            "zone_id": ["B", "A", "A", "B", "A"],
            "leased_ha": [1.0, 1.0, 1.0, 1.5, 1.0],
        }
    )
    # Of q 2 ha lie in A, on two lots.
    assert home_zones(held).to_dict() == {"p": "A", "q": "A"}
