"""Layers of a product, and its map as a GeoPackage and a project that open styled in QGIS."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import geopandas as gpd
import shapely

from kcngeo import qgis
from kcngeo.cartography import MapSpec
from kcngeo.core.areal import many_parts
from kcngeo.publish.bundle import Files
from kcngeo.publish.registry_names import with_registry
from kcngeo.standards import Registry


def shown_layers(
    layers: Mapping[str, gpd.GeoDataFrame], registry: Registry
) -> dict[str, gpd.GeoDataFrame]:
    """Make layers fit for QGIS: with an area, one kind of shape, and the registry they follow."""
    wide = {name: _areas(with_registry(one, registry)) for name, one in layers.items()}
    return {name: one for name, one in wide.items() if len(one)}


def layer_files(name: str, *makes: Callable[[], MapSpec]) -> Mapping[str, Callable[[str], Files]]:
    """Give the part of a product that writes its maps as layers and a project of QGIS."""

    def files(language: str) -> Files:
        with tempfile.TemporaryDirectory() as folder:
            qgis.write_maps([make() for make in makes], folder, name=name, language=language)
            made = {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}
        return {file: partial(bytes, data) for file, data in made.items()}

    return {"layers": files}


def _areas(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep the rows with an area, all as multipolygons: a layer of QGIS holds one kind of shape."""
    shapes = layer.geometry.to_numpy()
    wide = shapely.get_dimensions(shapes) == 2
    return layer[wide].set_geometry(many_parts(shapes[wide]), crs=layer.crs).reset_index(drop=True)
