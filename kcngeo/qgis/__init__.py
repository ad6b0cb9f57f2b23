"""Layers that arrive styled: a GeoPackage and a QGIS project, written without QGIS."""

from kcngeo.qgis.analysis_layers import Results, month_results, results
from kcngeo.qgis.geopackage_styles import style_layer
from kcngeo.qgis.package import Maps, Package, write_maps, write_package

__all__ = [
    "Maps",
    "Package",
    "Results",
    "month_results",
    "results",
    "style_layer",
    "write_maps",
    "write_package",
]
