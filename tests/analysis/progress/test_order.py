"""What was done out of order, day by day."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

import kcngeo as kcn
from tests import squares


def found(
    *entries: tuple[Any, ...],
    on: str = "2018-03-31",
    projects: pd.DataFrame | None = None,
    works: gpd.GeoDataFrame | None = None,
    use: str = "industrial",
    **columns: Any,
) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Severity and ids of each rule in zone A with the lots P1 and P2."""
    ledger = squares.ledger(*entries, **columns)
    parcels = squares.parcels("P1", "P2", use=use)
    rows = kcn.progress.order_findings(
        squares.around(parcels, ledger=ledger, projects=projects, works=works), on=on
    )
    assert all(row.zone_ids == ("A",) for row in rows)
    return {row.rule: (str(row.severity), row.ids) for row in rows}


@pytest.mark.parametrize(
    ("leased_on", "early"),
    [
        ("2011-12-31", False),  # before the uncleared entry begins: nothing is known
        ("2012-01-01", True),
        ("2012-02-05", True),
        ("2012-02-06", False),  # cleared on this day
    ],
)
def test_let_before_cleared(leased_on: str, early: bool) -> None:
    rows = found(("P1", "uncleared", "2012-01-01", "2012-02-06"), ("P1", "leased", leased_on))
    expected = {"let_before_cleared": ("note", (f"P1 leased {leased_on}–…",))} if early else {}
    assert rows == expected


@pytest.mark.parametrize(
    ("on", "severity"),
    [
        ("2011-12-31", None),
        ("2012-01-01", "warning"),  # the day it begins
        ("2012-02-05", "warning"),
        ("2012-02-06", "note"),
    ],
)
def test_let_before_cleared_is_a_warning_until_it_is_cleared(on: str, severity: str | None) -> None:
    entries = [("P1", "uncleared", "2011-01-01", "2012-02-06"), ("P1", "leased", "2012-01-01")]
    rows = found(*entries, on=on)
    assert [row[0] for row in rows.values()] == ([severity] if severity else [])


def test_parts_and_other_uses_are_not_judged() -> None:
    part = ("P1", "uncleared", "2010-01-01", None, 0.5)
    assert found(part, ("P1", "leased", "2012-01-01", None, 0.5)) == {}
    whole = [("P1", "uncleared", "2010-01-01"), ("P1", "leased", "2012-01-01")]
    assert found(*whole, use="green") == {}


def wastewater(*done_on: str | None) -> gpd.GeoDataFrame:
    rows = {
        "work_id": [f"W{number}" for number in range(len(done_on))],
        "zone_id": "A",
        "kind": "wastewater",
        "done_on": pd.to_datetime(pd.Series(list(done_on))),
    }
    shapes = [squares.square(5 + number) for number in range(len(done_on))]
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=squares.CRS)


@pytest.mark.parametrize(
    ("done", "severity"),
    [
        (("2015-05-31",), None),
        (("2015-06-01",), None),  # the day it begins to operate
        (("2015-06-02",), "note"),
        (("2018-03-31",), "note"),  # made good on the day
        (("2018-04-01",), "warning"),
        ((None,), "warning"),
        ((), "warning"),  # none on record
        ((None, "2015-01-01"), None),  # the first works count
    ],
)
def test_operating_before_wastewater(done: tuple[str | None, ...], severity: str | None) -> None:
    projects = pd.DataFrame({"project_id": ["D1"], "operating_on": ["2015-06-01"]})
    rows = found(
        ("P1", "leased", "2014-01-01"),
        projects=projects,
        works=wastewater(*done),
        project_id="D1",
    )
    assert rows == ({"operating_before_wastewater": (severity, ("D1",))} if severity else {})


def test_only_projects_that_hold_land_and_operate_are_judged() -> None:
    projects = pd.DataFrame(
        {"project_id": ["D1", "D2"], "operating_on": ["2018-04-01", "2015-06-01"]}
    )
    rows = found(
        ("P1", "leased", "2014-01-01"),  # D1 operates tomorrow; D2 holds nothing
        projects=projects,
        works=wastewater(None),
        project_id="D1",
    )
    assert rows == {}


def test_days_of_a_project_in_the_wrong_order() -> None:
    projects = pd.DataFrame(
        {
            "project_id": ["D1"],
            "handed_over_on": ["2014-03-01"],
            "building_on": ["2014-02-28"],
            "operating_on": ["2014-02-27"],
        }
    )
    entries = ("P1", "leased", "2014-01-01")
    assert found(entries, projects=projects, project_id="D1") == {
        "building_before_hand_over": ("warning", ("D1",)),
        "operating_before_building": ("warning", ("D1",)),
    }
    same_day = projects.assign(building_on="2014-03-01", operating_on="2014-03-01")
    assert found(entries, projects=same_day, project_id="D1") == {}
