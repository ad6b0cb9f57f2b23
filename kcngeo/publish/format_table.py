"""Tables as people read them: headings, words for codes, numbers and dates in their language.

What a column is called, and in which unit and with how many decimals it is shown, says its contract
in :mod:`kcngeo.core.schema`; this module only lays the cells out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from kcngeo.core.schema import (
    Column,
    Kind,
    Names,
    Table,
    Unit,
    cell,
    contract,
    is_told,
    people_are_told,
    told_heading,
)


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
    zone_ids
        What each row has in its column of zones; nothing where it has no such column.
    """

    name: str
    headings: tuple[str, ...]
    is_number: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    zone_ids: tuple[str, ...] = ()


def declared(table: str, column: str) -> Column:
    """Find the contract of a column of a computed table.

    Examples
    --------
    >>> str(declared("targets", "gap_share").unit)
    'points'
    """
    home: Table | None = contract(table, computed=True)
    found = None if home is None else home.column(column)
    if found is None:
        raise KeyError(f"{table}.{column}")
    return found


def shown(name: str, frame: pd.DataFrame, *, language: str, names: Names | None = None) -> Shown:
    """Put a table into words, with names in the place of ids where they are given."""
    columns = {column: declared(name, column) for column in frame.columns}
    home = contract(name, computed=True)
    kept = [
        column
        for column in frame.columns
        if is_told(columns[column], frame[column])
        and (home is None or people_are_told(home, column, names=names))
    ]
    records = frame.to_dict("records")
    rows = tuple(
        tuple(
            cell(columns[column], row[column], language=language, table=name, row=row, names=names)
            for column in kept
        )
        for row in records
    )
    return Shown(
        name=name,
        headings=tuple(
            told_heading(columns[one], name=one, language=language, names=names) for one in kept
        ),
        is_number=tuple(columns[one].kind in (Kind.NUMBER, Kind.COUNT) for one in kept),
        rows=rows,
        zone_ids=tuple(str(row["zone_id"]) for row in records if "zone_id" in row),
    )


def number_format(column: Column, *, is_fine: bool = True) -> str:
    """Give the format of a column's numbers in a workbook, as a page has them where not fine.

    Examples
    --------
    >>> number_format(Column(name="base_ha", kind=Kind.NUMBER))
    '#,##0.0000'
    >>> number_format(Column(name="base_ha", kind=Kind.NUMBER), is_fine=False)
    '#,##0.00'
    >>> number_format(Column(name="done_share", kind=Kind.NUMBER))
    '0.00%'
    """
    if column.kind is Kind.COUNT:
        return "0"
    if column.unit is Unit.SHARE:
        return f"0.{'0' * column.decimals}%" if column.decimals else "0%"
    has_more = column.unit in (Unit.HA, Unit.POINTS) or column.unit_in == "measure"
    decimals = max(column.decimals, 4) if has_more and is_fine else column.decimals
    digits = f".{'0' * decimals}" if decimals else ""
    whole = "0" if column.unit is Unit.POINTS else "#,##0"
    if column.signed:
        return f"+{whole}{digits};-{whole}{digits};0{digits}"
    return f"{whole}{digits}"


def shared_widths(widths: Sequence[tuple[float, float]], room: float) -> tuple[float, ...]:
    """Give every column room for its longest word, and share what is left by what they lack."""
    least = sum(narrow for narrow, _ in widths)
    lacks = sum(wide - narrow for narrow, wide in widths)
    share = min(max(room - least, 0.0) / lacks, 1.0) if lacks else 0.0
    return tuple(narrow + (wide - narrow) * share for narrow, wide in widths)
