"""What a Word document is written on: the board's own template, or a form of the State's letters.

A template brings its styles, margins, headers and footers, and what stands in it comes first.
"""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.exceptions import PackageNotFoundError
from docx.shared import Mm, Pt

from kcngeo import theme
from kcngeo.core.errors import DataSourceError

if TYPE_CHECKING:
    from docx.document import Document as Word
    from docx.section import Section
    from docx.text.paragraph import Paragraph

_TYPES = "[Content_Types].xml"
# A template is a document but for its type; python-docx opens documents alone.
_TEMPLATE, _DOCUMENT = b"wordprocessingml.template.main", b"wordprocessingml.document.main"
_POINTS = 10.0


def read_letterhead(path: str | os.PathLike[str]) -> bytes:
    """Read a template, a .docx or .dotx, and see that it can be written on."""
    try:
        data = Path(path).read_bytes()
        made = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as held, zipfile.ZipFile(made, "w") as target:
            for one in held.infolist():
                part = held.read(one)
                is_list = one.filename == _TYPES
                target.writestr(one, part.replace(_TEMPLATE, _DOCUMENT) if is_list else part)
        docx.Document(io.BytesIO(made.getvalue()))
    except (OSError, zipfile.BadZipFile, PackageNotFoundError, KeyError, ValueError) as error:
        raise DataSourceError("unreadable", path=path, detail=error) from error
    return made.getvalue()


def opened(letterhead: bytes | None) -> Word:
    """Open a document to write on; empty lines of a template are no words of its own."""
    word: Word = docx.Document(None if letterhead is None else io.BytesIO(letterhead))
    body: Any = word.element.body
    blank = [one for one in word.paragraphs if not one.text and not one._p.xpath(".//w:drawing")]
    if len(blank) == len(body) - 1:
        body.clear_content()
    return word


def write_head(page: Section, *, language: str) -> None:
    """Write the head of the State's letters over the first page, its blanks left to the board."""
    page.different_first_page_header_footer = True
    header: Any = page.first_page_header
    wide = Mm(page.page_width.mm - page.left_margin.mm - page.right_margin.mm)  # type: ignore[union-attr]
    table = header.add_table(rows=1, cols=2, width=wide)
    for cell, side in zip(table.rows[0].cells, ("board", "state"), strict=True):
        for place in range(3):
            words = theme.text(f"letterhead.{side}_{place + 1}", language=language)
            paragraph = cell.paragraphs[0] if not place else cell.add_paragraph()
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            paragraph.paragraph_format.space_after = Pt(0)
            run = paragraph.add_run(words)
            run.font.size, run.font.bold = Pt(_POINTS), place < 2
    # The empty line that every header begins with goes below the table.
    header._element.append(header.paragraphs[0]._p)


def feet(word: Word) -> list[Paragraph]:
    """Give an empty line at the end of every footer that a page can have."""
    found = []
    is_two_sided = word.settings.odd_and_even_pages_header_footer
    for number, page in enumerate(word.sections):
        is_first = page.different_first_page_header_footer
        footers = [(True, page.footer), (is_first, page.first_page_footer)]
        for is_used, footer in [*footers, (is_two_sided, page.even_page_footer)]:
            if is_used and (not number or not footer.is_linked_to_previous):
                last = footer.paragraphs[-1]
                found.append(footer.add_paragraph() if last.runs else last)
    return found
