"""Compare the developable land of an estate with geopandas.overlay, and check that they agree.

``python benchmarks/developable.py`` makes about 100 000 free lots in 100 zones, under belts, power
lines, the land round receptors, and slopes. The peer is given the encumbrances dissolved and then
taken apart, which suits it far better than one shape (``--one-shape`` runs that too). It gives the
land that is left and nothing else; ours also gives the account: gross, exclusive and marginal areas
by zone and kind. The time to dissolve is not counted against the peer.
"""

from __future__ import annotations

import argparse

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from clock import best, say
from estate import CRS, LOT_M, estate

from kcngeo import Project, developable

DAY = "2018-03-31"


def main() -> None:
    """Run the comparison and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--zones", type=int, default=100)
    parser.add_argument("--lots", type=int, default=32, help="lots along a side of a zone")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one-shape", action="store_true", help="the slower peer too (minutes)")
    args = parser.parse_args()
    zones, parcels, ledger = estate(args.zones, args.lots)
    parcels = parcels.assign(land_use="industrial")
    snapshot = Project(zones=zones, parcels=parcels, ledger=ledger.iloc[:0]).as_known()
    taken = encumbrances(zones, side_m=args.lots * LOT_M)
    print(f"{len(parcels):,} free lots in {len(zones):,} zones, {len(taken):,} encumbrances;")
    print(f"best of {args.rounds}\n")

    ours, found = best(lambda: developable.developable_land(snapshot, taken, on=DAY), args.rounds)
    whole = taken.dissolve()[["geometry"]]
    lots = parcels[["parcel_id", "geometry"]]
    peers = {"parts of the dissolved shape": whole.explode(ignore_index=True)}
    if args.one_shape:
        peers["the dissolved shape"] = whole
    for name, shape in peers.items():
        peer, left = best(
            lambda shape=shape: gpd.overlay(lots, shape, how="difference", keep_geom_type=True), 1
        )
        expected = (left.set_index("parcel_id").area / 10_000).rename("area_ha")
        mine = found.land.set_index("parcel_id")["area_ha"]
        np.testing.assert_allclose(
            mine.reindex(expected.index, fill_value=0.0), expected, atol=1e-8
        )
        assert abs(mine.sum() - expected.sum()) < 1e-4
        say("developable_land", ours, f"overlay(how='difference'), {name} (at least 4)", peer)
    print(found.totals.sum().round(2).to_dict())


def encumbrances(zones: gpd.GeoDataFrame, *, side_m: float) -> gpd.GeoDataFrame:
    """Belts, two power lines and four slopes a zone, and what lies near receptors."""
    random = np.random.default_rng(0)
    corner = zones.bounds[["minx", "miny"]].to_numpy()
    lines = [
        shapely.LineString([(x, y + side_m * at), (x + side_m, y + side_m * (1 - at))])
        for x, y in corner
        for at in (0.2, 0.6)
    ]
    points = np.repeat(corner, 4, axis=0) + random.uniform(0, side_m, (4 * len(zones), 2))
    slopes = shapely.buffer(shapely.points(points), random.uniform(50, 150, len(points)))
    around = np.repeat(corner, 3, axis=0) + random.uniform(-200, side_m, (3 * len(zones), 2))
    houses = gpd.GeoDataFrame(geometry=shapely.points(around), crs=CRS)
    frames = [
        developable.belts(zones, width_m=60, rank=1, on=DAY),
        developable.within(
            gpd.GeoDataFrame(geometry=lines, crs=CRS), distance_m=15, kind="power", rank=2
        ),
        developable.within(houses, distance_m=300, kind="housing", rank=3),
        developable.encumbrance(gpd.GeoDataFrame(geometry=slopes, crs=CRS), kind="steep", rank=4),
    ]
    joined = pd.concat([frame[["kind", "rank", "geometry"]] for frame in frames])
    return gpd.GeoDataFrame(joined.reset_index(drop=True), crs=CRS)


if __name__ == "__main__":
    main()
