"""Tables of a project that stand in a database: where QGIS finds them, and how they look there."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from kcngeo import theme
from kcngeo.io import Database, LayerStyle
from kcngeo.ledger import Project
from kcngeo.qgis import qml, sld
from kcngeo.qgis.forms import form_elements
from kcngeo.qgis.layers import Layer, table_layers
from kcngeo.qgis.style import Look

_TYPES = {"point": "Point", "line": "LineString", "polygon": "MultiPolygon"}


def table_source(database: Database, table: str, frame: pd.DataFrame, shape: str, rows: str) -> str:
    """Write where QGIS finds rows of a table; without a user and a password."""
    parts = [f"dbname={_quoted(database.name)}"]
    parts += [f"host={_quoted(database.host)}"] if database.host else []
    parts += [f"port={_quoted(database.port)}"] if database.port else []
    place = f"table={_named(database.schema)}.{_named(table)}"
    if shape and isinstance(frame, gpd.GeoDataFrame):
        parts += [f"srid={_srid(frame.crs)}", f"type={_type(frame, shape)}"]
        place += " (geometry)"
    return " ".join([*parts, place, f"sql={rows}"])


def table_styles(project: Project, *, language: str = "vi") -> list[LayerStyle]:
    """Give the styles of a project's tables as a database keeps them for QGIS.

    Parameters
    ----------
    project
        The tables.
    language
        "vi" or "en".

    Returns
    -------
    list[LayerStyle]
        Of every table its styles, the default first; the views of today look like their tables. A
        table without shapes has one with the words of its columns and its drop-downs.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> styles = table_styles(kcn.examples.squares(), language="en")
    >>> [(one.table, one.name) for one in styles if one.table.startswith("parcels")]
    [('parcels', 'Land use'), ('parcels_now', 'Land use')]
    """
    return [
        LayerStyle(
            table=place,
            column="geometry" if look is not None else None,
            name=theme.text("qgis.style_plain", language=language) if look is None else look.name,
            qml=_document(layer, look, language=language),
            sld=None if look is None else sld.document(look, layer=place),
            is_default=number == 0,
            description=layer.abstract,
        )
        for layer in table_layers(project, language=language)
        for number, look in enumerate(_looks(layer))
        for place in (layer.name, f"{layer.name}_now")
    ]


def _looks(layer: Layer) -> tuple[Look | None, ...]:
    """Give the looks of a table, or none for one without shapes."""
    # QGIS keeps one default a column of shapes: of several kinds that of the areas.
    return tuple(reversed(layer.looks)) or (None,)


def _document(layer: Layer, look: Look | None, *, language: str) -> str:
    return qml.document(look, form_elements(layer.name, layer.frame, language=language))


def _type(frame: gpd.GeoDataFrame, shape: str) -> str:
    high = shapely.has_z(frame.geometry.to_numpy()).any()
    return _TYPES[shape] + ("Z" if high else "")


def _srid(crs: Any) -> str:
    found = None if crs is None else crs.to_authority()
    return "0" if found is None else found[1]


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _named(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
