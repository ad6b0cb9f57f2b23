"""Density and open space of lots, and what there is for workers and the public."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from kcngeo.analysis.balance.apart import (
    findings_of_rows,
    without_bad_shapes,
    without_findings,
)
from kcngeo.core.crs import require_same_crs
from kcngeo.core.dates import Day, day, in_force
from kcngeo.core.geometry import require_polygons
from kcngeo.core.model import LandUse
from kcngeo.core.units import M2_PER_HA
from kcngeo.core.validation import row_names
from kcngeo.ledger import asked
from kcngeo.ledger.tables import CORE
from kcngeo.ledger.zone_rows import zones_of_parcels
from kcngeo.standards import Limit, limits_on

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from kcngeo.ledger import Project, Snapshot

SOCIAL = ("worker_housing", "public_utility")
"""Kinds of works that are for workers and the public."""
_ROUNDING = 1e-9


def parcel_balance(
    project: Project | Snapshot,
    *,
    on: Day,
    green: gpd.GeoDataFrame | None = None,
    limits: Sequence[Limit] | None = None,
) -> pd.DataFrame:
    """Give the net building density and the green of industrial lots with buildings, on a day.

    Density is the ground the footprints cover, each square metre once, over the lot. The limit
    depends on the storeys of the highest building; where storeys are missing, no limit is taken for
    granted, and ``density_passes`` is missing unless all limits agree. Green inside a lot is in no
    table of the project: without a layer of planted land it is unknown, and only a lot whose open
    space is already too small is known to fail. A footprint counts in the lot it names; what of it
    lies outside that lot is not counted here.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day left out.
    on
        The day.
    green
        Planted land inside lots, same CRS; None if unknown.
    limits
        Limits of a user's own registry; None for those that come with the library. Of several for
        green the largest counts.

    Returns
    -------
    pd.DataFrame
        By ``parcel_id``, sorted, for industrial lots on which a building stands: ``zone_id``,
        ``lot_ha``, ``built_ha``, ``density_share``, ``storeys`` (the highest), ``density_limit``
        (a share), ``density_passes``, ``open_share``, ``green_share``, ``green_limit``,
        ``green_passes``, ``density_rule``, ``density_verified``, ``green_rule``,
        ``green_verified``.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If a table breaks its contract, or a building names no lot, or one that is not there on the
        day.
    GeometryError
        If a geometry is invalid or no polygon; all are named.
    KcngeoError
        If the project has no buildings.

    Examples
    --------
    A hall 60 m wide stands on A-1, which is 100 m wide, all along its depth:

    >>> import geopandas as gpd
    >>> from dataclasses import replace
    >>> from kcngeo.examples import CRS, square, squares
    >>> hall = {"building_id": ["H1"], "parcel_id": ["A-1"], "storeys": [1]}
    >>> halls = gpd.GeoDataFrame(hall, geometry=[square(0, wide=0.6)], crs=CRS)
    >>> found = parcel_balance(replace(squares(), buildings=halls), on="2018-03-31")
    >>> found[["lot_ha", "density_share"]].round(4).values.tolist()
    [[1.0, 0.6]]
    """
    snapshot = _sound_on(project, on)
    parcels = snapshot.parcels[snapshot.in_force(on)]
    halls = in_force(snapshot.table("buildings"), on)
    parcels = parcels[parcels["land_use"] == LandUse.INDUSTRIAL]
    parcels = parcels.set_index("parcel_id").sort_index()
    parcels = parcels[parcels.index.isin(halls["parcel_id"])]
    shapes = parcels.geometry.to_numpy()
    # (lots,) m²; what of a hall reaches beyond its lot is not built on it
    lot_m2 = shapely.area(shapes)
    built_m2 = shapely.area(shapely.intersection(_united(halls, parcels.index), shapes))
    # One hall of unknown height makes the height of the lot unknown, and with it the limit.
    highest = halls.reindex(columns=["parcel_id", "storeys"]).groupby("parcel_id")["storeys"]
    storeys = highest.agg(lambda column: column.max(skipna=False)).reindex(parcels.index)
    result = pd.DataFrame(
        {
            "zone_id": parcels["zone_id"],
            "lot_ha": lot_m2 / M2_PER_HA,
            "built_ha": built_m2 / M2_PER_HA,
            "density_share": built_m2 / lot_m2,
            "storeys": storeys.astype("Int64"),
        },
        index=parcels.index,
    )
    given = [
        one for one in (limits_on("lot") if limits is None else limits) if one.subject == "lot"
    ]
    result = _with_density(result, [one for one in given if one.measure == "building_density"])
    planted = None
    if green is not None:
        require_same_crs(parcels=parcels, green=green)
        require_polygons(green, name="green")
        every = shapely.union_all(green.geometry.to_numpy())
        planted = shapely.area(shapely.intersection(shapes, every)) / lot_m2
    return _with_green(result, planted, [one for one in given if one.measure == "green"])


def _sound_on(project: Project | Snapshot, on: Day) -> Snapshot:
    """Leave out the zones with a building that has no shape, or stands on no parcel of the day."""
    about = (*CORE, "buildings")
    snapshot = asked(project, start=on, about=about)
    halls = in_force(snapshot.table("buildings", needed=True), on)
    require_same_crs(parcels=snapshot.parcels, buildings=halls)
    snapshot = without_bad_shapes(snapshot, halls, table="buildings", about=about)
    halls = in_force(snapshot.table("buildings"), on)
    standing = snapshot.parcels["parcel_id"][snapshot.in_force(on)]
    strange = halls[~halls["parcel_id"].isin(standing)]
    strange = strange.assign(zone_id=zones_of_parcels(strange["parcel_id"], snapshot.owners))
    names = row_names(strange, np.arange(len(strange)), "building_id")
    found = findings_of_rows(strange, names, rule="building_without_parcel", table="buildings")
    return without_findings(snapshot, found, about=about)


def social_works(project: Project | Snapshot, *, on: Day) -> pd.DataFrame:
    """List the worker housing and the public utilities of each zone, with how far they are.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day left out.
    on
        The day.

    Returns
    -------
    pd.DataFrame
        By ``zone_id``, ``kind`` and ``work_id``, sorted: ``inside_fence``, ``capacity`` and
        ``capacity_unit`` as written, ``is_done``, ``progress_share`` (1 once done; missing for
        works done after the day, whose progress then is unknown), ``due_on``, ``done_on`` and
        ``late_days`` (since it was due, if it is late).

    Raises
    ------
    ContractError
        If the table breaks its contract.
    KcngeoError
        If the project has no works.

    Examples
    --------
    If the two works of the squares were worker housing, one would be done and the other late since
    the end of 2017:

    >>> from dataclasses import replace
    >>> import kcngeo as kcn
    >>> project = kcn.examples.squares()
    >>> housing = replace(project, works=project.works.assign(kind="worker_housing"))
    >>> social_works(housing, on="2018-01-10")[["is_done", "late_days"]].values.tolist()
    [[True, <NA>], [False, 10]]
    """
    date = day(on)
    snapshot = asked(project, start=on, about=("works",))
    table = pd.DataFrame(snapshot.table("works", needed=True))
    names = ["inside_fence", "capacity", "capacity_unit", "progress_share", "due_on", "done_on"]
    table = table[table["kind"].isin(SOCIAL)].reindex(
        columns=["zone_id", "kind", "work_id", *names]
    )
    table = table.astype({"due_on": "datetime64[s]", "done_on": "datetime64[s]"})
    done = table["done_on"] <= date
    late = ~done & (table["due_on"] < date)
    progress = table["progress_share"].astype("float64").where(table["done_on"].isna())
    table.insert(6, "is_done", done)
    table["progress_share"] = progress.where(~done, 1.0)
    table["done_on"] = table["done_on"].where(done)
    days = (date - table["due_on"]).dt.days.astype("Int64")
    return table.assign(late_days=days.where(late)).set_index(_KEYS).sort_index()


_KEYS = ["zone_id", "kind", "work_id"]


def _united(halls: gpd.GeoDataFrame, parcel_ids: pd.Index) -> NDArray[np.object_]:
    """Unite the footprints on each parcel: halls that overlap cover their ground once."""
    shapes = halls.geometry.to_numpy()
    places = halls.reset_index(drop=True).groupby("parcel_id").indices
    return np.array([shapely.union_all(shapes[places[one]]) for one in parcel_ids], dtype=object)


def _with_density(result: pd.DataFrame, limits: list[Limit]) -> pd.DataFrame:
    """Judge density by the limit for the storeys; where they are unknown, only if all agree."""
    chosen: list[Limit | None] = []
    passes: list[bool | None] = []
    for density, storeys in zip(result["density_share"], result["storeys"], strict=True):
        fitting = limits if pd.isna(storeys) else [one for one in limits if one.is_for(storeys)]
        verdicts = {bool(density <= (one.at_most or 0) + _ROUNDING) for one in fitting}
        chosen.append(fitting[0] if len(fitting) == 1 else None)
        passes.append(verdicts.pop() if len(verdicts) == 1 else None)
    result["density_limit"] = [np.nan if one is None else one.at_most for one in chosen]
    result["density_passes"] = pd.array(passes, dtype="boolean")
    names = [None if one is None else one.name for one in chosen]
    marks = [None if one is None else str(one.verified) for one in chosen]
    result["density_rule"] = pd.array(names, dtype="str")
    result["density_verified"] = pd.array(marks, dtype="str")
    return result


def _with_green(
    result: pd.DataFrame, planted: NDArray[np.float64] | None, limits: list[Limit]
) -> pd.DataFrame:
    """Judge green by what is planted; without that, only what has no room for it is known."""
    limit = max(limits, key=lambda one: one.at_least or 0.0)
    least = limit.at_least or 0.0
    result["open_share"] = 1 - result["density_share"]
    result["green_share"] = np.nan if planted is None else planted
    result["green_limit"] = least
    enough = result["green_share"] >= least - _ROUNDING
    verdict = enough.astype("boolean").mask(result["green_share"].isna())
    too_small = result["open_share"] < least - _ROUNDING
    result["green_passes"] = verdict.mask(too_small, False)
    return result.assign(green_rule=limit.name, green_verified=str(limit.verified))
