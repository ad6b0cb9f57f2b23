"""The rules a check knows, and how much each weighs.

Words and advice of a rule stand in the table of texts (``rules.RULE``, ``advice.RULE``). An error
is what keeps a zone out of the figures of a month; everything else a reader should know is a
warning, and what changes no figure a note.
"""

from __future__ import annotations

from collections.abc import Mapping

from kcngeo.core.model import Severity

_ERRORS = (
    # A table breaks its contract.
    *("missing_columns", "no_geometry_column", "not_a_polygon", "not_text", "not_date"),
    *("not_moment", "not_number", "not_count", "not_flag", "not_finite", "not_positive"),
    *("negative", "missing_values", "not_in_list", "interval_not_after"),
    # Coordinates are in no system that measures areas.
    *("no_crs", "crs_degrees", "crs_not_projected", "crs_feet", "crs_unit"),
    *("crs_elsewhere", "crs_area", "crs_length", "crs_differ", "crs_stray"),
    # Land counts twice, or cannot be counted.
    *("geometry_missing", "geometry_empty", "ring_invalid", "duplicate_geometry", "overlap"),
    *("duplicate_key", "versions_overlap", "unknown_zone", "unknown_parcel"),
    *("entry_outlives_parcel", "tenures_overlap", "over_allocated", "part_of_nothing"),
    "same_entry_twice",
)
_WARNINGS = (
    # Where things lie.
    *("gap", "sliver", "outside_fence", "not_in_zone", "no_fence", "building_outside"),
    *("far_from_place", "outside_province", "other_meridian"),
    # What papers and measurements say of the same land.
    *("certificate_differs", "parts_above_area"),
    *("certificate_area", "zone_area", "clearance_area", "duplicate_cadastral_no"),
    # What names something that is not there.
    *("unknown_project", "unknown_receptor", "unknown_parent", "clearance_nowhere"),
    # The ledger.
    *("entry_precedes_parcel", "shares_scaled", "never_mentioned", "held_uncleared"),
    *("leased_without_project", "let_not_leasable", "premises_hold_land"),
    # Dates, figures, words.
    *("dates_reversed", "date_in_future", "date_implausible", "share_above_one"),
    *("paid_above_planned", "unrated_emitter", "garbled_text", "lost_letters", "untrimmed"),
)
_NOTES = ("text_not_composed",)

SEVERITIES: Mapping[str, Severity] = {
    **dict.fromkeys(_ERRORS, Severity.ERROR),
    **dict.fromkeys(_WARNINGS, Severity.WARNING),
    **dict.fromkeys(_NOTES, Severity.NOTE),
}
"""How much each rule weighs, unless the land it is about counts in no fill rate."""
