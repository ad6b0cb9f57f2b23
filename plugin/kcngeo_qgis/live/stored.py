"""Rows of a table as they are in the file, whatever layers show of them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any


def reading(path: Path) -> closing[sqlite3.Connection]:
    """Open a GeoPackage beside QGIS, to be read only."""
    # Another layer of the same file would do harm: QGIS 3.40 turns the file over to another way of
    # journals for it, and the layers that are open can no longer read.
    return closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True))


def stored_rows(path: Path, table: str) -> dict[int, dict[str, Any]]:
    """Give the rows of a table by their numbers, days as texts, without shapes."""
    with reading(path) as here:
        here.row_factory = sqlite3.Row
        name = table.replace('"', '""')
        found = here.execute(f'SELECT rowid AS "kcngeo rowid", * FROM "{name}"')  # noqa: S608
        plain = (
            {key: value for key, value in dict(row).items() if not isinstance(value, bytes)}
            for row in found
        )
        return {row.pop("kcngeo rowid"): row for row in plain}
