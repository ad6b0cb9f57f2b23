"""The parcels that count on a day with what is held of them, and the leases on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kcngeo.core.dates import ALWAYS, OPEN, Day, covers_day, day_number, day_numbers
from kcngeo.core.model import Status
from kcngeo.core.units import hectares
from kcngeo.ledger import Snapshot, entry_names, state_of
from kcngeo.standards import fill_definition

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray


def parcels_on(
    snapshot: Snapshot, *, on: Day, definition: str | None = None, area: str = "grid"
) -> gpd.GeoDataFrame:
    """Give the parcels that count on a day, with their areas and what is held of them.

    Their areas times their shares add up to the land account of :func:`kcngeo.fill.land_account`.

    Parameters
    ----------
    snapshot
        The tables as known, without the zones at fault on the day.
    on
        The day.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on the day.
    area
        "grid", "ellipsoid" or "certificate".

    Returns
    -------
    gpd.GeoDataFrame
        As :func:`kcngeo.ledger.state`, for parcels of the land uses that count in zones that
        count, and ``whole_mm2``, the area of the parcel in whole mm².

    Examples
    --------
    >>> import kcngeo as kcn
    >>> now = kcn.examples.squares().as_known()
    >>> lots = parcels_on(now, on="2018-03-31").set_index("parcel_id")
    >>> lots.loc["A-2", ["leased_share", "whole_mm2"]].tolist()
    [0.5, 10000000000.0]
    """
    uses = [str(use) for use in fill_definition(definition, on=on).uses]
    now = state_of(snapshot, on=on, area=area)
    now["whole_mm2"] = snapshot.areas_mm2(area)[snapshot.in_force(on)]
    counting = snapshot.zone_ids[zones_on(snapshot, on=on)]
    return now[now["land_use"].isin(uses) & now["zone_id"].isin(counting)]


def leases_on(
    snapshot: Snapshot,
    *,
    on: Day,
    definition: str | None = None,
    area: str = "grid",
    parcels: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Give every lease in force on a day with its hectares.

    The hectares of the leases of a parcel add up to what is let of it; where shares a little over
    1 were scaled, so are the leases.

    Parameters
    ----------
    snapshot
        The tables as known, without the zones at fault on the day.
    on
        The day.
    definition
        See :func:`parcels_on`.
    area
        "grid", "ellipsoid" or "certificate".
    parcels
        Result of :func:`parcels_on`, where the caller has it.

    Returns
    -------
    pd.DataFrame
        A row a lease: ``entry``, ``zone_id``, ``parcel_id``, ``project_id``, ``valid_from``,
        ``leased_ha``.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> now = kcn.examples.squares().as_known()
    >>> leases_on(now, on="2018-03-31")[["entry", "leased_ha"]].values.tolist()
    [['E1', 1.0], ['E2', 0.5], ['E6', 1.0]]
    """
    now = (
        parcels_on(snapshot, on=on, definition=definition, area=area)
        if parcels is None
        else parcels
    )
    let = now.loc[now["leased_share"] > 0, ["zone_id", "parcel_id", "whole_mm2", "leased_share"]]
    entries = contracts_on(snapshot, on=on)
    held = entries.merge(pd.DataFrame(let), on="parcel_id", validate="m:1")
    # Shares a little over 1 were scaled, so the entries of a parcel share what it is let for.
    weight = held["part_area_ha"].astype("float64").fillna(1.0)
    of_parcel = weight.groupby(held["parcel_id"]).transform("sum")
    held["leased_ha"] = hectares(held["whole_mm2"] * held["leased_share"] * weight / of_parcel)
    held["project_id"] = held["project_id"].astype("str")
    return held[["entry", "zone_id", "parcel_id", "project_id", "valid_from", "leased_ha"]]


def contracts_on(snapshot: Snapshot, *, on: Day) -> pd.DataFrame:
    """Give the leases in force on a day that hold land, as their contracts say.

    Parameters
    ----------
    snapshot
        The tables as known, without the zones at fault on the day.
    on
        The day.

    Returns
    -------
    pd.DataFrame
        A row a lease: ``parcel_id``, ``project_id``, ``valid_from``, ``part_area_ha`` (missing
        where it is of the whole parcel) and ``entry``; of every land use.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> now = kcn.examples.squares().as_known()
    >>> contracts_on(now, on="2018-03-31")[["entry", "part_area_ha"]].dropna().values.tolist()
    [['E2', 0.5]]
    """
    ledger, number = snapshot.ledger, day_number(on)
    start = day_numbers(ledger["valid_from"], missing=ALWAYS, length=len(ledger))
    end = day_numbers(ledger.get("valid_to"), missing=OPEN, length=len(ledger))
    rows = np.flatnonzero(
        covers_day(start, end, number)
        & (ledger["status"] == Status.LEASED).to_numpy()
        & snapshot.joined.holds_land
    )
    columns = ["parcel_id", "project_id", "valid_from", "part_area_ha"]
    contracts = ledger.iloc[rows].reindex(columns=columns)
    contracts["entry"] = list(entry_names(ledger, rows))
    return pd.DataFrame(contracts)


def zones_on(snapshot: Snapshot, *, on: Day) -> NDArray[np.bool_]:
    """Tell which zones count on a day.

    Parameters
    ----------
    snapshot
        The tables as known.
    on
        The day.

    Returns
    -------
    NDArray[np.bool_]
        (zones,) of each of ``snapshot.zone_ids``, whether it counts.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> now = kcn.examples.squares().as_known()
    >>> zones_on(now, on="2011-12-31").tolist()  # B is established in 2012
    [True, False]
    """
    number = day_number(on)
    start, end = snapshot.zone_days
    counting = snapshot.zones["zone_id"][covers_day(start, end, number)]
    return np.isin(snapshot.zone_ids, counting.to_numpy(dtype=object))
