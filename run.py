#!/usr/bin/env python3
"""Set up kcngeo beside this file and run it. Needs nothing but Python.

python run.py                      two months of the sample projects, each a folder of results
python run.py test [LANE] [...]    every check, then the tests; with a lane, that lane alone
python run.py docs                 the documentation, in a browser; made first where it is missing
python run.py ANYTHING ...         the same as `kcngeo ANYTHING ...`
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
WHEELS = ROOT / "wheels"
PAGES = ROOT / "kcngeo" / "docs.zip"
STAMP = VENV / "kcngeo.stamp"
LOCKS = ROOT / "locks"
# What an environment may hold; each holds what stands before it.
SETS = ("main", "docs", "dev")
OLDEST, TOO_NEW = (3, 11), (3, 14)
WINDOWS = sys.platform == "win32"

# The whole province as it is published, and its two measured zones as they were once published.
MAIN_JOBS = (
    ("data/parcels/province.gpkg", "2025-10", "out/2025-10"),
    ("data/parcels/two_zones.gpkg", "2018-03", "out/2018-03"),
)

NO_VENV = """run.py: no environment could be made in {venv}
  Debian, Ubuntu:  apt install python3-venv
  anywhere else:   install uv, or a Python from 3.11 to 3.13 that has the module venv"""
NO_PACKAGES = """run.py: the packages could not be installed (the reason is above).
  They are fetched once; after that no network is needed.
  Behind a proxy:  set HTTPS_PROXY
  No network:      fetch them elsewhere, on the same system and version of Python, with
                     python tools/bundle.py [--platform win_amd64]
                   and copy the folder wheels beside this file"""


def say(message: str) -> None:
    """Print a message about the set-up; standard output is left to the results."""
    print(message, file=sys.stderr, flush=True)


def bin_path(name: str, *, windows: bool = WINDOWS) -> Path:
    """Return where a program of the environment lies."""
    return VENV / "Scripts" / f"{name}.exe" if windows else VENV / "bin" / name


def call(*command: str | Path, cwd: Path | None = ROOT, quiet: bool = False) -> int:
    """Run a program in UTF-8 and return its exit code; `quiet` keeps standard output free."""
    environment = {**os.environ, "PYTHONUTF8": "1"}
    stdout = sys.stderr if quiet else None
    return subprocess.run(command, cwd=cwd, env=environment, stdout=stdout, check=False).returncode


def fingerprint(lock: str) -> str:
    """Hash everything that decides what the environment of a lock holds."""
    asked = repr((lock, sys.version_info[:2], str(ROOT)))
    parts = [path.read_bytes() for path in (ROOT / "pyproject.toml", LOCKS / f"{lock}.txt")]
    return hashlib.sha256(b"\0".join([*parts, asked.encode()])).hexdigest()


def is_ready(lock: str) -> bool:
    """Tell whether the environment is whole and holds what this lock names."""
    if not (STAMP.is_file() and bin_path("python").exists()):
        return False
    enough = {fingerprint(name) for name in SETS[SETS.index(lock) :]}
    return STAMP.read_text(encoding="utf-8") in enough


def find_uv() -> str | None:
    """Return a uv that runs, if there is one."""
    uv = shutil.which("uv")
    if uv is None:
        return None
    works = subprocess.run([uv, "--version"], capture_output=True, check=False).returncode == 0
    return uv if works else None


def set_up(lock: str = "main") -> None:
    """Make the environment of a lock, unless it is there; the stamp is written last.

    Libraries and build tools are taken by the hashes of the lock; what builds the project is then
    there already, and nothing is fetched for it.
    """
    if is_ready(lock):
        return
    uv = find_uv()
    fits = OLDEST <= sys.version_info[:2] < TOO_NEW
    if not fits and uv is None:
        found = ".".join(map(str, sys.version_info[:3]))
        raise SystemExit(f"run.py: kcngeo needs Python 3.11, 3.12 or 3.13; this is {found}.")
    say(f"Setting up {VENV} with {'uv' if uv else 'pip'}; this happens once.")
    try:
        if VENV.exists():
            shutil.rmtree(VENV)
    except OSError as error:
        raise SystemExit(f"run.py: close what still uses {VENV} ({error}).") from None
    # A Python that does not fit still runs this file: uv then finds or fetches one that does.
    base = getattr(sys, "_base_executable", sys.executable) if fits else ">=3.11,<3.14"
    python = bin_path("python")
    if uv:
        made = call(uv, "venv", "--quiet", "--no-project", "--python", base, VENV, quiet=True)
        install: tuple[str | Path, ...] = (uv, "pip", "install", "--quiet", "--python", python)
    else:
        made = call(base, "-m", "venv", VENV, quiet=True)
        install = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    if made != 0:
        raise SystemExit(NO_VENV.format(venv=VENV))
    offline = ("--no-index", "--find-links", WHEELS) if WHEELS.is_dir() else ()
    locked = ("--require-hashes", "--only-binary", ":all:", "-r", LOCKS / f"{lock}.txt")
    project = ("--no-deps", "--no-build-isolation", "-e", ".")
    for wanted in ((*offline, *locked), project):
        if call(*install, *wanted, quiet=True) != 0:
            raise SystemExit(NO_PACKAGES)
    STAMP.write_text(fingerprint(lock), encoding="utf-8")


def test(arguments: list[str]) -> int:
    """Set the tests' environment up and hand over to `tests/lanes.py`, which lies beside them."""
    # Before the environment: on Debian the module venv may be among what is missing.
    code = call(sys.executable, "tests/programs.py")
    if code != 0:
        return code
    set_up("dev")
    return call(bin_path("python"), "tests/lanes.py", *arguments)


def main_job() -> int:
    """Compute the two sample months and list what was made; give the worst exit code."""
    set_up()
    codes = []
    for project, month, out in MAIN_JOBS:
        words = ("monthly", project, "--month", month, "--out", out)
        codes.append(call(bin_path("python"), "-m", "kcngeo", *words))
        made = [path for path in sorted((ROOT / out).rglob("*")) if path.is_file()]
        if codes[-1] in (0, 1) and made:
            print(f"Made in {ROOT / out}:")
            for path in made:
                print(f"  {path.stat().st_size / 1e3:9,.1f} kB  {path.relative_to(ROOT / out)}")
    return max(codes)


def main(arguments: list[str]) -> int:
    """Do what the first word asks for."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if not arguments:
        return main_job()
    if arguments[0] == "test":
        return test(arguments[1:])
    set_up()
    if arguments[0] == "docs" and not PAGES.is_file():
        # A release brings them; a copy of the source makes them once.
        set_up("docs")
        code = call(bin_path("python"), "docs/site/build.py", quiet=True)
        if code != 0:
            return code
    return call(bin_path("python"), "-m", "kcngeo", *arguments, cwd=None)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
