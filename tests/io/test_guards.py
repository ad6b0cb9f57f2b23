"""What grows without end is refused in one sentence, within a minute and 2 GB."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import kcngeo as kcn

KCNGEO = str(Path(sys.executable).with_name("kcngeo"))
NAMES, COLUMNS = 20_000, 300_000
MOST_S, MOST_KB = 60, 2 * 1024**2
ENDLESS = "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r)"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("project") / "p.gpkg"
    kcn.io.write_project(kcn.examples.squares(), path)
    return path


def told(*words: object) -> str:
    """Run the program; it refuses in one sentence, and takes no more than it may."""
    with subprocess.Popen(
        [KCNGEO, *map(str, words), "--language", "en"], stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 2, said
    assert len(said.strip().splitlines()) == 1, said
    assert used.ru_utime + used.ru_stime < MOST_S
    assert used.ru_maxrss < MOST_KB
    return said


def wide(kind: str) -> str:
    """Write rows of which each has a property of a name of its own."""
    shape = {"type": "Point", "coordinates": [107.75, 11.5]}
    names = [{f"p{number}": number} for number in range(NAMES)]
    rows = [{"type": "Feature", "properties": one, "geometry": shape} for one in names]
    if kind == "geojsonl":
        return "\n".join(map(json.dumps, rows))
    if kind == "geojson":
        return json.dumps({"type": "FeatureCollection", "features": rows})
    if kind == "jsonfg":
        said = {"conformsTo": ["http://www.opengis.net/spec/json-fg-1/0.2/conf/core"]}
        return json.dumps({"type": "FeatureCollection", **said, "features": rows})
    esri = [{"attributes": one, "geometry": {"x": 107.75, "y": 11.5}} for one in names]
    return json.dumps({"geometryType": "esriGeometryPoint", "features": esri})


@pytest.mark.parametrize("kind", ["geojson", "geojsonl", "jsonfg", "json"])
def test_property_names_without_end(kind: str, project: Path, tmp_path: Path):
    path = tmp_path / f"wide.{kind}"
    path.write_text(wide(kind), encoding="utf-8")
    assert "columns, more than a layer can have (2000)" in told("import", path, "--into", project)


def test_columns_without_end(project: Path, tmp_path: Path):
    path = tmp_path / "wide.csv"
    path.write_text(",".join(f"c{one}" for one in range(COLUMNS)) + "\n" + "1," * (COLUMNS - 1))
    assert "has 300000 columns" in told("import", path, "--into", project)


@pytest.mark.parametrize("command", ["check", "series"])
def test_a_ledger_that_is_an_endless_view(command: str, project: Path, tmp_path: Path):
    path = Path(shutil.copy(project, tmp_path / "view.gpkg"))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("ALTER TABLE ledger RENAME TO held")
        connection.execute(f"CREATE VIEW ledger AS {ENDLESS} SELECT held.* FROM r, held")
    words = ["--month", "2018-03"] if command == "series" else []
    assert "no table but a view: ledger" in told(command, path, *words)


def test_a_view_beside_the_project_is_not_asked(project: Path, tmp_path: Path):
    path = Path(shutil.copy(project, tmp_path / "view.gpkg"))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"CREATE VIEW endless AS {ENDLESS} SELECT i FROM r")
    assert len(kcn.io.read_project(path).ledger) == len(kcn.io.read_project(project).ledger)
