"""Targets against what happened, the 60 % tests, and where a zone stands in its life."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.contracts import as_known, checked, row_names
from kcngeo.core.days import ALWAYS, OPEN, Day, day, day_number, day_numbers
from kcngeo.core.errors import KcngeoError
from kcngeo.core.model import Stage, Verified
from kcngeo.core.units import M2_PER_HA
from kcngeo.fill import combine
from kcngeo.standards import Criterion, criteria, fill_definition
from kcngeo.theme import number, percent, text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

VERDICTS = ("met", "on track", "behind", "missed", "not computable")
"""What may be said of a target on a reporting date."""

STAGES = (
    "proposed",
    "planned",
    "established",
    "clearing",
    "infrastructure",
    "letting",
    "full",
    "removed",
)
"""Stages in the life of a zone, in their order; "planned" is in the national plan."""

MILESTONE_STAGES = {
    "proposed": "proposed",
    "deferred": "proposed",
    "planned": "planned",
    "added_to_plan": "planned",
    "developer_called": "planned",
    "established": "established",
    "clearing": "clearing",
    "cleared": "clearing",
    "infrastructure": "infrastructure",
    "wastewater_running": "infrastructure",
    "letting": "letting",
    "filled": "full",
    "removed": "removed",
}
"""The stage a zone has reached when a milestone is done; other kinds change no stage."""

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
    known_at: Any = None,
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
    is reached later is still missed, and ``reached_on`` says when.

    Parameters
    ----------
    series
        Result of :func:`kcngeo.fill.fill_series` by zone, or several definitions of it, one below
        the other.
    targets
        Targets: zone_id, measure ("fill_rate" or a column in hectares of the series), definition,
        value (share or hectares) and the date ``on`` by which it is to be reached.
    start
        First day of the plans; None for the first reporting date of each zone and definition. The
        plan starts from the state on it, or on the last reporting date before it.
    shape
        "linear" or "s-curve".
    known_at
        Targets as known at this moment, or at the end of this day in Viet Nam; None for all that
        is not superseded.

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
        If the series is by phase, a target lacks its measure, value or date, or the shape is
        unknown.
    """
    if "phase" in series.index.names:
        raise KcngeoError("series_by_phase")
    if shape not in _SHAPES:
        raise KcngeoError("plan_shape", value=repr(shape), choices=" | ".join(_SHAPES))
    plans = checked(as_known(targets, known_at), "targets")
    plans = plans.reindex(columns=["zone_id", "measure", "definition", "value", "on"])
    gaps = plans[["measure", "value", "on"]].isna().any(axis=1).to_numpy()
    if gaps.any():
        raise KcngeoError("target_incomplete", ids=row_names(plans, np.flatnonzero(gaps)))
    since = None if start is None else day(start, name="start")
    tables = []
    for label, plan in zip(plans.index, plans.itertuples(index=False), strict=True):
        named = [plan.definition] if pd.notna(plan.definition) else series["definition"].unique()
        for definition in named:
            followed = _followed(series, plan, definition)
            judged = _judged(followed, plan, since=since, curves=_SHAPES[shape])
            judged.insert(0, "target", label)
            judged.insert(1, "zone_id", plan.zone_id)
            judged.insert(2, "measure", plan.measure)
            judged.insert(3, "definition", definition)
            tables.append(judged.reset_index())
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


