"""Tables of history and of rasters: what became of the zones, what was published, what is seen."""

from __future__ import annotations

from kcngeo.core.model import Verified
from kcngeo.core.schema.column import Table, Unit, choice, count, date, flag, number, text
from kcngeo.core.schema.month_tables import DEFINITION, LOT, REGISTRY, RULE, VERIFIED, ZONE
from kcngeo.core.schema.stored import MEASURES

_CLAIMED = {"unit_in": "measure"}

HISTORY = (
    Table(
        name="absorption",
        key=("zone_id", "definition", "on", "step"),
        columns=(
            *ZONE,
            *DEFINITION,
            *date("on", "start"),
            *number("leased_start_ha", "leased_end_ha"),
            *number("absorption_ha", signed=True),
            *text("step", words=("absorption_step",), label="history_column.step"),
        ),
    ),
    Table(
        name="sectors",
        key=("zone_id", "sector"),
        columns=(
            *ZONE,
            *text("sector"),
            *number("leased_ha"),
            *count("projects_count"),
            *DEFINITION,
        ),
    ),
    Table(
        name="ending",
        key=("entry",),
        columns=(
            *text("entry", named="ledger"),
            *ZONE,
            *text("parcel_id", "project_id"),
            *date("ends_on", label="history_column.ends_on"),
            *number("leased_ha"),
            *text("continued_by", joined=True, named="ledger"),
        ),
    ),
    Table(
        name="unlet",
        key=("zone_id",),
        columns=(
            *ZONE,
            *number("available_ha"),
            *number("reserved_ha", label="history_column.reserved_ha"),
            *number("recovering_ha", label="history_column.recovering_ha"),
            *number("cleared_unlet_ha"),
        ),
    ),
    Table(
        name="life",
        key=("zone_id",),
        columns=(
            *ZONE,
            *text("stage", words=("life", "stage"), label="history_column.stage"),
            *date("since"),
            *text("next_kind", words=("milestone",)),
            *date("next_due_on"),
            *count("overdue_days"),
            *count("overdue_count", label="history_column.overdue_count"),
        ),
    ),
    Table(
        name="eligibility",
        key=("zone_ids", "criterion"),
        columns=(
            *text("test", words=("eligibility_test",)),
            *text("zone_ids", joined=True),
            *text("criterion", words=("criterion",)),
            # A rate, or a number of works.
            *number("value", unit=Unit.NONE, decimals=4),
            *number("threshold", unit=Unit.NONE, decimals=4, label="history_column.threshold"),
            *number("reported_value", unit=Unit.NONE, decimals=4),
            *number("declared_ha", sparse=True),
            *flag("passes"),
            *text("depends_on", joined=True),
            *flag("applied", "in_force"),
            *DEFINITION,
            *text("explanation", "source"),
            *VERIFIED,
        ),
    ),
    Table(
        name="claims_reconciled",
        key=("claim",),
        columns=(
            *count("claim", unit=Unit.NONE),
            *ZONE,
            *text("measure", words=MEASURES),
            *DEFINITION,
            *date("on"),
            *number("published", "computed", **_CLAIMED),
            *text("computed_definition"),
            *number("difference", "half_digit", **_CLAIMED, decimals=4),
            *text("verdict", words=("claim_verdict",)),
            *text("agrees_with", "contradicted_by", joined=True),
            *text("explanation", "source"),
        ),
    ),
    Table(
        name="implied",
        key=("zone_id", "on", "measure", "definition"),
        columns=(
            *ZONE,
            *date("on"),
            *text("measure", words=MEASURES),
            *DEFINITION,
            *number("value", "low", "high", **_CLAIMED),
            # In names of columns and ids of definitions; people are told the claims it is of.
            *text("formula", technical=True),
            *text("claims", joined=True),
            *count("ways_count"),
            *number("published", **_CLAIMED),
            *flag("agrees"),
        ),
    ),
    Table(
        name="contradictions",
        key=("zone_id", "on", "measure"),
        columns=(
            *ZONE,
            *date("on"),
            *text("measure", words=MEASURES),
            *DEFINITION,
            *text("kind", words=("claim_conflict",), label="history_column.kind"),
            *text("claims", joined=True),
            *number("first", "second", "gap", **_CLAIMED),
        ),
    ),
)
"""What became of the zones, and what was published of them."""

_EVIDENCE = text("evidence", words=("evidence",))
_SEEN = number("lot_ha", "known_ha")
_PIXELS = (*number("pixels", unit=Unit.COUNT), *number("known_share"), *flag("few_pixels"))

IMAGERY = (
    Table(
        name="built",
        key=("parcel_id", "year"),
        columns=(
            *text("parcel_id"),
            *ZONE,
            *count("year", unit=Unit.NONE),
            *number("built_share"),
            *number("built_ha"),
            *_SEEN,
            *_PIXELS,
            *_EVIDENCE,
            *REGISTRY,
        ),
    ),
    Table(
        name="built_change",
        key=("parcel_id",),
        columns=(
            *text("parcel_id"),
            *ZONE,
            *number("before", "after", unit=Unit.SHARE),
            *number("change", unit=Unit.POINTS),
            *number("known_share"),
            *flag("few_pixels"),
            *_EVIDENCE,
            *count("year_from", "year_to", unit=Unit.NONE),
            *REGISTRY,
        ),
    ),
    Table(
        name="unbuilt",
        key=("parcel_id",),
        geometry="polygon",
        columns=(
            *text("parcel_id"),
            *ZONE,
            *number("leased_ha", **LOT, popup=True),
            *date("leased_on", popup=True),
            *count("unbuilt_years", "seen_years", popup=True),
            *number("built_share", "known_share", popup=True),
            *flag("looks_unbuilt"),
            *flag("confirmed", popup=True),
            # Where the projects are not on record, no clock is known.
            *text("clock", words=("clock",), sparse=True, popup=True),
            *date("since", sparse=True),
            *date("ends_on", sparse=True, popup=True),
            *text("state", words=("clock_state",), label="progress_column.state", sparse=True),
            *choice("verified", Verified, sparse=True),
            *flag("let_later", sparse=True, popup=True),
            *REGISTRY,
        ),
    ),
    Table(
        name="slope",
        key=("parcel_id",),
        columns=(
            *text("parcel_id"),
            *ZONE,
            *number("mean_slope", unit=Unit.SHARE),
            *number("steep_share"),
            *number("steep_ha"),
            *_SEEN,
            *_PIXELS,
            *_EVIDENCE,
            *number("limit_share"),
            *RULE,
            *REGISTRY,
        ),
    ),
    Table(
        name="green",
        key=("parcel_id",),
        columns=(
            *text("parcel_id"),
            *ZONE,
            *number("green_share"),
            *number("green_ha"),
            *_SEEN,
            *_PIXELS,
            *number("mean_ndvi", unit=Unit.NONE),
            *_EVIDENCE,
            *number("threshold", unit=Unit.NONE),
            *REGISTRY,
        ),
    ),
)
"""What rasters show of the lots."""
