"""Where a scenario changes something, on the squares of a 100 m grid."""

from __future__ import annotations

import math
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import kcngeo as kcn
from kcngeo.report.scenario_places import scenario_places

ON = pd.Timestamp("2018-03-31")
CLEAR = '[[clear]]\nparcels = ["A-3"]\n[[let]]\nparcels = ["A-3"]\narea_ha = 0.25\n'
DISTANCE = '[[distance]]\nrule = "tcvn4449-1987"\nhazard_class = "III"\ndistance_m = {}\n'


def places(text: str, project: kcn.Project | None = None) -> gpd.GeoDataFrame:
    given = kcn.examples.squares() if project is None else project
    rules = kcn.standards.registry()
    done = kcn.update.apply_changes(given, {"name": "wish", "text": text}, on=ON, rules=rules)
    now, then = given.as_known(), done.project.as_known()
    return scenario_places(now, then, done.made, on=ON, rules=rules, changed=done.rules)


def test_lots_are_drawn_whole_with_the_hectares_that_change() -> None:
    found = places(CLEAR).set_index("place")
    lot = kcn.examples.squares().parcels.set_index("parcel_id").geometry["A-3"]
    for place, area_ha in (("clear", 1.0), ("let", 0.25)):
        row = found.loc[place]
        assert (row["zone_id"], row["parcel_ids"], row["area_ha"]) == ("A", "A-3", area_ha)
        assert row["geometry"].equals(lot)


def test_an_extension_is_what_lies_outside_the_fence_of_today() -> None:
    base = kcn.examples.squares()
    fence = base.zones.set_index("zone_id").geometry["B"]
    _, south, east, north = fence.bounds
    # 100 m east of the fence and 50 m inside it: only the 100 m come to the zone.
    land = shapely.box(east - 50, south, east + 100, north)
    found = places(f'[[extend]]\nzone = "B"\nwkt = "{land.wkt}"\n')
    assert found[["place", "zone_id"]].to_numpy().tolist() == [["extend", "B"]]
    assert found.geometry.iloc[0].equals(shapely.box(east, south, east + 100, north))
    assert found["area_ha"].iloc[0] == pytest.approx((north - south) * 100 / 1e4)


@pytest.mark.parametrize(("asked_m", "place"), [(400, "farther"), (200, "nearer")])
def test_a_distance_is_the_ring_between_today_and_then(asked_m: int, place: str) -> None:
    found = places(DISTANCE.format(asked_m))
    assert found["place"].tolist() == [place]
    row = found.iloc[0]
    assert (row["before_m"], row["after_m"]) == (300, asked_m)
    # A ring round a point: π (R² − r²); arcs are drawn as polygons.
    ring_m2 = math.pi * abs(300**2 - asked_m**2)
    assert row["geometry"].area == pytest.approx(ring_m2, rel=0.005)
    assert row["area_ha"] == pytest.approx(row["geometry"].area / 1e4)


def test_what_has_no_place_is_no_place() -> None:
    assert places("").empty
    share = '[[share]]\nrule = "qcvn01-2008-green"\nrequired_share = 0.15\n'
    assert places(share).empty
    # The distance of today is no change, and without emitters there is nothing to draw.
    assert places(DISTANCE.format(300)).empty
    assert places(DISTANCE.format(400), replace(kcn.examples.squares(), emitters=None)).empty
