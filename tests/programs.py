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
import tarfile
import tempfile
from importlib.util import find_spec
from pathlib import Path

# A program or a path, and the Debian package that brings it.
SYSTEM = {
    "chromium": "chromium",
    "/usr/lib/python3/dist-packages/qgis": "python3-qgis",
    "/usr/share/postgresql/17/extension/postgis.control": "postgresql-17-postgis-3",
    "npm": "npm",
}
# What judges how accessible the maps are (MPL-2.0): a tool of the tests, not a part of kcngeo.
AXE = "axe-core@4.14.1"
AXE_SHA512 = (
    "1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b73"
    "4f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5"
)
AXE_FILE = Path(__file__).resolve().parents[1] / ".programs" / f"{AXE.replace('@', '-')}.js"


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


def fetch_axe() -> None:
    """Fetch the judge of accessibility by npm and check its hash."""
    npm = shutil.which("npm")
    if AXE_FILE.is_file() or npm is None or os.environ.get("CI") != "true":
        return
    with tempfile.TemporaryDirectory() as folder:
        if call(npm, "pack", "--silent", AXE, "--pack-destination", folder) != 0:
            say(f"programs.py: npm could not fetch {AXE}.")
            return
        (packed,) = Path(folder).iterdir()
        found = hashlib.sha512(packed.read_bytes()).hexdigest()
        if found != AXE_SHA512:
            raise SystemExit(f"programs.py: {AXE} is not the expected file: sha512 {found}.")
        with tarfile.open(packed) as archive:
            held = archive.extractfile("package/axe.min.js")
            if held is not None:
                AXE_FILE.parent.mkdir(exist_ok=True)
                AXE_FILE.write_bytes(held.read())


if __name__ == "__main__":
    install_system_programs()
    fetch_axe()
