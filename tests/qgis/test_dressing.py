"""A layer of anyone's, dressed: QGIS shows it in the theme's colours and words."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

import kcngeo as kcn
from kcngeo import theme
from kcngeo.core.errors import DataSourceError
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


def test_a_layer_is_coloured_named_and_told_about_in_qgis(path: Path, in_qgis: Callable[..., Any]):
    kcn.qgis.style_layer(
        path, "findings", column="severity", categories=SEVERITIES, abstract="Từ <kiểm tra> & 'sổ'"
    )
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
    kcn.qgis.style_layer(path, "findings", column="rule", categories=words, name=HOSTILE[0])
    seen = in_qgis("style", source=f"{path}|layername=findings")
    values = [*HOSTILE[:3], "\ufffd\ufffd["]  # XML cannot hold control characters
    assert seen["colors"][:4] == [[value, value, "#112233"] for value in values]
    assert rows(path, "SELECT count(*) FROM findings") == [(4,)]


def test_dressing_again_replaces_and_gives_the_same_rows(path: Path):
    def content() -> list[Any]:
        tables = ("layer_styles", "gpkg_data_columns", "gpkg_data_column_constraints")
        tables = (*tables, "gpkg_metadata", "gpkg_extensions", "gpkg_contents")
        return [row[1:] for table in tables for row in rows(path, f"SELECT * FROM {table}")]

    kcn.qgis.style_layer(path, "findings", column="severity", categories=SEVERITIES)
    first = content()
    kcn.qgis.style_layer(path, "findings", column="severity", categories=SEVERITIES)
    assert content() == first
    kcn.qgis.style_layer(path, "findings", column="severity", categories={})
    assert len(rows(path, "SELECT * FROM layer_styles")) == 1


def test_the_data_are_as_written_after_dressing(path: Path):
    before = gpd.read_file(path, layer="findings")
    kcn.qgis.style_layer(path, "findings", column="severity", categories=SEVERITIES)
    assert gpd.read_file(path, layer="findings").equals(before)
    assert not path.with_name("check.gpkg-wal").exists()


@pytest.mark.parametrize(("layer", "shapes"), [("none", 1), ("mixed", 2)])
def test_a_layer_without_one_kind_of_geometry_is_refused(tmp_path: Path, layer: str, shapes: int):
    square = squares.square(0)
    mixed = gpd.GeoDataFrame(
        {"rule": ["a", "b"][:shapes]}, geometry=[square, shapely.Point(0, 0)][:shapes], crs=5899
    )
    path = tmp_path / "x.gpkg"
    kcn.io.write_layers({"mixed": mixed}, path)
    with pytest.raises(DataSourceError, match=f"no layer {layer} with geometry of one kind"):
        kcn.qgis.style_layer(path, layer, column="rule", categories={})


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(DataSourceError, match=r"none\.gpkg cannot be written"):
        kcn.qgis.style_layer(tmp_path / "none.gpkg", "x", column="", categories={})
    assert list(tmp_path.iterdir()) == []
