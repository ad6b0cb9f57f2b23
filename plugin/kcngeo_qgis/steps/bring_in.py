"""A drawing, a layer or a table of corners comes into a project."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputBoolean,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterCrs,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
)

from kcngeo_qgis.algorithm import Algorithm, ask, optional, place_of, project_parameter
from kcngeo_qgis.texts import language, text

# What is said of every lot, by the option that says it.
_SAID = {"ZONE": "zone", "USE": "land-use"}
_SWITCHES = {"LINES": "lots-from-lines", "SWAP": "swap-axes", "DRY_RUN": "dry-run"}


class BringIn(Algorithm):
    """Record the lots of a file in a project; what is refused says which option is missing."""

    key = "bring_in"
    group_key = "steps"
    writes_home = True

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Ask for the file, the project, and what the file does not say."""
        self.addParameter(QgsProcessingParameterFile("SOURCE", text("ask.source")))
        self.addParameter(project_parameter("into"))
        for name in _SAID:
            words = QgsProcessingParameterString(name, text(f"ask.{name.lower()}_of_all"))
            self.addParameter(optional(words))
        self.addParameter(optional(QgsProcessingParameterCrs("CRS", text("ask.crs"))))
        for name in _SWITCHES:
            key = f"ask.{name.lower()}"
            self.addParameter(QgsProcessingParameterBoolean(name, text(key), False))
        self.addOutput(QgsProcessingOutputBoolean("RECORDED", text("ask.recorded")))

    def processAlgorithm(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        """Import it."""
        source = place_of(self.parameterAsString(parameters, "SOURCE", context))
        into = place_of(self.parameterAsString(parameters, "PROJECT", context))
        words = ["import", source, "--into", into, "--language", language()]
        for name, option in _SAID.items():
            said = self.parameterAsString(parameters, name, context).strip()
            words += [f"--{option}", said] if said else []
        crs = self.parameterAsCrs(parameters, "CRS", context)
        words += ["--crs", crs.authid()] if crs.isValid() else []
        switches = {name: self.parameterAsBoolean(parameters, name, context) for name in _SWITCHES}
        words += [f"--{_SWITCHES[name]}" for name, is_on in switches.items() if is_on]
        done = ask(words, feedback)
        return {"RECORDED": done.code == 0 and not switches["DRY_RUN"]}
