"""Gather one answer about space: developable land, what takes the rest, and the sites on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo.analysis import conflicts, developable, progress, sites
from kcngeo.analysis.sites import SiteCriteria
from kcngeo.core.dates import Day, day
from kcngeo.core.errors import KcngeoError
from kcngeo.core.model import Finding, LandUse
from kcngeo.core.referential import is_among
from kcngeo.core.validation import note_sound
from kcngeo.ledger import Project, Snapshot, asked
from kcngeo.report.lot_offers import lot_offers, unknown_offers
from kcngeo.report.sector_compatibility import unsuitable
from kcngeo.report.setbacks import findings, measured_from
from kcngeo.standards import Registry, fill_definition, registry

if TYPE_CHECKING:
    import geopandas as gpd

BELT = "perimeter-belt-width"
"""Entry of the registry that says how wide the belt inside the fence is."""
KEPT = ("resettlement", "green", "water")
"""Kinds of receptors whose own land is taken out of the developable land."""

_OF_RULE = ("rule_id", "source", "verified", "rule_origin", "overrides")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SiteReport:
    """What land can be built on, and who can take it, on one day.

    Attributes
    ----------
    snapshot
        The tables as known, without the zones that are not computable.
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
    readiness
        What serves every parcel, see :func:`kcngeo.progress.readiness`; None without works.
    findings
        What to know about rules and tables.
    """

    snapshot: Snapshot
    on: pd.Timestamp
    encumbrances: gpd.GeoDataFrame
    sources: pd.DataFrame
    developable: developable.DevelopableLand
    sites: gpd.GeoDataFrame
    scatter: pd.DataFrame
    sensitivity: pd.DataFrame
    readiness: pd.DataFrame | None = None
    findings: tuple[Finding, ...] = ()

    def __repr__(self) -> str:
        return repr(self.developable.totals)


def site_report(
    project: Project | Snapshot,
    *,
    on: Day,
    criteria: SiteCriteria,
    hazard_class: str | None = None,
    around_works: bool = False,
    sectors: pd.DataFrame | None = None,
    rules: Registry | None = None,
    definition: str | None = None,
) -> SiteReport:
    """Tell what land of a project can be built on, and which sites on it meet the criteria.

    Taken off the vacant land, in the order of rank: the table of encumbrances; the belt inside the
    boundary, by the registry; the land of resettlement areas, green and water; with
    ``hazard_class`` the land too near homes for that class; with ``around_works`` the land within
    the distances of wastewater and waste works. Those last are distances to homes: they do not keep
    factories away, and are taken off only if asked. What a distance 10 % shorter or longer, or
    enclosed works, would win or lose is told.

    What is offered with a lot (rent, ways, fibre, a factory) is that of the lot, else of its zone;
    land of which nobody recorded what is asked for is set apart, and a finding names it.

    Roads are the parcels of transport land in the plan. Whether a road is built is a matter of
    readiness: ask ``needs=("road",)``.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day left out.
    on
        The day.
    criteria
        What a site must have. With a sector of the investor, parcels next to what it does not suit
        fall out, and the findings name who could not be judged as a neighbour.
    hazard_class
        Class of the project to be sited; None if it does not matter.
    around_works
        Whether to take off the distances of wastewater and waste works.
    sectors
        Which sector must keep from which; see
        :func:`kcngeo.conflicts.incompatible_neighbours`.
    rules
        The registry; None for the one that comes with the library.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on the day.

    Returns
    -------
    SiteReport
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

    Examples
    --------
    Of zone A half of A-2 is vacant, of zone B the whole of B-2; the belt of 10 m inside the
    boundary takes a strip of each.

    >>> import kcngeo as kcn
    >>> criteria = kcn.sites.SiteCriteria(min_area_ha=0.5)
    >>> found = site_report(kcn.examples.squares(), on="2018-03-31", criteria=criteria)
    >>> found.developable.totals["vacant_ha"].tolist()
    [0.5, 1.0]
    """
    rules = rules or registry()
    used = fill_definition(definition, on=on)
    snapshot = asked(project, start=on, definition=used.name)
    near = measured_from(snapshot, rules, hazard_class=hazard_class, around_works=around_works)
    about = findings(snapshot, rules, near, hazard_class=hazard_class, on=on)
    taken, sources = _taken(
        snapshot, rules, on=on, hazard_class=hazard_class, around_works=around_works
    )
    made = developable.developable_land(snapshot, taken, on=on, definition=used.name)
    # Without works every lot would fall out as not served.
    if criteria.needs and snapshot.table("works") is None:
        raise KcngeoError("needs_table", table="works")
    now = snapshot.parcels[snapshot.in_force(on)]
    admissible = None
    if snapshot.table("receptors") is not None:
        mine = now[is_among(now["parcel_id"], made.land["parcel_id"])]
        note_sound(mine, "parcels")
        admissible = conflicts.admissible_class(
            mine, snapshot.receptors, rules=rules.buffer_rules(), on=on, zones=snapshot.zones
        )
    refused, told = unsuitable(
        snapshot, made.land, criteria.sector, sectors, hazard_class=hazard_class, on=on
    )
    ready = _readiness(snapshot, rules, on=on, definition=used.name)
    found = sites.find_sites(
        made.land,
        replace(criteria, on=on),
        readiness=ready,
        unsuitable=refused,
        admissible=admissible,
        roads=now[now["land_use"] == LandUse.TRANSPORT],
        offers=lot_offers(snapshot, on=on),
        rejected=True,
    )
    return SiteReport(
        snapshot=snapshot,
        on=day(on),
        encumbrances=taken,
        sources=sources,
        developable=made,
        sites=found,
        scatter=sites.fragmentation(made.land),
        sensitivity=_sensitivity(
            snapshot,
            rules,
            on=on,
            hazard_class=hazard_class,
            around_works=around_works,
            definition=used.name,
        ),
        readiness=ready,
        findings=(*rules.findings(), *about, *told, *unknown_offers(found)),
    )


def _readiness(
    snapshot: Snapshot, rules: Registry, *, on: Day, definition: str
) -> pd.DataFrame | None:
    """Give the readiness of every parcel, if the works are on record."""
    if snapshot.table("works") is None:
        return None
    rule = rules.load(progress.RULE)
    return progress.readiness(snapshot, on=on, rule=rule, definition=definition)


def _taken(
    snapshot: Snapshot,
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
    table = snapshot.table("encumbrances")
    if table is not None and len(table):
        frames.append(table)
        rank = int(table["rank"].max()) + 1
    # After the encumbrances of the project itself: marginal areas go by rank.
    belt = rules.load(BELT)
    frames.append(developable.belts(snapshot.zones, width_m=float(belt.at_least), rank=rank, on=on))
    sources.append(
        ("belt", belt.name, belt.source, str(belt.verified), belt.origin, belt.overrides)
    )
    receptors = snapshot.table("receptors")
    if receptors is not None:
        # A point has no land that could be kept.
        areal = receptors[receptors.geometry.area > 0]
        for place, kind in enumerate(KEPT, start=1):
            mine = areal[areal["kind"] == kind]
            frames.append(developable.encumbrance(mine, kind=kind, rank=rank + place, on=on))
    rank += len(KEPT) + 1
    near = measured_from(snapshot, rules, hazard_class=hazard_class, around_works=around_works)
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
            zones=snapshot.zones,
            rank=rank,
            factor=factor,
        )
        frames.append(areas)
        sources += list(zip(*(areas[name] for name in ("kind", *_OF_RULE)), strict=True))
    told = pd.DataFrame(sources, columns=["kind", *_OF_RULE])
    kinds = {**dict.fromkeys(["kind", *_OF_RULE[:4]], "str"), "overrides": "boolean"}
    taken = developable.combine(*frames)
    note_sound(taken, "encumbrances")
    return taken, told.astype(kinds).set_index("kind")


def _sensitivity(
    snapshot: Snapshot,
    rules: Registry,
    *,
    on: Day,
    hazard_class: str | None,
    around_works: bool,
    definition: str | None,
) -> pd.DataFrame:
    """Tell what other distances would win or lose; nothing where no distance was taken off."""
    cases: dict[str, Mapping[str, Any]] = {}
    near = measured_from(snapshot, rules, hazard_class=hazard_class, around_works=around_works)
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
            snapshot, rules, on=on, hazard_class=hazard_class, around_works=around_works, **case
        )[0]

    return developable.sensitivity(
        snapshot,
        encumbrances(),
        alternatives={name: encumbrances(**case) for name, case in cases.items()},
        on=on,
        definition=definition,
    )
