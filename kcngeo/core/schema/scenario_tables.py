"""Tables of scenarios: what each makes of a day, beside the figures of today."""

from __future__ import annotations

from kcngeo.core.model import Verified
from kcngeo.core.schema.column import Table, Unit, choice, count, date, flag, number, text
from kcngeo.core.schema.month_tables import ACCOUNT, DEFINITION, NAME, RATE, VERIFIED, ZONE
from kcngeo.core.schema.stored import ITEMS

_SCENARIO = text("scenario", words=("scenario",))
_OF_ZONE = (*_SCENARIO, *ZONE, *NAME)
_KINDS = ("extend", "clear", "let", "distance", "share")
_RATE_CHANGE = number("rate_change", unit=Unit.POINTS)
_DATES = (*date("p10", "p50", "p90"), *text("reason", words=("forecast",)))
_COSTS = (
    *count("households_count", sparse=True),
    *number("clearing_vnd", "letting_vnd", sparse=True),
)
_MOVED = (
    *number("leased_change_ha", signed=True, label="scenario_column.leased_change_ha"),
    *number("base_change_ha", signed=True, label="scenario_column.base_change_ha"),
    *number("uncleared_change_ha", "available_change_ha", signed=True),
)

SCENARIO = (
    Table(
        name="scenarios",
        key=("scenario", "zone_id"),
        columns=(
            *_OF_ZONE,
            *DEFINITION,
            *RATE,
            *_RATE_CHANGE,
            *number("leased_ha", "base_ha"),
            *_MOVED[:2],
            *number("reserved_ha", "uncleared_ha", "available_ha"),
            *_DATES,
            *number("developable_ha"),
            *number("developable_change_ha", signed=True),
            *count("sites_count"),
            *number("sites_ha"),
            *count("conflicts_count", "won_count", "lost_count", "lacking_count"),
            *_COSTS,
        ),
    ),
    Table(
        name="scenario_files",
        key=("scenario",),
        columns=(
            *_SCENARIO,
            *text("file", "note"),
            *text("digest", label="scenario_column.digest", technical=True),
            *count("changes_count"),
        ),
    ),
    Table(
        name="scenario_changes",
        key=("scenario", "entry", "zone_id"),
        columns=(
            *_SCENARIO,
            *text("entry", label="scenario_column.entry"),
            *choice("change", _KINDS, label="scenario_column.change", words=("what_if",)),
            *ZONE,
            *text("parcel_ids", joined=True),
            *number("area_ha", decimals=4),
            *_COSTS,
            *text("rule"),
            *number("before_m", "after_m", decimals=0, sparse=True),
            *number("before_share", "after_share", sparse=True),
        ),
    ),
    # Where they are; the land round emitters that a rule reaches more, or no more.
    Table(
        name="scenario_places",
        key=("scenario", "entry", "zone_id"),
        geometry="polygon",
        columns=(
            *_SCENARIO,
            *text("entry", label="scenario_column.entry"),
            *text("place", label="scenario_column.change", words=("scenario_map",), popup=True),
            *ZONE,
            *text("parcel_ids", joined=True, popup=True),
            *number("area_ha", popup=True),
            *text("rule"),
            *number("before_m", "after_m", decimals=0, popup=True, sparse=True),
        ),
    ),
    Table(
        name="scenario_rates",
        key=("scenario", "zone_id", "definition"),
        columns=(
            *_OF_ZONE,
            *DEFINITION,
            *number("leased_ha", "base_ha"),
            *_MOVED[:2],
            *RATE,
            *_RATE_CHANGE,
        ),
    ),
    Table(
        name="scenario_accounts",
        key=("scenario", "zone_id"),
        columns=(*_OF_ZONE, *ACCOUNT, *_MOVED),
    ),
    Table(
        name="scenario_dates",
        key=("scenario", "zone_id", "target", "by_date"),
        columns=(
            *_OF_ZONE,
            *number("target", unit=Unit.SHARE),
            *date("by_date"),
            *DEFINITION,
            *_DATES,
            *number("probability", unit=Unit.SHARE, sparse=True),
            *number("needed_ha"),
            *number("needed_change_ha", signed=True),
            *number("lettable_ha", "supply_ha"),
            *number("net_ha_per_month"),
        ),
    ),
    Table(
        name="scenario_land",
        key=("scenario", "zone_id"),
        columns=(
            *_OF_ZONE,
            *number("vacant_ha", "developable_ha", "encumbered_ha", "unlocated_ha"),
            *number("vacant_change_ha", "developable_change_ha", signed=True),
            *count("sites_count"),
            *number("sites_ha"),
            *number("sites_change_ha", signed=True),
            *number("largest_ha"),
        ),
    ),
    Table(
        name="scenario_conflicts",
        key=("scenario", "emitter_id", "receptor_id", "rule_id"),
        columns=(
            *_SCENARIO,
            *choice("outcome", ("won", "lost"), words=("what_if",)),
            *ZONE,
            *text("emitter_id", "hazard_class", "receptor_id"),
            *text("receptor_name", repeats="receptor_id"),
            *text("rule_id"),
            *number("required_m", decimals=0),
            *number("distance_m"),
            *number("margin_m", signed=True),
            *number("overlap_ha"),
            *choice("verified", Verified, words=("conflicts", "verified")),
        ),
    ),
    Table(
        name="scenario_balance",
        key=("scenario", "zone_id", "item"),
        columns=(
            *_OF_ZONE,
            *text("item", words=ITEMS),
            *number("actual_ha"),
            *number("actual_change_ha", signed=True),
            *number("actual_share", "required_share"),
            *number("gap_ha", "gap_change_ha", signed=True),
            *flag("passes"),
            *text("rule"),
            *VERIFIED,
        ),
    ),
)
"""What scenarios make of a day, side by side."""
