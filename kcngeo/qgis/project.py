"""The QGIS project: groups, order, styles, map themes, months and the sheet, as XML in a zip.

Paths are relative, so that the folder can be moved; layers have fixed ids; nothing in it depends on
the clock, so the same package gives the same bytes.
"""

from __future__ import annotations

import copy
import io
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Sequence
from typing import Any

import pandas as pd

from kcngeo import theme
from kcngeo.core.crs import label
from kcngeo.qgis import qml
from kcngeo.qgis.editing import digitizing, snapping
from kcngeo.qgis.expressions import plain, writable
from kcngeo.qgis.forms import Ties, form_elements, shown_elements
from kcngeo.qgis.geopackage_styles import layer_metadata
from kcngeo.qgis.layers import AROUND, GROUPS, RESULTS, WORKS, Shown
from kcngeo.qgis.print_layout import layout
from kcngeo.qgis.project_model import Entry, Plan, entries_of
from kcngeo.qgis.relations import Relation, relation_elements, relations_of
from kcngeo.qgis.safe_replace import project_seal

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_MARGIN_SHARE = 0.05
_LOTS = "parcels_on_day"


def project_bytes(plan: Plan) -> bytes:
    """Write a project as the zip QGIS keeps it in."""
    root = project(plan)
    ET.indent(root, " ")
    text = _DOCTYPE + ET.tostring(root, encoding="unicode") + "\n"
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        entry = zipfile.ZipInfo(f"{plan.name}.qgs", date_time=_ZIP_TIME)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.create_system = 3
        content = text.encode()
        made.writestr(entry, content)
        made.comment = project_seal(content)
    return held.getvalue()


def project(plan: Plan) -> ET.Element:
    """Write a project as XML."""
    title = theme.text(
        "qgis.title", language=plan.language, on=theme.date(plan.on, language=plan.language)
    )
    entries = [entry for layer in plan.layers for entry in entries_of(layer, plan)]
    root = ET.Element("qgis", {"projectname": title, "version": qml.QGIS_VERSION})
    _said(root, "title", title)
    root.append(_crs("projectCrs", plan.crs))
    root.append(_tree(entries, plan))
    relations = relations_of(entries)
    layers = ET.SubElement(root, "projectlayers")
    layers.extend(_layer(entry, plan, relations) for entry in entries)
    root.append(relation_elements(relations, language=plan.language))
    root.append(snapping(entries))
    order = ET.SubElement(root, "layerorder")
    for entry in entries:
        ET.SubElement(order, "layer", {"id": entry.id})
    root.append(_properties(plan))
    root.append(_themes(entries, plan))
    layouts = ET.SubElement(root, "Layouts")
    # The zones of the day: the sheet has a page for each.
    coverage = next(entry for entry in entries if entry.layer.name == "zones_on_day")
    seen = _shown_in(plan.shown[0], entries)
    shown = [one for one in entries if one.id in seen and one is not coverage]
    lots = [(one.named, one.looks[0]) for one in entries if one.layer.name == _LOTS and one.looks]
    place = [one for one in entries if one.layer.name in ("zones_on_day", "basemap")]
    boxes = list(zip(*plan.extents.values(), strict=True))
    layouts.append(
        layout(
            plan.sheet,
            extent=plan.seen_first,
            theme_name=plain(plan.shown[0].title),
            around=(min(boxes[0]), min(boxes[1]), max(boxes[2]), max(boxes[3])),
            coverage=coverage.named,
            legend=[one.named for one in shown],
            lots=next(iter(lots), None),
            locator=[one.named for one in place],
            language=plan.language,
        )
    )
    root.append(_bookmarks(plan))
    root.append(_view(plan))
    root.append(_time(plan))
    return root


def _said(parent: ET.Element, name: str, text: str, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, name, attributes)
    # A source is no text: QGIS looks a file up by it.
    element.text = writable(text) if name in ("datasource", "wkt") else plain(text)
    return element


