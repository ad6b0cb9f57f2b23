"""What stands where in the ledger workbook; its writer and its reader agree by it."""

from __future__ import annotations

from typing import Any

from kcngeo.core.schema import TABLES, Column

WORKBOOKS = (".xlsx", ".xlsm", ".ods")
"""Endings of the files a ledger workbook comes back as."""

SHEETS = (
    *("ledger", "declared_accounts", "projects", "project_periods", "project_changes"),
    *("support", "documents", "plan_items", "milestones", "targets", "claims"),
)
"""Tables the workbook holds whole."""

LISTS = {"zones": ("zone_id", "name"), "parcels": ("parcel_id", "zone_id", "lot_code", "land_use")}
"""Tables the workbook only lists, for its drop-downs: their shapes live in the project."""

NOTE = "note"
"""First column of each sheet: the user's own remarks."""

EXAMPLES = ("ví dụ", "example")
"""A row whose note begins so is an example and is not read."""

LABEL = "kcngeo"
"""Name of the hidden sheet that says which project the workbook is of, and its rows as it left."""

DATA_ROWS = 5000
"""Rows that have drop-downs."""

FIRST_ROWS: dict[str, dict[str, Any]] = {
    "ledger": {
        "entry_id": "vd-1",
        "parcel_id": "LS-CN9",
        "status": "leased",
        "valid_from": "2018-03-01",
        "valid_to": "2068-03-01",
        "part_area_ha": 8.36,
        "project_id": "da-1",
        "document": "12/HĐTLĐ",
    },
    "declared_accounts": {
        "zone_id": "loc-son",
        "on": "2025-09-30",
        "base_ha": 135.75,
        "leased_ha": 119.72,
        "source": "03/BC-BQL",
    },
    "projects": {
        "project_id": "da-1",
        "investor": "Công ty TNHH Ví dụ",
        "origin": "domestic",
        "premises": "land",
        "sector": "coffee",
        "registered_ha": 8.36,
        "currency": "VND",
        "workers": 120,
        "licensed_on": "2017-12-15",
    },
    "project_periods": {
        "project_id": "da-1",
        "period": "2026Q3",
        "turnover": 52_000_000_000,
        "export": 1_250_000,
        "wages_vnd": 3_600_000_000,
        "workers": 120,
        "foreign_workers": 3,
    },
    "project_changes": {
        "project_id": "da-1",
        "on": "2026-08-14",
        "kind": "raised",
        "capital": 10_000_000_000,
        "currency": "VND",
    },
    "support": {
        "support_id": "ht-1",
        "project_id": "da-1",
        "kind": "infrastructure",
        "asked_on": "2026-08-03",
        "due_on": "2026-08-18",
        "answered_on": "2026-08-12",
    },
    "documents": {"document_id": "vb-1", "number": "12/QĐ-BQL", "signed_on": "2026-08-14"},
    "plan_items": {"zone_id": "loc-son", "item": "green", "approved_ha": 18.3},
    "milestones": {"zone_id": "loc-son", "kind": "plan_approved", "done_on": "2009-08-11"},
    "targets": {
        "zone_id": "loc-son",
        "measure": "fill_rate",
        "definition": "nd35-2022",
        "value": 1.0,
        "on": "2025-12-31",
        "source": "01/KH-BQL",
    },
    "claims": {
        "zone_id": "loc-son",
        "measure": "leased_ha",
        "value": 76.072,
        "on": "2018-03-31",
        "source": "02/TB-BQL",
    },
}
"""The example row of each sheet."""


def columns_of(table: str) -> tuple[Column, ...]:
    """List the columns of a sheet, without the note."""
    listed = TABLES[table].columns
    if table in LISTS:
        return tuple(column for column in listed if column.name in LISTS[table])
    if table != "ledger":
        return listed
    first = ("entry_id", "parcel_id", "status", "valid_from", "valid_to", "part_area_ha")
    rest = [column for column in listed if column.name not in first]
    named = {column.name: column for column in listed}
    return (*(named[name] for name in first), *rest)
