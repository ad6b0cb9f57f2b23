"""The report as PDF: A4, contents, page numbers, tables that go on from page to page."""

from __future__ import annotations

import datetime as dt
import io
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import matplotlib as mpl
from fpdf import FPDF, FontFace, TextStyle
from fpdf.enums import PageOrientation, TableBordersLayout
from fpdf.fonts import TTFFont
from matplotlib.text import Text

from kcngeo.core.number_forms import unbroken
from kcngeo.figures.typography import plain
from kcngeo.publish.document import Document, Section
from kcngeo.publish.format_table import Shown, shared_widths
from kcngeo.publish.key_figures import KeyFigure
from kcngeo.publish.narrative import Sentence
from kcngeo.publish.pdf_drawings import BLANK, Drawing, with_drawings
from kcngeo.publish.scenario_page import Sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kcngeo.publish.atlas import AtlasSheet

# A PDF says when it was made; ours says the same every time.
_CREATED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_INK, _SOFT, _BAD, _HEAD = (27, 42, 50), (82, 98, 107), (140, 47, 11), (236, 239, 236)
_FONT = "DejaVu"
_MARGIN_MM, _WIDTH_MM = 15.0, 180.0
# Letters of a table.
_SIZE, _PADDING_MM, _TIGHT_MM, _NAME_MM = 7.0, (0.5, 1.1), (0.3, 0.55), 25.0
# The smallest letters of a chart; the foot of a page, which no chart covers.
_LEAST_POINTS, _FOOT_MM, _MM_PER_INCH = 7.0, 16.0, 25.4
_A4_MM = (210.0, 297.0)
# A section begins on a page that is filled to less than this.
_BEGUN = 0.7
# The contents: letters of its title, height of a line.
_CONTENTS_SIZE, _ENTRY_MM = 12.0, 5.5
# A map on less of a page is not read.
_LEAST_MAP_MM = 60.0
# A word longer than this is broken; a cell longer than that is cut.
_LONGEST_WORD, _MOST_LETTERS = 24, 400
# How wide a text wants to be at most.
_MOST_MM = 75.0
# The subsetting of fonts tells what it drops, letter by letter.
logging.getLogger("fontTools").setLevel(logging.ERROR)


def pdf_pages(doc: Document) -> bytes:
    """Write the report as PDF."""
    paper = _Paper(doc)
    paper.cover()
    paper.zones()
    for section in doc.sections:
        if section is not doc.overview:
            paper.section(section)
    return paper.finished()


def pdf_sheet(sheet: Sheet) -> bytes:
    """Write scenarios as PDF: what a reader must know, then section after section."""
    # Sections ask for no more of a document than a sheet has.
    paper = _Paper(cast(Document, sheet))
    paper.opening(sheet)
    for section in sheet.sections:
        paper.section(section)
    return paper.finished()


def pdf_atlas(sheets: Sequence[AtlasSheet], *, title: str, language: str) -> bytes:
    """Write the sheets of an atlas as PDF, each as drawn on a page of its own size."""
    paper = FPDF(unit="in")
    paper.set_creation_date(_CREATED)
    paper.set_title(title)
    paper.set_lang(language)
    paper.set_auto_page_break(False)
    drawings = []
    for number, sheet in enumerate(sheets, start=1):
        wide, high = (float(side) for side in sheet.figure.get_size_inches())
        # A page is given by its shorter side, then turned.
        paper.add_page(orientation="L", format=(high, wide))
        paper.start_section(sheet.title)
        blank = io.BytesIO(BLANK % (wide, high))
        label = sheet.figure.get_label()
        paper.image(blank, x=0, y=0, w=wide, h=high, alt_text=str(label))
        drawings.append(Drawing(page=number, figure=sheet.figure, left_mm=0.0, top_mm=0.0))
    return with_drawings(bytes(paper.output()), drawings)


