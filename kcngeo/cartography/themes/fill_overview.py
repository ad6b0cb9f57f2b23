"""More zones than a sheet has panels for: every zone a circle, cut as its land account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo import theme
from kcngeo.cartography.basemap import basemap_of
from kcngeo.cartography.layers import choice, context_of
from kcngeo.cartography.map_layer import MapClass, MapLayer, Told, numbered
from kcngeo.cartography.places import places_of
from kcngeo.cartography.spec import MapSpec
from kcngeo.cartography.words import NO_WORDS, same, text
from kcngeo.report import MonthlyReport, is_synthetic

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_LISTED = 40
# Radius of the largest circle, as a share of the longer side of what is shown.
_LARGEST, _SMALLEST = 0.06, 0.012
_STEP = np.pi / 60


def fill_overview(report: MonthlyReport, zones: MapLayer, counted: list[str]) -> MapSpec:
    """Show every zone as a circle as large as its base, cut by the shares of its account."""
    # A zone nobody places has no circle; its figures stand in the tables.
    places = places_of(report.project, on=report.on)
    shown = set(counted) & set(places.index)
    mine = zones.only(zones.frame["zone_id"].astype("str").isin(shown).to_numpy())
    shapes = mine.frame.geometry.to_numpy()
    bases = report.accounts["base_ha"].reindex(mine.frame["zone_id"]).fillna(0.0).to_numpy()
    middles = places.reindex(mine.frame["zone_id"]).to_numpy()
    # Metres; areas of the circles are as the bases.
    radii = _radii(middles, bases)
    circles = [_wedge(at, r, 0.0, 1.0) for at, r in zip(middles, radii, strict=True)]
    told = [Told(name=one.name, entry=one.notes[0]) for one in mine.told]
    whole = text("report.all_zones")
    # The boundaries of all zones as one: the sheet then has one panel.
    everything = gpd.GeoDataFrame(
        {"zone_id": [""], "name": [whole["vi"]]},
        geometry=[shapely.multipolygons(shapely.get_parts(shapes[shapely.is_geometry(shapes)]))],
        crs=mine.frame.crs,
    )
    outline = MapClass(
        value=None,
        label=NO_WORDS,
        color=theme.LAYER_COLORS["lot"],
        symbol="outline",
        width_mm=0.28,
    )
    sizes = MapLayer(
        name="zones_by_size",
        title=zones.title,
        frame=mine.frame[["zone_id", "name"]]
        .pipe(pd.DataFrame)
        .pipe(gpd.GeoDataFrame, geometry=circles, crs=mine.frame.crs),
        classes=(outline,),
        told=list(numbered(told)),
        is_framing=True,
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
        context=context_of(report.project),
        basemap=basemap_of(report.project),
        layers=(_wedges(report, mine.frame, middles, radii), sizes),
        notes=(text("figures.circles"),),
        list_title=text("figures.zones_listed"),
        most_listed=_MOST_LISTED,
        is_synthetic=is_synthetic(report.project),
    )


def _radii(middles: NDArray[Any], bases: NDArray[np.float64]) -> NDArray[np.float64]:
    """Choose the radii, areas as the bases, so large that circles touch at most if that can be."""
    share = np.sqrt(bases / bases.max()) if bases.max() > 0 else np.zeros(len(bases))
    west, south, east, north = shapely.total_bounds(middles)
    side = max(east - west, north - south, 1.0)
    xy = shapely.get_coordinates(middles)
    apart = np.hypot(*(xy[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))
    sums = share[:, None] + share[None, :]
    free = np.divide(apart, sums, out=np.full_like(apart, np.inf), where=sums > 0)
    np.fill_diagonal(free, np.inf)
    largest = np.clip(free.min(), _SMALLEST * side, _LARGEST * side)
    # A zone without a base still has a place.
    return np.maximum(share * largest, _SMALLEST * side / 2)


def _wedges(
    report: MonthlyReport,
    zones: gpd.GeoDataFrame,
    middles: NDArray[Any],
    radii: NDArray[np.float64],
) -> MapLayer:
    """Cut the circles, clockwise from the top; a class a status."""
    parts = list(theme.STATUS_COLORS)
    # (zones, statuses) hectares, and the share of the circle at which each status ends
    accounts = report.accounts.reindex(zones["zone_id"])
    areas = accounts[[f"{part}_ha" for part in parts]].fillna(0.0).to_numpy()
    base = areas.sum(axis=1, keepdims=True)
    ends = np.cumsum(np.divide(areas, base, out=np.zeros_like(areas), where=base > 0), axis=1)
    begins = np.concatenate([np.zeros((len(ends), 1)), ends[:, :-1]], axis=1)
    rows, at = np.nonzero(areas > 0)
    shapes = [
        _wedge(middles[row], radii[row], begins[row, part], ends[row, part])
        for row, part in zip(rows, at, strict=True)
    ]
    frame = gpd.GeoDataFrame(
        {
            "zone_id": zones["zone_id"].to_numpy()[rows],
            "status": np.array(parts, dtype=object)[at],
            "area_ha": areas[rows, at],
        },
        geometry=shapes,
        crs=zones.crs,
    )
    return MapLayer(
        name="accounts_by_size",
        title=text("figures.lots_shown"),
        frame=frame,
        column="status",
        classes=tuple(
            MapClass(value=part, label=choice(part, name="status"), color=color)
            for part, color in theme.STATUS_COLORS.items()
        ),
        told=[Told(name=same(str(one))) for one in frame["zone_id"]],
        area="area_ha",
    )


def _wedge(middle: Any, radius: float, low: float, high: float) -> Any:
    """Make the part of a circle between two shares of it."""
    x, y = shapely.get_coordinates(middle)[0]
    steps = max(2, int((high - low) * 2 * np.pi / _STEP) + 1)
    turn = np.linspace(low, high, steps) * 2 * np.pi
    edge = np.column_stack([x + radius * np.sin(turn), y + radius * np.cos(turn)])
    return shapely.Polygon(edge if high - low >= 1 else np.vstack([[x, y], edge]))
