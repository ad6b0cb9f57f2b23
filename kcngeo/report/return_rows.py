"""Rows of a tally, laid out alike."""

from __future__ import annotations

from typing import Any

import pandas as pd

FAULT = "at_fault"
"""What a zone lacks that is at fault: its rows must be mended."""

COLUMNS = {
    **dict.fromkeys(("group", "zone_id", "table", "id", "said", "lacks", "unknown"), "str"),
    "value": "float64",
    **dict.fromkeys(("stated", "left_out"), "bool"),
}


def wanting(unknown: pd.Series, column: str) -> pd.Series:
    """Name the column that would have to be known, where it is not."""
    return pd.Series(None, index=unknown.index, dtype="str").mask(unknown, column)


def laid_out(
    rows: pd.DataFrame,
    *,
    key: str,
    table: Any,
    value: Any = 1.0,
    said: Any = None,
    lacks: Any = None,
    stated: bool = False,
) -> pd.DataFrame:
    """Make a tally of rows; their column ``origin`` says which line they belong to."""
    made = pd.DataFrame(
        {
            "group": rows["origin"].to_numpy(dtype=object),
            "zone_id": None,
            "table": table,
            "id": rows[key].astype("str").to_numpy(dtype=object),
            "value": None if said is not None else value,
            "said": said,
            "lacks": lacks,
            # What would say whose a row is that nobody knows to be of any line.
            "unknown": "projects.origin",
            "stated": stated,
            "left_out": False,
        },
        index=rows.index,
    )
    return made.astype(COLUMNS).reset_index(drop=True)


def lacking(
    lacks: str | None,
    *,
    group: Any = None,
    zone_id: Any = None,
    value: float | None = None,
    said: str | None = None,
    table: str = "",
    left_out: bool = False,
) -> pd.DataFrame:
    """Make the tally of something of which there is no row."""
    row = {
        "group": group,
        "zone_id": zone_id,
        "table": table or None,
        "id": None,
        "value": value if lacks is None else None,
        "said": said,
        "lacks": lacks,
        "unknown": lacks,
        "stated": False,
        "left_out": left_out,
    }
    return pd.DataFrame([row]).astype(COLUMNS)


def records_of(tally: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the rows of a tally as records, None where something is missing."""
    return [
        # What is missing does not equal itself.
        {str(name): value if value == value else None for name, value in row.items()}
        for row in tally.to_dict("records")
    ]
