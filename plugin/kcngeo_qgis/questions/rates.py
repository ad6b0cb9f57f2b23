"""Fill rates month by month, by every definition."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kcngeo_qgis.algorithm import day_of, day_parameter, optional
from kcngeo_qgis.loading import load_csv
from kcngeo_qgis.questions.question import Question


class Rates(Question):
    """The series of rates up to the month of the day."""

    key = "rates"

    def add_more(self) -> None:  # noqa: D102
        start = day_parameter("START", "start")
        start.setDefaultValue(None)
        self.addParameter(optional(start))

    def words(  # noqa: D102
        self, project: str, day: str, folder: Path, parameters: dict[str, Any], context: Any
    ) -> list[str]:
        start = day_of(self, parameters, context, "START")
        return ["series", project, "--month", day[:7], *(["--start", start] if start else [])]

    def keep(self, printed: str, folder: Path) -> None:  # noqa: D102
        folder.mkdir(exist_ok=True)
        (folder / "rates.csv").write_text(printed, encoding="utf-8")

    def load(self, folder: Path, day: str, context: Any) -> dict[str, Any]:  # noqa: D102
        title = f"{self.displayName()} {day[:7]}"
        return {"rates": load_csv(folder / "rates.csv", title, context)}
