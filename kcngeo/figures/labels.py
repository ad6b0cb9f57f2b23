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
    """Write a period for a person."""
    first, last = (theme.date(day, language=language) for day in (start, end))
    return first if first == last else f"{first} – {last}"


def span(row: dict[Any, Any], *, language: str) -> str:
    """Write from when to when a row of a table holds."""
    ends = (row["valid_from"], row["valid_to"])
    return " – ".join("…" if pd.isna(day) else theme.date(day, language=language) for day in ends)


def definition_lines(name: str, dates: Iterable[dt.date], *, language: str) -> list[str]:
    """Name a definition as it stands on some dates: a law may not be in force on all of them."""
    labels: dict[str, str] = {}
    for on in dates:
        label = definition_label(name, on=on, language=language)
        labels.setdefault(label, theme.date(on, language=language))
    first, *others = labels
    lead = theme.text("map.definition", language=language)
    return [f"{lead} {first}", *(f"{labels[label]}: {label}" for label in others)]


def definition_label(name: str, *, on: dt.date, language: str) -> str:
    """Name a definition on a date."""
    return fill_definition(name, on=on).label(on=on, language=language)


def measure_title(measure: str, *, language: str) -> str:
    """Name a measure."""
    part = measure.removesuffix("_ha")
    for key in (f"figures.{measure}", f"status.{part}"):
        if key in theme.table():
            return theme.text(key, language=language)
    return measure


def measured(value: float, *, measure: str, language: str) -> str:
    """Write a value of a measure for a person."""
    if measure == "fill_rate":
        return theme.percent(value, language=language)
    return hectares(value, language=language, sign=False)
