"""What is said when a feature is asked about: columns in words, values as a person reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from kcngeo import theme
from kcngeo.cartography.map_layer import MapLayer
from kcngeo.cartography.words import Words, say

# By the unit in which a name ends; the more exact ending first.
_DECIMALS = (("_m2", 1), ("_ha", 4), ("_m", 1), ("_count", 0), ("_years", 0), ("_m3_day", 0))
# Slivers are narrower than a tenth of a metre.
_OF_LAYER: Mapping[tuple[str, str], int] = {("findings", "width_m"): 2}

Fact = tuple[Words, Words]
"""Label and value of a column, in every language."""


def table_of(layer: str) -> str:
    """Give the table a layer of the day shows.

    Examples
    --------
    >>> table_of("receptors_on_day")
    'receptors'
    """
    return layer.removesuffix("_on_day")


def label(column: str, *, layer: str) -> Words:
    """Name a column."""
    table = table_of(layer)
    return say(lambda language: theme.column(column, language=language, layer=table))


def decimals(column: str, value: float, *, layer: str) -> int:
    """Tell how many decimals a number is shown with.

    Examples
    --------
    >>> decimals("area_ha", 8.36, layer="sites"), decimals("width_m", 0.5, layer="findings")
    (4, 2)
    """
    known = _OF_LAYER.get((table_of(layer), column))
    if known is not None:
        return known
    found = next((places for ending, places in _DECIMALS if column.endswith(ending)), None)
    return found if found is not None else 0 if float(value).is_integer() else 2


def value(column: str, given: Any, *, language: str, layer: str) -> str:
    """Write a value for a person."""
    if given is None or (not isinstance(given, (list, tuple)) and pd.isna(given)):
        return ""
    if isinstance(given, pd.Timestamp):
        return theme.date(given, language=language)
    if isinstance(given, bool) or type(given).__name__ == "bool_":
        return theme.text(f"flag.{bool(given)}".lower(), language=language)
    if isinstance(given, (list, tuple)):
        return ", ".join(map(str, given))
    if isinstance(given, str):
        return _words(column, given, language=language, layer=layer)
    if column.endswith("share"):
        return theme.percent(float(given), language=language)
    places = decimals(column, given, layer=layer)
    return theme.number(float(given), language=language, decimals=places)


def _words(column: str, given: str, *, language: str, layer: str) -> str:
    """Say a value of a closed list; of ids joined by "|" make a list."""
    if column == "table":
        return theme.table_title(given, language=language)
    if column.endswith("_ids"):
        return given.replace("|", ", ")
    return theme.choice(given, name=column, language=language, layer=table_of(layer))


def facts(layer: MapLayer) -> list[list[Fact]]:
    """Say the facts of every feature, leaving out what is missing."""
    columns = [name for name in layer.facts if name in layer.frame.columns]
    labels = {name: label(name, layer=layer.name) for name in columns}

    def said(name: str, given: Any) -> Words:
        return say(lambda language: value(name, given, language=language, layer=layer.name))

    rows = layer.frame[columns].to_dict("records") if columns else [{}] * len(layer.frame)
    found = [[(labels[name], said(name, row[name])) for name in columns] for row in rows]
    # A missing value is missing in every language.
    return [[fact for fact in row if all(fact[1].values())] for row in found]
