"""How the land of a zone is divided, and whether that is enough: by standard and approved plan.

Shares of the zone by land use, the green belt along the fence by its true width, density and open
space of lots, and what there is for workers and the public.
"""

from __future__ import annotations

from kcngeo.analysis.balance.belt import green_belt
from kcngeo.analysis.balance.parcel_density import parcel_balance, social_works
from kcngeo.analysis.balance.shares import UNASSIGNED, land_use_balance

__all__ = ["UNASSIGNED", "green_belt", "land_use_balance", "parcel_balance", "social_works"]
