"""Targets followed date by date: planned, reached, missed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.dates import Day, day
from kcngeo.core.errors import KcngeoError
from kcngeo.core.kept_results import kept
from kcngeo.core.validation import require_known, row_names
from kcngeo.fill import combine

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


VERDICTS = ("met", "on track", "behind", "met late", "missed", "not computable")
"""What may be said of a target on a reporting date."""


_MONTH_DAYS = 365.2425 / 12


_DAY = np.timedelta64(1, "D")


# A share that should be exactly the target may come out of a division a little less.
_ROUNDING = 1e-9


def _straight(share: Floats) -> Floats:
    return share


def _s_curve(share: Floats) -> Floats:
    return share * share * (3 - 2 * share)


def _s_curve_inverse(share: Floats) -> Floats:
    return np.asarray(0.5 - np.sin(np.arcsin(1 - 2 * share) / 3))


_Curve = Callable[["Floats"], "Floats"]


_SHAPES: dict[str, tuple[_Curve, _Curve]] = {
    "linear": (_straight, _straight),
    "s-curve": (_s_curve, _s_curve_inverse),
}


def trajectory(
    series: pd.DataFrame,
    targets: pd.DataFrame,
    *,
    start: Day | None = None,
    shape: str = "linear",
) -> pd.DataFrame:
    """Set each target beside what happened, date by date, under each definition of the series.

    A target that names no definition is judged under every definition of the series, because a
    zone may be full on cleared land and half empty under the law. A target without a zone is for
    all zones of the series together, as the ratio of sums. A target is reached when the measure
    stands at or above its value.

    The planned value climbs from what stood on the first day of the plan to the target, in a
    straight line or, as an S-curve, slowly at both ends (3x² − 2x³). Neither shape stands in any
    plan: it only spreads the way to the target over time, so "behind" before the target date is a
    judgement of this shape. A zone that is behind in hectares may look ahead in its rate because
    its base shrank; ``gap_ha`` is on the base of the day.

    The target date itself counts: whether the target was met is judged by the state on it, or on
    the last reporting date before it if the series does not hold it, and that verdict stays. What
    was missed is "met late" while it stands at the target, and ``reached_on`` says since when.

    Parameters
    ----------
    series
        Result of :func:`kcngeo.fill.fill_series` by zone, or several definitions of it, one below
        the other.
    targets
        Targets as known: zone_id, measure ("fill_rate" or a column in hectares of the series),
        definition, value (share or hectares), the date ``on`` by which it is to be reached, and
        ``set_on``, the day it was set (optional).
    start
        First day of the plans; None for the day each target was set or, where that is not known or
        nothing was reported by then, the first reporting date of its zone and definition. The plan
        starts from the state on it, or on the last reporting date before it. Before it a target
        that is not met is not judged.
    shape
        "linear" or "s-curve".

    Returns
    -------
    pd.DataFrame
        A row a target, definition and reporting date: ``target`` (its label in ``targets``),
        ``zone_id``, ``measure``, ``definition``, ``on``, ``target_on``, ``target_value``,
        ``planned`` and ``actual`` (in the measure's unit), ``gap_share`` and ``gap_ha`` (actual −
        planned, as a share of the base and in hectares), ``to_target_ha`` (still missing on the
        base of the day), ``months_ahead`` (negative if behind: how long ago, or when, the plan
        stands where the zone stands), ``required_ha_per_month`` (from now on, to reach it in time;
        missing once the date has come), ``reached_on`` (first reporting date it stood at the
        target, if that has come; it may have fallen since), ``verdict``, one of :data:`VERDICTS`,
        and ``reason``, why it is not computable (words under "targets" in the table of texts).

    Raises
    ------
    ContractError
        If the targets break their contract.
    KcngeoError
        If the series is by phase, a target lacks its measure, value or date, the shape is unknown,
        or the targets still say when they were recorded.

    Examples
    --------
    On 31 March 2018, 1.5 of the 4 ha of zone A are let; all are to be let by the end of 2020.

    >>> import kcngeo as kcn
    >>> now = kcn.examples.squares().as_known()
    >>> series = kcn.fill.fill_series(now, start="2018-03-31", end="2018-04-30")
    >>> found = trajectory(series, now.targets)
    >>> found[["actual", "target_value", "to_target_ha"]].iloc[0].tolist()
    [0.375, 1.0, 2.5]
    """
    if "phase" in series.index.names:
        raise KcngeoError("series_by_phase")
    if shape not in _SHAPES:
        raise KcngeoError("plan_shape", value=repr(shape), choices=" | ".join(_SHAPES))
    plans = require_known(targets, "targets")
    plans = plans.reindex(columns=["zone_id", "measure", "definition", "value", "on", "set_on"])
    plans = plans.astype({"set_on": "datetime64[s]"})
    gaps = plans[["measure", "value", "on"]].isna().any(axis=1).to_numpy()
    if gaps.any():
        raise KcngeoError("target_incomplete", ids=row_names(plans, np.flatnonzero(gaps)))
    since = None if start is None else day(start, name="start")
    every = series["definition"].unique()
    # Searched once a definition: a search a target would grow with the square of the zones.
    reported = {one: _reported(series, one) for one in {*every, *plans["definition"].dropna()}}
    tables = []
    for label, plan in zip(plans.index, plans.itertuples(index=False), strict=True):
        # A target that names no definition is held against every one.
        named = [plan.definition] if pd.notna(plan.definition) else every
        for definition in named:
            judged = _of_target(reported[definition], plan, since=since, shape=shape)
            named_by = {
                "target": label,
                "zone_id": plan.zone_id,
                "measure": plan.measure,
                "definition": definition,
            }
            tables.append(judged.assign(**named_by))
    columns = ["target", "zone_id", "measure", "definition", "on"]
    if not tables:
        return pd.DataFrame(columns=[*columns, *_JUDGED])
    result = pd.concat(tables, ignore_index=True)[[*columns, *_JUDGED]]
    return result.astype({"zone_id": "str", "definition": "str", "reason": "str"})


_JUDGED = [
    "target_on",
    "target_value",
    "planned",
    "actual",
    "gap_share",
    "gap_ha",
    "to_target_ha",
    "months_ahead",
    "required_ha_per_month",
    "reached_on",
    "verdict",
    "reason",
]


@dataclass(frozen=True, slots=True)
class _Reported:
    """The rows of a series by one definition, its dates, and where each zone's rows lie."""

    rows: pd.DataFrame
    dates: pd.Index
    places: Mapping[Hashable, Any]

    def of(self, zone_id: str) -> pd.DataFrame:
        """Give the rows of one zone, by date."""
        return self.rows.iloc[self.places.get(zone_id, [])].droplevel("zone_id")


