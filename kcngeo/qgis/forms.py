"""Forms as QGIS writes them: tabs, widgets, constraints, defaults, policies, map tips.

The same elements stand in a layer of a project and in a style. Rows of other layers can be chosen
and listed only within a project; a style alone (of a GeoPackage or a database) has the rest.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo import theme
from kcngeo.core.schema import TABLES, Column, Kind, contract
from kcngeo.qgis import expressions
from kcngeo.qgis.fields import Field, computed_fields, table_fields
from kcngeo.qgis.relations import Relation, row_name

if TYPE_CHECKING:
    from kcngeo.qgis.layers import Layer

_KINDS = {bool: "bool", int: "int", float: "double", str: "QString"}
# QGIS's numbers: what is not filled in, or breaks a rule, cannot be saved from a form.
_NOT_NULL, _EXPRESSION, _HARD = 1, 4, "1"
_TIP_LINES = 8
_DATED = ("document", "document_id", "path", "source", "basis", "geometry_source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """What a layer is tied to within its project.

    Attributes
    ----------
    parents
        By column, the relation to the rows it names.
    children
        Relations of the rows that name this layer's, in the order of their tabs.
    zones
        Id of the layer of the zones; empty where there is none.
    """

    parents: Mapping[str, Relation] = field(default_factory=dict)
    children: Sequence[Relation] = ()
    zones: str = ""


def form_elements(
    table: str, frame: pd.DataFrame, *, language: str, ties: Ties | None = None
) -> list[ET.Element]:
    """Write how rows of a table of the project are entered."""
    ties = ties or Ties()
    fields = table_fields(table, frame, ties.parents, zones=ties.zones, language=language)
    shown = [one for one in fields if not one.is_hidden]
    name = row_name(table, frame)
    return [
        *_field_elements(fields),
        _columns(fields),
        _text("editorlayout", "tablayout"),
        _tabs(table, fields, ties, language=language),
        _text("previewExpression", name),
        _tip(name, table, [one.name for one in shown], language=language),
    ]


def forms_of(layer: Layer, *, language: str) -> list[ET.Element]:
    """Write the form of a layer that stands by itself."""
    write = shown_elements if layer.is_computed else form_elements
    return write(layer.name, layer.frame, language=language)


def shown_elements(layer: str, frame: pd.DataFrame, *, language: str) -> list[ET.Element]:
    """Write how rows of a computed layer are shown."""
    fields = computed_fields(layer, frame, language=language)
    names = [str(one) for one in frame.columns if str(one) != "label"]
    title = expressions.field("label") if "label" in frame.columns else ""
    return [_configuration(fields), _columns(fields), _tip(title, layer, names, language=language)]


def _field_elements(fields: Sequence[Field]) -> list[ET.Element]:
    """Write what QGIS keeps of every column, list by list."""
    aliases, editable = ET.Element("aliases"), ET.Element("editable")
    splits, copies = ET.Element("splitPolicies"), ET.Element("duplicatePolicies")
    defaults, constraints = ET.Element("defaults"), ET.Element("constraints")
    rules = ET.Element("constraintExpressions")
    for place, one in enumerate(fields):
        said = {"field": one.name}
        ET.SubElement(aliases, "alias", {**said, "index": str(place), "name": one.alias})
        policy = {**said, "policy": "Duplicate" if one.kept else "DefaultValue"}
        ET.SubElement(splits, "policy", policy)
        ET.SubElement(copies, "policy", policy)
        if one.default:
            begins = {**said, "expression": one.default, "applyOnUpdate": "0"}
            ET.SubElement(defaults, "default", begins)
        kinds = _NOT_NULL * one.required + _EXPRESSION * bool(one.rule)
        strengths = {
            "notnull_strength": _HARD if one.required else "0",
            "exp_strength": _HARD if one.rule else "0",
            "unique_strength": "0",
        }
        ET.SubElement(constraints, "constraint", {**said, "constraints": str(kinds), **strengths})
        ET.SubElement(rules, "constraint", {**said, "exp": one.rule, "desc": one.rule_words})
        if one.is_hidden:
            ET.SubElement(editable, "field", {"name": one.name, "editable": "0"})
    lists = [aliases, splits, copies, defaults, constraints, rules, editable]
    return [_configuration(fields), *lists]


def _configuration(fields: Sequence[Field]) -> ET.Element:
    root = ET.Element("fieldConfiguration")
    for one in (one for one in fields if one.widget):
        holder = ET.SubElement(root, "field", {"name": one.name, "configurationFlags": "NoFlag"})
        widget = ET.SubElement(holder, "editWidget", {"type": one.widget})
        config = ET.SubElement(widget, "config")
        options = ET.SubElement(config, "Option", {"type": "Map"})
        for name, value in one.options.items():
            options.append(_option(name, value))
    return root


def _option(name: str, value: Any) -> ET.Element:
    """Write a setting: a map is a list of pairs, whose order is that of the list people see."""
    if isinstance(value, Mapping):
        root = ET.Element("Option", {"name": name, "type": "List"})
        for words, code in value.items():
            pair = ET.SubElement(root, "Option", {"type": "Map"})
            pair.append(_option(words, code))
        return root
    if isinstance(value, list):
        root = ET.Element("Option", {"name": name, "type": "StringList"})
        for one in value:
            ET.SubElement(root, "Option", {"type": "QString", "value": one})
        return root
    written = str(value).lower() if isinstance(value, bool) else expressions.writable(str(value))
    return ET.Element("Option", {"name": name, "type": _KINDS[type(value)], "value": written})


def _columns(fields: Sequence[Field]) -> ET.Element:
    """Write which columns the table of the layer shows: none that programs keep."""
    root = ET.Element("attributetableconfig", {"sortOrder": "0", "actionWidgetStyle": "dropDown"})
    columns = ET.SubElement(root, "columns")
    for one in fields:
        hidden = "1" if one.is_hidden else "0"
        said = {"type": "field", "name": one.name, "hidden": hidden, "width": "-1"}
        ET.SubElement(columns, "column", said)
    return root


def _tabs(table: str, fields: Sequence[Field], ties: Ties, *, language: str) -> ET.Element:
    """Lay a form out: what the row is, its days and papers, columns of one's own, what it has."""
    root = ET.Element("attributeEditorForm")
    places = {one.name: place for place, one in enumerate(fields)}
    shown = [one.name for one in fields if not one.is_hidden]
    own = [name for name in shown if TABLES[table].column(name) is None]
    dated = [name for name in shown if name not in own and _is_dated(table, name)]
    first = [name for name in shown if name not in (*own, *dated)]
    for key, names in (("main", first), ("dates", dated), ("own", own)):
        if names:
            tab = _tab(root, theme.text(f"qgis.tab_{key}", language=language))
            for name in names:
                said = {"name": name, "index": str(places[name]), "showLabel": "1"}
                ET.SubElement(tab, "attributeEditorField", said)
            if key == "main" and table == "parcels":
                tab.append(_measured(language))
    for relation in ties.children:
        tab = _tab(root, relation.title)
        said = {"name": relation.id, "relation": relation.id, "showLabel": "0", "label": ""}
        said |= {
            "nmRelationId": "",
            "forceSuppressFormPopup": "0",
            "relationWidgetTypeId": "relation_editor",
        }
        ET.SubElement(tab, "attributeEditorRelation", said)
    return root


