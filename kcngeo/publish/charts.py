"""The charts of a month's report, zone by zone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from kcngeo import figures
from kcngeo.cartography import fill
from kcngeo.figures.export import drawn
from kcngeo.figures.render import draw_map_part
from kcngeo.publish.file_names import slug
from kcngeo.report import MonthlyReport, is_synthetic

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kcngeo.cartography import MapSpec

MOST_ZONES = 12
"""Zones whose charts stand in one report; beyond, the tables have to do."""

DOTS_PER_INCH = 130
_FEWEST_MONTHS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A chart, drawn once for the page, the PDF and its own file.

    Attributes
    ----------
    label
        What it says, in words.
    data
        It as PNG; the same chart gives the same bytes.
    tall
        Its height as a share of its width.
    sheet
        Draws it for a page of A4, at the size it has there.
    part
        Draws it into a room of ``high_in`` and ``wide_in`` inches, around which are margins; gives
        None where it needs a page.
    """

    label: str
    data: bytes
    tall: float
    sheet: Callable[[], Figure]
    part: Callable[..., Figure | None] = lambda **_: None


def charts(
    report: MonthlyReport, *, language: str, spec: MapSpec | None = None
) -> dict[str, Picture]:
    """Draw the charts of a report, and its map, whose specification may be at hand."""
    pictures = {}
    if len(report.accounts):
        shown = spec or fill(report)
        pictures["map"] = replace(
            picture(figures.draw_map(shown, language=language)),
            sheet=partial(figures.draw_map, shown, language=language, upright=True),
            part=partial(draw_map_part, shown, language=language),
        )
    made = {}
    name = report.definition.name
    # Of a month before the first zone there is not even a row.
    chosen = report.series[report.series.index.get_level_values("definition") == name]
    rates = chosen.droplevel("definition").reset_index("on").assign(definition=name)
    rated = rates[(rates["on"] == report.on) & rates["fill_rate"].notna()].index
    if len(rated) > MOST_ZONES:
        rated = rated[:0]
    # What moved and how far land has come is told of lots; of a declaration there are none.
    measured = rates[(rates["on"] == report.on) & (rates["source"] == "measured")].index
    series = rates.set_index("on", append=True)
    # A chart with nothing to say is not drawn: no step of a year without any, no line of one month.
    moved = set() if report.year_change is None else set(report.year_change.entries["zone_id"])
    months = rates["fill_rate"].groupby("zone_id").count()
    names = report.zone_names()
    plan = report.targets
    if plan is not None:
        plan = plan[plan["definition"] == name]
    for zone_id in rated:
        shared = {
            "zone_id": zone_id,
            "name": names[zone_id],
            "language": language,
            "synthetic": is_synthetic(report.project),
        }
        if report.year_change is not None and zone_id in measured and zone_id in moved:
            made[f"changes_{slug(zone_id)}"] = figures.bridge(
                report.year_change,
                start=report.on - pd.offsets.MonthEnd(12),
                end=report.on,
                definition=name,
                **shared,
            )
        if report.steps is not None and zone_id in measured:
            made[f"steps_{slug(zone_id)}"] = figures.stages(
                report.steps.funnel, on=report.on, definition=name, **shared
            )
        if months[zone_id] < _FEWEST_MONTHS:
            continue
        fan = None if report.forecast is None else report.forecast.area
        made[f"forecast_{slug(zone_id)}"] = figures.trajectory(series, plan, fan, **shared)
    return pictures | {name: picture(figure) for name, figure in made.items()}


def picture(figure: Figure) -> Picture:
    """Keep a chart as it is shown on a page and on paper."""
    figure.set_dpi(DOTS_PER_INCH)
    width, height = figure.get_size_inches()
    label = str(figure.get_label())
    return Picture(
        label=label,
        data=drawn(figure, "png"),
        tall=float(height / width),
        sheet=lambda: figure,
    )
