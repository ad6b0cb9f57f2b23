"""Maps on paper: what is drawn is as large as what is said, also in black and white."""

from __future__ import annotations

import dataclasses
import math
from itertools import combinations
from typing import Any

import geopandas as gpd
import matplotlib.path as paths
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.figure import Figure

import kcngeo as kcn
from kcngeo import figures, theme
from kcngeo.cartography.styles import HATCHES, striped
from kcngeo.core.errors import CRSError, KcngeoError
from kcngeo.core.model import Severity
from kcngeo.figures.export import drawn
from kcngeo.figures.hatches import grey
from kcngeo.figures.panel_geometry import (
    Places,
    area_path,
    bar_length_m,
    line_path,
    view_of,
)
from kcngeo.report import MonthlyReport
from tests.figures.test_figures import HOSTILE, LANGUAGES, SAMPLE, require_readable, shapes, words
from tests.squares import CRS, ledger, parcels, square, zones

ON = "2018-03-31"


@pytest.fixture(scope="module")
def sample() -> kcn.Project:
    return kcn.io.read_project(SAMPLE)


@pytest.fixture(scope="module")
def march(sample: kcn.Project) -> MonthlyReport:
    return kcn.report.monthly(sample, month="2018-03", start="2018-03-01")


def path_ha(path: paths.Path) -> float:
    """Measure a path, in hectares on the ground: a ring that runs backwards is a hole."""
    total = 0.0
    starts = np.flatnonzero(path.codes == paths.Path.MOVETO)
    for ring in np.split(path.vertices, starts[1:]):
        total += shapely.Polygon(ring).area * (1 if shapely.LinearRing(ring).is_ccw else -1)
    return abs(total) / 10_000


def drawn_ha(figure: Figure, name: str) -> float:
    """Measure what is drawn under a name."""
    found = figure.findobj(lambda one: one.get_gid() == name)
    return sum(path_ha(one.get_path()) for one in found)


# ---- the ground ---------------------------------------------------------------------------------
@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.25, 0.75), (0.2, 0.3, 0.5)])
@pytest.mark.parametrize("shape", [square(0), square(0, wide=3), square(0).buffer(20)])
def test_stripes_cover_the_lot_once_and_are_about_as_wide_as_the_shares(
    shape: Any, shares: tuple[float, ...]
) -> None:
    cut = striped(shape, shares, width_m=20)
    assert shapely.union_all(cut).symmetric_difference(shape).area < 1e-6
    assert sum(one.area for one in cut) == pytest.approx(shape.area)
    for share, one in zip(shares, cut, strict=True):
        assert one.area / shape.area == pytest.approx(share, abs=0.04)


def test_two_equal_stripes_over_a_square_part_it_along_its_diagonal() -> None:
    first, second = striped(square(0), (0.5, 0.5), width_m=1000)
    # Lines of constant easting + northing: the lower left half is a triangle of half a hectare.
    assert (first.area, second.area) == pytest.approx((5000, 5000))
    assert (first.centroid.x, second.centroid.x) == pytest.approx((500_033.333, 500_066.667))


@pytest.mark.parametrize(
    ("metres", "length"), [(100, 100), (133.4, 200), (333, 200), (334, 500), (700, 1000)]
)
def test_a_scale_bar_is_1_2_or_5_and_as_long_as_fits(metres: float, length: float) -> None:
    # At 333 m an inch, 1.5 inches hold 499.5 m: 200 m; at 334 m they hold 501 m: 500 m.
    assert bar_length_m(metres, longest_in=1.5) == length


def test_a_hole_is_left_out_and_points_have_no_area() -> None:
    ring = square(0, wide=3, high=3).difference(square(1, 1))
    path = area_path(np.array([ring, shapely.Point(0, 0)], dtype=object))
    assert path_ha(path) == pytest.approx(9 - 1)
    assert len(area_path(np.array([], dtype=object)).vertices) == 0
    assert len(line_path(np.array([shapely.Point(0, 0)], dtype=object)).vertices) == 0


