"""What a report is on paper: drawings are paths and letters, and every letter can be read."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import docx
import numpy as np
import pytest
from docx.enum.shape import WD_INLINE_SHAPE
from docx.oxml.ns import qn
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import ContentStream

import kcngeo as kcn
from kcngeo.publish.pdf_drawings import with_drawings

LEAST_POINTS = 7.0


def sizes(stream: Any, resources: Any, reader: PdfReader, scale: float = 1.0) -> set[float]:
    """Read how large letters are drawn, those within forms too."""
    found: set[float] = set()
    forms = resources.get("/XObject", {})
    kept, points, matrix = [scale], 0.0, 1.0
    for operands, operator in ContentStream(stream, reader).operations:
        if operator == b"q":
            kept.append(kept[-1])
        elif operator == b"Q":
            kept.pop()
        elif operator == b"cm":
            # No drawing is stretched: what a square becomes is as wide as it is high.
            kept[-1] *= (float(operands[0]) ** 2 + float(operands[1]) ** 2) ** 0.5
        elif operator == b"Tf":
            points = float(operands[1])
        elif operator == b"BT":
            matrix = 1.0
        elif operator == b"Tm":
            matrix = (float(operands[0]) ** 2 + float(operands[1]) ** 2) ** 0.5
        elif operator in (b"Tj", b"TJ", b"'"):
            found.add(round(points * matrix * kept[-1], 2))
        elif operator == b"Do":
            form = forms[operands[0]].get_object()
            assert form["/Subtype"] == "/Form", "a picture of dots"
            found |= sizes(form, form["/Resources"].get_object(), reader, kept[-1])
    return found


def filled(word: bytes) -> list[float]:
    """Give of every sheet of an atlas the share of its square centimetres that hold anything."""
    shares = []
    with zipfile.ZipFile(io.BytesIO(word)) as packed:
        sheets = [one for one in packed.namelist() if one.startswith("word/media/")]
        for name in sorted(sheets, key=lambda one: int(re.sub(r"\D", "", one))):
            dark = np.asarray(Image.open(packed.open(name)).convert("L")) < 250
            # A4 across has 29 of them by 21.
            rows = np.array_split(dark, 21)
            full = [part.any() for row in rows for part in np.array_split(row, 29, axis=1)]
            shares.append(float(np.mean(full)))
    return shares


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    month = kcn.products.month(kcn.examples.squares(), month="2018-03")
    parts = ["pdf", kcn.publish.ATLAS]
    return month.write(tmp_path_factory.mktemp("paper") / "out", language="en", parts=parts)


@pytest.fixture(scope="module")
def paper(folder: Path) -> PdfReader:
    return PdfReader(io.BytesIO((folder / "report.pdf").read_bytes()))


def test_no_drawing_is_a_picture_and_no_letter_is_too_small(paper: PdfReader) -> None:
    seen = [
        sizes(page.get_contents(), page["/Resources"].get_object(), paper) for page in paper.pages
    ]
    # The footer of 7 points stands on every page.
    assert all(LEAST_POINTS in one for one in seen)
    assert min(min(one) for one in seen) >= LEAST_POINTS


def test_a_drawing_is_a_page_with_its_words_and_its_tag(paper: PdfReader) -> None:
    pages: list[Any] = list(paper.pages)
    drawn = [page for page in pages if "/XObject" in page["/Resources"].get_object()]
    assert drawn
    for page in drawn:
        # Within its tag, whose words a reader that speaks gives.
        content = page.get_contents().get_data()
        assert re.search(rb"MCID \d+>> BDC\nq [^\n]* Do Q\nEMC", content)
    # Zone A has 1.5 of 4 ha let: words of the map are letters, and are found.
    assert "37.50 %" in drawn[0].extract_text()
    root: Any = paper.root_object
    figures = [
        one.get_object()
        for one in root["/StructTreeRoot"]["/K"][0].get_object()["/K"]
        if one.get_object().get("/S") == "/Figure" and "/Alt" in one.get_object()
    ]
    assert len(figures) == len(drawn)


def test_an_atlas_is_a_sheet_a_zone_after_those_that_compare(folder: Path) -> None:
    """One sheet compares A and B, then each has its own: the same three in every form."""
    paper = PdfReader(io.BytesIO((folder / "atlas.pdf").read_bytes()))
    titles = ["Atlas: zones compared 1", "Zone A", "Zone B"]
    assert [str(one.title) for one in paper.outline if not isinstance(one, list)] == titles
    # Of A 1.5 of 4 ha are let, of B 1 of 2 ha, of both 2.5 of 6 ha.
    rates = ["41.67 %", "Zone A: fill rate 37.50 %", "Zone B: fill rate 50.00 %"]
    for page, words in zip(paper.pages, rates, strict=True):
        assert words in page.extract_text()
        assert (round(page.mediabox.width), round(page.mediabox.height)) == (842, 595)
        # Drawn as paths, no letter too small.
        drawn = sizes(page.get_contents(), page["/Resources"].get_object(), paper)
        assert min(drawn) >= LEAST_POINTS
    html = (folder / "atlas.html").read_text(encoding="utf-8")
    anchors = ["comparison-1", "zone-A", "zone-B"]
    assert re.findall(r'<figure id="([^"]+)"', html) == anchors
    assert re.findall(r'<a href="#([^"]+)">', html) == anchors
    assert all(words in html for words in rates)
    word = docx.Document(str(folder / "atlas.docx"))
    marks = [one.get(qn("w:name")) for one in word.element.body.iter(qn("w:bookmarkStart"))]
    assert marks == anchors
    assert [one.type for one in word.inline_shapes] == [WD_INLINE_SHAPE.PICTURE] * 3


def test_most_of_every_sheet_is_filled(folder: Path) -> None:
    shares = filled((folder / "atlas.docx").read_bytes())
    assert len(shares) == 3
    assert min(shares) >= 0.6


def test_the_first_page_has_five_figures_the_zones_and_their_map(paper: PdfReader) -> None:
    first: Any = paper.pages[0]
    assert "/XObject" in first["/Resources"].get_object()
    told = first.extract_text().replace("\xa0", " ")
    for words in ("Fill rate", "Let", "Vacant", "Not yet cleared", "Things that are late"):
        assert words in told
    # Of zone A 1.5 ha are let, of zone B 1 ha: the key of the map counts 2.5 ha.
    assert "leased 2.50 ha" in told
    assert told.index("B 50.00 %") < told.index("A 37.50 %")


def test_a_report_without_drawings_stays_as_it_is() -> None:
    assert with_drawings(b"%PDF-", []) == b"%PDF-"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_map_stands_on_a_page_upright(language: str) -> None:
    report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
    sheet = kcn.figures.draw_map(kcn.cartography.fill(report), language=language, upright=True)
    wide, high = sheet.get_size_inches()
    assert wide * 25.4 == pytest.approx(210)
    # A line at the foot of the page has its room.
    assert high * 25.4 <= 281
