"""The printed sheet: A3, a page a zone, with map, legend, scale bar and title block."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kcngeo import theme
from kcngeo.qgis import qml
from kcngeo.qgis.expressions import evaluated, field, plain, writable

_PAGE_MM = (420.0, 297.0)
_EDGE_MM, _SIDE_MM, _GAP_MM = 10.0, 92.0, 4.0
# QGIS's numbers of its kinds of layout items.
_PAGE, _MAP, _PICTURE, _LABEL, _LEGEND, _SHAPE, _SCALE_BAR = (
    *(65638, 65639, 65640, 65641, 65642, 65643, 65646),
)
# What the map is called in the sheet, and its id for what is linked to it.
_MAP_NAME, _MAP_ID = "map", "{map}"
_BOX_ABOVE_MM = 62.0
_ACCOUNT_MM, _FIGURES_MM = 46.0, 26.0
_ARROW_MM = 14.0
# One that comes with QGIS.
_NORTH_ARROW = ":/images/north_arrows/layout_default_north_arrow.svg"
ACCOUNT = ("base", "leased", "reserved", "recovering", "repurposed", "uncleared", "available")
"""Parts of a zone's account on its page, the base first: hectares in columns of the zones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Words of the sheet.

    Attributes
    ----------
    name
        Name of the layout.
    title
        Head of the page.
    lines
        Lines of the title block, from above: the day, the definition, the CRS.
    notice
        What must be said of the geometry, in bold; empty if nothing.
    maker
        What the sheet was made with.
    has_account
        Whether the zones have an account to write on their pages.
    """

    name: str
    title: str
    lines: tuple[str, ...]
    notice: str
    maker: str
    has_account: bool = True

    def written(self) -> Sheet:
        """Give its words as QGIS shows them without evaluating any."""
        return replace(
            self,
            name=plain(self.name),
            title=plain(self.title),
            lines=tuple(plain(one) for one in self.lines),
            notice=plain(self.notice),
            maker=plain(self.maker),
        )


def layout(
    sheet: Sheet,
    *,
    extent: tuple[float, float, float, float],
    theme_name: str,
    coverage: tuple[str, str, str, str],
    legend: Sequence[tuple[str, str, str, str]],
    language: str,
) -> ET.Element:
    """Write the sheet as a layout of QGIS; its atlas has a page for every zone."""
    sheet = sheet.written()
    wide, high = _PAGE_MM
    side = wide - _EDGE_MM - _SIDE_MM
    top = _EDGE_MM + 20.0
    map_wide, map_high = side - _GAP_MM - _EDGE_MM, high - top - _EDGE_MM
    block_top = high - _EDGE_MM - _BOX_ABOVE_MM
    account_top = block_top - _ACCOUNT_MM - _GAP_MM
    root = ET.Element("Layout", {"name": sheet.name, "units": "mm", "printResolution": "300"})
    pages = ET.SubElement(root, "PageCollection")
    pages.append(_fill(theme.PAPER, outline="no"))
    pages.append(_item(_PAGE, "page", 0, 0, wide, high))
    items = [
        _map(_EDGE_MM, top, map_wide, map_high, extent, theme_name),
        _label("title", sheet.title, _EDGE_MM, _EDGE_MM - 2, map_wide, 10, size_pt=20, bold=True),
        _label(
            "zone",
            evaluated(field("label")),
            side,
            _EDGE_MM - 2,
            _SIDE_MM,
            20,
            size_pt=13,
            bold=True,
        ),
        _north(_EDGE_MM + map_wide - _ARROW_MM - 3, top + 3),
        _legend(side, top, legend, language),
        *(_account(side, account_top, language) if sheet.has_account else ()),
        _block(side, block_top, _SIDE_MM, _BOX_ABOVE_MM),
        _scale_bar(side + 3, block_top + 3),
        _label("block", _block_text(sheet, language), side + 3, block_top + 20, _SIDE_MM - 6, 30),
        _label("maker", sheet.maker, side + 3, high - _EDGE_MM - 7, _SIDE_MM - 6, 5, size_pt=7),
    ]
    if sheet.notice:
        at = (_EDGE_MM, _EDGE_MM + 10, map_wide, 8)
        items.append(_label("notice", sheet.notice, *at, size_pt=12, bold=True, color=theme.LOUD))
    # The order of the list is the order of drawing.
    for number, one in enumerate(items):
        one.set("zValue", str(number + 1))
        root.append(one)
    # The atlas has a page for each zone of this layer.
    layer, title, source, provider = coverage
    ET.SubElement(
        root,
        "Atlas",
        {
            "enabled": "1",
            "coverageLayer": layer,
            "coverageLayerName": title,
            "coverageLayerSource": source,
            "coverageLayerProvider": provider,
            "pageNameExpression": '"zone_id"',
            "sortFeatures": "1",
            "sortKey": '"zone_id"',
            "sortAscending": "1",
            "hideCoverage": "0",
            "filterFeatures": "0",
            "filenamePattern": "'kcngeo_' || @atlas_featurenumber",
        },
    )
    return root


def _item(kind: int, name: str, x: float, y: float, wide: float, high: float) -> ET.Element:
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


def _fill(color: str, *, style: str = "solid", outline: str = "solid") -> ET.Element:
    root = ET.Element("symbol", {"type": "fill", "name": "", "alpha": "1"})
    layer = ET.SubElement(root, "layer", {"class": "SimpleFill", "enabled": "1", "pass": "0"})
    line = {"outline_color": qml.rgba(theme.INK), "outline_width": "0.3", "outline_style": outline}
    layer.append(qml.options({"color": qml.rgba(color), "style": style, **line}))
    return root


def _map(
    x: float,
    y: float,
    wide: float,
    high: float,
    extent: tuple[float, float, float, float],
    theme_name: str,
) -> ET.Element:
    root = _item(_MAP, _MAP_NAME, x, y, wide, high)
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
    # QGIS's word for the best scale for the feature, with a margin as a share.
    ET.SubElement(root, "AtlasMap", {"atlasDriven": "1", "scalingMode": "2", "margin": "0.08"})
    return root


def _fitted(
    extent: tuple[float, float, float, float], ratio: float
) -> tuple[float, float, float, float]:
    """Widen an extent to the shape of the frame, as QGIS would."""
    west, south, east, north = extent
    wide, high = max(east - west, 1.0), max(north - south, 1.0)
    wide, high = max(wide, high * ratio), max(high, wide / ratio)
    x, y = (west + east) / 2, (south + north) / 2
    return x - wide / 2, y - high / 2, x + wide / 2, y + high / 2


def _label(
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
) -> ET.Element:
    root = _item(_LABEL, name, x, y, wide, high)
    # 1 is left, 2 is right, 32 is top.
    side = "2" if right else "1"
    root.attrib |= {"labelText": writable(text), "htmlState": "0", "halign": side, "valign": "32"}
    root.attrib |= {"marginX": "0", "marginY": "0"}
    root.append(qml.text_style(size_pt, bold=bold, color=color))
    return root


def _account(x: float, y: float, language: str) -> list[ET.Element]:
    """Write the account of the zone of the page, its hectares beside their names."""
    names = [theme.column(f"{part}_ha", language=language) for part in ACCOUNT]
    figures = [
        evaluated(f"coalesce(format_number({field(f'{part}_ha')}, 4, '{language}'), '–')")
        for part in ACCOUNT
    ]
    head = theme.text("qgis.account", language=language)
    high = _ACCOUNT_MM - 7
    at = (x + _SIDE_MM - _FIGURES_MM, y + 7, _FIGURES_MM, high)
    return [
        _label("account", head, x, y, _SIDE_MM, 6, size_pt=10, bold=True),
        _label("account names", "\n".join(names), x, y + 7, _SIDE_MM - _FIGURES_MM, high),
        _label("account figures", "\n".join(figures), *at, right=True),
    ]


def _north(x: float, y: float) -> ET.Element:
    root = _item(_PICTURE, "north", x, y, _ARROW_MM, _ARROW_MM)
    root.attrib |= {"file": _NORTH_ARROW, "mode": "0", "resizeMode": "0", "anchorPoint": "4"}
    root.attrib |= {"svgFillColor": qml.rgba(theme.INK), "svgBorderColor": qml.rgba(theme.PAPER)}
    root.attrib |= {"svgBorderWidth": "0.2", "northMode": "0", "northOffset": "0"}
    root.attrib |= {"mapUuid": _MAP_ID, "pictureRotation": "0"}
    return root


def _block(x: float, y: float, wide: float, high: float) -> ET.Element:
    root = _item(_SHAPE, "frame", x, y, wide, high)
    root.attrib |= {"shapeType": "1", "cornerRadiusMeasure": "0,mm"}
    root.append(_fill(theme.PAPER, style="no"))
    return root


def _block_text(sheet: Sheet, language: str) -> str:
    # The scale is asked of the map when the page is drawn; nothing of the data is an expression.
    said = f"format_number(map_get(item_variables('{_MAP_NAME}'), 'map_scale'), 0, '{language}')"
    scale = theme.text("qgis.scale", language=language, scale=evaluated(said))
    return "\n".join([scale, *sheet.lines])


def _legend(
    x: float, y: float, layers: Sequence[tuple[str, str, str, str]], language: str
) -> ET.Element:
    """Write the legend of the layers that are shown first."""
    root = _item(_LEGEND, "legend", x, y, _SIDE_MM, 100.0)
    # Sizes in millimetres, as texts, as QGIS writes them.
    root.attrib |= {
        "title": theme.text("qgis.legend", language=language),
        "map_uuid": _MAP_ID,
        "resizeToContents": "1",
        "symbolWidth": "6",
        "symbolHeight": "3.5",
        "boxSpace": "0",
        "wrapChar": "",
        "columnCount": "1",
    }
    styles = ET.SubElement(root, "styles")
    for name, size_pt, bold, above in (
        ("title", 13.0, True, "0"),
        ("group", 11.0, True, "2"),
        ("subgroup", 10.0, True, "2.5"),
        ("symbol", 9.0, False, "1"),
        ("symbolLabel", 9.0, False, "1"),
    ):
        margins = {"marginTop": above, "marginLeft": "2" if name == "symbolLabel" else "0"}
        style = ET.SubElement(styles, "style", {"name": name, "alignment": "1", **margins})
        style.append(qml.text_style(size_pt, bold=bold))
    tree = ET.SubElement(root, "layer-tree-group")
    for layer, title, source, provider in layers:
        said = {"id": layer, "name": title, "source": source, "providerKey": provider}
        ET.SubElement(tree, "layer-tree-layer", {**said, "checked": "Qt::Checked", "expanded": "1"})
    return root


def _scale_bar(x: float, y: float) -> ET.Element:
    root = _item(_SCALE_BAR, "scale bar", x, y, _SIDE_MM - 6, 14.0)
    root.attrib |= {
        "mapUuid": _MAP_ID,
        "style": "Single Box",
        "unitType": "meters",
        "unitLabel": "m",
        "numMapUnitsPerScaleBarUnit": "1",
        # Fitted to the page's scale: 1 asks QGIS for a bar between the two widths.
        "segmentSizeMode": "1",
        "minBarWidth": "40",
        "maxBarWidth": "75",
        "numUnitsPerSegment": "100",
        "numSegments": "2",
        "numSegmentsLeft": "0",
        "height": "2.5",
        "labelBarSpace": "1.5",
        "boxContentSpace": "0",
        "alignment": "0",
    }
    root.append(qml.text_style(9.0))
    for name, color in (("fillSymbol1", theme.INK), ("fillSymbol2", theme.PAPER)):
        ET.SubElement(root, name).append(_fill(color))
    return root
