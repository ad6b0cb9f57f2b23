"""Compare the check of a coverage with GEOS's own and with a self-join, on the same parcels.

``python benchmarks/coverage.py`` makes a million lots in 1000 zones, each zone turned and its
corners shifted, and puts overlaps and gaps into some (4 GB of memory, five minutes); ``--zones 50``
is a quick look. All must agree on the lots at fault; what counts is the ratio, not the seconds.
"""

from __future__ import annotations

import argparse

import geopandas as gpd
import numpy as np
import shapely
from clock import best, say

from kcngeo.analysis import quality

LOT_M = 60.0
OVERLAP_M, GAP_M = 2.0, 0.5


def main() -> None:
    """Run the comparisons and print a table of ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--zones", type=int, default=1000)
    parser.add_argument("--lots", type=int, default=32, help="lots along a side of a zone")
    parser.add_argument("--rounds", type=int, default=2)
    args = parser.parse_args()
    parcels, overlapping, gaping = spoilt(args.zones, args.lots)
    shapes = parcels.geometry.to_numpy()
    planted = f"{len(overlapping):,} overlaps, {len(gaping):,} gaps"
    print(f"{len(parcels):,} parcels in {args.zones:,} zones, {planted}; best of {args.rounds}\n")

    ours, found = best(lambda: quality.coverage_findings(parcels, gap_width_m=1.0), args.rounds)
    told = {rule: set(some["ids"]) for rule, some in found.groupby("rule")}
    assert told["overlap"] == overlapping
    assert told["gap"] == gaping
    assert set(told) == {"overlap", "gap"}

    peer, edges = best(lambda: shapely.coverage_invalid_edges(shapes, 1.0), args.rounds)
    at_fault = set(parcels["parcel_id"][~shapely.is_empty(edges)])
    named = {name for pairs in told.values() for ids in pairs for name in ids}
    # GEOS tells the edges, not what lies between; all lots with a defect are among them.
    assert named <= at_fault
    say("coverage_findings", ours, "coverage_invalid_edges", peer)

    tree = shapely.STRtree(shapes)
    peer, pairs = best(lambda: tree.query(shapes, predicate="overlaps"), 1)
    ids = parcels["parcel_id"].to_numpy()
    joined = {tuple(ids[[one, other]]) for one, other in pairs.T if one < other}
    assert joined == overlapping
    say("coverage_findings", ours, "self-join on overlaps", peer)


def spoilt(zones: int, lots_a_side: int) -> tuple[gpd.GeoDataFrame, set, set]:
    """Make lots that share their corners, and spoil one in a thousand pairs of neighbours."""
    random = np.random.default_rng(0)
    across = int(np.ceil(np.sqrt(zones)))
    corner = np.stack(np.meshgrid(*[np.arange(lots_a_side + 1)] * 2), axis=-1) * LOT_M
    rings, zone_of = [], np.repeat(np.arange(zones), lots_a_side**2)
    for number in range(zones):
        angle = random.uniform(0, np.pi / 2)
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        shifted = (corner + random.uniform(-8, 8, corner.shape)) @ turn
        place = (500_000 + number % across * 4_000, 1_270_000 + number // across * 4_000)
        grid = np.round(shifted + place, 3)
        quads = [grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]]
        rings.append(np.stack(quads, axis=2).reshape(-1, 4, 2))
    quads = np.concatenate(rings)
    ids = np.array([f"P{number:07d}" for number in range(len(quads))], dtype=object)
    # Every thousandth lot, never at the end of a row: its edge to the next lot is moved.
    rows = np.arange(5, len(quads), 1000)
    rows = rows[rows % lots_a_side < lots_a_side - 1]
    overlapping, gaping = set(), set()
    quads_of = {}
    for place, row in enumerate(rows):
        out = quads[row, 1] - quads[row, 0]
        out = out / np.hypot(*out) * (OVERLAP_M if place % 2 else -GAP_M)
        # The edge between the two corners it shares with the next lot, but for its ends.
        low, high = quads[row, 1], quads[row, 2]
        bulge = np.array([low + (high - low) * share for share in (0.25, 0.75)]) + out
        (overlapping if place % 2 else gaping).add((ids[row], ids[row + 1]))
        quads_of[row] = np.insert(quads[row], 2, bulge, axis=0)
    shapes = shapely.polygons(quads)
    for row, ring in quads_of.items():
        shapes[row] = shapely.Polygon(ring)
    frame = {"parcel_id": ids, "zone_id": np.char.add("Z", zone_of.astype(str))}
    return gpd.GeoDataFrame(frame, geometry=shapes, crs="EPSG:5899"), overlapping, gaping


if __name__ == "__main__":
    main()
