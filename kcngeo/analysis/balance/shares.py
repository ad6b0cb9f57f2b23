"""Shares of a zone by land use, against the standard and the approved plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.crs import require_metric_crs, require_same_crs
from kcngeo.core.dates import Day, covers_day, day_number, is_in_force
from kcngeo.core.errors import ContractError, KcngeoError
from kcngeo.core.geometry import areas_m2, require_measured, require_polygons
from kcngeo.core.model import LandUse
from kcngeo.core.units import M2_PER_HA, hectares, whole_mm2
from kcngeo.core.validation import as_known, validate
from kcngeo.fill import zone_days, zone_problems
from kcngeo.standards import BalanceItem, balance

if TYPE_CHECKING:
    import geopandas as gpd

UNASSIGNED = "unassigned"
"""What of a zone lies in no parcel; below zero where parcels overlap or lie outside the fence."""

# A share that should be exactly the required one may come out of a division a little less.
_ROUNDING = 1e-9


def land_use_balance(
    zones: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    *,
    standard: str | Sequence[BalanceItem],
    on: Day,
    plan_items: pd.DataFrame | None = None,
    known_at: Any = None,
    area: str = "grid",
) -> pd.DataFrame:
    """Divide each zone by land use, against one edition of the standard and the approved plan.

    The share is of the whole zone as fenced on the day, not of its parcels; what lies in no parcel
    stands under :data:`UNASSIGNED`, so that the items of a zone add up to it. The use is the
    function in the approved plan: green land is green by plan, planted or not. A standard says
    nothing of a use it does not name: its required share is missing, not zero. Exactly the
    required share passes. The edition is the caller's choice, and how well each of its figures is
    verified stands beside it.

    Parameters
    ----------
    zones
        Zones, with their dates; projected CRS in metres.
    parcels
        Parcel versions of all uses, same CRS.
    standard
        An edition of the standard in the registry, for example "qcvn01-2008", or the items of a
        user's own registry.
    on
        The day.
    plan_items
        The approved balance: zone_id, item (a land use), approved_ha; None if unknown.
    known_at
        As known at this moment, or at the end of this day in Viet Nam; None for all that is not
        superseded. Applies to all tables.
    area
        "grid", "ellipsoid" or "certificate" (parcels as written, zones as approved).

    Returns
    -------
    pd.DataFrame
        By ``zone_id`` and ``item``, for zones that count on the day; all land uses in the order of
        the model, then :data:`UNASSIGNED`: ``actual_ha``, ``actual_share``, ``required_share``,
        ``gap_ha`` (actual less required, below zero where land lacks), ``deficit_ha``, ``passes``
        (missing where nothing is required), ``approved_ha``, ``approved_gap_ha`` (actual less
        approved), ``rule`` (id in the registry), ``in_force`` (whether its dates say that it is
        law on the day; missing where they do not say) and ``verified``.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    GeometryError
        If a geometry is invalid; all are named.
    KcngeoError
        If the plan names an item twice for a zone, or one that is no land use.
    StandardError
        If there is no such edition.

    Examples
    --------
    Ten hectares, one of them green, one transport:

    >>> import geopandas as gpd
    >>> from shapely import box
    >>> strips = [box(500_000 + x, 1_200_000, 500_000 + y, 1_200_100)
    ...           for x, y in ((0, 800), (800, 900), (900, 1000))]
    >>> zones = gpd.GeoDataFrame(
    ...     {"zone_id": ["A"]}, geometry=[box(500_000, 1_200_000, 501_000, 1_200_100)],
    ...     crs="EPSG:5899",
    ... )
    >>> parcels = gpd.GeoDataFrame(
    ...     {"parcel_id": ["1", "2", "3"], "zone_id": "A",
    ...      "land_use": ["industrial", "green", "transport"]},
    ...     geometry=strips, crs="EPSG:5899",
    ... )
    >>> shares = land_use_balance(zones, parcels, standard="qcvn01-2008", on="2018-03-31")
    >>> shares.loc["A"].loc[["green", "transport", "technical"], "gap_ha"].round(4).tolist()
    [0.0, 0.2, -0.1]
    """
    items = balance(standard) if isinstance(standard, str) else tuple(standard)
    zones, parcels = in_force(zones, parcels, on=on, known_at=known_at)
    fenced = zones.set_index("zone_id").sort_index()
    zone_mm2 = pd.Series(whole_mm2(_zone_areas_m2(zones, area=area)), index=zones["zone_id"])
    parcels = parcels[parcels["zone_id"].isin(fenced.index)]
    require_polygons(parcels, name="parcels")
    area_m2 = areas_m2(parcels, basis=area, certificate="certificate_area_m2")
    require_measured(
        parcels, area_m2, table="parcels", column="certificate_area_m2", key="parcel_id"
    )
    uses = [str(use) for use in LandUse]
    index = pd.MultiIndex.from_product(
        [fenced.index.astype("str"), [*uses, UNASSIGNED]], names=["zone_id", "item"]
    )
    mm2 = pd.Series(whole_mm2(area_m2)).groupby(
        [parcels["zone_id"].to_numpy(), parcels["land_use"].to_numpy()]
    )
    actual = mm2.sum().reindex(index, fill_value=0.0)
    whole = zone_mm2.reindex(index.get_level_values("zone_id")).to_numpy()
    rest = zone_mm2.sort_index() - actual.groupby("zone_id").sum()
    actual[index.get_level_values("item") == UNASSIGNED] = rest.to_numpy()
    result = pd.DataFrame({"actual_ha": hectares(actual)}, index=index)
    result["actual_share"] = actual.to_numpy() / whole
    return _judged(result, items, hectares(whole), on=on).pipe(
        _with_plan, plan_items, known_at=known_at
    )


def in_force(
    zones: gpd.GeoDataFrame, parcels: gpd.GeoDataFrame, *, on: Day, known_at: Any
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Check zones and parcels, and keep the zones that count and the parcel versions of the day.

    Parameters
    ----------
    zones
        Zones.
    parcels
        Parcel versions.
    on
        The day.
    known_at
        As known at this moment; None for all that is not superseded.

    Returns
    -------
    tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]
        Zones, a row each, and parcels.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other.
    GeometryError
        If the geometry of a zone is invalid.
    """
    number = day_number(on)
    zones = validate(as_known(zones, known_at), "zones")
    parcels = validate(as_known(parcels, known_at), "parcels")
    require_same_crs(zones=zones, parcels=parcels)
    require_metric_crs(zones, name="zones")
    problems = zone_problems(zones, parcels)
    if problems:
        raise ContractError(problems)
    zones = zones[covers_day(*zone_days(zones), number)]
    require_polygons(zones, name="zones")
    return zones, parcels[is_in_force(parcels, on)]


