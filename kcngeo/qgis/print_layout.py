"""The printed sheet: A3, a page a zone with map, legend, account and signatures; then its lots."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kcngeo import theme
from kcngeo.qgis import qml
from kcngeo.qgis.expressions import evaluated, field, plain, quoted
from kcngeo.qgis.layout_items import (
    BETWEEN_MM,
    EDGE_MM,
    GAP_MM,
    LEGEND,
    OF_ZONE,
    PAGE,
    PAGE_MM,
    PICTURE,
    SCALE_BAR,
    SIDE_MM,
    Named,
    box,
    fill,
    item,
    label,
)
from kcngeo.qgis.layout_maps import LOCATOR_MM, MAP_ID, MAP_NAME, STRIP_MM, place_map, zone_map
from kcngeo.qgis.lot_page import is_without_lots, lot_page, lot_table
from kcngeo.qgis.style import Look

_BOX_ABOVE_MM = 62.0
_ACCOUNT_MM, _FIGURES_MM = 46.0, 26.0
_ARROW_MM = 14.0
# One that comes with QGIS.
_NORTH_ARROW = ":/images/north_arrows/layout_default_north_arrow.svg"
ACCOUNT = ("base", "leased", "reserved", "recovering", "repurposed", "uncleared", "available")
"""Parts of a zone's account on its page, the base first: hectares in columns of the zones."""

_SIGN = ("made", "checked", "head")


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
    wide, high = PAGE_MM
    side = wide - EDGE_MM - SIDE_MM
    top = EDGE_MM + 20.0
    map_wide = side - GAP_MM - EDGE_MM
    map_high = high - top - EDGE_MM - STRIP_MM - GAP_MM
    strip = top + map_high + GAP_MM
    block_top = high - EDGE_MM - _BOX_ABOVE_MM
    account_top = block_top - _ACCOUNT_MM - GAP_MM
    root = ET.Element("Layout", {"name": sheet.name, "units": "mm", "printResolution": "300"})
    pages = ET.SubElement(root, "PageCollection")
    pages.append(fill(theme.PAPER, outline="no"))
    for number in range(1 if lots is None else 2):
        below = number * (high + BETWEEN_MM)
        page = item(PAGE, f"page {number + 1}", 0, below, wide, high)
        if number and lots is not None:
            held = ET.SubElement(page, "LayoutObject")
            unsaid = {"dataDefinedExcludeExports": is_without_lots(lots[0][0])}
            held.append(qml.data_defined("dataDefinedProperties", unsaid))
        pages.append(page)
    items = [
        zone_map(EDGE_MM, top, map_wide, map_high, extent, theme_name),
        place_map(EDGE_MM, strip, around, locator),
        *_signatures(EDGE_MM + LOCATOR_MM + GAP_MM, strip, side - GAP_MM, language),
        label("title", sheet.title, EDGE_MM, EDGE_MM - 2, map_wide, 10, size_pt=20, bold=True),
        label(
            "zone",
            evaluated(field("label")),
            side,
            EDGE_MM - 2,
            SIDE_MM,
            20,
            size_pt=13,
            bold=True,
        ),
        _north(EDGE_MM + map_wide - _ARROW_MM - 3, top + 3),
        _legend(side, top, legend, lots, language),
        *(_account(side, account_top, language) if sheet.has_account else ()),
        box(side, block_top, SIDE_MM, _BOX_ABOVE_MM),
        _scale_bar(side + 3, block_top + 3),
        label("block", _block_text(sheet, language), side + 3, block_top + 20, SIDE_MM - 6, 30),
        label("maker", sheet.maker, side + 3, high - EDGE_MM - 7, SIDE_MM - 6, 5, size_pt=7),
    ]
    if sheet.notice:
        at = (EDGE_MM, EDGE_MM + 10, map_wide, 8)
        items.append(label("notice", sheet.notice, *at, size_pt=12, bold=True, color=theme.LOUD))
    if lots is not None:
        items += lot_page(high + BETWEEN_MM, lots[0][0], language)
    # The order of the list is the order of drawing.
    for number, one in enumerate(items):
        one.set("zValue", str(number + 1))
        root.append(one)
    if lots is not None:
        root.append(lot_table(*lots, language))
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
            # Of a zone that nobody drew there is no map.
            "filterFeatures": "1",
            "featureFilter": "$geometry IS NOT NULL",
            "filenamePattern": "'kcngeo_' || @atlas_featurenumber",
        },
    )
    return root


def _signatures(left: float, top: float, right: float, language: str) -> list[ET.Element]:
    """Leave room for those who sign, side by side, under their words."""
    wide = (right - left) / len(_SIGN)
    frame = box(left, top, right - left, STRIP_MM)
    frame.set("id", "signatures")
    return [frame] + [
        label(
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


def _account(x: float, y: float, language: str) -> list[ET.Element]:
    """Write the account of the zone of the page, its hectares beside their names."""
    names = {part: quoted(theme.column(f"{part}_ha", language=language)) for part in ACCOUNT}
    figures = {
        part: f"coalesce(format_number({field(f'{part}_ha')}, 4, '{language}'), '–')"
        for part in ACCOUNT
    }
    head = theme.text("qgis.account", language=language)
    high = _ACCOUNT_MM - 7
    at = (x + SIDE_MM - _FIGURES_MM, y + 7, _FIGURES_MM, high)
    return [
        label("account", head, x, y, SIDE_MM, 6, size_pt=10, bold=True),
        label("account names", _lines(names), x, y + 7, SIDE_MM - _FIGURES_MM, high),
        label("account figures", _lines(figures), *at, right=True),
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
    root = item(PICTURE, "north", x, y, _ARROW_MM, _ARROW_MM)
    root.attrib |= {"file": _NORTH_ARROW, "mode": "0", "resizeMode": "0", "anchorPoint": "4"}
    root.attrib |= {"svgFillColor": qml.rgba(theme.INK), "svgBorderColor": qml.rgba(theme.PAPER)}
    root.attrib |= {"svgBorderWidth": "0.2", "northMode": "0", "northOffset": "0"}
    root.attrib |= {"mapUuid": MAP_ID, "pictureRotation": "0"}
    return root


def _block_text(sheet: Sheet, language: str) -> str:
    # The scale is asked of the map when the page is drawn; nothing of the data is an expression.
    said = f"format_number(map_get(item_variables('{MAP_NAME}'), 'map_scale'), 0, '{language}')"
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
        where = f"{OF_ZONE} AND {field(look.column)} IN ({values})"
        summed = f"aggregate({quoted(layer)}, 'sum', {area}, {where})"
        cases.append(f"WHEN @symbol_label = {quoted(one.label)} THEN {summed}")
    hectares = f"format_number(CASE {' '.join(cases)} END, 2, '{language}')"
    return f"@symbol_label || coalesce('  ' || {hectares} || ' ha', '')"


def _legend(
    x: float, y: float, layers: Sequence[Named], lots: tuple[Named, Look] | None, language: str
) -> ET.Element:
    """Write the legend of the layers that are shown first: what of them is in the zone."""
    root = item(LEGEND, "legend", x, y, SIDE_MM, 100.0)
    # Sizes in millimetres, as texts, as QGIS writes them.
    root.attrib |= {
        "title": theme.text("qgis.legend", language=language),
        "map_uuid": MAP_ID,
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
    root = item(SCALE_BAR, "scale bar", x, y, SIDE_MM - 6, 14.0)
    root.attrib |= {
        "mapUuid": MAP_ID,
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
        ET.SubElement(root, name).append(fill(color))
    return root
