"""Maps of conflicts and of sites: figures by hand in the payload, the page in a browser."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely.geometry import shape

import kcngeo as kcn
from kcngeo.cartography.geojson import inner_points, shapes
from kcngeo.core.errors import CRSError
from kcngeo.maps import OfflineMap, PayloadLayer
from tests.squares import CRS, ledger, parcels, square, zones

if TYPE_CHECKING:
    from playwright.sync_api import Page

DAY = "2018-03-31"
HOSTILE = "</script><script>alert(1)</script> <b>&amp;</b> {{ 7 * 7 }}"


def payload(offline: OfflineMap) -> dict[str, Any]:
    """What the page shows first: the payload in its own language, facts with their labels."""
    layers = [one for one in offline._children.values() if isinstance(one, PayloadLayer)]
    data = json.loads(layers[0].data)
    data = spoken(data, data["language"])
    for one in data["features"]:
        one["facts"] = [[data["labels"][label], value] for label, value in one["facts"]]
    return data


def spoken(value: Any, language: str) -> Any:
    """Take one language out of words in both."""
    if isinstance(value, dict):
        if set(value) == {"vi", "en"}:
            return value[language]
        return {key: spoken(one, language) for key, one in value.items()}
    return [spoken(one, language) for one in value] if isinstance(value, list) else value


def rows(data: dict[str, Any], label: str) -> list[dict[str, Any]]:
    (group,) = [place for place, one in enumerate(data["groups"]) if one["label"] == label]
    return [one for one in data["features"] if one["group"] == group]


def project(**tables: Any) -> kcn.Project:
    """Zone A with four lots of 1 ha; an emitter on the first, a house 250 m east of it."""
    lots = parcels("P1", "P2", "P3", "P4", geometry_source="synthetic")
    emitters = gpd.GeoDataFrame(
        {"emitter_id": ["E1", "E2"], "kind": ["parcel", "point"], "hazard_class": ["III", None]},
        geometry=[square(0), square(3).centroid],
        crs=CRS,
    )
    receptors = gpd.GeoDataFrame(
        {"receptor_id": ["R1"], "kind": ["housing"], "name": [HOSTILE]},
        geometry=[square(3.5, high=2)],
        crs=CRS,
    )
    frames = {
        "zones": zones("A", name="KCN A"),
        "parcels": lots,
        "ledger": ledger(("P4", "leased", "2010-01-01")),
        "emitters": emitters,
        "receptors": receptors,
    }
    return kcn.Project(**{**frames, **tables})


def conflicts(tables: kcn.Project | kcn.Snapshot) -> gpd.GeoDataFrame:
    return kcn.conflicts.buffer_conflicts(
        tables.emitters,
        tables.receptors,
        rules=kcn.standards.buffer_rules(),
        on=DAY,
        zones=tables.zones,
    )


# ---- conflicts ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("language", "line", "distance"),
    [
        ("vi", "Xung đột: đường ngắn nhất", ("Khoảng cách (m)", "250,0")),
        ("en", "Conflict: nearest way", ("Distance (m)", "250.0")),
    ],
)
def test_a_conflict_is_said_with_figures_rule_and_source(
    language: str, line: str, distance: tuple[str, str]
):
    tables = project()
    data = payload(
        kcn.maps.draw_map(
            kcn.cartography.conflicts(tables, conflicts(tables), on=DAY), language=language
        )
    )
    (found,) = rows(data, line)
    # By their names: the works has none of its own and is told by what it is.
    assert found["name"].endswith(f" → {HOSTILE}")
    assert "E1" not in found["name"]
    facts = dict(found["facts"])
    # the lot ends at 100 m, the house begins at 350 m; class III asks for 300 m
    assert facts[distance[0]] == distance[1]
    rule = kcn.standards.load("tcvn4449-1987")
    assert rule.title[language] in facts.values()
    assert rule.cited(language) in found["notes"][0]
    assert {"vi": "phụ lục III", "en": "annex III"}[language] in found["notes"][0]
    # no class: no distance, and said so of the works that is a point
    kind = {"vi": "nguồn điểm", "en": "point source"}[language]
    assert kind in data["notes"][0]
    assert data["synthetic"] is True
    assert data["on"] == DAY
    (drawn,) = [shape(one["geometry"]) for one in [found]]
    assert drawn.geom_type == "LineString"


def test_the_part_too_near_has_its_hectares():
    tables = project()
    data = payload(
        kcn.maps.draw_map(
            kcn.cartography.conflicts(tables, conflicts(tables), on=DAY), language="en"
        )
    )
    (near,) = rows(data, "Part that lies too near")
    # The lower hectare of the house is too near for 50 of its 100 m. Beside the upper one the
    # circle round the lot's corner goes on: the integral of √(300² − t²) − 250 from 0 to 100 m.
    upper = (100 * math.sqrt(300**2 - 100**2) + 300**2 * math.asin(1 / 3)) / 2 - 250 * 100
    # Circles are drawn with 256 corners, never too large: less than 2 m² are lacking.
    assert near["area_ha"] == pytest.approx(0.5 + upper / 10_000, abs=2e-4)
    (house,) = rows(data, "housing")
    assert house["area_ha"] == pytest.approx(2)


def test_what_is_not_there_yet_is_not_drawn():
    tables = project()
    later = tables.receptors.assign(valid_from=pd.to_datetime(["2018-04-01"]))
    tables = project(receptors=later)
    data = payload(
        kcn.maps.draw_map(
            kcn.cartography.conflicts(tables, conflicts(tables), on=DAY), language="en"
        )
    )
    assert not [one for one in data["groups"] if one["label"] == "housing"]
    assert not [one for one in data["features"] if one["listed"]]


def test_the_map_is_drawn_as_known_at_a_time():
    tables = project()
    corrected = tables.receptors.assign(recorded_at="2018-05-01T00:00:00Z")
    tables = project(receptors=corrected)
    known = tables.as_known("2018-04-30")
    made = kcn.maps.draw_map(
        kcn.cartography.conflicts(known, conflicts(known), on=DAY), language="en"
    )
    assert "housing" not in [one["label"] for one in payload(made)["groups"]]


def test_what_was_superseded_is_not_drawn_of_a_project():
    tables = project()
    twice = pd.concat([tables.receptors, tables.receptors.assign(kind="school")])
    gone = [pd.Timestamp("2018-05-01", tz="UTC"), pd.NaT]
    tables = project(receptors=twice.assign(superseded_at=gone, recorded_at=[pd.NaT, gone[0]]))
    made = kcn.maps.draw_map(
        kcn.cartography.conflicts(tables, conflicts(tables.as_known()), on=DAY), language="en"
    )
    labels = [one["label"] for one in payload(made)["groups"]]
    assert "school" in labels
    assert "housing" not in labels


def test_layers_must_agree_in_crs():
    tables = project()
    elsewhere = conflicts(tables).set_crs("EPSG:9217", allow_override=True)
    with pytest.raises(CRSError, match="EPSG:9217"):
        kcn.maps.draw_map(kcn.cartography.conflicts(tables, elsewhere, on=DAY))
    land = tables.parcels.set_crs("EPSG:9217", allow_override=True)
    with pytest.raises(CRSError, match="EPSG:9217"):
        kcn.maps.draw_map(kcn.cartography.sites(tables, land, land, on=DAY))


# ---- sites --------------------------------------------------------------------------------------
def answer(min_area_ha: float) -> kcn.report.SiteReport:
    line = gpd.GeoDataFrame(
        {"kind": ["power_corridor"], "rank": pd.array([1], dtype="Int64")},
        geometry=[square(2, 0.5, high=0.5)],
        crs=CRS,
    )
    # The fence stands 100 m off the lots, so that its belt takes nothing of them.
    fence = zones("A", name="KCN A")
    fence = fence.set_geometry(fence.buffer(100))
    tables = project(encumbrances=line, zones=fence)
    return kcn.report.site_report(
        tables, on=DAY, criteria=kcn.sites.SiteCriteria(min_area_ha=min_area_ha)
    )


def drawn(made: kcn.report.SiteReport, language: str) -> OfflineMap:
    return kcn.maps.draw_map(
        kcn.cartography.sites(
            made.snapshot,
            made.developable.land,
            made.sites,
            on=made.on,
            encumbrances=made.encumbrances,
        ),
        language=language,
    )


def test_sites_are_drawn_with_their_figures():
    made = answer(2)
    data = payload(drawn(made, "vi"))
    (site,) = rows(data, "Địa điểm đạt yêu cầu")
    # P1 and P2 whole, the southern half of P3; P4 is let
    assert site["area_ha"] == pytest.approx(2.5)
    facts = dict(site["facts"])
    assert facts["Diện tích (ha)"] == "2,5000"
    assert facts["Lô"] == "P1, P2, P3"
    assert rows(data, "Đất có thể xây dựng nhưng không đạt") == []
    names = {one["name"] for one in rows(data, "Các vùng bị loại trừ")}
    assert names == {"hành lang lưới điện", "dải cách ly trong ranh giới"}
    assert data["notes"] == []


def test_without_a_site_the_reasons_are_said():
    data = payload(drawn(answer(3), "en"))
    assert rows(data, "Site that meets the wishes") == []
    (rest,) = rows(data, "Developable land that falls out")
    assert rest["notes"] == ["too small"]
    (note,) = data["notes"]
    assert note.startswith("No site meets the wishes")


def test_without_the_land_that_falls_out_the_rest_is_drawn_all_the_same():
    made = answer(2)
    only = kcn.sites.find_sites(made.developable.land, kcn.sites.SiteCriteria(min_area_ha=3))
    data = payload(
        kcn.maps.draw_map(kcn.cartography.sites(made.snapshot, made.developable.land, only, on=DAY))
    )
    assert [one["name"] for one in data["features"]] == ["P1", "P2", "P3"]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("area", "too small"),
        ("without_road", "without road"),
        ("unknown_power", "power: not on record"),
        ("unknown_level", "readiness unknown"),
    ],
)
def test_every_reason_has_words(reason: str, words: str):
    assert kcn.theme.site_reason(reason, language="en") == words


# ---- in the browser -----------------------------------------------------------------------------
def test_the_legend_counts_what_is_shown(offline_page: Page, tmp_path: Path):
    tables = project()
    made = kcn.maps.draw_map(
        kcn.cartography.conflicts(tables, conflicts(tables), on=DAY), language="en"
    )
    made.save(tmp_path / "map.html")
    offline_page.goto((tmp_path / "map.html").as_uri())
    assert offline_page.title() == "Conflicts of distance"
    assert offline_page.locator(".kcn-synthetic").inner_text().startswith("Synthetic geometry")
    housing = offline_page.locator(".kcn-toggles button", has_text="housing")
    assert housing.locator(".kcn-number").inner_text() == "1 · 2.00 ha"
    # two emitters, one receptor, its part too near, one line, one ring
    assert offline_page.locator(".kcn-total .kcn-number").inner_text() == "6"
    housing.click()
    assert offline_page.locator(".kcn-total .kcn-number").inner_text() == "5"
    assert offline_page.evaluate("kcngeo.shown()").count(HOSTILE) == 0
    housing.click()
    assert offline_page.evaluate("kcngeo.shown()").count(HOSTILE) == 1


def test_a_line_of_the_list_opens_what_is_said(offline_page: Page, tmp_path: Path):
    tables = project()
    kcn.maps.draw_map(kcn.cartography.conflicts(tables, conflicts(tables), on=DAY)).save(
        tmp_path / "map.html"
    )
    offline_page.goto((tmp_path / "map.html").as_uri())
    offline_page.locator(".kcn-list .kcn-name").click()
    said = offline_page.locator(".kcn-popup").inner_text()
    assert f" → {HOSTILE}" in said
    assert "250,0" in said
    assert "TCVN 4449:1987" in said
    # what comes from data is text: nothing of it became markup
    assert HOSTILE in said
    assert offline_page.locator(".kcn-popup b").count() == 0


def test_a_feature_is_clicked_on_the_map(offline_page: Page, tmp_path: Path):
    made = answer(2)
    drawn(made, "en").save(tmp_path / "map.html")
    offline_page.goto((tmp_path / "map.html").as_uri())
    corner = f"L.GeoJSON.coordsToLatLng({_middle(payload(drawn(made, 'en')))})"
    at = offline_page.evaluate(f"kcngeo.map.latLngToContainerPoint({corner})")
    offline_page.locator(".kcn-map").click(position={"x": at["x"], "y": at["y"]})
    said = offline_page.locator(".kcn-popup").inner_text()
    assert said.startswith("site P1 and 2 more")
    assert "2.5000" in said


def _middle(data: dict[str, Any]) -> list[float]:
    (site,) = rows(data, "Site that meets the wishes")
    point = shapely.point_on_surface(shape(site["geometry"]))
    return [point.x, point.y]


def test_the_same_map_gives_the_same_bytes(tmp_path: Path):
    for name in ("one.html", "two.html"):
        drawn(answer(2), "vi").save(tmp_path / name)
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


def test_what_is_bent_has_a_point_inside_for_its_mark():
    # five squares in an L: the mean of their centres is (1.1, 1.1), in the empty corner
    bend = shapely.union_all([square(0, wide=3), square(0, high=3)])
    ring = shapely.difference(square(0, wide=9, high=9), square(1, 1, wide=7, high=7))
    layer = gpd.GeoDataFrame(geometry=[square(0), bend, ring, square(0).centroid], crs=CRS)
    found = inner_points(layer)
    assert [one is None for one in found] == [True, False, False, True]
    for place in (1, 2):
        drawn = shape(shapes(layer)[place])
        assert drawn.contains(shapely.Point(found[place]))
