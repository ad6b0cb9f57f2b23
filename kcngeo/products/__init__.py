"""What people ask for: each product is one call that gives a bundle of tables, maps and files.

What its ids are called stands in its table ``names``, where people are told names.
"""

from __future__ import annotations

from kcngeo.products.check import GAP_WIDTH_M, MAP_SCALE, check
from kcngeo.products.conflicts import conflicts
from kcngeo.products.exchange import exchange
from kcngeo.products.history import history
from kcngeo.products.imagery import imagery
from kcngeo.products.layers import layers, store_styles
from kcngeo.products.month import month, series
from kcngeo.products.month_folder import MonthOptions
from kcngeo.products.months import months
from kcngeo.products.progress import progress
from kcngeo.products.remake import remake
from kcngeo.products.returns import returns
from kcngeo.products.scenario import scenario
from kcngeo.products.sites import sites

__all__ = [
    "GAP_WIDTH_M",
    "MAP_SCALE",
    "MonthOptions",
    "check",
    "conflicts",
    "exchange",
    "history",
    "imagery",
    "layers",
    "month",
    "months",
    "progress",
    "remake",
    "returns",
    "scenario",
    "series",
    "sites",
    "store_styles",
]
