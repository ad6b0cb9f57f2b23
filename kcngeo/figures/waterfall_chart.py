"""Why a rate moved, as a bridge from one date to the other."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.patches import Rectangle

from kcngeo import theme
from kcngeo.analysis.change import CAUSES
from kcngeo.core.dates import Day, day
from kcngeo.figures.bar_rows import Row
from kcngeo.figures.hatches import hatched
from kcngeo.figures.labels import definition_lines, period
from kcngeo.figures.legend_symbols import Key
from kcngeo.figures.page_layout import INK, INNER_IN, LINE, SIZES, SOFT, Heading, Sheet, short
from kcngeo.figures.time_axis import value_ticks
from kcngeo.figures.typography import own_settings, width_in, wrapped
from kcngeo.theme import hectares, points, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from kcngeo.analysis.change import Change

# What works through the land let has its colour; what works through the base that of land lost.
_SIDES = {"leased": theme.STATUS_COLORS["leased"], "base": theme.STATUS_COLORS["repurposed"]}
_TOTAL = theme.REST

_ROW_IN, _HEAD_IN, _AXIS_IN = 0.47, 0.42, 0.3
_WORDS_IN = 2.3
_PLOT = (_WORDS_IN + 0.15, 5.2)
_COLUMNS = (9.0, INNER_IN)
_BAR = 0.56
_LABEL_GAP_IN = 0.07
# A rate that hardly moved is not blown up.
_LEAST_SPAN = 0.01
# What floating-point sums leave of causes that cancel.
_ROUNDING = 1e-12


_Row = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """A cause: its effect as a share, its hectares, and where its bar begins."""

    cause: str
    effect: float
    leased_ha: float
    base_ha: float
    before: float

    @property
    def after(self) -> float:
        return self.before + self.effect


def bridge(
    change: Change,
    *,
    zone_id: str,
    start: Day,
    end: Day,
    definition: str,
    language: str,
    synthetic: bool = False,
    name: str | None = None,
) -> Figure:
    """Draw why a zone's fill rate moved: the rate before, a bar for each cause, the rate after.

    Blue bars work through the land let, orange ones through the base, and bars of two halves
    through both. The axis need not begin at 0, and the figure says so; bars of causes are changes
    and may be compared, the dots of the two rates are no bars. Shown figures are rounded one by
    one, so the last digit of their sum may differ.

    Parameters
    ----------
    change
        Result of :func:`kcngeo.analysis.change.explain`.
    zone_id
        The zone.
    start
        The earlier reporting date, as it was explained.
    end
        The later reporting date.
    definition
        Id of the fill-rate definition, as it was explained.
    language
        "vi" or "en".
    synthetic
        Whether shapes are invented, which the figure then says.
    name
        Name of the zone; None for its id.

    Returns
    -------
    Figure
        The chart; where the change is missing, the reason in words.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> days = {"start": "2018-11-30", "end": "2018-12-31", "definition": "nd82-2018"}
    >>> change = kcn.change.explain(kcn.examples.squares(), **days)
    >>> figure = bridge(change, zone_id="B", language="en", **days)
    >>> len(figure.axes)
    1
    """
    dates = (day(start, name="start"), day(end, name="end"))
    row = _row(change, zone_id)
    title = short(name or zone_id)
    first, *others = definition_lines(definition, dates, language=language)
    lines = [f"{period(*dates, language=language)} · {first}", *others]
    kind = text("figures.bridge", language=language)
    with own_settings():
        if row is None or math.isnan(row["change"]):
            head = Heading(
                kind=kind, title=title, lines=lines, language=language, synthetic=synthetic
            )
            return _missing(head, row, dates, language=language)
        steps = list(_steps(change, zone_id, row))
        axis = _limits(steps, row)
        # Bars are changes and may be compared from any base; the axis says where it begins.
        notes = [text("figures.not_from_zero", language=language)] if axis[0] > 0 else []
        head = Heading(
            kind=kind,
            title=f"{title}: {_moved(row, language=language)}",
            lines=lines,
            keys=_keys(change, zone_id, row, language=language),
            notes=notes,
            language=language,
            synthetic=synthetic,
        )
        body_in = _HEAD_IN + (len(steps) + 2) * _ROW_IN + _AXIS_IN
        sheet = Sheet(head, body_in=body_in if steps else body_in + _ROW_IN)
        _draw(sheet, steps, row, dates, axis, language=language)
        return sheet.figure


def bridge_rows(
    change: Change, *, zone_id: str, dates: tuple[pd.Timestamp, pd.Timestamp], language: str
) -> tuple[list[Row], tuple[float, float]]:
    """Give the bridge as rows of one line and the ends of its axis; no rows where none is known."""
    row = _row(change, zone_id)
    if row is None or math.isnan(row["change"]):
        return [], (0.0, 1.0)
    steps = list(_steps(change, zone_id, row))
    levels = [row["rate_start"], row["rate_end"], *(step.after for step in steps)]
    pad = max(max(levels) - min(levels), _LEAST_SPAN) * 0.1
    ends = (max(min(levels) - pad, 0.0), max(levels) + pad)

    def state(which: str, date: pd.Timestamp) -> Row:
        rate = row[f"rate_{which}"]
        words = theme.date(date, language=language)
        figure = theme.percent(rate, language=language)
        return Row(name=which, words=words, parts=[], figure=figure, mark=rate)

    causes = [
        Row(
            name=step.cause,
            words=text(f"figures.{step.cause}", language=language),
            parts=[(abs(step.effect), _SIDES["leased" if step.leased_ha else "base"])],
            figure=theme.signed(step.effect * 100, language=language),
            start=min(step.before, step.after),
        )
        for step in steps
    ]
    return [state("start", dates[0]), *causes, state("end", dates[1])], ends


def _row(change: Change, zone_id: str) -> _Row | None:
    """Give the effects of a zone by column, or None if it counts on neither date."""
    rows = change.effects[(change.effects.index == zone_id)]
    records = rows.to_dict("records")
    return {str(key): float(value) for key, value in records[0].items()} if records else None


def _amounts(change: Change, zone_id: str) -> pd.DataFrame:
    """Give the hectares of a zone's causes."""
    rows = change.entries[(change.entries["zone_id"] == zone_id).to_numpy()]
    return rows.groupby("cause")[["leased_change_ha", "base_change_ha"]].sum()


