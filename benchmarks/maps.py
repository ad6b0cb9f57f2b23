"""Compare the fill map with folium's own slider on the same data, in Chromium, in one run.

``python benchmarks/maps.py`` (needs Chromium on the PATH) prints size, time to load and time of a
step of the slider for 3 000 lots × 120 months, and size and time to load for 100 000 lots. The
ratios count, and the limits printed beside them; a busy machine stretches the times.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
from estate import estate
from folium.plugins import TimeSliderChoropleth
from playwright.sync_api import Page, sync_playwright

import kcngeo as kcn
from kcngeo import theme

MONTHS = {"start": "2000-01-01", "end": "2009-12-31"}
STEPS = 40
DEFINITION = "nd35-2022"
ROUNDS = 3


def main() -> None:
    """Make the maps and open them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=100_000, help="lots of the large map")
    args = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("no chromium on the PATH")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_context(offline=True).new_page()
        small(page, Path(folder))
        large(page, Path(folder), lots=args.lots)
        browser.close()


def small(page: Page, folder: Path) -> None:
    """3 000 lots × 120 months: size against folium's slider, and a step of ours."""
    frames = estate(3, 32)
    zones, parcels, ledger = frames
    project = kcn.Project(zones=zones, parcels=parcels, ledger=ledger)
    ours, peer = folder / "ours.html", folder / "folium.html"
    kcn.maps.fill_map(project, **MONTHS, definition=DEFINITION).save(ours)
    slider(parcels, ledger).save(peer)
    size, other = ours.stat().st_size, peer.stat().st_size
    print(
        f"{len(parcels):,} lots, 120 months: {size / 1e6:.2f} MB in all (at most 2), "
        f"TimeSliderChoropleth {other / 1e6:.2f} MB without its libraries: "
        f"{other / size:.1f} times smaller (at least 10)"
    )
    loaded = load(page, ours)
    steps = page.evaluate(
        """async (count) => {
          const times = [];
          for (let month = 0; month < count; month += 1) {
            const start = performance.now();
            kcngeo.setMonth(month);
            await new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
            times.push(performance.now() - start);
          }
          return times.slice(1);
        }""",
        STEPS,
    )
    print(
        f"loads in {loaded:.2f} s; a step of the slider, painted: median "
        f"{statistics.median(steps):.0f} ms, slowest {max(steps):.0f} ms (at most 100)"
    )


def large(page: Page, folder: Path, *, lots: int) -> None:
    """Very many lots: size and time to load."""
    frames = estate(lots // 32**2, 32)
    zones, parcels, ledger = turned(*frames)
    path = folder / "large.html"
    project = kcn.Project(zones=zones, parcels=parcels, ledger=ledger)
    start = time.perf_counter()
    kcn.maps.fill_map(project, **MONTHS, definition=DEFINITION).save(path)
    made = time.perf_counter() - start
    loaded = min(load(page, path) for _ in range(ROUNDS))
    shown = page.evaluate("kcngeo.drawn().length")
    assert shown == len(parcels), shown
    print(
        f"{len(parcels):,} lots, 120 months: {path.stat().st_size / 1e6:.1f} MB (at most 15), "
        f"loads in {loaded:.1f} s (at most 6); made in {made:.0f} s"
    )


def turned(
    zones: gpd.GeoDataFrame, parcels: gpd.GeoDataFrame, ledger: pd.DataFrame
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    """Turn and shear the squares, corner by corner alike, so that no coordinate repeats.

    Square lots on one grid would pack far better than lots of the real world.
    """
    random = np.random.default_rng(0)
    bumps = random.uniform(0, 2 * np.pi, 6)

    def bent(xy: np.ndarray) -> np.ndarray:
        x, y = xy[:, 0] - 500_000, xy[:, 1] - 1_270_000
        by = 4 * np.sin(x / 97 + bumps[0]) * np.sin(y / 83 + bumps[1])
        also = 4 * np.sin(x / 71 + bumps[2]) * np.sin(y / 113 + bumps[3])
        return np.column_stack(
            [500_000 + 0.96 * x - 0.28 * y + by, 1_270_000 + 0.28 * x + 0.96 * y + also]
        )

    def moved(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return frame.set_geometry(frame.geometry.transform(bent))

    return moved(zones), moved(parcels), ledger


def load(page: Page, path: Path) -> float:
    """Seconds from the address to the first painted picture."""
    start = time.perf_counter()
    page.goto(path.as_uri())
    page.wait_for_function("window.kcngeo !== undefined", timeout=120_000)
    page.evaluate(
        "() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))"
    )
    return time.perf_counter() - start


def slider(parcels: gpd.GeoDataFrame, ledger: pd.DataFrame) -> folium.Map:
    """Folium's own slider over the same months, coloured by the status of each lot."""
    months = pd.date_range(MONTHS["start"], MONTHS["end"], freq="ME")
    stamps = [str(int(month.timestamp())) for month in months]
    colors: dict[str, list[str]] = {}
    by_lot = ledger.groupby("parcel_id")
    for parcel_id in parcels["parcel_id"]:
        row = [theme.STATUS_COLORS["available"]] * len(months)
        if parcel_id in by_lot.groups:
            for entry in by_lot.get_group(parcel_id).itertuples():
                end = entry.valid_to if pd.notna(entry.valid_to) else pd.Timestamp.max
                for place in np.flatnonzero((entry.valid_from <= months) & (months < end)):
                    row[place] = theme.STATUS_COLORS[entry.status]
        colors[parcel_id] = row
    styles: dict[str, Any] = {
        parcel_id: {
            stamp: {"color": color, "opacity": 1} for stamp, color in zip(stamps, row, strict=True)
        }
        for parcel_id, row in colors.items()
    }
    shapes = kcn.crs.to_wgs84(parcels.set_index("parcel_id")[["geometry"]])
    made = folium.Map(tiles=None)
    text = re.sub(r"(\.\d{6})\d+", r"\1", shapes.to_json())  # six decimals, as ours
    TimeSliderChoropleth(text, styledict=styles).add_to(made)
    return made


if __name__ == "__main__":
    main()
