"""A new map is one function: a theme nobody knew of is drawn on screen, on paper and in QGIS."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from pathlib import Path

import geopandas as gpd
import pytest

import kcngeo as kcn
from kcngeo import cartography
from kcngeo.cartography import MapClass, MapLayer, MapSpec
from kcngeo.cartography.layers import parcels_by_use, zones_on
from kcngeo.cartography.words import same
from kcngeo.maps import PayloadLayer
from kcngeo.qgis.layers import shown_in
from tests.cartography.drawings import hexed, on_paper

ON = "2018-03-31"
GREEN = MapClass(value="green", label=same("Green land"), color="#3a7d44")
REST = MapClass(value=None, label=same("other land"), color="#c8c8c8")


@pytest.fixture(scope="module")
def green() -> MapSpec:
    """The green land of the squares: one of their ten lots; it lies on no ground of others."""
    snapshot = kcn.examples.squares().as_known()
    parcels = parcels_by_use(snapshot, on=ON)
    layer = MapLayer(
        name="green",
        title=same("Green"),
        frame=parcels.frame,
        column="land_use",
        classes=(GREEN, REST),
        told=parcels.told,
        contract=kcn.schema.LAYERS["parcels_on_day"],
        area="area_ha",
        is_framing=True,
    )
    return MapSpec(
        theme="green",
        title=same("Green land"),
        headline=same("One lot of ten is green"),
        on=dt.date(2018, 3, 31),
        zones=zones_on(snapshot, on=ON),
        layers=(layer,),
    )


def test_on_screen(green: MapSpec) -> None:
    page = kcn.maps.draw_map(green, language="en")
    (layer,) = [one for one in page._children.values() if isinstance(one, PayloadLayer)]
    said = json.loads(layer.data)
    painted = Counter(said["groups"][one["group"]]["color"] for one in said["features"])
    assert painted == {GREEN.color: 1, REST.color: 9}


def test_on_paper(green: MapSpec) -> None:
    drawn = on_paper(kcn.figures.draw_map(green, language="en"))
    assert {hexed(one) for one in drawn.colors.values()} >= {GREEN.color, REST.color}


def test_in_qgis(green: MapSpec, tmp_path: Path) -> None:
    report = kcn.report.monthly(kcn.examples.squares(), month=ON, start=ON)
    both = [cartography.fill(report), green]
    kcn.qgis.write_maps(both, tmp_path, name="both", language="en")
    rows = gpd.read_file(tmp_path / "both.gpkg", layer="green")
    assert rows["land_use"].value_counts()["green"] == 1
    # Its map theme shows its own layer and the zones, nothing of the other's.
    (theme,) = [one for one in shown_in(both, language="en") if one.title == "Green land"]
    assert set(theme.styles) == {"green", green.zones.name}
