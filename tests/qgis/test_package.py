"""The package in QGIS itself: valid, coloured, dated and printed as the figures say."""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
import sqlite3
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from pypdf import PdfReader

import kcngeo as kcn
from kcngeo import Project, theme
from kcngeo.cartography.periods import STATUSES, periods
from kcngeo.core.dates import is_in_force
from kcngeo.core.errors import DataSourceError
from tests import squares
from tests.publish.test_human_words import WORD, vietnamese

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "parcels" / "two_zones.gpkg"
ON = "2018-03-31"
STATUS, CODE, MONTHS = "Tình trạng cho thuê", "Mã loại đất", "Theo từng tháng"
STATUS_MAP = "Đất khu công nghiệp theo tình trạng cho thuê"
HOSTILE = "'; DROP TABLE parcels; -- <script>alert(1)</script> \"]]>&amp; [% 6 * 7 %] \x02"
WRITTEN = HOSTILE.replace("\x02", "\ufffd")  # XML cannot hold control characters
SHOWN = WRITTEN.replace("[%", "[\u2060%")  # looks the same, and is no expression


def project(**columns: Any) -> Project:
    """Zone A with ten lots of 1 ha, one for every way to be shown, and something around it."""
    ids, lots = ([f"{one}{number}" for number in range(1, 11)] for one in ("P", "CN-"))
    uses = ["industrial"] * 7 + ["service", "green", "industrial"]
    codes = ["SKK", "SKK", "SKC", "SKK", "SKK", "SKK", "SKK", "TMD", "XYZ", None]
    entries = [
        ("P1", "leased", "2018-03-31"),
        ("P2", "leased", "2017-01-01", None, 0.75),
        ("P3", "reserved", "2018-01-01"),
        ("P4", "recovering", "2017-05-05", "2018-04-01"),
        ("P5", "repurposed", "2017-01-01"),
        ("P6", "uncleared", "2017-01-01"),
        ("P7", "leased", "2017-02-10", "2018-03-31"),
        ("P10", "leased", "2018-03-05", "2018-03-20"),
    ]
    around = [squares.square(2, 3), shapely.Point(500_550, 1_270_350)]
    return Project(
        zones=squares.zones("A", name=["An"], **columns),
        parcels=squares.parcels(*ids, use=uses, land_use_code=codes, lot_code=lots),
        ledger=squares.ledger(*entries, project_id="D"),
        projects=pd.DataFrame(
            {"project_id": ["D"], "investor": ["Chè Ví Dụ"], "licensed_on": ["2016-01-01"]}
        ),
        receptors=gpd.GeoDataFrame(
            {"receptor_id": ["R1", "R2"], "kind": ["housing", "school"]},
            geometry=around,
            crs=squares.CRS,
        ),
    )


def everything() -> Project:
    """The same with an emitter, works and a lot whose own area contradicts its certificate."""
    x, y = squares.EAST, squares.NORTH
    emitters = gpd.GeoDataFrame(
        {"emitter_id": ["E1"], "kind": ["parcel"], "hazard_class": ["III"]},
        geometry=[squares.square(0)],
        crs=squares.CRS,
    )
    works = gpd.GeoDataFrame(
        {
            "work_id": ["W1"],
            "zone_id": "A",
            "kind": ["road"],
            "done_on": pd.to_datetime(["2018-03-31"]),
        },
        geometry=[shapely.LineString([(x, y), (x + 1000, y)])],
        crs=squares.CRS,
    )
    return replace(project(), emitters=emitters, works=works)


def spot(number: int, theme_name: str, month: str | None = None) -> dict[str, Any]:
    """A place in lot P1, P2 …, off its middle so that no stripe of its neighbour is near."""
    x, y = squares.EAST + 100 * (number - 1) + 30, squares.NORTH + 30
    return {"theme": theme_name, "x": x, "y": y, **({"month": month} if month else {})}


@cache
def report() -> kcn.report.MonthlyReport:
    """The month of the small project, gathered once."""
    return kcn.report.monthly(project(), month=ON, start=ON)


def write(tmp_path: Path, **keywords: Any) -> kcn.qgis.Package:
    given = {"on": ON, "report": report(), "layers": kcn.qgis.Results(), **keywords}
    return kcn.qgis.write_package(project(), tmp_path, **given)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# ---- in QGIS ------------------------------------------------------------------------------------
# When a lot whose entry runs from … to … is shown as let in March 2018: the state on the 31st.
MARCH = [
    ("2018-03-01", None, True),
    ("2018-03-31", None, True),  # the first day counts
    ("2018-04-01", None, False),  # the day after
    ("2017-01-01", "2018-03-31", False),  # the end day does not count
    ("2017-01-01", "2018-04-01", True),
    ("2017-01-01", "2018-03-01", False),
    ("2018-03-05", "2018-03-20", False),  # let and given back within the month
    ("2018-02-28", "2018-04-30", True),
]