def _crs(name: str, crs: Any) -> ET.Element:
    """Write a CRS; QGIS takes its definition where it does not find the code."""
    root = ET.Element(name)
    system = ET.SubElement(root, "spatialrefsys", {"nativeFormat": "Wkt"})
    if crs is None:
        return root
    _said(system, "wkt", crs.to_wkt())
    _said(system, "srsid", "0")
    _said(system, "authid", label(crs) if crs.to_authority(min_confidence=100) else "")
    _said(system, "description", str(crs.name))
    return root


def _tree(entries: Sequence[Entry], plan: Plan) -> ET.Element:
    root = ET.Element("layer-tree-group")
    seen = _shown_in(plan.shown[0], entries)
    for group in GROUPS:
        mine = [entry for entry in entries if entry.layer.group == group]
        is_seen = group in (WORKS, RESULTS, AROUND)
        on = theme.date(plan.on, language=plan.language)
        name = theme.text(f"qgis.group_{group}", language=plan.language, on=on)
        branch = ET.SubElement(
            root,
            "layer-tree-group",
            {
                "name": name,
                "expanded": "1" if group in (RESULTS, AROUND) else "0",
                "checked": _checked(is_seen),
            },
        )
        for entry in mine:
            ET.SubElement(
                branch,
                "layer-tree-layer",
                {
                    "id": entry.id,
                    "name": entry.title,
                    "source": entry.source,
                    "providerKey": entry.provider,
                    # In a group that is off, a layer that is on shows with its group.
                    "checked": _checked(entry.id in seen or not (is_seen or entry.is_past)),
                    "expanded": "1" if entry.layer.name == _LOTS else "0",
                },
            )
    # Below all maps: an orthophoto that is dragged here lies under the lots.
    photo = theme.text("qgis.group_photo", language=plan.language)
    ET.SubElement(root, "layer-tree-group", {"name": photo, "checked": _checked(True)})
    return root


def _checked(is_on: bool) -> str:
    return "Qt::Checked" if is_on else "Qt::Unchecked"


def _layer(entry: Entry, plan: Plan, relations: Sequence[Relation]) -> ET.Element:
    """Write a layer with its source, metadata and styles; the first style is the current one."""
    looks = entry.looks
    # The first style is part of the layer itself, the others stand in its manager.
    head = qml.layer_attributes(looks[0] if looks else None)
    kind = {"point": "Point", "line": "Line", "polygon": "Polygon", "": "No geometry"}
    root = ET.Element(
        "maplayer",
        {
            **head,
            "type": "vector",
            "geometry": kind[entry.shape],
            "readOnly": "1" if entry.layer.is_computed else "0",
        },
    )
    _said(root, "id", entry.id)
    _said(root, "datasource", entry.source)
    _said(root, "layername", entry.title)
    root.append(_crs("srs", getattr(entry.layer.frame, "crs", None)))
    metadata = layer_metadata(
        title=entry.title, abstract=entry.layer.abstract, language=plan.language
    )
    metadata.tag = "resourceMetadata"
    root.append(metadata)
    _said(root, "provider", entry.provider, encoding="UTF-8")
    if entry.provider == "ogr":
        # QField packs the GeoPackage as it is: it comes home from the field like any copy.
        kept = ET.SubElement(ET.SubElement(root, "customproperties"), "Option", {"type": "Map"})
        action = {"name": "QFieldSync/action", "type": "QString", "value": "copy"}
        ET.SubElement(kept, "Option", action)
    forms = _forms(entry, plan, relations)
    root.extend(forms)
    if not looks:
        return root
    manager = ET.SubElement(root, "map-layer-style-manager", {"current": looks[0].name})
    ET.SubElement(manager, "map-layer-style", {"name": looks[0].name})
    for look in looks[1:]:
        style = ET.SubElement(manager, "map-layer-style", {"name": look.name})
        inner = ET.SubElement(
            style, "qgis", {"version": qml.QGIS_VERSION, **qml.layer_attributes(look)}
        )
        # Whoever changes the style keeps the form.
        inner.extend(copy.deepcopy(forms))
        inner.extend(qml.elements(look))
    root.extend(qml.elements(looks[0]))
    return root


