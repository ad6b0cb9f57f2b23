"""Layers that arrive styled: a GeoPackage and a QGIS project, written without QGIS."""

from kcngeo.qgis.computed import Results, month_results, results
from kcngeo.qgis.dressing import style_layer
from kcngeo.qgis.package import Package, write_package

__all__ = ["Package", "Results", "month_results", "results", "style_layer", "write_package"]
