"""Laws of distances: longer never means fewer, order means nothing, inputs stay as they are."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import geopandas.testing
import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from kcngeo import conflicts, standards
from kcngeo.standards import Band, BufferRule
from tests.squares import CRS, EAST, NORTH

ON = "2018-03-31"
TCVN = standards.load("tcvn4449-1987")
CLASSES = ["I", "II", "III", "IV", "V", None, "VI"]
KINDS = ["housing", "resettlement", "green", "water"]

places = st.tuples(st.integers(0, 1500), st.integers(0, 1500), st.integers(0, 200))


def shape(place: tuple[int, int, int]) -> shapely.Geometry:
    """A square of a size; of none, a point."""
    x, y, size = place
    corner = EAST + x, NORTH + y
    return (
        shapely.box(*corner, corner[0] + size, corner[1] + size) if size else shapely.Point(corner)
    )


@st.composite
def towns(draw: st.DrawFn) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    ours = draw(st.lists(st.tuples(places, st.sampled_from(CLASSES)), max_size=6))
    theirs = draw(st.lists(st.tuples(places, st.sampled_from(KINDS)), max_size=6))
    emitters = gpd.GeoDataFrame(
        {
            "emitter_id": [f"E{n}" for n in range(len(ours))],
            "kind": "building",
            "hazard_class": pd.array([one for _, one in ours], dtype="str"),
        },
        geometry=[shape(place) for place, _ in ours],
        crs=CRS,
    )
    receptors = gpd.GeoDataFrame(
        {
            "receptor_id": [f"R{n}" for n in range(len(theirs))],
            "kind": pd.array([one for _, one in theirs], dtype="str"),
        },
        geometry=[shape(place) for place, _ in theirs],
        crs=CRS,
    )
    return emitters, receptors


def longer(rule: BufferRule, factor: float) -> BufferRule:
    bands = (
        dataclasses.replace(band, distance_m=band.distance_m * factor) for band in rule.distances
    )
    return dataclasses.replace(rule, distances=tuple(bands))


def ask(
    town: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame], rule: BufferRule = TCVN
) -> gpd.GeoDataFrame:
    return conflicts.buffer_conflicts(*town, rules=[rule], on=ON)


@settings(max_examples=40)
@given(towns())
def test_every_emitter_is_judged_or_listed_as_plain_shapely_would(
    town: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
) -> None:
    emitters, receptors = town
    required_m = dict(TCVN.classes)
    expected = {
        (one.emitter_id, other.receptor_id)
        for one in emitters.itertuples()
        for other in receptors.itertuples()
        if other.kind in TCVN.receptors
        and one.geometry.distance(other.geometry) < required_m.get(one.hazard_class, 0.0)
    }
    table = ask(town)
    judged = table[table["state"] == "conflict"]
    assert set(zip(judged["emitter_id"], judged["receptor_id"], strict=True)) == expected
    assert len(judged) == len(expected)
    unrated = set(table.loc[table["state"] == "unrated", "emitter_id"])
    rated = emitters["hazard_class"].isin(list(required_m))
    assert unrated == set(emitters.loc[~rated, "emitter_id"])
    assert ((judged["share"].isna()) | judged["share"].between(0, 1)).all()


@settings(max_examples=30)
@given(towns(), st.floats(1.0, 3.0))
def test_a_longer_distance_never_gives_fewer_conflicts_or_less_land(
    town: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame], factor: float
) -> None:
    keys = ["emitter_id", "rule_id", "receptor_id"]
    before, after = (ask(town, rule).set_index(keys) for rule in (TCVN, longer(TCVN, factor)))
    before, after = (one[one["state"] == "conflict"] for one in (before, after))
    assert set(before.index) <= set(after.index)
    grown = after["overlap_ha"].reindex(before.index) - before["overlap_ha"]
    assert not (grown < -1e-9).any()


@settings(max_examples=30)
@given(towns(), st.randoms(use_true_random=False))
def test_shuffled_rows_give_the_same_table(
    town: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame], random: object
) -> None:
    seed = random.randint(0, 10_000)  # type: ignore[attr-defined]
    shuffled = tuple(frame.sample(frac=1, random_state=seed) for frame in town)
    expected, table = ask(town), ask(shuffled)
    pd.testing.assert_frame_equal(
        pd.DataFrame(expected).drop(columns="geometry"),
        pd.DataFrame(table).drop(columns="geometry"),
    )
    one, other = expected.geometry.to_numpy(), table.geometry.to_numpy()
    assert (shapely.to_wkb(one) == shapely.to_wkb(other)).all()


@settings(max_examples=20)
@given(towns(), st.integers(-50_000, 50_000))
def test_the_place_on_the_grid_does_not_matter(
    town: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame], shift_m: int
) -> None:
    moved = tuple(frame.set_geometry(frame.geometry.translate(shift_m, shift_m)) for frame in town)
    pd.testing.assert_frame_equal(
        pd.DataFrame(ask(town)).drop(columns="geometry"),
        pd.DataFrame(ask(moved)).drop(columns="geometry"),
        atol=1e-6,
    )


@settings(max_examples=20)
@given(towns())
def test_inputs_stay_as_they_are(town: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]) -> None:
    copies = tuple(frame.copy() for frame in town)
    ask(town)
    conflicts.findings(*town, rules=[TCVN], on=ON)
    conflicts.encumbrances(*town, rules=[TCVN], on=ON, hazard_class="III")
    for frame, copy in zip(town, copies, strict=True):
        geopandas.testing.assert_geodataframe_equal(frame, copy)


@settings(max_examples=30)
@given(towns())
def test_what_is_admissible_is_in_no_conflict_and_what_is_refused_is(
    town: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
) -> None:
    emitters, receptors = town
    emitters = emitters[emitters.geom_type == "Polygon"]
    lots = emitters.rename(columns={"emitter_id": "parcel_id"}).drop(
        columns=["kind", "hazard_class"]
    )
    lots = lots.assign(zone_id="A", land_use="industrial")
    answer = conflicts.admissible_class(lots, receptors, rules=[TCVN], on=ON).set_index("parcel_id")
    for column, is_conflict in (("admissible_class", False), ("refused_class", True)):
        asked = emitters.assign(
            kind="parcel", hazard_class=emitters["emitter_id"].map(answer[column])
        )
        asked = asked[asked["hazard_class"].notna()]
        told = ask((asked, receptors))
        assert set(told["emitter_id"]) == (set(asked["emitter_id"]) if is_conflict else set())


def test_the_widened_shape_is_never_too_wide() -> None:
    point = np.array([shapely.Point(EAST, NORTH)])
    rule = dataclasses.replace(TCVN, distances=(Band(distance_m=300.0, hazard_class="III"),))
    emitters = gpd.GeoDataFrame(
        {"emitter_id": ["E"], "kind": ["point"], "hazard_class": ["III"]}, geometry=point, crs=CRS
    )
    area = conflicts.encumbrances(emitters, None, rules=[rule], on=ON).geometry.iloc[0]
    radius = shapely.distance(shapely.points(shapely.get_coordinates(area)), point)
    assert radius.max() <= 300 + 1e-9
    # 2 cm at the middle of an edge.
    assert shapely.distance(area.exterior, point)[0] > 299.97
