"""Why a fill rate moved: an exact decomposition, down to the entries.

Between two dates the numerator of a definition, land let in most, goes from L1 to L2 and its base
from B1 to B2. The change of the rate is

    (L2 − L1) / B1  +  L2 · (1/B2 − 1/B1),

the numerator at the old base, then the base. Both are linear in the changes of L and B, so a cause
that changes them by ΔL and ΔB adds ΔL/B1 − L2·ΔB/(B1·B2), and all causes add up to the change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.analysis.change.causes import CAUSE_NAMES, CAUSES, between_dates, corrections
from kcngeo.analysis.change.levels import Weighing
from kcngeo.core.dates import DateError, Day, day, month_ends
from kcngeo.core.units import hectares
from kcngeo.fill import Accounts
from kcngeo.ledger import Project, Snapshot, asked, known, missing_zones
from kcngeo.standards import FillDefinition, fill_definition

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcngeo.core.dates import Moment

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_ENTRY_COLUMNS = [
    "zone_id",
    "on",
    "cause",
    "parcel_ids",
    "entries",
    "leased_change_ha",
    "base_change_ha",
    "effect",
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Change:
    """Why rates moved between two dates.

    Attributes
    ----------
    effects
        By ``zone_id``: ``rate_start``, ``rate_end``, ``numerator_effect``, ``base_effect``,
        ``change``, and a column for each of :data:`CAUSES`; shares, missing where a base is 0 and
        for a zone that is not computable.
    entries
        A row a cause, parcel and day: ``zone_id``, ``on`` (the first day of the new state; for
        corrections the start), ``cause``, ``parcel_ids`` and ``entries`` (joined by "|"),
        ``leased_change_ha``, ``base_change_ha`` (of numerator and base, weighed as the definition
        says), ``effect`` (share). The effects of a zone's rows add up to its ``change``; a zone
        that is not computable has no rows.
    """

    effects: pd.DataFrame
    entries: pd.DataFrame


def explain(
    project: Project | Snapshot,
    *,
    start: Day,
    end: Day,
    definition: str,
    known_at_start: Moment | None = None,
    known_at_end: Moment | None = None,
    area: str = "grid",
) -> Change:
    """Explain the change of every zone's fill rate between two reporting dates.

    What begins or ends in (start, end] counts, each on its first day. Where the shape or use of a
    parcel and its lease change on one day, its share let is first taken as it was, then changed. A
    split or merge is one parcel on the day it happens. If the two states are known at different
    times, the past is corrected first, on the start date; the two dates may then be one, of which
    only the corrections are told.

    Parameters
    ----------
    project
        The tables; a zone at fault on a day of the period is left out.
    start
        The earlier reporting date.
    end
        The later reporting date.
    definition
        Id of the fill-rate definition, the same on both dates.
    known_at_start
        The moment as of which the state on ``start`` was known, or a day, which means its end in
        Viet Nam; None for all that is not superseded.
    known_at_end
        The moment as of which the state on ``end`` is known.
    area
        "grid", "ellipsoid" or "certificate".

    Returns
    -------
    Change
        Effects by zone and by entry; a zone that does not count on one of the dates, or has no
        base there, has no change.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    DateError
        If ``end`` is before ``start``, or is the same day, known at one time.
    KcngeoError
        If a moment is given with a snapshot.

    Examples
    --------
    In 2016 half of A-2 is let, in 2017 A-5, which is service land: of the 4 ha of industrial land
    1 ha is let at the end of 2015 and 1.5 ha two years later.

    >>> import kcngeo as kcn
    >>> why = explain(
    ...     kcn.examples.squares(), start="2015-12-31", end="2017-12-31", definition="nd164-2013"
    ... )
    >>> why.effects.loc["A", ["rate_start", "rate_end", "lease_begun"]].tolist()
    [0.25, 0.375, 0.125]
    >>> why.entries[["cause", "parcel_ids", "entries", "leased_change_ha"]].values.tolist()
    [['lease_begun', 'A-2', 'E2', 0.5]]
    """
    if isinstance(project, Project):
        # Entries of two times of knowledge are told apart by their rows.
        project = replace(project, ledger=project.ledger.reset_index(drop=True))
    new = known(project, known_at_end)
    old = new if known_at_start == known_at_end else known(project, known_at_start)
    return between(old, new, start=start, end=end, definition=definition, area=area)


def between(
    old: Snapshot, new: Snapshot, *, start: Day, end: Day, definition: str, area: str = "grid"
) -> Change:
    """Explain the change between two dates, each as known at its own time.

    Parameters
    ----------
    old
        What was known of the start.
    new
        What is known of the end; the same snapshot if nothing was corrected. Rows of the ledger
        that are the same in both have the same index.
    start
        The earlier reporting date.
    end
        The later reporting date.
    definition
        Id of the fill-rate definition.
    area
        "grid", "ellipsoid" or "certificate".

    Returns
    -------
    Change
        As :func:`explain`; zones at fault in one of the two are missing in both.

    Raises
    ------
    ContractError
        If a zone is at fault and its snapshot does not set zones apart.
    DateError
        If ``end`` is before ``start``, or is the same day of one snapshot.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> now = kcn.examples.squares().as_known()
    >>> period = {"start": "2018-12-31", "end": "2019-01-31", "definition": "nd82-2018"}
    >>> between(now, now, **period).effects["lease_ended"].tolist()
    [0.0, -0.5]
    """
    dates = _period(start, end, corrected=old is not new)
    one = fill_definition(definition, on=dates[0])
    then, now = _both(old, new, one, dates, area=area)
    sides = (("start", dates[[0]], then), ("end", dates[[1]], now))
    figures, unknown = {}, set(then.snapshot.apart)
    for side, on, accounts in sides:
        # (zones, 1) mm² and whether the zone counts, on one of the two dates
        leased, base, counts = _states(accounts, one, on)
        names = pd.Index(accounts.zone_ids, dtype="str")
        unknown |= set(names[(counts & np.isnan(base)).any(axis=1)])
        for name, values in (("leased", leased), ("base", base)):
            figures[f"{name}_{side}"] = pd.Series(np.where(counts, values, np.nan)[:, 0], names)
        figures[f"counts_{side}"] = pd.Series(counts[:, 0], names)
    zone_ids = np.union1d(then.zone_ids, now.zone_ids)
    states = pd.DataFrame(figures, index=pd.Index(zone_ids, dtype="str", name="zone_id"))
    causes = between_dates(now, one, dates)
    # Positions among the zones of both snapshots: a zone may be in one of them alone.
    causes["zone"] = np.searchsorted(zone_ids, now.zone_ids)[causes["zone"]]
    if then is not now:
        past = corrections(then, now, one, dates[0])
        past = past.assign(zone=np.searchsorted(zone_ids, past["zone_id"].to_numpy(dtype=object)))
        causes = pd.concat([causes, past.drop(columns="zone_id")], ignore_index=True)
    # Of a zone that is not known at either end nothing explains the change.
    causes = causes[~np.isin(zone_ids[causes["zone"]], list(unknown))]
    rows = states.iloc[causes["zone"]]
    entries = _with_effects(
        causes, zone_ids, rows["base_start"], rows["leased_end"], rows["base_end"]
    )
    counted = states[["counts_start", "counts_end"]].eq(True).any(axis=1)
    effects = _effects(states[counted], entries)
    return Change(effects=missing_zones(effects, then.snapshot), entries=entries)


def by_month(
    project: Project | Snapshot,
    *,
    start: Day,
    end: Day,
    definition: str,
    freq: str = "ME",
    area: str = "grid",
) -> pd.DataFrame:
    """Explain a series step by step: what changed each month, and why.

    Parameters
    ----------
    project
        The tables; of a project what is known now. A zone at fault on a day of the period is left
        out.
    start
        First day that may be reported, included.
    end
        Last day that may be reported, included.
    definition
        Id of the fill-rate definition.
    freq
        Pandas frequency of the reporting dates.
    area
        "grid", "ellipsoid" or "certificate".

    Returns
    -------
    pd.DataFrame
        Columns of :attr:`Change.entries` and ``period``, the reporting date a row belongs to; its
        effect is on the rate of that date against the one before. A month in which a zone is not
        computable has no rows of it.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    DateError
        If no reporting date lies in the period.

    Examples
    --------
    The lease of B-1, half of zone B, ends with the year:

    >>> import kcngeo as kcn
    >>> steps = by_month(
    ...     kcn.examples.squares(), start="2018-10-31", end="2019-03-31", definition="nd82-2018"
    ... )
    >>> steps[["zone_id", "cause", "parcel_ids", "effect"]].values.tolist()
    [['B', 'lease_ended', 'B-1', -0.5]]
    >>> steps["period"].dt.strftime("%Y-%m-%d").tolist()
    ['2019-01-31']
    """
    dates = month_ends(start, end, freq=freq)
    one = fill_definition(definition, on=dates[0])
    snapshot = asked(project, start=dates[0], end=dates[-1], area=area, definition=one.name)
    accounts = Accounts.of(snapshot, area=area)
    causes = between_dates(accounts, one, dates)
    day_numbers = dates.to_numpy(dtype="datetime64[D]").astype("int64")
    period = np.searchsorted(day_numbers, causes["day"])
    leased, base, counts = _states(accounts, one, dates)
    # (zones, dates) False where a zone counts and nobody knows its rate
    known_rate = ~(counts & np.isnan(base))
    zone = causes["zone"].to_numpy()
    rows = known_rate[zone, period - 1] & known_rate[zone, period]
    zone, period = zone[rows], period[rows]
    leased, base = (np.where(counts, figures, np.nan) for figures in (leased, base))
    entries = _with_effects(
        causes[rows].assign(period=period),
        accounts.zone_ids,
        base[zone, period - 1],
        leased[zone, period],
        base[zone, period],
    )
    return entries.assign(period=dates[entries["period"]])


def _period(start: Day, end: Day, *, corrected: bool) -> pd.DatetimeIndex:
    dates = pd.DatetimeIndex([day(start, name="start"), day(end, name="end")], name="on")
    if dates[1] < dates[0] or (dates[1] == dates[0] and not corrected):
        raise DateError("empty_period", start=dates[0].date(), end=dates[1].date(), freq="D")
    return dates


def _both(
    old: Snapshot, new: Snapshot, one: FillDefinition, dates: pd.DatetimeIndex, *, area: str
) -> tuple[Accounts, Accounts]:
    """Give the accounts of both times of knowledge, without the zones at fault in either."""
    about: Any = {"area": area, "definition": one.name}
    # The past is asked of its day alone, the present of the whole period.
    now = asked(new, start=dates[0], end=dates[1], **about)
    if old is new:
        accounts = Accounts.of(now, area=area)
        return accounts, accounts
    then = asked(old.without(now.apart), start=dates[0], **about)
    gone = set(then.apart) - set(now.apart)
    return Accounts.of(then, area=area), Accounts.of(now.without(gone), area=area)


def _states(
    accounts: Accounts, one: FillDefinition, dates: pd.DatetimeIndex
) -> tuple[Floats, Floats, Bools]:
    """Give numerator and base in mm², and whether a zone counts, each zones × dates."""
    leased, base = accounts.fraction(dates, one)
    if not Weighing.follows(one):
        leased, base = np.full_like(leased, np.nan), np.full_like(base, np.nan)
    return leased, base, accounts.counts(dates)


def _with_effects(
    rows: pd.DataFrame, zone_ids: Any, base_start: Any, leased_end: Any, base_end: Any
) -> pd.DataFrame:
    """Turn changes in mm² into their effects on the rate, and codes into names."""
    # The last three are in mm², a figure a row; effects are missing where a base is 0.
    first, last = (np.where(base > 0, base, np.nan) for base in (base_start, base_end))
    leased, base = rows["leased"].to_numpy(), rows["base"].to_numpy()
    rows = rows.assign(
        leased_change_ha=hectares(leased),
        base_change_ha=hectares(base),
        effect=leased / first - np.asarray(leased_end) * base / (first * last),
    ).iloc[_order(rows)]
    named = rows.assign(
        zone_id=pd.array(zone_ids, dtype="str").take(rows["zone"].to_numpy()),
        on=rows["day"].to_numpy().astype("datetime64[D]").astype("datetime64[s]"),
        cause=pd.array(CAUSE_NAMES, dtype="str").take(rows["cause"].to_numpy()),
    )
    periods = [name for name in named.columns if name == "period"]
    return named[periods + _ENTRY_COLUMNS].reset_index(drop=True)


def _order(rows: pd.DataFrame) -> Ints:
    """Sort by period, zone, day and cause; the ids of parcels decide only where these are equal."""
    keys = [rows[name] for name in ("cause", "day", "zone", "period") if name in rows.columns]
    order = np.lexsort(keys)
    sorted_keys = np.column_stack(keys)[order]
    fresh = np.ones(len(order) + 1, dtype=bool)
    fresh[1:-1] = (sorted_keys[1:] != sorted_keys[:-1]).any(axis=1)
    tied = np.flatnonzero(~(fresh[:-1] & fresh[1:]))
    run = np.cumsum(fresh)[tied]
    ids = rows["parcel_ids"].iloc[order[tied]].to_numpy()
    within = pd.DataFrame({"run": run, "id": ids}).sort_values(["run", "id"]).index
    order[tied] = order[tied[within]]
    return np.asarray(order)


def _effects(states: pd.DataFrame, entries: pd.DataFrame) -> pd.DataFrame:
    """Sum up by zone, beside the decomposition into numerator and base."""
    first = states["base_start"].where(states["base_start"] > 0)
    last = states["base_end"].where(states["base_end"] > 0)
    table = pd.DataFrame(
        {
            "rate_start": states["leased_start"] / first,
            "rate_end": states["leased_end"] / last,
            "numerator_effect": (states["leased_end"] - states["leased_start"]) / first,
            "base_effect": states["leased_end"] * (1 / last - 1 / first),
        }
    )
    table["change"] = table["rate_end"] - table["rate_start"]
    by_cause = entries.pivot_table(
        index="zone_id", columns="cause", values="effect", aggfunc="sum", observed=True
    )
    by_cause = by_cause.reindex(index=table.index, columns=list(CAUSES)).fillna(0.0)
    return table.join(by_cause.where(table["change"].notna()))
