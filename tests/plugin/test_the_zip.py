"""The plugin as it is packed, read without QGIS."""

from __future__ import annotations

import ast
import configparser
import importlib.util
import re
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

import kcngeo

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = ROOT / "plugin" / "kcngeo_qgis"
TEXTS = tomllib.loads((PLUGIN / "texts.toml").read_text(encoding="utf-8"))
SOURCES = sorted(PLUGIN.rglob("*.py"))


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """The command that packs it."""
    spec = importlib.util.spec_from_file_location("pack_plugin", ROOT / "tools" / "plugin.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_the_same_bytes_every_time(tool: ModuleType, tmp_path: Path) -> None:
    first, second = (tool.pack(tmp_path / name) for name in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()
    assert first.name == f"kcngeo_qgis-{kcngeo.__version__}.zip"
    with zipfile.ZipFile(first) as packed:
        names = set(packed.namelist())
        assert {one.split("/")[0] for one in names} == {"kcngeo_qgis"}
        license_text = packed.read("kcngeo_qgis/LICENSE").decode()
    assert license_text == (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert {f"kcngeo_qgis/{one}" for one in ("metadata.txt", "icon.svg", "texts.toml")} <= names
    assert not any("__pycache__" in one for one in names)


def test_it_says_of_itself_what_qgis_asks() -> None:
    told = configparser.ConfigParser(interpolation=None)
    told.read(PLUGIN / "metadata.txt", encoding="utf-8")
    general = told["general"]
    assert general["name"] == "kcngeo"
    assert general["version"] == kcngeo.__version__
    assert general["qgisMinimumVersion"] == "3.34"
    assert general["hasProcessingProvider"] == "yes"
    for name in ("description", "about", "author", "email", "license"):
        assert general[name]


def test_its_texts_are_there_in_both_languages() -> None:
    for group, entries in TEXTS.items():
        for name, words in entries.items():
            assert set(words) == {"vi", "en"}, (group, name)
            assert all(one.strip() for one in words.values())
            fields = [set(re.findall(r"\{(\w*)\}", one)) for one in words.values()]
            assert fields[0] == fields[1], (group, name)


def test_its_own_reader_of_the_table_reads_toml() -> None:
    # QGIS cannot be imported here, and the reader needs none of it.
    tree = ast.parse((PLUGIN / "texts.py").read_text(encoding="utf-8"))
    kept = [
        one
        for one in tree.body
        if not (isinstance(one, ast.ImportFrom) and (one.module or "").startswith("qgis"))
    ]
    space = {"__file__": str(PLUGIN / "texts.py"), "__name__": "texts"}
    exec(compile(ast.Module(kept, []), "texts", "exec"), space)  # noqa: S102
    flat = {f"{group}.{name}": words for group, one in TEXTS.items() for name, words in one.items()}
    assert space["table"]() == flat  # type: ignore[operator]


def test_every_text_that_is_asked_for_is_there() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    asked = set(re.findall(r'\btext\(\s*"([\w.]+)"', source))
    assert asked
    flat = {f"{group}.{name}" for group, one in TEXTS.items() for name in one}
    assert asked - flat == set()
    refused = set(re.findall(r'\b(?:RefusedError|NoPackageError)\(\s*"(\w+)"', source))
    assert {f"refuse.{one}" for one in refused if f"say.{one}" not in flat} - flat == set()
    keys = re.findall(r'^    key = "(\w+)"', source, flags=re.MULTILINE)
    for key in keys:
        assert {f"name.{key}", f"help.{key}"} <= flat


def test_it_runs_on_the_python_of_the_oldest_qgis() -> None:
    # QGIS 3.34 came with Python 3.9.
    for path in SOURCES:
        ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))


def test_nothing_about_land_is_computed_in_it() -> None:
    # What computes is the library's alone: no table is read, no area measured, in the plugin.
    for path in SOURCES:
        names = {
            alias.name.split(".")[0]
            for one in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(one, ast.Import | ast.ImportFrom)
            for alias in (one.names if isinstance(one, ast.Import) else [ast.alias(one.module)])
        }
        assert not names & {"pandas", "geopandas", "numpy", "shapely", "pyogrio"}, path
