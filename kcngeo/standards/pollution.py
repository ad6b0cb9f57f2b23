"""Activities with a risk of pollution, in three levels by capacity."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kcngeo.core.schema.stored import POLLUTION_LEVELS
from kcngeo.standards.entries import Standard

LEVELS = POLLUTION_LEVELS
"""The levels of pollution risk, the worst first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollutionActivity(Standard):
    """An activity of the annex, and from which capacity on it has which level.

    Attributes
    ----------
    item
        Its number in the annex.
    unit
        Unit of the capacities; empty if its levels were not read.
    large_from
        Least capacity of the level "large"; None if it was not read.
    medium_from
        Least capacity of the level "medium"; None if it was not read.
    """

    item: int
    unit: str = ""
    large_from: float | None = None
    medium_from: float | None = None

    def level(self, capacity: float) -> str | None:
        """Give the level of a capacity; None where the figures that decide were not read.

        Parameters
        ----------
        capacity
            In ``unit``; missing has no level.

        Returns
        -------
        str | None
            One of :data:`LEVELS`.

        Examples
        --------
        >>> from kcngeo import standards
        >>> textiles = standards.load("pollution-textiles")  # m² a year
        >>> [textiles.level(one) for one in (4_999_999, 5_000_000, 50_000_000)]
        ['small', 'medium', 'large']
        >>> leather = standards.load("pollution-leather")
        >>> [leather.level(tonnes) for tonnes in (9_999, 10_000)]
        [None, 'large']
        """
        if self.large_from is None or math.isnan(capacity):
            return None
        if capacity >= self.large_from:
            return "large"
        if self.medium_from is None:
            return None
        return "medium" if capacity >= self.medium_from else "small"
