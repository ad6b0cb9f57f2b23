"""Lease lists and other tables in spreadsheets: cells → table → rows → entries."""

from kcngeo.io.spreadsheet.classify import kind_of
from kcngeo.io.spreadsheet.lease_list import LedgerRead, read_ledger
from kcngeo.io.spreadsheet.plain_table import TableRead, read_table

__all__ = ["LedgerRead", "TableRead", "kind_of", "read_ledger", "read_table"]