def moved_away(made: Path, target: Path) -> dict[str, str]:
    """Move a package to a read-only folder and note what is in it."""
    shutil.copytree(made, target)
    shutil.rmtree(made)
    held = {path.name: digest(path) for path in target.iterdir()}
    for path in [*target.iterdir(), target]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    return held


def months() -> Project:
    """A lot for every row of the table."""
    ids = [f"P{number}" for number in range(1, len(MARCH) + 1)]
    entries = [(one, "leased", *days) for one, (*days, _) in zip(ids, MARCH, strict=True)]
    lots = squares.parcels(*ids)
    return replace(project(), parcels=lots, ledger=squares.ledger(*entries), receptors=None)


def hostile() -> Project:
    tables = project()
    named = {"kind": [HOSTILE], "name": [HOSTILE]}
    return replace(
        tables,
        zones=pd.concat(
            [tables.zones, squares.zones("A", "empty").tail(1)], ignore_index=True
        ).assign(name=HOSTILE),
        parcels=tables.parcels.assign(lot_code=HOSTILE, land_use_code=HOSTILE),
        projects=tables.projects.assign(investor=HOSTILE),
        receptors=tables.receptors.assign(name=HOSTILE),
        context=gpd.GeoDataFrame(named, geometry=[squares.square(3, 5)], crs=squares.CRS),
    )


@pytest.fixture(scope="module")
def seen(
    in_qgis: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any]]:
    """What QGIS says of four packages, in one go: it takes long to start."""
    folder = tmp_path_factory.mktemp("packages")
    moved = folder / "Bản sao chỉ đọc – KCN 'A' & B #1"
    given = kcn.qgis.results(everything(), on=ON, sites_ha=0.5)
    kcn.qgis.write_package(project(), folder / "made", on=ON, layers=given)
    before = moved_away(folder / "made", moved)
    nothing = kcn.qgis.Results()
    by_month = kcn.qgis.write_package(months(), folder / "months", on="2018-05-31", layers=nothing)
    sample = kcn.qgis.write_package(
        kcn.io.read_project(SAMPLE), folder / "sample", on=ON, language="en"
    )
    named = kcn.qgis.write_package(hostile(), folder / "hostile", on=ON)
    zones = gpd.read_file(sample.gpkg, layer="zones_on_day").set_index("zone_id")
    west, south, east, north = zones.loc["phu-hoi"].geometry.bounds
    box = {"west": west, "south": south, "east": east, "north": north}
    main = {
        "path": str(moved / "layers.qgz"),
        "spots": [
            spot(number, name, month)
            for name, month in ((STATUS_MAP, None), (CODE, None), (MONTHS, "2018-03"))
            for number in range(1, 11)
        ],
        "pdf": str(folder / "sheet.pdf"),
    }
    spots = [spot(at + 1, MONTHS, "2018-03") for at in range(len(MARCH))]
    told = in_qgis(
        "many",
        projects={
            "main": main,
            "months": {"path": str(by_month.qgz), "spots": spots},
            "sample": {
                "path": str(sample.qgz),
                "counts": [{"theme": "Industrial land by lease status", **box}],
            },
            "hostile": {"path": str(named.qgz), "pdf": str(folder / "hostile.pdf")},
        },
        layers={
            name: f"{moved / 'layers.gpkg'}|layername={name}"
            for name in ("parcels_on_day", "parcels_history", "zones_on_day", "parcels")
        },
    )
    after = {path.name: digest(path) for path in moved.iterdir()}
    yield {**told, "folder": folder, "before": before, "after": after, "hostile_gpkg": named.gpkg}
    moved.chmod(0o755)


@pytest.fixture
def opened(seen: dict[str, Any]) -> dict[str, Any]:
    """The package of the small project, moved to a read-only folder with an odd name."""
    return seen["main"]


