"""The fill map draws what the accounts say: its data by hand, its colours measured in a browser."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pyproj
import pytest
import shapely
from shapely.geometry import shape

import kcngeo as kcn
from kcngeo import theme
from kcngeo.maps import OfflineMap, PayloadLayer
from tests.squares import CRS, ledger, parcels, square, zones

if TYPE_CHECKING:
    from playwright.sync_api import Page

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "parcels" / "two_zones.gpkg"
STATUSES = list(theme.STATUS_COLORS)
AVAILABLE = [0, 0, 0, 0, 0, 1]
HOSTILE = "</script><script>alert(1)</script> <b>&amp;</b> {{ 7 * 7 }}"
# VN-2000 / TM-3 107°45′ without its datum: the shift to WGS 84 moves a zone by some 200 m and
# changes its area by less than one part in a million.
GRID = pyproj.Transformer.from_crs(
    "EPSG:4326",
    "+proj=tmerc +lat_0=0 +lon_0=107.75 +k=0.9999 +x_0=500000 +y_0=0 +ellps=WGS84 +units=m",
    always_xy=True,
)


# ---- what goes into the page --------------------------------------------------------------------
def payload(offline: OfflineMap) -> dict[str, Any]:
    layers = [one for one in offline._children.values() if isinstance(one, PayloadLayer)]
    return json.loads(layers[0].data)


def parcel(data: dict[str, Any], parcel_id: str) -> dict[str, Any]:
    (found,) = [one for one in data["parcels"] if one["id"] == parcel_id]
    return found


def shares(data: dict[str, Any], parcel_id: str) -> dict[str, list[float]]:
    """The shares of a parcel's statuses in the months in which they change."""
    steps = parcel(data, parcel_id)["states"]
    return {data["months"][month][:7]: data["states"][state] for month, state in steps}


def test_states_change_in_the_months_whose_last_day_they_reach():
    project = kcn.Project(
        zones=zones("A", name="KCN A", established_on="2000-01-01"),
        parcels=parcels("P1", "P2", "P3", use=["industrial", "industrial", "green"]),
        ledger=ledger(
            ("P1", "leased", "2001-02-28", None, 0.25),
            ("P2", "reserved", "2001-02-01", "2001-03-31"),  # the end day does not count
            ("P2", "recovering", "2001-03-31", "2001-04-01"),
            ("P2", "repurposed", "2001-04-10", "2001-04-20"),  # inside a month: in none
        ),
    )
    data = payload(kcn.maps.fill_map(project, start="2001-01-01", end="2001-05-31"))
    assert data["months"] == ["2001-01-31", "2001-02-28", "2001-03-31", "2001-04-30", "2001-05-31"]
    # 1 ha each on the grid, no certificate: 0,25 ha is a quarter
    assert shares(data, "P1") == {"2001-01": AVAILABLE, "2001-02": [0.25, 0, 0, 0, 0, 0.75]}
    assert shares(data, "P2") == {
        "2001-01": AVAILABLE,
        "2001-02": [0, 1, 0, 0, 0, 0],
        "2001-03": [0, 0, 1, 0, 0, 0],
        "2001-04": AVAILABLE,
    }
    assert parcel(data, "P1")["area_ha"] == pytest.approx(1)
    assert parcel(data, "P3")["use"] == "green"
    (zone,) = data["zones"]
    # 0.25 ha of P1 over P1 and P2; nothing before February
    assert zone["rates"] == [[0, 2, 0], *[[0.25, 2, 0.125]] * 4]
    assert zone["name"] == "KCN A"
    assert zone["reasons"] == []


def test_a_ledger_of_the_required_columns_alone_is_drawn():
    entries = pd.DataFrame(
        {"parcel_id": ["P1"], "status": ["leased"], "valid_from": ["2015-06-01"]}
    )
    tables = kcn.Project(zones=zones("A"), parcels=parcels("P1", "P2"), ledger=entries)
    made = kcn.maps.fill_map(tables, start="2015-05-31", end="2015-06-30", language="en")
    # Let from June, without an end; P2 is never mentioned.
    assert shares(payload(made), "P1") == {
        "2015-05": [0, 0, 0, 0, 0, 1],
        "2015-06": [1, 0, 0, 0, 0, 0],
    }


