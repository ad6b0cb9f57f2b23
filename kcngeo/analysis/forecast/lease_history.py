"""What happened to the let land of one zone, as steps, and the tenancies these steps tell of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
class Tenancies:
    """Who holds the let land at the end of a history, as far as its steps tell.

    Attributes
    ----------
    area_ha
        Hectares of each tenancy that goes on.
    ended
        Tenancies that ended; one that gave back a third counts a third.
    tenant_days
        Days all of them lasted until the end of the history.
    """

    area_ha: Floats
    ended: float
    tenant_days: float

    @classmethod
    def of(cls, history: LeaseHistory) -> Tenancies:
        """Read them off the steps: what is given back is taken from the tenancy nearest in size.

        Parameters
        ----------
        history
            The steps. What is let when it begins counts as tenancies of the usual size.

        Returns
        -------
        Tenancies
            Those there are and were.

        Examples
        --------
        One hectare and three are let for 100 days each; then one is given back, and nothing
        happens for another 100 days: 100 + 200 + 100 days of tenancies.

        >>> found = Tenancies.of(LeaseHistory(day=np.array([0, 100, 200, 300]), end=400,
        ...     leased_ha=np.array([0.0, 1.0, 4.0, 3.0]), lettable_ha=np.ones(4)))
        >>> found.area_ha.tolist(), found.ended, found.tenant_days
        ([3.0], 1.0, 400.0)
        """
        begun_ha, usual_ha = float(history.leased_ha[0]), history.lease_ha
        count = round(begun_ha / float(np.median(usual_ha))) if len(usual_ha) else 1
        held = [begun_ha / max(count, 1)] * max(count, 1) if begun_ha > EVENT_HA else []
        ended, lasted = 0.0, len(held) * float(history.spans_days[0])
        for change, span in zip(history.changes_ha, history.spans_days[1:], strict=True):
            if change > 0:
                held.append(float(change))
            back = float(-change)
            while back > TOLERANCE_HA and held:
                nearest = min(range(len(held)), key=lambda at: abs(held[at] - back))
                taken = min(held[nearest], back)
                ended, back = ended + taken / held[nearest], back - taken
                held[nearest] -= taken
                if held[nearest] <= EVENT_HA:
                    held.pop(nearest)
            lasted += len(held) * float(span)
        area_ha = np.array(held)
        # New surveys and roundings are no events, but are part of what is let at last.
        if area_ha.sum() > 0:
            area_ha *= history.leased_ha[-1] / area_ha.sum()
        return cls(area_ha=area_ha, ended=ended, tenant_days=lasted)
