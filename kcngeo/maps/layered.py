"""A map of one day: groups of features over the lots, a legend that counts what is shown, a list.

Figures travel as the words a person reads, written by :mod:`kcngeo.theme`; the page adds up only
the hectares of what it shows. See the head of ``assets/layers_map.js`` for the payload.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo import theme
from kcngeo.core.days import ALWAYS, OPEN, Day, day, day_number, day_numbers
from kcngeo.core.model import Project
from kcngeo.maps.offline import OfflineMap
from kcngeo.maps.page import PayloadLayer
from kcngeo.maps.shapes import context_of, shapes, word
from kcngeo.report import is_synthetic

if TYPE_CHECKING:
    import geopandas as gpd

LAYERS_MAP_TEXTS = (
    "title",
    "synthetic",
    "legend",
    "shown",
    "toggle",
    "uses",
    "list",
    "list_empty",
    "go_to",
    "all_zones",
    "panel_show",
    "panel_hide",
    "close",
    "zoom_in",
    "zoom_out",
    "no_script",
)
"""The words of such a page; a payload brings all of them in its own language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Features that are drawn alike and have one line in the legend.

    Attributes
    ----------
    label
        Its words in the legend.
    color
        Its colour.
    style
        "area", "outline", "line" or "point".
    """

    label: str
    color: str
    style: str = "area"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Features:
    """Features of one group, with what is said of each.

    Attributes
    ----------
    group
        Position of the group.
    layer
        Their geometry, with a CRS.
    names
        What each is called.
    facts
        Of each, label and value, as a person reads them.
    notes
        Of each, sentences below the facts.
    area_ha
        Of each, hectares for the legend; None for features that have none.
    listed
        Of each, what the list says of it; None for features that are not listed.
    """

    group: int
    layer: gpd.GeoDataFrame
    names: Sequence[str]
    facts: Sequence[Sequence[tuple[str, str]]]
    notes: Sequence[Sequence[str]]
    area_ha: Sequence[float] | None = None
    listed: Sequence[str] | None = None


def layered_map(
    project: Project,
    groups: Sequence[Group],
    features: Sequence[Features],
    *,
    on: Day,
    language: str,
    words: str,
    notes: Sequence[str] = (),
) -> OfflineMap:
    """Draw groups of features over the lots of a day.

    Parameters
    ----------
    project
        The tables: zones, lots and context are drawn.
    groups
        The groups, those drawn first below.
    features
        The features; what is listed is listed in this order.
    on
        The day.
    language
        "vi" or "en".
    words
        Group of the table of texts with the title and the words of the list.
    notes
        Sentences under the legend.

    Returns
    -------
    OfflineMap
        A :class:`folium.Map` whose ``save`` and notebook view need no network.
    """
    texts = _texts(words, language=language)
    payload = {
        "language": language,
        "texts": texts,
        "synthetic": is_synthetic(project),
        "on": f"{day(on):%Y-%m-%d}",
        "zones": _zones(project, on=on),
        "context": context_of(project.context),
        "base": _lots(project, on=on, language=language),
        "uses": _uses(project, on=on, language=language),
        "groups": [{"label": one.label, "color": one.color, "style": one.style} for one in groups],
        "features": [row for some in features for row in _rows(some)],
        "notes": list(notes),
    }
    made = OfflineMap(title=texts["title"], language=language)
    made.add_child(
        PayloadLayer(
            payload,
            scripts=("shell", "layers_map"),
            start="kcngeoLayersMap",
            texts=LAYERS_MAP_TEXTS,
        )
    )
    return made


def facts_of(row: Mapping[str, Any], columns: Mapping[str, int | None], *, language: str) -> Any:
    """Say the figures of a row, leaving out what is missing.

    Parameters
    ----------
    row
        A row of a table.
    columns
        Columns to say, in order, with the number of decimals; None for text.
    language
        "vi" or "en".

    Returns
    -------
    list[tuple[str, str]]
        Label and value of each.
    """
    said = []
    for name, decimals in columns.items():
        value = row[name]
        if value is None or pd.isna(value):
            continue
        if name.endswith("share"):
            shown = theme.percent(value, language=language)
        elif decimals is None:
            shown = str(value)
        else:
            shown = theme.number(value, language=language, decimals=decimals)
        said.append((theme.column(name, language=language), shown))
    return said


def in_force(frame: gpd.GeoDataFrame, on: Day) -> gpd.GeoDataFrame:
    """Keep the rows that are valid on a day.

    Parameters
    ----------
    frame
        Any table with ``valid_from`` and ``valid_to``, or without.
    on
        The day.

    Returns
    -------
    gpd.GeoDataFrame
        The rows with ``valid_from <= on < valid_to``.
    """
    number, size = day_number(on), len(frame)
    start = day_numbers(frame.get("valid_from"), missing=ALWAYS, length=size)
    end = day_numbers(frame.get("valid_to"), missing=OPEN, length=size)
    return frame[np.asarray((start <= number) & (number < end))]


def _texts(words: str, *, language: str) -> dict[str, str]:
    found = theme.texts("map", "layers_map", words, language=language)
    named = {key.split(".", 1)[1]: value for key, value in found.items()}
    return {key: named[key] for key in LAYERS_MAP_TEXTS}


def _zones(project: Project, *, on: Day) -> list[dict[str, Any]]:
    zones = in_force(project.zones, on).sort_values("zone_id")
    names = zones["name"] if "name" in zones.columns else [None] * len(zones)
    return [
        {"id": zone_id, "name": word(name) or zone_id, "geometry": shape}
        for zone_id, name, shape in zip(zones["zone_id"], names, shapes(zones), strict=True)
    ]


def _lots(project: Project, *, on: Day, language: str) -> list[dict[str, Any]]:
    lots = in_force(project.parcels, on).sort_values("parcel_id")
    rows = zip(lots["parcel_id"], lots["land_use"], shapes(lots), strict=True)
    return [
        {
            "geometry": shape,
            "color": theme.USE_COLORS[use],
            "name": f"{name} · {theme.choice(use, name='land_use', language=language)}",
        }
        for name, use, shape in rows
        if shape is not None
    ]


def _uses(project: Project, *, on: Day, language: str) -> list[dict[str, str]]:
    """Name the colours of the lots."""
    present = set(in_force(project.parcels, on)["land_use"])
    return [
        {"label": theme.choice(str(use), name="land_use", language=language), "color": color}
        for use, color in theme.USE_COLORS.items()
        if use in present
    ]


def _rows(some: Features) -> list[dict[str, Any]]:
    size = len(some.names)
    areas = some.area_ha if some.area_ha is not None else [None] * size
    listed = some.listed if some.listed is not None else [None] * size
    rows = zip(some.names, some.facts, some.notes, areas, listed, shapes(some.layer), strict=True)
    return [
        {
            "group": some.group,
            "name": name,
            "geometry": shape,
            "area_ha": None if area is None or pd.isna(area) else round(float(area), 8),
            "facts": [list(fact) for fact in facts],
            "notes": list(notes),
            "listed": said,
        }
        for name, facts, notes, area, said, shape in rows
        if shape is not None
    ]
