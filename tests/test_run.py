"""The starter script keeps its promises, and so do the lanes, the programs and the bundle."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import settings

import run
from tests import conftest, lanes, programs

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the source with nothing in it but what decides what is installed."""
    (tmp_path / "locks").mkdir()
    for file in ("pyproject.toml", *(f"locks/{name}.txt" for name in run.SETS)):
        (tmp_path / file).write_text("before", encoding="utf-8")
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "LOCKS", tmp_path / "locks")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "moved"),
    [
        ("pyproject.toml", {"main", "docs", "dev"}),
        ("locks/main.txt", {"main"}),
        ("locks/dev.txt", {"dev"}),
    ],
)
def test_fingerprint_follows_the_files(locked: Path, file: str, moved: set[str]):
    before = {name: run.fingerprint(name) for name in run.SETS}
    assert len(set(before.values())) == len(run.SETS)
    (locked / file).write_text("after", encoding="utf-8")
    assert {name for name in run.SETS if run.fingerprint(name) != before[name]} == moved


@pytest.mark.parametrize(
    ("windows", "expected"), [(True, "Scripts/python.exe"), (False, "bin/python")]
)
def test_programs_of_the_environment_per_platform(windows: bool, expected: str):
    path = run.bin_path("python", windows=windows)
    assert path.relative_to(ROOT / ".venv").as_posix() == expected


@pytest.mark.parametrize(
    ("stamped", "asked", "is_ready"),
    [
        ("main", "main", True),
        ("dev", "dev", True),
        ("dev", "main", True),  # the tests' environment also runs the main job
        ("dev", "docs", True),  # and makes the documentation
        ("docs", "main", True),
        ("main", "dev", False),
        ("docs", "dev", False),
        (None, "main", False),  # half made: the stamp is written last
    ],
)
def test_an_environment_is_ready_when_its_stamp_covers_what_is_asked(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stamped: str | None,
    asked: str,
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
        libraries, project = calls[-2:]
        assert ("--no-index" in libraries) is is_offline
        assert {"--require-hashes", str(run.LOCKS / "main.txt")} <= set(libraries)
        # Nothing may be fetched for the project itself: what builds it stands in the lock.
        assert {"--no-deps", "--no-build-isolation"} <= set(project)


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


@pytest.mark.parametrize(("ci", "code", "asked"), [("true", 0, 1), ("true", 1, 2), ("", 0, 0)])
def test_tools_of_the_pages_are_fetched_on_ci_until_they_are_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ci: str, code: int, asked: int
):
    calls: list[tuple[str, ...]] = []

    def call(*command: str) -> int:
        calls.append(command)
        return code

    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(programs.shutil, "which", lambda _: "npm")
    monkeypatch.setattr(programs, "call", call)
    monkeypatch.setattr(programs, "TOOLS", tmp_path / "tools")
    programs.fetch_tools()
    programs.fetch_tools()  # what was fetched is not asked for again
    assert [command[:2] for command in calls] == [("npm", "ci")] * asked
    assert (tmp_path / "tools" / "package-lock.json").exists() is (asked > 0)


def test_what_is_installed_is_a_program_or_a_path(tmp_path: Path):
    assert programs.is_installed(sys.executable)
    assert programs.is_installed(str(tmp_path))
    assert not programs.is_installed(str(tmp_path / "none"))
    assert not programs.is_installed("no-such-program-of-kcngeo")


@pytest.mark.parametrize("options", [[], ["--platform", "win_amd64"]])
def test_a_bundle_holds_what_the_set_up_asks_for(
    monkeypatch: pytest.MonkeyPatch, options: list[str]
):
    asked: dict[str, str] = {}

    def fetch(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        assert {"--require-hashes", *options} <= set(command)
        asked.update(pins(Path(command[command.index("-r") + 1])))
        return subprocess.CompletedProcess(command, 1)

    bundle = runpy.run_path(str(ROOT / "tools" / "bundle.py"))
    # A Python without pip refuses; this one asks whether it is there.
    monkeypatch.setitem(bundle["main"].__globals__, "find_spec", lambda _: True)
    monkeypatch.setattr(subprocess, "run", fetch)
    assert bundle["main"](options) == 1
    assert set(asked) == set(pins(ROOT / "locks" / "main.txt"))
    assert asked["hatchling"] == ""
    # What is needed on Windows alone is asked for without asking this machine.
    assert asked["colorama"] == ("" if options else "sys_platform == 'win32'")


# ---- locks --------------------------------------------------------------------------------------
PIN = re.compile(
    r"^(?P<name>[a-z0-9][a-z0-9-]*)==(?P<version>\S+)(?: ; (?P<marker>[^\\\n]+?))? \\\n"
    r"(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+",
    flags=re.MULTILINE,
)


def pins(lock: Path) -> dict[str, str]:
    """The marker of each library of a lock, by name; that of the last version where it has two."""
    return {one["name"]: one["marker"] or "" for one in PIN.finditer(lock.read_text("utf-8"))}


@pytest.mark.parametrize("name", ["main", "docs", "cluster", "dev"])
def test_a_lock_is_nothing_but_versions_with_hashes_and_holds_all_that_is_asked(name: str):
    text = (ROOT / "locks" / f"{name}.txt").read_text(encoding="utf-8")
    assert PIN.sub("", text) == ""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    asked = [*project["project"]["dependencies"], *project["build-system"]["requires"], "editables"]
    added = {"main": (), "dev": ("dev", "cluster", "docs", "notebook", "postgis")}
    for extra in added.get(name, (name,)):
        asked += [one for one in extras[extra] if not one.startswith("kcngeo[")]
    names = {re.match(r"[A-Za-z0-9_-]+", one)[0].lower() for one in asked}
    assert names <= set(pins(ROOT / "locks" / f"{name}.txt"))
    # Whatever is installed, it is what the tests ran with.
    everything = (ROOT / "locks" / "dev.txt").read_text(encoding="utf-8")
    assert {one[0] for one in PIN.finditer(text)} <= {one[0] for one in PIN.finditer(everything)}


def test_the_locks_are_resolved_with_the_tools_that_build_the_project():
    lock = runpy.run_path(str(ROOT / "tools" / "lock.py"))
    assert lock["build_tools"]() == ["hatchling>=1.27", "editables"]
    assert "--upgrade" in lock["command"]("dev", ["--upgrade"])
    assert "locks/dev.txt" in lock["command"]("main", ["--upgrade"])[:-4]
    assert "--upgrade" not in lock["command"]("main", ["--upgrade"])


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
