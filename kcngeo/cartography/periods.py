"""Parcels period by period: a row for every time in which nothing of a parcel changed.

QGIS's temporal controller shows, in a month, whatever was in force at some moment of it; a board's
figures are the state on the last day. So every row also says from which month to which it is
shown: from the month of its first day, up to the month of its end, which is not included. A period
that saw no month's last day is on record and shown in no month.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.dates import ALWAYS, OPEN, covers_day, day_numbers
from kcngeo.core.geometry import areas_m2
from kcngeo.core.units import M2_PER_HA, MM2_PER_M2
from kcngeo.ledger import PARTS

if TYPE_CHECKING:
    from collections.abc import Collection

    import geopandas as gpd
    from numpy.typing import NDArray

    from kcngeo.ledger import Allocations, Snapshot

    Ints = NDArray[np.int64]

STATUSES = (*PARTS, "available")
"""What a parcel's land can be, in the order it is laid on the parcel."""

_KEPT = (
    "parcel_id",
    "zone_id",
    "lot_code",
    "phase",
    "land_use",
    "land_use_code",
    "certificate_area_m2",
    "geometry_source",
    "geometry",
)
# A version and a day in one sortable number.
_SPAN = 2 * OPEN + 1
_ROUNDING = 1e-9


def periods(snapshot: Snapshot, *, area: str, uses: Collection[str]) -> gpd.GeoDataFrame:
    """Give the parcels of a snapshot period by period, with what is held of them."""
    tables, held = snapshot.joined, snapshot.allocated(area)
    version, start, end = _cut(tables.start, tables.end, held.version, held.start, held.end)
    shares = _shares(held, version, start)
    kept = [name for name in _KEPT if name in tables.parcels.columns]
    rows = tables.parcels[kept].iloc[version].reset_index(drop=True)
    area_ha = areas_m2(tables.parcels, basis=area, certificate="certificate_area_m2")
    area_ha = np.maximum(area_ha, held.parts_mm2 / MM2_PER_M2)
    rows["area_ha"] = area_ha[version] / M2_PER_HA
    for at, name in enumerate(STATUSES):
        rows[f"{name}_share"] = shares[:, at]
        rows[f"{name}_ha"] = shares[:, at] * rows["area_ha"].to_numpy()
    rows["version"] = version
    rows = rows.assign(
        **_shown(shares, rows["land_use"], uses), valid_from=_days(start), valid_to=_days(end)
    )
    return rows.assign(**shown_months(rows))


def shown_months(frame: pd.DataFrame) -> dict[str, pd.Series]:
    """Say from which month to which the rows of a frame are shown."""
    start = day_numbers(frame.get("valid_from"), missing=ALWAYS, length=len(frame))
    end = day_numbers(frame.get("valid_to"), missing=OPEN, length=len(frame))
    return {
        "shown_from": _days(start, month=True).set_axis(frame.index),
        "shown_until": _days(end, month=True).set_axis(frame.index),
    }


def _cut(
    start: Ints, end: Ints, version: Ints, since: Ints, until: Ints
) -> tuple[Ints, Ints, Ints]:
    """Cut the time of every version where something begins or ends."""
    live = np.flatnonzero(start < end)
    owner = np.concatenate([live, version, version])
    day = np.concatenate([start[live], since, until])
    inside = covers_day(start[owner], end[owner], day)
    keys = np.unique(owner[inside] * _SPAN + (day[inside] + OPEN))
    owner, first = keys // _SPAN, keys % _SPAN - OPEN
    is_last = np.append(owner[1:] != owner[:-1], True)
    last = np.where(is_last, end[owner], np.append(first[1:], 0))
    return owner, first, last


def _shares(held: Allocations, version: Ints, start: Ints) -> NDArray[np.float64]:
    """Add up, for every period of a version, the shares by status."""
    part = held.part < len(PARTS)
    keys = version * _SPAN + (start + OPEN)
    first = np.searchsorted(keys, (held.version * _SPAN + (held.start + OPEN))[part])
    count = np.searchsorted(keys, (held.version * _SPAN + (held.end + OPEN))[part]) - first
    row = np.repeat(first - (np.cumsum(count) - count), count) + np.arange(count.sum())
    shares: NDArray[np.float64] = (
        np.bincount(
            row * len(STATUSES) + np.repeat(held.part[part], count),
            weights=np.repeat((held.upper - held.lower)[part], count),
            minlength=len(version) * len(STATUSES),
        )
        .reshape(-1, len(STATUSES))
        .astype("float64")
    )
    shares[:, -1] = np.maximum(0.0, 1 - shares.sum(axis=1))
    # What rounding leaves over is nobody's land.
    shares[shares < _ROUNDING] = 0.0
    return shares


def _shown(
    shares: NDArray[np.float64], land_use: pd.Series, uses: Collection[str]
) -> dict[str, Any]:
    names = np.array([*STATUSES], dtype=object)
    order = np.argsort(-shares, axis=1, kind="stable")
    largest, second = (pd.Series(names[order[:, at]], dtype="str") for at in (0, 1))
    has_second = np.take_along_axis(shares, order[:, 1:2], axis=1)[:, 0] > 0
    counts = land_use.isin([str(use) for use in uses])
    return {
        "status": largest,
        "shown_as": largest.where(counts, land_use),
        "second_as": second.where(counts & has_second),
    }


def _days(numbers: Ints, *, month: bool = False) -> pd.Series:
    known = np.abs(numbers) < OPEN
    days = np.where(known, numbers, 0).astype("datetime64[D]")
    if month:
        days = days.astype("datetime64[M]").astype("datetime64[D]")
    return pd.Series(pd.DatetimeIndex(days).as_unit("s")).where(known)
