"""Layers that arrive styled: a GeoPackage and a QGIS project, written without QGIS."""

from kcngeo.qgis.analysis_layers import Results, month_results, results
from kcngeo.qgis.database import table_styles
from kcngeo.qgis.map_files import Maps, write_maps
from kcngeo.qgis.package import Package, write_package

__all__ = [
    "Maps",
    "Package",
    "Results",
    "month_results",
    "results",
    "table_styles",
    "write_maps",
    "write_package",
]
