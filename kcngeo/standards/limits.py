"""Figures for land and time: shares of a zone, limits on lots, belts and slopes, clocks."""

from __future__ import annotations

from dataclasses import dataclass

from kcngeo.core.model import LandUse
from kcngeo.standards.entries import Standard

LIMITED = {
    "lot": ("building_density", "green"),
    "perimeter_belt": ("width",),
    "sanitary_belt": ("planted", "service_works"),
    "land": ("slope",),
    "province": ("workers_housing",),
    "special_zone": ("supporting", "specialised", "ecological", "high_tech"),
    "zone": ("phase_area",),
}
"""What a limit may be on, and the measures it may have there."""
UNITS = ("share", "m", "ha")
"""Units of limits: a share from 0 to 1, metres, or hectares."""
EVENTS = ("unused", "behind_schedule", "extension")
"""What a clock runs from: hand-over, the due date of the project; or what an extension adds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceItem(Standard):
    """The least share of a zone's area that a land use must have, by one edition of the code.

    Attributes
    ----------
    item
        The land use.
    required_share
        The least share of the zone's area, 0 to 1.
    """

    item: LandUse
    required_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit(Standard):
    """A limit on a lot, a belt or a piece of land.

    Attributes
    ----------
    subject
        "lot", "perimeter_belt" (the green belt round the zone), "sanitary_belt", "land",
        "province" (all its zones), "special_zone" or "zone".
    measure
        "building_density" and "green" of a lot, "width" of a perimeter belt, "planted" and
        "service_works" (parking, pumps, works, transfer) of a sanitary belt, "slope" of land,
        "workers_housing" of a province, what makes a special zone one, "phase_area" of a zone.
        Without ``at_least`` and ``at_most`` nobody read what it asks.
    unit
        "share" (0 to 1; a slope of 10 % is 0.1), "m" or "ha".
    at_least
        Smallest value allowed; None if there is no lower limit.
    at_most
        Largest value allowed; None if there is no upper limit.
    storeys_from
        Least number of storeys it is for; None if from the ground.
    storeys_to
        Largest number of storeys it is for, included; None if any.
    """

    subject: str
    measure: str
    unit: str
    at_least: float | None = None
    at_most: float | None = None
    storeys_from: int | None = None
    storeys_to: int | None = None

    def is_for(self, storeys: int) -> bool:
        """Tell whether the limit is for buildings of a height.

        Parameters
        ----------
        storeys
            Number of storeys.

        Returns
        -------
        bool
            Whether ``storeys_from <= storeys <= storeys_to``, a missing end being open.

        Examples
        --------
        >>> from kcngeo import standards
        >>> limit = standards.load("lot-density-high")  # from 6 storeys
        >>> [limit.is_for(storeys) for storeys in (5, 6)]
        [False, True]
        """
        above = self.storeys_from is None or storeys >= self.storeys_from
        return above and (self.storeys_to is None or storeys <= self.storeys_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock(Standard):
    """How long let land may lie idle before it is recovered.

    Attributes
    ----------
    event
        "unused": from hand-over without use; "behind_schedule": behind the project's schedule;
        "extension": what one extension adds at most.
    months
        How long, in months; None if the law was not read.
    """

    event: str
    months: int | None = None
