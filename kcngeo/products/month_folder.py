"""The folder of a month: made, left alone where it holds the month already, or published."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from kcngeo.core.errors import KcngeoError, gathered
from kcngeo.core.kept_results import KeptResults
from kcngeo.core.model import Finding
from kcngeo.io import editing, read_project
from kcngeo.ledger import Project, Snapshot
from kcngeo.products.common import asked_for
from kcngeo.products.failed_zones import failed_zones
from kcngeo.products.kept_file import KeptResultsWarning, remembered
from kcngeo.products.month import month as month_of
from kcngeo.publish import PARTS, Bundle
from kcngeo.publish.digests import file_digest, inputs_of
from kcngeo.publish.folder_lock import recover
from kcngeo.publish.kept_packages import EditsKeptWarning
from kcngeo.publish.manifest import NAME, changed_files, read_manifest, versions
from kcngeo.report import Publication, Standing, publications_of
from kcngeo.report.publications import latest_of

# Options of the folder, not of the month.
_OF_WRITING = ("language", "parts", "publish", "kept", "letterhead", "imagery")
# What stands in the manifest of a month beside what was asked.
_OF_PUBLISHING = ("handed_out", "published")


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
        What to write, of :data:`kcngeo.publish.PARTS`, and :data:`kcngeo.publish.ATLAS`.
    publish
        Whether what is written is handed out, and recorded in the project as published.
    kept
        Folder of results that earlier runs worked out, see
        :func:`kcngeo.products.kept_file.remembered`; they save time and change nothing. None keeps
        none.
    letterhead
        Template of the report in Word, see :meth:`kcngeo.publish.Bundle.on_letterhead`; None for
        the form of the State's letters.
    imagery
        Image under the lots of the pages, see :meth:`kcngeo.publish.Bundle.on_imagery`; None for
        none.
    """

    definition: str | None = None
    known_at: str | None = None
    start: str | None = None
    area: str = "grid"
    language: str = "vi"
    edition: str = "full"
    parts: tuple[str, ...] = PARTS
    publish: bool = False
    kept: str | None = None
    letterhead: str | None = None
    imagery: str | None = None

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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Before:
    """What other months of a run worked out, which saves time and changes nothing.

    Attributes
    ----------
    snapshot
        What is known of the project, in the edition and at the moment that are asked.
    results
        Results of zones; those kept on disk go before.
    """

    snapshot: Snapshot | None = None
    results: KeptResults | None = None


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
    recorded
        The number under which it was recorded as published; None if it was not.
    agrees
        The number of the publication that says the same figures; None if there is none.
    is_draft
        Whether it stands beside the folder that was named, which holds what was published.
    unused
        Paths of kept results that are damaged or were made by something else.
    error
        What kept the month from being made; None if it was.
    trace
        Where an error came about that nobody foresaw, of the month or of zones that are left out.
    """

    month: str
    folder: Path
    is_skipped: bool = False
    lines: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    reasons: dict[str, str]
    kept: tuple[str, ...] = ()
    recorded: int | None = None
    agrees: int | None = None
    is_draft: bool = False
    unused: tuple[str, ...] = ()
    error: KcngeoError | None = None
    trace: str = ""


def write_month(
    project: str,
    month: str,
    folder: Path,
    *,
    options: MonthOptions,
    tables: Project | None = None,
    progress: Callable[[str], None] | None = None,
    compute: Callable[..., Bundle] | None = None,
    before: Before | None = None,
) -> Made:
    """Compute and write a month, and record it where it is published."""
    given = read_project(project) if tables is None else tables
    try:
        return _computed(project, month, folder, given, options, progress, compute, before)
    except KcngeoError:
        raise
    except Exception:
        # What is handed out is of all zones, or waits until the fault is mended.
        failed = {} if options.publish else _failed(given, month, options)
        if not failed:
            raise
        trace = traceback.format_exc()
    without = partial(month_of, failed=failed)
    made = _computed(project, month, folder, given, options, progress, without, None)
    return replace(made, trace=trace)


def _failed(given: Project, month: str, options: MonthOptions) -> dict[str, str]:
    """Find the zones that keep a month from being made; none if many do, or none by itself."""

    def work(zone_ids: Sequence[str]) -> None:
        asked = {**options.asked(month), "published": ()}
        month_of(given.only(zone_ids), **asked).tables_in(options.language)

    zone_ids = sorted(set(given.zones["zone_id"].dropna().astype(str)))
    return failed_zones(zone_ids, work) if len(zone_ids) > 1 else {}


def _computed(
    project: str,
    month: str,
    folder: Path,
    given: Project,
    options: MonthOptions,
    progress: Callable[[str], None] | None,
    compute: Callable[..., Bundle] | None,
    before: Before | None,
) -> Made:
    shared = before or Before()
    with gathered(KeptResultsWarning) as unused, remembered(options.kept, month) as found:
        asked = {**options.asked(month), "handed_out": options.publish}
        ours: dict[str, Any] = {"results": found or shared.results, "snapshot": shared.snapshot}
        bundle = compute(given, **asked) if compute else month_of(given, **asked, **ours)
        bundle = bundle.on_letterhead(options.letterhead).on_imagery(options.imagery)
        # The maps are drawn only when they are written.
        made = _written(project, month, folder, bundle, options=options, progress=progress)
    return replace(made, unused=tuple(one.path for one in unused))


def _written(
    project: str,
    month: str,
    folder: Path,
    bundle: Bundle,
    *,
    options: MonthOptions,
    progress: Callable[[str], None] | None,
) -> Made:
    stands = bundle.standing
    if stands is None:
        raise KcngeoError("edition_of_snapshot")
    place, is_there = _place(folder, stands, options)
    is_new = options.publish and not stands.is_on_record
    kept: list[EditsKeptWarning] = []
    if not is_there:
        with gathered(EditsKeptWarning) as kept:
            bundle.write(
                place,
                language=options.language,
                inputs=[project],
                parts=options.parts,
                progress=progress,
                before_placing=partial(_record, project, stands) if is_new else None,
            )
    return Made(
        month=month,
        folder=place,
        kept=tuple(one.path for one in kept),
        lines=tuple(bundle.say(options.language)),
        findings=bundle.findings,
        reasons=bundle.reasons(options.language),
        recorded=stands.own.revision if is_new else None,
        agrees=stands.own.revision if stands.is_on_record else None,
        is_draft=place != folder and not options.publish and not is_there,
    )


def folder_of(folder: Path, revision: int) -> Path:
    """Name the folder of a publication: the first in the folder itself, others beside it.

    Examples
    --------
    >>> folder_of(Path("months/2018-03"), 2).name
    '2018-03.revision-2'
    """
    target = folder.resolve() if not folder.name else folder
    return folder if revision == 1 else target.with_name(f"{target.name}.revision-{revision}")


def _place(folder: Path, stands: Standing, options: MonthOptions) -> tuple[Path, bool]:
    """Choose where a month is written, and tell whether it is there as it was published."""
    home = folder_of(folder, stands.own.revision)
    if stands.is_on_record and _published_in(home) == stands.own.digest:
        said = read_manifest(home)
        wanted = (str(options.language), sorted(options.parts))
        is_alike = (said["language"], said["parts"]) == wanted
        # What was handed out stays, also in its language and its parts.
        if (options.publish or is_alike) and not changed_files(home):
            return home, True
    if options.publish:
        return home, False
    if _published_in(folder) is None:
        return folder, False
    # What was handed out stays as it is.
    target = folder.resolve() if not folder.name else folder
    return target.with_name(f"{target.name}.draft"), False


def _published_in(folder: Path) -> str | None:
    """Name by its digest the publication a folder holds."""
    recover(folder)
    said = read_manifest(folder) if (folder / NAME).is_file() else {}
    return said.get("publication", {}).get("digest")


def _record(project: str, stands: Standing) -> None:
    """Record a publication in the project; what others write meanwhile waits or is seen."""
    own = stands.own
    last_month = f"{pd.Timestamp(own.month) - pd.DateOffset(months=1):%Y-%m}"
    with editing(project) as now:
        there = publications_of(now.project.publications, edition=own.edition)
        now_known = [latest_of(there, month) for month in (own.month, last_month)]
        seen = [stands.latest, stands.month_before or now_known[1]]
        if [one and one.digest for one in now_known] != [one and one.digest for one in seen]:
            raise KcngeoError("published_meanwhile", month=own.month)
        rows = [] if now.project.publications is None else [now.project.publications]
        made_on = _now()
        for earlier in rows:
            # They are told apart, and put in order, by their moments.
            made_on = max(made_on, earlier["made_on"].max() + pd.Timedelta("1ms"))
        publications = pd.concat([*rows, own.rows(made_on=made_on)], ignore_index=True)
        now.write(replace(now.project, publications=publications))


def _now() -> pd.Timestamp:
    """Tell the moment, as finely as every store keeps it."""
    return pd.Timestamp.now("UTC").floor("ms")


def kept_month(
    project: str,
    month: str,
    folder: Path,
    *,
    options: MonthOptions,
    tables: Project,
    inputs: Mapping[str, str | None] | None = None,
) -> Made | None:
    """Leave the folder of a month alone if it holds just that already."""
    found = inputs_of([project]) if inputs is None else inputs
    if None in found.values():
        return None
    there = publications_of(tables.publications, edition=options.edition)
    latest = latest_of(there, month)
    places = [folder, folder.with_name(f"{folder.name}.draft")]
    if latest is not None:
        places = [folder_of(folder, latest.revision), *places]
    for place in places:
        if is_current(place, month, found, options=options, publications=there):
            reasons = read_manifest(place)["not_computable"]
            return Made(month=month, folder=place, is_skipped=True, reasons=reasons)
    return None


def is_current(
    folder: Path,
    month: str,
    inputs: Mapping[str, str | None],
    *,
    options: MonthOptions,
    publications: list[Publication] | None = None,
) -> bool:
    """Tell whether a folder holds what would be made now."""
    recover(folder)
    if not (folder / NAME).is_file():
        return False
    given = {"letterhead": options.letterhead, "imagery": options.imagery}
    wanted = {
        "product": "month",
        "options": options.asked(month),
        "given": {name: file_digest(Path(path)) for name, path in given.items() if path},
        "inputs": inputs,
        "versions": versions(),
        "language": str(options.language),
        "parts": sorted(options.parts),
    }
    manifest = read_manifest(folder)
    told = manifest | {
        "options": {
            name: value for name, value in manifest["options"].items() if name not in _OF_PUBLISHING
        }
    }
    return (
        all(told.get(name) == said for name, said in wanted.items())
        and _stands_as_published(manifest, month, publications or [], options)
        and not changed_files(folder)
    )


def _stands_as_published(
    manifest: Mapping[str, Any], month: str, there: list[Publication], options: MonthOptions
) -> bool:
    """Tell whether a folder says of publications what it would say now."""
    last = f"{pd.Timestamp(month) - pd.offsets.MonthEnd(1):%Y-%m}"
    latest, before = latest_of(there, month), latest_of(there, last)
    if "publication" in manifest:
        return latest is not None and manifest["publication"]["digest"] == latest.digest
    compared = [one.digest for one in (latest, before) if one is not None]
    return not options.publish and manifest["options"].get("published", []) == compared
