"""Investors by sector: what they registered against what is let to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.dates import Day, day
from kcngeo.core.validation import as_known, validate
from kcngeo.fill import Book, leases_on

if TYPE_CHECKING:
    import geopandas as gpd

_FIGURES = ("registered_ha", "leased_ha", "building_ha", "operating_ha")


def investor_support(
    zones: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    ledger: pd.DataFrame,
    projects: pd.DataFrame,
    *,
    on: Day,
    definition: str | None = None,
    known_at: Any = None,
    area: str = "grid",
) -> pd.DataFrame:
    """Set the land each sector registered against the land let to it, on a day.

    Projects licensed by the day count, those in workshops and offices too (they register no land);
    a project without the day of its licence counts once land is let to it. The let hectares are
    those of the land account, of zones that count: what is let to nobody the table knows, or to a
    project without a sector, stands in a row whose sector is missing. A project that holds land in
    two zones counts once. Registered land that nobody entered leaves its sector's sum, and the
    difference, missing.

    Parameters
    ----------
    zones
        Zones, with their dates; projected CRS in metres.
    parcels
        Parcel versions, same CRS.
    ledger
        Entries.
    projects
        Projects, with ``sector``, ``premises`` and ``registered_ha``.
    on
        The reporting date.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on the day.
    known_at
        As known at this moment, or at the end of this day in Viet Nam; None for all that is not
        superseded. Applies to all four tables.
    area
        "grid", "ellipsoid" or "certificate".

    Returns
    -------
    pd.DataFrame
        By ``sector``, sorted, a missing sector last: ``projects_count``, ``on_land_count`` (to
        which land is let), ``registered_ha`` (of projects on land), ``unregistered_count``
        (projects on land without that figure), ``leased_ha``, ``difference_ha`` (let less
        registered), ``building_ha`` and ``operating_ha`` (of the let land).

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    """
    date = day(on)
    book = Book.of(zones, parcels, ledger, known_at=known_at, area=area, by="zone_id")
    leases = leases_on(book, on=on, definition=definition)
    known = validate(as_known(projects, known_at), "projects").reindex(
        columns=["project_id", "sector", "registered_ha", "licensed_on", *_COURSE]
    )
    known = known.astype(dict.fromkeys(("licensed_on", *_COURSE), "datetime64[s]"))
    named = leases["project_id"].isin(known["project_id"])
    let = leases[named].groupby("project_id")["leased_ha"].sum()
    rows = known.assign(leased_ha=known["project_id"].map(let).astype("float64"))
    rows["on_land"] = rows["leased_ha"].notna()
    rows = rows[(rows["licensed_on"] <= date) | rows["on_land"]]
    operating = rows["operating_on"] <= date
    building = (rows["building_on"] <= date) | operating
    rows = rows.assign(
        registered_ha=rows["registered_ha"].astype("float64").where(rows["on_land"], 0.0),
        leased_ha=rows["leased_ha"].fillna(0.0),
        building_ha=rows["leased_ha"].where(building, 0.0).fillna(0.0),
        operating_ha=rows["leased_ha"].where(operating, 0.0).fillna(0.0),
    )
    groups = rows.groupby("sector", dropna=False)
    result = groups[list(_FIGURES)].sum(skipna=False)
    result.insert(0, "projects_count", groups.size())
    result.insert(1, "on_land_count", groups["on_land"].sum().astype("int64"))
    missing = rows["registered_ha"].isna().groupby(rows["sector"], dropna=False).sum()
    result.insert(3, "unregistered_count", missing.astype("int64"))
    unknown_ha = float(leases.loc[~named, "leased_ha"].sum())
    result = _with_unknown(result, unknown_ha)
    result.insert(5, "difference_ha", result["leased_ha"] - result["registered_ha"])
    result.index = result.index.astype("str").set_names("sector")
    return result.sort_index(na_position="last")


_COURSE = ("building_on", "operating_on")


def _with_unknown(result: pd.DataFrame, unknown_ha: float) -> pd.DataFrame:
    """Add what is let to nobody the table knows; what was registered for it is unknown."""
    if unknown_ha <= 0:
        return result
    if not result.index.isna().any():
        empty = pd.DataFrame(0, index=[np.nan], columns=result.columns).astype(result.dtypes)
        result = pd.concat([result, empty])
    row = result.index.isna()
    result.loc[row, "leased_ha"] += unknown_ha
    result.loc[row, ["registered_ha", "building_ha", "operating_ha"]] = np.nan
    return result
