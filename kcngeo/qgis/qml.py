"""Looks as QGIS writes them, in its own XML.

The same elements stand in a style file (QML), in a ``layer_styles`` row and in a layer of a
project. Only what differs from QGIS's defaults is written; symbols are named "0", "1", … because
categories name them so.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence

from kcngeo import theme
from kcngeo.cartography.styles import STRIPES_M, WHOLE
from kcngeo.qgis.style import Category, Label, Look

QGIS_VERSION = "3.40.0-Bratislava"
"""The version whose XML this is; newer ones read it too."""

GEOMETRY_CODES = {"point": "0", "line": "1", "polygon": "2"}
_SYMBOLS = {"point": "marker", "line": "line", "polygon": "fill"}
_DASHES = {"dashed": "dash", "dotted": "dot"}
_MARKERS = {"o": "circle", "s": "square", "^": "triangle", "D": "diamond"}
_HALO_MM = 0.7
# QGIS's numbers for Qt's and its own enumerations.
_BOLD, _NORMAL = "75", "50"
_OVER_LINE, _HORIZONTAL, _ACROSS_LINE = "2", "1", "4"
_START_AND_END_FROM_FIELDS = "2"
_INCLUDE_BEGIN_EXCLUDE_END = "0"


def document(look: Look | None, forms: Sequence[ET.Element] = ()) -> str:
    """Write a look and a form as a style file; a table without shapes has but its form."""
    root = ET.Element("qgis", {"version": QGIS_VERSION, **layer_attributes(look)})
    root.extend(forms)
    root.extend([] if look is None else elements(look))
    ET.indent(root, " ")
    return ET.tostring(root, encoding="unicode")


def layer_attributes(look: Look | None) -> dict[str, str]:
    """Give the attributes that stand at the head of a style or a layer."""
    if look is None:
        return {"styleCategories": "AllStyleCategories"}
    return {
        "styleCategories": "AllStyleCategories",
        "labelsEnabled": "0" if look.label is None else "1",
        "hasScaleBasedVisibilityFlag": "1" if look.closer_than or look.farther_than else "0",
        "minScale": str(look.closer_than),
        "maxScale": str(look.farther_than),
    }


def elements(look: Look) -> list[ET.Element]:
    """Write a look as the elements of a style or a layer."""
    look = look.written()
    parts = [_temporal(look), _renderer(look)]
    if look.label is not None:
        parts.append(_labeling(look.label, look.shape))
    for name, text in (("blendMode", "0"), ("layerOpacity", "1")):
        parts.append(_text(name, text))
    parts.append(_text("layerGeometryType", GEOMETRY_CODES[look.shape]))
    return parts


def symbol(name: str, look: Look, one: Category) -> ET.Element:
    """Write one symbol of a look."""
    root = _symbol(name, _SYMBOLS[look.shape], alpha=look.opacity_share)
    outline = {
        "outline_color": rgba(look.outline if one.is_filled else one.color),
        "outline_style": _DASHES.get(one.symbol, "solid"),
        "outline_width": f"{look.width_mm if one.is_filled else one.width_mm:g}",
        "outline_width_unit": "MM",
        "joinstyle": "bevel",
    }
    if look.shape == "polygon":
        style = "solid" if one.is_filled else "no"
        _layer(root, "SimpleFill", {"color": rgba(one.color), "style": style, **outline})
        if look.shares and one in look.categories[: len(look.shares)]:
            root.extend(_stripes(look))
            # Stripes lie over the outline of what is under them.
            _layer(root, "SimpleFill", {"color": rgba(one.color, 0), "style": "no", **outline})
    elif look.shape == "line":
        dash = {"line_style": _DASHES.get(one.symbol, "solid")}
        _layer(root, "SimpleLine", {**_line(one.color, one.width_mm), **dash})
    else:
        size = {"name": _MARKERS[one.marker], "size": f"{look.size_mm:g}", "size_unit": "MM"}
        _layer(root, "SimpleMarker", {"color": rgba(one.color), **size, **outline})
    return root


def rgba(color: str, alpha: int = 255) -> str:
    """Write a colour as QGIS does."""
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"{red},{green},{blue},{alpha}"


def options(values: Mapping[str, str]) -> ET.Element:
    """Write settings as QGIS's map of options."""
    root = ET.Element("Option", {"type": "Map"})
    for name, value in values.items():
        ET.SubElement(root, "Option", {"name": name, "type": "QString", "value": value})
    return root


