"""What every map page does alike, in a browser: language, search, address, keys, zones, paper."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

import kcngeo as kcn
from kcngeo import theme
from kcngeo.report import public
from tests import squares
from tests.maps.pages import MAPS, SAMPLE, draw

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

WORDS = ("map", "layers_map", "conflict_map", "site_map", "step_map", "findings_map")


@pytest.fixture(scope="module")
def sample() -> kcn.Project:
    return kcn.io.read_project(SAMPLE)


@pytest.fixture(scope="module")
def pages(sample: kcn.Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Addresses of the five maps of the sample, on 31 March 2018."""
    folder = tmp_path_factory.mktemp("pages")
    for name in MAPS:
        draw(name, sample).save(folder / f"{name}.html")
    return {name: (folder / f"{name}.html").as_uri() for name in MAPS}


def open_page(page: Page, address: str, place: str = "") -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{address}#{place}")


def found(page: Page, query: str) -> Locator:
    page.locator(".kcn-search input").fill(query)
    return page.locator("#kcn-found li")


def place(page: Page) -> str:
    return page.evaluate("location.hash")


# ---- accessibility ------------------------------------------------------------------------------
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", MAPS)
def test_no_serious_violation(
    offline_page: Page, axe: str, pages: dict[str, str], name: str, language: str
) -> None:
    open_page(offline_page, pages[name], f"zone=loc-son&lang={language}")
    if language == "en":  # on a phone, too
        offline_page.set_viewport_size({"width": 390, "height": 844})
        offline_page.locator(".kcn-panel").wait_for()
    lot = found(offline_page, "LS-").first  # something said, and the panel beside it
    lot.click()
    offline_page.locator(".leaflet-popup").or_(offline_page.locator(".kcn-panel")).first.wait_for()
    found(offline_page, "loc son").first.wait_for()
    offline_page.evaluate(axe)
    told = offline_page.evaluate("axe.run().then(({ violations, passes }) => [violations, passes])")
    violations, passes = told
    assert len(passes) > 20
    serious = [
        (one["id"], node["html"][:120])
        for one in violations
        for node in one["nodes"]
        if one["impact"] in ("serious", "critical")
    ]
    assert not serious


# ---- language -----------------------------------------------------------------------------------
@pytest.mark.parametrize("name", MAPS)
def test_one_switch_changes_every_word(
    offline_page: Page, pages: dict[str, str], name: str
) -> None:
    open_page(offline_page, pages[name], "zone=loc-son")
    said = {
        language: theme.texts(*WORDS, "status", "land_use", language=language)
        for language in ("vi", "en")
    }
    only_vi = {
        words for key, words in said["vi"].items() if words != said["en"][key] and len(words) > 4
    }
    everything = (
        "[document.title, document.body.innerText, ...[...document.body.querySelectorAll('*')]"
        ".flatMap((one) => ['title', 'aria-label', 'placeholder', 'aria-valuetext']"
        ".map((name) => one.getAttribute(name) ?? ''))].join('\\n')"
    )
    # A busy machine may not have drawn the page yet.
    offline_page.locator(".kcn-date", has_text="31/03/2018").wait_for()
    before = offline_page.evaluate(everything)
    assert sum(words in before for words in only_vi) >= 12
    offline_page.locator(".kcn-language").click()
    after = offline_page.evaluate(everything)
    assert [words for words in only_vi if words in after] == []
    assert offline_page.locator(".kcn-date").inner_text() == "31 Mar 2018"
    assert offline_page.locator("html").get_attribute("lang") == "en"
    assert not re.search(r"\d,\d\d ha", after)
    assert re.search(r"\d\.\d\d ha", after)
    assert place(offline_page) == "#zone=loc-son&lang=en"
    offline_page.locator(".kcn-language").click()
    assert offline_page.evaluate(everything) == before


def test_what_is_open_is_said_in_the_other_language_too(
    offline_page: Page, pages: dict[str, str]
) -> None:
    open_page(offline_page, pages["fill"], "lot=LS-CN09-01")
    popup = offline_page.locator(".kcn-popup")
    assert "8,36 ha" in popup.inner_text()
    offline_page.locator(".kcn-language").click()
    assert "8.36 ha" in popup.inner_text()
    assert "available" in popup.inner_text()
    # the board's own words stay as they are
    assert "1 phần lô CN9" in popup.inner_text()


