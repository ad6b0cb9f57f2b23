"""Compare distances and shared areas with DuckDB spatial, SedonaDB and GeoPandas, in one run.

``python benchmarks/conflicts.py`` makes a million parcels in 1000 zones and 20 480 receptors; every
parcel has a distance of its own, that of a hazard class. Needs the extra ``bench``. Seconds on the
clock count where the machine has nothing else to do; beside them stands the time the processors
worked, which other programs disturb less; beside both the limit that is kept on a machine of two
cores with nothing else to do. Each figure is the best of the rounds.

DuckDB has no index for a distance that differs from row to row, and compares every parcel with
every receptor (hours). It is given two ways round that: a join of boxes, and, better still, a query
of its own for each of the five distances, which suits a table of classes only.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from estate import CRS, estate

import kcngeo as kcn

CLASSES_M = (1000.0, 500.0, 300.0, 100.0, 50.0)
SHARES = (0.02, 0.08, 0.3, 0.4, 0.2)
ROUNDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """The shortest time on the clock and of the processors, and the result."""

    clock_s: float
    work_s: float
    result: Any


def main() -> None:
    """Run all comparisons and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--zones", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--memory", type=Path, help="only find the pairs of the layers kept here")
    args = parser.parse_args()
    if args.memory:
        say_memory(args.memory)
        return
    zones, parcels, _ = estate(args.zones, 32)
    receptors, distance_m = surroundings(parcels, homes=int(20.48 * args.zones))
    print(f"{len(parcels):,} parcels, {len(receptors):,} receptors, {len(zones):,} zones")
    distances(parcels, receptors, distance_m, rounds=args.rounds)
    memory(parcels, receptors, distance_m)
    areas(parcels, zones, rounds=args.rounds)


def surroundings(parcels: gpd.GeoDataFrame, *, homes: int) -> tuple[gpd.GeoDataFrame, pd.Series]:
    """Scatter homes of 20 m over the estate, turned at random; give every parcel a class."""
    random = np.random.default_rng(1)
    west, south, east, north = parcels.total_bounds
    x, y = random.uniform(west, east, homes), random.uniform(south, north, homes)
    turn = random.uniform(0, np.pi / 2, homes)[:, None] + np.arange(4) * np.pi / 2
    corners = np.stack([x[:, None] + 14 * np.cos(turn), y[:, None] + 14 * np.sin(turn)], axis=-1)
    receptors = gpd.GeoDataFrame(geometry=shapely.polygons(corners), crs=CRS)
    return receptors, pd.Series(random.choice(CLASSES_M, len(parcels), p=SHARES))


def distances(
    parcels: gpd.GeoDataFrame, receptors: gpd.GeoDataFrame, distance_m: pd.Series, *, rounds: int
) -> None:
    """Pairs and exact distances, against counts of pairs by DuckDB and by buffering."""
    ours = took(
        lambda: kcn.geometry.pairs_within(parcels, receptors, distance_m=distance_m), rounds
    )
    count = len(ours.result)
    print(f"{count:,} pairs within their distance\n")
    engine = duckdb()
    put(engine, "p", parcels, d=distance_m.to_numpy())
    put(engine, "r", receptors)
    by_class = " + ".join(
        f"(SELECT count(*) FROM (SELECT g FROM p WHERE d = {one}) AS p"
        f" JOIN r ON ST_DWithin(p.g, r.g, {one}))"
        for one in CLASSES_M
    )
    by_box = (
        "SELECT count(*) FROM (SELECT g, d, ST_MakeEnvelope(ST_XMin(g) - d, ST_YMin(g) - d,"
        " ST_XMax(g) + d, ST_YMax(g) + d) AS box FROM p) AS p"
        " JOIN r ON ST_Intersects(p.box, r.g) WHERE ST_DWithin(p.g, r.g, p.d)"
    )
    for name, query in (
        ("DuckDB, a query a distance, count only", f"SELECT {by_class}"),
        ("DuckDB, boxes, count only", by_box),
    ):
        peer = took(lambda query=query: engine.execute(query).fetchone()[0], rounds)
        assert peer.result == count, (peer.result, count)
        say("pairs_within", ours, name, peer, limit="at least 0.40, with distances")

    def buffered() -> pd.DataFrame:
        zones = gpd.GeoDataFrame(geometry=parcels.buffer(distance_m))
        return gpd.sjoin(zones, receptors, predicate="intersects")

    peer = took(buffered, 1)
    # Circles of 32 corners lie inside the true ones: a few pairs near the distance are lost.
    assert 0.98 * count < len(peer.result) <= count
    say("pairs_within", ours, "geopandas: buffer + sjoin", peer, limit="at least 6")


