"""The plugin: its provider, and the panel where there is a window."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsApplication

from kcngeo_qgis.provider import Provider


class Plugin:
    """What QGIS loads and unloads."""

    def __init__(self, iface: Any) -> None:
        self._iface = iface
        self._provider: Provider | None = None

    def initProcessing(self) -> None:
        """Register the algorithms; `qgis_process` asks for no more."""
        self._provider = Provider()
        QgsApplication.processingRegistry().addProvider(self._provider)

    def initGui(self) -> None:
        """Register the algorithms in a window."""
        self.initProcessing()

    def unload(self) -> None:
        """Take everything away again."""
        if self._provider is not None:
            QgsApplication.processingRegistry().removeProvider(self._provider)
            self._provider = None