def test_a_view_shows_what_lies_beside_the_zone_and_not_what_lies_far_off() -> None:
    zone = np.array([square(0, wide=4, high=4)], dtype=object)
    # A quarter of 400 m: what begins 90 m beside is framed, what begins 110 m beside is not.
    near, far = square(4.9), square(-3.1, wide=2)
    view = view_of(zone, np.array([near, far], dtype=object), left=0, top=0, width=4.0, height=4.0)
    assert view.box.contains(near)
    assert not view.box.intersects(far)
    # 590 m on 4 inches with a margin of 5 % on both sides.
    assert view.metres == pytest.approx(590 / 4 * 1.1)
    assert view.place(view.box.centroid) == pytest.approx((2, 2))


def test_a_place_is_given_once() -> None:
    places = Places()
    assert places.take(1, 1, 0.2, 0.2)
    assert not places.take(1.19, 1, 0.2, 0.2)
    assert places.take(1.21, 1, 0.2, 0.2)
    zone = np.array([square(0)], dtype=object)
    view = view_of(zone, zone, left=0, top=0, width=2, height=2)
    x, y = places.near(1, 1, size=0.2, view=view)
    assert max(abs(x - 1), abs(y - 1)) >= 0.2 - 1e-9
    assert places.near(-9, 1, size=0.2, view=view) is None


# ---- black and white ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    "colors",
    [
        theme.STATUS_COLORS.values(),
        theme.KIND_COLORS["receptors"].values(),
        theme.USE_COLORS.values(),
        [theme.LAYER_COLORS["site"], theme.LAYER_COLORS["developable"]],
        [theme.SEVERITY_COLORS[one] for one in Severity],
    ],
    ids=["status", "receptors", "uses", "sites", "severity"],
)
def test_colours_of_one_legend_are_told_apart_without_colour(colors: Any) -> None:
    for one, other in combinations(colors, 2):
        alike = abs(grey(one) - grey(other)) < 0.2 and HATCHES.get(one) == HATCHES.get(other)
        # Land uses without a pattern are industrial, transport and other: they stand pale.
        pale = {one, other} <= {
            theme.USE_COLORS[use] for use in ("industrial", "transport", "other")
        }
        assert not alike or pale, (one, other)


# ---- lots by lease status -----------------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_fill_map_of_the_sample_says_what_the_board_published(
    march: MonthlyReport, language: str
) -> None:
    figure = figures.draw_map(kcn.cartography.fill(march), language=language, zone_id="loc-son")
    require_readable(figure)
    shown = words(figure)
    # The board's notice of March 2018: hectares of Lộc Sơn by status.
    published = {
        "leased": 76.072, "reserved": 16.1371, "recovering": 3.743, "repurposed": 4,
        "uncleared": 17, "available": 18.793,
    }  # fmt: skip
    for status, area_ha in published.items():
        assert theme.text(f"status.{status}", language=language) in shown
        assert f"{theme.number(area_ha, language=language)} ha" in shown
        # Stripes stand for shares and are as wide as them, not quite as large.
        assert drawn_ha(figure, f"parcels_on_day.{status}") == pytest.approx(
            area_ha, rel=0.03, abs=0.15
        )
    rate = theme.percent(76.072 / 135.7451, language=language)
    assert any(rate in one for one in shown)
    said = " ".join(shown)
    for words_said in (
        theme.text("map.synthetic", language=language),
        theme.text("figures.source", language=language),
        theme.text("figures.north", language=language),
        theme.date(pd.Timestamp(ON), language=language),
        "164/2013",
        "EPSG:5899",
    ):
        assert words_said in said
    assert {"CN1-3", "CN9-1"} <= set(shown)


