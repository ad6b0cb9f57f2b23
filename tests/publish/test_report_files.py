"""The report as page, PDF, workbook and JSON: the same figures, whatever stands in the data."""

from __future__ import annotations

import io as bytes_io
import json
import re
import unicodedata
import zipfile
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from kcngeo import Project, examples, publish, report
from kcngeo.core.errors import KcngeoError
from kcngeo.publish.charts import charts
from kcngeo.publish.document import Document, document
from kcngeo.publish.html import html_page
from kcngeo.publish.pdf import pdf_pages
from kcngeo.publish.xlsx import workbook
from tests import squares

if TYPE_CHECKING:
    from playwright.sync_api import Page

HOSTILE = [
    "<script>document.title = 'taken'</script>",
    "</script></iframe><img src=x onerror=\"document.title='taken'\">",
    "\"quotes\" & 'apostrophes'",
    "{{ 7 * 7 }} {% raise %} {# x #}",
    "=cmd|' /C calc'!A0",
    "\u202eright to left\u202c and \u2067marks\u2069",
    "w" * 10_000,
    "two\nlines\tand \x0b 漢字",
    "../../beside/$x_1$",
    "KCN Lộc Sơn – Đại Lào",
]


def project(names: list[str], ids: list[str] | None = None) -> Project:
    """As many zones as names, each with one lot let of two, and the name in every text column."""
    ids = ids or [f"Z{place}" for place in range(len(names))]
    lots = [f"{zone}-{number}" for zone in ids for number in (1, 2)]
    shapes = [squares.square(column, row) for row in range(len(ids)) for column in (0, 1)]
    parcels = squares.parcels(*lots, zone=[zone for zone in ids for _ in (1, 2)])
    twice = [name for name in names for _ in (1, 2)]
    entries = [(f"{zone}-1", "leased", "2018-01-01") for zone in ids]
    texts = {"document": names, "project_id": [f"P{place}" for place in range(len(names))]}
    return Project(
        zones=squares.zones(*ids, name=names, plan_document=names),
        parcels=parcels.set_geometry(shapes, crs=squares.CRS).assign(lot_code=twice),
        ledger=squares.ledger(*entries).assign(**texts),
        projects=pd.DataFrame(
            {
                "project_id": texts["project_id"],
                "investor": names,
                "sector": names,
                "licensed_on": "2017-01-01",
            }
        ),
        targets=pd.DataFrame(
            {
                "zone_id": ids,
                "measure": "fill_rate",
                "value": 1.0,
                "on": "2015-12-31",
                "source": names,
            }
        ),
    )


@pytest.fixture(scope="module")
def hostile() -> report.MonthlyReport:
    return report.monthly(project(HOSTILE), month="2018-03", start="2018-03-01")


@pytest.fixture(scope="module")
def doc(hostile: report.MonthlyReport) -> Document:
    return document(hostile, language="en")


def test_hostile_text_is_text_in_the_page(
    hostile: report.MonthlyReport, doc: Document, tmp_path: Path, offline_page: Page
) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(html_page(doc, map_page="<p>map</p>"))
    offline_page.goto(path.as_uri())
    assert offline_page.title() == "Industrial zones: land let, 03/2018"
    # The scripts are ours to the letter: nothing a name says has become one.
    ours = [resources.files("kcngeo.publish") / name for name in ("page.js", "page_map.js")]
    scripts = offline_page.locator("script").all_text_contents()
    assert scripts == [one.read_text("utf-8") for one in ours]
    offline_page.locator("#unfold").click()
    text = offline_page.locator("main").inner_text()
    for name in HOSTILE:
        assert " ".join(name.split()) in " ".join(text.split())


def test_the_page_with_its_map_asks_for_nothing(tmp_path: Path, offline_page: Page) -> None:
    made = report.monthly(project(["An", "Bình"]), month="2018-03")
    publish.month_bundle(made).write(tmp_path / "out", parts=["report"])
    offline_page.set_viewport_size({"width": 1280, "height": 900})
    offline_page.goto((tmp_path / "out" / "report.html").as_uri())
    inside = offline_page.frame_locator("iframe")
    inside.locator(".leaflet-container").wait_for()
    # A figure and its unit stay on one line.
    assert "50,00\u00a0%" in offline_page.locator("#summary").inner_text()
    # Two zones with 1 of 2 ha, and all of it; the map as a picture is for print.
    assert offline_page.locator("article").count() == 3
    assert offline_page.locator("img.map").is_visible() is False
    assert offline_page.locator("#zone-Z1 .lead").inner_text().startswith("Bình:")
    offline_page.set_viewport_size({"width": 390, "height": 800})
    wide = offline_page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390


