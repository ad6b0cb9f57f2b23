"""The ledger workbook: tables without shapes as sheets that an office fills in and hands back."""

from kcngeo.io.workbook.cells import read_cells
from kcngeo.io.workbook.layout import WORKBOOKS
from kcngeo.io.workbook.read import WorkbookRead, read_workbook
from kcngeo.io.workbook.write import SHEETS, empty_project, write_workbook

__all__ = [
    "SHEETS",
    "WORKBOOKS",
    "WorkbookRead",
    "empty_project",
    "read_cells",
    "read_workbook",
    "write_workbook",
]