def _reported(series: pd.DataFrame, definition: str) -> _Reported:
    """Find the rows of one definition."""
    mine = series[(series["definition"] == definition).to_numpy()]
    dated = mine if len(mine) else series
    places = mine.groupby(level="zone_id", sort=False).indices
    return _Reported(mine, dated.index.unique("on").sort_values(), places)


def _of_target(
    reported: _Reported, plan: Any, *, since: pd.Timestamp | None, shape: str
) -> pd.DataFrame:
    """Judge one target under one definition on every reporting date."""

    def judged() -> pd.DataFrame:
        followed = _followed(reported, plan)
        return _judged(followed, plan, since=since, curves=_SHAPES[shape]).reset_index()

    if pd.isna(plan.zone_id):
        # It is about all zones together: nobody who has some of them can know.
        return judged()

    def rows() -> pd.DataFrame:
        return reported.of(plan.zone_id).reindex(columns=["base_ha", plan.measure])

    said = [bool(len(reported.rows)), plan.measure in reported.rows.columns, since, shape]
    return kept("judged", judged, *said, reported.dates, rows, *plan)


def _followed(reported: _Reported, plan: Any) -> pd.DataFrame:
    """Give what a target is about on every reporting date: actual, base and why it is missing."""
    mine, dates = reported.rows, reported.dates
    missing = pd.DataFrame({"actual": np.nan, "base_ha": np.nan}, index=dates)
    if not len(mine):
        return missing.assign(reason="no_definition")
    if plan.measure not in mine.columns or not _is_measure(plan.measure):
        return missing.assign(reason="no_measure")
    if pd.isna(plan.zone_id):
        totals = combine(mine)
        sums = mine.groupby(level="on")[plan.measure].sum(skipna=False)
        values = totals["fill_rate"] if plan.measure == "fill_rate" else sums
        rows = pd.DataFrame({"actual": values, "base_ha": totals["base_ha"]})
    else:
        of_zone = reported.of(plan.zone_id)
        rows = of_zone[["base_ha"]].assign(actual=of_zone[plan.measure])
    followed = rows.reindex(dates)
    unknown = followed["actual"].isna()
    reason = pd.Series(None, index=followed.index, dtype="object")
    reason[unknown] = "no_figure"
    reason[unknown & (followed["base_ha"] == 0)] = "nothing_leasable"
    reason[~followed.index.isin(rows.index)] = "not_counted"
    return followed.assign(reason=reason)


