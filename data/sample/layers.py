"""The tables beside zones, parcels and ledger: neighbours, works, buildings, clearance, plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sample import surroundings as around
from sample.book import NOTICE, Entry, later, pick
from sample.lots import Draft, Parcel
from sample.plane import Line, Ring, away_m, bands, centre, middle_line, unit
from sample.tables import PREFIXES, Rows, places

DENSE = {"LS-CN10-02": 0.74, "PH-CN02-01": 0.66}
"""Net building density above what a factory lot may have: 70 %, or 60 % above five storeys."""
TALL = {"PH-CN02-01": 6}
BESIDE_M = 30.0
"""A road whose middle lies nearer than this to works drawn by hand has them already."""


def receptors() -> Rows:
    """What must be kept clear of."""
    return [
        {
            "receptor_id": f"{PREFIXES[zone_id]}-R{number:02d}",
            "kind": kind,
            "name": name,
            "valid_from": since,
            "geometry": places()[zone_id].polygon(ring),
        }
        for zone_id, number, (kind, name, ring, since) in around.zone_rows(around.RECEPTORS)
    ]


def emitters(parcels: Rows, buildings: Rows) -> Rows:
    """What distances are measured from: stacks, halls, lots, wastewater and waste works."""
    lots = {row["parcel_id"]: row for row in parcels if row["valid_to"] is None}
    halls = {row["parcel_id"]: row for row in reversed(buildings)}
    rows: Rows = []

    def add(kind: str, parcel_id: str, geometry: Any, since: str | None, **more: Any) -> None:
        zone_id = lots[parcel_id]["zone_id"]
        number = 1 + sum(row["zone_id"] == zone_id for row in rows)
        rows.append(
            {
                "emitter_id": f"{PREFIXES[zone_id]}-E{number:02d}",
                "kind": kind,
                "zone_id": zone_id,
                "parcel_id": parcel_id,
                "valid_from": since,
                "geometry": geometry,
                **more,
            }
        )

    for parcel_id, kind, capacity, is_enclosed, since in around.WORKS_EMITTERS:
        geometry = lots[parcel_id]["geometry"]
        add(kind, parcel_id, geometry, since, capacity_m3_day=capacity, enclosed=is_enclosed)
    for zone_id, parcel_id, point, hazard in around.STACKS:
        add("point", parcel_id, places()[zone_id].point(point), None, hazard_class=hazard)
    for parcel_id, hazard in around.PARCEL_EMITTERS:
        add("parcel", parcel_id, lots[parcel_id]["geometry"], None, hazard_class=hazard)
    for parcel_id, hazard in around.BUILDING_EMITTERS.items():
        hall = halls[parcel_id]
        add("building", parcel_id, hall["geometry"], hall["valid_from"], hazard_class=hazard)
    return rows


def works(drafts: Iterable[Draft]) -> Rows:
    """Infrastructure inside and outside the fences, then what lies along the roads of the plan."""
    rows: Rows = []
    for zone_id, number, row in around.zone_rows(around.WORKS):
        kind, inside, capacity, capacity_unit, progress, due, done, points, is_area = row
        place = places()[zone_id]
        rows.append(
            {
                "work_id": f"{PREFIXES[zone_id]}-W{number:02d}",
                "zone_id": zone_id,
                "kind": kind,
                "inside_fence": inside,
                "capacity": capacity,
                "capacity_unit": capacity_unit,
                "progress_share": progress,
                "due_on": due,
                "done_on": done,
                "geometry": place.polygon(points) if is_area else place.path(points),
            }
        )
    for draft in drafts:
        for phase, kinds in around.ALONG_ROADS.get(draft.zone_id, {}).items():
            for kind, progress, due, done in kinds:
                number = 1 + sum(row["zone_id"] == draft.zone_id for row in rows)
                rows.append(
                    {
                        "work_id": f"{draft.prefix}-W{number:02d}",
                        "zone_id": draft.zone_id,
                        "kind": kind,
                        "inside_fence": True,
                        "capacity": around.ROAD_M if kind == "road" else None,
                        "capacity_unit": "m" if kind == "road" else None,
                        "progress_share": progress,
                        "due_on": due,
                        "done_on": done,
                        "geometry": places()[draft.zone_id].paths(_roads(draft, phase, kind)),
                    }
                )
    return rows


def _roads(draft: Draft, phase: str, kind: str) -> list[Ring]:
    """Middle lines of a phase's roads, but where works of the kind were drawn by hand."""
    drawn = [
        row[7] for row in around.WORKS[draft.zone_id] if row[0] == kind and row[1] and not row[8]
    ]
    lines = [
        middle_line(parcel.ring)
        for parcel in draft.versions
        if parcel.land_use == "transport"
        and parcel.phase == phase
        and parcel.runs(NOTICE)
        and parcel.lot_code == "GT"
    ]
    return [line for line in lines if all(away_m(centre(line), path) > BESIDE_M for path in drawn)]