# ---- search -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("LS-CN09-01", "Lô CN9-1"),
        ("ls cn09 01", "Lô CN9-1"),
        ("cn9 loc son", "Lô CN9-1"),
        ("LÔ CN9 LỘC SƠN", "Lô CN9-1"),
        ("che thac bac", "Lô CN9-1"),  # Công ty CP Chè Thác Bạc
        ("phu hoi", "KCN Phú Hội"),
        ("dai lao", "KCN – Đô thị Đại Lào"),
    ],
)
def test_a_lot_is_found_without_diacritics(
    offline_page: Page, pages: dict[str, str], query: str, first: str
) -> None:
    open_page(offline_page, pages["fill"])
    assert found(offline_page, query).first.locator("b").inner_text() == first


def test_what_is_found_is_opened_by_keys_and_left_by_escape(
    offline_page: Page, pages: dict[str, str]
) -> None:
    open_page(offline_page, pages["fill"])
    field = offline_page.get_by_role("combobox", name="Tìm lô")
    field.focus()
    offline_page.keyboard.type("che thac bac")
    assert field.get_attribute("aria-expanded") == "true"
    option = offline_page.locator(f"#{field.get_attribute('aria-activedescendant')}")
    assert "Chè Thác Bạc" in option.inner_text()
    offline_page.keyboard.press("Enter")
    assert offline_page.locator(".kcn-popup h3").inner_text() == "Lô CN9-1"
    focused = "document.activeElement.getAttribute('aria-label')"
    assert offline_page.evaluate(focused) == "Đóng"
    offline_page.keyboard.press("Escape")
    offline_page.locator(".kcn-popup").wait_for(state="detached")
    assert offline_page.evaluate(focused).startswith("Tìm lô")
    found(offline_page, "khong co gi nhu the")
    assert offline_page.locator(".kcn-told").inner_text() == "Không tìm thấy."
    offline_page.keyboard.press("Escape")
    assert offline_page.locator(".kcn-told").inner_text() == ""


def test_a_lot_of_another_time_is_opened_in_its_month(
    offline_page: Page, sample: kcn.Project, tmp_path: Path
) -> None:
    lots = sample.parcels
    ends = lots.groupby("parcel_id")["valid_to"].max()
    gone = ends[ends.notna() & (ends < "2018-03-01") & (ends > "2014-01-01")]
    name, end = str(gone.index[0]), gone.iloc[0]
    draw("fill", sample, start="2012-01-01").save(tmp_path / "map.html")
    open_page(offline_page, (tmp_path / "map.html").as_uri())
    result = found(offline_page, name).first
    # the last month whose last day it reached; the day on which it ends no longer counts
    last = (end - pd.offsets.MonthEnd(1)).strftime("%m/%Y")
    assert last in result.inner_text()
    result.click()
    assert offline_page.locator(".kcn-month").inner_text() == last
    assert name in offline_page.locator(".kcn-popup").inner_text()


def test_the_public_edition_finds_no_investor(
    offline_page: Page, sample: kcn.Project, tmp_path: Path
) -> None:
    draw("fill", public(sample)).save(tmp_path / "map.html")
    assert "Thác Bạc" not in (tmp_path / "map.html").read_text("utf-8")
    open_page(offline_page, (tmp_path / "map.html").as_uri())
    assert found(offline_page, "thac bac").count() == 0
    assert found(offline_page, "ls cn09 01").count() == 1


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("conflict", "Khu dân cư phía Bắc"),
        ("site", "LS-CN13-02"),
        ("step", "PH-CN09-06"),
        ("findings", "S-0024"),
    ],
)
def test_features_of_the_other_maps_are_found(
    offline_page: Page, pages: dict[str, str], name: str, query: str
) -> None:
    open_page(offline_page, pages[name])
    found(offline_page, query.lower().replace("-", " ")).first.click()
    assert query in offline_page.locator(".kcn-popup").inner_text()


