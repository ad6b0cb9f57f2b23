"""How each layer of a package looks: that of its map, and that of the project's own tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd
import shapely

from kcngeo import theme
from kcngeo.cartography import MapLayer
from kcngeo.cartography.map_layer import LINES
from kcngeo.cartography.styles import WHOLE
from kcngeo.core.dates import Day
from kcngeo.qgis.layout_maps import LOCATOR_NAME
from kcngeo.qgis.relations import lot_number
from kcngeo.qgis.style import Category, Label, Look
from kcngeo.standards import registry

_LOT_LABELS_CLOSER_THAN = 20_000
_LOTS_CLOSER_THAN, _BUILDINGS_CLOSER_THAN = 200_000, 50_000
_NUMBERS_CLOSER_THAN = 50_000
# Towns are named where roads and rivers no longer are.
_NAMES_CLOSER_THAN = _TOWNS_FARTHER_THAN = 100_000
_GROUND_FARTHER_THAN = 50_000
_FENCE_MM = 0.7
_SHAPES = ("point", "line", "polygon")
_STYLES = {"shown_as": "status", "severity": "severity", "level": "level", "kind": "kind"}
_STYLES |= {"land_use": "use"}


def layer_look(layer: MapLayer, shape: str, *, language: str) -> Look:
    """Draw a layer of a map as its specification says."""
    categories = _categories(layer, shape, language=language)
    dimensions = shapely.get_dimensions(layer.frame.geometry.to_numpy())
    if (layer.places()[dimensions == _SHAPES.index(shape)] < 0).any():
        categories += (_other(language),)
    is_parcels = bool(layer.shares) or layer.column == "land_use"
    style = _STYLES.get(layer.column, "plain")
    return Look(
        name=theme.text(f"qgis.style_{style}", language=language),
        shape=shape,
        column=layer.column,
        categories=categories,
        shares=layer.shares,
        outline=layer.edge_color or theme.LAYER_COLORS["lot"],
        width_mm=0.15 if is_parcels else 0.2,
        size_mm=3.2 if shape == "point" else 2.4,
        opacity_share=layer.opacity_share,
        label=_label(layer),
        # Nearer, a border right to some hundred metres would be taken for one right to a lot.
        farther_than=_GROUND_FARTHER_THAN if layer.name == "basemap" else 0,
    )


def _categories(layer: MapLayer, shape: str, *, language: str) -> tuple[Category, ...]:
    """Give the classes that are drawn in a kind of geometry, or have features of it."""
    dimensions = shapely.get_dimensions(layer.frame.geometry.to_numpy())
    is_there = (layer.shares_of() > WHOLE)[dimensions == _SHAPES.index(shape)].any(axis=0)
    natural = {"area": "polygon", "outline": "polygon", "pin": "polygon", "point": "point"}
    return tuple(
        Category(
            value=one.value,
            label=one.label[language],
            color=one.color,
            symbol=one.symbol,
            width_mm=one.width_mm,
            marker=one.marker,
        )
        for one, has_some in zip(layer.classes, is_there, strict=True)
        if has_some or natural.get(one.symbol, "line" if one.symbol in LINES else "") == shape
    )


def _label(layer: MapLayer) -> Label | None:
    """Write the words and numbers of a map; small parcels only from near."""
    number = "number" if any(one.number is not None for one in layer.told) else ""
    if not layer.labels and not number:
        return None
    if layer.name.startswith("zones"):
        return _zone_label("label")
    if layer.shares:
        return Label(column="label", size_pt=7.0, closer_than=_LOT_LABELS_CLOSER_THAN)
    if layer.name == "basemap":
        return Label(column="label", size_pt=7.0, farther_than=_TOWNS_FARTHER_THAN)
    # All of them are drawn, and from farther they would lie on each other and on the zones' names.
    closer_than = _NUMBERS_CLOSER_THAN if number else 0
    return Label(column="label", number=number, bold=bool(number), closer_than=closer_than)


def _zone_label(column: str) -> Label:
    """Name zones; where a zone lies the frame says, and one name would stand there for all."""
    return Label(column=column, size_pt=10.0, bold=True, unless_on=LOCATOR_NAME)


def marks_look(layer: MapLayer, *, language: str) -> Look:
    """Draw the marks of pins, which are seen however small the areas are."""
    areas = layer_look(layer, "polygon", language=language)
    return replace(areas, shape="point", size_mm=3.2, opacity_share=1.0)


def bare_look(zones: Look, *, language: str) -> Look:
    """Draw zones with their names alone."""
    name = theme.text("qgis.style_outline", language=language)
    return replace(zones, name=name, label=_zone_label("name"))


def code_look(lots: pd.DataFrame, *, on: Day, language: str) -> Look:
    """Colour lots by legal code, in the palette of the day; other codes grey under their name."""
    colors = {
        code: color
        for one in registry().palettes(on=on)[::-1]
        for code, color in one.colors.items()
    }
    present: set[str] = set()
    if "land_use_code" in lots.columns:
        present = set(lots["land_use_code"].dropna().astype(str))
    known = [code for code in colors if code in present]
    categories = []
    for code in (*known, *sorted(present - set(known))):
        name = theme.table().get(f"land_code.{code}")
        words = code if name is None else f"{code} – {name[language]}"
        color = colors.get(code, theme.LAYER_COLORS["other"])
        categories.append(Category(value=code, label=words, color=color))
    return Look(
        name=theme.text("qgis.style_code", language=language),
        shape="polygon",
        column="land_use_code" if "land_use_code" in lots.columns else "",
        categories=(*categories, *_others(lots, "land_use_code", categories, language)),
        outline=theme.LAYER_COLORS["lot"],
        width_mm=0.15,
        label=Label(column="label", size_pt=7.0, closer_than=_LOT_LABELS_CLOSER_THAN),
    )


def lot_look(lots: pd.DataFrame, *, language: str) -> Look:
    """Draw lots that are edited: by use, each with its number, from near enough to edit them."""
    label = Label(
        column="lot_code" if "lot_code" in lots.columns else "parcel_id",
        expression=lot_number(lots),
        size_pt=7.0,
        closer_than=_LOT_LABELS_CLOSER_THAN,
    )
    return replace(use_look(language=language), label=label, closer_than=_LOTS_CLOSER_THAN)


def use_look(*, language: str) -> Look:
    """Colour lots by their function in the approved plan."""
    categories = tuple(
        _category(use, color, "land_use", language) for use, color in theme.USE_COLORS.items()
    )
    return Look(
        name=theme.text("qgis.style_use", language=language),
        shape="polygon",
        column="land_use",
        categories=categories,
        outline=theme.LAYER_COLORS["lot"],
        width_mm=0.15,
    )


def table_look(name: str, frame: pd.DataFrame, shape: str, language: str) -> Look:
    """Draw a table of the project: by kind where it has one, lots by use, the rest alike."""
    if name == "parcels":
        return lot_look(frame, language=language)
    symbol = "outline" if name in ("zones", "clearance") else "area"
    width = {"line": 0.5, "polygon": 0.2, "point": 0.2}[shape]
    if name in theme.KIND_COLORS:
        return _kind_look(name, frame, shape, width, language)
    colors = {"zones": "zone", "buildings": "building", "clearance": "clearance"}
    color = theme.LAYER_COLORS[colors.get(name, "other")]
    return Look(
        name=theme.text("qgis.style_plain", language=language),
        shape=shape,
        categories=(
            Category(
                value=None,
                label=theme.table_title(name, language=language),
                color=color,
                symbol=symbol,
                width_mm=_FENCE_MM if name == "zones" else width,
            ),
        ),
        outline=theme.LAYER_COLORS["lot"],
        width_mm=width,
        closer_than=_BUILDINGS_CLOSER_THAN if name == "buildings" else 0,
    )


def _kind_look(name: str, frame: pd.DataFrame, shape: str, width: float, language: str) -> Look:
    colors = theme.KIND_COLORS[name]
    present = set(frame["kind"].dropna().astype(str))
    kinds = [*(kind for kind in colors if kind in present), *sorted(present - set(colors))]
    categories = [
        Category(
            value=kind,
            label=theme.choice(kind, name="kind", layer=name, language=language),
            color=colors.get(kind, theme.LAYER_COLORS["other"]),
            width_mm=0.8 if name == "context" else width,
        )
        for kind in kinds
    ]
    is_named = name == "context" and "name" in frame.columns
    return Look(
        name=theme.text("qgis.style_kind", language=language),
        shape=shape,
        column="kind",
        categories=(*categories, *_others(frame, "kind", categories, language)),
        outline=theme.LAYER_COLORS["lot"],
        width_mm=width,
        opacity_share=0.6 if shape == "polygon" else 1.0,
        label=Label(column="name", size_pt=7.0, closer_than=_NAMES_CLOSER_THAN)
        if is_named
        else None,
    )


def _others(
    frame: pd.DataFrame, column: str, known: Iterable[Category], language: str
) -> tuple[Category, ...]:
    """Give a grey category for rows that would otherwise vanish from the map."""
    values = {one.value for one in known}
    if column in frame.columns and frame[column].isin(values).all() and values:
        return ()
    return (_other(language),)


def _other(language: str) -> Category:
    words = theme.text("qgis.other_values", language=language)
    return Category(value=None, label=words, color=theme.LAYER_COLORS["other"])


def _category(value: str, color: str, name: str, language: str) -> Category:
    words = theme.choice(str(value), name=name, language=language)
    return Category(value=str(value), label=words, color=color)
