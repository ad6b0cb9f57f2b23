"""The other themes of a fill map's page: a class a lot, and the features of their own.

The shapes of the lots stand in the page already; a feature that has the shape of a lot names the
lot. See ``Theme`` in ``assets/types.d.ts`` for the payload.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from kcngeo.cartography.words import text
from kcngeo.maps import limits
from kcngeo.maps.layers_payload import groups_of, layer_features
from kcngeo.maps.payload import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kcngeo.cartography import MapLayer, MapSpec

    Payload = dict[str, Any]

_NO_GROUP = -1


def themes_of(spec: MapSpec, parcels: Sequence[Mapping[str, Any]], zone_ids: list[str]) -> Payload:
    """Give the themes a page switches to; ``parcels`` are the lots of its payload."""
    last = 0 if spec.history is None else len(spec.history.dates)
    lots = {one["id"]: place for place, one in enumerate(parcels) if one["to"] == last}
    shapes = spec.layer("parcels_on_day").frame.set_index("parcel_id").geometry
    return {
        "own": plain(text(f"map_theme.{spec.theme}")),
        "themes": [_theme(one, lots, shapes, zone_ids) for one in spec.themes],
    }


def _theme(spec: MapSpec, lots: Mapping[str, int], shapes: Any, zone_ids: list[str]) -> Payload:
    zones = spec.zones.frame
    place_of: dict[str | None, int] = {zone: at for at, zone in enumerate(zone_ids)}
    labels: dict[str, tuple[int, Any]] = {}
    # (lots,) of each lot of the page its group and its hectares there
    groups, hectares = [_NO_GROUP] * (max(lots.values(), default=-1) + 1), {}
    features: list[Payload] = []
    first = 0
    for layer in spec.layers:
        rows = layer_features(layer, zones, first, labels)
        for row, lot in zip(rows, _lots_of(layer, lots, shapes), strict=True):
            zone_id = None if row is None else _zone_id(zones, row["zone"])
            # A page of one zone tells nothing of the others.
            if row is None or (zone_id is not None and zone_id not in place_of):
                continue
            row["zone"] = place_of.get(zone_id, _NO_GROUP)
            if lot is None:
                features.append(row)
                continue
            if groups[lot] == _NO_GROUP:
                groups[lot] = row["group"]
                hectares[lot] = row["area_ha"]
            if row["listed"] is not None or row["notes"]:
                features.append(_of_lot(row, lot))
        first += len(layer.classes)
    features.sort(key=lambda row: (row["number"] is None, row["number"] or 0))
    return {
        "id": spec.theme,
        "label": plain(text(f"map_theme.{spec.theme}")),
        "title": plain(spec.title),
        "headline": plain(spec.headline),
        "headlines": [
            plain(spec.zone_headlines[zone]) if zone in spec.zone_headlines else None
            for zone in zone_ids
        ],
        "subtitle": plain(spec.subtitle),
        "list": plain(spec.list_title),
        "list_empty": plain(spec.list_empty),
        "notes": [plain(one) for one in spec.notes],
        "facts": [[plain(one) for one in spec.zone_facts.get(zone, ())] for zone in zone_ids],
        "groups": groups_of(spec.layers),
        "labels": [label for _, label in labels.values()],
        "lots": groups,
        "hectares": [hectares.get(lot) for lot in range(len(groups))],
        "features": _shortened(features),
        "listed": sum(one["listed"] is not None for one in features),
    }


def _lots_of(layer: MapLayer, lots: Mapping[str, int], shapes: Any) -> list[int | None]:
    """Find of each feature the lot whose shape it has; None where it has a shape of its own."""
    frame = layer.frame
    if "parcel_id" not in frame.columns or not len(frame):
        return [None] * len(frame)
    own = frame["parcel_id"].map(lots)
    drawn = shapes[~shapes.index.duplicated()].reindex(frame["parcel_id"]).to_numpy()
    is_whole = np.asarray(shapely.equals_exact(frame.geometry.to_numpy(), drawn, tolerance=0))
    return [
        int(lot) if is_same and lot == lot else None
        for lot, is_same in zip(own, is_whole, strict=True)
    ]


def _zone_id(zones: Any, place: int) -> str | None:
    """Name the zone a feature lies in; one past the last is none."""
    return str(zones["zone_id"].iloc[place]) if place < len(zones) else None


def _of_lot(row: Payload, lot: int) -> Payload:
    """Tell of a lot only what the page does not know of it yet."""
    kept = {name: row[name] for name in ("group", "zone", "name", "number", "notes", "listed")}
    return {**kept, "lot": lot}


def _shortened(features: list[Payload]) -> list[Payload]:
    """Keep the first of a long list as entries; what is said of the others is a note."""
    kept = []
    for row in features:
        if row["number"] is None or row["number"] <= limits.MOST_LISTED:
            kept.append(row)
            continue
        kept.append(
            {**row, "number": None, "listed": None, "notes": [row["listed"], *row["notes"]]}
        )
    return kept
