"""What the analyses answer for a package: findings, conflicts, developable land, sites, readiness.

An analysis that cannot answer does not stop the others, and what is missing is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from kcngeo import theme
from kcngeo.analysis import conflicts, progress, quality
from kcngeo.core.days import Day, day
from kcngeo.core.errors import ContractError, KcngeoError
from kcngeo.core.model import Project
from kcngeo.report import SpaceReport, space
from kcngeo.standards import ReadinessRule, Registry, load, registry

if TYPE_CHECKING:
    import geopandas as gpd

SITES_HA = 1.0
"""Hectares a site must have, unless asked otherwise."""

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
    project: Project,
    *,
    on: Day,
    known_at: Any = None,
    definition: str | None = None,
    language: str = "vi",
    rules: Registry | None = None,
    sites_ha: float = SITES_HA,
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
    known_at
        As known at this moment, or at the end of this day in Viet Nam; None for all that is not
        superseded.
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
    when: dict[str, Any] = {"on": day(on), "known_at": known_at}
    layers: dict[str, gpd.GeoDataFrame] = {}
    about: dict[str, str] = {}
    missing: dict[str, KcngeoError] = {}

    def ask(name: str, work: Callable[[], _T]) -> _T | None:
        try:
            return work()
        except KcngeoError as error:
            missing[name] = error
            return None

    def keep(name: str, layer: gpd.GeoDataFrame | None) -> None:
        if layer is not None:
            layers[name] = layer

    keep(
        "findings",
        ask("findings", lambda: quality.check(project, language=language, **when).findings),
    )
    ours, theirs = project.emitters, project.receptors
    if ours is not None and theirs is not None:
        buffers = rules.buffer_rules()
        keep(
            "conflicts",
            ask(
                "conflicts",
                lambda: conflicts.buffer_conflicts(
                    ours, theirs, rules=buffers, zones=project.zones, **when
                ),
            ),
        )
    wishes: dict[str, Any] = {"min_area_ha": sites_ha, "rules": rules, "definition": definition}
    answer = ask("developable_land", lambda: space(project, **wishes, **when))
    if answer is not None:
        made = answer.sites[answer.sites["fails"] == ""].drop(columns="fails")
        layers |= {"sites": made, "developable_land": answer.developable.land}
        about |= _about(answer, rules.load(RULE), sites_ha=sites_ha, language=language)
        if answer.blocked:
            missing["developable_land"] = ContractError(answer.blocked)
    works = project.works
    if works is not None:
        # Zones at fault stay out here too; they are named above.
        land = project if answer is None else answer.project
        tables = land.zones, land.parcels, land.ledger, works
        keep(
            "readiness",
            ask(
                "readiness",
                lambda: progress.readiness(
                    *tables, definition=definition, rule=rules.load(RULE), **when
                ),
            ),
        )
    return Results(
        layers=layers,
        about=about,
        missing=missing,
        levels=_own_levels(rules.load(RULE), language=language),
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


def _about(
    answer: SpaceReport, levels: ReadinessRule, *, sites_ha: float, language: str
) -> dict[str, str]:
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
        "readiness": theme.text(
            "step_map.own_rule",
            language=language,
            title=levels.title[language],
            verified=theme.text(f"verified.{levels.verified}", language=language),
        ),
    }