def text_style(
    size_pt: float, *, bold: bool = False, halo: bool = False, color: str = theme.INK, **more: str
) -> ET.Element:
    """Write how letters look."""
    root = ET.Element(
        "text-style",
        {
            "fontSize": f"{size_pt:g}",
            "fontSizeUnit": "Point",
            "fontWeight": _BOLD if bold else _NORMAL,
            "textColor": rgba(color),
            "textOpacity": "1",
            **more,
        },
    )
    drawn = {"bufferDraw": "1" if halo else "0", "bufferSize": f"{_HALO_MM:g}"}
    paper = {"bufferColor": rgba(theme.PAPER), "bufferSizeUnits": "MM", "bufferOpacity": "0.85"}
    ET.SubElement(root, "text-buffer", {**drawn, **paper})
    return root


def _text(name: str, text: str) -> ET.Element:
    element = ET.Element(name)
    element.text = text
    return element


def _temporal(look: Look) -> ET.Element:
    if not look.months:
        return ET.Element("temporal", {"enabled": "0", "mode": "0"})
    first, last = look.months
    return ET.Element(
        "temporal",
        {
            "enabled": "1",
            "mode": _START_AND_END_FROM_FIELDS,
            "startField": first,
            "endField": last,
            "limitMode": _INCLUDE_BEGIN_EXCLUDE_END,
            "accumulate": "0",
            "fixedDuration": "0",
            "durationUnit": "min",
        },
    )


def _renderer(look: Look) -> ET.Element:
    common = {"enableorderby": "0", "forceraster": "0", "symbollevels": "0"}
    if not look.column:
        root = ET.Element("renderer-v2", {"type": "singleSymbol", **common})
    else:
        kind = {"type": "categorizedSymbol", "attr": look.column}
        root = ET.Element("renderer-v2", {**kind, **common})
        categories = ET.SubElement(root, "categories")
        for number, one in enumerate(look.categories):
            categories.append(_category(number, one))
    symbols = ET.SubElement(root, "symbols")
    for number, one in enumerate(look.categories):
        symbols.append(symbol(str(number), look, one))
    return root


def _category(number: int, one: Category) -> ET.Element:
    value = {"value": one.value or "", "type": "NULL" if one.value is None else "string"}
    drawn = {"render": "true", "symbol": str(number), "label": one.label, "uuid": str(number)}
    return ET.Element("category", {**value, **drawn})


def _symbol(name: str, kind: str, *, alpha: float = 1.0) -> ET.Element:
    return ET.Element(
        "symbol",
        {
            "name": name,
            "type": kind,
            "alpha": f"{alpha:g}",
            "clip_to_extent": "1",
            "force_rhr": "0",
        },
    )


def _layer(parent: ET.Element, kind: str, values: Mapping[str, str]) -> ET.Element:
    layer = ET.SubElement(parent, "layer", {"class": kind, "enabled": "1", "locked": "0"})
    layer.set("pass", "0")
    layer.append(options(values))
    return layer


def _line(color: str, width_mm: float) -> dict[str, str]:
    width = {"line_width": f"{width_mm:g}", "line_width_unit": "MM"}
    return {"line_color": rgba(color), "line_style": "solid", **width, "capstyle": "flat"}


def _stripes(look: Look) -> list[ET.Element]:
    """Draw stripes on the features that are of several categories, the widths as the shares."""
    stripes = []
    before = "0"
    for number, (one, column) in enumerate(zip(look.categories, look.shares, strict=False)):
        share = f"coalesce(attribute(@feature, '{column}'), 0)"
        holder = ET.Element("symbol")
        settings = {
            "SymbolType": "Fill",
            "geometryModifier": _stripes_of(before, share),
            "units": "MapUnit",
        }
        stripe = _layer(holder, "GeometryGenerator", settings)
        is_parted = f"{share} > {WHOLE:g} AND {share} < 1 - {WHOLE:g}"
        stripe.append(data_defined("data_defined_properties", {"enabled": is_parted}))
        fill = _symbol(f"@0@{number + 1}", "fill")
        plain = _layer(fill, "SimpleFill", {"color": rgba(one.color), "outline_style": "no"})
        # A swatch of a legend asks for no "enabled", and has no feature: it is left unstriped here.
        color = f"if({is_parted}, '{rgba(one.color)}', '0,0,0,0')"
        plain.append(data_defined("data_defined_properties", {"fillColor": color}))
        stripe.append(fill)
        stripes.append(stripe)
        before = f"{before} + {share}"
    return stripes