def _is_dated(table: str, name: str) -> bool:
    column = TABLES[table].column(name)
    return name in _DATED or (column is not None and column.kind is Kind.DATE)


def _tab(root: ET.Element, title: str) -> ET.Element:
    said = {"name": expressions.plain(title), "columnCount": "1", "type": "Tab"}
    more = {"groupBox": "0", "showLabel": "1", "collapsed": "0", "visibilityExpressionEnabled": "0"}
    return ET.SubElement(root, "attributeEditorContainer", {**said, **more})


def _measured(language: str) -> ET.Element:
    """Tell in the form of a lot how large it is drawn, and nothing that is saved."""
    label = theme.text("qgis.measured", language=language)
    said = {"name": label, "showLabel": "1"}
    root = ET.Element("attributeEditorTextElement", said)
    root.text = (
        expressions.evaluated(f"format_number(area(@geometry) / 10000, 2, '{language}')") + " ha"
    )
    return root


def _tip(title: str, layer: str, names: Sequence[str], *, language: str) -> ET.Element:
    """Write what is told beside the pointer; whatever stands in the data is text of the page."""
    known = contract(layer)
    columns = [] if known is None else [known.column(name) for name in names]
    lines = [expressions.evaluated(f"'<b>' || {expressions.in_html(title)} || '</b>'")]
    lines = lines if title else []
    told = [one for one in columns if one is not None and not one.name.endswith("*")]
    lines += [_tip_line(one, layer, language) for one in told[:_TIP_LINES]]
    root = ET.Element("mapTip", {"enabled": "1"})
    root.text = "".join(lines)
    return root


def _tip_line(column: Column, layer: str, language: str) -> str:
    words = theme.column(column.name, language=language, layer=layer)
    head = expressions.quoted(f"<br>{words}: ")
    value = expressions.shown(column, language=language)
    return expressions.evaluated(f"coalesce({head} || {value}, '')")


def _text(name: str, text: str) -> ET.Element:
    root = ET.Element(name)
    root.text = text
    return root
