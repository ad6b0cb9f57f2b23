"""The project of a package is a pleasure to edit in a real QGIS, and evaluates nothing of data."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyproj
import pytest
import shapely

import kcngeo as kcn
from kcngeo import Project
from kcngeo.core.schema import TABLES, Kind
from tests import squares

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "parcels" / "two_zones.gpkg"
ON = "2018-03-31"
LOTS, LEDGER, ZONES = "kcngeo_parcels_polygon", "kcngeo_ledger_table", "kcngeo_zones_polygon"
PROJECTS, DOCUMENTS = "kcngeo_projects_table", "kcngeo_documents_table"
# Says "ALIVE" where it is evaluated, and nowhere else; in a page it would be a picture.
CANARY = "[% concat('AL','IVE') %]<img src='x'>"


def desk() -> Project:
    """Two zones; A has three lots of 1 ha, of which P1 became P2 and P3, and a lease of P2."""
    lots = squares.parcels("P1", "P2", "P3", lot_code=["CN-1", "CN-1", "CN-2"])
    shapes = [squares.square(0, wide=2), squares.square(0), squares.square(1)]
    days = pd.to_datetime(["2010-01-01", "2017-01-01", "2017-01-01"])
    ends = pd.to_datetime(["2017-01-01", None, None])
    lots = lots.set_geometry(shapes, crs=squares.CRS).assign(
        certificate_no=["c1", "c2", "c3"],
        certificate_area_m2=[20_000.0, 10_000.25, 10_000.0],
        geometry_source="survey",
        parents=[None, "P1", "P1"],
        valid_from=days,
        valid_to=ends,
    )
    held = squares.ledger(
        ("P2", "leased", "2017-06-01"),
        ("P1", "reserved", "2011-01-01", "2012-01-01"),
        entry_id=["E1", "E0"],
        project_id=["D", None],
        document=["vb-1", None],
        recorded_at=pd.to_datetime(["2017-06-02", "2017-06-02"], utc=True),
        superseded_at=pd.Series([pd.NaT, pd.NaT], dtype="datetime64[us, UTC]"),
    )
    old = held.tail(1).assign(
        entry_id="E9", superseded_at=pd.to_datetime(["2018-01-01"], utc=True).astype(str)[0]
    )
    old["superseded_at"] = pd.to_datetime(old["superseded_at"], utc=True)
    return Project(
        zones=squares.zones("A", "B", name=["An", "Bình"]),
        parcels=lots,
        ledger=pd.concat([held, old], ignore_index=True),
        projects=pd.DataFrame(
            {
                "project_id": ["D"],
                "investor": ["Chè"],
                "registered_ha": [1.23456789],
                "licensed_on": pd.to_datetime(["2016-01-01"]),
            }
        ),
        documents=pd.DataFrame({"document_id": ["vb-1"], "number": ["12/QĐ"]}),
    )


def canaries() -> Project:
    """The same with an expression in every text that is nobody's id and in no closed list."""
    tables = dict(desk().tables())
    for name, frame in tables.items():
        contract = TABLES[name]
        for column in contract.columns:
            is_free = column.kind is Kind.TEXT and not column.choices
            if is_free and column.name not in ("parcel_id", "zone_id", "project_id", "parents"):
                frame[column.name] = CANARY
        tables[name] = frame.assign(**{f"của tôi {CANARY}": CANARY, "cột \x02": "a\x02"})
    around = gpd.GeoDataFrame(
        {"kind": [f"{CANARY}1", f"{CANARY}\x02"], "name": [CANARY] * 2},
        geometry=[squares.square(3, 5), squares.square(3, 7)],
        crs=squares.CRS,
    )
    works = gpd.GeoDataFrame(
        {
            "work_id": [CANARY],
            "zone_id": ["A"],
            "kind": ["road"],
            "capacity_unit": [CANARY],
            "permit_no": [CANARY],
        },
        geometry=[shapely.LineString([(500_000, 1_270_000), (501_000, 1_270_000)])],
        crs=squares.CRS,
    )
    lots = tables["parcels"]
    lots["parcel_id"] = CANARY + lots["parcel_id"]
    lots["parents"] = None
    lots["land_use_code"] = CANARY + lots["parcel_id"].str[-2:]
    held = tables["ledger"]
    held["parcel_id"] = CANARY + held["parcel_id"]
    held["entry_id"] = CANARY + held.index.astype(str)
    return replace(Project(**tables), context=around, works=works)


