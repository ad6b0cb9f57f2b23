"""Every public question of ``kcn``, found; and what each is asked with."""

from __future__ import annotations

import inspect
import types
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from rasterio.transform import from_origin
from shapely import box

import kcngeo as kcn
from kcngeo.core.errors import KcngeoWarning
from kcngeo.ledger import known
from kcngeo.ledger.tables import Tables

ON, START = "2018-03-31", "2017-03-31"
DEFINITION = "nd164-2013"
DEMAND = pd.DataFrame({"kind": ["power"], "unit": ["MW"], "demand_per_ha": [0.1]})
SECTORS = pd.DataFrame(
    {"sector": ["tea", "textile"], "other_sector": ["coffee", "textile"], "reason": ["a", "b"]}
)
CRITERIA = kcn.sites.SiteCriteria(min_area_ha=0.1)

Source = kcn.Project | kcn.Snapshot
Given = Callable[[Source, Path], dict[str, Any]]


@cache
def questions() -> dict[str, Callable[..., Any]]:
    """Find every public function that takes a snapshot, alone or as an alternative to a project."""
    found = {}
    for room in kcn.__all__:
        module = getattr(kcn, room)
        if isinstance(module, types.ModuleType):
            for name, one in _public(module):
                if _subjects(one):
                    found[f"{room}.{name}"] = one
    return found


