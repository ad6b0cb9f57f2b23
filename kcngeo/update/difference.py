"""The edits between two states of a project, listed before anything is done with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo.core.crs import require_same_crs
from kcngeo.core.errors import ContractError
from kcngeo.core.model import Finding, Severity, finding
from kcngeo.core.schema import RECORDED, TABLES, Table
from kcngeo.core.validation import row_names, validate
from kcngeo.ledger import entry_names
from kcngeo.ledger.project import Project
from kcngeo.update.matching import GEOMETRY, Matches, history_differs, matches, on_record

if TYPE_CHECKING:
    from numpy.typing import NDArray

KINDS = ("added", "removed", "moved", "changed")
"""Kinds of edits: "moved" is another shape and nothing else; "changed" may be both."""

_EDITS: dict[str, str] = {
    "table": "str",
    "kind": "str",
    "id": "str",
    "zone_id": "str",
    "columns": "str",
    "area_before_m2": "float64",
    "area_after_m2": "float64",
    "moved_m": "float64",
    "old_row": "Int64",
    "new_row": "Int64",
}
_NEVER = np.iinfo("int64").min
_CELLS = {
    "table": "str",
    "id": "str",
    "column": "str",
    "before": "object",
    "after": "object",
    "old_row": "Int64",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Difference:
    """What an edited project changes.

    Attributes
    ----------
    edits
        One row an edit: ``table``, ``kind`` (added, removed, moved, changed), ``id``, ``zone_id``,
        ``columns`` (those that differ, joined by "|"), ``area_before_m2``, ``area_after_m2``,
        ``moved_m`` (the farthest a point lies from the other shape), and ``old_row``, ``new_row``:
        positions in the tables compared.
    cells
        One row a changed value: ``table``, ``id``, ``column``, ``before``, ``after``,
        ``old_row``.
    old
        The project as it was.
    new
        The edited tables by name, cast to their contract.
    findings
        What was edited in vain: history, times of recording, columns and tables left out.
    """

    edits: pd.DataFrame
    cells: pd.DataFrame
    old: Project
    new: Mapping[str, pd.DataFrame]
    findings: tuple[Finding, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing was edited."""
        return self.edits.empty

    def counts(self) -> list[tuple[str, str, int]]:
        """Count the edits.

        Returns
        -------
        list[tuple[str, str, int]]
            Table, kind and number, in the order of the edits.

        Examples
        --------
        >>> from dataclasses import replace
        >>> import kcngeo as kcn
        >>> project = kcn.examples.squares()
        >>> edited = replace(project, parcels=project.parcels.replace("transport", "green"))
        >>> difference(project, edited).counts()  # A-7 and B-3 are roads
        [('parcels', 'changed', 2)]
        """
        counted = self.edits.value_counts(["table", "kind"], sort=False).reset_index()
        return list(counted.itertuples(index=False, name=None))


