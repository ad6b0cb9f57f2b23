"""The rows of a lease list: each value read with its cell, and what cannot be read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping

from kcngeo.core.model import Severity
from kcngeo.io.spreadsheet import value_parser
from kcngeo.io.spreadsheet.area_cells import area_in
from kcngeo.io.spreadsheet.column_roles import LOT_NAMES, kept_columns
from kcngeo.io.spreadsheet.endings import ending_in
from kcngeo.io.spreadsheet.lot_matching import Lot, lots_in, zone_named
from kcngeo.io.spreadsheet.records import AVAILABLE, Area, Record, Said, shown, status_named
from kcngeo.io.spreadsheet.table_detection import Role, Table
from kcngeo.io.spreadsheet.vocabulary import plain
from kcngeo.io.spreadsheet.workbook import Cell, Sheet, merged_cells

_DATED = re.compile(r"ng[àa]y\s+(?P<day>\d{1,2}\s*[/.-]\s*\d{1,2}\s*[/.-]\s*\d{4})", re.IGNORECASE)
_EXACT = {"part_area_ha": "area", "valid_from": "start"}
_NAMES_ZONE = re.compile(r"\b(?:kcn|khu cong nghiep) \w")
_INHERITED = (
    "investor",
    "project",
    "project_id",
    "document",
    "signed_on",
    "start",
    "end",
    "term",
    "status",
    "zone",
)
_KEPT = ("investor", "project", "project_id", "document", "note", "entry_id")


class Reader:
    """Reads the rows of one table.

    Parameters
    ----------
    table
        The table.
    said
        What is said outside its rows; findings are added to it.
    """

    def __init__(self, table: Table, said: Said) -> None:
        self.table, self.said = table, said
        self.sheet: Sheet = table.sheet
        self._columns = {
            (_EXACT.get(name, name) if table.exact else name): column
            for column, name in table.names.items()
        }
        self._kept = kept_columns(table.headings, table.names, exact=table.exact)
        self._merged = merged_cells(table.sheet)
        self._before: dict[str, tuple[int, int]] = {}
        self.continued: list[str] = []
        self.undated: list[str] = []
        self.unsaid: list[str] = []
        self.ambiguous: list[str] = []
        self.ended: list[str] = []
        self._wants_end: list[str] = []
        self.past_rows: set[int] = set()
        self.free_rows: set[int] = set()

    def records(self, sections: Mapping[int, Mapping[str, str]]) -> Iterator[Record]:
        """Read the rows one by one."""
        broken = {int(re.sub(r"\D", "", place)) - 1 for place in self.sheet.errors}
        for row in self.table.rows:
            if row.role is Role.DATA:
                before = self.said.errors
                record = self._record(row.number, sections.get(row.number, {}))
                # Where only the day of an end is wanted, the ledger may know it.
                others = self.said.errors - before > len(record.wants_end)
                record.at_fault = others or row.number in broken
                on, end = self.said.on, record.end
                if record.is_ended or (on is not None and end is not None and end <= on):
                    self.past_rows.add(row.number)
                if record.status == AVAILABLE:
                    self.free_rows.add(row.number)
                yield record

    def area(self, row: int) -> Area | None:
        """Read the area of a row."""
        where = self._where(row, "area")
        return None if where is None else self._area_at(where, self.said.unit)

    def other_areas(self, row: int) -> list[tuple[str, Area]]:
        """Read what other columns state of the same area, with their headings."""
        found = []
        for column in self.table.other_areas:
            heading = self.table.headings[column]
            where = self._merged.get((row, column), (row, column))
            area = self._area_at(where, value_parser.unit_of(heading) or self.said.unit)
            if area is not None:
                found.append((heading, area))
        return found

    def _area_at(self, where: tuple[int, int], unit: str | None) -> Area | None:
        place = self.sheet.place(*where)
        unit = "ha" if self.table.exact else unit
        return area_in(self._at(where), place, unit, said=self.said, ambiguous=self.ambiguous)

    def _record(self, row: int, section: Mapping[str, str]) -> Record:
        cells = self._with_before(row)
        lot_text, lots, place = self._lots(row, cells)
        zone_id = self._zone(cells, section, lot_text)
        start, end = self._interval(row, cells)
        status = self._status(row, cells, section)
        is_ended = False
        self._wants_end = []
        if status != AVAILABLE and not self.table.exact:
            end, is_ended = self._ended(row, cells, start, end)
        texts: dict[str, str | None] = {
            name: self._text(cells[name]) for name in _KEPT if name in cells
        }
        if "section" in section:
            texts["section"] = section["section"]
        texts |= self._own(row)
        return Record(
            place=place,
            lots=lots,
            lot_text=lot_text,
            area=self.area(row),
            has_area_cell="area" in self._columns,
            status=status,
            start=start,
            end=end,
            zone_id=zone_id,
            texts=texts,
            exact=self.table.exact,
            is_open=end is None and self._says_open(cells),
            is_ended=is_ended,
            wants_end=tuple(self._wants_end),
        )

    def _says_open(self, cells: Mapping[str, tuple[int, int]]) -> bool:
        """Tell whether a row says that there is no end; an empty cell says nothing."""
        said = (self._at(cells[name]) for name in ("term", "end") if name in cells)
        terms = (value_parser.term(one) for one in said if isinstance(one, str) and plain(one))
        return any(one == value_parser.Term() for one in terms) and not self.table.exact

    def _where(self, row: int, name: str) -> tuple[int, int] | None:
        column = self._columns.get(name)
        if column is None or column >= len(self.sheet.rows[row]):
            return None
        return self._merged.get((row, column), (row, column))

    def _with_before(self, row: int) -> dict[str, tuple[int, int]]:
        """Find the cell of every role; a row that goes on with the one above takes over from it."""
        cells = {name: where for name in self._columns if (where := self._where(row, name))}
        filled = {name for name, where in cells.items() if self._at(where) is not None}
        taken = []
        # A lease goes on where neither its number nor its investor is written again.
        if "ordinal" in cells and "ordinal" not in filled and self._before:
            names = _INHERITED if "investor" not in filled else ()
            names = (*names, "lot") if "investor" in filled and "lot" in cells else names
            taken = [name for name in names if name in cells and name not in filled]
            taken = [name for name in taken if self._at(self._before[name]) is not None]
        for name in taken:
            cells[name] = self._before[name]
        if taken:
            self.continued.append(self.sheet.place(row, min(self._columns.values())))
        self._before = cells
        return cells

    def _at(self, where: tuple[int, int]) -> Cell:
        return self.sheet.rows[where[0]][where[1]]

    def _text(self, where: tuple[int, int]) -> str | None:
        return shown(self._at(where))

    def _own(self, row: int) -> dict[str, str | None]:
        """Keep the columns that no role takes under their headings."""
        own: dict[str, str | None] = {}
        for column, name in self._kept.items():
            if column < len(self.sheet.rows[row]):
                own[name] = self._text(self._merged.get((row, column), (row, column)))
        return own

    def _lots(
        self, row: int, cells: Mapping[str, tuple[int, int]]
    ) -> tuple[str | None, tuple[Lot, ...], str]:
        named = [cells[name] for name in LOT_NAMES if name in cells]
        where = next((one for one in named if self._at(one) is not None), (*named, None)[0])
        if self.table.exact:
            where = cells.get("parcel_id")
        text = self._text(where) if where else None
        first = min(self._columns.values())
        place = self.sheet.place(*(where if where else (row, first)))
        if self.table.exact:
            return text, (Lot(text=text),) if text else (), place
        lots = lots_in(text, decimal=self.said.decimal or ",") if text else ()
        sheet_no, number = (
            self._number_text(cells, one) for one in ("map_sheet_no", "cadastral_no")
        )
        if not lots and sheet_no and number:
            text = f"tờ {sheet_no} thửa {number}"
            place = self.sheet.place(*cells["cadastral_no"])
            lots = lots_in(text)
        if not lots:
            if text:
                self.said.note("lot_unclear", Severity.ERROR, place, value=text)
            else:
                self.said.note("lot_missing", Severity.ERROR, place)
        return text, lots, place

    def _number_text(self, cells: Mapping[str, tuple[int, int]], name: str) -> str | None:
        return self._text(cells[name]) if name in cells else None

    def _zone(
        self,
        cells: Mapping[str, tuple[int, int]],
        section: Mapping[str, str],
        lot_text: str | None,
    ) -> str | None:
        said = self._text(cells["zone"]) if "zone" in cells else None
        if said is None and lot_text is not None and _NAMES_ZONE.search(plain(lot_text)):
            # "Lô CN9 - KCN Phú Hội"; the "KCN" of "BI-5-KCN" names none.
            said = lot_text if zone_named(lot_text, self.said.zones) is not None else None
        if said is None:
            return section.get("zone_id", self.said.zone_id)
        found = zone_named(said, self.said.zones)
        if found is None and self.said.zones is not None:
            place = self.sheet.place(*cells["zone"])
            self.said.note("zone_unknown", Severity.ERROR, place, value=said)
        return found

    def _status(
        self, row: int, cells: Mapping[str, tuple[int, int]], section: Mapping[str, str]
    ) -> str | None:
        said = self._text(cells["status"]) if "status" in cells else None
        if said is not None:
            found = status_named(said)
            if found is None and ending_in(said) is not None:
                # Until its end it was what the list is of.
                return section.get("status", self.said.status)
            if found is None:
                place = self.sheet.place(*cells["status"])
                self.said.note("status", Severity.ERROR, place, value=said)
            return found
        if "status" in section:
            return section["status"]
        self.unsaid.append(self.sheet.place(row, min(self._columns.values())))
        return self.said.status

    def _interval(
        self, row: int, cells: Mapping[str, tuple[int, int]]
    ) -> tuple[dt.date | None, dt.date | None]:
        """Read when the entry begins and ends from all columns that say so."""
        term, termed = self._term(cells)
        start = self._start(row, cells, term)
        end = term.end if term is not None else None
        if term is not None and term.months is not None and start is not None:
            end = value_parser.months_later(start, term.months)
        stated = self._end(cells, start)
        if stated is not None:
            if end is not None and end != stated and (stated - end).days != 1:
                self.said.note("term_differs", Severity.WARNING, termed, end=stated, term_end=end)
            end = stated
        if start is not None and end is not None and end <= start:
            place = self.sheet.place(*(cells.get("end") or cells.get("term") or cells["start"]))
            self.said.note("interval", Severity.ERROR, place, start=start, end=end)
        return start, end

    def _ended(
        self,
        row: int,
        cells: Mapping[str, tuple[int, int]],
        start: dt.date | None,
        end: dt.date | None,
    ) -> tuple[dt.date | None, bool]:
        """Let a lease end where the list says that it has: in its status, a remark, any word."""
        said = False
        # A column for the end says when it was, unless that is still to come on the list's day.
        is_said = "end" in cells and self._at(cells["end"]) is not None
        is_said &= self.said.on is None or (end is not None and end <= self.said.on)
        told = [cells[name] for name in ("status", "note") if name in cells]
        told += [(row, one) for one in self.table.headings if one not in self.table.names]
        for where in told:
            if where[1] >= len(self.sheet.rows[where[0]]):
                continue
            text, place = self._text(where), self.sheet.place(*where)
            ending = ending_in(text) if text is not None else None
            if ending is None:
                continue
            if ending.is_part:
                self.said.note("ended_part", Severity.WARNING, place, value=text)
                continue
            said = True
            if ending.on is None:
                # The end of a term is none: the lease ended before it.
                if not is_said:
                    self._wants_end.append(place)
                    self.said.note("ended_undated", Severity.ERROR, place, value=text)
            elif start is not None and ending.on <= start:
                self.said.note("interval", Severity.ERROR, place, start=start, end=ending.on)
            elif end is None or ending.on < end:
                self.ended.append(place)
                if not ending.is_day:
                    self.undated.append(place)
                end = ending.on
        return end, said

    def _term(self, cells: Mapping[str, tuple[int, int]]) -> tuple[value_parser.Term | None, str]:
        if "term" not in cells:
            return None, ""
        value, place = self._at(cells["term"]), self.sheet.place(*cells["term"])
        if isinstance(value, str) and value.isdigit():
            value = float(value)
        term = value_parser.term("" if value is None else value)
        column = self._columns["term"]
        if isinstance(value, float) and term is not None and term.months is not None:
            in_months = " thang " in f" {plain(self.table.headings.get(column, ''))} "
            term = value_parser.Term(months=term.months // 12 if in_months else term.months)
        if term is None:
            self.said.note("term", Severity.ERROR, place, value=shown(value))
        return term, place

    def _start(
        self, row: int, cells: Mapping[str, tuple[int, int]], term: value_parser.Term | None
    ) -> dt.date | None:
        for name in ("start", "signed_on"):
            if name in cells and self._at(cells[name]) is not None:
                return self._day(cells[name])
        if term is not None and term.start is not None:
            return self._first(term.start, self.sheet.place(*cells["term"]))
        if "document" in cells:
            match = _DATED.search(self._text(cells["document"]) or "")
            one = value_parser.span(match["day"]) if match else None
            if one is not None:
                return one.first
        return None

    def _day(self, where: tuple[int, int]) -> dt.date | None:
        value, place = self._at(where), self.sheet.place(*where)
        one = value_parser.span(value, year=self.said.year)
        if one is None:
            begun = value_parser.term(value) if isinstance(value, str) else None
            one = begun.start if begun is not None and begun.months is None else None
        if one is None:
            self.said.note("date", Severity.ERROR, place, value=shown(value))
            return None
        return self._first(one, place)

    def _first(self, one: value_parser.Span, place: str) -> dt.date:
        if one.first != one.last:
            self.undated.append(place)
        return one.first

    def _end(self, cells: Mapping[str, tuple[int, int]], start: dt.date | None) -> dt.date | None:
        name = "valid_to" if self.table.exact else "end"
        if name not in cells or self._at(cells[name]) is None:
            return None
        value, place = self._at(cells[name]), self.sheet.place(*cells[name])
        one = value_parser.span(value, year=self.said.year)
        if one is not None:
            return one.first if self.table.exact else value_parser.after(one.last)
        term = value_parser.term(value) if isinstance(value, str) else None
        if (
            term is not None
            and term.months is not None
            and term.start is None
            and start is not None
        ):
            return value_parser.months_later(start, term.months)
        if term is None or term.months is not None or term.start is not None:
            self.said.note("date", Severity.ERROR, place, value=shown(value))
            return None
        return term.end
