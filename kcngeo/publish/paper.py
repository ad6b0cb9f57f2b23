"""The report as PDF: A4, contents, page numbers, tables that go on from page to page."""

from __future__ import annotations

import datetime as dt
import io
import logging
from pathlib import Path

import matplotlib as mpl
from fpdf import FPDF, FontFace, TextStyle
from fpdf.enums import PageOrientation, TableBordersLayout
from fpdf.fonts import TTFFont

from kcngeo.publish.document import Document, Section
from kcngeo.publish.shown import Shown

# A PDF says when it was made; ours says the same every time.
_CREATED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_INK, _SOFT, _BAD, _HEAD = (27, 42, 50), (82, 98, 107), (140, 47, 11), (236, 239, 236)
_FONT = "DejaVu"
_MARGIN_MM, _WIDTH_MM = 15.0, 180.0
# A table of more columns than fit is laid across the page.
_ACROSS = 9
# A word longer than this is broken; a cell longer than that is cut.
_LONGEST_WORD, _MOST_LETTERS = 24, 400
# The subsetting of fonts tells what it drops, letter by letter.
logging.getLogger("fontTools").setLevel(logging.ERROR)


def pdf_pages(doc: Document) -> bytes:
    """Write the report as PDF.

    Parameters
    ----------
    doc
        The report.

    Returns
    -------
    bytes
        The file's content; the same report gives the same bytes.
    """
    # Written twice: the first time tells on which pages the sections begin.
    pages: dict[str, int] = {}
    for last in (False, True):
        paper = _Paper(doc, pages)
        paper.cover()
        for section in doc.sections:
            paper.section(section)
        pages = paper.pages_of
        if not last:
            paper.close_fonts()
    content = bytes(paper.output())
    paper.close_fonts()
    return content


