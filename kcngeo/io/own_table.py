"""Tables of a user's own that stand beside a project: sectors, demand, what a person found."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from kcngeo.core.errors import DataSourceError


def read_own_table(path: str | os.PathLike[str], *, texts: bool = False) -> pd.DataFrame:
    r"""Read a CSV with a heading.

    Parameters
    ----------
    path
        The file, UTF-8, with or without a byte order mark.
    texts
        Whether every cell is text; otherwise numbers are numbers.

    Returns
    -------
    pd.DataFrame
        Its rows; an empty cell is missing.

    Raises
    ------
    DataSourceError
        If it cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "sectors.csv"
    ...     _ = file.write_text("sector,required_m\nfood,50\n", encoding="utf-8")
    ...     read_own_table(file).to_numpy().tolist()
    [['food', 50]]
    """
    try:
        # Opened here: pandas would fetch what reads like an address.
        with Path(path).open(encoding="utf-8-sig") as file:
            return pd.read_csv(file, dtype="str" if texts else None)
    except (OSError, ValueError) as error:
        raise DataSourceError("unreadable", path=path, detail=error) from error
