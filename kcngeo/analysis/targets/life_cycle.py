"""Where a zone stands in its life, by its milestones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.dates import ALWAYS, OPEN, Day, day, day_number, day_numbers
from kcngeo.core.errors import KcngeoError
from kcngeo.core.model import Stage
from kcngeo.core.units import M2_PER_HA
from kcngeo.ledger import asked, missing_zones

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcngeo.ledger import Project, Snapshot

    Floats = NDArray[np.float64]


STAGES = (
    "proposed",
    "planned",
    "established",
    "clearing",
    "infrastructure",
    "letting",
    "full",
    "removed",
)
"""Stages in the life of a zone, in their order; "planned" is in the national plan."""


MILESTONE_STAGES = {
    "proposed": "proposed",
    "deferred": "proposed",
    "planned": "planned",
    "added_to_plan": "planned",
    "developer_called": "planned",
    "established": "established",
    "clearing": "clearing",
    "cleared": "clearing",
    "infrastructure": "infrastructure",
    "wastewater_running": "infrastructure",
    "letting": "letting",
    "filled": "full",
    "removed": "removed",
}
"""The stage a zone has reached when a milestone is done; other kinds change no stage."""


def life_cycle(
    project: Project | Snapshot,
    *,
    on: Day,
    accounts: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Tell in which stage of its life each zone stands on a day, and what is due next.

    Proposed → planned (in the national plan) → established → clearing → infrastructure → letting →
    full; or removed. The stage is the furthest that a done milestone or the zone's dates give; a
    stage written in the zone's row counts where its dates are missing. A zone that is deferred
    falls back to proposed and begins anew. Milestones say only what somebody entered: without
    ``accounts`` a zone whose land is half let may stand at infrastructure, because letting has no
    milestone. Stages overlap in truth, so the stage is how far a zone has come, not all that goes
    on in it.

    Parameters
    ----------
    project
        The tables, with ``milestones`` (kinds: see :data:`MILESTONE_STAGES`); of a project what is
        known now, zones whose own rows or milestones are at fault missing.
    on
        The day; what is done on it is done, and what is removed on it is removed.
    accounts
        Result of :func:`kcngeo.fill.land_account` of the day, by zone: some land cleared is at
        least clearing, some let is letting, all let is full (to 1 m²; the account decides, so a
        zone that has land free again is no longer full). None to go by milestones alone.

    Returns
    -------
    pd.DataFrame
        By ``zone_id``, sorted: ``stage`` (one of :data:`STAGES`, missing if nothing tells),
        ``since`` (the day its first milestone or the zone's date gives, if any), ``next_kind`` and
        ``next_due_on`` (the milestone not done that is due first; none after removal),
        ``overdue_days`` (days since it was due; 0 up to the day itself, missing without a due date)
        and ``overdue_count`` (milestones not done and due before the day).

    Raises
    ------
    ContractError
        If a table breaks its contract.
    KcngeoError
        If there is no table of milestones.

    Examples
    --------
    >>> from dataclasses import replace
    >>> import pandas as pd
    >>> import kcngeo as kcn
    >>> done = {"zone_id": ["B"], "kind": ["letting"], "done_on": ["2014-01-01"]}
    >>> project = replace(kcn.examples.squares(), milestones=pd.DataFrame(done))
    >>> life_cycle(project, on="2018-03-31")["stage"].tolist()
    ['established', 'letting']
    """
    number_on, date = day_number(on), day(on)
    snapshot = asked(project, start=on, about=("zones", "milestones"))
    milestones = snapshot.table("milestones")
    if milestones is None:
        raise KcngeoError("needs_table", table="milestones")
    steps = milestones.reindex(columns=["zone_id", "kind", "due_on", "done_on"])
    steps = steps.astype({"due_on": "datetime64[s]", "done_on": "datetime64[s]"})
    rows = []
    for zone_id, versions in snapshot.zones.groupby("zone_id", sort=True):
        mine = steps[(steps["zone_id"] == zone_id).to_numpy()]
        done = mine[(mine["done_on"] <= date).to_numpy()]
        reached = _reached(done, _dated(versions, number_on))
        account = None
        if accounts is not None and zone_id in accounts.index:
            account = accounts.loc[str(zone_id)].to_dict()
        stage, since = _stage(reached, account)
        rows.append({"zone_id": zone_id, "stage": stage, "since": since})
        # What had no date to be due and was done later was not yet expected.
        waiting = ~(mine["done_on"] <= date) & (mine["due_on"].notna() | mine["done_on"].isna())
        waiting &= stage != "removed"
        rows[-1].update(_next(mine[waiting.to_numpy()], date))
    columns = ["zone_id", "stage", "since", *_next(steps.iloc[:0], date)]
    result = pd.DataFrame(rows, columns=columns).set_index("zone_id")
    kinds = {
        "stage": "str",
        "since": "datetime64[s]",
        "next_kind": "str",
        "next_due_on": "datetime64[s]",
        "overdue_days": "Int64",
        "overdue_count": "Int64",
    }
    return missing_zones(result.astype(kinds), snapshot)


