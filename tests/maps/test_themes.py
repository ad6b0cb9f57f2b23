"""One page, many themes: what the switch paints, counts and lists, by the squares counted by eye.

On 31 March 2018 half of A-2 and B-2 are vacant; A-1, half of A-2 and B-1 are let, B-1 until the end
of the year; the stack S1 stands 150 m from the homes R1 and must keep 300 m.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import kcngeo as kcn
from kcngeo import theme
from kcngeo.publish.verification.drawings import payload
from tests.rasters import halves, write_image

if TYPE_CHECKING:
    from playwright.sync_api import Page

NAMES = ["vacancy", "readiness", "conflicts", "sites", "lot_findings", "change", "sectors"]
NAMES = [*NAMES, "lease_ends"]


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = kcn.products.month(kcn.examples.squares(), month="2018-03", start="2016-01-01")
    folder = tmp_path_factory.mktemp("themes")
    made = made.on_imagery(write_image(folder / "air.tif", halves()))
    return made.write(folder / "m", language="en", parts=["map"])


def test_a_theme_is_a_class_a_lot_and_no_shape_stands_twice(month: Path) -> None:
    said = payload((month / "map.html").read_text(encoding="utf-8"))
    assert said is not None
    themes = {one["id"]: one for one in said["more"]["themes"]}
    assert list(themes) == NAMES
    lots = [one["id"] for one in said["parcels"]]
    vacant = themes["vacancy"]
    groups = {lot: at for lot, at in zip(lots, vacant["lots"], strict=False) if at >= 0}
    assert {lot: vacant["groups"][at]["label"]["en"] for lot, at in groups.items()} == {
        "A-2": "not recorded since when",
        "B-2": "not recorded since when",
    }
    assert Counter(vacant["hectares"]) == Counter([0.5, 1.0] + [None] * 8)
    # All of lots: no feature has a shape of its own.
    assert all("geometry" not in one for one in vacant["features"])
    (line,) = [one for one in themes["conflicts"]["features"] if "label" in one]
    assert line["label"] == "150 / 300 m"
    # A ring 300 m round a point is 1,885 m long; 64 corners make it a little less.
    (ring,) = [
        one
        for one in themes["conflicts"]["features"]
        if themes["conflicts"]["groups"][one["group"]]["id"] == "conflict_rings"
    ]
    assert ring["geometry"]["type"] == "LineString"


def test_the_switch_paints_counts_lists_and_keeps_the_address(
    month: Path, offline_page: Page
) -> None:
    page = offline_page
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto((month / "map.html").as_uri())
    page.wait_for_function("window.kcngeo !== undefined")
    switch = page.get_by_label("Theme")
    assert switch.locator("option").count() == 1 + len(NAMES)
    assert page.evaluate("kcngeo.theme()") is None
    switch.select_option("lease_ends")
    fills = {one["id"]: one["fill"].upper() for one in page.evaluate("kcngeo.drawn()")}
    soon, still_open = theme.STEP_COLORS[-1], theme.LAYER_COLORS["not_recorded"]
    assert fills["B-1"] == soon.upper()
    assert fills["A-1"] == fills["A-2"] == still_open.upper()
    # A lot the theme says nothing of is pale, by its use.
    assert fills["B-2"] == theme.USE_COLORS["industrial"].upper()
    legend = page.locator(".kcn-legend li").all_inner_texts()
    assert [re.sub(r"\s+", " ", one).strip() for one in legend] == [
        "A ends within 1 year 1 · 1.00 ha",
        "B no end on record 2 · 1.50 ha",
    ]
    assert (
        page.locator(".kcn-theme-headline").inner_text().startswith("Let: 2.50 ha, of it 1.00 ha")
    )
    assert page.locator(".kcn-list li").all_inner_texts() == [
        "1Lot B-1\n\nZone B · ends 1 Jan 2019 · 1.00 ha · Textile Four"
    ]
    assert page.locator("h1").inner_text() == "Let land by the end of its lease"
    assert not page.locator(".kcn-time").is_visible()
    # A zone has its own sum; its list holds its own lots.
    page.locator(".kcn-tools select").select_option(label="Zone A")
    assert page.locator(".kcn-theme-headline").inner_text().startswith("Let: 1.50 ha")
    assert not page.locator(".kcn-list li").first.is_visible()
    assert page.locator(".kcn-list h2").inner_text().endswith("(0)")
    address = page.evaluate("location.hash")
    assert address == "#theme=lease_ends&zone=A"
    page.goto("about:blank")
    page.goto((month / "map.html").as_uri() + address)
    page.wait_for_function("window.kcngeo !== undefined")
    assert page.evaluate("kcngeo.theme()") == "lease_ends"
    assert page.locator(".kcn-of").inner_text() == "Zone A"
    # Features of a theme come and go with it, and a conflict says its distances.
    switch.select_option("conflicts")
    page.locator(".kcn-tools select").select_option("")
    page.locator(".kcn-list .kcn-name").click()
    assert "150.0" in page.locator(".kcn-popup").inner_text()
    assert page.locator(".kcn-on-number").all_inner_texts() == ["1 · 150 / 300 m"]
    # From afar a ring counts the conflicts, not the hectares of what stands round them.
    page.evaluate("kcngeo.map.setZoom(8, { animate: false })")
    assert sorted(page.locator(".kcn-ring span").all_inner_texts()) == ["0", "1"]
    # How many homes lie in a zone nobody can say: they lie in none.
    page.locator(".kcn-tools select").select_option(label="Zone A")
    counts = page.locator(".kcn-legend .kcn-number").all_inner_texts()
    assert "" in counts
    assert "1" in counts
    page.locator(".kcn-tools select").select_option("")
    switch.select_option("")
    assert page.locator(".kcn-on-number").count() == 0
    assert page.locator(".leaflet-kcngeo-theme-points-pane path").count() == 0
    assert page.locator(".kcn-time").is_visible()
    assert page.locator("h1").inner_text() != "Conflicts of distance"
    # What changed in a year is counted by the page as by the library; another month may be chosen.
    switch.select_option("change")
    said = payload((month / "map.html").read_text(encoding="utf-8"))
    assert said is not None
    (made,) = [one for one in said["more"]["themes"] if one["id"] == "change"]
    assert page.locator(".kcn-theme-headline").inner_text() == made["headline"]["en"]
    rows = [one for one in made["features"] if one["listed"] is not None]
    assert rows
    assert [one.split("\n\n")[1] for one in page.locator(".kcn-list li").all_inner_texts()] == [
        one["listed"]["en"] for one in rows
    ]
    colors = {
        said["parcels"][lot]["id"]: made["groups"][group]["color"].upper()
        for lot, group in enumerate(made["lots"])
        if group >= 0
    }
    fills = {one["id"]: one["fill"].upper() for one in page.evaluate("kcngeo.drawn()")}
    assert colors.items() <= fills.items()
    page.get_by_label("Held against").select_option("02/2018")
    assert page.locator(".kcn-theme-headline").inner_text().startswith("Since 28 Feb 2018: 0.00 ha")
    assert page.evaluate("location.hash") == "#theme=change&since=2018-02"
    page.get_by_label("Reporting month").press("ArrowLeft")
    assert page.evaluate("location.hash") == "#theme=change&month=2018-02&since=2017-02"
    # Both months lie side by side, cut where the reader moves the line, and the address keeps it.
    page.get_by_role("button", name="Both months side by side").click()
    assert page.evaluate("location.hash").endswith("&since=2017-02&swipe=1")
    place = said["months"].index("2017-02-28")
    there = [one for one in said["parcels"] if one["from"] <= place < one["to"]]
    assert page.locator(".leaflet-kcngeo-earlier-pane path").count() == len(there) > 0
    divider = page.locator(".kcn-divider:visible")
    assert divider.locator("b").all_inner_texts() == ["◂ 02/2017", "02/2018 ▸"]
    cuts = "['earlier', 'parcels'].map((name) => kcngeo.map.getPane(`kcngeo-${name}`).style.clip)"
    half = page.evaluate(cuts)
    divider.get_by_label("Line between the two sides").press("End")
    whole = page.evaluate(cuts)
    edges = [[re.findall(r"-?[\d.]+", cut) for cut in both] for both in (half, whole)]
    # Top, right, bottom, left: the earlier ends where the later begins, at last at its right edge.
    assert all(earlier[1] == later[3] for earlier, later in edges)
    assert edges[1][1][1] == edges[1][1][3] == edges[0][1][1]
    switch.select_option("vacancy")
    assert page.evaluate(cuts) == ["", ""]
    assert page.locator(".leaflet-kcngeo-earlier-pane path").count() == 0
    # So do plan and image, whatever the theme; each stands alone on its side of the line.
    page.get_by_role("button", name="Plan and image side by side").click()
    assert page.evaluate("location.hash").endswith("theme=vacancy&swipe=image")
    assert divider.locator("b").all_inner_texts() == ["◂ Plan", "Image ▸"]
    cuts = cuts.replace("'earlier', 'parcels'", "'parcels', 'imagery'")
    page.reload()
    page.wait_for_function("window.kcngeo !== undefined")
    plan, image = (re.findall(r"-?[\d.]+", cut) for cut in page.evaluate(cuts))
    assert plan[1] == image[3]
    assert page.evaluate("kcngeo.map.getPane('kcngeo-parcels').style.opacity") == "1"
    picture = page.locator(".leaflet-kcngeo-imagery-pane img")
    assert picture.evaluate("(one) => [one.naturalWidth > 100, one.src.slice(0, 16)]") == [
        True,
        "data:image/webp;",
    ]
    page.get_by_role("button", name="Plan and image side by side").press("Enter")
    assert page.evaluate(cuts) == ["", ""]
    page.get_by_label("Plan over image").press("Home")
    assert page.evaluate("location.hash") == "#theme=vacancy&cover=0"
    assert page.evaluate("kcngeo.map.getPane('kcngeo-parcels').style.opacity") == "0"
    assert "Image: air.tif." in page.locator(".kcn-source").last.inner_text()
    # A theme nobody knows of is told.
    page.goto("about:blank")
    page.goto((month / "map.html").as_uri() + "#theme=wealth")
    page.wait_for_function("window.kcngeo !== undefined")
    assert "wealth" in page.locator(".kcn-notice").inner_text()


def test_paper_shows_the_theme_and_a_phone_its_legend(month: Path, offline_page: Page) -> None:
    page = offline_page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto((month / "map.html").as_uri() + "#theme=sectors")
    page.wait_for_function("window.kcngeo !== undefined")
    assert page.locator(".kcn-theme-headline").is_visible()
    assert not page.locator(".kcn-legend").is_visible()
    page.locator(".kcn-panel > .kcn-toggle").click()
    assert page.locator(".kcn-legend li").all_inner_texts()[0].startswith("A")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".kcn-legend").is_visible()
    assert not page.get_by_label("Theme").is_visible()
    assert page.locator("h1").inner_text() == "Let land by sector"
