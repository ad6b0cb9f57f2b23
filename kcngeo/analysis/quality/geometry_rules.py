"""Shapes that cannot be measured, or that stand twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo.analysis.quality.context import Ground
from kcngeo.analysis.quality.declared_rules import lives_undrawn
from kcngeo.analysis.quality.finding import Noticed, notice
from kcngeo.core.dates import ALWAYS, OPEN, day_numbers
from kcngeo.core.model import LEASABLE, Severity

if TYPE_CHECKING:
    from numpy.typing import NDArray

_UNTOLD: tuple[Any, dict[str, Any]] = (None, {})
_REASON = re.compile(r"(?P<what>[^\[]*)(?:\[(?P<x>\S+) (?P<y>[^\s\]]+)[^\]]*\])?")


def shape_findings(ground: Ground) -> list[Noticed]:
    """Find geometries that are missing, empty or invalid; of these, where and why."""
    return [
        found
        for table, frame in ground.frames.items()
        if isinstance(frame, gpd.GeoDataFrame)
        for found in _of_table(ground, table, frame)
    ]


def twins(ground: Ground) -> list[Noticed]:
    """Find parcels drawn exactly alike while both are in force."""
    if not ground.has("parcels"):
        return []
    frame = ground.measurable("parcels")
    start = day_numbers(frame.get("valid_from"), missing=ALWAYS, length=len(frame))
    end = day_numbers(frame.get("valid_to"), missing=OPEN, length=len(frame))
    # (versions,) number of the shape: normalized, so that neither first corner nor direction counts
    shape = pd.factorize(shapely.to_wkb(shapely.normalize(frame.geometry.to_numpy())))[0]
    often = np.flatnonzero(np.bincount(shape, minlength=1)[shape] > 1)
    found = []
    for rows in pd.Series(often).groupby(shape[often]).agg(list):
        meets = np.array([_meets(row, rows, start, end, frame["parcel_id"]) for row in rows])
        together = np.array(rows)[meets]
        if len(together):
            uses = frame["land_use"].iloc[together]
            counts = uses.isin(LEASABLE).sum() > 1
            found.append(
                notice(
                    "duplicate_geometry",
                    "parcels",
                    sorted(set(frame["parcel_id"].iloc[together])),
                    zone_ids=frame["zone_id"].iloc[together],
                    severity=Severity.ERROR if counts else Severity.WARNING,
                    geometry=frame.geometry.iloc[together[0]],
                    area_m2=frame.geometry.iloc[together[0]].area,
                )
            )
    return found


def _meets(row: int, rows: list[int], start: Any, end: Any, ids: pd.Series) -> bool:
    """Tell whether another parcel of the same shape is in force at the same time."""
    return any(
        ids.iloc[row] != ids.iloc[one] and max(start[row], start[one]) < min(end[row], end[one])
        for one in rows
    )


def _of_table(ground: Ground, table: str, frame: gpd.GeoDataFrame) -> Iterator[Noticed]:
    geometry = frame.geometry.to_numpy()
    missing, empty = shapely.is_missing(geometry), shapely.is_empty(geometry)
    lacking = missing
    if table == "zones":
        # A zone without parcels lives on what is declared of it, and may do without a polygon.
        lacking = missing & ~lives_undrawn(ground, frame)
    # Coordinates beyond all numbers overflow on the way to a verdict; the verdict is what counts.
    with np.errstate(invalid="ignore", over="ignore"):
        invalid = ~missing & ~empty & ~shapely.is_valid(geometry)
        reasons = {row: shapely.is_valid_reason(geometry[row]) for row in np.flatnonzero(invalid)}
    rules = (("geometry_missing", lacking), ("geometry_empty", empty), ("ring_invalid", invalid))
    for rule, bad in rules:
        rows = np.flatnonzero(bad)
        for row, name in zip(rows, ground.names(table, rows), strict=True):
            place, fields = _told(reasons[row]) if rule == "ring_invalid" else _UNTOLD
            yield notice(
                rule,
                table,
                [name],
                zone_ids=frame["zone_id"].iloc[[row]] if "zone_id" in frame.columns else (),
                severity=_severity(table, frame, row),
                geometry=place,
                **fields,
            )


def _severity(table: str, frame: gpd.GeoDataFrame, row: Any) -> Severity:
    counts = table == "zones" or (table == "parcels" and frame["land_use"].iloc[row] in LEASABLE)
    return Severity.ERROR if counts else Severity.WARNING


def _told(reason: str) -> tuple[Any, dict[str, Any]]:
    """Take GEOS's words apart: "Self-intersection[500100 1270000]"."""
    match = _REASON.match(reason)
    what = match["what"].strip() if match else reason
    try:
        place: NDArray[Any] | None = shapely.Point(float(match["x"]), float(match["y"]))  # type: ignore[index]
    except (TypeError, ValueError):
        return None, {"reason": what, "place": "–"}
    if not np.isfinite(shapely.get_coordinates(place)).all():
        return None, {"reason": what, "place": "–"}
    return place, {"reason": what, "place": shown_place(place.x, place.y)}  # type: ignore[union-attr]


def shown_place(x: float, y: float) -> str:
    """Write a place, shortly even if it is out of this world."""
    return " ".join(f"{one:.3f}" if abs(one) < 1e9 else f"{one:.6g}" for one in (x, y))
