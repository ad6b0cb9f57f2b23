"""A lot is let, and handed back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kcngeo_qgis.editing.plan import (
    TENURES,
    WHOLE,
    Plan,
    RefusedError,
    Row,
    holds,
    ids_of,
    name_of,
    new_id,
    on_record,
    renewed,
    running,
)

# A tenant of these holds no land.
_INDOORS = ("workshop", "office")


def lease(
    lots: Sequence[Row],
    ledger: Sequence[Row],
    projects: Sequence[Row] | None,
    *,
    lot_id: str,
    day: str,
    status: str = "leased",
    until: str | None = None,
    part_area_ha: float | None = None,
    project_id: str | None = None,
    investor: str | None = None,
    document: str | None = None,
    ends_reservation: bool = False,
) -> Plan:
    """Enter who holds a lot from a day on; a project that is new is added with its investor."""
    _require_lot(lots, lot_id, day)
    plan = Plan()
    premises = _project(plan, projects, project_id, investor)
    if until is not None and until <= day:
        raise RefusedError("ends_before", day=day, until=until)
    for entry in running(ledger, [lot_id], day):
        in_time = until is None or (entry.get("valid_from") or "") < until
        if not in_time or entry["status"] not in TENURES or premises in _INDOORS:
            continue
        both_parts = part_area_ha is not None and entry.get(WHOLE) is not None
        if ends_reservation and entry["status"] == "reserved" and _may_end(entry, day):
            plan.change("ledger", entry, valid_to=day)
        elif not both_parts:
            raise RefusedError("held", lot=lot_id, entry=name_of(entry), status=entry["status"])
    taken = ids_of(ledger, "entry_id")
    said: dict[str, Any] = {
        "entry_id": new_id(f"{lot_id}-{day}", taken),
        "parcel_id": lot_id,
        "status": status,
        "valid_from": day,
        "valid_to": until,
        WHOLE: part_area_ha,
        "project_id": project_id,
        "document": document,
    }
    plan.add("ledger", said)
    return plan


def hand_back(
    ledger: Sequence[Row],
    *,
    lot_id: str,
    day: str,
    entry_id: str | None = None,
    after: str | None = None,
) -> Plan:
    """End the tenure of a lot on a day, the first on which it no longer holds."""
    held = [
        row
        for row in on_record(ledger)
        if row["parcel_id"] == lot_id and row["status"] in TENURES and holds(row, day)
    ]
    found = [row for row in held if entry_id in (None, row.get("entry_id"))]
    if not found:
        raise RefusedError("nobody_holds", lot=lot_id, day=day)
    if len(found) > 1:
        raise RefusedError("which_entry", lot=lot_id, names=", ".join(map(name_of, found)))
    (entry,) = found
    if not _may_end(entry, day):
        raise RefusedError("entry_begins", entry=name_of(entry), day=day)
    plan = Plan()
    plan.change("ledger", entry, valid_to=day)
    if after is not None:
        taken = ids_of(ledger, "entry_id")
        fresh = renewed(entry, taken, status=after, valid_from=day, valid_to=None)
        plan.add("ledger", fresh)
    return plan


def _require_lot(lots: Sequence[Row], lot_id: str, day: str) -> None:
    mine = [row for row in on_record(lots) if row["parcel_id"] == lot_id]
    if not mine:
        raise RefusedError("no_lot", lot=lot_id)
    if not any(holds(row, day) for row in mine):
        raise RefusedError("not_then", lot=lot_id, day=day)


def _may_end(entry: Row, day: str) -> bool:
    return bool((entry.get("valid_from") or "") < day)


def _project(
    plan: Plan, projects: Sequence[Row] | None, project_id: str | None, investor: str | None
) -> str | None:
    """Add a project that is new; tell the premises of one that is known."""
    if project_id is None:
        return None
    known = [row for row in on_record(projects or ()) if row["project_id"] == project_id]
    if known:
        return known[0].get("premises")
    if projects is None or investor is None:
        raise RefusedError("no_project", project=project_id)
    plan.add("projects", {"project_id": project_id, "investor": investor})
    return None
