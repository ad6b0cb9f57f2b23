"""The day a list speaks of: "Số liệu đến ngày 31/12/2018", "Tính đến hết tháng 3/2018"."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from kcngeo.core.model import Finding, Severity, finding
from kcngeo.io.spreadsheet.records import shown
from kcngeo.io.spreadsheet.table_detection import Table
from kcngeo.io.spreadsheet.value_parser import spans
from kcngeo.io.spreadsheet.vocabulary import plain

# "tính đến", "số liệu đến hết tháng", "cập nhật ngày"; a few words may stand before the date.
_UP_TO = re.compile(
    r"\b(?:den|toi|cap nhat|chot|thoi diem|as of|as at|up to|until)"
    r"(?: (?:thoi diem|het|cuoi|nay|la|so lieu|du lieu|\d{1,2}h|\d{1,2} gio|ngay|thang|nam|quy"
    r"|the end of|end of))*$"
)
# The end of a lease, of a plan or of a period of time is no day of the data.
_OTHERWISE = re.compile(
    r"\b(?:thoi han|het han|gia han|thue den|thue dat den|hop dong|hd|tam nhin|quy hoach den"
    r"|giai doan|cham nhat|hieu luc|term|lease)\b"
)
_CLAUSE = re.compile(r"[;\n()]|,(?!\d)")
_QUARTER = re.compile(r"\bquy (iv|iii|ii|i|[1-4])(?: nam)? ((?:19|20)\d{2})\b")
_QUARTERS = {"i": 1, "ii": 2, "iii": 3, "iv": 4}


def day_in(text: str) -> dt.date | None:
    """Read the day a text says its figures are of; the last day of a month, quarter or year."""
    found = (_in_clause(clause) for clause in _CLAUSE.split(text))
    return next((one for one in found if one is not None), None)


def _in_clause(text: str) -> dt.date | None:
    said = plain(text)
    quarter = _QUARTER.search(said)
    if quarter is not None and _says_so(said[: quarter.start()]):
        number = _QUARTERS.get(quarter[1]) or int(quarter[1])
        first = dt.date(int(quarter[2]) + number // 4, number % 4 * 3 + 1, 1)
        return first - dt.timedelta(days=1)
    before = ""
    for one, words in spans(text):
        before = f"{before} {plain(words)}".strip()
        if _says_so(before):
            return one.last
    return None


def _says_so(before: str) -> bool:
    return _UP_TO.search(before.strip()) is not None and _OTHERWISE.search(before) is None


def days_of(table: Table) -> list[tuple[dt.date, str]]:
    """Find the days that stand round a table, each with its cell."""
    sheet, found = table.sheet, []
    rows: dict[int, list[int]] = {}
    for row, column in (*table.before, *table.after):
        rows.setdefault(row, []).append(column)
    for row, columns in rows.items():
        # "Số liệu đến ngày" may stand in one cell and the day in the next.
        texts = [shown(sheet.rows[row][column]) or "" for column in columns]
        whole = (columns[0], day_in(" ".join(texts)))
        alone = [(one, day_in(said)) for one, said in zip(columns, texts, strict=True)]
        said = next((one for one in (*alone, whole) if one[1] is not None), None)
        if said is not None and said[1] is not None:
            found.append((said[1], sheet.place(row, said[0])))
    return found


def day_of(
    days: Iterable[tuple[dt.date, str]], given: dt.date | None
) -> tuple[dt.date | None, list[Finding]]:
    """Settle the day of a list: the one that was given, else the one it says throughout."""
    days = list(days)
    different = list(dict.fromkeys(one for one, _ in days))
    cells = tuple(place for _, place in days)
    said = [one.isoformat() for one in different]
    if given is not None:
        others = [place for one, place in days if one != given]
        told = [] if not others else [_told("sheet_day_given", Severity.NOTE, others, said, given)]
        return given, told
    if len(different) > 1:
        return None, [_told("sheet_two_days", Severity.ERROR, cells, said, None)]
    return (different[0] if different else None), []


def _told(
    rule: str, severity: Severity, cells: Iterable[str], days: list[str], given: dt.date | None
) -> Finding:
    return finding(rule, "ledger", severity, ids=cells, days=days, given=given or "–")
