"""One palette and one table of texts for maps, figures, layers, reports and workbooks.

Lease-status colours stay apart for readers with any of the common colour-vision deficiencies, which
``tests/test_theme.py`` simulates; a calm blue stands for what is let, the loudest colour for land
lost to another purpose. Land-use colours of land that is not let are pale, so that status reads
first.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping

from kcngeo.core.model import LandUse
from kcngeo.core.texts import LANGUAGES, table, text

__all__ = [
    "LANGUAGES",
    "STATUS_COLORS",
    "USE_COLORS",
    "choice",
    "column",
    "date",
    "month",
    "number",
    "percent",
    "table",
    "text",
    "texts",
]

STATUS_COLORS: Mapping[str, str] = {
    "leased": "#3A7FB5",
    "reserved": "#F9C52B",
    "recovering": "#603277",
    "repurposed": "#CC5A1E",
    "uncleared": "#8D9094",
    "available": "#97C891",
}
"""Colours of the parts of the land account, in the order they are shown."""

USE_COLORS: Mapping[str, str] = {
    LandUse.INDUSTRIAL: "#EFE6DC",
    LandUse.SERVICE: "#F3DCDC",
    LandUse.GREEN: "#DCEBD3",
    LandUse.TRANSPORT: "#ECECEC",
    LandUse.TECHNICAL: "#E3DDEE",
    LandUse.HOUSING: "#FBEFD0",
    LandUse.WATER: "#D6E8F5",
    LandUse.OTHER: "#F4F4F0",
}
"""Pale colours of land that is not let under a definition."""


def texts(*groups: str, language: str) -> dict[str, str]:
    """Collect the words of some groups in one language, for a page that needs them all.

    Parameters
    ----------
    *groups
        Groups of the table, for example "status".
    language
        "vi" or "en".

    Returns
    -------
    dict[str, str]
        By key ("group.name"), the words, placeholders as they stand.
    """
    return {key: entry[language] for key, entry in table().items() if key.split(".")[0] in groups}


def column(name: str, *, language: str) -> str:
    """Name a column for a person.

    Parameters
    ----------
    name
        Name of the column.
    language
        "vi" or "en".

    Returns
    -------
    str
        Its words with the unit, or the name itself for a column of the user's own.
    """
    entry = table().get(f"column.{name}")
    return name if entry is None else entry[language]


def choice(value: str, *, name: str, language: str, layer: str = "") -> str:
    """Name a value of a closed list for a person.

    Parameters
    ----------
    value
        The value, for example "leased".
    name
        Its column, for example "status".
    language
        "vi" or "en".
    layer
        Its table; where tables use one column for different lists ("kind"), it decides.

    Returns
    -------
    str
        The words, or the value itself where the table of texts has none.
    """
    entries = table()
    entry = entries.get(f"{layer}_{name}.{value}") or entries.get(f"{name}.{value}")
    return value if entry is None else entry[language]


def number(value: float, *, language: str, decimals: int = 2) -> str:
    """Write a number for a person; "1.234,56" in Vietnamese, "1,234.56" in English.

    Parameters
    ----------
    value
        The number; missing is written "–".
    language
        "vi" or "en".
    decimals
        Digits after the decimal sign.

    Returns
    -------
    str
        The text.
    """
    if value is None or math.isnan(value):
        return "–"
    shown = f"{value:,.{decimals}f}"
    return shown.translate(str.maketrans(",.", ".,")) if language == "vi" else shown


def percent(share: float, *, language: str, decimals: int = 2) -> str:
    """Write a share as a percentage for a person.

    Parameters
    ----------
    share
        The share, 0 to 1; missing is written "–".
    language
        "vi" or "en".
    decimals
        Digits after the decimal sign.

    Returns
    -------
    str
        "56,04 %" in Vietnamese, "56.04 %" in English.
    """
    if share is None or math.isnan(share):
        return "–"
    return number(share * 100, language=language, decimals=decimals) + " %"


def date(value: dt.date, *, language: str) -> str:
    """Write a date for a person.

    Parameters
    ----------
    value
        The date.
    language
        "vi" or "en".

    Returns
    -------
    str
        "31/03/2018" in Vietnamese, "2018-03-31" in English.
    """
    return f"{value:%d/%m/%Y}" if language == "vi" else f"{value:%Y-%m-%d}"


def month(value: dt.date) -> str:
    """Write a month for a person.

    Parameters
    ----------
    value
        Any day of the month.

    Returns
    -------
    str
        "03/2018".
    """
    return f"{value:%m/%Y}"