def _zone_areas_m2(zones: gpd.GeoDataFrame, *, area: str) -> Any:
    if area != "certificate":
        return areas_m2(zones, basis=area, certificate="")
    written = zones.reindex(columns=["approved_area_ha"])["approved_area_ha"]
    area_m2 = written.to_numpy(dtype="float64") * M2_PER_HA
    require_measured(zones, area_m2, table="zones", column="approved_area_ha", key="zone_id")
    return area_m2


def _judged(
    result: pd.DataFrame, items: Sequence[BalanceItem], zone_ha: Any, *, on: Day
) -> pd.DataFrame:
    """Set the shares against what the standard requires."""
    by_use = {str(item.item): item for item in items}
    found = [by_use.get(use) for use in result.index.get_level_values("item")]
    required = np.array([np.nan if one is None else one.required_share for one in found])
    result["required_share"] = required
    result["gap_ha"] = result["actual_ha"] - required * zone_ha
    result["deficit_ha"] = (-result["gap_ha"]).clip(lower=0)
    passes = result["actual_share"] >= result["required_share"] - _ROUNDING
    result["passes"] = passes.astype("boolean").mask(result["required_share"].isna())
    result.loc[passes & result["required_share"].notna(), "deficit_ha"] = 0.0
    names = [None if one is None else one.name for one in found]
    result["rule"] = pd.array(names, dtype="str")
    law = [None if one is None else _is_law(one, on) for one in found]
    result["in_force"] = pd.array(law, dtype="boolean")
    marks = [None if one is None else str(one.verified) for one in found]
    result["verified"] = pd.array(marks, dtype="str")
    return result


def _is_law(item: BalanceItem, on: Day) -> bool | None:
    """Tell whether an item is law on a day; not known without a first day, unless it has ended."""
    is_unknown = item.in_force_from is None and item.applies_on(on)
    return None if is_unknown else item.is_in_force(on)


def _with_plan(
    result: pd.DataFrame, plan_items: pd.DataFrame | None, *, known_at: Any
) -> pd.DataFrame:
    """Set the hectares against the approved plan; zones that do not count are left out of it."""
    approved = pd.Series(np.nan, index=result.index)
    if plan_items is not None:
        plan = validate(as_known(plan_items, known_at), "plan_items")
        plan = plan.reindex(columns=["zone_id", "item", "approved_ha"])
        strange = ~plan["item"].isin([str(use) for use in LandUse])
        bad = strange | plan["zone_id"].isna() | plan.duplicated(["zone_id", "item"], keep=False)
        if bad.any():
            rows = plan[bad]
            ids = [
                f"{zone} {item}" for zone, item in zip(rows["zone_id"], rows["item"], strict=True)
            ]
            raise KcngeoError("plan_items", ids=ids, choices=" | ".join(LandUse))
        approved = plan.set_index(["zone_id", "item"])["approved_ha"].reindex(result.index)
    place = list(result.columns).index("rule")
    result.insert(place, "approved_ha", approved)
    result.insert(place + 1, "approved_gap_ha", result["actual_ha"] - result["approved_ha"])
    return result
