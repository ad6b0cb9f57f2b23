"""Read a Word report back: its tables by the bookmark they stand under, and its paragraphs."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from kcngeo.publish.verification.page import Page, PageTable

if TYPE_CHECKING:
    from docx.table import Table


def read_word(data: bytes) -> Page:
    """Read a report.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> made = kcn.products.month(kcn.examples.squares(), month="2018-03")
    >>> data = made.files("word", language="en")["report.docx"]()
    >>> read_word(data).tables["accounts"].rows[0][:2]  # its base: four squares of 1 ha
    ['Zone A', '4.00']
    """
    import docx
    from docx.oxml.ns import qn
    from docx.text.paragraph import Paragraph

    page, key = Page(), ""
    for one in docx.Document(io.BytesIO(data)).iter_inner_content():
        if isinstance(one, Paragraph):
            marks = one._p.findall(qn("w:bookmarkStart"))
            key = marks[-1].get(qn("w:name"), "") if marks else key
            page.lines.append(one.text)
        elif key:
            page.tables[key] = _table(one)
    return page


def _table(table: Table) -> PageTable:
    """Read the letters of a table; cell by cell takes a hundred times as long."""
    from docx.oxml.ns import qn

    rows = [
        ["".join(cell.itertext(qn("w:t"))) for cell in row.iterchildren(qn("w:tc"))]
        for row in table._tbl.iterchildren(qn("w:tr"))
    ]
    return PageTable(headings=rows[0], rows=rows[1:]) if rows else PageTable()
