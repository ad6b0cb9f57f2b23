"""Which land, once cleared, would free most for factories: packages of pieces that lie together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo.analysis import progress, sites
from kcngeo.analysis.sites import SiteCriteria
from kcngeo.core.areal import areal
from kcngeo.core.dates import Day
from kcngeo.core.errors import KcngeoError
from kcngeo.core.units import M2_PER_HA
from kcngeo.fill import parcels_on
from kcngeo.ledger import asked
from kcngeo.ledger.tables import CORE
from kcngeo.report.site_report import SiteReport, site_report
from kcngeo.standards import Registry, fill_definition, registry

if TYPE_CHECKING:
    from kcngeo.ledger import Project, Snapshot

_WHOLE = 1 - 1e-9
_TOGETHER_HA = 1e-4
_BILLION = 1e9


def clearance_packages(
    project: Project | Snapshot,
    *,
    on: Day,
    min_area_ha: float = 1.0,
    min_width_m: float = 30.0,
    definition: str | None = None,
    rules: Registry | None = None,
) -> gpd.GeoDataFrame:
    """Rank the land that waits for clearance by what each package of it would free for factories.

    A package is leasable land of one zone that is wholly uncleared and hangs together, whatever
    pieces of the table of clearance it has. What it frees is the hectares of sites there would be
    with it less those there are without it: land of at least ``min_area_ha`` together, everywhere
    at least ``min_width_m`` wide, free of encumbrances, of lots that the works in place serve as
    serviced land is served. So a package counts what of the vacant land beside it becomes large
    or wide enough, and nothing where no works reach it. Width and least area are this software's
    own, no law has them. Two packages beside the same vacant land may each count it: the rows do
    not add up. Land of which only a part is uncleared, or that is let before it is cleared, is left
    out: nobody drew the part, and what is let frees nothing.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day left out.
    on
        The day.
    min_area_ha
        Hectares that must lie together.
    min_width_m
        Metres land must be wide throughout.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on the day.
    rules
        The registry; None for the one that comes with the library.

    Returns
    -------
    gpd.GeoDataFrame
        By ``package_id`` (zone and first lot), what frees most first: ``zone_id``, ``parcel_ids``
        and ``clearance_ids`` (joined by "|"), ``lots_count``, ``own_ha`` (uncleared),
        ``clear_ha`` (free of encumbrances), ``serviced_ha`` (of that, served), ``freed_ha``,
        ``largest_ha`` (the largest site it would be part of), ``households_count``,
        ``unpaid_vnd``, ``freed_per_household_ha``, ``freed_per_bn_ha`` (per billion đồng not yet
        paid), ``due_on``, and geometry.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    KcngeoError
        If the project has no pieces to be cleared or no works, or a size is not above 0.

    Examples
    --------
    A-3 is not cleared, and no works but a road serve it, so that it frees nothing yet.

    >>> import kcngeo as kcn
    >>> found = clearance_packages(kcn.examples.squares(), on="2018-03-31")
    >>> found[["own_ha", "serviced_ha", "freed_ha"]].values.tolist()
    [[1.0, 0.0, 0.0]]
    """
    followed = rules or registry()
    name = fill_definition(definition, on=on).name
    snapshot = asked(project, start=on, definition=name, about=(*CORE, "clearance", "works"))
    if snapshot.table("works") is None:
        raise KcngeoError("needs_table", table="works")
    criteria = SiteCriteria(min_area_ha=min_area_ha, min_width_m=min_width_m)
    pieces = progress.clearance_progress(snapshot, on=on, definition=definition).blocking
    space = site_report(snapshot, on=on, criteria=criteria, definition=name, rules=followed)
    served = _served(space, followed)
    waiting = _waiting(snapshot, space, on=on, definition=definition)
    together = sites.find_sites(waiting, SiteCriteria(min_area_ha=_TOGETHER_HA))
    now = space.developable.land
    now = now[now["parcel_id"].isin(served)]
    now = _land(now, now.geometry)
    rows, shapes = [], []
    for one in together.itertuples(index=False):
        mine = waiting[waiting["parcel_id"].isin(one.parcel_ids.split("|"))]
        rows.append(_row(mine, now[now["zone_id"] == one.zone_id], served, pieces, criteria))
        shapes.append(one.geometry)
    table = pd.DataFrame(rows, columns=_COLUMNS)
    result = gpd.GeoDataFrame(table, geometry=shapes, crs=snapshot.parcels.crs)
    ordered = result.sort_values(
        ["freed_ha", "own_ha", "package_id"], ascending=[False, False, True]
    )
    kinds = dict.fromkeys(_COLUMNS[:4], "str") | {"households_count": "Int64"}
    return ordered.astype(kinds | {"due_on": "datetime64[s]"}).set_index("package_id")


_COLUMNS = [
    *("package_id", "zone_id", "parcel_ids", "clearance_ids", "lots_count", "own_ha", "clear_ha"),
    *("serviced_ha", "freed_ha", "largest_ha", "households_count", "unpaid_vnd"),
    *("freed_per_household_ha", "freed_per_bn_ha", "due_on"),
]


def _served(space: SiteReport, rules: Registry) -> set[str]:
    """Name the lots that the works in place serve as serviced land is, cleared or not."""
    rule: Any = rules.load(progress.RULE)
    needs = [
        name for level in rule.levels[: rule.serviced_from] for name in level if name != "cleared"
    ]
    ready = pd.DataFrame(columns=needs) if space.readiness is None else space.readiness
    passed = ready[needs].fillna(False).astype(bool).all(axis=1)
    return set(ready.index[passed])


def _waiting(
    snapshot: Snapshot, space: SiteReport, *, on: Day, definition: str | None
) -> gpd.GeoDataFrame:
    """Give the lots that are wholly uncleared, with what encumbrances leave of each."""
    lots = parcels_on(snapshot, on=on, definition=definition)
    lots = lots[(lots["uncleared_share"] >= _WHOLE).to_numpy()]
    taken = shapely.union_all(space.encumbrances.geometry.to_numpy())
    left = areal(shapely.difference(lots.geometry.to_numpy(), taken))
    return _land(lots, lots.geometry).assign(left=left)


def _land(lots: pd.DataFrame, shapes: Any) -> gpd.GeoDataFrame:
    """Give lots other shapes, and nothing but their names beside."""
    names = {name: lots[name].to_numpy() for name in ("parcel_id", "zone_id")}
    return gpd.GeoDataFrame(names, geometry=np.asarray(shapes), crs=shapes.crs)


def _row(
    mine: gpd.GeoDataFrame,
    now: gpd.GeoDataFrame,
    served: set[str],
    pieces: pd.DataFrame,
    criteria: SiteCriteria,
) -> dict[str, Any]:
    """Measure one package: what there is without it and with it."""
    left = _land(mine, gpd.GeoSeries(mine["left"], crs=mine.crs))
    left = left[shapely.area(left.geometry.to_numpy()) > 0]
    usable = left[left["parcel_id"].isin(served)]
    before = sites.find_sites(now, criteria)
    after = (
        sites.find_sites(pd.concat([now, usable], ignore_index=True), criteria)
        if len(usable)
        else before
    )
    ids = set(usable["parcel_id"])
    its = [bool(ids & {*some.split("|")}) for some in after["parcel_ids"]]
    freed = max(float(after["area_ha"].sum() - before["area_ha"].sum()), 0.0)
    known = pieces.reindex(mine["parcel_id"])
    households = known["households_count"].sum(skipna=False)
    unpaid = known["unpaid_vnd"].sum(skipna=False)
    names = sorted(mine["parcel_id"])
    return {
        "package_id": f"{mine['zone_id'].iloc[0]}:{names[0]}",
        "zone_id": mine["zone_id"].iloc[0],
        "parcel_ids": "|".join(names),
        "clearance_ids": "|".join(sorted(known["clearance_ids"].dropna())),
        "lots_count": len(names),
        "own_ha": float(shapely.area(mine.geometry.to_numpy()).sum()) / M2_PER_HA,
        "clear_ha": float(shapely.area(left.geometry.to_numpy()).sum()) / M2_PER_HA,
        "serviced_ha": float(shapely.area(usable.geometry.to_numpy()).sum()) / M2_PER_HA,
        "freed_ha": freed,
        "largest_ha": float(after["area_ha"][its].max()) if any(its) else np.nan,
        "households_count": households,
        "unpaid_vnd": unpaid,
        "freed_per_household_ha": _per(freed, households),
        "freed_per_bn_ha": _per(freed, unpaid / _BILLION if pd.notna(unpaid) else unpaid),
        "due_on": known["due_on"].min(),
    }


def _per(freed_ha: float, what: Any) -> float:
    return freed_ha / float(what) if pd.notna(what) and what > 0 else np.nan
