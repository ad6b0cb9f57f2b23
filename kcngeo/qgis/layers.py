"""The layers of a package: what each holds, how it looks, and what is told about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import geopandas as gpd
import pandas as pd
import shapely

from kcngeo import theme
from kcngeo.cartography import MapLayer, MapSpec
from kcngeo.ledger.tables import Tables
from kcngeo.qgis.looks import (
    bare_look,
    code_look,
    layer_look,
    marks_look,
    table_look,
    use_look,
)
from kcngeo.qgis.style import Look
from kcngeo.standards import registry

GROUPS = ("works", "results", "months", "around", "tables")
"""Groups of the project's layers, from above: what is small lies above the lots."""

WORKS, RESULTS, MONTHS, AROUND, TABLES_GROUP = GROUPS

_PARCELS = "parcels_on_day"
_SHOWN = ("shown_from", "shown_until")
_GROUP_OF = {
    **dict.fromkeys(("works", "emitters", "buildings"), WORKS),
    **dict.fromkeys(("receptors", "context"), AROUND),
}
# From point to polygon: what is small lies above.
_SHAPES = ("point", "line", "polygon")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """One layer of a package.

    Attributes
    ----------
    name
        Its name in the GeoPackage; a table of the project keeps its own.
    frame
        Its rows.
    group
        The group it stands in.
    title
        What it is called.
    abstract
        What it holds and where it is from.
    looks
        Its styles, the default first, for every kind of geometry it has.
    lists
        Drop-downs beside those of the tables' contracts.
    is_computed
        Whether kcngeo computed it, so that editing it would change nothing.
    """

    name: str
    frame: pd.DataFrame
    group: str
    title: str
    abstract: str
    looks: tuple[Look, ...] = ()
    lists: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    is_computed: bool = True

    def shapes(self) -> tuple[str, ...]:
        """Tell which kinds of geometry the layer holds."""
        return shapes_of(self.frame)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """A map theme of the project: which layers it shows, each with one of its styles.

    Attributes
    ----------
    title
        Its name.
    styles
        By layer, the position of the style.
    """

    title: str
    styles: Mapping[str, int]


def map_layers(specs: Sequence[MapSpec], *, language: str) -> list[Layer]:
    """Make layers of maps; a layer that several show stands once."""
    found: dict[str, Layer] = {}
    for spec in specs:
        if spec.zones.name not in found:
            found[spec.zones.name] = _zones(spec, language=language)
        for one in (*spec.layers[::-1], *spec.more):
            # Parcels of a map of their own lie under the layers of all the others.
            if one.name != _PARCELS and len(one.frame):
                made = _layers_of(one, spec, language=language)
                found |= {layer.name: layer for layer in made}
    # A map of parcels tells more of them than one that only lies on them.
    for spec in sorted(specs, key=lambda spec: not _tells_parcels(spec)):
        parcels = _of_name(spec, _PARCELS)
        if parcels is not None and _PARCELS not in found:
            found[_PARCELS] = _parcels(parcels, spec, language=language)
        for under in (spec.context, spec.basemap):
            if under is not None and under.name not in found:
                (layer,) = _layers_of(under, spec, language=language)
                found[layer.name] = replace(layer, group=AROUND)
    # What another map lacks must not lie below the ground of all.
    return sorted(found.values(), key=lambda layer: layer.name == "basemap")


def shown_in(specs: Sequence[MapSpec], *, language: str) -> list[Shown]:
    """Say what each map theme shows."""
    shown = []
    is_told = any(map(_tells_parcels, specs))
    for spec in specs:
        tells = _tells_parcels(spec)
        names = [one.name for one in (*spec.drawn(), spec.zones)]
        names += [one.marks for one in spec.layers if one.marks]
        styles = dict.fromkeys(names, 0)
        if not tells:
            styles[spec.zones.name] = 1
            if _PARCELS in styles:
                styles[_PARCELS] = 2 if is_told else 0
        shown.append(Shown(title=spec.title[language], styles=styles))
        if tells:
            code = theme.text("qgis.style_code", language=language)
            shown.append(Shown(title=code, styles={**styles, _PARCELS: 1}))
        if spec.history is not None:
            months = dict.fromkeys((spec.history.zones.name, spec.history.parcels.name), 0)
            months |= {"context": 0, "basemap": 0}
            title = theme.text("qgis.theme_months", language=language)
            shown.append(Shown(title=title, styles=months))
    return shown


def edited_in(layers: Sequence[Layer], *, language: str) -> list[Shown]:
    """Say what the map theme for editing shows: the project's own tables and nothing computed."""
    names = [one.name for one in layers if not one.is_computed and one.looks]
    title = theme.text("qgis.theme_editing", language=language)
    return [Shown(title=title, styles=dict.fromkeys(names, 0))] if names else []


def _of_name(spec: MapSpec, name: str) -> MapLayer | None:
    return next((one for one in spec.drawn() if one.name == name), None)


def _tells_parcels(spec: MapSpec) -> bool:
    """Whether a map tells how the parcels are let, and does not only lie on them."""
    return any(one.name == _PARCELS and one.shares for one in spec.layers)


