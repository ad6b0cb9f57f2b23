"""What one person edited in a copy and others have recorded since, put together cell by cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import pandas as pd

from kcngeo.core.checked_once import each_once
from kcngeo.core.errors import KcngeoError
from kcngeo.core.model import Finding
from kcngeo.core.row_digests import row_digests
from kcngeo.core.schema import COMPUTED, empty
from kcngeo.core.validation import as_known, validate
from kcngeo.ledger.project import Project
from kcngeo.update.clash_shapes import clash_shapes
from kcngeo.update.difference import Difference, difference
from kcngeo.update.matching import is_superseded
from kcngeo.update.merged_table import BOOKKEEPING, TOLD, Decision, MergedTable

# Said of the copy against what it came from, or of no interest once both are put together.
_OF_THE_WAY = ("table_absent", "columns_absent", "history_edited", "recorded_at_edited")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Merge:
    """What is to be recorded of a copy, and what two people want otherwise.

    Attributes
    ----------
    changes
        The edits that were made in the copy alone, as edits of the project of today.
    clashes
        One row a cell: ``table``, ``id``, ``zone_id``, ``column``, ``kind`` (both_changed,
        both_added, removed_meanwhile, removed_in_copy), and what stood there (``before``), stands
        there today (``theirs``) and stands in the copy (``mine``).
    shapes
        Where the clashes lie, a row for each shape: ``table``, ``id``, ``zone_id``, ``column``,
        ``kind``, ``side`` (before, theirs, mine; same, where they agree on it) and ``value``.
    """

    changes: Difference
    clashes: pd.DataFrame
    shapes: gpd.GeoDataFrame


@each_once()
def merge(
    ancestor: Project,
    theirs: Project,
    mine: Project | Mapping[str, pd.DataFrame],
    *,
    resolved: pd.DataFrame | None = None,
) -> Merge:
    """Put the edits of a copy and what others have recorded since together, cell by cell.

    What only one side changed is taken from it; what both changed alike is there already. A cell
    that both changed otherwise, and a row that one removed and the other changed, is a clash:
    which of both holds is for people to say.

    Parameters
    ----------
    ancestor
        The rows of the copy as it left, see :func:`ancestor`.
    theirs
        The project today.
    mine
        The copy, edited; or its tables by name.
    resolved
        Clashes as they were listed, with "theirs" or "mine" in ``take``. A cell that has changed
        again since clashes again; a row that is gone from the project cannot be taken from the
        copy.

    Returns
    -------
    Merge
        The edits to record in ``theirs``, and the clashes, whose cells are not among them.

    Raises
    ------
    ContractError
        If edited tables break their contract; all breaches are listed.
    CRSError
        If a table came back in another CRS.

    Examples
    --------
    >>> from dataclasses import replace
    >>> import kcngeo as kcn
    >>> project = kcn.examples.squares()
    >>> roads = replace(project, parcels=project.parcels.replace("transport", "green"))
    >>> documents = replace(project, ledger=project.ledger.assign(document="No. 1"))
    >>> made = merge(project, roads, documents)
    >>> made.changes.counts(), len(made.clashes)
    ([('ledger', 'changed', 6)], 0)
    """
    return merged(difference(ancestor, mine), theirs, resolved)


def merged(first: Difference, theirs: Project, resolved: pd.DataFrame | None) -> Merge:
    """Put the edits of a copy, as edits of what it was when it left, into the project today."""
    if resolved is not None:
        _require_decisions(resolved)
    today, before = dict(theirs.tables()), dict(first.old.tables())
    tables: dict[str, Any] = {}
    clashes, shapes = [], []
    for name in first.edits["table"].unique():
        fresh = first.new[name]
        was = validate(before[name], name, errors="collect")[0] if name in before else None
        now = validate(today[name], name, errors="collect")[0] if name in today else None
        if was is None or now is None:
            tables[name] = fresh
            continue
        put = MergedTable(
            name,
            was=was,
            now=_plain_rows(now),
            mine=fresh.reset_index(drop=True),
            decided=_decided(resolved, name),
        )
        # Where nobody else edited the table it becomes what the copy says, checked already.
        tables[name] = put.merged() if put.is_edited_by_others else fresh
        clashes += put.clashes
        shapes += put.shapes()
    changes = difference(theirs, tables)
    told = [one for one in changes.findings if one.rule not in _OF_THE_WAY]
    said = [*_history(theirs, first), *told]
    table = COMPUTED["clashes"]
    listed = pd.DataFrame(clashes, columns=[*empty(table).columns, "parcel_id"], dtype="object")
    # A row without a zone belongs to the zone of its parcel.
    zone_of = dict(zip(theirs.parcels["parcel_id"], theirs.parcels["zone_id"], strict=True))
    listed["zone_id"] = listed["zone_id"].fillna(listed["parcel_id"].map(zone_of))
    placed = clash_shapes(listed.to_dict("records"), shapes, theirs)
    listed = listed.drop(columns="parcel_id")
    return Merge(
        changes=replace(changes, findings=tuple(said)),
        clashes=listed.sort_values(["table", "id", "column"], kind="stable", ignore_index=True),
        shapes=placed.sort_values(["table", "id", "column"], kind="stable", ignore_index=True),
    )


def _require_decisions(resolved: pd.DataFrame) -> None:
    """Refuse a list of clashes that is none, or says something else than whose value holds."""
    missing = [name for name in ("table", *TOLD, "take") if name not in resolved.columns]
    if missing:
        raise KcngeoError("resolve_columns", columns=missing)
    takes = resolved["take"].dropna()
    strange = takes[~takes.isin(["theirs", "mine"])].unique().tolist()
    if strange:
        raise KcngeoError("resolve_words", words=strange)


def _decided(resolved: pd.DataFrame | None, table: str) -> dict[Decision, str]:
    """Read whose value holds, by what a clash said when it was decided."""
    if resolved is None:
        return {}
    rows = resolved[(resolved["table"] == table) & resolved["take"].notna()]
    return {
        tuple(None if pd.isna(cell) else cell for cell in row[:-1]): row[-1]
        for row in rows[[*TOLD, "take"]].itertuples(index=False, name=None)
    }


def _plain_rows(frame: Any) -> Any:
    """Keep the rows on record, without when they were recorded."""
    kept = as_known(frame).drop(columns=BOOKKEEPING, errors="ignore")
    return kept.reset_index(drop=True)


def _history(theirs: Project, first: Difference) -> list[Finding]:
    """Say what was edited in vain: what was superseded, and when rows were recorded."""
    today = dict(theirs.tables())
    found = []
    for one in first.findings:
        if one.rule == "history_edited":
            count = _history_edited(one.table, today[one.table], first.new[one.table])
            if not count:
                continue
            one = replace(one, fields={**one.fields, "count": count})
        found.append(one)
    return found


def _history_edited(name: str, today: pd.DataFrame, mine: pd.DataFrame) -> int:
    """Count superseded rows of a copy that are not superseded in the project."""
    here = validate(today, name, errors="collect")[0]
    gone = [Counter(row_digests(one)[is_superseded(one)].tolist()) for one in (mine, here)]
    return (gone[0] - gone[1]).total()
