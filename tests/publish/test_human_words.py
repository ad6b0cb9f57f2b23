"""What people read of a month has names, not ids: in the page, on paper, in the workbook."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import docx
import pandas as pd
import pytest
import python_calamine
from docx.oxml.ns import qn
from pypdf import PdfReader

import kcngeo as kcn
from kcngeo.core import texts
from kcngeo.core.errors import KcngeoError
from kcngeo.core.model import LandUse, finding
from kcngeo.core.schema import TABLES
from kcngeo.examples import squares
from kcngeo.publish import Bundle
from kcngeo.publish.xlsx import sheet_name
from kcngeo.report import said

PARCELS = Path(__file__).parents[2] / "data" / "parcels"
MONTHS = {"two_zones": "2018-03", "province": "2025-10"}
ISO_DAY = re.compile(r"(?<!\d)\d{4}-\d\d-\d\d(?!\d)")
COLON = re.compile(r"\b[a-z][a-z0-9-]*:[A-Z0-9]+-[\w-]+")
# A hyphen where a minus belongs: before a figure with decimals that follows no letter or figure.
HYPHEN = re.compile(r"(?<![\w./–-])-\d+[.,]\d")


WORD = re.compile(r"[^\W\d_]+")
# What of a Vietnamese report is in no table of words and in no data: a class, who drew the ground.
OTHER = {
    "c",
    "i",
    "le",
    "mit",
    "provinces",
    "quoc",
    "thang",
    "thanglequoc",
    "vietnamese",
    "database",
}
# Words of codes: some stand in texts too, which say what to write into a table.
CHOICES = {code for home in TABLES.values() for column in home.columns for code in column.choices}
CODES = {word for code in CHOICES for word in WORD.findall(code)}


class Words(HTMLParser):
    """The words of a page outside its technical part, and what is told of pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        hidden = tag in ("script", "style") or given.get("class") == "technical"
        self.said += [text for name in ("alt", "aria-label", "title") if (text := given.get(name))]
        if tag not in ("meta", "img", "br", "path", "circle"):
            self.open.append((tag, hidden))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(hidden for _, hidden in self.open):
            self.said.append(data)


def page_words(data: bytes) -> Iterator[str]:
    reader = Words()
    reader.feed(data.decode())
    yield from reader.said


def paper_words(data: bytes, technical: str) -> Iterator[str]:
    """The last section is the technical one; its title stands in the contents too."""
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    assert text.count(technical) == 2
    yield text.rpartition(technical)[0]


def word_words(data: bytes) -> Iterator[str]:
    for one in docx.Document(io.BytesIO(data)).element.body:
        marks = [mark.get(qn("w:name")) for mark in one.iter(qn("w:bookmarkStart"))]
        if "names" in marks:
            return
        yield from (part.text or "" for part in one.iter(qn("w:t")))


def book_words(data: bytes, technical: str) -> Iterator[str]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    assert sheet_name(technical) in book.sheet_names
    for name in book.sheet_names:
        if name != sheet_name(technical):
            rows = book.get_sheet_by_name(name).to_python()
            yield from (cell for row in rows for cell in row if isinstance(cell, str))


def words_of(made: Bundle, language: str) -> dict[str, list[str]]:
    technical = kcn.theme.text("report.names", language=language)
    files = {
        name: give()
        for part in ("report", "pdf", "word", "workbook")
        for name, give in made.files(part, language=language).items()
    }
    return {
        "report.html": [*page_words(files["report.html"])],
        "report.pdf": [*paper_words(files["report.pdf"], technical)],
        "report.docx": [*word_words(files["report.docx"])],
        "report.xlsx": [*book_words(files["report.xlsx"], technical)],
    }


def ids_of(project: kcn.Project) -> set[str]:
    """Ids nobody outside knows; a lot without a code has nothing else it is called by."""
    named = (
        (project.zones, "zone_id"),
        (project.parcels.dropna(subset=["lot_code"]), "parcel_id"),
        (project.ledger, "entry_id"),
        (project.emitters, "emitter_id"),
        (project.receptors, "receptor_id"),
        (project.projects, "project_id"),
    )
    frames = [frame[column] for frame, column in named if frame is not None and column in frame]
    # "cleared" and "gross" are words too: they are no ids where they stand among others.
    registry = {name for name in kcn.standards.names() if "-" in name}
    return registry.union(*(map(str, ids.dropna()) for ids in frames))


def vietnamese(project: kcn.Project) -> set[str]:
    """The words of the tables of texts, of titles of rules, and of what the data say in words."""
    said = [entry["vi"] for entry in texts.table().values()]
    said += [kcn.standards.load(name).title["vi"] for name in kcn.standards.names()]
    for table, frame in project.tables():
        for column in frame.columns.difference(["geometry"]):
            known = TABLES[table].column(column)
            # A code of a closed list is no word a person is told.
            if known is None or not known.choices:
                said += frame[column].dropna().astype(str).unique().tolist()
    return {word.lower() for words in said for word in WORD.findall(words)}


