"""`kcngeo diff` and `kcngeo update`: what an edited copy changes, listed and put on record."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from kcngeo import Project, cli, io
from kcngeo.core.validation import as_known
from tests import squares
from tests.postgres import ENCODED, PASSWORD, Server


class Told(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Told]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    def call(*words: object) -> Told:
        monkeypatch.setattr(sys, "argv", ["kcngeo", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        said = capsys.readouterr()
        assert isinstance(stop.value.code, int)
        return Told(stop.value.code, said.out, said.err)

    return call


@pytest.fixture
def project() -> Project:
    return Project(
        zones=squares.zones("A"),
        parcels=squares.parcels("P1", "P2", lot_code=["a", "b"]),
        ledger=squares.ledger(("P1", "leased", "2018-01-01"), entry_id=["e1"]),
    )


@pytest.fixture
def copies(tmp_path: Path, project: Project) -> tuple[Path, Path]:
    """A project, and a copy with a lot more, an end day given, and a word that is a formula."""
    old, new = tmp_path / "old.gpkg", tmp_path / "new.gpkg"
    io.write_project(project, old)
    parcels = squares.parcels("P1", "P2", "P3", lot_code=["a", "=1+1", "c"])
    ledger = squares.ledger(("P1", "leased", "2018-01-01", "2019-06-01"), entry_id=["e1"])
    io.write_project(replace(io.read_project(old), parcels=parcels, ledger=ledger), new)
    return old, new


def test_diff_lists_the_edits_and_says_whether_there_are_any(
    run: Run, copies: tuple[Path, Path]
) -> None:
    old, new = copies
    same = run("diff", old, old)
    assert (same.code, same.out.count("\n")) == (0, 1)
    assert "không có chỉnh sửa" in same.err
    told = run("diff", old, new, "--language", "en")
    assert told.code == 1
    assert "parcels: 1 added" in told.err
    table = pd.read_csv(StringIO(told.out), keep_default_na=False)
    assert table[
        ["table", "kind", "id", "zone_id", "column", "before", "after"]
    ].to_numpy().tolist() == [
        ["parcels", "added", "P3", "A", "", "", ""],
        # As in every table of the program, text a spreadsheet would compute is told to be text.
        ["parcels", "changed", "P2", "A", "lot_code", "b", "'=1+1"],
        ["ledger", "changed", "e1", "A", "valid_to", "", "2019-06-01"],
    ]
    assert table["area_after_m2"].tolist()[:2] == ["10000.0000"] * 2


def test_update_puts_the_edits_on_record(run: Run, copies: tuple[Path, Path]) -> None:
    old, new = copies
    before = old.read_bytes()
    tried = run("update", old, new, "--dry-run", "--language", "en")
    assert (tried.code, old.read_bytes()) == (0, before)
    assert "nothing was written" in tried.err
    told = run("update", old, new, "--recorded-at", "2020-01-05")
    assert told.code == 0
    assert told.out == tried.out
    assert run("diff", old, new).code == 0
    ledger = io.read_project(old).ledger
    assert as_known(ledger, "2020-01-04")["valid_to"].isna().tolist() == [True]
    assert as_known(ledger, "2020-01-05")["valid_to"].isna().tolist() == [False]
    again = run("update", old, new, "--language", "en")
    assert (again.code, "no edits" in again.err) == (0, True)


def test_a_new_version_may_begin_on_a_day(run: Run, copies: tuple[Path, Path]) -> None:
    old, new = copies
    assert run("update", old, new, "--valid-from", "2019-07-01").code == 0
    lots = as_known(io.read_project(old).parcels)
    versions = lots.loc[lots["parcel_id"] == "P2", ["lot_code", "valid_from", "valid_to"]]
    day = pd.Timestamp("2019-07-01")
    assert [tuple(row) for row in versions.itertuples(index=False)] == [
        ("b", pd.NaT, day),
        ("=1+1", day, pd.NaT),
    ]


def test_edits_that_contradict_are_refused_and_nothing_is_written(
    run: Run, copies: tuple[Path, Path], tmp_path: Path
) -> None:
    old, _ = copies
    before = old.read_bytes()
    bad = tmp_path / "bad.gpkg"
    io.write_project(replace(io.read_project(old), parcels=squares.parcels("P2")), bad)
    told = run("update", old, bad, "--language", "en")
    assert (told.code, old.read_bytes()) == (2, before)
    assert "entries of parcels that do not exist: e1" in told.err


def test_copy_brings_a_project_into_another_store(
    run: Run, copies: tuple[Path, Path], project: Project, tmp_path: Path
) -> None:
    old, new = copies
    folder = tmp_path / "copy.parquet"
    assert run("copy", old, folder).code == 0
    assert run("diff", old, folder).code == 0
    refused = run("copy", new, folder, "--language", "en")
    assert (refused.code, "Add --force to replace it" in refused.err) == (2, True)
    assert run("diff", old, folder).code == 0
    assert run("copy", new, folder, "--force").code == 0
    assert run("diff", new, folder).code == 0


def test_copy_into_a_database_and_back(
    run: Run, copies: tuple[Path, Path], tmp_path: Path, postgis: Server
) -> None:
    old, new = copies
    url, back = postgis.url("cli_copy"), tmp_path / "back.gpkg"
    told = run("copy", old, url)
    assert (told.code, PASSWORD in told.err, ENCODED in told.err) == (0, False, False)
    assert run("copy", old, url).code == 2
    assert run("update", url, new, "--recorded-at", "2020-01-05").code == 0
    assert run("diff", url, new).code == 0
    assert run("copy", url, back).code == 0
    assert run("diff", url, back).code == 0
