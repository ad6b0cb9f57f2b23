"""Every product, made from Python: written in both languages, verified, made again, refuted."""

from __future__ import annotations

import csv
import importlib
import io as memory
import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rasterio
from python_calamine import CalamineWorkbook
from rasterio.transform import from_origin

import kcngeo as kcn
from kcngeo import products, publish
from kcngeo.core import texts
from kcngeo.core.errors import DataSourceError, KcngeoError
from kcngeo.core.schema import COMPUTED, told_heading
from kcngeo.core.schema.words import Names, people_are_told
from kcngeo.publish import Bundle
from kcngeo.publish.kept_packages import EditsKeptWarning
from kcngeo.publish.xlsx import sheet_name

ON = "2018-03-31"
SECTORS = pd.DataFrame({"sector": ["garments"], "other_class": ["III"], "required_m": [50.0]})
WISH = {
    "name": "A-3 cleared, A-2 let, less far",
    "text": '[[clear]]\nparcels = ["A-3"]\n[[let]]\nparcels = ["A-2"]\n'
    '[[distance]]\nrule = "tcvn4449-1987"\nhazard_class = "III"\ndistance_m = 140\n',
}
DEMAND = pd.DataFrame({"kind": ["water"], "unit": ["m³/day"], "demand_per_ha": [20.0]})


@pytest.fixture(scope="module")
def project() -> kcn.Project:
    return kcn.examples.squares()


