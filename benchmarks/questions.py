"""What is asked of kcngeo and of named peers: the same question of the same files, way by way.

A way is given the folder of an estate and reads what it needs; what it gives back is the work that
is timed, and how its result is laid out to be compared with that of the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import layers
import numpy as np
import pandas as pd
import rasters
import shapely
from estate import LOT_M, estate

import kcngeo as kcn

DEFINITION, USES = "nd35-2022", ["industrial", "service"]
START, END = "2000-01-31", "2009-12-31"
DAY = "2005-01-31"
LOTS_A_SIDE = 32
Asked = tuple[Callable[[], Any], Callable[[Any], np.ndarray]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question, the ways to answer it, kcngeo first, and how close the answers must be.

    Attributes
    ----------
    title
        What is asked.
    ways
        By name, what reads the files and gives the work and how its result is compared.
    rtol, atol
        How far answers may lie apart.
    """

    title: str
    ways: dict[str, Callable[[Path], Asked]]
    rtol: float = 1e-9
    atol: float = 1e-6


def make(folder: Path, lots: int) -> dict[str, int]:
    """Write the files of an estate of about as many lots; tell how many rows they have."""
    zones, parcels, ledger = estate(max(1, round(lots / LOTS_A_SIDE**2)), LOTS_A_SIDE)
    receptors, distance_m = layers.surroundings(parcels, homes=int(20.48 * len(zones)))
    parcels = parcels.assign(distance_m=distance_m)
    spoilt = layers.spoilt(len(zones), LOTS_A_SIDE)
    taken = layers.encumbrances(zones, side_m=LOTS_A_SIDE * LOT_M)
    frames = {"zones": zones, "parcels": parcels, "ledger": ledger, "receptors": receptors}
    for name, frame in {**frames, "spoilt": spoilt, "taken": taken}.items():
        frame.to_parquet(folder / f"{name}.parquet")
    project = kcn.Project(zones=zones, parcels=parcels, ledger=ledger)
    kcn.io.write_project(project, folder / "project.parquet")
    rasters.make(folder, lots, rasters.SIDE)
    return {name: len(frame) for name, frame in frames.items()}


def _read(folder: Path, *names: str) -> list[Any]:
    """Read layers and tables of an estate."""
    return [
        (pd if name == "ledger" else gpd).read_parquet(folder / f"{name}.parquet") for name in names
    ]


def _project(folder: Path) -> kcn.Project:
    zones, parcels, ledger = _read(folder, "zones", "parcels", "ledger")
    return kcn.Project(zones=zones, parcels=parcels, ledger=ledger)


# Reading the project: how many rows there are


def read_ours(folder: Path) -> Asked:
    """Read a project with its contracts."""

    def told(found: kcn.Project) -> np.ndarray:
        return np.array([len(found.zones), len(found.parcels), len(found.ledger)])

    return lambda: kcn.io.read_project(folder / "project.parquet"), told


def read_geopandas(folder: Path) -> Asked:
    """Read three files as they are."""
    return lambda: _read(folder, "zones", "parcels", "ledger"), lambda some: np.array(
        [len(one) for one in some]
    )


# Let hectares by zone and month, why rates moved, and the state on a day


def fresh(folder: Path, ask: Callable[..., Any], **asked: Any) -> Callable[[], Any]:
    """Ask a project that was not asked before, with all checks: a planner asks it once."""
    given = _project(folder)

    def work() -> Any:
        project = kcn.Project(zones=given.zones, parcels=given.parcels, ledger=given.ledger)
        return ask(project.as_known(), **asked)

    return work


def series_ours(folder: Path, start: str = START) -> Asked:
    """Ask the rates of a span of months."""

    def told(found: pd.DataFrame) -> np.ndarray:
        return (
            found.reset_index().pivot(index="on", columns="zone_id", values="leased_ha").to_numpy()
        )

    asked = {"start": start, "end": END, "definition": DEFINITION}
    return fresh(folder, kcn.fill.fill_series, **asked), told


def last_year(start: str) -> Callable[[Path], Asked]:
    """Ask months from a first one on, and lay out those of the last year."""

    def asked(folder: Path) -> Asked:
        work, told = series_ours(folder, start)
        return work, lambda found: told(found)[-12:]

    return asked


