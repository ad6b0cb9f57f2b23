"""What is wrong in the tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kcngeo_qgis.questions.question import Question


class Check(Question):
    """Findings with their rows, places and what to do."""

    key = "check"
    package = "findings.gpkg"
    layers = ("finding_marks", "findings", "zones_on_day", "parcels_on_day")

    def words(  # noqa: D102
        self, project: str, day: str, folder: Path, parameters: dict[str, Any], context: Any
    ) -> list[str]:
        return ["check", project, "--on", day, "--out", str(folder), "--format", "csv"]
