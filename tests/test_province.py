"""The sample of the whole province: what is published of fifteen zones, and nothing more."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure

import kcngeo as kcn
from kcngeo.cartography import MapSpec, fill
from kcngeo.maps.fill_pages import frame_of
from kcngeo.publish import charts
from kcngeo.publish.month_tables import all_tables
from kcngeo.publish.narrative import summary
from kcngeo.report import MonthlyReport
from kcngeo.report.spatial_sections import spatial_sections
from tests.publish.test_paper import filled

PROVINCE = Path(__file__).resolve().parents[1] / "data" / "parcels" / "province.gpkg"


@pytest.fixture(scope="module")
def report() -> MonthlyReport:
    project = kcn.io.read_project(PROVINCE)
    return kcn.report.monthly(project, month="2025-10", start="2025-09-30")


@pytest.fixture(scope="module")
def tables(report: MonthlyReport) -> dict[str, pd.DataFrame]:
    return all_tables(report, language="vi")


def test_a_total_is_of_three_of_fifteen_zones_and_invents_no_hectare(report: MonthlyReport) -> None:
    now = report.series.xs(report.definition.name).xs(report.on, level="on")
    assert len(now) == 15
    assert now["source"].value_counts().to_dict() == {"measured": 2, "declared": 1}
    assert (now["reason"] == "base_not_published").sum() == 12
    assert now.loc[now["reason"].notna(), ["leased_ha", "base_ha"]].isna().all(axis=None)
    total = report.total.xs(report.definition.name).loc[report.on]
    assert (total["known_count"], total["zone_count"], total["declared_ha"]) == (3, 15, 210.84)
    assert total["base_ha"] == pytest.approx(now["base_ha"].sum())
    # As published: 1.5 of 210.84 ha.
    assert now.loc["tan-duc", "fill_rate"] == pytest.approx(1.5 / 210.84)


def test_the_published_rate_of_the_province_stands_beside_it_as_a_claim(
    report: MonthlyReport, tables: dict[str, pd.DataFrame]
) -> None:
    said = [one.shown(tables, language="vi") for one in summary(report, tables)]
    assert any("3/15 khu" in one and "210,84 ha" in one for one in said)
    assert any("49,99 %" in one and "không tính ở đây" in one for one in said)
    assert any("88,19 %" in one and "Sổ thay đổi lần cuối ngày 06/11/2023" in one for one in said)
    assert any("KCN Tân Đức" in one and "khai báo ngày 31/10/2025" in one for one in said)
    # Of another set of zones the rate of the month before is no rise and no fall.
    assert not any("Tỷ lệ tăng" in one or "Tỷ lệ giảm" in one for one in said)


def test_page_one_has_the_last_entry_beside_the_newer_claim(
    tables: dict[str, pd.DataFrame],
) -> None:
    rows = tables["overview"].set_index("zone_id")
    assert len(rows) == 16
    loc_son = rows.loc["loc-son"]
    assert (loc_son["claimed"], f"{loc_son['last_entry_on']:%Y-%m-%d}") == (0.8819, "2023-11-06")
    assert rows.loc["total", "claimed"] == 0.4999
    # What nobody drew has no conflict, no milestone late and no error only as far as anybody knows.
    counts = ["conflict_count", "late_count", "breach_count", "error_count"]
    assert rows[counts].notna().all(axis="columns").loc[lambda known: known].index.tolist() == [
        *("loc-son", "phu-hoi", "total")
    ]
    assert rows.loc[["nhan-co", "tan-duc"], counts].isna().all(axis=None)
    assert tables["declared"]["zone_id"].tolist() == ["tan-duc"]
    # Sơn Mỹ 1 has let hectares claimed and no base: they are in no sum.
    claims = tables["newer_claims"].set_index("zone_id")
    assert claims.loc["son-my-1", ["measure", "value"]].tolist() == ["leased_ha", 156.0]


def test_the_map_places_zones_by_their_commune_and_says_what_is_not_published(
    report: MonthlyReport,
) -> None:
    spec = fill(report)
    assert spec.headline["vi"] == "Tỷ lệ lấp đầy chung của 3/15 khu: 36,39 %"
    zones = {zone["id"]: zone for zone in frame_of(spec, language="vi")["zones"]}
    nhan_co = zones["nhan-co"]
    assert nhan_co["shapes"] == []
    # The commune Nhân Cơ lies about 107.6 E, 11.96 N.
    assert nhan_co["place"] == pytest.approx([107.6, 11.96], abs=0.1)
    assert nhan_co["stated"] == [None, None]
    assert nhan_co["rates"][-1] == [None, None, None]
    assert nhan_co["claim"][1]["vi"] == "86,50 % (04/2019)"
    tan_duc = zones["tan-duc"]
    assert tan_duc["stated"] == [None, [210.84, 1.5, None, None, None, None, None]]
    assert "31/10/2025" in tan_duc["declared"][1]["vi"]
    assert "place" not in tan_duc
    assert "stated" not in zones["loc-son"]
    # The list beside the rings says the rate, or why there is none, and not the law of all fifteen.
    assert spec.overview is not None
    listed = {told.name["en"]: told.entry for _, _, told in spec.overview.numbered() if told.entry}
    assert listed["KCN Phú Hội"]["en"] == "77.54 %"
    assert listed["KCN Nhân Cơ"]["en"] == "base not published; claimed 86.50 % (04/2019)"


def test_what_nobody_drew_keeps_no_answer_from_the_zones_that_are_drawn(
    report: MonthlyReport,
) -> None:
    beside = spatial_sections(report)
    assert beside.conflicts is not None
    assert {one.rule for one in beside.findings}.isdisjoint({"not_answered", "unanswered"})
    # Lộc Sơn has 23.78 ha free and Phú Hội 0.41; land and what takes it away close.
    vacant = beside.space.developable.totals["vacant_ha"]
    assert vacant.dropna().round(2).to_dict() == {"loc-son": 23.78, "phu-hoi": 0.41}


def test_of_a_declaration_no_picture_tells_what_became_of_lots(
    report: MonthlyReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    for kind in ("bridge", "stages", "trajectory"):
        told = partial(lambda kind, *_, zone_id, **__: drawn.append((kind, zone_id)), kind)
        monkeypatch.setattr(charts.figures, kind, told)
    monkeypatch.setattr(charts.figures, "draw_map", lambda *_, **__: None)
    picture = charts.Picture(label="", data=b"", tall=1.0, sheet=Figure)
    monkeypatch.setattr(charts, "picture", lambda _: picture)
    charts.charts(report, language="vi", spec=MapSpec.__new__(MapSpec))
    # In a year no lot moved, and Tân Đức has a rate of one month: neither is drawn.
    kinds = ("stages", "trajectory")
    assert drawn == [(kind, zone) for zone in ("loc-son", "phu-hoi") for kind in kinds]


def test_a_new_zone_cannot_be_judged_while_bases_are_not_published(report: MonthlyReport) -> None:
    rates = kcn.fill.fill_rate(report.snapshot, on=report.on)
    asked = {"kind": "new", "zone_ids": rates.index.tolist(), "on": report.on}
    tests = kcn.targets.eligibility(rates, None, **asked, language="en")
    row = tests[tests["criterion"] == "new-fill-rate"].iloc[0]
    assert (row["reason"], pd.isna(row["passes"])) == ("not_published", True)
    one = kcn.targets.eligibility(rates, None, **asked | {"zone_ids": ["tan-duc"]}, language="en")
    row = one[one["criterion"] == "new-fill-rate"].iloc[0]
    assert (row["value"], row["declared_ha"]) == (pytest.approx(1.5 / 210.84), 210.84)
    assert "210.84 ha of the base are declared" in row["explanation"]


@pytest.mark.long
@pytest.mark.parametrize("language", ["vi", "en"])
def test_zones_without_lots_share_the_last_sheet_of_the_atlas(
    report: MonthlyReport, language: str
) -> None:
    made = kcn.publish.month_bundle(report).files(kcn.publish.ATLAS, language=language)
    page = made["atlas.html"]().decode()
    # Three zones have a rate and are compared, two have lots, thirteen of fifteen have none.
    anchors = ["comparison-1", "zone-loc-son", "zone-phu-hoi", "declared-1"]
    assert re.findall(r'<figure id="([^"]+)"', page) == anchors
    names = set(report.zone_names().values())
    assert {name for name in names if name in page.split('id="declared-1"')[1]} == names - {
        "KCN Lộc Sơn",
        "KCN Phú Hội",
    }
    *sheets, _ = filled(made["atlas.docx"]())
    assert min(sheets) >= 0.6
