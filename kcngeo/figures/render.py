"""A map of one day on paper: its zones, its heading, and what it has to say of which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from kcngeo import theme
from kcngeo.core.dates import Day, day
from kcngeo.figures.around import context_lines, grid_note, zones_with_lots
from kcngeo.figures.content import Content, Ground, Layer, Numbered
from kcngeo.figures.map_layout import draw_plan
from kcngeo.figures.page_layout import Heading, short
from kcngeo.figures.typography import own_settings
from kcngeo.ledger.tables import Tables
from kcngeo.report import is_synthetic
from kcngeo.theme import text

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.figure import Figure


def draw_day(
    project: Tables,
    words: str,
    title: str,
    layers: list[Layer],
    listed: list[Numbered],
    *,
    notes: list[str],
    on: Day,
    zone_id: str | None,
    language: str,
    beside: str = "",
) -> Figure:
    """Draw a map of one day.

    Parameters
    ----------
    project
        The tables: zones, and the context under them.
    words
        Group of the table of texts with the words of the list, and key of the kind of map.
    title
        What it says.
    layers
        The layers, lowest first.
    listed
        What has a number.
    notes
        Sentences under the map.
    on
        The day.
    zone_id
        The zone to draw; None for a panel each.
    language
        "vi" or "en".
    beside
        What stands beside the date.

    Returns
    -------
    Figure
        The map.

    Raises
    ------
    KcngeoError
        If the zone has no lots on the day, or there are more than a sheet can show.
    """
    zones = zones_with_lots(project, on=on, zone_id=zone_id, language=language)
    shown, empty = _with_something(zones, layers, listed)
    if empty:
        notes = [*notes, text("figures.nothing_there", language=language, zones=empty)]
    with own_settings():
        head = Heading(
            kind=text(f"figures.{words}", language=language),
            title=short(title),
            lines=[" · ".join(filter(None, [theme.date(day(on), language=language), beside]))],
            notes=[*notes, grid_note(project, language=language)],
            language=language,
            synthetic=is_synthetic(project),
        )
        content = Content(
            grounds=[Ground(title=name, shape=fence) for name, fence in shown],
            layers=layers,
            context=context_lines(project),
            numbered=listed,
            list_title=text(f"{words}.list", language=language),
            list_empty=text(f"{words}.list_empty", language=language),
        )
        return draw_plan(head, content)


def _with_something(
    zones: Mapping[str, tuple[str, Any]], layers: list[Layer], listed: list[Numbered]
) -> tuple[list[tuple[str, Any]], list[str]]:
    """Part the zones that have something to show from the names of those that have not."""
    framing = [layer.shapes for layer in layers if layer.framing]
    numbered = np.array([one.shape for one in listed], dtype=object)
    things = np.concatenate([numbered, *framing])
    has = [bool(np.any(shapely.intersects(fence, things))) for _, fence in zones.values()]
    if not any(has):
        return list(zones.values()), []
    pairs = list(zip(zones.values(), has, strict=True))
    return [zone for zone, full in pairs if full], [zone[0] for zone, full in pairs if not full]


def of_zone(frame: gpd.GeoDataFrame, zone_id: str | None) -> gpd.GeoDataFrame:
    """Keep the rows of a zone.

    Parameters
    ----------
    frame
        A table with ``zone_id``; several may be joined by "|".
    zone_id
        The zone; None for all.

    Returns
    -------
    gpd.GeoDataFrame
        The rows.
    """
    if zone_id is None:
        return frame
    named = frame["zone_id"].fillna("").astype("str").str.split("|")
    return frame[np.array([zone_id in some for some in named], dtype=bool)]
