"""What the tests need outside Python, fetched on a continuous integration machine.

`run.py test` runs this file before there is an environment, so it needs nothing but Python. On any
other machine it fetches nothing: what is missing there is skipped, with the reason.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

# A program or a path, and the Debian package that brings it.
SYSTEM = {
    "chromium": "chromium",
    "/usr/lib/python3/dist-packages/qgis": "python3-qgis",
    "/usr/share/postgresql/17/extension/postgis.control": "postgresql-17-postgis-3",
    "npm": "npm",
}
# What judges the pages and their scripts, pinned with hashes by the lock that npm keeps: tools of
# the tests, not a part of kcngeo.
TOOLS_ASKED = Path(__file__).resolve().parent / "page"
TOOLS = Path(__file__).resolve().parents[1] / ".programs"
AXE_FILE = TOOLS / "node_modules" / "axe-core" / "axe.min.js"


def say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def call(*command: str) -> int:
    # Standard output is left to the results.
    return subprocess.run(command, stdout=sys.stderr, check=False).returncode


def is_installed(name: str) -> bool:
    """Tell whether a program, or a file or folder of the system, is there."""
    return shutil.which(name) is not None or (Path(name).is_absolute() and Path(name).exists())


def install_system_programs() -> None:
    """Install what is missing by apt-get, as root on a continuous integration machine only."""
    missing = [package for name, package in SYSTEM.items() if not is_installed(name)]
    if find_spec("ensurepip") is None and shutil.which("uv") is None:
        missing.append("python3-venv")
    is_ours = os.environ.get("CI") == "true" and hasattr(os, "geteuid") and os.geteuid() == 0
    apt = shutil.which("apt-get")
    if not (missing and is_ours and apt):
        return
    say(f"Installing {', '.join(missing)}.")
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    call(apt, "update", "-qq")
    if call(apt, "install", "-qq", "-y", "--no-install-recommends", *missing) != 0:
        say(f"programs.py: apt-get could not install {', '.join(missing)}.")


def fetch_tools() -> None:
    """Fetch by npm what the lock names, once."""
    npm = shutil.which("npm")
    lists = [TOOLS_ASKED / name for name in ("package.json", "package-lock.json")]
    stamp = TOOLS / "fetched"
    wanted = hashlib.sha256(lists[-1].read_bytes()).hexdigest()
    is_there = stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted
    if is_there or npm is None or os.environ.get("CI") != "true":
        return
    TOOLS.mkdir(exist_ok=True)
    for one in lists:
        shutil.copy(one, TOOLS)
    # No package runs a script of its own; a hash that is not the lock's ends it.
    quietly = ("--ignore-scripts", "--no-audit", "--no-fund", "--silent")
    if call(npm, "ci", "--prefix", str(TOOLS), "--prefer-offline", *quietly) != 0:
        say("programs.py: npm could not fetch what the pages are tested with.")
        return
    stamp.write_text(wanted, encoding="utf-8")


if __name__ == "__main__":
    install_system_programs()
    fetch_tools()
