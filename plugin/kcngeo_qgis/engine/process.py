"""An installed kcngeo is called as a process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

# What QGIS sets for its own Python, GDAL and PROJ, and would mislead those of another Python.
_OF_QGIS = ("PYTHONHOME", "PYTHONPATH", "GDAL_", "PROJ_", "GEOTIFF_CSV", "QT_", "O4W_QT")
_LOOK_S = 0.05
_NO_WINDOW = 0x08000000
_VERSION_S = 120


def environment() -> dict[str, str]:
    """Give the environment of a process: that of QGIS, without what is meant for QGIS alone."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not any(name.upper().startswith(one) for one in _OF_QGIS)
    }
    return {**kept, "PYTHONUTF8": "1", "NO_COLOR": "1", "COLUMNS": "200"}


def run(
    program: Path,
    arguments: Sequence[str],
    *,
    say: Callable[[str], None],
    is_stopped: Callable[[], bool],
) -> tuple[int | None, str, str]:
    """Run it: its code (None if it was stopped), what it printed, and what it told."""
    with tempfile.TemporaryDirectory(prefix="kcngeo-") as folder:
        paths = [Path(folder, name) for name in ("out", "err")]
        # Into files: a pipe that nobody empties stops the program.
        with paths[0].open("wb") as out, paths[1].open("wb") as err:
            running = subprocess.Popen(
                [str(program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=environment(),
                cwd=folder,
                creationflags=_NO_WINDOW if sys.platform == "win32" else 0,
            )
            with paths[1].open("rb") as told:
                code = _followed(running, told, say, is_stopped)
        printed, told_all = (path.read_bytes().decode("utf-8", "replace") for path in paths)
    return code, printed, told_all


def _followed(
    running: subprocess.Popen[bytes],
    told: IO[bytes],
    say: Callable[[str], None],
    is_stopped: Callable[[], bool],
) -> int | None:
    """Pass on what a process tells while it runs."""
    rest = b""
    while True:
        code = running.poll()
        *lines, rest = (rest + told.read()).split(b"\n")
        for line in lines:
            say(line.decode("utf-8", "replace").rstrip())
        if code is not None:
            if rest.strip():
                say(rest.decode("utf-8", "replace").rstrip())
            return code
        if is_stopped():
            running.terminate()
            running.wait()
            return None
        time.sleep(_LOOK_S)


def version(program: Path) -> str | None:
    """Ask a program for its version; None if it is no kcngeo that runs."""
    try:
        done = subprocess.run(
            [str(program), "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment(),
            timeout=_VERSION_S,
            creationflags=_NO_WINDOW if sys.platform == "win32" else 0,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    said = done.stdout.decode("utf-8", "replace").strip()
    return said if done.returncode == 0 and said[:1].isdigit() else None
