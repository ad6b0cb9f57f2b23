"""Makes the spreadsheets of the tests: xlsx by XlsxWriter, ODS as a zip written by hand."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import geopandas as gpd
import pandas as pd
import xlsxwriter

from tests import squares

Rows = Sequence[Sequence[Any]]
Entry = tuple[Any, ...]
"""(parcel_id, status, valid_from, valid_to, part_area_ha) as a person reads the row."""


def xlsx(path: Path, sheets: Mapping[str, Rows], merges: Mapping[str, Iterable[str]] = {}) -> Path:
    """Write sheets; a merged range takes the value its first cell has in the rows."""
    with xlsxwriter.Workbook(path) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place in merges.get(name, ()):
                sheet.merge_range(place, "")
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, dt.date):
                        sheet.write_datetime(number, column, value, day)
                    elif isinstance(value, str) and value.startswith("{"):
                        # "{=SUM(D4:D9)} 12.5" is a formula with the value it was saved with
                        formula, _, saved = value[1:].partition("} ")
                        sheet.write_formula(number, column, formula, value=float(saved))
                    elif isinstance(value, str):
                        sheet.write_string(number, column, value)
                    elif value is not None:
                        sheet.write(number, column, value)
    return path


def ods(
    path: Path, sheets: Mapping[str, Rows], spans: Mapping[tuple[int, int], tuple[int, int]]
) -> Path:
    """Write sheets; `spans` gives (rows, columns) of merged cells by (row, column)."""
    body = ""
    for name, rows in sheets.items():
        body += f"<table:table table:name={quoteattr(name)}>"
        for number, row in enumerate(rows):
            cells = "".join(
                _ods_cell(value, spans.get((number, column))) for column, value in enumerate(row)
            )
            body += f"<table:table-row>{cells}</table:table-row>"
        body += "</table:table>"
    spaces = {
        one: f"urn:oasis:names:tc:opendocument:xmlns:{one}:1.0"
        for one in ("office", "table", "text")
    }
    declared = " ".join(f'xmlns:{one}="{url}"' for one, url in spaces.items())
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {declared}><office:body>'
        f"<office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    return path


def _ods_cell(value: Any, span: tuple[int, int] | None) -> str:
    merged = ""
    if span is not None:
        merged = f' table:number-rows-spanned="{span[0]}" table:number-columns-spanned="{span[1]}"'
    if value is None:
        return f"<table:table-cell{merged}/>"
    if isinstance(value, dt.date):
        kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    elif isinstance(value, (int, float)):
        kind = f'office:value-type="float" office:value="{value}"'
    else:
        kind = 'office:value-type="string"'
    return (
        f"<table:table-cell {kind}{merged}><text:p>{escape(str(value))}</text:p></table:table-cell>"
    )


def lots(areas_ha: Mapping[str, float], *, zone: str = "A", **columns: Any) -> gpd.GeoDataFrame:
    """Lay parcels with the areas of their certificates, named as their ids."""
    ids = list(areas_ha)
    return squares.parcels(
        *ids,
        zone=zone,
        lot_code=[one.split("/")[-1] for one in ids],
        certificate_area_m2=[area * 10_000 for area in areas_ha.values()],
        **columns,
    )


def told(frame: pd.DataFrame) -> list[Entry]:
    """Give entries as (parcel_id, status, valid_from, valid_to, part_area_ha), days as ISO text."""
    result = []
    for row in frame.to_dict("records"):
        days = [
            None if pd.isna(row[one]) else f"{row[one]:%Y-%m-%d}"
            for one in ("valid_from", "valid_to")
        ]
        texts = [None if pd.isna(row[one]) else row[one] for one in ("parcel_id", "status")]
        part = None if pd.isna(row["part_area_ha"]) else row["part_area_ha"]
        result.append((*texts, *days, part))
    return result