def memory(parcels: gpd.GeoDataFrame, receptors: gpd.GeoDataFrame, distance_m: pd.Series) -> None:
    """The most memory a program takes that reads the layers from files and finds the pairs."""
    with tempfile.TemporaryDirectory() as folder:
        parcels.assign(distance_m=distance_m).to_parquet(Path(folder) / "parcels.parquet")
        receptors.to_parquet(Path(folder) / "receptors.parquet")
        command = [sys.executable, __file__, "--memory", folder]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    print(said)


def say_memory(folder: Path) -> None:
    """Find the pairs of layers in files, and print the most memory that was taken."""
    parcels = gpd.read_parquet(folder / "parcels.parquet")
    receptors = gpd.read_parquet(folder / "receptors.parquet")
    before_gb = peak_gb()
    kcn.geometry.pairs_within(parcels, receptors, distance_m=parcels["distance_m"])
    peak = f"{peak_gb():.2f} GB (below 2)"
    print(f"{'pairs_within':13} at most {peak}; reading took {before_gb:.2f} GB before")


def peak_gb() -> float:
    """The most memory this program has taken so far, as Linux tells it.

    What getrusage tells is never less than the program that started this one had at that moment.
    """
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    (line,) = [one for one in status.splitlines() if one.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024 / 1e9


def areas(parcels: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, *, rounds: int) -> None:
    """Area of each parcel inside its zone, against DuckDB and SedonaDB."""
    ours = took(lambda: kcn.geometry.areas_within(parcels, zones), rounds)
    inner = "SELECT p.id AS p, z.id AS z, ST_Area(ST_Intersection(p.g, z.g)) AS a FROM p JOIN z"
    query = f"SELECT * FROM ({inner} ON ST_Intersects(p.g, z.g)) WHERE a > 1e-6"
    engine = duckdb()
    put(engine, "p", parcels)
    put(engine, "z", zones)
    peer = took(lambda: engine.execute(query).df(), 1)
    agree(ours.result, peer.result)
    say("areas_within", ours, "DuckDB", peer, limit="at least 4")
    session = sedona()
    for name, layer in (("p", parcels), ("z", zones)):
        frame = gpd.GeoDataFrame({"id": np.arange(len(layer))}, geometry=layer.geometry.to_numpy())
        frame = frame.rename_geometry("g")
        session.create_data_frame(frame).to_memtable().to_view(name, overwrite=True)
    peer = took(lambda: session.sql(query).to_pandas(), 1)
    agree(ours.result, pd.DataFrame(peer.result))
    say("areas_within", ours, "SedonaDB", peer, limit="at least 4")


def agree(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """Check that the same pairs share the same areas."""
    theirs = theirs.sort_values(["p", "z"], ignore_index=True)
    assert (ours["left"].to_numpy() == theirs["p"].to_numpy()).all()
    assert (ours["right"].to_numpy() == theirs["z"].to_numpy()).all()
    np.testing.assert_allclose(ours["area_m2"], theirs["a"], rtol=1e-9, atol=1e-6)


def took(work: Callable[[], Any], rounds: int) -> Took:
    """Time a piece of work, on the clock and by the time the processors worked."""
    clock, processors = [], []
    for _ in range(rounds):
        start, busy = time.perf_counter(), time.process_time()
        result = work()
        clock.append(time.perf_counter() - start)
        processors.append(time.process_time() - busy)
    return Took(clock_s=min(clock), work_s=min(processors), result=result)


def say(what: str, ours: Took, peer_name: str, peer: Took, *, limit: str) -> None:
    """Print one comparison, with its limit."""
    print(
        f"{what:13} {ours.clock_s:6.2f} s (processors {ours.work_s:6.2f}), "
        f"{peer_name} {peer.clock_s:6.2f} s ({peer.work_s:6.2f}): "
        f"{peer.clock_s / ours.clock_s:.2f} ({peer.work_s / ours.work_s:.2f}) times as fast "
        f"({limit})"
    )


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


def sedona() -> Any:
    """Start SedonaDB."""
    import sedonadb

    return sedonadb.connect()


if __name__ == "__main__":
    main()
