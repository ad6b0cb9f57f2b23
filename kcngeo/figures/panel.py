"""A zone as a panel of a sheet, and the shapes that are drawn in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from kcngeo import theme
from kcngeo.cartography import MapClass, MapLayer
from kcngeo.cartography.styles import WHOLE, striped
from kcngeo.figures.page_layout import INK, SIZES
from kcngeo.figures.typography import plain, width_in, wrapped

if TYPE_CHECKING:
    from kcngeo.figures.panel_geometry import Shapes

LINE_IN, ARROW_IN = 0.18, 0.4
"""Height of a line over a panel, and the room its arrow to the north takes there."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Panel:
    """A zone as a panel.

    Attributes
    ----------
    title
        Its name.
    shape
        Its boundary.
    said
        Its figures, beside the name or under it; none if empty.
    remark
        A sentence under the title; none if empty.
    """

    title: str
    shape: Any
    said: str = ""
    remark: str = ""

    def lines(self, width: float) -> list[tuple[str, float, str, str]]:
        """Give what stands over it."""
        both = plain(f"{self.title}: {self.said}" if self.said else self.title)
        size, small = SIZES["body"], SIZES["small"]
        if width_in(both, size=size, weight="bold") <= width:
            lines = [(both, size, "bold", INK)]
        else:
            # A name may be cut, a figure may not.
            name = wrapped(self.title, width=width, size=size, weight="bold", most=1)[0]
            lines = [(name, size, "bold", INK)]
            lines += [(one, small, "normal", INK) for one in _lines(self.said, width)]
        return [*lines, *((one, small, "normal", theme.LOUD) for one in _lines(self.remark, width))]


def _lines(words: str, width: float) -> list[str]:
    return wrapped(words, width=width, size=SIZES["small"], most=4) if words else []


def shapes_of(layer: MapLayer) -> Shapes:
    """Give the shapes of a layer, empty ones for those that are missing."""
    shapes = np.array(layer.frame.geometry.to_numpy(), dtype=object)
    shapes[shapely.is_missing(shapes)] = shapely.Point()
    return shapes


def shapes_by_class(layer: MapLayer, seen: Any) -> list[tuple[MapClass, Shapes]]:
    """Give the shapes of each class; of striped features the stripes."""
    shapes, shares = shapes_of(layer), layer.shares_of()
    pieces: list[list[Any]] = [[] for _ in layer.classes]
    for row in np.flatnonzero(seen):
        held = np.flatnonzero(shares[row] > WHOLE)
        is_whole = len(held) == 1
        cut = [shapes[row]] if is_whole else striped(shapes[row], shares[row][held].tolist())
        for at, piece in zip(held, cut, strict=False):
            pieces[at].append(piece)
    pairs = zip(layer.classes, pieces, strict=True)
    return [(one, np.array(some, dtype=object)) for one, some in pairs][::-1]
