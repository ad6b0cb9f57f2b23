"""Whether versions and entries fit the lives of their parcels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kcngeo.core.dates import shown
from kcngeo.core.model import Finding, Severity
from kcngeo.core.validation import distinct
from kcngeo.ledger.entries import Joined, children, entry_names

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


def version_problems(tables: Joined, order: Ints) -> list[Finding]:
    """List parcels whose versions overlap in time."""
    # (versions,) sorted, so that only neighbours need be compared
    parcel = tables.parcel[order]
    bad = np.flatnonzero(
        (parcel[1:] == parcel[:-1]) & (tables.start[order[1:]] < tables.end[order[:-1]])
    )
    if not len(bad):
        return []
    rows = tables.parcels.iloc[order[bad]]
    return [
        Finding(
            rule="versions_overlap",
            severity=Severity.ERROR,
            table="parcels",
            ids=distinct(rows["parcel_id"]),
            zone_ids=distinct(rows["zone_id"]),
        )
    ]


def entry_problems(
    tables: Joined, entry_end: Ints, order: Ints, first: Ints, per_parcel: Ints
) -> list[Finding]:
    """List entries of parcels that do not exist, or that end before their entry does."""
    count = len(per_parcel)
    problems = []
    # Parcels that do not exist have numbers above all that do.
    strange = np.flatnonzero(tables.entry_parcel >= count)
    if len(strange):
        problems.append(
            Finding(
                rule="unknown_parcel",
                severity=Severity.ERROR,
                table="ledger",
                ids=entry_names(tables.ledger, strange),
            )
        )
    known = np.flatnonzero(tables.entry_parcel < count)
    # (parcels,) row of the last version of each
    last = order[first + per_parcel - 1]
    late = known[entry_end[known] > tables.end[last[tables.entry_parcel[known]]]]
    for parcel in np.unique(tables.entry_parcel[late]):
        version = tables.parcels.iloc[last[parcel]]
        problems.append(
            Finding(
                rule="entry_outlives_parcel",
                severity=Severity.ERROR,
                table="ledger",
                ids=entry_names(tables.ledger, late[tables.entry_parcel[late] == parcel]),
                zone_ids=(str(version["zone_id"]),),
                fields={
                    "ended": shown(tables.end[last[parcel]]),
                    "children": children(tables.parcels, str(version["parcel_id"])) or "–",
                },
            )
        )
    return problems


def early_entries(
    tables: Joined, entry_start: Ints, order: Ints, first: Ints, count: int
) -> list[Finding]:
    """List entries that begin before their parcel does: they count from its first day."""
    known = np.flatnonzero(tables.entry_parcel < count)
    # (parcels,) first day of the first version of each
    begin = tables.start[order[first]] if count else np.empty(0, dtype="int64")
    early = known[entry_start[known] < begin[tables.entry_parcel[known]]]
    if not len(early):
        return []
    zones = tables.parcels["zone_id"].iloc[order[first[tables.entry_parcel[early]]]]
    return [
        Finding(
            rule="entry_precedes_parcel",
            severity=Severity.WARNING,
            table="ledger",
            ids=entry_names(tables.ledger, early),
            zone_ids=distinct(zones),
        )
    ]
