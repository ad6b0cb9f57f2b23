"""Where an installed kcngeo usually lies."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

NAME = "kcngeo.exe" if sys.platform == "win32" else "kcngeo"
_BIN = "Scripts" if sys.platform == "win32" else "bin"


def installed() -> Iterator[Path]:
    """Give the programs that are there, those on the PATH first."""
    # Never the folder QGIS happens to stand in: a program could lie there beside a map.
    on_path = (Path(one) for one in os.environ.get("PATH", "").split(os.pathsep) if one)
    folders = [one for one in on_path if one.is_absolute()]
    seen = set()
    for folder in [*folders, *_usual()]:
        program = folder / NAME
        if program not in seen and program.is_file() and os.access(program, os.X_OK):
            seen.add(program)
            yield program


def _usual() -> Iterator[Path]:
    home = Path.home()
    yield home / ".local" / "bin"  # pip --user, pipx, uv tool
    for tool in ("pipx/venvs", ".local/pipx/venvs", ".local/share/pipx/venvs"):
        yield home / tool / "kcngeo" / _BIN
    yield home / ".local/share/uv/tools/kcngeo" / _BIN
    for folder in ("kcngeo", "Documents/kcngeo"):  # run.py sets up .venv beside itself
        yield home / folder / ".venv" / _BIN
    for variable, pattern in (
        ("APPDATA", "Python/Python3*/Scripts"),
        ("APPDATA", "uv/tools/kcngeo/Scripts"),
        ("LOCALAPPDATA", "pipx/pipx/venvs/kcngeo/Scripts"),
        ("LOCALAPPDATA", "Programs/Python/Python3*/Scripts"),
    ):
        root = os.environ.get(variable)
        if root and Path(root).is_absolute():
            yield from sorted(Path(root).glob(pattern), reverse=True)
