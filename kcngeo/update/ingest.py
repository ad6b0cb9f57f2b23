"""Rows that arrive from elsewhere, a layer, a list, a workbook, as edits of a project."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from kcngeo.core.model import Finding, Severity, finding
from kcngeo.core.schema import TABLES
from kcngeo.core.units import M2_PER_HA
from kcngeo.core.validation import validate
from kcngeo.ledger.project import Project
from kcngeo.update.difference import Difference, difference

# A spreadsheet keeps 15 digits of a number.
_SAME_SHARE = 1e-14
# There and back by a change of datum a point comes home within 3 millionths of a metre.
_SAME_PLACE_M = 1e-5
# Redrawing a border moves no more.
_SAME_AREA_M2 = 1.0


def arriving(
    old: Project,
    tables: Mapping[str, pd.DataFrame],
    *,
    whole: Collection[str] = (),
    remove: bool = False,
    parents_end: bool = False,
) -> Difference:
    """List what arriving rows change: rows they do not mention stay.

    Parameters
    ----------
    old
        The project.
    tables
        Rows by table; a column they lack is not compared.
    whole
        Tables that arrive whole, as in a workbook: rows they do not mention are a finding.
    remove
        Whether these rows are removed.
    parents_end
        Whether lots end that arriving lots name as their parents, as after a split or a merge; a
        finding tells which, with their hectares and those of the children.

    Returns
    -------
    Difference
        The edits, for :func:`kcngeo.update.apply`; numbers that differ only beyond the 15 digits a
        spreadsheet keeps are not edited.

    Raises
    ------
    ContractError
        If the rows break their contract; all breaches are listed.
    CRSError
        If a table arrives in another CRS.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> project = kcn.examples.squares()
    >>> better = project.ledger.head(1).assign(document="No. 12")
    >>> made = arriving(project, {"ledger": better})
    >>> made.edits[["kind", "id"]].values.tolist()
    [['changed', 'E1']]
    """
    known = dict(old.tables())
    given = {name: _as_before(frame, known.get(name), name) for name, frame in tables.items()}
    first = difference(old, given)
    full, findings = dict(first.new), []
    for table, frame in first.new.items():
        edits = first.edits[first.edits["table"] == table]
        frame = _as_drawn(frame, known.get(table), edits, table)
        kept = _exact(frame, edits, first.cells[first.cells["table"] == table])
        removed = edits[edits["kind"] == "removed"]
        gone = removed["old_row"].to_numpy(dtype="int64")
        if len(gone) and table in whole and not remove:
            ids = tuple(removed["id"])
            kept_rows = finding("arriving_kept", table, Severity.WARNING, ids=ids, count=len(ids))
            findings.append(kept_rows)
        if len(gone) and not (table in whole and remove):
            was = validate(known[table], table, errors="collect")[0].iloc[gone]
            if parents_end and table == "parcels":
                was, told = _without_parents(was, frame, edits)
                findings += told
            kept = _stacked(kept, was)
        full[table] = kept
    changes = difference(old, full)
    # That other tables did not arrive goes without saying, as do columns a file never had.
    unsaid = {"table_absent", "columns_absent"}
    told = [
        one
        for one in changes.findings
        if one.rule not in (unsaid if one.table not in whole else {"table_absent"})
    ]
    return replace(changes, findings=(*told, *findings))


def _without_parents(was: Any, frame: Any, edits: pd.DataFrame) -> tuple[Any, list[Finding]]:
    """Take out lots in force that lots which arrive name as their parents, and tell which."""
    if "parents" not in frame.columns:
        return was, []
    rows = edits.loc[edits["kind"] == "added", "new_row"].to_numpy(dtype="int64")
    children = frame.iloc[rows]
    named = children["parents"].dropna().str.split("|")
    end = was["parcel_id"].isin(named.explode())
    if "valid_to" in was.columns:
        end &= was["valid_to"].isna()
    if not end.any():
        return was, []
    areas_m2 = [lots.geometry.area.sum() for lots in (was[end], children.loc[named.index])]
    alike = abs(areas_m2[0] - areas_m2[1]) <= _SAME_AREA_M2
    told = finding(
        "parents_end",
        "parcels",
        Severity.NOTE if alike else Severity.WARNING,
        ids=tuple(was.loc[end, "parcel_id"]),
        parents_ha=round(areas_m2[0] / M2_PER_HA, 4),
        children_ha=round(areas_m2[1] / M2_PER_HA, 4),
    )
    return was[~end], [told]


def _as_before(frame: Any, was: pd.DataFrame | None, table: str) -> Any:
    """Give columns of the user's own the types they have in the project, where they fit."""
    if was is None:
        return frame
    result = frame
    for name in frame.columns.intersection(was.columns):
        alike = frame[name].dtype == was[name].dtype
        if alike or TABLES[table].column(str(name)) is not None or name == "geometry":
            continue
        with contextlib.suppress(ValueError, TypeError):
            cast = frame[name].astype(was[name].dtype)
            result = result.copy(deep=False) if result is frame else result
            result[name] = cast
    return result


