"""Zones without a polygon, and what is declared of them, in all three stores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import psycopg
import pytest

from kcngeo import Project, fill, io, update
from kcngeo.core.errors import DataSourceError
from tests import squares
from tests.io.test_stores import places
from tests.postgres import Server
from tests.stores import assert_same

STATED = pd.DataFrame(
    {
        "zone_id": ["B", "B"],
        "on": pd.to_datetime(["2018-01-01", "2018-03-01"]),
        "definition": pd.array([None, "nd164-2013"], dtype="str"),
        "base_ha": [100.0, 100.0],
        "leased_ha": [60.0, 70.0],
        "unserviced_ha": [None, 10.0],
        "source": ["a notice", "a letter"],
    }
)


@pytest.fixture(params=["geopackage", "geoparquet", "postgis"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    return places(request.param, tmp_path, request.getfixturevalue)


def undrawn(*names: str) -> gpd.GeoDataFrame:
    zones = squares.zones(*names, commune_code="24775", point_x=500_000.5, point_y=1_270_000.0)
    zones = zones[[*zones.columns.drop("geometry"), "geometry"]]
    return zones.set_geometry(gpd.GeoSeries([None] * len(zones), crs=zones.crs))


def mixed() -> Project:
    zones = pd.concat([undrawn("B", "C"), squares.zones("A")], ignore_index=True)
    return Project(
        zones=zones,
        parcels=squares.parcels("P"),
        ledger=squares.ledger(("P", "leased", "2017-01-01")),
        declared_accounts=STATED,
    )


def alone() -> Project:
    return Project(
        zones=undrawn("B", "C"),
        parcels=squares.parcels("P").iloc[:0],
        ledger=squares.ledger(),
        declared_accounts=STATED,
    )


@pytest.mark.parametrize(("made", "base_ha"), [(mixed, 101.0), (alone, 100.0)])
def test_zones_without_a_polygon_come_back_and_count(
    place: Callable[[], str], made: Callable[[], Project], base_ha: float
) -> None:
    target = place()
    io.write_project(made(), target)
    read = io.read_project(target)
    assert_same(made(), read)
    total = fill.combine(fill.fill_rate(read, on="2018-03-31")).iloc[0]
    assert (total["base_ha"], total["declared_ha"], total["not_published"]) == (base_ha, 100.0, "C")


def test_a_declaration_that_was_edited_meanwhile_is_merged(place: Callable[[], str]) -> None:
    target = place()
    io.write_project(mixed(), target)
    ancestor = io.read_project(target)
    rows = ancestor.declared_accounts
    mine = {"declared_accounts": rows.assign(leased_ha=[60.0, 71.0])}
    # Another part of one row, and the same part of the other.
    edited = {"declared_accounts": rows.assign(unserviced_ha=[5.0, 10.0], leased_ha=[60.0, 72.0])}
    found = update.difference(ancestor, edited)
    theirs = update.apply(ancestor, found, recorded_at="2018-04-01T00:00Z")
    merged = update.merge(ancestor, theirs, mine)
    clash = merged.clashes[["table", "column", "before", "theirs", "mine"]].to_numpy().tolist()
    assert clash == [["declared_accounts", "leased_ha", "70.0", "72.0", "71.0"]]
    # What was declared first stays on record.
    before = theirs.as_known("2018-03-31").declared_accounts
    assert before["leased_ha"].tolist() == [60.0, 70.0]


@pytest.mark.parametrize(
    ("change", "ending"),
    [
        ("base_ha = NULL, leased_ha = NULL, unserviced_ha = NULL", "stated_parts"),
        ("leased_ha = 100.001", "let_parts"),
        ("reserved_ha = 41", "sum_parts"),
        ("base_ha = -1", "base_ha_range"),
    ],
)
def test_the_database_itself_refuses_what_cannot_be_declared(
    postgis: Server, change: str, ending: str
) -> None:
    url = postgis.url(f"declared_{ending}")
    io.write_project(mixed(), url)
    schema = url.rpartition("schema=")[2]
    with (
        psycopg.connect(url.partition("?")[0], autocommit=True) as connection,
        pytest.raises(psycopg.IntegrityError) as caught,
    ):
        connection.execute(f"UPDATE {schema}.declared_accounts SET {change} WHERE leased_ha = 60")
    assert caught.value.diag.constraint_name == f"kcn_declared_accounts_{ending}"
    assert_same(mixed(), io.read_project(url))


def test_the_database_refuses_a_zone_nobody_knows_and_an_account_twice(postgis: Server) -> None:
    made = mixed()
    strange = pd.concat([STATED, STATED.assign(zone_id="Z")], ignore_index=True)
    url = postgis.url("declared_refused")
    with pytest.raises(DataSourceError, match="name what is not on record"):
        io.write_project(Project(**dict(made.tables()) | {"declared_accounts": strange}), url)
    twice = pd.concat([STATED, STATED[:1]], ignore_index=True)
    with pytest.raises(DataSourceError, match="the same id"):
        io.write_project(Project(**dict(made.tables()) | {"declared_accounts": twice}), url)
