"""Pages of the fill map: what every page is told, and the page that draws parcels.

See ``FillPayload`` in ``assets/types.d.ts`` for the payload.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo import theme
from kcngeo.cartography import MapSpec
from kcngeo.cartography.geojson import shapes
from kcngeo.cartography.spec import MapHistory
from kcngeo.maps import limits
from kcngeo.maps.bilingual import both
from kcngeo.maps.fill_payload import Parcels, States, day_numbers_of, history_of, months, number
from kcngeo.maps.html import OfflineMap
from kcngeo.maps.payload import PayloadLayer, plain, source_of, under
from kcngeo.maps.theme_payload import themes_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcngeo.analysis.imagery.pictures import GroundPicture

    Ints = NDArray[np.int64]

Payload = dict[str, Any]


def parcels_map(
    parcels: Parcels, frame: Payload, *, versions: Ints, options: dict[str, Any] | None = None
) -> OfflineMap:
    """Draw parcels in a page."""
    states = States()
    zone_ids = [zone["id"] for zone in frame["zones"]]
    rows = parcels.payload(versions, zone_ids=zone_ids, states=states)
    drawn: Payload = {"simplify_m": parcels.simplify_m, "parcels": rows, "states": states.listed()}
    if parcels.spec.pictures:
        drawn["pictures"] = [_picture(one) for one in parcels.spec.pictures]
    if parcels.spec.themes:
        drawn["more"] = themes_of(parcels.spec, rows, zone_ids)
    return page_of({**frame, **drawn}, options=options)


def _picture(one: GroundPicture) -> dict[str, Any]:
    """Give a piece of an image as a page shows it: its address, south and west, north and east."""
    west, south, east, north = one.bounds
    address = "data:image/webp;base64," + base64.b64encode(one.data).decode()
    return {"address": address, "bounds": [[south, west], [north, east]]}


def page_of(payload: Payload, *, options: dict[str, Any] | None = None) -> OfflineMap:
    """Put a payload into a page, drawn and packed as its size asks for."""
    made = OfflineMap(
        title=payload["texts"]["title"][payload["language"]], language=payload["language"]
    )
    is_large = len(payload["parcels"]) > limits.ELEMENT_LOTS
    told = {**(options or {}), "is_canvas": is_large}
    made.add_child(PayloadLayer(payload, options=told, is_packed=None))
    return made


def frame_of(spec: MapSpec, *, language: str, zone_ids: Sequence[str] | None = None) -> Payload:
    """Say all but the parcels: words, colours, months, definitions, zones with their rates."""
    history = history_of(spec)
    named = history.zones.frame.drop_duplicates("zone_id").set_index("zone_id")["name"]
    shown = sorted(named.index) if zone_ids is None else sorted(zone_ids)
    return {
        "language": language,
        "texts": both(_texts) | {"made_from": plain(source_of(spec))},
        "synthetic": spec.is_synthetic,
        "colors": dict(theme.STATUS_COLORS),
        "change_colors": dict(theme.CHANGE_COLORS),
        "use_colors": {str(use): color for use, color in theme.USE_COLORS.items()},
        "months": [f"{date:%Y-%m-%d}" for date in history.dates],
        "definitions": [
            {"id": one.name, "label": plain(one.label), "uses": list(one.uses)}
            for one in history.definitions
        ],
        "month_definition": list(history.of_date),
        "simplify_m": 0,
        "zone_color": spec.zones.classes[0].color,
        "zones": [
            {"id": zone_id, "name": named[zone_id], **_zone(spec, zone_id)} for zone_id in shown
        ],
        "context": under(spec),
    }


def _texts(language: str) -> dict[str, str]:
    words = {}
    # Of words of one name the later one says it more exactly.
    groups = {
        "layers_map": "",
        "map": "",
        "status": "",
        "land_use": "use_",
        "change_map": "change_",
    }
    for group, mark in groups.items():
        for key, value in theme.texts(group, language=language).items():
            words[mark + key.removeprefix(f"{group}.")] = value
    return words


def _zone(spec: MapSpec, zone_id: str) -> dict[str, Any]:
    history = history_of(spec)
    days = day_numbers_of(history)
    zones = history.zones.frame
    mine = zones[(zones["zone_id"] == zone_id).to_numpy()]
    first, last = months(mine, days)
    blocked = history.reasons[(history.reasons["zone_id"] == zone_id).to_numpy()]
    since, until = np.searchsorted(days, [blocked["start"], blocked["end"]])
    messages = [both(finding.message) for finding in blocked["finding"]]
    return {
        "reasons": list(zip(since.tolist(), until.tolist(), messages, strict=True)),
        "shapes": [
            [int(begin), int(end), shape]
            for begin, end, shape in zip(first, last, shapes(mine), strict=True)
            if begin < end and shape is not None
        ],
        "rates": _rates(spec, zone_id),
        **_undrawn(spec, zone_id),
    }


def _undrawn(spec: MapSpec, zone_id: str) -> dict[str, Any]:
    """Say of a zone without lots where it lies, what is declared of it month by month, and claims.

    "stated" are hectares by status, missing where nobody states them, for the months in which the
    zone is not measured; None where nothing is declared.
    """
    history = history_of(spec)
    rates = history.rates
    mine = rates[rates.index.get_level_values("zone_id") == zone_id].droplevel("zone_id")
    undrawn = mine[mine["source"] != "measured"]
    undrawn = undrawn[~undrawn.index.isin(_blocked(history, zone_id))]
    beside = {"claim": spec.zone_claims, "declared": spec.zone_declared}
    told: dict[str, Any] = {
        name: [_since(history, words[zone_id][0]), plain(words[zone_id][1])]
        for name, words in beside.items()
        if zone_id in words
    }
    if undrawn.empty:
        return told
    stated: list[Any] = [0] * len(history.dates)
    parts = history.accounts.loc[zone_id]
    sources = undrawn["source"].to_dict()
    for at, date in enumerate(history.dates):
        if date in sources:
            is_declared = sources[date] == "declared"
            stated[at] = [number(one) for one in parts.loc[date]] if is_declared else None
    told["stated"] = stated
    if zone_id in spec.zone_places:
        told["place"] = spec.zone_places[zone_id]
    return told


def _since(history: MapHistory, on: pd.Timestamp) -> int:
    """Give the first month whose last day is not before a day."""
    return int((history.dates < on).sum())


def _blocked(history: MapHistory, zone_id: str) -> list[Any]:
    """List the months in which a zone is not computable."""
    days = day_numbers_of(history)
    rows = history.reasons[(history.reasons["zone_id"] == zone_id).to_numpy()]
    hit = np.zeros(len(days), dtype=bool)
    for start, end in zip(rows["start"], rows["end"], strict=True):
        hit |= (start <= days) & (days < end)
    return list(history.dates[hit])


def _rates(spec: MapSpec, zone_id: str) -> list[list[float | None] | None]:
    """Give let land, base and rate of a zone, month by month."""
    history = history_of(spec)
    mine = history.rates[history.rates.index.get_level_values("zone_id") == zone_id]
    # What has no rate because nobody publishes it adds nothing to a sum.
    figures = mine[["leased_ha", "base_ha", "fill_rate"]].mask(mine["reason"].notna())
    rows = figures.to_numpy(dtype="float64").tolist()
    dates = mine.index.get_level_values("on")
    told = {date: [number(one) for one in row] for date, row in zip(dates, rows, strict=True)}
    # A month in which the zone does not count has no row: None, not a missing rate.
    return [told.get(date) for date in history.dates]