def test_all_layers_are_valid_in_the_right_crs_and_words(opened: dict[str, Any]):
    assert opened["read"]
    assert opened["crs"] == "EPSG:5899"
    assert opened["ellipsoid"] == "NONE"  # areas on the grid, as in the accounts
    assert opened["title"] == "Khu công nghiệp, tình hình ngày 31/03/2018"
    layers = opened["layers"]
    assert all(one["valid"] for one in layers.values())
    spatial = {name: one for name, one in layers.items() if not name.endswith("_table")}
    assert {one["crs"] for one in spatial.values()} == {"EPSG:5899"}
    assert set(layers) == {
        "kcngeo_finding_marks_point",
        "kcngeo_findings_polygon",
        "kcngeo_conflicts_polygon",
        "kcngeo_conflict_lines_line",
        "kcngeo_conflict_rings_line",
        "kcngeo_emitters_on_day_polygon",
        "kcngeo_receptors_on_day_point",
        "kcngeo_receptors_on_day_polygon",
        "kcngeo_sites_polygon",
        "kcngeo_encumbered_polygon",
        "kcngeo_developable_land_polygon",
        "kcngeo_readiness_polygon",
        "kcngeo_works_on_day_line",
        "kcngeo_green_belt_gaps_line",
        "kcngeo_zones_on_day_polygon",
        "kcngeo_parcels_on_day_polygon",
        "kcngeo_zones_history_polygon",
        "kcngeo_parcels_history_polygon",
        "kcngeo_basemap_polygon",
        "kcngeo_receptors_point",
        "kcngeo_receptors_polygon",
        "kcngeo_zones_polygon",
        "kcngeo_parcels_polygon",
        "kcngeo_ledger_table",
        "kcngeo_projects_table",
    }
    lots = layers["kcngeo_parcels_on_day_polygon"]
    assert lots["features"] == 10
    assert lots["read_only"]
    assert not layers["kcngeo_parcels_polygon"]["read_only"]
    assert lots["aliases"]["leased_ha"] == "Đã cho thuê (ha)"
    assert ["đã cho thuê", "leased"] in lots["lists"]["status"]
    assert ["đất dịch vụ", "service"] in lots["lists"]["shown_as"]
    assert len(layers["kcngeo_parcels_polygon"]["lists"]["land_use"]) == 8
    assert len(layers["kcngeo_ledger_table"]["lists"]["status"]) == 5
    assert lots["title"] == "Lô đất theo tình trạng trong ngày"
    assert "nd164-2013" in lots["abstract"]
    assert "Nguồn của định nghĩa: Nghị định sửa đổi năm 2013, Điều 2 khoản 8" in lots["abstract"]
    assert "EPSG:5899" in lots["abstract"]
    assert "EPSG:6960" in lots["abstract"]  # the one operation to WGS 84
    assert layers["kcngeo_receptors_point"]["features"] == 1
    assert layers["kcngeo_receptors_polygon"]["features"] == 1


def test_nothing_was_changed_by_looking(seen: dict[str, Any]):
    assert seen["after"] == seen["before"]


def test_order_groups_themes_and_bookmarks(opened: dict[str, Any]):
    order = opened["order"]
    places = [
        order.index(f"kcngeo_{name}")
        for name in ("zones_on_day_polygon", "findings_polygon", "parcels_on_day_polygon")
    ]
    assert places == sorted(places)
    assert opened["groups"] == [
        ["Hạ tầng, nhà xưởng và nguồn thải", True],
        ["Kết quả ngày 31/03/2018", True],
        ["Theo từng tháng (bảng điều khiển thời gian)", False],
        ["Xung quanh khu công nghiệp", True],
        ["Bảng dữ liệu của dự án: chỉnh sửa tại đây", False],
        ["Ảnh trực giao: kéo ảnh vào đây", True],
    ]
    # A map theme a map, under the name it has on the page and on paper.
    names = {STATUS_MAP, CODE, MONTHS, "Chỉnh sửa"}
    names |= {
        theme.text(f"{one}_map.title", language="vi")
        for one in ("conflict", "site", "step", "findings")
    }
    assert set(opened["themes"]) == names
    assert opened["bookmarks"] == ["An"]
    styles = opened["layers"]["kcngeo_parcels_on_day_polygon"]["project_styles"]
    assert set(styles) == {STATUS, CODE, "Chức năng đất"}


def test_the_categories_have_the_colours_and_words_of_the_theme(opened: dict[str, Any]):
    lots = opened["layers"]["kcngeo_parcels_on_day_polygon"]
    expected = [
        [status, theme.text(f"status.{status}", language="vi"), color.lower()]
        for status, color in theme.STATUS_COLORS.items()
    ]
    expected += [
        [use, theme.text(f"land_use.{use}", language="vi"), theme.USE_COLORS[use].lower()]
        for use in ("service", "green")
    ]
    assert lots["colors"] == expected
    assert lots["swatches"] == [color for _, _, color in expected]
    findings = opened["layers"]["kcngeo_findings_polygon"]
    assert ["warning", "cảnh báo", "#e8a12c"] in findings["colors"]
    conflicts = opened["layers"]["kcngeo_conflicts_polygon"]
    assert conflicts["colors"] == [[None, "", theme.LAYER_COLORS["conflict"].lower()]]
    ready = opened["layers"]["kcngeo_readiness_polygon"]
    assert [int(value) for value, _, _ in ready["colors"]] == [0, 1, 2, 3, 4, 5]
    assert ready["colors"][4][1:] == ["Mức 4: có thoát nước thải, nước mưa", "#5b9e8f"]
    assert ["Mức 4: có thoát nước thải, nước mưa", "4"] in ready["lists"]["level"]


