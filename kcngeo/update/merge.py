"""What one person edited in a copy and others have recorded since, put together cell by cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo.core.errors import KcngeoError
from kcngeo.core.model import Finding
from kcngeo.core.row_digests import points, row_digests
from kcngeo.core.schema import COMPUTED, RECORDED, TABLES, empty
from kcngeo.core.validation import as_known, validate
from kcngeo.ledger.project import Project
from kcngeo.update.apply import stacked
from kcngeo.update.difference import Difference, difference, ids_of
from kcngeo.update.matching import GEOMETRY, is_superseded, matches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

_BOOKKEEPING = [column.name for column in RECORDED]
# Said of the copy against what it came from, or of no interest once both are put together.
_OF_THE_WAY = ("table_absent", "columns_absent", "history_edited", "recorded_at_edited")
_MOST_NAMED = 12
# What tells a clash from others, and from the same cell with other values.
_TOLD = ("id", "column", "kind", "theirs", "mine")
_Told = tuple[str | None, ...]


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
    """

    changes: Difference
    clashes: pd.DataFrame


def ancestor(theirs: Project, taken: Mapping[str, bytes] | None) -> Project:
    """Find the rows of a copy as it left, in the project it was taken from.

    Parameters
    ----------
    theirs
        The project today, with all that was ever on record.
    taken
        What the rows of the copy were when it left, see :class:`kcngeo.Project`.

    Returns
    -------
    Project
        These rows, and no others: one that others wrote beside them was never in the copy.

    Raises
    ------
    KcngeoError
        If the copy does not say what it was, or some of its rows were never on record here: it is
        a copy of another or of a later project, or rows were changed here without a record.

    Examples
    --------
    >>> import tempfile
    >>> import kcngeo as kcn
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     kcn.io.write_project(kcn.examples.squares(), f"{folder}/squares.gpkg")
    ...     project = kcn.io.read_project(f"{folder}/squares.gpkg")
    >>> len(ancestor(project, project.taken).parcels)
    10
    """
    if taken is None:
        raise KcngeoError("update_no_ancestor")
    found: dict[str, Any] = {}
    strange: list[str] = []
    for name, frame in theirs.tables():
        rows = validate(frame, name, errors="collect")[0].reset_index(drop=True)
        numbers = np.frombuffer(taken.get(name, b""), dtype="<u8")
        held, missing = _found(rows, numbers)
        kept = rows.iloc[held].drop(columns="superseded_at", errors="ignore")
        found[name] = kept.reset_index(drop=True)
        if missing:
            strange.append(_told_missing(name, missing, rows, held))
    lost = sorted(set(taken) - set(found))
    strange += [f"{name} ({len(taken[name]) // 8})" for name in lost if taken[name]]
    if strange:
        raise KcngeoError("update_other_ancestor", tables="; ".join(strange))
    return Project(**found)


def _found(rows: pd.DataFrame, numbers: NDArray[np.uint64]) -> tuple[Ints, int]:
    """Find rows by their numbers, those on record first; and count those that are not there."""
    order = np.argsort(~rows.index.isin(as_known(rows).index), kind="stable")
    held = pd.DataFrame({"number": row_digests(rows)[order], "row": order})
    asked = pd.DataFrame({"number": numbers.astype("uint64")})
    # The same row twice is two rows.
    for one in (held, asked):
        one["nth"] = one.groupby("number").cumcount()
    both = asked.merge(held, on=["number", "nth"], how="left")["row"]
    return np.sort(both.dropna().to_numpy(dtype="int64")), int(both.isna().sum())


