"""What a spreadsheet holds, told by its headings."""

from __future__ import annotations

import os
from pathlib import Path

from kcngeo.io.spreadsheet.corners import TABLE, is_corners
from kcngeo.io.spreadsheet.lease_list import is_list
from kcngeo.io.spreadsheet.plain_table import phrases_of, unbracketed
from kcngeo.io.spreadsheet.security import KINDS
from kcngeo.io.spreadsheet.table_detection import find_table, written_names
from kcngeo.io.spreadsheet.vocabulary import plain, vocabulary
from kcngeo.io.spreadsheet.workbook import Sheet, open_sheets

_SHAPES = {"wkt", "geom", "geometry", "the geom", "wkb"}
_SEARCHED_ROWS = 15
_EASTS, _NORTHS = {"x", "lon", "longitude", "easting"}, {"y", "lat", "latitude", "northing"}


def kind_of(path: str | os.PathLike[str], *, encoding: str | None = None) -> str:
    """Tell what a file can be read as.

    Parameters
    ----------
    path
        Path of a file.
    encoding
        Encoding of a CSV file; found out if None.

    Returns
    -------
    str
        "workbook" (a ledger workbook), "declared" (declared accounts), "list" (a lease list),
        "corners" (lots as tables of their corners), "layer" (no spreadsheet, or a CSV file with
        shapes or coordinates), or "table".

    Raises
    ------
    DataSourceError
        If a spreadsheet cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"Lô": ["A1"], "Diện tích (ha)": [1.5], "Nhà đầu tư": ["Tea One"]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rows.to_csv(f"{folder}/list.csv", index=False)
    ...     kind_of(f"{folder}/list.csv")
    'list'
    """
    path = Path(path)
    if path.suffix.lower() not in KINDS and path.suffix.lower() != ".xls":
        return "layer"
    sheets = open_sheets(path, encoding=encoding)
    if any(
        written_names(sheet, row) for sheet in sheets for row in range(min(10, len(sheet.rows)))
    ):
        return "workbook"
    shown = [sheet for sheet in sheets if not sheet.hidden]
    corners = (find_table(sheet, vocabulary(TABLE)) for sheet in shown)
    if any(table is not None and is_corners(table) for table in corners):
        return "corners"
    if KINDS.get(path.suffix.lower()) == "csv" and sheets[0].rows:
        heads = {plain(str(one)) for one in sheets[0].rows[0] if one is not None}
        if heads & _SHAPES or (heads & _EASTS and heads & _NORTHS):
            return "layer"
    if any(_is_declared(sheet) for sheet in shown):
        return "declared"
    tables = (find_table(sheet, vocabulary("ledger")) for sheet in shown)
    return "list" if any(table is not None and is_list(table) for table in tables) else "table"


def _is_declared(sheet: Sheet) -> bool:
    """Tell declared accounts by their headings: a base and what is let of it, and no lot."""
    heads = (
        {plain(unbracketed(cell)) for cell in row if isinstance(cell, str)}
        for row in sheet.rows[:_SEARCHED_ROWS]
    )
    known = phrases_of("declared_accounts")
    lots = {*vocabulary("ledger")["lot"], *vocabulary("ledger")["investor"]}
    for row in heads:
        found = {name for name, phrases in known.items() if row & {*phrases}}
        if {"zone_id", "base_ha", "leased_ha"} <= found and not row & lots:
            return True
    return False
