"""Where kcngeo is and which language is spoken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qgis.core import QgsSettings
from qgis.gui import QgsCollapsibleGroupBox, QgsFileWidget
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QComboBox, QFormLayout, QLabel, QPushButton

from kcngeo_qgis.engine import calling, settings
from kcngeo_qgis.texts import LANGUAGES, SETTING, language, text


class SettingsBox(QgsCollapsibleGroupBox):
    """The settings; nothing is looked for until it is asked."""

    def __init__(self, renamed: Callable[[], None], parent: Any = None) -> None:
        super().__init__(text("panel.settings"), parent)
        self._renamed = renamed
        self.language = QComboBox()
        for one in LANGUAGES:
            self.language.addItem(text(f"language.{one}"), one)
        self.language.setCurrentIndex(LANGUAGES.index(language()))
        self.way = QComboBox()
        for one in settings.WAYS:
            self.way.addItem(text(f"way.{one}"), one)
        self.way.setCurrentIndex(settings.WAYS.index(settings.way()))
        self.program = QgsFileWidget()
        self.program.setFilePath(settings.program())
        self.found = QLabel()
        self.found.setWordWrap(True)
        # A path is data.
        self.found.setTextFormat(Qt.TextFormat.PlainText)
        look = QPushButton(text("panel.look"))
        look.clicked.connect(self.look)
        form = QFormLayout(self)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.addRow(text("panel.language"), self.language)
        form.addRow(text("panel.way"), self.way)
        form.addRow(text("panel.program"), self.program)
        form.addRow(look)
        form.addRow(self.found)
        self.language.activated.connect(self._speak)
        self.way.activated.connect(self._remember)
        self.program.fileChanged.connect(self._remember)

    def look(self) -> None:
        """Look for kcngeo, and say where it is or how to install it."""
        calling.look_again()
        found = calling.where()
        if found is None:
            said = text("say.install")
        elif found.program is None:
            said = text("panel.found_inside", version=found.version)
        else:
            said = text("panel.found", version=found.version, path=found.program)
        self.found.setText(said)

    def _remember(self) -> None:
        settings.remember(way=self.way.currentData(), program=self.program.filePath().strip())
        self.found.clear()

    def _speak(self) -> None:
        QgsSettings().setValue(SETTING, self.language.currentData())
        self._renamed()
