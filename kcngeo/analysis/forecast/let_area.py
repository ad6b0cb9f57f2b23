"""How much will be let, as asked for by a planner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.analysis.forecast.history import Outlook
from kcngeo.analysis.forecast.ranges import LEVELS, QUANTILES, quantiles
from kcngeo.core.dates import Day, day
from kcngeo.core.errors import KcngeoError
from kcngeo.core.kept_results import kept

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcngeo.ledger import Project, Snapshot


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
        ``p90`` in hectares; ``reason`` why they are missing, ``pace_changed`` and ``definition``,
        all three as in :func:`fill_date`.

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
    ranges, reasons, changed = [np.empty((0, len(LEVELS)))], [], []
    for zone_id in outlook.zone_ids:
        range_ha, reason, pace_changed = _range(outlook, zone_id, days, seed=seed)
        ranges.append(range_ha)
        reasons += [reason or None] * len(days)
        changed += [pace_changed] * len(days)
    names = pd.Index(outlook.zone_ids, dtype="str")
    result = pd.DataFrame(
        np.concatenate(ranges),
        index=pd.MultiIndex.from_product([names, dates], names=["zone_id", "on"]),
        columns=list(QUANTILES),
    )
    return result.assign(
        reason=pd.array(reasons, dtype="str"),
        pace_changed=pd.array(changed, dtype="boolean"),
        definition=pd.array([outlook.definition.name] * len(result), dtype="str"),
    )


def _range(
    outlook: Outlook, zone_id: str, days: list[int], *, seed: int
) -> tuple[NDArray[np.float64], str, Any]:
    """Give the quantiles of a zone after some days or why there are none, and what of the pace."""
    missing = np.full((len(days), len(LEVELS)), np.nan)
    reason = outlook.reason(zone_id)
    if reason:
        return missing, reason, pd.NA

    def drawn() -> tuple[NDArray[np.float64], str, Any]:
        made = outlook.futures(zone_id, seed=seed, until_days=days[-1], horizon_days=days)
        if made.is_unknown:
            return missing, "pace_unknown", made.pace_changed
        return quantiles(made.leased_ha), "", made.pace_changed

    return kept("let_range", drawn, *outlook.known_of(zone_id), seed, days)


def _horizon_dates(on: pd.Timestamp, horizons: Sequence[int]) -> pd.DatetimeIndex:
    months = sorted(set(horizons))
    if not months or any(month != int(month) or month < 1 for month in months):
        raise KcngeoError("forecast_horizons", value=repr(horizons))
    dates = [on + pd.DateOffset(months=int(month)) for month in months]
    if on.is_month_end:
        dates = [date + pd.offsets.MonthEnd(0) for date in dates]
    return pd.DatetimeIndex(dates).as_unit("s")
