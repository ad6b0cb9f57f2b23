"""From what the rows say to entries of the ledger: parcels, parts of them, and totals proven."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo.core.dates import OPEN
from kcngeo.core.model import TENURES, Severity
from kcngeo.io.spreadsheet.lot_matching import Lot, Register, lot_key
from kcngeo.io.spreadsheet.records import AVAILABLE, Record, Said

if TYPE_CHECKING:
    from kcngeo.io.spreadsheet.records import Area

COLUMNS = (
    "parcel_id",
    "status",
    "valid_from",
    "entry_id",
    "part_area_ha",
    "valid_to",
    "project_id",
    "document",
    "zone_id",
    "lot",
    "investor",
    "stated_ha",
    "source_cell",
)
"""Columns of the frame, in their order; columns of the list's own follow."""

AT_FAULT = "\0at fault"
"""Key of an entry of which something could not be read; no heading is called so."""

LINE = "\0line"
"""Key of what the line of an entry says beside it, see :func:`lines_of`."""

_M2_HA = 1e-4
# Shares of a parcel up to this are scaled to 1 by the ledger; more is an error there.
_SCALED = 1.005
_EPOCH = dt.date(1970, 1, 1)


def entries(records: Sequence[Record], said: Said, register: Register) -> list[dict[str, Any]]:
    """Make the entries of a list."""
    made: list[dict[str, Any]] = []
    free = []
    for group in _sharing_an_area(records):
        if all(record.status == AVAILABLE for record in group):
            free += [record.place for record in group]
            said.free |= _free(group, register)
            continue
        before = said.errors
        fresh = _of_group(group, said, register)
        undated = sum(entry["valid_from"] is None for entry in fresh)
        others = said.errors - before > undated or any(record.at_fault for record in group)
        for entry in fresh:
            line, is_undated = entry[LINE], entry["valid_from"] is None
            entry[AT_FAULT] = others or is_undated or bool(line["wants_end"])
            line["is_undated"] = is_undated and not others
            line["wants_end"] = None if others else line["wants_end"]
            made.append(entry)
    if free:
        said.note("available", Severity.NOTE, *free, count=len(free))
    _require_parts(made, said)
    return made


def _sharing_an_area(records: Sequence[Record]) -> Iterable[list[Record]]:
    """Put rows together whose area stands in one merged cell."""
    groups: dict[object, list[Record]] = {}
    for place, record in enumerate(records):
        groups.setdefault(place if record.area is None else record.area.place, []).append(record)
    return groups.values()


def _free(group: Sequence[Record], register: Register) -> dict[str, str]:
    """Find the parcels that a list calls free, where it can be told which they are."""
    found: dict[str, str] = {}
    for record in group if not register.is_empty else ():
        for lot in record.lots:
            ids = register.find(lot, zone_id=record.zone_id, on=None)
            found |= {ids[0]: record.place} if len(ids) == 1 else {}
    return found


def _of_group(group: list[Record], said: Said, register: Register) -> list[dict[str, Any]]:
    """Make the entries of rows that share an area: one for each lot they name."""
    pairs = [(record, lot) for record in group for lot in record.lots or (None,)]
    found = [
        (None if lot is None else _parcel(record, lot, said, register)) for record, lot in pairs
    ]
    parts = _parts(pairs, found, said, register)
    sizes = [
        _area_ha(parcel_id, lot, record, said, register)
        for (record, lot), parcel_id in zip(pairs, found, strict=True)
    ]
    result = []
    for (record, lot), parcel_id, part_ha, known in zip(pairs, found, parts, sizes, strict=True):
        if record.start is None:
            said.note("start_missing", Severity.ERROR, record.place)
        # More than the tolerance for scaling: the ledger would refuse it, so it is told here, by
        # its cell.
        if part_ha is not None and known is not None and part_ha > known * _SCALED:
            place = record.place if record.area is None or len(pairs) > 1 else record.area.place
            said.note(
                "area_exceeds_lot",
                Severity.ERROR,
                place,
                lot=record.lot_text,
                area_ha=round(part_ha, 6),
                lot_ha=round(known, 4),
            )
        stated = part_ha if lot is not None and lot.area_ha is not None else None
        if stated is None and len(pairs) == 1 and record.area is not None:
            stated = record.area.hectares
        result.append(
            {
                "parcel_id": parcel_id,
                "status": record.status,
                "valid_from": record.start,
                "valid_to": record.end,
                "part_area_ha": part_ha,
                "zone_id": record.zone_id,
                "lot": record.lot_text,
                "stated_ha": stated,
                "source_cell": record.place,
                **record.texts,
                LINE: {
                    **_listed(stated, lot, record, known, sizes),
                    "is_open": record.is_open,
                    "is_ended": record.is_ended,
                    "wants_end": "|".join(record.wants_end) or None,
                },
            }
        )
    return result


