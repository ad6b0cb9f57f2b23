"""The panel beside the map."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from qgis.core import QgsProject
from qgis.gui import QgsDockWidget
from qgis.PyQt.QtCore import QDate, Qt
from qgis.PyQt.QtWidgets import (
    QDateEdit,
    QFormLayout,
    QGridLayout,
    QGroupBox,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from kcngeo_qgis.live.package import packages
from kcngeo_qgis.panel.deeds import Deeds
from kcngeo_qgis.panel.settings_box import SettingsBox
from kcngeo_qgis.questions import QUESTIONS
from kcngeo_qgis.texts import text

_COLUMNS = 2
_STEPS = ("split", "merge", "lease", "hand_back", "correct")


class Panel(QgsDockWidget):
    """Questions, steps, the way home, settings."""

    def __init__(self, deeds: Deeds, parent: Any = None) -> None:
        super().__init__("kcngeo", parent)
        self.setObjectName("kcngeo_panel")
        self._deeds = deeds
        self._changed = QgsProject.instance()
        self.buttons: dict[str, QPushButton] = {}
        self.day = QDateEdit(QDate.currentDate())
        self.package = QLabel()
        self.build()
        for signal in (self._changed.layersAdded, self._changed.layersRemoved):
            signal.connect(self.show_package)

    def build(self) -> None:
        """Make everything anew, in the language of now."""
        day = self.day.date()
        self.day = QDateEdit(day)
        self.day.setCalendarPopup(True)
        self.package = QLabel()
        self.package.setWordWrap(True)
        # A name of a file is data.
        self.package.setTextFormat(Qt.TextFormat.PlainText)
        self.buttons = {}
        inner = QWidget()
        column = QVBoxLayout(inner)
        head = QFormLayout()
        head.addRow(text("panel.package"), self.package)
        head.addRow(text("ask.day"), self.day)
        column.addLayout(head)
        column.addWidget(self._box("group.questions", self._questions()))
        column.addWidget(self._box("group.steps", self._steps()))
        column.addWidget(self._box("panel.home", self._home()))
        self.settings = SettingsBox(self.build)
        column.addWidget(self.settings)
        column.addStretch()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inner)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        bar = area.verticalScrollBar().sizeHint().width()
        area.setMinimumWidth(inner.minimumSizeHint().width() + bar)
        self.setWidget(area)
        self.show_package()

    def show_package(self, *_: Any) -> None:
        """Say which package is open."""
        found = packages(QgsProject.instance())
        names = ", ".join(one.path.name for one in found)
        self.package.setText(names or text("panel.no_package"))
        for key in (*_STEPS, "undo", "save", "try", "send_back"):
            self.buttons[key].setEnabled(len(found) == 1)

    def given(self) -> dict[str, Any]:
        """Give what every dialog knows already."""
        return {"DAY": self.day.date()}

    def stop(self) -> None:
        """Listen to nothing any more."""
        for signal in (self._changed.layersAdded, self._changed.layersRemoved):
            signal.disconnect(self.show_package)

    def _questions(self) -> list[tuple[str, str, Callable[[], None]]]:
        return [(one.key, f"name.{one.key}", partial(self._open, one.key)) for one in QUESTIONS]

    def _steps(self) -> list[tuple[str, str, Callable[[], None]]]:
        made = [("split", "name.split", lambda: self._deeds.draw_cut(self.given()))]
        made += [(one, f"name.{one}", partial(self._open, one)) for one in _STEPS[1:]]
        made += [("undo", "panel.undo", self._deeds.undo), ("save", "panel.save", self._deeds.save)]
        return made

    def _home(self) -> list[tuple[str, str, Callable[[], None]]]:
        def send(*, is_tried: bool) -> None:
            self._deeds.open_dialog("send_back", {"DRY_RUN": is_tried})

        return [
            ("bring_in", "panel.bring_in", lambda: self._deeds.open_dialog("bring_in", {})),
            ("try", "panel.try", lambda: send(is_tried=True)),
            ("send_back", "panel.send_back", lambda: send(is_tried=False)),
        ]

    def _open(self, key: str) -> None:
        self._deeds.open_dialog(key, self.given())

    def _box(self, title: str, made: list[tuple[str, str, Callable[[], None]]]) -> QGroupBox:
        box = QGroupBox(text(title))
        grid = QGridLayout(box)
        for place, (key, words, deed) in enumerate(made):
            button = QPushButton(text(words))
            button.clicked.connect(lambda _=False, deed=deed: deed())
            self.buttons[key] = button
            grid.addWidget(button, place // _COLUMNS, place % _COLUMNS)
        return box
