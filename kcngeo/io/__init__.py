"""Stores: the only room that opens vector files and databases of a project."""

from __future__ import annotations

from kcngeo.io.geopackage import read_project, write_layers, write_project
from kcngeo.io.sheets import LedgerRead, read_ledger

__all__ = ["LedgerRead", "read_ledger", "read_project", "write_layers", "write_project"]
