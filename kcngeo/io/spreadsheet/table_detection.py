"""Where in a sheet the table stands: its headings, its rows, its totals, what stands round it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from kcngeo.core.schema import TABLES
from kcngeo.io.spreadsheet import value_parser
from kcngeo.io.spreadsheet.column_roles import roles_of
from kcngeo.io.spreadsheet.records import status_in
from kcngeo.io.spreadsheet.vocabulary import meaning, plain, vocabulary
from kcngeo.io.spreadsheet.workbook import Cell, Sheet

_SEARCHED_ROWS = 60
_HEADER_ROWS = 4
_HEADING_LENGTH = 80
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_NUMBERED = re.compile(r"\(?\s*(?:\d{1,2}|[a-zA-Z]|[ivxIVX]+)\s*\)?(?:\s*=.*)?")
# "Tổng" and "Cộng" alone, or of something that is added up: a company may be called "Tổng ...".
_TOTAL = re.compile(
    r"(?:tổng\s*cộng|tổng\s*số|tổng\s*diện\s*tích|cộng\s*dồn|luỹ\s*kế|lũy\s*kế|tong\s*cong|tong\s*so"
    r"|tong\s*dien\s*tich|grand\s*total|sub\s*-?total|total)\b(?!\s*(?:công|cong)\s*ty)"
    r"|(?:tổng|cộng|tong|cong|sum)\s*(?:$|[:(.=]|\d|[ivx]+\b|(?:kcn|khu|trang|năm|nam|mục|muc)\b)",
    re.IGNORECASE,
)
_ROMAN = re.compile(r"(?:[IVX]+|[A-Z])\.?")
_ORDINAL = re.compile(r"(?:[IVX]+|[A-Z])(?:[.)]|\s|$)")
_OF_A_LEASE = {"lot", "parcel_id", "cadastral", "investor", "start", "end", "term", "status"}
_KNOWN_NAMES = {column.name for table in TABLES.values() for column in table.columns}


class Role(Enum):
    """What a row of the table is."""

    DATA = "data"
    SECTION = "section"
    TOTAL = "total"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row below the headings.

    Attributes
    ----------
    number
        Row in the sheet, from 0.
    role
        What it is.
    label
        Text of a section or total.
    """

    number: int
    role: Role
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table found in a sheet.

    Attributes
    ----------
    sheet
        The sheet.
    headings
        By column of the sheet, its heading, the parts of several rows joined by " / ".
    names
        By column, the name it goes by in the table's contract or role, where known.
    exact
        Whether the names stood in the sheet itself, as in a workbook made by the library.
    rows
        Its rows.
    before
        Cells of text above it.
    after
        Cells of text below or beside it, as (row, column).
    other_areas
        Columns that state the same area as the one that is read, on another basis or in another
        unit.
    """

    sheet: Sheet
    headings: Mapping[int, str]
    names: Mapping[int, str]
    exact: bool
    rows: tuple[Row, ...]
    before: tuple[tuple[int, int], ...]
    after: tuple[tuple[int, int], ...] = field(default=())
    other_areas: tuple[int, ...] = field(default=())

    def column(self, name: str) -> int | None:
        """Find the column of a name."""
        return next((column for column, known in self.names.items() if known == name), None)


def find_table(sheet: Sheet, phrases: Mapping[str, tuple[str, ...]]) -> Table | None:
    """Find the table of a sheet by its headings."""
    header = _header(sheet, phrases)
    if header is None:
        return None
    first, last = header
    headings = _headings(sheet, first, last)
    below = last + 1
    other_areas: tuple[int, ...] = ()
    names = written_names(sheet, below)
    if names:
        below += 1
    else:
        names, other_areas = roles_of(headings, phrases)
    if below < len(sheet.rows) and _is_numbering(sheet.rows[below]):
        below += 1
    rows, after = _body(sheet, below, names, headings)
    return Table(
        sheet=sheet,
        headings=headings,
        names=names,
        exact=below > last + 1 and bool(written_names(sheet, last + 1)),
        rows=tuple(rows),
        before=tuple(_texts(sheet, 0, first)),
        after=tuple(after),
        other_areas=other_areas,
    )


def _header(sheet: Sheet, phrases: Mapping[str, tuple[str, ...]]) -> tuple[int, int] | None:
    """Find the first and last row of the headings: most headings understood, and no numbers."""
    best, most = None, 1
    for row in range(min(_SEARCHED_ROWS, len(sheet.rows))):
        if _holds_data(sheet.rows[row]):
            continue
        known = _understood(sheet.rows[row], phrases)
        if len(known) > most:
            best, most = row, len(known)
    if best is None:
        return None
    first = last = best
    spanned = [merge for merge in sheet.merges if merge[0][0] <= best <= merge[1][0]]
    first = min([first, *(merge[0][0] for merge in spanned if _is_heading(sheet, merge))])
    last = max([last, *(merge[1][0] for merge in spanned if _is_heading(sheet, merge))])
    while first > 0 and _goes_above(sheet, first - 1, first):
        first -= 1
    while last + 1 < len(sheet.rows) and last - first < _HEADER_ROWS - 1:
        if not _goes_below(sheet, last + 1, phrases):
            break
        last += 1
    return first, last


def _is_heading(sheet: Sheet, merge: tuple[tuple[int, int], tuple[int, int]]) -> bool:
    (top, left), (bottom, _) = merge
    return bottom - top < _HEADER_ROWS and isinstance(sheet.rows[top][left], str)


def _holds_data(row: list[Cell]) -> bool:
    return any(
        value is not None and (not isinstance(value, str) or _is_value(value)) for value in row
    )


def _is_value(text: str) -> bool:
    """Tell whether a text is a number, an area or a date, which no heading is."""
    if value_parser.AREA.fullmatch(text) is not None or value_parser.degrees(text) is not None:
        return True
    return value_parser.number(text, decimal=",") is not None or value_parser.span(text) is not None


def _understood(row: list[Cell], phrases: Mapping[str, tuple[str, ...]]) -> set[str]:
    found = set()
    for value in row:
        if isinstance(value, str) and len(value) <= _HEADING_LENGTH:
            known = meaning(value, phrases)
            if known is not None:
                found.add(known[0])
    return found


def _goes_above(sheet: Sheet, above: int, row: int) -> bool:
    """Tell whether the row above holds headings of groups: at least two, over cells of this row."""
    filled = [column for column, value in enumerate(sheet.rows[above]) if value is not None]
    if len(filled) < 2 or _holds_data(sheet.rows[above]):
        return False
    return any(sheet.rows[row][column] is None for column in filled)


def _goes_below(sheet: Sheet, below: int, phrases: Mapping[str, tuple[str, ...]]) -> bool:
    """Tell whether the next row goes on with the headings: text alone, some of it understood."""
    row = sheet.rows[below]
    filled = [value for value in row if value is not None]
    if not filled or _holds_data(row) or _is_numbering(row) or written_names(sheet, below):
        return False
    # Where the row above has a heading too, this is a part of it or a row of the table.
    gaps = sum(
        value is not None and sheet.rows[below - 1][column] is None
        for column, value in enumerate(row)
    )
    units = all(isinstance(value, str) and value_parser.unit_of(value) for value in filled)
    known = len(_understood(row, phrases)) + len(_understood(row, vocabulary("area_basis")))
    return bool(units or (gaps and known >= 1 and gaps * 2 >= len(filled)))


def _is_numbering(row: list[Cell]) -> bool:
    """Tell whether a row only numbers the columns: (1) (2) (3), or A B 1 2."""
    texts = [
        f"{value:g}" if isinstance(value, float) else str(value)
        for value in row
        if value is not None
    ]
    if len(texts) < 3 or not all(_NUMBERED.fullmatch(one) for one in texts):
        return False
    marked = [one.split("=")[0] for one in texts if re.match(r"\(?\s*\d", one)]
    numbers = [int(re.sub(r"\D", "", one)) for one in marked]
    return len(numbers) >= 2 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _headings(sheet: Sheet, first: int, last: int) -> dict[int, str]:
    """Join the headings of a column from the top down, groups spread over their columns."""
    spread = [list(row) for row in sheet.rows[first : last + 1]]
    merged = [merge for merge in sheet.merges if first <= merge[0][0] <= last]
    for (top, left), (bottom, right) in merged:
        for row in range(top, min(bottom, last) + 1):
            for column in range(left, right + 1):
                if column < len(spread[row - first]):
                    spread[row - first][column] = sheet.rows[top][left]
    for level, line in enumerate(spread[:-1]):
        for column in range(1, len(line)):
            # Without merged cells a group's heading stands over its first column only.
            if line[column] is None and not merged and spread[level + 1][column] is not None:
                line[column] = line[column - 1]
    headings = {}
    for column in range(len(spread[0])):
        parts = [row[column] for row in spread if isinstance(row[column], str)]
        if parts:
            headings[column] = " / ".join(dict.fromkeys(str(part) for part in parts))
    return headings


def written_names(sheet: Sheet, row: int) -> dict[int, str]:
    """Read a row of column names as the library writes it under the headings."""
    if row >= len(sheet.rows):
        return {}
    filled = {column: value for column, value in enumerate(sheet.rows[row]) if value is not None}
    names = {
        column: value
        for column, value in filled.items()
        if isinstance(value, str) and _NAME.fullmatch(value)
    }
    known = [name for name in names.values() if name in _KNOWN_NAMES]
    if len(known) < 2:
        return {}
    if len(names) < len(filled) and "note" in names.values():
        # A sheet of the ledger workbook: at the right go columns of the user's own, called anyhow.
        return {column: str(value) for column, value in filled.items()}
    return names if len(names) == len(filled) else {}


def _body(
    sheet: Sheet, below: int, names: Mapping[int, str], headings: Mapping[int, str]
) -> tuple[list[Row], list[tuple[int, int]]]:
    """Sort the rows below the headings; what is no row of the table is given as cells."""
    rows: list[Row] = []
    outside: list[tuple[int, int]] = []
    ended = False
    for number in range(below, len(sheet.rows)):
        cells = sheet.rows[number]
        filled = [column for column, value in enumerate(cells) if value is not None]
        if not filled or _repeats(cells, headings):
            continue
        label = _label(sheet, number, filled)
        total = _total(cells, names)
        if total is not None:
            rows.append(Row(number=number, role=Role.TOTAL, label=total))
            ended = True
            continue
        heads = label is not None and _is_section(sheet, number, filled, names)
        # Below the total of a section the next may begin.
        last = ended and not (heads and _begins(sheet, number, filled, names))
        if _is_outside(cells, filled, names, ended=last):
            outside += [(number, column) for column in filled]
        elif label is not None and heads:
            rows.append(Row(number=number, role=Role.SECTION, label=label))
            ended = False
        else:
            rows.append(Row(number=number, role=Role.DATA))
            ended = False
    return rows, outside


def _begins(sheet: Sheet, row: int, filled: list[int], names: Mapping[int, str]) -> bool:
    """Tell a section from a remark below a total: it is numbered or says what holds below it."""
    # And it has rows: a lot and two cells besides, and no total.
    texts = [str(sheet.rows[row][at]) for at in filled if isinstance(sheet.rows[row][at], str)]
    is_zone = plain(texts[-1]).startswith(("kcn", "khu cong nghiep"))
    if not (is_zone or _ORDINAL.match(texts[0]) or status_in(texts[-1]) is not None):
        return False
    for cells in sheet.rows[row + 1 :]:
        filled = [column for column, value in enumerate(cells) if value is not None]
        lot = any(names.get(column) in ("lot", "parcel_id") for column in filled)
        if lot and len(filled) >= 3 and _total(cells, names) is None:
            return True
    return False


def _total(cells: list[Cell], names: Mapping[int, str]) -> str | None:
    """Give the label of a row of totals: it says so first, and names no lot and no day."""
    texts = [(at, one) for at, one in enumerate(cells) if isinstance(one, str)]
    texts = [(at, one) for at, one in texts if not _ROMAN.fullmatch(one)]
    if not texts or not _TOTAL.match(texts[0][1]):
        return None
    others = (
        names.get(at) for at, one in enumerate(cells) if one is not None and at != texts[0][0]
    )
    return None if _OF_A_LEASE & set(others) else texts[0][1]


def _repeats(cells: list[Cell], headings: Mapping[int, str]) -> bool:
    """Tell whether the headings stand here again, as on top of a printed page."""
    said = {column: plain(value) for column, value in enumerate(cells) if isinstance(value, str)}
    same = sum(said.get(column) in _parts(heading) for column, heading in headings.items())
    return same >= 3 and same == len(said)


def _parts(heading: str) -> set[str]:
    return {plain(part) for part in heading.split(" / ")}


def _label(sheet: Sheet, row: int, filled: list[int]) -> str | None:
    """Give the only text of a row; an ordinal ("I", "A", "1") and numbers do not count."""
    texts = [
        str(sheet.rows[row][column])
        for column in filled
        if isinstance(sheet.rows[row][column], str) and not _is_value(str(sheet.rows[row][column]))
    ]
    if len(texts) == 2 and _ROMAN.fullmatch(texts[0]):
        texts = texts[1:]
    return texts[0] if len(texts) == 1 else None


def _is_outside(
    cells: list[Cell], filled: list[int], names: Mapping[int, str], *, ended: bool
) -> bool:
    """Tell whether a row is a note or a signature: after a total, or "Ghi chú:" anywhere."""
    texts = [str(cells[column]) for column in filled if isinstance(cells[column], str)]
    if len(texts) != len(filled):
        return False
    if len(filled) == 1 and plain(texts[0]).startswith(("ghi chu", "nguoi lap", "note")):
        return True
    has_lot = any(names.get(column) in ("lot", "parcel_id", "area") for column in filled[1:])
    return ended and len(filled) <= 3 and not has_lot


def _is_section(sheet: Sheet, row: int, filled: list[int], names: Mapping[int, str]) -> bool:
    """Tell whether a row heads the rows below it: one text at the left, across, or after "I"."""
    cells = sheet.rows[row]
    texts = [column for column in filled if isinstance(cells[column], str)]
    others = [column for column in filled if column not in texts and names.get(column) != "area"]
    if isinstance(cells[filled[0]], str) and _ROMAN.fullmatch(str(cells[filled[0]])):
        return not others
    if others:
        return False
    column = texts[0]
    across = any(
        top == row == bottom and left <= column <= right and right - left >= 2
        for (top, left), (bottom, right) in sheet.merges
    )
    return (
        across
        or (column == min(names, default=0) and names.get(column) in (None, "ordinal"))
        or (column == 0 and names.get(0) != "lot" and len(filled) == 1)
    )


def _texts(sheet: Sheet, first: int, last: int) -> Iterator[tuple[int, int]]:
    for row in range(first, last):
        for column, value in enumerate(sheet.rows[row]):
            if value is not None:
                yield row, column