def _public(module: types.ModuleType) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Give the functions a module shows, and the constructors of its classes."""
    own = [
        name
        for name, one in vars(module).items()
        if not name.startswith("_") and getattr(one, "__module__", "") == module.__name__
    ]
    for name in getattr(module, "__all__", own):
        one = getattr(module, name)
        if inspect.isfunction(one):
            yield name, one
        elif inspect.isclass(one):
            for inner in vars(one):
                if not inner.startswith("_") and inspect.ismethod(getattr(one, inner)):
                    yield f"{name}.{inner}", getattr(one, inner)


def _subjects(function: Callable[..., Any]) -> list[str]:
    """Name the parameters that may be a snapshot."""
    return [
        name
        for name, one in inspect.signature(function).parameters.items()
        if "Snapshot" in {part.strip() for part in str(one.annotation).split("|")}
    ]


def takes_a_project(name: str) -> bool:
    """Tell whether a question may be asked of a project too."""
    one = questions()[name]
    return "Project" in str(inspect.signature(one).parameters[_subjects(one)[0]].annotation)


def _constant(**arguments: Any) -> Given:
    return lambda source, folder: arguments


def _conflicts(source: Source, folder: Path) -> dict[str, Any]:
    about = ("zones", "emitters", "receptors")
    tables = kcn.ledger.asked(source, start=ON, about=about)
    rules = kcn.standards.buffer_rules()
    found = kcn.conflicts.buffer_conflicts(
        tables.table("emitters"), tables.table("receptors"), rules=rules, on=ON, zones=tables.zones
    )
    return {"found": found, "on": ON}


def _sites(source: Source, folder: Path) -> dict[str, Any]:
    vacant = kcn.developable.developable_land(source, on=ON)
    found = kcn.sites.find_sites(vacant.land, CRITERIA)
    return {"land": vacant.land, "found": found, "on": ON}


def _steps(source: Source, folder: Path) -> dict[str, Any]:
    return {"parcels": kcn.progress.readiness(source, on=ON), "on": ON}


def _unbuilt(source: Source, folder: Path) -> dict[str, Any]:
    """Let parcels, none of which looks built in 2018."""
    let = kcn.imagery.let_parcels(source, on=ON)
    year = {"year": 2018, "built_share": 0.0, "known_share": 1.0, "few_pixels": False}
    shares = pd.DataFrame({"parcel_id": let.index}).assign(**year)
    looks = kcn.imagery.unbuilt_parcels(let, shares, below_share=0.1, k=1, n=1)
    return {"parcels": let.join(looks).reset_index(), "on": ON}


def _findings(source: Source, folder: Path) -> dict[str, Any]:
    return {"report": kcn.quality.check(source, on=ON), "on": ON}


def _clashes(source: Source, folder: Path) -> dict[str, Any]:
    """One lot of each zone, of which two people wrote something else."""
    lots = kcn.examples.squares().parcels
    lots = lots[lots["parcel_id"].isin(["A-1", "B-1"])]
    told = {"table": "parcels", "column": "lot_code", "kind": "both_changed", "side": "same"}
    shapes = lots[["zone_id", "geometry"]].assign(id=lots["parcel_id"], value="1 ≠ 2", **told)
    return {"shapes": shapes, "on": ON}


def _scenario(source: Source, folder: Path) -> dict[str, Any]:
    """A lot of each zone is let."""
    lots = kcn.examples.squares().parcels
    lots = lots[lots["parcel_id"].isin(["A-2", "B-1"])][["zone_id", "parcel_id", "geometry"]]
    told = {"place": "let", "entry": "let 1", "area_ha": 0.5, "rule": None}
    places = lots.assign(**told, before_m=np.nan, after_m=np.nan)
    return {"places": places.rename(columns={"parcel_id": "parcel_ids"}), "name": "Two", "on": ON}


def _alternatives(source: Source, folder: Path) -> dict[str, Any]:
    """Every lot as far as 150 m from a receptor may be lost."""
    near = kcn.developable.within(
        known(source).table("receptors"), distance_m=150.0, kind="near", rank=1, on=ON
    )
    return {"encumbrances": None, "alternatives": {"near": near}, "on": ON}


def _cover(source: Source, folder: Path) -> dict[str, Any]:
    """Give a land cover of 2018 of which the western half of each square is built."""
    values = np.tile(np.array([1, 2], dtype="uint8"), (200, 100))
    base = kcn.examples.squares().zones
    west_m, south_m, _, _ = base.total_bounds
    path = folder / "cover.tif"
    about: dict[str, Any] = {
        "driver": "GTiff",
        "width": 200,
        "height": 200,
        "count": 1,
        "dtype": "uint8",
        "crs": base.crs,
        "transform": from_origin(west_m, south_m + 10_000, 50, 50),
    }
    with rasterio.open(path, "w", **about) as file:
        file.write(values, 1)
    return {"on": ON, "land_cover": {2018: [str(path)]}, "built": [1], "k": 1, "n": 1}


ARGUMENTS: dict[str, Given] = {
    "absorption.by_sector": _constant(on=ON),
    "absorption.cleared_unlet": _constant(on=ON),
    "absorption.ending_leases": _constant(on=ON, months=24),
    "balance.green_belt": _constant(on=ON),
    "balance.land_use_balance": _constant(standard="qcvn01-2008", on=ON),
    "balance.parcel_balance": _constant(on=ON),
    "balance.social_works": _constant(on=ON),
    "cartography.conflicts": _conflicts,
    "cartography.clashes": _clashes,
    "cartography.findings": _findings,
    "cartography.readiness": _steps,
    "cartography.scenario": _scenario,
    "cartography.sites": _sites,
    "cartography.unbuilt": _unbuilt,
    "change.by_month": _constant(start=START, end=ON, definition=DEFINITION),
    "change.between": lambda source, folder: {
        "new": known(source),
        "start": START,
        "end": ON,
        "definition": DEFINITION,
    },
    "change.explain": _constant(start=START, end=ON, definition=DEFINITION),
    "claims.figures": _constant(),
    "conflicts.incompatible_neighbours": _constant(sectors=SECTORS, on=ON),
    "developable.developable_land": _constant(on=ON),
    "developable.sensitivity": _alternatives,
    "fill.contracts_on": _constant(on=ON),
    "fill.fill_rate": _constant(on=ON),
    "fill.declared_accounts": _constant(on=ON),
    "fill.fill_series": _constant(start=START, end=ON),
    "fill.land_account": _constant(on=ON),
    "fill.leases_on": _constant(on=ON),
    "fill.parcels_on": _constant(on=ON),
    "fill.zones_on": _constant(on=ON),
    "forecast.Outlook.of": _constant(on=ON),
    "forecast.fill_date": _constant(on=ON, target=0.8),
    "forecast.fill_dates": lambda source, folder: {
        "on": ON,
        "goals": pd.DataFrame(
            {
                "zone_id": sorted(set(source.zones["zone_id"])),
                "target": 0.8,
                "by_date": "2025-12-31",
            }
        ),
    },
    "forecast.leased_at": _constant(on=ON, horizons=[12]),
    "imagery.let_parcels": _constant(on=ON),
    "ledger.asked": _constant(start=ON),
    "ledger.known": _constant(),
    "ledger.missing_zones": lambda source, folder: {
        "table": pd.DataFrame({"value": 1}, index=pd.Index(["A"], name="zone_id"))
    },
    "ledger.state": _constant(on=ON),
    "ledger.state_of": _constant(on=ON),
    "maps.fill_map": _constant(start=START, end=ON),
    "products.conflicts": _constant(on=ON),
    "products.imagery": _cover,
    "products.layers": _constant(on=ON),
    "products.month": _constant(month="2018-03"),
    "products.progress": _constant(on=ON),
    "products.returns": _constant(quarter="2018Q1"),
    "products.series": _constant(month="2018-03"),
    "products.sites": _constant(on=ON, criteria=CRITERIA),
    "progress.bases": _constant(on=ON),
    "progress.land_axes": _constant(on=ON),
    "progress.investor_figures": _constant(on=ON),
    "progress.capacity_balance": _constant(on=ON, demand=DEMAND),
    "progress.clearance_progress": _constant(on=ON),
    "progress.dwell_times": _constant(on=ON),
    "progress.idle_clocks": _constant(on=ON),
    "progress.investor_support": _constant(on=ON),
    "progress.order_findings": _constant(on=ON),
    "progress.readiness": _constant(on=ON),
    "progress.scorecard": _constant(on=ON),
    "progress.stage_funnel": _constant(on=ON),
    "progress.support_requests": _constant(on=ON),
    "quality.area_sources": _constant(on=ON),
    "quality.check": _constant(on=ON),
    "quality.declared_findings": _constant(on=ON),
    "quality.month_findings": _constant(on=ON),
    "qgis.results": _constant(on=ON),
    "qgis.write_package": lambda source, folder: {"folder": folder, "on": ON},
    "report.monthly": _constant(month="2018-03"),
    "report.official_return": _constant(quarter="2018Q1"),
    "report.clearance_packages": _constant(on=ON),
    "report.site_report": _constant(on=ON, criteria=CRITERIA),
    "targets.life_cycle": _constant(on=ON),
    # In force since 2022.
    "targets.zone_rules": _constant(on="2022-12-31"),
}
_SLOW = ("cartography", "maps", "products", "qgis", "report")
DRAWN = [name for name in sorted(ARGUMENTS) if name.split(".")[0] in _SLOW]
"""Questions whose answers are drawn or gathered, and take a second each."""
# What is drawn of a month is gathered by `report.monthly` and `maps.fill_map`.
_DRAWN_OF_OTHERS = {"products.layers", "products.month", "qgis.write_package"}
GATHERED = [name for name in DRAWN if name not in _DRAWN_OF_OTHERS]
"""Of these one at least for every room; the long lane asks all of them, of more states."""
COMPUTED = [name for name in sorted(ARGUMENTS) if name not in DRAWN]


def ask(name: str, source: Source, folder: Path, **more: Any) -> Any:
    """Ask a question; what it warns of is another test's."""
    folder.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", KcngeoWarning)
        given = {**ARGUMENTS[name](source, folder), **more}
        subject = _subjects(questions()[name])[0]
        return questions()[name](**{subject: source, **given})


