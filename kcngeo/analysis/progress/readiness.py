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
    from numpy.typing import NDArray

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
    works = works[~(works.geometry.isna() | works.geometry.is_empty).to_numpy()]
    site = _Works(parcels, works, on=on, reach_m=rule.reach_m)
    uncleared = parcels["uncleared_share"] + parcels["uncleared_held_share"]
    tests = {"cleared": (uncleared <= _NOTHING).astype("boolean").array}
    tests |= {kind: site.served(kind) for kind in NETWORKS}
    fire_access = site.wide_enough(rule.fire_road_m)
    unknown = fire_access.isna() | tests["road"].isna()
    tests["fire_access"] = pd.arrays.BooleanArray(fire_access.fillna(False).to_numpy(bool), unknown)
    tests["outside"] = site.connected()
    told = pd.DataFrame(tests, index=parcels.index)
    return told.join(_levels(told, rule))


class _Works:
    """Works as parcels see them: which are in reach, and which are on record of their zone."""

    def __init__(
        self, parcels: gpd.GeoDataFrame, works: gpd.GeoDataFrame, *, on: Day, reach_m: float
    ) -> None:
        optional = works.reindex(columns=["done_on", "inside_fence", "capacity", "capacity_unit"])
        self.kind = works["kind"].to_numpy(dtype=object)
        self.in_place = (optional["done_on"].astype("datetime64[s]") <= day(on)).to_numpy()
        inside = optional["inside_fence"].astype("boolean").fillna(True)
        self.inside = inside.to_numpy(dtype=bool)
        is_line = shapely.get_dimensions(works.geometry.to_numpy()) == 1
        self.along = is_line | (self.kind == "road")
        zones = np.concatenate([one["zone_id"].to_numpy(dtype=object) for one in (parcels, works)])
        codes, self._zones = pd.factorize(zones)
        # -1 is a work of no zone.
        self._of_parcel, self._of_work = codes[: len(parcels)], codes[len(parcels) :]
        usable = np.flatnonzero(self.along & self.inside & self.in_place)
        numbered = parcels[[parcels.active_geometry_name]].reset_index(drop=True)
        pairs = pairs_within(
            numbered, works.iloc[usable].reset_index(drop=True), distance_m=reach_m
        )
        parcel, work = pairs["left"].to_numpy(), usable[pairs["right"].to_numpy()]
        own = self._of_parcel[parcel] == self._of_work[work]
        # (pairs,) positions of a parcel and a work of its zone in place inside the fence, in reach
        self._parcel, self._work = parcel[own], work[own]
        in_metres = (optional["capacity_unit"] == "m").to_numpy()
        self._wide_m = optional["capacity"].astype("float64").where(in_metres).to_numpy()

    def served(self, kind: str) -> pd.arrays.BooleanArray:
        """Tell which parcels works of one kind serve; what has none on record is missing."""
        mine = self.kind == kind
        plants = mine & ~self.along
        by_line = self._reached(mine)
        by_plant = self._of_zone(plants & self.in_place)
        has_lines = self._of_zone(mine & self.along & self.inside)
        has_plants = self._of_zone(plants)
        served = (by_line | ~has_lines) & (by_plant | ~has_plants)
        return pd.arrays.BooleanArray(served, ~has_lines & ~has_plants)

    def wide_enough(self, least_m: float) -> pd.arrays.BooleanArray:
        """Tell which parcels a fire engine reaches: by a road known to be wide enough."""
        roads = self.kind == "road"
        wide = self._reached(roads & (self._wide_m >= least_m))
        unmeasured = self._reached(roads & np.isnan(self._wide_m))
        return pd.arrays.BooleanArray(wide, ~wide & unmeasured)

    def connected(self) -> pd.arrays.BooleanArray:
        """Tell whether every kind on record outside the fence of the zone has works in place."""
        joined, on_record = (
            np.ones_like(self._of_parcel, bool),
            np.zeros_like(self._of_parcel, bool),
        )
        for kind in NETWORKS:
            outer = ~self.inside & (self.kind == kind)
            has = self._of_zone(outer)
            joined &= self._of_zone(outer & self.in_place) | ~has
            on_record |= has
        return pd.arrays.BooleanArray(joined, ~on_record)

    def _reached(self, works: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell which parcels have one of these works in reach."""
        reached = np.zeros(len(self._of_parcel), dtype=bool)
        reached[self._parcel[works[self._work]]] = True
        return reached

    def _of_zone(self, works: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell which parcels lie in a zone that one of these works is of."""
        has = np.zeros(len(self._zones) + 1, dtype=bool)
        has[self._of_work[works]] = True
        return has[self._of_parcel]


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
