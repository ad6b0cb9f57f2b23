"""The state of every parcel on a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.dates import Day, covers_day, day_number
from kcngeo.ledger.allocations import MEMO_ITEMS, PARTS
from kcngeo.ledger.questions import asked
from kcngeo.ledger.snapshot import Snapshot

if TYPE_CHECKING:
    import geopandas as gpd

    from kcngeo.ledger.project import Project


def state(project: Project | Snapshot, *, on: Day) -> gpd.GeoDataFrame:
    """Give every parcel in force on a day with the shares of it that are held.

    Uncleared land is taken from the free rest of a parcel first; what is let or reserved before it
    is cleared counts under its tenure and again in ``uncleared_held_share``. The state does not
    ask which land uses count: that is the definition's matter, see :mod:`kcngeo.fill`.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day left out.
    on
        The day.

    Returns
    -------
    gpd.GeoDataFrame
        The versions in force, index and columns kept, and for each part of the account its share
        of the parcel (0 to 1): ``leased_share``, ``reserved_share``, ``recovering_share``,
        ``repurposed_share``, ``uncleared_share``, ``available_share`` (these add up to 1),
        ``uncleared_held_share``, ``leased_uncleared_share``; and ``status``, the largest part (of
        equal ones the first in this order).

    Raises
    ------
    ContractError
        If the tables break their contract or contradict each other; all breaches are listed.

    Examples
    --------
    Half of the square A-2 is let:

    >>> import kcngeo as kcn
    >>> now = state(kcn.examples.squares(), on="2018-03-31").set_index("parcel_id")
    >>> now.loc[["A-2"], ["leased_share", "available_share", "status"]].values.tolist()
    [[0.5, 0.5, 'leased']]
    """
    return state_of(asked(project, start=on), on=on)


def state_of(snapshot: Snapshot, *, on: Day, area: str = "grid") -> gpd.GeoDataFrame:
    """Give the state of the parcels of a snapshot, whoever is at fault.

    Parameters
    ----------
    snapshot
        The tables as known.
    on
        The day.
    area
        Basis of the areas the shares are of.

    Returns
    -------
    gpd.GeoDataFrame
        As :func:`state`.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> now = kcn.examples.squares().as_known()
    >>> parcels = state_of(now, on="2018-03-31")
    >>> parcels.loc[parcels["parcel_id"] == "B-1", "leased_share"].tolist()
    [1.0]
    """
    number = day_number(on)
    tables, held = snapshot.joined, snapshot.allocated(area)
    now = np.flatnonzero(covers_day(held.start, held.end, number))
    version, part, upper = held.version[now], held.part[now], held.upper[now]
    size = len(tables.parcels)
    width = len(PARTS) + len(MEMO_ITEMS)
    # (parts, versions) shares 0 to 1
    shares = np.bincount(
        part * size + version, weights=upper - held.lower[now], minlength=width * size
    ).reshape(width, size)
    # The last upper bound is exactly 1 where nothing is left, so the largest one tells the rest.
    full = np.zeros(size)
    tenure = part < len(PARTS)
    np.maximum.at(full, version[tenure], upper[tenure])
    largest = np.full(size, len(PARTS))
    some = np.flatnonzero(full > 0)
    # Shares are whole trillionths; equal ones must not be told apart by their last bits.
    beside = np.vstack([shares[: len(PARTS), some], 1 - full[some]])
    largest[some] = np.argmax(beside.round(12), axis=0)
    order = (*PARTS, "available")
    columns: dict[str, Any] = {
        f"{name}_share": row for name, row in zip(PARTS, shares, strict=False)
    }
    columns["available_share"] = 1 - full
    columns |= {
        f"{name}_share": row for name, row in zip(MEMO_ITEMS, shares[len(PARTS) :], strict=True)
    }
    columns["status"] = pd.array(list(order), dtype="str").take(largest)
    result = tables.parcels.assign(**columns)
    in_force = covers_day(tables.start, tables.end, number)
    return result if in_force.all() else result[in_force]