def _as_drawn(frame: Any, was: Any, edits: pd.DataFrame, table: str) -> Any:
    """Put back the shapes that differ by no more than the way between two grids does."""
    same = edits[edits["kind"].isin(["moved", "changed"]) & (edits["moved_m"] <= _SAME_PLACE_M)]
    if (
        not (isinstance(frame, gpd.GeoDataFrame) and isinstance(was, gpd.GeoDataFrame))
        or same.empty
    ):
        return frame
    was = validate(was, table, errors="collect")[0]
    shapes = frame.geometry.to_numpy().copy()
    shapes[same["new_row"].to_numpy(int)] = was.geometry.to_numpy()[same["old_row"].to_numpy(int)]
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))


def _exact(frame: pd.DataFrame, edits: pd.DataFrame, cells: pd.DataFrame) -> Any:
    """Put back the digits that a spreadsheet could not keep."""
    result = frame
    pairs = edits.dropna(subset=["old_row", "new_row"])
    place_of = dict(zip(pairs["old_row"].astype(int), pairs["new_row"].astype(int), strict=True))
    for cell in cells.to_dict("records"):
        before, after = cell["before"], cell["after"]
        if not (isinstance(before, float) and isinstance(after, float)) or before == after:
            continue
        if abs(after - before) <= _SAME_SHARE * abs(before):
            result = result.copy() if result is frame else result
            exact = np.array(result[cell["column"]], dtype="float64")
            exact[place_of[int(cell["old_row"])]] = before
            result[cell["column"]] = exact
    return result


def _stacked(frame: Any, was: Any) -> Any:
    """Add the rows of the project that nobody mentions, in the columns that are compared."""
    has_shapes = isinstance(frame, gpd.GeoDataFrame) and isinstance(was, gpd.GeoDataFrame)
    if has_shapes and was.active_geometry_name != frame.active_geometry_name:
        was = was.rename_geometry(frame.active_geometry_name)
    shared = [name for name in frame.columns if name in was.columns]
    rest = pd.DataFrame(was[shared]).reset_index(drop=True)
    plain = pd.DataFrame(frame).reset_index(drop=True)
    if plain.empty:
        both = rest.reindex(columns=plain.columns)
    else:
        for name in plain.columns.difference(rest.columns):
            # Whole numbers have no empty cell; they become numbers that have one.
            rest[name] = plain[name].iloc[:0].reindex(rest.index)
        both = pd.concat([plain, rest[plain.columns]], ignore_index=True)
    if isinstance(frame, gpd.GeoDataFrame):
        name = str(frame.active_geometry_name)
        shapes = np.concatenate([frame.geometry.to_numpy(), was.geometry.to_numpy()])
        return gpd.GeoDataFrame(both.drop(columns=name), geometry=shapes, crs=frame.crs)
    return both
