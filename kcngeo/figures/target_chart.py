"""Draws a zone's way to a target: grid, laws, plan, line and fan."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo import theme
from kcngeo.figures.labels import measured
from kcngeo.figures.page_layout import INK, INNER_IN, LINE, SIZES, SOFT, Heading, Sheet
from kcngeo.figures.time_axis import day_of, day_ticks, spread, value_ticks
from kcngeo.figures.typography import width_in, wrapped
from kcngeo.theme import hectares, points, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

ACTUAL, PLAN = theme.STATUS_COLORS["leased"], theme.STATUS_COLORS["repurposed"]
PERCENTILES = ("p10", "p50", "p90")

_LEFT_IN, _PLOT_IN_HIGH, _AXIS_IN = 0.65, 3.5, 0.34
_RIGHT_IN = {True: 1.45, False: 0.45}
_LAW_IN, _LABEL_APART_IN = 0.21, 0.19
_HEADROOM = 0.17
_NOW_IN, _GAP_ROOM_IN, _GAP_LINE_IN = 0.2, 0.75, 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What is drawn of one zone.

    Attributes
    ----------
    dates
        Reporting dates.
    actual
        The measure on each of them.
    plan
        Rows of one target, by date.
    fan
        By date, ``p10``, ``p50`` and ``p90`` in the measure's unit.
    laws
        From which day, in days since 1970-01-01, which definition stands how.
    measure
        "fill_rate" or a column in hectares.
    """

    dates: pd.DatetimeIndex
    actual: NDArray[np.float64]
    plan: pd.DataFrame
    fan: pd.DataFrame
    laws: list[tuple[float, str]]
    measure: str

    @property
    def target(self) -> Any:
        """The last row of the plan, or None."""
        return None if self.plan.empty else next(self.plan.iloc[[-1]].itertuples())

    @property
    def gap(self) -> Any:
        """The last row of the plan on which actual and planned are known, or None."""
        known = self.plan.dropna(subset=["planned", "actual"])
        return None if known.empty else next(known.iloc[[-1]].itertuples())


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """Turns days and values into inches of the body."""

    first: float
    last: float
    high: float
    top: float
    width: float

    def x(self, day: float) -> float:
        """Inches from the left of the body."""
        return _LEFT_IN + (day - self.first) / (self.last - self.first) * self.width

    def y(self, value: float) -> float:
        """Inches from the top of the body."""
        return self.top + (1 - value / self.high) * _PLOT_IN_HIGH


def drawn(story: Story, head: Heading, *, language: str) -> Figure:
    """Draw a story on a sheet."""
    row = story.target
    days = [day_of(date) for date in (*story.dates, *story.fan.index)]
    values = [story.actual, story.fan.to_numpy(dtype="float64").ravel()]
    values.append(story.plan["planned"].to_numpy(dtype="float64"))
    if row is not None:
        days.append(day_of(row.target_on))
        values.append(np.array([row.target_value]))
    known = np.concatenate(values)
    highest = float(np.nanmax(known[np.isfinite(known)]))
    last = max(days) + (0 if len(story.fan) else max((max(days) - min(days)) * 0.015, 3))
    laws, lane_count = _law_lanes(story, min(days), last, bool(len(story.fan)))
    view = _View(
        first=min(days),
        last=last,
        high=(highest or 1.0) * (1 + _HEADROOM),
        top=lane_count * _LAW_IN + (0.08 if lane_count else 0),
        width=INNER_IN - _LEFT_IN - _RIGHT_IN[bool(len(story.fan))],
    )
    sheet = Sheet(head, body_in=view.top + _PLOT_IN_HIGH + _AXIS_IN)
    axes = sheet.axes(left=_LEFT_IN, top=view.top, width=view.width, height=_PLOT_IN_HIGH)
    axes.set_xlim(view.first, view.last)
    axes.set_ylim(0, view.high)
    _grid(sheet, axes, view, story.measure, language=language)
    _mark_laws(sheet, axes, view, laws)
    _draw_fan(sheet, axes, view, story, language=language)
    _draw_plan(sheet, axes, view, story, language=language)
    _draw_actual(sheet, axes, view, story, language=language)
    return sheet.figure