def _listed(
    stated: float | None,
    lot: Lot | None,
    record: Record,
    known: float | None,
    sizes: Sequence[float | None],
) -> dict[str, float | None]:
    """Say how much a list states of a lot, and half of the last digit it writes."""
    area = record.area
    if stated is None and area is not None and known is not None and None not in sizes:
        # One area of several lots is theirs as they are large.
        total = sum(size for size in sizes if size is not None)
        half_ha = area.half_ha / len(sizes)
        return {"listed_ha": area.hectares * known / total, "half_ha": half_ha}
    own = lot is not None and lot.area_ha is not None
    half_ha = lot.half_ha if lot is not None and own else 0.0 if area is None else area.half_ha
    return {"listed_ha": stated, "half_ha": half_ha}


def _parcel(record: Record, lot: Lot, said: Said, register: Register) -> str | None:
    if register.is_empty:
        return lot.text
    day = _day(record, said)
    on = None if day is None else (day - _EPOCH).days
    zone_id = None if record.exact else record.zone_id
    ids = register.find(lot, zone_id=zone_id, on=on)
    if len(ids) == 1:
        return ids[0]
    if ids:
        said.note("lot_ambiguous", Severity.ERROR, record.place, value=lot.text, parcels=ids)
    else:
        near = register.near(lot)
        rule = "lot_unknown" if near else "lot_unlike"
        said.note(rule, Severity.ERROR, record.place, value=lot.text, near=near)
    return None


def _parts(
    pairs: Sequence[tuple[Record, Lot | None]],
    found: Sequence[str | None],
    said: Said,
    register: Register,
) -> list[float | None]:
    """Say of each lot which part of it is meant; None is the whole lot."""
    record, area = pairs[0][0], pairs[0][0].area
    own = [lot.area_ha if lot is not None else None for _, lot in pairs]
    if any(one is not None for one in own):
        return _own_parts(pairs, own, area, said)
    if area is None:
        for other, lot in pairs:
            if lot is not None and lot.part:
                said.note("part_without_area", Severity.ERROR, other.place, value=other.lot_text)
            elif other.has_area_cell and not other.exact and other.status != AVAILABLE:
                said.note("area_missing", Severity.WARNING, other.place, value=other.lot_text)
        return [None] * len(pairs)
    # An area that agrees with the lot to its last digit means the whole lot.
    if len(pairs) == 1:
        lot = pairs[0][1]
        known = _area_ha(found[0], lot, record, said, register)
        whole = known is not None and abs(known - area.hectares) <= area.half_ha + _M2_HA
        is_part = record.exact or (lot is not None and lot.part)
        return [None if whole and not is_part else area.hectares]
    # One area for several lots: it is either the sum of them all, or nobody knows how it is divided
    sizes = [
        _area_ha(parcel_id, lot, one, said, register)
        for parcel_id, (one, lot) in zip(found, pairs, strict=True)
    ]
    known_sizes = [size for size in sizes if size is not None]
    total = sum(known_sizes)
    if len(known_sizes) == len(sizes) and abs(total - area.hectares) <= area.half_ha + _M2_HA * len(
        sizes
    ):
        return [None] * len(pairs)
    said.note(
        "area_not_divided",
        Severity.ERROR,
        area.place,
        lots=[lot.text for _, lot in pairs if lot is not None],
        area_ha=round(area.hectares, 6),
        lots_ha=round(total, 4) if len(known_sizes) == len(sizes) else "–",
    )
    return [None] * len(pairs)