def test_the_scale_bar_is_as_long_as_it_says(march: MonthlyReport) -> None:
    figure = figures.draw_map(kcn.cartography.fill(march), language="en", zone_id="loc-son")
    bars = shapes(figure)
    left, right = (bars[f"scale.{half}"].get_window_extent() for half in (0, 1))
    pixels = right.x1 - left.x0
    (axes,) = figure.axes
    metres = (axes.get_xlim()[1] - axes.get_xlim()[0]) / axes.bbox.width
    high = (axes.get_ylim()[1] - axes.get_ylim()[0]) / axes.bbox.height
    assert metres == pytest.approx(high)  # no stretched ground
    assert pixels * metres == pytest.approx(200, rel=0.02)
    assert "200 m" in words(figure)


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_zones_stand_in_panels_with_the_ratio_of_sums(
    march: MonthlyReport, language: str
) -> None:
    figure = figures.draw_map(kcn.cartography.fill(march), language=language)
    require_readable(figure)
    assert len(figure.axes) == 2
    # (76.072 + 63.572) / (135.7451 + 84.672) ha
    rate = theme.percent(139.644 / 220.4171, language=language)
    assert any(rate in one for one in words(figure))
    assert sum(one.startswith("KCN ") for one in words(figure)) == 2


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_the_same_map_gives_the_same_bytes(march: MonthlyReport, kind: str) -> None:
    first, second = (
        drawn(figures.draw_map(kcn.cartography.fill(march), language="vi", zone_id="phu-hoi"), kind)
        for _ in range(2)
    )
    assert first == second
    assert len(first) > 10_000


def small(**tables: Any) -> kcn.Project:
    """Zone A: four lots of 1 ha, a hole in the register; an emitter, a house, a school far off."""
    emitters = gpd.GeoDataFrame(
        {
            "emitter_id": ["E1", "E2", "E3"],
            "kind": ["parcel", "point", "point"],
            "hazard_class": ["III", None, "IV"],
        },
        geometry=[square(0), square(3).centroid, square(1).centroid],
        crs=CRS,
    )
    receptors = gpd.GeoDataFrame(
        {"receptor_id": ["R1"], "kind": ["housing"], "name": [HOSTILE]},
        geometry=[square(3.5, high=2)],
        crs=CRS,
    )
    frames = {
        "zones": zones("A", name="KCN A"),
        "parcels": parcels("P1", "P2", "P3", "P4"),
        "ledger": ledger(("P4", "leased", "2010-01-01"), ("P3", "leased", "2010-01-01", None, 0.5)),
        "emitters": emitters,
        "receptors": receptors,
    }
    return kcn.Project(**{**frames, **tables})


def test_a_lot_let_in_part_is_striped_and_counts_by_its_share() -> None:
    figure = figures.fill_map(small(), month="2018-03", language="en")
    require_readable(figure)
    # P4 and half of P3 are let, 1.5 of 4 ha: 37.5 %.
    assert {"1.50 ha", "2.50 ha"} <= set(words(figure))
    assert any("37.50 %" in one for one in words(figure))
    assert drawn_ha(figure, "parcels_on_day.leased") == pytest.approx(1.5, abs=0.05)
    assert not any("ynthetic" in one for one in words(figure))


def test_a_zone_that_is_not_computable_says_why_and_keeps_its_panel() -> None:
    frames = {
        "zones": zones("A", "B"),
        "parcels": pd.concat(
            [
                parcels("P1", "P2", zone="A"),
                parcels("Q1", zone="B").set_geometry([square(0, 1)]),
                parcels("Q2", zone="B").set_geometry([square(0.5, 1)]),
            ],
            ignore_index=True,
        ),
        "ledger": ledger(("P1", "leased", "2010-01-01"), ("Q1", "leased", "2010-01-01")),
    }
    figure = figures.fill_map(kcn.Project(**frames), month="2018-03", language="en")
    require_readable(figure)
    said = words(figure)
    assert any("50.00 %" in one for one in said)  # zone A: 1 of 2 ha
    assert any("Q1" in one and "Q2" in one for one in said)  # the overlap is named
    assert len(figure.axes) == 2


def thirteen() -> kcn.Project:
    """Zones of a lot each, 1 ha, the first of 4 ha; a quarter of the second lot is let."""
    ids = [f"Z{number:02}" for number in range(13)]
    lots = [
        parcels(f"P{one}", zone=one).set_geometry([square(0, row, wide=1 if row else 4)])
        for row, one in enumerate(ids)
    ]
    return small(
        zones=zones(*ids),
        parcels=pd.concat(lots, ignore_index=True),
        ledger=ledger(("PZ01", "leased", "2010-01-01", None, 0.25)),
    )