def test_parts_have_the_hectares_of_their_contract_whatever_the_certificate_says():
    project = kcn.Project(
        zones=zones("A"),
        parcels=parcels("P1", certificate_area_m2=[12_500.0]),
        ledger=ledger(("P1", "leased", "2001-01-01", None, 0.5), ("P1", "uncleared", "2001-01-01")),
    )
    data = payload(kcn.maps.fill_map(project, start="2001-01-01", end="2001-01-31"))
    # 0.5 ha are let of a lot of 1 ha on the grid; the rest is not cleared
    assert shares(data, "P1") == {"2001-01": [0.5, 0, 0, 0, 0.5, 0]}
    assert data["zones"][0]["rates"] == [[0.5, 1, 0.5]]
    (first, second) = parcel(data, "P1")["entries"]
    assert first == [0, 1, "leased", 0.5, None, None]
    assert second == [0, 1, "uncleared", None, None, None]


def test_versions_of_a_parcel_follow_each_other():
    frame = gpd.GeoDataFrame(
        {
            "parcel_id": ["P1", "P1", "P1a", "P1b"],
            "zone_id": "A",
            "land_use": ["industrial", "service", "industrial", "industrial"],
            "lot_code": ["CN1", "DV1", None, None],
            "valid_from": pd.to_datetime([None, "2001-02-15", "2001-03-31", "2001-03-31"]),
            "valid_to": pd.to_datetime(["2001-02-15", "2001-03-31", None, None]),
            "parents": [None, None, "P1", "P1"],
        },
        geometry=[square(0), square(0, wide=2), square(0), square(1)],
        crs=CRS,
    )
    project = kcn.Project(
        zones=zones("A"), parcels=frame, ledger=ledger(("P1a", "leased", "2001-03-31"))
    )
    data = payload(kcn.maps.fill_map(project, start="2001-01-01", end="2001-04-30"))
    found = [
        (one["id"], one["use"], one["lot"], one["from"], one["to"], round(one["area_ha"], 6))
        for one in data["parcels"]
    ]
    # months: 0 January, 1 February, 2 March, 3 April
    assert sorted(found, key=str) == [
        ("P1", "industrial", "CN1", 0, 1, 1.0),
        ("P1", "service", "DV1", 1, 2, 2.0),
        ("P1a", "industrial", None, 2, 4, 1.0),
        ("P1b", "industrial", None, 2, 4, 1.0),
    ]
    assert shares(data, "P1a") == {"2001-03": [1, 0, 0, 0, 0, 0]}
    # service land does not count by the law before 2022: nothing leasable in February
    rates = data["zones"][0]["rates"]
    assert rates == [[0, 1, 0], [0, 0, None], [1, 2, 0.5], [1, 2, 0.5]]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_contradiction_blocks_its_own_zone_only(language: str):
    project = kcn.Project(
        zones=zones("A", "B"),
        parcels=parcels("A1", "B1", zone=["A", "B"]),
        ledger=ledger(
            ("A1", "leased", "2001-01-01"),
            ("B1", "leased", "2001-01-01"),
            ("B1", "reserved", "2001-01-15"),  # the whole lot once more
        ),
    )
    data = payload(
        kcn.maps.fill_map(project, start="2001-01-01", end="2001-02-28", language=language)
    )
    good, bad = data["zones"]
    assert good["rates"] == [[1, 1, 1]] * 2
    assert good["reasons"] == []
    assert bad["rates"] == [[None] * 3] * 2
    assert [reason[:2] for reason in bad["reasons"]] == [[0, 2]]
    assert "lô B1" in bad["reasons"][0][2]["vi"]
    assert "parcel B1" in bad["reasons"][0][2]["en"]
    assert len(bad["shapes"]) == 1
    assert shares(data, "A1") == {"2001-01": [1, 0, 0, 0, 0, 0]}


