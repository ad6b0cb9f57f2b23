"""The second page of a zone on the printed sheet: its lots."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from kcngeo import theme
from kcngeo.qgis import qml
from kcngeo.qgis.expressions import evaluated, field, quoted
from kcngeo.qgis.layout_items import (
    EDGE_MM,
    FRAME,
    GAP_MM,
    OF_ZONE,
    PAGE_MM,
    TABLE,
    Named,
    item,
    label,
)
from kcngeo.qgis.style import Look

_LOTS_ID, _LOT_COLUMNS, _LOT_ROWS = "{lots}", 4, 280


def lot_page(top: float, layer: str, language: str) -> list[ET.Element]:
    """Lay out the second page: the name of the zone, and columns that its lots fill."""
    y = top + EDGE_MM
    wide = (PAGE_MM[0] - 2 * EDGE_MM - (_LOT_COLUMNS - 1) * GAP_MM) / _LOT_COLUMNS
    high = PAGE_MM[1] - 2 * EDGE_MM - 14
    count = _count(layer)
    words = quoted(" – " + theme.text("qgis.lots", language=language) + " ")
    # What the page has no room for is in the layer, and it is said.
    shown = f"if({count} > {_LOT_ROWS}, '{_LOT_ROWS} / ', '') || {count}"
    head = f"{field('name')} || {words} || {shown}"
    frames = []
    for number in range(_LOT_COLUMNS):
        x = EDGE_MM + number * (wide + GAP_MM)
        frame = item(FRAME, f"lots {number + 1}", x, y + 14, wide, high)
        frame.attrib |= {"multiFrame": _LOTS_ID, "multiFrameTemplateUuid": _LOTS_ID}
        frame.attrib |= {"hidePageIfEmpty": "0", "hideBackgroundIfEmpty": "1", "sectionX": "0"}
        frames.append(frame)
    return [
        label("lots title", evaluated(head), EDGE_MM, y, PAGE_MM[0] / 2, 10, size_pt=14, bold=True),
        *frames,
    ]


def is_without_lots(layer: str) -> str:
    """Say of the zone of the page that it has no lots: its second page is not printed."""
    return f"coalesce({_count(layer)}, 0) = 0"


def _count(layer: str) -> str:
    return f"aggregate({quoted(layer)}, 'count', {field('parcel_id')}, {OF_ZONE})"


def lot_table(lots: Named, look: Look, language: str) -> ET.Element:
    """Write the table of the lots of the zone of the page, column after column of its frames."""
    layer, title, source, provider = lots
    words = ", ".join(
        f"{quoted(one.value)}, {quoted(one.label)}" for one in look.categories if one.value
    )
    root = ET.Element(
        "LayoutMultiFrame",
        {
            "type": str(TABLE),
            "uuid": _LOTS_ID,
            "templateUuid": _LOTS_ID,
            "resizeMode": "0",
            "source": "0",
            "vectorLayer": layer,
            "vectorLayerName": title,
            "vectorLayerSource": source,
            "vectorLayerProvider": provider,
            "filterFeatures": "true",
            "featureFilter": OF_ZONE,
            "maxFeatures": str(_LOT_ROWS),
            "showGrid": "1",
            "verticalGrid": "0",
            "horizontalGrid": "1",
            "gridStrokeWidth": "0.15",
            "gridColor": qml.rgba(theme.LINE),
            "cellMargin": "0.6",
            "headerMode": "0",
            "headerHAlignment": "0",
            "emptyTableMode": "0",
            "wrapBehavior": "0",
        },
    )
    for number in range(_LOT_COLUMNS):
        name = f"{{lots {number + 1}}}"
        ET.SubElement(root, "childFrame", {"uuid": name, "templateUuid": name})
    for name, bold in (("headerTextFormat", True), ("contentTextFormat", False)):
        ET.SubElement(root, name).append(qml.text_style(7.0, bold=bold))
    columns = ET.SubElement(root, "displayColumns")
    for name, told, wide, side in (
        # As the lot is called on the map.
        ("lot_code", f"coalesce({field('label')}, {field('parcel_id')})", "20", "1"),
        ("", f"format_number({field('area_ha')}, 4, '{language}')", "13", "2"),
        ("land_use", f"represent_value({field('land_use')})", "22", "1"),
        ("status", f"map_get(map({words}), {field(look.column)})", "36", "1"),
    ):
        head = theme.column(name, language=language) if name else "ha"
        drawn = {"hAlignment": side, "vAlignment": "128", "width": wide, "sortOrder": "0"}
        said = {"attribute": told, "heading": head, "sortByRank": "0"}
        ET.SubElement(columns, "column", {**said, **drawn})
    order = ET.SubElement(root, "sortColumns")
    by = {"attribute": field("parcel_id"), "sortOrder": "0", "sortByRank": "0"}
    ET.SubElement(order, "column", {**by, "heading": "", "width": "0"})
    return root
