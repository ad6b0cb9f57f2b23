"""What stands beside the accounts of a month: conflicts, developable land, sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from kcngeo.analysis import conflicts
from kcngeo.analysis.sites import SiteCriteria
from kcngeo.core.errors import already_told
from kcngeo.core.model import Finding
from kcngeo.ledger import Snapshot
from kcngeo.report.distances import distance_conflicts, distance_tables
from kcngeo.report.month import MonthlyReport
from kcngeo.report.sections import optional_section
from kcngeo.report.site_report import BELT, SiteReport, site_report
from kcngeo.standards import Standard, registry

if TYPE_CHECKING:
    import geopandas as gpd

SITE_HA = 1.0
"""Hectares from which land that lies together is listed as a site."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpatialSections:
    """What a month says beside its accounts.

    Attributes
    ----------
    conflicts
        What stands too near, see :func:`kcngeo.conflicts.buffer_conflicts`. This and what follows
        is None where the tables for it are missing, or it could not be answered.
    space
        The land that can be built on, and the sites from :data:`SITE_HA` on.
    rules
        The entries of the registry that the answers used.
    findings
        What to know about rules and tables, and why an answer is missing.
    """

    conflicts: gpd.GeoDataFrame | None
    space: SiteReport | None
    rules: tuple[Standard, ...]
    findings: tuple[Finding, ...]


def spatial_sections(report: MonthlyReport) -> SpatialSections:
    """Ask what a month says beside its accounts, on the reporting date and as known.

    A zone that is not computable has no developable land; its conflicts do not depend on its
    accounts and are told.

    Parameters
    ----------
    report
        The month.

    Returns
    -------
    SpatialSections
        The answers.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
    >>> near = spatial_sections(report).conflicts
    >>> near[["emitter_id", "receptor_id", "distance_m"]].values.tolist()
    [['S1', 'R1', 150.0]]
    """
    snapshot, on = report.snapshot, report.on
    # The report itself says which zones are left out.
    with already_told():
        measured = distance_tables(snapshot, on=on)
        near, findings = optional_section(
            "conflicts", lambda: distance_conflicts(measured, on=on, rules=registry())
        )
        land, more = optional_section("land", lambda: _land(report))
    findings += more
    if near is not None:
        findings += about_conflicts(measured, on)
    return SpatialSections(
        conflicts=near,
        space=land,
        rules=_rules(near, land),
        findings=tuple(one for place, one in enumerate(findings) if one not in findings[:place]),
    )


def _land(report: MonthlyReport) -> SiteReport | None:
    """Give the developable land; where no zone is computable there is no land to speak of."""
    if not len(report.snapshot.parcels):
        return None
    return land_of(report.snapshot, on=report.on, definition=report.definition.name)


def land_of(snapshot: Snapshot, *, on: pd.Timestamp, definition: str) -> SiteReport:
    """Give the developable land of a month, and the sites on it."""
    criteria = SiteCriteria(min_area_ha=SITE_HA)
    return site_report(snapshot, criteria=criteria, on=on, definition=definition)


def about_conflicts(project: Snapshot, on: pd.Timestamp) -> list[Finding]:
    """Say what to know about the rules and about emitters and receptors."""
    known = registry()
    said = conflicts.findings(
        project.emitters,
        project.receptors,
        rules=known.buffer_rules(),
        on=on,
        zones=project.zones,
    )
    return [*known.findings(), *said]


def _rules(near: gpd.GeoDataFrame | None, land: SiteReport | None) -> tuple[Standard, ...]:
    """List the entries of the registry that were used, each once, by name."""
    names = set() if near is None else set(near["rule_id"].dropna())
    names |= set() if land is None else {BELT}
    known = registry().entries
    return tuple(known[name] for name in sorted(names) if name in known)
