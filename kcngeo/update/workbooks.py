"""A ledger workbook that comes back: what was edited in it, and what others recorded meanwhile."""

from __future__ import annotations

import pandas as pd

from kcngeo.io import WorkbookRead
from kcngeo.ledger.project import Project
from kcngeo.update.copies import ancestor, require_copy, require_same_ids
from kcngeo.update.ingest import arriving
from kcngeo.update.merge import Merge, merged


def merged_workbook(
    theirs: Project, book: WorkbookRead, *, remove: bool, resolved: pd.DataFrame | None = None
) -> Merge:
    """Put the edits of a workbook and what others have recorded since it left together."""
    require_copy(theirs, book, book.tables)
    left = ancestor(theirs, book.taken)
    first = arriving(left, book.tables, whole=book.tables, remove=remove)
    if remove:
        require_same_ids(first)
    return merged(first, theirs, resolved)