def test_a_zone_nobody_knows_and_too_many_zones_are_refused() -> None:
    with pytest.raises(KcngeoError, match=r"no zone X to draw on 31 Mar 2018\. There is: A"):
        figures.fill_map(small(), month="2018-03", language="en", zone_id="X")
    many = thirteen()
    with pytest.raises(KcngeoError, match="13 zones do not fit on one sheet, which holds 12"):
        figures.draw_map(
            kcn.cartography.findings(kcn.quality.check(many, on=ON), many, on=ON), language="en"
        )
    twelve = figures.fill_map(
        kcn.Project(zones=many.zones[:12], parcels=many.parcels[:12], ledger=many.ledger),
        month="2018-03",
        language="vi",
    )
    require_readable(twelve)
    assert len(twelve.axes) == 12


@pytest.mark.parametrize("language", ["vi", pytest.param("en", marks=pytest.mark.long)])
def test_more_zones_than_panels_are_rings(language: str) -> None:
    figure = figures.fill_map(thirteen(), month="2018-03", language=language)
    require_readable(figure)
    (axes,) = figure.axes
    said = " ".join(words(figure))
    # 0.25 of 4 + 12 × 1 ha is let
    shown = [theme.number(area_ha, language=language) + " ha" for area_ha in (0.25, 15.75)]
    assert all(one in said for one in shown)
    assert f"Z01: {theme.percent(0.25, language=language)}" in said
    rings = {
        patch.get_gid(): [
            shapely.Polygon(ring) for ring in patch.get_path().to_polygons(closed_only=False)
        ]
        for patch in axes.patches
        # A line from a ring to its zone has no surface.
        if patch.get_gid() and not patch.get_gid().startswith("ring_leaders")
    }
    # The edges of thirteen rings: none covers another, nor a name.
    edges = [one.buffer(0) for one in rings["ring_edges.measured"]]
    plates = [one.buffer(0) for one in rings["ring_names."]]
    holes = [one.buffer(0) for one in rings["ring_rates."]]
    assert len(edges) == len(plates) == len(holes) == 13
    overlaps = [a.intersection(b).area for a, b in combinations([*edges, *plates], 2)]
    assert max(overlaps) < 1e-6 * edges[0].area
    areas = sorted(
        edge.difference(hole).area for edge in edges for hole in holes if edge.intersects(hole)
    )
    # One zone has four times the land of any other.
    assert areas[-1] / areas[0] == pytest.approx(4, rel=2e-2)
    assert areas[:12] == pytest.approx([areas[0]] * 12, rel=2e-2)
    (let,) = [one.buffer(0) for one in rings["accounts_by_size.leased"]]
    assert let.area / areas[0] == pytest.approx(0.25, rel=2e-2)
    # From the top to the right, in the ring that says a quarter.
    (ring,) = [edge for edge in edges if edge.intersects(let.centroid)]
    assert let.centroid.x > ring.centroid.x
    assert let.centroid.y > ring.centroid.y
    written = [one for one in figure.texts if one.get_gid() == "label.ring_rates"]
    nothing, quarter = (theme.percent(share, language=language) for share in (0, 0.25))
    assert sorted(one.get_text() for one in written) == sorted([nothing] * 12 + [quarter])
    assert min(one.get_fontsize() for one in figure.texts) >= 7


