"""What surrounds an estate in the benchmarks, and engines that are asked about it.

Nothing here is real, and nothing is shared with the code that is measured.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from estate import CRS, LOT_M

from kcngeo import developable

CLASSES_M = (1000.0, 500.0, 300.0, 100.0, 50.0)
SHARES = (0.02, 0.08, 0.3, 0.4, 0.2)
OVERLAP_M, GAP_M = 2.0, 0.5
DAY = "2018-03-31"


def surroundings(parcels: gpd.GeoDataFrame, *, homes: int) -> tuple[gpd.GeoDataFrame, pd.Series]:
    """Scatter homes of 20 m over the estate, turned at random; give every parcel a class."""
    random = np.random.default_rng(1)
    west, south, east, north = parcels.total_bounds
    x, y = random.uniform(west, east, homes), random.uniform(south, north, homes)
    turn = random.uniform(0, np.pi / 2, homes)[:, None] + np.arange(4) * np.pi / 2
    corners = np.stack([x[:, None] + 14 * np.cos(turn), y[:, None] + 14 * np.sin(turn)], axis=-1)
    receptors = gpd.GeoDataFrame(geometry=shapely.polygons(corners), crs=CRS)
    return receptors, pd.Series(random.choice(CLASSES_M, len(parcels), p=SHARES))


def spoilt(zones: int, lots_a_side: int) -> gpd.GeoDataFrame:
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
    quads_of = {}
    for place, row in enumerate(rows):
        out = quads[row, 1] - quads[row, 0]
        out = out / np.hypot(*out) * (OVERLAP_M if place % 2 else -GAP_M)
        # The edge between the two corners it shares with the next lot, but for its ends.
        low, high = quads[row, 1], quads[row, 2]
        bulge = np.array([low + (high - low) * share for share in (0.25, 0.75)]) + out
        quads_of[row] = np.insert(quads[row], 2, bulge, axis=0)
    shapes = shapely.polygons(quads)
    for row, ring in quads_of.items():
        shapes[row] = shapely.Polygon(ring)
    frame = {"parcel_id": ids, "zone_id": np.char.add("Z", zone_of.astype(str))}
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=CRS)


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


def duckdb() -> Any:
    """Start DuckDB with its spatial extension, which comes as a file of a package."""
    import duckdb as package
    import duckdb_extension_spatial

    (extension,) = Path(duckdb_extension_spatial.__file__).parent.rglob("spatial.duckdb_extension")
    engine = package.connect(config={"allow_unsigned_extensions": "true"})
    engine.execute(f"LOAD '{extension}'")
    return engine


def put(engine: Any, name: str, layer: gpd.GeoDataFrame, **columns: Any) -> None:
    """Make a table of DuckDB; nobody times this."""
    shapes = pa.array(shapely.to_wkb(layer.geometry.to_numpy()), type=pa.binary())
    engine.register("given", pa.table({"id": np.arange(len(layer)), "shape": shapes, **columns}))
    engine.execute(
        f"CREATE OR REPLACE TABLE {name} AS"
        " SELECT * EXCLUDE shape, ST_GeomFromWKB(shape) AS g FROM given"
    )
    engine.unregister("given")


def sedona(layers: dict[str, gpd.GeoDataFrame]) -> Any:
    """Start SedonaDB with some layers."""
    import sedonadb

    session = sedonadb.connect()
    for name, layer in layers.items():
        frame = gpd.GeoDataFrame({"id": np.arange(len(layer))}, geometry=layer.geometry.to_numpy())
        frame = frame.rename_geometry("g")
        session.create_data_frame(frame).to_memtable().to_view(name, overwrite=True)
    return session
