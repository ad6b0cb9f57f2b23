"""Read the ledger workbook back as tables of a project."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from kcngeo import theme
from kcngeo.core.errors import DataSourceError
from kcngeo.core.model import Finding, Severity, finding
from kcngeo.core.schema import TABLES
from kcngeo.core.texts import row_number
from kcngeo.io.mapping import ColumnMapping, mapped
from kcngeo.io.spreadsheet.table_detection import written_names
from kcngeo.io.spreadsheet.workbook import Sheet, open_sheets
from kcngeo.io.stores.taken import Label, label_from
from kcngeo.io.workbook.layout import EXAMPLES, LABEL, LISTS, NOTE, SHEETS, columns_of
from kcngeo.ledger import Taken

_SEARCHED_ROWS = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WorkbookRead:
    """What was read from a ledger workbook.

    Attributes
    ----------
    tables
        Tables by name, indexed by the place of their first cell ("Sổ theo dõi!A4").
    findings
        Values that could not be read, sheets and rows that were not read, each with its place.
    dataset_id
        Which project it is of; None of an empty workbook, and of one that lost its hidden sheet.
    commit
        How often edits had been recorded in the project when it left.
    taken
        What its rows were then.
    """

    tables: Mapping[str, pd.DataFrame]
    findings: tuple[Finding, ...]
    dataset_id: str | None = None
    commit: int = 0
    taken: Taken | None = None


def read_workbook(path: str | os.PathLike[str]) -> WorkbookRead:
    """Read a ledger workbook as :func:`kcngeo.io.write_workbook` makes it.

    A sheet is known by the row of column names under its headings, wherever its columns were moved
    to. Rows marked as examples and the lists of zones and lots are not read. Words of closed lists
    may be Vietnamese, English or the value itself; days may be dates or dd/mm/yyyy.

    Parameters
    ----------
    path
        Path of the workbook (.xlsx, .xlsm or .ods).

    Returns
    -------
    WorkbookRead
        The tables and what could not be read.

    Raises
    ------
    DataSourceError
        If the file cannot be read, or is no such workbook.

    Examples
    --------
    >>> import tempfile
    >>> import kcngeo as kcn
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     kcn.io.write_workbook(kcn.examples.squares(), f"{folder}/ledger.xlsx")
    ...     len(read_workbook(f"{folder}/ledger.xlsx").tables["ledger"])
    6
    """
    path = Path(path)
    tables: dict[str, pd.DataFrame] = {}
    findings: list[Finding] = []
    examples: list[str] = []
    found = False
    label: Label | None = None
    # What a project holds comes back as it is, however strange a text may look.
    for sheet in open_sheets(path, ours=(LABEL,)):
        if sheet.name == LABEL and sheet.hidden:
            label = _label(sheet, path)
            continue
        named = _named(sheet)
        if named is None:
            continue
        found = True
        row, names = named
        table = _table(sheet, set(names.values()))
        # Two sheets of one table: nobody can say which is meant.
        if table is None or table in tables:
            raise DataSourceError("workbook_sheet", path=path, sheet=sheet.name)
        findings += sheet.findings
        # Zones and lots are written for the drop-downs; their home is the project.
        if table in LISTS:
            continue
        tables[table], told, left = _read(sheet, row + 1, names, table)
        findings += told
        examples += left
    if not found:
        raise DataSourceError("workbook_none", path=path)
    if examples:
        findings.append(
            finding("workbook_example", "ledger", Severity.NOTE, ids=examples, count=len(examples))
        )
    if label is None:
        return WorkbookRead(tables=tables, findings=tuple(findings))
    return WorkbookRead(
        tables=tables,
        findings=tuple(findings),
        dataset_id=label.dataset_id,
        commit=label.commit,
        taken=label.taken,
    )


def _label(sheet: Sheet, path: Path) -> Label:
    """Read what the workbook was when it left."""
    told: dict[str, str] = {}
    try:
        for row in sheet.rows:
            name, *cells = [str(cell) for cell in row if cell is not None]
            if cells[-1:] != ["."]:
                raise ValueError("a text is cut off")
            told[name] = "".join(cells[:-1])
        rows = {
            name: base64.b64decode(text, validate=True)
            for name, text in told.items()
            if name != LABEL
        }
        return label_from(told[LABEL], rows, {})
    except (KeyError, ValueError) as error:
        raise DataSourceError("workbook_label", path=path, detail=str(error)) from error


def _named(sheet: Sheet) -> tuple[int, dict[int, str]] | None:
    """Find the row of column names."""
    for row in range(min(_SEARCHED_ROWS, len(sheet.rows))):
        names = written_names(sheet, row)
        if names:
            return row, names
    return None


def _table(sheet: Sheet, names: set[str]) -> str | None:
    """Tell which table a sheet is: by its name, or if that was changed by its columns."""
    for table in (*SHEETS, *LISTS):
        titles = {theme.text(f"workbook.sheet_{table}", language=one) for one in theme.LANGUAGES}
        if sheet.name in titles and TABLES[table].key[0] in names:
            return table
    known = [table for table in SHEETS if {c.name for c in columns_of(table)} <= names]
    return known[0] if len(known) == 1 else None


def _read(
    sheet: Sheet, first: int, names: Mapping[int, str], table: str
) -> tuple[pd.DataFrame, list[Finding], list[str]]:
    """Read the rows of a sheet; give the examples apart."""
    rows, places, examples = [], [], []
    note = next((column for column, name in names.items() if name == NOTE), None)
    for number in range(first, len(sheet.rows)):
        cells = sheet.rows[number]
        if all(cells[column] is None for column in names if column != note):
            continue
        said = None if note is None else cells[note]
        place = sheet.place(number, min(names))
        if isinstance(said, str) and said.casefold().startswith(EXAMPLES):
            examples.append(place)
            continue
        rows.append({name: cells[column] for column, name in names.items()})
        places.append(place)
    frame = pd.DataFrame(rows, columns=list(names.values()), index=places, dtype="object")
    if NOTE in frame.columns and not frame[NOTE].notna().any():
        frame = frame.drop(columns=NOTE)
    ours = {column.name for column in TABLES[table].columns}
    mapping = ColumnMapping(table=table, columns={n: n for n in frame.columns if n in ours})
    read = mapped(frame, mapping)
    findings = [_placed(one, places) for one in read.findings if one.rule != "import_own"]
    findings += _outside(sheet, first, names, table)
    return read.frame, findings, examples


def _outside(sheet: Sheet, first: int, names: Mapping[int, str], table: str) -> list[Finding]:
    """Tell of cells in columns without a name: they would be lost."""
    ids = [
        sheet.place(row, column)
        for row in range(first, len(sheet.rows))
        for column, value in enumerate(sheet.rows[row])
        if value is not None and column not in names
    ]
    bad = [f"{sheet.name}!{place}" for place in sheet.errors]
    findings = (
        [finding("workbook_outside", table, Severity.WARNING, ids=ids, count=len(ids))]
        if ids
        else []
    )
    return findings + (
        [finding("sheet_formula_error", table, Severity.ERROR, ids=bad, count=len(bad))]
        if bad
        else []
    )


def _placed(one: Finding, places: Sequence[str]) -> Finding:
    """Name rows by their places in the workbook."""
    return replace(one, ids=tuple(places[row_number(name)] for name in one.ids))
