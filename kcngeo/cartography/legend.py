"""What the legend of a map says: a line a class, with how much of it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kcngeo import theme
from kcngeo.cartography.map_layer import MapClass, MapLayer
from kcngeo.cartography.styles import WHOLE
from kcngeo.cartography.words import NO_WORDS, Words, text

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendLine:
    """A line of the legend.

    Attributes
    ----------
    layer
        Name of the layer.
    section
        The heading it stands under.
    shown
        The class.
    count
        Features of it.
    area_ha
        Their hectares, of a striped feature its share; None where features are counted.
    """

    layer: str
    section: Words
    shown: MapClass
    count: int
    area_ha: float | None

    def amount(self, language: str) -> str:
        """Say how much there is."""
        if self.area_ha is None or self.shown.symbol == "pin":
            return theme.number(self.count, language=language, decimals=0)
        return theme.number(self.area_ha, language=language) + " ha"


def legend(
    layers: Sequence[MapLayer], *, seen: Sequence[NDArray[np.bool_]] | None = None
) -> list[LegendLine]:
    """Count what is shown, class by class; a class without features has no line."""
    lines = []
    for place, layer in enumerate(layers):
        shares, hectares = layer.shares_of(), layer.hectares()
        if seen is not None:
            shares = shares * seen[place][:, None]
        # Layers of one class share the heading of the map.
        section = layer.title if len(layer.classes) > 1 else text("layers_map.legend")
        for at, one in enumerate(layer.classes):
            there = shares[:, at] > WHOLE
            if not there.any() or one.label == NO_WORDS:
                continue
            area = None
            # A point in a layer of areas has no hectares, and its class is counted.
            if hectares is not None and one.symbol not in ("point", "line"):
                area = float((hectares * shares[:, at]).sum())
            lines.append(
                LegendLine(
                    layer=layer.name,
                    section=section,
                    shown=one,
                    count=int(there.sum()),
                    area_ha=area,
                )
            )
    return lines