# ---- numbers of lots ----------------------------------------------------------------------------
NUMBERS = """() => {
  const lots = [];
  kcngeo.map.eachLayer(({ feature, _path: path }) => {
    if (feature?.properties.zone_id !== "loc-son") return;
    const { width, height } = path.getBoundingClientRect();
    lots.push([feature.properties.parcel_id, Math.max(width, height)]);
  });
  const labels = [...document.querySelectorAll(":is(.kcn-lot, .kcn-way) span")].map((node) => {
    const { left, top, right, bottom } = node.getBoundingClientRect();
    const number = node.querySelector("bdi")?.innerText;
    return [node.dataset.lot ?? null, number, left, top, right, bottom];
  });
  return { lots, labels, ratio: devicePixelRatio };
}"""


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1440, 900), (1920, 1080)])
def test_every_lot_has_its_number_and_none_covers_another(
    offline_page: Page, pages: dict[str, str], width: int, height: int
) -> None:
    screen = offline_page.context.new_cdp_session(offline_page)
    for ratio in (1, 2):
        size = {"width": width, "height": height, "deviceScaleFactor": ratio, "mobile": False}
        screen.send("Emulation.setDeviceMetricsOverride", size)
        open_page(offline_page, pages["fill"], f"zone=loc-son&lang={('vi', 'en')[ratio - 1]}")
        offline_page.reload()
        seen = offline_page.evaluate(NUMBERS)
        assert seen["ratio"] == ratio
        assert len(seen["lots"]) == 161  # of 185 versions, those in force on the day
        marked = {lot for lot, *_ in seen["labels"]}
        assert {lot for lot, px in seen["lots"] if px >= 14} <= marked
        numbers = [number for _, number, *_ in seen["labels"] if number]
        codes = offline_page.locator(".kcn-uses small").all_inner_texts()
        # green, service, technical, transport, water
        assert codes == ["CX", "DV", "HT", "GT", "MN"]
        assert "Suối Lộc Sơn (ví dụ)" in numbers  # the stream beside the zone, by its name
        assert len(set(numbers)) == len(numbers)
        # Dots stand for strips, green along fences and roads between lots, and at most two others.
        dots = [lot for lot, number, *_ in seen["labels"] if not number]
        assert len([lot for lot in dots if lot[:5] not in ("LS-CX", "LS-GT")]) <= 2
        if (width, ratio) == (1280, 1):
            # A dot tells its number, here on a strip that is thinner than itself.
            offline_page.locator('.kcn-dot[data-lot="LS-CX-15"]').hover()
            assert offline_page.locator(".kcn-tip").inner_text() == "Lô CX-15 · cây xanh"
        boxes = shapely.box(*np.array([box for _, _, *box in seen["labels"]]).T)
        first, second = shapely.STRtree(boxes).query(boxes)
        areas = shapely.area(shapely.intersection(boxes[first], boxes[second]))
        assert areas[first < second].max(initial=0) == 0


# ---- the address --------------------------------------------------------------------------------
def test_an_address_leads_to_month_zone_and_lot(offline_page: Page, pages: dict[str, str]) -> None:
    open_page(offline_page, pages["fill"], "month=2018-01&zone=loc-son&lot=LS-CN09-01&lang=en")
    assert offline_page.locator(".kcn-month").inner_text() == "01/2018"
    assert offline_page.locator(".kcn-tools option:checked").inner_text() == "KCN Lộc Sơn"
    assert offline_page.locator(".kcn-popup h3").inner_text() == "Lot CN9-1"
    assert offline_page.locator(".kcn-notice").inner_text() == ""
    # What is filtered stands in it too: a zone switched off, and the status shown alone.
    open_page(offline_page, pages["fill"], "status=leased&off=loc-son")
    drawn = offline_page.evaluate("[...new Set(kcngeo.drawn().map((lot) => lot.zone))]")
    assert drawn == ["phu-hoi", "tan-phu"]
    assert "đã cho thuê" in offline_page.locator("button[aria-pressed=true]").inner_text()
    offline_page.keyboard.press("Escape")
    assert place(offline_page) == "#off=loc-son"