def why_ours(folder: Path) -> Asked:
    """Explain every month; by zone the sum of all effects."""

    def told(found: pd.DataFrame) -> np.ndarray:
        return found.groupby("zone_id")["effect"].sum().to_numpy()

    asked = {"start": START, "end": END, "definition": DEFINITION}
    return fresh(folder, kcn.change.by_month, **asked), told


def why_series(folder: Path) -> Asked:
    """Ask the rates alone; by zone what they moved."""

    def told(found: pd.DataFrame) -> np.ndarray:
        rates = found["fill_rate"].groupby(level="zone_id")
        return (rates.last() - rates.first()).to_numpy()

    asked = {"start": START, "end": END, "definition": DEFINITION}
    return fresh(folder, kcn.fill.fill_series, **asked), told


def state_ours(folder: Path) -> Asked:
    """Ask the state of every lot on a day; how many are let."""

    def told(found: pd.DataFrame) -> np.ndarray:
        return np.array([(found["status"] == "leased").sum()])

    return fresh(folder, kcn.ledger.state, on=DAY), told


def state_pandas(folder: Path) -> Asked:
    """Read the ledger; what is let is counted afterwards."""

    def told(ledger: pd.DataFrame) -> np.ndarray:
        now = (ledger["valid_from"] <= DAY) & ~(ledger["valid_to"] <= DAY)
        return np.array([ledger.loc[now & (ledger["status"] == "leased"), "parcel_id"].nunique()])

    return lambda: pd.read_parquet(folder / "ledger.parquet"), told


def _leases(
    parcels: gpd.GeoDataFrame, ledger: pd.DataFrame
) -> tuple[pd.DataFrame, pd.Index, pd.DatetimeIndex]:
    """Join what the peers of the series ask: leases of lots, zones and months."""
    lots = parcels.loc[parcels["land_use"].isin(USES), ["parcel_id", "zone_id"]]
    lots = lots.assign(area_ha=parcels.area / 10_000)
    leased = ledger[ledger["status"] == "leased"]
    zone_ids = pd.Index(sorted(parcels["zone_id"].unique()))
    return lots.merge(leased, on="parcel_id"), zone_ids, pd.date_range(START, END, freq="ME")


def series_events(folder: Path) -> Asked:
    """Add every lease on its first day and take it away after its last, and sum up: no checks."""
    parcels, ledger = _read(folder, "parcels", "ledger")

    def work() -> np.ndarray:
        leased, zone_ids, months = _leases(parcels, ledger)
        zone = zone_ids.get_indexer(leased["zone_id"])
        area = leased["area_ha"].to_numpy()
        steps = np.zeros((len(months) + 1, len(zone_ids)))
        for column, sign in (("valid_from", 1), ("valid_to", -1)):
            days = leased[column].to_numpy()
            known = ~np.isnat(days)
            at = np.searchsorted(months.to_numpy(), days[known])
            np.add.at(steps, (at, zone[known]), sign * area[known])
        return steps.cumsum(axis=0)[:-1]

    return work, lambda found: found


def series_masks(folder: Path) -> Asked:
    """Join once, then a mask and a group-by a month: no checks."""
    parcels, ledger = _read(folder, "parcels", "ledger")

    def work() -> np.ndarray:
        leased, zone_ids, months = _leases(parcels, ledger)
        found = []
        for on in months:
            now = leased[(leased["valid_from"] <= on) & ~(leased["valid_to"] <= on)]
            found.append(now.groupby("zone_id")["area_ha"].sum().reindex(zone_ids, fill_value=0.0))
        return np.array(found)

    return work, lambda found: found


# The area of every lot inside its fence


def areas_ours(folder: Path) -> Asked:
    """Ask kcngeo."""
    zones, parcels = _read(folder, "zones", "parcels")
    return lambda: kcn.geometry.areas_within(parcels, zones), lambda found: found[
        ["left", "right", "area_m2"]
    ].to_numpy()


def areas_geopandas(folder: Path) -> Asked:
    """Cut by overlay."""
    zones, parcels = _read(folder, "zones", "parcels")
    left = parcels[["geometry"]].assign(left=np.arange(len(parcels)))
    right = zones[["geometry"]].assign(right=np.arange(len(zones)))

    def work() -> pd.DataFrame:
        cut = gpd.overlay(left, right, how="intersection", keep_geom_type=True)
        return pd.DataFrame(cut[["left", "right"]]).assign(area_m2=cut.area)

    return work, _pairs


