"""Shares of a zone by land use, against the standard and the approved plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.analysis.balance.apart import (
    findings_of_rows,
    without_bad_shapes,
    without_findings,
)
from kcngeo.core.dates import Day, covers_day, day_number
from kcngeo.core.geometry import areas_m2
from kcngeo.core.model import LandUse
from kcngeo.core.units import M2_PER_HA, hectares, whole_mm2
from kcngeo.ledger import asked
from kcngeo.ledger.tables import CORE
from kcngeo.standards import BalanceItem, balance

if TYPE_CHECKING:
    import geopandas as gpd

    from kcngeo.ledger import Project, Snapshot

UNASSIGNED = "unassigned"
"""What of a zone lies in no parcel; below zero where parcels overlap or lie outside the fence."""

_ABOUT = (*CORE, "plan_items")
# A share that should be exactly the required one may come out of a division a little less.
_ROUNDING = 1e-9


def land_use_balance(
    project: Project | Snapshot,
    *,
    standard: str | Sequence[BalanceItem],
    on: Day,
    area: str = "grid",
) -> pd.DataFrame:
    """Divide each zone by land use, against one edition of the standard and the approved plan.

    The share is of the whole zone as fenced on the day, not of its parcels; what lies in no parcel
    stands under :data:`UNASSIGNED`, so that the items of a zone add up to it. The use is the
    function in the approved plan: green land is green by plan, planted or not. A standard says
    nothing of a use it does not name: its required share is missing, not zero. Exactly the
    required share passes. The edition is the caller's choice, and how well each of its figures is
    verified stands beside it. The approved plan is the table of plan items (zone_id, item,
    approved_ha); without it what was approved is missing.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day left out.
    standard
        An edition of the standard in the registry, for example "qcvn01-2008", or the items of a
        user's own registry.
    on
        The day.
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
        If tables break their contract or contradict each other, an area is missing, or the plan
        names an item twice for a zone, or one that is no land use.
    GeometryError
        If a geometry is invalid; all are named.
    StandardError
        If there is no such edition.

    Examples
    --------
    Of ten hectares one is green and one a road; the standard asks for 10 % and 8 %, and for 1 % of
    technical land, of which there is none.

    >>> import kcngeo as kcn
    >>> project = kcn.examples.squares()
    >>> shares = land_use_balance(project, standard="qcvn01-2008", on="2018-03-31")
    >>> shares.loc["A"].loc[["green", "transport", "technical"], "gap_ha"].round(4).tolist()
    [0.0, 0.2, -0.1]
    """
    items = balance(standard) if isinstance(standard, str) else tuple(standard)
    snapshot = _sound_plan(sound_on(project, on=on, area=area, about=_ABOUT))
    zones, parcels = of_day(snapshot, on)
    fenced = zones.set_index("zone_id").sort_index()
    zone_mm2 = pd.Series(whole_mm2(_zone_areas_m2(zones, area=area)), index=zones["zone_id"])
    area_m2 = areas_m2(parcels, basis=area, certificate="certificate_area_m2")
    uses = [str(use) for use in LandUse]
    index = pd.MultiIndex.from_product(
        [fenced.index.astype("str"), [*uses, UNASSIGNED]], names=["zone_id", "item"]
    )
    # Whole mm², so that uses and the rest add up to the zone exactly.
    mm2 = pd.Series(whole_mm2(area_m2)).groupby(
        [parcels["zone_id"].to_numpy(), parcels["land_use"].to_numpy()]
    )
    actual = mm2.sum().reindex(index, fill_value=0.0)
    whole = zone_mm2.reindex(index.get_level_values("zone_id")).to_numpy()
    # What no parcel covers; negative where parcels reach over the boundary.
    rest = zone_mm2.sort_index() - actual.groupby("zone_id").sum()
    actual[index.get_level_values("item") == UNASSIGNED] = rest.to_numpy()
    result = pd.DataFrame({"actual_ha": hectares(actual)}, index=index)
    result["actual_share"] = actual.to_numpy() / whole
    result = _judged(result, items, hectares(whole), on=on)
    return _with_plan(result, snapshot.table("plan_items"))


def sound_on(
    project: Project | Snapshot, *, on: Day, area: str = "grid", about: Sequence[str] = CORE
) -> Snapshot:
    """Give the snapshot without the zones at fault on a day, parcels of all land uses looked at."""
    snapshot = asked(project, start=on, area=area, about=about)
    snapshot = without_bad_shapes(snapshot, of_day(snapshot, on)[1], table="parcels", about=about)
    parcels = of_day(snapshot, on)[1]
    unknown = np.isnan(areas_m2(parcels, basis=area, certificate="certificate_area_m2"))
    return without_findings(
        snapshot,
        findings_of_rows(
            parcels[unknown],
            parcels["parcel_id"][unknown].tolist(),
            rule="area_missing",
            table="parcels",
            column="certificate_area_m2",
        ),
        about=about,
    )


def of_day(snapshot: Snapshot, on: Day) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Give the zones that count on a day, and their parcels of all land uses."""
    zones = snapshot.zones[covers_day(*snapshot.zone_days, day_number(on))]
    in_zones = snapshot.parcels["zone_id"].isin(zones["zone_id"]).to_numpy()
    return zones, snapshot.parcels[snapshot.in_force(on) & in_zones]


def _zone_areas_m2(zones: gpd.GeoDataFrame, *, area: str) -> Any:
    if area != "certificate":
        return areas_m2(zones, basis=area, certificate="")
    written = zones.reindex(columns=["approved_area_ha"])["approved_area_ha"]
    return written.to_numpy(dtype="float64") * M2_PER_HA


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


def _sound_plan(snapshot: Snapshot) -> Snapshot:
    """Leave out the zones whose plan names a use twice, or one that is no land use."""
    plan = snapshot.table("plan_items")
    if plan is None:
        return snapshot
    keys = plan.reindex(columns=["zone_id", "item"])
    strange = ~keys["item"].isin([str(use) for use in LandUse])
    bad = keys[strange | keys["zone_id"].isna() | keys.duplicated(keep=False)]
    names = [f"{zone} {item}" for zone, item in zip(bad["zone_id"], bad["item"], strict=True)]
    choices = " | ".join(LandUse)
    found = findings_of_rows(bad, names, rule="plan_items", table="plan_items", choices=choices)
    return without_findings(snapshot, found, about=_ABOUT)


def _with_plan(result: pd.DataFrame, plan_items: pd.DataFrame | None) -> pd.DataFrame:
    """Set the hectares against the approved plan; zones that do not count are left out of it."""
    approved = pd.Series(np.nan, index=result.index)
    if plan_items is not None:
        approved = plan_items.set_index(["zone_id", "item"])["approved_ha"].reindex(result.index)
    place = list(result.columns).index("rule")
    result.insert(place, "approved_ha", approved)
    result.insert(place + 1, "approved_gap_ha", result["actual_ha"] - result["approved_ha"])
    return result
