"""The tables of a month of more lots than stand in memory, made and written group by group.

A group of zones says what it has to say of the month and lays it down on the disk; then all are
joined (:mod:`kcngeo.report.joined`) and written. Only what is told of stays in memory, and the
series never does. What was laid down is found again by what it follows from: a run that was killed
goes on where it was, and a month whose zones did not change is only joined.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo.cluster.dask_workers import workers_of
from kcngeo.cluster.kept_parts import keep_part, kept_part
from kcngeo.cluster.long_tables import digest_with, joined_tables, lay_down, save_hashes
from kcngeo.cluster.parts import MOST_LOTS, Question, zones_failed
from kcngeo.cluster.workers import Zones, worked_out
from kcngeo.core.dates import month_end
from kcngeo.core.errors import KcngeoError, already_told
from kcngeo.core.kept_results import digest_of
from kcngeo.io import read_project
from kcngeo.io.stores.by_group import GroupedFolder, grouped_folder, in_groups
from kcngeo.io.stores.url import is_url, redact_url
from kcngeo.ledger import Project
from kcngeo.ledger.screening import first_entry
from kcngeo.ledger.zones import zone_names
from kcngeo.products.common import asked_for
from kcngeo.products.kept_file import made_by
from kcngeo.publish.manifest import InputFacts, operation_facts, with_values
from kcngeo.publish.month import joined_bundle
from kcngeo.publish.month_tables import all_tables
from kcngeo.report import is_synthetic, monthly, spatial_sections
from kcngeo.report.joined import A_ROW_A_LOT, MonthPart, is_of_a_zone, joined_month, month_part
from kcngeo.report.names import called_zones, names_of

if TYPE_CHECKING:
    from distributed import Client

    from kcngeo.core.dates import Day, Moment
    from kcngeo.core.schema import Names
    from kcngeo.ledger.tables import Tables
    from kcngeo.publish import Bundle


# Tables of which so many rows have a name that memory has no room for the names.
_MANY = ("parcels", "sites", *A_ROW_A_LOT)
# A manifest says what was found in this language, whatever that of the tables.
_OF_MANIFEST = "en"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LaidDown:
    """What a group of zones laid down on the disk, and what is to be known of it.

    Attributes
    ----------
    said
        What it says of the month.
    called
        By language what its sentences call by a name, of tables whose names do not stand in memory.
    places
        By zone where its rows of the series stand in the file ``series``: first byte and number.
    columns
        By table of the project the columns that say something.
    box
        Bounds of its lots, west, south, east, north; None without lots.
    synthetic
        Whether a shape is synthetic.
    """

    said: MonthPart | None
    called: dict[str, Names]
    places: dict[str, tuple[int, int]]
    columns: dict[str, list[str]]
    box: tuple[float, float, float, float] | None
    synthetic: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a group of zones laid its part down.

    Attributes
    ----------
    zone_ids
        The zones.
    folder
        The folder; empty if it failed.
    failed
        Why a zone could not be worked out; empty if it was.
    """

    zone_ids: Zones
    folder: str
    failed: str = ""


def write_month(
    folder: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    month: str | Day,
    client: Client | None = None,
    jobs: int = 1,
    definition: str | None = None,
    known_at: Moment | None = None,
    start: Day | None = None,
    area: str = "grid",
    language: str = "vi",
    most_lots: int = MOST_LOTS,
    kept: str | os.PathLike[str] | None = None,
    progress: Callable[[str], None] | None = None,
    counted: Callable[[int, int], None] | None = None,
) -> Path:
    """Write the tables of a month whose project is bigger than memory.

    They are the tables that :func:`kcngeo.products.month` gives, to the last byte, and so is their
    manifest. Memory holds the lots of one group of zones for each process that works, and of the
    whole what is said of zones, findings, causes, conflicts and sites.

    Parameters
    ----------
    folder
        The project, a folder of GeoParquet.
    target
        The folder to make.
    month
        "2018-03", or any day of the month.
    client
        A connection to a Dask cluster whose workers see ``folder`` and ``kept``; None for ``jobs``.
    jobs
        How many processes of this machine work.
    definition
        Id of a fill-rate definition; None for the law in force on each date.
    known_at
        As known at this moment; None for all that is not superseded.
    start
        First day of the series; None for the first entry of the ledger.
    area
        "grid", "ellipsoid" or "certificate".
    language
        "vi" or "en".
    most_lots
        Lots of a group; zones that belong together, or one that has more, are a group all the same.
    kept
        Folder in which groups lay down what they made, and where a later run looks for it; what is
        in it stays. None for one beside ``target`` that goes when the month is written; a run that
        is killed leaves it to the next.
    progress
        Called with the name of each file before it is made.
    counted
        Called with the number of zones that are done, and of all, after each group.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ContractError
        If a defect belongs to no zone.
    CRSError
        If zones and parcels disagree in CRS or it misstates areas.
    DataSourceError
        If the project is no folder of GeoParquet of the present format, or cannot be read; if
        ``target`` holds files of others.
    KcngeoError
        If zones fail, which are named; if the project holds publications, with which only a month
        made as a whole is compared.

    Examples
    --------
    >>> import tempfile
    >>> import kcngeo as kcn
    >>> with tempfile.TemporaryDirectory() as above:
    ...     kcn.io.write_project(kcn.examples.squares(), f"{above}/squares.parquet")
    ...     made = write_month(f"{above}/squares.parquet", f"{above}/out", month="2018-03")
    ...     len((made / "series.csv").read_text("utf-8-sig").splitlines())
    274
    """
    asked = Question(month=month, definition=definition, known_at=known_at, start=start, area=area)
    made_of_groups(
        folder,
        target,
        asked,
        client=client,
        jobs=jobs,
        language=language,
        most_lots=most_lots,
        kept=kept,
        progress=progress,
        counted=counted,
    )
    return Path(target)