def areas_shapely(folder: Path) -> Asked:
    """Find by the tree, cut by hand."""
    zones, parcels = _read(folder, "zones", "parcels")
    lots, fences = parcels.geometry.to_numpy(), zones.geometry.to_numpy()

    def work() -> pd.DataFrame:
        right, left = shapely.STRtree(lots).query(fences, predicate="intersects")
        area_m2 = shapely.area(shapely.intersection(lots[left], fences[right]))
        return pd.DataFrame({"left": left, "right": right, "area_m2": area_m2})

    return work, _pairs


_CUT = (
    'SELECT * FROM (SELECT p.id AS "left", z.id AS "right",'
    " ST_Area(ST_Intersection(p.g, z.g)) AS area_m2"
    " FROM p JOIN z ON ST_Intersects(p.g, z.g)) WHERE area_m2 > 1e-6"
)


def areas_duckdb(folder: Path) -> Asked:
    """Ask DuckDB."""
    zones, parcels = _read(folder, "zones", "parcels")
    engine = layers.duckdb()
    layers.put(engine, "p", parcels)
    layers.put(engine, "z", zones)
    return lambda: engine.execute(_CUT).df(), _pairs


def areas_sedona(folder: Path) -> Asked:
    """Ask SedonaDB."""
    zones, parcels = _read(folder, "zones", "parcels")
    session = layers.sedona({"p": parcels, "z": zones})
    return lambda: pd.DataFrame(session.sql(_CUT).to_pandas()), _pairs


def _pairs(found: pd.DataFrame) -> np.ndarray:
    """Lay pairs out in order, without those that only touch."""
    found = found[found["area_m2"] > 1e-6].sort_values(["left", "right"])
    return found[["left", "right", "area_m2"]].to_numpy()


# How many receptors lie within a distance that every lot has of its own


def near_ours(folder: Path) -> Asked:
    """Find the pairs with their distances."""
    parcels, receptors = _read(folder, "parcels", "receptors")
    distance_m = parcels["distance_m"]
    return lambda: kcn.geometry.pairs_within(
        parcels, receptors, distance_m=distance_m
    ), lambda found: np.array([len(found)])


def near_duckdb(folder: Path) -> Asked:
    """Count by a query for each of five distances; DuckDB has no index for one that differs."""
    parcels, receptors = _read(folder, "parcels", "receptors")
    engine = layers.duckdb()
    layers.put(engine, "p", parcels, d=parcels["distance_m"].to_numpy())
    layers.put(engine, "r", receptors)
    by_class = " + ".join(
        f"(SELECT count(*) FROM (SELECT g FROM p WHERE d = {one}) AS p"
        f" JOIN r ON ST_DWithin(p.g, r.g, {one}))"
        for one in layers.CLASSES_M
    )
    return lambda: engine.execute(f"SELECT {by_class}").fetchone()[0], lambda n: np.array([n])


def near_geopandas(folder: Path) -> Asked:
    """Buffer and join; circles of 32 corners lose a few pairs near the distance."""
    parcels, receptors = _read(folder, "parcels", "receptors")

    def work() -> pd.DataFrame:
        wide = gpd.GeoDataFrame(geometry=parcels.buffer(parcels["distance_m"]))
        return gpd.sjoin(wide, receptors, predicate="intersects")

    return work, lambda found: np.array([len(found)])


# Lots at fault of a coverage


def faults_ours(folder: Path) -> Asked:
    """Find overlaps and gaps, with what lies between."""
    (spoilt,) = _read(folder, "spoilt")
    place = pd.Series(np.arange(len(spoilt)), spoilt["parcel_id"])

    def told(found: pd.DataFrame) -> np.ndarray:
        pairs = found.loc[found["rule"] == "overlap", "ids"]
        return np.unique([place[list(pair)].to_numpy() for pair in pairs])

    return lambda: kcn.quality.coverage_findings(spoilt, gap_width_m=1.0), told


def faults_self_join(folder: Path) -> Asked:
    """Join the lots with themselves on overlaps; gaps are not looked for."""
    (spoilt,) = _read(folder, "spoilt")
    shapes = spoilt.geometry.to_numpy()
    return lambda: shapely.STRtree(shapes).query(shapes, predicate="overlaps"), np.unique


