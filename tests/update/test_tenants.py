"""A project that rents a workshop or an office holds no land, also while edits are recorded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from kcngeo import Project, fill, io, ledger, update
from kcngeo.core.errors import ContractError, DataSourceError
from tests import squares
from tests.postgres import Server


def let(**premises: str) -> Project:
    """P1 is let whole to da-0, and the projects say what they rent."""
    entries = squares.ledger(("P1", "leased", "2018-01-01"), entry_id=["e0"], project_id=["da-0"])
    projects = pd.DataFrame({"project_id": [*premises], "premises": [*premises.values()]})
    return Project(
        zones=squares.zones("A"),
        parcels=squares.parcels("P1", "P2"),
        ledger=entries,
        projects=projects.replace({"project_id": {"da_0": "da-0", "da_1": "da-1"}}),
    )


TENANT = squares.ledger(
    ("P1", "leased", "2019-01-01"), entry_id=["e1"], project_id=["da-1"], document="No. 1"
)


def brought(old: Project, **tables: pd.DataFrame) -> Project:
    added = pd.concat([old.ledger, TENANT], ignore_index=True)
    return replace(old, **{"ledger": added, **tables})


def test_a_workshop_tenant_comes_to_a_lot_that_is_let_whole(tmp_path: Path) -> None:
    path = tmp_path / "p.gpkg"
    io.write_project(let(da_0="land", da_1="workshop"), path)
    assert update.record(path, brought(io.read_project(path))).written
    now = io.read_project(path)
    assert sorted(now.as_known().ledger["entry_id"]) == ["e0", "e1"]
    # One of two squares of a hectare is let, once.
    assert fill.fill_rate(now, on="2020-01-01")["fill_rate"].tolist() == [0.5]


def test_the_tenant_may_arrive_with_what_says_that_it_holds_no_land() -> None:
    old = let(da_0="land")
    both = pd.DataFrame({"project_id": ["da-0", "da-1"], "premises": ["land", "office"]})
    changes = update.difference(old, brought(old, projects=both))
    made = update.apply(old, changes, recorded_at="2020-01-01")
    assert sorted(made.as_known().ledger["entry_id"]) == ["e0", "e1"]


def test_in_a_database_the_tenant_is_entered_with_the_area_it_rents(postgis: Server) -> None:
    url = postgis.url("tenants")
    io.write_project(let(da_0="land", da_1="workshop"), url)
    whole = brought(io.read_project(url))
    # The database cannot ask the projects whether a second tenure of the whole lot holds land.
    with pytest.raises(DataSourceError, match=r"entered with the area rented \(part_area_ha\)"):
        update.record(url, whole, without_ancestor=True)
    rented = whole.ledger.assign(part_area_ha=[None, 0.25]).astype({"part_area_ha": "float64"})
    assert update.record(url, replace(whole, ledger=rented), without_ancestor=True).written
    assert fill.fill_rate(io.read_project(url), on="2020-01-01")["fill_rate"].tolist() == [0.5]


@pytest.mark.parametrize("premises", ["land", None])
def test_a_second_tenant_of_land_is_still_refused(premises: str | None) -> None:
    old = let(da_0="land")
    both = pd.DataFrame({"project_id": ["da-0", "da-1"], "premises": ["land", premises]})
    changes = update.difference(old, brought(old, projects=both))
    with pytest.raises(ContractError, match="P1"):
        update.apply(old, changes, recorded_at="2020-01-01")
    with pytest.raises(ContractError, match="P1"):
        ledger.append(replace(old, projects=both), TENANT, recorded_at="2020-01-01")


def test_a_tenant_that_turns_out_to_hold_land_is_refused_where_the_lot_is_let() -> None:
    old = let(da_0="land", da_1="workshop")
    old = ledger.append(old, TENANT, recorded_at="2020-01-01")
    assert len(old.ledger) == 2
    assert old.projects is not None
    land = replace(old, projects=old.projects.replace("workshop", "land"))
    with pytest.raises(ContractError, match="P1"):
        update.apply(old, update.difference(old, land), recorded_at="2020-02-01")
    # What was on record of the project before counts no more.
    corrected = old.projects.assign(recorded_at=pd.Timestamp("2019-01-01", tz="UTC"))
    was = corrected.assign(
        premises="land", superseded_at=pd.Timestamp("2019-01-01", tz="UTC"), recorded_at=pd.NaT
    )
    history = pd.concat([was, corrected], ignore_index=True)
    better = pd.DataFrame({"entry_id": ["e1"], "document": ["No. 2"]})
    made = ledger.correct(replace(old, projects=history), better, recorded_at="2020-03-01")
    assert made.as_known().ledger["document"].dropna().tolist() == ["No. 2"]
