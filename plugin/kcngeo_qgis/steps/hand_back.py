"""A lot is handed back."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessingParameterEnum

from kcngeo_qgis.algorithm import day_of
from kcngeo_qgis.editing.plan import TENURES, Plan
from kcngeo_qgis.editing.tenure import hand_back
from kcngeo_qgis.live.package import Package
from kcngeo_qgis.steps.step import Made, StepAlgorithm, chosen_lot, table
from kcngeo_qgis.texts import text


class HandBack(StepAlgorithm):
    """An entry ends."""

    key = "hand_back"

    def add_more(self) -> None:  # noqa: D102
        self.add_text("ENTRY", "which_entry")
        words = [text("status.nothing"), *(text(f"status.{one}") for one in TENURES[1:])]
        self.addParameter(
            QgsProcessingParameterEnum("AFTER", text("ask.after"), words, defaultValue=0)
        )

    def plan(self, package: Package, parameters: dict[str, Any], context: Any) -> Made:  # noqa: D102
        after = self.parameterAsEnum(parameters, "AFTER", context)
        made = hand_back(
            table(package, "ledger"),
            lot_id=chosen_lot(package, self.said(parameters, "LOT", context)),
            day=day_of(self, parameters, context, "DAY"),
            entry_id=self.said(parameters, "ENTRY", context),
            after=TENURES[after] if after else None,
        )
        return made, ()

    def title(self, plan: Plan, parameters: dict[str, Any], context: Any) -> str:  # noqa: D102
        lot = self.said(parameters, "LOT", context) or ""
        return f"kcngeo: {self.displayName()} {lot}".rstrip()
