"""The state of every parcel on a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.days import Day, day_number
from kcngeo.ledger.holdings import MEMOS, PARTS, holdings
from kcngeo.ledger.tables import known_tables

if TYPE_CHECKING:
    import geopandas as gpd


def state(
    parcels: gpd.GeoDataFrame, ledger: pd.DataFrame, *, on: Day, known_at: Any = None
) -> gpd.GeoDataFrame:
    """Give every parcel in force on a day with the shares of it that are held.

    Uncleared land is taken from the free rest of a parcel first; what is let or reserved before it
    is cleared counts under its tenure and again in ``uncleared_held_share``. The state does not
    ask which land uses count: that is the definition's matter, see :mod:`kcngeo.fill`.

    Parameters
    ----------
    parcels
        Parcel versions, table "parcels".
    ledger
        Entries, table "ledger".
    on
        The day.
    known_at
        As known at this moment, or at the end of this day in Viet Nam; None for all that is not
        superseded.

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
    """
    number = day_number(on)
    tables = known_tables(parcels, ledger, known_at=known_at)
    held = holdings(tables)
    now = (held.start <= number) & (number < held.end)
    width = len(PARTS) + len(MEMOS)
    shares = np.bincount(
        held.version[now] * width + held.part[now],
        weights=held.upper[now] - held.lower[now],
        minlength=len(tables.parcels) * width,
    ).reshape(-1, width)
    in_force = (tables.start <= number) & (number < tables.end)
    shares = shares[in_force]
    result = tables.parcels.loc[in_force].copy()
    columns: dict[str, Any] = dict(zip((*PARTS, *MEMOS), shares.T, strict=True))
    # The last upper bound is exactly 1 where nothing is left, so the largest one tells the rest.
    full = np.zeros(len(tables.parcels))
    tenure = now & (held.part < len(PARTS))
    np.maximum.at(full, held.version[tenure], held.upper[tenure])
    columns["available"] = 1 - full[in_force]
    order = (*PARTS, "available")
    for name in (*order, *MEMOS):
        result[f"{name}_share"] = columns[name]
    # Shares are whole trillionths; equal ones must not be told apart by their last bits.
    largest = np.argmax(np.column_stack([columns[name] for name in order]).round(12), axis=1)
    result["status"] = pd.array(list(order), dtype="str").take(largest)
    return result
