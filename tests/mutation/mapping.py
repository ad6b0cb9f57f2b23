"""Which tests run which line: the tests of the four packages once, under coverage, test by test.

    python -m tests.mutation.mapping [TESTS]

With the tests that are new, only those are run and added to what is known.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.lanes import PACKAGES

ROOT = Path(__file__).resolve().parents[2]
# What hypothesis drives and what runs a program is too slow to be run a thousand times.
TESTS = [
    *(f"tests/{name}" for name in (*PACKAGES, "reference")),
    *(f"kcngeo/{name}" for name in PACKAGES),
]
MAP = ROOT / "out" / "mutation" / "tests.json"


class _Recorder:
    """Note of every test how long it took, and tell coverage which one runs."""

    def __init__(self, measured: Any) -> None:
        self.measured = measured
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self.measured.switch_context(item.nodeid)
        begun = time.process_time()
        yield
        self.seconds[item.nodeid] = time.process_time() - begun
        self.measured.switch_context("")


def make_map(tests: list[str], path: Path = MAP) -> None:
    """Run the fast ones of some tests under coverage and write what each of them runs.

    What is known of other tests is kept, unless all are run.
    """
    import coverage

    files = [f"{ROOT}/kcngeo/{name}/*" for name in PACKAGES]
    measured = coverage.Coverage(data_file=None, include=files, config_file=False)
    recorder = _Recorder(measured)
    measured.start()
    code = pytest.main(["-q", "-n", "0", "-m", "fast", *(tests or TESTS)], plugins=[recorder])
    measured.stop()
    if code != 0:
        raise SystemExit("a mutant is killed by a test that fails: these fail without one")
    before = json.loads(path.read_text(encoding="utf-8")) if tests and path.exists() else {}
    lines, data = before.get("lines", {}), measured.get_data()
    for name in data.measured_files():
        mine = lines.setdefault(Path(name).relative_to(ROOT).as_posix(), {})
        for line, contexts in data.contexts_by_lineno(name).items():
            mine[str(line)] = sorted({*mine.get(str(line), ()), *filter(None, contexts)})
    seconds = before.get("seconds", {}) | recorder.seconds
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"seconds": seconds, "lines": lines}), encoding="utf-8")


if __name__ == "__main__":
    make_map(sys.argv[1:])
