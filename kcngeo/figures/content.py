"""What a map on paper shows: panels, layers, what has a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kcngeo import theme
from kcngeo.figures.page_layout import INK, SIZES
from kcngeo.figures.panel_geometry import Shapes
from kcngeo.figures.typography import plain, width_in, wrapped

LINE_IN, ARROW_IN = 0.18, 0.4
"""Height of a line over a panel, and the room its arrow to the north takes there."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """Shapes that are drawn alike, with one line in the legend.

    Attributes
    ----------
    name
        What names them in the figure.
    label
        Their words in the legend; no words, no line.
    shapes
        The shapes, in the CRS of the zones.
    color
        Their colour.
    style
        "area", "outline", "line", "dashed", "dotted" or "point": how areas and lines are drawn.
    section
        The heading of the legend they stand under.
    area_ha
        Hectares of each, for the legend; None to count them.
    letters
        What stands in each, where it fits; None for nothing.
    marker
        Shape of points, as Matplotlib names it.
    framing
        Whether panels are so wide that they are seen whole.
    edge
        Whether areas have an edge.
    width
        Width of outlines and lines, in points.
    """

    name: str
    label: str
    shapes: Shapes
    color: str
    style: str = "area"
    section: str = ""
    area_ha: Any = None
    letters: Sequence[str] | None = None
    marker: str = "o"
    framing: bool = False
    edge: bool = True
    width: float = 1.8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """A zone as a panel.

    Attributes
    ----------
    title
        Its name.
    shape
        The fence.
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
        """Give what stands over it.

        Parameters
        ----------
        width
            Inches there are.

        Returns
        -------
        list[tuple[str, float, str, str]]
            Words, size, weight and colour of each line.
        """
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Numbered:
    """A shape with a number on the map and words in the list beside it.

    Attributes
    ----------
    shape
        Where the number stands.
    words
        What the list says.
    """

    shape: Any
    words: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Content:
    """What a map shows, lowest first.

    Attributes
    ----------
    grounds
        The panels.
    layers
        The layers.
    context
        Lines below everything, with their names.
    numbered
        What has a number; the first are listed.
    list_title
        Heading of the list; none if empty.
    list_empty
        What the list says where there is nothing to list.
    most_listed
        How many are listed; the others are counted.
    """

    grounds: Sequence[Ground]
    layers: Sequence[Layer]
    context: Sequence[tuple[str, str, Any]] = ()
    numbered: Sequence[Numbered] = ()
    list_title: str = ""
    list_empty: str = ""
    most_listed: int = 12
