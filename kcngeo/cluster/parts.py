"""A month in parts: groups of zones, each worked out for itself, and joined to one month."""

from __future__ import annotations

import heapq
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd

from kcngeo.core.dates import Day, Moment
from kcngeo.core.errors import KcngeoError
from kcngeo.core.kept_results import KeptResults
from kcngeo.io import read_project
from kcngeo.ledger import Project
from kcngeo.ledger.screening import first_entry
from kcngeo.products import month as month_of
from kcngeo.products.month import edited
from kcngeo.publish import Bundle
from kcngeo.report.zone_results import zone_results

MOST_LOTS = 30_000
"""Lots of a group, unless a single zone has more."""

_GROUPS_A_WORKER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of a month in all of its parts.

    Attributes
    ----------
    month
        The month.
    definition
        Id of a fill-rate definition; None for the law in force on each date.
    known_at
        The moment; None for all that is not superseded.
    start
        First day of the series of all zones together.
    area
        Basis of areas.
    edition
        "full" or "public".
    """

    month: str | Day
    definition: str | None = None
    known_at: Moment | None = None
    start: Day | None = None
    area: str = "grid"
    edition: str = "full"

    def of_the_whole(self, project: Project) -> Question:
        """Decide what no part can know: the first day of the series.

        Parameters
        ----------
        project
            The tables of all zones.

        Returns
        -------
        Question
            The same, to be asked of parts.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> Question(month="2018-03").of_the_whole(kcn.examples.squares()).start
        '2010-01-01'
        """
        first = first_entry(project, self.known_at) if self.start is None else self.start
        start = (
            first if first is None or isinstance(first, str) else f"{pd.Timestamp(first):%Y-%m-%d}"
        )
        return replace(self, start=start)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """What a group of zones contributes to a month: plain numbers, texts and frames.

    Attributes
    ----------
    zone_ids
        The zones.
    results
        What was worked out, by the digest of what it follows from.
    failed
        Why its zone could not be worked out; empty if it was.
    """

    zone_ids: tuple[str, ...]
    results: Mapping[bytes, Any]
    failed: str = ""


class _NoPartsError(Exception):
    """The parts did not come, for the reason that is its cause."""


class _FailedError(Exception):
    """Zones could not be worked out: the month is asked again without them."""


def zones_failed(failed: Mapping[str, str], count: int) -> KcngeoError:
    """Name the zones, of all of them, that could not be worked out."""
    told = [f"{zone_id} ({why})" for zone_id, why in sorted(failed.items())]
    fields = {"zones": "; ".join(told), "done": count - len(failed), "count": count}
    return KcngeoError("cluster_zones", **fields)


def groups(
    project: Project, *, most_lots: int = MOST_LOTS, workers: int = 1
) -> list[tuple[str, ...]]:
    """Divide the zones into groups of about as many lots, the largest group first.

    Parameters
    ----------
    project
        The tables.
    most_lots
        Lots of a group; a zone that has more is a group of its own.
    workers
        How many work at once: there are at least three groups for each of them where there are
        zones enough, so that none waits for the last.

    Returns
    -------
    list[tuple[str, ...]]
        Ids of the zones of each group.

    Raises
    ------
    ValueError
        If a number is below 1.

    Examples
    --------
    Zone A has 7 lots, zone B has 3:

    >>> import kcngeo as kcn
    >>> groups(kcn.examples.squares())
    [('A', 'B')]
    >>> groups(kcn.examples.squares(), most_lots=7)
    [('A',), ('B',)]
    """
    if most_lots < 1 or workers < 1:
        raise ValueError("most_lots and workers must be 1 or more")
    lots = project.parcels["zone_id"].value_counts()
    sizes = {
        str(zone_id): int(lots.get(zone_id, 0)) for zone_id in project.zones["zone_id"].dropna()
    }
    total = sum(sizes.values())
    least = 1 if workers == 1 else workers * _GROUPS_A_WORKER
    count = min(len(sizes), max(least, -(-total // most_lots)))
    # The largest zone left goes to the smallest group so far.
    filled: list[tuple[int, int, list[str]]] = [(0, number, []) for number in range(count)]
    for zone_id in sorted(sizes, key=lambda one: (-sizes[one], one)):
        held, number, zone_ids = heapq.heappop(filled)
        heapq.heappush(filled, (held + sizes[zone_id], number, [*zone_ids, zone_id]))
    filled.sort(key=lambda one: (-one[0], one[1]))
    return [tuple(sorted(zone_ids)) for _, _, zone_ids in filled]


def part(folder: str | os.PathLike[str], zone_ids: Sequence[str], question: Question) -> Part:
    """Work out the part of a month that some zones take most of its time for.

    It runs anywhere the project can be read, and reads no more of it than these zones.

    Parameters
    ----------
    folder
        Where the project lies.
    zone_ids
        The zones.
    question
        What is asked, decided for the whole by :meth:`Question.of_the_whole`.

    Returns
    -------
    Part
        What follows; what cannot be said of these zones alone is left to :func:`joined`.

    Raises
    ------
    DataSourceError
        If the project cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> import kcngeo as kcn
    >>> project = kcn.examples.squares()
    >>> asked = Question(month="2018-03").of_the_whole(project)
    >>> with tempfile.TemporaryDirectory() as above:
    ...     kcn.io.write_project(project, f"{above}/squares.parquet")
    ...     part(f"{above}/squares.parquet", ["B"], asked).zone_ids
    ('B',)
    """
    project = read_project(folder, zones=zone_ids)
    options = asdict(question)
    try:
        found = zone_results(edited(project, options.pop("edition")), **options).results
    except KcngeoError:
        # What is wrong with the tables is told once, of all of them, by the month itself.
        found = {}
    return Part(zone_ids=tuple(zone_ids), results=found)


def joined(
    project: Project,
    parts: Iterable[Part] | Callable[[], Iterable[Part]],
    *,
    question: Question,
    handed_out: bool = False,
    published: Sequence[str] | None = None,
) -> Bundle:
    """Join parts to the month of all zones.

    The month is asked of the whole project as ever. Where it comes to something a part has worked
    out of exactly the same rows and shapes, it takes that; whatever no part knows is worked out
    here. So the result is that of :func:`kcngeo.products.month`, whatever the parts are. A zone
    whose part failed is left out as one at fault is.

    Parameters
    ----------
    project
        The tables of all zones.
    parts
        The parts, or what waits for them: then it is called when the first result is needed.
    question
        What was asked.
    handed_out
        See :func:`kcngeo.products.month`.
    published
        See there.

    Returns
    -------
    Bundle
        The month.

    Raises
    ------
    ContractError
        If a defect belongs to no zone.
    CRSError
        If zones and parcels disagree in CRS or it misstates areas.
    KcngeoError
        If the edition is unknown, or a publication to compare with is not on record; if all zones
        failed, or one of a month that is handed out.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> project = kcn.examples.squares()
    >>> made = joined(project, [], question=Question(month="2018-03"))
    >>> made.tables["accounts"]["fill_rate"].tolist()[:2]
    [0.375, 0.5]
    """
    came: dict[bytes, Any] = {}
    failed: dict[str, str] = {}

    def known() -> dict[bytes, Any]:
        try:
            some = [*(parts() if callable(parts) else parts)]
        except KcngeoError as error:
            # A section of the month that cannot be answered is left out; this is no such thing.
            raise _NoPartsError from error
        came.update((key, result) for one in some for key, result in one.results.items())
        failed.update((one.zone_ids[0], one.failed) for one in some if one.failed)
        if failed:
            raise _FailedError
        return came

    results = KeptResults(later=known)
    asked: dict[str, Any] = asdict(question)
    asked |= {"handed_out": handed_out, "published": published}
    try:
        made = month_of(project, **asked, results=results)
        # Whoever gave the parts need not outlive this call, though much of the month is made later.
        results.fetch()
    except _NoPartsError as error:
        raise error.__cause__ or error from None
    except _FailedError:
        count = project.zones["zone_id"].nunique()
        if handed_out or len(failed) == count:
            raise zones_failed(failed, count) from None
        made = month_of(project, **asked, results=KeptResults(came), failed=failed)
    return made
