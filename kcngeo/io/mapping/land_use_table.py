"""Which function in the plan a legal code stands for: a table that a person fills in.

A code such as SKK covers a whole zone, its roads and its green, so that no code says by itself what
a lot is for. The table is written with the codes that were found and nothing beside them; what a
person fills in is followed, and stands in the mapping.
"""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd

from kcngeo import theme
from kcngeo.core import atomic
from kcngeo.core.errors import DataSourceError
from kcngeo.core.formulas import meant, neutralised
from kcngeo.core.schema import TABLES
from kcngeo.core.units import M2_PER_HA
from kcngeo.io.mapping.read import choices_of

CODE, USE = "land_use_code", "land_use"
_COLUMNS = (CODE, "words", "lots", "area_ha", USE)
_ENCODING = "utf-8-sig"


def read_land_use_table(path: str | os.PathLike[str]) -> dict[str, str]:
    r"""Read which function each legal code stands for.

    Parameters
    ----------
    path
        A CSV file with the columns ``land_use_code`` and ``land_use``; others are not looked at. A
        function is said by its value or its word in any language.

    Returns
    -------
    dict[str, str]
        By code, the land use.

    Raises
    ------
    DataSourceError
        If the file cannot be read, lacks a column, names a code twice, or a function is left open
        or is none.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "codes.csv")
    ...     _ = path.write_text("land_use_code,land_use\nSKK,đất công nghiệp\nDGT,transport")
    ...     read_land_use_table(path)
    {'SKK': 'industrial', 'DGT': 'transport'}
    """
    try:
        text = Path(path).read_text(_ENCODING)
    except (OSError, UnicodeError) as error:
        raise DataSourceError("unreadable", path=path, detail=error) from error
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";" if _is_parted(text) else ","))
    if not rows or not {CODE, USE} <= set(rows[0]):
        raise DataSourceError("land_use_table", path=path, columns=f"{CODE}, {USE}")
    (column,) = (one for one in TABLES["parcels"].columns if one.name == USE)
    known = choices_of(column, "parcels")
    said = [(str(meant((row[CODE] or "").strip())), (row[USE] or "").strip()) for row in rows]
    uses = [(code, known(use) if use else None) for code, use in said if code]
    wrong = [code for code, use in uses if use is None]
    often = Counter(code for code, _ in uses)
    wrong += sorted(code for code, count in often.items() if count > 1)
    if wrong:
        raise DataSourceError(
            "land_use_open", path=path, codes=wrong, choices=" | ".join(column.choices)
        )
    return {code: use for code, use in uses if use is not None}


def _is_parted(text: str) -> bool:
    """Tell whether a spreadsheet parted the columns by semicolons."""
    head = text.partition("\n")[0]
    return head.count(";") > head.count(",")


def write_land_use_table(
    lots: gpd.GeoDataFrame,
    path: str | os.PathLike[str],
    *,
    known: Mapping[str, str] | None = None,
    language: str = "vi",
) -> int:
    """Write the legal codes of lots as a table in which a person says what each stands for.

    Parameters
    ----------
    lots
        Lots with ``land_use_code``.
    path
        Path of the CSV file; something there is written over.
    known
        Functions that were said before, by code.
    language
        "vi" or "en", for the words of codes.

    Returns
    -------
    int
        How many codes are still open.

    Raises
    ------
    DataSourceError
        If it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import kcngeo as kcn
    >>> lots = kcn.examples.squares().parcels.assign(land_use_code="SKK")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "codes.csv")
    ...     write_land_use_table(lots, path, language="en")
    ...     path.read_text("utf-8-sig").splitlines()[1]  # ten lots of 1 ha
    1
    'SKK,industrial zone,10,10.0000,'
    """
    codes = lots[CODE].dropna().astype("str")
    is_measured = lots.crs is not None and lots.crs.is_projected
    held = io.StringIO()
    table = csv.writer(held, lineterminator="\n")
    table.writerow(_COLUMNS)
    still_open = 0
    for code in sorted(codes.unique()):
        mine = lots.loc[codes.index[codes == code]]
        area = f"{mine.area.sum() / M2_PER_HA:.4f}" if is_measured else ""
        entry = theme.table().get(f"land_code.{code}")
        use = (known or {}).get(code, "")
        still_open += not use
        table.writerow([neutralised(code), entry[language] if entry else "", len(mine), area, use])
    atomic.write_bytes(path, held.getvalue().encode(_ENCODING))
    return still_open
