"""Zones too small to show their lots are rings: fifteen of them, in three crowds, counted by hand.

Each zone is 1 km × 100 m of ten lots of 1 ha; zone k has k lots let and one reserved, so its rate
is k / 10 of ten hectares. The zones lie 2 km apart in crowds of five, the crowds 60 km.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely.affinity import translate

import kcngeo as kcn
from kcngeo import theme
from tests.squares import CRS, ledger, square

if TYPE_CHECKING:
    from playwright.sync_api import Page

ON = "2018-03-31"
LET = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1, 2, 3, 4]
NAMES = [f"KCN {number + 1}" for number in range(15)]

RINGS = """() => {
  const frame = kcngeo.map.getContainer().getBoundingClientRect();
  const boxOf = (node) => {
    const { left, top, right, bottom } = node.getBoundingClientRect();
    return [left - frame.left, top - frame.top, right - frame.left, bottom - frame.top];
  };
  return [...document.querySelectorAll(".kcn-round")].filter((one) => !one.hidden).map((one) => ({
    name: one.querySelector("b").innerText, rate: one.querySelector(".kcn-ring span").innerText,
    boxes: [...one.children].filter((part) => part.offsetWidth).map(boxOf),
    ring: boxOf(one.querySelector(".kcn-ring")),
    words: boxOf(one.querySelector("b")),
    parts: [...one.querySelectorAll(".kcn-ring path")].map((part) => part.getAttribute("fill")),
    wide: [...one.querySelectorAll(".kcn-ring path")].map((part) => part.getBBox().width),
    room: [frame.width, frame.height],
  }));
}"""


def fifteen() -> kcn.Project:
    zones, lots, entries = [], [], []
    for number, let in enumerate(LET):
        zone = f"Z{number:02d}"
        east, north = 60_000 * (number // 5), 30_000 * (number // 5) + 2_000 * (number % 5)
        zones.append((zone, NAMES[number], translate(square(0, wide=10), east, north)))
        for place in range(10):
            lot = f"{zone}-{place}"
            lots.append((lot, zone, translate(square(place), east, north)))
            if place < let:
                entries.append((lot, "leased", "2018-01-01"))
        if let < 10:
            entries.append((f"{zone}-9", "reserved", "2018-01-01"))
    zone_table = pd.DataFrame(zones, columns=["zone_id", "name", "geometry"])
    lot_table = pd.DataFrame(lots, columns=["parcel_id", "zone_id", "geometry"])
    return kcn.Project(
        zones=gpd.GeoDataFrame(zone_table, crs=CRS),
        parcels=gpd.GeoDataFrame(lot_table.assign(land_use="industrial"), crs=CRS),
        ledger=ledger(*entries),
    )


@pytest.fixture(scope="module")
def page_of_fifteen(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("rings") / "map.html"
    kcn.maps.fill_map(fifteen(), start="2018-02-28", end=ON).save(path)
    return path.as_uri()


TOWNS = """() => {
  const frame = kcngeo.map.getContainer().getBoundingClientRect();
  return [...document.querySelectorAll(".kcn-town")].map((node) => {
    const { left, top, right, bottom } = node.getBoundingClientRect();
    return { size: parseFloat(getComputedStyle(node).fontSize),
      box: [left - frame.left, top - frame.top, right - frame.left, bottom - frame.top] };
  });
}"""


def check_towns(page: Page, rings: list[dict[str, Any]]) -> None:
    """Towns are named in letters that can be read, over nothing that stands on the map."""
    towns = page.evaluate(TOWNS)
    assert towns
    assert all(town["size"] >= 11 for town in towns)
    boxes = [shapely.box(*town["box"]) for town in towns]
    over = [shapely.box(*ring[part]) for ring in rings for part in ("ring", "words")]
    assert not any(box.overlaps(other) for box in boxes for other in [*over, *boxes])
    assert all(shapely.box(0, 0, *rings[0]["room"]).covers(box) for box in boxes)


def opened(page: Page, address: str, *, size: tuple[int, int]) -> list[dict[str, Any]]:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    # Without motion a page has arrived when it says so.
    page.emulate_media(reduced_motion="reduce")
    page.goto(address)
    page.wait_for_function("window.kcngeo !== undefined")
    return page.evaluate(RINGS)


def percent(share: float) -> str:
    return theme.percent(share, language="vi")


def test_every_zone_is_a_ring_with_its_rate_and_none_covers_another(
    offline_page: Page, page_of_fifteen: str
) -> None:
    rings = opened(offline_page, page_of_fifteen, size=(1440, 900))
    assert sorted(ring["name"] for ring in rings) == sorted(NAMES)
    rates = {ring["name"]: ring["rate"] for ring in rings}
    assert rates == {name: percent(let / 10) for name, let in zip(NAMES, LET, strict=True)}
    colors = theme.STATUS_COLORS
    by_status = [colors["leased"], colors["reserved"], colors["available"]]
    for ring in rings:
        let = LET[NAMES.index(ring["name"])]
        # Let, one lot reserved, the rest free; in the zone that is full there is but one part.
        there = [let > 0, let < 10, let < 9]
        assert ring["parts"] == [
            one for one, is_there in zip(by_status, there, strict=True) if is_there
        ]
        # A part of half the ring is as wide as half of it, one of the whole ring as the ring.
        assert let < 5 or ring["wide"][0] >= 18
        assert let < 10 or ring["wide"][0] >= 36
        left, top, right, bottom = ring["ring"]
        assert right - left >= 36
        assert bottom - top >= 36
    boxes = [shapely.union_all([shapely.box(*box) for box in ring["boxes"]]) for ring in rings]
    view = shapely.box(0, 0, *rings[0]["room"])
    assert all(view.covers(box) for box in boxes)
    assert not any(a.intersects(b) for a in boxes for b in boxes if a is not b)
    check_towns(offline_page, rings)
    # Those that stand aside have a line to their zone.
    lines = offline_page.locator(".kcn-leader").count()
    assert 0 < lines < 15
    # The list stands in the order that is asked for: the fullest, then those of one rate as before.
    listed = offline_page.locator(".kcn-zones [data-zone] .kcn-name")
    assert listed.all_inner_texts() == NAMES
    offline_page.get_by_label("Sắp xếp theo").select_option(label="Tỷ lệ lấp đầy")
    assert listed.all_inner_texts()[:3] == ["KCN 11", "KCN 10", "KCN 9"]
    offline_page.get_by_label("Sắp xếp theo").select_option(label="còn trống")
    assert listed.all_inner_texts()[:3] == ["KCN 1", "KCN 2", "KCN 12"]
    assert offline_page.evaluate("location.hash") == "#sort=vacant"


def test_on_a_phone_every_zone_is_a_ring_or_in_the_list(
    offline_page: Page, page_of_fifteen: str
) -> None:
    rings = opened(offline_page, page_of_fifteen, size=(390, 844))
    boxes = [shapely.union_all([shapely.box(*box) for box in ring["boxes"]]) for ring in rings]
    assert len(boxes) >= 6
    assert not any(a.intersects(b) for a in boxes for b in boxes if a is not b)
    check_towns(offline_page, rings)
    listed = offline_page.locator(".kcn-zones .kcn-name").all_text_contents()
    assert sorted(listed) == sorted(NAMES)


def test_on_a_phone_head_and_sheet_leave_the_screen_to_the_map(
    offline_page: Page, page_of_fifteen: str
) -> None:
    opened(offline_page, page_of_fifteen, size=(390, 844))
    head, stage, big = (
        offline_page.locator(part).bounding_box() for part in (".kcn-head", ".kcn-map", ".kcn-big")
    )
    assert head is not None
    assert stage is not None
    assert big is not None
    assert head["height"] <= 96
    assert stage["height"] >= 0.65 * 844
    # The rate of all zones stands in the sheet under the map, and the rest behind its button.
    assert stage["y"] + stage["height"] <= big["y"] < 844
    # What is told of a lot stands in the sheet, the lot itself above it.
    offline_page.evaluate("location.hash = 'lot=Z03-5'")
    card = offline_page.locator(".kcn-card")
    assert "Z03-5" in card.inner_text()
    lot = offline_page.locator('.leaflet-kcngeo-parcels-pane path[stroke-width="2.5"]')
    (lot_box, card_box) = (one.bounding_box() for one in (lot, card))
    assert lot_box is not None
    assert card_box is not None
    assert head["height"] < lot_box["y"] < lot_box["y"] + lot_box["height"] < card_box["y"]
    assert 0 < lot_box["x"] < lot_box["x"] + lot_box["width"] < 390
    card.get_by_label("Đóng").click()
    assert card.count() == 0
    offline_page.locator(".kcn-panel > .kcn-toggle").click()
    assert offline_page.locator(".kcn-legend").first.is_visible()
    assert offline_page.evaluate("document.documentElement.scrollWidth") == 390


def test_the_sum_stands_in_large_type_and_follows_the_zone(
    offline_page: Page, page_of_fifteen: str
) -> None:
    opened(offline_page, page_of_fifteen, size=(1440, 900))
    rate, figures = offline_page.locator(".kcn-big"), offline_page.locator(".kcn-figures")
    total = offline_page.locator(".kcn-total .kcn-number")
    whole = kcn.fill.combine(kcn.fill.fill_rate(fifteen(), on=ON)).iloc[0]
    # 0 + 1 + … + 10 and 1 + 2 + 3 + 4 of 150 ha
    assert whole["leased_ha"] == sum(LET) == 65
    assert rate.inner_text() == percent(whole["fill_rate"])
    assert figures.inner_text() == "65,00 trên 150,00 ha"
    assert total.inner_text() == "150,00 ha"
    assert float(rate.evaluate("node => parseFloat(getComputedStyle(node).fontSize)")) >= 28
    # A ring leads to its zone, and the sums are the zone's; near enough the lots are seen.
    offline_page.locator(".kcn-round", has_text="KCN 8").click()
    offline_page.wait_for_function("document.querySelectorAll('.kcn-round').length === 0")
    assert offline_page.locator(".kcn-of").inner_text() == "KCN 8"
    assert rate.inner_text() == percent(0.7)
    assert figures.inner_text() == "7,00 trên 10,00 ha"
    assert total.inner_text() == "10,00 ha"
    assert offline_page.locator(".kcn-leader").count() == 0
    # The first month, in which nothing differs; then all zones again.
    offline_page.locator(".kcn-tools select").select_option("")
    assert figures.inner_text() == "65,00 trên 150,00 ha"


def test_a_total_with_a_zone_that_is_not_computable_is_none(
    offline_page: Page, tmp_path: Path
) -> None:
    project = fifteen()
    parcels = project.parcels.copy()
    # The first two lots of the first zone lie on each other.
    parcels.loc[1, "geometry"] = parcels.geometry[0]
    spoilt = kcn.Project(zones=project.zones, parcels=parcels, ledger=project.ledger)
    kcn.maps.fill_map(spoilt, start="2018-02-28", end=ON).save(tmp_path / "map.html")
    rings = opened(offline_page, (tmp_path / "map.html").as_uri(), size=(1440, 900))
    (ring,) = [one for one in rings if one["name"] == "KCN 1"]
    assert (ring["rate"], ring["parts"]) == ("–", [])
    said = offline_page.locator(".kcn-headline")
    assert "không tính được" in said.inner_text()
    assert "%" not in said.inner_text()
    offline_page.locator(".kcn-tools select").select_option(label="KCN 2")
    assert percent(0.1) in said.inner_text()
