"""Files of other tools come in by one command, or are refused with the command that works."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from kcngeo import cli, io
from tests import squares
from tests.io.corpus.cases import CASES, SAMPLE
from tests.io.corpus.layer import Case

# Each stands at the end of what is said of a file that is refused.
_NEXT = re.compile(r"^(?:Try|Several answers fit alike\. The first of them): (.+)$", re.MULTILINE)
_MADE = re.compile(r"^made .*du_an\.gpkg$", re.MULTILINE)


@pytest.fixture(scope="module")
def zone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the fence of zone A, and no lot."""
    path = tmp_path_factory.mktemp("zone") / "du_an.gpkg"
    empty = io.empty_project(squares.CRS)
    io.write_project(replace(empty, zones=squares.zones("A")), path)
    return path


def run(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[int, str]:
    """Run the program in this process; give exit code and messages."""
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert isinstance(stop.value.code, int)
    return stop.value.code, capsys.readouterr().err


def check(
    case: Case,
    zone: Path,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Import a file, by the command that is named where it is refused, and count its hectares."""
    project = Path(shutil.copy(zone, folder / "du_an.gpkg"))
    path = case.make(folder)
    words = ["kcngeo", "import", str(path), "--into", str(project), "--zone", "A"]
    words += ["--language", "en", *case.words]
    for _ in range(case.steps):
        code, told = run(words, capsys, monkeypatch)
        assert code == 2, told
        assert not _MADE.search(told)
        named = _NEXT.search(told)
        assert named is not None, told
        *before, command = named[1].split(" && ")
        for one in before:
            subprocess.run(shlex.split(one), check=True, capture_output=True)
        words = shlex.split(command)
    code, told = run(words, capsys, monkeypatch)
    # 1 where rows were left out, and said.
    assert code == int("--partial" in words), told
    assert _MADE.search(told)
    lots = io.read_project(project).parcels
    # A corner is given to 3 mm at worst, which is 1 m² of these lots.
    areas = {lot: area / 10_000 for lot, area in zip(lots["parcel_id"], lots.area, strict=True)}
    assert areas == pytest.approx(case.hectares, abs=1e-4)


@pytest.mark.parametrize("case", SAMPLE, ids=lambda case: case.name)
def test_files_of_each_sort_come_in(case, zone, tmp_path, capsys, monkeypatch):
    check(case, zone, tmp_path, capsys, monkeypatch)


@pytest.mark.long
@pytest.mark.parametrize(
    "case", [one for one in CASES if one not in SAMPLE], ids=lambda case: case.name
)
def test_every_other_file_comes_in(case, zone, tmp_path, capsys, monkeypatch):
    check(case, zone, tmp_path, capsys, monkeypatch)


def test_the_corpus_is_wide_and_deep():
    assert len({case.name for case in CASES}) == len(CASES) > 200
    # What every run brings in is wide enough by itself.
    assert len(SAMPLE) >= 100
    defects = Counter({case.kind: 0 for case in SAMPLE})
    defects.update(kind for kind, _ in {(case.kind, case.defect) for case in SAMPLE})
    assert sum(count >= 5 for count in defects.values()) >= 20
    assert sum(case.tool != "gdal" for case in SAMPLE) >= 30
