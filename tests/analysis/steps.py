"""The questions of progress, balance and imagery, and the squares with one zone spoilt."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely import Polygon

import kcngeo as kcn
from kcngeo.core.errors import KcngeoWarning
from kcngeo.examples import EAST_M, NORTH_M, square

ON = "2018-03-31"
DEMAND = pd.DataFrame({"kind": ["power"], "unit": ["kW"], "demand_per_ha": [100.0]})
Question = Callable[[Any], Any]

PROGRESS: dict[str, Question] = {
    "stage_funnel": lambda project: kcn.progress.stage_funnel(project, on=[ON, "2019-03-31"]),
    "readiness": lambda project: kcn.progress.readiness(project, on=ON),
    "clearance_progress": lambda project: kcn.progress.clearance_progress(project, on=ON),
    "capacity_balance": lambda project: kcn.progress.capacity_balance(
        project, on=ON, demand=DEMAND
    ),
    "idle_clocks": lambda project: kcn.progress.idle_clocks(project, on=ON),
    "investor_support": lambda project: kcn.progress.investor_support(project, on=ON),
    "scorecard": lambda project: kcn.progress.scorecard(project, on=ON),
    "order_findings": lambda project: kcn.progress.order_findings(project, on=ON),
    "dwell_times": lambda project: kcn.progress.dwell_times(project, on=ON),
}
BALANCE: dict[str, Question] = {
    "land_use_balance": lambda project: kcn.balance.land_use_balance(
        project, standard="qcvn01-2008", on=ON
    ),
    "green_belt": lambda project: kcn.balance.green_belt(project, on=ON),
    "parcel_balance": lambda project: kcn.balance.parcel_balance(project, on=ON),
    "social_works": lambda project: kcn.balance.social_works(project, on=ON),
    "let_parcels": lambda project: kcn.imagery.let_parcels(project, on=ON),
}


def sound() -> kcn.Project:
    """The squares with a hall and worker housing in both zones."""
    project = kcn.examples.squares()
    places = [square(0, wide=0.5), square(0, 1, wide=0.6)]
    halls = {"building_id": ["H1", "H2"], "parcel_id": ["A-1", "B-1"], "storeys": [1, 1]}
    housing = gpd.GeoDataFrame(
        {
            "work_id": ["W3", "W4"],
            "zone_id": ["A", "B"],
            "kind": "worker_housing",
            "progress_share": [0.5, 0.25],
        },
        geometry=places,
        crs=kcn.examples.CRS,
    )
    plan = {"zone_id": ["A", "B"], "item": "green", "approved_ha": [1.0, 2.0]}
    return replace(
        project,
        works=pd.concat([project.works, housing], ignore_index=True),
        buildings=gpd.GeoDataFrame(halls, geometry=places, crs=kcn.examples.CRS),
        plan_items=pd.DataFrame(plan),
    )


def let_twice(project: kcn.Project) -> kcn.Project:
    """A-1 is let as a whole, and reserved as a whole."""
    entry = {"entry_id": ["E9"], "parcel_id": "A-1", "status": "reserved"}
    entry["valid_from"] = pd.to_datetime(["2016-01-01"])
    return replace(
        project, ledger=pd.concat([project.ledger, pd.DataFrame(entry)], ignore_index=True)
    )


def green_bow_tie(project: kcn.Project) -> kcn.Project:
    """The shape of the green parcel A-6 crosses itself."""
    x, y = EAST_M + 500, NORTH_M
    parcels = project.parcels.copy()
    bow = Polygon([(x, y), (x + 100, y + 100), (x + 100, y), (x, y + 100)])
    parcels.loc[parcels["parcel_id"] == "A-6", "geometry"] = bow
    return replace(project, parcels=parcels)


def late_works(project: kcn.Project) -> kcn.Project:
    """A work of zone A is done by more than all of it."""
    share = project.works["progress_share"].where(project.works["work_id"] != "W2", -0.5)
    return replace(project, works=project.works.assign(progress_share=share))


def strange_plan(project: kcn.Project) -> kcn.Project:
    """The plan of zone A names a use that is none."""
    item = project.plan_items["item"].where(project.plan_items["zone_id"] != "A", "parks")
    return replace(project, plan_items=project.plan_items.assign(item=item))


def hall_on_nothing(project: kcn.Project) -> kcn.Project:
    """A hall of zone A stands on a parcel that ended."""
    parcels = project.parcels.assign(valid_to=pd.NaT)
    parcels.loc[parcels["parcel_id"] == "A-6", "valid_to"] = pd.Timestamp("2018-01-01")
    names = project.buildings["parcel_id"].replace("A-1", "A-6")
    return replace(project, parcels=parcels, buildings=project.buildings.assign(parcel_id=names))


def asked(question: Question, project: kcn.Project) -> tuple[Any, list[str]]:
    """The answer and the warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        answer = question(project)
    assert all(issubclass(one.category, KcngeoWarning) for one in caught)
    return answer, [str(one.message) for one in caught]


def tables_of(answer: Any) -> list[Any]:
    """The tables and findings of an answer."""
    if isinstance(answer, kcn.progress.ClearanceProgress):
        return [answer.zones, answer.resettlement, answer.blocking, answer.findings]
    return [answer]


def without_zone(table: pd.DataFrame, zone_id: str) -> pd.DataFrame:
    """The rows of the other zones; those of this one, if any, are missing through and through."""
    if "zone_id" in table.index.names:
        mine = table.index.get_level_values("zone_id") == zone_id
    elif "zone_id" in table.columns:
        mine = (table["zone_id"] == zone_id).to_numpy()
    else:
        return table
    assert table[mine].isna().all(axis=None)
    return table[~mine]


def same(answer: Any, expected: Any, *, without: str | None = None) -> None:
    """Compare two answers, of which the first may give a zone as missing."""
    for one, other in zip(tables_of(answer), tables_of(expected), strict=True):
        if isinstance(one, tuple):
            assert one == other
            continue
        rows = one if without is None else without_zone(one, without)
        pd.testing.assert_frame_equal(
            pd.DataFrame(rows), pd.DataFrame(other), check_dtype=without is None
        )