def difference(old: Project, new: Project | Mapping[str, pd.DataFrame]) -> Difference:
    """List what an edited project changes.

    The rows on record are compared. Row numbers, row order and the order of columns mean nothing;
    a table or an optional column that the edited project leaves out is not edited, and a finding
    says so. Rows are known by their ids: a lot renamed in place is "changed", if its shape stayed.

    Parameters
    ----------
    old
        The project as it was.
    new
        The edited project, or only its edited tables by name (a workbook holds no shapes: a table
        without its geometry leaves the shapes alone).

    Returns
    -------
    Difference
        The edits; nothing is changed by listing them.

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
    >>> edited = replace(project, parcels=project.parcels.replace("transport", "green"))
    >>> difference(project, edited).cells[["id", "before", "after"]].values.tolist()
    [['A-7', 'transport', 'green'], ['B-3', 'transport', 'green']]
    """
    before = dict(old.tables())
    given = dict(new.tables()) if isinstance(new, Project) else dict(new)
    after, problems = {}, []
    for name, frame in given.items():
        after[name], found = validate(frame, name, errors="collect")
        if not isinstance(frame, gpd.GeoDataFrame) and name in before:
            # An office edits tables without shapes; the shapes stay as they are.
            found = [one for one in found if one.rule != "no_geometry_column"]
        problems += found
    if problems:
        raise ContractError(problems)
    zone_of = _zones_of_parcels(before.get("parcels"), after.get("parcels"))
    edits, cells, findings = [], [], []
    for name, contract in TABLES.items():
        if name not in after:
            findings += [finding("table_absent", name, Severity.WARNING)] if name in before else []
            continue
        fresh = after[name]
        was = (
            validate(before[name], name, errors="collect")[0] if name in before else fresh.iloc[:0]
        )
        if isinstance(was, gpd.GeoDataFrame) and isinstance(fresh, gpd.GeoDataFrame):
            require_same_crs(**{name: was, f"edited {name}": fresh})
        matched = matches(was, fresh, name)
        listed = _edits(was, fresh, matched, contract)
        # A row without a zone belongs to the zone of its parcel.
        listed["zone_id"] = listed["zone_id"].fillna(listed["parcel"].map(zone_of))
        edits.append(listed[list(_EDITS)])
        cells.append(_changed_cells(was, fresh, matched, contract))
        findings += _in_vain(was, fresh, matched, contract)
    return Difference(
        edits=_stacked(edits, _EDITS),
        cells=_stacked(cells, _CELLS),
        old=old,
        new=after,
        findings=tuple(findings),
    )


def _stacked(frames: list[pd.DataFrame], types: Mapping[str, str]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    whole = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=list(types))
    return whole.astype(dict(types))


def _zones_of_parcels(*tables: pd.DataFrame | None) -> dict[str, str]:
    zone_of: dict[str, str] = {}
    for table in tables:
        if table is not None and {"parcel_id", "zone_id"} <= set(table.columns):
            zone_of |= dict(zip(table["parcel_id"], table["zone_id"], strict=True))
    return zone_of


def _edits(old: pd.DataFrame, new: pd.DataFrame, matched: Matches, contract: Table) -> pd.DataFrame:
    """List the edits of one table, sorted by kind and id."""
    # What was added is told by its new row, anything else by its old one.
    told = ((new, matched.added), (old, matched.removed), (old, matched.old))
    added, removed = len(matched.added), len(matched.removed)
    old_row = np.concatenate([np.full(added, -1), matched.removed, matched.old])
    new_row = np.concatenate([matched.added, np.full(removed, -1), matched.new])
    columns = _columns(matched)
    kinds = ["moved" if name == GEOMETRY else "changed" for name in columns]
    before, after = _shapes(old, old_row), _shapes(new, new_row)
    if not isinstance(new, gpd.GeoDataFrame):
        after[added + removed :] = before[added + removed :]
    edits = pd.DataFrame(
        {
            "table": contract.name,
            "kind": ["added"] * added + ["removed"] * removed + kinds,
            "id": [name for frame, rows in told for name in ids_of(frame, rows, contract)],
            "zone_id": [name for frame, rows in told for name in _cells_of(frame, rows, "zone_id")],
            "parcel": [
                name for frame, rows in told for name in _cells_of(frame, rows, "parcel_id")
            ],
            "columns": [""] * (added + removed) + columns,
            "area_before_m2": _areas(before),
            "area_after_m2": _areas(after),
            "moved_m": shapely.hausdorff_distance(before, after),
            "old_row": pd.array([None if row < 0 else row for row in old_row], dtype="Int64"),
            "new_row": pd.array([None if row < 0 else row for row in new_row], dtype="Int64"),
        }
    )
    order = edits["kind"].map(KINDS.index)
    return edits.assign(order=order).sort_values(["order", "id"], kind="stable")


def _columns(matched: Matches) -> list[str]:
    """Name, for each pair, the columns in which its rows differ."""
    names = np.array(list(matched.differs), dtype=object)
    if not len(matched.old):
        return []
    flags = np.column_stack(list(matched.differs.values()))
    return ["|".join(names[row]) for row in flags]


