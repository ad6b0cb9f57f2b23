"""Forecasts, as asked for by a planner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.analysis.forecast.history import Outlook
from kcngeo.analysis.forecast.simulation import TOLERANCE_HA, Goal
from kcngeo.core.dates import Day, day, day_number
from kcngeo.core.errors import KcngeoError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcngeo.ledger import Project, Snapshot

    Floats = NDArray[np.float64]

HORIZON_YEARS = 30
"""How far a fill date is looked for."""

_LEVELS = (0.1, 0.5, 0.9)
_QUANTILES = ("p10", "p50", "p90")
_MONTH_DAYS = 365.25 / 12
_YEAR_DAYS = 365
_COLUMNS = [
    *_QUANTILES,
    "probability",
    "reason",
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
_UNTOLD = ("at_fault", "definition")


def fill_date(
    project: Project | Snapshot,
    *,
    on: Day,
    target: float,
    definition: str | None = None,
    area: str = "grid",
    by_date: Day | None = None,
    supply: pd.DataFrame | None = None,
    since: Day | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Forecast when the fill rate of every zone first reaches a target.

    The date is that of the first day at the target; later terminations may take the zone below it
    again. A quantile beyond 30 years is missing, not guessed; so are all of them where the land
    that is or becomes lettable is not enough. A p90 says that one zone in ten takes longer even if
    everything goes on as it did.

    Parameters
    ----------
    project
        The tables; of a project what is known now. A zone at fault on the day, or in the history
        that is learnt from, is missing.
    on
        The day of the forecast; what begins later is not used, though it be in the ledger.
    target
        Fill rate to reach, a share above 0 and at most 1.
    definition
        Id of the fill-rate definition, for the past and the future alike; None for the law in
        force on the day.
    area
        "grid", "ellipsoid" or "certificate".
    by_date
        Day by which the target is to be reached, the day included; on or after ``on``.
    supply
        Land that becomes cleared: ``zone_id``, ``on`` (the first day on which it can be let) and
        ``area_ha``. Rows dated up to the day of the forecast are history, of which the ledger
        tells. None: land that is not cleared never will be.
    since
        First day of the history to learn from; None for the day the zone was established, or
        the ledger's first day for it where that is unknown. Give it where older lettings no longer
        speak for the future, or where the ledger was begun late.
    seed
        Seed of the draws. Each zone has its own, from this number and its id.

    Returns
    -------
    pd.DataFrame
        Indexed by ``zone_id``, sorted, a row a zone: ``p10``, ``p50``, ``p90``, the dates by which
        the target is reached in 10, 50 and 90 % of the futures (the day itself where it already
        is); ``probability`` of reaching it by ``by_date``, missing without one; ``reason``, a key
        of the texts ``forecast``, why a date is missing: "at_fault", "definition" (its numerator or
        base moves in a way that cannot be followed, for example with what is reserved),
        "not_counted" (not established, or removed), "nothing_leasable", "few_leases" (under 5),
        "short_history" (under 24 months
        with land to let), "supply_exceeds" (more is to be cleared than is uncleared), "no_land"
        (probability 0), "beyond_horizon"; and what it rests on: ``leased_ha``, ``base_ha``,
        ``needed_ha`` (still to be let), ``lettable_ha`` and ``supply_ha`` (what there is and what
        is to come), ``leases`` (events seen), ``net_ha_per_month`` and ``recent_ha_per_month``
        (mean net pace of the history and of its last 365 days: far apart, the pace has changed and
        the dates are wrong), ``required_ha_per_month`` (net pace to reach the target by
        ``by_date``), and ``definition``.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    KcngeoError
        If the target is no share above 0, ``by_date`` lies before the day, or the supply still says
        who knew what when.
    ValueError
        If the seed is negative.

    Examples
    --------
    Zone A has 1.5 of 4 ha let: 30 % are reached on the day itself. Half is not, and two lettings
    are too few to learn from:

    >>> import kcngeo as kcn
    >>> project = kcn.examples.squares()
    >>> fill_date(project, on="2018-03-31", target=0.3).loc["A", "p50"].date().isoformat()
    '2018-03-31'
    >>> half = fill_date(project, on="2018-03-31", target=0.5).loc["A"]
    >>> print(half["needed_ha"], half["leases"], half["reason"])
    0.5 2 few_leases
    """
    _require_goal(target, by_date, on=on)
    outlook = Outlook.of(
        project,
        on=on,
        definition=definition,
        area=area,
        supply=supply,
        since=since,
    )
    goals = pd.DataFrame({"zone_id": outlook.zone_ids, "target": target, "by_date": by_date})
    result = _told(outlook, goals, on=on, seed=seed)
    return result.set_index(pd.Index(outlook.zone_ids, dtype="str", name="zone_id"))


