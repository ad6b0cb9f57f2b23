"""A new column is one line of the schema: labelled everywhere, and nowhere if it is personal."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

import kcngeo as kcn
from kcngeo.core import texts
from kcngeo.core.schema import COMPUTED, TABLES, Column, Kind
from kcngeo.maps import OfflineMap, PayloadLayer
from kcngeo.publish.csv import csv_bytes
from kcngeo.publish.document import document
from kcngeo.publish.html import html_page
from kcngeo.publish.json import json_report
from kcngeo.publish.month_tables import all_tables
from kcngeo.publish.pdf import pdf_pages
from kcngeo.publish.xlsx import workbook
from tests import squares

SECRET, PHONE = "Nguyễn Thị Bí Mật", "0912345678"
WORDS = {"vi": "Tầm ảnh hưởng (m)", "en": "Range of influence (m)"}


def project() -> kcn.Project:
    """One lot let, and a house 250 m east of an emitter that must keep 300 m."""
    return kcn.Project(
        zones=squares.zones("A", name=["KCN A"]),
        parcels=squares.parcels("P1", "P2"),
        ledger=squares.ledger(("P1", "leased", "2018-01-01"), project_id=["D1"]),
        projects=pd.DataFrame({"project_id": ["D1"], "investor": ["Công ty Lá Xanh"]}),
        emitters=gpd.GeoDataFrame(
            {"emitter_id": ["E1"], "kind": ["parcel"], "hazard_class": ["III"]},
            geometry=[squares.square(0)],
            crs=squares.CRS,
        ),
        receptors=gpd.GeoDataFrame(
            {"receptor_id": ["R1"], "kind": ["housing"], "name": ["Tổ 5"]},
            geometry=[squares.square(3.5)],
            crs=squares.CRS,
        ),
    )


def declare(
    monkeypatch: pytest.MonkeyPatch, home: dict[str, Any], table: str, *columns: Column
) -> None:
    known = home[table]
    monkeypatch.setitem(home, table, replace(known, columns=(*known.columns, *columns)))


def everything(folder: Path) -> Iterator[tuple[str, str]]:
    """All that can be read in a folder: packed files, cells of databases, text of pages."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        yield path.name, data.decode("utf-8", "replace")
        if zipfile.is_zipfile(BytesIO(data)):
            with zipfile.ZipFile(BytesIO(data)) as packed:
                for name in packed.namelist():
                    yield f"{path.name}/{name}", packed.read(name).decode("utf-8", "replace")
        if data.startswith(b"SQLite format 3"):
            with closing(sqlite3.connect(path)) as base:
                names = base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
                for (table,) in names.fetchall():
                    rows = base.execute(f'SELECT * FROM "{table}"')
                    heads = [one[0] for one in rows.description]
                    yield f"{path.name}/{table}", f"{heads} {rows.fetchall()}"
        if path.suffix == ".pdf":
            pages = PdfReader(path).pages
            yield f"{path.name}: text", "\n".join(page.extract_text() for page in pages)


