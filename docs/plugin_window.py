"""Runs in the Python of QGIS: the panel of the plugin beside a map, and its dialogs, as pictures.

`plugin_sheet.py` calls it: PACKAGE.qgz, the language, the folder of pictures.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import qgis.utils
from qgis.core import QgsApplication, QgsProject, QgsRectangle, QgsSettings
from qgis.gui import QgsMapCanvas, QgsMessageBar
from qgis.PyQt.QtCore import QDate
from qgis.PyQt.QtWidgets import QMainWindow, QVBoxLayout, QWidget

ROOT = Path(__file__).resolve().parents[1]
PROCESSING = "/usr/share/qgis/python/plugins"
DAY = QDate(2018, 3, 31)
LOT, ENTRY = "LS-KT01-08", "S-0240"
LINE = "LineString (509560 1274330, 509900 1274430)"
DIALOGS: dict[str, dict[str, Any]] = {
    "account": {"DAY": DAY},
    "lease": {"DAY": DAY, "LOT": LOT, "PROJECT_ID": "DA-054", "PART": 1.2},
    "split": {"DAY": DAY, "LOT": "LS-CN04-04", "LINE": LINE},
    "correct": {"DAY": DAY, "LOT": "LS-CN04-02", "CERTIFICATE_NO": "CT 1", "ENTRY": ENTRY},
    "send_back": {"PROJECT": "province.gpkg", "DRY_RUN": True},
}
SHOWN = ("parcels_on_day", "zones_on_day")


class Window:
    """The window of QGIS as the plugin knows it: a map, a bar for messages, room for panels."""

    def __init__(self) -> None:
        self.window, self.bar, self.canvas = QMainWindow(), QgsMessageBar(), QgsMapCanvas()
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.addWidget(self.bar)
        column.addWidget(self.canvas, 1)
        self.window.setCentralWidget(middle)

    def mainWindow(self) -> Any:  # noqa: N802
        return self.window

    def mapCanvas(self) -> Any:  # noqa: N802
        return self.canvas

    def messageBar(self) -> Any:  # noqa: N802
        return self.bar

    def addDockWidget(self, area: Any, dock: Any) -> None:  # noqa: N802
        self.window.addDockWidget(area, dock)

    def __getattr__(self, name: str) -> Any:
        return lambda *given: None


def main(package: str, language: str, folder: str) -> None:
    """Take the pictures."""
    sys.path[:0] = [str(ROOT / "plugin"), PROCESSING]
    from kcngeo_qgis.engine import settings
    from kcngeo_qgis.plugin import Plugin

    QgsSettings().setValue("kcngeo/language", language)
    settings.remember(way=settings.AUTO, program="")
    project = QgsProject.instance()
    if not project.read(package):
        raise SystemExit(package)
    window = Window()
    qgis.utils.iface = window
    plugin = Plugin(window)
    plugin.initGui()
    plugin.panel.day.setDate(DAY)
    window.window.resize(1292, 892)
    canvas = window.canvas
    shown = [one for one in map_layers(project) if one.isValid()]
    canvas.setDestinationCrs(project.crs())
    canvas.setLayers(shown)
    window.window.show()
    settle()
    zone = next(one for one in shown[-1].getFeatures() if one["zone_id"] == "loc-son")
    box = QgsRectangle(zone.geometry().boundingBox())
    box.scale(1.06)
    canvas.setExtent(box)
    canvas.refresh()
    canvas.waitWhileRendering()
    settle()
    window.window.grab().save(f"{folder}/window.png")
    for key, given in DIALOGS.items():
        dialog(key, given).save(f"{folder}/{key}.png")


def map_layers(project: Any) -> list[Any]:
    """Give the lots and, below them, the zones of the day."""
    held = project.mapLayers().values()
    return [one for name in SHOWN for one in held if one.source().endswith(f"={name}")]


def dialog(key: str, given: dict[str, Any]) -> Any:
    """Draw the dialog of an algorithm."""
    from processing.gui.AlgorithmDialog import AlgorithmDialog

    algorithm = QgsApplication.processingRegistry().createAlgorithmById(f"kcngeo:{key}")
    made = AlgorithmDialog(algorithm, False, None)
    made.setParameters(given)
    made.resize(640, 440)
    made.show()
    settle()
    picture = made.grab()
    made.close()
    return picture


def settle() -> None:
    """Let everything be drawn."""
    for _ in range(20):
        QgsApplication.processEvents()


if __name__ == "__main__":
    application = QgsApplication([], True)
    application.initQgis()
    main(*sys.argv[1:])
    sys.stdout.flush()
