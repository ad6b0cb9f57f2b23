"""How a layer is drawn, said once; :mod:`~kcngeo.qgis.qml` and :mod:`~kcngeo.qgis.sld` write it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kcngeo import theme
from kcngeo.qgis.expressions import plain, writable


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A value of the column a layer is coloured by.

    Attributes
    ----------
    value
        The value; None stands for all that have no category of their own.
    label
        Its words in the legend.
    color
        Its colour, "#3A7FB5".
    symbol
        Of :data:`kcngeo.cartography.map_layer.SYMBOLS`: what is an "area" or a "pin" is filled, an
        "outline" is not, lines are whole, "dashed" or "dotted".
    width_mm
        Width of lines and of outlines that are not filled, in millimetres on paper.
    marker
        Shape of points: "o", "s", "^" or "D".
    """

    value: str | None
    label: str
    color: str
    symbol: str = "area"
    width_mm: float = 0.5
    marker: str = "o"

    @property
    def is_filled(self) -> bool:
        """Whether polygons are filled."""
        return self.symbol in ("area", "pin", "point")


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What is written on the features of a layer.

    Attributes
    ----------
    column
        The column with the words.
    number
        Column with a number that stands above them; empty for none.
    expression
        What makes the words of several columns, where a style can say so; empty for the column.
    size_pt
        Size of the letters in points.
    bold
        Whether they are bold.
    closer_than
        Denominator of the smallest scale at which labels are drawn; 0 for all scales.
    farther_than
        Denominator of the largest scale at which labels are drawn; 0 for all scales.
    unless_on
        Map of a sheet on which labels are not drawn, for want of room; empty for none.
    """

    column: str
    number: str = ""
    expression: str = ""
    size_pt: float = 8.0
    bold: bool = False
    closer_than: int = 0
    farther_than: int = 0
    unless_on: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One named style of a layer.

    Attributes
    ----------
    name
        Name of the style, as people choose it in QGIS.
    shape
        "polygon", "line" or "point".
    categories
        Colours by value; a single one with the value None where all features look alike.
    column
        The column the values stand in; empty where all features look alike.
    shares
        Columns with the share of a feature that is of each category, in the order of the
        categories: polygons of several are striped, the widths as the shares. Empty for none.
    outline
        Colour of the outline of filled polygons and points; what is not filled is drawn in the
        colours of the categories.
    width_mm
        Width of the outlines of what is filled, in millimetres on paper.
    size_mm
        Size of points on paper, in millimetres.
    opacity_share
        How opaque the symbols are, 0 to 1.
    label
        What is written on the features.
    closer_than
        Denominator of the smallest scale at which the layer is drawn; 0 for all scales.
    farther_than
        Denominator of the largest scale at which the layer is drawn; 0 for all scales.
    months
        Columns with the first day a feature is shown and the first day it is no longer shown, for
        the temporal controller; empty for a layer that does not change.
    """

    name: str
    shape: str
    categories: tuple[Category, ...]
    column: str = ""
    shares: tuple[str, ...] = ()
    outline: str = theme.OUTLINE
    width_mm: float = 0.2
    size_mm: float = 2.4
    opacity_share: float = 1.0
    label: Label | None = None
    closer_than: int = 0
    farther_than: int = 0
    months: tuple[str, str] | tuple[()] = ()

    def written(self) -> Look:
        """Give the look with texts that XML can hold and QGIS does not evaluate."""
        categories = tuple(
            replace(
                one,
                value=None if one.value is None else writable(one.value),
                label=plain(one.label),
            )
            for one in self.categories
        )
        return replace(self, name=plain(self.name), categories=categories)
