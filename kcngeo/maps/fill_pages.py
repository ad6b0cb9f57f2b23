"""Pages of the fill map: what every page is told, and the page that draws lots.

See the head of ``assets/fill_map.js`` for the payload.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kcngeo import theme
from kcngeo.cartography.geojson import context_of, shapes
from kcngeo.core.dates import ALWAYS, OPEN, day_numbers
from kcngeo.maps import limits
from kcngeo.maps.bilingual import both
from kcngeo.maps.fill_payload import Lots, States, number
from kcngeo.maps.html import OfflineMap
from kcngeo.maps.payload import PayloadLayer
from kcngeo.report import MonthlyReport, is_synthetic

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

Payload = dict[str, Any]


def lots_map(
    lots: Lots, frame: Payload, *, versions: Ints, options: dict[str, Any] | None = None
) -> OfflineMap:
    """Draw lots in a page.

    Parameters
    ----------
    lots
        The lots of the report.
    frame
        What :func:`frame_of` gives for the zones of the page.
    versions
        Positions of the parcel versions to draw.
    options
        What the page is to do beside drawing; see ``fill_map.js``.

    Returns
    -------
    OfflineMap
        The map.
    """
    states = States()
    zone_ids = [zone["id"] for zone in frame["zones"]]
    parcels = lots.payload(versions, zone_ids=zone_ids, states=states)
    drawn = {"simplify_m": lots.simplify_m, "parcels": parcels, "states": states.listed()}
    return page_of({**frame, **drawn}, options=options)


def page_of(payload: Payload, *, options: dict[str, Any] | None = None) -> OfflineMap:
    """Put a payload into a page, drawn and packed as its size asks for.

    Parameters
    ----------
    payload
        The payload.
    options
        What the page is to do beside drawing.

    Returns
    -------
    OfflineMap
        The map.
    """
    made = OfflineMap(
        title=payload["texts"]["title"][payload["language"]], language=payload["language"]
    )
    is_large = len(payload["parcels"]) > limits.ELEMENT_LOTS
    made.add_child(
        PayloadLayer(
            payload, options={**(options or {}), "is_canvas": is_large}, is_packed=is_large
        )
    )
    return made


def frame_of(
    report: MonthlyReport, *, language: str, zone_ids: Sequence[str] | None = None
) -> Payload:
    """Say all but the lots: words, colours, months, definitions, zones with their rates.

    Parameters
    ----------
    report
        The report.
    language
        Language shown first, "vi" or "en".
    zone_ids
        The zones of the page; None for all.

    Returns
    -------
    dict[str, Any]
        The payload without ``parcels`` and ``states``.
    """
    days = report.dates.to_numpy(dtype="datetime64[D]").astype("int64")
    used = [report.definition_on(date) for date in report.dates]
    dated = list(zip(used, report.dates, strict=True))
    labels = both(lambda each: [one.label(on=date, language=each) for one, date in dated])
    # One entry a definition and label: before it is in force a law is another thing.
    keys = [(one.name, str(label)) for one, label in zip(used, labels, strict=True)]
    kinds = dict(zip(keys, zip(used, labels, strict=True), strict=True))
    names = report.zone_names()
    shown = sorted(names) if zone_ids is None else sorted(zone_ids)
    return {
        "language": language,
        "texts": both(_texts),
        "synthetic": is_synthetic(report.project),
        "colors": dict(theme.STATUS_COLORS),
        "use_colors": {str(use): color for use, color in theme.USE_COLORS.items()},
        "months": [f"{date:%Y-%m-%d}" for date in report.dates],
        "definitions": [
            {"id": name, "label": label, "uses": [str(use) for use in one.uses]}
            for (name, _), (one, label) in kinds.items()
        ],
        "month_definition": [list(kinds).index(key) for key in keys],
        "simplify_m": 0,
        "zones": [
            {"id": zone_id, "name": names[zone_id], **_zone(report, zone_id, days)}
            for zone_id in shown
        ],
        "context": context_of(report.project.context),
    }


def _texts(language: str) -> dict[str, str]:
    words = {}
    for group, mark in (("map", ""), ("status", ""), ("land_use", "use_")):
        for key, value in theme.texts(group, language=language).items():
            words[mark + key.removeprefix(f"{group}.")] = value
    return words


def _zone(report: MonthlyReport, zone_id: str, days: Ints) -> dict[str, Any]:
    zones = report.project.zones
    mine = zones[zones["zone_id"] == zone_id]
    first, last = _months(mine, days)
    blocked = report.blocked[report.blocked["zone_id"] == zone_id]
    since, until = np.searchsorted(days, [blocked["start"], blocked["end"]])
    messages = [both(finding.message) for finding in blocked["finding"]]
    return {
        "reasons": list(zip(since.tolist(), until.tolist(), messages, strict=True)),
        "shapes": [
            [int(begin), int(end), shape]
            for begin, end, shape in zip(first, last, shapes(mine), strict=True)
            if begin < end and shape is not None
        ],
        "rates": _rates(report, zone_id),
    }


def _rates(report: MonthlyReport, zone_id: str) -> list[list[float | None] | None]:
    """Give let land, base and rate of a zone, month by month."""
    series = report.series
    mine = series[series.index.get_level_values("zone_id") == zone_id]
    figures = {
        (definition, date): [number(one) for one in row]
        for definition, _, date, *row in mine.reset_index().itertuples(index=False)
    }
    # A month in which the zone does not count has no row: None, not a missing rate.
    return [figures.get((report.definition_on(date).name, date)) for date in report.dates]


def _months(frame: gpd.GeoDataFrame, days: Ints) -> tuple[Ints, Ints]:
    start = day_numbers(frame.get("valid_from"), missing=ALWAYS, length=len(frame))
    end = day_numbers(frame.get("valid_to"), missing=OPEN, length=len(frame))
    return np.searchsorted(days, start), np.searchsorted(days, end)