def _grid(sheet: Sheet, axes: Axes, view: _View, measure: str, *, language: str) -> None:
    unit = 0.01 if measure == "fill_rate" else 1.0
    ticks, decimals = value_ticks(0, view.high, unit=unit)
    for tick in ticks:
        axes.axhline(tick, color=SOFT if tick == 0 else LINE, lw=0.8, zorder=0, clip_on=False)
        if measure == "fill_rate":
            shown = theme.percent(tick, language=language, decimals=decimals)
        else:
            shown = theme.number(tick, language=language, decimals=decimals) + " ha"
        sheet.text(_LEFT_IN - 0.1, view.y(tick), shown, size=SIZES["small"], color=SOFT, ha="right")
    for day, words in day_ticks(view.first, view.last, width_in=view.width):
        axes.axvline(day, color=LINE, lw=0.5, zorder=0)
        y = view.top + _PLOT_IN_HIGH + 0.17
        sheet.text(view.x(day), y, words, size=SIZES["small"], color=SOFT, ha="center")


def _law_lanes(
    story: Story, first: float, last: float, has_fan: bool
) -> tuple[list[tuple[float, str, float, int]], int]:
    """Lay the names of laws over the plot: day, words, inches from the left, lane from the top."""
    if len(story.laws) < 2:
        return [], 0
    width = INNER_IN - _LEFT_IN - _RIGHT_IN[has_fan]
    laid: list[tuple[float, str, float, int]] = []
    ends: list[float] = []
    for day, label in story.laws:
        words = wrapped(label, width=width, size=SIZES["small"], most=1)[0]
        long = width_in(words, size=SIZES["small"]) + 0.12
        # What would leave the sheet ends at its edge.
        at = _LEFT_IN + min((day - first) / (last - first) * width, INNER_IN - _LEFT_IN - long)
        # Below all names that reach so far, so that the mark of its day crosses none of them.
        above = [one[3] for one, end in zip(laid, ends, strict=True) if end > at]
        laid.append((day, words, at, max(above, default=-1) + 1))
        ends.append(at + long)
    return laid, max(one[3] for one in laid) + 1


def _mark_laws(
    sheet: Sheet, axes: Axes, view: _View, laws: list[tuple[float, str, float, int]]
) -> None:
    for place, (day, words, at, lane) in enumerate(laws):
        y = (lane + 0.5) * _LAW_IN
        sheet.text(at + 0.06, y, words, size=SIZES["small"], color=SOFT, halo=True)
        if place:
            above = (view.top - lane * _LAW_IN) / _PLOT_IN_HIGH
            axes.plot(
                [day, day],
                [0, 1 + above],
                transform=axes.get_xaxis_transform(),
                color=SOFT,
                lw=1.0,
                ls=(0, (1.5, 2)),
                clip_on=False,
                zorder=1,
            )


def _draw_fan(sheet: Sheet, axes: Axes, view: _View, story: Story, *, language: str) -> None:
    if story.fan.empty:
        return
    days = [day_of(date) for date in story.fan.index]
    paths = {name: list(story.fan[name]) for name in PERCENTILES}
    now = float(story.actual[-1])
    if not np.isnan(now):
        days.insert(0, day_of(story.dates[-1]))
        paths = {name: [now, *path] for name, path in paths.items()}
    axes.fill_between(days, paths["p10"], paths["p90"], color=ACTUAL, alpha=0.2, lw=0, zorder=1)
    axes.plot(days, paths["p50"], color=ACTUAL, lw=1.6, ls=(0, (4, 2)), zorder=2)
    ends = [view.y(paths[name][-1]) for name in PERCENTILES]
    x = view.x(days[-1]) + 0.1
    for name, y in zip(PERCENTILES, spread(ends, apart=_LABEL_APART_IN), strict=True):
        shown = measured(paths[name][-1], measure=story.measure, language=language)
        weight = "bold" if name == "p50" else "normal"
        sheet.text(x, y, f"{name.upper()} {shown}", color=ACTUAL, weight=weight, halo=True)
    on = theme.date(story.fan.index[-1], language=language)
    y = min(spread(ends, apart=_LABEL_APART_IN)) - _LABEL_APART_IN
    sheet.text(x, y, on, size=SIZES["small"], color=SOFT, halo=True)


