"""Tables of space: what stands too near, and where the next investor can go."""

from __future__ import annotations

from dataclasses import replace

from kcngeo.core.model import Verified
from kcngeo.core.schema.column import Table, Unit, choice, count, flag, number, text
from kcngeo.core.schema.month_tables import LOT, REGISTRY, VERIFIED, ZONE
from kcngeo.core.schema.stored import OFFER

_JUDGED = (
    *text("state", words=("conflict_state",)),
    *text("why_unrated", words=("column",), joined=True),
)

SPACE = (
    Table(
        name="conflicts",
        key=("emitter_id", "receptor_id", "rule_id"),
        geometry="polygon",
        columns=(
            *ZONE,
            *text("emitter_id", popup=True),
            *text("emitter_kind", words=("emitters_kind",)),
            *text("hazard_class", "receptor_id", popup=True),
            *text("receptor_name", popup=True, repeats="receptor_id"),
            *text("receptor_kind", words=("receptors_kind",)),
            *text("rule_id", popup=True),
            *_JUDGED,
            *number("required_m", decimals=0, popup=True),
            *number("distance_m", popup=True),
            *number("margin_m", signed=True, popup=True),
            *number("overlap_ha", popup=True),
            *number("share", unit=Unit.SHARE, popup=True),
            *choice("verified", Verified, words=("conflicts", "verified")),
            *flag("receptor_undated", "in_force", "overrides"),
            *text("rule_origin", technical=True),
            # A citation is in the language it was read in; the rule has a name in both.
            *text("source", technical=True),
            *REGISTRY,
        ),
    ),
    Table(
        name="admissible",
        key=("parcel_id",),
        geometry="polygon",
        columns=(
            *text("parcel_id"),
            *ZONE,
            *text("rule_id", "admissible_class"),
            *number("required_m", decimals=0),
            *text("refused_class"),
            *number("refused_m", decimals=0),
            *text("receptor_id"),
            *number("distance_m"),
            *VERIFIED,
            *flag("in_force"),
            *text("rule_origin"),
            *flag("overrides"),
            *number("available_share"),
            *REGISTRY,
        ),
    ),
    Table(
        name="neighbours",
        key=("parcel_id", "neighbour_id"),
        geometry="polygon",
        columns=(
            *text("parcel_id"),
            *ZONE,
            *text("project_id", "sector", "neighbour_id", "neighbour_project_id"),
            *text("neighbour_sector", "neighbour_class"),
            *number("required_m", decimals=0),
            *number("distance_m"),
            *text("source"),
            *_JUDGED,
            *REGISTRY,
        ),
    ),
    Table(
        name="land",
        key=("zone_id",),
        columns=(
            *ZONE,
            *number("vacant_ha", "developable_ha", "encumbered_ha", "unlocated_ha"),
            *number("land_ha"),
            *count("pieces_count", label="column.stretches_count"),
            *number("largest_ha", "largest_share", "mesh_ha"),
            *REGISTRY,
        ),
    ),
    Table(
        name="sites",
        key=("site_id",),
        geometry="polygon",
        columns=(
            *ZONE,
            *text("site_id"),
            *number("area_ha", **LOT, popup=True),
            *text("parcel_ids", joined=True, popup=True),
            *count("lots_count"),
            *number("width_m", label="sites_column.width_m", popup=True),
            *number("circle_m", "frontage_m", popup=True),
            *count("level", unit=Unit.NONE, popup=True),
            *text("admissible", joined=True, popup=True),
            *(replace(one, sparse=True, popup=True) for one in OFFER),
            *text("fails", joined=True),
            *REGISTRY,
        ),
    ),
    Table(
        name="encumbrance_account",
        key=("zone_id", "kind"),
        columns=(
            *ZONE,
            *text("kind", words=("encumbrances_kind",)),
            *count("rank", unit=Unit.NONE),
            *number("gross_ha", "exclusive_ha", "marginal_ha"),
            *text("rule_id", "source"),
            *VERIFIED,
            *text("rule_origin"),
            *flag("overrides"),
            *REGISTRY,
        ),
    ),
    Table(
        name="sensitivity",
        key=("alternative", "zone_id"),
        columns=(
            *text("alternative"),
            *ZONE,
            *number("developable_ha"),
            *number("change_ha", signed=True),
            *REGISTRY,
        ),
    ),
)
"""What stands too near, and where the next investor can go."""
