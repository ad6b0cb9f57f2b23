"""How ready a lot is for a factory, in levels."""

from __future__ import annotations

from dataclasses import dataclass

from kcngeo.standards.entries import Standard

TESTS = (
    "cleared",
    "road",
    "power",
    "water",
    "wastewater",
    "drainage",
    "telecom",
    "solid_waste",
    "fire_access",
    "outside",
)
"""What a level may need of a lot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessRule(Standard):
    """What each level of readiness needs, and how far works reach.

    Attributes
    ----------
    level_1
        What the first level needs, of :data:`TESTS`.
    level_2
        What the second level needs besides.
    level_3
        What the third level needs besides.
    level_4
        What the fourth level needs besides.
    level_5
        What the fifth level needs besides.
    serviced_from
        The level from which on land counts as serviced.
    reach_m
        How far, in metres, a lot may lie from a road or the line of a network that serves it.
    fire_road_m
        Least width, in metres, of a road for fire engines.
    """

    level_1: tuple[str, ...]
    level_2: tuple[str, ...]
    level_3: tuple[str, ...]
    level_4: tuple[str, ...]
    level_5: tuple[str, ...]
    serviced_from: int
    reach_m: float
    fire_road_m: float

    @property
    def levels(self) -> tuple[tuple[str, ...], ...]:
        """What each level needs besides those below it, the first level first."""
        return (self.level_1, self.level_2, self.level_3, self.level_4, self.level_5)
