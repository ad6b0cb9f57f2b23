"""Columns in words: headings, words of codes, numbers and days in the reader's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd

from kcngeo.core import number_forms, texts
from kcngeo.core.lot_names import within_zone
from kcngeo.core.schema.column import Column, Kind, Table, Unit

Names = Mapping[str, Mapping[str, str]]
"""By table what a person calls its rows, by their ids."""

# What stands between names, which have commas of their own.
_BETWEEN = "; "
# A column of ids tells of its table where it tells names.
_NAMED_HEADINGS = {
    "zones": "map.zone",
    "emitters": "named.emitters",
    "receptors": "column.receptor_name",
    "sites": "named.sites",
    "parcels": "named.parcels",
    "projects": "named.projects",
    "works": "named.works",
    "return_lines": "column.line_name",
    "return_items": "column.item_name",
}
_MISSING = {
    Kind.TEXT: "str",
    Kind.DATE: "datetime64[s]",
    Kind.MOMENT: "datetime64[us, UTC]",
    Kind.NUMBER: "float64",
    Kind.COUNT: "Int64",
    Kind.FLAG: "boolean",
}


def heading(column: Column, *, name: str = "", language: str, names: Names | None = None) -> str:
    """Name a column for a person.

    Parameters
    ----------
    column
        Its contract.
    name
        Its own name, where the contract stands for several.
    language
        "vi" or "en".
    names
        What ids are called, where names are told.

    Returns
    -------
    str
        Its words with the unit; its name where the table of texts has none.

    Examples
    --------
    >>> heading(Column(name="area_ha", kind=Kind.NUMBER), language="en")
    'Area (ha)'
    """
    told_by = column.label if names is None else _NAMED_HEADINGS.get(column.named, column.label)
    words = texts.table().get(told_by)
    told = column.name if words is None else words[language]
    if column.name.endswith("*") and name:
        one = name[len(column.name) - 1 :]
        return f"{told} {(names or {}).get(column.named, {}).get(one, one)}"
    return told


def told_heading(
    column: Column, *, name: str = "", language: str, names: Names | None = None
) -> str:
    """Name a column whose values are written by :func:`cell`.

    Parameters
    ----------
    column
        Its contract.
    name
        Its own name, where the contract stands for several.
    language
        "vi" or "en".
    names
        What ids are called, where names are told.

    Returns
    -------
    str
        Its words with the unit, but of shares, which are told as percentages.

    Examples
    --------
    >>> told_heading(Column(name="progress_share", kind=Kind.NUMBER), language="en")
    'Progress'
    """
    words = heading(column, name=name, language=language, names=names)
    if column.unit is not Unit.SHARE:
        return words
    return words.removesuffix(f" ({texts.text('unit.share_mark', language=language)})")


def people_are_told(table: Table, name: str, *, names: Names | None) -> bool:
    """Tell whether a column stands where names are told.

    Parameters
    ----------
    table
        The contract of its table.
    name
        Its name.
    names
        What ids are called; None where people are told the ids themselves.

    Returns
    -------
    bool
        Not of what is for programs alone, or repeats names that stand beside it.

    Examples
    --------
    >>> from kcngeo.core.schema import COMPUTED
    >>> accounts = COMPUTED["accounts"]
    >>> [people_are_told(accounts, "name", names=names) for names in (None, {"zones": {}})]
    [True, False]
    """
    column = table.column(name)
    if names is None or column is None:
        return True
    return not (column.technical or column.repeats)


def _named(value: str, names: Mapping[str, str]) -> str:
    """Name the rows whose ids are joined by "|"; what follows a colon is told of the row."""
    told = []
    for one in value.split("|"):
        head, colon, rest = one.partition(": ")
        told.append(names.get(one) or names.get(head, head) + colon + rest)
    return _BETWEEN.join(told)


def _zone_called(row: Mapping[Any, Any] | None, names: Names) -> str:
    """Name the one zone a row is about; nothing where it is about none or several."""
    return names.get("zones", {}).get(str((row or {}).get("zone_id")), "")


def value_words(column: Column, value: str, *, language: str, table: str = "") -> str:
    """Give the words of a value of a column.

    Parameters
    ----------
    column
        Its contract.
    value
        A code, or several joined by "|".
    language
        "vi" or "en".
    table
        Name of its table, which may have words of its own ("works_kind").

    Returns
    -------
    str
        The words; the code itself where there are none.

    Examples
    --------
    >>> status = Column(name="status", kind=Kind.TEXT)
    >>> value_words(status, "leased", language="en")
    'leased'
    """
    if column.joined and "|" in value:
        parts = (
            value_words(column, one, language=language, table=table) for one in value.split("|")
        )
        return ", ".join(parts)
    entries = texts.table()
    own = (f"{table}_{column.name}", column.name)
    groups = column.words or (own if column.choices else ())
    keys = (f"{group}.{value}".replace(" ", "_") for group in groups)
    return next((entries[key][language] for key in keys if key in entries), value)


def cell(
    column: Column,
    value: Any,
    *,
    language: str,
    table: str = "",
    row: Mapping[Any, Any] | None = None,
    names: Names | None = None,
) -> str:
    """Write a value of a column for a person.

    Parameters
    ----------
    column
        Its contract.
    value
        The value; missing gives an empty text.
    language
        "vi" or "en".
    table
        Name of its table.
    row
        The row, where the unit, the table of the ids, or the zone of lots stands in another of its
        columns.
    names
        What ids are called; None to tell the ids themselves.

    Returns
    -------
    str
        A number in the reader's form with the column's decimals (a share as a percentage, a change
        of shares in points), a day, yes or no, the words of a code, or the text.

    Examples
    --------
    >>> cell(Column(name="density_share", kind=Kind.NUMBER), 0.5, language="vi")
    '50,00 %'
    """
    if value is None or pd.isna(value):
        return ""
    if column.kind is Kind.FLAG:
        return texts.text(f"flag.{bool(value)}".lower(), language=language)
    if column.kind in (Kind.DATE, Kind.MOMENT) and isinstance(value, dt.date):
        return number_forms.date(value, language=language)
    held = str((row or {}).get(column.named_in)) if column.named_in else column.named
    called = (names or {}).get(held)
    if names and called and column.kind is Kind.TEXT:
        told = within_zone(_named(str(value), called), zone=_zone_called(row, names))
        # Beside rows there may be codes in their place: all of them, none.
        if told != str(value):
            return told
    if column.unit is None:
        return value_words(column, str(value), language=language, table=table)
    # The row itself says whether the figure is a rate or hectares.
    if column.unit_in == "measure" and row is not None:
        is_rate = str(row["measure"]) == "fill_rate"
        unit: Unit | None = Unit.SHARE if is_rate else Unit.HA
    else:
        unit = column.unit
    if unit is Unit.SHARE:
        return number_forms.percent(value, language=language, decimals=column.decimals)
    if column.kind is Kind.COUNT:
        # A year, a level and a revision count nothing.
        if unit is Unit.NONE:
            return str(int(value))
        return number_forms.number(value, language=language, decimals=0)
    written = number_forms.signed if column.signed else number_forms.number
    value = value * 100 if unit is Unit.POINTS else value
    return written(value, language=language, decimals=column.decimals)


def is_told(column: Column, values: pd.Series) -> bool:
    """Tell whether people are shown a column of a table.

    Parameters
    ----------
    column
        Its contract.
    values
        Its values.

    Returns
    -------
    bool
        Not where a sparse column, a text or a day is missing throughout, or a sparse change moved
        nothing anywhere.

    Examples
    --------
    >>> column = Column(name="investor", kind=Kind.TEXT)
    >>> is_told(column, pd.Series([None, ""])), is_told(column, pd.Series([None, "Tea & Co."]))
    (False, True)
    """
    if column.unit is Unit.POINTS and column.sparse:
        # Half of what the last decimal of a workbook shows.
        return bool((values.abs() > 5e-7).any())
    if column.sparse or column.kind in (Kind.TEXT, Kind.DATE, Kind.MOMENT):
        return bool((values.notna() & (values != "")).any())
    return True


def in_contract(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Give a computed table the columns of its contract, in its order.

    Parameters
    ----------
    table
        The contract.
    frame
        The table; a named index counts as columns, a geometry is left out.

    Returns
    -------
    pd.DataFrame
        The table; sparse columns it does not have are missing throughout.

    Raises
    ------
    ValueError
        If it has a column that is not declared, or lacks one: every product gives a table of one
        name the same columns.

    Examples
    --------
    >>> from kcngeo.core.schema import COMPUTED
    >>> frame = pd.DataFrame({"zone_id": ["A"]})
    >>> in_contract(COMPUTED["sensitivity"], frame)
    Traceback (most recent call last):
    ValueError: table sensitivity lacks alternative, developable_ha, change_ha
    """
    if _is_laid_out(table, frame):
        return frame.copy(deep=False)
    named = [name for name in frame.index.names if name is not None]
    flat = pd.DataFrame(frame.reset_index(named) if named else frame).reset_index(drop=True)
    flat = flat.drop(columns=flat.columns[flat.dtypes.astype(str) == "geometry"])
    flat = flat.drop(columns=["geometry"], errors="ignore")
    strange = [name for name in flat.columns if table.column(str(name)) is None]
    if strange:
        raise ValueError(f"table {table.name} has undeclared {', '.join(map(str, strange))}")
    order: list[str] = []
    absent: list[Column] = []
    for column in table.columns:
        mine = [str(name) for name in flat.columns if column.is_for(str(name))]
        order += mine or [column.name]
        absent += [] if mine else [column]
    lacking = [column.name for column in absent if not column.sparse]
    if lacking:
        raise ValueError(f"table {table.name} lacks {', '.join(lacking)}")
    empty = {
        column.name: pd.Series(index=flat.index, dtype=_MISSING[column.kind]) for column in absent
    }
    return flat.assign(**empty)[order]


def _is_laid_out(table: Table, frame: pd.DataFrame) -> bool:
    """Tell whether a table has just the columns of its contract, and rows counted from 0."""
    return (
        type(frame) is pd.DataFrame
        and [*frame.columns] == [column.name for column in table.columns]
        and isinstance(frame.index, pd.RangeIndex)
        and frame.index.name is None
        and frame.index.equals(pd.RangeIndex(len(frame)))
    )


def empty(table: Table) -> pd.DataFrame:
    """Make a table without rows.

    Parameters
    ----------
    table
        Its contract.

    Returns
    -------
    pd.DataFrame
        Its columns, each of its kind.

    Examples
    --------
    >>> from kcngeo.core.schema import COMPUTED
    >>> list(empty(COMPUTED["late"]).columns)[:3]
    ['zone_id', 'component', 'side']
    """
    return pd.DataFrame(
        {column.name: pd.Series(dtype=_MISSING[column.kind]) for column in table.columns}
    )
