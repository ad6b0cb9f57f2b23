"""The tables of a project and the contract of their columns.

One place says which columns a table has, of which kind, which must be there, and what may stand in
them. :mod:`kcngeo.core.validation` checks it, the stores write and read by it.
"""

from __future__ import annotations

from kcngeo.core.model import LandUse, Stage, Status
from kcngeo.core.schema.column import (
    Kind,
    Table,
    Unit,
    choice,
    columns,
    count,
    date,
    flag,
    number,
    text,
)

GEOMETRY_SOURCES = ("survey", "plan", "digitised", "synthetic")
"""Where a geometry comes from; "synthetic" is said on every map and in every report."""

BASES = ("published", "assumed")
"""Whether a row repeats a published document or fills the time between two of them."""


ZONE_TYPES = ("supporting", "specialised", "ecological", "high_tech")
"""Kinds of special zones; a zone without one may be an ordinary zone, or nobody wrote its kind."""

POLLUTION_LEVELS = ("large", "medium", "small")
"""The levels of pollution risk, the worst first; which activity has which, the registry says."""

PROJECT_TYPES = ("supporting", "specialised", "high_tech", "other")
"""For which kind of special zone a project is one of those it is for; "other" for none."""

SUPPORT_KINDS = (
    *("procedure", "land", "infrastructure", "environment", "labour", "finance", "other"),
)
"""What an investor may ask the board to support."""

EDITIONS = ("full", "public")
"""The public edition leaves out names of investors and documents."""

MEASURES, ITEMS = ("figures", "column"), ("land_use", "component")
"""Where the words of measures and of items of the balance stand in the table of texts."""

DECLARED_PARTS = (
    *("base_ha", "leased_ha", "reserved_ha", "recovering_ha", "repurposed_ha"),
    *("uncleared_ha", "available_ha", "unserviced_ha"),
)
"""What a declared account may state: the base, the six parts that add up to it, and how much of
the land has no infrastructure."""

_ASKED = (
    *number("price_vnd_m2", positive=True),
    *flag("fibre"),
    *number("to_highway_m", "to_port_m", "to_airport_m", decimals=0),
)
OFFER = (*_ASKED, *flag("turnkey"), *number("to_gate_m", decimals=0))
"""What is offered with a lot: rent asked, fibre at hand, a factory built, ways by road. What holds
of all lots of a zone may stand with the zone."""

_VALID = date("valid_from", "valid_to")
_SOURCE = choice("geometry_source", GEOMETRY_SOURCES)
_BASIS = choice("basis", BASES)
MOMENTS = columns(Kind.MOMENT, "recorded_at", "superseded_at")
"""When a row was recorded and when it was superseded (UTC)."""

RECORDED = (*MOMENTS, *text("recorded_by", personal=True))
"""Any table may say when a row was recorded and superseded, and who recorded it."""

