"""Development in step: clearance, works, stages, clocks, balance, readiness."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo import cartography, theme
from kcngeo.analysis import balance
from kcngeo.analysis import progress as room
from kcngeo.core.dates import Day
from kcngeo.core.errors import left_out_zones
from kcngeo.ledger import known
from kcngeo.products.common import asked_for, naming, together
from kcngeo.publish.bundle import Bundle, Provenance
from kcngeo.report import clearance_packages
from kcngeo.standards import (
    BalanceItem,
    Clock,
    Limit,
    ReadinessRule,
    Registry,
    fill_definition,
    registry,
    unchecked,
)

if TYPE_CHECKING:
    import geopandas as gpd

    from kcngeo.cartography import MapSpec
    from kcngeo.core.model import Finding
    from kcngeo.ledger import Project, Snapshot

STANDARD = "qcvn01-2008"
"""Edition of the planning code for the land-use balance, unless a caller says else."""
MONTHS = 6
"""Months to look ahead for clocks, unless a caller says else."""


def progress(
    project: Project | Snapshot,
    *,
    on: Day,
    standard: str = STANDARD,
    months: int = MONTHS,
    law_on: Day | None = None,
    demand: pd.DataFrame | None = None,
    green: gpd.GeoDataFrame | None = None,
    definition: str | None = None,
    rules: Registry | None = None,
) -> Bundle:
    """Tell how far every zone has come, as far as the project has the tables for it.

    Parameters
    ----------
    project
        The tables; of a project what is known now. A zone at fault on the day is left out where a
        question asks into its fault.
    on
        The day.
    standard
        Edition of the planning code for the land-use balance.
    months
        Months to look ahead for clocks of idle land.
    law_on
        Day whose law on idle land is taken; None for ``on``.
    demand
        Demand by kind of works: kind, unit, demand_per_ha, zone_id, side; None to leave the
        balance of capacities out.
    green
        Planted land inside the parcels; None where nobody mapped it.
    definition
        Id of a fill-rate definition; None for the law in force on the day.
    rules
        The registry; None for the one that comes with the library.

    Returns
    -------
    Bundle
        Tables of stages, steps, clocks, scorecard, clearance, packages of it,
        readiness, capacity, balance, belt, density, social works, investors and their requests for
        support, and ``findings``; a map where works are on record.

    Raises
    ------
    ContractError
        If a defect of the tables belongs to no zone.
    CRSError
        If layers disagree in CRS or it misstates areas.
    StandardError
        If there is no such edition or definition.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> made = progress(kcn.examples.squares(), on="2018-03-31")
    >>> made.tables["stages"]["leased_ha"].tolist()
    [1.5, 1.0]
    """
    followed = rules or registry()
    snapshot = known(project)
    asked: dict[str, Any] = {"on": on, "definition": definition}
    questions = _Questions(snapshot=snapshot, registry=followed, asked=asked)
    with left_out_zones() as apart:
        tables, found = questions.always(standard)
        # Each table a project may lack answers questions of its own.
        if snapshot.table("projects") is not None:
            tables |= questions.of_projects(months, law_on)
        if snapshot.table("support") is not None:
            tables["support_requests"] = room.support_requests(snapshot, **asked)
        if snapshot.table("works") is not None:
            tables |= questions.of_works(demand)
        if snapshot.table("clearance") is not None:
            cleared = questions.clearance
            tables |= questions.of_clearance(cleared)
            found = (*found, *cleared.findings)
        if snapshot.table("buildings") is not None:
            limits = followed.of(Limit)
            tables["density"] = balance.parcel_balance(snapshot, on=on, green=green, limits=limits)
    given = {"demand": demand, "green": green}
    used = (
        *followed.of(ReadinessRule),
        *followed.of(Clock),
        *followed.of(Limit),
        *followed.of(BalanceItem),
    )
    findings = together(followed.findings(), unchecked(used, on=on), found, apart)
    names = naming(snapshot, lambda _: tables, findings, on=on, rules=followed)
    return Bundle(
        product="progress",
        provenance=Provenance(
            options=asked_for(
                on=on,
                standard=standard,
                months=months,
                law_on=None if law_on is None else str(law_on),
                definition=definition,
            ),
            tables=snapshot,
            registry=followed,
            moment=snapshot.moment,
            rules=used,
            given={name: frame for name, frame in given.items() if frame is not None},
        ),
        make_tables=lambda _: tables,
        names=names,
        findings=findings,
        left_out=apart,
        maps={"map": partial(questions.map_of, tables)} if "readiness" in tables else {},
        say=lambda language: _lines(tables["stages"], names(language)["zones"], language),
    )


@dataclass(frozen=True, kw_only=True)
class _Questions:
    """The questions of one day, by the tables they need."""

    snapshot: Snapshot
    registry: Registry
    asked: dict[str, Any]

    @property
    def rule(self) -> ReadinessRule:
        """The rule of the levels of readiness."""
        rule: ReadinessRule = self.registry.load(room.RULE)
        return rule

    @property
    def marks(self) -> dict[str, str]:
        """By which rule levels are told, and how well it is verified."""
        return {"rule": self.rule.name, "verified": str(self.rule.verified)}

    def always(self, standard: str) -> tuple[dict[str, pd.DataFrame], tuple[Finding, ...]]:
        """Ask what every project has an answer to."""
        snapshot, on = self.snapshot, self.asked["on"]
        used = fill_definition(self.asked["definition"], on=on).name
        served = {"serviced_rule": self.rule.name, "serviced_verified": self.marks["verified"]}
        stages = room.stage_funnel(snapshot, rule=self.rule, **self.asked)
        tables = {
            "stages": stages.assign(definition=used, **served),
            "dwell": room.dwell_times(snapshot, on=on),
            "scorecard": room.scorecard(snapshot, on=on),
            "balance": balance.land_use_balance(
                snapshot, standard=self.registry.balance(standard), on=on
            ),
            "axes": room.land_axes(snapshot, rule=self.rule, **self.asked),
            "green_belt": balance.green_belt(snapshot, limits=self.registry.of(Limit), on=on),
        }
        tables["vacancy"] = room.vacancy(tables["axes"])
        return tables, room.order_findings(snapshot, on=on)

    def of_projects(self, months: int, law_on: Day | None) -> dict[str, pd.DataFrame]:
        """Ask what the table of projects answers."""
        laws = self.registry.of(Clock)
        clocks = room.idle_clocks(
            self.snapshot, months=months, law_on=law_on, laws=laws, **self.asked
        )
        return {"clocks": clocks, "investors": room.investor_support(self.snapshot, **self.asked)}

    def of_works(self, demand: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
        """Ask what the table of works answers."""
        ready = room.readiness(self.snapshot, rule=self.rule, **self.asked)
        tables = {
            "readiness": ready.assign(**self.marks),
            "serviced": room.serviced_land(ready, rule=self.rule).assign(**self.marks),
            "social": balance.social_works(self.snapshot, on=self.asked["on"]),
        }
        if demand is not None:
            tables["capacity"] = room.capacity_balance(self.snapshot, demand=demand, **self.asked)
        return tables

    @cached_property
    def clearance(self) -> room.ClearanceProgress:
        """How far clearance is."""
        return room.clearance_progress(self.snapshot, **self.asked)

    def of_clearance(self, cleared: room.ClearanceProgress) -> dict[str, pd.DataFrame]:
        """Ask what the table of clearance answers."""
        tables = {
            "clearance_progress": cleared.zones,
            "resettlement": _named(cleared.resettlement, self.snapshot.table("receptors")),
        }
        if self.snapshot.table("works") is not None:
            # Without works nobody knows what cleared land would be of use.
            tables["packages"] = clearance_packages(
                self.snapshot, rules=self.registry, **self.asked
            )
        return tables

    def map_of(self, tables: dict[str, Any]) -> MapSpec:
        """Give the map of readiness."""
        return cartography.readiness(
            self.snapshot,
            tables["readiness"].join(tables["axes"].drop(columns="zone_id")),
            None if self.snapshot.table("clearance") is None else self.clearance.blocking,
            on=self.asked["on"],
            belt=tables["green_belt"],
            rule=self.rule,
        )


def _named(resettlement: pd.DataFrame, receptors: pd.DataFrame | None) -> pd.DataFrame:
    """Put the names of the resettlement areas beside their ids."""
    if receptors is None or "name" not in receptors.columns:
        return resettlement
    names = receptors.drop_duplicates("receptor_id", keep="last").set_index("receptor_id")["name"]
    named = resettlement.copy()
    named.insert(0, "receptor_name", names.reindex(named.index))
    return named


def _lines(stages: pd.DataFrame, zones: Mapping[str, str], language: str) -> Iterator[str]:
    """Say the stages of every zone."""
    for row in stages.reset_index().to_dict("records"):
        parts = [
            f"{theme.text(f'funnel.{stage}', language=language)} "
            f"{theme.number(row[f'{stage}_ha'], language=language)}"
            for stage in room.STAGES
        ]
        yield f"{zones[row['zone_id']]}: {' → '.join(parts)} ha"