def test_what_is_drawn_has_the_colours_of_the_legend(opened: dict[str, Any]):
    colors = {name: color.lower() for name, color in theme.STATUS_COLORS.items()}
    by_status = opened["spots"][:10]
    assert [by_status[at] for at in (0, 2, 3, 4, 5, 6, 9)] == [
        colors["leased"],
        colors["reserved"],
        colors["recovering"],
        colors["repurposed"],
        colors["uncleared"],
        colors["available"],  # the entry ended on the 31st, which it does not count
        colors["available"],
    ]
    # 0.75 ha of P2 is let: its colour, or a stripe of the free rest.
    assert by_status[1] in (colors["leased"], colors["available"])
    assert by_status[7:9] == [theme.USE_COLORS[use].lower() for use in ("service", "green")]
    by_code = opened["spots"][10:20]
    assert by_code[:8] == ["#faaaa0"] * 8
    assert by_code[8:] == [theme.LAYER_COLORS["other"].lower()] * 2  # no known code


def test_a_month_shows_the_state_on_its_last_day(opened: dict[str, Any]):
    by_month = opened["spots"][20:]
    assert [by_month[at] for at in (0, 2, 3, 4, 5, 6, 7, 8, 9)] == [
        opened["spots"][at] for at in (0, 2, 3, 4, 5, 6, 7, 8, 9)
    ]


def test_the_months_run_from_the_first_to_the_reporting_month(opened: dict[str, Any]):
    begin, end, step, unit = opened["months"]
    assert (begin, end, step) == ("2017-01-01", "2018-04-01", 1.0)
    assert unit.endswith("6")  # Qgis.TemporalUnit.Months


def test_the_sheet_is_a3_with_a_page_a_zone(seen: dict[str, Any]):
    sheet = seen["main"]["sheet"]
    assert sheet["error"] == ""
    assert (seen["folder"] / "sheet.pdf").read_bytes().startswith(b"%PDF")
    assert sheet["size_mm"] == [420, 297]
    assert sheet["legend_map"]
    assert sheet["bar_map"]
    assert sheet["theme"] == STATUS_MAP
    assert sheet["legend"][0] == "Lô đất theo tình trạng trong ngày"
    (page,) = sheet["pages"]
    # Let: P1 1 ha, P2 0.75 ha; industrial land: P1 … P7 and P10, 8 ha; 1.75 / 8 = 21.875 %.
    assert page["zone"] == "An\n21,88 %"
    # P3 reserved, P4 recovering, P5 repurposed, P6 uncleared; free: P7, P10 and 0.25 ha of P2.
    figures = ["8,0000", "1,7500", "1,0000", "1,0000", "1,0000", "1,0000", "2,2500"]
    assert page["account figures"].split("\n") == figures
    assert page["account names"].split("\n")[1] == "Đã cho thuê (ha)"
    assert page["title"] == "Khu công nghiệp, tình hình ngày 31/03/2018"
    assert "Tỷ lệ 1 : " in page["block"]
    assert "EPSG:5899" in page["block"]
    assert "notice" not in page  # nothing here is synthetic
    # The zone is 1 km wide, 1040 m with what is left around: 304 mm hold it at 1 : 5 000.
    assert page["scale"] == 5000
    assert sheet["grid_m"] == 500
    assert sheet["place_of"]
    assert "Khu công nghiệp trong ngày" in sheet["place"]
    assert {"signature made", "signature checked", "signature head"} <= set(page)
    # What is drawn has its hectares: P1 and three quarters of P2; P8 and P9 by their use.
    told = dict(one.split("  ") for one in page["classes"] if "  " in one)
    assert told["đã cho thuê"] == "1,75 ha"
    assert told["còn trống"] == "2,25 ha"
    assert told["cây xanh"] == "1,00 ha"
    # Lots are called as on the map.
    assert page["lots"][0] == ["CN-1", "1,0000", "đất công nghiệp", "đã cho thuê"]
    assert [row[0] for row in page["lots"]] == sorted(f"CN-{number}" for number in range(1, 11))
    assert page["lots"][-1][2:] == ["cây xanh", "cây xanh"]
    # Every word is Vietnamese, of the data, or names the grid; no id, no day as programs write it.
    labels = [one for one in page.values() if isinstance(one, str)]
    said = "\n".join([*labels, *page["classes"], *sheet["legend"]])
    told = {word.lower() for word in WORD.findall(said)}
    assert told - vietnamese(project()) <= {"tm"}
    assert not re.search(r"nd164-2013|\d{4}-\d\d-\d\d", said)


@pytest.mark.parametrize("at", range(len(MARCH)))
def test_months_by_the_boundary_table(seen: dict[str, Any], at: int):
    is_let = MARCH[at][-1]
    shown = theme.STATUS_COLORS["leased" if is_let else "available"]
    assert seen["months"]["spots"][at] == shown.lower()


def test_hectares_read_off_the_picture_are_those_of_the_account(seen: dict[str, Any]):
    drawn = seen["sample"]["counts"][0]
    # What the board published for March 2018; outlines take about 1 % of the land.
    assert drawn[theme.STATUS_COLORS["leased"].lower()] == pytest.approx(63.572, rel=0.015)
    assert drawn[theme.STATUS_COLORS["uncleared"].lower()] == pytest.approx(21.1, rel=0.015)