def _told_missing(name: str, missing: int, rows: pd.DataFrame, held: Ints) -> str:
    """Name the rows here that the copy does not know, which may be what became of its own."""
    others = np.setdiff1d(np.flatnonzero(rows.index.isin(as_known(rows).index)), held)
    ids = ids_of(rows, others[:_MOST_NAMED], TABLES[name])
    return f"{name} ({missing}{': ' + ', '.join(ids) if ids else ''})"


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
    if resolved is not None:
        _require_decisions(resolved)
    first = difference(ancestor, mine)
    today, before = dict(theirs.tables()), dict(ancestor.tables())
    merged: dict[str, Any] = {}
    clashes = []
    for name in first.edits["table"].unique():
        fresh = first.new[name]
        was = validate(before[name], name, errors="collect")[0] if name in before else None
        now = validate(today[name], name, errors="collect")[0] if name in today else None
        if was is None or now is None:
            merged[name] = fresh
            continue
        put = _Table(
            name,
            was=was,
            now=_plain_rows(now),
            mine=fresh.reset_index(drop=True),
            decided=_decided(resolved, name),
        )
        merged[name] = put.merged()
        clashes += put.clashes
    changes = difference(theirs, merged)
    told = [one for one in changes.findings if one.rule not in _OF_THE_WAY]
    said = [*_history(theirs, first), *told]
    table = COMPUTED["clashes"]
    listed = pd.DataFrame(clashes, columns=[*empty(table).columns, "parcel_id"], dtype="object")
    # A row without a zone belongs to the zone of its parcel.
    zone_of = dict(zip(theirs.parcels["parcel_id"], theirs.parcels["zone_id"], strict=True))
    listed["zone_id"] = listed["zone_id"].fillna(listed.pop("parcel_id").map(zone_of))
    return Merge(
        changes=replace(changes, findings=tuple(said)),
        clashes=listed.sort_values(["table", "id", "column"], kind="stable", ignore_index=True),
    )


def _require_decisions(resolved: pd.DataFrame) -> None:
    """Refuse a list of clashes that is none, or says something else than whose value holds."""
    missing = [name for name in ("table", *_TOLD, "take") if name not in resolved.columns]
    if missing:
        raise KcngeoError("resolve_columns", columns=missing)
    takes = resolved["take"].dropna()
    strange = takes[~takes.isin(["theirs", "mine"])].unique().tolist()
    if strange:
        raise KcngeoError("resolve_words", words=strange)


def _decided(resolved: pd.DataFrame | None, table: str) -> dict[_Told, str]:
    """Read whose value holds, by what a clash said when it was decided."""
    if resolved is None:
        return {}
    rows = resolved[(resolved["table"] == table) & resolved["take"].notna()]
    return {
        tuple(None if pd.isna(cell) else cell for cell in row[:-1]): row[-1]
        for row in rows[[*_TOLD, "take"]].itertuples(index=False, name=None)
    }


def _plain_rows(frame: Any) -> Any:
    """Keep the rows on record, without when they were recorded."""
    kept = as_known(frame).drop(columns=_BOOKKEEPING, errors="ignore")
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