def _draw_plan(sheet: Sheet, axes: Axes, view: _View, story: Story, *, language: str) -> None:
    row = story.target
    if row is None:
        return
    due = day_of(row.target_on)
    for _, part in story.plan.dropna(subset=["planned"]).groupby("definition", sort=False):
        known = {day_of(on): value for on, value in zip(part["on"], part["planned"], strict=True)}
        if min(known) <= due <= max(known):
            known[due] = float(row.target_value)
        days = sorted(known)
        axes.plot(
            days,
            [known[day] for day in days],
            color=PLAN,
            lw=1.8,
            ls=(0, (5, 2.5)),
            zorder=3,
            gid="planned",
        )
    if not np.isnan(row.planned) and row.on < row.target_on:
        axes.plot(
            [day_of(row.on), due],
            [row.planned, row.target_value],
            color=PLAN,
            lw=1.3,
            ls=(0, (1, 2)),
            zorder=3,
        )
    axes.plot(
        [due], [row.target_value], marker="D", ms=8, color=PLAN, ls="none", clip_on=False, zorder=5
    )
    shown = measured(row.target_value, measure=story.measure, language=language)
    words = (
        text("figures.target", language=language, value=shown),
        theme.date(row.target_on, language=language),
    )
    half = max(width_in(line, size=SIZES["body"], weight="bold") for line in words) / 2
    right = _LEFT_IN + view.width if len(story.fan) else INNER_IN
    x = min(max(view.x(due), half + 0.1), right - half)
    # Where the fan goes over the target, its words go under it.
    fan_over = len(story.fan) > 0 and story.fan["p50"].iloc[-1] > row.target_value
    offsets = (0.21, 0.4) if fan_over and row.target_on > story.dates[-1] else (-0.38, -0.19)
    y = view.y(row.target_value)
    sheet.text(x, y + offsets[0], words[0], color=PLAN, weight="bold", ha="center", halo=True)
    sheet.text(x, y + offsets[1], words[1], size=SIZES["small"], color=PLAN, ha="center", halo=True)


def _draw_actual(sheet: Sheet, axes: Axes, view: _View, story: Story, *, language: str) -> None:
    days = [day_of(date) for date in story.dates]
    axes.step(days, story.actual, where="post", color=ACTUAL, lw=2.4, zorder=4, gid="actual")
    now, gap = float(story.actual[-1]), story.gap
    side = -1 if gap is None or gap.actual >= gap.planned else 1
    told = view.y(now)
    if not math.isnan(now):
        axes.plot([days[-1]], [now], marker="o", ms=7, color=ACTUAL, zorder=5)
        shown, size = measured(now, measure=story.measure, language=language), SIZES["body"] + 2
        # Clear of the line itself, wherever it ran beneath the words.
        beside = view.x(days[-1]) - 0.1
        left = beside - width_in(shown, size=size, weight="bold")
        near = [view.x(day) >= left for day in [*days[1:], days[-1]]]
        passed = story.actual[np.array(near) & ~np.isnan(story.actual)]
        told = view.y(passed.min() if side > 0 else passed.max()) + side * _NOW_IN
        told = min(max(told, view.top + 0.1), view.y(0) - 0.1)
        sheet.text(
            beside,
            told,
            shown,
            size=size,
            color=ACTUAL,
            weight="bold",
            ha="right",
            halo=True,
        )
    if gap is not None:
        _draw_gap(sheet, axes, view, story, side=side, told=told, language=language)


def _draw_gap(
    sheet: Sheet, axes: Axes, view: _View, story: Story, *, side: int, told: float, language: str
) -> None:
    """Draw the gap as an arrow, its figures beside it or, where it is short, beyond the line."""
    # `told` is where the figure of the day itself stands, in inches from the top.
    gap, measure = story.gap, story.measure
    day = day_of(gap.on)
    axes.annotate(
        "",
        xy=(day, gap.actual),
        xytext=(day, gap.planned),
        arrowprops={"arrowstyle": "<->", "color": INK, "lw": 1.2, "shrinkA": 0, "shrinkB": 3},
        zorder=4,
    )
    words = [hectares(gap.gap_ha, language=language)]
    if measure == "fill_rate":
        words.insert(0, points(gap.gap_share, language=language))
    weights = ["bold", "normal"][: len(words)]
    widest = max(
        width_in(line, size=SIZES["body"], weight=weight)
        for line, weight in zip(words, weights, strict=True)
    )
    high = len(words) * _GAP_LINE_IN
    actual, planned = view.y(gap.actual), view.y(gap.planned)
    first = (actual + planned - high + _GAP_LINE_IN) / 2
    left = view.x(day) - 0.12 - widest
    plan = story.plan[["on", "planned"]].to_numpy()
    points_in = [(view.x(day_of(on)), view.y(float(value))) for on, value in plan]
    crossed = any(x >= left and -0.15 < y - first < high for x, y in points_in)
    beyond = told + 0.25 if side > 0 else told - 0.25 - high + _GAP_LINE_IN
    fits = view.top + 0.1 <= beyond <= view.y(0) - high
    if abs(actual - planned) < _GAP_ROOM_IN or (crossed and fits):
        first = beyond
    for place, (line, weight) in enumerate(zip(words, weights, strict=True)):
        y = first + place * _GAP_LINE_IN
        sheet.text(view.x(day) - 0.12, y, line, weight=weight, ha="right", halo=True)
