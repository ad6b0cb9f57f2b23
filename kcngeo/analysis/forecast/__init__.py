"""When a zone will be full, and how much will be let: forecasts from its own lettings, as ranges.

Only what happened in a zone speaks for it: the net changes of its let land, day by day, under the
land uses of the definition, up to the day of the forecast. What is known of zones in general is one
frozen entry of the registry (``lettings-2026``), so that no other zone changes a forecast. How
futures are drawn from both stands in :func:`simulate`. The pace may drift, swing from year to year
and have seasons; a forecast knows no crisis, no negotiation under way and no entry dated after the
day. Where the pace has changed it says so, and the range is wider for it; where the pace to come is
so open that a date would be a guess, it gives none. ``benchmarks/backtest.py`` measures how often
the ranges hold.

Lettable is what is available, reserved (a reservation becomes a lease or lapses) or under recovery
(which may take some months yet). Land that is not cleared is not, until the supply says so.
"""

from __future__ import annotations

from kcngeo.analysis.forecast.history import Outlook
from kcngeo.analysis.forecast.lease_history import FEWEST_LEASES, SHORTEST_DAYS, LeaseHistory
from kcngeo.analysis.forecast.let_area import leased_at
from kcngeo.analysis.forecast.reaching import HORIZON_YEARS
from kcngeo.analysis.forecast.simulation import Futures, Goal, Supply, simulate
from kcngeo.analysis.forecast.target_dates import fill_date, fill_dates

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
