"""The tables of a project and the contract of their columns.

One place says which columns a table has, of which kind, which must be there, and what may stand in
them. :mod:`kcngeo.core.validation` checks it, the stores write and read by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kcngeo.core.model import LandUse, Stage, Status


class Kind(StrEnum):
    """What a column holds; the dtype follows from it."""

    TEXT = "text"
    DATE = "date"
    MOMENT = "moment"
    NUMBER = "number"
    COUNT = "count"
    FLAG = "flag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Contract of one column.

    Attributes
    ----------
    name
        Name in every store and frame; a number's name ends with its unit.
    kind
        What it holds.
    required
        Whether the column must be there, without missing values.
    choices
        The closed list of its values; empty if any value goes.
    positive
        Whether values must be above zero (otherwise numbers must not be negative).
    """

    name: str
    kind: Kind
    required: bool = False
    choices: tuple[str, ...] = ()
    positive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Contract of one table.

    Attributes
    ----------
    name
        Name of the table.
    columns
        Its columns, without the geometry.
    key
        Columns whose values name a row in messages; the first is the row's id.
    geometry
        "polygon", "any", or "" for a table without geometry.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    geometry: str = ""

    def column(self, name: str) -> Column | None:
        """Find a column by its name.

        Parameters
        ----------
        name
            Name of the column.

        Returns
        -------
        Column | None
            Its contract, or None for a column of the user's own.
        """
        return next((column for column in self.columns if column.name == name), None)


GEOMETRY_SOURCES = ("survey", "plan", "digitised", "synthetic")
"""Where a geometry comes from; "synthetic" is said on every map and in every report."""

BASES = ("published", "assumed")
"""Whether a row repeats a published document or fills the time between two of them."""


def _text(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name=name, kind=Kind.TEXT) for name in names)


def _dates(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name=name, kind=Kind.DATE) for name in names)


def _numbers(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name=name, kind=Kind.NUMBER) for name in names)


def _areas(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name=name, kind=Kind.NUMBER, positive=True) for name in names)


def _counts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name=name, kind=Kind.COUNT) for name in names)


def _flags(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name=name, kind=Kind.FLAG) for name in names)


def _required(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name=name, kind=Kind.TEXT, required=True) for name in names)


def _choice(
    name: str, choices: type[StrEnum] | tuple[str, ...], *, required: bool = False
) -> Column:
    values = tuple(str(value) for value in choices)
    return Column(name=name, kind=Kind.TEXT, required=required, choices=values)


_VALID = _dates("valid_from", "valid_to")
_SOURCE = (_choice("geometry_source", GEOMETRY_SOURCES),)
_BASIS = (_choice("basis", BASES),)
RECORDED = tuple(Column(name=name, kind=Kind.MOMENT) for name in ("recorded_at", "superseded_at"))
"""Any table may say when a row was recorded and when it was superseded (UTC)."""

