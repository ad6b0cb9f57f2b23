"""Bounds within which a rate must lie while parcels overlap or an entry stands twice.

Land that is drawn twice belongs to one of the two parcels, to the other, to neither, or it is
twice there and only drawn askew: a parcel has at least its area less what others cover of it, and
at most its area. Every way in between gives a rate; the lowest and the highest of them are what
the rate is known to lie between. An entry that stands twice is a slip, or two contracts that look
alike: it holds its land once, or twice.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from kcngeo.core.model import LEASABLE, Status
from kcngeo.core.units import M2_PER_HA, whole_mm2
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

    ``leased`` and ``base`` are the fraction with every overlapping parcel added whole, and every
    entry that stands twice once.
    """
    less_let, less_free = _overlapping(sums, dates, one)
    more_let, either = _repeated(sums, dates, one)
    if one.on_whole_zone:
        # Lots neither add to the polygon of their zone nor take from it.
        return np.maximum(leased - less_let, 0.0), base, np.minimum(leased + more_let, base), base
    # A rate is at most 1: it is lowest without all the let land in doubt, which leaves the base
    # too, and highest without all the other land in doubt.
    high_base = np.maximum(base - less_free - either, 0.0)
    return (
        np.maximum(leased - less_let - either, 0.0),
        base - less_let,
        np.minimum(leased + more_let, high_base),
        high_base,
    )


def _overlapping(
    sums: AreaSums, dates: pd.DatetimeIndex, one: FillDefinition
) -> tuple[Floats, Floats]:
    """Measure the let and the other land in doubt because it is drawn twice; (groups, dates)."""
    size = (len(sums.zone), len(dates))
    less_let, less_free = np.zeros(size), np.zeros(size)
    pairs = sums.snapshot.overlaps
    # (overlapping versions,) their positions
    version, place = np.unique(pairs[["left", "right"]].to_numpy().T, return_inverse=True)
    if len(version):
        own, own_base = of_versions(sums, dates, one, version)
        covered = _covered(sums, dates, version, place.reshape(-1))
        np.add.at(less_let, sums.group[version], np.minimum(covered, own))
        np.add.at(less_free, sums.group[version], np.minimum(covered, own_base - own))
    return less_let, less_free


def _repeated(
    sums: AreaSums, dates: pd.DatetimeIndex, one: FillDefinition
) -> tuple[Floats, Floats]:
    """Measure what entries that stand twice would add if both were right; (groups, dates).

    First the land that would be let, then what might move above or below the line either way.
    """
    size = len(sums.zone)
    repeats, ledger = sums.snapshot.allocations.repeats, sums.snapshot.ledger
    if repeats.empty or "part_area_ha" not in ledger.columns:
        # Who holds the whole parcel twice holds it once.
        return np.zeros((size, len(dates))), np.zeros((size, len(dates)))
    version, again = (repeats[name].to_numpy() for name in ("version", "again"))
    use = sums.use_of_version[version]
    counts = np.isin(use, [LEASABLE.index(each) for each in one.uses if each in LEASABLE])
    part_mm2 = whole_mm2(ledger["part_area_ha"].to_numpy()[again] * M2_PER_HA)
    part_mm2 = np.where(counts, np.nan_to_num(part_mm2), 0.0)
    is_let = (ledger["status"] == Status.LEASED).to_numpy()[again]
    items = {item for _, item in (*one.numerator, *one.base)}
    # What is held more pushes what is not cleared under it, and that counts by some definitions.
    weighs_clearance = any("uncleared" in item for item in items)
    start, end = (repeats[name].to_numpy() for name in ("start", "end"))
    days, group = day_numbers_of(dates), sums.group[version]
    more_let, either = (
        summed(days, size, group, start, end, part_mm2 * of) for of in (is_let, weighs_clearance)
    )
    return more_let, either


def of_versions(
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
