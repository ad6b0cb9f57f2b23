"""Compare the forms of a return, for upload and for signature, with the table of their cells."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import python_calamine

from kcngeo.core.texts import table, text
from kcngeo.publish.verification.comparison import Comparison, Known
from kcngeo.publish.verification.word import read_word
from kcngeo.report import TOTAL
from kcngeo.theme import date

_TABLE = "return_cells"
# Half of the last digit of a CSV, and what a number loses on its way through a file.
_HALF = 0.5e-4 + 1e-9
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_CODE = re.compile(r"\d+")


def compare_forms(files: Mapping[str, bytes], known: Mapping[str, Known], seen: Comparison) -> None:
    """Look every cell of the return up in the forms that hold it."""
    if _TABLE not in known:
        return
    copy = known[_TABLE].copy
    lines: dict[str, list[Mapping[str, Any]]] = {}
    for row in copy.rows:
        lines.setdefault(str(row["form"]), []).append(row)
    for file, data in files.items():
        for code, grid in _grids(file, data):
            if code in lines:
                seen.holds(_TABLE, file)
                _compare(file, grid, lines[code], seen)


def _grids(file: str, data: bytes) -> Iterator[tuple[str, Sequence[Sequence[Any]]]]:
    """Give the forms of a file by their number: a sheet of a workbook, a table of a document."""
    if file.endswith(".docx"):
        for code, found in read_word(data).tables.items():
            yield code, [found.headings, *found.rows]
    elif file.endswith(".xlsx"):
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        for name in book.sheet_names:
            number = _CODE.match(name)
            if number:
                yield number[0], book.get_sheet_by_name(name).to_python()


def _compare(
    file: str, grid: Sequence[Sequence[Any]], rows: Sequence[Mapping[str, Any]], seen: Comparison
) -> None:
    """Compare a form line by line; its headings stand in the row that has all of them."""
    plain = [[_plain(one) for one in cells] for cells in grid]
    names = list(dict.fromkeys(str(row["item_name"]) for row in rows))
    top = next((at for at, cells in enumerate(plain) if set(names) <= set(cells)), None)
    if top is None:
        seen.add("columns", table=_TABLE, says=((file, ", ".join(names)),))
        return
    heads = plain[top]
    # The total stands last, whichever column has one.
    order = sorted(dict.fromkeys(str(row["line"]) for row in rows), key=lambda one: one == TOTAL)
    below = dict(zip(order, plain[top + 1 :], strict=False))
    for row in rows:
        cells = below.get(str(row["line"]), [""] * len(heads))
        says = cells[heads.index(str(row["item_name"]))]
        seen.cells += 1
        if cells[0] != row["line_name"] or not _agrees(row, says, seen.language):
            at = f"{row['form']} · {row['line']} · {row.get('item') or row['item_name']}"
            mine = next(
                one for one in (row["value"], row["said"], row["cell_kind"]) if one is not None
            )
            told = ((seen.first(_TABLE), str(mine)), (file, f"{cells[0]}: {says}"))
            seen.refute(_TABLE, at, "value", says=told)


def _plain(cell: Any) -> Any:
    """Give a cell without the blanks that keep a figure and its unit together."""
    return cell.replace("\u00a0", " ") if isinstance(cell, str) else cell


def _agrees(row: Mapping[str, Any], says: Any, language: str) -> bool:
    """Tell whether a cell of a form says what the table does."""
    value, said = row["value"], row["said"]
    if row["cell_kind"] == "missing":
        begin = text("returns.missing", language=language, number="").removesuffix("]")
        return isinstance(says, str) and says.startswith(begin)
    if said is not None:
        return says in _worded(str(said), language)
    if value is None:
        return bool(says == "–")
    if isinstance(says, str):
        return _is_written(float(value), says)
    # The table may come with all its digits, out of a workbook, or with those of a CSV.
    return abs(value - float(says)) <= _HALF


def _worded(said: str, language: str) -> set[str]:
    """Give how a code, a day or a text is told."""
    key = f"returns.{said}"
    words = {" ".join(said.split()), said}
    if key in table():
        words.add(text(key, language=language))
    if _DAY.fullmatch(said):
        words.add(date(dt.date.fromisoformat(said), language=language))
    return words


def _is_written(value: float, says: str) -> bool:
    """Tell whether a number is written so, whichever sign stands between its thousands."""
    for thousands, decimal in (",.", ".,"):
        plain = says.replace(thousands, "").replace(" ", "").replace(decimal, ".")
        if not _NUMBER.fullmatch(plain):
            continue
        digits = len(plain.partition(".")[2])
        if abs(value - float(plain)) <= 0.5 * 10**-digits + _HALF:
            return True
    return False
