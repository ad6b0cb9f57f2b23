"""The maps of a printed sheet: the zone at a round scale with its grid, and where it lies."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence

from kcngeo import theme
from kcngeo.qgis import qml
from kcngeo.qgis.layout_items import MAP, Named, fill, item

# What the map is called in the sheet, and its id for what is linked to it.
MAP_NAME, MAP_ID = "map", "{map}"
LOCATOR_NAME = "locator"
# The strip under the map: where the zone lies, and who signs.
STRIP_MM, LOCATOR_MM = 36.0, 64.0
# Round scales, those of plans of zones first; larger zones take the next that holds them.
_SCALES = (5_000, 7_500, 10_000, 15_000, 20_000, 25_000, 30_000, 40_000, 50_000, 75_000, 100_000)
_AROUND_SHARE = 1.04
_GRID_M = 500
# Nearer, a map of where a zone lies shows nothing beside it.
_LEAST_LOCATOR_M = 20_000.0


def zone_map(
    x: float,
    y: float,
    wide: float,
    high: float,
    extent: tuple[float, float, float, float],
    theme_name: str,
) -> ET.Element:
    """Draw the zone of the page at a round scale."""
    root = item(MAP, MAP_NAME, x, y, wide, high)
    root.attrib |= {
        "frame": "true",
        "background": "true",
        "followPreset": "true",
        "followPresetName": theme_name,
        "keepLayerSet": "false",
        "mapRotation": "0",
        "drawCanvasItems": "true",
    }
    west, south, east, north = _fitted(extent, wide / high)
    corners = {"xmin": west, "ymin": south, "xmax": east, "ymax": north}
    ET.SubElement(root, "Extent", {name: f"{value:.3f}" for name, value in corners.items()})
    ET.SubElement(root, "LayerSet")
    # QGIS centres the zone at a scale that an expression gives.
    ET.SubElement(root, "AtlasMap", {"atlasDriven": "1", "scalingMode": "0", "margin": "0"})
    sides = (
        (f"bounds_{side}(@atlas_geometry)", mm) for side, mm in (("width", wide), ("height", high))
    )
    needed = ", ".join(f"{metres} * {1000 * _AROUND_SHARE / mm:.6f}" for metres, mm in sides)
    scales = ", ".join(map(str, _SCALES))
    scale = (
        f"with_variable('needed', max({needed}), coalesce(array_first("
        f"array_filter(array({scales}), @element >= @needed)), @needed))"
    )
    held = ET.SubElement(root, "LayoutObject")
    held.append(qml.data_defined("dataDefinedProperties", {"dataDefinedMapScale": scale}))
    root.append(_grid())
    return root


def _grid() -> ET.Element:
    """Write the grid of the CRS: crosses every 500 m, their coordinates within the frame."""
    sides = ("left", "right", "top", "bottom")
    annotated = {
        **{f"{side}AnnotationPosition": "0" for side in sides},
        **{f"{side}AnnotationDisplay": "0" for side in sides},
        # Along the sides they are turned, as on printed maps.
        **{f"{side}AnnotationDirection": "1" for side in sides[:2]},
        **{f"{side}AnnotationDirection": "0" for side in sides[2:]},
    }
    root = ET.Element(
        "ComposerMapGrid",
        {
            "name": "grid",
            "uuid": "{grid}",
            "show": "1",
            "position": "3",
            "unit": "0",
            "intervalX": str(_GRID_M),
            "intervalY": str(_GRID_M),
            "gridStyle": "1",
            "crossLength": "4",
            "showAnnotation": "1",
            "annotationFormat": "0",
            "annotationPrecision": "0",
            "frameAnnotationDistance": "1",
            **annotated,
        },
    )
    line = ET.SubElement(ET.SubElement(root, "lineStyle"), "symbol", {"type": "line", "name": ""})
    layer = ET.SubElement(line, "layer", {"class": "SimpleLine", "enabled": "1", "pass": "0"})
    layer.append(qml.options({"line_color": qml.rgba(theme.SOFT), "line_width": "0.2"}))
    root.append(qml.text_style(7.0, halo=True, color=theme.SOFT))
    return root


def place_map(
    x: float, y: float, around: tuple[float, float, float, float], layers: Sequence[Named]
) -> ET.Element:
    """Draw where the zone lies among all zones; what the map shows is framed."""
    root = item(MAP, LOCATOR_NAME, x, y, LOCATOR_MM, STRIP_MM)
    root.attrib |= {"frame": "true", "background": "true", "keepLayerSet": "true"}
    root.attrib |= {"drawCanvasItems": "false", "labelMargin": "0,mm"}
    corners = _fitted(_widened(around), LOCATOR_MM / STRIP_MM)
    names = ("xmin", "ymin", "xmax", "ymax")
    extent = {name: f"{value:.3f}" for name, value in zip(names, corners, strict=True)}
    ET.SubElement(root, "Extent", extent)
    held = ET.SubElement(root, "LayerSet")
    for layer, title, source, provider in layers:
        said = {"name": title, "source": source, "provider": provider}
        ET.SubElement(held, "Layer", said).text = layer
    frame = {"name": "sheet", "uuid": "{seen}", "show": "1", "frameMap": MAP_ID, "position": "3"}
    seen = ET.SubElement(root, "ComposerMapOverview", {**frame, "inverted": "0", "centered": "0"})
    # Of a zone that is small there it is a dot.
    seen.append(fill(theme.LOUD, style="no", line_color=theme.LOUD, width_mm=1.2))
    ET.SubElement(root, "AtlasMap", {"atlasDriven": "0", "scalingMode": "0", "margin": "0"})
    return root


def _widened(
    extent: tuple[float, float, float, float],
) -> tuple[float, float, float, float]:
    """Give the surroundings of zones that lie near each other, too."""
    west, south, east, north = extent
    add = max(_LEAST_LOCATOR_M - max(east - west, north - south), 0.1 * (east - west)) / 2
    return west - add, south - add, east + add, north + add


def _fitted(
    extent: tuple[float, float, float, float], ratio: float
) -> tuple[float, float, float, float]:
    """Widen an extent to the shape of the frame, as QGIS would."""
    west, south, east, north = extent
    wide, high = max(east - west, 1.0), max(north - south, 1.0)
    wide, high = max(wide, high * ratio), max(high, wide / ratio)
    x, y = (west + east) / 2, (south + north) / 2
    return x - wide / 2, y - high / 2, x + wide / 2, y + high / 2
