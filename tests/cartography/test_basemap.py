"""The light ground: whole, in its place, replaced by a project's own, and gone from near."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from playwright.sync_api import Page

import kcngeo as kcn
from kcngeo import theme
from kcngeo.cartography.basemap import basemap_of
from kcngeo.cartography.spec import MapSpec
from tests.cartography.drawings import on_paper

ON = "2018-03-31"
COLORS = theme.KIND_COLORS["basemap"]
# The official areas of the 124 units of the province since July 2025, added up, in km².
OFFICIAL_KM2 = 24_243.13


def at(project: kcn.Project, x: float, y: float) -> kcn.Project:
    """Move the zones and parcels of a project by metres."""
    return replace(
        project,
        zones=project.zones.set_geometry(project.zones.translate(x, y)),
        parcels=project.parcels.set_geometry(project.parcels.translate(x, y)),
    )


@pytest.fixture(scope="module")
def near() -> MapSpec:
    report = kcn.report.monthly(kcn.examples.squares(), month=ON, start=ON)
    return kcn.cartography.fill(report)


@pytest.fixture(scope="module")
def apart() -> MapSpec:
    """The same with zone B 60 km to the north-east."""
    project = kcn.examples.squares()
    moved = at(project, 45_000, 40_000)
    is_b = [frame["zone_id"].to_numpy() == "B" for frame in (project.zones, project.parcels)]
    zones = project.zones.geometry.where(~is_b[0], moved.zones.geometry)
    parcels = project.parcels.geometry.where(~is_b[1], moved.parcels.geometry)
    project = replace(
        project,
        zones=project.zones.set_geometry(zones),
        parcels=project.parcels.set_geometry(parcels),
    )
    return kcn.cartography.fill(kcn.report.monthly(project, month=ON, start=ON))


def test_the_units_are_those_of_the_province() -> None:
    ground = basemap_of(kcn.examples.squares())
    assert ground is not None
    frame = ground.frame
    assert frame["kind"].value_counts().to_dict() == {"commune": 104, "ward": 20, "province": 1}
    units, province = frame[frame["kind"] != "province"], frame.geometry.iloc[-1]
    assert units["name"].is_unique
    # Simplified to 250 m, and on a grid whose scale is one in 600 off at the edge.
    assert units.area.sum() / 1e6 == pytest.approx(OFFICIAL_KM2, rel=0.005)
    assert province.area == pytest.approx(units.area.sum(), rel=0.001)
    # Lộc Sơn lies in a ward of Bảo Lộc, as the board publishes.
    loc_son = shapely.Point(510_000, 1_274_500)
    here = units[units.contains(loc_son)]["name"].tolist()
    assert len(here) == 1
    assert "Bảo Lộc" in here[0] or "B'Lao" in here[0]
    # Of 20 wards 5 are of Đà Lạt, 3 of Bảo Lộc, 3 of Gia Nghĩa: 3 + 9 towns, each in its ward.
    towns = [(one, name) for one, name in zip(ground.labels, frame["name"], strict=True) if one]
    assert [one.priority for one, _ in sorted(towns, key=lambda pair: pair[0].priority)] == [
        *range(1, 13)
    ]
    first = sorted(towns, key=lambda pair: pair[0].priority)[:4]
    assert [one.text["en"] for one, _ in first] == ["Đà Lạt", "Bảo Lộc", "Gia Nghĩa", "Phan Thiết"]
    assert all(one.text["vi"] in name for one, name in towns)
    assert not any("Phường" in one.text["vi"] for one, _ in towns)


def test_there_is_none_where_none_is_known() -> None:
    assert basemap_of(at(kcn.examples.squares(), 400_000, 0)) is None


def test_a_ground_of_ones_own_goes_before_it() -> None:
    project = kcn.examples.squares()
    own = gpd.GeoDataFrame(
        {"kind": ["commune"], "name": ["Xã Ví Dụ"]},
        geometry=[shapely.box(*project.zones.total_bounds).buffer(500)],
        crs=project.zones.crs,
    )
    project = replace(project, context=own)
    assert basemap_of(project) is None
    # Roads are not a ground: both are drawn.
    assert basemap_of(replace(project, context=own.assign(kind="road"))) is not None


def test_paper_shows_it_from_afar_only(near: MapSpec, apart: MapSpec) -> None:
    alone = on_paper(kcn.figures.draw_map(near, language="en"))
    assert "basemap.commune" not in alone.colors
    assert "Bảo Lộc" not in alone.labels
    circles = replace(apart, panel_zones=("",), zones=apart.zones)
    one = shapely.multipolygons(shapely.get_parts(apart.zones.frame.geometry.to_numpy()))
    whole = apart.zones.frame.iloc[[0]].assign(zone_id="", geometry=[one])
    circles = replace(circles, zones=replace(apart.zones, frame=whole, told=apart.zones.told[:1]))
    drawn = on_paper(kcn.figures.draw_map(circles, language="en"))
    assert drawn.colors["basemap.commune"] == COLORS["commune"].lower()
    assert drawn.colors["basemap.ward"] == COLORS["ward"].lower()
    # So are the towns, where no zone, lot or other name lies.
    assert {"Bảo Lộc", "B'Lao"} <= drawn.labels


def test_the_source_is_named_wherever_it_is_drawn(near: MapSpec) -> None:
    assert near.basemap is not None
    for language in theme.LANGUAGES:
        about = near.basemap.about[language]
        assert "thanglequoc/vietnamese-provinces-database" in about
        assert "MIT" in about
        sheet = kcn.figures.draw_map(near, language=language)
        assert any("vietnamese-provinces-database" in one.get_text() for one in sheet.texts)


@pytest.fixture(scope="module", params=["months", "day"])
def page_path(
    apart: MapSpec, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    path = tmp_path_factory.mktemp("basemap") / "map.html"
    spec = apart if request.param == "months" else replace(apart, history=None)
    kcn.maps.draw_map(spec, language="en").save(path)
    return path


def test_the_page_shows_it_until_one_comes_near(offline_page: Page, page_path: Path) -> None:
    offline_page.goto(page_path.as_uri())
    units = offline_page.locator(".kcn-basemap")
    assert units.count() == 125
    shown = "(all) => new Set(all.map((one) => getComputedStyle(one).display)).has('inline')"
    assert units.evaluate_all(shown)
    towns = offline_page.locator(".kcn-town")
    assert "Bảo Lộc" in towns.all_inner_texts()
    fills = units.evaluate_all("(all) => all.map((one) => one.getAttribute('fill'))")
    assert sorted({fill.upper() for fill in fills}) == sorted(
        {COLORS["commune"], COLORS["ward"], "NONE"}
    )
    assert "vietnamese-provinces-database" in offline_page.locator(".kcn-source").inner_text()
    offline_page.evaluate("kcngeo.map.setZoom(14, {animate: false})")
    offline_page.wait_for_function("!document.querySelector('.kcn-far')")
    assert not units.evaluate_all(shown)
    assert not any(one.is_visible() for one in towns.all())
