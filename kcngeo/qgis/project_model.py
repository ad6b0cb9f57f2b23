"""What a project is made of, before it is written: its layers, its day, its places and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kcngeo import theme
from kcngeo.io import Database
from kcngeo.qgis.database import table_source
from kcngeo.qgis.expressions import field, plain
from kcngeo.qgis.layers import Layer, Shown
from kcngeo.qgis.layout_items import Named
from kcngeo.qgis.print_layout import Sheet
from kcngeo.qgis.style import Look

Box = tuple[float, float, float, float]
"""West, south, east, north, in metres."""

_WKB = {"point": "Point", "line": "LineString", "polygon": "MultiPolygon"}


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
    is_past
        Whether it holds the versions that have ended: they lie under those of today, and moving a
        border of today must not move theirs.
    """

    layer: Layer
    shape: str
    title: str
    source: str
    provider: str = "ogr"
    is_past: bool = False

    @property
    def id(self) -> str:
        """Name the layer within the project; QGIS replaces ids of up to ten letters by its own."""
        name = f"kcngeo_{self.layer.name}_{self.shape or 'table'}"
        return f"{name}_past" if self.is_past else name

    @property
    def named(self) -> Named:
        """Give what finds it from elsewhere in the project."""
        return self.id, self.title, self.source, self.provider

    @property
    def looks(self) -> tuple[Look, ...]:
        """Give the styles for its kind of geometry, the default first."""
        return tuple(look.written() for look in self.layer.looks if look.shape == self.shape)


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
    """List a layer as QGIS does: once for each kind of geometry, and apart what has ended."""
    shapes = layer.shapes()
    entries = []
    for shape in shapes or ("",):
        title = layer.title
        if len(shapes) > 1:
            title = theme.text(f"qgis.layer_{shape}", language=plan.language, title=title)
        for is_past, rows in _rows(layer, shape, plan):
            source, provider = _source(layer, shape, plan, rows, is_open=_is_open(layer))
            said = title
            if is_past:
                said = theme.text("qgis.layer_past", language=plan.language, title=title)
            entries.append(
                Entry(
                    layer=layer,
                    shape=shape,
                    title=plain(said),
                    source=source,
                    provider=provider,
                    is_past=is_past,
                )
            )
    return entries


def _rows(layer: Layer, shape: str, plan: Plan) -> list[tuple[bool, str]]:
    """Say which rows a layer shows: of a table that is edited those on record, not what ended."""
    if layer.is_computed:
        return [(False, "")]
    known = ""
    if plan.database is not None or "superseded_at" in layer.frame.columns:
        known = f"{field('superseded_at')} IS NULL"
    ends = layer.frame["valid_to"] if "valid_to" in layer.frame.columns else pd.Series(dtype="O")
    # What has not ended on the day is edited together, what begins later too.
    if not shape or not (pd.to_datetime(ends, errors="coerce") <= plan.on).any():
        return [(False, known)]
    end, day = field("valid_to"), f"'{plan.on:%Y-%m-%d}'"
    parts = ((False, f"({end} IS NULL OR {end} > {day})"), (True, f"{end} <= {day}"))
    return [(is_past, " AND ".join(filter(None, (known, rows)))) for is_past, rows in parts]


def _is_open(layer: Layer) -> bool:
    """Tell whether a column takes several kinds of geometry: one without a row is no map by itself.

    What is to be drawn first in a table without rows is an area.
    """
    shapes = layer.shapes()
    return len(shapes) > 1 or (bool(shapes) and layer.frame.empty)


def _source(layer: Layer, shape: str, plan: Plan, rows: str, *, is_open: bool) -> tuple[str, str]:
    """Say where the rows of a layer are: a table of the project may stand in a database."""
    if plan.database is not None and not layer.is_computed:
        return table_source(plan.database, layer.name, layer.frame, shape, rows), "postgres"
    narrow = f"|geometrytype={_WKB[shape]}" if is_open else ""
    narrow += f"|subset={rows}" if rows else ""
    return f"./{plan.name}.gpkg|layername={layer.name}{narrow}", "ogr"