def made_of_groups(
    folder: str | os.PathLike[str],
    target: str | os.PathLike[str],
    question: Question,
    *,
    client: Client | None,
    jobs: int,
    language: str,
    most_lots: int,
    kept: str | os.PathLike[str] | None,
    progress: Callable[[str], None] | None,
    counted: Callable[[int, int], None] | None,
) -> Bundle:
    """Write the tables of a month, see :func:`write_month`, and give what says what is in them."""
    if is_url(folder) or Path(folder).is_file():
        raise KcngeoError("groups_folder", path=redact_url(folder))
    place, target = Path(folder).resolve(), Path(target)
    found = grouped_folder(place)
    if "publications" in found.tables:
        raise KcngeoError("groups_publications", path=folder)
    ties, first = _ledger_facts(found, question)
    asked = replace(question, start=first if question.start is None else question.start)
    beside = target.resolve()
    keep = Path(kept) if kept else beside.with_name(f".{beside.name}.parts")
    keep.mkdir(parents=True, exist_ok=True)
    with already_told():
        every = replace(found.nobodys, zones=found.zones)
        named = every.as_known(asked.known_at, faulty="set_apart")
    zones = zone_names((named.given or named).zones, on=month_end(asked.month))
    told = _Told(question=asked, language=language, zones=called_zones(zones, language=language))
    work = partial(_laid_down, str(place), str(keep), told=told)
    groups = in_groups(found.lots, ties, most_lots=most_lots)

    zones_done = [0]

    def done(part: Place) -> None:
        zones_done[0] += len(part.zone_ids)
        if counted is not None:
            counted(zones_done[0], len(found.lots))

    workers, _ = workers_of(str(place), (repr(asked), "laid down"), client=client, jobs=jobs)
    parts = worked_out(workers, work, groups, done=done)
    if failed := {one.zone_ids[0]: one.failed for one in parts if one.failed}:
        raise zones_failed(failed, len(found.lots))
    made = _Joined(parts, found.nobodys, told)
    options = asked_for(
        month=f"{made.whole.report.on:%Y-%m}",
        definition=asked.definition,
        start=None if question.start is None else str(question.start),
        known_at=None if asked.known_at is None else str(asked.known_at),
        area=asked.area,
        edition=asked.edition,
    )
    bundle = joined_bundle(
        made.whole,
        options=options,
        facts=made.facts(),
        called=made.called,
        long_tables=lambda tables: joined_tables(
            tables,
            {Path(one.folder): one.zone_ids for one in parts},
            [one.places for one in made.laid],
        ),
    )
    bundle.write(target, language=language, parts=["tables"], inputs=[place], progress=progress)
    if kept is None:
        shutil.rmtree(keep, ignore_errors=True)
    return bundle


