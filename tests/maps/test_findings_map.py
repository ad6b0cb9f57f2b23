"""The map of findings: what it holds by hand, a project full of defects, the page in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest

import kcngeo as kcn
from kcngeo.core.errors import CRSError
from tests import squares
from tests.maps.test_layers_maps import payload, rows

if TYPE_CHECKING:
    from playwright.sync_api import Page


def defects() -> kcn.Project:
    """Lot P is drawn over Q by 0.5 m of its 100 m; R has a use that does not exist; the ledger
    mentions neither Q nor a lot S, which is not there.
    """
    lots = squares.parcels("P", "Q", "R").set_geometry(
        [squares.square(0.995), squares.square(1, wide=1), squares.square(3)], crs=squares.CRS
    )
    lots["land_use"] = ["industrial", "industrial", "castle"]
    return kcn.Project(
        zones=squares.zones("A", name="KCN A"),
        parcels=lots,
        ledger=squares.ledger(("P", "reserved", "2017-01-01"), ("S", "reserved", "2017-01-01")),
    )


def test_findings_by_weight_with_rows_size_and_advice() -> None:
    project = defects()
    report = kcn.quality.check(project)
    data = payload(kcn.maps.draw_map(kcn.cartography.findings(report, project), language="en"))
    assert [(one["label"], one["mark"]) for one in data["groups"]] == [
        ("error", "!"),
        ("warning", "?"),
    ]
    errors = {dict(one["facts"])["Rule"]: one for one in rows(data, "error")}
    overlap = errors["overlap"]
    assert overlap["name"] == "P, Q"
    assert dict(overlap["facts"])["Rows"] == "P, Q"
    # 99.5 m of the width of Q lie under P, both 100 m high
    assert overlap["area_ha"] == pytest.approx(0.995)
    assert overlap["geometry"]["type"] == "Polygon"
    message, advice = overlap["notes"]
    assert "overlap" in message
    assert advice.startswith("Find out from the boundary records")
    assert overlap["listed"] == f"{message} {advice}"
    # what has no place stands in the list all the same
    unknown = errors["unknown_parcel"]
    assert unknown["geometry"] is None
    assert unknown["listed"]
    assert data["notes"] == [report.headline("en")]
    assert data["notes"][0].startswith(f"{len(rows(data, 'error'))} errors")
    # R broke the contract of its table and is not drawn as a lot; its finding says where it is
    assert sorted(one["id"] for one in data["base"]) == ["P", "Q"]
    assert errors["not_in_list"]["geometry"] is not None


@pytest.mark.parametrize("language", ["vi", "en"])
def test_both_languages_are_told(language: str) -> None:
    project = defects()
    made = kcn.maps.draw_map(
        kcn.cartography.findings(kcn.quality.check(project), project), language=language
    )
    told = kcn.quality.check(project).told(language)
    assert [one["notes"][0] for one in payload(made)["features"]] == told["message"].tolist()


def test_a_clean_project_has_an_empty_map() -> None:
    project = kcn.Project(
        zones=squares.zones("A"),
        parcels=squares.parcels("P"),
        ledger=squares.ledger(("P", "reserved", "2017-01-01")),
    )
    data = payload(kcn.maps.draw_map(kcn.cartography.findings(kcn.quality.check(project), project)))
    assert (data["groups"], data["features"]) == ([], [])
    assert data["notes"] == ["0 lỗi, 0 cảnh báo, 0 lưu ý."]
    assert data["on"] == "2017-01-01"


def test_layers_in_another_system_are_not_drawn_among_the_findings() -> None:
    project = defects()
    tables = {**dict(project.tables()), "zones": project.zones.to_crs("EPSG:5898")}
    other = kcn.Project(**tables)
    data = payload(kcn.maps.draw_map(kcn.cartography.findings(kcn.quality.check(other), other)))
    assert [zone["id"] for zone in data["zones"]] == [""]
    assert data["features"]


def test_without_a_crs_nothing_can_be_placed() -> None:
    project = defects()
    bare = gpd.GeoDataFrame(
        pd.DataFrame(project.parcels.drop(columns="geometry")),
        geometry=project.parcels.geometry.to_numpy(),
    )
    zones = gpd.GeoDataFrame({"zone_id": ["A"]}, geometry=project.zones.geometry.to_numpy())
    broken = kcn.Project(zones=zones, parcels=bare, ledger=project.ledger)
    with pytest.raises(CRSError):
        kcn.maps.draw_map(kcn.cartography.findings(kcn.quality.check(broken), broken))


def test_a_sliver_too_thin_to_see_has_a_pin(offline_page: Page, tmp_path: Path) -> None:
    project = defects()
    kcn.maps.draw_map(kcn.cartography.findings(kcn.quality.check(project), project)).save(
        tmp_path / "map.html"
    )
    offline_page.emulate_media(reduced_motion="reduce")
    offline_page.goto((tmp_path / "map.html").as_uri())
    assert offline_page.title() == "Kết quả kiểm tra dữ liệu"
    pins = offline_page.locator(".kcn-on-pin")
    assert pins.count() >= 1
    pins.first.click()
    assert "lỗi" in offline_page.locator(".kcn-popup .kcn-group").inner_text()
    # those without a place are words, not buttons
    assert offline_page.locator(".kcn-list .kcn-placeless", has_text="S").count() == 1
