"""Zones without parcels on a day: what is declared of them stands in the place of what is measured.

A zone is measured on a day on which a parcel of it is in force, of whatever use; then its parcels
alone count. Without parcels nothing is known but what is declared: no hectare is made up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.model import Finding
from kcngeo.fill.area_sums import ITEMS, AreaSums, day_numbers_of
from kcngeo.fill.declared import REASONS, SOURCES, Declarations
from kcngeo.ledger.declared import TABLE
from kcngeo.ledger.faults import Fault

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcngeo.standards import FillDefinition

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Unmeasured:
    """Groups and dates without parcels, with what is declared of them by one definition.

    Attributes
    ----------
    cells
        (groups, dates) which they are.
    source
        (cells,) position in ``SOURCES``; -1 where nothing is declared.
    reason
        (cells,) position in ``REASONS`` where there is no rate; -1 where there is, or where the
        declaration is at fault.
    leased, base
        (cells,) mm²; NaN where unknown.
    items
        (cells, items) the land account in mm², as ``ITEMS``.
    faults
        Of zones whose declaration is at fault, while they have no parcels.
    """

    cells: Bools
    source: Ints
    reason: Ints
    leased: Floats
    base: Floats
    items: Floats
    faults: list[Fault]

    def put(self, figures: Any, values: Any) -> Any:
        """Put values of the cells into (groups, dates) figures."""
        return put(figures, self.cells, values)


def put(figures: Any, cells: Bools, values: Any) -> Any:
    """Put values into some cells of a copy."""
    if not cells.any():
        return figures
    figures = figures.copy()
    figures[cells] = values
    return figures


def unmeasured(sums: AreaSums, dates: pd.DatetimeIndex, one: FillDefinition) -> Unmeasured:
    """Say of the zones without parcels what is declared of them."""
    cells = sums.counts(dates) & ~sums.measured(dates) & ~sums.faulty(dates, one)
    if not cells.any():  # most often, every zone has its parcels
        known, numbers = np.empty(0), np.empty(0, dtype="int64")
        return Unmeasured(
            cells=cells,
            source=numbers,
            reason=numbers,
            leased=known,
            base=known,
            items=np.empty((0, len(ITEMS))),
            faults=[],
        )
    group, when = np.nonzero(cells)
    zone = sums.zone[group]
    declared = Declarations.of(sums.snapshot, sums.zone_ids)
    block = declared.holding(zone, day_numbers_of(dates)[when])
    split = _split(sums)[group]
    stated = declared.stated(np.where(split, -1, block), one)
    base = stated.base
    if (stated.zone_weight > 0).any():
        base = base + stated.zone_weight * sums.zone_mm2(dates)[group, when]
    source = np.where(block >= 0, SOURCES.index("declared"), -1)
    reason = np.where(
        (stated.reason < 0) & np.isnan(base),
        REASONS.index("declared_without_polygon"),
        stated.reason,
    )
    reason = np.where(split & (block >= 0), REASONS.index("declared_not_by_phase"), reason)
    broken: dict[str, list[Finding]] = {}
    for zone_id, found in sums.snapshot.always_faulty:
        if found.table == TABLE and zone_id not in sums.snapshot.apart:
            broken.setdefault(zone_id, []).append(found)
    at_fault = np.isin(sums.zone_ids[zone], list(broken))
    items = np.full((len(group), len(ITEMS)), np.nan)
    items[:, : stated.items.shape[1]] = stated.items
    items[at_fault] = np.nan
    return Unmeasured(
        cells=cells,
        source=np.where(at_fault, SOURCES.index("declared"), source),
        reason=np.where(at_fault, -1, reason),
        leased=np.where(at_fault, np.nan, stated.leased),
        base=np.where(at_fault, np.nan, base),
        items=items,
        faults=list(_faults(sums, dates, cells, broken)),
    )


def _split(sums: AreaSums) -> Bools:
    """Tell which groups are phases of zones that are drawn at other times; (groups,)."""
    if sums.phases is None:
        return np.zeros(len(sums.zone), dtype=bool)
    drawn = np.isin(np.arange(len(sums.zone_ids)), sums.zone[sums.group])
    return np.asarray(drawn[sums.zone])


def _faults(
    sums: AreaSums, dates: pd.DatetimeIndex, cells: Bools, broken: dict[str, list[Finding]]
) -> Iterator[Fault]:
    """Make a fault of each stretch of dates on which a zone hangs on a declaration at fault."""
    days = day_numbers_of(dates)
    for zone_id, found in sorted(broken.items()):
        mine = sums.zone_ids[sums.zone] == zone_id
        hit = cells[mine].any(axis=0)
        edges = np.flatnonzero(np.diff(np.concatenate([[False], hit, [False]]).astype("int8")))
        for first, last in edges.reshape(-1, 2):
            start, end = int(days[first]), int(days[last - 1]) + 1
            for one in found:
                yield Fault(zone_id=zone_id, finding=one, start=start, end=end)
