"""Sites: golden cases on squares of 100 m, tables of boundaries, laws on made land."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from kcngeo.analysis.sites import OFFERED, SiteCriteria, find_sites, fragmentation
from kcngeo.analysis.sites.find import _parcels_in
from kcngeo.analysis.sites.width import closed
from kcngeo.core.errors import ContractError, CRSError, GeometryError, KcngeoError
from kcngeo.core.schema import OFFER
from tests.squares import CRS, EAST, NORTH, square


def land(*shapes: Any, ids: list[str] | None = None, zone: Any = "A") -> gpd.GeoDataFrame:
    """Developable land, a lot a shape."""
    names = ids or [f"P{number}" for number in range(1, len(shapes) + 1)]
    data = {"parcel_id": names, "zone_id": zone}
    return gpd.GeoDataFrame(data, geometry=list(shapes), crs=CRS)


def box(x: float, y: float, wide: float, high: float) -> Any:
    """A rectangle in metres from the corner of the grid."""
    return shapely.box(EAST + x, NORTH + y, EAST + x + wide, NORTH + y + high)


FRAMES = ("readiness", "unsuitable", "admissible", "roads", "offers", "rejected")


def find(frame: gpd.GeoDataFrame, **asked: Any) -> gpd.GeoDataFrame:
    """Sites by criteria and frames, told apart by their names."""
    data = {name: asked.pop(name) for name in FRAMES if name in asked}
    return find_sites(frame, SiteCriteria(**asked), **data)


def sites(frame: gpd.GeoDataFrame, **wishes: Any) -> dict[str, str]:
    """Reasons by the lots of each piece, sites included."""
    found = find(frame, rejected=True, **{"min_area_ha": 1.0, **wishes})
    return dict(zip(found["parcel_ids"], found["fails"], strict=True))


# ---- what lies together -------------------------------------------------------------------------
def test_lots_that_share_an_edge_are_one_site():
    # Three lots in a row, one apart: 3 ha and 1 ha.
    found = find(land(*(square(at) for at in (0, 1, 2, 4))), min_area_ha=2)
    assert found["site_id"].tolist() == ["A:P1"]
    row = found.iloc[0]
    assert row["parcel_ids"] == "P1|P2|P3"
    assert row["lots_count"] == 3
    assert row["area_ha"] == pytest.approx(3)
    assert row["circle_m"] == pytest.approx(100, abs=0.1)
    assert row["width_m"] == pytest.approx(100, abs=0.15)
    assert math.isnan(row["frontage_m"])
    assert pd.isna(row["level"])
    assert row["geometry"].equals(square(0, wide=3))
    assert "fails" not in found.columns


@pytest.mark.parametrize(
    ("shared_m", "together"),
    [
        (9.0, False),
        (10.0, True),
        (11.0, True),
        (0.0, False),
    ],  # 1 m short, exactly, 1 m more; corner
)
def test_the_shared_edge_must_be_long_enough(shared_m: float, together: bool):
    frame = land(square(0), box(100, 100 - shared_m, 100, 100))
    assert sites(frame, min_area_ha=2) == (
        {"P1|P2": ""} if together else {"P1": "area", "P2": "area"}
    )


@pytest.mark.parametrize(("gap_m", "together"), [(0.0, True), (0.015, True), (0.03, False)])
def test_hairlines_between_lots_are_closed(gap_m: float, together: bool):
    frame = land(square(0), box(100 + gap_m, 0, 100, 100))
    found = find(frame, min_area_ha=1.9)
    assert len(found) == together
    if together:
        # The hairline is nobody's land, and no edge either.
        assert found["area_ha"].iloc[0] == pytest.approx(2)
        assert found["width_m"].iloc[0] == pytest.approx(100, abs=0.15)


def test_zones_are_never_joined():
    frame = land(square(0), square(1), zone=["A", "B"])
    assert sites(frame) == {"P1": "", "P2": ""}


def test_parts_of_a_lot_are_pieces_of_their_own():
    whole = shapely.MultiPolygon([square(0), square(2)])
    found = find(land(whole, ids=["P1"]), min_area_ha=1)
    assert found["site_id"].tolist() == ["A:P1", "A:P1-2"]
    assert found["area_ha"].round(6).tolist() == [1, 1]


@pytest.mark.parametrize(
    ("asked_ha", "passes"), [(1.99, True), (2.0, True), (2.0001, True), (2.0002, False)]
)
def test_exactly_the_hectares_asked_for_pass(asked_ha: float, passes: bool):
    # 2.0001 ha is 1 m² more than there is: rounding. 2.0002 ha is not.
    assert len(find(land(square(0), square(1)), min_area_ha=asked_ha)) == passes


# ---- width --------------------------------------------------------------------------------------
def test_crumbs_of_a_lot_that_refuses_are_not_0_m_wide():
    # No bodies are looked for in what is not above a square metre; 4 cm are below the step.
    frame = land(box(0, 0, 0.9, 1), box(9, 0, 1, 2), square(2), box(0, 90, 100, 0.04))
    shut = pd.DataFrame({"road": [False] * 4}, index=[f"P{number}" for number in (1, 2, 3, 4)])
    found = find(frame, min_area_ha=1, needs=("road",), readiness=shut, rejected=True)
    sizes = found.set_index("parcel_ids").loc[["P1", "P2", "P3", "P4"]]
    assert sizes["width_m"].tolist() == pytest.approx([np.nan, 1, 100, 0], 0.1, nan_ok=True)
    assert sizes["circle_m"].tolist() == pytest.approx([0.9, 1, 100, 0.04], abs=0.11)


def test_closing_a_hairline_leaves_the_edges_where_they_were():
    # Two squares of 100 m, 1.5 cm apart: 200.015 m by 100 m, and not a millimetre beyond.
    smooth = closed(shapely.union(square(0), box(100.015, 0, 100, 100)), gap_m=0.02)
    assert smooth.area == pytest.approx(200.015 * 100, abs=0.01)
    assert smooth.geom_type == "Polygon"


def test_a_neck_narrower_than_the_width_parts_the_land():
    # Two squares of 1 ha joined by a neck 20 m wide and 100 m long (0.2 ha).
    frame = land(square(0), box(100, 40, 100, 20), square(2))
    assert sites(frame, min_area_ha=2) == {"P1|P2|P3": ""}
    found = find(frame, min_area_ha=2, min_width_m=30, rejected=True)
    assert dict(zip(found["parcel_ids"], found["fails"], strict=True)) == {
        "P1|P2": "area",
        "P2|P3": "area",
        "P2": "width|area",
    }
    # A disc of 30 m that stands against both corners of the mouth has its centre √(15² − 10²) m
    # before it, and reaches into the neck: a segment of 15² · acos(d / 15) − 10 · d = 52.4 m².
    before_m = math.sqrt(15**2 - 10**2)
    mouth_ha = (15**2 * math.acos(before_m / 15) - 10 * before_m) / 10_000
    expected = [1 + mouth_ha, 1 + mouth_ha, 0.2 - 2 * mouth_ha]
    assert found["area_ha"].tolist() == pytest.approx(expected, abs=4e-5)
    # As wide as the neck: only with it are the 2.2 ha one body.
    for asked_ha in (2, 1, 0.78):
        whole = find(frame, min_area_ha=asked_ha)
        assert whole["width_m"].tolist() == pytest.approx([20], abs=0.15)


def test_what_a_larger_body_leaves_of_another_must_be_wide_enough_too():
    # A hectare, a neck 40 m wide and 2 m long, and a square of 52 m. A disc of 50 m that stands in
    # the hectare against both corners of the mouth has its centre √(25² − 20²) = 15 m before it
    # and reaches 10 m beyond: a segment of 25² · acos(15 / 25) − 15 · 20 = 279.56 m².
    frame = land(square(0), box(100, 30, 2, 40), box(102, 24, 52, 52))
    found = find(frame, min_area_ha=0.2, min_width_m=50, rejected=True)
    # What it leaves of the square is 154 − 110 = 44 m wide in the middle: no disc of 50 m fits.
    assert dict(zip(found["parcel_ids"], found["fails"], strict=True)) == {
        "P1|P2|P3": "",
        "P2|P3": "width",
    }
    mouth_m2 = 25**2 * math.acos(15 / 25) - 15 * 20
    expected = [10_000 + mouth_m2, 52 * 52 + 2 * 40 - mouth_m2]
    assert found["area_ha"].to_numpy() * 10_000 == pytest.approx(expected, abs=1)
    assert (found["width_m"] <= found["circle_m"] + 0.1).all()


@pytest.mark.parametrize(("neck_m", "one_site"), [(29.0, False), (30.0, True), (31.0, True)])
def test_a_neck_as_wide_as_asked_joins(neck_m: float, one_site: bool):
    frame = land(square(0), box(100, 50 - neck_m / 2, 100, neck_m), square(2))
    # exactly as wide shrinks to a line, which holds no land: a hair less is asked
    found = find(frame, min_area_ha=2, min_width_m=30 - 1e-6)
    assert len(found) == one_site


def test_a_parcel_of_which_a_square_metre_is_taken_is_not_named():
    # Of the square of 10 m B has one square metre, C 1.21 m², and A half in two parts.
    boxes = [(0, 0, 3, 10), (3, 0, 5, 10), (9, 9, 11, 11), (8.9, 0, 12, 1.1)]
    parts = np.array([shapely.box(*one) for one in boxes], dtype=object)
    names = np.array(["A", "A", "B", "C"], dtype=object)
    assert _parcels_in(shapely.box(0, 0, 10, 10), parts, names) == ("A", "C")


def test_corners_count_in_full_from_60_degrees():
    # An equilateral triangle of side 200 m: 60° corners come back whole.
    high = 200 * math.sqrt(3) / 2
    blunt = shapely.Polygon([(0, 0), (200, 0), (100, high)])
    # A wedge 300 m long and 60 m wide: its tip of 11° is lost where it is narrower than 20 m.
    wedge = shapely.Polygon([(0, 0), (300, 30), (0, 60)])
    moved = [shapely.affinity.translate(one, EAST, NORTH) for one in (blunt, wedge)]
    whole = find(land(moved[0]), min_area_ha=1, min_width_m=20, rejected=True)
    assert whole["area_ha"].tolist() == pytest.approx([blunt.area / 10_000])
    cut = find(land(moved[1]), min_area_ha=0.5, min_width_m=20, rejected=True)
    assert cut["fails"].tolist() == ["", "width|area"]
    # Where the wedge is narrower than 20 m: its last 100 m, 100 · 20 / 2 = 1000 m²; the disc
    # reaches a little beyond, to where the tip of the widened land is bevelled.
    assert 0.06 < cut["area_ha"].iloc[1] <= 0.1
    assert cut["area_ha"].sum() == pytest.approx(wedge.area / 10_000, abs=1e-4)
    # Of two corners of 45° a disc of 20 m leaves 10² · (tan 67.5° − 67.5° · π ÷ 180°) = 123.6 m².
    half = shapely.affinity.translate(shapely.Polygon([(0, 0), (200, 0), (0, 200)]), EAST, NORTH)
    found = find(land(half), min_area_ha=1, min_width_m=20)
    assert found["area_ha"].tolist() == pytest.approx([2 - 2 * 0.01236], abs=5e-5)


@pytest.mark.parametrize("asked_ha", [0.1, 3.1, 3.9, 4.3])
def test_width_is_of_the_whole_site_whatever_was_asked(asked_ha: float):
    # 200 × 200 m with a tail 20 m wide and 200 m long: the 4.4 ha are 20 m wide, though a circle of
    # 200 m stands in them, and whoever asks for less is told the same of the same land.
    frame = land(square(0, wide=2, high=2), box(200, 90, 200, 20))
    found = find(frame, min_area_ha=asked_ha)
    assert found["area_ha"].tolist() == pytest.approx([4.4])
    assert found["width_m"].tolist() == pytest.approx([20], abs=0.1)
    assert found["circle_m"].tolist() == pytest.approx([200], abs=0.1)


@pytest.mark.parametrize(("long_m", "low_m", "high_m"), [(36, 95, 100), (48, 4.9, 5)])
def test_a_spike_of_less_than_a_hundredth_makes_no_site_narrow(
    long_m: float, low_m: float, high_m: float
):
    # 2 ha, 100 m wide, and in the middle of its side a spike 5 m wide: of 36 m it holds 0.018 ha,
    # 0.9 % of all, of 48 m 1.2 %. A disc of 95 m stands beside its mouth from corner to corner.
    shape = shapely.union(square(0, wide=2), box(200, 47.5, long_m, 5))
    found = find(land(shape), min_area_ha=2)
    assert low_m <= found["width_m"].iloc[0] <= high_m


@pytest.mark.parametrize("column", ["recorded_at", "superseded_at"])
def test_frames_that_still_say_what_was_known_when_are_refused(column: str):
    frame = land(square(0))
    said = frame.assign(**{column: "2018-05-01T00:00:00Z"})
    for ask in (
        lambda: find(said, min_area_ha=1),
        lambda: find(frame, min_area_ha=1, roads=said),
        lambda: fragmentation(said),
    ):
        with pytest.raises(KcngeoError, match=f"still has {column}"):
            ask()


# ---- wishes of single lots ----------------------------------------------------------------------
def readiness(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(columns, index=pd.Index(["P1", "P2", "P3"], name="parcel_id"))


def test_a_lot_that_refuses_a_need_is_no_part_of_a_site():
    frame = land(square(0), square(1), square(2))
    ready = readiness(
        road=pd.array([True, False, None], dtype="boolean"),
        power=pd.array([True, True, True], dtype="boolean"),
        level=pd.array([3, 1, 0], dtype="Int64"),
    )
    assert sites(frame, needs=["road", "power"], readiness=ready) == {
        "P1": "",
        "P2": "without_road",
        "P3": "unknown_road",
    }
    assert sites(frame, min_level=2, readiness=ready) == {"P1": "", "P2": "level", "P3": "level"}
    together = find(frame, min_area_ha=3, needs=["power"], readiness=ready)
    assert together["level"].tolist() == [0]  # the lowest of its lots


def test_lots_nobody_rated_have_no_level():
    ready = readiness(level=pd.array([3, None, 4], dtype="Int64")).loc[["P1", "P2"]]
    frame = land(square(0), square(2), square(4))
    found = find(frame, min_area_ha=1, readiness=ready)
    assert dict(zip(found["parcel_ids"], found["level"].fillna(-1), strict=True)) == {
        "P1": 3,
        "P2": -1,
        "P3": -1,
    }
    assert sites(frame, min_level=1, readiness=ready) == {
        "P1": "",
        "P2": "unknown_level",
        "P3": "unknown_level",
    }


def test_a_sector_keeps_clear_of_the_lots_it_may_not_take():
    frame = land(square(0), square(1), square(2))
    table = pd.DataFrame({"parcel_id": ["P2", "P3"], "sector": ["fruit", "textile"]})
    assert sites(frame, sector="fruit", unsuitable=table) == {"P1": "", "P2": "sector", "P3": ""}
    assert sites(frame, unsuitable=table) == {"P1|P2|P3": ""}


def test_a_site_admits_what_all_its_lots_admit():
    table = pd.DataFrame(
        {
            "parcel_id": ["P1", "P2", "P1", "P2"],
            "rule_id": ["distance", "distance", "own", "own"],
            "admissible_class": ["II", "IV", "I", None],
            "required_m": [500.0, 100.0, 1000.0, None],
        }
    )
    found = find(land(square(0), square(1)), min_area_ha=1, admissible=table)
    assert found["admissible"].tolist() == ["distance: IV|own: –"]


# ---- roads --------------------------------------------------------------------------------------
def roads(*shapes: Any, **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS)


@pytest.mark.parametrize(
    ("gap_m", "frontage"),
    [
        (0.0, 100.0),  # the road touches
        (1.0, 100.0),  # exactly within reach
        (1.1, 0.0),  # out of reach
    ],
)
def test_frontage_is_the_edge_within_reach(gap_m: float, frontage: float):
    road = roads(box(-500, -10 - gap_m, 1000, 10))
    found = find(land(square(0)), min_area_ha=1, roads=road)
    # the sides of the lot lie within reach too: for a metre at each end, less the gap
    over = 2 * (1 - gap_m) if frontage else 0
    assert found["frontage_m"].iloc[0] == pytest.approx(frontage + over, abs=1e-6)


def test_a_line_has_its_width_and_counts_from_its_day():
    line = shapely.LineString([(EAST - 500, NORTH - 10), (EAST + 500, NORTH - 10)])
    road = roads(line, width_m=[20.0], done_on=pd.to_datetime(["2018-03-31"]))

    def frontage(on: str | None) -> float:
        found = find(land(square(0)), min_area_ha=1, roads=road, on=on)
        return float(found["frontage_m"].iloc[0])

    assert frontage("2018-03-30") == 0
    assert frontage("2018-03-31") == pytest.approx(102)
    assert frontage(None) == pytest.approx(102)
    # An area is what it is, and a line of no width a line; ten metres away both are out of reach.
    for shape, wide_m in ((box(-500, -20, 1000, 10), 20.0), (line, 0.0), (line, np.nan)):
        apart = find(land(square(0)), min_area_ha=1, roads=roads(shape, width_m=[wide_m]))
        assert apart["frontage_m"].tolist() == [0]
    never = road.assign(done_on=pd.NaT)
    assert find(land(square(0)), min_area_ha=1, roads=never, on="2018-03-31")[
        "frontage_m"
    ].tolist() == [0]


def test_frontage_can_be_asked_for():
    frame = land(square(0), square(3))
    road = roads(box(0, -10, 100, 10))
    assert sites(frame, roads=road, min_frontage_m=50) == {"P1": "", "P2": "frontage"}


def test_a_site_may_lie_across_a_minor_road():
    frame = land(square(0), box(112, 0, 100, 100))
    road = roads(box(100, -200, 12, 500))
    asked = {"min_area_ha": 2, "roads": road}
    assert sites(frame, **asked) == {"P1": "area", "P2": "area"}
    assert sites(frame, **asked, across_road_m=11) == {"P1": "area", "P2": "area"}
    found = find(frame, **asked, across_road_m=12)
    assert found["parcel_ids"].tolist() == ["P1|P2"]
    assert found["area_ha"].tolist() == pytest.approx([2])  # without the road
    assert found["circle_m"].tolist() == pytest.approx([100], abs=0.1)  # not across it
    # Between them lies something that is no road:
    elsewhere = roads(box(500, 0, 12, 100))
    assert sites(frame, min_area_ha=2, roads=elsewhere, across_road_m=12) == {
        "P1": "area",
        "P2": "area",
    }


# ---- order and names ----------------------------------------------------------------------------
def test_the_readier_come_first_then_those_on_a_road_then_the_larger():
    frame = land(square(0), square(2), square(4, wide=2), square(8))
    ready = pd.DataFrame(
        {"level": pd.array([2, 4, 2, None], dtype="Int64")}, index=["P1", "P2", "P3", "P4"]
    )
    road = roads(box(0, -10, 100, 10))
    found = find(frame, min_area_ha=1, readiness=ready, roads=road)
    assert found["parcel_ids"].tolist() == ["P2", "P1", "P3", "P4"]
    assert found.index.tolist() == [0, 1, 2, 3]


# ---- fragmentation ------------------------------------------------------------------------------
def test_fragmentation_by_zone():
    # A: pieces of 2 and 1 ha: mesh (4 + 1) / 3. B: one piece of 4 ha: mesh 4.
    frame = land(
        square(0), square(1), square(3), square(6, wide=2, high=2), zone=["A", "A", "A", "B"]
    )
    found = fragmentation(frame)
    assert found.loc["A"].tolist() == pytest.approx([3, 2, 2, 2 / 3, 5 / 3])
    assert found.loc["B"].tolist() == pytest.approx([4, 1, 4, 1, 4])
    assert fragmentation(frame.iloc[:0]).empty
    # A second lot shares 10 m of an edge, less, or none: half a metre lies between.
    for east_m, north_m, pieces in ((0, 90, 1), (0, 90.5, 2), (0.5, 0, 2)):
        beside = shapely.affinity.translate(square(1), east_m, north_m)
        assert fragmentation(land(square(0), beside))["pieces_count"].tolist() == [pieces]


# ---- bad input ----------------------------------------------------------------------------------
def test_all_bad_sizes_are_listed():
    with pytest.raises(KcngeoError, match=r"min_area_ha=0, min_width_m=-1, gap_m=inf"):
        find(land(square(0)), min_area_ha=0, min_width_m=-1, gap_m=math.inf)
    with pytest.raises(KcngeoError, match=r"gap_m=nan"):
        find(land(square(0)), min_area_ha=1, gap_m=math.nan)


@pytest.mark.parametrize(
    ("wish", "frame"),
    [
        ({"needs": ["road"]}, "readiness"),
        ({"min_level": 1}, "readiness"),
        ({"sector": "fruit"}, "unsuitable"),
        ({"min_frontage_m": 1}, "roads"),
        ({"across_road_m": 12}, "roads"),
    ],
)
def test_a_wish_needs_its_frame(wish: dict[str, Any], frame: str):
    with pytest.raises(KcngeoError, match=f"needs the frame {frame}"):
        find(land(square(0)), min_area_ha=1, **wish)


def test_frames_lack_columns():
    with pytest.raises(ContractError, match=r"columns missing: parcel_id, zone_id"):
        find(land(square(0))[["geometry"]], min_area_ha=1)
    wishes: dict[str, tuple[dict[str, Any], str]] = {
        "readiness": ({"needs": ["road"], "min_level": 1}, "road, level"),
        "unsuitable": ({"sector": "fruit"}, "parcel_id, sector"),
        "offers": ({"fibre": True}, "fibre"),
    }
    for name, (wish, columns) in wishes.items():
        with pytest.raises(ContractError, match=f"{name}: columns missing: {columns}"):
            find(land(square(0)), min_area_ha=1, **wish, **{name: pd.DataFrame()})


def test_a_lot_stands_once():
    with pytest.raises(KcngeoError, match=r"twice in the land: P1"):
        find(land(square(0), square(1), ids=["P1", "P1"]), min_area_ha=1)


def test_crs_and_geometry_are_guarded():
    frame = land(square(0))
    with pytest.raises(CRSError, match="EPSG:9217"):
        find(frame, min_area_ha=1, roads=roads(square(1)).set_crs("EPSG:9217", allow_override=True))
    with pytest.raises(CRSError, match="no CRS"):
        find(frame.set_crs(None, allow_override=True), min_area_ha=1)
    with pytest.raises(GeometryError, match="LineString"):
        find(land(shapely.LineString([(EAST, NORTH), (EAST, NORTH + 1)])), min_area_ha=1)


def test_no_land_gives_no_sites():
    found = find(land(square(0)).iloc[:0], min_area_ha=1, min_width_m=20, rejected=True)
    assert found.empty
    assert found.crs == CRS
    assert {"site_id", "area_ha", "parcel_ids", "width_m"} <= set(found.columns)


# ---- laws ---------------------------------------------------------------------------------------
@st.composite
def lands(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """Cells of a grid of 5 × 4, some cut by a turned box."""
    cells = draw(st.sets(st.integers(0, 19), min_size=1, max_size=14))
    cut = shapely.affinity.rotate(
        square(draw(st.floats(0, 5)), draw(st.floats(0, 4)), wide=3, high=0.2),
        draw(st.floats(0, 90)),
    )
    shapes = [shapely.difference(square(cell % 5, cell // 5), cut) for cell in sorted(cells)]
    ids = [f"P{cell:02d}" for cell in sorted(cells)]
    return land(*shapes, ids=ids)


@settings(max_examples=15)
@given(lands(), st.floats(0.2, 4), st.one_of(st.none(), st.floats(5, 60)), st.randoms())
def test_laws_of_sites(frame: gpd.GeoDataFrame, asked: float, width: float | None, random: Any):
    before = frame.copy(deep=True)
    wishes: dict[str, Any] = {"min_area_ha": asked, "min_width_m": width}
    found = find(frame, **wishes, rejected=True)
    pd.testing.assert_frame_equal(frame, before)
    # All the land is told of, once; but for crumbs of less than 1 m².
    whole = frame.area.sum() / 10_000
    assert found["area_ha"].sum() == pytest.approx(whole, abs=2e-3)
    assert shapely.union_all(found.geometry.to_numpy()).area / 10_000 == pytest.approx(
        found["area_ha"].sum(), abs=1e-6
    )
    passing = found[found["fails"] == ""]
    assert (passing["area_ha"] >= asked - 1e-4).all()
    if width is not None:
        assert (passing["width_m"] >= width).all()
    assert set(found.geom_type) <= {"Polygon", "MultiPolygon"}
    # A site is never wider than the largest circle in it.
    assert (passing["width_m"] <= passing["circle_m"].clip(lower=width) + 0.2).all()
    # Shuffled rows give the same.
    again = find(frame.iloc[random.sample(range(len(frame)), len(frame))], **wishes, rejected=True)
    columns = ["site_id", "parcel_ids", "fails"]
    assert again[columns].equals(found[columns])
    np.testing.assert_allclose(again["width_m"], found["width_m"], atol=1e-6)
    # What is asked for less is found at least as often.
    more = find(frame, min_area_ha=asked / 2, min_width_m=width)
    assert len(more) >= len(passing)


# ---- what is offered ----------------------------------------------------------------------------
def offers(**columns: list[Any]) -> pd.DataFrame:
    """What is offered with lots P1, P2 …."""
    size = len(next(iter(columns.values())))
    names = pd.Index([f"P{number}" for number in range(1, size + 1)])
    return pd.DataFrame(columns, index=names)


@pytest.mark.parametrize(
    ("wish", "column", "word"),
    [
        ("max_price_vnd_m2", "price_vnd_m2", "price"),
        ("max_to_gate_m", "to_gate_m", "gate"),
        ("max_to_highway_m", "to_highway_m", "highway"),
        ("max_to_port_m", "to_port_m", "port"),
        ("max_to_airport_m", "to_airport_m", "airport"),
    ],
)
def test_more_than_asked_refuses_and_an_unknown_stands_apart(wish: str, column: str, word: str):
    # Four lots apart: 1 less, as much, 1 more, nobody knows.
    frame = land(*(square(at) for at in (0, 2, 4, 6)))
    known = offers(**{column: [499.0, 500.0, 501.0, None]})
    told = sites(frame, offers=known, **{wish: 500.0})
    assert told == {"P1": "", "P2": "", "P3": word, "P4": f"unknown_{word}"}
    # Nothing asked, nothing refused; what is known is told.
    found = find(frame, offers=known, min_area_ha=1).set_index("parcel_ids")[column]
    assert found.dropna().to_dict() == {"P1": 499, "P2": 500, "P3": 501}


@pytest.mark.parametrize("wish", ["turnkey", "fibre"])
def test_a_lot_without_it_refuses_and_an_unknown_stands_apart(wish: str):
    frame = land(*(square(at) for at in (0, 2, 4)))
    known = offers(**{wish: pd.array([True, False, None], dtype="boolean")})
    told = sites(frame, offers=known, **{wish: True})
    assert told == {"P1": "", "P2": f"without_{wish}", "P3": f"unknown_{wish}"}


def test_lots_of_the_same_unknown_are_assembled_by_themselves():
    # Five lots in a row: one known, two of which only the rent is unknown, one of which fibre is
    # unknown too, one too dear.
    frame = land(*(square(at) for at in range(5)))
    known = offers(
        price_vnd_m2=[5.0, None, None, None, 9.0],
        fibre=pd.array([True, True, True, None, True], dtype="boolean"),
    )
    asked = {"offers": known, "max_price_vnd_m2": 8.0, "fibre": True}
    assert sites(frame, **asked) == {
        "P1": "",
        "P2|P3": "unknown_price",
        "P4": "unknown_price|unknown_fibre",
        "P5": "price",
    }
    assert sites(frame, min_area_ha=2, **asked) == {
        "P1": "area",
        "P2|P3": "unknown_price",
        "P4": "unknown_price|unknown_fibre|area",
        "P5": "price|area",
    }
    # The hectares of all pieces are those of the land, whatever is unknown.
    pieces = find(frame, min_area_ha=1, rejected=True, **asked)
    assert pieces["area_ha"].sum() == pytest.approx(5)
    # No reason, no site: without the rest there is P1 alone.
    assert find(frame, min_area_ha=1, **asked)["parcel_ids"].tolist() == ["P1"]


def test_a_site_is_as_dear_and_as_far_as_the_worst_of_its_lots():
    frame = land(square(0), square(1), square(3), square(4))
    known = offers(
        price_vnd_m2=[5.0, 9.0, 5.0, None],
        turnkey=pd.array([True, True, False, None], dtype="boolean"),
        fibre=pd.array([True, None, True, True], dtype="boolean"),
    )
    found = find(frame, min_area_ha=1, offers=known).set_index("parcel_ids")
    assert found["price_vnd_m2"].fillna(-1).to_dict() == {"P1|P2": 9.0, "P3|P4": -1}
    # One lot without a factory is enough to say no; one nobody knows leaves it open.
    assert found["turnkey"].tolist() == [True, False]
    assert pd.isna(found.loc["P1|P2", "fibre"])
    assert found["to_gate_m"].isna().all()


def test_an_offer_cannot_be_asked_without_its_frame():
    with pytest.raises(KcngeoError, match="offers"):
        find(land(square(0)), min_area_ha=1, turnkey=True)
    with pytest.raises(ContractError, match="fibre"):
        find(land(square(0)), min_area_ha=1, fibre=True, offers=offers(turnkey=[True]))
    with pytest.raises(KcngeoError, match="max_price_vnd_m2=0"):
        SiteCriteria(min_area_ha=1, max_price_vnd_m2=0)


def test_the_words_of_an_offer_are_those_of_its_columns():
    assert [*OFFERED] == [column.name for column in OFFER]
