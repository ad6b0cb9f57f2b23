"""What was wrong is put right; the update keeps what was known before."""

from __future__ import annotations

from collections.abc import Sequence

from kcngeo_qgis.editing.plan import Plan, RefusedError, Row, holds, on_record


def correct(
    lots: Sequence[Row],
    ledger: Sequence[Row],
    *,
    day: str,
    lot_id: str | None = None,
    lot_values: Row | None = None,
    entry_id: str | None = None,
    entry_values: Row | None = None,
) -> Plan:
    """Change what a lot, in its version of a day, and an entry say."""
    plan = Plan()
    if lot_values:
        mine = [row for row in on_record(lots) if row["parcel_id"] == lot_id]
        found = [row for row in mine if holds(row, day)]
        if not found:
            raise RefusedError("not_then" if mine else "no_lot", lot=lot_id, day=day)
        _change(plan, "parcels", found[0], lot_values)
    if entry_values:
        entries = [row for row in on_record(ledger) if row.get("entry_id") == entry_id]
        if entry_id is None or len(entries) != 1:
            raise RefusedError("no_entry", entry=entry_id or "–")
        _change(plan, "ledger", entries[0], entry_values)
        after = {**entries[0], **entry_values}
        if after.get("valid_to") is not None and after["valid_to"] <= after["valid_from"]:
            raise RefusedError("ends_before", day=after["valid_from"], until=after["valid_to"])
    if not plan.changes:
        raise RefusedError("nothing_to_correct")
    return plan


def _change(plan: Plan, table: str, row: Row, values: Row) -> None:
    absent = sorted(set(values) - set(row))
    if absent:
        raise RefusedError("no_column", table=table, names=", ".join(absent))
    plan.change(table, row, **values)
