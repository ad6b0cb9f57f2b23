"""The repository keeps its own rules, and the starter script its promises."""

from __future__ import annotations

import configparser
import hashlib
import importlib.util
import io
import re
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Slow to load or optional: each is imported by the function that uses it.
HEAVY = {
    *("branca", "dask", "distributed", "exactextract", "folium", "fpdf", "matplotlib"),
    *("pandera", "psycopg", "rasterio", "rich", "typer", "viparse", "xlsxwriter"),
}

# Written as expressions that do not match their own text.
REGISTRY = re.compile(
    rb"pypi[.]org|pythonhosted[.]org|npmjs[.](?:org|com)|yarnpkg[.]com|anaconda[.]org"
    rb"|crates[.]io|golang[.]org|docker[.]io|ghcr[.]io|quay[.]io|(?:deb|security)[.]debian[.]org"
)
MACHINE_PATH = re.compile(
    rb"(?<![\w.~)\]}>*-])/(?:home/\w|Users/\w|root/|tmp/\w|work/\w|opt/\w|mnt/\w)"
    rb"|[A-Z]:[\\/]+Users[\\/]+\w"
)


@pytest.fixture(scope="module")
def run() -> ModuleType:
    """run.py as a module; nothing is set up by importing it."""
    spec = importlib.util.spec_from_file_location("run", ROOT / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def kept_files() -> list[Path]:
    """What is in the repository or about to be: tracked, or neither tracked nor ignored."""
    git = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others"]
    listed = subprocess.run(
        [*git, "--exclude-standard"], cwd=ROOT, capture_output=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git repository")
    names = sorted(set(listed.stdout.decode().split("\0")) - {""})
    return [ROOT / name for name in names if (ROOT / name).is_file()]


@pytest.mark.parametrize("pattern", [REGISTRY, MACHINE_PATH], ids=["registry", "machine path"])
def test_no_file_names_a_registry_or_a_path_of_a_machine(pattern: re.Pattern[bytes]):
    found = [
        f"{path.relative_to(ROOT)}: {match[0].decode(errors='replace')}"
        for path in kept_files()
        if (match := pattern.search(path.read_bytes()))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("pattern", "text", "is_found"),
    [
        (MACHINE_PATH, "see /ho" + "me/an/kcngeo", True),
        (MACHINE_PATH, "'C:" + r"\Users\an'", True),
        (MACHINE_PATH, "out/2018-03, data/tmp/x, https://example.vn/home/an", False),
        (REGISTRY, "https://py" + "pi.org/simple", True),
        (REGISTRY, "a registry of standards", False),
    ],
)
def test_the_patterns_find_what_they_look_for(
    pattern: re.Pattern[bytes], text: str, is_found: bool
):
    assert bool(pattern.search(text.encode())) is is_found


def test_constraints_hold_no_address_and_no_extra():
    # pip refuses extras in a constraints file
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert re.findall(r"^[\w.-]+\[", text, flags=re.MULTILINE) == []


def test_setup_cfg_holds_import_contracts_only():
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    assert "importlinter" in settings
    assert [name for name in settings.sections() if name.split(":")[0] != "importlinter"] == []


def test_importing_kcngeo_stays_light():
    code = "import sys, kcngeo; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    printed = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert HEAVY & set(printed.stdout.split()) == set()


def test_fingerprint_follows_extras_but_not_their_order(run: ModuleType):
    assert run.fingerprint(("cad", "dev")) == run.fingerprint(("dev", "cad"))
    assert run.fingerprint(()) != run.fingerprint(("dev",))


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_fingerprint_follows_the_files(
    run: ModuleType, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for file in ("pyproject.toml", "constraints.txt"):
        (tmp_path / file).write_text("before", encoding="utf-8")
    monkeypatch.setattr(run, "ROOT", tmp_path)
    before = run.fingerprint(())
    (tmp_path / name).write_text("after", encoding="utf-8")
    assert run.fingerprint(()) != before


@pytest.mark.parametrize(
    ("windows", "expected"), [(True, "Scripts/python.exe"), (False, "bin/python")]
)
def test_programs_of_the_environment_per_platform(run: ModuleType, windows: bool, expected: str):
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
    run: ModuleType,
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


def test_a_python_that_does_not_fit_is_named(
    run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(run, "STAMP", tmp_path / "kcngeo.stamp")
    monkeypatch.setattr(run, "find_uv", lambda: None)
    monkeypatch.setattr(run, "OLDEST", (3, 99))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11, 3\.12 or 3\.13; this is 3\.\d+"):
        run.set_up()


@pytest.mark.parametrize(
    ("ci", "user_id", "packages"),
    [("true", 0, ["chromium", "python3-qgis"]), ("true", 1000, []), ("", 0, [])],
)
def test_system_programs_are_installed_on_ci_by_root_only(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, ci: str, user_id: int, packages: list[str]
):
    calls: list[tuple[str, ...]] = []

    def call(*command: str, quiet: bool) -> int:
        calls.append(command)
        return 0

    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("DEBIAN_FRONTEND", "")
    monkeypatch.setattr(run.os, "geteuid", lambda: user_id, raising=False)
    monkeypatch.setattr(run.shutil, "which", {"apt-get": "apt-get", "uv": None}.get)
    monkeypatch.setattr(run, "find_spec", lambda _: "the module venv is whole")
    monkeypatch.setattr(run, "call", call)
    monkeypatch.setattr(run, "SYSTEM", {"chromium": "chromium", "/none/such": "python3-qgis"})
    run.install_system_programs()
    assert [command[1] for command in calls] == (["update", "install"] if packages else [])
    assert [name for command in calls[1:] for name in command[-2:]] == packages


@pytest.mark.parametrize("ci", ["true", ""])
def test_the_judge_of_the_maps_is_fetched_on_ci_and_must_be_the_one_expected(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ci: str
):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo("package/axe.min.js")
        entry.size = len(b"axe")
        archive.addfile(entry, io.BytesIO(b"axe"))

    def call(*command: str, quiet: bool) -> int:
        (Path(command[-1]) / "axe.tgz").write_bytes(packed.getvalue())
        return 0

    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(run.shutil, "which", lambda _: "npm")
    monkeypatch.setattr(run, "call", call)
    monkeypatch.setattr(run, "AXE_FILE", tmp_path / "axe.js")
    if not ci:
        run.fetch_axe()
        assert not run.AXE_FILE.exists()
        return
    with pytest.raises(SystemExit, match="is not the file that is expected"):
        run.fetch_axe()
    assert not run.AXE_FILE.exists()
    expected = hashlib.sha512(packed.getvalue()).hexdigest()
    monkeypatch.setattr(run, "AXE_SHA512", expected)
    run.fetch_axe()
    assert run.AXE_FILE.read_bytes() == b"axe"


def test_what_is_installed_is_a_program_or_a_path(run: ModuleType, tmp_path: Path):
    assert run.is_installed(sys.executable)
    assert run.is_installed(str(tmp_path))
    assert not run.is_installed(str(tmp_path / "none"))
    assert not run.is_installed("no-such-program-of-kcngeo")


def test_every_room_that_is_named_can_be_entered() -> None:
    import kcngeo

    for name in kcngeo.__all__:
        assert getattr(kcngeo, name) is not None


@pytest.mark.parametrize(
    ("options", "more"),
    [([], set()), (["--platform", "win_amd64"], {"--only-binary=:all:", "colorama==0.4.6"})],
)
def test_a_bundle_holds_what_the_set_up_asks_for(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, options: list[str], more: set[str]
):
    asked: list[str] = []

    def call(*command: object, **_: object) -> int:
        asked.extend(map(str, command))
        return 1

    monkeypatch.setattr(run, "call", call)
    monkeypatch.setattr(run, "find_spec", lambda _: True)
    assert run.bundle(options) == 1
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {*project["project"]["dependencies"], "editables", "hatchling>=1.27"}
    assert wanted | more | set(options) <= set(asked)
    # What only other systems need stays out.
    assert not {word for word in asked if word.startswith("pexpect")}


def test_a_folder_of_wheels_is_taken_instead_of_the_network(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
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