_TABLES = (
    Table(
        name="zones",
        key=("zone_id", "valid_from"),
        geometry="polygon",
        columns=(
            *_required("zone_id"),
            *_text("name"),
            *_dates("established_on", "removed_on"),
            _choice("stage", Stage),
            *_areas("approved_area_ha"),
            *_text("plan_document", "province"),
            *_VALID,
            *_SOURCE,
        ),
    ),
    Table(
        name="parcels",
        key=("parcel_id", "valid_from"),
        geometry="polygon",
        columns=(
            *_required("parcel_id", "zone_id"),
            _choice("land_use", LandUse, required=True),
            *_text("land_use_code", "lot_code", "phase", "map_sheet_no", "cadastral_no"),
            *_text("certificate_no"),
            *_areas("certificate_area_m2"),
            *_text("commune_code", "parents"),
            *_VALID,
            *_SOURCE,
        ),
    ),
    Table(
        name="ledger",
        key=("parcel_id", "valid_from"),
        columns=(
            *_required("parcel_id"),
            _choice("status", Status, required=True),
            Column(name="valid_from", kind=Kind.DATE, required=True),
            *_text("entry_id"),
            *_areas("part_area_ha"),
            *_dates("valid_to"),
            *_text("project_id", "document"),
            *_BASIS,
        ),
    ),
    Table(
        name="projects",
        key=("project_id",),
        columns=(
            *_required("project_id"),
            *_text("investor"),
            _choice("origin", ("foreign", "domestic")),
            _choice("premises", ("land", "workshop", "office")),
            *_text("sector", "hazard_class"),
            *_numbers("registered_ha", "registered_capital", "implemented_capital"),
            *_text("currency"),
            *_counts("workers"),
            *_dates("licensed_on", "handed_over_on", "due_on", "extended_until"),
            *_dates("building_on", "operating_on"),
            *_BASIS,
        ),
    ),
    Table(
        name="receptors",
        key=("receptor_id",),
        geometry="any",
        columns=(
            *_required("receptor_id"),
            _choice(
                "kind",
                ("resettlement", "housing", "school", "hospital", "green", "water"),
                required=True,
            ),
            *_text("name"),
            *_VALID,
            *_SOURCE,
        ),
    ),
    Table(
        name="emitters",
        key=("emitter_id",),
        geometry="any",
        columns=(
            *_required("emitter_id"),
            _choice(
                "kind",
                ("point", "building", "parcel", "wastewater_works", "waste_works"),
                required=True,
            ),
            *_text("hazard_class"),
            *_numbers("capacity_m3_day"),
            *_flags("enclosed"),
            # What a works is: without it wastewater works are treatment works, and of a waste
            # works nothing is known.
            _choice(
                "facility",
                ("treatment", "pumping_station", "sludge_bed", "transfer", "landfill"),
            ),
            *_text("zone_id", "parcel_id"),
            *_VALID,
            *_SOURCE,
        ),
    ),
    Table(
        name="works",
        key=("work_id",),
        geometry="any",
        columns=(
            *_required("work_id", "zone_id"),
            _choice(
                "kind",
                (
                    "road",
                    "power",
                    "water",
                    "wastewater",
                    "drainage",
                    "green",
                    "telecom",
                    "solid_waste",
                    "worker_housing",
                    "public_utility",
                ),
                required=True,
            ),
            *_flags("inside_fence"),
            *_numbers("capacity"),
            *_text("capacity_unit"),
            *_numbers("progress_share"),
            *_dates("due_on", "done_on"),
            *_SOURCE,
        ),
    ),
    Table(
        name="buildings",
        key=("building_id",),
        geometry="any",
        columns=(
            *_text("building_id", "parcel_id"),
            *_counts("storeys"),
            *_dates("valid_from"),
            *_SOURCE,
        ),
    ),
    Table(
        name="plan_items",
        key=("zone_id", "item"),
        columns=(*_text("zone_id", "item"), *_numbers("approved_ha"), *_BASIS),
    ),
    Table(
        name="clearance",
        key=("clearance_id",),
        geometry="any",
        columns=(
            *_text("clearance_id", "zone_id", "parcel_id"),
            *_numbers("area_ha"),
            *_counts("households"),
            *_numbers("planned_vnd", "paid_vnd"),
            *_dates("due_on", "handed_over_on"),
            *_text("receptor_id"),
            *_counts("plots_needed", "plots_ready"),
            *_SOURCE,
            *_BASIS,
        ),
    ),
    Table(
        name="milestones",
        key=("zone_id", "kind"),
        columns=(
            *_text("zone_id", "kind"),
            *_dates("due_on", "done_on"),
            *_text("document"),
            *_BASIS,
        ),
    ),
    Table(
        name="encumbrances",
        key=("kind", "rank"),
        geometry="polygon",
        columns=(
            *_required("kind"),
            Column(name="rank", kind=Kind.COUNT, required=True),
            *_SOURCE,
        ),
    ),
    *(
        Table(
            name=name,
            key=("zone_id", "measure", "on"),
            columns=(
                *_text("zone_id", "measure", "definition"),
                *_numbers("value"),
                *_dates("on", *more),
                *_text("source"),
            ),
        )
        for name, more in (("targets", ("set_on",)), ("claims", ()))
    ),
    Table(name="context", key=("kind", "name"), geometry="any", columns=_text("kind", "name")),
)

TABLES = {table.name: table for table in _TABLES}
"""The contract of every table, by name, in the order of :class:`kcngeo.ledger.project.Project`."""
