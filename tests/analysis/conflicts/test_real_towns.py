"""Conflicts between industry and homes or green in real towns, pair by pair against plain shapely.

OpenStreetMap extracts of Liechtenstein (2013 and 2015) and of a Finnish town. Nobody knows the
hazard classes of their industry: every industrial area is taken for class III, 300 m.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from kcngeo import conflicts, standards

DISTANCE_M = 300.0
RULE = dataclasses.replace(
    standards.load("tcvn4449-1987"), receptors=("housing", "green"), note="green added"
)
GREEN = ["forest", "grass", "meadow", "recreation_ground", "village_green", "cemetery"]

TOWNS = {
    "Liechtenstein 2013": ("osm_liechtenstein/liechtenstein-2013-08-03.osm.pbf", "EPSG:2056"),
    "Liechtenstein 2015": ("osm_liechtenstein/liechtenstein-2015-07.osm.pbf", "EPSG:2056"),
    "Finland": ("osm_pyrosm_fi/test.osm.pbf", "EPSG:3067"),
}


def read(path: Path, crs: str) -> gpd.GeoDataFrame:
    """Areas of an extract; the few outlines that cross themselves cannot be measured by anybody."""
    meta, table = pyogrio.read_arrow(path, layer="multipolygons", USE_CUSTOM_INDEXING="NO")
    frame = table.to_pandas()
    shapes = shapely.from_wkb(frame[meta["geometry_name"] or "wkb_geometry"], on_invalid="ignore")
    layer = gpd.GeoDataFrame(
        frame[["landuse", "leisure", "building"]], geometry=shapes, crs="EPSG:4326"
    )
    layer = layer[shapely.is_valid(shapes) & ~shapely.is_missing(shapes)]
    return layer.to_crs(crs).reset_index(drop=True)


@pytest.fixture(scope="module", params=TOWNS.values(), ids=TOWNS)
def town(request: pytest.FixtureRequest, shared_data: Path) -> tuple[gpd.GeoDataFrame, ...]:
    """Emitters, one an industrial area, and receptors: residential areas, single houses, green."""
    path, crs = request.param
    areas = read(shared_data / path, crs)
    industry = areas[areas["landuse"] == "industrial"]
    emitters = gpd.GeoDataFrame(
        {"emitter_id": [f"E{n}" for n in industry.index], "kind": "parcel", "hazard_class": "III"},
        geometry=industry.geometry.to_numpy(),
        crs=crs,
    )
    homes = (areas["landuse"] == "residential") | areas["building"].notna()
    green = areas["landuse"].isin(GREEN) | areas["leisure"].isin(["park", "playground"])
    kind = np.where(homes, "housing", np.where(green, "green", ""))
    kept = areas[kind != ""]
    receptors = gpd.GeoDataFrame(
        {"receptor_id": [f"R{n}" for n in kept.index], "kind": kind[kind != ""]},
        geometry=kept.geometry.to_numpy(),
        crs=crs,
    )
    return emitters, receptors


def test_every_pair_is_judged_as_plain_shapely_judges_it(
    town: tuple[gpd.GeoDataFrame, ...],
) -> None:
    emitters, receptors = town
    found = conflicts.buffer_conflicts(emitters, receptors, rules=[RULE], on="2015-07-01")
    assert set(found["state"]) == {"conflict"}
    distance_m, overlap_m2, compared = {}, {}, 0
    kinds = dict(zip(receptors["receptor_id"], receptors["kind"], strict=True))
    for emitter_id, area in zip(emitters["emitter_id"], emitters.geometry, strict=True):
        zone = area.buffer(DISTANCE_M, quad_segs=256)
        for receptor_id, home in zip(receptors["receptor_id"], receptors.geometry, strict=True):
            if _gap_m(area, home) > 2 * DISTANCE_M:
                continue
            compared += 1
            distance = area.distance(home)
            if distance < DISTANCE_M:
                distance_m[emitter_id, receptor_id] = distance
                overlap_m2[emitter_id, receptor_id] = zone.intersection(home).area
    assert compared >= 1000
    assert {kinds[receptor] for _, receptor in distance_m} == {"housing", "green"}
    pairs = list(zip(found["emitter_id"], found["receptor_id"], strict=True))
    assert sorted(pairs) == sorted(distance_m)
    assert len(pairs) > 100
    np.testing.assert_allclose(found["distance_m"], [distance_m[pair] for pair in pairs], atol=1e-9)
    # Circles of 256 corners lie inside those of 1024: never larger, and by less than 3 cm of edge.
    wanted = np.array([overlap_m2[pair] for pair in pairs])
    mine = found["overlap_ha"].to_numpy() * 10_000
    assert (mine <= wanted + 1e-3).all()
    np.testing.assert_allclose(mine, wanted, rtol=2e-3, atol=2.0)
    whole = receptors.set_index("receptor_id").area.reindex(found["receptor_id"]).to_numpy()
    np.testing.assert_allclose(found["share"], mine / whole, atol=1e-12)
    np.testing.assert_allclose(found["margin_m"], found["distance_m"] - DISTANCE_M, atol=1e-9)


def test_a_longer_distance_never_gives_fewer_conflicts(town: tuple[gpd.GeoDataFrame, ...]) -> None:
    emitters, receptors = town
    counts = [
        len(
            conflicts.buffer_conflicts(
                emitters.assign(hazard_class=name), receptors, rules=[RULE], on="2015-07-01"
            )
        )
        for name, _ in RULE.classes
    ]
    # From class I, 1000 m, to class V, 50 m.
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1] > 0


def _gap_m(one: shapely.Geometry, other: shapely.Geometry) -> float:
    """How far apart the boxes are along the wider gap; the shapes are at least as far."""
    west, south, east, north = one.bounds
    x0, y0, x1, y1 = other.bounds
    return max(x0 - east, west - x1, y0 - north, south - y1, 0.0)
