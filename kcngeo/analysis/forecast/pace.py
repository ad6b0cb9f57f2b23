"""The pace of lettings: a path from year to year that nobody saw, and its quarters."""

from __future__ import annotations

from math import lgamma
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcngeo.analysis.forecast.lease_history import LeaseHistory
    from kcngeo.standards import LettingPrior

    Floats = NDArray[np.float64]

YEAR_DAYS = 365.25
QUARTER_DAYS = YEAR_DAYS / 4
FUTURE_YEARS = 31
"""Years of the future whose pace is drawn; it stays as it is after that."""

# Standard deviation of the logarithm of a zone's level about the rate of all its history.
_LEVEL = 2.0
# A spread of nothing, so that all worlds have the same arithmetic.
_NONE = 1e-3
# The pace is never more than e² times, seven times, the mean of the history.
_HIGHEST = 2.0
_RECENT_YEARS = 2
_NEXT_YEARS = 3
_STEPS = 50


class Pace:
    """What a history tells of its pace, and draws of how it goes on.

    The count of each year, back from the end, is Poisson about its days with land to let times a
    pace whose logarithm is a level, a drift and an AR(1). The posterior of these is that of
    Gaussian approximations, one for each world of the prior, weighed by their evidence; draws are
    weighed again by the exact one, for counts are small.
    """

    def __init__(self, history: LeaseHistory, prior: LettingPrior) -> None:
        self.prior = prior
        self.counts, self.open_years = _quarters(history)  # (quarters,) back from the end
        years = len(self.counts) // 4
        self.count = self.counts.reshape(years, 4).sum(axis=1)
        self.exposure = self.open_years.reshape(years, 4).sum(axis=1)
        self.usual = float(np.log((self.count.sum() + 0.5) / self.exposure.sum()))
        # Columns: level, drift, and what each year is off; the last year comes first.
        self.design = np.zeros((years, years + 2))
        self.design[:, 0] = 1.0
        self.design[:, 1] = -np.arange(years) - 0.5
        self.design[:, 2:] = np.eye(years)
        self.precision, log_det = _precisions(prior, years)
        self.mode, self.hessian = self._modes()
        root = np.linalg.cholesky(self.hessian)
        log_root = np.log(np.einsum("wii->wi", root)).sum(axis=1)
        self.top = self._log_density(self.mode, self.precision)
        weight = np.log(prior.pace_weight) + self.top + log_det / 2 - log_root
        weight = np.exp(weight - weight.max())
        self.weight = weight / weight.sum()
        self.scale = np.linalg.inv(root)  # (worlds, terms, terms) of which the rows are drawn

    def _log_pace(self, latent: Floats) -> Floats:
        return np.asarray(np.einsum("...t,yt->...y", latent, self.design) + self.usual)

    def _log_density(self, latent: Floats, precision: Floats) -> Floats:
        """Give the logarithm of likelihood times prior, up to what is the same for all."""
        log_pace = self._log_pace(latent)
        expected = self.exposure * np.exp(np.minimum(log_pace, self.usual + 12))
        bent = np.einsum("...t,...tu,...u->...", latent, precision, latent)
        return np.asarray((self.count * log_pace - expected).sum(axis=-1) - bent / 2)

    def _modes(self) -> tuple[Floats, Floats]:
        """Find the mode of each world by Newton's method, and the curvature there."""
        mode = np.zeros(self.precision.shape[:2])
        for _ in range(_STEPS):
            expected = self.exposure * np.exp(np.minimum(self._log_pace(mode), self.usual + 12))
            slope = np.einsum("wy,yt->wt", self.count - expected, self.design)
            slope -= np.einsum("wtu,wu->wt", self.precision, mode)
            hessian = self.precision + np.einsum(
                "yt,wy,yu->wtu", self.design, expected, self.design
            )
            step = np.linalg.solve(hessian, slope[..., None])[..., 0]
            longest = np.abs(step).max(axis=1, keepdims=True)
            mode = mode + step * np.minimum(1.0, 2.0 / np.maximum(longest, 1e-12))
            if longest.max() < 1e-8:
                break
        return mode, hessian

    def draw(self, futures: int, random: np.random.Generator) -> tuple[Floats, Floats]:
        """Draw paths, in lettings a year: futures × years to come, futures × years past."""
        size = 2 * futures
        world = random.choice(len(self.weight), size, p=self.weight)
        normal = random.standard_normal((size, self.design.shape[1]))
        latent, exact = np.empty_like(normal), np.empty(size)
        for one in np.unique(world):
            rows = world == one
            latent[rows] = self.mode[one] + np.einsum("ft,tu->fu", normal[rows], self.scale[one])
            exact[rows] = self._log_density(latent[rows], self.precision[one]) - self.top[one]
        # Never more than e⁴ times the least likely: a draw or two must not stand for all.
        weight = np.exp(np.minimum(exact + (normal**2).sum(axis=1) / 2, 4.0))
        place = (np.arange(futures) + random.random()) / futures * weight.sum()
        picked = np.minimum(np.searchsorted(np.cumsum(weight), place), size - 1)
        picked = random.permutation(picked)
        return self._ahead(latent[picked], world[picked], random), np.exp(
            self._log_pace(latent[picked])
        )

    def _ahead(
        self, latent: Floats, world: NDArray[np.intp], random: np.random.Generator
    ) -> Floats:
        spread = np.array(self.prior.pace_spread)[world]
        again = np.array(self.prior.pace_persistence)[world]
        level, drift, off = latent[:, 0], latent[:, 1], latent[:, 2]
        level = level - drift / 2
        log_pace = np.empty((len(world), FUTURE_YEARS))
        for year in range(FUTURE_YEARS):
            level = level + drift * self.prior.drift_kept**year
            off = again * off + spread * np.sqrt(1 - again**2) * random.standard_normal(len(off))
            log_pace[:, year] = level + off
        return np.exp(self.usual + np.minimum(log_pace, _HIGHEST))

    def seasons(self, futures: int, random: np.random.Generator) -> Floats:
        """Draw what each quarter to come has of the year's pace: futures × 4, a mean of 1."""
        count = self.counts.reshape(-1, 4).sum(axis=0)
        opened = self.open_years.reshape(-1, 4).sum(axis=0)
        expected = count.sum() * opened / opened.sum()
        shape = self.prior.season_strength
        # How much better seasons explain the counts than a pace that is the same all year.
        evidence = sum(
            lgamma(shape + seen)
            - lgamma(shape)
            + shape * np.log(shape)
            - (shape + seen) * np.log(shape + awaited)
            + awaited
            for seen, awaited in zip(count, expected, strict=True)
        )
        share = 1 / (1 + (1 / self.prior.season_chance - 1) * np.exp(-evidence))
        drawn = random.gamma(shape + count, size=(futures, 4)) / (shape + expected)
        drawn[random.random(futures) >= share] = 1.0
        # The quarter before the end comes again as the last one of the year to come.
        drawn = drawn[:, ::-1]
        return np.asarray(drawn / drawn.mean(axis=1, keepdims=True))

    def is_unknown(self, ahead: Floats) -> bool:
        """Tell whether the pace of the next years is so open that a date would be a guess."""
        mean = ahead[:, :_NEXT_YEARS].mean(axis=1)
        low, high = np.quantile(mean, [0.1, 0.9])
        return bool(high > self.prior.unknown_from * low)

    def has_changed(self, past: Floats) -> bool:
        """Tell whether the last two years are likely to differ from the mean of the history."""
        recent = past[:, :_RECENT_YEARS].mean(axis=1) / past.mean(axis=1)
        factor = self.prior.changed_factor
        shares = (recent >= factor).mean(), (recent <= 1 / factor).mean()
        return bool(max(shares) >= self.prior.changed_from)


