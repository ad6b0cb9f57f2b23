"""Groups of parcels and sums over time: what accounts are added up with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.errors import KcngeoError

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from kcngeo.ledger import Allocations

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


By = str | Sequence[str]


def is_by_phase(by: By) -> bool:
    """Tell whether groups are zones by phase."""
    keys = (by,) if isinstance(by, str) else tuple(by)
    if keys not in (("zone_id",), ("zone_id", "phase")):
        raise KcngeoError("by", value=repr(by))
    return len(keys) == 2


def positions(values: pd.Series, sorted_values: NDArray[Any]) -> Ints:
    """Find each value in a sorted array; hashing the few different ones, not every row."""
    codes, uniques = pd.factorize(values)
    places = np.searchsorted(sorted_values, np.asarray(uniques, dtype=object))
    return np.asarray(places, dtype="int64")[codes] if len(codes) else np.empty(0, dtype="int64")


def by_phases(parcels: gpd.GeoDataFrame, zone: Ints, zones: int) -> tuple[Ints, Ints, NDArray[Any]]:
    """Number the groups (zone, phase), sorted, a missing phase last; zones without parcels too."""
    phase = parcels["phase"] if "phase" in parcels.columns else pd.Series(None, index=parcels.index)
    # (versions,) a missing phase is numbered last
    codes, uniques = pd.factorize(phase, sort=True)
    codes = np.where(codes < 0, len(uniques), codes)
    empty = np.setdiff1d(np.arange(zones), zone)
    width = len(uniques) + 1
    # Zone and phase in one sortable number.
    keys = np.concatenate([zone * width + codes, empty * width + len(uniques)])
    groups, number = np.unique(keys, return_inverse=True)
    names = np.array([*uniques, None], dtype=object)
    return number[: len(zone)], groups // width, names[groups % width]


def summed(days: Ints, size: int, group: Ints, start: Ints, end: Ints, weight: Floats) -> Floats:
    """Sum weights over the rows in force, for every group and date."""
    # Each row is added at the first date it holds and taken away at the first it no longer does;
    # the running sum along the dates is the state. The cost does not depend on the number of
    # dates.
    # (rows,) position of the first date in force and of the first no longer.
    first, last = np.searchsorted(days, start), np.searchsorted(days, end)
    live = first < last
    width = len(days) + 1
    key = group[live] * width
    # (groups x (dates + 1),) what is added and taken away at each date; the last column is never
    # read
    change = np.bincount(key + first[live], weights=weight[live], minlength=size * width)
    change -= np.bincount(key + last[live], weights=weight[live], minlength=size * width)
    # Without rows bincount counts in whole numbers, whatever the weights.
    return np.asarray(change.reshape(size, width)[:, :-1].cumsum(axis=1), dtype="float64")


def part_mm2(held: Allocations, rows: Ints, version_mm2: Floats) -> Floats:
    """Measure what is held: stretches of allocations as areas.

    Parameters
    ----------
    held
        What is held of parcel versions, by the basis of the areas.
    rows
        Positions of the stretches.
    version_mm2
        (versions,) areas of the parcel versions, whole mm².

    Returns
    -------
    NDArray[np.float64]
        (rows,) whole mm².

    Examples
    --------
    >>> import kcngeo as kcn
    >>> now = kcn.examples.squares().as_known()
    >>> held = now.allocated("grid")
    >>> half = np.flatnonzero(held.upper == 0.5)
    >>> part_mm2(held, half, now.areas_mm2("grid")).tolist()  # half a hectare
    [5000000000.0]
    """
    whole = version_mm2[held.version[rows]]
    # Bounds are rounded, not shares: then the parts of a parcel add up to it exactly.
    return np.asarray(np.rint(held.upper[rows] * whole) - np.rint(held.lower[rows] * whole))


LIMITS = ("low_leased_ha", "low_base_ha", "high_leased_ha", "high_base_ha")
"""Columns with the hectares of the lowest and the highest rate a zone may have."""


def rate_limits(limits: Mapping[str, Any] | pd.DataFrame) -> dict[str, Floats]:
    """Divide the hectares of the lowest and highest rates; one without the other is none."""
    low_leased, low_base, high_leased, high_base = (np.asarray(limits[one]) for one in LIMITS)
    low, high = ratio(low_leased, low_base), ratio(high_leased, high_base)
    unknown = np.isnan(low) | np.isnan(high)
    return {
        "rate_low": np.where(unknown, np.nan, low),
        "rate_high": np.where(unknown, np.nan, high),
    }


def ratio(leased: Floats, base: Floats) -> Floats:
    """Divide where there is something to divide by; nothing leasable has no rate."""
    return np.divide(leased, base, out=np.full(np.shape(base), np.nan), where=np.asarray(base) > 0)
