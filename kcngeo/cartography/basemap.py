"""The light ground a province's map stands on: communes, wards and the border of the province."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo import theme
from kcngeo.cartography.labels import Label, Place
from kcngeo.cartography.layers import choice, title
from kcngeo.cartography.map_layer import MapClass, MapLayer, Told
from kcngeo.cartography.words import same, say, text
from kcngeo.core.crs import wgs84_operation
from kcngeo.core.errors import CRSError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcngeo.ledger.tables import Tables

_FILES = ("lam_dong_2025.geojson",)
KINDS = ("commune", "ward", "province")
"""Kinds of the ground. A project that brings some of these in its ``context`` gets its own."""


def basemap_of(project: Tables) -> MapLayer | None:
    """Give the ground of the province the zones lie in, in their CRS; None where it is not known.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> ground = basemap_of(kcn.examples.squares())  # its zones lie in Lâm Đồng
    >>> ground.frame["kind"].value_counts().to_dict()
    {'commune': 104, 'ward': 20, 'province': 1}
    """
    zones, context = project.zones, project.context
    if context is not None and context["kind"].isin(KINDS).any():
        return None
    try:
        operation = wgs84_operation(zones).transformer
    except CRSError:
        return None  # whoever needs the place of the zones is told; paper may do without a ground

    for name in _FILES:
        ground = _read(name)
        shapes = _on_grid(ground.geometry.to_numpy(), operation)
        if shapely.intersects(shapes[-1], zones.geometry.to_numpy()).any():
            own = ground.drop(columns="code")
            return _layer(own.set_geometry(shapes, crs=zones.crs))
    return None


def commune_points(project: Tables) -> dict[str, Any]:
    """Give a point in each commune and ward by its code, in the CRS of the zones.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> points = commune_points(kcn.examples.squares())
    >>> len(points), points["24820"].geom_type  # the wards of Bảo Lộc are among them
    (124, 'Point')
    """
    operation = wgs84_operation(project.zones).transformer
    found: dict[str, Any] = {}
    for name in _FILES:
        units = _read(name)[:-1]
        points = shapely.point_on_surface(units.geometry.to_numpy())
        found |= dict(zip(units["code"], _on_grid(points, operation), strict=True))
    return found


def _on_grid(shapes: NDArray[Any], operation: Any) -> NDArray[Any]:
    """Take shapes from WGS 84 to a grid."""

    def turn(points: NDArray[np.float64]) -> NDArray[np.float64]:
        turned = operation.transform(points[:, 0], points[:, 1], direction="INVERSE")
        return np.column_stack(turned)

    return np.asarray(shapely.transform(shapes, turn))


@cache
def _read(name: str) -> gpd.GeoDataFrame:
    """Read communes and wards in WGS 84; the last row is the province as a whole."""
    folder = resources.files("kcngeo.cartography") / "basemaps"
    held = json.loads((folder / name).read_text("utf-8"))
    units = held["features"]
    shapes = shapely.from_geojson([json.dumps(one["geometry"]) for one in units])
    rows = pd.DataFrame([one["properties"] for one in units])[["code", "kind", "name"]]
    rows.loc[len(rows)] = {"code": None, "kind": "province", "name": None}
    frame = gpd.GeoDataFrame(rows, geometry=[*shapes, _whole(shapes)], crs="EPSG:4326")
    frame.attrs |= {key: held[key] for key in ("source", "licence", "simplified_m", "valid_from")}
    return frame


def _whole(shapes: NDArray[Any]) -> Any:
    """Unite the units; slits between them, left by their being simplified, are filled."""
    parts = shapely.get_parts(shapely.union_all(shapes))
    return shapely.multipolygons(shapely.polygons(shapely.get_exterior_ring(parts)))


def _layer(ground: gpd.GeoDataFrame) -> MapLayer:
    colors = theme.KIND_COLORS["basemap"]
    since = dt.date.fromisoformat(ground.attrs["valid_from"])
    names = [name if isinstance(name, str) else "" for name in ground["name"]]
    return MapLayer(
        name="basemap",
        title=title("basemap"),
        frame=ground,
        column="kind",
        classes=tuple(
            MapClass(
                value=kind,
                label=choice(kind, name="kind", layer="basemap"),
                color=colors[kind],
                symbol="outline" if kind == "province" else "area",
                width_mm=0.5,
            )
            for kind in KINDS
        ),
        told=[Told(name=same(name)) for name in names],
        labels=_towns(ground),
        edge_color=colors["edge"],
        about=text(
            "map.basemap",
            source=ground.attrs["source"].partition(" ")[0],
            licence=ground.attrs["licence"],
            metres=ground.attrs["simplified_m"],
            since=say(lambda language: theme.date(since, language=language)),
        ),
    )


def _towns(ground: gpd.GeoDataFrame) -> list[Label | None]:
    """Name every town once, at its smallest ward; those of many wards first, then the small ones.

    Nothing here tells how many people live where; the wards of the middle of a town are small.
    """
    shapes = ground.geometry.to_numpy()
    rows = np.flatnonzero(ground["kind"] == "ward")
    rows = rows[np.argsort(shapely.area(shapes[rows]), kind="stable")]
    names = _town_names(ground["name"].iloc[rows])
    count = Counter(names)  # in the order of the rows
    found: list[Label | None] = [None] * len(ground)
    for priority, name in enumerate(sorted(count, key=count.__getitem__, reverse=True), 1):
        row = rows[names.index(name)]
        place = Place(point=shapely.point_on_surface(shapes[row]))
        found[row] = Label(text=same(name), place=place, priority=priority)
    return found


def _town_names(wards: Iterable[str]) -> list[str]:
    """Name the town of each ward: the last words it shares with others, or else the ward itself.

    Examples
    --------
    >>> _town_names(["Phường 1 Bảo Lộc", "Phường 3 Bảo Lộc", "Phường Cam Ly - Đà Lạt"])
    ['Bảo Lộc', 'Bảo Lộc', 'Cam Ly - Đà Lạt']
    """
    names = [name.removeprefix("Phường ").split() for name in wards]
    # One word alone, such as "Lộc", may end the names of towns that have nothing in common.
    ends = [[" ".join(words[at:]) for at in range(max(1, len(words) - 1))] for words in names]
    shared = Counter(end for some in ends for end in some)
    return [
        next((end for end in some if shared[end] > 1), some[0]).removeprefix("- ") for some in ends
    ]
