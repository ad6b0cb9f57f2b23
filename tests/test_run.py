"""The starter script keeps its promises, and so do the lanes, the programs and the bundle."""

from __future__ import annotations

import hashlib
import io
import runpy
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest
from hypothesis import settings

import run
from tests import conftest, lanes, programs

ROOT = Path(__file__).resolve().parents[1]


def test_fingerprint_follows_extras_but_not_their_order():
    assert run.fingerprint(("cad", "dev")) == run.fingerprint(("dev", "cad"))
    assert run.fingerprint(()) != run.fingerprint(("dev",))


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_fingerprint_follows_the_files(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for file in ("pyproject.toml", "constraints.txt"):
        (tmp_path / file).write_text("before", encoding="utf-8")
    monkeypatch.setattr(run, "ROOT", tmp_path)
    before = run.fingerprint(())
    (tmp_path / name).write_text("after", encoding="utf-8")
    assert run.fingerprint(()) != before


@pytest.mark.parametrize(
    ("windows", "expected"), [(True, "Scripts/python.exe"), (False, "bin/python")]
)
def test_programs_of_the_environment_per_platform(windows: bool, expected: str):
    path = run.bin_path("python", windows=windows)
    assert path.relative_to(ROOT / ".venv").as_posix() == expected


@pytest.mark.parametrize(
    ("stamped", "asked", "is_ready"),
    [
        ((), (), True),
        (("dev",), ("dev",), True),
        (("dev",), (), True),  # the tests' environment also runs the main job
        ((), ("dev",), False),
        (None, (), False),  # half made: the stamp is written last
    ],
)
def test_an_environment_is_ready_when_its_stamp_covers_what_is_asked(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stamped: tuple[str, ...] | None,
    asked: tuple[str, ...],
    is_ready: bool,
):
    monkeypatch.setattr(run, "VENV", tmp_path)
    monkeypatch.setattr(run, "STAMP", tmp_path / "kcngeo.stamp")
    run.bin_path("python").parent.mkdir()
    run.bin_path("python").touch()
    if stamped is not None:
        run.STAMP.write_text(run.fingerprint(stamped), encoding="utf-8")
    assert run.is_ready(asked) is is_ready


def test_a_python_that_does_not_fit_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(run, "STAMP", tmp_path / "kcngeo.stamp")
    monkeypatch.setattr(run, "find_uv", lambda: None)
    monkeypatch.setattr(run, "OLDEST", (3, 99))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11, 3\.12 or 3\.13; this is 3\.\d+"):
        run.set_up()


def test_a_folder_of_wheels_is_taken_instead_of_the_network(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    calls: list[list[str]] = []

    def call(*command: object, **_: object) -> int:
        calls.append([str(word) for word in command])
        return 0

    monkeypatch.setattr(run, "call", call)
    monkeypatch.setattr(run, "VENV", tmp_path / "venv")
    monkeypatch.setattr(run, "STAMP", tmp_path / "stamp")
    for wheels, is_offline in ((tmp_path / "none", False), (tmp_path, True)):
        monkeypatch.setattr(run, "WHEELS", wheels)
        run.STAMP.unlink(missing_ok=True)
        run.set_up()
        assert ("--no-index" in calls[-1]) is is_offline


@pytest.mark.parametrize(
    ("ci", "user_id", "packages"),
    [("true", 0, ["chromium", "python3-qgis"]), ("true", 1000, []), ("", 0, [])],
)
def test_system_programs_are_installed_on_ci_by_root_only(
    monkeypatch: pytest.MonkeyPatch, ci: str, user_id: int, packages: list[str]
):
    calls: list[tuple[str, ...]] = []

    def call(*command: str) -> int:
        calls.append(command)
        return 0

    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("DEBIAN_FRONTEND", "")
    monkeypatch.setattr(programs.os, "geteuid", lambda: user_id, raising=False)
    monkeypatch.setattr(programs.shutil, "which", {"apt-get": "apt-get", "uv": None}.get)
    monkeypatch.setattr(programs, "find_spec", lambda _: "the module venv is whole")
    monkeypatch.setattr(programs, "call", call)
    monkeypatch.setattr(programs, "SYSTEM", {"chromium": "chromium", "/none/such": "python3-qgis"})
    programs.install_system_programs()
    assert [command[1] for command in calls] == (["update", "install"] if packages else [])
    assert [name for command in calls[1:] for name in command[-2:]] == packages


@pytest.mark.parametrize("ci", ["true", ""])
def test_the_judge_of_the_maps_is_fetched_on_ci_and_must_be_the_one_expected(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ci: str
):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo("package/axe.min.js")
        entry.size = len(b"axe")
        archive.addfile(entry, io.BytesIO(b"axe"))

    def call(*command: str) -> int:
        (Path(command[-1]) / "axe.tgz").write_bytes(packed.getvalue())
        return 0

    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(programs.shutil, "which", lambda _: "npm")
    monkeypatch.setattr(programs, "call", call)
    monkeypatch.setattr(programs, "AXE_FILE", tmp_path / "fetched" / "axe.js")
    if not ci:
        programs.fetch_axe()
        assert not programs.AXE_FILE.exists()
        return
    with pytest.raises(SystemExit, match="is not the expected file"):
        programs.fetch_axe()
    assert not programs.AXE_FILE.exists()
    expected = hashlib.sha512(packed.getvalue()).hexdigest()
    monkeypatch.setattr(programs, "AXE_SHA512", expected)
    programs.fetch_axe()
    assert programs.AXE_FILE.read_bytes() == b"axe"


def test_what_is_installed_is_a_program_or_a_path(tmp_path: Path):
    assert programs.is_installed(sys.executable)
    assert programs.is_installed(str(tmp_path))
    assert not programs.is_installed(str(tmp_path / "none"))
    assert not programs.is_installed("no-such-program-of-kcngeo")


@pytest.mark.parametrize(
    ("options", "more"),
    [([], set()), (["--platform", "win_amd64"], {"--only-binary=:all:", "colorama==0.4.6"})],
)
def test_a_bundle_holds_what_the_set_up_asks_for(
    monkeypatch: pytest.MonkeyPatch, options: list[str], more: set[str]
):
    asked: list[str] = []

    def fetch(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.extend(command)
        return subprocess.CompletedProcess(command, 1)

    bundle = runpy.run_path(str(ROOT / "tools" / "bundle.py"))
    # A Python without pip refuses; this one asks whether it is there.
    monkeypatch.setitem(bundle["main"].__globals__, "find_spec", lambda _: True)
    monkeypatch.setattr(subprocess, "run", fetch)
    assert bundle["main"](options) == 1
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {*project["project"]["dependencies"], "editables", "hatchling>=1.27"}
    assert wanted | more | set(options) <= set(asked)
    # What only other systems need stays out.
    assert not {word for word in asked if word.startswith("pexpect")}


# ---- lanes --------------------------------------------------------------------------------------
def test_a_lane_runs_alone_and_everything_else_goes_to_pytest():
    every = lanes.commands([])
    assert next(iter(every)) == "ruff check"
    assert list(every)[-1] == "pytest"
    assert "-m" not in every["pytest"][3:]
    fast = lanes.commands(["fast", "-x"])
    assert list(fast) == ["pytest"]
    assert fast["pytest"][-3:] == ["-m", "fast", "-x"]
    assert lanes.commands(["laws", "--deep"])["pytest"][-2:] == ["-m", "laws"]
    # A lane comes first: later the word may be a value of one of pytest's options.
    named = lanes.commands(["-k", "fast"])
    assert list(named) == list(every)
    assert named["pytest"][-2:] == ["-k", "fast"]


ONE_OF_EACH = """
import pytest
from hypothesis import given, settings, strategies as st

def test_unit(): pass

@given(st.integers())
@settings(max_examples=3)
def test_law(value): pass

@given(st.integers())
def test_law_of_the_profile(value): pass

def test_program(chromium): pass

@pytest.mark.system
@given(st.integers())
def test_law_in_a_program(value): pass

@pytest.mark.long
@given(st.integers())
def test_long(value): pass
"""


class Chosen:
    """What a run of pytest would run: the examples of every law, by the test's name."""

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.tests = {item.name: examples_of(item) for item in session.items}


def examples_of(item: pytest.Item) -> int | None:
    own = getattr(item.obj, "_hypothesis_internal_use_settings", None)
    return own.max_examples if own else None


def chosen(folder: Path, *options: str) -> dict[str, int | None]:
    """Collect one test of each kind under the conftest of all tests."""
    (folder / "test_one_of_each.py").write_text(ONE_OF_EACH, encoding="utf-8")
    seen = Chosen()
    quiet = ["--collect-only", "-qq", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml")]
    assert pytest.main([*quiet, *options, str(folder)], plugins=[conftest, seen]) == 0
    return seen.tests


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["-m", "fast"], ["test_unit"]),
        (["-m", "laws"], ["test_law", "test_law_of_the_profile"]),
        (["-m", "system"], ["test_program", "test_law_in_a_program"]),
        (["-m", "long"], ["test_long"]),
        (
            [],
            [
                *("test_unit", "test_law", "test_law_of_the_profile"),
                *("test_program", "test_law_in_a_program"),
            ],
        ),
    ],
)
def test_every_test_is_in_one_lane_and_long_ones_are_asked_for(
    tmp_path: Path, options: list[str], expected: list[str]
):
    assert list(chosen(tmp_path, *options)) == expected


def test_a_deep_run_tries_more_examples_of_laws_that_name_their_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert chosen(tmp_path, "-m", "laws")["test_law"] == 3
    monkeypatch.setattr(conftest, "PROFILE", "deep")
    deep = chosen(tmp_path, "-m", "laws")
    assert deep["test_law"] == 3 * conftest.TIMES_DEEPER
    # The others follow the profile, which is the one this run was started with.
    assert deep["test_law_of_the_profile"] == settings.default.max_examples
