"""The folder of an official return: forms to upload and to sign, what was filed before."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import docx
import pandas as pd
import pytest
from docx.enum.section import WD_ORIENT
from docx.shared import Mm
from python_calamine import CalamineWorkbook

import kcngeo as kcn
from kcngeo import products, publish
from kcngeo.core.errors import DataSourceError, KcngeoError
from kcngeo.products.filed import read_filed
from kcngeo.publish import Bundle
from kcngeo.report.return_filed import filed_claims

FORMS = Path(kcn.standards.__file__).parent / "returns" / "h-qlkkt-2026.toml"
MARKS = {"vi": "BẢN NHÁP", "en": "DRAFT"}
CODES = ("2101", "2102", "2103", "2104", "2106", "2107")


@pytest.fixture(scope="module")
def made() -> Bundle:
    return products.returns(kcn.examples.squares(), quarter="2018Q1")


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The forms of the quarter before, in the words of Viet Nam."""
    bundle = products.returns(kcn.examples.squares(), quarter="2017Q4")
    return bundle.write(tmp_path_factory.mktemp("filed") / "return", parts=["forms"])


def letter(made: Bundle) -> Any:
    (give,) = made.files("paper", language="vi").values()
    return docx.Document(io.BytesIO(give()))


def test_a_document_begins_with_the_head_of_the_states_letters(made: Bundle) -> None:
    first, *others = letter(made).sections
    cells = [one.text for one in first.first_page_header.tables[0]._cells]
    assert cells[0].startswith("BAN QUẢN LÝ\nCÁC KHU CÔNG NGHIỆP")
    assert "Độc lập – Tự do – Hạnh phúc" in cells[1]
    # What must be said on every page is said on the first too, which has feet of its own.
    words = {foot.paragraphs[0].text for foot in (first.footer, first.first_page_footer)}
    assert len(words) == 1
    assert "BẢN NHÁP" in words.pop()
    assert not any(one.different_first_page_header_footer for one in others)
    # Forms of few columns or lines go on below the first, which needs a page across.
    assert [one.orientation for one in others] == [WD_ORIENT.LANDSCAPE]


@pytest.mark.parametrize("ending", ["docx", "dotx"])
def test_a_board_writes_on_its_own_letterhead(made: Bundle, tmp_path: Path, ending: str) -> None:
    paper = docx.Document()
    page = paper.sections[0]
    page.left_margin = Mm(30)
    page.header.paragraphs[0].text = "BAN QUẢN LÝ KCN LÂM ĐỒNG"
    page.footer.paragraphs[0].text = "36 Trần Phú, Đà Lạt"
    paper.styles["Normal"].font.name = "Arial"
    title = paper.styles["Title"].element
    title.getparent().remove(title)
    template = tmp_path / f"board.{ending}"
    paper.save(template)
    if ending == "dotx":
        as_template(template)
    on_it = made.on_letterhead(template)
    written = letter(on_it)
    first, *others = written.sections
    assert first.header.paragraphs[0].text == "BAN QUẢN LÝ KCN LÂM ĐỒNG"
    assert [one.text[:10] for one in first.footer.paragraphs] == ["36 Trần Ph", "BẢN NHÁP ·"]
    assert all(one.header.is_linked_to_previous for one in others)
    assert {round(one.left_margin.mm) for one in (first, *others)} == {30}
    assert written.styles["Normal"].font.name == "Arial"
    # A style it lacks is there all the same.
    assert written.paragraphs[0].style.name == "Title"
    give = [next(iter(one.files("paper", language="vi").values())) for one in (on_it, on_it)]
    assert give[0]() == give[1]()
    assert on_it.provenance.given["letterhead"] == template


def as_template(path: Path) -> None:
    """Save a document as Word saves a template: the type alone differs."""
    with zipfile.ZipFile(path) as held:
        parts = {one: held.read(one) for one in held.namelist()}
    types = parts["[Content_Types].xml"]
    parts["[Content_Types].xml"] = types.replace(b"ml.document.main", b"ml.template.main")
    with zipfile.ZipFile(path, "w") as made:
        for name, data in parts.items():
            made.writestr(name, data)