def _ledger_facts(found: GroupedFolder, asked: Question) -> tuple[list[set[str]], str | None]:
    """Read off the ledger what no group can know: who shares a project, and the first entry."""
    ties = found.ties()
    holders: dict[str, set[str]] = {}
    first: list[pd.Timestamp] = []
    for zones, ledger in found.entries():
        since = first_entry(replace(found.nobodys, ledger=ledger), asked.known_at)
        first += [] if since is None else [since]
        if "project_id" in ledger.columns and zones:
            for project_id in ledger["project_id"].dropna().unique():
                holders.setdefault(project_id, set()).update(zones)
    ties += [zones for zones in holders.values() if len(zones) > 1]
    return ties, f"{min(first):%Y-%m-%d}" if first else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What is asked of every group, and what the zones of all groups are called."""

    question: Question
    language: str
    zones: Mapping[str, str]


def _laid_down(folder: str, keep: str, zones: Zones, *, told: _Told) -> Place:
    """Work a group out and lay it down, unless it lies there already."""
    hashes = grouped_folder(Path(folder)).hashes(zones)
    # Of other zones only their number is of any weight here: lots are called with their zone.
    called = [len(told.zones) > 2, *(told.zones.get(one, "") for one in zones)]
    key = digest_of(*hashes, *zones, *called, repr(told.question), told.language, made_by()).hex()
    place = Path(keep, key)
    if kept_part(place) is None:
        project = read_project(folder, zones=zones)
        with keep_part(place) as begun:
            begun.facts = _said(project, begun.folder, told)
    return Place(zone_ids=zones, folder=str(place))


def _of_many(names: Names) -> Names:
    """Give the names of the tables that have very many, and nothing of those that have none."""
    return {table: names.get(table, {}) for table in _MANY}


def _only(names: Mapping[str, str], ids: Collection[str]) -> dict[str, str]:
    return {one: name for one, name in names.items() if one in ids}


class _Asked(dict[str, str]):
    """Names that remember which of them were asked for."""

    def __init__(self, names: Any) -> None:
        super().__init__(names)
        self.ids: set[str] = set()

    def get(self, one: str, default: Any = None) -> Any:
        """Give a name."""
        self.ids.add(one)
        return super().get(one, default)


def _said(project: Project, folder: Path, told: _Told) -> LaidDown:
    """Say of a month what the zones of a project have to say, and write what is too long."""
    options = asdict(told.question)
    del options["edition"]
    report = monthly(project, **options)
    around = spatial_sections(report)
    named = partial(names_of, report, around, zones=told.zones)
    many = {one: _Asked(some) for one, some in _of_many(named(language=told.language)).items()}
    # What is named by a lot asks for its name too.
    names = named(language=told.language, known=many)
    listed = {table: {**some} for table, some in many.items()}
    tables = all_tables(report, language=told.language, around=around, names=names, named=listed)
    of_manifest = _of_many(named(language=_OF_MANIFEST))
    return LaidDown(
        said=month_part(report, around),
        called={
            language: {table: _only(some, many[table].ids) for table, some in every.items()}
            for language, every in ((_OF_MANIFEST, of_manifest), (told.language, listed))
        },
        places=lay_down(tables, folder),
        columns=_write_digests(report.project, folder),
        box=_box(report.project.parcels),
        synthetic=is_synthetic(report.project),
    )


def _write_digests(tables: Tables, folder: Path) -> dict[str, list[str]]:
    """Write the hash of every row that is of a zone."""
    columns = {}
    for name, frame in tables.tables():
        mine = frame[is_of_a_zone(frame, tables)]
        save_hashes(mine, name, folder)
        columns[name] = [*with_values(mine).columns]
    return columns


def _box(lots: gpd.GeoDataFrame) -> tuple[float, float, float, float] | None:
    bounds = lots.total_bounds
    return None if np.isnan(bounds).any() else (*map(float, bounds),)  # type: ignore[return-value]


class _Joined:
    """The parts of a month, joined; of what is long, where it lies."""

    def __init__(self, parts: Sequence[Place], nobody: Project, told: _Told) -> None:
        self.folders = [Path(one.folder) for one in parts]
        with already_told():
            self.nobody = nobody.as_known(told.question.known_at, faulty="set_apart")
        said: list[MonthPart] = []
        self.laid: list[LaidDown] = []
        for folder in self.folders:
            one = self._read(folder)
            said += [one.said] if one.said is not None else []
            # What was joined need not stay.
            self.laid.append(replace(one, said=None))
        self.whole = joined_month(said, self.nobody)

    @property
    def called(self) -> dict[str, Names]:
        """By language what sentences call by a name, of tables whose names do not stand here."""
        return {
            language: {
                table: {k: v for one in self.laid for k, v in one.called[language][table].items()}
                for table in _MANY
            }
            for language in self.laid[0].called
        }

    @staticmethod
    def _read(folder: Path) -> LaidDown:
        found = kept_part(folder)
        if found is None:
            raise KcngeoError("groups_part_lost", path=folder)
        laid: LaidDown = found
        return laid

    def facts(self) -> InputFacts:
        """Say what a manifest says of the tables of the project."""
        nobody = self.nobody.given or self.nobody
        digests = {}
        for name, frame in nobody.tables():
            mine = frame[~is_of_a_zone(frame, nobody)]
            columns = {
                *with_values(mine).columns,
                *(c for one in self.laid for c in one.columns[name]),
            }
            digests[name] = digest_with(mine, name, self.folders, columns)
        boxes = [shapely.box(*one.box) for one in self.laid if one.box is not None]
        lots = gpd.GeoDataFrame(geometry=boxes, crs=nobody.parcels.crs)
        return InputFacts(
            digests=digests,
            crs=operation_facts(lots),
            is_synthetic=any(one.synthetic for one in self.laid) or is_synthetic(nobody),
        )
