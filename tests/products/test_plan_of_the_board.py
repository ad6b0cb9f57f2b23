"""Every line of the board's plan of 2013 is found, with a figure, in every form of a month.

The seed: the zones Phú Hội, Lộc Sơn, Tân Phú and Đại Lào; compensation, clearance, resettlement;
infrastructure inside and outside the fence, trees, waste, utilities, housing; planning,
construction, environment; support of coffee, tea, textile, fruit and vegetables; full by the end of
2015.
"""

from __future__ import annotations

import html
import io
import re
from typing import Any

import docx
import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

import kcngeo as kcn
from kcngeo.publish.document import document
from kcngeo.publish.docx import docx_report
from kcngeo.publish.html import html_page
from kcngeo.publish.pdf import pdf_pages
from kcngeo.publish.xlsx import workbook

pytestmark = pytest.mark.long

LOC_SON, PHU_HOI = "KCN Lộc Sơn", "KCN Phú Hội"
TAN_PHU, DAI_LAO = "KCN nông nghiệp Tân Phú", "KCN – Đô thị Đại Lào"
ALL = {"vi": "Tất cả các khu", "en": "All zones"}
# (topic, zone) and what its figure must hold, counted by hand from the tables of the sample.
SEED: dict[str, list[tuple[str, str, str, str]]] = {
    "vi": [
        ("lấp đầy đến hết 2015", "Lấp đầy theo chỉ tiêu", LOC_SON, "56,04 %, chỉ tiêu 100,00 %"),
        ("lấp đầy đến hết 2015", "Lấp đầy theo chỉ tiêu", PHU_HOI, "31/12/2015"),
        ("kêu gọi đầu tư", "Kêu gọi đầu tư", TAN_PHU, "31/12/2020"),
        ("thủ tục", "Thủ tục quy hoạch, thành lập", TAN_PHU, "2/4 bước"),
        ("thủ tục", "Thủ tục quy hoạch, thành lập", DAI_LAO, "2/4 bước"),
        ("bồi thường", "Bồi thường", LOC_SON, "41,6/51,4 tỷ đồng"),
        ("giải phóng mặt bằng", "Giải phóng mặt bằng", LOC_SON, "12/22 hồ sơ"),
        ("giải phóng mặt bằng", "Giải phóng mặt bằng", PHU_HOI, "8/20 hồ sơ"),
        ("tái định cư", "Tái định cư", LOC_SON, "thiếu 7 lô"),
        ("hạ tầng trong hàng rào", "Giao thông", LOC_SON, "trong hàng rào xong 3/4"),
        ("hạ tầng ngoài hàng rào", "Giao thông", PHU_HOI, "ngoài hàng rào xong 0/1"),
        ("hạ tầng ngoài hàng rào", "Giao thông", TAN_PHU, "ngoài hàng rào xong 0/1 (10,00 %)"),
        ("cấp điện", "Cấp điện", LOC_SON, "trong hàng rào xong 3/3"),
        ("cấp nước", "Cấp nước", PHU_HOI, "trong hàng rào xong 2/2"),
        ("cây xanh", "Trồng cây xanh", PHU_HOI, "0/1 công trình (50,00 %)"),
        ("cây xanh", "Đất cây xanh", LOC_SON, "9,33 %"),
        ("chất thải", "Chất thải rắn", PHU_HOI, "xong 0/1 (0,00 %)"),
        ("nước thải", "Nước thải", LOC_SON, "xong 2/3"),
        ("tiện ích", "Tiện ích công cộng", PHU_HOI, "35,00 %"),
        ("nhà ở", "Nhà ở công nhân trong hàng rào", LOC_SON, "2.165 lao động, có 0/900 chỗ"),
        ("quy hoạch", "Quy hoạch sử dụng đất", PHU_HOI, "8,35 %"),
        ("xây dựng", "Xây dựng: mật độ", LOC_SON, "1/51 lô"),
        ("môi trường", "Môi trường: nước thải", PHU_HOI, "15 dự án"),
        ("hỗ trợ cà phê", "Hỗ trợ nhà đầu tư", ALL["vi"], "cà phê: 7 dự án"),
        ("hỗ trợ chè", "Hỗ trợ nhà đầu tư", ALL["vi"], "chè: 8 dự án"),
        ("hỗ trợ dệt may", "Hỗ trợ nhà đầu tư", ALL["vi"], "dệt may: 8 dự án"),
        ("hỗ trợ rau quả", "Hỗ trợ nhà đầu tư", ALL["vi"], "rau quả: 8 dự án"),
    ],
    "en": [
        ("full by the end of 2015", "Fill by target", LOC_SON, "100.00 % by 31 Dec 2015"),
        ("investors sought", "Investors sought", TAN_PHU, "31 Dec 2020"),
        ("procedures", "Planning procedures", DAI_LAO, "2 of 4 steps"),
        ("compensation", "Compensation", PHU_HOI, "38.0 of 55.3 bn VND"),
        ("clearance", "Clearance", PHU_HOI, "8 of 20 pieces"),
        ("resettlement", "Resettlement", PHU_HOI, "6 plots short"),
        ("works inside", "Roads", LOC_SON, "inside the fence 3 of 4"),
        ("works outside", "Roads", TAN_PHU, "outside 0 of 1 done (10.00 %)"),
        ("trees", "Trees planted", LOC_SON, "60.00 %"),
        ("trees", "Green land", PHU_HOI, "7.73 %"),
        ("waste", "Solid waste", PHU_HOI, "0 of 1"),
        ("waste", "Wastewater", LOC_SON, "2 of 3"),
        ("utilities", "Public utilities", LOC_SON, "20.00 %"),
        ("housing", "Workers' housing inside", PHU_HOI, "1,696 workers, 600 of 600 places"),
        ("planning", "Land-use planning", LOC_SON, "10.33 %"),
        ("construction", "Construction density", PHU_HOI, "1 of 46 built lots"),
        ("environment", "Environment: wastewater", LOC_SON, "19 projects"),
        ("support of coffee", "Support of investors", ALL["en"], "coffee: 7 projects"),
        ("support of tea", "Support of investors", ALL["en"], "tea: 8 projects"),
        ("support of textile", "Support of investors", ALL["en"], "textile: 8 projects"),
        ("support of fruit and vegetables", "Support of investors", ALL["en"],
         "fruit and vegetables: 8 projects"),
    ],
}  # fmt: skip
# What the tables of the sample cannot answer, and say so: at most three lines.
MISSING = {
    "vi": [(LOC_SON, "Nhà ở công nhân ngoài hàng rào"), (PHU_HOI, "Cấp điện (ngoài hàng rào)")],
    "en": [(LOC_SON, "Workers' housing outside"), (PHU_HOI, "Power (outside the fence)")],
}

