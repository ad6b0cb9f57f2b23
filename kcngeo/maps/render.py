"""A map specification on a screen: groups of features over the parcels, a legend, a list.

Figures travel as the words a person reads, in both languages; the page adds up only the hectares of
what it shows. See ``LayersPayload`` in ``assets/types.d.ts`` for the payload.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from kcngeo import theme
from kcngeo.cartography import MapLayer, MapSpec
from kcngeo.cartography.geojson import shapes
from kcngeo.cartography.words import text
from kcngeo.maps import limits
from kcngeo.maps.atlas import atlas
from kcngeo.maps.bilingual import both
from kcngeo.maps.fill_pages import frame_of, parcels_map
from kcngeo.maps.fill_payload import Parcels
from kcngeo.maps.html import OfflineMap
from kcngeo.maps.layers_payload import groups_of, keys_of, layer_features
from kcngeo.maps.payload import SHELL_TEXTS, PayloadLayer, plain, source_of, under

if TYPE_CHECKING:
    import geopandas as gpd

LAYERS_MAP_TEXTS = (
    *SHELL_TEXTS,
    "headline",
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


def draw_map(spec: MapSpec, *, language: str = "vi", simplify_m: float | None = None) -> OfflineMap:
    """Draw a map specification as a page, in both languages.

    A map with a history has a slider over its months. How it is made depends on how many parcels
    there are, and looks alike: up to 20 000 each is an element of the page; up to 100 000 they are
    drawn on one canvas; beyond, an overview draws the zones, and every zone has a page of its own.
    Data of more than 300 kB travel packed.

    A feature belongs to the zone it names, or else to the first it touches; any other stands under
    "outside the zones".

    Parameters
    ----------
    spec
        What the map shows, from a function of :mod:`kcngeo.cartography`.
    language
        Language shown first, "vi" or "en"; the page has a switch.
    simplify_m
        Tolerance in metres with which boundaries between parcels of a history are drawn simplified,
        which the page then says; hectares stay. 0 draws every corner; None too, but for 0.5 m where
        there are more than 20 000 parcels. See :func:`kcngeo.cartography.simplify.simplified`.

    Returns
    -------
    OfflineMap
        A :class:`folium.Map` whose ``save`` and notebook view need no network; an
        :class:`~kcngeo.maps.atlas.OfflineAtlas` for a history of more than 100 000 parcels.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> day = "2018-03-31"
    >>> report = kcn.report.monthly(kcn.examples.squares(), month=day, start=day)
    >>> made = draw_map(kcn.cartography.fill(report), language="en")
    >>> "Zone A" in made.get_root().render()
    True
    """
    if spec.history is not None:
        return _history_map(spec, language=language, simplify_m=simplify_m)
    return _day_map(spec, language=language)


def _history_map(spec: MapSpec, *, language: str, simplify_m: float | None) -> OfflineMap:
    parcels = Parcels.of(spec, simplify_m=simplify_m)
    if len(parcels.live) > limits.ONE_PAGE_LOTS:
        # Of a zone's page the image would be that of all zones.
        without = replace(parcels, spec=replace(spec, pictures=()))
        return atlas(without, language=language)
    frame = frame_of(spec, language=language)
    return parcels_map(parcels, frame, versions=parcels.live)


def _day_map(spec: MapSpec, *, language: str) -> OfflineMap:
    """Draw groups of features over the parcels of a day."""
    ground = spec.ground
    # Parcels that only lie under the map are left out before they make the page too large.
    is_crowded = ground is not None and len(ground.frame) > limits.ONE_PAGE_LOTS
    base = [] if ground is None or is_crowded else _base(ground, spec.zones.frame)
    features, labels = _features(spec)
    notes = [*spec.notes, *([text("layers_map.no_lots")] if is_crowded else [])]
    payload = {
        "language": language,
        "texts": _texts(spec),
        "synthetic": spec.is_synthetic,
        "on": f"{spec.on:%Y-%m-%d}",
        "zones": _zones(spec),
        "context": under(spec),
        "base": base,
        "uses": [] if ground is None or is_crowded else keys_of(ground),
        "zone_color": spec.zones.classes[0].color,
        "groups": groups_of(spec.layers),
        "labels": labels,
        "features": features,
        "notes": [plain(one) for one in notes],
    }
    is_large = len(base) + len(features) > limits.ELEMENT_LOTS
    made = OfflineMap(title=spec.title[language], language=language)
    made.add_child(
        PayloadLayer(
            payload,
            scripts=(
                *("label_boxes", "ground_names", "zone_names", "groups", "layers_panel"),
                *("layers_search", "layers_map"),
            ),
            start="kcngeoLayersMap",
            texts=LAYERS_MAP_TEXTS,
            options={"is_canvas": is_large},
            is_packed=None,
        )
    )
    return made


def _texts(spec: MapSpec) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for group in ("map", "layers_map"):  # the later one says it more exactly
        words = both(partial(_group, group))
        named |= {key.split(".", 1)[1]: value for key, value in words.items()}
    own = {"title": spec.title, "headline": spec.headline}
    own |= {"list": spec.list_title, "list_empty": spec.list_empty}
    own["made_from"] = source_of(spec)
    named |= {key: plain(words) for key, words in own.items()}
    return {key: named[key] for key in LAYERS_MAP_TEXTS}


def _group(group: str, language: str) -> dict[str, str]:
    return theme.texts(group, language=language)


def _zones(spec: MapSpec) -> list[dict[str, Any]]:
    frame = spec.zones.frame
    rows = zip(frame["zone_id"], frame["name"], shapes(frame), strict=True)
    return [
        *(
            {
                "id": zone_id,
                "name": name,
                "geometry": shape,
                "facts": [plain(one) for one in spec.zone_facts.get(str(zone_id), ())],
            }
            for zone_id, name, shape in rows
        ),
        {"id": "", "name": plain(text("layers_map.no_zone")), "geometry": None, "facts": []},
    ]


def _base(ground: MapLayer, zones: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Give the parcels under the groups."""
    place_of = {zone_id: place for place, zone_id in enumerate(zones["zone_id"])}
    frame = ground.frame
    numbers = [one.name["vi"] for one in ground.told]
    rows = zip(
        frame["parcel_id"], numbers, ground.places(), frame["zone_id"], shapes(frame), strict=True
    )
    return [
        {
            "id": name,
            "lot": None if number == name else number,
            "use": int(use),
            "zone": place_of.get(zone_id, len(place_of)),
            "geometry": shape,
        }
        for name, number, use, zone_id, shape in rows
        if shape is not None
    ]


def _features(spec: MapSpec) -> tuple[list[dict[str, Any]], list[Any]]:
    """Give the features in the order of the list; labels of facts are written once."""
    labels: dict[str, tuple[int, Any]] = {}
    rows: list[dict[str, Any]] = []
    first = 0
    for layer in spec.layers:
        rows += [
            one for one in layer_features(layer, spec.zones.frame, first, labels) if one is not None
        ]
        first += len(layer.classes)
    # What has a number stands in the list by its number; sorting keeps the order of the others.
    rows.sort(key=lambda row: (row["number"] is None, row["number"] or 0))
    return rows, [label for _, label in labels.values()]