@pytest.mark.long
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", MONTHS)
def test_ids_stand_only_in_the_technical_part(name: str, language: str) -> None:
    project = kcn.io.read_project(PARCELS / f"{name}.gpkg")
    ids = "|".join(map(re.escape, sorted(ids_of(project), key=len, reverse=True)))
    own = re.compile(rf"(?<![\w-])({ids})(?![\w-])")
    made = kcn.products.month(project, month=MONTHS[name])
    for file, words in words_of(made, language).items():
        assert len(words) > (0 if file == "report.pdf" else 200), file
        whole = "\n".join(words)
        assert "164/2013" in whole, file
        for wanted in (own, COLON, ISO_DAY, HYPHEN):
            assert wanted.findall(whole) == [], (file, wanted.pattern[:40])
        if language == "vi":
            # Text of a PDF may run a unit and the word after it together.
            known = (vietnamese(project) | OTHER) - CODES
            told = {word.lower() for word in WORD.findall(whole)}
            assert {one for one in told - known if one.removeprefix("ha") not in known} == set()


def test_a_month_of_squares_has_names_and_tells_their_ids() -> None:
    given = squares()
    # Lots A-2 and B-2 are both of number L2.
    coded = given.parcels.assign(lot_code="L" + given.parcels["parcel_id"].str[2:])
    made = kcn.products.month(replace(given, parcels=coded), month="2018-03")
    words = {file: "\n".join(told) for file, told in words_of(made, "en").items()}
    # Emitter S1 and receptor R1 by what they are; the definition by its title.
    for file, told in words.items():
        assert "Decree 164/2013" in told, file
        ids = r"(?<![\w-])(nd164-2013|tcvn4449-1987|S1|R1|E\d|[AB]-\d)(?![\w-])"
        assert re.findall(ids, told) == []
        assert ISO_DAY.findall(told) == [], file
    names = made.tables_in("en")["names"].set_index(["table", "id"])["called"]
    assert names["definitions", "nd164-2013"] == "Decree 164/2013/ND-CP"
    assert names["zones", "A"] == "Zone A"
    assert names["parcels", "B-2"] == "Zone B\u00a0L2"
    # Beside the zone stands the number alone, and leads to the lot of that zone.
    page = made.files("report", language="en")["report.html"]().decode()
    assert 'mentions <a class="place" href="map.html#zone=B&amp;lot=B-2">L2</a>' in page


def test_names_that_are_alike_are_numbered_and_come_back() -> None:
    zones = squares().zones
    project = kcn.Project(
        zones=zones.assign(name="Đất Mới"), parcels=squares().parcels, ledger=squares().ledger
    )
    made = kcn.products.month(project, month="2018-03")
    names = made.tables_in("vi")["names"]
    mine = names[names["table"] == "zones"].set_index("id")["called"]
    assert mine["A"] == "Đất Mới"
    assert mine["B"] == "Đất Mới (2)"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("vi", "thiếu Tình trạng: đã cho thuê"),
        ("en", "Status is missing: let"),
    ],
)
def test_columns_of_findings_are_named(language: str, expected: str) -> None:
    one = finding("missing_values", "ledger", ids=["E1"], column="status")
    names = {"ledger": {"E1": "đã cho thuê" if language == "vi" else "let"}}
    assert said(one, names, language=language) == f"{expected}."


def test_codes_of_findings_are_told_in_words() -> None:
    """Land uses, values of a closed list, tables and their columns."""

    def told(rule: str, **fields: object) -> str:
        return said(finding(rule, "ledger", ids=["E1"], **fields), {}, language="vi")

    shares = {"actual_share": 0.1, "required_share": 0.2, "deficit_ha": 1.0}
    assert told("land_use_short", land_use=LandUse.TRANSPORT, **shares).startswith(
        "đất giao thông: 10,00 % "
    )
    listed = told("not_in_list", column="status", values=["let"], choices="leased | uncleared")
    assert "let, chỉ được dùng đã cho thuê | chưa giải phóng mặt bằng" in listed
    reason = KcngeoError("needs_table", table="emitters, receptors")
    assert "Nguồn phát thải, Đối tượng cần bảo vệ" in told("unanswered_plan", reason=reason)
    lacks = told("return_missing", count=1, forms="2103", wanted="clearance, zones.developer")
    assert "tái định cư, Chủ đầu tư hạ tầng (Khu công nghiệp: mọi phiên bản)" in lacks


@pytest.mark.parametrize(("language", "expected"), [("vi", "0,0500 ha"), ("en", "0.0500 ha")])
def test_figures_of_findings_are_written_as_the_language_does(language: str, expected: str) -> None:
    one = finding("held_uncleared", "ledger", ids=["1.5"], area_ha="0.0500")
    told = one.message(language)
    assert expected in told
    # An id may look like a number.
    assert "1.5" in told


def test_days_are_written_by_the_calendar_of_the_language() -> None:
    day = pd.Timestamp("2018-03-09")
    assert kcn.theme.date(day, language="vi") == "09/03/2018"
    assert kcn.theme.date(day, language="en") == "9 Mar 2018"
