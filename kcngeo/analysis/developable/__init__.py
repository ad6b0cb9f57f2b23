"""Developable land: what of the vacant land is left when every encumbrance is taken off it.

A vacant lot is not an available site: it may lie under a belt, on a slope, within a safety
distance. :func:`developable_land` takes the encumbrances off without counting anything twice and
gives the account that closes; the other calls make encumbrances from zones, receptors and works,
and tell what a change of them would win or lose.
"""

from __future__ import annotations

from kcngeo.analysis.developable.account import DevelopableLand, developable_land
from kcngeo.analysis.developable.areas import belts, combine, encumbrance, within
from kcngeo.analysis.developable.sensitivity import sensitivity

__all__ = [
    "DevelopableLand",
    "belts",
    "combine",
    "developable_land",
    "encumbrance",
    "sensitivity",
    "within",
]