def named_crs() -> pyproj.CRS:
    """The CRS of the squares under a name that is an expression."""
    known = pyproj.CRS(squares.CRS)
    return pyproj.CRS(known.to_wkt().replace(known.name, CANARY.replace('"', "'")))


def written(project: Project, folder: Path, **asked: Any) -> kcn.qgis.Package:
    nothing = kcn.qgis.Results()
    return kcn.qgis.write_package(project, folder, **{"on": ON, "layers": nothing, **asked})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, kcn.qgis.Package]:
    """Two packages: one to edit, one full of expressions."""
    folder = tmp_path_factory.mktemp("editing")
    return {
        "desk": written(desk(), folder / "desk", language="en"),
        "canaries": written(canaries(), folder / "canaries"),
    }


@pytest.fixture(scope="module")
def seen(
    made: dict[str, kcn.qgis.Package],
    in_qgis: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Any]:
    """What QGIS says of them, in one go."""
    copy = tmp_path_factory.mktemp("edited")
    for path in (made["desk"].gpkg, made["desk"].qgz):
        shutil.copy(path, copy / path.name)
    kcn.io.write_project(desk(), copy / "project.gpkg")
    path, day = str(made["desk"].qgz), str(copy / "layers.qgz")
    entry = {"parcel_id": "P4", "status": "leased", "entry_id": "E2"}
    rows = {"layer": PROJECTS, "where": "true", "change": {"investor": "Cà phê"}}
    past = {"layer": LEDGER, "where": "\"entry_id\" = 'E0'", "change": {"status": "leased"}}
    tasks = {
        "editing": ["editing", {"path": path}],
        "zones": ["new_lot", {"path": path, "near": "P3", "chosen": [[], ["B"], ["A", "B"]]}],
        "plain": ["said", {"path": path}],
        "form": ["saved_by_form", {"path": day, **rows}],
        "past": ["saved_by_form", {"path": day, **past}],
        "day": ["a_day_at_the_desk", {"path": day, "lot": "P3", "number": "P4", "entry": entry}],
        "said": ["said", {"path": str(made["canaries"].qgz)}],
        **{
            f"judged {name}": ["judged", {"path": str(one)}]
            for name, one in (
                ("desk", made["desk"].gpkg),
                ("canaries", made["canaries"].gpkg),
                ("project", copy / "project.gpkg"),
            )
        },
    }
    answers = in_qgis("several", tasks=list(tasks.values()))
    return {**dict(zip(tasks, answers, strict=True)), "copy": copy}


@pytest.fixture
def layers(seen: dict[str, Any]) -> dict[str, Any]:
    """How the rows of every layer are entered."""
    return seen["editing"]["layers"]


def test_zone_lot_entry_project_and_document_belong_together(seen: dict[str, Any]):
    relations = seen["editing"]["relations"]
    assert {(child, parent) for child, parent, _ in relations.values()} == {
        (LOTS, ZONES),
        (f"{LOTS}_past", ZONES),
        (LEDGER, LOTS),
        (LEDGER, PROJECTS),
        (LEDGER, DOCUMENTS),
    }
    assert all(is_valid for *_, is_valid in relations.values())


def test_borders_move_together_and_only_what_is_edited_is_snapped(seen: dict[str, Any]):
    told = seen["editing"]
    assert told["topological"]
    assert told["snapping"]
    assert sorted(told["snapped"]) == [LOTS, ZONES]


def test_what_has_ended_or_was_superseded_lies_apart(layers: dict[str, Any]):
    # P1 became P2 and P3; of the three entries one was superseded.
    rows = {name: layers[name]["rows"] for name in (LOTS, f"{LOTS}_past", LEDGER)}
    assert rows == {LOTS: 2, f"{LOTS}_past": 1, LEDGER: 2}