@pytest.mark.system
def test_rings_of_the_province_say_what_is_measured_declared_and_claimed() -> None:
    project = kcn.io.read_project(SAMPLE.with_name("province.gpkg"))
    # Nobody placed Tân Đức, which lives on a declared account: here somebody does.
    is_declared = project.zones["zone_id"] == "tan-duc"
    east, north = shapely.get_coordinates(project.zones.geometry.dropna().iloc[0].centroid)[0]
    placed = project.zones.assign(
        point_x=pd.Series(east - 60_000, index=project.zones.index).where(is_declared),
        point_y=pd.Series(north - 60_000, index=project.zones.index).where(is_declared),
    )
    project = dataclasses.replace(project, zones=placed)
    report = kcn.report.monthly(project, month="2025-10", start="2025-10-01")
    figure = figures.draw_map(kcn.cartography.fill(report), language="vi")
    gids = {one.get_gid() for one in figure.axes[0].patches}
    assert {"ring_edges.measured", "ring_unstated.", "accounts_by_size.leased"} <= gids
    edges = {one.get_gid(): one.get_linestyle() for one in figure.axes[0].patches}
    assert edges["ring_edges.declared"] != edges["ring_edges.measured"]
    written = {
        name: [one.get_text() for one in figure.texts if one.get_gid() == f"label.{name}"]
        for name in ("ring_rates", "ring_names", "ring_claims")
    }
    assert {"68,68 %", "77,54 %"} < set(written["ring_rates"])
    # Eight zones that somebody places publish no base.
    assert written["ring_rates"].count("–") == 8
    assert "KCN Tâm Thắng" in written["ring_names"]
    assert "công bố 97,00 % (10/2025)" in written["ring_claims"]
    boxes = [one.get_window_extent() for one in figure.texts if one.get_gid()]
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))


def test_a_ring_without_a_rate_says_so() -> None:
    project = thirteen()
    twice = pd.concat([project.ledger, ledger(("PZ01", "reserved", "2011-01-01"))])
    frames = {**dict(project.tables()), "ledger": twice.reset_index(drop=True)}
    figure = figures.fill_map(kcn.Project(**frames), month="2018-03", language="vi")
    assert any("Z01: không tính được" in one for one in words(figure))


