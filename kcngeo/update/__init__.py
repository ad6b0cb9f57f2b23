"""What an edited project changes: shown first, then recorded so that nothing known is lost.

GIS staff edit the project in QGIS, the office edits the ledger workbook; what comes back is whole
tables. :func:`difference` lists the edits: rows added, removed, moved or changed. :func:`apply`
records them: an old row is never changed, only superseded, and the better row stands beside it with
the moment it was recorded. So every report can be printed again as it was known before.

While a copy is away others record too. :func:`merge` puts both together cell by cell, from what the
copy was when it left; :func:`record` does it as one step that no other writer comes between.

:func:`apply_changes` makes a project as a scenario would have it, of which nothing is recorded.

A lease list is no copy: :func:`reconcile` compares it with the ledger on its own day, line by line.
"""

from __future__ import annotations

from kcngeo.update.apply import apply
from kcngeo.update.apply_changes import Changed, apply_changes
from kcngeo.update.arrived import Arrived, BroughtIn, Drawing, Reading
from kcngeo.update.changes import Changes, read_changes
from kcngeo.update.clock import mend_clock
from kcngeo.update.companies import Companies, companies
from kcngeo.update.copies import ancestor
from kcngeo.update.difference import KINDS, Difference, difference
from kcngeo.update.ingest import arriving
from kcngeo.update.merge import Merge, merge
from kcngeo.update.reconcile import Reconciliation, reconcile
from kcngeo.update.recording import Recorded, record
from kcngeo.update.sources import bring_in, read_sources

__all__ = [
    "KINDS",
    "Arrived",
    "BroughtIn",
    "Changed",
    "Changes",
    "Companies",
    "Difference",
    "Drawing",
    "Merge",
    "Reading",
    "Reconciliation",
    "Recorded",
    "ancestor",
    "apply",
    "apply_changes",
    "arriving",
    "bring_in",
    "companies",
    "difference",
    "mend_clock",
    "merge",
    "read_changes",
    "read_sources",
    "reconcile",
    "record",
]
