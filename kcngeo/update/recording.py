"""A copy comes back: merged with what others have recorded, and recorded as one step."""

from __future__ import annotations

import os
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from kcngeo import io
from kcngeo.core.checked_once import each_once
from kcngeo.core.errors import ContractError
from kcngeo.core.model import Severity
from kcngeo.core.schema import COMPUTED, empty
from kcngeo.ledger.project import Project
from kcngeo.update.apply import apply
from kcngeo.update.clash_shapes import clash_shapes
from kcngeo.update.copies import ancestor, require_copy, require_same_ids
from kcngeo.update.difference import Difference, difference
from kcngeo.update.ingest import arriving
from kcngeo.update.merge import Merge, merged
from kcngeo.update.workbooks import merged_workbook


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recorded:
    """What became of a copy that came back.

    Attributes
    ----------
    changes
        The edits that were made in the copy.
    clashes
        Cells that others have changed otherwise meanwhile, see :class:`Merge`; if there are any,
        nothing is recorded.
    shapes
        Where the clashes lie, see :class:`Merge`.
    written
        Whether anything was.
    """

    changes: Difference
    clashes: pd.DataFrame
    shapes: gpd.GeoDataFrame
    written: bool


@each_once()
def record(
    path_or_url: str | os.PathLike[str],
    edited: Project | io.WorkbookRead,
    *,
    recorded_at: str | None = None,
    valid_from: str | None = None,
    without_ancestor: bool = False,
    resolved: pd.DataFrame | None = None,
    dry_run: bool = False,
) -> Recorded:
    """Record the edits of a copy in the project it was taken from; nobody's work is lost.

    From reading the project to writing it no other writer comes between. Only what was edited in
    the copy is recorded: what others have recorded since it left stays.

    Parameters
    ----------
    path_or_url
        The project, see :func:`kcngeo.io.read_project`.
    edited
        The copy, as it was read: a project, or its ledger workbook, which holds no shapes.
    recorded_at
        When the edits were recorded; None for now.
    valid_from
        First day of new shapes and uses; None if the old ones were wrong.
    without_ancestor
        Whether the copy is recorded as it stands, whatever others have recorded since: what it
        does not hold is removed.
    resolved
        Clashes as they were listed before, with "theirs" or "mine" in ``take``.
    dry_run
        Whether everything is worked out and nothing written.

    Returns
    -------
    Recorded
        The edits, the clashes, and whether anything was written.

    Raises
    ------
    ContractError
        If the edits break a contract or bring a contradiction, also with what others recorded.
    KcngeoError
        If the copy was not taken from this project or was taken later, has lost tables, rows of it
        have other ids than when it left, or something here was recorded at ``recorded_at`` or
        later.
    DataSourceError
        If the project cannot be read or written.

    Examples
    --------
    >>> import tempfile
    >>> from dataclasses import replace
    >>> import kcngeo as kcn
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = f"{folder}/squares.gpkg"
    ...     kcn.io.write_project(kcn.examples.squares(), path)
    ...     copy = kcn.io.read_project(path)
    ...     roads = replace(copy, parcels=copy.parcels.replace("transport", "green"))
    ...     _ = record(path, roads, recorded_at="2018-05-01")
    ...     documents = replace(copy, ledger=copy.ledger.assign(document="No. 1"))
    ...     _ = record(path, documents, recorded_at="2018-05-02")
    ...     now = kcn.io.read_project(path).as_known()
    >>> int((now.parcels["land_use"] == "transport").sum()), set(now.ledger["document"])
    (0, {'No. 1'})
    """
    with io.editing(path_or_url) as now:
        theirs = now.project
        if without_ancestor:
            made = _as_it_stands(theirs, edited)
        else:
            made = _merged(theirs, edited, resolved)
        written = not (len(made.clashes) or made.changes.empty or dry_run)
        if not len(made.clashes):
            after = apply(theirs, made.changes, recorded_at=recorded_at, valid_from=valid_from)
        if written:
            now.write(after)
    return Recorded(changes=made.changes, clashes=made.clashes, shapes=made.shapes, written=written)


def _merged(
    theirs: Project, edited: Project | io.WorkbookRead, resolved: pd.DataFrame | None
) -> Merge:
    """Put the edits of a copy beside what others have recorded since it left."""
    if not isinstance(edited, Project):
        _require_read(edited)
        return merged_workbook(theirs, edited, remove=True, resolved=resolved)
    require_copy(theirs, edited, dict(edited.tables()))
    first = difference(ancestor(theirs, edited.taken), edited)
    require_same_ids(first)
    return merged(first, theirs, resolved)


def _as_it_stands(theirs: Project, edited: Project | io.WorkbookRead) -> Merge:
    """List what a copy changes, were it the only one that was edited."""
    if isinstance(edited, Project):
        changes = difference(theirs, edited)
    else:
        _require_read(edited)
        changes = arriving(theirs, edited.tables, whole=edited.tables, remove=True)
    return Merge(
        changes=changes,
        clashes=empty(COMPUTED["clashes"]),
        shapes=clash_shapes([], [], theirs),
    )


def _require_read(book: io.WorkbookRead) -> None:
    """Refuse a workbook with cells that could not be read."""
    problems = [one for one in book.findings if one.severity is Severity.ERROR]
    if problems:
        raise ContractError(problems)
