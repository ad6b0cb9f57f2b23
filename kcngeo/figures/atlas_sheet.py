"""A zone on one sheet of A4 across: map, five years, why it moved, stages, and what is to be told.

The charts are those of the report in few inches; what stands under them comes as sentences.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle

from kcngeo import theme
from kcngeo.cartography import MapSpec
from kcngeo.figures.bar_rows import Row
from kcngeo.figures.hatches import hatched
from kcngeo.figures.legend_symbols import Key
from kcngeo.figures.map_layout import Numbered, draw_zone, zone_keys
from kcngeo.figures.page_layout import INK, LINE, SOFT, Heading, Sheet
from kcngeo.figures.panel import Panel
from kcngeo.figures.time_axis import day_of, day_ticks
from kcngeo.figures.typography import line_in, own_settings, width_in, wrapped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDE_IN, HIGH_IN = 297 / 25.4, 210 / 25.4
"""A sheet of A4 across."""

TEXT, HEAD = 7.5, 8.5
"""Sizes of letters in points; none is smaller."""

_LINE_IN = line_in(TEXT)
_HEAD_IN, _GAP_IN = 0.24, 0.22
_BAR_IN, _LEAST_YEARS_IN, _ROW_IN = 0.16, 1.0, 0.16
_MAP_SHARE, _LEAST_BAND_IN, _MOST_BAND_IN = 0.48, 0.9, 1.95
_BADGE_IN, _ITEM_GAP_IN = 0.24, 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Rows of bars on one axis.

    Attributes
    ----------
    title
        What they are.
    rows
        The rows.
    ends
        Where the axis begins and ends, in its unit.
    """

    title: str
    rows: Sequence[Row]
    ends: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """A heading and the lines under it.

    Attributes
    ----------
    title
        The heading.
    words
        The lines, the most urgent first.
    count
        How many there are, the lines among them.
    first
        The number of the first line on the map; 0 where lines have none.
    """

    title: str
    words: Sequence[str]
    count: int
    first: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Years:
    """The rate of a zone over the years.

    Attributes
    ----------
    title
        What is drawn.
    rates
        Shares by reporting date; missing where not known.
    """

    title: str
    rates: pd.Series


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ZoneSheet:
    """What stands on the sheet of a zone.

    Attributes
    ----------
    head
        What stands over and under it.
    spec
        The map of the zone.
    panel
        The zone.
    account
        Hectares of the account by colour, in its order.
    years
        The rate over the years.
    bars
        The bridge and the stages, as far as they are known.
    lists
        What is told beneath, side by side.
    numbers
        Shapes on the map with the numbers of the lists.
    """

    head: Heading
    spec: MapSpec
    panel: Panel
    account: Mapping[str, float]
    years: Years
    bars: Sequence[Bars]
    lists: Sequence[Lines]
    numbers: Numbered = field(default_factory=list)


def zone_sheet(told: ZoneSheet) -> Figure:
    """Draw the sheet of a zone."""
    language = told.head.language
    with own_settings():
        sheet, body_in = opened(told.head, zone_keys(told.spec, told.panel, language=language))
        top = 0.0
        if told.account:
            account_bar(sheet, told.account, left=0.0, top=top, width=sheet.inner_in)
            top += _BAR_IN + 0.08
        wide = (sheet.inner_in - _GAP_IN * (len(told.lists) - 1)) / len(told.lists)
        laid = [_laid(one, width=wide, language=language) for one in told.lists]
        needed = _HEAD_IN + max(sum(map(_high, column)) for column, _ in laid) + 0.05
        band_in = min(max(needed, _LEAST_BAND_IN), _MOST_BAND_IN)
        high = body_in - top - band_in
        map_in = sheet.inner_in * _MAP_SHARE
        # What has no room in its list has no number on the map.
        listed = {
            one.first + place
            for one, (_, count) in zip(told.lists, laid, strict=True)
            for place in range(count if one.first else 0)
        }
        numbers = [one for one in told.numbers if one[0] in listed]
        draw_zone(sheet, told.spec, told.panel, numbers, width=map_in, top=top, high=high)
        left = map_in + _GAP_IN
        _charts(sheet, told, left=left, top=top, width=sheet.inner_in - left, high=high - 0.1)
        for place, (one, column) in enumerate(zip(told.lists, laid, strict=True)):
            at = place * (wide + _GAP_IN)
            _list(sheet, one, column, left=at, top=body_in - band_in, width=wide)
        return sheet.figure


def opened(head: Heading, keys: Sequence[Key] = ()) -> tuple[Sheet, float]:
    """Open a sheet of A4 across, and tell how high its body is."""
    head = replace(head, keys=keys)
    body_in = HIGH_IN - Sheet(head, body_in=0.0, width_in=WIDE_IN).height_in
    return Sheet(head, body_in=body_in, width_in=WIDE_IN), body_in


