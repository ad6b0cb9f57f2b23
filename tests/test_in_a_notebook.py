"""What a notebook shows of maps and reports: right figures, safe text, nothing fetched."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import folium
import numpy as np
import pandas as pd
import pytest
from folium.plugins import FloatImage, HeatMap

import kcngeo as kcn
from kcngeo.core.errors import DataSourceError
from tests.squares import ledger, parcels, square, zones

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
HOSTILE = "</td><script>alert(1)</script> {{ 7 * 7 }}"


def project() -> kcn.Project:
    """A: 1 of 4 ha let. B: two lots lie on each other."""
    lots = [
        parcels("P1", "P2", "P3", "P4", zone="A"),
        parcels("Q1", "Q2", zone="B").set_geometry([square(0, 1), square(0.5, 1)]),
    ]
    return kcn.Project(
        zones=zones("A", "B", name=["KCN A", HOSTILE]),
        parcels=pd.concat(lots, ignore_index=True),
        ledger=ledger(("P1", "leased", "2010-01-01"), ("Q1", "leased", "2010-01-01")),
    )


def rows(markup: str) -> list[list[str]]:
    return [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>.*?</tr>", markup)
    ]


def test_a_monthly_report_shows_rates_and_reasons() -> None:
    report = kcn.report.monthly(project(), month="2018-03", start="2018-03-01")
    vietnamese = rows(report._repr_html_())
    assert vietnamese[0][1:] == ["Đất đã cho thuê (ha)", "Đất cho thuê được (ha)", "Tỷ lệ lấp đầy"]
    assert vietnamese[1] == ["KCN A", "1,0000", "4,0000", "25,00 %"]
    english = kcn.report.card(report, language="en")
    assert rows(english._repr_html_())[1] == ["KCN A", "1.0000", "4.0000", "25.00 %"]
    # Zone B is not computable: its reason stands where its figures would, and there is no total.
    (name, reason) = rows(english._repr_html_())[2]
    assert "&lt;script&gt;" in name
    assert "Q1" in reason
    assert len(rows(english._repr_html_())) == 3
    assert "<script" not in english._repr_html_()
    assert repr(english) == repr(report)
    assert np.isnan(report.accounts.loc["B", "base_ha"])


@pytest.mark.parametrize(
    ("language", "severity", "area"), [("vi", "lỗi", "5.000,0"), ("en", "error", "5,000.0")]
)
def test_a_quality_report_shows_words_not_names_of_columns(
    language: str, severity: str, area: str
) -> None:
    report = kcn.quality.check(project(), language=language)
    table = rows(report._repr_html_())
    cells = {cell for row in table[1:] for cell in row}
    assert {severity, area} <= cells
    assert not {"severity", "area_m2", "zone_id", "advice"} & set(table[0])
    nothing = kcn.quality.check(
        kcn.Project(zones=zones("A"), parcels=parcels("P1"), ledger=ledger()), language=language
    )
    assert "<p>" in nothing._repr_html_()


@pytest.mark.system
def test_reports_and_maps_open_in_a_page_that_may_fetch_nothing(offline_page: Page) -> None:
    report = kcn.report.monthly(project(), month="2018-03", start="2018-03-01")
    shown = [
        report._repr_html_(),
        kcn.quality.check(project())._repr_html_(),
        kcn.maps.draw_map(kcn.cartography.fill(report), language="vi")._repr_html_(),
    ]
    offline_page.set_content(f"<!DOCTYPE html><body>{''.join(shown)}</body>")
    assert "25,00 %" in offline_page.locator("table").first.inner_text()
    assert HOSTILE in offline_page.locator("table").first.inner_text()
    frame = offline_page.frame_locator("iframe")
    assert "KCN A" in frame.locator("body").inner_text()
    assert frame.locator(".leaflet-container").count() == 1


@pytest.mark.system
def test_folium_s_own_layers_and_plugins_go_onto_a_map_of_ours(
    offline_page: Page, tmp_path: Path
) -> None:
    made = kcn.maps.fill_map(project(), start="2018-03-01", end="2018-03-31", language="en")
    assert isinstance(made, folium.Map)
    at = (11.48, 107.75)
    folium.Marker(at, tooltip="gate <b>1</b>").add_to(made)
    well = {"type": "Point", "coordinates": at[::-1]}
    folium.GeoJson(well, marker=folium.CircleMarker(radius=7, class_name="well")).add_to(made)
    FloatImage(PIXEL, bottom=5, left=5).add_to(made)
    made.save(tmp_path / "map.html")
    offline_page.goto((tmp_path / "map.html").as_uri())
    assert offline_page.locator("img.leaflet-marker-icon").count() == 1
    assert offline_page.locator("path.well").count() == 1
    picture = offline_page.locator("img[src^='data:image/gif']")
    assert picture.evaluate("image => image.naturalWidth") == 1
    # The map's own controls go on working beside them.
    assert offline_page.locator(".kcn-month").inner_text() == "03/2018"


def test_a_plugin_that_would_fetch_is_refused_by_its_address(tmp_path: Path) -> None:
    made = kcn.maps.fill_map(project(), start="2018-03-01", end="2018-03-31", language="en")
    HeatMap([[11.5, 107.8]]).add_to(made)
    with pytest.raises(DataSourceError, match=r"would fetch https?://.*leaflet.*heat"):
        made.save(tmp_path / "map.html")
    with pytest.raises(DataSourceError, match="would fetch"):
        made._repr_html_()
    assert list(tmp_path.iterdir()) == []
