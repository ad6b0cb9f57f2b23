"""Many lots: drawn on one canvas from packed data, or zone by zone; the figures stay the same."""

from __future__ import annotations

import base64
import gzip
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageColor

import kcngeo as kcn
from kcngeo import theme
from kcngeo.core.errors import KcngeoError
from kcngeo.maps import OfflineAtlas, OfflineMap, PayloadLayer, limits
from tests.maps.pages import draw
from tests.squares import CRS, ledger, square

if TYPE_CHECKING:
    from playwright.sync_api import Page

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "parcels" / "two_zones.gpkg"
PERIOD = {"start": "2018-03-01", "end": "2018-03-31"}
ODD = "../Lộc Sơn"


def layer(offline: OfflineMap) -> PayloadLayer:
    (found,) = [one for one in offline._children.values() if isinstance(one, PayloadLayer)]
    return found


def block(page: str, kind: str) -> str:
    """What stands in the page's block of data."""
    return page.split(f'<script type="{kind}" id="')[1].split(">", 1)[1].split("</script>")[0]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """As if more than ten lots were too many for elements of the page."""
    monkeypatch.setattr("kcngeo.maps.limits.ELEMENT_LOTS", 10)
    monkeypatch.setattr("kcngeo.maps.limits.PACKED_BYTES", 0)
    # Simplified boundaries are looked at elsewhere.
    monkeypatch.setattr("kcngeo.maps.limits.SIMPLIFY_M", 0.0)
    return monkeypatch


def two_zones() -> kcn.Project:
    """Zone A: three lots of 1 ha; zone of an odd name: two lots, from February 2020 on three."""
    lots = [("A1", "A"), ("A2", "A"), ("A3", "A"), ("B1", ODD), ("B2", ODD), ("B3", ODD)]
    shapes = [square(column, row) for row in (0, 2) for column in range(3)]
    since = pd.to_datetime([None] * 5 + ["2020-02-01"])
    return kcn.Project(
        zones=gpd.GeoDataFrame(
            {"zone_id": ["A", ODD], "name": ["KCN A", ODD]},
            geometry=[square(0, 0, wide=10), square(0, 2, wide=10)],
            crs=CRS,
        ),
        parcels=gpd.GeoDataFrame(
            {
                "parcel_id": [name for name, _ in lots],
                "zone_id": [zone for _, zone in lots],
                "land_use": "industrial",
                "valid_from": since,
            },
            geometry=shapes,
            crs=CRS,
        ),
        ledger=ledger(
            ("A1", "leased", "2020-01-10"),
            ("A2", "leased", "2020-02-10", None, 0.25),
            ("B1", "reserved", "2020-01-10"),
        ),
    )


def test_the_limits_are_the_documented_ones():
    assert (limits.ELEMENT_LOTS, limits.ONE_PAGE_LOTS) == (20_000, 100_000)


def test_packed_data_are_the_same_data(few: pytest.MonkeyPatch):
    project = kcn.io.read_project(SAMPLE)
    large = kcn.maps.fill_map(project, **PERIOD).get_root().render()
    few.setattr("kcngeo.maps.limits.PACKED_BYTES", 10**9)
    small = kcn.maps.fill_map(project, **PERIOD).get_root().render()
    plain = json.loads(block(small, "application/json"))
    unpacked = gzip.decompress(base64.b64decode(block(large, "text/plain")))
    assert json.loads(unpacked) == plain
    assert len(plain["parcels"]) > 200
    assert len(large) < len(small)
    assert "kcngeoFillMap = " in large
    assert "@param" not in large  # what is written for who reads the scripts


def shot(page: Page, address: str) -> tuple[list[Any], dict[str, int]]:
    """Open a map without labels; give its lots as drawn, and how often each colour is seen."""
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": 1000, "height": 800})
    page.goto(address)
    page.wait_for_function("window.kcngeo !== undefined")
    page.locator(".kcn-tools select").select_option(label="KCN Lộc Sơn")
    page.add_style_tag(content=".kcn-label, .kcn-lot, .leaflet-control { display: none }")
    drawn = page.evaluate("kcngeo.drawn()")
    page.evaluate(
        "() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))"
    )
    picture = Image.open(io.BytesIO(page.locator(".kcn-map").screenshot())).convert("RGB")
    pixels = np.asarray(picture, dtype=int).reshape(-1, 3)
    counts = {
        # Slanted stripes are smoothed: a colour is what lies near it.
        status: int((np.abs(pixels - ImageColor.getrgb(color)) <= 30).all(axis=1).sum())
        for status, color in theme.STATUS_COLORS.items()
    }
    return drawn, counts


