"""One file, no network, the same bytes; and the month slider, in a real browser."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
import pytest
from branca.element import Figure
from folium.plugins import Fullscreen

from kcngeo import theme
from kcngeo.core.errors import DataSourceError, KcngeoError
from kcngeo.maps.html import OfflineFigure, OfflineMap
from kcngeo.maps.payload import FILL_MAP_TEXTS, PayloadLayer, safe_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

# How long the slider rests on a month: fill_time.js.
STEP_MS = 900
HOSTILE = "Lô <b>&amp;</b> {{ 7 * 7 }} </script><script>alert(1)</script> `${0}`"
COLORS = {
    "leased": "#2f6690",
    "reserved": "#7fb2d6",
    "recovering": "#8d6a9f",
    "repurposed": "#c9a9a6",
    "uncleared": "#c98b2b",
    "available": "#f2dd6e",
}


# ---- a map with folium's own layers -------------------------------------------------------------
def square(west: float, south: float, side: float = 0.01) -> dict[str, Any]:
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def features(**properties: object) -> dict[str, Any]:
    geometry = square(107.84, 11.52)
    return {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "geometry": geometry, "properties": properties}],
    }


def folium_map() -> OfflineMap:
    """Everything a user of folium would add without thinking of the network."""
    offline = OfflineMap([11.525, 107.845], zoom_start=14, title="Bản đồ <1>", language="vi")
    lots = folium.FeatureGroup(name="Các lô").add_to(offline)
    folium.GeoJson(
        features(lot="CN9", note="xem http://example.vn/a.png"),
        style_function=lambda _: {"fillColor": "#00ff00", "className": "lot"},
        tooltip=folium.GeoJsonTooltip(["lot", "note"]),
        popup=folium.GeoJsonPopup(["lot"]),
        name="Thửa",
    ).add_to(offline)
    folium.Polygon(
        [(11.51, 107.83), (11.51, 107.84), (11.52, 107.84)], popup="Một <i>lô</i>"
    ).add_to(lots)
    folium.Marker(
        [11.527, 107.851],
        tooltip="Trạm",
        popup=folium.Popup('Nguồn: <a href="https://example.vn/qd">QĐ 12</a>', show=True),
    ).add_to(offline)
    folium.Marker(
        [11.512, 107.848], popup=folium.Popup(folium.IFrame("<p>Trạm điện</p>", 120, 60), show=True)
    ).add_to(offline)
    offline.fit_bounds([[11.51, 107.83], [11.53, 107.85]])
    folium.LayerControl(collapsed=False).add_to(offline)
    return offline


def test_saving_twice_gives_the_same_bytes(tmp_path: Path):
    first, second = folium_map(), folium_map()
    for name, offline in {"a": first, "b": first, "c": second}.items():
        offline.save(tmp_path / f"{name}.html")
    pages = [(tmp_path / f"{name}.html").read_bytes() for name in "abc"]
    assert pages[0] == pages[1]  # folium's elements keep their random ids,
    assert pages[0] == pages[2]  # and every map has others
    assert first.get_name().encode() not in pages[0]


def test_a_layer_added_after_saving_is_saved(tmp_path: Path):
    offline, at_once = folium_map(), folium_map()
    offline.save(tmp_path / "map.html")
    for each in (offline, at_once):
        folium.CircleMarker([11.52, 107.84]).add_to(each)
    assert offline.get_root().render() == at_once.get_root().render()


def test_the_page_says_what_it_is_and_forbids_the_network():
    page = folium_map().get_root().render()
    assert page.startswith('<!DOCTYPE html>\n<html lang="vi">\n<head>\n<meta charset="utf-8">')
    assert "<title>Bản đồ &lt;1&gt;</title>" in page
    assert page.count("http-equiv") == page.count('name="viewport"') == 1
    assert "default-src 'none'" in page
    assert "user-scalable" not in page
    assert "Redistribution and use in source and binary forms" in page  # Leaflet's licence
    assert "sourceMappingURL" not in page
    assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=.?(?:https?:)?//", page)


@pytest.mark.parametrize(
    ("add", "address"),
    [
        (lambda m: Fullscreen().add_to(m), "leaflet.fullscreen"),
        (lambda m: folium.TileLayer("OpenStreetMap").add_to(m), "tile.openstreetmap.org"),
        (lambda m: m.add_js_link("plugin", "https://example.vn/a.js"), "//example.vn/a.js"),
        (lambda m: m.add_css_link("plugin", "//example.vn/a.css"), "//example.vn/a.css"),
        (
            lambda m: folium.Marker(
                [11, 107], popup='<img alt="" src="https://example.vn/a.png">'
            ).add_to(m),
            "https://example.vn/a.png",
        ),
        (
            lambda m: m.get_root().header.add_child(
                folium.Element("<style>@import 'http://example.vn/a.css';</style>")
            ),
            "http://example.vn/a.css",
        ),
        (
            lambda m: m.get_root().html.add_child(
                folium.Element('<p style="background: url(http://example.vn/a.png)"></p>')
            ),
            "http://example.vn/a.png",
        ),
        (
            lambda m: folium.raster_layers.ImageOverlay(
                "https://example.vn/a.png", [[11, 107], [12, 108]]
            ).add_to(m),
            "https://example.vn/a.png",
        ),
    ],
)
def test_what_would_be_fetched_is_refused_by_its_address(
    add: Callable[[OfflineMap], object], address: str, tmp_path: Path
):
    offline = OfflineMap()
    add(offline)
    target = tmp_path / "map.html"
    target.write_text("before", encoding="utf-8")
    with pytest.raises(DataSourceError, match=re.escape(address)):
        offline.save(target)
    assert target.read_text(encoding="utf-8") == "before"
    assert list(tmp_path.iterdir()) == [target]


def test_a_plugin_of_one_map_does_not_reach_the_next():
    OfflineMap().add_js_link("plugin", "https://example.vn/a.js")
    assert "example.vn" not in OfflineMap().get_root().render()


def test_geojson_left_outside_is_refused(tmp_path: Path):
    path = tmp_path / "lots.geojson"
    path.write_text(json.dumps(features(lot="CN9")), encoding="utf-8")
    offline = OfflineMap()
    folium.GeoJson(str(path), embed=False).add_to(offline)
    with pytest.raises(DataSourceError, match=r"lots\.geojson"):
        offline.save(tmp_path / "map.html")


def test_icons_from_a_web_font_are_refused(tmp_path: Path):
    offline = OfflineMap()
    folium.Marker([11, 107], icon=folium.Icon(color="red")).add_to(offline)
    with pytest.raises(KcngeoError, match="DivIcon"):
        offline.save(tmp_path / "map.html")


def test_a_plain_figure_is_refused():
    offline = OfflineMap()
    with pytest.raises(KcngeoError, match="OfflineFigure"):
        Figure(height="300px").add_child(offline).render()
    view = OfflineFigure(height="300px").add_child(offline)._repr_html_()
    assert 'height="300px"' in view


def test_text_that_folium_takes_for_a_template_stays_text_or_is_refused(tmp_path: Path):
    offline = OfflineMap()
    folium.GeoJson(features(lot="{{ 7 * 7 }}")).add_to(offline)
    assert "{{ 7 * 7 }}" in offline.get_root().render()

    folium.GeoJson(features(lot="{% endfor")).add_to(offline)
    with pytest.raises(KcngeoError, match="PayloadLayer"):
        offline.save(tmp_path / "map.html")


def test_saving_into_an_open_file(tmp_path: Path):
    offline = OfflineMap()
    with (tmp_path / "map.html").open("wb") as file:
        offline.save(file, close_file=False)
        assert not file.closed
    assert (tmp_path / "map.html").read_text("utf-8") == offline.get_root().render()


def test_vendored_files_are_the_ones_named():
    folder = resources.files("kcngeo.maps") / "assets"
    packages = tomllib.loads((folder / "VENDORED.toml").read_text("utf-8"))
    assert set(packages) == {"leaflet"}
    for name, digest in packages["leaflet"]["sha256"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
    url = dict(folium.Map.default_js)["leaflet"]
    assert url.endswith(packages["leaflet"]["path"] + "leaflet.js")


def test_json_cannot_leave_its_block():
    text = safe_json({"name": HOSTILE + "\u2028\ud800", "area_ha": 1.5, "lot": None})
    assert not set("<>&\u2028\ud800") & set(text)
    assert json.loads(text)["name"] == HOSTILE + "\u2028\ud800"
    assert "Lô" in text
    with pytest.raises(ValueError, match="not JSON compliant"):
        safe_json({"area_ha": float("nan")})


# ---- the fill map -------------------------------------------------------------------------------
def payload(language: str = "vi", **changes: object) -> dict[str, Any]:
    """Four months round the end of 2000; the service lot counts from the third.

    Zone A: CN1 1000 ha, available, leased from the second month; CN2 8 ha, a quarter leased;
    DV1 2 ha, available; a green strip; CN3 exists only in the first month.
    Zone B is not computable, zone C begins to count in the fourth month, with nothing leasable.
    """
    one = [[float(row == column) for column in range(6)] for row in range(6)]

    def parcel(name: str, zone: int, west: float, area_ha: float, **more: object) -> dict[str, Any]:
        row = {
            "id": name, "zone": zone, "use": "industrial", "lot": None, "short": None,
            "place": [west + 0.002, 11.522, 0, 400, 400], "area_ha": area_ha,
            "from": 0, "to": 4, "geometry": square(west, 11.52, 0.004), "states": [[0, 5]],
            "entries": [],
        }  # fmt: skip
        return row | more

    def zone(
        name: str, label: str, west: float, rates: list[Any], **more: object
    ) -> dict[str, Any]:
        shapes = [[0, 4, square(west, 11.515, 0.02)]]
        row = {"id": name, "name": label, "reasons": [], "shapes": shapes, "rates": rates}
        return row | more

    entry = [1, 4, "leased", None, "QĐ 12/2000", HOSTILE]
    data: dict[str, Any] = {
        "language": language,
        "texts": {key: f"«{key}»" for key in FILL_MAP_TEXTS},
        "synthetic": True,
        "colors": COLORS,
        "change_colors": dict(theme.CHANGE_COLORS),
        "use_colors": {"service": "#f3dfd3", "green": "#d5e6c8"},
        "months": ["2000-11-30", "2000-12-31", "2001-01-31", "2001-02-28"],
        "definitions": [
            {"id": "old", "label": "công nghiệp", "uses": ["industrial"]},
            {"id": "new", "label": "công nghiệp và dịch vụ", "uses": ["industrial", "service"]},
        ],
        "month_definition": [0, 0, 1, 1],
        "zones": [
            # month 1: 2 of 1018 ha (CN3 is there), 2: 1002 of 1008, 3 and 4: 1002 of 1010
            zone("a", "KCN A", 107.80, [
                [2.0, 1018.0, 2 / 1018], [1002.0, 1008.0, 1002 / 1008],
                [1002.0, 1010.0, 1002 / 1010], [1002.0, 1010.0, 1002 / 1010]]),
            zone("b", HOSTILE, 107.83, [[5.0, 5.0, 1.0]] * 4, reasons=[
                [0, 2, "chồng nhau"], [2, 4, "b-1 và b-2 chồng <b>nhau</b>"]]),
            zone("c", "KCN C", 107.86, [None, None, None, [0.0, 0.0, None]]),
        ],
        "states": [*one, [0.25, 0.0, 0.0, 0.0, 0.0, 0.75]],
        "parcels": [
            parcel("a-1", 0, 107.801, 1000.0, lot="CN1", states=[[0, 5], [1, 0]], entries=[entry]),
            parcel("a-2", 0, 107.806, 8.0, lot="CN2", states=[[0, 6]]),
            parcel("a-3", 0, 107.811, 2.0, lot="DV1", use="service"),
            parcel("a-4", 0, 107.816, 1.0, use="green"),
            parcel("a-5", 0, 107.811, 10.0, lot="CN3", to=1),
            parcel("b-1", 1, 107.831, 5.0, lot="B1", states=[[0, 0]]),
        ],
    }  # fmt: skip
    return data | changes


def save_fill_map(folder: Path, data: dict[str, Any]) -> str:
    offline = OfflineMap(title="Thử", language=data["language"])
    offline.add_child(PayloadLayer(data))
    offline.save(folder / "map.html")
    return (folder / "map.html").as_uri()


def legend(page: Page) -> dict[str, str]:
    rows = page.locator(".kcn-legend button").all_inner_texts()
    names = [row.split() for row in rows]  # first the mark that says the same as the colour
    return {name: f"{number} {unit}" for _, name, number, unit in names if number[0] != "0"}


def zone_item(page: Page, zone_id: str) -> Locator:
    return page.locator(f'.kcn-zones [data-zone="{zone_id}"]')


def click_parcel(page: Page, lat: float, lng: float) -> None:
    point = page.evaluate(
        "at => { const box = kcngeo.map.getContainer().getBoundingClientRect();"
        " const { x, y } = kcngeo.map.latLngToContainerPoint(at); return [box.x + x, box.y + y]; }",
        [lat, lng],
    )
    page.mouse.click(*point)


def test_words_that_are_missing_are_named():
    data = payload()
    del data["texts"]["play"]
    with pytest.raises(KcngeoError, match="play"):
        PayloadLayer(data)


@pytest.mark.system
def test_folium_layers_work_without_network(offline_page: Page, tmp_path: Path):
    folium_map().save(tmp_path / "map.html")
    offline_page.goto((tmp_path / "map.html").as_uri())
    inner = offline_page.frame_locator(".leaflet-popup-content iframe")
    assert inner.locator("p").inner_text() == "Trạm điện"
    icon = offline_page.locator(".leaflet-marker-icon").first
    assert icon.evaluate("image => image.complete && image.naturalWidth") == 25
    assert offline_page.locator(".leaflet-popup-content a").inner_text() == "QĐ 12"
    names = offline_page.locator(".leaflet-control-layers label").all_inner_texts()
    assert {name.strip() for name in names} == {"Các lô", "Thửa"}
    lot = offline_page.locator("path.lot")
    assert lot.get_attribute("fill") == "#00ff00"
    lot.hover()
    assert "xem http://example.vn/a.png" in offline_page.locator(".foliumtooltip").inner_text()
    lot.click()
    assert "CN9" in offline_page.locator(".foliumpopup").inner_text()
    offline_page.get_by_label("Thửa").uncheck()
    assert lot.count() == 0


@pytest.mark.system
def test_the_view_in_a_notebook_works_without_network(offline_page: Page):
    offline_page.set_content(f"<!DOCTYPE html><body>{folium_map()._repr_html_()}</body>")
    frame = offline_page.frame_locator("iframe")
    assert frame.locator(".leaflet-popup-content a").inner_text() == "QĐ 12"


@pytest.mark.system
def test_the_month_decides_what_is_drawn_and_summed(offline_page: Page, tmp_path: Path):
    offline_page.goto(save_fill_map(tmp_path, payload()))
    assert offline_page.locator(".kcn-month").inner_text() == "02/2001"
    assert offline_page.locator(".kcn-date").inner_text() == "28/02/2001"
    assert "«synthetic»" in offline_page.locator(".kcn-synthetic").inner_text()
    # leased 1000 + 8/4; available 6 + 2 of the service lot
    assert legend(offline_page) == {"«leased»": "1.002,00 ha", "«available»": "8,00 ha"}
    assert "1.010,00 ha" in offline_page.locator(".kcn-total").inner_text()
    assert "99,21 %" in zone_item(offline_page, "a").inner_text()
    assert "1.002,00 «of» 1.010,00 ha" in zone_item(offline_page, "a").inner_text()
    assert "«nothing_leasable»" in zone_item(offline_page, "c").inner_text()

    offline_page.evaluate("kcngeo.setMonth(1)")  # the service lot does not count yet
    assert legend(offline_page) == {"«leased»": "1.002,00 ha", "«available»": "6,00 ha"}
    assert "công nghiệp" in offline_page.locator(".kcn-law").inner_text()
    assert "«not_counted»" in zone_item(offline_page, "c").inner_text()

    offline_page.evaluate("kcngeo.setMonth(0)")  # CN3 is there, CN1 not yet let
    assert legend(offline_page) == {"«leased»": "2,00 ha", "«available»": "1.016,00 ha"}
    drawn = {lot["id"]: lot for lot in offline_page.evaluate("kcngeo.drawn()")}
    assert [name for name, lot in drawn.items() if lot["leasable"]] == ["a-1", "a-2", "a-5"]
    assert drawn["a-1"]["fill"] == COLORS["available"]
    assert drawn["a-3"]["fill"] == "#f3dfd3"
    assert drawn["a-2"]["shares"] == [0.25, 0, 0, 0, 0, 0.75]


@pytest.mark.system
def test_a_zone_that_is_not_computable_has_no_number(offline_page: Page, tmp_path: Path):
    offline_page.goto(save_fill_map(tmp_path, payload()))
    shown = zone_item(offline_page, "b").inner_text()
    assert "«not_computable»" in shown
    assert "b-1 và b-2 chồng <b>nhau</b>" in shown
    assert "chồng nhau" not in shown  # the reason of other months
    assert "%" not in shown
    assert " ha" not in shown
    assert HOSTILE in offline_page.locator(".kcn-account .kcn-note").inner_text()
    assert legend(offline_page)["«leased»"] == "1.002,00 ha"  # without the 5 ha of B
    drawn = {lot["id"]: lot for lot in offline_page.evaluate("kcngeo.drawn()")}
    assert drawn["b-1"] | {"fill": ""} == {
        "id": "b-1", "zone": "b", "leasable": False, "shares": None, "fill": "",
    }  # fmt: skip
    assert drawn["b-1"]["fill"] not in COLORS.values()


@pytest.mark.system
def test_stripes_of_a_part_let_lot_are_as_wide_as_its_shares(offline_page: Page, tmp_path: Path):
    offline_page.goto(save_fill_map(tmp_path, payload()))
    fill = {lot["id"]: lot["fill"] for lot in offline_page.evaluate("kcngeo.drawn()")}["a-2"]
    pattern = offline_page.locator(f"svg pattern#{fill.removeprefix('url(#').removesuffix(')')}")
    assert offline_page.locator(f"path[fill='{fill}']").count() == 1
    assert pattern.get_attribute("patternUnits") == "userSpaceOnUse"
    stripes = pattern.locator("rect").evaluate_all(
        "rects => rects.map(r => [r.getAttribute('fill'), Number(r.getAttribute('width'))])"
    )
    # a quarter and three quarters of 14 px
    assert stripes == [[COLORS["leased"], 3.5], [COLORS["available"], 10.5]]
    assert offline_page.locator("svg pattern").count() == 1


@pytest.mark.system
def test_geometry_of_what_is_drawn_can_be_measured(offline_page: Page, tmp_path: Path):
    offline_page.goto(save_fill_map(tmp_path, payload()))
    drawn = offline_page.evaluate(
        "() => { const found = {}; kcngeo.map.eachLayer(layer => { if (layer.feature)"
        " found[layer.feature.properties.parcel_id] = layer.feature.geometry; }); return found; }"
    )
    assert drawn == {
        row["id"]: row["geometry"] for row in payload()["parcels"] if row["id"] != "a-5"
    }


@pytest.mark.system
def test_slider_by_keyboard_and_play(offline_page: Page, tmp_path: Path):
    clock = offline_page.clock
    clock.install(time=0)
    offline_page.goto(save_fill_map(tmp_path, payload()))
    clock.pause_at(3600)  # from here on time passes by run_for only
    month = offline_page.locator(".kcn-month")
    slider = offline_page.get_by_label("«month»")
    slider.press("ArrowLeft")
    assert month.inner_text() == "01/2001"
    assert slider.get_attribute("aria-valuetext") == "01/2001"
    slider.press("Home")
    assert month.inner_text() == "11/2000"
    assert offline_page.evaluate("kcngeo.month()") == 0
    offline_page.get_by_label("«play»").press("Space")
    offline_page.get_by_label("«pause»").wait_for()
    clock.run_for(STEP_MS)
    assert month.inner_text() == "12/2000"
    offline_page.get_by_label("«pause»").click()
    clock.run_for(10 * STEP_MS)
    assert month.inner_text() == "12/2000"
    slider.press("End")
    offline_page.get_by_label("«play»").click()  # at the end it begins again
    assert month.inner_text() == "11/2000"
    clock.run_for(2 * STEP_MS)
    assert month.inner_text() == "01/2001"
    offline_page.get_by_label("«pause»").wait_for()
    clock.run_for(STEP_MS)
    assert month.inner_text() == "02/2001"
    offline_page.get_by_label("«play»").wait_for()  # and stops at the end
    # CN1 is let in December, the service lot counts from January, zone C from February.
    slider.press("Home")
    told = []
    for _ in range(3):
        offline_page.get_by_label("«next_change»").click()
        words = offline_page.locator(".kcn-news").inner_text().split("\n\n")
        told.append((month.inner_text(), words))
    assert told == [
        (
            "12/2000",
            ["«news»", "«news_base»", "«lot» CN1", "KCN A · «change_let» · +1.000,00 ha"],
        ),
        ("01/2001", ["«news»", "«news_definition»", "«news_base»"]),
        ("02/2001", ["«news»", "«news_begins»"]),
    ]
    assert offline_page.locator(".kcn-ticks .kcn-event").count() == 3
    # Twice as fast, a month stays half as long.
    offline_page.get_by_label("«speed»: 1 ×").click()
    slider.press("Home")
    offline_page.get_by_label("«play»").click()
    clock.run_for(STEP_MS)
    assert month.inner_text() == "01/2001"


@pytest.mark.system
def test_hostile_text_is_shown_as_text(offline_page: Page, tmp_path: Path):
    offline_page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    offline_page.emulate_media(reduced_motion="reduce")  # the map is there at once
    offline_page.goto(save_fill_map(tmp_path, payload()))
    assert HOSTILE in zone_item(offline_page, "b").inner_text()
    assert HOSTILE in offline_page.locator(".kcn-label").all_inner_texts()[1]
    assert HOSTILE in offline_page.locator("option").all_inner_texts()
    offline_page.get_by_label("«go_to»").select_option("0")
    click_parcel(offline_page, 11.522, 107.803)
    popup = offline_page.locator(".kcn-popup")
    assert "QĐ 12/2000" in popup.inner_text()
    assert HOSTILE in popup.inner_text()
    assert offline_page.locator(".kcn-app b b, .kcn-popup b").count() == 0


@pytest.mark.system
def test_a_click_tells_about_a_lot_in_that_month(offline_page: Page, tmp_path: Path):
    offline_page.emulate_media(reduced_motion="reduce")  # the map is there at once
    offline_page.goto(save_fill_map(tmp_path, payload()))
    offline_page.get_by_role("button", name="KCN A").click()
    click_parcel(offline_page, 11.522, 107.803)
    popup = offline_page.locator(".kcn-popup")
    assert "«lot» CN1" in popup.inner_text()
    assert "1.000,00 ha" in popup.inner_text()
    shares = popup.locator(".kcn-shares")
    assert shares.inner_text().split() == ["1", "«leased»", "1.000,00", "ha"]
    offline_page.get_by_label("«month»").press("Home")
    assert popup.locator(".kcn-shares").inner_text().split() == [
        "6",
        "«available»",
        "1.000,00",
        "ha",
    ]
    assert "QĐ 12/2000" not in popup.inner_text()
    popup.get_by_label("«close»").click()
    popup.wait_for(state="detached")


@pytest.mark.system
def test_one_status_can_be_looked_for(offline_page: Page, tmp_path: Path):
    offline_page.goto(save_fill_map(tmp_path, payload()))
    button = offline_page.locator(".kcn-legend button").first
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    opacity = offline_page.evaluate(
        "() => { const found = {}; kcngeo.map.eachLayer(layer => { if (layer.feature)"
        " found[layer.feature.properties.parcel_id] = layer.options.fillOpacity; });"
        " return found; }"
    )
    assert [name for name, value in opacity.items() if value == 1] == ["a-1", "a-2"]


@pytest.mark.system
@pytest.mark.parametrize("offline_page", ["en-GB"], indirect=True)
def test_english_on_a_narrow_screen(offline_page: Page, tmp_path: Path):
    offline_page.set_viewport_size({"width": 390, "height": 844})
    offline_page.goto(save_fill_map(tmp_path, payload("en", synthetic=False)))
    panel = offline_page.locator(".kcn-panel")
    # A sheet at the foot with its button; what is behind it is not seen.
    assert panel.is_visible()
    assert not offline_page.locator(".kcn-legend").first.is_visible()
    toggle = offline_page.get_by_role("button", name="«panel_show»")
    assert toggle.get_attribute("aria-expanded") == "false"
    toggle.click()
    assert panel.is_visible()
    assert offline_page.locator(".kcn-legend").first.is_visible()
    assert offline_page.evaluate("document.documentElement.scrollWidth") == 390
    assert offline_page.locator(".kcn-date").inner_text() == "28 Feb 2001"
    assert legend(offline_page)["«leased»"] == "1,002.00 ha"
    assert "99.21 %" in zone_item(offline_page, "a").inner_text()
    assert offline_page.locator(".kcn-synthetic").count() == 0
    assert offline_page.locator("html").get_attribute("lang") == "en"


@pytest.mark.system
def test_a_users_own_layer_stands_on_the_fill_map(offline_page: Page, tmp_path: Path):
    offline = OfflineMap(language="vi")
    offline.add_child(PayloadLayer(payload()))
    folium.GeoJson(
        features(lot="X"), style_function=lambda _: {"className": "own"}, name="Riêng"
    ).add_to(offline)
    folium.LayerControl(collapsed=False).add_to(offline)
    offline.save(tmp_path / "map.html")
    offline.save(tmp_path / "again.html")
    assert (tmp_path / "map.html").read_bytes() == (tmp_path / "again.html").read_bytes()
    offline_page.goto((tmp_path / "map.html").as_uri())
    assert offline_page.locator("path.own").count() == 1
    offline_page.get_by_label("Riêng").uncheck()
    assert offline_page.locator("path.own").count() == 0
