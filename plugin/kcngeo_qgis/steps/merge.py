"""Lots are merged."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsGeometry, QgsProcessingParameterString

from kcngeo_qgis.algorithm import day_of
from kcngeo_qgis.editing.merging import merge
from kcngeo_qgis.editing.plan import RefusedError, lot_on
from kcngeo_qgis.live.package import Package
from kcngeo_qgis.steps.step import Made, StepAlgorithm, chosen_lots, shape_of, table
from kcngeo_qgis.texts import text


class Merge(StepAlgorithm):
    """The old lots end, one begins, their entries go on in it."""

    key = "merge"

    def add_lot(self) -> None:  # noqa: D102
        self.add_text("LOTS", "lots")
        self.addParameter(QgsProcessingParameterString("NEW", text("ask.new_lot")))

    def add_more(self) -> None:  # noqa: D102
        self.add_text("DOCUMENT", "document")

    def plan(self, package: Package, parameters: dict[str, Any], context: Any) -> Made:  # noqa: D102
        lots, day = table(package, "parcels"), day_of(self, parameters, context, "DAY")
        ids = chosen_lots(package, self.said(parameters, "LOTS", context))
        made = merge(
            lots,
            table(package, "ledger"),
            lot_ids=ids,
            new_lot=self.said(parameters, "NEW", context) or "",
            day=day,
            document=self.said(parameters, "DOCUMENT", context),
        )
        shapes = [shape_of(package, lot_on(lots, one, day)) for one in ids]
        whole = QgsGeometry.unaryUnion(shapes)
        if whole.isEmpty() or len(whole.asGeometryCollection()) != 1:
            raise RefusedError("apart", names=", ".join(ids))
        return made, [whole]
