"""What papers and measurements say of the same land: certificates, approved areas, numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import shapely

from kcngeo.analysis.quality.context import Ground, together
from kcngeo.analysis.quality.finding import Noticed, notice
from kcngeo.core.dates import ALWAYS, OPEN, day_numbers
from kcngeo.core.units import M2_PER_HA
from kcngeo.standards import MapAccuracy, registry

MAP_SCALE = 1000
"""Scale of the cadastral map certificates are judged by, unless a caller says else."""

ZONE_TOLERANCE_SHARE = 0.005
"""How far the boundary of a zone may differ from its approved area, unless a caller says else."""

_CADASTRAL = ["place", "map_sheet_no", "cadastral_no"]


def certificate_findings(ground: Ground, *, map_scale: int) -> Iterator[Noticed]:
    """Find certificates whose area is not that of the parcel as drawn."""
    accuracy = _accuracy(map_scale)
    if not ground.column("parcels", "certificate_area_m2"):
        return
    frame = ground.measurable("parcels")
    shapes = frame.geometry.to_numpy()
    gap_m2, beyond = certificate_gaps(frame, map_scale=map_scale)
    measured = shapely.area(shapes)
    written = measured + gap_m2
    allowed = tolerances_m2(frame, map_scale=map_scale)
    for row in np.flatnonzero(beyond):
        yield notice(
            "certificate_area",
            "parcels",
            [frame["parcel_id"].iloc[row]],
            zone_ids=frame["zone_id"].iloc[[row]],
            geometry=shapes[row],
            area_m2=abs(measured[row] - written[row]),
            written_m2=f"{written[row]:.1f}",
            measured_m2=f"{measured[row]:.1f}",
            allowed_m2=f"{allowed[row]:.1f}",
            scale=f"1:{map_scale}",
            verified=str(accuracy.verified),
        )


def certificate_gaps(frame: Any, *, map_scale: int) -> tuple[Any, Any]:
    """Tell by how many m² certificates differ from the drawing, and where beyond the tolerance."""
    allowed_m2 = tolerances_m2(frame, map_scale=map_scale)
    if "certificate_area_m2" not in frame.columns:
        return np.zeros(len(frame)), np.zeros(len(frame), dtype=bool)
    written = frame["certificate_area_m2"].to_numpy(dtype="float64", na_value=np.nan)
    gap_m2 = written - shapely.area(frame.geometry.to_numpy())
    return gap_m2, np.abs(gap_m2) > allowed_m2


def tolerances_m2(frame: Any, *, map_scale: int) -> Any:
    """Give by how many m² a map of a scale allows an area to differ from what is drawn."""
    # Half the perimeter times the error the map allows a point of the boundary: twice the standard
    # deviation of the area of a square whose corners are off by it.
    error_m = _accuracy(map_scale).boundary_error_m
    return error_m * shapely.length(frame.geometry.to_numpy()) / 2


def _accuracy(map_scale: int) -> MapAccuracy:
    """Give what the registry says of the maps of a scale."""
    scales = map_scales()
    if map_scale not in scales:
        known = ", ".join(str(scale) for scale in scales)
        raise ValueError(f"map_scale must be one of {known}, not {map_scale!r}")
    return scales[map_scale]


def map_scales() -> dict[int, MapAccuracy]:
    """List the scales of maps whose accuracy the registry holds.

    Returns
    -------
    dict[int, MapAccuracy]
        The entries by the denominator of the scale.

    Examples
    --------
    >>> scales = map_scales()
    >>> scales[500].boundary_error_m < scales[2000].boundary_error_m
    True
    """
    return {entry.scale: entry for entry in registry().of(MapAccuracy)}


def zone_area_findings(ground: Ground, *, tolerance_share: float) -> Iterator[Noticed]:
    """Find zones whose fence does not hold the area of their plan."""
    if not ground.column("zones", "approved_area_ha"):
        return
    frame = ground.measurable("zones")
    approved = frame["approved_area_ha"].to_numpy(dtype="float64", na_value=np.nan)
    measured = shapely.area(frame.geometry.to_numpy()) / M2_PER_HA
    for row in np.flatnonzero(np.abs(measured - approved) > tolerance_share * approved):
        yield notice(
            "zone_area",
            "zones",
            [frame["zone_id"].iloc[row]],
            zone_ids=frame["zone_id"].iloc[[row]],
            geometry=frame.geometry.iloc[row],
            area_m2=abs(measured[row] - approved[row]) * M2_PER_HA,
            span=(_day(frame, "valid_from", row), _day(frame, "valid_to", row)),
            approved_ha=f"{approved[row]:.4f}",
            measured_ha=f"{measured[row]:.4f}",
        )


def clearance_findings(ground: Ground) -> Iterator[Noticed]:
    """Find clearances of more land than their parcel has."""
    if not (ground.column("clearance", "area_ha") and ground.column("clearance", "parcel_id")):
        return
    lots = ground.measurable("parcels")
    largest = lots.geometry.area.groupby(lots["parcel_id"]).max() / M2_PER_HA
    frame = ground.frames["clearance"]
    area_ha = frame["area_ha"].to_numpy(dtype="float64", na_value=np.nan)
    own_ha = frame["parcel_id"].map(largest).to_numpy(dtype="float64", na_value=np.nan)
    # The areas are written to the hundredth.
    for row in np.flatnonzero(area_ha > own_ha * 1.005 + 0.01):
        yield notice(
            "clearance_area",
            "clearance",
            ground.names("clearance", [row]),
            zone_ids=frame["zone_id"].iloc[[row]] if "zone_id" in frame else (),
            geometry=ground.shapes([frame["parcel_id"].iloc[row]]),
            area_m2=(area_ha[row] - own_ha[row]) * M2_PER_HA,
            parcel=str(frame["parcel_id"].iloc[row]),
            written_ha=f"{area_ha[row]:.4f}",
            measured_ha=f"{own_ha[row]:.4f}",
        )


def cadastral_findings(ground: Ground) -> Iterator[Noticed]:
    """Find two parcels in force at once under one number of one map sheet."""
    # Numbers are compared within a commune where the parcels name theirs, else within a zone.
    if not (ground.column("parcels", "map_sheet_no") and ground.column("parcels", "cadastral_no")):
        return
    frame = ground.frames["parcels"]
    for key, places in numbered_twice(frame):
        rows = frame.iloc[places]
        yield notice(
            "duplicate_cadastral_no",
            "parcels",
            sorted(set(rows["parcel_id"])),
            zone_ids=rows["zone_id"],
            geometry=together(rows.geometry),
            sheet=key[1],
            number=key[2],
        )


def numbered_twice(frame: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Go through the numbers of parcels that two parcels bear at once: number and positions."""
    place = frame["zone_id"]
    if "commune_code" in frame.columns:
        place = frame["commune_code"].fillna(place)
    told = pd.DataFrame(frame.drop(columns=frame.active_geometry_name))
    numbered = told.assign(place=place, at=np.arange(len(frame))).dropna(subset=_CADASTRAL)
    again = numbered[numbered.duplicated(_CADASTRAL, keep=False)]
    for key, some in again.groupby(_CADASTRAL, sort=True):
        rows = some[_at_once(some)]
        if rows["parcel_id"].nunique() > 1:
            yield key, rows["at"].to_numpy()


def _at_once(some: pd.DataFrame) -> Any:
    """Tell which versions are in force together with one of another parcel."""
    size = len(some)
    start = day_numbers(some.get("valid_from"), missing=ALWAYS, length=size)
    end = day_numbers(some.get("valid_to"), missing=OPEN, length=size)
    other = some["parcel_id"].to_numpy()[:, None] != some["parcel_id"].to_numpy()
    meets = np.maximum.outer(start, start) < np.minimum.outer(end, end)
    return (other & meets).any(axis=1)


def _day(frame: pd.DataFrame, column: str, row: Any) -> Any:
    return frame[column].iloc[row] if column in frame.columns else None
