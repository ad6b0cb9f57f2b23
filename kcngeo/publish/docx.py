"""The report as a Word document, which a board edits and signs: the same parts in one order."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Emu, Inches, Mm, Pt, RGBColor

from kcngeo import theme
from kcngeo.core.number_forms import unbroken
from kcngeo.figures.export import drawn
from kcngeo.figures.page_layout import MARGIN_IN
from kcngeo.publish.document import Document, Section
from kcngeo.publish.form_sheet import FormSheet
from kcngeo.publish.format_table import Shown, shared_widths
from kcngeo.publish.letterhead import feet, opened, write_head
from kcngeo.publish.narrative import Sentence
from kcngeo.qgis.expressions import writable

if TYPE_CHECKING:
    from docx.document import Document as Word
    from docx.text.paragraph import Paragraph

    from kcngeo.publish.atlas import AtlasSheet
    from kcngeo.publish.charts import Picture

# A document says when it was made; ours says the same every time.
_CREATED = dt.datetime(2000, 1, 1)
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
# The letters the State's own documents are written in.
_FONT = "Times New Roman"
_MARGIN_MM, _SHORT_MM, _LONG_MM = 15.0, 210.0, 297.0
_FOOT_MM, _COVER_MAP_MM, _DOTS_PER_INCH = 15.0, 70.0, 300
# Of a sheet of the atlas, which has margins of its own.
_SHEET_MARGIN_MM, _SHEET_FOOT_MM = 4.0, 9.0
# What a signature and a seal take.
_SIGN_MM = 30.0
# How many letters of its longest cell a column is made wide for, and of the names in the first.
_MOST_WIDE, _NAME, _AROUND = 40, 18, 3
# Columns a page upright has room for, and rows that are worth turning back to one.
_MOST_UPRIGHT, _LEAST_UPRIGHT = 8, 16
_LARGE, _TEXT, _SMALL = 14.0, 10.0, 8.0
_TABLE, _TABLE_WIDE = 8.0, 7.0
# Twentieths of a point that the columns of a table share.
_GRID = 10_000
_LANGUAGES = {"vi": "vi-VN", "en": "en-GB"}
_BLANKS = dict.fromkeys(map(ord, "\x0b\x0c\x1c\x1d\x1e\x1f"), " ")


def docx_report(doc: Document, *, letterhead: bytes | None = None) -> bytes:
    """Write the report as a Word document, on the board's own letterhead if it is given."""
    paper = _Paper(doc, letterhead)
    paper.cover()
    paper.zones()
    for section in doc.sections:
        if section is not doc.overview:
            paper.section(section)
    return paper.finished()


def docx_atlas(sheets: Sequence[AtlasSheet], *, title: str, language: str) -> bytes:
    """Write the sheets of an atlas, each as a picture on a page across."""
    paper = _Pages(title=title, language=language, warnings=())
    page = paper.word.sections[0]
    page.orientation, page.page_width, page.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
    for side in ("left", "right", "top"):
        setattr(page, f"{side}_margin", Mm(_SHEET_MARGIN_MM))
    page.bottom_margin, page.footer_distance = Mm(_SHEET_FOOT_MM), Mm(_SHEET_MARGIN_MM)
    high = Mm(_SHORT_MM - _SHEET_MARGIN_MM - _SHEET_FOOT_MM - 3)
    for sheet in sheets:
        label = str(sheet.figure.get_label())
        paragraph = paper._picture(drawn(sheet.figure, "png"), label, height=high)
        paragraph.paragraph_format.space_after = Pt(0)
        paper._mark(paragraph, sheet.anchor)
    return paper.finished()


def docx_forms(
    forms: Sequence[FormSheet],
    *,
    title: str,
    lines: Sequence[str],
    warnings: Sequence[str],
    sentences: Sequence[str],
    signatures: Sequence[str],
    language: str,
    letterhead: bytes | None = None,
) -> bytes:
    """Write forms as a Word document, to be checked, completed and signed."""
    paper = _Pages(title=title, language=language, warnings=warnings, letterhead=letterhead)
    paper.head(lines)
    for sentence in sentences:
        paper._line(sentence)
    for form in forms:
        paper.form(form)
    paper.signatures(signatures)
    return paper.finished()


