"""From the plan to the running factory: how much land has come how far, and how long it took."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.analysis.progress.readiness import RULE, lot_levels, rule_of
from kcngeo.core.dates import Day, day
from kcngeo.core.units import hectares
from kcngeo.core.validation import as_known, validate
from kcngeo.fill import Book, counts_on, leases_on, lots_on

if TYPE_CHECKING:
    import geopandas as gpd

    from kcngeo.standards import ReadinessRule

STAGES = ("planned", "cleared", "serviced", "taken", "leased", "building", "operating")
"""Stages of the land, in their order; "taken" is reserved or let."""

_RATES = {
    "cleared_share": ("cleared_ha", "planned_ha"),
    "serviced_share": ("serviced_ha", "cleared_ha"),
    "taken_share": ("serviced_taken_ha", "serviced_ha"),
    "leased_share": ("leased_ha", "taken_ha"),
    "building_share": ("building_ha", "leased_known_ha"),
    "operating_share": ("operating_ha", "building_ha"),
}
_BY_PROJECT = ("building_ha", "operating_ha", "leased_unknown_ha", "leased_known_ha")
COLUMNS = (
    *(f"{stage}_ha" for stage in STAGES[:4]),
    "reserved_ha",
    *(f"{stage}_ha" for stage in STAGES[4:]),
    "serviced_taken_ha",
    "leased_unknown_ha",
    *_RATES,
)
"""Columns of a funnel."""


def stage_funnel(
    zones: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    ledger: pd.DataFrame,
    projects: pd.DataFrame | None = None,
    works: gpd.GeoDataFrame | None = None,
    *,
    on: Day | Iterable[Day],
    definition: str | None = None,
    known_at: Any = None,
    area: str = "grid",
    rule: str | ReadinessRule = RULE,
) -> pd.DataFrame:
    """Give the hectares of each zone that have come to each stage, on one date or several.

    Planned → cleared → serviced → taken → let → building → operating. Each stage holds all land
    that has come so far *or farther*, as far as that is so by law: cleared lies within planned and
    serviced within cleared; let within taken (reserved or let), building within let, operating
    within building. Land is often taken before it is serviced, so ``taken_ha`` may exceed
    ``serviced_ha``; how much of the serviced land is taken stands in ``serviced_taken_ha``.

    ``planned_ha`` is the base of the land account, ``cleared_ha`` that less what is not yet
    cleared, held or not; ``serviced_ha`` is in lots that stand at the level of the registry's rule
    that counts as serviced, or above (:func:`readiness`). Building and operating go by the days in
    the table of projects: a day that is missing has not come. A lease that names no project of that
    table is ``leased_unknown_ha``: let, and nobody knows how far. A project in a part-let lot
    counts with its part.

    Parameters
    ----------
    zones
        Zones, with their dates; projected CRS in metres.
    parcels
        Parcel versions, same CRS.
    ledger
        Entries.
    projects
        Projects, with the days they began to build and to operate; None leaves those stages
        missing.
    works
        Works, for the serviced land; None leaves it missing.
    on
        The reporting date, or several.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on each date.
    known_at
        As known at this moment, or at the end of this day in Viet Nam; None for all that is not
        superseded. Applies to all five tables.
    area
        "grid", "ellipsoid" or "certificate".
    rule
        Id of the rule of readiness in the registry, or a rule of the user's own registry.

    Returns
    -------
    pd.DataFrame
        By ``zone_id`` and ``on``, sorted, for the zones that count on the date: the columns of
        :data:`COLUMNS`. Rates are each stage over the one before: ``cleared_share`` of planned,
        ``serviced_share`` of cleared, ``taken_share`` of serviced, ``leased_share`` of taken,
        ``building_share`` of the let land whose project is known, ``operating_share`` of building;
        missing where there is nothing before.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    StandardError
        If the rule is not in the registry.

    Examples
    --------
    Two hectares, of which one is let to a project that builds:

    >>> import geopandas as gpd, pandas as pd
    >>> from shapely import box
    >>> squares = [box(500_000 + x, 1_200_000, 500_100 + x, 1_200_100) for x in (0, 100)]
    >>> zones = gpd.GeoDataFrame(
    ...     {"zone_id": ["A"]}, geometry=[box(500_000, 1_200_000, 500_200, 1_200_100)],
    ...     crs="EPSG:5899",
    ... )
    >>> parcels = gpd.GeoDataFrame(
    ...     {"parcel_id": ["A-1", "A-2"], "zone_id": "A", "land_use": "industrial"},
    ...     geometry=squares, crs="EPSG:5899",
    ... )
    >>> ledger = pd.DataFrame(
    ...     {"parcel_id": ["A-1"], "status": ["leased"], "valid_from": ["2018-01-01"],
    ...      "project_id": ["P1"]}
    ... )
    >>> projects = pd.DataFrame({"project_id": ["P1"], "building_on": ["2018-03-31"]})
    >>> funnel = stage_funnel(zones, parcels, ledger, projects, on="2018-03-31")
    >>> funnel[["planned_ha", "leased_ha", "building_ha", "operating_ha"]].values.tolist()
    [[2.0, 1.0, 1.0, 0.0]]
    """
    dates = sorted({day(one) for one in _each(on)})
    book = Book.of(zones, parcels, ledger, known_at=known_at, area=area, by="zone_id")
    levels = rule_of(rule)
    course = (
        None if projects is None else _course(validate(as_known(projects, known_at), "projects"))
    )
    built = None if works is None else validate(as_known(works, known_at), "works")
    tables = {
        date: _of_day(book, course, built, on=date, definition=definition, rule=levels)
        for date in dates
    }
    result = pd.concat(tables, names=["on"]).swaplevel().sort_index()
    for name, (part, whole) in _RATES.items():
        result[name] = (result[part] / result[whole]).where(result[whole] > 0)
    return result[list(COLUMNS)]


def _each(on: Day | Iterable[Day]) -> list[Day]:
    one = isinstance(on, str) or not isinstance(on, Iterable)
    return [on] if one else list(on)  # type: ignore[list-item, arg-type]


def _course(projects: pd.DataFrame) -> pd.DataFrame:
    """Give each project the days it began to build and to operate; who operates has built."""
    dates = projects.reindex(columns=["project_id", "building_on", "operating_on"])
    dates = dates.astype({"building_on": "datetime64[s]", "operating_on": "datetime64[s]"})
    first = dates[["building_on", "operating_on"]].min(axis=1)
    return dates.assign(building_on=first, is_known=True)


def _of_day(
    book: Book,
    course: pd.DataFrame | None,
    works: gpd.GeoDataFrame | None,
    *,
    on: pd.Timestamp,
    definition: str | None,
    rule: ReadinessRule,
) -> pd.DataFrame:
    """Add up the stages of one day, by zone."""
    lots = lots_on(book, on=on, definition=definition)
    whole = lots["whole_mm2"]
    index = pd.Index(book.zone_ids[counts_on(book, on)], dtype="str", name="zone_id")

    def summed(mm2: pd.Series) -> pd.Series:
        totals = np.rint(mm2).groupby(lots["zone_id"].to_numpy()).sum()
        return pd.Series(hectares(totals.reindex(index, fill_value=0.0)), index=index)

    waiting = lots["uncleared_share"] + lots["uncleared_held_share"]
    result = pd.DataFrame({"planned_ha": summed(whole)})
    result["cleared_ha"] = result["planned_ha"] - summed(whole * waiting)
    result["reserved_ha"] = summed(whole * lots["reserved_share"])
    result["leased_ha"] = summed(whole * lots["leased_share"])
    result["taken_ha"] = result["reserved_ha"] + result["leased_ha"]
    result["serviced_ha"] = result["serviced_taken_ha"] = np.nan
    if works is not None:
        levels = lot_levels(lots, works, on=on, rule=rule)
        ready = whole.where((levels["level"] >= rule.serviced_from).to_numpy(), 0.0)
        result["serviced_ha"] = summed(ready)
        taken = lots["reserved_share"] + lots["leased_share"]
        result["serviced_taken_ha"] = summed(ready * taken)
    result = result.assign(**dict.fromkeys(_BY_PROJECT, np.nan))
    if course is not None:
        leases = leases_on(book, on=on, lots=lots)
        leases = leases.merge(course, on="project_id", how="left", validate="m:1")
        known = leases["is_known"].notna()
        for name, holds in (
            ("building_ha", leases["building_on"] <= on),
            ("operating_ha", leases["operating_on"] <= on),
            ("leased_unknown_ha", ~known),
            # Added up by itself: a difference of sums is seldom exactly nothing.
            ("leased_known_ha", known),
        ):
            sums = leases[holds].groupby("zone_id")["leased_ha"].sum()
            result[name] = sums.reindex(index, fill_value=0.0)
    return result