def test_another_language(seen: dict[str, Any]):
    told = seen["sample"]
    assert told["title"] == "Industrial zones, state on 31 Mar 2018"
    assert told["themes"] == [
        *("Conflicts of distance", "Development in step", "Editing", "Findings of the check"),
        *("Industrial land by lease status", "Legal land-use code", "Month by month"),
        "Sites on developable land",
    ]
    lots = told["layers"]["kcngeo_parcels_on_day_polygon"]
    assert lots["aliases"]["parcel_id"] == "Parcel id"
    assert "Synthetic geometry" in lots["abstract"]
    assert all(one["valid"] for one in told["layers"].values())


def test_findings_speak_the_language_of_the_package(tmp_path: Path):
    # Of P8, a service lot, the ledger says nothing.
    said = {}
    for language in ("vi", "en"):
        package = kcn.qgis.write_package(project(), tmp_path / language, on=ON, language=language)
        rows = gpd.read_file(package.gpkg, layer="findings").set_index("rule")
        said[language] = rows.loc["never_mentioned", ["message", "advice"]].tolist()
    assert said["en"] == [
        "the ledger never mentions P8; counted as available.",
        "Confirm that the parcel is available, or enter who holds it.",
    ]
    assert said["vi"][0] == "sổ không nhắc đến P8; được tính là còn trống."


def test_the_geopackage_alone_is_styled_when_it_is_dragged_into_qgis(seen: dict[str, Any]):
    dragged = seen["dragged"]
    lots = dragged["parcels_on_day"]
    in_project = seen["main"]["layers"]["kcngeo_parcels_on_day_polygon"]
    for what in ("colors", "aliases", "lists", "title", "abstract"):
        assert lots[what] == in_project[what]
    assert set(lots["styles"]) == {STATUS, CODE, "Chức năng đất"}
    assert dragged["parcels_history"]["months"] == [True, "shown_from", "shown_until"]
    assert not lots["months"][0]
    assert dragged["parcels"]["aliases"]["parcel_id"] == "Mã thửa"


def test_the_sld_has_the_colours_of_the_style(seen: dict[str, Any]):
    lots = seen["dragged"]["parcels_on_day"]
    assert lots["as_sld"][: len(lots["colors"])] == [color for *_, color in lots["colors"]]


def test_hostile_names_are_only_names(seen: dict[str, Any]):
    told = seen["hostile"]
    assert told["read"]
    assert all(one["valid"] for one in told["layers"].values())
    assert told["bookmarks"] == [SHOWN]
    # A zone without lots has its map, and no page of lots.
    assert len(PdfReader(seen["folder"] / "hostile.pdf").pages) == 3
    # Nothing of a name is computed: "[% 6 * 7 %]" is not 42.
    assert told["sheet"]["pages"][0]["zone"].startswith(HOSTILE)
    # The surroundings are of the map and a table of the project: they stand once.
    legend = told["sheet"]["legend"]
    assert len(legend) == len(set(legend))
    kinds = told["layers"]["kcngeo_context_polygon"]["colors"]
    assert kinds[0] == [WRITTEN, SHOWN, theme.LAYER_COLORS["other"].lower()]
    assert set(kcn.io.read_project(seen["hostile_gpkg"]).parcels["lot_code"]) == {HOSTILE}


# ---- without QGIS -------------------------------------------------------------------------------
def test_the_package_is_a_project_again(tmp_path: Path):
    made = write(tmp_path)
    back = kcn.io.read_project(made.gpkg)
    assert repr(back) == repr(project())
    assert kcn.update.difference(project(), back).edits.empty


def test_the_lots_on_the_day_are_the_state_of_the_ledger():
    sample = kcn.io.read_project(SAMPLE)
    lots = periods(sample.as_known(), area="grid", uses=["industrial"])
    for on in ("2009-12-31", "2018-03-31", "2018-04-01"):
        now = lots[is_in_force(lots, on)].set_index("parcel_id")
        state = kcn.ledger.state(sample, on=on).set_index("parcel_id")
        assert sorted(now.index) == sorted(state.index)
        state = state.loc[now.index]
        assert now["status"].tolist() == state["status"].tolist()
        for name in STATUSES:
            expected = state[f"{name}_share"] * now["area_ha"]
            np.testing.assert_allclose(now[f"{name}_ha"], expected, atol=1e-9)


