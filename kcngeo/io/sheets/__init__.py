"""Lease lists and other tables in spreadsheets: cells → table → rows → entries."""

from kcngeo.io.sheets.kinds import kind_of
from kcngeo.io.sheets.ledger import LedgerRead, read_ledger
from kcngeo.io.sheets.tables import TableRead, read_table

__all__ = ["LedgerRead", "TableRead", "kind_of", "read_ledger", "read_table"]
