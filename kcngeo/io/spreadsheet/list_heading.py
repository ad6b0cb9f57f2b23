"""What a list says once for all its rows: its zone, the unit of areas, the sign of decimals."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from kcngeo.io.spreadsheet import value_parser
from kcngeo.io.spreadsheet.lot_matching import zone_named
from kcngeo.io.spreadsheet.table_detection import Table
from kcngeo.io.spreadsheet.vocabulary import plain

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")


def _texts_above(table: Table) -> Iterator[str]:
    for row, column in table.before:
        value = table.sheet.rows[row][column]
        if isinstance(value, str):
            yield value


def zone_of(table: Table, zones: pd.DataFrame | None) -> str | None:
    """Find the zone that the title or the name of the sheet says."""
    for text in (*_texts_above(table), table.sheet.name):
        found = zone_named(text, zones)
        if found is not None:
            return found
    return None


def unit_of(table: Table) -> str | None:
    """Find the unit of areas in the heading, else in what stands above ("ĐVT: ha")."""
    column = table.column("area")
    if column is not None:
        unit = value_parser.unit_of(table.headings[column])
        if unit is not None:
            return unit
    for text in _texts_above(table):
        said = plain(text)
        if said.startswith(("don vi tinh", "dvt", "don vi", "unit")):
            return value_parser.unit_of(text)
    return None


def decimal_of(table: Table) -> str | None:
    """Find the sign of decimals from the numbers that show it; None unless they agree."""
    area = table.column("area")
    columns = () if area is None else (area, *table.other_areas)
    shown = []
    for row in table.rows:
        for value in (table.sheet.rows[row.number][column] for column in columns):
            if isinstance(value, str):
                match = value_parser.AREA.search(value)
                shown.append(match["number"] if match else value)
    return value_parser.agreed_decimal_sign(shown)


def year_of(text: str) -> int | None:
    """Find the one year a text names."""
    found = set(_YEAR.findall(text))
    return int(found.pop()) if len(found) == 1 else None
