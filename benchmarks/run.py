"""Compare the kernels with named peers on the same data in one run, and check that they agree.

``python benchmarks/run.py`` makes estates of about a million parcels in 1000 zones (4 GB of
memory, ten minutes); ``--zones 50`` is a quick look. Each figure is the best of the rounds; what
counts is the ratio, not the seconds.
"""

from __future__ import annotations

import argparse
import io
import pstats
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from clock import best, say
from estate import estate

import kcngeo as kcn

ROOT = Path(__file__).resolve().parents[1]
DEFINITION, USES = "nd35-2022", ["industrial", "service"]


def main() -> None:
    """Run all comparisons and print a table of ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--zones", type=int, default=1000)
    parser.add_argument("--lots", type=int, default=32, help="lots along a side of a zone")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    frames = estate(args.zones, args.lots)
    zones, parcels, ledger = frames
    straddling = 1 - (_inside(zones, parcels).sum() / len(parcels))
    print(f"{len(parcels):,} parcels in {len(zones):,} zones, {straddling:.1%} not inside a fence;")
    print(f"{len(ledger):,} ledger entries; best of {args.rounds}\n")
    areas_within(zones, parcels, rounds=args.rounds)
    series(frames, rounds=args.rounds)
    states(frames, rounds=args.rounds)
    explanation(frames, rounds=args.rounds)
    imports(rounds=max(args.rounds, 5))
    profile()


def areas_within(zones: gpd.GeoDataFrame, parcels: gpd.GeoDataFrame, *, rounds: int) -> None:
    """Area of each parcel inside its zone, against geopandas.overlay."""
    ours, found = best(lambda: kcn.geometry.areas_within(parcels, zones), rounds)
    left = parcels[["geometry"]].assign(left=np.arange(len(parcels)))
    right = zones[["geometry"]].assign(right=np.arange(len(zones)))

    def overlay() -> pd.DataFrame:
        cut = gpd.overlay(left, right, how="intersection", keep_geom_type=True)
        return pd.DataFrame(cut[["left", "right"]]).assign(area_m2=cut.area)

    peer, expected = best(overlay, 1)
    expected = expected.sort_values(["left", "right"], ignore_index=True)
    assert found[["left", "right"]].equals(expected[["left", "right"]])
    np.testing.assert_allclose(found["area_m2"], expected["area_m2"], rtol=1e-9)
    say("areas_within", ours, "geopandas.overlay + area", peer)


def project_of(frames: tuple[Any, ...]) -> kcn.Project:
    """Make a project of the three tables."""
    zones, parcels, ledger = frames
    return kcn.Project(zones=zones, parcels=parcels, ledger=ledger)


def series(frames: tuple[Any, ...], *, rounds: int) -> None:
    """120 months of fill rates, against a mask per month; and 1200 months against 12."""

    def ask(start: str) -> pd.DataFrame:
        # Checking and joining belong to the question: a planner asks a project once.
        known = project_of(frames).as_known()
        return kcn.fill.fill_series(known, start=start, end="2009-12-31", definition=DEFINITION)

    ours, found = best(lambda: ask("2000-01-31"), rounds)
    peer, expected = best(lambda: mask_per_month(*frames, "2000-01-31", "2009-12-31"), 1)
    found = found.reset_index().sort_values(["on", "zone_id"], ignore_index=True)
    np.testing.assert_allclose(found["leased_ha"], expected["leased_ha"], atol=1e-6)
    np.testing.assert_allclose(found["base_ha"], expected["base_ha"], atol=1e-6)
    say("fill_series, 120 months", ours, "pandas, joined once, mask per month", peer)
    # A tenth of the months, times ten: they all cost the same.
    some = pd.date_range("2009-01-31", "2009-12-31", freq="ME")
    peer, expected = best(lambda: mask_and_join_per_month(*frames, some), 1)
    last = found[found["on"] >= some[0]].reset_index(drop=True)
    np.testing.assert_allclose(last["leased_ha"], expected["leased_ha"], atol=1e-6)
    say("fill_series, 120 months", ours, "pandas, mask and join per month", peer * 10)
    year, _ = best(lambda: ask("2009-01-31"), rounds)
    century, _ = best(lambda: ask("1910-01-31"), rounds)
    print(
        f"{'fill_series':28} 1200 months {century:6.2f} s, 12 months {year:6.2f} s: "
        f"{century / year:.2f} times (at most 1.3)"
    )


def states(frames: tuple[Any, ...], *, rounds: int) -> None:
    """The state on a day, against reading the ledger's Parquet file."""
    ledger = frames[2]
    ours, _ = best(lambda: kcn.ledger.state(project_of(frames).as_known(), on="2005-01-31"), rounds)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.parquet"
        ledger.to_parquet(path)
        peer, _ = best(lambda: pd.read_parquet(path), rounds)
    print(
        f"{'ledger.state':28} {ours:6.2f} s, reading the ledger's Parquet file {peer:6.2f} s: "
        f"{ours / peer:.1f} times (at most 10)"
    )