class _Paper(FPDF):
    """A4 pages with the title and the page number at the foot."""

    def __init__(self, doc: Document, known: dict[str, int]) -> None:
        super().__init__(format="A4")
        self.doc, self.known = doc, known
        self.pages_of: dict[str, int] = {}
        fonts = Path(mpl.get_data_path()) / "fonts" / "ttf"
        self.add_font(_FONT, "", fonts / "DejaVuSans.ttf")
        self.add_font(_FONT, "B", fonts / "DejaVuSans-Bold.ttf")
        self.set_creation_date(_CREATED)
        self.set_title(doc.title)
        self.set_lang(doc.language)
        self.set_margins(_MARGIN_MM, _MARGIN_MM)
        self.set_auto_page_break(True, margin=18)
        head = TextStyle(_FONT, "B", 14, _INK, t_margin=2, b_margin=3)
        self.set_section_title_styles(head)

    def footer(self) -> None:
        """Number the page and repeat what must be said on every one."""
        self.set_y(-13)
        self.set_font(_FONT, "", 7)
        self.set_text_color(*_SOFT)
        pages = self.doc.word("page", page=self.page_no(), pages="{nb}")
        words = " · ".join([self.doc.title, *self.doc.warnings])
        self.cell(_WIDTH_MM - 30, 5, words)
        self.set_x(-45)
        self.cell(30, 5, pages, align="R")

    def cover(self) -> None:
        """Write the summary and the contents."""
        self.add_page()
        self._line(self.doc.title, size=17, style="B")
        for line in self.doc.lines:
            self._line(line, size=9, color=_SOFT)
        for line in self.doc.warnings:
            self._line(line, size=9, color=_BAD)
        self.ln(3)
        self.start_section(self.doc.word("summary"))
        zone_id = ""
        for sentence in self.doc.sentences:
            if sentence.zone_id != zone_id:
                self.ln(2.5)
                zone_id = sentence.zone_id
            style = "B" if sentence.weight == "lead" else ""
            color = _BAD if sentence.weight == "bad" else _INK
            self._line(self.doc.said(sentence), size=10, style=style, color=color)
        self.ln(2.5)
        self._line(self.doc.errors, size=10)
        if "map" in self.doc.charts:
            self._chart("map")
        self.ln(4)
        self._contents()

    def section(self, section: Section) -> None:
        """Write a section: notes, table, charts."""
        table = section.table
        across = table is not None and bool(table.rows) and len(table.headings) > _ACROSS
        turned = across != (self.cur_orientation is PageOrientation.LANDSCAPE)
        if turned or self.get_y() > self.h * 0.6:
            self.add_page(orientation="L" if across else "P")
        else:
            self.ln(6)
        self.pages_of[section.key] = self.page_no()
        self.start_section(section.title)
        for note in section.notes:
            self._line(note, size=8.5, color=_SOFT)
        self.ln(2)
        if table is None or not table.rows:
            self._line(self.doc.word("empty"), size=10)
        else:
            self._table(table, small=across)
        for name in section.figures:
            self._chart(name)

    def close_fonts(self) -> None:
        """Let go of the files of the fonts, which stay open for as long as letters are added."""
        for face in self.fonts.values():
            if isinstance(face, TTFFont):
                face.ttfont.close()

    def _contents(self) -> None:
        """Write the contents, a linked line a section."""
        self._line(self.doc.word("contents"), size=12, style="B")
        for section in self.doc.sections:
            page = self.known.get(section.key)
            link = self.add_link(page=page) if page else ""
            self.set_font(_FONT, "", 9.5)
            self.cell(_WIDTH_MM - 15, 5.5, section.title, link=link)
            shown = str(page or "")
            self.cell(15, 5.5, shown, align="R", link=link, new_x="LMARGIN", new_y="NEXT")

    def _line(
        self, words: str, *, size: float, style: str = "", color: tuple[int, int, int] = _INK
    ) -> None:
        self.set_font(_FONT, style, size)
        self.set_text_color(*color)
        self.multi_cell(0, size * 0.53, _short(words), new_x="LMARGIN", new_y="NEXT", align="L")

    def _table(self, shown: Shown, *, small: bool) -> None:
        size = 6.5 if small else 7.5
        self.set_font(_FONT, "", size)
        self.set_text_color(*_INK)
        self.set_draw_color(*_SOFT)
        with self.table(
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            headings_style=FontFace(emphasis="BOLD", fill_color=_HEAD, color=_INK),
            text_align=tuple("RIGHT" if right else "LEFT" for right in shown.is_number),
            line_height=size * 0.5,
            padding=0.7,
            col_widths=_widths(shown),
            repeat_headings=1,
        ) as table:
            for cells in (shown.headings, *shown.rows):
                row = table.row()
                for cell in cells:
                    row.cell(_short(cell))

    def _chart(self, name: str) -> None:
        picture = self.doc.charts[name]
        if self.cur_orientation is PageOrientation.LANDSCAPE:
            self.add_page(orientation="P")
        if self.get_y() + _WIDTH_MM * picture.tall > self.h - 20:
            self.add_page(orientation="P")
        self.image(io.BytesIO(picture.data), w=_WIDTH_MM, alt_text=picture.label)
        self.ln(3)


def _short(text: str) -> str:
    """Cut what would not fit on a page; "…" says so, and the workbook has all of it."""
    return text if len(text) <= _MOST_LETTERS else text[: _MOST_LETTERS - 1] + "…"


def _widths(shown: Shown) -> tuple[float, ...]:
    """Give every column room for its longest word and a share of its text."""
    widths = []
    for place, heading in enumerate(shown.headings):
        cells = [row[place] for row in shown.rows]
        words = [word for text in (heading, *cells) for word in text.split()]
        longest = max((len(word) for word in words), default=1)
        whole = max((len(text) for text in cells), default=1)
        widths.append(float(max(min(longest, _LONGEST_WORD), min(whole, 40), 5)) + 1)
    return tuple(widths)
