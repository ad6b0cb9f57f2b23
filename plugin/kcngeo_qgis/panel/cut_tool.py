"""A line is drawn across a lot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qgis.core import QgsGeometry, QgsPointXY, QgsWkbTypes
from qgis.gui import QgsMapTool, QgsRubberBand
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor

_COLOUR = "#cc5a1e"
_WIDTH = 2
_LEAST = 2


class CutTool(QgsMapTool):
    """The left button adds a point, snapped as the project says; the right one ends the line."""

    def __init__(self, canvas: Any, done: Callable[[QgsGeometry], None]) -> None:
        super().__init__(canvas)
        self._done = done
        self._points: list[QgsPointXY] = []
        self._band = QgsRubberBand(canvas, QgsWkbTypes.LineGeometry)
        self._band.setColor(QColor(_COLOUR))
        self._band.setWidth(_WIDTH)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def canvasReleaseEvent(self, event: Any) -> None:
        """Take a click."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._points.append(self._place(event))
            self._band.setToGeometry(QgsGeometry.fromPolylineXY([*self._points, self._points[-1]]))
        elif event.button() == Qt.MouseButton.RightButton:
            points, self._points = self._points, []
            self._band.reset(QgsWkbTypes.LineGeometry)
            if len(points) >= _LEAST:
                self._done(QgsGeometry.fromPolylineXY(points))

    def canvasMoveEvent(self, event: Any) -> None:
        """Show where the line would go."""
        if self._points:
            moved = [*self._points, self._place(event)]
            self._band.setToGeometry(QgsGeometry.fromPolylineXY(moved))

    def keyPressEvent(self, event: Any) -> None:
        """Begin again with Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self._points = []
            self._band.reset(QgsWkbTypes.LineGeometry)

    def deactivate(self) -> None:
        """Leave nothing on the map."""
        self._points = []
        self._band.reset(QgsWkbTypes.LineGeometry)
        super().deactivate()

    def _place(self, event: Any) -> QgsPointXY:
        match = self.canvas().snappingUtils().snapToMap(event.pos())
        return match.point() if match.isValid() else self.toMapCoordinates(event.pos())
