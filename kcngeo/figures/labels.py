"""What the charts say: signed figures, dates and definitions, in both languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import pandas as pd

from kcngeo import theme
from kcngeo.standards import fill_definition
from kcngeo.theme import hectares


def period(start: dt.date, end: dt.date, *, language: str) -> str:
    """Write a period for a person.

    Parameters
    ----------
    start
        Its first date.
    end
        Its last date.
    language
        "vi" or "en".

    Returns
    -------
    str
        "31/03/2018 – 31/03/2022".
    """
    first, last = (theme.date(day, language=language) for day in (start, end))
    return first if first == last else f"{first} – {last}"


def span(row: dict[Any, Any], *, language: str) -> str:
    """Write from when to when a row of a table holds.

    Parameters
    ----------
    row
        With ``valid_from`` and ``valid_to``; a missing one is open.
    language
        "vi" or "en".

    Returns
    -------
    str
        "31/08/2014 – …".
    """
    ends = (row["valid_from"], row["valid_to"])
    return " – ".join("…" if pd.isna(day) else theme.date(day, language=language) for day in ends)


def definition_lines(name: str, dates: Iterable[dt.date], *, language: str) -> list[str]:
    """Name a definition as it stands on some dates: a law may not be in force on all of them.

    Parameters
    ----------
    name
        Its id.
    dates
        The dates.
    language
        "vi" or "en".

    Returns
    -------
    list[str]
        How it stands on the first date, then a line for each date on which it stands otherwise.
    """
    labels: dict[str, str] = {}
    for on in dates:
        label = definition_label(name, on=on, language=language)
        labels.setdefault(label, theme.date(on, language=language))
    first, *others = labels
    lead = theme.text("map.definition", language=language)
    return [f"{lead} {first}", *(f"{labels[label]}: {label}" for label in others)]


def definition_label(name: str, *, on: dt.date, language: str) -> str:
    """Name a definition on a date.

    Parameters
    ----------
    name
        Its id.
    on
        The date.
    language
        "vi" or "en".

    Returns
    -------
    str
        "nd164-2013 – Nghị định 164/2013/NĐ-CP", with what limits it on the date.
    """
    label = fill_definition(name, on=on).label(on=on, language=language)
    return f"{name} – {label}"


def measure_title(measure: str, *, language: str) -> str:
    """Name a measure.

    Parameters
    ----------
    measure
        "fill_rate" or a column in hectares, for example "leased_ha".
    language
        "vi" or "en".

    Returns
    -------
    str
        Its words; the column itself where there are none.
    """
    part = measure.removesuffix("_ha")
    for key in (f"figures.{measure}", f"status.{part}"):
        if key in theme.table():
            return theme.text(key, language=language)
    return measure


def measured(value: float, *, measure: str, language: str) -> str:
    """Write a value of a measure for a person.

    Parameters
    ----------
    value
        A share or hectares.
    measure
        "fill_rate" or a column in hectares.
    language
        "vi" or "en".

    Returns
    -------
    str
        "56,04 %" or "76,07 ha"; missing is written "–".
    """
    if measure == "fill_rate":
        return theme.percent(value, language=language)
    return hectares(value, language=language, sign=False)