def explanation(frames: tuple[Any, ...], *, rounds: int) -> None:
    """The explanation of 120 months, against the series itself; and that it adds up."""
    period = {"start": "2000-01-31", "end": "2009-12-31", "definition": DEFINITION}
    peer, rates = best(
        lambda: kcn.fill.fill_series(project_of(frames).as_known(), **period), rounds
    )
    ours, rows = best(lambda: kcn.change.by_month(project_of(frames).as_known(), **period), rounds)
    moved = rates["fill_rate"].groupby(level="zone_id").diff().dropna()
    told = rows.groupby(["zone_id", "period"])["effect"].sum()
    np.testing.assert_allclose(
        told.reindex(moved.index, fill_value=0.0).to_numpy(), moved.to_numpy(), atol=1e-12
    )
    print(
        f"{'change.by_month, 120 months':28} {ours:6.2f} s, the series {peer:6.2f} s: "
        f"{ours / peer:.1f} times (at most 3)"
    )


def mask_and_join_per_month(
    zones: gpd.GeoDataFrame, parcels: gpd.GeoDataFrame, ledger: pd.DataFrame, dates: Any
) -> pd.DataFrame:
    """What is usually written: every month a mask on the ledger, a join and a group-by."""
    lots = parcels[["parcel_id", "zone_id", "land_use"]].assign(area_ha=parcels.area / 10_000)
    lots = lots[lots["land_use"].isin(USES)]
    months = []
    for on in dates:
        now = ledger[(ledger["valid_from"] <= on) & ~(ledger["valid_to"] <= on)]
        leased = now[now["status"] == "leased"].merge(lots, on="parcel_id")
        let = leased.groupby("zone_id")["area_ha"].sum().reindex(zones["zone_id"], fill_value=0.0)
        months.append(pd.DataFrame({"on": on, "leased_ha": let}))
    return pd.concat(months).reset_index().sort_values(["on", "zone_id"], ignore_index=True)


def mask_per_month(
    zones: gpd.GeoDataFrame, parcels: gpd.GeoDataFrame, ledger: pd.DataFrame, start: str, end: str
) -> pd.DataFrame:
    """What a good pandas user writes: join once, then a mask and a group-by a month.

    It trusts its input: no contract, no CRS, no validity, and no two entries at once.
    """
    lots = parcels.loc[parcels["land_use"].isin(USES), ["parcel_id", "zone_id"]]
    lots = lots.assign(area_ha=parcels.area / 10_000)
    leased = ledger[ledger["status"] == "leased"].merge(lots, on="parcel_id")
    base = lots.groupby("zone_id")["area_ha"].sum().reindex(zones["zone_id"])
    months = []
    for on in pd.date_range(start, end, freq="ME"):
        now = leased[(leased["valid_from"] <= on) & ~(leased["valid_to"] <= on)]
        let = now.groupby("zone_id")["area_ha"].sum().reindex(base.index, fill_value=0.0)
        months.append(pd.DataFrame({"on": on, "leased_ha": let, "base_ha": base}))
    return pd.concat(months).reset_index().sort_values(["on", "zone_id"], ignore_index=True)


def imports(*, rounds: int) -> None:
    """``import kcngeo`` against ``import geopandas``, each in a fresh interpreter."""

    def load(module: str) -> None:
        subprocess.run([sys.executable, "-c", f"import {module}"], check=True)

    ours, _ = best(lambda: load("kcngeo"), rounds)
    peer, _ = best(lambda: load("geopandas"), rounds)
    print(
        f"{'import kcngeo':28} {ours:6.2f} s, import geopandas {peer:6.2f} s: "
        f"{ours / peer:.2f} times (at most 1.3)"
    )


def profile() -> None:
    """Show where the monthly job on the sample spends its time."""
    with tempfile.TemporaryDirectory() as folder:
        code = (
            "import cProfile, sys; sys.argv = ['kcngeo', 'monthly', "
            f"{str(ROOT / 'data/parcels/two_zones.gpkg')!r}, '--month', '2018-03', "
            f"'--out', {str(Path(folder) / 'out')!r}]\n"
            "job = 'from kcngeo.cli import main\\ntry:\\n main()\\nexcept SystemExit: pass'\n"
            "cProfile.run(job, "
            f"{str(Path(folder) / 'profile')!r})"
        )
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
        print(f"\nkcngeo monthly on the sample, profiled: {time.perf_counter() - start:.2f} s")
        out = io.StringIO()
        stats = pstats.Stats(str(Path(folder) / "profile"), stream=out).sort_stats("cumulative")
    steps = {
        "imports": ("importlib._bootstrap>", "_find_and_load"),
        "reading the project": ("geopackage.py", "read_project"),
        "computing the month": ("report/month.py", "monthly"),
        "writing the folder": ("publish/folder.py", "write"),
    }
    for label, (file, name) in steps.items():
        seconds = [
            entry[3]
            for (path, _, function), entry in stats.stats.items()  # type: ignore[attr-defined]
            if path.replace("\\", "/").endswith(file) and function == name
        ]
        print(f"  {label:24} {max(seconds):6.2f} s")


def _inside(zones: gpd.GeoDataFrame, parcels: gpd.GeoDataFrame) -> pd.Series:
    shapes = zones.set_index("zone_id").geometry.reindex(parcels["zone_id"])
    return parcels.geometry.reset_index(drop=True).within(shapes.reset_index(drop=True))


if __name__ == "__main__":
    main()