# ---- conflicts, sites, steps, findings ----------------------------------------------------------
def conflicts_of(project: kcn.Project) -> gpd.GeoDataFrame:
    rules = kcn.standards.registry().buffer_rules()
    return kcn.conflicts.buffer_conflicts(
        project.emitters, project.receptors, rules=rules, on=ON, zones=project.zones
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_conflicts_are_numbered_by_how_bad_they_are(language: str) -> None:
    project = small()
    found = conflicts_of(project)
    figure = figures.draw_map(kcn.cartography.conflicts(project, found, on=ON), language=language)
    require_readable(figure)
    # E1 (class III, 300 m) ends 250 m west of R1; E3 (class IV, 100 m) stands 200 m off: no
    # conflict; E2 has no class. Within 50 m of the near edge of R1 lie 50 m x 200 m and round
    # corners: of the 100 m x 200 m house all that is within 300 m of the lot.
    numbers = shapes(figure)
    assert [name for name in numbers if name.startswith("number.")] == ["number.1"]
    distance = theme.number(250, language=language, decimals=1)
    assert sum(distance in one for one in words(figure)) == 1
    near = square(3.5, high=2).intersection(square(0).buffer(300, quad_segs=64))
    assert drawn_ha(figure, "conflicts") == pytest.approx(near.area / 10_000, rel=0.01)
    kind = {"vi": "nguồn điểm", "en": "point source"}[language]
    # E2 is named by what it is, not dropped: in the legend, and in a note.
    assert sum(kind in one for one in words(figure)) >= 2
    assert any("TCVN 4449:1987" in one for one in words(figure))
    table = figures.conflict_table(found, on=ON, language=language)
    require_readable(table)
    cells = {name: one.get_text() for name, one in shapes(table).items()}
    assert cells["conflict.0.distance_m"] == distance
    assert cells["conflict.0.required_m"] == "300"
    assert cells["conflict.0.margin_m"] == "−" + theme.number(50, language=language, decimals=1)
    assert "conflict.1.margin_m" not in cells
    # The source in the language of the sheet: "annex III", "phụ lục III".
    annex = {"vi": "TCVN 4449:1987, phụ lục III", "en": "TCVN 4449:1987, annex III"}[language]
    assert any(annex in one for one in words(table))
    own = found.assign(rule_origin="own.toml", source="Board, own decision")
    names = {"emitters": {"E1": "Kho A"}, "receptors": {"R1": "Khu B"}}
    asked = {"on": ON, "language": language, "names": names}
    cited = " ".join(words(figures.conflict_table(own, **asked)))
    assert "Kho A (III)" in cited
    assert "Khu B" in cited
    assert "tcvn4449-1987 [own.toml]" in cited
    assert "own decision" in cited


def test_conflicts_of_the_sample_lie_in_their_zones_and_the_rest_is_named(
    sample: kcn.Project,
) -> None:
    found = conflicts_of(sample)
    figure = figures.draw_map(kcn.cartography.conflicts(sample, found, on=ON), language="en")
    require_readable(figure)
    count = int((found["state"] == "conflict").sum())
    assert len(shapes(figure, "")) > 0
    assert sum(name.startswith("number.") for name in shapes(figure)) == count
    assert any("Not drawn" in one and "Tân Phú" in one for one in words(figure))
    one = figures.draw_map(
        kcn.cartography.conflicts(sample, found, on=ON), language="en", zone_id="phu-hoi"
    )
    mine = int((found["zone_id"].eq("phu-hoi") & found["state"].eq("conflict")).sum())
    assert any(shown.endswith(f": {mine}") for shown in words(one))
    with pytest.raises(CRSError):
        figures.draw_map(
            kcn.cartography.conflicts(sample, found.to_crs(32648), on=ON), language="en"
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_site_map_tells_sites_from_land_that_falls_out(
    sample: kcn.Project, language: str
) -> None:
    criteria = kcn.sites.SiteCriteria(min_area_ha=1.4)
    space = kcn.report.site_report(sample, on=ON, criteria=criteria)
    land, sites = space.developable.land, space.sites
    figure = figures.draw_map(
        kcn.cartography.sites(
            sample,
            land,
            sites,
            on=ON,
            encumbrances=space.encumbrances,
            wishes=dict.fromkeys(LANGUAGES, "≥ 1.4 ha"),
        ),
        language=language,
    )
    assert any(one.endswith(" · ≥ 1.4 ha") for one in words(figure))
    require_readable(figure)
    good = sites[sites["fails"].fillna("") == ""]
    rest = sites[sites["fails"].fillna("") != ""]
    assert len(good) > 0
    assert len(rest) > 0
    assert drawn_ha(figure, "sites") == pytest.approx(good["area_ha"].sum(), rel=1e-6)
    assert drawn_ha(figure, "rejected") == pytest.approx(rest["area_ha"].sum(), rel=1e-6)
    assert f"{theme.number(good['area_ha'].sum(), language=language)} ha" in words(figure)
    small_words = theme.text("site_reason.area", language=language)
    assert small_words in " ".join(words(figure))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_step_map_carries_the_digit_of_the_level(sample: kcn.Project, language: str) -> None:
    lots = kcn.progress.readiness(sample, on=ON)
    blocking = kcn.progress.clearance_progress(sample, on=ON).blocking
    figure = figures.draw_map(
        kcn.cartography.readiness(sample, lots, blocking, on=ON),
        language=language,
        zone_id="loc-son",
    )
    require_readable(figure)
    mine = lots[lots["zone_id"] == "loc-son"]
    for level, some in mine.groupby("level"):
        assert f"{theme.number(some['area_ha'].sum(), language=language)} ha" in words(figure)
        # The numbers of the list stand on the lots of level 0, which are hatched.
        assert level == 0 or str(level) in words(figure)
    assert "works_on_day.to_come_line" in shapes(figure)
    assert "works_on_day.in_place_line" in shapes(figure)


@pytest.mark.parametrize("language", LANGUAGES)
def test_findings_are_marked_errors_first_and_those_without_a_place_are_counted(
    language: str,
) -> None:
    lots = parcels("P1", "P2", "P3").set_geometry([square(0), square(0.5), square(2)])
    project = small(parcels=lots, ledger=ledger(("P1", "leased", "2010-01-01")))
    report = kcn.quality.check(project)
    figure = figures.draw_map(kcn.cartography.findings(report, project, on=ON), language=language)
    require_readable(figure)
    found = report.told(language)
    # P1 and P2 overlap by half a hectare, which is an error and stands first in the list.
    first = next(one for one in words(figure) if "P1" in one and "P2" in one)
    assert first
    assert drawn_ha(figure, "findings.error") == pytest.approx(0.5, abs=1e-6)
    nowhere = int((found.geometry.isna() | found.geometry.is_empty).sum())
    if nowhere:
        told = theme.text("figures.elsewhere", language=language, count=nowhere)
        assert any(told.startswith(one[:20]) for one in words(figure))
    errors = report.counts()[Severity.ERROR]
    assert any(f": {errors}" in one for one in words(figure))


@pytest.mark.parametrize("language", LANGUAGES)
def test_let_lots_are_drawn_by_whether_they_look_built(language: str) -> None:
    project = small()
    lots = project.parcels.assign(
        leased_ha=[0.9, 0.5, 1.0, 1.1],
        looks_unbuilt=pd.array([True, None, False, True], dtype="boolean"),
        clock=["unused", None, None, None],
        state=["running", None, None, None],
    )
    figure = figures.draw_map(kcn.cartography.unbuilt(project, lots, on=ON), language=language)
    require_readable(figure)
    # P1 and P4, 2 ha of the 3.5 ha let, look unbuilt; of P2 too little is seen.
    area = [f"{theme.number(one, language=language)} ha" for one in (2, 3.5)]
    assert any(all(one in line for one in area) for line in words(figure))
    drawn_of = {
        name: drawn_ha(figure, f"unbuilt.{name}") for name in ("unbuilt", "not_told", "built")
    }
    assert drawn_of == pytest.approx({"unbuilt": 2, "not_told": 1, "built": 1})
    assert [one for one in shapes(figure) if one.startswith("number.")] == ["number.1", "number.2"]
    # The largest first: P4.
    assert [one[:3] for one in words(figure) if one.startswith("P")] == ["P4:", "P1:"]
    said = " ".join(words(figure))
    assert theme.text("clock.unused", language=language) in said
    assert theme.text("unbuilt_map.evidence", language=language) in said


def test_rings_that_cross_themselves_and_lots_without_a_shape_are_drawn_as_far_as_they_go() -> None:
    corners = [(0, 0), (100, 100), (100, 0), (0, 100)]
    bow = shapely.Polygon([(500_000 + x, 1_270_000 + y) for x, y in corners])
    lots = parcels("P1", "P2", "P3").set_geometry([bow, square(1), None], crs=CRS)
    project = small(parcels=lots, ledger=ledger(("P2", "leased", "2010-01-01")))
    figure = figures.draw_map(
        kcn.cartography.findings(kcn.quality.check(project), project, on=ON), language="en"
    )
    require_readable(figure)
    assert any("P1" in one for one in words(figure))
    # The list numbers what has no place too.
    assert any(name.startswith("number.") for name in shapes(figure))
    require_readable(figures.fill_map(project, month="2018-03", language="vi"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_of_ten_thousand_letters_and_of_other_scripts_stay_on_the_sheet(
    language: str,
) -> None:
    long = "Khu công nghiệp " * 700
    hostile = "\u202e</script>{{ 7 * 7 }} $\\frac$ =cmd|x"
    lines = [shapely.LineString([(499_000, 1_270_050), (502_000, 1_270_050)]), square(3, 0.2)]
    project = small(
        zones=zones("A", name=[long]),
        parcels=parcels("P1", "P2", "P3", "P4", lot_code=[hostile, long, None, "CN1"]),
        context=gpd.GeoDataFrame(
            {"kind": ["road", "river"], "name": [hostile, None]}, geometry=lines, crs=CRS
        ),
    )
    credit = "© OpenStreetMap contributors, ODbL 1.0"
    figure = figures.fill_map(project, month="2018-03", language=language, credit=credit)
    require_readable(figure)
    assert credit in words(figure)
    assert any("37" in one and "%" in one for one in words(figure))  # 1.5 of 4 ha, not cut off
    require_readable(
        figures.draw_map(
            kcn.cartography.conflicts(project, conflicts_of(project), on=ON), language=language
        )
    )


def test_a_day_without_lots_is_refused_with_the_zones_there_are(sample: kcn.Project) -> None:
    found = conflicts_of(sample)
    with pytest.raises(KcngeoError, match="no zone dai-lao to draw on 31 Mar 2018"):
        figures.draw_map(
            kcn.cartography.conflicts(sample, found, on=ON), language="en", zone_id="dai-lao"
        )
    assert not math.isnan(found["required_m"].max())
