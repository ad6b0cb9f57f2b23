"""A layer that is dressed: QGIS shows it in the theme's colours and words."""

from __future__ import annotations

import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest

import kcngeo as kcn
from kcngeo import theme
from kcngeo.qgis import iso_metadata
from kcngeo.qgis.geopackage_styles import connect, dress
from kcngeo.qgis.style import Category, Look
from tests import squares

HOSTILE = ["'; DROP TABLE findings; --", "<script>alert(1)</script>", '"]]>&amp;', "\x01\x1b["]
SEVERITIES = {
    severity: (theme.text(f"severity.{severity}", language="vi"), color)
    for severity, color in theme.SEVERITY_COLORS.items()
}


def findings(**columns: Any) -> gpd.GeoDataFrame:
    severity = ["error", "warning", "note", "error"]
    data = {"rule": HOSTILE, "severity": severity, "area_m2": 1.0, **columns}
    return gpd.GeoDataFrame(data, geometry=[squares.square(at) for at in range(4)], crs=squares.CRS)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "check.gpkg"
    kcn.io.write_layers({"findings": findings()}, path)
    return path


def rows(path: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


def dress_findings(
    path: Path,
    *,
    column: str,
    categories: Mapping[str, tuple[str, str]],
    name: str = "",
    abstract: str = "",
) -> None:
    """Dress the layer in the categories, other values grey."""
    title = theme.table_title("findings", language="vi")
    words = [Category(value=one, label=said, color=ink) for one, (said, ink) in categories.items()]
    grey = theme.LAYER_COLORS["other"]
    other = Category(value=None, label=theme.text("qgis.other_values", language="vi"), color=grey)
    look = Look(name=name or title, shape="polygon", column=column, categories=(*words, other))
    with closing(connect(path)) as connection, connection:
        dress(
            connection,
            "findings",
            [look],
            language="vi",
            title=title,
            abstract=abstract,
            lists={column: {value: said for value, (said, _) in categories.items()}},
        )


def test_a_layer_is_coloured_named_and_told_about_in_qgis(path: Path, in_qgis: Callable[..., Any]):
    dress_findings(path, column="severity", categories=SEVERITIES, abstract="Từ <kiểm tra> & 'sổ'")
    seen = in_qgis("style", source=f"{path}|layername=findings")
    assert seen["valid"]
    assert seen["crs"] == "EPSG:5899"
    assert seen["features"] == 4
    assert seen["title"] == "Kết quả kiểm tra dữ liệu"
    assert seen["abstract"] == "Từ <kiểm tra> & 'sổ'"
    assert seen["colors"] == [
        ["error", "lỗi", "#c0272d"],
        ["warning", "cảnh báo", "#e8a12c"],
        ["note", "lưu ý", "#5e8fb8"],
        [None, "khác", "#c9c9c9"],
    ]
    assert sorted(seen["lists"]["severity"]) == sorted(
        [["lỗi", "error"], ["cảnh báo", "warning"], ["lưu ý", "note"]]
    )
    assert seen["styles"] == ["Kết quả kiểm tra dữ liệu"]


def test_hostile_values_as_categories_stay_text(path: Path, in_qgis: Callable[..., Any]):
    words = {value: (value, "#112233") for value in HOSTILE}
    dress_findings(path, column="rule", categories=words, name=HOSTILE[0])
    seen = in_qgis("style", source=f"{path}|layername=findings")
    values = [*HOSTILE[:3], "\ufffd\ufffd["]  # XML cannot hold control characters
    assert seen["colors"][:4] == [[value, value, "#112233"] for value in values]
    assert rows(path, "SELECT count(*) FROM findings") == [(4,)]


def test_dressing_again_replaces_and_gives_the_same_rows(path: Path):
    def content() -> list[Any]:
        tables = ("layer_styles", "gpkg_data_columns", "gpkg_data_column_constraints")
        tables = (*tables, "gpkg_metadata", "gpkg_extensions", "gpkg_contents")
        return [row[1:] for table in tables for row in rows(path, f"SELECT * FROM {table}")]

    dress_findings(path, column="severity", categories=SEVERITIES)
    first = content()
    dress_findings(path, column="severity", categories=SEVERITIES)
    assert content() == first
    dress_findings(path, column="severity", categories={})
    assert len(rows(path, "SELECT * FROM layer_styles")) == 1


def test_the_data_are_as_written_after_dressing(path: Path):
    before = gpd.read_file(path, layer="findings")
    dress_findings(path, column="severity", categories=SEVERITIES)
    assert gpd.read_file(path, layer="findings").equals(before)
    assert not path.with_name("check.gpkg-wal").exists()


def test_every_layer_has_a_record_that_catalogues_read(tmp_path: Path):
    project = kcn.examples.squares()
    made = kcn.qgis.write_package(project, tmp_path, on="2018-03-31", language="en")
    with closing(sqlite3.connect(made.gpkg)) as connection:
        records = connection.execute(
            "SELECT r.table_name, m.metadata FROM gpkg_metadata m"
            " JOIN gpkg_metadata_reference r ON r.md_file_id = m.id WHERE m.md_standard_uri = ?",
            [iso_metadata.URI],
        ).fetchall()
    found = {name: ET.fromstring(text) for name, text in records}  # noqa: S314
    names = {"gmd": iso_metadata.URI, "gco": "http://www.isotc211.org/2005/gco"}
    lots = found["parcels"]
    said = [one.text for one in lots.iterfind(".//gmd:code/gco:CharacterString", names)]
    assert said == ["EPSG:5899"]
    sides = [float(one.text or "") for one in lots.iterfind(".//gco:Decimal", names)]
    # The squares begin on the central meridian, 107.75° east, and 1 km of it is 0.0092°.
    assert sides == pytest.approx([107.75, 107.76, 11.48, 11.49], abs=0.01)
    # A table without shapes lies nowhere.
    assert "ledger" in found
    assert found["ledger"].find(".//gmd:EX_GeographicBoundingBox", names) is None