def faults_geos(folder: Path) -> Asked:
    """Find the edges that fit nowhere; those of overlaps have a width of 0, of gaps 1 m."""
    (spoilt,) = _read(folder, "spoilt")
    shapes = spoilt.geometry.to_numpy()
    overlapping = np.unique(shapely.STRtree(shapes).query(shapes, predicate="overlaps"))

    def told(edges: np.ndarray) -> np.ndarray:
        # GEOS tells edges, not what lies between: all lots that overlap are among those at fault.
        return overlapping[~shapely.is_empty(edges[overlapping])]

    return lambda: shapely.coverage_invalid_edges(shapes, 1.0), told


# Land left free by what stands on it


def free_ours(folder: Path) -> Asked:
    """Take encumbrances away, with the account of gross, exclusive and marginal areas."""
    zones, parcels, ledger, taken = _read(folder, "zones", "parcels", "ledger", "taken")
    lots = parcels.assign(land_use="industrial")
    known = kcn.Project(zones=zones, parcels=lots, ledger=ledger.iloc[:0]).as_known()
    return lambda: kcn.developable.developable_land(
        known, taken, on="2018-03-31"
    ), lambda found: np.array([found.land["area_ha"].sum()])


def free_geopandas(folder: Path) -> Asked:
    """Cut by overlay with the parts of the dissolved shape; to dissolve is not counted."""
    parcels, taken = _read(folder, "parcels", "taken")
    whole = taken.dissolve()[["geometry"]].explode(ignore_index=True)
    lots = parcels[["parcel_id", "geometry"]]
    return lambda: gpd.overlay(
        lots, whole, how="difference", keep_geom_type=True
    ), lambda left: np.array([left.area.sum() / 10_000])


# The built share of lots on a raster


def built(way: str) -> Callable[[Path], Asked]:
    """Ask one of the ways of :mod:`rasters`."""

    def asked(folder: Path) -> Asked:
        lots, raster = gpd.read_parquet(folder / "lots.parquet"), str(folder / "cover.tif")
        return lambda: rasters.shares(way, lots, raster), lambda found: found

    return asked


# The report of a month


def month_ours(folder: Path) -> Asked:
    """Gather the report, forecast and all; nothing is written."""
    project = kcn.io.read_project(folder / "project.parquet")
    return lambda: kcn.report.monthly(project, month="2009-12"), lambda found: found.accounts[
        "leased_ha"
    ].to_numpy()


QUESTIONS = {
    "read": Question(
        title="read the project", ways={"kcngeo": read_ours, "geopandas": read_geopandas}
    ),
    "series": Question(
        title="120 months of rates",
        ways={"kcngeo": series_ours, "numpy, events": series_events, "pandas, masks": series_masks},
    ),
    "months": Question(
        title="12 months of rates",
        ways={"kcngeo": last_year("2009-01-31"), "kcngeo, 1200 months": last_year("1910-01-31")},
    ),
    "why": Question(
        title="why 120 months moved", ways={"kcngeo": why_ours, "the rates alone": why_series}
    ),
    "state": Question(
        title="the state on a day", ways={"kcngeo": state_ours, "reading the ledger": state_pandas}
    ),
    "areas": Question(
        title="areas inside fences",
        ways={
            "kcngeo": areas_ours,
            "shapely by hand": areas_shapely,
            "geopandas.overlay": areas_geopandas,
            "DuckDB": areas_duckdb,
            "SedonaDB": areas_sedona,
        },
    ),
    "near": Question(
        title="receptors within a distance",
        ways={
            "kcngeo": near_ours,
            "DuckDB, counts": near_duckdb,
            "geopandas, buffer": near_geopandas,
        },
        rtol=0.02,
    ),
    "faults": Question(
        title="overlaps of a coverage",
        ways={
            "kcngeo": faults_ours,
            "coverage_invalid_edges": faults_geos,
            "self-join": faults_self_join,
        },
    ),
    "free": Question(
        title="land left free",
        ways={"kcngeo": free_ours, "geopandas.overlay": free_geopandas},
        rtol=1e-7,
    ),
    "built": Question(
        title="built share on a raster",
        ways={one: built(one) for one in ("kcngeo", "exactextract", "rasterstats")},
        # rasterstats counts centres of pixels.
        atol=0.5,
    ),
    "month": Question(title="the report of a month", ways={"kcngeo": month_ours}),
}
