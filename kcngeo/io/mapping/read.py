"""Values of other people's columns read as what a contract asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from kcngeo import theme
from kcngeo.core.schema import Column, Kind
from kcngeo.io.spreadsheet import value_parser
from kcngeo.io.spreadsheet.records import shown
from kcngeo.io.spreadsheet.vocabulary import exactly, plain, vocabulary

_SAMPLE = 200


def texts_of(series: pd.Series | pd.DataFrame, *, limit: int | None = _SAMPLE) -> list[str]:
    """List the different values of a column as texts."""
    column = series if isinstance(series, pd.Series) else series.iloc[:, 0]
    found = column.dropna().drop_duplicates()
    some = found if limit is None else found.head(limit)
    return [text for value in some if (text := as_text(value))]


def as_text(value: Any) -> str | None:
    """Write a value as text, as one would have typed it."""
    is_none = value is None or value is pd.NaT or value is pd.NA
    if is_none or (isinstance(value, float) and pd.isna(value)):
        return None
    if hasattr(value, "item") and not isinstance(value, (str, pd.Timestamp)):
        value = value.item()
    if isinstance(value, pd.Timestamp):
        value = value.date() if value == value.normalize() else value.to_pydatetime()
    return (shown(value) or "").strip() or None


def choices_of(column: Column, table: str) -> Callable[[str], str | None]:
    """Make the look-up of a closed list: its values and the words people use for them."""
    known = {
        plain(word): choice
        for choice in column.choices
        for word in (
            choice,
            *(
                theme.choice(choice, name=column.name, language=language, layer=table)
                for language in theme.LANGUAGES
            ),
        )
    }
    phrases = vocabulary(f"values.{column.name}")

    def look_up(text: str) -> str | None:
        found = known.get(plain(text)) or exactly(text, phrases)
        return found if found in column.choices else None

    return look_up


def reads(text: str, kind: Kind) -> bool:
    """Tell whether a text can be read as a kind of value."""
    return kind in (Kind.TEXT, Kind.MOMENT) or read(text, kind) is not None


def read(text: str, kind: Kind, *, decimal: str | None = None) -> Any:
    """Read a text as a kind of value."""
    if kind in (Kind.NUMBER, Kind.COUNT):
        sign = value_parser.decimal_sign(text)
        number = value_parser.number(text, decimal=decimal or "," if sign in (None, "?") else sign)
        return None if number is None else number[0]
    if kind is Kind.DATE:
        one = value_parser.span(text)
        return None if one is None or one.first != one.last else pd.Timestamp(one.first)
    if kind is Kind.FLAG:
        found = exactly(text, vocabulary("values.flag"))
        return None if found is None else found == "true"
    if kind is Kind.MOMENT:
        try:
            return pd.Timestamp(text)
        except ValueError:
            return None
    return text


def is_ambiguous(text: str, kind: Kind) -> bool:
    """Tell whether a number has a sign that may part decimals or thousands."""
    return kind in (Kind.NUMBER, Kind.COUNT) and value_parser.decimal_sign(text) == "?"
