"""A month: report, map, tables, charts, layers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import QgsProcessingOutputHtml

from kcngeo_qgis.questions.question import Question
from kcngeo_qgis.texts import text


class Month(Question):
    """The whole folder of the month of the day; its page opens with the results."""

    key = "month"
    package = "layers.gpkg"
    layers = ("finding_marks", "conflicts", "sites", "zones_on_day", "parcels_on_day")
    workbook = ""

    def add_more(self) -> None:  # noqa: D102
        self.addOutput(QgsProcessingOutputHtml("REPORT", text("ask.report")))

    def words(  # noqa: D102
        self, project: str, day: str, folder: Path, parameters: dict[str, Any], context: Any
    ) -> list[str]:
        return ["monthly", project, "--month", day[:7], "--out", str(folder)]

    def load(self, folder: Path, day: str, context: Any) -> dict[str, Any]:  # noqa: D102
        return {**super().load(folder, day, context), "REPORT": str(folder / "report.html")}