def _fixed(data: bytes) -> bytes:
    """Give the parts of a document one time, so that the same report has the same bytes."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as held,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in held.namelist():
            target.writestr(zipfile.ZipInfo(name, _ZIP_TIME), held.read(name), zipfile.ZIP_DEFLATED)
    return made.getvalue()


class _Pages:
    """A4 pages; sections begin at bookmarks named as they are."""

    def __init__(
        self,
        *,
        title: str,
        language: str,
        warnings: Sequence[str],
        charts: Mapping[str, Picture] = MappingProxyType({}),
        letterhead: bytes | None = None,
    ) -> None:
        self.title, self.language, self.warnings, self.charts = title, language, warnings, charts
        self.word: Word = opened(letterhead)
        self.marks = 0
        about = self.word.core_properties
        about.title, about.author, about.language = title, "kcngeo", language
        about.comments, about.last_modified_by, about.revision = "", "", 1
        about.created = about.modified = _CREATED
        self._styles(is_own=letterhead is not None)
        if letterhead is None:
            page = self.word.sections[0]
            page.page_width, page.page_height = Mm(_SHORT_MM), Mm(_LONG_MM)
            for side in ("left", "right", "top", "bottom"):
                setattr(page, f"{side}_margin", Mm(_MARGIN_MM))
            write_head(page, language=language)
        for paragraph in feet(self.word):
            self._foot(paragraph)

    def _styles(self, *, is_own: bool) -> None:
        """Set letters, colours and language once, in the styles: whoever edits goes on in them."""
        styles = self.word.styles
        there = {style.name for style in styles}
        for name, size in (("Normal", _TEXT), ("Title", 18.0), ("Heading 1", _LARGE)):
            if name not in there:
                styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=True)
            elif is_own:
                continue
            font = styles[name].font
            font.size, font.color.rgb = Pt(size), _rgb(theme.INK)
            if is_own:
                continue
            font.name = _FONT
            # Word takes letters of another script from a font of its own otherwise.
            styles[name].element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
        if not is_own:
            styles["Normal"].paragraph_format.space_after = Pt(3)
        look = styles["Normal"].element.get_or_add_rPr()
        for told in look.findall(qn("w:lang")):
            look.remove(told)
        language = OxmlElement("w:lang")
        language.set(qn("w:val"), _LANGUAGES[self.language])
        look.append(language)

    def _foot(self, paragraph: Paragraph) -> None:
        """Number the pages and repeat what must be said on every one."""
        words = " · ".join([self.title, *self.warnings])
        self._run(paragraph, f"{words} · ", size=_SMALL, color=theme.SOFT)
        number = parse_xml(
            f'<w:fldSimple {nsdecls("w")} w:instr="PAGE"><w:r><w:rPr>'
            f'<w:sz w:val="{round(2 * _SMALL)}"/></w:rPr><w:t>1</w:t></w:r></w:fldSimple>'
        )
        paragraph._p.append(number)

    def finished(self) -> bytes:
        """Give the document."""
        buffer = io.BytesIO()
        self.word.save(buffer)
        return _fixed(buffer.getvalue())

    # ---- parts ----------------------------------------------------------------------------------
    def head(self, lines: Sequence[str]) -> None:
        """Write the title, and beneath it what must be known first."""
        self.word.add_paragraph(_plain(self.title), style="Title")
        self._line(" · ".join(lines), size=_SMALL, color=theme.SOFT)
        for line in self.warnings:
            self._line(line, size=_SMALL, color=theme.LOUD)

    def section(self, section: Section) -> None:
        """Write a section: notes, table, charts; a table of many columns across the page."""
        table = section.table
        # A page across has room for what needs none: a few lines alone would leave a page empty.
        if table is not None and table.rows and len(table.headings) > _MOST_UPRIGHT:
            self._turn(across=True)
        elif table is not None and len(table.rows) >= _LEAST_UPRIGHT:
            self._turn(across=False)
        self._begin(section.key, section.title)
        for note in section.notes:
            line = self._line(note, size=_SMALL, color=theme.SOFT)
            line.paragraph_format.keep_with_next = True
        if table is None or not table.rows:
            self._line(section.empty)
        else:
            self._table(table)
        for name in section.figures:
            self._chart(name)

    def form(self, form: FormSheet) -> None:
        """Write a form, and beneath it what its cells lack."""
        table = form.shown if form.rows else None
        # What else stands above a form is said once, in the head and at the foot of every page.
        self.section(Section(key=form.code, title=form.above[0], table=table, empty=form.empty))
        for line in form.below:
            self._line(line, size=_SMALL)

    def signatures(self, roles: Sequence[str]) -> None:
        """Leave room for those who sign, side by side."""
        self._mark(self.word.add_paragraph(), "signatures")
        table = self.word.add_table(rows=1, cols=len(roles))
        # The room to sign is not torn from the names.
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, role in zip(table.rows[0].cells, roles, strict=True):
            paragraph = cell.paragraphs[0]
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            paragraph.paragraph_format.space_after = Mm(_SIGN_MM)
            self._run(paragraph, role, size=_TEXT, is_bold=True)

    def _turn(self, *, across: bool) -> None:
        """Go on on a page that lies the other way, where the one before does not."""
        page = self.word.sections[-1]
        if (page.orientation == WD_ORIENT.LANDSCAPE) == across:
            return
        page = self.word.add_section(WD_SECTION.NEW_PAGE)
        page.orientation = WD_ORIENT.LANDSCAPE if across else WD_ORIENT.PORTRAIT
        page.page_height, page.page_width = page.page_width, page.page_height
        # The head of a letter stands over the first page alone.
        page.different_first_page_header_footer = False

    def _begin(self, key: str, title: str) -> None:
        self._mark(self.word.add_heading(_plain(title), level=1), key)

    def _mark(self, paragraph: Paragraph, key: str) -> None:
        """Give a place a name: links lead to it, and what follows is known by it."""
        for tag in ("bookmarkStart", "bookmarkEnd"):
            mark = OxmlElement(f"w:{tag}")
            mark.set(qn("w:id"), str(self.marks))
            if tag == "bookmarkStart":
                mark.set(qn("w:name"), key)
            paragraph._p.append(mark)
        self.marks += 1

    # ---- what stands in them --------------------------------------------------------------------
    def _table(self, shown: Shown) -> None:
        """Write a table as XML: cell by cell takes a hundred times as long."""
        size = _TABLE if len(shown.headings) <= _MOST_UPRIGHT else _TABLE_WIDE
        rows = [_row(shown.headings, shown.is_number, size=size, is_head=True)]
        rows += [_row(row, shown.is_number, size=size) for row in shown.rows]
        # A letter is about half as wide as it is high.
        room = self._wide / Pt(size / 2)
        grid = "".join(f'<w:gridCol w:w="{wide}"/>' for wide in _widths(shown, room=room))
        line = f'w:val="single" w:sz="4" w:space="0" w:color="{theme.LINE.lstrip("#")}"'
        beside = 'w:w="57" w:type="dxa"'  # a millimetre
        made = parse_xml(
            f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:tblBorders>'
            f"<w:top {line}/><w:bottom {line}/><w:insideH {line}/></w:tblBorders>"
            f"<w:tblCellMar><w:left {beside}/><w:right {beside}/></w:tblCellMar></w:tblPr>"
            f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
        )
        # The properties of the last page stand at the end of the body.
        self.word.element.body.insert_element_before(made, "w:sectPr")
        self.word.add_paragraph()

    def _chart(self, name: str) -> None:
        picture = self.charts[name]
        page: Any = self.word.sections[-1]
        high = page.page_height - page.top_margin - page.bottom_margin - Mm(_FOOT_MM)
        width = Emu(min(self._wide, int(high / picture.tall)))
        self._picture(picture.data, picture.label, width=width)

    @property
    def _wide(self) -> int:
        """Between the margins of the page."""
        page: Any = self.word.sections[-1]
        return int(page.page_width - page.left_margin - page.right_margin)

    def _picture(self, data: bytes, label: str, **size: int) -> Paragraph:
        """Put a picture into a line of its own, with the words a reader that speaks gives."""
        paragraph = self.word.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        shape = paragraph.add_run().add_picture(io.BytesIO(data), **size)
        shape._inline.docPr.set("descr", _plain(label))
        return paragraph

    def _line(
        self, words: str, *, size: float = _TEXT, color: str = theme.INK, is_bold: bool = False
    ) -> Paragraph:
        paragraph = self.word.add_paragraph()
        self._run(paragraph, words, size=size, color=color, is_bold=is_bold)
        return paragraph

    def _run(
        self,
        paragraph: Paragraph,
        words: str,
        *,
        size: float,
        color: str = theme.INK,
        is_bold: bool = False,
    ) -> None:
        run: Any = paragraph.add_run(_plain(unbroken(words)))
        run.font.size, run.font.color.rgb, run.font.bold = Pt(size), _rgb(color), is_bold or None


class _Paper(_Pages):
    """The report of a month."""

    def __init__(self, doc: Document, letterhead: bytes | None) -> None:
        super().__init__(
            title=doc.title,
            language=doc.language,
            warnings=doc.warnings,
            charts=doc.charts,
            letterhead=letterhead,
        )
        self.doc = doc

    def cover(self) -> None:
        """Write what must be seen in a minute."""
        doc = self.doc
        self.head(doc.lines)
        self._key_figures()
        self._begin("summary", doc.word("summary"))
        if doc.overview.table is not None and doc.overview.table.rows:
            self._mark(self.word.add_paragraph(), "overview")
            self._table(doc.overview.table)
        self._sentences(doc.first_sentences)
        self._line(doc.errors, color=theme.LOUD if doc.has_errors else theme.INK)
        if "map" in doc.charts:
            self._map_below(doc.charts["map"])

    def zones(self) -> None:
        """Write all that is said of every zone."""
        self._begin("zones", self.doc.word("zones"))
        self._sentences(self.doc.sentences)
        if "map" in self.doc.charts:
            self._chart("map")

    def _map_below(self, picture: Picture) -> None:
        """Put the map beneath the figures, at the size its letters have."""
        room = {"high_in": Mm(_COVER_MAP_MM).inches, "wide_in": Emu(self._wide).inches}
        figure = picture.part(**room)
        if figure is None:
            return
        figure.set_dpi(_DOTS_PER_INCH)
        width = Inches(figure.get_figwidth())
        line = self._picture(drawn(figure, "png"), picture.label, width=width).paragraph_format
        # Its own margins fall into those of the page.
        line.left_indent = line.right_indent = -Inches(MARGIN_IN)

    def _key_figures(self) -> None:
        figures = self.doc.key_figures
        if not figures:
            return
        table = self.word.add_table(rows=1, cols=len(figures))
        for cell, figure in zip(table.rows[0].cells, figures, strict=True):
            first = cell.paragraphs[0]
            self._run(first, figure.label, size=_SMALL, color=theme.SOFT)
            self._run(cell.add_paragraph(), figure.value, size=_LARGE, is_bold=True)
            for words in figure.beside:
                self._run(cell.add_paragraph(), words, size=_SMALL, color=theme.SOFT)

    def _sentences(self, sentences: Sequence[Sentence]) -> None:
        zone_id = ""
        for one in sentences:
            paragraph = self._line(
                self.doc.said(one),
                color=theme.LOUD if one.weight == "bad" else theme.INK,
                is_bold=one.weight == "lead",
            )
            paragraph.paragraph_format.keep_with_next = one.weight == "lead" or None
            if one.zone_id != zone_id:
                zone_id = one.zone_id
                paragraph.paragraph_format.space_before = Pt(6)


def _widths(shown: Shown, *, room: float) -> list[int]:
    """Share a line of about so many letters among the columns, so that no word is broken."""
    widths: list[tuple[float, float]] = []
    for place, heading in enumerate(shown.headings):
        cells = [row[place] for row in shown.rows]
        words = [word for text in (heading, *cells) for word in unbroken(text).split(" ")]
        least = min(max(map(len, words)), _MOST_WIDE)
        longest = min(max([least, *map(len, cells)]), _MOST_WIDE)
        # Names broken word by word would make every row three lines high.
        least = least if place else max(least, min(longest, _NAME))
        widths.append((least + _AROUND, longest + _AROUND))
    shares = shared_widths(widths, room)
    return [round(_GRID * one / sum(shares)) for one in shares]


def _row(
    cells: Sequence[str], is_number: Sequence[bool], *, size: float, is_head: bool = False
) -> str:
    """Write a row; headings are repeated on every page, and no row is torn apart.

    The mark of a paragraph is as large as its letters: an empty cell has the height of its mark.
    """
    head, stays = ("<w:tblHeader/>", "<w:keepNext/>") if is_head else ("", "")
    weight = "<w:b/>" if is_head else ""
    look = f'<w:rPr>{weight}<w:sz w:val="{round(2 * size)}"/></w:rPr>'
    made = [f"<w:tr><w:trPr><w:cantSplit/>{head}</w:trPr>"]
    for cell, right in zip(cells, is_number, strict=True):
        side = '<w:jc w:val="right"/>' if right else ""
        words = escape(_plain(unbroken(cell)))
        made.append(
            f'<w:tc><w:p><w:pPr>{stays}<w:spacing w:after="0"/>{side}{look}</w:pPr>'
            f'<w:r>{look}<w:t xml:space="preserve">{words}</w:t></w:r></w:p></w:tc>'
        )
    return "".join([*made, "</w:tr>"])


def _plain(words: str) -> str:
    """Put a sign where XML cannot hold a character, and a blank where it is one."""
    return writable(words.encode("utf-8", "replace").decode().translate(_BLANKS))


def _rgb(color: str) -> RGBColor:
    return RGBColor.from_string(color.lstrip("#").upper())
