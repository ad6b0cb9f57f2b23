"""A month in groups is the month of the whole, byte for byte, with one group's lots in memory."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from typer.testing import CliRunner

import kcngeo as kcn
from kcngeo.cluster import grouped_month, kept_parts, write_month
from kcngeo.core.errors import ContractError, DataSourceError, KcngeoError
from kcngeo.io.stores.by_group import grouped_folder, in_groups
from tests.test_growth import estate

ROOT = Path(__file__).parents[2]
PROVINCE15 = ROOT.parent / "shared/province15/province15.gpkg"
LONG = pytest.mark.long


def entangled() -> kcn.Project:
    """Four zones with all that belongs to several of them, or to none."""
    made, squares = estate(4, entries=2), kcn.examples.squares()
    targets = made.targets
    whole = targets.head(1).assign(zone_id=None, value=0.5)
    claims = pd.DataFrame(
        {
            "zone_id": ["Z0001", None],
            "measure": "fill_rate",
            "value": [0.9, 0.7],
            "on": pd.to_datetime("2017-06-30"),
            "source": ["press", "the board"],
        }
    )
    # One project holds land in the first and in the last zone; one asked for help and holds none.
    zone = made.ledger["parcel_id"].str[:5]
    ledger = made.ledger.assign(project_id=zone.replace("Z0003", "Z0000").where(zone != "Z0001"))
    projects = squares.projects.head(3).assign(project_id=["Z0000", "Z0002", "none"])
    support = pd.DataFrame(
        {
            "support_id": ["S2", "S1"],
            "project_id": ["Z0002", "none"],
            "kind": "labour",
            "asked_on": pd.to_datetime("2017-01-01"),
        }
    )
    # Two zones without a lot, of which nothing and something is declared; of one the name is that
    # of another.
    zones = made.zones.assign(name=["North", "North", "2", "3"])
    bare = zones.tail(2).assign(zone_id=["Z0100", "Z0101"], geometry=[None, None])
    declared = pd.DataFrame(
        {
            "zone_id": ["Z0101"],
            "on": pd.to_datetime(["2017-01-01"]),
            "definition": "nd164-2013",
            "base_ha": 10.0,
            "leased_ha": 4.0,
            "source": "the board",
        }
    )
    return replace(
        made,
        zones=gpd.GeoDataFrame(pd.concat([zones, bare], ignore_index=True), crs=made.zones.crs),
        targets=pd.concat([targets, whole], ignore_index=True),
        claims=claims,
        ledger=ledger,
        projects=projects,
        support=support,
        declared_accounts=declared,
    )


def stored(project: kcn.Project, folder: Path) -> Path:
    kcn.io.write_project(project, folder / "project.parquet")
    return folder / "project.parquet"


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def as_a_whole(path: Path, folder: Path, **asked: Any) -> dict[str, bytes]:
    language = asked.pop("language", "vi")
    made = kcn.products.month(kcn.io.read_project(path), **asked)
    return files(made.write(folder, parts=["tables"], inputs=[path], language=language))


@pytest.mark.parametrize(
    ("name", "month", "most_lots"),
    [
        # The law of that day asks something of all zones together.
        ("entangled", "2022-12", 12),
        pytest.param("two_zones", "2018-03", 1, marks=LONG),
        pytest.param("province", "2025-10", 1, marks=LONG),
        pytest.param("province15", "2009-03", 300, marks=LONG),
    ],
)
def test_the_tables_and_their_manifest_are_the_same_bytes(
    name: str, month: str, most_lots: int, tmp_path: Path
):
    path = PROVINCE15 if name == "province15" else ROOT / f"data/parcels/{name}.gpkg"
    if name != "entangled" and not path.is_file():
        pytest.skip(f"{path.name} is not here")
    path = stored(entangled() if name == "entangled" else kcn.io.read_project(path), tmp_path)
    whole = as_a_whole(path, tmp_path / "whole", month=month, language="en")
    folder = write_month(path, tmp_path / "out", month=month, language="en", most_lots=most_lots)
    told = files(folder)
    assert list(told) == list(whole)
    assert [one for one in whole if told[one] != whole[one]] == []
    # Nothing is left beside it.
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out", "project.parquet", "whole"]


def test_zones_that_belong_together_come_in_one_group(tmp_path: Path):
    path = stored(entangled(), tmp_path)
    found = grouped_folder(path)
    ties, first = grouped_month._ledger_facts(found, kcn.cluster.Question(month="2017-12"))
    assert first == "2013-01-01"
    groups = in_groups(found.lots, ties, most_lots=12)
    # Two zones have no lots, and come with the last.
    assert groups == [("Z0000", "Z0003"), ("Z0001",), ("Z0002", "Z0100", "Z0101")]


def test_zones_whose_lots_may_overlap_come_in_one_group(tmp_path: Path):
    project = kcn.examples.squares()
    parcels = project.parcels.copy()
    there = parcels["zone_id"] == "B"
    # Zone B adjoins zone A in the north.
    parcels.loc[there, "geometry"] = parcels[there].geometry.translate(0, -50)
    found = grouped_folder(stored(replace(project, parcels=parcels), tmp_path))
    assert in_groups(found.lots, found.ties(), most_lots=1) == [("A", "B")]
    apart = grouped_folder(stored(project, tmp_path))
    assert in_groups(apart.lots, apart.ties(), most_lots=1) == [("A",), ("B",)]


def spoil(monkeypatch: pytest.MonkeyPatch, zone_id: str) -> list[list[str]]:
    """Have one zone fail, and note which zones are worked out, with no lots but theirs."""
    said, asked = grouped_month._said, []

    def failing(project: kcn.Project, *args: Any) -> Any:
        zones = sorted(project.zones["zone_id"])
        asked.append(zones)
        assert len(project.parcels) == 12 * len(zones)
        if zone_id in zones:
            raise ValueError("odd")
        return said(project, *args)

    monkeypatch.setattr(grouped_month, "_said", failing)
    return asked


def test_a_zone_that_fails_is_named_and_the_others_are_not_worked_out_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = stored(estate(4), tmp_path)
    with monkeypatch.context() as patched:
        asked = spoil(patched, "Z0002")
        with pytest.raises(KcngeoError, match=r"Z0002 \(ValueError: odd\).*3 of 4"):
            write_month(path, tmp_path / "out", month="2017-12", most_lots=24)
    assert asked == [["Z0000", "Z0001"], ["Z0002", "Z0003"], ["Z0002"], ["Z0003"]]
    assert not (tmp_path / "out").exists()
    asked = spoil(monkeypatch, "nobody")
    told: list[tuple[int, int]] = []
    asked_for = {"month": "2017-12", "most_lots": 24}
    write_month(path, tmp_path / "out", **asked_for, counted=lambda *one: told.append(one))
    assert asked == [["Z0002", "Z0003"]]
    assert told == [(2, 4), (4, 4)]


@LONG
def test_a_zone_whose_data_changed_is_the_only_one_worked_out_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    project, kept = estate(3), tmp_path / "kept"
    path = stored(project, tmp_path)
    write_month(path, tmp_path / "out", month="2017-12", most_lots=12, kept=kept)
    ledger = project.ledger.copy()
    ledger.loc[ledger["parcel_id"] == "Z0001-0", "valid_from"] += pd.Timedelta(days=40)
    kcn.io.write_project(replace(project, ledger=ledger), path)
    asked = spoil(monkeypatch, "nobody")
    write_month(path, tmp_path / "out", month="2017-12", most_lots=12, kept=kept)
    assert asked == [["Z0001"]]
    assert files(tmp_path / "out") == as_a_whole(path, tmp_path / "whole", month="2017-12")


class _Harm:
    """What does something when it is read."""

    def __init__(self, done: str) -> None:
        self.done = done

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return os.mkdir, (self.done,)


@pytest.mark.parametrize(
    "kind",
    ["harmful", pytest.param("cut", marks=LONG), pytest.param("sealed", marks=LONG)],
)
def test_a_part_that_somebody_spoilt_is_worked_out_anew(kind: str, tmp_path: Path):
    path, kept = stored(kcn.examples.squares(), tmp_path), tmp_path / "kept"
    asked: dict[str, Any] = {"month": "2018-03", "kept": kept}
    before = files(write_month(path, tmp_path / "out", **asked))
    (place,) = kept.iterdir()
    if kind == "harmful":
        (place / "facts").write_bytes(pickle.dumps(_Harm(str(tmp_path / "done"))))
        (place / "seal").write_text(kept_parts._seal(place), encoding="ascii")
    elif kind == "cut":
        (place / "series").write_bytes((place / "series").read_bytes()[:-9])
    else:
        (place / "seal").unlink()
    assert kept_parts.kept_part(place) is None
    assert files(write_month(path, tmp_path / "out", **asked)) == before
    assert not (tmp_path / "done").exists()


def test_what_cannot_be_made_of_groups_is_refused(tmp_path: Path):
    squares = kcn.examples.squares()
    kcn.io.write_project(squares, tmp_path / "p.gpkg")
    with pytest.raises(KcngeoError, match="kcngeo copy"):
        write_month(tmp_path / "p.gpkg", tmp_path / "out", month="2018-03")
    with pytest.raises(DataSourceError, match="no such folder"):
        write_month(tmp_path / "none.parquet", tmp_path / "out", month="2018-03")
    own = kcn.products.month(squares, month="2018-03", handed_out=True).standing
    assert own is not None
    rows = own.own.rows(made_on=pd.Timestamp("2018-04-02", tz="UTC"))
    path = stored(replace(squares, publications=rows), tmp_path)
    with pytest.raises(KcngeoError, match="was published"):
        write_month(path, tmp_path / "out", month="2018-03")
    assert not (tmp_path / "out").exists()


def test_a_defect_that_belongs_to_no_zone_is_told_as_of_the_whole(tmp_path: Path):
    squares = kcn.examples.squares()
    nobody = squares.ledger.head(1).assign(parcel_id="nowhere")
    path = stored(replace(squares, ledger=pd.concat([squares.ledger, nobody])), tmp_path)
    with pytest.raises(ContractError) as whole:
        kcn.products.month(kcn.io.read_project(path), month="2018-03")
    with pytest.raises(ContractError) as grouped:
        write_month(path, tmp_path / "out", month="2018-03", most_lots=1)
    assert str(grouped.value) == str(whole.value)


def test_the_command_writes_what_the_library_does(tmp_path: Path):
    from kcngeo.cli import app

    path = stored(kcn.examples.squares(), tmp_path)
    asked = ["monthly", str(path), "--month", "2018-03", "--language", "en"]
    out = ["--out", str(tmp_path / "out"), "--lots-at-once", "5"]
    done = CliRunner().invoke(app, [*asked, *out, "--jobs", "1"])
    assert done.exit_code == 0, done.output
    assert "Zone A: 37.50 %" in done.output
    assert files(tmp_path / "out") == as_a_whole(
        path, tmp_path / "whole", month="2018-03", language="en"
    )
    refused = CliRunner().invoke(app, [*asked, *out, "--atlas", "--edition", "public"])
    assert isinstance(refused.exception, KcngeoError)
    assert "--edition, --atlas" in str(refused.exception) or "--atlas, --edition" in str(
        refused.exception
    )


@LONG
def test_a_run_that_is_killed_three_times_goes_on_where_it_was(tmp_path: Path):
    path = stored(estate(12), tmp_path)
    program = (
        "import sys; from kcngeo.cluster import write_month;"
        "write_month(sys.argv[1], sys.argv[2], month='2017-12', most_lots=12)"
    )
    parts = tmp_path / ".out.parts"
    done = [0]
    for _ in range(3):
        run = subprocess.Popen([sys.executable, "-c", program, str(path), str(tmp_path / "out")])
        while run.poll() is None and len(_whole(parts)) < done[-1] + 2:
            time.sleep(0.05)
        assert run.poll() is None, "it ended before it was killed"
        run.send_signal(signal.SIGKILL)
        run.wait()
        done.append(len(_whole(parts)))
        assert not (tmp_path / "out").exists()
    assert done == sorted(done)
    assert 0 < done[1] < done[3] < 12
    subprocess.run([sys.executable, "-c", program, str(path), str(tmp_path / "out")], check=True)
    assert files(tmp_path / "out") == as_a_whole(path, tmp_path / "whole", month="2017-12")
    assert not parts.exists()


def _whole(parts: Path) -> list[Path]:
    return [] if not parts.is_dir() else [one for one in parts.iterdir() if one.name[0] != "."]


@LONG
def test_processes_write_the_same_bytes(tmp_path: Path):
    path = stored(estate(4), tmp_path)
    folder = write_month(path, tmp_path / "out", month="2017-12", most_lots=12, jobs=2)
    assert files(folder) == as_a_whole(path, tmp_path / "whole", month="2017-12")


@LONG
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks Linux for the memory")
def test_memory_hardly_grows_with_the_lots(tmp_path: Path):
    """A month as a whole takes more than 2 kB a lot; in groups less than half of that."""
    program = (
        "import sys; from kcngeo.cluster import write_month;"
        "write_month(sys.argv[1], sys.argv[2], month='2017-12', most_lots=6_000);"
        # What the process held, not what its parent did before it.
        "print(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0])"
    )
    peak_kb = []
    for zones in (50, 150):
        folder = tmp_path / str(zones)
        folder.mkdir()
        path = stored(estate(zones, lots=600), folder)
        run = [sys.executable, "-c", program, str(path), str(folder / "out")]
        peak_kb.append(int(subprocess.run(run, check=True, capture_output=True).stdout))
    lots = 100 * 600
    assert peak_kb[1] - peak_kb[0] < 1.0 * lots