def _cells_of(frame: pd.DataFrame, rows: Any, name: str) -> list[Any]:
    return list(frame[name].iloc[rows]) if name in frame.columns else [None] * len(rows)


def ids_of(frame: pd.DataFrame, rows: Any, contract: Table) -> tuple[str, ...]:
    """Name rows: by their one id where the table has one, else by all of its key."""
    if contract.name == "ledger":
        return entry_names(frame, rows)
    names = [name for name in contract.key if name != "valid_from"]
    parts = [row_names(frame, rows, name) for name in names if name in frame.columns]
    if not parts:
        return row_names(frame, rows)
    return tuple(" ".join(words).removesuffix(" 00:00:00") for words in zip(*parts, strict=True))


def _shapes(frame: pd.DataFrame, rows: Any) -> Any:
    if not isinstance(frame, gpd.GeoDataFrame):
        return np.full(len(rows), None, dtype=object)
    shapes = frame.geometry.to_numpy()
    return np.array([shapes[row] if row >= 0 else None for row in rows], dtype=object)


def _areas(shapes: Any) -> Any:
    """Areas of polygons; a line has none."""
    return np.where(shapely.get_dimensions(shapes) == 2, shapely.area(shapes), np.nan)


def _changed_cells(
    old: pd.DataFrame, new: pd.DataFrame, matched: Matches, contract: Table
) -> pd.DataFrame:
    listed = []
    for name, differs in matched.differs.items():
        if name == GEOMETRY or not differs.any():
            continue
        rows, others = matched.old[differs], matched.new[differs]
        before = old[name].iloc[rows].astype("object") if name in old.columns else None
        listed.append(
            pd.DataFrame(
                {
                    "table": contract.name,
                    "id": list(ids_of(old, rows, contract)),
                    "column": name,
                    "before": None if before is None else before.to_numpy(),
                    "after": new[name].iloc[others].astype("object").to_numpy(),
                    "old_row": rows,
                },
                dtype="object",
            )
        )
    whole = _stacked(listed, _CELLS)
    return whole.sort_values(["id", "column"], kind="stable", ignore_index=True)


def _in_vain(
    old: pd.DataFrame, new: pd.DataFrame, matched: Matches, contract: Table
) -> list[Finding]:
    """Say what was edited, but belongs to the record and stays as it was."""
    findings = []
    absent = [name for name in old.columns if name not in new.columns and _is_data(old, name)]
    if isinstance(old, gpd.GeoDataFrame):
        absent = [name for name in absent if name != old.active_geometry_name]
    if absent:
        findings.append(
            finding("columns_absent", contract.name, Severity.WARNING, columns=tuple(absent))
        )
    count = history_differs(old, new)
    if count:
        findings.append(finding("history_edited", contract.name, Severity.WARNING, count=count))
    if "recorded_at" in new.columns:
        pairs = [(matched.same_old, matched.same_new), (matched.old, matched.new)]
        before, after = (np.concatenate(side) for side in zip(*pairs, strict=True))
        said, was = _moments(new), _moments(old)
        edited = after[said[after] != was[before]]
        stamped = matched.added[said[matched.added] != _NEVER]
        rows = np.concatenate([edited, stamped])
        if len(rows):
            ids = ids_of(new, rows, contract)
            findings.append(finding("recorded_at_edited", contract.name, Severity.WARNING, ids=ids))
    return findings


def _is_data(frame: pd.DataFrame, name: str) -> bool:
    return name not in [one.name for one in RECORDED] and bool(
        frame[name].iloc[on_record(frame)].notna().any()
    )


def _moments(frame: pd.DataFrame) -> NDArray[np.int64]:
    """Give the moments of recording as numbers."""
    if "recorded_at" not in frame.columns:
        return np.full(len(frame), _NEVER)
    return frame["recorded_at"].to_numpy(dtype="datetime64[us]").astype("int64")