def _followed(series: pd.DataFrame, plan: Any, definition: str) -> pd.DataFrame:
    """Give what a target is about on every reporting date: actual, base and why it is missing."""
    mine = series[(series["definition"] == definition).to_numpy()]
    dated = mine if len(mine) else series
    dates = dated.index.unique("on").sort_values()
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
        of_zone = mine[mine.index.get_level_values("zone_id") == plan.zone_id].droplevel("zone_id")
        rows = of_zone[["base_ha"]].assign(actual=of_zone[plan.measure])
    followed = rows.reindex(dates)
    unknown = followed["actual"].isna()
    reason = pd.Series(None, index=followed.index, dtype="object")
    reason[unknown] = "no_figure"
    reason[unknown & (followed["base_ha"] == 0)] = "nothing_leasable"
    reason[~followed.index.isin(rows.index)] = "not_counted"
    return followed.assign(reason=reason)


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
    first = since if since is not None else known.index.min()
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
        climb = max(plan.value - from_value, 0.0)
        elapsed = np.clip((dates - begin) / _DAY / length_days, 0, 1)
        planned = np.where(dates >= begin, plan.value - climb * (1 - curve(elapsed)), np.nan)
        if climb > 0:
            way = np.clip((actual - from_value) / climb, 0, 1)
            ahead_days = inverse(way) * length_days - (dates - begin) / _DAY
            ahead_days[dates < begin] = np.nan
        ahead_days = np.where(reached, np.maximum(left_days, 0), ahead_days)
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
    """Say of each date whether the target is met, on track, behind or missed, or why not."""
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
        [~known | without_plan, over & in_time, over, reached, actual >= planned - _ROUNDING],
        ["not computable", "met", "missed", "met", "on track"],
        default="behind",
    )
    reason = followed["reason"].to_numpy(dtype=object, copy=True)
    reason[over & ~known] = "begins_late" if final is None else reason[final]
    reason[without_plan] = "before_start" if begin < due else "begins_late"
    reason[verdict != "not computable"] = None
    return verdict, reason


def eligibility(
    rates: pd.DataFrame,
    works: pd.DataFrame | None,
    *,
    kind: str,
    zone_ids: Iterable[str],
    on: Day,
    language: str = "en",
    known_at: Any = None,
) -> pd.DataFrame:
    """Test whether a new zone, or the extension of a zone, meets the conditions of the law.

    A new zone needs an average fill rate of the province's established zones of at least 60 %. The
    law says average; read here as the ratio of the sums, let land of all those zones over their
    base (:func:`kcngeo.fill.combine`), never as the mean of their rates. Which zones are the
    province's, and on which day, is the caller's: a province merged with its neighbours is another
    set. The extension of a zone needs at least 60 % in that zone and its central wastewater works
    running on the day. Exactly 60 % passes. The thresholds, and how well they are verified, stand
    in the registry (:func:`kcngeo.standards.criteria`); conditions that are only recalled are
    shown and decide nothing. Meeting these two says nothing about the other conditions.

    Parameters
    ----------
    rates
        Result of :func:`kcngeo.fill.fill_rate` of the day, or of :func:`kcngeo.fill.fill_series`
        with a row on the day; any definition, which is named in the result.
    works
        Works, of which those of kind "wastewater" with ``done_on <= on`` are running; None if
        nothing is known of them.
    kind
        "new" or "extension".
    zone_ids
        For "new" the established zones that are averaged; for "extension" the zones to be
        extended, each tested by itself.
    on
        The day.
    language
        Language of ``explanation``, "vi" or "en".
    known_at
        Works as known at this moment, or at the end of this day in Viet Nam; None for all that is
        not superseded.

    Returns
    -------
    pd.DataFrame
        A row a condition, and for an extension a zone: ``zone_ids`` (joined by "|"), ``criterion``
        (id in the registry, or "all": every condition that applies), ``value`` and ``threshold``
        (a share, a number of works, or hectares), ``passes`` (missing if not computable),
        ``applied`` (whether it decides), ``in_force`` (whether it is law on the day),
        ``definition`` (of the rate), ``reason`` (a code), ``explanation``, ``source`` and
        ``verified``.

    Raises
    ------
    ContractError
        If the works break their contract.
    StandardError
        If there are no conditions of this kind.
    KcngeoError
        If the rates are by phase, or by different definitions.

    Examples
    --------
    60 ha of 100 ha and 30 ha of 50 ha are let: 90 / 150 is exactly 60 %.

    >>> import pandas as pd
    >>> rates = pd.DataFrame(
    ...     {"leased_ha": [60.0, 30.0], "base_ha": [100.0, 50.0], "definition": "nd35-2022"},
    ...     index=pd.Index(["A", "B"], name="zone_id"),
    ... )
    >>> tests = eligibility(rates, None, kind="new", zone_ids=["A", "B"], on="2023-12-31")
    >>> tests.loc[tests["applied"], ["criterion", "passes"]].to_dict("split")["data"]
    [['new-fill-rate', True], ['all', True]]
    """
    if "phase" in rates.index.names:
        raise KcngeoError("series_by_phase")
    date = day(on)
    tests = criteria(kind)
    zones = list(dict.fromkeys(zone_ids))
    known = None if works is None else checked(as_known(works, known_at), "works")
    today = rates
    if "on" in rates.index.names:
        today = rates[rates.index.get_level_values("on") == date].droplevel("on")
    groups = [zones] if kind == "new" else [[zone] for zone in zones]
    rows = [
        row
        for group in groups
        for row in _tested(today, known, tests, group, date=date, language=language)
    ]
    result = pd.DataFrame(rows, columns=_ELIGIBILITY)
    return result.astype({"passes": "boolean", "definition": "str", "source": "str"})


