"""The command `sites`: what it prints, writes, refuses and how it ends."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
from typer.testing import CliRunner

import kcngeo as kcn
from kcngeo.cli import app
from kcngeo.core.errors import DataSourceError, KcngeoError
from kcngeo.publish.verification.drawings import payload

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "parcels" / "two_zones.gpkg"
FILES = [
    "encumbrance_account.csv",
    "findings.csv",
    "land.csv",
    "manifest.json",
    "map.html",
    "names.csv",
    "sensitivity.csv",
    "sites.csv",
    "sites.gpkg",
    "sites.qgz",
    "tables.xlsx",
]
ASKED = ["sites", str(SAMPLE), "--on", "2012-03-31", "--min-area", "8"]


def rows(path: Path) -> list[dict[str, str]]:
    text = path.read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, int]:
    folder = tmp_path_factory.mktemp("sites") / "out"
    wishes = ["--hazard-class", "IV", "--min-width", "50", "--language", "en"]
    result = CliRunner().invoke(app, [*ASKED, *wishes, "--out", str(folder)])
    return folder, result.stdout, result.exit_code


def test_tables_layers_and_a_map_are_written(made: tuple[Path, str, int]):
    folder, said, code = made
    assert code == 0
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert "site Lộc Sơn\u00a0CN9-1: 9.4720 ha" in said
    (site,) = [row for row in rows(folder / "sites.csv") if not row["fails"]]
    assert site["parcel_ids"] == "LS-CN09-01"
    assert site["area_ha"] == "9.4720"
    for zone in rows(folder / "land.csv"):
        parts = sum(
            float(zone[f"{name}_ha"]) for name in ("developable", "encumbered", "unlocated")
        )
        assert parts == pytest.approx(float(zone["vacant_ha"]), abs=2e-4)
    taken = {row["kind"]: row for row in rows(folder / "encumbrance_account.csv")}
    assert taken["tcvn4449-1987 IV"]["verified"] == "official"
    assert {row["alternative"] for row in rows(folder / "sensitivity.csv")} == {"shorter", "longer"}


def test_the_layers_hold_what_the_tables_say(made: tuple[Path, str, int]):
    folder, _, _ = made
    layers = folder / "sites.gpkg"
    names = set(gpd.list_layers(layers)["name"])
    assert {"encumbered", "developable_land", "rejected", "sites"} <= names
    table = rows(folder / "land.csv")
    total_ha = sum(float(row["developable_ha"]) for row in table)
    land = gpd.read_file(layers, layer="developable_land")
    assert land.area.sum() / 10_000 == pytest.approx(total_ha, abs=1e-3)
    sites = gpd.read_file(layers, layer="sites")
    assert sites.area.sum() / 10_000 == pytest.approx(9.4720, abs=1e-4)
    assert sites.crs == "EPSG:5899"


def test_an_earlier_answer_is_replaced_and_files_of_others_are_not(
    made: tuple[Path, str, int], tmp_path: Path
):
    out = tmp_path / "out"
    out.mkdir()
    (out / "letter.txt").write_text("mine", encoding="utf-8")
    result = CliRunner().invoke(app, [*ASKED, "--out", str(out)])
    assert isinstance(result.exception, DataSourceError)
    assert (out / "letter.txt").read_text(encoding="utf-8") == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_wish_that_cannot_be_asked_is_refused(tmp_path: Path):
    result = CliRunner().invoke(
        app, [*ASKED, "--sector", "chế biến rau quả", "--out", str(tmp_path / "out")]
    )
    assert isinstance(result.exception, KcngeoError)
    assert "sectors" in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_what_is_offered_is_asked_and_what_nobody_knows_stands_apart(tmp_path: Path):
    project = kcn.io.read_project(SAMPLE)
    rent = project.parcels["parcel_id"].map({"LS-CN01-01": 5e5, "LS-CN01-04": 6e5})
    zones = project.zones.assign(fibre=project.zones["zone_id"] == "loc-son")
    given = replace(project, parcels=project.parcels.assign(price_vnd_m2=rent), zones=zones)
    kcn.io.write_project(given, tmp_path / "p.gpkg")
    asked = ["sites", str(tmp_path / "p.gpkg"), "--on", "2018-03-31", "--min-area", "1", "--fibre"]
    asked += ["--max-price", "600000", "--language", "en", "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 0
    site, apart, *others = result.stdout.splitlines()
    assert site.startswith("site Lộc Sơn\u00a0CN1-1 and 1 more: 1.3472 ha")
    assert "Rent asked (VND/m²): 600,000; Optical fibre at hand: yes" in site
    assert apart == "Apart, as a figure that was asked for is not on record:"
    assert all("rent asked: not on record" in one for one in others[:-2])
    found = rows(tmp_path / "out" / "sites.csv")
    unknown = [row for row in found if "unknown_price" in row["fails"].split("|")]
    assert {row["fails"] for row in found} == {"", "unknown_price", "unknown_price|area"}
    # All of the land is in one of the rows, whatever is known of it.
    land = sum(float(row["developable_ha"]) for row in rows(tmp_path / "out" / "land.csv"))
    assert sum(float(row["area_ha"]) for row in found) == pytest.approx(land, abs=0.01)
    (told,) = [row for row in rows(tmp_path / "out" / "findings.csv") if "offer" in row["rule"]]
    lots = {lot for row in unknown for lot in row["parcel_ids"].split("|")}
    assert set(told["ids"].split("|")) == lots


OWN = """
[limit.perimeter-belt-width]
title = { vi = "Dải cây xanh của tỉnh", en = "Green belt of the province" }
subject = "perimeter_belt"
measure = "width"
unit = "m"
at_least = 20.0
source = "Decision of the province, Art. 3"
source_vi = "Quyết định của tỉnh, Điều 3"
verified = "official"
edition = "own"
in_force_from = "no-law"
checked_on = 2026-11-27
"""


def test_an_own_registry_is_named_in_every_file(made: tuple[Path, str, int], tmp_path: Path):
    own, out = tmp_path / "tỉnh.toml", tmp_path / "out"
    own.write_text(OWN, encoding="utf-8")
    asked = [*ASKED, "--hazard-class", "IV", "--rules", str(own), "--out", str(out)]
    assert CliRunner().invoke(app, asked).exit_code == 0
    registry = "kcngeo + tỉnh.toml (perimeter-belt-width)"
    for name in ("sites", "land", "encumbrance_account", "sensitivity"):
        assert {row["registry"] for row in rows(out / f"{name}.csv")} == {registry}, name
    # What was computed, not the tables it lies on.
    for name in ("sites", "rejected", "encumbered", "developable_land"):
        layer = gpd.read_file(out / "sites.gpkg", layer=name)
        assert set(layer["registry"]) == {registry}, name
    overrides = "tỉnh.toml thay thế các mục của danh mục"
    told = [row["message"] for row in rows(out / "findings.csv")]
    assert f"{overrides}: Dải cây xanh của tỉnh." in told
    # A map cites the entry as the registry lists it.
    words = f"{overrides}: perimeter-belt-width."
    drawn = payload((out / "map.html").read_text(encoding="utf-8"))
    page = json.dumps(drawn, ensure_ascii=False)
    for said in (words, "Quyết định của tỉnh, Điều 3", "Decision of the province, Art. 3"):
        assert said in page
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["registry"]["overridden"] == ["perimeter-belt-width"]
    assert manifest["options"]["hazard_class"] == "IV"
    (belt, *_) = [row for row in rows(out / "encumbrance_account.csv") if row["kind"] == "belt"]
    assert (belt["rule_origin"], belt["overrides"]) == ("tỉnh.toml", "True")
    # The belt of 10 m is planted on land of its own; one of 20 m takes a strip of free lots.
    assert float(belt["gross_ha"]) > 0
    assert "belt" not in [row["kind"] for row in rows(made[0] / "encumbrance_account.csv")]
    assert {row["registry"] for row in rows(made[0] / "sites.csv")} == {"kcngeo"}
