"""How lots are drawn: borders that neighbours share move together, the pointer takes corners."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kcngeo.qgis.project_model import Entry

_PIXELS = "12"
# QGIS's numbers: each layer as it says; corners and edges; pixels of the screen.
_BY_LAYER, _CORNERS_AND_EDGES, _IN_PIXELS = "3", "3", "1"


def digitizing() -> dict[str, tuple[str, str]]:
    """Let a border that two lots share be moved once, for both."""
    return {"TopologicalEditing": ("int", "1")}


def snapping(entries: Sequence[Entry]) -> ET.Element:
    """Let the pointer take corners and edges of what is edited, and of nothing that is past."""
    shared = {"type": _CORNERS_AND_EDGES, "tolerance": _PIXELS}
    shared |= {"minScale": "0", "maxScale": "0"}
    unit = {"unit": _IN_PIXELS}
    of_all = {"enabled": "1", "mode": _BY_LAYER, **shared, **unit, "intersection-snapping": "1"}
    more = {"self-snapping": "0", "scaleDependencyMode": "0"}
    root = ET.Element("snapping-settings", {**of_all, **more})
    layers = ET.SubElement(root, "individual-layer-settings")
    for entry in entries:
        if entry.shape and not entry.layer.is_computed and not entry.is_past:
            said = {"id": entry.id, "enabled": "1", **shared, "units": _IN_PIXELS}
            ET.SubElement(layers, "layer-setting", said)
    return root