_ELIGIBILITY = [
    "zone_ids",
    "criterion",
    "value",
    "threshold",
    "passes",
    "applied",
    "in_force",
    "definition",
    "reason",
    "explanation",
    "source",
    "verified",
]


def _tested(
    rates: pd.DataFrame,
    works: pd.DataFrame | None,
    tests: tuple[Criterion, ...],
    zones: list[str],
    *,
    date: pd.Timestamp,
    language: str,
) -> list[dict[str, Any]]:
    """Try every condition on one set of zones, and all that apply together."""
    rows = []
    for test in tests:
        if test.measure == "wastewater_running":
            value, definition, reason, ids = *_running(works, zones, date=date), tuple(zones)
        else:
            value, definition, reason, ids = _of_rates(rates, test.measure, zones)
        passes = None if reason else test.passes(value)
        if not test.applied:
            passes, reason = None, reason or "not_applied"
        threshold = test.at_least if test.at_least is not None else test.below
        rows.append(
            {
                "zone_ids": "|".join(zones),
                "criterion": test.name,
                "value": value,
                "threshold": threshold,
                "passes": passes,
                "applied": test.applied,
                "in_force": test.is_in_force(date),
                "definition": definition,
                "reason": reason or ("passes" if passes else "fails"),
                "source": test.source,
                "verified": str(test.verified),
            }
        )
        rows[-1]["explanation"] = _explained(rows[-1], test, ids, date=date, language=language)
    return [*rows, _all_of(rows, language=language)]


def _of_rates(
    rates: pd.DataFrame, measure: str, zones: list[str]
) -> tuple[float, str | None, str, tuple[str, ...]]:
    """Give the rate, or the hectares not let, of a set of zones; and what is missing."""
    unknown = tuple(zone for zone in zones if zone not in rates.index)
    if unknown or not zones:
        return np.nan, None, "zones_missing", unknown
    total = combine(rates.loc[zones]).iloc[0]
    value = total["fill_rate"]
    if measure == "remaining_ha":
        value = total["base_ha"] - total["leased_ha"]
    if pd.notna(total["not_computable"]):
        return np.nan, total["definition"], "zones_missing", (total["not_computable"],)
    reason = "no_rate" if pd.isna(value) else ""
    return float(value), total["definition"], reason, tuple(zones)


def _running(
    works: pd.DataFrame | None, zones: list[str], *, date: pd.Timestamp
) -> tuple[float, None, str]:
    """Count the wastewater works that run on a day."""
    if works is None:
        return np.nan, None, "works_unknown"
    mine = works[works["zone_id"].isin(zones) & (works["kind"] == "wastewater")]
    done = mine.reindex(columns=["done_on"])["done_on"].astype("datetime64[s]")
    return float((done <= date).sum()), None, ""


def _all_of(rows: list[dict[str, Any]], *, language: str) -> dict[str, Any]:
    """Say whether all conditions that apply are met; what is unknown decides only if none fails."""
    applied = [row for row in rows if row["applied"]]
    verdicts = [row["passes"] for row in applied]
    passes = False if False in verdicts else (None if None in verdicts else True)
    reason = "unknown" if passes is None else "passes" if passes else "fails"
    marks = [str(mark) for mark in Verified]
    return {
        "zone_ids": rows[0]["zone_ids"],
        "criterion": "all",
        "value": np.nan,
        "threshold": np.nan,
        "passes": passes,
        "applied": True,
        "in_force": all(row["in_force"] for row in applied),
        "definition": rows[0]["definition"],
        "reason": reason,
        "explanation": text(f"targets.all_{reason}", language=language),
        "source": None,
        "verified": max((row["verified"] for row in applied), key=marks.index),
    }


