"""Assemble land into sites, measure them, and tell which meet the wishes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo.analysis.sites.criteria import (
    SiteCriteria,
    admissible_of,
    levels_of,
    refused,
    require_columns,
)
from kcngeo.analysis.sites.offers import UNKNOWN_OFFERS, offers_of
from kcngeo.analysis.sites.roads import frontage_m, joined_across, road_areas
from kcngeo.analysis.sites.width import (
    CRUMB_M2,
    adjoining,
    circle_m,
    closed,
    groups,
    wide_bodies,
    width_m,
)
from kcngeo.core.areal import areal
from kcngeo.core.crs import require_metric_crs, require_same_crs
from kcngeo.core.errors import KcngeoError
from kcngeo.core.geometry import require_polygons
from kcngeo.core.kept_results import kept
from kcngeo.core.units import M2_PER_HA
from kcngeo.core.validation import refuse_moments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Geometries = NDArray[np.object_]
    Rows = NDArray[np.intp]

REASONS = (
    *("area", "width", "frontage", "level", "unknown_level", "sector", *UNKNOWN_OFFERS),
    *("price", "without_fibre", "without_turnkey", "gate", "highway", "port", "airport"),
)
"""Why land falls out; and of each need NEED: "without_NEED", "unknown_NEED"."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pieces:
    """Pieces of land: shapes, zones, the parcels they touch, and why they already fall out."""

    shape: Geometries
    zone_id: NDArray[np.object_]
    parcels: list[tuple[str, ...]]
    fails: list[tuple[str, ...]]

    @classmethod
    def joined(cls, *some: _Pieces) -> _Pieces:
        """Put pieces one below the other."""
        return cls(
            shape=np.concatenate([one.shape for one in some]),
            zone_id=np.concatenate([one.zone_id for one in some]),
            parcels=[parcels for one in some for parcels in one.parcels],
            fails=[fails for one in some for fails in one.fails],
        )

    def only(self, kept: NDArray[np.bool_]) -> _Pieces:
        """Leave the others out."""
        rows = np.flatnonzero(kept)
        return _Pieces(
            shape=self.shape[rows],
            zone_id=self.zone_id[rows],
            parcels=[self.parcels[row] for row in rows],
            fails=[self.fails[row] for row in rows],
        )