def _missing(
    head: Heading, row: _Row | None, dates: tuple[pd.Timestamp, ...], *, language: str
) -> Figure:
    sheet = Sheet(head, body_in=1.5)
    sheet.message(text("figures.no_change", language=language))
    if row is not None:
        for place, (date, which) in enumerate(zip(dates, ("start", "end"), strict=True)):
            rate = theme.percent(row[f"rate_{which}"], language=language)
            words = f"{theme.date(date, language=language)}: {rate}"
            sheet.text(0, 0.85 + place * 0.3, words, size=SIZES["line"])
    return sheet.figure


def _steps(change: Change, zone_id: str, row: _Row) -> Iterator[_Step]:
    """Go through the causes that moved the rate, each from where the one before ended."""
    amounts = _amounts(change, zone_id).reindex(list(CAUSES), fill_value=0.0)
    before = row["rate_start"]
    for cause in CAUSES:
        effect = row[cause]
        if abs(effect) <= _ROUNDING:
            continue
        step = _Step(
            cause=cause,
            effect=effect,
            leased_ha=float(amounts["leased_change_ha"][cause]),
            base_ha=float(amounts["base_change_ha"][cause]),
            before=before,
        )
        yield step
        before = step.after


def _limits(steps: list[_Step], row: _Row) -> tuple[float, float]:
    """Choose the axis: all levels, and room for the figures written beside them."""
    levels = [row["rate_start"], row["rate_end"], *(step.after for step in steps)]
    low, high = min(levels), max(levels)
    spread = max(high - low, _LEAST_SPAN)
    middle = (low + high) / 2
    low, high = middle - spread / 2, middle + spread / 2
    label_in = width_in("+100,00", size=SIZES["body"] + 1, weight="bold") + 3 * _LABEL_GAP_IN
    left_in = label_in if any(step.effect < 0 for step in steps) else 0.15
    unit = spread / (_PLOT[1] - label_in - left_in)
    return float(low - left_in * unit), float(high + label_in * unit)


