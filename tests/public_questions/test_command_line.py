"""From the command line too: one zone's bad data change no figure of another zone in any CSV.

The project is written as it stands, bad rows and all. What a product says of a zone is the law of
``test_spoilt_zone.py``; here a few ways go through every command, and every way, in the lane
``long``, through a month.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import kcngeo as kcn
from kcngeo import cli
from tests.public_questions import spoilt
from tests.public_questions.answers import assert_alike, of_zone, owners
from tests.public_questions.questions import ON, project

COMMANDS: dict[str, tuple[str, ...]] = {
    "series": ("--month", "2018-03"),
    "monthly": ("--month", "2018-03", "--part", "tables"),
    "history": ("--since", "2017-06", "--month", "2018-03"),
    "progress": ("--on", ON),
    "conflicts": ("--on", ON),
    "sites": ("--on", ON, "--min-area", "0.1"),
    "check": ("--on", ON),
}


@cache
def sound() -> kcn.Project:
    return project()


def as_words(frame: pd.DataFrame) -> pd.DataFrame:
    """Write a column of values of several types as words, as a file holds it."""

    def word(value: Any) -> Any:
        if pd.isna(value):
            return None
        return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)

    mixed = {
        name: frame[name].map(word)
        for name in frame.columns[frame.dtypes == "object"]
        if len(set(map(type, frame[name].dropna()))) > 1
    }
    return frame.assign(**mixed)


def told(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    source: kcn.Project,
    folder: Path,
    command: str,
) -> dict[str, Any]:
    """Run a command on a project as it stands and give what its tables say of zone A."""
    folder.mkdir()
    frames = {name: as_words(frame) for name, frame in source.tables()}
    kcn.io.write_layers(frames, folder / "project.gpkg")
    out = [] if command == "series" else ["--out", str(folder / "out")]
    words = [command, str(folder / "project.gpkg"), *COMMANDS[command], *out, "--language", "en"]
    monkeypatch.setattr(sys, "argv", ["kcngeo", *words])
    with pytest.raises(SystemExit) as end:
        cli.main()
    said = capsys.readouterr()
    assert end.value.code in (0, 1, None), said.err
    texts = {path.name: path.read_text("utf-8-sig") for path in (folder / "out").rglob("*.csv")}
    if command == "series":
        texts["series"] = said.out
    tables = {name: pd.read_csv(StringIO(text), dtype="str") for name, text in texts.items()}
    zone_of = owners(sound())
    return {name: of_zone(table, "A", zone_of, ()) for name, table in tables.items()}


# What these write is what their products give, which are asked the same in every run.
SLOW = ("history", "monthly", "progress")
# Of the others each goes two of the ways, so that each way is gone.
TWO_OF_FEW = {
    command: (*spoilt.FEW, *spoilt.FEW)[2 * number :][:2]
    for number, command in enumerate(sorted(COMMANDS.keys() - SLOW))
}


@pytest.mark.laws
@pytest.mark.parametrize(
    "command",
    [pytest.param(one, marks=pytest.mark.long) if one in SLOW else one for one in sorted(COMMANDS)],
)
def test_one_spoilt_zone_changes_no_other(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    command: str,
) -> None:
    def of_a(source: kcn.Project, name: str) -> dict[str, Any]:
        return told(capsys, monkeypatch, source, tmp_path / name, command)

    require_same_of_a(of_a, TWO_OF_FEW.get(command, spoilt.FEW))


@pytest.mark.long
def test_no_way_of_spoiling_a_zone_changes_another_in_a_month(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def of_a(source: kcn.Project, name: str) -> dict[str, Any]:
        return told(capsys, monkeypatch, source, tmp_path / name, "monthly")

    require_same_of_a(of_a, spoilt.WAYS)


def require_same_of_a(
    of_a: Callable[[kcn.Project, str], dict[str, Any]], ways: Iterable[str]
) -> None:
    expected = of_a(sound(), "sound")
    assert any(table is not None for table in expected.values()), "nothing is said of zone A"
    for number, way in enumerate(ways):
        assert_alike(expected, of_a(spoilt.WAYS[way](sound()), str(number)), way)
