"""How lettings go on: many possible futures of the let hectares of one zone, as arrays.

Lettings come on occasions, at a pace that is only known as well as the history is long, and bring
sizes like those seen; every let hectare runs the same risk of being given back; nothing is let
that is not there. The futures follow from those four sentences and from chance alone: they know no
trend, no season and no plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

FEWEST_LEASES = 5
SHORTEST_DAYS = 730
"""Two years with land to let; with less, or with fewer lettings, nothing is forecast."""

EVENT_HA = 0.01
"""A day's net change of less than 100 m² is a new survey or a rounding, not an event."""

TOLERANCE_HA = 1e-6
"""Hectares are compared to a hundredth of a square metre."""

_HALF_YEAR = 182.625
# Weight, in terminations, of the sizes of lettings among the sizes given back.
_BORROWED = 2.0
# Silverman's normal reference rule, on the logarithms of the sizes.
_BANDWIDTH = 1.06


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeaseHistory:
    """Let and lettable land of a zone over time, as steps, and the events in it.

    Attributes
    ----------
    day
        Days on which something changes, sorted; the first one is where the history begins.
    leased_ha
        Let hectares from each of those days on.
    lettable_ha
        Hectares that can still be let, from each of those days on.
    end
        Last day of the history, on or after the last change.
    """

    day: Ints
    leased_ha: Floats
    lettable_ha: Floats
    end: int

    @property
    def changes_ha(self) -> Floats:
        """Net change of the let hectares on each day but the first; the small ones are 0."""
        change = np.diff(self.leased_ha)
        return np.where(np.abs(change) >= EVENT_HA, change, 0.0)

    @property
    def lease_ha(self) -> Floats:
        """Sizes of the lettings, in their order."""
        change = self.changes_ha
        return np.asarray(change[change > 0])

    @property
    def terminated_ha(self) -> Floats:
        """Sizes of what was given back, in their order."""
        change = self.changes_ha
        return np.asarray(-change[change < 0])

    @property
    def spans_days(self) -> Floats:
        """Days each step lasted."""
        return np.diff(self.day, append=self.end).astype("float64")

    @property
    def has_room(self) -> NDArray[np.bool_]:
        """Of each step, whether a letting of the usual size (the median) would have found land."""
        sizes = self.lease_ha
        return self.lettable_ha >= (np.median(sizes) if len(sizes) else 0.0) - TOLERANCE_HA

    @property
    def open_days(self) -> float:
        """Days with land to let: the others say nothing about the demand."""
        return float(self.spans_days[self.has_room].sum())

    def shortfall(self) -> str:
        """Say what the history lacks to be forecast from.

        Returns
        -------
        str
            "few_leases", "short_history", or nothing.
        """
        if len(self.lease_ha) < FEWEST_LEASES:
            return "few_leases"
        return "short_history" if self.open_days < SHORTEST_DAYS else ""


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
    """

    leased_ha: Floats
    reached_days: Floats


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
    futures: int = 2000,
) -> Futures:
    """Draw futures of a zone from its history.

    Each future has parameters of its own, drawn from what the history leaves open, so that a short
    history gives a wide answer:

    * occasions of lettings come at a constant pace, drawn from its gamma posterior (Jeffreys
      prior); only days with land to let tell of it. An occasion brings one letting or several, as
      many on average as the scatter of the half-yearly counts asks for;
    * sizes are drawn from a bootstrap resample of the lettings seen, smoothed on the logarithm;
    * every let hectare has the same risk of a termination, drawn from its gamma posterior (no
      termination seen: none to come); the sizes given back are drawn from those seen and, with
      the weight of two, from the lettings;
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
    futures
        Number of futures.

    Returns
    -------
    Futures
        Let hectares at the horizons, and when the goal is first reached.

    Raises
    ------
    ValueError
        If the history is too poor to be forecast from; see :meth:`LeaseHistory.shortfall`.

    Examples
    --------
    Of five hectares one was let a year until all were; nothing was ever given back, so nothing
    changes in any future:

    >>> let = np.arange(6.0)
    >>> history = LeaseHistory(
    ...     day=np.arange(6) * 365, leased_ha=let, lettable_ha=5 - let, end=2000)
    >>> drawn = simulate(
    ...     history, until_days=365, horizon_days=[365], random=np.random.default_rng(0))
    >>> drawn.leased_ha.shape, float(drawn.leased_ha.min()), float(drawn.leased_ha.max())
    ((1, 2000), 5.0, 5.0)
    """
    if history.shortfall():
        raise ValueError(f"not enough history: {history.shortfall()}")
    demand = _Demand(history, futures, random)
    supply = supply or Supply()
    horizons = np.asarray(horizon_days, dtype="float64")[:, None]
    land_ha = float(history.leased_ha[-1] + history.lettable_ha[-1])
    # (futures,) hectares and days of each future; at: (horizons, futures) hectares
    leased = np.full(futures, float(history.leased_ha[-1]))
    time = np.zeros(futures)
    at = np.tile(leased, (len(horizons), 1))
    reached = np.full(futures, np.inf)
    if goal is not None:
        reached[leased >= goal.needed_ha() - TOLERANCE_HA] = 0.0
    while True:
        wait, change = demand.next(leased)
        time = time + wait
        day = np.ceil(time)
        # All futures are beyond the last day asked about, or all have reached the goal.
        if day.min() > until_days or not (len(horizons) or np.isinf(reached).any()):
            break
        supplied = supply.until(day)
        # Never less than nothing, never more than there is land; what is let beyond it today stays.
        leased = np.clip(leased + change, 0.0, np.maximum(land_ha + supplied, leased))
        at = np.where(day <= horizons, leased, at)
        if goal is not None:
            there = (leased >= goal.needed_ha(supplied) - TOLERANCE_HA) & (day <= until_days)
            reached = np.where(there, np.minimum(reached, day), reached)
    return Futures(leased_ha=at, reached_days=reached)


class _Demand:
    """What comes next in each future: draws of parameters, then event after event."""

    def __init__(self, history: LeaseHistory, futures: int, random: np.random.Generator) -> None:
        self.random, self.rows = random, np.arange(futures)
        sizes, given_back = history.lease_ha, history.terminated_ha
        self.again = 1 - 1 / _lettings_an_occasion(history)
        open_leases = ((history.changes_ha > 0) & history.has_room[:-1]).sum()
        occasions = open_leases * (1 - self.again)
        self.pace = random.gamma(occasions + 0.5, 1 / history.open_days, futures)
        self.lease_ha = _resampled(sizes, futures, random)
        held = float((history.leased_ha * history.spans_days).sum())
        self.risk = np.zeros(futures)
        self.terminated_ha = np.zeros((futures, 1))
        if len(given_back) and held > 0:
            self.risk = random.gamma(len(given_back), 1 / held, futures)
            pool = np.concatenate([given_back, sizes])
            weight = np.repeat([1.0, _BORROWED / len(sizes)], [len(given_back), len(sizes)])
            self.terminated_ha = random.choice(
                pool, (futures, len(given_back)), p=weight / weight.sum()
            )
        self.more = np.zeros(futures, dtype=bool)

    def next(self, leased_ha: Floats) -> tuple[Floats, Floats]:
        """Draw the days until the next event of each future, and its change in hectares."""
        random, size = self.random, len(self.rows)
        rate = self.pace + self.risk * leased_ha
        wait = np.where(self.more, 0.0, random.exponential(size=size) / np.maximum(rate, 1e-12))
        is_lease = self.more | (random.random(size) * rate < self.pace)
        self.more = is_lease & (random.random(size) < self.again)
        draw = random.random(size)
        lease = self.lease_ha[self.rows, (draw * self.lease_ha.shape[1]).astype("int64")]
        back = self.terminated_ha[self.rows, (draw * self.terminated_ha.shape[1]).astype("int64")]
        return wait, np.where(is_lease, lease, -back)


def _resampled(sizes: Floats, futures: int, random: np.random.Generator) -> Floats:
    """Give each future a bootstrap resample of its own, smoothed, the mean kept."""
    count = len(sizes)
    width = _BANDWIDTH * np.log(sizes).std(ddof=1) * count**-0.2
    noise = width * random.standard_normal((futures, count)) - width**2 / 2
    return np.asarray(sizes[random.integers(0, count, (futures, count))] * np.exp(noise))


def _lettings_an_occasion(history: LeaseHistory) -> float:
    """Estimate how many lettings come together, from the scatter of the half-yearly counts."""
    # Counts of single lettings scatter as much as their mean. If an occasion brings a geometric
    # number of lettings with mean k, the ratio is 2k − 1.
    room, spans = history.has_room, history.spans_days
    # Cut open time, laid end to end, into half-years: where land was lacking nothing could come.
    opened = np.concatenate([[0.0], np.cumsum(np.where(room, spans, 0.0))])
    came = opened[1:-1][(history.changes_ha > 0) & room[:-1]]
    bins = int(opened[-1] // _HALF_YEAR)
    edges = opened[-1] - _HALF_YEAR * np.arange(bins, -1, -1)
    counts = np.histogram(came, bins=edges)[0]
    if bins < 2 or not counts.any():
        return 1.0
    return (max(float(counts.var(ddof=1) / counts.mean()), 1.0) + 1) / 2
