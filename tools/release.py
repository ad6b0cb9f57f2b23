"""Make a release, or try whether one could be made.

    python tools/release.py 1.0.0      hours: writes the version, runs every lane, builds and tries
    python tools/release.py --trial    minutes: builds and tries what is there, writes `dist/` alone

The wheel and the source archive are each installed into empty environments, by the hashes of the
lock, on every Python from 3.11 to 3.13 that is on the machine (none is fetched), and once with the
oldest versions that `pyproject.toml` allows; there the month of two zones is made, and its tables
must be the same bytes everywhere. Beside the files lie their list of contents (CycloneDX) and their
SHA-256. Nothing is uploaded, tagged or committed. Needs uv.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
PYTHONS = ("3.11", "3.12", "3.13")
MONTH = ("data/parcels/two_zones.gpkg", "--month", "2018-03")
# The one home of the version is the package; the others say it where no Python runs.
PLACES = {
    "kcngeo/__init__.py": r'^__version__ = "(?P<version>[^"]+)"$',
    "pyproject.toml": r'^version = "(?P<version>[^"]+)"$',
    "CITATION.cff": r"^version: (?P<version>\S+)$",
    "plugin/kcngeo_qgis/metadata.txt": r"^version=(?P<version>\S+)$",
}
UNRELEASED = re.compile(r"^## \[[^\]]+\] – unreleased$", flags=re.MULTILINE)


def said_versions() -> dict[str, str]:
    """Read the version from each place that says it."""
    return {path: _said(path)["version"] for path in PLACES}


def _said(path: str) -> re.Match[str]:
    found = re.search(PLACES[path], (ROOT / path).read_text(encoding="utf-8"), flags=re.MULTILINE)
    if found is None:
        raise SystemExit(f"release.py: {path} says no version.")
    return found


def write_version(version: str, *, day: dt.date) -> None:
    """Say a version everywhere, and close the changelog's open part with it."""
    if re.fullmatch(r"\d+\.\d+\.\d+", version) is None:
        raise SystemExit(f"release.py: {version} is no version such as 1.0.0.")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    if UNRELEASED.search(changes) is None:
        raise SystemExit("release.py: CHANGELOG.md has no part that is unreleased.")
    _write("CHANGELOG.md", UNRELEASED.sub(f"## [{version}] – {day}", changes, count=1))
    for path in PLACES:
        text, found = (ROOT / path).read_text(encoding="utf-8"), _said(path)
        _write(path, text[: found.start("version")] + version + text[found.end("version") :])


def _write(path: str, text: str) -> None:
    (ROOT / path).write_text(text, encoding="utf-8", newline="\n")


def require_clean() -> None:
    """What is released is what is in the repository."""
    changed = _output("git", "status", "--porcelain")
    if changed:
        raise SystemExit(f"release.py: commit or take away first:\n{changed}")


def build() -> list[Path]:
    """Make the documentation, the wheel and the source archive."""
    DIST.mkdir(exist_ok=True)
    for old in DIST.glob("kcngeo-*"):
        old.unlink()
    _run(sys.executable, "docs/site/build.py")
    _run(sys.executable, "-m", "hatchling", "build", "-d", str(DIST), "-t", "sdist", "-t", "wheel")
    return sorted(DIST.glob("kcngeo-*"))


def environment(folder: Path, python: str, *wanted: str) -> Path:
    """Make an empty environment with these; give its Python."""
    _run("uv", "venv", "--quiet", "--no-project", "--no-python-downloads", "-p", python, folder)
    made = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    install = ("uv", "pip", "install", "--quiet", "--python", made)
    if not wanted:
        locked = ("--require-hashes", "--only-binary", ":all:", "-r", "locks/main.txt")
        _run(*install, *locked)
    else:
        _run(*install, *wanted)
    return made


def tables_of_a_month(python: Path, folder: Path) -> dict[str, str]:
    """Make the month of two zones as a user would; give the hash of each of its tables."""
    project, *options = MONTH
    command = (python, "-m", "kcngeo", "monthly", ROOT / project, *options, "--out", folder)
    # 1 says that the zones have findings, as they have.
    _run(*command, cwd=folder.parent, fine=(0, 1))
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.glob("*.csv"))
    }