def test_a_zone_does_not_count_before_it_is_established():
    project = kcn.Project(
        zones=zones(
            "A",
            "B",
            established_on=pd.to_datetime(["1999-02-28", None]),
            removed_on=pd.to_datetime(["1999-03-31", None]),
        ),
        parcels=parcels("A1", "B1", zone=["A", "B"]),
        ledger=ledger(("A1", "leased", "1998-01-01"), ("B1", "reserved", "1999-03-01")),
    )
    data = payload(kcn.maps.fill_map(project, start="1999-01-01", end="1999-03-31"))
    first, second = data["zones"]
    assert first["rates"] == [None, [1, 1, 1], None]
    assert second["rates"] == [[0, 1, 0]] * 3
    assert len(first["shapes"]) == 1  # the fence stays on the map


def test_months_long_past_and_a_definition_before_its_time():
    project = kcn.Project(
        zones=zones("A"), parcels=parcels("A1"), ledger=ledger(("A1", "leased", "1999-12-31"))
    )
    vi, en = (
        payload(kcn.maps.fill_map(project, start="1999-11-01", end="2000-02-29", language=language))
        for language in ("vi", "en")
    )
    assert vi["months"] == ["1999-11-30", "1999-12-31", "2000-01-31", "2000-02-29"]
    assert shares(vi, "A1") == {"1999-11": AVAILABLE, "1999-12": [1, 0, 0, 0, 0, 0]}
    assert [one["id"] for one in vi["definitions"]] == ["nd164-2013"]
    assert vi["definitions"][0]["label"] == {
        "vi": "Nghị định 164/2013/NĐ-CP (không có hiệu lực vào ngày này)",
        "en": "Decree 164/2013/ND-CP (not in force on this date)",
    }
    assert vi["texts"]["leased"] == {"vi": "đã cho thuê", "en": "leased"}
    assert vi["texts"]["use_green"] == {"vi": "cây xanh", "en": "green"}
    # the page holds both languages; the one asked for is only shown first
    assert (vi.pop("language"), en.pop("language")) == ("vi", "en")
    assert vi == en


def test_the_law_in_force_changes_on_its_day_and_another_may_be_chosen():
    project = kcn.Project(
        zones=zones("A"),
        parcels=parcels("A1", "A2", use=["industrial", "service"]),
        ledger=ledger(("A1", "leased", "2020-01-01")),
    )
    data = payload(kcn.maps.fill_map(project, start="2022-06-01", end="2022-08-31"))
    ids = [data["definitions"][index]["id"] for index in data["month_definition"]]
    assert ids == ["nd82-2018", "nd35-2022", "nd35-2022"]  # 15 July 2022
    assert [one["uses"] for one in data["definitions"]] == [
        ["industrial"],
        ["industrial", "service"],
    ]
    assert data["zones"][0]["rates"] == [[1, 1, 1], [1, 2, 0.5], [1, 2, 0.5]]
    chosen = payload(
        kcn.maps.fill_map(project, start="2022-06-01", end="2022-08-31", definition="cleared")
    )
    assert chosen["month_definition"] == [0, 0, 0]
    assert chosen["definitions"][0]["label"]["vi"].endswith("(không phải luật)")


def test_names_in_the_data_stay_data():
    project = kcn.Project(
        zones=zones("A", name=HOSTILE),
        parcels=parcels("P1", lot_code=HOSTILE),
        ledger=ledger(("P1", "leased", "2001-01-01"), document=HOSTILE, project_id="D1"),
        projects=pd.DataFrame({"project_id": ["D1"], "investor": [HOSTILE]}),
    )
    offline = kcn.maps.fill_map(project, start="2001-01-01", end="2001-01-31")
    page = offline.get_root().render()
    assert "alert(1)</script>" not in page
    assert "<b>&amp;" not in page
    data = payload(offline)
    assert data["zones"][0]["name"] == HOSTILE
    assert parcel(data, "P1")["lot"] == HOSTILE
    assert parcel(data, "P1")["entries"] == [[0, 1, "leased", None, HOSTILE, HOSTILE]]


