"""A public edition that holds a private text is refused, in whatever file it hides."""

from __future__ import annotations

import base64
import gzip
import io
import sqlite3
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter
from docx import Document
from fpdf import FPDF
from PIL import Image, PngImagePlugin

import kcngeo as kcn
from kcngeo.core.errors import KcngeoError
from kcngeo.core.private_texts import PrivateTexts
from kcngeo.publish.privacy import require_nothing_private

NAME = "Công ty TNHH Đại Sơn Acme"
PRIVATE = PrivateTexts.of([NAME])


def book(text: str) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as workbook:
        workbook.add_worksheet("lô").write(0, 0, text)
    return made.getvalue()


def letter(text: str) -> bytes:
    made, document = io.BytesIO(), Document()
    document.add_paragraph(text)
    document.save(made)
    return made.getvalue()


def printed(text: str) -> bytes:
    page = FPDF()
    page.add_page()
    page.set_font("helvetica", size=10)
    page.cell(text=text)
    return bytes(page.output())


def package(text: str) -> bytes:
    with sqlite3.connect(":memory:") as made:
        made.execute("CREATE TABLE layer_styles (styleQML TEXT)")
        made.execute("INSERT INTO layer_styles VALUES (?)", (text,))
        return made.serialize()


def packed(text: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("layers.qgs", f"<title>{text}</title>")
    return made.getvalue()


def picture(text: str) -> bytes:
    made, told = io.BytesIO(), PngImagePlugin.PngInfo()
    told.add_text("Title", text)
    Image.new("L", (4, 4)).save(made, "PNG", pnginfo=told)
    return made.getvalue()


def payload(text: str) -> bytes:
    # Long enough to be packed, as a map's data are; nothing of it can be read from outside.
    data = base64.b64encode(
        gzip.compress((text + " " + "".join(map(chr, range(33, 9000)))).encode())
    )
    return b'<script type="text/plain">' + data + b"</script>"


@pytest.mark.parametrize(
    ("file", "make"),
    [
        ("accounts.csv", str.encode),
        ("report.json", str.encode),
        ("report.html", lambda text: f"<td>{text}</td>".encode()),
        ("map.html", payload),
        ("report.xlsx", book),
        ("report.docx", letter),
        ("report.pdf", printed),
        ("layers.gpkg", package),
        ("layers.qgz", packed),
        ("map.png", picture),
    ],
)
@pytest.mark.parametrize("written", ["cty Dai Son ACME", "lo_daisonacme_01", "acme"])
def test_every_kind_of_file_is_searched(
    file: str, make: Callable[[str], bytes], written: str
) -> None:
    require_nothing_private({file: make("Zone A")}, PRIVATE)
    with pytest.raises(KcngeoError, match="private texts") as refused:
        require_nothing_private({file: make(f"let to {written} since 2018")}, PRIVATE)
    (place,) = refused.value.fields["places"]  # type: ignore[misc]
    assert place.startswith(file)
    assert NAME in place


def test_the_name_of_a_file_is_a_text_too() -> None:
    with pytest.raises(KcngeoError, match=r"figures/acme\.png"):
        require_nothing_private({"figures/acme.png": picture("")}, PRIVATE)


def test_every_place_is_told_in_both_languages() -> None:
    files = {"a.csv": b"acme", "b.csv": b"nothing", "c.json": b'{"note": "DaiSonAcme"}'}
    with pytest.raises(KcngeoError) as refused:
        require_nothing_private(files, PRIVATE)
    for language in ("vi", "en"):
        said = refused.value.message(language)
        assert 'a.csv: "acme"' in said
        assert 'c.json: "DaiSonAcme"' in said


def given() -> kcn.Project:
    """A project whose zone has the name of its investor, which no edition may tell."""
    project = kcn.examples.squares()
    projects = project.projects.assign(investor=NAME)
    lots = project.parcels.assign(lot_code="lô của cty Dai Son Acme")
    return replace(project, projects=projects, parcels=lots)


def test_a_public_month_hides_every_spelling_and_is_written(tmp_path: Path) -> None:
    made = kcn.products.month(given(), month="2018-03", edition="public")
    folder = made.write(tmp_path / "public", parts=["tables", "json", "layers"], language="en")
    assert "Acme" not in (folder / "report.json").read_text(encoding="utf-8")
    full = kcn.products.month(given(), month="2018-03").write(
        tmp_path / "full", parts=["json"], language="en"
    )
    assert "Acme" in (full / "report.json").read_text(encoding="utf-8")


def test_a_path_that_names_an_investor_keeps_a_public_month_in_the_house(tmp_path: Path) -> None:
    made = kcn.products.month(given(), month="2018-03", edition="public")
    source = tmp_path / "cty dai son acme.gpkg"
    kcn.io.write_project(given(), source)
    with pytest.raises(KcngeoError, match=r"manifest\.json"):
        made.write(tmp_path / "public", parts=["tables"], inputs=[source])
    assert not (tmp_path / "public").exists()


def test_what_tells_a_project_without_its_name_is_rounded_or_left_out() -> None:
    project = kcn.examples.squares()
    projects = project.projects.assign(
        workers=[7, 47, 1234, 98_765],
        licensed_on=pd.to_datetime(["2015-01-01", "2015-01-31", "2016-02-10", None]),
        registered_capital=1.0e9,
        implemented_capital=5.0e8,
        currency="VND",
    )
    told = kcn.report.public(replace(project, projects=projects)).projects
    assert told is not None
    assert "registered_capital" not in told.columns
    assert "implemented_capital" not in told.columns
    # Two digits: 7, 47, 1 200 and 99 000.
    assert told["workers"].tolist() == [7, 47, 1200, 99_000]
    # The first of January and the thirty-first are both licensed by the end of January.
    said = told["licensed_on"].dt.strftime("%Y-%m-%d").fillna("–").tolist()
    assert said == ["2015-01-31", "2015-01-31", "2016-02-29", "–"]