def _explained(
    row: dict[str, Any],
    test: Criterion,
    ids: tuple[str, ...],
    *,
    date: pd.Timestamp,
    language: str,
) -> str:
    """Say a test in words, with what limits it."""

    def shown(value: float) -> str:
        if test.measure == "fill_rate":
            return percent(value, language=language)
        decimals, unit = (0, "") if test.measure == "wastewater_running" else (2, " ha")
        return number(value, language=language, decimals=decimals) + unit

    label = "–"
    if row["definition"] is not None:
        label = fill_definition(row["definition"], on=date).label(on=date, language=language)
    counted = test.measure == "wastewater_running" and row["passes"] is not None
    words = text(
        "targets.works_running" if counted else f"targets.{row['reason']}",
        language=language,
        title=test.title[language],
        value=shown(row["value"]),
        threshold=shown(row["threshold"]),
        definition=label,
        ids=ids,
    )
    remarks = []
    if test.applied and not row["in_force"]:
        remarks.append(text("definition.not_in_force", language=language))
    if test.verified is not Verified.OFFICIAL:
        remarks.append(text(f"definition.{test.verified}", language=language))
    return f"{words.rstrip('.')} ({', '.join(remarks)})." if remarks else words


def life_cycle(
    zones: pd.DataFrame,
    milestones: pd.DataFrame,
    *,
    on: Day,
    accounts: pd.DataFrame | None = None,
    known_at: Any = None,
) -> pd.DataFrame:
    """Tell in which stage of its life each zone stands on a day, and what is due next.

    Proposed → planned (in the national plan) → established → clearing → infrastructure → letting →
    full; or removed. The stage is the furthest that a done milestone or the zone's dates give; a
    stage written in the zone's row counts where its dates are missing. A zone that is deferred
    falls back to proposed and begins anew. Milestones say only what somebody entered: without
    ``accounts`` a zone whose land is half let may stand at infrastructure, because letting has no
    milestone. Stages overlap in truth, so the stage is how far a zone has come, not all that goes
    on in it.

    Parameters
    ----------
    zones
        Zones, with their dates.
    milestones
        Dated steps: zone_id, kind (see :data:`MILESTONE_STAGES`), due_on, done_on.
    on
        The day; what is done on it is done, and what is removed on it is removed.
    accounts
        Result of :func:`kcngeo.fill.land_account` of the day, by zone: some land cleared is at
        least clearing, some let is letting, all let is full (to 1 m²; the account decides, so a
        zone that has land free again is no longer full). None to go by milestones alone.
    known_at
        Zones and milestones as known at this moment, or at the end of this day in Viet Nam; None
        for all that is not superseded.

    Returns
    -------
    pd.DataFrame
        By ``zone_id``, sorted: ``stage`` (one of :data:`STAGES`, missing if nothing tells),
        ``since`` (the day its first milestone or the zone's date gives, if any), ``next_kind`` and
        ``next_due_on`` (the milestone not done that is due first; none after removal),
        ``overdue_days`` (days since it was due; 0 up to the day itself, missing without a due date)
        and ``overdue_count`` (milestones not done and due before the day).

    Raises
    ------
    ContractError
        If a table breaks its contract.
    """
    number_on, date = day_number(on), day(on)
    zones = checked(as_known(zones, known_at), "zones")
    steps = checked(as_known(milestones, known_at), "milestones")
    steps = steps.reindex(columns=["zone_id", "kind", "due_on", "done_on"])
    steps = steps.astype({"due_on": "datetime64[s]", "done_on": "datetime64[s]"})
    rows = []
    for zone_id, versions in zones.groupby("zone_id", sort=True):
        mine = steps[(steps["zone_id"] == zone_id).to_numpy()]
        done = mine[(mine["done_on"] <= date).to_numpy()]
        reached = _reached(done, _dated(versions, number_on))
        account = None
        if accounts is not None and zone_id in accounts.index:
            account = accounts.loc[str(zone_id)].to_dict()
        stage, since = _stage(reached, account)
        rows.append({"zone_id": zone_id, "stage": stage, "since": since})
        # What had no date to be due and was done later was not yet expected.
        waiting = ~(mine["done_on"] <= date) & (mine["due_on"].notna() | mine["done_on"].isna())
        waiting &= stage != "removed"
        rows[-1].update(_next(mine[waiting.to_numpy()], date))
    columns = ["zone_id", "stage", "since", *_next(steps.iloc[:0], date)]
    result = pd.DataFrame(rows, columns=columns).set_index("zone_id")
    return result.astype(
        {
            "stage": "str",
            "since": "datetime64[s]",
            "next_kind": "str",
            "next_due_on": "datetime64[s]",
            "overdue_days": "Int64",
            "overdue_count": "Int64",
        }
    )


