"""The charts of a month's report, zone by zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kcngeo import figures
from kcngeo.figures.files import drawn
from kcngeo.report import MonthlyReport, is_synthetic

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_ZONES = 12
"""Zones whose charts stand in one report; beyond, the tables have to do."""

DOTS_PER_INCH = 150


def charts(report: MonthlyReport, *, language: str) -> dict[str, Figure]:
    """Draw the charts of a report.

    Parameters
    ----------
    report
        The month.
    language
        "vi" or "en".

    Returns
    -------
    dict[str, Figure]
        By name, "SECTION_ZONE": why the rate moved within a year, and the way to the target with
        the forecast, of every zone that has a rate; none where there are more than
        :data:`MOST_ZONES`.
    """
    name = report.definition.name
    rates = report.series.xs(name).reset_index("on").assign(definition=name)
    rated = rates[(rates["on"] == report.on) & rates["fill_rate"].notna()].index
    if len(rated) > MOST_ZONES:
        return {}
    series = rates.set_index("on", append=True)
    names = report.zone_names()
    plan = report.targets
    if plan is not None:
        plan = plan[plan["definition"] == name]
    made = {}
    for zone_id in rated:
        shared = {
            "zone_id": zone_id,
            "name": names[zone_id],
            "language": language,
            "synthetic": is_synthetic(report.project),
        }
        if report.year_change is not None:
            made[f"changes_{zone_id}"] = figures.bridge(
                report.year_change,
                start=report.on - pd.offsets.MonthEnd(12),
                end=report.on,
                definition=name,
                **shared,
            )
        fan = None if report.forecast is None else report.forecast.area
        made[f"forecast_{zone_id}"] = figures.trajectory(series, plan, fan, **shared)
    return made


def png(figure: Figure) -> bytes:
    """Draw a chart as PNG.

    Parameters
    ----------
    figure
        The chart.

    Returns
    -------
    bytes
        The picture; the same chart gives the same bytes.
    """
    figure.set_dpi(DOTS_PER_INCH)
    return drawn(figure, "png")
