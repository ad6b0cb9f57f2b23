"""Tables as people read them: headings, words for codes, numbers and dates in their language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kcngeo import theme
from kcngeo.analysis.change import CAUSES
from kcngeo.figures.labels import signed
from kcngeo.publish.report_tables import known_words

_SHARES = frozenset({"rate_start", "rate_end", "target", "probability", "share", "done_share"})
_POINTS = frozenset(
    {
        *("change", "month_change", "year_change", "numerator_effect", "base_effect"),
        *("effect", "total_effect", "gap_share", *CAUSES),
    }
)
_CHANGES_HA = frozenset({"leased_change_ha", "base_change_ha", "gap_ha"})
# Ids joined by "|".
_IDS = frozenset({"parcel_ids", "entries", "ids", "name"})
_OPTIONAL = frozenset(
    {"probability", "required_ha_per_month", "late_count", "conflict_count", "to_target_ha"}
)
# Where the words of a code stand, by table and column or by column; the first that has it counts.
_GROUPS: Mapping[str, tuple[str, ...]] = {
    "severity": ("severity",),
    "period": ("period",),
    "cause": ("figures",),
    "measure": ("figures",),
    "verified": ("verified",),
    "verdict": ("targets",),
    "stage": ("stage",),
    "targets.reason": ("targets",),
    "forecast.reason": ("forecast",),
    "conflicts.state": ("conflict_state",),
    "conflicts.verified": ("conflicts", "verified"),
    "why_unrated": ("column",),
    "emitter_kind": ("emitters_kind",),
    "receptor_kind": ("receptors_kind",),
    "component": ("works_kind", "component", "milestone"),
    "side": ("side",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A table in words.

    Attributes
    ----------
    name
        Its name.
    headings
        Headings of the columns.
    is_number
        Whether a column holds numbers, which stand at the right.
    rows
        The cells; an empty one is missing.
    """

    name: str
    headings: tuple[str, ...]
    is_number: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]


def kind_of(table: str, column: str, frame: pd.DataFrame) -> str:
    """Tell how a column is to be read.

    Parameters
    ----------
    table
        Name of the table.
    column
        Name of the column.
    frame
        The table.

    Returns
    -------
    str
        "date", "share", "points", "ha", "signed_ha", "number", "count", "flag", "word" or "text";
        "measured" for a column whose unit is that of the row's measure.
    """
    dtype = frame[column].dtype
    if column in _GROUPS or f"{table}.{column}" in _GROUPS:
        return "word"
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return "date"
    if table == "targets" and column in ("target_value", "planned", "actual"):
        return "measured"
    if pd.api.types.is_bool_dtype(dtype):
        return "flag"
    if column in _SHARES or column.startswith("fill_rate"):
        return "share"
    if column in _POINTS:
        return "points"
    if column in _CHANGES_HA:
        return "signed_ha"
    if column.endswith(("_ha", "_ha_per_month")):
        return "ha"
    if pd.api.types.is_integer_dtype(dtype):
        return "count"
    return "number" if pd.api.types.is_float_dtype(dtype) else "text"


def heading(column: str, *, language: str) -> str:
    """Name a column for a person.

    Parameters
    ----------
    column
        Name of the column.
    language
        "vi" or "en".

    Returns
    -------
    str
        Its words.
    """
    if column == "name":
        return theme.text("map.zone", language=language)
    if column in CAUSES:
        return theme.text(f"figures.{column}", language=language)
    if column.startswith("fill_rate_"):
        return f"{theme.column('fill_rate', language=language)} {column[10:]}"
    return theme.column(column, language=language)


def word(table: str, column: str, value: object, *, language: str) -> str:
    """Give the words of a code.

    Parameters
    ----------
    table
        Name of the table.
    column
        Name of the column.
    value
        The code.
    language
        "vi" or "en".

    Returns
    -------
    str
        The words, or the code itself where there are none.
    """
    groups = _GROUPS.get(f"{table}.{column}") or _GROUPS.get(column, ())
    keys = [f"{group}.{value}".replace(" ", "_") for group in groups]
    found = (known_words(key, language=language) for key in keys)
    return next((words for words in found if words is not None), str(value))


def shown(name: str, frame: pd.DataFrame, *, language: str) -> Shown:
    """Put a table into words.

    Parameters
    ----------
    name
        Name of the table.
    frame
        The table; columns that are missing throughout are left out.
    language
        "vi" or "en".

    Returns
    -------
    Shown
        The table.
    """
    kinds = {column: kind_of(name, column, frame) for column in frame.columns}
    kept = [column for column in frame.columns if _is_told(frame[column], kinds[column])]
    rows = tuple(
        tuple(_cell(name, column, kinds[column], row, language=language) for column in kept)
        for row in frame.to_dict("records")
    )
    numbers = ("share", "points", "ha", "signed_ha", "number", "count", "measured")
    return Shown(
        name=name,
        headings=tuple(heading(column, language=language) for column in kept),
        is_number=tuple(kinds[column] in numbers for column in kept),
        rows=rows,
    )


def unbroken(text: str) -> str:
    """Keep a figure and its unit on one line.

    Parameters
    ----------
    text
        Words for a person.

    Returns
    -------
    str
        The same, with spaces that do not break before units.
    """
    return re.sub(r"(?<=\d) (?=(%|ha|m)\b|%)", "\u00a0", text)


def _is_told(values: pd.Series, kind: str) -> bool:
    """Tell whether a column says anything; a cause that moved nothing anywhere does not."""
    if values.name in CAUSES:
        return bool((values.abs() > 5e-7).any())
    is_optional = kind in ("text", "word", "date") or values.name in _OPTIONAL
    return not is_optional or bool((values.notna() & (values != "")).any())


def _cell(table: str, column: str, kind: str, row: Mapping[Any, Any], *, language: str) -> str:
    value = row[column]
    if pd.isna(value):
        return ""
    if kind == "measured":
        kind = "share" if row["measure"] == "fill_rate" else "ha"
    if kind == "word":
        return word(table, column, value, language=language)
    if kind == "flag":
        return theme.text("report.yes" if value else "report.no", language=language)
    if kind == "date":
        return theme.date(value, language=language)
    if kind == "share":
        return theme.percent(value, language=language)
    if kind == "points":
        return signed(value * 100, language=language)
    if kind == "signed_ha":
        return signed(value, language=language)
    if kind in ("ha", "number"):
        return theme.number(value, language=language)
    return str(value).replace("|", ", ") if column in _IDS else str(value)
