#!/usr/bin/env python3
"""Set up kcngeo beside this file and run it. Needs nothing but Python.

python run.py               the month of the sample project, as a folder of results
python run.py test [...]    every check, then the tests; what follows goes to pytest
python run.py pictures      the pictures of the README, drawn again
python run.py sample        the sample project, built again
python run.py bundle [...]  every library as files in wheels/, for a machine without a network
python run.py ANYTHING ...  the same as `kcngeo ANYTHING ...`
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

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
WHEELS = ROOT / "wheels"
STAMP = VENV / "kcngeo.stamp"
OLDEST, TOO_NEW = (3, 11), (3, 14)
WINDOWS = sys.platform == "win32"

OUT = "out/2018-03"
MAIN_JOB = ("monthly", "data/parcels/lam_dong.gpkg", "--month", "2018-03", "--out", OUT)
SCRIPTS = {"pictures": "docs/pictures.py", "sample": "data/build_sample.py"}
# What the tests need outside Python: a program or a path, and the Debian package that brings it.
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
AXE_FILE = VENV / f"{AXE.replace('@', '-')}.js"

NO_VENV = """run.py: no environment could be made in {venv}
  Debian, Ubuntu:  apt install python3-venv
  anywhere else:   install uv, or a Python from 3.11 to 3.13 that has the module venv"""
NO_PACKAGES = """run.py: the packages could not be installed (the reason is above).
  They are fetched once; after that no network is needed.
  Behind a proxy:  set HTTPS_PROXY
  No network:      fetch them elsewhere, on the same system and version of Python, with
                     python run.py bundle [--platform win_amd64]
                   and copy the folder wheels beside this file"""
NO_PIP = (
    "run.py: this Python has no pip to fetch with. Install it (python -m ensurepip), then again."
)


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


def fingerprint(extras: tuple[str, ...]) -> str:
    """Hash everything that decides what the environment holds."""
    asked = repr((sorted(extras), sys.version_info[:2], str(ROOT)))
    parts = [(ROOT / name).read_bytes() for name in ("pyproject.toml", "constraints.txt")]
    return hashlib.sha256(b"\0".join([*parts, asked.encode()])).hexdigest()


def is_ready(extras: tuple[str, ...]) -> bool:
    """Tell whether the environment is whole and holds at least these extras."""
    if not (STAMP.is_file() and bin_path("python").exists()):
        return False
    enough = {fingerprint(extras), fingerprint(tuple({*extras, "dev"}))}
    return STAMP.read_text(encoding="utf-8") in enough


def find_uv() -> str | None:
    """Return a uv that runs, if there is one."""
    uv = shutil.which("uv")
    if uv is None:
        return None
    works = subprocess.run([uv, "--version"], capture_output=True, check=False).returncode == 0
    return uv if works else None


def set_up(*extras: str) -> None:
    """Make the environment, unless it is there already; the stamp is written last."""
    if is_ready(extras):
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
    wanted = f"[{','.join(extras)}]" if extras else ""
    offline = ("--no-index", "--find-links", WHEELS) if WHEELS.is_dir() else ()
    if call(*install, *offline, "-c", "constraints.txt", "-e", f".{wanted}", quiet=True) != 0:
        raise SystemExit(NO_PACKAGES.format(extras=wanted))
    STAMP.write_text(fingerprint(extras), encoding="utf-8")


def is_installed(name: str) -> bool:
    """Tell whether a program, or a file or folder of the system, is there."""
    return shutil.which(name) is not None or (Path(name).is_absolute() and Path(name).exists())


def install_system_programs() -> None:
    """On a continuous integration machine, fetch what the tests need outside Python."""
    missing = [package for name, package in SYSTEM.items() if not is_installed(name)]
    if find_spec("ensurepip") is None and find_uv() is None:
        missing.append("python3-venv")
    is_ours = os.environ.get("CI") == "true" and hasattr(os, "geteuid") and os.geteuid() == 0
    apt = shutil.which("apt-get")
    if not (missing and is_ours and apt):
        return
    say(f"Installing {', '.join(missing)}.")
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    call(apt, "update", "-qq", quiet=True)
    if call(apt, "install", "-qq", "-y", "--no-install-recommends", *missing, quiet=True) != 0:
        say(f"run.py: apt-get could not install {', '.join(missing)}.")


def fetch_axe() -> None:
    """On a continuous integration machine, fetch the judge of accessibility and check its hash."""
    npm = shutil.which("npm")
    if AXE_FILE.is_file() or npm is None or os.environ.get("CI") != "true":
        return
    with tempfile.TemporaryDirectory() as folder:
        if call(npm, "pack", "--silent", AXE, "--pack-destination", folder, quiet=True) != 0:
            say(f"run.py: npm could not fetch {AXE}.")
            return
        (packed,) = Path(folder).iterdir()
        found = hashlib.sha512(packed.read_bytes()).hexdigest()
        if found != AXE_SHA512:
            raise SystemExit(f"run.py: {AXE} is not the file that is expected: sha512 {found}.")
        with tarfile.open(packed) as archive:
            held = archive.extractfile("package/axe.min.js")
            if held is not None:
                AXE_FILE.write_bytes(held.read())


def test(pytest_arguments: list[str]) -> int:
    """Run every check, pytest last, and name at the end those that failed."""
    install_system_programs()
    set_up("dev")
    fetch_axe()
    python = bin_path("python")
    files = [path.relative_to(ROOT).as_posix() for path in (ROOT / "kcngeo").rglob("*.py")]
    checks: dict[str, tuple[str | Path, ...]] = {
        "ruff check": (python, "-m", "ruff", "check", "."),
        "ruff format": (python, "-m", "ruff", "format", "--check", "."),
        "mypy": (python, "-m", "mypy"),
        "import contracts": (bin_path("lint-imports"), "--no-logo", "--config", "setup.cfg"),
        "numpydoc lint": (python, "-m", "numpydoc", "lint", "--config", ".", *sorted(files)),
        "pytest": (python, "-m", "pytest", *pytest_arguments),
    }
    failed = []
    for name, command in checks.items():
        print(f"== {name}", flush=True)
        if call(*command) != 0:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


def bundle(options: list[str]) -> int:
    """Fetch every library of the main part as files, for this platform or the one asked for."""
    import tomllib  # from Python 3.11 on; run.py itself starts under older ones

    if find_spec("pip") is None:
        raise SystemExit(NO_PIP)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    # What an editable install asks for while it builds stands nowhere in the dependencies.
    wanted = [
        *project["build-system"]["requires"],
        "editables",
        *project["project"]["dependencies"],
    ]
    chosen = [*options, "--only-binary=:all:"] if options else []
    if any(option.startswith("win") for option in options):
        # pip asks this machine, not the other one, what is needed on Windows alone.
        lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        wanted += [line.split(";")[0].strip() for line in lines if "== 'win32'" in line]
    fetch = (sys.executable, "-m", "pip", "download", "--quiet", "--dest", WHEELS)
    code = call(*fetch, *chosen, "-c", "constraints.txt", *wanted)
    if code == 0:
        size = sum(path.stat().st_size for path in WHEELS.iterdir()) / 1e6
        print(f"{WHEELS}: {size:.0f} MB")
    return code


def main_job() -> int:
    """Compute the sample month and list what was made."""
    set_up()
    code = call(bin_path("python"), "-m", "kcngeo", *MAIN_JOB)
    made = [path for path in sorted((ROOT / OUT).rglob("*")) if path.is_file()]
    if code in (0, 1) and made:
        print(f"Made in {ROOT / OUT}:")
        for path in made:
            print(f"  {path.stat().st_size / 1e6:8.2f} MB  {path.relative_to(ROOT / OUT)}")
    return code


def main(arguments: list[str]) -> int:
    """Do what the first word asks for."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if not arguments:
        return main_job()
    word, *rest = arguments
    if word == "test":
        return test(rest)
    if word == "bundle":
        return bundle(rest)
    if word in SCRIPTS:
        set_up("dev")
        return call(bin_path("python"), SCRIPTS[word], *rest)
    set_up()
    return call(bin_path("python"), "-m", "kcngeo", *arguments, cwd=None)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
