"""The printed sheet: A3, a page a zone with map, legend, account and signatures; then its lots."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from kcngeo import theme
from kcngeo.qgis import qml
from kcngeo.qgis.expressions import evaluated, field, plain, quoted, writable
from kcngeo.qgis.style import Look

_PAGE_MM = (420.0, 297.0)
# What lies between two pages of a layout.
_BETWEEN_MM = 10.0
# The strip under the map: where the zone lies, and who signs.
_STRIP_MM, _LOCATOR_MM = 36.0, 64.0
# Round scales, those of plans of zones first; larger zones take the next that holds them.
_SCALES = (5_000, 7_500, 10_000, 15_000, 20_000, 25_000, 30_000, 40_000, 50_000, 75_000, 100_000)
_AROUND_SHARE = 1.04
_GRID_M = 500
_OF_ZONE = f"{field('zone_id')} = attribute(@atlas_feature, 'zone_id')"
# Nearer, a map of where a zone lies shows nothing beside it.
_LEAST_LOCATOR_M = 20_000.0
_LOTS_ID, _LOT_COLUMNS, _LOT_ROWS = "{lots}", 4, 280
_EDGE_MM, _SIDE_MM, _GAP_MM = 10.0, 92.0, 4.0
# QGIS's numbers of its kinds of layout items.
_PAGE, _MAP, _PICTURE, _LABEL, _LEGEND, _SHAPE, _SCALE_BAR, _FRAME, _TABLE = (
    *(65638, 65639, 65640, 65641, 65642, 65643, 65646, 65647, 65649),
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


_SIGN = ("made", "checked", "head")

Named: TypeAlias = tuple[str, str, str, str]
"""A layer of the project: its id, title, source and provider."""


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
    around: tuple[float, float, float, float],
    theme_name: str,
    coverage: Named,
    legend: Sequence[Named],
    lots: tuple[Named, Look] | None,
    locator: Sequence[Named],
    language: str,
) -> ET.Element:
    """Write the sheet as a layout of QGIS, whose atlas has a page a zone, and one of its lots.

    ``around`` is where all zones are, ``locator`` the layers that show it; of the ``lots``, which
    are in the legend and which a project may have none of, the hectares of each class are told.
    """
    sheet = sheet.written()
    wide, high = _PAGE_MM
    side = wide - _EDGE_MM - _SIDE_MM
    top = _EDGE_MM + 20.0
    map_wide = side - _GAP_MM - _EDGE_MM
    map_high = high - top - _EDGE_MM - _STRIP_MM - _GAP_MM
    strip = top + map_high + _GAP_MM
    block_top = high - _EDGE_MM - _BOX_ABOVE_MM
    account_top = block_top - _ACCOUNT_MM - _GAP_MM
    root = ET.Element("Layout", {"name": sheet.name, "units": "mm", "printResolution": "300"})
    pages = ET.SubElement(root, "PageCollection")
    pages.append(_fill(theme.PAPER, outline="no"))
    for number in range(1 if lots is None else 2):
        below = number * (high + _BETWEEN_MM)
        pages.append(_item(_PAGE, f"page {number + 1}", 0, below, wide, high))
    items = [
        _map(_EDGE_MM, top, map_wide, map_high, extent, theme_name),
        _locator(_EDGE_MM, strip, around, locator),
        *_signatures(_EDGE_MM + _LOCATOR_MM + _GAP_MM, strip, side - _GAP_MM, language),
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
        _legend(side, top, legend, lots, language),
        *(_account(side, account_top, language) if sheet.has_account else ()),
        _block(side, block_top, _SIDE_MM, _BOX_ABOVE_MM),
        _scale_bar(side + 3, block_top + 3),
        _label("block", _block_text(sheet, language), side + 3, block_top + 20, _SIDE_MM - 6, 30),
        _label("maker", sheet.maker, side + 3, high - _EDGE_MM - 7, _SIDE_MM - 6, 5, size_pt=7),
    ]
    if sheet.notice:
        at = (_EDGE_MM, _EDGE_MM + 10, map_wide, 8)
        items.append(_label("notice", sheet.notice, *at, size_pt=12, bold=True, color=theme.LOUD))
    if lots is not None:
        items += _lot_page(high + _BETWEEN_MM, lots[0][0], language)
    # The order of the list is the order of drawing.
    for number, one in enumerate(items):
        one.set("zValue", str(number + 1))
        root.append(one)
    if lots is not None:
        root.append(_lot_table(*lots, language))
    # The atlas has its pages for each zone of this layer.
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


def _fill(
    color: str,
    *,
    style: str = "solid",
    outline: str = "solid",
    line_color: str = theme.INK,
    width_mm: float = 0.3,
) -> ET.Element:
    root = ET.Element("symbol", {"type": "fill", "name": "", "alpha": "1"})
    layer = ET.SubElement(root, "layer", {"class": "SimpleFill", "enabled": "1", "pass": "0"})
    line = {"outline_color": qml.rgba(line_color), "outline_width": f"{width_mm:g}"}
    layer.append(
        qml.options({"color": qml.rgba(color), "style": style, **line, "outline_style": outline})
    )
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


def _locator(
    x: float, y: float, around: tuple[float, float, float, float], layers: Sequence[Named]
) -> ET.Element:
    """Draw where the zone lies among all zones; what the map shows is framed."""
    root = _item(_MAP, "locator", x, y, _LOCATOR_MM, _STRIP_MM)
    root.attrib |= {"frame": "true", "background": "true", "keepLayerSet": "true"}
    root.attrib |= {"drawCanvasItems": "false", "labelMargin": "0,mm"}
    corners = _fitted(_widened(around), _LOCATOR_MM / _STRIP_MM)
    names = ("xmin", "ymin", "xmax", "ymax")
    extent = {name: f"{value:.3f}" for name, value in zip(names, corners, strict=True)}
    ET.SubElement(root, "Extent", extent)
    held = ET.SubElement(root, "LayerSet")
    for layer, title, source, provider in layers:
        said = {"name": title, "source": source, "provider": provider}
        ET.SubElement(held, "Layer", said).text = layer
    frame = {"name": "sheet", "uuid": "{seen}", "show": "1", "frameMap": _MAP_ID, "position": "3"}
    seen = ET.SubElement(root, "ComposerMapOverview", {**frame, "inverted": "0", "centered": "0"})
    # Of a zone that is small there it is a dot.
    seen.append(_fill(theme.LOUD, style="no", line_color=theme.LOUD, width_mm=1.2))
    ET.SubElement(root, "AtlasMap", {"atlasDriven": "0", "scalingMode": "0", "margin": "0"})
    return root


def _widened(
    extent: tuple[float, float, float, float],
) -> tuple[float, float, float, float]:
    """Give the surroundings of zones that lie near each other, too."""
    west, south, east, north = extent
    add = max(_LEAST_LOCATOR_M - max(east - west, north - south), 0.1 * (east - west)) / 2
    return west - add, south - add, east + add, north + add


def _signatures(left: float, top: float, right: float, language: str) -> list[ET.Element]:
    """Leave room for those who sign, side by side, under their words."""
    wide = (right - left) / len(_SIGN)
    frame = _block(left, top, right - left, _STRIP_MM)
    frame.set("id", "signatures")
    return [frame] + [
        _label(
            f"signature {part}",
            theme.text(f"qgis.sign_{part}", language=language),
            left + place * wide + 2,
            top + 2,
            wide - 4,
            10,
            centred=True,
        )
        for place, part in enumerate(_SIGN)
    ]


def _lot_page(top: float, layer: str, language: str) -> list[ET.Element]:
    """Lay out the second page: the name of the zone, and columns that its lots fill."""
    y = top + _EDGE_MM
    wide = (_PAGE_MM[0] - 2 * _EDGE_MM - (_LOT_COLUMNS - 1) * _GAP_MM) / _LOT_COLUMNS
    high = _PAGE_MM[1] - 2 * _EDGE_MM - 14
    count = f"aggregate({quoted(layer)}, 'count', {field('parcel_id')}, {_OF_ZONE})"
    words = quoted(" – " + theme.text("qgis.lots", language=language) + " ")
    # What the page has no room for is in the layer, and it is said.
    shown = f"if({count} > {_LOT_ROWS}, '{_LOT_ROWS} / ', '') || {count}"
    head = f"{field('name')} || {words} || {shown}"
    frames = []
    for number in range(_LOT_COLUMNS):
        x = _EDGE_MM + number * (wide + _GAP_MM)
        frame = _item(_FRAME, f"lots {number + 1}", x, y + 14, wide, high)
        frame.attrib |= {"multiFrame": _LOTS_ID, "multiFrameTemplateUuid": _LOTS_ID}
        frame.attrib |= {"hidePageIfEmpty": "0", "hideBackgroundIfEmpty": "1", "sectionX": "0"}
        frames.append(frame)
    return [
        _label(
            "lots title", evaluated(head), _EDGE_MM, y, _PAGE_MM[0] / 2, 10, size_pt=14, bold=True
        ),
        *frames,
    ]


def _lot_table(lots: Named, look: Look, language: str) -> ET.Element:
    """Write the table of the lots of the zone of the page, column after column of its frames."""
    layer, title, source, provider = lots
    words = ", ".join(
        f"{quoted(one.value)}, {quoted(one.label)}" for one in look.categories if one.value
    )
    root = ET.Element(
        "LayoutMultiFrame",
        {
            "type": str(_TABLE),
            "uuid": _LOTS_ID,
            "templateUuid": _LOTS_ID,
            "resizeMode": "0",
            "source": "0",
            "vectorLayer": layer,
            "vectorLayerName": title,
            "vectorLayerSource": source,
            "vectorLayerProvider": provider,
            "filterFeatures": "true",
            "featureFilter": _OF_ZONE,
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
        ("parcel_id", field("parcel_id"), "20", "1"),
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
    centred: bool = False,
) -> ET.Element:
    root = _item(_LABEL, name, x, y, wide, high)
    # 1 is left, 2 is right, 4 is the middle, 32 is top.
    side = "2" if right else "4" if centred else "1"
    root.attrib |= {"labelText": writable(text), "htmlState": "0", "halign": side, "valign": "32"}
    root.attrib |= {"marginX": "0", "marginY": "0"}
    root.append(qml.text_style(size_pt, bold=bold, color=color))
    return root


def _account(x: float, y: float, language: str) -> list[ET.Element]:
    """Write the account of the zone of the page, its hectares beside their names."""
    names = {part: quoted(theme.column(f"{part}_ha", language=language)) for part in ACCOUNT}
    figures = {
        part: f"coalesce(format_number({field(f'{part}_ha')}, 4, '{language}'), '–')"
        for part in ACCOUNT
    }
    head = theme.text("qgis.account", language=language)
    high = _ACCOUNT_MM - 7
    at = (x + _SIDE_MM - _FIGURES_MM, y + 7, _FIGURES_MM, high)
    return [
        _label("account", head, x, y, _SIDE_MM, 6, size_pt=10, bold=True),
        _label("account names", _lines(names), x, y + 7, _SIDE_MM - _FIGURES_MM, high),
        _label("account figures", _lines(figures), *at, right=True),
    ]


def _lines(told: Mapping[str, str]) -> str:
    """Write a line for each part of the account that a zone has; its base it has always."""
    kept = [
        f"if({field(f'{part}_ha')} = 0, '', {words})" if part != "base" else words
        for part, words in told.items()
    ]
    lines = f"array_filter(array({', '.join(kept)}), @element <> '')"
    return evaluated(f"array_to_string({lines}, '\\n')")


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


def _counted(look: Look, *, layer: str, language: str) -> str:
    """Say how many hectares of a class there are in the zone of the page, behind its words."""
    cases = []
    parted = look.categories[: len(look.shares)]
    for place, one in enumerate(look.categories):
        area, drawn = field("area_ha"), [one]
        if one in parted:
            # A lot that is drawn by its use is in no share of the account.
            area, drawn = f"{area} * {field(look.shares[place])}", list(parted)
        values = ", ".join(quoted(each.value) for each in drawn if each.value is not None)
        where = f"{_OF_ZONE} AND {field(look.column)} IN ({values})"
        summed = f"aggregate({quoted(layer)}, 'sum', {area}, {where})"
        cases.append(f"WHEN @symbol_label = {quoted(one.label)} THEN {summed}")
    hectares = f"format_number(CASE {' '.join(cases)} END, 2, '{language}')"
    return f"@symbol_label || coalesce('  ' || {hectares} || ' ha', '')"


def _legend(
    x: float, y: float, layers: Sequence[Named], lots: tuple[Named, Look] | None, language: str
) -> ET.Element:
    """Write the legend of the layers that are shown first: what of them is in the zone."""
    root = _item(_LEGEND, "legend", x, y, _SIDE_MM, 100.0)
    # Sizes in millimetres, as texts, as QGIS writes them.
    root.attrib |= {
        "title": theme.text("qgis.legend", language=language),
        "map_uuid": _MAP_ID,
        "legendFilterByAtlas": "1",
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
    for one in layers:
        layer, title, source, provider = one
        said = {"id": layer, "name": title, "source": source, "providerKey": provider}
        if lots is not None and one == lots[0]:
            said["legend_exp"] = _counted(lots[1], layer=layer, language=language)
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
