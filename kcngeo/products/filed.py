"""What was filed before, read from the workbooks it was filed as."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from kcngeo import io
from kcngeo.core.errors import DataSourceError
from kcngeo.report.return_filed import GIVEN


def read_filed(path: Path) -> pd.DataFrame:
    """Read the cells of a filed return: a workbook, or a folder of workbooks.

    Examples
    --------
    >>> import tempfile
    >>> import kcngeo as kcn
    >>> made = kcn.products.returns(kcn.examples.squares(), quarter="2018Q1")
    >>> with tempfile.TemporaryDirectory() as above:
    ...     folder = made.write(f"{above}/return", language="en", parts=["forms"])
    ...     cells = read_filed(folder)
    >>> cells.loc[cells["text"] == "Zone A", "column"].unique().tolist()
    [0]
    """
    files = sorted(path.glob("*.xlsx")) if path.is_dir() else [path]
    if not files:
        raise DataSourceError("unreadable_missing", path=path / "*.xlsx")
    rows = [
        (file.name, str(number), row, column, _text(value))
        for file in files
        for number, sheet in enumerate(io.read_cells(file))
        for row, cells in enumerate(sheet)
        for column, value in enumerate(cells)
        if value is not None
    ]
    return pd.DataFrame(rows, columns=list(GIVEN))


def _text(value: object) -> str:
    """Write a cell as a filed form has it: a number with all its digits and no thousands."""
    return f"{value:.15g}" if isinstance(value, float) else str(value)
