"""The sheet every figure is drawn on: heading, body and foot, measured so that nothing overlaps.

Places are in inches; in the body from its left and its top.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch, Polygon
from matplotlib.patheffects import withStroke

from kcngeo import theme
from kcngeo.figures.export import PaperFigure
from kcngeo.figures.legend_symbols import Key, draw_sign, from_the_top
from kcngeo.figures.typography import font, line_in, plain, width_in, wrapped
from kcngeo.theme import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

# Ink on paper, as on the pages of the maps.
INK, SOFT, LINE, PAPER = theme.INK, theme.SOFT, theme.LINE, theme.PAPER
ACCENT = theme.ACCENT
_CHIP_INK, _CHIP_PAPER, _CHIP_EDGE = theme.CHIP_INK, theme.CHIP_PAPER, theme.CHIP_EDGE

WIDTH_IN = 11.0
UPRIGHT_IN, UPRIGHT_HIGH_IN = 210 / 25.4, 280 / 25.4
"""Width of a sheet of A4 upright, and how high it may be over a line at the foot of the page."""
MARGIN_IN = 0.5
INNER_IN = WIDTH_IN - 2 * MARGIN_IN
DPI = 150
SIZES = {"title": 17.0, "kind": 9.5, "line": 10.5, "body": 10.0, "small": 8.5}
"""Sizes of letters in points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What stands over and under a chart.

    Attributes
    ----------
    kind
        What sort of chart it is.
    title
        What it says.
    lines
        Dates and definition.
    keys
        Its main figures, with their colours.
    notes
        What a reader must know not to misread it.
    language
        "vi" or "en".
    synthetic
        Whether shapes are invented.
    """

    kind: str
    title: str
    lines: Sequence[str] = ()
    keys: Sequence[Key] = ()
    notes: Sequence[str] = ()
    language: str = "vi"
    synthetic: bool = False


def short(name: str) -> str:
    """Cut a name that would leave no room for the rest of a title."""
    return " ".join(wrapped(name, width=INNER_IN, size=SIZES["title"], weight="bold", most=2))


class Sheet:
    """A figure with its heading and foot drawn, and room for the body.

    Parameters
    ----------
    heading
        What stands over and under the chart.
    body_in
        Height of the body in inches.
    width_in
        Width of the sheet in inches.
    """

    # Letters of the keys in points.
    _keys_size = SIZES["line"]

    def __init__(self, heading: Heading, *, body_in: float, width_in: float = WIDTH_IN) -> None:
        self._heading = heading
        self.width_in = width_in
        self.inner_in = width_in - 2 * MARGIN_IN
        title = self._lines(heading.title, "title", weight="bold")
        lines = [line for words in heading.lines for line in self._lines(words, "line")]
        keys = _laid(heading.keys, size=self._keys_size, room=self.inner_in)
        notes = [text("figures.source", language=heading.language), *filter(None, heading.notes)]
        foot = [line for words in notes for line in self._lines(words, "small")]
        kind_in = 0.34
        self._title_at = MARGIN_IN * 0.72 + kind_in
        self._lines_at = self._title_at + len(title) * line_in(SIZES["title"]) + 0.07
        self._keys_at = self._lines_at + len(lines) * line_in(SIZES["line"]) + 0.1
        self._body_at = self._keys_at + len(keys) * line_in(SIZES["line"]) + 0.16
        foot_at = self._body_at + body_in + 0.16
        self.height_in = foot_at + len(foot) * line_in(SIZES["small"]) + MARGIN_IN * 0.62
        self.figure = self._opened()
        self._head(title, lines)
        self._write_keys(keys)
        for place, line in enumerate(foot):
            y = foot_at + place * line_in(SIZES["small"])
            self._put(MARGIN_IN, y, line, size=SIZES["small"], color=SOFT, va="top")

    def _opened(self) -> PaperFigure:
        size = (self.width_in, self.height_in)
        figure = PaperFigure(figsize=size, dpi=DPI, facecolor=PAPER)
        FigureCanvasAgg(figure)
        figure.set_label(plain(self._heading.title))
        return figure

    @property
    def language(self) -> str:
        """Its language."""
        return self._heading.language

    def text(
        self,
        x: float,
        y: float,
        words: object,
        *,
        size: float = SIZES["body"],
        color: str = INK,
        weight: str = "normal",
        ha: str = "left",
        va: str = "center",
        halo: bool = False,
    ) -> Text:
        """Write a line of text into the body."""
        made = self._put(
            MARGIN_IN + x,
            self._body_at + y,
            plain(words),
            size=size,
            color=color,
            weight=weight,
            ha=ha,
            va=va,
        )
        if halo:
            made.set_path_effects([withStroke(linewidth=3, foreground=PAPER)])
        return made

    def axes(self, *, left: float, top: float, width: float, height: float) -> Axes:
        """Open axes without frame or ticks; what is written beside them goes through ``text``."""
        bottom = self.height_in - self._body_at - top - height
        axes = self.figure.add_axes(
            (
                (MARGIN_IN + left) / self.width_in,
                bottom / self.height_in,
                width / self.width_in,
                height / self.height_in,
            )
        )
        axes.set_axis_off()
        return axes

    def sign(self, x: float, y: float, key: Key, *, wide: float) -> None:
        """Draw the sign of a key into the body."""
        draw_sign(self.figure, key, x=MARGIN_IN + x, y=self._body_at + y, wide=wide)

    def polygon(
        self, corners: Sequence[tuple[float, float]], *, color: str = INK, gid: str = ""
    ) -> None:
        """Draw a small shape with an edge of ink into the body."""
        places = [(MARGIN_IN + x, self._body_at + y) for x, y in corners]
        made = Polygon(places, closed=True, facecolor=color, edgecolor=INK, linewidth=0.8, gid=gid)
        made.set_transform(from_the_top(self.figure))
        self.figure.add_artist(made)

    def badge(self, x: float, y: float, number: int) -> None:
        """Write a number in a disc into the body."""
        disc = Key(color=INK, words="", style="point")
        draw_sign(self.figure, disc, x=MARGIN_IN + x - 0.1, y=self._body_at + y, dots=13)
        self.text(x, y, number, size=8, color=PAPER, weight="bold", ha="center")

    def message(self, words: str) -> None:
        """Say in the body why there is no chart."""
        size = SIZES["line"] + 1.5
        for place, line in enumerate(wrapped(words, width=self.inner_in, size=size, most=6)):
            self.text(0, 0.25 + place * line_in(size), line, size=size)

    def rule(
        self,
        y: float,
        *,
        color: str = LINE,
        width: float = 0.8,
        left: float = 0.0,
        long: float | None = None,
    ) -> None:
        """Draw a line across the body, or from its left as long as is said."""
        level = 1 - (self._body_at + y) / self.height_in
        ends = [left, left + (self.inner_in if long is None else long)]
        self.figure.add_artist(
            Line2D(
                [(MARGIN_IN + x) / self.width_in for x in ends],
                [level, level],
                transform=self.figure.transFigure,
                color=color,
                linewidth=width,
                solid_capstyle="butt",
                zorder=-1,
            )
        )

    def _lines(self, words: str, size: str, *, weight: str = "normal", most: int = 4) -> list[str]:
        return wrapped(words, width=self.inner_in, size=SIZES[size], weight=weight, most=most)

    def _head(self, title: list[str], lines: list[str]) -> None:
        """Write the head: the kind of figure, its title, its lines."""
        heading = self._heading
        kind_at = MARGIN_IN * 0.72
        self._put(
            MARGIN_IN,
            kind_at + 0.09,
            plain(heading.kind),
            size=SIZES["kind"],
            color=ACCENT,
            weight="bold",
        )
        if heading.synthetic:
            self._chip(kind_at + 0.09, text("map.synthetic", language=heading.language))
        parts = (
            (title, "title", self._title_at, INK, "bold"),
            (lines, "line", self._lines_at, SOFT, "normal"),
        )
        for words, size, at, color, weight in parts:
            for place, line in enumerate(words):
                y = at + place * line_in(SIZES[size])
                self._put(
                    MARGIN_IN, y, line, size=SIZES[size], color=color, weight=weight, va="top"
                )

    def _write_keys(self, keys: list[list[Key]]) -> None:
        for place, row in enumerate(keys):
            y = self._keys_at + (place + 0.5) * line_in(self._keys_size)
            x = MARGIN_IN
            for key in row:
                draw_sign(self.figure, key, x=x, y=y)
                self._put(x + 0.27, y, key.words, size=self._keys_size, color=INK)
                x += _key_in(key, self._keys_size)

    def _chip(self, y: float, words: str) -> None:
        width = width_in(words, size=SIZES["small"]) + 0.2
        x = self.width_in - MARGIN_IN - width
        self.figure.add_artist(
            FancyBboxPatch(
                (x / self.width_in, 1 - (y + 0.11) / self.height_in),
                width / self.width_in,
                0.22 / self.height_in,
                boxstyle="square,pad=0",
                transform=self.figure.transFigure,
                facecolor=_CHIP_PAPER,
                edgecolor=_CHIP_EDGE,
                linewidth=0.8,
            )
        )
        self._put(x + 0.1, y, words, size=SIZES["small"], color=_CHIP_INK)

    def _put(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float,
        color: str,
        weight: str = "normal",
        ha: str = "left",
        va: str = "center",
    ) -> Text:
        return self.figure.text(
            x / self.width_in,
            1 - y / self.height_in,
            words,
            fontproperties=font(size, weight),
            color=color,
            ha=ha,
            va="center_baseline" if va == "center" else va,
            parse_math=False,
        )


class Part(Sheet):
    """A figure within a page that says what it is and of when: its keys, small, and its body.

    Its margins fall into those of the page.
    """

    _keys_size = SIZES["small"]

    def __init__(self, heading: Heading, *, body_in: float, inner_in: float) -> None:
        self._heading, self.inner_in = heading, inner_in
        self.width_in = inner_in + 2 * MARGIN_IN
        keys = _laid(heading.keys, size=self._keys_size, room=self.inner_in)
        self._keys_at = 0.05
        self._body_at = self._keys_at + len(keys) * line_in(self._keys_size) + 0.1
        self.height_in = self._body_at + body_in
        self.figure = self._opened()
        self._write_keys(keys)


def _key_in(key: Key, size: float) -> float:
    return 0.27 + width_in(key.words, size=size) + 0.35


def _laid(keys: Sequence[Key], *, size: float, room: float) -> list[list[Key]]:
    """Lay the keys in rows as wide as the sheet."""
    rows: list[list[Key]] = []
    left = 0.0
    for key in keys:
        if not rows or left + _key_in(key, size) - 0.35 > room:
            rows.append([])
            left = 0.0
        rows[-1].append(key)
        left += _key_in(key, size)
    return rows