def _own_parts(
    pairs: Sequence[tuple[Record, Lot | None]],
    own: Sequence[float | None],
    area: Area | None,
    said: Said,
) -> list[float | None]:
    """Take the areas written beside the names; the column must say the same in sum."""
    missing = [lot.text for (_, lot), one in zip(pairs, own, strict=True) if lot and one is None]
    stated = sum(one for one in own if one is not None)
    if area is not None and len(missing) == 1 and area.hectares > stated:
        # What is left of the sum belongs to the one lot without an area of its own.
        return [area.hectares - stated if one is None else one for one in own]
    place = pairs[0][0].place
    if missing:
        said.note("area_not_divided", Severity.ERROR, place, lots=missing, area_ha="–", lots_ha="–")
    half = sum(lot.half_ha for _, lot in pairs if lot is not None)
    if area is not None and not missing and abs(stated - area.hectares) > half + area.half_ha:
        said.note(
            "areas_differ",
            Severity.ERROR,
            area.place,
            stated_ha=round(area.hectares, 6),
            sum_ha=round(stated, 6),
        )
    return list(own)


def _area_ha(
    parcel_id: str | None, lot: Lot | None, record: Record, said: Said, register: Register
) -> float | None:
    if parcel_id is None or lot is None or register.is_empty:
        return None
    days = [day for day in (_day(record, said), record.start) if day is not None]
    areas = (register.area_ha(parcel_id, lot=lot, on=(day - _EPOCH).days) for day in days)
    return next((area for area in areas if area is not None), None)


def _day(record: Record, said: Said) -> dt.date | None:
    """Give the day on which a lot is looked up: the list's if the lease holds then, else its first.

    A list states the areas of its own day, whatever the lot was when the lease began.
    """
    begun = record.start is None or said.on is None or record.start <= said.on
    over = record.end is not None and said.on is not None and record.end <= said.on
    return said.on if said.on is not None and begun and not over else record.start


def _require_parts(made: Sequence[dict[str, Any]], said: Said) -> None:
    """A lot with several tenants at once has parts: none of them may hold it whole."""
    by_lot: dict[object, list[dict[str, Any]]] = {}
    for entry in made:
        if entry["parcel_id"] is not None and entry["status"] in TENURES:
            key = (entry["zone_id"], lot_key(entry["parcel_id"]))
            by_lot.setdefault(key, []).append(entry)
    for group in by_lot.values():
        for entry in group:
            others = [one for one in group if one is not entry and _at_once(one, entry)]
            if entry["part_area_ha"] is None and others:
                blame(entry)
                said.note(
                    "tenants_without_parts",
                    Severity.ERROR,
                    entry["source_cell"],
                    lot=entry["lot"] or entry["parcel_id"],
                    others=[one["source_cell"] for one in others],
                )


def blame(entry: dict[str, Any]) -> None:
    """Set an entry at fault, whatever else is."""
    entry[AT_FAULT] = True
    entry[LINE] |= {"is_undated": False, "wants_end": None}


def _at_once(one: dict[str, Any], other: dict[str, Any]) -> bool:
    first = max(_number(one["valid_from"], -OPEN), _number(other["valid_from"], -OPEN))
    return first < min(_number(one["valid_to"], OPEN), _number(other["valid_to"], OPEN))


def _number(day: dt.date | None, missing: int) -> int:
    return missing if day is None else (day - _EPOCH).days


def framed(made: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Lay entries out as a table."""
    known = (*COLUMNS, AT_FAULT, LINE)
    own = dict.fromkeys(name for entry in made for name in entry if name not in known)
    data: dict[str, pd.Series] = {}
    for name in (*COLUMNS, *own):
        listed = [entry.get(name) for entry in made]
        if name in ("valid_from", "valid_to"):
            data[name] = pd.Series(pd.to_datetime(pd.Series(listed, dtype="object"))).astype(
                "datetime64[s]"
            )
        elif name in ("part_area_ha", "stated_ha"):
            data[name] = pd.Series(listed, dtype="float64").round(8)
        else:
            data[name] = pd.Series(listed, dtype="str")
    return pd.DataFrame(data)


def lines_of(made: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Lay out what the lines of entries say beside them."""
    listed = [entry[LINE] for entry in made]
    kinds = dict.fromkeys(("listed_ha", "half_ha"), "float64")
    kinds |= dict.fromkeys(("is_open", "is_ended", "is_undated"), "bool") | {"wants_end": "str"}
    return pd.DataFrame(
        {name: pd.Series([one[name] for one in listed], dtype=kind) for name, kind in kinds.items()}
    )
