"""Entries that stand in the ledger twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcngeo.ledger.entries import Joined

    Ints = NDArray[np.int64]

SAME = (
    *("parcel_id", "status", "valid_from", "valid_to"),
    *("part_area_ha", "project_id", "document"),
)
"""Columns in which two rows are the same entry; what is missing in both is the same."""


def repeated_entries(tables: Joined) -> tuple[Ints, Ints]:
    """Find the entries that stand twice: positions of the first of each, and of the others."""
    ledger = tables.ledger
    day = ledger["valid_from"].to_numpy()
    # Few entries of a parcel begin on one day, and only those are compared cell by cell.
    keys = pd.DataFrame({"parcel": tables.entry_parcel, "day": day})
    near = np.flatnonzero(keys.duplicated(keep=False).to_numpy())
    some = ledger.iloc[near][[name for name in SAME if name in ledger.columns]]
    again = some.duplicated(keep="first").to_numpy()
    if not again.any():
        return np.empty(0, dtype="int64"), np.empty(0, dtype="int64")
    # Missing cells are alike: rows are numbered by what they hold.
    number = some.groupby(list(some.columns), dropna=False, sort=False).ngroup().to_numpy()
    first = pd.Series(near[~again], index=number[~again])
    return first[number[again]].to_numpy(), near[again]
