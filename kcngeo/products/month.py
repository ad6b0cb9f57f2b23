"""A month: accounts, rates, why they moved, what is ahead, what is wrong; and its series alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo.core.dates import Day
from kcngeo.core.errors import KcngeoError, already_told
from kcngeo.core.kept_results import KeptResults, using
from kcngeo.core.schema import EDITIONS
from kcngeo.ledger import Project
from kcngeo.ledger.snapshot import snapshot_of
from kcngeo.products.common import asked_for, naming
from kcngeo.publish.bundle import Bundle, Provenance
from kcngeo.publish.month import month_bundle
from kcngeo.publish.month_tables import series_table
from kcngeo.report import monthly, private_texts, public, standing
from kcngeo.standards import fill_definitions, registry

if TYPE_CHECKING:
    from kcngeo.core.dates import Moment
    from kcngeo.ledger import Snapshot


def month(
    project: Project | Snapshot,
    *,
    month: str | Day,
    definition: str | None = None,
    known_at: Moment | None = None,
    start: Day | None = None,
    area: str = "grid",
    edition: str = "full",
    handed_out: bool = False,
    published: Sequence[str] | None = None,
    results: KeptResults | None = None,
    snapshot: Snapshot | None = None,
    failed: Mapping[str, str] | None = None,
) -> Bundle:
    """Give a month: what is let, by every definition, why it moved, what is ahead, what is wrong.

    Asked of a project it says, too, where it differs from what was published of the month and of
    the one before, and why.

    Parameters
    ----------
    project
        The tables.
    month
        "2018-03", or any day of the month; figures are the state on its last day.
    definition
        Id of a fill-rate definition; None for the law in force on each date.
    known_at
        As known at this moment, or at the end of this day in Viet Nam; None for all that is not
        superseded. Not to be given with a snapshot.
    start
        First day of the series; None for the first entry of the ledger.
    area
        "grid", "ellipsoid" or "certificate".
    edition
        "full", or "public", which leaves out names of investors and documents and is made of a
        project, not of a snapshot.
    handed_out
        Whether it is laid out as a publication, with its number. It is not recorded by this call,
        see :func:`kcngeo.products.months`.
    published
        Digests of the publications to compare with; None for the latest on record.
    results
        Results of zones that were worked out before, see :func:`kcngeo.cluster.month`; they save
        time and change nothing.
    snapshot
        What is known of the project, in its edition and at the moment, if that was worked out for
        another month already, see :func:`kcngeo.report.monthly`.
    failed
        By zone, why it could not be worked out: it is then not computable, as a zone at fault is,
        and the totals are of the others.

    Returns
    -------
    Bundle
        All tables of the month, its report as page, PDF, workbook and JSON, map, charts, layers.

    Raises
    ------
    ContractError
        If a defect belongs to no zone.
    CRSError
        If zones and parcels disagree in CRS or it misstates areas.
    KcngeoError
        If a moment is given with a snapshot, the edition is unknown, or a publication to compare
        with is not on record.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> made = kcn.products.month(kcn.examples.squares(), month="2018-03")
    >>> made.tables["accounts"]["fill_rate"].tolist()[:2]
    [0.375, 0.5]
    """
    asked: dict[str, Any] = {"month": month, "definition": definition, "start": start}
    given = edited(project, edition)
    if failed and isinstance(given, Project):
        with already_told():
            snapshot = snapshot_of(given, known_at, faulty="set_apart", failed=failed)
    with using(results):
        report = monthly(given, **asked, known_at=known_at, area=area, snapshot=snapshot)
    asked |= {"month": f"{report.on:%Y-%m}", "start": None if start is None else str(start)}
    stands = None
    if isinstance(given, Project):
        stands = standing(
            report, given, edition=edition, handed_out=handed_out, published=published
        )
    told = asked_for(
        **asked,
        known_at=None if known_at is None else str(known_at),
        area=area,
        edition=edition,
        handed_out=True if handed_out else None,
        published=() if stands is None else stands.compared,
        failed=dict(failed) if failed else None,
    )
    made = month_bundle(report, options=told, edition=edition, standing=stands, results=results)
    if edition == "full" or not isinstance(project, Project):
        return made
    return replace(made, private=private_texts(project))


def series(
    project: Project | Snapshot,
    *,
    month: str | Day,
    definition: str | None = None,
    known_at: Moment | None = None,
    start: Day | None = None,
    area: str = "grid",
) -> Bundle:
    """Give all fill rates up to a month, without the rest of the month.

    Parameters
    ----------
    project
        The tables.
    month
        See :func:`month`, as all that follows.
    definition
        Id of a fill-rate definition.
    known_at
        The moment.
    start
        First day of the series.
    area
        Basis of areas.

    Returns
    -------
    Bundle
        Tables ``series`` and ``findings``.

    Raises
    ------
    ContractError
        If a defect belongs to no zone.
    CRSError
        If zones and parcels disagree in CRS or it misstates areas.
    KcngeoError
        If a moment is given with a snapshot.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> made = kcn.products.series(kcn.examples.squares(), month="2018-03", start="2018-03-01")
    >>> made.tables["series"]["leased_ha"].tolist()
    [1.5, 1.0, 2.5]
    """
    asked: dict[str, Any] = {"month": month, "definition": definition, "start": start}
    # Of what stands beside the accounts only what is held against the zones by the law is told.
    report = monthly(project, **asked, known_at=known_at, area=area, sections=("zone_rules",))
    asked |= {"month": f"{report.on:%Y-%m}", "start": None if start is None else str(start)}
    made = month_bundle(report)

    def make_tables(language: str) -> dict[str, pd.DataFrame]:
        return {"series": series_table(report, language=language)}

    names = naming(report.project, make_tables, made.findings, on=report.on, rules=registry())
    return Bundle(
        product="series",
        provenance=Provenance(
            options=asked_for(
                **asked, known_at=None if known_at is None else str(known_at), area=area
            ),
            tables=report.project,
            registry=registry(),
            moment=report.known_at,
            rules=fill_definitions(also=definition),
        ),
        make_tables=make_tables,
        findings=made.findings,
        names=names,
        left_out=made.left_out,
        say=made.say,
    )


def edited(project: Project | Snapshot, edition: str) -> Project | Snapshot:
    """Leave out what an edition does not tell."""
    if edition not in EDITIONS:
        raise KcngeoError("unknown_edition", edition=edition, choices=" | ".join(EDITIONS))
    if edition == "full":
        return project
    if not isinstance(project, Project):
        raise KcngeoError("edition_of_snapshot")
    return public(project)
