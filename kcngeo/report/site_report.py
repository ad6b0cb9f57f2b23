"""Gather one answer about space: developable land, what takes the rest, and the sites on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo.analysis import conflicts, developable, progress, sites
from kcngeo.core.dates import Day, day
from kcngeo.core.errors import ContractError, KcngeoError
from kcngeo.core.model import Finding, LandUse
from kcngeo.core.validation import as_known, checked
from kcngeo.ledger import state
from kcngeo.ledger.project import Project
from kcngeo.report.sector_compatibility import unsuitable
from kcngeo.report.setbacks import findings, measured_from
from kcngeo.standards import Registry, registry

if TYPE_CHECKING:
    import geopandas as gpd

BELT = "perimeter-belt-width"
"""Entry of the registry that says how wide the belt inside the fence is."""
KEPT = ("resettlement", "green", "water")
"""Kinds of receptors whose own land is taken out of the developable land."""

_OF_RULE = ("rule_id", "source", "verified", "rule_origin", "overrides")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SpaceReport:
    """What land can be built on, and who can take it, on one day.

    Attributes
    ----------
    project
        The tables, without the zones that are not computable.
    on
        The day.
    encumbrances
        What was taken off: ``kind``, ``rank``, geometry.
    sources
        By kind of encumbrance: ``rule_id``, ``source``, ``verified``, ``rule_origin`` and
        ``overrides``, for those that follow from a rule.
    developable
        The land, its account and its totals.
    sites
        All land assembled, sites first, with the reasons why the rest falls out in ``fails``.
    scatter
        How scattered the land of each zone is.
    sensitivity
        What other distances would win or lose; empty if none was taken off.
    findings
        What to know about rules and tables.
    blocked
        Breaches of the zones that are not computable.
    """

    project: Project
    on: pd.Timestamp
    encumbrances: gpd.GeoDataFrame
    sources: pd.DataFrame
    developable: developable.DevelopableLand
    sites: gpd.GeoDataFrame
    scatter: pd.DataFrame
    sensitivity: pd.DataFrame
    findings: tuple[Finding, ...] = ()
    blocked: tuple[Finding, ...] = ()

    def __repr__(self) -> str:
        return repr(self.developable.totals)


def space(
    project: Project,
    *,
    on: Day,
    min_area_ha: float,
    hazard_class: str | None = None,
    around_works: bool = False,
    sector: str | None = None,
    sectors: pd.DataFrame | None = None,
    needs: tuple[str, ...] = (),
    rules: Registry | None = None,
    definition: str | None = None,
    known_at: Any = None,
    **wishes: Any,
) -> SpaceReport:
    """Tell what land of a project can be built on, and which sites on it meet the wishes.

    Taken off the vacant land, in the order of rank: the table of encumbrances; the belt inside the
    fence, by the registry; the land of resettlement areas, green and water; with ``hazard_class``
    the land too near homes for that class; with ``around_works`` the land within the distances of
    wastewater and waste works. Those last are distances to homes: they do not keep factories away,
    and are taken off only if asked. What a distance 10 % shorter or longer, or enclosed works,
    would win or lose is told.

    Roads are the lots of transport land in the plan. Whether a road is built is a matter of
    readiness: ask ``needs=("road",)``. A zone whose tables contradict themselves is left out and
    named; the others go on.

    Parameters
    ----------
    project
        The tables.
    on
        The day.
    min_area_ha
        Hectares a site must have.
    hazard_class
        Class of the project to be sited; None if it does not matter.
    around_works
        Whether to take off the distances of wastewater and waste works.
    sector
        Sector of the investor; with ``sectors`` lots next to what it does not suit fall out, and
        the findings name who could not be judged as a neighbour.
    sectors
        Which sector must keep from which; see
        :func:`kcngeo.conflicts.incompatible_neighbours`.
    needs
        What must serve every lot, for example "road" and "power".
    rules
        The registry; None for the one that comes with the library.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on the day.
    known_at
        As known at this moment, or at the end of this day in Viet Nam; None for all that is not
        superseded. Applies to every table.
    **wishes
        Handed on to :func:`kcngeo.sites.find_sites`: ``min_width_m``, ``min_level``,
        ``min_frontage_m``, ``across_road_m``, ``min_shared_edge_m``.

    Returns
    -------
    SpaceReport
        The answer.

    Raises
    ------
    ContractError
        If a defect of the tables belongs to no zone.
    CRSError
        If layers disagree in CRS or it misstates areas.
    KcngeoError
        If no rule knows the hazard class, or something is asked without the table it needs: a class
        without receptors, works without emitters, a sector without a table of sectors or of
        projects, a need without works.
    """
    rules = rules or registry()
    project = _known(project, known_at)
    near = measured_from(project, rules, hazard_class=hazard_class, around_works=around_works)
    about = findings(project, rules, near, hazard_class=hazard_class, on=on)
    taken, sources = _taken(
        project, rules, on=on, hazard_class=hazard_class, around_works=around_works
    )
    made, project, blocked = _computed(project, taken, on=on, definition=definition)
    if needs and project.works is None:
        raise KcngeoError("site_needs_frame", argument="works")
    readiness = _readiness(project, rules, on=on, definition=definition)
    lots = _lots_on(project, on=on)
    admissible = None
    if project.receptors is not None:
        mine = lots[lots["parcel_id"].isin(made.land["parcel_id"])]
        admissible = conflicts.admissible_class(
            mine, project.receptors, rules=rules.buffer_rules(), on=on, zones=project.zones
        )
    refused, told = unsuitable(
        project, made.land, sector, sectors, hazard_class=hazard_class, on=on
    )
    found = sites.find_sites(
        made.land,
        min_area_ha=min_area_ha,
        on=on,
        needs=needs,
        readiness=readiness,
        sector=sector,
        unsuitable=refused,
        admissible=admissible,
        roads=lots[lots["land_use"] == LandUse.TRANSPORT],
        rejected=True,
        **wishes,
    )
    return SpaceReport(
        project=project,
        on=day(on),
        encumbrances=taken,
        sources=sources,
        developable=made,
        sites=found,
        scatter=sites.fragmentation(made.land),
        sensitivity=_sensitivity(
            project,
            rules,
            on=on,
            hazard_class=hazard_class,
            around_works=around_works,
            definition=definition,
        ),
        findings=(*rules.findings(), *about, *told),
        blocked=blocked,
    )


def _known(project: Project, known_at: Any) -> Project:
    """Cut every table to what was on record; that it was superseded later was not known then."""
    frames = {name: as_known(frame, known_at) for name, frame in project.tables()}
    return Project(
        **{
            name: frame.drop(columns="superseded_at", errors="ignore")
            for name, frame in frames.items()
        }
    )


def _lots_on(project: Project, *, on: Day) -> gpd.GeoDataFrame:
    """Give the parcel versions in force on the day."""
    return state(project.parcels, project.ledger, on=on)


def _readiness(
    project: Project, rules: Registry, *, on: Day, definition: str | None
) -> pd.DataFrame | None:
    """Give the readiness of every lot, if the works are on record."""
    if project.works is None:
        return None
    tables = project.zones, project.parcels, project.ledger, project.works
    rule = rules.load(progress.RULE)
    return progress.readiness(*tables, on=on, rule=rule, definition=definition)


def _computed(
    project: Project, taken: gpd.GeoDataFrame, *, on: Day, definition: str | None
) -> tuple[developable.DevelopableLand, Project, tuple[Finding, ...]]:
    """Compute the land; zones at fault are left out, and the rest is computed again."""
    blocked: tuple[Finding, ...] = ()
    while True:
        tables = project.zones, project.parcels, project.ledger
        try:
            made = developable.developable_land(*tables, taken, on=on, definition=definition)
        except ContractError as error:
            if not all(one.zone_ids for one in error.problems):
                raise
            bad = {zone for one in error.problems for zone in one.zone_ids}
            blocked += error.problems
            project = without_zones(project, bad)
        else:
            return made, project, blocked


def without_zones(project: Project, zone_ids: set[str]) -> Project:
    """Leave zones out, with their parcels and what the ledger says of them.

    Parameters
    ----------
    project
        The tables.
    zone_ids
        The zones.

    Returns
    -------
    Project
        The tables of the others.
    """
    parcels = project.parcels
    out = parcels["zone_id"].isin(zone_ids)
    # A lot that moved from one zone to another keeps its entries for the other.
    gone = set(parcels.loc[out, "parcel_id"]) - set(parcels.loc[~out, "parcel_id"])
    frames = dict(project.tables())
    frames["ledger"] = project.ledger[~project.ledger["parcel_id"].isin(gone)]
    for name, frame in frames.items():
        if name != "ledger" and "zone_id" in frame.columns:
            frames[name] = frame[~frame["zone_id"].isin(zone_ids)]
    return Project(**frames)


def _taken(
    project: Project,
    rules: Registry,
    *,
    on: Day,
    hazard_class: str | None,
    around_works: bool,
    factor: float = 1.0,
    enclosed: bool = False,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Gather the encumbrances of a day, ranked one after the other, with their sources."""
    frames, sources = [], []
    rank = 1
    if project.encumbrances is not None and len(project.encumbrances):
        table = checked(project.encumbrances, "encumbrances")
        frames.append(table)
        rank = int(table["rank"].max()) + 1
    belt = rules.load(BELT)
    frames.append(developable.belts(project.zones, width_m=float(belt.at_least), rank=rank, on=on))
    sources.append(
        ("belt", belt.name, belt.source, str(belt.verified), belt.origin, belt.overrides)
    )
    if project.receptors is not None:
        receptors = checked(project.receptors, "receptors")
        areal = receptors[receptors.geometry.area > 0]
        for place, kind in enumerate(KEPT, start=1):
            mine = areal[areal["kind"] == kind]
            frames.append(developable.encumbrance(mine, kind=kind, rank=rank + place, on=on))
    rank += len(KEPT) + 1
    near = measured_from(project, rules, hazard_class=hazard_class, around_works=around_works)
    if near:
        works = near.get("emitters")
        if works is not None and enclosed:
            near["emitters"] = works.assign(enclosed=pd.array([True] * len(works), dtype="boolean"))
        areas = conflicts.encumbrances(
            near.get("emitters"),
            near.get("receptors"),
            rules=rules.buffer_rules(),
            on=on,
            hazard_class=hazard_class,
            zones=project.zones,
            rank=rank,
            factor=factor,
        )
        frames.append(areas)
        sources += list(zip(*(areas[name] for name in ("kind", *_OF_RULE)), strict=True))
    told = pd.DataFrame(sources, columns=["kind", *_OF_RULE])
    kinds = {**dict.fromkeys(["kind", *_OF_RULE[:4]], "str"), "overrides": "boolean"}
    return developable.combine(*frames), told.astype(kinds).set_index("kind")


