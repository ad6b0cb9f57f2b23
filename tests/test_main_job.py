"""The main job as its users run it: one command on the sample, the figures the board published."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import kcngeo as kcn
from kcngeo import cli

pytestmark = pytest.mark.system
ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data/parcels/two_zones.gpkg"


TABLES = (
    "accounts",
    "bases",
    "causes",
    "changes",
    "conflicts",
    "definitions",
    "findings",
    "forecast",
    "investor_figures",
    "land",
    "late",
    "names",
    "overview",
    "plan",
    "rules",
    "series",
    "sites",
    "steps",
    "targets",
    "vacancy",
)
ZONES = ("loc-son", "phu-hoi")
FILES = {
    *(
        "layers.gpkg",
        "layers.qgz",
        "manifest.json",
        "map.html",
        "map.png",
        "report.docx",
        "report.html",
        "report.json",
        "report.pdf",
        "report.xlsx",
    ),
    *(f"{name}.csv" for name in TABLES),
    *(
        f"figures/{chart}_{zone}.png"
        for chart in ("changes", "forecast", "steps")
        for zone in ZONES
    ),
}


def run(
    *words: str | os.PathLike[str], hash_seed: str = "0", time_zone: str = "UTC"
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kcngeo", *map(os.fspath, words)]
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONUTF8": "1", "TZ": time_zone}
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", env=environment, check=False
    )


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tháng ba") / "2018-03"
    done = run("monthly", SAMPLE, "--month", "2018-03", "--out", folder)
    assert done.returncode == 0, done.stderr
    assert "KCN Lộc Sơn: 56,04 % (Nghị định 164/2013/NĐ-CP), 76,0720 / 135,7451 ha" in done.stdout
    assert str(folder) in done.stderr.replace("\n", "")
    return folder


def rows(path: Path, **where: str) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [
            row
            for row in csv.DictReader(file)
            if all(row[key] == value for key, value in where.items())
        ]


def test_the_accounts_are_the_published_ones(month: Path) -> None:
    account = rows(month / "accounts.csv", zone_id="loc-son")[0]
    # The board's notice of March 2018.
    published = {
        "leased_ha": "76.0720",
        "reserved_ha": "16.1371",
        "recovering_ha": "3.7430",
        "repurposed_ha": "4.0000",
        "available_ha": "18.7930",
        "uncleared_ha": "17.0000",
        "base_ha": "135.7451",
        "fill_rate": "0.5604",
        "definition": "nd164-2013",
    }
    assert {name: account[name] for name in published} == published
    other = rows(month / "accounts.csv", zone_id="phu-hoi")[0]
    assert (other["leased_ha"], other["base_ha"]) == ("63.5720", "84.6720")
    total = rows(month / "accounts.csv", zone_id="total")[0]
    # (76.072 + 63.572) / (135.7451 + 84.672), not the mean of the two rates.
    assert (total["leased_ha"], total["base_ha"], total["fill_rate"]) == (
        "139.6440",
        "220.4171",
        "0.6335",
    )


def test_five_rates_stand_side_by_side(month: Path) -> None:
    row = rows(month / "series.csv", zone_id="loc-son", on="2018-03-31")[0]
    assert (row["fill_rate_nd164-2013"], row["fill_rate_cleared"]) == ("0.5604", "0.6406")
    assert {name for name in row if name.startswith("fill_rate_")} == {
        f"fill_rate_{name}" for name in ("nd164-2013", "nd82-2018", "nd35-2022", "cleared", "gross")
    }
    assert (
        rows(month / "series.csv", zone_id="phu-hoi", on="2018-03-31")[0]["fill_rate_cleared"]
        == "1.0000"
    )
    assert len({row["on"] for row in rows(month / "series.csv", zone_id="total")}) >= 120


def test_the_public_calls_say_the_same() -> None:
    project = kcn.io.read_project(SAMPLE)
    rate = kcn.fill.fill_rate(project, on="2018-03-31", definition="nd164-2013").round(4)
    assert rate.loc["loc-son", ["leased_ha", "base_ha", "fill_rate"]].to_list() == [
        76.072,
        135.7451,
        0.5604,
    ]
    cleared = kcn.fill.fill_rate(project, on="2018-03-31", definition="cleared").round(4)
    assert cleared["fill_rate"].to_dict() == {"loc-son": 0.6406, "phu-hoi": 1.0}


def test_the_manifest_says_what_it_was_made_from(month: Path) -> None:
    manifest = json.loads((month / "manifest.json").read_text("utf-8"))
    assert manifest["synthetic_geometry"] is True
    assert "EPSG:6960" in manifest["crs"]["codes"]
    assert manifest["crs"]["source"] == "EPSG:5899"
    assert manifest["not_computable"] == {}
    assert set(manifest["outputs"]) == FILES - {"manifest.json"}
    assert set(manifest["inputs"]) == {"two_zones.gpkg"}
    assert manifest["rules"]["nd82-2018"]["verified"] == "secondary"


def test_the_same_month_has_the_same_bytes(month: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    words = ("monthly", SAMPLE, "--month", "2018-03", "--out", again)
    assert run(*words, hash_seed="7", time_zone="Asia/Ho_Chi_Minh").returncode == 0
    names = {path.relative_to(month).as_posix() for path in month.rglob("*") if path.is_file()}
    assert names == FILES
    for name in names:
        assert (month / name).read_bytes() == (again / name).read_bytes(), name


@pytest.mark.long
def test_a_month_is_proven_and_refuted(month: Path, tmp_path: Path) -> None:
    assert run("verify", month, "--project", SAMPLE).returncode == 0
    copy = tmp_path / "copy"
    shutil.copytree(month, copy)
    table = copy / "accounts.csv"
    table.write_bytes(table.read_bytes().replace(b"76.0720", b"86.0720"))
    (copy / "more.txt").write_text("?")
    refuted = run("verify", copy, "--language", "en")
    assert refuted.returncode == 1
    lines = refuted.stdout.splitlines()
    assert lines[2:4] == [
        "  changed since it was made: accounts.csv",
        "  not in the manifest: more.txt",
    ]
    assert 'accounts.csv "86.0720" ≠ report.json "76.0720"' in refuted.stdout
    (copy / "manifest.json").unlink()
    assert run("verify", copy).returncode == 2


def test_knowledge_of_the_time_gives_the_report_of_the_time(tmp_path: Path) -> None:
    words = (
        "monthly",
        SAMPLE,
        "--month",
        "2018-03",
        "--known-at",
        "2018-04-30",
        "--language",
        "en",
    )
    done = run(*words, "--out", tmp_path / "then", "--part", "tables")
    assert done.returncode == 0
    assert "56.04 % (Decree 164/2013/ND-CP), 76.0720 / 135.7451 ha" in done.stdout
    manifest = json.loads((tmp_path / "then/manifest.json").read_text("utf-8"))
    assert manifest["options"]["known_at"] == "2018-04-30"
    # What was on record last before the end of that day in Viet Nam.
    assert manifest["moment"] <= "2018-04-30T16:59:59.999999+00:00"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("monthly", "nowhere.gpkg", "--month", "2018-03", "--out", "x"), "no such file"),
        (("monthly", SAMPLE, "--month", "March", "--out", "x"), "must be given as"),
        (("series", SAMPLE, "--month", "2018-03", "--definition", "nd1"), "no definition of"),
        (("monthly", SAMPLE, "--month", "2018-03", "--out", SAMPLE), "it is a file"),
        (("monthly", SAMPLE, "--out", "x"), "--month"),
        (("nothing",), "There is no command nothing."),
    ],
)
def test_bad_input_ends_with_one_clear_message(
    words: tuple[str, ...],
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # In this process: that the program itself shows no traceback is a test of the command line.
    before = SAMPLE.read_bytes()
    language = ("--language", "en") if len(words) > 2 else ()
    monkeypatch.setattr(sys, "argv", ["kcngeo", *map(str, words), *language])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    out, err = capsys.readouterr()
    assert stop.value.code == 2
    assert message in " ".join(err.split())
    assert "Traceback" not in err
    assert out == ""
    assert SAMPLE.read_bytes() == before