def _moved(row: _Row, *, language: str) -> str:
    change = row["change"]
    rates = {
        which: theme.percent(row[f"rate_{which}"], language=language) for which in ("start", "end")
    }
    if theme.is_nothing(change * 100):
        return text("figures.rate_same", language=language, **rates)
    key = "figures.rate_rose" if change > 0 else "figures.rate_fell"
    amount = theme.number(abs(change) * 100, language=language)
    return text(key, language=language, change=amount, **rates)


def _keys(change: Change, zone_id: str, row: _Row, *, language: str) -> list[Key]:
    """Tell the story in two figures: what the land let did, and what the base did."""
    amounts = _amounts(change, zone_id)
    sides = (
        ("leased", "leased_change_ha", "numerator_effect"),
        ("base", "base_change_ha", "base_effect"),
    )
    return [
        Key(
            color=_SIDES[side],
            words=text(
                "figures.side",
                language=language,
                side=text(f"figures.side_{side}", language=language),
                area=hectares(float(amounts[column].sum()), language=language),
                effect=points(row[effect], language=language),
            ),
        )
        for side, column, effect in sides
    ]


def _draw(
    sheet: Sheet,
    steps: list[_Step],
    row: _Row,
    dates: tuple[pd.Timestamp, ...],
    axis: tuple[float, float],
    *,
    language: str,
) -> None:
    """Draw the rate before, a bar for each cause, the rate after, and what joins them."""
    rows = len(steps) + 2
    height = rows * _ROW_IN
    axes = sheet.axes(left=_PLOT[0], top=_HEAD_IN, width=_PLOT[1], height=height)
    axes.set_xlim(*axis)
    # A row a cause, counted from the top.
    axes.set_ylim(rows, 0)
    _frame(sheet, axes, axis, height, language=language)
    start, end = row["rate_start"], row["rate_end"]
    for place, (level, date) in enumerate(zip((start, end), dates, strict=True)):
        at = place * (rows - 1)
        # The whole change as a thin bar beside the rate after.
        if place and steps:
            low, wide = min(start, end), abs(end - start)
            axes.add_patch(Rectangle((low, at + 0.44), wide, 0.12, facecolor=_TOTAL, lw=0))
        axes.plot([level], [at + 0.5], marker="o", ms=9, color=INK, ls="none", clip_on=False)
        y = _HEAD_IN + (at + 0.5) * _ROW_IN
        sheet.text(0, y, theme.date(date, language=language), weight="bold")
        right = max(start, end) if place else level
        shown = theme.percent(level, language=language)
        _beside(sheet, axis, right, y, shown, size=SIZES["body"] + 1, pad=0.06)
    for place, step in enumerate(steps, start=1):
        _bar(sheet, axes, step, place, axis, language=language)
    # A thin line carries each level on to the next bar.
    levels = [start, *(step.after for step in steps)]
    for place, level in enumerate(levels):
        first = place + (0.5 if place == 0 else 0.5 + _BAR / 2)
        last = place + 1 + (0.5 if place == len(levels) - 1 else 0.5 - _BAR / 2)
        axes.plot([level, level], [first, last], color=INK, lw=0.9, zorder=1)
    if not steps:
        words = text("figures.no_cause", language=language)
        sheet.text(_PLOT[0], _HEAD_IN + height + _AXIS_IN + 0.25, words, color=SOFT)


