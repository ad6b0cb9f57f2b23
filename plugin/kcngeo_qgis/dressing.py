"""What is done to a layer once QGIS has loaded it."""

from __future__ import annotations

from collections import deque
from typing import Any

from qgis.core import QgsProcessingContext, QgsProcessingFeedback
from qgis.core import QgsProcessingLayerPostProcessorInterface as PostProcessor

from kcngeo_qgis.texts import table, text


class Dress(PostProcessor):
    """The style and the title that a layer carries."""

    def postProcessLayer(
        self,
        layer: Any,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> None:
        """Take both from its GeoPackage."""
        layer.loadDefaultStyle()
        title = layer.metadata().title()
        if title:
            layer.setName(title)


class NameColumns(PostProcessor):
    """The words of the columns of a CSV."""

    def postProcessLayer(
        self,
        layer: Any,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> None:
        """Take them from the table of texts, where they are there."""
        for place, column in enumerate(layer.fields()):
            if f"column.{column.name()}" in table():
                layer.setFieldAlias(place, text(f"column.{column.name()}"))


# Some versions of QGIS take them over and some do not: what is done must outlive the algorithm.
_KEPT: deque[PostProcessor] = deque(maxlen=1000)


def kept(made: PostProcessor) -> PostProcessor:
    """Keep what is to be done until layers are loaded."""
    _KEPT.append(made)
    return made
