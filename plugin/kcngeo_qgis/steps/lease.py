"""A lot is let, reserved, recovered or repurposed."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterNumber,
)

from kcngeo_qgis.algorithm import day_of, day_parameter, optional
from kcngeo_qgis.editing.plan import TENURES, Plan
from kcngeo_qgis.editing.tenure import lease
from kcngeo_qgis.live.package import Package
from kcngeo_qgis.steps.step import Made, StepAlgorithm, chosen_lot, table
from kcngeo_qgis.texts import text


class Lease(StepAlgorithm):
    """An entry begins."""

    key = "lease"

    def add_more(self) -> None:  # noqa: D102
        words = [text(f"status.{one}") for one in TENURES]
        self.addParameter(
            QgsProcessingParameterEnum("STATUS", text("ask.status"), words, defaultValue=0)
        )
        self.add_text("PROJECT_ID", "project_id")
        self.add_text("INVESTOR", "investor")
        self.add_text("DOCUMENT", "document")
        part = QgsProcessingParameterNumber(
            "PART", text("ask.part"), QgsProcessingParameterNumber.Double
        )
        part.setMinimum(0.0)
        self.addParameter(optional(part))
        until = day_parameter("UNTIL", "until")
        until.setDefaultValue(None)
        self.addParameter(optional(until))
        ends = QgsProcessingParameterBoolean("ENDS_RESERVATION", text("ask.ends_reservation"), True)
        self.addParameter(ends)

    def plan(self, package: Package, parameters: dict[str, Any], context: Any) -> Made:  # noqa: D102
        part = self.parameterAsDouble(parameters, "PART", context)
        made = lease(
            table(package, "parcels"),
            table(package, "ledger"),
            table(package, "projects") if "projects" in package.layers else None,
            lot_id=chosen_lot(package, self.said(parameters, "LOT", context)),
            day=day_of(self, parameters, context, "DAY"),
            status=TENURES[self.parameterAsEnum(parameters, "STATUS", context)],
            until=day_of(self, parameters, context, "UNTIL") or None,
            part_area_ha=part if parameters.get("PART") is not None and part > 0 else None,
            project_id=self.said(parameters, "PROJECT_ID", context),
            investor=self.said(parameters, "INVESTOR", context),
            document=self.said(parameters, "DOCUMENT", context),
            ends_reservation=self.parameterAsBoolean(parameters, "ENDS_RESERVATION", context),
        )
        return made, ()

    def title(self, plan: Plan, parameters: dict[str, Any], context: Any) -> str:  # noqa: D102
        lot = plan.added[-1][1]["parcel_id"]
        return f"kcngeo: {self.displayName()} {lot}"
