"""Children that are killed at random moments, in a process of their own."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def killed_children(
    work: Callable[[int], None], *, attempts: int, chance: random.Random
) -> Iterator[list[str]]:
    """Fork children and kill them; give the lines each had written by then.

    A child is told where to write, and writes "begun NUMBER" and "done NUMBER" in turn until
    somebody puts an end to it.
    """
    pace_s = 0.0
    for attempt in range(attempts):
        read_end, write_end = os.pipe()
        child = os.fork()
        if child == 0:
            work(write_end)
        os.close(write_end)
        with os.fdopen(read_end) as pipe:
            lines = [pipe.readline()]
            started = time.perf_counter()
            if attempt % 2:  # killed in its second round, the others in their first
                lines += [pipe.readline(), pipe.readline()]
                # As fast as the machine is now.
                pace_s = time.perf_counter() - started
            time.sleep(chance.uniform(0, pace_s))
            os.kill(child, 9)
            os.waitpid(child, 0)
            lines += pipe.readlines()
        yield lines


def last_done(lines: list[str], number: int) -> int:
    """Give the last number that was done; the one before, if none was."""
    done = [int(line.split()[1]) for line in lines if line.startswith("done")]
    return done[-1] if done else number


def in_own_process(code: str, *words: str, timeout_s: float) -> str:
    """Run code that forks, and give what it printed."""
    # This process has threads, which a fork would leave behind.
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        timeout=timeout_s,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
