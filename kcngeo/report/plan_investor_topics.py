"""Topics of the plan about investors: those there are, by sector, and what they asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from kcngeo.report.plan_board import Ground, Told, Topic, part, states
from kcngeo.report.plan_measures import OTHER, UNKNOWN, plan_sectors
from kcngeo.report.total_change import TOTAL

_LAND = ("projects_count", "leased_ha", "operating_ha", "idle_ha")
_ASKED = ("asked_count", "answered_count", "overdue_count")


def support(ground: Ground) -> Iterator[Topic]:
    """Investors by sector: those of the plan for all zones, all together for each."""
    land, requests = ground.plan.sectors, _counted(ground.plan.requests)
    if ground.report.snapshot.table("projects") is None:
        land = land.iloc[:0]
    if not len(land) and not len(requests):
        return
    # A request of an investor who holds no land yet has no zone, and counts in the sum alone.
    zones = _together(land, requests, by="zone_id")
    for zone_id in zones.index[zones.index.isin(ground.stages.index)]:
        yield _topic(ground, zones.loc[[zone_id]], "")
    if len(zones) > 1 or requests.index.get_level_values("zone_id").isna().any():
        whole = pd.concat([land, requests]).groupby(lambda _: TOTAL).sum()
        yield _topic(ground, whole, "")
    sums = _together(land, requests, by="sector")
    # A sector is told of all zones together; of those the plan names, that there is none is told.
    planned = plan_sectors(ground.report.on)
    told = [one for one in (*planned, OTHER, UNKNOWN) if one in sums.index]
    if set(told) - {UNKNOWN}:
        told = [*planned, *(one for one in told if one not in planned)]
    for sector in told:
        row = sums.reindex([sector]).fillna(0.0).set_axis([TOTAL])
        yield _topic(ground, row, sector)


def _counted(requests: pd.DataFrame | None) -> pd.DataFrame:
    """Count the requests of each zone and sector."""
    if requests is None:
        requests = pd.DataFrame({name: [] for name in ("zone_id", "sector", "state")})
    rows = requests[["zone_id", "sector"]].assign(
        asked_count=1.0,
        answered_count=(requests["state"] == "answered").astype("float64"),
        overdue_count=(requests["state"] == "overdue").astype("float64"),
    )
    return rows.groupby(["zone_id", "sector"], dropna=False).sum()


def _together(land: pd.DataFrame, requests: pd.DataFrame, *, by: str) -> pd.DataFrame:
    """Put the land of investors and their requests side by side."""
    sums = land.groupby(by).sum().join(requests.groupby(by).sum(), how="outer")
    return sums.reindex(columns=[*_LAND, *_ASKED]).fillna(0.0).rename_axis(by)


def _topic(ground: Ground, figures: pd.DataFrame, sector: str) -> Topic:
    overdue = figures["overdue_count"] > 0
    return Topic(
        name="support",
        sector=sector,
        figures=figures,
        status=states(figures.index, (overdue, "late"), default="stated"),
        tell=_tell,
        due=_due(ground.plan.requests, str(figures.index[0]), sector),
    )


def _due(requests: pd.DataFrame | None, zone_id: str, sector: str) -> pd.DataFrame | None:
    """Give the first day an answer is due by, and the days the latest is overdue."""
    if requests is None:
        return None
    waiting = requests[requests["state"] != "answered"]
    if zone_id != TOTAL:
        waiting = waiting[waiting["zone_id"] == zone_id]
    if sector:
        waiting = waiting[waiting["sector"] == sector]
    due_on, late_days = waiting["due_on"].min(), waiting["late_days"].max()
    return pd.DataFrame({"due_on": [due_on], "late_days": [late_days]}, index=[zone_id])


def _tell(row: Mapping[str, Any]) -> Told:
    fields = {name: row[name] for name in ("leased_ha", "operating_ha")}
    figure = part("sector", projects_count=int(row["projects_count"]), **fields)
    cause = part("idle_over", idle_ha=row["idle_ha"]) if row["idle_ha"] > 0 else ()
    if row["asked_count"] > 0:
        counts = {name: int(row[name]) for name in ("asked_count", "answered_count")}
        figure += part("requests", **counts)
    if row["overdue_count"] > 0:
        cause += part("requests_overdue", overdue_count=int(row["overdue_count"]))
    return Told(
        figure=figure,
        value=row["operating_ha"],
        against=row["leased_ha"],
        unit="ha",
        cause=cause,
    )
