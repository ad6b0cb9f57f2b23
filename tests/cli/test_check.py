"""``kcngeo check``: what it prints and writes, its exit codes, and the layer in QGIS's tables."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import pandas as pd
import pytest

import kcngeo as kcn
from kcngeo import cli
from tests import squares


class Told(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Told]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    def call(*words: object) -> Told:
        monkeypatch.setattr(sys, "argv", ["kcngeo", "check", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        said = capsys.readouterr()
        assert isinstance(stop.value.code, int)
        return Told(stop.value.code, said.out, said.err)

    return call


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Projects: clean, with a warning (Q is in no entry), with an error (P is drawn over Q)."""
    folder = tmp_path_factory.mktemp("projects")
    both = squares.ledger(("P", "reserved", "2017-01-01"), ("Q", "reserved", "2017-01-01"))
    zones, lots = squares.zones("A"), squares.parcels("P", "Q")
    over = lots.set_geometry([squares.square(0.995), squares.square(1)], crs=squares.CRS)
    for name, parcels, ledger in (
        ("clean", lots, both),
        ("warning", lots, both.iloc[:1]),
        ("error", over, both),
    ):
        project = kcn.Project(zones=zones, parcels=parcels, ledger=ledger)
        kcn.io.write_project(project, folder / f"{name}.gpkg")
    return folder


@pytest.mark.parametrize(
    ("name", "options", "code"),
    [
        ("clean", ["--strict"], 0),
        ("warning", [], 0),
        ("warning", ["--strict"], 1),
        ("error", [], 1),
        ("missing", [], 2),
        ("clean", ["--map-scale", "750"], 2),
        ("clean", ["--on", "2018"], 2),
    ],
)
def test_exit_codes(run: Run, folder: Path, name: str, options: list[str], code: int) -> None:
    done = run(folder / f"{name}.gpkg", *options)
    assert done.returncode == code, done.stderr
    assert (done.stdout == "") is (code == 2)
    assert "Traceback" not in done.stderr


def test_data_on_stdout_in_three_forms(run: Run, folder: Path) -> None:
    project = folder / "error.gpkg"
    table = run(project, "--language", "en")
    assert table.stdout.startswith(
        "error\toverlap\tA\tleasable parcels overlap: P × Q (9,950.0 m²)."
    )
    assert "1 errors, 0 warnings, 0 notes." in table.stderr
    told = json.loads(run(project, "--format", "json").stdout)
    assert (told["ok"], told["crs"]) == (False, "EPSG:5899")
    (finding,) = told["findings"]
    # P lies 0.5 m beside Q, so 99.5 m × 100 m lie in both.
    assert finding["ids"] == ["P", "Q"]
    assert finding["area_m2"] == 9950.0
    assert finding["width_m"] == pytest.approx(99.5, abs=0.1)
    assert set(finding["advice"]) == {"vi", "en"}
    rows = run(project, "--format", "csv", "--language", "en").stdout.splitlines()
    assert rows[0].startswith("severity,rule,table,zone_id,ids,message,effect_leased_ha,")
    assert ",effect,advice,area_m2,width_m," in rows[0]
    assert rows[1].startswith("error,overlap,parcels,A,P|Q,")
    assert ",9950.0000,99.5" in rows[1]


def test_the_layer_opens_styled(run: Run, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for _ in range(2):  # what an earlier run made is replaced
        done = run(folder / "error.gpkg", "--out", out, "--language", "en")
        assert done.returncode == 1
    assert sorted(path.name for path in out.iterdir()) == [
        "area_sources.csv",
        "findings.csv",
        "findings.gpkg",
        "findings.json",
        "findings.qgz",
        "manifest.json",
        "map.html",
        "tables.xlsx",
    ]
    assert '<html lang="en">' in (out / "map.html").read_text("utf-8")
    areas = gpd.read_file(out / "findings.gpkg", layer="findings")
    marks = gpd.read_file(out / "findings.gpkg", layer="finding_marks")
    assert areas[["rule", "severity", "ids"]].to_numpy().tolist() == [["overlap", "error", "P|Q"]]
    assert areas.geometry.area.tolist() == [9950.0]
    assert marks.geometry.within(areas.geometry[0]).all()
    with closing(sqlite3.connect(out / "findings.gpkg")) as connection:
        said = connection.execute("SELECT table_name, column_name, name FROM gpkg_data_columns")
        words: dict[str, dict[str, str]] = {}
        for layer, column, word in said:
            words.setdefault(layer, {})[column] = word
    assert words["findings"] == words["finding_marks"]
    with closing(sqlite3.connect(out / "findings.gpkg")) as connection:
        styles = connection.execute(
            "SELECT f_table_name, useAsDefault, styleQML FROM layer_styles ORDER BY 1"
        ).fetchall()
    # Zones and parcels, on which the findings lie, are there and styled too.
    styles = [style for style in styles if style[0].startswith("finding")]
    assert [name for name, *_ in styles] == ["finding_marks", "findings"]
    # Lots are seen through the areas, marks are seen upon them.
    assert ['alpha="0.45"' in qml for *_, qml in styles] == [False, True]
    for _, default, qml in styles:
        assert default
        assert 'attr="severity"' in qml
        assert 'label="error"' in qml


def test_a_clean_project_writes_no_layer(run: Run, folder: Path, tmp_path: Path) -> None:
    done = run(folder / "clean.gpkg", "--out", tmp_path / "out", "--language", "en")
    assert done.stdout == "Nothing was found.\n"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "area_sources.csv",
        "findings.csv",
        "findings.json",
        "manifest.json",
        "tables.xlsx",
    ]
    assert pd.read_csv(tmp_path / "out" / "findings.csv").empty


def test_files_of_others_are_left_alone(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    done = run(folder / "error.gpkg", "--out", tmp_path)
    assert done.returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