def test_the_file_is_whole_by_the_rules_of_sqlite_and_geopackage(tmp_path: Path):
    made = write(tmp_path)
    with contextlib.closing(sqlite3.connect(made.gpkg)) as connection:

        def ask(statement: str) -> list[Any]:
            return [row[0] for row in connection.execute(statement)]

        assert ask("PRAGMA integrity_check") == ["ok"]
        assert ask("PRAGMA foreign_key_check") == []
        assert ask("PRAGMA journal_mode") == ["delete"]
        described = set(ask("SELECT table_name FROM gpkg_contents"))
        assert {"layer_styles", "parcels_on_day", "ledger"} <= described
        assert len(ask("SELECT DISTINCT identifier FROM gpkg_contents")) == len(described)
        assert [name for name in described if name.startswith("gpkg")] == []
        # Every name that is described is a column that is there.
        lost = """SELECT table_name || '.' || column_name FROM gpkg_data_columns c
                  WHERE NOT EXISTS (SELECT * FROM pragma_table_info(c.table_name) p
                                    WHERE p.name = c.column_name)"""
        assert ask(lost) == []
        unknown = """SELECT constraint_name FROM gpkg_data_columns WHERE constraint_name NOT NULL
                     EXCEPT SELECT constraint_name FROM gpkg_data_column_constraints"""
        assert ask(unknown) == []


def test_figures_of_the_lots_by_hand(tmp_path: Path):
    made = write(tmp_path)
    lots = gpd.read_file(made.gpkg, layer="parcels_on_day").set_index("parcel_id")
    assert lots.loc["P2", ["area_ha", "leased_ha", "available_ha"]].tolist() == [1, 0.75, 0.25]
    assert lots.loc["P2", ["leased_share", "available_share"]].tolist() == [0.75, 0.25]
    assert lots.loc["P2", ["shown_as", "second_as"]].tolist() == ["leased", "available"]
    assert lots.loc["P1", "investors"] == "Chè Ví Dụ"
    assert lots["investors"].isna()["P7"]  # the entry ended on the 31st
    assert lots["second_as"].notna().sum() == 1
    zone = gpd.read_file(made.gpkg, layer="zones_on_day").iloc[0]
    assert zone["fill_rate"] == 1.75 / 8
    assert zone["base_ha"] == 8


def test_the_month_of_a_report_goes_by_what_it_knew(tmp_path: Path):
    known = {"recorded_at": ["2018-01-05T00:00:00Z"], "superseded_at": ["2018-05-05T00:00:00Z"]}
    ledger = squares.ledger(("P1", "leased", "2018-01-01"), **known)
    tables = replace(project(), ledger=ledger)
    month = kcn.report.monthly(tables, month=ON, start=ON, known_at="2018-04-30")
    made = kcn.qgis.write_package(tables, tmp_path, on=ON, report=month)
    land = gpd.read_file(made.gpkg, layer="developable_land")
    # P1 was let as known then, and was not as known now.
    assert land["parcel_id"].tolist() == ["P10", "P2", "P3", "P4", "P5", "P6", "P7"]


def test_the_definition_decides_which_lots_show_a_status(tmp_path: Path):
    made = write(tmp_path, definition="nd35-2022", report=None)
    lots = gpd.read_file(made.gpkg, layer="parcels_on_day").set_index("parcel_id")
    assert lots.loc["P8", "shown_as"] == "available"  # service land counts under nd35-2022
    assert lots.loc["P9", "shown_as"] == "green"


def test_a_zone_that_is_not_computable_is_drawn_with_its_reason(tmp_path: Path):
    tables = project()
    ledger = tables.ledger.assign(status=["let", *tables.ledger["status"].tolist()[1:]])
    other = squares.zones("A", "B").iloc[1:]
    lot = squares.parcels("Q1", zone="B").set_geometry([squares.square(0, 1)], crs=squares.CRS)
    tables = replace(
        tables,
        zones=pd.concat([tables.zones, other], ignore_index=True),
        parcels=pd.concat([tables.parcels, lot], ignore_index=True),
        ledger=ledger,
    )
    made = kcn.qgis.write_package(tables, tmp_path, on=ON)
    zones = gpd.read_file(made.gpkg, layer="zones_on_day").set_index("zone_id")
    rated = "B\n0,00 %"
    assert zones["label"].tolist() == ["An\nkhông tính được", rated]
    assert "let" in zones.loc["A", "reason"]
    lots = gpd.read_file(made.gpkg, layer="parcels_on_day").set_index("parcel_id")
    assert lots["shown_as"].tolist().count("not_computable") == 10
    assert lots.loc["Q1", "shown_as"] == "available"
    # The analyses leave the same zone out; the other one goes on.
    assert not made.missing
    land = gpd.read_file(made.gpkg, layer="developable_land")
    assert land["parcel_id"].tolist() == ["Q1"]
    assert kcn.io.read_project(made.gpkg).ledger["status"].iloc[0] == "let"


def test_the_same_project_gives_the_same_bytes(tmp_path: Path):
    one = write(tmp_path / "one")
    other = write(tmp_path / "other", report=None)  # gathered anew
    assert digest(one.gpkg) == digest(other.gpkg)
    assert digest(one.qgz) == digest(other.qgz)
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == [
        "layers.gpkg",
        "layers.qgz",
    ]


