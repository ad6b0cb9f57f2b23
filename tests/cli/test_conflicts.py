"""The command `conflicts`: what it prints and writes, by hand on squares of 1 ha."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from kcngeo import Project, cli, io, theme
from tests import squares

FILES = [
    "admissible.csv",
    "conflicts.csv",
    "conflicts.gpkg",
    "conflicts.qgz",
    "findings.csv",
    "manifest.json",
    "map.html",
    "names.csv",
    "tables.xlsx",
]
OWN = """
[buffer.tcvn4449-1987]
title = { vi = "Quy định riêng của tỉnh", en = "The province's own" }
emitters = ["point", "building", "parcel"]
receptors = ["housing"]
distances = [{ hazard_class = "IV", distance_m = 40 }]
source = "Decision of the province, Art. 2"
verified = "official"
in_force_from = 2017-01-01
in_force_to = "open"
edition = "own"
checked_on = 2026-11-27
"""


def project() -> Project:
    """Lots A1 (let), A2 and A3 (free) in a row; a class IV works on A1, a home 50 m north of it."""
    emitters = gpd.GeoDataFrame(
        {
            "emitter_id": ["works", "stack"],
            "kind": ["parcel", "point"],
            "hazard_class": ["IV", None],
            "zone_id": "A",
        },
        geometry=[squares.square(0), squares.square(0).centroid],
        crs=squares.CRS,
    )
    receptors = gpd.GeoDataFrame(
        {
            "receptor_id": ["home"],
            "kind": ["housing"],
            "name": ["Xóm Mới"],
            "valid_from": pd.to_datetime(["2000-01-01"]),
        },
        geometry=[squares.square(0, 1.5)],
        crs=squares.CRS,
    )
    entries = squares.ledger(
        ("A1", "leased", "2018-01-01"),
        ("A2", "uncleared", "2010-01-01", "2012-01-01"),
        ("A3", "uncleared", "2010-01-01", "2012-01-01"),
        project_id="p",
    )
    return Project(
        zones=squares.zones("A"),
        parcels=squares.parcels("A1", "A2", "A3"),
        ledger=entries,
        emitters=emitters,
        receptors=receptors,
    )


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "Dự án.gpkg"
    io.write_project(project(), path)
    return path


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run the program in this process; its exit code, what it printed and what it told."""

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["kcngeo", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        said = capsys.readouterr()
        return int(stop.value.code or 0), said.out, said.err

    return call


def ask(run: Run, stored: Path, out: Path, *more: object) -> tuple[int, str, str]:
    return run("conflicts", stored, "--on", "2018-03-31", "--out", out, *more)


def test_what_is_printed_and_written(run: Run, stored: Path, tmp_path: Path) -> None:
    out = tmp_path / "Kết quả"
    code, printed, told = ask(run, stored, out, "--language", "en")
    assert code == 0
    # 50 m away, 100 m asked: 50 m of the home's 100 m are too near, half of its hectare.
    assert printed.splitlines() == [
        "lot in A – Xóm Mới: 50.00 m instead of 100.00 m (Distance from an industrial cluster to "
        "housing and public works by hazard class (TCVN 4449:1987), official); "
        "0.50 ha too near, 50.00 %",
        "1 conflicts, 1 emitters without a distance, 2 vacant lots.",
    ]
    assert "(TCVN 4449:1987) gives no distance: point source in A." in told
    assert sorted(path.name for path in out.iterdir()) == FILES
    table = pd.read_csv(out / "conflicts.csv")
    assert table[["emitter_id", "state"]].to_numpy().tolist() == [
        ["stack", "unrated"],
        ["works", "conflict"],
    ]
    figures = table[["required_m", "distance_m", "margin_m", "overlap_ha", "share"]]
    assert figures.iloc[0].isna().all()
    assert figures.iloc[1].tolist() == [100.0, 50.0, -50.0, 0.5, 0.5]
    lots = pd.read_csv(out / "admissible.csv")
    # The home is 50 m north of A1's row and begins above A2's corner: 50 m, then √(100² + 50²).
    assert lots[["parcel_id", "admissible_class", "distance_m"]].to_numpy().tolist() == [
        ["A2", "V", 50.0],
        ["A3", "IV", pytest.approx(111.8034)],
    ]


def test_the_layers_open_in_qgis_styled_and_in_words(
    run: Run, stored: Path, tmp_path: Path, in_qgis: Callable[..., Any]
) -> None:
    out = tmp_path / "out"
    ask(run, stored, out)
    layers = out / "conflicts.gpkg"
    kept = {name for name, shape in pyogrio.list_layers(layers) if shape is not None}
    assert kept == {
        *("conflicts", "conflict_lines", "conflict_rings", "distances", "lots"),
        *("emitters_on_day", "receptors_on_day", "parcels_on_day", "zones_on_day", "basemap"),
    }
    near = in_qgis("style", source=f"{layers}|layername=conflicts")
    assert (near["valid"], near["crs"], near["features"]) == (True, squares.CRS, 1)
    assert near["title"] == "Phần nằm quá gần"
    assert near["aliases"]["overlap_ha"] == "Phần quá gần (ha)"
    assert "31/03/2018" in near["abstract"]
    lots = in_qgis("style", source=f"{layers}|layername=lots")
    assert [(value, color.upper()) for value, _, color in lots["colors"][:5]] == list(
        theme.CLASS_COLORS.items()
    )


def test_an_own_registry_overrides_and_is_named(run: Run, stored: Path, tmp_path: Path) -> None:
    own = tmp_path / "tỉnh.toml"
    own.write_text(OWN, encoding="utf-8")
    code, printed, told = ask(run, stored, tmp_path / "out", "--rules", own, "--language", "en")
    assert (code, printed.splitlines()[0]) == (
        0,
        "no conflicts among the emitters that can be judged.",
    )
    by_name = "tỉnh.toml overrides entries of the registry: The province's own."
    assert by_name in told
    lots = pd.read_csv(tmp_path / "out" / "admissible.csv")
    assert lots["rule_origin"].unique().tolist() == ["tỉnh.toml"]
    assert lots["overrides"].all()
    # Every file names it, whether a row of it follows from the rule or not.
    registry = "kcngeo + tỉnh.toml (tcvn4449-1987)"
    assert (lots["registry"] == registry).all()
    table = pd.read_csv(tmp_path / "out" / "conflicts.csv")
    assert (table["registry"] == registry).all()
    assert by_name in pd.read_csv(tmp_path / "out" / "findings.csv")["message"].tolist()
    # Maps cite the entry as the registry lists it.
    words = "tỉnh.toml overrides entries of the registry: tcvn4449-1987."
    page = (tmp_path / "out" / "map.html").read_text(encoding="utf-8")
    assert words in page
    assert "tỉnh.toml thay thế các mục của danh mục: tcvn4449-1987." in page
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["registry"] == {
        "file": "tỉnh.toml",
        "sha256": manifest["registry"]["sha256"],
        "overridden": ["tcvn4449-1987"],
        "added": [],
    }
    assert manifest["inputs"]["tỉnh.toml"] == hashlib.sha256(own.read_bytes()).hexdigest()
    assert manifest["rules"]["tcvn4449-1987"]["origin"] == "tỉnh.toml"
    layers = tmp_path / "out" / "conflicts.gpkg"
    for name in ("distances", "lots"):
        assert (gpd.read_file(layers, layer=name)["registry"] == registry).all()
    with closing(sqlite3.connect(layers)) as held:
        told_of = [said for (said,) in held.execute("SELECT description FROM gpkg_contents")]
        assert all(words in said for said in told_of if said), told_of
    code, printed, told = run("standards", "--table", "--rules", own, "--language", "en")
    line = next(one for one in printed.splitlines() if one.startswith("tcvn4449-1987"))
    assert line.split("\t")[2].startswith("IV 40 m (")
    code, printed, _ = run("standards", "--rules", own, "--language", "vi")
    assert "Từ tỉnh.toml, thay cho mục có sẵn của phần mềm." in printed
    assert "tỉnh.toml overrides entries of the registry" in told


def test_warnings_count_with_strict(run: Run, stored: Path, tmp_path: Path) -> None:
    assert ask(run, stored, tmp_path / "out", "--strict")[0] == 1


def test_the_same_run_gives_the_same_bytes_and_replaces_its_own_folder_only(
    run: Run, stored: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    ask(run, stored, out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    ask(run, stored, out)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    code, _, told = ask(run, stored, out, "--language", "en")
    assert (code, "it holds files of others: notes.txt" in told) == (2, True)
    code, _, told = ask(run, stored, out)
    assert (code, "thư mục có tệp khác, không thuộc kết quả này: notes.txt" in told) == (2, True)
    assert {path.name for path in out.iterdir()} == {*before, "notes.txt"}
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_zone_that_contradicts_itself_stays_out_of_the_lots(run: Run, tmp_path: Path) -> None:
    made = project()
    entries = pd.concat([made.ledger, made.ledger.iloc[:1].assign(status="reserved")])
    path = tmp_path / "p.gpkg"
    zones = squares.zones("A", "B")
    other = squares.parcels("B1", zone="B").set_geometry([squares.square(5, 1)], crs=squares.CRS)
    tables = dict(made.tables())
    tables |= {"zones": zones, "parcels": pd.concat([made.parcels, other]), "ledger": entries}
    io.write_project(Project(**tables), path)
    code, printed, told = ask(run, path, tmp_path / "out", "--language", "en")
    assert code == 1
    assert "1 vacant lots" in printed
    assert "parcel A1 is held twice over" in told
    assert pd.read_csv(tmp_path / "out" / "admissible.csv")["parcel_id"].tolist() == ["B1"]


def test_bad_input_writes_nothing(run: Run, stored: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    bare = tmp_path / "bare.gpkg"
    io.write_project(
        Project(**{name: frame for name, frame in project().tables() if name != "receptors"}), bare
    )
    code, printed, told = ask(run, bare, out, "--language", "en")
    assert (code, printed, "needs the table receptors" in told) == (2, "", True)
    own = tmp_path / "own.toml"
    own.write_text(OWN.replace("source", "sauce").replace("40", "-40"), encoding="utf-8")
    code, printed, told = ask(run, stored, out, "--rules", own, "--language", "en")
    assert (code, printed) == (2, "")
    assert "unknown key sauce" in told
    assert "source is missing" in told
    code, _, told = run("conflicts", stored, "--on", "31/03/2018", "--out", out)
    assert code == 2
    assert not out.exists()


def test_neighbours_by_the_users_table(run: Run, tmp_path: Path) -> None:
    """A1 makes food, A2 beside it is of class III; A3 is 0 m from A2 and 100 m from A1."""
    whole = project()
    entries = squares.ledger(
        ("A1", "leased", "2018-01-01"),
        ("A2", "leased", "2018-01-01"),
        ("A3", "leased", "2018-01-01"),
    ).assign(project_id=["food", "paint", "unknown"])
    projects = pd.DataFrame(
        {
            "project_id": ["food", "paint", "unknown"],
            "sector": ["food", "paint", None],
            "hazard_class": ["V", "III", "III"],
        }
    )
    path = tmp_path / "p.gpkg"
    io.write_project(dataclasses.replace(whole, ledger=entries, projects=projects), path)
    sectors = tmp_path / "ngành.csv"
    sectors.write_text("sector,other_class,required_m,source\nfood,III,101,rule\n", "utf-8")
    out = tmp_path / "out"
    code, printed, _ = ask(run, path, out, "--sectors", sectors, "--language", "en")
    assert code == 0
    found = pd.read_csv(out / "neighbours.csv")
    judged = found[found["state"] == "conflict"]
    assert judged[["parcel_id", "neighbour_id", "distance_m"]].to_numpy().tolist() == [
        ["A1", "A2", 0.0],
        ["A1", "A3", 100.0],
    ]
    assert found.loc[found["state"] == "unrated", "parcel_id"].tolist() == ["A3"]
    assert printed.splitlines()[-1] == (
        "2 pairs of neighbours that do not suit each other, "
        "1 lots whose sector or class is not known."
    )
    assert len(gpd.read_file(out / "conflicts.gpkg", layer="neighbours")) == 2
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    digest = hashlib.sha256(sectors.read_bytes()).hexdigest()
    assert manifest["inputs"]["ngành.csv"] == digest
    assert list(manifest["given"]) == ["sectors"]
    assert manifest["outputs"]["neighbours.csv"] == (
        hashlib.sha256((out / "neighbours.csv").read_bytes()).hexdigest()
    )


def test_a_table_of_sectors_needs_projects(run: Run, stored: Path, tmp_path: Path) -> None:
    sectors = tmp_path / "s.csv"
    sectors.write_text("sector,other_class\nfood,III\n", "utf-8")
    code, _, told = ask(run, stored, tmp_path / "out", "--sectors", sectors, "--language", "en")
    assert (code, (tmp_path / "out").exists()) == (2, False)
    assert "projects" in told
