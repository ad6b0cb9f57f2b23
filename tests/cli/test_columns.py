"""Every table and layer that a command writes of the sample has the columns of its contract."""

from __future__ import annotations

import csv
import io
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from kcngeo import cli
from kcngeo.core.schema import COMPUTED, LAYERS, RECORDED, contract

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "parcels" / "two_zones.gpkg"
DAY = ("--on", "2018-03-31")
COMMANDS = {
    "progress": (*DAY, "--demand", "demand.csv"),
    "conflicts": (*DAY, "--sectors", "sectors.csv"),
    "sites": (*DAY, "--min-area", "1", "--hazard-class", "IV"),
    "history": ("--since", "2018-03", "--month", "2022-03"),
    "check": (),
    "monthly": ("--month", "2018-03", "--part", "tables", "--part", "layers"),
    "qgis": DAY,
}
# What a store adds to the columns of a table.
STORED = {"fid", "geom", "geometry", *(column.name for column in RECORDED)}


def made(monkeypatch: pytest.MonkeyPatch, folder: Path, command: str) -> None:
    """Run a command on the sample into the folder ``out``."""
    monkeypatch.chdir(folder)
    Path("demand.csv").write_text("kind,unit,demand_per_ha\nwater,m³/ngày,20\n", "utf-8")
    Path("sectors.csv").write_text("sector,other_class,required_m,source\nchè,III,50,x\n", "utf-8")
    words = [command, str(SAMPLE), "--out", "out", *COMMANDS[command]]
    monkeypatch.setattr(sys, "argv", ["kcngeo", *words])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code in (0, 1)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_table_has_the_declared_columns(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    made(monkeypatch, tmp_path, command)
    tables = {path.stem: header(path.read_bytes()) for path in Path("out").glob("*.csv")}
    assert tables == {name: declared(name, tables[name]) for name in tables}
    assert tables


@pytest.mark.parametrize("command", ["conflicts", "sites", "check", "monthly", "qgis"])
def test_a_layer_has_the_declared_columns(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    made(monkeypatch, tmp_path, command)
    layers = {name: row for path in Path("out").glob("*.gpkg") for name, row in of_layers(path)}
    strange = {name: undeclared(name, row) for name, row in layers.items()}
    assert {name: row for name, row in strange.items() if row} == {}
    assert layers


def header(data: bytes) -> list[str]:
    return next(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def declared(name: str, found: list[str]) -> list[str]:
    """The columns of a contract; a family stands for those that are there."""
    families = {column.name: column for column in COMPUTED[name].columns if "*" in column.name}
    return [
        name
        for column in COMPUTED[name].names
        for name in (
            [one for one in found if families[column].is_for(one) and one != "fill_rate"]
            if column in families
            else [column]
        )
    ]


def of_layers(path: Path) -> list[tuple[str, set[str]]]:
    with closing(sqlite3.connect(path)) as base:
        kinds = "('features', 'attributes')"
        names = base.execute(f"SELECT table_name FROM gpkg_contents WHERE data_type IN {kinds}")
        return [
            (name, {row[1] for row in base.execute(f'PRAGMA table_info("{name}")')})
            for (name,) in names.fetchall()
            if not name.startswith(("layer_styles", "kcngeo", "gpkg"))
        ]


def undeclared(name: str, columns: set[str]) -> set[str]:
    # What the drawing of a map adds to a table stands in the contract of the layer.
    known = LAYERS.get(name) or contract(name)
    assert known is not None, name
    return {one for one in columns - STORED if known.column(one) is None}
