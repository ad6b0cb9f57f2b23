"""Record a difference: old rows superseded, better ones beside them, nothing forgotten."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from geopandas.array import GeometryDtype

from kcngeo.core.checked_once import each_once
from kcngeo.core.dates import CLOCK_TOLERANCE, Day, day, recording_moment
from kcngeo.core.errors import ContractError, KcngeoError
from kcngeo.core.schema import MOMENTS, TABLES
from kcngeo.core.validation import validate
from kcngeo.ledger.project import Project
from kcngeo.ledger.screening import latest_moment
from kcngeo.update.contradictions import require_no_new_contradiction, unmeasurable
from kcngeo.update.difference import Difference, difference
from kcngeo.update.matching import GEOMETRY
from kcngeo.update.splits import with_parents

_MOMENT = "datetime64[us, UTC]"
# Two people may record in the same thousandth of a second; a clock that is ahead is told.
_INSTANT = pd.Timedelta("1s")


@each_once()
def apply(
    old: Project, changes: Difference, *, recorded_at: Any = None, valid_from: Day | None = None
) -> Project:
    """Record the edits of a difference in a project.

    A changed or moved row is a correction: the old row is superseded, the better one recorded. With
    ``valid_from`` it is news instead: what was holds until that day, what is new from that day on
    (in tables whose rows have ``valid_from`` and ``valid_to``; the ledger's entries carry their own
    days and are always corrected). So a lot that was split ends that day and its parts begin; whose
    parts they are is seen by their shapes where ``parents`` does not say it. Whatever was known
    before ``recorded_at`` still is: as known at an earlier moment, the project is exactly the old
    one.

    Parameters
    ----------
    old
        The project; not changed.
    changes
        The edits, from :func:`kcngeo.update.difference`.
    recorded_at
        When they were recorded, a moment with time zone or a day in Viet Nam; None for now.
    valid_from
        First day of the new shapes and uses; None if the old ones were wrong.

    Returns
    -------
    Project
        The project with the edits on record; tables without edits are the same objects.

    Raises
    ------
    ContractError
        If the edits break a contract, or bring a contradiction that was not there before (two
        tenures at once, a version over another, a lot without its zone, a shape without an area,
        lots that overlap on any day, entries that outlive a lot).
    KcngeoError
        If the project is no longer the one the difference was taken from, something in it was
        recorded at ``recorded_at`` or later, or that moment is more than five minutes ahead.

    Examples
    --------
    >>> from dataclasses import replace
    >>> import kcngeo as kcn
    >>> project = kcn.examples.squares()
    >>> edited = replace(project, parcels=project.parcels.replace("transport", "green"))
    >>> changes = kcn.update.difference(project, edited)
    >>> made = apply(project, changes, recorded_at="2018-04-05").parcels
    >>> len(made), int(made["superseded_at"].notna().sum())  # A-7 and B-3, and what they were
    (12, 2)
    """
    stamp = _next_moment(old) if recorded_at is None else recording_moment(recorded_at)
    since = None if valid_from is None else day(valid_from, name="valid_from")
    if old is not changes.old:
        changes = _taken_again(old, changes)
    tables: dict[str, Any] = dict(old.tables())
    for name, frame in tables.items():
        _require_latest(frame, name, stamp)
    problems = []
    for table in changes.edits["table"].unique():
        edits, fresh = changes.edits[changes.edits["table"] == table], changes.new[table]
        before = validate(tables.get(table, fresh.iloc[:0]), table, errors="collect")[0]
        after = _recorded(before, fresh, edits, stamp, since)
        tables[table], found = validate(after, table, errors="collect")
        problems += found
        # Where rows only go, nothing was recorded.
        if not found and table in ("zones", "parcels") and "recorded_at" in tables[table]:
            problems += unmeasurable(tables[table], table, stamp)
    if problems:
        raise ContractError(problems)
    result = replace(old, **tables)
    require_no_new_contradiction(old, result, stamp)
    return result


def _taken_again(old: Project, changes: Difference) -> Difference:
    again = difference(old, changes.new)
    said = ["table", "kind", "id", "columns"]
    if not (again.edits[said].equals(changes.edits[said]) and again.cells.equals(changes.cells)):
        raise KcngeoError("update_stale")
    return again


def _next_moment(old: Project) -> pd.Timestamp:
    """Give the moment of now, after what was recorded an instant ago."""
    now, latest = recording_moment(), latest_moment(old)
    if latest is None or not now <= latest.ceil("ms") < now + _INSTANT:
        return now
    return latest.ceil("ms") + pd.Timedelta("1ms")


def _require_latest(frame: pd.DataFrame, name: str, stamp: pd.Timestamp) -> None:
    """Refuse to write history: what was known at an earlier moment must stay as it was."""
    frame, _ = validate(frame, name, errors="collect")
    moments = [frame[one.name].max() for one in MOMENTS if one.name in frame.columns]
    latest = max((one for one in moments if not pd.isna(one)), default=None)
    if latest is not None and latest > recording_moment() + CLOCK_TOLERANCE:
        raise KcngeoError("clock_ahead", table=name, latest=latest.isoformat())
    if latest is not None and latest >= stamp:
        raise KcngeoError("update_recorded_before", table=name, latest=latest.isoformat())


def _recorded(
    old: pd.DataFrame,
    new: pd.DataFrame,
    edits: pd.DataFrame,
    stamp: pd.Timestamp,
    since: pd.Timestamp | None,
) -> Any:
    """Supersede the rows of a table that are edited, and put what is known now after them."""
    old = old.reset_index(drop=True)
    rename = _shape_name(old)
    fresh = _levelled(new.reset_index(drop=True), rename)
    gone = edits["old_row"].notna().to_numpy()
    come = edits["new_row"].notna().to_numpy()
    old_rows = edits["old_row"][gone].to_numpy(dtype="int64")
    changed = edits[gone & come]
    better = _merged(old, fresh, changed)
    added = fresh.iloc[edits["new_row"][come & ~gone].to_numpy(dtype="int64")]
    ended = old.iloc[:0]
    table = str(edits["table"].iloc[0])
    # A change of the world since a day: the old state ends there instead of having been wrong.
    if since is not None and table != "ledger" and _is_versioned(table):
        ended = old.iloc[old_rows].assign(valid_to=since)
        better = better.assign(valid_from=since)
        added = _since(added, old, edits, since)
    base = old.copy()
    if len(old_rows):
        if "superseded_at" not in base.columns:
            base["superseded_at"] = pd.Series(pd.NaT, index=base.index, dtype=_MOMENT)
        base.loc[old_rows, "superseded_at"] = stamp
    # The old rows stay in their place, so that an edit moves nothing but its own rows.
    parts = [
        part.drop(columns=["superseded_at", "recorded_by"], errors="ignore").assign(
            recorded_at=stamp
        )
        for part in (ended, better, added)
        if len(part)
    ]
    return stacked([base, *parts], old)


def _since(added: Any, old: Any, edits: pd.DataFrame, since: pd.Timestamp) -> Any:
    """Let lots that come of others begin with the edit, and rows that do not say when."""
    if "valid_from" not in added.columns:
        return added.assign(valid_from=since)
    begins = added["valid_from"].isna()
    if edits["table"].iloc[0] == "parcels":
        added = with_parents(added, old, edits)
        # An editor gives a lot that is cut off the days of the lot it was cut from.
        begins |= added["parents"].notna() if "parents" in added.columns else False
    return added.assign(valid_from=added["valid_from"].where(~begins, since))


def _is_versioned(table: str) -> bool:
    names = {column.name for column in TABLES[table].columns}
    return {"valid_from", "valid_to"} <= names


def _shape_name(frame: pd.DataFrame) -> str | None:
    return frame.active_geometry_name if isinstance(frame, gpd.GeoDataFrame) else None


def _levelled(frame: Any, name: str | None) -> Any:
    """Call the column of shapes what the old table calls it."""
    current = _shape_name(frame)
    if name is None or current is None or current == name:
        return frame
    return frame.rename_geometry(name)


def _merged(old: pd.DataFrame, fresh: pd.DataFrame, changed: pd.DataFrame) -> Any:
    """Take changed rows over: old values, with those that differ replaced by the new ones."""
    rows = changed["old_row"].to_numpy(dtype="int64")
    others = changed["new_row"].to_numpy(dtype="int64")
    better = old.iloc[rows].copy()
    named = changed["columns"].str.split("|")
    for column in {name for names in named for name in names}:
        name = _shape_name(old) if column == GEOMETRY else column
        differs = np.array([column in names for names in named], dtype=bool)
        values = fresh[name].iloc[others].set_axis(better.index)
        if name not in better.columns:
            better[name] = values
        else:
            better[name] = better[name].where(~differs, values)
    return better


def stacked(parts: list[Any], old: pd.DataFrame) -> Any:
    """Put rows under each other; a whole number or a flag beside a missing one stays what it is."""
    types = {name: part[name].dtype for part in reversed(parts) for name in part.columns}
    order = dict.fromkeys(name for part in parts for name in part.columns)
    filled = []
    for part in parts:
        gaps = {
            name: _missing(len(part), types[name]) for name in order if name not in part.columns
        }
        filled.append(pd.DataFrame(part).assign(**gaps)[list(order)])
    whole = pd.concat(filled, ignore_index=True)
    shape = _shape_name(old)
    return whole if shape is None else gpd.GeoDataFrame(whole, geometry=shape, crs=old.crs)


def _missing(size: int, dtype: Any) -> Any:
    """Make missing values for a column of this type, with room for them."""
    if isinstance(dtype, GeometryDtype):
        return gpd.GeoSeries([None] * size).to_numpy()
    nullable = {"b": "boolean", "i": "Int64", "u": "UInt64"}.get(dtype.kind, dtype)
    return pd.array([None] * size, dtype=nullable)
