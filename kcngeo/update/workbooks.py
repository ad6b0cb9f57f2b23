"""A ledger workbook that comes back: what was edited in it, and what others recorded meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from kcngeo.io import WorkbookRead
from kcngeo.ledger.project import Project
from kcngeo.update.copies import ancestor, require_copy, require_same_ids
from kcngeo.update.ingest import arriving
from kcngeo.update.merge import Merge, merge


def merged_workbook(
    theirs: Project, book: WorkbookRead, *, remove: bool, resolved: pd.DataFrame | None = None
) -> Merge:
    """Put the edits of a workbook and what others have recorded since it left together."""
    require_copy(theirs, book, book.tables)
    left = ancestor(theirs, book.taken)
    first = arriving(left, book.tables, whole=book.tables, remove=remove)
    if remove:
        require_same_ids(first)
    made = merge(left, theirs, first.new, resolved=resolved)
    kept = [one for one in first.findings if one.rule == "arriving_kept"]
    # That a workbook holds no shapes goes without saying.
    told = [one for one in made.changes.findings if one.rule != "table_absent"]
    findings = (*told, *kept)
    return replace(made, changes=replace(made.changes, findings=findings))