def test_hostile_text_is_text_in_the_workbook(doc: Document) -> None:
    data = workbook(doc)
    with zipfile.ZipFile(bytes_io.BytesIO(data)) as packed:
        sheets = [name for name in packed.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) == 2 + len(doc.sections)
        for name in sheets:
            content = packed.read(name)
            assert b"<f>" not in content
            assert b"hyperlink" not in content
    book = CalamineWorkbook.from_filelike(bytes_io.BytesIO(data))
    rows = book.get_sheet_by_name(doc.word("accounts")).to_python()
    # The column of ids tells names.
    names = [row[0] for row in rows[1:]]
    assert names == [*HOSTILE, "All zones"]


def test_the_workbook_holds_numbers_and_days(doc: Document) -> None:
    book = CalamineWorkbook.from_filelike(bytes_io.BytesIO(workbook(doc)))
    rows = book.get_sheet_by_name(doc.word("accounts")).to_python()
    first = dict(zip(rows[0], rows[1], strict=True))
    assert first["Leasable land (ha)"] == 2.0
    assert first["Leased (ha)"] == 1.0
    assert first["Fill rate"] == 0.5
    assert str(first["On"]).startswith("2018-03-31")


def test_hostile_text_does_not_stop_the_pdf(doc: Document) -> None:
    data = pdf_pages(doc)
    assert data.startswith(b"%PDF-")
    assert data == pdf_pages(doc)


def test_hostile_ids_stay_in_the_folder_and_every_letter_is_drawn(tmp_path: Path) -> None:
    ids = [*HOSTILE[-3:-1], "=1+1|<b>"]
    made = report.monthly(project(ids, ids), month="2018-03")
    publish.month_bundle(made).write(tmp_path / "out", parts=["report", "pdf", "figures"])
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    figures = sorted(path.name for path in (tmp_path / "out" / "figures").iterdir())
    assert len(figures) == 3 * 3
    assert all(re.fullmatch(r"[a-z]+_[0-9a-f]{12}\.png", name) for name in figures)


def test_json_is_the_tables(hostile: report.MonthlyReport, doc: Document, tmp_path: Path) -> None:
    publish.month_bundle(hostile).write(tmp_path / "out", language="en", parts=["json"])
    said = json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))
    assert said["month"] == "2018-03"
    rows = said["tables"]["accounts"]
    assert [row["name"] for row in rows[:-1]] == HOSTILE
    assert [row["leased_ha"] for row in rows] == pytest.approx([1.0] * 10 + [10.0])
    assert rows[0]["not_computable"] is None
    assert rows[0]["on"] == "2018-03-31"


def test_charts_stop_where_there_are_too_many_zones() -> None:
    many = report.monthly(project([f"KCN {number}" for number in range(13)]), month="2018-03")
    assert set(charts(many, language="en")) == {"map"}
    some = report.monthly(project(["An"]), month="2018-03")
    assert set(charts(some, language="en")) == {"map", "changes_Z0", "forecast_Z0", "steps_Z0"}


def test_a_month_before_the_first_zone_has_no_chart_of_a_zone() -> None:
    early = report.monthly(examples.squares(), month="1990-01", sections=())
    assert set(charts(early, language="en")) <= {"map"}


def test_an_unknown_part_is_refused(hostile: report.MonthlyReport, tmp_path: Path) -> None:
    with pytest.raises(KcngeoError, match="unknown parts: slides"):
        publish.month_bundle(hostile).write(tmp_path / "out", parts=["slides"])
    assert not (tmp_path / "out").exists()


SECRETS = ("Công ty Bí Mật", "QĐ 77/KÍN", "CT 424242")


