"""Distances that must be kept: a rule, the bands of its figures, and how it picks one of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from kcngeo.core.schema import TABLES
from kcngeo.core.schema.stored import POLLUTION_LEVELS
from kcngeo.standards.entries import Standard, StandardError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _choices(table: str, column: str) -> tuple[str, ...]:
    contract = TABLES[table].column(column)
    return contract.choices if contract else ()


EMITTERS = _choices("emitters", "kind")
"""Kinds of emitters a rule may be about."""
FACILITIES = _choices("emitters", "facility")
"""What a wastewater or waste works may be."""
RECEPTORS = _choices("receptors", "kind")
"""Kinds of receptors a rule may protect."""
MEASURED_FROM = ("emitter", "fence")
"""Where a distance begins: at the emitter's own shape, or at the fence of its zone."""
PLACES = ("any", "inside", "outside")
"""Where the emitters stand that a rule is about: anywhere, inside a zone's fence, or outside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One figure of a rule and what it is for: a class, a level, a band of capacity, or everything.

    Attributes
    ----------
    distance_m
        The distance to keep, in metres.
    hazard_class
        The class it is for; None if the rule does not go by class.
    pollution_level
        The level it is for; None if the rule does not go by level.
    low_m3_day
        Lower end of the band of capacity in m³ a day; 0 if it has none.
    high_m3_day
        Upper end; infinite if it has none.
    low_included
        Whether exactly the lower end belongs to the band.
    high_included
        Whether exactly the upper end does.
    """

    distance_m: float
    hazard_class: str | None = None
    pollution_level: str | None = None
    low_m3_day: float = 0.0
    high_m3_day: float = math.inf
    low_included: bool = True
    high_included: bool = False

    def holds(self, capacity_m3_day: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which capacities lie in the band.

        Parameters
        ----------
        capacity_m3_day
            Capacities in m³ a day; a missing one lies in no band.

        Returns
        -------
        NDArray[np.bool_]
            Whether each does.

        Examples
        --------
        >>> band = Band(distance_m=50.0, low_m3_day=200, high_m3_day=1000)
        >>> band.holds(np.array([199, 200, 999, 1000])).tolist()
        [False, True, True, False]
        """
        # A comparison with a missing capacity is False on both sides.
        above = capacity_m3_day > self.low_m3_day
        below = capacity_m3_day < self.high_m3_day
        above |= self.low_included & (capacity_m3_day == self.low_m3_day)
        below |= self.high_included & (capacity_m3_day == self.high_m3_day)
        return above & below


@dataclass(frozen=True, slots=True, kw_only=True)
class BufferRule(Standard):
    """A distance that emitters of some kind must keep from receptors of some kind.

    A rule without figures is known to exist and cannot be applied.

    Attributes
    ----------
    emitters
        Kinds of emitters it is about.
    receptors
        Kinds of receptors it protects.
    distances
        The figures: one for everything, one a hazard class, one a level of pollution risk, or one
        a band of capacity.
    facilities
        What the works must be ("treatment", "pumping_station", …); empty if all the same.
    enclosed
        Whether it is about enclosed works, or open ones; None if all the same.
    place
        "inside" or "outside" the fence of a zone, where the emitter stands; "any".
    measured_from
        "emitter", the emitter's own point, building or parcel; "fence", the fence of its zone.

    Raises
    ------
    StandardError
        If a distance is not above 0, a word is not in its list, or the bands overlap or leave gaps.
    """

    emitters: tuple[str, ...]
    receptors: tuple[str, ...]
    distances: tuple[Band, ...]
    facilities: tuple[str, ...] = ()
    enclosed: bool | None = None
    place: str = "any"
    measured_from: str = "emitter"

    def __post_init__(self) -> None:
        faults = rule_faults(self)
        if faults:
            raise StandardError("buffer_rule", name=self.name, faults="; ".join(faults))

    @property
    def by(self) -> str:
        """What picks the figure: a column of the emitters, or "" for a single figure."""
        return _picked_by(self.distances)

    @property
    def classes(self) -> tuple[tuple[str, float], ...]:
        """Hazard classes with their distances in metres, the worst first."""
        found = [(band.hazard_class, band.distance_m) for band in self.distances]
        named = [(name, distance_m) for name, distance_m in found if name is not None]
        return tuple(sorted(named, key=lambda one: -one[1]))

    @property
    def levels(self) -> tuple[tuple[str, float], ...]:
        """Levels of pollution risk with their distances in metres, the worst first."""
        found = {band.pollution_level: band.distance_m for band in self.distances}
        return tuple((level, found[level]) for level in POLLUTION_LEVELS if level in found)

    @property
    def longest_m(self) -> float:
        """The longest of its distances, in metres; 0 without figures."""
        return max((band.distance_m for band in self.distances), default=0.0)


def rule_faults(rule: BufferRule) -> list[str]:
    """List what is wrong with the words and figures of a rule."""
    lists = {
        "emitters": (rule.emitters, EMITTERS),
        "receptors": (rule.receptors, RECEPTORS),
        "facilities": (rule.facilities, FACILITIES),
        "place": ((rule.place,), PLACES),
        "measured_from": ((rule.measured_from,), MEASURED_FROM),
    }
    faults = [
        f"{key} has {', '.join(map(repr, strange))}"
        for key, (values, choices) in lists.items()
        if (strange := [value for value in values if value not in choices])
    ]
    return faults + band_faults(rule.distances)


def band_faults(bands: tuple[Band, ...]) -> list[str]:
    """List what is wrong with bands: bad distances, gaps, overlaps, two ways of picking at once."""
    faults = [
        f"distance_m is {band.distance_m}"
        for band in bands
        if not (math.isfinite(band.distance_m) and band.distance_m > 0)
    ]
    classes = [band.hazard_class for band in bands if band.hazard_class is not None]
    levels = [band.pollution_level for band in bands if band.pollution_level is not None]
    strange = sorted({name for name in levels if name not in POLLUTION_LEVELS})
    faults += [f"pollution_level has {name!r}" for name in strange]
    for word, named in (("class", classes), ("level", levels)):
        if named:
            other = levels if word == "class" else classes
            if len(named) < len(bands) or other or any(_has_ends(band) for band in bands):
                faults.append(f"some bands go by {word}, others not")
            twice = sorted({name for name in named if named.count(name) > 1})
            return faults + [f"{word} {name} stands twice" for name in twice]
    return faults + _capacity_faults(bands)


def _capacity_faults(bands: tuple[Band, ...]) -> list[str]:
    if not bands:
        return []
    ordered = sorted(bands, key=lambda band: (band.low_m3_day, band.high_m3_day))
    faults = []
    if ordered[0].low_m3_day > 0 or not ordered[0].low_included:
        faults.append(f"no band below {ordered[0].low_m3_day:g} m³ a day")
    if math.isfinite(ordered[-1].high_m3_day):
        faults.append(f"no band above {ordered[-1].high_m3_day:g} m³ a day")
    for one, following in pairwise(ordered):
        ends = f"{one.high_m3_day:g} and {following.low_m3_day:g} m³ a day"
        both = one.high_included + following.low_included
        if one.high_m3_day < following.low_m3_day:
            faults.append(f"a gap between {ends}")
        elif one.high_m3_day > following.low_m3_day:
            faults.append(f"an overlap between {ends}")
        elif both != 1:
            faults.append(f"{ends}: exactly there {both} bands")
    return faults


def _has_ends(band: Band) -> bool:
    return band.low_m3_day > 0 or math.isfinite(band.high_m3_day)


def _picked_by(bands: tuple[Band, ...]) -> str:
    if any(band.hazard_class is not None for band in bands):
        return "hazard_class"
    if any(band.pollution_level is not None for band in bands):
        return "pollution_level"
    return "capacity_m3_day" if any(_has_ends(band) for band in bands) else ""
