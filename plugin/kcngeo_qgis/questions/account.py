"""The land account of every zone on a day."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kcngeo_qgis.questions.question import Question


class Account(Question):
    """What is let, reserved, not cleared, free; zones and lots coloured by it."""

    key = "account"
    package = "layers.gpkg"
    layers = ("zones_on_day", "parcels_on_day")

    def words(  # noqa: D102
        self, project: str, day: str, folder: Path, parameters: dict[str, Any], context: Any
    ) -> list[str]:
        return ["qgis", project, "--on", day, "--out", str(folder)]
