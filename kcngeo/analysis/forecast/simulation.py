"""How lettings go on: many possible futures of the let hectares of one zone, as arrays.

Lettings come at a pace that drifts from year to year and has its seasons, and bring sizes of which
a few are far larger than the rest; every tenancy runs the same risk to end; nothing is let that is
not there. The futures follow from those sentences and from chance alone: they know no plan, no
negotiation under way and no law to come.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from kcngeo.analysis.forecast.lease_history import TOLERANCE_HA, LeaseHistory, Tenancies
from kcngeo.analysis.forecast.pace import FUTURE_YEARS, YEAR_DAYS, Pace
from kcngeo.analysis.forecast.sizes import Sizes
from kcngeo.standards import LettingPrior, load

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# Futures later than p90.
_LATE_SHARE = 0.1

PRIOR = "lettings-2026"
"""The entry of the registry that is all a forecast knows of other zones."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Futures:
    """Possible futures of one zone.

    Attributes
    ----------
    leased_ha
        Let hectares, horizons × futures.
    reached_days
        Days after the start on which the goal is first reached, a value a future; infinite where
        that does not happen in time.
    pace_changed
        Whether the pace of the last two years is likely to differ from that of all the history.
    is_unknown
        Whether the pace to come is so open that a date would be a guess.
    """

    leased_ha: Floats
    reached_days: Floats
    pace_changed: bool
    is_unknown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """Let land that is a share of a base, which may grow with the supply.

    Attributes
    ----------
    share
        The share to reach.
    base_ha
        The base at the start.
    growth
        Hectares the base grows by for each that becomes lettable.
    """

    share: float
    base_ha: float
    growth: float = 0.0

    def needed_ha(self, supplied_ha: Any = 0.0) -> Any:
        """Give the let hectares at which it is reached.

        Parameters
        ----------
        supplied_ha
            Hectares that became lettable since the start, one number or many.

        Returns
        -------
        float | NDArray[np.float64]
            Hectares, one number or as many.
        """
        return self.share * (self.base_ha + supplied_ha * self.growth)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Supply:
    """Land that becomes lettable later.

    Attributes
    ----------
    days
        Days after the start, 1 or more, sorted; land of day 10 can be let on day 10.
    area_ha
        Hectares of each.
    """

    days: Ints = field(default_factory=lambda: np.empty(0, dtype="int64"))
    area_ha: Floats = field(default_factory=lambda: np.empty(0))

    @property
    def total_ha(self) -> float:
        """All hectares that are to come."""
        return float(self.area_ha.sum())

    def until(self, days: Any) -> Floats:
        """Sum what has come by the end of a day.

        Parameters
        ----------
        days
            Days after the start, one number or many.

        Returns
        -------
        NDArray[np.float64]
            Hectares, as many.

        Examples
        --------
        >>> supply = Supply(days=np.array([10, 20]), area_ha=np.array([1.0, 2.0]))
        >>> supply.until(np.array([9, 10, 20])).tolist()
        [0.0, 1.0, 3.0]
        """
        total = np.concatenate([[0.0], np.cumsum(self.area_ha)])
        return np.asarray(total[np.searchsorted(self.days, days, side="right")])