@pytest.fixture(scope="module")
def cover(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Land cover of 2017 over both zones: the first three squares of each are built."""
    path = tmp_path_factory.mktemp("rasters") / "cover.tif"
    classes = np.full((20, 100), 30, dtype="uint8")
    classes[:, :30] = 50
    profile = {
        "driver": "GTiff", "count": 1, "height": 20, "width": 100, "dtype": "uint8",
        "crs": kcn.examples.CRS,
        "transform": from_origin(kcn.examples.EAST_M, kcn.examples.NORTH_M + 200, 10, 10),
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(classes[None])
    return [str(path)]


Make = Callable[[kcn.Project], Bundle]


@pytest.fixture(scope="module")
def makers(cover: list[str]) -> dict[str, tuple[Make, dict[str, Any]]]:
    """By product what makes it, and what it is given beside the project."""
    sectors, demand, raster = (
        {"sectors": SECTORS},
        {"demand": DEMAND},
        {"land_cover": {2017: cover}},
    )
    span = {"since": "2017-03", "month": "2018-03"}
    return {
        "month": (lambda given: products.month(given, month="2018-03"), {}),
        "series": (lambda given: products.series(given, month="2018-03"), {}),
        "history": (lambda given: products.history(given, **span, parcels=["A-1"]), {}),
        "progress": (lambda given: products.progress(given, on=ON, **demand), demand),
        "conflicts": (lambda given: products.conflicts(given, on=ON, **sectors), sectors),
        "sites": (lambda given: products.sites(given, on=ON, min_area_ha=0.5), {}),
        "imagery": (
            lambda given: products.imagery(given, on=ON, built=[50], k=1, n=1, **raster),
            raster,
        ),
        "returns": (lambda given: products.returns(given, quarter="2018Q1"), {}),
        "check": (lambda given: products.check(given, on=ON), {}),
        "layers": (lambda given: products.layers(given, on=ON), {}),
        "exchange": (lambda given: products.exchange(given), {}),
        "scenario": (lambda given: products.scenario(given, changes=WISH, on=ON), {}),
    }


PRODUCTS = (
    *("month", "series", "history", "progress", "conflicts"),
    *("sites", "imagery", "returns", "check", "layers", "exchange", "scenario"),
)
DEAR = ("month", "scenario", "layers")
"""Products that take too long to be made once more in every run."""


@pytest.fixture(scope="module")
def bundles(
    project: kcn.Project, makers: dict[str, tuple[Make, dict[str, Any]]]
) -> Callable[[str], Bundle]:
    """Give a product, each made once."""
    return cache(lambda name: makers[name][0](project))


@pytest.fixture(scope="module")
def folders(
    bundles: Callable[[str], Bundle], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], dict[str, Path]]:
    """Give the folders of a product by language, each made once."""
    top, made = tmp_path_factory.mktemp("products"), {}

    def of(name: str) -> dict[str, Path]:
        if name not in made:
            made[name] = {
                language: bundles(name).write(top / name / language, language=language)
                for language in ("vi", "en")
            }
        return made[name]

    return of


def read(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_every_product_is_made_here(makers: dict[str, Any]) -> None:
    remake = importlib.import_module("kcngeo.products.remake")
    known = {*remake._TAKES_MOMENT, *remake._TAKES_SNAPSHOT, *remake._TAKES_STORED}
    assert set(makers) == set(PRODUCTS) == known
    assert known | {"months"} == {name for name in products.__all__ if name.islower()} - {
        "remake",
        "store_styles",
    }


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_product_is_written_in_both_languages_and_verified(
    name: str, folders: Callable[[str], dict[str, Path]]
) -> None:
    by_language = folders(name)
    assert {one: publish.verify(folder).differences for one, folder in by_language.items()} == {
        "vi": (),
        "en": (),
    }
    said = {one: publish.read_manifest(folder) for one, folder in by_language.items()}
    assert [said[one]["language"] for one in ("vi", "en")] == ["vi", "en"]
    assert said["vi"]["options"] == said["en"]["options"]
    assert said["vi"]["product"] == name
    assert set(said["vi"]["outputs"]) == set(said["en"]["outputs"])


# That a month has the same bytes is asked of the sample, by the program.
@pytest.mark.parametrize(
    "name",
    [pytest.param(one, marks=pytest.mark.long) if one in DEAR else one for one in PRODUCTS],
)
def test_the_same_project_gives_the_same_bytes(
    name: str,
    project: kcn.Project,
    makers: dict[str, tuple[Make, dict[str, Any]]],
    folders: Callable[[str], dict[str, Path]],
    tmp_path: Path,
) -> None:
    again = makers[name][0](project).write(tmp_path / "again")
    assert read(again) == read(folders(name)["vi"])


@pytest.mark.parametrize("name", PRODUCTS)
def test_every_csv_has_the_columns_of_its_contract_in_every_language(
    name: str, folders: Callable[[str], dict[str, Path]]
) -> None:
    for folder in folders(name).values():
        for path in folder.glob("*.csv"):
            head = next(csv.reader(memory.StringIO(path.read_bytes().decode("utf-8-sig"))))
            home = COMPUTED[path.stem]
            declared = [
                found
                for column in home.columns
                for found in head
                if column.is_for(found) and (found == column.name or column.name.endswith("*"))
            ]
            assert head == declared, path.name
            assert {column.name for column in home.columns if "*" not in column.name} <= set(head)


# What is handed to other programs is no workbook.
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", [one for one in PRODUCTS if one != "exchange"])
def test_a_workbook_says_the_same_in_words(
    name: str, language: str, folders: Callable[[str], dict[str, Path]]
) -> None:
    folder = folders(name)[language]
    book = CalamineWorkbook.from_path(
        folder / ("report.xlsx" if name == "month" else "tables.xlsx")
    )
    # A month has its figures before the summary.
    begin = 2 if name == "month" else 1
    heads = [book.get_sheet_by_name(one).to_python()[0] for one in book.sheet_names[begin:]]
    tables = json.loads((folder / "manifest.json").read_text("utf-8"))["tables"]
    assert len(heads) == len(tables)
    # People read names; ids stand in the table of names alone, where there is one.
    names: Names | None = {} if "names" in tables else None
    words = {
        told_heading(column, language=language, names=names)
        for table in tables
        for column in COMPUTED[table].columns
        if "*" not in column.name and people_are_told(COMPUTED[table], column.name, names=names)
    }
    said = {str(one) for head in heads for one in head}
    assert words <= said
    if name != "month":
        first = book.get_sheet_by_name(book.sheet_names[0]).to_python()[0]
        assert first == [texts.text(f"product.{name}", language=language)]
        if names is not None:
            technical = sheet_name(kcn.theme.table_title("names", language=language))
            others = {*book.sheet_names} - {technical}
            rows = [row for one in others for row in book.get_sheet_by_name(one).to_python()]
            told = "\n".join(cell for row in rows for cell in row if isinstance(cell, str))
            # Entries, emitters, receptors, legal figures; a lot without a code is called by its id.
            ids = r"(?<![\w-])(nd164-2013|tcvn4449-1987|readiness-levels|[RS]1|E\d)(?![\w-])"
            assert re.findall(ids, told) == []


def kinds() -> Iterator[tuple[str, str]]:
    """Every kind of file of every product."""
    files = {
        "month": (
            *(".csv", ".xlsx", ".html", ".json", ".gpkg", ".qgz", ".pdf", ".docx"),
            ".png",
        ),
        "series": (".csv", ".xlsx"),
        "history": (".csv", ".xlsx", ".png", ".txt"),
        "progress": (".csv", ".xlsx", ".html"),
        "conflicts": (".csv", ".xlsx", ".html", ".gpkg", ".qgz"),
        "sites": (".csv", ".xlsx", ".html", ".gpkg", ".qgz"),
        "imagery": (".csv", ".xlsx", ".html"),
        "returns": (".csv", ".xlsx", ".docx"),
        "check": (".csv", ".xlsx", ".html", ".gpkg", ".qgz", ".json"),
        "layers": (".csv", ".xlsx", ".gpkg", ".qgz"),
        "exchange": (".csv", ".json"),
        "scenario": (".csv", ".xlsx", ".toml", ".html", ".pdf", ".gpkg", ".qgz"),
    }
    for name, endings in files.items():
        for ending in endings:
            yield name, ending


@pytest.mark.parametrize(("name", "ending"), list(kinds()))
def test_a_spoilt_byte_refutes(
    name: str, ending: str, folders: Callable[[str], dict[str, Path]], tmp_path: Path
) -> None:
    copy = shutil.copytree(folders(name)["vi"], tmp_path / "copy")
    files = [path for path in sorted(copy.rglob(f"*{ending}")) if path.name != "manifest.json"]
    data = bytearray(files[0].read_bytes())
    data[len(data) // 2] ^= 1
    files[0].write_bytes(data)
    assert publish.changed_files(copy) == [f"changed {files[0].relative_to(copy).as_posix()}"]


def test_every_kind_of_file_is_spoilt(folders: Callable[[str], dict[str, Path]]) -> None:
    for name in PRODUCTS:
        there = {path.suffix for path in folders(name)["vi"].rglob("*.*")}
        assert there - {".json"} <= {ending for one, ending in kinds() if one == name}


def verdict(folder: Path) -> list[str]:
    """What is said of a folder; a manifest that cannot be read proves nothing either."""
    try:
        return publish.changed_files(folder)
    except DataSourceError as error:
        return ["changed manifest.json"] if error.code == "no_manifest" else [error.code]


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_spoilt_byte_of_the_manifest_is_no_proof(
    name: str, folders: Callable[[str], dict[str, Path]], tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    folder.mkdir()
    whole = (folders(name)["vi"] / "manifest.json").read_bytes()
    for place in range(0, len(whole), max(len(whole) // 25, 1)):
        data = bytearray(whole)
        data[place] ^= 1
        (folder / "manifest.json").write_bytes(data)
        assert "changed manifest.json" in verdict(folder)


# A month is made again byte for byte by the program itself, see test_main_job.py.
@pytest.mark.parametrize(
    "name",
    [pytest.param(one, marks=pytest.mark.long) if one in DEAR else one for one in PRODUCTS],
)
def test_a_product_made_again_from_its_manifest_agrees(
    name: str,
    project: kcn.Project,
    makers: dict[str, tuple[Make, dict[str, Any]]],
    folders: Callable[[str], dict[str, Path]],
) -> None:
    given = makers[name][1]
    for folder in folders(name).values():
        manifest = publish.read_manifest(folder)
        again = products.remake(project, manifest, **given)
        verdict = publish.verify(folder, remade=again)
        assert verdict.differences == ()
        assert set(verdict.proved or ()) == set(manifest["outputs"])


def test_later_corrections_do_not_count(tmp_path: Path, project: kcn.Project) -> None:
    recorded = replace(
        project, ledger=project.ledger.assign(recorded_at=pd.Timestamp("2018-01-01", tz="UTC"))
    )
    entry = recorded.ledger["entry_id"].iloc[0]
    later = kcn.ledger.correct(
        recorded,
        pd.DataFrame({"entry_id": [entry], "valid_from": [pd.Timestamp("2018-03-01")]}),
        recorded_at="2026-01-01T00:00:00Z",
    )
    for made in (
        products.series(recorded, month="2018-03"),
        products.progress(recorded, on=ON),
        products.check(recorded, on=ON),
    ):
        folder = made.write(tmp_path / made.product, parts=["tables"])
        manifest = publish.read_manifest(folder)
        assert manifest["moment"] == "2018-01-01T00:00:00+00:00"
        same = products.remake(later, manifest)
        assert publish.verify(folder, remade=same).differences == ()
    today = publish.verify(tmp_path / "series", remade=products.series(later, month="2018-03"))
    assert "content series" in {one.code for one in today.differences}


@pytest.mark.parametrize(
    ("name", "needed"),
    [("progress", "demand"), ("conflicts", "sectors"), ("imagery", "land_cover")],
)
def test_what_was_given_beside_the_project_is_asked_for(
    name: str,
    needed: str,
    project: kcn.Project,
    makers: dict[str, tuple[Make, dict[str, Any]]],
    folders: Callable[[str], dict[str, Path]],
) -> None:
    manifest = publish.read_manifest(folders(name)["vi"])
    with pytest.raises(KcngeoError, match=needed):
        products.remake(project, manifest)


def test_another_frame_is_another_content(
    project: kcn.Project, folders: Callable[[str], dict[str, Path]]
) -> None:
    folder = folders("progress")["vi"]
    manifest = publish.read_manifest(folder)
    twice = DEMAND.assign(demand_per_ha=40.0)
    again = products.remake(project, manifest, demand=twice)
    told = {one.code for one in publish.verify(folder, remade=again).differences}
    assert {one for one in told if one.startswith("content")} == {"content capacity"}


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_product_shows_itself(name: str, bundles: Callable[[str], Bundle]) -> None:
    made = bundles(name)
    assert repr(made).startswith(f"Bundle {name} (")
    page = made._repr_html_()
    assert texts.text(f"product.{name}", language="vi") in page
    assert ("<iframe" in page) == bool(made.maps)
    assert page.count("<details>") == len(made.tables.keys() - {"findings", "names"})


def spoilt(project: kcn.Project) -> kcn.Project:
    """B-1 has no such status: zone B cannot be computed."""
    ledger = project.ledger.copy()
    ledger.loc[ledger["parcel_id"] == "B-1", "status"] = "let"
    return replace(project, ledger=ledger)


FIGURES = {
    "month": ("accounts", "leased_ha"),
    "series": ("series", "leased_ha"),
    "history": ("changes", "rate_end"),
    "progress": ("stages", "leased_ha"),
    "sites": ("land", "vacant_ha"),
    "imagery": ("unbuilt", "leased_ha"),
    "layers": ("accounts", "leased_ha"),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_zone_at_fault_is_told_and_changes_nothing_of_the_other(
    name: str,
    project: kcn.Project,
    makers: dict[str, tuple[Make, dict[str, Any]]],
    bundles: Callable[[str], Bundle],
) -> None:
    table, column = FIGURES[name]
    whole, other = bundles(name), makers[name][0](spoilt(project))
    assert list(other.left_out) == ["B"]
    assert "let" in other.reasons("en")["B"]
    assert not whole.left_out
    of_a = [made.tables[table].query("zone_id == 'A'")[column] for made in (whole, other)]
    pd.testing.assert_series_equal(*of_a, check_index=False, check_index_type=False)
    assert other.tables[table].query("zone_id == 'B'")[column].isna().all()
    assert "error" in set(other.tables["findings"]["severity"])


def test_the_package_somebody_edited_is_kept(project: kcn.Project, tmp_path: Path) -> None:
    made = products.layers(project, on=ON)
    folder = made.write(tmp_path / "layers")
    (folder / "layers.qgz").write_bytes(b"edited")
    with pytest.raises(DataSourceError, match="was changed since kcngeo wrote it"):
        made.write(folder)
    for one in (products.layers(project, on=ON, force=True), made):
        one.write(folder)
        assert (folder / "layers.backup-1" / "layers.qgz").read_bytes() == b"edited"
        assert (folder / "layers.backup-1" / "layers.gpkg").is_file()
        assert publish.verify(folder).differences == ()
    (folder / "notes.txt").write_bytes(b"mine")
    with pytest.raises(DataSourceError, match=r"files of others: notes\.txt"):
        made.write(folder)


@pytest.mark.parametrize(
    ("name", "package"),
    [("month", "layers"), ("conflicts", "conflicts"), ("sites", "sites"), ("check", "findings")],
)
def test_edited_layers_are_kept_beside_the_new_ones_and_it_is_said(
    name: str, package: str, bundles: Callable[[str], Bundle], tmp_path: Path
) -> None:
    made, parts = bundles(name), ["layers"]
    folder = made.write(tmp_path / "made", parts=parts)
    whole = folder / f"{package}.gpkg"
    with closing(sqlite3.connect(whole)) as connection, connection:
        (table,) = connection.execute(
            "SELECT table_name FROM gpkg_contents WHERE data_type = 'features' LIMIT 1"
        ).fetchone()
        connection.execute(f'DELETE FROM "{table}" WHERE fid = 1')
    edited = whole.read_bytes()
    with pytest.warns(EditsKeptWarning, match=rf"{package}\.backup-1"):
        made.write(folder, parts=parts)
    assert (folder / f"{package}.backup-1" / whole.name).read_bytes() == edited
    assert whole.read_bytes() != edited
    assert publish.verify(folder).differences == ()
    # The next month says nothing, and keeps them still.
    made.write(folder, parts=parts)
    assert (folder / f"{package}.backup-1" / whole.name).read_bytes() == edited
    # Nobody is left editing a file that is no longer there.
    with closing(sqlite3.connect(whole)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DataSourceError, match=whole.name):
            made.write(folder, parts=parts)


def test_what_cannot_be_made_is_refused(project: kcn.Project, tmp_path: Path) -> None:
    with pytest.raises(KcngeoError, match='"monthly" is no edition'):
        products.month(project, month="2018-03", edition="monthly")
    with pytest.raises(KcngeoError, match="made of a project as stored"):
        products.month(project.as_known(), month="2018-03", edition="public")
    with pytest.raises(KcngeoError, match="maps at 1:750"):
        products.check(project, map_scale=750)
    with pytest.raises(KcngeoError, match="needs the table emitters, receptors"):
        products.conflicts(replace(project, emitters=None, receptors=None), on=ON)
    with pytest.raises(KcngeoError, match='"fr" is no language'):
        products.series(project, month="2018-03").write(tmp_path / "out", language="fr")
    with pytest.raises(KcngeoError, match="unknown parts: slides"):
        products.series(project, month="2018-03").write(tmp_path / "out", parts=["slides"])
    with pytest.raises(KcngeoError, match='a product "slides"'):
        products.remake(
            project,
            {"product": "slides", "options": {}, "given": {}, "registry": {}, "moment": None},
        )
    assert not list(tmp_path.iterdir())
