"""One table of a copy, of the project today, and as it was, put together cell by cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo.core.row_digests import points, row_digests
from kcngeo.core.schema import RECORDED, TABLES
from kcngeo.update.apply import stacked
from kcngeo.update.difference import ids_of
from kcngeo.update.matching import GEOMETRY, matches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

BOOKKEEPING = [column.name for column in RECORDED]
"""Columns that say when a row was recorded, and by whom."""

TOLD = ("id", "column", "kind", "theirs", "mine")
"""What tells a clash from others, and from the same cell with other values."""

Decision = tuple[str | None, ...]
"""A clash, by what it says in these columns."""


class MergedTable:
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
        self, name: str, *, was: Any, now: Any, mine: Any, decided: Mapping[Decision, str]
    ) -> None:
        self.contract, self.decided = TABLES[name], decided
        self.was, self.now, self.mine = was, now, mine
        self.ours, self.others = matches(was, mine, name), matches(was, now, name)
        # Where the rows of the copy stand today; a row that is gone stands nowhere.
        self.place = np.full(len(was), -1, dtype="int64")
        self.place[self.others.same_old] = self.others.same_new
        self.place[self.others.old] = self.others.new
        self.clashes: list[dict[str, Any]] = []
        # Of each clash, the rows in which it stands: as it was, today, in the copy.
        self.rows: list[tuple[int | None, int | None, int | None]] = []

    @property
    def is_edited_by_others(self) -> bool:
        """Whether the table today is another than the one that left."""
        same_columns = set(self.was.columns) - {*BOOKKEEPING} <= set(self.now.columns)
        edits = (self.others.old, self.others.added, self.others.removed)
        return not same_columns or any(map(len, edits))

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
        fresh = self.mine.iloc[there].drop(columns=BOOKKEEPING, errors="ignore")
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
        take = self.decided.get(tuple(clash[name] for name in TOLD))
        # A row that is gone has no cell to put the value of the copy into.
        if take is None or (take == "mine" and kind == "removed_meanwhile"):
            self.clashes.append(clash)
            self.rows.append((row, now_row, mine_row))
            return None
        return take

    def shapes(self) -> list[dict[str, Any]]:
        """Give the shapes a clash stands in, by side; none where the table has no shapes."""
        if GEOMETRY not in {*self.others.differs, *self.ours.differs}:
            return [{} for _ in self.rows]
        frames = {"before": self.was, "theirs": self.now, "mine": self.mine}
        return [
            {
                side: _shapes(frame)[row]
                for (side, frame), row in zip(frames.items(), rows, strict=True)
                if row is not None
            }
            for rows in self.rows
        ]


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
