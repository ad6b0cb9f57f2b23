"""Lease lists as they are, read as entries of the ledger."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo.core.dates import Day, day
from kcngeo.core.errors import DataSourceError
from kcngeo.core.model import Finding, Severity, Status, finding
from kcngeo.io.spreadsheet.column_roles import LOT_NAMES, kept_columns
from kcngeo.io.spreadsheet.endings import ending_in
from kcngeo.io.spreadsheet.ledger_entries import AT_FAULT, blame, entries, framed, lines_of
from kcngeo.io.spreadsheet.list_day import day_of, days_of
from kcngeo.io.spreadsheet.list_heading import decimal_of, unit_of, year_of, zone_of
from kcngeo.io.spreadsheet.lot_matching import Register, lot_key, names_zone, zone_named
from kcngeo.io.spreadsheet.records import Record, Said, status_in, status_named
from kcngeo.io.spreadsheet.row_parser import Reader
from kcngeo.io.spreadsheet.subtotals import areas_compared, proven, sections_of
from kcngeo.io.spreadsheet.table_detection import Role, Table, find_table
from kcngeo.io.spreadsheet.vocabulary import plain, vocabulary
from kcngeo.io.spreadsheet.workbook import Sheet, open_sheets

if TYPE_CHECKING:
    import geopandas as gpd

_OTHER_NAMES = ("area", "status", "start", "end", "term", "investor", "valid_from")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LedgerRead:
    """What was read from a lease list.

    Attributes
    ----------
    frame
        Entries: the columns of the table "ledger", then ``zone_id``, ``lot`` (as written),
        ``investor``, ``stated_ha`` (the area as stated, in hectares), ``source_cell``, and the
        columns of the list's own. What could not be read is missing.
    findings
        What could not be read or was taken as custom has it, each with its cell ("Sheet1!C7").
    at_fault
        On the frame's index, whether something of the entry could not be read or contradicts the
        rest of the list: what should not go into a ledger before it is mended.
    lines
        On the frame's index, what else the line says: ``listed_ha`` (the area as stated, also of a
        lot that shares one with others; missing where none is), ``half_ha`` (half of the last digit
        written), ``is_open`` (it says that there is no end; an empty cell says nothing),
        ``is_ended`` (it says in words that the lease has ended), ``is_undated`` (it is at fault
        only because it does not say its first day) and ``wants_end`` (the cells that make it at
        fault because they say an end without a day, joined by "|").
    on
        The day the list is of; None if it names none.
    free
        By parcel, the cell that says it is free.
    columns
        By sheet and heading, the name the column was read by; empty where it was kept as it is.
    """

    frame: pd.DataFrame
    findings: tuple[Finding, ...]
    at_fault: pd.Series
    lines: pd.DataFrame
    on: pd.Timestamp | None = None
    free: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def read_ledger(
    path: str | os.PathLike[str],
    *,
    sheet: str | Iterable[str] | None = None,
    year: int | None = None,
    zone_id: str | None = None,
    parcels: gpd.GeoDataFrame | None = None,
    zones: pd.DataFrame | None = None,
    status: str = Status.LEASED,
    area_unit: str | None = None,
    encoding: str | None = None,
    on: Day | None = None,
) -> LedgerRead:
    """Read a lease list from Excel, ODS or CSV as it is.

    Title rows, headings of several rows, merged cells, sections, totals and a sheet a year are
    understood. A total is compared with the sum of its rows and left out. A last day, month or
    year that is named still counts: "Đến tháng 12/2066" ends the entry on 2067-01-01; "Lâu dài"
    leaves it open. An area is a part of the lot unless it agrees, to its last digit, with the
    lot's own. The same entry in several sheets is one. Rows of land that is still free make no
    entry.

    Parameters
    ----------
    path
        Path of an .xlsx, .xlsm, .ods, .csv, .tsv or .txt file.
    sheet
        Name or names of the sheets to read; all that are not hidden if None.
    year
        Reads only the sheets of this year where sheets are named by years; also the year of dates
        that name only day and month.
    zone_id
        Zone of the lots where the list does not say it.
    parcels
        Parcel versions to find the lots in by ``lot_code``, ``parcel_id`` or cadastral numbers;
        without them ``parcel_id`` is the lot's name as written.
    zones
        Zones to find by ``name`` or ``zone_id`` where the list names them.
    status
        Status of rows in a list that does not say it.
    area_unit
        Unit of areas, "ha" or "m2", where the list does not say it.
    encoding
        Encoding of a CSV file; found out if None.
    on
        Day the list is of; what it says itself ("Số liệu đến ngày 31/12/2018", "Đến tháng 3/2018",
        which is its last day) if None.

    Returns
    -------
    LedgerRead
        Entries and findings; every row of the list is in one or the other.

    Raises
    ------
    DataSourceError
        If the file is missing, empty, protected, truncated, too large, not what its ending says,
        or holds no list of lots or no sheet of that name.

    Examples
    --------
    >>> import tempfile
    >>> rows = pd.DataFrame({"Lô": ["A1"], "Diện tích (ha)": ["1,5"], "Nhà đầu tư": ["Tea One"]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rows.to_csv(f"{folder}/list.csv", index=False)
    ...     entries = read_ledger(f"{folder}/list.csv", zone_id="A").frame
    >>> entries[["lot", "stated_ha", "investor"]].values.tolist()
    [['A1', 1.5, 'Tea One']]
    """
    path = Path(path)
    register = Register(parcels)
    made: list[dict[str, Any]] = []
    findings: list[Finding] = []
    tables = []
    for one in _chosen(open_sheets(path, encoding=encoding), path, sheet, year):
        table, missed = _list_of(one)
        findings += missed
        if table is not None:
            tables.append(table)
    if not tables:
        raise DataSourceError("sheet_no_list", path=path)
    days = [one for table in tables for one in days_of(table)]
    of_day, told = day_of(days, None if on is None else day(on).date())
    findings += told
    free: dict[str, str] = {}
    for table in tables:
        findings += table.sheet.findings
        said = Said(
            zones=zones,
            zone_id=zone_of(table, zones) or zone_id,
            year=year or year_of(table.sheet.name),
            unit=unit_of(table) or area_unit,
            decimal=decimal_of(table),
            status=status,
            on=of_day,
        )
        made += _read(table, said, register)
        findings += said.findings
        free |= said.free
    if register.is_empty:
        _one_name_a_lot(made)
    made, repeated = _once(made)
    at_fault = [bool(entry[AT_FAULT]) for entry in made]
    return LedgerRead(
        frame=framed(made),
        # A merged cell is read for each of its rows, but told once.
        findings=tuple({repr(one): one for one in (*findings, *repeated)}.values()),
        at_fault=pd.Series(at_fault, name="at_fault", dtype=bool),
        lines=lines_of(made),
        on=None if of_day is None else day(of_day),
        free=free,
        columns={table.sheet.name: _named(table) for table in tables},
    )


def _named(table: Table) -> dict[str, str]:
    """Say by which name every column was read."""
    kept = kept_columns(table.headings, table.names, exact=table.exact)
    return {
        kept.get(at, heading): "" if at in kept else table.names[at]
        for at, heading in table.headings.items()
    }


def _chosen(
    sheets: Sequence[Sheet], path: Path, names: str | Iterable[str] | None, year: int | None
) -> list[Sheet]:
    """Choose the sheets to read; a hidden one only if it is asked for."""
    if names is not None:
        wanted = [names] if isinstance(names, str) else list(names)
        known = {sheet.name: sheet for sheet in sheets}
        strange = [name for name in wanted if name not in known]
        if strange:
            raise DataSourceError("sheet_unknown", path=path, names=strange, sheets=list(known))
        return [replace(known[name], hidden=False) for name in wanted]
    years = {sheet.name: year_of(sheet.name) for sheet in sheets}
    if year is not None and year in years.values():
        return [sheet for sheet in sheets if years[sheet.name] == year]
    return list(sheets)


def _list_of(sheet: Sheet) -> tuple[Table | None, list[Finding]]:
    """Find the lease list of a sheet, or say why there is none."""
    findings = []
    table = None
    if sheet.hidden:
        findings.append(finding("sheet_hidden", "ledger", Severity.WARNING, ids=[sheet.name]))
    elif any(value is not None for row in sheet.rows for value in row):
        table = find_table(sheet, vocabulary("ledger"))
        if table is None or not is_list(table) or _is_other(table):
            table = None
            findings.append(
                finding("sheet_without_list", "ledger", Severity.WARNING, ids=[sheet.name])
            )
    if table is not None and not table.exact:
        table, told = _without_false_status(table)
        findings += told
    if table is not None and sheet.errors:
        ids = [f"{sheet.name}!{place}" for place in sheet.errors]
        findings.append(
            finding("sheet_formula_error", "ledger", Severity.ERROR, ids=ids or (sheet.name,))
        )
    return table, findings


def _is_other(table: Table) -> bool:
    """Tell whether a sheet was written by the library, but of another table."""
    return table.exact and not {"parcel_id", "status"} <= set(table.names.values())


def is_list(table: Table) -> bool:
    """Tell whether a table is a lease list: it names lots, and something else of them."""
    names = set(table.names.values())
    return bool(names & {*LOT_NAMES, "cadastral_no"}) and bool(names & set(_OTHER_NAMES))


def _without_false_status(table: Table) -> tuple[Table, list[Finding]]:
    """Take a column for statuses only if its words are statuses, not "đang xây dựng"."""
    column = table.column("status")
    if column is None:
        return table, []
    cells = (table.sheet.rows[row.number][column] for row in table.rows if row.role is Role.DATA)
    said = [one for one in cells if isinstance(one, str)]
    known = [status_named(one) is not None or ending_in(one) is not None for one in said]
    if not said or 2 * sum(known) >= len(said):
        return table, []
    names = {at: name for at, name in table.names.items() if at != column}
    heading = table.headings[column]
    told = finding(
        "sheet_no_statuses", "ledger", Severity.WARNING, ids=[table.sheet.name], heading=heading
    )
    return replace(table, names=names), [told]


def _read(table: Table, said: Said, register: Register) -> list[dict[str, Any]]:
    """Read one list."""
    reader = Reader(table, said)
    sections = sections_of(table, said.zones)
    records: list[Record] = list(reader.records(sections))
    proven(table, reader, said)
    areas_compared(table, reader, said)
    made = entries(records, said, register)
    status = Status(said.status) if said.status in list(Status) else said.status
    for rule, severity, places in (
        ("number_by_custom", Severity.WARNING, reader.ambiguous),
        ("day_assumed", Severity.WARNING, reader.undated),
        ("continued", Severity.NOTE, reader.continued),
        ("status_assumed", Severity.NOTE, reader.unsaid),
        ("ended", Severity.NOTE, reader.ended),
    ):
        if places:
            said.note(rule, severity, *places, count=len(places), status=status)
    heads = [row for row in table.rows if row.role is Role.SECTION]
    said_of_rows = {one["section"] for one in sections.values()}
    used = [row for row in heads if any(row.label in one for one in said_of_rows)]
    headed = [
        table.sheet.place(row.number, 0)
        for row in used
        if zone_named(row.label, said.zones) is None and status_in(row.label) is not None
    ]
    if headed and table.column("status") is None:
        said.note("status_of_section", Severity.NOTE, *headed, count=len(headed))
    for row in used if said.zones is not None else ():
        # The lots below it would be looked for in any zone.
        if names_zone(row.label) and zone_named(row.label, said.zones) is None:
            place = table.sheet.place(row.number, 0)
            said.note("zone_unknown", Severity.ERROR, place, value=row.label)
    unnamed = _unnamed(table)
    if unnamed:
        said.note("column_unnamed", Severity.WARNING, *unnamed, count=len(unnamed))
    if table.column("area") is None and not table.exact:
        said.note("no_area", Severity.WARNING, table.sheet.name)
    # A heading of a section without rows heads nothing: it is a remark.
    remarks = [table.sheet.place(row.number, 0) for row in heads if row not in used]
    cells = (*table.before, *table.after)
    outside = [*(table.sheet.place(*cell) for cell in cells), *remarks]
    if outside:
        said.note("outside", Severity.NOTE, *outside, count=len(outside))
    return made


def _unnamed(table: Table) -> list[str]:
    """Find the cells of rows in columns without a heading: nothing tells what they are."""
    known = {*table.headings, *table.names}
    return [
        table.sheet.place(row.number, column)
        for row in table.rows
        if row.role is Role.DATA
        for column, value in enumerate(table.sheet.rows[row.number])
        if value is not None and column not in known
    ]


def _one_name_a_lot(made: Sequence[dict[str, Any]]) -> None:
    """Call a lot by the first of the names it is written by."""
    first: dict[object, str] = {}
    for entry in made:
        if entry["parcel_id"] is not None:
            key = entry["zone_id"], lot_key(entry["parcel_id"])
            entry["parcel_id"] = first.setdefault(key, entry["parcel_id"])


def _once(made: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[Finding]]:
    """Keep an entry that several sheets repeat once; what they say differently is a finding."""
    seen: dict[tuple[object, ...], dict[str, Any]] = {}
    result, findings = [], []
    repeated: list[str] = []
    for entry in made:
        key = (*(entry.get(name) for name in ("parcel_id", "zone_id", "status", "valid_from")),)
        key = (*key, plain(entry.get("investor") or ""))
        earlier = seen.get(key)
        # Without a lot nothing says that two rows are the same; within one sheet they are two.
        if None in key[:1] or earlier is None or _sheet(earlier) == _sheet(entry):
            seen[key] = entry
            result.append(entry)
        elif all(earlier[name] == entry[name] for name in ("part_area_ha", "valid_to")):
            repeated.append(entry["source_cell"])
        else:
            result.append(entry)
            for one in (earlier, entry):
                blame(one)
            cells = earlier["source_cell"], entry["source_cell"]
            findings.append(
                Finding(rule="sheet_disagree", severity=Severity.ERROR, table="ledger", ids=cells)
            )
    if repeated:
        findings.append(
            Finding(
                rule="sheet_repeated",
                severity=Severity.NOTE,
                table="ledger",
                ids=tuple(repeated),
                fields={"count": len(repeated)},
            )
        )
    return result, findings


def _sheet(entry: dict[str, Any]) -> str:
    return str(entry["source_cell"]).rsplit("!", 1)[0]
