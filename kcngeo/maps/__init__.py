"""Maps that open without a network: Folium maps in one file each."""

from __future__ import annotations

from kcngeo.maps.fill import fill_map, report_map
from kcngeo.maps.offline import OfflineFigure, OfflineMap
from kcngeo.maps.page import PayloadLayer

__all__ = ["OfflineFigure", "OfflineMap", "PayloadLayer", "fill_map", "report_map"]