def test_the_back_button_goes_through_places(offline_page: Page, pages: dict[str, str]) -> None:
    open_page(offline_page, pages["fill"])
    month = offline_page.locator(".kcn-month")
    zone = offline_page.locator(".kcn-tools select")
    offline_page.locator("#kcn-slider").press("Home")
    assert place(offline_page) == "#month=2017-11"
    zone.select_option(label="KCN Lộc Sơn")
    assert place(offline_page) == "#month=2017-11&zone=loc-son"
    found(offline_page, "ls cn09 01").first.click()
    assert place(offline_page) == "#month=2017-11&zone=loc-son&lot=LS-CN09-01"
    offline_page.go_back()
    offline_page.locator(".kcn-popup").wait_for(state="detached")
    assert zone.locator("option:checked").inner_text() == "KCN Lộc Sơn"
    offline_page.go_back()
    offline_page.wait_for_function("document.querySelector('.kcn-tools select').value === ''")
    assert month.inner_text() == "11/2017"
    offline_page.go_back()
    month.filter(has_text="03/2018").wait_for()
    offline_page.go_forward()
    month.filter(has_text="11/2017").wait_for()
    assert offline_page.locator(".kcn-popup").count() == 0


@pytest.mark.parametrize("name", MAPS)
def test_an_address_of_what_is_not_there_is_told(
    offline_page: Page, pages: dict[str, str], name: str
) -> None:
    open_page(offline_page, pages[name], "zone=nowhere&lot=<b>none</b>")
    notice = offline_page.locator(".kcn-notice").inner_text()
    assert notice == "Không có trên bản đồ này: nowhere, <b>none</b>"


def test_the_address_of_a_feature_opens_it(offline_page: Page, pages: dict[str, str]) -> None:
    open_page(offline_page, pages["conflict"])
    offline_page.locator(".kcn-list .kcn-name").first.click()
    name = offline_page.locator(".kcn-popup h3").inner_text()
    offline_page.reload()
    assert offline_page.locator(".kcn-popup h3").inner_text() == name


# ---- keys ---------------------------------------------------------------------------------------
def test_space_plays_wherever_the_focus_is(offline_page: Page, pages: dict[str, str]) -> None:
    open_page(offline_page, pages["fill"])
    playing = offline_page.locator(".kcn-play[data-playing=true]")
    offline_page.locator("#kcn-slider").focus()
    offline_page.keyboard.press("Space")
    assert playing.count() == 1
    assert offline_page.locator(".kcn-month").inner_text() == "11/2017"  # from the first again
    offline_page.locator(".folium-map").focus()
    offline_page.keyboard.press("Space")
    assert playing.count() == 0
    offline_page.locator(".kcn-search input").focus()
    offline_page.keyboard.press("Space")  # a blank in a word, nothing else
    assert playing.count() == 0


def test_escape_ends_what_was_begun_last(offline_page: Page, pages: dict[str, str]) -> None:
    open_page(offline_page, pages["fill"])
    status = offline_page.locator(".kcn-legend button").first
    status.click()
    assert status.get_attribute("aria-pressed") == "true"
    measure = offline_page.get_by_role("button", name="Đo khoảng cách")
    measure.click()
    offline_page.keyboard.press("Escape")
    assert measure.get_attribute("aria-pressed") == "false"
    assert status.get_attribute("aria-pressed") == "true"
    offline_page.keyboard.press("Escape")
    assert status.get_attribute("aria-pressed") == "false"


def test_months_of_long_ago(offline_page: Page, tmp_path: Path) -> None:
    project = kcn.Project(
        zones=squares.zones("A"),
        parcels=squares.parcels("P1", "P2"),
        ledger=squares.ledger(("P1", "leased", "1959-12-31")),
    )
    kcn.maps.fill_map(project, start="1959-11-01", end="1960-02-29").save(tmp_path / "map.html")
    open_page(offline_page, (tmp_path / "map.html").as_uri(), "month=1959-12")
    month, day = offline_page.locator(".kcn-month"), offline_page.locator(".kcn-date")
    total = offline_page.locator(".kcn-legend .kcn-number").first
    assert (month.inner_text(), day.inner_text()) == ("12/1959", "31/12/1959")
    assert total.inner_text() == "1,00 ha"
    offline_page.locator("#kcn-slider").press("Home")
    assert (month.inner_text(), day.inner_text()) == ("11/1959", "30/11/1959")
    assert total.inner_text() == "0,00 ha"
    offline_page.locator("#kcn-slider").press("End")
    assert (month.inner_text(), day.inner_text()) == ("02/1960", "29/02/1960")
    assert [year.inner_text() for year in offline_page.locator(".kcn-years span").all()][
        -1
    ] == "1960"