def buildings(drafts: Iterable[Draft], ledger: Sequence[Entry], projects: Rows) -> Rows:
    """Halls on the lots whose projects began to build."""
    built = {row["project_id"]: row["building_on"] for row in projects if row["building_on"]}
    since: dict[str, str] = {}
    for entry in ledger:
        if entry.status == "leased" and entry.runs(NOTICE) and entry.project_id in built:
            began = later(max(built[entry.project_id], entry.valid_from), 120)
            since[entry.parcel_id] = min(since.get(entry.parcel_id, began), began)
    return [
        {
            "building_id": f"{parcel.parcel_id}-N{number}",
            "parcel_id": parcel.parcel_id,
            "storeys": TALL.get(parcel.parcel_id, 1 + pick(parcel.parcel_id, "storeys", 3)),
            "valid_from": since[parcel.parcel_id],
            "geometry": places()[draft.zone_id].polygon(hall),
        }
        for draft in drafts
        for parcel in draft.versions
        if parcel.parcel_id in since and parcel.valid_to is None
        for number, hall in enumerate(_halls(parcel), start=1)
    ]


def _halls(parcel: Parcel) -> list[Ring]:
    """One hall in the middle of a lot, or two with a yard between them."""
    density = DENSE.get(parcel.parcel_id, 0.34 + pick(parcel.parcel_id, "density", 28) / 100)
    middle = centre(parcel.ring)
    factor = density**0.5
    hall = [
        (middle[0] + (x - middle[0]) * factor, middle[1] + (y - middle[1]) * factor)
        for x, y in parcel.ring
    ]
    if parcel.area_m2 * density < 6_000 or parcel.parcel_id in DENSE:
        return [hall]
    first, _, second = bands(hall, Line(middle, unit(90)), [(-9, 18)])
    return [first, second]


def encumbrances() -> Rows:
    """What takes vacant land out of the developable, in the order of the account."""
    rows = [
        {"kind": kind, "rank": rank, "geometry": places()[zone_id].polygon(ring)}
        for zone_id, kind, rank, ring in around.ENCUMBRANCES
    ]
    return sorted(rows, key=lambda row: row["rank"])


def context() -> Rows:
    """Lines drawn under maps that must work without a network."""
    return [
        {"kind": kind, "name": name, "geometry": places()[zone_id].path(points)}
        for zone_id, _, (kind, name, points) in around.zone_rows(around.CONTEXT)
    ]


def plan_items(drafts: Iterable[Draft]) -> Rows:
    """Approved hectares by use: as drawn for the time of the notice, to the hundredth."""
    rows = []
    for draft in drafts:
        totals: dict[str, float] = {}
        for parcel in draft.versions:
            if parcel.runs(NOTICE):
                totals[parcel.land_use] = totals.get(parcel.land_use, 0.0) + parcel.area_m2
        rows += [
            {
                "zone_id": draft.zone_id,
                "item": land_use,
                "approved_ha": round(total / 10_000, 2),
                "basis": "assumed",
            }
            for land_use, total in sorted(totals.items())
        ]
    return rows


def clearance(parcels: Rows, ledger: Sequence[Entry]) -> Rows:
    """Lots still to be cleared in March 2018, and a few that were cleared before."""
    lots = {row["parcel_id"]: row for row in parcels if row["valid_from"] <= NOTICE}
    chosen = [
        entry
        for entry in ledger
        if entry.status == "uncleared"
        and entry.parcel_id[:2] in ("LS", "PH")
        and entry.parcel_id in lots
        and (entry.runs(NOTICE) or pick(entry.parcel_id, "clearance", 6) == 0)
    ]
    return [
        _cleared(number, entry, lots[entry.parcel_id])
        for number, entry in enumerate(chosen, start=1)
    ]


def _cleared(number: int, entry: Entry, lot: dict[str, Any]) -> dict[str, Any]:
    name, area_ha = entry.parcel_id, entry.part_area_ha or lot["geometry"].area / 10_000
    households = 1 + pick(name, "households", 6)
    planned = round(area_ha * (1_100 + pick(name, "price", 900))) * 1_000_000
    is_done = entry.valid_to is not None
    paid_share = 100 if is_done else (0, 20, 45, 60)[pick(name, "paid", 4)]
    plots = 1 + households // 2
    due = later(entry.valid_to, -60) if entry.valid_to else f"20{18 + pick(name, 'due', 3)}-12-31"
    return {
        "clearance_id": f"GP-{number:03d}",
        "zone_id": lot["zone_id"],
        "parcel_id": name,
        "area_ha": round(area_ha, 4),
        "households": households,
        "planned_vnd": float(planned),
        "paid_vnd": float(planned * paid_share // 100),
        "due_on": due,
        "handed_over_on": entry.valid_to,
        "receptor_id": {"LS": "LS-R05", "PH": "PH-R04"}[name[:2]],
        "plots_needed": plots,
        "plots_ready": plots if is_done else pick(name, "plots", plots + 1),
        "basis": "assumed",
        "geometry": lot["geometry"],
    }