def _sensitivity(
    project: Project,
    rules: Registry,
    *,
    on: Day,
    hazard_class: str | None,
    around_works: bool,
    definition: str | None,
) -> pd.DataFrame:
    """Tell what other distances would win or lose; nothing where no distance was taken off."""
    cases: dict[str, Mapping[str, Any]] = {}
    near = measured_from(project, rules, hazard_class=hazard_class, around_works=around_works)
    if near:
        cases |= {"shorter": {"factor": 0.9}, "longer": {"factor": 1.1}}
    if "emitters" in near:
        cases["enclosed"] = {"enclosed": True}
    if not cases:
        # Nothing to compare with, so the land is not computed once more.
        nothing = pd.MultiIndex.from_arrays([[], []], names=["alternative", "zone_id"])
        return pd.DataFrame({"developable_ha": [], "change_ha": []}, index=nothing, dtype="float64")

    def encumbrances(**case: Any) -> gpd.GeoDataFrame:
        return _taken(
            project, rules, on=on, hazard_class=hazard_class, around_works=around_works, **case
        )[0]

    return developable.sensitivity(
        project.zones,
        project.parcels,
        project.ledger,
        encumbrances(),
        alternatives={name: encumbrances(**case) for name, case in cases.items()},
        on=on,
        definition=definition,
    )
