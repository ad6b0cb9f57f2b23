"""Layers that several themes share: zones, parcels by land use, context, things by kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from kcngeo import theme
from kcngeo.cartography.labels import candidates
from kcngeo.cartography.map_layer import MapClass, MapLayer, Told
from kcngeo.cartography.words import Words, joined, same, say, text
from kcngeo.core.dates import Day, in_force
from kcngeo.core.schema import TABLES, Names
from kcngeo.core.units import M2_PER_HA
from kcngeo.ledger import Project, Snapshot, known, lot_numbers
from kcngeo.ledger.zones import zone_names
from kcngeo.report import feature_names

if TYPE_CHECKING:
    import geopandas as gpd

    from kcngeo.ledger.tables import Tables
    from kcngeo.standards import Registry

_MARKERS = {"emitters": "^", "receptors": "s"}


def as_drawn(project: Project | Snapshot | Tables) -> Tables:
    """Give the tables a map shows: as known, with the rows of zones at fault.

    A zone that is not computable has no figures, and still lies where it lies.

    Parameters
    ----------
    project
        The tables; of a project what is known now.

    Returns
    -------
    Tables
        The tables, without rows that were superseded.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> len(as_drawn(kcn.examples.squares()).parcels)
    10
    """
    if isinstance(project, Project):
        project = known(project)
    if isinstance(project, Snapshot):
        return project.given or project
    return project


def title(table: str) -> Words:
    """Give the title of a table or layer."""
    return say(lambda language: theme.table_title(table, language=language))


def choice(value: str, *, name: str, layer: str = "") -> Words:
    """Give the words of a value of a closed list."""
    return say(lambda language: theme.choice(value, name=name, language=language, layer=layer))


def zones_on(project: Tables, *, on: Day) -> MapLayer:
    """Give the zones in force on a day, with their names."""
    zones = in_force(project.zones, on).sort_values("zone_id").reset_index(drop=True)
    ids = zones["zone_id"].astype("str")
    named = zones["name"] if "name" in zones.columns else pd.Series(None, index=zones.index)
    names = [name if isinstance(name, str) else one for name, one in zip(named, ids, strict=True)]
    frame = zones[["zone_id", zones.active_geometry_name]]
    frame.insert(1, "name", pd.Series(names, index=frame.index, dtype="str"))
    return MapLayer(
        name="zones_on_day",
        title=title("zones_on_day"),
        frame=frame,
        classes=(zone_boundary(),),
        told=[Told(name=same(name)) for name in names],
        labels=candidates(frame, names),
    )


def zone_boundary() -> MapClass:
    """Give the class of zones: their boundary, alike on every map."""
    return MapClass(
        value=None,
        label=title("zones"),
        color=theme.LAYER_COLORS["zone"],
        symbol="outline",
        width_mm=0.7,
    )


def parcels_by_use(project: Tables, *, on: Day) -> MapLayer:
    """Give the parcels of a day, pale, by land use: what another map is drawn on."""
    return use_layer(in_force(project.parcels, on), among=project.parcels)


def use_layer(parcels: gpd.GeoDataFrame, *, among: pd.DataFrame) -> MapLayer:
    """Give parcels, pale, by land use; each has the number that tells it apart among those."""
    parcels = parcels.sort_values("parcel_id").reset_index(drop=True)
    kept = [
        name
        for name in ("parcel_id", "zone_id", "lot_code", "land_use", "land_use_code")
        if name in parcels.columns
    ]
    frame = parcels[[*kept, parcels.active_geometry_name]]
    frame = frame.assign(area_ha=frame.geometry.area / M2_PER_HA)
    return MapLayer(
        name="parcels_on_day",
        title=text("layers_map.uses"),
        frame=frame,
        column="land_use",
        classes=use_classes(frame["land_use"]),
        area="area_ha",
        told=[Told(name=same(one)) for one in lot_numbers(frame, among=among)],
    )


def use_classes(uses: Iterable[Any]) -> tuple[MapClass, ...]:
    """Give a class for every land use that is there."""
    there = set(uses)
    return tuple(
        MapClass(value=str(use), label=choice(use, name="land_use"), color=color)
        for use, color in theme.USE_COLORS.items()
        if use in there
    )


def context_of(project: Tables) -> MapLayer | None:
    """Give roads, rivers and boundaries drawn under everything."""
    context = project.context
    if context is None or context.empty:
        return None
    frame = context.reset_index(drop=True)
    names = frame["name"] if "name" in frame.columns else pd.Series(None, index=frame.index)
    named = [name if isinstance(name, str) else "" for name in names]
    colors = theme.KIND_COLORS["context"]
    symbols = {"boundary": "dashed"}
    return MapLayer(
        name="context",
        title=title("context"),
        frame=frame,
        column="kind",
        classes=tuple(
            MapClass(
                value=kind,
                label=choice(kind, name="kind", layer="context"),
                color=colors.get(kind, theme.LAYER_COLORS["other"]),
                symbol=symbols.get(kind, "line"),
                width_mm=0.9 if kind == "road" else 0.6,
            )
            for kind in sorted(set(frame["kind"].dropna().astype("str")))
        ),
        told=[Told(name=same(name)) for name in named],
        labels=candidates(frame, named),
    )


def called(project: Tables, *, rules: Registry, on: Day) -> Mapping[str, Names]:
    """Give by language what the ids of zones, lots, emitters, receptors and rules are called."""
    zones = zone_names(project.zones, on=on)
    return {
        language: {
            "zones": zones,
            "rules": {one.name: one.title[language] for one in rules.entries.values()},
            **feature_names(project, zones, language=language),
        }
        for language in theme.LANGUAGES
    }


def name_of(names: Mapping[str, Names], table: str, one: str) -> Words:
    """Say what an id of a table is called; the id itself where nothing else is known."""
    return say(lambda language: names[language].get(table, {}).get(one, one))


def ends_of(row: Mapping[Any, Any], names: Mapping[str, Names]) -> Words:
    """Name the emitter and the receptor of a conflict."""
    ends = (("emitters", "emitter_id"), ("receptors", "receptor_id"))
    return joined([name_of(names, table, row[key]) for table, key in ends], by=" → ")


def by_kind(project: Tables, table: str, *, on: Day, names: Mapping[str, Names]) -> MapLayer | None:
    """Give emitters or receptors of a day, a class a kind."""
    frame: gpd.GeoDataFrame | None = getattr(project, table)
    if frame is None:
        return None
    frame = in_force(frame, on).reset_index(drop=True)
    dimensions = shapely.get_dimensions(frame.geometry.to_numpy())
    hectares = pd.Series(frame.geometry.area / M2_PER_HA, index=frame.index)
    frame = frame.assign(area_ha=hectares.where(dimensions == 2))
    kinds = frame["kind"].astype("str")
    classes = []
    for kind in sorted(set(kinds)):
        # A kind of points alone is drawn by marks, one that has areas by areas.
        largest = int(np.max(dimensions[(kinds == kind).to_numpy()]))
        classes.append(
            MapClass(
                value=kind,
                label=choice(kind, name="kind", layer=table),
                color=theme.KIND_COLORS[table].get(kind, theme.LAYER_COLORS["other"]),
                symbol=("point", "line", "area")[largest],
                marker=_MARKERS[table],
            )
        )
    ids = frame[f"{table[:-1]}_id"].astype("str")
    return MapLayer(
        name=f"{table}_on_day",
        title=title(table),
        frame=frame,
        column="kind",
        classes=tuple(classes),
        told=[Told(name=name_of(names, table, one)) for one in ids],
        contract=TABLES[table],
        names=names,
        area="area_ha",
    )
