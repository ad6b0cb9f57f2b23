"""The fill map: parcels by lease status, month by month, with the zones' rates.

The page gets each shape once and, for each parcel version, the months at which its state changes;
see the head of ``assets/fill_map.js`` for the payload.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo import theme
from kcngeo.core.days import ALWAYS, OPEN, Day, day_numbers, month_ends
from kcngeo.core.geometry import areas_m2
from kcngeo.core.model import Project
from kcngeo.core.units import M2_PER_HA
from kcngeo.ledger import PARTS
from kcngeo.maps.offline import OfflineMap
from kcngeo.maps.page import PayloadLayer
from kcngeo.maps.shapes import context_of, shapes, word
from kcngeo.maps.words import both
from kcngeo.report import MonthlyReport, is_synthetic, monthly

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

_SHARE_DECIMALS = 9


def fill_map(
    project: Project,
    *,
    start: Day,
    end: Day,
    definition: str | None = None,
    known_at: Any = None,
    language: str = "vi",
    area: str = "grid",
) -> OfflineMap:
    """Draw the lease status of every lot, with a slider over the months of a period.

    Colours are in proportion: a lot let in part is striped, the widths as the shares, because
    nobody drew where in the lot the part lies. The legend gives the hectares of each colour in the
    month shown.

    Parameters
    ----------
    project
        The tables.
    start
        First day that may be reported, included.
    end
        Last day that may be reported, included.
    definition
        Id of a fill-rate definition; None for the law in force in each month.
    known_at
        As known at this moment, or at the end of this day in Viet Nam; None for all that is not
        superseded.
    language
        Language shown first, "vi" or "en"; the page has a switch.
    area
        Basis of the hectares: "grid", "ellipsoid" or "certificate".

    Returns
    -------
    OfflineMap
        A :class:`folium.Map` whose ``save`` and notebook view need no network.

    Raises
    ------
    ContractError
        If a defect of the tables belongs to no zone; zones with defects of their own are drawn
        without figures, with the reason.
    CRSError
        If zones and parcels disagree in CRS or it misstates areas.
    """
    dates = month_ends(start, end)
    report = monthly(
        project,
        month=dates[-1],
        start=dates[0],
        definition=definition,
        known_at=known_at,
        area=area,
    )
    return report_map(report, language=language)


def report_map(report: MonthlyReport, *, language: str) -> OfflineMap:
    """Draw the fill map of a report's months.

    Parameters
    ----------
    report
        The report.
    language
        "vi" or "en".

    Returns
    -------
    OfflineMap
        The map.
    """
    payload = _payload(report, language=language)
    made = OfflineMap(title=_texts(language)["title"], language=language)
    made.add_child(PayloadLayer(payload))
    return made


def _payload(report: MonthlyReport, *, language: str) -> dict[str, Any]:
    days = report.dates.to_numpy(dtype="datetime64[D]").astype("int64")
    used = [report.definition_on(date) for date in report.dates]
    dated = list(zip(used, report.dates, strict=True))
    labels = both(lambda each: [one.label(on=date, language=each) for one, date in dated])
    # One entry a definition and label: before it is in force a law is another thing.
    keys = [(one.name, str(label)) for one, label in zip(used, labels, strict=True)]
    kinds = dict(zip(keys, zip(used, labels, strict=True), strict=True))
    zone_ids = sorted(set(report.project.zones["zone_id"]))
    # Filled while the parcels are gone through, so it must stand in the page after them.
    states: dict[tuple[float, ...], int] = {}
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
        "simplify_m": None,
        "zones": [_zone(report, zone_id, days) for zone_id in zone_ids],
        "parcels": _parcels(report, zone_ids, days, states),
        "states": [list(shares) for shares in states],
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
    drawn = shapes(mine)
    # A month in which the zone does not count has no row: None, not a missing rate.
    mine_only = report.series[report.series.index.get_level_values("zone_id") == zone_id]
    figures = {
        (definition, date): [_number(one) for one in row]
        for definition, _, date, *row in mine_only.reset_index().itertuples(index=False)
    }
    rates = [figures.get((report.definition_on(date).name, date)) for date in report.dates]
    blocked = report.blocked[report.blocked["zone_id"] == zone_id]
    since, until = np.searchsorted(days, [blocked["start"], blocked["end"]])
    messages = [both(finding.message) for finding in blocked["finding"]]
    reasons = list(zip(since.tolist(), until.tolist(), messages, strict=True))
    return {
        "id": zone_id,
        "name": report.zone_names()[zone_id],
        "reasons": reasons,
        "shapes": [
            [int(begin), int(end), shape]
            for begin, end, shape in zip(first, last, drawn, strict=True)
            if begin < end and shape is not None
        ],
        "rates": rates,
    }


def _parcels(
    report: MonthlyReport,
    zone_ids: list[str],
    days: Ints,
    states: dict[tuple[float, ...], int],
) -> list[dict[str, Any]]:
    tables = report.book.tables
    parcels = tables.parcels
    first, last = np.searchsorted(days, [tables.start, tables.end])
    live = np.flatnonzero(first < last)
    shown = parcels.iloc[live]
    area_m2 = areas_m2(shown, basis=report.area, certificate="certificate_area_m2")
    changes = _changes(report, days, first, last, states)
    entries = _entries(report, days)
    lots = shown["lot_code"] if "lot_code" in shown.columns else pd.Series(None, index=shown.index)
    rows = zip(
        live,
        shown["parcel_id"],
        shown["zone_id"],
        shown["land_use"],
        lots,
        area_m2 / M2_PER_HA,
        shapes(shown),
        strict=True,
    )
    return [
        {
            "id": parcel_id,
            "zone": zone_ids.index(zone_id),
            "use": use,
            "lot": lot if isinstance(lot, str) else None,
            "area_ha": round(float(area_ha), 8) if np.isfinite(area_ha) else 0.0,
            "from": int(first[version]),
            "to": int(last[version]),
            "geometry": shape,
            "states": changes[version],
            "entries": [
                [max(since, int(first[version])), min(until, int(last[version])), *rest]
                for since, until, *rest in entries[parcel_id]
                if since < last[version] and until > first[version]
            ],
        }
        for version, parcel_id, zone_id, use, lot, area_ha, shape in rows
        if shape is not None
    ]


def _changes(
    report: MonthlyReport,
    days: Ints,
    first: Ints,
    last: Ints,
    states: dict[tuple[float, ...], int],
) -> dict[int, list[list[int]]]:
    """Give for each parcel version the months at which its state changes, and the new state."""
    held = report.book.held
    since, until = np.searchsorted(days, held.start), np.searchsorted(days, held.end)
    by_version: dict[int, list[int]] = defaultdict(list)
    for row in map(int, np.flatnonzero((since < until) & (held.part < len(PARTS)))):
        by_version[int(held.version[row])].append(row)
    changes = {}
    for version in map(int, np.flatnonzero(first < last)):
        mine = by_version[version]
        cuts = {int(first[version]), *(int(since[row]) for row in mine)}
        cuts |= {int(until[row]) for row in mine if until[row] < last[version]}
        steps: list[list[int]] = []
        for month in sorted(cuts):
            shares = np.zeros(len(PARTS) + 1)
            for row in mine:
                if since[row] <= month < until[row]:
                    shares[held.part[row]] += held.upper[row] - held.lower[row]
            shares[-1] = max(0.0, 1 - shares.sum())
            key = tuple(round(float(share), _SHARE_DECIMALS) for share in shares)
            state = states.setdefault(key, len(states))
            if not steps or steps[-1][1] != state:
                steps.append([month, state])
        changes[version] = steps
    return changes


def _entries(report: MonthlyReport, days: Ints) -> dict[str, list[list[Any]]]:
    """Give for each parcel its entries as a popup shows them, by month."""
    ledger, projects = report.book.tables.ledger, report.project.projects
    since = np.searchsorted(days, day_numbers(ledger["valid_from"], missing=ALWAYS, length=0))
    ends = day_numbers(ledger.get("valid_to"), missing=OPEN, length=len(ledger))
    until = np.searchsorted(days, ends)
    investor = pd.Series(None, index=ledger.index, dtype="object")
    if "project_id" in ledger.columns and projects is not None and "investor" in projects.columns:
        known = projects.drop_duplicates("project_id").set_index("project_id")["investor"]
        investor = ledger["project_id"].map(known).astype("object")
    none = pd.Series(None, index=ledger.index, dtype="object")
    rows = zip(
        ledger["parcel_id"],
        since,
        until,
        ledger["status"],
        ledger.get("part_area_ha", none),
        ledger.get("document", none),
        investor,
        strict=True,
    )
    entries: dict[str, list[list[Any]]] = defaultdict(list)
    for parcel_id, first, last, status, part_ha, document, name in rows:
        if first < last:
            words = [word(document), word(name)]
            entry = [int(first), int(last), status, _number(part_ha), *words]
            entries[parcel_id].append(entry)
    return entries


def _months(frame: gpd.GeoDataFrame, days: Ints) -> tuple[Ints, Ints]:
    start = day_numbers(frame.get("valid_from"), missing=ALWAYS, length=len(frame))
    end = day_numbers(frame.get("valid_to"), missing=OPEN, length=len(frame))
    return np.searchsorted(days, start), np.searchsorted(days, end)


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else round(float(value), 8)
