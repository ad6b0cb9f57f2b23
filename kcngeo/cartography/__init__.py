"""What a map shows, said once: a :class:`MapSpec` a theme, drawn by maps, figures and qgis.

A new map is one function in :mod:`kcngeo.cartography.themes` and its words.
"""

from __future__ import annotations

from kcngeo.cartography.map_layer import MapClass, MapLayer, Told, numbered
from kcngeo.cartography.spec import MapSpec
from kcngeo.cartography.themes import (
    change,
    clashes,
    conflicts,
    fill,
    findings,
    lease_ends,
    lot_findings,
    readiness,
    scenario,
    sectors,
    sites,
    unbuilt,
    vacancy,
)

__all__ = [
    "MapClass",
    "MapLayer",
    "MapSpec",
    "Told",
    "change",
    "clashes",
    "conflicts",
    "fill",
    "findings",
    "lease_ends",
    "lot_findings",
    "numbered",
    "readiness",
    "scenario",
    "sectors",
    "sites",
    "unbuilt",
    "vacancy",
]
