"""Signs of a legend: what a colour, a line or a mark stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.transforms import Affine2D

from kcngeo import theme
from kcngeo.figures.hatches import hatched

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.transforms import Transform

WIDE_IN, HIGH_IN = 0.2, 0.14
DASHES: dict[str, Any] = {"line": "-", "dashed": (0, (3, 1.5)), "dotted": (0, (1.2, 1.5))}
"""Styles of lines of Matplotlib, by what a sign calls them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A figure in words with the sign it has in the chart.

    Attributes
    ----------
    color
        Its colour.
    words
        What it says.
    style
        "area", "outline", "line", "dashed", "dotted", "band" or "point".
    marker
        Shape of a point, as Matplotlib names it.
    """

    color: str
    words: str
    style: str = "area"
    marker: str = "o"


def draw_sign(
    figure: Figure, key: Key, *, x: float, y: float, wide: float = WIDE_IN, dots: float = 8
) -> None:
    """Draw the sign of a key."""
    inches = from_the_top(figure)
    if key.style in DASHES:
        dashes: dict[str, Any] = {
            "color": key.color,
            "linewidth": 2.0,
            "linestyle": DASHES[key.style],
        }
        _add(figure, Line2D([x, x + wide], [y, y], **dashes), inches, zorder=-1)
        return
    if key.style == "point":
        mark: dict[str, Any] = {
            "marker": key.marker,
            "color": key.color,
            "markersize": dots,
            "linestyle": "none",
        }
        dot = Line2D([x + wide / 2], [y], markeredgecolor=theme.PAPER, **mark)
        _add(figure, dot, inches, zorder=-1)
        return
    corner = (x, y - HIGH_IN / 2)
    if key.style == "outline":
        look: dict[str, Any] = {"facecolor": "none", "edgecolor": key.color, "linewidth": 1.6}
    else:
        # As it is on the map: colour and hatch, so that it can be told in black and white.
        look = hatched(key.color, alpha=0.25 if key.style == "band" else 1.0)
    _add(figure, Rectangle(corner, wide, HIGH_IN, **look), inches, zorder=-2)
    if key.style == "area":
        edge: dict[str, Any] = {"facecolor": "none", "edgecolor": theme.SOFT, "linewidth": 0.5}
        _add(figure, Rectangle(corner, wide, HIGH_IN, **edge), inches, zorder=-1)


def from_the_top(figure: Figure) -> Transform:
    """Give the transformation of inches from the left and the top of a figure."""
    flipped = Affine2D().scale(1, -1).translate(0, figure.get_figheight())
    return flipped + figure.dpi_scale_trans


def _add(figure: Figure, artist: Any, transform: Transform, *, zorder: float) -> None:
    artist.set_transform(transform)
    artist.set_zorder(zorder)
    figure.add_artist(artist)
