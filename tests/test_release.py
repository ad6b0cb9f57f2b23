"""The version is said once, wherever it is said; a release writes it everywhere or nowhere."""

from __future__ import annotations

import datetime as dt
import runpy
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import kcngeo

ROOT = Path(__file__).resolve().parents[1]
DAY = dt.date(2026, 12, 24)


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The program over a copy of what it writes."""
    found: dict[str, Any] = runpy.run_path(str(ROOT / "tools" / "release.py"))
    for path in (*found["PLACES"], "CHANGELOG.md"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    inside = found["main"].__globals__
    monkeypatch.setitem(inside, "ROOT", tmp_path)
    monkeypatch.setitem(inside, "DIST", tmp_path / "dist")
    return inside


def test_every_place_says_the_version_of_the_package(release: dict[str, Any]) -> None:
    told = release["said_versions"]()
    assert len(told) == 4
    assert set(told.values()) == {kcngeo.__version__}


def test_a_release_says_its_version_everywhere_and_closes_the_changelog(
    release: dict[str, Any], tmp_path: Path
) -> None:
    before = {path: (tmp_path / path).read_text(encoding="utf-8") for path in release["PLACES"]}
    release["write_version"]("7.8.9", day=DAY)
    assert set(release["said_versions"]().values()) == {"7.8.9"}
    for path, text in before.items():
        after = (tmp_path / path).read_text(encoding="utf-8")
        assert after == text.replace(kcngeo.__version__, "7.8.9", 1)
    changes = (tmp_path / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [7.8.9] – 2026-12-24\n" in changes
    # The next one needs an open part first.
    with pytest.raises(SystemExit, match=r"CHANGELOG\.md has no part that is unreleased"):
        release["write_version"]("8.0.0", day=DAY)
    assert set(release["said_versions"]().values()) == {"7.8.9"}


@pytest.mark.parametrize("version", ["1.0", "v1.0.0", "1.0.0rc1", "1.0.0; rm"])
def test_what_is_no_version_is_refused(release: dict[str, Any], version: str) -> None:
    with pytest.raises(SystemExit, match="is no version such as"):
        release["write_version"](version, day=DAY)
    assert set(release["said_versions"]().values()) == {kcngeo.__version__}


def test_what_is_not_committed_is_not_released(release: dict[str, Any], tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    with pytest.raises(SystemExit, match=r"commit or take away first:\n.*\n.*CITATION\.cff"):
        release["main"](["--trial"])
    with pytest.raises(SystemExit, match="2"):
        release["main"]([])
    assert not (tmp_path / "dist").exists()


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ({"a.csv": "1", "b.csv": "2"}, []),
        ({"a.csv": "1", "b.csv": "3"}, ["oldest versions: b.csv differs"]),
        ({"a.csv": "1"}, ["oldest versions: b.csv differs"]),
    ],
)
def test_a_table_that_differs_between_environments_is_named(
    release: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    second: dict[str, str],
    told: list[str],
) -> None:
    def tried(_python: Path, _folder: Path, name: str) -> dict[str, str]:
        return second if name == "oldest versions" else {"a.csv": "1", "b.csv": "2"}

    monkeypatch.setitem(release, "PYTHONS", ("3.11",))
    monkeypatch.setitem(release, "_is_there", lambda _: True)
    monkeypatch.setitem(release, "_run", lambda *_, **__: None)
    monkeypatch.setitem(release, "_tried", tried)
    assert release["try_files"]([tmp_path / "kcngeo-1.whl"], tmp_path) == told
