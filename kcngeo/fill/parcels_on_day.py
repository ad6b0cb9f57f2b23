"""The lots that count on a day with what is held of them, and the leases on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kcngeo.core.dates import ALWAYS, OPEN, Day, day_number, day_numbers
from kcngeo.core.geometry import areas_m2, require_measured
from kcngeo.core.model import Status
from kcngeo.core.units import hectares, whole_mm2
from kcngeo.fill.book import Book
from kcngeo.ledger import entry_names, state
from kcngeo.ledger.zones import zone_days
from kcngeo.standards import fill_definition

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray


def lots_on(book: Book, *, on: Day, definition: str | None = None) -> gpd.GeoDataFrame:
    """Give the parcels that count on a day, with their areas and what is held of them.

    Their areas times their shares add up to the land account of :func:`kcngeo.fill.land_account`.

    Parameters
    ----------
    book
        Tables joined and checked.
    on
        The day.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on the day.

    Returns
    -------
    gpd.GeoDataFrame
        As :func:`kcngeo.ledger.parcel_state`, for parcels of the land uses that count in zones that
        count, and ``whole_mm2``, the area of the parcel in whole mm² on the basis of the book.

    Raises
    ------
    ContractError
        If an area is missing.
    """
    uses = [str(use) for use in fill_definition(definition, on=on).uses]
    now = state(book.tables.parcels, book.tables.ledger, on=on)
    here = now["zone_id"].isin(book.zone_ids[counts_on(book, on)])
    now = now[now["land_use"].isin(uses) & here]
    area_m2 = areas_m2(now, basis=book.area, certificate="certificate_area_m2")
    require_measured(now, area_m2, table="parcels", column="certificate_area_m2", key="parcel_id")
    return now.assign(whole_mm2=whole_mm2(area_m2))


def leases_on(
    book: Book, *, on: Day, definition: str | None = None, lots: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Give every lease in force on a day with its hectares.

    The hectares of the leases of a parcel add up to what is let of it; where shares a little over
    1 were scaled, so are the leases.

    Parameters
    ----------
    book
        Tables joined and checked.
    on
        The day.
    definition
        See :func:`lots_on`.
    lots
        Result of :func:`lots_on`, where the caller has it.

    Returns
    -------
    pd.DataFrame
        A row a lease: ``entry``, ``zone_id``, ``parcel_id``, ``project_id``, ``valid_from``,
        ``leased_ha``.

    Raises
    ------
    ContractError
        If an area is missing.
    """
    now = lots_on(book, on=on, definition=definition) if lots is None else lots
    let = now.loc[now["leased_share"] > 0, ["zone_id", "parcel_id", "whole_mm2", "leased_share"]]
    ledger, number = book.tables.ledger, day_number(on)
    start = day_numbers(ledger["valid_from"], missing=ALWAYS, length=len(ledger))
    end = day_numbers(ledger.get("valid_to"), missing=OPEN, length=len(ledger))
    rows = np.flatnonzero(
        (start <= number) & (number < end) & (ledger["status"] == Status.LEASED).to_numpy()
    )
    columns = ["parcel_id", "project_id", "valid_from", "part_area_ha"]
    entries = ledger.iloc[rows].reindex(columns=columns)
    entries["entry"] = list(entry_names(ledger, rows))
    held = entries.merge(pd.DataFrame(let), on="parcel_id", validate="m:1")
    # Shares a little over 1 were scaled, so the entries of a parcel share what it is let for.
    weight = held["part_area_ha"].astype("float64").fillna(1.0)
    of_parcel = weight.groupby(held["parcel_id"]).transform("sum")
    held["leased_ha"] = hectares(held["whole_mm2"] * held["leased_share"] * weight / of_parcel)
    held["project_id"] = held["project_id"].astype("str")
    return held[["entry", "zone_id", "parcel_id", "project_id", "valid_from", "leased_ha"]]


def counts_on(book: Book, on: Day) -> NDArray[np.bool_]:
    """Tell which zones count on a day.

    Parameters
    ----------
    book
        Tables joined and checked.
    on
        The day.

    Returns
    -------
    NDArray[np.bool_]
        Of each of ``book.zone_ids``, whether it counts.
    """
    number = day_number(on)
    start, end = zone_days(book.zones)
    counting = book.zones["zone_id"][(start <= number) & (number < end)]
    return np.isin(book.zone_ids, counting.to_numpy(dtype=object))
