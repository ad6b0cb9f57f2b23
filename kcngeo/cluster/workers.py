"""Who works the parts of a month out: this process, processes beside it, or a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from threading import Event
from typing import Any, Protocol

from kcngeo.cluster.parts import Part
from kcngeo.products.failed_zones import said

Zones = tuple[str, ...]
Work = Callable[[Zones], Any]
"""What is done of a group: it gives a part, which has ``zone_ids`` and ``failed``."""

TRIES = 3
"""How often a group is begun whose process is killed."""


class Workers(Protocol):
    """Whoever works groups of zones out, in whatever order."""

    def run(self, work: Work, groups: Sequence[Zones]) -> Iterator[tuple[Zones, Any]]:
        """Give every group with its part, or with what kept it from being made."""
        ...


class Alone:
    """The process that asks, and no other."""

    def run(self, work: Work, groups: Sequence[Zones]) -> Iterator[tuple[Zones, Any]]:
        """Give every group with its part, or with what kept it from being made."""
        for zones in groups:
            try:
                outcome = work(zones)
            except Exception as error:
                outcome = error
            yield zones, outcome


class Processes:
    """Processes on this machine.

    Parameters
    ----------
    jobs
        How many.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs

    def run(self, work: Work, groups: Sequence[Zones]) -> Iterator[tuple[Zones, Any]]:
        """Give every group with its part, or with what kept it from being made."""
        left = dict.fromkeys(groups, TRIES)
        # All processes of a pool fall with one that is killed, and nobody knows whose fault it
        # was: so each group that was not done has as many tries, the last of them on its own.
        while left:
            alone = min(left.values()) == 1
            some = list(left)[:1] if alone else list(left)
            for zones, outcome in self._tried(work, some):
                left[zones] -= 1
                if not isinstance(outcome, BrokenProcessPool) or not left[zones]:
                    del left[zones]
                    yield zones, outcome

    def _tried(self, work: Work, groups: list[Zones]) -> Iterator[tuple[Zones, Any]]:
        """Try every group once."""
        # Begun afresh: a copy of this process would have its threads' locks, but not its threads.
        pool = ProcessPoolExecutor(min(self.jobs, len(groups)), mp_context=get_context("spawn"))
        try:
            begun: dict[Future[Any], Zones] = {pool.submit(work, one): one for one in groups}
            for future in as_completed(begun):
                yield begun[future], _outcome(future)
        finally:
            pool.shutdown(cancel_futures=True)


def _outcome(future: Future[Any]) -> Any:
    try:
        return future.result()
    except Exception as error:
        return error


@contextmanager
def beside(
    workers: Workers, work: Work, groups: Sequence[Zones]
) -> Iterator[Callable[[], list[Part]]]:
    """Have all groups worked out while something else is done; who needs the parts waits."""
    stopped = Event()
    with ThreadPoolExecutor(max_workers=1) as background:
        parts = background.submit(worked_out, workers, work, groups, stopped=stopped)
        try:
            yield parts.result
        finally:
            # If it was given up, no more groups are begun.
            stopped.set()


def worked_out(
    workers: Workers,
    work: Work,
    groups: Sequence[Zones],
    *,
    stopped: Event | None = None,
    done: Callable[[Any], None] = lambda _: None,
) -> list[Any]:
    """Have all groups worked out; where one fails, find the zones it fails for and name them."""
    parts: list[Any] = []
    while groups:
        again: list[Zones] = []
        for zones, outcome in workers.run(work, groups):
            if stopped is not None and stopped.is_set():
                return parts
            if not isinstance(outcome, Exception):
                parts.append(outcome)
                done(outcome)
            elif len(zones) == 1:
                parts.append(Part(zone_ids=zones, results={}, failed=said(outcome)))
            else:
                middle = len(zones) // 2
                again += [zones[:middle], zones[middle:]]
        groups = again
    return parts