def _forms(entry: Entry, plan: Plan, relations: Sequence[Relation]) -> list[ET.Element]:
    """Write the form of a layer, with what its rows name and what names them."""
    layer = entry.layer
    if layer.is_computed:
        return shown_elements(layer.name, layer.frame, language=plan.language)
    homes = [one.parent for one in relations if one.parent_table == "zones"]
    ties = Ties(
        parents={one.column: one for one in relations if one.child == entry.id},
        children=[one for one in relations if one.parent == entry.id and not one.is_of_past],
        zones=homes[0] if homes else "",
    )
    return form_elements(layer.name, layer.frame, language=plan.language, ties=ties)


def _properties(plan: Plan) -> ET.Element:
    root = ET.Element("properties")
    kinds: dict[str, dict[str, tuple[str, str]]] = {
        "Digitizing": digitizing(),
        "Paths": {"Absolute": ("bool", "false")},
        "SpatialRefSys": {"ProjectionsEnabled": ("int", "1")},
        "Measure": {"Ellipsoid": ("QString", "NONE" if plan.is_on_grid else "EPSG:7030")},
        "Measurement": {
            "AreaUnits": ("QString", "ha"),
            "DistanceUnits": ("QString", "meters"),
        },
    }
    for group, values in kinds.items():
        branch = ET.SubElement(root, group)
        for name, (kind, value) in values.items():
            _said(branch, name, value, type=kind)
    return root


def _shown_in(shown: Shown, entries: Sequence[Entry]) -> dict[str, str]:
    """Give the layers a map theme shows, each with the name of its style."""
    return {
        entry.id: entry.looks[shown.styles[entry.layer.name]].name
        for entry in entries
        if entry.layer.name in shown.styles and entry.looks and not entry.is_past
    }


def _themes(entries: Sequence[Entry], plan: Plan) -> ET.Element:
    root = ET.Element("visibility-presets")
    for one in plan.shown:
        preset = ET.SubElement(root, "visibility-preset", {"name": plain(one.title)})
        styles = _shown_in(one, entries)
        for entry in entries:
            if entry.id in styles:
                style = {"style": styles[entry.id], "visible": "1", "expanded": "1"}
                ET.SubElement(preset, "layer", {"id": entry.id, **style})
    return root


def _bookmarks(plan: Plan) -> ET.Element:
    """Write a bookmark a zone: zones lie far apart, and lots are small."""
    root = ET.Element("Bookmarks")
    group = theme.table_title("zones_on_day", language=plan.language)
    for number, (name, (west, south, east, north)) in enumerate(plan.extents.items()):
        corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
        ring = ", ".join(f"{x:.3f} {y:.3f}" for x, y in corners)
        one = _crs("Bookmark", plan.crs)
        one.attrib |= {"id": f"zone_{number}", "name": plain(name), "group": group}
        one.set("extent", f"POLYGON(({ring}))")
        root.append(one)
    return root


def _view(plan: Plan) -> ET.Element:
    west, south, east, north = plan.seen_first
    margin = max(east - west, north - south) * _MARGIN_SHARE
    root = ET.Element("ProjectViewSettings", {"UseProjectScales": "0"})
    extent = _crs("DefaultViewExtent", plan.crs)
    for name, value in (
        ("xmin", west - margin),
        ("ymin", south - margin),
        ("xmax", east + margin),
        ("ymax", north + margin),
    ):
        extent.set(name, f"{value:.3f}")
    root.append(extent)
    return root


def _time(plan: Plan) -> ET.Element:
    settings = {"timeStep": "1", "timeStepUnit": "mon", "frameRate": "2"}
    root = ET.Element("ProjectTimeSettings", {**settings, "cumulativeTemporalRange": "0"})
    held = ET.SubElement(root, "TemporalRange")
    _said(held, "start", f"{plan.first:%Y-%m-%d}T00:00:00Z")
    after = plan.on + pd.offsets.MonthBegin(1)
    _said(held, "end", f"{after:%Y-%m-%d}T00:00:00Z")
    return root