def simulate(
    history: LeaseHistory,
    *,
    until_days: int,
    random: np.random.Generator,
    horizon_days: Sequence[int] = (),
    supply: Supply | None = None,
    goal: Goal | None = None,
    settled_days: int | None = None,
    futures: int = 1000,
    prior: LettingPrior | None = None,
    lesson: LeaseHistory | None = None,
) -> Futures:
    """Draw futures of a zone from its history.

    Each future has parameters of its own, drawn from what the history and the prior leave open, so
    that a short history, or one whose pace has changed, gives a wide answer:

    * lettings come at random at a pace whose logarithm is a level, a drift that dies away and an
      AR(1) from year to year (:class:`kcngeo.analysis.forecast.pace.Pace`), more in some quarters
      than in others where the history says so; only days with land to let tell of it;
    * sizes are those seen, resampled and smoothed on the logarithm, and above the upper quarter
      Pareto's, so that a letting larger than all before may come;
    * every tenancy has the same risk to end, drawn from its gamma posterior, and gives back what it
      holds;
    * a letting takes what it wants or what there is, demand that finds no land is lost, and land
      given back can be let again at once.

    Parameters
    ----------
    history
        What happened; its last step is the start of the futures.
    until_days
        Days after the start at which the futures end, that day included.
    random
        Source of chance. Longer futures begin as shorter ones do.
    horizon_days
        Days after the start at whose end the let hectares are asked, none after ``until_days``.
    supply
        Land that becomes lettable later.
    goal
        What to reach, if anything.
    settled_days
        Days after the start from which on it is enough to know when the first nine of ten futures
        reach the goal; the others may stay infinite. None where all are asked about.
    futures
        Number of futures.
    prior
        What is taken for likely beforehand; None for the entry ``lettings-2026`` of the registry.
    lesson
        The history that tells how fast and how much is let; None for ``history``. Where that has
        lettings that are only supposed, the one without them.

    Returns
    -------
    Futures
        Let hectares at the horizons, when the goal is first reached, and what is to be said of the
        pace.

    Raises
    ------
    ValueError
        If the history is too poor to be forecast from; see :meth:`LeaseHistory.shortfall`.

    Examples
    --------
    Of five hectares one was let a year until all were; nothing was ever given back, so nothing
    changes in nine futures of ten:

    >>> let = np.arange(6.0)
    >>> history = LeaseHistory(
    ...     day=np.arange(6) * 365, leased_ha=let, lettable_ha=5 - let, end=2000)
    >>> drawn = simulate(
    ...     history, until_days=365, horizon_days=[365], random=np.random.default_rng(0))
    >>> drawn.leased_ha.shape, [float(np.quantile(drawn.leased_ha, at)) for at in (0.1, 0.9)]
    ((1, 1000), [5.0, 5.0])
    """
    lesson = history if lesson is None else lesson
    if lesson.shortfall():
        raise ValueError(f"not enough history: {lesson.shortfall()}")
    zone = _Zone(history, lesson, futures, random, prior or load(PRIOR), supply or Supply())
    horizons = np.asarray(horizon_days, dtype="float64")
    # (horizons, futures) hectares and (futures,) days
    at = np.tile(zone.leased, (len(horizons), 1))
    reached = np.full(futures, np.inf)
    growing = goal is not None and goal.growth != 0
    if goal is not None:
        reached[zone.leased >= goal.needed_ha() - TOLERANCE_HA] = 0.0
    for year in range(int(np.ceil(until_days / YEAR_DAYS))):
        settled = settled_days is not None and year * YEAR_DAYS >= settled_days
        open_share = np.isinf(reached).mean()
        if not len(horizons) and open_share <= (_LATE_SHARE if settled else 0.0):
            break
        for rows, day in zone.events(year):
            leased = zone.leased[rows]
            for place, horizon in enumerate(horizons):
                early = day <= horizon
                at[place, rows[early]] = leased[early]
            if goal is not None:
                needed = goal.needed_ha(zone.supply.until(day) if growing else 0.0)
                there = (leased >= needed - TOLERANCE_HA) & (day <= until_days)
                reached[rows[there]] = np.minimum(reached[rows[there]], day[there])
    return Futures(
        leased_ha=at,
        reached_days=reached,
        pace_changed=zone.pace_changed,
        is_unknown=zone.is_unknown,
    )