def test_a_canvas_shows_what_elements_show(
    offline_page: Page, few: pytest.MonkeyPatch, tmp_path: Path
):
    project = kcn.io.read_project(SAMPLE)
    kcn.maps.fill_map(project, **PERIOD).save(tmp_path / "canvas.html")
    few.undo()
    kcn.maps.fill_map(project, **PERIOD).save(tmp_path / "elements.html")
    lots, expected = shot(offline_page, (tmp_path / "elements.html").as_uri())
    assert offline_page.locator(".leaflet-kcngeo-parcels-pane path").count() > 200
    on_canvas, found = shot(offline_page, (tmp_path / "canvas.html").as_uri())
    assert offline_page.locator(".leaflet-kcngeo-parcels-pane path").count() == 0
    assert offline_page.locator(".leaflet-kcngeo-parcels-pane canvas").count() == 1
    assert on_canvas == lots
    assert sum(expected.values()) > 50_000
    for status, count in expected.items():
        assert found[status] == pytest.approx(count, rel=0.05, abs=300), (
            status
        )  # white edges differ


def test_a_lot_on_the_canvas_tells_what_it_is(
    offline_page: Page, few: pytest.MonkeyPatch, tmp_path: Path
):
    few.setattr("kcngeo.maps.limits.ELEMENT_LOTS", 1)
    path = tmp_path / "map.html"
    kcn.maps.fill_map(two_zones(), start="2020-01-01", end="2020-03-31").save(path)
    offline_page.goto(path.as_uri())
    offline_page.wait_for_function("window.kcngeo !== undefined")
    box = offline_page.locator(".kcn-map").bounding_box()
    inside = gpd.GeoSeries([square(1).centroid], crs=CRS).to_crs(4326).iloc[0]
    at = offline_page.evaluate(
        "at => { const { x, y } = kcngeo.map.latLngToContainerPoint(at); return [x, y]; }",
        [inside.y, inside.x],
    )
    offline_page.mouse.move(box["x"] + at[0], box["y"] + at[1])
    tip = offline_page.locator(".kcn-tip")
    tip.wait_for()
    assert tip.inner_text() == "A2 · đã cho thuê + còn trống"
    offline_page.mouse.click(box["x"] + at[0], box["y"] + at[1])
    popup = offline_page.locator(".kcn-popup")
    assert popup.locator("h3").inner_text() == "A2"
    shares = popup.locator(".kcn-shares .kcn-number").all_inner_texts()
    assert shares == ["0,25 ha", "0,75 ha"]


def legend(page: Page) -> list[str]:
    return page.locator(".kcn-legend .kcn-number").all_inner_texts()


