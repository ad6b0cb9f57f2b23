"""Fetch every library of the main part as files, for a machine without a network.

    python tools/bundle.py [--platform win_amd64]

The files lie in `wheels/` then; copied beside `run.py`, they are what it sets up from. Without a
platform they fit this system and this version of Python. Options go to `pip download`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WHEELS = ROOT / "wheels"
NO_PIP = (
    "bundle.py: this Python has no pip to fetch with. Install it (python -m ensurepip), then again."
)


def wanted(options: list[str]) -> str:
    """What the set-up asks for, with hashes; on Windows also what is needed there alone."""
    lock = (ROOT / "locks" / "main.txt").read_text(encoding="utf-8")
    if not any(option.startswith("win") for option in options):
        return lock
    # pip asks this machine, not the other one, what is needed on Windows alone.
    return lock.replace(" ; sys_platform == 'win32'", "")


def main(options: list[str]) -> int:
    """Fetch, and say how much it was."""
    if find_spec("pip") is None:
        raise SystemExit(NO_PIP)
    fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--dest", str(WHEELS)]
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder, "asked.txt")
        asked.write_text(wanted(options), encoding="utf-8")
        locked = ["--require-hashes", "--only-binary=:all:", "-r", str(asked)]
        code = subprocess.run([*fetch, *options, *locked], cwd=ROOT, check=False).returncode
    if code == 0:
        size = sum(path.stat().st_size for path in WHEELS.iterdir()) / 1e6
        print(f"{WHEELS}: {size:.0f} MB")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
