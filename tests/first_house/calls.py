"""The calls whose figures are compared with those of the first house, as they are spelt today.

`CALLS` maps a topic of `runs.toml` to a function that takes the project and what is asked for and
gives the table. Where a signature of the library changes, its function here changes, and nothing
else; where a table or a column takes another name, `columns.toml` says so.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from kcngeo import (
    Project,
    Snapshot,
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
from kcngeo.core.dates import in_force
from kcngeo.core.model import LEASABLE, Finding

Call = Callable[..., pd.DataFrame]
CALLS: dict[str, Call] = {}
"""By topic, what computes its table."""

FOLDER = Path(__file__).parent
SERIES = {"start": "2005-01-01", "end": "2023-12-31"}


def of_stored(topic: str) -> Callable[[Call], Call]:
    """Register what computes the table of a topic from the tables as stored."""

    def register(call: Call) -> Call:
        CALLS[topic] = call
        return call

    return register


@functools.lru_cache(maxsize=16)
def known(project: Project, known_at: Any) -> Snapshot:
    """Give the one snapshot of a moment that all questions about it are asked of."""
    return project.as_known(known_at)


def of(topic: str) -> Callable[[Call], Call]:
    """Register what computes the table of a topic from the tables as known, zones at fault refused.

    What was asked of the first house with `known_at` is asked of the project as known then.
    """

    def register(question: Call) -> Call:
        def call(project: Project, *, known_at: Any, **asked: Any) -> pd.DataFrame:
            return question(known(project, known_at), **asked)

        CALLS[topic] = call
        return question

    return register


def listed(findings: Iterable[Finding]) -> pd.DataFrame:
    """Lay out findings without their words, which may change."""
    names = ("rule", "severity", "table", "zone_ids", "ids")
    return pd.DataFrame([[getattr(one, name) for name in names] for one in findings], columns=names)


@of("accounts")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return fill.land_account(snapshot, **asked)


@of("accounts_by_phase")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return fill.land_account(snapshot, by=("zone_id", "phase"), **asked)


@of("rates")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return fill.fill_rate(snapshot, **asked)


@of("rates_of_all_zones")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return fill.combine(fill.fill_rate(snapshot, **asked))


@of("series")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return fill.fill_series(snapshot, **SERIES, **asked)


@of("series_of_all_zones")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return fill.combine(fill.fill_series(snapshot, **SERIES, **asked))


@of("parcels")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return pd.DataFrame(fill.parcels_on(snapshot, **asked).drop(columns="geometry"))


@of("leases")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return fill.leases_on(snapshot, **asked)


@of("state")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return ledger.state(snapshot, **asked)


@of_stored("lives")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return ledger.history(project, **asked)


@of_stored("changes")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return change.explain(project, **asked).effects


@of_stored("causes")
def _(project: Project, **asked: Any) -> pd.DataFrame:
    return change.explain(project, **asked).entries


@of("changes_by_month")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return change.by_month(snapshot, **SERIES, **asked)


@of("absorption")
def _(snapshot: Snapshot, *, freq: str, **asked: Any) -> pd.DataFrame:
    return absorption.absorption(fill.fill_series(snapshot, **SERIES, **asked), freq=freq)


@of("sectors")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return absorption.by_sector(snapshot, by_zone=True, **asked)


@of("ending_leases")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return absorption.ending_leases(snapshot, **asked)


@of("cleared_unlet")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return absorption.cleared_unlet(snapshot, **asked)


@of("stages")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return progress.stage_funnel(snapshot, **asked)


@of("idle_clocks")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return progress.idle_clocks(snapshot, **asked)


@of("investors")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return progress.investor_support(snapshot, **asked)


@of("readiness")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return progress.readiness(snapshot, **asked)


@of("serviced_land")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return progress.serviced_land(progress.readiness(snapshot, **asked))


@of("capacity")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    demand = pd.read_csv(FOLDER / "demand.csv")
    return progress.capacity_balance(snapshot, demand=demand, **asked)


@of("clearance")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return progress.clearance_progress(snapshot, **asked).zones


@of("resettlement")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return progress.clearance_progress(snapshot, **asked).resettlement


@of("blocking_clearance")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return progress.clearance_progress(snapshot, **asked).blocking


@of("clearance_by_zone")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return progress.clearance_by_zone(snapshot.table("clearance"), **asked)


@of("dwell_times")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return progress.dwell_times(snapshot, **asked)


@of("order_findings")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return listed(progress.order_findings(snapshot, **asked))


@of("scorecard")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return progress.scorecard(snapshot, **asked)


@of("land_use_balance")
def _(snapshot: Snapshot, *, edition: str, **asked: Any) -> pd.DataFrame:
    return balance.land_use_balance(snapshot, standard=edition, **asked)


@of("green_belt")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return balance.green_belt(snapshot, **asked)


@of("parcel_balance")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return balance.parcel_balance(snapshot, **asked)


@of("social_works")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return balance.social_works(snapshot, **asked)


def ruled(snapshot: Snapshot) -> dict[str, Any]:
    """Give what every question about distances takes beside its layers and its day."""
    return {"rules": standards.buffer_rules(), "zones": snapshot.zones}


@of("conflicts")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    layers = snapshot.table("emitters"), snapshot.table("receptors")
    return conflicts.buffer_conflicts(*layers, **ruled(snapshot), **asked)


@of("conflict_findings")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    layers = snapshot.table("emitters"), snapshot.table("receptors")
    return listed(conflicts.findings(*layers, **ruled(snapshot), **asked))


@of("admissible_classes")
def _(snapshot: Snapshot, *, on: Any) -> pd.DataFrame:
    parcels = ledger.state(snapshot, on=on)
    leasable = parcels["land_use"].isin(map(str, LEASABLE))
    vacant = parcels[leasable & (parcels["available_share"] > 0)]
    receptors = snapshot.table("receptors")
    return conflicts.admissible_class(vacant, receptors, on=on, **ruled(snapshot))


@of("distances_kept")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    layers = snapshot.table("emitters"), snapshot.table("receptors")
    return conflicts.encumbrances(*layers, **ruled(snapshot), **asked)


@of("neighbours")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    unsuitable = pd.read_csv(FOLDER / "sectors.csv")
    return conflicts.incompatible_neighbours(snapshot, unsuitable, **asked)


def _developable(snapshot: Snapshot, **asked: Any) -> developable.DevelopableLand:
    return developable.developable_land(snapshot, snapshot.table("encumbrances"), **asked)


@of("developable_totals")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return _developable(snapshot, **asked).totals


@of("developable_account")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return _developable(snapshot, **asked).account


@of("developable_land")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return _developable(snapshot, **asked).land


@of("fragmentation")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return sites.fragmentation(_developable(snapshot, **asked).land)


def _site_report(snapshot: Snapshot, **asked: Any) -> report.SiteReport:
    """Ask for sites; what is not said of the site itself is said of the question."""
    wished = {field.name for field in dataclasses.fields(sites.SiteCriteria)} - {"on"}
    criteria = {name: asked.pop(name) for name in wished & asked.keys()}
    return report.site_report(snapshot, criteria=sites.SiteCriteria(**criteria), **asked)


@of("sites")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return _site_report(snapshot, **asked).sites


@of("site_totals")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return _site_report(snapshot, **asked).developable.totals


@of("site_account")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return _site_report(snapshot, **asked).developable.account


@of("site_sensitivity")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return _site_report(snapshot, **asked).sensitivity


@of("fill_dates")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return forecast.fill_date(snapshot, **asked)


@of("leased_at")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return forecast.leased_at(snapshot, **asked)


@of("eligibility")
def _(snapshot: Snapshot, *, kind: str, on: Any, **asked: Any) -> pd.DataFrame:
    rates = fill.fill_rate(snapshot, on=on, **asked)
    wanted = {"kind": kind, "zone_ids": list(rates.index), "on": on, "language": "en"}
    return targets.eligibility(rates, snapshot.table("works"), **wanted).drop(columns="reason")


@of("life_cycle")
def _(snapshot: Snapshot, *, on: Any, **asked: Any) -> pd.DataFrame:
    accounts = fill.land_account(snapshot, on=on, **asked)
    return targets.life_cycle(snapshot, on=on, accounts=accounts)


@of("trajectory")
def _(snapshot: Snapshot, *, shape: str, **asked: Any) -> pd.DataFrame:
    series = fill.fill_series(snapshot, **SERIES, **asked)
    return targets.trajectory(series, snapshot.table("targets"), shape=shape)


@of("claim_figures")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return claims.figures(snapshot, **asked)


@of("claims")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    computed = claims.figures(snapshot, **asked)
    said = claims.reconcile(snapshot.table("claims"), computed, language="en")
    return said.rename_axis("claim")


@of("implied_claims")
def _(snapshot: Snapshot) -> pd.DataFrame:
    return claims.implied(snapshot.table("claims")).figures


@of("contradicting_claims")
def _(snapshot: Snapshot) -> pd.DataFrame:
    return claims.implied(snapshot.table("claims")).contradictions


@of_stored("check")
def _(project: Project, *, known_at: Any, **asked: Any) -> pd.DataFrame:
    stored = project if known_at is None else project.stored_at(known_at)
    return quality.check(stored, **asked).findings


@of("let_parcels")
def _(snapshot: Snapshot, **asked: Any) -> pd.DataFrame:
    return imagery.let_parcels(snapshot, **asked)


def _parcels(snapshot: Snapshot, *, on: Any) -> Any:
    return in_force(snapshot.parcels, on).set_index("parcel_id").sort_index()


@of("built_shares")
def _(snapshot: Snapshot, *, raster: Any, classes: Any, on: Any) -> pd.DataFrame:
    return imagery.built_share(_parcels(snapshot, on=on), raster, classes=classes)


@of("green_shares")
def _(snapshot: Snapshot, *, raster: Any, on: Any, **asked: Any) -> pd.DataFrame:
    return imagery.green_share(_parcels(snapshot, on=on), raster, **asked)


@of("slopes")
def _(snapshot: Snapshot, *, raster: Any, limit_share: float, on: Any) -> pd.DataFrame:
    return imagery.mean_slope(_parcels(snapshot, on=on), raster, limit_share=limit_share)


@of_stored("standards")
def _(project: Project) -> pd.DataFrame:
    """Every figure of the registry: a row a field of an entry, without the words about it."""
    rows = []
    for name, entry in standards.registry().entries.items():
        for field in _fields_of(entry):
            value = getattr(entry, field.name)
            # Of words by language nothing is kept; weights are by (land use, item).
            words = isinstance(value, Mapping) and field.name not in ("numerator", "base")
            if not (words or field.name.startswith(("note", "source"))):
                rows.append((name, type(entry).__name__, field.name, _said(value)))
    return pd.DataFrame(rows, columns=["name", "entry", "field", "value"])


def _fields_of(entry: standards.Standard) -> list[Any]:
    """List the fields that were kept, in their order then."""
    fields = [one for one in dataclasses.fields(entry) if one.name not in _DATED]
    edition = [one for one in fields if one.name == "edition"]
    rest = [one for one in fields if one.name != "edition"]
    # The edition was a field of shares of a zone alone, the first of their own.
    if not isinstance(entry, standards.BalanceItem):
        return rest
    own = next(place for place, one in enumerate(rest) if one.name == "item")
    return [*rest[:own], *edition, *rest[own:]]


_DATED = ("checked_on", "is_law", "unread", "reading_of")


def _said(value: Any) -> Any:
    """Write the parts of an entry by name."""
    if isinstance(value, Mapping):
        return "; ".join(f"{' '.join(key)} {one}".strip() for key, one in value.items())
    if isinstance(value, tuple):
        return "; ".join(str(_said(one)) for one in value)
    if dataclasses.is_dataclass(value):
        parts = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
        return ", ".join(f"{name} {one}" for name, one in parts)
    return value
