"""What a report names leads to the map, which shows it and keeps it in the address."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page

import kcngeo as kcn
from kcngeo.publish.map_links import MapLinks

PARCELS = Path(__file__).parents[2] / "data" / "parcels"
SELECTED = "rgb(18, 34, 43)"


def outlined(inside: FrameLocator) -> list[str]:
    """The strokes of the lots that are drawn, as the browser has them."""
    strokes = inside.locator(".leaflet-kcngeo-parcels-pane path")
    return strokes.evaluate_all(
        "paths => paths.map((path) => getComputedStyle(path).stroke)"
        f".filter((stroke) => stroke === '{SELECTED}')"
    )


def is_seen(inside: FrameLocator) -> bool:
    """Whether the outlined lot lies in the window of the map, at a size one can see."""
    path = inside.locator(".leaflet-kcngeo-parcels-pane path").and_(
        inside.locator("path[stroke='#12222b']")
    )
    box, window = path.bounding_box(), inside.locator(".leaflet-container").bounding_box()
    assert box is not None
    assert window is not None
    return bool(
        min(box["width"], box["height"]) > 20
        and window["x"] <= box["x"] + box["width"] / 2 <= window["x"] + window["width"]
        and window["y"] <= box["y"] + box["height"] / 2 <= window["y"] + window["height"]
    )


def panel_of(inside: FrameLocator) -> str:
    """The words beside the map."""
    return inside.locator("aside, .kcn-panel").first.inner_text()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = kcn.io.read_project(PARCELS / "two_zones.gpkg")
    made = kcn.products.month(project, month="2018-03")
    return made.write(tmp_path_factory.mktemp("linked") / "month", parts=["report", "map"])


@pytest.mark.long
def test_the_lot_named_as_the_largest_cause_is_outlined_on_the_map(
    folder: Path, offline_page: Page
) -> None:
    offline_page.set_viewport_size({"width": 1440, "height": 900})
    address = (folder / "report.html").as_uri()
    offline_page.goto(address)
    inside = offline_page.frame_locator("#map iframe")
    inside.locator(".leaflet-kcngeo-parcels-pane path").first.wait_for()
    assert outlined(inside) == []
    # The largest cause within the year: the lease of this lot ended.
    cause = offline_page.locator("#zones p", has_text="Chấm dứt cho thuê").first
    link = cause.locator("a.place")
    assert link.inner_text() == "CN8-6"
    link.click()
    inside.locator("path[stroke='#12222b']").wait_for()
    assert outlined(inside) == [SELECTED]
    assert is_seen(inside)
    assert "LS-CN08-06" in inside.locator(".leaflet-popup-content").inner_text()
    # The totals are those of its zone: 76.07 of 135.75 ha.
    assert "76,07" in panel_of(inside)
    assert "135,75" in panel_of(inside)
    # The address opened again shows the same.
    kept = offline_page.url
    assert kept == f"{address}#zone=loc-son&lot=LS-CN08-06"
    offline_page.goto("about:blank")
    offline_page.goto(kept)
    inside.locator("path[stroke='#12222b']").wait_for()
    assert outlined(inside) == [SELECTED]
    assert is_seen(inside)
    # What the reader chooses on the map is kept by the address of the page too.
    inside.locator("select").first.select_option(label="KCN Phú Hội")
    assert offline_page.url == f"{address}#zone=phu-hoi"
    let = inside.locator(".kcn-top button", has_text="đã cho thuê").first
    let.click()
    assert offline_page.url == f"{address}#zone=phu-hoi&status=leased"
    offline_page.reload()
    inside.locator(".kcn-top button[aria-pressed=true]").wait_for()
    assert "63,57" in panel_of(inside)
    assert let.get_attribute("aria-pressed") == "true"


@pytest.mark.long
def test_the_map_alone_opens_on_the_lot_and_the_zone_of_an_address(
    folder: Path, offline_page: Page
) -> None:
    offline_page.set_viewport_size({"width": 1440, "height": 900})
    link = f"{(folder / 'map.html').as_uri()}#zone=loc-son"
    offline_page.goto(link)
    offline_page.locator(".leaflet-kcngeo-parcels-pane path").first.wait_for()
    panel = offline_page.locator("aside, .kcn-panel").first
    assert "76,07" in panel.inner_text()
    # Picking the other zone changes what is summed: 63.57 of 84.67 ha.
    offline_page.locator("select").first.select_option(label="KCN Phú Hội")
    assert "63,57" in panel.inner_text()
    assert "84,67" in panel.inner_text()
    assert "zone=phu-hoi" in offline_page.url


@pytest.mark.long
def test_every_lot_of_the_tables_is_a_link(folder: Path, offline_page: Page) -> None:
    offline_page.goto((folder / "report.html").as_uri())
    for section in ("causes", "conflicts", "sites"):
        rows = offline_page.locator(f"#{section} tbody tr")
        linked = rows.filter(has=offline_page.locator("a.place[href*='lot=']"))
        assert rows.count() == linked.count() > 0, section
    # Without scripts a link opens the map itself.
    first = offline_page.locator("#causes a.place[href*='lot=']").first
    assert first.get_attribute("href") == "map.html#zone=loc-son&lot=LS-CN08-06"


def test_names_are_found_whole_and_text_stays_text() -> None:
    links = MapLinks(
        addresses={"KCN Lộc Sơn": "map.html#zone=s", "CN 9": "#n", "CN 9 A": "#na", "A<b>": "#x"},
        most_words=3,
    )
    marked = links.marked("KCN Lộc Sơn: lô CN 9, CN 9 A, A<b> & (CN 9).")
    assert marked == (
        '<a class="place" href="map.html#zone=s">KCN Lộc Sơn</a>: lô '
        '<a class="place" href="#n">CN 9</a>, <a class="place" href="#na">CN 9 A</a>, '
        '<a class="place" href="#x">A&lt;b&gt;</a> &amp; (<a class="place" href="#n">CN 9</a>).'
    )
    # A number is of the zone that is told beside it.
    within = {"s": {"CN 9": "#sn"}}
    links = MapLinks(addresses=links.addresses, within=within, most_words=3)
    assert links.marked("CN 9", zone_id="s") == '<a class="place" href="#sn">CN 9</a>'
    assert links.marked("CN 9", zone_id="p") == '<a class="place" href="#n">CN 9</a>'
    # Part of a longer word is no name.
    assert "href" not in links.marked("xCN 9 CN 91")


def test_what_a_file_calls_a_lot_cannot_leave_its_address() -> None:
    project = kcn.examples.squares()
    names = {"A-1": 'a&zone=B"><b>', "A-2": "A-1"}
    parcels = project.parcels.assign(parcel_id=project.parcels["parcel_id"].replace(names))
    report = kcn.report.monthly(
        kcn.Project(zones=project.zones, parcels=parcels, ledger=project.ledger.iloc[:0]),
        month="2018-03",
    )
    links = MapLinks.of(report, {}, map_file="map.html")
    for name, address in links.addresses.items():
        assert "<" not in address
        assert '"' not in address
        assert address.count("&") == (1 if "lot=" in address else 0), name
