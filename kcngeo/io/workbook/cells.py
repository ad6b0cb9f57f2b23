"""The cells of a workbook that the library wrote to be filled in."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

from kcngeo.io.spreadsheet.workbook import open_sheets


def read_cells(
    path: str | os.PathLike[str], *, names: Collection[str] = ()
) -> list[list[list[Any]]]:
    """Read the sheets of a workbook as rows of cells, hidden ones too.

    Parameters
    ----------
    path
        Path of the workbook (.xlsx, .xlsm or .ods).
    names
        Names of sheets of our own: in a workbook with one of them no text is repaired.

    Returns
    -------
    list[list[list[Any]]]
        Sheet by sheet, row by row; an empty cell is None.

    Raises
    ------
    DataSourceError
        If it cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> import kcngeo as kcn
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     kcn.io.write_workbook(None, f"{folder}/empty.xlsx", language="en")
    ...     read_cells(f"{folder}/empty.xlsx")[1][1][:3]
    ['note', 'entry_id', 'parcel_id']
    """
    return [sheet.rows for sheet in open_sheets(Path(path), ours=names)]
