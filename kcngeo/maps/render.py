"""A map of one day: groups of features over the lots, a legend that counts what is shown, a list.

Figures travel as the words a person reads, in both languages, written by :mod:`kcngeo.theme`; the
page adds up only the hectares of what it shows. See the head of ``assets/layers_map.js`` for the
payload.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from kcngeo import theme
from kcngeo.cartography.geojson import context_of, inner_points, shapes, word
from kcngeo.core.dates import Day, day, in_force
from kcngeo.core.schema import Table, cell, heading
from kcngeo.ledger.tables import Tables
from kcngeo.maps import limits
from kcngeo.maps.bilingual import both
from kcngeo.maps.html import OfflineMap
from kcngeo.maps.payload import SHELL_TEXTS, PayloadLayer
from kcngeo.report import is_synthetic

if TYPE_CHECKING:
    import geopandas as gpd

LAYERS_MAP_TEXTS = (
    *SHELL_TEXTS,
    "legend",
    "shown",
    "toggle",
    "uses",
    "by_zone",
    "features_count",
    "list",
    "list_empty",
)
"""The words of such a page; a payload brings all of them."""
_MARKS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # without I and O, which look like figures


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
        "area", "outline", "line" (dotted), "solid" (a line too), "point" or "pin" (an outline
        with a pin that is always seen).
    mark
        A letter or digit that says what the colour says; None for the next letter that is free.
    """

    label: str
    color: str
    style: str = "area"
    mark: str | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Telling:
    """What a map of one day shows, in one language.

    Attributes
    ----------
    groups
        The groups, those drawn first below.
    features
        The features; what is listed is listed in this order.
    notes
        Sentences under the legend.
    zone_facts
        By zone, sentences about it.
    """

    groups: Sequence[Group]
    features: Sequence[Features]
    notes: Sequence[str] = ()
    zone_facts: Mapping[str, Sequence[str]] = field(default_factory=dict)


def layered_map(
    project: Tables,
    tell: Callable[[str], Telling],
    *,
    on: Day,
    language: str,
    words: str,
) -> OfflineMap:
    """Draw groups of features over the lots of a day, in both languages.

    A feature belongs to the first zone it touches, by ``zone_id``; what touches none stands under
    "outside the zones".

    Parameters
    ----------
    project
        The tables: zones, lots and context are drawn.
    tell
        Says in a language what is shown; the same features in every language.
    on
        The day.
    language
        Language shown first, "vi" or "en".
    words
        Group of the table of texts with the title and the words of the list.

    Returns
    -------
    OfflineMap
        A :class:`folium.Map` whose ``save`` and notebook view need no network.
    """
    told = {each: tell(each) for each in theme.LANGUAGES}
    shown = told[language]
    zones = in_force(project.zones, on).sort_values("zone_id")
    lots = in_force(project.parcels, on).sort_values("parcel_id")
    is_crowded = len(lots) > limits.ONE_PAGE_LOTS
    if is_crowded:
        lots = lots.iloc[:0]
    features, labels = _features(shown, both(lambda each: _said(told[each])), zones)
    payload = {
        "language": language,
        "texts": both(lambda each: _texts(words, language=each)),
        "synthetic": is_synthetic(project),
        "on": f"{day(on):%Y-%m-%d}",
        "zones": _zones(zones, both(lambda each: _zone_facts(told[each], zones))),
        "context": context_of(project.context),
        "base": _lots(lots, zones),
        "uses": _uses(lots),
        "groups": both(lambda each: _groups(told[each].groups)),
        "labels": labels,
        "features": features,
        "notes": both(lambda each: _notes(told[each], each, is_crowded=is_crowded)),
    }
    is_large = len(payload["base"]) + len(features) > limits.ELEMENT_LOTS
    made = OfflineMap(title=_texts(words, language=language)["title"], language=language)
    made.add_child(
        PayloadLayer(
            payload,
            scripts=("layers_panel", "layers_search", "layers_map"),
            start="kcngeoLayersMap",
            texts=LAYERS_MAP_TEXTS,
            options={"is_canvas": is_large},
            is_packed=is_large,
        )
    )
    return made


def facts_of(row: Mapping[str, Any], table: Table, *, language: str) -> list[tuple[str, str]]:
    """Say in a popup what the contract of a table has popups say of a row.

    Parameters
    ----------
    row
        A row of the table.
    table
        Its contract.
    language
        "vi" or "en".

    Returns
    -------
    list[tuple[str, str]]
        Label and value of each column that is there and not missing.
    """
    told = (column for column in table.columns if column.popup)
    found = ((column, row.get(column.name)) for column in told)
    return [
        (
            heading(column, language=language),
            cell(column, value, language=language, table=table.name, row=row),
        )
        for column, value in found
        if value is not None and not pd.isna(value)
    ]


