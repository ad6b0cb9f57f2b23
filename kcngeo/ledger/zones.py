"""When zones count, and how they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kcngeo.core.dates import ALWAYS, OPEN, Day, day, day_numbers
from kcngeo.core.model import Stage

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


def zone_days(zones: gpd.GeoDataFrame) -> tuple[Ints, Ints]:
    """Give the days on which each zone version counts.

    Its own validity, cut to ``established_on <= on < removed_on``. Where those dates are missing
    the stage decides: proposed and planned zones do not count yet, removed ones no more, others
    always.

    Parameters
    ----------
    zones
        Zones, cast to their contract.

    Returns
    -------
    tuple[NDArray[np.int64], NDArray[np.int64]]
        First day and first day no longer, as day numbers; the end is not after the start where a
        version never counts.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> now = kcn.examples.squares().as_known()
    >>> first, _ = zone_days(now.zones)
    >>> first.astype("datetime64[D]").astype(str).tolist()
    ['2010-01-01', '2012-01-01']
    """
    size = len(zones)
    stage = (
        zones["stage"].fillna(Stage.ESTABLISHED).to_numpy(dtype=object)
        if "stage" in zones.columns
        else np.full(size, Stage.ESTABLISHED, dtype=object)
    )
    established = day_numbers(zones.get("established_on"), missing=ALWAYS, length=size)
    removed = day_numbers(zones.get("removed_on"), missing=OPEN, length=size)
    # (zones,) the stage speaks only where its date is missing
    waiting = (established == ALWAYS) & np.isin(stage, [Stage.PROPOSED, Stage.PLANNED])
    gone = (removed == OPEN) & (stage == Stage.REMOVED)
    start = np.where(waiting, OPEN, established)
    end = np.where(gone, ALWAYS, removed)
    return (
        np.maximum(start, day_numbers(zones.get("valid_from"), missing=ALWAYS, length=size)),
        np.minimum(end, day_numbers(zones.get("valid_to"), missing=OPEN, length=size)),
    )


def zone_names(zones: pd.DataFrame, *, on: Day) -> dict[str, str]:
    """Name every zone as on a day, or as named last before; one without a name by its id.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> zone_names(kcn.examples.squares().zones, on="2018-03-31")
    {'A': 'Zone A', 'B': 'Zone B'}
    """
    names = {str(zone_id): str(zone_id) for zone_id in sorted(set(zones["zone_id"].dropna()))}
    if "name" not in zones.columns:
        return names
    if "valid_from" in zones.columns:
        begun = zones[~(zones["valid_from"] > day(on))]
        # A version without a first day is the earliest.
        zones = begun.sort_values("valid_from", na_position="first", kind="stable")
    known = zones.dropna(subset=["zone_id", "name"])
    # Of a name that is at fault, what a file can hold.
    said = [str(name).encode("utf-8", "replace").decode() for name in known["name"]]
    return names | dict(zip(known["zone_id"], said, strict=True))