# What breaks a rule stands on the first page: green 9.33 and 7.73 of 10 %, two lots over their
# density, 19 + 15 = 34 projects before their wastewater works, 2,165 and 1,696 workers against 900
# places on record, none of them ready, and 600.
BREACHES = {
    "vi": {
        "đất cây xanh": ("Phú Hội 7,73 %/10,00 %", "Lộc Sơn 9,33 %/10,00 %"),
        "mật độ": ("Lộc Sơn 1/51", "Phú Hội 1/46"),
        "nước thải": ("Lộc Sơn 19", "Phú Hội 15"),
        "lao động": ("Lộc Sơn 0/2.165 (hồ sơ có 900 chỗ)", "Phú Hội 600/1.696"),
    },
    "en": {
        "green land": ("Phú Hội 7.73 %/10.00 %", "Lộc Sơn 9.33 %/10.00 %"),
        "density": ("Lộc Sơn 1/51", "Phú Hội 1/46"),
        "wastewater": ("Lộc Sơn 19", "Phú Hội 15"),
        "places for workers": ("Lộc Sơn 0/2,165 (900 places on record)", "Phú Hội 600/1,696"),
    },
}


@pytest.fixture(scope="module", params=["vi", "en"])
def forms(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """The month of the sample in every form, in one language, without map and charts."""
    language = request.param
    report = kcn.report.monthly(kcn.io.read_project("data/parcels/two_zones.gpkg"), month="2018-03")
    doc = document(report, language=language)
    word = docx.Document(io.BytesIO(docx_report(doc)))
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(workbook(doc)))
    sheet = sheets.get_sheet_by_name(doc.word("plan")).to_python()
    rows = [[cell.text for cell in row.cells] for table in word.tables for row in table.rows]
    pdf = PdfReader(io.BytesIO(pdf_pages(doc)))
    return language, {
        "page": html_page(doc, map_page="").decode(),
        "pdf": " ".join(page.extract_text() for page in pdf.pages),
        "docx": rows,
        "xlsx": sheet,
        "first": {
            "pdf": pdf.pages[0].extract_text(),
            "docx": "\n".join(_before_second_heading(word)),
            "xlsx": "\n".join(str(row[0]) for row in sheets.get_sheet_by_index(0).to_python()),
        },
    }


