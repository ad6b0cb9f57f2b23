"""What other encumbrances would win or lose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.analysis.developable.account import developable_land
from kcngeo.core.dates import Day

if TYPE_CHECKING:
    import geopandas as gpd


def sensitivity(
    zones: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    ledger: pd.DataFrame,
    encumbrances: gpd.GeoDataFrame,
    *,
    alternatives: Mapping[str, gpd.GeoDataFrame],
    on: Day,
    known_at: Any = None,
    definition: str | None = None,
) -> pd.DataFrame:
    """Tabulate how many developable hectares other encumbrances would win or lose.

    For example a distance 10 % shorter or longer, or the distances of a wastewater works that is
    enclosed. Each alternative is a whole set of encumbrances, not only what is different in it.
    Hectares are of the zone's whole developable land; a change of zero may hide land that is won
    in one place and lost in another.

    Parameters
    ----------
    zones
        Zones, with their dates; projected CRS in metres.
    parcels
        Parcel versions, same CRS.
    ledger
        Entries.
    encumbrances
        The encumbrances as they are.
    alternatives
        By name, the encumbrances as they might be.
    on
        The day.
    known_at
        As known at this moment, or at the end of this day in Viet Nam; None for all that is not
        superseded.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on the day.

    Returns
    -------
    pd.DataFrame
        By (``alternative``, ``zone_id``), alternatives in the order given: ``developable_ha`` with
        the alternative, and ``change_ha`` against the encumbrances as they are (won above 0).

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other.
    GeometryError
        If an account does not close within 1 m².
    """

    def developable_ha(frame: gpd.GeoDataFrame) -> pd.Series:
        made = developable_land(
            zones, parcels, ledger, frame, on=on, known_at=known_at, definition=definition
        )
        return made.totals["developable_ha"]

    base = developable_ha(encumbrances)
    changed = [developable_ha(frame) for frame in alternatives.values()]
    index = pd.MultiIndex.from_product(
        [list(alternatives), base.index], names=["alternative", "zone_id"]
    )
    table = pd.DataFrame({"developable_ha": np.concatenate([[], *changed])}, index=index)
    table["change_ha"] = np.concatenate([[], *(one - base for one in changed)])
    return table
