"""Many months in one run: those that are there already are left alone, and an index links them."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import pandas as pd

from kcngeo.core.dates import month_end
from kcngeo.core.errors import KcngeoError, gathered
from kcngeo.core.model import Finding
from kcngeo.io import read_project
from kcngeo.ledger.project import Project
from kcngeo.products.common import asked_for
from kcngeo.products.month import month as month_of
from kcngeo.publish import PARTS
from kcngeo.publish.digests import inputs_of
from kcngeo.publish.folder_lock import alone
from kcngeo.publish.index import write_index
from kcngeo.publish.kept_packages import EditsKeptWarning
from kcngeo.publish.manifest import NAME, changed_files, read_manifest, versions

# Options of the folder, not of the month.
_OF_WRITING = ("language", "parts")


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthOptions:
    """How the months are to be computed and written.

    Attributes
    ----------
    definition
        Id of a fill-rate definition; None for the law of each day.
    known_at
        As known at; None for all that is not superseded.
    start
        First day of the series; None for the first entry.
    area
        Basis of areas.
    language
        "vi" or "en".
    edition
        "full" or "public".
    parts
        What to write, of :data:`kcngeo.publish.PARTS`.
    """

    definition: str | None = None
    known_at: str | None = None
    start: str | None = None
    area: str = "grid"
    language: str = "vi"
    edition: str = "full"
    parts: tuple[str, ...] = PARTS

    def asked(self, month: str) -> dict[str, Any]:
        """Give the arguments of a month.

        Parameters
        ----------
        month
            The month.

        Returns
        -------
        dict[str, Any]
            Arguments of :func:`kcngeo.products.month` that say something.

        Examples
        --------
        >>> MonthOptions(definition="gross").asked("2018-03")["definition"]
        'gross'
        """
        told = {name: value for name, value in asdict(self).items() if name not in _OF_WRITING}
        return asked_for(month=month, **told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What became of a month.

    Attributes
    ----------
    month
        The month.
    folder
        Its folder.
    is_skipped
        Whether it was there already, unchanged.
    lines
        What a person reads first: the rate of every zone and of all.
    findings
        Its findings.
    reasons
        By zone, why it is not computable.
    kept
        Paths of layers that somebody had edited.
    error
        What kept the month from being made; None if it was.
    """

    month: str
    folder: Path
    is_skipped: bool = False
    lines: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    reasons: dict[str, str]
    kept: tuple[str, ...] = ()
    error: KcngeoError | None = None


def months_between(since: str, month: str) -> list[str]:
    """List months, both included."""
    dates = pd.date_range(month_end(since), month_end(month), freq="ME")
    if not len(dates):
        raise KcngeoError("since_after", since=since, month=month)
    return [f"{date:%Y-%m}" for date in dates]


def write_month(
    project: str,
    month: str,
    folder: Path,
    *,
    options: MonthOptions,
    tables: Project | None = None,
    progress: Callable[[str], None] | None = None,
) -> Made:
    """Compute and write a month."""
    bundle = month_of(tables or read_project(project), **options.asked(month))
    with gathered(EditsKeptWarning) as kept:
        bundle.write(
            folder,
            language=options.language,
            inputs=[project],
            parts=options.parts,
            progress=progress,
        )
    return Made(
        month=month,
        folder=folder,
        kept=tuple(one.path for one in kept),
        lines=tuple(bundle.say(options.language)),
        findings=bundle.findings,
        reasons=bundle.reasons(options.language),
    )


def kept_month(project: str, month: str, folder: Path, *, options: MonthOptions) -> Made | None:
    """Leave the folder of a month alone if it holds just that already."""
    inputs = inputs_of([project])
    if None in inputs.values() or not is_current(folder, month, inputs, options=options):
        return None
    reasons = read_manifest(folder)["not_computable"]
    return Made(month=month, folder=folder, is_skipped=True, reasons=reasons)


def months(
    project: str,
    folder: Path,
    *,
    since: str,
    month: str,
    options: MonthOptions | None = None,
    jobs: int = 1,
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
        How many months are computed at once, each in a process of its own.

    Yields
    ------
    Made
        What became of each month, in their order; one that could not be made does not stop the
        others. The index is written whatever stops them.
    """
    names = months_between(since, month)
    options = options or MonthOptions()
    folder.mkdir(parents=True, exist_ok=True)
    _read.cache_clear()
    with alone(folder):
        try:
            work = partial(_made, project, folder, options)
            yield from map(work, names) if jobs == 1 else _side_by_side(work, names, jobs)
        finally:
            # Of what there is, whatever kept the rest from being made.
            write_index(folder, language=options.language)
            _read.cache_clear()


def _side_by_side(work: Callable[[str], Made], months: list[str], jobs: int) -> Iterator[Made]:
    """Make months in processes of their own; if stopped, those begun are brought to their end."""
    waiting: deque[Future[Made]] = deque()
    with ProcessPoolExecutor(jobs, initializer=_leave_stopping_to_the_first) as pool:
        for month in months:
            # No more are begun than can run, so that nobody who stops waits for the rest.
            if len(waiting) == jobs:
                yield waiting.popleft().result()
            waiting.append(pool.submit(work, month))
        while waiting:
            yield waiting.popleft().result()


def _leave_stopping_to_the_first() -> None:
    """Let Ctrl-C, which reaches every process, be answered by one of them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def is_current(
    folder: Path, month: str, inputs: dict[str, str | None], *, options: MonthOptions
) -> bool:
    """Tell whether a folder holds what would be made now."""
    if not (folder / NAME).is_file():
        return False
    wanted = {
        "product": "month",
        "options": options.asked(month),
        "inputs": inputs,
        "versions": versions(),
        "language": str(options.language),
        "parts": sorted(options.parts),
    }
    manifest = read_manifest(folder)
    return all(manifest.get(name) == said for name, said in wanted.items()) and not changed_files(
        folder
    )


@lru_cache(maxsize=1)
def _read(project: str) -> Project:
    """Read the project once a run and process."""
    return read_project(project)


def _made(project: str, folder: Path, options: MonthOptions, month: str) -> Made:
    """Make a month below the folder; what keeps it from being made does not stop the others."""
    mine = folder / month
    kept = kept_month(project, month, mine, options=options)
    if kept is not None:
        return kept
    tables = _read(project)
    try:
        return write_month(project, month, mine, options=options, tables=tables)
    except KcngeoError as error:
        return Made(month=month, folder=mine, error=error, reasons={})
