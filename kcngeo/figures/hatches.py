"""Hatches: what colours tell apart on a screen, patterns tell apart in black and white.

A colour has one pattern, in every chart and on every map.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.colors import to_rgb

from kcngeo import theme
from kcngeo.core.model import LandUse, Severity

_KINDS = theme.KIND_COLORS
_USES = theme.USE_COLORS
HATCHES: Mapping[str, str] = {
    theme.STATUS_COLORS["reserved"]: "////",
    theme.STATUS_COLORS["recovering"]: "\\\\\\\\",
    theme.STATUS_COLORS["repurposed"]: "xxxx",
    theme.STATUS_COLORS["uncleared"]: "....",
    _USES[LandUse.SERVICE]: "||",
    _USES[LandUse.GREEN]: "..",
    _USES[LandUse.TECHNICAL]: "++",
    _USES[LandUse.HOUSING]: "xx",
    _USES[LandUse.WATER]: "--",
    theme.SEVERITY_COLORS[Severity.ERROR]: "xxxx",
    theme.SEVERITY_COLORS[Severity.WARNING]: "////",
    theme.LAYER_COLORS["developable"]: "///",
    theme.LAYER_COLORS["conflict"]: "xxxx",
    _KINDS["receptors"]["resettlement"]: "oo",
    _KINDS["receptors"]["housing"]: "\\\\\\",
    _KINDS["receptors"]["school"]: "++",
    _KINDS["receptors"]["hospital"]: "xx",
    _KINDS["receptors"]["green"]: "...",
    _KINDS["receptors"]["water"]: "---",
    _KINDS["emitters"]["parcel"]: "|||",
    _KINDS["emitters"]["wastewater_works"]: "ooo",
    _KINDS["emitters"]["waste_works"]: "///",
}
"""Patterns of Matplotlib by colour; a colour that is not here is plain."""

_DARK = 0.5


def hatched(color: str, *, alpha: float = 1.0) -> dict[str, Any]:
    """Give what fills a shape in a colour and its pattern.

    Parameters
    ----------
    color
        The colour.
    alpha
        How much it covers, 0 to 1; what covers little has no pattern.

    Returns
    -------
    dict[str, Any]
        Keywords of a patch of Matplotlib; it has no edge.
    """
    filled: dict[str, Any] = {"facecolor": color, "linewidth": 0, "alpha": alpha}
    if alpha == 1 and color in HATCHES:
        # A patch without an edge draws its pattern in the colour the edge would have.
        ink = theme.PAPER if grey(color) < _DARK else theme.INK
        filled |= {"hatch": HATCHES[color], "edgecolor": ink}
    return filled


def grey(color: str) -> float:
    """Tell how light a colour is printed without colours.

    Parameters
    ----------
    color
        The colour.

    Returns
    -------
    float
        0 is black, 1 is white.
    """
    red, green, blue = to_rgb(color)
    return 0.299 * red + 0.587 * green + 0.114 * blue
