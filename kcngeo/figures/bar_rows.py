"""Rows of words, a bar and figures: what charts of stages and of shares have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.patches import Rectangle

from kcngeo.figures.hatches import hatched
from kcngeo.figures.page_layout import INK, INNER_IN, LINE, SIZES, SOFT, Sheet
from kcngeo.figures.typography import wrapped

ROW_IN = 0.5
_WORDS_IN = 2.6
_PLOT = (_WORDS_IN + 0.15, 3.75)
_FIGURE_AT = 8.25
_BAR = 0.54


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: words, a bar of parts from the left, a figure and a remark on the right.

    Attributes
    ----------
    name
        What names the row's bar in the figure.
    words
        What stands on the left.
    parts
        Lengths and colours of the bar's parts, in the unit of the axis; missing parts are left
        out.
    figure
        The figure in words.
    remark
        What else is to be said of it, smaller.
    mark
        Where a mark stands across the row, in the unit of the axis; None for none.
    loud
        Colour of the remark; None for a quiet one.
    start
        Where the bar begins, in the unit of the axis.
    """

    name: str
    words: str
    parts: Sequence[tuple[float, str]]
    figure: str
    remark: str = ""
    mark: float | None = None
    loud: str | None = None
    start: float = 0.0


def draw_rows(sheet: Sheet, rows: Sequence[Row], *, top: float, longest: float) -> None:
    """Draw rows below each other."""
    height = len(rows) * ROW_IN
    axes = sheet.axes(left=_PLOT[0], top=top, width=_PLOT[1], height=height)
    axes.set_xlim(0, longest)
    axes.set_ylim(len(rows), 0)
    for place, row in enumerate(rows):
        sheet.rule(top + place * ROW_IN, color=LINE, width=0.6)
        y = top + (place + 0.5) * ROW_IN
        lines = wrapped(row.words, width=_WORDS_IN, size=SIZES["body"])
        # What needs more room is written smaller: nothing that limits a figure is cut off.
        size, step = (SIZES["body"], 0.18) if len(lines) <= 2 else (SIZES["small"], 0.15)
        lines = wrapped(row.words, width=_WORDS_IN, size=size)
        for at, line in enumerate(lines):
            sheet.text(0, y + (at - (len(lines) - 1) / 2) * step, line, size=size)
        left = row.start
        for number, (length, color) in enumerate(row.parts):
            if length > 0:
                axes.add_patch(
                    Rectangle(
                        (left, place + 0.5 - _BAR / 2),
                        length,
                        _BAR,
                        **hatched(color),
                        zorder=2,
                        gid=f"{row.name}.{number}",
                    )
                )
                left += length
        if row.mark is not None:
            ends = [place + 0.5 - _BAR / 2 - 0.12, place + 0.5 + _BAR / 2 + 0.12]
            axes.plot([row.mark] * 2, ends, color=INK, lw=1.6, zorder=3, gid=f"{row.name}.mark")
        sheet.text(_FIGURE_AT, y, row.figure, weight="bold", ha="right")
        remarks = wrapped(
            row.remark, width=INNER_IN - _FIGURE_AT - 0.15, size=SIZES["small"], most=2
        )
        for at, line in enumerate(remarks):
            shift = (at - (len(remarks) - 1) / 2) * 0.155
            color = row.loud or SOFT
            weight = "bold" if row.loud else "normal"
            x = _FIGURE_AT + 0.15
            sheet.text(x, y + shift, line, size=SIZES["small"], color=color, weight=weight)
    sheet.rule(top + height, color=LINE, width=0.6)
