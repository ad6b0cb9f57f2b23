"""Hatches: what colours tell apart on a screen, patterns tell apart in black and white.

A colour has one pattern, in every chart and on every map.
"""

from __future__ import annotations

from typing import Any

from matplotlib.colors import to_rgb

from kcngeo import theme
from kcngeo.cartography.styles import HATCHES

_DARK = 0.5


def hatched(color: str, *, alpha: float = 1.0) -> dict[str, Any]:
    """Give what fills a shape in a colour and its pattern."""
    filled: dict[str, Any] = {"facecolor": color, "linewidth": 0, "alpha": alpha}
    if alpha == 1 and color in HATCHES:
        # A patch without an edge draws its pattern in the colour the edge would have.
        ink = theme.PAPER if grey(color) < _DARK else theme.INK
        filled |= {"hatch": HATCHES[color], "edgecolor": ink}
    return filled


def grey(color: str) -> float:
    """Tell how light a colour is printed without colours."""
    red, green, blue = to_rgb(color)
    return 0.299 * red + 0.587 * green + 0.114 * blue
