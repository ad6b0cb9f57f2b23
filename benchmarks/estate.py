"""Generate estates for the benchmarks: many zones of square lots, some straddling the fence.

``python benchmarks/estate.py --zones 10000 nation.parquet`` writes one of ten million lots into a
folder of GeoParquet, fifty zones at a time. Nothing here is real, and nothing but the writing is
shared with the code that is measured.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import kcngeo as kcn

LOT_M = 60.0
CRS = "EPSG:5899"


def estate(
    zones: int, lots_a_side: int, *, seed: int = 0, some: range | None = None
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    """Make zones of ``lots_a_side`` squared lots and a ledger of one to two entries a lot.

    The fence is drawn half a lot inside the outer rows, cut at the corners, with a vertex every
    60 m: the outer lots straddle it (12 % of the lots for 32 a side). With ``some`` only the zones
    of these numbers are made.
    """
    random = np.random.default_rng(seed)
    side = lots_a_side * LOT_M
    across = int(np.ceil(np.sqrt(zones)))
    number = np.arange(zones) if some is None else np.array(some)
    # A grid of zones 200 m apart, within a few tens of kilometres of the central meridian.
    step = side + 200.0
    origin = np.column_stack(
        [500_000 + (number % across - across / 2) * step, 1_270_000 + number // across * step]
    )
    fence = np.array([_fence(x, y, side) for x, y in origin])
    zone_id = np.char.add("Z", np.char.zfill(number.astype(str), 4))
    zone_frame = gpd.GeoDataFrame({"zone_id": zone_id}, geometry=fence, crs=CRS)

    column, row = np.meshgrid(np.arange(lots_a_side), np.arange(lots_a_side))
    corner = np.column_stack([column.ravel(), row.ravel()]) * LOT_M
    low = (origin[:, None, :] + corner).reshape(-1, 2)
    per_zone = len(corner)
    size = len(low)
    lot = np.char.zfill(np.tile(np.arange(per_zone), len(number)).astype(str), 4)
    parcel_id = np.char.add(np.char.add(np.repeat(zone_id, per_zone), "-"), lot)
    uses = np.array(["industrial", "service", "green", "transport"])
    parcels = gpd.GeoDataFrame(
        {
            "parcel_id": parcel_id,
            "zone_id": np.repeat(zone_id, per_zone),
            "land_use": uses[random.choice(4, size, p=(0.7, 0.1, 0.1, 0.1))],
        },
        geometry=shapely.box(low[:, 0], low[:, 1], low[:, 0] + LOT_M, low[:, 1] + LOT_M),
        crs=CRS,
    )
    return zone_frame, parcels, _ledger(parcel_id, random)


def parts(zones: int, lots_a_side: int, *, at_once: int = 50) -> Iterator[kcn.Project]:
    """Make an estate some zones at a time, so that it may be bigger than memory."""
    for first in range(0, zones, at_once):
        some = range(first, min(first + at_once, zones))
        made, lots, ledger = estate(zones, lots_a_side, seed=first, some=some)
        yield kcn.Project(zones=made, parcels=lots, ledger=ledger)


def main() -> None:
    """Write an estate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--zones", type=int, default=1000)
    parser.add_argument("--lots", type=int, default=32, help="lots along a side of a zone")
    parser.add_argument("folder", help="NAME.parquet")
    args = parser.parse_args()
    kcn.io.write_parts(parts(args.zones, args.lots), args.folder)


def _fence(x: float, y: float, side: float) -> shapely.Polygon:
    inset = LOT_M / 2
    ring = shapely.box(x + inset, y + inset, x + side - inset, y + side - inset)
    return shapely.segmentize(ring.buffer(-LOT_M, join_style="mitre").buffer(LOT_M), LOT_M)


def _ledger(parcel_id: np.ndarray, random: np.random.Generator) -> pd.DataFrame:
    """Let each lot once (for one lot in eight, in two turns), some before they are cleared."""
    first_day = np.datetime64("1990-01-01", "D")
    start = first_day + random.integers(0, 9000, len(parcel_id))
    end = start + random.integers(200, 6000, len(parcel_id))
    status = np.array(["leased", "reserved", "uncleared"])[
        random.choice(3, len(parcel_id), p=(0.7, 0.2, 0.1))
    ]
    again = random.random(len(parcel_id)) < 0.125
    return pd.DataFrame(
        {
            "parcel_id": np.concatenate([parcel_id, parcel_id[again]]),
            "status": np.concatenate([status, np.full(again.sum(), "leased")]),
            "valid_from": pd.to_datetime(np.concatenate([start, end[again]])),
            "valid_to": pd.to_datetime(
                np.concatenate([end, np.full(again.sum(), np.datetime64("NaT"))])
            ),
        }
    )


if __name__ == "__main__":
    main()
