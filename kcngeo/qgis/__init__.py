"""Layers that arrive styled: a GeoPackage and a QGIS project, written without QGIS."""

from kcngeo.qgis.dressing import style_layer
from kcngeo.qgis.looks import Category, Label, Look

__all__ = ["Category", "Label", "Look", "style_layer"]
