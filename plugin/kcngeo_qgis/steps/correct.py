"""What a lot or an entry says is put right."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessingParameterEnum, QgsProcessingParameterNumber

from kcngeo_qgis.algorithm import day_of, day_parameter, optional
from kcngeo_qgis.editing.correcting import correct
from kcngeo_qgis.editing.plan import TENURES, Plan
from kcngeo_qgis.live.package import Package
from kcngeo_qgis.steps.step import Made, StepAlgorithm, chosen_lot, table
from kcngeo_qgis.texts import text

USES = ("industrial", "service", "green", "transport", "technical", "housing", "water", "other")
STATUSES = (*TENURES, "uncleared")
LOT_TEXTS = ("lot_code", "certificate_no")
LOT_NUMBERS = ("certificate_area_m2",)
ENTRY_TEXTS = ("project_id", "document")
ENTRY_NUMBERS = ("part_area_ha",)
ENTRY_DAYS = ("valid_from", "valid_to")
EMPTIED = ("certificate_no", "certificate_area_m2", *ENTRY_TEXTS, "part_area_ha", "valid_to")
_OF_THE_LOT = {"land_use", *LOT_TEXTS, *LOT_NUMBERS}


class Correct(StepAlgorithm):
    """What was entered wrong is replaced; what was known before stays on record."""

    key = "correct"

    def add_more(self) -> None:  # noqa: D102
        self._add_choice("land_use", "use", USES)
        for name in LOT_TEXTS:
            self.add_text(name.upper(), name)
        self._add_numbers(LOT_NUMBERS)
        self.add_text("ENTRY", "entry")
        self._add_choice("status", "status", STATUSES)
        for name in ENTRY_DAYS:
            one = day_parameter(name.upper(), name)
            one.setDefaultValue(None)
            self.addParameter(optional(one))
        for name in ENTRY_TEXTS:
            self.add_text(name.upper(), name)
        self._add_numbers(ENTRY_NUMBERS)
        words = [text(f"ask.{one}") for one in EMPTIED]
        emptied = QgsProcessingParameterEnum("EMPTIED", text("ask.emptied"), words, True)
        self.addParameter(optional(emptied))

    def plan(self, package: Package, parameters: dict[str, Any], context: Any) -> Made:  # noqa: D102
        said = self._values(parameters, context)
        lot_values = {name: value for name, value in said.items() if name in _OF_THE_LOT}
        entry_values = {name: value for name, value in said.items() if name not in lot_values}
        lot = self.said(parameters, "LOT", context)
        made = correct(
            table(package, "parcels"),
            table(package, "ledger"),
            day=day_of(self, parameters, context, "DAY"),
            lot_id=chosen_lot(package, lot) if lot_values else None,
            lot_values=lot_values,
            entry_id=self.said(parameters, "ENTRY", context),
            entry_values=entry_values,
        )
        return made, ()

    def title(self, plan: Plan, parameters: dict[str, Any], context: Any) -> str:  # noqa: D102
        said = [self.said(parameters, name, context) for name in ("LOT", "ENTRY")]
        return f"kcngeo: {self.displayName()} {', '.join(one for one in said if one)}".rstrip()

    def _values(self, parameters: dict[str, Any], context: Any) -> dict[str, Any]:
        """Give what is to stand there, by column."""
        given: dict[str, Any] = {}
        for name, choices in (("land_use", USES), ("status", STATUSES)):
            if parameters.get(name.upper()) is not None:
                given[name] = choices[self.parameterAsEnum(parameters, name.upper(), context)]
        for name in (*LOT_TEXTS, *ENTRY_TEXTS):
            given[name] = self.said(parameters, name.upper(), context)
        for name in (*LOT_NUMBERS, *ENTRY_NUMBERS):
            if parameters.get(name.upper()) is not None:
                given[name] = self.parameterAsDouble(parameters, name.upper(), context)
        for name in ENTRY_DAYS:
            given[name] = day_of(self, parameters, context, name.upper()) or None
        said = {name: value for name, value in given.items() if value is not None}
        emptied = []
        if parameters.get("EMPTIED") not in (None, "", []):  # left out, QGIS takes it for the first
            emptied = self.parameterAsEnums(parameters, "EMPTIED", context)
        return {**said, **dict.fromkeys(EMPTIED[one] for one in emptied)}

    def _add_choice(self, name: str, group: str, choices: tuple[str, ...]) -> None:
        words = [text(f"{group}.{one}") for one in choices]
        one = QgsProcessingParameterEnum(name.upper(), text(f"ask.{name}"), words)
        self.addParameter(optional(one))

    def _add_numbers(self, names: tuple[str, ...]) -> None:
        for name in names:
            one = QgsProcessingParameterNumber(
                name.upper(), text(f"ask.{name}"), QgsProcessingParameterNumber.Double
            )
            one.setMinimum(0.0)
            self.addParameter(optional(one))
