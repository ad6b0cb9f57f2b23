"""Find the tables of a report in the letters of its PDF."""

from __future__ import annotations

import io
from collections.abc import Mapping

from kcngeo.core.number_forms import unbroken
from kcngeo.publish.format_table import Shown
from kcngeo.publish.verification.comparison import Comparison
from kcngeo.publish.verification.printed import row_name

_BREAK = "\f"


def pdf_letters(data: bytes, *, foot: str) -> str:
    """Give the letters of a PDF without spaces and what is at the foot; a form feed between pages.

    ``foot`` is what the line at the foot of every page begins with.
    """
    from pypdf import PdfReader

    pages = PdfReader(io.BytesIO(data)).pages
    texts = ("".join(page.extract_text().split()) for page in pages)
    ends = "".join(foot.split())
    return _BREAK.join(text[: text.rfind(ends)] if ends in text else text for text in texts)


def compare_pdf(file: str, text: str, wanted: Mapping[str, Shown], seen: Comparison) -> None:
    """Find every table of the report in the letters of its PDF, row by row."""
    at = 0
    for table, shown in wanted.items():
        if not shown.rows:
            continue
        head = "".join(map(_letters, shown.headings))
        begin = text.find(head, at)
        if begin < 0:
            seen.add("columns", table=table, says=((file, ""), (seen.first(shown.name), head)))
            continue
        seen.holds(table, file)
        at = _rows(file, text, begin + len(head), head, shown, seen)


def _rows(file: str, text: str, at: int, head: str, shown: Shown, seen: Comparison) -> int:
    """Follow the rows of a table; give where it ends."""
    for cells in shown.rows:
        letters = [_letters(one) for one in cells]
        row = "".join(letters)
        seen.cells += len(cells)
        start = _start(text, at, row, head)
        if start is None:
            start = at
            for place, said in enumerate(letters):
                if not text.startswith(said, start):
                    told = text[start : start + len(said)]
                    says = ((seen.first(shown.name), cells[place]), (file, told))
                    seen.refute(shown.name, row_name(cells), shown.headings[place], says=says)
                start += len(said)
            at = start
            continue
        at = start + len(row)
    return at


def _start(text: str, at: int, row: str, head: str) -> int | None:
    """Find a row where the one before ended, or on the next page under the headings."""
    if text.startswith(row, at):
        return at
    turned = f"{_BREAK}{head}"
    if text.startswith(turned + row, at):
        return at + len(turned)
    return None


def _letters(text: str) -> str:
    from kcngeo.publish.pdf import short

    return "".join(unbroken(short(text)).split())