# ---- zones --------------------------------------------------------------------------------------
def hectares(words: str) -> float:
    return float(words.removesuffix(" ha").replace(".", "").replace(",", "."))


def test_a_zone_that_is_switched_off_is_neither_drawn_nor_counted(
    offline_page: Page, sample: kcn.Project, pages: dict[str, str]
) -> None:
    open_page(offline_page, pages["fill"])
    account = kcn.fill.land_account(sample, on="2018-03-31")
    total = offline_page.locator(".kcn-total .kcn-number")
    assert hectares(total.inner_text()) == round(account["base_ha"].sum(), 2)
    offline_page.get_by_role("checkbox", name="KCN Phú Hội").uncheck()
    assert hectares(total.inner_text()) == round(account.loc["loc-son", "base_ha"], 2)
    drawn = {lot["zone"] for lot in offline_page.evaluate("kcngeo.drawn()")}
    assert "loc-son" in drawn
    assert "phu-hoi" not in drawn
    assert "Đang ẩn: KCN Phú Hội." in offline_page.locator(".kcn-account .kcn-note").inner_text()
    # to go there shows it again
    menu = offline_page.locator(".kcn-tools select")
    menu.select_option(label="KCN Phú Hội")
    assert hectares(total.inner_text()) == round(account.loc["phu-hoi", "base_ha"], 2)
    assert offline_page.get_by_role("checkbox", name="KCN Phú Hội").is_checked()
    menu.select_option("")
    assert hectares(total.inner_text()) == round(account["base_ha"].sum(), 2)


NAMES = """() => {
  const at = (query) => [...document.querySelectorAll(query)]
    .filter((node) => node.offsetWidth).map((node) => node.getBoundingClientRect());
  const names = at(".kcn-far-name, .kcn-town");
  const all = [...names, ...at(".kcn-mark span")];
  const covered = names.filter((one, k) => all.some((other, j) => j !== k
    && other.left < one.right - 1 && one.left < other.right - 1
    && other.top < one.bottom - 1 && one.top < other.bottom - 1));
  return [at(".kcn-far-name").length, at(".kcn-town").length > 0, covered.length];
}"""


@pytest.mark.parametrize("name", MAPS[1:])
def test_zones_of_the_other_maps_are_switched(
    offline_page: Page, pages: dict[str, str], name: str
) -> None:
    open_page(offline_page, pages[name])
    # Four zones and the towns between them have their names where nothing else stands.
    assert offline_page.evaluate(NAMES) == [4, True, 0]
    shown = offline_page.locator(".kcn-total .kcn-number")
    boxes = offline_page.locator(".kcn-zone input")
    counts = [
        int(words.removeprefix("đang hiện: "))
        for words in offline_page.locator(".kcn-zones:not(.kcn-list) .kcn-number").all_inner_texts()
    ]
    assert len(counts) == boxes.count() == 5  # four zones, and what lies outside
    assert sum(counts) == int(shown.inner_text()) > 0
    for k in range(5):
        boxes.nth(k).uncheck()
        assert int(shown.inner_text()) == sum(counts[k + 1 :])
    assert offline_page.evaluate("kcngeo.shown()") == []