def find_sites(
    land: gpd.GeoDataFrame,
    criteria: SiteCriteria,
    *,
    readiness: pd.DataFrame | None = None,
    unsuitable: pd.DataFrame | None = None,
    admissible: pd.DataFrame | None = None,
    roads: gpd.GeoDataFrame | None = None,
    offers: pd.DataFrame | None = None,
    rejected: bool = False,
) -> gpd.GeoDataFrame:
    """Find the sites that can be assembled from developable land, the best first.

    Parcels of one zone belong together where they share an edge of ``min_shared_edge_m``; edges
    nearer than ``gap_m`` are one edge. A parcel that refuses a wish of its own (a need, a level, a
    sector) is no part of any site. With ``across_road_m``, land on both sides of a road not wider
    than that is one site; its width and circle are those of its bodies, never across the road.

    **Width** is what a disc can be moved through: ``width_m`` is the largest width at which one
    body, everywhere at least so wide, still holds 99 % of the site (of a site across a road, of its
    narrowest body). It is the width of the hectares it stands beside, whatever was asked for. With
    ``min_width_m`` land is parted at narrower necks, and what is narrower falls out as "width".
    Corners of 60° and more count in full, though no disc reaches into them, unless a neck leaves
    from beside them. It is measured by shrinking and widening the land, at most 0.05 m too small (0
    is narrower than that; missing of crumbs), and not too large but for 0.03 % where arcs are drawn
    as polygons; ``circle_m``, the diameter of the largest circle that fits, is at most 0.1 m too
    small.

    Lots of which a rent, a way, fibre or a factory is asked that is not on record are **set
    apart**: those that lack the same are assembled among themselves and fall out as
    "unknown_price", "unknown_gate" and so on, and for nothing else where they would be a site.

    ``frontage_m`` is the length of the site's edge within ``road_reach_m`` of a road, at each end
    too long by the reach at most. Land cut off from the road by a belt has none.

    The ranking: the readier first, then those on a road, then the larger. Hectares are those of
    the land itself; pieces below 1 m² are left out as rounding.

    Parameters
    ----------
    land
        Developable land: ``parcel_id`` (each once), ``zone_id``, polygons in a projected CRS in
        metres; see :func:`kcngeo.developable.developable_land`.
    criteria
        What is asked of a site.
    readiness
        By parcel_id: ``level`` and what serves the parcel; see :func:`kcngeo.progress.readiness`.
        Needed for needs and levels.
    unsuitable
        ``parcel_id`` and ``sector``: parcels a sector may not take, for example next to a neighbour
        it must be kept from. Needed for a sector.
    admissible
        Per parcel and rule the worst hazard class allowed; see
        :func:`kcngeo.conflicts.admissible_class`. Only told, never asked: land too near for a class
        is an encumbrance.
    roads
        Lines or polygons in the same CRS; lines take half their ``width_m`` to either side. Needed
        for frontage and sites across a road.
    offers
        By parcel_id what is offered with it: ``price_vnd_m2``, ``fibre``, ``to_highway_m``,
        ``to_port_m``, ``to_airport_m``, ``turnkey``, ``to_gate_m``, each missing if unknown. Needed
        for what is asked of them.
    rejected
        Whether to give the land that falls out too, below the sites.

    Returns
    -------
    gpd.GeoDataFrame
        A row a site: ``site_id`` (zone and first parcel), ``zone_id``, ``area_ha``, ``parcel_ids``
        (joined by "|"), ``lots_count``, ``width_m``, ``circle_m``, ``frontage_m`` (missing without
        roads), ``level`` (the lowest of its parcels, missing if unknown), ``admissible`` ("RULE:
        CLASS" on all its parcels, joined by "|"), what is offered (the dearest and the farthest of
        its lots, what all of them have; missing if one is unknown), and geometry. With ``rejected``
        also ``fails``: the reasons joined by "|", "" for sites; land that falls out is sorted by
        area.

    Raises
    ------
    CRSError
        If layers disagree in CRS, or it is missing or misstates areas.
    ContractError
        If frames lack columns.
    GeometryError
        If a geometry of the land is no valid polygon.
    KcngeoError
        If a parcel stands twice in the land, something is asked that no frame was given for, or
        land or roads still say who knew what when.

    Examples
    --------
    Of the squares only B-2 is vacant as a whole, a square of 100 m:

    >>> import kcngeo as kcn
    >>> land = kcn.developable.developable_land(kcn.examples.squares(), on="2018-03-31").land
    >>> found = find_sites(land, SiteCriteria(min_area_ha=1))
    >>> found[["site_id", "area_ha", "width_m"]].round(0).values.tolist()
    [['B:B-2', 1.0, 100.0]]
    >>> find_sites(land, SiteCriteria(min_area_ha=2), rejected=True)["fails"].tolist()
    ['area']
    """
    _require_land(land)
    if roads is not None:
        refuse_moments(roads, "roads")
        require_same_crs(land=land, roads=roads)
    elif criteria.min_frontage_m is not None or criteria.across_road_m is not None:
        raise KcngeoError("site_needs_frame", argument="roads")
    # Nothing may depend on the order of the rows.
    land = land.sort_values("parcel_id", ignore_index=True)
    why = refused(
        land["parcel_id"], criteria, readiness=readiness, unsuitable=unsuitable, offers=offers
    ).to_numpy(dtype=object)
    road = None if roads is None else road_areas(roads, on=criteria.on)
    # Land that fails nothing, and land of which only an offer is unknown, by what is unknown.
    alike: dict[tuple[str, ...], list[int]] = {}
    for row, reasons in enumerate(why):
        if not _refuses(reasons):
            alike.setdefault(reasons, []).append(row)
    found = [
        piece
        for reasons, rows in alike.items()
        for piece in _assembled(land.iloc[rows], criteria, road, reasons)
    ]
    closed_to = np.array([_refuses(reasons) for reasons in why], dtype=bool)
    others = land[closed_to]
    alone = _Pieces(
        shape=others.geometry.to_numpy(),
        zone_id=others["zone_id"].to_numpy(dtype=object),
        parcels=[(name,) for name in others["parcel_id"]],
        fails=list(why[closed_to]),
    )
    pieces = _Pieces.joined(*found, alone)
    # Named beside all others, and only then measured: most land is no site.
    names = _names(pieces)
    if not rejected:
        may_be = ~_is_small(pieces, criteria) & np.array([not one for one in pieces.fails], bool)
        names, pieces = names[may_be], pieces.only(may_be)
    table = _measured(pieces, names, criteria)
    reach_m = criteria.road_reach_m
    table["frontage_m"] = (
        np.nan if road is None else frontage_m(pieces.shape, road, reach_m=reach_m)
    )
    table["level"] = pd.array(levels_of(readiness, pieces.parcels), dtype="Int64")
    table["admissible"] = pd.array(admissible_of(admissible, pieces.parcels), dtype="str")
    table = table.join(offers_of(offers, pieces.parcels))
    table["fails"] = _reasons(table, pieces, criteria)
    table = gpd.GeoDataFrame(table, geometry=pieces.shape, crs=land.crs)
    table = ranked(table)
    if rejected:
        return table
    return table[table["fails"] == ""].drop(columns="fails").reset_index(drop=True)


