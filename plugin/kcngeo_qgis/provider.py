"""The provider of the algorithms."""

from __future__ import annotations

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from kcngeo_qgis.algorithm import ICON
from kcngeo_qgis.questions import QUESTIONS
from kcngeo_qgis.steps import STEPS


class Provider(QgsProcessingProvider):
    """All algorithms, as ``kcngeo:account`` and so on."""

    def loadAlgorithms(self) -> None:
        """Add them."""
        for made in (*QUESTIONS, *STEPS):
            self.addAlgorithm(made())

    def id(self) -> str:
        """Give the id."""
        return "kcngeo"

    def name(self) -> str:
        """Give the name."""
        return "kcngeo"

    def icon(self) -> QIcon:
        """Show the icon."""
        return QIcon(str(ICON))
