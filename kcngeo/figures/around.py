"""What stands round every map on paper: the zones of the day, the lines under it, its north."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from kcngeo import theme
from kcngeo.core.dates import Day, in_force
from kcngeo.core.errors import KcngeoError
from kcngeo.figures.content import Layer
from kcngeo.ledger.tables import Tables
from kcngeo.theme import text

if TYPE_CHECKING:
    import geopandas as gpd

    from kcngeo.figures.panel_geometry import Shapes


def shapes_of(frame: gpd.GeoDataFrame) -> Shapes:
    """Give the shapes of a layer, empty ones for those that are missing.

    Parameters
    ----------
    frame
        A layer.

    Returns
    -------
    Shapes
        The shapes.
    """
    shapes = np.array(frame.geometry.to_numpy(), dtype=object)
    shapes[shapely.is_missing(shapes)] = shapely.Point()
    return shapes


def zones_drawn(project: Tables, zone_ids: Sequence[str], *, on: Day) -> dict[str, Any]:
    """Give the fences of zones on a day.

    Parameters
    ----------
    project
        The tables.
    zone_ids
        The zones.
    on
        The day.

    Returns
    -------
    dict[str, Any]
        By zone, in the order asked for; zones without a shape are left out.
    """
    zones = in_force(project.zones, on)
    shapes = dict(zip(zones["zone_id"].astype("str"), shapes_of(zones), strict=True))
    return {one: shapes[one] for one in zone_ids if one in shapes and not shapes[one].is_empty}


def zones_with_lots(
    project: Tables, *, on: Day, zone_id: str | None, language: str
) -> dict[str, tuple[str, Any]]:
    """Give the zones that hold lots on a day, whether or not they are established.

    Parameters
    ----------
    project
        The tables.
    on
        The day.
    zone_id
        The one zone to draw; None for all.
    language
        "vi" or "en".

    Returns
    -------
    dict[str, tuple[str, Any]]
        By zone, its name and its fence.

    Raises
    ------
    KcngeoError
        If the zone holds no lot on the day.
    """
    held = set(in_force(project.parcels, on)["zone_id"].astype("str"))
    zones = in_force(project.zones, on).sort_values("zone_id")
    ids = [one for one in zones["zone_id"].astype("str") if one in held]
    if zone_id is not None and zone_id not in ids:
        day = theme.date(pd.Timestamp(on), language=language)
        raise KcngeoError("figure_zone", zone_id=zone_id, on=day, choices=ids)
    names = dict(zip(zones["zone_id"], zones.get("name", zones["zone_id"]), strict=True))
    fences = zones_drawn(project, ids if zone_id is None else [zone_id], on=on)
    return {
        one: (names[one] if isinstance(names[one], str) else one, fence)
        for one, fence in fences.items()
    }


def context_lines(project: Tables) -> list[tuple[str, str, Any]]:
    """Give the lines drawn under a map.

    Parameters
    ----------
    project
        The tables.

    Returns
    -------
    list[tuple[str, str, Any]]
        Kind, name ("" for none) and shape of each.
    """
    context = project.context
    if context is None or context.empty:
        return []
    names = context["name"] if "name" in context.columns else [None] * len(context)
    rows = zip(context["kind"].astype("str"), names, shapes_of(context), strict=True)
    return [(kind, name if isinstance(name, str) else "", shape) for kind, name, shape in rows]


def lots_by_use(project: Tables, *, on: Day, language: str) -> list[Layer]:
    """Give the lots of a day, pale, by land use: what another map is drawn on.

    Parameters
    ----------
    project
        The tables.
    on
        The day.
    language
        "vi" or "en".

    Returns
    -------
    list[Layer]
        A layer a use.
    """
    lots = in_force(project.parcels, on)
    section = text("layers_map.uses", language=language)
    layers = []
    for use, color in theme.USE_COLORS.items():
        mine = lots[(lots["land_use"] == use).to_numpy()]
        layers.append(
            Layer(
                name=f"use.{use}",
                label=text(f"land_use.{use}", language=language),
                shapes=shapes_of(mine),
                color=color,
                section=section,
                area_ha=mine.geometry.area / 10_000,
            )
        )
    return layers


def grid_note(project: Tables, *, language: str) -> str:
    """Say which north the arrow shows.

    Parameters
    ----------
    project
        The tables.
    language
        "vi" or "en".

    Returns
    -------
    str
        The words.
    """
    crs = project.zones.crs
    named = crs.to_authority() if crs is not None else None
    words = ":".join(named) if named else getattr(crs, "name", "–")
    return text("figures.grid_north", language=language, crs=words)
