"""Runs in the window of QGIS: a zone is taken through a year by the panel, its dialogs, the mouse.

`year_sheet.py` starts QGIS with it; what is to be done stands in the file KCNGEO_YEAR names.
"""

from __future__ import annotations

import json
import os
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from processing.gui.AlgorithmDialog import AlgorithmDialog
from qgis.core import QgsApplication, QgsPointXY, QgsProject, QgsRectangle
from qgis.PyQt.QtCore import QDate, QPoint, Qt, QTimer
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QDockWidget, QToolBar
from qgis.utils import iface, plugins

GIVEN = json.loads(Path(os.environ["KCNGEO_YEAR"]).read_text(encoding="utf-8"))
FOLDER = Path(GIVEN["folder"])
WAIT_S = 240
# Of the lots, in metres of the grid.
LOTS = QgsRectangle(*GIVEN["lots"])
GREEN = 2
DOCKS = ("Layers", "kcngeo_panel")


def year() -> None:
    """Do everything a person does in a year, and take pictures."""
    panel = plugins["kcngeo_qgis"].panel
    arranged()
    shared = {"PROJECT": GIVEN["home"], "ZONE": "A", "CRS": "EPSG:5899"}
    asked(panel, "bring_in", {"SOURCE": GIVEN["drawing"], "LINES": True, "USE": 0, **shared}, "in")
    asked(panel, "bring_in", {"SOURCE": GIVEN["corners"], **shared})
    packages = {}
    for name in ("mine", "hers"):
        place = {"PROJECT": GIVEN["home"], "OUT": name}
        told = asked(panel, "account", place, day="2018-01-01")
        packages[name] = str(Path(told["FOLDER"]) / "layers.qgz")
    home = {"PROJECT": GIVEN["home"], "OUT": "out"}
    opened(packages["hers"])
    asked(panel, "lease", {"LOT": "CN-6"}, day="2018-06-01")
    panel.buttons["save"].click()
    asked(panel, "send_back", home)
    opened(packages["mine"])
    asked(panel, "lease", {"LOT": "CN-1"}, day="2018-02-01")
    investor = {"LOT": "CN-2", "PROJECT_ID": "DA-1", "INVESTOR": GIVEN["investor"]}
    asked(panel, "lease", investor, day="2018-03-01")
    asked(panel, "lease", {"LOT": "CN-4", "PART": 0.5}, day="2018-04-01")
    panel.day.setDate(QDate(2018, 5, 1))
    when_dialog({"LOT": "CN-5"}, None)
    cut(panel)
    pause(2)
    asked(panel, "hand_back", {"LOT": "CN-1"}, day="2018-09-01")
    asked(panel, "correct", {"LOT": "CN-3", "LAND_USE": GREEN}, day="2018-10-01")
    panel.buttons["save"].click()
    asked(panel, "send_back", home, "home")
    QgsProject.instance().clear()
    asked(panel, "month", home, day="2018-12-31")
    seen(LOTS)
    taken("month")


def arranged() -> None:
    """Let the window fill the screen, with the panel, the layers and the map."""
    window = iface.mainWindow()
    window.showMaximized()
    for dock in window.findChildren(QDockWidget):
        dock.setVisible(dock.objectName() in DOCKS)
    # Much in a picture, and nothing of ours.
    for bar in window.findChildren(QToolBar):
        bar.hide()
    pause(1)


def asked(
    panel: Any, key: str, given: dict[str, Any], picture: str | None = None, day: str | None = None
) -> dict[str, Any]:
    """Press a button of the panel, fill its dialog in, run it; give what it returned."""
    if day is not None:
        panel.day.setDate(QDate.fromString(day, Qt.DateFormat.ISODate))
    told = when_dialog(given, picture)
    panel.buttons[key].click()
    return told


def when_dialog(given: dict[str, Any], picture: str | None) -> dict[str, Any]:
    """Fill in the dialog that is about to open; it waits for an answer, so this runs within it."""
    told: dict[str, Any] = {}

    def filled() -> None:
        shown = [one for one in QgsApplication.topLevelWidgets() if one.isVisible()]
        dialog = next((one for one in shown if isinstance(one, AlgorithmDialog)), None)
        if dialog is None:
            QTimer.singleShot(100, filled)
            return
        try:
            dialog.setParameters(given)
            dialog.resize(720, 520)
            pause(0.5)
            dialog.algorithmFinished.connect(lambda is_done, found: told.update(found, ok=is_done))
            dialog.runButton().click()
            until(lambda: "ok" in told)
            pause(0.5)
            if picture:
                taken(picture)
            if not told["ok"]:
                raise RuntimeError("it was refused")
        except Exception:
            failed()
        dialog.close()

    QTimer.singleShot(100, filled)
    return told


def cut(panel: Any) -> None:
    """Draw the line of a split on the map by the mouse."""
    canvas = iface.mapCanvas()
    panel.buttons["split"].click()
    pause(0.5)
    spots = []
    for place in GIVEN["cut"]:
        at = canvas.getCoordinateTransform().transform(QgsPointXY(*place))
        spots.append(QPoint(round(at.x()), round(at.y())))
    port = canvas.viewport()
    for spot in spots:
        QTest.mouseMove(port, spot)
        QTest.mouseClick(port, Qt.LeftButton, Qt.NoModifier, spot)
    QTest.mouseMove(port, spots[-1] + QPoint(2, 2))
    pause(0.5)
    taken("line")
    QTest.mouseClick(port, Qt.RightButton, Qt.NoModifier, spots[-1])


def opened(package: str) -> None:
    """Open a package at its theme for editing."""
    project = QgsProject.instance()
    if not project.read(package):
        raise RuntimeError(package)
    model = iface.layerTreeView().layerTreeModel()
    project.mapThemeCollection().applyTheme(GIVEN["theme"], model.rootGroup(), model)
    seen(LOTS)


def seen(box: Any) -> None:
    """Show a part of the map, and no messages of before."""
    window = iface.mainWindow()
    docks = [window.findChild(QDockWidget, name) for name in DOCKS]
    window.resizeDocks(docks, [280, 300], Qt.Horizontal)
    iface.messageBar().clearWidgets()
    canvas = iface.mapCanvas()
    canvas.setExtent(box)
    canvas.refresh()
    pause(1)
    canvas.waitWhileRendering()
    pause(1)


def taken(name: str) -> None:
    """Take a picture of the screen."""
    pause(0.5)
    QgsApplication.primaryScreen().grabWindow(0).save(str(FOLDER / f"{name}.png"))


def until(is_so: Callable[[], bool]) -> None:
    """Let QGIS work until something is so."""
    end = time.monotonic() + WAIT_S
    while not is_so():
        if time.monotonic() > end:
            raise RuntimeError("it took too long")
        QTest.qWait(50)


def pause(seconds: float) -> None:
    """Let QGIS draw."""
    QTest.qWait(round(seconds * 1000))


def failed() -> None:
    """Say what went wrong, and end."""
    (FOLDER / "failed.txt").write_text(traceback.format_exc(), encoding="utf-8")
    taken("failed")
    os._exit(1)


def begin() -> None:
    """Start once the window is there."""
    try:
        year()
    except Exception:
        failed()
    # What is open is not to be asked about.
    os._exit(0)


QTimer.singleShot(3000, begin)