# ---- the sample, measured in a browser ----------------------------------------------------------
@cache
def sample() -> kcn.Project:
    return kcn.io.read_project(SAMPLE)


@pytest.fixture(scope="module", params=["vi"])
def sample_map(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of the sample's map, 2012 to 2022."""
    path = tmp_path_factory.mktemp("sample") / f"{request.param}.html"
    offline = kcn.maps.fill_map(
        sample(), start="2012-01-01", end="2022-12-31", language=request.param
    )
    offline.save(path)
    return path.as_uri()


def account_ha(on: str) -> pd.Series:
    """Hectares by status of all zones that count."""
    of = sample()
    account = kcn.fill.land_account(of, on=on)
    return account[[f"{status}_ha" for status in STATUSES]].sum().set_axis(STATUSES)


def open_month(page: Page, address: str, month: str) -> None:
    """Open the map without animations and move its slider to a month."""
    page.emulate_media(reduced_motion="reduce")
    page.goto(address)
    year, number = map(int, month.split("-"))
    page.locator("#kcn-slider").fill(str(12 * (year - 2012) + number - 1))
    assert page.locator(".kcn-month").inner_text() == f"{number:02d}/{year}"


def vietnamese(text: str) -> float:
    assert re.fullmatch(r"\d{1,3}(\.\d{3})*,\d\d ha", text), text
    return float(text.removesuffix(" ha").replace(".", "").replace(",", "."))


def legend(page: Page) -> list[dict[str, str]]:
    """The rows of the legend: the colour of the swatch as painted, the words, the hectares."""
    return page.locator(".kcn-legend button").evaluate_all(
        "rows => rows.map(row => ({"
        " color: getComputedStyle(row.querySelector('.kcn-swatch')).backgroundColor,"
        " name: row.children[1].textContent, ha: row.children[2].textContent }))"
    )


def painted(page: Page) -> list[dict[str, Any]]:
    """Every lot on the map: the shape Leaflet draws, and the colours of its path with their shares.

    The fill is what the browser computes for the path, and a pattern is taken apart into its
    stripes; nothing is asked of the script that chose them.
    """
    return page.evaluate(
        """() => {
          const found = [];
          const number = (node, name) => Number(node.getAttribute(name));
          kcngeo.map.eachLayer((layer) => {
            if (!layer.feature) return;
            const { fill, fillOpacity } = getComputedStyle(layer.getElement());
            const [, id] = fill.match(/^url\\("#(.+)"\\)$/) ?? [];
            let stripes = [[fill, 1]];
            if (id) {
              const pattern = document.getElementById(id);
              stripes = [...pattern.querySelectorAll("rect")].map((rect) => [
                getComputedStyle(rect).fill, number(rect, "width") / number(pattern, "width")]);
            }
            const { geometry, properties } = layer.toGeoJSON(false);
            found.push({ geometry, stripes, opacity: fillOpacity, id: properties.parcel_id });
          });
          return found;
        }"""
    )


@pytest.mark.parametrize(
    ("month", "definition"),
    [
        ("2012-12", "Nghị định 164/2013/NĐ-CP"),
        ("2018-03", "Nghị định 164/2013/NĐ-CP"),
        ("2022-12", "Nghị định 35/2022/NĐ-CP"),
    ],
)
def test_hectares_painted_are_the_hectares_of_the_account(
    offline_page: Page, sample_map: str, month: str, definition: str
):
    open_month(offline_page, sample_map, month)
    expected = account_ha(str(pd.Period(month).end_time.date()))
    rows = legend(offline_page)
    assert [row["name"] for row in rows] == [
        theme.text(f"status.{status}", language="vi") for status in STATUSES
    ]
    status_of = {row["color"]: status for row, status in zip(rows, STATUSES, strict=True)}
    lots = painted(offline_page)
    assert {lot["opacity"] for lot in lots} == {"1"}
    geometry = shapely.transform(
        [shape(lot["geometry"]) for lot in lots], GRID.transform, interleaved=False
    )
    sums = dict.fromkeys(STATUSES, 0.0)
    for lot, area_m2 in zip(lots, shapely.area(geometry), strict=True):
        assert sum(share for _, share in lot["stripes"]) == pytest.approx(1), lot["id"]
        for color, share in lot["stripes"]:
            if color in status_of:
                sums[status_of[color]] += share * area_m2 / 10_000
    # Corners are written to 0.1 m, which is some 0.05 % of a lot and less of a sum of lots.
    for status in STATUSES:
        assert sums[status] == pytest.approx(expected[status], rel=1e-3, abs=0.02), status
    assert sum(sums.values()) == pytest.approx(expected.sum(), rel=1e-3)
    assert expected.sum() > 200

    assert [vietnamese(row["ha"]) for row in rows] == [round(value, 2) for value in expected]
    total = offline_page.locator(".kcn-total .kcn-number").inner_text()
    assert vietnamese(total) == round(expected.sum(), 2)
    assert offline_page.locator(".kcn-law b").inner_text().startswith(definition)


def test_rates_in_the_panel_are_those_of_the_library(offline_page: Page, sample_map: str):
    open_month(offline_page, sample_map, "2018-03")
    of = sample()
    rates = kcn.fill.fill_rate(of, on="2018-03-31")
    items = offline_page.locator(".kcn-zones li")
    shown = dict(
        zip(
            items.evaluate_all("items => items.map(item => item.dataset.zone)"),
            items.all_inner_texts(),
            strict=True,
        )
    )
    assert set(rates.index) == {"loc-son", "phu-hoi"}
    for zone_id, row in rates.iterrows():
        assert theme.percent(row["fill_rate"], language="vi") in shown[zone_id]
        leased = theme.number(row["leased_ha"], language="vi")
        base = theme.number(row["base_ha"], language="vi")
        assert f"{leased} trên {base} ha" in shown[zone_id]
    for zone_id in set(shown) - set(rates.index):
        assert "không tính trong tháng này" in shown[zone_id]
        assert "%" not in shown[zone_id]
    law = offline_page.locator(".kcn-law").inner_text()
    assert law == "Theo định nghĩa Nghị định 164/2013/NĐ-CP"


def test_a_lot_tells_what_it_is(offline_page: Page, sample_map: str):
    open_month(offline_page, sample_map, "2018-03")
    offline_page.locator(".kcn-tools select").select_option(label="KCN Lộc Sơn")
    lots = sample().parcels
    (lot,) = lots[lots["parcel_id"] == "LS-CN09-01"].geometry
    inside = gpd.GeoSeries([lot.representative_point()], crs=CRS).to_crs(4326).iloc[0]
    at = offline_page.evaluate(
        "at => { const box = kcngeo.map.getContainer().getBoundingClientRect();"
        " const { x, y } = kcngeo.map.latLngToContainerPoint(at); return [box.x + x, box.y + y]; }",
        [inside.y, inside.x],
    )
    offline_page.mouse.click(*at)
    popup = offline_page.locator(".kcn-popup")
    assert popup.locator("h3").inner_text() == "Lô CN9-1"
    facts = popup.locator("dd").all_inner_texts()
    area = theme.number(lot.area / 10_000, language="vi")
    assert facts == ["KCN Lộc Sơn", "đất công nghiệp", f"{area} ha", "LS-CN09-01"]
    # The notice of March 2018 lets 8.36 ha of it; the rest is free.
    let, free = popup.locator(".kcn-shares li").all_inner_texts()
    assert let.split("\n") == ["1", "đã cho thuê", "8,36 ha"]
    assert free.split("\n")[1] == "còn trống"
    assert "1 phần lô CN9: 8,36 ha" in popup.inner_text()
    slider = offline_page.locator("#kcn-slider")
    slider.focus()
    slider.press("Home")  # January 2012, before it was let
    assert offline_page.locator(".kcn-month").inner_text() == "01/2012"
    assert "8,36" not in popup.inner_text()
    slider.press("ArrowRight")
    assert offline_page.locator(".kcn-date").inner_text() == "29/02/2012"
    slider.press("End")
    assert slider.get_attribute("aria-valuetext") == "12/2022"


LABELS = """() => {
  const frame = kcngeo.map.getContainer().getBoundingClientRect();
  const labels = [...document.querySelectorAll(".kcn-label")].filter((label) => !label.hidden);
  const boxOf = (part) => {
    const { left, top, right, bottom } = part.getBoundingClientRect();
    return [left - frame.left, top - frame.top, right - frame.left, bottom - frame.top];
  };
  return labels.map((label) => ({
    words: label.innerText, room: [frame.width, frame.height],
    boxes: [...label.children].filter((part) => part.offsetWidth).map(boxOf),
  }));
}"""


def covered(label: dict[str, Any]) -> shapely.Geometry:
    """What a ring and the words under it cover: beside the ring is room."""
    return shapely.union_all([shapely.box(*box) for box in label["boxes"]])


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
@pytest.mark.parametrize("month", ["2012-12", "2018-03", "2022-12"])
def test_labels_stay_in_view_and_apart(
    offline_page: Page, sample_map: str, month: str, size: tuple[int, int]
):
    offline_page.set_viewport_size({"width": size[0], "height": size[1]})
    open_month(offline_page, sample_map, month)
    labels = offline_page.evaluate(LABELS)
    boxes = [covered(label) for label in labels]
    for label, box in zip(labels, boxes, strict=True):
        assert shapely.box(0, 0, *label["room"]).covers(box), label["words"]
    for first, second in [(a, b) for a in boxes for b in boxes if a is not b]:
        assert not first.overlaps(second)
        assert not first.covers(second)
    words = " ".join(label["words"] for label in labels)
    assert words.count("%") == 2  # Lộc Sơn and Phú Hội count in all three months
    if size[0] > 1000:
        there = "kcngeo.map.getPane('kcngeo-labels').querySelectorAll('.kcn-label').length"
        assert len(labels) == offline_page.evaluate(there)


def test_from_afar_labels_stand_aside_and_near_by_one_stays(offline_page: Page, sample_map: str):
    open_month(offline_page, sample_map, "2018-03")
    shown = [label["words"] for label in offline_page.evaluate(LABELS)]
    assert len(shown) == 4
    offline_page.evaluate("kcngeo.map.setZoom(6, { animate: false })")
    shown = [label["words"] for label in offline_page.evaluate(LABELS)]
    assert sorted(words.split("\n")[1] for words in shown) == [
        "KCN Lộc Sơn",
        "KCN Phú Hội",
        "KCN nông nghiệp Tân Phú",
        "KCN – Đô thị Đại Lào",
    ]
    boxes = [covered(label) for label in offline_page.evaluate(LABELS)]
    assert not any(a.overlaps(b) for a in boxes for b in boxes if a is not b)
    # far inside a zone its name stays in sight
    offline_page.locator(".kcn-tools select").select_option(label="KCN Lộc Sơn")
    offline_page.evaluate("kcngeo.map.setZoom(18, { animate: false })")
    (label,) = offline_page.evaluate(LABELS)
    assert "56,04 %" in label["words"]


@pytest.mark.parametrize("sample_map", ["en"], indirect=True)
@pytest.mark.parametrize("offline_page", ["en-GB"], indirect=True)
def test_the_english_map(offline_page: Page, sample_map: str):
    open_month(offline_page, sample_map, "2018-03")
    expected = account_ha("2018-03-31")
    assert [row["ha"] for row in legend(offline_page)] == [f"{value:.2f} ha" for value in expected]
    assert [row["name"] for row in legend(offline_page)][:2] == ["leased", "reserved"]
    assert offline_page.locator(".kcn-date").inner_text() == "31 Mar 2018"
    assert "56.04 %" in offline_page.locator('[data-zone="loc-son"]').inner_text()
    law = offline_page.locator(".kcn-law").inner_text()
    assert law == "By definition Decree 164/2013/ND-CP"
    assert offline_page.locator("html").get_attribute("lang") == "en"
