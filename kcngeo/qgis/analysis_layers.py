"""What the analyses answer for a package: findings, conflicts, developable land, sites, readiness.

An analysis that cannot answer does not stop the others, and what is missing is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from kcngeo import theme
from kcngeo.analysis import conflicts, progress, quality
from kcngeo.analysis.sites import SiteCriteria
from kcngeo.core.dates import Day
from kcngeo.core.errors import KcngeoError, already_told
from kcngeo.ledger import Project, Snapshot, known
from kcngeo.report import SITE_HA, MonthlyReport, SiteReport, SpatialSections, site_report
from kcngeo.standards import ReadinessRule, Registry, load, registry

if TYPE_CHECKING:
    import geopandas as gpd

RULE = "readiness-levels"
"""Id of the rule of levels in the registry."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Results:
    """What the analyses gave for a package.

    Attributes
    ----------
    layers
        Their layers by name.
    about
        By layer, what it was computed with, in words for its metadata.
    missing
        By layer, why it is missing, or zones in it are.
    levels
        Words of the levels of readiness by value, where a rule of the user's own makes them.
    """

    layers: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, KcngeoError] = field(default_factory=dict)
    levels: Mapping[str, str] = field(default_factory=dict)


def results(
    project: Project | Snapshot,
    *,
    on: Day,
    definition: str | None = None,
    language: str = "vi",
    rules: Registry | None = None,
    sites_ha: float = SITE_HA,
) -> Results:
    """Ask the analyses for all layers that the tables of a project can answer.

    ``findings`` of the checks; ``developable_land`` and ``sites`` as :func:`kcngeo.report.space`
    gives them; ``conflicts`` if there are emitters and receptors, ``readiness`` if there are works.

    Parameters
    ----------
    project
        The tables.
    on
        The day.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on the day.
    language
        Language of findings and metadata, "vi" or "en".
    rules
        The registry; None for the one that comes with the library.
    sites_ha
        Hectares a site must have.

    Returns
    -------
    Results
        The layers, and what is missing.
    """
    rules = rules or registry()
    gathered = _Gathered(rules, language)
    if isinstance(project, Project):
        check = gathered.ask("findings", lambda: quality.check(project, on=on, language=language))
        gathered.keep("findings", None if check is None else check.findings)
    snapshot = known(project)
    with already_told():
        gathered.keep("conflicts", gathered.ask("conflicts", lambda: _near(snapshot, rules, on)))
        criteria = SiteCriteria(min_area_ha=sites_ha)
        asked: dict[str, Any] = {"on": on, "definition": definition}
        answer = gathered.ask(
            "developable_land",
            lambda: site_report(snapshot, criteria=criteria, rules=rules, **asked),
        )
        if answer is not None:
            gathered.keep_space(answer, sites_ha=sites_ha)
        gathered.keep_readiness(snapshot, **asked)
    return gathered.results()


def month_results(report: MonthlyReport, around: SpatialSections, *, language: str) -> Results:
    """Give the layers of what a month says beside its accounts, as it says it.

    The findings of a month stand in its report.

    Parameters
    ----------
    report
        The month.
    around
        What stands beside its accounts.
    language
        Language of the metadata, "vi" or "en".

    Returns
    -------
    Results
        ``conflicts``, ``developable_land``, ``sites`` and ``readiness``, as far as there are any.
    """
    gathered = _Gathered(registry(), language)
    gathered.keep("conflicts", around.conflicts)
    if around.space is not None:
        gathered.keep_space(around.space, sites_ha=SITE_HA)
    with already_told():
        asked: dict[str, Any] = {"on": report.on, "definition": report.definition.name}
        gathered.keep_readiness(report.snapshot, **asked)
    return gathered.results()


def _near(snapshot: Snapshot, rules: Registry, on: Day) -> gpd.GeoDataFrame | None:
    """Give what stands too near, if it is on record what stands where."""
    ours, theirs = snapshot.table("emitters"), snapshot.table("receptors")
    if ours is None or theirs is None:
        return None
    asked: dict[str, Any] = {"rules": rules.buffer_rules(), "zones": snapshot.zones}
    return conflicts.buffer_conflicts(ours, theirs, on=on, **asked)


class _Gathered:
    """Layers while they are gathered, with what is missing."""

    def __init__(self, rules: Registry, language: str) -> None:
        self.levels, self.language = rules.load(RULE), language
        self.layers: dict[str, gpd.GeoDataFrame] = {}
        self.about: dict[str, str] = {}
        self.missing: dict[str, KcngeoError] = {}

    def ask(self, name: str, work: Callable[[], _T]) -> _T | None:
        """Ask for an answer; one that does not come is noted with its reason."""
        try:
            return work()
        except KcngeoError as error:
            self.missing[name] = error
            return None

    def keep(self, name: str, layer: gpd.GeoDataFrame | None) -> None:
        """Keep a layer, if there is one."""
        if layer is not None:
            self.layers[name] = layer

    def keep_space(self, answer: SiteReport, *, sites_ha: float) -> None:
        """Keep the developable land and the sites on it."""
        self.keep("sites", answer.sites[answer.sites["fails"] == ""].drop(columns="fails"))
        self.keep("developable_land", answer.developable.land)
        self.about |= _about(answer, sites_ha=sites_ha, language=self.language)

    def keep_readiness(self, snapshot: Snapshot, **asked: Any) -> None:
        """Keep the readiness of the parcels, if the works are on record."""
        if snapshot.works is None:
            return
        self.keep(
            "readiness",
            self.ask("readiness", lambda: progress.readiness(snapshot, rule=self.levels, **asked)),
        )
        self.about["readiness"] = theme.text(
            "step_map.own_rule",
            language=self.language,
            title=self.levels.title[self.language],
            verified=theme.text(f"verified.{self.levels.verified}", language=self.language),
        )

    def results(self) -> Results:
        """Give what was gathered."""
        return Results(
            layers=self.layers,
            about=self.about,
            missing=self.missing,
            levels=_own_levels(self.levels, language=self.language),
        )


def _own_levels(rule: ReadinessRule, *, language: str) -> dict[str, str]:
    """Name the levels of a rule by what they need; none for the rule of the library."""
    if rule.levels == load(RULE).levels:
        return {}
    words = {"0": theme.text("step_map.level_none", language=language)}
    for level, codes in enumerate(rule.levels, start=1):
        what = ", ".join(theme.column(code, language=language) for code in codes)
        fields = {"level": level, "what": what}
        words[str(level)] = theme.text("step_map.level_of", language=language, **fields)
    return words


def _about(answer: SiteReport, *, sites_ha: float, language: str) -> dict[str, str]:
    """Say what was taken off the land, and how large a site must be."""
    kinds = answer.encumbrances["kind"].drop_duplicates()
    named = [
        theme.choice(kind, name="kind", language=language, layer="encumbrances") for kind in kinds
    ]
    area = theme.number(sites_ha, language=language)
    return {
        "developable_land": theme.text(
            "qgis.abstract_land", language=language, kinds=", ".join(named)
        ),
        "sites": theme.text("qgis.abstract_sites", language=language, area=area),
    }