def private() -> Project:
    given = project(["An"])
    project_id = f"DA {SECRETS[0]}"
    entries = given.ledger.assign(document=SECRETS[1], entry_id=f"{SECRETS[1]}-1")
    assert given.projects is not None
    return Project(
        zones=given.zones.assign(plan_document=SECRETS[1], name=f"An của {SECRETS[0].upper()}"),
        parcels=given.parcels.assign(
            certificate_no=SECRETS[2], owner=SECRETS[0], lot_code=["công  ty bí mật: lô 1", "2"]
        ),
        ledger=entries.assign(project_id=project_id),
        projects=given.projects.assign(
            project_id=project_id, investor=SECRETS[0], licensed_on=pd.NaT
        ),
    )


def everything(folder: Path) -> dict[str, str]:
    """All that can be read in a folder, the insides of packed files too."""
    found: dict[str, str] = {}
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        data = path.read_bytes()
        found[path.name] = data.decode("utf-8", errors="replace")
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                for name in packed.namelist():
                    found[f"{path.name}/{name}"] = packed.read(name).decode("utf-8", "replace")
        if path.suffix == ".pdf":
            found[f"{path.name}: text"] = "\n".join(
                "".join(page.extract_text() for page in PdfReader(path).pages)
            )
    return found


def test_the_public_edition_names_no_investor_and_no_document(tmp_path: Path) -> None:
    parts = ("report", "map", "tables", "pdf", "workbook", "json", "layers")
    for edition, given in (("full", private()), ("public", report.public(private()))):
        made = report.monthly(given, month="2018-03")
        publish.month_bundle(made, edition=edition).write(tmp_path / edition, parts=parts)
    full, told = everything(tmp_path / "full"), everything(tmp_path / "public")
    assert any(secret in text for text in full.values() for secret in SECRETS)
    leaks = [
        (name, secret)
        for name, text in told.items()
        for secret in SECRETS
        if secret.casefold() in " ".join(text.casefold().split())
    ]
    assert leaks == []
    assert "Bản công khai" in told["report.html"]
    # What carried a name is the same thing still, and the figures are the same.
    assert "leased_without_project" in told["findings.csv"]
    assert "Z0,#2," in told["findings.csv"]  # the project is #1, its entry #2
    assert told["accounts.csv"] == full["accounts.csv"].replace(SECRETS[0].upper(), "…")


@pytest.mark.parametrize(
    ("investor", "written", "told"),
    [
        ("Acme", "thuê_ACME_01", "thuê_…_01"),
        ("Acme", "acme2018", "…2018"),
        ("Acme", "Acmes", "Acmes"),
        ("Großmann", "lô Großmann", "lô …"),
        ("Đắk Lắk", unicodedata.normalize("NFD", "lô Đắk Lắk 1"), "lô … 1"),
        (unicodedata.normalize("NFD", "Đắk Lắk"), "lô Đắk Lắk 1", "lô … 1"),
    ],
)
def test_names_are_hidden_however_they_are_written(investor: str, written: str, told: str) -> None:
    parcels = squares.parcels("P", "#1").assign(lot_code=[written, "2"])
    parcels["parcel_id"] = [written, "#1"]
    given = Project(
        zones=squares.zones("A"),
        parcels=parcels,
        ledger=squares.ledger((written, "leased", "2017-01-01"), project_id=["D"]),
        projects=pd.DataFrame({"project_id": ["D"], "investor": [investor]}),
    )
    shown = report.public(given)
    assert shown.parcels["lot_code"].tolist() == [told, "2"]
    # The number of an id is nobody else's.
    name = written if told == written else "#2"
    assert shown.parcels["parcel_id"].tolist() == [name, "#1"]
    assert shown.ledger["parcel_id"].tolist() == [name]


def test_words_of_closed_lists_are_no_names() -> None:
    given = private()
    entries = given.ledger.assign(document="Leased")
    zones = given.zones.assign(plan_document="industrial")
    shown = report.public(replace(given, ledger=entries, zones=zones))
    assert shown.ledger["status"].tolist() == given.ledger["status"].tolist()
    assert shown.parcels["land_use"].tolist() == given.parcels["land_use"].tolist()


def test_the_public_edition_keeps_the_inputs_as_they_are() -> None:
    given: Any = private()
    before = list(given.ledger.columns)
    report.public(given)
    assert list(given.ledger.columns) == before
