"""What a forecast takes for likely of any zone before it looks at the zone's own lettings."""

from __future__ import annotations

from dataclasses import dataclass

from kcngeo.standards.entries import Standard

WORLDS = ("pace_spread", "pace_persistence", "drift_spread", "pace_weight")
"""The keys that are parallel lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LettingPrior(Standard):
    """How the paces, sizes and endings of lettings differ among zones; estimated once, then frozen.

    It is all that one zone's forecast knows of other zones. The first four are parallel lists: the
    worlds that are thought possible.

    Attributes
    ----------
    pace_spread
        Standard deviation of the logarithm of a year's pace about the zone's level.
    pace_persistence
        Correlation of one year's pace with the next one's, at least 0 and below 1.
    drift_spread
        Standard deviation of the yearly drift of the logarithm of the pace.
    pace_weight
        How likely each world is, relative to the others.
    drift_kept
        Share of the drift that is kept from one future year to the next.
    season_chance
        How likely it is that a zone has seasons at all, a share.
    season_strength
        Shape of the gamma distribution of a season's pace, where there are seasons.
    tail_share
        Share of the lettings, the largest, that tell of the tail.
    tail_index
        Mean excess of their logarithms that is expected: the inverse of Pareto's index.
    tail_events
        Lettings this expectation weighs as many as.
    ended_tenancies
        Endings that are taken for seen beforehand.
    tenant_years
        Years of tenancy in which they are taken for seen.
    changed_factor
        The pace has changed where that of the last two years is this many times the mean of the
        history, or its inverse, or beyond.
    changed_from
        Probability from which that is said, a share.
    unknown_from
        Nothing is forecast where p90 of the pace of the next three years is more than this many
        times its p10.
    """

    pace_spread: tuple[float, ...]
    pace_persistence: tuple[float, ...]
    drift_spread: tuple[float, ...]
    pace_weight: tuple[float, ...]
    drift_kept: float
    season_chance: float
    season_strength: float
    tail_share: float
    tail_index: float
    tail_events: float
    ended_tenancies: float
    tenant_years: float
    changed_factor: float
    changed_from: float
    unknown_from: float
