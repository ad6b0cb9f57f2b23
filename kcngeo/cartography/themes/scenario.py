"""What a scenario would change, where it would: land, distances, conflicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo import theme
from kcngeo.cartography.basemap import basemap_of
from kcngeo.cartography.labels import candidates
from kcngeo.cartography.layers import (
    as_drawn,
    called,
    context_of,
    ends_of,
    name_of,
    parcels_by_use,
    zones_on,
)
from kcngeo.cartography.map_layer import MapClass, MapLayer, Told, numbered
from kcngeo.cartography.spec import MOST_PANELS, MapSpec
from kcngeo.cartography.words import Words, joined, number, same, say, text
from kcngeo.core.crs import require_same_crs
from kcngeo.core.dates import Day, day
from kcngeo.core.schema import COMPUTED, Names
from kcngeo.report import is_synthetic
from kcngeo.standards import Registry, registry

if TYPE_CHECKING:
    from kcngeo.ledger import Project, Snapshot
    from kcngeo.ledger.tables import Tables

# Lowest first: what a rule reaches lies under the land that changes hands.
_CLASSES = {
    "nearer": (theme.LAYER_COLORS["site"], "outline"),
    "farther": (theme.LAYER_COLORS["conflict"], "outline"),
    "extend": (theme.STATUS_COLORS["reserved"], "area"),
    "clear": (theme.STATUS_COLORS["available"], "area"),
    "let": (theme.STATUS_COLORS["leased"], "area"),
}
# A zone that is extended touches what comes to it.
_NEAR_M = 1.0
_OUTCOMES = {"won": theme.LAYER_COLORS["site"], "lost": theme.LAYER_COLORS["conflict"]}


def scenario(
    project: Project | Snapshot | Tables,
    places: gpd.GeoDataFrame,
    *,
    name: str,
    on: Day,
    moved: pd.DataFrame | None = None,
    rules: Registry | None = None,
    place: int = 1,
) -> MapSpec:
    """Show what a scenario changes over the lots of today, and the conflicts that come and go.

    Lots that are let or cleared are whole lots, whatever part of them changes; the list gives the
    hectares. A distance that changes is a strip: the land a rule reaches more, or no more. A dotted
    line joins emitter and receptor of each conflict that comes or goes. Least shares have no place.

    Parameters
    ----------
    project
        The tables of today, without the scenario; of a project what is known now.
    places
        Where the scenario changes something: ``place`` ("let", "clear", "extend", "farther",
        "nearer"), ``entry``, ``zone_id``, ``parcel_ids``, ``area_ha``, ``rule``, ``before_m``,
        ``after_m``, shapes in the CRS of the zones.
    name
        Name of the scenario.
    on
        The day.
    moved
        Conflicts that come or go with it: ``outcome`` ("won", "lost"), ``emitter_id``,
        ``receptor_id``, ``rule_id``, ``required_m``, ``distance_m``; None for none.
    rules
        The registry, for the titles of rules; None for the one that comes with the library.
    place
        Number of the scenario among those compared, which its layers are named by.

    Returns
    -------
    MapSpec
        The map.

    Raises
    ------
    CRSError
        If the shapes are in another CRS than the zones.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> squares = kcn.examples.squares()
    >>> lot = squares.parcels[squares.parcels["parcel_id"] == "A-2"][["zone_id", "geometry"]]
    >>> told = {"place": "let", "entry": "let 1", "parcel_ids": "A-2", "area_ha": 0.5}
    >>> places = lot.assign(**told, rule=None, before_m=None, after_m=None)
    >>> spec = scenario(squares, places, name="A-2 is let", on="2018-03-31")
    >>> spec.title["en"], spec.headline["en"]
    ('Scenario: A-2 is let', 'Places that change: 1; conflicts gone: 0, new: 0')
    """
    project, known = as_drawn(project), rules or registry()
    require_same_crs(zones=project.zones, places=places)
    rank = {value: at for at, value in enumerate(_CLASSES)}
    places = places.sort_values("place", key=lambda some: some.map(rank), kind="stable")
    names = called(project, rules=known, on=on)
    told = list(numbered([_told(row, known, names) for row in places.to_dict("records")]))
    ways = _ways(project, moved)
    said = [_way(row, names) for row in ways.to_dict("records")]
    beside = list(numbered(said, after=len(told)))
    panels, others = _panels(project, places, ways, on=on)
    count = {one: 0 if not len(ways) else int((ways["outcome"] == one).sum()) for one in _OUTCOMES}
    return MapSpec(
        theme="scenario",
        title=text("scenario_map.title", name=name),
        headline=text("scenario_map.headline", count=len(places), **count),
        on=day(on).date(),
        zones=zones_on(project, on=on),
        ground=parcels_by_use(project, on=on),
        context=context_of(project),
        basemap=basemap_of(project),
        layers=(
            _layer(f"scenario_{place}", "place", places, told),
            _layer(f"scenario_ways_{place}", "outcome", ways, beside),
        ),
        panel_zones=panels or None,
        notes=(
            text("scenario_map.note"),
            *([text("scenario_map.more_zones", zones=others)] if others else []),
        ),
        list_title=text("scenario_map.list"),
        list_empty=text("scenario_map.list_empty"),
        is_synthetic=is_synthetic(project),
    )


def _panels(
    project: Tables, places: gpd.GeoDataFrame, ways: gpd.GeoDataFrame, *, on: Day
) -> tuple[tuple[str, ...], list[str]]:
    """Choose the zones a sheet has room for: whose land changes first; and name the others."""
    zones = zones_on(project, on=on)
    shapes = zones.frame.geometry.to_numpy()
    is_land = ~places["place"].isin(["nearer", "farther"]).to_numpy()
    lands, strips = (places.geometry.to_numpy()[one] for one in (is_land, ~is_land))
    things = [lands, ways.geometry.to_numpy(), strips]
    # (zones, kinds of things) whether each zone is near any
    near = np.array(
        [[bool(shapely.dwithin(one, some, _NEAR_M).any()) for some in things] for one in shapes]
    ).reshape(len(shapes), len(things))
    order = [at for at in np.lexsort(~near.T[::-1]) if near[at].any()]
    names = [told.name["vi"] for told in zones.told]
    ids = zones.frame["zone_id"].astype("str").to_numpy()
    rest = sorted(names[at] for at in order[MOST_PANELS:])
    return tuple(str(ids[at]) for at in order[:MOST_PANELS]), rest


def _layer(name: str, column: str, frame: gpd.GeoDataFrame, told: list[Told]) -> MapLayer:
    """Show the land that changes, or the ways of the conflicts that do."""
    is_land = column == "place"
    shown = _CLASSES if is_land else {one: (color, "dotted") for one, color in _OUTCOMES.items()}
    frame = frame.reset_index(drop=True)
    numbers = pd.array([one.number for one in told], dtype="Int64")
    return MapLayer(
        name=name,
        title=text("scenario_map.places" if is_land else "scenario_map.ways"),
        frame=frame.assign(number=numbers),
        column=column,
        classes=tuple(
            MapClass(
                value=value,
                label=text(f"scenario_map.{value}"),
                color=color,
                symbol=symbol,
                mark=None if is_land else "",
            )
            for value, (color, symbol) in shown.items()
            if (frame[column] == value).any()
        ),
        told=told,
        contract=COMPUTED["scenario_places" if is_land else "scenario_conflicts"],
        labels=() if is_land else candidates(frame, [_metres(row) for row in _rows(frame)]),
        is_framing=True,
        about=text("scenario_map.about"),
    )


def _rows(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    return list(frame.to_dict("records"))


def _ways(project: Tables, moved: pd.DataFrame | None) -> gpd.GeoDataFrame:
    """Join emitter and receptor of every conflict that comes or goes."""
    crs = project.zones.crs
    if moved is None or moved.empty or project.emitters is None or project.receptors is None:
        nothing: dict[str, list[Any]] = {"outcome": []}
        return gpd.GeoDataFrame(nothing, geometry=[], crs=crs)
    ends = []
    for table, key in ((project.emitters, "emitter_id"), (project.receptors, "receptor_id")):
        shapes = table.drop_duplicates(key, keep="last").set_index(key).geometry
        ends.append(shapes.reindex(moved[key]).to_numpy())
    flat = pd.DataFrame(moved).drop(columns="geometry", errors="ignore").reset_index(drop=True)
    return gpd.GeoDataFrame(flat, geometry=shapely.shortest_line(*ends), crs=crs)


def _told(row: Mapping[Any, Any], rules: Registry, names: Mapping[str, Names]) -> Told:
    """Say what changes in a place."""
    if row["place"] in ("nearer", "farther"):
        # The figures first: a list on paper has no room for the whole title of a rule.
        ends = [number(row[f"{end}_m"], decimals=0) for end in ("before", "after")]
        name = joined([joined(ends, by=" → "), same("m")], by=" ")
        facts = say(rules.load(row["rule"]).title.__getitem__)
    else:
        ids = row["parcel_ids"] if isinstance(row["parcel_ids"], str) else ""
        lot, *others = ids.split("|")
        key = "scenario_map.lots" if others else "scenario_map.lot"
        name = text(key, lot=name_of(names, "parcels", lot) if lot else "–", others=len(others))
        facts = joined([number(row["area_ha"]), same("ha")], by=" ")
    return Told(name=name, entry=joined([text(f"scenario_map.{row['place']}"), facts]))


def _way(row: Mapping[Any, Any], names: Mapping[str, Names]) -> Told:
    """Say which conflict comes or goes."""
    return Told(
        name=ends_of(row, names),
        entry=joined([text(f"scenario_map.{row['outcome']}"), _metres(row)]),
        notes=(name_of(names, "rules", row["rule_id"]),),
    )


def _metres(row: Mapping[Any, Any]) -> Words:
    """Say how near it is and how near it may be."""
    ends = [number(row[one], decimals=0) for one in ("distance_m", "required_m")]
    return joined([joined(ends, by=" / "), same("m")], by=" ")
