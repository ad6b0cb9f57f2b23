"""Land accounts and fill rates: how much leasable land is let, reserved, uncleared or available.

The account of a zone on a day is ``base = leased + reserved + recovering + repurposed + uncleared +
available``. The fill rate is let land over the base, and always by a named definition: which land
uses count and what the base is differ between the laws, the board and the press.

A zone counts while ``established_on <= on < removed_on``; on other days it has no row. A parcel
counts whole in the zone of its ``zone_id``. Sums are exact (see :mod:`kcngeo.core.units`), so they
depend neither on the order of rows nor on the number of dates asked for.
"""

from __future__ import annotations

from kcngeo.fill.accounts import ACCOUNT_COLUMNS, Accounts
from kcngeo.fill.aggregation import LIMITS, part_mm2
from kcngeo.fill.area_sums import ITEMS
from kcngeo.fill.declared import REASONS, SOURCES
from kcngeo.fill.declared_table import declared_accounts
from kcngeo.fill.parcels_on_day import contracts_on, leases_on, parcels_on, zones_on
from kcngeo.fill.rates import combine, fill_rate, fill_series, land_account

__all__ = [
    "ACCOUNT_COLUMNS",
    "ITEMS",
    "LIMITS",
    "REASONS",
    "SOURCES",
    "Accounts",
    "combine",
    "contracts_on",
    "declared_accounts",
    "fill_rate",
    "fill_series",
    "land_account",
    "leases_on",
    "parcels_on",
    "part_mm2",
    "zones_on",
]
