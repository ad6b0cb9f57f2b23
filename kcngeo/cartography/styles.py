"""Patterns and stripes: what a colour says, said without it; how much of a feature is what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

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
"""Patterns by colour, as Matplotlib names them; a colour that is not here is plain."""

STRIPES_M = 45.0
"""About the width of all stripes of a feature of several classes together, in metres."""
WHOLE = 1e-9
"""A share below this is nothing that rounding left over."""


def striped(shape: Any, shares: Sequence[float], *, width_m: float = STRIPES_M) -> list[Any]:
    """Cut a shape into stripes whose widths are as the shares.

    Examples
    --------
    >>> from shapely import box
    >>> one, other = striped(box(0, 0, 100, 100), [0.5, 0.5], width_m=1000)
    >>> one.area, other.area  # a square cut along its diagonal
    (5000.0, 5000.0)
    """
    # Nobody drew where in a parcel the part lies that is let: stripes say how much, not where.
    points = shapely.get_coordinates(shape)
    # Stripes run from north-west to south-east: lines of constant easting + northing.
    along, across = (points[:, 0] + points[:, 1]), (points[:, 0] - points[:, 1])
    span = along.max() - along.min()
    count = max(1, round(span / (width_m * 2**0.5)))
    ends = np.cumsum([0.0, *shares]) / max(sum(shares), 1e-12)
    low, high = across.min() - 1, across.max() + 1
    cut = []
    for first, last in pairwise(ends):
        starts = [along.min() + (at + first) * span / count for at in range(count)]
        wide = (last - first) * span / count
        bands = [_band(start, wide, low, high) for start in starts]
        cut.append(shapely.intersection(shape, shapely.union_all(bands)))
    return cut


def _band(start: float, width: float, low: float, high: float) -> Any:
    """Give the stripe between two lines of constant easting + northing."""
    corners = [(start, low), (start + width, low), (start + width, high), (start, high)]
    return shapely.Polygon([((u + v) / 2, (u - v) / 2) for u, v in corners])
