"""The fill map on paper: lots by lease status on the last day of a month, with the zones' rates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo import theme
from kcngeo.core.dates import Day
from kcngeo.core.errors import KcngeoError
from kcngeo.core.geometry import areas_m2
from kcngeo.core.units import M2_PER_HA
from kcngeo.figures.around import context_lines, grid_note, shapes_of, zones_drawn
from kcngeo.figures.content import Content, Ground, Layer
from kcngeo.figures.labels import definition_label
from kcngeo.figures.map_layout import MOST_PANELS, draw_plan
from kcngeo.figures.page_layout import Heading, short
from kcngeo.figures.panel_geometry import striped
from kcngeo.figures.typography import own_settings
from kcngeo.figures.zone_overview import zones_content
from kcngeo.ledger import Project, Snapshot, state_of
from kcngeo.report import MonthlyReport, is_synthetic, monthly
from kcngeo.theme import text

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.figure import Figure

_WHOLE = 1e-9
# About the width of all stripes of a part-let lot together.
_STRIPES_M = 45.0


def fill_map(
    project: Project | Snapshot,
    *,
    month: str | Day,
    language: str,
    definition: str | None = None,
    area: str = "grid",
    zone_id: str | None = None,
    credit: str = "",
) -> Figure:
    """Draw the lease status of every lot on the last day of a month, for print.

    The twin of :func:`kcngeo.maps.fill_map`. Every colour has its hatch, so that it can be read in
    black and white. A lot let in part is striped, the widths as the shares, because nobody drew
    where in the lot the part lies. The legend gives the hectares shown, by the land account.

    Parameters
    ----------
    project
        The tables.
    month
        "2018-03", or any day of the month.
    language
        "vi" or "en".
    definition
        Id of a fill-rate definition; None for the law in force on the day.
    area
        Basis of the hectares: "grid", "ellipsoid" or "certificate".
    zone_id
        The zone to draw; None for all: a panel each, or a circle each for more than twelve.
    credit
        Whom data of others ask to be named, for example "© OpenStreetMap contributors".

    Returns
    -------
    Figure
        The map.

    Raises
    ------
    ContractError
        If a defect of the tables belongs to no zone.
    CRSError
        If zones and parcels disagree in CRS or it misstates areas.
    KcngeoError
        If the zone does not count on the day.
    """
    options: dict[str, Any] = {"definition": definition, "area": area}
    report = monthly(project, month=month, **options)
    return report_map(report, language=language, zone_id=zone_id, credit=credit)


def report_map(
    report: MonthlyReport, *, language: str, zone_id: str | None = None, credit: str = ""
) -> Figure:
    """Draw the fill map of a report's reporting date, for print.

    For more zones than a sheet has panels every zone is a circle, its area as the base, cut by the
    shares of its account.

    Parameters
    ----------
    report
        The report.
    language
        "vi" or "en".
    zone_id
        The zone to draw; None for all: a panel each, or a circle each for more than twelve.
    credit
        Whom data of others ask to be named, for example "© OpenStreetMap contributors".

    Returns
    -------
    Figure
        The map; a zone that is not computable has its lots, no rate, and the reason.

    Raises
    ------
    KcngeoError
        If the zone does not count on the day.
    """
    counted = [str(one) for one in report.accounts.index]
    if zone_id is not None and zone_id not in counted:
        day = theme.date(report.on, language=language)
        raise KcngeoError("figure_zone", zone_id=zone_id, on=day, choices=counted)
    chosen = counted if zone_id is None else [zone_id]
    zones = zones_drawn(report.project, chosen, on=report.on)
    head = _heading(report, chosen, credit, language=language)
    with own_settings():
        if len(zones) > MOST_PANELS:
            around = context_lines(report.project)
            return draw_plan(head, zones_content(report, zones, around, language=language))
        content = Content(
            grounds=[
                _ground(report, one, fence, language=language) for one, fence in zones.items()
            ],
            layers=_layers(report, list(zones), language=language),
            context=context_lines(report.project),
        )
        return draw_plan(head, content)


def _heading(report: MonthlyReport, chosen: list[str], credit: str, *, language: str) -> Heading:
    names = report.zone_names()
    name, on = report.definition.name, report.on
    if len(chosen) == 1:
        rate = report.series["fill_rate"].get((name, chosen[0], on), np.nan)
        title = text(
            "figures.rate_of",
            language=language,
            name=short(names[chosen[0]]),
            rate=theme.percent(rate, language=language),
        )
    else:
        rate = theme.percent(report.total["fill_rate"][name, on], language=language)
        title = text("figures.rate_of_zones", language=language, count=len(chosen), rate=rate)
    shown = theme.date(on, language=language)
    label = definition_label(name, on=on, language=language)
    return Heading(
        kind=text("figures.fill_map", language=language),
        title=title,
        lines=[f"{shown} · {text('map.definition', language=language)} {label}"],
        notes=[
            text(
                f"figures.{'circles' if len(chosen) > MOST_PANELS else 'stripes'}",
                language=language,
            ),
            grid_note(report.project, language=language),
            credit,
        ],
        language=language,
        synthetic=is_synthetic(report.project),
    )


def _ground(report: MonthlyReport, zone_id: str, fence: Any, *, language: str) -> Ground:
    """Give a zone with its rate, or why there is none."""
    name = report.zone_names()[zone_id]
    reason = report.reasons(language=language).get(zone_id, "")
    key = (report.definition.name, zone_id, report.on)
    if reason or key not in report.series.index:
        return Ground(title=name, shape=fence, remark=reason)
    row: Any = report.series.loc[[key]].iloc[0]
    said = text(
        "figures.panel_rate",
        language=language,
        rate=theme.percent(row["fill_rate"], language=language),
        leased=theme.number(row["leased_ha"], language=language),
        base=theme.number(row["base_ha"], language=language),
    )
    return Ground(title=name, shape=fence, said=said)


def _layers(report: MonthlyReport, zone_ids: list[str], *, language: str) -> list[Layer]:
    """Give the lots: those that count by status, the others by use."""
    lots = _lots(report)
    lots = lots[lots["zone_id"].isin(zone_ids)]
    uses = [str(use) for use in report.definition.uses]
    counts = lots["land_use"].isin(uses).to_numpy()
    section = text("figures.other_uses", language=language)
    layers = []
    for use, color in theme.USE_COLORS.items():
        mine = lots[~counts & (lots["land_use"] == use).to_numpy()]
        layers.append(
            Layer(
                name=f"use.{use}",
                label=text(f"land_use.{use}", language=language),
                shapes=shapes_of(mine),
                color=color,
                section=section,
                area_ha=mine["area_ha"],
            )
        )
    return [*layers, *_by_status(lots[counts], language=language)]


def _lots(report: MonthlyReport) -> gpd.GeoDataFrame:
    """Give the lots of the day with their shares and hectares."""
    lots = state_of(report.snapshot, on=report.on)
    area_m2 = areas_m2(lots, basis=report.area, certificate="certificate_area_m2")
    return lots.assign(area_ha=np.nan_to_num(area_m2 / M2_PER_HA))


def _by_status(lots: gpd.GeoDataFrame, *, language: str) -> list[Layer]:
    parts = list(theme.STATUS_COLORS)
    shares = lots[[f"{part}_share" for part in parts]].to_numpy(dtype="float64")
    pieces: dict[str, list[Any]] = {part: [] for part in parts}
    areas: dict[str, list[float]] = {part: [] for part in parts}
    for shape, area_ha, row in zip(shapes_of(lots), lots["area_ha"], shares, strict=True):
        held = [at for at, share in enumerate(row) if share > _WHOLE]
        whole = len(held) == 1
        cut = [shape] if whole else striped(shape, [row[at] for at in held], width=_STRIPES_M)
        for at, piece in zip(held, cut, strict=True):
            pieces[parts[at]].append(piece)
            areas[parts[at]].append(float(area_ha * row[at]))
    section = text("figures.lots_shown", language=language)
    layers = [
        Layer(
            name=f"status.{part}",
            label=text(f"status.{part}", language=language),
            shapes=np.array(pieces[part], dtype=object),
            color=theme.STATUS_COLORS[part],
            section=section,
            area_ha=areas[part],
            edge=False,
        )
        for part in parts
    ]
    outlines = Layer(
        name="lots",
        label="",
        shapes=shapes_of(lots),
        color=theme.LAYER_COLORS["lot"],
        style="outline",
        width=0.6,
        letters=_codes(lots),
    )
    return [*layers, outlines]


def _codes(lots: gpd.GeoDataFrame) -> list[str]:
    """Name each lot by its code; lots that share one are named once, on the largest."""
    if "lot_code" not in lots.columns:
        return [str(one) for one in lots["parcel_id"]]
    codes = lots["lot_code"].where(lots["lot_code"].notna(), lots["parcel_id"]).astype("str")
    largest = lots.geometry.area.groupby([lots["zone_id"], codes]).idxmax()
    named = pd.Series(lots.index.isin(largest), index=lots.index)
    return codes.where(named, "").tolist()
