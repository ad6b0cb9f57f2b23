"""How ready every lot is for a factory: cleared, on a road, served inside and outside the fence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from kcngeo.core.crs import require_same_crs
from kcngeo.core.dates import Day, day
from kcngeo.core.geometry import pairs_within
from kcngeo.core.units import hectares
from kcngeo.fill import parcels_on
from kcngeo.ledger import asked
from kcngeo.ledger.tables import CORE
from kcngeo.standards import ReadinessRule, StandardError, fill_definition, load

if TYPE_CHECKING:
    import geopandas as gpd

    from kcngeo.ledger import Project, Snapshot

NETWORKS = ("road", "power", "water", "wastewater", "drainage", "telecom", "solid_waste")
"""Works a lot may be served by."""
TESTS = ("cleared", *NETWORKS, "fire_access", "outside")
"""What a lot is tested for, in the order of the columns."""
RULE = "readiness-levels"
"""Id of the rule of levels in the registry."""
_NOTHING = 1e-9


def readiness(
    project: Project | Snapshot,
    *,
    on: Day,
    definition: str | None = None,
    area: str = "grid",
    rule: str | ReadinessRule = RULE,
) -> gpd.GeoDataFrame:
    """Tell of every leasable lot what serves it on a day, and its level of readiness, 0 to 5.

    The rule of levels and its distances is this software's own, written in the registry; no law
    has it. Works are in place from ``done_on``; progress short of that serves nobody. Roads, and
    networks drawn as lines, serve the lots of their zone within the rule's reach; a plant drawn as
    an area or a point, inside or outside the fence, serves its whole zone. Where both are on
    record, a lot needs both; works without a shape serve nobody that is known. **What nobody
    recorded is unknown** (missing) and reaches no level: a zone whose drains are not in the table
    of works is not thereby drained. ``fire_access`` is a road in reach at least as wide as the rule
    says, by its capacity in "m"; ``outside`` is false if works of a kind are on record outside the
    fence and none of that kind is in place. A work that does not say on which side of the fence it
    lies counts as inside.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day left out.
    on
        The day; works done on it are in place.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on the day.
    area
        "grid", "ellipsoid" or "certificate".
    rule
        Id of the rule in the registry, or a rule of the user's own registry.

    Returns
    -------
    gpd.GeoDataFrame
        By ``parcel_id``, sorted: ``zone_id``, ``area_ha``, ``leased_ha``, ``vacant_ha`` (cleared
        and free), ``cleared`` (all of it), then for each of :data:`NETWORKS`, for ``fire_access``
        and for ``outside`` whether it serves the lot (missing if unknown), ``level``, ``lacks``
        (what keeps it from the next level, joined by "|") and ``unknown`` (what nobody recorded).

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    KcngeoError
        If the project has no works.
    StandardError
        If the rule is not in the registry.

    Examples
    --------
    Zone A has a road along its southern edge, and power that is half built; A-3 is not cleared.

    >>> import kcngeo as kcn
    >>> ready = readiness(kcn.examples.squares(), on="2018-03-31")
    >>> ready.loc[["A-1", "A-3"], ["level", "lacks"]].values.tolist()
    [[2, 'power|water'], [0, 'cleared']]
    """
    name = fill_definition(definition, on=on).name
    snapshot = asked(project, start=on, area=area, definition=name, about=(*CORE, "works"))
    works = snapshot.table("works", needed=True)
    require_same_crs(parcels=snapshot.parcels, works=works)
    parcels = parcels_on(snapshot, on=on, definition=definition, area=area)
    whole = parcels["whole_mm2"]
    result = parcels[["parcel_id", "zone_id", parcels.active_geometry_name]]
    result = result.assign(
        area_ha=hectares(whole),
        leased_ha=hectares(np.rint(whole * parcels["leased_share"])),
        vacant_ha=hectares(np.rint(whole * parcels["available_share"])),
    )
    result = result.join(parcel_levels(parcels, works, on=on, rule=rule_of(rule)))
    return result.set_index("parcel_id").sort_index()


def rule_of(rule: str | ReadinessRule) -> ReadinessRule:
    """Give the rule of levels.

    Examples
    --------
    >>> len(rule_of("readiness-levels").levels)
    5
    """
    found = load(rule) if isinstance(rule, str) else rule
    if not isinstance(found, ReadinessRule):
        raise StandardError("no_readiness_rule", name=found.name)
    return found


def parcel_levels(
    parcels: gpd.GeoDataFrame, works: gpd.GeoDataFrame, *, on: Day, rule: ReadinessRule
) -> pd.DataFrame:
    """Test parcels against works, and give each its level."""
    in_place = works.reindex(columns=["done_on"])["done_on"].astype("datetime64[s]") <= day(on)
    inside = works.reindex(columns=["inside_fence"])["inside_fence"].astype("boolean").fillna(True)
    table = works.assign(
        in_place=in_place.to_numpy(),
        inside=inside.to_numpy(dtype=bool),
        is_line=shapely.get_dimensions(works.geometry.to_numpy()) == 1,
    )[~(works.geometry.isna() | works.geometry.is_empty).to_numpy()]
    uncleared = parcels["uncleared_share"] + parcels["uncleared_held_share"]
    tests = pd.DataFrame(
        {"cleared": (uncleared <= _NOTHING).astype("boolean")}, index=parcels.index
    )
    reach = _in_reach(parcels, table, reach_m=rule.reach_m)
    for kind in NETWORKS:
        tests[kind] = _served(parcels, table[(table["kind"] == kind).to_numpy()], reach, kind=kind)
    tests["fire_access"] = _wide_enough(parcels, reach, rule=rule).mask(tests["road"].isna())
    tests["outside"] = _connected(parcels, table)
    return tests.join(_levels(tests, rule))


def _in_reach(
    parcels: gpd.GeoDataFrame, works: gpd.GeoDataFrame, *, reach_m: float
) -> pd.DataFrame:
    """Pair each parcel with the roads and lines in place inside the fence of its zone, in reach."""
    # Positions of parcels (`parcel`), and the works' `kind` and width in metres where known.
    along = works["is_line"] | (works["kind"] == "road").to_numpy()
    usable = works[along & works["inside"] & works["in_place"]].reset_index(drop=True)
    numbered = parcels[["zone_id", parcels.active_geometry_name]].reset_index(drop=True)
    pairs = pairs_within(numbered, usable, distance_m=reach_m)
    mine = usable.reindex(columns=["zone_id", "kind", "capacity", "capacity_unit"])
    mine = mine.iloc[pairs["right"]].reset_index(drop=True)
    in_metres = (mine["capacity_unit"] == "m").fillna(False).to_numpy(dtype=bool)
    reach = pd.DataFrame(
        {
            "parcel": pairs["left"].to_numpy(),
            "kind": mine["kind"],
            "width_m": mine["capacity"].astype("float64").where(in_metres),
        }
    )
    own = numbered["zone_id"].to_numpy()[reach["parcel"]] == mine["zone_id"].to_numpy()
    return reach[own]


def _marked(parcels: gpd.GeoDataFrame, reach: pd.DataFrame) -> pd.Series:
    """Tell which parcels are among the pairs."""
    return pd.Series(np.isin(np.arange(len(parcels)), reach["parcel"]), index=parcels.index)


def _served(
    parcels: gpd.GeoDataFrame, works: gpd.GeoDataFrame, reach: pd.DataFrame, *, kind: str
) -> pd.Series:
    """Tell which parcels works of one kind serve; what has none on record is missing."""
    along = works["is_line"] | (kind == "road")
    lines, plants = works[along & works["inside"]], works[~along]
    zone = parcels["zone_id"]
    by_line = _marked(parcels, reach[reach["kind"] == kind])
    by_plant = zone.isin(plants.loc[plants["in_place"], "zone_id"])
    has_lines, has_plants = zone.isin(lines["zone_id"]), zone.isin(plants["zone_id"])
    served = (by_line | ~has_lines) & (by_plant | ~has_plants)
    return served.astype("boolean").mask(~has_lines & ~has_plants)


def _wide_enough(
    parcels: gpd.GeoDataFrame, reach: pd.DataFrame, *, rule: ReadinessRule
) -> pd.Series:
    """Tell which parcels a fire engine reaches: by a road known to be wide enough."""
    roads = reach[reach["kind"] == "road"]
    wide = _marked(parcels, roads[roads["width_m"] >= rule.fire_road_m])
    unmeasured = _marked(parcels, roads[roads["width_m"].isna()])
    return wide.astype("boolean").mask(~wide & unmeasured)


def _connected(parcels: gpd.GeoDataFrame, works: gpd.GeoDataFrame) -> pd.Series:
    """Tell whether every kind on record outside the fence of the zone has works in place."""
    outer = works[~works["inside"] & works["kind"].isin(NETWORKS)]
    by_kind = outer.groupby(["zone_id", "kind"])["in_place"].any()
    all_kinds = by_kind.groupby("zone_id").all()
    zone = parcels["zone_id"]
    joined = zone.isin(all_kinds.index[all_kinds])
    return joined.astype("boolean").mask(~zone.isin(all_kinds.index))


def _levels(tests: pd.DataFrame, rule: ReadinessRule) -> pd.DataFrame:
    """Climb the levels: each needs all that those below it need."""
    passed = tests.fillna(False).astype(bool)
    reached = np.ones(len(tests), dtype=bool)
    level = np.zeros(len(tests), dtype="int64")
    lacks = np.full(len(tests), None, dtype=object)
    for number, needs in enumerate(rule.levels, start=1):
        missing = ~passed[list(needs)].to_numpy()
        stuck = np.flatnonzero(reached & missing.any(axis=1))
        for row in stuck:
            lacks[row] = "|".join(np.asarray(needs)[missing[row]])
        reached &= ~missing.any(axis=1)
        level[reached] = number
    unknown = tests[list(TESTS)].isna().to_numpy()
    named = ["|".join(np.asarray(TESTS)[row]) or None for row in unknown]
    return pd.DataFrame(
        {
            "level": level,
            "lacks": pd.array(lacks, dtype="str"),
            "unknown": pd.array(named, dtype="str"),
        },
        index=tests.index,
    )


def serviced_land(parcels: pd.DataFrame, *, rule: str | ReadinessRule = RULE) -> pd.DataFrame:
    """Add up parcels by zone and level of readiness.

    Parameters
    ----------
    parcels
        Result of :func:`readiness`.
    rule
        The rule, which says from which level on land counts as serviced.

    Returns
    -------
    pd.DataFrame
        By ``zone_id`` and ``level``, all levels of every zone: ``lots_count``, ``area_ha``,
        ``leased_ha``, ``vacant_ha`` and ``is_serviced``.

    Raises
    ------
    StandardError
        If the rule is not in the registry.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> land = serviced_land(readiness(kcn.examples.squares(), on="2018-03-31"))
    >>> land.loc["A", "area_ha"].tolist()
    [1.0, 0.0, 3.0, 0.0, 0.0, 0.0]
    """
    found = rule_of(rule)
    groups = parcels.groupby(["zone_id", "level"])
    sums = groups[["area_ha", "leased_ha", "vacant_ha"]].sum()
    sums.insert(0, "lots_count", groups.size())
    zone_ids = pd.Index(sorted(parcels["zone_id"].unique()), dtype="str")
    every = pd.MultiIndex.from_product(
        [zone_ids, range(len(found.levels) + 1)], names=["zone_id", "level"]
    )
    result = sums.reindex(every, fill_value=0).astype({"lots_count": "int64"})
    result["is_serviced"] = result.index.get_level_values("level") >= found.serviced_from
    return result
