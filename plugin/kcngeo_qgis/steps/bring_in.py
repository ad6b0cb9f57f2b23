"""A drawing, a layer or a table of corners comes into a project."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputBoolean,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterCrs,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
)

from kcngeo_qgis.algorithm import Algorithm, ask, optional, place_of, project_parameter
from kcngeo_qgis.steps.correct import USES
from kcngeo_qgis.texts import language, text

_SWITCHES = {"LINES": "lots-from-lines", "SWAP": "swap-axes", "TRY": "dry-run"}


class BringIn(Algorithm):
    """Record the lots of a file in a project; what is refused says which option is missing."""

    key = "bring_in"
    group_key = "steps"
    writes_home = True

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Ask for the file, the project, and what the file does not say."""
        self.addParameter(QgsProcessingParameterFile("SOURCE", text("ask.source")))
        self.addParameter(project_parameter("into"))
        zone = QgsProcessingParameterString("ZONE", text("ask.zone_of_all"))
        words = [text(f"use.{one}") for one in USES]
        use = QgsProcessingParameterEnum("USE", text("ask.use_of_all"), words)
        self.addParameter(optional(zone))
        self.addParameter(optional(use))
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
        zone = self.parameterAsString(parameters, "ZONE", context).strip()
        words += ["--zone", zone] if zone else []
        if parameters.get("USE") is not None:
            words += ["--land-use", USES[self.parameterAsEnum(parameters, "USE", context)]]
        crs = self.parameterAsCrs(parameters, "CRS", context)
        words += ["--crs", crs.authid()] if crs.isValid() else []
        switches = {name: self.parameterAsBoolean(parameters, name, context) for name in _SWITCHES}
        words += [f"--{_SWITCHES[name]}" for name, is_on in switches.items() if is_on]
        done = ask(words, feedback)
        return {"RECORDED": done.code == 0 and not switches["TRY"]}
