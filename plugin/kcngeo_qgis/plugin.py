"""The plugin: its provider, and the panel where there is a window."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QIcon

from kcngeo_qgis.algorithm import ICON
from kcngeo_qgis.editing.undo import LINKS
from kcngeo_qgis.provider import Provider

_MENU = "kcngeo"


class Plugin:
    """What QGIS loads and unloads."""

    def __init__(self, iface: Any) -> None:
        self._iface = iface
        self._provider: Provider | None = None
        self.panel: Any = None
        self._deeds: Any = None
        self._action: Any = None

    def initProcessing(self) -> None:
        """Register the algorithms; `qgis_process` asks for no more."""
        self._provider = Provider()
        QgsApplication.processingRegistry().addProvider(self._provider)

    def initGui(self) -> None:
        """Register the algorithms and show the panel."""
        from kcngeo_qgis.panel.deeds import Deeds
        from kcngeo_qgis.panel.panel import Panel

        self.initProcessing()
        self._deeds = Deeds(self._iface)
        self.panel = Panel(self._deeds, self._iface.mainWindow())
        self._iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.panel)
        self._action = self.panel.toggleViewAction()
        self._action.setIcon(QIcon(str(ICON)))
        self._iface.addPluginToMenu(_MENU, self._action)
        self._iface.addToolBarIcon(self._action)

    def unload(self) -> None:
        """Take everything away again."""
        LINKS.forget()
        if self.panel is not None:
            self._deeds.stop()
            self.panel.stop()
            self._iface.removePluginMenu(_MENU, self._action)
            self._iface.removeToolBarIcon(self._action)
            self._iface.removeDockWidget(self.panel)
            self.panel.deleteLater()
            self.panel = None
        if self._provider is not None:
            QgsApplication.processingRegistry().removeProvider(self._provider)
            self._provider = None
