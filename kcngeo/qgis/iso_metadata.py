"""What a layer is, in the words catalogues read: a record of ISO 19115, written as ISO 19139."""

from __future__ import annotations

import sqlite3
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pyproj

from kcngeo.core.crs import lonlat

URI = "http://www.isotc211.org/2005/gmd"
_GCO = "http://www.isotc211.org/2005/gco"
_LISTS = "http://standards.iso.org/iso/19139/resources/gmxCodelists.xml"
_LANGUAGES = {"vi": "vie", "en": "eng"}
# Cadastral planning is the topic of the standard that zones and their lots belong to.
_TOPIC = "planningCadastre"
_SIDES = ("westBoundLongitude", "eastBoundLongitude", "southBoundLatitude", "northBoundLatitude")


def record(
    connection: sqlite3.Connection, layer: str, *, title: str, abstract: str, language: str
) -> str:
    """Write the record of a layer of a GeoPackage: title, abstract, CRS, extent in degrees.

    Nobody to ask and no day of writing are known: the same content gives the same bytes.
    """
    root = ET.Element("gmd:MD_Metadata", {"xmlns:gmd": URI, "xmlns:gco": _GCO})
    spoken = _LANGUAGES[language]
    _text(root, "language", spoken)
    _code(root, "characterSet", "MD_CharacterSetCode", "utf8")
    _code(root, "hierarchyLevel", "MD_ScopeCode", "dataset")
    _unknown(root, "contact")
    _unknown(root, "dateStamp")
    _text(root, "metadataStandardName", "ISO 19115:2003/19139")
    crs, bounds = _place(connection, layer)
    if crs is not None:
        system = _within(root, "referenceSystemInfo", "MD_ReferenceSystem")
        name = _within(system, "referenceSystemIdentifier", "RS_Identifier")
        code = crs.to_authority()
        _text(name, "code", ":".join(code) if code else str(crs.name))
    about = _within(root, "identificationInfo", "MD_DataIdentification")
    citation = _within(about, "citation", "CI_Citation")
    _text(citation, "title", title)
    _unknown(citation, "date")
    _text(about, "abstract", abstract or title)
    _text(about, "language", spoken)
    topic = ET.SubElement(about, "gmd:topicCategory")
    ET.SubElement(topic, "gmd:MD_TopicCategoryCode").text = _TOPIC
    if bounds is not None:
        extent = _within(about, "extent", "EX_Extent")
        box = _within(extent, "geographicElement", "EX_GeographicBoundingBox")
        for side, value in zip(_SIDES, bounds, strict=True):
            place = ET.SubElement(box, f"gmd:{side}")
            ET.SubElement(place, "gco:Decimal").text = f"{value:.6f}"
    return ET.tostring(root, encoding="unicode")


def _place(
    connection: sqlite3.Connection, layer: str
) -> tuple[Any, tuple[float, float, float, float] | None]:
    """Give the CRS of a layer and its extent in degrees, west, east, south, north."""
    found = connection.execute(
        "SELECT s.definition, c.min_x, c.min_y, c.max_x, c.max_y FROM gpkg_contents c"
        " JOIN gpkg_spatial_ref_sys s ON s.srs_id = c.srs_id"
        " WHERE c.table_name = ? AND c.data_type = 'features'",
        [layer],
    ).fetchone()
    if found is None or found[0] in (None, "undefined"):
        return None, None
    crs = pyproj.CRS.from_user_input(found[0])
    if any(one is None for one in found[1:]) or crs.geodetic_crs is None:
        return crs, None
    west, south, east, north = found[1:]
    x, y = np.array([west, west, east, east]), np.array([south, north, south, north])
    # A record is read to the kilometre: the datum is the layer's own.
    lon, lat = (x, y) if crs.is_geographic else lonlat(crs, x, y)
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return crs, None
    return crs, (float(lon.min()), float(lon.max()), float(lat.min()), float(lat.max()))


def _within(parent: ET.Element, name: str, kind: str) -> ET.Element:
    return ET.SubElement(ET.SubElement(parent, f"gmd:{name}"), f"gmd:{kind}")


def _text(parent: ET.Element, name: str, said: str) -> None:
    one = ET.SubElement(parent, f"gmd:{name}")
    ET.SubElement(one, "gco:CharacterString").text = said


def _code(parent: ET.Element, name: str, kind: str, value: str) -> None:
    listed = {"codeList": f"{_LISTS}#{kind}", "codeListValue": value}
    ET.SubElement(ET.SubElement(parent, f"gmd:{name}"), f"gmd:{kind}", listed)


def _unknown(parent: ET.Element, name: str) -> None:
    ET.SubElement(parent, f"gmd:{name}", {"gco:nilReason": "unknown"})
