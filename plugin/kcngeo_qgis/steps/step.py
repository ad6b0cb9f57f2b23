"""A step: it works its plan out, writes it to the open layers, and can be undone at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qgis.core import (
    QgsGeometry,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputString,
    QgsProcessingParameterString,
    QgsProject,
)

from kcngeo_qgis.algorithm import Algorithm, day_parameter, optional
from kcngeo_qgis.editing.layers import NotWrittenError, rows, write
from kcngeo_qgis.editing.plan import FID, Plan, RefusedError, Row
from kcngeo_qgis.live.package import NoPackageError, Package, the_package
from kcngeo_qgis.texts import text

_COLUMNS = {
    "parcels": ("parcel_id", "zone_id", "land_use", "valid_from", "valid_to"),
    "ledger": ("parcel_id", "status", "valid_from", "valid_to"),
    "projects": ("project_id",),
}
Made = tuple[Plan, Sequence[QgsGeometry]]


class StepAlgorithm(Algorithm):
    """An algorithm that edits lots and ledger of the open package."""

    group_key = "steps"

    def flags(self) -> Any:
        """Run where the layers are: they may be edited in the thread of the window alone."""
        return super().flags() | QgsProcessingAlgorithm.FlagNoThreading

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Ask for the lot, the day, and what the step needs."""
        self.add_lot()
        self.addParameter(day_parameter())
        self.add_more()
        self.addOutput(QgsProcessingOutputString("STEP", text("ask.step")))

    def add_lot(self) -> None:
        """Ask for a lot; the selected one unless said."""
        self.add_text("LOT", "lot")

    def add_more(self) -> None:
        """Add the parameters of this step."""

    def add_text(self, name: str, key: str) -> None:
        """Ask for a text that may be left out."""
        self.addParameter(optional(QgsProcessingParameterString(name, text(f"ask.{key}"))))

    def said(self, parameters: dict[str, Any], name: str, context: Any) -> str | None:
        """Give a text that was said; None if it was left out."""
        return str(self.parameterAsString(parameters, name, context)).strip() or None

    def processAlgorithm(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        """Work the step out and write it."""
        try:
            package = the_package(context.project() or QgsProject.instance())
            plan, shapes = self.plan(package, parameters, context)
            title = self.title(plan, parameters, context)
            write(plan, package, title=title, shapes=shapes)
        except NoPackageError as error:
            raise QgsProcessingException(text(f"say.{error.key}", **error.fields)) from error
        except RefusedError as error:
            raise QgsProcessingException(text(f"refuse.{error.key}", **error.fields)) from error
        except NotWrittenError as error:
            raise QgsProcessingException(text("say.not_written", layer=error)) from error
        feedback.pushInfo(text("say.step", title=title))
        return {"STEP": title}

    def plan(self, package: Package, parameters: dict[str, Any], context: Any) -> Made:
        """Work out what is to be written."""
        raise NotImplementedError

    def title(self, plan: Plan, parameters: dict[str, Any], context: Any) -> str:
        """Name the step in the list of what can be undone."""
        ids = [values["parcel_id"] for table, values, _ in plan.added if table == "parcels"]
        return f"kcngeo: {self.displayName()} {', '.join(ids)}".rstrip()


def table(package: Package, name: str) -> list[Row]:
    """Give the rows of a table, as it is edited now."""
    held = {field.name() for field in package.main(name).fields()}
    absent = [one for one in _COLUMNS.get(name, ()) if one not in held]
    if absent:
        raise RefusedError("no_column", table=name, names=", ".join(absent))
    return rows(package, name)


def chosen_lots(package: Package, said: str | None) -> list[str]:
    """Give the lots that are meant: those that were said, else those that are selected."""
    if said:
        return [one.strip() for one in said.replace(";", ",").split(",") if one.strip()]
    selected = (one for layer in package.layers["parcels"] for one in layer.selectedFeatures())
    return list(dict.fromkeys(str(one["parcel_id"]) for one in selected))


def chosen_lot(package: Package, said: str | None) -> str:
    """Give the one lot that is meant."""
    found = [said] if said else chosen_lots(package, None)
    if len(found) != 1:
        raise RefusedError("one_lot", count=len(found))
    return found[0]


def shape_of(package: Package, lot: Row) -> QgsGeometry:
    """Give the shape of a version of a lot."""
    layer_id, fid = lot[FID] or ("", 0)
    for layer in package.layers["parcels"]:
        shape = layer.getFeature(fid).geometry()
        if layer.id() == layer_id and not shape.isEmpty():
            return QgsGeometry(shape)
    raise RefusedError("no_shape", lot=lot["parcel_id"])
