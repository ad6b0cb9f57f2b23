"""Built share of 100 000 lots on a raster of 10 000 × 10 000 pixels, against named peers.

``python benchmarks/rasters.py``; each call runs in a process of its own, so that its memory can be
told. The same lots are then spread over a raster of nine times the pixels, which as numbers of
eight bytes would fill 7 GB: memory must not grow with it. Every way runs on one thread and is
timed by the processor, which a busy machine disturbs least; rasterstats is given every tenth lot,
and its time taken ten times. ``--lots 10000`` is a quick look.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from rasterio.transform import from_origin

SIDE, LARGE, CLASSES = 10_000, 30_000, (3, 4)
PIXEL_M, STRIP, TENTH = 10, 1000, 10
CRS = "EPSG:5899"


def main() -> None:
    """Make the data, run every way in a process of its own, and print ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--run", nargs=3, metavar=("WAY", "FOLDER", "OUT"))
    args = parser.parse_args()
    if args.run:
        one(*args.run)
        return
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), args.lots, SIDE)
        seconds, shares = {}, {}
        for way in ("kcngeo", "exactextract", "rasterstats"):
            rounds = 1 if way == "rasterstats" else args.rounds
            runs = [measure(way, folder) for _ in range(rounds)]
            seconds[way] = min(run[0] for run in runs)
            shares[way] = runs[0][2]
            print(f"{way:14} {seconds[way]:7.2f} s, memory {max(run[1] for run in runs):6.0f} MB")
        np.testing.assert_allclose(shares["kcngeo"], shares["exactextract"], atol=1e-5)
        apart = np.abs(shares["kcngeo"][::TENTH] - shares["rasterstats"])
        print(f"rasterstats counts pixel centres: {np.nanmean(apart):.3f} apart on average")
        make(Path(folder), args.lots, LARGE)
        took, megabytes, _ = measure("kcngeo", folder)
        print(f"{LARGE} x {LARGE}: {took:7.2f} s, memory {megabytes:6.0f} MB (under 1500)")
    print(f"exactextract / kcngeo: {seconds['kcngeo'] / seconds['exactextract']:.2f} (at most 1.5)")
    print(f"rasterstats: {seconds['rasterstats'] / seconds['kcngeo']:.1f} times (at least 4)")


def make(folder: Path, lots: int, side: int) -> None:
    """Write a land-cover raster of 10 m pixels and lots of about 1 ha, spread over all of it."""
    random = np.random.default_rng(0)
    left, top, width = 450_000, 1_350_000, side * PIXEL_M
    profile = {
        "driver": "GTiff",
        "count": 1,
        "height": side,
        "width": side,
        "dtype": "uint8",
        "crs": CRS,
        "transform": from_origin(left, top, PIXEL_M, PIXEL_M),
        "tiled": True,
        "blockxsize": 512,
        "blockysize": 512,
    }
    with rasterio.open(folder / "cover.tif", "w", **profile) as file:
        for row in range(0, side, STRIP):
            rows = random.integers(1, 6, (STRIP, side), dtype="uint8")
            file.write(rows, 1, window=((row, row + STRIP), (0, side)))
    x, y = (random.uniform(100, width - 200, lots) for _ in range(2))
    wide, high = random.uniform(60, 160, (2, lots))
    boxes = shapely.box(left + x, top - y - high, left + x + wide, top - y)
    gpd.GeoDataFrame(geometry=boxes, crs=CRS).to_parquet(folder / "lots.parquet")


def measure(way: str, folder: str) -> tuple[float, float, np.ndarray]:
    """Run one way in its own process: seconds, megabytes, shares."""
    out = Path(folder) / f"{way}.npy"
    command = [sys.executable, __file__, "--run", way, folder, str(out)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(told[0]), float(told[1]), np.load(out)


def one(way: str, folder: str, out: str) -> None:
    """Compute the built share of every lot one way; print seconds and megabytes."""
    lots = gpd.read_parquet(Path(folder) / "lots.parquet")
    if way == "rasterstats":
        lots = lots.iloc[::TENTH]
    start = time.process_time()
    found = shares(way, lots, str(Path(folder) / "cover.tif"))
    seconds = (time.process_time() - start) * (TENTH if way == "rasterstats" else 1)
    np.save(out, found)
    print(seconds, peak_mb())


def shares(way: str, lots: gpd.GeoDataFrame, raster: str) -> np.ndarray:
    """Compute the built share of every lot one way."""
    if way == "kcngeo":
        from kcngeo.analysis import imagery

        return imagery.built_share(lots, raster, classes=CLASSES)["built_share"].to_numpy()
    if way == "exactextract":
        from exactextract import exact_extract

        found = exact_extract(raster, lots, ["unique", "frac"], output="pandas")
        return np.array(
            [
                sum(frac for value, frac in zip(*row, strict=True) if value in CLASSES)
                for row in zip(found["unique"], found["frac"], strict=True)
            ]
        )
    from rasterstats import zonal_stats

    counts = zonal_stats(lots, raster, categorical=True)
    return np.array(
        [sum(row.get(one, 0) for one in CLASSES) / max(sum(row.values()), 1) for row in counts]
    )


def peak_mb() -> float:
    """Give the most memory this process held; what its parent held before it does not count."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    held = next(line for line in lines if line.startswith("VmHWM:"))
    return int(held.split()[1]) / 1024


if __name__ == "__main__":
    main()