def _require_land(land: gpd.GeoDataFrame) -> None:
    """Refuse land that cannot be assembled."""
    require_columns(land, ("parcel_id", "zone_id"), table="land")
    refuse_moments(land, "land")
    twice = sorted(set(land["parcel_id"][land["parcel_id"].duplicated()]))
    if twice:
        raise KcngeoError("site_land_twice", ids=tuple(twice))
    require_metric_crs(land, name="land")
    require_polygons(land, name="land")


def _refuses(reasons: tuple[str, ...]) -> bool:
    """Tell whether something is known to be amiss."""
    return not set(reasons) <= set(UNKNOWN_OFFERS)


def _assembled(
    land: gpd.GeoDataFrame, criteria: SiteCriteria, road: Geometries | None, fails: tuple[str, ...]
) -> tuple[_Pieces, _Pieces]:
    """Assemble land that fails alike, across roads where that is asked for."""
    bodies, narrow = _bodies(land, criteria)
    if criteria.across_road_m is not None and road is not None:
        bodies = _across(bodies, road, criteria)
    return (
        replace(bodies, fails=[fails] * len(bodies.shape)),
        replace(narrow, fails=[(*fails, *one) for one in narrow.fails]),
    )


def _bodies(land: gpd.GeoDataFrame, criteria: SiteCriteria) -> tuple[_Pieces, _Pieces]:
    """Assemble parcels into bodies, and give apart what is too narrow for the width."""
    gap_m, min_width_m = criteria.gap_m, criteria.min_width_m
    # (parts,) everything below is of the single polygons, as a parcel may have several.
    parts, parcel = shapely.get_parts(land.geometry.to_numpy(), return_index=True)
    names = land["parcel_id"].to_numpy(dtype=object)[parcel]
    zones = land["zone_id"].to_numpy(dtype=object)[parcel]
    zone = pd.factorize(zones)[0]
    group = adjoining(parts, zone, gap_m=gap_m, min_edge_m=criteria.min_shared_edge_m)
    wide: list[tuple[Any, Any, tuple[str, ...]]] = []
    narrow: list[tuple[Any, Any, tuple[str, ...]]] = []
    for rows in pd.Series(np.arange(len(parts))).groupby(group).indices.values():
        whole = shapely.union_all(parts[rows]) if len(rows) > 1 else parts[rows[0]]
        found = [whole]
        if min_width_m is not None:
            smooth = closed(whole, gap_m=gap_m)
            cores = wide_bodies(smooth, width_m=min_width_m)
            found = list(areal(shapely.intersection(whole, np.array(cores, dtype=object))))
            rest = areal(np.array([shapely.difference(whole, shapely.union_all(cores))]))[0]
            if rest.area > CRUMB_M2:
                narrow.append((rest, zones[rows[0]], _parcels_in(rest, parts[rows], names[rows])))
        wide += [
            (body, zones[rows[0]], _parcels_in(body, parts[rows], names[rows]))
            for body in found
            if body.area > CRUMB_M2
        ]
    return _pieces(wide, ()), _pieces(narrow, ("width",))


def _parcels_in(body: Any, parts: Geometries, names: NDArray[np.object_]) -> tuple[str, ...]:
    """Name the parcels a body takes more than a crumb of."""
    inside = shapely.area(shapely.intersection(parts, body)) > CRUMB_M2
    return tuple(sorted(set(names[inside])))


def _pieces(rows: list[tuple[Any, Any, tuple[str, ...]]], fails: tuple[str, ...]) -> _Pieces:
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [shape for shape, _, _ in rows]
    return _Pieces(
        shape=shapes,
        zone_id=np.array([zone for _, zone, _ in rows], dtype=object),
        parcels=[parcels for _, _, parcels in rows],
        fails=[fails] * len(rows),
    )


