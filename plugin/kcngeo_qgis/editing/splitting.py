"""A lot becomes several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kcngeo_qgis.editing.plan import (
    WHOLE,
    Plan,
    RefusedError,
    Row,
    ids_of,
    lot_on,
    name_of,
    new_id,
    renewed,
    running,
)

# They are those of the certificate of the whole lot; its parts have none until they get theirs.
CERTIFICATE = ("certificate_no", "certificate_area_m2")


def split(
    lots: Sequence[Row],
    ledger: Sequence[Row],
    *,
    lot_id: str,
    day: str,
    pieces: int,
    children: Sequence[str] = (),
    parts: Mapping[str, str] | None = None,
) -> Plan:
    """End a lot on a day, begin its pieces, and carry its entries on.

    An entry of the whole lot goes on in every piece. One of so many hectares goes on in the piece
    that `parts` names for it, by the entry's id, or under "" for all.
    """
    old = lot_on(lots, lot_id, day)
    names = _children(lots, lot_id, pieces, children)
    plan = Plan()
    plan.change("parcels", old, valid_to=day)
    lineage = {"parents": lot_id, "valid_from": day, **dict.fromkeys(CERTIFICATE)}
    for place, name in enumerate(names):
        own = {"parcel_id": name}
        # A code that is the name of the lot would stand on every piece; one of a block goes on.
        own |= {"lot_code": name} if old.get("lot_code") == lot_id else {}
        plan.add("parcels", {**old, **lineage, **own}, place)
    taken = ids_of(ledger, "entry_id")
    for entry in running(ledger, [lot_id], day):
        _carry_on(plan, entry, day, _places(entry, names, parts or {}), taken)
    return plan


def _children(lots: Sequence[Row], lot_id: str, pieces: int, wished: Sequence[str]) -> list[str]:
    taken = ids_of(lots, "parcel_id")
    if not wished:
        return [new_id(lot_id, taken) for _ in range(pieces)]
    if len(wished) != pieces:
        raise RefusedError("other_number", pieces=pieces, names=", ".join(wished))
    known = sorted(set(wished) & taken)
    if known or len(set(wished)) != len(wished):
        raise RefusedError("id_taken", names=", ".join(known or wished))
    return list(wished)


def _places(entry: Row, names: list[str], parts: Mapping[str, str]) -> list[str]:
    """Tell in which pieces an entry goes on."""
    if entry.get(WHOLE) is None:
        return names
    place = parts.get(name_of(entry), parts.get("", ""))
    if place not in names:
        raise RefusedError("where_part", entry=name_of(entry), names=", ".join(names))
    return [place]


def _carry_on(plan: Plan, entry: Row, day: str, names: Sequence[str], taken: set[str]) -> None:
    """Move an entry to lots; what ran before the day stays where it was."""
    is_begun = (entry.get("valid_from") or "") < day
    if is_begun:
        plan.change("ledger", entry, valid_to=day)
    else:
        plan.change("ledger", entry, parcel_id=names[0])
    for name in names if is_begun else names[1:]:
        since = day if is_begun else entry["valid_from"]
        plan.add("ledger", renewed(entry, taken, parcel_id=name, valid_from=since))
