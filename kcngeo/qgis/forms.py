"""How rows of a table in a database are edited in QGIS: words of columns, drop-downs, fixed ones.

A GeoPackage says this by itself (see :mod:`kcngeo.qgis.geopackage_styles`); a database has no place
for it but the style of a layer.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from kcngeo import theme
from kcngeo.core.schema import RECORDED, TABLES, value_words
from kcngeo.qgis.style import writable

ORDER = "kcngeo_order"
"""The column by which a database keeps the order of rows; nobody edits it."""


def form_elements(table: str, *, language: str) -> list[ET.Element]:
    """Write how the columns of a table are called and edited, as elements of a style or layer."""
    configuration = ET.Element("fieldConfiguration")
    aliases, editable = ET.Element("aliases"), ET.Element("editable")
    fixed = [one.name for one in RECORDED]
    for place, column in enumerate((*TABLES[table].columns, *RECORDED)):
        name = theme.column(column.name, language=language, layer=table)
        said = {"field": column.name, "index": str(place), "name": writable(name)}
        ET.SubElement(aliases, "alias", said)
        if column.choices:
            words = {
                value_words(column, value, table=table, language=language): value
                for value in column.choices
            }
            _widget(configuration, column.name, "ValueMap", words)
    for name in fixed:
        ET.SubElement(editable, "field", {"name": name, "editable": "0"})
    _widget(configuration, ORDER, "Hidden", {})
    return [configuration, aliases, editable]


def _widget(parent: ET.Element, column: str, kind: str, words: dict[str, str]) -> None:
    field = ET.SubElement(parent, "field", {"name": column})
    widget = ET.SubElement(field, "editWidget", {"type": kind})
    options = ET.SubElement(ET.SubElement(widget, "config"), "Option", {"type": "Map"})
    if words:
        listed = ET.SubElement(options, "Option", {"type": "List", "name": "map"})
        for said, value in words.items():
            one = ET.SubElement(listed, "Option", {"type": "Map"})
            ET.SubElement(
                one, "Option", {"type": "QString", "name": writable(said), "value": value}
            )
