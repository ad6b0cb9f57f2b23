"""The steps of a draw one by one, where chance is put aside or its share is known by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import kcngeo as kcn
from kcngeo.analysis import forecast as room
from kcngeo.analysis.forecast.lease_history import LeaseHistory, Tenancies
from kcngeo.analysis.forecast.pace import QUARTER_DAYS, YEAR_DAYS, Pace, _precisions, _quarters
from kcngeo.analysis.forecast.simulation import Supply, _Zone
from kcngeo.analysis.forecast.sizes import Sizes
from tests.analysis.forecast.lots import constant, steps

# Nothing is let in four years with land, one with none and three with land.
QUIET = steps([0, 1461, 1826], [0.0, 0.0, 0.0], [5.0, 0.0, 5.0], 2922)


def swinging(spread: float, again: float, drift: float, **more: float) -> Any:
    """A prior of one world."""
    one = {"pace_spread": spread, "pace_persistence": again, "drift_spread": drift}
    return constant(**{name: (value,) for name, value in one.items()}, **more)


# ------------------------------------------------------------------ the pace


# One year with room: from the end back its quarters see two lettings, one, two and none.
BUSY = steps([0, 100, 120, 200, 300, 330], [0, 1, 2, 3, 4, 5], [99] * 6, 365)
LOG_PACE = np.linspace(-9, 9, 40_001)


def likelihood(pace: Pace, scatter: float) -> Any:
    """Of a year whose log pace is normal about the usual: prior times Poisson, on a grid."""
    expected = pace.exposure[0] * np.exp(pace.usual + LOG_PACE)
    told = pace.count[0] * (pace.usual + LOG_PACE) - expected - LOG_PACE**2 / (2 * scatter**2)
    return np.exp(told - pace.count[0]) / scatter


def test_worlds_are_weighed_by_how_well_they_tell_the_counts() -> None:
    worlds = {"pace_spread": (0.0, 3.0), "pace_persistence": (0.0, 0.5), "drift_spread": (0.0, 0.0)}
    pace = Pace(BUSY, constant(**worlds, pace_weight=(0.25, 0.75)))
    assert pace.count.tolist() == [5]
    # A year is off by e² of the level, in the second world by e³ of its own beside it.
    evidence = [likelihood(pace, scatter).sum() for scatter in (2.0, np.hypot(2.0, 3.0))]
    share = 0.25 * evidence[0] / (0.25 * evidence[0] + 0.75 * evidence[1])
    assert pace.weight == pytest.approx([share, 1 - share], abs=0.003)
    # At the mode nothing moves: what is let beyond what was to be expected, and the prior.
    off = pace.count - pace.exposure * np.exp(pace._log_pace(pace.mode))
    pull = np.einsum("wtu,wu->wt", pace.precision, pace.mode)
    assert pull == pytest.approx(off * pace.design[0], abs=1e-6)


def test_draws_follow_the_counts_and_not_their_approximation() -> None:
    pace = Pace(BUSY, swinging(0.0, 0.0, 0.0))
    ahead, past = pace.draw(20_000, np.random.default_rng(0))
    chance = likelihood(pace, 2.0)
    expected = (np.exp(pace.usual + LOG_PACE) * chance).sum() / chance.sum()
    # Five lettings, more or less √5: of 20 000 draws the mean is good to 0.5 %.
    assert past[:, 0].mean() == pytest.approx(expected, rel=0.015)
    assert ahead.mean(axis=0) == pytest.approx([expected] * 31, rel=0.015)
    # Past and future of one world go together, and the worlds come in no order.
    assert np.corrcoef(np.log(ahead[:, 0]), np.log(past[:, 0]))[0, 1] > 0.99
    assert abs(np.corrcoef(past[1:, 0], past[:-1, 0])[0, 1]) < 0.05


def test_seasons_are_believed_as_far_as_they_tell_the_counts() -> None:
    strength = 5.0
    pace = Pace(BUSY, constant(season_chance=0.2, season_strength=strength))
    drawn = pace.seasons(40_000, np.random.default_rng(0))
    # By hand: how often a quarter as strong as a gamma of mean 1 lets what was let, against 1.
    factor, better = np.linspace(1e-6, 30, 100_001), 1.0
    gamma = factor ** (strength - 1) * np.exp(-strength * factor)
    for seen, room_years in zip([2.0, 1.0, 2.0, 0.0], pace.open_years, strict=True):
        expected = 5 * room_years / pace.open_years.sum()
        told = factor**seen * np.exp(-expected * (factor - 1))
        better *= (gamma * told).sum() / gamma.sum()
    share = 0.2 * better / (0.2 * better + 0.8)
    is_seasonal = (drawn != 1.0).any(axis=1)
    assert is_seasonal.mean() == pytest.approx(share, abs=0.01)
    # Of a year of 4, as 5, 5 + 2, 5 + 1 and 5 + 2 of 25: the last quarter seen comes last again.
    assert drawn[is_seasonal].mean(axis=0) == pytest.approx(np.array([5, 7, 6, 7]) / 6.25, rel=0.02)


@pytest.mark.parametrize("years", [1, 2, 5])
def test_years_are_off_as_an_autoregression_is(years: int) -> None:
    (precision,), (log_det,) = _precisions(swinging(0.5, 0.8, 0.1), years)
    # Two years are off together by 0.5² times 0.8 for each year between them.
    apart = np.abs(np.subtract.outer(np.arange(years), np.arange(years)))
    assert np.linalg.inv(precision[2:, 2:]) == pytest.approx(0.25 * 0.8**apart)
    # The level scatters by e², the drift by 0.1; neither goes with anything else.
    assert np.diag(precision)[:2] == pytest.approx([1 / 4, 100])
    assert np.count_nonzero(precision[:2]) == 2
    assert log_det == pytest.approx(np.linalg.slogdet(precision[1:, 1:])[1])


def test_quarters_count_back_from_the_end_and_leave_out_days_without_land() -> None:
    # Of two years, let on day 600 and 700, and on 650 where no hectare was left from 620 to 690.
    history = steps(
        [0, 600, 620, 650, 690, 700], [0, 1, 1, 2, 2, 3], [5, 5, 1, 2, 6, 6], round(2 * YEAR_DAYS)
    )
    counts, open_years = _quarters(history)
    # 700 lies 30 days before the end (730), 600 lies 130 days; a quarter has 91.3.
    assert counts.tolist() == [1, 1, 0, 0, 0, 0, 0, 0]
    # Of the last quarter 40 days (690 to 730) are open, of the one before 72.6: to 110 before it.
    days = [40, 2 * QUARTER_DAYS - 110, *[QUARTER_DAYS] * 5, 730 - 7 * QUARTER_DAYS]
    assert open_years * YEAR_DAYS == pytest.approx(days)
    pace = Pace(history, constant())
    assert pace.count.tolist() == [2, 0]
    assert pace.usual == pytest.approx(np.log(2.5 / (660 / YEAR_DAYS)))


def test_a_year_goes_on_from_the_last_by_drift_and_by_what_it_is_off() -> None:
    pace = Pace(QUIET, swinging(0.0, 0.5, 0.0, drift_kept=0.5))
    latent = np.array([[0.2, 0.4, 0.8]])
    ahead = pace._ahead(latent, np.zeros(1, dtype="int64"), np.random.default_rng(0))
    # Level 0.2 − 0.4/2, then 0.4, 0.2, 0.1 more; off by 0.8, halved each year.
    expected = [0.4 + 0.4, 0.6 + 0.2, 0.7 + 0.1]
    assert np.log(ahead[0, :3]) - pace.usual == pytest.approx(expected)
    high = pace._ahead(np.array([[3.0, 0.0, 0.0]]), np.zeros(1, "int64"), np.random.default_rng(0))
    assert np.log(high[0]) - pace.usual == pytest.approx([2.0] * 31)  # never above e²


def test_years_ahead_scatter_as_those_behind() -> None:
    pace = Pace(QUIET, swinging(0.5, 0.8, 0.0))
    latent, random = np.zeros((40_000, 3)), np.random.default_rng(0)
    ahead = np.log(pace._ahead(latent, np.zeros(40_000, "int64"), random)) - pace.usual
    # From a year that was as usual: 0.25 · (1 − 0.8²), then 0.25 · (1 − 0.8⁴); each ± 0.7 %.
    assert ahead[:, :2].var(axis=0) == pytest.approx([0.09, 0.1476], rel=0.03)


def test_without_lettings_seasons_are_as_likely_as_beforehand() -> None:
    pace = Pace(QUIET, constant(season_chance=0.25, season_strength=5.0))
    drawn = pace.seasons(40_000, np.random.default_rng(0))
    # Standard error √(0.25 · 0.75 / 40 000) = 0.002.
    assert (drawn != 1.0).any(axis=1).mean() == pytest.approx(0.25, abs=0.01)
    assert drawn.mean(axis=1) == pytest.approx(np.ones(40_000))


@pytest.mark.parametrize(("high", "is_unknown"), [(6.9, False), (7.1, True)])
def test_a_pace_is_unknown_from_seven_times_on(high: float, is_unknown: bool) -> None:
    pace = Pace(QUIET, kcn.standards.load(room.simulation.PRIOR))
    # The mean of three years is 1 in half of the futures and `high` in the others.
    ahead = np.array([[0.5, 1.0, 1.5, 99.0], [high, high, high, 0.0]])
    assert pace.is_unknown(np.repeat(ahead, 10, axis=0)) is is_unknown


@pytest.mark.parametrize(
    ("recent", "share", "has_changed"),
    [(2.0, 8, True), (2.0, 7, False), (0.5, 8, True), (0.5, 7, False), (1.0, 10, False)],
)
def test_a_pace_has_changed_where_eight_of_ten_say_so(
    recent: float, share: int, has_changed: bool
) -> None:
    pace = Pace(QUIET, kcn.standards.load(room.simulation.PRIOR))
    # Two years of six: (2 · 2 + 4) ÷ 6 = 4/3 is the mean, of which 2 are 1.5 times as much; of
    # 0.5 and 1.25 the mean is 1, of which the first are half.
    first, later = (2.0, 1.0) if recent >= 1 else (0.5, 1.25)
    told = [[first] * 2 + [later] * 4] * share if recent != 1 else [[1.0] * 6] * share
    assert pace.has_changed(np.array(told + [[1.0] * 6] * (10 - share))) is has_changed


# ------------------------------------------------------------------ sizes


class Mean:
    """Chance without chance: what is drawn is what is to be expected."""

    def gamma(self, shape: float, scale: float, size: int) -> Any:
        return np.full(size, shape * scale)

    def beta(self, one: float, other: float, size: int) -> Any:
        return np.full(size, one / (one + other))

    def integers(self, low: int, high: int, size: tuple[int, int]) -> Any:
        return np.tile(np.arange(low, high), (size[0], 1))

    def random(self, size: tuple[int, int]) -> Any:
        return np.array([[0.0, 0.5, 0.9], [0.6, 0.5, 0.4]])

    def standard_normal(self, size: int) -> Any:
        return np.zeros(size)

    def exponential(self, size: int) -> Any:
        return np.ones(size)


def test_the_largest_lettings_make_the_tail() -> None:
    prior = constant(tail_share=0.5, tail_events=2.0, tail_index=0.25)
    sizes: Any = Sizes(np.array([4.0, 1.0, 3.0, 2.0]), 3, Mean(), prior)  # type: ignore[arg-type]
    assert (sizes.body.tolist(), sizes.threshold) == ([1, 2], 2)
    # Above 2 ha 3 and 4 exceed it by ln 1.5 + ln 2 = ln 3; before, two events said 0.25 each.
    index = (2 * 0.25 + np.log(3)) / (2 + 2)
    assert sizes.index == pytest.approx([index] * 3)
    assert sizes.share == pytest.approx([2.5 / 5] * 3)
    # 1.06 · s · n^(−1/5) with the spread of the logarithms 0, ln 2, ln 3, ln 4.
    width = 1.06 * np.log([1.0, 2.0, 3.0, 4.0]).std(ddof=1) * 4**-0.2
    assert sizes.width == pytest.approx(width)
    # The first two are of the body (a chance of a half is none of the tail), the third is not.
    body = np.exp(-(width**2) / 2)
    assert sizes.draw(np.arange(3)) == pytest.approx([body, 2 * body, 2 * np.exp(index)])
    # Never fewer than two, never heavier than 0.9.
    heavy: Any = Sizes(np.array([1.0, 1.0, 1.0, 99.0, 99.0]), 1, Mean(), constant(tail_share=0.1))  # type: ignore[arg-type]
    assert (len(heavy.body), heavy.index.tolist()) == (3, [0.9])


# ------------------------------------------------------------------ one event


def zone(**given: Any) -> Any:
    """Three futures of 5 ha; tenants have 1 and 2 ha, 1 and 2 ha, and all of it."""
    plain: dict[str, Any] = {
        "land_ha": 5.0,
        "supply": Supply(),
        "leased": np.array([3.0, 3.0, 5.0]),
        "held": np.array([[1.0, 2.0, 0.0], [1.0, 2.0, 0.0], [5.0, 0.0, 0.0]]),
        "count": np.array([2, 2, 1]),
    }
    return SimpleNamespace(**(plain | given))


def test_a_tenant_gets_what_there_is() -> None:
    made = zone()
    _Zone._let(made, np.array([0, 1, 2]), np.array([1.5, 9.0, 1.0]), np.full(3, 10.0))
    assert made.leased.tolist() == [4.5, 5.0, 5.0]
    assert made.held.tolist() == [[1, 2, 1.5], [1, 2, 2], [5, 0, 0]]
    assert made.count.tolist() == [3, 3, 1]  # who finds nothing is no tenant
    coming = zone(supply=Supply(days=np.array([10]), area_ha=np.array([1.0])))
    _Zone._let(coming, np.array([1, 2]), np.array([9.0, 9.0]), np.array([9.0, 10.0]))
    assert coming.leased.tolist() == [3.0, 5.0, 6.0]  # from the tenth day on


def test_where_a_tenancy_ends_the_last_takes_its_place() -> None:
    made = zone()
    _Zone._end(made, np.array([0, 1, 2]), np.array([0, 2, 0]))
    assert made.leased.tolist() == [2.0, 3.0, 0.0]
    # The place of the second is empty as yet: nothing ends.
    assert made.count.tolist() == [1, 2, 0]
    assert (made.held[0, 0], made.held[1, :2].tolist()) == (2.0, [1.0, 2.0])


@pytest.mark.parametrize(
    ("leased_ha", "coming", "happens"),
    [(5.0, 0.0, False), (5.0 - 1e-7, 0.0, False), (4.99, 0.0, True), (5.0, 1.0, True)],
)
def test_nobody_asks_where_all_is_let(leased_ha: float, coming: float, happens: bool) -> None:
    supply = Supply(days=np.array([366]), area_ha=np.array([coming]))
    history = LeaseHistory(
        day=np.arange(6) * 365,
        leased_ha=np.append(np.arange(5.0), leased_ha),
        lettable_ha=np.append(5 - np.arange(5.0), 5 - leased_ha),
        end=2000,
    )
    # Of tenants who never leave: 366 days ahead is the second year.
    prior = constant(ended_tenancies=1e-9, tenant_years=1e9)
    one = _Zone(history, history, 50, np.random.default_rng(0), prior, supply)
    years = [sum(len(rows) for rows, _ in one.events(year)) > 0 for year in (0, 1)]
    assert years == [leased_ha == 4.99, happens]


def test_who_was_there_at_the_beginning_is_of_the_usual_size() -> None:
    # 4 ha let at first, lettings of 2 ha: two tenancies for 100 days. Then one of 2 ha comes, for
    # 100 days, and 3 ha are given back: one whole, and half of another.
    history = steps([0, 100, 200], [4.0, 6.0, 3.0], [9.0, 9.0, 9.0], 300)
    found = Tenancies.of(history)
    assert found.ended == 1.5
    assert found.area_ha.tolist() == [1.0, 2.0]
    assert found.tenant_days == 2 * 100 + 3 * 100 + 2 * 100