def _texts(words: str, *, language: str) -> dict[str, str]:
    named = {
        key.split(".", 1)[1]: value
        for group in ("map", "layers_map", words)  # the later ones say it more exactly
        for key, value in theme.texts(group, language=language).items()
    }
    return {key: named[key] for key in LAYERS_MAP_TEXTS}


def _notes(told: Telling, language: str, *, is_crowded: bool) -> list[str]:
    left_out = [theme.text("layers_map.no_lots", language=language)] if is_crowded else []
    return [*told.notes, *left_out]


def _groups(groups: Sequence[Group]) -> list[dict[str, str]]:
    taken = {one.mark for one in groups}
    free = (letter for letter in _MARKS if letter not in taken)
    return [
        {
            "label": one.label,
            "color": one.color,
            "style": one.style,
            "mark": next(free, "") if one.mark is None else one.mark,
        }
        for one in groups
    ]


def _zone_facts(told: Telling, zones: gpd.GeoDataFrame) -> list[list[str]]:
    return [list(told.zone_facts.get(zone_id, ())) for zone_id in zones["zone_id"]]


def _zones(zones: gpd.GeoDataFrame, facts: list[Any]) -> list[dict[str, Any]]:
    names = zones["name"] if "name" in zones.columns else [None] * len(zones)
    rows = zip(zones["zone_id"], names, shapes(zones), facts, strict=True)
    outside = both(lambda language: theme.text("layers_map.no_zone", language=language))
    return [
        *(
            {"id": zone_id, "name": word(name) or zone_id, "geometry": shape, "facts": said}
            for zone_id, name, shape, said in rows
        ),
        {"id": "", "name": outside, "geometry": None, "facts": []},
    ]


def _lots(lots: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    uses = {use: place for place, use in enumerate(_present(lots))}
    place_of = {zone_id: place for place, zone_id in enumerate(zones["zone_id"])}
    codes = lots["lot_code"] if "lot_code" in lots.columns else [None] * len(lots)
    rows = zip(
        lots["parcel_id"], codes, lots["land_use"], lots["zone_id"], shapes(lots), strict=True
    )
    return [
        {
            "id": name,
            "lot": word(code),
            "use": uses[use],
            "zone": place_of.get(zone_id, len(place_of)),
            "geometry": shape,
        }
        for name, code, use, zone_id, shape in rows
        if shape is not None
    ]


def _present(lots: gpd.GeoDataFrame) -> list[str]:
    there = set(lots["land_use"])
    return [str(use) for use in theme.USE_COLORS if use in there]


def _uses(lots: gpd.GeoDataFrame) -> list[Any]:
    """Name the colours of the lots."""
    return both(
        lambda language: [
            {
                "label": theme.choice(use, name="land_use", language=language),
                "color": theme.USE_COLORS[use],
            }
            for use in _present(lots)
        ]
    )


def _said(told: Telling) -> list[dict[str, Any]]:
    """What is said of every feature, in the order in which they stand."""
    rows = []
    for some in told.features:
        listed = some.listed if some.listed is not None else [None] * len(some.names)
        rows += [
            {"name": name, "facts": facts, "notes": list(notes), "listed": said}
            for name, facts, notes, said in zip(
                some.names, some.facts, some.notes, listed, strict=True
            )
        ]
    return rows


def _features(
    shown: Telling, said: list[dict[str, Any]], zones: gpd.GeoDataFrame
) -> tuple[list[dict[str, Any]], list[Any]]:
    """Put words and shapes of the features together; labels of facts are written once."""
    labels: dict[str, tuple[int, Any]] = {}
    rows = []
    words = iter(said)
    for some in shown.features:
        areas = some.area_ha if some.area_ha is not None else [None] * len(some.names)
        places = _zone_places(some.layer, zones)
        rows_of = zip(areas, places, shapes(some.layer), inner_points(some.layer), strict=True)
        for area, place, shape, inner in rows_of:
            one = next(words)
            facts = []
            for label, value in one["facts"]:
                key = json.dumps(label)
                facts.append([labels.setdefault(key, (len(labels), label))[0], value])
            if shape is None and one["listed"] is None:
                continue
            rows.append(
                {
                    "group": some.group,
                    "zone": place,
                    "geometry": shape,
                    "inner": inner,
                    "area_ha": None if area is None or pd.isna(area) else round(float(area), 8),
                    **one,
                    "facts": facts,
                }
            )
    return rows, [label for _, label in labels.values()]


def _zone_places(layer: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> list[int]:
    """Position of the first zone each feature touches; one past the last where there is none."""
    found = np.full(len(layer), len(zones))
    tree = shapely.STRtree(zones.geometry.to_numpy())
    rows, places = tree.query(layer.geometry.to_numpy(), predicate="intersects")
    np.minimum.at(found, rows, places)
    return [int(place) for place in found]
