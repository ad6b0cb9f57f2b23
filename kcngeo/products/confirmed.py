"""What a person found on the ground, read from a table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from kcngeo import io, theme
from kcngeo.core.errors import KcngeoError


def read_confirmed(path: Path) -> pd.Series:
    r"""Read what a person found; the table of an earlier run with its column filled in will do.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "found.csv"
    ...     _ = file.write_text("parcel_id,confirmed\nA-1,yes\nA-2,\n", encoding="utf-8")
    ...     read_confirmed(file).to_dict()
    {'A-1': True, 'A-2': None}
    """
    table = io.read_own_table(path, texts=True)
    columns = {}
    for name in ("parcel_id", "confirmed"):
        headings = {name, *(theme.column(name, language=one) for one in theme.LANGUAGES)}
        columns[name] = next((one for one in table.columns if one in headings), None)
    if None in columns.values():
        raise KcngeoError("confirmed_columns", path=path)
    said = table[columns["confirmed"]].str.strip().str.casefold()
    yes, no = ({word, *_flags(word)} for word in ("true", "false"))
    told = said.isin(yes).astype("boolean").mask(said.isna() | (said == ""))
    strange = told.notna() & ~said.isin(yes | no)
    parcels = table[columns["parcel_id"]]
    twice = parcels.duplicated(keep=False)
    if (strange | twice).any():
        raise KcngeoError("confirmed_rows", path=path, ids=list(parcels[strange | twice]))
    return pd.Series(told.to_numpy(), index=parcels.to_numpy())


def _flags(word: str) -> list[str]:
    return [theme.text(f"flag.{word}", language=one).casefold() for one in theme.LANGUAGES]
