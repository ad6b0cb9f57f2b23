"""Numbers and days as a person reads them, in Vietnamese and in English.

They stand on floor 0 beside the words because columns are shown by them; everything else asks
:mod:`kcngeo.theme` for them.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal

from kcngeo.core import texts

_MINUS = str.maketrans("-", "−")
# By the calendar of the program, not of the machine, whose language may be any.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def number(value: float, *, language: str, decimals: int = 2) -> str:
    """Write a number for a person; "−1.234,56" in Vietnamese, "−1,234.56" in English.

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

    Examples
    --------
    >>> number(1234.56, language="vi"), number(1234.56, language="en", decimals=0)
    ('1.234,56', '1,235')
    """
    if value is None or math.isnan(value):
        return "–"
    # What rounds to nothing has no sign, and a sign is no hyphen.
    shown = f"{value:z,.{decimals}f}".translate(_MINUS)
    return shown.translate(str.maketrans(",.", ".,")) if language == "vi" else shown


def exact_number(value: float, *, language: str) -> str:
    """Write a number with as many decimals as it has, such as a figure of a law.

    Parameters
    ----------
    value
        The number.
    language
        "vi" or "en".

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> exact_number(500.0, language="en"), exact_number(0.35, language="vi")
    ('500', '0,35')
    """
    decimals = max(0, -int(Decimal(str(value)).normalize().as_tuple().exponent))
    return number(value, language=language, decimals=decimals)


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

    Examples
    --------
    >>> percent(0.375, language="vi"), percent(0.375, language="en", decimals=0)
    ('37,50 %', '38 %')
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
        "31/03/2018" in Vietnamese, "31 Mar 2018" in English.

    Examples
    --------
    >>> [date(dt.date(2018, 3, 1), language=language) for language in ("vi", "en")]
    ['01/03/2018', '1 Mar 2018']
    """
    if language == "vi":
        return f"{value:%d/%m/%Y}"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year:04d}"


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

    Examples
    --------
    >>> month(dt.date(2018, 3, 31))
    '03/2018'
    """
    return f"{value:%m/%Y}"


def signed(value: float, *, language: str, decimals: int = 2) -> str:
    """Write a change for a person; the sign is written unless it rounds to nothing.

    Parameters
    ----------
    value
        The change; missing is written "–".
    language
        "vi" or "en".
    decimals
        Digits after the decimal sign.

    Returns
    -------
    str
        "+9,91" in Vietnamese, "−9.91" in English.

    Examples
    --------
    >>> [signed(change, language="vi") for change in (9.91, -9.91, -0.001)]
    ['+9,91', '−9,91', '0,00']
    """
    if math.isnan(value):
        return "–"
    sign = "" if is_nothing(value, decimals=decimals) else "−" if value < 0 else "+"
    return sign + number(abs(value), language=language, decimals=decimals)


def is_nothing(value: float, *, decimals: int = 2) -> bool:
    """Tell whether a figure is 0 as it is shown.

    Parameters
    ----------
    value
        The figure.
    decimals
        Digits after the decimal sign.

    Returns
    -------
    bool
        Whether it is.

    Examples
    --------
    >>> is_nothing(0.004), is_nothing(0.006)
    (True, False)
    """
    return float(f"{value:.{decimals}f}") == 0


def points(share: float, *, language: str) -> str:
    """Write a change of a rate for a person.

    Parameters
    ----------
    share
        The change, as a share.
    language
        "vi" or "en".

    Returns
    -------
    str
        "+9,91 điểm %" in Vietnamese, "+9.91 points" in English.

    Examples
    --------
    >>> points(0.0991, language="vi")
    '+9,91 điểm %'
    """
    return texts.text(
        "figures.points", language=language, value=signed(share * 100, language=language)
    )


def hectares(area_ha: float, *, language: str, sign: bool = True) -> str:
    """Write hectares for a person.

    Parameters
    ----------
    area_ha
        The area in hectares.
    language
        "vi" or "en".
    sign
        Whether it is a change, with a sign.

    Returns
    -------
    str
        "−22,79 ha".

    Examples
    --------
    >>> hectares(-22.79, language="vi"), hectares(22.79, language="en", sign=False)
    ('−22,79 ha', '22.79 ha')
    """
    shown = signed(area_ha, language=language) if sign else number(area_ha, language=language)
    return f"{shown} ha"


def unbroken(words: str) -> str:
    """Keep every figure of a text and its unit on one line.

    Parameters
    ----------
    words
        The text.

    Returns
    -------
    str
        The text with spaces that no line breaks at between figures and "%", "ha" and "m".

    Examples
    --------
    >>> unbroken("let 76.07 ha") == "let 76.07\N{NO-BREAK SPACE}ha"
    True
    """
    return re.sub(r"(?<=\d) (?=(%|ha|m)\b|%)", "\u00a0", words)