def test_forms_have_tabs_and_pickers_and_hide_what_programs_keep(layers: dict[str, Any]):
    lots, held = layers[LOTS], layers[LEDGER]
    assert lots["tabs"] == ["Main", "Days and documents", "Ledger"]
    assert layers[ZONES]["tabs"] == ["Main", "Lots"]
    widgets = {name: one["widget"] for name, one in held["columns"].items()}
    assert widgets["parcel_id"] == widgets["project_id"] == "RelationReference"
    assert widgets["status"] == "ValueMap"
    assert widgets["valid_from"] == "DateTime"
    hidden = {name for name, one in held["columns"].items() if one["hidden"]}
    assert hidden == {"fid", "recorded_at", "superseded_at"}
    assert all(held["columns"][name]["widget"] == "Hidden" for name in hidden)
    words = [pair for one in held["columns"]["status"]["options"]["map"] for pair in one.items()]
    assert ("under recovery", "recovering") in words
    # A lot is found by its number, a project by who invests.
    assert "lot_code" in lots["display"]
    assert "investor" in layers[PROJECTS]["display"]


def test_what_the_contract_requires_is_required_in_the_form(layers: dict[str, Any]):
    for name, table in ((LOTS, "parcels"), (LEDGER, "ledger"), (ZONES, "zones")):
        columns = layers[name]["columns"]
        for column in TABLES[table].columns:
            if column.name in columns:
                assert columns[column.name]["required"] == column.required, column.name
    assert layers[LOTS]["columns"]["valid_to"]["rule"]
    assert layers[LOTS]["columns"]["certificate_area_m2"]["rule"]


def test_a_split_keeps_use_and_zone_and_drops_what_is_one_lots_alone(layers: dict[str, Any]):
    columns = layers[LOTS]["columns"]
    dropped = {name for name, one in columns.items() if one["split"] == "DefaultValue"}
    assert dropped == {
        *("parcel_id", "lot_code", "certificate_no", "certificate_area_m2", "parents"),
    }
    assert all(one["split"] == one["copy"] for one in columns.values())
    # A copied entry is another entry of the same lot.
    copied = {name for name, one in layers[LEDGER]["columns"].items() if one["copy"] == "Duplicate"}
    assert {"parcel_id", "status", "project_id"} <= copied
    assert not copied & {"entry_id", "recorded_at", "superseded_at"}


def test_what_is_computed_is_shown_with_two_decimals_and_what_is_entered_keeps_all(
    layers: dict[str, Any],
):
    shown = layers["kcngeo_parcels_on_day_polygon"]["columns"]["leased_ha"]
    assert (shown["widget"], shown["options"]["Precision"]) == ("Range", 2)
    # A box with two decimals would write the rounded area back.
    for name, column in ((LOTS, "certificate_area_m2"), (LEDGER, "part_area_ha")):
        assert layers[name]["columns"][column]["widget"] == "TextEdit"


def test_lots_are_labelled_by_number_and_drawn_from_near(layers: dict[str, Any]):
    # P1, of the past, shares the code of P2; the last part of its id tells P2 apart.
    assert layers[LOTS]["labels"] == ["CN-1-P2", "CN-2"]
    assert layers[LOTS]["scale"] == 200_000
    assert layers[LEDGER]["labels"] == []


def test_a_new_lot_lies_in_the_chosen_zone_and_nothing_is_invented(seen: dict[str, Any]):
    # None chosen: the fence it is drawn in; B chosen; two chosen: nobody knows.
    assert [one["zone_id"] for one in seen["zones"]] == ["A", "B", None]
    begun = {name for one in seen["zones"] for name, value in one.items() if value is not None}
    assert begun == {"fid", "zone_id"}


def test_a_form_that_is_saved_changes_nothing_else(seen: dict[str, Any]):
    told = seen["form"]
    assert told["saved"]
    assert told["after"] == {**told["before"], "investor": "Cà phê"}
    # 1.23456789 ha stay so: no box rounds them.
    assert told["after"]["registered_ha"] == "1.23456789"
    # An entry of a lot that has ended keeps it, though no list offers it any more.
    assert seen["past"]["after"] == {**seen["past"]["before"], "status": "leased"}