def test_an_overview_leads_to_the_zones(
    offline_page: Page, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr("kcngeo.maps.limits.ONE_PAGE_LOTS", 5)
    made = kcn.maps.fill_map(two_zones(), start="2020-01-01", end="2020-03-31")
    assert isinstance(made, OfflineAtlas)
    made.save(tmp_path / "overview.html")
    written = sorted(one.relative_to(tmp_path).as_posix() for one in tmp_path.rglob("*.html"))
    assert written == [
        "overview.html",
        "overview_zones/a-559aead08264.html",
        # printf A | sha256sum, and the same of the other id
        "overview_zones/zone-e5a9276b5140.html",
    ]
    before = {name: (tmp_path / name).read_bytes() for name in written}
    made.save(tmp_path / "overview.html")
    assert {name: (tmp_path / name).read_bytes() for name in written} == before

    offline_page.emulate_media(reduced_motion="reduce")
    offline_page.goto((tmp_path / "overview.html").as_uri())
    # March: A1 and a quarter of A2 are let, 1.25 of 3 ha; B1 is reserved, 1 of 3 ha.
    assert legend(offline_page) == [
        "1,25 ha",
        "1,00 ha",
        "0,00 ha",
        "0,00 ha",
        "0,00 ha",
        "3,75 ha",
    ]
    assert offline_page.locator(".kcn-total .kcn-number").inner_text() == "6,00 ha"
    # January: A1 is let, B1 reserved; B3 is not there yet.
    slider = offline_page.locator("#kcn-slider")
    slider.fill("0")
    assert legend(offline_page) == [
        "1,00 ha",
        "1,00 ha",
        "0,00 ha",
        "0,00 ha",
        "0,00 ha",
        "3,00 ha",
    ]
    slider.fill("2")

    path = offline_page.locator(".leaflet-kcngeo-parcels-pane path").first
    path.click(position={"x": 8, "y": 8})
    popup = offline_page.locator(".kcn-popup")
    assert popup.locator("h3").inner_text() == "KCN A"
    assert "1,25 ha" in popup.inner_text()
    # By key: the map may still be moving to show the popup, and a click would miss the link.
    popup.locator("a.kcn-open").press("Enter")
    offline_page.wait_for_url("**/overview_zones/a-559aead08264.html*")
    assert legend(offline_page) == [
        "1,25 ha",
        "0,00 ha",
        "0,00 ha",
        "0,00 ha",
        "0,00 ha",
        "1,75 ha",
    ]
    assert {one["id"] for one in offline_page.evaluate("kcngeo.drawn()")} == {"A1", "A2", "A3"}
    offline_page.locator("a.kcn-home").click()
    offline_page.wait_for_url("**/overview.html*")
    assert offline_page.locator(".kcn-total .kcn-number").inner_text() == "6,00 ha"


def test_an_overview_is_not_written_into_an_open_file(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("kcngeo.maps.limits.ONE_PAGE_LOTS", 5)
    made = kcn.maps.fill_map(two_zones(), start="2020-01-01", end="2020-03-31")
    with pytest.raises(KcngeoError, match="a page for every zone"):
        made.save(io.BytesIO())


def test_a_zone_that_is_not_computable_has_no_colours_in_the_overview(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("kcngeo.maps.limits.ONE_PAGE_LOTS", 2)
    project = two_zones()
    twice = pd.concat([project.ledger, ledger(("B1", "leased", "2020-01-20"))], ignore_index=True)
    broken = kcn.Project(zones=project.zones, parcels=project.parcels, ledger=twice)
    made = kcn.maps.fill_map(broken, start="2020-01-01", end="2020-03-31")
    data = json.loads(layer(made).data)
    rows = {row["id"]: row for row in data["parcels"]}
    assert rows[ODD]["states"] == []
    assert rows[ODD]["area_ha"] == 0
    assert rows["KCN A"]["states"] == [[0, 0], [1, 1]]
    # A1 of three; from February on A1 and a quarter of A2.
    third, quarter = 0.333333333, 0.416666667
    assert [state[0] for state in data["states"]] == [third, quarter]


@pytest.mark.parametrize("name", ["conflict", "site", "step", "findings"])
def test_a_map_of_one_day_is_clicked_on_a_canvas_as_on_elements(
    offline_page: Page, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
):
    project = kcn.io.read_project(SAMPLE)
    told = {}
    for way, most in (("elements", 20_000), ("canvas", 10)):
        monkeypatch.setattr("kcngeo.maps.limits.ELEMENT_LOTS", most)
        draw(name, project).save(tmp_path / f"{way}.html")
        offline_page.emulate_media(reduced_motion="reduce")
        offline_page.goto((tmp_path / f"{way}.html").as_uri())
        offline_page.wait_for_function("window.kcngeo !== undefined")
        has_canvas = offline_page.locator(".leaflet-kcngeo-base-pane canvas").count() == 1
        assert has_canvas == (way == "canvas")
        offline_page.locator(".kcn-tools select").select_option(label="KCN Lộc Sơn")
        box = offline_page.locator(".kcn-map").bounding_box()
        found = []
        for across, down in ((0.35, 0.45), (0.5, 0.5), (0.6, 0.4), (0.45, 0.65)):
            offline_page.mouse.click(
                box["x"] + across * box["width"], box["y"] + down * box["height"]
            )
            popup = offline_page.locator(".kcn-popup")
            found.append(popup.inner_text() if popup.count() else "")
            offline_page.keyboard.press("Escape")
        told[way] = (found, offline_page.evaluate("kcngeo.shown()"))
    assert told["canvas"] == told["elements"]
    assert len(told["canvas"][1]) > 0


def test_a_crowd_of_lots_gives_way_to_what_is_told(monkeypatch: pytest.MonkeyPatch):
    project = kcn.io.read_project(SAMPLE)
    before = json.loads(layer(draw("conflict", project)).data)
    monkeypatch.setattr("kcngeo.maps.limits.ONE_PAGE_LOTS", 10)
    crowded = json.loads(layer(draw("conflict", project)).data)
    assert len(before["base"]) > 200
    assert crowded["base"] == []
    assert crowded["features"] == before["features"]
    (note,) = crowded["notes"][len(before["notes"]) :]
    assert note["en"].startswith("There are too many lots for one page")