# ---- measuring ----------------------------------------------------------------------------------
def test_points_are_set_by_mouse_and_keys(offline_page: Page, pages: dict[str, str]) -> None:
    open_page(offline_page, pages["fill"], "zone=loc-son")
    offline_page.get_by_role("button", name="Đo khoảng cách").click()
    box = offline_page.locator(".folium-map").bounding_box()
    assert box is not None
    corners = [(250, 150), (650, 150), (650, 450)]
    for x, y in corners:
        offline_page.mouse.click(box["x"] + x, box["y"] + y)
    assert offline_page.locator(".kcn-popup").count() == 0  # a click while measuring opens nothing
    points = [
        offline_page.evaluate(f"kcngeo.map.containerPointToLatLng([{x}, {y}])") for x, y in corners
    ]
    geod = pyproj.Geod(ellps="WGS84")
    line = shapely.LineString([(one["lng"], one["lat"]) for one in points])
    metres = geod.geometry_length(line)
    area_m2 = abs(geod.geometry_area_perimeter(shapely.Polygon(line.coords))[0])
    said = offline_page.locator(".kcn-measured").inner_text()
    told = re.fullmatch(r"Khoảng cách: ([\d.,]+) m · Diện tích: ([\d.,]+) ha", said)
    assert told, said
    way, area = told.groups()
    # a pixel is some 3 m, and where on it the mouse stands is not told
    assert hectares(way) == pytest.approx(metres, rel=1e-3)
    assert hectares(area) == pytest.approx(area_m2 / 10_000, rel=2e-3)
    offline_page.locator(".folium-map").focus()
    offline_page.keyboard.press("Backspace")
    assert "Diện tích" not in offline_page.locator(".kcn-measured").inner_text()
    offline_page.keyboard.press("Enter")  # the middle of the map
    assert "Diện tích" in offline_page.locator(".kcn-measured").inner_text()


def test_lengths_and_areas_are_right_over_a_province(
    offline_page: Page, pages: dict[str, str]
) -> None:
    open_page(offline_page, pages["fill"])
    ring = [(107.80, 11.50), (108.40, 11.52), (108.38, 11.75), (107.82, 11.71)]
    asked = [{"lng": lng, "lat": lat} for lng, lat in ring]
    geod = pyproj.Geod(ellps="WGS84")
    metres = geod.geometry_length(shapely.LineString(ring))
    area_m2 = abs(geod.geometry_area_perimeter(shapely.Polygon(ring))[0])
    assert offline_page.evaluate("points => kcngeo.measure.lengthOf(points)", asked) == (
        pytest.approx(metres, rel=1e-5)
    )
    assert offline_page.evaluate("points => kcngeo.measure.areaOf(points)", asked) == (
        pytest.approx(area_m2, rel=1e-4)
    )


# ---- paper --------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", MAPS)
def test_a_sheet_of_paper_holds_map_and_figures(
    offline_page: Page, pages: dict[str, str], name: str
) -> None:
    open_page(offline_page, pages[name], "zone=loc-son")
    offline_page.set_viewport_size({"width": 390, "height": 844})
    offline_page.reload()
    assert not offline_page.locator(".kcn-panel > .kcn-source").is_visible()
    center = "(({ lat, lng }) => [lat, lng])(kcngeo.map.getCenter())"
    before = offline_page.evaluate(center)
    pdf = offline_page.pdf(prefer_css_page_size=True, print_background=True)
    # A4 landscape: 841.89 by 595.28 points
    boxes = re.findall(rb"/MediaBox \[0 0 ([^]]+)]", pdf)
    sizes = {tuple(map(float, one.split())) for one in boxes}
    assert sizes
    assert all(size == pytest.approx((841.9, 595.3), abs=1) for size in sizes)
    assert offline_page.evaluate(center) == pytest.approx(before, abs=1e-9)

    offline_page.emulate_media(media="print")
    offline_page.evaluate("dispatchEvent(new Event('beforeprint'))")
    for part in ("h1", ".kcn-date", ".kcn-synthetic", ".kcn-panel", ".kcn-legend", ".kcn-zones"):
        assert offline_page.locator(part).first.is_visible(), part
    for part in (".kcn-tools", ".leaflet-control-zoom", ".kcn-search"):
        assert not offline_page.locator(part).is_visible(), part
    if name == "fill":
        assert "164/2013" in offline_page.locator(".kcn-law").inner_text()
        assert not offline_page.locator(".kcn-time").is_visible()
        foot = offline_page.locator(".kcn-panel > .kcn-source").bounding_box()
        assert foot is not None
        # all on one sheet: 190 mm between the margins are 718 CSS pixels
        assert foot["y"] + foot["height"] <= 718
        assert len(re.findall(rb"/Type /Page\b", pdf)) == 1
    offline_page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert offline_page.evaluate(center) == pytest.approx(before, abs=1e-9)
