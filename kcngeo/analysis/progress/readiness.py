"""How ready every lot is for a factory: cleared, on a road, served inside and outside the fence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from kcngeo.core.crs import require_same_crs
from kcngeo.core.dates import Day, day
from kcngeo.core.geometry import pairs_within
from kcngeo.core.units import hectares
from kcngeo.core.validation import as_known, validate
from kcngeo.fill import Book, lots_on
from kcngeo.standards import ReadinessRule, StandardError, load

if TYPE_CHECKING:
    import geopandas as gpd

NETWORKS = ("road", "power", "water", "wastewater", "drainage", "telecom", "solid_waste")
"""Works a lot may be served by."""
TESTS = ("cleared", *NETWORKS, "fire_access", "outside")
"""What a lot is tested for, in the order of the columns."""
RULE = "readiness-levels"
"""Id of the rule of levels in the registry."""
_NOTHING = 1e-9


def readiness(
    zones: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    ledger: pd.DataFrame,
    works: gpd.GeoDataFrame,
    *,
    on: Day,
    definition: str | None = None,
    known_at: Any = None,
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
    zones
        Zones, with their dates; projected CRS in metres.
    parcels
        Parcel versions, same CRS.
    ledger
        Entries.
    works
        Works, same CRS.
    on
        The day; works done on it are in place.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on the day.
    known_at
        As known at this moment, or at the end of this day in Viet Nam; None for all that is not
        superseded. Applies to all four tables.
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
    StandardError
        If the rule is not in the registry.
    """
    book = Book.of(zones, parcels, ledger, known_at=known_at, area=area, by="zone_id")
    lots = lots_on(book, on=on, definition=definition)
    built = validate(as_known(works, known_at), "works")
    require_same_crs(parcels=book.tables.parcels, works=built)
    whole = lots["whole_mm2"]
    result = lots[["parcel_id", "zone_id", lots.active_geometry_name]]
    result = result.assign(
        area_ha=hectares(whole),
        leased_ha=hectares(np.rint(whole * lots["leased_share"])),
        vacant_ha=hectares(np.rint(whole * lots["available_share"])),
    )
    result = result.join(lot_levels(lots, built, on=on, rule=rule_of(rule)))
    return result.set_index("parcel_id").sort_index()


def rule_of(rule: str | ReadinessRule) -> ReadinessRule:
    """Give the rule of levels.

    Parameters
    ----------
    rule
        Its id in the registry, or the rule itself.

    Returns
    -------
    ReadinessRule
        The rule.

    Raises
    ------
    StandardError
        If the registry has no rule of levels with this id.
    """
    found = load(rule) if isinstance(rule, str) else rule
    if not isinstance(found, ReadinessRule):
        raise StandardError("no_readiness_rule", name=found.name)
    return found


def lot_levels(
    lots: gpd.GeoDataFrame, works: gpd.GeoDataFrame, *, on: Day, rule: ReadinessRule
) -> pd.DataFrame:
    """Test lots against works, and give each its level.

    Parameters
    ----------
    lots
        Lots of the day with what is held of them, as :func:`kcngeo.fill.lots_on` gives them.
    works
        Works, cast to their contract, same CRS.
    on
        The day.
    rule
        The rule.

    Returns
    -------
    pd.DataFrame
        On the index of the lots: a column a test, ``level``, ``lacks`` and ``unknown``; see
        :func:`readiness`.
    """
    in_place = works.reindex(columns=["done_on"])["done_on"].astype("datetime64[s]") <= day(on)
    inside = works.reindex(columns=["inside_fence"])["inside_fence"].astype("boolean").fillna(True)
    table = works.assign(
        in_place=in_place.to_numpy(),
        inside=inside.to_numpy(dtype=bool),
        is_line=shapely.get_dimensions(works.geometry.to_numpy()) == 1,
    )[~(works.geometry.isna() | works.geometry.is_empty).to_numpy()]
    uncleared = lots["uncleared_share"] + lots["uncleared_held_share"]
    tests = pd.DataFrame({"cleared": (uncleared <= _NOTHING).astype("boolean")}, index=lots.index)
    reach = _in_reach(lots, table, reach_m=rule.reach_m)
    for kind in NETWORKS:
        tests[kind] = _served(lots, table[(table["kind"] == kind).to_numpy()], reach, kind=kind)
    tests["fire_access"] = _wide_enough(lots, reach, rule=rule).mask(tests["road"].isna())
    tests["outside"] = _connected(lots, table)
    return tests.join(_levels(tests, rule))


