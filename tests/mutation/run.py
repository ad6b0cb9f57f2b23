"""Change the code a little, one place at a time, and see whether a test notices.

    python run.py test mutation [--packages core,ledger,fill,analysis] [--number 300] [--seed 1]
                                [--seconds 20] [--map] [--fresh]

Needs the extra "mutation" (`uv pip install -e .[mutation]`) and a system that can fork. `--map`
finds out anew which tests run which line (minutes; done by itself where nobody did). For every
mutant the tests that run its line are run, the few that tell most of it first, then those of its
package, until one fails; those beyond `--seconds` together, as they took under coverage, are left
out, so that a mutant may survive which a longer run would kill. What was killed by an earlier run
is not tried again, unless `--fresh` is given: a run that was stopped goes on. What no test can tell
from the code as it is stands in `equivalent.toml`, each with its proof.

Neither cosmic-ray nor mutmut runs it: cosmic-ray starts a Python for every mutant, and most of what
a mutant costs here would be imports and the collection of tests; mutmut changes functions by
decorators, which leaves out whatever has one itself (each cached property) and every constant.
Here the tests are collected once, and a process forks for every mutant; in the child the functions
that differ get their new code. What runs at import (constants, defaults, decorators) is imported
anew, in a child that has imported the libraries alone.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import json
import os
import re
import subprocess
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.lanes import PACKAGES
from tests.mutation.children import KILLED, SURVIVED, Trials, exchanged, tried_at_import
from tests.mutation.mapping import MAP, ROOT, TESTS
from tests.mutation.mutants import Mutant, draw

RESULTS = ROOT / "out" / "mutation" / "results.json"
EQUIVALENT = Path(__file__).with_name("equivalent.toml")
# Tests that are tried first of what runs at import, and the most files of tests: each child reads
# those of its tests.
FEW, MOST_FILES = 5, 8
NO_TEST = "no test"
# Until it was tried: of an expression that is run once, when its module is.
AT_IMPORT = "at import"


def tests_of(mutant: Mutant, told: dict[str, Any], *, seconds: float) -> list[str]:
    """List the tests that run the line of a mutant: those that may notice soonest first."""
    lines, took = told["lines"].get(mutant.path, {}), told["seconds"]
    # Whoever bears its name.
    ends = tuple(f"test_{name}.py" for name in Path(mutant.path).with_suffix("").parts[-2:])
    named = {one for one in took if one.split("::")[0].endswith(ends)}
    tests, most = set(lines.get(str(mutant.line), ())), len(took)
    if not tests:
        # What runs at import is run for everybody who runs the file, or at least for its room.
        every = {test for each in lines.values() for test in each}
        room = Path("tests", *Path(mutant.path).parts[1:-1]).as_posix()
        mine = {one for one in took if one.startswith(f"{room}/")}
        tests, most = _related(mutant, told["lines"]) or named or every or mine, MOST_FILES
    # Of a file that a hundred tests run, the few look at it that run what no other does.
    alone: Counter[str] = Counter()
    for some in lines.values():
        alone.update(dict.fromkeys(some, 1 / max(len(some), 1)))
    quick = sorted(tests, key=lambda one: (took.get(one, 0.0), one))
    telling = sorted(quick, key=lambda one: alone[one] / (took.get(one, 0.0) + 0.05), reverse=True)
    both = dict.fromkeys(one for pair in zip(telling, quick, strict=True) for one in pair)
    own = Path(mutant.path).parts[1]
    # What everybody runs is looked at by the tests of its package first, but for the few, wherever
    # they stand.
    near = sorted(both, key=lambda one: (one.split("/")[1] != own, one not in named))
    order = list(dict.fromkeys([*telling[:FEW], *near]))
    files = list(dict.fromkeys(one.split("::")[0] for one in order))[:most]
    chosen: list[str] = []
    for test in (one for one in order if one.split("::")[0] in files):
        seconds -= took.get(test, 0.0)
        if seconds < 0 and chosen:
            break
        chosen.append(test)
    return chosen


def _related(mutant: Mutant, lines: dict[str, Any]) -> set[str]:
    """List the tests that run the statement a line is part of, or lines that name what it sets."""
    inner, tests = _of_statement(mutant, lines)
    targets = getattr(inner, "targets", [getattr(inner, "target", None)])
    names = [one.id for one in targets if isinstance(one, ast.Name)]
    if tests or not names:
        return tests
    named = re.compile(rf"\b({'|'.join(names)})\b")
    # What begins with an underscore is used in its own file alone.
    for path in [mutant.path] if names[0].startswith("_") else lines:
        written = (ROOT / path).read_text(encoding="utf-8").splitlines()
        for line, told in lines.get(path, {}).items():
            if named.search(written[int(line) - 1]):
                tests.update(told)
    return tests


def _of_statement(mutant: Mutant, lines: dict[str, Any]) -> tuple[ast.stmt, set[str]]:
    """Find the innermost statement a line is part of, and the tests that run it."""
    tree = ast.parse((ROOT / mutant.path).read_text(encoding="utf-8"))
    statements = [one for one in ast.walk(tree) if isinstance(one, ast.stmt)]
    spans = [(_first_line(one), one.end_lineno or 0, one) for one in statements]
    # The walk goes by depth: the last is the innermost.
    first, last, inner = [one for one in spans if one[0] <= mutant.line <= one[1]][-1]
    mine = lines.get(mutant.path, {})
    return inner, {test for line in range(first, last + 1) for test in mine.get(str(line), ())}


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min(one.lineno for one in (statement, *decorators))


def proofs() -> dict[str, str]:
    """Give the proofs that mutants are no other program, by the mutant."""
    told = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))
    return {f"{one['path']}: {one['old']} → {one['new']}": one["proof"] for one in told["mutant"]}


def main(arguments: Sequence[str]) -> int:
    """Draw, try and report; 1 where less than nine of ten that differ were noticed."""
    parser = argparse.ArgumentParser(prog="run.py test mutation", description=__doc__)
    parser.add_argument("--packages", default=",".join(PACKAGES))
    parser.add_argument("--number", type=int, default=300, help="mutants a package")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20.0, help="of tests, a mutant")
    parser.add_argument("--map", action="store_true", help="find out anew which tests run what")
    parser.add_argument("--fresh", action="store_true", help="also what was killed before")
    asked = parser.parse_args(arguments)
    if asked.map or not MAP.exists():
        command = [sys.executable, "-m", "tests.mutation.mapping"]
        if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
            return 1
    packages = asked.packages.split(",")
    drawn = {name: draw(name, asked.number, seed=asked.seed) for name in packages}
    print(f"seed {asked.seed}; {asked.number} places a package", flush=True)
    run = _Run(asked, [mutant for some in drawn.values() for mutant in some])
    for library in ("geopandas", "pyogrio", "rasterio"):
        importlib.import_module(library)
    # In a process of its own: for what runs at import nothing of the package may be imported.
    child = os.fork()
    if child == 0:
        plain = ["-n", "0", "-m", "fast", "-p", "no:cacheprovider", "-p", "no:terminal"]
        os._exit(int(pytest.main([*plain, *TESTS], plugins=[Trials(run.in_functions)])))
    if os.waitpid(child, 0)[1] != 0:
        return 1
    run.results = json.loads(RESULTS.read_text(encoding="utf-8"))
    run.at_import()
    below = [_reported(name, some, run.results) for name, some in drawn.items()]
    return int(any(below))


class _Run:
    """The mutants of a run, and what became of them and of those of earlier runs."""

    def __init__(self, asked: argparse.Namespace, mutants: list[Mutant]) -> None:
        self.seconds: float = asked.seconds
        self.told = json.loads(MAP.read_text(encoding="utf-8"))
        is_told = RESULTS.exists() and not asked.fresh
        self.results = json.loads(RESULTS.read_text(encoding="utf-8")) if is_told else {}
        self.equal = proofs()
        left = [one for one in mutants if self.results.get(one.key) != KILLED]
        self.functions = {one.key: pairs for one in left if (pairs := exchanged(one)) is not None}
        self.called = [one for one in left if one.key in self.functions]
        self.imported = [one for one in left if one.key not in self.functions]

    def at_import(self) -> None:
        """Try what runs at import: any test of the file may notice, the quickest few first."""
        once = [one for one in self.called if self.results[one.key] == AT_IMPORT]
        for mutant in self.imported[:1]:
            self._require_sound_at_import(mutant)
        for mutant in (*self.imported, *once):
            tests = tests_of(mutant, self.told, seconds=self.seconds)
            begun = time.monotonic()
            # Most die of the first few; only for the others are the files of all tests read.
            parts = [some for some in (tests[:FEW], tests[FEW:]) if some]
            found = (tried_at_import(mutant, some, seconds=self.seconds) for some in parts)
            outcome = KILLED if KILLED in found else SURVIVED if parts else NO_TEST
            self._note(mutant, outcome, tests, begun)

    def in_functions(self, trials: Trials) -> None:
        """Try what runs when it is called, where all tests are collected."""
        for mutant in self.called:
            tests = tests_of(mutant, self.told, seconds=self.seconds)
            tests = [test for test in tests if test in trials.items]
            begun, pairs = time.monotonic(), self.functions[mutant.key]
            # What runs at import alone stays as it is, whatever its function becomes.
            if not trials.holds(pairs) or not _of_statement(mutant, self.told["lines"])[1]:
                self.results[mutant.key] = AT_IMPORT
                continue
            usual = sum(self.told["seconds"].get(test, 0.0) for test in tests)
            outcome = trials.tried(pairs, tests, seconds=usual) if tests else NO_TEST
            self._note(mutant, outcome, tests, begun)
        self._keep()

    def _note(self, mutant: Mutant, outcome: str, tests: list[str], begun: float) -> None:
        self.results[mutant.key] = outcome
        self._keep()
        if outcome != KILLED and mutant.key not in self.equal:
            took = f"{len(tests)} tests, {time.monotonic() - begun:.0f} s"
            print(f"{outcome} ({mutant.operator}, line {mutant.line}, {took})")
            print(f"  {mutant.path}\n  - {mutant.old}\n  + {mutant.new}", flush=True)

    def _keep(self) -> None:
        RESULTS.write_text(json.dumps(self.results, indent=1), encoding="utf-8")

    def _require_sound_at_import(self, mutant: Mutant) -> None:
        """Stop unless the tests pass with the code as it is, and fail where there is none."""
        source = (ROOT / mutant.path).read_text(encoding="utf-8")
        tests = tests_of(mutant, self.told, seconds=self.seconds)[:FEW]
        for text, outcome in ((source, SURVIVED), ("raise SystemError", KILLED)):
            if tried_at_import(replace(mutant, source=text), tests, seconds=60) != outcome:
                raise SystemExit(f"{mutant.path} as it is, or without a line, is not {outcome}")


def _reported(package: str, drawn: list[Mutant], results: dict[str, str]) -> bool:
    equal = proofs()
    killed = sum(results[one.key] == KILLED for one in drawn)
    same = sum(results[one.key] != KILLED and one.key in equal for one in drawn)
    others = len(drawn) - same
    print(
        f"{package}: {len(drawn)} mutants, {killed} killed, {same} equivalent, "
        f"{others - killed} survived: {killed / max(others, 1):.1%} of those that differ",
        flush=True,
    )
    return killed < 0.9 * others


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
