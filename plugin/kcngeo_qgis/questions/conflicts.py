"""What stands nearer to homes, green and works than a rule allows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kcngeo_qgis.questions.question import Question


class Conflicts(Question):
    """Conflicts with their distances, and the worst class a free lot may take."""

    key = "conflicts"
    package = "conflicts.gpkg"
    layers = (
        *("conflict_lines", "conflicts", "emitters_on_day", "receptors_on_day", "lots"),
        *("zones_on_day", "parcels_on_day"),
    )

    def words(  # noqa: D102
        self, project: str, day: str, folder: Path, parameters: dict[str, Any], context: Any
    ) -> list[str]:
        return ["conflicts", project, "--on", day, "--out", str(folder)]
