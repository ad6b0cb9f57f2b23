"""Stores: the only room that opens vector files and databases of a project."""

from __future__ import annotations

from kcngeo.io.address import shown
from kcngeo.io.geopackage import write_layers
from kcngeo.io.sheets import LedgerRead, read_ledger
from kcngeo.io.stores import content_digest, read_project, write_project

__all__ = [
    "LedgerRead",
    "content_digest",
    "read_ledger",
    "read_project",
    "shown",
    "write_layers",
    "write_project",
]
