"""Development in step in a month's report: a row a zone, and what is late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kcngeo.analysis import progress
from kcngeo.core.model import Verified
from kcngeo.ledger import Snapshot
from kcngeo.standards import clocks, load

_STAGES = ("planned", "cleared", "serviced", "leased", "building", "operating")
_CLEARING = {
    "households_waiting_count": "Int64",
    "overdue_ha": "float64",
    "plots_short_count": "Int64",
}
_CLOCKS = ("clock_over_ha", "clock_soon_ha", "clock_unknown_ha")
_WORST = (Verified.OFFICIAL, Verified.SECONDARY, Verified.UNVERIFIED)
LATE = ("zone_id", "component", "side", "due_on", "late_days", "done_share")
"""Columns of what is late."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Steps:
    """How far every zone has come on a day.

    Attributes
    ----------
    zones
        By ``zone_id``, every zone on record that is not removed, established or not: ``stage``;
        hectares ``planned_ha``, ``cleared_ha``, ``serviced_ha``, ``leased_ha``, ``building_ha``,
        ``operating_ha`` (:func:`kcngeo.analysis.progress.stage_funnel`);
        ``households_waiting_count``, ``overdue_ha`` (of clearance), ``plots_short_count`` (of
        resettlement); ``components_count``, ``components_done_count``, ``components_late_count``
        (of the scorecard, those with data); the let hectares of projects whose legal clock is over
        (``clock_over_ha``), runs out within six months (``clock_soon_ha``), or cannot be told
        (``clock_unknown_ha``), each project under the worst of its clocks; ``serviced_verified``
        and ``clock_verified``, how well the rules behind them are. What no table says is missing.
    late
        What is not done and was due before the day, the latest first: :data:`LATE`.
    funnel
        :func:`kcngeo.analysis.progress.stage_funnel` of the zones that count and are computable.
    card
        :func:`kcngeo.analysis.progress.scorecard`, every component of every zone.
    clearing
        :func:`kcngeo.analysis.progress.clearance_by_zone`; None without a table of clearance.
    clocks
        :func:`kcngeo.analysis.progress.idle_clocks`; None without a table of projects.
    """

    zones: pd.DataFrame
    late: pd.DataFrame
    funnel: pd.DataFrame
    card: pd.DataFrame
    clearing: pd.DataFrame | None
    clocks: pd.DataFrame | None


def steps_of(snapshot: Snapshot, *, on: pd.Timestamp, definition: str, area: str) -> Steps:
    """Gather how far every zone has come."""
    asked: dict[str, Any] = {"on": on, "definition": definition, "area": area}
    card = progress.scorecard(snapshot, on=on)
    zones = card.groupby("zone_id")[["stage"]].first()
    funnel = progress.stage_funnel(snapshot, **asked)
    funnel = funnel.dropna(how="all")
    columns = [f"{stage}_ha" for stage in _STAGES]
    zones = zones.join(funnel.droplevel("on")[columns])
    pieces, projects = snapshot.table("clearance"), snapshot.table("projects")
    clearing = None if pieces is None else progress.clearance_by_zone(pieces, on=on)
    clocks_of = None if projects is None else progress.idle_clocks(snapshot, **asked)
    zones = zones.join(_clearing(clearing)).join(_counted(card))
    zones = zones.join(_clocks(clocks_of, snapshot))
    # Of land that does not count, or cannot be computed, nothing is said.
    silent = ~zones.index.isin(funnel.index.get_level_values("zone_id"))
    zones.loc[silent, [*columns, *_CLOCKS]] = np.nan
    used = [law.verified for law in clocks() if law.event != "extension" and law.applies_on(on)]
    zones["serviced_verified"] = str(load(progress.RULE).verified)
    zones["clock_verified"] = str(max(used, key=_WORST.index, default=Verified.UNVERIFIED))
    late = card[card["state"] == "late"].reset_index()
    # A step of procedure is done or not; how far it is, nobody measures.
    late["done_share"] = late["done_share"].mask(late["is_procedure"])
    late = late.sort_values(
        ["late_days", "zone_id", "component", "side"], ascending=[False, True, True, True]
    )
    return Steps(
        zones=zones,
        late=late[list(LATE)].reset_index(drop=True),
        funnel=funnel,
        card=card,
        clearing=clearing,
        clocks=clocks_of,
    )


def _clearing(sums: pd.DataFrame | None) -> pd.DataFrame:
    """Count by zone who still waits, what is overdue and how many plots lack."""
    if sums is None:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _CLEARING.items()})
    waiting = sums["households_count"] - sums["households_done_count"]
    return sums.assign(households_waiting_count=waiting)[list(_CLEARING)]


def _counted(card: pd.DataFrame) -> pd.DataFrame:
    """Count the components and steps of procedure of each zone of which something is known."""
    told = card["state"] != "no data"
    counts = {
        "components_count": told,
        "components_done_count": card["state"] == "done",
        "components_late_count": card["state"] == "late",
    }
    return pd.DataFrame(counts, index=card.index).groupby("zone_id").sum().astype("int64")


def _clocks(table: pd.DataFrame | None, snapshot: Snapshot) -> pd.DataFrame:
    """Add up the let land of idle projects by the worst of their clocks."""
    if table is None:
        return pd.DataFrame({name: pd.Series(dtype="float64") for name in _CLOCKS})
    soon = table["ends_soon"].fillna(False).astype(bool)
    rank = np.select([table["state"] == "over", soon, table["state"] == "unknown"], [0, 1, 2], 3)
    worst = table.assign(rank=rank).sort_values("rank", kind="stable")
    worst = worst.drop_duplicates(["project_id", "zone_id"])
    sums = worst.pivot_table(index="zone_id", columns="rank", values="leased_ha", aggfunc="sum")
    sums = sums.reindex(columns=range(3), index=pd.Index(snapshot.zone_ids))
    return sums.fillna(0.0).set_axis(list(_CLOCKS), axis=1).rename_axis("zone_id")
