"""A lot is split along a line."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsGeometry, QgsProcessingParameterGeometry

from kcngeo_qgis.algorithm import day_of
from kcngeo_qgis.editing.plan import RefusedError, lot_on
from kcngeo_qgis.editing.splitting import split
from kcngeo_qgis.live.package import Package
from kcngeo_qgis.steps.step import Made, StepAlgorithm, chosen_lot, shape_of, table
from kcngeo_qgis.texts import text


class Split(StepAlgorithm):
    """The old lot ends, its pieces begin, its entries go on in them."""

    key = "split"

    def add_more(self) -> None:  # noqa: D102
        self.addParameter(QgsProcessingParameterGeometry("LINE", text("ask.line")))
        self.add_text("CHILDREN", "children")
        self.add_text("PARTS", "parts")

    def plan(self, package: Package, parameters: dict[str, Any], context: Any) -> Made:  # noqa: D102
        lots, day = table(package, "parcels"), day_of(self, parameters, context, "DAY")
        lot_id = chosen_lot(package, self.said(parameters, "LOT", context))
        crs = package.main("parcels").crs()
        line = self.parameterAsGeometry(parameters, "LINE", context, crs)
        shape = shape_of(package, lot_on(lots, lot_id, day))
        pieces = cut(shape, line, lot_id)
        children = self.said(parameters, "CHILDREN", context)
        made = split(
            lots,
            table(package, "ledger"),
            lot_id=lot_id,
            day=day,
            pieces=len(pieces),
            children=[one.strip() for one in (children or "").split(",") if one.strip()],
            parts=_parts(self.said(parameters, "PARTS", context)),
        )
        return made, pieces


def cut(shape: QgsGeometry, line: QgsGeometry, lot_id: str) -> list[QgsGeometry]:
    """Cut a shape along a line; the pieces from west to east, then from south to north."""
    points = list(line.vertices())
    first = QgsGeometry(shape)
    _, others, _ = first.splitGeometry(points, False)
    if len(points) < 2 or not others:
        raise RefusedError("not_cut", lot=lot_id)

    def place(piece: QgsGeometry) -> tuple[float, float]:
        middle = piece.pointOnSurface().asPoint()
        return (middle.x(), middle.y())

    return sorted([first, *others], key=place)


def _parts(said: str | None) -> dict[str, str]:
    """Read in which piece entries of so many hectares go on: a lot, or entry=lot, entry=lot."""
    found = {}
    for one in (said or "").replace(";", ",").split(","):
        entry, _, lot = one.rpartition("=")
        if lot.strip():
            found[entry.strip()] = lot.strip()
    return found
