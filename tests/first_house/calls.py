"""The calls whose figures are compared with those of the first house, as they are spelt today.

`CALLS` maps a topic of `runs.toml` to a function that takes the project and what is asked for and
gives the table. Where a signature of the library changes, its function here changes, and nothing
else; where a table or a column takes another name, `columns.toml` says so.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from kcngeo.core.contracts import as_known
from kcngeo.core.days import in_force

from kcngeo import (
    Project,
    absorption,
    balance,
    change,
    claims,
    conflicts,
    developable,
    fill,
    forecast,
    imagery,
    ledger,
    progress,
    quality,
    report,
    sites,
    standards,
    targets,
)
from kcngeo.core.model import LEASABLE, Finding

Call = Callable[..., pd.DataFrame]
CALLS: dict[str, Call] = {}
"""By topic, what computes its table."""

FOLDER = Path(__file__).parent
SERIES = {"start": "2005-01-01", "end": "2023-12-31"}


def of(topic: str) -> Callable[[Call], Call]:
    """Register what computes the table of a topic."""

    def register(call: Call) -> Call:
        CALLS[topic] = call
        return call

    return register


def land(project: Project) -> tuple[Any, Any, Any]:
    """The three tables most calls need."""
    return project.zones, project.parcels, project.ledger


def listed(findings: Iterable[Finding]) -> pd.DataFrame:
    """Lay out findings without their words, which may change."""
    names = ("rule", "severity", "table", "zone_ids", "ids")
    return pd.DataFrame([[getattr(one, name) for name in names] for one in findings], columns=names)


@of("accounts")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return fill.land_account(*land(project), **asked)


@of("accounts_by_phase")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return fill.land_account(*land(project), by=("zone_id", "phase"), **asked)


@of("rates")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return fill.fill_rate(*land(project), **asked)


@of("rates_of_all_zones")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return fill.combine(fill.fill_rate(*land(project), **asked))


@of("series")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return fill.fill_series(*land(project), **SERIES, **asked)


@of("series_of_all_zones")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return fill.combine(fill.fill_series(*land(project), **SERIES, **asked))


@of("lots")
def _(project: Project, *, known_at: Any, area: str, **asked: Any) -> pd.DataFrame:
    book = fill.Book.of(*land(project), known_at=known_at, area=area, by="zone_id")
    return pd.DataFrame(fill.lots_on(book, **asked).drop(columns="geometry"))


@of("leases")
def _(project: Project, *, known_at: Any, area: str, **asked: Any) -> pd.DataFrame:
    book = fill.Book.of(*land(project), known_at=known_at, area=area, by="zone_id")
    return fill.leases_on(book, **asked)


@of("state")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return ledger.state(project.parcels, project.ledger, **asked)


@of("lives")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return ledger.history(project.parcels, project.ledger, **asked)


@of("changes")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return change.explain(*land(project), **asked).effects


@of("causes")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return change.explain(*land(project), **asked).entries


@of("changes_by_month")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return change.by_month(*land(project), **SERIES, **asked)


@of("absorption")
def _(project: Project, *, freq: str, **asked: Any) -> pd.DataFrame:
    return absorption.absorption(fill.fill_series(*land(project), **SERIES, **asked), freq=freq)


@of("sectors")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return absorption.by_sector(*land(project), project.projects, by_zone=True, **asked)


@of("ending_leases")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return absorption.ending_leases(project.ledger, project.parcels, **asked)


@of("cleared_unlet")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return absorption.cleared_unlet(*land(project), **asked)


@of("stages")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return progress.stage_funnel(*land(project), project.projects, project.works, **asked)


@of("idle_clocks")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return progress.idle_clocks(*land(project), project.projects, **asked)


@of("investors")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return progress.investor_support(*land(project), project.projects, **asked)


@of("readiness")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return progress.readiness(*land(project), project.works, **asked)


@of("serviced_land")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return progress.serviced_land(progress.readiness(*land(project), project.works, **asked))


@of("capacity")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    demand = pd.read_csv(FOLDER / "demand.csv")
    return progress.capacity_balance(*land(project), project.works, demand=demand, **asked)


@of("clearance")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return progress.clearance_progress(*land(project), project.clearance, **asked).zones


@of("resettlement")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return progress.clearance_progress(*land(project), project.clearance, **asked).resettlement


@of("blocking_clearance")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return progress.clearance_progress(*land(project), project.clearance, **asked).blocking


@of("clearance_by_zone")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return progress.clearance_by_zone(project.clearance, **asked)


@of("dwell_times")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return progress.dwell_times(project.parcels, project.ledger, project.projects, **asked)


@of("order_findings")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    frames = project.parcels, project.ledger, project.projects, project.works
    return listed(progress.order_findings(*frames, **asked))


@of("scorecard")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    frames = {name: getattr(project, name) for name in ("clearance", "works", "milestones")}
    return progress.scorecard(project.zones, **frames, **asked)


@of("land_use_balance")
def _(project: Project, *, edition: str, **asked: Any) -> pd.DataFrame:
    standard = standards.balance(edition)
    tables = project.zones, project.parcels
    return balance.land_use_balance(
        *tables, standard=standard, plan_items=project.plan_items, **asked
    )


@of("green_belt")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return balance.green_belt(project.zones, project.parcels, **asked)


@of("lot_balance")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return balance.lot_balance(project.parcels, project.buildings, **asked)


@of("social_works")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return balance.social_works(project.works, **asked)


@of("conflicts")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    ruled = {"rules": standards.buffer_rules(), "zones": project.zones, **asked}
    return conflicts.buffer_conflicts(project.emitters, project.receptors, **ruled)


@of("conflict_findings")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    ruled = {"rules": standards.buffer_rules(), "zones": project.zones, **asked}
    return listed(conflicts.findings(project.emitters, project.receptors, **ruled))


@of("admissible_classes")
def _(project: Project, *, on: Any, known_at: Any) -> pd.DataFrame:
    lots = ledger.state(project.parcels, project.ledger, on=on, known_at=known_at)
    vacant = lots[lots["land_use"].isin(map(str, LEASABLE)) & (lots["available_share"] > 0)]
    ruled = {"rules": standards.buffer_rules(), "zones": project.zones, "on": on}
    return conflicts.admissible_class(vacant, project.receptors, known_at=known_at, **ruled)


@of("distances_kept")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    ruled = {"rules": standards.buffer_rules(), "zones": project.zones, **asked}
    return conflicts.encumbrances(project.emitters, project.receptors, **ruled)


@of("neighbours")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    frames = project.parcels, project.ledger, project.projects
    unsuitable = pd.read_csv(FOLDER / "sectors.csv")
    return conflicts.incompatible_neighbours(*frames, unsuitable, **asked)


def _developable(project: Project, **asked: Any) -> developable.DevelopableLand:
    return developable.developable_land(*land(project), project.encumbrances, **asked)


@of("developable_totals")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return _developable(project, **asked).totals


@of("developable_account")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return _developable(project, **asked).account


@of("developable_land")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return _developable(project, **asked).land


@of("fragmentation")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return sites.fragmentation(_developable(project, **asked).land)


def _space(project: Project, *, needs: Iterable[str] = (), **asked: Any) -> report.SpaceReport:
    return report.space(project, needs=tuple(needs), **asked)


@of("sites")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return _space(project, **asked).sites


@of("space_totals")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return _space(project, **asked).developable.totals


@of("space_account")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return _space(project, **asked).developable.account


@of("space_sensitivity")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return _space(project, **asked).sensitivity


@of("fill_dates")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return forecast.fill_date(*land(project), **asked)


@of("leased_at")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return forecast.leased_at(*land(project), **asked)


@of("eligibility")
def _(project: Project, *, kind: str, on: Any, known_at: Any, **asked: Any) -> pd.DataFrame:
    rates = fill.fill_rate(*land(project), on=on, known_at=known_at, **asked)
    wanted = {"kind": kind, "zone_ids": list(rates.index), "on": on, "known_at": known_at}
    return targets.eligibility(rates, project.works, **wanted).drop(columns="reason")


@of("life_cycle")
def _(project: Project, *, on: Any, known_at: Any, **asked: Any) -> pd.DataFrame:
    accounts = fill.land_account(*land(project), on=on, known_at=known_at, **asked)
    wanted = {"on": on, "accounts": accounts, "known_at": known_at}
    return targets.life_cycle(project.zones, project.milestones, **wanted)


@of("trajectory")
def _(project: Project, *, shape: str, known_at: Any, **asked: Any) -> pd.DataFrame:
    series = fill.fill_series(*land(project), **SERIES, known_at=known_at, **asked)
    return targets.trajectory(series, project.targets, shape=shape, known_at=known_at)


@of("claim_figures")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return claims.figures(*land(project), project.claims, **asked)


@of("claims")
def _(project: Project, *, known_at: Any, **asked: Any) -> pd.DataFrame:
    computed = claims.figures(*land(project), project.claims, known_at=known_at, **asked)
    return claims.reconcile(project.claims, computed, known_at=known_at).rename_axis("claim")


@of("implied_claims")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return claims.implied(project.claims, **asked).figures


@of("contradicting_claims")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return claims.implied(project.claims, **asked).contradictions


@of("check")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return quality.check(project, **asked).findings


@of("let_lots")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return imagery.let_lots(*land(project), **asked)


def _lots(project: Project, *, on: Any, known_at: Any) -> Any:
    return in_force(as_known(project.parcels, known_at), on).set_index("parcel_id").sort_index()


@of("built_shares")
def _(project: Project, *, raster: Any, classes: Any, **asked: Any) -> pd.DataFrame:
    return imagery.built_share(_lots(project, **asked), raster, classes=classes)


@of("green_shares")
def _(project: Project, *, raster: Any, **asked: Any) -> pd.DataFrame:
    on_a_day = {name: asked.pop(name) for name in ("on", "known_at")}
    return imagery.green_share(_lots(project, **on_a_day), raster, **asked)


@of("slopes")
def _(project: Project, *, raster: Any, limit_share: float, **asked: Any) -> pd.DataFrame:
    return imagery.mean_slope(_lots(project, **asked), raster, limit_share=limit_share)


@of("standards")
def _(project: Project) -> pd.DataFrame:
    """Every figure of the registry: a row a field of an entry, without the words about it."""
    rows = []
    for name, entry in standards.registry().entries.items():
        for field in dataclasses.fields(entry):
            value = getattr(entry, field.name)
            if not (isinstance(value, Mapping) or field.name.startswith(("note", "source"))):
                rows.append((name, type(entry).__name__, field.name, _said(value)))
    return pd.DataFrame(rows, columns=["name", "entry", "field", "value"])


def _said(value: Any) -> Any:
    """Write the parts of an entry by name."""
    if isinstance(value, tuple):
        return "; ".join(str(_said(one)) for one in value)
    if dataclasses.is_dataclass(value):
        parts = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
        return ", ".join(f"{name} {one}" for name, one in parts)
    return value