@pytest.mark.long
def test_a_new_personal_column_is_in_no_file_of_a_public_month(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for table in ("projects", "parcels"):
        declare(
            monkeypatch,
            TABLES,
            table,
            # No word of our own files: a record of ISO 19115 has an element "contact".
            Column(name="hotline", kind=Kind.TEXT, personal=True),
            Column(name="hotline_phone", kind=Kind.TEXT, personal=True),
        )
    given = project()
    assert given.projects is not None
    personal = {"hotline": SECRET, "hotline_phone": PHONE}
    given = replace(
        given,
        # The name stands in another text too.
        projects=given.projects.assign(**personal, sector=f"chè của {SECRET.upper()}"),
        parcels=given.parcels.assign(**personal, lot_code=f"{SECRET} 1"),
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for edition, tables in (("full", given), ("public", kcn.report.public(given))):
        made = kcn.report.monthly(tables, month="2018-03")
        folder = kcn.publish.month_bundle(made, edition=edition).write(tmp_path / edition)
        found[edition] = [
            (name, secret)
            for name, text in everything(folder)
            for secret in (SECRET, PHONE, "hotline", "hotline_phone")
            if secret.casefold() in " ".join(text.casefold().split())
        ]
    assert ("layers.gpkg/projects", SECRET) in found["full"]
    assert ("layers.gpkg/parcels", PHONE) in found["full"]
    assert found["public"] == []


def payload(offline: OfflineMap) -> Mapping[str, Any]:
    (one,) = [one for one in offline._children.values() if isinstance(one, PayloadLayer)]
    data: Mapping[str, Any] = json.loads(one.data)
    return data


def aliases(path: Path, layer: str) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as base:
        rows = base.execute(
            "SELECT column_name, name FROM gpkg_data_columns WHERE table_name = ?", [layer]
        )
        return dict(rows.fetchall())


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_new_column_of_a_computed_table_is_labelled_everywhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str
) -> None:
    column = Column(name="influence_m", kind=Kind.NUMBER, popup=True)
    declare(monkeypatch, COMPUTED, "conflicts", column)
    monkeypatch.setitem(texts.table(), column.label, WORDS)
    tables = project()
    made = kcn.report.monthly(tables, month="2018-03")
    around = kcn.report.spatial_sections(made)
    assert around.conflicts is not None
    table = around.conflicts.assign(influence_m=1234.56789)
    around = replace(around, conflicts=table)
    shown = "1.234,6" if language == "vi" else "1,234.6"

    rows = all_tables(made, language=language, around=around)["conflicts"]
    head, row, *_ = csv_bytes(rows, name="conflicts").decode("utf-8-sig").splitlines()
    assert head.endswith(",registry,influence_m")
    assert row.endswith(",kcngeo,1234.5679")

    doc = document(made, language=language, around=around)
    assert json.loads(json_report(doc))["tables"]["conflicts"][0]["influence_m"] == 1234.5679
    page = html_page(doc, map_page="").decode()
    assert WORDS[language] in page
    assert shown in page
    assert "influence_m" not in page
    printed = "".join(one.extract_text() for one in PdfReader(BytesIO(pdf_pages(doc))).pages)
    assert shown in printed
    sheets = CalamineWorkbook.from_filelike(BytesIO(workbook(doc)))
    name = texts.text("report.conflicts", language=language)
    cells = sheets.get_sheet_by_name(name[:31]).to_python()
    # A sheet begins with the columns for paper.
    assert cells[1][cells[0].index(WORDS[language])] == 1234.56789

    shown_map = kcn.cartography.conflicts(tables, table, on="2018-03-31")
    written = kcn.qgis.write_maps([shown_map], tmp_path / "own", name="own", language=language)
    assert aliases(written.gpkg, "conflicts")["influence_m"] == WORDS[language]

    told = payload(kcn.maps.draw_map(shown_map, language=language))
    assert WORDS in told["labels"]
    assert any({"vi": "1.234,6", "en": "1,234.6"} in fact for fact in _facts(told))


def _facts(told: Mapping[str, Any]) -> list[list[Any]]:
    return [fact for feature in told["features"] for fact in feature["facts"]]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_new_column_of_a_stored_table_is_labelled_everywhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str
) -> None:
    column = Column(name="influence_m", kind=Kind.NUMBER, popup=True)
    for table in ("receptors", "projects"):
        declare(monkeypatch, TABLES, table, column)
    monkeypatch.setitem(texts.table(), column.label, WORDS)
    given = project()
    assert given.receptors is not None
    assert given.emitters is not None
    tables = replace(given, receptors=given.receptors.assign(influence_m=1234.5))

    package = kcn.qgis.write_package(tables, tmp_path / "qgis", on="2018-03-31", language=language)
    assert aliases(package.gpkg, "receptors")["influence_m"] == WORDS[language]

    conflicts = kcn.conflicts.buffer_conflicts(
        given.emitters,
        given.receptors,
        rules=kcn.standards.registry().buffer_rules(),
        on="2018-03-31",
        zones=given.zones,
    )
    shown_map = kcn.cartography.conflicts(tables, conflicts, on="2018-03-31")
    told = payload(kcn.maps.draw_map(shown_map, language=language))
    assert any({"vi": "1.234,5", "en": "1,234.5"} in fact for fact in _facts(told))
    assert WORDS in told["labels"]

    # A workbook holds the tables without a shape.
    path = tmp_path / "project.xlsx"
    assert given.projects is not None
    projects = given.projects.assign(influence_m=1234.5)
    kcn.io.write_workbook(replace(tables, projects=projects), path, language=language)
    sheets = CalamineWorkbook.from_path(path)
    cells = {
        str(cell)
        for name in sheets.sheet_names
        for row in sheets.get_sheet_by_name(name).to_python()
        for cell in row
    }
    assert WORDS[language] in cells
    read = kcn.io.read_project(package.gpkg).receptors
    assert read is not None
    assert read["influence_m"].tolist() == [1234.5]
