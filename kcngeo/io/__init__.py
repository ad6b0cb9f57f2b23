"""Stores, layers and sheets: the only room that opens vector files and databases of a project."""

from __future__ import annotations

from kcngeo.io.address import shown
from kcngeo.io.cad import lots_from_cad
from kcngeo.io.crs_candidates import crs_candidates
from kcngeo.io.geopackage import write_layers
from kcngeo.io.layers import LayerRead, read_layer
from kcngeo.io.sheets import LedgerRead, read_ledger
from kcngeo.io.stores import content_digest, read_project, write_project

__all__ = [
    "LayerRead",
    "LedgerRead",
    "content_digest",
    "crs_candidates",
    "lots_from_cad",
    "read_layer",
    "read_ledger",
    "read_project",
    "shown",
    "write_layers",
    "write_project",
]
