"""Whether versions and entries fit the lives of their parcels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kcngeo.core.dates import ALWAYS, OPEN, shown
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
    # Nobody knows which of two zones has the parcel, so neither can be computed.
    rows = tables.parcels.iloc[order[np.union1d(bad, bad + 1)]]
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
    # A parcel that went to a zone that is left out lives on there.
    ends = np.maximum(tables.end[last], _elsewhere(tables, last, "end", ALWAYS))
    late = known[entry_end[known] > ends[tables.entry_parcel[known]]]
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
    begin = np.minimum(tables.start[order[first]], _elsewhere(tables, order[first], "start", OPEN))
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


def _elsewhere(tables: Joined, version: Ints, side: str, missing: int) -> Ints:
    """Give the first day, or the first no longer, of parcels in zones that are left out."""
    days = tables.elsewhere[side]
    if days.empty:
        return np.full(len(version), missing)
    ids = tables.parcels["parcel_id"].iloc[version]
    return days.reindex(ids, fill_value=missing).to_numpy()