def try_files(files: Sequence[Path], folder: Path) -> list[str]:
    """Install each file on each Python; say where its month differs from the first."""
    seen: dict[str, dict[str, str]] = {}
    for python in PYTHONS:
        if not _is_there(python):
            print(f"Python {python} is not on this machine: not tried.", flush=True)
            continue
        for file in files:
            name = f"{python} {'wheel' if file.suffix == '.whl' else 'sdist'}"
            made = environment(folder / name.replace(" ", "-"), python)
            plain = ("--no-deps", "--no-build-isolation", file)
            _run("uv", "pip", "install", "--quiet", "--python", made, *plain)
            seen[name] = _tried(made, folder, name)
    wheel = next(file for file in files if file.suffix == ".whl")
    oldest = environment(folder / "oldest", PYTHONS[0], "--resolution", "lowest-direct", str(wheel))
    seen["oldest versions"] = _tried(oldest, folder, "oldest versions")
    first = next(iter(seen.values()))
    return [
        f"{name}: {table} differs"
        for name, tables in seen.items()
        for table in sorted(first.keys() | tables.keys())
        if tables.get(table) != first.get(table)
    ]


def _tried(python: Path, folder: Path, name: str) -> dict[str, str]:
    _run("uv", "pip", "check", "--quiet", "--python", python)
    tables = tables_of_a_month(python, folder / f"month {name}")
    if not tables:
        raise SystemExit(f"release.py: {name} made no tables.")
    print(f"{name}: installed, {len(tables)} tables of a month", flush=True)
    return tables


def _is_there(python: str) -> bool:
    find = ("uv", "python", "find", "--no-project", "--no-python-downloads", python)
    return subprocess.run(find, capture_output=True, check=False).returncode == 0


def describe(files: Sequence[Path], folder: Path) -> None:
    """Let twine judge the files, list what an installation holds, and write the sums."""
    tools = environment(folder / "tools", PYTHONS[0], "--require-hashes", "-r", "locks/release.txt")
    _run(tools, "-m", "twine", "check", "--strict", *files)
    version = said_versions()["pyproject.toml"]
    contents = DIST / f"kcngeo-{version}.cdx.json"
    installed = folder / f"{PYTHONS[0]}-wheel"
    listed = ("-m", "cyclonedx_py", "environment", "--output-reproducible", "-o", contents)
    _run(tools, *listed, installed)
    told = [*files, contents]
    lines = [f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {one.name}\n" for one in told]
    (DIST / f"kcngeo-{version}.sha256").write_text("".join(lines), encoding="utf-8", newline="\n")


def run_lanes() -> None:
    """Run everything that can be run, the longest last."""
    for lane in ([], ["long"], ["mutation"]):
        _run(sys.executable, "run.py", "test", *lane)


def _run(*command: str | Path, cwd: Path = ROOT, fine: Sequence[int] = (0,)) -> None:
    done = subprocess.run([str(word) for word in command], cwd=cwd, check=False)
    if done.returncode not in fine:
        raise SystemExit(f"release.py: {' '.join(map(str, command))} gave {done.returncode}.")


def _output(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout


def main(arguments: list[str]) -> int:
    """Make or try a release; 1 where a month differs between environments."""
    parser = argparse.ArgumentParser(prog="release.py", description=__doc__)
    parser.add_argument("version", nargs="?")
    parser.add_argument("--trial", action="store_true")
    asked = parser.parse_args(arguments)
    if (asked.version is None) is not asked.trial:
        parser.error("give a version, or --trial")
    require_clean()
    if asked.version is not None:
        write_version(asked.version, day=dt.date.today())
        run_lanes()
    with tempfile.TemporaryDirectory(prefix="kcngeo-release-") as folder:
        files = build()
        differing = try_files(files, Path(folder))
        describe(files, Path(folder))
    for line in differing:
        print(line)
    print("\n".join(str(path) for path in sorted(DIST.glob("kcngeo-*"))))
    return int(bool(differing))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
