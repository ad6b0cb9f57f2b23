"""From drawings to tables: frames with the columns of the contract, geometry placed on the grid."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import pandas as pd
import pyproj

from kcngeo.core.schema import TABLES
from kcngeo.core.validation import validate
from sample.book import NOTICE, Entry, pick
from sample.lots import Draft, Parcel
from sample.plane import Place, Ring, shared_nodes
from sample.published import ZONE_VERSIONS, ZONES

CRS = "EPSG:5899"
SITES = {
    # longitude, latitude (VN-2000) as published or, for Tân Phú, assumed; turned by degrees
    "loc-son": (107.842, 11.524, 14.0),
    "phu-hoi": (108.36, 11.70, -21.0),
    "tan-phu": (108.32, 11.655, 8.0),
    "dai-lao": (107.75, 11.50, 33.0),
}
PREFIXES = {"loc-son": "LS", "phu-hoi": "PH", "tan-phu": "TP", "dai-lao": "DL"}

Rows = list[dict[str, Any]]


def places() -> dict[str, Place]:
    """Where each zone's own origin lies, to the metre."""
    project = pyproj.Transformer.from_crs("EPSG:4756", CRS, always_xy=True)
    found = {}
    for zone_id, (longitude, latitude, turned) in SITES.items():
        easting_m, northing_m = project.transform(longitude, latitude)
        found[zone_id] = Place(round(easting_m), round(northing_m), turned)
    return found


_OF_ALL_LOTS = ("price_vnd_m2", "fibre", "to_highway_m", "to_port_m", "to_airport_m")
# Of the sample's works nobody published what they are, nor a permit; zones with a boundary need no
# other place; who builds them, what kind of zone or project they are, what is asked for a lot and
# how far it lies from anything stands in no source.
_NOT_KNOWN = {
    "works": ("facility", "permit_no", "permitted_on"),
    "projects": ("pollution_level", "project_type"),
    "parcels": (*_OF_ALL_LOTS, "turnkey", "to_gate_m"),
    "emitters": ("pollution_level",),
    "zones": (
        *("commune_code", "point_x", "point_y", "zone_type", "planned_area_ha", "developer"),
        *("infrastructure_project", "infrastructure_decision", "infrastructure_capital_vnd"),
        *("infrastructure_share", *_OF_ALL_LOTS),
    ),
}


def frame(table: str, rows: Rows) -> Any:
    """A table with the columns of its contract, in its dtypes."""
    names = [one.name for one in TABLES[table].columns if one.name not in _NOT_KNOWN.get(table, ())]
    if table == "ledger":
        names += ["recorded_at", "superseded_at"]
    data = pd.DataFrame(rows).reindex(columns=[*names, *_extra(rows, names)])
    if not TABLES[table].geometry:
        return validate(data, table)
    data["geometry_source"] = pd.Series("synthetic", index=data.index, dtype="str")
    data["geometry"] = data.pop("geometry")
    return validate(gpd.GeoDataFrame(data, geometry="geometry", crs=CRS), table)


def _extra(rows: Rows, names: Sequence[str]) -> list[str]:
    return [name for name in rows[0] if name not in names]


def zones(drafts: Sequence[Draft], noded: dict[str, list[Ring]]) -> Rows:
    """Versions of the zones; each ends where the next begins."""
    rows = []
    for draft in drafts:
        days = sorted(draft.fences)
        ends = [*days[1:], ZONES[draft.zone_id].get("removed_on")]
        for place, (start, end) in enumerate(zip(days, ends, strict=True)):
            rows.append(
                {
                    "zone_id": draft.zone_id,
                    **ZONES[draft.zone_id],
                    **ZONE_VERSIONS[draft.zone_id, start],
                    "province": "Lâm Đồng",
                    "valid_from": start,
                    "valid_to": end,
                    "geometry": places()[draft.zone_id].polygon(noded[draft.zone_id][place]),
                }
            )
    return rows


def noded(draft: Draft) -> tuple[list[Ring], list[Ring]]:
    """Fences by day, and parcel versions, with every node of their neighbours."""
    fences = [draft.fences[day] for day in sorted(draft.fences)]
    rings = shared_nodes([*fences, *(parcel.ring for parcel in draft.versions)])
    return rings[: len(fences)], rings[len(fences) :]


def parcels(draft: Draft, rings: Sequence[Ring], ledger: Sequence[Entry]) -> Rows:
    """Versions of parcels; what was uncleared at the time of the notice has no certificate."""
    place = places()[draft.zone_id]
    uncertified = {
        entry.parcel_id
        for entry in ledger
        if entry.status == "uncleared" and (entry.runs(NOTICE) or draft.zone_id == "tan-phu")
    }
    rows = []
    for parcel, ring in zip(draft.versions, rings, strict=True):
        is_certified = (
            parcel.land_use in ("industrial", "service", "housing")
            and parcel.parcel_id not in uncertified
            and not (draft.zone_id == "phu-hoi" and parcel.phase == "2")
        )
        rows.append(
            {
                "parcel_id": parcel.parcel_id,
                "zone_id": parcel.zone_id,
                "land_use": parcel.land_use,
                "land_use_code": parcel.land_use_code,
                "lot_code": parcel.lot_code,
                "phase": parcel.phase,
                "map_sheet_no": str(11 + pick(parcel.lot_code, parcel.zone_id, 9)),
                "cadastral_no": str(100 + draft.versions.index(parcel)),
                "parents": "|".join(parcel.parents) or None,
                "valid_from": parcel.valid_from,
                "valid_to": parcel.valid_to,
                "geometry": place.polygon(ring),
                **(_certificate(parcel) if is_certified else {}),
            }
        )
    return sorted(rows, key=lambda row: (row["parcel_id"], row["valid_from"]))


def _certificate(parcel: Parcel) -> dict[str, Any]:
    """The certificate gives whole square metres; a few were surveyed less well."""
    area = round(parcel.area_m2)
    if pick(parcel.parcel_id, "survey", 12) == 0 and parcel.parcel_id[:3] == "PH-":
        area = round(area * 1.002, 1)
    number = 100_000 + pick(parcel.parcel_id, parcel.valid_from, 899_999)
    return {"certificate_no": f"CT {number}", "certificate_area_m2": float(area)}


def areas_at_notice(rows: Rows) -> dict[str, float]:
    """Hectares of the parcels in force at the time of the notice, to the square metre."""
    return {
        row["parcel_id"]: round(row["geometry"].area) / 10_000
        for row in rows
        if row["valid_from"] <= NOTICE and (row["valid_to"] is None or row["valid_to"] > NOTICE)
    }


def ledger(entries: Sequence[Entry]) -> Rows:
    """The ledger in the order in which it was written down."""
    ordered = sorted(
        entries,
        key=lambda one: (
            *(one.recorded_at, one.parcel_id, one.valid_from, one.status),
            one.part_area_ha or 0.0,
        ),
    )
    return [
        {"entry_id": f"S-{number:04d}", **dataclasses.asdict(entry)}
        for number, entry in enumerate(ordered, start=1)
    ]