def _stripes_of(before: str, share: str) -> str:
    """Cut the stripes of one share as :func:`kcngeo.cartography.styles.striped` does."""
    # The shape is turned by 45° so that stripes of constant easting + northing stand upright.
    low, high = (f"x_min(@r) + (@element + {at}) * @w" for at in (before, f"{before} + {share}"))
    corners = (
        f"make_point({low}, y_min(@r) - 1), make_point({high}, y_min(@r) - 1), "
        f"make_point({high}, y_max(@r) + 1)"
    )
    bands = f"array_foreach(generate_series(0, @n - 1), make_rectangle_3points({corners}, 0))"
    cut = f"intersection(@r, collect_geometries({bands}))"
    wide = "x_max(@r) - x_min(@r)"
    return (
        "with_variable('r', rotate(@geometry, 45, make_point(0, 0)), "
        f"with_variable('n', max(1, round(({wide}) / {STRIPES_M:g})), "
        f"with_variable('w', ({wide}) / @n, rotate({cut}, -45, make_point(0, 0)))))"
    )


def data_defined(name: str, expressions: Mapping[str, str]) -> ET.Element:
    """Write properties of a symbol or of an item of a sheet that expressions give."""
    root = ET.Element(name)
    collection = ET.SubElement(root, "Option", {"type": "Map"})
    ET.SubElement(collection, "Option", {"name": "name", "type": "QString", "value": ""})
    properties = ET.SubElement(collection, "Option", {"name": "properties", "type": "Map"})
    for name, expression in expressions.items():
        one = ET.SubElement(properties, "Option", {"name": name, "type": "Map"})
        ET.SubElement(one, "Option", {"name": "active", "type": "bool", "value": "true"})
        said = {"name": "expression", "type": "QString", "value": expression}
        ET.SubElement(one, "Option", said)
        ET.SubElement(one, "Option", {"name": "type", "type": "int", "value": "3"})
    ET.SubElement(collection, "Option", {"name": "type", "type": "QString", "value": "collection"})
    return root


def _labeling(label: Label, shape: str) -> ET.Element:
    root = ET.Element("labeling", {"type": "simple"})
    settings = ET.SubElement(root, "settings", {"calloutType": "simple"})
    said = {"fieldName": label.column, "isExpression": "0"}
    if label.expression:
        said = {"fieldName": label.expression, "isExpression": "1"}
    if label.number:
        words = f"coalesce(\"{label.number}\" || '\n', '') || coalesce(\"{label.column}\", '')"
        said = {"fieldName": f"trim({words})", "isExpression": "1"}
    settings.append(text_style(label.size_pt, bold=label.bold, halo=True, **said))
    placement = _HORIZONTAL
    if shape == "line":
        placement = _ACROSS_LINE if label.number else _OVER_LINE
    # Zones and what is listed are named before towns, roads and lots.
    at = {"placement": placement, "centroidInside": "1", "priority": "8" if label.bold else "5"}
    ET.SubElement(settings, "placement", at)
    ET.SubElement(
        settings,
        "rendering",
        {
            "drawLabels": "1",
            "scaleVisibility": "1" if label.closer_than or label.farther_than else "0",
            "scaleMax": str(label.closer_than),
            "scaleMin": str(label.farther_than),
            "obstacle": "0",
            # A number that is in the list must be on the map.
            "displayAll": "1" if label.number else "0",
        },
    )
    if label.unless_on:
        shown = f"coalesce(@map_id, '') <> '{label.unless_on}'"
        settings.append(data_defined("dd_properties", {"Show": shown}))
    return root