def _dated(versions: pd.DataFrame, number_on: int) -> dict[str, pd.Timestamp | None]:
    """Give the stages the zone's own row tells, with their days."""
    size = len(versions)
    start = day_numbers(versions.get("valid_from"), missing=ALWAYS, length=size)
    end = day_numbers(versions.get("valid_to"), missing=OPEN, length=size)
    begun = np.flatnonzero(start <= number_on)
    if not len(begun):
        return {}
    # The version in force, or the last one there was.
    last = begun[np.argmax(start[begun])]
    row = versions.iloc[last]
    found: dict[str, pd.Timestamp | None] = {}
    for stage, column in (("established", "established_on"), ("removed", "removed_on")):
        date = row.get(column)
        if pd.notna(date) and day_number(date) <= number_on:
            found[stage] = date
    written = row.get("stage")
    stage = Stage.ESTABLISHED if pd.isna(written) else Stage(written)
    # Where the date of a stage is given, the date alone says when it is reached.
    if pd.isna(
        row.get({Stage.REMOVED: "removed_on", Stage.ESTABLISHED: "established_on"}.get(stage))
    ):
        found.setdefault(str(stage), None)
    if end[last] <= number_on:
        found.setdefault("removed", row["valid_to"])
    return found


def _reached(
    done: pd.DataFrame, dated: dict[str, pd.Timestamp | None]
) -> dict[str, pd.Timestamp | None]:
    """Give every stage reached, with the first day of it; what was before a deferral is undone."""
    deferred = done.loc[(done["kind"] == "deferred").to_numpy(), "done_on"].max()
    counted = done if pd.isna(deferred) else done[(done["done_on"] >= deferred).to_numpy()]
    reached = dict(dated)
    for kind, date in counted.sort_values("done_on")[["kind", "done_on"]].itertuples(index=False):
        stage = MILESTONE_STAGES.get(kind)
        if stage is not None and (reached.get(stage) is None or date < reached[stage]):
            reached[stage] = date
    return reached


def _stage(
    reached: dict[str, pd.Timestamp | None], account: dict[Any, float] | None
) -> tuple[str | None, pd.Timestamp | None]:
    """Choose the furthest stage; the account of the day decides about clearing, letting, full."""
    if account is not None and account["base_ha"] > 0 and "removed" not in reached:
        uncleared_ha = account["uncleared_ha"] + account["uncleared_held_ha"]
        is_full = account["leased_ha"] >= account["base_ha"] - 1 / M2_PER_HA
        if not is_full:
            reached.pop("full", None)
        for stage, is_so in (
            ("clearing", uncleared_ha < account["base_ha"]),
            ("letting", account["leased_ha"] > 0),
            ("full", is_full),
        ):
            if is_so:
                reached.setdefault(stage, None)
    if not reached:
        return None, None
    stage = max(reached, key=STAGES.index)
    return stage, reached[stage]


def _next(waiting: pd.DataFrame, date: pd.Timestamp) -> dict[str, Any]:
    """Tell of the milestones that are not done."""
    late = waiting[(waiting["due_on"] < date).to_numpy()]
    first: dict[str, Any] = {"next_kind": None, "next_due_on": None, "overdue_days": pd.NA}
    if len(waiting):
        row = waiting.sort_values("due_on", kind="stable", na_position="last").iloc[0]
        first |= {"next_kind": row["kind"], "next_due_on": row["due_on"]}
        if pd.notna(row["due_on"]):
            first["overdue_days"] = max((date - row["due_on"]).days, 0)
    return {**first, "overdue_count": len(late)}
