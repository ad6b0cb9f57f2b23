"""Tables of a month: the rates and accounts, why they moved, what is ahead, what is wrong."""

from __future__ import annotations

from kcngeo.core.model import Severity, Verified
from kcngeo.core.schema.column import Table, Unit, choice, count, date, flag, number, text
from kcngeo.core.schema.stored import DECLARED_PARTS, MEASURES

ACCOUNT = number(
    *("base_ha", "leased_ha", "reserved_ha", "recovering_ha", "repurposed_ha"),
    *("uncleared_ha", "available_ha", "uncleared_held_ha", "leased_uncleared_ha"),
)
"""A land account: the base, its parts, and what is let or held before it is cleared."""

CAUSES = number(
    *("lease_begun", "lease_ended", "other_tenure", "clearance", "resurvey", "change_of_use"),
    *("parcel_added", "parcel_removed", "zone_boundary", "correction"),
    unit=Unit.POINTS,
    sparse=True,
)
"""What moves a rate, each with its effect."""

ZONE = text("zone_id", joined=True)
NAME = text("name", label="map.zone", repeats="zone_id")
RATE = number("fill_rate", unit=Unit.SHARE)
LIMITS = number("rate_low", "rate_high", unit=Unit.SHARE, sparse=True)
"""Between what a rate lies that is missing."""
_DOUBT = (
    *number("doubt_leased_ha", "doubt_base_ha", sparse=True),
    # Up or down alike, so without a sign.
    *number("doubt", unit=Unit.POINTS, signed=False, label="column.doubt_points", sparse=True),
    *text("because", joined=True, words=("because",), sparse=True),
)
"""How far the figures may lie from what is printed, and the rules that say so."""
SOURCE = choice(
    "source", ("measured", "declared"), label="column.figures_source", words=("figures_source",)
)
"""Where the hectares of a zone come from; missing where nothing is published."""
REASON = text("reason", label="column.no_rate_reason", words=("no_rate",), sparse=True)
OF_ALL = (
    *number("declared_ha", sparse=True),
    *count("known_count", "zone_count", sparse=True),
)
"""Of all zones together: how much of the base is declared, and of how many zones the sums are."""
DEFINITION = text("definition")
VERIFIED = choice("verified", Verified)
# Lots are told to the square metre.
LOT = {"decimals": 4}
REGISTRY = text("registry", sparse=True, technical=True)
RULE = (*text("rule"), *VERIFIED)
IN_FORCE = date("in_force_from", "in_force_to")

_CAUSE = (
    *date("on"),
    *text("cause", words=("figures",)),
    *text("parcel_ids", "entries", joined=True),
    *number("leased_change_ha", "base_change_ha", signed=True),
    *number("effect", unit=Unit.POINTS),
)
# By measure a share or hectares.
_PLANNED = {"unit_in": "measure"}

AREA_REASONS = (
    *("not_measured", "no_certificate", "certificate_alike", "certificate_power_of_ten"),
    *("certificate_as_ellipsoid", "certificate_differs", "no_contract", "whole_lot"),
    *("contract_alike", "contract_larger", "contract_part", "contract_as_certificate"),
    *("contract_as_ellipsoid", "several_contracts"),
)
"""What explains how the areas of a parcel differ: certificate first, then contracts."""

