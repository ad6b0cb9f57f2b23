"""What a month's report says beyond its accounts: why rates moved, targets, and when it is full."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import pandas as pd

from kcngeo.analysis import forecast, targets
from kcngeo.core.errors import ContractError, KcngeoError
from kcngeo.core.model import Finding, Severity
from kcngeo.ledger import Snapshot

_T = TypeVar("_T")

FULL = 1.0
"""The target of the forecast that is always made: all land of the base let."""

HORIZONS = range(1, 25)
"""Months for which the let area is forecast."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forecast:
    """When targets are reached, and what is let on the way.

    Attributes
    ----------
    dates
        A row a target and zone: ``target``, ``by_date``, ``zone_id`` and the columns of
        :func:`kcngeo.analysis.forecast.fill_date`.
    area
        By (``zone_id``, ``on``) the let area of the next 24 months, columns of
        :func:`kcngeo.analysis.forecast.leased_at`.
    """

    dates: pd.DataFrame
    area: pd.DataFrame

    def without(self, zone_ids: set[str]) -> Forecast:
        """Leave zones out."""
        dates = self.dates[~self.dates["zone_id"].isin(zone_ids)].reset_index(drop=True)
        area = self.area[~self.area.index.get_level_values("zone_id").isin(zone_ids)]
        return Forecast(dates=dates, area=area)


def failed(passes: pd.Series) -> pd.Series:
    """Tell where something is known not to pass."""
    return passes.eq(False).fillna(False).astype(bool)


def optional_section(question: str, work: Callable[[], _T]) -> tuple[_T | None, list[Finding]]:
    """Try to answer; what is asked beside the accounts must not keep them from being told."""
    try:
        return work(), []
    except ContractError as error:
        return None, [replace(problem, severity=Severity.WARNING) for problem in error.problems]
    except KcngeoError as error:
        rule, fields = f"unanswered_{question}", {"reason": error}
        return None, [Finding(rule=rule, severity=Severity.WARNING, table="", fields=fields)]


def forecast_of(snapshot: Snapshot, *, on: pd.Timestamp, definition: str, area: str) -> Forecast:
    """Forecast when zones are full, and meet targets that are still open."""
    plan = snapshot.targets
    options: dict[str, Any] = {"on": on, "definition": definition, "area": area}
    supply = supply_of(snapshot.clearance, on=on)
    if supply is not None:
        # Blocked zones are forecast no more than they are counted.
        options["supply"] = supply[supply["zone_id"].isin(snapshot.zone_ids)]
    full = forecast.fill_date(snapshot, target=FULL, **options).reset_index()
    full = full.assign(target=FULL, by_date=pd.Series(pd.NaT, full.index, dtype="datetime64[s]"))
    goals = _open_targets(plan, definition, on=on)
    # A plan may go on naming a zone that is no more.
    goals = goals[goals["zone_id"].isin(full["zone_id"])].reset_index(drop=True)
    parts = [full, forecast.fill_dates(snapshot, goals=goals, **options)]
    dates = pd.concat(parts, ignore_index=True)
    first = ["target", "by_date"]
    return Forecast(
        dates=dates[[*first, *dates.columns.drop(first)]],
        area=forecast.leased_at(snapshot, horizons=HORIZONS, **options),
    )


def supply_of(clearance: pd.DataFrame | None, *, on: pd.Timestamp) -> pd.DataFrame | None:
    """Read from the table of clearance what land is due to be cleared after a day."""
    names = ["zone_id", "due_on", "area_ha"]
    if clearance is None or not set(names) <= set(clearance.columns):
        return None
    waiting = clearance.dropna(subset=names)
    waiting = waiting[waiting["due_on"] > on]
    if "handed_over_on" in waiting.columns:
        waiting = waiting[~(waiting["handed_over_on"] <= on)]
    supply = waiting[names].rename(columns={"due_on": "on"}).reset_index(drop=True)
    return pd.DataFrame(supply) if len(supply) else None


def targets_of(series: pd.DataFrame, plan: pd.DataFrame | None) -> pd.DataFrame | None:
    """Judge every target by every definition, date by date."""
    if plan is None or not len(plan):
        return None
    return targets.trajectory(series.reset_index("definition"), plan)


def _open_targets(plan: pd.DataFrame | None, definition: str, *, on: pd.Timestamp) -> pd.DataFrame:
    """List the rates that a zone is to reach from the day on, by the definition of the report."""
    # A target of another definition is judged, not forecast; one for all zones together too.
    if plan is None or not {"zone_id", "measure", "value", "on"} <= set(plan.columns):
        nobody = pd.Series(dtype="str")
        return pd.DataFrame({"zone_id": nobody, "target": nobody.astype(float), "by_date": nobody})
    ahead = plan[(plan["measure"] == "fill_rate") & (plan["on"] >= on)]
    ahead = ahead.dropna(subset=["zone_id", "value"])
    ahead = ahead[(ahead["value"] > 0) & (ahead["value"] <= 1)]
    if "definition" in ahead.columns:
        ahead = ahead[ahead["definition"].isna() | (ahead["definition"] == definition)]
    goals = (
        ahead[["value", "on", "zone_id"]].drop_duplicates().sort_values(["value", "on", "zone_id"])
    )
    return pd.DataFrame(goals.rename(columns={"value": "target", "on": "by_date"}))