def test_a_letterhead_that_is_none_is_refused(made: Bundle) -> None:
    with pytest.raises(DataSourceError, match="cannot be read"):
        made.on_letterhead(__file__)


def grid(data: bytes) -> list[list[Any]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return book.get_sheet_by_index(0).to_python(skip_empty_area=False)


def test_everything_of_a_draft_says_so(made: Bundle) -> None:
    for language, mark in MARKS.items():
        books = made.files("forms", language=language)
        assert list(books) == [f"BAN-NHAP_DRAFT_{code}_2018Q1.xlsx" for code in CODES]
        for name, write in books.items():
            data = write()
            sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).sheet_names[0]
            assert sheet == f"{name.split('_')[2]} {mark}"
            assert grid(data)[0][0].startswith(f"{mark} · ")
        ((name, write),) = made.files("paper", language=language).items()
        assert name == "BAN-NHAP_DRAFT_2018Q1.docx"
        paper = docx.Document(io.BytesIO(write()))
        heads = [one.text for one in paper.paragraphs if one.style.name in ("Title", "Heading 1")]
        assert len(heads) == 1 + len(CODES)
        assert all(head.startswith(mark) for head in heads)
        assert mark in paper.sections[0].footer.paragraphs[0].text
        assert next(iter(made.say(language))).startswith(mark)
    assert {one.rule for one in made.findings} >= {"return_draft"}
    assert made.tables["return_cells"]["draft"].all()