def _dated(versions: pd.DataFrame, number_on: int) -> dict[str, pd.Timestamp | None]:
    """Give the stages the zone's own row tells, with their days."""
    size = len(versions)
    start = day_numbers(versions.get("valid_from"), missing=ALWAYS, length=size)
    end = day_numbers(versions.get("valid_to"), missing=OPEN, length=size)
    begun = np.flatnonzero(start <= number_on)
    if not len(begun):
        return {}
    # The version in force, or the last one there was.
    last = begun[np.argmax(start[begun])]
    row = versions.iloc[last]
    found: dict[str, pd.Timestamp | None] = {}
    for stage, column in (("established", "established_on"), ("removed", "removed_on")):
        date = row.get(column)
        if pd.notna(date) and day_number(date) <= number_on:
            found[stage] = date
    written = row.get("stage")
    stage = Stage.ESTABLISHED if pd.isna(written) else Stage(written)
    # Where the date of a stage is given, the date alone says when it is reached.
    if pd.isna(
        row.get({Stage.REMOVED: "removed_on", Stage.ESTABLISHED: "established_on"}.get(stage))
    ):
        found.setdefault(str(stage), None)
    if end[last] <= number_on:
        found.setdefault("removed", row["valid_to"])
    return found


def _reached(
    done: pd.DataFrame, dated: dict[str, pd.Timestamp | None]
) -> dict[str, pd.Timestamp | None]:
    """Give every stage reached, with the first day of it; what was before a deferral is undone."""
    deferred = done.loc[(done["kind"] == "deferred").to_numpy(), "done_on"].max()
    counted = done if pd.isna(deferred) else done[(done["done_on"] >= deferred).to_numpy()]
    reached = dict(dated)
    for kind, date in counted.sort_values("done_on")[["kind", "done_on"]].itertuples(index=False):
        stage = MILESTONE_STAGES.get(kind)
        if stage is not None and (reached.get(stage) is None or date < reached[stage]):
            reached[stage] = date
    return reached


def _stage(
    reached: dict[str, pd.Timestamp | None], account: dict[Any, float] | None
) -> tuple[str | None, pd.Timestamp | None]:
    """Choose the furthest stage; the account of the day decides about clearing, letting, full."""
    if account is not None and account["base_ha"] > 0 and "removed" not in reached:
        uncleared_ha = account["uncleared_ha"] + account["uncleared_held_ha"]
        is_full = account["leased_ha"] >= account["base_ha"] - 1 / M2_PER_HA
        if not is_full:
            reached.pop("full", None)
        for stage, is_so in (
            ("clearing", uncleared_ha < account["base_ha"]),
            ("letting", account["leased_ha"] > 0),
            ("full", is_full),
        ):
            if is_so:
                reached.setdefault(stage, None)
    if not reached:
        return None, None
    stage = max(reached, key=STAGES.index)
    return stage, reached[stage]


def _next(waiting: pd.DataFrame, date: pd.Timestamp) -> dict[str, Any]:
    """Tell of the milestones that are not done."""
    late = waiting[(waiting["due_on"] < date).to_numpy()]
    first: dict[str, Any] = {"next_kind": None, "next_due_on": None, "overdue_days": pd.NA}
    if len(waiting):
        row = waiting.sort_values("due_on", kind="stable", na_position="last").iloc[0]
        first |= {"next_kind": row["kind"], "next_due_on": row["due_on"]}
        if pd.notna(row["due_on"]):
            first["overdue_days"] = max((date - row["due_on"]).days, 0)
    return {**first, "overdue_count": len(late)}
