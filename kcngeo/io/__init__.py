"""Stores, layers and sheets: the only room that opens vector files and databases of a project."""

from __future__ import annotations

from kcngeo.io.days_as_text import days_as_text
from kcngeo.io.mapping import (
    ColumnMapping,
    Mapped,
    mapped,
    propose_mapping,
    read_land_use_table,
    read_mapping,
    write_land_use_table,
    write_mapping,
)
from kcngeo.io.own_table import read_own_table
from kcngeo.io.spreadsheet import LedgerRead, TableRead, kind_of, read_ledger, read_table
from kcngeo.io.spreadsheet.corners import read_corners
from kcngeo.io.stores import content_digest, holds_project, read_project, write_parts, write_project
from kcngeo.io.stores.backup import keep_copies
from kcngeo.io.stores.editing import Editing, editing
from kcngeo.io.stores.geopackage import write_layers
from kcngeo.io.stores.layer_styles import LayerStyle, write_layer_styles
from kcngeo.io.stores.package_rows import package_rows
from kcngeo.io.stores.url import Database, database_of, is_url, redact_url
from kcngeo.io.vector.cad import lots_from_cad
from kcngeo.io.vector.crs_inference import crs_candidates
from kcngeo.io.vector.diagnostics import CRS_RULES, crs_findings
from kcngeo.io.vector.read import LayerRead, list_layers, read_layer
from kcngeo.io.workbook import (
    WORKBOOKS,
    WorkbookRead,
    empty_project,
    read_cells,
    read_workbook,
    write_workbook,
)

__all__ = [
    "CRS_RULES",
    "WORKBOOKS",
    "ColumnMapping",
    "Database",
    "Editing",
    "LayerRead",
    "LayerStyle",
    "LedgerRead",
    "Mapped",
    "TableRead",
    "WorkbookRead",
    "content_digest",
    "crs_candidates",
    "crs_findings",
    "database_of",
    "days_as_text",
    "editing",
    "empty_project",
    "holds_project",
    "is_url",
    "keep_copies",
    "kind_of",
    "list_layers",
    "lots_from_cad",
    "mapped",
    "package_rows",
    "propose_mapping",
    "read_cells",
    "read_corners",
    "read_land_use_table",
    "read_layer",
    "read_ledger",
    "read_mapping",
    "read_own_table",
    "read_project",
    "read_table",
    "read_workbook",
    "redact_url",
    "write_land_use_table",
    "write_layer_styles",
    "write_layers",
    "write_mapping",
    "write_parts",
    "write_project",
    "write_workbook",
]
