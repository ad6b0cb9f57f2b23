"""Maps that open without a network: Folium maps in one file each."""

from __future__ import annotations

from kcngeo.maps.atlas import OfflineAtlas
from kcngeo.maps.fill_map import fill_map
from kcngeo.maps.html import OfflineFigure, OfflineMap
from kcngeo.maps.payload import PayloadLayer
from kcngeo.maps.render import draw_map

__all__ = [
    "OfflineAtlas",
    "OfflineFigure",
    "OfflineMap",
    "PayloadLayer",
    "draw_map",
    "fill_map",
]
