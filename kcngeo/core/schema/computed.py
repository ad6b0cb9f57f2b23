"""All tables that are computed, and the layers of a QGIS package that are."""

from __future__ import annotations

from dataclasses import replace

from kcngeo.core.model import LandUse, Status
from kcngeo.core.schema.column import Column, Table, choice, count, date, flag, number, text
from kcngeo.core.schema.history_tables import HISTORY, IMAGERY
from kcngeo.core.schema.month_tables import (
    ACCOUNT,
    DEFINITION,
    LOT,
    MONTH,
    RATE,
    REGISTRY,
    SOURCE,
    ZONE,
)
from kcngeo.core.schema.progress_tables import AXES, PROGRESS
from kcngeo.core.schema.return_tables import RETURNS
from kcngeo.core.schema.scenario_tables import SCENARIO
from kcngeo.core.schema.space_tables import SPACE
from kcngeo.core.schema.stored import GEOMETRY_SOURCES, TABLES

_STATUSES = (*map(str, Status), "available")
_SOURCE = choice("geometry_source", GEOMETRY_SOURCES)
_FORMS = ("point", "line", "outline")
_SHOWN = date("shown_from", "shown_until")
_LABEL = text("label")
# What the drawing of a map adds to its rows: what is written on them, their place in its list.
_LISTED = (*_LABEL, *count("number"))
_PARTS = tuple(column.name for column in ACCOUNT[1:7])
# Of a parcel, the share that is of each part of the account: the widths of its stripes.
_SHARES = tuple(
    column
    for part in (name.removesuffix("_ha") for name in _PARTS)
    for column in number(f"{part}_share", label=f"share_of_parcel.{part}")
)
_WORKS_AS = tuple(f"{when}_{form}" for when in ("in_place", "to_come") for form in _FORMS)

_OTHERS = (
    Table(
        name="differences",
        key=("table", "id", "column"),
        columns=(
            *text("table", words=("table",)),
            *choice("kind", ("added", "removed", "changed", "moved"), label="column.edit_kind"),
            *text("id"),
            *ZONE,
            *text("column"),
            *text("before", label="column.value_before"),
            *text("after", label="column.value_after"),
            *number("area_before_m2", "area_after_m2", "moved_m"),
        ),
    ),
    Table(
        name="clashes",
        key=("table", "id", "column"),
        columns=(
            *text("table", words=("table",)),
            *text("id"),
            *ZONE,
            *text("column"),
            *choice(
                "kind",
                ("both_changed", "both_added", "removed_meanwhile", "removed_in_copy"),
                label="column.clash_kind",
            ),
            *text("before", label="column.value_before"),
            *text("theirs", "mine"),
            *choice("take", ("theirs", "mine"), words=("clashes_take",)),
        ),
    ),
    # The register of the tenants of lists: what is in doubt is answered in project_id.
    Table(
        name="companies",
        key=("investor",),
        columns=(
            *text("investor", personal=True),
            *text("project_id"),
            *choice("state", ("known", "new", "given", "asked"), label="column.company_state"),
            *text("like", personal=True),
            *count("lines_count"),
            *text("sector"),
            *text("plan_sector", words=("plan_sector",)),
        ),
    ),
    Table(
        name="reconciliation",
        key=("list", "cell", "entry"),
        columns=(
            *text("list"),
            *date("on"),
            *choice(
                "kind",
                ("new", "ended", "changed", "missing", "unchanged", "left_out"),
                label="column.line_kind",
            ),
            *text("cell"),
            *ZONE,
            *text("parcel_id", "lot"),
            *choice("status", Status),
            *text("investor", personal=True),
            *text("entry"),
            *text("columns", joined=True, words=("column",), label="column.edited_columns"),
            *text("before", joined=True, label="column.value_before"),
            *text("after", joined=True, label="column.value_after"),
            *number("listed_ha", decimals=4),
            *number("ledger_ha", decimals=4, label="column.in_ledger_ha"),
            *number("difference_m2", signed=True, decimals=0, label="column.listed_more_m2"),
        ),
    ),
    Table(
        name="clash_shapes",
        key=("table", "id", "column", "side"),
        columns=(
            *text("table", words=("table",), popup=True),
            *text("id", popup=True),
            *ZONE,
            *text("column", popup=True),
            *choice(
                "kind",
                ("both_changed", "both_added", "removed_meanwhile", "removed_in_copy"),
                label="column.clash_kind",
                words=("clashes_kind",),
                popup=True,
            ),
            *choice(
                "side",
                ("before", "theirs", "mine", "same"),
                label="column.clash_side",
                words=("clash_side",),
                popup=True,
            ),
            *text("value", label="column.clash_value", popup=True),
        ),
    ),
)
COMPUTED = {
    table.name: table
    for table in (
        *(*MONTH, *SPACE, *PROGRESS, *HISTORY, *IMAGERY, *RETURNS, *SCENARIO),
        *_OTHERS,
    )
}
"""The contract of every table that is computed, by name: the same columns in every product."""

