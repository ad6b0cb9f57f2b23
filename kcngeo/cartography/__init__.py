"""What a map shows, said once: a :class:`MapSpec` a theme, drawn by maps, figures and qgis.

A new map is one function in :mod:`kcngeo.cartography.themes` and its words.
"""

from __future__ import annotations

from kcngeo.cartography.map_layer import MapClass, MapLayer, Told, numbered
from kcngeo.cartography.spec import MapSpec
from kcngeo.cartography.themes import clashes, conflicts, fill, findings, readiness, sites, unbuilt

__all__ = [
    "MapClass",
    "MapLayer",
    "MapSpec",
    "Told",
    "clashes",
    "conflicts",
    "fill",
    "findings",
    "numbered",
    "readiness",
    "sites",
    "unbuilt",
]
