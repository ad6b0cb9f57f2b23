"""When zones reach a target, as asked for by a planner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kcngeo.analysis.forecast.history import Outlook
from kcngeo.analysis.forecast.reaching import told
from kcngeo.core.dates import Day, day, day_number
from kcngeo.core.errors import KcngeoError

if TYPE_CHECKING:
    from kcngeo.ledger import Project, Snapshot


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
    learn_from: Project | Snapshot | None = None,
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
    learn_from
        The tables without what is only supposed, where ``project`` is that of a scenario: what it
        lets on paper says nothing of the pace. None for the project itself.
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
        "not_counted" (not established, or removed), "no_parcels" (none in force on the day: what
        is declared of a zone is no history), "nothing_leasable", "few_leases" (under 5),
        "short_history" (under 24 months with land to let), "supply_exceeds" (more is to
        be cleared than is uncleared), "no_land" (probability 0), "pace_unknown" (the pace of
        lettings is so open that a date would be a guess), "beyond_horizon"; ``pace_changed``,
        whether the pace of the last two years is likely to differ from that of all the history by
        half as much again or more, missing where nothing was drawn; and what it rests on:
        ``leased_ha``, ``base_ha``, ``needed_ha`` (still to be let), ``lettable_ha`` and
        ``supply_ha`` (what there is and what is to come), ``leases`` (events seen),
        ``net_ha_per_month`` and ``recent_ha_per_month`` (mean net pace of the history and of its
        last 365 days), ``required_ha_per_month`` (net pace to reach the target by ``by_date``), and
        ``definition``.

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
        learn_from=learn_from,
    )
    goals = pd.DataFrame({"zone_id": outlook.zone_ids, "target": target, "by_date": by_date})
    result = told(outlook, goals, on=on, seed=seed)
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
    learn_from: Project | Snapshot | None = None,
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
    learn_from
        The tables without what is only supposed.
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
        project,
        on=on,
        definition=definition,
        area=area,
        supply=supply,
        since=since,
        learn_from=learn_from,
    )
    strange = tuple(sorted(set(goals["zone_id"]) - set(outlook.zone_ids)))
    if strange:
        raise KcngeoError("forecast_zone", zones=strange)
    found = told(outlook, goals, on=on, seed=seed).set_index(goals.index)
    return pd.concat([goals[["zone_id", "target", "by_date"]], found], axis=1)


def _require_goal(target: float, by_date: Day | None, *, on: Day) -> None:
    """Refuse what is no rate to reach, and a day that is over."""
    if not 0 < target <= 1:
        raise KcngeoError("forecast_target", value=repr(target))
    if by_date is not None and day_number(by_date, name="by_date") < day_number(on):
        raise KcngeoError("forecast_by_date", by_date=day(by_date).date(), on=day(on).date())