class _Zone:
    """The futures of one zone: draws of parameters, then event after event, a year at a time."""

    def __init__(
        self,
        history: LeaseHistory,
        lesson: LeaseHistory,
        futures: int,
        random: np.random.Generator,
        prior: LettingPrior,
        supply: Supply,
    ) -> None:
        self.random, self.supply = random, supply
        pace, held = Pace(lesson, prior), Tenancies.of(history)
        ahead, past = pace.draw(futures, random)
        self.pace_changed, self.is_unknown = pace.has_changed(past), pace.is_unknown(ahead)
        self.yearly, self.seasons = ahead, pace.seasons(futures, random)
        self.sizes = Sizes(lesson.lease_ha, futures, random, prior)
        seen_years = prior.tenant_years + held.tenant_days / YEAR_DAYS
        self.risk = random.gamma(prior.ended_tenancies + held.ended, 1 / seen_years, futures)
        self.leased = np.full(futures, float(history.leased_ha[-1]))
        self.land_ha = float(history.leased_ha[-1] + history.lettable_ha[-1])
        # (futures, tenancies) hectares, of which the first ones of each row go on
        self.held = np.tile(held.area_ha, (futures, 1))
        self.count = np.full(futures, len(held.area_ha))

    def events(self, year: int) -> Iterator[tuple[Ints, Floats]]:
        """Let the events of a year happen: each time, which futures have one, and the day."""
        pace = self.yearly[:, min(year, FUTURE_YEARS - 1)]
        lettings = self.random.poisson(self.seasons * pace[:, None] / 4)
        most = self.count + lettings.sum(axis=1)
        endings = self.random.poisson(self.risk * most)
        # Where all is let, nothing ends and nothing is cleared, nobody finds land.
        coming_ha = self.land_ha + float(self.supply.until((year + 1) * YEAR_DAYS))
        lettings[(self.leased >= coming_ha - TOLERANCE_HA) & (endings == 0)] = 0
        parts = np.concatenate([lettings, endings[:, None]], axis=1)  # by quarter, then endings
        each = parts.sum(axis=1)
        row = np.repeat(np.arange(len(parts)), each)
        part = np.repeat(np.tile(np.arange(5), len(parts)), parts.ravel())
        time = self.random.random(len(row))
        time = np.where(part < 4, (part + time) / 4, time)
        order = np.argsort(row + time)
        day = np.maximum(np.ceil((year + time[order]) * YEAR_DAYS), 1.0)
        is_letting, wanted_ha = part[order] < 4, self.sizes.draw(row)
        # One of the places a tenancy may have by the end of the year; it may be empty as yet.
        place = (self.random.random(len(row)) * most[row]).astype("int64")
        first = np.cumsum(each) - each
        busiest = np.argsort(-each, kind="stable")
        live = np.searchsorted(-each[busiest], -np.arange(each.max(initial=0)), side="left")
        self._widen(int(most.max()))
        for number, count in enumerate(live):
            rows = busiest[:count]
            at = first[rows] + number
            lets = is_letting[at]
            self._let(rows[lets], wanted_ha[at[lets]], day[at[lets]])
            self._end(rows[~lets], place[at[~lets]])
            yield rows, day[at]

    def _widen(self, tenancies: int) -> None:
        """Make room for as many tenancies in each future."""
        more = tenancies - self.held.shape[1]
        if more > 0:
            empty = np.zeros((len(self.held), more + self.held.shape[1] // 2))
            self.held = np.concatenate([self.held, empty], axis=1)

    def _let(self, rows: Ints, wanted_ha: Floats, day: Floats) -> None:
        """Let to one more tenant each what it wants, or what there is."""
        land_ha = self.land_ha + (self.supply.until(day) if len(self.supply.days) else 0.0)
        area = np.minimum(wanted_ha, np.maximum(land_ha - self.leased[rows], 0.0))
        count = self.count[rows]
        self.held[rows, count] = area
        self.count[rows] = count + (area > TOLERANCE_HA)
        self.leased[rows] += area

    def _end(self, rows: Ints, place: Ints) -> None:
        """End the tenancy at a place, if there is one, and let the last one move there."""
        if not len(rows):
            return
        there = place < self.count[rows]
        rows, place = rows[there], place[there]
        self.leased[rows] = np.maximum(self.leased[rows] - self.held[rows, place], 0.0)
        self.count[rows] -= 1
        self.held[rows, place] = self.held[rows, self.count[rows]]
