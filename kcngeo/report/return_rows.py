"""Rows of a tally: what a figure of the return counts, or would have to know."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

FAULT = "at_fault"
"""What a zone lacks that is at fault: its rows must be mended."""

Row = dict[str, Any]
"""A row of a tally; None is missing.

``group``, the line of the form it belongs to (missing where nobody knows); ``table`` and ``id`` of
the row it counts; ``value``, what that adds, or ``said``, what it says; ``lacks``, the column whose
value would have to be known; ``unknown``, the column that would say whose the row is; ``stated``,
whether it is entered as it stands; ``left_out``, whether a total is without it.
"""


def wanting(unknown: pd.Series, column: str) -> pd.Series:
    """Name the column that would have to be known, where it is not."""
    return pd.Series(None, index=unknown.index, dtype="str").mask(unknown, column)


def laid_out(
    rows: pd.DataFrame,
    *,
    key: str,
    table: Any,
    value: Any = None,
    said: Any = None,
    lacks: Any = None,
    stated: bool = False,
) -> list[Row]:
    """Tally rows of a table; their column ``origin`` says which line they belong to."""
    zones = rows["zone_id"] if "zone_id" in rows.columns else None
    columns = {
        "group": _plain(rows["origin"], len(rows)),
        "zone_id": _plain(zones, len(rows)),
        "table": _plain(table, len(rows)),
        "id": _plain(rows[key], len(rows)),
        "value": _plain(1.0 if value is None and said is None else value, len(rows)),
        "said": _plain(said, len(rows)),
        "lacks": _plain(lacks, len(rows)),
    }
    more = {"unknown": "projects.origin", "stated": stated, "left_out": False}
    names = list(columns)
    return [
        {**dict(zip(names, cells, strict=True)), **more}
        for cells in zip(*columns.values(), strict=True)
    ]


def lacking(lacks: str | None, **known: Any) -> Row:
    """Give the row of a tally for something of which no table has one."""
    row: Row = dict.fromkeys(("group", "zone_id", "table", "id", "value", "said"))
    told = {"lacks": lacks, "unknown": lacks, "stated": False, "left_out": False}
    return row | told | known


def _plain(values: Any, length: int) -> list[Any]:
    """Give a column, or one value for all rows, as a list with None where it is missing."""
    if values is None or np.isscalar(values):
        return [values] * length
    column = np.asarray(values, dtype=object)
    return [None if gone else one for one, gone in zip(column, pd.isna(column), strict=True)]
