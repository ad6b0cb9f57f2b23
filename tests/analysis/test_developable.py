"""Developable land: golden cases on squares of 1 ha, boundaries, laws on made estates."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import kcngeo as kcn
from kcngeo.analysis.developable import (
    belts,
    combine,
    developable_land,
    encumbrance,
    sensitivity,
    within,
)
from kcngeo.analysis.developable.difference import _measured
from kcngeo.core.errors import (
    ContractError,
    CRSError,
    GeometryError,
    KcngeoError,
    KcngeoWarning,
)
from tests import squares
from tests.squares import CRS, EAST, NORTH, ledger, parcels, square, zones

DAY = "2018-03-31"


def encumbrances(*rows: tuple[str, int, Any]) -> gpd.GeoDataFrame:
    """Rows of (kind, rank, shape)."""
    kinds, ranks, shapes = zip(*rows, strict=True) if rows else ((), (), ())
    data = {"kind": pd.array(kinds, dtype="str"), "rank": pd.array(ranks, dtype="Int64")}
    return gpd.GeoDataFrame(data, geometry=list(shapes), crs=CRS)


def made(
    lots: gpd.GeoDataFrame, entries: pd.DataFrame, *rows: tuple[str, int, Any], **options: Any
) -> kcn.developable.DevelopableLand:
    snapshot = squares.known(zones("A", "B"), lots, entries)
    return developable_land(snapshot, encumbrances(*rows), on=DAY, **options)


def taken(found: kcn.developable.DevelopableLand, zone_id: str = "A") -> dict[str, list[float]]:
    """Gross, exclusive and marginal hectares by kind."""
    rows = found.account.loc[zone_id] if zone_id in found.account.index else found.account.iloc[:0]
    columns = ["gross_ha", "exclusive_ha", "marginal_ha"]
    return {str(kind): row.round(6).tolist() for kind, row in rows[columns].iterrows()}


# ---- golden cases -------------------------------------------------------------------------------
def test_overlapping_encumbrances_count_once():
    # Four free lots of 1 ha. A line over the northern half of all (2 ha) and a slope over the
    # two eastern lots (2 ha): they share 1 ha. Together 3 ha, 1 ha is left.
    line = ("power_corridor", 1, square(0, 0.5, wide=4, high=0.5))
    slope = ("steep_slope", 2, square(2, 0, wide=2))
    found = made(parcels("P1", "P2", "P3", "P4"), ledger(), line, slope)
    assert taken(found) == {"power_corridor": [2.0, 1.0, 2.0], "steep_slope": [2.0, 1.0, 1.0]}
    totals = found.totals.loc["A"].round(6)
    assert totals.to_dict() == {
        "vacant_ha": 4.0,
        "developable_ha": 1.0,
        "encumbered_ha": 3.0,
        "unlocated_ha": 0.0,
    }
    assert found.land["parcel_id"].tolist() == ["P1", "P2"]
    assert found.land["area_ha"].round(6).tolist() == [0.5, 0.5]
    assert found.land.geometry[0].equals(square(0, 0, high=0.5))


def test_ranks_move_the_marginal_areas_only():
    line = square(0, 0.5, wide=4, high=0.5)
    slope = square(2, 0, wide=2)
    lots = parcels("P1", "P2", "P3", "P4")
    found = made(lots, ledger(), ("power_corridor", 2, line), ("steep_slope", 1, slope))
    assert taken(found) == {"steep_slope": [2.0, 1.0, 2.0], "power_corridor": [2.0, 1.0, 1.0]}
    assert found.account["rank"].tolist() == [1, 2]
    assert found.totals.loc["A", "developable_ha"] == pytest.approx(1)


def test_three_on_one_spot_have_no_exclusive_area_there():
    # a covers all of P1, b its western half, c its western quarter: only a has land of its own.
    rows = (
        ("a", 3, square(0)),
        ("b", 2, square(0, wide=0.5)),
        ("c", 1, square(0, wide=0.25)),
    )
    found = made(parcels("P1"), ledger(), *rows)
    assert taken(found) == {
        "c": [0.25, 0.0, 0.25],
        "b": [0.5, 0.0, 0.25],
        "a": [1.0, 0.5, 0.5],
    }
    assert found.land.empty
    assert found.land.crs == found.land.set_geometry("geometry").crs


def test_shapes_of_one_kind_are_one_encumbrance():
    # Three boxes of the same kind over the western 0.6 of P1, overlapping: 0.6 ha, once.
    boxes = [square(0, wide=0.4), square(0.2, wide=0.4), square(0.1, wide=0.2)]
    found = made(parcels("P1"), ledger(), *(("graves", 1, one) for one in boxes))
    assert taken(found) == {"graves": [0.6, 0.6, 0.6]}


def test_equal_ranks_go_by_kind():
    found = made(parcels("P1"), ledger(), ("b", 1, square(0)), ("a", 1, square(0)))
    assert taken(found) == {"a": [1.0, 0.0, 1.0], "b": [1.0, 0.0, 0.0]}


def test_what_is_vacant_is_what_the_land_account_calls_available():
    uses = ["industrial"] * 6 + ["service", "green"]
    lots = parcels(*(f"P{n}" for n in range(8)), use=uses)
    entries = ledger(
        ("P0", "leased", "2010-01-01"),
        ("P1", "leased", "2010-01-01", None, 0.25),  # 0.75 ha free, nobody drew where
        ("P2", "uncleared", "2010-01-01"),
        ("P3", "reserved", "2010-01-01", "2018-03-31"),  # ends on the day: free again
        ("P4", "uncleared", "2010-01-01", None, 0.4),  # 0.6 ha free, nobody drew where
    )
    found = made(lots, entries, ("line", 1, square(0, 0, wide=8, high=0.5)))
    # P3 and P5 are free altogether, half of each lies under the line; service is not counted
    # by the law of 2018.
    assert found.totals.loc["A"].round(6).tolist() == [3.35, 1.0, 1.0, 1.35]
    assert found.land["parcel_id"].tolist() == ["P3", "P5"]
    account = kcn.fill.land_account(squares.known(zones("A", "B"), lots, entries), on=DAY)
    assert account.loc["A", "available_ha"] == pytest.approx(found.totals.loc["A", "vacant_ha"])
    wider = made(lots, entries, ("line", 1, square(0, 0, wide=8, high=0.5)), definition="nd35-2022")
    assert wider.land["parcel_id"].tolist() == ["P3", "P5", "P6"]


@pytest.mark.parametrize(
    ("on", "free"),
    [
        ("2017-12-31", ["P1"]),  # the day before the lease
        ("2018-01-01", []),  # its first day
        ("2018-06-30", []),  # its last day
        ("2018-07-01", ["P1"]),  # the end day does not count
    ],
)
def test_the_day_decides(on: str, free: list[str]):
    entries = ledger(("P1", "leased", "2018-01-01", "2018-07-01"))
    found = developable_land(
        squares.known(zones("A"), parcels("P1"), entries), encumbrances(), on=on
    )
    assert found.land["parcel_id"].tolist() == free


def test_a_zone_that_does_not_count_has_no_row():
    fences = zones("A", "B", established_on=["2000-01-01", "2020-01-01"])
    lots = parcels("P1", "P2", zone=["A", "B"])
    found = developable_land(squares.known(fences, lots, ledger()), encumbrances(), on=DAY)
    assert found.totals.index.tolist() == ["A"]
    assert found.land["zone_id"].tolist() == ["A"]


def test_known_at_applies_to_every_table():
    line = encumbrances(("line", 1, square(1))).assign(recorded_at="2018-05-01T00:00:00Z")
    project = kcn.Project(
        zones=zones("A"),
        parcels=parcels("P1", "P2"),
        ledger=ledger(("P1", "leased", "2018-01-01"), recorded_at="2018-05-01T00:00:00Z"),
        encumbrances=line,
    )
    before = developable_land(project.as_known("2018-04-30"), on=DAY)
    after = developable_land(project, on=DAY)
    assert before.totals.loc["A"].round(6).tolist() == [2, 2, 0, 0]
    assert after.totals.loc["A"].round(6).tolist() == [1, 0, 1, 0]


def test_a_row_superseded_later_is_an_ordinary_row_before():
    # The number of a document was put right in May: the lease was known before all the same.
    entries = ledger(
        ("P1", "leased", "2018-01-01"),
        ("P1", "leased", "2018-01-01"),
        document=["12/QĐ", "21/QĐ"],
        recorded_at=["2018-01-02T00:00:00Z", "2018-05-01T00:00:00Z"],
        superseded_at=pd.to_datetime(["2018-05-01T00:00:00Z", None]),
    )
    project = kcn.Project(zones=zones("A"), parcels=parcels("P1", "P2"), ledger=entries)
    for moment in ("2018-04-30", "2018-05-02", None):
        found = developable_land(project.as_known(moment), encumbrances(), on=DAY)
        assert found.land["parcel_id"].tolist() == ["P2"]


def test_the_table_of_the_project_is_taken_where_no_other_is_given():
    tables = {"zones": zones("A"), "parcels": parcels("P1", "P2"), "ledger": ledger()}
    own = encumbrances(("line", 1, square(1)))
    project = kcn.Project(**tables, encumbrances=own)
    given = developable_land(kcn.Project(**tables), own, on=DAY)
    taken_from = developable_land(project, on=DAY)
    assert taken_from.totals.loc["A"].round(6).tolist() == [2, 1, 1, 0]
    pd.testing.assert_frame_equal(taken_from.account, given.account)
    # No rows are no encumbrances, and a project without the table has none.
    for free in (
        developable_land(project, encumbrances(), on=DAY),
        developable_land(kcn.Project(**tables), on=DAY),
    ):
        assert free.totals.loc["A"].round(6).tolist() == [2, 2, 0, 0]
    better = sensitivity(project, None, alternatives={"none": encumbrances()}, on=DAY)
    assert better.loc[("none", "A")].round(6).tolist() == [2, 1]


def test_a_zone_at_fault_is_missing_and_the_other_unchanged():
    lots = parcels("P1", "P2", "P3", zone=["A", "B", "B"])
    line = encumbrances(("line", 1, square(0, 0, wide=3, high=0.5)))
    fine = kcn.Project(zones=zones("A", "B"), parcels=lots, ledger=ledger())
    spoilt = lots.copy()
    spoilt.loc[2, "geometry"] = square(1.5)  # overlaps P2 by half a hectare
    project = kcn.Project(zones=zones("A", "B"), parcels=spoilt, ledger=ledger())
    before = developable_land(fine, line, on=DAY)
    with pytest.warns(KcngeoWarning, match="left out: B") as told:
        found = developable_land(project, line, on=DAY)
    assert len(told) == 1
    assert found.totals.loc["A"].tolist() == before.totals.loc["A"].tolist()
    assert found.totals.loc["B"].isna().all()
    assert found.land["parcel_id"].tolist() == ["P1"]
    assert found.account.index.tolist() == [("A", "line")]
    with pytest.warns(KcngeoWarning, match="left out: B") as told:
        change = sensitivity(project, line, alternatives={"none": encumbrances()}, on=DAY)
    assert len(told) == 1
    assert change.loc[("none", "A")].round(6).tolist() == [1, 0.5]
    assert change.loc[("none", "B")].isna().all()


@pytest.mark.parametrize("column", ["recorded_at", "superseded_at"])
def test_frames_that_still_say_what_was_known_when_are_refused(column: str):
    lots = squares.known(zones("A"), parcels("P1"), ledger())
    frame = encumbrances(("line", 1, square(0))).assign(**{column: "2018-05-01T00:00:00Z"})
    fences = zones("A").assign(**{column: "2018-05-01T00:00:00Z"})
    for ask in (
        lambda: developable_land(lots, frame, on=DAY),
        lambda: sensitivity(lots, frame, alternatives={}, on=DAY),
        lambda: combine(frame),
        lambda: encumbrance(frame, kind="line", rank=1),
        lambda: within(frame, distance_m=10, kind="line", rank=1),
        lambda: belts(fences, width_m=10, rank=1, on=DAY),
    ):
        with pytest.raises(KcngeoError, match=f"still has {column}"):
            ask()


# ---- distances ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("gap_m", "lost_ha"),
    [
        (0, 0.30),  # the house touches the lot: 30 of its 100 m
        (29, 0.01),  # 1 m inside
        (30, 0.00),  # exactly at the distance: what is at the distance is free
        (31, 0.00),  # 1 m outside
    ],
)
def test_a_distance_takes_what_is_nearer(gap_m: float, lost_ha: float):
    # A house along the whole western edge, much longer than the lot: no round corners reach it.
    house = shapely.box(EAST - gap_m - 10, NORTH - 100, EAST - gap_m, NORTH + 200)
    receptors = gpd.GeoDataFrame({"receptor_id": ["R1"]}, geometry=[house], crs=CRS)
    near = within(receptors, distance_m=30, kind="housing", rank=1)
    found = developable_land(squares.known(zones("A"), parcels("P1"), ledger()), near, on=DAY)
    assert found.totals.loc["A", "encumbered_ha"] == pytest.approx(lost_ha, abs=1e-6)


def test_a_distance_round_a_point_is_a_circle_drawn_inside():
    stack = gpd.GeoDataFrame(geometry=[shapely.Point(EAST + 500, NORTH + 50)], crs=CRS)
    area_m2 = within(stack, distance_m=100, kind="stack", rank=1).area.iloc[0]
    assert area_m2 < np.pi * 100**2
    assert area_m2 == pytest.approx(np.pi * 100**2, rel=2e-4)


def test_distances_by_row_and_without():
    points = gpd.GeoDataFrame(
        {"valid_from": pd.to_datetime([None, "2018-04-01", None])},
        geometry=gpd.points_from_xy([EAST] * 3, [NORTH] * 3),
        crs=CRS,
        index=["a", "b", "c"],
    )
    reach = pd.Series([10.0, 20.0, None], index=points.index)
    found = within(points, distance_m=reach, kind="stack", rank=1, on=DAY)
    assert found["distance_m"].to_dict() == {"a": 10.0}  # b is not there yet, c has no distance
    assert within(points, distance_m=reach, kind="stack", rank=1)["distance_m"].tolist() == [10, 20]


@pytest.mark.parametrize(
    ("since", "until", "counts"),
    [
        ("2018-03-31", None, True),  # first day
        ("2018-04-01", None, False),  # planned, from tomorrow
        ("2010-01-01", "2018-04-01", True),  # last day
        ("2010-01-01", "2018-03-31", False),  # the end day does not count
    ],
)
def test_areas_count_from_their_day(since: str, until: str | None, counts: bool):
    area = gpd.GeoDataFrame(
        {"valid_from": pd.to_datetime([since]), "valid_to": pd.to_datetime([until])},
        geometry=[square(0)],
        crs=CRS,
    )
    assert len(encumbrance(area, kind="resettlement", rank=1, on=DAY)) == counts


# ---- belts --------------------------------------------------------------------------------------
def test_a_belt_has_its_width_inside_the_fence():
    # 1000 × 100 m: what is farther than 10 m from the fence is 980 × 80 m.
    found = belts(zones("A"), width_m=10, rank=1, on=DAY)
    assert [*found.columns] == ["kind", "rank", "zone_id", "width_m", "geometry"]
    assert found.area.iloc[0] == pytest.approx(1000 * 100 - 980 * 80)
    assert found.iloc[0][["kind", "zone_id", "width_m"]].tolist() == ["belt", "A", 10.0]
    assert square(0, wide=10).contains(found.geometry.iloc[0])


def test_a_belt_is_round_where_the_fence_points_inward():
    # An L of three squares of 100 m: 30 000 m², perimeter 800 m, six corners of which one points
    # inward. The belt of 10 m: 10 · 800, less 5 corners counted twice (100 m² each), plus a
    # quarter of a circle round the sixth: 8000 − 500 + 25π.
    corner = shapely.union_all([square(0), square(1), square(0, 1)])
    fence = gpd.GeoDataFrame({"zone_id": ["A"]}, geometry=[corner], crs=CRS)
    area_m2 = belts(fence, width_m=10, rank=1, on=DAY).area.iloc[0]
    assert area_m2 == pytest.approx(7500 + 25 * np.pi, abs=0.05)


def test_a_narrow_zone_is_belt_altogether_and_widths_go_by_zone():
    fences = zones("A", "B", "C")
    widths = pd.Series({"A": 50.0, "B": 49.0})
    found = belts(fences, width_m=widths, rank=1, on=DAY).set_index("zone_id")
    assert found.index.tolist() == ["A", "B"]
    assert found.area.round(3).to_dict() == {"A": 100_000.0, "B": 100_000 - 902 * 2}


# ---- what a change would win --------------------------------------------------------------------
def test_sensitivity_tabulates_what_is_won_and_lost():
    works = gpd.GeoDataFrame(geometry=[square(-1)], crs=CRS)

    def near(distance_m: float) -> gpd.GeoDataFrame:
        return within(works, distance_m=distance_m, kind="wastewater_works", rank=1)

    lots, fences = parcels("P1", "P2"), zones("A")
    table = sensitivity(
        squares.known(fences, lots, ledger()),
        near(100),
        alternatives={"shorter": near(90), "longer": near(110), "enclosed": near(15)},
        on=DAY,
    )
    # The works stand beside P1, as high as the lots, so a distance takes a whole strip of them:
    # 100 m takes 1 ha, 90 m 0.9 ha, 110 m 1.1 ha, 15 m 0.15 ha.
    change = table["change_ha"].droplevel("zone_id").round(6).to_dict()
    assert change == {"shorter": 0.1, "longer": -0.1, "enclosed": 0.85}
    assert table.loc[("enclosed", "A"), "developable_ha"] == pytest.approx(1.85)
    none = sensitivity(squares.known(fences, lots, ledger()), near(100), alternatives={}, on=DAY)
    assert none.empty


def test_combine_sorts_by_rank_and_keeps_every_row():
    one = encumbrances(("b", 2, square(0)), ("a", 2, square(1)))
    other = belts(zones("A"), width_m=10, rank=1, on=DAY)
    joined = combine(one, other)
    assert joined["kind"].tolist() == ["belt", "a", "b"]
    assert joined.columns.tolist() == ["kind", "rank", "geometry"]
    assert joined.crs == one.crs


# ---- bad input ----------------------------------------------------------------------------------
def test_all_problems_are_listed_at_once():
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    rows = (("belt", 1, square(0)), ("belt", 2, square(0)), ("graves", 3, bow_tie))
    with pytest.raises(ContractError, match=r"several ranks: belt(.|\n)*graves cannot be measured"):
        made(parcels("P1"), ledger(), *rows)


def test_vacant_lots_that_overlap_are_refused_by_name():
    lots = parcels("P1", "P2", "P3")
    lots.loc[1, "geometry"] = shapely.box(EAST + 99.98, NORTH, EAST + 200, NORTH + 100)  # 2 m²
    with pytest.raises(ContractError, match=r"P1 × P2 \(2\.0 m²\)") as caught:
        made(lots, ledger())
    assert caught.value.problems[0].zone_ids == ("A",)
    # 0.5 m² is rounding
    lots.loc[1, "geometry"] = shapely.box(EAST + 99.995, NORTH, EAST + 200, NORTH + 100)
    assert made(lots, ledger()).totals.loc["A", "vacant_ha"] == pytest.approx(3.00005)


def test_layers_must_agree_in_crs():
    elsewhere = encumbrances(("line", 1, square(0))).set_crs("EPSG:9217", allow_override=True)
    with pytest.raises(CRSError, match="EPSG:9217"):
        developable_land(squares.known(zones("A"), parcels("P1"), ledger()), elsewhere, on=DAY)


@pytest.mark.parametrize("distance_m", [0, -1, np.inf])
def test_distances_must_be_above_zero(distance_m: float):
    receptors = gpd.GeoDataFrame({"receptor_id": ["R1"]}, geometry=[square(0)], crs=CRS)
    with pytest.raises(GeometryError, match="above 0 m and finite; these are not: R1"):
        within(receptors, distance_m=distance_m, kind="housing", rank=1)
    with pytest.raises(GeometryError, match="above 0 m and finite; these are not: A"):
        belts(zones("A"), width_m=distance_m, rank=1, on=DAY)


def test_a_distance_series_must_lie_on_the_features():
    receptors = gpd.GeoDataFrame(geometry=[square(0)], crs=CRS)
    with pytest.raises(GeometryError, match="index"):
        within(receptors, distance_m=pd.Series([1.0], index=[7]), kind="housing", rank=1)


def test_lines_are_no_encumbrance_until_they_have_a_width():
    line = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (1, 1)])], crs=CRS)
    with pytest.raises(GeometryError, match="LineString"):
        encumbrance(line, kind="river", rank=1)


# ---- laws ---------------------------------------------------------------------------------------
KINDS = ("a", "b", "c", "d")


@st.composite
def estates(draw: st.DrawFn) -> tuple[gpd.GeoDataFrame, pd.DataFrame, gpd.GeoDataFrame]:
    """Lots of two zones in a row each, some held, and turned boxes of four kinds over them."""
    count = draw(st.integers(1, 8))
    entries = []
    for number in range(count):
        held = draw(st.sampled_from(["free", "free", "free", "leased", "part"]))
        if held != "free":
            entries.append(
                (f"P{number}", "leased", "2000-01-01", None, 0.3 if held == "part" else None)
            )
    lots = parcels(
        *(f"P{n}" for n in range(count)), zone=[draw(st.sampled_from("AB")) for _ in range(count)]
    )
    rows = []
    for _ in range(draw(st.integers(0, 6))):
        kind = draw(st.integers(0, 3))
        at, size = draw(st.floats(-1, 8)), draw(st.floats(0.01, 3))
        turned = draw(st.floats(0, 90))
        shape = shapely.affinity.rotate(square(at, draw(st.floats(-1, 1)), wide=size), turned)
        rows.append((KINDS[kind], kind, shape))
    return lots, ledger(*entries), encumbrances(*rows)


def account(lots: gpd.GeoDataFrame, entries: pd.DataFrame, taken: gpd.GeoDataFrame) -> Any:
    return developable_land(squares.known(zones("A", "B"), lots, entries), taken, on=DAY)


@settings(max_examples=40)
@given(estates())
def test_the_account_closes_and_agrees_with_the_dissolved_encumbrances(estate: Any):
    lots, entries, shapes = estate
    before = [frame.copy(deep=True) for frame in estate]
    found = account(lots, entries, shapes)
    for frame, was in zip(estate, before, strict=True):
        pd.testing.assert_frame_equal(frame, was)
    totals = found.totals
    parts = totals[["developable_ha", "encumbered_ha", "unlocated_ha"]].sum(axis=1)
    # Of a zone without lots nobody knows what is vacant.
    assert totals.index[totals["vacant_ha"].notna()].tolist() == sorted(set(lots["zone_id"]))
    np.testing.assert_allclose(totals["vacant_ha"].fillna(0), parts, atol=1e-4)  # 1 m²
    # All at once, in another way: what is left of the union of the lots.
    whole = shapely.union_all(shapes.geometry.to_numpy())
    held = set(entries["parcel_id"])
    free = lots[~lots["parcel_id"].isin(held)]
    for zone_id in sorted(set(lots["zone_id"])):
        mine = shapely.union_all(free.geometry[free["zone_id"] == zone_id].to_numpy())
        left_ha = shapely.difference(mine, whole).area / 10_000
        assert totals.loc[zone_id, "developable_ha"] == pytest.approx(left_ha, abs=1e-7)
    assert (found.account["marginal_ha"] <= found.account["gross_ha"] + 1e-9).all()
    assert (found.account["exclusive_ha"] <= found.account["marginal_ha"] + 1e-9).all()


@settings(max_examples=12)
@given(estates(), st.permutations(range(4)), st.randoms())
def test_ranks_and_the_order_of_rows_change_no_total(estate: Any, ranks: list[int], random: Any):
    lots, entries, shapes = estate
    first = account(lots, entries, shapes)
    other = shapes.assign(rank=[ranks[KINDS.index(kind)] for kind in shapes["kind"]])
    pd.testing.assert_frame_equal(
        account(lots, entries, other).totals, first.totals, atol=1e-9, rtol=0
    )
    by_kind = first.account["gross_ha"].sort_index()
    moved = account(lots, entries, other).account["gross_ha"].sort_index()
    pd.testing.assert_series_equal(moved, by_kind, atol=1e-9, rtol=0)

    def shuffled(frame: Any) -> Any:
        return frame.iloc[random.sample(range(len(frame)), len(frame))]

    again = account(shuffled(lots), shuffled(entries), shuffled(shapes))
    pd.testing.assert_frame_equal(again.totals, first.totals, atol=1e-9, rtol=0)
    pd.testing.assert_frame_equal(again.account, first.account, atol=1e-9, rtol=0)


@settings(max_examples=12)
@given(estates(), st.integers(0, 7), st.floats(0.1, 0.9))
def test_splitting_a_lot_changes_no_total(estate: Any, number: int, share: float):
    lots, entries, shapes = estate
    number %= len(lots)
    name = lots["parcel_id"].iloc[number]
    if name in set(entries["parcel_id"]):
        return
    whole = lots.geometry.iloc[number]
    west, south, east, north = whole.bounds
    middle = west + share * (east - west)
    row = lots.iloc[[number]]
    halves = [
        row.assign(parcel_id=f"{name}{mark}").set_geometry([shapely.box(x, south, y, north)])
        for mark, x, y in (("a", west, middle), ("b", middle, east))
    ]
    split = pd.concat([lots.drop(index=lots.index[number]), *halves])
    pd.testing.assert_frame_equal(
        account(split, entries, shapes).totals,
        account(lots, entries, shapes).totals,
        atol=1e-8,
        rtol=0,
    )


@settings(max_examples=12)
@given(estates(), st.floats(1, 200), st.floats(0, 100))
def test_a_longer_distance_never_leaves_more(estate: Any, distance_m: float, more_m: float):
    lots, entries, shapes = estate
    if shapes.empty:
        return

    def left(reach_m: float) -> pd.Series:
        near = within(shapes, distance_m=reach_m, kind="near", rank=1)
        return account(lots, entries, near).totals["developable_ha"].dropna()

    assert (left(distance_m + more_m) <= left(distance_m) + 1e-8).all()


def test_what_adds_nothing_adds_no_less_than_nothing():
    # Turned squares of a hectare, what a strip takes of each, and the strip once more: between the
    # sums of unions and of their parts lie up to 6e-9 m², of either sign.
    turned = shapely.box(EAST, NORTH, EAST + 100, NORTH + 100)
    strip = shapely.box(EAST + 30, NORTH + 30, EAST + 170, NORTH + 70)
    lots = np.array([shapely.affinity.rotate(turned, angle) for angle in range(1, 60)])
    taken = shapely.intersection(lots, strip)
    _, gross, exclusive, marginal = _measured(lots, np.column_stack([lots, taken]))
    assert (gross[:, 1] > 1000).all()
    for added_m2 in (exclusive[:, 1], marginal[:, 1]):
        assert added_m2.min() == 0.0
        assert added_m2.max() < 1e-7