def test_forms_read_in_an_official_source_are_no_draft(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    text = FORMS.read_text(encoding="utf-8").replace('"secondary"', '"official"')
    own.write_text(text.replace('thousands = ","', 'thousands = " "'), encoding="utf-8")
    made = products.returns(kcn.examples.squares(), quarter="2018Q1", forms=own)
    written = {**made.files("forms", language="en"), **made.files("paper", language="en")}
    assert list(written) == [*(f"{code}_2018Q1.xlsx" for code in CODES), "2018Q1.docx"]
    said = [*(str(grid(written[f"{code}_2018Q1.xlsx"]())[:2]) for code in CODES)]
    assert not any(re.search("draft|nháp", one, re.IGNORECASE) for one in said)
    folder = made.write(tmp_path / "made", language="en", parts=["tables", "forms"])
    again = products.remake(kcn.examples.squares(), publish.read_manifest(folder), forms=own)
    assert publish.verify(folder, remade=again).differences == ()
    with pytest.raises(KcngeoError, match="forms"):
        products.remake(kcn.examples.squares(), publish.read_manifest(folder))


def test_a_form_holds_numbers_words_and_what_is_missing(made: Bundle) -> None:
    data = made.files("forms", language="en")["BAN-NHAP_DRAFT_2103_2018Q1.xlsx"]()
    with zipfile.ZipFile(io.BytesIO(data)) as held:
        # What is said below its 13 columns makes the page no wider, and the type no smaller.
        assert re.search(r"\$A\$1:\$M\$\d+", held.read("xl/workbook.xml").decode())
    rows = grid(data)
    top = next(at for at, row in enumerate(rows) if row[0] == "Zone")
    heads = rows[top]
    zone, total = (
        dict(zip(heads, rows[top + 1], strict=True)),
        dict(zip(heads, rows[top + 3], strict=True)),
    )
    # 2.5 of 5 ha of zone A, 3.5 of 7 ha in all.
    assert [zone[name] for name in ("Zone", "Let (ha)", "Fill rate (%)", "In operation")] == [
        "Zone A", 2.5, 50.0, "yes",
    ]  # fmt: skip
    assert [total["Zone"], total["Let (ha)"], total["Fill rate (%)"]] == ["Total", 3.5, 50.0]
    note = re.fullmatch(r"missing (\[\d+\])", zone["Infrastructure built (%)"])
    assert note is not None
    told = next(row[0] for row in rows[top + 4 :] if str(row[0]).startswith(note[1]))
    assert "Infrastructure built (share) (zones.infrastructure_share)" in told
    assert told.endswith("not known of 2 rows (Zone A, Zone B)")
    (paper,) = made.files("paper", language="vi").values()
    letters = "\n".join(
        cell.text for table in docx.Document(io.BytesIO(paper())).tables for cell in table._cells
    )
    # In the style of the forms, whatever the language.
    assert "3.5000" in letters
    assert "Trưởng ban" in letters


def test_what_was_filed_is_set_beside_what_is_computed(before: Path, tmp_path: Path) -> None:
    cells = read_filed(before)
    then = kcn.report.official_return(kcn.examples.squares(), quarter="2017Q4")
    told = filed_claims(cells, then, language="en")
    assert set(told["verdict"]) == {"agrees"}
    assert set(told["form"]) == {"2101", "2103", "2104", "2106", "2107"}
    # The board had filed 2.6 ha of zone A as text, and a zone that is none.
    cells = cells[cells["file"].str.contains("2103")]
    is_let = cells["text"] == "2.5"
    changed = cells.assign(text=cells["text"].mask(is_let, "2.60"))
    changed["text"] = changed["text"].mask(cells["text"] == "Zone B", "Zone X")
    made = products.returns(kcn.examples.squares(), quarter="2018Q1", filed=changed)
    told = made.tables_in("en")["return_filed"].set_index(["form", "line", "item"])
    found = told.loc[("2103", "A", "leased_ha")]
    assert (found["published"], found["computed"], found["verdict"]) == (2.6, 2.5, "differs")
    assert told.loc[("2103", "Zone X", "leased_ha"), "verdict"] == "not computable"
    assert {"filed_differs", "filed_not_computable"} <= {one.rule for one in made.findings}
    folder = made.write(tmp_path / "made", parts=["tables"])
    again = products.remake(kcn.examples.squares(), publish.read_manifest(folder), filed=changed)
    assert publish.verify(folder, remade=again).differences == ()
    strange = cells.assign(text="x", sheet="1")
    with pytest.raises(KcngeoError, match="no sheet of what was filed"):
        products.returns(kcn.examples.squares(), quarter="2018Q1", filed=strange)


def test_verification_reads_the_forms_back(tmp_path: Path) -> None:
    language, base = "vi", kcn.examples.squares()
    # A third of A-2 is let: no file but the workbook has all digits of it.
    third = base.ledger["part_area_ha"].mask(base.ledger["entry_id"] == "E2", 1 / 3)
    ledger = base.ledger.assign(part_area_ha=third)
    made = products.returns(
        kcn.Project(**dict(base.tables()) | {"ledger": ledger}), quarter="2018Q1"
    )
    folder = made.write(tmp_path / "made", language=language)
    sound = publish.verify(folder)
    # Of a form without a line nothing is said a second time.
    assert (sound.differences, sound.once) == ((), ("BAN-NHAP_DRAFT_2102_2018Q1.xlsx",))
    # A form of another project in its place, in which A-1 is not let.
    ledger = base.ledger[base.ledger["entry_id"] != "E1"].reset_index(drop=True)
    tables = dict(base.tables()) | {"ledger": ledger}
    other = products.returns(kcn.Project(**tables), quarter="2018Q1")
    for name in ("BAN-NHAP_DRAFT_2103_2018Q1.xlsx", "BAN-NHAP_DRAFT_2018Q1.docx"):
        files = {
            **other.files("forms", language=language),
            **other.files("paper", language=language),
        }
        kept = (folder / name).read_bytes()
        (folder / name).write_bytes(files[name]())
        rows = {one.row for one in publish.verify(folder).differences if one.kind == "cell"}
        assert {"2103 · A · leased_ha", "2103 · total · fill_rate"} <= rows
        (folder / name).write_bytes(kept)


def test_a_project_on_record_twice_is_no_two_projects() -> None:
    base = kcn.examples.squares()
    twice = pd.concat([base.projects, base.projects[:1]], ignore_index=True)
    reports = pd.DataFrame({"project_id": ["P3"] * 2, "period": "2018Q1", "turnover": [1e9, 2e9]})
    tables = dict(base.tables()) | {"projects": twice, "project_periods": reports}
    cells = products.returns(kcn.Project(**tables), quarter="2018Q1").tables["return_cells"]
    cells = cells.set_index(["item", "line"])
    assert cells.loc[("valid_projects", "total"), "wanted"] == "projects.project_id"
    assert cells.loc[("valid_projects", "foreign"), "value"] == 1
    assert "P3" in cells.loc[("turnover", "total"), "wanted_ids"].split("|")