def _frame(
    sheet: Sheet, axes: Axes, axis: tuple[float, float], height: float, *, language: str
) -> None:
    """Draw the rules of the table, its column heads and the axis."""
    for right, side in zip(_COLUMNS, _SIDES, strict=True):
        words = text(f"figures.column_{side}", language=language)
        lines = wrapped(words, width=1.35, size=SIZES["small"], most=2)
        for back, line in enumerate(reversed(lines)):
            y = _HEAD_IN - 0.12 - back * 0.15
            sheet.text(right, y, line, size=SIZES["small"], color=SOFT, ha="right")
    words = text("figures.column_effect", language=language)
    sheet.text(_PLOT[0], _HEAD_IN - 0.12, words, size=SIZES["small"], color=SOFT)
    rows = round(height / _ROW_IN)
    for place in range(rows + 1):
        edge = place in (0, 1, rows - 1, rows)
        sheet.rule(_HEAD_IN + place * _ROW_IN, color=SOFT if edge else LINE, width=0.6)
    ticks, decimals = value_ticks(*axis, unit=0.01)
    for tick in ticks:
        axes.axvline(tick, color=LINE, lw=0.7, zorder=0)
        x = _PLOT[0] + (tick - axis[0]) / (axis[1] - axis[0]) * _PLOT[1]
        shown = theme.percent(tick, language=language, decimals=decimals)
        sheet.text(x, _HEAD_IN + height + 0.15, shown, size=SIZES["small"], color=SOFT, ha="center")


def _bar(
    sheet: Sheet,
    axes: Axes,
    step: _Step,
    place: int,
    axis: tuple[float, float],
    *,
    language: str,
) -> None:
    """Draw the bar of a cause: in two halves where it works through the let land and the base."""
    moved = {"leased": step.leased_ha, "base": step.base_ha}
    # A cause of no hectares still has a bar, as its effect is shown.
    sides = [side for side, area_ha in moved.items() if not theme.is_nothing(area_ha, decimals=4)]
    sides = sides or ["leased"]
    left = min(step.before, step.after)
    for part, side in enumerate(sides):
        high = _BAR / len(sides)
        axes.add_patch(
            Rectangle(
                (left, place + 0.5 - _BAR / 2 + part * high),
                abs(step.effect),
                high,
                **hatched(_SIDES[side]),
                zorder=2,
                gid=f"{step.cause}.{side}",
            )
        )
    y = _HEAD_IN + (place + 0.5) * _ROW_IN
    lines = wrapped(
        text(f"figures.{step.cause}", language=language), width=_WORDS_IN, size=SIZES["body"]
    )
    for line_at, line in enumerate(lines):
        sheet.text(0, y + (line_at - (len(lines) - 1) / 2) * 0.18, line)
    shown = theme.signed(step.effect * 100, language=language)
    _beside(sheet, axis, step.after, y, shown, size=SIZES["body"], left=step.effect < 0)
    for right, area_ha in zip(_COLUMNS, moved.values(), strict=True):
        nothing = theme.is_nothing(area_ha, decimals=4)
        words = "–" if nothing else theme.signed(area_ha, language=language)
        sheet.text(right, y, words, ha="right", color=SOFT if nothing else INK)


def _beside(
    sheet: Sheet,
    axis: tuple[float, float],
    level: float,
    y: float,
    words: str,
    *,
    size: float,
    pad: float = 0.0,
    left: bool = False,
) -> None:
    """Write a figure right of a level, or left of it."""
    x = _PLOT[0] + (level - axis[0]) / (axis[1] - axis[0]) * _PLOT[1]
    gap, ha = (-_LABEL_GAP_IN, "right") if left else (_LABEL_GAP_IN + pad, "left")
    sheet.text(x + gap, y, words, size=size, weight="bold", ha=ha, halo=True)
