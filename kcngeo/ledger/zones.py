"""When zones count, and which of them cannot be measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kcngeo.core.dates import ALWAYS, OPEN, day_numbers
from kcngeo.core.geometry import invalid_rows
from kcngeo.core.model import Finding, Severity, Stage
from kcngeo.core.schema import TABLES
from kcngeo.core.validation import row_names

if TYPE_CHECKING:
    import geopandas as gpd
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


def geometry_problems(frame: gpd.GeoDataFrame, *, table: str = "parcels") -> list[Finding]:
    """List the parcels, or zones, whose area cannot be measured."""
    frame = frame.reset_index(drop=True)
    rows, reasons = invalid_rows(frame)
    bad = frame.iloc[rows]
    return [
        Finding(
            rule="geometry_unmeasurable",
            severity=Severity.ERROR,
            table=table,
            ids=row_names(bad, places, TABLES[table].key[0]),
            zone_ids=(str(zone_id),),
            fields={"reasons": tuple(dict.fromkeys(reasons[places]))},
        )
        for zone_id, places in bad.groupby("zone_id").indices.items()
    ]
