"""Who can take so many hectares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import QgsProcessingParameterNumber

from kcngeo_qgis.algorithm import optional
from kcngeo_qgis.questions.question import Question
from kcngeo_qgis.texts import text

_DOUBLE = QgsProcessingParameterNumber.Double


class Sites(Question):
    """Land that can be assembled, and why other land falls out."""

    key = "sites"
    package = "sites.gpkg"
    layers: tuple[str, ...] = (
        "sites",
        "rejected",
        "developable_land",
        "zones_on_day",
        "parcels_on_day",
    )
    least_ha = 5.0

    def add_more(self) -> None:  # noqa: D102
        for name, default in (("AREA", self.least_ha), ("WIDTH", None), ("FRONTAGE", None)):
            one = QgsProcessingParameterNumber(name, text(f"ask.{name.lower()}"), _DOUBLE, default)
            one.setMinimum(0.0)
            self.addParameter(one if name == "AREA" else optional(one))

    def words(  # noqa: D102
        self, project: str, day: str, folder: Path, parameters: dict[str, Any], context: Any
    ) -> list[str]:
        said = ["sites", project, "--on", day, "--out", str(folder)]
        for name, option in (
            ("AREA", "--min-area"),
            ("WIDTH", "--min-width"),
            ("FRONTAGE", "--min-frontage"),
        ):
            value = self.parameterAsDouble(parameters, name, context)
            if parameters.get(name) is not None or name == "AREA":
                said += [option, repr(value)]
        return said
