"""Looks as Styled Layer Descriptors (OGC SLD 1.1), for servers such as GeoServer.

An SLD has colours, outlines and labels; stripes and months are QGIS's own and stay out.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from kcngeo import theme
from kcngeo.qgis.style import Category, Label, Look

_SLD, _SE = "http://www.opengis.net/sld", "http://www.opengis.net/se"
_OGC = "http://www.opengis.net/ogc"
# A pixel of the standard is 0.28 mm wide.
_PIXEL_MM = 0.28
_PIXELS_PER_POINT = 0.3528 / _PIXEL_MM


def document(look: Look, *, layer: str) -> str:
    """Write a look as an SLD."""
    look = look.written()
    for prefix, uri in (("", _SLD), ("se", _SE), ("ogc", _OGC)):
        ET.register_namespace(prefix, uri)
    root = ET.Element(f"{{{_SLD}}}StyledLayerDescriptor", {"version": "1.1.0"})
    named = ET.SubElement(root, f"{{{_SLD}}}NamedLayer")
    _said(named, "Name", layer)
    style = ET.SubElement(named, f"{{{_SLD}}}UserStyle")
    _said(style, "Name", look.name)
    features = _part(style, "FeatureTypeStyle")
    for one in look.categories:
        features.append(_rule(look, one))
    if look.label is not None:
        features.append(_label_rule(look.label))
    ET.indent(root, " ")
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


def _rule(look: Look, one: Category) -> ET.Element:
    """Write the rule of a class: what it is for and how it is drawn."""
    rule = ET.Element(f"{{{_SE}}}Rule")
    _said(rule, "Name", one.label)
    _said(_part(rule, "Description"), "Title", one.label)
    # All values that have no class of their own.
    if one.value is None and look.column:
        _part(rule, "ElseFilter")
    elif look.column:
        test = ET.SubElement(rule, f"{{{_OGC}}}Filter")
        equal = ET.SubElement(test, f"{{{_OGC}}}PropertyIsEqualTo")
        ET.SubElement(equal, f"{{{_OGC}}}PropertyName").text = look.column
        ET.SubElement(equal, f"{{{_OGC}}}Literal").text = one.value
    if look.shape == "line":
        _stroke(_part(rule, "LineSymbolizer"), look, one, is_line=True)
    elif look.shape == "polygon":
        area = _part(rule, "PolygonSymbolizer")
        if one.is_filled:
            _fill(area, one.color, look.opacity_share)
        _stroke(area, look, one)
    else:
        graphic = _part(_part(rule, "PointSymbolizer"), "Graphic")
        mark = _part(graphic, "Mark")
        _said(mark, "WellKnownName", "circle")
        _fill(mark, one.color, look.opacity_share)
        _stroke(mark, look, one)
        _said(graphic, "Size", f"{look.size_mm / _PIXEL_MM:.2f}")
    return rule


def _label_rule(label: Label) -> ET.Element:
    rule = ET.Element(f"{{{_SE}}}Rule")
    if label.farther_than:
        _said(rule, "MinScaleDenominator", str(label.farther_than))
    if label.closer_than:
        _said(rule, "MaxScaleDenominator", str(label.closer_than))
    text = _part(rule, "TextSymbolizer")
    ET.SubElement(_part(text, "Label"), f"{{{_OGC}}}PropertyName").text = label.column
    font = _part(text, "Font")
    _parameter(font, "font-size", f"{label.size_pt * _PIXELS_PER_POINT:.1f}")
    if label.bold:
        _parameter(font, "font-weight", "bold")
    halo = _part(text, "Halo")
    _said(halo, "Radius", "2")
    _fill(halo, theme.PAPER, 0.85)
    _fill(text, theme.INK, 1.0)
    return rule


def _fill(parent: ET.Element, color: str, opacity: float) -> None:
    fill = _part(parent, "Fill")
    _parameter(fill, "fill", color.lower())
    if opacity < 1:
        _parameter(fill, "fill-opacity", f"{opacity:g}")


def _stroke(parent: ET.Element, look: Look, one: Category, *, is_line: bool = False) -> None:
    is_edge = one.is_filled and not is_line
    color = look.outline if is_edge else one.color
    width_mm = look.width_mm if is_edge else one.width_mm
    stroke = _part(parent, "Stroke")
    _parameter(stroke, "stroke", color.lower())
    _parameter(stroke, "stroke-width", f"{width_mm / _PIXEL_MM:.2f}")


def _parameter(parent: ET.Element, name: str, value: str) -> None:
    ET.SubElement(parent, f"{{{_SE}}}SvgParameter", {"name": name}).text = value


def _part(parent: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{_SE}}}{name}")


def _said(parent: ET.Element, name: str, text: str) -> None:
    _part(parent, name).text = text