def warnings_of(name: str, source: Source, folder: Path) -> list[str]:
    """Ask a question and give what it warns of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", KcngeoWarning)
        given = ARGUMENTS[name](source, folder)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", KcngeoWarning)
        questions()[name](**{_subjects(questions()[name])[0]: source, **given})
    return [str(one.message) for one in told]


def project() -> kcn.Project:
    """Give the squares with rows of both zones in every table.

    A-8 reaches over the fence and no entry mentions it; A-9 is let until the middle of 2019 to
    somebody without a licence.
    """
    base = kcn.examples.squares()
    return kcn.Project(**{**dict(base.tables()), **_more(base)})


def _more(base: Tables) -> dict[str, Any]:
    square, days = kcn.examples.square, pd.to_datetime

    def layer(columns: dict[str, Any], shapes: list[Any]) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame(columns, geometry=shapes, crs=base.zones.crs)

    lots = layer(
        {"parcel_id": ["A-8", "A-9"], "zone_id": "A", "land_use": "industrial", "phase": "2"},
        [square(7, -0.1, high=1.1), square(8)],
    )
    let = {"entry_id": "E8", "parcel_id": "A-9", "status": "leased"}
    years = {"valid_from": days(["2017-06-30"]), "valid_to": days(["2019-06-30"])}
    return {
        "parcels": pd.concat(
            [base.parcels, lots.assign(certificate_area_m2=[11_000.0, 10_000.0])],
            ignore_index=True,
        ),
        "ledger": pd.concat([base.ledger, pd.DataFrame({**let, **years})], ignore_index=True),
        # Beside what is measured: before the lots of each zone are there, and after.
        "declared_accounts": pd.DataFrame(
            {
                "zone_id": ["A", "B"],
                "on": days(["2009-12-31", "2017-12-31"]),
                "base_ha": [4.0, 3.0],
                "leased_ha": [1.0, 1.0],
                "source": ["a notice", "a letter"],
            }
        ),
        "emitters": layer(
            {
                "emitter_id": ["S1", "S2"],
                "kind": ["point", "point"],
                "hazard_class": ["III", "III"],
                "zone_id": ["A", "B"],
            },
            [*base.emitters.geometry, square(9, 1).centroid],
        ),
        "works": pd.concat(
            [
                base.works,
                base.works.assign(work_id=["W3", "W4"], zone_id="B"),
                base.works.assign(
                    work_id=["W5", "W6"], zone_id=["A", "B"], kind="worker_housing", capacity=100.0
                ),
            ],
            ignore_index=True,
        ),
        "clearance": pd.concat(
            [
                base.clearance,
                base.clearance.assign(clearance_id="C2", zone_id="B", parcel_id="B-2"),
            ],
            ignore_index=True,
        ),
        "project_periods": pd.DataFrame(
            {"project_id": ["P1", "P4"], "period": "2018Q1", "turnover": [2e9, 3e9]}
        ),
        "project_changes": pd.DataFrame(
            {"project_id": ["P2"], "on": days(["2018-02-01"]), "kind": "raised", "capital": 1e9}
        ),
        "support": pd.DataFrame(
            {
                "support_id": ["Q1", "Q2", "Q3"],  # R1 and R2 are receptors
                "project_id": ["P1", "P4", None],
                "zone_id": ["A", "B", "B"],
                "asked_on": days(["2018-01-02", "2018-02-01", "2018-03-01"]),
                "due_on": days(["2018-02-01", "2018-06-01", "2018-03-15"]),
                "answered_on": days(["2018-01-20", None, None]),
            }
        ),
        "documents": pd.DataFrame({"document_id": ["D1"], "number": ["No. 1"]}),
        "targets": pd.concat([base.targets, base.targets.assign(zone_id="B")], ignore_index=True),
        "claims": pd.concat([base.claims, base.claims.assign(zone_id="B")], ignore_index=True),
        "buildings": layer(
            {"building_id": ["H1", "H2"], "parcel_id": ["A-1", "B-1"], "storeys": [2, 1]},
            [_inside(square(0)), _inside(square(0, 1))],
        ),
        "plan_items": pd.DataFrame(
            {"zone_id": ["A", "B"], "item": ["industrial", "industrial"], "approved_ha": [5.0, 5.0]}
        ),
        "milestones": pd.DataFrame(
            {
                "zone_id": ["A", "B"],
                "kind": ["planning_approved"] * 2,
                "due_on": days(["2009-12-31"] * 2),
                "done_on": days(["2009-06-30"] * 2),
            }
        ),
    }


def _inside(shape: Any) -> Any:
    """Give the 50 m square in the middle of one of 100 m."""
    x_m, y_m = shape.bounds[:2]
    return box(x_m + 25, y_m + 25, x_m + 75, y_m + 75)
