"""Fetch every library of the main part as files, for a machine without a network.

    python tools/bundle.py [--platform win_amd64]

The files lie in `wheels/` then; copied beside `run.py`, they are what it sets up from. Without a
platform they fit this system and this version of Python. Options go to `pip download`.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WHEELS = ROOT / "wheels"
NO_PIP = (
    "bundle.py: this Python has no pip to fetch with. Install it (python -m ensurepip), then again."
)


def wanted(options: list[str]) -> list[str]:
    """What the set-up asks for, and on Windows what is needed there alone."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    # What an editable install asks for while it builds stands nowhere in the dependencies.
    asked = [*project["build-system"]["requires"], "editables", *project["project"]["dependencies"]]
    if any(option.startswith("win") for option in options):
        # pip asks this machine, not the other one, what is needed on Windows alone.
        lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        asked += [line.split(";")[0].strip() for line in lines if "== 'win32'" in line]
    return asked


def main(options: list[str]) -> int:
    """Fetch, and say how much it was."""
    if find_spec("pip") is None:
        raise SystemExit(NO_PIP)
    chosen = [*options, "--only-binary=:all:"] if options else []
    fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--dest", str(WHEELS)]
    command = [*fetch, *chosen, "-c", "constraints.txt", *wanted(options)]
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    if code == 0:
        size = sum(path.stat().st_size for path in WHEELS.iterdir()) / 1e6
        print(f"{WHEELS}: {size:.0f} MB")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