class _Table:
    """One table in its three states, and what becomes of it.

    Parameters
    ----------
    name
        Its name.
    was
        The rows of the copy as it left.
    now
        The rows on record today, without bookkeeping.
    mine
        The rows of the copy, edited.
    decided
        Whose value holds, by what a clash says.
    """

    def __init__(
        self, name: str, *, was: Any, now: Any, mine: Any, decided: Mapping[_Told, str]
    ) -> None:
        self.contract, self.decided = TABLES[name], decided
        self.was, self.now, self.mine = was, now, mine
        self.ours, self.others = matches(was, mine, name), matches(was, now, name)
        # Where the rows of the copy stand today; a row that is gone stands nowhere.
        self.place = np.full(len(was), -1, dtype="int64")
        self.place[self.others.same_old] = self.others.same_new
        self.place[self.others.old] = self.others.new
        self.clashes: list[dict[str, Any]] = []

    def merged(self) -> Any:
        """Give the rows of today with the edits of the copy; what clashes stays as it is today."""
        result = self._changed()
        added = self._added(result)
        kept = result.drop(index=self._removed())
        return stacked([kept, added], result)

    def _changed(self) -> Any:
        """Take over cells that only the copy changed."""
        result = self.now.copy()
        rows, fresh = self.ours.old, self.ours.new
        at = self.place[rows]
        gone = at < 0
        for column, differs in self.ours.differs.items():
            for place in np.flatnonzero(differs & gone):
                self._clash("removed_meanwhile", column, row=rows[place], mine_row=fresh[place])
            both = differs & ~gone & self._touched(column)[rows]
            either = np.flatnonzero(both)
            same = _agree(self.now, at[either], self.mine, fresh[either], column)
            alone = differs & ~gone & ~both
            for place in either[~same]:
                told = {"row": rows[place], "mine_row": fresh[place]}
                alone[place] = self._clash("both_changed", column, **told) == "mine"
            _put(result, at[alone], self.mine, fresh[alone], column)
        return result

    def _removed(self) -> Ints:
        """Name the rows of today that the copy removed and nobody else changed."""
        rows = self.ours.removed
        rows = rows[self.place[rows] >= 0]
        is_free = np.ones(len(rows), dtype=bool)
        for column in self.others.differs:
            for place in np.flatnonzero(self._touched(column)[rows]):
                is_free[place] &= self._clash("removed_in_copy", column, row=rows[place]) == "mine"
        return self.place[rows[is_free]]

    def _added(self, result: Any) -> Any:
        """Give the rows the copy added; one that others added too is there already."""
        here, there = self.others.added, self.ours.added
        fresh = self.mine.iloc[there].drop(columns=_BOOKKEEPING, errors="ignore")
        both = matches(
            self.now.iloc[here].reset_index(drop=True),
            fresh.reset_index(drop=True),
            self.contract.name,
        )
        for column, differs in both.differs.items():
            for old, new in zip(both.old[differs], both.new[differs], strict=True):
                told = {"now_row": here[old], "mine_row": there[new]}
                if self._clash("both_added", column, **told) == "mine":
                    _put(result, here[[old]], self.mine, there[[new]], column)
        return fresh.iloc[both.added]

    def _touched(self, column: str) -> Flags:
        """Tell in which rows of the copy others have changed a column since."""
        touched = np.zeros(len(self.was), dtype=bool)
        if column in self.others.differs:
            touched[self.others.old] = self.others.differs[column]
        return touched

    def _clash(
        self,
        kind: str,
        column: str,
        *,
        row: int | None = None,
        now_row: int | None = None,
        mine_row: int | None = None,
    ) -> str | None:
        """Note a cell that two people want otherwise, unless it was said whose value holds."""
        if row is not None and self.place[row] >= 0:
            now_row = int(self.place[row])
        frame, at = (self.was, row) if row is not None else (self.now, now_row)
        clash = {
            "table": self.contract.name,
            "id": ids_of(frame, [at], self.contract)[0],
            **{name: _one(frame, at, name) for name in ("zone_id", "parcel_id")},
            "column": column,
            "kind": kind,
            "before": _said(self.was, row, column),
            "theirs": _said(self.now, now_row, column),
            "mine": _said(self.mine, mine_row, column),
            "take": None,
        }
        take = self.decided.get(tuple(clash[name] for name in _TOLD))
        # A row that is gone has no cell to put the value of the copy into.
        if take is None or (take == "mine" and kind == "removed_meanwhile"):
            self.clashes.append(clash)
            return None
        return take


def _one(frame: Any, row: int | None, column: str) -> Any:
    return frame[column].iloc[row] if row is not None and column in frame.columns else None


def _shapes(frame: Any) -> Any:
    return frame.geometry.to_numpy()


def _agree(now: Any, rows: Ints, mine: Any, others: Ints, column: str) -> Flags:
    """Tell whether cells of two frames hold the same, whatever their types."""
    if column == GEOMETRY:
        return np.asarray(points(_shapes(now)[rows]) == points(_shapes(mine)[others]), dtype=bool)
    if column not in now.columns:
        return np.zeros(len(rows), dtype=bool)
    sides = [
        row_digests(pd.DataFrame({column: frame[column].iloc[at].reset_index(drop=True)}))
        for frame, at in ((now, rows), (mine, others))
    ]
    return np.asarray(sides[0] == sides[1])


def _put(result: Any, rows: Ints, mine: Any, others: Ints, column: str) -> None:
    """Set cells of a frame that is nobody else's."""
    if not len(rows):
        return
    if column == GEOMETRY:
        shapes = _shapes(result).copy()
        shapes[rows] = _shapes(mine)[others]
        result[result.active_geometry_name] = gpd.GeoSeries(
            shapes, index=result.index, crs=result.crs
        )
        return
    values = mine[column].iloc[others]
    if column not in result.columns:
        result[column] = values.set_axis(rows).reindex(result.index)
        return
    cells = result[column]
    if cells.dtype != values.dtype:
        cells = cells.astype("object")
    result[column] = cells.where(
        ~result.index.isin(rows), values.set_axis(rows).reindex(result.index)
    )


def _said(frame: Any, row: int | None, column: str) -> str | None:
    """Give what stands in a cell as text; of a shape how large it is."""
    if row is None:
        return None
    if column == GEOMETRY:
        shape = _shapes(frame)[row]
        return None if shape is None else f"{shapely.area(shape):.4f} m²"
    if column not in frame.columns:
        return None
    value = frame[column].iloc[row]
    if pd.isna(value):
        return None
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)