def _quarters(history: LeaseHistory) -> tuple[Floats, Floats]:
    """Count the lettings and sum the years with land to let of each quarter, back from the end."""
    room = history.has_room
    came = (history.changes_ha > 0) & room[:-1]
    years = max(int(np.ceil((history.end - history.day[0]) / YEAR_DAYS)), 1)
    edges = np.arange(4 * years + 1) * QUARTER_DAYS
    counts = np.histogram(history.end - history.day[1:][came], bins=edges)[0].astype("float64")
    near = (history.end - np.append(history.day[1:], history.end))[room][:, None]
    far = (history.end - history.day)[room][:, None]
    opened = np.clip(edges - near, 0.0, far - near).sum(axis=0)
    return counts, np.diff(opened) / YEAR_DAYS


def _precisions(prior: LettingPrior, years: int) -> tuple[Floats, Floats]:
    """Give the prior precision of level, drift and years in each world, and its log determinant."""
    spread = np.maximum(prior.pace_spread, _NONE)
    again = np.array(prior.pace_persistence)
    drift = np.maximum(prior.drift_spread, _NONE)
    precision = np.zeros((len(spread), years + 2, years + 2))
    precision[:, 0, 0] = _LEVEL**-2
    precision[:, 1, 1] = drift**-2
    place = np.arange(2, years + 2)
    fresh = 1 / (spread**2 * (1 - again**2))
    precision[:, place, place] = (fresh * (1 + again**2))[:, None]
    precision[:, 2, 2] = precision[:, -1, -1] = fresh if years > 1 else spread**-2
    precision[:, place[:-1], place[1:]] = -(fresh * again)[:, None]
    precision[:, place[1:], place[:-1]] = -(fresh * again)[:, None]
    log_det = -2 * np.log(drift) - 2 * years * np.log(spread) - (years - 1) * np.log(1 - again**2)
    return precision, log_det
