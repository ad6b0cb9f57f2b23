"""Layers that arrive styled: a GeoPackage and a QGIS project, written without QGIS."""

from kcngeo.qgis.computed import SITES_HA, Results, results
from kcngeo.qgis.dressing import style_layer
from kcngeo.qgis.package import Package, write_package

__all__ = ["SITES_HA", "Package", "Results", "results", "style_layer", "write_package"]
