"""Features of map layers as a page gets them: groups by class, facts in words, who lies where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from kcngeo.cartography import MapLayer
from kcngeo.cartography.geojson import inner_points, shapes
from kcngeo.cartography.map_layer import LINES
from kcngeo.cartography.popups import facts
from kcngeo.maps.payload import plain

if TYPE_CHECKING:
    import geopandas as gpd

_MARKS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # without I and O, which look like figures


def keys_of(layer: MapLayer) -> list[dict[str, Any]]:
    """Name the classes of a layer as paper and QGIS do, with words and colour."""
    return [
        {"id": layer.class_id(one), "label": plain(one.label), "color": one.color}
        for one in layer.classes
    ]


def groups_of(layers: Sequence[MapLayer]) -> list[dict[str, Any]]:
    """Give a group a class, layer by layer; of a layer the first class lies on top."""
    keys = [key for layer in layers for key in keys_of(layer)]
    classes = [one for layer in layers for one in layer.classes]
    taken = {one.mark for one in classes}
    free = (letter for letter in _MARKS if letter not in taken)
    # (classes,) the order in which groups are drawn
    rank: list[int] = []
    for layer in layers:
        rank += [len(rank) + len(layer.classes) - 1 - at for at in range(len(layer.classes))]
    return [
        {
            **key,
            "style": one.symbol,
            "mark": next(free, "") if one.mark is None else one.mark,
            "rank": at,
        }
        for key, one, at in zip(keys, classes, rank, strict=True)
    ]


def layer_features(
    layer: MapLayer,
    zones: gpd.GeoDataFrame,
    first: int,
    labels: dict[str, tuple[int, Any]],
) -> list[dict[str, Any] | None]:
    """Tell of the features of a layer, a place a row; None for what is neither drawn nor listed.

    Groups are numbered from ``first`` on; ``labels`` gathers what facts are called, each once.
    """
    hectares = layer.hectares()
    areas = [None] * len(layer.frame) if hectares is None else layer.frame[layer.area].tolist()
    # Areas say on a screen who they are by their marks; a line has the room of its number alone.
    is_lines = all(one.symbol in LINES for one in layer.classes)
    labels_of_lines = layer.labels if is_lines and layer.labels else [None] * len(layer.frame)
    rows_of = zip(
        layer.places(),
        _zone_places(layer.frame, zones),
        shapes(layer.frame),
        inner_points(layer.frame),
        areas,
        layer.told,
        facts(layer),
        labels_of_lines,
        strict=True,
    )
    rows: list[dict[str, Any] | None] = []
    for place, zone, shape, inner, area, told, said, beside in rows_of:
        if place < 0 or (shape is None and told.entry is None):
            rows.append(None)
            continue
        named = []
        for label, value in said:
            # A label travels once, its facts by number.
            known = labels.setdefault(label["vi"] + "\n" + label["en"], (len(labels), plain(label)))
            named.append([known[0], plain(value)])
        rows.append(
            {
                "group": first + int(place),
                "zone": zone,
                "geometry": shape,
                "inner": inner,
                "area_ha": None if area is None or pd.isna(area) else round(float(area), 8),
                "name": plain(told.name),
                "number": told.number,
                **({} if beside is None else {"label": plain(beside.text)}),
                "facts": named,
                "notes": [plain(one) for one in told.notes],
                "listed": None if told.entry is None else plain(told.entry),
            }
        )
    return rows


def _zone_places(layer: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> list[int]:
    """Position of the zone of each feature; one past the last where there is none."""
    found = np.full(len(layer), len(zones))
    tree = shapely.STRtree(zones.geometry.to_numpy())
    rows, places = tree.query(layer.geometry.to_numpy(), predicate="intersects")
    np.minimum.at(found, rows, places)
    if "zone_id" in layer.columns:
        # A lot at a border touches the neighbour's fence too; of several zones the first is meant.
        place_of = {zone_id: place for place, zone_id in enumerate(zones["zone_id"])}
        named = layer["zone_id"].fillna("").astype("str").str.split("|").str[0]
        found = np.where(named == "", found, named.map(place_of).fillna(len(zones)))
    return [int(place) for place in found]