def _layers_of(layer: MapLayer, spec: MapSpec, *, language: str) -> list[Layer]:
    """Make a layer of each kind that QGIS draws apart: of pins their marks, above their areas."""
    frame = _framed(layer, language=language)
    lists = {layer.column: _words(layer, language=language)} if layer.column else {}
    made = Layer(
        name=layer.name,
        frame=frame,
        group=RESULTS,
        title=layer.title[language],
        abstract=_abstract(layer, spec, language=language),
        looks=tuple(layer_look(layer, one, language=language) for one in shapes_of(frame)),
        lists=lists,
    )
    if not layer.marks:
        return [made]
    shapes = frame.geometry.to_numpy()
    placed = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    is_area = shapely.get_dimensions(shapes) == 2
    points = frame[placed].set_geometry(shapely.point_on_surface(shapes[placed]), crs=frame.crs)
    # A mark for each feature with a place, also for slivers nobody could see.
    marks = replace(
        made,
        name=layer.marks,
        title=theme.table_title(layer.marks, language=language),
        frame=points.reset_index(drop=True),
        looks=(marks_look(layer, language=language),),
    )
    # Features without a place stay in the table of the layer.
    areas = replace(
        made,
        frame=frame[is_area | ~placed].reset_index(drop=True),
        looks=(replace(layer_look(layer, "polygon", language=language), label=None),),
    )
    return [marks, areas]


def _abstract(layer: MapLayer, spec: MapSpec, *, language: str) -> str:
    """Say what a layer holds, of which day it is, and what a reader must know."""
    date = theme.date(spec.on, language=language)
    about = layer.about[language] or theme.text("qgis.abstract_given", language=language, on=date)
    return " ".join([about, *(words[language] for words in spec.notes)])


def _framed(layer: MapLayer, *, language: str) -> gpd.GeoDataFrame:
    """Give the rows of a layer as a file holds them, with their labels."""
    frame = _plain(layer.frame)
    if "message" in frame:
        # A finding and its advice are texts; the rows hold them in one language, the notes in all.
        said = {
            name: pd.array([one.notes[note][language] for one in layer.told], dtype="str")
            for note, name in enumerate(("message", "advice"))
        }
        frame = frame.assign(**said)
    if layer.labels:
        words = [None if one is None else one.text[language] for one in layer.labels]
        frame = frame.assign(label=pd.Series(words, index=frame.index, dtype="str"))
    elif any(one.number is not None for one in layer.told):
        frame = frame.assign(label=pd.Series(None, index=frame.index, dtype="str"))
    return frame


def _words(layer: MapLayer, *, language: str) -> dict[str, str]:
    """Give the words of the values of a layer's column."""
    return {one.value: one.label[language] for one in layer.classes if one.value is not None}


def _zones(spec: MapSpec, *, language: str) -> Layer:
    """Make the layer of the zones: with what is said of them, and with their names alone."""
    (made,) = _layers_of(spec.zones, spec, language=language)
    frame, told = made.frame, spec.zones.told
    if any(one.notes for one in told):
        said = [" ".join(words[language] for words in one.notes) for one in told]
        why = [spec.zone_reasons.get(str(one), {}).get(language) for one in frame["zone_id"]]
        frame = frame.assign(
            fill_rate_shown=pd.Series(said, index=frame.index, dtype="str"),
            reason=pd.Series(why, index=frame.index, dtype="str"),
        )
    looks = [replace(look, name=spec.zones.title[language]) for look in made.looks]
    looks += [bare_look(look, language=language) for look in made.looks]
    return replace(made, frame=frame, looks=tuple(looks))


def _parcels(layer: MapLayer, spec: MapSpec, *, language: str) -> Layer:
    """Make the layer of the parcels: by status where they have one, by legal code, by use."""
    (made,) = _layers_of(layer, spec, language=language)
    if not layer.shares:
        return made
    coded = code_look(layer.frame, on=spec.on, language=language)
    looks = (*made.looks, coded, use_look(language=language))
    palette = registry().palettes(on=spec.on)[0].title[language]
    said = theme.text("qgis.palette", language=language, palette=palette)
    lists = {**made.lists, "second_as": made.lists[layer.column]}
    return replace(made, looks=looks, lists=lists, abstract=f"{made.abstract} {said}".strip())


def history_layers(spec: MapSpec, *, language: str) -> list[Layer]:
    """Make the layers of a map's months, for the temporal controller."""
    made: list[Layer] = []
    history = spec.history
    for one in () if history is None else (history.zones, history.parcels):
        (layer,) = _layers_of(one, spec, language=language)
        looks = tuple(replace(look, months=_SHOWN) for look in layer.looks)
        frame = layer.frame.drop(columns="version", errors="ignore")
        made.append(replace(layer, group=MONTHS, looks=looks, frame=frame))
    return made


def table_layers(project: Tables, *, language: str) -> list[Layer]:
    """Make layers of the project's own tables, as they are on record."""
    said = theme.text("qgis.abstract_table", language=language)
    return [
        Layer(
            name=name,
            frame=frame,
            group=_GROUP_OF.get(name, TABLES_GROUP),
            title=theme.table_title(name, language=language),
            abstract=said,
            looks=tuple(table_look(name, frame, one, language) for one in shapes_of(frame)),
            is_computed=False,
        )
        for name, frame in project.tables()
    ]


def shapes_of(frame: pd.DataFrame) -> tuple[str, ...]:
    """Tell which kinds of geometry a frame holds."""
    if not isinstance(frame, gpd.GeoDataFrame):
        return ()
    kinds = set(shapely.get_dimensions(frame.geometry.to_numpy()).tolist())
    return tuple(one for at, one in enumerate(_SHAPES) if at in kinds) or ("polygon",)


def _plain(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Turn lists of ids into text and keep an index that says something as a column."""
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    lists = {
        name: frame[name].map(lambda ids: "|".join(map(str, ids))).astype("str")
        for name in frame.columns
        if len(frame) and isinstance(frame[name].iloc[0], tuple | list)
    }
    return frame.assign(**lists)
