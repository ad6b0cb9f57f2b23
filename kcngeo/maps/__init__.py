"""Maps that open without a network: Folium maps in one file each."""

from __future__ import annotations

from kcngeo.maps.atlas import OfflineAtlas
from kcngeo.maps.conflicts import conflict_map
from kcngeo.maps.fill_map import fill_map, report_map
from kcngeo.maps.findings import findings_map
from kcngeo.maps.html import OfflineFigure, OfflineMap
from kcngeo.maps.payload import PayloadLayer
from kcngeo.maps.sites import say_kind, site_map
from kcngeo.maps.steps import step_map
from kcngeo.maps.unbuilt import unbuilt_map

__all__ = [
    "OfflineAtlas",
    "OfflineFigure",
    "OfflineMap",
    "PayloadLayer",
    "conflict_map",
    "fill_map",
    "findings_map",
    "report_map",
    "say_kind",
    "site_map",
    "step_map",
    "unbuilt_map",
]