@pytest.mark.parametrize("language", theme.LANGUAGES)
def test_no_path_of_this_machine_is_in_the_project(tmp_path: Path, language: str):
    made = write(tmp_path, language=language)
    with zipfile.ZipFile(made.qgz) as held:
        text = held.read("layers.qgs").decode()
    assert str(tmp_path) not in text
    assert text.count("./layers.gpkg|layername=") >= 10


# What QField 3 knows to edit, by its documentation; others it shows as plain text.
FIELD_WIDGETS = {
    *("TextEdit", "Range", "DateTime", "CheckBox", "ValueMap", "ValueRelation"),
    *("RelationReference", "UniqueValues", "Hidden", "ExternalResource", "UuidGenerator"),
}


def test_the_project_can_be_taken_to_the_field(tmp_path: Path):
    made = write(tmp_path)
    with zipfile.ZipFile(made.qgz) as held:
        root = ElementTree.fromstring(held.read("layers.qgs"))  # noqa: S314
    layers = list(root.iter("maplayer"))
    ids = {layer.findtext("id") for layer in layers}
    for layer in layers:
        # Everything lies in the one file beside the project, and is packed with it.
        assert layer.findtext("datasource", "").startswith("./layers.gpkg|layername=")
        packed = layer.findall("customproperties/Option/Option[@name='QFieldSync/action']")
        assert [one.get("value") for one in packed] == ["copy"]
        # No form asks for Python, which no phone runs.
        assert not {one.tag for one in layer} & {"editforminit", "editforminitcode", "editform"}
    assert {one.get("type") for one in root.iter("editWidget")} <= FIELD_WIDGETS
    picked = [one for one in root.iter("Option") if one.get("name") == "ReferencedLayerId"]
    assert picked
    assert {one.get("value") for one in picked} <= ids


# ---- what was there before ----------------------------------------------------------------------
def test_an_untouched_package_is_replaced_and_nothing_is_kept(tmp_path: Path):
    write(tmp_path)
    assert write(tmp_path, on="2018-04-30").kept == ()


def test_an_edited_package_is_replaced_only_by_force_and_a_copy_is_kept(tmp_path: Path):
    made = write(tmp_path)
    with contextlib.closing(sqlite3.connect(made.gpkg)) as connection:
        connection.execute("UPDATE ledger SET project_id = 'by hand' WHERE parcel_id = 'P1'")
        connection.commit()
    edited = digest(made.gpkg), digest(made.qgz)
    with pytest.raises(DataSourceError, match=r"layers\.gpkg was changed .* --force"):
        write(tmp_path)
    assert (digest(made.gpkg), digest(made.qgz)) == edited
    again = write(tmp_path, force=True)
    assert tuple(digest(path) for path in again.kept) == edited
    assert {path.parent.name for path in again.kept} == {"layers.backup-1"}
    # The new one is untouched; edited again, its copy lies beside the first.
    made.qgz.write_bytes(made.qgz.read_bytes()[:-1])
    assert {path.parent.name for path in write(tmp_path, force=True).kept} == {"layers.backup-2"}


def test_a_project_saved_in_qgis_counts_as_edited(tmp_path: Path):
    made = write(tmp_path)
    with zipfile.ZipFile(made.qgz) as held:
        text = held.read("layers.qgs")
    with zipfile.ZipFile(made.qgz, "w") as saved:
        saved.writestr("layers.qgs", text)
    with pytest.raises(DataSourceError, match=r"layers\.qgz was changed"):
        write(tmp_path)


