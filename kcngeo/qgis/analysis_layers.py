"""What the analyses answer for a package, as maps: findings, conflicts, sites, readiness.

An analysis that cannot answer does not stop the others, and what is missing is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from kcngeo import theme
from kcngeo.analysis import balance, progress, quality
from kcngeo.analysis.sites import SiteCriteria
from kcngeo.cartography import MapSpec, themes
from kcngeo.core.dates import Day, day
from kcngeo.core.errors import KcngeoError, already_told
from kcngeo.ledger import Project, Snapshot, known
from kcngeo.ledger.tables import Tables
from kcngeo.report import SITE_HA, MonthlyReport, SiteReport, SpatialSections, site_report
from kcngeo.report.distances import distance_conflicts, distance_tables
from kcngeo.standards import Limit, Registry, registry

if TYPE_CHECKING:
    pass

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Results:
    """What the analyses gave for a package.

    Attributes
    ----------
    maps
        Their maps.
    missing
        By layer, why it is missing, or zones in it are.
    """

    maps: tuple[MapSpec, ...] = ()
    missing: Mapping[str, KcngeoError] = field(default_factory=dict)


def results(
    project: Project | Snapshot,
    *,
    on: Day,
    definition: str | None = None,
    rules: Registry | None = None,
    sites_ha: float = SITE_HA,
) -> Results:
    """Ask the analyses for all maps that the tables of a project can answer.

    ``findings`` of the checks; ``sites`` on the developable land as
    :func:`kcngeo.report.site_report` gives them; ``conflicts`` if there are emitters and receptors,
    ``readiness`` if there are works.

    Parameters
    ----------
    project
        The tables.
    on
        The day.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on the day.
    rules
        The registry; None for the one that comes with the library.
    sites_ha
        Hectares a site must have.

    Returns
    -------
    Results
        The maps, and what is missing.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> [spec.theme for spec in results(kcn.examples.squares(), on="2018-03-31").maps]
    ['findings', 'conflicts', 'sites', 'readiness']
    """
    snapshot = known(project)
    gathered = _Gathered(snapshot, rules or registry(), on=day(on))
    gathered.add(
        "findings",
        lambda: themes.findings(quality.check(project, on=on), project, on=day(on)),
    )
    with already_told():
        near = gathered.ask(
            "conflicts",
            lambda: distance_conflicts(
                distance_tables(snapshot, on=on), on=on, rules=gathered.rules
            ),
        )
        if near is not None:
            gathered.add_conflicts(lambda: near)
        about: dict[str, Any] = {"on": on, "definition": definition}
        criteria = SiteCriteria(min_area_ha=sites_ha)
        answer = gathered.ask(
            "developable_land",
            lambda: site_report(snapshot, criteria=criteria, rules=gathered.rules, **about),
        )
        if answer is not None:
            gathered.add_sites(answer, sites_ha=sites_ha)
        gathered.add_readiness(snapshot, **about)
    return gathered.results()


def month_results(report: MonthlyReport, around: SpatialSections) -> Results:
    """Give the maps of what a month says beside its accounts, as it says it.

    The findings of a month stand in its report.

    Parameters
    ----------
    report
        The month.
    around
        What stands beside its accounts.

    Returns
    -------
    Results
        Maps of conflicts, sites and readiness, as far as there are any.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
    >>> around = kcn.report.spatial_sections(report)
    >>> [spec.theme for spec in month_results(report, around).maps]
    ['conflicts', 'sites', 'readiness']
    """
    gathered = _Gathered(report.project, registry(), on=report.on)
    found = around.conflicts
    if found is not None:
        gathered.add_conflicts(lambda: found)
    if around.space is not None:
        gathered.add_sites(around.space, sites_ha=SITE_HA)
    with already_told():
        used = report.definition.name
        gathered.add_readiness(report.snapshot, on=report.on, definition=used)
    return gathered.results()


class _Gathered:
    """Maps while they are gathered, with what is missing."""

    def __init__(self, project: Tables, rules: Registry, *, on: Day) -> None:
        self.project, self.rules, self.on = project, rules, on
        self.maps: list[MapSpec] = []
        self.missing: dict[str, KcngeoError] = {}

    def ask(self, name: str, work: Callable[[], _T]) -> _T | None:
        """Ask for an answer; one that does not come is noted with its reason."""
        try:
            return work()
        except KcngeoError as error:
            self.missing[name] = error
            return None

    def add(self, name: str, work: Callable[[], MapSpec]) -> None:
        """Add a map, if there is one."""
        made = self.ask(name, work)
        self.maps += [] if made is None else [made]

    def add_conflicts(self, work: Callable[[], Any]) -> None:
        """Add the map of conflicts."""
        self.add(
            "conflicts",
            lambda: themes.conflicts(self.project, work(), on=self.on, rules=self.rules),
        )

    def add_sites(self, answer: SiteReport, *, sites_ha: float) -> None:
        """Add the map of the sites on the developable land."""
        made = answer.developable
        area = {
            language: f"≥ {theme.number(sites_ha, language=language)} ha"
            for language in theme.LANGUAGES
        }
        self.add(
            "sites",
            lambda: themes.sites(
                self.project,
                made.land,
                answer.sites,
                on=self.on,
                encumbrances=answer.encumbrances,
                totals=made.totals,
                wishes=area,
                rules=self.rules,
            ),
        )

    def add_readiness(self, snapshot: Snapshot, *, on: Day, definition: str | None) -> None:
        """Add the map of readiness, if the works are on record."""
        if snapshot.works is None:
            return
        rule, limits = self.rules.load(progress.RULE), self.rules.of(Limit)
        asked: dict[str, Any] = {"on": on, "definition": definition}

        def made() -> MapSpec:
            levels = progress.readiness(snapshot, rule=rule, **asked)
            axes = progress.land_axes(snapshot, rule=rule, **asked)
            levels = levels.join(axes.drop(columns="zone_id"))
            belt = balance.green_belt(snapshot, limits=limits, on=on)
            blocking = None
            if snapshot.table("clearance") is not None:
                blocking = progress.clearance_progress(snapshot, **asked).blocking
            return themes.readiness(self.project, levels, blocking, on=on, belt=belt, rule=rule)

        self.add("readiness", made)

    def results(self) -> Results:
        """Give what was gathered."""
        return Results(maps=tuple(self.maps), missing=self.missing)
