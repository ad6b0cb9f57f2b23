"""What every algorithm of the plugin shares: its words, and how kcngeo is called from it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterDateTime,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFile,
    QgsProcessingParameters,
)
from qgis.PyQt.QtCore import QDate
from qgis.PyQt.QtGui import QIcon

from kcngeo_qgis import engine
from kcngeo_qgis.texts import text

ICON = Path(__file__).with_name("icon.svg")
_REFUSED = 2
_MOST_LETTERS = 4000


class Algorithm(QgsProcessingAlgorithm):
    """An algorithm with its words in the table of texts under its name."""

    key = ""
    group_key = "questions"
    writes_home = False
    """Whether it writes to somebody's project: it is then left out of models."""

    def flags(self) -> Any:
        """Say where it may stand and run."""
        hidden = QgsProcessingAlgorithm.FlagHideFromModeler
        return super().flags() | hidden if self.writes_home else super().flags()

    def createInstance(self) -> Algorithm:
        """Make another one."""
        return type(self)()

    def name(self) -> str:
        """Give the id."""
        return self.key

    def displayName(self) -> str:
        """Give the name."""
        return text(f"name.{self.key}")

    def group(self) -> str:
        """Name the group."""
        return text(f"group.{self.group_key}")

    def groupId(self) -> str:
        """Give the id of the group."""
        return self.group_key

    def shortHelpString(self) -> str:
        """Say what it does."""
        return text(f"help.{self.key}")

    def icon(self) -> QIcon:
        """Show the icon of the plugin."""
        return QIcon(str(ICON))


def optional(parameter: QgsProcessingParameterDefinition) -> QgsProcessingParameterDefinition:
    """Let a parameter be left out."""
    parameter.setFlags(parameter.flags() | QgsProcessingParameterDefinition.FlagOptional)
    return parameter


def project_parameter(key: str) -> QgsProcessingParameterFile:
    """Ask for a project: a file is chosen, a folder or an address typed."""
    parameter = QgsProcessingParameterFile("PROJECT", text(f"ask.{key}"))
    # Unless told otherwise QGIS refuses a name without a dot.
    parameter.setFileFilter("GeoPackage (*.gpkg);;* (*)")
    return parameter


def day_parameter(name: str = "DAY", key: str = "day") -> QgsProcessingParameterDateTime:
    """Ask for a day; today unless said."""
    today = QDate.currentDate()
    date = QgsProcessingParameterDateTime.Date
    return QgsProcessingParameterDateTime(name, text(f"ask.{key}"), date, defaultValue=today)


def day_of(algorithm: Algorithm, parameters: dict[str, Any], context: Any, name: str) -> str:
    """Give the day that was asked, as 2018-03-31; empty if it was left out."""
    definition = algorithm.parameterDefinition(name)
    date = QgsProcessingParameters.parameterAsDate(definition, parameters, context)
    return str(date.toString("yyyy-MM-dd")) if date.isValid() else ""


def place_of(said: str) -> str:
    """Give a path that was typed as a whole one: kcngeo may run elsewhere; an address stays."""
    typed = said.strip()
    if not typed or "://" in typed:
        return typed
    return str(Path(typed).expanduser().absolute())


def ask(arguments: Sequence[str], feedback: QgsProcessingFeedback) -> engine.Done:
    """Call kcngeo, pass on what it tells, and refuse what it refuses."""
    done = tell(arguments, feedback)
    if done.code >= _REFUSED:
        raise refused(done)
    return done


def refused(done: engine.Done) -> QgsProcessingException:
    """Say in the words of kcngeo why it did not do it."""
    return QgsProcessingException(done.told.strip()[-_MOST_LETTERS:] or text("say.failed"))


def tell(arguments: Sequence[str], feedback: QgsProcessingFeedback) -> engine.Done:
    """Call kcngeo and pass on what it tells."""
    try:
        return engine.call(arguments, say=feedback.pushInfo, is_stopped=feedback.isCanceled)
    except engine.NotInstalledError as error:
        raise QgsProcessingException(text("say.install")) from error
    except engine.StoppedError as error:
        raise QgsProcessingException(text("say.stopped")) from error
