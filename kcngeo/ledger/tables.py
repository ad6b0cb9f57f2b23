"""Parcels and ledger as known at a time, joined once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.contracts import as_known, checked, distinct
from kcngeo.core.days import ALWAYS, OPEN, day_numbers

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tables:
    """Parcels and ledger as known at a time, checked, with the entries joined to their parcels.

    Attributes
    ----------
    parcels
        Parcel versions.
    ledger
        Entries.
    parcel
        Of each version, the number of its parcel.
    entry_parcel
        Of each entry, the number of its parcel; parcels that do not exist have higher numbers.
    start
        First day of each version, as a day number.
    end
        First day no longer of each version.
    """

    parcels: gpd.GeoDataFrame
    ledger: pd.DataFrame
    parcel: Ints
    entry_parcel: Ints
    start: Ints
    end: Ints


def known_tables(
    parcels: gpd.GeoDataFrame, ledger: pd.DataFrame, *, known_at: Any = None
) -> Tables:
    """Check parcels and ledger as known at a time, and join them.

    Parameters
    ----------
    parcels
        Parcel versions.
    ledger
        Entries.
    known_at
        See :func:`state`.

    Returns
    -------
    Tables
        The joined tables.

    Raises
    ------
    ContractError
        If a table breaks its own contract.
    """
    parcels = checked(as_known(parcels, known_at), "parcels")
    ledger = checked(as_known(ledger, known_at), "ledger")
    both = pd.concat([parcels["parcel_id"], ledger["parcel_id"]], ignore_index=True)
    codes = pd.factorize(both)[0].astype("int64")
    size = len(parcels)
    return Tables(
        parcels=parcels,
        ledger=ledger,
        parcel=codes[:size],
        entry_parcel=codes[size:],
        start=day_numbers(parcels.get("valid_from"), missing=ALWAYS, length=size),
        end=day_numbers(parcels.get("valid_to"), missing=OPEN, length=size),
    )


def entry_names(ledger: pd.DataFrame, rows: Any) -> tuple[str, ...]:
    """Name ledger entries for a message.

    Parameters
    ----------
    ledger
        The ledger.
    rows
        Positions of the entries.

    Returns
    -------
    tuple[str, ...]
        ``entry_id`` where there is one, else "parcel status from–to".
    """
    names = np.full(len(rows), None, dtype=object)
    if "entry_id" in ledger.columns:
        names[:] = ledger["entry_id"].to_numpy(dtype=object)[rows]
    nameless = pd.isna(names)
    if nameless.any():
        part = ledger.iloc[np.asarray(rows)[nameless]]
        starts = _days_shown(part["valid_from"], missing=ALWAYS)
        ends = _days_shown(part.get("valid_to"), missing=OPEN, length=len(part))
        parcel, status = (part[name].to_numpy(dtype=object) for name in ("parcel_id", "status"))
        told = zip(parcel, status, starts, ends, strict=True)
        names[nameless] = [f"{lot} {held} {start}–{end}" for lot, held, start, end in told]
    return tuple(names)


def _days_shown(days: pd.Series | None, *, missing: int, length: int = 0) -> NDArray[np.object_]:
    numbers, place = np.unique(
        day_numbers(days, missing=missing, length=length), return_inverse=True
    )
    shown = np.datetime_as_string(numbers.astype("datetime64[D]")).astype(object)
    shown[np.abs(numbers) >= OPEN] = "…"
    return np.asarray(shown[place])


def children(parcels: gpd.GeoDataFrame, parcel_id: str) -> tuple[str, ...]:
    """Find the parcels that name a parcel as their parent.

    Parameters
    ----------
    parcels
        Parcel versions.
    parcel_id
        The parent.

    Returns
    -------
    tuple[str, ...]
        Ids of its children, sorted.
    """
    if "parents" not in parcels.columns:
        return ()
    named = parcels["parents"].fillna("").str.split("|")
    return distinct(parcels["parcel_id"][[parcel_id in parents for parents in named]])
