"""Text from data stays text on every map, whatever it holds; nothing leaves or enters a page."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString

import kcngeo as kcn
from kcngeo.maps import OfflineMap
from tests import squares
from tests.maps.pages import MAPS, draw

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(2)> \"'` {{ 7 * 7 }} {% raw %} "
    "]]> <!-- =cmd|' /C calc'!A0 javascript:alert(3) \u202eabc\u200f \u2028 </style><b>đậm</b>"
)
LONG = "x" * 10_000


def hostile(project: kcn.Project) -> kcn.Project:
    """Put hostile words into every free text column of every table, ids too."""
    fixed = {
        *("land_use", "status", "kind", "hazard_class", "land_use_code", "facility", "province"),
        *("sector", "origin", "premises", "geometry_source", "capacity_unit", "item", "measure"),
        *("definition", "currency", "stage", "zone_id"),
    }
    frames: dict[str, Any] = {}
    for name, frame in project.tables():
        changed = frame.copy()
        for column in set(frame.columns) - fixed - {"geometry", "valid_from", "valid_to"}:
            if pd.api.types.is_string_dtype(frame[column]) and frame[column].notna().any():
                changed[column] = frame[column].map(
                    lambda word: word if pd.isna(word) else word + HOSTILE
                )
        if "name" in changed.columns:
            changed["name"] = changed["name"].fillna("").astype("object") + LONG
        frames[name] = changed
    return kcn.Project(**frames)


def estate() -> kcn.Project:
    """A zone of four lots with something for every map to show."""
    x, y = squares.EAST, squares.NORTH
    lots = squares.parcels("P1", "P2", "P3", "P4", lot_code=["CN1", "CN2", "CN3", "CN4"])
    return kcn.Project(
        zones=squares.zones("A", name="KCN A"),
        parcels=lots,
        ledger=squares.ledger(
            ("P1", "leased", "2010-01-01"), ("P2", "uncleared", "2010-01-01")
        ).assign(document="QĐ", entry_id=["L1", "L2"], project_id=["D1", None]),
        projects=pd.DataFrame({"project_id": ["D1"], "investor": ["Công ty A"]}),
        emitters=gpd.GeoDataFrame(
            {"emitter_id": ["E1"], "kind": ["parcel"], "hazard_class": ["III"]},
            geometry=[squares.square(0)],
            crs=squares.CRS,
        ),
        receptors=gpd.GeoDataFrame(
            {"receptor_id": ["R1"], "kind": ["housing"], "name": ["Khu dân cư"]},
            geometry=[squares.square(3.5, high=2)],
            crs=squares.CRS,
        ),
        works=gpd.GeoDataFrame(
            {"work_id": ["W1"], "zone_id": "A", "kind": ["road"], "capacity_unit": ["m"]},
            geometry=[LineString([(x, y), (x + 150, y)])],
            crs=squares.CRS,
        ),
        clearance=gpd.GeoDataFrame(
            {"clearance_id": ["C1"], "zone_id": "A", "parcel_id": "P2", "households": [4]},
            geometry=[squares.square(1)],
            crs=squares.CRS,
        ),
        encumbrances=gpd.GeoDataFrame(
            {"kind": ["power_corridor"], "rank": pd.array([1], dtype="Int64")},
            geometry=[squares.square(2, 0.5, high=0.5)],
            crs=squares.CRS,
        ),
        context=gpd.GeoDataFrame(
            {"kind": ["road"], "name": ["Đường"]},
            geometry=[LineString([(x, y - 50), (x + 400, y - 50)])],
            crs=squares.CRS,
        ),
    )


@pytest.mark.parametrize("name", MAPS)
def test_hostile_words_are_shown_as_words(offline_page: Page, tmp_path: Path, name: str) -> None:
    offline_page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    offline_page.emulate_media(reduced_motion="reduce")
    draw(name, hostile(estate())).save(tmp_path / "map.html")
    text = (tmp_path / "map.html").read_text("utf-8")
    assert "alert(1)</script>" not in text
    offline_page.goto((tmp_path / "map.html").as_uri())
    scripts = "document.scripts.length"
    before = offline_page.evaluate(scripts)
    field = offline_page.locator(".kcn-search input")
    for query in ("P3", "alert(2)", "onerror", "xxxxxxxx"):
        field.fill(query)
        offline_page.locator("#kcn-found, .kcn-told").first.wait_for(state="attached")
        if offline_page.locator("#kcn-found li").count():
            offline_page.locator("#kcn-found li").first.click()
    shown = offline_page.locator("body").inner_text()
    assert "<img src=x onerror=alert(2)>" in shown
    assert "{{ 7 * 7 }}" in shown
    assert "=cmd|' /C calc'!A0" in shown
    # nothing of it became markup: no picture, no script, no bold word
    assert offline_page.locator("img").count() == 0
    assert offline_page.evaluate(scripts) == before
    assert offline_page.get_by_text("đậm", exact=True).count() == 0
    # a name of 10 000 letters pushes nothing out of the page
    assert offline_page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    head = offline_page.locator(".kcn-head").bounding_box()
    assert head is not None
    assert head["height"] < 140
    offline_page.locator(".kcn-language").click()
    offline_page.evaluate("dispatchEvent(new Event('beforeprint'))")


def test_a_mark_that_turns_letters_round_turns_its_own_words_only(
    offline_page: Page, tmp_path: Path
) -> None:
    project = estate()
    zones = project.zones.assign(name="KCN \u202eA")
    frames = {**dict(project.tables()), "zones": zones}
    draw("fill", kcn.Project(**frames)).save(tmp_path / "map.html")
    offline_page.goto((tmp_path / "map.html").as_uri())
    for name in offline_page.locator(".kcn-name, .kcn-label b").all():
        assert name.locator("bdi").inner_text() == "KCN \u202eA"


REFUSED = [
    "connect-src",
    "font-src",
    "form-action",
    "frame-src",
    "img-src",
    "media-src",
    "script-src-elem",
    "style-src-elem",
]
REACH_OUT = """async ([address, ways]) => {
  const refused = [];
  document.addEventListener("securitypolicyviolation", (event) => {
    refused.push(event.effectiveDirective);
  });
  const quietly = async (run) => { try { await run(); } catch { /* refused */ } };
  await quietly(() => fetch(address));
  await quietly(() => fetch("data:text/plain,x"));
  await quietly(() => new Promise((done, fail) => {
    const asked = new XMLHttpRequest();
    asked.onerror = fail;
    asked.open("GET", address);
    asked.send();
  }));
  await quietly(() => new WebSocket(address.replace("http", "ws")));
  await quietly(() => new EventSource(address));
  await quietly(() => navigator.sendBeacon(address, "x"));
  const add = (tag, attributes) => {
    document.head.append(Object.assign(document.createElement(tag), attributes));
  };
  add("img", { src: address });
  add("script", { src: address });
  add("link", { rel: "stylesheet", href: address });
  add("iframe", { src: address });
  add("object", { data: address });
  add("video", { src: address });
  const form = Object.assign(document.createElement("form"), { action: address });
  document.body.append(form);
  await quietly(() => form.submit());
  add("style", { textContent: `@font-face{font-family:x;src:url(${address})}body{font-family:x}` });
  // The browser tells of each when it gets to it.
  for (let left = 2400; left > 0 && new Set(refused).size < ways; left -= 1) {
    await new Promise((done) => setTimeout(done, 50));
  }
  const packed = new Blob(["khu công nghiệp"]).stream()
    .pipeThrough(new CompressionStream("gzip")).pipeThrough(new DecompressionStream("gzip"));
  return { refused: [...new Set(refused)].sort(), inflated: await new Response(packed).text() };
}"""


PUT_IN_LATER = """<script>document.title = "ran"</script>
<img src="data:," onerror="document.title = 'ran'">
<a href="javascript:void(document.title = 'ran')">x</a>"""


def test_a_page_runs_no_script_but_those_it_was_written_with(
    browser: Browser, tmp_path: Path
) -> None:
    draw("fill", estate()).save(tmp_path / "map.html")
    written = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert "unsafe" not in written.split("script-src", 1)[1].split(";", 1)[0]
    (tmp_path / "map.html").write_text(
        written.replace("</body>", PUT_IN_LATER + "</body>"), "utf-8"
    )
    page = browser.new_context().new_page()
    page.goto((tmp_path / "map.html").as_uri())
    page.get_by_text("x", exact=True).click(force=True)
    page.wait_for_selector(".leaflet-interactive", state="attached")
    assert page.title() != "ran"
    page.context.close()


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A server of the test's own: its address, and what was asked of it."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<img src='/plain'>")

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", asked
    server.shutdown()
    server.server_close()


def test_the_page_forbids_every_way_out(
    browser: Browser, tmp_path: Path, listener: tuple[str, list[str]]
) -> None:
    address, asked = listener
    OfflineMap(title="Thử").save(tmp_path / "map.html")
    page = browser.new_context().new_page()
    page.goto((tmp_path / "map.html").as_uri())
    told = page.evaluate(REACH_OUT, [address, len(REFUSED)])
    assert asked == []
    assert told["refused"] == REFUSED
    # what was packed into the page is opened without asking anybody
    assert told["inflated"] == "khu công nghiệp"
    page.context.close()
    # a page without the policy asks the same server for its picture
    plain = browser.new_context().new_page()
    plain.goto(address, wait_until="load")
    plain.context.close()
    assert "/plain" in asked
