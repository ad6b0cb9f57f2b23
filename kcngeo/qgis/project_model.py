"""What a project is made of, before it is written: its layers, its day, its places and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kcngeo import theme
from kcngeo.io import Database
from kcngeo.qgis.database import table_source
from kcngeo.qgis.layers import Layer, Shown
from kcngeo.qgis.print_layout import Sheet
from kcngeo.qgis.style import Look

Box = tuple[float, float, float, float]
"""West, south, east, north, in metres."""

_WKB = {"point": "Point", "line": "LineString", "polygon": "Polygon"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entry:
    """A layer as QGIS lists it: one kind of geometry of a layer of the GeoPackage.

    Attributes
    ----------
    layer
        The layer.
    shape
        "point", "line" or "polygon"; empty for a table.
    title
        What it is called in the project.
    source
        Where its rows are, relative to the project.
    provider
        What QGIS reads it by: "ogr" from a file, "postgres" from a database.
    """

    layer: Layer
    shape: str
    title: str
    source: str
    provider: str = "ogr"

    @property
    def id(self) -> str:
        """Name the layer within the project; QGIS replaces ids of up to ten letters by its own."""
        return f"kcngeo_{self.layer.name}_{self.shape or 'table'}"

    @property
    def looks(self) -> tuple[Look, ...]:
        """Give the styles for its kind of geometry, the default first."""
        return tuple(look for look in self.layer.looks if look.shape == self.shape)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """What a project is made of.

    Attributes
    ----------
    name
        Name of the GeoPackage, without ending.
    layers
        Its layers, from above.
    on
        The reporting date.
    first
        First day of the first month the temporal controller shows.
    crs
        CRS of the zones.
    extents
        Where the zones are, by name: west, south, east, north, in metres; the first is seen first.
    is_on_grid
        Whether QGIS should measure on the grid, as the areas do, or on the ellipsoid.
    language
        "vi" or "en".
    shown
        The map themes, the first of which is seen first.
    sheet
        Words of the printed sheet.
    database
        Where the project's own tables are, if not in the GeoPackage.
    """

    name: str
    layers: Sequence[Layer]
    on: pd.Timestamp
    first: pd.Timestamp
    crs: Any
    extents: Mapping[str, Box]
    is_on_grid: bool
    language: str
    shown: Sequence[Shown]
    sheet: Sheet
    database: Database | None = None

    @property
    def seen_first(self) -> Box:
        """Give what the window shows when the project is opened."""
        return next(iter(self.extents.values()))


def entries_of(layer: Layer, plan: Plan) -> list[Entry]:
    """List a layer as QGIS does: once for each kind of geometry."""
    title = layer.title
    shapes = layer.shapes()
    entries = []
    for shape in shapes or ("",):
        if len(shapes) > 1:
            title = theme.text(f"qgis.layer_{shape}", language=plan.language, title=layer.title)
        source, provider = _source(layer, shape, plan, is_mixed=len(shapes) > 1)
        entries.append(
            Entry(layer=layer, shape=shape, title=title, source=source, provider=provider)
        )
    return entries


def _source(layer: Layer, shape: str, plan: Plan, *, is_mixed: bool) -> tuple[str, str]:
    """Say where the rows of a layer are: a table of the project may stand in a database."""
    if plan.database is not None and not layer.is_computed:
        return table_source(plan.database, layer.name, layer.frame, shape), "postgres"
    narrow = f"|geometrytype={_WKB[shape]}" if is_mixed else ""
    return f"./{plan.name}.gpkg|layername={layer.name}{narrow}", "ogr"
