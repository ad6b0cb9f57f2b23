"""Bounds within which a rate must lie while leasable parcels overlap.

Land that is drawn twice belongs to one of the two parcels, to the other, to neither, or it is
twice there and only drawn askew: a parcel has at least its area less what others cover of it, and
at most its area. Every way in between gives a rate; the lowest and the highest of them are what
the rate is known to lie between.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from kcngeo.core.units import whole_mm2
from kcngeo.fill.aggregation import summed
from kcngeo.fill.area_sums import AreaSums, day_numbers_of
from kcngeo.standards.entries import ZONE

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from kcngeo.standards import FillDefinition

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# Within a parcel the scale of a grid differs by far less than this.
_SCALE_MARGIN = 1.0001
# Versions times dates that are summed at once, so that many overlaps need no more memory.
_MOST_CELLS = 200_000


def bounds_of(
    sums: AreaSums, dates: pd.DatetimeIndex, one: FillDefinition, leased: Floats, base: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Give numerator and denominator of the lowest rate, then of the highest.

    ``leased`` and ``base`` are the fraction with every overlapping parcel added whole.
    """
    pairs = sums.snapshot.overlaps
    # (overlapping versions,) their positions
    version, place = np.unique(pairs[["left", "right"]].to_numpy().T, return_inverse=True)
    if not len(version):
        return leased, base, leased, base
    own, own_base = _of_versions(sums, dates, one, version)
    covered = _covered(sums, dates, version, place.reshape(-1))
    let = np.minimum(covered, own)
    size = (len(sums.zone), len(dates))
    less_let, less_free = np.zeros(size), np.zeros(size)
    np.add.at(less_let, sums.group[version], let)
    if one.on_whole_zone:
        # Lots neither add to the polygon of their zone nor take from it.
        return leased - less_let, base, leased, base
    free = np.minimum(covered, own_base - own)
    np.add.at(less_free, sums.group[version], free)
    # A rate is at most 1: it is lowest without all the let land in doubt, which leaves the base
    # too, and highest without all the other land in doubt.
    return leased - less_let, base - less_let, leased, base - less_free


def _of_versions(
    sums: AreaSums, dates: pd.DatetimeIndex, one: FillDefinition, version: Ints
) -> tuple[Floats, Floats]:
    """Give numerator and denominator of single parcel versions; (versions, dates) mm²."""
    # The polygon of the zone belongs to none of its parcels.
    weights = [
        {key: weight for key, weight in each.items() if key[1] != ZONE}
        for each in (one.numerator, one.base)
    ]
    parts = []
    for some in np.array_split(version, 1 + len(version) * len(dates) // _MOST_CELLS):
        # Each version is a group of its own; all others are one more, which is not looked at.
        group = np.full(len(sums.group), len(some))
        group[some] = np.arange(len(some))
        zone = np.append(sums.zone[sums.group[some]], 0)
        single = replace(sums, group=group, zone=zone, phases=None)
        parts.append([single.weighted(each, dates)[:-1] for each in weights])
    own, own_base = (np.concatenate(each) for each in zip(*parts, strict=True))
    return own, own_base


def _covered(sums: AreaSums, dates: pd.DatetimeIndex, version: Ints, place: Ints) -> Floats:
    """Measure how much of each overlapping version others cover at most, on every date."""
    pairs, snapshot = sums.snapshot.overlaps, sums.snapshot
    whole = sums.version_mm2[version]
    # What three parcels share is added twice here: the bounds get wider, never too narrow.
    start, end = (np.tile(pairs[name].to_numpy(), 2) for name in ("start", "end"))
    pair_mm2 = np.tile(whole_mm2(pairs["area_m2"]), 2)
    days = day_numbers_of(dates)
    covered = summed(days, len(version), place, start, end, pair_mm2)
    if sums.area != "grid":
        drawn = np.nan_to_num(snapshot.areas_mm2("grid"))[version]
        share = covered * _SCALE_MARGIN / np.maximum(drawn, 1.0)[:, None]
        covered = np.ceil(share * whole[:, None])
    return np.asarray(np.minimum(covered, whole[:, None]))
