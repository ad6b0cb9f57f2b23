"""Lease lists and other tables in spreadsheets: cells → table → rows → entries."""

from kcngeo.io.sheets.ledger import LedgerRead, read_ledger

__all__ = ["LedgerRead", "read_ledger"]
