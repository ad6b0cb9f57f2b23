"""The tables of what moved the rates: changes by zone, causes by day and parcel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from kcngeo.analysis.change import Change
from kcngeo.core.schema import COMPUTED, empty
from kcngeo.report import TOTAL, MonthlyReport, whole_change

# Below this a change is the rounding of areas to whole square millimetres.
_NOTHING = 1e-9


def changes_table(report: MonthlyReport) -> pd.DataFrame:
    """Lay out why the rates moved, a row a zone and period, a column a cause."""
    parts = []
    for period, start, change in _changes(report):
        whole = whole_change(report, change, start=start).effects.astype("float64")
        span: dict[str, Any] = {"period": period, "start": start, "end": report.on}
        effects = pd.concat([change.effects, whole]).rename_axis("zone_id")
        parts.append(change_rows(effects, definition=report.definition.name, **span))
    if not parts:
        return empty(COMPUTED["changes"])
    table = pd.concat(parts).assign(whole=lambda rows: rows["zone_id"] == TOTAL)
    table = table.sort_values(["whole", "zone_id", "period"], ignore_index=True)
    return table.drop(columns="whole")


def causes_table(report: MonthlyReport) -> pd.DataFrame:
    """Lay out the causes, a row a cause, day and parcel, the largest effect of a zone first."""
    parts = []
    for period, start, change in _changes(report):
        whole = whole_change(report, change, start=start).entries["effect"]
        rows = change.entries.assign(period=period, total_effect=whole)
        rows = rows[rows["effect"].isna() | (rows["effect"].abs() > _NOTHING)]
        parts.append(rows.assign(size=rows["effect"].abs()))
    if not parts:
        return empty(COMPUTED["causes"])
    keys = ["period", "zone_id", "size", "on", "cause", "parcel_ids"]
    table = pd.concat(parts).sort_values(keys, ascending=[True, True, False, True, True, True])
    return table.drop(columns="size").reset_index(drop=True)


def change_rows(
    effects: pd.DataFrame, *, period: str, start: pd.Timestamp, end: pd.Timestamp, definition: str
) -> pd.DataFrame:
    """Say of the effects of a change which span and definition they are of."""
    span: dict[str, Any] = {"period": period, "start": start, "end": end, "definition": definition}
    return effects.reset_index().assign(**span)


def _changes(report: MonthlyReport) -> Iterator[tuple[str, pd.Timestamp, Change]]:
    asked = (("month", 1, report.change), ("year", 12, report.year_change))
    for period, months, change in asked:
        if change is not None:
            yield period, report.on - pd.offsets.MonthEnd(months), change
