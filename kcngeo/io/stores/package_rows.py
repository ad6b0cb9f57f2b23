"""The rows of a GeoPackage that is at hand as bytes, without a file and without GDAL."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from kcngeo.core.sql_names import sql_name

# What a program keeps for itself, or may write only by opening the file.
_HOUSEKEEPING = ("gpkg_", "rtree_", "sqlite_", "kcngeo_")


def package_rows(data: bytes) -> dict[str, list[dict[str, Any]]]:
    """Read the rows of every table of a GeoPackage as they are stored, and judge nothing.

    Parameters
    ----------
    data
        The bytes of the file.

    Returns
    -------
    dict[str, list[dict[str, Any]]]
        By table the rows, by the first column; shapes are bytes, days texts, flags 0 and 1.

    Examples
    --------
    >>> with closing(sqlite3.connect(":memory:")) as connection:
    ...     _ = connection.execute("CREATE TABLE lots (lot TEXT)")
    ...     _ = connection.execute("INSERT INTO lots VALUES ('A-1')")
    ...     connection.commit()
    ...     package_rows(connection.serialize())
    {'lots': [{'lot': 'A-1'}]}
    """
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(data)
        connection.row_factory = sqlite3.Row
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        ).fetchall()
        made = {}
        for (name,) in names:
            if name.startswith(_HOUSEKEEPING):
                continue
            rows = connection.execute(f"SELECT * FROM {sql_name(name)} ORDER BY 1")  # noqa: S608
            made[name] = [dict(row) for row in rows]
        return made
