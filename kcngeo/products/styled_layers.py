"""Layers of a product as a GeoPackage that opens in QGIS in its colours and words."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import geopandas as gpd
import shapely

from kcngeo import io
from kcngeo.publish.bundle import Files
from kcngeo.publish.registry_names import with_registry
from kcngeo.standards import Registry


def shown_layers(
    layers: Mapping[str, gpd.GeoDataFrame], registry: Registry
) -> dict[str, gpd.GeoDataFrame]:
    """Make layers fit for QGIS: with an area, one kind of shape, and the registry they follow.

    Parameters
    ----------
    layers
        The layers, by name.
    registry
        The registry.

    Returns
    -------
    dict[str, gpd.GeoDataFrame]
        Those that have a row to show.
    """
    wide = {name: _areas(with_registry(one, registry)) for name, one in layers.items()}
    return {name: one for name, one in wide.items() if len(one)}


def layer_files(
    name: str,
    layers: Mapping[str, gpd.GeoDataFrame],
    dress: Callable[[Path, str], None],
) -> Mapping[str, Callable[[str], Files]]:
    """Give the part of a product that writes its layers; none where there is nothing to write.

    Parameters
    ----------
    name
        Name of the GeoPackage, without ending.
    layers
        The layers, by name.
    dress
        Gives the layers of a GeoPackage their colours, and words in a language.

    Returns
    -------
    Mapping[str, Callable[[str], Files]]
        The part ``layers``.
    """

    def make(language: str) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{name}.gpkg"
            io.write_layers(dict(layers), path)
            dress(path, language)
            return path.read_bytes()

    if not layers:
        return {}
    return {"layers": lambda language: {f"{name}.gpkg": partial(make, language)}}


def _areas(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep the rows with an area, all as multipolygons: a layer of QGIS holds one kind of shape."""
    shapes = layer.geometry.to_numpy()
    wide = shapely.get_dimensions(shapes) == 2
    many = [
        shapely.MultiPolygon([shape]) if shape.geom_type == "Polygon" else shape
        for shape in shapes[wide]
    ]
    return layer[wide].set_geometry(many, crs=layer.crs).reset_index(drop=True)