def _first_day(known: pd.Series, plan: Any) -> Any:
    """Begin a plan when its target was set, if something was reported by then."""
    reported = known.index.min()
    return plan.set_on if pd.notna(plan.set_on) and plan.set_on > reported else reported


def _is_measure(name: str) -> bool:
    return name == "fill_rate" or name.endswith("_ha")


def _judged(
    followed: pd.DataFrame, plan: Any, *, since: pd.Timestamp | None, curves: tuple[_Curve, _Curve]
) -> pd.DataFrame:
    """Judge one target under one definition on every reporting date."""
    curve, inverse = curves
    dates = followed.index.to_numpy()
    actual = followed["actual"].to_numpy(dtype="float64")
    base_ha = followed["base_ha"].to_numpy(dtype="float64")
    due = plan.on.to_datetime64()
    known = followed["actual"].dropna()
    # The plan begins at the value of its first day; without one there is no planned curve.
    first = since if since is not None else _first_day(known, plan)
    before = known[known.index <= first] if pd.notna(first) else known
    started = len(before) > 0 and first < plan.on
    begin = first.to_datetime64() if started else due
    left_days = (due - dates) / _DAY
    in_ha = np.ones(len(dates)) if plan.measure != "fill_rate" else base_ha
    reached = actual >= plan.value - _ROUNDING

    planned = np.full(len(dates), np.nan)
    ahead_days = np.full(len(dates), np.nan)
    if started:
        from_value, length_days = float(before.iloc[-1]), float((due - begin) / _DAY)
        # A target below the first value asks for no climb, and is reached.
        climb = max(plan.value - from_value, 0.0)
        elapsed = np.clip((dates - begin) / _DAY / length_days, 0, 1)
        planned = np.where(dates >= begin, plan.value - climb * (1 - curve(elapsed)), np.nan)
        if climb > 0:
            way = np.clip((actual - from_value) / climb, 0, 1)
            ahead_days = inverse(way) * length_days - (dates - begin) / _DAY
            ahead_days[dates < begin] = np.nan
        ahead_days = np.where(reached, np.maximum(left_days, 0), ahead_days)
    # A share of the base of its own date; hectares as they are.
    gap_ha = (actual - planned) * in_ha
    to_target_ha = np.maximum(plan.value - actual, 0) * in_ha
    to_target_ha[reached] = 0
    required = np.full(len(dates), np.nan)
    coming = left_days > 0
    required[coming] = to_target_ha[coming] / (left_days[coming] / _MONTH_DAYS)
    verdict, reason = _verdicts(followed, plan, reached=reached, planned=planned, begin=begin)
    days_reached = dates[reached]
    reached_on = days_reached[0] if len(days_reached) else np.datetime64("NaT", "s")
    return pd.DataFrame(
        {
            "target_on": plan.on,
            "target_value": plan.value,
            "planned": planned,
            "actual": actual,
            "gap_share": np.divide(
                gap_ha, base_ha, out=np.full(len(dates), np.nan), where=base_ha > 0
            ),
            "gap_ha": gap_ha,
            "to_target_ha": to_target_ha,
            "months_ahead": ahead_days / _MONTH_DAYS,
            "required_ha_per_month": required,
            "reached_on": np.where(dates >= reached_on, reached_on, np.datetime64("NaT", "s")),
            "verdict": verdict,
            "reason": reason,
        },
        index=followed.index,
    )


def _verdicts(
    followed: pd.DataFrame,
    plan: Any,
    *,
    reached: NDArray[np.bool_],
    planned: Floats,
    begin: np.datetime64,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Say of each date whether the target is met, in time or late, or missed, or why not."""
    dates = followed.index.to_numpy()
    actual = followed["actual"].to_numpy(dtype="float64")
    due = plan.on.to_datetime64()
    over = dates >= due
    at_due = np.flatnonzero(dates <= due)
    # From its date on, a target is judged by the state on that date alone.
    final = at_due[-1] if len(at_due) else None
    known = np.where(over, final is not None and not np.isnan(actual[final]), ~np.isnan(actual))
    in_time = bool(reached[final]) if final is not None else False
    without_plan = known & ~over & ~reached & np.isnan(planned)
    verdict = np.select(
        [
            *(~known | without_plan, over & in_time, over & reached, over, reached),
            actual >= planned - _ROUNDING,
        ],
        ["not computable", "met", "met late", "missed", "met", "on track"],
        default="behind",
    )
    reason = followed["reason"].to_numpy(dtype=object, copy=True)
    reason[over & ~known] = "begins_late" if final is None else reason[final]
    reason[without_plan] = "before_start" if begin < due else "begins_late"
    reason[verdict != "not computable"] = None
    return verdict, reason
