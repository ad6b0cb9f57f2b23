"""From the plan to the running factory: how much land has come how far, and how long it took."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kcngeo.analysis.progress.readiness import RULE, parcel_levels, rule_of
from kcngeo.core.dates import Day, day
from kcngeo.core.units import hectares
from kcngeo.fill import leases_on, parcels_on, zones_on
from kcngeo.ledger import known, missing_zones
from kcngeo.ledger.questions import require_apart
from kcngeo.ledger.tables import CORE
from kcngeo.standards import fill_definition

if TYPE_CHECKING:
    from kcngeo.ledger import Project, Snapshot
    from kcngeo.standards import ReadinessRule

STAGES = ("planned", "cleared", "serviced", "taken", "leased", "building", "operating")
"""Stages of the land, in their order; "taken" is reserved or let."""

_ABOUT = (*CORE, "works")
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
    project: Project | Snapshot,
    *,
    on: Day | Iterable[Day],
    definition: str | None = None,
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
    cleared, held or not; ``serviced_ha`` is in parcels that stand at the level of the registry's
    rule that counts as serviced, or above (:func:`readiness`). Building and operating go by the
    days in the table of projects: a day that is missing has not come. A lease that names no project
    of that table is ``leased_unknown_ha``: let, and nobody knows how far. A project in a part-let
    parcel counts with its part.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on a date missing on it.
        Without a table of projects building and operating are missing, without one of works the
        serviced land.
    on
        The reporting date, or several.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on each date.
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
    Zone A has four industrial lots of 1 ha, one of them not cleared. A-1 and half of A-2 are let;
    who holds A-1 has built and operates. B-1 is the one lot let in zone B, and in operation.

    >>> import kcngeo as kcn
    >>> funnel = stage_funnel(kcn.examples.squares(), on="2018-03-31")
    >>> funnel[["planned_ha", "cleared_ha", "leased_ha", "building_ha"]].values.tolist()
    [[4.0, 3.0, 1.5, 1.0], [2.0, 2.0, 1.0, 1.0]]
    """
    dates = sorted({day(one) for one in _each(on)})
    levels = rule_of(rule)
    projects = known(project).table("projects")
    course = None if projects is None else _course(projects)
    tables = {
        date: _of_day(snapshot, course, on=date, definition=definition, area=area, rule=levels)
        for date, snapshot in _sound_on(project, dates, definition=definition, area=area)
    }
    result = pd.concat(tables, names=["on"]).swaplevel().sort_index()
    for name, (part, whole) in _RATES.items():
        result[name] = (result[part] / result[whole]).where(result[whole] > 0)
    return result[list(COLUMNS)]


def _sound_on(
    project: Project | Snapshot, dates: list[pd.Timestamp], *, definition: str | None, area: str
) -> list[tuple[pd.Timestamp, Snapshot]]:
    """Leave out on each date the zones at fault on it, and say so once for all dates."""
    snapshot = known(project)
    found = [
        snapshot.faults_between(
            date, area=area, definition=fill_definition(definition, on=date).name, about=_ABOUT
        )
        for date in dates
    ]
    require_apart(snapshot, [fault for faults in found for fault in faults])
    return [
        (date, snapshot.without({fault.zone_id for fault in faults}, names=_ABOUT))
        for date, faults in zip(dates, found, strict=True)
    ]


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
    snapshot: Snapshot,
    course: pd.DataFrame | None,
    *,
    on: pd.Timestamp,
    definition: str | None,
    area: str,
    rule: ReadinessRule,
) -> pd.DataFrame:
    """Add up the stages of one day, by zone."""
    parcels = parcels_on(snapshot, on=on, definition=definition, area=area)
    works = snapshot.table("works")
    whole = parcels["whole_mm2"]
    index = pd.Index(snapshot.zone_ids[zones_on(snapshot, on=on)], dtype="str", name="zone_id")

    def summed(mm2: pd.Series) -> pd.Series:
        totals = np.rint(mm2).groupby(parcels["zone_id"].array).sum()
        return pd.Series(hectares(totals.reindex(index, fill_value=0.0)), index=index)

    waiting = parcels["uncleared_share"] + parcels["uncleared_held_share"]
    result = pd.DataFrame({"planned_ha": summed(whole)})
    result["cleared_ha"] = result["planned_ha"] - summed(whole * waiting)
    result["reserved_ha"] = summed(whole * parcels["reserved_share"])
    result["leased_ha"] = summed(whole * parcels["leased_share"])
    result["taken_ha"] = result["reserved_ha"] + result["leased_ha"]
    result["serviced_ha"] = result["serviced_taken_ha"] = np.nan
    if works is not None:
        levels = parcel_levels(parcels, works, on=on, rule=rule)
        ready = whole.where((levels["level"] >= rule.serviced_from).to_numpy(), 0.0)
        result["serviced_ha"] = summed(ready)
        taken = parcels["reserved_share"] + parcels["leased_share"]
        result["serviced_taken_ha"] = summed(ready * taken)
    result = result.assign(**dict.fromkeys(_BY_PROJECT, np.nan))
    if course is not None:
        leases = leases_on(snapshot, on=on, parcels=parcels)
        leases = leases.merge(course, on="project_id", how="left", validate="m:1")
        is_known = leases["is_known"].notna()
        for name, holds in (
            ("building_ha", leases["building_on"] <= on),
            ("operating_ha", leases["operating_on"] <= on),
            ("leased_unknown_ha", ~is_known),
            # Added up by itself: a difference of sums is seldom exactly nothing.
            ("leased_known_ha", is_known),
        ):
            sums = leases[holds].groupby("zone_id")["leased_ha"].sum()
            result[name] = sums.reindex(index, fill_value=0.0)
    # Of a zone without parcels nothing is known, not even that nothing is there.
    drawn = snapshot.parcels["zone_id"][snapshot.in_force(on)].unique()
    result[~result.index.isin(drawn)] = np.nan
    return missing_zones(result, snapshot)
