"""More zones than a sheet has panels for: every zone a ring with its rate, beside where it lies.

A ring is as large as the leasable land and cut by status; its edge is dashed where the account is
declared and not measured. A zone whose base nobody publishes is a grey ring of fixed size, with its
latest claim in the list. Rings are moved aside until none covers another, with a line to the zone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from kcngeo import theme
from kcngeo.cartography.basemap import basemap_of
from kcngeo.cartography.labels import Label, Place
from kcngeo.cartography.layers import choice
from kcngeo.cartography.map_layer import MapClass, MapLayer, Told, numbered
from kcngeo.cartography.places import places_of
from kcngeo.cartography.rings import Ring, leader, placed_rings, sector
from kcngeo.cartography.spec import MapSpec
from kcngeo.cartography.words import NO_WORDS, Words, joined, percent, same, text
from kcngeo.report import MonthlyReport, is_synthetic

if TYPE_CHECKING:
    import pandas as pd

_MOST_LISTED = 40
_NO_RATE = same("–")
_PARTS = tuple(theme.STATUS_COLORS)


def fill_overview(
    report: MonthlyReport,
    zones: MapLayer,
    counted: list[str],
    claims: Mapping[str, tuple[pd.Timestamp, Words]],
) -> MapSpec:
    """Show every zone as a ring as large as its base, cut by the shares of its account."""
    # A zone nobody places has no ring; its figures stand in the tables.
    places = places_of(report.project, on=report.on)
    shown = set(counted) & set(places.index)
    mine = zones.only(zones.frame["zone_id"].astype("str").isin(shown).to_numpy())
    wanted = _rings(report, mine, places, claims)
    rings = placed_rings(wanted)
    told = numbered(
        [
            Told(name=zone.name, entry=_entry(one, zone.notes[0]))
            for zone, one in zip(mine.told, wanted, strict=True)
        ]
    )
    listed = dict(zip([one.zone_id for one in wanted], told, strict=True))
    whole = text("report.all_zones")
    # The boundaries of all zones as one: the sheet then has one panel. A zone without a boundary is
    # a square metre where it lies, so that the panel reaches to it.
    drawn = [
        shapely.Point(*one.at).buffer(0.5, cap_style="square") if _is_missing(shape) else shape
        for one, shape in zip(wanted, mine.frame.geometry, strict=True)
    ]
    everything = gpd.GeoDataFrame(
        {"zone_id": [""], "name": [whole["vi"]]},
        geometry=[shapely.multipolygons(shapely.get_parts(drawn))],
        crs=mine.frame.crs,
    )
    return MapSpec(
        theme="fill",
        title=text("map.title"),
        headline=NO_WORDS,
        on=report.on.date(),
        zones=MapLayer(
            name="zones_on_day",
            title=zones.title,
            frame=everything,
            classes=zones.classes,
            told=[Told(name=whole)],
        ),
        basemap=basemap_of(report.project),
        layers=(
            *_sectors(rings, mine.frame.crs),
            _holes(wanted, rings, listed, mine.frame.crs),
            _leaders(rings, mine.frame.crs),
            _edges(rings, mine.frame.crs),
            *_names(rings, mine.frame.crs),
        ),
        notes=(text("figures.rings"),),
        list_title=text("figures.zones_listed"),
        most_listed=_MOST_LISTED,
        is_marked=False,
        is_synthetic=is_synthetic(report.project),
    )


def _entry(ring: Ring, note: Words) -> Words:
    """Say the rate of a zone or why it has none, and what else was claimed of it.

    By which definition the rates are stands over the map, once for all.
    """
    declared = [text("map.declared")] if ring.is_declared else []
    rate = note if ring.rate == _NO_RATE else joined([ring.rate, *declared], by=" ")
    return joined([rate, ring.claim], by="; ")


def _is_missing(shape: Any) -> bool:
    return shape is None or shape.is_empty


def _rings(
    report: MonthlyReport,
    zones: MapLayer,
    places: gpd.GeoSeries,
    claims: Mapping[str, tuple[pd.Timestamp, Words]],
) -> list[Ring]:
    """Give the rings of zones, where they lie, before any is moved aside."""
    frame = zones.frame
    accounts = report.accounts.reindex(frame["zone_id"])
    areas = accounts[[f"{part}_ha" for part in _PARTS]].fillna(0.0).to_numpy()
    rows = zip(
        frame["zone_id"].astype("str"),
        zones.told,
        frame["fill_rate"],
        accounts["base_ha"].fillna(0.0),
        accounts["source"].astype("str"),
        areas.tolist(),
        strict=True,
    )
    return [
        Ring(
            zone_id=zone,
            name=told.name,
            at=shapely.get_coordinates(places[zone])[0],
            base_ha=float(base),
            parts_ha=tuple(parts),
            is_declared=source == "declared",
            rate=percent(rate) if np.isfinite(rate) else _NO_RATE,
            claim=joined([text("map.claimed"), claims[zone][1]], by=" ")
            if zone in claims
            else NO_WORDS,
        )
        for zone, told, rate, base, source, parts in rows
    ]


def _at(point: Any, words: Words, priority: int) -> Label:
    return Label(text=words, place=Place(point=point), priority=priority)


def _layer(
    name: str,
    rows: Sequence[tuple[Any, ...]],
    classes: tuple[MapClass, ...],
    crs: Any,
    **more: Any,
) -> MapLayer:
    """Make a layer of (zone, class, hectares, shape) a row."""
    names = ("zone_id", "shown", "area_ha")
    values = {key: [row[at] for row in rows] for at, key in enumerate(names)}
    frame = gpd.GeoDataFrame(values, geometry=[row[3] for row in rows], crs=crs)
    told = [Told(name=same(str(one))) for one in frame["zone_id"]]
    return MapLayer(
        **{
            "name": name,
            "title": text("figures.lots_shown"),
            "frame": frame,
            "column": "shown",
            "classes": classes,
            "told": told,
            **more,
        }
    )


def _sectors(rings: Sequence[Ring], crs: Any) -> tuple[MapLayer, MapLayer]:
    """Cut the rings, clockwise from the top; a class a status, grey where nobody publishes."""
    rows, unstated = [], []
    for ring in rings:
        whole = max(sum(ring.parts_ha), ring.base_ha)
        low = 0.0
        for part, area in zip(_PARTS, ring.parts_ha, strict=True):
            if area > 0:
                shape = sector(ring, low, low + area / whole)
                rows.append((ring.zone_id, part, area, shape))
                low += area / whole
        # What nobody states of a declared base stays grey.
        if low < 1 - 1e-9:
            unstated.append((ring.zone_id, "", 0.0, sector(ring, low, 1.0)))
    classes = tuple(
        MapClass(value=part, label=choice(part, name="status"), color=color)
        for part, color in theme.STATUS_COLORS.items()
    )
    grey = MapClass(
        value="", label=text("figures.not_stated"), color=theme.LAYER_COLORS["not_recorded"]
    )
    return (
        _layer("accounts_by_size", rows, classes, crs, area="area_ha"),
        _layer("ring_unstated", unstated, (grey,), crs),
    )


def _holes(
    wanted: Sequence[Ring], rings: Sequence[Ring], listed: Mapping[str, Told], crs: Any
) -> MapLayer:
    """Leave the middle of every ring free for its rate; a zone without a ring is in the list."""
    placed = {one.zone_id: one for one in rings}
    rows, labels = [], []
    for at, one in enumerate(wanted, 1):
        ring = placed.get(one.zone_id)
        middle = shapely.Point(*(one.at if ring is None else ring.center))
        rows.append((one.zone_id, "", 0.0, middle.buffer(0.5 if ring is None else ring.hole)))
        labels.append(None if ring is None else _at(middle, one.rate, at))
    quiet = MapClass(value="", label=NO_WORDS, color=theme.PAPER)
    told = [listed[one.zone_id] for one in wanted]
    return _layer("ring_rates", rows, (quiet,), crs, labels=labels, told=told)


def _edges(rings: Sequence[Ring], crs: Any) -> MapLayer:
    """Draw the edge of every ring: dashed where the account is declared."""
    kinds = {
        "measured": ("line", NO_WORDS),
        "declared": ("dashed", text("figures.ring_declared")),
    }
    rows = [
        (
            one.zone_id,
            "declared" if one.is_declared else "measured",
            0.0,
            shapely.Point(*one.center).buffer(one.outer, quad_segs=30).exterior,
        )
        for one in rings
    ]
    classes = tuple(
        MapClass(
            value=kind,
            label=label,
            color=theme.INK,
            symbol=symbol,
            width_mm=0.5 if kind == "declared" else 0.25,
        )
        for kind, (symbol, label) in kinds.items()
    )
    return _layer("ring_edges", rows, classes, crs, is_framing=True)


def _names(rings: Sequence[Ring], crs: Any) -> tuple[MapLayer, MapLayer]:
    """Write the name of every zone under its ring, and under it what is claimed of it."""
    quiet = MapClass(value="", label=NO_WORDS, color=theme.PAPER)
    layers = []
    for name, line in (("ring_names", 0), ("ring_claims", 1)):
        rows, labels = [], []
        for at, one in enumerate(rings, 1):
            words = one.claim if line else one.name
            if words == NO_WORDS:
                continue
            rows.append((one.zone_id, "", 0.0, one.plates[line]))
            point = shapely.centroid(rows[-1][3])
            labels.append(_at(point, words, at))
        look = {"labels": labels, "edge_color": theme.PAPER, "is_framing": True}
        layers.append(_layer(name, rows, (quiet,), crs, **look))
    first, second = layers
    return first, second


def _leaders(rings: Sequence[Ring], crs: Any) -> MapLayer:
    """Lead from a ring that was moved aside to where its zone is."""
    # Where another ring stands on the zone the line ends at its edge: it would cross a rate.
    discs = [shapely.Point(*one.center).buffer(one.outer * 0.999) for one in rings]
    covered = shapely.union_all([*discs, *(plate for one in rings for plate in one.plates)])
    rows = []
    for one in rings:
        seen = shapely.difference(leader(one), covered) if one.is_moved else None
        if seen is not None and not seen.is_empty:
            rows.append((one.zone_id, "", 0.0, seen))
    line = MapClass(value="", label=NO_WORDS, color=theme.INK, symbol="line", width_mm=0.3)
    return _layer("ring_leaders", rows, (line,), crs)
