"""What a report begins with: five figures, the ranked table, and method at its foot."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

import kcngeo as kcn
from kcngeo.publish.key_figures import key_figures
from tests import squares

ON = "2018-03-31"


def zones() -> kcn.Project:
    """Five zones of two lots each: none, half, all, a quarter, three quarters are let."""
    ids = [f"{zone}{lot}" for zone in "ABCDE" for lot in (1, 2)]
    shapes = [squares.square(lot, row) for row in range(5) for lot in (0, 1)]
    lots = squares.parcels(*ids, zone=[one[0] for one in ids]).set_geometry(shapes)
    entries = [
        ("B1", "leased", "2017-01-01"),
        ("C1", "leased", "2017-01-01"),
        ("C2", "leased", "2018-03-10"),
        ("D1", "leased", "2017-01-01", None, 0.5),
        ("E1", "leased", "2017-01-01"),
        ("E2", "leased", "2017-01-01", None, 0.5),
        ("A1", "uncleared", "2017-01-01"),
    ]
    return kcn.Project(
        zones=squares.zones(*"ABCDE", name=[f"KCN {one}" for one in "ABCDE"]),
        parcels=lots.set_crs(squares.CRS, allow_override=True),
        ledger=squares.ledger(*entries),
    )


@pytest.fixture(scope="module")
def made() -> kcn.publish.Bundle:
    return kcn.products.month(zones(), month="2018-03")


@pytest.fixture(scope="module")
def folder(made: kcn.publish.Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("month") / "2018-03"
    made.write(folder)
    return folder


def test_the_figures_by_hand(made: kcn.publish.Bundle) -> None:
    # Let: 1 + 2 + 0.5 + 1.5 = 5 of 10 ha. Without C2, let in March, 4 ha: so it was at the end of
    # February and a year before.
    rate, leased, available, uncleared, late = key_figures(made.tables, language="vi")
    assert (rate.label, rate.value) == ("Tỷ lệ lấp đầy", "50,00 %")
    assert rate.beside == ("tháng: +10,00 điểm %", "năm: +10,00 điểm %")
    assert (leased.value, leased.beside) == ("5,00 ha", ("trên 10,00 ha",))
    assert (available.value, uncleared.value) == ("4,00 ha", "1,00 ha")
    assert late.value == "–"  # the project has no works, so nobody knows
    assert rate.line[-1] == pytest.approx(0.5)
    assert rate.line[-2] == pytest.approx(0.4)


def test_what_is_known_within_bounds_is_told_as_them(made: kcn.publish.Bundle) -> None:
    accounts = made.tables["accounts"].copy()
    total = accounts["zone_id"] == "total"
    accounts.loc[total, ["fill_rate", "rate_low", "rate_high"]] = [None, 0.5001, 0.5004]
    figures = key_figures({**made.tables, "accounts": accounts}, language="en")
    assert figures[0].value == "50.01 %–50.04 %"
    accounts.loc[total, "rate_high"] = 0.6  # too wide to be of use
    figures = key_figures({**made.tables, "accounts": accounts}, language="en")
    assert figures[0].value == "–"


def test_the_line_is_of_the_zones_of_today() -> None:
    begun = ["2010-01-01", "2010-01-01", "2010-01-01", "2010-01-01", "2018-01-15"]
    project = replace(zones(), zones=zones().zones.assign(established_on=pd.to_datetime(begun)))
    made = kcn.products.month(project, month="2018-03", start="2017-06-30")
    # Zone E counts since January: three months with it, and none of the seven before.
    line = key_figures(made.tables, language="vi")[0].line
    # Let of 10 ha: without C2 4, with it 5.
    assert line == pytest.approx((0.4, 0.4, 0.5))


def test_there_are_none_where_no_zone_counts() -> None:
    project = replace(zones(), zones=zones().zones.assign(established_on=pd.Timestamp(2020, 1, 1)))
    bundle = kcn.products.month(project, month="2018-03")
    values = [one.value for one in key_figures(bundle.tables, language="vi")]
    assert not any(re.search(r"\d", value) for value in values)


def test_the_first_page_says_them_and_no_method(folder: Path) -> None:
    pages = [page.extract_text() for page in PdfReader(folder / "report.pdf").pages]
    first, last = pages[0], " ".join(pages[1:]).replace("\n", " ")
    for words in ("50,00 %", "5,00 ha", "trên 10,00 ha", "tháng: +10,00 điểm %", "KCN E"):
        assert words in first
    method = "đất công nghiệp đã cho thuê ÷ toàn bộ đất công nghiệp"
    assert method not in first
    assert method in last


def test_a_sheet_prints_as_wide_as_the_page(folder: Path) -> None:
    with zipfile.ZipFile(folder / "report.xlsx") as book:
        count = sum(name.startswith("xl/worksheets/sheet") for name in book.namelist())
        names = [f"xl/worksheets/sheet{number}.xml" for number in range(1, count + 1)]
        sheets = [book.read(name).decode() for name in names]
        named = book.read("xl/workbook.xml").decode()
    tables = [one for one in sheets if "<pageSetup " in one]
    assert len(tables) == len(sheets) > 5
    for one in tables:
        across = "portrait" if one == sheets[1] else "landscape"
        assert f'orientation="{across}"' in one
        # The figures are one page; a table may go on, where a person has all of it printed.
        assert ('fitToHeight="0"' in one) == (one != sheets[0])
        assert '<pageSetUpPr fitToPage="1"/>' in one
    assert named.count("_xlnm.Print_Titles") == len(tables) - 2
    assert named.count("_xlnm.Print_Area") == len(tables)


def names(page: Page) -> list[str]:
    return page.locator("#overview tbody tr td:first-child").all_inner_texts()


def test_the_page_begins_with_them_and_its_tables_are_sorted(
    offline_page: Page, folder: Path
) -> None:
    offline_page.set_viewport_size({"width": 1440, "height": 900})
    offline_page.goto((folder / "report.html").as_uri())
    figures = offline_page.locator(".figures li")
    assert figures.count() == 5
    table = offline_page.locator("#overview table")
    for shown in (figures.first, table):
        box = shown.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 900
    above = offline_page.evaluate(
        "[...document.querySelectorAll('main p, header p, li, td')]"
        ".filter((one) => one.getBoundingClientRect().top < 900 && one.offsetParent)"
        ".map((one) => one.textContent)"
    )
    assert any("50,00 %" in words for words in above)
    assert not any("÷" in words for words in above)

    # Details are folded; an address opens its part, and the button all.
    height = offline_page.evaluate("document.documentElement.scrollHeight")
    assert height <= 12 * 900
    folded = offline_page.locator("main details table:visible")
    assert folded.count() == 0
    offline_page.evaluate("location.hash = 'series'")
    offline_page.locator("#series table").wait_for()
    assert folded.count() == 1
    unfold = offline_page.locator("#unfold")
    unfold.click()
    assert folded.count() == offline_page.locator("main details table").count() > 5
    unfold.click()
    assert folded.count() == 0

    whole = "Tất cả các khu"
    # The fullest zone comes first.
    assert names(offline_page) == ["KCN C", "KCN E", "KCN B", "KCN D", "KCN A", whole]
    rate = offline_page.locator("#overview th button", has_text="Tỷ lệ lấp đầy").first
    rate.click()
    assert names(offline_page) == ["KCN C", "KCN E", "KCN B", "KCN D", "KCN A", whole]
    rate.click()
    assert names(offline_page) == ["KCN A", "KCN D", "KCN B", "KCN E", "KCN C", whole]
    offline_page.locator("#overview th button").first.click()
    assert names(offline_page)[0] == "KCN A"
    offline_page.locator("#overview th button").first.click()
    assert names(offline_page)[0] == "KCN E"
    # On a phone its rows are cards: nothing is wider than the screen, no table scrolls sideways.
    offline_page.set_viewport_size({"width": 390, "height": 844})
    unfold.click()
    wide = offline_page.evaluate(
        "[...document.querySelectorAll('.wide')].map((one) => one.scrollWidth - one.clientWidth)"
    )
    assert len(wide) > 5
    assert not any(wide)
    first = offline_page.locator("#overview tbody tr").first
    assert first.locator("td").nth(2).get_attribute("data-label") == "Đã cho thuê (ha)"
