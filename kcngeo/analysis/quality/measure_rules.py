"""What measuring itself does to areas: the scale of a grid, and overlaps of rounding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from kcngeo.analysis.quality.context import Ground, together
from kcngeo.analysis.quality.finding import Noticed, notice
from kcngeo.core.crs import label
from kcngeo.core.dates import ALWAYS, OPEN, day_numbers
from kcngeo.core.geometry import OVERLAP_M2, areas_m2
from kcngeo.core.model import LEASABLE
from kcngeo.ledger.faults import overlap_pairs

SCALE_SHARE = 0.0005
"""How far the areas of a grid may differ from those on the ellipsoid, as a share, before it is
told: a zone of 3° of VN-2000 (scale 0.9999 at its meridian) is nowhere in the country off by more.
"""


def scale_findings(ground: Ground) -> Iterator[Noticed]:
    """Find zones whose grid shows their land larger or smaller than it is on the ellipsoid."""
    lots = ground.measurable("parcels")
    lots = lots[lots["land_use"].isin(LEASABLE)]
    for zone_id, some in lots.groupby("zone_id"):
        grid, true = (
            areas_m2(some, basis=one, certificate="").sum() for one in ("grid", "ellipsoid")
        )
        share = (true - grid) / grid
        if abs(share) > SCALE_SHARE:
            yield notice(
                "grid_scale",
                "parcels",
                sorted(set(some["parcel_id"])),
                zone_ids=[zone_id],
                geometry=together(some.geometry),
                area_m2=abs(true - grid),
                area_ha=f"{abs(true - grid) / 10_000:.4f}",
                crs=label(lots.crs),
                percent=f"{abs(share):.3%}",
            )


def slight_findings(ground: Ground) -> Iterator[Noticed]:
    """Find zones whose leasable parcels overlap by less than 1 m² each, and by more together."""
    lots = ground.measurable("parcels")
    start = day_numbers(lots.get("valid_from"), missing=ALWAYS, length=len(lots))
    end = day_numbers(lots.get("valid_to"), missing=OPEN, length=len(lots))
    pairs = overlap_pairs(lots, start, end, measurable=np.ones(len(lots), dtype=bool))
    pairs = pairs[pairs["area_m2"] <= OVERLAP_M2]
    zones = lots["zone_id"].to_numpy(dtype=object)
    ids: Any = lots["parcel_id"].to_numpy(dtype=object)
    for zone_id, some in pairs.groupby(zones[pairs["left"]]):
        both = np.unique(some[["left", "right"]].to_numpy())
        if some["area_m2"].sum() > OVERLAP_M2:
            yield notice(
                "slight_overlaps",
                "parcels",
                sorted(set(ids[both])),
                zone_ids=[zone_id],
                geometry=together(lots.geometry.iloc[both]),
                area_m2=some["area_m2"].sum(),
            )
