"""What two people changed otherwise, as they see it and decide it: a layer and a workbook."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import python_calamine as calamine
import xlsxwriter
from typer.testing import CliRunner

from kcngeo import Project, cli, io, update
from kcngeo.core.errors import KcngeoError
from kcngeo.products.clashes import write_clashes
from kcngeo.publish.clashes_book import read_decisions
from tests import squares
from tests.update.test_merge import documents, project, stored


def drawn(of: Project, *, wide: float, code: str, use: str) -> Project:
    """Draw P0 anew, number P1, and give P2 another use."""
    shapes = [squares.square(0, wide=wide), *of.parcels.geometry.iloc[1:]]
    ids = of.parcels["parcel_id"]
    parcels = of.parcels.set_geometry(shapes, crs=squares.CRS).assign(
        lot_code=of.parcels["lot_code"].astype("object").where(ids != "P1", code),
        land_use=of.parcels["land_use"].astype("object").where(ids != "P2", use),
    )
    return documents(replace(of, parcels=parcels), "e0", code)


@pytest.fixture
def clashing(tmp_path: Path) -> tuple[Path, Path]:
    """A project and a copy of it, of which nothing agrees."""
    path = stored(tmp_path)
    copy = tmp_path / "south.gpkg"
    shutil.copy(path, copy)
    io.write_project(drawn(io.read_project(copy), wide=0.5, code="=2+2", use="transport"), copy)
    theirs = drawn(io.read_project(path), wide=0.75, code="I", use="green")
    update.record(path, theirs, recorded_at="2020-01-01")
    return path, copy


def ran(*words: object) -> Any:
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def filled(path: Path, take: Callable[[int], str]) -> None:
    """Fill in the last column that is seen, as an office program saves it: values alone."""
    (rows,) = (calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(),)
    place = rows[1].index("take")
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Trang 1")
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                said = take(row - 2) if row > 1 and column == place else cell
                if said != "":
                    sheet.write_string(row, column, str(said))


def test_clashes_lie_beside_the_copy_and_come_back_decided(clashing: tuple[Path, Path]) -> None:
    path, copy = clashing
    before = path.read_bytes()
    done = ran("update", path, copy, "--language", "en")
    assert isinstance(done.exception, KcngeoError)
    folder = copy.with_name("south-clashes")
    assert sorted(one.name for one in folder.iterdir()) == [
        "clashes.gpkg",
        "clashes.qgz",
        "clashes.xlsx",
    ]
    book = folder / "clashes.xlsx"
    told = calamine.CalamineWorkbook.from_path(book).get_sheet_by_index(0).to_python()
    assert told[0][:9] == [
        "Table",
        "Row",
        "Zone id",
        "Column",
        "Kind of clash",
        "Before",
        "In the project today",
        "In the copy",
        "Which holds",
    ]
    seen = [row[1:2] + row[3:4] + row[5:8] for row in told[2:]]
    assert seen == [
        ["e0", "Document", "No. 0", "I", "=2+2"],
        ["P0", "shape", "10000.0000 m²", "7500.0000 m²", "5000.0000 m²"],
        ["P1", "Lot", "0", "I", "=2+2"],
        ["P2", "Land use", "industrial", "green", "transport"],
    ]
    # Run again it never takes away what somebody may have filled in.
    ran("update", path, copy, "--language", "en")
    assert copy.with_name("south-clashes-2").is_dir()
    assert path.read_bytes() == before
    takes = ["theirs", "của bản sao", "the copy's", "mine"]
    filled(book, lambda row: takes[row])
    done = ran("update", path, copy, "--resolve", book)
    assert (done.exit_code, done.exception) == (0, None)
    now = io.read_project(path).as_known()
    lots = now.parcels.set_index("parcel_id")
    assert now.ledger.set_index("entry_id")["document"]["e0"] == "I"
    assert lots.geometry["P0"].area == pytest.approx(5000)
    assert (lots["lot_code"]["P1"], lots["land_use"]["P2"]) == ("=2+2", "transport")


def test_what_is_not_decided_or_in_no_words_is_told(clashing: tuple[Path, Path]) -> None:
    path, copy = clashing
    before = path.read_bytes()
    made = update.record(path, io.read_project(copy))
    (book,) = (one for one in write_clashes(made, copy.with_name("c")) if one.suffix == ".xlsx")
    # Left empty, each clashes once more.
    assert (
        len(update.record(path, io.read_project(copy), resolved=read_decisions(book)).clashes) == 4
    )
    filled(book, lambda row: "ours")
    with pytest.raises(KcngeoError, match="ours"):
        update.record(path, io.read_project(copy), resolved=read_decisions(book))
    io.write_workbook(None, book)
    with pytest.raises(KcngeoError, match="has no column"):
        read_decisions(book)
    assert path.read_bytes() == before


def test_the_layer_holds_the_shapes_of_both(clashing: tuple[Path, Path]) -> None:
    path, copy = clashing
    made = update.record(path, io.read_project(copy))
    shapes = made.shapes
    assert shapes.crs == squares.CRS
    told = shapes.assign(area_m2=shapes.area)[["id", "column", "side", "area_m2"]]
    assert told.to_numpy().tolist() == [
        # An entry lies where its lot lies.
        ["e0", "document", "same", 7500.0],
        ["P0", "geometry", "before", 10000.0],
        ["P0", "geometry", "theirs", 7500.0],
        ["P0", "geometry", "mine", 5000.0],
        ["P1", "lot_code", "same", 10000.0],
        ["P2", "land_use", "same", 10000.0],
    ]
    for language in ("vi", "en"):
        gpkg, *_ = write_clashes(made, copy.with_name(language), language=language)
        layer = gpd.read_file(gpkg, layer="clashes")
        assert sorted(layer["side"].value_counts().items()) == [
            ("before", 1),
            ("mine", 1),
            ("same", 3),
            ("theirs", 1),
        ]
        styled = gpd.read_file(gpkg, layer="layer_styles", ignore_geometry=True)
        assert "clashes" in set(styled["f_table_name"])
        again, *_ = write_clashes(made, copy.with_name(language), language=language)
        assert again.parent.name == f"{language}-2"
        assert again.read_bytes() == gpkg.read_bytes()


def test_clashes_that_lie_nowhere_have_a_workbook_alone(tmp_path: Path) -> None:
    old = replace(project(), projects=pd.DataFrame({"project_id": ["d"], "investor": ["Tea"]}))
    sides = [
        replace(old, projects=old.projects.assign(investor=[name]))
        for name in ("Tea One", "Cà phê")
    ]
    made = update.merge(old, *sides)
    assert (len(made.clashes), len(made.shapes)) == (1, 0)
    assert [one.name for one in write_clashes(made, tmp_path / "c")] == ["clashes.xlsx"]


def test_a_folder_that_was_asked_for(clashing: tuple[Path, Path], tmp_path: Path) -> None:
    path, copy = clashing
    asked = tmp_path / "to talk about"
    done = ran("update", path, copy, "--clashes", asked, "--dry-run")
    assert done.stdout.count("both_changed") == 4
    assert not asked.exists()
    ran("update", path, copy, "--clashes", asked)
    assert (asked / "clashes.xlsx").is_file()
    assert not copy.with_name("south-clashes").exists()


@pytest.mark.system
def test_the_layer_opens_styled_in_qgis(
    clashing: tuple[Path, Path], in_qgis: Callable[..., Any]
) -> None:
    path, copy = clashing
    made = update.record(path, io.read_project(copy))
    gpkg, *_ = write_clashes(made, copy.with_name("c"), language="en")
    seen = in_qgis("style", source=f"{gpkg}|layername=clashes")
    # The colours of what both agree on, of the project, and of the copy.
    assert {"#e8a12c", "#3a7fb5", "#cc5a1e"} <= {one.lower() for one in seen["as_sld"]}