def test_a_day_at_the_desk_comes_back_as_its_edits(seen: dict[str, Any]):
    day = seen["day"]
    assert day["saved"] == [True, True]
    old, new = day["halves"]
    # The split of 1 ha in the middle.
    assert [round(half["area"]) for half in (old, new)] == [5_000, 5_000]
    assert (old["parcel_id"], new["parcel_id"]) == ("P3", None)
    kept = ("zone_id", "land_use", "geometry_source", "valid_from")
    assert {name: new[name] for name in kept} == {name: old[name] for name in kept}
    assert new["certificate_area_m2"] is None
    # Without a number the half is not valid, with one it is.
    assert day["valid"] == [False, True]
    begun = {name for name, value in day["begun"].items() if value is not None}
    assert begun == {"fid", "valid_from"}
    assert day["begun"]["valid_from"] == pd.Timestamp.now().strftime("%Y-%m-%d")
    edits = kcn.update.difference(desk(), kcn.io.read_project(seen["copy"] / "layers.gpkg")).edits
    assert sorted(zip(edits["table"], edits["kind"], edits["id"].str[:2], strict=True)) == [
        ("ledger", "added", "E2"),
        ("parcels", "added", "P4"),
        ("parcels", "moved", "P3"),
    ]


# ---- no text of data is evaluated ---------------------------------------------------------------
def test_canaries_stand_in_every_text_of_the_tables():
    tables = dict(canaries().tables())
    for name in ("zones", "parcels", "ledger", "projects", "documents", "context"):
        frame = tables[name]
        free = [one.name for one in TABLES[name].columns if one.kind is Kind.TEXT]
        free = [one for one in free if one in frame.columns and one not in ("zone_id", "parents")]
        held = {
            one for one in free if frame[one].dropna().astype(str).str.contains("ALIVE|AL").any()
        }
        listed = {one.name for one in TABLES[name].columns if one.choices}
        assert held | listed >= set(free) - {"project_id"}, name


def test_nothing_of_data_is_evaluated_in_a_real_qgis(seen: dict[str, Any]):
    told, tips = seen["said"]["told"], seen["said"]["tips"]
    # They are shown, as they are: in legends, tips, titles and on the sheet.
    assert sum("concat" in one for one in told) > 10
    assert sum("concat" in one for one in tips) > 10
    for one in (*told, *tips):
        assert "ALIVE" not in one
    # What is told beside the pointer is a page: marks of data are text there.
    assert not any("<img" in one for one in tips)
    assert any("&lt;img" in one for one in tips)


def test_a_tip_tells_a_lot_in_words_with_hectares_of_two_decimals(seen: dict[str, Any]):
    tips = seen["plain"]["tips"]
    assert (
        "<b>CN-1-P2 · P2</b><br>Parcel id: P2<br>Zone id: An · A<br>Land use: industrial"
        in "\n".join(tips)
    )
    assert any("Registered area (ha): 1.23<" in one + "<" for one in tips)


def expressions(package: kcn.qgis.Package) -> set[str]:
    """Find every expression of a package: of the project, its styles and what describes it."""
    with zipfile.ZipFile(package.qgz) as held:
        texts = [held.read(name).decode() for name in held.namelist()]
    with closing(sqlite3.connect(package.gpkg)) as connection:
        for table, columns in (
            ("layer_styles", "styleName || styleQML || description"),
            ("gpkg_contents", "identifier || coalesce(description, '')"),
            ("gpkg_metadata", "metadata"),
            ("gpkg_data_columns", "name || title"),
        ):
            texts += [
                text or "" for (text,) in connection.execute(f"SELECT {columns} FROM {table}")
            ]
    # Values and names of columns are compared, never shown: there they stand as they are.
    compared = re.compile(r' (value|field)="[^"]*"|<(attributeEditorField|column)[^>]*>')
    texts = [compared.sub("", text) for text in texts]
    return {one for text in texts for one in re.findall(r"\[%.*?%\]", text, re.DOTALL)}


