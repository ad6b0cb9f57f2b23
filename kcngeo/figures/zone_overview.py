"""A map of more zones than a sheet has panels for: every zone a circle, cut as its land account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from kcngeo import theme
from kcngeo.figures.content import Content, Ground, Layer, Numbered
from kcngeo.theme import text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcngeo.figures.panel_geometry import Shapes
    from kcngeo.report import MonthlyReport

MOST_LISTED = 40
# Radius of the largest circle, as a share of the longer side of what is shown.
_LARGEST, _SMALLEST = 0.06, 0.012
_STEP = np.pi / 60


def zones_content(
    report: MonthlyReport, zones: dict[str, Any], context: list[Any], *, language: str
) -> Content:
    """Show every zone as a circle as large as its base, cut by the shares of its account.

    Parameters
    ----------
    report
        The report.
    zones
        Fences by zone, in the order of their numbers.
    context
        Lines under the map.
    language
        "vi" or "en".

    Returns
    -------
    Content
        One panel for all; zones are numbered and listed with their rates.
    """
    bases = report.accounts["base_ha"].reindex(list(zones)).fillna(0.0).to_numpy()
    middles = shapely.centroid(np.array(list(zones.values()), dtype=object))
    radii = _radii(middles, bases)
    circles = np.array(
        [_wedge(at, r, 0.0, 1.0) for at, r in zip(middles, radii, strict=True)], dtype=object
    )
    outlines = Layer(
        name="zones",
        label="",
        shapes=circles,
        color=theme.LAYER_COLORS["lot"],
        style="outline",
        width=0.8,
        framing=True,
    )
    said = _said(report, list(zones), language=language)
    numbered = [
        Numbered(shape=circle, words=words) for circle, words in zip(circles, said, strict=True)
    ]
    everything = shapely.multipolygons(shapely.get_parts(list(zones.values())))
    whole = text("report.all_zones", language=language)
    return Content(
        grounds=[Ground(title=whole, shape=everything)],
        layers=[*_wedges(report, list(zones), middles, radii, language=language), outlines],
        context=context,
        numbered=numbered,
        list_title=text("figures.zones_listed", language=language),
        most_listed=MOST_LISTED,
    )


def _said(report: MonthlyReport, zone_ids: list[str], *, language: str) -> list[str]:
    """Name every zone with its rate, or say that there is none."""
    names, rates = report.zone_names(), report.series["fill_rate"]
    reasons = report.reasons(language=language)
    said = []
    for zone_id in zone_ids:
        rate = rates.get((report.definition.name, zone_id, report.on), np.nan)
        shown = theme.percent(rate, language=language)
        if zone_id in reasons:
            shown = text("map.not_computable", language=language)
        said.append(f"{names[zone_id]}: {shown}")
    return said


def _radii(middles: Shapes, bases: NDArray[np.float64]) -> NDArray[np.float64]:
    """Choose the radii, areas as the bases, so large that circles touch at most if that can be."""
    share = np.sqrt(bases / bases.max()) if bases.max() > 0 else np.zeros(len(bases))
    west, south, east, north = shapely.total_bounds(middles)
    side = max(east - west, north - south, 1.0)
    xy = shapely.get_coordinates(middles)
    apart = np.hypot(*(xy[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))
    sums = share[:, None] + share[None, :]
    free = np.divide(apart, sums, out=np.full_like(apart, np.inf), where=sums > 0)
    np.fill_diagonal(free, np.inf)
    largest = np.clip(free.min(), _SMALLEST * side, _LARGEST * side)
    # A zone without a base still has a place.
    return np.maximum(share * largest, _SMALLEST * side / 2)


def _wedges(
    report: MonthlyReport,
    zone_ids: list[str],
    middles: Shapes,
    radii: NDArray[np.float64],
    *,
    language: str,
) -> list[Layer]:
    """Cut the circles, clockwise from the top; a layer a status."""
    accounts = report.accounts.reindex(zone_ids)
    parts = list(theme.STATUS_COLORS)
    areas = accounts[[f"{part}_ha" for part in parts]].fillna(0.0).to_numpy()
    base = areas.sum(axis=1, keepdims=True)
    ends = np.cumsum(np.divide(areas, base, out=np.zeros_like(areas), where=base > 0), axis=1)
    layers = []
    for place, part in enumerate(parts):
        rows = np.flatnonzero(areas[:, place] > 0)
        begin = ends[rows, place - 1] if place else np.zeros(len(rows))
        shapes = [
            _wedge(middles[row], radii[row], low, high)
            for row, low, high in zip(rows, begin, ends[rows, place], strict=True)
        ]
        layers.append(
            Layer(
                name=f"status.{part}",
                label=text(f"status.{part}", language=language),
                shapes=np.array(shapes, dtype=object),
                color=theme.STATUS_COLORS[part],
                section=text("figures.lots_shown", language=language),
                area_ha=areas[rows, place],
            )
        )
    return layers


def _wedge(middle: Any, radius: float, low: float, high: float) -> Any:
    """Make the part of a circle between two shares of it."""
    x, y = shapely.get_coordinates(middle)[0]
    steps = max(2, int((high - low) * 2 * np.pi / _STEP) + 1)
    turn = np.linspace(low, high, steps) * 2 * np.pi
    edge = np.column_stack([x + radius * np.sin(turn), y + radius * np.cos(turn)])
    return shapely.Polygon(edge if high - low >= 1 else np.vstack([[x, y], edge]))
