"""Conflicts by hand on squares of 100 m: who is asked, how far, and what of it is too near."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, MultiPolygon, Point, Polygon, box
from shapely.ops import unary_union

from kcngeo import Project, conflicts, standards, theme
from kcngeo.analysis.conflicts.classification import _stand
from kcngeo.core.errors import ContractError, CRSError, GeometryError, KcngeoError
from kcngeo.standards import Band, BufferRule, StandardError
from tests import squares
from tests.squares import CRS, EAST, NORTH, square

ON = "2018-03-31"
TCVN = standards.load("tcvn4449-1987")
LOT = square(0)


def emitters(*rows: dict[str, Any], shape: Any = LOT) -> gpd.GeoDataFrame:
    """Emitters E0, E1 …: parcels of class III on one square, unless a row says else."""
    plain = {"kind": "parcel", "hazard_class": "III", "geometry": shape}
    made = [{"emitter_id": f"E{n}", **plain, **row} for n, row in enumerate(rows or [{}])]
    return gpd.GeoDataFrame(made, geometry="geometry", crs=CRS)


def receptors(*rows: dict[str, Any], shape: Any = None) -> gpd.GeoDataFrame:
    """Receptors R0, R1 …: homes on the square three further east, unless a row says else."""
    plain = {"kind": "housing", "geometry": shape or square(3)}
    made = [{"receptor_id": f"R{n}", **plain, **row} for n, row in enumerate(rows or [{}])]
    return gpd.GeoDataFrame(made, geometry="geometry", crs=CRS)


@pytest.mark.parametrize(
    ("zone_id", "at_m", "place", "fence"),
    [
        ("A", 50, "inside", "A"),
        ("A", 250, "outside", "A"),  # of a zone it names, measured from that
        ("B", 50, "inside", None),  # B has no polygon: it stands in A, and its own fence is unknown
        ("B", 250, "unknown", None),
        ("C", 250, "outside", None),  # no zone of that name
        (None, 50, "inside", "A"),
        (None, 100, "outside", None),  # on the border is outside
        (None, 250, "outside", None),
    ],
)
def test_where_an_emitter_stands(
    zone_id: str | None, at_m: float, place: str, fence: str | None
) -> None:
    zones = gpd.GeoDataFrame({"zone_id": ["A", "B"]}, geometry=[square(0), None], crs=CRS)
    # A second row, so that no answer is that of all.
    shapes = [Point(EAST + at_m, NORTH + 50), Point(EAST + 50, NORTH + 50)]
    rows = gpd.GeoDataFrame({"zone_id": [zone_id, None]}, geometry=shapes, crs=CRS)
    places, fences = _stand(rows, zones)
    assert places.tolist() == [place, "inside"]
    assert fences.tolist() == [square(0) if fence else None, square(0)]


def test_who_names_no_zone_stands_in_the_first_of_them_by_id() -> None:
    shapes = [square(0), box(EAST - 50, NORTH, EAST + 100, NORTH + 100)]
    zones = gpd.GeoDataFrame({"zone_id": ["B", "A"]}, geometry=shapes, crs=CRS)
    rows = gpd.GeoDataFrame({"zone_id": [None]}, geometry=[Point(EAST + 50, NORTH + 50)], crs=CRS)
    for some in (zones, zones.iloc[::-1]):
        assert _stand(rows, some)[1].tolist() == [shapes[1]]


def found(
    ours: gpd.GeoDataFrame, theirs: gpd.GeoDataFrame, *rules: BufferRule, **more: Any
) -> gpd.GeoDataFrame:
    return conflicts.buffer_conflicts(ours, theirs, rules=rules or [TCVN], on=ON, **more)


def project_of(theirs: gpd.GeoDataFrame) -> Project:
    """A project with one lot and these receptors."""
    return Project(
        zones=squares.zones("A"),
        parcels=squares.parcels("P1"),
        ledger=squares.ledger(),
        receptors=theirs,
    )


def rule(**change: Any) -> BufferRule:
    """A rule of one figure, 100 m from parcels to homes."""
    plain: dict[str, Any] = {
        "name": "plain",
        "emitters": ("parcel",),
        "receptors": ("housing",),
        "distances": (Band(distance_m=100.0),),
    }
    return dataclasses.replace(TCVN, **{**plain, **change})


def test_a_home_200_metres_from_class_three_by_hand() -> None:
    # 200 m between the squares, 300 m required: the first 100 m of the home, all of it, are too
    # near but for what lies beyond the rounded ends. Here the zone is straight: both squares have
    # the same rows, so the part up to x = 100 + 300 = 400 m is the whole square.
    table = found(emitters(), receptors())
    assert len(table) == 1
    row = table.iloc[0]
    assert (row["emitter_id"], row["receptor_id"], row["rule_id"]) == ("E0", "R0", "tcvn4449-1987")
    assert (row["required_m"], row["distance_m"], row["margin_m"]) == (300.0, 200.0, -100.0)
    assert row["overlap_ha"] == pytest.approx(1.0, abs=1e-12)
    assert row["share"] == pytest.approx(1.0, abs=1e-12)
    assert row["geometry"].equals(square(3))
    assert (row["state"], row["verified"], row["rule_origin"]) == ("conflict", "official", "kcngeo")
    assert row["source"] == TCVN.source
    assert bool(row["receptor_undated"]) is True
    # Nobody read since when the standard is in force.
    assert bool(row["in_force"]) is False
    assert table.crs == CRS


def test_what_lies_too_near_of_a_straddling_home() -> None:
    # From x = 250 m on: 150 m away; 150 m of its 400 m lie nearer than 300 m: 1.5 ha of 4.
    home = box(EAST + 250, NORTH, EAST + 650, NORTH + 100)
    row = found(emitters(), receptors(shape=home)).iloc[0]
    assert row["distance_m"] == 150.0
    assert row["overlap_ha"] == pytest.approx(1.5, abs=1e-12)
    assert row["share"] == pytest.approx(1.5 / 4, abs=1e-12)
    assert row["geometry"].bounds == (EAST + 250, NORTH, EAST + 400, NORTH + 100)


@pytest.mark.parametrize("unit_m", [1.0, 0.01])
def test_where_the_zone_only_touches_a_home_nothing_lies_too_near(unit_m: float) -> None:
    def wing(west: float, south: float, east: float, north: float) -> Polygon:
        """A rectangle beside the zone, which ends 100 m east of the lot."""
        low, high = (NORTH + unit_m * one for one in (south, north))
        return box(EAST + 200 + unit_m * west, low, EAST + 200 + unit_m * east, high)

    # Of two wings one reaches 20 units in, the other's wall, 40 units long, stands on its edge.
    wings = [wing(-20, 0, 100, 20), wing(80, 0, 100, 100), wing(0, 60, 100, 100)]
    row = found(emitters(), receptors(shape=unary_union(wings)), rule()).iloc[0]
    assert row["overlap_ha"] == pytest.approx((20 * unit_m) ** 2 / 10_000)
    assert row["geometry"].equals(wing(-20, 0, 0, 20))


def test_of_a_line_all_is_told_that_lies_in_the_zone_or_touches_it() -> None:
    # In at 50 m, 50 m deep and out again, then once more to the edge of the zone.
    corners = [(250, 50), (150, 50), (250, 50), (200, 70), (250, 80)]
    line = LineString([(EAST + east, NORTH + north) for east, north in corners])
    row = found(emitters(), receptors(shape=line), rule()).iloc[0]
    assert row["geometry"].geom_type == "GeometryCollection"
    assert row["geometry"].length == 50
    assert row["geometry"].bounds == (EAST + 150, NORTH + 50, EAST + 200, NORTH + 70)


def test_round_the_corner_the_zone_is_a_circle() -> None:
    # A point in the corner of a home of 200 m × 200 m: a quarter of a circle of 100 m.
    point = Point(EAST, NORTH)
    home = box(EAST, NORTH, EAST + 200, NORTH + 200)
    table = found(
        emitters({"kind": "point", "hazard_class": "IV"}, shape=point), receptors(shape=home)
    )
    quarter_ha = math.pi * 100**2 / 4 / 10_000
    got = table["overlap_ha"].iloc[0]
    # 64 corners to the quarter lose (1 − sin a / a) of it, a = 90° / 64: 0.01 %, never more.
    a = math.pi / 2 / 64
    assert got == pytest.approx(quarter_ha * math.sin(a) / a, rel=1e-9)
    assert quarter_ha * 0.9998 < got < quarter_ha


@pytest.mark.parametrize(
    ("gap_m", "is_conflict"),
    [
        (-100.0, True),  # on the same spot
        (-1.0, True),  # 1 m of overlap
        (0.0, True),  # touching
        (1.0, True),
        (299.0, True),  # 1 m inside
        (299.999, True),
        (300.0, False),  # exactly at the distance
        (300.001, False),
        (301.0, False),  # 1 m outside
    ],
)
@pytest.mark.parametrize("shape", ["polygon", "line", "point"])
def test_the_distance_at_its_boundary(shape: str, gap_m: float, *, is_conflict: bool) -> None:
    edge = EAST + 100 + gap_m
    home = {
        "polygon": box(edge, NORTH, edge + 100, NORTH + 100),
        "line": LineString([(edge, NORTH + 20), (edge + 50, NORTH + 20)]),
        "point": Point(edge, NORTH + 20),
    }[shape]
    table = found(emitters(), receptors(shape=home))
    assert len(table) == is_conflict
    if is_conflict:
        row = table.iloc[0]
        assert row["distance_m"] == pytest.approx(max(gap_m, 0.0), abs=1e-9)
        assert row["margin_m"] == pytest.approx(max(gap_m, 0.0) - 300, abs=1e-9)
        # Only an area can lie partly too near.
        assert math.isnan(row["share"]) is (shape != "polygon")
        assert math.isnan(row["overlap_ha"]) is (shape != "polygon")
        if shape == "polygon":
            assert row["overlap_ha"] == pytest.approx(min(300 - gap_m, 100) / 100, abs=1e-6)


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        ("point", Point(EAST + 100, NORTH + 50)),
        ("building", box(EAST + 80, NORTH + 40, EAST + 100, NORTH + 60)),
        ("building", LineString([(EAST + 40, NORTH), (EAST + 100, NORTH + 50)])),
        ("parcel", MultiPolygon([square(-5), square(0)])),
    ],
)
def test_any_shape_may_be_measured_from(kind: str, shape: Any) -> None:
    row = found(emitters({"kind": kind}, shape=shape), receptors()).iloc[0]
    assert (row["distance_m"], row["emitter_kind"]) == (200.0, kind)


# Who is asked


@pytest.mark.parametrize(
    ("hazard_class", "required_m"),
    [("I", 1000), ("II", 500), ("III", 300), ("IV", 100), ("V", 50)],
)
def test_each_class_has_its_distance(hazard_class: str, required_m: float) -> None:
    near = receptors(shape=box(EAST + 140, NORTH, EAST + 200, NORTH + 100))
    row = found(emitters({"hazard_class": hazard_class}), near).iloc[0]
    assert (row["required_m"], row["hazard_class"]) == (required_m, hazard_class)


@pytest.mark.parametrize(
    ("kind", "is_conflict"),
    [
        ("housing", True),
        ("resettlement", True),
        ("school", True),
        ("hospital", True),
        ("green", False),
        ("water", False),
    ],
)
def test_the_standard_protects_homes_and_public_works(kind: str, *, is_conflict: bool) -> None:
    assert len(found(emitters(), receptors({"kind": kind}))) == is_conflict


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"hazard_class": None}, "hazard_class"),
        ({"hazard_class": "VI"}, "class_unknown"),
        ({"hazard_class": "3"}, "class_unknown"),
    ],
)
def test_who_has_no_class_is_listed_and_not_judged(row: dict[str, Any], reason: str) -> None:
    table = found(emitters({}, row), receptors())
    assert table["emitter_id"].tolist() == ["E0", "E1"]
    assert table["state"].tolist() == ["conflict", "unrated"]
    unrated = table.iloc[1]
    assert (unrated["rule_id"], unrated["why_unrated"]) == ("tcvn4449-1987", reason)
    assert unrated["source"] == TCVN.source
    missing = ["receptor_id", "required_m", "distance_m", "margin_m", "overlap_ha", "share"]
    assert unrated[[*missing, "receptor_kind", "receptor_undated", "geometry"]].isna().all()


def test_who_no_rule_is_about_is_listed() -> None:
    table = found(emitters({"kind": "waste_works"}), receptors())
    assert table[["emitter_id", "state", "why_unrated"]].to_numpy().tolist() == [
        ["E0", "unrated", "no_rule"]
    ]
    assert table[["rule_id", "verified", "source", "in_force"]].iloc[0].isna().all()


WORKS = [one for one in standards.buffer_rules() if one.name.startswith("qcvn01-")]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        # capacity, enclosed, facility → (rule, required) or (rule, what is missing)
        (("wastewater_works", 3000, False, None), {("qcvn01-wastewater", 100.0)}),
        (("wastewater_works", 3000, True, None), {("qcvn01-wastewater-enclosed", 15.0)}),
        (("wastewater_works", 3000, True, "treatment"), {("qcvn01-wastewater-enclosed", 15.0)}),
        (("wastewater_works", 60_000, False, None), {("qcvn01-wastewater", 350.0)}),
        (("wastewater_works", 100, None, "pumping_station"), {("qcvn01-pumping-station", 15.0)}),
        (("wastewater_works", 5000, None, "sludge_bed"), {("qcvn01-sludge-beds", 400.0)}),
        (("wastewater_works", None, False, None), {("qcvn01-wastewater", "capacity_m3_day")}),
        (
            ("wastewater_works", 3000, None, None),
            {("qcvn01-wastewater", "enclosed"), ("qcvn01-wastewater-enclosed", "enclosed")},
        ),
        (("waste_works", None, True, "transfer"), {("qcvn01-waste-transfer-closed", 20.0)}),
        (("waste_works", None, False, "transfer"), {("qcvn01-waste-transfer-open", 50.0)}),
        (("waste_works", None, None, "landfill"), {("qcvn01-landfill", 500.0)}),
        (
            ("waste_works", None, True, None),
            {
                ("qcvn01-waste-transfer-closed", "facility"),
                ("qcvn01-waste-treatment-closed", "facility"),
                ("qcvn01-landfill", "facility"),
            },
        ),
        # Nothing was read for open treatment of solid waste.
        (("waste_works", None, False, "treatment"), {(None, "no_rule")}),
    ],
)
def test_works_are_judged_by_capacity_enclosure_and_facility(
    row: tuple[Any, ...], told: set[tuple[Any, ...]]
) -> None:
    names = ("kind", "capacity_m3_day", "enclosed", "facility")
    ours = emitters(dict(zip(names, row, strict=True))).drop(columns="hazard_class")
    table = found(ours, receptors(shape=LOT), *WORKS)
    rated = table["state"] == "conflict"
    required = [
        (name, metres) for name, metres in table.loc[rated, ["rule_id", "required_m"]].to_numpy()
    ]
    missing = [
        (None if pd.isna(name) else name, reason)
        for name, reason in table.loc[~rated, ["rule_id", "why_unrated"]].to_numpy()
    ]
    assert set(required + missing) == told
    assert len(table) == len(told)


def test_two_rules_for_one_emitter_are_two_rows() -> None:
    own = rule(name="own", distances=(Band(distance_m=250.0),))
    table = found(emitters(), receptors(), TCVN, own)
    assert table[["rule_id", "required_m"]].to_numpy().tolist() == [
        ["own", 250.0],
        ["tcvn4449-1987", 300.0],
    ]


# Days


@pytest.mark.parametrize(
    ("on", "is_conflict"),
    [
        ("2018-03-30", False),  # the day before
        ("2018-03-31", True),  # the first day
        ("2018-12-31", True),  # the last day
        ("2019-01-01", False),  # the end day does not count
    ],
)
@pytest.mark.parametrize("whose", ["emitter", "receptor"])
def test_both_count_from_their_first_day_to_the_day_before_their_end(
    whose: str, on: str, *, is_conflict: bool
) -> None:
    dates = {
        "valid_from": pd.Timestamp("2018-03-31"),
        "valid_to": pd.Timestamp("2019-01-01"),
    }
    ours, theirs = emitters(), receptors({"kind": "resettlement"})
    if whose == "emitter":
        ours = ours.assign(**dates)
    else:
        theirs = theirs.assign(**dates)
    table = conflicts.buffer_conflicts(ours, theirs, rules=[TCVN], on=on)
    assert len(table) == is_conflict
    if is_conflict:
        assert bool(table["receptor_undated"].iloc[0]) is (whose == "emitter")


@pytest.mark.parametrize(
    ("on", "is_conflict"),
    [("2018-03-30", False), ("2018-03-31", True), ("2018-12-31", True), ("2019-01-01", False)],
)
def test_a_rule_not_in_force_gives_nothing_and_is_told(on: str, *, is_conflict: bool) -> None:
    dated = rule(
        distances=(Band(distance_m=300.0),),
        in_force_from=pd.Timestamp("2018-03-31").date(),
        in_force_to=pd.Timestamp("2019-01-01").date(),
    )
    table = conflicts.buffer_conflicts(emitters(), receptors(), rules=[dated], on=on)
    assert table["state"].tolist() == (["conflict"] if is_conflict else ["unrated"])
    assert table["why_unrated"].isna().tolist() == [is_conflict]
    told = conflicts.findings(emitters(), receptors(), rules=[dated], on=on)
    by_rule = {one.rule: one for one in told}
    assert ("rule_not_in_force" in by_rule) is not is_conflict
    if is_conflict:
        assert bool(table["in_force"].iloc[0]) is True
    else:
        words = by_rule["rule_not_in_force"].message()
        day = theme.date(pd.Timestamp(on), language="en")
        assert words == f"rules not in force on {day}, left out: plain."


def test_what_was_not_yet_known_does_not_count() -> None:
    known = receptors().assign(recorded_at=pd.Timestamp("2018-05-01", tz="UTC"))
    project = project_of(known)
    assert len(found(emitters(), project.as_known().receptors)) == 1
    assert len(found(emitters(), project.as_known("2018-04-30").receptors)) == 0


def test_homes_superseded_later_were_there_before() -> None:
    known = receptors().assign(
        recorded_at=pd.Timestamp("2018-01-01", tz="UTC"),
        superseded_at=pd.Timestamp("2018-05-01", tz="UTC"),
    )
    project = project_of(known)
    assert len(found(emitters(), project.as_known("2018-04-30").receptors)) == 1
    assert len(found(emitters(), project.as_known().receptors)) == 0


@pytest.mark.parametrize("column", ["recorded_at", "superseded_at"])
def test_tables_that_still_say_what_was_known_when_are_refused(column: str) -> None:
    known = receptors().assign(**{column: pd.Timestamp("2018-05-01", tz="UTC")})
    asked: dict[str, Any] = {"rules": [TCVN], "on": ON}
    for ask in (
        lambda: conflicts.buffer_conflicts(emitters(), known, **asked),
        lambda: conflicts.findings(emitters(), known, **asked),
        lambda: conflicts.encumbrances(None, known, hazard_class="III", **asked),
        lambda: conflicts.admissible_class(squares.parcels("P1"), known, **asked),
    ):
        with pytest.raises(KcngeoError, match=f"receptors still has {column}"):
            ask()


@pytest.mark.parametrize("other", ["receptors", "zones"])
def test_layers_on_two_grids_are_not_held_against_each_other(other: str) -> None:
    # In another zone of the projection the same figures lie 170 km away.
    lots, homes, fences = squares.parcels("P1"), receptors(), squares.zones("A")
    if other == "receptors":
        homes = homes.set_crs("EPSG:5897", allow_override=True)
    else:
        fences = fences.set_crs("EPSG:5897", allow_override=True)
    asked: dict[str, Any] = {"rules": [TCVN], "on": ON, "zones": fences}
    for ask in (
        lambda: conflicts.admissible_class(lots, homes, **asked),
        lambda: conflicts.buffer_conflicts(emitters(), homes, **asked),
        lambda: conflicts.encumbrances(emitters(), homes, hazard_class="III", **asked),
        lambda: conflicts.findings(emitters(), homes, **asked),
    ):
        with pytest.raises(CRSError, match="EPSG:5897"):
            ask()


# Fences


ZONES = gpd.GeoDataFrame(
    {"zone_id": ["A", "B"]}, geometry=[square(-1, wide=2.5), square(20)], crs=CRS
)


def test_a_distance_from_the_fence() -> None:
    # The fence of A ends at x = 150 m: 150 m from the home that is 200 m from the lot.
    fence = rule(measured_from="fence", distances=(Band(distance_m=160.0),))
    for row in ({"zone_id": "A"}, {}):
        table = found(emitters(row), receptors(), fence, zones=ZONES)
        assert table[["distance_m", "required_m"]].to_numpy().tolist() == [[150.0, 160.0]]
    # It is the zone named that counts, 1600 m away, not the one it lies in.
    assert len(found(emitters({"zone_id": "B"}), receptors(), fence, zones=ZONES)) == 0
    # Inside the fence everything is 0 m away.
    inside = found(emitters(), receptors(shape=square(0.2, wide=0.1)), fence, zones=ZONES)
    assert inside["distance_m"].tolist() == [0.0]


def test_without_a_fence_on_the_day_nothing_is_told() -> None:
    fence = rule(measured_from="fence")
    gone = ZONES.assign(removed_on=pd.Timestamp(ON))
    for row, zones in (({"zone_id": "A"}, gone), ({"zone_id": "C"}, ZONES), ({}, gone)):
        table = found(emitters(row), receptors(), fence, zones=zones)
        assert table["why_unrated"].tolist() == ["fence"]


@pytest.mark.parametrize(
    ("shape", "place"),
    [
        (square(0), "inside"),
        (box(EAST + 149, NORTH, EAST + 200, NORTH + 50), "inside"),  # 1 m of it
        (box(EAST + 150, NORTH, EAST + 200, NORTH + 50), "outside"),  # touching the fence
        (box(EAST + 151, NORTH, EAST + 200, NORTH + 50), "outside"),
        (Point(EAST + 149, NORTH + 50), "inside"),
        (Point(EAST + 150, NORTH + 50), "outside"),  # on the fence
        (Point(EAST + 151, NORTH + 50), "outside"),
    ],
)
def test_inside_or_outside_the_fence(shape: Any, place: str) -> None:
    rules = [
        rule(name=name, place=name, emitters=("parcel", "point")) for name in ("inside", "outside")
    ]
    kind = "point" if shape.geom_type == "Point" else "parcel"
    table = found(
        emitters({"kind": kind}, shape=shape), receptors(shape=shape), *rules, zones=ZONES
    )
    assert table["rule_id"].tolist() == [place]


def test_where_a_zone_was_not_drawn_nobody_knows_who_stands_inside() -> None:
    zones = squares.zones("A", "B")
    zones = zones.set_geometry(zones.geometry.where(zones["zone_id"] == "A"))
    ours = emitters({"zone_id": "A"}, {"zone_id": "B"}, {})
    ours["geometry"] = [square(0), square(0, 5), square(0, 7)]
    for place, asked in (("inside", ["E0", "E1"]), ("outside", ["E1", "E2"])):
        table = found(ours, receptors(shape=square(0, high=9)), rule(place=place), zones=zones)
        table = table[table["rule_id"] == "plain"].set_index("emitter_id")
        assert sorted(table.index) == asked
        assert table.loc["E1", "why_unrated"] == "fence"
        assert table["why_unrated"].drop("E1").isna().all()
    # Of a fence nobody drew no distance can be measured.
    fence = found(ours[1:2], receptors(), rule(measured_from="fence"), zones=zones)
    assert fence["why_unrated"].tolist() == ["fence"]


def test_a_rule_that_goes_by_the_fence_needs_zones() -> None:
    rules = [rule(name="a", place="inside"), rule(name="b", measured_from="fence"), TCVN]
    for ask in (conflicts.buffer_conflicts, conflicts.findings):
        with pytest.raises(KcngeoError, match=r"the rules a, b go by the fence of a zone"):
            ask(emitters(), receptors(), rules=rules, on=ON)


# Bad input


def test_a_thing_is_not_in_conflict_with_itself() -> None:
    both = receptors({"receptor_id": "E0"}, {}, shape=LOT)
    table = found(emitters(), both)
    assert table["receptor_id"].tolist() == ["R1"]
    told = conflicts.findings(emitters(), both, rules=[TCVN], on=ON)
    assert [one.ids for one in told if one.rule == "conflict_itself"] == [("E0",)]


@pytest.mark.parametrize("whose", ["emitters", "receptors", "zones"])
def test_a_layer_without_crs_is_refused(whose: str) -> None:
    layers = {"emitters": emitters(), "receptors": receptors(), "zones": ZONES}
    layers[whose] = gpd.GeoDataFrame(
        layers[whose].drop(columns="geometry"), geometry=list(layers[whose].geometry)
    )
    with pytest.raises(CRSError, match=f"{whose} layer has no CRS"):
        conflicts.buffer_conflicts(**layers, rules=[TCVN], on=ON)


def test_layers_in_two_systems_or_in_degrees_are_refused() -> None:
    with pytest.raises(CRSError, match="Bring both into one CRS"):
        found(emitters(), receptors().to_crs(9218))
    with pytest.raises(CRSError, match=r"emitters layer .*in degrees"):
        found(emitters().to_crs(4756), receptors().to_crs(4756))
    with pytest.raises(CRSError, match="emitters layer is in EPSG:3857"):
        found(emitters().to_crs(3857), receptors().to_crs(3857))


def test_kinds_outside_the_list_are_all_told() -> None:
    theirs = receptors({"kind": "farm"}, {"kind": "church"}, {})
    with pytest.raises(ContractError, match="kind holds church, farm, allowed are") as caught:
        found(emitters(), theirs)
    assert caught.value.problems[0].ids == ("R0", "R1")
    with pytest.raises(ContractError, match="emitters: kind holds chimney"):
        found(emitters({"kind": "chimney"}), receptors())


def test_an_id_may_stand_once_a_day() -> None:
    twice = [{"emitter_id": "E"}, {"emitter_id": "E"}]
    with pytest.raises(ContractError, match="an id stands twice on this day: E"):
        found(emitters(*twice), receptors())
    # One after the other is a version.
    versions = emitters(*twice).assign(
        valid_from=pd.to_datetime([None, "2018-01-01"]),
        valid_to=pd.to_datetime(["2018-01-01", None]),
    )
    assert len(found(versions, receptors())) == 1


def test_shapes_that_cannot_be_measured_are_all_named() -> None:
    bow = Polygon([(EAST, NORTH), (EAST + 1, NORTH + 1), (EAST + 1, NORTH), (EAST, NORTH + 1)])
    theirs = receptors({}, {"geometry": None}, {"geometry": Point()}, {"geometry": bow})
    with pytest.raises(GeometryError, match="3 geometries of receptors") as caught:
        found(emitters(), theirs)
    words = str(caught.value)
    assert "R1: no geometry, R2: no geometry, R3: Self-intersection" in words
    with pytest.raises(GeometryError, match="1 geometries of emitters"):
        found(emitters(shape=bow), receptors())


def test_two_rules_of_one_name_are_refused() -> None:
    with pytest.raises(StandardError, match="several rules are called tcvn4449-1987"):
        found(emitters(), receptors(), TCVN, TCVN)


def test_nothing_given_gives_an_empty_table_of_the_same_columns() -> None:
    whole = found(emitters(), receptors())
    for ours, theirs in (
        (emitters().iloc[:0], receptors()),
        (emitters(), receptors().iloc[:0]),
        (emitters().iloc[:0], receptors().iloc[:0]),
    ):
        table = found(ours, theirs)
        assert table.empty
        assert list(table.columns) == list(whole.columns)
        assert table.crs == CRS
    assert conflicts.buffer_conflicts(emitters(), receptors(), rules=[], on=ON)[
        "why_unrated"
    ].tolist() == ["no_rule"]


def test_the_dtypes_are_those_of_the_contract() -> None:
    table = found(emitters({}, {"hazard_class": None}), receptors())
    numbers = ["required_m", "distance_m", "margin_m", "overlap_ha", "share"]
    assert set(table[numbers].dtypes) == {np.dtype("float64")}
    assert {str(table[name].dtype) for name in ("receptor_undated", "in_force", "overrides")} == {
        "boolean"
    }
    assert {str(table[name].dtype) for name in ("emitter_id", "receptor_id", "why_unrated")} == {
        "str"
    }


def test_what_a_users_file_overrides_is_named_in_the_table_and_the_findings() -> None:
    own = dataclasses.replace(TCVN, origin="tỉnh.toml", overrides=True)
    row = found(emitters(), receptors(), own).iloc[0]
    assert (row["rule_origin"], bool(row["overrides"])) == ("tỉnh.toml", True)
    told = conflicts.findings(emitters(), receptors(), rules=[own], on=ON)
    assert "tỉnh.toml overrides entries of the registry: tcvn4449-1987." in [
        one.message() for one in told
    ]


def test_findings_of_the_rules_that_come_with_the_library() -> None:
    ours = emitters({"hazard_class": None, "zone_id": "A"}, {"kind": "waste_works"})
    theirs = receptors({"valid_from": pd.Timestamp("2010-01-01")}, {})
    told = conflicts.findings(ours, theirs, rules=standards.buffer_rules(), on=ON)
    by_rule = {one.rule: one for one in told}
    assert list(by_rule) == [
        "rule_without_figures",
        "rule_undated",
        "rule_unverified",
        "emitter_facility",
        "emitter_hazard_class",
        "receptor_undated",
    ]
    assert by_rule["rule_without_figures"].ids == ("qcvn01-2025-btnmt",)
    assert by_rule["emitter_hazard_class"].ids == ("E0",)
    assert by_rule["emitter_hazard_class"].zone_ids == ("A",)
    assert by_rule["receptor_undated"].ids == ("R1",)
    for one in told:
        assert one.message("vi") != one.message("en")