def test_the_only_expressions_of_a_package_are_those_of_kcngeo(made: dict[str, kcn.qgis.Package]):
    with_canaries = expressions(made["canaries"])
    assert len(with_canaries) > 20
    assert not [one for one in with_canaries if "concat" in one or "ALIVE" in one]


@pytest.mark.long
def test_a_crs_whose_name_is_an_expression_is_only_named(
    tmp_path: Path, in_qgis: Callable[..., Any]
):
    odd = named_crs()
    tables = desk()
    moved = replace(
        tables,
        zones=tables.zones.set_crs(odd, allow_override=True),
        parcels=tables.parcels.set_crs(odd, allow_override=True),
    )
    package = written(moved, tmp_path)
    told = in_qgis("said", path=str(package.qgz))
    assert not [one for one in (*told["told"], *told["tips"]) if "ALIVE" in one]
    assert any("concat" in one for one in told["told"])


def test_what_xml_cannot_hold_breaks_no_project(made: dict[str, kcn.qgis.Package]):
    package = made["canaries"]
    with zipfile.ZipFile(package.qgz) as held:
        (name,) = held.namelist()
        texts = [held.read(name).decode()]
    with closing(sqlite3.connect(package.gpkg)) as connection:
        styles = connection.execute("SELECT styleQML, styleSLD FROM layer_styles").fetchall()
    texts += [one for row in styles for one in row if one]
    assert len(texts) > 20
    for text in texts:
        ET.fromstring(text)  # noqa: S314


def test_the_writer_of_texts_is_one():
    # Marks of expressions are written in one file; every other takes them from it.
    for path in (ROOT / "kcngeo" / "qgis").glob("*.py"):
        if path.name != "expressions.py":
            code = "\n".join(line.partition("#")[0] for line in path.read_text("utf-8").split("\n"))
            assert "[%" not in code, path.name


# ---- by the rules of others ---------------------------------------------------------------------
def test_packages_and_projects_pass_the_judge_of_gdal(seen: dict[str, Any]):
    assert {name: seen[name] for name in seen if name.startswith("judged")} == {
        "judged desk": [],
        "judged canaries": [],
        "judged project": [],
    }


@pytest.mark.long
def test_the_sample_passes_the_judge_of_gdal(in_qgis: Callable[..., Any], tmp_path: Path):
    package = kcn.qgis.write_package(kcn.io.read_project(SAMPLE), tmp_path, on=ON)
    for path in (SAMPLE, package.gpkg):
        assert in_qgis("judged", path=str(path)) == []


@pytest.mark.long
def test_a_split_in_qgis_is_brought_home(in_qgis: Callable[..., Any], tmp_path: Path):
    project = tmp_path / "p.gpkg"
    shutil.copy(SAMPLE, project)
    package = written(kcn.io.read_project(project), tmp_path / "copy")
    entry = {"parcel_id": "LS-CN01-03b", "status": "reserved"}
    day = {"lot": "LS-CN01-03", "number": "LS-CN01-03b", "entry": entry}
    assert in_qgis("a_day_at_the_desk", path=str(package.qgz), **day)["saved"] == [True, True]
    program = [sys.executable, "-m", "kcngeo", "update", str(project), str(package.gpkg)]
    done = subprocess.run(
        [*program, "--valid-from", "2018-04-01"], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    home = kcn.io.read_project(project).as_known()
    lots = home.parcels[home.parcels["parcel_id"].str.startswith("LS-CN01-03")]
    lots = lots.sort_values(["valid_from", "parcel_id"])
    # The whole lot until then, its two halves of 12,769.99 m² after.
    assert lots["parcel_id"].tolist() == ["LS-CN01-03", "LS-CN01-03", "LS-CN01-03b"]
    assert lots.area.round().tolist() == [12770, 6385, 6385]
    assert lots["valid_to"].dt.strftime("%Y-%m-%d").tolist()[0] == "2018-04-01"
    assert lots["land_use"].tolist() == ["industrial"] * 3
    assert lots["parents"].tolist()[-1] == "LS-CN01-03"
    assert (home.ledger["parcel_id"] == "LS-CN01-03b").sum() == 1