def account_bar(
    sheet: Sheet,
    account: Mapping[str, float],
    *,
    left: float,
    top: float,
    width: float,
    high: float = _BAR_IN,
    whole: float | None = None,
) -> None:
    """Draw an account as one bar; as long as its share of a whole, if one is given."""
    axes = sheet.axes(left=left, top=top, width=width, height=high)
    axes.set_xlim(0, whole or sum(account.values()) or 1.0)
    axes.set_ylim(0, 1)
    at = 0.0
    for color, area_ha in account.items():
        axes.add_patch(Rectangle((at, 0), area_ha, 1, **hatched(color)))
        at += area_ha


def heading(sheet: Sheet, words: str, *, left: float, top: float, width: float) -> None:
    """Write the heading of a part, over a line."""
    (line,) = wrapped(words, width=width, size=HEAD, weight="bold", most=1)
    sheet.text(left, top + 0.09, line, size=HEAD, weight="bold")
    sheet.rule(top + _HEAD_IN - 0.04, left=left, long=width, color=SOFT, width=0.6)


def _charts(
    sheet: Sheet, told: ZoneSheet, *, left: float, top: float, width: float, high: float
) -> None:
    """Draw the charts below each other; the years take what the others leave."""
    rows = sum(len(one.rows) for one in told.bars)
    fixed = _HEAD_IN * (1 + len(told.bars)) + 0.1 * len(told.bars)
    row_in = min(_ROW_IN, (high - fixed - _LEAST_YEARS_IN) / max(rows, 1))
    years_in = high - fixed - rows * row_in
    heading(sheet, told.years.title, left=left, top=top, width=width)
    top += _HEAD_IN
    rate_line(sheet, told.years.rates, left=left, top=top, width=width, high=years_in)
    top += years_in + 0.1
    for bars in told.bars:
        heading(sheet, bars.title, left=left, top=top, width=width)
        top += _HEAD_IN
        _draw_bars(sheet, bars, left=left, top=top, width=width, row_in=row_in)
        top += len(bars.rows) * row_in + 0.1


def rate_line(
    sheet: Sheet,
    rates: pd.Series,
    *,
    left: float,
    top: float,
    width: float,
    high: float,
    most: float | None = None,
) -> None:
    """Draw shares over time as steps, from nothing to the most, with years and the last figure.

    Without a scale that is shared it ends at the next quarter over the highest.
    """
    language, foot, before, after = sheet.language, 0.17, 0.42, 0.55
    plot_in = width - before - after
    most = highest([rates]) if most is None else most
    axes = sheet.axes(left=left + before, top=top, width=plot_in, height=high - foot)
    days = [day_of(one) for one in rates.index]
    axes.set_xlim(days[0], days[-1] + 1)
    axes.set_ylim(0, most * 1.04)

    def y(share: float) -> float:
        return top + (1 - share / (most * 1.04)) * (high - foot)

    step = 0.25 if most * 4 * _LINE_IN < high - foot else most
    for share in np.arange(0.0, most + 0.01, step):
        axes.axhline(share, color=LINE, lw=0.7, zorder=0)
        shown = theme.percent(share, language=language, decimals=0)
        sheet.text(left + before - 0.06, y(share), shown, size=TEXT, color=SOFT, ha="right")
    for day, words in day_ticks(days[0], days[-1], width_in=plot_in):
        axes.axvline(day, color=LINE, lw=0.5, zorder=0)
        at = left + before + (day - days[0]) / (days[-1] + 1 - days[0]) * plot_in
        sheet.text(at, top + high - foot / 2, words, size=TEXT, color=SOFT, ha="center")
    color = theme.STATUS_COLORS["leased"]
    shares = rates.to_numpy(dtype="float64")
    # The scale begins at nothing, so what lies under the line may be filled.
    axes.fill_between(days, shares, step="post", color=color, alpha=0.18, lw=0, zorder=1)
    axes.step(days, shares, where="post", color=color, lw=1.6, zorder=3)
    if not np.isfinite(shares).any():
        words = theme.text("report.not_computable", language=language)
        sheet.text(
            left + before + plot_in / 2, y(most / 2), words, size=TEXT, ha="center", halo=True
        )
    if np.isfinite(shares[-1]):
        axes.plot([days[-1]], [shares[-1]], marker="o", ms=4, color=color, clip_on=False)
        shown = theme.percent(shares[-1], language=language)
        at = left + before + plot_in + 0.07
        sheet.text(at, y(shares[-1]), shown, size=TEXT, color=color, weight="bold")


def highest(series: Iterable[pd.Series]) -> float:
    """Give the next quarter over all shares, the end of a scale on which all have room."""
    top = max((float(one.max()) for one in series if one.notna().any()), default=1.0)
    return max(math.ceil(top * 4 - 1e-9) / 4, 0.25)


