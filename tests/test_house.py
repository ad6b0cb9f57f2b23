"""The repository keeps its own rules."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Slow to load or optional: each is imported by the function that uses it.
HEAVY = {
    *("branca", "dask", "distributed", "exactextract", "folium", "fpdf", "matplotlib"),
    *("pandera", "psycopg", "rasterio", "rich", "typer", "viparse", "xlsxwriter"),
}
# What computes is built on these: only what computes loads them.
TABLES = {"geopandas", "numpy", "pandas", "pyarrow", "pyogrio", "pyproj", "shapely"}

# Written as expressions that do not match their own text.
REGISTRY = re.compile(
    rb"pypi[.]org|pythonhosted[.]org|npmjs[.](?:org|com)|yarnpkg[.]com|anaconda[.]org"
    rb"|crates[.]io|golang[.]org|docker[.]io|ghcr[.]io|quay[.]io|(?:deb|security)[.]debian[.]org"
)
MACHINE_PATH = re.compile(
    rb"(?<![\w.~)\]}>*-])/(?:home/\w|Users/\w|root/|tmp/\w|work/\w|opt/\w|mnt/\w)"
    rb"|[A-Z]:[\\/]+Users[\\/]+\w"
)


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


def test_setup_cfg_holds_import_contracts_only():
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    assert "importlinter" in settings
    assert [name for name in settings.sections() if name.split(":")[0] != "importlinter"] == []


# Prints, as its last line, the libraries that a fresh interpreter has loaded in the end.
LOADED = "print(); print(*sorted({name.split('.')[0] for name in sys.modules}))"
CALLED = """
import sys
from kcngeo.cli import main
sys.argv = ["kcngeo", {word!r}]
try:
    main()
except SystemExit as stop:
    assert stop.code == 0
"""


def loaded_by(code: str) -> set[str]:
    printed = subprocess.run(
        [sys.executable, "-c", code + LOADED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(printed.stdout.splitlines()[-1].split())


def test_importing_kcngeo_stays_light():
    assert loaded_by("import sys, kcngeo\n") & (HEAVY | TABLES) == set()
    rooms = "import sys, kcngeo as kcn\nkcn.Project, kcn.Snapshot, kcn.io, kcn.fill, kcn.theme\n"
    assert loaded_by(rooms) & HEAVY == set()


@pytest.mark.parametrize("word", ["--version", "--help"])
def test_the_program_names_itself_without_what_computes(word: str):
    assert loaded_by(CALLED.format(word=word)) & ((HEAVY | TABLES) - {"rich", "typer"}) == set()


def test_every_room_that_is_named_can_be_entered() -> None:
    import kcngeo

    for name in kcngeo.__all__:
        assert getattr(kcngeo, name) is not None
