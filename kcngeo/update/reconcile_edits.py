"""What a line of a list says otherwise than its entry, and the ledger with that in it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from kcngeo.core.schema import TABLES
from kcngeo.update.reconcile_matching import Held, agrees, same_name

# How a list writes it, and what says nothing of the lease.
NOT_COMPARED = (
    *("parcel_id", "entry_id", "zone_id", "lot", "stated_ha", "source_cell", "section"),
    *("status", "valid_from", "valid_to", "part_area_ha"),
)
Edits = dict[str, tuple[Any, Any]]
"""By column, what the entry has and what the line says."""


def edited(
    row: Mapping[str, Any], line: Held, entry: Held, was: Mapping[str, Any], about: Any
) -> Edits:
    """List what a line says otherwise than its entry; what it does not say is left."""
    edits: Edits = {}
    if line.status is not None and line.status != entry.status:
        edits["status"] = was["status"], line.status
    if line.start is not None and line.start != entry.start:
        edits["valid_from"] = was["valid_from"], line.start
    if line.end != entry.end and (line.end is not None or about.is_open):
        edits["valid_to"] = was.get("valid_to"), line.end
    if line.parcel_id is not None and line.parcel_id != entry.parcel_id:
        edits["parcel_id"] = was["parcel_id"], line.parcel_id
    if line.area_ha is not None and entry.area_ha is not None:
        # A whole lot agrees within a square metre beyond the last digit, as it was read.
        whole = pd.isna(was.get("part_area_ha")) and pd.isna(row["part_area_ha"])
        if not whole and not agrees(line.area_ha, entry.area_ha, line.half_ha):
            edits["part_area_ha"] = was.get("part_area_ha"), row["part_area_ha"]
    for name, value in row.items():
        if name in NOT_COMPARED or pd.isna(value):
            continue
        before = was.get(name)
        if before is None or pd.isna(before):
            # A gap in a column of the ledger is filled; a column of the list's own is not.
            if TABLES["ledger"].column(name) is not None:
                edits[name] = before, value
        elif not _alike(name, value, before):
            edits[name] = before, value
    return edits


def unrecorded(row: Mapping[str, Any], entry: Held, was: Mapping[str, Any]) -> list[str]:
    """Name what a line says in columns of its own of which its entry says nothing."""
    return [
        name
        for name, value in row.items()
        if name not in NOT_COMPARED
        and TABLES["ledger"].column(name) is None
        and not pd.isna(value)
        and (was.get(name) is None or pd.isna(was[name]))
        # A tenant may stand with the project of the entry.
        and not (name == "investor" and entry.investor is not None)
    ]


def _alike(name: str, value: Any, was: Any) -> bool:
    if name == "investor":
        return same_name(str(value), str(was))
    return str(value).strip() == str(was).strip()


def shown(value: Any) -> str:
    """Write a value of an edit for a table; a day as ISO."""
    if value is None or pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    # Values of several columns are joined by this sign.
    return f"{value:.8g}" if isinstance(value, float) else str(value).replace("|", "¦")


def with_edits(
    ledger: pd.DataFrame,
    edits: Mapping[int, Edits],
    fresh: pd.DataFrame,
    ends: Mapping[int, pd.Timestamp],
) -> pd.DataFrame:
    """Put edits, new entries and ends into a ledger; other rows stay as they are, in order."""
    result = ledger.copy()
    for name in dict.fromkeys(name for one in edits.values() for name in one):
        values = {place: one[name][1] for place, one in edits.items() if name in one}
        result[name] = _replaced(result, name, values)
    if ends:
        result["valid_to"] = _replaced(result, "valid_to", dict(ends))
    if fresh.empty:
        return result
    told = fresh.dropna(axis="columns", how="all")
    columns = [*result.columns, *(name for name in told.columns if name not in result.columns)]
    beside = {name: _column(result, told, name) for name in columns}
    return pd.DataFrame(beside)


def _replaced(frame: pd.DataFrame, name: str, values: Mapping[int, Any]) -> pd.Series:
    """Give a column with some of its values replaced."""
    is_day = name in ("valid_from", "valid_to")
    if name in frame.columns:
        column = frame[name].copy()
    else:
        column = (
            pd.Series(pd.NaT, index=frame.index, dtype="datetime64[s]")
            if is_day
            else (pd.Series(None, index=frame.index, dtype="object"))
        )
    places = list(values)
    given = [values[place] for place in places]
    if is_day:
        column.iloc[places] = pd.Series(pd.to_datetime(given)).astype(column.dtype).to_numpy()
    elif column.dtype.kind == "f":
        column.iloc[places] = pd.array(given, dtype="Float64").to_numpy(
            "float64", na_value=float("nan")
        )
    else:
        column = column.astype("object")
        column.iloc[places] = given
        if name in frame.columns:
            # A text in a column of numbers of the ledger's own stays a text.
            with contextlib.suppress(ValueError, TypeError):
                return column.astype(frame[name].dtype)
    return column


def _column(old: pd.DataFrame, fresh: pd.DataFrame, name: str) -> pd.Series:
    """Put the new rows of a column under the old ones."""
    parts: Sequence[pd.Series] = [
        frame[name] if name in frame.columns else pd.Series([None] * len(frame), dtype="object")
        for frame in (old, fresh)
    ]
    kinds = [frame[name].dtype for frame in (old, fresh) if name in frame.columns]
    whole = pd.concat([one.astype("object") for one in parts], ignore_index=True)
    try:
        return whole.astype(kinds[0])
    except (TypeError, ValueError):
        # A whole number or a flag beside a missing one.
        return whole.convert_dtypes() if kinds[0].kind in "iub" else whole
