"""The workbook of a month: figures and charts on its first sheet, and what of it is printed."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pypdf
import pytest
from python_calamine import CalamineWorkbook

import kcngeo as kcn
from kcngeo import theme
from kcngeo.publish import xlsx
from kcngeo.publish.verification.copies import workbook_copies
from kcngeo.publish.xlsx import sheet_name
from tests import squares

DATA = Path(__file__).parents[2] / "data" / "parcels"
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def written(made: kcn.publish.Bundle, language: str) -> bytes:
    data: bytes = made.files("workbook", language=language)["report.xlsx"]()
    return data


@pytest.fixture(scope="module")
def made() -> kcn.publish.Bundle:
    return kcn.products.month(kcn.examples.squares(), month="2018-03")


@pytest.fixture(scope="module")
def book(made: kcn.publish.Bundle) -> bytes:
    return written(made, "en")


def part(book: bytes, name: str) -> ElementTree.Element:
    with zipfile.ZipFile(io.BytesIO(book)) as held:
        return ElementTree.fromstring(held.read(f"xl/{name}.xml"))  # noqa: S314


def areas(book: bytes) -> dict[str, str]:
    """What is printed of each sheet."""
    root = part(book, "workbook")
    names = [one.attrib["name"] for one in root.iter(f"{MAIN}sheet")]
    return {
        names[int(one.attrib["localSheetId"])]: (one.text or "").rpartition("!")[2]
        for one in root.iter(f"{MAIN}definedName")
        if one.attrib["name"] == "_xlnm.Print_Area"
    }


def test_the_first_sheet_has_the_figures_as_numbers_and_the_ranked_zones(book: bytes) -> None:
    # Of zone A 1.5 of 4 ha are let, of zone B 1 of 2 ha: 2.5 of 6 ha; 1.5 ha are vacant.
    read = CalamineWorkbook.from_filelike(io.BytesIO(book))
    assert read.sheet_names[:2] == ["Key figures", "In a minute"]
    rows = read.get_sheet_by_index(0).to_python(skip_empty_area=False)
    found = {str(row[0]): row[1] for row in rows}
    assert found["Fill rate"] == pytest.approx(2.5 / 6)
    figures = [found[one] for one in ("Let", "Vacant", "Not yet cleared", "Things that are late")]
    assert figures == [2.5, 1.5, 1.0, 1.0]
    head = next(at for at, row in enumerate(rows) if row[:2] == ["Zone", "Fill rate"])
    ranked = [(row[0], row[1]) for row in rows[head + 1 : head + 4]]
    assert [rate for _, rate in ranked] == pytest.approx([1 / 2, 1.5 / 4, 2.5 / 6])
    assert ranked[-1][0] == "All zones"
    # Below them what is broken: the idle half hectare of zone A among it.
    broken = [str(row[0]) for row in rows[head + 4 :]]
    assert "Breach – let land beyond its legal clock: Zone A 0.50 ha." in broken


def values(book: bytes, reference: str) -> list[object]:
    """The cells that a chart reads."""
    found = re.fullmatch(r"'?(.*?)'?!\$([A-Z]+)\$(\d+):\$([A-Z]+)\$(\d+)", reference)
    assert found is not None
    sheet, column, first, last_column, last = found.groups()
    assert column == last_column
    place = 0
    for letter in column:
        place = place * 26 + ord(letter) - 64
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_name(sheet).to_python()
    return [row[place - 1] for row in rows[int(first) - 1 : int(last)]]


def test_charts_read_the_cells_of_the_tables(made: kcn.publish.Bundle, book: bytes) -> None:
    series, accounts = made.tables["series"], made.tables["accounts"]
    rates = [one.text or "" for one in part(book, "charts/chart1").iter(f"{CHART}f")]
    # A line is its name, its months and its rates; that of all zones comes last.
    lines = [rates[at : at + 3] for at in range(0, len(rates), 3)]
    assert len(lines) == 3
    for zone_id, (_, days, cells) in zip(series["zone_id"].unique(), lines, strict=True):
        mine = series[series["zone_id"] == zone_id]
        assert [f"{one:%Y-%m-%d}" for one in values(book, days)] == [
            f"{one:%Y-%m-%d}" for one in mine["on"]
        ]
        wanted = mine["fill_rate_nd164-2013"].tolist()
        told = [float("nan") if one == "" else one for one in values(book, cells)]
        assert told == pytest.approx(wanted, nan_ok=True)
    bars = [one.text or "" for one in part(book, "charts/chart2").iter(f"{CHART}f")]
    # Six statuses, each with its name, the zones and their hectares: the account closes.
    hectares = [values(book, cells) for cells in bars[2::3]]
    assert len(hectares) == len(kcn.theme.STATUS_COLORS)
    closed = [sum(float(str(one)) for one in zone) for zone in zip(*hectares, strict=True)]
    zones = accounts[accounts["zone_id"] != "total"]
    assert closed == pytest.approx(zones["base_ha"].tolist())


def test_rates_have_bars_from_nothing_to_all(book: bytes) -> None:
    first = part(book, "worksheets/sheet1")
    bars = list(first.iter(f"{MAIN}dataBar"))
    assert len(bars) == 1
    assert [one.attrib["val"] for one in bars[0].iter(f"{MAIN}cfvo")] == ["0", "1"]


def test_what_is_not_printed_is_told_and_stays_in_the_sheet() -> None:
    # 90 zones of a lot each: more rows than a page takes.
    ids = [f"Z{number:02d}" for number in range(90)]
    shapes = [squares.square(0, row) for row in range(90)]
    lots = squares.parcels(*[f"{one}-1" for one in ids], zone=ids).set_geometry(shapes)
    project = kcn.Project(
        zones=squares.zones(*ids, name=[f"KCN {one}" for one in ids]),
        parcels=lots.set_crs(squares.CRS, allow_override=True),
        ledger=squares.ledger(("Z00-1", "leased", "2018-01-01")),
    )
    many = kcn.products.month(project, month="2018-03", start="2018-01-31")
    book = written(many, "en")
    read = CalamineWorkbook.from_filelike(io.BytesIO(book))
    printed = areas(book)
    assert len(read.get_sheet_by_name("Land account").to_python()) == 92
    last = int(printed["Land account"].rpartition("$")[2])
    assert 10 < last < 92
    with zipfile.ZipFile(io.BytesIO(book)) as held:
        place = 1 + read.sheet_names.index("Land account")
        sheet = held.read(f"xl/worksheets/sheet{place}.xml").decode()
    assert f"{92 - last} more rows are in the sheet." in sheet
    said = [str(row[0]) for row in read.get_sheet_by_name("In a minute").to_python()]
    left = next(one for one in said if one.startswith("Not printed, but in the workbook:"))
    for key in ("overview", "series", "names"):
        title = kcn.theme.text(f"report.{key}", language="en")
        assert title in left
        # The cell beside the table, which is empty.
        assert re.fullmatch(r"\$([A-Z]+)\$1(:\$\1\$1)?", printed[sheet_name(title)])


def test_the_same_month_is_the_same_bytes(made: kcn.publish.Bundle, book: bytes) -> None:
    again = kcn.products.month(kcn.examples.squares(), month="2018-03")
    assert written(again, "en") == book
    assert written(made, "vi") != book


@pytest.mark.long
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    ("name", "month"), [("two_zones.gpkg", "2018-03"), ("province.gpkg", "2025-10")]
)
def test_at_most_twenty_pages_in_letters_one_can_read(
    name: str, month: str, language: str, tmp_path: Path
) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    made = kcn.products.month(kcn.io.read_project(DATA / name), month=month)
    source = tmp_path / "report.xlsx"
    source.write_bytes(written(made, language))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(source)], check=True, capture_output=True, timeout=180)
    pages = pypdf.PdfReader(tmp_path / "report.pdf").pages
    assert 5 < len(pages) <= 20
    sizes: list[float] = []

    def seen(text: str, cm: list[float], tm: list[float], _: object, size: float) -> None:
        if text.strip():
            sizes.append(abs(size * tm[3] * cm[3]))

    for page in pages:
        letters = page.extract_text(visitor_text=seen)
        # What is too wide for its column.
        assert "###" not in letters
    assert round(min(sizes), 1) >= 7


def test_a_table_longer_than_a_sheet_goes_on_in_others(
    made: kcn.publish.Bundle, book: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The accounts of two zones and their total are three rows: two sheets of two.
    monkeypatch.setattr(xlsx, "MOST_ROWS", 2)
    short = written(made, "en")
    read, whole = (CalamineWorkbook.from_filelike(io.BytesIO(one)) for one in (short, book))
    name = sheet_name(theme.text("report.accounts", language="en"))
    rows = whole.get_sheet_by_name(name).to_python()
    assert len(rows) == 1 + 3
    assert read.get_sheet_by_name(name).to_python() == rows[:3]
    assert read.get_sheet_by_name(f"{name} (2)").to_python() == [rows[0], rows[3]]
    cover = "".join(map(str, read.get_sheet_by_index(1).to_python()))
    assert re.search(rf"more rows than a sheet .* go on in: .*{re.escape(name)} \(2\)", cover)
    # And whoever reads the workbook back reads the whole table.
    found, expected = (
        [
            one.rows
            for one in workbook_copies("report.xlsx", data, tables=["accounts"], language="en")
        ]
        for data in (short, book)
    )
    assert found == expected
    assert len(found[0]) == 3


def test_a_product_prints_neither_tables_nor_columns_that_say_nothing() -> None:
    made = kcn.products.sites(kcn.examples.squares(), on="2018-03-31", min_area_ha=0.5)
    book = made.files("workbook", language="en")["tables.xlsx"]()
    printed = areas(book)
    # One site, of which nothing of the eight columns of what is offered, or lacks, is known.
    assert printed["Sites for investors"] == "$A$1:$J$2"
    # A sheet is not printed whose area is one empty cell beside its table.
    unprinted = ("Findings of the checks", "Ids of what is named")
    assert not [one for one in unprinted if ":" in printed[one]]
    cover = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert all(one in str(cover[-1][0]) for one in unprinted)
