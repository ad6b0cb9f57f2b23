"""Several lots become one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from kcngeo_qgis.editing.plan import (
    TENURES,
    WHOLE,
    Plan,
    RefusedError,
    Row,
    ids_of,
    lot_on,
    name_of,
    renewed,
    running,
)
from kcngeo_qgis.editing.splitting import CERTIFICATE

# What the entries of all lots must say alike to be one entry of the whole.
_ALIKE = ("status", "project_id", "valid_to")
_SAME = ("zone_id", "land_use")


def merge(
    lots: Sequence[Row],
    ledger: Sequence[Row],
    *,
    lot_ids: Sequence[str],
    new_lot: str,
    day: str,
    document: str | None = None,
) -> Plan:
    """End lots on a day, begin one in their place, and carry their entries on.

    Entries of whole lots become one, if every lot has the same; entries of so many hectares stay as
    they are. What would lose who holds how much is refused.
    """
    if len(set(lot_ids)) < 2:
        raise RefusedError("too_few")
    if new_lot in ids_of(lots, "parcel_id"):
        raise RefusedError("id_taken", names=new_lot)
    old = [lot_on(lots, one, day) for one in sorted(set(lot_ids))]
    for name in _SAME:
        said = sorted({str(row.get(name)) for row in old})
        if len(said) > 1:
            raise RefusedError("not_alike", column=name, names=", ".join(said))
    plan = Plan()
    for row in old:
        plan.change("parcels", row, valid_to=day)
    plan.add("parcels", _merged(old, new_lot, day), 0)
    entries = running(ledger, [row["parcel_id"] for row in old], day)
    later = [name_of(one) for one in entries if (one.get("valid_from") or "") >= day]
    if later:
        raise RefusedError("later_entry", names=", ".join(later))
    taken = ids_of(ledger, "entry_id")
    for entry in entries:
        plan.change("ledger", entry, valid_to=day)
    for entry in _carried(entries, len(old), document):
        plan.add("ledger", renewed(entry, taken, parcel_id=new_lot, valid_from=day))
    return plan


def _merged(old: Sequence[Row], new_lot: str, day: str) -> Row:
    """Give the new lot what all the old ones say alike."""
    alike = {
        name: value if all(row.get(name) == value for row in old) else None
        for name, value in old[0].items()
    }
    parents = "|".join(row["parcel_id"] for row in old)
    known = {"parents": parents, "valid_from": day, "valid_to": None, **dict.fromkeys(CERTIFICATE)}
    return {**alike, **known, "parcel_id": new_lot}


def _carried(entries: Sequence[Row], lots: int, document: str | None) -> list[Row]:
    """Tell which entries the new lot has."""
    parts = [one for one in entries if one.get(WHOLE) is not None]
    wholes: dict[bool, list[Row]] = defaultdict(list)
    for one in entries:
        if one.get(WHOLE) is None:
            wholes[one["status"] in TENURES].append(one)
    carried = list(parts)
    for found in wholes.values():
        is_alike = len({tuple(one.get(name) for name in _ALIKE) for one in found}) == 1
        if not is_alike or len({one["parcel_id"] for one in found}) != lots:
            raise RefusedError("other_holders", names=", ".join(name_of(one) for one in found))
        said = {one.get("document") for one in found}
        if document is None and len(said) > 1:
            raise RefusedError("which_document", names=", ".join(sorted(map(str, said))))
        told = {} if document is None or "document" not in found[0] else {"document": document}
        carried.append({**found[0], **told})
    return carried
