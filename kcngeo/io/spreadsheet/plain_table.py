"""Any other table in a spreadsheet: its headings and rows, to be mapped to a table of ours."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kcngeo import theme
from kcngeo.core.errors import DataSourceError
from kcngeo.core.model import Finding, Severity
from kcngeo.core.schema import TABLES
from kcngeo.io.spreadsheet.table_detection import Role, Table, find_table
from kcngeo.io.spreadsheet.vocabulary import plain, vocabulary
from kcngeo.io.spreadsheet.workbook import Sheet, merged_cells, open_sheets


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TableRead:
    """A table read from a spreadsheet, as it is.

    Attributes
    ----------
    frame
        Cells under their headings, indexed by their places ("Sheet1!A5").
    findings
        Rows of totals and other cells that were left out, each with its place.
    """

    frame: pd.DataFrame
    findings: tuple[Finding, ...]


def read_table(
    path: str | os.PathLike[str],
    *,
    table: str,
    sheet: str | None = None,
    encoding: str | None = None,
) -> TableRead:
    """Read a table from Excel, ODS or CSV by its headings, to be mapped to a table of a project.

    Parameters
    ----------
    path
        Path of an .xlsx, .xlsm, .ods, .csv, .tsv or .txt file.
    table
        Table of a project it will be: its words are looked for in the headings.
    sheet
        Name of the sheet; the one with the most rows under such headings if None.
    encoding
        Encoding of a CSV file; found out if None.

    Returns
    -------
    TableRead
        The cells and what was left out.

    Raises
    ------
    DataSourceError
        If the file cannot be read, has no such sheet, or no such headings.

    Examples
    --------
    >>> import tempfile
    >>> rows = pd.DataFrame({"work_id": ["W1"], "zone_id": ["A"], "kind": ["road"]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rows.to_csv(f"{folder}/works.csv", index=False)
    ...     read_table(f"{folder}/works.csv", table="works").frame.values.tolist()
    [['W1', 'A', 'road']]
    """
    path = Path(path)
    sheets = open_sheets(path, encoding=encoding)
    if sheet is not None:
        chosen = [one for one in sheets if one.name == sheet]
        if not chosen:
            names = [one.name for one in sheets]
            raise DataSourceError("sheet_unknown", path=path, names=[sheet], sheets=names)
        sheets = chosen
    phrases = phrases_of(table)
    found = [one for one in (find_table(each, phrases) for each in sheets if each.rows) if one]
    if not found:
        raise DataSourceError("sheet_no_table", path=path, table=table)
    best = max(found, key=lambda one: len(one.rows))
    return TableRead(frame=_frame(best), findings=_left_out(best, table))


def unbracketed(heading: str) -> str:
    """Leave out what stands in brackets, as units do.

    Examples
    --------
    >>> unbracketed("Đã cho thuê (ha)")
    'Đã cho thuê'
    """
    return re.sub(r"\(.*?\)", "", heading).strip()


def phrases_of(table: str) -> dict[str, tuple[str, ...]]:
    """List the words for the columns of a table."""
    known = vocabulary(f"columns.{table}")
    phrases = {}
    for column in TABLES[table].columns:
        shown = (theme.column(column.name, language=one) for one in theme.LANGUAGES)
        words = (column.name.replace("_", " "), *(one.partition("(")[0] for one in shown))
        phrases[column.name] = (*(plain(one) for one in words), *known.get(column.name, ()))
    return phrases


def _frame(table: Table) -> pd.DataFrame:
    merged = merged_cells(table.sheet)
    columns = list(table.names if table.exact else table.headings)
    names = [table.names[one] if table.exact else table.headings[one] for one in columns]
    rows = [row.number for row in table.rows if row.role is Role.DATA]
    cells = [
        [_at(table.sheet, merged.get((row, one), (row, one))) for one in columns] for row in rows
    ]
    index = [table.sheet.place(row, min(columns)) for row in rows]
    return pd.DataFrame(cells, columns=_distinct(names), index=index, dtype="object")


def _at(sheet: Sheet, where: tuple[int, int]) -> object:
    return sheet.rows[where[0]][where[1]]


def _distinct(names: list[str]) -> list[str]:
    result: list[str] = []
    for name in names:
        kept = name
        while kept in result:
            kept += "_"
        result.append(kept)
    return result


def _left_out(table: Table, name: str) -> tuple[Finding, ...]:
    sheet = table.sheet
    rows = [sheet.place(row.number, 0) for row in table.rows if row.role is not Role.DATA]
    cells = [sheet.place(*cell) for cell in (*table.before, *table.after)]
    errors = [f"{sheet.name}!{place}" for place in sheet.errors]
    told = (
        ("sheet_left_out", Severity.NOTE, rows),
        ("sheet_outside", Severity.NOTE, cells),
        ("sheet_formula_error", Severity.ERROR, errors),
    )
    return (
        *sheet.findings,
        *(
            Finding(
                rule=rule,
                severity=severity,
                table=name,
                ids=tuple(ids),
                fields={"count": len(ids)},
            )
            for rule, severity, ids in told
            if ids
        ),
    )