class _Paper(FPDF):
    """A4 pages with the title and the page number at the foot."""

    def __init__(self, doc: Document) -> None:
        super().__init__(format="A4")
        self.doc = doc
        self.pages_of: dict[str, int] = {}
        self.drawings: list[Drawing] = []
        self.widths: dict[tuple[int, bool], list[tuple[float, float]]] = {}
        self.contents_at: tuple[int, float] | None = None
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
        # What does not fit in a line goes on in a second; letters keep their size.
        self.multi_cell(self.epw - 30, 3.2, unbroken(words), align="L", new_x="LEFT")
        self.set_xy(-45, -13)
        self.cell(30, 3.2, pages, align="R")

    def cover(self) -> None:
        """Write what must be seen in a minute, all of it on the first page."""
        doc = self.doc
        self.add_page()
        self._line(doc.title, size=16, style="B")
        self._line(" · ".join(doc.lines), size=8, color=_SOFT)
        for line in doc.warnings:
            self._line(line, size=8, color=_BAD)
        self._key_figures()
        self.start_section(doc.word("summary"))
        if doc.overview.table is not None and doc.overview.table.rows:
            self.pages_of["overview"] = self.page_no()
            self._table(doc.overview.table)
            self.ln(2)
        self._sentences(doc.first_sentences, size=9)
        self.ln(1.5)
        self._line(doc.errors, size=9, color=_BAD if doc.has_errors else _INK)
        if "map" in doc.charts:
            self._map_below()
            self._chart("map")

    def opening(self, sheet: Sheet) -> None:
        """Begin with the title and what a reader must know."""
        self.add_page()
        self._line(sheet.title, size=16, style="B")
        for line in sheet.lines:
            self._line(line, size=8, color=_SOFT)
        for line in sheet.warnings:
            self._line(line, size=8, color=_BAD)

    def _key_figures(self) -> None:
        """Write the figures to be seen first side by side, each over what it is seen against."""
        figures = self.doc.key_figures
        if not figures:
            return
        self.ln(2)
        top, wide = self.get_y(), self.epw / len(figures)
        ends = [
            self._key_figure(one, left=self.l_margin + place * wide, top=top, wide=wide)
            for place, one in enumerate(figures)
        ]
        self.set_draw_color(*_INK)
        for place in range(len(figures)):
            left = self.l_margin + place * wide
            self.line(left, top, left, max(ends))
        self.set_xy(self.l_margin, max(ends) + 1)

    def _key_figure(self, figure: KeyFigure, *, left: float, top: float, wide: float) -> float:
        """Write one figure and tell where it ends."""
        lines = [(figure.label, 7.0, "", _SOFT), (figure.value, 12.0, "B", _INK)]
        lines += [(words, 7.0, "", _SOFT) for words in figure.beside]
        self.set_y(top)
        for words, size, style, color in lines:
            self.set_font(_FONT, style, size)
            self.set_text_color(*color)
            self.set_x(left + 1)
            self.multi_cell(wide - 1, size * 0.5, unbroken(words), align="L", new_y="NEXT")
        return self.get_y()

    def zones(self) -> None:
        """Leave room for the contents, then write all that is said of every zone."""
        self.add_page()
        # Written at the end, when it is known on which pages the sections begin.
        self.contents_at = self.page_no(), self.get_y()
        self.ln(_CONTENTS_SIZE + _ENTRY_MM * len(self._titles()))
        self._begin("zones", self.doc.word("zones"))
        self._sentences(self.doc.sentences, size=9.5)

    def section(self, section: Section) -> None:
        """Write a section: notes, table, charts."""
        table = section.table
        across = (
            table is not None
            and bool(table.rows)
            and (section.is_wide or self._needs_mm(table) > _WIDTH_MM)
        )
        # A page across has room for a table that needs none, one upright not the other way round.
        is_narrow = across and self.cur_orientation is PageOrientation.PORTRAIT
        if is_narrow or self.get_y() > self.h * _BEGUN:
            self.add_page(orientation="L" if across else "P")
        else:
            self.ln(6)
        self._begin(section.key, section.title)
        for note in section.notes:
            self._line(note, size=8.5, color=_SOFT)
        self.ln(2)
        if table is None or not table.rows:
            self._line(section.empty, size=10)
        else:
            self._table(table)
        for name in section.figures:
            self._chart(name)

    def _begin(self, key: str, title: str) -> None:
        self.pages_of[key] = self.page_no()
        self.start_section(title)

    def _sentences(self, sentences: Sequence[Sentence], *, size: float) -> None:
        zone_id = ""
        for sentence in sentences:
            if sentence.zone_id != zone_id:
                self.ln(1.5)
                zone_id = sentence.zone_id
            style = "B" if sentence.weight == "lead" else ""
            color = _BAD if sentence.weight == "bad" else _INK
            self._line(self.doc.said(sentence), size=size, style=style, color=color)

    def finished(self) -> bytes:
        """Give the pages with their drawings, and let go of the files of the fonts."""
        if self.contents_at is not None:
            self._contents(*self.contents_at)
        content = with_drawings(bytes(self.output()), self.drawings)
        # They stay open for as long as letters are added.
        for face in self.fonts.values():
            if isinstance(face, TTFFont):
                face.ttfont.close()
        return content

    def _titles(self) -> dict[str, str]:
        titles = {"zones": self.doc.word("zones")}
        return titles | {section.key: section.title for section in self.doc.sections}

    def _contents(self, page: int, top: float) -> None:
        """Go back and write the contents, a linked line a section."""
        last = self.page, self.get_y()
        self.set_auto_page_break(False)
        self.page = page
        self.set_xy(self.l_margin, top)
        self._line(self.doc.word("contents"), size=_CONTENTS_SIZE, style="B")
        for key, title in self._titles().items():
            at = self.pages_of[key]
            link = self.add_link(page=at)
            self.set_font(_FONT, "", 9.5)
            self.cell(_WIDTH_MM - 15, _ENTRY_MM, title, link=link)
            self.cell(15, _ENTRY_MM, str(at), align="R", link=link, new_x="LMARGIN", new_y="NEXT")
        # The last page has letters of its own.
        self.set_font(_FONT, "", 1)
        self.page, self.y = last

    def _line(
        self, words: str, *, size: float, style: str = "", color: tuple[int, int, int] = _INK
    ) -> None:
        self.set_font(_FONT, style, size)
        self.set_text_color(*color)
        self.multi_cell(
            0, size * 0.53, unbroken(short(words)), new_x="LMARGIN", new_y="NEXT", align="L"
        )

    def _needs_mm(self, shown: Shown) -> float:
        """Tell how wide a table is whose words are not broken."""
        return sum(least for least, _ in self._widths(shown))

    def _table(self, shown: Shown) -> None:
        room = self.epw
        # What is too wide has less air and lighter headings; what still is, has broken words.
        is_tight = self._needs_mm(shown) > room
        self.set_font(_FONT, "", _SIZE)
        self.set_text_color(*_INK)
        self.set_draw_color(*_SOFT)
        with self.table(
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            headings_style=FontFace(
                emphasis="" if is_tight else "BOLD", fill_color=_HEAD, color=_INK
            ),
            text_align=tuple("RIGHT" if right else "LEFT" for right in shown.is_number),
            line_height=_SIZE * 0.5,
            padding=_TIGHT_MM if is_tight else _PADDING_MM,
            col_widths=shared_widths(self._widths(shown, is_tight=is_tight), room),
            repeat_headings=1,
        ) as table:
            for cells in (shown.headings, *shown.rows):
                row = table.row()
                for cell in cells:
                    row.cell(unbroken(short(cell)))

    def _widths(self, shown: Shown, *, is_tight: bool = False) -> list[tuple[float, float]]:
        """Measure every column once: its longest word, and its longest text, in mm."""
        if (known := self.widths.get((id(shown), is_tight))) is not None:
            return known
        widths = self.widths[id(shown), is_tight] = []
        for place, heading in enumerate(shown.headings):
            least = most = 0.0
            for is_head, text in ((True, heading), *((False, row[place]) for row in shown.rows)):
                self.set_font(_FONT, "B" if is_head and not is_tight else "", _SIZE)
                words = [word[:_LONGEST_WORD] for word in unbroken(short(text)).split(" ")]
                least = max([least, *(self.get_string_width(word) for word in words)])
                if not is_head:
                    most = max(most, self.get_string_width(" ".join(words)))
            # Names broken word by word would make a row four lines high.
            least = max(least, min(most, _NAME_MM)) if is_tight and not place else least
            around = 2 * (_TIGHT_MM if is_tight else _PADDING_MM)[1] + 0.4
            widths.append((least + around, max(least, min(most, _MOST_MM)) + around))
        return widths

    def _map_below(self) -> None:
        """Draw the map into what is left of the page, where that is enough to see something."""
        top, picture = self.get_y() + 2, self.doc.charts["map"]
        high_mm = self.h - self.b_margin - top
        room = {"high_in": high_mm / _MM_PER_INCH, "wide_in": self.epw / _MM_PER_INCH}
        figure = picture.part(**room) if high_mm > _LEAST_MAP_MM else None
        if figure is not None:
            left = (self.w - figure.get_figwidth() * _MM_PER_INCH) / 2
            self._draw(figure, picture.label, left=left, top=top)

    def _draw(
        self, figure: Figure, label: str, *, left: float, top: float, scale: float = 1.0
    ) -> None:
        """Leave a place to a figure, which is drawn when all pages are there."""
        wide, high = (float(side) * _MM_PER_INCH for side in figure.get_size_inches())
        blank = BLANK % (wide * scale, high * scale)
        self.image(io.BytesIO(blank), x=left, y=top, w=wide * scale, alt_text=label)
        place = Drawing(page=self.page_no(), figure=figure, left_mm=left, top_mm=top, scale=scale)
        self.drawings.append(place)

    def _chart(self, name: str) -> None:
        """Draw a chart as paths and letters at its own size, at the head of a page."""
        picture = self.doc.charts[name]
        figure = picture.sheet()
        wide, high = (float(side) * _MM_PER_INCH for side in figure.get_size_inches())
        is_across = wide > _A4_MM[0] + 1
        page_high, page_wide = _A4_MM if is_across else _A4_MM[::-1]
        words: list[Any] = figure.findobj(Text)
        sizes = [float(one.get_fontsize()) for one in words if one.get_text()]
        readable = min(_LEAST_POINTS / min(sizes, default=_LEAST_POINTS), 1.0)
        # What is too tall is made smaller while it can be read; then the page grows.
        scale = min(1.0, (page_high - _FOOT_MM) / high, page_wide / wide)
        scale = max(scale, readable)
        page_high = max(page_high, high * scale + _FOOT_MM)
        is_taller = page_high > page_wide
        sides = (page_wide, page_high) if is_taller else (page_high, page_wide)
        self.add_page(orientation="P" if is_taller else "L", format=sides)
        left = max((self.w - wide * scale) / 2, 0.0)
        self._draw(figure, picture.label, left=left, top=0.0, scale=scale)
        self.set_xy(self.l_margin, high * scale)


def short(text: str) -> str:
    """Cut what would not fit on a page; "…" says so, and the workbook has all of it."""
    text = plain(text)
    return text if len(text) <= _MOST_LETTERS else text[: _MOST_LETTERS - 1] + "…"