def test_an_open_package_is_replaced_only_by_force_with_all_that_was_written(tmp_path: Path):
    made = write(tmp_path)
    with contextlib.closing(sqlite3.connect(made.gpkg)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("UPDATE ledger SET project_id = 'in the log' WHERE parcel_id = 'P1'")
        other.commit()
        with pytest.raises(DataSourceError, match=r"layers\.gpkg is open in another program"):
            write(tmp_path)
        kept = write(tmp_path, force=True).kept
    ledger = kcn.io.read_project(kept[0]).ledger
    assert "in the log" in ledger["project_id"].tolist()
    # The old log is not taken for one of the new file.
    assert set(kcn.io.read_project(made.gpkg).ledger["project_id"]) == {"D"}
    assert not made.gpkg.with_name("layers.gpkg-wal").exists()


def test_a_locked_package_is_open(tmp_path: Path):
    made = write(tmp_path)
    with contextlib.closing(sqlite3.connect(made.gpkg, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DataSourceError, match="is open in another program"):
            write(tmp_path)


@pytest.mark.parametrize("content", [b"", b"my own file", b"SQLite format 3\0" + b"x" * 200])
def test_a_file_of_others_is_not_replaced(tmp_path: Path, content: bytes):
    (tmp_path / "layers.gpkg").write_bytes(content)
    with pytest.raises(DataSourceError, match="not written by kcngeo"):
        write(tmp_path)
    assert (tmp_path / "layers.gpkg").read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["layers.gpkg"]


@pytest.mark.parametrize("name", ["", ".x", "gpkg_x", "a/b", "../x", "a\nb"])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str):
    with pytest.raises(DataSourceError, match="is no name for a package"):
        write(tmp_path, name=name)


def test_a_failure_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made = write(tmp_path)
    before = digest(made.gpkg), digest(made.qgz)
    monkeypatch.setattr(kcn.qgis.map_files, "seal", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write(tmp_path, on="2018-04-30")
    assert (digest(made.gpkg), digest(made.qgz)) == before
    assert len(list(tmp_path.iterdir())) == 2


# ---- the command --------------------------------------------------------------------------------
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command in this process."""

    from kcngeo import cli

    def call(project_path: Path, out: Path, *more: str) -> tuple[int, str, str]:
        words = ["kcngeo", "qgis", str(project_path), "--on", ON, "--out", str(out)]
        monkeypatch.setattr(sys, "argv", [*words, *more])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        return stop.value.code, *capsys.readouterr()

    return call


def test_the_command_computes_what_the_project_can_answer(tmp_path: Path, run: Run):
    out = tmp_path / "out"
    code, said, told = run(SAMPLE, out, "--name", "kcn")
    assert code == 0, told
    assert said.splitlines() == [str(out / "kcn.gpkg"), str(out / "kcn.qgz")]
    layers = pyogrio.list_layers(out / "kcn.gpkg")[:, 0].tolist()
    first = ["emitters", "works", "buildings", "zones_on_day"]
    assert layers[:20] == [
        *first,
        *("finding_marks", "findings"),
        *("conflict_lines", "conflicts", "conflict_rings", "emitters_on_day", "receptors_on_day"),
        *("sites", "encumbered", "rejected", "developable_land"),
        *("blocking", "green_belt_gaps", "works_on_day", "readiness", "parcels_on_day"),
    ]
    # The hectares that `kcngeo sites` gives for the same project and day.
    criteria = kcn.sites.SiteCriteria(min_area_ha=1)
    expected = kcn.report.site_report(kcn.io.read_project(SAMPLE), on=ON, criteria=criteria)
    land = gpd.read_file(out / "kcn.gpkg", layer="developable_land")
    assert land["area_ha"].tolist() == expected.developable.land["area_ha"].tolist()
    found = gpd.read_file(out / "kcn.gpkg", layer="sites")
    passed = expected.sites[expected.sites["fails"] == ""]
    assert found["site_id"].tolist() == passed["site_id"].tolist()
    assert found["area_ha"].tolist() == passed["area_ha"].tolist()
    assert found["area_ha"].min() >= 1
    # The number of the list on the page and on paper, and 1.6530 ha.
    assert (found["number"][0], found["label"][0]) == (1, "1,65 ha")
    (out / "kcn.qgz").write_bytes(b"edited")
    code, said, told = run(SAMPLE, out, "--name", "kcn")
    assert (code, said) == (2, "")
    assert "kcn.qgz đã bị thay đổi" in told


def test_levels_of_a_rule_of_ones_own_are_named_by_what_they_need(tmp_path: Path):
    shipped = ROOT / "kcngeo" / "standards" / "readiness.toml"
    text = shipped.read_text("utf-8").replace('level_2 = ["road"]', 'level_2 = ["road", "telecom"]')
    own = text.replace('level_5 = ["telecom", ', "level_5 = [")
    (tmp_path / "own.toml").write_text(own, encoding="utf-8")
    rules = kcn.standards.registry(tmp_path / "own.toml")
    given = kcn.qgis.results(kcn.io.read_project(SAMPLE), on=ON, rules=rules)
    (spec,) = (one for one in given.maps if one.theme == "readiness")
    made = kcn.qgis.write_maps([spec], tmp_path, name="own", language="en")
    with contextlib.closing(sqlite3.connect(made.gpkg)) as connection:
        styles = dict(connection.execute("SELECT f_table_name, styleQML FROM layer_styles"))
    assert 'label="Level 2: road, telecom"' in styles["readiness"]
    # Towns of the ground are named from afar; on a sheet of one zone they would say nothing.
    assert 'scaleMin="100000"' in styles["basemap"]
    # Nor is the ground drawn where its borders are right to less than one sees.
    assert 'maxScale="50000"' in styles["basemap"]


def test_an_analysis_that_cannot_answer_is_named_and_the_others_go_on(tmp_path: Path, run: Run):
    twice = {"emitter_id": ["E", "E"], "kind": ["building", "building"]}
    emitters = gpd.GeoDataFrame(twice, geometry=[squares.square(at) for at in (1, 2)], crs=5899)
    kcn.io.write_project(replace(project(), emitters=emitters), tmp_path / "dự án.gpkg")
    out = tmp_path / "out"
    code, _, told = run(tmp_path / "dự án.gpkg", out, "--language", "en")
    assert code == 1
    assert "left out of the package, conflicts:" in told
    layers = pyogrio.list_layers(out / "layers.gpkg")[:, 0].tolist()
    assert "findings" in layers
    assert "conflicts" not in layers