def _in_reach(lots: gpd.GeoDataFrame, works: gpd.GeoDataFrame, *, reach_m: float) -> pd.DataFrame:
    """Pair each lot with the roads and lines in place inside the fence of its zone, in reach.

    Positions of lots (``lot``), and the works' ``kind`` and width in metres where it is known.
    """
    along = works["is_line"] | (works["kind"] == "road").to_numpy()
    usable = works[along & works["inside"] & works["in_place"]].reset_index(drop=True)
    numbered = lots[["zone_id", lots.active_geometry_name]].reset_index(drop=True)
    pairs = pairs_within(numbered, usable, distance_m=reach_m)
    mine = usable.reindex(columns=["zone_id", "kind", "capacity", "capacity_unit"])
    mine = mine.iloc[pairs["right"]].reset_index(drop=True)
    in_metres = (mine["capacity_unit"] == "m").fillna(False).to_numpy(dtype=bool)
    reach = pd.DataFrame(
        {
            "lot": pairs["left"].to_numpy(),
            "kind": mine["kind"],
            "width_m": mine["capacity"].astype("float64").where(in_metres),
        }
    )
    own = numbered["zone_id"].to_numpy()[reach["lot"]] == mine["zone_id"].to_numpy()
    return reach[own]


def _marked(lots: gpd.GeoDataFrame, reach: pd.DataFrame) -> pd.Series:
    """Tell which lots are among the pairs."""
    return pd.Series(np.isin(np.arange(len(lots)), reach["lot"]), index=lots.index)


def _served(
    lots: gpd.GeoDataFrame, works: gpd.GeoDataFrame, reach: pd.DataFrame, *, kind: str
) -> pd.Series:
    """Tell which lots works of one kind serve; what has none on record is missing."""
    along = works["is_line"] | (kind == "road")
    lines, plants = works[along & works["inside"]], works[~along]
    zone = lots["zone_id"]
    by_line = _marked(lots, reach[reach["kind"] == kind])
    by_plant = zone.isin(plants.loc[plants["in_place"], "zone_id"])
    has_lines, has_plants = zone.isin(lines["zone_id"]), zone.isin(plants["zone_id"])
    served = (by_line | ~has_lines) & (by_plant | ~has_plants)
    return served.astype("boolean").mask(~has_lines & ~has_plants)


def _wide_enough(lots: gpd.GeoDataFrame, reach: pd.DataFrame, *, rule: ReadinessRule) -> pd.Series:
    """Tell which lots a fire engine reaches: by a road known to be wide enough."""
    roads = reach[reach["kind"] == "road"]
    wide = _marked(lots, roads[roads["width_m"] >= rule.fire_road_m])
    unmeasured = _marked(lots, roads[roads["width_m"].isna()])
    return wide.astype("boolean").mask(~wide & unmeasured)


def _connected(lots: gpd.GeoDataFrame, works: gpd.GeoDataFrame) -> pd.Series:
    """Tell whether every kind on record outside the fence of the lot's zone has works in place."""
    outer = works[~works["inside"] & works["kind"].isin(NETWORKS)]
    by_kind = outer.groupby(["zone_id", "kind"])["in_place"].any()
    all_kinds = by_kind.groupby("zone_id").all()
    zone = lots["zone_id"]
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


def serviced_land(lots: pd.DataFrame, *, rule: str | ReadinessRule = RULE) -> pd.DataFrame:
    """Add up lots by zone and level of readiness.

    Parameters
    ----------
    lots
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
    """
    found = rule_of(rule)
    groups = lots.groupby(["zone_id", "level"])
    sums = groups[["area_ha", "leased_ha", "vacant_ha"]].sum()
    sums.insert(0, "lots_count", groups.size())
    zone_ids = pd.Index(sorted(lots["zone_id"].unique()), dtype="str")
    every = pd.MultiIndex.from_product(
        [zone_ids, range(len(found.levels) + 1)], names=["zone_id", "level"]
    )
    result = sums.reindex(every, fill_value=0).astype({"lots_count": "int64"})
    result["is_serviced"] = result.index.get_level_values("level") >= found.serviced_from
    return result