MONTH = (
    Table(
        name="overview",
        key=("zone_id",),
        columns=(
            *ZONE,
            *NAME,
            *DEFINITION,
            *RATE,
            *LIMITS,
            *number("leased_ha", "base_ha"),
            *SOURCE,
            *REASON,
            *OF_ALL,
            *number("claimed", unit=Unit.SHARE, sparse=True),
            *date("claimed_on", "last_entry_on", sparse=True),
            *_DOUBT,
            *number("month_change", "year_change", unit=Unit.POINTS),
            *text("verdict", words=("targets",)),
            *number("to_target_ha", sparse=True),
            *count("conflict_count", "late_count", sparse=True),
            *count("breach_count", sparse=True),
            *count("error_count"),
            *text("not_computable"),
        ),
    ),
    Table(
        name="accounts",
        key=("zone_id", "on", "definition"),
        columns=(
            *ZONE,
            *NAME,
            *date("on"),
            *DEFINITION,
            *ACCOUNT,
            *RATE,
            *LIMITS,
            *SOURCE,
            *REASON,
            *OF_ALL,
            *text("not_computable"),
        ),
    ),
    # By what the land of a zone may be divided, and what of it can be let now.
    Table(
        name="bases",
        key=("zone_id",),
        columns=(
            *ZONE,
            *number("gross_ha", label="column.whole_zone_ha"),
            *number("leasable_ha", "industrial_ha", "serviced_ha", "unserviced_ha"),
            *number("available_ha", "lettable_now_ha", "lettable_now_most_ha"),
            *SOURCE,
        ),
    ),
    # Lots by count: how many are on offer and empty, and for how long.
    Table(
        name="vacancy",
        key=("zone_id",),
        columns=(
            *ZONE,
            *count("lots_count", "serviced_count", "offered_count", "offered_serviced_count"),
            *count("occupied_count", "vacant_count"),
            *number("vacant_share"),
            *count("vacant_long_count", "vacant_unknown_count"),
            *count("longest_months", unit=Unit.MONTHS),
        ),
    ),
    # Investors: a row without sector and origin is of all of them.
    Table(
        name="investor_figures",
        key=("zone_id", "sector", "origin"),
        columns=(
            *ZONE,
            *text("sector", words=("plan_sector",), label="column.plan_sector"),
            *text("origin", words=("origin", "investor_origin")),
            *count("projects_count"),
            *number("leased_ha"),
            *number("building_share", label="column.built_on_share"),
            *number("operating_share", label="column.running_share"),
            *number("registered_vnd", "implemented_vnd"),
            *number("registered_usd", "implemented_usd", unit=Unit.USD),
            *count("capital_unknown_count", "workers_count", "workers_unknown_count"),
            *count("licensed_count", "handed_over_count", "building_count", "operating_count"),
            # Of the last quarter any enterprise reported of; not there where none did.
            *text("period", sparse=True),
            *number("output_vnd", sparse=True),
            *count("output_unknown_count", sparse=True),
            *number("wages_vnd", sparse=True),
            *count("wages_unknown_count", sparse=True),
        ),
    ),
    # What a board states of a zone, beside what is measured where anything is.
    Table(
        name="declared",
        key=("zone_id", "declared_on", "definition"),
        columns=(
            *ZONE,
            *date("declared_on"),
            *count("age_months", unit=Unit.MONTHS),
            *DEFINITION,
            *number(*DECLARED_PARTS, sparse=True),
            *SOURCE,
            *number("measured_base_ha", "measured_leased_ha", sparse=True),
            *number("base_difference_ha", "leased_difference_ha", signed=True, sparse=True),
            *text("cited"),
        ),
    ),
    # What was claimed and is not among the figures of the month.
    Table(
        name="newer_claims",
        key=("zone_id", "measure", "value"),
        columns=(
            *ZONE,
            *text("measure", words=MEASURES),
            *DEFINITION,
            *number("value", **_PLANNED),
            *date("claimed_on", "last_entry_on"),
            *text("cited"),
        ),
    ),
    # How a month differs from what was published of it, and of the month before it.
    Table(
        name="published",
        key=("month", "zone_id", "measure"),
        columns=(
            *text("month"),
            *count("revision", unit=Unit.NONE),
            *ZONE,
            *text("measure", words=MEASURES),
            *DEFINITION,
            *number("published", label="column.published_figure", **_PLANNED),
            *number("now", label="column.known_now", **_PLANNED),
            *number("month_change", unit=Unit.POINTS, label="column.since_published", sparse=True),
        ),
    ),
    Table(
        name="published_causes",
        key=("zone_id", "cause", "parcel_ids"),
        columns=(
            *ZONE,
            *_CAUSE,
            *number("total_effect", unit=Unit.POINTS, sparse=True),
        ),
    ),
    # Every topic of the plan, a line a zone.
    Table(
        name="plan",
        key=("topic", "zone_id", "sector"),
        columns=(
            *text("topic", words=("plan_topic",)),
            *ZONE,
            *NAME,
            *text("sector", words=("plan_sector",), label="column.plan_sector", sparse=True),
            *text("status", words=("plan_status",), label="column.plan_status"),
            *number("value", label="column.plan_value", unit_in="unit"),
            *number("against", label="column.plan_against", unit_in="unit"),
            *text("unit", label="column.plan_unit"),
            *text("figure"),
            *text("brief", sparse=True),
            *text("cause", label="column.plan_cause"),
            *text("blocks"),
            *text("rules", label="column.plan_rules"),
            *flag("in_force", label="column.plan_in_force"),
            *text("owner", words=("plan_owner",), label="column.plan_owner"),
            *date("due_on", label="column.plan_due"),
            *count("late_days"),
            *number("effect_ha", sparse=True),
        ),
    ),
    Table(
        name="changes",
        key=("zone_id", "period"),
        columns=(
            *ZONE,
            *choice("period", ("month", "year", "span")),
            *date("start", "end"),
            *DEFINITION,
            *number("rate_start", "rate_end", unit=Unit.SHARE),
            *number("change", "numerator_effect", "base_effect", unit=Unit.POINTS),
            *CAUSES,
        ),
    ),
    Table(
        name="causes",
        key=("period", "zone_id", "on", "cause"),
        columns=(
            *choice("period", ("month", "year", "span")),
            *ZONE,
            *_CAUSE,
            *number("total_effect", unit=Unit.POINTS, sparse=True),
        ),
    ),
    Table(
        name="targets",
        key=("zone_id", "measure", "definition", "target_on"),
        columns=(
            *ZONE,
            *text("measure", words=MEASURES),
            *DEFINITION,
            *date("on", "target_on"),
            *number("target_value", "planned", "actual", **_PLANNED),
            *number("gap_share", unit=Unit.POINTS),
            *number("gap_ha", signed=True),
            *number("to_target_ha", sparse=True),
            *number("months_ahead", unit=Unit.MONTHS),
            *number("required_ha_per_month", sparse=True),
            *date("reached_on"),
            *text("verdict", "reason", words=("targets",)),
        ),
    ),
    Table(
        name="forecast",
        key=("zone_id", "target"),
        columns=(
            *ZONE,
            *number("target", unit=Unit.SHARE),
            *date("by_date"),
            *DEFINITION,
            *date("p10", "p50", "p90"),
            *flag("pace_changed"),
            *number("probability", unit=Unit.SHARE, sparse=True),
            *number("leased_ha", "base_ha", "needed_ha", "lettable_ha", "supply_ha"),
            *count("leases"),
            *number("net_ha_per_month", "recent_ha_per_month"),
            *number("required_ha_per_month", sparse=True),
            *text("reason", words=("forecast",)),
        ),
    ),
    # What the law of the day asks of zones as wholes.
    Table(
        name="zone_rules",
        key=("rule_id", "zone_id"),
        columns=(
            *ZONE,
            *text("rule_id"),
            *text("measure", label="column.rule_measure", words=("rule_measure",)),
            *number("area_ha", label="column.rule_area_ha", sparse=True),
            *number("of_ha", label="column.rule_of_ha", sparse=True),
            *number("share", unit=Unit.SHARE, label="column.rule_share", sparse=True),
            *number("share_low", "share_high", unit=Unit.SHARE, sparse=True),
            *number("limit_share", label="column.rule_limit_share", sparse=True),
            *number("limit_ha", sparse=True),
            *flag("passes"),
            *text("depends_on", joined=True, sparse=True),
            *text("about", joined=True, sparse=True, named="zones", label="column.rule_about"),
            *text("explanation"),
            *VERIFIED,
        ),
    ),
    Table(
        name="steps",
        key=("zone_id",),
        columns=(
            *ZONE,
            *text("stage", words=("stage",)),
            *number("planned_ha", "cleared_ha", "serviced_ha", "leased_ha"),
            *number("building_ha", "operating_ha"),
            *count("households_waiting_count"),
            *number("overdue_ha"),
            *count("plots_short_count", "components_count", "components_done_count"),
            *count("components_late_count"),
            *number("clock_over_ha", "clock_soon_ha", "clock_unknown_ha"),
            *choice("serviced_verified", Verified, words=("verified",)),
            *choice("clock_verified", Verified, words=("verified",)),
        ),
    ),
    Table(
        name="late",
        key=("zone_id", "component", "side"),
        columns=(
            *ZONE,
            *text("component", words=("works_kind", "component", "milestone")),
            *text("side", words=("side",)),
            *date("due_on"),
            *count("late_days"),
            *number("done_share"),
        ),
    ),
    Table(
        name="findings",
        key=("rule", "ids"),
        columns=(
            *choice("severity", Severity),
            *text("rule", popup=True, technical=True),
            *text("table", words=("table",), popup=True),
            *text("zone_id", joined=True, popup=True),
            *text("ids", joined=True, popup=True, named_in="table"),
            *text("message"),
            # How far it can move the figures of its zone.
            *number("effect_leased_ha", "effect_base_ha", sparse=True, popup=True),
            *number(
                "effect",
                unit=Unit.POINTS,
                signed=False,
                label="column.effect_points",
                sparse=True,
                popup=True,
            ),
            *text("advice", sparse=True),
            *number("area_m2", sparse=True, popup=True),
            # Slivers are narrower than a tenth of a metre.
            *number("width_m", decimals=2, sparse=True, popup=True),
            *date("valid_from", "valid_to", sparse=True, popup=True),
            # Of the place, in the grid of the layer.
            *number("x", "y", unit=Unit.M, sparse=True),
            *text("no_effect", words=("no_effect",), sparse=True, popup=True),
        ),
    ),
    # What papers and survey say of the area of each parcel.
    Table(
        name="area_sources",
        key=("parcel_id",),
        columns=(
            *text("parcel_id"),
            *ZONE,
            *number("measured_m2", "ellipsoid_m2", "certificate_area_m2", "contract_m2"),
            *count("contracts_count"),
            *number("ellipsoid_difference_m2", "certificate_difference_m2", signed=True),
            *number("contract_difference_m2", signed=True),
            *number("tolerance_m2"),
            *choice("reason", AREA_REASONS, words=("area_reason",), joined=True),
        ),
    ),
    Table(
        name="definitions",
        key=("definition",),
        columns=(
            *DEFINITION,
            *text("title", repeats="definition"),
            *IN_FORCE,
            *VERIFIED,
            *text("source"),
        ),
    ),
    Table(
        name="rules",
        key=("rule_id",),
        columns=(
            *text("rule_id"),
            *text("title", repeats="rule_id"),
            *IN_FORCE,
            *VERIFIED,
            *text("source"),
        ),
    ),
    Table(
        name="series",
        key=("zone_id", "on"),
        columns=(
            *ZONE,
            *NAME,
            *date("on"),
            *DEFINITION,
            *flag("in_force"),
            *number("leased_ha", "base_ha"),
            *RATE,
            *LIMITS,
            *SOURCE,
            *REASON,
            *number("fill_rate_*", unit=Unit.SHARE),
        ),
    ),
    # What the ids of a month stand for: the only part of it for people that tells ids.
    Table(
        name="names",
        key=("table", "id"),
        columns=(
            *text("table", words=("table",)),
            *text("called"),
            *text("id", label="column.own_id"),
        ),
    ),
    # Not of a month but of a span of months, and laid out alike.
    Table(
        name="months",
        key=("period", "zone_id", "on", "cause"),
        columns=(*date("period", label="column.month_of"), *ZONE, *_CAUSE),
    ),
)
"""In the order of the report."""
