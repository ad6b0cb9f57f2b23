"""What stands on a printed sheet: items of a layout of QGIS, each in its place."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TypeAlias

from kcngeo import theme
from kcngeo.qgis import qml
from kcngeo.qgis.expressions import field, writable

Named: TypeAlias = tuple[str, str, str, str]
"""A layer of the project: its id, title, source and provider."""

PAGE_MM = (420.0, 297.0)
# What lies between two pages of a layout.
BETWEEN_MM = 10.0
EDGE_MM, SIDE_MM, GAP_MM = 10.0, 92.0, 4.0
# QGIS's numbers of its kinds of layout items.
PAGE, MAP, PICTURE, LABEL, LEGEND, SHAPE, SCALE_BAR, FRAME, TABLE = (
    *(65638, 65639, 65640, 65641, 65642, 65643, 65646, 65647, 65649),
)
OF_ZONE = f"{field('zone_id')} = attribute(@atlas_feature, 'zone_id')"
"""The rows of a layer that are of the zone of the page."""


def item(kind: int, name: str, x: float, y: float, wide: float, high: float) -> ET.Element:
    """Begin an item at its place; its name is its id, too."""
    root = ET.Element(
        "LayoutItem",
        {
            "type": str(kind),
            "id": name,
            "uuid": f"{{{name}}}",
            "templateUuid": f"{{{name}}}",
            "position": f"{x:g},{y:g},mm",
            "positionOnPage": f"{x:g},{y:g},mm",
            "size": f"{wide:g},{high:g},mm",
            "referencePoint": "0",
            "itemRotation": "0",
            "visibility": "1",
            "opacity": "1",
            "frame": "false",
            "background": "false",
            "outlineWidthM": "0.3,mm",
        },
    )
    for part, color in (("FrameColor", theme.INK), ("BackgroundColor", theme.PAPER)):
        red, green, blue, alpha = qml.rgba(color).split(",")
        ET.SubElement(root, part, {"red": red, "green": green, "blue": blue, "alpha": alpha})
    return root


def fill(
    color: str,
    *,
    style: str = "solid",
    outline: str = "solid",
    line_color: str = theme.INK,
    width_mm: float = 0.3,
) -> ET.Element:
    """Fill an area."""
    root = ET.Element("symbol", {"type": "fill", "name": "", "alpha": "1"})
    layer = ET.SubElement(root, "layer", {"class": "SimpleFill", "enabled": "1", "pass": "0"})
    line = {"outline_color": qml.rgba(line_color), "outline_width": f"{width_mm:g}"}
    layer.append(
        qml.options({"color": qml.rgba(color), "style": style, **line, "outline_style": outline})
    )
    return root


def box(x: float, y: float, wide: float, high: float) -> ET.Element:
    """Draw a frame."""
    root = item(SHAPE, "frame", x, y, wide, high)
    root.attrib |= {"shapeType": "1", "cornerRadiusMeasure": "0,mm"}
    root.append(fill(theme.PAPER, style="no"))
    return root


def label(
    name: str,
    text: str,
    x: float,
    y: float,
    wide: float,
    high: float,
    *,
    size_pt: float = 9.0,
    bold: bool = False,
    color: str = theme.INK,
    right: bool = False,
    centred: bool = False,
) -> ET.Element:
    """Write words; what is to be evaluated in them is marked."""
    root = item(LABEL, name, x, y, wide, high)
    # 1 is left, 2 is right, 4 is the middle, 32 is top.
    side = "2" if right else "4" if centred else "1"
    root.attrib |= {"labelText": writable(text), "htmlState": "0", "halign": side, "valign": "32"}
    root.attrib |= {"marginX": "0", "marginY": "0"}
    root.append(qml.text_style(size_pt, bold=bold, color=color))
    return root
