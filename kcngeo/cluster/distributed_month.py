"""The month of a project that lies where all workers can read it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcngeo.cluster.dask_workers import workers_of
from kcngeo.cluster.parts import MOST_LOTS, Question, groups, joined, part
from kcngeo.cluster.workers import Alone, beside
from kcngeo.core.errors import KcngeoError
from kcngeo.io import read_project
from kcngeo.io.stores.url import is_url
from kcngeo.publish import Bundle

if TYPE_CHECKING:
    from distributed import Client

    from kcngeo.core.dates import Day, Moment
    from kcngeo.ledger import Project


def month(
    folder: str | os.PathLike[str],
    *,
    month: str | Day,
    client: Client | None = None,
    jobs: int = 1,
    definition: str | None = None,
    known_at: Moment | None = None,
    start: Day | None = None,
    area: str = "grid",
    edition: str = "full",
    handed_out: bool = False,
    published: Sequence[str] | None = None,
    most_lots: int = MOST_LOTS,
    tables: Project | None = None,
) -> Bundle:
    """Give a month, what takes most of its time worked out by several processes or machines.

    It is the month of :func:`kcngeo.products.month`, to the last byte, however many there are and
    whichever of them fall away. Worked out by group of zones are the extents of sites, the futures
    of forecasts and the judgement of targets; the rest is done here meanwhile and afterwards.

    Parameters
    ----------
    folder
        Where the project lies: a folder of GeoParquet, or a GeoPackage. Every worker reads it under
        the same path, a folder no more of it than its zones. Processes of this machine read a
        database too.
    month
        See :func:`kcngeo.products.month`, as the options up to ``published``.
    client
        A connection to a Dask cluster, whose workers have the same versions; None for ``jobs``.
    jobs
        How many processes of this machine work if there is no ``client``; 1 for this one alone.
    definition
        Id of a fill-rate definition.
    known_at
        The moment.
    start
        First day of the series.
    area
        Basis of areas.
    edition
        "full" or "public".
    handed_out
        Whether it is laid out as a publication.
    published
        Digests of the publications to compare with.
    most_lots
        Lots of a group of zones; 20 000 to 50 000 are worth the way.
    tables
        The project, if it has been read already.

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
    DataSourceError
        If the project cannot be read.
    KcngeoError
        If the scheduler is lost; if workers do not see the project, see another, or have other
        versions; if all zones fail, or one of a month that is handed out; or as
        :func:`kcngeo.products.month`. Else a zone that fails is named and left out as one at fault.

    Examples
    --------
    >>> import tempfile
    >>> import kcngeo as kcn
    >>> with tempfile.TemporaryDirectory() as above:
    ...     kcn.io.write_project(kcn.examples.squares(), f"{above}/squares.parquet")
    ...     made = kcn.cluster.month(f"{above}/squares.parquet", month="2018-03")
    >>> made.tables["accounts"]["fill_rate"].tolist()[:2]
    [0.375, 0.5]
    """
    if client is not None and is_url(folder):
        # A password does not travel.
        raise KcngeoError("cluster_database")
    # Workers stand in folders of their own.
    place = str(folder) if is_url(folder) else str(Path(folder).resolve())
    asked = Question(
        month=month,
        definition=definition,
        known_at=known_at,
        start=start,
        area=area,
        edition=edition,
    )
    workers, count = workers_of(place, (repr(asked),), client=client, jobs=jobs)
    project = read_project(place) if tables is None else tables
    told: dict[str, Any] = {"handed_out": handed_out, "published": published}
    if isinstance(workers, Alone):
        return joined(project, (), question=asked, **told)
    work = partial(part, place, question=asked.of_the_whole(project))
    with beside(workers, work, groups(project, most_lots=most_lots, workers=count)) as parts:
        return joined(project, parts, question=asked, **told)
