"""Append and correct: a new project each time, in which nothing known before is lost.

A row is never changed but in one respect: ``superseded_at`` is filled when something better is
known. So a report can be printed again as it was known at any time.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.dates import ALWAYS, OPEN, day_numbers, recording_moment
from kcngeo.core.errors import ContractError, KcngeoError
from kcngeo.core.model import Status
from kcngeo.core.validation import as_known, validate
from kcngeo.ledger.allocations import allocate
from kcngeo.ledger.entries import join, known_projects

if TYPE_CHECKING:
    from kcngeo.core.dates import Moment
    from kcngeo.ledger.project import Project


def append(
    project: Project,
    entries: pd.DataFrame,
    *,
    recorded_at: Moment | None = None,
    replace: bool = False,
) -> Project:
    """Add entries to the ledger of a project.

    Parameters
    ----------
    project
        The tables as stored; not changed.
    entries
        New entries, table "ledger".
    recorded_at
        When they were recorded, a moment with time zone or a day in Viet Nam; None for now.
    replace
        Whether the new entries take the place of what the ledger says of the same parcels in
        their time (of tenures, or of clearance): older entries are cut to the time before and
        after. Otherwise a contradiction is an error.

    Returns
    -------
    Project
        The project whose ledger has the new rows last, index 0, 1, …; rows cut by ``replace`` are
        superseded and what is left of them is recorded anew.

    Raises
    ------
    ContractError
        If the new ledger breaks its contract or contradicts itself or the parcels.
    KcngeoError
        If something was recorded after ``recorded_at``.

    Examples
    --------
    >>> import pandas as pd
    >>> import kcngeo as kcn
    >>> lease = {"parcel_id": ["B-2"], "status": ["leased"], "valid_from": ["2018-04-01"]}
    >>> made = append(kcn.examples.squares(), pd.DataFrame(lease), recorded_at="2018-04-05")
    >>> len(made.ledger)
    7
    """
    stamp = recording_moment(recorded_at)
    ledger = validate(project.ledger, "ledger").reset_index(drop=True)
    entries = validate(entries, "ledger")
    _require_latest(ledger, stamp)
    rows = [entries]
    if replace:
        ledger, remains = _cut(ledger, entries, stamp)
        rows.append(remains)
    return _recorded(project, ledger, rows, stamp)


def correct(
    project: Project,
    corrections: pd.DataFrame,
    *,
    recorded_at: Moment | None = None,
    withdrawn: Iterable[str] = (),
) -> Project:
    """Correct entries of the ledger: the old rows are superseded, never edited.

    Parameters
    ----------
    project
        The tables as stored, entries with ``entry_id``; not changed.
    corrections
        ``entry_id`` of the entries to correct and the columns that change; a missing value in
        such a column makes the value missing (an end day taken away opens the entry).
    recorded_at
        When the correction was recorded; None for now.
    withdrawn
        Ids of entries that were wrong altogether.

    Returns
    -------
    Project
        The project whose ledger has the corrected rows last, index 0, 1, ….

    Raises
    ------
    ContractError
        If the new ledger breaks its contract or contradicts itself or the parcels.
    KcngeoError
        If an id is not on record, stands twice, or something was recorded after ``recorded_at``.

    Examples
    --------
    >>> import pandas as pd
    >>> import kcngeo as kcn
    >>> better = pd.DataFrame({"entry_id": ["E1"], "valid_from": ["2015-02-01"]})
    >>> made = correct(kcn.examples.squares(), better, recorded_at="2018-04-05").ledger
    >>> made.loc[made["entry_id"] == "E1", "superseded_at"].notna().tolist()
    [True, False]
    """
    stamp = recording_moment(recorded_at)
    ledger = validate(project.ledger, "ledger").reset_index(drop=True)
    _require_latest(ledger, stamp)
    gone = list(withdrawn)
    asked = [*corrections["entry_id"], *gone]
    valid = as_known(ledger).dropna(subset=["entry_id"]).set_index("entry_id", drop=False)
    strange = sorted(set(asked) - set(valid.index))
    doubled = sorted(
        {one for one in asked if asked.count(one) > 1}
        | set(valid.index[valid.index.duplicated()]) & set(asked)
    )
    if strange or doubled:
        raise KcngeoError("not_on_record", ids=strange or doubled)
    # The whole row as it is on record, with the columns that change.
    better = valid.loc[list(corrections["entry_id"])].copy()
    for column in corrections.columns.drop("entry_id"):
        better[column] = corrections[column].to_numpy()
    known = as_known(ledger).index
    old = ledger.index.isin(known) & ledger["entry_id"].isin(asked).to_numpy()
    ledger = _superseded(ledger, old, stamp)
    return _recorded(project, ledger, [validate(better, "ledger")], stamp)


def _require_latest(ledger: pd.DataFrame, stamp: pd.Timestamp) -> None:
    """Refuse to write history: what was known at an earlier moment must stay as it was."""
    for column in ("recorded_at", "superseded_at"):
        if column in ledger.columns and (ledger[column] >= stamp).any():
            raise KcngeoError("recorded_before", stamp=stamp.isoformat())


def _superseded(ledger: pd.DataFrame, rows: Any, stamp: pd.Timestamp) -> pd.DataFrame:
    result = ledger.copy()
    if "superseded_at" not in result.columns:
        result["superseded_at"] = pd.Series(pd.NaT, index=result.index, dtype="datetime64[us, UTC]")
    result.loc[rows, "superseded_at"] = stamp
    return result


def _recorded(
    project: Project, ledger: pd.DataFrame, rows: list[pd.DataFrame], stamp: pd.Timestamp
) -> Project:
    """Add rows as recorded at a moment, and prove that the ledger still holds together."""
    fresh = [
        part.drop(columns=["superseded_at", "recorded_by"], errors="ignore").assign(
            recorded_at=stamp
        )
        for part in rows
        if len(part)
    ]
    result = validate(pd.concat([ledger, *fresh], ignore_index=True), "ledger")
    parcels = validate(as_known(project.parcels), "parcels")
    joined = join(parcels, as_known(result), known_projects(project.projects))
    problems = allocate(joined)[1]
    if problems:
        raise ContractError(problems)
    return dataclasses.replace(project, ledger=result)


def _cut(
    ledger: pd.DataFrame, entries: pd.DataFrame, stamp: pd.Timestamp
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Supersede what the new entries replace and give what is left of it before and after."""
    # The outcome for each way two intervals can lie to each other: apart or meeting, nothing is
    # cut; else the older entry keeps its days before the first new day and after the last.
    start = day_numbers(ledger["valid_from"], missing=ALWAYS, length=len(ledger))
    end = day_numbers(ledger.get("valid_to"), missing=OPEN, length=len(ledger))
    new_start = day_numbers(entries["valid_from"], missing=ALWAYS, length=len(entries))
    new_end = day_numbers(entries.get("valid_to"), missing=OPEN, length=len(entries))
    # Several new entries of a parcel replace together: cut by their union, stretch by stretch.
    stretches: dict[tuple[str, bool], list[tuple[int, int]]] = {}
    for key, first, last in zip(_replaceable(entries), new_start, new_end, strict=True):
        stretches.setdefault(key, []).append((int(first), int(last)))
    named = ledger["parcel_id"].isin(entries["parcel_id"]).to_numpy()
    rows = np.flatnonzero(named & ledger.index.isin(as_known(ledger).index))
    hit = np.zeros(len(ledger), dtype=bool)
    remains: list[pd.DataFrame] = []
    for row, key in zip(rows.tolist(), _replaceable(ledger.iloc[rows]), strict=True):
        kept = _without(int(start[row]), int(end[row]), sorted(stretches.get(key, ())))
        if kept == [(start[row], end[row])]:
            continue
        hit[row] = True
        remains += [_between(ledger.iloc[[row]], first, last) for first, last in kept]
    left = pd.concat(remains, ignore_index=True) if remains else ledger.iloc[:0]
    return _superseded(ledger, hit, stamp), left


def _replaceable(entries: pd.DataFrame) -> list[tuple[str, bool]]:
    """Say of each entry what it can take the place of: a tenure of its parcel, or a clearance."""
    cleared = (entries["status"] == Status.UNCLEARED).tolist()
    return list(zip(entries["parcel_id"].tolist(), cleared, strict=True))


def _without(start: int, end: int, stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Take stretches of time out of an interval."""
    kept = []
    for first, last in stretches:
        if last <= start or first >= end:
            continue
        if start < first:
            kept.append((start, first))
        start = max(start, last)
    return [*kept, (start, end)] if start < end else kept


def _between(row: pd.DataFrame, start: int, end: int) -> pd.DataFrame:
    first = np.datetime64(start, "D").astype("datetime64[s]")
    last = np.datetime64("NaT", "s") if end == OPEN else np.datetime64(end, "D")
    return row.assign(valid_from=first, valid_to=pd.Timestamp(last))
