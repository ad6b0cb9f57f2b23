"""What the buttons of the panel do."""

from __future__ import annotations

import html
from typing import Any

from qgis.core import Qgis, QgsCoordinateTransform, QgsGeometry, QgsProject

from kcngeo_qgis.editing.undo import LINKS
from kcngeo_qgis.live.package import NoPackageError, Package, the_package
from kcngeo_qgis.panel.cut_tool import CutTool
from kcngeo_qgis.texts import text


class Deeds:
    """They open dialogs, draw, take back, save, and say what came of it."""

    def __init__(self, iface: Any) -> None:
        self._iface = iface
        self._tool: CutTool | None = None

    def open_dialog(self, key: str, given: dict[str, Any]) -> None:
        """Open the dialog of an algorithm, with what is known already."""
        # Where there is no window, Processing has no dialogs.
        from processing import execAlgorithmDialog

        execAlgorithmDialog(f"kcngeo:{key}", given)

    def draw_cut(self, given: dict[str, Any]) -> None:
        """Let a line be drawn, then ask for the rest."""
        package = self.package()
        if package is None:
            return
        canvas = self._iface.mapCanvas()
        crs = package.main("parcels").crs()

        def drawn(line: QgsGeometry) -> None:
            way = QgsCoordinateTransform(
                canvas.mapSettings().destinationCrs(), crs, QgsProject.instance()
            )
            line.transform(way)
            canvas.unsetMapTool(self._tool)
            self.open_dialog("split", {**given, "LINE": line.asWkt(4)})

        self._tool = CutTool(canvas, drawn)
        canvas.setMapTool(self._tool)
        self.say(text("panel.draw"))

    def undo(self) -> None:
        """Take the last step back."""
        title = LINKS.undo()
        self.say(
            text("panel.nothing_to_undo") if title is None else text("panel.undone", title=title)
        )

    def save(self) -> None:
        """Save every table of the package that was edited."""
        package = self.package()
        for layer in [] if package is None else package.edited():
            if not layer.commitChanges(False):
                self.warn("\n".join(layer.commitErrors()))
                return
        if package is not None:
            self.say(text("panel.saved"))

    def package(self) -> Package | None:
        """Give the open package, or say why there is none."""
        try:
            return the_package(QgsProject.instance())
        except NoPackageError as error:
            self.warn(text(f"say.{error.key}", **error.fields))
            return None

    def say(self, words: str) -> None:
        """Say something above the map; names that come from data are no HTML."""
        self._iface.messageBar().pushMessage("kcngeo", html.escape(words), Qgis.Info)

    def warn(self, words: str) -> None:
        """Warn above the map."""
        self._iface.messageBar().pushMessage("kcngeo", html.escape(words), Qgis.Warning)

    def stop(self) -> None:
        """Leave no tool on the map."""
        if self._tool is not None:
            self._iface.mapCanvas().unsetMapTool(self._tool)
            self._tool = None
