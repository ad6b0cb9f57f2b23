"""Zones without a polygon in the package for QGIS: what is declared is marked, nothing invented.

Read from the GeoPackage, without QGIS.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

import kcngeo as kcn
from kcngeo import theme
from tests import squares

ON = "2018-03-31"
ACCOUNT = ("leased_ha", "reserved_ha", "recovering_ha", "repurposed_ha", "uncleared_ha")
RATED = "70.00 % (Decree 164/2013/ND-CP) declared"


def undrawn(*names: str) -> gpd.GeoDataFrame:
    zones = squares.zones(*names)
    return zones.set_geometry(gpd.GeoSeries([None] * len(zones), crs=zones.crs))


def stated(*zone_ids: str) -> pd.DataFrame:
    """Declare 70 ha let of 100 ha."""
    return pd.DataFrame(
        {
            "zone_id": list(zone_ids),
            "on": pd.Timestamp("2018-03-01"),
            "definition": "nd164-2013",
            "base_ha": 100.0,
            "leased_ha": 70.0,
            "source": "a letter",
        }
    )


def project() -> kcn.Project:
    """A is drawn, P of its two lots let, and declared; B is declared alone; C is neither."""
    return kcn.Project(
        zones=pd.concat([squares.zones("A"), undrawn("B", "C")], ignore_index=True),
        parcels=squares.parcels("P", "Q"),
        ledger=squares.ledger(("P", "leased", "2017-01-01"), ("Q", "uncleared", "2017-01-01")),
        declared_accounts=stated("A", "B"),
    )


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, kcn.qgis.Package]:
    """Write the package in both languages."""
    folder = tmp_path_factory.mktemp("declared")
    month = kcn.report.monthly(project(), month=ON, start=ON)
    given: dict[str, Any] = {"on": ON, "layers": kcn.qgis.Results(), "report": month}
    return {
        language: kcn.qgis.write_package(project(), folder / language, language=language, **given)
        for language in theme.LANGUAGES
    }


@pytest.fixture
def package(packages: dict[str, kcn.qgis.Package]) -> kcn.qgis.Package:
    return packages["en"]


def zones_of(package: kcn.qgis.Package) -> gpd.GeoDataFrame:
    return gpd.read_file(package.gpkg, layer="zones_on_day").set_index("zone_id")


def test_a_declared_zone_is_marked_and_a_measured_one_is_not(package: kcn.qgis.Package) -> None:
    zones = zones_of(package)
    assert zones["source"].fillna("").to_dict() == {"A": "measured", "B": "declared", "C": ""}
    # 1 ha of 2 ha is let; 70 ha of 100 ha are as declared.
    assert zones.loc["A", ["leased_ha", "base_ha", "fill_rate"]].tolist() == [1.0, 2.0, 0.5]
    assert zones.loc["B", ["leased_ha", "base_ha", "fill_rate"]].tolist() == [70.0, 100.0, 0.7]
    assert zones["fill_rate_shown"].to_dict() == {
        "A": "50.00 % (Decree 164/2013/ND-CP)",
        "B": RATED,
        "C": "base not published",
    }


def test_nothing_is_invented_for_zones_nobody_drew(package: kcn.qgis.Package) -> None:
    zones = zones_of(package)
    assert zones.geometry.isna().to_dict() == {"A": False, "B": True, "C": True}
    # What is not stated is not zero, and what is left of the base is not available land.
    parts = [*ACCOUNT[1:], "available_ha"]
    assert zones.loc["B", parts].isna().all()
    assert zones.loc["C", [*ACCOUNT, "available_ha", "base_ha", "fill_rate"]].isna().all()
    # No place is made up to write a name on.
    assert zones["label"].notna().to_dict() == {"A": True, "B": False, "C": False}
    drawn = {}
    for name, _ in pyogrio.list_layers(package.gpkg):
        rows = gpd.read_file(package.gpkg, layer=name)
        if isinstance(rows, gpd.GeoDataFrame) and "zone_id" in rows:
            drawn[name] = set(rows["zone_id"][rows.geometry.notna()])
    assert {"zones", "zones_on_day", "zones_history", "parcels_on_day", "parcels"} <= drawn.keys()
    assert set().union(*drawn.values()) == {"A"}


def test_the_extent_of_the_layers_is_that_of_what_is_drawn(package: kcn.qgis.Package) -> None:
    asked = "SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = ?"
    with contextlib.closing(sqlite3.connect(package.gpkg)) as connection:
        for name in ("zones", "zones_on_day", "zones_history"):
            (extent,) = connection.execute(asked, [name])
            assert extent == tuple(squares.zones("A").total_bounds), name


def test_what_was_declared_goes_along_and_comes_back(package: kcn.qgis.Package) -> None:
    back = kcn.io.read_project(package.gpkg)
    assert kcn.update.difference(project(), back).edits.empty
    told = back.declared_accounts
    # Of A too, which is measured all the same.
    assert told[["zone_id", "base_ha", "leased_ha", "source"]].to_numpy().tolist() == [
        ["A", 100.0, 70.0, "a letter"],
        ["B", 100.0, 70.0, "a letter"],
    ]


@pytest.mark.parametrize(
    ("language", "words"), [("en", ["measured", "declared"]), ("vi", ["đo đạc", "khai báo"])]
)
def test_the_words_of_the_source_are_in_the_language(
    packages: dict[str, kcn.qgis.Package], language: str, words: list[str]
) -> None:
    made = packages[language]
    asked = """SELECT v.value, v.description FROM gpkg_data_columns c
               JOIN gpkg_data_column_constraints v USING (constraint_name)
               WHERE c.table_name = 'zones_on_day' AND c.column_name = 'source'"""
    with contextlib.closing(sqlite3.connect(made.gpkg)) as connection:
        listed = dict(connection.execute(asked).fetchall())
    assert [listed[one] for one in ("measured", "declared")] == words
    said = zones_of(made)["fill_rate_shown"]
    marked = said.str.endswith(theme.text("map.declared", language=language))
    assert marked.to_dict() == {"A": False, "B": True, "C": False}
