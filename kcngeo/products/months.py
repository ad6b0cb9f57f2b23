"""Many months in one run: those that are there already are left alone, and an index links them."""

from __future__ import annotations

import signal
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import pandas as pd

from kcngeo.core.dates import month_end
from kcngeo.core.errors import KcngeoError, already_told
from kcngeo.core.kept_results import KeptResults
from kcngeo.io import read_project
from kcngeo.ledger.project import Project
from kcngeo.products.month import edited
from kcngeo.products.month_folder import Before, Made, MonthOptions, kept_month, write_month
from kcngeo.publish import Bundle
from kcngeo.publish.digests import inputs_of
from kcngeo.publish.folder_lock import alone, recover_below
from kcngeo.publish.index import write_index
from kcngeo.report.month import snapshot_of


def months_between(since: str, month: str) -> list[str]:
    """List months, both included."""
    dates = pd.date_range(month_end(since), month_end(month), freq="ME")
    if not len(dates):
        raise KcngeoError("since_after", since=since, month=month)
    return [f"{date:%Y-%m}" for date in dates]


def months(
    project: str,
    folder: Path,
    *,
    since: str,
    month: str,
    options: MonthOptions | None = None,
    jobs: int = 1,
    compute: Callable[..., Bundle] | None = None,
) -> Iterator[Made]:
    """Write months into folders of their own, side by side, and an index over them.

    Parameters
    ----------
    project
        Path or URL of the project.
    folder
        The folder over the months.
    since
        First month, "2018-01".
    month
        Last month.
    options
        How; None for what goes without saying.
    jobs
        How many months are computed at once, each in a process of its own; those that are published
        are made one after the other, as each is compared with the one before.
    compute
        What computes a month in the place of :func:`kcngeo.products.month`, for example
        :func:`kcngeo.cluster.month`; months are then made one after the other.

    Yields
    ------
    Made
        What became of each month, in their order; one that could not be made, whatever the reason,
        does not stop the others. The index is written whatever stops them, and names those that
        could not be made.
    """
    names = months_between(since, month)
    options = options or MonthOptions()
    folder.mkdir(parents=True, exist_ok=True)
    _forget()
    failed: dict[str, str] = {}
    with alone(folder):
        recover_below(folder)
        try:
            work = partial(_made, project, folder, options, compute=compute)
            alone_in_turn = jobs == 1 or options.publish or compute is not None
            for one in map(work, names) if alone_in_turn else _side_by_side(work, names, jobs):
                if one.error is not None:
                    failed[one.month] = one.error.message(options.language)
                yield one
        finally:
            # Of what there is, whatever kept the rest from being made.
            write_index(folder, language=options.language, failed=failed)
            _forget()


def _side_by_side(work: Callable[[str], Made], months: Sequence[str], jobs: int) -> Iterator[Made]:
    """Make months in processes of their own; if stopped, those begun are brought to their end."""
    # A pool for every place, so that a process that is killed takes no other month with it.
    pools: list[ProcessPoolExecutor | None] = [None] * jobs
    waiting: deque[tuple[int, str, Future[Made]]] = deque()

    def come() -> Made:
        place, month, future = waiting.popleft()
        try:
            return future.result()
        except BrokenProcessPool as error:
            pool, pools[place] = pools[place], None
            if pool is not None:
                pool.shutdown()
            return _failed(work, month, KcngeoError("month_killed", detail=str(error)))

    try:
        for number, month in enumerate(months):
            # No more are begun than can run, so that nobody who stops waits for the rest.
            if len(waiting) == jobs:
                yield come()
            place = number % jobs
            pool = pools[place] or ProcessPoolExecutor(1, initializer=_leave_stopping_to_the_first)
            pools[place] = pool
            waiting.append((place, month, pool.submit(work, month)))
        while waiting:
            yield come()
    finally:
        for one in pools:
            if one is not None:
                one.shutdown()


def _failed(work: Callable[[str], Made], month: str, error: KcngeoError) -> Made:
    """Say of a month whose process was killed that it could not be made."""
    _, folder, _ = work.args  # type: ignore[attr-defined]
    return Made(month=month, folder=folder / month, error=error, trace=str(error), reasons={})


def _leave_stopping_to_the_first() -> None:
    """Let Ctrl-C, which reaches every process, be answered by one of them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@lru_cache(maxsize=1)
def _read(project: str) -> Project:
    """Read the project once a run and process."""
    return read_project(project)


@lru_cache(maxsize=1)
def _inputs(project: str) -> Mapping[str, str | None]:
    """Hash the project once a run and process."""
    return inputs_of([project])


@lru_cache(maxsize=1)
def _before(project: str, edition: str, known_at: str | None) -> Before:
    """Work out once a run and process what all months share."""
    given = edited(_read(project), edition)
    with already_told():
        # What it warns of stands in the findings of every month.
        _, snapshot = snapshot_of(given, known_at)
    return Before(snapshot=snapshot, results=KeptResults())


def _forget() -> None:
    for one in (_read, _inputs, _before):
        one.cache_clear()


def _made(
    project: str,
    folder: Path,
    options: MonthOptions,
    month: str,
    *,
    compute: Callable[..., Bundle] | None,
) -> Made:
    """Make a month below the folder; what keeps it from being made does not stop the others."""
    tables, mine = _read(project), folder / month
    try:
        kept = kept_month(
            project, month, mine, options=options, tables=tables, inputs=_inputs(project)
        )
        if kept is not None:
            return kept
        before = (
            _before(project, options.edition, options.known_at) if compute is None else Before()
        )
        shared: dict[str, Any] = {"tables": tables, "before": before, "compute": compute}
        made = write_month(project, month, mine, options=options, **shared)
    except KcngeoError as error:
        return Made(month=month, folder=mine, error=error, reasons={})
    except Exception as error:
        # A fault of the program itself is shown whole to whoever mends it.
        detail = "".join(traceback.format_exception_only(error)).strip()
        told = KcngeoError("month_unforeseen", detail=detail)
        trace = traceback.format_exc()
        return Made(month=month, folder=mine, error=told, trace=trace, reasons={})
    if before.results is not None:
        # The next month asks for little else.
        before.results.forget_unused()
    if made.recorded is not None:
        # The next month is compared with what has just been published.
        _read.cache_clear()
        _before.cache_clear()
    return made