def _before_second_heading(word: Any) -> list[str]:
    """The paragraphs of a Word document up to its second heading."""
    heads = [at for at, one in enumerate(word.paragraphs) if one.style.name == "Heading 1"]
    return [one.text for one in word.paragraphs[: heads[1]]]


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(text).replace("\u00a0", " "))


def test_every_line_of_the_plan_is_found_in_every_form(forms: tuple[str, dict[str, Any]]) -> None:
    language, made = forms
    page, pdf = plain(made["page"]), plain(made["pdf"])
    rows = re.findall(r"<tr>(.*?)</tr>", page)
    cells = [[plain(one) for one in row] for row in made["docx"]]
    sheet = [[plain(str(one)) for one in row] for row in made["xlsx"]]
    for line, topic, zone, figure in SEED[language]:
        where = (line, topic, zone, figure)
        assert any(topic in row and zone in row and figure in row for row in rows), where
        assert any(row[0] == topic and row[1] == zone and figure in row[3] for row in cells), where
        assert figure.replace(" ", "") in pdf.replace(" ", ""), where
        # The sector stands in a column of its own in the workbook.
        parts = figure.split(": ")
        assert any(
            {topic, zone} <= {*row} and all(any(part in one for one in row) for part in parts)
            for row in sheet
        ), where


def test_what_is_missing_is_named(forms: tuple[str, dict[str, Any]]) -> None:
    language, made = forms
    assert len(MISSING[language]) <= 3
    label = {"vi": "Chưa có số liệu", "en": "Not on record"}[language]
    rows = re.findall(r"<tr>(.*?)</tr>", plain(made["page"]))
    for zone, topic in MISSING[language]:
        assert any(label in row and zone in row and topic in row for row in rows), topic
    # One line a zone, never one a topic.
    assert sum(f">{label}<" in row for row in rows) == 4


def test_each_breach_stands_on_the_first_page(forms: tuple[str, dict[str, Any]]) -> None:
    language, made = forms
    # The card of all zones is the first thing on the page.
    card = re.search(r'id="zone-total">(.*?)</article>', made["page"], re.DOTALL)
    assert card is not None
    paragraphs = re.sub(r"<[^>]*>", "", card[1].replace("</p>", "\n"))
    for form, text in {"page": paragraphs, **made["first"]}.items():
        said = plain(text)
        sentences = said.split({"vi": "Không đạt – ", "en": "Breach – "}[language])
        for words, figures in BREACHES[language].items():
            told = [one for one in sentences if all(figure in one for figure in figures)]
            assert any(words in one for one in told), (form, words, said)
