"""When each zone reaches its goal, a row a goal, and what that rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.analysis.forecast.lease_history import TOLERANCE_HA
from kcngeo.analysis.forecast.ranges import LEVELS, QUANTILES, as_dates, quantiles
from kcngeo.analysis.forecast.simulation import Goal
from kcngeo.core.dates import Day, day, day_number
from kcngeo.core.kept_results import kept

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcngeo.analysis.forecast.history import Outlook

    Floats = NDArray[np.float64]

HORIZON_YEARS = 30
"""How far a fill date is looked for."""

_MONTH_DAYS = 365.25 / 12
_YEAR_DAYS = 365
_COLUMNS = [
    *QUANTILES,
    "probability",
    "reason",
    "pace_changed",
    "leased_ha",
    "base_ha",
    "needed_ha",
    "lettable_ha",
    "supply_ha",
    "leases",
    "net_ha_per_month",
    "recent_ha_per_month",
    "required_ha_per_month",
    "definition",
]
# Of such a zone not even what is certain can be said.
_BLIND = ("not_counted", "nothing_leasable", "supply_exceeds")
# Of such a zone nothing can be said but the rate of today, where that is known.
_UNTOLD = ("at_fault", "no_parcels", "definition")


def told(outlook: Outlook, goals: pd.DataFrame, *, on: Day, seed: int) -> pd.DataFrame:
    """Tell when zones reach their goals, a row a goal."""
    horizon = (day(on) + pd.DateOffset(years=HORIZON_YEARS) - day(on)).days
    rows = []
    for zone_id, target, by_date in goals[["zone_id", "target", "by_date"]].itertuples(index=False):
        reason = _reason(outlook, zone_id)
        if reason in _UNTOLD or outlook.let is None:
            rows.append(_untold(outlook, zone_id, reason))
            continue
        by_day = None if pd.isna(by_date) else day_number(by_date) - outlook.on
        reaching = _Reaching(outlook, zone_id, target=target, by_day=by_day)
        # A day asked about is reached in every future, also beyond the horizon.
        rows.append(reaching.row(until=max(horizon, by_day or 0), seed=seed))
    result = pd.DataFrame(rows, columns=_COLUMNS)
    for name in QUANTILES:
        result[name] = as_dates(result[name].to_numpy(dtype="float64"), outlook.on)
    # Of no goals too, so that rows of others keep their types beside them.
    words = {"reason": "str", "definition": "str", "leases": "Int64", "pace_changed": "boolean"}
    numbers = dict.fromkeys(set(_COLUMNS) - set(words) - set(QUANTILES), "float64")
    return result.astype({**words, **numbers})


def _reason(outlook: Outlook, zone_id: str) -> str:
    """Say why a fill date cannot be told; the base must be followed too."""
    reason = outlook.reason(zone_id)
    if reason in ("at_fault", "not_counted", "no_parcels"):
        return reason
    return "definition" if outlook.growths[zone_id] is None else reason


def _untold(outlook: Outlook, zone_id: str, reason: str) -> dict[str, Any]:
    """Give the row of a zone of which nothing can be forecast: the rate of the day, no more."""
    leased_ha, base_ha = outlook.let_of_base_ha.get(zone_id, (np.nan, np.nan))
    said = {"reason": reason, "leased_ha": leased_ha, "base_ha": base_ha}
    missing = dict.fromkeys(_COLUMNS, np.nan) | {"leases": pd.NA, "pace_changed": pd.NA}
    return {**missing, **said, "definition": outlook.definition.name}


class _Reaching:
    """When one zone reaches the target, and what that rests on."""

    def __init__(
        self, outlook: Outlook, zone_id: str, *, target: float, by_day: int | None
    ) -> None:
        self.outlook, self.zone_id, self.by_day = outlook, zone_id, by_day
        self.history, self.supply = outlook.histories[zone_id], outlook.supply(zone_id)
        self.lesson = outlook.lesson(zone_id)
        self.reason = outlook.reason(zone_id)
        self.leased_ha, self.base_ha = outlook.let_of_base_ha.get(zone_id, (np.nan, np.nan))
        growth = outlook.growths[zone_id] or 0.0
        self.goal = Goal(share=target, base_ha=self.base_ha, growth=growth)

    def row(self, *, until: int, seed: int) -> dict[str, Any]:
        """Give the row of the result, dates as days after the start."""
        levels, probability = (np.nan,) * len(LEVELS), np.nan
        days, reason, pace_changed = self._days(until=until, seed=seed)
        if days is not None:
            levels = tuple(quantiles(days[None])[0])
            probability = np.nan if self.by_day is None else float((days <= self.by_day).mean())
            # A future that never reaches the target is infinite days away; the latest quantile
            # tells whether any is.
            reason = reason or ("beyond_horizon" if np.isinf(levels[-1]) else "")
        return {
            **dict(zip(QUANTILES, levels, strict=True)),
            "probability": probability,
            "reason": reason or None,
            "pace_changed": pace_changed,
            "leased_ha": self.leased_ha,
            "base_ha": self.base_ha,
            "needed_ha": self._needed_ha(0),
            "lettable_ha": float(self.history.lettable_ha[-1]),
            "supply_ha": self.supply.total_ha,
            "leases": len(self.lesson.lease_ha),
            "net_ha_per_month": self._pace(self.lesson.end - int(self.lesson.day[0])),
            "recent_ha_per_month": self._pace(_YEAR_DAYS),
            "required_ha_per_month": (
                self._needed_ha(self.by_day) / (self.by_day / _MONTH_DAYS)
                if self.by_day
                else np.nan
            ),
            "definition": self.outlook.definition.name,
        }

    def _days(self, *, until: int, seed: int) -> tuple[Floats | None, str, Any]:
        """Draw the days of reaching the target, or say why not; what is certain is not drawn."""
        if self.reason in _BLIND:
            return None, self.reason, pd.NA
        if self._needed_ha(0) <= TOLERANCE_HA:
            return np.zeros(1), "", pd.NA
        land_ha = self.leased_ha + self.history.lettable_ha[-1] + self.supply.total_ha
        if self.goal.needed_ha(self.supply.total_ha) > land_ha + TOLERANCE_HA:
            return np.full(1, np.inf), "no_land", pd.NA
        if self.reason:
            return None, self.reason, pd.NA
        asked = {"until_days": until, "goal": self.goal, "settled_days": self.by_day or 0}
        known = self.outlook.known_of(self.zone_id)
        drawn = kept(
            "reached_days",
            lambda: self.outlook.futures(self.zone_id, seed=seed, **asked),
            *(*known, seed, until, self.goal, self.by_day),
        )
        if drawn.is_unknown:
            return None, "pace_unknown", drawn.pace_changed
        return drawn.reached_days, "", drawn.pace_changed

    def _needed_ha(self, days: int) -> float:
        """Hectares still to be let if the target is to be reached after so many days."""
        needed_ha = self.goal.needed_ha(float(self.supply.until(days))) - self.leased_ha
        return needed_ha if np.isnan(needed_ha) else max(needed_ha, 0.0)

    def _pace(self, days: int) -> float:
        """Net hectares a month over the last days; missing where the history is shorter."""
        history = self.lesson
        first = int(np.searchsorted(history.day, history.end - days, side="right")) - 1
        if first < 0 or not days:
            return np.nan
        gained_ha = float(history.leased_ha[-1] - history.leased_ha[first])
        return gained_ha / (days / _MONTH_DAYS)
