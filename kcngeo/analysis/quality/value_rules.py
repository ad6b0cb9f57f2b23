"""Single values that cannot be right: dates, shares, sums, ratings, words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from kcngeo.analysis.quality.context import OLDEST, Ground, implausible_days
from kcngeo.analysis.quality.finding import Noticed, notice
from kcngeo.core.dates import day_numbers
from kcngeo.core.schema import TABLES, Kind
from kcngeo.io.encoding.repair import repaired

_ORDERED = {
    "zones": (("established_on", "removed_on"),),
    "projects": (
        ("licensed_on", "operating_on"),
        ("handed_over_on", "due_on"),
        ("handed_over_on", "building_on"),
        ("building_on", "operating_on"),
        ("due_on", "extended_until"),
    ),
    "support": (("asked_on", "answered_on"), ("asked_on", "due_on")),
}
"""Dates of which the second must not lie before the first."""

_DONE = {
    "zones": ("established_on", "removed_on"),
    "projects": ("licensed_on", "handed_over_on", "building_on", "operating_on"),
    "works": ("done_on",),
    "clearance": ("handed_over_on",),
    "milestones": ("done_on",),
    "support": ("asked_on", "answered_on"),
}
"""Dates of what has happened."""

_CLASSES = ("I", "II", "III", "IV", "V")
_IDS = ("_id", "parents", "_no", "_code")


def date_findings(ground: Ground) -> Iterator[Noticed]:
    """Find dates that are crossed, after the day of the check, or of no century of ours."""
    for table, frame in ground.frames.items():
        dates = [
            column.name
            for column in TABLES[table].columns
            if column.kind is Kind.DATE and column.name in frame.columns
        ]
        days = {name: day_numbers(frame[name], missing=OLDEST, length=0) for name in dates}
        strange = {name: implausible_days(frame, name) for name in dates}
        for name, bad in strange.items():
            yield from _at(ground, "date_implausible", table, bad, name)
        for first, last in _ORDERED.get(table, ()):
            if first in days and last in days:
                both = (frame[first].notna() & frame[last].notna()).to_numpy()
                sane = both & ~strange[first] & ~strange[last]
                crossed = sane & (days[last] < days[first])
                yield from _at(ground, "dates_reversed", table, crossed, last, first=first)
        for name in _DONE.get(table, ()):
            if name in days and ground.on is not None:
                ahead = (days[name] > ground.on) & ~strange[name]
                yield from _at(ground, "date_in_future", table, ahead, name, on=ground.on)


def figure_findings(ground: Ground) -> Iterator[Noticed]:
    """Find shares above 1, sums paid above the plan, and emitters no rule of distances can rate."""
    if ground.column("works", "progress_share"):
        share = _numbers(ground.frames["works"]["progress_share"])
        yield from _at(ground, "share_above_one", "works", share > 1, "progress_share")
    if ground.column("clearance", "paid_vnd") and ground.column("clearance", "planned_vnd"):
        frame = ground.frames["clearance"]
        over = _numbers(frame["paid_vnd"]) > _numbers(frame["planned_vnd"])
        yield from _at(ground, "paid_above_planned", "clearance", over, "paid_vnd")
    if ground.has("emitters"):
        frame = ground.frames["emitters"]
        yield from _at(ground, "unrated_emitter", "emitters", _unrated(frame), "hazard_class")


def word_findings(ground: Ground) -> Iterator[Noticed]:
    """Find text in a legacy encoding, letters lost to "?", ids with blanks round them."""
    for table, frame in ground.frames.items():
        for column in TABLES[table].columns:
            if column.kind is not Kind.TEXT or column.name not in frame.columns or column.choices:
                continue
            values = frame[column.name]
            repair = repaired(values.astype("object").where(values.notna(), None))
            garbled = np.zeros(len(frame), dtype=bool)
            for way, rows in repair.changed.items():
                if way != "nfc":
                    garbled |= rows
            for row in np.flatnonzero(garbled):
                good = str(repair.text.iloc[row])
                yield _one(ground, "garbled_text", table, row, column.name, reads=good)
            for row in np.flatnonzero(repair.lost & ~garbled):
                yield _one(ground, "lost_letters", table, row, column.name)
            composed = np.array([_is_composed(value) for value in values], dtype=bool)
            for row in np.flatnonzero(~composed & ~garbled):
                yield _one(ground, "text_not_composed", table, row, column.name)
            if column.name.endswith(_IDS):
                blank = np.array([_has_blanks(value) for value in values], dtype=bool)
                yield from _at(ground, "untrimmed", table, blank, column.name)


def _at(
    ground: Ground, rule: str, table: str, bad: Any, column: str, **fields: Any
) -> Iterator[Noticed]:
    for row in np.flatnonzero(bad):
        yield _one(ground, rule, table, row, column, **fields)


def _one(ground: Ground, rule: str, table: str, row: Any, column: str, **fields: Any) -> Noticed:
    frame = ground.frames[table]
    if "on" in fields:
        fields["on"] = str(np.datetime64(fields["on"], "D"))
    if "first" in fields:
        fields["before"] = _shown(frame[fields["first"]].iloc[row])
    return notice(
        rule,
        table,
        _id(ground, table, row),
        zone_ids=frame["zone_id"].iloc[[row]] if "zone_id" in frame.columns else (),
        geometry=_place(ground, frame, row),
        column=column,
        value=_shown(frame[column].iloc[row]) if column in frame.columns else "–",
        **fields,
    )


def _id(ground: Ground, table: str, row: Any) -> tuple[str, ...]:
    """Name a row; an entry of the ledger by its own id, a version by its lot."""
    frame = ground.frames[table]
    if table == "ledger" and "entry_id" in frame.columns and pd.notna(frame["entry_id"].iloc[row]):
        return (str(frame["entry_id"].iloc[row]),)
    return ground.names(table, [row])


def _place(ground: Ground, frame: pd.DataFrame, row: Any) -> Any:
    own = getattr(frame, "active_geometry_name", None)
    if own is not None and frame.crs == ground.crs:
        return frame[own].iloc[row]
    return ground.shapes(frame["parcel_id"].iloc[[row]]) if "parcel_id" in frame.columns else None


def _unrated(frame: pd.DataFrame) -> Any:
    """Tell which emitters lack what a rule of distances asks of their kind."""
    by_capacity = (frame["kind"] == "wastewater_works").to_numpy()
    by_class = frame["kind"].isin(["point", "building", "parcel"]).to_numpy()
    known = pd.Series(None, frame.index, dtype="object")
    classed = frame.get("hazard_class", known).isin(_CLASSES).to_numpy()
    measured = frame.get("capacity_m3_day", known).notna().to_numpy()
    return (by_class & ~classed) | (by_capacity & ~measured)


def _numbers(values: pd.Series) -> Any:
    return values.to_numpy(dtype="float64", na_value=np.nan)


def _shown(value: Any) -> str:
    if pd.isna(value):
        return "–"
    return str(value.date()) if isinstance(value, pd.Timestamp) else str(value)


def _is_composed(value: Any) -> bool:
    return not isinstance(value, str) or unicodedata.is_normalized("NFC", value)


def _has_blanks(value: Any) -> bool:
    return isinstance(value, str) and (value != value.strip() or "  " in value)