_TABLES = (
    Table(
        name="zones",
        key=("zone_id", "valid_from"),
        geometry="polygon",
        columns=(
            *text("zone_id", required=True),
            *text("name"),
            *date("established_on", "removed_on"),
            *choice("stage", Stage),
            *choice("zone_type", ZONE_TYPES),
            *number("approved_area_ha", positive=True),
            *text("plan_document", personal=True),
            *number("planned_area_ha", positive=True),
            # Who builds and lets the zone, and by which decision; what the official return asks.
            *text("infrastructure_project"),
            *text("developer", "infrastructure_decision", personal=True),
            *number("infrastructure_capital_vnd", "infrastructure_share"),
            *text("province"),
            # Where a zone without a polygon lies, in the grid of the layer.
            *text("commune_code"),
            *number("point_x", "point_y", unit=Unit.M),
            *_ASKED,
            *_VALID,
            *_SOURCE,
        ),
    ),
    Table(
        name="parcels",
        key=("parcel_id", "valid_from"),
        geometry="polygon",
        columns=(
            *text("parcel_id", "zone_id", required=True),
            *choice("land_use", LandUse, required=True),
            *text("land_use_code", "lot_code", "phase", "map_sheet_no", "cadastral_no"),
            *text("certificate_no", personal=True),
            *number("certificate_area_m2", positive=True),
            *text("commune_code"),
            *OFFER,
            *text("parents", joined=True),
            *_VALID,
            *_SOURCE,
        ),
    ),
    Table(
        name="ledger",
        key=("parcel_id", "valid_from"),
        columns=(
            *text("parcel_id", required=True),
            *choice("status", Status, required=True),
            *date("valid_from", required=True),
            *text("entry_id"),
            *number("part_area_ha", positive=True),
            *date("valid_to"),
            *text("project_id"),
            *text("document", personal=True),
            *_BASIS,
        ),
    ),
    # What a board or developer states of a zone on a day; a part that is missing is unknown.
    Table(
        name="declared_accounts",
        key=("zone_id", "on", "definition"),
        columns=(
            *text("zone_id", required=True),
            *date("on", required=True),
            *text("definition"),
            *number(*DECLARED_PARTS),
            *text("source", required=True),
        ),
    ),
    Table(
        name="projects",
        key=("project_id",),
        columns=(
            *text("project_id", required=True),
            *text("investor", personal=True),
            *choice("origin", ("foreign", "domestic")),
            *choice("premises", ("land", "workshop", "office")),
            *text("sector", "hazard_class"),
            *choice("pollution_level", POLLUTION_LEVELS),
            *choice("project_type", PROJECT_TYPES),
            *number("registered_ha"),
            *number(
                *("registered_capital", "implemented_capital"),
                unit_in="currency",
                decimals=0,
                personal=True,  # so large a sum is one investor's
            ),
            *text("currency"),
            *count("workers"),
            *date("licensed_on", "handed_over_on", "due_on", "extended_until"),
            *date("building_on", "operating_on"),
            *_BASIS,
        ),
    ),
    # What a project reports of a period: flows within it, workers and realised capital at its end.
    Table(
        name="project_periods",
        key=("project_id", "period"),
        columns=(
            *text("project_id", "period", required=True),
            # What one enterprise reports of itself is nobody else's business.
            *number("turnover", "budget", unit=Unit.VND, personal=True),
            *number("export", "import", unit=Unit.USD, personal=True),
            *number("output_vnd", "wages_vnd", personal=True),
            *count("workers", "foreign_workers", personal=True),
            *number("implemented_capital", unit_in="currency", decimals=0, personal=True),
            *text("currency"),
            *_BASIS,
        ),
    ),
    # What became of a licence after it was given; a missing currency is the project's.
    Table(
        name="project_changes",
        key=("project_id", "on", "kind"),
        columns=(
            *text("project_id", required=True),
            *date("on", required=True),
            *choice("kind", ("raised", "cut", "revoked"), required=True),
            *number("capital", unit_in="currency", decimals=0, personal=True),
            *text("currency"),
            *text("document", personal=True),
            *_BASIS,
        ),
    ),
    # What an investor asked of the board. Of one without a project, sector and zone it says itself.
    Table(
        name="support",
        key=("support_id",),
        columns=(
            *text("support_id", required=True),
            *text("project_id", "zone_id", "sector"),
            *choice("kind", SUPPORT_KINDS, label="column.support_kind"),
            *date("asked_on"),
            *date("due_on", label="column.answer_due_on"),
            *date("answered_on"),
            *text("answered_by", "document", personal=True),
            *_BASIS,
        ),
    ),
    Table(
        name="documents",
        key=("document_id",),
        columns=(
            *text("document_id", required=True),
            *text("number", personal=True, label="column.document_number"),
            *date("signed_on"),
            *text("path", personal=True),
        ),
    ),
    Table(
        name="receptors",
        key=("receptor_id",),
        geometry="any",
        columns=(
            *text("receptor_id", required=True),
            *choice(
                "kind",
                ("resettlement", "housing", "school", "hospital", "green", "water"),
                required=True,
            ),
            *text("name", popup=True),
            *date("valid_from", popup=True),
            *date("valid_to"),
            *_SOURCE,
        ),
    ),
    Table(
        name="emitters",
        key=("emitter_id",),
        geometry="any",
        columns=(
            *text("emitter_id", required=True),
            *choice(
                "kind",
                ("point", "building", "parcel", "wastewater_works", "waste_works"),
                required=True,
            ),
            *text("hazard_class", popup=True),
            # Without one, the worst of the projects its lot is let to.
            *choice("pollution_level", POLLUTION_LEVELS),
            *number("capacity_m3_day", popup=True),
            *flag("enclosed"),
            # What a works is: without it wastewater works are treatment works, and of a waste
            # works nothing is known.
            *choice(
                "facility",
                ("treatment", "pumping_station", "sludge_bed", "transfer", "landfill"),
            ),
            *text("zone_id", "parcel_id"),
            *date("valid_from", popup=True),
            *date("valid_to"),
            *_SOURCE,
        ),
    ),
    Table(
        name="works",
        key=("work_id",),
        geometry="any",
        columns=(
            *text("work_id", "zone_id", required=True),
            *choice(
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
            # What wastewater works are: a sewer treats nothing, whatever it carries.
            *choice("facility", ("central_treatment", "pumping_station", "sewer")),
            *flag("inside_fence"),
            *number("capacity", unit_in="capacity_unit", decimals=0, popup=True),
            *text("capacity_unit", popup=True),
            *number("progress_share"),
            *date("due_on", "done_on", popup=True),
            *text("permit_no"),
            *date("permitted_on"),
            *_SOURCE,
        ),
    ),
    Table(
        name="buildings",
        key=("building_id",),
        geometry="any",
        columns=(
            *text("building_id", "parcel_id"),
            *count("storeys"),
            *date("valid_from"),
            *_SOURCE,
        ),
    ),
    Table(
        name="plan_items",
        key=("zone_id", "item"),
        columns=(*text("zone_id"), *text("item", words=ITEMS), *number("approved_ha"), *_BASIS),
    ),
    Table(
        name="clearance",
        key=("clearance_id",),
        geometry="any",
        columns=(
            *text("clearance_id", "zone_id", "parcel_id"),
            *number("area_ha"),
            *count("households"),
            *number("planned_vnd", "paid_vnd"),
            *date("due_on", "handed_over_on"),
            *text("receptor_id"),
            *count("plots_needed", "plots_ready"),
            *_SOURCE,
            *_BASIS,
        ),
    ),
    Table(
        name="milestones",
        key=("zone_id", "kind"),
        columns=(
            *text("zone_id"),
            *text("kind", words=("milestone",)),
            *date("due_on", "done_on"),
            *text("document", personal=True),
            *_BASIS,
        ),
    ),
    Table(
        name="encumbrances",
        key=("kind", "rank"),
        geometry="polygon",
        columns=(
            *text("kind", required=True, words=("encumbrances_kind",)),
            *count("rank", required=True, unit=Unit.NONE),
            *_SOURCE,
        ),
    ),
    *(
        Table(
            name=name,
            key=("zone_id", "measure", "on"),
            columns=(
                *text("zone_id"),
                *text("measure", words=MEASURES),
                *text("definition"),
                *number("value", unit_in="measure"),
                *date("on", *more),
                *text("source"),
            ),
        )
        for name, more in (("targets", ("set_on",)), ("claims", ()))
    ),
    Table(
        name="context",
        key=("kind", "name"),
        geometry="any",
        columns=(*text("kind", words=("context_kind",)), *text("name"), *_SOURCE),
    ),
    # A row a figure, so that any program reads what was published without taking texts apart.
    Table(
        name="publications",
        key=("month", "edition", "revision", "zone_id", "measure"),
        columns=(
            *text("month", required=True),
            *choice("edition", EDITIONS, required=True),
            *count("revision", required=True, unit=Unit.NONE),
            *columns(Kind.MOMENT, "made_on", required=True),
            *columns(Kind.MOMENT, "known_at"),
            *text("definition"),
            *text("area", words=("area_basis",)),
            *text("zone_id", required=True),
            *text("measure", required=True, words=MEASURES),
            *number("value", unit_in="measure"),
            *text("digest", required=True),
        ),
        entered=False,
    ),
)

TABLES = {table.name: table for table in _TABLES}
"""The contract of every table, by name, in the order of :class:`kcngeo.ledger.project.Project`."""

ENTERED = {name: table for name, table in TABLES.items() if table.entered}
"""Those that people enter."""