_LOTS = (
    *text("parcel_id"),
    *ZONE,
    *text("lot_code", "phase"),
    *choice("land_use", LandUse, popup=True),
    *text("land_use_code"),
    *number("certificate_area_m2"),
    *_SOURCE,
    *number("area_ha", **LOT, popup=True),
    *number(*_PARTS, **LOT),
    *choice("status", _STATUSES),
    *choice("shown_as", (*_STATUSES, "not_computable"), words=("status", "map")),
    *choice("second_as", (*_STATUSES, "not_computable"), words=("status", "map")),
    *date("valid_from", "valid_to"),
    *_SHARES,
)


def _with(table: Table, name: str, *more: Column) -> Table:
    """Give a layer the columns of a table, which keep their words, and more."""
    return Table(
        name=name,
        key=table.key,
        geometry=table.geometry or "polygon",
        columns=(*(_worded(column, table) for column in table.columns), *more),
    )


def _worded(column: Column, table: Table) -> Column:
    """Keep the words of a closed list, which are found by the name of the table."""
    if not column.choices or column.words:
        return column
    return replace(column, words=(f"{table.name}_{column.name}", column.name))


_DEVELOPABLE = Table(
    name="developable_land",
    key=("parcel_id",),
    geometry="polygon",
    columns=(
        *text("parcel_id"),
        *ZONE,
        *choice("land_use", LandUse),
        *number("vacant_ha", label="developable_land_column.vacant_ha", **LOT),
        *number("area_ha", label="developable_land_column.area_ha", **LOT, popup=True),
        *REGISTRY,
    ),
)
_ENCUMBERED = Table(
    name="encumbered",
    key=("kind", "rank"),
    geometry="polygon",
    columns=(
        *text("kind", words=("encumbrances_kind",)),
        *count("rank"),
        *text("rule_id", "hazard_class", "measured_from"),
        *text("source", "verified"),
        *flag("in_force"),
        *text("rule_origin"),
        *flag("overrides"),
        *REGISTRY,
    ),
)

_LAYERS = (
    Table(
        name="zones_on_day",
        key=("zone_id",),
        geometry="polygon",
        columns=(
            *ZONE,
            *text("name"),
            *date("established_on"),
            *number("approved_area_ha"),
            *_SOURCE,
            *ACCOUNT,
            *SOURCE,
            *RATE,
            *number("rate_leased_ha", "rate_base_ha"),
            *text("fill_rate_shown"),
            *DEFINITION,
            *_LABEL,
            *text("reason"),
        ),
    ),
    Table(
        name="parcels_on_day",
        key=("parcel_id",),
        geometry="polygon",
        columns=(*_LOTS, *text("investors", personal=True, popup=True), *_LABEL),
    ),
    Table(
        name="zones_history",
        key=("zone_id", "shown_from"),
        geometry="polygon",
        columns=(
            *ZONE,
            *date("valid_from", "valid_to", "removed_on"),
            *_SOURCE,
            *text("name"),
            *_SHOWN,
        ),
    ),
    Table(
        name="parcels_history",
        key=("parcel_id", "shown_from"),
        geometry="polygon",
        columns=(*_LOTS, *_SHOWN),
    ),
    _DEVELOPABLE,
    _with(_DEVELOPABLE, "developable"),
    _ENCUMBERED,
    _with(_ENCUMBERED, "distances"),
    _with(COMPUTED["admissible"], "lots"),
    _with(COMPUTED["sites"], "rejected", *_LISTED),
    _with(COMPUTED["sites"], "sites", *_LISTED),
    _with(COMPUTED["findings"], "findings", *_LISTED, *number("area_ha")),
    _with(COMPUTED["findings"], "finding_marks", *_LISTED, *number("area_ha")),
    _with(COMPUTED["conflicts"], "conflict_lines", *_LISTED),
    _with(COMPUTED["conflicts"], "conflict_rings", *count("number")),
    _with(COMPUTED["conflicts"], "conflicts", *count("number")),
    _with(TABLES["emitters"], "emitters_on_day", *number("area_ha")),
    _with(TABLES["receptors"], "receptors_on_day", *number("area_ha")),
    _with(TABLES["works"], "works_on_day", *choice("progress", _WORKS_AS, words=("step_map",))),
    _with(COMPUTED["readiness"], "readiness", *AXES, *_LABEL),
    _with(COMPUTED["blocking"], "blocking", *_LISTED),
    _with(COMPUTED["green_belt"], "green_belt_gaps"),
    _with(TABLES["context"], "context", *_LABEL),
    Table(
        name="basemap",
        key=(),
        geometry="polygon",
        columns=(*text("kind", words=("basemap_kind",)), *text("name"), *_LABEL),
    ),
)
LAYERS = {table.name: table for table in _LAYERS}
"""Layers with columns of their own, by name; the others have those of the table of their name."""


def contract(name: str, *, computed: bool = False) -> Table | None:
    """Find the contract of a table by its name.

    Parameters
    ----------
    name
        Name of the table or layer.
    computed
        Whether the tables that are computed come first: ``targets`` is a stored table of what is to
        be reached, and a computed one of how far it is.

    Returns
    -------
    Table | None
        The contract, or None for a table of the user's own.

    Examples
    --------
    >>> contract("targets").column("verdict") is None
    True
    >>> contract("targets", computed=True).column("verdict").name
    'verdict'
    """
    homes = (COMPUTED, LAYERS, TABLES) if computed else (TABLES, LAYERS, COMPUTED)
    return next((home[name] for home in homes if name in home), None)