def fill_dates(
    project: Project | Snapshot,
    *,
    on: Day,
    goals: pd.DataFrame,
    definition: str | None = None,
    area: str = "grid",
    supply: pd.DataFrame | None = None,
    since: Day | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Forecast when zones reach targets of their own, each as :func:`fill_date` tells it.

    The history of the zones is read once, and only the zones with a goal are drawn: as many goals
    as there are zones take no longer than one goal for all of them.

    Parameters
    ----------
    project
        The tables; see :func:`fill_date`.
    on
        The day of the forecast.
    goals
        A row a goal: ``zone_id``, ``target`` (a share above 0 and at most 1) and ``by_date`` (on or
        after ``on``; missing where no day is asked about).
    definition
        See :func:`fill_date`, here and below.
    area
        "grid", "ellipsoid" or "certificate".
    supply
        Land that becomes cleared.
    since
        First day of the history.
    seed
        Seed of the draws.

    Returns
    -------
    pd.DataFrame
        On the index of ``goals``: ``zone_id``, ``target``, ``by_date`` and the columns of
        :func:`fill_date`.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    KcngeoError
        If a target is no share above 0, a ``by_date`` lies before the day, a zone is not in the
        project, or the supply still says who knew what when.
    ValueError
        If the seed is negative.

    Examples
    --------
    Zone A has 1.5 of 4 ha let and needs half a hectare more to be half full; B is half full:

    >>> import kcngeo as kcn
    >>> goals = pd.DataFrame({"zone_id": ["A", "B"], "target": 0.5, "by_date": "2020-12-31"})
    >>> found = fill_dates(kcn.examples.squares(), on="2018-03-31", goals=goals)
    >>> found[["zone_id", "needed_ha"]].values.tolist()
    [['A', 0.5], ['B', 0.0]]
    """
    goals = goals.assign(by_date=pd.to_datetime(goals["by_date"]).dt.as_unit("s"))
    for target, by_date in goals[["target", "by_date"]].drop_duplicates().itertuples(index=False):
        _require_goal(target, None if pd.isna(by_date) else by_date, on=on)
    outlook = Outlook.of(
        project, on=on, definition=definition, area=area, supply=supply, since=since
    )
    strange = tuple(sorted(set(goals["zone_id"]) - set(outlook.zone_ids)))
    if strange:
        raise KcngeoError("forecast_zone", zones=strange)
    told = _told(outlook, goals, on=on, seed=seed).set_index(goals.index)
    return pd.concat([goals[["zone_id", "target", "by_date"]], told], axis=1)


def _require_goal(target: float, by_date: Day | None, *, on: Day) -> None:
    """Refuse what is no rate to reach, and a day that is over."""
    if not 0 < target <= 1:
        raise KcngeoError("forecast_target", value=repr(target))
    if by_date is not None and day_number(by_date, name="by_date") < day_number(on):
        raise KcngeoError("forecast_by_date", by_date=day(by_date).date(), on=day(on).date())


def _told(outlook: Outlook, goals: pd.DataFrame, *, on: Day, seed: int) -> pd.DataFrame:
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
    for name in _QUANTILES:
        result[name] = _dates(result[name].to_numpy(dtype="float64"), outlook.on)
    # Of no goals too, so that rows of others keep their types beside them.
    words = {"reason": "str", "definition": "str", "leases": "Int64"}
    numbers = dict.fromkeys(set(_COLUMNS) - set(words) - set(_QUANTILES), "float64")
    return result.astype({**words, **numbers})


def leased_at(
    project: Project | Snapshot,
    *,
    on: Day,
    horizons: Sequence[int],
    definition: str | None = None,
    area: str = "grid",
    supply: pd.DataFrame | None = None,
    since: Day | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Forecast the let hectares of every zone at the end of some months to come.

    Never more than the land that is let, lettable or scheduled. The quantiles of several zones must
    not be added: the sum of their p10 is far too low for their sum.

    Parameters
    ----------
    project
        The tables; of a project what is known now. A zone at fault on the day, or in the history
        that is learnt from, is missing.
    on
        The day of the forecast; see :func:`fill_date`.
    horizons
        Months after ``on``, whole numbers of 1 or more. From the last day of a month one comes to
        last days of months.
    definition
        Id of the fill-rate definition, whose numerator is forecast; None for the law in force on
        the day.
    area
        "grid", "ellipsoid" or "certificate".
    supply
        See :func:`fill_date`.
    since
        See :func:`fill_date`.
    seed
        See :func:`fill_date`.

    Returns
    -------
    pd.DataFrame
        Indexed by (``zone_id``, ``on``), sorted, for every zone and horizon: ``p10``, ``p50``,
        ``p90`` in hectares, ``reason`` why they are missing, as in :func:`fill_date`, and
        ``definition``.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    KcngeoError
        If a horizon is no whole number of months above 0, there is none, or the supply still says
        who knew what when.
    ValueError
        If the seed is negative.

    Examples
    --------
    Two lettings are too few to learn from, and the end of March leads to the end of March:

    >>> import kcngeo as kcn
    >>> found = leased_at(kcn.examples.squares(), on="2018-03-31", horizons=[12]).loc["A"]
    >>> found.index[0].date().isoformat(), found["reason"].tolist()
    ('2019-03-31', ['few_leases'])
    """
    dates = _horizon_dates(day(on), horizons)
    outlook = Outlook.of(
        project,
        on=on,
        definition=definition,
        area=area,
        supply=supply,
        since=since,
    )
    days = [int(after) for after in (dates - day(on)).days]
    # (zones x horizons, levels) hectares; an empty one in front for a project without zones
    quantiles, reasons = [np.empty((0, len(_LEVELS)))], []
    for zone_id in outlook.zone_ids:
        reason = outlook.reason(zone_id)
        reasons += [reason or None] * len(days)
        if reason:
            quantiles.append(np.full((len(days), len(_LEVELS)), np.nan))
        else:
            drawn = outlook.futures(zone_id, seed=seed, until_days=days[-1], horizon_days=days)
            quantiles.append(_quantiles(drawn.leased_ha))
    names = pd.Index(outlook.zone_ids, dtype="str")
    result = pd.DataFrame(
        np.concatenate(quantiles),
        index=pd.MultiIndex.from_product([names, dates], names=["zone_id", "on"]),
        columns=list(_QUANTILES),
    )
    return result.assign(
        reason=pd.array(reasons, dtype="str"),
        definition=pd.array([outlook.definition.name] * len(result), dtype="str"),
    )


def _reason(outlook: Outlook, zone_id: str) -> str:
    """Say why a fill date cannot be told; the base must be followed too."""
    reason = outlook.reason(zone_id)
    if reason in ("at_fault", "not_counted"):
        return reason
    return "definition" if outlook.growths[zone_id] is None else reason


def _untold(outlook: Outlook, zone_id: str, reason: str) -> dict[str, Any]:
    """Give the row of a zone of which nothing can be forecast: the rate of the day, no more."""
    leased_ha, base_ha = outlook.let_of_base_ha.get(zone_id, (np.nan, np.nan))
    said = {"reason": reason, "leased_ha": leased_ha, "base_ha": base_ha}
    missing = dict.fromkeys(_COLUMNS, np.nan) | {"leases": pd.NA}
    return {**missing, **said, "definition": outlook.definition.name}


class _Reaching:
    """When one zone reaches the target, and what that rests on."""

    def __init__(
        self, outlook: Outlook, zone_id: str, *, target: float, by_day: int | None
    ) -> None:
        self.outlook, self.zone_id, self.by_day = outlook, zone_id, by_day
        self.history, self.supply = outlook.histories[zone_id], outlook.supply(zone_id)
        self.reason = outlook.reason(zone_id)
        self.leased_ha, self.base_ha = outlook.let_of_base_ha.get(zone_id, (np.nan, np.nan))
        growth = outlook.growths[zone_id] or 0.0
        self.goal = Goal(share=target, base_ha=self.base_ha, growth=growth)

    def row(self, *, until: int, seed: int) -> dict[str, Any]:
        """Give the row of the result, dates as days after the start."""
        quantiles, probability = (np.nan,) * len(_LEVELS), np.nan
        days, reason = self._days(until=until, seed=seed)
        if days is not None:
            quantiles = tuple(_quantiles(days[None])[0])
            probability = np.nan if self.by_day is None else float((days <= self.by_day).mean())
            # A future that never reaches the target is infinite days away; the latest quantile
            # tells whether any is.
            reason = reason or ("beyond_horizon" if np.isinf(quantiles[-1]) else "")
        return {
            **dict(zip(_QUANTILES, quantiles, strict=True)),
            "probability": probability,
            "reason": reason or None,
            "leased_ha": self.leased_ha,
            "base_ha": self.base_ha,
            "needed_ha": self._needed_ha(0),
            "lettable_ha": float(self.history.lettable_ha[-1]),
            "supply_ha": self.supply.total_ha,
            "leases": len(self.history.lease_ha),
            "net_ha_per_month": self._pace(self.history.end - int(self.history.day[0])),
            "recent_ha_per_month": self._pace(_YEAR_DAYS),
            "required_ha_per_month": (
                self._needed_ha(self.by_day) / (self.by_day / _MONTH_DAYS)
                if self.by_day
                else np.nan
            ),
            "definition": self.outlook.definition.name,
        }

    def _days(self, *, until: int, seed: int) -> tuple[Floats | None, str]:
        """Draw the days of reaching the target, or say why not; what is certain is not drawn."""
        if self.reason in _BLIND:
            return None, self.reason
        if self._needed_ha(0) <= TOLERANCE_HA:
            return np.zeros(1), ""
        land_ha = self.leased_ha + self.history.lettable_ha[-1] + self.supply.total_ha
        if self.goal.needed_ha(self.supply.total_ha) > land_ha + TOLERANCE_HA:
            return np.full(1, np.inf), "no_land"
        if self.reason:
            return None, self.reason
        futures = self.outlook.futures(self.zone_id, seed=seed, until_days=until, goal=self.goal)
        return futures.reached_days, ""

    def _needed_ha(self, days: int) -> float:
        """Hectares still to be let if the target is to be reached after so many days."""
        needed_ha = self.goal.needed_ha(float(self.supply.until(days))) - self.leased_ha
        return needed_ha if np.isnan(needed_ha) else max(needed_ha, 0.0)

    def _pace(self, days: int) -> float:
        """Net hectares a month over the last days; missing where the history is shorter."""
        history = self.history
        first = int(np.searchsorted(history.day, history.end - days, side="right")) - 1
        if first < 0 or not days:
            return np.nan
        gained_ha = float(history.leased_ha[-1] - history.leased_ha[first])
        return gained_ha / (days / _MONTH_DAYS)


def _horizon_dates(on: pd.Timestamp, horizons: Sequence[int]) -> pd.DatetimeIndex:
    months = sorted(set(horizons))
    if not months or any(month != int(month) or month < 1 for month in months):
        raise KcngeoError("forecast_horizons", value=repr(horizons))
    dates = [on + pd.DateOffset(months=int(month)) for month in months]
    if on.is_month_end:
        dates = [date + pd.offsets.MonthEnd(0) for date in dates]
    return pd.DatetimeIndex(dates).as_unit("s")


def _quantiles(values: Floats) -> Floats:
    """Give p10, p50 and p90 of each row: values that were drawn, so that infinity stays itself."""
    return np.asarray(np.quantile(values, _LEVELS, axis=1, method="inverted_cdf").T)


def _dates(days: Floats, on: int) -> NDArray[np.datetime64]:
    """Turn days after the start into dates; what is not finite is missing."""
    known = np.isfinite(days)
    dates = (on + np.where(known, days, 0).astype("int64")).astype("datetime64[D]")
    return np.where(known, dates, np.datetime64("NaT")).astype("datetime64[s]")
