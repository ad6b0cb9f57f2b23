"""The command `progress`: what it prints and writes, by hand on squares of 1 ha."""

from __future__ import annotations

import io as memory
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, box

from kcngeo import Project, cli, io
from kcngeo.core.schema import COMPUTED
from tests import squares

ON = "2024-10-31"


def project(**tables: Any) -> Project:
    """Lots P1 (let, idle), P2 (free), P3 (not cleared) along a road done in 2020."""
    x, y = squares.EAST, squares.NORTH
    works = gpd.GeoDataFrame(
        {
            "work_id": ["W1", "W2"],
            "zone_id": "A",
            "kind": ["road", "worker_housing"],
            "done_on": pd.to_datetime(["2020-01-01", None]),
            "progress_share": [1.0, 0.25],
        },
        geometry=[LineString([(x, y), (x + 300, y)]), squares.square(8)],
        crs=squares.CRS,
    )
    clearance = gpd.GeoDataFrame(
        {
            "clearance_id": ["G1"],
            "zone_id": "A",
            "parcel_id": "P3",
            "area_ha": 1.0,
            "households": [4],
            "due_on": pd.to_datetime(["2024-12-31"]),
        },
        geometry=[squares.square(2)],
        crs=squares.CRS,
    )
    projects = pd.DataFrame(
        {
            "project_id": ["D1"],
            "investor": ["=Cà phê"],
            "sector": ["cà phê"],
            "handed_over_on": pd.to_datetime(["2023-12-15"]),
        }
    )
    entries = squares.ledger(
        ("P1", "leased", "2023-10-01"),
        ("P3", "uncleared", "2010-01-01"),
        project_id=["D1", None],
    )
    given = {
        "zones": squares.zones("A", name=["KCN Ví Dụ"]),
        "parcels": squares.parcels("P1", "P2", "P3"),
        "ledger": entries,
        "projects": projects,
        "works": works,
        "clearance": clearance,
    }
    return Project(**(given | tables))


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def called(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["kcngeo", *map(str, words)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        said = capsys.readouterr()
        return int(stopped.value.code or 0), said.out, said.err

    return called


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "Dự án.gpkg"
    io.write_project(project(), path)
    return path


def read(folder: Path, name: str) -> pd.DataFrame:
    raw = (folder / f"{name}.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    return pd.read_csv(memory.BytesIO(raw))


def test_tables_in_vietnamese(run: Run, stored: Path, tmp_path: Path) -> None:
    out = tmp_path / "tiến độ"
    code, printed, messages = run("progress", stored, "--on", ON, "--out", out)
    assert code == 0
    assert "KCN Ví Dụ: theo quy hoạch 3,00 → đã giải phóng mặt bằng 2,00" in printed
    assert "đã cho thuê 1,00" in printed
    assert str(out) in messages
    stages = read(out, "stages")
    assert stages.loc[0, "planned_ha"] == 3
    assert stages.loc[0, "zone_id"] == "A"
    clocks = read(out, "clocks").set_index("clock")
    row = clocks.loc["unused"]
    assert row["ends_on"] == "2024-12-15"
    assert row["ends_soon"]
    assert row["investor"] == "'=Cà phê"
    ready = read(out, "readiness").set_index("parcel_id")
    assert ready["level"].tolist() == [2, 2, 0]
    assert ready.loc["P1", "lacks"] == "power|water"
    # P3 is not cleared and nothing serves it: it frees nothing for a site yet.
    package = read(out, "packages").iloc[0]
    assert (package["parcel_ids"], package["own_ha"], package["freed_ha"]) == ("P3", 1, 0)
    assert not (out / "blocking.csv").exists()
    assert read(out, "social").loc[0, "kind"] == "worker_housing"


def test_every_table_has_the_columns_of_its_contract(
    run: Run, stored: Path, tmp_path: Path
) -> None:
    demand = tmp_path / "demand.csv"
    demand.write_text("kind,unit,demand_per_ha\nwater,m³/ngày,20\n", encoding="utf-8")
    made = {}
    for language in ("vi", "en"):
        out = tmp_path / language
        words = ("--on", ON, "--out", out, "--language", language, "--demand", demand)
        assert run("progress", stored, *words)[0] == 0
        names = {path.name for path in out.iterdir()}
        others = {"manifest.json", "map.html", "tables.xlsx"}
        assert others <= names
        made[language] = {name: list(read(out, name[:-4])) for name in names - others}
    assert made["vi"] == made["en"]
    assert "capacity.csv" in made["vi"]
    assert made["vi"] == {name: COMPUTED[name[:-4]].names for name in made["vi"]}


OWN = """
[limit.perimeter-belt-width]
title = { vi = "Dải cây xanh 25 m", en = "Green belt of 25 m" }
subject = "perimeter_belt"
measure = "width"
unit = "m"
at_least = 25.0
source = "Own plan"
verified = "official"
edition = "own"
in_force_from = "no-law"
checked_on = 2026-11-27

[limit.lot-green]
title = { vi = "Cây xanh 40 %", en = "Green 40 %" }
subject = "lot"
measure = "green"
unit = "share"
at_least = 0.4
source = "Own plan"
verified = "official"
edition = "own"
in_force_from = "no-law"
checked_on = 2026-11-27

[readiness.readiness-levels]
title = { vi = "Hai mức của ban", en = "The board's own two levels" }
level_1 = ["road"]
level_2 = ["cleared"]
level_3 = ["power"]
level_4 = ["water"]
level_5 = ["outside"]
serviced_from = 1
reach_m = 40.0
fire_road_m = 3.5
source = "Own plan"
verified = "official"
edition = "own"
in_force_from = "no-law"
checked_on = 2026-11-27
"""


def test_rules_of_ones_own_reach_every_table_and_the_map(run: Run, tmp_path: Path) -> None:
    x, y = squares.EAST, squares.NORTH
    halls = gpd.GeoDataFrame(
        {"building_id": ["N1"], "parcel_id": "P1"}, geometry=[box(x, y, x + 50, y + 100)],
        crs=squares.CRS,
    )  # fmt: skip
    # 25 m of the 100 m of P1 are planted: enough by the shipped 20 %, not by one's own 40 %.
    planted = gpd.GeoDataFrame(geometry=[box(x + 60, y, x + 85, y + 100)], crs=squares.CRS)
    planted.to_file(tmp_path / "trees.gpkg")
    (tmp_path / "own.toml").write_text(OWN, encoding="utf-8")
    path = tmp_path / "own.gpkg"
    io.write_project(project(buildings=halls), path)
    found = {}
    for name, more in {"shipped": (), "own": ("--rules", tmp_path / "own.toml")}.items():
        words = ("--on", ON, "--out", tmp_path / name, "--language", "en", *more)
        code, _, _ = run("progress", path, *words, "--green", tmp_path / "trees.gpkg")
        assert code == 0
        found[name] = {
            table: read(tmp_path / name, table).iloc[0]
            for table in ("green_belt", "density", "readiness", "stages")
        }
    shipped, own = found["shipped"], found["own"]
    assert (shipped["green_belt"]["width_m"], own["green_belt"]["width_m"]) == (10, 25)
    assert shipped["density"]["green_share"] == own["density"]["green_share"] == 0.25
    assert (shipped["density"]["green_passes"], own["density"]["green_passes"]) == (True, False)
    assert (shipped["readiness"]["verified"], own["readiness"]["verified"]) == (
        "unverified",
        "official",
    )
    # On a road: P1, P2 and P3, all of which are serviced by the board's own rule.
    assert (shipped["stages"]["serviced_ha"], own["stages"]["serviced_ha"]) == (0, 3)
    assert own["stages"]["definition"] == "nd35-2022"
    for table, row in own.items():
        assert "own.toml (lot-green, perimeter-belt-width, readiness-levels)" in str(
            row["registry"]
        ), table
    assert {row["registry"] for row in shipped.values()} == {"kcngeo"}
    page = (tmp_path / "own" / "map.html").read_text(encoding="utf-8")
    assert "The board\u0027s own two levels" in page or "The board's own two levels" in page
    assert "Level 1: road" in page
    assert "Level 2: on a road" not in page


def test_how_well_a_rule_is_verified_stands_beside_every_verdict(
    run: Run, stored: Path, tmp_path: Path
) -> None:
    # The law on idle land of before August 2024 was read in a secondary source; the levels are
    # nobody's law.
    out = tmp_path / "out"
    words = ("--on", "2024-07-31", "--out", out, "--language", "en")
    assert run("progress", stored, *words)[0] == 0
    marks = {
        table: set(read(out, table).dropna(subset=[rule])[mark])
        for table, rule, mark in (
            ("clocks", "rule", "verified"),
            ("readiness", "rule", "verified"),
            ("serviced", "rule", "verified"),
            ("stages", "serviced_rule", "serviced_verified"),
            ("balance", "rule", "verified"),
            ("green_belt", "rule", "verified"),
        )
    }
    unverified, secondary = {"unverified"}, {"secondary"}
    assert marks == {
        "clocks": secondary, "readiness": unverified, "serviced": unverified,
        "stages": unverified, "balance": secondary, "green_belt": secondary,
    }  # fmt: skip
    # The edition of 2008 gave way to that of 2019 on 1 July 2020: asked for after that, it is no
    # law.
    judged = read(out, "balance").dropna(subset=["rule"])
    assert judged["in_force"].astype("boolean").tolist() == [False] * len(judged)


def test_the_map_shows_works_as_they_were_known(run: Run, tmp_path: Path) -> None:
    given = project()
    assert given.works is not None
    works = pd.concat([given.works.iloc[:1]] * 2, ignore_index=True).assign(
        work_id=["W1", "W9"],
        recorded_at=pd.to_datetime(["2024-01-01", "2024-11-05"], utc=True),
        superseded_at=pd.to_datetime(["2024-11-05", None], utc=True),
    )
    path = tmp_path / "known.gpkg"
    io.write_project(project(works=works), path)
    for known_at, seen, unseen in (("2024-11-04", "W1", "W9"), ("2024-11-05", "W9", "W1")):
        out = tmp_path / known_at
        assert run("progress", path, "--on", ON, "--out", out, "--known-at", known_at)[0] == 0
        page = (out / "map.html").read_text(encoding="utf-8")
        assert f"{seen} · " in page or f"{seen} \\u00b7" in page
        assert f"{unseen} ·" not in page
        assert f"{unseen} \\u00b7" not in page


def test_the_same_bytes_twice_and_only_its_own_files_are_replaced(
    run: Run, stored: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert run("progress", stored, "--on", ON, "--out", out)[0] == 0
    now = {path.name: path.read_bytes() for path in out.iterdir()}
    assert run("progress", stored, "--on", ON, "--out", out)[0] == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == now
    (out / "mine.txt").write_text("kept", encoding="utf-8")
    code, _, messages = run("progress", stored, "--on", ON, "--out", out)
    assert code == 2
    assert "mine.txt" in messages


def test_a_project_of_bare_tables_has_what_can_be_said(run: Run, tmp_path: Path) -> None:
    path, out = tmp_path / "bare.gpkg", tmp_path / "out"
    io.write_project(project(projects=None, works=None, clearance=None), path)
    code, printed, _ = run("progress", path, "--on", ON, "--out", out, "--language", "en")
    assert code == 0
    assert "serviced –" in printed
    names = {path.stem for path in out.glob("*.csv")}
    assert names == {
        *("stages", "dwell", "scorecard", "axes", "vacancy", "balance", "green_belt", "findings"),
        "names",
    }
    states = read(out, "scorecard")["state"]
    assert set(states) == {"no data"}


def test_one_zone_that_contradicts_itself_does_not_stop_the_other(run: Run, tmp_path: Path) -> None:
    entries = squares.ledger(
        ("P1", "leased", "2023-10-01"),
        ("P2", "leased", "2023-10-01"),
        ("P2", "reserved", "2023-10-01"),
    )
    both = project(
        zones=squares.zones("A", "B", name=["KCN Ví Dụ", "KCN Khác"]),
        parcels=squares.parcels("P1", "P2", "P3", zone=["A", "B", "A"]),
        ledger=entries,
        clearance=None,
        projects=None,
    )
    path, out = tmp_path / "two.gpkg", tmp_path / "out"
    io.write_project(both, path)
    code, printed, messages = run("progress", path, "--on", ON, "--out", out)
    assert code == 1
    assert "KCN Ví Dụ" in printed
    assert "KCN Khác: theo quy hoạch –" in printed
    assert "P2" in messages
    stages = read(out, "stages").set_index("zone_id")["planned_ha"]
    assert stages.isna().to_dict() == {"A": False, "B": True}
    found = read(out, "findings")
    assert found.loc[found["severity"] == "error", "zone_id"].tolist() == ["B"]


def test_findings_and_strict(run: Run, tmp_path: Path) -> None:
    # let while not cleared: a warning as long as it stands
    entries = squares.ledger(("P3", "leased", "2023-10-01"), ("P3", "uncleared", "2010-01-01"))
    path, out = tmp_path / "early.gpkg", tmp_path / "out"
    io.write_project(project(ledger=entries), path)
    code, _, messages = run("progress", path, "--on", ON, "--out", out)
    assert code == 0
    assert "cho thuê trước khi giải phóng mặt bằng" in messages
    assert "let_before_cleared" in set(read(out, "findings")["rule"])
    assert run("progress", path, "--on", ON, "--out", out, "--strict")[0] == 1


@pytest.mark.parametrize(
    "words",
    [
        ("--on", "31.10.2024"),
        ("--on", ON, "--standard", "qcvn01-1900"),
        ("--on", ON, "--months", "0"),
        ("--on", ON, "--demand", "missing.csv"),
    ],
)
def test_bad_input_ends_with_2_and_leaves_nothing(
    run: Run, stored: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    out = tmp_path / "out"
    code, printed, messages = run("progress", stored, *words, "--out", out)
    assert (code, printed) == (2, "")
    assert messages
    assert not out.exists()
