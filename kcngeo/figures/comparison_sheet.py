"""Zones side by side on sheets of A4 across: rates and land, a heat map of months, small lines.

Zones stand in one order and on one scale, so that any two may be compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap

from kcngeo import theme
from kcngeo.figures.atlas_sheet import TEXT, account_bar, heading, highest, opened, rate_line
from kcngeo.figures.legend_symbols import Key
from kcngeo.figures.page_layout import LINE, PAPER, SOFT, Heading, Sheet
from kcngeo.figures.time_axis import day_of, day_ticks
from kcngeo.figures.typography import own_settings, wrapped
from kcngeo.theme import text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("rates", "months", "lines")

_GROUPS = ((8, (KINDS,)), (16, (KINDS[:2], KINDS[2:])))
"""What stands on one sheet, by the rows there are at most; of more, each has its own sheets."""

_MOST_ROWS = {"rates": 30, "months": 36, "lines": 30}
_HEAD_IN, _GAP_IN, _FOOT_IN, _NAME_IN = 0.24, 0.12, 0.2, 2.1
# How high a row of one kind is beside a row of another.
_WEIGHTS = {"rates": 1.0, "months": 0.8}
_MOST_ROW_IN, _LINES_IN = 0.34, 1.1
_MOST_COLUMNS = 6
_COLORS = LinearSegmentedColormap.from_list(
    "rates", [PAPER, theme.STATUS_COLORS["leased"], theme.INK]
)
# Where the colours begin, below all shares: nothing let is not as white as the paper.
_WHITE_AT = -0.15
_UNKNOWN = theme.REST


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Compared:
    """A zone among others.

    Attributes
    ----------
    name
        Its name.
    rates
        Shares by reporting date, the last one now; missing where not known.
    account
        Hectares of its account by colour.
    base
        Its base in words.
    is_total
        Whether it is all zones together.
    """

    name: str
    rates: pd.Series
    account: Mapping[str, float]
    base: str
    is_total: bool = False

    @property
    def now(self) -> float:
        """The share now."""
        return float(self.rates.iloc[-1])

    @property
    def before(self) -> float:
        """The share a year before; missing where the series does not go so far."""
        return float(self.rates.iloc[-13]) if len(self.rates) > 12 else float("nan")


def comparisons(head: Heading, zones: Sequence[Compared]) -> list[Figure]:
    """Draw the sheets on which zones are compared."""
    with own_settings():
        alone = tuple((kind,) for kind in KINDS)
        groups = next((some for most, some in _GROUPS if len(zones) <= most), alone)
        return [
            _sheet(head, some, kinds, whole=zones)
            for kinds in groups
            for some in _shared(zones, _MOST_ROWS[kinds[0]])
        ]


def _shared(zones: Sequence[Compared], most: int) -> list[Sequence[Compared]]:
    """Share zones among as few sheets as there must be, as many on each."""
    count = -(-len(zones) // most)
    ends = np.linspace(0, len(zones), count + 1).round().astype(int)
    return [zones[first:last] for first, last in pairwise(ends)]


def _sheet(
    head: Heading, zones: Sequence[Compared], kinds: Sequence[str], *, whole: Sequence[Compared]
) -> Figure:
    keys = [
        Key(color=color, words=text(f"status.{name}", language=head.language))
        for name, color in theme.STATUS_COLORS.items()
    ]
    sheet, body_in = opened(head, keys if "rates" in kinds else ())
    fixed = (_HEAD_IN + _FOOT_IN) * len(kinds) + _GAP_IN * (len(kinds) - 1)
    room = body_in - fixed
    lines_in = 0.0
    if "lines" in kinds:
        grid = -(-len(zones) // _columns(len(zones)))
        lines_in = room if len(kinds) == 1 else max(grid * _LINES_IN, room / 3)
    weights = {kind: _WEIGHTS[kind] for kind in kinds if kind in _WEIGHTS}
    row_in = (room - lines_in) / len(zones) / (sum(weights.values()) or 1.0)
    if lines_in:
        row_in = min(row_in, _MOST_ROW_IN)
    heights = {kind: weight * row_in * len(zones) for kind, weight in weights.items()}
    heights["lines"] = room - sum(heights.values())
    draw = {"rates": _rates, "months": _months, "lines": _lines}
    top = 0.0
    for kind in kinds:
        words = text(f"atlas.{kind}", language=head.language)
        heading(sheet, words, left=0.0, top=top, width=sheet.inner_in)
        draw[kind](sheet, zones, whole, top=top + _HEAD_IN, high=heights[kind])
        top += _HEAD_IN + heights[kind] + _FOOT_IN + _GAP_IN
    return sheet.figure


def _columns(count: int) -> int:
    """Choose in how many columns small charts stand, so that few places stay empty."""
    return min(range(min(count, 4), min(count, _MOST_COLUMNS) + 1), key=lambda one: -count % one)


def _name(sheet: Sheet, zone: Compared, y: float, *, left: float = 0.0, width: float) -> None:
    weight = "bold" if zone.is_total else "normal"
    (words,) = wrapped(zone.name, width=width, size=TEXT, weight=weight, most=1)
    sheet.text(left, y, words, size=TEXT, weight=weight)


def _percent(share: float, *, language: str) -> str:
    return theme.percent(share, language=language)


def _rates(
    sheet: Sheet, zones: Sequence[Compared], whole: Sequence[Compared], *, top: float, high: float
) -> None:
    """Draw a dot for the rate a year before, one for now, and the account as a bar."""
    language, row_in = sheet.language, high / len(zones)
    plot, bars = (_NAME_IN + 0.1, 3.0), (_NAME_IN + 4.6, 2.9)
    axes = sheet.axes(left=plot[0], top=top, width=plot[1], height=high)
    most = max([1.0, *(one.now for one in whole if np.isfinite(one.now))])
    axes.set_xlim(0, most)
    axes.set_ylim(len(zones), 0)
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        axes.axvline(share, color=LINE, lw=0.7, zorder=0)
        shown = theme.percent(share, language=language, decimals=0)
        x = plot[0] + share / most * plot[1]
        sheet.text(x, top + high + 0.1, shown, size=TEXT, color=SOFT, ha="center")
    longest = max((sum(one.account.values()) for one in whole if not one.is_total), default=0.0)
    color, thick = theme.STATUS_COLORS["leased"], min(row_in * 0.6, 0.16)
    for place, one in enumerate(zones):
        y = top + (place + 0.5) * row_in
        sheet.rule(top + place * row_in, width=0.4)
        _name(sheet, one, y, width=_NAME_IN)
        for share, filled in ((one.before, PAPER), (one.now, color)):
            axes.plot([share], [place + 0.5], "o", ms=5, mec=color, mfc=filled, clip_on=False)
        axes.plot([one.before, one.now], [place + 0.5] * 2, color=color, lw=1.6, zorder=1)
        x = plot[0] + plot[1] + 0.7
        shown = _percent(one.now, language=language)
        sheet.text(x, y, shown, size=TEXT, weight="bold", ha="right")
        if np.isfinite(one.now - one.before):
            moved = theme.signed((one.now - one.before) * 100, language=language)
            sheet.text(x + 0.6, y, moved, size=TEXT, color=SOFT, ha="right")
        if not one.is_total:
            # All zones together would leave no length for any of them.
            account_bar(
                sheet,
                one.account,
                left=bars[0],
                top=y - thick / 2,
                width=bars[1],
                high=thick,
                whole=longest,
            )
        sheet.text(sheet.inner_in, y, one.base, size=TEXT, ha="right")
    foot = top + high + 0.1
    words = text("atlas.bars", language=language)
    sheet.text(sheet.inner_in, foot, words, size=TEXT, color=SOFT, ha="right")


def _months(
    sheet: Sheet, zones: Sequence[Compared], whole: Sequence[Compared], *, top: float, high: float
) -> None:
    """Draw a cell a zone and month, the darker the fuller; grey where nothing is known."""
    language, row_in = sheet.language, high / len(zones)
    width = sheet.inner_in - _NAME_IN - 0.75
    dates = whole[0].rates.index
    axes = sheet.axes(left=_NAME_IN + 0.1, top=top, width=width, height=high)
    table = np.array([one.rates.to_numpy(dtype="float64") for one in zones])
    colors = _COLORS.with_extremes(bad=_UNKNOWN)
    axes.pcolormesh(
        np.ma.masked_invalid(table),
        cmap=colors,
        vmin=_WHITE_AT,
        vmax=1,
        edgecolor=PAPER,
        linewidth=0.4,
    )
    axes.set_xlim(0, len(dates))
    axes.set_ylim(len(zones), 0)
    for place, one in enumerate(zones):
        y = top + (place + 0.5) * row_in
        _name(sheet, one, y, width=_NAME_IN)
        shown = _percent(one.now, language=language)
        sheet.text(sheet.inner_in, y, shown, size=TEXT, weight="bold", ha="right")
    days = np.array([day_of(one) for one in dates])
    for day, words in day_ticks(days[0], days[-1], width_in=width):
        x = _NAME_IN + 0.1 + (np.searchsorted(days, day) + 0.5) / len(dates) * width
        sheet.text(x, top + high + 0.1, words, size=TEXT, color=SOFT, ha="center")
    sheet.text(0, top + high + 0.1, text("atlas.darker", language=language), size=TEXT, color=SOFT)


def _lines(
    sheet: Sheet, zones: Sequence[Compared], whole: Sequence[Compared], *, top: float, high: float
) -> None:
    """Draw the rate of every zone over the years in a box of its own, all on one scale."""
    columns = _columns(len(zones))
    rows = -(-len(zones) // columns)
    width, each = (sheet.inner_in + _GAP_IN) / columns, (high + _FOOT_IN) / rows
    most = highest(one.rates for one in whole)
    for place, one in enumerate(zones):
        row, column = divmod(place, columns)
        left, at = column * width, top + row * each
        _name(sheet, one, at + 0.08, left=left, width=width - _GAP_IN)
        rate_line(
            sheet,
            one.rates,
            left=left,
            top=at + 0.2,
            width=width - _GAP_IN,
            high=each - 0.24,
            most=most,
        )
