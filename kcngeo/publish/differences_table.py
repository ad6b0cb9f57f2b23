"""The table of edits between two states of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo.publish.csv import csv_text

if TYPE_CHECKING:
    from kcngeo.update import Difference

_ORDER = (
    *("table", "kind", "id", "zone_id", "column", "before", "after"),
    *("area_before_m2", "area_after_m2", "moved_m"),
)


def differences_table(changes: Difference) -> pd.DataFrame:
    """Lay out edits flat: a row a changed value, or one where no value but a shape did."""
    edits = changes.edits.drop(columns=["columns", "new_row"])
    cells = changes.cells.assign(
        before=changes.cells["before"].map(_shown), after=changes.cells["after"].map(_shown)
    )
    flat = edits.merge(cells.drop(columns="id"), on=["table", "old_row"], how="left")
    return flat[[*_ORDER]]


def differences_csv(changes: Difference) -> str:
    """Write edits as CSV for a terminal: plain line ends, no mark in front."""
    return csv_text(differences_table(changes), name="differences")


def _shown(value: Any) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}" if value.tz is None else value.isoformat()
    return str(value)