def _draw_bars(
    sheet: Sheet, bars: Bars, *, left: float, top: float, width: float, row_in: float
) -> None:
    """Draw rows of one line each: words, bar, figure."""
    words_in = width * 0.42
    figure_in = max(width_in(one.figure, size=TEXT, weight="bold") for one in bars.rows)
    plot_in = width - words_in - figure_in - 0.16
    axes = sheet.axes(
        left=left + words_in + 0.08, top=top, width=plot_in, height=len(bars.rows) * row_in
    )
    axes.set_xlim(*bars.ends)
    axes.set_ylim(len(bars.rows), 0)
    for place, row in enumerate(bars.rows):
        y = top + (place + 0.5) * row_in
        (words,) = wrapped(row.words, width=words_in, size=TEXT, most=1)
        sheet.text(left, y, words, size=TEXT)
        sheet.text(left + width, y, row.figure, size=TEXT, weight="bold", ha="right")
        at = row.start
        for length, color in row.parts:
            axes.add_patch(Rectangle((at, place + 0.2), length, 0.6, **hatched(color), zorder=2))
            at += length
        if row.mark is not None:
            axes.plot([row.mark], [place + 0.5], marker="o", ms=4, color=INK, clip_on=False)


def _high(broken: Sequence[str]) -> float:
    """Give the height of an item of a list, in inches."""
    return len(broken) * _LINE_IN + _ITEM_GAP_IN


def _laid(lines: Lines, *, width: float, language: str) -> tuple[list[list[str]], int]:
    """Break items into a column, tell how many have room, and count the others in a line."""
    at = _BADGE_IN if lines.first else 0.0
    items = [wrapped(one, width=width - at, size=TEXT, most=6) for one in lines.words]
    room = _MOST_BAND_IN - _HEAD_IN - 0.05

    def column(told: int) -> list[list[str]]:
        if told == lines.count:
            return items
        more = theme.text("atlas.more", language=language, count=lines.count - told)
        return [*items[:told], [more]]

    told = len(items)
    while told and sum(map(_high, column(told))) > room:
        told -= 1
    return column(told), told


def _list(
    sheet: Sheet,
    lines: Lines,
    laid: tuple[list[list[str]], int],
    *,
    left: float,
    top: float,
    width: float,
) -> None:
    heading(sheet, lines.title, left=left, top=top, width=width)
    top += _HEAD_IN
    column, told = laid
    for place, broken in enumerate(column):
        if lines.first and place < told:
            sheet.badge(left + 0.08, top + _LINE_IN / 2, lines.first + place)
        at = left + (_BADGE_IN if lines.first else 0.0)
        for number, line in enumerate(broken):
            sheet.text(at, top + (number + 0.5) * _LINE_IN, line, size=TEXT)
        top += _high(broken)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Card:
    """What is told of a zone without lots.

    Attributes
    ----------
    name
        Its name, with its rate.
    account
        Hectares of its account by colour; none where nobody publishes them.
    rates
        Shares by reporting date; missing where not known.
    said
        Sentences about it.
    """

    name: str
    account: Mapping[str, float]
    rates: pd.Series
    said: Sequence[str]


CARDS = 15
"""Zones without lots that share a sheet."""

_CARD_COLUMNS = 3


def cards_sheet(head: Heading, cards: Sequence[Card]) -> Figure:
    """Draw a sheet of zones without lots."""
    with own_settings():
        keys = [
            Key(color=color, words=theme.text(f"status.{name}", language=head.language))
            for name, color in theme.STATUS_COLORS.items()
        ]
        sheet, body_in = opened(head, keys)
        columns = min(_CARD_COLUMNS, len(cards))
        rows = -(-len(cards) // columns)
        wide, high = (sheet.inner_in + _GAP_IN) / columns, body_in / rows
        for place, one in enumerate(cards):
            row, column = divmod(place, columns)
            _card(sheet, one, left=column * wide, top=row * high, width=wide - _GAP_IN, high=high)
        return sheet.figure


def _card(sheet: Sheet, card: Card, *, left: float, top: float, width: float, high: float) -> None:
    heading(sheet, card.name, left=left, top=top, width=width)
    bottom = top + high - 0.15
    top += _HEAD_IN + 0.05
    if card.account:
        account_bar(sheet, card.account, left=left, top=top, width=width)
        top += _BAR_IN + 0.05
    for words in card.said:
        for line in wrapped(words, width=width, size=TEXT, most=6):
            if top + _LINE_IN > bottom:
                return
            sheet.text(left, top + _LINE_IN / 2, line, size=TEXT)
            top += _LINE_IN
    if card.rates.notna().any() and bottom - top > _LEAST_YEARS_IN / 2:
        rate_line(sheet, card.rates, left=left, top=top + 0.1, width=width, high=bottom - top - 0.1)
