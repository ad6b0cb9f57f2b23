"""Run the checks and the tests: `python run.py test [LANE] [--deep] [what pytest takes]`.

    checks    ruff, mypy, import contracts, docstrings: what judges the code without running it
    fast      units and golden figures
    laws      what must hold for any project, by hypothesis; --deep tries many more examples
    system    in Chromium, QGIS and PostgreSQL, on real layers, whole months, the notebooks
    long      minutes a test; only when asked for
    coverage  which branches of core, ledger, fill and analysis no quick test takes
    mutation  hours: what no test notices when the code is changed, see tests/mutation/run.py

A lane runs alone. Without one fast, laws and system run together, and the checks beside them. Tests
find their lane in conftest.py. They run on one process more than there are cores; `-n 0` undoes it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LANES = ("fast", "laws", "system", "long")
CHECKS, COVERAGE, MUTATION = "checks", "coverage", "mutation"
# What figures are made of, and is proved beyond the tests that pass.
PACKAGES = ("core", "ledger", "fill", "analysis")
# A file's tests stay together: what they share is then made once. The order is conftest's. Tests
# wait for browsers, servers and programs a tenth of their time: one process more uses it.
PROCESSES = str((os.cpu_count() or 1) + 1)
PARALLEL = ("-n", PROCESSES, "--dist", "loadfile", "--no-loadscope-reorder")


def static_checks() -> dict[str, list[str]]:
    """Commands that judge the code without running it, by name."""
    files = [path.relative_to(ROOT).as_posix() for path in (ROOT / "kcngeo").rglob("*.py")]
    python = [sys.executable, "-m"]
    # Beside the interpreter lie the programs of its environment.
    contracts = Path(sys.executable).with_name("lint-imports").as_posix()
    return {
        "ruff check": [*python, "ruff", "check", "."],
        "ruff format": [*python, "ruff", "format", "--check", "."],
        "mypy": [*python, "mypy"],
        "import contracts": [contracts, "--no-logo", "--config", "setup.cfg"],
        "numpydoc lint": [*python, "numpydoc", "lint", "--config", ".", *sorted(files)],
    }


def commands(arguments: list[str]) -> dict[str, list[str]]:
    """What is run for these arguments, pytest last."""
    if arguments[:1] == [MUTATION]:
        return {MUTATION: [sys.executable, "-m", "tests.mutation.run", *arguments[1:]]}
    if arguments[:1] == [CHECKS]:
        return static_checks()
    if arguments[:1] == [COVERAGE]:
        coverage = [sys.executable, "-m", "coverage"]
        folders = [f"{part}/{name}" for name in PACKAGES for part in ("kcngeo", "tests")]
        folders += ["tests/public_questions", "tests/standards"]
        pytest = ["-m", "pytest", "-m", "fast or laws", *folders]
        return {
            "pytest": [*coverage, "run", *pytest, *arguments[1:]],
            COVERAGE: [*coverage, "report"],
        }
    lane = [word for word in arguments[:1] if word in LANES]
    passed_on = [word for word in arguments[len(lane) :] if word != "--deep"]
    chosen = ["-m", *lane] if lane else []
    pytest = [sys.executable, "-m", "pytest", *PARALLEL, *chosen, *passed_on]
    return {**({} if lane else static_checks()), "pytest": pytest}


def begun(checks: dict[str, list[str]]) -> dict[str, subprocess.Popen[str]]:
    """Start checks at once, each of which works on one core."""
    piped = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8"}
    return {
        name: subprocess.Popen(command, cwd=ROOT, **piped)  # type: ignore[call-overload]
        for name, command in checks.items()
    }


def ended(running: dict[str, subprocess.Popen[str]]) -> list[str]:
    """Print what checks say as they end; give the names of those that failed."""
    for name, process in running.items():
        print(f"== {name}\n{process.communicate()[0]}", end="", flush=True)
    return [name for name, process in running.items() if process.returncode != 0]


def main(arguments: list[str]) -> int:
    """Run everything, and name at the end what failed."""
    profile = {"KCNGEO_PROFILE": "deep"} if "--deep" in arguments else {}
    environment = {**os.environ, **profile}
    # What is compiled is kept: a test that starts the program would else compile 2,900 modules.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    asked = commands(arguments)
    checks = begun({name: asked.pop(name) for name in static_checks() if name in asked})
    failed = []
    for name, command in asked.items():
        print(f"== {name}", flush=True)
        tests = subprocess.Popen(command, cwd=ROOT, env=environment)
        # Tests wait for a browser or a server now and then: the checks use that time.
        failed += ended(checks)
        checks = {}
        if tests.wait() != 0:
            failed.append(name)
    failed += ended(checks)
    if failed:
        print(f"failed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
