"""Keys that stand twice, and rows that name something that is not there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from kcngeo.analysis.quality.context import Ground
from kcngeo.analysis.quality.finding import Noticed, notice
from kcngeo.core.model import Severity

_KEYS = {
    "zones": ["zone_id", "valid_from"],
    "parcels": ["parcel_id", "valid_from"],
    "ledger": ["entry_id"],
    "projects": ["project_id"],
    "project_periods": ["project_id", "period"],
    "project_changes": ["project_id", "on", "kind"],
    "support": ["support_id"],
    "documents": ["document_id"],
    "receptors": ["receptor_id", "valid_from"],
    "emitters": ["emitter_id", "valid_from"],
    "works": ["work_id"],
    "buildings": ["building_id"],
    "clearance": ["clearance_id"],
}
"""What names one row of a table; a version of a zone or parcel is named with its first day."""

_LINKS = (
    ("unknown_zone", "zones", "zone_id"),
    ("unknown_parcel", "parcels", "parcel_id"),
    ("unknown_project", "projects", "project_id"),
    ("unknown_receptor", "receptors", "receptor_id"),
)
_FATAL = (("unknown_zone", "parcels"), ("unknown_zone", "declared_accounts"))


def key_findings(ground: Ground) -> Iterator[Noticed]:
    """Find rows that cannot be told apart by their key."""
    for table, key in _KEYS.items():
        frame = ground.frames.get(table)
        names = [] if frame is None else [name for name in key if name in frame.columns]
        if frame is None or key[0] not in names:
            continue
        named = frame[frame[key[0]].notna()]
        again = named[named.duplicated(names, keep=False)]
        for value, some in again.groupby(key[0]):
            yield notice(
                "duplicate_key",
                table,
                [str(value)],
                zone_ids=some["zone_id"] if "zone_id" in some.columns else (),
                severity=None if table in ("zones", "parcels") else Severity.WARNING,
                geometry=_place(ground, table, some),
                column=" + ".join(names),
                count=len(some),
            )


def orphan_findings(ground: Ground) -> Iterator[Noticed]:
    """Find rows that name a zone, parcel, project or place of resettlement nobody knows."""
    # Entries of unknown parcels are the ledger's matter.
    for rule, home, column in _LINKS:
        given = ground.given.get(home)
        if given is None or column not in given.columns:
            continue
        known = set(given[column].dropna())
        for table, frame in ground.frames.items():
            if table in (home, "claims", "targets") or column not in frame.columns:
                continue
            if (rule, table) == ("unknown_parcel", "ledger"):
                continue
            bad = frame[column].notna() & ~frame[column].isin(known)
            for row in np.flatnonzero(bad):
                yield notice(
                    rule,
                    table,
                    _name(ground, table, row),
                    zone_ids=() if rule == "unknown_zone" else _zone(frame, row),
                    severity=None if (rule, table) in _FATAL else Severity.WARNING,
                    geometry=_place(ground, table, frame.iloc[[row]]),
                    zones=str(frame[column].iloc[row]),
                    named=str(frame[column].iloc[row]),
                )
    yield from _parents(ground)
    yield from _nowhere(ground)


def _parents(ground: Ground) -> Iterator[Noticed]:
    if not ground.column("parcels", "parents"):
        return
    frame = ground.frames["parcels"]
    known = set(ground.given["parcels"]["parcel_id"].dropna())
    named = frame["parents"].fillna("").str.split("|")
    for row in np.flatnonzero(named.map(len)):
        strange = [name for name in named.iloc[row] if name and name not in known]
        if strange:
            yield notice(
                "unknown_parent",
                "parcels",
                [frame["parcel_id"].iloc[row]],
                zone_ids=_zone(frame, row),
                geometry=frame.geometry.iloc[row],
                named=tuple(strange),
            )


def _nowhere(ground: Ground) -> Iterator[Noticed]:
    if not ground.has("clearance"):
        return
    frame = ground.frames["clearance"]
    placed = np.zeros(len(frame), dtype=bool)
    for name in ("zone_id", "parcel_id"):
        if name in frame.columns:
            placed |= frame[name].notna().to_numpy()
    for row in np.flatnonzero(~placed):
        yield notice(
            "clearance_nowhere",
            "clearance",
            ground.names("clearance", [row]),
            geometry=frame.geometry.iloc[row],
        )


def _name(ground: Ground, table: str, row: Any) -> tuple[str, ...]:
    frame = ground.frames[table]
    if table == "ledger" and "entry_id" in frame.columns and pd.notna(frame["entry_id"].iloc[row]):
        return (str(frame["entry_id"].iloc[row]),)
    return ground.names(table, [row])


def _zone(frame: pd.DataFrame, row: Any) -> Any:
    return frame["zone_id"].iloc[[row]] if "zone_id" in frame.columns else ()


def _place(ground: Ground, table: str, rows: Any) -> Any:
    """Find where rows lie: by their lot, else by their own shape if it is drawn like the lots."""
    if "parcel_id" in rows.columns:
        shape = ground.shapes(rows["parcel_id"].dropna())
        if shape is not None:
            return shape
    own = getattr(rows, "active_geometry_name", None)
    if own is None or rows.crs != ground.crs:
        return None
    return rows[own].iloc[0]
