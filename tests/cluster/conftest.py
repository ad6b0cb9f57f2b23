"""A Dask cluster on loopback: a scheduler and workers that are processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kcngeo.cluster import connected

# Whoever is killed stays dead, so that it is seen that others do the work.
ALONE = {**os.environ, "DASK_DISTRIBUTED__WORKER__DAEMON": "False"}


class Cluster:
    """A scheduler with workers, ended by their own ids."""

    def __init__(self, workers: int) -> None:
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
            stderr=subprocess.PIPE,
        )  # fmt: skip
        assert self.scheduler.stderr is not None
        said = (line.decode() for line in self.scheduler.stderr)
        self.address = next(line.split()[-1] for line in said if "Scheduler at:" in line)
        own = ("--nworkers", "1", "--nthreads", "1", "--no-nanny", "--no-dashboard")
        self.workers = [self._start("worker", self.address, *own) for _ in range(workers)]
        self.client: Any = connected(self.address)
        self.client.wait_for_workers(workers)

    def _start(self, *words: str, stderr: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "dask", *words], env=ALONE, stderr=stderr)

    def end(self) -> None:
        self.client.close()
        for one in (*self.workers, self.scheduler):
            one.kill()
            one.wait()
        assert self.scheduler.stderr is not None
        self.scheduler.stderr.close()


@pytest.fixture
def started() -> Iterator[Callable[[int], Cluster]]:
    """Start clusters, and end them when the test is over."""
    some: list[Cluster] = []

    def start(workers: int) -> Cluster:
        some.append(Cluster(workers))
        return some[-1]

    yield start
    for one in some:
        one.end()
