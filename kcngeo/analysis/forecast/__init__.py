"""When a zone will be full, and how much will be let: forecasts from its own lettings, as ranges.

Only what happened in a zone speaks for it: the net changes of its let land, day by day, under the
land uses of the definition, up to the day of the forecast. How futures are drawn from that stands
in :func:`simulate`. A forecast is the past going on: it knows no trend, no crisis, no negotiation
under way and no entry dated after the day, and where the pace has changed it is wrong, with too
narrow a range. ``benchmarks/backtest.py`` measures how often the ranges hold.

Lettable is what is available, reserved (a reservation becomes a lease or lapses) or under recovery
(which may take some months yet). Land that is not cleared is not, until the supply says so.
"""

from __future__ import annotations

from kcngeo.analysis.forecast.api import HORIZON_YEARS, fill_date, fill_dates, leased_at
from kcngeo.analysis.forecast.history import Outlook
from kcngeo.analysis.forecast.simulation import (
    FEWEST_LEASES,
    SHORTEST_DAYS,
    Futures,
    Goal,
    LeaseHistory,
    Supply,
    simulate,
)

__all__ = [
    "FEWEST_LEASES",
    "HORIZON_YEARS",
    "SHORTEST_DAYS",
    "Futures",
    "Goal",
    "LeaseHistory",
    "Outlook",
    "Supply",
    "fill_date",
    "fill_dates",
    "leased_at",
    "simulate",
]
