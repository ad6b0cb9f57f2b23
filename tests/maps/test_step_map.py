"""The map of development in step: what it holds by hand, and the page in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString

import kcngeo as kcn
from kcngeo.core.errors import CRSError
from tests import squares
from tests.maps.test_layers_maps import payload

if TYPE_CHECKING:
    from playwright.sync_api import Page

ON = "2018-03-31"


def answers() -> tuple[kcn.Project, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """P1 on a road, P2 on it and not cleared, P3 out of reach; a plant that is due."""
    x, y = squares.EAST, squares.NORTH
    works = gpd.GeoDataFrame(
        {
            "work_id": ["W1", "W2"],
            "zone_id": "A",
            "kind": ["road", "wastewater"],
            "due_on": pd.to_datetime([None, "2018-12-31"]),
            "done_on": pd.to_datetime(["2018-03-31", "2018-04-01"]),
        },
        geometry=[LineString([(x, y), (x + 150, y)]), squares.square(8)],
        crs=squares.CRS,
    )
    clearance = gpd.GeoDataFrame(
        {"clearance_id": ["<b>"], "zone_id": "A", "parcel_id": "P2", "households": [4]},
        geometry=[squares.square(1)],
        crs=squares.CRS,
    )
    project = kcn.Project(
        zones=squares.zones("A", name="KCN A"),
        parcels=squares.parcels("P1", "P2", "P3", geometry_source="synthetic"),
        ledger=squares.ledger(("P2", "uncleared", "2010-01-01")),
        works=works,
        clearance=clearance,
    )
    lots = kcn.progress.readiness(project, on=ON)
    blocking = kcn.progress.clearance_progress(project, on=ON).blocking
    return project, lots, blocking


def names(data: dict[str, Any]) -> dict[str, list[str]]:
    return {
        group["label"]: [one["name"] for one in data["features"] if one["group"] == place]
        for place, group in enumerate(data["groups"])
    }


def test_the_belt_is_drawn_where_it_lacks_and_told_by_zone() -> None:
    project, lots, _ = answers()
    belt = kcn.balance.green_belt(project, on=ON)
    data = payload(
        kcn.maps.draw_map(kcn.cartography.readiness(project, lots, on=ON, belt=belt), language="en")
    )
    # No green at all: all 2200 m of the fence of 1000 m by 100 m lack a belt.
    assert names(data)["Fence without a wide enough green belt"] == ["Fence of A"]
    assert "Green belt of 10 m along 0.00 % of the fence (secondary source)." in str(data)
    assert "Serviced (level 4 or above): 0.00 ha, of which 0.00 ha vacant." in str(data)
    bare = payload(
        kcn.maps.draw_map(kcn.cartography.readiness(project, lots, on=ON), language="en")
    )
    assert "Fence without a wide enough green belt" not in names(bare)


def test_lots_by_level_works_by_day_and_what_blocks() -> None:
    project, lots, blocking = answers()
    data = payload(
        kcn.maps.draw_map(kcn.cartography.readiness(project, lots, blocking, on=ON), language="en")
    )
    assert {label: some for label, some in names(data).items() if some} == {
        "Level 0: not cleared": ["P2"],
        "Level 1: cleared": ["P3"],
        "Level 2: on a road": ["P1"],
        "Roads and networks in place": ["W1 · road"],
        "Plants and areas not yet done": ["W2 · wastewater"],
        "Not cleared: own hectares": ["P2"],
    }
    (listed,) = [one for one in data["features"] if one["listed"]]
    # P2 itself and the vacant lots on both sides
    assert listed["listed"] == "3.00 ha together once cleared, 1.00 ha its own"
    assert ["Households", "4"] in listed["facts"]
    (p1,) = [one for one in data["features"] if one["name"] == "P1"]
    assert p1["notes"] == [
        "Lacks for the next level: power, water supply.",
        "Nobody recorded: power, water supply, drainage, telecom, solid waste, "
        "access for fire engines, works outside the fence.",
    ]
    assert any("own rule" in note for note in data["notes"])


@pytest.mark.parametrize(("on", "label"), [("2018-03-30", "not yet done"), (ON, "in place")])
def test_a_road_is_in_place_from_its_day(on: str, label: str) -> None:
    project, lots, _ = answers()
    data = payload(
        kcn.maps.draw_map(kcn.cartography.readiness(project, lots, on=on), language="en")
    )
    (found,) = [one for one, some in names(data).items() if "W1 · road" in some]
    assert found == f"Roads and networks {label}"
    assert not any(one["listed"] for one in data["features"])


def test_layers_must_agree_and_the_same_map_gives_the_same_bytes(tmp_path: Path) -> None:
    project, lots, blocking = answers()
    with pytest.raises(CRSError):
        kcn.maps.draw_map(kcn.cartography.readiness(project, lots.to_crs("EPSG:5898"), on=ON))
    for name in ("one", "two"):
        kcn.maps.draw_map(kcn.cartography.readiness(project, lots, blocking, on=ON)).save(
            tmp_path / name
        )
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_the_page_in_a_browser(offline_page: Page, tmp_path: Path) -> None:
    project, lots, blocking = answers()
    kcn.maps.draw_map(kcn.cartography.readiness(project, lots, blocking, on=ON)).save(
        tmp_path / "map.html"
    )
    offline_page.goto((tmp_path / "map.html").as_uri())
    assert offline_page.title() == "Phát triển đồng bộ"
    cleared = offline_page.locator(".kcn-toggles button", has_text="Mức 1")
    assert cleared.locator(".kcn-number").inner_text() == "1 · 1,00 ha"
    offline_page.locator(".kcn-list .kcn-name").click()
    said = offline_page.locator(".kcn-popup").inner_text()
    assert "P2" in said
    assert "3,0000" in said
