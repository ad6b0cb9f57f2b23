"""Assemble land into sites, measure them, and tell which meet the wishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo.analysis.sites import width as shape_of
from kcngeo.analysis.sites.criteria import (
    admissible_of,
    level_of,
    refused,
    require_columns,
    require_sizes,
)
from kcngeo.analysis.sites.roads import frontage_m, joined_across, road_areas
from kcngeo.core.areal import areal
from kcngeo.core.crs import require_metric_crs, require_same_crs
from kcngeo.core.dates import Day
from kcngeo.core.errors import KcngeoError
from kcngeo.core.geometry import require_polygons
from kcngeo.core.units import M2_PER_HA

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Geometries = NDArray[np.object_]
    Rows = NDArray[np.intp]

REASONS = ("area", "width", "frontage", "level", "unknown_level", "sector")
"""Why land falls out; and of each need NEED: "without_NEED", "unknown_NEED"."""

_COLUMNS = ("parcel_id", "zone_id")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pieces:
    """Pieces of land: their shapes, zones, the lots they touch, and why they already fall out."""

    shape: Geometries
    zone_id: NDArray[np.object_]
    lots: list[tuple[str, ...]]
    fails: list[tuple[str, ...]]

    @classmethod
    def joined(cls, *some: _Pieces) -> _Pieces:
        """Put pieces one below the other."""
        return cls(
            shape=np.concatenate([one.shape for one in some]),
            zone_id=np.concatenate([one.zone_id for one in some]),
            lots=[lots for one in some for lots in one.lots],
            fails=[fails for one in some for fails in one.fails],
        )


def find_sites(
    land: gpd.GeoDataFrame,
    *,
    min_area_ha: float,
    min_width_m: float | None = None,
    on: Day | None = None,
    needs: Sequence[str] = (),
    readiness: pd.DataFrame | None = None,
    min_level: int | None = None,
    sector: str | None = None,
    unsuitable: pd.DataFrame | None = None,
    admissible: pd.DataFrame | None = None,
    roads: gpd.GeoDataFrame | None = None,
    road_reach_m: float = 1.0,
    min_frontage_m: float | None = None,
    across_road_m: float | None = None,
    min_shared_edge_m: float = 10.0,
    gap_m: float = 0.02,
    rejected: bool = False,
) -> gpd.GeoDataFrame:
    """Find the sites that can be assembled from developable land, the best first.

    Lots of one zone belong together where they share an edge of ``min_shared_edge_m``; edges nearer
    than ``gap_m`` are one edge. A lot that refuses a wish of its own (a need, a level, a sector) is
    no part of any site. With ``across_road_m``, land on both sides of a road not wider than that is
    one site; its width and circle are those of its bodies, never across the road.

    **Width** is what a disc can be moved through. ``width_m`` is the largest width at which one
    body of the site, everywhere at least so wide, still holds ``min_area_ha`` (of smaller land,
    99 % of it; of a site across a road, 99 % of its narrowest body): eight hectares in one piece,
    62 m wide throughout. With ``min_width_m`` land is parted at narrower necks, and what is
    narrower falls out as "width". Corners of 60° and more count in full, though no disc reaches
    into them, unless a neck leaves from beside them. It is measured by shrinking and widening the
    land, and not too large but for 0.03 % where arcs are drawn as polygons; ``circle_m``, the
    diameter of the largest circle that fits, is at most 0.1 m too small.

    ``frontage_m`` is the length of the site's edge within ``road_reach_m`` of a road, at each end
    too long by the reach at most. Land cut off from the road by a belt has none.

    The ranking: the readier first, then those on a road, then the larger. Hectares are those of
    the land itself; pieces below 1 m² are left out as rounding.

    Parameters
    ----------
    land
        Developable land: ``parcel_id`` (each once), ``zone_id``, polygons in a projected CRS in
        metres; see :func:`kcngeo.developable.developable_land`.
    min_area_ha
        Hectares a site must have.
    min_width_m
        Metres it must be wide throughout; None for any width.
    on
        The day: roads with ``done_on`` count from that day. None if it does not matter.
    needs
        Columns of ``readiness`` that must be true of every lot, for example "road" and "power";
        what nobody recorded is unknown and falls out as such.
    readiness
        By parcel_id: ``level`` and what serves the lot; see :func:`kcngeo.progress.readiness`.
    min_level
        Least level of every lot.
    sector
        Sector of the investor; needs ``unsuitable``.
    unsuitable
        ``parcel_id`` and ``sector``: lots a sector may not take, for example next to a neighbour
        it must be kept from.
    admissible
        Per lot and rule the worst hazard class allowed; see
        :func:`kcngeo.conflicts.admissible_class`. Only told, never asked: land too near for a class
        is an encumbrance.
    roads
        Lines or polygons in the same CRS; lines take half their ``width_m`` to either side.
    road_reach_m
        How far from a road's land an edge may lie to be on the road.
    min_frontage_m
        Metres of frontage a site must have; needs ``roads``.
    across_road_m
        Widest road that may run through a site; needs ``roads``. None for no road.
    min_shared_edge_m
        Metres two lots must share to lie together.
    gap_m
        Hairlines up to this width are closed before anything is measured.
    rejected
        Whether to give the land that falls out too, below the sites.

    Returns
    -------
    gpd.GeoDataFrame
        A row a site: ``site_id`` (zone and first lot), ``zone_id``, ``area_ha``, ``parcel_ids``
        (joined by "|"), ``lots_count``, ``width_m``, ``circle_m``, ``frontage_m`` (missing without
        roads), ``level`` (the lowest of its lots, missing if unknown), ``admissible`` ("RULE:
        CLASS" on all its lots, joined by "|"), and geometry. With ``rejected`` also ``fails``: the
        reasons joined by "|", "" for sites; land that falls out is sorted by area.

    Raises
    ------
    CRSError
        If layers disagree in CRS, or it is missing or misstates areas.
    ContractError
        If a frame lacks columns, or a lot stands twice in the land.
    GeometryError
        If a geometry of the land is no valid polygon.
    KcngeoError
        If a size is not above 0, or something is asked that no frame was given for.
    """
    sizes = {
        "min_area_ha": min_area_ha,
        "min_width_m": min_width_m,
        "min_frontage_m": min_frontage_m,
        "across_road_m": across_road_m,
        "min_shared_edge_m": min_shared_edge_m,
        "gap_m": gap_m,
        "road_reach_m": road_reach_m,
    }
    require_sizes(sizes)
    require_columns(land, _COLUMNS, table="land")
    _require_once(land)
    require_metric_crs(land, name="land")
    require_polygons(land, name="land")
    if roads is None and (min_frontage_m is not None or across_road_m is not None):
        raise KcngeoError("site_needs_frame", argument="roads")
    if roads is not None:
        require_same_crs(land=land, roads=roads)
    # Nothing may depend on the order of the rows.
    land = land.sort_values("parcel_id", ignore_index=True)
    why = refused(
        land["parcel_id"],
        needs=needs,
        readiness=readiness,
        min_level=min_level,
        sector=sector,
        unsuitable=unsuitable,
    ).to_numpy(dtype=object)
    good = np.array([not reasons for reasons in why], dtype=bool)
    bodies, too_narrow = _bodies(
        land[good], gap_m=gap_m, min_edge_m=min_shared_edge_m, min_width_m=min_width_m
    )
    road = None if roads is None else road_areas(roads, on=on)
    if across_road_m is not None and road is not None:
        bodies = _across(bodies, road, across_m=across_road_m, min_edge_m=min_shared_edge_m)
    others = land[~good]
    alone = _Pieces(
        shape=others.geometry.to_numpy(),
        zone_id=others["zone_id"].to_numpy(dtype=object),
        lots=[(name,) for name in others["parcel_id"]],
        fails=list(why[~good]),
    )
    pieces = _Pieces.joined(bodies, too_narrow, alone)
    table = _measured(pieces, min_area_ha=min_area_ha, min_width_m=min_width_m, gap_m=gap_m)
    table["frontage_m"] = (
        np.nan if road is None else frontage_m(pieces.shape, road, reach_m=road_reach_m)
    )
    table["level"] = pd.array([level_of(readiness, lots) for lots in pieces.lots], dtype="Int64")
    table["admissible"] = pd.array(
        [admissible_of(admissible, lots) for lots in pieces.lots], dtype="str"
    )
    table["fails"] = _reasons(table, pieces, min_area_ha, min_frontage_m)
    table = gpd.GeoDataFrame(table, geometry=pieces.shape, crs=land.crs)
    table = table[[name for name in table.columns if name != "geometry"] + ["geometry"]]
    return _ranked(table, rejected=rejected)


def _require_once(land: gpd.GeoDataFrame) -> None:
    twice = sorted(set(land["parcel_id"][land["parcel_id"].duplicated()]))
    if twice:
        raise KcngeoError("site_land_twice", ids=tuple(twice))


def _bodies(
    land: gpd.GeoDataFrame, *, gap_m: float, min_edge_m: float, min_width_m: float | None
) -> tuple[_Pieces, _Pieces]:
    """Assemble lots into bodies, and give apart what is too narrow for the width."""
    parts, lot = shapely.get_parts(land.geometry.to_numpy(), return_index=True)
    names = land["parcel_id"].to_numpy(dtype=object)[lot]
    zones = land["zone_id"].to_numpy(dtype=object)[lot]
    zone = pd.factorize(zones)[0]
    group = shape_of.adjoining(parts, zone, gap_m=gap_m, min_edge_m=min_edge_m)
    wide: list[tuple[Any, Any, tuple[str, ...]]] = []
    narrow: list[tuple[Any, Any, tuple[str, ...]]] = []
    for rows in pd.Series(np.arange(len(parts))).groupby(group).indices.values():
        whole = shapely.union_all(parts[rows]) if len(rows) > 1 else parts[rows[0]]
        found = [whole]
        if min_width_m is not None:
            smooth = shape_of.closed(whole, gap_m=gap_m)
            cores = shape_of.wide_bodies(smooth, width_m=min_width_m)
            found = list(areal(shapely.intersection(whole, np.array(cores, dtype=object))))
            rest = areal(np.array([shapely.difference(whole, shapely.union_all(cores))]))[0]
            if rest.area > shape_of.CRUMB_M2:
                narrow.append((rest, zones[rows[0]], _lots_in(rest, parts[rows], names[rows])))
        wide += [
            (body, zones[rows[0]], _lots_in(body, parts[rows], names[rows]))
            for body in found
            if body.area > shape_of.CRUMB_M2
        ]
    return _pieces(wide, ()), _pieces(narrow, ("width",))


def _lots_in(body: Any, parts: Geometries, names: NDArray[np.object_]) -> tuple[str, ...]:
    """Name the lots a body takes more than a crumb of."""
    inside = shapely.area(shapely.intersection(parts, body)) > shape_of.CRUMB_M2
    return tuple(sorted(set(names[inside])))


def _pieces(rows: list[tuple[Any, Any, tuple[str, ...]]], fails: tuple[str, ...]) -> _Pieces:
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [shape for shape, _, _ in rows]
    return _Pieces(
        shape=shapes,
        zone_id=np.array([zone for _, zone, _ in rows], dtype=object),
        lots=[lots for _, _, lots in rows],
        fails=[fails] * len(rows),
    )


def _across(bodies: _Pieces, road: Geometries, *, across_m: float, min_edge_m: float) -> _Pieces:
    """Join the bodies that face each other across a road."""
    zone = pd.factorize(bodies.zone_id)[0]
    one, other = joined_across(bodies.shape, zone, road, across_m=across_m, min_edge_m=min_edge_m)
    group = shape_of.groups(len(bodies.shape), one, other)
    rows = [
        (
            shapely.union_all(bodies.shape[rows]) if len(rows) > 1 else bodies.shape[rows[0]],
            bodies.zone_id[rows[0]],
            tuple(sorted({name for row in rows for name in bodies.lots[row]})),
        )
        for rows in pd.Series(np.arange(len(group))).groupby(group).indices.values()
    ]
    return _pieces(rows, ())


def _measured(
    pieces: _Pieces, *, min_area_ha: float, min_width_m: float | None, gap_m: float
) -> pd.DataFrame:
    """Measure areas, widths and circles; name the pieces."""
    area_m2 = shapely.area(pieces.shape)
    widths, circles = np.zeros(len(area_m2)), np.zeros(len(area_m2))
    for row, shape in enumerate(pieces.shape):
        smooth = shape_of.closed(shape, gap_m=gap_m)
        circles[row] = shape_of.circle_m(smooth)
        known = min_width_m if min_width_m is not None and not pieces.fails[row] else 0.0
        parts = [part for part in shapely.get_parts(smooth) if part.area > shape_of.CRUMB_M2]
        asked_m2 = min_area_ha * M2_PER_HA if len(parts) == 1 else np.inf
        widths[row] = min(
            (shape_of.width_m(part, area_m2=asked_m2, at_least_m=known) for part in parts),
            default=0.0,
        )
    return pd.DataFrame(
        {
            "site_id": pd.array(_names(pieces, area_m2), dtype="str"),
            "zone_id": pd.array(pieces.zone_id, dtype="str"),
            "area_ha": area_m2 / M2_PER_HA,
            "parcel_ids": pd.array(["|".join(lots) for lots in pieces.lots], dtype="str"),
            "lots_count": np.array([len(lots) for lots in pieces.lots], dtype="int64"),
            "width_m": widths,
            "circle_m": circles,
        }
    )


def _names(pieces: _Pieces, area_m2: NDArray[np.float64]) -> list[str]:
    """Name pieces by zone and first lot; further pieces of a lot are numbered, the larger first."""
    first = [
        f"{zone}:{lots[0] if lots else '–'}"
        for zone, lots in zip(pieces.zone_id, pieces.lots, strict=True)
    ]
    bounds = shapely.bounds(pieces.shape)
    order = sorted(range(len(first)), key=lambda row: (first[row], -area_m2[row], *bounds[row]))
    seen: dict[str, int] = {}
    named = [""] * len(first)
    for row in order:
        number = seen[first[row]] = seen.get(first[row], 0) + 1
        named[row] = first[row] if number == 1 else f"{first[row]}-{number}"
    return named


def _reasons(
    table: pd.DataFrame, pieces: _Pieces, min_area_ha: float, min_frontage_m: float | None
) -> Any:
    """Join the reasons of every piece."""
    # A square metre of rounding must not refuse a site of exactly the hectares asked for.
    small = (table["area_ha"] < min_area_ha - shape_of.CRUMB_M2 / M2_PER_HA).to_numpy()
    off = np.zeros(len(table), dtype=bool)
    if min_frontage_m is not None:
        off = ~(table["frontage_m"] >= min_frontage_m).to_numpy()
    said = [
        "|".join([*fails, *(["area"] if low else []), *(["frontage"] if away else [])])
        for fails, low, away in zip(pieces.fails, small, off, strict=True)
    ]
    return pd.array(said, dtype="str")


def _ranked(table: gpd.GeoDataFrame, *, rejected: bool) -> gpd.GeoDataFrame:
    passes = table["fails"] == ""
    keyed = table.assign(
        _passes=passes,
        _level=table["level"].fillna(-1).where(passes, 0),
        _fronts=(table["frontage_m"] > 0) & passes,
    )
    order = ["_passes", "_level", "_fronts", "area_ha", "site_id"]
    keyed = keyed.sort_values(order, ascending=[False] * 4 + [True], ignore_index=True)
    result = keyed.drop(columns=order[:3])
    if not rejected:
        result = result[result["fails"] == ""].drop(columns="fails").reset_index(drop=True)
    return result