def _across(bodies: _Pieces, road: Geometries, criteria: SiteCriteria) -> _Pieces:
    """Join the bodies that face each other across a road."""
    zone = pd.factorize(bodies.zone_id)[0]
    one, other = joined_across(
        bodies.shape,
        zone,
        road,
        across_m=float(criteria.across_road_m or 0.0),
        min_edge_m=criteria.min_shared_edge_m,
    )
    group = groups(len(bodies.shape), one, other)
    rows = [
        (
            shapely.union_all(bodies.shape[rows]) if len(rows) > 1 else bodies.shape[rows[0]],
            bodies.zone_id[rows[0]],
            tuple(sorted({name for row in rows for name in bodies.parcels[row]})),
        )
        for rows in pd.Series(np.arange(len(group))).groupby(group).indices.values()
    ]
    return _pieces(rows, ())


def _is_small(pieces: _Pieces, criteria: SiteCriteria) -> NDArray[np.bool_]:
    """Tell which pieces have too few hectares."""
    # A square metre of rounding must not refuse a site of exactly the hectares asked for.
    least_ha = criteria.min_area_ha - CRUMB_M2 / M2_PER_HA
    return np.asarray(shapely.area(pieces.shape) / M2_PER_HA < least_ha)


def _measured(pieces: _Pieces, names: NDArray[np.object_], criteria: SiteCriteria) -> pd.DataFrame:
    """Measure areas, widths and circles."""
    area_m2 = shapely.area(pieces.shape)
    widths, circles = np.zeros(len(area_m2)), np.zeros(len(area_m2))
    for row, shape in enumerate(pieces.shape):
        measure = partial(_extent_m, shape, gap_m=criteria.gap_m)
        widths[row], circles[row] = kept("extent_m", measure, shape, criteria.gap_m)
        if criteria.min_width_m is not None and not _refuses(pieces.fails[row]):
            # It was cut out as wide as that; what it lost since is rounding.
            widths[row] = max(widths[row], criteria.min_width_m)
    return pd.DataFrame(
        {
            "site_id": pd.array(names, dtype="str"),
            "zone_id": pd.array(pieces.zone_id, dtype="str"),
            "area_ha": area_m2 / M2_PER_HA,
            "parcel_ids": pd.array(["|".join(parcels) for parcels in pieces.parcels], dtype="str"),
            "lots_count": np.array([len(parcels) for parcels in pieces.parcels], dtype="int64"),
            "width_m": widths,
            "circle_m": circles,
        }
    )


def _extent_m(shape: Any, *, gap_m: float) -> tuple[float, float]:
    """Measure the width of a piece, and its largest circle."""
    smooth = closed(shape, gap_m=gap_m)
    parts = [part for part in shapely.get_parts(smooth) if part.area > CRUMB_M2]
    return min(map(width_m, parts), default=np.nan), circle_m(smooth)


def _names(pieces: _Pieces) -> NDArray[np.object_]:
    """Name pieces by zone and first parcel; further pieces of it are numbered, the larger first."""
    area_m2 = shapely.area(pieces.shape)
    first = [
        f"{zone}:{parcels[0] if parcels else '–'}"
        for zone, parcels in zip(pieces.zone_id, pieces.parcels, strict=True)
    ]
    bounds = shapely.bounds(pieces.shape)
    order = sorted(range(len(first)), key=lambda row: (first[row], -area_m2[row], *bounds[row]))
    seen: dict[str, int] = {}
    named = np.full(len(first), "", dtype=object)
    for row in order:
        number = seen[first[row]] = seen.get(first[row], 0) + 1
        named[row] = first[row] if number == 1 else f"{first[row]}-{number}"
    return named


def _reasons(table: pd.DataFrame, pieces: _Pieces, criteria: SiteCriteria) -> Any:
    """Join the reasons of every piece."""
    small = _is_small(pieces, criteria)
    off = np.zeros(len(table), dtype=bool)
    if criteria.min_frontage_m is not None:
        off = ~(table["frontage_m"] >= criteria.min_frontage_m).to_numpy()
    said = [
        "|".join([*fails, *(["area"] if low else []), *(["frontage"] if away else [])])
        for fails, low, away in zip(pieces.fails, small, off, strict=True)
    ]
    return pd.array(said, dtype="str")


def ranked(table: Any) -> Any:
    """Put sites in order: those that pass by readiness, frontage and size, then the others."""
    passes = (table["fails"] == "").to_numpy()
    # The keys alone are put in order: the ids of their lots are most of what is known of sites.
    keys = pd.DataFrame(
        {
            "passes": passes,
            "level": table["level"].fillna(-1).where(passes, 0).to_numpy(),
            "fronts": (table["frontage_m"] > 0).to_numpy() & passes,
            "area_ha": table["area_ha"].to_numpy(),
            "site_id": table["site_id"].array,
        }
    )
    order = keys.sort_values([*keys.columns], ascending=[False] * 4 + [True]).index
    return table.iloc[order].reset_index(drop=True)
